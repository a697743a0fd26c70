"""The classes without a teacher, each of which leads to its page."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QPushButton, QWidget

from app.store.today import Untaught
from app.text import _, plural
from app.ui import theme
from app.ui.parts.dialog import Dialog
from app.ui.places import ToRecord


class UntaughtDialog(Dialog):
    """Enter, or a double click, opens a class."""

    go = Signal(object)
    """The ``ToRecord`` of the class that was chosen."""

    def __init__(self, parent: QWidget | None, classes: Sequence[Untaught]) -> None:
        count = len(classes)
        title = plural("{n} class has no teacher", "{n} classes have no teacher", count)
        words = _("Open one to see who was its teacher, and what the SIS says of it now.")
        super().__init__(parent, _("Classes without a teacher"), title, words)
        several = len({one.school for one in classes}) > 1
        self.list = QListWidget()
        self.list.setAccessibleName(title)
        for one in classes:
            told = one.title or f"#{one.id}"
            if several and one.school:
                told = _("{title} · {school}").format(title=told, school=one.school)
            item = QListWidgetItem(told, self.list)
            item.setData(Qt.ItemDataRole.UserRole, one.id)
        self.list.setSpacing(theme.SPACE // 4)
        self.list.setCurrentRow(0)
        self.body.addWidget(self.list, 1)
        self.open_button = QPushButton(_("&Open the class"))
        self.open_button.setProperty("main", True)
        self.open_button.setDefault(True)
        self.open_button.clicked.connect(self._open)
        self.list.itemDoubleClicked.connect(self._open)
        self.close_button = QPushButton(_("&Close"))
        self.close_button.clicked.connect(self.reject)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.open_button)
        self.buttons.addWidget(self.close_button)
        self.list.setFocus()
        self.fit(520, 460)

    def _open(self) -> None:
        if (item := self.list.currentItem()) is not None:
            self.go.emit(ToRecord("classes", item.data(Qt.ItemDataRole.UserRole)))
            self.accept()
