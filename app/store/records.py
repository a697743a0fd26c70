"""Writes of links and records, for the engine: set-based, a few statements a page.

Ids are allotted here, inside the writing transaction that uses them. Statements are made once from
the tables and run as text with tuples.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Insert, Table, Update, bindparam, insert
from sqlalchemy.dialects import sqlite

from app.roster.entities import ENTITIES
from app.roster.values import Plain
from app.store import identities
from app.store.codec import Layouts, decode_changes
from app.store.database import Tx
from app.store.tables import LINKS, RECORDS, UNREADABLE

HELD_CONFLICT, HELD_ITEM, HELD_UNREADABLE, HELD_MADE = 1, 2, 4, 8
"""Why a link may not be skipped on an equal digest (SEMANTICS B8); bits of ``links.held``.

``HELD_MADE``: its record was made here, and its row may arrive any time (F3).
"""

HELD_OUTSIDE = 16
"""The row is out of the connector's scope (SEMANTICS D2): it is skipped, but never compared."""

_DIALECT = sqlite.dialect(paramstyle="qmark")


def _sql(statement: Insert | Update) -> str:
    return str(statement.compile(dialect=_DIALECT))


def _insert(table: Table, *columns: str) -> str:
    return _sql(insert(table).values({name: bindparam(name) for name in columns}))


class Link(NamedTuple):
    """The identity of one record at one connector. ``alive`` is ``None`` until its row arrives."""

    id: int
    record: int
    alive: bool | None
    held: int
    digest: bytes | None


KnownLink: TypeAlias = tuple[str, int, int, int | None, int, bytes | None]
"""A link as a bare tuple: its key, then the fields of ``Link``."""


class Record(NamedTuple):
    """A record as it stands: ``values`` in stored form, one a field of the entity."""

    id: int
    version: int
    alive: bool
    values: tuple[Plain, ...]


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


def allot(tx: Tx, name: str, count: int) -> int:
    """The first of ``count`` new ids of the sequence ``name``."""
    row = tx.one("SELECT next FROM sequences WHERE name = ?", (name,))
    first = 1 if row is None else int(row[0])
    tx.run(
        "INSERT INTO sequences (name, next) VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET next = excluded.next",
        (name, first + count),
    )
    return first


# -- layouts and scopes -----------------------------------------------------------------------


def layouts(tx: Tx, entity: str) -> Layouts:
    """The layouts of ``entity``, today's among them (made when it is new)."""
    tx.run(
        "INSERT INTO layouts (entity, fields) VALUES (?, ?) ON CONFLICT DO NOTHING",
        (entity, _today(entity)),
    )
    return known_layouts(tx, entity)


def known_layouts(tx: Tx, entity: str) -> Layouts:
    """The layouts of ``entity`` that something was written in; for reading alone."""
    known: dict[int, Sequence[str]] = {}
    current = 0
    for layout, fields in tx.rows("SELECT id, fields FROM layouts WHERE entity = ?", (entity,)):
        known[layout] = json.loads(fields)
        if fields == _today(entity):
            current = layout
    return Layouts(ENTITIES[entity], known, current)


def _today(entity: str) -> str:
    return json.dumps(ENTITIES[entity].field_names)


def scope_id(tx: Tx, scope: str) -> int:
    """The id of a scope text."""
    tx.run("INSERT INTO scopes (text) VALUES (?) ON CONFLICT DO NOTHING", (scope,))
    row = tx.one("SELECT id FROM scopes WHERE text = ?", (scope,))
    assert row is not None
    return int(row[0])


# -- links ------------------------------------------------------------------------------------

_KEYED = "key IN (SELECT value FROM json_each(?))"
_INSIDE = f"links.held & {HELD_OUTSIDE} = 0"
_LINKS_BY_KEY = (
    f"SELECT key, id, record, alive, held, digest FROM links WHERE stream = ? AND {_KEYED}"
)
_RECORDS_BY_KEY = f"SELECT key, record FROM links WHERE stream = ? AND {_KEYED}"
_BY_ALIAS = (
    "SELECT aliases.key, links.id, record, alive, held, digest FROM aliases "
    f"JOIN links ON links.id = aliases.link WHERE aliases.stream = ? AND aliases.{_KEYED}"
)
_NEW_LINKS = _insert(
    LINKS, "id", "stream", "key", "record", "alive", "held", "scope", "version", "digest", "base"
)
_ARRIVED = (
    "UPDATE links SET alive = 1, held = 0, scope = ?, version = ?, digest = ?, base = ? "
    "WHERE id = ?"
)


