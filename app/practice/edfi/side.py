"""The Ed-Fi side of the practice district: an ODS of its own, and how it comes back as it was."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from ..state import OdsDayPassed, OdsEvent, OdsOpened, Origin
from ..wire import midnight
from . import files
from .days import SchoolDays
from .moves import Moves
from .projection.places import Documents
from .sizes import OdsSizes
from .store import Ods


class Side:
    """The ODS, made when it is first asked for: until then it costs nothing.

    `told` tells the documents of the district as it is then. Each change is given to `keep` before
    it is made. What a school day does is one change, because the same day does the same again.
    """

    def __init__(
        self,
        origin: Origin,
        told: Callable[[], Documents],
        keep: Callable[[OdsEvent], None],
    ) -> None:
        self._origin = origin
        self._told = told
        self._keep = keep
        self._days: SchoolDays | None = None
        self._within = False
        self.folder: Path | None = None
        """Where the documents are that are served in place of the district's own."""

    @property
    def is_open(self) -> bool:
        """Whether anybody asked for it yet."""
        return self._days is not None

    @property
    def ods(self) -> Ods:
        """The documents. Raises ValueError, with a sentence, for a folder that cannot be served."""
        return self._opened().ods

    @property
    def day(self) -> int:
        """How many school days have passed on this side."""
        return 0 if self._days is None else self._days.day

    def pass_day(self, at: int, sizes: OdsSizes) -> dict[str, dict[str, list[Any]]]:
        """Let a school day pass at a moment; what became of the documents."""
        days = self._opened()
        self._keep(OdsDayPassed(at, sizes))
        with self._as_one():
            return days.pass_day(at, sizes)

    @contextmanager
    def moves(self, at: int) -> Iterator[Moves]:
        """Changes of a moment that are a part of one that is kept otherwise."""
        ods = self.ods
        with self._as_one():
            yield Moves(ods, at)

    def apply(self, event: OdsEvent) -> None:
        """What happened in an earlier life happens again. Raises LookupError where it cannot."""
        match event:
            case OdsOpened(folder):
                self.folder = Path(folder) if folder else None
                self._days = self._made()
            case OdsDayPassed(at, sizes):
                self._opened().pass_day(at, sizes)
            case _:
                self.ods.apply(event)

    def _opened(self) -> SchoolDays:
        if self._days is None:
            days = self._made()
            self._keep(OdsOpened("" if self.folder is None else str(self.folder.absolute())))
            self._days = days
        return self._days

    def _made(self) -> SchoolDays:
        ods = Ods(self._origin.seed)
        told = self._told() if self.folder is None else files.documents(self.folder)
        # The last day is left free: no record may seem to come from the future anywhere.
        ods.load(told, midnight(self._origin.today - timedelta(days=1)))
        # A part of a real district refers to what is not in it.
        ods.strict = self.folder is None
        ods.on_event = self._happened
        return SchoolDays(ods, self._origin.seed)

    def _happened(self, event: OdsEvent) -> None:
        if not self._within:
            self._keep(event)

    @contextmanager
    def _as_one(self) -> Iterator[None]:
        self._within = True
        try:
            yield
        finally:
            self._within = False
