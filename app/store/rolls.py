"""The roll of one class as it stands here, and all that may have kept somebody from it.

As in ``reads``: frozen rows; never from the window's thread. What they mean is ``engine.verdict``'s
to say.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from app.roster.parts import ALIVE
from app.roster.values import Plain
from app.store import reads
from app.store.codec import decode_changes
from app.store.database import Database, Tx
from app.store.history import DECISION, ORIGIN, REFUSAL, UNDO, WRITTEN_IN, Origin
from app.store.journal import GOOD_SYNCS
from app.store.linkage import HELD_OUTSIDE
from app.store.reads import LinkRow
from app.store.statements import AMONG

Values: TypeAlias = Mapping[str, Plain]


@dataclass(frozen=True)
class Seat:
    """A person's place in a class: one enrollment, live or ended."""

    enrollment: int
    values: Values
    """The enrollment, canonical by field."""
    name: str
    """What the person is called; blank where nobody here knows them."""
    person: bool
    """The person is in the roster, and has not ended."""
    alive: bool
    there: Mapping[str, bool | None] = field(default_factory=dict)
    """Whether it was there when each SIS was last read, by connector (SEMANTICS A3)."""
    ended: Origin | None = None
    """How it ended here, if it has."""
    waits: Mapping[str, str] = field(default_factory=dict)
    """What waits for approval of it, by connector: ``update`` or ``end``."""
    answer: Origin | None = None
    """The refusal, the decision or the undo that was the last to say how it stands here."""
    again: Mapping[str, bool] = field(default_factory=dict)
    """Where that took a refusal back, and the next sync asks again: by connector, whether it asks
    about its end."""

    @property
    def role(self) -> str | None:
        """What the person is in the class."""
        role: str | None = self.values["role"]
        return role

    def counts(self, today: str) -> bool:
        """Whether it counts on a day: it is there, and its last day lies ahead."""
        return self.alive and stays(self.values, today)

    @property
    def taken_out(self) -> bool:
        """Whether a person here has ended it."""
        return self.ended is not None and self.ended.who == self.ended.author


def stays(enrollment: Values | None, today: str) -> bool:
    """Whether there is an enrollment whose last day lies ahead."""
    if enrollment is None:
        return False
    end = enrollment.get("end_date")
    return end is None or end > today


@dataclass(frozen=True)
class Reading:
    """How the enrollments of a connector were last read."""

    at: str
    complete: bool


@dataclass(frozen=True)
class ClassFacts:
    """What is known of a class and its roll."""

    id: int
    alive: bool
    made: Origin
    links: tuple[LinkRow, ...] = ()
    seats: tuple[Seat, ...] = ()
    begins: str | None = None
    """The first day of the first of its terms."""
    ends: str | None = None
    """The last day of the last of them."""
    waiting: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """How many of its enrollments wait for approval, by connector and what that would do."""
    outside: int = 0
    """How many of its enrollments are out of a connector's scope."""
    unreadable: Mapping[str, int] = field(default_factory=dict)
    """How many rows of its roll could not be read, by connector."""
    readings: Mapping[str, Reading] = field(default_factory=dict)
    """How its connectors' enrollments were last read."""


def class_facts(database: Database, id_: int) -> ClassFacts:
    """What is known of a class; raises ``NotFound``."""
    detail = reads.record(database, "classes", id_)
    id_ = detail.record.id
    names = tuple(dict.fromkeys(link.connector for link in detail.links))
    terms = reads.records(database, "academic_sessions", detail.record.values["terms"] or ())
    begins = [day for one in terms if (day := one.values["start_date"])]
    ends = [day for one in terms if (day := one.values["end_date"])]
    enrolled = _enrolled(database, id_)
    with database.reading() as tx:
        outside, unreadable = _missed(tx, id_, detail.links)
        return ClassFacts(
            id_,
            detail.record.alive,
            detail.made,
            detail.links,
            _seats(tx, enrolled, waits := _waiting(tx, id_)),
            min(begins, default=None),
            max(ends, default=None),
            {name: Counter(what for _, what in told) for name, told in waits.items()},
            outside,
            unreadable,
            {name: found for name in names if (found := _reading(tx, name))},
        )


def _enrolled(database: Database, id_: int) -> list[reads.RecordRow]:
    with database.reading() as tx:
        asked = 'SELECT id FROM enrollments WHERE "class" = ? ORDER BY id'
        ids = [row[0] for row in tx.rows(asked, (id_,))]
    return reads.records(database, "enrollments", ids)


