"""Which SIS it is: every vendor that a preset is known for, and what else can be connected."""

from collections import Counter

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QListWidget

from app.text import N_, _
from app.ui import theme
from app.ui.connectors.vendor import has_versions
from app.ui.first.step import Step
from app.ui.parts.label import Label

_CHOICE = Qt.ItemDataRole.UserRole
_UP_AND_DOWN = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class SisStep(Step):
    """A list to choose from, and a field that narrows it."""

    title = N_("Your SIS")
    question = N_("Which student information system do you have?")
    words = N_("The next page is filled in to suit it, and says what to look up there.")
    scrolls = True

    anew = Signal()
    """Another SIS than before is set up: what came of the later steps was of the other one."""

    def __init__(self) -> None:
        super().__init__()
        self._offered: list[tuple[str, tuple[str, str]]] = []
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
                "You have connected a SIS already. What both tell of is recognized: one person "
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
        self._offered = []
        kinds = self.setup.kinds.values()
        vendors = Counter(one.label for kind in kinds for one in kind.presets)
        for kind in kinds:
            label = _(kind.label)
            if has_versions(kind):  # the form says which one it is, and the service itself
                self._offered.append((label, (kind.name, kind.presets[0].name)))
                continue
            for preset in kind.presets:
                words = _(preset.label)
                if vendors[preset.label] > 1:  # in how far they differ is told where they do
                    words = _("{vendor} · {kind}").format(vendor=words, kind=label)
                self._offered.append((words, (kind.name, preset.name)))
            if not kind.presets:
                self._offered.append((label, (kind.name, "")))
        self._narrow()
        for row in range(self.list.count()):
            if self.list.item(row).data(_CHOICE) == chosen:
                self.list.setCurrentRow(row)

    def start(self) -> None:
        """In the field, where one types at once."""
        self.search.setFocus()

    @property
    def ready(self) -> bool:
        """Something is chosen."""
        item = self.list.currentItem()
        return item is not None

    @property
    def why_not(self) -> str:
        """What is to be done first."""
        return "" if self.ready else N_("Choose your SIS first.")

    def go_on(self) -> None:
        """Another SIS than before is filled in anew."""
        if not self.ready:
            return
        kind, vendor = self.list.currentItem().data(_CHOICE)
        setup = self.setup
        if (kind, vendor) == (setup.kind, setup.vendor):
            self.done.emit()
            return
        setup.kind, setup.vendor, setup.draft = kind, vendor, None
        if name := setup.name:  # nothing has come in by it yet
            setup.name, setup.filling = "", None
            setup.session.command("remove_connector", name)
            setup.taken = [one for one in setup.taken if one != name]
            self.anew.emit()
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
        """Shows those that are called so; before all others those whose name begins so."""
        typed = self.search.text().casefold().strip()
        wanted = typed.split()
        fitting = [one for one in self._offered
                   if all(word in one[0].casefold() for word in wanted)]  # fmt: skip
        fitting.sort(key=lambda one: not one[0].casefold().startswith(typed))
        item = self.list.currentItem()
        chosen = item.data(_CHOICE) if item is not None else None
        self.list.clear()
        for row, (words, choice) in enumerate(fitting):
            self.list.addItem(words)
            self.list.item(row).setData(_CHOICE, choice)
        self.nothing.setVisible(not fitting)
        if fitting:
            there = [choice for _words, choice in fitting]
            kept = chosen in there and not wanted
            self.list.setCurrentRow(there.index(chosen) if kept else 0)
        self.changed.emit()

    def _chosen(self) -> None:
        self.changed.emit()
