"""A sync of one class: the class, its roll, and whoever of it was never read (SEMANTICS C1).

It is a small run of the same planner: rows become creates and plan items, limits judge them, and
its change set can be undone. It moves no cursor and stores no count, and nobody goes on from it. An
enrollment that a complete roll does not list is only a candidate, and reading it by its key decides
(D1).
"""

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Any

from app.connectors.contract import Gone, Joined, Page, Pull, Row
from app.engine import settle
from app.engine.asking import pulled
from app.engine.ending import end_links
from app.engine.fetching import Ticket
from app.engine.loop import Steps
from app.engine.pages import work_page
from app.engine.reading import Reading
from app.engine.roll import CLASSES, ENROLLMENTS, readable
from app.engine.run import Run
from app.engine.shelf import StoredShelf
from app.engine.working import Work
from app.errors import ContractError, NotFound, SyncError, UsageError
from app.roster.entities import ENTITIES
from app.store import journal, linkage, looking, reads
from app.store.database import Database, Tx
from app.store.journal import ConnectorRow, StreamProgress
from app.store.looking import Linked


def link_of(database: Database, connector: ConnectorRow, class_record: int) -> Linked:
    """A class as a connector knows it; raises ``NotFound``, and ``UsageError`` where it doesn't."""
    found = reads.records(database, CLASSES, [class_record])
    if not found:
        raise NotFound("record_unknown", entity=CLASSES, id=class_record)
    with database.reading() as tx:
        links = looking.linked(tx, ENTITIES[CLASSES], [found[0].id], connector.id)
    if not links:
        raise UsageError("class_without_link", id=class_record, name=connector.name)
    return max(links, key=lambda link: bool(link.alive))


def sync_class(parts: Work, link: Linked) -> Steps:
    """The steps of a sync of one class, from *running* to its end state."""
    return _ClassRun(parts, link).carried_out()


