"""How a connector has been going: since when what is so, and what a person has said is known of it.

Both are what its badge is judged by (``engine.health``).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from app.store import history, journal
from app.store.database import Tx

RECENT = 2000
"""Of so many newest syncs it is asked in which of them something was so the last time."""


@dataclass(frozen=True)
class Issue:
    """What a person has said is known: of which troubles, until which day, and why."""

    troubles: Mapping[str, int]
    """By their names (``engine.health``), each with how often it was so."""
    until: str
    because: str
    by: str
    at: str


class Undone(NamedTuple):
    """What was undone, and stands here otherwise than at the SIS."""

    of: int
    """The sync, or the answer to what waited in one,"""
    by: int
    """and the undo of it."""
    asked: bool
    """Whether the next sync asks again: so with what was refused (SEMANTICS G2)."""
    records: int
    """How many do,"""
    entity: str = ""
    """and of which type; blank where they are of several."""


@dataclass(frozen=True)
class Since:
    """Instants, ISO 8601 UTC."""

    unreadable: tuple[tuple[str, int], ...] = field(default=())
    """Since which sync how many rows cannot be read, the oldest first."""
    whole_at: str | None = None
    """When the newest good sync ended whose answers were whole."""
    news_at: str | None = None
    """When a good sync last ended that found something changed; ``None`` where that is long ago."""
    undone: Undone | None = None
    """The newest undo because of which something stands here otherwise than at the SIS."""


# -- since when -------------------------------------------------------------------------------

_GOOD = (
    f"SELECT id, ended_at FROM runs WHERE connector = ? AND {journal.GOOD_SYNCS} "
    f"ORDER BY id DESC LIMIT {RECENT}"
)
_LAST = f"SELECT ended_at FROM ({_GOOD}) AS run WHERE {{so}} LIMIT 1"
_STREAMS = "EXISTS (SELECT 1 FROM run_streams WHERE run_streams.run = run.id AND {so})"
_NEWS = _STREAMS.format(so="created + updated + deleted + joined + waiting + conflicts > 0")
_DOUBT = _STREAMS.format(so="NOT complete")


def since(tx: Tx, connector: int) -> Since:
    """Since when a connector has been as it is."""
    unreadable = tx.rows(
        "SELECT runs.started_at, count(*) FROM unreadable JOIN runs ON runs.id = first_run "
        "WHERE stream IN (SELECT id FROM streams WHERE connector = ?) GROUP BY 1 ORDER BY 1",
        (connector,),
    )
    return Since(
        tuple((at, count) for at, count in unreadable),
        _last(tx, connector, f"NOT {_DOUBT}"),
        # Where none of those brought news, the oldest of them brought the last that we know of.
        _last(tx, connector, _NEWS) or _oldest(tx, connector),
        _undone(tx, connector),
    )


_UNDONE = (
    # Of an undo that stands, what it undid, what that had undone in its turn, and so on.
    'WITH RECURSIVE line (id, kind, "of", by, again) AS ('
    'SELECT id, kind, "of", id, 0 FROM change_sets AS made WHERE connector = ?1 AND kind = ?2 '
    f"AND id > coalesce((SELECT max(id) FROM runs WHERE connector = ?1 AND {journal.GOOD_SYNCS}), "
    "0) AND NOT EXISTS (SELECT 1 FROM change_sets AS later WHERE later.kind = ?2 "
    'AND later.id > made.id AND later."of" = made.id) UNION ALL '
    'SELECT made.id, made.kind, made."of", by, NOT again FROM change_sets AS made '
    'JOIN line ON made.id = line."of" AND line.kind = ?2) '
    "SELECT line.id, by, line.kind = ?3, count(DISTINCT record), "
    "CASE WHEN min(entity) = max(entity) THEN min(entity) ELSE '' END "
    "FROM line JOIN changes ON change_set = by "
    "WHERE again AND line.kind IN (?3, ?4, ?5) GROUP BY by ORDER BY by DESC LIMIT 1"
)
_STANDS = (
    # Of an older undo: what its pins keep so yet (SEMANTICS G2).
    'SELECT made."of", made.id, 0, count(DISTINCT link), '
    "CASE WHEN min(entity) = max(entity) THEN min(entity) ELSE '' END "
    "FROM pins JOIN change_sets AS made ON made.id = change_set JOIN links ON links.id = link "
    "JOIN streams ON streams.id = links.stream "
    "WHERE made.connector = ?1 AND made.kind = ?2 GROUP BY made.id ORDER BY made.id DESC LIMIT 1"
)


def _undone(tx: Tx, connector: int) -> Undone | None:
    kinds = (history.UNDO, history.REFUSAL, history.APPROVAL, history.SYNC)
    found = tx.one(_UNDONE, (connector, *kinds)) or tx.one(_STANDS, (connector, history.UNDO))
    if found is None:
        return None
    of, by, asked, count, entity = found
    return Undone(of, by, bool(asked), count, entity)


def _last(tx: Tx, connector: int, so: str) -> str | None:
    row = tx.one(_LAST.format(so=so), (connector,))
    return None if row is None else row[0]


def _oldest(tx: Tx, connector: int) -> str | None:
    row = tx.one(f"SELECT min(ended_at) FROM ({_GOOD})", (connector,))
    return None if row is None else row[0]


# -- what is known ----------------------------------------------------------------------------


def issue(tx: Tx, connector: int) -> Issue | None:
    """What is known of a connector, as somebody said last."""
    row = tx.one(
        'SELECT troubles, until, because, "by", at FROM known_issues WHERE connector = ?',
        (connector,),
    )
    return None if row is None else Issue(json.loads(row[0]), *row[1:])


def keep_issue(tx: Tx, connector: int, issue: Issue) -> None:
    """From now on this is known of a connector, and nothing else."""
    told = (json.dumps(dict(issue.troubles)), issue.until, issue.because, issue.by, issue.at)
    tx.run(
        'INSERT OR REPLACE INTO known_issues (connector, troubles, until, because, "by", at) '
        "VALUES (?, ?, ?, ?, ?, ?)",
        (connector, *told),
    )


def forget_issue(tx: Tx, connector: int) -> None:
    """Nothing is known of a connector any more."""
    tx.run("DELETE FROM known_issues WHERE connector = ?", (connector,))


def set_credentials_until(tx: Tx, connector: int, until: str | None) -> None:
    """The last day on which the SIS takes a connector's credentials; ``None``: nobody knows."""
    tx.run("UPDATE connectors SET credentials_until = ? WHERE id = ?", (until, connector))


def set_paused(tx: Tx, connector: int, paused: bool) -> None:
    """Whether a connector is synced at all."""
    tx.run("UPDATE connectors SET paused = ? WHERE id = ?", (paused, connector))
