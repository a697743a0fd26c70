"""The room of settings: the pages on one side, the chosen one on the other."""

from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.engine.managed import Managed, managed
from app.engine.overview import Overview
from app.store.database import Database
from app.text import N_, _
from app.ui import theme
from app.ui.connectors.form import Choices
from app.ui.parts.label import Label
from app.ui.places import Place, ToSettings
from app.ui.room import Room
from app.ui.session import Session
from app.ui.settings.credentials import CredentialsPage
from app.ui.settings.decides import DecidesPage
from app.ui.settings.limits import LimitsPage
from app.ui.settings.network import NetworkPage
from app.ui.settings.page import Page
from app.ui.settings.schedule import SchedulePage
from app.ui.settings.scope import ScopePage
from app.ui.settings.transfer import TransferPage
from app.ui.settings.whom import WhomPage
from app.ui.settings.words import WordsPage

PAGES: tuple[type[Page], ...] = (
    SchedulePage,
    DecidesPage,
    LimitsPage,
    ScopePage,
    WordsPage,
    CredentialsPage,
    WhomPage,
    NetworkPage,
    TransferPage,
)
"""In their order; those of a connector first."""
GROUPS = {True: N_("Connector"), False: N_("Program")}
NARROW = 190


class _Search(QLineEdit):
    """A line from which the Down key leads to what was found."""

    down = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, RUF100
        """Leads on."""
        if event.key() == Qt.Key.Key_Down:
            self.down.emit()
        else:
            super().keyPressEvent(event)


