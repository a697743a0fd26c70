"""Everybody's questions to the database, answered with frozen rows (ids first, then a page).

Each function opens a read-only view for one query's length; call them from any thread but the
window's. Values are canonical (``roster.values``), references are record ids.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from app.errors import NotFound, Parameter
from app.roster.entities import ENTITIES
from app.roster.schema import EntityType, referred
from app.roster.stored import plain_value
from app.roster.values import Plain
from app.store import history, identities, journal, known, linkage, policies, scopes
from app.store.codec import plain_changes
from app.store.database import Database, Tx
from app.store.history import Origin
from app.store.identities import StandIns
from app.store.linkage import HELD_OUTSIDE
from app.store.statements import AMONG
from app.store.tables import COUNTS

# -- connectors and runs ----------------------------------------------------------------------


@dataclass(frozen=True)
class StreamCounts:
    """What a run did in one stream (SEMANTICS C8)."""

    entity: str
    counts: Mapping[str, int]
    full: bool
    complete: bool
    proof: bool
    doubts: tuple[tuple[str, Mapping[str, Parameter]], ...] = ()


@dataclass(frozen=True)
class RunRow:
    """One sync as the history shows it. Times are ISO 8601 UTC; ``seconds`` from start to end."""

    id: int
    connector: str
    state: str
    mode: str
    trigger: str
    author: str
    started_at: str
    ended_at: str | None
    resumes: int | None
    entity: str | None
    """The stream being read, while it runs."""
    done: int
    expected: int | None
    error_code: str | None
    error_parameters: Mapping[str, Parameter]
    error_detail: str | None
    error_category: str | None = None
    """Of ``app.errors``: a transient error may pass by itself."""
    sending: bool = False
    """``done`` and ``expected`` count what goes out to the SIS."""
    streams: tuple[StreamCounts, ...] = ()

    @property
    def seconds(self) -> float | None:
        """How long it took; ``None`` while it runs."""
        if self.ended_at is None:
            return None
        began, ended = map(datetime.fromisoformat, (self.started_at, self.ended_at))
        return (ended - began).total_seconds()

    def total(self, count: str) -> int:
        """The sum of one count (``created``, ``updated``, …) over all streams."""
        return sum(stream.counts[count] for stream in self.streams)


@dataclass(frozen=True)
class LogLine:
    """One line of a run's log; ``app.text.sentence`` says what the code means."""

    at: str
    level: str
    entity: str | None
    code: str
    parameters: Mapping[str, Parameter]


