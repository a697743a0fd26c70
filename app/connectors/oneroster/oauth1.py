"""Requests signed by OAuth 1.0a with a consumer's key and secret alone (RFC 5849, section 3).

The only importer of oauthlib, of which nothing but the signer is used.
"""

import logging
from collections.abc import Generator
from dataclasses import replace
from functools import partial
from typing import Any

from oauthlib.oauth1 import Client

from app.connectors.contract import Finding, Io, Request, Response
from app.errors import AuthError

# It logs whole addresses, queries included.
logging.getLogger("oauthlib").setLevel(logging.CRITICAL)


class Signed:
    """The consumer's key and secret, by which each try of a request is signed anew."""

    scopes: frozenset[str] = frozenset()

    def __init__(self, key: str, secret: str, method: str, io: Io) -> None:
        self._key = key
        self._secret = secret
        self._method = method
        self._io = io

    def let_in(self, request: Request) -> Generator[Request, Response, Request]:
        """``request``, to be signed whenever it is sent."""
        yield from ()  # nothing has to be asked for
        return replace(request, authorization=partial(self._signature, request))

    def refused(self) -> AuthError:
        """Another signature would be by the same key and secret."""
        return AuthError("signature_refused", method=self._method)

    def tried(self) -> Generator[Request, Response, list[Finding]]:
        """Nothing: only a request shows whether it is good."""
        yield from ()
        return []

    def _signature(self, request: Request) -> str:
        client = Client(
            self._key,
            self._secret,
            signature_method=self._method,
            nonce=f"{self._io.random.getrandbits(128):032x}",
            timestamp=str(int(self._io.clock().timestamp())),
        )
        method: Any = request.method
        # Without the body: only that of a form is signed, and we send none.
        _address, headers, _body = client.sign(request.url, method)
        said: str = headers["Authorization"]
        return said
