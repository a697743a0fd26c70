"""Where a pull of joined people stands, and what it works with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from app.connectors.contract import Fetch, Io, State, row_digest
from app.connectors.oneroster.joining.rule import MOST, PEOPLE, Rule
from app.connectors.oneroster.joining.shelved import Shelved

FORM = 1
"""Counted up when a state of an older version can no longer be read: reading starts anew."""

READING, SWEEPING, REKEYING, WALKING, TELLING = (
    *("reading", "sweeping", "rekeying", "walking", "telling"),
)
"""Rows are put on the shelf; those that did not come are taken from it; whose anchor left gets
another; all that is there is told; whoever was touched is told. Of changes alone there is neither
the second nor the fourth."""


class At(msgspec.Struct, omit_defaults=True):
    """Where a pull stands; as JSON it is the state of a page."""

    form: int = FORM
    inner: State | None = None
    """Where the reading of the rows stands."""
    phase: str = READING
    after: str = ""
    """How far the shelf has been walked."""
    crowd: str = ""
    """A group of too many rows, in the middle of which the walk stands."""
    number: int = 0
    """Counts readings, and beginnings anew."""
    fields: tuple[str, ...] = PEOPLE.field_names
    """What the rows speak of."""
    full: bool = True
    scope: str = ""
    evidence: str = ""
    distinct: int = 0
    """How many keys came in this reading."""
    keyless: int = 0
    certain: bool = True
    """Nothing casts a doubt on the reading so far: what did not come is gone."""
    asked: int = 0
    """How many rows that did not come were looked up by their keys."""
    stays: bool = False
    """Some rows did not come, and stay nevertheless."""
    ended: bool = False

    @property
    def scope_digest(self) -> bytes:
        """The scope as it is kept with each row."""
        return row_digest(self.scope.encode(), b"")

    def go_on(self, batch: Sequence[tuple[str, object]], done: bool, phase: str) -> None:
        """On behind ``batch``, or with the next phase where the shelf is ``done``."""
        self.after = "" if done else batch[-1][0]
        self.phase = phase if done else self.phase

    @property
    def state(self) -> State:
        """The state of a page after which to go on here."""
        told: State = msgspec.to_builtins(At(inner=self.inner, ended=True) if self.ended else self)
        return told


def position_of(state: State | None) -> At:
    """Where to go on. A state that cannot be understood starts a whole read."""
    try:
        at = msgspec.convert(state or {}, At)
    except msgspec.ValidationError:
        return At(ended=True)
    return at if at.form == FORM and at.inner is not None else At(ended=True)


@dataclass(frozen=True)
class Work:
    """One pull at work."""

    rule: Rule
    io: Io
    rows: Shelved
    at: At
    fetch: Callable[[str], Fetch] | None
    """Reads a row by its key, where that is possible."""

    @property
    def count(self) -> int:
        """How many rows of the shelf are looked at in one step."""
        return max(self.io.page_size, MOST + 1)