class _ClassRun(Run):
    def __init__(self, parts: Work, link: Linked) -> None:
        super().__init__(parts)
        self.mode = journal.CLASS
        self.record, self.key = link.record, link.key
        # How many there are nobody knows before the roll was read.
        self.expected = {ENROLLMENTS: None}

    def steps(self) -> Steps:
        """Reads and settles the class, its roll, its course and its people."""
        p = self.parts
        with self.step() as tx:
            journal.interrupt_runs(tx, p.connector_id, p.run, self.now())
            self.look_up(tx)
            journal.start_run(tx, p.run, self.mode, None, None)
            journal.log(tx, p.run, self.now(), "info", "run_began_class", {"record": self.record})
        rolled = readable(p.connector, p.name)
        yield None
        if not self.capabilities[CLASSES].by_key or (yield from self._by_key(CLASSES, [self.key])):
            shelf = StoredShelf(p.database, self.streams[ENROLLMENTS].id)
            yield from self._roll(rolled.roll(self.key, shelf))
            for entity in ("courses", "users"):
                yield from self._never_read(entity)
        self._close(behind=False)

    def ended_early(self, tx: Tx, error: SyncError | None) -> None:
        """What was planned is settled by the next run; where this one stood matters to none."""
        journal.forget_seen(tx, self.parts.run)

    def _begun(self, entity: str) -> Generator[Ticket | None, Any, Reading]:
        # What a run that was cut off had planned comes first, as in any run (C7).
        yield from self._settle_left(entity)
        progress = StreamProgress(entity, full=False, read_at=self.now())
        with self.step() as tx:
            reading = self.reading(tx, entity, progress)
        if not reading.fresh:
            yield from self._identify(reading)
        return reading

    # -- rows read by their keys --

    def _by_key(self, entity: str, keys: Sequence[str]) -> Generator[Ticket | None, Any, bool]:
        """Reads rows by their keys and settles them; whether all of them are there."""
        reading = yield from self._begun(entity)
        told = yield from self.by_key(entity, keys, enough=_fails)
        rows, doubts = [], reading.progress.doubts
        for key, found in zip(keys, told, strict=False):
            if _fails(found):
                raise found
            if isinstance(found, Row):
                rows.append(found)
            elif not isinstance(found, Gone):
                doubts.append(("row_not_read_alone", {"key": key}))
            elif entity == CLASSES:
                # No list has proved that it is absent: it does not end by this alone (D1). Others
                # were never here; a reference that dangles there does so here, too (A3).
                doubts.append(("not_at_the_sis", {"key": key}))
        self._take_rows(reading, rows, reading.stream.scope or entity)
        self._log_warnings(reading)
        self._read_to_end(reading)
        yield from self._settle(reading)
        return len(rows) == len(keys)

    def _never_read(self, entity: str) -> Steps:
        """Reads those of the class of whom no row ever came."""
        if entity not in self.capabilities:
            return
        p, stream = self.parts, self.streams[entity].id
        with p.database.reading() as tx:
            if entity == "users":
                ids = looking.people(tx, self.record)
            else:
                (class_,) = reads.records(p.database, CLASSES, [self.record])
                ids = [one for one in (class_.values["course"],) if one is not None]
            keys = looking.never_read(tx, stream, ids)
        # Who is joined of several rows is told by the whole of them (A5).
        if not keys or not self.capabilities[entity].by_key or self._joins(entity):
            left = keys
        else:
            left = keys[settle.BY_KEY_LIMIT :]
            yield from self._by_key(entity, keys[: settle.BY_KEY_LIMIT])
        if left:
            with self.step() as tx:
                told = {"count": len(left)}
                journal.log(tx, p.run, self.now(), "info", "rows_left", told, entity)

    def _joins(self, entity: str) -> bool:
        connector = self.parts.connector
        return isinstance(connector, Joined) and connector.joins(entity)

    # -- the roll --

    def _roll(self, pull: Pull) -> Steps:
        reading = yield from self._begun(ENROLLMENTS)

        def work(page: Page) -> None:
            with self.step() as tx:
                work_page(tx, reading, self._of_class(tx, reading, page))
                self._beat(tx, reading)
            self._tell(reading)

        yield from pulled(pull, self.parts.fetcher, work)
        self._log_warnings(reading)
        yield from self._end_absent(reading)
        self._read_to_end(reading)
        # A roll may be told with fewer fields than the list of all: what all its rows leave out is
        # not taken for blank.
        yield from self._settle(reading, trusted=False)

    def _of_class(self, tx: Tx, reading: Reading, page: Page) -> Page:
        """A page without the ends and the unreadable rows of other classes."""
        doubtful = [one.key for one in page.unreadable if one.key is not None]
        if len(doubtful) < len(page.unreadable):
            keyless = {"count": len(page.unreadable) - len(doubtful)}
            reading.progress.doubts.append(("rows_without_key", keyless))
        known = linkage.links_by_key(
            tx, reading.stream.id, [*page.tombstones, *doubtful], aliased=reading.aliased
        )
        seats = set(looking.seats(tx, self.record)) if known else set()
        ours = {key for key, link in known.items() if link.record in seats}
        return replace(
            page,
            tombstones=[key for key in page.tombstones if key in ours],
            unreadable=[one for one in page.unreadable if one.key in ours],
        )

    def _end_absent(self, reading: Reading) -> Steps:
        """What a complete roll does not list ends, where reading it by its key says so too (D1)."""
        progress, by_key = reading.progress, self.capabilities[ENROLLMENTS].by_key
        if progress.phase != journal.JUDGING or progress.doubts:
            return
        if reading.stream.scope != reading.under(progress.scope or ""):
            # The SIS is asked for something else than when all was read the last time (D2).
            with self.step() as tx:
                self.log(tx, "info", "scope_changed", {}, reading)
            return
        with self.parts.database.reading() as tx:
            listed = looking.listed(tx, reading.stream.id, self.record, reading.scope)
        absent = reading.passed.without(listed)
        asked = by_key and len(absent) <= settle.BY_KEY_LIMIT
        if absent and asked:
            absent = yield from self._confirmed(reading, absent)
        for start in range(0, len(absent), settle.BATCH):
            with self.step() as tx:
                ending = linkage.links_by_id(tx, absent[start : start + settle.BATCH])
                progress.counts["absent"] += len(ending)
                # A roll is no proof of the stream: only that of whole reads releases them.
                end_links(tx, reading, ending, "absent", waits=None if asked else "proof")
                journal.save_progress(tx, self.parts.run, progress)
            yield None

    def _confirmed(
        self, reading: Reading, absent: Sequence[int]
    ) -> Generator[Ticket | None, Any, list[int]]:
        """Those that are gone; none where one is still in the class, which the roll left out."""
        asked = self.keys(absent)
        told = yield from self.by_key(ENROLLMENTS, [key for _, key in asked], enough=_fails)
        place = reading.fields.index("class")
        gone: list[int] = []
        rows: list[Row] = []
        doubts = reading.progress.doubts
        for (link, key), found in zip(asked, told, strict=False):
            if _fails(found):
                raise found
            if isinstance(found, Row):
                rows.append(found)
                if found.patch[place] == self.key:
                    doubts.append(("row_still_there", {"key": key}))
            elif isinstance(found, Gone):
                gone.append(link)
            else:
                doubts.append(("row_not_confirmed", {"key": key}))
        if rows:
            self._take_rows(reading, rows, reading.progress.scope or ENROLLMENTS)
        return [] if doubts else gone

    def _read_to_end(self, reading: Reading) -> None:
        """What was to be read has been read; what casts a doubt on it is told."""
        progress = reading.progress
        with self.step() as tx:
            progress.complete = progress.phase == journal.JUDGING and not progress.doubts
            progress.phase = journal.SETTLING
            for code, parameters in progress.doubts:
                self.log(tx, "warning", code, parameters, reading)
            journal.save_progress(tx, self.parts.run, progress)


def _fails(found: object) -> bool:
    """Whether what a look by key brought ends the run, and not that look alone."""
    return isinstance(found, SyncError) and not isinstance(found, ContractError)
