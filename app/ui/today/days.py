"""What the syncs of the last days did: a picture, and the table behind it."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from app.engine.today import Day
from app.text import N_, _, plural
from app.ui import badges, theme
from app.ui.parts.label import Label
from app.ui.places import Place, ToSyncs
from app.ui.today.leading import NUMBERS, PLACE, WORDS, Index, Leading
from app.ui.wording import number, short_day, week_day

TALLEST = 4
"""A day with so many times more than every other is cut off there, and says how many they are."""
COMPARES = 0.01
"""What is less than this share of the longest does not compare with it."""
LEAST = 3.0
"""What is there at all is so high at least."""
HIGHEST = 230
"""Higher, the picture tells no more."""
MARK = 12
"""The side of the mark of a day on which something failed or waited."""


def told(day: Day) -> str:
    """A day in a sentence."""
    what = [
        plural("{n} added", "{n} added", day.added),
        plural("{n} changed", "{n} changed", day.changed),
        plural("{n} removed", "{n} removed", day.removed),
        plural("{n} sync", "{n} syncs", day.syncs),
    ]
    if day.failed:
        what.append(plural("{n} failed", "{n} failed", day.failed))
    if day.waiting:
        what.append(plural("{n} waited for approval", "{n} waited for approval", day.waiting))
    if not day.syncs:
        return _("{day}: no sync.").format(day=week_day(day.day))
    return _("{day}: {what}.").format(day=week_day(day.day), what=", ".join(what))


def place_of(day: Day) -> Place | None:
    """The syncs of a day."""
    return ToSyncs(tuple(sorted(day.runs, reverse=True))) if day.runs else None


class DaysChart(QWidget):
    """A bar a day: above the line what was added (full) and changed (hollow), below it removed.

    Left and Right choose a day, Enter or a click leads to its syncs.
    """

    go = Signal(object)
    """The ``Place`` of the day that was chosen."""

    def __init__(self) -> None:
        super().__init__()
        self._days: Sequence[Day] = ()
        self._chosen: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(_("What the syncs of the last 14 days did"))

    def show_days(self, days: Sequence[Day]) -> None:
        """Shows these days, the oldest first."""
        if list(days) == list(self._days):
            return
        self._days = list(days)
        self._describe()
        self.update()

    @property
    def chosen(self) -> Day | None:
        """The day that the keyboard or the pointer is on."""
        at = self._chosen
        return self._days[at] if at is not None and at < len(self._days) else None

    def sizeHint(self) -> QSize:  # noqa: N802, RUF100
        """Wide, and as low as it may be: it grows where there is room."""
        return QSize(480, self.minimumSizeHint().height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802, RUF100
        """Room for a few pixels of bar."""
        return QSize(200, 4 * self.fontMetrics().height() + 32)

    # -- choosing --

    def _choose(self, place: int | None) -> None:
        if place != self._chosen:
            self._chosen = place
            self._describe()
            self.update()

    def _describe(self) -> None:
        """What a screen reader says: the chosen day, or all of them in short."""
        if (day := self.chosen) is not None:
            words = told(day)
        else:
            busy = [one for one in self._days if one.changes or one.failed or one.waiting]
            words = " ".join(map(told, busy)) or _("Nothing changed.")
        self.setAccessibleDescription(words)
        QAccessible.updateAccessibility(
            QAccessibleEvent(self, QAccessible.Event.DescriptionChanged)
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, RUF100
        """Left and Right choose a day, Enter leads to its syncs."""
        key, last = event.key(), len(self._days) - 1
        towards = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(key))
        if last < 0:
            super().keyPressEvent(event)
        elif towards is not None:
            step = -towards if self.isRightToLeft() else towards
            at = last if self._chosen is None else self._chosen + step
            self._choose(min(max(at, 0), last))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._choose(0 if key == Qt.Key.Key_Home else last)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._lead()
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802, RUF100
        """The day under the pointer is the chosen one."""
        self._choose(self._at(event.position()))
        leads = self.chosen is not None and bool(self.chosen.runs)
        shape = Qt.CursorShape.PointingHandCursor if leads else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802, RUF100
        """No day is chosen by the pointer any more."""
        if not self.hasFocus():
            self._choose(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802, RUF100
        """Leads to the syncs of the day."""
        self._choose(self._at(event.position()))
        self._lead()

    def event(self, event: QEvent) -> bool:
        """The day under the pointer in words."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            if (at := self._at(event.pos().toPointF())) is not None:
                QToolTip.showText(event.globalPos(), told(self._days[at]), self)
            return True
        return super().event(event)

    def _lead(self) -> None:
        if self.chosen is not None and (place := place_of(self.chosen)) is not None:
            self.go.emit(place)

    def _at(self, point: QPointF) -> int | None:
        for at in range(len(self._days)):
            if self._slot(at).contains(point):
                return at
        return None

    def _slot(self, at: int) -> QRectF:
        wide = self.width() / max(1, len(self._days))
        place = len(self._days) - 1 - at if self.isRightToLeft() else at
        return QRectF(place * wide, 0, wide, self.height())

    # -- painting --

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, RUF100
        """The bars."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        c, line = theme.colours(), QFontMetricsF(self.font()).height()
        most = tallest(self._days)
        ups = max((min(one.added + one.changed, most) for one in self._days), default=0)
        downs = max((min(one.removed, most) for one in self._days), default=0)
        top = MARK + 4 + line
        low = self.height() - line - 4 - (line if downs else 2)
        scale = max(0.0, low - top) / max(1, ups + downs)
        base = low - downs * scale
        for at, day in enumerate(self._days):
            slot = self._slot(at)
            if at == self._chosen:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(c.chosen))
                painter.drawRoundedRect(slot.adjusted(1, 0, -1, 0), theme.RADIUS, theme.RADIUS)
            self._bar(painter, slot, day, base, scale, most)
            self._marks(painter, slot, day)
            self._label(painter, slot, day, wide=slot.width())
        painter.setPen(QPen(QColor(c.muted), 1))
        if not ups + downs:
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, _("Nothing changed."))
        painter.drawLine(QPointF(0, base), QPointF(self.width(), base))
        if self.hasFocus():
            painter.setPen(QPen(QColor(c.focus), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        painter.end()

    def _bar(
        self, painter: QPainter, slot: QRectF, day: Day, base: float, scale: float, most: int
    ) -> None:
        c, line = theme.colours(), QFontMetricsF(self.font()).height()
        wide = min(slot.width() * 0.5, 36.0)
        left = slot.center().x() - wide / 2
        up = day.added + day.changed
        part = min(1.0, most / up) * scale if up else 0.0
        added = max(day.added * part, LEAST) if day.added else 0.0
        changed = max(day.changed * part, LEAST) if day.changed else 0.0
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.active))
        painter.drawRect(QRectF(left, base - added, wide, added))
        if changed:
            painter.setPen(QPen(QColor(c.active), 1.5))
            painter.setBrush(QColor(c.panel))
            painter.drawRect(QRectF(left + 0.75, base - added - changed, wide - 1.5, changed))
        if up > most:
            self._cut(painter, left, wide, base - (added + changed) * 0.7)
        if day.removed:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.bad))
            high = max(min(day.removed, most) * scale, LEAST)
            painter.drawRect(QRectF(left, base, wide, high))
            if day.removed > most:
                self._cut(painter, left, wide, base + high * 0.7)
            below = QRectF(slot.left(), base + high, slot.width(), line)
            self._number(painter, below, day.removed, c.bad)
        if up:
            above = QRectF(slot.left(), base - added - changed - line, slot.width(), line)
            self._number(painter, above, up, c.text)

    def _cut(self, painter: QPainter, left: float, wide: float, at: float) -> None:
        """The bar is longer than there is room for."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.colours().panel))
        painter.drawPolygon(broken(left - 2, left + wide + 2, at, gap=7))

    def _number(self, painter: QPainter, where: QRectF, count: int, colour: str) -> None:
        painter.setPen(QColor(colour))
        painter.setFont(_small(self.font()))
        painter.drawText(where, Qt.AlignmentFlag.AlignCenter, brief(count))

    def _marks(self, painter: QPainter, slot: QRectF, day: Day) -> None:
        looks = [
            badges.of_run(state)
            for state, count in (("failed", day.failed), ("waiting", day.waiting))
            if count
        ]
        left = slot.center().x() - (len(looks) * (MARK + 3) - 3) / 2
        for place, look in enumerate(looks):
            badges.paint(painter, QRectF(left + place * (MARK + 3), 2, MARK, MARK), look)

    def _label(self, painter: QPainter, slot: QRectF, day: Day, *, wide: float) -> None:
        line = QFontMetricsF(self.font()).height()
        font = _small(self.font())
        words = short_day(day.day)
        if QFontMetricsF(font).horizontalAdvance(words) > wide - 4:
            words = str(day.day.day)
        painter.setFont(font)
        painter.setPen(QColor(theme.colours().muted))
        where = QRectF(slot.left(), self.height() - line - 2, slot.width(), line)
        painter.drawText(where, Qt.AlignmentFlag.AlignCenter, words)


