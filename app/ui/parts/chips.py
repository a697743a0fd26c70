"""Chips: what a list can be narrowed to, each with how many there are; one of them is chosen."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget

from app.ui.parts.flow import Flow


class Chips(QWidget):
    """A button a choice; which there are may change, and the focus stays where it was."""

    chosen = Signal(object)
    """The choice that was clicked."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._choices: list[object] = []
        self._flow = Flow(self)
        self._group.idClicked.connect(lambda place: self.chosen.emit(self._choices[place]))

    def show_choices(self, words: Mapping[object, str], choice: object) -> None:
        """These choices with their words, and which of them is chosen."""
        if list(words) != self._choices:
            self._make(list(words))
        for button, said in zip(self._group.buttons(), words.values(), strict=True):
            button.setText(said.replace("&", "&&"))
        if choice in self._choices:
            self._group.button(self._choices.index(choice)).setChecked(True)

    def button(self, choice: object) -> QPushButton:
        """The button of a choice."""
        found = self._group.button(self._choices.index(choice))
        assert isinstance(found, QPushButton)
        return found

    def _make(self, choices: list[object]) -> None:
        focused = [one for n, one in enumerate(self._choices) if self._group.button(n).hasFocus()]
        for button in self._group.buttons():
            self._group.removeButton(button)
            self._flow.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._choices = choices
        for place, choice in enumerate(choices):
            button = QPushButton()
            button.setObjectName("chip")
            button.setCheckable(True)
            button.setAutoDefault(True)
            self._group.addButton(button, place)
            self._flow.addWidget(button)
            if choice in focused:
                button.setFocus()
