"""Writes of connectors, streams, change sets and runs: who did what, and how far a run came.

Called by the engine alone, inside its transactions. Times are UTC, ISO 8601 with ``Z``.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.errors import Fenced, NotFound, SyncError
from app.store.database import Tx
from app.store.linkage import HELD_MADE, HELD_OUTSIDE
from app.store.records import allot
from app.store.statements import AMONG
from app.store.tables import COUNTS

QUEUED, RUNNING, WAITING = "queued", "running", "waiting"
COMPLETED, WARNINGS, FAILED = "completed", "warnings", "failed"
CANCELLED, INTERRUPTED = "cancelled", "interrupted"

OPEN_STATES = (QUEUED, RUNNING)
GOOD_STATES = (COMPLETED, WARNINGS, WAITING)

APPROVAL, PREVIEW, CLASS = "approval", "preview", "class"
NO_SYNC = (APPROVAL, PREVIEW, CLASS)
"""Modes of runs that sync no whole roster: none goes on from them or counts from them."""
GOOD_SYNCS = f"mode NOT IN {NO_SYNC!r} AND state IN {GOOD_STATES!r}"
"""What holds of the runs that synced it, and were settled to their end."""


# -- connectors and streams -------------------------------------------------------------------


@dataclass(frozen=True)
class ConnectorRow:
    """One configured connector. ``settings`` is JSON of the kind's settings struct."""

    id: int
    name: str
    kind: str
    settings: str
    paused: bool
    schedule: str | None
    """When it syncs by itself (``engine.schedule``); ``None``: only when asked."""
    webhooks: bool
    """Whether its SIS may tell of changes by webhook."""
    scope: str | None
    """What of the SIS is kept in step, as JSON (``engine.scope``); ``None``: everything."""
    credentials_until: str | None
    """The last day on which the SIS takes its credentials, as a person said."""


_CONNECTOR = (
    "SELECT id, name, kind, settings, paused, schedule, webhooks, scope, credentials_until "
    "FROM connectors WHERE removed_at IS NULL"
)


def _connector(row: tuple[Any, ...]) -> ConnectorRow:
    id_, name, kind, settings, paused, schedule, webhooks, *rest = row
    return ConnectorRow(id_, name, kind, settings, bool(paused), schedule, bool(webhooks), *rest)


def name_of(tx: Tx, connector: int) -> str:
    """What a connector is called; blank where it is not there."""
    row = tx.one("SELECT name FROM connectors WHERE id = ?", (connector,))
    return str(row[0]) if row else ""


@dataclass(frozen=True)
class StreamRow:
    """One entity of one connector: how far it has been read."""

    id: int
    entity: str
    cursor: dict[str, Any] | None
    salt: bytes | None
    scope: str | None
    full_at: str | None
    lost: tuple[str, ...]
    evidence: str | None
    """What its last proof was read from, where that can be the same twice (SEMANTICS D1)."""


def connector(tx: Tx, name: str) -> ConnectorRow:
    """The connector of that name; raises ``NotFound``."""
    row = tx.one(f"{_CONNECTOR} AND name = ?", (name,))
    if row is None:
        raise NotFound("connector_unknown", name=name)
    return _connector(row)


def connectors(tx: Tx) -> list[ConnectorRow]:
    """Every connector."""
    return [_connector(row) for row in tx.rows(f"{_CONNECTOR} ORDER BY name")]


def ever_read(tx: Tx, connector_id: int) -> bool:
    """True when some stream of the connector has been read to its end."""
    row = tx.one(
        "SELECT 1 FROM streams WHERE connector = ? AND cursor IS NOT NULL LIMIT 1",
        (connector_id,),
    )
    return row is not None


def save_connector(tx: Tx, name: str, kind: str, settings: str, at: str) -> None:
    """Adds a connector, replaces its settings, or brings a removed one of that kind back."""
    # A removed connector of another kind gives its name away.
    tx.run(
        "UPDATE connectors SET name = name || ' #' || id "
        "WHERE name = ? AND kind <> ? AND removed_at IS NOT NULL",
        (name, kind),
    )
    tx.run(
        "INSERT INTO connectors (name, kind, settings, created_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (name) DO UPDATE SET settings = excluded.settings, removed_at = NULL",
        (name, kind, settings, at),
    )


