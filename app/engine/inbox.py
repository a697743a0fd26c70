"""What waits for a person as one list, the most harmful first, and how it is told in words.

Pure but for ``inbox``, which asks. What an approval is about stands line by line in ``lines``: what
would become of which records of a school, and which limit holds them (SEMANTICS E2).
"""

import enum
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from app.engine import limits
from app.engine.causes import Cause, cause_text, causes
from app.engine.figures import ALLOWABLE
from app.engine.told import counted, entity_word
from app.roster.entities import ENTITIES
from app.store import inbox as store
from app.store import reads, waiting
from app.store.database import Database
from app.store.inbox import Group, Held, Item, Kept, Tally
from app.store.listing import CREATED, JOINED, PARTED, REMOVED, SENT, UNTIED
from app.store.outbox import CREATIONS
from app.store.waiting import Which
from app.text import N_, _, plural, sentence


class Kind(enum.Enum):
    """What is asked; the value is the word on screen."""

    APPROVAL = N_("Waiting for your approval")
    SAME = N_("The same?")
    DIFFERENCES = N_("Differences")
    UNSENT = N_("Could not send")
    UNREADABLE = N_("Unreadable rows")


class Harm(enum.Enum):
    """What it would do, or does; the most harmful first. The value is the code of its sentence."""

    GONE = "inbox_gone"
    LESS = "inbox_less"
    """They stay, and count no more: disabled, end-dated, out of their school."""
    LOGIN = "inbox_login"
    STAFF = "inbox_staff"
    BLANK = "inbox_blank"
    CHANGE = "inbox_change"
    UNTIED = "inbox_untied"
    """Nothing ends: another SIS keeps them."""
    JOIN = "inbox_join"
    PART = "inbox_part"
    COME = "inbox_come"
    MADE = "inbox_made"
    """They would be new in the SIS."""
    SAME = "inbox_same"
    DIFFERENCES = ""
    UNSENT = "inbox_unsent"
    UNREADABLE = "inbox_unreadable"
    HELD = "inbox_held"

    @property
    def rank(self) -> int:
        """0 for the most harmful."""
        return _RANKS[self]

    @property
    def kind(self) -> Kind:
        """What is asked about it."""
        return _KINDS.get(self, Kind.APPROVAL)


_RANKS = {harm: place for place, harm in enumerate(Harm)}
_KINDS = {
    Harm.SAME: Kind.SAME,
    Harm.DIFFERENCES: Kind.DIFFERENCES,
    Harm.UNSENT: Kind.UNSENT,
    Harm.UNREADABLE: Kind.UNREADABLE,
}
_BY_WHAT = {
    REMOVED: Harm.GONE, JOINED: Harm.JOIN, PARTED: Harm.PART, UNTIED: Harm.UNTIED,
    CREATED: Harm.COME, SENT: Harm.HELD,
}  # fmt: skip
_BY_RULE = {"logins": Harm.LOGIN, "staff": Harm.STAFF, "blanks": Harm.BLANK}


@lru_cache(maxsize=8192)
def harm_of(what: str, rules: tuple[str, ...], effects: str) -> Harm:
    """What carrying out an item would do at its worst."""
    if what == SENT and CREATIONS in rules:
        return Harm.MADE
    if what in _BY_WHAT:
        return _BY_WHAT[what]
    does = limits.effects_of(effects)
    if "removal" in does or "emptied_class" in rules:
        return Harm.LESS
    return next((harm for rule, harm in _BY_RULE.items() if rule in rules), Harm.CHANGE)


# -- the inbox --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """One line of the inbox."""

    harm: Harm
    connector: str
    entity: str
    """A record type; blank where it is about several."""
    count: int
    schools: tuple[int, ...] = ()
    """Record ids, those first with the most; 0 is the district."""
    since: str = ""
    times: int = 0
    """In how many syncs it was seen; 0 where that is not counted."""
    new: int = 0
    """How many of them the newest sync brought."""
    ids: tuple[int, ...] = ()
    """Of differences."""
    words: str = ""
    """What made the differences."""


@dataclass(frozen=True)
class Inbox:
    """Everything that waits for a person, the most harmful first."""

    entries: Sequence[Entry]
    schools: Mapping[int, str] = field(default_factory=dict)
    """What schools are called."""
    sending: int = 0
    """How many changes go out by themselves."""
    kept: Sequence[Kept] = ()
    """What stands here otherwise than at its SIS: so it was decided, or something was undone."""


