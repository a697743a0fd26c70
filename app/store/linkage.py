"""Links: the identity of one record at one connector, and the base it was last agreed with.

Set-based, a few statements a page, for the engine inside its transactions.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias

from app.store.database import Tx
from app.store.statements import AMONG, insert_into, quoted
from app.store.tables import LINKS

HELD_CONFLICT, HELD_ITEM, HELD_UNREADABLE, HELD_MADE = 1, 2, 4, 8
"""Why a link may not be skipped on an equal digest (SEMANTICS B8); bits of ``links.held``.

``HELD_MADE``: its record was made here, and its row may arrive any time (F3).
"""

HELD_OUTSIDE = 16
"""The row is out of the connector's scope (SEMANTICS D2): it is skipped, but never compared."""


def may_be_there(link: str = "links") -> str:
    """The SQL of whether a link's row is at its SIS, or may be.

    What was to be made there and was never sent, or was not taken, is not (SEMANTICS F3).
    """
    made = f"{link}.held & {HELD_MADE} <> 0 AND {link}.sending IS NULL"
    return f"coalesce({link}.alive, NOT ({made}))"


class Link(NamedTuple):
    """The identity of one record at one connector. ``alive`` is ``None`` until its row arrives."""

    id: int
    record: int
    alive: bool | None
    held: int
    digest: bytes | None


KnownLink: TypeAlias = tuple[str, int, int, int | None, int, bytes | None]
"""A link as a bare tuple: its key, then the fields of ``Link``."""


class LinkOf(NamedTuple):
    """A link as its record knows it; ``alive`` as in ``Link``."""

    id: int
    stream: int
    record: int
    alive: bool | None


# -- by key -----------------------------------------------------------------------------------

_KEYED = f"key {AMONG}"
_LINKS_BY_KEY = (
    f"SELECT key, id, record, alive, held, digest FROM links WHERE stream = ? AND {_KEYED}"
)
_RECORDS_BY_KEY = f"SELECT key, record FROM links WHERE stream = ? AND {_KEYED}"
_BY_ALIAS = (
    "SELECT aliases.key, links.id, record, alive, held, digest, joined FROM aliases "
    f"JOIN links ON links.id = aliases.link WHERE aliases.stream = ? AND aliases.{_KEYED}"
)


def links_by_key(tx: Tx, stream: int, keys: Iterable[str], *, aliased: bool) -> dict[str, Link]:
    """The links of a stream by remote key; further keys are looked at where there are any (A6)."""
    make = Link._make
    found = known_links(tx, stream, keys, aliased=aliased)
    return {key: make(row[1:]) for key, row in found.items()}


def known_links(tx: Tx, stream: int, keys: Iterable[str], *, aliased: bool) -> dict[str, KnownLink]:
    """``links_by_key`` as bare tuples for the hottest loop."""
    text = json.dumps(list(keys))
    found: dict[str, Any] = {row[0]: row for row in tx.rows(_LINKS_BY_KEY, (stream, text))}
    if aliased:
        for *row, joined in tx.rows(_BY_ALIAS, (stream, text)):
            if joined or row[0] not in found:
                found[row[0]] = tuple(row)
    return found


def records_by_key(tx: Tx, stream: int, keys: Iterable[str], *, aliased: bool) -> dict[str, int]:
    """The record ids of a stream by remote key."""
    if aliased:
        return {
            key: link.record for key, link in links_by_key(tx, stream, keys, aliased=True).items()
        }
    text = json.dumps(list(keys))
    return dict(tx.rows(_RECORDS_BY_KEY, (stream, text)))


def has_links(tx: Tx, stream: int) -> bool:
    """True when any key of the stream has ever been mentioned."""
    return tx.one("SELECT 1 FROM links WHERE stream = ? LIMIT 1", (stream,)) is not None


# -- by id, and by record ---------------------------------------------------------------------


