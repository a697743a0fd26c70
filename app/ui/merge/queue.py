"""What is to be decided, by cause: a cause can be opened to see its records."""

from collections.abc import Sequence
from typing import TypeAlias

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QPainter,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.engine.causes import Cause, Key, cause_text
from app.engine.told import entity_word
from app.text import _, plural
from app.ui import theme
from app.ui.merge.paint import tiny
from app.ui.parts.label import Label, tip
from app.ui.parts.paged import PagedModel
from app.ui.wording import number

Index = QModelIndex | QPersistentModelIndex
Id: TypeAlias = Key | int
"""A cause, or one of its differences."""

CAUSE = Qt.ItemDataRole.UserRole
START = Qt.AlignmentFlag.AlignLeading
ELIDED = Qt.TextElideMode.ElideRight
RECORD_HEIGHT = theme.TARGET
PAD = 8
GAP = 4


class QueueModel(PagedModel[Id, Cause | str]):
    """Causes, and under those that are open the records, by their titles."""

    def __init__(self) -> None:
        super().__init__()
        self.headings = (_("Differences"),)
        self.causes: dict[Key, Cause] = {}
        self.schools: dict[int, str] = {}
        """What schools are called, by record id."""
        self.open: set[Key] = set()
        self.of: dict[int, tuple[Cause, int]] = {}
        """The cause and the record of every difference."""

    def show_causes(self, causes: Sequence[Cause], schools: dict[int, str]) -> None:
        """These causes, in this order; one alone shows its records."""
        if len(causes) == 1 and [*self.causes] != [causes[0].key]:
            self.open.add(causes[0].key)
        self.causes = {one.key: one for one in causes}
        self.schools = schools
        self.open &= self.causes.keys()
        self.of = {
            id_: (cause, record) for cause in causes for id_, record, _seen in cause.differences
        }
        self.arrange()

    def arrange(self) -> None:
        """The rows, as causes are open or not."""
        ids: list[Id] = []
        for key, cause in self.causes.items():
            ids.append(key)
            if key in self.open:
                ids += cause.ids
        self.show(ids)
        rows: dict[Id, Cause | str] = {}
        rows.update(self.causes.items())
        self.put(rows)

    def cell(self, row: Cause | str, column: int, role: int) -> object:
        """The words of a cause, the name of a record."""
        if isinstance(row, str):
            return row if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.DisplayRole:
            count = plural("{n} difference", "{n} differences", row.count)
            return ", ".join((cause_text(row), count, self.where(row)))
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip("\n".join((cause_text(row), _("A click or Space shows whom it is about."))))
        return row if role == CAUSE else None

    def blank(self, id_: Id, column: int, role: int) -> object:
        """A record that was not read yet."""
        return "…" if role == Qt.ItemDataRole.DisplayRole else None

    def where(self, cause: Cause) -> str:
        """Which records, in which school, since which sync."""
        names = [self.schools.get(one, "") for one in cause.schools if one]
        if not names:
            school = ""
        elif len(cause.schools) == 1:
            school = names[0]
        else:
            school = plural("{n} school", "{n} schools", len(names))
        if len(cause.syncs) == 1:
            sync = _("sync #{run}").format(run=cause.syncs[0])
        else:
            sync = plural("{n} sync", "{n} syncs", len(cause.syncs))
        return " · ".join(filter(None, (entity_word(cause.entity), school, sync)))


