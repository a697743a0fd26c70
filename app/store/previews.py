"""Copies of the database on which previews run: where they are, and what is taken from them (E4).

A copy belongs to the newest preview of its connector. It stands beside the database, for nobody
else to read, and goes at the connector's next run or after a day.
"""

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from sys import intern
from typing import Any

from app.errors import NotFound, UsageError
from app.roster.entities import ENTITIES
from app.store import sizes
from app.store.database import PART, Database, Location, Tx
from app.store.journal import GOOD_STATES, PREVIEW
from app.store.statements import AMONG
from app.store.tables import RUN_LOG, RUN_STREAMS

_ENDED = (
    "state", "ended_at", "beat_at", "entity", "done", "expected",
    "error_code", "error_parameters", "error_detail", "error_category",
)  # fmt: skip
_FILES = ("", "-wal", "-shm", PART)


def place(database: Database, connector: int) -> Path:
    """Where the copy of a connector's preview is, or would be."""
    return database.location.path.parent / "previews" / f"{connector}.db"


def forget(database: Database, connector: int) -> None:
    """Takes a copy away, and what a preview that was cut off left of one."""
    path = place(database, connector)
    for ending in _FILES:
        # Where it is being read it cannot be taken away yet on every system.
        with contextlib.suppress(PermissionError):
            path.with_name(path.name + ending).unlink(missing_ok=True)


def forget_old(database: Database, before: str) -> None:
    """Takes away the copies of previews that began before an instant."""
    kept = place(database, 0).parent
    names = {path.name.partition(".")[0] for path in kept.glob("*.db*")}
    connectors = {int(name) for name in names if name.isdigit()}
    if not connectors:
        return
    with database.reading() as tx:
        young = {
            connector
            for (connector,) in tx.rows(
                "SELECT connector FROM runs WHERE mode = ? AND started_at >= ?", (PREVIEW, before)
            )
        }
    for connector in connectors - young:
        forget(database, connector)


@contextlib.contextmanager
def opened(database: Database, run: int) -> Iterator[Database]:
    """The copy on which a preview ran; raises ``NotFound`` when it is gone."""
    with database.reading() as tx:
        row = tx.one("SELECT connector FROM runs WHERE id = ? AND mode = ?", (run, PREVIEW))
    path = place(database, row[0] if row else 0)
    if not path.exists():
        raise NotFound("preview_gone", id=run)
    with Database(Location(path)) as copy:
        with copy.reading() as tx:
            if tx.one("SELECT 1 FROM runs WHERE id = ?", (run,)) is None:
                raise NotFound("preview_gone", id=run)
        yield copy


def streams(tx: Tx, run: int) -> dict[str, int]:
    """The streams of the connector that a run is of, by entity. Asked of a copy."""
    return dict(
        tx.rows(
            "SELECT streams.entity, streams.id FROM streams "
            "JOIN runs ON runs.connector = streams.connector WHERE runs.id = ?",
            (run,),
        )
    )


_SHOWN = "CREATE TABLE IF NOT EXISTS shown (link INTEGER, effects TEXT)"
"""Only copies have it."""


def note_shown(tx: Tx, stream: int) -> None:
    """Notes what a preview changes in a stream now, for whoever approves it. Of a copy."""
    tx.run(_SHOWN)
    tx.run(
        "INSERT INTO shown SELECT link, effects FROM items "
        "WHERE stream = ? AND state = 'planned' AND action <> 'create'",
        (stream,),
    )


def shown(database: Database, run: int) -> dict[int, str]:
    """What a preview changed: of which links, with which effects; who was new is left out.

    Raises ``UsageError`` when a sync has carried it out already, and ``NotFound`` when it is gone.
    """
    with database.reading() as tx:
        done = tx.one(
            'SELECT id FROM runs WHERE id IN (SELECT id FROM change_sets WHERE "of" = ?) '
            f"AND mode <> ? AND state IN {GOOD_STATES!r}",
            (run, PREVIEW),
        )
    if done is not None:
        raise UsageError("preview_carried_out", id=run, run=done[0])
    with opened(database, run) as copy, copy.writing() as tx:
        tx.run(_SHOWN)
        found = tx.rows("SELECT link, effects FROM shown")
        # Of many items few differ in their effects.
        return {link: intern(effects) for link, effects in found}


def hold_unshown(tx: Tx, stream: int, shown: Mapping[int, str]) -> int:
    """Planned items that do what no preview has shown wait from now on; how many they are.

    Who is new does not wait.
    """
    unshown = [
        item
        for item, link, effects in tx.rows(
            "SELECT id, link, effects FROM items "
            "WHERE stream = ? AND state = 'planned' AND action <> 'create'",
            (stream,),
        )
        if shown.get(link) != effects
    ]
    tx.run(
        f"UPDATE items SET state = 'waiting', held_by = 'preview' WHERE id {AMONG}",
        (json.dumps(unshown),),
    )
    return len(unshown)


def bring_back(tx: Tx, copy: Database, run: int) -> str:
    """Takes how a preview ended, its counts and its log into the roster's own database; its state.

    ``tx`` is a transaction there.
    """
    with copy.reading() as there:
        ended = there.one(f"SELECT {', '.join(_ENDED)} FROM runs WHERE id = ?", (run,))
        assert ended is not None
        tx.run(
            f"UPDATE runs SET {', '.join(f'{name} = ?' for name in _ENDED)} WHERE id = ?",
            (*ended, run),
        )
        for table in (RUN_STREAMS, RUN_LOG):
            names = ", ".join(f'"{one.name}"' for one in table.columns if one.name != "id")
            found = f"SELECT {names} FROM {table.name} WHERE run = ? ORDER BY rowid"
            rows = list(there.rows(found, (run,)))
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                tx.many(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", rows)
    return str(ended[0])


def changes(tx: Tx, run: int, samples: int) -> Iterator[tuple[str, Any, str, int, list[int]]]:
    """(entity, where, what, count, some record ids): what a run did to records, and what waits.

    *What* is ``created``, ``changed``, ``removed`` or ``waiting``, *where* the stored value at the
    end of the entity's path to its school. Asked of a copy.
    """
    for entity in ENTITIES.values():
        where, joins = sizes.path(entity)
        for found, what, count, some in tx.rows(
            f"WITH touched AS (SELECT id, CASE WHEN created_in = ?1 THEN 'created' "
            f"WHEN alive THEN 'changed' ELSE 'removed' END AS what FROM {entity.name} "
            "WHERE changed_in = ?1 UNION ALL SELECT links.record, 'waiting' FROM items "
            "JOIN links ON links.id = link JOIN streams ON streams.id = items.stream "
            "JOIN runs ON runs.id = ?1 AND runs.connector = streams.connector "
            "WHERE items.state = 'waiting' AND streams.entity = ?2), "
            f"placed AS (SELECT {where} AS place, what, touched.id AS id FROM touched "
            f"LEFT JOIN {entity.name} AS record ON record.id = touched.id {joins}), "
            "numbered AS (SELECT *, row_number() OVER (PARTITION BY place, what ORDER BY id) "
            "AS nth FROM placed) SELECT place, what, count(*), "
            "json_group_array(id) FILTER (WHERE nth <= ?3) FROM numbered GROUP BY 1, 2",
            (run, entity.name, samples),
        ):
            yield entity.name, found, what, count, json.loads(some)
