"""What the practice SIS can get wrong: a list of faults to tick, as the SIS itself tells them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.text import _
from app.ui import theme
from app.ui.parts.label import Label

_NAME = Qt.ItemDataRole.UserRole
SIZE = (500, 560)
LEAST = 320
"""The least height: some faults are in sight, and the line below them says there are more."""


def fault_told(fault: Mapping[str, Any]) -> str:
    """A fault in two lines: what it is called, and what a SIS does that has it."""
    title, does = fault["name"].replace("-", " ").capitalize(), fault["does"]
    if number := fault["number"]:
        value = fault["on"]["value"] if fault["on"] else number["usual"]
        title = _("{title} ({what}: {value:g})").format(
            title=title, what=number["means"], value=value
        )
    return f"{title}\n{does[0].upper()}{does[1:]}."


class PracticeFaults(QDialog):
    """Stays beside the window, so that a fault can come and go while a sync runs."""

    counted = Signal(int)
    """How many faults are on."""

    def __init__(self, parent: QWidget, over: QWidget) -> None:
        """``over`` is the part of the window that it may cover; it is there to watch the rest."""
        super().__init__(parent)
        self._over = over
        self._placed = False
        self.setWindowTitle(_("Faults of the practice SIS"))
        self._command: Callable[..., None] | None = None
        words = Label(
            _(
                "Tick what the practice SIS is to get wrong, then sync and see what becomes of "
                "it. Real services do all of this. Every fault ends with practice."
            )
        )
        words.setWordWrap(True)
        self.list = QListWidget()
        self.list.setObjectName("ticks")
        self.list.setAccessibleName(self.windowTitle())
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setSpacing(theme.SPACE // 2)
        self.list.itemChanged.connect(self._switched)
        self.off_button = QPushButton(_("All off"))
        self.off_button.clicked.connect(self._all_off)
        close = QPushButton(_("Close"))
        close.clicked.connect(self.close)
        row = QHBoxLayout()
        row.addWidget(self.off_button)
        row.addStretch(1)
        row.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(2 * theme.SPACE)
        layout.addWidget(words)
        layout.addWidget(self.list, 1)
        layout.addLayout(row)
        self.resize(*SIZE)

    def look(self, command: Callable[..., None]) -> None:
        """Asks by ``command`` (``Session.command``) what is on, and opens."""
        self._command = command
        command("faults", then=self._found)

    def leave(self) -> None:
        """Practice is left, and its faults with it."""
        self._command = None
        self.hide()
        self.counted.emit(0)

    def _found(self, faults: Sequence[Mapping[str, Any]]) -> None:
        self._show_faults(faults)
        if not self._placed:
            self._place()
            self.list.setCurrentRow(0)
            self.list.setFocus()
        self.show()
        self.raise_()
        self.activateWindow()

    def _place(self) -> None:
        """Right of the window, or in its lower right corner where the screen has no room."""
        self._placed = True
        window, screen = self._over.window(), self.screen().availableGeometry()
        frame = window.frameGeometry()
        edges = frame.size() - window.size()  # ours will be as thick
        corner = frame.topRight() + QPoint(1, 0)
        if corner.x() + self.width() + edges.width() > screen.right():
            end = frame.intersected(screen).bottomRight() - QPoint(edges.width(), edges.height())
            room = end.y() - self._over.mapToGlobal(QPoint(0, 0)).y()
            self.resize(self.width(), min(self.height(), max(LEAST, room)))
            corner = end - QPoint(self.width(), self.height())
        self.move(corner)

    def _show_faults(self, faults: Sequence[Mapping[str, Any]]) -> None:
        blocker = QSignalBlocker(self.list)
        while self.list.count() < len(faults):
            self.list.addItem(QListWidgetItem())
        for place, fault in enumerate(faults):
            item = self.list.item(place)
            item.setData(_NAME, fault["name"])
            item.setText(fault_told(fault))
            item.setCheckState(
                Qt.CheckState.Unchecked if fault["on"] is None else Qt.CheckState.Checked
            )
        blocker.unblock()
        on = sum(fault["on"] is not None for fault in faults)
        self.off_button.setEnabled(on > 0)
        self.counted.emit(on)

    def _switched(self, item: QListWidgetItem) -> None:
        if self._command is not None:
            on = item.checkState() is Qt.CheckState.Checked
            command = "set_fault" if on else "clear_faults"
            self._command(command, item.data(_NAME), then=self._show_faults)

    def _all_off(self) -> None:
        if self._command is not None:
            self._command("clear_faults", then=self._show_faults)