@dataclass(frozen=True)
class ConnectorFacts:
    """All that the badge, the list and the sentence on top are made of."""

    id: int
    name: str
    kind: str
    settings: Mapping[str, Any]
    paused: bool
    last: RunRow | None
    """The newest sync, or whatever run is under way."""
    good: RunRow | None
    """The newest sync that was read and settled to its end."""
    standing: journal.Standing
    incomplete: bool
    """The newest finished run's answer was not whole."""
    schedule: str | None = None
    """When it syncs by itself (``engine.schedule``); ``None``: only when asked."""
    webhooks: bool = False
    """Whether its SIS may tell of changes by webhook."""
    scope: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What of it is kept in step, by part (``engine.scope``); empty: everything."""
    failures: int = 0
    """How many syncs have failed since the last good one."""
    credentials_until: str | None = None
    """The last day on which its SIS takes its credentials, as a person said."""
    issue: known.Issue | None = None
    """What a person has said is known of it."""
    since: known.Since = field(default_factory=known.Since)
    """Since when it is as it is."""


_RUN = (
    "SELECT runs.id, runs.connector_name, runs.state, runs.mode, runs.trigger, "
    "change_sets.author, runs.started_at, runs.ended_at, runs.resumes, runs.entity, runs.done, "
    "runs.expected, runs.error_code, runs.error_parameters, runs.error_detail, "
    "runs.error_category, runs.sending "
    "FROM runs JOIN change_sets ON change_sets.id = runs.id "
)
_ENDED_WELL = f"runs.state IN {journal.GOOD_STATES!r}"
_OPEN = f"runs.state IN {journal.OPEN_STATES!r}"
_SYNCS = f"runs.mode NOT IN {journal.NO_SYNC!r}"


def connectors(database: Database) -> list[ConnectorFacts]:
    """Every connector with its facts, by name."""
    with database.reading() as tx:
        return [_facts(tx, row) for row in journal.connectors(tx)]


def connector(database: Database, name: str) -> ConnectorFacts:
    """One connector with its facts; raises ``NotFound``."""
    for facts in connectors(database):
        if facts.name == name:
            return facts
    raise NotFound("connector_unknown", name=name)


def _facts(tx: Tx, row: journal.ConnectorRow) -> ConnectorFacts:
    def newest(which: str) -> list[RunRow]:
        where = f"WHERE runs.connector = ? AND {which} ORDER BY runs.id DESC LIMIT 1"
        return _runs(tx, where, (row.id,))

    last = newest(f"({_SYNCS} OR {_OPEN})")
    good = newest(f"{_SYNCS} AND {_ENDED_WELL}")
    return ConnectorFacts(
        row.id,
        row.name,
        row.kind,
        json.loads(row.settings),
        row.paused,
        last[0] if last else None,
        good[0] if good else None,
        journal.standing(tx, row.id),
        bool(good) and any(not stream.complete for stream in good[0].streams),
        row.schedule,
        row.webhooks,
        json.loads(row.scope) if row.scope else {},
        journal.failures(tx, row.id),
        row.credentials_until,
        known.issue(tx, row.id),
        known.since(tx, row.id),
    )


def outside(database: Database, name: str) -> dict[str, int]:
    """How many live records are out of a connector's scope, by entity; raises ``NotFound``."""
    with database.reading() as tx:
        row = journal.connector(tx, name)
        counted = {entity: scopes.count_outside(tx, row.id, entity) for entity in ENTITIES}
    return {entity: count for entity, count in counted.items() if count}


def runs(
    database: Database, connector: str | None = None, *, limit: int = 50, before: int | None = None
) -> list[RunRow]:
    """The newest runs first, with their counts; ``before`` a run id for the next page."""
    conditions, values = ["1"], list[Any]()
    if connector is not None:
        conditions.append("runs.connector_name = ?")
        values.append(connector)
    if before is not None:
        conditions.append("runs.id < ?")
        values.append(before)
    where = f"WHERE {' AND '.join(conditions)} ORDER BY runs.id DESC LIMIT ?"
    with database.reading() as tx:
        return _runs(tx, where, (*values, limit))


def run_ids(database: Database, connector: str | None = None) -> list[int]:
    """The ids of all runs, the newest first."""
    with database.reading() as tx:
        if connector is None:
            return [row[0] for row in tx.rows("SELECT id FROM runs ORDER BY id DESC")]
        return [
            row[0]
            for row in tx.rows(
                "SELECT id FROM runs WHERE connector = (SELECT id FROM connectors WHERE name = ?) "
                "ORDER BY id DESC",
                (connector,),
            )
        ]


def runs_by_id(database: Database, ids: Sequence[int]) -> dict[int, RunRow]:
    """Runs by id, with their counts; unknown ids are left out."""
    with database.reading() as tx:
        found = _runs(tx, f"WHERE runs.id {AMONG}", (json.dumps(list(ids)),))
    return {run.id: run for run in found}


def run(database: Database, run_id: int) -> RunRow:
    """One run; raises ``NotFound``."""
    found = runs_by_id(database, [run_id])
    if run_id not in found:
        raise NotFound("run_unknown", id=run_id)
    return found[run_id]