def links_by_key(tx: Tx, stream: int, keys: Iterable[str], *, aliased: bool) -> dict[str, Link]:
    """The links of a stream by remote key; former keys are looked at where there are any (A6)."""
    make = Link._make
    found = known_links(tx, stream, keys, aliased=aliased)
    return {key: make(row[1:]) for key, row in found.items()}


def known_links(tx: Tx, stream: int, keys: Iterable[str], *, aliased: bool) -> dict[str, KnownLink]:
    """``links_by_key`` as bare tuples for the hottest loop."""
    text = json.dumps(list(keys))
    found: dict[str, Any] = {row[0]: row for row in tx.rows(_LINKS_BY_KEY, (stream, text))}
    if aliased:
        for row in tx.rows(_BY_ALIAS, (stream, text)):
            found.setdefault(row[0], row)
    return found


def records_by_key(tx: Tx, stream: int, keys: Iterable[str], *, aliased: bool) -> dict[str, int]:
    """The record ids of a stream by remote key."""
    if aliased:
        return {
            key: link.record for key, link in links_by_key(tx, stream, keys, aliased=True).items()
        }
    text = json.dumps(list(keys))
    return dict(tx.rows(_RECORDS_BY_KEY, (stream, text)))


def insert_links(
    tx: Tx,
    rows: Iterable[tuple[int, int, str, int, int | None, int, int | None, Any, Any, Any]],
) -> None:
    """New links: (id, stream, key, record, alive, held, scope, version, digest, base)."""
    tx.many(_NEW_LINKS, list(rows))


def links_arrived(
    tx: Tx, rows: Sequence[tuple[int | None, str | None, bytes | None, bytes, int]]
) -> None:
    """The row of a link mentioned before has come: (scope, version, digest, base, link)."""
    tx.many(_ARRIVED, rows)


def links_by_id(tx: Tx, links: Iterable[int]) -> list[Link]:
    """Links by id, in order of id."""
    return [
        Link._make(row)
        for row in tx.rows(
            "SELECT id, record, alive, held, digest FROM links "
            "WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(list(links)),),
        )
    ]


class LinkOf(NamedTuple):
    """A link as its record knows it; ``alive`` as in ``Link``."""

    id: int
    stream: int
    record: int
    alive: bool | None


def links_of(tx: Tx, ids: Iterable[int]) -> list[LinkOf]:
    """The links of records, at whatever connector."""
    return [
        LinkOf._make(row)
        for row in tx.rows(
            "SELECT id, stream, record, alive FROM links "
            "WHERE record IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(list(ids)),),
        )
    ]


def keys_of(tx: Tx, links: Iterable[int]) -> dict[int, str]:
    """The remote keys of links by id."""
    return dict(
        tx.rows(
            "SELECT id, key FROM links WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(links)),),
        )
    )


def link_bases(tx: Tx, links: Iterable[int]) -> dict[int, bytes | None]:
    """The stored bases of links by id."""
    return dict(
        tx.rows(
            "SELECT id, base FROM links WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(links)),),
        )
    )


def set_bases(tx: Tx, rows: Sequence[tuple[str | None, bytes | None, bytes, int]]) -> None:
    """What was decided about: (version, digest, base, link)."""
    tx.many("UPDATE links SET version = ?, digest = ?, base = ? WHERE id = ?", rows)


def move_bases(tx: Tx, rows: Sequence[tuple[bytes, int]]) -> None:
    """What a person decided about, of rows that did not come anew: (base, link)."""
    tx.many("UPDATE links SET base = ? WHERE id = ?", rows)


def set_digests(tx: Tx, rows: Sequence[tuple[str | None, bytes | None, int]]) -> None:
    """Rows that were read again and say nothing new: (version, digest, link)."""
    tx.many("UPDATE links SET version = ?, digest = ? WHERE id = ?", rows)