def links_by_id(tx: Tx, links: Iterable[int]) -> list[Link]:
    """Links by id, in order of id."""
    return [
        Link._make(row)
        for row in tx.rows(
            f"SELECT id, record, alive, held, digest FROM links WHERE id {AMONG} ORDER BY id",
            (json.dumps(list(links)),),
        )
    ]


def links_of(tx: Tx, ids: Iterable[int]) -> list[LinkOf]:
    """The links of records, at whatever connector."""
    return [
        LinkOf._make(row)
        for row in tx.rows(
            f"SELECT id, stream, record, alive FROM links WHERE record {AMONG} ORDER BY id",
            (json.dumps(list(ids)),),
        )
    ]


def keys_of(tx: Tx, links: Iterable[int]) -> dict[int, str]:
    """The remote keys of links by id."""
    return dict(
        tx.rows(
            f"SELECT id, key FROM links WHERE id {AMONG}",
            (json.dumps(list(links)),),
        )
    )


def link_bases(tx: Tx, links: Iterable[int]) -> dict[int, bytes | None]:
    """The stored bases of links by id."""
    return dict(
        tx.rows(
            f"SELECT id, base FROM links WHERE id {AMONG}",
            (json.dumps(list(links)),),
        )
    )


def links_alive(tx: Tx, links: Iterable[int]) -> dict[int, bool | None]:
    """The base of being alive of links by id."""
    return dict(
        tx.rows(
            f"SELECT id, alive FROM links WHERE id {AMONG}",
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
            f"AND links.id NOT {AMONG} GROUP BY links.record",
            (text, text),
        )
    }


def bases_beside(tx: Tx, links: Iterable[int]) -> dict[int, list[bytes]]:
    """What was agreed with other SISs, the present and former ones, about the records of links."""
    found: dict[int, list[bytes]] = {}
    for link, base in tx.rows(
        "SELECT this.id, other.base FROM links AS this JOIN links AS other "
        "ON other.record = this.record AND other.id <> this.id AND other.base IS NOT NULL "
        f"WHERE this.id {AMONG}",
        (json.dumps(list(links)),),
    ):
        found.setdefault(link, []).append(base)
    return found


# -- a stream as a whole ----------------------------------------------------------------------

_INSIDE = f"links.held & {HELD_OUTSIDE} = 0"


def live_links(tx: Tx, stream: int, scope: int | None) -> Iterator[int]:
    """The live links of a stream last seen under a scope, and not out of it since."""
    statement = f"SELECT id FROM links WHERE stream = ? AND alive AND scope = ? AND {_INSIDE}"
    return map(itemgetter(0), tx.rows(statement, (stream, scope)))


def count_live(tx: Tx, stream: int) -> int:
    """How many links of the stream are alive."""
    row = tx.one("SELECT count(*) FROM links WHERE stream = ? AND alive", (stream,))
    return int(row[0]) if row else 0


def links_elsewhere(tx: Tx, stream: int, scope: int) -> Iterator[int]:
    """The links of a stream last seen under any other scope, or never; none that is out of it."""
    statement = f"SELECT id FROM links WHERE stream = ? AND scope IS NOT ? AND {_INSIDE}"
    return map(itemgetter(0), tx.rows(statement, (stream, scope)))


