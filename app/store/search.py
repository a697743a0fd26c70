"""One search over everything that has a name: people, classes, schools, courses, terms and more.

Accents, upper and lower case, hyphens and apostrophes do not count, and the parts of a name come in
any order. The texts are read through, not indexed: an index would have to be kept by every sync,
and only one record in three has a name. As in ``reads``: ids, in order; never from the window's
thread.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from app.roster.entities import ENTITIES
from app.roster.schema import EntityType, Privacy
from app.roster.values import Elements, Text
from app.store import reads, sizes
from app.store.database import Database, Tx
from app.store.finding import literal
from app.store.reads import RecordRow
from app.store.statements import AMONG, quoted

LEAST_OF_KEY = 4
"""So much of a key at a SIS finds the record; less of one would find too many."""
MOST_BY_KEY = 200
BEGINS = 2
"""The rank of what has words in its name that begin as those that are looked for."""
MOSTLY = ("users", "classes")
"""What is mostly meant, where other records are as likely."""

Which: TypeAlias = tuple[str, int]
"""A record: its entity and its id."""

_LETTERS = str.maketrans({
    **dict.fromkeys("'`\u2018\u2019\u00b4\u02bc"),  # apostrophes
    **dict.fromkeys("-\u2010\u2011\u2013,;()[]\"", " "),
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i",
})  # fmt: skip
"""What no decomposition of Unicode tells, and what people type or leave out as they like."""
_MARKS = re.compile("[\u0300-\u036f]+")
_ODD = "length(said) < length(CAST(said AS BLOB)) OR instr(said, '''') OR instr(said, '`')"
"""Texts that may read otherwise when they are folded; of all others SQLite knows what they have."""


def folded(text: str) -> str:
    """``text`` as it is compared: without accents, case, apostrophes and punctuation."""
    if not text.isascii():
        text = _MARKS.sub("", unicodedata.normalize("NFD", text.casefold()))
    return text.lower().translate(_LETTERS)


# -- finding ----------------------------------------------------------------------------------


def search(
    database: Database, text: str, *, school: int | None = None, ended: bool = False
) -> dict[str, list[int]]:
    """The ids of the records that have all words of ``text``, by entity, the likeliest first.

    That is who is called or known by exactly this, then whose name begins with it, then who has
    words that begin so, then the rest; live records before ended ones, which are found only with
    ``ended``. Entities come in the order of their likeliest record. A blank text finds everything
    that has a name. ``school``: only what belongs to it.
    """
    wanted = " ".join(folded(text).split())
    with database.reading() as tx:
        known = _known_by(tx, text.strip())
        found = {
            name: ranked
            for name in dict.fromkeys((*MOSTLY, *ENTITIES))
            if (ranked := sorted(_matches(tx, ENTITIES[name], wanted, known, school, ended)))
        }
    likeliest = sorted(found, key=lambda name: found[name][0][:2])
    return {name: [id_ for *_, id_ in found[name]] for name in likeliest}


def is_named(entity: EntityType) -> bool:
    """Whether records of the entity have a name of their own, by which they are searched for."""
    return bool(_title(entity))


def _matches(
    tx: Tx,
    entity: EntityType,
    wanted: str,
    known: Mapping[str, set[int]],
    school: int | None,
    ended: bool,
) -> Iterator[tuple[bool, int, str, int]]:
    """(ended, rank, name, id) of what is found of one entity."""
    keys, words = known.get(entity.name, set()), wanted.split()
    if not (keys or is_named(entity)) or (school is not None and not entity.school):
        return
    conditions = ["1" if ended else "record.alive"]
    values: list[str | int] = []
    joins = ""
    if school is not None:
        where, joins = sizes.path(entity)
        # Lists hold ids as numbers, and nothing else in them is one.
        conditions.append(f"({where} = ? OR {where} LIKE ?)")
        values += [school, f"%,{school},%"]
    name = " || ' ' || ".join(_title(entity)) or "''"
    texts = "".join(f" || char(10) || {column}" for column in _texts(entity)) if words else ""
    has = "0"
    if is_named(entity):
        has = " AND ".join(["said LIKE ? ESCAPE '!'"] * len(words)) or "1"
        has = f"{has} OR {_ODD}"
        values += [f"%{literal(word)}%" for word in words]
    if keys:
        has += f" OR id {AMONG}"
        values.append(json.dumps(sorted(keys)))
    for id_, alive, said in tx.rows(
        "SELECT id, alive, said FROM (SELECT record.id AS id, record.alive AS alive, "
        f"{name}{texts} AS said FROM {entity.name} AS record {joins} "
        # With a limit, a text is put together once, and not for each time it is looked at.
        f"WHERE {' AND '.join(conditions)} LIMIT -1) WHERE {has}",
        tuple(values),
    ):
        told = folded(said)
        if id_ not in keys and not all(word in told for word in words):
            continue
        called = told.partition("\n")[0]
        rank = 0 if id_ in keys else _rank(wanted, words, called, told)
        # A letter alone would find nearly everybody, were it not to begin a word of the name.
        if len(wanted) > 1 or rank <= BEGINS:
            yield not alive, rank, called, id_


def _rank(wanted: str, words: Sequence[str], called: str, told: str) -> int:
    if not words or wanted in told.split("\n"):
        return 0
    if called.startswith(wanted):
        return 1
    if all(f" {word}" in f" {called}" for word in words):
        return BEGINS
    return 3 if all(word in called for word in words) else 4


def _known_by(tx: Tx, key: str) -> dict[str, set[int]]:
    """The records that a SIS knows by this key, now or formerly, or by one that begins with it."""
    if len(key) < LEAST_OF_KEY:
        return {}
    found: dict[str, set[int]] = {}
    for entity, record in tx.rows(
        "SELECT streams.entity, links.record FROM streams JOIN links ON links.stream = streams.id "
        "AND links.key >= ?1 AND links.key < ?2 UNION "
        "SELECT streams.entity, links.record FROM streams "
        "JOIN aliases ON aliases.stream = streams.id AND aliases.key = ?1 "
        "JOIN links ON links.id = aliases.link LIMIT ?3",
        (key, key + "\U0010ffff", MOST_BY_KEY),
    ):
        found.setdefault(entity, set()).add(record)
    return found


def _title(entity: EntityType) -> list[str]:
    """The columns that hold a record's name."""
    fields = (entity.by_name[name] for name in entity.title)
    return [f"coalesce(record.{quoted(one.name)}, '')" for one in fields if not one.references]


