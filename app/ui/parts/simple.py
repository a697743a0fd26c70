"""The plain widgets of every page: words, headings, buttons and rows of them, made one way."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from app.ui import theme
from app.ui.parts.flow import Flow
from app.ui.parts.label import Label


def text(words: str = "", *, quiet: bool = False) -> QLabel:
    """A sentence that takes as many lines as it needs, and can be copied."""
    label = Label(words)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setProperty("quiet", quiet)
    return label


def heading(words: str = "") -> QLabel:
    """A large line of words."""
    label = text(words)
    label.setFont(theme.large(label.font()))
    return label


def button(
    words: str, pressed: Callable[[], Any] | None = None, *, main: bool = False
) -> QPushButton:
    """A button that Enter presses, as Space does."""
    made = QPushButton(words)
    made.setAutoDefault(True)
    theme.mark(made, "main", main)
    if pressed is not None:
        made.clicked.connect(lambda: pressed())
    return made


def row(*widgets: QWidget) -> QHBoxLayout:
    """Widgets side by side, from where reading begins."""
    layout = QHBoxLayout()
    layout.setSpacing(theme.SPACE)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch(1)
    return layout


def in_lines(*widgets: QWidget) -> Flow:
    """Widgets side by side, in several lines where there is no room."""
    layout = Flow(spacing=theme.SPACE)
    for widget in widgets:
        layout.addWidget(widget)
    return layout
