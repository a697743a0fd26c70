"""The surface of the engine: commands in, events out (DESIGN §5).

Both front ends use it, the window through its bridge, the command line directly. Every method is
called on the engine thread (``Loop.post`` brings a call there); none of them waits for the network.
"""

import json
import threading
from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, overload

from app.connectors.contract import Finding
from app.engine import (
    allowing,
    charge,
    configuring,
    disagreements,
    editing,
    exporting,
    known,
    managed,
    network,
    outgoing,
    pairing,
    portable,
    rotating,
    ruling,
    splitting,
    timetable,
    uniting,
    unsent,
)
from app.engine import decisions as decisions_
from app.engine.apart import Asking, Reply, apart, at_once, drained, replying
from app.engine.approval import approve, refuse
from app.engine.archiving import Archived, archive
from app.engine.classrun import link_of, sync_class
from app.engine.decisions import Decision, Resolved
from app.engine.events import Changed, Delivered
from app.engine.examining import examined
from app.engine.figures import ALLOWANCE, Limits
from app.engine.hints import Hints
from app.engine.lookup import looked_up
from app.engine.loop import Loop, Steps
from app.engine.opening import opened, trying
from app.engine.outbox import retry
from app.engine.policy import Decides
from app.engine.preview import preview as previewing
from app.engine.roll import rolls
from app.engine.run import sync
from app.engine.scope import Scope
from app.engine.underway import UnderWay
from app.engine.undo import Undone, undo
from app.engine.watching import Watch
from app.engine.working import Work
from app.engine.world import World
from app.errors import SyncError
from app.store import journal, previews, reads
from app.store.waiting import ALL, Answer, Which

T = TypeVar("T")


