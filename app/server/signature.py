"""Standard Webhooks signatures (version ``v1``): was a request signed with our secret, and lately?

Pure. What is signed is ``id.timestamp.body``; the header holds one signature or several, separated
by spaces, so that a sender may change its secret without a gap.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping

from app.errors import AuthError, ConfigError, SyncError, UsageError

PREFIX = "whsec_"
_LONGEST_ID = 200

TOLERANCE = 300
"""Seconds that a request's clock may differ from ours, either way."""


def key_of(secret: str | SyncError) -> bytes:
    """The key that a secret stands for; raises ``ConfigError`` for one that is none, or the error
    that came in its place."""
    if isinstance(secret, SyncError):
        raise secret
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key or not secret.startswith(PREFIX):
        raise ConfigError("webhook_secret_unfit")
    return key


def signature(key: bytes, id_: str, timestamp: int, body: bytes) -> str:
    """The signature of a request, as it stands in the header."""
    signed = f"{id_}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


class Signed:
    """What a request's headers say of who sent it and when; not yet verified."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        """Raises ``AuthError`` where the headers are missing, ``UsageError`` where unreadable."""
        try:
            self.id = headers["webhook-id"]
            stamp, given = headers["webhook-timestamp"], headers["webhook-signature"]
        except KeyError:
            raise AuthError("webhook_unsigned") from None
        readable = stamp.isascii() and stamp.isdigit() and len(stamp) <= 12
        if not readable or not 0 < len(self.id) <= _LONGEST_ID or not self.id.isprintable():
            raise UsageError("webhook_headers_unfit")
        self.timestamp = int(stamp)
        self._given = given.split()
        if not any("," in one for one in self._given):
            raise UsageError("webhook_headers_unfit")

    def require_fresh(self, now: float) -> None:
        """Raises ``AuthError`` for a request that was signed too long ago, or in the future."""
        if abs(now - self.timestamp) > TOLERANCE:
            raise AuthError("webhook_stale")

    def verify(self, key: bytes, body: bytes) -> None:
        """Raises ``AuthError`` unless one of the signatures is that of the key over the body."""
        right = signature(key, self.id, self.timestamp, body).encode()
        # All are compared, and each in a time that tells nothing of how much of it is right.
        matches = [hmac.compare_digest(right, one.encode()) for one in self._given]
        if not any(matches):
            raise AuthError("webhook_signature_wrong")
