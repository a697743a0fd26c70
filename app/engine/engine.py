"""The surface of the engine: commands in, events out (DESIGN §5).

Both front ends use it, the window through its bridge, the command line directly. Every method is
called on the engine thread (``Loop.post`` brings a call there); none of them waits for the network.
"""

import base64
import hashlib
import json
import logging
import re
import threading
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from secrets import token_bytes, token_hex
from typing import Any, TypeVar

import msgspec

from app.connectors.contract import Connector, Finding, Io, Kind, declared
from app.engine import decisions as decisions_
from app.engine import editing, ruling
from app.engine.allowing import change_limits
from app.engine.apart import Asking, Change, Reply, apart, at_once, drained, replying
from app.engine.approval import approve, refuse
from app.engine.archiving import Archived, archive
from app.engine.asking import answered
from app.engine.decisions import Decision, Resolved
from app.engine.events import Changed, Delivered, RunEnded, RunStarted
from app.engine.fetching import Fetcher, Ticket
from app.engine.figures import ALLOWANCE, Limits
from app.engine.hints import Hints
from app.engine.loop import Loop, Steps
from app.engine.outbox import retry
from app.engine.overview import next_sync_of
from app.engine.policy import Decides
from app.engine.preview import preview as previewing
from app.engine.run import sync
from app.engine.schedule import Schedule
from app.engine.scope import EVERYTHING, Scope
from app.engine.undo import Undone, undo
from app.engine.working import Work
from app.engine.world import World
from app.errors import (
    MAY_PASS,
    BusyError,
    Cancelled,
    ConfigError,
    NotFound,
    StoreError,
    SyncError,
    UsageError,
)
from app.roster.entities import FINGERPRINT
from app.roster.values import instant_text
from app.store import journal, policies, previews, reads
from app.store import settings as roster_settings
from app.store.locks import ConnectorLock
from app.store.waiting import ALL, Answer, Which
from app.vault import VaultError, environment_name

logger = logging.getLogger(__name__)

T = TypeVar("T")

PREVIEWS_LAST = timedelta(days=1)
"""How long it can be looked up what a preview found (SEMANTICS E4)."""

SCHEDULE_SECONDS = 15
"""How often it is looked whether a sync is due."""

WEBHOOK_SECRET = "webhook_secret"  # noqa: S105  the name, not the secret
"""The key in the vault of the secret with which a connector's SIS signs its webhooks."""


LONGEST_NAME = 100
"""How many characters the name of a connector may have."""

LONGEST_SETTING = 2000
"""How many characters a setting may have."""

_NO_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Control characters, ends of lines, and bytes that are no text."""


@dataclass(frozen=True)
class Keeping:
    """Where a connector's secrets are kept, in words."""

    place: str
    """Where a new one would be; blank in trouble."""
    trouble: VaultError | None
    """Why none can be kept."""
    secrets: Mapping[str, str]
    """Where those are that there are already, by key."""


@dataclass
class _Active:
    """A run of this process that is not over."""

    run: int
    connector: str
    cancel: threading.Event
    unwritten: StoreError | None = None
    """Why not even its end could be written; it is written when runs cut off are looked for."""


