"""The top of the right side: one sentence that says how things are, and what to do about it."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.engine.health import Badge
from app.text import _
from app.ui import badges, theme
from app.ui.progress import RunBar
from app.ui.situation import Situation


class Shape(QWidget):
    """A badge's shape, large."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self._look = badges.BADGES[Badge.NEVER_SYNCED]
        self.setFixedSize(QSize(side, side))

    def show_look(self, look: badges.Look) -> None:
        """Shows this badge."""
        if look != self._look:
            self._look = look
            self.update()
        self.setAccessibleName(_(look.word))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, RUF100
        """Draws it."""
        painter = QPainter(self)
        badges.paint(painter, QRectF(self.rect()).adjusted(1, 1, -1, -1), self._look)
        painter.end()


class Headline(QFrame):
    """Shape, sentence, detail, and the bar with the buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.shape_ = Shape(36)
        self.title = QLabel()
        self.title.setWordWrap(True)
        self.title.setFont(theme.large(self.font()))
        self.title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.title.setAccessibleName(_("How things are"))
        self.detail = QLabel()
        self.detail.setWordWrap(True)
        self.detail.setProperty("quiet", True)
        self.bar = RunBar()
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.title)
        words.addWidget(self.detail)
        words.addSpacing(theme.SPACE)
        words.addWidget(self.bar)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 16)
        layout.setSpacing(16)
        layout.addWidget(self.shape_, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)

    def show_situation(self, how: Situation) -> None:
        """Shows how things are."""
        self.shape_.show_look(badges.BADGES[how.badge])
        if how.title != self.title.text():
            self.title.setText(how.title)
        self.title.setAccessibleDescription(how.title)
        if how.detail != self.detail.text():
            self.detail.setText(how.detail)
        self.detail.setVisible(bool(how.detail))
