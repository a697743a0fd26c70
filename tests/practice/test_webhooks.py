"""The practice SIS tells a subscriber of each change, by signed webhook."""

import base64
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any

import pytest

from tests.practice.client import Client

KEY = b"k" * 32
SECRET = "whsec_" + base64.b64encode(KEY).decode()
PATIENCE = 20


@dataclass
class Subscriber:
    """A receiver that answers as it is told to, and 202 after that."""

    url: str = ""
    came: Queue[tuple[dict[str, str], bytes]] = field(default_factory=Queue)
    answers: list[int] = field(default_factory=list)

    def next(self) -> tuple[dict[str, str], bytes]:
        """The next webhook: its headers, and its body."""
        return self.came.get(timeout=PATIENCE)


@contextmanager
def subscriber() -> Iterator[Subscriber]:
    """Listens until the end of the block."""
    found = Subscriber()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(found.answers.pop(0) if found.answers else 202)
            self.end_headers()
            found.came.put(({k.lower(): v for k, v in self.headers.items()}, body))

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: pytest would show it as output of the test."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_address[1]}/api/webhooks/north"
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def subscribe(own: Client, to: Subscriber) -> None:
    answer = own.control("POST", "webhooks", json={"url": to.url, "secret": SECRET})
    assert (answer.status_code, answer.json()) == (200, {"subscribed": True})


def is_signed(headers: dict[str, str], body: bytes) -> bool:
    """Whether Standard Webhooks computes the same."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = base64.b64encode(hmac.new(KEY, signed, "sha256").digest()).decode()
    return headers["webhook-signature"] == f"v1,{right}"


def test_a_school_day_is_told_at_once_and_names_nobody(own: Client):
    """Signed, with an id of its own; the body says that something changed, and not what."""
    with subscriber() as to:
        subscribe(own, to)
        ids = set()
        for _ in range(2):
            own.pass_day()
            headers, body = to.next()
            assert is_signed(headers, body)
            told = json.loads(body)
            assert (told["type"], set(told)) == ("roster.changed", {"type", "timestamp"})
            ids.add(headers["webhook-id"])
        assert len(ids) == 2


def test_an_accepted_write_is_told_and_a_refused_one_is_not(own: Client):
    """Whatever changes what a reader would read."""
    with subscriber() as to:
        subscribe(own, to)
        category: dict[str, Any] = {
            "sourcedId": "c1", "status": "active", "title": "Quiz",
            "dateLastModified": "2026-03-03T08:00:00.000Z",
        }  # fmt: skip
        path = "/ims/oneroster/gradebook/v1p2/categories/c1"
        assert own.call("PUT", path, json={"category": {}}).status_code >= 400
        assert own.call("PUT", path, json={"category": category}).status_code == 201
        _, body = to.next()
        assert json.loads(body)["type"] == "gradebook.changed"
        assert to.came.empty()


def test_one_that_is_not_taken_is_sent_again_under_its_id(own: Client):
    """A subscriber that is down for a moment misses nothing, and can tell a repetition."""
    with subscriber() as to:
        to.answers = [503, 302]
        subscribe(own, to)
        own.pass_day()
        first, second, third = to.next(), to.next(), to.next()
        assert first[0]["webhook-id"] == second[0]["webhook-id"] == third[0]["webhook-id"]
        assert is_signed(*third)


def test_a_day_does_not_wait_for_the_subscriber(own: Client):
    """Nobody listens there; the day's account comes all the same, and the service ends well."""
    with subscriber() as to:
        subscribe(own, to)
    assert own.pass_day()["day"] == 1


def test_who_unsubscribed_is_told_nothing(own: Client):
    """`DELETE` ends it; another subscriber takes the place of the first."""
    with subscriber() as old, subscriber() as new:
        subscribe(own, old)
        assert own.control("DELETE", "webhooks").json() == {"subscribed": False}
        own.pass_day()
        subscribe(own, new)
        own.pass_day()
        new.next()
        assert old.came.empty()


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"url": "ftp://127.0.0.1/", "secret": SECRET},
        {"url": "http://user:pass@127.0.0.1/", "secret": SECRET},
        {"url": "http:///api", "secret": SECRET},
        {"url": "http://127.0.0.1:x/", "secret": SECRET},
        {"url": "http://[::1", "secret": SECRET},
        {"url": "http://127.0.0.1/a b", "secret": SECRET},
        {"url": "http://127.0.0.1/", "secret": "secret"},
        {"url": "http://127.0.0.1/", "secret": "whsec_!"},
        {"url": 1, "secret": 2},
    ],
)
def test_a_subscription_that_cannot_be_is_refused(own: Client, told: dict[str, Any]):
    """400 with a sentence."""
    answer = own.control("POST", "webhooks", json=told)
    assert answer.status_code == 400
    assert answer.json()["imsx_description"]


def test_only_the_owner_subscribes(own: Client):
    """Whoever merely reads the SIS cannot have it call somewhere."""
    for method in ("POST", "DELETE"):
        answer = own.call(method, "/practice/webhooks", json={"url": "http://127.0.0.1/"})
        assert answer.status_code == 401