def set_schedule(tx: Tx, connector_id: int, schedule: str | None) -> None:
    """When the connector syncs by itself; ``None`` for never."""
    tx.run("UPDATE connectors SET schedule = ? WHERE id = ?", (schedule, connector_id))


def set_webhooks(tx: Tx, connector_id: int, on: bool) -> None:
    """Whether the connector's SIS may tell of changes by webhook."""
    tx.run("UPDATE connectors SET webhooks = ? WHERE id = ?", (on, connector_id))


def set_scope(tx: Tx, connector_id: int, scope: str | None) -> None:
    """What of the connector's SIS is kept in step; ``None`` for everything."""
    tx.run("UPDATE connectors SET scope = ? WHERE id = ?", (scope, connector_id))


def learnt(tx: Tx, connector_id: int, settings: str) -> dict[str, Any]:
    """What the connector had learnt of its service when it was opened with these ``settings``.

    ``settings`` is any text that differs where they do.
    """
    row = tx.one("SELECT learnt FROM connectors WHERE id = ?", (connector_id,))
    told = json.loads(row[0]) if row is not None and row[0] else {}
    found: dict[str, Any] = told.get("learnt", {}) if told.get("settings") == settings else {}
    return found


def set_learnt(tx: Tx, connector_id: int, settings: str, learnt: Mapping[str, Any]) -> None:
    """Remembers what the connector has learnt, opened with these ``settings``."""
    told = json.dumps({"settings": settings, "learnt": learnt})
    tx.run("UPDATE connectors SET learnt = ? WHERE id = ?", (told, connector_id))


def remove_connector(tx: Tx, connector_id: int, at: str) -> None:
    """Takes a connector out: its cursors, open items and conflicts go, records and history stay.

    Its links stay too, unseen: a connector of the same name and kind that is added later knows
    its records again instead of making every one of them anew. What was open is asked again then.
    """
    for table in ("items", "unreadable", "shelf", "outbox"):
        tx.run(
            f"DELETE FROM {table} WHERE stream IN (SELECT id FROM streams WHERE connector = ?)",
            (connector_id,),
        )
    for table in ("conflicts", "known_issues"):
        tx.run(f"DELETE FROM {table} WHERE connector = ?", (connector_id,))
    tx.run(
        "UPDATE links SET held = held & ?, digest = iif(held & ~?, NULL, digest) "
        "WHERE stream IN (SELECT id FROM streams WHERE connector = ?)",
        (kept := HELD_MADE | HELD_OUTSIDE, kept, connector_id),
    )
    tx.run(
        "UPDATE streams SET cursor = NULL, salt = NULL, full_at = NULL, writes = NULL, "
        "evidence = NULL WHERE connector = ?",
        (connector_id,),
    )
    tx.run(
        "UPDATE connectors SET removed_at = ?, schedule = NULL, webhooks = 0, scope = NULL, "
        "learnt = NULL, credentials_until = NULL WHERE id = ?",
        (at, connector_id),
    )


def streams(tx: Tx, connector_id: int, entities: Iterable[str]) -> dict[str, StreamRow]:
    """The streams of a connector by entity; missing ones are made."""
    tx.many(
        "INSERT INTO streams (connector, entity) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(connector_id, entity) for entity in entities],
    )
    return {
        row[1]: StreamRow(
            row[0],
            row[1],
            json.loads(row[2]) if row[2] else None,
            row[3],
            row[4],
            row[5],
            tuple(json.loads(row[6])) if row[6] else (),
            row[7],
        )
        for row in tx.rows(
            "SELECT id, entity, cursor, salt, scope, full_at, lost, evidence FROM streams "
            "WHERE connector = ?",
            (connector_id,),
        )
    }


def move_cursor(
    tx: Tx,
    stream: int,
    cursor: Mapping[str, Any],
    salt: bytes | None,
    scope: str | None,
    full_at: str | None,
) -> None:
    """How far the stream has been read now (SEMANTICS C3); ``None`` leaves what stands."""
    tx.run(
        "UPDATE streams SET cursor = ?, salt = coalesce(?, salt), scope = coalesce(?, scope), "
        "full_at = coalesce(?, full_at) WHERE id = ?",
        (json.dumps(cursor), salt, scope, full_at, stream),
    )


