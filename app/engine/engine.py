"""The surface of the engine: commands in, events out (DESIGN §5).

Both front ends use it, the window through its bridge, the command line directly. Every method is
called on the engine thread (``Loop.post`` brings a call there); none of them waits for the network.
"""

import hashlib
import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from app.connectors.contract import Connector, Finding, Io, Kind, Transport
from app.engine.asking import answered
from app.engine.events import Changed, RunEnded, RunStarted
from app.engine.fetching import Fetcher
from app.engine.loop import Loop, Steps
from app.engine.run import Sync, sync
from app.errors import BusyError, ConfigError, NotFound, SyncError, UsageError
from app.roster.entities import ENTITIES, FINGERPRINT
from app.roster.schema import referred
from app.roster.stored import stored_value
from app.roster.values import Plain, Unfit, instant_text
from app.store import journal, records
from app.store.codec import encode
from app.store.database import Database
from app.store.locks import ConnectorLock
from app.vault import Vault, environment_name

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class World:
    """What the engine needs of the world; all of it can be replaced, so a run can be simulated."""

    database: Database
    vault: Vault
    kinds: Mapping[str, Kind]
    clock: Callable[[], datetime]
    random: Random
    open_transport: Callable[[], Transport]
    locks: Path
    """The folder of the connectors' lock files."""
    author: str
    """Who uses the program: the author of what it does by itself."""
    page_size: int = 5000


@dataclass
class _Active:
    """A run of this process that is not over."""

    run: int
    connector: str
    cancel: threading.Event


