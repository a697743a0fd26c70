"""What becomes of changes that the SIS would not take: kept here, or given up (SEMANTICS F5)."""

from collections.abc import Collection, Sequence

from app.engine import editing
from app.engine.world import World
from app.errors import UsageError
from app.store import corrections, journal, outbox
from app.store.corrections import Fate


def keep_here(world: World, name: str, records: Collection[int], author: str) -> int:
    """Gives up sending what could not be sent of records: it stands here alone; the change set.

    It is sent when a person asks for it again. Raises ``NotFound``, and ``UsageError`` where there
    is nothing of the kind.
    """
    with world.database.writing() as tx:
        connector = journal.connector(tx, name).id
        change_set = journal.open_change_set(tx, "refusal", author, world.now, connector)
        if not outbox.keep_unsent(tx, change_set, connector, records):
            raise UsageError("unsent_gone", name=name)
    return change_set


def take_theirs(world: World, name: str, records: Sequence[tuple[str, int]], author: str) -> int:
    """Gives up our changes of (entity, record) for what the SIS says; the change set.

    That is what would have been sent: a local correction stays. Raises ``NotFound``, and
    ``UsageError`` where the SIS says the same or nothing; then nothing was changed.
    """
    edits = {}
    for entity, record in records:
        differ = corrections.corrections(world.database, entity, record)
        theirs = {
            one.field: one.sis
            for one in differ
            if one.connector == name and one.fate in (Fate.SENT, Fate.KEPT)
        }
        if theirs:
            edits[entity, record] = theirs
    if not edits:
        raise UsageError("unsent_gone", name=name)
    return editing.edit_all(world, edits, author)
