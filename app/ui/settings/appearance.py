"""How the window looks, and which language it speaks."""

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QVBoxLayout

from app.text import N_, _
from app.ui import theme
from app.ui.connectors.form import Choices
from app.ui.parts.simple import row, text
from app.ui.settings.page import Page, section

LANGUAGES = {"": N_("As this computer"), "en": "English", "es": "Español"}
"""Each is called in itself, so that whoever cannot read the others finds it."""


class AppearancePage(Page):
    """The appearance holds at once, the language from the next start."""

    name = "appearance"
    title = N_("Appearance and language")
    of_connector = False

    def __init__(self, settings: QSettings, looks: QActionGroup) -> None:
        super().__init__()
        self._settings = settings
        self._spoken = str(settings.value("language", ""))
        self.looks = QButtonGroup(self)
        self.body.addWidget(section(_("Appearance")))
        choices = QVBoxLayout()
        choices.setSpacing(0)
        self.body.addLayout(choices)
        for look in looks.actions():
            choice = QRadioButton(look.text().replace("&", ""))
            choice.setMinimumHeight(theme.TARGET)
            choice.setChecked(look.isChecked())
            choice.clicked.connect(look.trigger)
            look.toggled.connect(choice.setChecked)
            self.looks.addButton(choice)
            choices.addWidget(choice)
        self.language = Choices()
        self.language.setAccessibleName(_("Language"))
        for code, words in LANGUAGES.items():
            self.language.addItem(_(words) if not code else words, code)
        self.language.setCurrentIndex(max(0, self.language.findData(self._spoken)))
        self.later = text(
            _("This window goes on as it is. The language changes at the next start."), quiet=True
        )
        self.later.hide()
        self.body.addWidget(section(_("Language")))
        self.body.addLayout(row(self.language))
        self.body.addWidget(self.later)
        self.language.activated.connect(self._speak)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def _speak(self) -> None:
        code = str(self.language.currentData())
        if code:
            self._settings.setValue("language", code)
        else:
            self._settings.remove("language")
        self.later.setVisible(code != self._spoken)
