"""Safety limits: what a change does, and whether so much of it may flow (SEMANTICS E1, E2, E5).

Pure, and the same for both directions. What one item does is told as *effects*, each with the
schools it counts in (0: the district). ``judge`` adds them up and says which limits trip; a
``Trip`` says which items it holds. What is allowed stands in ``figures``.

    change · removal · arrival · login · staff   what happens to the record
    clearing                                     one that did not count any more ends
    parting                                      a removal, but what is or was one with it is there
    untied                                       nothing ends but what ties it to this SIS (D4)
    loosened                                     the same of one that did not count any more
    blank:FIELD                                  a field goes from a value to nothing
    leaves:CLASS:ROLE · joins:CLASS:ROLE         a student or teacher leaves a class, or joins it
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from app.engine.figures import QUIETED, Limits
from app.roster.entities import ENTITIES
from app.roster.schema import EntityType
from app.roster.stored import list_value
from app.roster.values import Elements, Plain
from app.text import _, plural, sentence

Values = Sequence[Plain]

DISTRICT = 0
"""In place of a school: of records that have none."""

OPEN: Mapping[str, Mapping[str, str]] = {
    "users": {"enabled_user": "not false"},
    "enrollments": {"class": "said", "role": "said", "end_date": "ahead"},
}
"""What must hold for a live record to be counted, by entity and field: disabling and end-dating are
removals. ``said``: it has a value; ``ahead``: it has none, or a date after today."""

LOGIN = ("username", "email", "identifier", "user_master_identifier")
NO_STAFF = frozenset({"student", "guardian", "parent", "relative"})

_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(dict[str, list[int]]).decode


# -- what an item does ------------------------------------------------------------------------


def effects(
    entity: EntityType,
    before: Values | None,
    after: Values | None,
    schools_before: Collection[int],
    schools_after: Collection[int],
    today: str,
) -> dict[str, list[int]]:
    """What one item does: each effect with the schools it counts in (0: the district).

    ``before`` and ``after`` are the stored values of the record, ``None`` where it is not alive.
    """
    was, will = set(schools_before) or {DISTRICT}, set(schools_after) or {DISTRICT}
    found: dict[str, set[int]] = {}
    counted = before is not None and is_open(entity, before, today)
    counts = after is not None and is_open(entity, after, today)
    # Whoever gets a school has not left the district.
    if after is None:
        found["removal" if counted else "clearing"] = was
    elif counted:
        found["removal"] = (was - will - {DISTRICT}) if counts else was
    if counts:
        found["arrival"] = (will - was) if counted else will
    if entity.name == "enrollments":
        left, joined = _place(entity, before, counted), _place(entity, after, counts)
        if left != joined:
            found |= {f"leaves:{left}": was} if left else {}
            found |= {f"joins:{joined}": will} if joined else {}
    if before is not None and after is not None and before != after:
        # Where the record is new it is an arrival, no change of what was there.
        found |= dict.fromkeys(("change", *_changes(entity, before, after)), was)
    return {name: sorted(schools) for name, schools in found.items() if schools}


def effects_text(effects: Mapping[str, Sequence[int]]) -> str:
    """Effects as canonical JSON: equal effects are equal texts. Nothing is ``{}``."""
    return _encode(effects).decode()


def effects_of(text: str) -> dict[str, list[int]]:
    """The effects that a text tells."""
    return _decode(text)


def parting_text(text: str, schools: Collection[int] | None = None) -> str:
    """The effects of a text, its removals (of some ``schools``) being partings."""
    does = _decode(text)
    gone = does.pop("removal", [])
    parting = gone if schools is None else [school for school in gone if school in schools]
    told = {"parting": parting, "removal": [school for school in gone if school not in parting]}
    return effects_text(does | {name: where for name, where in told.items() if where})


def untied_text(text: str) -> str:
    """The effects of a text that tells of an end, where another SIS keeps the record (D4).

    Nothing ends here: nobody leaves a class or a school.
    """
    does = _decode(text)
    told = {"untied": does.get("removal"), "loosened": does.get("clearing")}
    return effects_text({name: where for name, where in told.items() if where})


def unties(effects: str) -> bool:
    """Whether a text tells of a record that another SIS keeps (``untied_text``)."""
    return effects.startswith(('{"untied":', '{"loosened":'))


def is_open(entity: EntityType, values: Values, today: str) -> bool:
    """Whether a live record of these values is counted (``OPEN``)."""
    for name, must in OPEN.get(entity.name, {}).items():
        value = values[entity.by_name[name].index]
        if must == "not false" and value is not None and not value:
            return False
        if must == "said" and value is None:
            return False
        if must == "ahead" and value is not None and value <= today:
            return False
    return True


@lru_cache(maxsize=8192)
def open_orgs(roles: str | None, today: str) -> tuple[int, ...]:
    """The organizations in which a person has a role that has not ended."""
    kind = ENTITIES["users"].by_name["roles"].kind
    assert isinstance(kind, Elements)
    org, end = kind.names.index("org"), kind.names.index("end_date")
    running = (part for part in list_value(roles) or () if part[end] is None or part[end] > today)
    return tuple(sorted({part[org] for part in running if part[org] is not None}))


@lru_cache(maxsize=8192)
def _role_words(roles: str | None) -> frozenset[str]:
    kind = ENTITIES["users"].by_name["roles"].kind
    assert isinstance(kind, Elements)
    place = kind.names.index("role")
    return frozenset(part[place] for part in list_value(roles) or () if part[place] is not None)


def _place(entity: EntityType, values: Values | None, counted: bool) -> str | None:
    """``CLASS:ROLE`` of an enrollment that counts, where classes are judged by the role."""
    if values is None or not counted:
        return None
    class_, role = (values[entity.by_name[name].index] for name in ("class", "role"))
    return f"{class_}:{role}" if role in ("student", "teacher") else None


def _changes(entity: EntityType, before: Values, after: Values) -> Iterator[str]:
    """The effects of one record's values on themselves."""
    for one, was, will in zip(entity.fields, before, after, strict=True):
        if was is None or was == will:
            continue
        if will is None:
            yield f"blank:{one.name}"
        if entity.name == "users" and one.name in LOGIN:
            yield "login"
    if entity.name == "users":
        place = entity.by_name["roles"].index
        had, has = _role_words(before[place]), _role_words(after[place])
    elif entity.name == "enrollments":
        place = entity.by_name["role"].index
        had, has = (frozenset({values[place]} - {None}) for values in (before, after))
    else:
        return
    if "student" in had and has - NO_STAFF and not had - NO_STAFF:
        yield "staff"


