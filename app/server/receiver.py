"""Receives webhooks while the program runs: follows the settings, listens, and hands on.

Every method is called on the engine thread; requests are answered on a thread of its own. Which
connectors may be told, under which secrets and on which port, is read from the database again every
other second, so that a change made in another process counts as well; the keyring is asked only
when something changed.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.engine.apart import Reply
from app.engine.engine import Engine
from app.engine.events import Changed, Event, RunEnded, RunStarted
from app.engine.loop import Loop, Timer
from app.errors import StoreError, SyncError
from app.server.address import chosen_port
from app.server.deliveries import Deliveries, opened
from app.server.signature import key_of
from app.store import journal, settings
from app.store.database import Database

if TYPE_CHECKING:
    from app.server.door import Door

logger = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
"""How often the settings are looked at for what other processes changed."""

PRUNE_SECONDS = 3600.0


@dataclass(frozen=True)
class Reception:
    """How it stands with webhooks: the port listened on, and what keeps some or all from us."""

    port: int | None = None
    error: SyncError | None = None


@dataclass(frozen=True)
class _Wanted:
    """What the database says."""

    port: int
    connectors: tuple[tuple[int, str], ...]
    secrets_changed: str | None


class Receiver:
    """Listens while any connector may be told by webhook, or always."""

    def __init__(
        self,
        database: Database,
        engine: Engine,
        loop: Loop,
        *,
        port: int | None = None,
        always: bool = False,
        told: Callable[[Reception], None] = lambda reception: None,
    ) -> None:
        """``port`` goes before the one of the settings; ``told`` hears how it stands, and each
        change of that."""
        self.reception = Reception()
        self._database = database
        self._engine = engine
        self._loop = loop
        self._port = port
        self._always = always
        self._told = told
        self._followed: _Wanted | None = None
        self._deliveries: Deliveries | None = None
        self._door: Door | None = None
        self._caught_up = False
        self._picked = 0
        self._timers: dict[str, Timer] = {}
        self._open = True
        self._asking = threading.Event()
        loop.listen(self._listen)

    def start(self) -> None:
        """Listens, if that is wanted; goes on with what came before and was not followed."""
        self._look()
        self._prune()

    @property
    def port(self) -> int | None:
        """The port that is listened on."""
        return self._door.port if self._door else None

    @property
    def settled(self) -> bool:
        """True when it receives, or does not, as the database says; else the vault is asked."""
        return self._asking.is_set()

    def close(self) -> None:
        """Takes in nothing more; returns when the last request is answered."""
        self._open = False
        self._asking.set()
        for timer in self._timers.values():
            timer.cancel()
        self._put_away()

    # -- following the settings --

    def _look(self) -> None:
        try:
            self._follow()
        except Exception as error:  # whatever goes wrong here, the program begins and goes on
            failed = SyncError("unexpected", repr(error))
            if str(failed) != str(self.reception.error):
                logger.exception("webhooks could not be looked after")
            self._followed = None  # so that the next look begins anew
            self._tell(Reception(self.port, failed))
        finally:
            self._timers["look"] = self._loop.later(LOOK_SECONDS, self._look)

    def _follow(self) -> None:
        """Makes it so that we listen as the database says."""
        if not self._open:
            return
        try:
            wanted = self._read()
        except StoreError as error:
            logger.warning("the settings of webhooks could not be read: %s", error.code)
            return  # there is another look soon
        if self._deliveries is not None and self._deliveries.damaged:
            self._put_away()
        needed = self._always or bool(wanted.connectors)
        deaf = needed and self._door is None
        if wanted == self._followed and not deaf:
            return
        if not needed or (self._followed is not None and self._followed.port != wanted.port):
            self._hang_up()
        self._followed = wanted
        self._asking.set()  # an answer to an older question is worth nothing
        try:
            if needed and self._door is None:
                self._listen_on(wanted.port, wanted.connectors)
        except SyncError as error:
            self._tell(Reception(error=error))
            return
        if self._door is None:
            self._tell(Reception())
        else:
            self._ask_for_secrets(self._door, wanted)

    def _read(self) -> _Wanted:
        with self._database.reading() as tx:
            return _Wanted(
                chosen_port(tx) if self._port is None else self._port,
                tuple((row.id, row.name) for row in journal.connectors(tx) if row.webhooks),
                settings.read(tx, settings.WEBHOOK_SECRETS_CHANGED),
            )

    def _ask_for_secrets(self, door: "Door", wanted: _Wanted) -> None:
        """Takes in the webhooks of those whose secret is known, as soon as the vault has told."""
        from app.server.service import Hook

        # Meanwhile who was switched off is unknown at once, and who was switched on not yet ready.
        known = door.service.hooks
        door.service.hooks = {
            name: known.get(name) or Hook(connector, name) for connector, name in wanted.connectors
        }
        asking = self._asking = threading.Event()
        names = [name for _, name in wanted.connectors]

        def answered(found: dict[str, str | SyncError] | SyncError) -> None:
            if not asking.is_set():
                asking.set()
                told = dict.fromkeys(names, found) if isinstance(found, SyncError) else found
                self._take_in(door, wanted, told)

        self._engine.webhook_secrets(names, reply=Reply(answered, asking))

    def _listen_on(self, port: int, connectors: Iterable[tuple[int, str]]) -> None:
        """Begins to listen; raises ``ConfigError`` where the port is taken, and ``StoreError``."""
        # Loaded at the first need: most programs start without webhooks.
        from app.server.door import Door
        from app.server.service import Service

        if self._deliveries is None:
            folder, now = self._database.location.path.parent, datetime.now(UTC)
            self._deliveries = opened(folder, [connector for connector, _ in connectors], now)
        if not self._caught_up:
            # Acknowledged by an earlier process or door, which ended before a sync had followed.
            pending = self._deliveries.pending()
            for connector, name in connectors:
                if count := pending.get(connector):
                    self._engine.deliver(name, count)
            self._caught_up = True
        service = Service(self._deliveries, self._arrived, self._ask_engine)
        # Where any port does, it stays the one that was told.
        self._door = Door(service, port or self._picked)
        self._picked = self._door.port

    def _take_in(
        self, door: "Door", wanted: _Wanted, secrets: Mapping[str, str | SyncError]
    ) -> None:
        from app.server.service import Hook

        hooks: dict[str, Hook] = {}
        failed: SyncError | None = None
        for connector, name in wanted.connectors:
            key = None
            try:
                key = key_of(secrets[name])
            except SyncError as error:
                logger.warning("webhooks of connector %d: %s", connector, error.code)
                failed = error
            hooks[name] = Hook(connector, name, key)
        door.service.hooks = hooks
        self._tell(Reception(door.port, failed))

    def _hang_up(self) -> None:
        if self._door is not None:
            self._door.close()
            self._door = None
        self._caught_up = False

    def _put_away(self) -> None:
        self._hang_up()
        if self._deliveries is not None:
            self._deliveries.close()
            self._deliveries = None

    def _tell(self, reception: Reception) -> None:
        before, self.reception = self.reception, reception
        if (before.port, str(before.error)) != (reception.port, str(reception.error)):
            code = reception.error.code if reception.error else "all is well"
            logger.info("webhooks: port %s, %s", reception.port, code)
            self._told(reception)

    # -- deliveries and the syncs that follow them --

    def _arrived(self, name: str, count: int) -> None:
        self._loop.post(lambda: self._engine.deliver(name, count))

    def _ask_engine(self, told: Callable[[bool], None]) -> None:
        self._loop.post(lambda: told(self._database_answers()))

    def _database_answers(self) -> bool:
        try:
            with self._database.reading() as tx:
                return tx.one("SELECT 1") is not None
        except StoreError:
            return False

    def _listen(self, event: Event) -> None:
        if isinstance(event, Changed) and "connectors" in event.topics:
            self._follow()
        elif self._deliveries is not None and isinstance(event, RunStarted | RunEnded):
            try:
                self._mark(self._deliveries, event)
            except StoreError as error:
                # They stay unfollowed, which costs one sync more at the next start.
                logger.error("deliveries could not be marked: %s", error)

    def _mark(self, deliveries: Deliveries, event: RunStarted | RunEnded) -> None:
        if isinstance(event, RunEnded):
            if event.state in journal.GOOD_STATES:
                deliveries.ended_well(event.run)
        elif self._followed is not None:
            for connector, name in self._followed.connectors:
                if name == event.connector:
                    deliveries.began(connector, event.run)

    def _prune(self) -> None:
        if self._deliveries is not None:
            with suppress(StoreError):  # there is another time
                self._deliveries.prune(datetime.now(UTC))
        self._timers["prune"] = self._loop.later(PRUNE_SECONDS, self._prune)
