"""What the roll of a class says of each person: here, at the SIS right now, at the last sync."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from app.engine import naming, roll
from app.engine.lookup import DIFFERENT, Found
from app.engine.roll import Roll, Rolls
from app.engine.verdict import STUDENT, TEACHER, OnRoll
from app.roster.entities import ENTITIES
from app.roster.schema import FieldType
from app.roster.values import Plain
from app.store.rolls import ClassFacts, Seat, stays
from app.text import _, day
from app.ui.wording import origin_text

_ORDER = {TEACHER: 0, STUDENT: 1}


@dataclass(frozen=True)
class Line:
    """A person, and how it stands with them in the class."""

    person: str
    role: str
    ours: str
    now: str
    last: str
    differs: bool = False
    user: int | None = None
    ended: bool = False


def on_roll(found: Rolls, facts: ClassFacts, today: str) -> list[OnRoll]:
    """What each SIS that was read said of the roll, for the verdict."""
    taken_out = {seat.enrollment for seat in facts.seats if seat.taken_out}
    waits = {seat.enrollment for seat in facts.seats if seat.waits}
    told = []
    for one in found.rolls:
        if one.found is not Found.THERE:
            continue
        there_alone = here_alone = kept_out = otherwise = 0
        for seat in one.seats:
            here, there = stays(seat.ours, today), stays(seat.now, today)
            if seat.enrollment in waits or not _differs(seat, one, today):
                continue
            if seat.role != STUDENT or here == there:
                otherwise += not seat.unreadable
            elif here:
                here_alone += 1
            elif seat.enrollment in taken_out:
                kept_out += 1
            else:
                there_alone += 1
        students = sum(stays(seat.now, today) and seat.role == STUDENT for seat in one.seats)
        unread = sum(seat.unreadable for seat in one.seats)
        told.append(
            OnRoll(one.connector, students, there_alone, here_alone, one.complete, kept_out,
                   unread, otherwise)
        )  # fmt: skip
    return told


def _differs(seat: roll.Seat, one: Roll, today: str) -> bool:
    """Whether somebody is in the class otherwise here than there; who is in neither is not."""
    if not stays(seat.ours, today) and not stays(seat.now, today):
        return seat.unreadable and seat.ours is None
    if seat.now is None and not one.complete:
        return False  # it may be on what was not told
    return seat.differs


def lines(facts: ClassFacts, found: Rolls | None, today: str) -> list[Line]:
    """Those who differ first, then who teaches, then by name; who has ended comes last.

    ``found``: what each SIS says right now, where it was asked.
    """
    return sorted(_Told(facts, found, today).lines(), key=_place)


def _place(one: Line) -> tuple[bool, bool, int, str]:
    return one.ended, not one.differs, _ORDER.get(one.role, 2), one.person.casefold()


@dataclass(frozen=True)
class _Told:
    facts: ClassFacts
    found: Rolls | None
    today: str

    def lines(self) -> Iterator[Line]:
        """A line a seat, with what each SIS that was asked says, and one a seat none of them knows.

        What a SIS tells twice of a person is two lines.
        """
        left = {seat.enrollment: seat for seat in self.facts.seats}
        known, told = dict(left), self._told()
        for some in told:
            seat = some[0][0]
            ours = known.get(seat.enrollment or 0)
            left.pop(seat.enrollment or 0, None)
            now = "\n".join(self._now(each, one) for each, one in some)
            differs = any(_differs(each, one, self.today) for each, one in some)
            gone = all(each.now is None for each, _one in some)
            yield self._line(ours, seat, now, differs, gone=gone)
        for ours in left.values():
            differs = self._differed(ours)
            yield self._line(ours, None, "", differs, gone=not differs)

    def _told(self) -> list[list[tuple[roll.Seat, Roll]]]:
        """What the SIS say, seat by seat."""
        found: dict[object, list[tuple[roll.Seat, Roll]]] = {}
        for one in self.found.rolls if self.found else ():
            times: Counter[object] = Counter()
            for seat in one.seats:
                whose = seat.enrollment or (seat.user, seat.role)
                times[whose] += 1
                found.setdefault((whose, times[whose]), []).append((seat, one))
        return list(found.values())

    def _differed(self, ours: Seat) -> bool:
        """Whether it was not at a SIS as it is here when that was last read."""
        now = [one.connector for one in self.found.rolls if one.complete] if self.found else []
        told = [said for name, said in ours.there.items() if name not in now]
        return (True in told and ours.taken_out) or (False in told and ours.counts(self.today))

    def _line(
        self, ours: Seat | None, seat: roll.Seat | None, now: str, differs: bool, *, gone: bool
    ) -> Line:
        """``gone``: no SIS has it right now, as far as that was asked."""
        user = ours.values["user"] if ours is not None else seat.user if seat else None
        role = (seat.role if seat else None) or (ours.role if ours else None) or ""
        ended = ours is not None and not ours.alive and gone
        waits = ours is not None and bool(ours.waits)
        known = ours is None or bool(ours.name)
        return Line(
            self._person(ours, user),
            role,
            self._ours(ours),
            now,
            self._last(ours),
            waits or differs,
            user if known and isinstance(user, int) else None,
            ended,
        )

    def _person(self, ours: Seat | None, user: Plain) -> str:
        if ours is not None and ours.name:
            left = _("{name} (not in the roster any more)")
            return ours.name if ours.person else left.format(name=ours.name)
        if isinstance(user, str):
            return user  # a key that nobody here has heard of
        return (self.found.titles.get(user) if self.found else "") or _("(not in the roster)")

    def _ours(self, seat: Seat | None) -> str:
        if seat is None:
            return _("not here")
        if not seat.alive:
            if seat.ended is None:
                return _("ended")
            return _("ended: {how}").format(how=origin_text(seat.ended, datetime.now(UTC)))
        begin, end = seat.values["begin_date"], seat.values["end_date"]
        if end is not None and end <= self.today:
            return _("left on {day}").format(day=day(date.fromisoformat(end)))
        if begin is not None and begin > self.today:
            return _("starts {day}").format(day=day(date.fromisoformat(begin)))
        return _("enrolled")

    def _now(self, seat: roll.Seat, one: Roll) -> str:
        """What a SIS says of a seat right now, told apart where several were asked."""
        said = "\n".join(self._says(seat, one))
        if self.found is not None and len(self.found.rolls) > 1:
            return _("{name}: {said}").format(name=one.connector, said=said)
        return said

    def _says(self, seat: roll.Seat, one: Roll) -> list[str]:
        if seat.unreadable:
            return [_("could not be read")]
        if seat.now is None:
            return [_("not enrolled") if one.complete else _("not told")]
        others = [
            _("{field}: {value}").format(
                field=_(field.label), value=self._text(field, seat.now.get(field.name))
            )
            for field in ENTITIES["enrollments"].fields
            if seat.standing.get(field.name) in DIFFERENT
        ]
        return others or [_("enrolled")]

    def _text(self, field: FieldType, value: Plain) -> str:
        return naming.text(field, value, self.found.titles if self.found else {}) or _("blank")

    def _last(self, seat: Seat | None) -> str:
        """What each SIS said of a seat when its enrollments were last read."""
        told = []
        for link in self.facts.links:
            there = seat.there.get(link.connector) if seat is not None else None
            said = {True: _("enrolled"), False: _("not enrolled"), None: _("not told")}[there]
            waits = seat.waits.get(link.connector) if seat is not None else None
            if waits is not None:
                ends = _("not enrolled: removal waits for you")
                said = ends if waits == "end" else _("changed: waits for you")
            told.append(said if len(self.facts.links) == 1 else f"{link.connector}: {said}")
        return "\n".join(told) or _("made here")