# -- judging ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Size:
    """How many live records of one entity a school has."""

    count: int
    """The newest stored count that is a day old, else the oldest."""
    high: int
    """The highest of the last seven days."""
    live: int
    """Now, before what is planned."""


@dataclass(frozen=True)
class Known:
    """What is known beside what is planned. A school of which nothing is stored has no size."""

    sizes: Mapping[int, Size] = field(default_factory=dict)
    day: Mapping[str, int] = field(default_factory=dict)
    """How many items of which effects were applied in the last 24 hours (``effects_text``)."""
    week: Mapping[str, int] = field(default_factory=dict)
    """The same of the last seven days."""
    holders: Mapping[tuple[str, int], int] = field(default_factory=dict)
    """How many live records of a school hold a value in a field now."""
    places: Mapping[str, int] = field(default_factory=dict)
    """How many a class has now: by ``CLASS:ROLE``."""
    empty: bool = False
    """The answer to a full read had no row, though there are live records."""


@dataclass(frozen=True)
class Trip:
    """A limit that holds something back: ``count`` of ``of`` records of one school.

    ``of`` is the school's count, of ``shrink`` too; of ``blanks`` it is the holders, and of what
    would be left empty, those that live.
    """

    rule: str
    school: int
    count: int
    """How many are planned now."""
    of: int
    names: tuple[str, ...] = ()
    """The effects that are held in this school."""
    what: str = ""
    """The field that is blanked, or the id of the class that is emptied."""
    earlier: int = 0
    """How many were carried out in the last 24 hours, and count with those."""
    limit: float | None = None
    """The share of ``of`` that is let through."""
    high: int = 0
    """Of ``shrink``: the highest count of the last seven days,"""
    left: int = 0
    """and how many would be left of it."""
    others: int = 0
    """How many other schools there are in which the rule holds nothing back,"""
    elsewhere: int = 0
    """and how many of the same kind are planned in them."""
    beside: int = 0
    """How many more of the school the SIS tells of no more, now or in the last 24 hours: of
    ``removals`` those that another SIS keeps, of ``untied`` those that none does."""
    sis: str = ""
    """Of ``untied``: what the SIS is called that would no longer know them,"""
    still: tuple[str, ...] = ()
    """and those that know them still."""

    def holds(self, effects: Mapping[str, Sequence[int]]) -> bool:
        """Whether an item of these effects waits."""
        return any(self.school in effects.get(name, ()) for name in self.names)

    @property
    def figure(self) -> str:
        """The figure that holds it, and that an allowance can raise."""
        of_effect = {"change": "changes", "login": "logins", "staff": "staff", "blank": "blanks"}
        return of_effect.get(self.names[0].partition(":")[0], "removals")

    @property
    def parameters(self) -> dict[str, Any]:
        """What a log keeps of it, for ``logged``: ids, codes and numbers."""
        return {name: value for name, value in asdict(self).items() if name != "names"}


