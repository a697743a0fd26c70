"""The room of settings."""

from app.text import N_
from app.ui.places import Place, ToSettings
from app.ui.room import Room


class SettingsRoom(Room):
    """Pages of settings."""

    title = N_("Settings")
    places = (ToSettings,)

    def place(self) -> Place:
        """The page in sight."""
        return ToSettings()
