"""The runs of this process that are not over: begun under a lock, carried out, ended, cut short."""

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from app.engine.apart import apart
from app.engine.events import Changed, RunEnded, RunStarted
from app.engine.fetching import Fetcher
from app.engine.loop import Loop, Steps
from app.engine.opening import entered, fetcher, opened
from app.engine.scope import Scope
from app.engine.working import Work
from app.engine.world import World
from app.errors import MAY_PASS, BusyError, Cancelled, StoreError, SyncError
from app.store import journal, previews
from app.store.journal import ConnectorRow
from app.store.locks import ConnectorLock

logger = logging.getLogger(__name__)


def locked(world: World, connector: int, name: str) -> ConnectorLock:
    """A connector's lock, held; raises ``BusyError`` with the run that holds it (H1)."""
    lock = ConnectorLock(world.locks, connector)
    try:
        lock.acquire()
    except BusyError:
        with world.database.reading() as tx:
            run = journal.open_run_of(tx, connector)
        raise BusyError("connector_busy", run=run, name=name) from None
    return lock


@dataclass
class _Active:
    """A run of this process that is not over."""

    run: int
    connector: str
    cancel: threading.Event
    unwritten: StoreError | None = None
    """Why not even its end could be written; it is written when runs cut off are looked for."""


class UnderWay:
    """The runs under way here, at most one a connector."""

    def __init__(self, world: World, loop: Loop) -> None:
        self._world = world
        self._loop = loop
        self._active: dict[str, _Active] = {}

    def __contains__(self, connector: str) -> bool:
        return connector in self._active

    def __bool__(self) -> bool:
        return bool(self._active)

    def lock(self, row: ConnectorRow) -> ConnectorLock:
        """The connector's lock, held; raises ``BusyError`` with its run, here or elsewhere."""
        if row.name in self._active:
            raise BusyError("connector_busy", run=self._active[row.name].run, name=row.name)
        return locked(self._world, row.id, row.name)

    def begin(
        self,
        row: ConnectorRow,
        mode: str,
        work: Callable[[Work], Steps],
        *,
        trigger: str = "person",
        author: str,
        full: bool = False,
        of: int | None = None,
    ) -> int:
        """Starts a run of whatever kind, with the connector's lock; its id.

        Raises ``BusyError`` as ``lock``.
        """
        w = self._world
        lock = self.lock(row)
        try:
            previews.forget(w.database, row.id)
            with w.database.writing() as tx:
                run, fence = journal.open_run(tx, row.id, mode, trigger, author, w.now, of)
        except BaseException:
            lock.release()
            raise
        active = _Active(run, row.name, threading.Event())
        self._active[row.name] = active
        self._loop.start(self._carried_out(active, row, fence, full, lock, work))
        return run

    def cancel(self, run: int) -> None:
        """Asks a run to stop, here or in another process; it ends *cancelled* within a second."""
        for active in self._active.values():
            if active.run == run:
                active.cancel.set()
                return
        with self._world.database.writing() as tx:
            journal.ask_cancel(tx, run)
        self.end_cut_off()

    def end_cut_off(self) -> None:
        """Runs that say they are under way though nobody holds their lock were cut off (H1)."""
        w = self._world
        ours = {active.run for active in self._active.values()}
        with w.database.reading() as tx:
            cut = [(run, of) for run, of in journal.open_runs(tx) if run not in ours]
        ended = False
        for run, connector_id in cut:
            lock = ConnectorLock(w.locks, connector_id)
            try:
                lock.acquire()
            except BusyError:
                continue
            try:
                with w.database.writing() as tx:
                    journal.interrupt_runs(tx, connector_id, 0, w.now)
            finally:
                lock.release()
            logger.info("run %d was cut off", run)
            ended = True
        if ended:
            self._loop.tell(Changed(frozenset({"connectors", "runs"})))

    def _carried_out(
        self,
        active: _Active,
        row: ConnectorRow,
        fence: int,
        full: bool,
        lock: ConnectorLock,
        work: Callable[[Work], Steps],
    ) -> Steps:
        """One run from the first step to its event *ended*, whatever happens in between."""
        w = self._world
        self._loop.tell(RunStarted(active.run, active.connector))
        fetching: Fetcher | None = None
        try:
            try:
                settings, scope = json.loads(row.settings), Scope.of(row.scope)
                opening = opened(w, row.name, row.kind, settings, active.cancel, scope=scope)
                this = yield from apart(opening, self._loop, active.cancel)
                spoken = this.connector.capabilities().values()
                at_once = max((1, *(one.concurrency for one in spoken)))
                fetching = fetcher(w, self._loop, active.cancel, str(active.run), at_once)
                yield from entered(this, fetching, self._loop)
            except Cancelled:
                with w.database.writing() as tx:
                    journal.end_run(tx, active.run, journal.CANCELLED, w.now)
                return
            except SyncError as error:
                self._fail(active, error)
                return
            yield from work(
                Work(
                    run=active.run,
                    fence=fence,
                    connector_id=row.id,
                    name=row.name,
                    salt=this.salt,
                    connector=this.connector,
                    under=this.under,
                    learnt=this.learnt,
                    fetcher=fetching,
                    database=w.database,
                    clock=w.clock,
                    random=w.random,
                    cancel=active.cancel,
                    tell=self._loop.tell,
                    full=full,
                    scope=scope,
                )
            )
            yield from this.admission.kept(this.connector, self._loop)
        except StoreError as error:
            active.unwritten = error
        except Exception as error:
            # Not foreseen: the transaction was rolled back, so the data is whole. The run says so,
            # and the trace goes to the log, which holds no values.
            logger.exception("run %d ended by an unexpected error", active.run)
            self._fail(active, SyncError("unexpected", type(error).__name__))
        finally:
            if fetching is not None:
                fetching.close()
            lock.release()
            self._active.pop(active.connector, None)
            self._tell_ended(active)

    def _tell_ended(self, active: _Active) -> None:
        state, may_pass = journal.FAILED, True
        if active.unwritten is None:
            with self._world.database.reading() as tx:
                state, category = journal.run_end(tx, active.run)
            may_pass = category in MAY_PASS
        logger.info("run %d of connector ended: %s", active.run, state)
        tell = self._loop.tell
        tell(RunEnded(active.run, active.connector, state, may_pass, active.unwritten))
        tell(Changed(frozenset({"connectors", "runs", "records"})))

    def _fail(self, active: _Active, error: SyncError) -> None:
        w = self._world
        now = w.now
        try:
            with w.database.writing() as tx:
                journal.end_run(tx, active.run, journal.FAILED, now, error)
                journal.log(tx, active.run, now, "error", error.code, error.parameters)
        except StoreError as trouble:
            active.unwritten = trouble
