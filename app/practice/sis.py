"""The student information system itself: a district, its gradebook, and its memory of both."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from .collection import Collection
from .days import Sizes, pass_day
from .district import District
from .edfi.mirror import Mirror
from .edfi.projection import documents
from .edfi.side import Side
from .gradebook import Gradebook
from .lessons import Lesson, give, school_for
from .resources import Resources
from .state import (
    DayPassed,
    Deleted,
    Event,
    GradebookOpened,
    Journal,
    LessonGiven,
    Origin,
    StateError,
    Written,
)
from .wire import Record, encode, moment_text


class Sis:
    """Everything the service answers from.

    Each change is kept by the journal, where there is one, before it is made: what was answered
    to a client is there after a power cut.
    """

    def __init__(self, origin: Origin, now: Callable[[], float] = time.time) -> None:
        self.origin = origin
        self.district = District(origin.seed, origin.students, origin.today)
        self.gradebook: Gradebook | None = None
        self._resources: Resources | None = None
        self._journal: Journal | None = None
        self._now = now
        self.on_change: Callable[[str], None] = lambda what: None
        """Called with what changed: the `roster` or the `gradebook`."""
        self.edfi = Side(origin, lambda: documents(self.district, self.books()), self._remember)
        """The district as an Ed-Fi system, which hears of nothing that is written here."""

    @staticmethod
    def open(
        path: Path | None,
        origin: Callable[[Origin | None], Origin],
        edfi_data: Path | None = None,
    ) -> "Sis":
        """The SIS that a state file remembers, or a new one that the file will remember.

        `origin` is told what the file says (None without one) and answers what to make. The Ed-Fi
        side is made from the files in `edfi_data`, where that is given. Raises StateError, and
        ValueError for a district that cannot be.
        """
        if path is None or not path.exists():
            sis = Sis(origin(None))
            if path is not None:
                sis._journal = Journal.create(path, sis.origin)
        else:
            sis = Sis._remembered(path, origin)
        if edfi_data is not None:
            sis._serve_files(edfi_data)
        return sis

    @staticmethod
    def _remembered(path: Path, origin: Callable[[Origin | None], Origin]) -> "Sis":
        remembered, events, journal = Journal.read(path)
        sis = Sis(origin(remembered))
        try:
            for event in events:
                sis._apply(event)
        except (LookupError, StopIteration) as trouble:
            raise StateError(
                f"The practice state {path} tells of things that this district does not have. It "
                "was left as it is; start with another file."
            ) from trouble
        # Only now: what is brought back must not be written down a second time.
        sis._journal = journal
        return sis

    def _serve_files(self, folder: Path) -> None:
        if not self.edfi.is_open:
            self.edfi.folder = folder
            # Now, so that a mistake in the files is told before anybody waits for an answer.
            _ = self.edfi.ods
        elif self.edfi.folder != folder.absolute():
            kept = self.edfi.folder or "the practice district itself"
            raise StateError(
                f"The practice state has its Ed-Fi side from {kept}, not from {folder}. Leave the "
                "folder out, or start with another state file."
            )

    @property
    def version(self) -> int:
        """Grows with every change."""
        books = self.gradebook.collections.values() if self.gradebook else ()
        return self.district.version + sum(book.version for book in books)

    def pass_day(
        self, sizes: Sizes, at: int, *, edfi: bool = False
    ) -> dict[str, dict[str, list[str]]]:
        """Let a school day pass, at a `moment`; the account of its changes.

        With `edfi` those who come and leave do so on the Ed-Fi side too.
        """
        if edfi:
            # Made before the day, or it would have everybody already.
            _ = self.edfi.ods
        event = DayPassed(at, sizes, edfi)
        self._remember(event)
        account = self._pass(event)
        self.on_change("roster")
        return account

    def _pass(self, event: DayPassed) -> dict[str, dict[str, list[str]]]:
        if not event.edfi:
            return pass_day(self.district, event.at, event.sizes)
        mirror = Mirror(self.district)
        account = pass_day(self.district, event.at, event.sizes)
        with self.edfi.moves(event.at) as moves:
            mirror.follow(account, moves)
        return account

    def give_lesson(self, name: str, at: int) -> Lesson:
        """Do what a lesson is about, at a `moment`. Raises ValueError where it cannot be given."""
        school_for(self.district, name)
        event = LessonGiven(at, name)
        self._remember(event)
        lesson = give(self.district, event.name, event.at)
        self.on_change("roster")
        return lesson

    def books(self) -> dict[str, Collection]:
        """The gradebook's collections, made at the first call."""
        if self.gradebook is None:
            self._commit(GradebookOpened())
        assert self.gradebook is not None
        return self.gradebook.collections

    @property
    def resources(self) -> Resources:
        """The resources, made at the first call. They never change."""
        if self._resources is None:
            self._resources = Resources(self.district)
        return self._resources

    def collection(self, name: str) -> Collection:
        """The collection of this name, of whichever service. Raises KeyError for another."""
        if name in self.district.collections:
            return self.district.collections[name]
        return self.resources.collection if name == "resources" else self.books()[name]

    def write(self, collection: str, records: Sequence[Record], at: int) -> None:
        """Keep gradebook records, all or none, as last modified at a `moment`."""
        self.books()
        self._commit(Written(collection, at, list(records)))
        self.on_change("gradebook")

    def delete(self, keys: list[tuple[str, str]]) -> None:
        """Keep these gradebook records, as (collection, sourcedId), no more."""
        self._commit(Deleted(keys))
        self.on_change("gradebook")

    async def moment(self) -> int:
        """Now, in milliseconds, and strictly later than anything that was modified before.

        Whoever changes something takes the moment first and then checks and changes without
        waiting again, so that nothing comes between.
        """
        while True:
            now = int(self._now() * 1000)
            books = self.gradebook.collections.values() if self.gradebook else ()
            latest = max([self.district.latest(), *(book.latest() for book in books)])
            if now > latest:
                return now
            if latest - now > 1000:
                # The clock was put back; order matters more than the hour.
                return latest + 1
            await asyncio.sleep(0.001)

    def _remember(self, event: Event) -> None:
        if self._journal is not None:
            self._journal.append(event)

    def _commit(self, event: Event) -> None:
        self._remember(event)
        self._apply(event)

    def _apply(self, event: Event) -> None:
        match event:
            case DayPassed():
                self._pass(event)
            case LessonGiven(at, name):
                give(self.district, name, at)
            case GradebookOpened():
                self.gradebook = Gradebook(self.district)
            case Written(collection, at, records):
                book = self.books()[collection]
                for record in records:
                    kept = {
                        "sourcedId": record["sourcedId"],
                        "status": record["status"],
                        "dateLastModified": moment_text(at),
                    }
                    kept.update((name, value) for name, value in record.items() if name not in kept)
                    book.put(
                        record["sourcedId"],
                        at,
                        encode(kept),
                        tombstone=record["status"] != "active",
                    )
            case Deleted(keys):
                for name, key in keys:
                    self.books()[name].drop(key)
            case _:
                self.edfi.apply(event)
