"""One record beside what one SIS says of it: all that the merge screen shows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.errors import NotFound
from app.roster.entities import ENTITIES
from app.roster.schema import referred
from app.roster.values import Plain
from app.store import corrections, reads
from app.store.corrections import Correction
from app.store.database import Database
from app.store.differences import Difference, difference_ids, differences
from app.store.history import Origin
from app.store.reads import RecordDetail
from app.store.takes import fields_taken


@dataclass(frozen=True)
class Beside:
    """A record, its open differences with one connector, and where every value comes from."""

    connector: str
    title: str
    detail: RecordDetail
    differences: tuple[Difference, ...]
    otherwise: Mapping[str, Correction]
    """Fields that differ from what the SIS says without being open, by name."""
    writable: frozenset[str]
    """The fields of which the SIS takes changes."""
    titles: Mapping[int, str] = field(default_factory=dict)
    """What all records are called that any side refers to."""

    @property
    def entity(self) -> str:
        """Its record type."""
        return self.detail.record.entity

    def set_in(self, name: str) -> Origin:
        """Where our value of a field comes from."""
        changes = (one for one in self.detail.changes if name in one.after)
        return next(changes, self.detail.made)

    def agreed_in(self, base: Mapping[str, Plain]) -> Origin | None:
        """Where what was last agreed comes from; ``None`` where the history does not tell.

        Either it stood here, or a decision for ours threw it away (SEMANTICS B1).
        """
        first: Mapping[str, Plain] = {}
        for change in self.detail.changes:
            for side in (change.after, change.discarded):
                if _says(side, base):
                    return change
            if base.keys() & change.before.keys():
                first = change.before
        return self.detail.made if _says(first, base) else None


def _says(side: Mapping[str, Plain], base: Mapping[str, Plain]) -> bool:
    """Whether a side speaks of what was agreed, and says the same."""
    said = side.keys() & base.keys()
    return bool(said) and all(side[name] == base[name] for name in said)


def beside(database: Database, difference: int) -> Beside:
    """The record of an open difference, with all that is open of it there; raises ``NotFound``."""
    with database.reading() as tx:
        row = tx.one(
            "SELECT name, streams.entity, conflicts.record, writes, links.key FROM conflicts "
            "JOIN links ON links.id = link JOIN streams ON streams.id = stream "
            "JOIN connectors ON connectors.id = streams.connector WHERE conflicts.id = ?",
            (difference,),
        )
    if row is None:
        raise NotFound("conflict_unknown", id=difference)
    name, entity, record, writes, key = row
    found = differences(database, difference_ids(database, connector=name, record=record))
    asked = tuple(one for one in found if one.kind != "same_person")
    otherwise = {
        one.field: one
        for one in corrections.corrections(database, entity, record)
        if one.connector == name and one.fate is not corrections.Fate.OPEN
    }
    detail = reads.record(database, entity, record)
    values = [
        *(side for one in asked for side in (one.ours, one.sis, one.base)),
        *({one.field: one.sis} for one in otherwise.values()),
    ]
    return Beside(
        name,
        next((one.title for one in asked), ""),
        detail,
        asked,
        otherwise,
        fields_taken(writes, key),
        {**detail.titles, **_titles(database, entity, values)},
    )


def _titles(
    database: Database, entity: str, sides: Iterable[Mapping[str, Plain]]
) -> dict[int, str]:
    wanted: dict[str, set[int]] = {}
    for side in sides:
        for name, value in side.items():
            if (one := ENTITIES[entity].by_name.get(name)) is not None:
                for target, ids in referred(one, value):
                    wanted.setdefault(target, set()).update(ids)
    return reads.titles(database, *wanted.items())