class Engine:
    """Commands on connectors, runs and records."""

    def __init__(self, world: World, loop: Loop) -> None:
        self.loop = loop
        self._world = world
        self._active: dict[str, _Active] = {}
        self.end_cut_off_runs()

    # -- runs --

    def start(self, name: str, *, full: bool = False, trigger: str = "person") -> int:
        """Starts a sync of the connector; the id of the run.

        The run is read from the loop's events. Raises ``NotFound`` for an unknown connector and
        ``BusyError`` (with the run under way) when it is being synced already, here or elsewhere.
        """
        w = self._world
        if name in self._active:
            raise BusyError("connector_busy", run=self._active[name].run, name=name)
        with w.database.reading() as tx:
            row = journal.connector(tx, name)
        lock = self._locked(row)
        try:
            now = instant_text(w.clock())
            with w.database.writing() as tx:
                mode = "full" if full or not journal.ever_read(tx, row.id) else "incremental"
                run, fence = journal.open_run(tx, row.id, mode, trigger, w.author, now)
        except BaseException:
            lock.release()
            raise
        active = _Active(run, name, threading.Event())
        self._active[name] = active
        self.loop.start(self._run(active, row, fence, full, lock))
        return run

    def cancel(self, run: int) -> None:
        """Asks a run to stop, here or in another process; it ends *cancelled* within a second."""
        for active in self._active.values():
            if active.run == run:
                active.cancel.set()
                return
        with self._world.database.writing() as tx:
            journal.ask_cancel(tx, run)
        self.end_cut_off_runs()

    def end_cut_off_runs(self) -> None:
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
                    journal.interrupt_runs(tx, connector_id, 0, instant_text(w.clock()))
            finally:
                lock.release()
            logger.info("run %d was cut off", run)
            ended = True
        if ended:
            self.loop.tell(Changed(frozenset({"connectors", "runs"})))

    @property
    def busy(self) -> bool:
        """True while a run of this process is under way."""
        return bool(self._active)

    def _run(
        self,
        active: _Active,
        row: journal.ConnectorRow,
        fence: int,
        full: bool,
        lock: ConnectorLock,
    ) -> Steps:
        """One run from the first step to its event *ended*, whatever happens in between."""
        w = self._world
        self.loop.tell(RunStarted(active.run, active.connector))
        fetcher: Fetcher | None = None
        try:
            try:
                connector, salt = self._open(row, active.cancel)
                fetcher = Fetcher(
                    w.open_transport, self.loop.post, active.cancel, name=str(active.run)
                )
            except SyncError as error:
                self._fail(active.run, error)
                return
            yield from sync(
                Sync(
                    run=active.run,
                    fence=fence,
                    connector_id=row.id,
                    name=row.name,
                    salt=salt,
                    connector=connector,
                    fetcher=fetcher,
                    database=w.database,
                    clock=w.clock,
                    cancel=active.cancel,
                    tell=self.loop.tell,
                    full=full,
                )
            )
        except Exception as error:
            # Not foreseen: the transaction was rolled back, so the data is whole. The run says so,
            # and the trace goes to the log, which holds no values.
            logger.exception("run %d ended by an unexpected error", active.run)
            self._fail(active.run, SyncError("unexpected", type(error).__name__))
        finally:
            if fetcher is not None:
                fetcher.close()
            lock.release()
            self._active.pop(active.connector, None)
            self._tell_ended(active)

    def _tell_ended(self, active: _Active) -> None:
        with self._world.database.reading() as tx:
            state = journal.run_state(tx, active.run)
        logger.info("run %d of connector ended: %s", active.run, state)
        self.loop.tell(RunEnded(active.run, active.connector, state))
        self.loop.tell(Changed(frozenset({"connectors", "runs", "records"})))

    def _fail(self, run: int, error: SyncError) -> None:
        w = self._world
        now = instant_text(w.clock())
        with w.database.writing() as tx:
            journal.end_run(tx, run, journal.FAILED, now, error)
            journal.log(tx, run, now, "error", error.code, error.parameters)

    def _locked(self, row: journal.ConnectorRow) -> ConnectorLock:
        """The connector's lock, held; raises ``BusyError`` with the run that holds it (H1)."""
        lock = ConnectorLock(self._world.locks, row.id)
        try:
            lock.acquire()
        except BusyError:
            with self._world.database.reading() as tx:
                run = journal.open_run_of(tx, row.id)
            raise BusyError("connector_busy", run=run, name=row.name) from None
        return lock

    # -- connectors --

    def save_connector(
        self,
        name: str,
        kind: str,
        settings: Mapping[str, Any],
        secrets: Mapping[str, str] | None = None,
    ) -> None:
        """Adds a connector, or changes the settings of one; secrets go to the vault alone.

        Raises ``NotFound`` (unknown kind), ``ConfigError`` (settings that cannot work) and what
        the vault raises; then nothing was saved.
        """
        w = self._world
        if kind not in w.kinds:
            raise NotFound("kind_unknown", kind=kind)
        if not name.strip() or name != name.strip():
            raise UsageError("connector_name_unfit", name=name)
        variable = environment_name(name, "")
        struct = read_settings(w.kinds[kind], settings)
        # Opening does no input or output, so settings that cannot work are known here and now.
        trial = {secret.key: "-" for secret in w.kinds[kind].secrets}
        w.kinds[kind].open(struct, trial, Io(w.clock, w.random, threading.Event()))
        with w.database.reading() as tx:
            for other in journal.connectors(tx):
                if other.name == name and other.kind != kind:
                    raise UsageError("connector_kind_fixed", name=name)
                if other.name != name and environment_name(other.name, "") == variable:
                    raise UsageError("connector_name_clashes", name=name, other=other.name)
        # The keyring first, and outside any transaction: it may ask a person to unlock it.
        for key, secret in (secrets or {}).items():
            w.vault.set(name, key, secret)
        text = msgspec.json.encode(struct).decode()
        with w.database.writing() as tx:
            journal.save_connector(tx, name, kind, text, instant_text(w.clock()))
        self.loop.tell(Changed(frozenset({"connectors"})))

    def remove_connector(self, name: str) -> None:
        """Takes a connector out and forgets its secrets; records and history stay.

        Added again under its name, it knows its records again.
        """
        w = self._world
        if name in self._active:
            raise BusyError("connector_busy", run=self._active[name].run, name=name)
        with w.database.reading() as tx:
            row = journal.connector(tx, name)
        lock = self._locked(row)
        try:
            kind = w.kinds.get(row.kind)
            for secret in kind.secrets if kind is not None else ():
                w.vault.delete(name, secret.key)
            with w.database.writing() as tx:
                journal.remove_connector(tx, row.id, instant_text(w.clock()))
        finally:
            lock.release()
        self.loop.tell(Changed(frozenset({"connectors"})))

    def check(self, name: str, done: Callable[[list[Finding] | SyncError], None]) -> None:
        """Tries a connector's settings; ``done`` gets the findings, on the engine thread."""
        with self._world.database.reading() as tx:
            row = journal.connector(tx, name)
        cancel = threading.Event()
        connector, _ = self._open(row, cancel)
        self.loop.start(self._check(connector, cancel, done))

    def _check(
        self,
        connector: Connector,
        cancel: threading.Event,
        done: Callable[[list[Finding] | SyncError], None],
    ) -> Steps:
        fetcher = Fetcher(self._world.open_transport, self.loop.post, cancel, name="check")
        try:
            found = yield from answered(connector.check(), fetcher)
        except SyncError as error:
            found = error
        except Exception as error:
            logger.exception("trying a connector ended by an unexpected error")
            found = SyncError("unexpected", type(error).__name__)
        finally:
            fetcher.close()
        done(found)

    def _open(self, row: journal.ConnectorRow, cancel: threading.Event) -> tuple[Connector, bytes]:
        """The opened connector, and the salt of its row digests (SEMANTICS B8)."""
        w = self._world
        kind = w.kinds.get(row.kind)
        if kind is None:
            raise NotFound("kind_unknown", kind=row.kind)
        settings = read_settings(kind, json.loads(row.settings))
        secrets: dict[str, str] = {}
        for secret in kind.secrets:
            found = w.vault.get(row.name, secret.key)
            if found is None:
                variable = environment_name(row.name, secret.key)
                raise ConfigError(
                    "secret_missing", name=row.name, key=secret.key, variable=variable
                )
            secrets[secret.key] = found
        told = f"{kind.name}\0{kind.mapping_version(settings)}".encode()
        salt = hashlib.blake2b(FINGERPRINT + told, digest_size=16).digest()
        io = Io(w.clock, w.random, cancel, salt, w.page_size)
        return kind.open(settings, secrets, io), salt

    # -- records --

    def edit(self, entity: str, record: int, fields: Mapping[str, object], author: str) -> int:
        """Changes fields of a live record here, as ``author``; the change set.

        Values pass the same normal forms as those of a SIS (SEMANTICS A1). References are record
        ids. Raises ``NotFound`` and ``UsageError``; then nothing was changed.
        """
        w = self._world
        if entity not in ENTITIES:
            raise NotFound("entity_unknown", entity=entity)
        type_ = ENTITIES[entity]
        wanted: dict[int, Plain] = {}
        mentioned: list[tuple[str, str, list[Plain]]] = []
        for name, value in fields.items():
            field = type_.by_name.get(name)
            if field is None:
                raise NotFound("field_unknown", entity=entity, field=name)
            try:
                normal = field.kind.normal(value)
            except Unfit:
                raise UsageError("value_unfit", entity=entity, field=name) from None
            for target, ids in referred(field, normal):
                if not all(isinstance(id_, int) for id_ in ids):
                    raise UsageError("value_unfit", entity=entity, field=name)
                mentioned.append((name, target, ids))
            wanted[field.index] = stored_value(field, normal)
        now = instant_text(w.clock())
        with w.database.writing() as tx:
            found = records.read_records(tx, entity, [record]).get(record)
            if found is None or not found.alive:
                raise NotFound("record_unknown", entity=entity, id=record)
            for name, target, ids in mentioned:
                if len(records.read_records(tx, target, ids)) < len(set(ids)):
                    raise UsageError("reference_unknown", field=name, entity=target)
            if all(found.values[place] == value for place, value in wanted.items()):
                raise UsageError("edit_changes_nothing", entity=entity, id=record)
            change_set = journal.open_change_set(tx, "edit", author, now, None)
            values = list(found.values)
            for place, value in wanted.items():
                values[place] = value
            names = type_.field_names
            before = {names[place]: found.values[place] for place in wanted}
            after = {names[place]: value for place, value in wanted.items()}
            records.update_records(tx, entity, change_set, [(found, True, values)])
            records.log_changes(
                tx, change_set, entity, [(record, None, encode(before), encode(after))]
            )
        self.loop.tell(Changed(frozenset({"records"})))
        return change_set


def read_settings(kind: Kind, settings: Mapping[str, Any]) -> msgspec.Struct:
    """The kind's settings struct; raises ``ConfigError`` naming what does not fit."""
    names: Sequence[str] = kind.settings.__struct_fields__
    for name in settings:
        if name not in names:
            raise ConfigError("setting_unknown", name=name, known=", ".join(names))
    try:
        return msgspec.convert(dict(settings), kind.settings, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigError("setting_unfit", str(error), what=str(error)) from None
