"""Which SIS it is: every vendor that a preset is known for, and what else can be connected."""

from collections import Counter

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem

from app.text import N_, _
from app.ui import theme
from app.ui.first.step import Step
from app.ui.parts.label import Label

_CHOICE = Qt.ItemDataRole.UserRole
_UP_AND_DOWN = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class SisStep(Step):
    """A list to choose from, and a field that narrows it."""

    title = N_("Your SIS")
    question = N_("Which student information system do you have?")
    words = N_("The next page is filled in to suit it, and says what to look up there.")

    def __init__(self) -> None:
        super().__init__()
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Type a part of its name"))
        self.search.setAccessibleName(_("Search for your SIS"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._narrow)
        self.search.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName(_("Student information systems"))
        self.list.setObjectName("vendors")
        self.list.currentItemChanged.connect(self._chosen)
        self.list.itemActivated.connect(lambda _item: self.go_on())
        self.nothing = Label(_("None is called so. Choose “Another vendor”: most speak OneRoster."))
        self.nothing.setWordWrap(True)
        self.nothing.setProperty("quiet", True)
        self.nothing.hide()
        self.second = Label(
            _(
                "You have connected a SIS already. What both tell of is recognised: one person "
                "stays one person. Where they say otherwise you are asked once, and a change in "
                "one goes to the other where that takes it."
            )
        )
        self.second.setObjectName("notice")
        self.second.setMargin(theme.SPACE)
        self.second.setWordWrap(True)
        self.body.addWidget(self.second)
        self.body.addWidget(self.search)
        self.body.addWidget(self.nothing)
        self.body.addWidget(self.list, 1)

    def enter(self) -> None:
        """Lists what the kinds tell of; what was chosen stays chosen."""
        chosen = (self.setup.kind, self.setup.vendor)
        self.second.setVisible(bool(self.setup.taken))
        self.list.clear()
        vendors = Counter(one.label for kind in self.setup.kinds.values() for one in kind.presets)
        for kind in self.setup.kinds.values():
            label = _(kind.label)
            for preset in kind.presets:
                words = _(preset.label)
                if vendors[preset.label] > 1:  # in how far they differ is told where they do
                    words = _("{vendor} · {kind}").format(vendor=words, kind=label)
                self._add(words, (kind.name, preset.name))
            if not kind.presets:
                self._add(label, (kind.name, ""))
        self._narrow()
        for row in range(self.list.count()):
            if self.list.item(row).data(_CHOICE) == chosen:
                self.list.setCurrentRow(row)

    def _add(self, words: str, choice: tuple[str, str]) -> None:
        item = QListWidgetItem(words)
        item.setData(_CHOICE, choice)
        self.list.addItem(item)

    def start(self) -> None:
        """In the field, where one types at once."""
        self.search.setFocus()

    @property
    def ready(self) -> bool:
        """Something is chosen."""
        item = self.list.currentItem()
        return item is not None and not item.isHidden()

    @property
    def why_not(self) -> str:
        """What is to be done first."""
        return "" if self.ready else N_("Choose your SIS first.")

    def go_on(self) -> None:
        """Another SIS than before is filled in anew."""
        if not self.ready:
            return
        kind, vendor = self.list.currentItem().data(_CHOICE)
        if (kind, vendor) != (self.setup.kind, self.setup.vendor):
            self.setup.kind, self.setup.vendor = kind, vendor
            self.setup.draft = None
        self.done.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802, RUF100
        """Up and down in the field move in the list, as in every search."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and event.key() in _UP_AND_DOWN
        ):
            self.list.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    def _narrow(self) -> None:
        wanted = self.search.text().casefold().split()
        shown = []
        for row in range(self.list.count()):
            item = self.list.item(row)
            found = all(word in item.text().casefold() for word in wanted)
            item.setHidden(not found)
            shown += [row] if found else []
        self.nothing.setVisible(not shown)
        if shown and not self.ready:
            self.list.setCurrentRow(shown[0])
        self.changed.emit()

    def _chosen(self) -> None:
        self.changed.emit()
