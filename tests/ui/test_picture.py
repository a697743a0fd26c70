"""The picture of the window."""

from pathlib import Path

from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app import ui
from tests.ui.stage import District


def test_the_picture_shows_the_window_and_changes_nothing(
    qtbot: QtBot, district: District, tmp_path: Path
):
    """A PNG of the usual size, with no engine started and nothing written to the database."""
    district.sync()
    before = (district.options.folder / "roster.db").read_bytes()
    path = tmp_path / "pictures" / "window.png"
    ui.picture(district.options, path)
    image = QImage(str(path))
    assert (image.width(), image.height()) == (1280, 800)
    assert (district.options.folder / "roster.db").read_bytes() == before
    assert sorted(p.name for p in path.parent.iterdir()) == ["window.png"]
