"""Who did not come in a whole reading, and is one person with somebody else.

A record that is told by one document ends by the engine's proof alone, which asks for it by its key
(SEMANTICS D1). One that two documents tell would go on as what the other one says, and nobody would
ask. So it is asked for here; what is not surely gone stays on the shelf, and is told as it was.
"""

import msgspec

from app.connectors.contract import Asking, Page
from app.connectors.edfi.streams import missed
from app.connectors.edfi.streams.pairs import other_of
from app.connectors.edfi.streams.position import SWEEPING, Work
from app.connectors.edfi.streams.verifying import MOST, is_gone
from app.connectors.edfi.telling.one_person import CONTACTS, STAFF

_AT_ONCE = 100

_STAYS = b""
"""The scope of a document that was asked for: what did not come under it is not swept away."""


def kept(work: Work) -> Asking[Page]:
    """Asks for the next of them."""
    at = work.at
    batch = other_of(work.shelf, STAFF).after(at.place, _AT_ONCE)
    if at.certain:
        yield from _asked(work, STAFF, [key for key, _ in batch])
        yield from _asked(work, CONTACTS, [contact for _, contact in batch])
    work.walk_on(batch, _AT_ONCE, (STAFF,), SWEEPING)
    return work.page()


def _asked(work: Work, name: str, keys: list[str]) -> Asking[None]:
    if name not in work.at.numbers:
        return
    known = work.shelf.known(name)
    there = work.shelf.documents(name).take(keys)
    seen = known.take(one.id for one in there.values())
    for key, one in there.items():
        was = seen.get(one.id)
        if was is None or was.number == work.at.numbers[name]:
            continue
        if was.scope not in (work.mark, _STAYS):
            continue  # out of scope (D2)
        gone = work.at.asked < MOST and (yield from is_gone(work, name, key, one.id))
        work.at.asked += 1
        now = msgspec.structs.replace(was, scope=work.mark if gone else _STAYS)
        known.put(one.id, now)
        if not gone:
            missed.note(work, name, {one.id: now})
