"""Exports of the roster as sets of files: when somebody asks, and by themselves after a good sync.

The work is done on a thread of its own with a view of its own of the database, so nobody waits for
it. By itself it is withheld while a sync's removals wait: a file that somebody else takes for the
truth must not leave out, or go on telling, what nobody has decided about.
"""

import json
import logging
import os
import threading
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from app.connectors.contract import Doubt, Exporter, Kind, declared
from app.engine.apart import Asking, Reply, apart, replying
from app.engine.events import Changed, Event, RunEnded
from app.engine.fetching import Ticket
from app.engine.loop import Loop, Steps
from app.engine.whole import unwritable, whole_set
from app.engine.world import World
from app.errors import Cancelled, NotFound, StoreError, SyncError, UsageError
from app.roster.entities import ENTITIES
from app.store import journal, listing, reads, settings
from app.store.database import Database
from app.store.exporting import exporting
from app.store.locks import export_lock
from app.text import _, sentence

logger = logging.getLogger(__name__)


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be exported, in which form, and where to."""

    form: str
    path: str
    """A folder, or a zip."""
    version: str = ""
    """Of the form; blank is the usual one."""
    since: int | None = None
    """Only what has changed since this sync or other change set."""
    keys_of: str | None = None
    """The connector whose keys are told; else of each record those of the first that had it."""
    demographics: bool = False


@dataclass(frozen=True)
class Exported:
    """An export that was written."""

    path: str
    version: str
    records: int
    notes: tuple[Doubt, ...]
    """What could not be told as it is in the roster."""


class LastTime(msgspec.Struct, frozen=True, kw_only=True):
    """What came of the newest sync that might have been followed by an export."""

    run: int
    at: str
    code: str
    """``app.text`` has the sentence."""
    parameters: dict[str, Any] = {}
    written: int | None = None
    """The sync that the files on disk were last written after."""

    @property
    def withheld(self) -> bool:
        """Whether nothing was written because something waits for a person."""
        return self.code.startswith("export_withheld")


@dataclass(frozen=True)
class Following:
    """The export that follows every good sync, and what came of it."""

    order: Order
    last: LastTime | None = None


def checked(world: World, order: Order) -> tuple[Exporter, str]:
    """The form of an order and its version; raises ``NotFound``, and ``UsageError``, also for a
    place as ``apart_from_sources`` does.
    """
    exporter = world.exporters.get(order.form)
    if exporter is None:
        known = ", ".join(world.exporters)
        raise NotFound("export_form_unknown", form=order.form, known=known)
    version = order.version or exporter.versions[0]
    if version not in exporter.versions:
        known = ", ".join(exporter.versions)
        raise UsageError("export_version_unknown", version=version, known=known)
    if order.keys_of is not None:
        with world.database.reading() as tx:
            journal.connector(tx, order.keys_of)
    apart_from_sources(world.database, world.kinds, Path(order.path))
    return exporter, version


def apart_from_sources(database: Database, kinds: Mapping[str, Kind], path: Path) -> None:
    """Raises ``UsageError`` for a place that is, lies in or contains what some connector reads.

    It would take our own files for those of its SIS: for the newest, with proof, and for news after
    every sync.
    """
    place = _real(path)
    with database.reading() as tx:
        connectors = journal.connectors(tx)
    for connector in connectors:
        told = json.loads(connector.settings)
        settings_ = declared(kinds[connector.kind]) if connector.kind in kinds else []
        for read in [told.get(one.name) for one in settings_ if one.about.path]:
            if read and (_within(place, _real(read)) or _within(_real(read), place)):
                raise UsageError(
                    "export_into_source", path=str(path), name=connector.name, source=str(read)
                )


def _real(path: str | Path) -> Path:
    # Unlike ``resolve`` it takes links that lead in a circle, too.
    return Path(os.path.realpath(_named(path)))


def _named(path: str | Path) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError:  # of somebody whom this computer does not know
        return Path(path)


def _within(path: Path, folder: Path) -> bool:
    """Whether one place is, or lies in, another; also by another of its names."""
    if path.is_relative_to(folder):
        return True
    for one in (path, *path.parents):
        with suppress(OSError):  # it is not there (yet)
            if one.samefile(folder):
                return True
    return False


def export(world: World, order: Order, stopped: Callable[[], bool]) -> Exported:
    """Writes an export; the caller waits.

    It ends soon after ``stopped`` says so, with ``Cancelled``; then, and on any error, nothing is
    changed. Raises as ``checked``, and ``StoreError``.
    """
    exporter, version = checked(world, order)
    path = _named(order.path)
    entities = frozenset(ENTITIES) - (frozenset() if order.demographics else {"demographics"})
    roster = exporting(world.database, keys_of=order.keys_of, since=order.since, stopped=stopped)
    with export_lock(world.locks, stopped), roster as told:
        try:
            with whole_set(path, last=exporter.manifest, older=exporter.filenames) as create:
                notes = exporter.write(told, version, entities, create)
                if stopped():
                    raise Cancelled("cancelled")
        except OSError as error:
            raise unwritable(error, path) from error
    for what, count in _undecided(world.database).items():
        notes.append(Doubt(_STILL_IN[what], {"count": count}))
    if told.further and order.demographics:
        notes.append(Doubt("export_demographics_further", {"count": told.further}))
    return Exported(str(path), version, told.count, tuple(notes))


def asked_for(world: World, loop: Loop, order: Order, reply: Reply) -> Steps:
    """Writes an export beside the loop, and replies with the ``Exported``."""
    return replying(_beside(world, loop, order, reply.cancel), reply)


def note_text(note: Doubt) -> str:
    """What could not be told, in words."""
    told = dict(note.parameters)
    if (entity := ENTITIES.get(str(told.get("entity")))) is not None:
        told["entity"] = _(entity.many)
        if (field_ := entity.by_name.get(str(told.get("field")))) is not None:
            told["field"] = _(field_.label)
    return sentence(note.code, told)


def _beside(
    world: World, loop: Loop, order: Order, cancel: threading.Event
) -> Generator[Ticket | None, Any, Exported]:
    def stopped() -> bool:
        # Whoever ends the program does not wait for an export.
        return cancel.is_set() or loop.stopping

    # It looks at the flag itself: nothing of it is under way any more when it has ended.
    return apart(_asking(partial(export, world, order, stopped)), loop, threading.Event())


def _asking(call: Callable[[], Exported]) -> Asking[Exported]:
    done: Exported = yield call
    return done


# -- what nobody has decided about ------------------------------------------------------------

_STILL_IN = {
    listing.REMOVED: "export_before_removals",
    listing.JOINED: "export_before_joins",
}
"""What an export says that somebody asked for,"""
_WITHHELD = {
    listing.REMOVED: "export_withheld_removals",
    listing.JOINED: "export_withheld_joins",
}
"""and why none is written by itself."""


def _undecided(database: Database) -> dict[str, int]:
    """How many records wait to be removed, or joined with others, by which of these."""
    with database.reading() as tx:
        names = [row.name for row in journal.connectors(tx)]
    found = Counter[str]()
    for name in names:
        for (what, _entity), count in listing.waiting_kinds(database, name).items():
            found[what] += count
    return {what: found[what] for what in _WITHHELD if found[what]}


# -- by itself, after a good sync -------------------------------------------------------------


def following(database: Database) -> Following | None:
    """The export that follows every good sync; ``None`` where none does."""
    with database.reading() as tx:
        order = settings.read(tx, settings.EXPORT)
        last = settings.read(tx, settings.EXPORTED)
    if not order:
        return None
    told = msgspec.json.decode(last, type=LastTime) if last else None
    return Following(msgspec.json.decode(order, type=Order), told)


def follow(world: World, order: Order | None) -> None:
    """From now on every good sync is followed by this export, or by none.

    Raises as ``checked``, and ``UsageError`` for an order of changes alone: nobody could tell which
    were missed.
    """
    if order is not None:
        checked(world, order)
        if order.since is not None:
            raise UsageError("export_follows_whole")
        order = msgspec.structs.replace(order, path=str(_real(order.path)))
    with world.database.writing() as tx:
        settings.write(tx, settings.EXPORT, "" if order is None else _json(order))
        settings.write(tx, settings.EXPORTED, "")


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


@dataclass
class AfterSync:
    """Follows the syncs of this process with the export that is set."""

    world: World
    loop: Loop
    _waiting: list[int] = field(default_factory=list)
    _under_way: bool = False

    def __bool__(self) -> bool:
        return self._under_way

    def heard(self, event: Event) -> None:
        """A sync that has ended is followed, where that is set."""
        if not isinstance(event, RunEnded) or event.unwritten is not None:
            return
        if event.state not in journal.GOOD_STATES or following(self.world.database) is None:
            return
        # Of several that end meanwhile the newest alone is followed.
        self._waiting = [event.run]
        if not self._under_way:
            self._under_way = True
            self.loop.start(self._steps())

    def _steps(self) -> Steps:
        try:
            while self._waiting and (set_ := following(self.world.database)) is not None:
                run = self._waiting.pop()
                if reads.run(self.world.database, run).mode != journal.PREVIEW:
                    yield from self._follow(run, set_)
        finally:
            self._under_way = False

    def _follow(self, run: int, set_: Following) -> Steps:
        path = set_.order.path
        if (told := self._withheld(run)) is not None:
            self._note(run, set_, "info", *told)
            return
        try:
            done = yield from _beside(self.world, self.loop, set_.order, threading.Event())
        except Cancelled:
            self._note(run, set_, "info", "export_stopped", {"path": path})
        except SyncError as error:
            logger.info("the export after run %d failed: %s", run, error)
            self._note(run, set_, "warning", error.code, error.parameters)
        else:
            self._note(
                run, set_, "info", "export_written", {"count": done.records, "path": path}, run
            )

    def _withheld(self, run: int) -> tuple[str, Mapping[str, Any]] | None:
        """Why nothing is written after a sync, where something waits for a person."""
        database = self.world.database
        with database.reading() as tx:
            names = [row.name for row in journal.connectors(tx)]
            state, _ = journal.run_end(tx, run)
        for what, count in _undecided(database).items():
            return _WITHHELD[what], {"count": count}
        if state == journal.WAITING:
            waiting = [listing.waiting_kinds(database, name) for name in names]
            return "export_withheld", {"count": sum(sum(kinds.values()) for kinds in waiting)}
        return None

    def _note(
        self,
        run: int,
        set_: Following,
        level: str,
        code: str,
        parameters: Mapping[str, Any],
        written: int | None = None,
    ) -> None:
        """Tells what came of it, in the log of the sync and to whoever asks."""
        w = self.world
        if written is None and set_.last is not None:
            written = set_.last.written
        last = LastTime(run=run, at=w.now, code=code, parameters=dict(parameters), written=written)
        try:
            with w.database.writing() as tx:
                journal.log(tx, run, w.now, level, code, parameters)
                settings.write(tx, settings.EXPORTED, _json(last))
        except StoreError as error:
            logger.info("what came of an export could not be noted: %s", error)
        self.loop.tell(Changed(frozenset({"runs", "connectors"})))
