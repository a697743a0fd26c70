"""Words for time, numbers and record types, as a person of this computer's language says them."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

from PySide6.QtCore import QDate, QDateTime, QLocale, QTime

from app.engine.told import entity_word
from app.store.history import Origin
from app.text import _, plural

FIRST = ("users", "classes", "enrollments", "orgs", "courses")
"""The record types that people ask for first; the others come after them as they are."""


def number(value: int) -> str:
    """``12,345``."""
    return f"{value:,}"


def entity_name(entity: str) -> str:
    """What records of the entity are called on screen."""
    return entity_word(entity)


def people_first(entities: Iterable[str]) -> list[str]:
    """The entities in the order in which the window speaks of them."""
    return sorted(entities, key=lambda one: FIRST.index(one) if one in FIRST else len(FIRST))


def instant(text: str) -> datetime:
    """A stored instant."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def ago(then: datetime, now: datetime) -> str:
    """``2 minutes ago``; from three hours on the day and the time."""
    minutes = int((now - then).total_seconds() // 60)
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return plural("{n} minute ago", "{n} minutes ago", minutes)
    if minutes < 180:
        return plural("{n} hour ago", "{n} hours ago", minutes // 60)
    return day_and_time(then, now)


def day_and_time(then: datetime, now: datetime) -> str:
    """``today 18:02``, ``yesterday 18:02``, ``tomorrow 06:30``, ``Monday 18:02``, or the date."""
    local, today = then.astimezone(), now.astimezone().date()
    time = _short_time(then)
    days = (today - local.date()).days
    if days == 0:
        return _("today {time}").format(time=time)
    if days == 1:
        return _("yesterday {time}").format(time=time)
    if days == -1:
        return _("tomorrow {time}").format(time=time)
    if 1 < abs(days) < 7:
        name = QLocale().standaloneDayName(local.isoweekday())
        return _("{day} {time}").format(day=name, time=time)
    date = QLocale().toString(_qt(then).date(), QLocale.FormatType.ShortFormat)
    return _("{day} {time}").format(day=date, time=time)


def origin_text(origin: Origin | None, now: datetime) -> str:
    """Whose word it was, and when: ``PowerSchool, sync #812, Monday 18:02``; blank of nobody's."""
    if origin is None:
        return ""
    told = {
        "sync": _("{connector}, sync #{id}, {when}"),
        "approval": _("{connector}, approved by {author}, {when}"),
        "refusal": _("{connector}, refused by {author}, {when}"),
        "undo": _("{author}, undo of #{of}, {when}"),
        "decision": _("{author}, decided, {when}"),
        "archive": _("{author}, archived, {when}"),
    }
    return told.get(origin.kind, _("{author}, {when}")).format(
        connector=origin.connector,
        author=origin.author,
        id=origin.change_set,
        of=origin.of,
        when=day_and_time(instant(origin.at), now),
    )


def saved(count: int, path: Path) -> str:
    """So many lines are in a file now, and where that is."""
    told = plural("{n} line was saved: {{path}}", "{n} lines were saved: {{path}}", count)
    return told.format(path=path)


def today() -> str:
    """The day it is where the person is, as dates are kept."""
    return datetime.now(UTC).astimezone().date().isoformat()


def day(then: datetime) -> str:
    """``21 Nov 2026``."""
    return QLocale().toString(_qt(then).date(), "d MMM yyyy")


def day_of_year(when: date) -> str:
    """``3 Dec``."""
    return QLocale().toString(QDate(when.year, when.month, when.day), "d MMM")


def week_day(when: date) -> str:
    """``Mon 23 Nov``."""
    return QLocale().toString(QDate(when.year, when.month, when.day), "ddd d MMM")


def short_day(when: date) -> str:
    """``Mon 23``."""
    return QLocale().toString(QDate(when.year, when.month, when.day), "ddd d")


def date_of(then: datetime, now: datetime) -> str:
    """``21 Nov``; of another year, with it."""
    if then.astimezone().year != now.astimezone().year:
        return day(then)
    return QLocale().toString(_qt(then).date(), "d MMM")


def absolute(then: datetime) -> str:
    """The whole date and time, for tooltips."""
    date = QLocale().toString(_qt(then).date(), QLocale.FormatType.LongFormat)
    return _("{day} {time}").format(day=date, time=_short_time(then))


def times_of_day(schedule: str) -> str:
    """``06:30, 12:00`` of “06:30 12:00”, or ``6:30 AM, 12:00 PM`` where people say so."""
    times = (QTime.fromString(one, "HH:mm") for one in schedule.split())
    return ", ".join(QLocale().toString(one, QLocale.FormatType.ShortFormat) for one in times)


def duration(seconds: float) -> str:
    """``0.4 s``, ``14 s``, ``3 min 05 s``, ``2 h 10 min``."""
    if seconds < 10:
        return _("{seconds} s").format(seconds=f"{seconds:.1f}")
    whole = round(seconds)
    if whole < 60:
        return _("{seconds} s").format(seconds=whole)
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return _("{minutes} min {seconds} s").format(minutes=minutes, seconds=f"{rest:02}")
    hours, minutes = divmod(minutes, 60)
    return _("{hours} h {minutes} min").format(hours=hours, minutes=f"{minutes:02}")


def left(seconds: float) -> str:
    """``about 2 minutes left``."""
    if seconds < 10:
        return _("a few seconds left")
    if seconds < 55:
        tens = 10 * round(seconds / 10)
        return plural("about {n} second left", "about {n} seconds left", tens)
    return plural("about {n} minute left", "about {n} minutes left", max(1, round(seconds / 60)))


def _short_time(then: datetime) -> str:
    return QLocale().toString(_qt(then).time(), QLocale.FormatType.ShortFormat)


def _qt(then: datetime) -> QDateTime:
    return QDateTime.fromMSecsSinceEpoch(int(then.timestamp() * 1000))
