"""What of a new SIS is here already, as another one tells of it: counted, and who is in doubt."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from app.engine.firstlook import FirstLook, InDoubt
from app.text import N_, _, plural
from app.ui import theme
from app.ui.parts.dialog import Dialog
from app.ui.parts.simple import button, row, text
from app.ui.parts.wrapping import Wrapping
from app.ui.wording import entity_name, number, people_first

HEADINGS = (N_("Record type"), N_("Recognized"), N_("New"), N_("In doubt"))
WIDEST = 760
"""A wider table would lead the eye from a name to another row's number."""
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Beside(QWidget):
    """A line for each record type that both tell of, and what happens next."""

    wanted = Signal()
    """Somebody wants to see who is in doubt."""

    def __init__(self) -> None:
        super().__init__()
        self.words = text()
        self.table = QTableWidget(0, len(HEADINGS) + 1)
        self.table.setAccessibleName(_("What is here already, by record type"))
        self.table.setMaximumWidth(WIDEST)
        self._wrapping = Wrapping(self.table, kept=range(1, len(HEADINGS) + 1))
        self.doubt_button = button("", self.wanted.emit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.words)
        layout.addWidget(self.table, 1)
        layout.addLayout(row(self.doubt_button))

    def show_look(self, look: FirstLook, others: Sequence[str]) -> None:
        """What a preview found beside these other connectors."""
        named = ", ".join(_("“{name}”").format(name=one) for one in others)
        headings = [*map(_, HEADINGS), _("Only in {others}").format(others=named)]
        self.table.setHorizontalHeaderLabels(headings)
        counted = {one.entity: one for one in look.beside}
        shown = [counted[entity] for entity in people_first(counted)]
        self.table.setRowCount(len(shown))
        for line, one in enumerate(shown):
            cells = (one.recognised, one.new, one.doubt, one.elsewhere)
            told = (entity_name(one.entity), *map(number, cells))
            for column, words in enumerate(told):
                item = QTableWidgetItem(words)
                if column:
                    item.setTextAlignment(_RIGHT)
                    spoken = f"{headings[column]}: {words}"
                    item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
                self.table.setItem(line, column, item)
        for column in range(1, self.table.columnCount()):
            heading = self.table.horizontalHeaderItem(column)
            assert heading is not None
            heading.setTextAlignment(_RIGHT)
        doubt = sum(one.doubt for one in shown)
        self.doubt_button.setVisible(doubt > 0)
        self.doubt_button.setText(plural("See the {n} in doubt…", "See the {n} in doubt…", doubt))
        self.words.setText(" ".join(_next(look, named, doubt)))
        self._wrapping.fit()


def _next(look: FirstLook, others: str, doubt: int) -> list[str]:
    """What comes of it, and what a person is asked."""
    name = look.run.connector
    told = [
        _(
            "Who is recognized stays one record, of which {others} and “{name}” both tell. Who is "
            "new comes in."
        ).format(others=others, name=name)
    ]
    if doubt:
        told.append(_("Who is in doubt comes in on its own, and you are asked under Decide."))
    if look.differences:
        told.append(
            plural(
                "Where both say otherwise ({n} record), you are asked once who is right to begin "
                "with, unless that is laid down; nothing is overwritten before.",
                "Where both say otherwise ({n} records), you are asked once who is right to begin "
                "with, unless that is laid down; nothing is overwritten before.",
                look.differences,
            )
        )
    if look.sends:
        told.append(
            plural(
                "{n} change would be sent to “{{name}}”.",
                "{n} changes would be sent to “{{name}}”.",
                look.sends,
            ).format(name=name)
        )  # fmt: skip
    else:
        told.append(_("Nothing is sent to “{name}” by this sync.").format(name=name))
    return told


class DoubtDialog(Dialog):
    """Who is in doubt: the one that is here, the one of this SIS, and why it is asked."""

    def __init__(self, parent: QWidget, name: str, found: Sequence[InDoubt]) -> None:
        super().__init__(
            parent,
            _("In doubt"),
            _("Are these the same?"),
            _("You answer under Decide, once they are in; until then each stands on its own."),
        )
        headings = [_("Record type"), _("Here"), _("At “{name}”").format(name=name), _("Why")]
        self.table = QTableWidget(len(found), len(headings))
        self.table.setHorizontalHeaderLabels(headings)
        self.table.setAccessibleName(_("Who is in doubt"))
        for line, one in enumerate(found):
            for column, words in enumerate(
                (entity_name(one.entity), one.ours, one.theirs, one.why)
            ):
                self.table.setItem(line, column, QTableWidgetItem(words))
        self._wrapping = Wrapping(self.table)
        self.body.addWidget(self.table, 1)
        close = QPushButton(_("Close"))
        close.clicked.connect(self.accept)
        self.buttons.addStretch(1)
        self.buttons.addWidget(close)
        self.fit(860, 520)
        self._wrapping.fit()
