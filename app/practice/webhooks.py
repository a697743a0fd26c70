"""Tells one subscriber by signed webhook that something changed (Standard Webhooks, `v1`).

The subscriber and its secret are kept in memory only. What is sent says that the roster or the
gradebook changed, and nothing of what changed.
"""

import asyncio
import base64
import binascii
import hmac
import http.client
import secrets
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from .wire import encode, moment_text

PAUSES = (0.5, 2.0, 8.0)
"""Seconds before each further attempt, when one was not taken."""

_PREFIX = "whsec_"
_PATIENCE = 5.0


def address_of(url: object) -> str:
    """The address that webhooks can be sent to; ValueError, as a sentence, for one that is none."""
    text = url if isinstance(url, str) else ""
    try:
        parts = urlsplit(text)
        fit = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # what stands for host or port cannot be one
        fit = False
    if not fit or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(
            "Webhooks are sent to an address with http or https, usually of this computer, such "
            "as http://127.0.0.1:8321/api/webhooks/NAME. This is none."
        )
    if "@" in parts.netloc:
        raise ValueError(
            "The address that webhooks are sent to must not hold a user or a password: each is "
            "signed with the secret instead. Leave out what stands before the @."
        )
    return text


@dataclass(frozen=True, slots=True)
class _Subscriber:
    url: str
    key: bytes


class Webhooks:
    """At most one subscriber, and what is on the way to it."""

    def __init__(self, pauses: Sequence[float] = PAUSES) -> None:
        self._pauses = pauses
        self._subscriber: _Subscriber | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    def subscribe(self, url: object, secret: object) -> None:
        """Tell this address from now on; ValueError, as a sentence, for what cannot be told."""
        address = address_of(url)
        try:
            if not isinstance(secret, str) or not secret.startswith(_PREFIX):
                raise ValueError
            key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except (binascii.Error, ValueError):
            raise ValueError("'secret' is whsec_ and then Base64.") from None
        self._subscriber = _Subscriber(address, key)

    def unsubscribe(self) -> None:
        """Tell nobody any more."""
        self._subscriber = None

    def changed(self, what: str) -> None:
        """Send that the `roster` or the `gradebook` changed; returns at once."""
        if self._subscriber is None:
            return
        now = time.time()
        body = encode({"type": f"{what}.changed", "timestamp": moment_text(int(now * 1000))})
        sending = asyncio.get_running_loop().create_task(self._send(self._subscriber, body))
        # The loop itself keeps only a weak hold on its tasks.
        self._under_way.add(sending)
        sending.add_done_callback(self._under_way.discard)

    async def _send(self, to: _Subscriber, body: bytes) -> None:
        # One id for all attempts: so the subscriber knows a repeated one.
        id_ = f"msg_{secrets.token_urlsafe(18)}"
        for pause in (*self._pauses, None):
            if await asyncio.to_thread(_taken, to, id_, body) or pause is None:
                return
            await asyncio.sleep(pause)
            if self._subscriber != to:
                return


def _taken(to: _Subscriber, id_: str, body: bytes) -> bool:
    """Whether the subscriber took it, signed for this very moment."""
    stamp = int(time.time())
    digest = hmac.new(to.key, b"%s.%d." % (id_.encode(), stamp) + body, "sha256").digest()
    request = urllib.request.Request(  # noqa: S310  the scheme was looked at
        to.url,
        body,
        {
            "Content-Type": "application/json",
            "webhook-id": id_,
            "webhook-timestamp": str(stamp),
            "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
        },
    )
    try:
        with _OPENER.open(request, timeout=_PATIENCE) as answer:
            return bool(200 <= answer.status < 300)
    except (OSError, http.client.HTTPException):
        return False


# Straight to the address, whatever proxy the computer has: it is usually this very computer.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
