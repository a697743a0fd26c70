"""The history as the window tells it: which change sets there are, and whom each was about.

As in ``reads``: ids first, then the rows of those in sight. What happened to somebody is told
together: a person's enrollments, scores and demographics belong to the person.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.roster.entities import ENTITIES
from app.store import history, journal, reads
from app.store.database import Database, Tx
from app.store.finding import literal
from app.store.history import ChangeSet
from app.store.listing import Written, written
from app.store.reads import RunRow
from app.store.statements import AMONG, quoted

# -- change sets ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """Which change sets are looked for; what is empty narrows nothing."""

    connector: str | None = None
    text: str = ""
    """Part of the author's or the connector's name, or a number as ``#812``."""
    kinds: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    """How a run ended."""
    since: str = ""
    until: str = ""
    """Instants (ISO 8601, UTC): from the one on, before the other."""
    changed: bool = False
    """Only those that changed something."""
    ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Entry:
    """A change set, and of a run how it went."""

    set: ChangeSet
    run: RunRow | None = None
    waits: bool = False
    """Whether something of the run waits for approval yet."""
    answers: tuple[str, ...] = ()
    """How people answered what waited in it, as far as that was not undone: kinds of change set."""

    @property
    def id(self) -> int:
        """The number of the change set."""
        return self.set.id


_CHANGED = (
    "(EXISTS (SELECT 1 FROM changes WHERE change_set = change_sets.id) OR EXISTS (SELECT 1 FROM "
    "run_streams WHERE run = change_sets.id AND created > 0) OR change_sets.kind = 'edit')"
)
"""An edit that has no row in the log of changes has made a record (SEMANTICS G1)."""


def set_ids(database: Database, wanted: Wanted | None = None) -> list[int]:
    """The ids of the change sets that are ``wanted``, or of all, the newest first."""
    wanted = wanted or Wanted()
    conditions, values = ["1"], list[Any]()

    def where(condition: str, *of: Any) -> None:
        conditions.append(condition)
        values.extend(of)

    if wanted.connector is not None:
        where(
            "change_sets.connector = (SELECT id FROM connectors WHERE name = ?)", wanted.connector
        )
    if text := wanted.text.strip():
        number = text.removeprefix("#").replace(",", "")
        pattern = f"%{literal(text)}%"
        where(
            "(author LIKE ? ESCAPE '!' OR change_sets.id = ? OR change_sets.connector IN "
            "(SELECT id FROM connectors WHERE name LIKE ? ESCAPE '!'))",
            *(pattern, int(number) if number.isdecimal() and len(number) < 19 else None, pattern),
        )
    if wanted.kinds:
        where(f"change_sets.kind {AMONG}", json.dumps(wanted.kinds))
    if wanted.states:
        among = json.dumps(wanted.states)
        # What waited in a run may have been answered since.
        waits = f"(state <> '{journal.WAITING}' OR {_WAIT})"
        where(f"change_sets.id IN (SELECT id FROM runs WHERE state {AMONG} AND {waits})", among)
    if wanted.since:
        where("change_sets.at >= ?", wanted.since)
    if wanted.until:
        where("change_sets.at < ?", wanted.until)
    if wanted.ids:
        where(f"change_sets.id {AMONG}", json.dumps(wanted.ids))
    if wanted.changed:
        where(_CHANGED)
    asked = f"SELECT id FROM change_sets WHERE {' AND '.join(conditions)} ORDER BY id DESC"
    with database.reading() as tx:
        return [id_ for (id_,) in tx.rows(asked, tuple(values))]


def entries(database: Database, ids: Sequence[int]) -> dict[int, Entry]:
    """Change sets by id; unknown ids are left out."""
    runs = reads.runs_by_id(database, ids)
    found = history.by_id(database, ids)
    paused = [id_ for id_, run in runs.items() if run.state == journal.WAITING]
    waits, answers = set[int](), dict[int, tuple[str, ...]]()
    if paused:
        with database.reading() as tx:
            waits = {id_ for (id_,) in tx.rows(_WAITS, (json.dumps(paused),))}
            answers = _answers(tx, paused)
    return {
        one.id: Entry(one, runs.get(one.id), one.id in waits, answers.get(one.id, ()))
        for one in found
    }


