"""Words on the screen, shown as they are: no name of a person or a school is taken for HTML."""

import html

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel


class Label(QLabel):
    """Plain text. Qt's own label guesses, and would open a file that an ``<img>`` names."""

    def __init__(self, words: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(words)


def tip(words: str) -> str:
    """A tooltip that shows ``words`` as they are: Qt guesses there, too."""
    if "<" not in words:
        return words
    return f"<p>{html.escape(words)}</p>".replace("\n", "<br>")
