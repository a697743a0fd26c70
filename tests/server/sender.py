"""A SIS that sends signed webhooks; it signs with code of its own, as a stranger would."""

import base64
import hmac
import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

BODY = b'{"type":"roster.changed"}'


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    document: Any

    @property
    def code(self) -> str:
        """Why it was refused."""
        error: dict[str, str] = self.document["error"]
        assert error["message"]
        return error["code"]


def sign(secret: str, id_: str, timestamp: int, body: bytes) -> str:
    """The signature of Standard Webhooks."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{id_}.{timestamp}.".encode() + body, "sha256").digest()
    return f"v1,{base64.b64encode(digest).decode()}"


class Sender:
    """Sends to one address, over one kept connection."""

    def __init__(self, address: str, secret: str) -> None:
        self.secret = secret
        self._url = urlsplit(address)
        assert self._url.hostname
        self._connection = http.client.HTTPConnection(
            self._url.hostname, self._url.port, timeout=20
        )

    @property
    def port(self) -> int:
        """The port it sends to."""
        return self._connection.port

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def send(self, id_: str, body: bytes = BODY, **how: Any) -> Answer:
        """Sends a webhook, as ``begin`` does, and waits for its answer."""
        self.begin(id_, body, **how)
        return self.answer()

    def begin(
        self, id_: str, body: bytes = BODY, *, age: int = 0, secret: str = "", **headers: str | None
    ) -> None:
        """Sends a webhook that is right but for what is told: a header replaced, or left out."""
        timestamp = int(time.time()) - age
        told: dict[str, str | None] = {
            "webhook-id": id_,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(secret or self.secret, id_, timestamp, body),
        }
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {name: value for name, value in told.items() if value is not None}
        self._connection.request("POST", self._url.path, body, kept)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer to any request."""
        self._connection.request(method, path, body, dict(headers or {}))
        return self.answer()

    def answer(self) -> Answer:
        """The answer to what was sent."""
        answer = self._connection.getresponse()
        document = json.loads(answer.read() or b"null")
        return Answer(answer.status, dict(answer.getheaders()), document)
