"""What does not add up in the roster, for whoever looks after its quality: everybody's question.

Set-based: a few queries a rule whatever the size of the roster, and rows one by one. Whom a flaw
concerns, how bad it is and how it is told is decided above (``engine.quality``).
"""

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from app.roster import rules
from app.roster.entities import ENTITIES
from app.roster.schema import EntityType
from app.roster.stored import list_value, plain_value
from app.roster.values import Plain
from app.roster.words import EXTENSION, vocabularies
from app.store import corrections, sizes
from app.store.corrections import Fate
from app.store.database import Database, Tx
from app.store.linkage import HELD_OUTSIDE
from app.store.statements import quoted


class Flaw(NamedTuple):
    """One thing in one live record that somebody should mend. Values are canonical."""

    rule: str
    entity: str
    record: int
    place: Plain
    """The stored value at the end of the record's path to its school (``sizes.path``)."""
    field: str = ""
    now: Plain = None
    wanted: Plain = None
    """What the value should be, where that is known."""
    other: int | None = None
    """Another record that it is about."""
    connector: str = ""
    """Whose value is meant, where that is not the roster's."""


def flaws(database: Database, today: str, connector: str | None = None) -> Iterator[Flaw]:
    """Every flaw of the live records, by rule; with a ``connector`` of those it knows alone.

    From one moment of the database. What is out of the connectors' scope is left out (D2).
    """
    with database.reading() as tx:
        outside, known = _outside(tx), None if connector is None else _known(tx, connector)
        for one in _all(tx, today, connector):
            if one.record not in outside and (known is None or one.record in known):
                yield one


def _all(tx: Tx, today: str, connector: str | None) -> Iterator[Flaw]:
    yield from _of_people(tx, today)
    yield from _of_classes(tx, today)
    yield from _elsewhere(tx)
    yield from _perhaps_one(tx)
    for entity in ENTITIES.values():
        yield from _odd_words(tx, entity)
        yield from _lacking(tx, entity)
        yield from _broken(tx, entity)
        yield from _dangling(tx, entity)
    yield from _outside_year(tx)
    for entity in ENTITIES.values():
        yield from _corrections(tx, entity, connector)


_ENABLED = "coalesce(record.enabled_user, 1)"
_RUNNING = "alive AND (end_date IS NULL OR end_date > ?)"
"""What must hold for an enrollment that counts."""
_THERE_ARE_SOME = "EXISTS (SELECT 1 FROM enrollments WHERE alive)"
"""Where no enrollments are read, nobody is without a class."""


def _where(
    tx: Tx,
    rule: str,
    entity: EntityType,
    condition: str,
    values: tuple[Plain, ...] = (),
    *,
    joins: str = "",
    field: str = "",
    now: str = "NULL",
    wanted: str = "NULL",
    other: str = "NULL",
) -> Iterator[Flaw]:
    """A flaw for each live record for which a condition holds."""
    place, path = sizes.path(entity)
    for id_, where, *told in tx.rows(
        f"SELECT record.id, {place}, {now}, {wanted}, {other} FROM {entity.name} AS record "
        f"{path} {joins} WHERE record.alive AND {condition} ORDER BY record.id",
        values,
    ):
        yield Flaw(rule, entity.name, id_, where, field, *told)


# -- people -----------------------------------------------------------------------------------

OWN = {
    "email_shared": ("email", "email"),
    "username_shared": ("username", "lower(username)"),
    "local_id_shared": ("identifier", "identifier"),
    "master_id_shared": ("user_master_identifier", "user_master_identifier"),
}
"""Fields whose values should be somebody's own, and how they are compared."""
OWN_VALUE = dict(OWN.values())


def _of_people(tx: Tx, today: str) -> Iterator[Flaw]:
    """Enabled people; for whom of them a rule holds is told by their roles."""
    users = ENTITIES["users"]
    for name in ("email", "username"):
        blank = f"{_ENABLED} AND record.{name} IS NULL"
        yield from _where(tx, f"{name}_missing", users, blank, field=name)
    for rule, (name, value) in OWN.items():
        yield from _shared(tx, rule, name, value)
    # Here the other record is the school that somebody without any role belonged to.
    school = "record.primary_org"
    for one in _where(tx, "role_missing", users, _ENABLED, field="roles", other=school):
        yield one._replace(now=list_value(one.place))
    who = "coalesce((SELECT original FROM stand_for WHERE record = user), user)"
    taught = f"(SELECT {who} FROM enrollments WHERE user IS NOT NULL AND {_RUNNING})"
    condition = f"{_ENABLED} AND record.id NOT IN {taught} AND {_THERE_ARE_SOME}"
    yield from _where(tx, "class_missing", users, condition, (today,))


