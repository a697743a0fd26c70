"""Where a pull stands, and what it works with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from app.connectors.contract import Io, Page, State, row_digest
from app.connectors.edfi.descriptors import Words
from app.connectors.edfi.feed import Window
from app.connectors.edfi.service import Service
from app.connectors.edfi.streams.declared import Stream
from app.connectors.edfi.streams.shelved import Shelved
from app.connectors.edfi.telling import FIELDS

FORM = 1
"""Counted up when a state of an older version can no longer be read: reading starts anew."""

READING, VERIFYING, REACHING, SWEEPING, GROUPING = (
    *("reading", "verifying", "reaching", "sweeping", "grouping"),
)
PAIRING, WALKING, TELLING, CLEARING, ENDED = (
    *("pairing", "walking", "telling", "clearing", "ended"),
)
"""Documents come. Of changes alone: what may be gone and who came into reach is asked for, and what
was touched is told. Of everything: what did not come is asked for, and forgotten where it is gone,
records that are one are found, and all that is there is told. In the end what is of no use after
this reading is forgotten."""


_PHASES = frozenset({READING, VERIFYING, REACHING, SWEEPING, GROUPING})
_PHASES |= {PAIRING, WALKING, TELLING, CLEARING, ENDED}


class At(msgspec.Struct, omit_defaults=True):
    """Where a pull stands; as JSON it is the state of a page."""

    form: int = FORM
    after: int | None = None
    """The window: changes after this version; ``None`` where everything is read."""
    until: int | None = None
    """The newest version when the pull began; ``None`` where the service has none."""
    phase: str = READING
    resource: int = 0
    """Which of the resources is being read, or of which the shelf is being walked."""
    inner: State | None = None
    """Where the reading of that resource stands; ``None`` at its beginning."""
    place: str = ""
    """How far that part of the shelf has been walked."""
    numbers: dict[str, int] = {}
    """The number of the reading of each resource that was begun."""
    totals: dict[str, int | None] = {}
    """How many documents of each resource there are, as the service says."""
    came: dict[str, int] = {}
    """How many documents of each resource came for the first time in this reading."""
    refused: list[str] = []
    """Resources that the key may not read: what they would tell is left unsaid until all is read
    anew."""
    asked: int = 0
    """How many documents of a window, or of what did not come, were asked for by their keys."""
    hidden: dict[str, int] = {}
    """How many documents of each resource did not come for the first time, and may not be read."""
    unasked: dict[str, int] = {}
    """How many parts of records, by resource, did not come and were too many to be asked for."""
    kept_before: bool = False
    """Whether some of what did not come was kept by an earlier reading,"""
    kept_unasked: bool = False
    """and some of that was not asked for then."""
    kept: int = 0
    """How many records are told although they did not come."""
    passes: int = 0
    """How often everything was begun anew."""
    certain: bool = True
    """Nothing casts a doubt on the reading so far: what did not come is not there."""

    @property
    def window(self) -> Window:
        """Which changes are read."""
        return Window(self.after, self.until)

    @property
    def full(self) -> bool:
        """Whether everything is read."""
        return self.after is None

    @property
    def state(self) -> State:
        """The state of a page after which to go on here."""
        only_end = self.phase == ENDED
        ended = At(until=self.until, phase=ENDED, refused=self.refused)
        kept = ended if only_end else self
        told: State = msgspec.to_builtins(kept)
        return told

    def on(self, phase: str, resource: int = 0) -> None:
        """Goes on with another phase, or with another resource in it."""
        self.phase, self.resource, self.place, self.inner = phase, resource, "", None


def position_of(state: State | None) -> At | None:
    """Where to go on; ``None`` where nothing can be gone on with."""
    try:
        at = msgspec.convert(state or {"form": 0}, At)
    except msgspec.ValidationError:
        return None
    return at if at.form == FORM and at.phase in _PHASES else None


@dataclass(frozen=True)
class Work:
    """One pull at work."""

    stream: Stream
    service: Service
    words: Words
    shelf: Shelved
    at: At

    @property
    def io(self) -> Io:
        """What the connector was given."""
        return self.service.io

    @property
    def resource(self) -> str:
        """The resource that is being read."""
        return self.stream.resources[self.at.resource]

    @property
    def count(self) -> int:
        """How many records are told on a page at most."""
        return max(1, min(self.io.page_size, _TOLD))

    @property
    def size(self) -> int:
        """How many documents are asked for at once."""
        return max(1, min(self.io.page_size, self.service.settings.page_size or _ASKED))

    @property
    def scope(self) -> str:
        """What is asked for (SEMANTICS D2)."""
        asked = [self.service.resources[name] for name in self.stream.resources]
        return self.service.scope_of(self.stream.entity, asked, not self.at.full)

    @property
    def mark(self) -> bytes:
        """The scope as it is kept with each document, of a whole reading."""
        asked = [self.service.resources[name] for name in self.stream.resources]
        whole = self.service.scope_of(self.stream.entity, asked, False)
        return row_digest(whole.encode(), b"")[:6]

    def next_resource(self) -> None:
        """What is read has been read to its end."""
        at = self.at
        at.inner, at.resource = None, at.resource + 1
        if at.resource == len(self.stream.resources):
            at.on(SWEEPING if at.full else VERIFYING)

    def walk_on(
        self, batch: Sequence[tuple[str, object]], count: int, resources: Sequence[str], then: str
    ) -> None:
        """On behind ``batch``, of which there would be ``count`` where there is more.

        After that with the next of ``resources``, and after the last with another phase.
        """
        at = self.at
        if len(batch) >= count:
            at.place = batch[-1][0]
        elif at.resource + 1 < len(resources):
            at.on(at.phase, at.resource + 1)
        else:
            at.on(then)

    def page(self, **told: Any) -> Page:
        """A page of the stream, after which the pull goes on where it is ``at``."""
        at = self.at
        doubts = told.pop("doubts", ())
        notes = [*told.pop("notes", ()), *self.service.news]
        self.service.news.clear()
        last = at.phase == ENDED
        at.certain = at.certain and not doubts
        return Page(
            **{
                "entity": self.stream.entity,
                "fields": FIELDS[self.stream.entity],
                "keys": (),
                "digests": (),
                "read": lambda places: [],
                "state": at.state,
                "last": last,
                "full": at.full,
                "scope": self.scope,
                "doubts": doubts,
                "notes": notes,
                **told,
            }
        )


_TOLD = 1000
_ASKED = 500
