"""A client that signs its requests by OAuth 1."""

import time
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import requests

from app.practice.oauth1 import base_string, signature


class Signer:
    """Signs requests as RFC 5849 has it; what is said may be said otherwise."""

    def __init__(self, ready: dict[str, Any], method: str = "HMAC-SHA256") -> None:
        self.ready = ready
        self.method = method
        self._nonces = iter(range(10_000))

    def header(self, verb: str, url: str, secret: str = "", **said: str) -> str:
        """The Authorization header for a request."""
        parameters = {
            "oauth_consumer_key": self.ready["client_id"],
            "oauth_signature_method": self.method,
            "oauth_timestamp": f"{time.time():.0f}",
            "oauth_nonce": f"{self.method}-{id(self)}-{next(self._nonces)}",
            "oauth_version": "1.0",
            **said,
        }
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True)
        uri = f"{parts.scheme}://{parts.netloc}{parts.path}"
        base = base_string(verb, uri, [*parameters.items(), *query])
        right = signature(self.method, base, secret or self.ready["client_secret"])
        told = {**parameters, "oauth_signature": right}
        return "OAuth " + ", ".join(f'{name}="{quote(said)}"' for name, said in told.items())

    def get(self, path: str, **said: str) -> requests.Response:
        """The answer to a signed read; the path is escaped already."""
        url = self.ready["base_url"] + path
        return requests.get(
            url, headers={"Authorization": self.header("GET", url, **said)}, timeout=20
        )
