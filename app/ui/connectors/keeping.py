"""Where a secret is to be kept when the keyring does not take it: plain choices, none by itself."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QRadioButton, QVBoxLayout

from app.text import _, sentence
from app.ui import theme
from app.ui.parts.label import Label
from app.vault import VaultError


class Unkept(QFrame):
    """Says what is the matter with the keyring, and offers the ways on."""

    again = Signal()
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("trouble")
        self.words = Label()
        self.words.setWordWrap(True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.again_button = QPushButton(_("Try the keyring a&gain"))
        self.again_button.clicked.connect(self.again)
        self.memory = QRadioButton(_("Keep the secret &until this program closes"))
        self.memory.setAccessibleDescription(
            _("It stays in memory and is written nowhere; at the next start it is asked for again.")
        )
        self.environment = QRadioButton(_("I set it in the env&ironment before each start"))
        self.variables = Label()
        self.variables.setWordWrap(True)
        self.variables.setProperty("quiet", True)
        self.variables.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, theme.SPACE, theme.SPACE, theme.SPACE)
        layout.setSpacing(theme.SPACE)
        self.undecided_words = Label(_("Choose what is to be done with the secret."))
        self.undecided_words.setProperty("wrong", True)
        self.undecided_words.hide()
        layout.addWidget(self.words)
        layout.addWidget(self.again_button, 0, Qt.AlignmentFlag.AlignLeft)
        for choice in (self.memory, self.environment):
            choice.setMinimumHeight(theme.TARGET - theme.SPACE)
            choice.toggled.connect(self.changed)
            layout.addWidget(choice)
        layout.addWidget(self.variables)
        layout.addWidget(self.undecided_words)
        self.hide()

    @property
    def lasting(self) -> bool:
        """False when the secret is to be kept in memory alone."""
        return self.isHidden() or not self.memory.isChecked()

    @property
    def elsewhere(self) -> bool:
        """True when a person sets the secret in the environment, so none is typed here."""
        return not self.isHidden() and self.environment.isChecked()

    @property
    def undecided(self) -> bool:
        """True while there is trouble and nothing was chosen."""
        chosen = self.memory.isChecked() or self.environment.isChecked()
        return not self.isHidden() and not chosen

    def tell(self, trouble: VaultError) -> None:
        """Says what is the matter; a choice made before stays."""
        self.words.setText(sentence(trouble.code, trouble.parameters))
        self.setAccessibleDescription(self.words.text())
        self.show()

    def complain(self) -> None:
        """Asks for a choice."""
        self.undecided_words.show()

    def praise(self) -> None:
        """A choice was made."""
        self.undecided_words.hide()

    def name_variables(self, names: list[str]) -> None:
        """Says what the environment variables are called."""
        self.variables.setText(", ".join(names))
