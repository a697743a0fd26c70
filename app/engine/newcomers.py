"""Newcomers who may be people we have under another key (SEMANTICS D5).

A row with a new key that shares an identifier with a live record of its stream is not made into a
record at once: it is planned, and waits until the stream has been read. Then it is known whether
the other one's row is still there. If so, they are two; if not, a person is asked, and until then
the newcomer's record id stands for the record that it may be, and nothing ends that record.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.engine.reading import Reading
from app.engine.reconcile import ConflictKind, Values
from app.roster.identity import identifiers, identifying, told_of
from app.roster.parts import ALIVE
from app.roster.schema import EntityType
from app.roster.values import UNSAID, Plain
from app.store import conflicts, identities, journal, plans, records
from app.store.codec import encode
from app.store.conflicts import OpenConflict
from app.store.database import Tx
from app.store.identities import Question
from app.store.plans import IDENTITY, Item, Plan

BATCH = 500
"""Newcomers judged in one transaction (SEMANTICS C2)."""


def matches(tx: Tx, stream: int, entity: EntityType, rows: Sequence[Values]) -> list[set[int]]:
    """The live records of a stream that share an identifier with each row."""
    texts = [identifiers(entity, row) for row in rows]
    asked = set().union(*texts)
    known = identities.holders(tx, stream, entity, asked) if asked else {}
    return [{record for text in one for record in known.get(text, ())} for one in texts]


def forget(tx: Tx, reading: Reading, links: Collection[int]) -> None:
    """Rows that are planned to be made are gone, or are nobody's we have: no question any more."""
    if links:
        close(tx, reading, identities.questions_of(tx, links))
        plans.withdraw(tx, links)


# -- when the stream has been read ------------------------------------------------------------


@dataclass
class Judged:
    """What was found about newcomers."""

    asked: int = 0
    shared: int = 0
    """Made, because what identifies them is not theirs alone."""
    joins: list[tuple[int, int]] = field(default_factory=list)
    """(newcomer, record): both are there, and may be one person told twice."""


def look_again(tx: Tx, reading: Reading, *, read: bool) -> None:
    """Questions that the SIS answered by itself are closed; those that stand hold the removals.

    ``read``: the stream has just been read, so that what it did not bring is known.
    """
    open_ = identities.questions(tx, reading.stream.id)
    waiting = [one for one in open_ if one.waits]
    if read and waiting:
        there = _there(tx, reading, {one.old for one in waiting})
        back = [one for one in waiting if one.old in there]
        close(tx, reading, back)
        identities.free(tx, [one.link for one in back])
        recount(tx, reading, _by_run(back), waiting=-1)
        proved = reading.progress.full and reading.progress.proof
        gone = [
            one for one in waiting if proved and one.link not in reading.passed and one not in back
        ]
        forget(tx, reading, [one.link for one in gone])
        recount(tx, reading, _by_run(gone), waiting=-1, unchanged=1)
        open_ = identities.questions(tx, reading.stream.id)
    standing, ending = identities.unasked(tx, reading.stream.id)
    identities.stand_no_more(tx, standing)
    recount(tx, reading, identities.release_removals(tx, ending), waiting=-1)
    _hold(tx, reading, [], [one.old for one in open_])


def judge(tx: Tx, reading: Reading, after: int, judged: Judged) -> int:
    """Judges the next planned newcomers from item ``after`` on: made, or asked about.

    The item to go on after; 0 when there are no more.
    """
    stream, entity = reading.stream.id, reading.entity
    items = plans.planned(tx, stream, BATCH, after, action="create")
    if not items:
        return 0
    rows = [reading.layouts.patch(item.patch or b"") for item in items]
    found = matches(tx, stream, entity, rows)
    links = identities.links_of(tx, stream, set().union(*found))
    there = _there(tx, reading, links.values())
    taken = identities.asked_about(tx, stream, links)
    asked: list[tuple[Item, Values, int]] = []
    for item, row, met in zip(items, rows, found, strict=True):
        (record, *others) = met or {0}
        if others or taken.get(record, item.record) != item.record:
            judged.shared += 1
        elif record and links[record] not in there:
            taken[record] = item.record
            asked.append((item, row, record))
        elif record:
            judged.joins.append((item.record, record))
    stand = {item.link: record for item, _, record in asked}
    open_ = identities.questions_of(tx, [item.link for item in items])
    close(tx, reading, [one for one in open_ if stand.get(one.link) != one.original])
    _ask(tx, reading, asked, links)
    judged.asked += len(asked)
    return items[-1].id