def inbox(database: Database, connector: str | None = None) -> Inbox:
    """What waits of one connector, or of all."""
    entries = [
        *_approvals(store.groups(database, connector)),
        *_entries(Harm.SAME, store.newcomers(database, connector)),
        *_differences(causes(database, connector), store.begun(database)),
        *_entries(Harm.UNSENT, store.unsent(database, connector)),
        *_entries(Harm.UNREADABLE, store.unreadable(database, connector)),
    ]
    entries.sort(key=lambda one: (one.harm.rank, -one.count if not one.ids else 0))
    schools = {school for one in entries for school in one.schools}
    titles = reads.titles(database, ("orgs", schools))
    kept = store.kept(database, connector)
    return Inbox(entries, titles, store.sending(database, connector), kept)


@dataclass(frozen=True)
class Asked:
    """What waits of a connector, for the first glance."""

    count: int = 0
    """How many lines of the inbox: one is one decision, of however many records."""
    first: str = ""
    """The most harmful of them."""


def asked(database: Database) -> dict[str, Asked]:
    """What waits, by connector."""
    found: dict[str, Asked] = {}
    for one in inbox(database).entries:
        before = found.get(one.connector) or Asked(first=entry_title(one))
        found[one.connector] = replace(before, count=before.count + 1)
    return found


def _approvals(groups: Iterable[Group]) -> list[Entry]:
    found: dict[tuple[Harm, str, str], list[Group]] = defaultdict(list)
    for one in groups:
        harm = harm_of(one.what, one.rules, one.effects)
        found[harm, one.connector, one.entity].append(one)
    return [
        Entry(
            harm,
            connector,
            entity,
            sum(one.count for one in of),
            _most(of),
            min(one.since for one in of),
            max(one.times for one in of),
        )
        for (harm, connector, entity), of in found.items()
    ]


def _most(groups: Iterable[Group]) -> tuple[int, ...]:
    """The schools in which they count, those first with the most."""
    schools: Counter[int] = Counter()
    for one in groups:
        for school in waiting.schools_of(one.effects) if one.what != SENT else ():
            schools[school] += one.count
    return tuple(school for school, _count in schools.most_common())


def _entries(harm: Harm, tallies: Iterable[Tally]) -> list[Entry]:
    return [
        Entry(harm, one.connector, one.entity, one.count, (), one.since, one.times, one.new)
        for one in tallies
    ]


def _differences(found: Iterable[Cause], begun: Mapping[int, str]) -> list[Entry]:
    return [
        Entry(
            Harm.DIFFERENCES,
            one.connector,
            one.entity,
            one.count,
            one.schools,
            min((begun[sync] for sync in one.syncs if sync in begun), default=""),
            ids=one.ids,
            words=cause_text(one),
        )
        for one in found
    ]


def entry_title(entry: Entry) -> str:
    """What waits: “412 enrollments would be removed”."""
    if entry.harm is Harm.DIFFERENCES:
        records = counted(entry.count, entry.entity)
        return _("{what} ({records})").format(what=entry.words, records=records)
    told: dict[str, str | int] = {"records": counted(entry.count, entry.entity)}
    told["count"] = entry.count
    told |= {"what": entity_word(entry.entity).lower(), "name": entry.connector}
    return sentence(entry.harm.value, told)


def kept_words(kept: Kept) -> str:
    """What is kept otherwise, and why."""
    told = {"records": counted(kept.count, kept.entity), "count": kept.count}
    told |= {"name": kept.connector}
    if kept.undone is None:
        return sentence("kept_otherwise", told)
    return sentence("kept_undone", told | {"of": kept.undone})


def where(schools: Sequence[int], titles: Mapping[int, str]) -> str:
    """In which schools: “Lincoln Middle and 2 other schools”; blank where there are none."""
    if not schools:
        return ""
    first, *others = (school_name(one, titles) for one in schools)
    if not others:
        return first
    told = plural(
        "{{school}} and {n} other school", "{{school}} and {n} other schools", len(others)
    )
    return told.format(school=first)


def school_name(school: int, titles: Mapping[int, str]) -> str:
    """What a school is called; 0 is the district."""
    if school == limits.DISTRICT:
        return _("The district")
    return titles.get(school) or _("A school without a name (#{id})").format(id=school)


# -- an approval, line by line ----------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """What would become of the records of one type in one school."""

    harm: Harm
    entity: str
    what: str
    school: int | None
    """A record id; 0 for the district; ``None`` for what is to be sent."""
    items: Sequence[Item]
    of: int | None
    """Of how many records of the school, where they were ever counted."""
    trips: Mapping[str, Mapping[str, Any]]
    """The rules that hold them, each with what a log kept of the limit, if it is one of a share."""

    @property
    def rules(self) -> dict[str, float | None]:
        """The rules that hold them, each with the share that it lets through."""
        return {rule: trip.get("limit") for rule, trip in self.trips.items()}


