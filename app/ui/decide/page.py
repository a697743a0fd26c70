"""What the pages have in common that the inbox leads to: a title, words, and a table with ids."""

from typing import Any, Generic, TypeVar, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from app.ui.parts.paged import PagedModel
from app.ui.parts.wrapping import Wrapping
from app.ui.places import Place
from app.ui.room import Room

P = TypeVar("P", bound=Place)


class Page(Room):
    """One kind of question."""

    done = Signal()
    """Nothing of what it shows waits any more."""


class PagedTable(QTableView):
    """A table of any length, of which several rows can be chosen; what is chosen stays chosen."""

    chosen = Signal()
    """Other rows are chosen."""
    picked = Signal()
    """A person chose them: not that others went."""

    def __init__(self, model: PagedModel[Any, Any], name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.paged = model
        self.setModel(model)
        self.setAccessibleName(name)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.wrapping = Wrapping(self)
        self._fitted = False
        self.lost = False
        """All that was chosen has gone: nothing is meant then until a person chooses anew."""
        model.dataChanged.connect(self._fit)
        self.selectionModel().selectionChanged.connect(self._picked)

    def show_ids(self, ids: list[Any]) -> None:
        """Shows these; of what was chosen and where one was, as much stays as there is."""
        if ids == self.paged.ids:
            return
        self._fitted = False
        kept, scrolled = set(self.chosen_ids()), self.verticalScrollBar().value()
        row = self.currentIndex().row()
        here = self.paged.ids[row] if row >= 0 else None
        selection = self.selectionModel()
        selection.blockSignals(True)
        self.paged.show(ids)
        flags = selection.SelectionFlag.Select | selection.SelectionFlag.Rows
        if here is not None and ids:
            place = self.paged.place(here)
            current = self.paged.index(min(row, len(ids) - 1) if place is None else place, 0)
            selection.setCurrentIndex(current, selection.SelectionFlag.NoUpdate)
        for id_ in kept:
            if (place := self.paged.place(id_)) is not None:
                selection.select(self.paged.index(place, 0), flags)
        selection.blockSignals(False)
        self.viewport().update()
        self.verticalScrollBar().setValue(scrolled)
        self.lost |= bool(kept) and not self.chosen_ids()
        self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, RUF100
        """An arrow chooses the row where one is, where none is chosen."""
        arrow = event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and not event.modifiers()
        if arrow and self.currentIndex().isValid() and not self.selectionModel().hasSelection():
            self.selectRow(self.currentIndex().row())
        else:
            super().keyPressEvent(event)

    def begin(self) -> None:
        """Nothing was shown before, or nothing of it is to be kept: the first row is chosen."""
        self.lost = False
        self.setCurrentIndex(self.paged.index(0, 0))

    def _picked(self) -> None:
        self.lost = False
        self.picked.emit()
        self.chosen.emit()

    def _fit(self) -> None:
        """Columns are laid out for the first rows that are read, and do not jump about later."""
        if self._fitted:
            self.wrapping.fit_rows()
        else:
            self._fitted = True
            self.wrapping.fit()

    def chosen_ids(self) -> list[Any]:
        """The ids of the rows that are chosen, in their order."""
        ranges = self.selectionModel().selection().toList()
        rows = {row for one in ranges for row in range(one.top(), one.bottom() + 1)}
        return [self.paged.ids[row] for row in sorted(rows)]


class TablePage(Page, Generic[P]):
    """A page whose table shows what is asked at one ``P`` of its places."""

    table: PagedTable

    def __init__(self) -> None:
        super().__init__()
        self._place: P | None = None

    def show_place(self, place: Place) -> None:
        """What is asked there."""
        assert isinstance(place, self.places)
        if place != self._place:
            self.forget()
            self._place = cast(P, place)
        self.look_now()

    def forget(self) -> None:
        """Shows nothing."""
        self._place = None

    def place(self) -> P | None:
        """What is shown."""
        return self._place

    def start(self) -> None:
        """In the table: no button is pressed by an Enter too many."""
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
