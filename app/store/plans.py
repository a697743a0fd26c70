"""Plan items: what runs plan to do to records, or keep back until a person says so (SEMANTICS E3).

For the engine inside its transactions.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from app.store.database import Tx
from app.store.linkage import HELD_ITEM, hold, release
from app.store.statements import AMONG

IDENTITY = "identity"
"""The part of a conflict that asks whether two are the same, and what holds their items (D5)."""


class Item(NamedTuple):
    """What a run plans to do to one live record (SEMANTICS C1)."""

    id: int
    link: int
    record: int
    action: str
    digest: bytes | None
    version: str | None
    modified_at: str | None
    patch: bytes | None
    effects: str
    planned: bytes | None
    """The values it would write, by field."""


class Plan(NamedTuple):
    """A plan item to be written."""

    link: int
    action: str
    state: str
    reason: str | None = None
    held_by: str | None = None
    proofs: int = 0
    effects: str = "{}"
    record_version: int | None = None
    version: str | None = None
    modified_at: str | None = None
    digest: bytes | None = None
    patch: bytes | None = None
    planned: bytes | None = None


# -- written ----------------------------------------------------------------------------------

_PARTS_STILL = "items.reason = 'parted' AND items.planned IS excluded.planned"

_PLAN = (
    "INSERT INTO items (stream, link, run, first_run, times, action, state, reason, held_by, "
    "proofs, effects, record_version, version, modified_at, digest, patch, planned) "
    "VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (link) DO UPDATE SET run = excluded.run, times = items.times + 1, "
    "action = excluded.action, state = excluded.state, "
    # What takes a record apart does so as long as it would do the same.
    f"reason = CASE WHEN {_PARTS_STILL} THEN items.reason ELSE excluded.reason END, "
    f"effects = CASE WHEN {_PARTS_STILL} THEN items.effects ELSE excluded.effects END, "
    "held_by = excluded.held_by, "
    # Proofs in a row count as long as it is the same absence.
    "proofs = excluded.proofs + CASE WHEN items.reason = excluded.reason THEN items.proofs "
    "ELSE 0 END, record_version = excluded.record_version, "
    "version = excluded.version, modified_at = excluded.modified_at, digest = excluded.digest, "
    "patch = excluded.patch, planned = excluded.planned"
)


def plan(tx: Tx, stream: int, run: int, plans: Sequence[Plan]) -> None:
    """Stores plan items; one that waits already is brought up to date and owned (SEMANTICS E3)."""
    tx.many(_PLAN, [(stream, one.link, run, run, *one[1:]) for one in plans])
    hold(tx, [one.link for one in plans], HELD_ITEM)


def set_effects(tx: Tx, rows: Sequence[tuple[str, bytes, int]]) -> None:
    """What items would do after all: (effects, planned, item)."""
    tx.many("UPDATE items SET effects = ?, planned = ? WHERE id = ?", rows)


UNTIES = "(items.effects GLOB '{\"untied\":*' OR items.effects GLOB '{\"loosened\":*')"
"""Whether an item ends no more than what ties a record to its SIS (``engine.limits.unties``)."""


def untying(tx: Tx, records: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Items that wait to tie records no longer to their SIS: (link, record) by item."""
    return {
        item: (link, record)
        for item, link, record in tx.rows(
            "SELECT items.id, link, record FROM items JOIN links ON links.id = link "
            f"WHERE items.state = 'waiting' AND action = 'end' AND {UNTIES} "
            f"AND record {AMONG}",
            (json.dumps(list(records)),),
        )
    }


def note_removals(tx: Tx, rows: Iterable[tuple[str, int]]) -> None:
    """(effects, item): nobody else keeps the record any more, so that it would be removed."""
    tx.many(
        "UPDATE items SET effects = ?, held_by = replace(held_by, 'untied', 'removals') "
        "WHERE id = ?",
        list(rows),
    )


def keepers(tx: Tx, stream: int) -> list[str]:
    """The connectors that know what a stream's planned items tie no longer to its own, by name."""
    return [
        name
        for (name,) in tx.rows(
            "SELECT DISTINCT connectors.name FROM items JOIN links ON links.id = items.link "
            "JOIN links AS other ON other.record = links.record AND other.id <> links.id "
            "JOIN streams ON streams.id = other.stream "
            "JOIN connectors ON connectors.id = streams.connector "
            "WHERE items.stream = ? AND items.state IN ('planned', 'waiting') "
            f"AND {UNTIES} AND other.alive AND connectors.removed_at IS NULL "
            "ORDER BY connectors.name",
            (stream,),
        )
    ]