def live_values(
    tx: Tx, stream: int, scope: int | None, entity: str, names: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    """(link, stored values of the named fields) of the live links seen under a scope."""
    columns = ", ".join(f"record.{quoted(name)}" for name in names)
    return tx.rows(
        f"SELECT links.id, {columns} FROM links JOIN {entity} AS record "
        "ON record.id = links.record "
        f"WHERE links.stream = ? AND links.alive AND links.scope = ? AND {_INSIDE}",
        (stream, scope),
    )


def unheld_bases(tx: Tx, stream: int) -> Iterator[tuple[Any, ...]]:
    """(link, base) of the live links that nothing is held back for."""
    return tx.rows("SELECT id, base FROM links WHERE stream = ? AND alive AND held = 0", (stream,))


# -- what was decided about -------------------------------------------------------------------

_NEW_LINKS = insert_into(
    LINKS, "id", "stream", "key", "record", "alive", "held", "scope", "version", "digest", "base"
)
_ARRIVED = (
    "UPDATE links SET alive = 1, held = 0, scope = ?, version = ?, digest = ?, base = ? "
    "WHERE id = ?"
)


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


def adopt(tx: Tx, rows: Sequence[tuple[int, int | None, int]]) -> None:
    """Links mentioned before are those of other records: (record, scope, link).

    Their rows have come, and nothing is agreed about yet.
    """
    tx.many(
        "UPDATE links SET record = ?, scope = ?, alive = 1, base = NULL, digest = NULL "
        "WHERE id = ?",
        rows,
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


def set_alive(tx: Tx, links: Iterable[int], alive: bool) -> None:
    """The base of being alive (SEMANTICS B6)."""
    tx.many("UPDATE links SET alive = ? WHERE id = ?", [(int(alive), link) for link in links])


def note_untied(tx: Tx, links: Iterable[int], change_set: int) -> None:
    """In which change set links have ended (``store.gone``)."""
    tx.many(
        "INSERT INTO untied (link, change_set) VALUES (?, ?) ON CONFLICT (link) DO UPDATE SET "
        "change_set = excluded.change_set, left_alone = 0",
        [(link, change_set) for link in links],
    )


def scope_id(tx: Tx, scope: str) -> int:
    """The id of a scope text."""
    tx.run("INSERT INTO scopes (text) VALUES (?) ON CONFLICT DO NOTHING", (scope,))
    row = tx.one("SELECT id FROM scopes WHERE text = ?", (scope,))
    assert row is not None
    return int(row[0])


def set_scope(tx: Tx, scope: int, links: Iterable[int]) -> None:
    """Links seen in a whole read under another scope than before (SEMANTICS D2)."""
    tx.many("UPDATE links SET scope = ? WHERE id = ?", [(scope, link) for link in links])


# -- what is held back ------------------------------------------------------------------------


def hold(tx: Tx, links: Iterable[int], why: int) -> None:
    """Marks links that may not be skipped, for one more reason."""
    tx.many("UPDATE links SET held = held | ? WHERE id = ?", [(why, link) for link in links])


def release(tx: Tx, links: Iterable[int], why: int) -> None:
    """Takes one reason away."""
    tx.many("UPDATE links SET held = held & ~? WHERE id = ?", [(why, link) for link in links])


# -- keys that change -------------------------------------------------------------------------


def rows_and_records(tx: Tx, stream: int) -> tuple[int, int]:
    """How many rows of a stream there are, and how many records they are."""
    live = "FROM links WHERE stream = ? AND alive"
    beside = f"FROM aliases WHERE stream = ? AND joined AND link IN (SELECT id {live})"
    [told] = tx.rows(
        f"SELECT (SELECT count(*) {beside}), (SELECT count(*) {live})", (stream, stream, stream)
    )
    return sum(told), told[1]


def has_aliases(tx: Tx, stream: int) -> bool:
    """True when some key of the stream has changed at some time."""
    return tx.one("SELECT 1 FROM aliases WHERE stream = ? LIMIT 1", (stream,)) is not None


_NEW_ALIAS = (
    "INSERT INTO aliases (stream, key, link) VALUES (?, ?, ?) "
    "ON CONFLICT (stream, key) DO UPDATE SET link = excluded.link WHERE NOT joined"
)


def rekey(tx: Tx, stream: int, moves: Sequence[tuple[str, str]]) -> int:
    """Moves links to new keys, all at once: first aside, then into place (SEMANTICS A6).

    A move whose old key is unknown, or whose new key another link holds, is left out. The number
    of links moved; former keys stay as aliases.
    """
    known = links_by_key(tx, stream, [old for old, _ in moves], aliased=False)
    leaving = set(known)
    there = links_by_key(tx, stream, [new for _, new in moves], aliased=False)
    main = joined(tx, stream, there)
    # What ended under the key of a row that was joined makes room for what it was joined to.
    left = [
        new
        for old, new in moves
        if old in known and main.get(new) == known[old].id and not there[new].alive
    ]
    set_aside(tx, [there[new].id for new in left])
    taken = set(there) - leaving - set(left)
    going = [(old, new, known[old].id) for old, new in moves if old in known and new not in taken]
    tx.many("UPDATE links SET key = ? WHERE id = ?", [(f"\0{link}", link) for *_, link in going])
    tx.many("UPDATE links SET key = ? WHERE id = ?", [(new, link) for _, new, link in going])
    tx.many(_NEW_ALIAS, [(stream, old, link) for old, _, link in going])
    tx.many(
        "DELETE FROM aliases WHERE stream = ? AND key = ?", [(stream, new) for _, new, _ in going]
    )
    return len(going)


# -- rows that are joined ---------------------------------------------------------------------

_JOIN = (
    "INSERT INTO aliases (stream, key, link, joined) VALUES (?, ?, ?, 1) "
    "ON CONFLICT (stream, key) DO UPDATE SET link = excluded.link, joined = 1"
)


def join(tx: Tx, stream: int, rows: Sequence[tuple[str, int]]) -> None:
    """(key, link): the row of the key is one of the record of the link (SEMANTICS A5)."""
    tx.many(_JOIN, [(stream, key, link) for key, link in rows])


def joined(tx: Tx, stream: int, keys: Iterable[str]) -> dict[str, int]:
    """The links that the rows of those keys are joined to, by key; others are left out."""
    return dict(
        tx.rows(
            f"SELECT key, link FROM aliases WHERE stream = ? AND joined AND key {AMONG}",
            (stream, json.dumps(list(keys))),
        )
    )


def former(tx: Tx, stream: int, keys: Iterable[str]) -> list[str]:
    """Those of the keys by which other links went once, and no link goes now (SEMANTICS A6)."""
    told = tx.rows(
        f"SELECT key FROM aliases WHERE stream = ? AND NOT joined AND key {AMONG} AND NOT EXISTS "
        "(SELECT 1 FROM links WHERE links.stream = aliases.stream AND links.key = aliases.key)",
        (stream, json.dumps(list(keys))),
    )
    return [key for (key,) in told]


def part(tx: Tx, stream: int, keys: Iterable[str]) -> None:
    """The rows of those keys stand for themselves."""
    tx.many("DELETE FROM aliases WHERE stream = ? AND key = ?", [(stream, key) for key in keys])


def joined_keys(tx: Tx, links: Iterable[int]) -> dict[int, list[str]]:
    """The keys of the rows that are joined to links, by link; in order."""
    found: dict[int, list[str]] = {}
    for link, key in tx.rows(
        f"SELECT link, key FROM aliases WHERE joined AND link {AMONG} ORDER BY key",
        (json.dumps(list(links)),),
    ):
        found.setdefault(link, []).append(key)
    return found


ASIDE = "\x01"
"""Begins what is called so in place of a key; no key of a SIS has a control character."""


def set_aside(tx: Tx, links: Iterable[int]) -> None:
    """Links leave their keys to others; no row comes under what they are called now."""
    tx.many("UPDATE links SET key = ? || id WHERE id = ?", [(ASIDE, link) for link in links])


def forget_digests(tx: Tx, beside: int, entities: Iterable[str]) -> None:
    """The rows of entities are decoded when they come again, at the connector of that stream."""
    tx.run(
        "UPDATE links SET digest = NULL WHERE stream IN (SELECT other.id "
        "FROM streams AS other JOIN streams AS this ON this.connector = other.connector "
        f"WHERE this.id = ? AND other.entity {AMONG})",
        (beside, json.dumps(sorted(entities))),
    )