def set_writes(tx: Tx, stream: int, writes: Mapping[str, Any] | None) -> bool:
    """What the SIS takes of a stream's entity (``store.takes``); whether that is new."""
    told = None if writes is None else json.dumps(dict(writes))
    changed = "UPDATE streams SET writes = ? WHERE id = ? AND writes IS NOT ?"
    return bool(tx.run(changed, (told, stream, told)))


def read_whole(tx: Tx, stream: int) -> None:
    """The next sync reads the stream whole, not what changed alone."""
    tx.run("UPDATE streams SET salt = NULL WHERE id = ?", (stream,))


def read_whole_beside(tx: Tx, stream: int, entities: Collection[str]) -> None:
    """The same of other entities at the connector of that stream."""
    tx.run(
        "UPDATE streams SET salt = NULL WHERE connector = "
        f"(SELECT connector FROM streams WHERE id = ?) AND id <> ? AND entity {AMONG}",
        (stream, stream, json.dumps(sorted(entities))),
    )


def set_evidence(tx: Tx, stream: int, evidence: str) -> None:
    """What the stream's last proof was read from (SEMANTICS D1)."""
    tx.run("UPDATE streams SET evidence = ? WHERE id = ?", (evidence, stream))


def set_lost(tx: Tx, stream: int, lost: Sequence[str]) -> None:
    """The schools, terms or roles that the last complete read no longer had (SEMANTICS C5)."""
    tx.run("UPDATE streams SET lost = ? WHERE id = ?", (json.dumps(sorted(lost)), stream))


# -- change sets and runs ---------------------------------------------------------------------


def open_change_set(
    tx: Tx, kind: str, author: str, at: str, connector_id: int | None, of: int | None = None
) -> int:
    """A new change set (SEMANTICS G1); its id. ``of``: the one it approves, refuses or undoes."""
    change_set = allot(tx, "change_set", 1)
    tx.run(
        'INSERT INTO change_sets (id, kind, connector, author, at, "of") VALUES (?, ?, ?, ?, ?, ?)',
        (change_set, kind, connector_id, author, at, of),
    )
    return change_set


def open_run(
    tx: Tx,
    connector_id: int,
    mode: str,
    trigger: str,
    author: str,
    at: str,
    of: int | None = None,
) -> tuple[int, int]:
    """A queued run, and the fencing number under which it may write (SEMANTICS H1)."""
    kind = mode if mode in (APPROVAL, PREVIEW) else "sync"
    run = open_change_set(tx, kind, author, at, connector_id, of)
    tx.run("UPDATE connectors SET fence = fence + 1 WHERE id = ?", (connector_id,))
    row = tx.one("SELECT name, fence FROM connectors WHERE id = ?", (connector_id,))
    assert row is not None
    name, fence = row
    tx.run(
        "INSERT INTO runs (id, connector, connector_name, state, mode, trigger, fence, started_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (run, connector_id, name, QUEUED, mode, trigger, fence, at),
    )
    return run, int(fence)


def check_fence(tx: Tx, connector_id: int, run: int, fence: int) -> bool:
    """Raises ``Fenced`` when a newer run took over; else whether a cancel was asked for."""
    row = tx.one(
        "SELECT connectors.fence, cancel_asked FROM connectors JOIN runs ON runs.id = ? "
        "WHERE connectors.id = ?",
        (run, connector_id),
    )
    if row is None or row[0] != fence:
        raise Fenced("run_overtaken", run=run)
    return bool(row[1])


def raise_fences(tx: Tx, connectors: Iterable[int]) -> dict[int, int]:
    """The new fencing numbers of connectors, for work that is no run (SEMANTICS H1)."""
    ids = list(connectors)
    tx.many("UPDATE connectors SET fence = fence + 1 WHERE id = ?", [(id_,) for id_ in ids])
    return fences(tx, ids)


def fences(tx: Tx, connectors: Iterable[int]) -> dict[int, int]:
    """The fencing numbers of connectors."""
    return dict(
        tx.rows(
            f"SELECT id, fence FROM connectors WHERE id {AMONG}",
            (json.dumps(list(connectors)),),
        )
    )


