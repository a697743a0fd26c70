"""A practice service in a process of its own, and a client that speaks to it."""

import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import requests

from tests.practice import services

ROSTERING = "/ims/oneroster/rostering/v1p2"
GRADEBOOK = "/ims/oneroster/gradebook/v1p2"
RESOURCES = "/ims/oneroster/resources/v1p2"
OLDER = "/ims/oneroster/v1p1"
ROSTERS = (
    "orgs",
    "academicSessions",
    "courses",
    "classes",
    "users",
    "enrollments",
    "demographics",
)


def start(**options: Any) -> "subprocess.Popen[str]":
    """The service as a program; the caller ends it."""
    return services.start("sis", options)


def serving(**options: Any) -> AbstractContextManager[dict[str, Any]]:
    """What the service announces; it is stopped at the end by closing its standard input."""
    return services.serving("sis", options)


class Client:
    """Speaks to a service with a token of all scopes, or of those named."""

    def __init__(self, ready: dict[str, Any], scope: str | None = None) -> None:
        self.ready = ready
        self.session = requests.Session()
        granted = self.ask_token(scope=scope or ready["scope"]).json()
        self.bearer = {"Authorization": f"Bearer {granted['access_token']}"}

    def ask_token(self, **form: str) -> requests.Response:
        """The answer of the token endpoint, with the right secret."""
        return self.session.post(
            self.ready["token_url"],
            data={"grant_type": "client_credentials", **form},
            auth=(self.ready["client_id"], self.ready["client_secret"]),
            timeout=20,
        )

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        """The answer to one request; the path begins with a slash."""
        headers = more.pop("headers", self.bearer)
        url = self.ready["base_url"] + path
        return self.session.request(method, url, headers=headers, timeout=20, **more)

    def roster(self, path: str, **params: Any) -> requests.Response:
        """The answer to a read of the rostering service."""
        return self.call("GET", f"{ROSTERING}/{path}", params=params)

    def grade(self, path: str, **params: Any) -> requests.Response:
        """The answer to a read of the gradebook service."""
        return self.call("GET", f"{GRADEBOOK}/{path}", params=params)

    def older(self, path: str, **params: Any) -> requests.Response:
        """The answer to a read of OneRoster 1.1."""
        return self.call("GET", f"{OLDER}/{path}", params=params)

    def everything(self, path: str, base: str = ROSTERING, **params: Any) -> list[dict[str, Any]]:
        """All records of a collection read, page after page by the `next` links."""
        records: list[dict[str, Any]] = []
        params.setdefault("limit", 2000)
        answer = self.call("GET", f"{base}/{path}", params=params)
        while True:
            assert answer.status_code == 200, answer.text
            [page] = answer.json().values()
            records += page
            if "next" not in answer.links:
                return records
            answer = self.session.get(answer.links["next"]["url"], headers=self.bearer, timeout=20)

    def rosters(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Every rostering record, by collection and sourcedId."""
        return {
            name: {record["sourcedId"]: record for record in self.everything(name)}
            for name in ROSTERS
        }

    def control(self, method: str, path: str, **more: Any) -> requests.Response:
        """The answer to a practice call."""
        owner = {"Authorization": f"Bearer {self.ready['client_secret']}"}
        url = f"{self.ready['control_url']}/{path}"
        return self.session.request(method, url, headers=owner, timeout=20, **more)

    def pass_day(self, **sizes: int) -> dict[str, Any]:
        """The account of a school day that passes now."""
        answer = self.control("POST", "day", json=sizes)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told


@contextmanager
def speaking(ready: dict[str, Any], scope: str | None = None) -> Iterator[Client]:
    """A client whose connections are closed at the end."""
    client = Client(ready, scope)
    try:
        yield client
    finally:
        client.session.close()
