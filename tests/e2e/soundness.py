"""What must hold in a database at any moment, however the process that wrote it has ended.

It is looked at as it lies there, by SQL: nothing of the program opens it before.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from app.roster.entities import ENTITIES
from app.store.codec import decode_changes
from app.store.linkage import HELD_CONFLICT, HELD_ITEM

_OF_LINK = "NOT EXISTS (SELECT 1 FROM links WHERE links.id = {}.link"

NEVER = {
    "a link of no stream": "SELECT id FROM links WHERE stream NOT IN (SELECT id FROM streams)",
    # What turned out to be another SIS's is agreed about once that is settled.
    "a link that lives without a base": "SELECT id FROM links WHERE alive AND base IS NULL "
    f"AND NOT held & {HELD_ITEM}",
    "an item of no link": f"SELECT id FROM items WHERE {_OF_LINK.format('items')} "
    "AND links.stream = items.stream)",
    "a conflict of no link": f"SELECT id FROM conflicts WHERE {_OF_LINK.format('conflicts')} "
    "AND (links.record = conflicts.record OR conflicts.kind = 'same_person'))",
    "a pin of no link": f"SELECT link FROM pins WHERE {_OF_LINK.format('pins')})",
    "an alias of no link": f"SELECT key FROM aliases WHERE {_OF_LINK.format('aliases')})",
    "a push of no link": f"SELECT id FROM pushes WHERE {_OF_LINK.format('pushes')} "
    "AND links.record = pushes.record)",
    "something on its way of which nothing is known": "SELECT id FROM links "
    "WHERE sending IS NOT NULL AND NOT EXISTS "
    "(SELECT 1 FROM pushes WHERE pushes.link = links.id AND pushes.run = sending)",
    "something on its way that nobody would look up": "SELECT id FROM links "
    "WHERE sending IS NOT NULL AND NOT EXISTS (SELECT 1 FROM outbox "
    "WHERE outbox.stream = links.stream AND outbox.record = links.record)",
    "a link that may be skipped though an item stands": "SELECT links.id FROM items "
    f"JOIN links ON links.id = link WHERE NOT held & {HELD_ITEM}",
    "a link held by no item": f"SELECT id FROM links WHERE held & {HELD_ITEM} "
    "AND id NOT IN (SELECT link FROM items)",
    "a link that may be skipped though a conflict stands": "SELECT links.id FROM conflicts "
    f"JOIN links ON links.id = link WHERE NOT held & {HELD_CONFLICT}",
    "a link held by no conflict": f"SELECT id FROM links WHERE held & {HELD_CONFLICT} "
    "AND id NOT IN (SELECT link FROM conflicts)",
    "something to send to nowhere": "SELECT id FROM outbox "
    "WHERE stream NOT IN (SELECT id FROM streams)",
    "a change in no change set": "SELECT id FROM changes "
    "WHERE change_set NOT IN (SELECT id FROM change_sets)",
    "a run that is no change set": "SELECT id FROM runs "
    "WHERE id NOT IN (SELECT id FROM change_sets)",
    "two runs under way": "SELECT min(id) FROM runs WHERE state IN ('queued', 'running') "
    "GROUP BY connector HAVING count(*) > 1",
}

OF_A_RECORD = {
    "a link that lives without its record": "SELECT links.id FROM links "
    "JOIN streams ON streams.id = stream WHERE entity = '{0}' AND links.alive "
    "AND record NOT IN (SELECT id FROM {0})",
    "something to send of no record": "SELECT outbox.id FROM outbox "
    "JOIN streams ON streams.id = stream WHERE entity = '{0}' "
    "AND record NOT IN (SELECT id FROM {0})",
    "a conflict about no record": "SELECT id FROM conflicts WHERE entity = '{0}' "
    "AND kind <> 'same_person' AND record NOT IN (SELECT id FROM {0})",
}


def looked_at(folder: Path) -> "closing[sqlite3.Connection]":
    """The database in a data folder, to be read alone."""
    uri = (folder / "roster.db").absolute().as_uri() + "?mode=ro"
    return closing(sqlite3.connect(uri, uri=True))


def assert_sound(folder: Path) -> None:
    """The file is whole, all that belongs together is there, and the change log has no gap."""
    with looked_at(folder) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        for what, query in NEVER.items():
            assert not (found := database.execute(query).fetchall()), (what, found)
        for entity in ENTITIES:
            for what, query in OF_A_RECORD.items():
                found = database.execute(query.format(entity)).fetchall()
                assert not found, (entity, what, found)
        _assert_logged(database)


def _assert_logged(database: sqlite3.Connection) -> None:
    """Each change begins with what the one before it led to; the last led to what stands.

    Where some stand for others, who is referred to may go by another id: that is no change (A3).
    """
    [(others,)] = database.execute("SELECT count(*) FROM stand_for WHERE settled").fetchall()
    referring = {
        name: {one.name for one in entity.fields if one.references and others}
        for name, entity in ENTITIES.items()
    }
    last: dict[tuple[str, int], dict[str, Any]] = {}
    for id_, entity, record, *sides in database.execute(
        "SELECT id, entity, record, before, after FROM changes ORDER BY id"
    ):
        before, after = map(decode_changes, sides)
        stood = last.setdefault((entity, record), {})
        assert before.keys() == after.keys(), (id_, entity, record)
        for name in before.keys() - referring[entity]:
            value = before[name]
            assert stood.get(name, value) == value, (id_, entity, record, name, stood[name], value)
        stood.update(after)
    for (entity, record), stood in last.items():
        stood = {name: stood[name] for name in stood if name not in referring[entity]}
        names = ", ".join(f'"{name}"' for name in stood) or "NULL"
        (now,) = database.execute(f"SELECT {names} FROM {entity} WHERE id = ?", (record,))
        for name, stands in zip(stood, now, strict=False):
            assert stands == stood[name], (entity, record, name, stood[name], stands)