def run_log(database: Database, run_id: int) -> list[LogLine]:
    """The log of a run, in order."""
    with database.reading() as tx:
        return [
            LogLine(at, level, entity, code, json.loads(parameters))
            for at, level, entity, code, parameters in tx.rows(
                "SELECT at, level, entity, code, parameters FROM run_log WHERE run = ? ORDER BY id",
                (run_id,),
            )
        ]


def _runs(tx: Tx, where: str, values: tuple[Any, ...]) -> list[RunRow]:
    rows = list(tx.rows(_RUN + where, values))
    streams: dict[int, list[StreamCounts]] = {row[0]: [] for row in rows}
    for id_, entity, full, complete, proof, doubts, *counts in tx.rows(
        f"SELECT run, entity, full, complete, proof, doubts, {', '.join(COUNTS)} FROM run_streams "
        f"WHERE run {AMONG} ORDER BY run, rowid",
        (json.dumps(list(streams)),),
    ):
        streams[id_].append(
            StreamCounts(
                entity,
                dict(zip(COUNTS, counts, strict=True)),
                bool(full),
                bool(complete),
                bool(proof),
                tuple((code, parameters) for code, parameters in json.loads(doubts)),
            )
        )
    found = []
    for *plain, parameters, detail, category, sending in rows:
        told = json.loads(parameters) if parameters else {}
        values = (*plain, told, detail, category, bool(sending), tuple(streams[plain[0]]))
        found.append(RunRow(*values))
    return found


# -- records ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class RecordRow:
    """One record: canonical values by field name, references as ids."""

    entity: str
    id: int
    version: int
    alive: bool
    values: Mapping[str, Plain]


@dataclass(frozen=True)
class LinkRow:
    """What one connector knows the record as; ``base`` is what was last agreed (stored form)."""

    connector: str
    key: str
    alive: bool | None
    outside: bool = False
    """Out of the connector's scope: the record stays as it is (SEMANTICS D2)."""
    rows: tuple[str, ...] = ()
    """The keys of the rows that tell of it, ``key`` first (SEMANTICS A5)."""


@dataclass(frozen=True)
class ChangeRow(Origin):
    """One change of a record: who, when, what was before and after (canonical, by field)."""

    before: Mapping[str, Plain]
    after: Mapping[str, Plain]
    discarded: Mapping[str, Plain] = field(default_factory=dict)
    """What the SIS said and a decision threw away (SEMANTICS B5)."""


@dataclass(frozen=True)
class RecordDetail:
    """A record with where it comes from and what happened to it, the newest first."""

    record: RecordRow
    links: tuple[LinkRow, ...]
    made: Origin
    """Where it came from to begin with."""
    changes: tuple[ChangeRow, ...]
    titles: Mapping[int, str] = field(default_factory=dict)
    """What the records it refers to are called; a dangling reference has none."""
    protected: bool = False
    """No sync ends it."""

    @property
    def created_in(self) -> int:
        """The change set that made it."""
        return self.made.change_set

    @property
    def created_by(self) -> str:
        """The connector whose sync made it, or the person who did."""
        return self.made.who


def told_by_others(database: Database, connector: str) -> set[str]:
    """The entities of which connectors but the one of this name tell live records."""
    with database.reading() as tx:
        return {
            entity
            for (entity,) in tx.rows(
                "SELECT DISTINCT entity FROM streams JOIN connectors "
                "ON connectors.id = streams.connector WHERE name <> ? AND removed_at IS NULL "
                "AND EXISTS (SELECT 1 FROM links WHERE stream = streams.id AND alive)",
                (connector,),
            )
        }


def learnt(database: Database, name: str) -> dict[str, Any]:
    """What a connector has learnt of its service, whatever its settings were then.

    Raises ``NotFound``.
    """
    known = connector(database, name)
    with database.reading() as tx:
        row = tx.one("SELECT learnt FROM connectors WHERE id = ?", (known.id,))
    told = json.loads(row[0]) if row is not None and row[0] else {}
    found: dict[str, Any] = told.get("learnt", {})
    return found


