"""A small HTTP server on this computer, for what services and networks do to a client."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event
from typing import Any, TypeVar

from app.connectors.contract import Request, Response, Transport

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
Answering = Callable[["Exchange"], None]


class Exchange(BaseHTTPRequestHandler):
    """One request, and the means to answer it."""

    protocol_version = "HTTP/1.1"
    server: "Server"
    timeout = 20
    disable_nagle_algorithm = True

    def handle_any(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        self.sent = self.rfile.read(length)
        self.server.seen.append((self.command, self.path, dict(self.headers.items()), self.sent))
        path = self.path.split("?")[0]
        answering = self.server.routes.get(path) or self.server.routes.get("*")
        if answering is None:
            self.answer(404, b"nothing here")
        else:
            answering(self)

    do_GET = do_POST = do_PUT = do_DELETE = do_CONNECT = handle_any

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """A whole answer; ``retry_after="1"`` is the header ``Retry-After: 1``."""
        self.head(status, content_length=str(len(body)), **headers)
        self.wfile.write(body)

    def head(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *args: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    """Answers by path; ``*`` is every other path."""

    daemon_threads = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self.routes: dict[str, Answering] = {}
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        self.released = threading.Event()
        """Set when the test is over: whoever stalls waits for it."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *args: Any) -> None:
        """A client that went away is what some tests are about."""


S = TypeVar("S", bound=Server)


@contextlib.contextmanager
def serving(server: S) -> Iterator[S]:
    """Serves for the length of a test, and leaves no thread behind."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


def get(transport: Transport, url: str, **more: Any) -> Response:
    """The answer to a GET that nobody cancels."""
    return transport.send(Request("GET", url, **more), Event())


def answers(*each: Callable[[Exchange], None]) -> Callable[[Exchange], None]:
    """The given answers one after another, the last one for ever."""
    waiting = list(each)

    def answering(exchange: Exchange) -> None:
        (waiting.pop(0) if len(waiting) > 1 else waiting[0])(exchange)

    return answering


def plain(status: int, body: bytes = b"", **headers: str) -> Callable[[Exchange], None]:
    """Always the same whole answer."""
    return lambda exchange: exchange.answer(status, body, **headers)


def tunnelling(to: Server) -> Callable[[Exchange], None]:
    """A proxy that connects every name to one server, as districts' proxies connect to all."""

    def tunnel(exchange: Exchange) -> None:
        exchange.close_connection = True
        with socket.create_connection(("127.0.0.1", to.server_port)) as other:
            exchange.head(200)

            def back() -> None:
                while some := other.recv(65536):
                    exchange.connection.sendall(some)

            returning = threading.Thread(target=back)
            returning.start()
            while some := exchange.connection.recv(65536):
                other.sendall(some)
            other.shutdown(socket.SHUT_WR)
            returning.join()

    return tunnel
