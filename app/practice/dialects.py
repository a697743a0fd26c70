"""The two versions of OneRoster that the service speaks about one district."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .older import older
from .vocabulary import KINDS, OLDER_KINDS, Kind, scope
from .wire import GRADEBOOK, OLDER, RESOURCES, ROSTERING, Record


@dataclass(frozen=True, slots=True)
class Dialect:
    """A version: where its services stand, its records, and how they differ from what is kept.

    `shaped` is None where they are told as they are kept.
    """

    version: str
    rostering: str
    gradebook: str
    resources: str
    kinds: Mapping[str, Kind]
    shaped: Callable[[str, Record], Record] | None = None

    def scopes(self, *names: str) -> tuple[str, ...]:
        """The scopes of these names, as tokens carry them."""
        return tuple(scope(self.version, name) for name in names)


V1P2 = Dialect("v1p2", ROSTERING, GRADEBOOK, RESOURCES, KINDS)
V1P1 = Dialect("v1p1", OLDER, OLDER, OLDER, OLDER_KINDS, older)
