"""A service on a port of the loopback address, answered on a thread of its own."""

import asyncio
import os
import socket
import threading

import uvicorn

from app.errors import ConfigError
from app.server.address import LOOPBACK
from app.server.service import Service

_WAITING = 1024
"""Connections that may wait to be taken in."""

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
        with self._listener:
            asyncio.run(self._server.serve(sockets=[self._listener]))


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
    except OSError as error:
        listener.close()
        raise ConfigError("webhook_port_taken", str(error), port=port) from error
    return listener
