"""The roster as it was, and what became of it between two moments: everybody's questions.

Nothing is kept for that but the history: what stands now is taken back by the log of changes, as
far as it was written since, and who came since is left out.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

from app.errors import NotFound
from app.roster.entities import ENTITIES
from app.roster.identity import identifying
from app.roster.parts import ALIVE
from app.roster.schema import EntityType
from app.roster.stored import plain_value
from app.roster.values import Plain
from app.store.codec import decode_changes
from app.store.database import Database, Tx
from app.store.listing import CREATED, Written, change_of
from app.store.sizes import path
from app.store.statements import AMONG, quoted
from app.store.tables import RECORDS, STAND_FOR


@dataclass(frozen=True)
class Moment:
    """A place in the history: all that was written up to there.

    A sync that was under way belongs to it as far as it was written before anything newer.
    """

    change_set: int
    """The newest change set that belongs to it,"""
    change: int | None
    """and the newest row of the log of changes; ``None``: all of them."""


NOW = Moment(2**63 - 1, None)
"""What stands now."""


def at(database: Database, instant: str) -> Moment:
    """The moment of an instant (ISO 8601, UTC)."""
    with database.reading() as tx:
        row = tx.one("SELECT max(id) FROM change_sets WHERE at <= ?", (instant,))
        return _moment(tx, row[0] if row and row[0] else 0)


def after(database: Database, change_set: int) -> Moment:
    """The moment when a change set was over; raises ``NotFound``."""
    with database.reading() as tx:
        row = tx.one(
            "SELECT coalesce(runs.ended_at, change_sets.at) FROM change_sets "
            "LEFT JOIN runs ON runs.id = change_sets.id WHERE change_sets.id = ?",
            (change_set,),
        )
        if row is None:
            raise NotFound("run_unknown", id=change_set)
        # What others wrote while a sync was under way stood when that was over.
        row = tx.one("SELECT max(id) FROM change_sets WHERE id = ? OR (id > ? AND at < ?)",
                     (change_set, change_set, row[0]))  # fmt: skip
        assert row is not None
        return _moment(tx, row[0])


def before(database: Database, change_set: int) -> Moment:
    """The moment before a change set began."""
    with database.reading() as tx:
        return _moment(tx, change_set - 1)


def _moment(tx: Tx, change_set: int) -> Moment:
    row = tx.one("SELECT min(id) FROM changes WHERE change_set > ?", (change_set,))
    newer = row[0] if row else None
    return Moment(change_set, None if newer is None else newer - 1)


# -- the roster as it was -----------------------------------------------------------------------


class Past(Database):
    """A database to be read, and read alone, in which the records are as they were."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    @contextmanager
    def reading(self) -> Iterator[Tx]:
        """The view of that moment."""
        yield self._tx


@contextmanager
def roster(
    database: Database,
    moment: Moment,
    *,
    entities: Collection[str] = tuple(ENTITIES),
    only: Collection[int] | None = None,
) -> Iterator[Past]:
    """The roster of a moment: what reads records of a ``Database`` reads those of then.

    The tables of records are hidden by views of the same names; links, history and all else are
    as they are now. Whoever asks about some ``entities``, or ``only`` about some records, need not
    wait until the others are as they were, and may find what they refer to as it is now.
    """
    with database.aside() as tx:
        for entity, since in _since(tx, moment, entities, only).items():
            _hide(tx, ENTITIES[entity], moment, since)
        _hide_stand_ins(tx)
        yield Past(tx)


_Values: TypeAlias = dict[str, Plain]
_IDENTIFIED = tuple(name for name, entity in ENTITIES.items() if identifying(entity))
"""Whose ids may stand for others."""


def _since(
    tx: Tx,
    moment: Moment,
    entities: Collection[str] = tuple(ENTITIES),
    only: Collection[int] | None = None,
) -> dict[str, dict[int, _Values]]:
    """What records were before they were changed since a moment, by entity: stored values."""
    found: dict[str, dict[int, _Values]] = {entity: {} for entity in entities}
    if moment.change is None:
        return found
    among = "" if only is None else f"AND record {AMONG} "
    for entity, record, before in tx.rows(
        f"SELECT entity, record, before FROM changes WHERE id > ? AND entity {AMONG} "
        f"AND before <> after {among}ORDER BY id DESC",
        (
            moment.change,
            json.dumps(list(entities)),
            *([json.dumps(list(only))] if only is not None else []),
        ),
    ):
        # The oldest comes last, and has the word.
        found[entity].setdefault(record, {}).update(decode_changes(before))
    return found


