"""What fills the window where there is nothing to sync yet: a welcome, a wait, a trouble."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.text import _
from app.ui import theme
from app.ui.parts.label import Label
from app.ui.places import Place


class Page(QWidget):
    """A sentence, a paragraph and at most two buttons, in the middle of the window."""

    first = Signal()
    second = Signal()

    def __init__(self, title: str, words: str, first: str = "", second: str = "") -> None:
        super().__init__()
        self.title = Label(title)
        self.title.setFont(theme.large(self.font()))
        self.title.setWordWrap(True)
        self.words = Label(words)
        self.words.setWordWrap(True)
        self.words.setProperty("quiet", True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        card = QFrame()
        card.setObjectName("card")
        card.setMaximumWidth(620)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(36, 32, 36, 32)
        inside.setSpacing(2 * theme.SPACE)
        inside.addWidget(self.title)
        inside.addWidget(self.words)
        self.first_button = QPushButton(first)
        self.first_button.setProperty("main", True)
        self.first_button.clicked.connect(self.first)
        self.second_button = QPushButton(second)
        self.second_button.clicked.connect(self.second)
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE)
        row.addWidget(self.first_button)
        row.addWidget(self.second_button)
        row.addStretch(1)
        inside.addSpacing(theme.SPACE)
        inside.addLayout(row)
        self.first_button.setVisible(bool(first))
        self.second_button.setVisible(bool(second))
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(card, 4)
        across.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        layout.addLayout(across)
        layout.addStretch(3)

    def say(self, title: str, words: str) -> None:
        """Shows other words."""
        self.title.setText(title)
        self.words.setText(words)


class Notice(QFrame):
    """One short message over the content, until it is hidden; what was done can be taken back."""

    undo = Signal()
    go = Signal(object)
    """The ``Place`` that its button leads to."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("notice")
        self.setAccessibleName(_("Message"))
        self.words = Label()
        self.words.setWordWrap(True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.undo_button = QPushButton(_("Undo"))
        self.undo_button.clicked.connect(self.undo)
        self.lead_button = QPushButton()
        self.lead_button.clicked.connect(lambda: self.go.emit(self._place))
        self._place: Place | None = None
        self.hide_button = QPushButton(_("Hide"))
        self.hide_button.setAccessibleName(_("Hide this message"))
        self.hide_button.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 6, 6, 6)
        layout.addWidget(self.words, 1)
        for button in (self.lead_button, self.undo_button, self.hide_button):
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def say(
        self, words: str, *, undo: bool = False, leads: tuple[str, Place] | None = None
    ) -> None:
        """Shows a message; with ``undo`` there is a button that takes back what it tells of.

        ``leads``: the words of one that leads to a place.
        """
        self.words.setText(words)
        self.undo_button.setVisible(undo)
        told, self._place = leads or ("", None)
        self.lead_button.setText(told)
        self.lead_button.setVisible(bool(told))
        self.setAccessibleDescription(words)
        self.show()


def welcome() -> Page:
    """No connector yet."""
    return Page(
        _("Welcome. Nothing is connected yet."),
        "",  # it depends on whether practice was begun
        _("Try the practice district"),
        _("Connect your SIS…"),
    )


def opening() -> Page:
    """The engine opens."""
    return Page(_("Opening…"), "")


def trouble() -> Page:
    """The engine could not open."""
    page = Page(_("This could not be opened."), "", _("Try again"), _("Copy details"))
    page.second_button.setAccessibleDescription(_("Copies what happened, for a report."))
    return page
