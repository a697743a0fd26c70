"""Where two SIS tell otherwise of one record, or only one of them tells it: everybody's question.

What a SIS says is what was last decided about, and where a difference is open what it says there.
One pass over the links of the records that several know, by record, whatever the size of the
roster.
"""

import enum
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby, islice
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from app.roster.entities import ENTITIES
from app.roster.schema import EntityType, FieldType
from app.roster.several import contradict
from app.roster.stored import plain_value
from app.roster.values import UNKNOWN, Plain
from app.store import corrections, identities, records, sizes
from app.store.database import Database, Tx
from app.store.linkage import HELD_CONFLICT, HELD_OUTSIDE
from app.store.statements import AMONG, quoted
from app.store.takes import fields_taken


class Manner(enum.StrEnum):
    """How two SIS disagree."""

    DIFFER = "differ"
    """Both say something, and not the same."""
    SILENT = "silent"
    """One says something of which the other says nothing, or less."""
    ALONE = "alone"
    """One knows the record and the other does not."""


class Disagreement(NamedTuple):
    """One field of one live record of which SIS tell otherwise. Values are canonical."""

    manner: Manner
    entity: str
    record: int
    place: Plain
    """The stored value at the end of the record's path to its school (``sizes.path``)."""
    field: str = ""
    """Blank where it is about the record as a whole."""
    ours: Plain = None
    told: tuple[tuple[str, Plain], ...] = ()
    """(connector, what it says), in the order of their names; of ``ALONE`` those that know it."""
    takers: tuple[str, ...] = ()
    """The connectors whose SIS take changes of the field of this record."""


def disagreements(
    database: Database,
    *,
    entities: Collection[str] = tuple(ENTITIES),
    connectors: Collection[str] = (),
    manners: Collection[Manner] = tuple(Manner),
    only: Collection[int] | None = None,
) -> Iterator[Disagreement]:
    """Every disagreement between connectors, or between these alone, by record type and record.

    ``only`` has the records that are looked at, where not all are.
    From one moment of the database. What is out of a connector's scope is left out (SEMANTICS D2).
    """
    which = "" if only is None else f"AND record.id {AMONG}"
    values = () if only is None else (json.dumps(sorted(only)),)
    with database.reading() as tx:
        for entity in ENTITIES.values():
            streams = _streams(tx, entity.name, connectors)
            if entity.name not in entities or len(streams) < 2:
                continue
            if Manner.DIFFER in manners or Manner.SILENT in manners:
                told = _told(tx, entity, streams, which, values)
                yield from (one for one in told if one.manner in manners)
            if Manner.ALONE in manners:
                yield from _alone(tx, entity, streams, which, values)


_Streams: TypeAlias = Mapping[int, str]
"""The streams that tell of an entity, and whose they are."""


def _streams(tx: Tx, entity: str, connectors: Collection[str]) -> _Streams:
    return {
        stream: name
        for stream, name in tx.rows(
            "SELECT streams.id, connectors.name FROM streams JOIN connectors "
            "ON connectors.id = streams.connector AND removed_at IS NULL "
            "WHERE entity = ? AND EXISTS (SELECT 1 FROM links WHERE stream = streams.id AND alive) "
            "ORDER BY connectors.name",
            (entity,),
        )
        if not connectors or name in connectors
    }


# -- what several say -------------------------------------------------------------------------

_AT_ONCE = 500
"""So many records are looked at together."""
_BEFORE_FIELDS = 7
"""What stands in a row of ``_told`` before the fields of the record."""


