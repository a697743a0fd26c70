"""The page of settings about the desktop: start, tray and notifications."""

from PySide6.QtWidgets import QCheckBox, QGroupBox, QVBoxLayout, QWidget

from app.errors import StoreError
from app.text import N_, _, sentence
from app.ui import theme
from app.ui.desktop import matters
from app.ui.desktop.autostart import Autostart, of_this_system
from app.ui.desktop.desk import Desk
from app.ui.parts.label import Label
from app.ui.parts.simple import text

_TOLD = {
    matters.FAILURES: N_("A s&ync fails"),
    matters.DECISIONS: N_("Something &waits for you"),
    matters.LATE: N_("A roster is &late"),
    matters.RECOVERIES: N_("A connector works &again"),
}


class DesktopPage(QWidget):
    """Each choice holds as soon as it is made."""

    def __init__(self, desk: Desk, autostart: Autostart | None = None) -> None:
        super().__init__()
        self._desk = desk
        self._autostart = autostart or of_this_system()
        self.start = QCheckBox(_("Start when I si&gn in to this computer"))
        self.start.setAccessibleDescription(_("It opens in the tray, or as a small window."))
        self.refusal = Label()
        self.refusal.setWordWrap(True)
        self.refusal.setProperty("wrong", True)
        self.refusal.hide()
        self.tray = QCheckBox(_("Go on in the &tray when the window is closed"))
        self.no_tray = text(
            _("This desktop has no tray, so closing the window ends the program."), quiet=True
        )
        self.told: dict[str, QCheckBox] = {}
        notify = QGroupBox(_("Notify me when"))
        inside = QVBoxLayout(notify)
        for kind, words in _TOLD.items():
            box = self.told[kind] = QCheckBox(_(words))
            box.toggled.connect(lambda on, kind=kind: desk.set_told(kind, on))
            inside.addWidget(box)
        inside.addWidget(
            text(
                _(
                    "Notifications come while the window is not in front. They name connectors "
                    "and counts, never a person."
                ),
                quiet=True,
            )
        )
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        for widget in (self.start, self.refusal, self.tray, self.no_tray, notify):
            layout.addWidget(widget)
        layout.addStretch(1)
        for box in (self.start, self.tray, *self.told.values()):
            box.setMinimumHeight(theme.TARGET - theme.SPACE)
        self.look()
        self.start.toggled.connect(self._set_start)
        self.tray.toggled.connect(desk.set_goes_on)

    def look(self) -> None:
        """Shows what is set now."""
        self.start.setChecked(self._autostart.is_on())
        there = self._desk.tray.there()
        self.tray.setEnabled(there)
        self.no_tray.setVisible(not there)
        self.tray.setChecked(bool(self._desk.goes_on))
        for kind, box in self.told.items():
            box.setChecked(kind in self._desk.told)

    def _set_start(self, on: bool) -> None:
        if on is self._autostart.is_on():
            return
        try:
            self._autostart.set(on)
        except StoreError as error:
            self.refusal.setText(sentence(error.code, error.parameters))
            self.refusal.show()
            self.start.setChecked(not on)
        else:
            self.refusal.hide()
