"""The right side of the window: headline, counts, the history and the chosen sync."""

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QSplitter, QVBoxLayout, QWidget

from app.text import _
from app.ui import theme
from app.ui.chosen_sync import ChosenSync
from app.ui.headline import Headline
from app.ui.history import History
from app.ui.pages import Notice
from app.ui.tiles import Tiles

DIVIDED = [440, 560]
"""How the syncs and the chosen one share the height, in parts."""


class Halves(QSplitter):
    """Shares its height in fixed parts, until a person moves the line."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self.by_hand = False
        self.splitterMoved.connect(self._moved)

    def restore(self, state: QByteArray) -> None:
        """Shares as a person had it before."""
        self.by_hand = self.restoreState(state)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, RUF100
        """Shares the new height."""
        super().resizeEvent(event)
        if not self.by_hand:
            self.setSizes(DIVIDED)

    def _moved(self) -> None:
        self.by_hand = True


class Workplace(QWidget):
    """Lays out its parts; what they show is the window's business."""

    def __init__(self) -> None:
        super().__init__()
        self.notice = Notice()
        self.headline = Headline()
        self.tiles = Tiles()
        self.history = History()
        self.sync = ChosenSync()
        heading = QLabel(_("History"))
        heading.setProperty("quiet", True)
        heading.setBuddy(self.history)
        upper = QFrame()
        inside = QVBoxLayout(upper)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(4)
        inside.addWidget(heading)
        inside.addWidget(self.history, 1)
        self.split = Halves()
        self.split.setChildrenCollapsible(False)
        self.split.setHandleWidth(theme.SPACE + 2)
        self.split.addWidget(upper)
        self.split.addWidget(self.sync)
        self.history.setMinimumHeight(96)
        self.sync.setMinimumHeight(150)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 14)
        layout.setSpacing(theme.SPACE + 2)
        layout.addWidget(self.notice)
        layout.addWidget(self.headline)
        layout.addWidget(self.tiles)
        layout.addWidget(self.split, 1)
