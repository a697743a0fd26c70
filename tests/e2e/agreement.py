"""Whether a database agrees with its SIS, and whether what was sent was sent once (SEMANTICS B, F).

A database agrees when it holds what one holds that was made from the same SIS by a single sync that
nothing disturbed: only what people wanted otherwise here is otherwise. What was sent is told by the
practice SIS's own journal, where each record stands as it was written.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE
from app.roster.schema import FieldType
from app.roster.stored import plain_value
from app.roster.values import Elements, Plain
from app.store import linkage, records
from app.store.codec import decode_changes
from app.store.database import Database, Tx
from tests.e2e.soundness import looked_at

PEOPLE = ("edit", "decision", "refusal", "undo")
"""The kinds of change sets in which people have their way."""


@dataclass(frozen=True)
class Known:
    """What a database knows of a record that is at the SIS; references are keys."""

    link: int
    record: int
    open: bool
    """Something about it is planned, waits, or is asked."""
    stands: bool
    values: Mapping[str, Plain]
    base: Mapping[str, Plain]


def one_record(tx: Tx, connector: str) -> dict[str, str]:
    """Of keys of a connector that are one record by now: one of them, by each."""
    return dict(
        tx.rows(
            "SELECT links.key, min(other.key) FROM links "
            "JOIN links AS other ON other.record = links.record AND other.stream = links.stream "
            "JOIN streams ON streams.id = links.stream "
            "JOIN connectors ON connectors.id = connector "
            "WHERE connectors.name = ? AND links.alive AND other.alive "
            "GROUP BY links.id HAVING count(*) > 1",
            (connector,),
        )
    )


def known(
    tx: Tx, connector: str = "%", same: Mapping[str, str] | None = None
) -> dict[tuple[str, str], Known]:
    """All that is alive at the SIS of a connector, by entity and key.

    Who refers to a key in ``same`` is told to refer to the other one.
    """
    same = same or {}
    links = list(
        tx.rows(
            "SELECT entity, key, links.id, record, base, links.alive, held FROM links "
            "JOIN streams ON streams.id = stream JOIN connectors ON connectors.id = connector "
            "WHERE connectors.name LIKE ? ORDER BY links.alive",
            (connector,),
        )
    )
    keys = {link[3]: same.get(link[1], link[1]) for link in links}
    # Who turned out to be another one stands for that one.
    stand = tx.rows("SELECT record, original FROM stand_for")
    keys |= {one: keys[of] for one, of in stand if of in keys}
    found = {}
    for entity in ENTITIES.values():
        layouts = records.known_layouts(tx, entity.name)
        mine = [link for link in links if link[0] == entity.name and link[5]]
        there = records.read_records(tx, entity.name, {link[3] for link in mine})
        for _, key, link, id_, blob, _, held in mine:
            record = there[id_]
            values, base = (
                {
                    one.name: _in_keys(one, value, keys)
                    for one, value in zip(entity.fields, side, strict=True)
                }
                for side in (record.values, layouts.base(blob))
            )
            asked = bool(held & (linkage.HELD_CONFLICT | linkage.HELD_ITEM))
            found[entity.name, key] = Known(link, record.id, asked, record.alive, values, base)
    return found


def _in_keys(one: FieldType, stored: Plain, keys: Mapping[int, str]) -> Plain:
    if not one.references or stored is None or not isinstance(stored, int | str):
        return stored
    value = plain_value(one, stored)
    if not one.kind.is_list:
        return keys.get(value)
    if not isinstance(one.kind, Elements):
        return tuple(sorted(str(keys.get(id_)) for id_ in value))
    places = {place for place, _ in one.references}
    return tuple(
        sorted(
            str([keys.get(part) if at in places else part for at, part in enumerate(parts)])
            for parts in value
        )
    )


def assert_agrees(ours: Database, twin: Database, *, whole: bool) -> None:
    """B1: the base is what the SIS says; and what stands here is that, or what a person wanted.

    Not ``whole``: what is gone from the SIS without a word may still be known here.
    """
    with ours.reading() as tx, twin.reading() as there:
        mine, theirs = known(tx), known(there)
        wanted = _Wanted(tx)
    differ = mine.keys() ^ theirs.keys() if whole else theirs.keys() - mine.keys()
    assert not differ, differ
    for (entity, key), said in theirs.items():
        here = mine[entity, key]
        if here.open:
            continue
        assert here.base == said.base, (entity, key, _differences(said.base, here.base))
        if not here.stands:
            assert wanted.so(here, entity, ALIVE), (entity, key)
        for name, (want, stands) in _differences(said.values, here.values).items():
            excused = not here.stands or wanted.so(here, entity, name)
            assert excused, (entity, key, here.record, name, want, stands)


def assert_kept(ours: Database) -> None:
    """What stands here and is not at the SIS is so because a person wanted it so."""
    with ours.reading() as tx:
        wanted = _Wanted(tx)
        for entity in ENTITIES:
            for record, link in tx.rows(
                f"SELECT record.id, max(links.id) FROM {entity} AS record "
                "LEFT JOIN links ON links.record = record.id WHERE record.alive "
                "GROUP BY record.id HAVING coalesce(max(links.alive), 0) = 0"
            ):
                so = (link, ALIVE) in wanted.pins or wanted.last.get((record, ALIVE)) in PEOPLE
                so = so or link in wanted.deleted
                assert so or record in wanted.refused, (entity, record, link)


def _differences(
    one: Mapping[str, Plain], other: Mapping[str, Plain]
) -> dict[str, tuple[Plain, Plain]]:
    return {name: (value, other[name]) for name, value in one.items() if value != other[name]}


class _Wanted:
    """What people wanted otherwise than the SIS has it."""

    def __init__(self, tx: Tx) -> None:
        self.pins = set(tx.rows("SELECT link, part FROM pins"))
        # An undo had the SIS take back what was made there, and was undone: it stays here alone.
        self.deleted = {
            row[0]
            for row in tx.rows(
                "SELECT link FROM pushes WHERE action = 'delete' AND id IN "
                "(SELECT max(id) FROM pushes WHERE outcome = 'done' GROUP BY link)"
            )
        }
        self.refused = {row[0] for row in tx.rows("SELECT record FROM outbox")}
        self.writes = {
            entity: set(json.loads(writes or '{"fields": []}')["fields"])
            for entity, writes in tx.rows("SELECT entity, writes FROM streams")
        }
        self.last: dict[tuple[int, str], str] = {}
        self.ever: set[tuple[int, str]] = set()
        for record, after, discarded, kind in tx.rows(
            "SELECT record, after, discarded, kind FROM changes "
            "JOIN change_sets ON change_sets.id = change_set ORDER BY changes.id"
        ):
            said = [after, discarded] if discarded is not None and kind in PEOPLE else [after]
            for name in (name for side in said for name in decode_changes(side)):
                self.last[record, name] = kind
                if kind in PEOPLE:
                    self.ever.add((record, name))

    def so(self, here: Known, entity: str, name: str) -> bool:
        """Whether a person wanted a field so: pinned, not taken by the SIS, or a correction."""
        one = ENTITIES[entity].by_name.get(name)
        part = one.group if one is not None else ALIVE
        if (here.link, part) in self.pins or here.record in self.refused:
            return True
        if name in self.writes[entity]:
            return False
        if one is not None and one.kind.is_list:
            # Of its elements each has a last change of its own.
            return (here.record, name) in self.ever
        return self.last.get((here.record, name)) in PEOPLE


# -- what the SIS was told --------------------------------------------------------------------


@dataclass(frozen=True)
class Written:
    """One write as the SIS kept it; ``record`` is ``None`` where it was deleted."""

    ours: bool
    collection: str
    key: str
    record: Mapping[str, Any] | None


def written(journal: Path, theirs: Collection[int]) -> Iterator[Written]:
    """The writes in a journal; ``theirs`` are the places at which those of somebody else end."""
    place = 0
    for line in journal.read_bytes().splitlines(keepends=True):
        place += len(line)
        told = json.loads(line)
        ours = place not in theirs
        if told["type"] == "written":
            for record in told["records"]:
                yield Written(ours, told["collection"], record["sourcedId"], record)
        elif told["type"] == "deleted":
            # The rest of them the SIS itself lets go with the first.
            collection, key = told["keys"][0]
            yield Written(ours, collection, key, None)


def assert_sent_once(journal: Path, theirs: Collection[int], folder: Path) -> int:
    """F2, F3: nothing was made twice or written needlessly, and nobody else's work is lost.

    What somebody else wrote, and is there no more since we wrote, was seen here before: the change
    log, a decision or an open difference tells of it. Titles and comments beginning with ``Made``
    and ``Theirs`` say who made a record, or changed it, and are all different. The number of our
    writes is told.
    """
    stands: dict[tuple[str, str], dict[str, Any]] = {}
    made: dict[str, set[str]] = defaultdict(set)
    seen = _everything(folder)
    ours = 0
    for one in written(journal, theirs):
        ours += one.ours
        place = one.collection, one.key
        before, after = stands.pop(place, {}), dict(one.record or {})
        after.pop("dateLastModified", None)
        if one.record is not None:
            stands[place] = after
        if not one.ours:
            continue
        assert one.record is None or after != before, ("written needlessly", place, after)
        for name in ("title", "description", "comment"):
            was, now = before.get(name) or "", after.get(name) or ""
            if was.startswith("Theirs") and now != was:
                assert was.encode() in seen, ("overwritten unseen", place, was, now)
            if now.startswith("Made"):
                made[now].add(one.key)
    twice = {name: keys for name, keys in made.items() if len(keys) > 1}
    assert not twice, twice
    return ours


def _everything(folder: Path) -> bytes:
    """All that the database tells of line items and results, now and before."""
    with looked_at(folder) as database:
        rows = [
            *database.execute("SELECT before, after, discarded FROM changes"),
            *database.execute("SELECT local, remote, result FROM decisions"),
            *database.execute("SELECT local, remote FROM conflicts"),
            *database.execute("SELECT base FROM links"),
            *database.execute("SELECT title, description FROM line_items"),
            *database.execute("SELECT comment FROM results"),
        ]
    cells = (cell.encode() if isinstance(cell, str) else cell for row in rows for cell in row)
    return b"\0".join(cell for cell in cells if cell is not None)