LIVE_RULES = frozenset({"shrink", "emptied_school"})
"""Rules that look at how many are live now: what joined meanwhile may take their reason away."""


def judge(
    entity: EntityType,
    planned: Mapping[str, int],
    known: Known,
    limits: Limits,
    now: datetime,
) -> list[Trip]:
    """The limits that trip (SEMANTICS E1). ``planned``: how many items of which effects.

    Shares are of what is planned and what the last 24 hours brought together. Where nothing is
    stored yet no share trips but one of zero. Where every record may go (removals at 100 %, by a
    figure, an allowance or the school year), it is no surprise that nothing is left.
    """
    return _Judging(entity, planned, known, limits, now).trips()


def holding(trips: Sequence[Trip]) -> Callable[[Mapping[str, Sequence[int]]], list[str]]:
    """Says of an item's effects which rules hold it, for as many items as there are."""
    rules: dict[tuple[str, int], set[str]] = defaultdict(set)
    for trip in trips:
        for name in trip.names:
            rules[name, trip.school].add(trip.rule)

    def held_by(effects: Mapping[str, Sequence[int]]) -> list[str]:
        places = ((name, school) for name, schools in effects.items() for school in schools)
        return sorted({rule for place in places for rule in rules.get(place, ())})

    return held_by


class Tally(dict[str, Counter[int]]):
    """How many items have an effect in a school: by effect, then school."""

    def __init__(self, texts: Mapping[str, int]) -> None:
        for text, number in texts.items():
            for name, schools in _decode(text).items():
                numbers = self.setdefault(name, Counter())
                for school in schools:
                    numbers[school] += number

    def __missing__(self, name: str) -> Counter[int]:
        return Counter()

    @property
    def schools(self) -> set[int]:
        """Every school in which something counts."""
        return {school for numbers in self.values() for school in numbers}

    def after(self, prefix: str) -> dict[str, str]:
        """The names that begin with ``prefix``, by what follows it."""
        return {name.removeprefix(prefix): name for name in self if name.startswith(prefix)}


