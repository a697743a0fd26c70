"""Unexpected errors, shown as ours: what happened, what to do, details without anybody's data."""

import logging
import platform
import sys
import traceback
from pathlib import Path
from types import TracebackType

import PySide6
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QWidget

import app
from app.errors import SyncError
from app.text import _, sentence
from app.ui.parts.dialog import Dialog

logger = logging.getLogger(__name__)
_ROOT = Path(app.__file__).parent.parent


def told(error: BaseException) -> str:
    """What happened, in a sentence."""
    if isinstance(error, SyncError):
        return sentence(error.code, error.parameters)
    return sentence("unexpected")


def system() -> list[str]:
    """Which versions run here, in lines."""
    versions = f"Python {platform.python_version()}, PySide6 {PySide6.__version__}"
    return [f"MindKindler Sync, {versions}", platform.platform()]


def details(error: BaseException) -> str:
    """Kind and place of an error. Its own words are left out: they may hold a person's data."""
    lines = system()
    if isinstance(error, SyncError):
        lines.append(f"{type(error).__name__} {error.code}")
    else:
        lines.append(type(error).__name__)
    for frame in traceback.extract_tb(error.__traceback__):
        path = Path(frame.filename)
        name = path.relative_to(_ROOT) if path.is_relative_to(_ROOT) else path.name
        lines.append(f"  {name}:{frame.lineno} in {frame.name}")
    if error.__cause__ is not None:
        lines.append(f"caused by {type(error.__cause__).__name__}")
    return "\n".join(lines)


class Trace(Dialog):
    """What went wrong, and details that can be copied for a report."""

    def __init__(self, parent: QWidget | None, title: str, words: str, details: str) -> None:
        super().__init__(parent, _("Something went wrong"), title, words)
        self.details = details
        self.copy_button = QPushButton(_("Copy details"))
        self.copy_button.setAccessibleDescription(
            _("Copies where it went wrong, without any data.")
        )
        self.copy_button.clicked.connect(self._copy)
        go_on = QPushButton(_("Go on working"))
        go_on.setProperty("main", True)
        go_on.setDefault(True)
        go_on.clicked.connect(self.accept)
        self.buttons.addWidget(self.copy_button)
        self.buttons.addStretch(1)
        self.buttons.addWidget(go_on)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.details)
        self.copy_button.setText(_("Copied"))


class FaultDialog(Trace):
    """Shows one unexpected error; the window goes on."""

    def __init__(self, error: BaseException, parent: QWidget | None) -> None:
        title = _("Something went wrong in this program")
        super().__init__(parent, title, told(error), details(error))


class LastCrash(Trace):
    """The session before this one ended by itself."""

    def __init__(self, trace: str, parent: QWidget | None) -> None:
        words = _(
            "It broke off in the middle of its work. Nothing is lost: what was under way is "
            "finished, or taken back, by the next sync. If it happens again, please report it: "
            "the details say where it happened and hold nobody's data."
        )
        details = "\n".join([*system(), trace])
        super().__init__(parent, _("The program broke off last time"), words, details)


class Faults(QObject):
    """Shows unexpected errors of any thread, one at a time and none twice."""

    _happened = Signal(object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._shown: set[str] = set()
        self.dialog: Trace | None = None
        self._happened.connect(self._show)

    def install(self) -> None:
        """Takes what no one else caught, from now on."""
        sys.excepthook = self._caught

    def show(self, error: BaseException) -> None:
        """Shows the error, whichever thread it comes from."""
        self._happened.emit(error)

    def show_last(self, trace: str) -> None:
        """Offers the trace of the last session, which ended by a crash."""
        if self.dialog is None:
            self._open(LastCrash(trace, self._window))

    def _caught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QGuiApplication.quit()
            return
        logger.error("unexpected error in the window\n%s", details(error))
        self.show(error)

    def _show(self, error: BaseException) -> None:
        told_already = details(error)
        if self.dialog is not None or told_already in self._shown:
            return
        self._shown.add(told_already)
        self._open(FaultDialog(error, self._window))

    def _open(self, dialog: "Trace") -> None:
        self.dialog = dialog
        dialog.finished.connect(self._over)
        dialog.open()

    def _over(self) -> None:
        self.dialog = None
