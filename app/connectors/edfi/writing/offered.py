"""Which descriptors a service has: looked up before one is written that nobody has said there yet.

Every host chooses which of the standard's descriptors it loads, and adds its own. A document with
one that is not there is refused as a whole.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from app.connectors.contract import Asking
from app.connectors.edfi.descriptors import Unheard, Words
from app.connectors.edfi.service import Service
from app.connectors.edfi.writing.held import MOST, PAGE

T = TypeVar("T")


def heard(service: Service, words: Words, asking: Callable[[], Asking[T]]) -> Asking[T]:
    """What ``asking`` comes to, begun again once it is known which descriptors there are."""
    while True:
        try:
            return (yield from asking())
        except Unheard as unheard:
            words.has(unheard.name, (yield from _offered(service, unheard.name)))


def _offered(service: Service, name: str) -> Asking[list[str] | None]:
    """The descriptors of a name, such as ``GradeLevelDescriptor``; ``None`` where untold.

    A service that shows none keeps them to itself: without any nothing could be written.
    """
    path = f"ed-fi/{name[0].lower()}{name[1:]}s"
    found: list[str] = []
    read = 0
    while True:
        response = yield from service.ask(path, {"limit": PAGE, "offset": read})
        page = _decoded(response.body) if response.status == 200 else None
        if page is None:
            return None
        told = ((one.get("namespace"), one.get("codeValue")) for one in page)
        news = {f"{space}#{code}" for space, code in told if space and code}.difference(found)
        found += sorted(news)
        read += len(page)
        # A service may send fewer than it is asked for, and one that knows no offsets the same.
        if not news or read > MOST:
            return found or None


def _decoded(body: bytes) -> list[dict[str, Any]] | None:
    try:
        return msgspec.json.decode(body, type=list[dict[str, Any]])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