class _Judging:
    def __init__(
        self,
        entity: EntityType,
        planned: Mapping[str, int],
        known: Known,
        limits: Limits,
        now: datetime,
    ) -> None:
        self.entity, self.known, self.limits, self.now = entity.name, known, limits, now
        self.planned, self.day, self.week = Tally(planned), Tally(known.day), Tally(known.week)
        self.emptied = {
            place for place in self.planned.after("leaves:") if self._left_in(place) <= 0
        }
        self.removals, self.last_teachers = self._removals(planned)
        self.emptied_in: dict[int, list[str]] = defaultdict(list)
        for place in sorted(self.emptied):
            for school in self.planned[f"leaves:{place}"]:
                self.emptied_in[school].append(place)

    def trips(self) -> list[Trip]:
        """Every limit that trips, each with how it is in the other schools."""
        trips = [trip for school in sorted(self.planned.schools) for trip in self._school(school)]
        held: dict[tuple[str, str], set[int]] = defaultdict(set)
        for trip in trips:
            held[trip.rule, trip.what].add(trip.school)
        return [self._with_others(trip, held[trip.rule, trip.what]) for trip in trips]

    def _left_in(self, place: str) -> int:
        """How many will be left of a class's students or teachers."""
        joining = self.planned[f"joins:{place}"].total()
        return self.known.places.get(place, 0) + joining - self.planned[f"leaves:{place}"].total()

    def _removals(self, planned: Mapping[str, int]) -> tuple[Counter[int], dict[int, set[str]]]:
        """Removals by school; those among them that only take a class its last teacher."""
        found, only = Counter(self.planned["removal"]), defaultdict(set)
        last = {f"leaves:{place}" for place in self.emptied if place.endswith(":teacher")}
        for text, number in planned.items() if last else ():
            does = _decode(text)
            for name in last & does.keys():
                for school in set(does[name]) - set(does.get("removal", ())):
                    found[school] += number
                    only[school].add(name)
        return found, only

    def _school(self, school: int) -> Iterator[Trip]:
        size = self.known.sizes.get(school)
        count = size.count if size else None
        names = (*self._removing(school), "clearing")
        going = [*self._share("removals", school, self.removals, names, count)]
        yield from going
        yield from self._untying(school, count)
        if not going and size is not None and self.removals[school]:
            yield from self._shrinking(school, size)
        for rule, name in (("changes", "change"), ("logins", "login"), ("staff", "staff")):
            yield from self._share(rule, school, self.planned[name], (name,), count)
        for blanked, name in self.planned.after("blank:").items():
            holders = self.known.holders.get((blanked, school))
            # Those that were blanked in the last 24 hours held a value before.
            held = None if holders is None else holders + self.day[name][school]
            yield from self._share("blanks", school, self.planned[name], (name,), held, blanked)
        if self._figure("removals", school) < 1:
            yield from self._emptying(school, size)

    def _untying(self, school: int, count: int | None) -> Iterator[Trip]:
        """Many that one SIS loses while another keeps them are a warning, though nothing ends."""
        going = [*self._share("untied", school, self.planned["untied"], ("untied",), count)]
        yield from going
        untied = self.planned["untied"][school]
        if untied and not going and self.known.empty and self._figure("removals", school) < 1:
            yield Trip("untied", school, untied, max(count or 0, untied), ("untied",))

    def _vanishing(self, tally: Tally, but: str) -> Counter[int]:
        """What else the SIS no longer tells of: it counts together, whoever else may know it."""
        return tally["untied" if but == "removals" else "removal"]

    def _share(
        self,
        rule: str,
        school: int,
        planned: Counter[int],
        names: tuple[str, ...],
        of: int | None,
        what: str = "",
    ) -> Iterator[Trip]:
        """More than a share of the records, of today's and yesterday's items together."""
        figure = "removals" if rule == "untied" else rule
        share = self._figure(figure, school)
        vanishing, gone = 0, 0
        if figure == "removals":
            vanishing = self._vanishing(self.planned, rule)[school]
            gone = self._vanishing(self.day, rule)[school]
        # Whoever counted no more is no part of a share, but goes or stays with the others.
        beside = self.planned["clearing"][school] if rule == "removals" else 0
        # All of them may: the same ones twice a day is no more than that.
        if not (planned[school] or (beside and share == 0)) or share >= 1:
            return
        earlier = self.day[names[0]][school]
        number = planned[school] + earlier + vanishing + gone
        enough = of is not None and number >= self._figure("least", school)
        if share == 0 or (enough and number > _part(share, of or 0)):
            quiet = self.limits.quiet(self.now) if share == 0 and figure in QUIETED else ""
            count = planned[school] + beside
            whole = of + beside if of else count
            trip = Trip(quiet or rule, school, count, whole, names, what, earlier, share)
            yield replace(trip, beside=vanishing + gone)

    def _shrinking(self, school: int, size: Size) -> Iterator[Trip]:
        """Drop by drop: each day's removals may be few, those of a week are not."""
        floor = min(self._figure("shrink", school), 1 - self._figure("removals", school))
        going = self.removals[school] + self.week["removal"][school]
        # Whoever is kept here though the SIS has ended them is in no count, and may go, too.
        afterwards = max(0, size.live + self._arriving(school) - self.removals[school])
        # Enrollments also run out by their own date. Only where removals alone would have made it
        # so small is there anything to hold.
        small = afterwards < _part(floor, size.high) > size.high - going
        if small and going >= self._figure("least", school):
            trip = Trip("shrink", school, self.removals[school], size.count, self._removing(school))
            yield replace(trip, limit=floor, high=size.high, left=afterwards)

    def _emptying(self, school: int, size: Size | None) -> Iterator[Trip]:
        """Nothing left, whatever the numbers: of an answer, a school, a class."""
        going, beside = self.removals[school], self.planned["clearing"][school]
        if going + beside and self.known.empty:
            names = (*self._removing(school), "clearing")
            of = size.live + beside if size else going + beside
            yield Trip("empty_answer", school, going + beside, of, names)
        if going and size is not None and school != DISTRICT:
            afterwards = size.live + self._arriving(school) - going
            if afterwards <= 0 and size.live >= self._figure("emptied_school", school):
                yield Trip("emptied_school", school, going, size.live, self._removing(school))
        for place in self.emptied_in.get(school, ()):
            name, (class_, role) = f"leaves:{place}", place.split(":")
            earlier = self.day[name].total()
            had = self.known.places.get(place, 0) + earlier
            if role == "student" and had >= self._figure("emptied_class", school):
                leaving = self.planned[name].total()
                yield Trip("emptied_class", school, leaving, had, (name,), class_, earlier)

    def _arriving(self, school: int) -> int:
        """How many more a school gets; who is taken apart was there before."""
        return self.planned["arrival"][school] - self.planned["parting"][school]

    def _removing(self, school: int) -> tuple[str, ...]:
        """The effects that are removals in a school."""
        return ("removal", *sorted(self.last_teachers.get(school, ())))

    def _figure(self, name: str, school: int) -> float:
        return self.limits.figure(name, self.entity, school, self.now)

    def _with_others(self, trip: Trip, held: set[int]) -> Trip:
        if trip.rule == "emptied_class":
            return trip
        planned = self.removals if trip.names[0] == "removal" else self.planned[trip.names[0]]
        peopled = {school for school, size in self.known.sizes.items() if size.count or size.live}
        return replace(
            trip,
            others=len(peopled - held - {DISTRICT}),
            elsewhere=sum(number for school, number in planned.items() if school not in held),
        )


