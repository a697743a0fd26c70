"""What *Test connection* found: a sentence on top, and a table to read, choose from and copy."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QBrush, QColor, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.connectors.contract import Finding, Grade
from app.text import N_, _, meaning, sentence, topic
from app.ui import badges, theme
from app.ui.badges import Look
from app.ui.parts.label import Label
from app.ui.parts.wrapping import Wrapping
from app.ui.wording import day, entity_name, instant, number

GRADES = {
    Grade.GOOD: Look("tick", "good", N_("Good")),
    Grade.NOTE: Look("triangle", "warn", N_("Note")),
    Grade.BAD: Look("octagon", "bad", N_("Bad")),
}

PLACE = Qt.ItemDataRole.UserRole
"""Under this role the mark of a row has the place of its finding, however rows are sorted."""


def told(finding: Finding) -> tuple[str, str, str]:
    """What a finding is about, what was found, and what that means, as the window says it."""
    parameters = dict(finding.parameters)
    what = topic(finding.code)
    if isinstance(entity := parameters.get("entity"), str):
        parameters["entity"] = what = entity_name(entity)
    if isinstance(count := parameters.get("count"), int):
        parameters["count"] = number(count)
    if isinstance(newest := parameters.get("newest"), str):
        parameters["newest"] = day(instant(newest))
    return what, sentence(finding.code, parameters), meaning(finding.code, parameters)


class Findings(QWidget):
    """Shown after the first test; greyed when what was tested has changed."""

    def __init__(self) -> None:
        super().__init__()
        self._found: Sequence[Finding] = ()
        self._stale = False
        self.outcome = Label()
        self.outcome.setObjectName("outcome")
        self.outcome.setWordWrap(True)
        self.outcome.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.outcome.setAccessibleName(_("Outcome of the test"))
        self.copy_button = QPushButton(_("Copy findings"))
        self.copy_button.clicked.connect(self.copy)
        self.table = self._table()
        top = QHBoxLayout()
        top.setSpacing(theme.SPACE)
        top.addWidget(self.outcome, 1)
        top.addWidget(self.copy_button, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self.table)
        self.hide()

    @property
    def found(self) -> Sequence[Finding]:
        """What was found."""
        return self._found

    @property
    def stale(self) -> bool:
        """True when other settings were tested than those that stand there now."""
        return self._stale

    @property
    def works(self) -> bool:
        """False when something that was found keeps the connector from working."""
        return all(one.grade is not Grade.BAD for one in self._found)

    def show_found(self, name: str, found: Sequence[Finding]) -> None:
        """Shows what the test of the connector found."""
        self._found, self._stale = found, False
        bad = [one for one in found if one.grade is Grade.BAD]
        if len(bad) == 1:
            _what, seen, _means = told(bad[0])
            self._tell(seen)
        elif bad:
            words = _("“{name}” does not work yet: see what is marked as bad.")
            self._tell(words.format(name=name))
        else:
            self._tell(_("“{name}” works.").format(name=name))
        self._fill()
        self.table.setVisible(len(found) > 1 or not bad)  # the verdict alone says it all
        self.copy_button.show()
        self.show()

    def show_words(self, words: str) -> None:
        """Shows how a test ended that found nothing."""
        self._found, self._stale = (), False
        self._tell(words)
        self.table.hide()
        self.copy_button.hide()
        self.show()

    def age(self) -> None:
        """Settings have changed since the test."""
        if not self._found or self._stale:
            return
        self._stale = True
        self._tell(_("Tested with other settings. Test again to see how these do."))
        self._fill()
        self.table.show()

    def copy(self) -> None:
        """Copies the chosen rows, or all of them."""
        rows = sorted({index.row() for index in self.table.selectedIndexes()})
        marks = [self.table.item(row, 0) for row in rows]
        chosen = [self._found[mark.data(PLACE)] for mark in marks if mark] or self._found
        lines = [
            f"{_(GRADES[one.grade].word)} · {what}: {seen} {means}".rstrip()
            for one in chosen
            for what, seen, means in [told(one)]
        ]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802, RUF100
        """Cells keep the colour they were given, so new colours mean new cells."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and self._found:
            self._fill()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, RUF100
        """Copies by the usual key."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def _tell(self, words: str) -> None:
        self.outcome.setText(words)
        self.outcome.setAccessibleDescription(words)
        theme.mark(self.outcome, "wrong", not (self._stale or self.works))

    def _table(self) -> QTableWidget:
        table = QTableWidget(0, 4)
        headings = [_("Verdict"), _("What"), _("Found"), _("What it means")]
        table.setHorizontalHeaderLabels(headings)
        table.setAccessibleName(_("Findings"))
        table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._wrapping = Wrapping(table, whole=True)
        self._wrapping.fitted.connect(self._fit)
        return table

    def _fill(self) -> None:
        c = theme.colours()
        self.table.setSortingEnabled(False)  # or rows would move while they are filled
        self.table.setRowCount(len(self._found))
        for row, one in enumerate(self._found):
            look = GRADES[one.grade]
            mark = QTableWidgetItem(_(look.word))
            mark.setIcon(badges.icon(Look(look.shape, "muted", "") if self._stale else look))
            mark.setForeground(QBrush(QColor(c.muted) if self._stale else look.ink()))
            mark.setData(PLACE, row)
            self.table.setItem(row, 0, mark)
            for column, words in enumerate(told(one), 1):
                cell = QTableWidgetItem(words)
                cell.setForeground(QBrush(QColor(c.muted if self._stale else c.text)))
                # A screen reader would pass over a cell without words as if it were not there.
                cell.setData(Qt.ItemDataRole.AccessibleTextRole, words or _("blank"))
                self.table.setItem(row, column, cell)
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.table.setSortingEnabled(True)
        self._wrapping.fit()

    def _fit(self) -> None:
        """The table is as high as its rows: the dialog scrolls, not the table in it."""
        whole = self.table.horizontalHeader().sizeHint().height() + 2 * self.table.frameWidth()
        whole += sum(map(self.table.rowHeight, range(len(self._found))))
        self.table.setFixedHeight(whole)
