"""What stands here of a record and is not what its SIS says (SEMANTICS F6)."""

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE, Part, part_name
from app.roster.schema import EntityType, FieldType
from app.roster.several import tellers
from app.roster.stored import plain_value
from app.roster.values import UNKNOWN, Plain
from app.store import policies, records, sizes
from app.store.codec import Layouts, decode_changes
from app.store.database import Database, Tx
from app.store.linkage import HELD_OUTSIDE
from app.store.statements import quoted
from app.store.takes import fields_taken


class Fate(enum.StrEnum):
    """What becomes of our value at the SIS."""

    CORRECTION = "correction"
    """The SIS does not take such a change: a local correction."""
    ELSEWHERE = "elsewhere"
    """It is what another SIS says, and this one does not take the change."""
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
    source: str = ""
    """The connector whose SIS says what stands here; only of ``ELSEWHERE``."""


def corrections(database: Database, entity: str, record: int) -> list[Correction]:
    """The fields of a live record that differ from what its SIS says, by connector."""
    with database.reading() as tx:
        found = _differing(tx, ENTITIES[entity], "AND record.id = ?", (record,))
        return [one for _, _, one in found]


def of_all(tx: Tx, entity: EntityType) -> Iterator[tuple[int, Plain, Correction]]:
    """(record, place, correction) of every live record; *place* leads to its school.

    Those that are out of a connector's scope are left out.
    """
    return _differing(tx, entity, f"AND links.held & {HELD_OUTSIDE} = 0", ())


def _differing(
    tx: Tx, entity: EntityType, which: str, values: tuple[int, ...]
) -> Iterator[tuple[int, Plain, Correction]]:
    layouts = records.known_layouts(tx, entity.name)
    place, path = sizes.path(entity)
    columns = ", ".join(f"record.{quoted(name)}" for name in entity.field_names)
    for link, key, record, where, name, writes, blob, *ours in tx.rows(
        f"SELECT links.id, links.key, record.id, {place}, connectors.name, writes, links.base, "
        f"{columns} FROM links JOIN streams ON streams.id = links.stream "
        "JOIN connectors ON connectors.id = streams.connector AND removed_at IS NULL "
        f"JOIN {entity.name} AS record ON record.id = links.record AND record.alive {path} "
        f"WHERE links.alive AND links.base IS NOT NULL {which} "
        "ORDER BY connectors.name, links.id",
        values,
    ):
        base = layouts.base(blob)
        if base == tuple(ours):
            continue
        pinned = policies.pinned(tx, [link]).get(link, set())
        asked, says = _asked(tx, entity, link, base)
        taken = fields_taken(writes, key)
        others: list[tuple[str, Sequence[Plain]]] | None = None
        for one in entity.fields:
            mine, sis = ours[one.index], says[one.index]
            if sis is UNKNOWN or sis == mine:
                continue
            fate, source = _fate(one, pinned, asked, taken), ""
            if fate is Fate.CORRECTION:
                others = _others(tx, layouts, record, link) if others is None else others
                told_by = tellers(one, mine, [sis], [values[one.index] for _, values in others])
                source = others[min(told_by)][0] if told_by else ""
                fate = Fate.ELSEWHERE if source else fate
            told = plain_value(one, mine), plain_value(one, sis)
            yield record, where, Correction(name, one.name, *told, fate, source)


def _others(tx: Tx, layouts: Layouts, record: int, link: int) -> list[tuple[str, Sequence[Plain]]]:
    """What the other SIS of a record last agreed to, by connector."""
    return [
        (name, layouts.base(blob))
        for name, blob in tx.rows(
            "SELECT connectors.name, base FROM links JOIN streams ON streams.id = links.stream "
            "JOIN connectors ON connectors.id = streams.connector AND removed_at IS NULL "
            "WHERE record = ? AND links.id <> ? AND links.alive ORDER BY connectors.name",
            (record, link),
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


def said(tx: Tx, entity: EntityType, link: int, base: Sequence[Plain]) -> Sequence[Plain]:
    """What the SIS says of every field of a link whose base it is, open differences included."""
    return _asked(tx, entity, link, base)[1]


def _fate(one: FieldType, pinned: set[str], asked: set[str], taken: frozenset[str]) -> Fate:
    if one.group in asked or one.name in asked:
        return Fate.OPEN
    if one.name not in taken:
        return Fate.CORRECTION
    return Fate.KEPT if one.group in pinned else Fate.SENT