def _seats(
    tx: Tx, enrolled: list[reads.RecordRow], waits: Mapping[str, list[tuple[int, str]]]
) -> tuple[Seat, ...]:
    ids = json.dumps([row.id for row in enrolled])
    people = {
        user: (" ".join(filter(None, name)), bool(alive))
        for user, alive, *name in tx.rows(
            f"SELECT id, alive, given_name, family_name FROM users WHERE id {AMONG}",
            (json.dumps([row.values["user"] for row in enrolled]),),
        )
    }
    there: dict[int, dict[str, bool | None]] = {}
    by_link: dict[int, tuple[int, str]] = {}
    for link, record, connector, name, alive in tx.rows(
        "SELECT links.id, links.record, connectors.id, connectors.name, links.alive FROM links "
        "JOIN streams ON streams.id = links.stream "
        "JOIN connectors ON connectors.id = streams.connector AND removed_at IS NULL "
        f"WHERE links.record {AMONG}",
        (ids,),
    ):
        by_link[link] = connector, name
        told = there.setdefault(record, {})
        if not told.get(name):  # of several rows that are one record one is enough
            told[name] = None if alive is None else bool(alive)
    ended: dict[int, Origin] = {}
    answers: dict[int, Origin] = {}
    refused: dict[int, _Refused] = {}
    synced = {connector: _newest(tx, connector) for connector, _ in set(by_link.values())}
    for record, link, after, lost, *told_of in tx.rows(
        f"SELECT record, link, after, discarded, {ORIGIN} FROM changes "
        f"JOIN change_sets ON change_sets.id = changes.change_set {WRITTEN_IN}"
        f"WHERE record {AMONG} ORDER BY changes.id",
        (ids,),
    ):
        origin = Origin(*told_of)
        if decode_changes(after).get(ALIVE) is False:
            ended[record] = origin
        if origin.kind in (REFUSAL, DECISION, UNDO):
            answers[record] = origin
        if origin.kind == REFUSAL and lost and link in by_link:
            about_end = decode_changes(lost).get(ALIVE) is False
            refused[record] = _Refused(*by_link[link], about_end, {origin.change_set, origin.of})
        elif origin.kind == UNDO and (one := refused.get(record)) and origin.of in one.line:
            one.line.add(origin.change_set)
            # An undo of that undo refuses it again. A sync since then has asked.
            one.taken_back = not one.taken_back
            one.open = one.taken_back and origin.change_set > synced[one.connector]
    return tuple(
        Seat(
            row.id,
            row.values,
            *people.get(row.values["user"], ("", False)),
            row.alive,
            there.get(row.id, {}),
            None if row.alive else ended.get(row.id),
            {name: what for name, told in waits.items() for id_, what in told if id_ == row.id},
            answers.get(row.id),
            {one.name: one.about_end} if (one := refused.get(row.id)) and one.open else {},
        )
        for row in enrolled
    )


@dataclass
class _Refused:
    """What was refused of an enrollment: by whom it was told, and what undid that in turn."""

    connector: int
    name: str
    about_end: bool
    line: set[int | None]
    taken_back: bool = False
    open: bool = False


def _newest(tx: Tx, connector: int) -> int:
    """The newest good sync of a connector."""
    asked = f"SELECT coalesce(max(id), 0) FROM runs WHERE connector = ? AND {GOOD_SYNCS}"
    return sum(id_ for (id_,) in tx.rows(asked, (connector,)))


def _waiting(tx: Tx, id_: int) -> dict[str, list[tuple[int, str]]]:
    """(enrollment, what would be done) of those that wait, also of those that are not here yet."""
    found: dict[str, list[tuple[int, str]]] = {}
    for name, record, action, planned, class_ in tx.rows(
        "SELECT connectors.name, links.record, items.action, items.planned, enrollments.class "
        "FROM items "
        "JOIN streams ON streams.id = items.stream AND streams.entity = 'enrollments' "
        "JOIN connectors ON connectors.id = streams.connector "
        "JOIN links ON links.id = items.link "
        "LEFT JOIN enrollments ON enrollments.id = links.record "
        "WHERE items.state = 'waiting' AND (enrollments.class = ? OR items.action = 'create')",
        (id_,),
    ):
        if class_ is None and planned is not None:
            class_ = decode_changes(planned).get("class")
        if class_ == id_:
            found.setdefault(name, []).append((record, action))
    return found


def _missed(tx: Tx, id_: int, links: tuple[LinkRow, ...]) -> tuple[int, Counter[str]]:
    """How many of its enrollments are out of scope, and how many rows could not be read."""
    row = tx.one(
        "SELECT count(*) FROM enrollments JOIN links ON links.record = enrollments.id "
        f'WHERE "class" = ? AND enrollments.alive AND links.held & {HELD_OUTSIDE}',
        (id_,),
    )
    unreadable: Counter[str] = Counter()
    for link in links:
        found = tx.one(
            "SELECT count(*) FROM unreadable JOIN streams ON streams.id = unreadable.stream "
            "AND streams.entity = 'enrollments' "
            "JOIN connectors ON connectors.id = streams.connector AND connectors.name = ? "
            "WHERE instr(raw, CAST(? AS BLOB)) > 0",
            (link.connector, link.key),
        )
        unreadable[link.connector] += found[0] if found else 0
    return (row[0] if row else 0), +unreadable


def _reading(tx: Tx, connector: str) -> Reading | None:
    row = tx.one(
        "SELECT runs.started_at, run_streams.complete FROM runs "
        "JOIN run_streams ON run_streams.run = runs.id AND run_streams.entity = 'enrollments' "
        "JOIN connectors ON connectors.id = runs.connector AND connectors.name = ? "
        "WHERE runs.ended_at IS NOT NULL AND runs.mode IN ('full', 'incremental') "
        "ORDER BY runs.id DESC LIMIT 1",
        (connector,),
    )
    return None if row is None else Reading(row[0], bool(row[1]))