class Engine:
    """Commands on connectors, runs and records."""

    def __init__(self, world: World, loop: Loop) -> None:
        self.loop = loop
        self._world = world
        self._active: dict[str, _Active] = {}
        self._hints = Hints(loop, self._follow)
        self.end_cut_off_runs()

    # -- runs --

    def start(
        self, name: str, *, full: bool = False, preview: bool = False, trigger: str = "person"
    ) -> int:
        """Starts a sync of the connector, or a ``preview`` of one; the id of the run.

        The run is read from the loop's events. Raises ``NotFound`` for an unknown connector and
        ``BusyError`` (with the run under way) when it is being synced already, here or elsewhere.
        """
        w = self._world
        with w.database.reading() as tx:
            row = journal.connector(tx, name)
            mode = "full" if full or not journal.ever_read(tx, row.id) else "incremental"
        if preview:
            looking = partial(previewing, loop=self.loop)
            return self._begin(row, journal.PREVIEW, trigger, w.author, looking, full=full)
        return self._begin(row, mode, trigger, w.author, sync, full=full)

    def approve(self, run: int, which: Which = ALL, *, author: str | None = None) -> int:
        """Approves what waited in a run and waits yet (SEMANTICS E3); the id of the approval.

        It is a run of its own, under way as a sync is; ``store.waiting.approval`` says what it did.
        Approving a preview starts the sync. ``author``: who uses the program, unless told. Raises
        ``NotFound`` and ``BusyError`` as ``start``.
        """
        author = author or self._world.author
        done, row = self._run_of(run)
        if done.mode == journal.PREVIEW:
            full = any(stream.full for stream in done.streams)
            mode = "full" if full else "incremental"
            return self._begin(row, mode, "person", author, sync, full=full)
        approving = partial(approve, of=run, which=which)
        return self._begin(row, journal.APPROVAL, "person", author, approving, of=run)

    def refuse(
        self,
        run: int,
        which: Which = ALL,
        *,
        author: str | None = None,
        reply: Reply | None = None,
    ) -> Answer | None:
        """Refuses what waited in a run and waits yet: it stays as it is here (SEMANTICS B6).

        Raises ``NotFound``. With a ``reply`` commands are served meanwhile, and it gets the answer.
        """
        _done, row = self._run_of(run)
        steps = self._refusing(row.id, run, author or self._world.author, which)
        if reply is not None:
            self.loop.start(replying(steps, reply))
            return None
        return drained(steps)

    def _refusing(
        self, connector: int, run: int, author: str, which: Which
    ) -> Generator[None, None, Answer]:
        answer = yield from refuse(self._world, connector, run, author, which)
        self.loop.tell(Changed(frozenset({"connectors", "runs", "records"})))
        return answer

    def undo(
        self,
        change_set: int,
        *,
        approved: bool = False,
        author: str | None = None,
        reply: Reply | None = None,
    ) -> Undone | None:
        """Undoes any change set where nothing newer stands; what came of it (SEMANTICS G2).

        ``engine.undo.plan`` says beforehand what that would be. Raises ``NotFound``, ``BusyError``,
        and ``LimitError`` where it goes over a limit and is not ``approved``; then nothing was
        done. With a ``reply`` commands are served meanwhile; cancelled, the same command goes on.
        """
        cancel = reply.cancel if reply is not None else threading.Event()
        steps = self._undoing(change_set, self._who(author), approved, cancel)
        if reply is not None:
            self.loop.start(replying(steps, reply))
            return None
        return drained(steps)

    def _undoing(
        self, change_set: int, author: str, approved: bool, cancel: threading.Event
    ) -> Generator[None, None, Undone]:
        w, tell = self._world, self.loop.tell
        try:
            steps = undo(w, change_set, author, approved=approved, cancel=cancel, tell=tell)
            return (yield from steps)
        finally:
            tell(Changed(frozenset({"connectors", "runs", "records", "conflicts"})))

    def _run_of(self, run: int) -> tuple[reads.RunRow, journal.ConnectorRow]:
        """A run, and the connector that it is a run of."""
        done = reads.run(self._world.database, run)
        with self._world.database.reading() as tx:
            return done, journal.connector(tx, done.connector)

    def _begin(
        self,
        row: journal.ConnectorRow,
        mode: str,
        trigger: str,
        author: str,
        work: Callable[[Work], Steps],
        *,
        full: bool = False,
        of: int | None = None,
    ) -> int:
        """Starts a run of whatever kind, with the connector's lock; its id."""
        w = self._world
        if row.name in self._active:
            raise BusyError("connector_busy", run=self._active[row.name].run, name=row.name)
        lock = self._locked(row)
        try:
            previews.forget(w.database, row.id)
            with w.database.writing() as tx:
                run, fence = journal.open_run(tx, row.id, mode, trigger, author, w.now, of)
        except BaseException:
            lock.release()
            raise
        active = _Active(run, row.name, threading.Event())
        self._active[row.name] = active
        self.loop.start(self._run(active, row, fence, full, lock, work))
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

    def keep_schedule(self) -> None:
        """From now on, and as long as the loop runs, begins the syncs that are due.

        The wall clock is looked at every few seconds, so a sleep of the computer or a change of its
        clock makes no sync late by more than that.
        """
        if self.loop.stopping:
            return
        try:
            self.end_cut_off_runs()
            before = self._world.clock() - PREVIEWS_LAST
            previews.forget_old(self._world.database, instant_text(before))
            self._begin_what_is_due()
        except StoreError as error:
            logger.info("the schedule could not be kept just now: %s", error)
        self.loop.later(SCHEDULE_SECONDS, self.keep_schedule)

    def _begin_what_is_due(self) -> None:
        now = self._world.clock()
        for facts in reads.connectors(self._world.database):
            due = next_sync_of(facts, now)
            if due is None or due > now or facts.name in self._active:
                continue
            try:
                self.start(facts.name, trigger="schedule")
            except BusyError:
                continue  # another process begins it
            except SyncError as error:
                logger.warning("a scheduled sync could not begin: %s", error.code)

    def deliver(self, name: str, count: int = 1) -> None:
        """So many webhooks say that something changed at the connector's SIS.

        They lead to a sync: the first at once, those of a burst together when it is over, those
        that come during a sync right after it. A connector that is paused stays so.
        """
        self.loop.tell(Delivered(name, count))
        self._hints.hint(name)

    def _follow(self, name: str) -> None:
        with self._world.database.reading() as tx:
            paused = journal.connector(tx, name).paused
        if not paused:
            self.start(name, trigger="webhook")

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
        work: Callable[[Work], Steps],
    ) -> Steps:
        """One run from the first step to its event *ended*, whatever happens in between."""
        w = self._world
        self.loop.tell(RunStarted(active.run, active.connector))
        fetcher: Fetcher | None = None
        try:
            try:
                settings = json.loads(row.settings)
                scope = Scope.of(row.scope)
                opening = self._open(row.name, row.kind, settings, {}, active.cancel, scope)
                connector, salt = yield from apart(opening, self.loop, active.cancel)
                fetcher = Fetcher(
                    w.open_transport,
                    self.loop.post,
                    active.cancel,
                    name=str(active.run),
                    clock=w.clock,
                )
            except Cancelled:
                with w.database.writing() as tx:
                    journal.end_run(tx, active.run, journal.CANCELLED, instant_text(w.clock()))
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
                    salt=salt,
                    connector=connector,
                    fetcher=fetcher,
                    database=w.database,
                    clock=w.clock,
                    random=w.random,
                    cancel=active.cancel,
                    tell=self.loop.tell,
                    full=full,
                    scope=scope,
                )
            )
        except StoreError as error:
            active.unwritten = error
        except Exception as error:
            # Not foreseen: the transaction was rolled back, so the data is whole. The run says so,
            # and the trace goes to the log, which holds no values.
            logger.exception("run %d ended by an unexpected error", active.run)
            self._fail(active, SyncError("unexpected", type(error).__name__))
        finally:
            if fetcher is not None:
                fetcher.close()
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
        self.loop.tell(RunEnded(active.run, active.connector, state, may_pass, active.unwritten))
        self.loop.tell(Changed(frozenset({"connectors", "runs", "records"})))

    def _fail(self, active: _Active, error: SyncError) -> None:
        w = self._world
        now = instant_text(w.clock())
        try:
            with w.database.writing() as tx:
                journal.end_run(tx, active.run, journal.FAILED, now, error)
                journal.log(tx, active.run, now, "error", error.code, error.parameters)
        except StoreError as trouble:
            active.unwritten = trouble

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
        *,
        schedule: str | None = None,
        lasting: bool = True,
        reply: Reply | None = None,
    ) -> None:
        """Adds a connector, or changes the settings of one; secrets go to the vault alone.

        Where they are not to be ``lasting`` they stay in memory until the program ends. ``None``
        leaves its ``schedule`` as it is; otherwise as ``set_schedule``. Settings that tell of
        another source (``Kind.source``) have the next sync read everything. Raises ``NotFound``
        (unknown kind), ``UsageError`` (its name or schedule), ``ConfigError`` (settings that cannot
        work), what the vault raises and, where there is a ``reply``, ``Cancelled``; then nothing
        was saved.
        """
        asking = self._saving(name, kind, settings, secrets or {}, schedule, lasting)
        self._carry_out(asking, reply)

    def _saving(
        self,
        name: str,
        kind: str,
        settings: Mapping[str, Any],
        secrets: Mapping[str, str],
        schedule: str | None,
        lasting: bool,
    ) -> Asking[None]:
        w = self._world
        speaks = self._kind(kind)
        when = _schedule_text(schedule)
        if not _is_name(name):
            raise UsageError("connector_name_unfit", longest=LONGEST_NAME)
        variable = environment_name(name, "")
        struct = read_settings(speaks, settings)
        # Opening does no input or output, so settings that cannot work are known here and now.
        trial = {secret.key: "-" for secret in speaks.secrets}
        speaks.open(struct, trial, Io(w.clock, w.random, threading.Event()))
        with w.database.reading() as tx:
            for other in journal.connectors(tx):
                if other.name == name and other.kind != kind:
                    raise UsageError("connector_kind_fixed", name=name)
                if other.name != name and environment_name(other.name, "") == variable:
                    raise UsageError("connector_name_clashes", name=name, other=other.name)
        # The keyring first, and outside any transaction: it may ask a person to unlock it.
        for key, secret in secrets.items():
            yield Change(partial(w.vault.set, name, key, secret, lasting=lasting))
        text = msgspec.json.encode(struct).decode()
        with w.database.writing() as tx:
            journal.save_connector(tx, name, kind, text, instant_text(w.clock()))
            if schedule is not None:
                journal.set_schedule(tx, journal.connector(tx, name).id, when)
        self.loop.tell(Changed(frozenset({"connectors"})))

    def set_schedule(self, name: str, schedule: str) -> None:
        """When the connector syncs by itself (``engine.schedule``); blank: only when asked.

        Raises ``NotFound``, and ``UsageError`` for a text that is no schedule.
        """
        when = _schedule_text(schedule)
        with self._world.database.writing() as tx:
            journal.set_schedule(tx, journal.connector(tx, name).id, when)
        self.loop.tell(Changed(frozenset({"connectors"})))

    def set_webhooks(
        self, name: str, on: bool, *, renew: bool = False, reply: Reply | None = None
    ) -> str | None:
        """Whether the connector's SIS may tell of changes; the secret to give to it, where new.

        A secret is made when there is none, or to ``renew`` it: then the one before ends. It is
        told once, and kept in the vault when webhooks are switched off. Raises ``NotFound``, what
        the vault raises, and ``ConfigError`` to renew one of the environment; then nothing changed.
        """
        return self._carry_out(self._setting_webhooks(name, on, renew), reply)

    def _setting_webhooks(self, name: str, on: bool, renew: bool) -> Asking[str | None]:
        w = self._world
        with w.database.reading() as tx:
            row = journal.connector(tx, name)
        made: str | None = None
        if on and (renew or (yield partial(w.vault.get, name, WEBHOOK_SECRET)) is None):
            made = "whsec_" + base64.b64encode(token_bytes(32)).decode()
            yield Change(partial(w.vault.set, name, WEBHOOK_SECRET, made))
            if (yield partial(w.vault.get, name, WEBHOOK_SECRET)) != made:
                variable = environment_name(name, WEBHOOK_SECRET)
                raise ConfigError("webhook_secret_of_environment", name=name, variable=variable)
        with w.database.writing() as tx:
            journal.set_webhooks(tx, row.id, on)
            if made is not None:
                changed = roster_settings.WEBHOOK_SECRETS_CHANGED
                roster_settings.write(tx, changed, token_hex(8))
        self.loop.tell(Changed(frozenset({"connectors"})))
        return made

    def webhook_secrets(self, names: Sequence[str], *, reply: Reply) -> None:
        """Replies with what each connector's SIS signs with, or the ``SyncError`` that hides it."""
        self._carry_out(self._webhook_secrets(names), reply)

    def _webhook_secrets(self, names: Sequence[str]) -> Asking[dict[str, str | SyncError]]:
        found: dict[str, str | SyncError] = {}
        for name in names:
            try:
                secret = yield partial(self._world.vault.get, name, WEBHOOK_SECRET)
            except VaultError as error:
                secret = error
            found[name] = secret or ConfigError("webhook_secret_missing", name=name)
        return found

    def set_webhook_port(self, port: int) -> None:
        """The port on which webhooks are received, of all connectors alike."""
        with self._world.database.writing() as tx:
            roster_settings.write(tx, roster_settings.WEBHOOK_PORT, str(port))
        self.loop.tell(Changed(frozenset({"connectors"})))

    def remove_connector(self, name: str, *, reply: Reply | None = None) -> None:
        """Takes a connector out and forgets its secrets; records and history stay.

        Added again under its name, it knows its records again. Raises ``NotFound`` and
        ``BusyError``; then it is still there. Once it is gone nothing brings it back: secrets that
        the vault cannot forget just then stay in it, and cancelled, they are forgotten later.
        """
        self._carry_out(self._removing(name), reply)

    def _removing(self, name: str) -> Asking[None]:
        w = self._world
        if name in self._active:
            raise BusyError("connector_busy", run=self._active[name].run, name=name)
        with w.database.reading() as tx:
            row = journal.connector(tx, name)
        lock = self._locked(row)
        try:
            with w.database.writing() as tx:
                journal.remove_connector(tx, row.id, instant_text(w.clock()))
        finally:
            lock.release()
        self.loop.tell(Changed(frozenset({"connectors"})))
        # The keyring after: a secret without its connector does no harm.
        kind = w.kinds.get(row.kind)
        keys = [secret.key for secret in kind.secrets] if kind is not None else []

        def forget() -> None:
            for key in (*keys, WEBHOOK_SECRET):
                w.vault.delete(name, key)

        try:
            yield Change(forget)
        except Cancelled:
            pass  # nobody waits any more, but the keyring is still asked
        except SyncError as error:
            logger.warning("secrets of connector %d were not forgotten: %s", row.id, error.code)

    def _carry_out(self, asking: Asking[T], reply: Reply | None) -> T | None:
        if reply is None:
            return at_once(asking)
        self.loop.start(replying(apart(asking, self.loop, reply.cancel), reply))
        return None

    def keeping(self, name: str, kind: str, *, reply: Reply) -> None:
        """Replies with the ``Keeping`` of a connector that there is or will be."""
        self._carry_out(self._keeping(name, kind), reply)

    def _keeping(self, name: str, kind: str) -> Asking[Keeping]:
        vault = self._world.vault
        found: dict[str, str] = {}
        try:
            for secret in self._kind(kind).secrets:
                place = yield partial(vault.place, name, secret.key)
                if place is not None:
                    found[secret.key] = place
            place = yield vault.probe
        except VaultError as error:
            return Keeping("", error, found)
        return Keeping(place, None, found)

    def set_scope(self, name: str, scope: Scope) -> None:
        """What of the connector's SIS is kept in step from now on; the next sync reads everything.

        What that leaves out is neither created, changed nor removed here; what came from it before
        is kept, out of scope. ``engine.scope.chosen`` makes a scope of what people typed. Raises
        ``NotFound``.
        """
        with self._world.database.writing() as tx:
            journal.set_scope(tx, journal.connector(tx, name).id, str(scope) or None)
        self.loop.tell(Changed(frozenset({"connectors"})))

    def archive(
        self,
        name: str,
        entity: str | None = None,
        *,
        author: str | None = None,
        approved: bool = False,
    ) -> Archived:
        """Ends the records that are out of the connector's scope, of one entity or of all.

        Raises ``NotFound``, ``UsageError`` where there are none, and ``LimitError`` where it goes
        over a limit and is not ``approved``; then nothing was changed. It can be undone.
        """
        who = author or self._world.author
        done = archive(self._world, name, entity, who, approved=approved)
        self.loop.tell(Changed(frozenset({"connectors", "records"})))
        return done

    # -- trying --

    def check(self, name: str, done: Callable[[list[Finding] | SyncError], None]) -> None:
        """Tries a connector's settings; ``done`` gets the findings, on the engine thread."""
        with self._world.database.reading() as tx:
            row = journal.connector(tx, name)
        self.try_settings(name, row.kind, json.loads(row.settings), reply=Reply(done))

    def try_settings(
        self,
        name: str,
        kind: str,
        settings: Mapping[str, Any],
        secrets: Mapping[str, str] | None = None,
        *,
        reply: Reply,
    ) -> None:
        """Tries settings that need not be saved; replies with the findings.

        A secret that is not given is the one that the vault has for a connector of that name.
        """
        trying = self._trying(name, kind, settings, secrets or {}, reply.cancel)
        self.loop.start(replying(trying, reply))

    def _trying(
        self,
        name: str,
        kind: str,
        settings: Mapping[str, Any],
        secrets: Mapping[str, str],
        cancel: threading.Event,
    ) -> Generator[Ticket | None, Any, list[Finding]]:
        opening = self._open(name, kind, settings, secrets, cancel)
        connector, _salt = yield from apart(opening, self.loop, cancel)
        fetcher = Fetcher(
            self._world.open_transport,
            self.loop.post,
            cancel,
            name="check",
            clock=self._world.clock,
        )
        try:
            found: list[Finding] = yield from answered(connector.check(), fetcher)
        finally:
            fetcher.close()
        return found

    def _kind(self, name: str) -> Kind:
        kind = self._world.kinds.get(name)
        if kind is None:
            raise NotFound("kind_unknown", kind=name)
        return kind

    def _open(
        self,
        name: str,
        kind_name: str,
        settings: Mapping[str, Any],
        given: Mapping[str, str],
        cancel: threading.Event,
        scope: Scope = EVERYTHING,
    ) -> Asking[tuple[Connector, bytes]]:
        """The opened connector, and the salt of its row digests (SEMANTICS B8)."""
        w = self._world
        kind = self._kind(kind_name)
        struct = read_settings(kind, settings)
        secrets = dict(given)
        for key in (secret.key for secret in kind.secrets if secret.key not in given):
            found = yield partial(w.vault.get, name, key)
            if found is None:
                variable = environment_name(name, key)
                raise ConfigError("secret_missing", name=name, key=key, variable=variable)
            secrets[key] = found
        told = f"{kind.name}\0{kind.mapping_version(struct)}\0{kind.source(struct)}".encode()
        with w.database.reading() as tx:
            # Rows that were passed over by the other rule have to be looked at again.
            known = [one.id for one in journal.connectors(tx) if one.name == name]
            keeps = any(policies.keeps_values(tx, id_) for id_ in known)
            told += b"\0blanks keep" if keeps else b""
        told += f"\0{scope}".encode() if scope else b""
        salt = hashlib.blake2b(FINGERPRINT + told, digest_size=16).digest()
        io = Io(w.clock, w.random, cancel, salt, w.page_size)
        return kind.open(struct, secrets, io), salt

    # -- records --

    def edit(
        self, entity: str, record: int, fields: Mapping[str, object], author: str | None = None
    ) -> int:
        """Changes fields of a live record here; the change set.

        Values pass the same normal forms as those of a SIS (SEMANTICS A1). References are record
        ids. ``author``: who uses the program, unless told, here and below. Raises ``NotFound`` and
        ``UsageError``; then nothing was changed.
        """
        change_set = editing.edit(self._world, entity, record, fields, self._who(author))
        return self._edited(change_set)

    def create(self, entity: str, fields: Mapping[str, object], author: str | None = None) -> int:
        """Makes a record of our own, which no sync removes; its id. Raises as ``edit``."""
        return self._edited(editing.create(self._world, entity, fields, self._who(author)))

    def end_record(self, entity: str, record: int, author: str | None = None) -> int:
        """Ends a live record here; the change set. Raises ``NotFound``."""
        return self._edited(editing.end(self._world, entity, record, self._who(author)))

    def restore(self, entity: str, record: int, author: str | None = None) -> int:
        """Brings an ended record back; the change set. Raises ``NotFound`` and ``UsageError``."""
        return self._edited(editing.restore(self._world, entity, record, self._who(author)))

    def protect(
        self, entity: str, record: int, author: str | None = None, *, on: bool = True
    ) -> int:
        """Whether no sync may end the record; the change set.

        Raises ``NotFound``, and ``UsageError`` where it is so already.
        """
        work = editing.protect if on else editing.unprotect
        return self._edited(work(self._world, entity, record, self._who(author)))

    def _edited(self, result: int) -> int:
        self.loop.tell(Changed(frozenset({"connectors", "records", "conflicts"})))
        return result

    def _who(self, author: str | None) -> str:
        return author or self._world.author

    # -- differences --

    def resolve(
        self, decisions: Iterable[Decision], author: str | None = None, *, always: bool = False
    ) -> Resolved:
        """Decides about differences, as ``author``; what became of each.

        With ``always`` the same side decides about such a part of the connector from now on. Raises
        ``UsageError`` where a decision takes no side.
        """
        resolved = decisions_.resolve(self._world, decisions, self._who(author), always=always)
        self.loop.tell(Changed(frozenset({"connectors", "records", "conflicts", "policies"})))
        return resolved

    def set_policy(
        self,
        name: str,
        entity: str,
        decides: Decides | None,
        author: str | None = None,
        *,
        school: int | None = None,
        part: str | None = None,
    ) -> int:
        """Who decides where both sides changed; the change set. ``None`` takes the row away.

        Without ``school`` it is any, without ``part`` (a field, its group, or ``alive``) all of the
        record. What is open already stays open. Raises ``NotFound`` and ``UsageError``.
        """
        change_set = ruling.set_policy(
            self._world, name, entity, decides, self._who(author), school=school, part=part
        )
        self.loop.tell(Changed(frozenset({"policies"})))
        return change_set

    def set_switches(
        self, name: str, *, keep_values: bool | None = None, send_deletes: bool | None = None
    ) -> None:
        """Whether a blank of the connector's SIS never overwrites, and whether ends are sent to it.

        ``None`` leaves a switch as it is. The first has the next sync read everything. Raises
        ``NotFound``.
        """
        ruling.set_switches(self._world, name, keep_values=keep_values, send_deletes=send_deletes)
        self.loop.tell(Changed(frozenset({"connectors", "policies"})))

    # -- what is sent --

    def retry(self, name: str | None = None, records: Sequence[int] | None = None) -> int:
        """Has what could not be sent be tried once more with the next sync; how much that is.

        Of one connector or of all, of these records or of all. Raises ``NotFound``.
        """
        count = retry(self._world, name, records)
        self.loop.tell(Changed(frozenset({"connectors", "records"})))
        return count

    # -- limits --

    def change_limits(self, name: str, *changes: Callable[[Limits], Limits]) -> Limits:
        """Changes what the connector is allowed, by all the changes or none; what follows.

        Raises ``NotFound`` and ``UsageError``; then nothing was changed.
        """
        limits = change_limits(self._world, name, *changes)
        self.loop.tell(Changed(frozenset({"connectors"})))
        return limits

    def allow(
        self,
        name: str,
        figures: Mapping[str, float],
        *,
        entity: str = "",
        school: int | None = None,
        lasts: timedelta = ALLOWANCE,
    ) -> Limits:
        """Raises figures for a while, in the name of whoever uses the program (SEMANTICS E3)."""
        w = self._world
        now = w.clock()
        return self.change_limits(
            name,
            *(
                partial(
                    Limits.with_allowance,
                    name=figure, value=value, by=w.author, now=now,
                    entity=entity, school=school, lasts=lasts,
                )
                for figure, value in figures.items()
            ),
        )  # fmt: skip


