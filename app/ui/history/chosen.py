"""What one change set did: of a sync its error in plain words, its streams as a table, its log as
sentences; of every one whom it changed."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.engine.overview import shared
from app.engine.stories import set_words
from app.engine.told import log_parameters
from app.roster.entities import ENTITIES
from app.store import journal
from app.store.history import UNDO, ChangeSet
from app.store.reads import LogLine, RunRow, StreamCounts
from app.text import N_, NN_, _, plural, sentence
from app.ui import badges, theme
from app.ui.history.changes import Changes
from app.ui.parts.label import Label, tip
from app.ui.situation import is_open
from app.ui.wording import absolute, duration, entity_name, instant, number

COUNTS = (
    ("read", N_("Read")), ("created", N_("New")), ("updated", N_("Changed")),
    ("unchanged", N_("Unchanged")), ("deleted", N_("Removed")), ("joined", N_("Made one")),
    ("unreadable", N_("Unreadable")), ("waiting", N_("Waiting")),
)  # fmt: skip
RARE = ("deleted", "joined", "unreadable", "waiting")
"""Columns shown only where they count something."""
ASKED = ("read", "unchanged")
"""Columns that tell of what the SIS answered: where it was not asked they say nothing."""
ANSWER = len(COUNTS) + 1
MODES = {
    "full": N_("Full sync"),
    "incremental": N_("Sync of changes"),
    "preview": N_("Preview"),
    "approval": N_("Approval"),
    "class": N_("Sync of one class"),
}

DID = ("created", "updated", "deleted", "joined", "waiting", "conflicts")
"""What an undo can take back, the answer to what waited or differed included."""
AGAIN = ("failed", "cancelled", "interrupted")
"""How a sync ended that is worth running again."""

STARTED = {
    "schedule": N_("started by its schedule"),
    "webhook": N_("started by a webhook"),
    "files": N_("started by new files"),
}
"""What started a sync that no person started."""


def answer(stream: StreamCounts, run_open: bool) -> str:
    """Whether the stream was read whole."""
    if stream.complete:
        if stream.full:
            return _("Complete answer")
        return _("Changes only") if stream.counts["read"] else _("No changes")
    return _("Being read") if run_open else _("Incomplete: removals skipped")


def messages(run: RunRow, log: Sequence[LogLine]) -> list[str]:
    """The doubts and the log of a run as sentences, each once."""
    told = [
        (line.entity, sentence(line.code, log_parameters(line.entity, line.parameters)))
        for line in log
        if line.code != run.error_code  # which stands above, in its own place
    ]
    told += [
        (stream.entity, sentence(code, log_parameters(stream.entity, parameters)))
        for stream in run.streams
        for code, parameters in stream.doubts
    ]
    # Which record types a line is about is told here, however many they are.
    why = why_warned(run)
    return [*([why] if why else ()), *shared(told, most=len(ENTITIES))]


def why_warned(run: RunRow) -> str:
    """Why a sync has warnings, in a sentence; blank of all others."""
    if run.state != journal.WARNINGS:
        return ""
    open_ = [
        plural("{n} difference", "{n} differences", count)
        for count in (run.total("conflicts"),)
        if count
    ]
    if count := run.total("unreadable"):
        open_.append(
            plural("{n} row that could not be read", "{n} rows that could not be read", count)
        )
    if cut := [entity_name(one.entity) for one in run.streams if not one.complete]:
        open_.append(_("not read to the end: {types}").format(types=", ".join(cut)))
    if not open_:
        return _(
            "Warnings: nothing new, but differences or unreadable rows from before stood open."
        )
    return _("Warnings: {what}.").format(what="; ".join(open_))


def details(run: RunRow, log: Sequence[LogLine]) -> str:
    """All that is known of a run, to be copied: ids and counts, nobody's name."""
    lines = [
        f"{_('Sync')} #{run.id} · {run.connector} · {run.state} · {run.mode}",
        f"{run.started_at} – {run.ended_at or '…'}",
    ]
    if run.error_code:
        lines.append(f"{run.error_code}: {sentence(run.error_code, run.error_parameters)}")
        if run.error_detail:
            lines.append(run.error_detail)
    for stream in run.streams:
        counts = ", ".join(f"{name} {count}" for name, count in stream.counts.items() if count)
        whole = "complete" if stream.complete else "incomplete"
        lines.append(f"{stream.entity}: {counts or '0'}; {whole}")
    lines += [f"{line.at} {line.level} {line.code}" for line in log]
    lines += messages(run, log)
    return "\n".join(lines)


