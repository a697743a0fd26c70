"""A question to the SIS: the button that asks it, Cancel while it is asked, and what came of it."""

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.errors import Cancelled, SyncError
from app.text import _, sentence
from app.ui import theme
from app.ui.parts.simple import text


class Asking(QWidget):
    """What came of it stands beside the button; a question that was cancelled says nothing."""

    asks = Signal()
    cancels = Signal()

    def __init__(self, words: str) -> None:
        super().__init__()
        self.button = QPushButton(words)
        self.button.clicked.connect(self._ask)
        self.cancel_button = QPushButton(_("Cancel"))
        self.cancel_button.clicked.connect(self.cancels)
        self.said = text()
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(theme.SPACE)
        self.row.addWidget(self.button)
        self.row.addWidget(self.cancel_button)
        self.row.addWidget(self.said, 1)
        self.show_answer(())

    def show_asking(self) -> None:
        """The SIS is being asked."""
        self.said.setText(_("Asking the SIS…"))
        self.button.setVisible(False)
        self.cancel_button.setVisible(True)
        self.cancel_button.setFocus()

    def show_answer(self, found: Iterable[str] | SyncError) -> None:
        """What was answered, in lines, or why nothing was."""
        self.button.setVisible(True)
        if self.cancel_button.hasFocus():
            self.button.setFocus()
        self.cancel_button.setVisible(False)
        if isinstance(found, Cancelled):
            self.said.clear()
        elif isinstance(found, SyncError):
            self.said.setText(sentence(found.code, found.parameters))
        else:
            self.said.setText("\n".join(found))

    def _ask(self) -> None:
        self.show_asking()
        self.asks.emit()