class Queue(QWidget):
    """The causes, with how many differences are left."""

    chosen = Signal(int)
    """A difference, to be looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.content = QueueModel()
        self.heading = Label()
        self.heading.setObjectName("outcome")
        self.heading.setWordWrap(True)
        self.list = _List(self.content)
        self.heading.setBuddy(self.list)
        self.list.setAccessibleName(_("Differences by cause"))
        self.list.setAccessibleDescription(_("Space shows the records of a cause, or hides them."))
        self.list.selectionModel().currentRowChanged.connect(self._moved)
        self.list.clicked.connect(self._clicked)
        self.list.toggled.connect(self._toggle)
        self._quiet = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.heading)
        layout.addWidget(self.list, 1)

    # -- contents --

    def show_causes(self, causes: Sequence[Cause], schools: dict[int, str]) -> None:
        """What is left."""
        count = sum(one.count for one in causes)
        self.heading.setText(plural("{n} difference", "{n} differences", count))
        self._quiet = True
        scroll = self.list.verticalScrollBar().value()
        self.content.show_causes(causes, schools)
        self.list.set_heights()
        self.list.verticalScrollBar().setValue(scroll)
        self._quiet = False

    def order(self) -> list[int]:
        """All differences in the order in which they are gone through."""
        return list(self.content.of)

    def cause_of(self, difference: int) -> Cause | None:
        """The cause that a difference belongs to."""
        return self.content.of[difference][0] if difference in self.content.of else None

    def mark(self, difference: int) -> None:
        """Chooses the row of a difference, or of its cause where that is not open."""
        place = self.content.place(difference)
        if place is None and (cause := self.cause_of(difference)) is not None:
            place = self.content.place(cause.key)
        if place is not None and place != self.list.currentIndex().row():
            self._quiet = True
            self.list.setCurrentIndex(self.content.index(place, 0))
            self._quiet = False

    # -- choosing --

    def _moved(self, index: QModelIndex) -> None:
        if self._quiet or not index.isValid():
            return
        id_ = self.content.ids[index.row()]
        self.chosen.emit(id_ if isinstance(id_, int) else self.content.causes[id_].ids[0])

    def _clicked(self, index: QModelIndex) -> None:
        if isinstance(index.data(CAUSE), Cause):
            self._toggle(index, None)

    def _toggle(self, index: QModelIndex, wanted: bool | None) -> None:
        """Opens a cause, or closes it (``None``: whichever it is not)."""
        id_ = self.content.ids[index.row()] if index.isValid() else 0
        if isinstance(id_, int):
            cause = self.cause_of(id_) if id_ else None
            if wanted is not False or cause is None:
                return
            id_ = cause.key
        is_open = id_ in self.content.open
        if wanted is is_open:
            return
        self.content.open ^= {id_}
        self._quiet = True
        scroll = self.list.verticalScrollBar().value()
        self.content.arrange()
        self.list.set_heights()
        self.list.setCurrentIndex(self.content.index(self.content.place(id_) or 0, 0))
        self.list.verticalScrollBar().setValue(scroll)
        self._quiet = False


class _List(QTableView):
    """One column, with the keys of a tree."""

    toggled = Signal(QModelIndex, object)
    """A cause is to be opened (true), closed (false), or either."""

    def __init__(self, model: QueueModel) -> None:
        super().__init__()
        self._model = model
        self._high: set[int] = set()
        """The rows of causes."""
        self.setModel(model)
        self.setItemDelegate(_Row(self))
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(RECORD_HEIGHT)
        self.verticalHeader().setDefaultSectionSize(RECORD_HEIGHT)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)

    def set_heights(self) -> None:
        """Causes are as high as their words, records one line."""
        found = (self._model.place(key) for key in self._model.causes)
        places = {place for place in found if place is not None}
        for place in self._high - places:
            if place < self._model.rowCount():
                self.setRowHeight(place, RECORD_HEIGHT)
        for place in places:
            self.setRowHeight(place, self.sizeHintForRow(place))
        self._high = places

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, RUF100
        """Words break elsewhere."""
        super().resizeEvent(event)
        self.set_heights()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, RUF100
        """The arrows that open and close; Space does either."""
        rtl = self.isRightToLeft()
        opens = Qt.Key.Key_Left if rtl else Qt.Key.Key_Right
        closes = Qt.Key.Key_Right if rtl else Qt.Key.Key_Left
        wanted = {opens: True, closes: False, Qt.Key.Key_Space: None}
        key = Qt.Key(event.key())
        if key in wanted:
            self.toggled.emit(self.currentIndex(), wanted[key])
        else:
            super().keyPressEvent(event)


class _Row(QStyledItemDelegate):
    """A cause with its count; a record, set in."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draws."""
        c = theme.colours()
        rect = QRectF(option.rect)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.fillRect(rect, QColor(c.chosen if chosen else c.panel))
        cause = index.data(CAUSE)
        if isinstance(cause, Cause):
            _Lines(option, index, cause).draw(painter)
            painter.setPen(QPen(QColor(c.raised), 1))
            painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        else:
            start = PAD + 22
            rtl = option.direction == Qt.LayoutDirection.RightToLeft
            inside = rect.adjusted(PAD if rtl else start, 0, -start if rtl else -PAD, 0)
            font = option.font
            painter.setFont(font)
            painter.setPen(QColor(c.text))
            text = QFontMetricsF(font).elidedText(str(index.data()), ELIDED, inside.width())
            painter.drawText(inside, START | Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802, RUF100
        """A cause is as high as its words at the width of the list."""
        cause = index.data(CAUSE)
        if not isinstance(cause, Cause):
            return QSize(120, RECORD_HEIGHT)
        return QSize(120, max(theme.TARGET, _Lines(option, index, cause).height))


class _Lines:
    """What happened, in as many lines as it takes, beside the count; where, under it."""

    def __init__(self, option: QStyleOptionViewItem, index: Index, cause: Cause) -> None:
        model, view = index.model(), option.widget
        assert isinstance(model, QueueModel)
        assert isinstance(view, QTableView)
        rect = QRectF(option.rect)
        rect.setWidth(view.viewport().width())
        self.rtl = option.direction == Qt.LayoutDirection.RightToLeft
        self.bold = QFont(option.font)
        self.bold.setBold(True)
        self.small = tiny(option.font)
        arrow = "▾" if cause.key in model.open else ("◂" if self.rtl else "▸")
        self.text, self.where = f"{arrow} {cause_text(cause)}", model.where(cause)
        self.count = number(cause.count)
        inside = rect.adjusted(PAD + GAP, PAD, -PAD, -PAD)
        side = QFontMetricsF(self.bold).horizontalAdvance(self.count) + PAD
        self.upper = inside.adjusted(side if self.rtl else 0, 0, 0 if self.rtl else -side, 0)
        self.upper.setHeight(_height(self.bold, self.text, self.upper.width()))
        self.lower = QRectF(inside)
        self.lower.setTop(self.upper.bottom() + GAP)
        self.lower.setHeight(_height(self.small, self.where, inside.width()))
        self.inside = inside

    @property
    def height(self) -> int:
        """How high all of it is."""
        return round(2 * PAD + self.upper.height() + GAP + self.lower.height())

    def draw(self, painter: QPainter) -> None:
        """Draws it."""
        c = theme.colours()
        wrapped = START | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        painter.setFont(self.bold)
        painter.setPen(QColor(c.text))
        painter.drawText(self.upper, wrapped, self.text)
        painter.setPen(QColor(c.active))
        end = Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignTop
        painter.drawText(self.inside, end, self.count)
        painter.setFont(self.small)
        painter.setPen(QColor(c.muted))
        painter.drawText(self.lower, wrapped, self.where)


def _height(font: QFont, text: str, width: float) -> float:
    room = QRectF(0, 0, max(width, 40), 10_000)
    return QFontMetricsF(font).boundingRect(room, Qt.TextFlag.TextWordWrap, text).height()
