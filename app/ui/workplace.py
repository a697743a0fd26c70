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

UPPER = 0.44
"""The syncs take no more of the height than this; the rest is for the chosen one."""


class Halves(QSplitter):
    """Gives the upper half the height it needs, if not too much; a person may move the line."""

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
        self.share()

    def share(self) -> None:
        """Shares the height as the upper half needs it now, unless a person did."""
        upper = self.widget(0)
        if upper is not None and not self.by_hand:
            height = min(upper.sizeHint().height(), round(UPPER * self.height()))
            self.setSizes([height, self.height() - height])

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
        self.history.lengthened.connect(self.split.share)
        self.sync.setMinimumHeight(150)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 14)
        layout.setSpacing(theme.SPACE + 2)
        layout.addWidget(self.notice)
        layout.addWidget(self.headline)
        layout.addWidget(self.tiles)
        layout.addWidget(self.split, 1)
