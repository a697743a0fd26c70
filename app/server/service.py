"""The HTTP service: ``POST /api/webhooks/{connector}`` and ``GET /ready``.

A webhook is judged from what is cheap to what is dear: is it for one of us, is it signed, is it of
today, is it short, is the signature right. Only then is it written down, together with all that
came meanwhile, and acknowledged when that is on disk.
"""

import asyncio
import contextlib
import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from app.errors import AuthError, NotFound, StoreError, SyncError, TransientError, UsageError
from app.server.address import HOSTS
from app.server.deliveries import Deliveries, Delivery, Kept
from app.server.signature import Signed
from app.text import sentence

logger = logging.getLogger(__name__)

LONGEST_BODY = 256 * 1024
PATIENCE = 10.0
"""Seconds a sender may take for the body."""
READY_WITHIN = 2.0
"""Seconds in which the engine has to answer to be called ready."""

_STATUS = {
    "webhook_headers_unfit": 400,
    "webhook_unsigned": 401,
    "webhook_stale": 401,
    "webhook_signature_wrong": 401,
    "webhook_unknown": 404,
    "webhook_slow": 408,
    "webhook_too_long": 413,
    "webhook_elsewhere": 421,
}
_HTTP = {404: "address_unknown", 405: "method_unknown"}


@dataclass(frozen=True)
class Hook:
    """A connector whose SIS may tell of changes, and the key it signs with."""

    connector: int
    name: str
    key: bytes | None = None
    """``None``: not known, or not yet."""


class Service:
    """Answers requests; what it needs of the program is handed in."""

    def __init__(
        self,
        deliveries: Deliveries,
        arrived: Callable[[str, int], None],
        ask_engine: Callable[[Callable[[bool], None]], None],
    ) -> None:
        """``arrived`` is told the connector and the count of deliveries that a sync has to follow;
        ``ask_engine`` has its argument called with whether the engine works. Neither may block."""
        self.hooks: Mapping[str, Hook] = {}
        """By name of the connector; replaced as a whole, from any thread."""
        self._deliveries = deliveries
        self._arrived = arrived
        self._ask_engine = ask_engine
        self._unwritten: list[tuple[Delivery, str, asyncio.Future[Kept]]] = []
        self._writing: asyncio.Task[None] | None = None
        self.application = Starlette(
            routes=[
                Route("/api/webhooks/{connector:path}", self._webhook, methods=["POST"]),
                Route("/ready", self._ready, methods=["GET"]),
            ],
            exception_handlers={
                SyncError: _refused,
                HTTPException: _not_here,
                Exception: _failed,
            },
        )
        # A slash too many is another address; nobody signed for being sent elsewhere.
        self.application.router.redirect_slashes = False

    # -- webhooks --

    async def _webhook(self, request: Request) -> Response:
        _require_loopback(request)
        hook = self.hooks.get(request.path_params["connector"])
        if hook is None:
            raise NotFound("webhook_unknown")
        try:
            signed = Signed(request.headers)
            signed.require_fresh(time.time())
            if hook.key is None:
                raise TransientError("webhook_not_ready")
            signed.verify(hook.key, await _body(request))
        except SyncError as error:
            logger.info("a webhook for connector %d was refused: %s", hook.connector, error.code)
            raise
        kept = await self._keep(Delivery(hook.connector, signed.id), hook.name)
        if kept is Kept.NEW:
            return _answer(202, {"status": "accepted"})
        return _answer(200, {"status": "known"})

    async def _keep(self, delivery: Delivery, name: str) -> Kept:
        """What became of it, once it is on disk. Those of a moment share one commit."""
        future: asyncio.Future[Kept] = asyncio.get_running_loop().create_future()
        self._unwritten.append((delivery, name, future))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return await future

    async def _write(self) -> None:
        while self._unwritten:
            batch, self._unwritten = self._unwritten, []
            kept = await asyncio.to_thread(self._commit, [one for one, _, _ in batch])
            for (_, _, future), outcome in zip(batch, kept, strict=True):
                if future.done():
                    continue  # whoever sent it did not wait
                if isinstance(outcome, SyncError):
                    future.set_exception(outcome)
                else:
                    future.set_result(outcome)
            # One that is sent again while it waits is a hint as good as the first.
            to_follow = Counter(
                (one.connector, name)
                for (one, name, _), outcome in zip(batch, kept, strict=True)
                if outcome in (Kept.NEW, Kept.WAITING)
            )
            for (connector, name), count in to_follow.items():
                logger.info("%d webhooks for connector %d were accepted", count, connector)
                self._arrived(name, count)
        self._writing = None

    def _commit(self, batch: Sequence[Delivery]) -> Sequence[Kept | SyncError]:
        try:
            return self._deliveries.keep(batch, datetime.now(UTC))
        except StoreError as error:
            logger.error("%d webhooks could not be kept: %s", len(batch), error)
            return [TransientError("webhook_not_kept")] * len(batch)

    # -- readiness --

    async def _ready(self, request: Request) -> Response:
        _require_loopback(request)
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[bool] = loop.create_future()

        def resolve(good: bool) -> None:
            if not answered.done():
                answered.set_result(good)

        def told(good: bool) -> None:
            with contextlib.suppress(RuntimeError):  # the service ended meanwhile
                loop.call_soon_threadsafe(resolve, good)

        self._ask_engine(told)
        try:
            ready = await asyncio.wait_for(answered, READY_WITHIN)
        except TimeoutError:
            ready = False
        return _answer(200 if ready else 503, {"ready": ready})


def _require_loopback(request: Request) -> None:
    name, colon, port = request.headers.get("host", "").partition(":")
    if name.lower() not in HOSTS or (colon and not (port.isascii() and port.isdigit())):
        raise UsageError("webhook_elsewhere")


async def _body(request: Request) -> bytes:
    """The body, while it is neither too long nor too slow."""
    told = request.headers.get("content-length", "")
    if told.isascii() and told.isdigit() and int(told) > LONGEST_BODY:
        raise UsageError("webhook_too_long", most=LONGEST_BODY)
    body = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LONGEST_BODY:
                    raise UsageError("webhook_too_long", most=LONGEST_BODY)
    except (TimeoutError, ClientDisconnect):
        raise UsageError("webhook_slow") from None
    return bytes(body)


def _answer(status: int, told: object, headers: Mapping[str, str] | None = None) -> Response:
    return Response(json.dumps(told), status, dict(headers or {}), "application/json")


def _error(
    status: int, code: str, parameters: Mapping[str, object], headers: Mapping[str, str]
) -> Response:
    told = {"error": {"code": code, "message": sentence(code, parameters)}}
    return _answer(status, told, headers)


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, SyncError)
    if isinstance(error, TransientError):
        return _error(503, error.code, error.parameters, {"Retry-After": "60"})
    asked = {"WWW-Authenticate": "Webhook-Signature"} if isinstance(error, AuthError) else {}
    return _error(_STATUS[error.code], error.code, error.parameters, asked)


async def _not_here(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _HTTP.get(error.status_code, "address_unknown")
    return _error(error.status_code, code, {}, error.headers or {})


async def _failed(_: Request, error: Exception) -> Response:
    logger.error("a request ended by an unexpected error", exc_info=error)
    return _error(500, "unexpected", {}, {})
