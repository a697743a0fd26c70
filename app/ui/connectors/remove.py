"""The dialog that asks before a connector is removed."""

import threading

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget
from shiboken6 import isValid

from app.errors import SyncError
from app.text import _, sentence
from app.ui.connectors.filling import Request
from app.ui.parts.dialog import Dialog
from app.ui.parts.label import Label


class RemoveDialog(Dialog):
    """Asks before a connector is removed, and says what that does."""

    removed = Signal(str)

    def __init__(self, parent: QWidget | None, request: Request, name: str) -> None:
        words = _(
            "It is not synced any more, and its secret is deleted. Its records and its history "
            "stay here.\n\nAdded again under the same name, it knows its records again."
        )
        title = _("Remove “{name}”?").format(name=name)
        super().__init__(parent, _("Remove connector"), title, words)
        self._request = request
        self._name = name
        self._under_way: threading.Event | None = None
        self.trouble = Label()
        self.trouble.setWordWrap(True)
        self.trouble.setProperty("wrong", True)
        self.trouble.hide()
        self.body.addWidget(self.trouble)
        self.keep_button = QPushButton(_("&Keep it"))
        self.keep_button.setDefault(True)
        self.keep_button.clicked.connect(self.reject)
        self.remove_button = QPushButton(_("&Remove connector"))
        self.remove_button.clicked.connect(self.remove)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.remove_button)
        self.buttons.addWidget(self.keep_button)
        self.keep_button.setFocus()

    def remove(self) -> None:
        """Removes the connector."""
        self.remove_button.setEnabled(False)
        self._under_way = self._request("remove_connector", self._name, then=self._removed)

    def _removed(self, found: SyncError | None) -> None:
        if not isValid(self) or self.isHidden():
            return
        if found is None:
            self.removed.emit(self._name)
            self.accept()
            return
        self.remove_button.setEnabled(True)
        self.trouble.setText(sentence(found.code, found.parameters))
        self.trouble.show()

    def done(self, result: int) -> None:
        """Closes; a removal that waits for the keyring is given up."""
        if self._under_way is not None:
            self._under_way.set()
        super().done(result)
