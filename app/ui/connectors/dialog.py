"""The dialog that adds a connector, or edits one: fill in, test, save."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QPushButton, QWidget

from app.connectors.contract import Kind
from app.store.reads import ConnectorFacts
from app.text import _
from app.ui import theme
from app.ui.connectors.filling import Filling, Request
from app.ui.parts.dialog import Dialog

WIDTH = 700
TALLEST = 0.85
"""It is as high as its content, and no higher than this part of the screen."""


class ConnectorDialog(Dialog):
    """Adds a connector, or edits the one that ``facts`` tells of."""

    saved = Signal(str)
    """The name of the connector, once it is stored."""

    def __init__(
        self,
        parent: QWidget | None,
        request: Request,
        kinds: Mapping[str, Kind],
        taken: Sequence[str],
        facts: ConnectorFacts | None = None,
        *,
        at_secret: bool = False,
    ) -> None:
        if facts is None:
            follows = _(
                "What another SIS tells of already is recognized: one person stays one person. "
                "Where they say otherwise you are asked once."
            )
            words = follows if taken else ""
            super().__init__(parent, _("Add connector"), _("Connect your SIS"), words)
        else:
            title = _("Edit “{name}”").format(name=facts.name)
            super().__init__(parent, _("Edit connector"), title)
        self._adds = facts is None
        self.filling = Filling(request, kinds, taken, facts)
        self.close_button = QPushButton(_("Cancel"))
        self.close_button.setAccessibleDescription(_("Closes this without storing anything."))
        self.close_button.setAutoDefault(True)
        self.save_button = QPushButton()
        self.body.addWidget(self.filling)
        self.buttons.addWidget(self.filling.test_button)
        self.buttons.addWidget(self.filling.stop_button)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.close_button)
        self.buttons.addWidget(self.save_button)
        self.resize(min(WIDTH, self.screen().availableGeometry().width() - 40), self.height())
        self.filling.changed.connect(self._offer)
        self.filling.grown.connect(self._grow_soon)
        self.filling.saved.connect(self._stored)
        self.close_button.clicked.connect(self.reject)
        self.save_button.clicked.connect(self.filling.save)
        self._offer()
        self.filling.start(at_secret=at_secret)

    def _offer(self) -> None:
        """Saving is the main thing to do, unless it is known that what is saved cannot work."""
        works, test = self.filling.works, self.filling.test_button
        if self._adds:
            words = _("&Add connector") if works else _("&Add anyway")
        else:
            words = _("&Save changes") if works else _("&Save anyway")
        self.save_button.setText(words)
        self.save_button.setEnabled(self.filling.good and not self.filling.busy)
        (self.save_button if works else test).setDefault(True)
        theme.mark(self.save_button, "main", works)
        theme.mark(test, "main", not works)

    def _stored(self, name: str) -> None:
        self.saved.emit(name)
        self.accept()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802, RUF100
        """Is as high as its content from the beginning, and stands in the middle of its window."""
        self._grow()
        super().showEvent(event)

    def _grow_soon(self) -> None:
        QTimer.singleShot(0, self, self._grow)

    def _grow(self) -> None:
        """Takes the height that its content needs; what it has it keeps."""
        layout = self.layout()
        assert layout is not None
        layout.activate()
        room = self.screen().availableGeometry()
        height = min(self.height() + self.filling.missing_height, round(TALLEST * room.height()))
        if (more := height - self.height()) > 0:
            self.resize(self.width(), height)
            if self.isVisible():
                self.move(self.x(), max(room.top(), self.y() - more // 2))

    def done(self, result: int) -> None:
        """Closes; what is under way is given up."""
        self.filling.give_up()
        super().done(result)
