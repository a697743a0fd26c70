"""Choosing a record of one type, by the same search as everywhere."""

from collections.abc import Collection, Mapping

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.engine import naming
from app.roster.entities import ENTITIES
from app.store import search
from app.store.search import Named, Which
from app.text import _
from app.ui import theme
from app.ui.parts.dialog import Dialog
from app.ui.people import finding
from app.ui.people.records import RecordList
from app.ui.session import Session


class Picker(QWidget):
    """A field, and under it what is called so."""

    chosen = Signal(int, str)
    """The id of a record, and its name."""

    def __init__(self, session: Session, entity: str, but: Collection[int] = ()) -> None:
        """``but``: records that are not offered."""
        super().__init__()
        self._session, self._entity, self._but = session, entity, but
        self.field = QLineEdit()
        self.field.setAccessibleName(_("Search"))
        self.field.setPlaceholderText(_("A part of the name, an ID or a key"))
        self.field.setClearButtonEnabled(True)
        self.list = RecordList()
        self.list.setAccessibleName(_("Found"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.field)
        layout.addWidget(self.list, 1)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(finding.PAUSE_MS)
        self._soon.timeout.connect(self._ask)
        self.field.textChanged.connect(lambda: self._soon.start())
        self.field.returnPressed.connect(self.list.enter)
        self.list.left.connect(self.field.setFocus)
        self.list.opened.connect(self._opened)
        self.list.records.wanted.connect(self._read)
        self._ask()

    def _ask(self) -> None:
        text, entity, but = self.field.text(), self._entity, self._but
        self._session.ask(
            "picked",
            lambda db: search.search(db, text).get(entity, []),
            lambda ids: self.list.show_found([(entity, id_) for id_ in ids if id_ not in but], {}),
        )

    def _read(self, which: list[Which]) -> None:
        self._session.ask("picked rows", lambda db: finding.named(db, which), self._put)

    def _put(self, rows: Mapping[Which, Named]) -> None:
        self.list.records.put(rows)

    def _opened(self, which: Which) -> None:
        place = self.list.records.place(which)
        row = self.list.records.row(place) if place is not None else None
        if row is not None:
            self.chosen.emit(which[1], naming.title(row.row, row.titles))


class PickDialog(Dialog):
    """Chooses one and closes."""

    chosen = Signal(int, str)
    """Its id and its name."""

    def __init__(self, parent: QWidget, session: Session, entity: str) -> None:
        type_ = ENTITIES[entity]
        super().__init__(parent, _("Choose"), _("Choose: {type}").format(type=_(type_.one)))
        self.picker = Picker(session, entity)
        self.picker.chosen.connect(self._chosen)
        self.body.addWidget(self.picker, 1)
        cancel = QPushButton(_("Cancel"))
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        self.buttons.addStretch(1)
        self.buttons.addWidget(cancel)
        self.fit(520, 520)

    @property
    def field(self) -> QLineEdit:
        """Where it is typed what to look for."""
        return self.picker.field

    @property
    def list(self) -> RecordList:
        """What is found."""
        return self.picker.list

    def _chosen(self, record: int, name: str) -> None:
        self.chosen.emit(record, name)
        self.accept()
