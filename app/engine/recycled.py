"""A row that tells of somebody else than before: its key was given to another person (D5, B3).

As long as another SIS keeps the one whom it told of, that is no change of that person. The row is a
record of its own from then on, which it was not before, and nobody is renamed anywhere.
"""

from collections.abc import Sequence

from app.engine import matching, parting, twins
from app.engine.matching import POSSIBLE, Unmatched, told_by
from app.engine.reading import Reading
from app.engine.reconcile import Values
from app.roster.identity import MARKED
from app.roster.persons import are_others
from app.store import linkage
from app.store import twins as store
from app.store.database import Tx
from app.store.linkage import Link


def part(
    tx: Tx, reading: Reading, rows: Sequence[tuple[str, Values]], links: dict[str, Link]
) -> bool:
    """Parts from their records those of the rows, by key, that tell of somebody else by now.

    ``links`` knows them under their new records; whom else a rule says they may be is asked. False
    where there are none.
    """
    beside, entity = reading.beside, reading.entity
    if entity.name != MARKED or beside is None:
        return False
    given = entity.by_name["given_name"].index
    known = {key: values for key, values in rows if key in links and links[key].alive}
    bases = linkage.link_bases(tx, [links[key].id for key in known])
    turned = []
    for key, values in known.items():
        blob = bases.get(links[key].id)
        if blob is None or links[key].held & linkage.HELD_MADE:
            continue
        base = reading.layouts.base(blob)
        if base[given] == values[given] or not isinstance(base[given], str):
            continue
        if are_others(told_by(entity, base), told_by(entity, values)):
            turned.append(key)
    streams = store.streams_of(tx, {links[key].record for key in turned})
    going = [key for key in turned if streams[links[key].record] - {reading.stream.id}]
    if not going:
        return False
    for key in going:
        link = links[key]
        record = parting.part(tx, reading.run, MARKED, link.record, [link.id], for_good=False)
        links[key] = link._replace(record=record)
    reading.resolver.forget()
    reading.recycled += len(going)
    unmatched = [Unmatched(links[key].record, known[key]) for key in going]
    met = matching.meet(tx, entity, reading.stream.id, beside, unmatched)
    doubts = [
        twins.Doubt(links[key].id, row.record, row.values, one._replace(why=one.why or POSSIBLE))
        for key, row, one in zip(going, unmatched, met, strict=True)
        if one is not None
    ]
    twins.ask_about(tx, reading, doubts)
    return True
