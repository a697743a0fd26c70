"""Where the reading of one resource stands; as JSON it is the state of a batch."""

import msgspec

from app.connectors.contract import State
from app.connectors.edfi.feed import Window

FORM = 1
"""Counted up when a state of an older version can no longer be read: reading starts anew."""

KEPT = 20
"""So many marks of the page before are kept in a state."""

KEY_CHANGES, ITEMS, DELETES = "keyChanges", "items", "deletes"
LISTS = (KEY_CHANGES, ITEMS, DELETES)
"""What is read in a window, in this order; of everything there is, only the items are."""


class Position(msgspec.Struct, omit_defaults=True):
    """A place in one of the lists of a resource."""

    form: int = FORM
    after: int | None = None
    until: int | None = None
    listing: str = ITEMS
    size: int = 0
    """So many rows are asked for; 0 where nothing speaks against what is wished."""
    way: str = ""
    """How the list is gone through; blank before it is begun."""
    plain: bool = False
    """Its cursors are of no use."""
    snapshot: bool = False
    clamped: int = 0
    """So many rows a page the service sends of the list, where it sends fewer than are asked for.
    """
    token: str = ""
    """Of a cursor: where the next page begins."""
    edge: int | None = None
    """Of offsets: up to where rows were received; going backwards, down to where."""
    received: int = 0
    total: int | None = None
    first: str = ""
    """What marks the first row of the last page."""
    seen: list[str] = []
    """What marks the rows of the last page that stand next to those of the page to come."""
    unchecked: bool = False
    """Pages are no longer held against each other: it was tried often enough."""
    empty: int = 0
    """Of a cursor: pages without a row, one after the other."""
    again: int = 0
    """How often the list was read from its beginning."""
    told: int = 0
    """Groups of key changes that were told."""
    ended: bool = False

    @property
    def whole(self) -> bool:
        """Whether everything there is is read, and not only what was changed."""
        return self.after is None

    @property
    def begun(self) -> bool:
        """Whether anything of the list was received."""
        return bool(self.received or self.token or self.edge is not None)

    def begin(self, listing: str | None = None) -> None:
        """Back to the beginning of the list, or on to the beginning of another."""
        if listing is not None:
            self.listing, self.again, self.unchecked, self.told = listing, 0, False, 0
        self.way = ""
        self.token, self.edge, self.received, self.total = "", None, 0, None
        self.first, self.seen, self.empty, self.clamped = "", [], 0, 0

    def state(self) -> State:
        """As plain JSON."""
        kept = msgspec.structs.replace(self, seen=self.seen[:KEPT])
        state: State = msgspec.to_builtins(kept)
        return state


def position_of(state: State | None, window: Window) -> Position:
    """The position to read on from; a state of another window, or none, is a beginning."""
    begin = Position(after=window.after, until=window.until)
    if window.after is not None:
        begin.listing = KEY_CHANGES
        begin.ended = window.after == window.until
    if not state:
        return begin
    try:
        position = msgspec.convert(state, Position)
    except msgspec.ValidationError:
        return begin
    known = position.form == FORM and position.listing in LISTS
    same = (position.after, position.until) == (window.after, window.until)
    return position if known and same else begin
