"""The room of people and classes."""

from app.text import N_
from app.ui.places import Place, ToFound, ToRecord
from app.ui.room import Room


class PeopleRoom(Room):
    """One search, and the page of what is found."""

    title = N_("People && classes")
    places = (ToFound, ToRecord)

    def place(self) -> Place:
        """The search."""
        return ToFound()
