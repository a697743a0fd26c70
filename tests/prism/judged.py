"""A transport that takes every request through the Prism of its service, and keeps the verdicts."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from threading import Event
from urllib.parse import urlsplit

import requests

from app.connectors.contract import Request, Response

OF_PRISM = "https://stoplight.io/prism/errors#"
_TIMEOUT = 60


class Judged:
    """A ``contract.Transport``; what belongs to no service, such as tokens, goes straight."""

    def __init__(self, proxies: Mapping[str, str]) -> None:
        self.seen: Counter[tuple[str, str, str]] = Counter()
        """How often (service, method, path) was asked, with each key as ``{}``."""
        self.faults: Counter[tuple[str, str, str, str]] = Counter()
        """The same, with what Prism held against it."""
        self._proxies = proxies
        self._session = requests.Session()

    def send(self, request: Request, cancel: Event) -> Response:
        """One exchange."""
        parts = urlsplit(request.url)
        base = next((each for each in self._proxies if parts.path.startswith(f"{each}/")), "")
        url = request.url
        if base:
            query = f"?{parts.query}" if parts.query else ""
            url = f"{self._proxies[base]}{parts.path.removeprefix(base)}{query}"
        headers = dict(request.headers)
        if authorization := request.authorized():
            headers["Authorization"] = authorization
        answer = self._session.request(
            request.method, url, headers=headers, data=request.body, timeout=_TIMEOUT
        )
        if base:
            about = base, request.method, _template(parts.path.removeprefix(base))
            self.seen[about] += 1
            for fault in _faults(answer):
                self.faults[*about, fault] += 1
        found = {name.lower(): value for name, value in answer.headers.items()}
        return Response(answer.status_code, found, answer.content, request.url)

    def close(self) -> None:
        """Ends the connections."""
        self._session.close()


def _template(path: str) -> str:
    """``/classes/17/lineItems`` is ``/classes/{}/lineItems``."""
    parts = path.strip("/").split("/")
    return "/" + "/".join("{}" if place % 2 else part for place, part in enumerate(parts))


def _faults(answer: requests.Response) -> Iterator[str]:
    """What Prism found wrong in the request or the answer, which it then puts its own in place of.

    ``sl-violations`` lists what is wrong in an answer; a request that is wrong is refused, and
    never arrives.
    """
    for one in json.loads(answer.headers.get("sl-violations", "[]")):
        yield f"{'.'.join(one['location'])}: {one['message']}"
    if "problem+json" in answer.headers.get("content-type", ""):
        said = answer.json()
        if str(said.get("type", "")).startswith(OF_PRISM):
            for one in said.get("validation", ()):
                yield f"{'.'.join(one['location'])}: {one['message']}"
            yield f"{said['status']} {said['title']}"
