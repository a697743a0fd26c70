"""The chooser of a SIS vendor: what is known to suit that SIS is filled in, and why is told."""

from collections.abc import Mapping

from app.connectors.contract import Kind
from app.text import _
from app.ui.connectors.form import ChoiceField, Field, shown_settings


def has_versions(kind: Kind) -> bool:
    """Whether the presets of a kind are versions of one system, as all are called by its name.

    Then nobody chooses among them before the form is in sight.
    """
    name = kind.label.split()[0]
    return len(kind.presets) > 1 and all(name in preset.label for preset in kind.presets)


class VendorField(ChoiceField):
    """The vendors that a kind has presets for; choosing one fills in what nobody has touched."""

    def __init__(self, kind: Kind) -> None:
        self._presets = {preset.name: preset for preset in kind.presets}
        vendors = {"": _("Not chosen"), **{one.name: _(one.label) for one in kind.presets}}
        hint = _("Fills in what suits it, and leaves alone what you have filled in.")
        label = _("&Which one") if has_versions(kind) else _("SIS ven&dor")
        super().__init__(label, hint, vendors, "")
        self._usual_hint = hint
        self._settings = shown_settings(kind)

    def settle(self) -> None:
        """It was chosen elsewhere: only its name stands here, and what is to be known of it."""
        self.label.setText(self.editor.currentText())
        self.label.setBuddy(self.under)
        self.editor.hide()

    def suit(self, fields: Mapping[str, Field]) -> None:
        """Fills in the settings of the vendor that is chosen, or the usual ones again."""
        preset = self._presets.get(self.value())
        self.suggest("\n".join(map(_, preset.habits)) if preset else self._usual_hint)
        for name, field in fields.items():
            if field.touched:
                continue
            usual = self._settings[name]
            chosen = preset.settings.get(name) if preset else None
            field.fill(chosen.value if chosen else usual.blank)
            field.suggest(_(chosen.reason if chosen else usual.about.hint))
