"""The list on the left: every connector by urgency, with badge, last sync and what waits."""

from datetime import UTC, datetime

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.engine.overview import Glance, Overview
from app.text import _, plural, sentence
from app.ui import badges, theme
from app.ui.wording import absolute, ago, instant, number

Index = QModelIndex | QPersistentModelIndex
_GLANCE = Qt.ItemDataRole.UserRole
_SHAPE = 16


def last_sync(glance: Glance, now: datetime) -> str:
    """``Last sync 2 minutes ago``."""
    good = glance.facts.good
    if good is None or good.ended_at is None:
        return _("Not synced yet")
    when = ago(instant(good.ended_at), now)
    last = glance.facts.last
    if last is not None and last.state == "failed":
        return _("Last good sync {when}").format(when=when)
    return _("Last sync {when}").format(when=when)


def waiting(glance: Glance) -> int:
    """How many things wait for a person."""
    return glance.facts.standing.waiting + glance.facts.standing.conflicts


def why(glance: Glance) -> str:
    """Why the badge is what it is, with the next step, and when exactly the last sync was."""
    health = glance.health
    told = sentence(health.code, health.parameters)
    good = glance.facts.good
    if good is None or good.ended_at is None:
        return told
    when = absolute(instant(good.ended_at))
    return f"{told}\n{_('Last sync: {when}').format(when=when)}"


class ConnectorModel(QAbstractListModel):
    """The glances in their order; with several, a first row stands for all of them."""

    def __init__(self) -> None:
        super().__init__()
        self._glances: tuple[Glance, ...] = ()
        self.now = datetime.now(UTC)

    def show(self, glances: tuple[Glance, ...], now: datetime) -> None:
        """Shows these; rows stay where they are when the same connectors come in the same order."""
        same = [one.facts.id for one in glances] == [one.facts.id for one in self._glances]
        self.now = now
        if same:
            changed = glances != self._glances
            self._glances = glances
            if glances and changed:
                self.dataChanged.emit(self.index(0), self.index(self.rowCount() - 1))
            return
        self.beginResetModel()
        self._glances = glances
        self.endResetModel()

    def tick(self, now: datetime) -> None:
        """Time went on: "2 minutes ago" is three now."""
        self.now = now
        if self._glances:
            self.dataChanged.emit(self.index(0), self.index(self.rowCount() - 1))

    @property
    def has_all(self) -> bool:
        """True when the first row stands for all connectors."""
        return len(self._glances) > 1

    def name(self, row: int) -> str | None:
        """The connector of the row; ``None`` for all."""
        place = row - self.has_all
        return self._glances[place].facts.name if 0 <= place < len(self._glances) else None

    def row_of(self, name: str | None) -> int:
        """The row of the connector; of all (or the first) when it is not there."""
        for place, glance in enumerate(self._glances):
            if glance.facts.name == name:
                return place + self.has_all
        return 0

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802, RUF100
        """One row a connector, and one for all of several."""
        return 0 if parent.isValid() else len(self._glances) + self.has_all

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The words of a row; the delegate paints from the glance itself."""
        place = index.row() - self.has_all
        if place < 0:
            if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
                return _("All connectors")
            return None
        glance = self._glances[place]
        if role == _GLANCE:
            return glance
        if role == Qt.ItemDataRole.DisplayRole:
            return glance.facts.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return why(glance)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            words = [glance.facts.name, _(badges.BADGES[glance.health.badge].word)]
            words.append(last_sync(glance, self.now))
            if count := waiting(glance):
                words.append(plural("{n} waiting", "{n} waiting", count))
            return ", ".join(words)
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return why(glance)
        return None


class ConnectorDelegate(QStyledItemDelegate):
    """Paints a row: name and count, badge shape and word, last sync."""

    def __init__(self, model: ConnectorModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802, RUF100
        """Three lines and air, one line for all connectors."""
        line = option.fontMetrics.height()
        lines = 3 if index.data(_GLANCE) is not None else 1
        return QSize(160, max(line * lines + 4 * (lines - 1) + 22, theme.TARGET))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The row, in the colours in use."""
        c = theme.colours()
        whole: QRect = option.rect
        state: QStyle.StateFlag = option.state
        font: QFont = option.font
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(whole).adjusted(6, 2, -6, -2)
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.chosen))
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.window))
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(c.focus))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), theme.RADIUS, theme.RADIUS)
        inner = box.toRect().adjusted(10, 8, -10, -8)
        glance = index.data(_GLANCE)
        if glance is None:
            self._text(painter, inner, str(index.data()), _bold(font), c.text)
        else:
            self._glance(painter, inner, glance, font)
        painter.restore()

    def _glance(self, painter: QPainter, inner: QRect, glance: Glance, font: QFont) -> None:
        c = theme.colours()
        line = QFontMetrics(font).height()
        top = QRect(inner.left(), inner.top(), inner.width(), line)
        count = waiting(glance)
        if count:
            top.setWidth(top.width() - self._pill(painter, top, number(count), font) - 8)
        self._text(painter, top, glance.facts.name, _bold(font), c.text)
        look = badges.BADGES[glance.health.badge]
        second = top.translated(0, line + 4)
        second.setWidth(inner.width())
        shape = QRectF(second.left(), second.center().y() - _SHAPE / 2 + 1, _SHAPE, _SHAPE)
        badges.paint(painter, shape, look)
        words = second.adjusted(_SHAPE + 7, 0, 0, 0)
        self._text(painter, words, _(look.word), _bold(font), look.ink().name())
        third = second.translated(0, line + 4)
        self._text(painter, third, last_sync(glance, self._model.now), font, c.muted)

    def _pill(self, painter: QPainter, top: QRect, words: str, font: QFont) -> int:
        """The count of what waits, at the right; its width."""
        c = theme.colours()
        width = QFontMetrics(_bold(font)).horizontalAdvance(words) + 14
        pill = QRectF(top.right() - width, top.top() - 1, width, top.height() + 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.warn))
        painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
        painter.setPen(QColor(c.panel))
        painter.setFont(_bold(font))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, words)
        return width

    def _text(self, painter: QPainter, where: QRect, words: str, font: QFont, colour: str) -> None:
        painter.setFont(font)
        painter.setPen(QColor(colour))
        shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, where.width())
        at = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(where, at, shown)