def set_details(set_: ChangeSet) -> str:
    """The same of a change set that is no run."""
    of = f" of #{set_.of}" if set_.of is not None else ""
    return (
        f"#{set_.id} · {set_.kind}{of} · {set_.connector or '-'} · {set_.at}\n"
        f"created {set_.created}, changed {set_.changed}, kept {set_.kept}"
    )


def _counted(set_: ChangeSet) -> list[str]:
    """How many records a change set made, changed, removed and kept."""
    return [
        plural(one, many, count)
        for one, many, count in (
            ("{n} new", "{n} new", set_.created),
            ("{n} changed", "{n} changed", set_.changed - set_.removed),
            ("{n} removed", "{n} removed", set_.removed),
            (*NN_("{n} kept as here", "{n} kept as here"), set_.kept),
        )
        if count
    ]


class ChosenSync(QFrame):
    """The lower half of the history."""

    copied = Signal()
    undo = Signal()
    again = Signal()

    def __init__(self) -> None:
        self._shown: tuple[RunRow | ChangeSet, Sequence[LogLine]] | None = None
        self._instead = False
        """Whether something else is in front only because there is no table."""
        super().__init__()
        self.setObjectName("detail")
        self.title = Label()
        self.title.setFont(_strong(self.font()))
        self.title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.about = Label()
        self.about.setProperty("quiet", True)
        for label in (self.title, self.about):
            label.setWordWrap(True)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.copy = QPushButton(_("Copy details"))
        self.copy.setAccessibleDescription(_("Copies what is known of this sync, without names."))
        self.copy.clicked.connect(self.copy_details)
        self.undo_button = QPushButton(_("Undo…"))
        self.undo_button.setAccessibleDescription(_("Says first what would be taken back."))
        self.undo_button.clicked.connect(self.undo)
        self.again_button = QPushButton(_("Run again"))
        self.again_button.clicked.connect(self.again)
        self.trouble = QFrame()
        self.trouble.setObjectName("trouble")
        self.trouble_words = Label()
        self.trouble_words.setWordWrap(True)
        self.trouble_words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        inside = QVBoxLayout(self.trouble)
        inside.setContentsMargins(10, 2, 4, 2)
        inside.addWidget(self.trouble_words)
        self.streams = self._table()
        self.log = QPlainTextEdit()
        self.log.setObjectName("log")
        self.log.setReadOnly(True)
        self.log.setTabChangesFocus(True)
        self.log.setAccessibleName(_("Messages of this sync"))
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.streams, _("By record type"))
        self.changes = Changes()
        self.tabs.addTab(self.changes, _("Who was changed"))
        self.tabs.addTab(self.log, _("Log"))
        self._lay_out()
        self.clear()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.about)
        top = QHBoxLayout()
        top.setSpacing(2 * theme.SPACE)
        top.addLayout(words, 1)
        for button in (self.again_button, self.undo_button, self.copy):
            top.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 12, 12)
        layout.setSpacing(theme.SPACE)
        layout.addLayout(top)
        layout.addWidget(self.trouble)
        layout.addWidget(self.tabs, 1)
        layout.addStretch(0)

    def sizeHint(self) -> QSize:  # noqa: N802, RUF100
        """No higher than the table in front needs it."""
        hint, table = super().sizeHint(), self.streams
        if self.tabs.isHidden() or self.tabs.currentWidget() is not table:
            return hint
        rows = (table.rowCount() + 1) * table.verticalHeader().defaultSectionSize()
        needed = rows + table.horizontalHeader().sizeHint().height()
        pages = max(page.sizeHint().height() for page in (table, self.changes, self.log))
        return QSize(hint.width(), min(hint.height(), hint.height() - pages + needed))

    def clear(self, *, narrow: bool = False) -> None:
        """Nothing is chosen; there is nothing, or ``narrow``: nothing of what is looked for."""
        self._shown = None
        if narrow:
            self.title.setText(_("Nothing is like that"))
            self.about.setText(_("Look for something else, or clear what you look for."))
        else:
            self.title.setText(_("No sync yet"))
            self.about.setText(_("What each sync did will stand here."))
        self.trouble.hide()
        self.tabs.hide()
        for button in (self.copy, self.undo_button, self.again_button):
            button.hide()

    def show_set(self, set_: ChangeSet, log: Sequence[LogLine]) -> None:
        """Shows a change set that is no run."""
        if self._shown == (set_, log):
            return
        self._shown = (set_, log)
        words = {"id": number(set_.id), "what": set_words(set_)}
        self.title.setText(_("#{id}: {what}").format(**words))
        parts = [absolute(instant(set_.at)), set_.connector or "", *_counted(set_)]
        if set_.unfinished:
            parts.append(_("cut off: undo #{of} again, and it goes on").format(of=set_.of))
        nothing = not (_counted(set_) or log)
        if nothing:
            parts.append(_("no record was changed"))
        self.about.setText(" · ".join(filter(None, parts)))
        self.trouble.hide()
        self._show_streams(there=False, instead=self.changes)
        kept = set_.kept > 0 and not (set_.created or set_.changed)
        self._name_changes(_("Who stays as here") if kept else _("Who was changed"))
        again = set_.kind == UNDO
        self.undo_button.setText(_("Do it again…") if again else _("Undo…"))
        self.tabs.setTabVisible(self.tabs.indexOf(self.log), bool(log))
        told = [sentence(line.code, line.parameters) for line in log]
        self.log.setPlainText("\n".join(told))
        self.again_button.hide()
        self._show_buttons()
        self.tabs.setVisible(not nothing)  # the list above has better use for the room

    def show_run(
        self, run: RunRow, log: Sequence[LogLine], *, state: str = "", what: str = ""
    ) -> None:
        """Shows a run; ``state`` says how it stands, where that is not as it ended, and ``what``
        it was, where that was no sync."""
        state = state or _(badges.of_run(run.state).word)
        if self._shown == (run, log) and self.title.text().endswith(state):
            return
        self._shown = (run, log)
        words = _("#{id}: {what}: {state}") if what else _("Sync #{id} of {name}: {state}")
        name = run.connector or _("(removed)")
        self.title.setText(words.format(id=number(run.id), what=what, name=name, state=state))
        self.about.setText(self._about(run))
        words = why_warned(run)
        if run.error_code:
            words = sentence(run.error_code, run.error_parameters)
        self.trouble_words.setText(words)
        self.trouble.setVisible(bool(words))
        self._fill(run)
        self._show_streams(there=bool(run.streams), instead=self.log)
        self._name_changes(_("Who was changed"))
        self.undo_button.setText(_("Undo…"))
        told = messages(run, log)
        self.log.setPlainText("\n".join(told) or _("Nothing worth telling happened."))
        # What went as it should is there to be read, and does not call for attention.
        warned = len(messages(run, [line for line in log if line.level != "info"]))
        title = plural("Log: {n} warning", "Log: {n} warnings", warned) if warned else _("Log")
        self.tabs.setTabText(self.tabs.indexOf(self.log), title)
        self.tabs.setTabVisible(self.tabs.indexOf(self.log), True)
        self.again_button.setVisible(run.state in AGAIN and run.mode not in journal.NO_SYNC)
        did = any(run.total(name) for name in DID)
        self._show_buttons(can_undo=did and not is_open(run) and run.mode != journal.PREVIEW)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802, RUF100
        """Cells keep the colour they were given, so new colours mean new cells."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and self._shown is not None:
            shown = self._shown[0]
            if isinstance(shown, RunRow):
                self._fill(shown)

    def copy_details(self) -> None:
        """Copies all that is known of what is shown."""
        if self._shown is None:
            return
        shown, log = self._shown
        told = details(shown, log) if isinstance(shown, RunRow) else set_details(shown)
        QGuiApplication.clipboard().setText(told)
        self.copied.emit()

    def _show_buttons(self, *, can_undo: bool = True) -> None:
        self.undo_button.setVisible(can_undo)
        self.tabs.show()
        self.copy.show()

    def _about(self, run: RunRow) -> str:
        mode = _(MODES.get(run.mode, run.mode))
        parts = ["" if run.mode == journal.APPROVAL else mode, absolute(instant(run.started_at))]
        if run.seconds is not None:
            parts.append(duration(run.seconds))
        by_itself = STARTED.get(run.trigger)
        parts.append(_(by_itself) if by_itself else _("started by {who}").format(who=run.author))
        if run.resumes is not None:
            parts.append(_("went on where #{id} stopped").format(id=number(run.resumes)))
        return " · ".join(filter(None, parts))

    def _table(self) -> QTableWidget:
        headings = [_("Record type"), *(_(word) for _name, word in COUNTS), _("Answer")]
        table = QTableWidget(0, len(headings))
        table.setObjectName("streams")
        table.setAccessibleName(_("What this sync did, by record type"))
        table.setHorizontalHeaderLabels(headings)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setFrameShape(QFrame.Shape.NoFrame)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(max(26, table.fontMetrics().height() + 8))
        head = table.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionsClickable(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setStretchLastSection(True)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for column in range(len(headings)):
            middle = 1 <= column < ANSWER
            heading = table.horizontalHeaderItem(column)
            assert heading is not None
            heading.setTextAlignment(right if middle else left)
        return table

    def _show_streams(self, *, there: bool, instead: QWidget) -> None:
        """The table is away as long as it is empty, and then in front again."""
        was, front = self.tabs.isTabVisible(0), self.tabs.currentIndex() == 0
        self.tabs.setTabVisible(0, there)
        if there and not was and self._instead:
            self.tabs.setCurrentIndex(0)
        elif front and not there:
            self.tabs.setCurrentWidget(instead)
        self._instead = not there and (front or self._instead)

    def _name_changes(self, words: str) -> None:
        self.tabs.setTabText(self.tabs.indexOf(self.changes), words)

    def _fill(self, run: RunRow) -> None:
        c, asked = theme.colours(), run.mode != journal.APPROVAL
        self.streams.setRowCount(len(run.streams))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        over = run.ended_at is not None  # before, rows would change places under one's eyes
        streams = sorted(run.streams, key=lambda one: (over and not _tells(one), _usual_place(one)))
        for row, stream in enumerate(streams):
            whole = answer(stream, not over)
            texts = [entity_name(stream.entity)]
            texts += [number(stream.counts[name]) for name, _word in COUNTS]
            for column, text in enumerate([*texts, whole]):
                cell = QTableWidgetItem(text)
                if 1 <= column < ANSWER:
                    cell.setTextAlignment(right)
                    if text == "0":
                        cell.setForeground(QBrush(QColor(c.muted)))
                elif column == ANSWER:
                    cell.setToolTip(tip(text))
                    if not stream.complete and over:
                        cell.setForeground(QBrush(QColor(c.warn)))
                self.streams.setItem(row, column, cell)
        for column, (name, _word) in enumerate(COUNTS, start=1):
            nothing = name in RARE and run.total(name) == 0
            self.streams.setColumnHidden(column, nothing or (name in ASKED and not asked))
        self.streams.setColumnHidden(ANSWER, not asked)
        self.updateGeometry()


def _tells(stream: StreamCounts) -> bool:
    """True where something is different from before, or waits."""
    return any(stream.counts[name] for name, _word in COUNTS if name not in ("read", "unchanged"))


def _usual_place(stream: StreamCounts) -> int:
    """A run that goes on where another stopped has its streams in another order."""
    order = list(ENTITIES)
    return order.index(stream.entity) if stream.entity in ENTITIES else len(order)


def _strong(font: QFont) -> QFont:
    strong = QFont(font)
    strong.setWeight(QFont.Weight.DemiBold)
    return strong
