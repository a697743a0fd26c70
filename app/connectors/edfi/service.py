"""One Ed-Fi service: where it stands, what it speaks, what may be asked of it, and by what way in.

All streams of a connector share one. Whatever has to ask is a generator that yields requests and is
sent the answers; it asks for nothing that is known already.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from app.connectors.addresses import origin
from app.connectors.contract import (
    Asking,
    Cookies,
    Doubt,
    Io,
    Request,
    Response,
)
from app.connectors.edfi import discovery
from app.connectors.edfi.discovery import Places
from app.connectors.edfi.granted import NOTHING_TOLD, READ, Granted, granted
from app.connectors.edfi.learnt import learnt_of
from app.connectors.edfi.problems import problem_of
from app.connectors.edfi.settings import Settings
from app.connectors.edfi.token import Tokens
from app.connectors.edfi.vocabulary import NEWEST, Resource, resources
from app.errors import (
    AuthError,
    ConfigError,
    ContractError,
    SyncError,
    TransientError,
)

Query: TypeAlias = Mapping[str, str | int | bool]
"""The parameters of a request; a truth is told as ``true`` or ``false``."""

SNAPSHOT = ("Use-Snapshot", "true")
"""The header of a GET that is answered from a snapshot."""

_NAMESPACE = "uri://mindkindler.org"
_ABSENT = frozenset({400, 403, 404, 405, 410})
"""How a service answers that does not have something which only some have."""


class Service:
    """A service, found by ``settings`` and entered with the ``secret`` among ``secrets``.

    Raises ``ConfigError`` for settings that cannot work.
    """

    def __init__(self, settings: Settings, secrets: Mapping[str, str], io: Io) -> None:
        key, secret = settings.key.strip(), secrets.get("secret", "").strip()
        self._candidates = discovery.candidates(settings.base_url)
        for name, value in (("key", key), ("secret", secret)):
            if not value:
                raise ConfigError("setting_missing", setting=name)
        self.io = io
        self.settings = settings
        self.learnt = learnt_of(io.learnt, io.clock())
        """What is known of the service by now; whoever finds something out notes it there."""
        self.news: list[Doubt] = []
        """What the next page tells of the service; whoever tells it takes it from here."""
        self.snapshot = False
        """Whether a snapshot is offered and wanted; it is unset by whoever finds it gone."""
        self._cookies: Cookies = {}
        self._tokens = Tokens(key, secret, settings.credentials, io, self._cookies)
        self._places: Places | None = None
        self._granted: Granted | None = None
        self._no_changes = settings.change_queries == "off"

    # -- what it is ---------------------------------------------------------------------------

    @property
    def known(self) -> bool:
        """Whether the service is located."""
        return self._places is not None and self._granted is not None

    @property
    def granted(self) -> Granted:
        """What the key may do, as far as that is known."""
        return self._granted or NOTHING_TOLD

    @property
    def places(self) -> Places:
        """Where its parts are, once it is located."""
        assert self._places is not None, "locate() comes first"
        return self._places

    @property
    def standard(self) -> int:
        """The first number of the Data Standard; the newest as long as it is not known."""
        return self._places.standard if self._places else NEWEST

    @property
    def api(self) -> tuple[int, int]:
        """The version of the ODS/API, such as (7, 3); (0, 0) where it is not known."""
        return self._places.api if self._places else (0, 0)

    @property
    def resources(self) -> Mapping[str, Resource]:
        """The resources as its Data Standard has them, by their newest names."""
        return resources(self.standard)

    @property
    def namespace(self) -> str:
        """The namespace of what is made here: the one that is set, or one that the key may use."""
        if own := self.settings.namespace.strip():
            return own
        return next((one for one in self.granted.namespaces if "://" in one), _NAMESPACE)

    def scope_of(self, entity: str, of: Iterable[Resource], filtered: bool) -> str:
        """What is asked for an entity, in one line: the same for two like reads (SEMANTICS C5).

        Another key's reach is another scope, and so is another origin or path, unless the settings
        name the source apart from them.
        """
        settings, places = self.settings, self._places
        where = settings.source.strip() or (places.data if places else settings.base_url)
        asked = sorted({one.path for one in of})
        closed = [path for path in asked if self.granted.allows(path, READ) is False]
        reach = hashlib.blake2b(self.granted.reach.encode(), digest_size=8).hexdigest()
        return (
            f"{where} {entity} {'changes' if filtered else 'all'} {','.join(asked)}"
            f" reach={reach}" + (f" closed={','.join(closed)}" if closed else "")
        )

    def admission(self) -> str:
        """What lets it in by now, as ``Io.admission`` may tell it the next time."""
        return self._tokens.kept()

    # -- finding it ---------------------------------------------------------------------------

    def locate(self) -> Asking[None]:
        """Finds the service and what the key may do there, unless that is known.

        Raises ``ContractError`` ``edfi_not_found`` where no Ed-Fi service answers, ``AuthError``
        where the key is not let in, and what the transport raises.
        """
        yield from self.find()
        if self._granted is None:
            self._granted = yield from self._token_info()

    def find(self) -> Asking[None]:
        """Finds the service, unless that is known, without being let in."""
        if self._places is None:
            self._places = yield from self._found()

    def enter(self) -> Asking[None]:
        """Tries key and secret, and what they may do, also where that was known before."""
        yield from self.find()
        yield from self._tokens.tried(self.places.token)
        self._granted = yield from self._token_info()

    def _found(self) -> Asking[Places]:
        """What the first place says that has a discovery document."""
        failed: SyncError | None = None
        for at in self._candidates:
            request = Request(
                "GET",
                at,
                (("Accept", "application/json"),),
                cookies=self._cookies,
                origin=origin(at),
            )
            try:
                response = yield request
            except ContractError as error:
                failed = failed or error
                continue
            except TransientError as error:
                if error.parameters.get("status") is None:
                    raise  # the network, which does no better at the next place
                failed = failed or error
                continue
            said = _decoded(response.body) if response.status == 200 else None
            found = discovery.places(said, at, self.settings)
            if found is not None:
                return found
            if discovery.too_old(said):
                raise ConfigError("edfi_too_old", address=at)
        raise failed or ContractError("edfi_not_found", address=self._candidates[0])

    def _token_info(self) -> Asking[Granted]:
        """What the key may do; nothing is told by services that do not tell it."""
        for as_json in (False, True):
            request = yield from self._let_in(
                Request(
                    "POST", self.places.token_info, (("Accept", "application/json"),),
                    cookies=self._cookies, origin=self.places.origin,
                )
            )  # fmt: skip
            response = yield _with_own_token(request, as_json)
            if response.status == 401:
                request = yield from self.renewed(request)
                response = yield _with_own_token(request, as_json)
            if response.status == 200:
                said = _decoded(response.body)
                if not isinstance(said, dict):
                    # Somebody else's answer: who took it for theirs would read under another scope.
                    raise self.refusal(response)
                return granted(said)
            if response.status not in (400, 415):
                break
        if response.status in _ABSENT:
            return NOTHING_TOLD
        raise self.refusal(response)

    # -- asking -------------------------------------------------------------------------------

    def request(
        self,
        path: str,
        query: Query | None = None,
        *,
        method: str = "GET",
        body: bytes | None = None,
        headers: Iterable[tuple[str, str]] = (),
        repeatable: bool | None = None,
    ) -> Asking[Request]:
        """A request, authorized, to a path below the resources, such as ``ed-fi/students``.

        It locates the service first where that is not done. What may write is sent once only,
        unless it is told to be ``repeatable``.
        """
        yield from self.locate()
        sent = [("Accept", "application/json"), *headers]
        if body is not None:
            sent.append(("Content-Type", "application/json"))
        return (
            yield from self._let_in(
                Request(
                    method,
                    f"{self.places.data}/{path}{_query(query)}",
                    tuple(sent),
                    body,
                    origin=self.places.origin,
                    cookies=self._cookies,
                    repeatable=method == "GET" if repeatable is None else repeatable,
                )
            )
        )

    def ask(
        self, path: str, query: Query | None = None, headers: Iterable[tuple[str, str]] = ()
    ) -> Asking[Response]:
        """The answer to a GET, with a new token where the old one is refused."""
        request = yield from self.request(path, query, headers=headers)
        return (yield from self._answered(request))

    def renewed(self, request: Request) -> Asking[Request]:
        """``request`` with another token, after it was answered with 401."""
        self._tokens.refused(request, self.places.token)
        return (yield from self._let_in(request))

    @property
    def wants_snapshot(self) -> bool:
        """Whether snapshots are to be read where there are any."""
        return self.settings.snapshots == "on"

    def change_versions(
        self, least: int = 0, *, live: bool = False
    ) -> Asking[tuple[int, int] | None]:
        """The oldest and the newest change version; ``None`` where there are no change queries.

        Where snapshots are wanted it is found out here whether there is one, which has the version
        ``least``: the versions are then those of the snapshot, and ``snapshot`` is set. ``live``
        asks for those of the database itself, and sets nothing.
        """
        yield from self.locate()
        if self._no_changes or not self.places.changes:
            return None
        if self.wants_snapshot and not live:
            response = yield from self._versions(snapshot=True)
            self.snapshot = response.status == 200
            if self.snapshot:
                oldest, newest = self._versions_in(response)
                if newest >= least:
                    return oldest, newest
                self.snapshot = False
            else:
                self.news.append(Doubt("edfi_no_snapshot"))
        response = yield from self._versions(snapshot=False)
        if response.status in _ABSENT:
            self._no_changes = True
            return None
        return self._versions_in(response)

    def _versions_in(self, response: Response) -> tuple[int, int]:
        said = _decoded(response.body) if response.status == 200 else None
        told = (
            {name.lower(): value for name, value in said.items()} if isinstance(said, dict) else {}
        )
        oldest, newest = (
            _whole(told.get(f"{which}changeversion")) for which in ("oldest", "newest")
        )
        if newest is None:
            raise self.refusal(response)
        return oldest or 0, newest

    def refusal(self, response: Response, resource: Resource | None = None) -> SyncError:
        """The error of an answer that is not what was asked for, whatever its status."""
        path = urlsplit(response.url).path
        problem = problem_of(response)
        entity = resource.name if resource else path.rpartition("/")[2]
        if response.status == 200:
            code = "answer_is_html" if problem.html else "answer_not_json"
            return ContractError(code, path=path)
        if response.status == 401:
            return AuthError("token_refused", problem.sentence, path=path)
        if response.status == 403:
            return AuthError("edfi_forbidden", problem.sentence, resource=entity, path=path)
        if response.status == 404:
            return ContractError("edfi_no_resource", problem.sentence, resource=entity, path=path)
        told: dict[str, str | int] = {"path": path, "status": response.status}
        if not (problem.title and problem.correlation_id):
            return ContractError("unexpected_status", problem.sentence, **told)
        told |= {"words": problem.title, "correlation": problem.correlation_id}
        return ContractError("edfi_refused", problem.sentence, **told)

    def _versions(self, *, snapshot: bool) -> Asking[Response]:
        request = Request(
            "GET",
            f"{self.places.changes}/availableChangeVersions",
            (("Accept", "application/json"), *((SNAPSHOT,) if snapshot else ())),
            origin=self.places.origin,
            cookies=self._cookies,
        )
        return (yield from self._answered((yield from self._let_in(request))))

    def _answered(self, request: Request) -> Asking[Response]:
        response = yield request
        if response.status == 401:
            response = yield (yield from self.renewed(request))
        return response

    def _let_in(self, request: Request) -> Asking[Request]:
        return (yield from self._tokens.let_in(request, self.places.token))


def _with_own_token(request: Request, as_json: bool) -> Request:
    """``request`` that asks about the token it is sent with."""
    token = (request.authorized() or "").removeprefix("Bearer ")
    if as_json:
        body, sort = msgspec.json.encode({"token": token}), "application/json"
    else:
        body, sort = urlencode({"token": token}).encode(), "application/x-www-form-urlencoded"
    return replace(request, body=body, headers=(*request.headers, ("Content-Type", sort)))


def _query(query: Query | None) -> str:
    if not query:
        return ""
    told = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in query.items()
    }
    return "?" + urlencode(told, quote_via=quote)


def _decoded(body: bytes) -> Any:
    """A JSON body; ``None`` where it is none."""
    try:
        return msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _whole(said: Any) -> int | None:
    """A change version: a number, or one in a text."""
    if isinstance(said, str) and said.strip().isdecimal():
        return int(said.strip()[:19])
    return said if isinstance(said, int) and not isinstance(said, bool) and said >= 0 else None
