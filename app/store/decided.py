"""What people have decided about differences, to learn from: the newest first."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.roster.entities import ENTITIES
from app.roster.parts import part_name
from app.roster.values import Plain
from app.store.codec import plain_changes
from app.store.database import Database
from app.store.history import UNDO


@dataclass(frozen=True)
class Decided:
    """One difference that a person decided and did not take back; sides are canonical values."""

    record: int
    part: str
    """The field or group; of an element, that of its list."""
    take: str
    at: str
    ours: Mapping[str, Plain]
    sis: Mapping[str, Plain]
    result: Mapping[str, Plain]
    """What stood here afterwards."""


def decided(
    database: Database, connector: str, entity: str, part: str, *, since: str = ""
) -> list[Decided]:
    """What was decided about a part (or ``alive``) of a connector's records, from an instant on."""
    type_ = ENTITIES[entity]
    with database.reading() as tx:
        return [
            Decided(record, part, take, at, *(plain_changes(type_, side) for side in sides))
            for record, which, take, at, *sides in tx.rows(
                "SELECT record, part, take, sets.at, local, remote, result FROM decisions "
                "JOIN change_sets AS sets ON sets.id = change_set "
                "JOIN connectors ON connectors.id = decisions.connector "
                "WHERE connectors.name = ?1 AND entity = ?2 AND (part = ?3 OR part LIKE ?3 || '[%')"
                " AND sets.at >= ?4 AND NOT EXISTS (SELECT 1 FROM change_sets AS undo "
                'WHERE undo."of" = sets.id AND undo.kind = ?5 AND NOT EXISTS ('
                'SELECT 1 FROM change_sets AS again WHERE again."of" = undo.id '
                "AND again.kind = ?5)) ORDER BY decisions.id DESC",
                (connector, entity, part, since, UNDO),
            )
            if part_name(which) == part
        ]