def _part(share: float, of: int) -> float:
    """A share of a number, without what binary fractions add to it."""
    return round(share * of, 6)


# -- telling ----------------------------------------------------------------------------------


def _told(trip: Trip, entity: EntityType, school: str) -> str:
    """The sentence that tells a trip; ``school`` is its name."""
    parameters: dict[str, str | int] = {
        "name": trip.sis,
        "still": ", ".join(f"“{one}”" for one in trip.still),
        "school": school if trip.school != DISTRICT else _("the district"),
        "count": trip.count,
        "of": trip.of,
        "high": trip.high,
        "left": trip.left,
        "earlier": trip.earlier,
        "what": _(entity.many).lower(),
        "field": _(entity.by_name[trip.what].label) if trip.rule == "blanks" else "",
        "beside": _beside(trip),
        "limit": _limit(trip),
    }
    code = f"limit_{trip.rule}"
    if trip.rule == "emptied_school" and entity.name == "orgs":
        code = "limit_school_gone"
    elif trip.rule == "removals" and trip.count > trip.of:
        code = "limit_removals_beyond"
    elif trip.rule == "emptied_class" and trip.earlier:
        code = "limit_emptied_class_rest"
    told = sentence(code, parameters)
    # “the district” may begin it; a school is written as it writes itself.
    return told if trip.school != DISTRICT else told[:1].upper() + told[1:]


