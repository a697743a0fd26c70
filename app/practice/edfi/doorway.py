"""What every request passes: it is counted, and faults of whole answers happen to it."""

import asyncio
from collections.abc import Awaitable, Callable
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Message, Receive, Scope, Send

from ..doorway import BrokenOff
from ..state import StateError
from .generations import current
from .problems import Problem, denied, unknown
from .switches import Switches

Handler = Callable[[Request], Awaitable[Response]]

_WRITES = frozenset({"POST", "PUT", "DELETE"})
_A_WHILE = 0.02
_LOCKED = Problem(
    500,
    "internal-server-error",
    "Transaction (Process ID 63) was deadlocked on lock resources with another process and has "
    "been chosen as the deadlock victim. Rerun the transaction.",
)


class Doorway:
    """Stands before each call of the service. The practice calls do not pass it."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self.requests = 0
        self._writing = 0

    def guarded(self, call: Handler, where: Callable[[Request], str]) -> Handler:
        """The call, with what goes wrong; `where` says of what a request is: a resource, or ""."""

        async def answered(request: Request) -> Response:
            self.requests += 1
            try:
                return await self._faulty(call, where(request), request)
            except Problem as problem:
                return self._refused(problem)
            except (StateError, ValueError) as trouble:
                # What cannot be kept did not happen; what cannot be made is not there.
                return self._refused(Problem(500, "internal-server-error", str(trouble)))

        return answered

    async def _faulty(self, call: Handler, where: str, request: Request) -> Response:
        take = self._switches.take
        if (seconds := take("slow", where)) is not None:
            await asyncio.sleep(seconds)
        if (pause := take("rate-limited", where)) is not None:
            detail = "Too many requests were made."
            raise Problem(429, "too-many-requests", detail, headers=_after(pause))
        if (pause := take("unavailable", where)) is not None:
            return HTMLResponse(_page("Service Unavailable"), 503, _after(pause))
        if (status := take("server-error", where)) is not None:
            raise Problem(int(status), "internal-server-error", "An unexpected problem occurred.")
        if take("login-page", where) is not None:
            return HTMLResponse(_page("Please log in."))
        if take("no-resource", where) is not None:
            raise unknown()
        if take("forbidden", where) is not None:
            raise denied("resource", "The claim set was changed.")
        if request.method not in _WRITES or where in ("", "token"):
            return self._cut(await call(request), where)
        return await self._written(call, where, request)

    async def _written(self, call: Handler, where: str, request: Request) -> Response:
        if self._switches.take("lock-error", where) is not None:
            raise _LOCKED
        if "locks-under-load" not in self._switches:
            answer = await call(request)
        elif self._writing:
            raise _LOCKED
        else:
            self._writing += 1
            try:
                await asyncio.sleep(_A_WHILE)
                answer = await call(request)
            finally:
                self._writing -= 1
        if self._switches.take("lost-answer", where) is not None:
            return _Lost(b"")
        return self._cut(answer, where)

    def _cut(self, answer: Response, where: str) -> Response:
        """An answer of which half is missing, where a fault wants that."""
        body = bytes(answer.body)
        if self._switches.take("broken-off", where) is not None:
            return _Lost(body)
        if self._switches.take("truncated-answer", where) is not None:
            answer.body = body[: len(body) // 2]
            answer.headers["content-length"] = str(len(answer.body))
        return answer

    def _refused(self, problem: Problem) -> Response:
        if "page-errors" in self._switches:
            return HTMLResponse(_page(problem.detail), problem.status, problem.headers)
        return problem.answer(current(self._switches))


class _Lost(Response):
    """An answer that ends in the middle, by closing the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        half = self.body[: len(self.body) // 2]
        begun: Message = {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-length", str(len(self.body) + 1).encode())],
        }
        await send(begun)
        if half:
            await send({"type": "http.response.body", "body": bytes(half), "more_body": True})
        raise BrokenOff


def _after(pause: float) -> dict[str, str]:
    return {"Retry-After": f"{pause:.0f}"}


def _page(sentence: str) -> str:
    return f"<!DOCTYPE html><html><body><p>{escape(sentence)}</p></body></html>"
