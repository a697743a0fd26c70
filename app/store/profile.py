"""All that the page of one record shows: where it stands at each SIS, and who refers to it.

As in ``reads``: frozen rows; never from the window's thread.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.errors import NotFound
from app.roster.entities import ENTITIES
from app.roster.schema import EntityType, FieldType
from app.roster.values import Elements
from app.store import identities, reads
from app.store.corrections import Correction, corrections
from app.store.database import Database
from app.store.differences import difference_ids
from app.store.history import Origin
from app.store.outbox import Unsent, unsent
from app.store.reads import RecordDetail
from app.store.statements import quoted
from app.store.takes import fields_taken


@dataclass(frozen=True)
class Profile:
    """A record, and what of it is not as its SIS says."""

    detail: RecordDetail
    corrections: tuple[Correction, ...]
    unsent: tuple[Unsent, ...]
    differences: Mapping[str, tuple[int, ...]]
    """The ids of its open differences, by connector."""
    waiting: Mapping[str, str]
    """The connectors where something about it waits for approval, each with what that would do:
    ``create``, ``update`` or ``end``."""
    takes: Mapping[str, frozenset[str]]
    """The fields that each SIS that knows it takes changes of, by connector."""

    def origin(self, field: str) -> Origin:
        """Where the value of a field comes from."""
        for change in self.detail.changes:
            if field in change.after and change.before != change.after:
                return change
        return self.detail.made

    def agreed(self, connector: str) -> Origin | None:
        """When something of it was last agreed with the SIS of a connector."""
        for origin in (*self.detail.changes, self.detail.made):
            if origin.connector == connector:
                return origin
        return None


def profile(database: Database, entity: str, id_: int) -> Profile:
    """The profile of a record; raises ``NotFound``."""
    detail = reads.record(database, entity, id_)
    id_ = detail.record.id
    with database.reading() as tx:
        known = list(
            tx.rows(
                "SELECT connectors.name, streams.writes, links.key, items.action FROM links "
                "JOIN streams ON streams.id = links.stream "
                "JOIN connectors ON connectors.id = streams.connector AND removed_at IS NULL "
                "LEFT JOIN items ON items.link = links.id AND items.state = 'waiting' "
                "WHERE links.record = ?",
                (id_,),
            )
        )
    differences: dict[str, tuple[int, ...]] = {}
    for name in dict.fromkeys(link.connector for link in detail.links):
        if found := difference_ids(database, connector=name, record=id_):
            differences[name] = tuple(found)
    return Profile(
        detail,
        tuple(corrections(database, entity, id_)),
        tuple(unsent(database, record=id_)),
        differences,
        {name: action for name, _, _, action in known if action is not None},
        {name: fields_taken(writes, key) for name, writes, key, _ in known},
    )


# -- who refers to it -------------------------------------------------------------------------


@dataclass(frozen=True)
class Related:
    """How many records of one entity have to do with a record."""

    entity: str
    live: int
    ended: int


def related(database: Database, entity: str, id_: int) -> list[Related]:
    """Who refers to a record, counted by entity, where there are any; also its related people."""
    found = []
    with database.reading() as tx:
        id_ = identities.originals(tx, [id_]).get(id_, id_)
        for other in ENTITIES.values():
            if (where := _refers(other, entity)) is None:
                continue
            row = tx.one(
                "SELECT coalesce(sum(alive), 0), coalesce(sum(NOT alive), 0) "
                f"FROM {other.name} AS record WHERE {where}",
                (id_,),
            )
            assert row is not None
            if any(row):
                found.append(Related(other.name, *row))
    return found


def related_ids(
    database: Database, entity: str, id_: int, other: str, *, ended: bool = False
) -> list[int]:
    """The live records of the entity ``other`` that have to do with a record; ``ended``: all."""
    where = _refers(reads.entity_type(other), entity)
    if where is None:
        raise NotFound("entity_unknown", entity=other, known=", ".join(ENTITIES))
    with database.reading() as tx:
        id_ = identities.originals(tx, [id_]).get(id_, id_)
        alive = "1" if ended else "alive"
        return [
            row[0]
            for row in tx.rows(
                f"SELECT id FROM {other} AS record WHERE {alive} AND ({where}) "
                "ORDER BY NOT alive, id",
                (id_,),
            )
        ]


def _refers(other: EntityType, entity: str) -> str | None:
    """What holds for the records of ``other`` that refer to a record of ``entity`` (``?1``)."""
    parts = []
    for field in other.fields:
        for place, target in field.references:
            if target == entity:
                parts.append(_refers_by(field, place))
                if other.name == entity and isinstance(field.kind, Elements):
                    # Whom a person names is as near to them as who names them.
                    own = f"SELECT {quoted(field.name)} AS list FROM {entity} WHERE id = ?1"
                    part = f"json_extract(part.value, '$[{place}]')"
                    parts.append(
                        f"record.id IN (SELECT {part} FROM ({own}), json_each(list) AS part)"
                    )
    return f"record.id <> ?1 AND ({' OR '.join(parts)})" if parts else None


def _refers_by(field: FieldType, place: int | None) -> str:
    column = f"record.{quoted(field.name)}"
    if not field.kind.is_list:
        return f"{column} = ?1"
    part = "part.value" if place is None else f"json_extract(part.value, '$[{place}]')"
    # The text is looked at first: to take a list apart costs much more.
    return (
        f"({column} LIKE '%' || ?1 || '%' AND EXISTS "
        f"(SELECT 1 FROM json_each({column}) AS part WHERE {part} = ?1))"
    )