class Engine:
    """Commands on connectors, runs and records."""

    def __init__(self, world: World, loop: Loop) -> None:
        self.loop = loop
        self._world = world
        self._under_way = UnderWay(world, loop)
        self._hints = Hints(loop, self._follow)
        self._after_sync = exporting.AfterSync(world, loop)
        loop.listen(self._after_sync.heard)
        loop.listen(known.Passing(world).heard)
        self.end_cut_off_runs()

    # -- runs --

    def start(
        self,
        name: str,
        *,
        full: bool = False,
        preview: bool = False,
        trigger: str = "person",
        reply: Reply | None = None,
    ) -> int:
        """Starts a sync of the connector, or a ``preview`` of one; the id of the run.

        The run is read from the loop's events. Raises ``NotFound`` for an unknown connector and
        ``BusyError`` (with the run under way) when it is being synced already, here or elsewhere.
        """
        w = self._world
        with w.database.reading() as tx:
            row = journal.connector(tx, name)
            mode = "full" if full or not journal.ever_read(tx, row.id) else "incremental"
        work = sync
        if preview:
            mode, work = journal.PREVIEW, partial(previewing, loop=self.loop)
        begin = self._under_way.begin
        return _told(begin(row, mode, work, trigger=trigger, author=w.author, full=full), reply)

    def sync_class(self, name: str, class_record: int, *, trigger: str = "person") -> int:
        """Starts a sync of one class of the connector; the id of the run.

        It is under way as any other, and mends the class alone: no cursor moves. Raises
        ``NotFound``, ``UsageError`` where the connector's SIS does not know the class, and
        ``BusyError``.
        """
        w = self._world
        with w.database.reading() as tx:
            row = journal.connector(tx, name)
        work = partial(sync_class, link=link_of(w.database, row, class_record))
        return self._under_way.begin(row, journal.CLASS, work, trigger=trigger, author=w.author)

    def approve(self, run: int, which: Which = ALL, *, author: str | None = None) -> int:
        """Approves what waited in a run and waits yet (SEMANTICS E3); the id of the approval.

        It is a run of its own, under way as a sync is; ``store.waiting.approval`` says what it did.
        Approving a preview starts the sync; what the preview has not shown waits (E4). ``author``:
        who uses the program, unless told. Raises ``NotFound`` and ``BusyError`` as ``start``, also
        ``NotFound`` where the connector has been synced since the preview, and ``UsageError`` where
        that sync was the approved one.
        """
        author, begin = self._who(author), self._under_way.begin
        done, row = self._run_of(run)
        if done.mode == journal.PREVIEW:
            full = any(stream.full for stream in done.streams)
            mode = "full" if full else "incremental"
            shown = previews.shown(self._world.database, run)

            def carrying_out(parts: Work) -> Steps:
                return sync(replace(parts, shown=shown))

            return begin(row, mode, carrying_out, author=author, full=full, of=run)
        approving = partial(approve, of=run, which=which)
        return begin(row, journal.APPROVAL, approving, author=author, of=run)

    def approving(self, run: int, which: Which = ALL, *, reply: Reply) -> None:
        """As ``approve``; ``reply`` gets the id of the approval, or why it has not begun."""
        try:
            found: int | SyncError = self.approve(run, which)
        except SyncError as error:
            found = error
        reply.done(found)

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
        return self._stepped(self._refusing(row.id, run, self._who(author), which), reply)

    def _refusing(
        self, connector: int, run: int, author: str, which: Which
    ) -> Generator[None, None, Answer]:
        answer = yield from refuse(self._world, connector, run, author, which)
        self._changed("connectors", "runs", "records")
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
        return self._stepped(self._undoing(change_set, self._who(author), approved, cancel), reply)

    def _undoing(
        self, change_set: int, author: str, approved: bool, cancel: threading.Event
    ) -> Generator[None, None, Undone]:
        w, tell = self._world, self.loop.tell
        try:
            steps = undo(w, change_set, author, approved=approved, cancel=cancel, tell=tell)
            return (yield from steps)
        finally:
            self._changed("connectors", "runs", "records", "conflicts", "policies")

    def _run_of(self, run: int) -> tuple[reads.RunRow, journal.ConnectorRow]:
        """A run, and the connector that it is a run of."""
        done = reads.run(self._world.database, run)
        with self._world.database.reading() as tx:
            return done, journal.connector(tx, done.connector)

    def cancel(self, run: int) -> None:
        """Asks a run to stop, here or in another process; it ends *cancelled* within a second."""
        self._under_way.cancel(run)

    def end_cut_off_runs(self) -> None:
        """Runs that say they are under way though nobody holds their lock were cut off (H1)."""
        self._under_way.end_cut_off()

    @property
    def busy(self) -> bool:
        """True while a run of this process is under way, or the export that follows one."""
        return bool(self._under_way) or bool(self._after_sync)

    # -- syncs that begin without a person --

    def keep_schedule(self) -> None:
        """From now on, and as long as the loop runs, begins the syncs that are due.

        Those of a schedule, and those of files that are new where a connector reads them.
        """
        start = partial(self.start, trigger="schedule")
        timetable.keep(self._world, self.loop, self._under_way, start)
        begun = partial(self.start, trigger="files")
        Watch(self._world, self.loop, self._under_way.__contains__, begun).keep()

    def awake(self) -> None:
        """The computer woke up, or its network came: syncs that failed for want of it begin."""
        timetable.awake(self._world, self._under_way, partial(self.start, trigger="schedule"))

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
        seen: reads.ConnectorFacts | None = None,
        reply: Reply | None = None,
    ) -> None:
        """Adds a connector, or changes the settings of one; secrets go to the vault alone.

        Where they are not to be ``lasting`` they stay in memory until the program ends. ``None``
        leaves its ``schedule`` as it is; otherwise as ``set_schedule``. Settings that tell of
        another source (``Kind.source``) have the next sync read everything. With ``seen``, what
        it was when somebody began to change it, nothing that was set meanwhile is overwritten.
        Raises ``NotFound`` (unknown kind), ``UsageError`` (its name or schedule; it is not as
        ``seen``), ``ConfigError`` (settings that cannot work), what the vault raises and, where
        there is a ``reply``, ``Cancelled``; then nothing was saved.
        """
        w, tell = self._world, self.loop.tell
        if seen is not None:
            configuring.require_as_seen(w, seen)
        managed.require_kept(w.database, name, settings, schedule)
        self._asked(
            configuring.saving(
                w, tell, name, kind, settings, secrets or {}, schedule=schedule, lasting=lasting
            ),
            reply,
        )

    def set_schedule(self, name: str, schedule: str) -> None:
        """When the connector syncs by itself (``engine.schedule``); blank: only when asked.

        Raises ``NotFound``, and ``UsageError`` for a text that is no schedule.
        """
        self._free("schedule", connector=name)
        configuring.set_schedule(self._world, name, schedule)
        self._changed("connectors")

    def set_paused(self, name: str, paused: bool) -> None:
        """Whether the connector waits until it is resumed: nothing but a person syncs it then.

        What is under way goes on. Raises ``NotFound``.
        """
        configuring.set_paused(self._world, name, paused)
        self._changed("connectors")

    def set_credentials_until(self, name: str, until: date | None) -> None:
        """The last day on which the SIS takes the connector's credentials; ``None``: nobody knows.

        Raises ``NotFound``.
        """
        configuring.set_credentials_until(self._world, name, until)
        self._changed("connectors")

    def mark_known(self, name: str, until: date, because: str, author: str | None = None) -> None:
        """What is wrong with the connector now is known up to a day, and why (``engine.known``).

        Something else, or more of it, is told all the same. Raises ``NotFound`` and ``UsageError``.
        """
        known.mark(self._world, name, until, because, self._who(author))
        self._changed("connectors")

    def forget_known(self, name: str) -> None:
        """Nothing is known of the connector any more; raises ``NotFound``."""
        known.forget(self._world, name)
        self._changed("connectors")

    def set_webhooks(
        self, name: str, on: bool, *, renew: bool = False, reply: Reply | None = None
    ) -> str | None:
        """Whether the connector's SIS may tell of changes; the secret to give to it, where new.

        A secret is made when there is none, or to ``renew`` it: then the one before ends. It is
        told once, and kept in the vault when webhooks are switched off. Raises ``NotFound``, what
        the vault raises, and ``ConfigError`` to renew one of the environment; then nothing changed.
        """
        w, tell = self._world, self.loop.tell
        return self._asked(configuring.setting_webhooks(w, tell, name, on, renew=renew), reply)

    def webhook_secrets(self, names: Sequence[str], *, reply: Reply) -> None:
        """Replies with what each connector's SIS signs with, or the ``SyncError`` that hides it."""
        self._asked(configuring.webhook_secrets(self._world, names), reply)

    def set_webhook_port(self, port: int) -> None:
        """The port on which webhooks are received, of all connectors alike."""
        self._free("webhook_port")
        configuring.set_webhook_port(self._world, port)
        self._changed("connectors")

    def remove_connector(self, name: str, *, reply: Reply | None = None) -> None:
        """Takes a connector out and forgets its secrets; records and history stay.

        Added again under its name, it knows its records again. Raises ``NotFound`` and
        ``BusyError``; then it is still there. Once it is gone nothing brings it back: secrets that
        the vault cannot forget just then stay in it, and cancelled, they are forgotten later.
        """
        self._free("connector", connector=name)
        w, tell, lock = self._world, self.loop.tell, self._under_way.lock
        self._asked(configuring.removing(w, tell, name, lock), reply)

    def keeping(self, name: str, kind: str, *, reply: Reply) -> None:
        """Replies with the ``configuring.Keeping`` of a connector that there is or will be."""
        self._asked(configuring.keeping(self._world, name, kind), reply)

    def set_scope(
        self, name: str, scope: Scope, *, seen: Scope | None = None, reply: Reply | None = None
    ) -> None:
        """What of the connector's SIS is kept in step from now on; the next sync reads everything.

        What that leaves out is neither created, changed nor removed here; what came from it before
        is kept, out of scope. ``engine.scope.chosen`` makes a scope of what people typed. Raises
        ``NotFound``, and ``UsageError`` where it is not as it was ``seen``.
        """
        self._free("scope", connector=name)
        configuring.set_scope(self._world, name, scope, seen)
        self._changed("connectors")
        _told(None, reply)

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
        done = archive(self._world, name, entity, self._who(author), approved=approved)
        self._changed("connectors", "records")
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
        w, cancel = self._world, reply.cancel
        opening = opened(w, name, kind, settings, cancel, given=secrets, anew=True)
        self.loop.start(replying(trying(w, self.loop, name, opening, cancel), reply))

    def examine(self, name: str, *, out: Path | None = None, reply: Reply) -> None:
        """Looks for all that is wrong in the files that a connector reads.

        Replies with the ``examining.Problems``, or the ``SyncError`` that kept it from looking.
        With ``out`` all of them are saved there as a table.
        """
        with self._world.database.reading() as tx:
            row = journal.connector(tx, name)
        w, settings, cancel = self._world, json.loads(row.settings), reply.cancel
        opening = opened(w, name, row.kind, settings, cancel)
        self.loop.start(replying(examined(w, self.loop, opening, cancel, out), reply))

    # -- credentials --

    def rotate(
        self, name: str, secrets: Mapping[str, str], *, lasting: bool = True, reply: Reply
    ) -> None:
        """Tries new secrets, and keeps them where the connector works with them.

        Replies with the ``rotating.Rotated``; until then, and where they do not work, the old ones
        stay. Errors are ``NotFound``, ``ConfigError`` and what the vault raises.
        """
        steps = rotating.rotating(
            self._world, self.loop, name, secrets, reply.cancel, lasting=lasting
        )
        self.loop.start(replying(steps, reply))

    def forget_secrets(self, name: str, *, reply: Reply | None = None) -> None:
        """Forgets the secrets with which the connector signs in; it stays, and cannot sync.

        Those of the environment are not ours to forget. Raises ``NotFound`` and what the vault
        raises.
        """
        self._asked(rotating.forgetting(self._world, self.loop.tell, name), reply)

    # -- settings that travel --

    def export_settings(self, path: Path) -> int:
        """Writes all settings but the secrets to a file; of how many connectors.

        Raises ``StoreError``.
        """
        return portable.write(self._world.database, path)

    def compare_settings(self, path: Path) -> portable.Compared:
        """What a file of settings would change; raises ``UsageError`` where it is none."""
        return portable.compared(self._world.database, self._world.kinds, path)

    def import_settings(
        self,
        given: portable.Compared,
        *,
        accepted: Collection[str] = (),
        reply: Reply | None = None,
    ) -> portable.Imported | None:
        """Takes over what a file of settings said when it was compared; what that changed.

        Raises ``UsageError`` and ``ConfigError``, also for what IT has set, where secrets would
        go to a host that is not among the ``accepted``, and where it would change something else
        by now than it said; then nothing was changed.
        """
        w, document = self._world, given.document
        portable.require_as_compared(w.database, w.kinds, given)
        portable.require_known_hosts(w.database, document, accepted)
        managed.require_unchanged(w, document)
        return self._asked(portable.importing(w, self.loop.tell, document, w.author), reply)

    def take_over_preset(self, path: Path) -> None:
        """Has the settings in the file of an IT department hold, and locks them."""
        managed.take_over(self._world, self.loop.tell, path)

    # -- how other computers are reached --

    def set_network(
        self,
        way: network.Network,
        password: str | None = None,
        *,
        seen: network.Network | None = None,
        reply: Reply | None = None,
    ) -> network.Network | None:
        """How all connectors reach their SIS from now on; ``None`` keeps the proxy's password.

        Raises ``UsageError``, also where it is not as it was ``seen``, and what the vault raises;
        then nothing was saved.
        """
        self._free("network")
        configuring.require_same(seen, network.network(self._world.database))
        return self._asked(network.setting(self._world, self.loop.tell, way, password), reply)

    def try_network(
        self, way: network.Network, password: str | None = None, *, reply: Reply
    ) -> None:
        """Replies with the ``network.Reached`` of each host that connectors speak to.

        Nothing is saved, and nothing secret is sent but the proxy's login to the proxy.
        """
        steps = network.trying(self._world, self.loop, way, password, reply.cancel)
        self.loop.start(replying(steps, reply))

    def read_authorities(self, path: Path) -> tuple[str, list[network.Authority]]:
        """The certificates of authorities in a file; raises ``UsageError``."""
        return network.read_authorities(path)

    # -- looking --

    def look_up(self, entity: str, record: int, *, reply: Reply) -> None:
        """Asks every SIS that knows a record what it says now; replies with ``lookup.LookedUp``.

        Or with ``NotFound`` or ``Cancelled``; what kept one SIS from answering is told beside what
        the others say. Nothing is written, and a sync may be under way meanwhile.
        """
        steps = looked_up(self._world, self.loop, entity, record, reply.cancel)
        self.loop.start(replying(steps, reply))

    def roll(self, class_record: int, *, reply: Reply) -> None:
        """Asks who is in a class now; replies with ``roll.Rolls``, otherwise as ``look_up``."""
        steps = rolls(self._world, self.loop, class_record, reply.cancel)
        self.loop.start(replying(steps, reply))

    # -- records --

    def edit(
        self,
        entity: str,
        record: int,
        fields: Mapping[str, object],
        author: str | None = None,
        *,
        seen: reads.RecordRow | None = None,
        reply: Reply | None = None,
    ) -> int:
        """Changes fields of a live record here; the change set.

        Values pass the same normal forms as those of a SIS (SEMANTICS A1). References are record
        ids. ``author``: who uses the program, unless told, here and below. Raises ``NotFound`` and
        ``UsageError``, also where a field is no more as it was ``seen``; then nothing was changed.
        """
        change_set = editing.edit(self._world, entity, record, fields, self._who(author), seen)
        return _told(self._edited(change_set), reply)

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
        self._changed("connectors", "records", "conflicts")
        return result

    def split(self, entity: str, record: int, keys: Sequence[str]) -> list[str]:
        """Keeps rows of a SIS apart from the others that tell of the record (SEMANTICS A5).

        The connectors it is about: their next sync reads everything, and makes records of their own
        of the rows. None, where another SIS keeps the record: then what these rows tell is a record
        of its own at once. Raises ``NotFound`` and ``UsageError``; then nothing was changed.
        """
        author = self._world.author
        if pairing.part(self._world, entity, record, keys, author) is not None:
            self._changed("connectors", "records", "conflicts")
            return []
        names = splitting.split(self._world, entity, record, keys)
        self._changed("connectors", "records")
        return names

    def join(self, entity: str, record: int, keys: Sequence[str]) -> list[str]:
        """Takes back that rows are kept apart; otherwise as ``split``."""
        names = splitting.join(self._world, entity, record, keys)
        self._changed("connectors", "records")
        return names

    # -- who is whom at two SISs --

    def set_identity_rule(self, name: str, *, on: bool) -> None:
        """Whether a rule of ``roster.identity`` holds from now on; raises ``UsageError``."""
        self._free("identity_rules_off")
        pairing.set_rule(self._world, name, on=on)
        self._changed("policies")

    def same_records(
        self,
        entity: str,
        one: int,
        other: int,
        author: str | None = None,
        *,
        reply: Reply | None = None,
    ) -> int:
        """Two records of a type are one from now on, whether or not that was asked; the change set.

        The older one stays, with the links of both. Raises ``UsageError`` where they cannot be one.
        """
        author = self._who(author)
        change_set = uniting.unite(self._world, entity, one, other, author)
        self._changed("connectors", "records", "conflicts")
        return _told(change_set, reply)

    def look_over(self) -> int:
        """Compares everything that two connectors tell of; how many questions are new."""
        asked = drained(pairing.look_over(self._world))
        self._changed("connectors", "conflicts")
        return asked

    def forget_different(self, pairs: Iterable[tuple[int, int]]) -> int:
        """Two records may be the same after all; of how many that was said.

        Raises ``UsageError``.
        """
        return pairing.forget_different(self._world, pairs)

    # -- differences --

    @overload
    def resolve(
        self, decisions: Iterable[Decision], author: str | None = None, *, always: bool = False
    ) -> Resolved: ...

    @overload
    def resolve(
        self,
        decisions: Iterable[Decision],
        author: str | None = None,
        *,
        always: bool = False,
        reply: Reply,
    ) -> None: ...

    def resolve(
        self,
        decisions: Iterable[Decision],
        author: str | None = None,
        *,
        always: bool = False,
        reply: Reply | None = None,
    ) -> Resolved | None:
        """Decides about differences, as ``author``; what became of each.

        With ``always`` the same side decides about such a part of the connector from now on. Raises
        ``UsageError`` where a decision takes no side. With a ``reply`` commands are served
        meanwhile; cancelled, what was decided so far stays so.
        """
        cancel = reply.cancel if reply is not None else threading.Event()
        return self._stepped(self._resolving(decisions, self._who(author), always, cancel), reply)

    def _resolving(
        self, decisions: Iterable[Decision], author: str, always: bool, cancel: threading.Event
    ) -> Generator[None, None, Resolved]:
        decided = list(decisions)
        if always:
            managed.require_free_rules(self._world.database, [one.conflict for one in decided])
        try:
            return (
                yield from decisions_.resolve(
                    self._world, decided, author, always=always, cancel=cancel
                )
            )
        finally:
            self._changed("connectors", "records", "conflicts", "policies")

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
        self._free("rules", connector=name)
        change_set = ruling.set_policy(
            self._world, name, entity, decides, self._who(author), school=school, part=part
        )
        self._changed("policies")
        return change_set

    def put_in_charge(
        self, name: str, answers: Mapping[str, Decides], author: str | None = None
    ) -> int | None:
        """Who decides about whole groups of record types (``charge.GROUPS``); the change set.

        ``None`` where that is laid down already. Raises ``NotFound``.
        """
        change_set = charge.in_charge(self._world, name, answers, self._who(author))
        self._changed("policies")
        return change_set

    def set_switches(
        self,
        name: str,
        *,
        keep_values: bool | None = None,
        send_deletes: bool | None = None,
        send_creates: bool | None = None,
    ) -> None:
        """Whether a blank of the connector's SIS never overwrites, and what is sent to it.

        Ends of what is known there, and creations of what only other SIS know. ``None`` leaves a
        switch as it is. The first has the next sync read everything. Raises ``NotFound``.
        """
        switched = {
            "keep_values": keep_values,
            "send_deletes": send_deletes,
            "send_creates": send_creates,
        }
        self._free(*(one for one, to in switched.items() if to is not None), connector=name)
        ruling.set_switches(self._world, name, switched)
        self._changed("connectors", "policies")

    # -- what is sent --

    def retry(self, name: str | None = None, records: Sequence[int] | None = None) -> int:
        """Has what could not be sent be tried once more with the next sync; how much that is.

        Of one connector or of all, of these records or of all. Raises ``NotFound``.
        """
        count = retry(self._world, name, records)
        self._changed("connectors", "records")
        return count

    def keep_here(self, name: str, records: Sequence[int], author: str | None = None) -> int:
        """Gives up sending what the connector's SIS would not take of records; the change set.

        It stays here, until a person asks for another try. Raises ``NotFound``, and ``UsageError``
        where nothing of them could not be sent.
        """
        return self._edited(unsent.keep_here(self._world, name, records, self._who(author)))

    def stop_sending(self, name: str, records: Collection[int], author: str | None = None) -> int:
        """Has what is to be sent of records to a connector's SIS stay here; the change set.

        Undone, it is sent again. Raises ``NotFound``, and ``UsageError`` where nothing of them is
        to be sent.
        """
        return self._edited(outgoing.stop(self._world, name, records, self._who(author)))

    def take_theirs(
        self, name: str, records: Sequence[tuple[str, int]], author: str | None = None
    ) -> int:
        """Gives up what would be sent of (entity, record) for what the SIS says; the change set.

        Raises ``NotFound``, and ``UsageError`` where there is nothing to give up.
        """
        return self._edited(unsent.take_theirs(self._world, name, records, self._who(author)))

    def take_side(
        self, name: str, places: Collection[tuple[str, int, str]], author: str | None = None
    ) -> int:
        """What a connector's SIS says of (entity, record, field) stands here; the change set.

        It goes to the other SIS where they take it. Raises ``NotFound``, and ``UsageError`` where
        it stands here already.
        """
        author = self._who(author)
        return self._edited(disagreements.take(self._world, name, places, author))

    def leave_gone(self, name: str, records: Collection[int], *, alone: bool = True) -> int:
        """What has ended at a connector's SIS and lives at another is told no more; how much it is.

        With ``alone`` False it is told again. Raises ``NotFound``.
        """
        count = disagreements.leave_gone(self._world, name, records, alone=alone)
        self._changed("records")
        return count

    # -- exports --

    def export(self, order: exporting.Order, *, reply: Reply) -> None:
        """Writes an export of the roster, and replies with the ``exporting.Exported``.

        On any error, and when it is cancelled, what stood there before is as it was. The errors:
        ``NotFound``, ``UsageError``, ``StoreError`` (a file that cannot be written among it).
        """
        self.loop.start(exporting.asked_for(self._world, self.loop, order, reply))

    def export_after_sync(
        self, order: exporting.Order | None, *, reply: Reply | None = None
    ) -> None:
        """From now on every good sync is followed by this export, or by none.

        ``exporting.following`` tells what is set. Raises ``NotFound`` and ``UsageError``.
        """
        exporting.follow(self._world, order)
        self._changed("connectors")
        _told(None, reply)

    # -- limits --

    def change_limits(self, name: str, *changes: Callable[[Limits], Limits]) -> Limits:
        """Changes what the connector is allowed, by all the changes or none; what follows.

        Raises ``NotFound`` and ``UsageError``; then nothing was changed.
        """
        self._free("limits", connector=name)
        limits = allowing.change_limits(self._world, name, *changes)
        self._changed("connectors")
        return limits

    def allow(
        self,
        name: str,
        figures: Mapping[str, float | None],
        *,
        entity: str = "",
        school: int | None = None,
        lasts: timedelta = ALLOWANCE,
    ) -> Limits:
        """Raises figures for a while, in the name of whoever uses the program (SEMANTICS E3).

        Of ``None`` the allowances that there are end. Raises as ``change_limits``.
        """
        limits = allowing.allow(
            self._world, name, figures, entity=entity, school=school, lasts=lasts
        )
        self._changed("connectors")
        return limits

    # -- how commands answer --

    def _free(self, *parts: str, connector: str = "") -> None:
        """Raises ``UsageError`` for what an IT department has set (``managed``)."""
        managed.require_free(self._world.database, *parts, connector=connector)

    def _who(self, author: str | None) -> str:
        return author or self._world.author

    def _changed(self, *topics: str) -> None:
        self.loop.tell(Changed(frozenset(topics)))

    def _asked(self, asking: Asking[T], reply: Reply | None) -> T | None:
        """Carries out a command that asks the vault: now, or beside the loop for a ``reply``."""
        if reply is None:
            return at_once(asking)
        self.loop.start(replying(apart(asking, self.loop, reply.cancel), reply))
        return None

    def _stepped(self, steps: Generator[None, None, T], reply: Reply | None) -> T | None:
        """Carries out a command of many steps: now, or between other steps for a ``reply``."""
        if reply is None:
            return drained(steps)
        self.loop.start(replying(steps, reply))
        return None


def _told(found: T, reply: Reply | None) -> T:
    """What a command found that is over at once; a ``reply`` gets it, too."""
    if reply is not None:
        reply.done(found)
    return found
