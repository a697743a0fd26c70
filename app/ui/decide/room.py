"""The room of decisions: all that waits for a person, by harm."""

from app.text import N_
from app.ui.places import Place, ToDifferences, ToInbox, ToWaiting
from app.ui.room import Room


class DecideRoom(Room):
    """One inbox, and the merge screen that its differences lead to."""

    title = N_("Decide")
    places = (ToInbox, ToWaiting, ToDifferences)

    def place(self) -> Place:
        """The inbox."""
        return ToInbox()
