"""Somebody before the screen, who sees what a screen reader is told and uses real mouse and keys.

Things are found by what they are and what they are called, never by a place known beforehand. What
has no name cannot be found, here or by people.
"""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.tour.reader import Name, Place, Reader, State, Thing
from tests.tour.screen import Screen

PATIENCE = 20.0
"""Seconds until somebody gives up waiting for what should be seen."""
BETWEEN_LOOKS = 0.05
SECONDS = 20
"""No movement may take longer."""

AUDIENCE = {
    "QT_QPA_PLATFORM": "xcb",
    "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
    # Qt warns when it is asked for a thing that has just gone, which is bound to happen here.
    "QT_LOGGING_RULES": "qt.accessibility.atspi.warning=false",
    "LC_ALL": "C.UTF-8",
}
"""Has a program show itself to X11 and to screen readers, in English."""


class Person:
    """Sits before one screen, and keeps numbered pictures of it in a folder."""

    def __init__(self, screen: Screen, reader: Reader, pictures: Path) -> None:
        self._screen = screen
        self._reader = reader
        self._pictures = pictures
        self._kept = 0
        for old in pictures.glob("*.png"):
            old.unlink()

    # -- seeing --

    @property
    def screen(self) -> Place:
        """The whole screen, in the measure of what is seen on it."""
        size = self._screen.size
        return Place(0, 0, size.width // size.scale, size.height // size.scale)

    def sees(self, role: str, name: Name, state: State = State.ENABLED) -> Place:
        """Waits until such a thing is there, in that state, and lies still; its place."""
        before = None
        for things in self._looks(f"{role} {name!r}, {state!r}"):
            found = [one for one in things if one.is_a(role, name) and state in one.state]
            place = self._reader.place(found[0]) if found else None
            if place is not None and place == before:
                return place
            before = place
        raise AssertionError  # not reached: looking fails before it ends

    def sees_no(self, role: str, name: Name) -> None:
        """Waits until there is no such thing any more."""
        for things in self._looks(f"no {role} {name!r}"):
            if not any(one.is_a(role, name) for one in things):
                return

    def reads(self, words: str) -> re.Match[str]:
        """Waits for words, told as a regular expression; where they are found."""
        for things in self._looks(f"the words {words!r}"):
            told = (re.search(words, f"{one.name}\n{one.description}") for one in things)
            if found := next(filter(None, told), None):
                return found
        raise AssertionError  # not reached, as above

    def sees_brightness(self, least: float, most: float) -> None:
        """Waits until the screen is so bright, from 0 to 1."""
        for _ in self._looks(f"a brightness from {least} to {most}"):
            if least <= self._screen.brightness() <= most:
                return

    def keeps_picture(self, of: str) -> None:
        """Keeps a picture of the screen; on it, all that can be used must have a name."""
        size = self._screen.size
        self._moves("mousemove", str(size.width - 1), str(size.height - 1))  # out of the picture
        nameless = [str(one) for one in self._reader.things() if one.nameless]
        assert not nameless, f"Of {of!r}, a screen reader cannot name {nameless}"
        self._kept += 1
        self._screen.save(self._pictures / f"{self._kept:02}-{of}.png")

    def _looks(self, what: str) -> Iterator[list[Thing]]:
        """What is on the screen, again and again; fails when patience ends."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            yield (things := list(self._reader.things()))
            time.sleep(BETWEEN_LOOKS)
        self._screen.save(self._pictures / "given-up.png")
        seen = "\n  ".join(str(one) for one in things if one.name or one.description)
        raise AssertionError(f"Waited in vain for {what}. There are:\n  {seen}")

    # -- doing --

    def clicks(self, role: str, name: Name) -> None:
        """Clicks on the middle of the thing, as soon as it can be used."""
        x, y = (self._screen.size.scale * place for place in self.sees(role, name).middle)
        self._moves("mousemove", str(x), str(y), "click", "1")

    def presses(self, *keys: str) -> None:
        """Presses keys one after the other, some of them together, such as ``ctrl+q``."""
        self._moves("key", *keys)

    def types(self, text: str) -> None:
        """Types a text; it may be a secret."""
        self._moves("type", "--file", "-", typed=text)

    def sizes(self, window: str, width: int, height: int) -> None:
        """Gives the window of that title another size, and waits until it has it."""
        found = ("search", "--onlyvisible", "--name", f"^{re.escape(window)}$")
        self._moves(*found, "windowsize", str(width), str(height))
        for _ in self._looks(f"{width} × {height}"):
            place = self.sees("frame", window)
            if (place.width, place.height) == (width, height):
                return

    def _moves(self, *command: str, typed: str = "") -> None:
        subprocess.run(
            ["xdotool", *command],
            env={**os.environ, **self._screen.environment},
            input=typed,
            stdout=subprocess.DEVNULL,
            text=True,
            timeout=SECONDS,
            check=True,
        )