class SettingsRoom(Room):
    """Pages of settings: of the chosen connector, and of the whole program."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: list[Page] = []
        self._kinds: dict[str, str] = {}
        """What each connector speaks, by name."""
        self.search = _Search()
        self.search.setPlaceholderText(_("Type what you look for"))
        self.search.setAccessibleName(_("Search the settings"))
        self.search.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setObjectName("pages")
        self.list.setAccessibleName(_("Pages of settings"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.nothing = Label(_("Nothing in the settings is called so."))
        self.nothing.setWordWrap(True)
        self.nothing.setProperty("quiet", True)
        self.nothing.hide()
        self.which_label = Label(_("Settings of"))
        self.which = Choices()
        self.which.setAccessibleName(_("Connector"))
        self.which.setPlaceholderText(_("Choose a connector"))
        self.which.setSizeAdjustPolicy(Choices.SizeAdjustPolicy.AdjustToContents)
        self.which_label.setBuddy(self.which)
        self.stack = QStackedWidget()
        self._lay_out()
        for kind in PAGES:
            self.add(kind())
        self.list.setCurrentRow(1)
        self.list.currentItemChanged.connect(self._page_chosen)
        self.list.itemActivated.connect(self._enter_page)
        self.search.textChanged.connect(self._narrow)
        self.search.returnPressed.connect(self._enter_page)
        self.search.down.connect(self.list.setFocus)
        self.which.currentIndexChanged.connect(self._connector_chosen)

    def _lay_out(self) -> None:
        side = QWidget()
        side.setFixedWidth(max(NARROW, 24 * self.fontMetrics().averageCharWidth()))
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE)
        column.addWidget(self.search)
        column.addWidget(self.nothing)
        column.addWidget(self.list, 1)
        self.whose = QWidget()
        across = QHBoxLayout(self.whose)
        across.setContentsMargins(2 * theme.SPACE, 0, 2 * theme.SPACE, 0)
        across.addWidget(self.which_label)
        across.addWidget(self.which)
        across.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(theme.SPACE)
        right.addWidget(self.whose)
        right.addWidget(self.stack, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, theme.SPACE, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(side)
        layout.addLayout(right, 1)

    def add(self, page: Page) -> None:
        """Adds a page under those of its group."""
        if not self.pages or self.pages[-1].of_connector is not page.of_connector:
            head = QListWidgetItem(_(GROUPS[page.of_connector]))
            head.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(head)
        item = QListWidgetItem(_(page.title))
        item.setData(Qt.ItemDataRole.UserRole, len(self.pages))
        self.list.addItem(item)
        area = QScrollArea()
        area.setObjectName("form")
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(page)
        self.pages.append(page)
        self.stack.addWidget(area)
        page.be_about(self.session)
        page.said.connect(self.said)
        page.go.connect(self.go)

    # -- what the window calls --

    def enter(self, session: Session) -> None:
        """A session has opened."""
        for page in self.pages:
            page.be_about(session, page.connector)
        super().enter(session)

    def forget(self) -> None:
        """Shows nothing of the session."""
        with QSignalBlocker(self.which):
            self.which.clear()
        for page in self.pages:
            page.be_about(None)

    def show_overview(self, overview: Overview) -> None:
        """The connectors to choose from."""
        self._kinds = {glance.facts.name: glance.facts.kind for glance in overview.glances}
        names = sorted(self._kinds)
        if names != [self.which.itemText(place) for place in range(self.which.count())]:
            first, before = not self.which.count(), self.which.currentText()
            with QSignalBlocker(self.which):
                self.which.clear()
                self.which.addItems(names)
                # One that is gone is followed by none: whose settings come next, a person says.
                place = self.which.findText(self.connector or before)
                self.which.setCurrentIndex(max(0, place) if first else place)
            self._connector_chosen()

    def choose(self, connector: str | None) -> None:
        """Another connector is chosen on the left, or all: then this room's own choice stays."""
        self.connector = connector
        if connector is not None:
            self.which.setCurrentIndex(self.which.findText(connector))

    def show_place(self, place: Place) -> None:
        """Shows a page, of a connector where it names one."""
        assert isinstance(place, ToSettings)
        if place.connector is not None:
            self.which.setCurrentIndex(self.which.findText(place.connector))
        for number, page in enumerate(self.pages):
            if page.name == place.page:
                self.search.clear()
                self.list.setCurrentRow(self._row(number))

    def place(self) -> Place:
        """The page in sight."""
        page = self.page
        return ToSettings(page.name, page.connector or None if page.of_connector else None)

    def start(self) -> None:
        """In the search: whoever comes here looks for something."""
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- what is in sight --

    @property
    def page(self) -> Page:
        """The page in sight."""
        return self.pages[self.stack.currentIndex()]

    def look(self) -> None:
        """Asks for what the page in sight shows."""
        page = self.page
        if page.of_connector and not page.connector:
            return
        connector = page.connector

        def question(database: Database) -> tuple[Any, Managed]:
            return page.question(database, connector), managed(database)

        def show(found: tuple[Any, Managed]) -> None:
            if connector == page.connector:
                page.show_found(found[0])
                page.show_locks(found[1])

        self.ask(page.name, question, show)

    def _connector_chosen(self) -> None:
        for page in self.pages:
            if page.of_connector:
                page.be_about(self.session, self.which.currentText())
        self._show_whose()
        self._narrow()
        self._leave_what_is_gone()
        self.look_now()

    def _page_chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None and item.data(Qt.ItemDataRole.UserRole) is not None:
            self.stack.setCurrentIndex(item.data(Qt.ItemDataRole.UserRole))
            self._show_whose()
            self.look_now()

    def _applies(self, page: Page) -> bool:
        return page.applies(self._kinds.get(self.which.currentText(), ""), len(self._kinds))

    def _leave_what_is_gone(self) -> None:
        """A page that says nothing of the connector chosen now gives way to the first."""
        if not self._applies(self.page):
            self.list.setCurrentRow(self._row(0))

    def _show_whose(self) -> None:
        several = self.which.count() > 1 or self.which.currentIndex() < 0
        self.whose.setVisible(self.page.of_connector and several)

    # -- searching --

    def _row(self, number: int) -> int:
        rows = range(self.list.count())
        return next(
            row for row in rows if self.list.item(row).data(Qt.ItemDataRole.UserRole) == number
        )

    def _narrow(self) -> None:
        """Only the pages on which that is found; their groups go with the last of them."""
        words = self.search.text().casefold().split()
        found = [
            self._applies(page) and (not words or bool(_places(page, words))) for page in self.pages
        ]
        head: QListWidgetItem | None = None
        for row in range(self.list.count()):
            item = self.list.item(row)
            number = item.data(Qt.ItemDataRole.UserRole)
            if number is None:
                head = item
                head.setHidden(True)
                continue
            item.setHidden(not found[number])
            if found[number] and head is not None:
                head.setHidden(False)
        self.nothing.setVisible(not any(found))
        if any(found) and words:
            called = [one and _is_called(page, words)
                      for one, page in zip(found, self.pages, strict=True)]  # fmt: skip
            if not any(called) and found[self.stack.currentIndex()]:
                return
            best = called if any(called) else found
            self.list.setCurrentRow(self._row(best.index(True)))

    def _enter_page(self) -> None:
        """Goes to what was looked for on the page in sight."""
        words = self.search.text().casefold().split()
        places = _places(self.page, words) if words else []
        able = [one for one in places if one.focusPolicy() & Qt.FocusPolicy.TabFocus]
        if able:
            able[0].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.page.focusNextChild()
        area = self.stack.currentWidget()
        if isinstance(area, QScrollArea) and places:
            area.ensureWidgetVisible(places[0])


def _is_called(page: Page, words: list[str]) -> bool:
    """Whether the page itself is called so, not only something on it."""
    return all(one in page.heading.text().casefold() for one in words)


def _places(page: Page, words: list[str]) -> list[QWidget]:
    """Where on a page something is called by all the words."""
    return [widget for text, widget in page.texts() if all(one in text.casefold() for one in words)]