def ask_cancel(tx: Tx, run: int) -> None:
    """Asks whichever process works on the run to stop; read by it at every step."""
    tx.run("UPDATE runs SET cancel_asked = 1 WHERE id = ?", (run,))


def start_run(tx: Tx, run: int, mode: str, salt: bytes | None, resumes: int | None) -> None:
    """The run begins its work. Only a run of the same ``salt`` may take over from it (B8)."""
    tx.run(
        "UPDATE runs SET state = ?, mode = ?, salt = ?, resumes = ? WHERE id = ?",
        (RUNNING, mode, salt, resumes, run),
    )


def give_up_position(tx: Tx, run: int) -> None:
    """No later run goes on where this one stopped; what it planned is settled all the same."""
    tx.run("UPDATE runs SET salt = NULL WHERE id = ?", (run,))


def beat(
    tx: Tx,
    run: int,
    at: str,
    entity: str,
    done: int,
    expected: int | None,
    *,
    sending: bool = False,
) -> None:
    """How far the run is, for other processes to show."""
    tx.run(
        "UPDATE runs SET beat_at = ?, entity = ?, done = ?, expected = ?, sending = ? WHERE id = ?",
        (at, entity, done, expected, sending, run),
    )


def end_run(tx: Tx, run: int, state: str, at: str, error: SyncError | None = None) -> None:
    """The run is over."""
    tx.run(
        "UPDATE runs SET state = ?, ended_at = ?, error_code = ?, error_parameters = ?, "
        "error_detail = ?, error_category = ? WHERE id = ?",
        (
            state,
            at,
            error.code if error else None,
            json.dumps(error.parameters) if error else None,
            error.detail if error else None,
            error.category if error else None,
            run,
        ),
    )


def open_runs(tx: Tx) -> list[tuple[int, int]]:
    """(run, connector) of the runs that say they are not over."""
    return [
        (row[0], row[1])
        for row in tx.rows("SELECT id, connector FROM runs WHERE state IN (?, ?)", OPEN_STATES)
    ]


def open_run_of(tx: Tx, connector_id: int) -> int | None:
    """The run of the connector that says it is not over."""
    row = tx.one(
        "SELECT id FROM runs WHERE connector = ? AND state IN (?, ?) ORDER BY id DESC LIMIT 1",
        (connector_id, *OPEN_STATES),
    )
    return None if row is None else int(row[0])


def run_end(tx: Tx, run: int) -> tuple[str, str | None]:
    """The state that a run is in, and the category of its error."""
    row = tx.one("SELECT state, error_category FROM runs WHERE id = ?", (run,))
    return (INTERRUPTED, None) if row is None else (str(row[0]), row[1])


def ended_after(tx: Tx, change_set: int) -> list[int]:
    """The runs that began before a change set, and may have gone on writing when it was over.

    Those of its own connector were over before it began (SEMANTICS H1).
    """
    row = tx.one(
        "SELECT change_sets.connector, coalesce(runs.ended_at, change_sets.at) FROM change_sets "
        "LEFT JOIN runs ON runs.id = change_sets.id WHERE change_sets.id = ?",
        (change_set,),
    )
    connector, ended = row or (None, "")
    return [
        run
        for (run,) in tx.rows(
            "SELECT id FROM runs WHERE id < ? AND connector IS NOT ? "
            "AND (ended_at IS NULL OR ended_at >= ?)",
            (change_set, connector, ended),
        )
    ]


def interrupt_runs(tx: Tx, connector_id: int, but: int, at: str) -> None:
    """Runs of the connector that were cut off end *interrupted*; the lock was free."""
    tx.run(
        "UPDATE runs SET state = ?, ended_at = coalesce(beat_at, ?) "
        "WHERE connector = ? AND id <> ? AND state IN (?, ?)",
        (INTERRUPTED, at, connector_id, but, *OPEN_STATES),
    )


def log(
    tx: Tx,
    run: int,
    at: str,
    level: str,
    code: str,
    parameters: Mapping[str, Any],
    entity: str | None = None,
) -> None:
    """One line of the run's log: a code, ids and counts; nobody of the roster by name."""
    tx.run(
        "INSERT INTO run_log (run, at, level, entity, code, parameters) VALUES (?, ?, ?, ?, ?, ?)",
        (run, at, level, entity, code, json.dumps(dict(parameters))),
    )


