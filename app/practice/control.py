"""The practice calls: school days, lessons, facts, faults, webhooks. No part of OneRoster."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .access import Access
from .answers import JSON, Refusal, read_body, unknown
from .collection import Collection
from .days import asked_sizes
from .doorway import Doorway
from .edfi.sizes import asked_sizes as asked_of_edfi
from .faults import CATALOGUE, Faults, setting
from .habits import CATALOGUE as HABITS
from .habits import Habits, profile
from .sis import Sis
from .webhooks import Webhooks
from .wire import encode, moment_text

_LONGEST_BODY = 4096


class Control:
    """Calls for whoever started the service: the bearer is the client secret itself.

    Anyone on this computer reaches the loopback address, so being here is no proof.
    """

    def __init__(
        self,
        sis: Sis,
        access: Access,
        doorway: Doorway,
        faults: Faults,
        habits: Habits,
        webhooks: Webhooks,
    ) -> None:
        self._sis = sis
        self._access = access
        self._doorway = doorway
        self._faults = faults
        self._habits = habits
        self._webhooks = webhooks

    def routes(self) -> list[Route]:
        """`POST /practice/day`, `GET /practice/facts`, faults, profiles and webhooks.

        A day has sizes (see `Sizes`), and with `edfi` true those who come and leave do so on the
        Ed-Fi side too; `POST /practice/edfi/day` is a day of that side alone (see `OdsSizes`).
        `GET` tells the catalogue of faults and how each is on, `POST` switches one on (`name`,
        and `value`, `collection`, `times`), `DELETE` switches all off, or one by its name in the
        path; these two answer as `GET` does. So it is with `/practice/profiles`, the lasting
        habits, of which each has a `name` alone. `POST /practice/lessons` does what one of
        the `LESSONS` is about (`name`). `POST /practice/webhooks` has each change told by
        signed webhook (`url`, `secret`), `DELETE` ends that.
        """
        return [
            Route("/practice/day", self._day, methods=["POST"]),
            Route("/practice/edfi/day", self._edfi_day, methods=["POST"]),
            Route("/practice/facts", self._facts, methods=["GET"]),
            Route("/practice/faults", self._tell_faults, methods=["GET"]),
            Route("/practice/faults", self._switch_on, methods=["POST"]),
            Route("/practice/faults", self._switch_all_off, methods=["DELETE"]),
            Route("/practice/faults/{name}", self._switch_off, methods=["DELETE"]),
            Route("/practice/profiles", self._tell_profiles, methods=["GET"]),
            Route("/practice/profiles", self._take_on, methods=["POST"]),
            Route("/practice/profiles", self._leave_all, methods=["DELETE"]),
            Route("/practice/profiles/{name}", self._leave, methods=["DELETE"]),
            Route("/practice/lessons", self._teach, methods=["POST"]),
            Route("/practice/webhooks", self._subscribe, methods=["POST"]),
            Route("/practice/webhooks", self._unsubscribe, methods=["DELETE"]),
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
            edfi = asked.pop("edfi", False)
            if not isinstance(edfi, bool):
                raise ValueError("'edfi' must be true or false.")
            if edfi and self._sis.edfi.folder is not None:
                raise ValueError("The Ed-Fi side is another district, so they share no day.")
            sizes = asked_sizes(asked, self._sis.district)
        except (msgspec.MsgspecError, ValueError) as trouble:
            raise Refusal(400, "invaliddata", str(trouble)) from None
        changed = self._sis.pass_day(sizes, at, edfi=edfi)
        told = {"day": self._sis.district.day, "at": moment_text(at), "changed": changed}
        return Response(encode(told), 200, None, JSON)

    async def _edfi_day(self, request: Request) -> Response:
        self._only_owner(request)
        body = await read_body(request, _LONGEST_BODY)
        at = await self._sis.moment()
        side = self._sis.edfi
        try:
            asked = msgspec.json.decode(body or b"{}", type=dict[str, object])
            sizes = asked_of_edfi(asked, side.ods, side.day + 1)
        except (msgspec.MsgspecError, ValueError) as trouble:
            raise Refusal(400, "invaliddata", str(trouble)) from None
        changed = side.pass_day(at, sizes)
        told = {"day": side.day, "at": moment_text(at), "changed": changed}
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

    async def _tell_faults(self, request: Request) -> Response:
        self._only_owner(request)
        return Response(encode({"faults": self._faults.told()}), 200, None, JSON)

    async def _switch_on(self, request: Request) -> Response:
        self._only_owner(request)
        body = await read_body(request, _LONGEST_BODY)
        try:
            asked = msgspec.json.decode(body, type=dict[str, object])
            if strange := asked.keys() - {"name", "value", "collection", "times"}:
                raise ValueError(f"A fault has no '{min(strange)}'.")
            self._faults.switch_on(setting(asked.pop("name", None), **asked))
        except (msgspec.MsgspecError, ValueError) as trouble:
            raise Refusal(400, "invaliddata", str(trouble)) from None
        return await self._tell_faults(request)

    async def _switch_all_off(self, request: Request) -> Response:
        self._only_owner(request)
        self._faults.switch_all_off()
        return await self._tell_faults(request)

    async def _switch_off(self, request: Request) -> Response:
        self._only_owner(request)
        name = request.path_params["name"]
        if name not in CATALOGUE:
            raise unknown("fault", name)
        self._faults.switch_off(name)
        return await self._tell_faults(request)

    async def _tell_profiles(self, request: Request) -> Response:
        self._only_owner(request)
        return Response(encode({"profiles": self._habits.told()}), 200, None, JSON)

    async def _take_on(self, request: Request) -> Response:
        self._only_owner(request)
        body = await read_body(request, _LONGEST_BODY)
        try:
            asked = msgspec.json.decode(body, type=dict[str, object])
            self._habits.switch_on(profile(asked.get("name")))
        except (msgspec.MsgspecError, ValueError) as trouble:
            raise Refusal(400, "invaliddata", str(trouble)) from None
        return await self._tell_profiles(request)

    async def _leave_all(self, request: Request) -> Response:
        self._only_owner(request)
        self._habits.switch_all_off()
        return await self._tell_profiles(request)

    async def _leave(self, request: Request) -> Response:
        self._only_owner(request)
        name = request.path_params["name"]
        if name not in HABITS:
            raise unknown("profile", name)
        self._habits.switch_off(name)
        return await self._tell_profiles(request)

    async def _teach(self, request: Request) -> Response:
        self._only_owner(request)
        body = await read_body(request, _LONGEST_BODY)
        at = await self._sis.moment()
        try:
            asked = msgspec.json.decode(body, type=dict[str, object])
            lesson = self._sis.give_lesson(str(asked.get("name")), at)
        except (msgspec.MsgspecError, ValueError) as trouble:
            raise Refusal(400, "invaliddata", str(trouble)) from None
        return Response(encode(lesson), 200, None, JSON)

    async def _subscribe(self, request: Request) -> Response:
        self._only_owner(request)
        body = await read_body(request, _LONGEST_BODY)
        try:
            asked = msgspec.json.decode(body, type=dict[str, object])
            self._webhooks.subscribe(asked.get("url"), asked.get("secret"))
        except (msgspec.MsgspecError, ValueError) as trouble:
            raise Refusal(400, "invaliddata", str(trouble)) from None
        return Response(encode({"subscribed": True}), 200, None, JSON)

    async def _unsubscribe(self, request: Request) -> Response:
        self._only_owner(request)
        self._webhooks.unsubscribe()
        return Response(encode({"subscribed": False}), 200, None, JSON)


def _counts(collections: dict[str, Collection]) -> dict[str, dict[str, int]]:
    return {
        name: {
            "live": len(collection) - len(collection.tombstones),
            "tombstones": len(collection.tombstones),
        }
        for name, collection in collections.items()
    }
