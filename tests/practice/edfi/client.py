"""A practice Ed-Fi service over some documents, in a process of its own, and a client of it."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import requests

from tests.practice import services

AT = 1_770_000_000_000
"""When the documents of a served district were last modified: 2026-02-02, in milliseconds."""

Documents = Iterable[tuple[str, dict[str, Any]]]


def serving(documents: Documents = (), **options: Any) -> AbstractContextManager[dict[str, Any]]:
    """What a service over these documents announces; it is stopped at the end.

    Documents are (resource, document), in dependency order. Options: `seed`, `strict` (whether
    what is referred to must be there).
    """
    return services.serving("ods", {"documents": list(documents), "at": AT, **options})


class Client:
    """Speaks to a practice Ed-Fi service with a token of one of its clients."""

    def __init__(self, ready: dict[str, Any], name: str = "district") -> None:
        self.ready = ready
        self.session = requests.Session()
        self.way_in = ready["edfi_clients"][name]
        self.bearer = {"Authorization": f"Bearer {self.token()}"}

    def token(self) -> str:
        """A new token."""
        granted = self.ask_token()
        assert granted.status_code == 200, granted.text
        told: str = granted.json()["access_token"]
        return told

    def ask_token(self, **more: Any) -> requests.Response:
        """The answer of the token endpoint to the right secret."""
        more.setdefault("auth", (self.way_in["key"], self.way_in["secret"]))
        more.setdefault("data", {"grant_type": "client_credentials"})
        url = f"{self.ready['edfi_url']}/oauth/token"
        return self.session.post(url, timeout=20, **more)

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        """The answer to one request; the path stands below the address of the service."""
        headers = {**self.bearer, **more.pop("headers", {})}
        url = f"{self.ready['edfi_url']}/{path}".rstrip("/")
        return self.session.request(method, url, headers=headers, timeout=20, **more)

    def data(self, method: str, path: str, **more: Any) -> requests.Response:
        """The answer to one request for documents, such as `students`."""
        return self.call(method, f"data/v3/ed-fi/{path}", **more)

    def get(self, path: str, **params: Any) -> requests.Response:
        """The answer to a read of documents."""
        return self.data("GET", path, params=params)

    def list(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """The documents of one page."""
        answer = self.get(path, **params)
        assert answer.status_code == 200, answer.text
        told: list[dict[str, Any]] = answer.json()
        return told

    def newest(self) -> int:
        """The newest change version."""
        answer = self.call("GET", "changeQueries/v1/availableChangeVersions")
        told: int = answer.json()["newestChangeVersion"]
        return told

    def control(self, method: str, path: str, **more: Any) -> requests.Response:
        """The answer to a practice call."""
        owner = {"Authorization": f"Bearer {self.ready['edfi_control_secret']}"}
        url = f"{self.ready['edfi_control_url']}/{path}"
        return self.session.request(method, url, headers=owner, timeout=20, **more)

    def switch_on(self, name: str, **more: Any) -> None:
        """Make the service so; `value`, `resource`, `times` as its practice calls take them."""
        answer = self.control("POST", "switches", json={"name": name, **more})
        assert answer.status_code == 200, answer.text

    def switch_off(self, name: str = "") -> None:
        """No more of one, or of all."""
        answer = self.control("DELETE", f"switches/{name}".rstrip("/"))
        assert answer.status_code == 200, answer.text


@contextmanager
def speaking(ready: dict[str, Any], name: str = "district") -> Iterator[Client]:
    """A client whose connections are closed at the end."""
    client = Client(ready, name)
    try:
        yield client
    finally:
        client.session.close()
