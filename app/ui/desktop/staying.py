"""The one question at the first close: go on in the tray, or end?"""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from app.text import _
from app.ui.parts.dialog import Dialog


class Staying(Dialog):
    """Asked once, where a schedule would stop with the program."""

    chosen = Signal(bool)
    """Whether the program goes on in the tray."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            parent,
            _("Closing the window"),
            _("Go on syncing when the window is closed?"),
            _(
                "There is a schedule, and it is kept only while the program runs. In the tray it "
                "goes on and tells you when something needs you. You can change this in Settings, "
                "Desktop."
            ),
        )
        stay = QPushButton(_("&Go on in the tray"))
        stay.setProperty("main", True)
        stay.setDefault(True)
        stay.clicked.connect(lambda: self._choose(True))
        end = QPushButton(_("&Quit, and stop syncing"))
        end.clicked.connect(lambda: self._choose(False))
        self.buttons.addWidget(stay)
        self.buttons.addWidget(end)
        self.buttons.addStretch(1)

    def _choose(self, on: bool) -> None:
        self.accept()
        self.chosen.emit(on)
