"""A stream that has been read becomes decisions: what is absent, what is proved, what is applied.

The last page is in; what every row said is either done or a plan item. Now the whole stream can be
judged (SEMANTICS A2, C5, D1, D2) and the items are carried out in batches, each reconciled again
from what stands in the database at that moment: an edit made meanwhile is never overwritten.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from app.engine import joins, judging
from app.engine.agreed import Settled, open_conflict, settle_bases
from app.engine.effects import effects, update_sides
from app.engine.ending import (
    edited_here,
    end_here,
    set_alive,
    tell_ends_again,
    weighed_ends,
)
from app.engine.following import follow
from app.engine.limits import Trip
from app.engine.members import Members
from app.engine.pages import arrive
from app.engine.reading import Reading
from app.engine.reconcile import Living, Outcome
from app.engine.weigh import RUNS_BACK, planned_values, with_local, without_turns
from app.roster.parts import ALIVE
from app.roster.schema import EntityType, FieldType
from app.roster.stored import list_value
from app.roster.values import UNKNOWN, UNSAID, Plain
from app.store import conflicts as open_conflicts
from app.store import identities, journal, linkage, outbox, plans, records, scopes
from app.store.codec import encode
from app.store.database import Tx
from app.store.linkage import Link
from app.store.plans import Item
from app.store.records import Record
from app.store.waiting import UNTIED as UNTIED_LOG

BATCH = 500
"""Items carried out in one transaction: some 20 ms of work (SEMANTICS C2)."""

BY_KEY_LIMIT = 200
"""Up to so many candidates for removal are read one by one by their key (SEMANTICS D1)."""

SAMPLE = 20
"""About so many are where there are more."""


def struck_fields(tx: Tx, reading: Reading) -> tuple[str, ...]:
    """Fields that no row of this full read carried although bases hold values (SEMANTICS A2)."""
    if not reading.progress.full or not reading.unheard:
        return ()
    silent: set[int] = set()
    for patch, base in plans.planned_patches(tx, reading.stream.id):
        said, was = reading.layouts.patch(patch), reading.layouts.base(base)
        silent |= {
            place
            for place in reading.unheard
            if said[place] is None and was[place] is not None and was[place] is not UNKNOWN
        }
    # A row that was passed over undecoded carried what its base holds.
    for link, blob in linkage.unheld_bases(tx, reading.stream.id) if silent else ():
        if link in reading.passed:
            base = reading.layouts.base(blob)
            silent = {place for place in silent if base[place] is None or base[place] is UNKNOWN}
            if not silent:
                break
    return tuple(reading.entity.fields[place].name for place in sorted(silent))


def distinct_total_agrees(reading: Reading) -> bool:
    """Whether as many distinct keys came as the SIS stated, where it stated a number (C5)."""
    total = reading.progress.total
    return total is None or total == len(reading.passed) + reading.progress.keyless


def missing_links(tx: Tx, reading: Reading) -> list[int]:
    """Live links last seen under this scope that this pass did not see (SEMANTICS D1, D2)."""
    return reading.passed.without(linkage.live_links(tx, reading.stream.id, reading.scope))


def lost_coverage(tx: Tx, reading: Reading, missing: Sequence[int]) -> list[str]:
    """Schools, terms and roles that only missing records have: ``field=value`` (SEMANTICS C5)."""
    covering = [field for field in reading.entity.fields if field.covers]
    if not covering or not missing:
        return []
    gone = set(missing)
    had: set[str] = set()
    have: set[str] = set()
    names = [field.name for field in covering]
    for link, *values in linkage.live_values(
        tx, reading.stream.id, reading.scope, reading.entity.name, names
    ):
        into = had if link in gone else have
        for field, value in zip(covering, values, strict=True):
            into.update(_covered(field, value))
    lost = had - have
    if reading.within is not None:
        lost -= reading.within.excluded(tx, lost)
    return sorted(lost)


def _covered(field: FieldType, value: Plain) -> Iterator[str]:
    if value is None:
        return
    if not field.kind.is_list:
        yield f"{field.name}={value}"
        return
    for part in list_value(value):
        if isinstance(part, tuple):
            # Of an element the parts of its key are told apart: a role, an organization.
            names = field.kind.names  # type: ignore[attr-defined]
            for name in field.kind.key:  # type: ignore[attr-defined]
                yield f"{field.name}.{name}={part[names.index(name)]}"
        else:
            yield f"{field.name}={part}"


def judge(tx: Tx, reading: Reading, now: datetime, *, trusted: bool) -> list[Trip]:
    """Judges what is planned for the stream; what a limit holds waits from now on (E1).

    The runs whose items wait count them, which is what ``planned_by_run`` before and after tells.
    """
    if not trusted or reading.progress.struck or reading.unweighed:
        _weigh_again(tx, reading, trusted=trusted)
    joins.part_effects(tx, reading)
    return judging.judge(
        tx,
        connector=reading.connector,
        stream=reading.stream.id,
        entity=reading.entity,
        full=reading.progress.full and trusted,
        received=reading.progress.seen,
        now=now,
    )


def _weigh_again(tx: Tx, reading: Reading, *, trusted: bool) -> None:
    """What items would do, now that some fields are known not to be spoken (SEMANTICS A2)."""
    after = 0
    while items := plans.planned(tx, reading.stream.id, BATCH, after):
        after = items[-1].id
        updates = [item for item in items if item.action == "update"]
        told = list(weighed(tx, reading, updates, trusted))
        sides = [update_sides(one.record, one.base, one.outcome) for one in told]
        plans.set_effects(
            tx,
            [
                (would, encode(planned_values(reading.entity, one.outcome.local)), one.item.id)
                for one, would in zip(
                    told, effects(tx, reading.entity, reading.now[:10], sides), strict=True
                )
            ],
        )


class Weighed(NamedTuple):
    """What follows from one row that is there, by what stands now."""

    item: Item
    record: Record
    alive: bool
    """Whether the SIS last said that it lives."""
    base: tuple[Plain, ...]
    remote: tuple[Plain, ...]
    outcome: Outcome
    living: Living
    doubtful: bool
    """Not all that it says is believed yet: it is to be looked at again, though nothing changes."""

    @property
    def settled(self) -> Settled:
        """What its base takes."""
        digest = None if self.doubtful else self.item.digest
        return Settled(
            self.item.link, self.record, self.item.version, digest,
            self.base, self.remote, self.outcome,
        )  # fmt: skip


def weighed(tx: Tx, reading: Reading, items: Sequence[Item], trusted: bool) -> Iterator[Weighed]:
    """What follows from updates."""
    if not items:
        return
    entity, layouts = reading.entity, reading.layouts
    locals_ = records.read_records(tx, entity.name, (item.record for item in items))
    bases = linkage.link_bases(tx, (item.link for item in items))
    alive = linkage.links_alive(tx, (item.link for item in items))
    several = linkage.shared(tx, (item.link for item in items))
    lately = records.set_lately(tx, several, RUNS_BACK) if several else {}
    same = identities.stand_ins(tx, entity)
    patches = [layouts.patch(item.patch or b"") for item in items]
    if same:
        agreed = map(layouts.base, bases.values())
        same.learn([*patches, *agreed, *(record.values for record in locals_.values())])
    struck = {entity.by_name[name].index for name in reading.progress.struck}
    members = Members(tx, reading.connector, entity, layouts)
    for item, patch in zip(items, patches, strict=True):
        record, base = locals_[item.record], layouts.base(bases[item.link])
        remote, doubtful = _believed(patch, struck, reading.unheard, trusted)
        outcome, living = reading.weigher.row(
            tx, record, base, bool(alive[item.link]), remote, item.modified_at, same
        )
        # Who is meant is being asked: it is looked at again.
        doubtful = doubtful or same.unsure(remote)
        if record.id in lately:
            outcome = without_turns(entity, record, item.link, base, outcome, lately[record.id])
        if several.get(record.id) and outcome.local:
            outcome = members.kept_here(
                same.values(record.values), same.values(remote), record.id, outcome
            )
        yield Weighed(item, record, bool(alive[item.link]), base, remote, outcome, living, doubtful)


def apply_batch(
    tx: Tx, reading: Reading, items: Sequence[Item], *, trusted: bool, direction: str = "in"
) -> list[Item]:
    """Carries out plan items, from what stands now (SEMANTICS C1, C2); those that did anything.

    With ``trusted`` False the stream was never read to its end: what it blanks is not believed,
    and the row will be looked at again. ``direction`` is that of ``judging.applied``.
    """
    if not items:
        return []
    done = _make(tx, reading, [item for item in items if item.action == "create"])
    done += _update(tx, reading, [item for item in items if item.action == "update"], trusted)
    done += _end(tx, reading, [item for item in items if item.action == "end"])
    plans.withdraw(tx, [item.link for item in items])
    judging.applied(
        tx,
        connector=reading.connector,
        entity=reading.entity.name,
        direction=direction,
        tallies=Counter(item.effects for item in done),
        now=reading.now,
    )
    return done


def _make(tx: Tx, reading: Reading, items: Sequence[Item]) -> list[Item]:
    """Makes the records of newcomers that are nobody we have (SEMANTICS D5)."""
    if items and reading.scope is None and reading.stream.scope is not None:
        reading.scope = linkage.scope_id(tx, reading.stream.scope)
    arrive(
        tx,
        reading,
        [
            (one.link, one.record, one.version, one.digest, reading.layouts.patch(one.patch or b""))
            for one in items
        ],
    )
    reading.progress.counts["created"] += len(items)
    return list(items)


def _update(tx: Tx, reading: Reading, items: Sequence[Item], trusted: bool) -> list[Item]:
    done = take(tx, reading, items, trusted=trusted)
    counts = reading.progress.counts
    counts["updated"] += len(done)
    counts["unchanged"] += len(items) - len(done)
    return done


def take(tx: Tx, reading: Reading, items: Sequence[Item], *, trusted: bool) -> list[Item]:
    """Writes what follows from rows that are there; those that changed a record."""
    entity = reading.entity
    changed: list[tuple[Record, bool, Sequence[Plain]]] = []
    logged: list[tuple[int, int | None, bytes, bytes, bytes | None]] = []
    settled, back, revived, done = [], [], [], []
    for one in weighed(tx, reading, items, trusted):
        item, record, outcome = one.item, one.record, one.outcome
        settled.append(one.settled)
        if one.living is not Living.CONFLICT and not one.alive:
            back.append(item.link)
        revives = one.living is Living.REVIVES
        if revives:
            revived.append(record.id)
        if outcome.local or revives:
            changed.append(
                (record, record.alive or revives, with_local(record.values, outcome.local))
            )
            before, after = _before_after(entity, record, outcome, revives)
            logged.append((record.id, item.link, before, after, None))
            done.append(item)
    records.update_records(tx, entity.name, reading.run, changed)
    records.log_changes(tx, reading.run, entity.name, logged)
    records.log_twins(tx, reading.run, joins.taken_apart(tx, reading, revived))
    set_alive(tx, back, True)
    settle_bases(tx, reading, settled)
    _tell_others(tx, reading, [record.id for record, *_ in changed])
    # What had been edited here before it ended may not be there yet.
    outbox.note(tx, reading.run, revived, reading.stream.id)
    return done


def _end(tx: Tx, reading: Reading, items: Sequence[Item]) -> list[Item]:
    """Ends links, and the records that no other link keeps (SEMANTICS D4)."""
    if not items:
        return []
    entity, counts = reading.entity, reading.progress.counts
    links = {link.id: link for link in linkage.links_by_id(tx, (item.link for item in items))}
    outside: set[int] = set()
    if reading.within is not None:
        # What another scope had planned to end is kept (D2).
        outside = reading.within.left(tx, links, reading.layouts)
        scopes.put_outside(tx, [(None, link) for link in outside])
    changed: list[tuple[Record, bool, Sequence[Plain]]] = []
    gone: list[int] = []
    kept: list[Link] = []
    conflicts, done, untied = [], [], 0
    by_link = {item.link: item for item in items}
    ending = [link for link in links.values() if link.alive and link.id not in outside]
    for link, record, living, _, kept_elsewhere in weighed_ends(tx, reading, ending):
        if living is Living.CONFLICT:
            conflicts.append(edited_here(link))
            continue
        gone.append(link.id)
        if living is Living.KEPT:
            kept.append(link)
        elif living is Living.ENDS:
            done.append(by_link[link.id])
            if kept_elsewhere:
                untied += 1
            else:
                changed.append((record, False, record.values))
    # A record that another SIS keeps has lost no more than this one, and that is on record (D4).
    journal.log_count(tx, reading.run, reading.now, UNTIED_LOG, untied, entity.name)
    counts["unchanged"] += len(items) - len(changed)
    counts["conflicts"] += len(conflicts)
    records.update_records(tx, entity.name, reading.run, changed)
    dead = (encode({ALIVE: True}), encode({ALIVE: False}), None)
    ended = {record.id for record, *_ in changed}
    records.log_changes(
        tx,
        reading.run,
        entity.name,
        [(item.record, item.link, *dead) for item in done if item.record in ended],
    )
    end_here(tx, reading, gone, kept)
    tell_ends_again(tx, reading, [link.record for link in ending])
    joined = joins.settle(tx, reading, [item for item in done if item.record in ended])
    counts["joined"] += len(joined)
    counts["deleted"] += len(changed) - len(joined)
    open_conflicts.add_conflicts(tx, reading.connector, entity.name, reading.run, conflicts)
    _tell_others(tx, reading, list(ended))
    return done


def ask(tx: Tx, reading: Reading, items: Sequence[Item], *, trusted: bool) -> None:
    """Asks what items would ask by now; those that would do nothing else wait no more."""
    updates = [item for item in items if item.action == "update"]
    ends = [item for item in items if item.action == "end"]
    stand = [edited_here(link) for link in linkage.links_by_id(tx, (item.link for item in ends))]
    only: list[Item] = []
    for one in weighed(tx, reading, updates, trusted):
        if one.outcome.local:
            found = one.outcome.conflicts
            stand += [open_conflict(one.item.link, one.record.id, asked) for asked in found]
        else:
            only.append(one.item)
    take(tx, reading, only, trusted=trusted)
    open_conflicts.add_conflicts(tx, reading.connector, reading.entity.name, reading.run, stand)
    reading.progress.counts["conflicts"] += len(stand)
    plans.withdraw(tx, [item.link for item in (*only, *ends)])


def _tell_others(tx: Tx, reading: Reading, changed: Sequence[int]) -> None:
    """Records are new here to their other SISs: what is open there moves along (B2)."""
    stream = reading.stream.id
    follow(tx, reading.run, reading.entity.name, changed, but=stream)
    outbox.note_elsewhere(tx, reading.run, changed, stream)


def _believed(
    remote: tuple[Plain, ...], struck: set[int], unheard: Iterable[int], trusted: bool
) -> tuple[tuple[Plain, ...], bool]:
    """The remote without the fields that are not spoken after all; whether any was left out.

    Such a row is decoded again at the next whole read, whatever its digest: were the field spoken
    again by then, its blank would have to be decided.
    """
    silent = struck if trusted else struck | set(unheard)
    hidden = [place for place in silent if remote[place] is None]
    if not hidden:
        return remote, False
    values = list(remote)
    for place in hidden:
        values[place] = UNSAID
    return tuple(values), True


def _before_after(
    entity: EntityType, record: Record, outcome: Outcome, revives: bool
) -> tuple[bytes, bytes]:
    before = planned_values(entity, {place: record.values[place] for place in outcome.local})
    after = planned_values(entity, outcome.local)
    if revives:
        before[ALIVE], after[ALIVE] = False, True
    return encode(before), encode(after)
