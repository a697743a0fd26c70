"""The first row of a file: which column tells what, and what is wrong with it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.connectors.oneroster.csv.columns import HEAD, File

KEY, STATUS, MODIFIED = HEAD

_FORMER = {
    "grade": "grades",
    "agents": "agentSourcedIds",
    "agentids": "agentSourcedIds",
    "schoolyearid": "schoolYearSourcedId",
    "orgids": "orgSourcedIds",
    "preferredfirstname": "preferredGivenName",
    "preferredlastname": "preferredFamilyName",
}
"""What columns were called in OneRoster 1.0, or are called over REST."""


@dataclass(frozen=True)
class Heading:
    """Where the columns of a file stand in its rows."""

    file: File
    said: tuple[str, ...]
    places: dict[str, int]
    """By the standard's name, in the order of the file."""
    near: tuple[tuple[str, str], ...] = ()
    """(as it is said, what was taken for it) of names that are not exactly the standard's."""
    twice: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    """Columns of nobody's standard; those of ``metadata.`` are the standard's own."""

    @property
    def width(self) -> int:
        """How many fields a row has."""
        return len(self.said)

    def fits(self, texts: Sequence[str]) -> bool:
        """Whether a row has the fields that it should, each where it should be.

        Blank ones too many are a habit of some systems. But of a name with a comma in it, and no
        quotation marks around it, all that follows stands a column further on, and the last ones
        may be blank: what comes after such a comma begins with a space.
        """
        if len(texts) <= self.width:
            return len(texts) == self.width
        return not any(texts[self.width :]) and not any(text[:1] == " " for text in texts)

    @property
    def key(self) -> int | None:
        """Where the key of a row stands."""
        return self.places.get(KEY)

    @property
    def secret(self) -> bool:
        """Whether its rows hold passwords, which are kept nowhere."""
        return any("password" in word.lower() for word in self.said)

    @property
    def missing(self) -> tuple[str, ...]:
        """The columns that have to be there, and are not."""
        needed = (column.name for column in self.file.columns if column.required)
        return tuple(name for name in needed if name not in self.places)


def heading_of(file: File, said: list[str]) -> Heading:
    """What a first row says, read with some forbearance."""
    exact = set(file.header)
    folded = {_folded(name): name for name in file.header}
    former = dict(_FORMER)
    if file.name == "demographics":
        former["usersourcedid"] = KEY  # a person's demographics go by the person's key
    places: dict[str, int] = {}
    near: list[tuple[str, str]] = []
    twice: list[str] = []
    unknown: list[str] = []
    words = [text.strip() for text in said]
    for place, word in enumerate(words):
        name = word if word in exact else folded.get(_folded(word))
        if name is None and (once := former.get(_folded(word))) in exact:
            name = once
        if name is None:
            if word and not word.lower().startswith("metadata."):
                unknown.append(word)
        elif name in places:
            twice.append(word)
        else:
            places[name] = place
            if said[place] != name:
                near.append((said[place], name))
    return Heading(file, tuple(words), places, tuple(near), tuple(twice), tuple(unknown))


def _folded(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", word.lower())
