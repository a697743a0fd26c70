"""The top of the right side: one sentence that says how things are, and what to do about it."""

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.engine.health import Badge
from app.text import _
from app.ui import badges, theme
from app.ui.parts.label import Label, tip
from app.ui.progress import RunBar
from app.ui.situation import Situation

BAR = 280
"""What the progress takes of the one line."""
LINES = 3
"""So many lines of words at most stand beside the buttons, where they need fewer without them."""


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
        self.title = Label()
        self.title.setWordWrap(True)
        self.title.setFont(theme.large(self.font()))
        self.title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.title.setAccessibleName(_("How things are"))
        self.detail = Label()
        self.detail.setWordWrap(True)
        self.detail.setProperty("quiet", True)
        self.bar = RunBar()
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addStretch(1)
        words.addWidget(self.title)
        words.addWidget(self.detail)
        words.addStretch(1)
        self._body = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._body.setSpacing(theme.SPACE + 4)
        self._body.addLayout(words, 1)
        self._body.addWidget(self.bar)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.shape_, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addLayout(self._body, 1)
        self._compact = self._terse = True
        self.set_compact(False)
        self.title.installEventFilter(self)

    def set_compact(self, compact: bool, *, terse: bool = False) -> None:
        """In one line, with the buttons at its end, where there is better use for the height.

        A ``terse`` one has its details in the tooltip.
        """
        if (self._compact, self._terse) == (compact, terse):
            return
        self._compact, self._terse = compact, terse
        self._show_detail()
        self._row.setSpacing(10 if compact else 16)
        edge = 8 if compact else 16
        self._row.setContentsMargins(18, edge, 18, edge)
        side = 24 if compact else 36
        self.shape_.setFixedSize(QSize(side, side))
        self._row.setAlignment(
            self.shape_, Qt.AlignmentFlag.AlignVCenter if compact else Qt.AlignmentFlag.AlignTop
        )
        self._set_size()
        self._share()

    def _set_size(self) -> None:
        font = theme.large(self.font())
        if self._compact:
            font.setPointSizeF(self.font().pointSizeF())
        self.title.setFont(font)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, RUF100
        """Has the buttons below where the words would be squeezed beside them."""
        super().resizeEvent(event)
        self._share()

    def event(self, event: QEvent) -> bool:
        """The same where there are other buttons."""
        if event.type() is QEvent.Type.LayoutRequest:
            self._share()
        return super().event(event)

    def eventFilter(self, title: QObject, event: QEvent) -> bool:  # noqa: N802, RUF100
        """Keeps the title's size: a new style sheet gives it the font that it had first."""
        if event.type() is QEvent.Type.StyleChange:
            self._set_size()
        return False

    def _share(self) -> None:
        least = BAR if self.bar.syncing else self.bar.sizeHint().width()
        in_line = self._compact and self._has_room_for(least)
        direction = QBoxLayout.Direction
        towards = direction.LeftToRight if in_line else direction.TopToBottom
        if self._body.direction() is not towards:
            self._body.setDirection(towards)
            self.bar.set_at_end(in_line)
        if self.bar.minimumWidth() != (least if in_line else 0):
            self.bar.setMinimumWidth(least if in_line else 0)

    def _has_room_for(self, bar: int) -> bool:
        """Whether the words stand in few lines beside a bar so wide, or in no fewer without it."""
        edges = self._row.contentsMargins()
        whole = self.width() - edges.left() - edges.right()
        whole -= self.shape_.width() + self._row.spacing()
        rest, few = whole - bar - self._body.spacing(), LINES * self.fontMetrics().lineSpacing()
        return rest > 0 and self._high(rest) <= max(few, self._high(whole))

    def _high(self, wide: int) -> int:
        """How high the words are in such a width."""
        labels = [self.title] if self.detail.isHidden() else [self.title, self.detail]
        return sum(label.heightForWidth(wide) for label in labels)

    def _show_detail(self) -> None:
        self.detail.setVisible(bool(self.detail.text()) and not self._terse)
        self.title.setToolTip(tip(self.detail.text()) if self._terse else "")

    def show_situation(self, how: Situation) -> None:
        """Shows how things are."""
        self.shape_.show_look(badges.BADGES[how.badge])
        if how.title != self.title.text():
            self.title.setText(how.title)
        self.title.setAccessibleDescription(f"{how.title} {how.detail}".strip())
        if how.detail != self.detail.text():
            self.detail.setText(how.detail)
        self._show_detail()
        self._share()
