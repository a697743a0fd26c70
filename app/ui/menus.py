"""The menu bar: every action with its key, and what the window remembers of appearance."""

from collections.abc import Callable

import PySide6
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.text import _
from app.ui import theme
from app.ui.headline import large


class Menus:
    """The actions; the window connects what they do."""

    def __init__(self, window: QMainWindow, settings: QSettings) -> None:
        self._window = window
        self._settings = settings
        bar = window.menuBar()
        keys = QKeySequence.StandardKey

        file = bar.addMenu(_("&File"))
        self.practice = self._action(file, _("Try the practice district"))
        self.leave = self._action(file, _("Leave practice"))
        file.addSeparator()
        self.quit = self._action(file, _("&Quit"), "Ctrl+Q")
        self.quit.setMenuRole(QAction.MenuRole.QuitRole)

        edit = bar.addMenu(_("&Edit"))
        self.copy = self._action(edit, _("&Copy"), QKeySequence(keys.Copy))
        self.copy_details = self._action(edit, _("Copy &details of the sync"), "Ctrl+Shift+C")

        sync = bar.addMenu(_("&Sync"))
        self.run = self._action(sync, _("&Run Sync Now"), "F5", "Ctrl+R")
        self.full = self._action(sync, _("Run &Full Sync"), "Shift+F5")
        self.full.setToolTip(_("Reads everything anew, not only what changed"))
        self.cancel = self._action(sync, _("&Cancel the sync"), "Esc")
        self.school_day = self._action(sync, _("A school day passes (practice)"), "F9")

        view = bar.addMenu(_("&View"))
        looks = view.addMenu(_("&Appearance"))
        group = QActionGroup(window)
        for name, (word, _scheme) in theme.APPEARANCES.items():
            look = looks.addAction(_(word))
            look.setCheckable(True)
            look.setChecked(name == theme.remembered(settings))
            look.setData(name)
            group.addAction(look)
        group.triggered.connect(self._appear)
        self.appearances = group

        help_ = bar.addMenu(_("&Help"))
        self.about = self._action(help_, _("&About MindKindler Sync"))
        self.about.setMenuRole(QAction.MenuRole.AboutRole)
        self.about.triggered.connect(self._about)

    def _action(self, menu: QMenu, words: str, *keys: str | QKeySequence) -> QAction:
        action = menu.addAction(words)
        action.setShortcuts([QKeySequence(key) for key in keys])
        return action

    def connect(self, action: QAction, do: Callable[[], object]) -> None:
        """Has the action do something; ``do`` belongs to the window."""
        action.triggered.connect(do)

    def _appear(self, look: QAction) -> None:
        self._settings.setValue("appearance", look.data())
        theme.use(str(look.data()))

    def _about(self) -> None:
        About(self._window).open()


class About(QDialog):
    """What this program is."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("About MindKindler Sync"))
        title = QLabel("MindKindler Sync")
        title.setFont(large(self.font()))
        words = QLabel(
            _(
                "Keeps your student information systems and the roster on this computer in step. "
                "Nothing is sent to anybody but the systems you connect.\n\n"
                "MIT licence. Uses Qt {qt} through PySide6, under the LGPL."
            ).format(qt=PySide6.__version__)
        )
        words.setWordWrap(True)
        words.setMinimumWidth(420)
        close = QPushButton(_("Close"))
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(2 * theme.SPACE)
        layout.addWidget(title)
        layout.addWidget(words)
        layout.addLayout(row)