def tallest(days: Sequence[Day]) -> int:
    """How much the longest bar shows: of one that dwarfs all others only as much as compares.

    Where nothing compares, as after the first sync, all of it: a few are not to look like many.
    """
    ups = sorted((one.added + one.changed for one in days), reverse=True)
    first, second, *_rest = (*ups, 0, 0)
    if first > TALLEST * second >= TALLEST * COMPARES * first:
        return TALLEST * second
    return max(first, *(one.removed for one in days)) if days else 0


def broken(left: float, right: float, at: float, *, gap: float) -> QPolygonF:
    """The gap in a bar that is longer than it is drawn."""
    rise = (right - left) / 6
    ends = (left, at + rise), (right, at - rise), (right, at - rise - gap), (left, at + rise - gap)
    return QPolygonF([QPointF(*one) for one in ends])


def brief(count: int) -> str:
    """``987``, ``4.6k``, ``150k``."""
    if count < 1000:
        return str(count)
    return f"{count / 1000:.1f}k" if count < 9950 else f"{round(count / 1000):,}k"


def _small(font: QFont) -> QFont:
    small = QFont(font)
    small.setPointSizeF(font.pointSizeF() * 0.88)
    return small


class DaysModel(QAbstractTableModel):
    """The days in numbers, the newest first."""

    HEADINGS = (
        N_("Day"), N_("Added"), N_("Changed"), N_("Removed"), N_("Syncs"), N_("Failed"),
        N_("Waited for approval"),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._days: list[Day] = []

    def show(self, days: Sequence[Day]) -> None:
        """Shows these days, given the oldest first."""
        rows = list(reversed(days))
        if len(rows) == len(self._days):
            self._days = rows
            if rows:
                last = self.index(len(rows) - 1, len(self.HEADINGS) - 1)
                self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self._days = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802, RUF100
        """One row a day."""
        return 0 if parent.isValid() else len(self._days)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802, RUF100
        """The day and what is counted."""
        return 0 if parent.isValid() else len(self.HEADINGS)

    def headerData(  # noqa: N802, RUF100
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """The headings."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _(self.HEADINGS[section])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return WORDS if section == 0 else NUMBERS
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A day, or a number."""
        day, column = self._days[index.row()], index.column()
        counts = day.added, day.changed, day.removed, day.syncs, day.failed, day.waiting
        words = week_day(day.day) if column == 0 else number(counts[column - 1])
        if role == Qt.ItemDataRole.DisplayRole:
            return words
        if role == Qt.ItemDataRole.AccessibleTextRole:
            heading = _(self.HEADINGS[column])
            return told(day) if column == 0 else f"{week_day(day.day)}, {heading}: {words}"
        if role == PLACE:
            return place_of(day)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return WORDS if column == 0 else NUMBERS
        if role == Qt.ItemDataRole.ForegroundRole and column and not counts[column - 1]:
            return QColor(theme.colours().muted)
        return None


class Days(QFrame):
    """The picture or the table, under a heading that says what is what."""

    go = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.title = Label()
        self.title.setFont(_bold(self.font()))
        self.title.setWordWrap(True)
        title = _("Syncs of the last 14 days")
        words = QFontMetricsF(self.title.font()).horizontalAdvance(title)
        self.title.setMinimumWidth(round(words) + 4)
        self.chart = DaysChart()
        self.model = DaysModel()
        self.table = Leading(self.model)
        self.table.setObjectName("streams")
        self.table.setAccessibleName(self.chart.accessibleName())
        self.stack = QStackedWidget()
        self.stack.addWidget(self.chart)
        self.stack.addWidget(self.table)
        self.button = QPushButton()
        self.button.setCheckable(True)
        self.button.toggled.connect(self._toggled)
        self.legend = _Legend()
        top = QHBoxLayout()
        top.setSpacing(2 * theme.SPACE)
        top.addWidget(self.title, 1)
        top.addWidget(self.legend)
        top.addWidget(self.button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 10, 12, 10)
        layout.setSpacing(theme.SPACE // 2)
        layout.addLayout(top)
        layout.addWidget(self.stack, 1)
        self.setMaximumHeight(HIGHEST)
        self.chart.go.connect(self.go)
        self.table.go.connect(self.go)
        self._toggled(as_table=False)

    def show_days(self, days: Sequence[Day], connector: str | None) -> None:
        """Shows the days of a connector, or of all."""
        named = _("Syncs of the last 14 days: {name}").format(name=connector) if connector else ""
        self.title.setText(named or _("Syncs of the last 14 days"))
        self.chart.show_days(days)
        self.model.show(days)
        self.legend.show_days(days)

    def _toggled(self, as_table: bool) -> None:
        self.stack.setCurrentIndex(int(as_table))
        policy = QSizePolicy.Policy
        for page in (self.chart, self.table):  # what is behind asks for no room
            shown = page is self.stack.currentWidget()
            page.setSizePolicy(policy.Expanding, policy.Expanding if shown else policy.Ignored)
        self.legend.setVisible(not as_table)
        self.button.setText(_("Show as picture") if as_table else _("Show as table"))


class _Legend(QWidget):
    """What the bars and marks mean; of what is not there nothing is said."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[tuple[str, str]] = []

    def show_days(self, days: Sequence[Day]) -> None:
        """What stands in the picture of these days."""
        longest = max((max(one.added + one.changed, one.removed) for one in days), default=0)
        self._parts = [
            (kind, _(words))
            for kind, words, count in (
                ("added", N_("Added"), sum(one.added for one in days)),
                ("changed", N_("Changed"), sum(one.changed for one in days)),
                ("removed", N_("Removed"), sum(one.removed for one in days)),
                ("cut", N_("Longer than drawn"), longest > tallest(days)),
                ("failed", N_("A sync failed"), sum(one.failed for one in days)),
                ("waiting", N_("Something waited"), sum(one.waiting for one in days)),
            )
            if count
        ]
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802, RUF100
        """All on one line."""
        metrics = QFontMetricsF(_small(self.font()))
        wide = sum(MARK + 5 + metrics.horizontalAdvance(words) + 14 for _kind, words in self._parts)
        return QSize(round(wide), max(MARK, round(metrics.height())) + 2)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, RUF100
        """A sample and a word each, as many as find room."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        c, font = theme.colours(), _small(self.font())
        metrics, x = QFontMetricsF(font), 0.0
        painter.setFont(font)
        for kind, words in self._parts:
            wide = MARK + 5 + metrics.horizontalAdvance(words) + 14
            left = self.width() - x - wide + 14 if self.isRightToLeft() else x
            at = self.width() - x - MARK if self.isRightToLeft() else x
            box = QRectF(at, (self.height() - MARK) / 2, MARK, MARK)
            if kind in ("failed", "waiting"):
                badges.paint(painter, box, badges.of_run(kind))
            else:
                painter.setPen(
                    QPen(QColor(c.active), 1.5) if kind == "changed" else QPen(Qt.PenStyle.NoPen)
                )
                fill = {"changed": c.panel, "removed": c.bad}.get(kind, c.active)
                painter.setBrush(QColor(fill))
                painter.drawRect(box.adjusted(1, 1, -1, -1))
                if kind == "cut":
                    painter.setBrush(QColor(c.panel))
                    painter.drawPolygon(broken(box.left(), box.right(), box.center().y(), gap=3))
            painter.setPen(QColor(c.muted))
            text = left if self.isRightToLeft() else left + MARK + 5
            painter.drawText(QRectF(text, 0, wide - MARK - 19 + 2, self.height()), WORDS, words)
            x += wide
        painter.end()


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setWeight(QFont.Weight.DemiBold)
    return bold
