"""Buttons that say their effect: what is taken, by which key, and what becomes of it."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.parts.label import Label, tip
from app.ui.parts.wrapping import breakable

NATIVE = QKeySequence.SequenceFormat.NativeText
MARGIN = 10


class ChoiceButton(QPushButton):
    """Two lines: what is taken, and what that does; pressed, it does its action."""

    def __init__(self, action: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._action = action
        self._low, self._title, self._effect, self._more = False, "", "", ""
        self.setObjectName("choice")
        self.setCheckable(True)
        self.key, self.title, self.effect = Label(), Label(), Label()
        self.key.setObjectName("key")
        self.key.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.title.setObjectName("outcome")
        self.title.setWordWrap(True)
        self.effect.setWordWrap(True)
        theme.mark(self.effect, "quiet", True)
        first = QHBoxLayout()
        first.setSpacing(theme.SPACE)
        first.addWidget(self.key, 0, Qt.AlignmentFlag.AlignTop)
        first.addWidget(self.title, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, 7, MARGIN, 7)
        layout.setSpacing(3)
        layout.addLayout(first)
        layout.addWidget(self.effect)
        layout.addStretch(1)
        for label in (self.key, self.title, self.effect):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        for label in (self.title, self.effect):
            label.setMinimumWidth(1)  # a long word is broken, and not cut
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.clicked.connect(self._pressed)
        action.changed.connect(self._show_key)
        self._show_key()

    def say(
        self, title: str, effect: str, *, can: bool, chosen: bool = False, more: str = ""
    ) -> None:
        """What it does now; ``more`` is read by who points at it."""
        self._title, self._effect, self._more = title, effect, more
        self.effect.setVisible(bool(effect) and not self._low)
        self.setEnabled(can)
        self.setChecked(chosen)
        self.setAccessibleName(f"{title}: {effect}" if effect else title)
        self.setAccessibleDescription(more)
        self._show_key()
        self.updateGeometry()

    def set_low(self, low: bool) -> None:
        """Whether there is room for its first line alone."""
        self._low = low
        self.effect.setVisible(bool(self._effect) and not low)
        self._show_key()
        self.updateGeometry()

    def _pressed(self) -> None:
        self.setChecked(False)  # it is checked when the choice is made
        self._action.trigger()

    def _show_key(self) -> None:
        keys = [key.toString(NATIVE) for key in self._action.shortcuts()]
        self.key.setText(keys[0] if keys else "")
        self.key.setVisible(bool(keys) and not self._low)
        in_line = f"{keys[0]}  {self._title}" if keys and self._low else self._title
        across = self.width() - 2 * MARGIN
        beside = self.key.sizeHint().width() + theme.SPACE if self.key.isVisibleTo(self) else 0
        for label, told, room in (
            (self.title, in_line, across - beside), (self.effect, self._effect, across),
        ):  # fmt: skip
            label.setText(breakable(told, label.fontMetrics(), room))
        words = ": ".join(filter(None, (self._title, self._effect)))
        words = f"{words} ({', '.join(keys)})" if keys else words
        self.setToolTip(tip("\n\n".join(filter(None, (words, self._more)))))

    def sizeHint(self) -> QSize:  # noqa: N802, RUF100
        """As high as its words need at its width."""
        layout = self.layout()
        assert layout is not None
        width = max(self.width(), 120)
        height = layout.heightForWidth(width) if layout.hasHeightForWidth() else 0
        return QSize(120, max(height, layout.minimumSize().height(), theme.TARGET))

    def minimumSizeHint(self) -> QSize:  # noqa: N802, RUF100
        """The same."""
        return QSize(80, self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        """Breaks its words anew when it is wider or narrower."""
        if event.type() is QEvent.Type.Resize:
            self._show_key()
            self.updateGeometry()
        return super().event(event)


def acting(action: QAction, parent: QWidget | None = None, *, small: bool = False) -> QPushButton:
    """A plain button for an action: its words, its key in the tooltip, and whether it can.

    A ``small`` one shows the action's icon text.
    """
    button = QPushButton(parent)

    def show() -> None:
        button.setText(action.iconText() if small else action.text())
        button.setAccessibleName(action.text().replace("&", ""))
        button.setEnabled(action.isEnabled())
        if button.parentWidget() is not None or not action.isVisible():
            button.setVisible(action.isVisible())  # alone it would be a window of its own
        keys = ", ".join(key.toString(NATIVE) for key in action.shortcuts())
        words = action.statusTip() or action.text().replace("&", "")
        button.setToolTip(tip(f"{words} ({keys})" if keys else words))

    if small:
        button.setObjectName("small")
    action.changed.connect(show)
    button.clicked.connect(action.trigger)
    show()
    return button
