"""The school year that contains a day, with its semesters, terms and grading periods."""

from dataclasses import dataclass
from datetime import date, timedelta

from .dice import Dice
from .wire import Record, reference


@dataclass(frozen=True, slots=True)
class Session:
    """One academicSession; the end date is the first day after it, as the standard has it."""

    key: str
    title: str
    type: str
    start: date
    end: date
    parent: str | None


@dataclass(frozen=True, slots=True)
class SchoolYear:
    """All sessions of one school year; `ends` is the calendar year in which it ends."""

    ends: int
    year: Session
    semesters: tuple[Session, ...]
    terms: tuple[Session, ...]
    grading_periods: tuple[Session, ...]

    def all(self) -> tuple[Session, ...]:
        """Every session, the year first."""
        return (self.year, *self.semesters, *self.terms, *self.grading_periods)

    def records(self) -> list[Record]:
        """The academicSession documents, without status and dateLastModified."""
        children: dict[str, list[str]] = {}
        for session in self.all():
            if session.parent is not None:
                children.setdefault(session.parent, []).append(session.key)
        documents: list[Record] = []
        for session in self.all():
            document: Record = {
                "sourcedId": session.key,
                "title": session.title,
                "startDate": session.start.isoformat(),
                "endDate": session.end.isoformat(),
                "type": session.type,
            }
            if session.parent is not None:
                document["parent"] = reference("academicSession", session.parent)
            if session.key in children:
                document["children"] = [
                    reference("academicSession", key) for key in children[session.key]
                ]
            document["schoolYear"] = str(self.ends)
            documents.append(document)
        return documents


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def school_year(today: date, dice: Dice) -> SchoolYear:
    """The school year, from the first of July to the next, that contains `today`."""
    ends = today.year + 1 if today.month >= 7 else today.year
    year = Session(
        dice.guid(),
        f"{ends - 1}-{ends} School Year",
        "schoolYear",
        date(ends - 1, 7, 1),
        date(ends, 7, 1),
        None,
    )
    bounds = [
        _monday(date(ends - 1, 8, 20)),
        _monday(date(ends - 1, 10, 24)),
        _monday(date(ends, 1, 12)),
        _monday(date(ends, 3, 24)),
        _monday(date(ends, 6, 12)),
    ]
    semesters = tuple(
        Session(
            dice.guid(),
            f"{('Fall', 'Spring')[half]} Semester",
            "semester",
            bounds[2 * half],
            bounds[2 * half + 2],
            year.key,
        )
        for half in range(2)
    )
    terms = tuple(
        Session(
            dice.guid(),
            f"Quarter {quarter + 1}",
            "term",
            bounds[quarter],
            bounds[quarter + 1],
            semesters[quarter // 2].key,
        )
        for quarter in range(4)
    )
    periods: list[Session] = []
    for term in terms:
        middle = _monday(term.start + (term.end - term.start) // 2)
        for half, (start, end) in enumerate(((term.start, middle), (middle, term.end))):
            title = f"{term.title} {('Progress', 'Final')[half]}"
            periods.append(Session(dice.guid(), title, "gradingPeriod", start, end, term.key))
    return SchoolYear(ends, year, semesters, terms, tuple(periods))