def _shared(tx: Tx, rule: str, field: str, value: str) -> Iterator[Flaw]:
    """Everybody who shares a value with somebody, those who share it one after another."""
    among = f"FROM users WHERE alive AND coalesce(enabled_user, 1) AND {field} IS NOT NULL"
    for id_, roles, now in tx.rows(
        f"SELECT id, roles, {value} AS told {among} AND {value} IN "
        f"(SELECT {value} {among} GROUP BY 1 HAVING count(*) > 1) ORDER BY told, id"
    ):
        yield Flaw(rule, "users", id_, roles, field, now)


_NAME = "lower(given_name) || ' ' || lower(family_name)"


def _perhaps_one(tx: Tx) -> Iterator[Flaw]:
    """Who shares a name and something of their own with somebody; each is told once."""
    told: set[int] = set()
    for field in ("identifier", "user_master_identifier", "username", "email"):
        own = f"{OWN_VALUE[field]}, {_NAME}"
        among = f"FROM users WHERE alive AND coalesce(enabled_user, 1) AND {field} IS NOT NULL"
        for id_, roles, now in tx.rows(
            f"SELECT id, roles, {OWN_VALUE[field]} AS told {among} AND ({own}) IN "
            f"(SELECT {own} {among} GROUP BY 1, 2 HAVING count(*) > 1) ORDER BY told, {_NAME}, id"
        ):
            if id_ not in told:
                told.add(id_)
                yield Flaw("person_several", "users", id_, roles, field, now)


# -- classes and enrollments ------------------------------------------------------------------

_LAST_DAY = (
    "(SELECT max(coalesce(term.end_date, '9999')) FROM json_each(record.terms) AS one "
    "LEFT JOIN academic_sessions AS term ON term.id = one.value AND term.alive)"
)
"""The last day of the last term of a class; none where that is not known."""
OVER = f"coalesce({_LAST_DAY} < ?, 0)"
"""Whether a class is over, ``today`` given,"""
WITHOUT = (
    "(record.id NOT IN "
    f'(SELECT "class" FROM enrollments WHERE "class" IS NOT NULL AND role = ? AND {_RUNNING}) '
    f"AND {_THERE_ARE_SOME})"
)
"""and whether it is without anybody of a role, role and ``today`` given."""


def _of_classes(tx: Tx, today: str) -> Iterator[Flaw]:
    """Classes without a teacher or students; those whose terms are over are told as such alone."""
    classes = ENTITIES["classes"]
    for role in ("teacher", "student"):
        condition = f"{WITHOUT} AND NOT {OVER}"
        yield from _where(tx, f"{role}_missing", classes, condition, (role, today, today))
    yield from _where(tx, "terms_over", classes, OVER, (today,), field="terms", now=_LAST_DAY)


def _elsewhere(tx: Tx) -> Iterator[Flaw]:
    """Enrollments in another school than their class."""
    return _where(
        tx, "school_differs", ENTITIES["enrollments"], "record.school <> class.school",
        joins='JOIN classes AS class ON class.id = record."class" AND class.alive',
        field="school", now="record.school", wanted="class.school",
    )  # fmt: skip


# -- any record -------------------------------------------------------------------------------

_NEEDED = {"orgs": ("type",), "classes": ("school",), "enrollments": ("role",)}
"""What registrars need beside what is required."""


def _odd_words(tx: Tx, entity: EntityType) -> Iterator[Flaw]:
    """Grades, roles and class types that no standard has, word by word."""
    for one in vocabularies(entity):
        joins, word = "", f"record.{quoted(one.field)}"
        if one.listed:
            joins = f", json_each({word}) AS said "
            part = f"json_extract(said.value, '$[{one.part}]')"
            word = "said.value" if one.part is None else part
        known = ", ".join("?" * len(one.known))
        found = _where(
            tx, "word_unknown", entity,
            f"{word} IS NOT NULL AND {word} NOT IN ({known}) AND {word} NOT LIKE '{EXTENSION}%'",
            tuple(one.known), joins=joins, field=one.field, now=word,
        )  # fmt: skip
        yield from sorted(found, key=lambda flaw: str(flaw.now))


def _lacking(tx: Tx, entity: EntityType) -> Iterator[Flaw]:
    """Records without a value that they need."""
    for field in entity.fields:
        if field.required or field.name in _NEEDED.get(entity.name, ()):
            condition = f"record.{quoted(field.name)} IS NULL"
            yield from _where(tx, "value_missing", entity, condition, field=field.name)


