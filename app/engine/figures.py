"""What one connector is allowed: the figures of its limits, and what people lay down beside them.

Pure. ``Limits`` is kept as JSON with the connector; every change gives a new one (SEMANTICS E1, E3,
E5). What the figures are compared with is ``limits``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from app.errors import UsageError
from app.roster.entities import ENTITIES
from app.roster.schema import EntityType

FIGURES: Mapping[str, float] = {
    "removals": 0.10,
    "shrink": 0.90,
    "changes": 0.75,
    "blanks": 0.10,
    "logins": 0.02,
    "staff": 0.0,
    "emptied_class": 5,
    "emptied_school": 1,
    "least": 5,
}
"""What holds where nobody said otherwise. The first six are shares: of the count, ``shrink`` of the
seven-day high, ``blanks`` of the holders; a share of zero means any record. The others are numbers
of records: how many a class or a school must have had to be told of as emptied, and how many it
takes for a share to trip."""

_NO_SCHOOL = -1
"""In place of a school: any of which nothing is said."""

MOST = 1_000_000_000
"""The largest number of records that can be set."""

SHARES = ("removals", "shrink", "changes", "blanks", "logins", "staff")
ALLOWABLE = ("removals", "changes", "blanks", "logins", "staff")
"""What an allowance can raise."""

QUIETED = ("removals", "changes")
"""Additions only is these at zero."""

ALLOWANCE = timedelta(hours=2)
"""How long an allowance lasts where nobody says otherwise."""

LONGEST_SCHOOL_YEAR = timedelta(days=120)
"""How long one school year may take to make way for the next."""

ALLOWANCES_KEPT = timedelta(days=7)
"""How long an allowance that has ended is still told of."""


class _Struct(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True,
              forbid_unknown_fields=True):  # fmt: skip
    """A file of settings may hold it: a slip there is told, not passed over."""


class Figure(_Struct, frozen=True, kw_only=True):
    """A figure for an entity (blank: any) in a school (``None``: any)."""

    name: str
    value: float
    entity: str = ""
    school: int | None = None

    def fits(self, name: str, entity: str, school: int) -> bool:
        """Whether it speaks of this."""
        return self.name == name and self.entity in ("", entity) and self.school in (None, school)

    @property
    def about(self) -> tuple[str, str, int | None]:
        """What it speaks of."""
        return self.name, self.entity, self.school

    @property
    def weight(self) -> int:
        """How specific it is: a school tells more than an entity."""
        return 2 * (self.school is not None) + bool(self.entity)


class Span(_Struct, frozen=True, kw_only=True):
    """From one instant until before another; instants have a zone."""

    begins: datetime
    ends: datetime

    def __contains__(self, now: datetime) -> bool:
        return self.begins <= now < self.ends

    @property
    def last(self) -> datetime:
        """An instant of its last day."""
        return self.ends - timedelta(microseconds=1)


class Blackout(Span, frozen=True, kw_only=True):
    """A time of additions only."""

    why: str = ""


class Allowance(Span, frozen=True, kw_only=True):
    """A figure raised for a while, and who did so."""

    figure: Figure
    by: str


class SchoolYear(Span, frozen=True, kw_only=True):
    """The time in which one school year makes way for the next.

    ``turnover`` has the share of records that is expected to go, as figures called ``removals``.
    """

    turnover: tuple[Figure, ...] = ()
    additions_only_until: datetime | None = None


class Limits(_Struct, frozen=True, kw_only=True):
    """What one connector is allowed. Every change gives a new one; ``UsageError`` if unfit."""

    figures: tuple[Figure, ...] = ()
    additions_only: bool = False
    blackouts: tuple[Blackout, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    school_year: SchoolYear | None = None

    @classmethod
    def of(cls, text: str | None) -> "Limits":
        """From JSON, or those of a connector of which nothing was said."""
        return msgspec.json.decode(text, type=cls) if text else cls()

    def __str__(self) -> str:
        return msgspec.json.encode(self).decode()

    def quiet(self, now: datetime) -> str:
        """Why only additions flow: ``additions_only``, ``blackout``, or blank where all does."""
        year = self.school_year
        if self.additions_only or (
            year is not None
            and year.additions_only_until is not None
            and year.begins <= now < year.additions_only_until
        ):
            return "additions_only"
        return "blackout" if any(now in one for one in self.blackouts) else ""

    def figure(self, name: str, entity: str, school: int, now: datetime) -> float:
        """The figure that holds now (SEMANTICS E1, E3, E5)."""
        if name in QUIETED and self.quiet(now):
            value = 0.0
        else:
            value = _most_specific(self.figures, name, entity, school, FIGURES[name])
            if self.school_year is not None and now in self.school_year:
                value = max(value, self.turnover(name, entity, school))
        allowed = self.allowance(name, entity, school, now)
        return max(value, allowed.figure.value) if allowed else value

    def allowance(self, name: str, entity: str, school: int, now: datetime) -> Allowance | None:
        """The allowance that lets the most through now."""
        fitting = [
            one for one in self.allowances if now in one and one.figure.fits(name, entity, school)
        ]
        return max(fitting, key=lambda one: one.figure.value, default=None)

    def turnover(self, name: str, entity: str, school: int) -> float:
        """The share that the school year's change is expected to move."""
        year = self.school_year
        return 0.0 if year is None else _most_specific(year.turnover, name, entity, school, 0.0)

    def _least(self, asked: Figure, now: datetime) -> float:
        """The least that holds, without any allowance, where ``asked`` would."""
        bare = self.unallowed
        turnover = self.school_year.turnover if self.school_year else ()
        told = [one for one in (*self.figures, *turnover) if one.name == asked.name]
        entities = {asked.entity} if asked.entity else {"", *(one.entity for one in told)}
        schools = {_NO_SCHOOL if one.school is None else one.school for one in (asked, *told)}
        if asked.school is not None:
            schools = {asked.school}
        return min(
            bare.figure(asked.name, entity, school, now)
            for entity in entities
            for school in schools
        )

    @property
    def schools(self) -> set[int]:
        """The schools that something is said of."""
        turnover = self.school_year.turnover if self.school_year else ()
        figures = (*self.figures, *turnover, *(one.figure for one in self.allowances))
        return {one.school for one in figures if one.school is not None}

    # -- changes --

    def with_figure(
        self, name: str, value: float | None, entity: str = "", school: int | None = None
    ) -> "Limits":
        """With a figure set; ``None`` forgets it, so that what is less specific holds again."""
        return self._with(figures=_put(self.figures, name, value, entity, school))

    def with_additions_only(self, on: bool) -> "Limits":
        """With additions only, or no longer."""
        return self._with(additions_only=on)

    def with_blackout(self, begins: datetime, ends: datetime, why: str = "") -> "Limits":
        """With one more time of additions only."""
        _check_span("blackout", begins, ends)
        return self._with(blackouts=(*self.blackouts, Blackout(begins=begins, ends=ends, why=why)))

    def without_blackouts(self, begins: datetime | None = None) -> "Limits":
        """Without the blackout that begins then; without any where no instant is given."""
        left = (one for one in self.blackouts if begins is not None and one.begins != begins)
        return self._with(blackouts=tuple(left))

    def with_allowance(
        self,
        name: str,
        value: float,
        by: str,
        now: datetime,
        entity: str = "",
        school: int | None = None,
        lasts: timedelta = ALLOWANCE,
    ) -> "Limits":
        """With a figure raised for a while; allowances that ended long ago are forgotten.

        One that the same person has given already lasts longer for it.
        """
        if name not in ALLOWABLE:
            raise UsageError("limit_unknown", name=name, known=", ".join(ALLOWABLE))
        if value == 0:
            raise UsageError("limit_allowed_nothing", name=name)
        (figure,) = _put((), name, value, entity, school)
        _check_span("allowance", now, now + lasts)
        holds = self._least(figure, now)
        if value < holds:
            raise UsageError("limit_allowed_anyway", name=name, share=f"{100 * holds:g}%")
        new = Allowance(begins=now, ends=now + lasts, figure=figure, by=by)
        kept = []
        for one in self.allowances:
            if now in one and (one.figure, one.by) == (figure, by):
                ends = max(one.ends, new.ends)
                new = msgspec.structs.replace(one, ends=ends)
            elif one.ends > now - ALLOWANCES_KEPT:
                kept.append(one)
        return self._with(allowances=(*kept, new))

    def without_allowance(
        self, name: str, now: datetime, entity: str = "", school: int | None = None
    ) -> "Limits":
        """With the allowances of a figure ended, whoever gave them.

        With an entity or a school, only those that were given for just that.
        """
        ending = [
            one
            for one in self.allowances
            if now in one
            and one.figure.name == name
            and entity in ("", one.figure.entity)
            and school in (None, one.figure.school)
        ]
        if not ending:
            raise UsageError("limit_not_allowed", name=name)
        return self._with(
            allowances=tuple(
                msgspec.structs.replace(one, ends=now) if one in ending else one
                for one in self.allowances
            )
        )

    @property
    def unallowed(self) -> "Limits":
        """What would hold without any allowance."""
        return self._with(allowances=())

    def with_school_year(self, begins: datetime, ends: datetime) -> "Limits":
        """With a school-year window; what was expected of the one before is kept."""
        _check_span("school-year", begins, ends)
        days = (ends - begins + timedelta(hours=1)).days  # clocks are put forward and back
        if days > LONGEST_SCHOOL_YEAR.days:
            raise UsageError("limit_window_too_long", days=days, most=LONGEST_SCHOOL_YEAR.days)
        year = self.school_year or SchoolYear(begins=begins, ends=ends)
        return self._with(
            school_year=msgspec.structs.replace(
                year, begins=begins, ends=ends, additions_only_until=None
            )
        )

    def without_school_year(self) -> "Limits":
        """Without a school-year window."""
        return self._with(school_year=None)

    def with_turnover(
        self, value: float | None, entity: str = "", school: int | None = None
    ) -> "Limits":
        """With the share expected to go in the school-year window; ``None`` forgets it."""
        if self.school_year is None and value is None:
            return self
        year = self._year()
        turnover = _put(year.turnover, "removals", value, entity, school)
        return self._with(school_year=msgspec.structs.replace(year, turnover=turnover))

    def with_additions_only_until(self, until: datetime | None) -> "Limits":
        """With additions only from the beginning of the school-year window until then."""
        if self.school_year is None and until is None:
            return self
        year = self._year()
        if until is not None and not year.begins < until <= year.ends:
            first, last = (f"{at.astimezone():%Y-%m-%d}" for at in (year.begins, year.last))
            raise UsageError("limit_until_outside", first=first, last=last)
        return self._with(school_year=msgspec.structs.replace(year, additions_only_until=until))

    def _year(self) -> SchoolYear:
        if self.school_year is None:
            raise UsageError("limit_without_school_year")
        return self.school_year

    def _with(self, **changed: object) -> "Limits":
        return msgspec.structs.replace(self, **changed)