_OF_RUN = "stream IN (SELECT id FROM streams WHERE streams.connector = runs.connector)"
_WAIT = (
    f"(EXISTS (SELECT 1 FROM items WHERE {_OF_RUN} "
    "AND state = 'waiting' AND first_run <= runs.id) OR EXISTS (SELECT 1 FROM outbox WHERE "
    f"{_OF_RUN} AND state = 'held' AND change_set <= runs.id))"
)
_WAITS = f"SELECT id FROM runs WHERE id {AMONG} AND {_WAIT}"
_ANSWERS = (
    'SELECT id, "of", kind FROM change_sets WHERE id > ? '
    "AND kind IN ('approval', 'refusal', 'undo') ORDER BY id"
)


def _answers(tx: Tx, runs: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """How people answered what waited in runs, by run; without what was undone."""
    told, undos = [], dict[int, list[int]]()
    for id_, of, kind in tx.rows(_ANSWERS, (min(runs),)):
        if kind == history.UNDO:
            undos.setdefault(of, []).append(id_)
        else:
            told.append((id_, of, kind))

    def stands(id_: int) -> bool:
        return not any(map(stands, undos.get(id_, ())))

    found: dict[int, dict[str, None]] = {}
    for id_, of, kind in told:
        if stands(id_):
            found.setdefault(of, {})[kind] = None
    return {run: tuple(kinds) for run, kinds in found.items()}


@dataclass(frozen=True)
class About:
    """So many records of a type that a change set was about, and one of them."""

    entity: str
    count: int
    record: int


def about(database: Database, ids: Sequence[int]) -> dict[int, list[About]]:
    """What change sets wrote, decided and protected, by change set; most first."""
    found: dict[int, list[About]] = {}
    with database.reading() as tx:
        for change_set, *told in tx.rows(_ABOUT, (json.dumps(list(ids)),) * 3):
            found.setdefault(change_set, []).append(About(*told))
    return found


_ABOUT = (
    "SELECT change_set, entity, count(*), min(record) FROM ("
    f"SELECT change_set, entity, record FROM changes WHERE change_set {AMONG} "
    "AND (before <> after OR discarded IS NOT NULL) UNION "
    f"SELECT change_set, entity, record FROM decisions WHERE change_set {AMONG} UNION "
    f"SELECT change_set, entity, record FROM protected WHERE change_set {AMONG}"
    ") GROUP BY change_set, entity ORDER BY count(*) DESC"
)


# -- whom a change set was about ----------------------------------------------------------------


_OWNERS = {
    "users": (("users", "id"),),
    "demographics": (("users", "user"),),
    "enrollments": (("users", "user"), ("classes", "class")),
    "results": (("users", "student"),),
    "assessment_results": (("users", "student"),),
    "classes": (("classes", "id"),),
    "line_items": (("classes", "class"), ("orgs", "school")),
    "score_scales": (("classes", "class"),),
    "assessment_line_items": (("classes", "class"),),
    "orgs": (("orgs", "id"),),
    "courses": (("orgs", "org"),),
}
"""Whose story a record belongs to: the first of these that it names. Others are told by type."""

_ORDER = ("users", "classes", "orgs")
"""People first; what is nobody's comes last."""


@dataclass(frozen=True)
class Group:
    """All that a change set did to one person, class or school.

    What is nobody's is told by type: ``owner`` is 0, ``entity`` the type.
    """

    entity: str
    owner: int
    records: tuple[tuple[str, tuple[int, ...]], ...]
    """The ids of the records, by entity."""

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from the others of its change set."""
        return self.entity, self.owner

    @property
    def moves(self) -> bool:
        """Whether somebody joined or left a class, or is in it otherwise."""
        return any(entity == "enrollments" for entity, _ids in self.records)


def groups(database: Database, change_set: int, word: str = "") -> list[Group]:
    """Whom a change set was about, people first, by name; with a ``word`` those who have it in
    theirs."""
    with database.reading() as tx:
        tx_rows = [
            (owner, entity, ids)
            for entity in ENTITIES
            for owner, ids in _owned(tx, entity, _touched(entity), (change_set,) * 2)
        ]
        return _arranged(tx, tx_rows, word)


def grouped(database: Database, records: Iterable[tuple[str, int]], word: str = "") -> list[Group]:
    """The same of records, each with its entity."""
    by_entity: dict[str, list[int]] = {}
    for entity, record in records:
        by_entity.setdefault(entity, []).append(record)
    with database.reading() as tx:
        return _arranged(
            tx,
            [
                (owner, entity, ids)
                for entity, told in by_entity.items()
                for owner, ids in _owned(
                    tx, entity, f"SELECT id FROM {entity} WHERE id {AMONG}", (json.dumps(told),)
                )
            ],
            word,
        )


def _touched(entity: str) -> str:
    return (
        f"SELECT id FROM {entity} WHERE created_in = ? UNION SELECT record FROM changes "
        f"WHERE change_set = ? AND entity = '{entity}' "
        "AND (before <> after OR discarded IS NOT NULL)"
    )


def _owned(
    tx: Tx, entity: str, records: str, values: tuple[Any, ...]
) -> list[tuple[tuple[str, int], tuple[int, ...]]]:
    """(owner, records) of the records that a query names."""
    columns = _OWNERS.get(entity, ())
    told = [f"record.{quoted(column)}" for _target, column in columns]
    # Whoever has got another key, or was joined with somebody, is whom the id stands for.
    owner = f"coalesce({', '.join(told)}, 0)" if len(told) > 1 else (told or ["0"])[0]
    kind = "".join(
        f" WHEN {column} IS NOT NULL THEN '{target}'"
        for (target, _), column in zip(columns, told, strict=True)
    )
    kind = f"CASE{kind} ELSE '{entity}' END" if kind else f"'{entity}'"
    rows = tx.rows(
        f"SELECT {kind}, coalesce(original, owner, 0), group_concat(id) FROM ("
        f"SELECT {owner} AS owner, record.* FROM {entity} AS record WHERE id IN ({records})"
        ") AS record LEFT JOIN stand_for ON stand_for.record = owner GROUP BY 1, 2",
        values,
    )
    return [((kind, one), tuple(sorted(map(int, ids.split(","))))) for kind, one, ids in rows]


def _arranged(
    tx: Tx, rows: list[tuple[tuple[str, int], str, tuple[int, ...]]], word: str
) -> list[Group]:
    found: dict[tuple[str, int], list[tuple[str, tuple[int, ...]]]] = {}
    for owner, entity, ids in rows:
        found.setdefault(owner, []).append((entity, ids))
    arranged: list[Group] = []
    for entity in _ORDER:
        owners = [owner for kind, owner in found if kind == entity]
        arranged += [
            Group(entity, owner, tuple(found[entity, owner]))
            for owner in _by_name(tx, entity, owners, word)
        ]
    rest = [key for key in found if key[0] not in _ORDER] if not word else []
    return [*arranged, *(Group(*key, tuple(found[key])) for key in sorted(rest))]


_BY_NAME = {
    "users": ("family_name", "given_name", "preferred_first_name"),
    "classes": ("title", "class_code"),
    "orgs": ("name",),
}


def by_name(database: Database, entity: str, ids: Sequence[int]) -> list[int]:
    """Records in the order of their names, where they have any."""
    if entity not in _BY_NAME:
        return list(ids)
    with database.reading() as tx:
        return _by_name(tx, entity, ids, "")


def _by_name(tx: Tx, entity: str, owners: Sequence[int], word: str) -> list[int]:
    """Owners in the order of their names; those that the roster does not have come last."""
    columns = _BY_NAME[entity]
    called = " || ' ' || ".join(f"coalesce({column}, '')" for column in reversed(columns))
    both = f"{called} || ' ' || " + " || ' ' || ".join(f"coalesce({c}, '')" for c in columns)
    narrowed = f" AND {both} LIKE ? ESCAPE '!'" if word else ""
    order = ", ".join(f"{column} COLLATE NOCASE" for column in columns)
    named = [
        id_
        for (id_,) in tx.rows(
            f"SELECT id FROM {entity} WHERE id {AMONG}{narrowed} ORDER BY {order}, id",
            (json.dumps(owners), *([f"%{literal(word)}%"] if word else [])),
        )
    ]
    return named if word else [*named, *sorted(set(owners).difference(named))]


def written_about(database: Database, change_set: int, groups: Iterable[Group]) -> list[Written]:
    """What a change set did to the records of some groups, as ``listing.written`` tells it."""
    wanted: dict[str, list[int]] = {}
    for group in groups:
        for entity, ids in group.records:
            wanted.setdefault(entity, []).extend(ids)
    return written(database, change_set, only=wanted)


def live_scores(database: Database, students: Sequence[int]) -> dict[int, int]:
    """How many live results students have, by student."""
    if not students:
        return {}
    with database.reading() as tx:
        return dict(
            tx.rows(
                f"SELECT student, count(*) FROM results WHERE alive AND student {AMONG} "
                "GROUP BY student",
                (json.dumps(list(students)),),
            )
        )
