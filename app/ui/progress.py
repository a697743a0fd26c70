"""*Run Sync Now*, which becomes the progress bar with time left and *Cancel* while a sync runs."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.engine.events import Progress
from app.store.reads import RunRow
from app.text import _, plural
from app.ui import theme
from app.ui.parts.label import Label
from app.ui.wording import entity_name, instant, left, number

PAINT_MS = 150
"""Progress is painted no more often."""
_WHOLE = 1000


def of_row(run: RunRow, now: datetime) -> Progress:
    """How far a run of another process is, from its row."""
    seconds_left = None
    # Since when it sends is not known of another process.
    if run.expected is not None and run.done > 0 and not run.sending:
        gone = max(0.0, (now - instant(run.started_at)).total_seconds())
        seconds_left = max(0.0, gone * (run.expected - run.done) / run.done)
    return Progress(
        run.id,
        run.connector,
        run.entity or "",
        run.done,
        run.expected,
        seconds_left,
        run.sending,
    )


def told(parts: Sequence[Progress]) -> str:
    """``12,345 of 165,349 records · People · about 20 seconds left``, or what is being sent."""
    parts = _counted(parts)
    done = sum(part.done for part in parts)
    words = []
    if parts[0].sending:
        whole = sum(part.expected or 0 for part in parts)
        words.append(
            _("{done} of {whole} changes sent").format(done=number(done), whole=number(whole))
        )
    elif done == 0:
        words.append(_("Asking the SIS…"))
    elif any(part.expected is None for part in parts):
        words.append(plural("{n} record", "{n} records", done))
    else:
        whole = max(done, sum(part.expected or 0 for part in parts))
        words.append(_("{done} of {whole} records").format(done=number(done), whole=number(whole)))
    if len(parts) == 1 and parts[0].entity:
        words.append(entity_name(parts[0].entity))
    times = [part.seconds_left for part in parts if part.seconds_left is not None]
    if done and len(times) == len(parts):
        words.append(left(max(times)))
    return " · ".join(words)


def _counted(parts: Sequence[Progress]) -> Sequence[Progress]:
    """Those that count the same thing: as long as anything is read, what is sent is not counted."""
    return [part for part in parts if not part.sending] or parts


class RunBar(QStackedWidget):
    """Two faces: the button, and the progress of what runs."""

    run = Signal()
    cancel = Signal()
    step = Signal()
    known = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.run_button = QPushButton(_("Run Sync Now"))
        self.run_button.setProperty("main", True)
        self.run_button.setAccessibleDescription(_("Brings the roster up to date. Key: F5"))
        self.run_button.setToolTip(_("Brings the roster up to date (F5)"))
        self.run_button.clicked.connect(self.run)
        self.step_button = QPushButton()
        self.step_button.clicked.connect(self.step)
        self.step_button.hide()
        self.known_button = QPushButton()
        self.known_button.setAccessibleDescription(
            _("Says until when, and why, what is wrong is not told as urgent.")
        )
        self.known_button.setToolTip(self.known_button.accessibleDescription())
        self.known_button.clicked.connect(self.known)
        self.known_button.hide()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(_("Progress of the sync"))
        self.words = Label()
        self.words.setProperty("quiet", True)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.cancel_button = QPushButton(_("Cancel"))
        self.cancel_button.setAccessibleDescription(
            _("Stops the sync. What was read so far stays. Key: Escape")
        )
        self.cancel_button.setToolTip(_("Stops the sync; what was read so far stays (Esc)"))
        self.cancel_button.clicked.connect(self._cancel)
        self._buttons = QHBoxLayout()
        self.addWidget(self._idle())
        self.addWidget(self._busy())
        self._parts: Sequence[Progress] = ()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAINT_MS)
        self._timer.timeout.connect(self._paint)

    def sizeHint(self) -> QSize:  # noqa: N802, RUF100
        """As wide as what it shows needs it; always as high as both."""
        face, both = self.currentWidget(), super().sizeHint()
        return both if face is None else QSize(face.sizeHint().width(), both.height())

    @property
    def syncing(self) -> bool:
        """True while it shows progress."""
        return self.currentIndex() == 1

    def show_idle(
        self, step: str, *, can_run: bool, step_first: bool = False, known: str = ""
    ) -> None:
        """Shows the button, and another one named ``step`` where something else is to be done.

        With ``step_first`` that has to be done before a sync makes sense, so it is the main one.
        With ``known`` a third one of that name offers to say what is known, or no more.
        """
        had = self.cancel_button.hasFocus()
        self.run_button.setEnabled(can_run)
        self.step_button.setText(step)
        self.step_button.setVisible(bool(step))
        self.known_button.setText(known.replace("&", ""))
        self.known_button.setVisible(bool(known))
        if step_first:
            self._put_first(self.step_button, self.run_button)
        else:
            self._put_first(self.run_button, self.step_button)
        self.setCurrentIndex(0)
        self._timer.stop()
        self._parts = ()
        if had:
            self.main_button.setFocus()

    @property
    def main_button(self) -> QPushButton:
        """The first one that can be pressed."""
        leads = self._buttons.indexOf(self.step_button) == 0 and bool(self.step_button.text())
        return self.step_button if leads else self.run_button

    def show_progress(self, parts: Sequence[Progress]) -> None:
        """Shows how far the runs are; painted at leisure."""
        self._parts = parts
        if not self.syncing:
            had = self.run_button.hasFocus() or self.step_button.hasFocus()
            self.cancel_button.setText(_("Cancel"))
            self.setCurrentIndex(1)
            if had:
                self.cancel_button.setFocus()
            self._paint()
        elif not self._timer.isActive():
            self._timer.start()

    def _cancel(self) -> None:
        self.cancel_button.setText(_("Cancelling…"))
        self.cancel.emit()

    def _paint(self) -> None:
        parts = _counted(self._parts)
        done = sum(part.done for part in parts)
        if any(part.expected is None for part in parts) or done == 0:
            self.bar.setRange(0, 0)
        else:
            whole = max(1, done, sum(part.expected or 0 for part in parts))
            self.bar.setRange(0, _WHOLE)
            self.bar.setValue(_WHOLE * done // whole)
        self.words.setText(told(parts))

    def _put_first(self, main: QPushButton, other: QPushButton) -> None:
        if self._buttons.indexOf(main) != 0:
            self._buttons.insertWidget(0, main)
            QWidget.setTabOrder(main, other)
            theme.mark(main, "main", True)
            theme.mark(other, "main", False)

    def _idle(self) -> QWidget:
        face = QWidget()
        layout = QHBoxLayout(face)
        layout.setContentsMargins(0, 0, 0, 0)
        self._buttons.setSpacing(theme.SPACE)
        self._buttons.addWidget(self.run_button)
        self._buttons.addWidget(self.step_button)
        self._buttons.addWidget(self.known_button)
        layout.addStretch(0)
        layout.addLayout(self._buttons)
        layout.addStretch(1)
        self._around = layout
        return face

    def set_at_end(self, at_end: bool) -> None:
        """The buttons stand where the line ends, or where it begins."""
        self._around.setStretch(0, int(at_end))
        self._around.setStretch(2, int(not at_end))

    def _busy(self) -> QWidget:
        face = QWidget()
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.words)
        words.addWidget(self.bar)
        layout = QHBoxLayout(face)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * theme.SPACE)
        layout.addLayout(words, 1)
        layout.addWidget(self.cancel_button, 0, Qt.AlignmentFlag.AlignVCenter)
        return face
