"""What every dialog of ours looks like: a title, words, its body, a row of buttons."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.text import _
from app.ui import theme
from app.ui.parts.label import Label

ASKED = 680
"""The width of a question."""


class Dialog(QDialog):
    """Goes when it is closed. Its makers fill ``body`` and ``buttons``."""

    def __init__(self, parent: QWidget | None, name: str, title: str, words: str = "") -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(name)
        self.title = Label(title)
        self.title.setFont(theme.large(self.font()))
        self.words = Label(words)
        self.words.setMinimumWidth(420)
        self.words.setVisible(bool(words))
        for label in (self.title, self.words):
            label.setWordWrap(True)
        self.body = QVBoxLayout()
        self.body.setSpacing(theme.SPACE)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(theme.SPACE)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(2 * theme.SPACE)
        layout.addWidget(self.title)
        layout.addWidget(self.words)
        layout.addLayout(self.body, 1)
        layout.addLayout(self.buttons)

    def fit(self, width: int, height: int) -> None:
        """Takes that size, or as much of it as its screen has."""
        self.resize(theme.fitting(self, width, height))


class Asking(Dialog):
    """It is left, or agreed to."""

    def offer(
        self, leave: str, agree: str, agreed: Callable[[], None], *, harms: bool = False
    ) -> None:
        """The buttons, the last of its contents: it becomes as high as its words are.

        Enter agrees, but where that ``harms``: there it leaves.
        """
        self.left, self.agree = QPushButton(leave), QPushButton(agree)
        self.left.clicked.connect(self.reject)
        self.agree.clicked.connect(self.accept)
        self.accepted.connect(agreed)
        main = self.left if harms else self.agree
        main.setDefault(True)
        theme.mark(main, "main", True)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.left)
        self.buttons.addWidget(self.agree)
        main.setFocus()
        layout = self.layout()
        assert layout is not None
        self.ensurePolished()
        self.fit(ASKED, layout.totalHeightForWidth(ASKED))


def choose_csv(parent: QWidget, name: str, chosen: Callable[[Path], None]) -> QFileDialog:
    """Asks where to save a CSV file, by the name that is suggested; ``chosen`` is told."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    chooser = QFileDialog(parent, _("Save as CSV"), str(Path(folder, name)), "CSV (*.csv)")
    chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    chooser.setDefaultSuffix("csv")
    chooser.fileSelected.connect(lambda path: chosen(Path(path)))
    chooser.open()
    return chooser
