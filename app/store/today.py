"""What the first room of the window counts: people and classes by school, and what came of late.

Grouped by the database, so that the size of the roster hardly matters; what the groups mean is said
above (``engine.today``).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.roster.values import Plain
from app.store import journal
from app.store.codec import decode_changes
from app.store.database import Database, Tx
from app.store.quality import OVER, WITHOUT


@dataclass(frozen=True)
class Moved:
    """A person of whom something changed that says where they belong: stored values by field."""

    change_sets: frozenset[int]
    before: Mapping[str, Plain]
    after: Mapping[str, Plain]


@dataclass(frozen=True)
class Roster:
    """The roster of one moment, in groups. ``roles`` are stored values."""

    orgs: Mapping[int, tuple[str | None, str | None]]
    """Name and type of the live organizations."""
    meant: Mapping[int, int]
    """For which organization an id stands that stands for another (SEMANTICS D5)."""
    people: list[tuple[str | None, int]]
    """(roles, how many) of the live and enabled people."""
    classes: list[tuple[int | None, int, int, int]]
    """(school, how many, how many of them without a student, and how many without a teacher) of the
    classes that are not over."""
    arrived: list[tuple[str | None, int, int]]
    """(roles, change set, how many) of the live people who were made since; of one who is not
    enabled no roles are told, here and next,"""
    changed: list[tuple[str | None, int, str]]
    """(roles, how many, the change sets) of those who were changed since,"""
    moved: list[Moved]
    """and the people of whom that says where they belong."""


OPEN = "alive AND coalesce(enabled_user, 1)"
_ROLES = "iif(coalesce(enabled_user, 1), roles, NULL)"
_PLACED = ("roles", "alive", "enabled_user")
"""What says where a person belongs, and whether they still do."""


def roster(database: Database, today: str, since: int) -> Roster:
    """What there is, and what happened in change set ``since`` and later."""
    with database.reading() as tx:
        orgs = {id_: (name, type_) for id_, name, type_ in tx.rows(_ORGS)}
        return Roster(
            orgs,
            dict(tx.rows("SELECT record, original FROM stand_for JOIN orgs ON orgs.id = record")),
            list(tx.rows(f"SELECT roles, count(*) FROM users WHERE {OPEN} GROUP BY roles")),
            list(tx.rows(_CLASSES, ("student", today, "teacher", today, today))),
            list(tx.rows(_ARRIVED, (since,))),
            list(tx.rows(_CHANGED, (since, since))),
            _moved(tx, since),
        )


_ORGS = "SELECT id, name, type FROM orgs WHERE alive"
_CLASSES = (
    f"SELECT record.school, count(*), sum({WITHOUT}), sum({WITHOUT}) FROM classes AS record "
    f"WHERE record.alive AND NOT {OVER} GROUP BY 1"
)
_ARRIVED = (
    f"SELECT {_ROLES}, created_in, count(*) FROM users "
    "WHERE alive AND created_in >= ? GROUP BY 1, 2"
)
_CHANGED = (
    f"SELECT {_ROLES}, count(DISTINCT record), group_concat(DISTINCT change_set) FROM changes "
    "JOIN users ON users.id = record AND alive AND users.created_in < ? "
    "WHERE change_set >= ? AND entity = 'users' AND before <> after GROUP BY 1"
)


def without(database: Database, role: str, today: str) -> list[int]:
    """The ids of the classes that are not over and in which nobody has this role."""
    asked = f"SELECT id FROM classes AS record WHERE alive AND {WITHOUT} AND NOT {OVER}"
    with database.reading() as tx:
        return [id_ for (id_,) in tx.rows(asked, (role, today, today))]


def _moved(tx: Tx, since: int) -> list[Moved]:
    # The names of fields stand in the blobs as they are; what else has them in it does no harm.
    named = " OR ".join(f"instr(before, CAST('{name}' AS BLOB))" for name in _PLACED)
    sets: dict[int, set[int]] = {}
    before: dict[int, dict[str, Plain]] = {}
    after: dict[int, dict[str, Plain]] = {}
    for record, change_set, told, *now in tx.rows(
        f"SELECT record, change_set, before, {', '.join(_PLACED)} FROM changes "
        "JOIN users ON users.id = record AND users.created_in < ? "
        f"WHERE change_set >= ? AND entity = 'users' AND ({named}) ORDER BY changes.id DESC",
        (since, since),
    ):
        sets.setdefault(record, set()).add(change_set)
        after[record] = dict(zip(_PLACED, now, strict=True))
        # From the newest to the oldest: what stood first comes last, and stays.
        before.setdefault(record, dict(after[record])).update(
            {name: value for name, value in decode_changes(told).items() if name in _PLACED}
        )
    return [Moved(frozenset(sets[one]), before[one], after[one]) for one in sets]


def first_since(database: Database, at: str) -> tuple[int, bool]:
    """The id of the first change set from an instant on, that of the roster's first sync left out,
    and whether that one was among them.

    Who came with the first sync that brought anybody, or comes with it just now, has not come
    since yesterday.
    """
    with database.reading() as tx:
        row = tx.one(
            f"SELECT coalesce((SELECT min(id) FROM runs WHERE {journal.GOOD_SYNCS}), "
            "(SELECT max(id) FROM change_sets), 0)"
        )
        first = int(row[0]) if row else 0
        before = _last_before(tx, at)
        return max(before, first) + 1, first > before


def _last_before(tx: Tx, at: str) -> int:
    """The last change set from before an instant."""
    # From the newest back: there may be a hundred thousand, of which the last few are asked for.
    row = tx.one("SELECT id FROM change_sets WHERE at < ? ORDER BY id DESC LIMIT 1", (at,))
    return int(row[0]) if row else 0


# -- the last days ----------------------------------------------------------------------------


@dataclass(frozen=True)
class RunCounts:
    """What one run did. ``at`` is when it began, ISO 8601 UTC."""

    run: int
    at: str
    state: str
    added: int
    changed: int
    removed: int


# What a run has done that was cut off is among the counts of the one that went on from there.
_GONE_ON = "runs.id IN (SELECT resumes FROM runs WHERE id > ?1 AND resumes IS NOT NULL)"
_RUNS = (
    "SELECT id, started_at, state, iif(gone_on, 0, created), iif(gone_on, 0, updated), "
    "iif(gone_on, 0, deleted) FROM "
    f"(SELECT runs.id, started_at, runs.state, {_GONE_ON} AS gone_on, "
    "total(created) AS created, total(updated) AS updated, total(deleted + joined) AS deleted "
    "FROM runs LEFT JOIN run_streams ON run_streams.run = runs.id "
    f"WHERE runs.id > ?1 AND (?2 IS NULL OR connector_name = ?2) AND mode <> '{journal.PREVIEW}' "
    f"AND runs.state NOT IN {journal.OPEN_STATES!r} GROUP BY runs.id)"
)


def runs_since(database: Database, at: str, connector: str | None = None) -> list[RunCounts]:
    """The runs of a connector, or of all, that are over and began since an instant; no previews."""
    with database.reading() as tx:
        return [
            RunCounts(run, began, state, int(added), int(changed), int(removed))
            for run, began, state, added, changed, removed in tx.rows(
                _RUNS, (_last_before(tx, at), connector)
            )
        ]
