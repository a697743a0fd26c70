"""The room of the day."""

from PySide6.QtWidgets import QVBoxLayout

from app.engine.overview import Overview
from app.text import N_
from app.ui.places import Place, ToToday
from app.ui.room import Room
from app.ui.today.tiles import Tiles


class TodayRoom(Room):
    """How many records there are."""

    title = N_("Today")
    places = (ToToday,)

    def __init__(self) -> None:
        super().__init__()
        self.tiles = Tiles()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.tiles)
        layout.addStretch(1)

    def show_overview(self, overview: Overview) -> None:
        """Shows the counts."""
        self.tiles.show_counts(overview.counts)

    def place(self) -> Place:
        """The day."""
        return ToToday()
