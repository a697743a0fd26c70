"""What one sync did: its error in plain words, its streams as a table, its log as sentences."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
)

from app.engine.overview import shared
from app.engine.told import log_parameters
from app.roster.entities import ENTITIES
from app.store.reads import LogLine, RunRow, StreamCounts
from app.text import N_, _, plural, sentence
from app.ui import badges, theme
from app.ui.wording import absolute, duration, entity_name, instant, number

COUNTS = (
    ("read", N_("Read")), ("created", N_("New")), ("updated", N_("Changed")),
    ("unchanged", N_("Unchanged")), ("deleted", N_("Removed")), ("joined", N_("Joined")),
    ("unreadable", N_("Unreadable")), ("waiting", N_("Waiting")),
)  # fmt: skip
RARE = ("deleted", "joined", "unreadable", "waiting")
"""Columns shown only where they count something."""
ANSWER = len(COUNTS) + 1
MODES = {
    "full": N_("Full sync"),
    "incremental": N_("Sync of changes"),
    "preview": N_("Preview"),
    "approval": N_("Approval"),
}

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
    return shared(told)


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


class ChosenSync(QFrame):
    """The lower half of the history."""

    copied = Signal()

    def __init__(self) -> None:
        self._shown: tuple[RunRow, Sequence[LogLine]] | None = None
        super().__init__()
        self.setObjectName("detail")
        self.title = QLabel()
        self.title.setFont(_strong(self.font()))
        self.title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.about = QLabel()
        self.about.setProperty("quiet", True)
        for label in (self.title, self.about):
            label.setWordWrap(True)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.copy = QPushButton(_("Copy details"))
        self.copy.setAccessibleDescription(_("Copies what is known of this sync, without names."))
        self.copy.clicked.connect(self.copy_details)
        self.trouble = QFrame()
        self.trouble.setObjectName("trouble")
        self.trouble_words = QLabel()
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
        top.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 12, 12)
        layout.setSpacing(theme.SPACE)
        layout.addLayout(top)
        layout.addWidget(self.trouble)
        layout.addWidget(self.tabs, 1)
        layout.addStretch(0)

    def clear(self) -> None:
        """No sync is chosen."""
        self._shown = None
        self.title.setText(_("No sync yet"))
        self.about.setText(_("What each sync did will stand here."))
        self.trouble.hide()
        self.tabs.hide()
        self.copy.hide()

    def show_run(self, run: RunRow, log: Sequence[LogLine]) -> None:
        """Shows a run."""
        if self._shown == (run, log):
            return
        self._shown = (run, log)
        state = _(badges.of_run(run.state).word)
        self.title.setText(
            _("Sync #{id} of {name}: {state}").format(
                id=number(run.id), name=run.connector or _("(removed)"), state=state
            )
        )
        self.about.setText(self._about(run))
        words = ""
        if run.error_code:
            words = sentence(run.error_code, run.error_parameters)
        self.trouble_words.setText(words)
        self.trouble.setVisible(bool(words))
        self._fill(run)
        self._show_streams(bool(run.streams))
        told = messages(run, log)
        self.log.setPlainText("\n".join(told) or _("Nothing worth telling happened."))
        # What went as it should is there to be read, and does not call for attention.
        warned = len(messages(run, [line for line in log if line.level != "info"]))
        title = plural("Log: {n} warning", "Log: {n} warnings", warned) if warned else _("Log")
        self.tabs.setTabText(1, title)
        self.tabs.show()
        self.copy.show()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802, RUF100
        """Cells keep the colour they were given, so new colours mean new cells."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and self._shown is not None:
            self._fill(self._shown[0])

    def copy_details(self) -> None:
        """Copies all that is known of the sync."""
        if self._shown is not None:
            QGuiApplication.clipboard().setText(details(*self._shown))
            self.copied.emit()

    def _about(self, run: RunRow) -> str:
        mode = _(MODES.get(run.mode, run.mode))
        parts = [mode, absolute(instant(run.started_at))]
        if run.seconds is not None:
            parts.append(duration(run.seconds))
        by_itself = STARTED.get(run.trigger)
        parts.append(_(by_itself) if by_itself else _("started by {who}").format(who=run.author))
        if run.resumes is not None:
            parts.append(_("went on where #{id} stopped").format(id=number(run.resumes)))
        return " · ".join(parts)

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

    def _show_streams(self, there: bool) -> None:
        """The table is away as long as it is empty, and then in front again."""
        was = self.tabs.isTabVisible(0)
        self.tabs.setTabVisible(0, there)
        if there and not was:
            self.tabs.setCurrentIndex(0)

    def _fill(self, run: RunRow) -> None:
        c = theme.colours()
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
                    cell.setToolTip(text)
                    if not stream.complete and over:
                        cell.setForeground(QBrush(QColor(c.warn)))
                self.streams.setItem(row, column, cell)
        for column, (name, _word) in enumerate(COUNTS, start=1):
            self.streams.setColumnHidden(column, name in RARE and run.total(name) == 0)


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