def forget_digest(tx: Tx, link: int) -> None:
    """The row is decoded when it comes again, whether or not it has changed."""
    tx.run("UPDATE links SET digest = NULL WHERE id = ?", (link,))


def set_scope(tx: Tx, scope: int, links: Iterable[int]) -> None:
    """Links seen in a whole read under another scope than before (SEMANTICS D2)."""
    tx.many("UPDATE links SET scope = ? WHERE id = ?", [(scope, link) for link in links])


def has_links(tx: Tx, stream: int) -> bool:
    """True when any key of the stream has ever been mentioned."""
    return tx.one("SELECT 1 FROM links WHERE stream = ? LIMIT 1", (stream,)) is not None


def live_links(tx: Tx, stream: int, scope: int | None) -> Iterator[int]:
    """The live links of a stream last seen under a scope, and not out of it since."""
    statement = f"SELECT id FROM links WHERE stream = ? AND alive AND scope = ? AND {_INSIDE}"
    return map(itemgetter(0), tx.rows(statement, (stream, scope)))


def links_elsewhere(tx: Tx, stream: int, scope: int) -> Iterator[int]:
    """The links of a stream last seen under any other scope, or never; none that is out of it."""
    statement = f"SELECT id FROM links WHERE stream = ? AND scope IS NOT ? AND {_INSIDE}"
    return map(itemgetter(0), tx.rows(statement, (stream, scope)))


