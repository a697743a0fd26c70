"""What a change set did, person by person; opened, a person's values before and after."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QSignalBlocker,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QBrush, QColor, QPainter, QTextLayout, QTextOption
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from app.engine.intraline import Piece, Pieces, compared
from app.engine.stories import Line, Story
from app.roster.entities import ENTITIES
from app.store.stories import Group
from app.text import N_, _, plural
from app.ui import theme
from app.ui.history.filters import PAUSE_MS
from app.ui.parts.label import Label, tip
from app.ui.parts.marks import marks
from app.ui.parts.paged import BLOCK
from app.ui.places import ToRecord

Index = QModelIndex | QPersistentModelIndex
WHO, WHAT = range(2)
PIECES = Qt.ItemDataRole.UserRole
"""Of a line: its values in pieces."""
ARROW = " → "
MARGIN = 3
"""What a style leaves free around the text of a cell."""
HEADINGS = (N_("Who"), N_("What happened"))
NAME_WIDTH = 34
"""So many letters wide is the column of names."""


class Stories(QAbstractItemModel):
    """Groups in their order; their stories are read when they are seen, their lines when opened."""

    wanted = Signal(list)
    """Groups whose stories are to be read,"""
    opened = Signal(object)
    """and one whose lines are."""

    def __init__(self) -> None:
        super().__init__()
        self.groups: list[Group] = []
        self._places: dict[tuple[str, int], int] = {}
        self._stories: dict[tuple[str, int], Story] = {}
        self._lines: dict[tuple[str, int], list[Line]] = {}
        self._blocks: dict[int, None] = {}
        self._asking = QTimer(self)
        self._asking.setSingleShot(True)
        self._asking.timeout.connect(self._ask)

    def show(self, groups: Sequence[Group]) -> None:
        """These groups, closed."""
        if list(groups) == self.groups:
            return
        self.beginResetModel()
        self.groups = list(groups)
        self._places = {group.key: place for place, group in enumerate(groups)}
        self._stories.clear()
        self._lines.clear()
        self.endResetModel()

    def put(self, stories: Sequence[Story]) -> None:
        """These have been read."""
        for story in stories:
            if (place := self._places.get(story.group.key)) is not None:
                self._stories[story.group.key] = story
                self.dataChanged.emit(self.index(place, WHO), self.index(place, WHAT))

    def put_lines(self, group: Group, lines: Sequence[Line]) -> None:
        """What stands under a group that was opened."""
        place = self._places.get(group.key)
        if place is not None and group.key not in self._lines and lines:
            self.beginInsertRows(self.index(place, 0), 0, len(lines) - 1)
            self._lines[group.key] = list(lines)
            self.endInsertRows()

    def record(self, index: Index) -> tuple[str, int] | None:
        """The record that a row is about; ``None`` where it is about several."""
        if not index.isValid():
            return None
        if (line := self._line(index)) is not None:
            return line.entity, line.record
        group = self.groups[index.row()]
        return group.key if group.owner else None

    def group(self, index: Index) -> Group | None:
        """The group of a row of its own."""
        own = index.isValid() and not index.internalId()
        return self.groups[index.row()] if own else None

    # -- what Qt asks --

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        """A child knows its parent's row, from 1."""
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else 0)

    def parent(self, child: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008
        """The group of a line."""
        of = child.internalId() if child.isValid() else 0
        return self.createIndex(of - 1, 0, 0) if of else QModelIndex()

    def hasChildren(self, parent: Index = QModelIndex()) -> bool:  # noqa: B008, N802, RUF100
        """Every group has lines, read or not."""
        return not parent.isValid() or not (parent.internalId() or parent.column())

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802, RUF100
        """Groups, or the lines of one as far as they were read."""
        if not parent.isValid():
            return len(self.groups)
        if parent.internalId() or parent.column():
            return 0
        return len(self._lines.get(self.groups[parent.row()].key, ()))

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802, RUF100
        """Who, and what happened."""
        return len(HEADINGS)

    def headerData(  # noqa: N802, RUF100
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """The headings."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _(HEADINGS[section])
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What stands in a cell."""
        if (line := self._line(index)) is not None:
            return self._of_line(line, self.groups[index.internalId() - 1], index.column(), role)
        story = self._stories.get(self.groups[index.row()].key)
        if story is None:
            self._want(index.row())
            return None
        words = story.called if index.column() == WHO else " · ".join(story.sentences)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(words)
        return words if role == Qt.ItemDataRole.DisplayRole else None

    def _of_line(self, line: Line, group: Group, column: int, role: int) -> object:
        if role == Qt.ItemDataRole.ForegroundRole and column == WHO:
            return QBrush(QColor(theme.colours().muted))
        if role == PIECES and column == WHAT:
            return _pieces(line)
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        if column == WHO:
            return _subject(line, group)
        if not line.field:
            return line.what
        if line.lost and not line.after:
            return _("{lost} (of the SIS) thrown away").format(lost=line.lost)
        told = f"{line.before}{ARROW}{line.after}"
        if not line.lost:
            return told
        return _("{change}; {lost} (of the SIS) thrown away").format(change=told, lost=line.lost)

    def _line(self, index: Index) -> Line | None:
        of = index.internalId()
        return self._lines[self.groups[of - 1].key][index.row()] if of else None

    def _want(self, place: int) -> None:
        self._blocks[place // BLOCK] = None
        if not self._asking.isActive():
            self._asking.start(0)

    def _ask(self) -> None:
        blocks, self._blocks = sorted(self._blocks), {}
        found = [one for b in blocks for one in self.groups[b * BLOCK : (b + 1) * BLOCK]]
        if found:
            self.wanted.emit(found)


def _pieces(line: Line) -> Pieces | None:
    """Where the values differ, if they have something in common."""
    if not line.field or line.lost:
        return None
    before, after = compared(line.before, line.after)
    if all(piece.differs for piece in (*before, *after)):
        return None
    return *before, Piece(ARROW, differs=False), *after


class _Marked(QStyledItemDelegate):
    """Marks what differs inside values: underlined, so not by colour alone."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """A cell."""
        pieces: Pieces | None = index.data(PIECES)
        if pieces is None:
            super().paint(painter, option, index)
            return
        plain = QStyleOptionViewItem(option)
        self.initStyleOption(plain, index)
        plain.text = ""
        style = plain.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, plain, painter, plain.widget)
        rect = style.subElementRect(
            QStyle.SubElement.SE_ItemViewItemText, plain, plain.widget
        ).adjusted(MARGIN, 0, -MARGIN, 0)
        layout = QTextLayout("".join(piece.text for piece in pieces), plain.font)
        how = QTextOption(plain.displayAlignment)
        how.setTextDirection(plain.direction)
        how.setWrapMode(QTextOption.WrapMode.NoWrap)
        layout.setTextOption(how)
        layout.setFormats(marks(pieces))
        layout.beginLayout()
        line = layout.createLine()
        line.setLineWidth(rect.width())
        layout.endLayout()
        painter.save()
        painter.setClipRect(rect)
        painter.setPen(QColor(theme.colours().text))
        top = rect.top() + (rect.height() - line.height()) / 2
        layout.draw(painter, QPointF(rect.left(), top))
        painter.restore()


def _subject(line: Line, group: Group) -> str:
    """What a line is about: a field of whom the group is about, or of another record."""
    if line.record == group.owner:
        return line.field or _(ENTITIES[line.entity].one)
    if not line.field:
        return line.called
    return _("{record}: {field}").format(record=line.called, field=line.field)


class Changes(QWidget):
    """Searched, opened, followed to the record, and saved."""

    narrowed = Signal(str)
    """Only groups with this word in their names are wanted."""
    go = Signal(object)
    save = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.model = Stories()
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Search a name"))
        self.search.setAccessibleName(_("Search who was changed"))
        self.search.setClearButtonEnabled(True)
        self.moved = QCheckBox(_("Only who changed classes"))
        self.moved.hide()
        self._all: Sequence[Group] = ()
        self.count = Label()
        self.count.setProperty("quiet", True)
        self.open_button = QPushButton(_("Open record"))
        self.open_button.setAccessibleDescription(_("Shows the chosen person, class or school."))
        self.save_button = QPushButton(_("Save as CSV…"))
        self.tree = QTreeView()
        self.instead = Label()
        self.instead.setProperty("quiet", True)
        self.instead.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.instead.setWordWrap(True)
        self.place = QStackedWidget()
        self._lay_out()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(PAUSE_MS)
        self._soon.timeout.connect(lambda: self.narrowed.emit(self.search.text().strip()))
        self.search.textChanged.connect(self._soon.start)
        self.moved.toggled.connect(lambda: self.show_groups(self._all))
        self.tree.expanded.connect(self._expanded)
        self.tree.activated.connect(self._follow)
        self.tree.selectionModel().currentChanged.connect(self._show_can)
        self.open_button.clicked.connect(lambda: self._follow(self.tree.currentIndex()))
        self.save_button.clicked.connect(self.save)

    def _lay_out(self) -> None:
        self.tree.setModel(self.model)
        self.tree.setObjectName("changes")
        self.tree.setAccessibleName(_("Who was changed"))
        self.tree.setAccessibleDescription(
            _("Right opens a row and shows its values, Enter goes to the record.")
        )
        self.tree.setUniformRowHeights(True)
        self.tree.setAllColumnsShowFocus(True)
        self.tree.setExpandsOnDoubleClick(False)
        self.tree.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.tree.setItemDelegateForColumn(WHAT, _Marked(self.tree))
        self.tree.setHeaderHidden(True)  # a line more is worth more
        self.tree.setColumnWidth(WHO, NAME_WIDTH * self.fontMetrics().averageCharWidth())
        self.place.addWidget(self.tree)
        self.place.addWidget(self.instead)
        top = QHBoxLayout()
        top.setSpacing(theme.SPACE)
        top.addWidget(self.search, 1)
        top.addWidget(self.moved)
        top.addWidget(self.count)
        top.addWidget(self.open_button)
        top.addWidget(self.save_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.SPACE, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self.place, 1)

    def clear(self, *, moved: bool = False) -> None:
        """Another change set is chosen: nothing is known of it yet."""
        self.model.show([])
        self._soon.stop()
        with QSignalBlocker(self.search), QSignalBlocker(self.moved):
            self.search.clear()
            self.moved.setChecked(moved)
        self.count.setText("")
        self._say(_("Looking…"))

    @property
    def word(self) -> str:
        """What is searched for."""
        return self.search.text().strip()

    @property
    def narrow(self) -> bool:
        """Whether anybody is left out."""
        return bool(self.word) or self.moved.isChecked()

    def show_groups(self, groups: Sequence[Group]) -> None:
        """Whom it was about."""
        self._all = groups
        moved = [one for one in groups if one.moves]
        # Where all have changed classes, or none, there is nothing to tell apart.
        self.moved.setVisible(self.moved.isChecked() or 0 < len(moved) < len(groups))
        groups = moved if self.moved.isChecked() else groups
        self.model.show(groups)
        people = sum(group.entity == "users" for group in groups)
        others = len(groups) - people
        told = [
            plural("{n} person", "{n} people", people) if people else "",
            plural("{n} other", "{n} others", others) if others else "",
        ]
        self.count.setText(" · ".join(filter(None, told)))
        self.save_button.setEnabled(bool(groups))
        if groups:
            self.place.setCurrentWidget(self.tree)
            if not self.tree.currentIndex().isValid():
                self.tree.setCurrentIndex(self.model.index(0, 0))
        elif self.moved.isChecked():
            self._say(_("Nobody here changed classes."))
        elif self.word:
            self._say(_("Nobody here has “{word}” in the name.").format(word=self.word))
        else:
            self._say(_("No record was changed."))
        self._show_can()

    def _say(self, words: str) -> None:
        self.instead.setText(words)
        self.place.setCurrentWidget(self.instead)
        self._show_can()

    def _show_can(self) -> None:
        shown = self.place.currentWidget() is self.tree
        found = self.model.record(self.tree.currentIndex()) if shown else None
        self.open_button.setEnabled(found is not None)

    def _expanded(self, index: QModelIndex) -> None:
        if (group := self.model.group(index)) is not None and not self.model.rowCount(index):
            self.model.opened.emit(group)

    def _follow(self, index: QModelIndex) -> None:
        if (found := self.model.record(index)) is not None:
            self.go.emit(ToRecord(*found))
