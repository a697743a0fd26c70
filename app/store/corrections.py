"""What stands here of a record and is not what its SIS says (SEMANTICS F6)."""

import enum
import json
from collections.abc import Sequence
from dataclasses import dataclass

from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE, Part, part_name
from app.roster.schema import EntityType, FieldType
from app.roster.stored import plain_value
from app.roster.values import UNKNOWN, Plain
from app.store import policies, records
from app.store.codec import decode_changes
from app.store.database import Database, Tx


class Fate(enum.StrEnum):
    """What becomes of our value at the SIS."""

    CORRECTION = "correction"
    """The SIS does not take such a change: a local correction."""
    KEPT = "kept"
    """It is not sent until the SIS says something new, or a person asks (G2)."""
    OPEN = "open"
    """A difference that a person has to decide."""
    SENT = "sent"
    """It is sent with the next sync."""


@dataclass(frozen=True)
class Correction:
    """One field that stands otherwise here than it does at a SIS; values are canonical."""

    connector: str
    field: str
    ours: Plain
    sis: Plain
    """What the SIS says, as far as it was read."""
    fate: Fate


def corrections(database: Database, entity: str, record: int) -> list[Correction]:
    """The fields of a live record that differ from what its SIS says, by connector."""
    type_ = ENTITIES[entity]
    with database.reading() as tx:
        found = records.read_records(tx, entity, [record]).get(record)
        if found is None or not found.alive:
            return []
        layouts = records.known_layouts(tx, entity)
        told = []
        for link, name, writes, blob in _links(tx, record):
            base = layouts.base(blob)
            pinned = policies.pinned(tx, [link]).get(link, set())
            asked, says = _asked(tx, type_, link, base)
            taken = json.loads(writes) if writes else {"actions": [], "fields": []}
            for one in type_.fields:
                ours, sis = found.values[one.index], says[one.index]
                if sis is not UNKNOWN and sis != ours:
                    fate = _fate(one, pinned, asked, taken)
                    values = plain_value(one, ours), plain_value(one, sis)
                    told.append(Correction(name, one.name, *values, fate))
    return told


def _links(tx: Tx, record: int) -> list[tuple[int, str, str | None, bytes]]:
    """(link, connector, what it takes, base) of the live links of a record."""
    return [
        (row[0], row[1], row[2], row[3])
        for row in tx.rows(
            "SELECT links.id, connectors.name, streams.writes, links.base FROM links "
            "JOIN streams ON streams.id = links.stream "
            "JOIN connectors ON connectors.id = streams.connector "
            "WHERE links.record = ? AND links.alive AND links.base IS NOT NULL "
            "AND connectors.removed_at IS NULL ORDER BY connectors.name, links.id",
            (record,),
        )
    ]


def _asked(
    tx: Tx, entity: EntityType, link: int, base: Sequence[Plain]
) -> tuple[set[str], Sequence[Plain]]:
    """The fields and groups of a link that are open, and what the SIS says of every field."""
    asked: set[str] = set()
    says = base
    for part, side in tx.rows("SELECT part, remote FROM conflicts WHERE link = ?", (link,)):
        asked.add(part_name(part))
        # With the end of a record goes all that the SIS says anew of it.
        about = Part(entity.fields) if part == ALIVE else Part.named(entity, part)
        says = about.put(says, decode_changes(side))
    return asked, says


def _fate(one: FieldType, pinned: set[str], asked: set[str], taken: dict[str, list[str]]) -> Fate:
    if one.group in asked or one.name in asked:
        return Fate.OPEN
    if "update" not in taken["actions"] or one.name not in taken["fields"]:
        return Fate.CORRECTION
    return Fate.KEPT if one.group in pinned else Fate.SENT