def _hide(tx: Tx, entity: EntityType, moment: Moment, since: Mapping[int, _Values]) -> None:
    table = RECORDS[entity.name]
    columns = [column.name for column in table.columns]
    told = ", ".join(map(quoted, columns))
    tx.run(f"CREATE TEMP TABLE was_{entity.name} ({told}, PRIMARY KEY (id))")
    places = {name: place for place, name in enumerate(columns)}
    changed = []
    for row in tx.rows(
        f"SELECT {told} FROM main.{entity.name} WHERE id {AMONG}", (json.dumps(list(since)),)
    ):
        values = list(row)
        for name, value in since[row[0]].items():
            if name in places:  # a field that the schema no longer has is nowhere to be shown
                values[places[name]] = value
        changed.append(tuple(values))
    tx.many(f"INSERT INTO was_{entity.name} VALUES ({', '.join('?' * len(columns))})", changed)
    there = f"created_in <= {moment.change_set}"
    tx.run(
        f"CREATE TEMP VIEW {entity.name} AS SELECT {told} FROM main.{entity.name} WHERE {there} "
        f"AND id NOT IN (SELECT id FROM was_{entity.name}) "
        f"UNION ALL SELECT {told} FROM was_{entity.name} WHERE {there}"
    )


def _hide_stand_ins(tx: Tx) -> None:
    """Who was somebody then stood for nobody else."""
    lived = " UNION ALL ".join(f"SELECT id FROM {name} WHERE alive" for name in _IDENTIFIED)
    columns = ", ".join(column.name for column in STAND_FOR.columns)
    tx.run(f"CREATE TEMP TABLE {STAND_FOR.name} ({columns}, PRIMARY KEY (record))")
    tx.run(
        f"INSERT INTO {STAND_FOR.name} SELECT {columns} FROM main.{STAND_FOR.name} "
        f"WHERE record NOT IN ({lived})"
    )


def by_school(database: Database) -> dict[str, list[tuple[Plain, int]]]:
    """How many live records there are, by entity: (the value at the end of the path to the school,
    count)."""
    with database.reading() as tx:
        found = {}
        for name, entity in ENTITIES.items():
            where, joins = path(entity)
            found[name] = [
                (place, count)
                for place, count in tx.rows(
                    f"SELECT {where}, count(*) FROM {name} AS record {joins} "
                    "WHERE record.alive GROUP BY 1"
                )
            ]
    return found


# -- two moments --------------------------------------------------------------------------------


def between(database: Database, earlier: Moment, later: Moment) -> list[Written]:
    """What became of records from one moment to a later one, all in all.

    Who came and went again is not told, nor what was changed and changed back; who was there
    before and had ended meanwhile has ``returned``.
    """
    found: list[Written] = []
    with database.reading() as tx:
        then, until = _since(tx, earlier), _since(tx, later)
        for name, entity in ENTITIES.items():
            told = (json.dumps(list(then[name])), earlier.change_set, later.change_set)
            for id_, created_in, alive, *stored in tx.rows(
                f"SELECT id, created_in, alive, {', '.join(map(quoted, entity.field_names))} "
                f"FROM {name} WHERE (id {AMONG} OR created_in > ?) AND created_in <= ? ORDER BY id",
                told,
            ):
                now = {ALIVE: bool(alive), **dict(zip(entity.field_names, stored, strict=True))}
                one = _net(
                    entity,
                    id_,
                    now | then[name].get(id_, {}) if created_in <= earlier.change_set else None,
                    now | until[name].get(id_, {}),
                )
                if one is not None:
                    found.append(one)
    return found


def _net(entity: EntityType, id_: int, was: _Values | None, is_: _Values) -> Written | None:
    """What became of a record; ``None``: nothing."""
    if was is None:
        return Written(entity.name, id_, CREATED) if is_[ALIVE] else None
    if not (was[ALIVE] or is_[ALIVE]):
        return None
    changed = [name for name, value in is_.items() if was.get(name, value) != value]
    if not changed:
        return None
    before, after = (_plain(entity, side, changed) for side in (was, is_))
    return Written(entity.name, id_, change_of(before, after), before, after)


def _plain(entity: EntityType, values: _Values, names: Collection[str]) -> _Values:
    known = entity.by_name
    return {
        name: plain_value(known[name], values[name]) if name in known else values[name]
        for name in names
        if name in known or name == ALIVE
    }
