"""What undoing a change set takes back: of its records, and of their links to SISs (SEMANTICS G2).

Everything here is told from what stands in the database at the moment, and writes nothing: an undo
asks it once to say what it would do, and again in each transaction that does it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.engine import unsaying
from app.engine.effects import effects
from app.engine.limits import parting_text
from app.engine.reverting import Reverted, revert
from app.engine.unsaying import Unsaid
from app.errors import UsageError
from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE, Part, part_name
from app.roster.schema import EntityType, referred
from app.roster.stored import plain_value
from app.roster.values import Plain, instant_text
from app.store import (
    conflicts,
    history,
    identities,
    linkage,
    outbox,
    policies,
    records,
    referrers,
)
from app.store.codec import decode_changes, encode
from app.store.database import Tx
from app.store.history import Decision, Logged, Pushed
from app.store.linkage import LinkOf

SETTINGS = ("unprotect",)
"""Kinds of change sets that changed no record: what should hold is laid down anew."""

BATCH = 500
"""Records taken back in one transaction (SEMANTICS C2)."""


@dataclass(frozen=True)
class LeftOut:
    """What an undo leaves as it is, and why: a word that ``text`` has a sentence for."""

    entity: str
    record: int
    reason: str
    parts: tuple[str, ...] = ()
    """The fields or groups that it is about."""
    by: Logged | None = None
    """The newest of the changes that stand in its way."""
    others: int = 0
    """How many others refer to it."""


@dataclass
class Weighed:
    """One record, and what follows for it and its links."""

    back: Reverted
    left_out: list[LeftOut] = field(default_factory=list)
    pins: list[tuple[int, str]] = field(default_factory=list)
    unpinned: list[tuple[int, str]] = field(default_factory=list)
    """Pins of the change set,"""
    standing: list[tuple[int, str]] = field(default_factory=list)
    """those that it had lifted,"""
    lifted: list[tuple[int, str]] = field(default_factory=list)
    """and those of others that an edit lifts, done again."""
    protects: bool | None = None
    """Whether the record is protected from now on, where that changes."""
    decisions: list[Decision] = field(default_factory=list)
    """What was decided, and is asked again; or what is decided so again."""
    refused: list[tuple[LinkOf, dict[str, Plain]]] = field(default_factory=list)
    """(link, what its base becomes): the same of what was refused."""
    sent: dict[int, dict[str, Plain]] = field(default_factory=dict)
    """What SISs take back, by stream,"""
    held: dict[int, dict[str, Plain]] = field(default_factory=dict)
    """and what they have to hold until then."""
    answered: list[int] = field(default_factory=list)
    """What was let go or refused and is not sent yet, as rows of the outbox: it waits again."""
    kept_there: bool = False
    """A SIS was to take something back, and keeps it."""

    @property
    def moves(self) -> bool:
        """Whether anything is to be written."""
        return self.stirs or bool(self.answered)

    @property
    def stirs(self) -> bool:
        """Whether there may be something else to send then than before."""
        pins = self.unpinned or self.standing
        links = pins or self.decisions or self.refused or any(self.sent.values())
        here = self.back.changes or self.protects is not None
        return here or self.kept_there or bool(links)


class Taking:
    """A change set with all that belongs to it."""

    def __init__(self, tx: Tx, change_set: int, now: datetime) -> None:
        self.of = history.found(tx, change_set)
        if self.of.kind in SETTINGS:
            raise UsageError("undo_of_settings", of=change_set)
        self.now = now
        self.sets = history.family(tx, change_set)
        self.again = history.taken_back(tx, change_set)
        """What it took back itself, and what is thereby done again."""
        self.redoes = history.redoes(tx, change_set)
        """Whether that is what was done at first, not an undo of it."""
        self.original = history.original(tx, change_set)
        self.returning = history.created_in(tx, self.again if self.redoes else ())
        self.made = history.created_in(tx, self.sets)
        self.created_there = history.created_there(tx, self.sets)
        self.streams = history.streams(tx)
        self.connectors = history.connectors_of(tx, self.sets)
        self.twins = history.twins(tx, self.sets)
        """Whom it joined with others or took apart from them: these others (SEMANTICS A5)."""
        self.unsaid = Unsaid() if self.redoes else unsaying.found(tx, self.sets)
        """What it said of who is whom, as far as that can be taken back."""
        self._identified = history.identified(tx, self.sets) | self.unsaid.covered
        self._undone: dict[int, frozenset[int]] = {}
        self._referred: dict[int, int] = {}
        self._referred_at = 0
        touched = history.touched(tx, self.sets)
        self._records: dict[str, list[int]] = {
            entity: sorted(touched.get(entity, set()) | made.keys())
            for entity, made in self.made.items()
        }
        self.expected = sum(map(len, self._records.values()))

    def batches(self) -> Iterator[tuple[str, Sequence[int]]]:
        """(entity, record ids) to be worked in one transaction."""
        for entity, ids in self._records.items():
            for start in range(0, len(ids), BATCH):
                yield entity, ids[start : start + BATCH]

    def weigh(self, tx: Tx, entity: str, ids: Sequence[int]) -> list[Weighed]:
        """What becomes of some records, from what stands now."""
        type_, made = ENTITIES[entity], self.made[entity]
        whole = records.read_records(tx, entity, ids).values()
        rows, meant = history.logged(tx, ids), identities.originals(tx, ids)
        for row in (row for some in rows.values() for row in some):
            if row.kind == history.UNDO and row.change_set not in self._undone:
                self._undone[row.change_set] = history.taken_back(tx, row.change_set)
        found: dict[int, Weighed] = {}
        left: list[Weighed] = []
        for record in whole:
            if record.id in self._identified:
                # Who was joined or told apart stays so with all that followed from it, unless it
                # is taken back as a whole (``engine.unsaying``).
                back_ = record.id in self.unsaid.covered
                why = [] if back_ else [LeftOut(entity, record.id, "identity")]
                left.append(Weighed(Reverted(record, record.alive, record.values), why))
                continue
            back = revert(
                type_,
                record,
                rows.get(record.id, ()),
                self.sets,
                self._undone,
                made_in=made.get(record.id),
            )
            if record.id in meant and back.changes and not back.alive:
                # It stands for another one, and there is nothing of its own to take back.
                why = [LeftOut(entity, record.id, "identity")]
                left.append(Weighed(Reverted(record, record.alive, record.values), why))
                continue
            why = [LeftOut(entity, record.id, "newer", (p,), by) for p, by in back.newer.items()]
            if back.unfit:
                why.append(LeftOut(entity, record.id, "unfit", tuple(sorted(back.unfit))))
            found[record.id] = Weighed(back, why)
        _Links(tx, self, type_, found).weigh(rows)
        return [*found.values(), *left]

    def referred(self, tx: Tx) -> Mapping[int, int]:
        """How many that stay refer to what the change set made, or created at a SIS; by record."""
        newest = history.newest(tx)
        if newest != self._referred_at:
            # Who is weighed to tell this is asked for itself: at first nobody is known to refer.
            self._referred_at, self._referred = newest, {}
            self._referred = self._refer(tx)
        return self._referred

    def _refer(self, tx: Tx) -> dict[int, int]:
        made = {record for ids in self.made.values() for record in ids}
        going = {entity: set(ids) for entity, ids in self._records.items()}
        whom: dict[str, dict[int, set[int]]] = {entity: {} for entity in ENTITIES}
        for one in referrers.of_made(tx, self.sets, self.created_there - made):
            whom[one.entity].setdefault(one.record, set()).add(one.target)
        found: Counter[int] = Counter()
        for entity, by in whom.items():
            for weighed in self.weigh(tx, entity, sorted(by.keys() & going[entity])):
                record, back = weighed.back.record.id, weighed.back
                by[record] &= refers_to(ENTITIES[entity], back.values) if back.alive else set()
                if record in self.created_there:
                    by[record] &= made
            found.update(target for targets in by.values() for target in targets)
        # What stays for that has what it refers to itself stay.
        staying = set(found)
        while staying:
            more: set[int] = set()
            for entity, ids in going.items():
                for stays in records.read_records(tx, entity, staying & ids).values():
                    targets = refers_to(ENTITIES[entity], stays.values) - {stays.id}
                    targets &= made | self.created_there
                    more |= targets - found.keys()
                    found.update(targets)
            staying = more
        return found

    def tallies(self, tx: Tx, entity: str, weighed: Sequence[Weighed]) -> dict[int, Counter[str]]:
        """How many records of which effects would move, by the streams that know them (E1)."""
        backs = [one.back for one in weighed if one.back.changes]
        # What has ended, and stays so, counts for no limit.
        moving = [back for back in backs if back.alive or back.record.alive]
        sides = [
            (
                back.record.id,
                back.record.values if back.record.alive else None,
                back.values if back.alive else None,
            )
            for back in moving
        ]
        texts = effects(tx, ENTITIES[entity], instant_text(self.now)[:10], sides)
        does = {record: text for (record, *_), text in zip(sides, texts, strict=True)}
        for record in does.keys() & self.twins.keys():
            does[record] = parting_text(does[record])
        found: dict[int, Counter[str]] = {}
        # A record may have several links in one stream, and counts once.
        known = linkage.links_of(tx, does)
        for record, stream in {(one.record, one.stream) for one in known if one.alive is not None}:
            if stream in self.streams:
                found.setdefault(stream, Counter())[does[record]] += 1
        return found


class _Links:
    """What follows for the links of some records: bases, pins, and what was sent."""

    def __init__(
        self, tx: Tx, taking: Taking, entity: EntityType, found: dict[int, Weighed]
    ) -> None:
        self.tx, self.taking, self.entity, self.found = tx, taking, entity, found
        self.links = {link.id: link for link in linkage.links_of(tx, found)}
        layouts = records.known_layouts(tx, entity.name)
        self.bases = {
            link: layouts.base(base) for link, base in linkage.link_bases(tx, self.links).items()
        }
        open_ones = conflicts.standing_of(tx, found) if taking.redoes else []
        self.open = {(one.link, one.part): one for one in open_ones}
        self.referred: Mapping[int, int] = {}

    def weigh(self, rows: dict[int, list[Logged]]) -> None:
        """Notes with each record what becomes of its links."""
        sets, ids = self.taking.sets, list(self.found)
        for one in self.found.values():
            # A link may have become that of another record since (D5).
            restored = one.back.restored
            one.pins = [(link, part) for link, part in restored if link in self.links]
        self._pins(ids)
        for record in policies.protected_in(self.tx, sets, ids):
            self.found[record].protects = False
        if self.taking.redoes and self.taking.original == history.PROTECT:
            for record in set(ids) - policies.protected(self.tx, ids):
                self.found[record].protects = True
        asked = self.taking.again if self.taking.redoes else sets
        for decision in history.decisions(self.tx, asked, ids):
            self._decision(decision)
        for record in ids:
            for row in rows.get(record, ()):
                if row.kind == history.REFUSAL and row.change_set in asked and row.discarded:
                    self._refusal(record, row)
        made = [record for record, one in self.found.items() if one.back.unmade]
        sent = history.pushed(self.tx, sets, ids, made)
        if made or any(push.action == "create" for push in sent):
            self.referred = self.taking.referred(self.tx)
        for record in made:
            self._unmade(record, {push.link for push in sent if push.action == "create"})
        under_way = outbox.reverting(self.tx, ids)
        if self.taking.redoes:
            for _, record in under_way:
                self.found[record].kept_there = True
        for waits, record in outbox.answered(self.tx, sets, ids):
            self.found[record].answered.append(waits)
        for push in sent:
            self._sent(push)
        for (stream, record), going in under_way.items():
            wanted = self.found[record].sent.pop(stream, None)
            if wanted and wanted != going.wanted:
                self._leave(record, "under_way", *wanted)
        self._gone_there(ids)

    def _pins(self, ids: Sequence[int]) -> None:
        """Pins of the change set are lifted; those that it had lifted stand again."""
        taking = self.taking
        for link, part, record in history.pins(self.tx, taking.sets, ids):
            self.found[record].unpinned.append((link, part))
        for link, part, record in history.lifted(self.tx, taking.sets, ids):
            # What somebody wrote since is to be sent.
            if part not in self.found[record].back.since:
                self.found[record].standing.append((link, part))
        if taking.redoes and taking.original == history.EDIT:
            for known in self.links.values():
                one = self.found[known.record]
                parts = [p for _, p in one.back.restored if p != ALIVE or not known.alive]
                one.lifted += [(known.id, part) for part in parts]

    def _decision(self, decision: Decision) -> None:
        """A difference that was decided is asked again, as long as both sides stand as decided.

        What comes back is not sent where the question does not. One that was asked again is decided
        as it was, as long as it stands open as it did.
        """
        one, link = self.found.get(decision.record), self.links.get(decision.link)
        if one is None or link is None or link.stream not in self.taking.streams:
            return  # with its connector the question went, too
        was, theirs, ours = map(decode_changes, (decision.base, decision.remote, decision.local))
        base = self._agreed(decision, theirs)
        local, part = _local(self.entity, decision.part, one.back), part_name(decision.part)
        # Where it was decided at two SISs at once, the first answer was ours for a moment.
        newer = {*one.back.since, *one.back.newer, *one.back.unfit}
        stands = local.items() <= ours.items() or part not in newer
        if self.taking.redoes:
            self._decided_again(decision, one, base.items() <= was.items())
        elif base.items() <= was.items():
            return  # it is open again already
        elif base.items() <= theirs.items() and stands:
            one.decisions.append(decision._replace(local=encode(ours | local)))
        else:
            if any(part == restored for _, restored in one.back.restored):
                one.pins.append((decision.link, part))
            self._leave(decision.record, "newer", part)

    def _decided_again(self, decision: Decision, one: Weighed, undecided: bool) -> None:
        part = part_name(decision.part)
        asked = self.open.get((decision.link, decision.part))
        if asked is None and not undecided:
            return  # it is decided again already
        if asked is None or part in one.back.since:
            self._leave(decision.record, "newer", part)
        elif decode_changes(asked.remote) != decode_changes(decision.remote) or not undecided:
            self._leave(decision.record, "moved", part)
        else:
            one.decisions.append(decision)

    def _agreed(self, decision: Decision, theirs: Mapping[str, Plain]) -> dict[str, Plain]:
        """What was last decided about the part, and the decision moved."""
        values, link = self.bases[decision.link], self.links[decision.link]
        if decision.part != ALIVE:
            return Part.named(self.entity, decision.part).of(values)
        if not theirs[ALIVE]:
            return {ALIVE: bool(link.alive)}
        # It was ended here: what moved is what the SIS had changed since.
        places = self.entity.by_name
        moved = {name: values[places[name].index] for name in theirs if name in places}
        return {ALIVE: bool(link.alive), **moved}

    def _refusal(self, record: int, row: Logged) -> None:
        """What was refused is asked about again, unless the SIS has said something else since.

        What was asked about again is refused as it was, unless something else stands here since.
        """
        link = self.links.get(row.link or 0)
        if link is None or link.stream not in self.taking.streams:
            return
        back, base = self.found[record].back, self.bases[link.id]
        agreed: dict[str, Plain] = {ALIVE: bool(link.alive)}
        ours: dict[str, Plain] = {ALIVE: back.alive}
        for one in self.entity.fields:
            agreed[one.name], ours[one.name] = base[one.index], back.values[one.index]
        known = {name: said for name, said in row.discarded.items() if name in agreed}
        if self.taking.redoes:
            newer = {name for name in known if _part(self.entity, name) in back.since}
            for name in newer:
                self._leave(record, "newer", name)
            known = {name: said for name, said in known.items() if name not in newer}
            stands = {name: said for name, said in known.items() if agreed[name] == ours[name]}
        else:
            stands = {name: ours[name] for name, said in known.items() if agreed[name] == said}
        if stands:
            self.found[record].refused.append((link, stands))
        for name, said in known.items():
            if agreed[name] not in (said, ours[name]):
                self._leave(record, "moved", name)

    def _unmade(self, record: int, sent: set[int]) -> None:
        """What the change set made ends, unless another SIS has it too, or others refer to it.

        No SIS ends it for that. ``sent`` are the links to SISs to which it was sent from here.
        """
        one, streams = self.found[record], self.taking.streams
        mine = [link for link in self.links.values() if link.record == record and link.alive]
        others = {
            link.id
            for link in mine
            if link.stream in streams
            and streams[link.stream].connector not in self.taking.connectors
        }
        if others - sent:
            one.back.alive, one.back.unmade = True, False
            self._leave(record, "elsewhere", ALIVE)
        elif record in self.referred:
            one.back.alive, one.back.unmade = True, False
            self._leave(record, "referred", ALIVE)
        else:
            one.pins += [(link.id, ALIVE) for link in mine]

    def _gone_there(self, ids: Sequence[int]) -> None:
        """What lives here and was deleted at a SIS lives here alone from now on."""
        made = self.taking.returning.get(self.entity.name, {})
        deleted = history.deleted_there(self.tx, ids)
        for link in self.links.values():
            one = self.found[link.record]
            comes = not one.back.record.alive and (link.record in made or link.id in deleted)
            wanted = link.id in deleted and (link.id, ALIVE) in one.unpinned
            gone = link.alive == 0 and link.stream in self.taking.streams
            if gone and one.back.alive and (comes or wanted):
                self._leave(link.record, "gone_there", ALIVE)

    def _sent(self, push: Pushed) -> None:
        """What was sent is taken back, as long as the SIS holds it; the newest comes first.

        Where it is not known yet whether it arrived, that is seen when it is.
        """
        link, stream = self.links.get(push.link), self.taking.streams.get(push.stream)
        if stream is None or link is None:
            return
        base, there = self.bases[push.link], push.there
        holds = {
            name: base[self.entity.by_name[name].index] if push.known else value
            for name, value in there.items()
            if name in self.entity.by_name
        }
        if push.action == "create":
            self._created(push, link, stream, holds)
        elif push.action == "update":
            self._updated(push, holds)
        else:
            self._leave(push.record, "stays_there", ALIVE)

    def _created(
        self, push: Pushed, link: LinkOf, stream: history.Stream, holds: dict[str, Plain]
    ) -> None:
        """What was created there is deleted there, with what the same change set changed of it."""
        one, there = self.found[push.record], push.there
        ours = push.record in self.taking.made[self.entity.name]
        back = one.sent.get(push.stream, {})
        if (push.known and not link.alive) or (ours and not one.back.unmade):
            return  # it is gone there already, or stays here for a reason that is told
        if "delete" not in stream.actions:
            self._leave(push.record, "stays_there", ALIVE)
        elif not ours and push.record in self.referred:
            self._leave(push.record, "referred", ALIVE)
        elif all(name in back or value == there[name] for name, value in holds.items()):
            one.sent[push.stream], one.held[push.stream] = {ALIVE: False}, holds
            one.pins.append((push.link, ALIVE))
        else:
            self._leave(push.record, "moved", ALIVE)

    def _updated(self, push: Pushed, holds: dict[str, Plain]) -> None:
        """What was changed there becomes what it was: groups whole, and not what is newer here."""
        one, there = self.found[push.record], push.there
        sent, before = decode_changes(push.sent), decode_changes(push.before)
        back, held = one.sent.setdefault(push.stream, {}), one.held.setdefault(push.stream, {})
        wrong: set[str] = set()
        for name, value in holds.items():
            about = self.entity.by_name[name]
            here = one.back.values[about.index]
            moved = name not in back and value not in (there[name], before[name])
            newer = value == there[name] and here not in (there[name], sent[name], before[name])
            if moved or newer:
                wrong.add(about.group)
                self._leave(push.record, "moved" if moved else "newer", name)
        for name, value in holds.items():
            part = self.entity.by_name[name].group
            if part not in wrong and (name in back or value == there[name] != before[name]):
                back[name] = before[name]
                held.setdefault(name, value)
                one.pins.append((push.link, part))

    def _leave(self, record: int, reason: str, *parts: str) -> None:
        others = self.referred[record] if reason == "referred" else 0
        left = LeftOut(self.entity.name, record, reason, parts, others=others)
        if left not in self.found[record].left_out:
            self.found[record].left_out.append(left)


def refers_to(entity: EntityType, values: Sequence[Plain]) -> set[int]:
    """The records that one with these values refers to."""
    return {
        id_
        for one in entity.fields
        if one.references
        for _, ids in referred(one, plain_value(one, values[one.index]))
        for id_ in ids
        if isinstance(id_, int)
    }


def _part(entity: EntityType, name: str) -> str:
    return entity.by_name[name].group if name in entity.by_name else name


def _local(entity: EntityType, part: str, back: Reverted) -> dict[str, Plain]:
    if part == ALIVE:
        return {ALIVE: back.alive}
    return Part.named(entity, part).of(back.values)
