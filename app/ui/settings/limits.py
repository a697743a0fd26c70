"""Safety limits: what goes through without a person, and what is allowed for a while."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from PySide6.QtWidgets import QWidget

from app.engine.allowing import Laid, laid
from app.engine.figures import (
    ALLOWABLE,
    FIGURES,
    LONGEST_SCHOOL_YEAR,
    SHARES,
    Allowance,
    Blackout,
    Figure,
    Limits,
)
from app.engine.plainly import LABELS, Sized, example, label, sized, value_text
from app.errors import UsageError
from app.roster.entities import ENTITIES
from app.store import finding
from app.store.database import Database
from app.text import N_, _, sentence
from app.ui.connectors.form import ChoiceField, Field, SwitchField, TextField
from app.ui.parts.simple import button, row, text
from app.ui.settings.fields import CountField, DayField, FormDialog, ShareField, begins, over
from app.ui.settings.page import Page, section
from app.ui.settings.schedule import interval_text
from app.ui.settings.tables import Rows
from app.ui.wording import day, day_and_time, people_first

Change = Callable[[Limits], Limits]
HOURS = (1, 2, 4, 8, 24, 72, 168)


@dataclass(frozen=True)
class Seen:
    """What a connector is allowed, and what that comes to in its schools."""

    laid: Laid
    sized: Sized
    schools: dict[int, str]


class LimitsPage(Page):
    """The figures, the times of additions only, what is allowed, the change of the school year."""

    name = "limits"
    part = "limits"
    title = N_("Safety limits")
    about = N_(
        "What goes over one of these waits for your approval; everything else flows. Shares are of "
        "all the records of a type in one school."
    )

    def __init__(self) -> None:
        super().__init__()
        self._seen: Seen | None = None
        self.figures = Rows(
            _("Limits"), [_("Limit"), _("Records"), _("School"), _("Set to"), _("Usually")]
        )
        self.example = text()
        self.example.setMinimumHeight(2 * self.example.fontMetrics().lineSpacing())
        self.change_button = button(_("Change…"))
        self.apart_button = button(_("Limit of a type or school…"))
        self.usual_button = button(_("Back to the usual"))
        self.only = SwitchField(
            _("Additions only"),
            _("Nothing is removed or changed until this is off; what is new comes in."),
            on=False,
        )
        self.blackouts = Rows(
            _("Times when only what is new comes in"), [_("From"), _("To"), _("Why")]
        )
        self.blackout_button = button(_("Add such a time…"))
        self.no_blackout_button = button(_("Remove that time"))
        self.allowances = Rows(
            _("Allowed for a while"),
            [_("Limit"), _("Records"), _("School"), _("Up to"), _("Until"), _("By")],
        )
        self.no_allowance = text(_("Nothing is allowed beyond the limits."), quiet=True)
        self.allow_button = button(_("Allow more for a while…"))
        self.end_button = button(_("End what is allowed"))
        self.year = text()
        self.turned = Rows(
            _("How the change of the school year goes"),
            [_("Records"), _("School"), _("Expected"), _("Gone"), _("New")],
        )
        self.year_button = button(_("Plan it…"))
        self.no_year_button = button(_("End it"))
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        b = self.body
        b.addWidget(self.figures)
        b.addWidget(self.example)
        b.addLayout(row(self.change_button, self.apart_button, self.usual_button))
        b.addWidget(section(_("Times when only what is new comes in")))
        b.addWidget(self.only)
        b.addWidget(self.blackouts)
        b.addLayout(row(self.blackout_button, self.no_blackout_button))
        b.addWidget(section(_("Allowed for a while")))
        b.addWidget(self.allowances)
        b.addWidget(self.no_allowance)
        b.addLayout(row(self.allow_button, self.end_button))
        b.addWidget(section(_("Change of the school year")))
        b.addWidget(self.year)
        b.addWidget(self.turned)
        b.addLayout(row(self.year_button, self.no_year_button))

    def _connect(self) -> None:
        self.figures.chosen.connect(self._figure_chosen)
        self.figures.wanted.connect(self._change_figure)
        self.figures.unwanted.connect(self._usual)
        self.change_button.clicked.connect(self._change_figure)
        self.apart_button.clicked.connect(self._set_apart)
        self.usual_button.clicked.connect(self._usual)
        self.only.editor.clicked.connect(self._additions_only)
        self.blackouts.chosen.connect(self._show_buttons)
        self.blackouts.unwanted.connect(self._no_blackout)
        self.blackout_button.clicked.connect(self._add_blackout)
        self.no_blackout_button.clicked.connect(self._no_blackout)
        self.allowances.chosen.connect(self._show_buttons)
        self.allowances.unwanted.connect(self._end_allowance)
        self.allow_button.clicked.connect(self._allow)
        self.end_button.clicked.connect(self._end_allowance)
        self.year_button.clicked.connect(self._declare_year)
        self.no_year_button.clicked.connect(self._end_year)

    # -- what is shown --

    @staticmethod
    def question(database: Database, connector: str) -> Seen:
        """What is laid down now."""
        return Seen(
            laid(database, connector), sized(database, connector), finding.schools(database)
        )

    def show_found(self, found: Seen) -> None:
        """Shows it."""
        first, self._seen = self._seen is None, found
        limits, now = found.laid.limits, datetime.now(UTC)
        self.figures.show_rows([(one, self._figure_texts(one)) for one in _figures(limits)], _about)
        if first:
            self.figures.selectRow(0)
        self.only.fill(limits.additions_only)
        self.blackouts.show_rows(
            [
                (one, [day(one.begins), day(one.last), one.why])
                for one in sorted(limits.blackouts, key=lambda one: one.begins)
                if one.ends > now
            ]
        )
        in_force = [one for one in limits.allowances if now in one]
        self.allowances.show_rows([(one, self._allowance_texts(one, now)) for one in in_force])
        self.no_allowance.setVisible(not in_force)
        self._show_year(found.laid)
        self._show_buttons()

    def forget(self) -> None:
        """Shows nothing."""
        self._seen = None
        for rows in (self.figures, self.blackouts, self.allowances, self.turned):
            rows.show_rows([])

    def _figure_texts(self, one: Figure) -> list[str]:
        usual = (
            "" if one.entity or one.school is not None else value_text(one.name, FIGURES[one.name])
        )
        return [label(one.name), *self._where(one), value_text(one.name, one.value), usual]

    def _allowance_texts(self, one: Allowance, now: datetime) -> list[str]:
        figure = one.figure
        until = day_and_time(one.ends, now)
        share = value_text(figure.name, figure.value)
        return [label(figure.name), *self._where(figure), share, until, one.by]

    def _where(self, one: Figure) -> tuple[str, str]:
        entity = _(ENTITIES[one.entity].many) if one.entity else _("any")
        return entity, _("any") if one.school is None else self._school(one.school)

    def _school(self, school: int) -> str:
        if not school:
            return _("without a school")
        # A district counts as one where something is its own.
        named = {**self._seen.sized.schools, **self._seen.schools} if self._seen else {}
        return named.get(school, f"#{school}")

    def _show_year(self, found: Laid) -> None:
        year = found.limits.school_year
        self.no_year_button.setVisible(year is not None)
        self.year_button.setText(_("Plan it…") if year is None else _("Change it…"))
        rows = [
            ((entity, one.school),
             [_(ENTITIES[entity].many), self._school(one.school),
              f"{one.expected:,}", f"{one.gone:,}", f"{one.arrived:,}"])
            for entity, told in found.turned.items()
            for one in told
        ]  # fmt: skip
        self.turned.show_rows(rows)
        self.turned.setVisible(bool(rows))
        if year is None:
            self.year.setText(
                _(
                    "Say in which weeks one school year ends and the next begins, and what share "
                    "of the records you expect to go. Then what goes in these weeks does not wait "
                    "for you."
                )
            )
            return
        words = _("From {first} to {last}.").format(first=day(year.begins), last=day(year.last))
        whole = [one for one in year.turnover if not one.entity and one.school is None]
        told = [words]
        if whole:
            expected = _("Expected to go: {share}.")
            told.append(expected.format(share=value_text("removals", whole[0].value)))
        if year.additions_only_until is not None:
            until = _("Only additions are let in until {day}.")
            told.append(until.format(day=day(year.additions_only_until)))
        self.year.setText(" ".join(told))

    def _show_buttons(self) -> None:
        self.no_blackout_button.setEnabled(self.blackouts.value is not None)
        self.end_button.setEnabled(self.allowances.value is not None)
        self.end_button.setVisible(bool(self.allowances.values))
        for rows, more in ((self.blackouts, self.no_blackout_button), (self.allowances, None)):
            rows.setVisible(bool(rows.values))
            if more is not None:
                more.setVisible(bool(rows.values))

    def _figure_chosen(self) -> None:
        one = self.figures.value
        self.change_button.setEnabled(one is not None)
        self.apart_button.setEnabled(one is not None)
        limits = self._seen.laid.limits if self._seen else Limits()
        is_set = isinstance(one, Figure) and any(one.about == each.about for each in limits.figures)
        self.usual_button.setEnabled(is_set)
        if isinstance(one, Figure) and self._seen is not None:
            now = datetime.now(UTC)
            self.example.setText(example(one, limits, self._seen.sized, now))

    # -- changing --

    def _set(self, words: str, *changes: Change) -> None:
        self.command(
            "change_limits", self.connector, *changes, then=lambda _limits: self.tell(words)
        )

    def _unfit(self, *changes: Change) -> str:
        """What is wrong with changes; blank where they can be made."""
        try:
            limits = self._seen.laid.limits if self._seen else Limits()
            for change in changes:
                limits = change(limits)
        except UsageError as error:
            return sentence(error.code, error.parameters)
        return ""

    def _change_figure(self) -> None:
        one = self.figures.value
        if isinstance(one, Figure):
            field = _value_field(one.name, one.value)
            dialog = FormDialog(
                self, label(one.name), "", _("Se&t it"), lambda: self._put(one, field)
            )
            told = self._telling(one, field)
            dialog.add(field)
            dialog.body.addWidget(told)
            dialog.open()

    def _telling(self, one: Figure, field: Field) -> QWidget:
        """A sentence that says what the value in the field comes to."""
        words = text()

        def tell() -> None:
            if self._seen is not None:
                as_set = Figure(
                    name=one.name, value=field.value(), entity=one.entity, school=one.school
                )
                now = datetime.now(UTC)
                words.setText(example(as_set, self._seen.laid.limits, self._seen.sized, now))

        field.changed.connect(tell)
        tell()
        return words

    def _put(self, one: Figure, field: Field) -> bool:
        change = partial(
            Limits.with_figure,
            name=one.name, value=field.value(), entity=one.entity, school=one.school,
        )  # fmt: skip
        if unfit := self._unfit(change):
            field.complain(unfit)
            return False
        self._set(
            _("{limit}: {value} from now on.").format(
                limit=self._called(one), value=value_text(one.name, field.value())
            ),
            change,
        )
        return True

    def _called(self, one: Figure) -> str:
        """A limit in words, with what it is about where that is not everything."""
        told = [label(one.name)]
        if one.entity:
            told.append(_(ENTITIES[one.entity].many))
        if one.school is not None:
            told.append(self._school(one.school))
        return " · ".join(told)

    def _set_apart(self) -> None:
        one = self.figures.value
        if not isinstance(one, Figure):
            return
        entity, school = self._place_fields()
        entity.fill(one.entity)
        value = _value_field(one.name, one.value)

        def do() -> bool:
            place = int(school.value()) if school.value() else None
            figure = Figure(name=one.name, value=0, entity=entity.value(), school=place)
            return self._put(figure, value)

        words = _("It holds for that type or school instead of the general limit.")
        dialog = FormDialog(self, label(one.name), words, _("Se&t it"), do)
        dialog.add(entity, school, value)
        dialog.open()

    def _usual(self) -> None:
        one = self.figures.value
        if isinstance(one, Figure) and self.usual_button.isEnabled():
            self._set(
                _("{limit}: as usual again.").format(limit=self._called(one)),
                partial(
                    Limits.with_figure,
                    name=one.name, value=None, entity=one.entity, school=one.school,
                ),
            )  # fmt: skip

    def _additions_only(self) -> None:
        on = self.only.value()
        words = _("Only additions are let in now.") if on else _("All is let in again, by limits.")
        self._set(words, partial(Limits.with_additions_only, on=on))

    def _place_fields(self) -> tuple[ChoiceField, ChoiceField]:
        schools = self._seen.schools if self._seen else {}
        types = {
            "": _("Any type"),
            **{one: _(ENTITIES[one].many) for one in people_first(ENTITIES)},
        }
        places = {"": _("Any school"), **{str(id_): words for id_, words in schools.items()}}
        return (
            ChoiceField(_("&Records"), "", types, ""),
            ChoiceField(_("&School"), "", places, ""),
        )

    def _add_blackout(self) -> None:
        first, last = DayField(_("&First day")), DayField(_("&Last day"))
        why = TextField(_("&Why"), _("Such as: state count."))

        def do() -> bool:
            change = partial(
                Limits.with_blackout,
                begins=begins(first.value()), ends=over(last.value()), why=why.value(),
            )  # fmt: skip
            if unfit := self._unfit(change):
                last.complain(unfit)
                return False
            self._set(_("On those days only additions are let in."), change)
            return True

        words = _("On those days nothing is removed or changed; what is new comes in.")
        dialog = FormDialog(
            self, _("A time when only what is new comes in"), words, _("&Add it"), do
        )
        dialog.add(first, last, why)
        dialog.open()

    def _no_blackout(self) -> None:
        if isinstance(one := self.blackouts.value, Blackout):
            words = _("That time is removed.")
            self._set(words, partial(Limits.without_blackouts, begins=one.begins))

    def _allow(self) -> None:
        names = {one: _(LABELS[one]) for one in ALLOWABLE}
        what = ChoiceField(_("&Limit"), "", names, ALLOWABLE[0])
        entity, school = self._place_fields()
        share = ShareField(_("&Up to"), "", 0.5)
        hours = {str(one): interval_text(timedelta(hours=one)) for one in HOURS}
        lasts = ChoiceField(_("&For"), _("It ends by itself."), hours, "2")

        def do() -> bool:
            place = int(school.value()) if school.value() else None
            lasting = timedelta(hours=int(lasts.value()))
            trial = partial(
                Limits.with_allowance,
                name=what.value(), value=share.value(), by="", now=datetime.now(UTC),
                entity=entity.value(), school=place, lasts=lasting,
            )  # fmt: skip
            if unfit := self._unfit(trial):
                share.complain(unfit)
                return False
            self.command(
                "allow", self.connector, {what.value(): share.value()},
                entity=entity.value(), school=place, lasts=lasting,
                then=lambda _limits: self.tell(_("It is allowed for that time, in your name.")),
            )  # fmt: skip
            return True

        words = _("Syncs may go beyond the limit in that time without asking you.")
        dialog = FormDialog(self, _("Allow more for a while"), words, _("&Allow it"), do)
        dialog.add(what, entity, school, share, lasts)
        dialog.open()

    def _end_allowance(self) -> None:
        if isinstance(one := self.allowances.value, Allowance):
            figure = one.figure
            self.command(
                "allow", self.connector, {figure.name: None},
                entity=figure.entity, school=figure.school,
                then=lambda _limits: self.tell(_("The allowance is ended.")),
            )  # fmt: skip

    def _declare_year(self) -> None:
        year = self._seen.laid.limits.school_year if self._seen else None
        first = DayField(_("&First day"), "", year.begins.astimezone().date() if year else None)
        last = DayField(
            _("&Last day"),
            _("At most {days} days.").format(days=LONGEST_SCHOOL_YEAR.days),
            year.last.astimezone().date() if year else None,
        )
        whole = [one for one in year.turnover if one.about[1:] == ("", None)] if year else []
        share = ShareField(
            _("&Expected to go"),
            _("The share of a school’s records that leaves with the old year, and is replaced."),
            whole[0].value if whole else 0.3,
        )

        def do() -> bool:
            changes = (
                partial(
                    Limits.with_school_year, begins=begins(first.value()), ends=over(last.value())
                ),
                partial(Limits.with_turnover, value=share.value()),
            )
            if unfit := self._unfit(*changes):
                last.complain(unfit)
                return False
            self._set(_("The change of the school year is planned."), *changes)
            return True

        words = _("In these weeks that much may go without waiting for you; the rest still waits.")
        title = _("Change of the school year")
        dialog = FormDialog(self, title, words, _("&Plan it"), do)
        dialog.add(first, last, share)
        dialog.open()

    def _end_year(self) -> None:
        words = _("The usual limits hold again.")
        self._set(words, Limits.without_school_year)


def _about(one: Figure) -> object:
    """Which limit it is, whatever it is set to."""
    return one.about


def _figures(limits: Limits) -> list[Figure]:
    """All that holds: the general figures, each followed by what is set apart from it."""
    set_ = {one.about: one for one in limits.figures}
    found = []
    for name, usual in FIGURES.items():
        found.append(set_.get((name, "", None)) or Figure(name=name, value=usual))
        found += [one for one in limits.figures if one.name == name and one.weight]
    return found


def _value_field(name: str, value: float) -> Field:
    if name in SHARES:
        return ShareField(_("&At least") if name == "shrink" else _("&At most"), "", value)
    return CountField(_("How &many"), "", int(value))