def to_change(tx: Tx, links: Iterable[int]) -> int:
    """How many of the links are planned to change, and not to end, as soon as that is judged."""
    found = tx.one(
        f"SELECT count(*) FROM items WHERE state = 'planned' AND action <> 'end' AND link {AMONG}",
        (json.dumps(list(links)),),
    )
    assert found is not None
    return int(found[0])


def note_parted(tx: Tx, rows: Sequence[tuple[str, int]]) -> None:
    """(effects, item): what the item changes is that a row of its record is taken apart (A5)."""
    tx.many("UPDATE items SET effects = ?, reason = 'parted' WHERE id = ?", rows)


def release_proved(tx: Tx, stream: int, links: Iterable[int]) -> int:
    """Absences that only waited for a second proof in a row, and have it (SEMANTICS D1).

    They are planned again; how many they are.
    """
    return tx.run(
        "UPDATE items SET state = 'planned', held_by = NULL WHERE stream = ? "
        "AND state = 'waiting' AND held_by = 'proof' AND proofs > 1 "
        f"AND link {AMONG}",
        (stream, json.dumps(list(links))),
    )


def note_joined(tx: Tx, rows: Iterable[tuple[int, int]]) -> None:
    """(link, ending): what ends the one waits to become one with the other (SEMANTICS A5)."""
    tx.many(
        "UPDATE items SET patch = ? WHERE link = ? AND action = 'end'",
        [(b"%d" % link, ending) for link, ending in rows],
    )


def joined_to(tx: Tx, ending: Iterable[int]) -> dict[int, int]:
    """The links that ending ones become one with, by these; others are left out."""
    asked = "SELECT link, patch FROM items WHERE action = 'end' AND patch IS NOT NULL"
    told = tx.rows(f"{asked} AND link {AMONG}", (json.dumps(list(ending)),))
    return {link: int(patch) for link, patch in told}


def forget_proofs(tx: Tx, stream: int) -> None:
    """A whole read gave no proof: those in a row begin again (SEMANTICS D1)."""
    tx.run("UPDATE items SET proofs = 0 WHERE stream = ? AND reason = 'absent'", (stream,))


def withdraw(tx: Tx, links: Iterable[int]) -> None:
    """Plan items that are settled, or that the SIS took back."""
    gone = list(links)
    tx.many("DELETE FROM items WHERE link = ?", [(link,) for link in gone])
    release(tx, gone, HELD_ITEM)


# -- read -------------------------------------------------------------------------------------

_ITEM = (
    "SELECT items.id, link, record, action, items.digest, items.version, modified_at, patch, "
    "effects, planned FROM items JOIN links ON links.id = link "
)


def planned(
    tx: Tx,
    stream: int,
    limit: int,
    after: int = 0,
    *,
    action: str | None = None,
    run: int | None = None,
) -> list[Item]:
    """The next plan items of a stream that nothing holds back, from id ``after`` on.

    Those of one ``action``, or of one ``run``, where one is named.
    """
    return _items(
        tx,
        "items.stream = ? AND state = 'planned' AND items.id > ? "
        "AND action = coalesce(?, action) AND run = coalesce(?, run) ORDER BY items.id LIMIT ?",
        (stream, after, action, run, limit),
    )


def items_of(tx: Tx, links: Iterable[int]) -> list[Item]:
    """The plan items of links, whatever holds them."""
    return _items(tx, f"link {AMONG} ORDER BY items.id", (json.dumps(list(links)),))


def still_waiting(tx: Tx, items: Iterable[int]) -> list[Item]:
    """The items that wait yet, by id."""
    which = f"items.id {AMONG} AND items.state = 'waiting' ORDER BY items.id"
    return _items(tx, which, (json.dumps(list(items)),))


def _items(tx: Tx, which: str, values: tuple[Any, ...]) -> list[Item]:
    return [Item._make(row) for row in tx.rows(f"{_ITEM} WHERE {which}", values)]


def planned_by_run(tx: Tx, stream: int) -> dict[int, int]:
    """How many planned items of the stream belong to each run."""
    return dict(
        tx.rows(
            "SELECT run, count(*) FROM items WHERE stream = ? AND state = 'planned' GROUP BY run",
            (stream,),
        )
    )


def planned_patches(tx: Tx, stream: int) -> Iterator[tuple[Any, ...]]:
    """(patch, base) of every planned update of the stream."""
    return tx.rows(
        "SELECT items.patch, links.base FROM items JOIN links ON links.id = items.link "
        "WHERE items.stream = ? AND items.state = 'planned' AND items.action = 'update'",
        (stream,),
    )