def _beside(trip: Trip) -> str:
    """How it is in the other schools; blank where that says nothing."""
    if not trip.others or (trip.others == 1 and not trip.elsewhere):
        return ""
    if not trip.elsewhere:
        return plural(
            " (the other school would lose none)",
            " (the {n} other schools would lose none)",
            trip.others,
        )
    found = plural(
        " (the other school would lose {{count}})",
        " (the {n} other schools would lose {{count}})",
        trip.others,
    )
    return found.format(count=f"{trip.elsewhere:,}")


def _limit(trip: Trip) -> str:
    """What is let through, and with what came before how much it would be."""
    if not trip.limit and not trip.earlier:
        return ""
    limit = percent(trip.limit or 0)
    if trip.beside:
        more = trip.beside + trip.earlier
        told = _(
            "; with {more} others that this SIS tells of no more it is {share} of all, and the "
            "limit is {limit}"
        )
        share = percent(min(1.0, (trip.count + more) / trip.of)) if trip.of else "100%"
        return told.format(more=f"{more:,}", share=share, limit=limit)
    if not trip.earlier:
        return _("; the limit is {limit}").format(limit=limit)
    told = _(
        "; with {earlier} carried out in the last 24 hours it is {share} of all, and the limit is "
        "{limit}"
    )
    share = percent((trip.count + trip.earlier) / trip.of) if trip.of else "100%"
    return told.format(earlier=f"{trip.earlier:,}", share=share, limit=limit)


def percent(share: float) -> str:
    """A share as people write it."""
    return f"{round(100 * share, 1):g}%"


TOLD_ONE_BY_ONE = 3
"""Of more trips the worst are told, and how many others there are, and where."""

SCHOOLS_NAMED = 10


def tell(trips: Sequence[Trip], entity: EntityType, names: Mapping[int, str]) -> str:
    """What waits, in people's terms, and what happens if nothing is done (SEMANTICS E2)."""
    return f"{would(trips, entity, names)} {sentence('limit_stays')}"


def would(trips: Sequence[Trip], entity: EntityType, names: Mapping[int, str]) -> str:
    """What would happen, in people's terms; ``names`` has the names of schools by id."""
    going = {trip.school for trip in trips if trip.rule == "removals"}
    # That all go is said by how many of how many.
    told = [one for one in trips if one.rule != "emptied_school" or one.school not in going]
    worst = sorted(told, key=lambda trip: -trip.count)
    parts = [
        _told(trip, entity, names.get(trip.school, f"#{trip.school}"))
        for trip in worst[:TOLD_ONE_BY_ONE]
    ]
    if more := worst[TOLD_ONE_BY_ONE:]:
        schools = sorted({names.get(trip.school, f"#{trip.school}") for trip in more})
        rest = ["…"] if len(schools) > SCHOOLS_NAMED else []
        parts.append(
            plural(
                "{n} more such limit is reached ({{schools}}).",
                "{n} more such limits are reached ({{schools}}).",
                len(more),
            ).format(schools=", ".join([*schools[:SCHOOLS_NAMED], *rest]))
        )
    return " ".join(parts)


def logged(parameters: Mapping[str, Any], entity: EntityType, school: str) -> str:
    """What a log kept of a trip, in people's terms; ``school`` is what its school is called."""
    known = {one.name for one in fields(Trip)}
    return _told(Trip(**{n: v for n, v in parameters.items() if n in known}), entity, school)
