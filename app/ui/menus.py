"""The menu bar: every action with its key, and what the window remembers of appearance."""

from collections.abc import Callable

import PySide6
from PySide6.QtCore import QSettings
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QPushButton, QWidget

from app.text import _
from app.ui import theme
from app.ui.keys import Keys
from app.ui.parts.dialog import Dialog


class Menus:
    """The actions; the window connects what they do."""

    def __init__(self, window: QMainWindow, settings: QSettings, keys: Keys) -> None:
        self._window = window
        self._keys = keys
        self._settings = settings
        bar = window.menuBar()
        standard = QKeySequence.StandardKey

        file = bar.addMenu(_("&File"))
        self.practice = self._action(file, "practice", _("Try the practice district"))
        self.export = self._action(file, "export", _("&Export as OneRoster CSV…"))
        file.addSeparator()
        self.quit = self._action(file, "quit", _("&Quit"), "Ctrl+Q")
        self.quit.setMenuRole(QAction.MenuRole.QuitRole)

        edit = bar.addMenu(_("&Edit"))
        self.undo = self._action(edit, "undo", _("&Undo"), QKeySequence(standard.Undo))
        self.redo = self._action(edit, "redo", _("&Redo"), QKeySequence(standard.Redo))
        edit.addSeparator()
        self.copy = self._action(edit, "copy", _("&Copy"), QKeySequence(standard.Copy))
        self.copy_details = self._action(
            edit, "copy_details", _("Copy &details of the sync"), "Ctrl+Shift+C"
        )

        connector = bar.addMenu(_("&Connector"))
        self.in_connector = connector.menuAction()
        words = _("Connect your SIS, &step by step…")
        self.connect_sis = self._action(connector, "connect_sis", words, "Ctrl+Shift+N")
        self.add = self._action(connector, "add", _("&Add connector…"), "Ctrl+N")
        self.edit = self._action(connector, "edit", _("&Edit connector…"), "Ctrl+E")
        self.webhooks = self._action(connector, "webhooks", _("&Webhooks…"))
        self.remove = self._action(connector, "remove", _("&Remove connector…"))

        sync = bar.addMenu(_("&Sync"))
        self.run = self._action(sync, "run", _("&Run Sync Now"), "F5", "Ctrl+R")
        self.full = self._action(sync, "full", _("Run &Full Sync"), "Shift+F5")
        self.full.setToolTip(_("Reads everything anew, not only what changed"))
        self.cancel = self._action(sync, "cancel", _("&Cancel the sync"), "Esc")
        sync.addSeparator()
        self.pause = self._action(sync, "pause", _("&Pause"))
        self.known = self._action(sync, "known", _("Mark as &known…"), "Ctrl+Shift+K")
        sync.addSeparator()
        self.waits = self._action(sync, "waits", _("What &waits for you…"), "F6")

        reports = bar.addMenu(_("&Reports"))
        self.quality = self._action(reports, "quality", _("The &registrar’s list…"), "F7")
        words = _("Where the SIS &disagree…")
        self.disagreements = self._action(reports, "disagreements", words, "Shift+F7")
        words = _("&Gone in one, still in the other…")
        self.gone = self._action(reports, "gone", words)
        self.problems = self._action(reports, "problems", _("Problems in the &files…"))

        practice = bar.addMenu(_("&Practice"))
        self.in_practice = practice.menuAction()
        self.school_day = self._action(practice, "school_day", _("A school &day passes"), "F9")
        self.office = self._action(
            practice, "office", _("The &office edits records on both sides"), "Shift+F9"
        )
        self.office.setToolTip(_("Makes differences: something to merge"))
        self.classes = self._action(practice, "classes", _("A school &loses its classes"))
        self.classes.setToolTip(_("The next sync waits for your approval"))
        self.faults = self._action(practice, "faults", _("&Faults of the SIS…"), "F8")
        self.at_once = self._action(practice, "at_once", _("&Tell this program at once (webhook)"))
        self.at_once.setCheckable(True)
        self.at_once.setChecked(settings.value("practice_at_once", False, type=bool) is True)
        self.at_once.setToolTip(_("The practice SIS sends a webhook after each school day"))
        practice.addSeparator()
        self.leave = self._action(practice, "leave", _("Lea&ve practice"))

        view = bar.addMenu(_("&View"))
        self.search = self._action(view, "search", _("&Search everything…"), "Ctrl+K")
        view.addSeparator()
        self.rooms = [
            self._action(view, f"room_{place}", words, f"Ctrl+{place}")
            for place, words in enumerate(
                (_("&Today"), _("&Decide"), _("&History"), _("&People && classes"), _("S&ettings")),
                start=1,
            )
        ]
        self.back = self._action(view, "back", _("&Back"), "Alt+Left")
        self.forward = self._action(view, "forward", _("&Forward"), "Alt+Right")
        view.addSeparator()
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
        self.first_steps = self._action(help_, "first_steps", _("&First steps"))
        self.all_keys = self._action(help_, "keys", _("All &keys"), "F1", "?")
        self.first_steps.triggered.connect(self._show_first_steps)
        self.about = self._action(help_, "about", _("&About MindKindler Sync"))
        self.about.setMenuRole(QAction.MenuRole.AboutRole)
        self.about.triggered.connect(self._about)

    def _action(self, menu: QMenu, name: str, words: str, *keys: str | QKeySequence) -> QAction:
        return self._keys.bind(menu.addAction(words), name, *keys)

    def connect(self, action: QAction, do: Callable[[], object]) -> None:
        """Has the action do something; ``do`` belongs to the window."""
        action.triggered.connect(do)

    def _appear(self, look: QAction) -> None:
        self._settings.setValue("appearance", look.data())
        theme.use(str(look.data()))

    def _show_first_steps(self) -> None:
        FirstSteps(self._window).open()

    def _about(self) -> None:
        About(self._window).open()


class FirstSteps(Dialog):
    """What to do first."""

    def __init__(self, parent: QMainWindow) -> None:
        words = _(
            "1. Connect your SIS (Connector, Connect your SIS, step by step…): it is tested right "
            "there.\n"
            "2. Have a first look, by school: nothing comes in before you say that it looks right."
            "\n"
            "3. From then on it syncs when you ask, or as its schedule says. What would remove or "
            "change much waits for you. The sentence on top says how things are, and the button "
            "beside “Run Sync Now” what is best done next.\n\n"
            "In the practice district you can try all of this with an invented school district."
        )
        super().__init__(parent, _("First steps"), _("First steps"), words)
        close = QPushButton(_("Close"))
        close.clicked.connect(self.accept)
        self.buttons.addStretch(1)
        self.buttons.addWidget(close)


class About(Dialog):
    """What this program is."""

    def __init__(self, parent: QWidget) -> None:
        words = _(
            "Keeps your student information systems and the roster on this computer in step. "
            "Nothing is sent to anybody but the systems you connect.\n\n"
            "MIT licence. Uses Qt {qt} through PySide6, under the LGPL."
        ).format(qt=PySide6.__version__)
        super().__init__(parent, _("About MindKindler Sync"), "MindKindler Sync", words)
        close = QPushButton(_("Close"))
        close.clicked.connect(self.accept)
        self.buttons.addStretch(1)
        self.buttons.addWidget(close)
