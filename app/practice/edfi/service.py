"""The HTTP service over one ODS, as a list of routes below one address.

`{at}` discovery, `{at}/oauth/…`, `{at}/data/v3/ed-fi/…`, `{at}/changeQueries/v1/…`; the practice
calls are at `/practice{at}/…`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import discovery, reading, writing
from .access import Client, EdFiAccess, form_of
from .control import EdFiControl
from .doorway import Doorway, Handler
from .generations import Generation, current
from .older import STANDARDS, Standard
from .problems import JSON, not_allowed, unknown
from .session import Session, require_claim
from .shelf import Item, decode, encode
from .store import DocumentPut, Ods
from .switches import TOKEN, Switches
from .telling import cased
from .visibility import Hidden, Visibility
from .vocabulary import Resource

AT = "/edfi"
YEAR = "2026"
"""What stands in the address of the data where a school year does."""


@dataclass
class _Snapshot:
    """The ODS as it was, and how often it was read."""

    ods: Ods
    reads: int = 0


class EdFiService:
    """Answers for one ODS. `ods` is asked for at each request, so that it may be made late."""

    def __init__(
        self,
        ods: Callable[[], Ods],
        access: EdFiAccess,
        switches: Switches,
        at: str = AT,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._ods = ods
        self._access = access
        self._switches = switches
        self._at = at
        self._now = now
        self._hidden = Hidden()
        self._snapshot: _Snapshot | None = None
        self._seen: dict[tuple[str, bool], Visibility] = {}
        access.switches = switches
        switches.on_change = self._switched

    def routes(self, secret: Callable[[], str] | None = None) -> list[Route]:
        """All that it answers to; `secret` is the bearer of its practice calls."""
        at, doorway = self._at, Doorway(self._switches)
        calls: list[tuple[str, list[str], Handler]] = [
            (at, ["GET"], self._root),
            (f"{at}/", ["GET"], self._root),
            (f"{at}/metadata/data/v3/dependencies", ["GET"], self._dependencies),
            (f"{at}/metadata", ["GET"], self._metadata),
            (f"{at}/metadata/", ["GET"], self._metadata),
            (f"{at}/oauth/token", ["POST"], self._access.token),
            (f"{at}/oauth/token_info", ["POST"], self._token_info),
            (f"{at}/changeQueries/v1/availableChangeVersions", ["GET"], self._versions),
            (f"{at}/data/v3/ed-fi/{{resource}}", _METHODS, self._collection),
            (f"{at}/data/v3/ed-fi/{{resource}}/{{id}}", _METHODS, self._one),
            (f"{at}/data/v3/{YEAR}/ed-fi/{{resource}}", _METHODS, self._collection),
            (f"{at}/data/v3/{YEAR}/ed-fi/{{resource}}/{{id}}", _METHODS, self._one),
            (f"{at}/{{rest:path}}", _METHODS, self._nothing),
        ]
        control = EdFiControl(
            self._ods,
            self._access,
            doorway,
            self._switches,
            self._hidden,
            secret or (lambda: self._access.control_secret),
        )
        return [
            *control.routes(f"/practice{at}"),
            *(
                Route(path, doorway.guarded(call, self._where), methods=ways)
                for path, ways, call in calls
            ),
        ]

    @property
    def _generation(self) -> Generation:
        return current(self._switches)

    @property
    def _standard(self) -> Standard:
        return STANDARDS[self._generation.number]

    def _switched(self, name: str) -> None:
        if name == "snapshots":
            self._snapshot = None
            self._seen = {seen: one for seen, one in self._seen.items() if not seen[1]}
            if name in self._switches:
                self._snapshot = _Snapshot(self._ods().frozen())

    def _where(self, request: Request) -> str:
        if request.url.path == f"{self._at}/oauth/token":
            return TOKEN
        resource = self._standard.known(str(request.path_params.get("resource", "")))
        return "" if resource is None else resource.name

    async def _root(self, request: Request) -> Response:
        base = self._base(request)
        if "double-slashes" in self._switches:
            base += "/"
        return _told(discovery.root(base, self._data(base), self._generation))

    async def _dependencies(self, request: Request) -> Response:
        return _told(discovery.dependencies(self._standard))

    async def _metadata(self, request: Request) -> Response:
        # The official documents may not be copied, so there are none to tell of.
        return _told([])

    async def _token_info(self, request: Request) -> Response:
        if "no-token-info" in self._switches:
            raise unknown()
        self._access.client_of(request)
        client = self._access.is_live(form_of(request, await request.body()).get("token", ""))
        visibility = self._visibility(client, self._ods()) if client is not None else None
        return _told(discovery.token_info(self._ods(), client, visibility, self._standard))

    async def _versions(self, request: Request) -> Response:
        self._access.client_of(request)
        self._require_change_queries()
        newest = self._asked(request).version
        told = {"oldestChangeVersion": 0, "newestChangeVersion": newest}
        if self._generation.capitals:
            told = {f"{name[:1].upper()}{name[1:]}": number for name, number in told.items()}
        return _told(cased(told, self._switches))

    async def _collection(self, request: Request) -> Response:
        session, resource = self._session(request)
        match request.method:
            case "GET":
                return reading.collection(session, resource, request)
            case "POST":
                place = request.path_params["resource"]
                where = f"{self._data(self._base(request))}ed-fi/{place}"
                return await writing.create(session, resource, request, self._moment(), where)
            case "PUT":
                raise not_allowed(_NOT_REPLACED)
            case "DELETE":
                raise not_allowed(_NOT_DELETED)
        raise not_allowed(_UNSUPPORTED.format(request.method))

    async def _one(self, request: Request) -> Response:
        session, resource = self._session(request)
        id_ = request.path_params["id"]
        match request.method:
            case "GET":
                if id_ in ("deletes", "keyChanges"):
                    self._require_change_queries()
                read = _READS.get(id_)
                if read is not None:
                    return read(session, resource, request)
                return reading.one(session, resource, id_, request)
            case "PUT":
                return await writing.replace(session, resource, id_, request, self._moment())
            case "DELETE":
                return writing.delete(session, resource, id_, request, self._moment())
            case "POST":
                raise not_allowed(_NOT_POSTED)
        raise not_allowed(_UNSUPPORTED.format(request.method))

    async def _nothing(self, request: Request) -> Response:
        raise unknown()

    def _base(self, request: Request) -> str:
        return str(request.base_url).rstrip("/") + self._at

    def _data(self, base: str) -> str:
        return f"{base}/data/v3/" + (f"{YEAR}/" if "year-path" in self._switches else "")

    def _moment(self) -> int:
        return int(self._now() * 1000)

    def _require_change_queries(self) -> None:
        if "no-change-queries" in self._switches:
            raise unknown()

    def _asked(self, request: Request) -> Ods:
        """The documents that a request is about: those of now, or of the snapshot."""
        if request.headers.get("use-snapshot", "").lower() != "true":
            return self._ods()
        if request.method != "GET":
            raise not_allowed("Snapshots are read-only.")
        snapshot = self._snapshot
        if snapshot is None and "snapshots" in self._switches:
            # Switched on before there was a service.
            snapshot = self._snapshot = _Snapshot(self._ods().frozen())
        if snapshot is not None:
            snapshot.reads += 1
            good_for = self._switches.peek("snapshot-gone")
            if good_for is not None and snapshot.reads > good_for:
                self._switches.take("snapshot-gone")
                self._switches.switch_off("snapshots")
                snapshot = None
        if snapshot is None:
            raise unknown("snapshot")
        return snapshot.ods

    def _session(self, request: Request) -> tuple[Session, Resource]:
        client = self._access.client_of(request)
        asked = self._asked(request)
        in_year = request.url.path.startswith(f"{self._at}/data/v3/{YEAR}/")
        resource = self._standard.known(request.path_params["resource"])
        if resource is None or in_year != ("year-path" in self._switches):
            raise unknown()
        require_claim(client, resource, request.method, self._standard)
        visibility = self._visibility(client, asked)
        session = Session(
            asked,
            client,
            visibility,
            self._generation,
            self._standard,
            self._switches,
            self._touch,
        )
        return session, resource

    def _touch(self, resource: Resource, item: Item) -> None:
        if (held := self._ods().get(resource.name, item.id)) is not None:
            self._ods().apply(DocumentPut(resource.name, decode(held.body), self._moment()))

    def _visibility(self, client: Client, ods: Ods) -> Visibility:
        seen = (client.name, ods is not self._ods())
        if seen not in self._seen:
            self._seen[seen] = Visibility(
                ods, client, self._hidden, lambda: "ended-hides" in self._switches
            )
        return self._seen[seen]


def build(
    ods: Callable[[], Ods],
    access: EdFiAccess,
    switches: Switches | None = None,
    *,
    at: str = AT,
    secret: Callable[[], str] | None = None,
) -> list[Route]:
    """The routes of the service, to stand in an application beside others.

    `secret` is the bearer of the practice calls; without, it is `access.control_secret`.
    """
    return EdFiService(ods, access, switches or Switches(), at).routes(secret)


def _told(body: object) -> Response:
    return Response(encode(body), 200, None, JSON)


_NOT_REPLACED = (
    'Resource collections cannot be replaced. To "upsert" an item in the collection, use POST. '
    'To update a specific item, use PUT and include the "id" in the route.'
)
_NOT_DELETED = (
    "Resource collections cannot be deleted. To delete a specific item, use DELETE and include "
    'the "id" in the route.'
)
_NOT_POSTED = (
    'Resource items can only be updated using PUT. To "upsert" an item in the data collection '
    'using POST, remove the "id" from the route.'
)
_UNSUPPORTED = "The endpoint of the request does not support the '{}' method."
_METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"]
_READS = {
    "deletes": reading.deletes,
    "keyChanges": reading.key_changes,
    "partitions": reading.divided,
}
