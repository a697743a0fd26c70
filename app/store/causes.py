"""All open differences at once, as slim as it takes to tell which are alike, and how they stand."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.roster.entities import ENTITIES
from app.roster.parts import part_name
from app.roster.values import Plain
from app.store import sizes
from app.store.database import Database, Tx
from app.store.differences import WHOLE_STREAM, shape


@dataclass(frozen=True)
class Slim:
    """One open difference."""

    id: int
    connector: str
    entity: str
    record: int
    kind: str
    part: str
    """The field or group; of an element, that of its list."""
    shape: object
    """Equal where two of one part are alike; ``None`` where all of the stream are one question."""
    school: Plain
    """The stored value at the end of the path to the record's school."""
    opened_in: int
    """The sync that found it."""
    revision: int
    """Rises when either side moves."""


def slim(database: Database, connector: str | None = None) -> list[Slim]:
    """Every open difference about values and about being there, the oldest first."""
    with database.reading() as tx:
        entities = [row[0] for row in tx.rows("SELECT DISTINCT entity FROM conflicts")]
        found = [one for entity in entities for one in _of(tx, entity, connector)]
    return sorted(found, key=lambda one: one.id)


def _of(tx: Tx, entity: str, connector: str | None) -> Iterator[Slim]:
    type_ = ENTITIES[entity]
    place, path = sizes.path(type_)
    for id_, name, record, kind, part, base, local, remote, school, *found in tx.rows(
        "SELECT conflicts.id, connectors.name, conflicts.record, conflicts.kind, part, base, "
        f"local, remote, {place}, opened_in, revision FROM conflicts "
        "JOIN connectors ON connectors.id = conflicts.connector "
        f"JOIN {entity} AS record ON record.id = conflicts.record {path} "
        "WHERE entity = ?1 AND conflicts.kind <> 'same_person' AND (?2 IS NULL OR name = ?2)",
        (entity, connector),
    ):
        whole = kind in WHOLE_STREAM
        alike = None if whole else shape(type_, part, (base, local, remote))
        yield Slim(id_, name, entity, record, kind, part_name(part), alike, school, *found)
