"""Whether a newcomer is a person that we have: what follows when somebody says so (SEMANTICS D5).

*The same*: the key alone has changed. The newcomer's link becomes that of the record, with what was
last agreed about it, and the row that waited is an ordinary change. *Different*: the newcomer is
made into a record of its own, and what would end the other one goes its ordinary way.
"""

from collections.abc import Iterable, Mapping, Sequence

from app.engine import merging, newcomers, parting, settle
from app.engine.reading import Reading
from app.engine.working import reading_apart
from app.store import conflicts, identities, journal, linkage, plans, twins, united
from app.store import matching as store
from app.store.database import Tx
from app.store.identities import Question
from app.store.journal import StreamProgress
from app.store.united import United


def decidable(tx: Tx, links: Iterable[int]) -> set[int]:
    """Those newcomers, by their links, of whom it can be decided now.

    Not while a sync reads their stream, nor as long as one that was cut off has to be gone on with:
    it may just be learning the answer.
    """
    links = set(links)
    found = identities.questions_of(tx, links)
    reading = {of for of in {(one.connector, one.entity) for one in found} if _is_read(tx, *of)}
    settled = [one for one in found if one.waits and not one.ends]
    able = {one.link for one in settled if (one.connector, one.entity) not in reading}
    # Two records that are both there can be one, or two, at any time.
    return able | {one.link for one in twins.asked(tx, links)}


def _is_read(tx: Tx, connector: int, entity: str) -> bool:
    run = journal.open_run_of(tx, connector)
    progress = journal.load_progress(tx, run).get(entity) if run is not None else None
    return progress is not None and progress.phase != journal.DONE


def unfit(tx: Tx, links: Iterable[int]) -> dict[int, str]:
    """Why newcomers, by their links, cannot become one with whom it is asked about: codes."""
    found: dict[int, str] = {}
    questions = twins.asked(tx, list(links))
    for entity in {one.entity for one in questions}:
        mine = [one for one in questions if one.entity == entity]
        refused = merging.weighed(tx, entity, [(one.newcomer, one.record) for one in mine]).refused
        for one in mine:
            why = refused.get((min(one.newcomer, one.record), max(one.newcomer, one.record)))
            room = why == merging.BOTH_THERE and _in_the_way(tx, one.newcomer, one.record)
            if why is not None and not room:
                found[one.link] = why
    return found


def decide(tx: Tx, change_set: int, now: str, links: Iterable[int], *, same: bool) -> None:
    """Carries out what a person said about newcomers, by their links, in a change set.

    The questions are closed. Those that are no longer open, or not ``decidable``, are passed over.
    """
    able = decidable(tx, links)
    _decide_twins(tx, change_set, now, twins.asked(tx, able), same=same)
    streams: dict[int, list[Question]] = {}
    for one in identities.questions_of(tx, able):
        streams.setdefault(one.stream, []).append(one)
    for questions in streams.values():
        connector, entity = questions[0].connector, questions[0].entity
        stream = journal.streams(tx, connector, ())[entity]
        reading = reading_apart(tx, change_set, connector, stream, StreamProgress(entity), now)
        if same:
            _same(tx, reading, questions)
        else:
            _different(tx, reading, questions)


def _decide_twins(
    tx: Tx, change_set: int, now: str, asked: Sequence[twins.Asked], *, same: bool
) -> None:
    """Two records of different SISs are one from now on, or two for good."""
    conflicts.close(tx, [(one.link, plans.IDENTITY) for one in asked])
    for entity in {one.entity for one in asked}:
        pairs = [(one.newcomer, one.record) for one in asked if one.entity == entity]
        if same:
            unite(tx, change_set, now, entity, pairs)
        else:
            store.part(tx, entity, change_set, pairs)


def unite(
    tx: Tx, change_set: int, now: str, entity: str, pairs: Sequence[tuple[int, int]]
) -> Mapping[int, int]:
    """(newcomer, record) are one because a person said so: who goes into whom.

    What is needed to take that back is noted.
    """
    for newcomer, record in pairs:
        # A SIS tells of one record by one row: the one that was taken for it is another's now.
        if leaving := _in_the_way(tx, newcomer, record):
            parting.part(tx, change_set, entity, record, leaving, for_good=False)
    mine = linkage.links_of(tx, {id_ for pair in pairs for id_ in pair})
    going = merging.merge(tx, change_set, now, entity, pairs)
    united.note(
        tx,
        change_set,
        [
            United(one.id, entity, one.record, going[one.record])
            for one in mine
            if one.record in going and one.alive
        ],
    )
    return going


def _in_the_way(tx: Tx, newcomer: int, record: int) -> list[int]:
    """The links by which the SIS of the newcomer has the record already, where others keep it."""
    streams = twins.streams_of(tx, (newcomer, record))
    both = streams.get(newcomer, set()) & streams.get(record, set())
    links = [one for one in linkage.links_of(tx, [record]) if one.alive is not None]
    kept = any(one.alive and one.stream not in both for one in links)
    return [one.id for one in links if one.stream in both] if kept else []


def _same(tx: Tx, reading: Reading, questions: Sequence[Question]) -> None:
    new, old = [one.link for one in questions], [one.old for one in questions]
    conflicts.close(tx, [(link, plans.IDENTITY) for link in new])
    identities.settle(tx, [one.record for one in questions])
    # What would have ended them is a row that says nothing new.
    newcomers.recount(tx, reading, identities.waiting(tx, old), waiting=-1, unchanged=1)
    plans.withdraw(tx, old)
    identities.take_over(tx, questions)
    _carry_out(tx, reading, questions, "update")


def _different(tx: Tx, reading: Reading, questions: Sequence[Question]) -> None:
    newcomers.close(tx, reading, questions)
    _carry_out(tx, reading, questions, "create")
    # Who refers to a newcomer was taken to refer to the other one: that has to be read again.
    journal.read_whole(tx, reading.stream.id)


def _carry_out(tx: Tx, reading: Reading, questions: Sequence[Question], action: str) -> None:
    """Carries the newcomers' rows out; each counts in the run that read it."""
    owners = {one.link: one.run for one in questions}
    identities.free(tx, list(owners), action=action)
    items = plans.items_of(tx, owners)
    for run in set(owners.values()):
        progress = journal.load_progress(tx, run).get(reading.entity.name)
        reading.progress = progress or StreamProgress(reading.entity.name)
        mine = [item for item in items if owners[item.link] == run]
        reading.progress.counts["waiting"] -= len(mine)
        settle.apply_batch(tx, reading, mine, trusted=True)
        if progress is not None:
            journal.save_progress(tx, run, progress)