def _there(tx: Tx, reading: Reading, links: Iterable[int]) -> set[int]:
    """Those of the links whose rows this read brought."""
    return identities.staying(tx, [link for link in links if link in reading.passed])


def _ask(
    tx: Tx,
    reading: Reading,
    asked: Sequence[tuple[Item, Values, int]],
    links: Mapping[int, int],
) -> None:
    """Opens the questions: (the newcomer's item and row, the record that it may be)."""
    if not asked:
        return
    entity = reading.entity
    ours = records.read_records(tx, entity.name, {record for *_, record in asked})
    stand = []
    for item, row, record in asked:
        local, remote = told(entity, ours[record].values), told(entity, row)
        stand.append(
            OpenConflict(
                item.link,
                record,
                IDENTITY,
                ConflictKind.SAME_PERSON.value,
                encode({}),
                encode(local),
                encode(remote),
                json.dumps({"link": links[record]}),
            )
        )
    identities.stand(tx, [(item.record, record) for item, _, record in asked])
    conflicts.add_conflicts(tx, reading.connector, entity.name, reading.run, stand)
    _hold(tx, reading, [item.link for item, *_ in asked], [links[one] for *_, one in asked])
    reading.progress.counts["conflicts"] += len(asked)


def _hold(tx: Tx, reading: Reading, new: Sequence[int], old: Sequence[int]) -> None:
    """What would make the new and what would end the old waits for the answer.

    So does a conflict about the end of an old one: it is not to be asked beside this.
    """
    for run, links in identities.end_conflicts(tx, old).items():
        conflicts.close(tx, [(link, ALIVE) for link in links])
        ends = [Plan(link, "end", "planned", "tombstone") for link in links]
        plans.plan(tx, reading.stream.id, run, ends)
        recount(tx, reading, {run: len(links)}, unchanged=-1, conflicts=-1)
    recount(tx, reading, identities.hold(tx, [*new, *old]), waiting=1)


def told(entity: EntityType, values: Values) -> dict[str, Plain]:
    """What a person knows a record by: its title, and what identifies it."""
    further = identifying(entity) or told_of(entity)
    names = dict.fromkeys((*entity.title, *(one.name for one in further)))
    said = {name: values[entity.by_name[name].index] for name in names}
    return {name: None if value is UNSAID else value for name, value in said.items()}


# -- what both the SIS and a person may answer ------------------------------------------------


def close(tx: Tx, reading: Reading, questions: Collection[Question]) -> None:
    """They are two: the newcomer stands for nobody, and the removal goes its ordinary way."""
    if not questions:
        return
    conflicts.close(tx, [(one.link, IDENTITY) for one in questions])
    identities.stand_no_more(tx, [one.record for one in questions])
    freed = identities.release_removals(tx, [one.old for one in questions])
    recount(tx, reading, freed, waiting=-1)


def recount(tx: Tx, reading: Reading, owners: Mapping[int, int], **moves: int) -> None:
    """So many items of each run count otherwise now, ``moves`` each."""
    for run, count in owners.items():
        if run == reading.run:
            progress = reading.progress
        elif (found := journal.load_progress(tx, run).get(reading.entity.name)) is not None:
            progress = found
        else:
            continue
        for name, by in moves.items():
            progress.counts[name] += by * count
        if run != reading.run:
            journal.save_progress(tx, run, progress)


def _by_run(questions: Iterable[Question]) -> Counter[int]:
    return Counter(one.run for one in questions)
