"""What every page of the settings is: a title, a sentence, and what can be set below."""

import threading
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QTimeEdit,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from app.engine.managed import Managed
from app.store.database import Database
from app.text import _
from app.ui import theme
from app.ui.parts.label import Label
from app.ui.parts.simple import text
from app.ui.room import Said
from app.ui.session import Session

SpinBox = TypeVar("SpinBox", QSpinBox, QDoubleSpinBox, QTimeEdit)

WIDEST = 860
"""Lines are no longer than can be read with ease."""


class Page(QWidget):
    """Shows what is set now, and changes it at once: nothing here waits for a *Save* elsewhere.

    A subclass says in ``question`` what it reads, on the reader's thread, and shows the answer in
    ``show_found``; that comes again whenever something was written.
    """

    name: ClassVar[str] = ""
    """As a place calls it (``ToSettings.page``)."""
    title: ClassVar[str] = ""
    """Marked for translation, as ``about`` is."""
    about: ClassVar[str] = ""
    of_connector: ClassVar[bool] = True
    """Whether it is about one connector, not about all of the program."""
    fills: ClassVar[bool] = False
    """Whether it takes all the height there is, as a long list does."""
    part: ClassVar[str] = ""
    """What of the settings it changes: where IT has set that, nothing here can be changed."""

    said = Signal(object)
    """A ``Said`` for the line over all rooms."""
    go = Signal(object)
    """A ``Place`` that a click leads to."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("form")
        self.session: Session | None = None
        self.connector = ""
        """Whose settings are shown; blank while there is none."""
        self._turn = 0
        """Another number whenever it is about something else than before."""
        self._current = not self.of_connector
        """What is shown is of the connector it is about: before, a click meant another one."""
        self.heading = Label(_(self.title))
        self.heading.setFont(theme.large(self.font()))
        self.heading.setWordWrap(True)
        self.words = text(_(self.about) if self.about else "", quiet=True)
        if not self.about:
            self.words.hide()
        self.lock = text(_("Set by your IT department. It cannot be changed here."))
        self.lock.setObjectName("notice")
        self.lock.setMargin(theme.SPACE)
        self.lock.hide()
        self.inside = QWidget()
        self.body = QVBoxLayout(self.inside)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(2 * theme.SPACE)
        column = QVBoxLayout()
        column.setSpacing(theme.SPACE)
        for part in (self.heading, self.words, self.lock):
            column.addWidget(part)
        column.addSpacing(theme.SPACE)
        column.addWidget(self.inside, 1 if self.fills else 0)
        column.addStretch(0 if self.fills else 1)
        across = QHBoxLayout(self)
        across.setContentsMargins(2 * theme.SPACE, theme.SPACE, 2 * theme.SPACE, 2 * theme.SPACE)
        holder = QWidget()
        holder.setLayout(column)
        holder.setMaximumWidth(WIDEST)
        column.setContentsMargins(0, 0, 0, 0)
        across.addWidget(holder, 10)
        across.addStretch(1)

    # -- of the subclass --

    @staticmethod
    def applies(kind: str, connectors: int) -> bool:
        """Whether there is anything to set for a connector of that kind, or so many of them."""
        return True

    @staticmethod
    def question(database: Database, connector: str) -> Any:
        """Reads what the page shows; touches no widget. Nothing, where there is nothing to read."""
        return None

    def show_found(self, found: Any) -> None:
        """Shows what was read."""

    def forget(self) -> None:
        """The session ends, or another connector is chosen: nothing of it stays."""

    # -- of the room --

    def be_about(self, session: Session | None, connector: str = "") -> None:
        """Shows this connector of this session from now on.

        Nothing of another one stays: a dialog was opened for that one, and goes with it.
        """
        if (session, connector) == (self.session, self.connector):
            return
        self.session, self.connector = session, connector
        self._turn += 1
        self._current = not self.of_connector
        for dialog in self.findChildren(QDialog):
            if dialog.isVisible():
                dialog.reject()
        self.forget()
        self.inside.setEnabled(bool(connector) or not self.of_connector)

    # -- for the subclass --

    def command(
        self, name: str, *args: Any, then: Callable[[Any], None] | None = None, **named: Any
    ) -> None:
        """Has the engine do something; errors come to the line over all rooms."""
        session = self.session

        def heard(result: Any) -> None:
            if then is not None and isValid(self) and session is self.session:
                then(result)

        if session is not None and self._current:
            session.command(name, *args, then=heard, **named)

    def request(
        self, name: str, *args: Any, then: Callable[[Any], None], **named: Any
    ) -> threading.Event | None:
        """As ``Session.request``; the answer is heard while the page is about the same."""
        turn = self._turn

        def heard(result: Any) -> None:
            if isValid(self) and turn == self._turn:
                then(result)

        if self.session is None:
            return None
        return self.session.request(name, *args, then=heard, **named)

    def tell(self, words: str, undo: int | None = None) -> None:
        """Says what was done; with ``undo``, the change set that can be taken back."""
        self.said.emit(Said(words, undo))

    def show_locks(self, managed: Managed) -> None:
        """What IT has set is shown, and cannot be changed."""
        self._current = True
        connector = self.connector if self.of_connector else ""
        locked = bool(self.part) and managed.has(self.part, connector)
        self.lock.setVisible(locked)
        self.inside.setEnabled(not locked)

    def texts(self) -> list[tuple[str, QWidget]]:
        """What stands on the page to be found by a search, with what takes the focus there."""
        found: list[tuple[str, QWidget]] = [(self.heading.text(), self), (self.words.text(), self)]
        for label in self.inside.findChildren(QLabel):
            found.append((label.text().replace("&", ""), label.buddy() or label))
        for button in self.inside.findChildren(QAbstractButton):
            found.append((button.text().replace("&", ""), button))
        return found

    def sizeHint(self) -> QSize:  # noqa: N802, RUF100
        """As much as fits: a page is scrolled, never cut."""
        return super().sizeHint().expandedTo(QSize(360, 200))


class Hosted(Page):
    """A page whose content is made elsewhere, when it is first shown or searched."""

    of_connector = False
    fills = True

    def __init__(self, name: str, title: str, make: Callable[[], QWidget]) -> None:
        self.name, self.title = name, title  # type: ignore[misc]
        super().__init__()
        self._make = make

    def texts(self) -> list[tuple[str, QWidget]]:
        """Of its content, too."""
        self._fill()
        return super().texts()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802, RUF100
        """Shows its content."""
        self._fill()
        super().showEvent(event)

    def _fill(self) -> None:
        if not self.body.count():
            self.body.addWidget(self._make())


def spaced(box: SpinBox) -> SpinBox:
    """A spin box whose text stands off its border, as that of other fields does."""
    box.lineEdit().setTextMargins(theme.SPACE, 0, theme.SPACE, 0)
    return box


def section(words: str) -> QLabel:
    """The heading of a part of a page."""
    label = Label(words)
    label.setObjectName("outcome")
    label.setWordWrap(True)
    label.setContentsMargins(0, theme.SPACE, 0, 0)
    return label
