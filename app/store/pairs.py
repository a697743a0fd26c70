"""A newcomer beside the record that it may be, with what makes us think so (SEMANTICS D5).

The newcomer waits, where it may have got another key in its SIS; or it is a record of its own,
where another SIS tells of the other one.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from app.errors import NotFound
from app.roster.entities import ENTITIES
from app.roster.identity import identifiers
from app.roster.stored import plain_value
from app.roster.values import UNSAID, Elements, Plain
from app.store import reads, records
from app.store.database import Database
from app.store.differences import Difference, difference

_WITHIN = (
    "SELECT old.key, new.key, new.record, patch FROM conflicts "
    "JOIN links AS new ON new.id = conflicts.link JOIN items ON items.link = new.id "
    "JOIN links AS old ON old.id = json_extract(about, '$.link') WHERE conflicts.id = ?"
)
"""Of a newcomer that waits to be made: both keys, its record id and what its row says."""

_BETWEEN = (
    "SELECT old.key, new.key, new.record, patch FROM conflicts "
    "JOIN links AS new ON new.id = conflicts.link LEFT JOIN items ON items.link = new.id "
    "JOIN links AS old ON old.record = conflicts.record AND old.stream <> new.stream "
    "WHERE conflicts.id = ? ORDER BY coalesce(old.alive, 0) DESC, old.id LIMIT 1"
)
"""The same of two that different SISs tell of."""


@dataclass(frozen=True)
class Side:
    """One of the two."""

    key: str
    """What the SIS calls it."""
    values: Mapping[str, Plain]
    """Canonical values by field; a field of which nothing was said is missing."""
    enrollments: int
    """In how many classes it is."""


@dataclass(frozen=True)
class Pair:
    """An open question whether a newcomer is somebody we have."""

    asked: Difference
    ours: Side
    newcomer: Side
    shared: tuple[tuple[str, str], ...]
    """(field, value) of what identifies both alike."""
    titles: Mapping[int, str]
    """What the records are called that values refer to."""
    rule: str = ""
    """By which rule between two SISs it is asked (``roster.identity``); blank for another key,"""
    confidence: str = ""
    """how far that is to be trusted,"""
    why: str = ""
    """and why it is not certain: ``possible``, ``ambiguous``, or what contradicts."""


def pair(database: Database, id_: int) -> Pair:
    """The two that an open difference is about; raises ``NotFound``."""
    asked = difference(database, id_)
    type_ = ENTITIES[asked.entity]
    between = "rule" in asked.about
    with database.reading() as tx:
        row = tx.one(_BETWEEN if between else _WITHIN, (id_,))
        if row is None:
            raise NotFound("conflict_unknown", id=id_)
        old, new, record, blob = row
        there = records.read_records(tx, asked.entity, [asked.record, record])
        stored = there[asked.record].values
        if between and record in there:
            patch = there[record].values
        else:
            patch = records.known_layouts(tx, asked.entity).patch(blob)
        seats = dict(
            tx.rows(
                'SELECT "user", count(*) FROM enrollments WHERE alive AND "user" IN (?, ?) '
                "GROUP BY 1",
                (asked.record, record),
            )
        )
    ours, theirs = (
        {
            one.name: plain_value(one, value)
            for one, value in zip(type_.fields, values, strict=True)
            if value is not UNSAID
        }
        for values in (stored, patch)
    )
    shared = tuple(
        (name, " ".join(map(str, json.loads(value))) if elements else value)
        for told in sorted(identifiers(type_, stored) & identifiers(type_, patch))
        for name, _, value in [told.partition(":")]
        for elements in [isinstance(type_.by_name[name].kind, Elements)]
    )
    titles = reads.titles_of_values(database, [(asked.entity, ours), (asked.entity, theirs)])
    return Pair(
        asked,
        Side(old, ours, seats.get(asked.record, 0)),
        Side(new, theirs, seats.get(record, 0)),
        shared,
        titles,
        *(str(asked.about.get(name) or "") for name in ("rule", "confidence", "why")),
    )
