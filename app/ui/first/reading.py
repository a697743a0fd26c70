"""What will be read: how many there are of each type, as far as the SIS tells, and what is left."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QTableWidget, QTableWidgetItem, QWidget

from app.connectors.contract import Finding
from app.text import N_, _, plural
from app.ui import theme
from app.ui.connectors.findings import told
from app.ui.connectors.form import Field, Form
from app.ui.first.step import Step
from app.ui.parts.label import Label
from app.ui.parts.wrapping import Wrapping
from app.ui.wording import entity_name, number, people_first

_READABLE = (
    *("collection_readable", "collection_not_counted", "file_readable"),
    *("edfi_readable", "edfi_uncounted"),
)
_WRITES = (
    *("edfi_may_write", "edfi_writes_untold"),
    *("gradebook_writable", "gradebook_not_writable"),
)
_EMPTY = ("collection_empty", "file_empty", "edfi_empty")
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
WIDEST = 520
"""A wider table would lead the eye from a name to another row's number."""
JOIN = "one_person"
"""The setting by which rows of one person become one, where a kind has it."""


def counts(found: Sequence[Finding]) -> dict[str, int | None]:
    """How many there are of each type of record that was found; ``None`` where nobody says."""
    counted: dict[str, int | None] = {}
    for one in found:
        entity, count = one.parameters.get("entity"), one.parameters.get("count")
        if isinstance(entity, str) and one.code.startswith(_READABLE):
            counted[entity] = count if isinstance(count, int) else None
        elif isinstance(entity, str) and one.code in _EMPTY:
            counted[entity] = 0
    return {entity: counted[entity] for entity in people_first(counted)}


def joined_by(found: Sequence[Finding]) -> Mapping[str, object] | None:
    """What a test said of people who come in several rows."""
    several = (one.parameters for one in found if one.code == "several_rows_of_one")
    return next(several, None)


class ReadingStep(Step):
    """A table to look at, and the switches of what is sensitive or seldom wanted."""

    title = N_("What comes in")
    question = N_("What should come in?")
    words = N_(
        "Rosters always come in: schools, people, classes, and who is in which class. What is more "
        "personal stays out unless you switch it on: what is not here cannot get lost here. You "
        "choose the schools in the first look, where you see them by name."
    )

    def __init__(self) -> None:
        super().__init__()
        self.table = QTableWidget(0, 2)
        self.table.setHorizontalHeaderLabels([_("Type of record"), _("At your SIS")])
        self.table.setAccessibleName(_("What can be read"))
        self.table.setMaximumWidth(WIDEST)
        heading = self.table.horizontalHeaderItem(1)
        assert heading is not None
        heading.setTextAlignment(_RIGHT)
        self._wrapping = Wrapping(self.table, whole=True)
        self._wrapping.fitted.connect(self._fit)
        self.untold = Label(_("Your SIS does not say how many there are of each; they are read."))
        self.untold.setProperty("quiet", True)
        self.untold.setWordWrap(True)
        self.writes = Label()
        """What the test said of writing: here it is chosen what is written."""
        self.writes.setWordWrap(True)
        self.join = QCheckBox(_("Make one person of several rows of one person"))
        self.join.setMinimumHeight(theme.TARGET)
        self.join_words = Label()
        self.join_words.setWordWrap(True)
        self.join_words.setProperty("quiet", True)
        self.form: Form | None = None
        self._fields: list[Field] = []
        self._going_on = False
        self.body.addWidget(self.table)
        self.body.addWidget(self.untold)
        self.body.addWidget(self.writes)
        self.body.addWidget(self.join)
        self.body.addWidget(self.join_words)
        self.body.addStretch(1)

    def enter(self) -> None:
        """What the newest test of the connection found."""
        filling = self.setup.filling
        assert filling is not None
        self._lay_out([filling.settings[name] for name in filling.switches])
        found = counts(filling.findings.found)
        self._fill(found)
        self.table.setVisible(bool(found))
        self.untold.setVisible(not found)
        writing = [told(one)[1] for one in filling.findings.found if one.code in _WRITES]
        self.writes.setText(" ".join(writing))
        self.writes.setVisible(bool(writing))
        joins = joined_by(filling.findings.found)
        offers = joins is not None and JOIN in filling.settings
        self.join.setVisible(offers)
        self.join_words.setVisible(offers)
        if joins is not None and offers:
            field = str(joins["field"])
            self.join_words.setText(
                plural(
                    "{n} person in the first rows comes more than once, each time with the same "
                    "{{field}}: once for each school or role. Joined, that is one person here.",
                    "{n} people in the first rows come more than once, each time with the same "
                    "{{field}}: once for each school or role. Joined, each is one person here.",
                    int(str(joins["count"])),
                ).format(field=_(_FIELDS.get(field, field)))
            )
            self.join.setAccessibleDescription(self.join_words.text())
            self.join.setChecked(True)

    def _lay_out(self, fields: list[Field]) -> None:
        if self._fields == fields:
            return
        if self.form is not None:
            self.form.deleteLater()
        self.form, self._fields = Form(), fields
        for field in fields:
            self.form.add(field)
        self.body.insertWidget(self.body.count() - 1, self.form)
        for field, after in pairwise(fields):
            QWidget.setTabOrder(field.last, after.editor)

    def _fill(self, found: Mapping[str, int | None]) -> None:
        self.table.setRowCount(len(found))
        for row, (entity, count) in enumerate(found.items()):
            words = _("not told") if count is None else number(count)
            for column, text in enumerate((entity_name(entity), words)):
                item = QTableWidgetItem(text)
                if column:
                    item.setTextAlignment(_RIGHT)
                self.table.setItem(row, column, item)
        self._wrapping.fit()

    def _fit(self) -> None:
        """It is as high as its rows: the page scrolls, not the table in it."""
        whole = self.table.horizontalHeader().sizeHint().height() + 2 * self.table.frameWidth()
        self.table.setFixedHeight(
            whole + sum(map(self.table.rowHeight, range(self.table.rowCount())))
        )

    def start(self) -> None:
        """At the first thing to decide."""
        first = self._fields[0].editor if self._fields else self.table
        (first if self.join.isHidden() else self.join).setFocus()

    def go_on(self) -> None:
        """Stores what was switched."""
        filling = self.setup.filling
        assert filling is not None
        joins = joined_by(filling.findings.found)
        if not self.join.isHidden() and joins is not None:
            filling.settings[JOIN].fill(joins["field"] if self.join.isChecked() else "off")
        if filling.stored:
            self.done.emit()
        else:
            filling.saved.connect(self._saved, Qt.ConnectionType.SingleShotConnection)
            filling.save()

    def _saved(self) -> None:
        self.done.emit()


_FIELDS = {
    "identifier": N_("local ID"),
    "user_master_identifier": N_("master ID"),
    "username": N_("username"),
    "email": N_("email address"),
}