def _most_specific(
    figures: Sequence[Figure], name: str, entity: str, school: int, otherwise: float
) -> float:
    fitting = [one for one in figures if one.fits(name, entity, school)]
    return max(fitting, key=lambda one: one.weight).value if fitting else otherwise


def _put(
    figures: Sequence[Figure], name: str, value: float | None, entity: str, school: int | None
) -> tuple[Figure, ...]:
    if name not in FIGURES:
        raise UsageError("limit_unknown", name=name, known=", ".join(FIGURES))
    if entity and entity not in ENTITIES:
        raise UsageError("entity_unknown", entity=entity, known=", ".join(ENTITIES))
    about = (name, entity, school)
    left = [one for one in figures if one.about != about]
    if value is None:
        return tuple(left)
    if not (0 <= value <= 1 if name in SHARES else 0 <= value <= MOST and value == int(value)):
        raise UsageError("limit_share_unfit" if name in SHARES else "limit_count_unfit", name=name)
    return (*left, Figure(name=name, value=value, entity=entity, school=school))


def _check_span(name: str, begins: datetime, ends: datetime) -> None:
    if ends <= begins:
        raise UsageError("limit_dates_unfit", name=name)


# -- how the school year's change goes ----------------------------------------------------------


@dataclass(frozen=True)
class Turned:
    """How the school year's change goes in one school."""

    school: int
    expected: int
    """How many records are expected to go, and as many to come,"""
    gone: int
    """how many have gone since the window began,"""
    arrived: int
    """and how many have come."""


def turned(
    limits: Limits,
    entity: EntityType,
    live: Mapping[int, int],
    arrived: Mapping[int, int],
    gone: Mapping[int, int],
) -> list[Turned]:
    """Expected against arrived, by school, where anything is expected.

    ``live``: the records now; the others: how many came and went since the window began.
    """
    found = []
    for school in sorted(live.keys() | gone.keys()):
        came, went = arrived.get(school, 0), gone.get(school, 0)
        began_with = live.get(school, 0) - came + went
        expected = round(limits.turnover("removals", entity.name, school) * began_with)
        if expected > 0:
            found.append(Turned(school, expected, went, came))
    return found
