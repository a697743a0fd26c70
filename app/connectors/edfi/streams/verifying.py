"""Deletes under an id that nobody knows, of a natural key that may be known by another one.

Most services do not tell that something was deleted which was created again; what tells it then is
the delete of the new one, of which nobody had heard. Whether the record is still there is asked for
by its key, and by its id where that is known: D3 lets nothing end by the natural key alone.
"""

from app.connectors.contract import Asking, Gone, Page
from app.connectors.edfi.feed import Broken, Item
from app.connectors.edfi.keys import record_key
from app.connectors.edfi.single import one
from app.connectors.edfi.streams.declared import MANY
from app.connectors.edfi.streams.forgetting import forget
from app.connectors.edfi.streams.moving import WITHOUT_ID
from app.connectors.edfi.streams.position import CLEARING, REACHING, VERIFYING, Work
from app.connectors.edfi.streams.shelved import Touched
from app.errors import AuthError, ContractError

MOST = 200
"""So many are asked for in one window; others are left to the next whole reading."""

_AT_ONCE = 20


def verified(work: Work) -> Asking[Page]:
    """Asks for the next of them; the page tells the end of those that are not there."""
    at, stream = work.at, work.stream
    name = stream.resources[at.resource]
    part = work.shelf.asked(name)
    batch = part.after("", _AT_ONCE)
    gone: dict[str, str] = {}
    for key, id_ in batch if at.asked < MOST else ():
        at.asked += 1
        if (yield from looked_up(work, name, key, id_)) is Gone.NOT_FOUND:
            gone[key] = id_
    part.drop(key for key, _ in batch)
    tombstones = []
    if stream.straight and name in stream.anchors and (stream.entity, name) not in MANY:
        tombstones = [record_key(name, key) for key in gone]
    else:
        _end(work, name, gone)
    work.walk_on(batch, _AT_ONCE, stream.resources, CLEARING if stream.straight else REACHING)
    if at.phase == VERIFYING:
        at.place = ""
    return work.page(tombstones=tombstones)


def looked_up(work: Work, name: str, key: str, id_: str) -> Asking[Item | Broken | Gone | None]:
    """A document asked for by its key and its id; ``None`` where the service does not tell."""
    id_ = "" if id_.startswith(WITHOUT_ID) else id_
    try:
        found = yield from one(work.service, work.service.resources[name], key, id_)
    except (AuthError, ContractError) as error:
        if error.code == "token_refused":
            raise
        return None
    return Gone.NOT_FOUND if found is None else found


def _end(work: Work, name: str, gone: dict[str, str]) -> None:
    """Documents that are not there are forgotten; their records end, or are told without them."""
    known = work.shelf.known(name).take(gone.values())
    forget(work, name, known)
    if name in work.stream.anchors:
        touched = work.shelf.touched(name)
        for key in gone:
            touched.put(key, Touched(ended=True))
    for owned in work.stream.owned:
        if owned.resource == name:
            touched = work.shelf.touched(owned.of)
            for owner in map(owned.owner, gone):
                if not touched.take([owner]):
                    touched.put(owner, Touched())