def _texts(entity: EntityType) -> list[str]:
    """The columns of further words by which people know a record."""
    return [
        f"coalesce(record.{quoted(one.name)}, '')"
        for one in entity.fields
        if one.name not in entity.title
        and one.privacy is not Privacy.SENSITIVE
        and (isinstance(one.kind, Text) or (isinstance(one.kind, Elements) and one.identifies))
    ]


# -- showing what was found -------------------------------------------------------------------


@dataclass(frozen=True)
class Named:
    """A record, and what the records are called that it refers to."""

    row: RecordRow
    titles: Mapping[int, str]
    roll: "Roll | None" = None
    """Of a class, where that was asked for."""


@dataclass(frozen=True)
class Roll:
    """Who is in a class now."""

    teachers: Sequence[str] = ()
    """What they are called."""
    students: int = 0


def named(database: Database, which: Sequence[Which]) -> dict[Which, Named]:
    """Records with what they refer to, in a few questions however many there are."""
    by_entity: dict[str, list[int]] = {}
    for entity, id_ in which:
        by_entity.setdefault(entity, []).append(id_)
    rows = {
        (entity, row.id): row
        for entity, ids in by_entity.items()
        for row in reads.records(database, entity, ids)
    }
    wanted: dict[str, set[int]] = {}
    for (entity, _), row in rows.items():
        for target, ids in reads.references(ENTITIES[entity], row):
            wanted.setdefault(target, set()).update(ids)
    titles = reads.titles(database, *wanted.items())
    return {which: Named(row, titles) for which, row in rows.items()}


def rolls(database: Database, classes: Sequence[int], today: str) -> dict[int, Roll]:
    """Who teaches and how many study in classes, by class; none where nobody does."""
    taught, students = dict[int, list[int]](), Counter[int]()
    with database.reading() as tx:
        for class_, role, user, count in tx.rows(_ROLLS, (json.dumps(list(classes)), today)):
            if role == "teacher":
                taught.setdefault(class_, []).append(user)
            else:
                students[class_] += count
    names = reads.titles(database, ("users", {user for some in taught.values() for user in some}))
    return {
        class_: Roll([names[one] for one in taught.get(class_, ()) if one in names], count)
        for class_ in taught.keys() | students.keys()
        for count in (students[class_],)
    }


_ROLLS = (
    "SELECT \"class\", role, iif(role = 'teacher', user, 0) AS who, count(DISTINCT user) "
    f'FROM enrollments WHERE "class" {AMONG} AND alive AND (end_date IS NULL OR end_date > ?) '
    "AND role IN ('teacher', 'student') GROUP BY 1, 2, 3 ORDER BY min(id)"
)