def _is_name(text: str) -> bool:
    # It is a word of commands and a part of the address of its webhooks.
    fits = 0 < len(text) <= LONGEST_NAME and text not in (".", "..")
    return fits and text.isprintable() and text == text.strip()


def _schedule_text(schedule: str | None) -> str | None:
    return str(Schedule.of(schedule)) if schedule else None


def read_settings(kind: Kind, settings: Mapping[str, Any]) -> msgspec.Struct:
    """The kind's settings struct; raises ``ConfigError`` naming what does not fit.

    A text is one line, trimmed.
    """
    names: Sequence[str] = kind.settings.__struct_fields__
    given = dict(settings)
    for name, value in settings.items():
        if name not in names:
            known = ", ".join(one.name for one in declared(kind))
            raise ConfigError("setting_unknown", name=name, known=known)
        if isinstance(value, str):
            given[name] = text = value.strip()
            if len(text) > LONGEST_SETTING or _NO_LINE.search(text):
                raise ConfigError("setting_not_one_line", setting=name, longest=LONGEST_SETTING)
    try:
        return msgspec.convert(given, kind.settings, strict=False)
    except msgspec.ValidationError as error:
        told = re.search(r"`\$\.(\w+)", str(error))
        raise ConfigError(
            "setting_unfit", str(error), what=str(error), setting=told[1] if told else None
        ) from None
