"""The generations of the ODS/API that this one can be: what each of them can do and how it says it.

ODS/API 5 is paired with the Data Standard 3.3, 6 with 4.0, 7 with 5.0.
"""

from collections.abc import Container
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Generation:
    """One version of the API. `standard` is the version of the Data Standard."""

    version: str
    standard: str
    build: str
    problem_details: bool
    """Errors are problem details (7.2); before, one sentence."""
    cursor: bool
    """Lists can be read by page tokens, in partitions (7.3)."""
    key_values: bool
    """Deletes tell natural keys (5.4 as we have it: 6.0)."""
    told_urls: bool
    """Discovery says where change queries and token_info are."""
    capitals: bool
    """Change versions are told by names that begin with a capital (before 6.0)."""

    @property
    def number(self) -> int:
        """The first number of the Data Standard."""
        return int(self.standard.partition(".")[0])


GENERATIONS = {
    one.version: one
    for one in (
        Generation("5.3", "3.3.1-b", "5.3.1434.0", False, False, False, False, True),
        Generation("6.2", "4.0.0", "6.2.1233.0", False, False, True, True, False),
        Generation("7.1", "5.0.0", "7.1.2250.0", False, False, True, True, False),
        Generation("7.3", "5.0.0", "7.3.1020.0", True, True, True, True, False),
    )
}
NEWEST = GENERATIONS["7.3"]


def current(switches: Container[str]) -> Generation:
    """The generation that the switches which are on make."""
    found = next((one for one in GENERATIONS.values() if f"api-{one.version}" in switches), NEWEST)
    return replace(
        found,
        problem_details=found.problem_details and "sentence-errors" not in switches,
        cursor=found.cursor and "no-cursor" not in switches,
        told_urls=found.told_urls and "untold-urls" not in switches,
    )
