"""What stands here of a record and is not what its SIS says (SEMANTICS F6)."""

import enum
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

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
from app.store.statements import AMONG, quoted
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


_AT_ONCE = 500
"""So many links that differ are looked at together."""

_BEFORE_FIELDS = 7
"""What stands in a row of ``_differing`` before the fields of the record."""


def _differing(
    tx: Tx, entity: EntityType, which: str, values: tuple[int, ...]
) -> Iterator[tuple[int, Plain, Correction]]:
    layouts = records.known_layouts(tx, entity.name)
    place, path = sizes.path(entity)
    columns = ", ".join(f"record.{quoted(name)}" for name in entity.field_names)
    rows = tx.rows(
        f"SELECT links.id, links.key, record.id, {place}, connectors.name, writes, links.base, "
        f"{columns} FROM links JOIN streams ON streams.id = links.stream "
        "JOIN connectors ON connectors.id = streams.connector AND removed_at IS NULL "
        f"JOIN {entity.name} AS record ON record.id = links.record AND record.alive {path} "
        f"WHERE links.alive AND links.base IS NOT NULL {which} "
        "ORDER BY connectors.name, links.id",
        values,
    )
    differing = (
        (row, base)
        for row in rows
        if (base := layouts.base(row[_BEFORE_FIELDS - 1])) != tuple(row[_BEFORE_FIELDS:])
    )
    while batch := list(islice(differing, _AT_ONCE)):
        links = [row[0] for row, _ in batch]
        pins, open_ = policies.pinned(tx, links), _open(tx, links)
        others = _others(tx, layouts, {row[2] for row, _ in batch})
        for (link, key, record, where, name, writes, _blob, *ours), base in batch:
            asked, says = _asked(entity, open_.get(link, ()), base)
            taken, beside = fields_taken(writes, key), others.get(record, {})
            told = [(by, theirs) for id_, (by, theirs) in beside.items() if id_ != link]
            for one in entity.fields:
                mine, sis = ours[one.index], says[one.index]
                if sis is UNKNOWN or sis == mine:
                    continue
                fate, source = _fate(one, pins.get(link, set()), asked, taken), ""
                if fate is Fate.CORRECTION and told:
                    by = tellers(one, mine, [sis], [theirs[one.index] for _, theirs in told])
                    source = told[min(by)][0] if by else ""
                    fate = Fate.ELSEWHERE if source else fate
                sides = plain_value(one, mine), plain_value(one, sis)
                yield record, where, Correction(name, one.name, *sides, fate, source)


def _others(
    tx: Tx, layouts: Layouts, ids: Collection[int]
) -> dict[int, dict[int, tuple[str, Sequence[Plain]]]]:
    """What SISs last agreed to, (connector, values) by link, about the records that several know.

    In the order of the connectors' names.
    """
    found: dict[int, dict[int, tuple[str, Sequence[Plain]]]] = {}
    for record, link, name, blob in tx.rows(
        "SELECT record, links.id, connectors.name, base FROM links "
        "JOIN streams ON streams.id = links.stream "
        "JOIN connectors ON connectors.id = streams.connector AND removed_at IS NULL "
        f"WHERE record {AMONG} AND links.alive AND EXISTS (SELECT 1 FROM links AS other "
        "WHERE other.record = links.record AND other.id <> links.id AND other.alive) "
        "ORDER BY connectors.name",
        (json.dumps(list(ids)),),
    ):
        found.setdefault(record, {})[link] = name, layouts.base(blob)
    return found


def _open(tx: Tx, links: Sequence[int]) -> dict[int, list[tuple[str, bytes]]]:
    """(part, what the SIS says) of what is asked about links."""
    found: dict[int, list[tuple[str, bytes]]] = {}
    for link, part, side in tx.rows(
        f"SELECT link, part, remote FROM conflicts WHERE link {AMONG}", (json.dumps(list(links)),)
    ):
        found.setdefault(link, []).append((part, side))
    return found


def _asked(
    entity: EntityType, open_: Iterable[tuple[str, bytes]], base: Sequence[Plain]
) -> tuple[set[str], Sequence[Plain]]:
    """The fields and groups of a link that are open, and what the SIS says of every field."""
    asked: set[str] = set()
    says = base
    for part, side in open_:
        asked.add(part_name(part))
        # With the end of a record goes all that the SIS says anew of it.
        about = Part(entity.fields) if part == ALIVE else Part.named(entity, part)
        says = about.put(says, decode_changes(side))
    return asked, says


def said(tx: Tx, entity: EntityType, link: int, base: Sequence[Plain]) -> Sequence[Plain]:
    """What the SIS says of every field of a link whose base it is, open differences included."""
    return _asked(entity, _open(tx, [link]).get(link, ()), base)[1]


def _fate(one: FieldType, pinned: set[str], asked: set[str], taken: frozenset[str]) -> Fate:
    if one.group in asked or one.name in asked:
        return Fate.OPEN
    if one.name not in taken:
        return Fate.CORRECTION
    return Fate.KEPT if one.group in pinned else Fate.SENT
