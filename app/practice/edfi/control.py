"""The practice calls of the ODS: its switches, facts, and documents that nobody sees for a while.

No part of Ed-Fi. The bearer is a secret of whoever started the service.
"""

import hmac
from collections.abc import Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .access import EdFiAccess
from .doorway import Doorway
from .generations import current
from .problems import JSON, Problem, malformed, unauthenticated, unknown
from .shelf import encode
from .store import Ods
from .switches import CATALOGUE, Switches
from .visibility import Hidden
from .vocabulary import RESOURCES

_LONGEST_BODY = 65_536


class EdFiControl:
    """Calls for whoever started the service. `secret` is asked for at each of them."""

    def __init__(
        self,
        ods: Callable[[], Ods],
        access: EdFiAccess,
        doorway: Doorway,
        switches: Switches,
        hidden: Hidden,
        secret: Callable[[], str],
    ) -> None:
        self._ods = ods
        self._access = access
        self._doorway = doorway
        self._switches = switches
        self._hidden = hidden
        self._secret = secret

    def routes(self, at: str) -> list[Route]:
        """`GET …/facts`; `GET`, `POST`, `DELETE …/switches`; `POST …/hide` and `…/show`.

        `POST …/switches` switches one on (`name`, and `value`, `resource`, `times`), `DELETE` all
        off, or one by its name in the path; both answer as `GET` does. `hide` makes a document
        (`resource`, `key` as its parts by name) one that no client sees, as a change of its
        authorization would; `show` with nothing said shows all again.
        """
        calls = [
            (f"{at}/facts", "GET", self._facts),
            (f"{at}/switches", "GET", self._tell),
            (f"{at}/switches", "POST", self._switch_on),
            (f"{at}/switches", "DELETE", self._switch_all_off),
            (f"{at}/switches/{{name}}", "DELETE", self._switch_off),
            (f"{at}/hide", "POST", self._hide),
            (f"{at}/show", "POST", self._show),
        ]
        return [Route(path, self._owned(call), methods=[way]) for path, way, call in calls]

    def _owned(
        self, call: Callable[[Request, dict[str, object]], Response]
    ) -> Callable[[Request], object]:
        async def owned(request: Request) -> Response:
            try:
                word, _, told = request.headers.get("authorization", "").partition(" ")
                right = hmac.compare_digest(told.strip().encode(), self._secret().encode())
                if word.lower() != "bearer" or not right:
                    raise unauthenticated("The secret of the practice service is needed.")
                return call(request, _asked(await request.body()))
            except Problem as problem:
                return problem.answer(current(()))

        return owned

    def _facts(self, request: Request, asked: dict[str, object]) -> Response:
        ods = self._ods()
        facts = {
            "version": ods.version,
            "counts": {name: len(shelf.items) for name, shelf in ods.shelves.items()},
            "requests": self._doorway.requests,
            "tokens": self._access.given,
            "hidden": len(self._hidden.keys),
        }
        return Response(encode(facts), 200, None, JSON)

    def _tell(self, request: Request, asked: dict[str, object]) -> Response:
        return Response(encode({"switches": self._switches.told()}), 200, None, JSON)

    def _switch_on(self, request: Request, asked: dict[str, object]) -> Response:
        if strange := asked.keys() - {"name", "value", "resource", "times"}:
            raise malformed(f"A switch has no '{min(strange)}'.")
        try:
            self._switches.switch_on(asked.pop("name", None), **asked)
        except ValueError as trouble:
            raise malformed(str(trouble)) from None
        return self._tell(request, asked)

    def _switch_all_off(self, request: Request, asked: dict[str, object]) -> Response:
        self._switches.switch_all_off()
        return self._tell(request, asked)

    def _switch_off(self, request: Request, asked: dict[str, object]) -> Response:
        name = request.path_params["name"]
        if name not in CATALOGUE:
            raise unknown("switch")
        self._switches.switch_off(name)
        return self._tell(request, asked)

    def _hide(self, request: Request, asked: dict[str, object]) -> Response:
        self._hidden.add(*self._named(asked))
        return self._facts(request, asked)

    def _show(self, request: Request, asked: dict[str, object]) -> Response:
        if asked:
            self._hidden.drop(*self._named(asked))
        else:
            self._hidden.clear()
        return self._facts(request, asked)

    def _named(self, asked: dict[str, object]) -> tuple[str, str]:
        """The resource and the natural key that a body says, of a document that is there."""
        resource = RESOURCES.get(str(asked.get("resource")))
        values = asked.get("key")
        if resource is None or not isinstance(values, dict):
            raise malformed("Say the resource, and in key the parts of the natural key by name.")
        try:
            key = resource.key_from(values)
        except KeyError:
            raise malformed("The natural key is not whole.") from None
        if self._ods().find(resource.name, key) is None:
            raise unknown("item")
        return resource.name, key


def _asked(body: bytes) -> dict[str, object]:
    if len(body) > _LONGEST_BODY:
        raise malformed(f"The body is longer than {_LONGEST_BODY} bytes.")
    try:
        return msgspec.json.decode(body or b"{}", type=dict[str, object])
    except msgspec.MsgspecError as trouble:
        raise malformed(str(trouble)) from None
