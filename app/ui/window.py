"""The main window: lays out its parts, and carries between them and the session."""

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from PySide6.QtCore import QByteArray, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.compose import PRACTICE, Options, exporters, kinds
from app.connectors.contract import declared
from app.engine.events import Progress, RunEnded
from app.engine.health import Badge, Step
from app.engine.overview import Overview
from app.errors import BusyError, SyncError
from app.server.receiver import Reception
from app.store.journal import FAILED
from app.store.reads import ConnectorFacts
from app.text import N_, _, sentence
from app.ui import faults, pages, theme
from app.ui.connectors.dialog import ConnectorDialog
from app.ui.connectors.known import KnownDialog, known_offer
from app.ui.connectors.list import Connectors
from app.ui.connectors.remove import RemoveDialog
from app.ui.connectors.webhooks import WebhooksDialog
from app.ui.desktop.desk import Desk
from app.ui.desktop.keys_page import KeysPage, KeysSheet
from app.ui.desktop.page import DesktopPage
from app.ui.desktop.staying import Staying
from app.ui.first.guide import Guide
from app.ui.keys import Keys
from app.ui.menus import Menus
from app.ui.parts.dialog import Dialog
from app.ui.places import ToChangeSet, ToFound, ToInbox, ToSettings, ToToday, ToWaiting
from app.ui.practice import lessons
from app.ui.practice.band import PracticeBand, day_told, practice_offer, practice_words
from app.ui.practice.faults import PracticeFaults
from app.ui.progress import of_row
from app.ui.reports.disagreements import DisagreementsDialog
from app.ui.reports.export import FORM, ExportDialog
from app.ui.reports.gone import GoneDialog
from app.ui.reports.problems import ProblemsDialog
from app.ui.reports.quality import QualityDialog
from app.ui.room import Said
from app.ui.session import Session
from app.ui.settings.appearance import AppearancePage
from app.ui.settings.page import Hosted, Page
from app.ui.situation import Situation, is_open, setting_up, situation
from app.ui.undoing import Undoing
from app.ui.workplace import LOW, ROOMS, Workplace

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
        self._own = self._options = options
        self.session: Session | None = None
        self._next: Options | None = None
        self._overview: Overview | None = None
        self._progress: dict[int, Progress] = {}
        self._situation: Situation | None = None
        self._trouble = ""
        self.dialog: Dialog | None = None
        """The dialog that was opened last."""
        self.faults = faults.Faults(self)
        self.keys = Keys(settings, self)
        self.undoing = Undoing(self)
        self.menus = Menus(self, settings, self.keys)
        self.desk = Desk(self, settings, self.menus.run, self.menus.quit)
        self._quitting = False
        self.band = PracticeBand()
        self.connectors = Connectors()
        self.work = Workplace(self.keys, settings, self._own_pages)
        self.practice_faults = PracticeFaults(self, self.work.tabs)
        self.welcome, self.opening, self.trouble = pages.welcome(), pages.opening(), pages.trouble()
        self.guide = Guide(settings)
        self._lay_out()
        self._connect()
        self._clock = QTimer(self)
        self._clock.setInterval(TICK_MS)
        self._clock.timeout.connect(self._tick)
        self._clock.start()
        self._restore()
        self._open(options)

    # -- parts --

    def _own_pages(self) -> tuple[Page, ...]:
        return (
            AppearancePage(self._settings, self.menus.appearances),
            Hosted("keys", N_("Keys"), lambda: KeysPage(self.keys)),
            Hosted("desktop", N_("Desktop"), lambda: DesktopPage(self.desk)),
        )

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
        for page in (self.opening, self.welcome, self.trouble, self.guide, self.sides):
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
        self.resize(theme.fitting(self, 1160, 760))

    def _connect(self) -> None:
        m, bar, work = self.menus, self.work.headline.bar, self.work
        for action, do in (
            (m.practice, self.enter_practice), (m.leave, self.leave_practice),
            (m.quit, self.quit), (m.copy, self._copy),
            (m.copy_details, lambda: work.history.sync.copy_details()), (m.run, self.run_sync),
            (m.full, self.run_full), (m.cancel, self.cancel), (m.school_day, self.school_day),
            (m.faults, self.show_faults), (m.add, self.add_connector),
            (m.edit, self.edit_connector), (m.remove, self.remove_connector),
            (m.webhooks, self.show_webhooks), (m.at_once, self.tell_at_once),
            (m.pause, self.pause_connector), (m.known, self.mark_known),
            (m.quality, self.show_quality), (m.problems, self.show_problems),
            (m.disagreements, self.show_disagreements), (m.gone, self.show_gone),
            (m.export, self.export_roster), (m.waits, self.show_waiting),
            (m.undo, self._undo), (m.redo, self._redo), (m.back, work.back),
            (m.forward, work.forward), (m.search, lambda: work.go(ToFound())),
        ):  # fmt: skip
            action.triggered.connect(do)
        m.office.triggered.connect(lambda: self.give_lesson(lessons.OFFICE))
        m.classes.triggered.connect(lambda: self.give_lesson(lessons.CLASSES))
        self.band.school_day.connect(self.school_day)
        self.band.leave.connect(self.leave_practice)
        self.band.faults.connect(self.show_faults)
        self.practice_faults.counted.connect(self.band.show_faults)
        self.practice_faults.addActions([m.run, m.full, m.cancel, m.school_day])
        self.welcome.first.connect(self.enter_practice)
        self.welcome.second.connect(self.connect_sis)
        self.trouble.first.connect(self._try_again)
        self.trouble.second.connect(self._copy_trouble)
        bar.run.connect(self.run_sync)
        bar.cancel.connect(self.cancel)
        bar.step.connect(self._do_step)
        bar.known.connect(self.mark_known)
        self.connectors.chosen.connect(self._connector_chosen)
        self.connectors.add.connect(self.connect_sis)
        m.connect_sis.triggered.connect(self.connect_sis)
        self.guide.left.connect(self._leave_guide)
        self.guide.over.connect(self._guided)
        self.connectors.list.addActions([m.run, m.pause, m.known, m.edit, m.remove])
        for place, action in enumerate(m.rooms):
            action.triggered.connect(lambda _on=False, place=place: work.go_to_room(place))
        work.said.connect(self._says)
        work.moved.connect(self._show)
        work.notice.undo.connect(self._undo)
        work.notice.go.connect(work.go)
        work.settled.connect(self.settled)
        self.desk.go.connect(work.go)
        self.desk.awake.connect(self._awake)
        self.desk.network.connect(self._show)
        m.all_keys.triggered.connect(self.show_keys)
        self.undoing.said.connect(self._says)
        self.undoing.changed.connect(self._show_actions)
        # There the undo shows what it would do, and can be approved.
        self.undoing.goes_over.connect(lambda change_set: work.go(ToChangeSet(change_set)))
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._scheme_changed)

    def _restore(self) -> None:
        for name, restore in (
            ("geometry", self.restoreGeometry),
            ("sides", self.sides.restoreState),
        ):
            # Whatever else stands in the file, by whomever, is as good as nothing.
            if isinstance(state := self._settings.value(name), QByteArray):
                restore(state)
        room = str(self._settings.value("room", 0))
        self.work.tabs.setCurrentIndex(int(room) if room in map(str, range(len(ROOMS))) else 0)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802, RUF100
        """Remembers how it looked, and ends the session; ``main`` waits for that.

        Where a person wants that, the program goes on in the tray instead.
        """
        if not self._quitting and self.isVisible() and self._stays():
            event.ignore()
            return
        self._next = None
        self._settings.setValue("geometry", self.saveGeometry())
        self._settings.setValue("sides", self.sides.saveState())
        self._settings.setValue("room", self.work.tabs.currentIndex())
        self._clock.stop()
        self.guide.remember()
        self.desk.close()
        if self.session is not None:
            self.session.close()
        super().closeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, RUF100
        """Leaves a low window to what is worked with."""
        super().resizeEvent(event)
        self.band.set_low(self.height() < LOW)

    def quit(self) -> None:
        """Ends the program, from the tray, too."""
        self._quitting, hidden = True, not self.isVisible()
        self.close()
        if hidden:
            QApplication.quit()

    def _stays(self) -> bool:
        """Goes into the tray, or asks whether to, rather than close; ``False`` where it is to."""
        goes_on = self.desk.goes_on
        if goes_on:
            QApplication.setQuitOnLastWindowClosed(False)
            self.hide()
        elif goes_on is None and self._keeps_a_schedule():
            dialog = Staying(self)
            dialog.chosen.connect(self._close_as_chosen)
            self._open_dialog(dialog)
        else:
            return False
        return True

    def _keeps_a_schedule(self) -> bool:
        glances = self._overview.glances if self._overview else ()
        return any(one.facts.schedule for one in glances)

    def _close_as_chosen(self, goes_on: bool) -> None:
        self.desk.set_goes_on(goes_on)
        self.close()

    def start_in_tray(self) -> None:
        """Appears in the tray alone; as a small window where there is no tray."""
        if self.desk.tray.shown:
            QApplication.setQuitOnLastWindowClosed(False)
        else:
            self.showMinimized()

    def asked_again(self, words: str) -> None:
        """The program was started once more: this window is the one that is meant.

        What is open over it is about the rosters in sight, so these stay.
        """
        self.desk.bring_up()
        if words == PRACTICE and not self.practice and QApplication.activeModalWidget() is None:
            self.enter_practice()

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
            self._session_closed(self.session)
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
        self.practice_faults.leave()
        starts = _("The practice district starts. That takes a moment.")
        self.opening.say(_("Opening…"), starts if options.practice else "")
        self.stack.setCurrentWidget(self.opening)
        title = _("PRACTICE – MindKindler Sync") if options.practice else "MindKindler Sync"
        self.setWindowTitle(title)
        self._show_actions()
        session = self.session = self._open_session(options)
        session.setParent(self)
        session.seen.connect(self._seen)
        session.progressed.connect(self._progressed)
        session.ended.connect(self._ended)
        session.refused.connect(self._refused)
        session.received.connect(self._receives)
        session.broke.connect(self._broke)
        session.closed.connect(lambda: self._session_closed(session))
        self.work.enter(session)
        if options.practice:
            self.band.watch(session)
        session.open()

    def _session_closed(self, session: Session | None) -> None:
        if session is not self.session:
            return  # it was found over before it had said so, and another one is open by now
        options, self._next = self._next, None
        for dialog in self.findChildren(Dialog):
            if dialog is not self.faults.dialog:
                dialog.close()  # it asks about what is not open any more
        if self.session is not None:
            self.work.leave()
            self.guide.forget()
            self.undoing.forget()
            self.desk.forget()
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
            if self.stack.currentWidget() is not self.guide:  # which says it itself
                self.work.notice.say(faults.told(error))
        else:
            self.faults.show(error)
        self._show()

    # -- reading --

    def _seen(self, overview: Overview) -> None:
        first = self._overview is None
        self._overview = overview
        self.desk.show_overview(overview)
        guided = self.stack.currentWidget() is self.guide
        if first and self.guide.was_open:
            self.connect_sis(go_on=True)
            guided = self.stack.currentWidget() is self.guide
        if first:  # practice is begun and left by opening another session
            offer = practice_offer(self._options)
            self.menus.practice.setText(offer)
            self.welcome.first_button.setText(offer)
            self.welcome.words.setText(practice_words(self._options))
        if not overview.glances:
            if not guided:
                self.stack.setCurrentWidget(self.welcome)
                if first:
                    self.welcome.first_button.setFocus()
            self._show_actions()
            self.settled.emit()
            return
        self.connectors.show_overview(overview, datetime.now(UTC))
        self.work.show_overview(overview)
        if not guided and self.stack.currentWidget() is not self.sides:
            self.stack.setCurrentWidget(self.sides)
            first = True
        self._show()
        if first and not guided:
            if self.practice and self.menus.at_once.isChecked():
                self.tell_at_once()
            self.work.headline.bar.main_button.setFocus()
        if self.work.room.quiet:
            self.settled.emit()

    def _connector_chosen(self, _name: object) -> None:
        self.work.choose(self.connectors.name)
        self._show()

    # -- showing --

    def _show(self) -> None:
        """The headline, the bar and the actions, from what is known now."""
        if self._overview is None or not self._overview.glances:
            self._show_actions()
            return
        now = datetime.now(UTC)
        online = self.desk.waking.online
        how = situation(self._overview, self.connectors.name, now, online=online)
        if (begun := self._half_set_up()) is not None and begun.last is None:
            how = setting_up(how, begun.name)
        self._situation = how
        self.work.headline.show_situation(how)
        bar = self.work.headline.bar
        if under_way := self._under_way(now):
            bar.show_progress(under_way)
        else:
            step = how.step
            if step is Step.SECRET and not self._asks_for_secret():
                step = Step.LOOK
            here = step is Step.REVIEW and self.work.room is self.work.decide
            has_button = step in (Step.REVIEW, Step.LOOK, Step.SECRET) and not here
            words = _(step.value) if has_button else ""
            half = self._half_set_up() is not None
            bar.show_idle(
                _("Go on setting up…") if half else words,
                can_run=bool(self._runnable()),
                # What waits is why the program was opened; without the secret no sync works.
                step_first=half
                or step is Step.REVIEW
                or (step is Step.SECRET and how.badge is not Badge.CREDENTIALS_EXPIRING),
                known=self._known_offer()
                if how.badge in (Badge.FAILING, Badge.LATE, Badge.KNOWN)
                else "",
            )
        self._show_actions()

    def _show_actions(self) -> None:
        m = self.menus
        there = self.stack.currentWidget() is self.sides
        syncing = there and self.work.headline.bar.syncing
        practice = self._options.practice
        runnable = there and not syncing and bool(self._runnable())
        known = self._known_offer()
        for action, can in (
            (m.run, runnable), (m.full, runnable), (m.cancel, syncing),
            (m.copy, there), (m.copy_details, there), (m.school_day, practice and runnable),
            (m.office, practice and runnable and self._came_in()),
            (m.classes, practice and runnable and self._came_in()),
            (m.export, self._overview is not None),
            (m.faults, practice and self._overview is not None),
            (m.add, not practice and self._overview is not None),
            (m.connect_sis, not practice and self._overview is not None),
            (m.edit, not practice and self._one() is not None),
            (m.webhooks, not practice and self._one() is not None),
            (m.pause, there and self._one() is not None),
            (m.known, there and bool(known)),
            (m.at_once, practice and self._overview is not None),
            (m.remove, not practice and runnable and self._one() is not None),
            (m.quality, there), (m.disagreements, there), (m.gone, there),
            (m.waits, there and not syncing and bool(self._wait_for_somebody())),
            (m.problems, there and self._reads_files()),
            (m.undo, self.undoing.can[0]), (m.redo, self.undoing.can[1]),
            (m.back, there and self.work.can_go[0]), (m.forward, there and self.work.can_go[1]),
            (m.search, there), *((action, there) for action in m.rooms),
        ):  # fmt: skip
            action.setEnabled(can)
        paused = (one := self._one()) is not None and one.paused
        m.known.setText(known or _("Mark as &known…"))
        m.pause.setText(_("Resu&me") if paused else _("&Pause"))
        m.practice.setVisible(not practice)
        m.leave.setVisible(practice)
        m.in_practice.setVisible(practice)
        m.in_connector.setVisible(not practice)
        self.connectors.add_button.setVisible(not practice)
        self.band.day_button.setEnabled(practice and runnable)

    def _chosen(self) -> list[Any]:
        glances = self._overview.glances if self._overview else ()
        name = self.connectors.name
        return [one.facts for one in glances if name in (None, one.facts.name)]

    def _one(self) -> ConnectorFacts | None:
        """The one connector that is chosen, or there is."""
        chosen = self._chosen()
        return chosen[0] if len(chosen) == 1 else None

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
        self.work.tick(now)
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

    def give_lesson(self, name: str) -> None:
        """Has something happen at the practice SIS, and maybe here, that is there to practise."""

        def given(lesson: dict[str, Any]) -> None:
            self.work.notice.say(lessons.told(name, lesson))
            self.work.headline.bar.run_button.setFocus()

        if self.session is not None:
            self.session.command("give_lesson", name, then=given)

    def _came_in(self) -> bool:
        """Records are here that something can be practised with."""
        return any(one.good is not None for one in self._chosen())

    def show_faults(self) -> None:
        """Opens the list of what the practice SIS can get wrong."""
        if self.session is not None:
            self.practice_faults.look(self.session.command)

    def _day_passed(self, account: dict[str, Any]) -> None:
        told = day_told(account["changed"], at_once=self.menus.at_once.isChecked())
        self.work.notice.say(told)
        self.work.headline.bar.run_button.setFocus()

    def _do_step(self) -> None:
        how = self._situation
        if self._half_set_up() is not None:
            self.connect_sis(go_on=True)
        elif self._asks_for_secret():
            self.edit_connector(at_secret=True)
        elif how is not None and how.step is Step.REVIEW:
            self.show_waiting()
        elif self._reads_files() and not self._has_failed():
            self.show_problems()
        elif self._situation is not None and self._situation.run is not None:
            self.work.go(ToChangeSet(self._situation.run, log=True))

    def _asks_for_secret(self) -> bool:
        """The practice SIS gives its secret itself; and it has to be clear whose is meant."""
        asks = self._situation is not None and self._situation.step is Step.SECRET
        return asks and not self.practice and self._one() is not None

    def tell_at_once(self) -> None:
        """Has the practice SIS tell of each change by webhook, or not any more; remembers that."""
        on = self.menus.at_once.isChecked()
        self._settings.setValue("practice_at_once", on)
        if self.session is not None:
            self.session.command("tell_at_once", on)

    # -- connectors --

    def connect_sis(self, *, go_on: bool = False) -> None:
        """Opens the guide that connects a SIS; to ``go_on`` with the one that was begun."""
        if self.session is None or self._overview is None or self.practice:
            return
        facts = [one.facts for one in self._overview.glances]
        begun = self._begun() if go_on else None
        if begun is not None and begun.good is not None:
            return  # it came to its end without the guide
        self.stack.setCurrentWidget(self.guide)
        self.guide.open(self.session, kinds(), [one.name for one in facts], begun)
        self._show_actions()

    def _begun(self) -> ConnectorFacts | None:
        """The connector whose setting up was left."""
        facts = [one.facts for one in self._overview.glances] if self._overview else []
        return next((one for one in facts if one.name == self.guide.unfinished), None)

    def _half_set_up(self) -> ConnectorFacts | None:
        """The chosen connector, where its setting up was left and nothing has come in yet."""
        begun = None if self.practice else self._begun()
        return begun if begun is not None and begun == self._one() and begun.good is None else None

    def _leave_guide(self) -> None:
        there = self._overview is not None and self._overview.glances
        self.stack.setCurrentWidget(self.sides if there else self.welcome)
        self.work.go(ToToday())
        self._show()
        here = self.work.headline.bar.main_button
        (here if there else self.welcome.first_button).setFocus()

    def _guided(self, name: str) -> None:
        """The connector is set up: how things are with it."""
        self.connectors.choose(name)
        self._leave_guide()

    def add_connector(self) -> None:
        """Opens the dialog that connects another SIS."""
        self._edit(None)

    def edit_connector(self, *, at_secret: bool = False) -> None:
        """Opens the dialog with the settings of the chosen connector."""
        if one := self._one():
            self._edit(one, at_secret=at_secret)

    def _edit(self, facts: ConnectorFacts | None, *, at_secret: bool = False) -> None:
        if self.session is None or self._overview is None:
            return
        found = kinds()
        if facts is not None and facts.kind not in found:
            self.work.notice.say(sentence("kind_unknown", {"kind": facts.kind}))
            return
        taken = [one.facts.name for one in self._overview.glances]
        dialog = ConnectorDialog(
            self, self.session.request, found, taken, facts, at_secret=at_secret
        )
        dialog.saved.connect(self._saved)
        self._open_dialog(dialog)

    def remove_connector(self) -> None:
        """Asks whether the chosen connector is to be removed."""
        if self.session is not None and (one := self._one()):
            self._open_dialog(RemoveDialog(self, self.session.request, one.name))

    def pause_connector(self) -> None:
        """Pauses the chosen connector, or resumes it."""
        if self.session is not None and (one := self._one()):
            self.session.command("set_paused", one.name, not one.paused)

    def mark_known(self) -> None:
        """Asks until when, and why, what the headline says is known."""
        if self.session is not None and (chosen := self._chosen()):
            self._open_dialog(KnownDialog(self, self.session, chosen[0], datetime.now(UTC)))

    def _known_offer(self) -> str:
        chosen = self._chosen()
        return known_offer(chosen[0], datetime.now(UTC)) if chosen else ""

    def show_webhooks(self) -> None:
        """Opens the webhooks of the chosen connector."""
        if self.session is not None and (one := self._one()):
            self._open_dialog(WebhooksDialog(self, self.session, one.name))

    def export_roster(self) -> None:
        """Opens the dialog that writes the roster as files for other programs."""
        if self.session is not None and (exporter := exporters().get(FORM)):
            self._open_dialog(ExportDialog(self, self.session, exporter))

    def show_quality(self) -> None:
        """Opens what the registrar of each school should mend."""
        if self.session is not None:
            self._open_dialog(QualityDialog(self, self.session))

    def show_disagreements(self) -> None:
        """Opens where the SIS tell otherwise of the same record."""
        if self.session is not None:
            self._open_report(DisagreementsDialog(self, self.session))

    def show_gone(self) -> None:
        """Opens who is gone in one SIS and still in another."""
        if self.session is not None:
            self._open_report(GoneDialog(self, self.session))

    def _open_report(self, dialog: DisagreementsDialog | GoneDialog) -> None:
        """One from which something is done, and undone, and that leads to records."""
        dialog.addActions([self.menus.undo, self.menus.redo])
        dialog.said.connect(self._says)
        dialog.undo.connect(self._undo)
        dialog.go.connect(self.work.go)
        self.undoing.said.connect(dialog.undone)
        self._open_dialog(dialog)

    def show_waiting(self) -> None:
        """Goes to what waits for approval, or to the inbox where more than that waits."""
        chosen = self._chosen()
        approvals = [one.name for one in chosen if one.standing.waiting]
        self.work.go(ToWaiting(approvals[0]) if len(approvals) == 1 else ToInbox())

    def show_problems(self) -> None:
        """Opens what is wrong in the files that the chosen connector reads."""
        if self.session is not None and (one := self._one()):
            self._open_dialog(ProblemsDialog(self, self.session, one.name))

    def _wait_for_somebody(self) -> list[str]:
        """The chosen connectors of which something waits for a person."""
        stands = [(one.name, one.standing) for one in self._chosen()]
        return [name for name, s in stands if s.waiting or s.conflicts or s.unsent or s.unreadable]

    def _reads_files(self) -> bool:
        one = self._one()
        return one is not None and one.kind in _file_kinds()

    def _has_failed(self) -> bool:
        """Whether the newest sync of the chosen connector has."""
        one = self._one()
        return one is not None and one.last is not None and one.last.state == FAILED

    def _receives(self, reception: Reception) -> None:
        if reception.error is not None:
            self.work.notice.say(faults.told(reception.error))

    def _open_dialog(self, dialog: Dialog) -> None:
        self.dialog = dialog
        dialog.open()

    def _saved(self, name: str) -> None:
        self.connectors.choose(name)
        self.work.notice.hide()
        self.work.headline.bar.run_button.setFocus()

    def _copy(self) -> None:
        self.work.room.copy()

    def _copy_trouble(self) -> None:
        QGuiApplication.clipboard().setText(self._trouble)

    def _says(self, said: Said) -> None:
        if said.undo is not None or said.final:
            self.undoing.did(said)
        self.work.notice.say(said.words, undo=said.undo is not None, leads=said.leads)

    def _awake(self) -> None:
        if self.session is not None:
            self.session.command("awake")

    def show_keys(self) -> None:
        """Opens the sheet of all keys."""
        sheet = KeysSheet(self, self.keys)
        sheet.change.connect(lambda: self.work.go(ToSettings("keys")))
        self._open_dialog(sheet)

    def _undo(self) -> None:
        if self.session is not None:
            self.undoing.undo(self.session)

    def _redo(self) -> None:
        if self.session is not None:
            self.undoing.redo(self.session)

    def _scheme_changed(self, _scheme: object) -> None:
        theme.apply()


@cache
def _file_kinds() -> frozenset[str]:
    """The kinds of connector that read files of this computer."""
    found = kinds().items()
    return frozenset(name for name, kind in found if any(one.about.path for one in declared(kind)))