class Connectors(QFrame):
    """The list with its heading."""

    chosen = Signal(object)
    """The name of the connector chosen; ``None`` for all."""
    add = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("side")
        self.model = ConnectorModel()
        heading = QLabel(_("Connectors"))
        heading.setProperty("quiet", True)
        heading.setContentsMargins(18, 6, 8, 4)
        self.list = QListView()
        self.list.setObjectName("connectors")
        self.list.setAccessibleName(_("Connectors"))
        self.list.setAccessibleDescription(_("The most urgent first. Choose one to see its syncs."))
        self.list.setModel(self.model)
        self.list.setItemDelegate(ConnectorDelegate(self.model, self.list))
        self.list.setMouseTracking(True)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.selectionModel().currentChanged.connect(self._moved)
        heading.setBuddy(self.list)
        self.add_button = QPushButton("+")
        self.add_button.setObjectName("small")
        self.add_button.setAccessibleName(_("Add connector"))
        self.add_button.setToolTip(_("Add connector (Ctrl+N)"))
        self.add_button.clicked.connect(self.add)
        top = QHBoxLayout()
        top.setContentsMargins(0, 8, 12, 0)
        top.addWidget(heading, 1)
        top.addWidget(self.add_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 8)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.list, 1)
        self._name: str | None = None
        self._wanted: str | None = None
        self._showing = False

    @property
    def name(self) -> str | None:
        """The connector chosen; ``None`` for all."""
        return self._name

    def choose(self, name: str) -> None:
        """Chooses the connector, as soon as it is there."""
        self._wanted = name

    def show_overview(self, overview: Overview, now: datetime) -> None:
        """Shows the connectors; the choice stays."""
        self._showing = True
        self.model.show(overview.glances, now)
        row = self.model.row_of(self._wanted or self._name)
        before, self._name = self._name, self.model.name(row)
        self.list.setCurrentIndex(self.model.index(row))
        self._showing = False
        if self._wanted is not None and self._wanted == self._name:
            self._wanted = None
            if self._name != before:
                self.chosen.emit(self._name)

    def _moved(self, to: QModelIndex) -> None:
        if not self._showing and to.isValid():
            self._name = self.model.name(to.row())
            self.chosen.emit(self._name)


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setWeight(QFont.Weight.DemiBold)
    return bold