def _told(
    tx: Tx, entity: EntityType, streams: _Streams, which: str, only: tuple[str, ...]
) -> Iterator[Disagreement]:
    layouts, same = records.known_layouts(tx, entity.name), identities.stand_ins(tx, entity)
    place, path = sizes.path(entity)
    columns = ", ".join(f"record.{quoted(name)}" for name in entity.field_names)
    among = ", ".join(map(str, streams))
    writes = dict(tx.rows(f"SELECT id, writes FROM streams WHERE id IN ({among})"))
    known = f"links.stream IN ({among}) AND links.alive AND links.held & {HELD_OUTSIDE} = 0"
    rows = tx.rows(
        f"SELECT record.id, {place}, links.stream, links.id, links.held, links.base, links.key, "
        f"{columns} "
        f"FROM {entity.name} AS record CROSS JOIN links ON links.record = record.id {path} "
        f"WHERE record.alive {which} AND {known} AND links.base IS NOT NULL AND EXISTS "
        "(SELECT 1 FROM links AS other WHERE other.record = record.id AND other.alive "
        f"AND other.stream IN ({among}) AND other.stream <> links.stream) ORDER BY record.id",
        only,
    )
    differing = (
        links
        for links in (list(group) for _, group in groupby(rows, itemgetter(0)))
        if len({row[5] for row in links}) > 1 or any(row[4] & HELD_CONFLICT for row in links)
    )
    while batch := list(islice(differing, _AT_ONCE)):
        said: list[dict[str, Sequence[Plain]]] = []
        for links in batch:
            told: dict[str, Sequence[Plain]] = {}
            for _, _, stream, link, held, blob, *_ours in links:
                base = layouts.base(blob)
                if held & HELD_CONFLICT:
                    base = tuple(corrections.said(tx, entity, link, base))
                # Of two rows of one SIS the first that came is the one that counts.
                told.setdefault(streams[stream], base)
            said.append(told)
        same.learn(values for told in said for values in told.values())
        for links, told in zip(batch, said, strict=True):
            says = {name: same.values(values) for name, values in sorted(told.items())}
            record, where, *_ = first = links[0]
            for field, values in zip(entity.fields, zip(*says.values(), strict=True), strict=True):
                if len(set(values)) > 1:
                    ours = first[_BEFORE_FIELDS + field.index]
                    takers = [
                        streams[stream]
                        for _, _, stream, _, _, _, key, *_ours in links
                        if field.name in fields_taken(writes.get(stream), key)
                    ]
                    yield from _of_field(entity, record, where, field, ours, says, takers)


def _of_field(
    entity: EntityType,
    record: int,
    where: Plain,
    field: FieldType,
    ours: Plain,
    says: Mapping[str, Sequence[Plain]],
    takers: Sequence[str],
) -> Iterator[Disagreement]:
    told = {
        name: values[field.index]
        for name, values in says.items()
        if values[field.index] is not UNKNOWN
    }
    if len(set(told.values())) < 2:
        return
    plain = {name: plain_value(field, value) for name, value in told.items()}
    yield Disagreement(
        Manner.DIFFER if contradict(field, list(told.values())) else Manner.SILENT,
        entity.name, record, where, field.name, plain_value(field, ours), tuple(plain.items()),
        tuple(takers),
    )  # fmt: skip


# -- what only some know ----------------------------------------------------------------------


def _alone(
    tx: Tx, entity: EntityType, streams: _Streams, which: str, only: tuple[str, ...]
) -> Iterator[Disagreement]:
    place, path = sizes.path(entity)
    among = ", ".join(map(str, streams))
    for record, where, known in tx.rows(
        f"SELECT record.id, {place}, group_concat(DISTINCT links.stream) "
        f"FROM {entity.name} AS record CROSS JOIN links ON links.record = record.id {path} "
        f"WHERE record.alive {which} AND links.stream IN ({among}) AND links.alive "
        f"AND links.held & {HELD_OUTSIDE} = 0 GROUP BY record.id "
        f"HAVING count(DISTINCT links.stream) < {len(streams)} ORDER BY record.id",
        only,
    ):
        names = sorted(streams[int(stream)] for stream in known.split(","))
        yield Disagreement(
            Manner.ALONE, entity.name, record, where, told=tuple((name, None) for name in names)
        )