def entity_type(name: str) -> EntityType:
    """The entity of that name; raises ``NotFound``."""
    if name not in ENTITIES:
        raise NotFound("entity_unknown", entity=name, known=", ".join(ENTITIES))
    return ENTITIES[name]


def record_ids(database: Database, entity: str, *, ended: bool = False) -> list[int]:
    """The ids of all live records (or of all, with ``ended``), in order."""
    entity_type(entity)
    alive = "" if ended else "WHERE alive"
    with database.reading() as tx:
        return [row[0] for row in tx.rows(f"SELECT id FROM {entity} {alive} ORDER BY id")]


def records(database: Database, entity: str, ids: Sequence[int]) -> list[RecordRow]:
    """Records by id, in the order asked for; unknown ids are left out.

    An id that stands for another record is that record, here and wherever records are read
    (SEMANTICS D5).
    """
    type_ = entity_type(entity)
    with database.reading() as tx:
        same, meant = identities.stand_ins(tx, type_), identities.originals(tx, ids)
        rows = list(
            tx.rows(
                _select(type_, f"WHERE id {AMONG}"),
                (json.dumps([meant.get(id_, id_) for id_ in ids]),),
            )
        )
        same.learn(row[_BEFORE_FIELDS:] for row in rows)
        found = {row[0]: _record(type_, row, same) for row in rows}
    return [found[one] for one in (meant.get(id_, id_) for id_ in ids) if one in found]


def all_records(database: Database, entity: str) -> Iterator[RecordRow]:
    """Every live record, one by one, from one moment of the database."""
    type_ = entity_type(entity)
    with database.reading() as tx:
        same = identities.stand_ins(tx, type_)
        rows = tx.rows(_select(type_, "WHERE alive ORDER BY id"))
        while some := list(islice(rows, _AT_ONCE)):
            same.learn(row[_BEFORE_FIELDS:] for row in some)
            for row in some:
                yield _record(type_, row, same)


def record(database: Database, entity: str, id_: int) -> RecordDetail:
    """One record with its links and history; raises ``NotFound``."""
    type_ = entity_type(entity)
    with database.reading() as tx:
        id_ = identities.originals(tx, [id_]).get(id_, id_)
        row = tx.one(_select(type_, "WHERE id = ?"), (id_,))
        if row is None:
            raise NotFound("record_unknown", entity=entity, id=id_)
        found = _record(type_, row, identities.stand_ins(tx, type_))
        made = history.made(tx, [(entity, id_)])[id_]
        guarded = bool(policies.protected(tx, [id_]))
        known = list(
            tx.rows(
                "SELECT links.id, connectors.name, links.key, links.alive, links.held FROM links "
                "JOIN streams ON streams.id = links.stream "
                "JOIN connectors ON connectors.id = streams.connector "
                "WHERE links.record = ? ORDER BY connectors.name, links.key",
                (id_,),
            )
        )
        further = linkage.joined_keys(tx, [one[0] for one in known])
        links = tuple(
            LinkRow(
                name,
                key,
                None if alive is None else bool(alive),
                bool(held & HELD_OUTSIDE),
                (key, *further.get(link, ())),
            )
            for link, name, key, alive, held in known
        )
        changes = tuple(
            ChangeRow(
                *origin,
                *(plain_changes(type_, side) for side in (before, after, lost) if side),
            )
            for before, after, lost, *origin in tx.rows(
                f"SELECT before, after, discarded, {history.ORIGIN} FROM changes "
                "JOIN change_sets ON change_sets.id = changes.change_set "
                f"{history.WRITTEN_IN} WHERE changes.record = ? ORDER BY changes.id DESC",
                (id_,),
            )
        )
    titled = dict(titles(database, *references(type_, found)))
    return RecordDetail(found, links, made, changes, titled, guarded)


