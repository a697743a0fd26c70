"""How many there are, what was done of late, and what waits: the numbers that limits are judged by.

Called by the engine inside its transactions (SEMANTICS E1). Everything is set-based: a query a
stream, never one an item. Which records count is the engine's to say: ``Open`` tells it by field.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from app.roster.entities import ENTITIES
from app.roster.schema import EntityType
from app.roster.values import Plain, instant_text
from app.store.database import Tx
from app.store.statements import AMONG, quoted

Open: TypeAlias = Mapping[str, str]
"""What must hold for a live record to be counted, by field: ``not false``, ``said``, ``ahead``."""

_MUST = {
    "not false": "coalesce({column}, 1)",
    "said": "{column} IS NOT NULL",
    "ahead": "({column} IS NULL OR {column} > ?)",
}


# -- counting records -------------------------------------------------------------------------


def counted(
    tx: Tx, stream: int, entity: EntityType, open_: Open, today: str, held: Sequence[str] = ()
) -> Iterator[tuple[Plain, int, tuple[int, ...]]]:
    """(where, count, holders) of the live records of a stream, grouped by where they count.

    *Where* is the stored value at the end of the entity's path to its school: an id, or a list as
    its text. *Holders*: how many hold a value in each of the fields ``held``.
    """
    where, joins = path(entity)
    counts, values = _condition(open_, today)
    holders = "".join(f", count(record.{quoted(name)})" for name in held)
    for place, count, *holding in tx.rows(
        f"SELECT {where}, count(*){holders} FROM links "
        f"JOIN {entity.name} AS record ON record.id = links.record {joins} "
        f"WHERE links.stream = ? AND links.alive AND record.alive{counts} GROUP BY 1",
        (stream, *values),
    ):
        yield place, count, tuple(holding)


def moved_since(
    tx: Tx, stream: int, entity: EntityType, open_: Open, today: str, change_set: int
) -> list[tuple[Plain, int, int]]:
    """(where, arrived, gone): records of a stream made or ended since a change set."""
    where, joins = path(entity)
    counts, values = _condition(open_, today)
    return [
        (place, arrived, gone)
        for place, arrived, gone in tx.rows(
            # What a SIS refused to make has a link that is not known to live.
            f"SELECT {where}, sum(coalesce(links.alive, 0) AND record.alive "
            f"AND record.created_in >= ?{counts}), "
            "sum(NOT record.alive AND record.created_in < ?) FROM links "
            f"JOIN {entity.name} AS record ON record.id = links.record {joins} "
            "WHERE links.stream = ? AND record.changed_in >= ? GROUP BY 1",
            (change_set, *values, change_set, stream, change_set),
        )
    ]


def in_classes(tx: Tx, classes: Iterable[int], open_: Open, today: str) -> dict[str, int]:
    """How many enrollments each class has, by ``CLASS:ROLE``."""
    counts, values = _condition(open_, today)
    return {
        f"{class_}:{role}": count
        for class_, role, count in tx.rows(
            'SELECT record."class", record.role, count(*) FROM enrollments AS record '
            f'WHERE record."class" {AMONG} AND record.alive{counts} GROUP BY 1, 2',
            (json.dumps(sorted(classes)), *values),
        )
    }


def path_values(tx: Tx, entity: EntityType, ids: Collection[int]) -> dict[int, Plain]:
    """The stored values in which the path to the school begins, by record id."""
    (column,) = (name.partition(".")[0] for name in entity.school)
    return dict(
        tx.rows(
            f"SELECT id, {quoted(column)} FROM {entity.name} WHERE id {AMONG}",
            (json.dumps(sorted(ids)),),
        )
    )


def _condition(open_: Open, today: str) -> tuple[str, tuple[str, ...]]:
    """What must hold for a record, and the values it is asked with."""
    parts = [_MUST[must].format(column=f"record.{quoted(name)}") for name, must in open_.items()]
    return "".join(f" AND {part}" for part in parts), (today,) * "".join(parts).count("?")


def path(entity: EntityType) -> tuple[str, str]:
    """The column at the end of the path to the school, and the joins that lead to it."""
    table, joins = "record", ""
    for hop, target in enumerate(passed(entity)[1:], start=1):
        column, _target = _step(entity)
        joins += f"LEFT JOIN {target} AS hop{hop} ON hop{hop}.id = {table}.{quoted(column)} "
        table, entity = f"hop{hop}", ENTITIES[target]
    return (f"{table}.{quoted(_step(entity)[0])}" if entity.school else "NULL"), joins


def passed(entity: EntityType) -> list[str]:
    """The entities on the path to the school, from this one to the one that names it."""
    found = [entity.name]
    while entity.school and (target := _step(entity)[1]) not in (None, "orgs"):
        entity = ENTITIES[str(target)]
        found.append(entity.name)
    return found


def _step(entity: EntityType) -> tuple[str, str | None]:
    """The column in which the path goes on, and the entity that it leads to."""
    name = entity.school[0].partition(".")[0]
    return name, None if name == "id" else entity.by_name[name].target


# -- counts that were stored ------------------------------------------------------------------


def stored(tx: Tx, connector: int, entity: str) -> Iterator[tuple[int, str, int]]:
    """(school, at, count), the oldest first."""
    yield from tx.rows(
        "SELECT school, at, count FROM sizes WHERE connector = ? AND entity = ? ORDER BY at",
        (connector, entity),
    )


def newest(tx: Tx, connector: int) -> dict[str, dict[int, int]]:
    """The newest counts of a connector, by entity and school."""
    found: dict[str, dict[int, int]] = {}
    for entity, school, _at, count in tx.rows(
        "SELECT entity, school, max(at), count FROM sizes WHERE connector = ? GROUP BY 1, 2",
        (connector,),
    ):
        found.setdefault(entity, {})[school] = count
    return found


def store(tx: Tx, connector: int, entity: str, counts: Mapping[int, int], at: str) -> None:
    """Stores counts by school where they differ from the newest stored.

    Each day keeps its first count and its last, so that what a day began with is never lost.
    """
    day = at[:10]
    newest: dict[int, tuple[str, int]] = {}
    of_the_day: Counter[int] = Counter()
    for school, when, count in stored(tx, connector, entity):
        newest[school] = (when, count)
        of_the_day[school] += when[:10] == day
    gone, new = [], []
    for school, count in counts.items():
        when, before = newest.get(school, ("", 0))
        if when and count == before:
            continue
        if of_the_day[school] > 1:
            gone.append((connector, entity, school, when))
        # Of one instant there may be several counts: the later one stands a second after.
        new.append((connector, entity, school, at if when < at else _next(when), max(0, count)))
    tx.many("DELETE FROM sizes WHERE connector = ? AND entity = ? AND school = ? AND at = ?", gone)
    tx.many("INSERT INTO sizes (connector, entity, school, at, count) VALUES (?, ?, ?, ?, ?)", new)


def move(tx: Tx, connector: int, entity: str, by: Mapping[int, int], at: str) -> None:
    """Moves the newest counts of some schools; one that was never counted is left out."""
    newest = {school: count for school, _, count in stored(tx, connector, entity)}
    moved = {school: newest[school] + n for school, n in by.items() if n and school in newest}
    store(tx, connector, entity, moved, at)


def forget_before(tx: Tx, connector: int, entity: str, at: str) -> None:
    """Forgets counts and tallies from before an instant; the count that stood then stays."""
    tx.run(
        "DELETE FROM sizes WHERE connector = ? AND entity = ? AND at < ("
        "SELECT max(at) FROM sizes AS standing WHERE standing.connector = sizes.connector "
        "AND standing.entity = sizes.entity AND standing.school = sizes.school "
        "AND standing.at <= ?)",
        (connector, entity, at),
    )
    tx.run(
        "DELETE FROM applied WHERE connector = ? AND entity = ? AND at < ?",
        (connector, entity, at),
    )


def _next(at: str) -> str:
    return instant_text(datetime.fromisoformat(at) + timedelta(seconds=1))


# -- what was done ----------------------------------------------------------------------------


def note_applied(
    tx: Tx, connector: int, entity: str, direction: str, at: str, tallies: Mapping[str, int]
) -> None:
    """Notes how many items of which effects were carried out."""
    tx.many(
        "INSERT INTO applied (connector, entity, direction, at, effects, count) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        [(connector, entity, direction, at, text, number) for text, number in tallies.items()],
    )


def applied_since(tx: Tx, connector: int, entity: str, direction: str, at: str) -> dict[str, int]:
    """How many items of which effects were carried out since an instant."""
    return dict(
        tx.rows(
            "SELECT effects, sum(count) FROM applied WHERE connector = ? AND entity = ? "
            "AND at >= ? AND direction = ? GROUP BY effects",
            (connector, entity, at, direction),
        )
    )


# -- what is planned --------------------------------------------------------------------------


def planned(tx: Tx, stream: int) -> dict[str, int]:
    """How many items of which effects are planned for a stream."""
    return dict(
        tx.rows(
            "SELECT effects, count(*) FROM items WHERE stream = ? AND state = 'planned' "
            "GROUP BY effects",
            (stream,),
        )
    )


def hold(tx: Tx, stream: int, held_by: str, effects: Sequence[str]) -> None:
    """Planned items of these effects wait from now on, and by what."""
    tx.run(
        "UPDATE items SET state = 'waiting', held_by = ? WHERE stream = ? AND state = 'planned' "
        f"AND effects {AMONG}",
        (held_by, stream, json.dumps(effects)),
    )


def change_set_since(tx: Tx, at: str) -> int | None:
    """The first change set from an instant on."""
    row = tx.one("SELECT min(id) FROM change_sets WHERE at >= ?", (at,))
    return None if row is None else row[0]


# -- what is allowed --------------------------------------------------------------------------


def limits(tx: Tx, connector: int) -> str | None:
    """The limits that were set for a connector, as JSON."""
    row = tx.one("SELECT limits FROM connectors WHERE id = ?", (connector,))
    return None if row is None else row[0]


def set_limits(tx: Tx, connector: int, limits: str) -> None:
    """Sets the limits of a connector."""
    tx.run("UPDATE connectors SET limits = ? WHERE id = ?", (limits, connector))
