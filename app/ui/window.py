"""The main window: lays out its parts, and carries between them and the session."""

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.compose import Options
from app.engine.events import Progress, RunEnded
from app.engine.health import Badge, Step
from app.engine.overview import Overview
from app.errors import BusyError, SyncError
from app.store import reads
from app.store.reads import LogLine, RunRow
from app.text import _
from app.ui import faults, pages, theme
from app.ui.connectors import Connectors
from app.ui.menus import Menus
from app.ui.practice_band import PracticeBand, day_told
from app.ui.progress import of_row
from app.ui.session import Session
from app.ui.situation import Situation, is_open, situation
from app.ui.workplace import Workplace

TICK_MS = 20_000
"""How often "2 minutes ago" is looked at again."""


class Window(QMainWindow):
    """One session at a time: the own rosters, or practice."""

    settled = Signal()
    """All that is to be seen for now is shown."""

    def __init__(
        self,
        options: Options,
        settings: QSettings,
        open_session: Callable[[Options], Session] = Session,
    ) -> None:
        super().__init__()
        self._settings = settings
        self._open_session = open_session
        self.session: Session | None = None
        self._next: Options | None = None
        self._overview: Overview | None = None
        self._progress: dict[int, Progress] = {}
        self._situation: Situation | None = None
        self._trouble = ""
        self.faults = faults.Faults(self)
        self.menus = Menus(self, settings)
        self.band = PracticeBand()
        self.connectors = Connectors()
        self.work = Workplace()
        self.welcome, self.opening, self.trouble = pages.welcome(), pages.opening(), pages.trouble()
        self._lay_out()
        self._connect()
        self._clock = QTimer(self)
        self._clock.setInterval(TICK_MS)
        self._clock.timeout.connect(self._tick)
        self._clock.start()
        self._restore()
        self._open(options)

    # -- parts --

    def _lay_out(self) -> None:
        self.sides = QSplitter(Qt.Orientation.Horizontal)
        self.sides.setChildrenCollapsible(False)
        self.sides.setHandleWidth(1)
        self.sides.addWidget(self.connectors)
        self.sides.addWidget(self.work)
        self.sides.setStretchFactor(1, 1)
        self.sides.setSizes([theme.SIDEBAR, 10_000])
        self.connectors.setMinimumWidth(180)
        self.stack = QStackedWidget()
        for page in (self.opening, self.welcome, self.trouble, self.sides):
            self.stack.addWidget(page)
        whole = QWidget()
        layout = QVBoxLayout(whole)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.band)
        layout.addWidget(self.stack, 1)
        self.setCentralWidget(whole)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(True)  # Enter presses it, as Space does
        self.resize(1160, 760)

    def _connect(self) -> None:
        m, bar, history = self.menus, self.work.headline.bar, self.work.history
        for action, do in (
            (m.practice, self.enter_practice), (m.leave, self.leave_practice),
            (m.quit, self.close), (m.copy, self._copy),
            (m.copy_details, self.work.sync.copy_details), (m.run, self.run_sync),
            (m.full, self.run_full), (m.cancel, self.cancel), (m.school_day, self.school_day),
        ):  # fmt: skip
            action.triggered.connect(do)
        self.band.school_day.connect(self.school_day)
        self.band.leave.connect(self.leave_practice)
        self.welcome.first.connect(self.enter_practice)
        self.trouble.first.connect(self._try_again)
        self.trouble.second.connect(self._copy_trouble)
        bar.run.connect(self.run_sync)
        bar.cancel.connect(self.cancel)
        bar.step.connect(self._do_step)
        self.connectors.chosen.connect(self._connector_chosen)
        history.runs.wanted.connect(self._read_rows)
        history.chosen.connect(self._read_chosen)
        self.work.sync.copied.connect(self._copied)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._scheme_changed)

    def _restore(self) -> None:
        if geometry := self._settings.value("geometry"):
            self.restoreGeometry(geometry)
        if state := self._settings.value("sides"):
            self.sides.restoreState(state)
        if state := self._settings.value("split"):
            self.work.split.restore(state)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802, RUF100
        """Remembers how it looked, and ends the session; ``main`` waits for that."""
        self._settings.setValue("geometry", self.saveGeometry())
        self._settings.setValue("sides", self.sides.saveState())
        if self.work.split.by_hand:
            self._settings.setValue("split", self.work.split.saveState())
        self._clock.stop()
        if self.session is not None:
            self.session.close()
        super().closeEvent(event)

    # -- the session --

    @property
    def practice(self) -> bool:
        """True in practice."""
        return self._options.practice

    def enter_practice(self) -> None:
        """Opens the practice district instead of the own rosters."""
        self._reopen(dataclasses.replace(self._options, practice=True, database=None))

    def leave_practice(self) -> None:
        """Goes back to the own rosters."""
        self._reopen(dataclasses.replace(self._own, practice=False))

    def _reopen(self, options: Options) -> None:
        self._next = options
        self.opening.say(_("One moment…"), "")
        self.stack.setCurrentWidget(self.opening)
        if self.session is None or self.session.over:
            self._session_closed()
        else:
            self.session.close()

    def _open(self, options: Options) -> None:
        self._options = options
        if not options.practice:
            self._own = options
        self._overview = None
        self._progress.clear()
        self.work.notice.hide()
        self.band.setVisible(options.practice)
        starts = _("The practice district starts. That takes a moment.")
        self.opening.say(_("Opening…"), starts if options.practice else "")
        self.stack.setCurrentWidget(self.opening)
        title = _("PRACTICE – MindKindler Sync") if options.practice else "MindKindler Sync"
        self.setWindowTitle(title)
        self._show_actions()
        session = self.session = self._open_session(options)
        session.setParent(self)
        session.seen.connect(self._seen)
        session.wrote.connect(self._read_ids)
        session.progressed.connect(self._progressed)
        session.ended.connect(self._ended)
        session.refused.connect(self._refused)
        session.broke.connect(self._broke)
        session.closed.connect(self._session_closed)
        session.open()

    def _session_closed(self) -> None:
        options, self._next = self._next, None
        if self.session is not None:
            self.session.deleteLater()
            self.session = None
        if options is not None:
            self._open(options)

    def _try_again(self) -> None:
        self._reopen(self._options)

    def _broke(self, error: BaseException) -> None:
        """The engine could not open, or ended; its session is over."""
        self._trouble = faults.details(error)
        self.trouble.say(_("This could not be opened."), faults.told(error))
        self.stack.setCurrentWidget(self.trouble)
        self.trouble.first_button.setFocus()
        if not isinstance(error, SyncError):
            self.faults.show(error)
        if self.session is not None:
            self.session.close()
        self._show_actions()

    def _refused(self, error: BaseException) -> None:
        if isinstance(error, BusyError):
            pass  # it runs already, which is what was wanted, and is shown
        elif isinstance(error, SyncError):
            self.work.notice.say(faults.told(error))
        else:
            self.faults.show(error)
        self._show()

    # -- reading --

    def _seen(self, overview: Overview) -> None:
        first = self._overview is None
        self._overview = overview
        if not overview.glances:
            self.stack.setCurrentWidget(self.welcome)
            if first:
                self.welcome.first_button.setFocus()
            self._show_actions()
            self.settled.emit()
            return
        self.connectors.show_overview(overview, datetime.now(UTC))
        self.work.tiles.show_counts(overview.counts)
        if self.stack.currentWidget() is not self.sides:
            self.stack.setCurrentWidget(self.sides)
        self._show()
        if first:
            self._read_ids()
            self.work.headline.bar.run_button.setFocus()

    def _read_ids(self) -> None:
        if self.session is not None:
            name = self.connectors.name
            self.session.ask("ids", lambda db: reads.run_ids(db, name), self._show_ids)

    def _show_ids(self, ids: list[int]) -> None:
        several = self.connectors.name is None
        self.work.history.show_ids(ids, with_connector=several)
        if not ids:
            self.settled.emit()

    def _read_rows(self, ids: list[int]) -> None:
        if self.session is not None:
            self.session.ask("rows", lambda db: reads.runs_by_id(db, ids), self._show_rows)

    def _show_rows(self, rows: dict[int, RunRow]) -> None:
        self.work.history.runs.put(rows)
        chosen = self.work.history.chosen_id()
        if chosen in rows:
            self._read_chosen(chosen)

    def _read_chosen(self, id_: int | None) -> None:
        if id_ is None:
            self.work.sync.clear()
        elif self.session is not None:
            self.session.ask(
                "chosen", lambda db: (reads.run(db, id_), reads.run_log(db, id_)), self._show_chosen
            )

    def _show_chosen(self, found: tuple[RunRow, list[LogLine]]) -> None:
        self.work.sync.show_run(*found)
        if self.work.history.runs.run(0) is not None:
            self.settled.emit()

    def _connector_chosen(self, _name: object) -> None:
        self._read_ids()
        self._show()

    # -- showing --

    def _show(self) -> None:
        """The headline, the bar and the actions, from what is known now."""
        if self._overview is None or not self._overview.glances:
            self._show_actions()
            return
        now = datetime.now(UTC)
        how = self._situation = situation(self._overview, self.connectors.name, now)
        self.work.headline.show_situation(how)
        bar = self.work.headline.bar
        if under_way := self._under_way(now):
            bar.show_progress(under_way)
        else:
            step = how.step in (Step.REVIEW, Step.LOOK)
            bar.show_idle(_(how.step.value) if step else "", can_run=bool(self._runnable()))
        self._show_actions()

    def _show_actions(self) -> None:
        m = self.menus
        there = self.stack.currentWidget() is self.sides
        syncing = there and self.work.headline.bar.syncing
        practice = self._options.practice
        runnable = there and not syncing and bool(self._runnable())
        for action, can in (
            (m.run, runnable), (m.full, runnable), (m.cancel, syncing),
            (m.copy, there), (m.copy_details, there), (m.school_day, practice and runnable),
        ):  # fmt: skip
            action.setEnabled(can)
        m.practice.setVisible(not practice)
        m.leave.setVisible(practice)
        m.school_day.setVisible(practice)
        self.band.day_button.setEnabled(practice and runnable)

    def _chosen(self) -> list[Any]:
        glances = self._overview.glances if self._overview else ()
        name = self.connectors.name
        return [one.facts for one in glances if name in (None, one.facts.name)]

    def _runnable(self) -> list[str]:
        return [one.name for one in self._chosen() if not is_open(one.last) and not one.paused]

    def _under_way(self, now: datetime) -> list[Progress]:
        """The chosen connectors' runs, of this process by its events, of others by their rows."""
        rows = [one.last for one in self._chosen() if is_open(one.last)]
        return [self._progress.get(row.id) or of_row(row, now) for row in rows]

    def _progressed(self, told: Progress) -> None:
        self._progress[told.run] = told
        if self._overview is not None and self.work.headline.bar.syncing:
            self.work.headline.bar.show_progress(self._under_way(datetime.now(UTC)))

    def _ended(self, told: RunEnded) -> None:
        self._progress.pop(told.run, None)

    def _tick(self) -> None:
        now = datetime.now(UTC)
        self.connectors.model.tick(now)
        self.work.history.runs.tick(now)
        if self.session is not None and self._overview is not None:
            # A sync of another process that was killed would look alive for ever.
            self.session.command("end_cut_off_runs")
            self.session.refresh()

    # -- commands --

    def run_sync(self) -> None:
        """Syncs what is chosen: what changed, or all where that is due."""
        self._start(full=False)

    def run_full(self) -> None:
        """Reads everything anew."""
        self._start(full=True)

    def _start(self, *, full: bool) -> None:
        self.work.notice.hide()
        if self.session is not None:
            for name in self._runnable():
                self.session.start(name, full=full)

    def cancel(self) -> None:
        """Stops what is being synced, here or in another process."""
        if self.session is not None:
            for run in self._chosen():
                if is_open(run.last):
                    self.session.command("cancel", run.last.id)

    def school_day(self) -> None:
        """Lets a school day pass at the practice SIS."""
        if self.session is not None:
            self.session.command("school_day", then=self._day_passed)

    def _day_passed(self, account: dict[str, Any]) -> None:
        self.work.notice.say(day_told(account["changed"]))
        self.work.headline.bar.run_button.setFocus()

    def _do_step(self) -> None:
        if self._situation is not None and self._situation.run is not None:
            self.work.history.choose(self._situation.run)
            self.work.sync.tabs.setCurrentIndex(1 if self._situation.badge is Badge.FAILING else 0)
            self.work.history.setFocus()

    def _copy(self) -> None:
        focus = QApplication.focusWidget()
        log = self.work.sync.log
        if focus is log and log.textCursor().hasSelection():
            log.copy()
        elif self.work.history.currentIndex().isValid():
            QGuiApplication.clipboard().setText(self.work.history.row_text())

    def _copy_trouble(self) -> None:
        QGuiApplication.clipboard().setText(self._trouble)

    def _copied(self) -> None:
        self.work.notice.say(_("The details are on the clipboard. They hold no names."))

    def _scheme_changed(self, _scheme: object) -> None:
        theme.apply()
