"""How many live records there are of each type, as quiet tiles; empty types are not shown."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.text import _, plural
from app.ui import theme
from app.ui.wording import entity_name, number, people_first


class Tile(QFrame):
    """A number and what it counts."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName("tile")
        self.count = QLabel()
        strong = QFont(self.font())
        strong.setPointSizeF(strong.pointSizeF() * 1.2)
        strong.setWeight(QFont.Weight.DemiBold)
        self.count.setFont(strong)
        self.name = QLabel(name)
        self.name.setProperty("quiet", True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 8, 14, 8)
        layout.setSpacing(0)
        layout.addWidget(self.count)
        layout.addWidget(self.name)

    def show_count(self, count: str) -> None:
        """Shows the number."""
        if count != self.count.text():
            self.count.setText(count)
            self.setAccessibleName(f"{self.name.text()}: {count}")


class Tiles(QWidget):
    """A row of tiles; those that find no room are told by the last one's tooltip."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_("Live records"))
        self._tiles: dict[str, Tile] = {}
        self._counts: dict[str, int] = {}
        self._more = Tile(_("more types"))
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.SPACE)
        self._row.addWidget(self._more)
        self._row.addStretch(1)

    def show_counts(self, counts: dict[str, int]) -> None:
        """Shows these, people first."""
        self._counts = {name: counts[name] for name in people_first(counts) if counts[name]}
        before = -1  # a type that comes later, as a first sync goes on, takes its place, too
        for name, count in self._counts.items():
            if name not in self._tiles:
                self._tiles[name] = Tile(entity_name(name))
                self._row.insertWidget(before + 1, self._tiles[name])
            self._tiles[name].show_count(number(count))
            before = self._row.indexOf(self._tiles[name])
        self.setVisible(bool(self._counts))
        self._fit()

    def minimumSizeHint(self) -> QSize:  # noqa: N802, RUF100
        """One tile's height; any width."""
        return QSize(0, self._more.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, RUF100
        """Shows as many as find room."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.width()
        gap = self._row.spacing()
        more = self._more.sizeHint().width() + gap
        names = list(self._counts)
        widths = [self._tiles[name].sizeHint().width() + gap for name in names]
        shown = len(names)
        if sum(widths) - gap > room:
            shown = 0
            while shown < len(names) and sum(widths[: shown + 1]) + more - gap <= room:
                shown += 1
        hidden = names[shown:]
        for place, name in enumerate(names):
            self._tiles[name].setVisible(place < shown)
        for name, tile in self._tiles.items():
            if name not in self._counts:
                tile.hide()
        self._more.setVisible(bool(hidden))
        if hidden:
            self._more.show_count(f"+{len(hidden)}")
            told = "\n".join(
                f"{entity_name(name)}: {number(self._counts[name])}" for name in hidden
            )
            self._more.setToolTip(told)
            self._more.setAccessibleDescription(told)
            self._more.name.setText(
                plural("more type", "more types", len(hidden)).format(n=len(hidden))
            )
