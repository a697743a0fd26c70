"""What can be done in the merge screen: actions, whose keys are heard while the grid has focus."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from app.engine.decisions import Take
from app.text import _
from app.ui.keys import DIFFERENCES, Keys
from app.ui.merge.buttons import NATIVE


class Actions:
    """The actions; the room connects what they do."""

    def __init__(self, grid: QWidget) -> None:
        self._named: list[tuple[QAction, str, tuple[str, ...]]] = []
        self._elsewhere: list[tuple[QAction, str]] = []

        def made(name: str, words: str, *keys: str) -> QAction:
            action = QAction(words, grid)
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            grid.addAction(action)
            self._named.append((action, name, keys))
            return action

        self.takes = {
            Take.OURS: made("take_ours", _("Take ours"), "1"),
            Take.SIS: made("take_sis", _("Take the SIS's"), "2"),
            Take.BASE: made("take_base", _("Take what was last agreed"), "0"),
            Take.OWN: made("take_own", _("Own value"), "E"),
        }
        self.clear = made("take_nothing", _("Choose nothing"), "Backspace", "Del")
        self.next_field = made("next_field", _("Next field"), "J")
        self.previous_field = made("previous_field", _("Previous field"), "K")
        self.next_record = made("next_record", _("Next record; nothing is decided"), "N")
        self.previous_record = made(
            "previous_record", _("Previous record; nothing is decided"), "P"
        )
        self.accept = made("accept", _("Accept and next"), "Return", "Enter")
        self.same = made("same_for_all", _("Same for all like this…"), "A")
        self.always = made("always_so", _("Always decide so…"), "Shift+A")
        self.last_agreed = made("last_agreed", _("Last agreed"), "L")
        self.last_agreed.setStatusTip(_("Shows or hides what was last agreed"))
        self.fold = made("agreeing_fields", _("Fields that agree"), "F")
        self.hints = made("key_hints", _("Hints of the keys"), "H")
        self.open_record = made("open_record", _("Open the record"), "O")

    def bind(self, keys: Keys) -> None:
        """Gives them their keys, which people may change."""
        for action, name, defaults in self._named:
            keys.bind(action, name, *defaults, where=DIFFERENCES)
        lists = [one.action for one in keys.all() if one.name == "quality"]
        self._elsewhere = [(action, _("the registrar’s list")) for action in lists]

    def hint(self) -> str:
        """The keys of what is done most, in one line."""
        told = (
            (self.takes[Take.OURS], _("ours")), (self.takes[Take.SIS], _("the SIS's")),
            (self.takes[Take.BASE], _("last agreed")), (self.takes[Take.OWN], _("own value")),
            (self.next_field, _("next field")), (self.previous_field, _("previous field")),
            (self.next_record, _("next record")), (self.last_agreed, _("show last agreed")),
            (self.fold, _("all fields")), (self.same, _("same for all like this")),
            (self.accept, _("accept")),
            *self._elsewhere, (self.hints, _("hide these")),
        )  # fmt: skip
        return " · ".join(
            f"{keys[-1].toString(NATIVE)} {word}"
            for action, word in told
            if (keys := action.shortcuts())
        )
