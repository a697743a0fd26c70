"""Change sets: what was written together, by whom, and what an undo has to know (SEMANTICS G).

``change_sets`` and ``change_set`` are everybody's questions, as in ``reads``; what a set did,
record by record, is in ``listing``. The rest is called by the engine inside its transactions.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from app.errors import NotFound
from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE
from app.roster.values import Plain
from app.store import journal
from app.store.codec import decode_changes
from app.store.database import Database, Tx
from app.store.statements import AMONG

SYNC, APPROVAL, REFUSAL, DECISION, UNDO = "sync", journal.APPROVAL, "refusal", "decision", "undo"
EDIT, PROTECT = "edit", "protect"
"""Kinds of change sets that an undo tells apart."""


# -- as people meet them ----------------------------------------------------------------------


@dataclass(frozen=True)
class ChangeSet:
    """One set of writes with one author, as the history shows it."""

    id: int
    kind: str
    author: str
    at: str
    connector: str | None
    """Where it came from; ``None`` for what people did here."""
    of: int | None
    """The change set that it approves, refuses or undoes."""
    unfinished: bool
    """An undo that was cut off; asked for again, it goes on."""
    changed: int
    """How many records it changed, those that it made not counted."""
    kept: int
    """How many it left as they were, and threw away what the SIS said of them."""
    created: int
    removed: int = 0
    """How many of those that it changed it ended."""


ENDED = msgspec.msgpack.encode({ALIVE: False})[1:]
"""What the log of changes has of a record that ended, among its other fields."""
_SET = (
    'SELECT change_sets.id, change_sets.kind, author, at, connectors.name, "of", unfinished, '
    "(SELECT count(DISTINCT record) FROM changes WHERE change_set = change_sets.id "
    "AND before <> after), "
    "(SELECT count(DISTINCT record) FROM changes WHERE change_set = change_sets.id "
    "AND before = after AND discarded IS NOT NULL), "
    "(SELECT sum(created) FROM run_streams WHERE run = change_sets.id), "
    "(SELECT count(DISTINCT record) FROM changes WHERE change_set = change_sets.id "
    f"AND instr(after, x'{ENDED.hex()}')) "
    "FROM change_sets LEFT JOIN connectors ON connectors.id = change_sets.connector "
)


def change_sets(
    database: Database, connector: str | None = None, *, limit: int = 50, before: int | None = None
) -> list[ChangeSet]:
    """The newest change sets first, of every kind; ``before`` an id for the next page."""
    with database.reading() as tx:
        return _sets(
            tx,
            "WHERE (? IS NULL OR connectors.name = ?) AND (? IS NULL OR change_sets.id < ?) "
            "ORDER BY change_sets.id DESC LIMIT ?",
            (connector, connector, before, before, limit),
        )


def change_set(database: Database, id_: int) -> ChangeSet:
    """One change set; raises ``NotFound``."""
    with database.reading() as tx:
        return found(tx, id_)


def by_id(database: Database, ids: Sequence[int]) -> list[ChangeSet]:
    """Change sets by id; unknown ids are left out."""
    with database.reading() as tx:
        return _sets(tx, f"WHERE change_sets.id {AMONG}", (json.dumps(list(ids)),))


def found(tx: Tx, id_: int) -> ChangeSet:
    """The same, inside a transaction."""
    for row in _sets(tx, f"WHERE change_sets.id {AMONG}", (json.dumps([id_]),)):
        return row
    raise NotFound("run_unknown", id=id_)


def _sets(tx: Tx, where: str, values: tuple[object, ...]) -> list[ChangeSet]:
    rows = list(tx.rows(_SET + where, values))
    # Who is made by a person is in no counts of a run; there are few such sets.
    unsure = [row[0] for row in rows if row[9] is None]
    made = dict.fromkeys(unsure, 0)
    for records in created_in(tx, unsure).values():
        for change_set in records.values():
            made[change_set] += 1
    return [
        ChangeSet(
            id_, kind, author, at, connector, of, bool(unfinished), changed, kept,
            made[id_] if created is None else created, removed,
        )
        for id_, kind, author, at, connector, of, unfinished, changed, kept, created, removed
        in rows
    ]  # fmt: skip


# -- where a value comes from -----------------------------------------------------------------


@dataclass(frozen=True)
class Origin:
    """The change set in which something was written, and whose word that was."""

    change_set: int
    kind: str
    author: str
    at: str
    connector: str | None
    of: int | None
    """The change set that it approved, refused or undid."""

    @property
    def who(self) -> str:
        """The connector whose SIS said so, or the person who did it."""
        return self.connector if self.kind in _SAID_BY_A_SIS and self.connector else self.author


_SAID_BY_A_SIS = (SYNC, journal.PREVIEW, APPROVAL, REFUSAL)

ORIGIN = 'change_sets.id, change_sets.kind, author, change_sets.at, connectors.name, "of"'
"""The columns of an ``Origin``, where ``WRITTEN_IN`` follows."""

WRITTEN_IN = "LEFT JOIN connectors ON connectors.id = change_sets.connector "


def made(tx: Tx, records: Iterable[tuple[str, int]]) -> dict[int, Origin]:
    """Where records, given with their entities, come from; by record."""
    by_entity: dict[str, list[int]] = {}
    for entity, record in records:
        by_entity.setdefault(entity, []).append(record)
    return {
        record: Origin(*told)
        for entity, ids in by_entity.items()
        for record, *told in tx.rows(
            f"SELECT record.id, {ORIGIN} FROM {entity} AS record "
            f"JOIN change_sets ON change_sets.id = created_in {WRITTEN_IN}"
            f"WHERE record.id {AMONG}",
            (json.dumps(ids),),
        )
    }


# -- what belongs to a change set -------------------------------------------------------------


def family(tx: Tx, change_set: int) -> frozenset[int]:
    """The change set and what is undone with it (SEMANTICS G1).

    A sync takes the runs that it resumes along, and what was approved or refused of them. An undo
    that took an undo back takes along what it brought back with that: what is done a second time
    is undone as it was at first.
    """
    return _every_other(tx, _undone_in_turn(tx, change_set))


def taken_back(tx: Tx, undo: int) -> frozenset[int]:
    """What an undo took back: it is done again when the undo is undone."""
    return _every_other(tx, _undone_in_turn(tx, undo), 1)


def redoes(tx: Tx, change_set: int) -> bool:
    """Whether undoing it does something again: it took that back itself."""
    return len(_undone_in_turn(tx, change_set)) % 2 == 0


def original(tx: Tx, change_set: int) -> str:
    """The kind of what a line of undos began with."""
    return found(tx, _undone_in_turn(tx, change_set)[-1]).kind


def _undone_in_turn(tx: Tx, change_set: int) -> list[int]:
    """The change set, what it undid, what that had undone in its turn, and so on."""
    return [
        row[0]
        for row in tx.rows(
            'WITH RECURSIVE line (id, kind, "of") AS (SELECT id, kind, "of" FROM change_sets '
            'WHERE id = ? UNION SELECT made.id, made.kind, made."of" FROM change_sets AS made '
            'JOIN line ON made.id = line."of" AND line.kind = ?) '
            "SELECT id FROM line ORDER BY id DESC",
            (change_set, UNDO),
        )
    ]


def _every_other(tx: Tx, line: Sequence[int], start: int = 0) -> frozenset[int]:
    """Change sets of ``line``, with what belongs to the original, where that is among them."""
    found = frozenset(line[start::2])
    if line[-1] not in found:
        return found
    # What was approved or refused of it only after it was undone is no part of that.
    until = line[-2] if len(line) > 1 else None
    return found | {
        row[0]
        for row in tx.rows(
            "WITH RECURSIVE chain (id) AS (SELECT ? UNION SELECT runs.resumes FROM runs "
            "JOIN chain ON chain.id = runs.id WHERE runs.resumes IS NOT NULL) "
            "SELECT id FROM chain UNION SELECT change_sets.id FROM change_sets "
            'JOIN chain ON change_sets."of" = chain.id WHERE kind IN (?, ?) '
            "AND (? IS NULL OR change_sets.id < ?)",
            (line[-1], APPROVAL, REFUSAL, until, until),
        )
    }


def connectors_of(tx: Tx, sets: Collection[int]) -> dict[int, str]:
    """The names of the connectors that change sets wrote about, by id."""
    among = json.dumps(sorted(sets))
    return dict(
        tx.rows(
            "SELECT id, name FROM connectors WHERE removed_at IS NULL AND id IN ("
            f"SELECT connector FROM change_sets WHERE id {AMONG} "
            f"UNION SELECT connector FROM decisions WHERE change_set {AMONG} "
            "UNION SELECT connector FROM united JOIN links ON links.id = link "
            f"JOIN streams ON streams.id = stream WHERE change_set {AMONG} "
            # Who was parted by hand may become one again.
            "UNION SELECT streams.connector FROM different JOIN changes "
            "ON changes.change_set = different.change_set AND changes.record = different.one "
            "AND twin = different.other JOIN links ON links.record IN (different.one, "
            "different.other) JOIN streams ON streams.id = links.stream "
            f"WHERE different.change_set {AMONG}) ORDER BY id",
            (among,) * 4,
        )
    )


def created_in(tx: Tx, sets: Collection[int]) -> dict[str, dict[int, int]]:
    """The records that change sets made, by entity: the set of each."""
    if not sets:
        return {}
    among = json.dumps(sorted(sets))
    return {
        entity: dict(
            tx.rows(f"SELECT id, created_in FROM {entity} WHERE created_in {AMONG}", (among,))
        )
        for entity in ENTITIES
    }


def created_among(
    tx: Tx, change_set: int, records: Mapping[str, Collection[int]]
) -> dict[str, dict[int, int]]:
    """Those of some records, by entity, that a change set made, as ``created_in`` tells them."""
    return {
        entity: dict(
            tx.rows(
                f"SELECT id, created_in FROM {entity} WHERE created_in = ? AND id {AMONG}",
                (change_set, json.dumps(list(ids))),
            )
        )
        for entity, ids in records.items()
    }


def touched(tx: Tx, sets: Collection[int]) -> dict[str, set[int]]:
    """The records that change sets changed, decided about, pinned, sent or let go, by entity."""
    among = json.dumps(sorted(sets))
    found: dict[str, set[int]] = {}
    for entity, record in tx.rows(
        f"SELECT entity, record FROM changes WHERE change_set {AMONG} "
        f"UNION SELECT entity, record FROM decisions WHERE change_set {AMONG} "
        f"UNION SELECT entity, record FROM protected WHERE change_set {AMONG} "
        f"UNION SELECT entity, record FROM pushes WHERE run {AMONG} OR answer {AMONG} "
        "UNION SELECT entity, record FROM outbox JOIN streams ON streams.id = outbox.stream "
        f"WHERE answer {AMONG} "
        "UNION SELECT streams.entity, links.record FROM pins JOIN links ON links.id = pins.link "
        f"JOIN streams ON streams.id = links.stream WHERE change_set {AMONG}",
        (among,) * 7,
    ):
        found.setdefault(entity, set()).add(record)
    return found


class Logged(NamedTuple):
    """One row of the change log: stored values by field, ``alive`` among them."""

    change_set: int
    link: int | None
    before: Mapping[str, Plain]
    after: Mapping[str, Plain]
    discarded: Mapping[str, Plain]
    kind: str
    author: str
    at: str
    of: int | None


def logged(tx: Tx, records: Iterable[int]) -> dict[int, list[Logged]]:
    """All that happened to records, the newest first, by record."""
    found: dict[int, list[Logged]] = {}
    for record, set_, link, before, after, lost, *told in tx.rows(
        'SELECT record, change_set, link, before, after, discarded, kind, author, at, "of" '
        "FROM changes JOIN change_sets ON change_sets.id = change_set "
        f"WHERE record {AMONG} ORDER BY changes.id DESC",
        (json.dumps(list(records)),),
    ):
        sides = decode_changes(before), decode_changes(after), decode_changes(lost) if lost else {}
        found.setdefault(record, []).append(Logged(set_, link, *sides, *told))
    return found


class Decision(NamedTuple):
    """A conflict that was decided: its sides as they stood, blobs of values by field."""

    link: int
    connector: int
    entity: str
    record: int
    part: str
    kind: str
    base: bytes
    local: bytes
    remote: bytes
    opened_in: int

    @property
    def sides(self) -> tuple[bytes, bytes, bytes]:
        """Base, local and remote."""
        return self.base, self.local, self.remote


def decisions(tx: Tx, sets: Collection[int], records: Iterable[int]) -> list[Decision]:
    """The differences of records that change sets decided, the newest first."""
    return [
        Decision._make(row)
        for row in tx.rows(
            "SELECT link, connector, entity, record, part, kind, base, local, remote, opened_in "
            f"FROM decisions WHERE change_set {AMONG} AND record {AMONG} "
            "AND kind <> 'same_person' ORDER BY id DESC",
            (json.dumps(sorted(sets)), json.dumps(list(records))),
        )
    ]


def identified(tx: Tx, sets: Collection[int]) -> set[int]:
    """The records of which change sets said whether they are the same person (SEMANTICS D5).

    Also of those that took such a word back.
    """
    found = tx.rows(
        "SELECT decisions.record, links.record FROM decisions JOIN links ON links.id = link "
        f"WHERE kind = 'same_person' AND change_set {AMONG} "
        "UNION SELECT record, twin FROM changes JOIN change_sets ON change_sets.id = change_set "
        f"WHERE twin IS NOT NULL AND kind = 'decision' AND change_set {AMONG} "
        "UNION SELECT record, twin FROM changes JOIN change_sets AS undo ON undo.id = change_set "
        "JOIN change_sets AS said ON said.id = undo.\"of\" AND said.kind = 'decision' "
        f"WHERE twin IS NOT NULL AND undo.kind = 'undo' AND change_set {AMONG}",
        (json.dumps(sorted(sets)),) * 3,
    )
    return {record for both in found for record in both}


class Pushed(NamedTuple):
    """What a SIS took, or may have taken: blobs of values by field."""

    link: int
    stream: int
    record: int
    action: str
    sent: bytes
    before: bytes
    held: bytes | None
    known: bool
    """Whether it is known to be there."""

    @property
    def there(self) -> dict[str, Plain]:
        """What the SIS made of it, as far as that was read."""
        return decode_changes(self.held or self.sent)


def pushed(
    tx: Tx, sets: Collection[int], records: Collection[int], made: Collection[int]
) -> list[Pushed]:
    """What was sent about records by the runs among ``sets``, the newest first.

    The creation of those that were ``made`` by the sets is theirs, whatever run sent it; and so is
    what an approval among them released.
    """
    among = json.dumps(sorted(sets))
    return [
        Pushed._make(row)
        for row in tx.rows(
            "SELECT pushes.link, links.stream, pushes.record, action, sent, before, "
            "pushes.held, outcome = 'done' FROM pushes "
            f"JOIN links ON links.id = pushes.link WHERE pushes.record {AMONG} "
            "AND (outcome = 'done' OR (outcome IN ('sending', 'unknown') AND run = sending)) "
            f"AND (run {AMONG} OR answer {AMONG} OR (action = 'create' "
            f"AND pushes.record {AMONG})) ORDER BY pushes.id DESC",
            (json.dumps(list(records)), among, among, json.dumps(list(made))),
        )
    ]


def sent(tx: Tx, links: Collection[int]) -> dict[int, dict[str, Plain]]:
    """What SISs took as changes from here: the newest values, by link and field."""
    found: dict[int, dict[str, Plain]] = {}
    for link, told in tx.rows(
        "SELECT link, sent FROM pushes JOIN links ON links.id = link "
        f"WHERE action = 'update' AND outcome = 'done' AND link {AMONG} "
        "AND pushes.record = links.record ORDER BY pushes.id",
        (json.dumps(list(links)),),
    ):
        found.setdefault(link, {}).update(decode_changes(told))
    return found


class Told(NamedTuple):
    """What a SIS took as one field of a record from here, one change after the other."""

    link: int
    field: str
    before: Plain
    """What it had said itself,"""
    sent: Plain
    """and what it holds since."""


def told_by_us(tx: Tx, links: Collection[int], since: int) -> list[Told]:
    """What SISs took from here after a change set about the records that their links are of now.

    What a SIS said otherwise between two changes is its own word again.
    """
    found: dict[tuple[int, str], Told] = {}
    for link, sent, before, held in tx.rows(
        "SELECT link, sent, before, pushes.held FROM pushes JOIN links ON links.id = link "
        f"WHERE action = 'update' AND outcome = 'done' AND link {AMONG} "
        "AND pushes.record = links.record AND run > ? ORDER BY pushes.id",
        (json.dumps(list(links)), since),
    ):
        was, holds = decode_changes(before), decode_changes(held) if held else {}
        for name, value in decode_changes(sent).items():
            known = found.get((link, name))
            goes_on = known is not None and known.sent == was.get(name)
            first = known.before if known is not None and goes_on else was.get(name)
            found[link, name] = Told(link, name, first, holds.get(name, value))
    return list(found.values())


def created_there(tx: Tx, sets: Collection[int]) -> set[int]:
    """The records that SISs took, or may have taken, as new in runs among ``sets``."""
    among = json.dumps(sorted(sets))
    found = tx.rows(
        f"SELECT record FROM pushes WHERE action = 'create' AND (run {AMONG} OR answer {AMONG}) "
        "AND outcome IN ('done', 'sending', 'unknown')",
        (among, among),
    )
    return {record for (record,) in found}


def deleted_there(tx: Tx, records: Iterable[int]) -> set[int]:
    """The links of records at SISs that were last told from here to delete them."""
    found = tx.rows(
        "SELECT link FROM pushes WHERE action = 'delete' AND id IN (SELECT max(id) FROM pushes "
        f"WHERE outcome = 'done' AND record {AMONG} GROUP BY link)",
        (json.dumps(list(records)),),
    )
    return {link for (link,) in found}


def newest(tx: Tx) -> int:
    """The newest change set there is."""
    row = tx.one("SELECT max(id) FROM change_sets")
    return int(row[0] or 0) if row else 0


def twins(tx: Tx, sets: Collection[int]) -> dict[int, int]:
    """Whom change sets joined with others, or took apart from them: these others (A5)."""
    found = tx.rows(
        f"SELECT record, twin FROM changes WHERE change_set {AMONG} AND twin IS NOT NULL",
        (json.dumps(sorted(sets)),),
    )
    return dict(found)


def pins(tx: Tx, sets: Collection[int], records: Iterable[int]) -> list[tuple[int, str, int]]:
    """(link, part, record) of what people pinned about records in change sets.

    What a sync pinned was kept from its SIS's word, and that word still stands.
    """
    return [
        (row[0], row[1], row[2])
        for row in tx.rows(
            "SELECT link, part, record FROM pins JOIN links ON links.id = link "
            "JOIN change_sets ON change_sets.id = change_set AND kind NOT IN (?, ?) "
            f"WHERE change_set {AMONG} AND record {AMONG}",
            (SYNC, APPROVAL, json.dumps(sorted(sets)), json.dumps(list(records))),
        )
    ]


def lifted(tx: Tx, sets: Collection[int], records: Iterable[int]) -> list[tuple[int, str, int]]:
    """(link, part, record) of pins that change sets lifted."""
    return [
        (row[0], row[1], row[2])
        for row in tx.rows(
            "SELECT DISTINCT link, part, record FROM lifted_pins JOIN links ON links.id = link "
            f"WHERE lifted {AMONG} AND record {AMONG}",
            (json.dumps(sorted(sets)), json.dumps(list(records))),
        )
    ]


# -- undos ------------------------------------------------------------------------------------


def cut_off(tx: Tx, of: int) -> int | None:
    """The undo of a change set that did not come to its end."""
    row = tx.one(
        'SELECT id FROM change_sets WHERE kind = ? AND "of" = ? AND unfinished ORDER BY id DESC '
        "LIMIT 1",
        (UNDO, of),
    )
    return None if row is None else int(row[0])


def open_undo(tx: Tx, of: ChangeSet, author: str, at: str, connector: int | None) -> int:
    """The change set of an undo: one of the same that was cut off goes on, else a new one."""
    if (before := cut_off(tx, of.id)) is not None:
        return before
    undo = journal.open_change_set(tx, UNDO, author, at, connector, of.id)
    tx.run("UPDATE change_sets SET unfinished = 1 WHERE id = ?", (undo,))
    return undo


def finish(tx: Tx, change_set: int) -> None:
    """Nothing goes on with this any more."""
    tx.run("UPDATE change_sets SET unfinished = 0 WHERE id = ?", (change_set,))


def records_in(tx: Tx, change_set: int) -> int:
    """How many records a change set has written about."""
    row = tx.one("SELECT count(DISTINCT record) FROM changes WHERE change_set = ?", (change_set,))
    assert row is not None
    return int(row[0])


class Stream(NamedTuple):
    """Where a record may be at a SIS; ``actions`` is what its SIS takes there."""

    connector: int
    actions: frozenset[str]


def streams(tx: Tx) -> dict[int, Stream]:
    """The streams of every connector by id; those that were taken out have none."""
    return {
        id_: Stream(connector, frozenset(json.loads(writes)["actions"] if writes else ()))
        for id_, connector, writes in tx.rows(
            "SELECT streams.id, connector, writes FROM streams JOIN connectors "
            "ON connectors.id = connector WHERE removed_at IS NULL"
        )
    }
