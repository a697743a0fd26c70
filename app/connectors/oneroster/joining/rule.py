"""By what rows belong together, as people chose it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.roster.entities import ENTITIES
from app.roster.values import UNSAID, Plain

JOINED = "users"
"""The stream whose rows may be joined."""

MOST = 20
"""What more rows have in common, such as ``unknown``, tells no person: they stay apart."""

PEOPLE = ENTITIES[JOINED]
PLACES = {one.name: one.index for one in PEOPLE.fields}


@dataclass(frozen=True)
class Rule:
    """How rows are joined."""

    field: str
    """Whose values are equal in the rows of one person. A blank one says nothing (A2): it joins
    nobody, and parts nobody who was joined by what the row had said before."""
    primary: str
    """Which row tells what a person has once: ``primary_org``, ``newest``, ``first``."""
    apart: frozenset[str] = frozenset()
    """The keys of rows that stand alone, whatever they say."""

    @classmethod
    def of(cls, settings: Any) -> "Rule | None":
        """The rule that the settings of a OneRoster kind tell; ``None`` where nothing is joined."""
        if settings.one_person == "off":
            return None
        return cls(settings.one_person, settings.primary_row, frozenset(settings.apart.split()))

    def group(self, key: str, patch: Sequence[Plain], before: str) -> str:
        """What the row has in common with the others of its person; ``before`` this was that."""
        value, begins = patch[PLACES[self.field]], f"={self.field}="
        if key in self.apart:
            return alone(key)
        if value in (None, UNSAID):
            return before if before.startswith(begins) else alone(key)
        return f"{begins}{value}" if str(value).isprintable() else alone(key)


def alone(key: str) -> str:
    """The group of a row that has nothing in common with others."""
    return f"-{key}"
