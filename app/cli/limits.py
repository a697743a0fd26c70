"""``limits``: what a sync may do without asking, and what is allowed for a while."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import click

from app.cli import show
from app.cli.naming import RECORD_TYPE, at_school, school, school_text
from app.cli.opening import opened
from app.cli.options import Asked, Group
from app.compose import Program
from app.engine.allowing import Laid, laid
from app.engine.figures import (
    ALLOWABLE,
    ALLOWANCE,
    FIGURES,
    LONGEST_SCHOOL_YEAR,
    QUIETED,
    SHARES,
    Figure,
    Limits,
    Span,
)
from app.engine.limits import DISTRICT
from app.engine.plainly import MEANINGS, value_text
from app.errors import SyncError, UsageError
from app.roster.entities import ENTITIES
from app.roster.values import instant_text
from app.store import reads
from app.text import _, sentence

logger = logging.getLogger(__name__)


@click.group(cls=Group, help=_("Safety limits: what waits for your approval."))
def limits() -> None:
    """The group; its commands do the work."""


_ENTITY = click.option(
    "--entity",
    metavar="TYPE",
    type=RECORD_TYPE,
    help=_("Only for records of this type, as “users”."),
)
_SCHOOL = at_school(_("Only for this school, by id, name or key; 0 is for records that have none."))


# -- looking ----------------------------------------------------------------------------------


@limits.command("show", help=_("The limits of one connector, or of all."))
@click.argument("name", required=False)
@click.pass_obj
def show_(asked: Asked, name: str | None) -> int:
    """Shows what is laid down."""
    asked.connector = name
    with opened(asked) as program:
        names = [name] if name else [one.name for one in reads.connectors(program.database)]
        found = [_Shown(program, laid(program.database, one)) for one in names]
    if asked.json:
        documents = [one.document() for one in found]
        show.document(documents[0] if name else documents)
        return 0
    if not found:
        show.line(sentence("nothing_connected"))
    for place, one in enumerate(found):
        if place:
            show.line()
        one.print()
    return 0


class _Shown:
    """The limits of one connector as they are shown."""

    def __init__(self, program: Program, found: Laid) -> None:
        self.name, self.limits, self.turned = found.connector, found.limits, found.turned
        self.now = datetime.now(UTC)
        told = (one for of_entity in self.turned.values() for one in of_entity)
        schools = self.limits.schools | {one.school for one in told}
        self.titles = reads.titles(program.database, ("orgs", sorted(schools - {DISTRICT})))

    def document(self) -> dict[str, Any]:
        """The limits for a script."""
        year = self.limits.school_year
        return {
            "connector": self.name,
            "figures": {name: self._figure(name) for name in FIGURES},
            "set": [self._figure_document(one) for one in self.limits.figures],
            "additions_only": self.limits.additions_only,
            "only_additions_now": bool(self.limits.quiet(self.now)),
            "blackouts": [{**_span_document(one), "why": one.why} for one in self.limits.blackouts],
            "allowances": [
                {
                    **self._figure_document(one.figure),
                    **_span_document(one),
                    "by": one.by,
                    "in_force": self.now in one,
                }
                for one in self.limits.allowances
            ],
            "school_year": year
            and {
                **_span_document(year),
                "additions_only_until": _told(year.additions_only_until),
                "turnover": [self._figure_document(one) for one in year.turnover],
                "progress": [
                    {
                        "entity": entity,
                        "school": one.school,
                        "expected": one.expected,
                        "gone": one.gone,
                        "arrived": one.arrived,
                    }
                    for entity, told in self.turned.items()
                    for one in told
                ],
            },
            "error": None,
        }

    def print(self) -> None:
        """The limits for a person."""
        show.heading(_("Limits of “{name}”").format(name=self.name))
        if quiet := self.limits.quiet(self.now):
            only = (
                _("A blackout is on: only additions are let in{but}.")
                if quiet == "blackout"
                else _("Only additions are let in{but}.")
            )
            show.line(only.format(but=self._but()))
        rows = [
            [name.replace("_", "-"), _(means), "", "", value_text(name, self._figure(name))]
            for name, means in MEANINGS.items()
        ]
        rows += [
            [one.name.replace("_", "-"), _(MEANINGS[one.name]), *self._where(one), _value(one)]
            for one in self.limits.figures
            if one.entity or one.school is not None
        ]
        show.table([_("Limit"), _("Means"), _("Records"), _("School"), _("Set to")], rows)
        show.line(_("Shares are of all the records of a type in one school."))
        self._print_spans()
        self._print_school_year()

    def _but(self) -> str:
        """What allowances let in though only additions are."""
        words = {"removals": _("removals"), "changes": _("changes")}
        told = [
            _("{what}{where} up to {share} until {until} (allowed by {who})").format(
                what=words[one.figure.name],
                where="".join(f" · {place}" for place in self._where(one.figure) if place),
                share=_value(one.figure),
                until=show.instant(one.ends),
                who=one.by,
            )
            for one in self.limits.allowances
            if self.now in one and one.figure.name in QUIETED and one.figure.value > 0
        ]
        return _(", except {what}").format(what=_(" and ").join(told)) if told else ""

    def _print_spans(self) -> None:
        for blackout in self.limits.blackouts:
            show.line(
                _("Blackout from {first} to {last}: {why}").format(
                    first=_day_text(blackout.begins),
                    last=_day_text(blackout.last),
                    why=blackout.why or _("no reason given"),
                )
            )
        if not self.limits.allowances:
            return
        show.line()
        show.table(
            [_("Allowed"), _("Records"), _("School"), _("Up to"), _("Until"), _("By"), _("Now")],
            [
                [
                    one.figure.name,
                    *self._where(one.figure),
                    _value(one.figure),
                    show.instant(one.ends),
                    one.by,
                    self.now in one,
                ]
                for one in self.limits.allowances
            ],
        )

    def _print_school_year(self) -> None:
        year = self.limits.school_year
        if year is None:
            return
        show.line()
        show.line(
            _("One school year makes way for the next from {first} to {last}.").format(
                first=_day_text(year.begins), last=_day_text(year.last)
            )
        )
        if year.additions_only_until is not None:
            show.line(
                _("Until {until} only additions are let in.").format(
                    until=_day_text(year.additions_only_until)
                )
            )
        for one in year.turnover:
            entity, school = self._where(one)
            show.line(
                _("Expected to go: {share} ({what})").format(
                    share=_value(one),
                    what=", ".join(filter(None, (entity, school))) or _("everywhere"),
                )
            )
        if self.turned:
            show.table(
                [_("Records"), _("School"), _("Expected"), _("Gone"), _("New")],
                [
                    [
                        _(ENTITIES[entity].many),
                        self._school(one.school),
                        one.expected,
                        one.gone,
                        one.arrived,
                    ]
                    for entity, told in self.turned.items()
                    for one in told
                ],
            )

    def _figure(self, name: str) -> float:
        """The figure for what is nowhere set apart."""
        return next(
            (one.value for one in self.limits.figures if one.about == (name, "", None)),
            FIGURES[name],
        )

    def _figure_document(self, one: Figure) -> dict[str, Any]:
        return {
            "name": one.name,
            "value": one.value,
            "entity": one.entity or None,
            "school": one.school,
        }

    def _where(self, one: Figure) -> tuple[str, str]:
        return (
            _(ENTITIES[one.entity].many) if one.entity else "",
            "" if one.school is None else self._school(one.school),
        )

    def _school(self, school: int) -> str:
        if school == DISTRICT:
            return _("without a school")
        return school_text(school, self.titles.get(school))


def _further() -> Mapping[str, str]:
    """What else can be set, and what it means."""
    return {
        "additions-only=on": _("nothing is removed or changed until it is off"),
        "blackout=FIRST..LAST": _("additions only on those days; --why says why"),
        "school-year=FIRST..LAST": _(
            "the weeks in which one school year makes way for the next, {most} days at most"
        ).format(most=LONGEST_SCHOOL_YEAR.days),
        "turnover=30%": _("the share that is expected to go in those weeks"),
        "additions-only-until=DAY": _("additions only in the first of those weeks, until a day"),
    }


def _meanings() -> str:
    """The keys of ``limits set`` with what they mean, as its help shows them."""
    known = {
        f"{name.replace('_', '-')}={value_text(name, FIGURES[name])}": _(words)
        for name, words in MEANINGS.items()
    }
    return "\n".join(f"{key:<25} {words}" for key, words in (known | dict(_further())).items())


def _value(one: Figure) -> str:
    return value_text(one.name, one.value)


def _span_document(span: Span) -> dict[str, Any]:
    return {"begins": _told(span.begins), "ends": _told(span.ends)}


def _told(when: datetime | None) -> str | None:
    return None if when is None else instant_text(when)


# -- changing ---------------------------------------------------------------------------------


@limits.command(
    "set",
    help=_(
        "Sets limits, one KEY=VALUE or more. As they are where nobody says otherwise (“default” "
        "takes a key back to that):\n\n\b\n{meanings}\n\nOf the last five “off” ends each."
    ).format(meanings=_meanings()),
)
@click.argument("name")
@click.argument("pairs", metavar="KEY=VALUE…", nargs=-1, required=True)
@_ENTITY
@_SCHOOL
@click.option("--why", default="", help=_("Why there is a blackout."))
@click.pass_obj
def set_(
    asked: Asked,
    name: str,
    pairs: Sequence[str],
    entity: str | None,
    school_word: str | None,
    why: str,
) -> int:
    """Changes limits: by all the pairs, or by none."""
    asked.connector = name
    with opened(asked) as program:
        place = school(program.database, school_word)
        # What is a part of the school year may stand before it.
        ordered = sorted(
            pairs, key=lambda pair: not pair.startswith(("school-year", "school_year"))
        )
        changes = [_change(pair, entity or "", place, why) for pair in ordered]
        program.engine.change_limits(name, *changes)
        _tell(asked, program, name)
    return 0


@limits.command("allow", help=_("Raises limits for a while, in your name."))
@click.argument("name")
@click.option(
    "--removals",
    metavar="SHARE",
    help=_("At most this share is removed in 24 hours, such as 40%; “off” ends an allowance."),
)
@click.option("--changes", metavar="SHARE", help=_("The same of “changes”."))
@click.option("--blanks", metavar="SHARE", help=_("The same of “blanks”."))
@click.option("--logins", metavar="SHARE", help=_("The same of “logins”."))
@click.option("--staff", metavar="SHARE", help=_("The same of “staff”."))
@_ENTITY
@_SCHOOL
@click.option(
    "--hours",
    type=click.FloatRange(0, 24 * 31, min_open=True),
    default=ALLOWANCE / timedelta(hours=1),
    show_default=True,
    help=_("How long."),
)
@click.pass_obj
def allow(
    asked: Asked,
    /,
    name: str,
    entity: str | None,
    school_word: str | None,
    hours: float,
    **shares: str | None,
) -> int:
    """Allows more for a while."""
    asked.connector = name
    figures = {
        one: None if text == "off" else _share(one, text)
        for one in ALLOWABLE
        if (text := shares[one]) is not None
    }
    if not figures:
        raise UsageError("limit_allows_nothing")
    with opened(asked) as program:
        place = school(program.database, school_word)
        program.engine.allow(
            name, figures, entity=entity or "", school=place, lasts=timedelta(hours=hours)
        )
        _tell(asked, program, name)
        waiting = reads.connector(program.database, name).standing.waiting
    if waiting and not asked.json and any(figures.values()):
        show.line(sentence("limit_allowed_waiting", {"name": name}))
    return 0


def _tell(asked: Asked, program: Program, name: str) -> None:
    """Shows what holds now; it is saved by then, so that it cannot be shown is no failure."""
    try:
        shown = _Shown(program, laid(program.database, name))
    except Exception as error:
        level = logging.INFO if isinstance(error, SyncError) else logging.ERROR
        logger.log(level, "limits were saved and could not be shown", exc_info=error)
        show.aside(sentence("limit_unshown"))
        if asked.json:
            show.document({"connector": name, "saved": True, "error": None})
        return
    if asked.json:
        show.document(shown.document())
    else:
        shown.print()


def _change(pair: str, entity: str, school: int | None, why: str) -> Callable[[Limits], Limits]:
    """The change that ``KEY=VALUE`` asks for."""
    key, equals, value = (part.strip() for part in pair.partition("="))
    name = key.replace("-", "_")
    if not equals or not key or not value:
        raise UsageError("limit_not_a_pair")
    off = value == "off"
    if name == "additions_only":
        if not off and value != "on":
            raise UsageError("limit_switch_unfit", name=key)
        return partial(Limits.with_additions_only, on=not off)
    if name == "blackout":
        if off:
            return Limits.without_blackouts
        begins, ends = _days(key, value)
        return partial(Limits.with_blackout, begins=begins, ends=ends, why=why)
    if name == "school_year":
        if off:
            return Limits.without_school_year
        begins, ends = _days(key, value)
        return partial(Limits.with_school_year, begins=begins, ends=ends)
    if name == "turnover":
        share = None if off else _share(key, value)
        return partial(Limits.with_turnover, value=share, entity=entity, school=school)
    if name == "additions_only_until":
        until = None if off else _day(key, value, "limit_day_unfit")
        return partial(Limits.with_additions_only_until, until=until)
    if name not in FIGURES:
        known = ", ".join(one.replace("_", "-") for one in (*FIGURES, *_OTHERS))
        raise UsageError("limit_unknown", name=key, known=known)
    number = None if value == "default" else (_share if name in SHARES else _number)(key, value)
    return partial(Limits.with_figure, name=name, value=number, entity=entity, school=school)


_OTHERS = ("additions_only", "blackout", "school_year", "turnover", "additions_only_until")


def _share(name: str, text: str) -> float:
    """``15%``, ``15`` or ``0.15``. A bare 1 could mean either end, so it is neither."""
    percent = text.endswith("%") or (text.isdigit() and text not in ("0", "1"))
    if not percent and "." not in text and text != "0":
        raise UsageError("limit_share_unfit", name=name)
    try:
        return float(text.removesuffix("%")) / (100 if percent else 1)
    except ValueError:
        raise UsageError("limit_share_unfit", name=name) from None


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError("limit_count_unfit", name=name) from None


def _days(name: str, text: str) -> tuple[datetime, datetime]:
    """From the beginning of the first day to the end of the last."""
    first, dots, last = text.partition("..")
    if not dots:
        raise UsageError("limit_dates_unfit", name=name)
    return _day(name, first), _day(name, last, add=1)


def _day(name: str, text: str, code: str = "limit_dates_unfit", *, add: int = 0) -> datetime:
    """The beginning of a day, or of one so many days later, on this computer's clock.

    Raises ``UsageError`` of this code, also for a day that no clock shows.
    """
    try:
        day = date.fromisoformat(text.strip()) + timedelta(days=add)
        begins = datetime(day.year, day.month, day.day).astimezone()
        begins.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise UsageError(code, name=name) from None
    return begins


def _day_text(when: datetime) -> str:
    """A day on this computer's clock, as it was given."""
    return when.astimezone().date().isoformat()
