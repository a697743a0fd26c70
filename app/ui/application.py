"""The Qt application: its name, language, remembered settings and appearance."""

import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QEventLoop,
    QLibraryInfo,
    QLocale,
    QMessageLogContext,
    QSettings,
    Qt,
    QTimer,
    QtMsgType,
    QTranslator,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication

from app import text
from app.compose import Options
from app.text import N_, _
from app.ui import badges, theme
from app.ui.session import Session
from app.ui.window import Window

logger = logging.getLogger(__name__)

PICTURE_WAIT_MS = 10_000
_KEYS = {N_("Ctrl"), N_("Shift"), N_("Esc"), N_("Return"), N_("Enter")}
"""Keys that are told as keyboards have them; Qt spells them out in other languages."""


class _KeyNames(QTranslator):
    """Says the names of those keys, and leaves all else to the next translator."""

    def isEmpty(self) -> bool:  # noqa: N802, RUF100
        """It has something to say."""
        return False

    def translate(self, context: str, key: str, *_more: object) -> Any:
        """The name of a key; ``None`` of all else."""
        return _(key) if context == "QShortcut" and key in _KEYS else None


def made(arguments: Sequence[str] = (), language: str = "") -> QApplication:
    """The application, in that language (such as ``es``), or in the system's."""
    found = QApplication.instance()
    if isinstance(found, QApplication):
        return found
    QApplication.setApplicationName("MindKindler Sync")
    QApplication.setOrganizationName("MindKindler")
    QApplication.setDesktopFileName("mindkindler-sync")
    app = QApplication(list(arguments))
    speak(app, language)
    return app


def speak(app: QApplication, language: str = "") -> None:
    """Speaks that language (such as ``es``) from now on, or the system's."""
    locale, wanted = QLocale.system(), QLocale(language).language()
    if language and locale.language() != wanted:
        locale = QLocale(wanted, QLocale.Country.UnitedStates)  # for its dates and numbers
    if locale.language() == QLocale.Language.C:
        locale = QLocale(QLocale.Language.English, QLocale.Country.UnitedStates)
    own = QLocale(locale.language(), locale.script(), locale.territory())
    if locale.dayName(1) != own.dayName(1):
        locale = own  # this computer has its dates in another language
    QLocale.setDefault(locale)
    text.use_language(locale.name())
    for before in app.findChildren(QTranslator):
        app.removeTranslator(before)
        before.deleteLater()
    translator = QTranslator(app)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(locale, "qtbase", "_", folder):
        app.installTranslator(translator)
    app.installTranslator(_KeyNames(app))


def remembered() -> QSettings:
    """What only the window remembers."""
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "MindKindler", "Sync")


def dress(settings: QSettings) -> None:
    """Shows the application in the appearance chosen before, under its own icon."""
    theme.use(theme.remembered(settings))
    QApplication.setWindowIcon(badges.emblem())


def _log(_kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    logger.debug("Qt says: %s", message)


def draw(options: Options, path: Path, size: tuple[int, int] = (1280, 800)) -> None:
    """Draws a still window into a PNG file."""
    made()
    theme.use("light")
    before = qInstallMessageHandler(_log)  # a drawing without a display has complaints of its own
    try:
        _draw(options, path, size)
    finally:
        qInstallMessageHandler(before)


def _draw(options: Options, path: Path, size: tuple[int, int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        unused = QSettings(str(Path(folder, "window.ini")), QSettings.Format.IniFormat)
        window = Window(options, unused, lambda o: Session(o, still=True))
        window.resize(*size)
        window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        waiting, patience = QEventLoop(), QTimer()
        window.settled.connect(waiting.quit)
        patience.timeout.connect(waiting.quit)
        patience.start(PICTURE_WAIT_MS)
        window.show()
        waiting.exec()
        patience.stop()
        if focus := window.focusWidget():
            focus.clearFocus()
        path.parent.mkdir(parents=True, exist_ok=True)
        drawn = window.grab().save(str(path), "PNG")
        session = window.session
        window.close()
        if session is not None:
            session.wait()
        window.deleteLater()
        unused.sync()
    if not drawn:
        raise OSError(f"{path} could not be written")
