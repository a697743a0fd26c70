"""Stands between the program and the practice SIS: holds an answer back, or spoils it.

So a test can stop a sync, start a second one or kill it at a known place, without waiting for a
moment that may or may not come.
"""

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

PATIENCE = 30


class Gate:
    """A door to the SIS at ``origin``."""

    def __init__(self, origin: str) -> None:
        self._origin = urlsplit(origin)
        self._held = ""
        self._arrived = threading.Event()
        self._open = threading.Event()
        self._open.set()
        self.spoil: Callable[[str, bytes], bytes] = lambda path, body: body
        gate = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                gate._pass(self)

            def do_POST(self) -> None:
                gate._pass(self)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: pytest would show it as output of the test."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self._server.daemon_threads = False
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def hold(self, word: str) -> None:
        """Holds back every page whose path has this word, from now on.

        The small question for a collection's total, asked before anything is read, passes.
        """
        self._arrived.clear()
        self._open.clear()
        self._held = word

    def wait(self) -> None:
        """Waits until a request is held."""
        assert self._arrived.wait(PATIENCE), "nothing came to the gate"

    def release(self) -> None:
        """Lets everything pass."""
        self._held = ""
        self._open.set()

    def _pass(self, door: BaseHTTPRequestHandler) -> None:
        door.close_connection = True
        length = int(door.headers.get("Content-Length") or 0)
        asked = door.rfile.read(length)
        if self._held and self._held in door.path and "limit=1&" not in door.path:
            self._arrived.set()
            self._open.wait(PATIENCE)
        connection = http.client.HTTPConnection(self._origin.netloc, timeout=PATIENCE)
        try:
            headers = {k: v for k, v in door.headers.items() if k.lower() != "accept-encoding"}
            connection.request(door.command, door.path, asked or None, headers)
            answer = connection.getresponse()
            body = self.spoil(door.path, answer.read())
        finally:
            connection.close()
        try:
            door.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                    door.send_header(name, value)
            door.send_header("Content-Length", str(len(body)))
            door.send_header("Connection", "close")
            door.end_headers()
            door.wfile.write(body)
        except OSError:
            pass  # whoever asked was killed meanwhile, as the test wanted


@contextmanager
def gate_to(origin: str) -> Iterator[Gate]:
    """A gate that is open, and is taken away at the end."""
    gate = Gate(origin)
    thread = threading.Thread(target=gate._server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield gate
    finally:
        gate.release()
        gate._server.shutdown()
        thread.join()
        gate._server.server_close()
