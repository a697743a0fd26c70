"""The one place that every request and every answer passes, whatever it asks for."""

import asyncio
from collections.abc import Callable

from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .addresses import address
from .answers import Refusal, status_info
from .faults import TOKEN, Faults
from .habits import Habits
from .vocabulary import KINDS
from .wire import GRADEBOOK, OLDER, RESOURCES, ROSTERING


class BrokenOff(Exception):
    """Raised to the server, which then closes the connection as it is: a fault, but no mistake."""


class Doorway:
    """Stands around the whole service and counts.

    What must hold for all requests alike, or go wrong with all of them alike, belongs here and
    nowhere else. The practice calls never go wrong: by them all is put right again.
    """

    def __init__(self, app: ASGIApp, faults: Faults, habits: Habits) -> None:
        self._app = app
        self._faults = faults
        self._habits = habits
        self.requests = 0
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or do to it what a fault does."""
        if scope["type"] == "http":
            self.requests += 1
            # `asked` is told to those who tell where the next page is.
            path = address(scope["path"], self._habits)
            scope = {**scope, "path": path, "asked": scope["path"]}
            where = _where(path)
            if where is not None:
                await self._counted(where, scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _counted(self, where: str, scope: Scope, receive: Receive, send: Send) -> None:
        if "five-at-once" not in self._habits:
            await self._faulty(where, scope, receive, send)
            return
        self._inside += 1
        try:
            if self._inside > _AT_ONCE:
                await HTMLResponse(_BUSY, 429, {"Retry-After": "1"})(scope, receive, send)
                return
            await asyncio.sleep(_A_WHILE)
            await self._faulty(where, scope, receive, send)
        finally:
            self._inside -= 1

    async def _faulty(self, where: str, scope: Scope, receive: Receive, send: Send) -> None:
        take = self._faults.take
        # All is settled as the request arrives: a client that goes away meanwhile uses up no fault
        # that is switched on after it.
        seconds = take("slow", where)
        fault, value = self._taken(where, scope["method"] in _WRITES)
        if seconds is not None:
            await asyncio.sleep(seconds)
        if fault in _INSTEAD:
            await _INSTEAD[fault](value)(scope, receive, send)
        elif fault == "broken-off":
            await _halved(await self._answer(scope, receive), send, admitted=False)
            raise BrokenOff
        elif fault == "lost-answer":
            await self._answer(scope, receive)
            await send(_BEGUN)
            raise BrokenOff
        elif fault == "truncated-answer":
            await _halved(await self._answer(scope, receive), send, admitted=True)
        else:
            await self._app(scope, receive, send)

    def _taken(self, where: str, writes: bool) -> tuple[str, float]:
        """The fault that an answer has, with its number; "" for none."""
        lost = ("lost-answer",) if writes else ()
        for name in (*_INSTEAD, "broken-off", *lost, "truncated-answer"):
            if (value := self._faults.take(name, where)) is not None:
                return name, value
        return "", 0

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
        """The head and the body of the service's answer."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        return messages[0], b"".join(message.get("body", b"") for message in messages)


def _where(path: str) -> str | None:
    """The collection that a path is about, "" for none in particular; None for practice calls."""
    if path == "/token":
        return TOKEN
    if not path.startswith((ROSTERING, GRADEBOOK, RESOURCES, OLDER)):
        return None
    return next((part for part in reversed(path.split("/")) if part in KINDS), "")


async def _halved(answer: tuple[Message, bytes], send: Send, *, admitted: bool) -> None:
    """Sends the first half of an answer, as the whole or, not `admitted`, as a part of it."""
    head, body = answer
    half = body[: len(body) // 2]
    if admitted:
        length = (b"content-length", str(len(half)).encode())
        others = [each for each in head["headers"] if each[0] != length[0]]
        head = {**head, "headers": [*others, length]}
    await send(head)
    await send({"type": "http.response.body", "body": half, "more_body": not admitted})


def _page(sentence: str) -> str:
    return f"<!DOCTYPE html><html><body><p>{sentence}</p></body></html>"


_BUSY = _page("Too many requests.")
_BROKEN = _page("Something went wrong.")
_LOGIN = _page("Please log in.")
_AT_ONCE = 5
_A_WHILE = 0.05
_FORBIDDEN = Refusal(403, "forbidden", "This client may not read this any more.")

_WRITES = frozenset({"PUT", "POST", "DELETE"})
_BEGUN: Message = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-length", b"1")],
}
"""The head of an answer of which nothing more comes."""

_INSTEAD: dict[str, Callable[[float], Response]] = {
    "rate-limited": lambda pause: HTMLResponse(_BUSY, 429, {"Retry-After": f"{pause:.0f}"}),
    "rate-limited-silently": lambda _: HTMLResponse(_BUSY, 429),
    "server-error": lambda status: HTMLResponse(_BROKEN, int(status)),
    "login-page": lambda _: HTMLResponse(_LOGIN),
    "no-content": lambda _: Response(status_code=204),
    "forbidden": lambda _: status_info(_FORBIDDEN),
}
"""The faults that answer in the place of the service."""
