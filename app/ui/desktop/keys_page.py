"""The keys of all actions: a sheet to look them up, a page to change them."""

from PySide6.QtCore import QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QFont, QKeySequence, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.text import N_, _
from app.ui import theme
from app.ui.keys import DIFFERENCES, EVERYWHERE, NEWCOMERS, Bound, Keys
from app.ui.parts.dialog import Dialog
from app.ui.parts.label import Label

WHERE = {
    EVERYWHERE: N_("Everywhere"),
    DIFFERENCES: N_("Among differences"),
    NEWCOMERS: N_("Among those who may be the same"),
}
_NAME = Qt.ItemDataRole.UserRole


def told(keys: list[QKeySequence]) -> str:
    """The keys as this computer writes them."""
    return ", ".join(one.toString(QKeySequence.SequenceFormat.NativeText) for one in keys)


class KeysTable(QTableView):
    """Every action with its keys, to be searched."""

    def __init__(self, keys: Keys, *, grouped: bool = False) -> None:
        """``grouped``: those without keys come last, under a heading of their own."""
        super().__init__()
        self._keys = keys
        self._grouped = grouped
        self._rows = QStandardItemModel(0, 3, self)
        self._rows.setHorizontalHeaderLabels([_("Action"), _("Keys"), _("Where")])
        self._found = QSortFilterProxyModel(self)
        self._found.setSourceModel(self._rows)
        self._found.setFilterKeyColumn(-1)
        self._found.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setModel(self._found)
        self.setAccessibleName(_("Keys"))
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.look()
        keys.changed.connect(self.look)

    def look(self) -> None:
        """Lists the actions with the keys that they have now."""
        chosen = self.chosen
        self._rows.setRowCount(0)
        every = self._keys.all()
        if self._grouped:
            every = sorted(every, key=lambda one: not one.action.shortcuts())
        headed = not self._grouped
        for bound in every:
            if not headed and not bound.action.shortcuts():
                self._rows.appendRow(_heading(_("Without keys"), self.font()))
                headed = True
            row = [
                QStandardItem(text)
                for text in (
                    bound.words,
                    told(bound.action.shortcuts()),
                    _(WHERE.get(bound.where, bound.where)),
                )
            ]
            row[0].setData(bound, _NAME)
            if not row[1].text():
                row[1].setAccessibleText(_("without keys"))
            self._rows.appendRow(row)
            if chosen is not None and bound.name == chosen.name:
                self.selectRow(self._found.mapFromSource(row[0].index()).row())

    def search(self, text: str) -> None:
        """Only actions of which the name, the keys or the place have the text."""
        self._found.setFilterFixedString(text)

    @property
    def chosen(self) -> Bound | None:
        """The action that is selected."""
        index = self._found.index(self.currentIndex().row(), 0)
        found = index.data(_NAME)
        return found if isinstance(found, Bound) else None


class KeysPage(QWidget):
    """The page of settings that changes keys. What is changed holds at once."""

    def __init__(self, keys: Keys) -> None:
        super().__init__()
        self._keys = keys
        self.field = _searching()
        self.table = KeysTable(keys)
        self.field.textChanged.connect(self.table.search)
        self.key = QKeySequenceEdit()
        self.key.setClearButtonEnabled(True)
        label = Label(_("&New keys:"))
        label.setBuddy(self.key)
        self.set_button = QPushButton(_("&Use these keys"))
        self.set_button.setAccessibleDescription(_("Gives the selected action the new keys."))
        self.default_button = QPushButton(_("As it came"))
        self.default_button.setAccessibleDescription(_("For the selected action."))
        self.all_button = QPushButton(_("All as they came"))
        self.words = Label()
        self.words.setWordWrap(True)
        self.words.setAccessibleName(_("What became of it"))
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE)
        for widget in (label, self.key, self.set_button, self.default_button):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.all_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.field)
        layout.addWidget(self.table, 1)
        layout.addLayout(row)
        layout.addWidget(self.words)
        self.set_button.clicked.connect(self._set)
        self.default_button.clicked.connect(self._reset)
        self.all_button.clicked.connect(self._reset_all)
        self.key.keySequenceChanged.connect(self._enable)
        self.table.selectionModel().currentChanged.connect(self._enable)
        lost = _("“{action}” has lost {keys}, as “{other}” has it. Give one of them other keys.")
        self._say(
            " ".join(
                lost.format(action=one.words, keys=told([key]), other=other)
                for one, key, other in keys.lost
            )
        )
        keys.changed.connect(self._enable)
        self._enable()

    def _enable(self) -> None:
        bound = self.table.chosen
        self.set_button.setEnabled(bound is not None and not self.key.keySequence().isEmpty())
        self.default_button.setEnabled(
            bound is not None and tuple(bound.action.shortcuts()) != bound.defaults
        )

    def _set(self) -> None:
        bound, key = self.table.chosen, self.key.keySequence()
        if bound is None:
            return
        if (other := self._keys.taken(key, bound.name)) is not None:
            self._say(
                _(
                    "{keys} is taken by “{action}”. Give that action other keys first, or choose "
                    "others here."
                ).format(keys=told([key]), action=other.words)
            )
            return
        self._keys.set(bound.name, [key])
        self.key.clear()
        self._say(_("“{action}” has {keys} now.").format(action=bound.words, keys=told([key])))

    def _reset(self) -> None:
        bound = self.table.chosen
        if bound is None:
            return
        for key in bound.defaults:
            if (other := self._keys.taken(key, bound.name)) is not None:
                self._say(
                    _(
                        "{keys} is taken by “{action}” now. Give that action other keys first."
                    ).format(keys=told([key]), action=other.words)
                )
                return
        self._keys.set(bound.name, bound.defaults)
        self._say(_("“{action}” has its keys again.").format(action=bound.words))

    def _reset_all(self) -> None:
        self._keys.reset()
        self._say(_("Every action has the keys that it came with."))

    def _say(self, words: str) -> None:
        self.words.setText(words)
        self.words.setAccessibleDescription(words)


class KeysSheet(Dialog):
    """All keys at a glance; ``change`` says that somebody wants others."""

    change = Signal()

    def __init__(self, parent: QWidget, keys: Keys) -> None:
        super().__init__(
            parent,
            _("Keys"),
            _("Keys"),
            _(
                "Tab and Shift+Tab go from one thing to the next, the arrow keys move inside a "
                "list, Space and Enter press what has the focus."
            ),
        )
        self.field = _searching()
        self.table = KeysTable(keys, grouped=True)
        self.field.textChanged.connect(self.table.search)
        self.body.addWidget(self.field)
        self.body.addWidget(self.table, 1)
        change = QPushButton(_("Change keys…"))
        change.clicked.connect(self._change)
        close = QPushButton(_("Close"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        self.buttons.addWidget(change)
        self.buttons.addStretch(1)
        self.buttons.addWidget(close)
        self.fit(640, 620)
        self.field.setFocus()

    def _change(self) -> None:
        self.accept()
        self.change.emit()


def _heading(words: str, font: QFont) -> list[QStandardItem]:
    row = [QStandardItem(words), QStandardItem(), QStandardItem()]
    strong = QFont(font)
    strong.setBold(True)
    row[0].setFont(strong)
    for item in row:
        item.setFlags(Qt.ItemFlag.NoItemFlags)
    return row


def _searching() -> QLineEdit:
    field = QLineEdit()
    field.setPlaceholderText(_("Search an action or a key"))
    field.setAccessibleName(_("Search an action or a key"))
    field.setClearButtonEnabled(True)
    return field
