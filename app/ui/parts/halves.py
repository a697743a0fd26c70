"""Two parts, one over the other, of which the upper one takes what it needs and no more."""

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter

UPPER = 0.44
"""The upper part takes no more of the height, where the lower one needs the rest."""


class Halves(QSplitter):
    """Gives the upper half the height it needs, if not too much; a person may move the line."""

    def __init__(self, upper: float = UPPER) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self._upper = upper
        self.by_hand = False
        self.setChildrenCollapsible(False)
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
            lower = self.widget(1)
            needed = lower.sizeHint().height() if lower is not None else self.height()
            spare = self.height() - self.handleWidth() - needed
            height = min(upper.sizeHint().height(), max(spare, round(self._upper * self.height())))
            self.setSizes([height, self.height() - height])

    def _moved(self) -> None:
        self.by_hand = True