def lines(held: Held, harm: Harm | None = None, entity: str | None = None) -> list[Line]:
    """What waits, line by line, the most harmful and the most first; narrowed, where asked."""
    found: dict[tuple[Harm, str, str, int | None], list[Item]] = defaultdict(list)
    for one in held.items:
        worst = harm_of(one.what, one.rules, one.effects)
        if harm in (None, worst) and entity in (None, one.entity):
            for school in one.schools if one.what != SENT else (None,):
                found[worst, one.entity, one.what, school].append(one)
    made = [_line(held, key, items) for key, items in found.items()]
    return sorted(made, key=lambda one: (one.harm.rank, -len(one.items)))


def _line(held: Held, key: tuple[Harm, str, str, int | None], items: Sequence[Item]) -> Line:
    harm, entity, what, school = key
    trips: dict[str, Mapping[str, Any]] = {}
    for run, rules in sorted({(one.run, one.rules) for one in items}):
        for rule in rules:
            found = held.trips.get((run, entity, rule), {}).get(school or 0)
            trips[rule] = found or trips.get(rule) or {}
    of = next((trip["of"] for trip in trips.values() if trip.get("of")), None)
    if of is None and school is not None:
        of = held.sizes.get((entity, school))
    return Line(harm, entity, what, school, items, of, trips)


def told(line: Line, held: Held, *, classes: bool = True) -> list[str]:
    """What the line means, a sentence for each limit (SEMANTICS E2).

    Without ``classes`` not that one would be empty, if there is more to tell.
    """
    if line.school is None:
        return [_title(line, held) + "."]
    name = school_name(line.school, held.schools)
    type_ = ENTITIES[line.entity]
    trips = {rule: trip for rule, trip in line.trips.items() if trip}
    if not classes and len(trips) > 1:
        trips.pop("emptied_class", None)
    found = [limits.logged(trip, type_, name) for trip in trips.values()]
    if found or line.what != REMOVED or not line.of:
        return found or [_("{school}: {what}.").format(school=name, what=_title(line, held))]
    others = {school for entity, school in held.sizes if entity == line.entity and school}
    others -= {school for one in held.items if (one.entity, one.what) == (line.entity, line.what)
               for school in one.schools}  # fmt: skip
    count = len(line.items)
    trip = {"rule": "removals", "school": line.school, "count": count, "of": line.of}
    return [limits.logged(trip | {"others": len(others)}, type_, name)]


def _title(line: Line, held: Held) -> str:
    return entry_title(Entry(line.harm, held.connector, line.entity, len(line.items)))


def if_nothing(rules: Iterable[str]) -> str:
    """What happens to what these rules hold if nobody does anything."""
    asked = set(rules)
    said = [sentence("proof_passes")] if "proof" in asked else []
    said += [sentence("limit_stays")] if asked - {"proof"} else []
    return " ".join([*said, *([sentence("untied_stays")] if "untied" in asked else [])])


def which(items: Iterable[Item]) -> Which:
    """Just these items, as they were seen, for the commands that answer."""
    chosen = list(items)
    return Which(
        items=frozenset(one.id for one in chosen if one.what != SENT),
        sending=frozenset(one.id for one in chosen if one.what == SENT),
        seen={one.id: one.run for one in chosen if one.what != SENT},
    )


_FIGURES = {
    **dict.fromkeys(
        ("untied", "shrink", "emptied_class", "emptied_school", "empty_answer"), "removals"
    ),
    **{name: name for name in ALLOWABLE},
}


def needed(chosen: Iterable[Line]) -> dict[tuple[str, str, int | None], float]:
    """The figures that an allowance would have to raise for the lines to pass, and how far.

    By (figure, record type, school). Nothing where no allowance lets them pass.
    """
    found: dict[tuple[str, str, int | None], float] = {}
    for line in chosen:
        for rule, trip in line.trips.items():
            if (figure := _FIGURES.get(rule)) is None or line.school is None:
                return {}
            key = (figure, line.entity, line.school)
            found[key] = max(found.get(key, 0.0), _share(rule, trip))
    return found


def _share(rule: str, trip: Mapping[str, Any]) -> float:
    """The share of the records, in whole percents, that a limit would have to let through."""
    if not trip or rule.startswith("empt"):
        return 1.0
    share: float = (trip["count"] + trip.get("earlier", 0)) / (trip["of"] or 1)
    if rule == "shrink" and trip.get("high"):
        share = 1 - trip["left"] / trip["high"]
    return min(1.0, math.floor(100 * share + 1) / 100)
