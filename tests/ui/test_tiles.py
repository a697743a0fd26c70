"""The counts over the history."""

from pytestqt.qtbot import QtBot

from app.ui.today.tiles import Tile, Tiles


def told(tiles: Tiles) -> list[str]:
    """What the tiles in sight say, from left to right."""
    seen = [tile for tile in tiles.findChildren(Tile) if tile.isVisible()]
    return [tile.accessibleName() for tile in sorted(seen, key=lambda tile: tile.x())]


def test_the_tiles_stand_in_one_order_whatever_came_first(qtbot: QtBot):
    """A first sync brings enrollments last of all; their tile stands behind the classes."""
    tiles = Tiles()
    qtbot.addWidget(tiles)
    tiles.resize(1200, 60)
    tiles.show()
    tiles.show_counts({"orgs": 4, "users": 0, "classes": 0, "enrollments": 0})
    tiles.show_counts({"orgs": 4, "users": 17, "classes": 6, "enrollments": 0})
    tiles.show_counts({"orgs": 4, "users": 17, "classes": 6, "enrollments": 30})
    order = ["People: 17", "Classes: 6", "Enrollments: 30", "Schools and organizations: 4"]
    qtbot.waitUntil(lambda: told(tiles) == order)
