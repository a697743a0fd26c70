"""How generators that ask are driven by others, and how what may write is sent; for every kind."""

from collections.abc import Callable, Generator
from typing import TypeVar

from app.connectors.contract import Ahead, Asking, Request, Response
from app.errors import ConfigError, RateLimited, SyncError

T = TypeVar("T")

_NEVER_ARRIVED = frozenset(
    {"connection_refused", "host_not_found_now", "proxy_failed", "tls_failed"}
)
"""Errors of a network over which nothing can have been sent."""


def next_told(
    steps: Generator[Request | Ahead | T, Response | None, None],
) -> Asking[Ahead | T | None]:
    """What a reading tells next, once all it asks for until then is answered; ``None`` at its end.

    Errors of the transport are thrown into it where it waits.
    """
    answer: Response | None = None
    error: SyncError | None = None
    while True:
        try:
            step = steps.throw(error) if error else steps.send(answer)
        except StopIteration:
            return None
        if not isinstance(step, Request):
            return step
        answer = error = None
        try:
            answer = yield step
        except SyncError as failure:
            error = failure


def sent(
    request: Request, renewed: Callable[[Request], Asking[Request]]
) -> Asking[Response | None]:
    """The answer to what may write; ``None`` where it may have arrived, also if it was cancelled.

    Refused with 401, before anything was done with it, it is ``renewed`` and sent once more. Raises
    what cannot have arrived, and what the settings are to blame for.
    """
    response = yield from _once(request)
    if response is not None and response.status == 401:
        response = yield from _once((yield from renewed(request)))
    return response


def _once(request: Request) -> Asking[Response | None]:
    try:
        return (yield request)
    except SyncError as error:
        if isinstance(error, RateLimited | ConfigError) or error.code in _NEVER_ARRIVED:
            raise
        return None
