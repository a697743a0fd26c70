"""What every page of the guide is, and what all of them know of the connector that is set up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.connectors.contract import Kind
from app.store.reads import ConnectorFacts
from app.text import N_
from app.ui import theme
from app.ui.connectors.filling import Filling
from app.ui.session import Session

NEXT = N_("Next")


@dataclass
class Setup:
    """What is known so far; the pages fill it in one after the other."""

    session: Session
    kinds: Mapping[str, Kind]
    taken: Sequence[str]
    """The names of all connectors."""
    kind: str = ""
    vendor: str = ""
    name: str = ""
    """The name of the connector, once it is stored."""
    facts: ConnectorFacts | None = None
    """What was stored of it before the guide was opened."""
    filling: Filling | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)
    """What schools that stay out are called, by key: nothing else knows it any more."""
    draft: Mapping[str, Any] | None = None
    """What a person had filled in when the window was closed; never a secret."""


class Step(QWidget):
    """A page of the guide. *Next* calls ``go_on``, which says ``done`` once it may be left."""

    title: ClassVar[str] = ""
    """What the list of steps calls it, marked for translation."""
    question: str = ""
    """What stands over it."""
    words: str = ""
    """What a person should know to answer."""
    scrolls: ClassVar[bool] = False
    """Whether it is to be scrolled by itself where there is no room, and not as a whole."""

    done = Signal()
    changed = Signal()
    """``question``, ``words``, ``next_words`` or ``ready`` may be others now."""

    def __init__(self) -> None:
        super().__init__()
        self.setup: Setup
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(2 * theme.SPACE)

    def enter(self) -> None:
        """It is shown, with all that ``setup`` has by now."""

    def leave(self) -> None:
        """Another page is shown, or none: what is under way for this one stops."""

    def go_on(self) -> None:
        """*Next* is pressed."""
        self.done.emit()

    def start(self) -> None:
        """Takes the focus where a person would begin."""

    @property
    def next_words(self) -> str:
        """What is written on *Next*, marked for translation."""
        return NEXT

    @property
    def ready(self) -> bool:
        """Whether *Next* can be pressed."""
        return True

    @property
    def over(self) -> bool:
        """Whether all of it is done, though it is in sight yet."""
        return False

    @property
    def why_not(self) -> str:
        """Why it cannot be pressed, marked for translation, where a person can do something."""
        return ""

    @property
    def buttons(self) -> Sequence[QPushButton]:
        """Further buttons of the page, to stand before *Back* and *Next*."""
        return ()

    @property
    def main(self) -> QPushButton | None:
        """Which of them is the main thing to do; ``None``: it is *Next*."""
        return None
