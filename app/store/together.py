"""How many of a connector's records are those that other connectors tell of (SEMANTICS A3, D5)."""

from typing import NamedTuple

from app.roster.entities import ENTITIES
from app.store import journal
from app.store.database import Database, Tx
from app.store.linkage import HELD_OUTSIDE, may_be_there


class Together(NamedTuple):
    """The live records of one type, as one connector has them beside the others."""

    entity: str
    recognised: int
    """Others tell of them as well,"""
    new: int
    """only this one does,"""
    doubt: int
    """only this one does, and it is asked whether they are somebody whom others tell of."""
    elsewhere: int
    """Others tell of them, and this one does not."""


def together(database: Database, name: str) -> list[Together]:
    """The numbers of each record type that the connector and any other tell of.

    Raises ``NotFound``.
    """
    with database.reading() as tx:
        connector = journal.connector(tx, name).id
        found = (_together(tx, connector, entity) for entity in ENTITIES)
        return [one for one in found if one is not None]


def _together(tx: Tx, connector: int, entity: str) -> Together | None:
    streams = dict(
        tx.rows(
            "SELECT streams.id, connector FROM streams JOIN connectors "
            "ON connectors.id = connector AND removed_at IS NULL WHERE entity = ? "
            "AND EXISTS (SELECT 1 FROM links WHERE stream = streams.id AND alive)",
            (entity,),
        )
    )
    mine = [stream for stream, of in streams.items() if of == connector]
    others = ", ".join(str(stream) for stream, of in streams.items() if of != connector)
    if not mine or not others:
        return None
    inside = f"links.held & {HELD_OUTSIDE} = 0"
    beside = (
        "EXISTS (SELECT 1 FROM links AS other WHERE other.record = links.record "
        f"AND other.alive AND other.stream IN ({others}))"
    )
    asked = (
        "(EXISTS (SELECT 1 FROM conflicts WHERE conflicts.record = links.record "
        "AND part = 'identity') OR EXISTS (SELECT 1 FROM conflicts "
        "WHERE conflicts.link = links.id AND part = 'identity'))"
    )
    counts: dict[str, int] = dict(
        tx.rows(
            f"SELECT CASE WHEN {beside} THEN 'both' WHEN {asked} THEN 'doubt' ELSE 'new' END, "
            "count(DISTINCT links.record) FROM links "
            f"JOIN {entity} AS record ON record.id = links.record AND record.alive "
            f"WHERE links.stream = ? AND links.alive AND {inside} GROUP BY 1",
            (mine[0],),
        )
    )
    [(elsewhere,)] = tx.rows(
        f"SELECT count(DISTINCT links.record) FROM links JOIN {entity} AS record "
        f"ON record.id = links.record AND record.alive WHERE links.stream IN ({others}) "
        f"AND links.alive AND {inside} AND NOT EXISTS (SELECT 1 FROM links AS here "
        f"WHERE here.record = links.record AND here.stream = ? AND {may_be_there('here')})",
        (mine[0],),
    )
    both, new, doubt = (counts.get(sort, 0) for sort in ("both", "new", "doubt"))
    return Together(entity, both, new, doubt, elsewhere)
