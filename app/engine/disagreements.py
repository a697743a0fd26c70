"""Where the SIS of a district disagree, told by school, and settled for one of them.

``store.disagreements`` finds them; here they are put in words for both front ends, and a person
says whose value is to stand here. It then goes to the other SIS as any other change does, where
that one takes it; where it does not, it stays in the report, for its registrar.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from app.engine import editing
from app.engine.judging import schools_of
from app.engine.quality import schools_named
from app.engine.told import part_word, value_text
from app.engine.world import World
from app.errors import UsageError
from app.roster.entities import ENTITIES
from app.roster.schema import referred
from app.roster.values import Plain
from app.store import disagreements, gone, journal, reads
from app.store.database import Database
from app.store.differences import titled
from app.store.disagreements import Disagreement, Manner
from app.text import N_, _

MOST = 10_000
"""So many lines are kept; all are counted."""

BATCH = 500
"""Lines that are put in words at once."""

MANNERS: Mapping[Manner, str] = {
    Manner.DIFFER: N_("Say otherwise"),
    Manner.SILENT: N_("One says nothing"),
    Manner.ALONE: N_("Known to one only"),
}


@dataclass(frozen=True)
class Line:
    """One disagreement in one school; of somebody of two schools it is told in both."""

    school: int
    """0 is for what belongs to no school."""
    found: Disagreement


@dataclass(frozen=True)
class Report:
    """The first lines, by record type and record, and how many there are of each sort."""

    lines: Sequence[Line]
    counts: Counter[tuple[Manner, str, str]]
    """By manner, entity and field; a record of two schools counts once."""
    connectors: Sequence[str]
    """Between whom, by name."""

    @property
    def total(self) -> int:
        """How many there are."""
        return self.counts.total()


@dataclass(frozen=True)
class Told:
    """A line in words."""

    school: str
    type: str
    record: str
    manner: str
    field: str
    ours: str
    sides: tuple[str, ...]
    """What each connector of the report says, in order; blank where it says nothing."""


def report(
    database: Database,
    today: str,
    *,
    entities: Collection[str] = tuple(ENTITIES),
    connectors: Collection[str] = (),
    manners: Collection[Manner] = (Manner.DIFFER,),
    school: int | None = None,
    field: str | None = None,
    most: int = MOST,
) -> Report:
    """Where connectors, or these alone, tell otherwise. Raises ``NotFound`` for an unknown one."""
    names = [reads.connector(database, name).name for name in connectors]
    counts: Counter[tuple[Manner, str, str]] = Counter()
    kept: list[Line] = []
    between: set[str] = set(names)
    found = disagreements.disagreements(
        database, entities=entities, connectors=names, manners=manners
    )
    for one in found:
        places = schools_of(ENTITIES[one.entity], one.place, today)
        if (school is not None and school not in places) or field not in (None, one.field):
            continue
        counts[one.manner, one.entity, one.field] += 1
        between.update(dict(one.told))
        here = places if school is None else (school,)
        kept += [Line(place, one) for place in here][: max(0, most - len(kept))]
    return Report(kept, counts, sorted(between))


def told(database: Database, found: Report, lines: Sequence[Line]) -> Iterator[Told]:
    """Lines of a report in words, in their order, so many at a time."""
    schools = schools_named(database, {line.school for line in lines})
    rest = iter(lines)
    while batch := list(islice(rest, BATCH)):
        called = titled(database, {(one.found.entity, one.found.record) for one in batch})
        titles = reads.titles(database, *_meant(batch).items())
        for line in batch:
            yield _in_words(line, found.connectors, schools, called, titles)


def _meant(lines: Sequence[Line]) -> dict[str, set[int]]:
    """The records that values refer to, by entity."""
    wanted: dict[str, set[int]] = {}
    for one in (line.found for line in lines):
        field = ENTITIES[one.entity].by_name.get(one.field)
        if field is None or not field.references:
            continue
        for value in (one.ours, *dict(one.told).values()):
            for target, ids in referred(field, value):
                wanted.setdefault(target, set()).update(ids)
    return wanted


def _in_words(
    line: Line,
    connectors: Sequence[str],
    schools: Mapping[int, str],
    called: Mapping[int, str],
    titles: Mapping[int, str],
) -> Told:
    one = line.found
    field = ENTITIES[one.entity].by_name.get(one.field)

    def said(value: Plain) -> str:
        return "" if field is None else value_text(field, value, titles) or ""

    if field is None:
        known = dict(one.told)
        sides = [_("known") if name in known else _("not known") for name in connectors]
    else:
        values = dict(one.told)
        sides = [said(values.get(name)) for name in connectors]
    return Told(
        school=schools[line.school],
        type=_(ENTITIES[one.entity].one),
        record=called.get(one.record) or f"#{one.record}",
        manner=_(MANNERS[one.manner]),
        field=part_word(one.entity, one.field) if one.field else "",
        ours=said(one.ours),
        sides=tuple(sides),
    )


def take(
    world: World, connector: str, wanted: Collection[tuple[str, int, str]], author: str
) -> int:
    """What a connector says of (entity, record, field) is to stand here; the change set.

    Raises ``NotFound``, and ``UsageError`` where it stands here already: then it is for the others'
    registrars, whose SIS do not take it; and where the connector says nothing of it by now, or
    nobody says otherwise.
    """
    name = reads.connector(world.database, connector).name
    edits: dict[tuple[str, int], dict[str, object]] = {}
    stands = False
    for one in disagreements.disagreements(
        world.database,
        entities={place[0] for place in wanted},
        manners=(Manner.DIFFER, Manner.SILENT),
        only={place[1] for place in wanted},
    ):
        says = dict(one.told)
        if (one.entity, one.record, one.field) not in wanted or name not in says:
            continue
        stands |= says[name] == one.ours
        if says[name] != one.ours:
            edits.setdefault((one.entity, one.record), {})[one.field] = says[name]
    if not edits:
        raise UsageError("disagreement_settled" if stands else "disagreement_gone", name=name)
    return editing.edit_all(world, edits, author)


def leave_gone(world: World, connector: str, records: Collection[int], *, alone: bool) -> int:
    """Whether it is told no more that records have ended at a connector's SIS; how many.

    Raises ``NotFound``, and ``UsageError`` where none of them has.
    """
    with world.database.writing() as tx:
        count = gone.leave(tx, journal.connector(tx, connector).id, records, alone=alone)
        if not count:
            raise UsageError("nothing_gone", name=connector)
    return count
