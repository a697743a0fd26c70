"""A service on a port of the loopback address, answered on a thread of its own."""

import asyncio
import logging
import os
import socket
import threading
import time
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.errors import ConfigError
from app.server.address import LOOPBACK
from app.server.service import Service

logger = logging.getLogger(__name__)

MOST_CONNECTIONS = 128
"""Connections at once; what comes beyond is closed. A program may hold few files open at once, 256
on a Mac, and the syncs need theirs."""

HEAD_WITHIN = 10.0
"""Seconds until the head of a request has come, from the connection or from its first byte."""

BODY_WITHIN = 20.0
"""Seconds until the body has come as well, read or not. A slow one is answered sooner."""

LONGEST_HEAD = 64 * 1024

_WAITING = 64
"""Connections that may wait to be taken in, and how many are taken in at one go."""

_COMPLAINTS_APART = 60.0
"""Seconds from one complaint in the log to the next."""

_PATIENCE = 1
"""Seconds for the last answers when it closes."""

_IDLE = 30
"""Seconds that a connection without requests is kept."""


class Door:
    """Open from the moment it is made until ``close``."""

    def __init__(self, service: Service, port: int) -> None:
        """``port`` 0 is any that is free. Raises ``ConfigError`` for one that is taken."""
        self.service = service
        self._listener = _listen(port)
        self.port: int = self._listener.getsockname()[1]
        self._server = uvicorn.Server(
            uvicorn.Config(
                service.application,
                http=_Line,
                backlog=_WAITING,
                log_config=None,
                log_level="critical",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                lifespan="off",
                ws="none",
                timeout_keep_alive=_IDLE,
                timeout_graceful_shutdown=_PATIENCE,
            )
        )
        self._thread = threading.Thread(target=self._serve, name="webhooks")
        self._thread.start()

    def close(self) -> None:
        """Takes in nothing more, and returns when the last request is answered."""
        self._server.should_exit = True
        self._thread.join()

    def _serve(self) -> None:
        async def serve() -> None:
            asyncio.get_running_loop().set_exception_handler(_Complaints().hear)
            await self._server.serve(sockets=[self._listener])

        with self._listener:
            asyncio.run(serve())


class _Line(HttpToolsProtocol):
    """One connection; who opens many and says little does not hold them for long."""

    _deadline: asyncio.TimerHandle | None = None
    """Runs while a request is to come, or to come to its end."""
    _in_head = True
    _said = 0
    """Bytes of a head that has not come to its end."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._end_within(HEAD_WITHIN)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_within(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._deadline is None:
            self._end_within(HEAD_WITHIN)
        super().data_received(data)
        in_head = self._in_head and self._deadline is not None
        self._said = self._said + len(data) if in_head else 0
        if self._said > LONGEST_HEAD:
            self.transport.abort()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._end_within(BODY_WITHIN)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_head = True
        self._end_within(None)
        super().on_message_complete()

    def _end_within(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        end = self.transport.abort
        self._deadline = None if seconds is None else self.loop.call_later(seconds, end)


class _Complaints:
    """What the event loop complains of goes to the log, and not over and over."""

    def __init__(self) -> None:
        self._quiet_until = float("-inf")

    def hear(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if time.monotonic() >= self._quiet_until:
            self._quiet_until = time.monotonic() + _COMPLAINTS_APART
            logger.warning(
                "while webhooks were received: %s",
                context["message"],
                exc_info=context.get("exception"),
            )


def _listen(port: int) -> socket.socket:
    # The protocol is named because asyncio switches off Nagle's delay only where it is; without,
    # every small answer on a kept connection waits forty milliseconds.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            # So that a restart gets its port back at once. On Windows this would mean that two
            # services could share one.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen(_WAITING)
    except (OSError, OverflowError) as error:
        listener.close()
        raise ConfigError("webhook_port_taken", str(error), port=port) from error
    return listener
