"""The list on the left: every connector by urgency, with badge, last sync and what waits."""

from datetime import UTC, date, datetime
from functools import partial

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
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.engine.health import Badge
from app.engine.overview import Glance, Overview
from app.text import _, plural, sentence
from app.ui import badges, theme
from app.ui.parts.label import Label, tip
from app.ui.wording import absolute, ago, day_and_time, day_of_year, instant, number

Index = QModelIndex | QPersistentModelIndex
_GLANCE = Qt.ItemDataRole.UserRole
_SHAPE = 16


def last_sync(glance: Glance, now: datetime) -> str:
    """``Last sync 2 minutes ago``."""
    good = glance.facts.good
    if good is None or good.ended_at is None:
        return "" if glance.health.badge is Badge.NEVER_SYNCED else _("Not synced yet")
    when = ago(instant(good.ended_at), now)
    last = glance.facts.last
    if last is not None and last.state == "failed":
        return _("Last good sync {when}").format(when=when)
    return _("Last sync {when}").format(when=when)


def next_sync(glance: Glance, now: datetime) -> str:
    """``Next sync tomorrow 06:30``; why there is none, where there is none."""
    facts = glance.facts
    if facts.paused:
        return _("No sync until you resume it")
    if glance.health.badge is Badge.SYNCING or facts.good is None:
        return ""
    if glance.next is None:
        return _("Syncs when you ask")
    if glance.next <= now:
        return _("Next sync now")
    return _("Next sync {when}").format(when=day_and_time(glance.next, now))


def word(glance: Glance) -> str:
    """The badge in a word; of what is known, until when."""
    issue = glance.facts.issue
    if glance.health.badge is Badge.KNOWN and issue is not None:
        return _("Known until {day}").format(day=day_of_year(date.fromisoformat(issue.until)))
    return _(badges.BADGES[glance.health.badge].word)


def waiting(glance: Glance) -> int:
    """How many decisions wait for a person."""
    if glance.asked is not None:
        return glance.asked.count
    standing = glance.facts.standing
    return standing.waiting + standing.conflicts + standing.unsent


def why(glance: Glance) -> str:
    """Why the badge is what it is, with the next step, and when exactly the last sync was."""
    facts, health = glance.facts, glance.health
    told = [sentence(health.code, health.parameters)]
    if facts.good is not None and facts.good.ended_at is not None:
        when = absolute(instant(facts.good.ended_at))
        told.append(_("Last sync: {when}").format(when=when))
    if glance.next is not None:
        told.append(_("Next sync: {when}").format(when=absolute(glance.next)))
    if (issue := facts.issue) is not None and health.badge is Badge.KNOWN:
        told.append(_("Marked as known by {who}.").format(who=issue.by))
    elif issue is not None:
        until = day_of_year(date.fromisoformat(issue.until))
        words = _("Something else is known until {day}: {because}")
        told.append(words.format(day=until, because=issue.because))
    return "\n".join(told)


def lines(glance: Glance, now: datetime) -> list[str]:
    """When it was synced, and when it will be."""
    return [one for one in (last_sync(glance, now), next_sync(glance, now)) if one]


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
            return tip(why(glance))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            words = [glance.facts.name, word(glance), *lines(glance, self.now)]
            if count := waiting(glance):
                words.append(plural("{n} waiting", "{n} waiting", count))
            return ", ".join(words)
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return why(glance)
        return None


class ConnectorDelegate(QStyledItemDelegate):
    """Paints a row: name and count, badge shape and word, last sync and next."""

    def __init__(self, model: ConnectorModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802, RUF100
        """Three or four lines and air, one line for all connectors."""
        line = option.fontMetrics.height()
        glance = index.data(_GLANCE)
        count = 2 + len(lines(glance, self._model.now)) if glance is not None else 1
        return QSize(160, max(line * count + 4 * (count - 1) + 22, theme.TARGET))

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
        painter.setLayoutDirection(option.direction)
        glance = index.data(_GLANCE)
        if glance is None:
            self._text(painter, inner, str(index.data()), _bold(font), c.text)
        else:
            self._glance(painter, inner, glance, font)
        painter.restore()

    def _glance(self, painter: QPainter, inner: QRect, glance: Glance, font: QFont) -> None:
        c = theme.colours()
        mirrored = partial(QStyle.visualRect, painter.layoutDirection(), inner)
        line = QFontMetrics(font).height()
        top = QRect(inner.left(), inner.top(), inner.width(), line)
        if count := waiting(glance):
            words = number(count)
            wide = QFontMetrics(_bold(font)).horizontalAdvance(words) + 14
            pill = QRect(top.right() - wide, top.top() - 1, wide, line + 2)
            self._pill(painter, mirrored(pill), words, font)
            top.setWidth(top.width() - wide - 8)
        self._text(painter, mirrored(top), glance.facts.name, _bold(font), c.text)
        look = badges.BADGES[glance.health.badge]
        second = QRect(inner.left(), top.bottom() + 5, inner.width(), line)
        shape = QRect(second.left(), second.center().y() - _SHAPE // 2 + 1, _SHAPE, _SHAPE)
        badges.paint(painter, QRectF(mirrored(shape)), look)
        beside = mirrored(second.adjusted(_SHAPE + 7, 0, 0, 0))
        self._text(painter, beside, word(glance), _bold(font), look.ink().name())
        for place, told in enumerate(lines(glance, self._model.now), start=1):
            self._text(painter, second.translated(0, place * (line + 4)), told, font, c.muted)

    def _pill(self, painter: QPainter, where: QRect, words: str, font: QFont) -> None:
        """The count of what waits."""
        c = theme.colours()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.warn))
        painter.drawRoundedRect(where, where.height() / 2, where.height() / 2)
        painter.setPen(QColor(c.panel))
        painter.setFont(_bold(font))
        painter.drawText(where, Qt.AlignmentFlag.AlignCenter, words)

    def _text(self, painter: QPainter, where: QRect, words: str, font: QFont, colour: str) -> None:
        painter.setFont(font)
        painter.setPen(QColor(colour))
        shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, where.width())
        at = QStyle.visualAlignment(painter.layoutDirection(), Qt.AlignmentFlag.AlignLeft)
        painter.drawText(
            where, at | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute, shown
        )


class Connectors(QFrame):
    """The list with its heading."""

    chosen = Signal(object)
    """The name of the connector chosen; ``None`` for all."""
    add = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("side")
        self.model = ConnectorModel()
        heading = Label(_("Connectors"))
        heading.setProperty("quiet", True)
        heading.setContentsMargins(6, 6, 6, 4)
        heading.setWordWrap(True)
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
        self.add_button.setToolTip(_("Connect another SIS (Ctrl+Shift+N)"))
        self.add_button.clicked.connect(self.add)
        top = QHBoxLayout()
        top.setContentsMargins(12, 8, 12, 0)
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
        if self._wanted == self._name:
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
