"""Two records of different SISs that may be one: people are asked (SEMANTICS D5).

A newcomer of whom the rules say something that is not certain is a record of its own, and the
question names the other one. Nothing is merged in passing: records that were there before are only
offered, too. What follows from an answer is ``engine.merging``'s to say.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from app.engine import matching, newcomers, parting
from app.engine.matching import AMBIGUOUS, POSSIBLE, SOLE, Met, Unmatched, waiting_mark
from app.engine.reading import Beside, Reading
from app.engine.reconcile import ConflictKind, Values
from app.roster.entities import ENTITIES
from app.roster.identity import BY_NAME, MARKED
from app.roster.parts import Part
from app.store import conflicts, identities, linkage, outbox, plans, records, twins
from app.store import matching as store
from app.store.codec import decode_changes, encode
from app.store.conflicts import OpenConflict
from app.store.database import Tx
from app.store.plans import IDENTITY, Item

DEMOGRAPHICS = "demographics"

BATCH = 500
"""Records looked at in one transaction (SEMANTICS C2)."""


class Doubt(NamedTuple):
    """A record of which the rules say that it may be another one."""

    link: int
    record: int
    values: Values
    met: Met


def ask(tx: Tx, connector: int, entity: str, run: int, doubts: Sequence[Doubt]) -> int:
    """Opens the questions, but for those that are open already; how many there are new."""
    if not doubts:
        return 0
    type_ = ENTITIES[entity]
    open_ = twins.open_pairs(tx, {id_ for one in doubts for id_ in (one.record, one.met.record)})
    asked = conflicts.open_parts(tx, [one.link for one in doubts])
    there = records.read_records(tx, entity, {one.met.record for one in doubts})
    stand, seen = [], set(open_)
    for one in doubts:
        pair = (min(one.record, one.met.record), max(one.record, one.met.record))
        if pair in seen or IDENTITY in asked.get(one.link, ()) or one.met.record not in there:
            continue
        seen.add(pair)
        about = {
            "newcomer": one.record,
            "rule": one.met.rule.name,
            "confidence": one.met.rule.confidence.value,
            "why": one.met.why,
        }
        stand.append(
            OpenConflict(
                one.link,
                one.met.record,
                IDENTITY,
                ConflictKind.SAME_PERSON.value,
                encode({}),
                encode(newcomers.told(type_, there[one.met.record].values)),
                encode(newcomers.told(type_, one.values)),
                json.dumps(about),
            )
        )
    conflicts.add_conflicts(tx, connector, entity, run, stand)
    return len(stand)


def ask_about(tx: Tx, reading: Reading, doubts: Sequence[Doubt]) -> None:
    """The same while a stream is read or settled."""
    asked = ask(tx, reading.connector, reading.entity.name, reading.run, doubts)
    reading.progress.counts["conflicts"] += asked
    reading.doubted += asked


def part_people(
    tx: Tx, reading: Reading, doubtful: dict[str, Met], told: Mapping[str, Values]
) -> bool:
    """People who were taken for one are two again: their demographics contradict each other.

    Of the rows that say so, by key, nothing is asked any more: it is asked about the people. False
    where there are none; nobody of whom a person said that they are one is among them.
    """
    if reading.entity.name != DEMOGRAPHICS:
        return False
    place = reading.entity.by_name["user"].index
    rows = {told[key][place]: key for key, one in doubtful.items() if one.why == "birth_date"}
    whom = identities.originals(tx, rows)
    people = {whom.get(user, user): key for user, key in rows.items()}
    links = twins.links_at(tx, reading.connector, MARKED, people)
    said = twins.said_to_be_one(tx, links.values())
    parted: list[tuple[int, int, int]] = []
    for record, link in links.items():
        if link in said:
            continue
        new = parting.part(tx, reading.run, MARKED, record, [link], for_good=False)
        parted.append((link, new, record))
        del doubtful[people[record]]
    if not parted:
        return False
    reading.resolver.forget()
    there = records.read_records(tx, MARKED, [new for _, new, _ in parted])
    stream = twins.stream_at(tx, reading.connector, MARKED)
    beside = matching.beside(tx, stream, MARKED)
    rows_ = [Unmatched(new, there[new].values) for _, new, _ in parted]
    met = matching.meet(tx, ENTITIES[MARKED], stream, beside, rows_) if beside else []
    doubts = [
        Doubt(link, new, there[new].values, one._replace(record=record, why="birth_date"))
        for (link, new, record), one in zip(parted, met, strict=False)
        if one is not None
    ]
    asked = ask(tx, reading.connector, MARKED, reading.run, doubts)
    reading.progress.counts["conflicts"] += asked
    reading.doubted += asked
    return True


# -- when the stream has been read ------------------------------------------------------------


def judge(tx: Tx, reading: Reading, after: int, *, known: bool = False) -> int:
    """Judges the next rows that waited for the whole stream, from item ``after`` on.

    ``known``: those who have something in common with a record of their own SIS, and turned out to
    be somebody else; none of them is made one with anybody in passing. The item to go on after; 0
    when there are no more.
    """
    stream, entity = reading.stream.id, reading.entity
    assert reading.beside is not None
    items = plans.planned(tx, stream, BATCH, after, action="create")
    if not items:
        return 0
    rows = [reading.layouts.patch(item.patch or b"") for item in items]
    here = newcomers.matches(tx, stream, entity, rows)
    open_ = [
        (item, row)
        for item, row, some in zip(items, rows, here, strict=True)
        if bool(some) is known
    ]
    met = matching.meet(
        tx, entity, stream, reading.beside, [Unmatched(item.record, row) for item, row in open_]
    )
    marks = {
        item.id: waiting_mark(stream, one.rule, entity, row)
        for (item, row), one in zip(open_, met, strict=True)
        if one is not None and one.why == SOLE
    }
    alike = store.waiting(tx, set(marks.values()))
    sure: list[tuple[Item, int]] = []
    weak: list[int] = []
    doubts: list[Doubt] = []
    for (item, row), one in zip(open_, met, strict=True):
        if one is None:
            continue
        if known or (one.why == SOLE and alike.get(marks[item.id], 0) > 1):
            one = one._replace(why=AMBIGUOUS if one.why in (None, SOLE) else one.why)
        if one.why in (None, SOLE):
            sure.append((item, one.record))
            weak += [item.link] if one.rule.shared else []
        else:
            doubts.append(Doubt(item.link, item.record, row, one))
    _adopt(tx, reading, sure)
    store.note_weak(tx, weak, reading.run)
    ask_about(tx, reading, doubts)
    return items[-1].id


def _adopt(tx: Tx, reading: Reading, sure: Sequence[tuple[Item, int]]) -> None:
    """The rows that waited are those of records: what they say is a change, as in any sync."""
    if not sure:
        return
    scope = reading.scope
    if scope is None and reading.stream.scope is not None:
        scope = linkage.scope_id(tx, reading.stream.scope)
    linkage.adopt(tx, [(record, scope, item.link) for item, record in sure])
    identities.stand_for_good(tx, [(item.record, record) for item, record in sure])
    identities.free(tx, [item.link for item, _ in sure], action="update")
    outbox.made_otherwise(tx, [record for _, record in sure])
    reading.resolver.forget()
    reading.matched += len(sure)
    reading.unweighed = True


def forget_answered(tx: Tx, stream: int) -> None:
    """Questions that answered themselves: one of the two has ended, or they have met."""
    conflicts.close(tx, [(link, IDENTITY) for link in twins.answered(tx, stream)])


def settle_named(tx: Tx, reading: Reading) -> None:
    """Differences that were none: a row named another of its stream before that one was known."""
    entity, stream = reading.entity, reading.stream.id
    own = [one for one in entity.fields if entity.name in dict(one.references).values()]
    places = {one.group: [f.index for f in entity.fields if f.group == one.group] for one in own}
    open_ = twins.first_contacts(tx, stream, list(places))
    same = identities.stand_ins(tx, entity)
    if not (open_ and same):
        return
    blank = (None,) * len(entity.fields)
    parts = {one.part: Part.named(entity, one.part) for one in open_}
    sides = [
        (
            one,
            parts[one.part].put(blank, decode_changes(one.local)),
            parts[one.part].put(blank, decode_changes(one.remote)),
        )
        for one in open_
    ]
    same.learn(side for _, *both in sides for side in both)
    met = [(one, theirs) for one, ours, theirs in sides if same.values(ours) == same.values(theirs)]
    bases = linkage.link_bases(tx, [one.link for one, _ in met])
    moved = {link: list(reading.layouts.base(blob)) for link, blob in bases.items()}
    for one, theirs in met:
        for place in places[one.part]:
            moved[one.link][place] = theirs[place]
    layout = reading.layouts.current
    linkage.move_bases(tx, [(encode((layout, *base)), link) for link, base in moved.items()])
    conflicts.close(tx, [(one.link, one.part) for one, _ in met])
    reading.progress.counts["conflicts"] -= len(met)


# -- what was there before --------------------------------------------------------------------


def look(tx: Tx, connector: int, entity: str, stream: int, run: int, beside: Beside,
         after: int) -> tuple[int, int]:  # fmt: skip
    """Looks at the next records of a stream for twins at other connectors.

    (the link to go on after, 0 when there are no more; how many questions were opened).
    """
    type_ = ENTITIES[entity]
    rows = twins.alone(tx, stream, beside.streams, after, BATCH)
    if not rows:
        return 0, 0
    there = records.read_records(tx, entity, [record for _, record in rows])
    rows_ = [(link, there[record]) for link, record in rows if record in there]
    met = matching.meet(
        tx, type_, stream, beside, [Unmatched(one.id, one.values) for _, one in rows_]
    )
    found = [
        Doubt(link, one.id, one.values, meets._replace(why=meets.why or POSSIBLE))
        for (link, one), meets in zip(rows_, met, strict=True)
        if meets is not None
    ]
    streams = twins.streams_of(tx, {id_ for one in found for id_ in (one.record, one.met.record)})
    apart = [one for one in found if not streams[one.record] & streams.get(one.met.record, set())]
    asked = ask(tx, connector, entity, run, apart)
    asked += _ask_namesakes(tx, connector, entity, run, [record for _, record in rows])
    return rows[-1][0], asked


def ask_before_made(tx: Tx, entity: str, run: int | None, ids: Collection[int]) -> int:
    """Asks of records that are to be made at a SIS whether others have them under another id.

    How many questions were opened: what was compared when a row came may have been told apart,
    or mistrusted, or changed since. Without a ``run`` it counts as asked in the newest one.
    """
    type_, there = ENTITIES[entity], records.read_records(tx, entity, ids)
    streams, asked = twins.streams_of(tx, there), 0
    for stream in sorted(set().union(*streams.values())):
        beside = matching.beside(tx, stream, entity)
        mine = [id_ for id_, some in streams.items() if stream in some]
        if beside is None:
            continue
        connector, _ = twins.stream(tx, stream)
        links = twins.links_at(tx, connector, entity, mine)
        rows = [Unmatched(id_, there[id_].values) for id_ in mine if id_ in links]
        met = matching.meet(tx, type_, stream, beside, rows)
        asked += ask(tx, connector, entity, run or twins.newest_run(tx, connector), [
            Doubt(links[row.record], row.record, row.values,
                  one._replace(why=POSSIBLE if one.why in (None, SOLE) else one.why))
            for row, one in zip(rows, met, strict=True) if one is not None
        ])  # fmt: skip
        asked += _ask_namesakes(tx, connector, entity, run, links)
    return asked


def _ask_namesakes(
    tx: Tx, connector: int, entity: str, run: int | None, people: Collection[int]
) -> int:
    """The same of people of one name and birth date, which no row of theirs tells together."""
    found = identities.namesakes_of(tx, people) if entity == MARKED else []
    run = run or twins.newest_run(tx, connector)
    return suggest_namesakes(tx, connector, run, found)[0] if found else 0


def suggest_namesakes(
    tx: Tx, connector: int, run: int, pairs: Iterable[tuple[int, int]]
) -> tuple[int, list[tuple[int, int]]]:
    """(newcomer, other) of one name and birth date: asked where they are of different SISs.

    How many questions were opened, and the pairs that are not of different SISs.
    """
    rule = BY_NAME["users.name-and-birth-date"]
    found = list(pairs)
    if rule.name in store.switched_off(tx):
        return 0, found
    ids = {id_ for pair in found for id_ in pair}
    streams, apart = twins.streams_of(tx, ids), store.parted(tx, ids)
    there = records.read_records(tx, MARKED, ids)
    links = twins.links_at(tx, connector, MARKED, ids)
    within: list[tuple[int, int]] = []
    doubts: list[Doubt] = []
    for new, other in found:
        mine, theirs = streams.get(new, set()), streams.get(other, set())
        if not (mine and theirs) or mine & theirs:
            within.append((new, other))
        elif (
            new in links and there[other].alive and (min(new, other), max(new, other)) not in apart
        ):
            doubts.append(Doubt(links[new], new, there[new].values, Met(other, rule, POSSIBLE)))
    return ask(tx, connector, MARKED, run, doubts), within
