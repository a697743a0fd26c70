"""The first sync as a preview, by school: a person says whether it looks right."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QTabBar,
    QTableWidget,
    QTableWidgetItem,
)
from shiboken6 import isValid

from app.engine.events import Progress, RunEnded
from app.engine.firstlook import (
    HEADINGS,
    FirstLook,
    InDoubt,
    School,
    first_look,
    in_doubt,
    rows,
    save,
)
from app.engine.limits import DISTRICT
from app.engine.scope import Scope
from app.errors import BusyError, SyncError
from app.store import reads
from app.store.database import Database
from app.store.journal import GOOD_STATES
from app.text import N_, _, plural, sentence
from app.ui.first.beside import Beside, DoubtDialog
from app.ui.first.bring import WHOLE
from app.ui.first.off import OffDialog
from app.ui.first.step import Step
from app.ui.parts.dialog import choose_csv
from app.ui.parts.label import Label
from app.ui.parts.wrapping import Wrapping
from app.ui.progress import RunBar
from app.ui.session import Session
from app.ui.wording import number

RIGHT = N_("Looks right: bring them in")
AGAIN = N_("Try again")
OTHERS = N_("Look again with these schools")
BESIDE, SCHOOLS = range(2)
"""What is shown of it, by its tab."""
_BEGINS = 0
"""In place of the number of a run that is about to begin."""
_SCHOOL = Qt.ItemDataRole.UserRole
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_NUMBERS = range(1, len(HEADINGS) - 1)
_SAMPLES = len(HEADINGS) - 1


class LookStep(Step):
    """Reads everything on a copy, shows it by school, and has it brought in."""

    title = N_("First look")
    question = N_("Is this your district?")
    words = N_(
        "This is what the first sync would do. Nothing of it is in the roster yet. Look at the "
        "schools and the numbers; take the tick off a school that is to stay out."
    )

    back_to = Signal(int)
    """An earlier step is to be shown, by its place."""

    def __init__(self) -> None:
        super().__init__()
        self.bar = RunBar()
        self.bar.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.bar.cancel.connect(self._cancel)
        self.trouble = Label()
        self.told = Label()
        self.told.setObjectName("outcome")
        for label in (self.trouble, self.told):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.table = QTableWidget(0, len(HEADINGS))
        self.table.setHorizontalHeaderLabels([_(one) for one in HEADINGS])
        self.table.setAccessibleName(_("What would be here, by school"))
        for column in _NUMBERS:
            heading = self.table.horizontalHeaderItem(column)
            assert heading is not None
            heading.setTextAlignment(_RIGHT)
        self.table.itemChanged.connect(self._ticked)
        self._wrapping = Wrapping(self.table, kept=_NUMBERS)
        self.off_button = QPushButton(_("Something is off…"))
        self.off_button.clicked.connect(self._something_is_off)
        self.beside = Beside()
        self.beside.wanted.connect(self._ask_who)
        self.who: DoubtDialog | None = None
        """Who is in doubt, since that was asked."""
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName(_("What is shown of it"))
        self.stack = QStackedWidget()
        for words, part in ((_("Beside what is here"), self.beside), (_("By school"), self.table)):
            self.tabs.addTab(words)
            self.stack.addWidget(part)
        self.tabs.currentChanged.connect(self.stack.setCurrentIndex)
        self.body.addWidget(self.bar)
        self.body.addWidget(self.told)
        self.body.addWidget(self.trouble)
        self.body.addWidget(self.tabs)
        self.body.addWidget(self.stack, 1)
        self.body.addStretch()
        self.look: FirstLook | None = None
        self.dialog: OffDialog | None = None
        self._session: Session | None = None
        self._of: object = None
        self._run: int | None = None
        self._approving = False
        self._why_anew = ""
        """Why it is looked at once more."""
        self.left_out: dict[str, str] = {}
        """The schools that stay out, by key, as they are called."""

    # -- looking --

    def enter(self) -> None:
        """Looks, unless what was seen is of just what is set up now."""
        setup = self.setup
        if self._session is not setup.session:
            left_out = setup.facts.scope.get("leave_out", ()) if setup.facts else ()
            self.left_out = {key: setup.left_out.get(key, key) for key in left_out}
            self._session, self._of = setup.session, None
            setup.session.progressed.connect(self._progressed)
            setup.session.ended.connect(self._ended)
        filling = setup.filling
        of = (setup.name, filling.kept if filling is not None else None)
        if self._of != of or (self.look is None and self._run is None):
            self._of = of
            self.look_anew()
        self._show()

    def look_anew(self) -> None:
        """Has another preview made."""
        assert self._session is not None
        self.look = None
        self._run = _BEGINS
        self._session.request("start", self.setup.name, full=True, preview=True, then=self._began)
        self.bar.show_progress((Progress(0, self.setup.name, "", 0, None, None, False),))
        self._show()

    def leave(self) -> None:
        """A preview that is under way is given up."""
        self._cancel()

    def forget(self) -> None:
        """Nothing of what was seen stays."""
        self.look, self._run, self._of, self._session = None, None, None, None
        self._approving, self.left_out = False, {}
        self.table.setRowCount(0)

    def _began(self, found: int | SyncError) -> None:
        if self._run != _BEGINS:
            return
        if isinstance(found, SyncError):
            self._run = None
            self.trouble.setText(sentence(found.code, found.parameters))
            self._show()
        else:
            self._run = found

    def _cancel(self) -> None:
        if self._session is not None and self._run:
            self._session.command("cancel", self._run)

    def _progressed(self, told: Progress) -> None:
        if told.run == self._run:
            self.bar.show_progress((told,))

    def _ended(self, told: RunEnded) -> None:
        if told.run != self._run or self._session is None:
            return
        run = told.run
        self._session.ask("first look", lambda database: _seen(database, run), self._seen)

    def _seen(self, found: FirstLook | reads.RunRow) -> None:
        if self._run is None:
            return
        self._run = None
        if isinstance(found, FirstLook):
            self.look = found
            self._fill(found)
            self._tell(found)
            self.tabs.setCurrentIndex(BESIDE if found.beside else SCHOOLS)
            self.beside.show_look(
                found, [one for one in self.setup.taken if one != self.setup.name]
            )
        else:
            self._tell_trouble(found)
        self._show()
        if self.isVisible():
            self.start()

    # -- showing --

    def _show(self) -> None:
        self.bar.setVisible(self._run is not None)
        self.trouble.setVisible(self._run is None and bool(self.trouble.text()))
        for part in (self.told, self.stack):
            part.setVisible(self.look is not None)
        self.tabs.setVisible(self.look is not None and bool(self.look.beside))
        self.off_button.setVisible(self.look is not None)
        self.changed.emit()

    def _tell(self, look: FirstLook) -> None:
        """What a person should know before the numbers."""
        whole = look.whole
        self.told.setText(
            _(WHOLE).format(
                **{word: number(whole[word]) for word in ("students", "staff", "classes")}
            )
        )
        told = [*filter(None, [self._why_anew]), *look.doubts]
        if look.unreadable:
            told.append(
                plural(
                    "{n} row could not be understood; it stays out and is told in the history.",
                    "{n} rows could not be understood; they stay out and are told in the history.",
                    look.unreadable,
                )
            )
        if look.differences and not look.beside:
            told.append(
                plural(
                    "{n} difference would wait under Decide.",
                    "{n} differences would wait under Decide.",
                    look.differences,
                )
            )
        if not _all_new(look):
            told.append(_("“New” counts every record, parents and enrollments among them."))
        if look.several:
            told.append(
                _(
                    "Whoever belongs to several schools stands in each of them, so the schools add "
                    "up to more than the last line."
                )
            )
        if any(one.key in self.left_out and one.counts.total() for one in look.schools):
            told.append(
                _(
                    "What still counts in a school that you have left out also belongs to a school "
                    "that comes in."
                )
            )
        self.trouble.setText("\n".join(told))

    def _tell_trouble(self, run: reads.RunRow) -> None:
        if run.state == "cancelled":
            self.trouble.setText(_("The preview was stopped. Nothing was changed."))
        else:
            self.trouble.setText(sentence(run.error_code or "unexpected", run.error_parameters))

    def _fill(self, look: FirstLook) -> None:
        *found, whole = rows(look)
        lines = [
            (school, [self.left_out.get(school.key, cells[0]), *cells[1:]])
            for school, cells in zip(look.schools, found, strict=True)
        ]
        here = {school.key for school in look.schools}
        for key, name in self.left_out.items():
            if key not in here:
                lines.append((School(DISTRICT, key, name), [name]))
        # Where a school stands does not change with its tick; what is of none comes last.
        lines.sort(key=lambda line: (not line[0].key, line[1][0].casefold()))
        with QSignalBlocker(self.table):
            self.table.setRowCount(len(lines) + 1)
            for row, (school, cells) in enumerate(lines):
                self._fill_row(row, cells, school)
            self._fill_row(len(lines), whole, None)
        for column, heading in enumerate(HEADINGS):
            # What does not happen at all needs no column.
            empty = all(line[1][column : column + 1] in ([], ["0"], [""]) for line in lines)
            seldom = heading in ("Changed", "Removed", "Would wait for you")
            told = heading == "New" and _all_new(look)
            self.table.setColumnHidden(column, told or (seldom and empty))
        self._wrapping.fit()

    def _fill_row(self, row: int, cells: Sequence[str], school: School | None) -> None:
        for column in range(len(HEADINGS)):
            text = cells[column] if column < len(cells) else "–"
            item = QTableWidgetItem(number(int(text)) if text.isdigit() and column else text)
            if column in _NUMBERS:
                item.setTextAlignment(_RIGHT)
            if column:
                spoken = f"{_(HEADINGS[column])}: {item.text()}"
                item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
            if school is None:
                strong = self.table.font()
                strong.setBold(True)
                item.setFont(strong)
            elif (
                column == 0
                and school.key
                and ((out := school.key in self.left_out) or _is_school(school))
            ):
                item.setData(_SCHOOL, (school.key, text))
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                item.setCheckState(Qt.CheckState.Unchecked if out else Qt.CheckState.Checked)
            self.table.setItem(row, column, item)

    # -- deciding --

    @property
    def unticked(self) -> dict[str, str]:
        """The schools that are to stay out, by key."""
        items = (self.table.item(row, 0) for row in range(self.table.rowCount()))
        out = (
            item.data(_SCHOOL)
            for item in items
            if item is not None and item.checkState() is Qt.CheckState.Unchecked
        )
        return dict(told for told in out if told is not None)

    def _ticked(self, _item: QTableWidgetItem) -> None:
        self.changed.emit()

    @property
    def next_words(self) -> str:
        """Bring them in; look again, where something else is to be looked at."""
        if self.look is None and self._run is None:
            return AGAIN
        return OTHERS if self.unticked != self.left_out else RIGHT

    @property
    def ready(self) -> bool:
        """Nothing is under way."""
        return self._run is None and not self._approving

    @property
    def buttons(self) -> Sequence[QPushButton]:
        """*Something is off…*"""
        return (self.off_button,)

    def start(self) -> None:
        """In the table, once there is one."""
        if self.look is not None:
            table = self.beside.table if self.look.beside else self.table
            if table.currentRow() < 0:
                table.setCurrentCell(0, 0)
            table.setFocus()
        elif self.bar.syncing:
            self.bar.cancel_button.setFocus()

    def go_on(self) -> None:
        """Carries out what was seen, or looks again."""
        assert self._session is not None
        self._why_anew = ""
        if self.look is None:
            self.look_anew()
        elif self.unticked != self.left_out:
            self.left_out = self.unticked
            scope = Scope(leave_out=tuple(sorted(self.left_out)))
            self._session.command("set_scope", self.setup.name, scope)
            self.look_anew()
        else:
            self._approving = True
            self._session.request("approving", self.look.run.id, then=self._approved)
            self.changed.emit()

    def _approved(self, found: int | SyncError) -> None:
        if not self._approving:
            return
        self._approving = False
        if not isinstance(found, SyncError):
            self._of = None  # a preview is carried out once
            self.done.emit()
            return
        self.trouble.setText(sentence(found.code, found.parameters))
        if isinstance(found, BusyError):
            self._show()
        else:  # what was seen holds no more
            self._why_anew = self.trouble.text()
            self.look_anew()

    def _ask_who(self) -> None:
        """Shows who is in doubt."""
        if self._session is not None and self.look is not None:
            run = self.look.run.id
            self._session.ask("in doubt", lambda db: in_doubt(db, run), self._show_who)

    def _show_who(self, found: Sequence[InDoubt]) -> None:
        if isValid(self) and self.isVisible():
            self.who = DoubtDialog(self.window(), self.setup.name, found)
            self.who.open()

    def _something_is_off(self) -> None:
        self.tabs.setCurrentIndex(SCHOOLS)  # what is off is told by school
        self.dialog = OffDialog(self)
        self.dialog.save_report.connect(self._choose_file)
        self.dialog.look_again.connect(self.look_anew)
        self.dialog.back_to.connect(self.back_to)
        self.dialog.open()

    def _choose_file(self) -> None:
        choose_csv(self, _("first-look.csv"), self._save)

    def _save(self, path: Path) -> None:
        assert self._session is not None
        if (look := self.look) is not None:
            self._session.ask("save first look", lambda _db: _saved(look, path), self._said)

    def _said(self, words: str) -> None:
        if isValid(self):
            self.trouble.setText(words)
            self._show()


def _all_new(look: FirstLook) -> bool:
    """Whether all that would be here would be new, so that nobody need be told what is."""
    return not any(look.run.total(word) for word in ("updated", "deleted", "unchanged", "waiting"))


def _is_school(school: School) -> bool:
    return any(school.counts[word] for word in ("students", "classes"))


def _seen(database: Database, run: int) -> FirstLook | reads.RunRow:
    """What a preview found, or how it ended."""
    row = reads.run(database, run)
    return first_look(database, run) if row.state in GOOD_STATES else row


def _saved(look: FirstLook, path: Path) -> str:
    try:
        save(look, path)
    except SyncError as error:
        return sentence(error.code, error.parameters)
    return _("Saved to {path}.").format(path=path)