def log_count(tx: Tx, run: int, at: str, code: str, count: int, entity: str) -> None:
    """So many more of a type: one line of the run's log, whose ``count`` grows; none for 0."""
    if not count:
        return
    told = tx.run(
        "UPDATE run_log SET parameters = "
        "json_set(parameters, '$.count', json_extract(parameters, '$.count') + ?) "
        "WHERE run = ? AND code = ? AND entity = ?",
        (count, run, code, entity),
    )
    if not told:
        log(tx, run, at, "info", code, {"count": count}, entity)


# -- how far a run came in one stream ---------------------------------------------------------

READING, JUDGING, SETTLING, DONE = "reading", "judging", "settling", "done"


@dataclass
class StreamProgress:
    """One stream of one run. Counts are those of the whole chain of resumed runs (C7, C8)."""

    entity: str
    phase: str = READING
    full: bool = True
    complete: bool = False
    proof: bool = False
    state: dict[str, Any] | None = None
    scope: str | None = None
    total: int | None = None
    keyless: int = 0
    """Rows without a readable key: they void the proof (C6)."""
    passes: int = 1
    doubts: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    struck: tuple[str, ...] = ()
    said: set[str] = field(default_factory=set)
    read_at: str | None = None
    evidence: str = ""
    """What it was read from, where that can be the very same twice (``contract.Page``)."""
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))

    @property
    def closes(self) -> bool:
        """SEMANTICS C8: what came in equals what became of it."""
        c = self.counts
        became = ("created", "updated", "unchanged", "deleted", "joined", "unreadable", "waiting")
        return c["read"] + c["absent"] == sum(c[name] for name in became)

    @property
    def seen(self) -> int:
        """How many rows came, those out of scope among them."""
        return self.counts["read"] + self.counts["outside"]

    def copy(self) -> "StreamProgress":
        """A copy that can be moved on without moving this one."""
        return replace(
            self, doubts=list(self.doubts), said=set(self.said), counts=dict(self.counts)
        )


_COLUMNS = (
    "phase", "full", "complete", "proof", "state", "scope", "total", "keyless", "passes",
    "doubts", "struck", "said", "read_at", "evidence",
)  # fmt: skip
_SAVE = (
    f"INSERT INTO run_streams (run, entity, {', '.join(_COLUMNS)}, {', '.join(COUNTS)}) "
    f"VALUES (?, ?, {', '.join('?' * (len(_COLUMNS) + len(COUNTS)))}) "
    "ON CONFLICT (run, entity) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in (*_COLUMNS, *COUNTS))
)


def save_progress(tx: Tx, run: int, p: StreamProgress) -> None:
    """Stores how far the run came in one stream: the checkpoint (SEMANTICS C1)."""
    tx.run(
        _SAVE,
        (
            run,
            p.entity,
            p.phase,
            int(p.full),
            int(p.complete),
            int(p.proof),
            None if p.state is None else json.dumps(p.state),
            p.scope,
            p.total,
            p.keyless,
            p.passes,
            json.dumps(p.doubts),
            json.dumps(p.struck),
            json.dumps(sorted(p.said)),
            p.read_at,
            p.evidence,
            *(p.counts[name] for name in COUNTS),
        ),
    )


def load_progress(tx: Tx, run: int) -> dict[str, StreamProgress]:
    """How far a run came, by entity."""
    found = {}
    for row in tx.rows(
        f"SELECT entity, {', '.join(_COLUMNS)}, {', '.join(COUNTS)} FROM run_streams WHERE run = ?",
        (run,),
    ):
        entity, phase, full, complete, proof, state, scope, total, *rest = row
        keyless, passes, doubts, struck, said, read_at, evidence, *counts = rest
        found[entity] = StreamProgress(
            entity,
            phase,
            bool(full),
            bool(complete),
            bool(proof),
            json.loads(state) if state else None,
            scope,
            total,
            keyless,
            passes,
            [(code, parameters) for code, parameters in json.loads(doubts)],
            tuple(json.loads(struck)),
            set(json.loads(said)),
            read_at,
            evidence,
            dict(zip(COUNTS, counts, strict=True)),
        )
    return found