def _broken(tx: Tx, entity: EntityType) -> Iterator[Flaw]:
    """Values that cannot stand together (``rules.broken``); the query finds those in question."""
    names = entity.field_names
    asked = [
        *(
            f"record.{quoted(names[low])} > record.{quoted(names[high])}"
            for low, high, _ in rules.ranges(entity)
        ),
        *(
            f"record.{quoted(names[place])} LIKE '%primary%primary%'"
            for place in rules.roles(entity)
        ),
    ]
    if not asked:
        return
    place, path = sizes.path(entity)
    columns = ", ".join(f"record.{quoted(name)}" for name in names)
    for id_, where, *values in tx.rows(
        f"SELECT record.id, {place}, {columns} FROM {entity.name} AS record {path} "
        f"WHERE record.alive AND ({' OR '.join(asked)}) ORDER BY record.id"
    ):
        for group in sorted(rules.broken(entity, values)):
            whose = [one for one in entity.fields if one.group == group]
            rule = "primaries_several" if whose[0].kind.is_list else "range_reversed"
            told = [plain_value(one, values[one.index]) for one in whose]
            now = told[0] if whose[0].kind.is_list else " – ".join(map(str, told))
            yield Flaw(rule, entity.name, id_, where, group, now)


def _dangling(tx: Tx, entity: EntityType) -> Iterator[Flaw]:
    """References to what has ended, or never came although all of its kind was read."""
    for field in entity.fields:
        for part, target in field.references:
            joins, who = "", f"record.{quoted(field.name)}"
            if field.kind.is_list:
                joins = f", json_each({who}) AS part "
                who = "part.value" if part is None else f"json_extract(part.value, '$[{part}]')"
            joins += f"LEFT JOIN {target} AS meant ON meant.id = {who}"
            # Who stands for somebody is that one; whose row waits or is unreadable is there.
            condition = (
                f"{who} IS NOT NULL AND NOT coalesce(meant.alive, 0) "
                f"AND NOT EXISTS (SELECT 1 FROM stand_for WHERE record = {who}) "
                "AND (meant.id IS NOT NULL OR EXISTS "
                "(SELECT 1 FROM links JOIN streams ON streams.id = links.stream "
                f"WHERE links.record = {who} AND links.held = 0 AND streams.full_at IS NOT NULL))"
            )
            for one in _where(
                tx, "reference_ended", entity, condition,
                joins=joins, field=field.name, now=who, wanted="meant.id",
            ):  # fmt: skip
                known = one.wanted is not None
                yield one._replace(rule=one.rule if known else "reference_unknown", wanted=None)


def _outside_year(tx: Tx) -> Iterator[Flaw]:
    """Sessions that begin before, or end after, what they are part of."""
    return _where(
        tx, "session_outside", ENTITIES["academic_sessions"],
        "(record.start_date < year.start_date OR record.end_date > year.end_date)",
        joins="JOIN academic_sessions AS year ON year.id = record.parent AND year.alive",
        field="dates",
        now="coalesce(record.start_date, '') || ' – ' || coalesce(record.end_date, '')",
        wanted="coalesce(year.start_date, '') || ' – ' || coalesce(year.end_date, '')",
        other="year.id",
    )  # fmt: skip


def _corrections(tx: Tx, entity: EntityType, connector: str | None) -> Iterator[Flaw]:
    """What stands otherwise here than at a SIS that does not take the change (SEMANTICS F6)."""
    for record, place, one in corrections.of_all(tx, entity):
        if one.fate is Fate.CORRECTION and connector in (None, one.connector):
            told = one.field, one.sis, one.ours, None, one.connector
            yield Flaw("local_correction", entity.name, record, place, *told)


# -- which records ----------------------------------------------------------------------------


def _outside(tx: Tx) -> set[int]:
    """The records that are out of a connector's scope, and in no other's."""
    rows = tx.rows(
        f"SELECT record FROM links WHERE alive GROUP BY record HAVING min(held & {HELD_OUTSIDE})"
    )
    return set(chain.from_iterable(rows))


def _known(tx: Tx, connector: str) -> set[int]:
    """The records that a connector knows."""
    rows = tx.rows(
        "SELECT record FROM links JOIN streams ON streams.id = links.stream "
        "JOIN connectors ON connectors.id = streams.connector AND connectors.name = ? "
        "WHERE links.alive",
        (connector,),
    )
    return set(chain.from_iterable(rows))
