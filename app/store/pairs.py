"""A newcomer beside the record that it may be, with what makes us think so (SEMANTICS D5)."""

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


def pair(database: Database, id_: int) -> Pair:
    """The two that an open difference is about; raises ``NotFound``."""
    asked = difference(database, id_)
    type_ = ENTITIES[asked.entity]
    with database.reading() as tx:
        row = tx.one(
            "SELECT old.key, new.key, new.record, patch FROM conflicts "
            "JOIN links AS new ON new.id = conflicts.link JOIN items ON items.link = new.id "
            "JOIN links AS old ON old.id = json_extract(about, '$.link') WHERE conflicts.id = ?",
            (id_,),
        )
        if row is None:
            raise NotFound("conflict_unknown", id=id_)
        old, new, record, blob = row
        patch = records.known_layouts(tx, asked.entity).patch(blob)
        stored = records.read_records(tx, asked.entity, [asked.record])[asked.record].values
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
    )