def save_seen(tx: Tx, run: int, entity: str, pass_: int, seen: bytes) -> None:
    """The links seen on one page (``app.engine.seen`` has the form)."""
    tx.run(
        "INSERT INTO run_pages (run, entity, pass, seen) VALUES (?, ?, ?, ?)",
        (run, entity, pass_, seen),
    )


def load_seen(tx: Tx, run: int, entity: str) -> list[tuple[int, bytes]]:
    """(pass, seen) of the pages of a run, in order."""
    return [
        (row[0], row[1])
        for row in tx.rows(
            "SELECT pass, seen FROM run_pages WHERE run = ? AND entity = ? ORDER BY id",
            (run, entity),
        )
    ]


def adopt(tx: Tx, before: int, run: int) -> None:
    """A run that resumes takes over what the one before saw and planned (C7)."""
    tx.run("UPDATE run_pages SET run = ? WHERE run = ?", (run, before))
    tx.run("UPDATE items SET run = ? WHERE run = ? AND state = 'planned'", (run, before))
    tx.run("UPDATE unreadable SET run = ? WHERE run = ?", (run, before))


def forget_seen(tx: Tx, run: int, entity: str | None = None) -> None:
    """The keys seen are needed no longer."""
    tx.run(
        "DELETE FROM run_pages WHERE run = ? AND (? IS NULL OR entity = ?)", (run, entity, entity)
    )


def last_run(
    tx: Tx, connector_id: int, before: int
) -> tuple[int, str, str, str, bytes | None] | None:
    """(id, state, mode, beat, salt) of the connector's newest sync older than ``before``."""
    row = tx.one(
        "SELECT id, state, mode, coalesce(beat_at, started_at), salt FROM runs "
        f"WHERE connector = ? AND id < ? AND mode NOT IN {NO_SYNC} "
        "ORDER BY id DESC LIMIT 1",
        (connector_id, before),
    )
    return None if row is None else (row[0], row[1], row[2], row[3], row[4])


@dataclass(frozen=True)
class Standing:
    """What stands open for a connector, whichever run it came from."""

    waiting: int
    conflicts: int
    unreadable: int
    unsent: int = 0
    """Changes that the SIS would not take, or of which nobody knows whether it did, and those that
    wait for what never arrives there."""


def is_first(tx: Tx, run: int) -> bool:
    """Whether a connector has had no good sync before a run."""
    row = tx.one(
        f"SELECT 1 FROM runs WHERE id < ?1 AND {GOOD_SYNCS} "
        "AND connector = (SELECT connector FROM runs WHERE id = ?1) LIMIT 1",
        (run,),
    )
    return row is None


def failures(tx: Tx, connector_id: int) -> int:
    """How many syncs of the connector have failed since its newest good one."""
    syncs = f"runs WHERE mode NOT IN {NO_SYNC} AND connector = ?"
    row = tx.one(
        f"SELECT COUNT(*) FROM {syncs} AND state = ? AND id > COALESCE("
        f"(SELECT id FROM {syncs} AND state IN (?, ?, ?) "
        "ORDER BY id DESC LIMIT 1), 0)",
        (connector_id, FAILED, connector_id, *GOOD_STATES),
    )
    return 0 if row is None else int(row[0])


def standing(tx: Tx, connector_id: int) -> Standing:
    """What stands open for the connector now."""
    ours = "stream IN (SELECT id FROM streams WHERE connector = ?)"
    row = tx.one(
        f"SELECT (SELECT count(*) FROM items WHERE state = 'waiting' AND {ours}) + "
        f"(SELECT count(*) FROM outbox WHERE state = 'held' AND {ours}), "
        "(SELECT count(*) FROM conflicts WHERE connector = ?), "
        f"(SELECT count(*) FROM unreadable WHERE {ours}), "
        f"(SELECT count(*) FROM outbox WHERE {ours} AND (state IN ('refused', 'unknown') "
        "OR state = 'waiting_on' AND words GLOB 'push_waits_in_vain *'))",
        (connector_id,) * 5,
    )
    assert row is not None
    return Standing(*row)
