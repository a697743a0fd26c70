"""The practice calls: let a school day pass, and tell the facts. They are no part of OneRoster."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .access import Access
from .answers import JSON, Refusal, read_body
from .collection import Collection
from .days import asked_sizes
from .doorway import Doorway
from .sis import Sis
from .wire import encode, moment_text

_LONGEST_BODY = 4096


class Control:
    """Calls for whoever started the service: the bearer is the client secret itself.

    Anyone on this computer reaches the loopback address, so being here is no proof.
    """

    def __init__(self, sis: Sis, access: Access, doorway: Doorway) -> None:
        self._sis = sis
        self._access = access
        self._doorway = doorway

    def routes(self) -> list[Route]:
        """`POST /practice/day` and `GET /practice/facts`."""
        return [
            Route("/practice/day", self._day, methods=["POST"]),
            Route("/practice/facts", self._facts, methods=["GET"]),
        ]

    def _only_owner(self, request: Request) -> None:
        if not self._access.is_owner(request):
            raise Refusal(
                401,
                "unauthorisedrequest",
                "The client secret is needed as the bearer token.",
                {"WWW-Authenticate": "Bearer"},
            )

    async def _day(self, request: Request) -> Response:
        self._only_owner(request)
        body = await read_body(request, _LONGEST_BODY)
        at = await self._sis.moment()
        try:
            asked = msgspec.json.decode(body or b"{}", type=dict[str, object])
            sizes = asked_sizes(asked, self._sis.district)
        except (msgspec.MsgspecError, ValueError) as trouble:
            raise Refusal(400, "invaliddata", str(trouble)) from None
        changed = self._sis.pass_day(sizes, at)
        told = {"day": self._sis.district.day, "at": moment_text(at), "changed": changed}
        return Response(encode(told), 200, None, JSON)

    async def _facts(self, request: Request) -> Response:
        self._only_owner(request)
        district = self._sis.district
        book = self._sis.gradebook
        told = {
            "seed": district.seed,
            "students": district.students,
            "today": district.today.isoformat(),
            "day": district.day,
            "counts": _counts(district.collections),
            # Absent, not empty, until somebody asks for the gradebook: it is made then.
            "gradebook": None if book is None else _counts(book.collections),
            "requests": self._doorway.requests,
        }
        return Response(encode(told), 200, None, JSON)


def _counts(collections: dict[str, Collection]) -> dict[str, dict[str, int]]:
    return {
        name: {
            "live": len(collection) - len(collection.tombstones),
            "tombstones": len(collection.tombstones),
        }
        for name, collection in collections.items()
    }