def live_values(
    tx: Tx, stream: int, scope: int | None, entity: str, names: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    """(link, stored values of the named fields) of the live links seen under a scope."""
    quote = _DIALECT.identifier_preparer.quote
    columns = ", ".join(f"record.{quote(name)}" for name in names)
    return tx.rows(
        f"SELECT links.id, {columns} FROM links JOIN {entity} AS record "
        "ON record.id = links.record "
        f"WHERE links.stream = ? AND links.alive AND links.scope = ? AND {_INSIDE}",
        (stream, scope),
    )


def links_alive(tx: Tx, links: Iterable[int]) -> dict[int, bool | None]:
    """The base of being alive of links by id."""
    return dict(
        tx.rows(
            "SELECT id, alive FROM links WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(links)),),
        )
    )


def shared(tx: Tx, links: Iterable[int]) -> dict[int, bool]:
    """Whether the records of links have another link, by record; True: another one is alive."""
    text = json.dumps(list(links))
    return {
        record: bool(alive)
        for record, alive in tx.rows(
            "SELECT links.record, max(coalesce(links.alive, 0)) FROM links "
            "JOIN streams ON streams.id = links.stream "
            "JOIN connectors ON connectors.id = streams.connector "
            "WHERE links.record IN (SELECT record FROM links WHERE id IN "
            "(SELECT value FROM json_each(?))) AND connectors.removed_at IS NULL "
            "AND links.id NOT IN (SELECT value FROM json_each(?)) GROUP BY links.record",
            (text, text),
        )
    }


def unheld_bases(tx: Tx, stream: int) -> Iterator[tuple[Any, ...]]:
    """(link, base) of the live links that nothing is held back for."""
    return tx.rows("SELECT id, base FROM links WHERE stream = ? AND alive AND held = 0", (stream,))


def hold(tx: Tx, links: Iterable[int], why: int) -> None:
    """Marks links that may not be skipped, for one more reason."""
    tx.many("UPDATE links SET held = held | ? WHERE id = ?", [(why, link) for link in links])


def release(tx: Tx, links: Iterable[int], why: int) -> None:
    """Takes one reason away."""
    tx.many("UPDATE links SET held = held & ~? WHERE id = ?", [(why, link) for link in links])


def set_alive(tx: Tx, links: Iterable[int], alive: bool) -> None:
    """The base of being alive (SEMANTICS B6)."""
    tx.many("UPDATE links SET alive = ? WHERE id = ?", [(int(alive), link) for link in links])


def has_aliases(tx: Tx, stream: int) -> bool:
    """True when some key of the stream has changed at some time."""
    return tx.one("SELECT 1 FROM aliases WHERE stream = ? LIMIT 1", (stream,)) is not None


_NEW_ALIAS = (
    "INSERT INTO aliases (stream, key, link) VALUES (?, ?, ?) "
    "ON CONFLICT (stream, key) DO UPDATE SET link = excluded.link"
)


def rekey(tx: Tx, stream: int, moves: Sequence[tuple[str, str]]) -> int:
    """Moves links to new keys, all at once: first aside, then into place (SEMANTICS A6).

    A move whose old key is unknown, or whose new key another link holds, is left out. The number
    of links moved; former keys stay as aliases.
    """
    known = links_by_key(tx, stream, [old for old, _ in moves], aliased=False)
    leaving = set(known)
    taken = set(links_by_key(tx, stream, [new for _, new in moves], aliased=False)) - leaving
    going = [(old, new, known[old].id) for old, new in moves if old in known and new not in taken]
    tx.many("UPDATE links SET key = ? WHERE id = ?", [(f"\0{link}", link) for *_, link in going])
    tx.many("UPDATE links SET key = ? WHERE id = ?", [(new, link) for _, new, link in going])
    tx.many(_NEW_ALIAS, [(stream, old, link) for old, _, link in going])
    tx.many(
        "DELETE FROM aliases WHERE stream = ? AND key = ?", [(stream, new) for _, new, _ in going]
    )
    return len(going)


# -- records ----------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _new_record(entity: str) -> str:
    table = RECORDS[entity]
    return _insert(table, *(column.name for column in table.columns))


@lru_cache(maxsize=64)
def _changed_record(entity: str) -> str:
    table = RECORDS[entity]
    columns = [column.name for column in table.columns if column.name not in ("id", "created_in")]
    quote = _DIALECT.identifier_preparer.quote
    sets = ", ".join(f"{quote(name)} = ?" for name in columns)
    return f"UPDATE {entity} SET {sets} WHERE id = ?"


@lru_cache(maxsize=64)
def _read_records(entity: str) -> str:
    quote = _DIALECT.identifier_preparer.quote
    fields = ", ".join(quote(name) for name in ENTITIES[entity].field_names)
    return (
        f"SELECT id, version, alive, {fields} FROM {entity} "
        "WHERE id IN (SELECT value FROM json_each(?))"
    )


_BEFORE_FIELDS = 5
"""What stands in a row of a record before its fields."""


def insert_records(
    tx: Tx, entity: str, rows: Sequence[tuple[Any, ...]], *, identify: bool = True
) -> None:
    """New records: (id, version, alive, created_in, changed_in), then the stored fields.

    Without ``identify`` what identifies them is noted later (``identities.catch_up``).
    """
    tx.many(_new_record(entity), rows)
    if identify:
        identities.note(tx, ENTITIES[entity], ((row[0], row[_BEFORE_FIELDS:]) for row in rows))
    else:
        identities.owe(tx, ENTITIES[entity])


def read_records(tx: Tx, entity: str, ids: Iterable[int]) -> dict[int, Record]:
    """Records by id; an id without a record (a dangling reference) is left out."""
    return {
        row[0]: Record(row[0], row[1], bool(row[2]), tuple(row[3:]))
        for row in tx.rows(_read_records(entity), (json.dumps(list(ids)),))
    }


def update_records(
    tx: Tx, entity: str, change_set: int, changed: Sequence[tuple[Record, bool, Sequence[Plain]]]
) -> None:
    """Writes (the record as read, its being alive, its new values); the version goes up by one."""
    tx.many(
        _changed_record(entity),
        [
            (record.version + 1, int(alive), change_set, *values, record.id)
            for record, alive, values in changed
        ],
    )
    sides = ((record.id, record.values, values) for record, _, values in changed)
    identities.note_again(tx, ENTITIES[entity], sides)


def changed_at(tx: Tx, record: int, names: Collection[str]) -> str | None:
    """When any of the named fields (or ``alive``) of a record was last changed here."""
    for at, after in tx.rows(
        "SELECT at, after FROM changes JOIN change_sets ON change_sets.id = change_set "
        "WHERE record = ? ORDER BY changes.id DESC",
        (record,),
    ):
        if not decode_changes(after).keys().isdisjoint(names):
            return str(at)
    return None


def set_lately(tx: Tx, record: int, runs: int) -> list[tuple[int, dict[str, Plain]]]:
    """(link, fields) that the last so many runs set, since a person last changed the record."""
    found: list[tuple[int, dict[str, Plain]]] = []
    for link, after in tx.rows(
        "SELECT link, after FROM changes WHERE record = ? AND change_set > coalesce("
        "(SELECT min(id) FROM (SELECT id FROM runs ORDER BY id DESC LIMIT ?)), 0) "
        "ORDER BY id DESC",
        (record, runs + 1),
    ):
        if link is None:
            break
        found.append((link, decode_changes(after)))
    return found


_NEW_CHANGE = (
    "INSERT INTO changes (change_set, entity, record, link, before, after, discarded) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)


def log_changes(
    tx: Tx,
    change_set: int,
    entity: str,
    rows: Sequence[tuple[int, int | None, bytes, bytes, bytes | None]],
) -> None:
    """The change log: (record, link, before, after, discarded); blobs of fields by name."""
    tx.many(_NEW_CHANGE, [(change_set, entity, *row) for row in rows])


# -- plan items -------------------------------------------------------------------------------

_PLAN = (
    "INSERT INTO items (stream, link, run, first_run, times, action, state, reason, held_by, "
    "proofs, effects, record_version, version, modified_at, digest, patch, planned) "
    "VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (link) DO UPDATE SET run = excluded.run, times = items.times + 1, "
    "action = excluded.action, state = excluded.state, reason = excluded.reason, "
    "held_by = excluded.held_by, "
    # Proofs in a row count as long as it is the same absence.
    "proofs = excluded.proofs + CASE WHEN items.reason = excluded.reason THEN items.proofs "
    "ELSE 0 END, effects = excluded.effects, record_version = excluded.record_version, "
    "version = excluded.version, modified_at = excluded.modified_at, digest = excluded.digest, "
    "patch = excluded.patch, planned = excluded.planned"
)


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


def plan(tx: Tx, stream: int, run: int, plans: Sequence[Plan]) -> None:
    """Stores plan items; one that waits already is brought up to date and owned (SEMANTICS E3)."""
    tx.many(_PLAN, [(stream, one.link, run, run, *one[1:]) for one in plans])
    hold(tx, [one.link for one in plans], HELD_ITEM)


ITEM = (
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
    return [
        Item(*row)
        for row in tx.rows(
            f"{ITEM} WHERE items.stream = ? AND state = 'planned' AND items.id > ? "
            "AND action = coalesce(?, action) AND run = coalesce(?, run) "
            "ORDER BY items.id LIMIT ?",
            (stream, after, action, run, limit),
        )
    ]


def items_of(tx: Tx, links: Iterable[int]) -> list[Item]:
    """The plan items of links, whatever holds them."""
    among = f"{ITEM} WHERE link IN (SELECT value FROM json_each(?)) ORDER BY items.id"
    return [Item(*row) for row in tx.rows(among, (json.dumps(list(links)),))]


def planned_by_run(tx: Tx, stream: int) -> dict[int, int]:
    """How many planned items of the stream belong to each run."""
    return dict(
        tx.rows(
            "SELECT run, count(*) FROM items WHERE stream = ? AND state = 'planned' GROUP BY run",
            (stream,),
        )
    )


def set_effects(tx: Tx, rows: Sequence[tuple[str, bytes, int]]) -> None:
    """What items would do after all: (effects, planned, item)."""
    tx.many("UPDATE items SET effects = ?, planned = ? WHERE id = ?", rows)


def release_proved(tx: Tx, stream: int, links: Iterable[int]) -> int:
    """Absences that only waited for a second proof in a row, and have it (SEMANTICS D1).

    They are planned again; how many they are.
    """
    return tx.run(
        "UPDATE items SET state = 'planned', held_by = NULL WHERE stream = ? "
        "AND state = 'waiting' AND held_by = 'proof' AND proofs > 1 "
        "AND link IN (SELECT value FROM json_each(?))",
        (stream, json.dumps(list(links))),
    )


def forget_proofs(tx: Tx, stream: int) -> None:
    """A whole read gave no proof: those in a row begin again (SEMANTICS D1)."""
    tx.run("UPDATE items SET proofs = 0 WHERE stream = ? AND reason = 'absent'", (stream,))


def planned_patches(tx: Tx, stream: int) -> Iterator[tuple[Any, ...]]:
    """(patch, base) of every planned update of the stream."""
    return tx.rows(
        "SELECT items.patch, links.base FROM items JOIN links ON links.id = items.link "
        "WHERE items.stream = ? AND items.state = 'planned' AND items.action = 'update'",
        (stream,),
    )


def owner(tx: Tx, item: int) -> int:
    """The run that a plan item belongs to."""
    row = tx.one("SELECT run FROM items WHERE id = ?", (item,))
    assert row is not None
    return int(row[0])


def withdraw(tx: Tx, links: Iterable[int]) -> None:
    """Plan items that are settled, or that the SIS took back."""
    gone = list(links)
    tx.many("DELETE FROM items WHERE link = ?", [(link,) for link in gone])
    release(tx, gone, HELD_ITEM)


# -- unreadable rows --------------------------------------------------------------------------

_NEW_UNREADABLE = _insert(UNREADABLE, "stream", "key", "raw", "reason", "first_run", "run")


def keep_unreadable(
    tx: Tx, stream: int, run: int, rows: Sequence[tuple[str | None, bytes, str]]
) -> None:
    """Keeps rows that could not be understood, as they came (SEMANTICS C6)."""
    keys = [key for key, *_ in rows if key is not None]
    first = dict(
        tx.rows(
            f"SELECT key, first_run FROM unreadable WHERE stream = ? AND {_KEYED}",
            (stream, json.dumps(keys)),
        )
    )
    forget_unreadable(tx, stream, keys)
    # Without a key a row is known again by what it says.
    tx.many(
        "DELETE FROM unreadable WHERE stream = ? AND key IS NULL AND raw = ?",
        [(stream, raw) for key, raw, _ in rows if key is None],
    )
    tx.many(
        _NEW_UNREADABLE,
        [(stream, key, raw, why, first.get(key, run), run) for key, raw, why in rows],
    )


def forget_unreadable_before(tx: Tx, stream: int, run: int) -> None:
    """Rows that a whole read did not bring any more; what they held back is free again."""
    gone = "SELECT key FROM unreadable WHERE stream = ? AND run <> ? AND key IS NOT NULL"
    tx.run(
        f"UPDATE links SET held = held & ~? WHERE stream = ? AND key IN ({gone})",
        (HELD_UNREADABLE, stream, stream, run),
    )
    tx.run("DELETE FROM unreadable WHERE stream = ? AND run <> ?", (stream, run))


def unreadable_keys(tx: Tx, stream: int) -> list[str]:
    """The keys of a stream's rows that could not be understood."""
    return [
        row[0]
        for row in tx.rows(
            "SELECT key FROM unreadable WHERE stream = ? AND key IS NOT NULL ORDER BY key",
            (stream,),
        )
    ]


def forget_unreadable(tx: Tx, stream: int, keys: Iterable[str]) -> None:
    """Rows that could be read after all."""
    tx.many("DELETE FROM unreadable WHERE stream = ? AND key = ?", [(stream, key) for key in keys])


# -- the shelf --------------------------------------------------------------------------------

_SHELVE = (
    "INSERT INTO shelf (stream, part, key, body) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (stream, part, key) DO UPDATE SET body = excluded.body"
)


def shelve(tx: Tx, stream: int, rows: Sequence[tuple[str, str, bytes]]) -> None:
    """Keeps (part, key, body)."""
    tx.many(_SHELVE, [(stream, *row) for row in rows])


def shelved(tx: Tx, stream: int, part: str, keys: Iterable[str]) -> dict[str, bytes]:
    """What is kept of ``part`` under ``keys``."""
    return dict(
        tx.rows(
            f"SELECT key, body FROM shelf WHERE stream = ? AND part = ? AND {_KEYED}",
            (stream, part, json.dumps(list(keys))),
        )
    )


def unshelve(tx: Tx, stream: int, rows: Sequence[tuple[str, str]]) -> None:
    """Forgets (part, key)."""
    tx.many(
        "DELETE FROM shelf WHERE stream = ? AND part = ? AND key = ?",
        [(stream, *row) for row in rows],
    )
