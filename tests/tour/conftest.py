"""A desktop, a screen of it, and somebody before it. Each scene is a picture in ``build/tour``."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.keyring.desktop import Desktop, session
from tests.tour.person import Person
from tests.tour.reader import Reader
from tests.tour.screen import Screen, Size, screen

PICTURES = Path(__file__).parents[2] / "build" / "tour"


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Desktop]:
    """A desktop session with an unlocked, empty keyring."""
    if sys.platform != "linux":
        pytest.skip("the screen is one of X11")
    with session(tmp_path / "home") as found:
        yield found


@pytest.fixture
def size() -> Size:
    """The size of the screen, for a module to have another one."""
    return Size()


@pytest.fixture
def shown(desktop: Desktop, size: Size) -> Iterator[Screen]:
    """A screen of the desktop."""
    with screen(desktop.environment, size) as found:
        yield found


@pytest.fixture
def person(desktop: Desktop, shown: Screen, request: pytest.FixtureRequest) -> Iterator[Person]:
    """Somebody before the screen, whose pictures go into a folder named like the test."""
    pictures = PICTURES / request.path.stem.removeprefix("test_")
    with Reader(desktop.environment["DBUS_SESSION_BUS_ADDRESS"]) as reader:
        yield Person(shown, reader, pictures)
