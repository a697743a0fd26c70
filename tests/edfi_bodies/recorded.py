"""A transport that holds every write against the official document, and keeps the verdicts."""

from collections import Counter
from threading import Event
from urllib.parse import parse_qsl, urlsplit

from app.connectors.contract import Request, Response, Transport
from tests.edfi_bodies.official import Official

_DATA = "/data/v3"


class Recorded:
    """Sends every request on, once it has been judged."""

    def __init__(self, inner: Transport, official: Official) -> None:
        self._inner = inner
        self._official = official
        self.bodies: Counter[tuple[str, str]] = Counter()
        """(method, path) of each write."""
        self.faults: Counter[tuple[str, str, str]] = Counter()
        self.listening = False
        """Whether queries are judged too: what reads alone may use what came with later APIs."""

    def send(self, request: Request, cancel: Event) -> Response:
        url = urlsplit(request.url)
        _, found, path = url.path.partition(_DATA)
        if found:
            self._judge(request, _operation(path, request.method), url.query)
        return self._inner.send(request, cancel)

    def _judge(self, request: Request, path: str, query: str) -> None:
        if request.method != "GET":
            self.bodies[request.method, path] += 1
            wrong = self._official.body_faults(request.method, path, request.body or b"")
        elif self.listening:
            wrong = self._official.query_faults(path, {name for name, _ in parse_qsl(query)})
        else:
            wrong = []
        for each in wrong:
            self.faults[request.method, path, each] += 1

    def close(self) -> None:
        self._inner.close()


def _operation(path: str, method: str) -> str:
    """The path as the document has it: what is written besides by POST has an id."""
    return f"{path.rpartition('/')[0]}/{{id}}" if method in ("PUT", "DELETE") else path