def references(entity: EntityType, row: RecordRow) -> Sequence[tuple[str, list[int]]]:
    """(entity, record ids) of everything that ``row`` refers to."""
    found: dict[str, list[int]] = {}
    for one in entity.fields:
        for target, ids in referred(one, row.values[one.name]):
            found.setdefault(target, []).extend(ids)
    return list(found.items())


def titles(database: Database, *wanted: tuple[str, Iterable[int]]) -> dict[int, str]:
    """What records are called, by id: of each (entity, ids) asked for."""
    found: dict[int, str] = {}
    with database.reading() as tx:
        for entity, ids in wanted:
            type_ = ENTITIES[entity]
            plain = [name for name in type_.title if type_.by_name[name].target is None]
            if not plain:
                continue
            columns = ", ".join(f'"{name}"' for name in plain)
            named = list(ids)
            meant = identities.originals(tx, named)
            for id_, *parts in tx.rows(
                f"SELECT id, {columns} FROM {entity} WHERE id {AMONG}",
                (json.dumps([*named, *meant.values()]),),
            ):
                found[id_] = " ".join(str(part) for part in parts if part is not None)
            found |= {id_: found[one] for id_, one in meant.items() if one in found}
    return found


def titles_of_values(
    database: Database, told: Iterable[tuple[str, Mapping[str, Plain]]]
) -> dict[int, str]:
    """What the records are called that values refer to, each with the entity they are of."""
    wanted: dict[str, set[int]] = {}
    for entity, values in told:
        known = ENTITIES[entity].by_name
        for name in values.keys() & known.keys():
            for target, ids in referred(known[name], values[name]):
                wanted.setdefault(target, set()).update(ids)
    return titles(database, *wanted.items())


def counts(database: Database) -> dict[str, int]:
    """How many live records there are of each entity."""
    asked = ", ".join(f"(SELECT count(*) FROM {name} WHERE alive)" for name in ENTITIES)
    with database.reading() as tx:
        row = tx.one(f"SELECT {asked}")
    assert row is not None
    return dict(zip(ENTITIES, row, strict=True))


def unlinked(database: Database) -> int:
    """How many live records no connector knows; one that was removed knows none."""
    asked = " + ".join(
        f"(SELECT count(*) FROM {name} WHERE alive AND NOT EXISTS ("
        "SELECT 1 FROM links JOIN streams ON streams.id = links.stream "
        "JOIN connectors ON connectors.id = streams.connector "
        f"WHERE links.record = {name}.id AND connectors.removed_at IS NULL))"
        for name in ENTITIES
    )
    with database.reading() as tx:
        row = tx.one(f"SELECT {asked}")
    assert row is not None
    return int(row[0])


class Watch:
    """Notices that another connection or process wrote (``PRAGMA data_version``)."""

    def __init__(self, database: Database) -> None:
        uri = f"{database.location.path.absolute().as_uri()}?mode=ro"
        self._connection = sqlite3.connect(uri, uri=True)
        self._version = self._read()

    def changed(self) -> bool:
        """True when something was written since the last call."""
        version = self._read()
        changed, self._version = version != self._version, version
        return changed

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def _read(self) -> int:
        row = self._connection.execute("PRAGMA data_version").fetchone()
        return int(row[0])


_BEFORE_FIELDS = 3
"""What stands in a row of ``_select`` before its fields."""

_AT_ONCE = 500
"""So many records are looked through at once for those who stand for others."""


def _select(entity: EntityType, where: str) -> str:
    columns = ", ".join(f'"{name}"' for name in entity.field_names)
    return f"SELECT id, version, alive, {columns} FROM {entity.name} {where}"


def _record(entity: EntityType, row: tuple[Any, ...], same: StandIns) -> RecordRow:
    values = {
        one.name: same.plain(one, plain_value(one, stored))
        for one, stored in zip(entity.fields, row[_BEFORE_FIELDS:], strict=True)
    }
    return RecordRow(entity.name, row[0], row[1], bool(row[2]), values)
