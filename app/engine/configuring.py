"""People add connectors, change what one obeys, and take one out.

What asks the vault is a generator (``apart``); secrets go to the vault alone. The keyring is asked
outside any transaction, since it may ask a person to unlock it.
"""

import base64
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from secrets import token_bytes, token_hex
from typing import Any

import msgspec

from app.connectors.contract import Io
from app.engine.admission import admission_key
from app.engine.apart import Asking, Change
from app.engine.events import Changed, Listener
from app.engine.opening import known_kind, read_settings
from app.engine.schedule import Schedule
from app.engine.scope import Scope
from app.engine.world import World
from app.errors import Cancelled, ConfigError, SyncError, UsageError
from app.store import journal, known, reads
from app.store import settings as roster_settings
from app.store.journal import ConnectorRow
from app.store.locks import ConnectorLock
from app.vault import VaultError, environment_name

logger = logging.getLogger(__name__)

WEBHOOK_SECRET = "webhook_secret"  # noqa: S105  the name, not the secret
"""The key in the vault of the secret with which a connector's SIS signs its webhooks."""

LONGEST_NAME = 100
"""How many characters the name of a connector may have."""

FIRST_PORT, LAST_PORT = 1, 65535
"""What a port may be."""

_CONNECTORS = Changed(frozenset({"connectors"}))


# -- adding and removing ----------------------------------------------------------------------


def checked(world: World, name: str, kind: str, settings: Mapping[str, Any]) -> msgspec.Struct:
    """The settings as their kind reads them, where a connector of that name can have them.

    Raises ``NotFound``, ``UsageError`` and ``ConfigError``.
    """
    speaks = known_kind(world, kind)
    if not _is_name(name):
        raise UsageError("connector_name_unfit", longest=LONGEST_NAME)
    variable = environment_name(name, "")
    struct = read_settings(speaks, settings)
    # Opening does no input or output, so settings that cannot work are known here and now.
    trial = {secret.key: "-" for secret in speaks.secrets}
    speaks.open(struct, trial, Io(world.clock, world.random, threading.Event()))
    with world.database.reading() as tx:
        for other in journal.connectors(tx):
            if other.name == name and other.kind != kind:
                raise UsageError("connector_kind_fixed", name=name)
            if other.name != name and environment_name(other.name, "") == variable:
                raise UsageError("connector_name_clashes", name=name, other=other.name)
    return struct


def require_as_seen(world: World, seen: reads.ConnectorFacts) -> None:
    """Raises ``UsageError`` where its settings or schedule are not as they were seen."""
    now = reads.connector(world.database, seen.name)
    if (now.settings, now.schedule) != (seen.settings, seen.schedule):
        raise UsageError("connector_set_meanwhile", name=seen.name)


def require_same(seen: object, now: object) -> None:
    """Raises ``UsageError`` where what was ``seen``, if it is told, is set otherwise by now."""
    if seen is not None and seen != now:
        raise UsageError("set_meanwhile")


def saving(
    world: World,
    tell: Listener,
    name: str,
    kind: str,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
    *,
    schedule: str | None,
    lasting: bool,
) -> Asking[None]:
    """Adds a connector, or changes the settings of one (``Engine.save_connector``)."""
    when = _schedule_text(schedule)
    struct = checked(world, name, kind, settings)
    # The keyring first: a secret without its connector does no harm.
    for key, secret in secrets.items():
        yield Change(partial(world.vault.set, name, key, secret, lasting=lasting))
    text = msgspec.json.encode(struct).decode()
    with world.database.writing() as tx:
        journal.save_connector(tx, name, kind, text, world.now)
        if schedule is not None:
            journal.set_schedule(tx, journal.connector(tx, name).id, when)
    tell(_CONNECTORS)


def removing(
    world: World, tell: Listener, name: str, lock: Callable[[ConnectorRow], ConnectorLock]
) -> Asking[None]:
    """Takes a connector out and forgets its secrets (``Engine.remove_connector``).

    ``lock`` takes the connector's lock, or raises ``BusyError``.
    """
    with world.database.reading() as tx:
        row = journal.connector(tx, name)
    held = lock(row)
    try:
        with world.database.writing() as tx:
            journal.remove_connector(tx, row.id, world.now)
    finally:
        held.release()
    tell(_CONNECTORS)
    # The keyring after, for the same reason.
    kind = world.kinds.get(row.kind)
    keys = [*(secret.key for secret in kind.secrets), admission_key(kind)] if kind else []

    def forget() -> None:
        for key in filter(None, (*keys, WEBHOOK_SECRET)):
            world.vault.delete(name, key)

    try:
        yield Change(forget)
    except Cancelled:
        pass  # nobody waits any more, but the keyring is still asked
    except SyncError as error:
        logger.warning("secrets of connector %d were not forgotten: %s", row.id, error.code)


def _is_name(text: str) -> bool:
    # It is a word of commands and a part of the address of its webhooks.
    fits = 0 < len(text) <= LONGEST_NAME and text not in (".", "..")
    return fits and text.isprintable() and text == text.strip()


# -- what a connector obeys -------------------------------------------------------------------


def set_schedule(world: World, name: str, schedule: str) -> None:
    """When the connector syncs by itself; raises ``NotFound`` and ``UsageError``."""
    when = _schedule_text(schedule)
    with world.database.writing() as tx:
        journal.set_schedule(tx, journal.connector(tx, name).id, when)


def _schedule_text(schedule: str | None) -> str | None:
    return str(Schedule.of(schedule)) if schedule else None


def set_paused(world: World, name: str, paused: bool) -> None:
    """Whether the connector waits until it is resumed; raises ``NotFound``."""
    with world.database.writing() as tx:
        known.set_paused(tx, journal.connector(tx, name).id, paused)


def set_credentials_until(world: World, name: str, until: date | None) -> None:
    """The last day on which the SIS takes the credentials; raises ``NotFound``."""
    told = until.isoformat() if until else None
    with world.database.writing() as tx:
        known.set_credentials_until(tx, journal.connector(tx, name).id, told)


def set_scope(world: World, name: str, scope: Scope, seen: Scope | None = None) -> None:
    """What of the connector's SIS is kept in step (``Engine.set_scope``)."""
    with world.database.writing() as tx:
        row = journal.connector(tx, name)
        require_same(seen, Scope.of(row.scope))
        journal.set_scope(tx, row.id, str(scope) or None)


# -- webhooks ---------------------------------------------------------------------------------


def setting_webhooks(
    world: World, tell: Listener, name: str, on: bool, *, renew: bool
) -> Asking[str | None]:
    """Whether the connector's SIS may tell of changes; a new secret (``Engine.set_webhooks``)."""
    with world.database.reading() as tx:
        row = journal.connector(tx, name)
    made: str | None = None
    if on and (renew or (yield partial(world.vault.get, name, WEBHOOK_SECRET)) is None):
        made = "whsec_" + base64.b64encode(token_bytes(32)).decode()
        yield Change(partial(world.vault.set, name, WEBHOOK_SECRET, made))
        if (yield partial(world.vault.get, name, WEBHOOK_SECRET)) != made:
            variable = environment_name(name, WEBHOOK_SECRET)
            raise ConfigError("webhook_secret_of_environment", name=name, variable=variable)
    with world.database.writing() as tx:
        journal.set_webhooks(tx, row.id, on)
        if made is not None:
            changed = roster_settings.WEBHOOK_SECRETS_CHANGED
            roster_settings.write(tx, changed, token_hex(8))
    tell(_CONNECTORS)
    return made


def webhook_secrets(world: World, names: Sequence[str]) -> Asking[dict[str, str | SyncError]]:
    """What each connector's SIS signs with, or the ``SyncError`` that hides it."""
    found: dict[str, str | SyncError] = {}
    for name in names:
        try:
            secret = yield partial(world.vault.get, name, WEBHOOK_SECRET)
        except VaultError as error:
            secret = error
        found[name] = secret or ConfigError("webhook_secret_missing", name=name)
    return found


def set_webhook_port(world: World, port: int) -> None:
    """The port on which webhooks are received, of all connectors alike; raises ``UsageError``."""
    check_port(port)
    with world.database.writing() as tx:
        roster_settings.write(tx, roster_settings.WEBHOOK_PORT, str(port))


def check_port(port: int) -> None:
    """Raises ``UsageError`` for what is no port."""
    if not FIRST_PORT <= port <= LAST_PORT:
        raise UsageError("port_unfit", port=port, first=FIRST_PORT, last=LAST_PORT)


# -- where secrets are ------------------------------------------------------------------------


@dataclass(frozen=True)
class Keeping:
    """Where a connector's secrets are kept, in words."""

    place: str
    """Where a new one would be; blank in trouble."""
    trouble: VaultError | None
    """Why none can be kept."""
    secrets: Mapping[str, str]
    """Where those are that there are already, by key."""


def keeping(world: World, name: str, kind: str) -> Asking[Keeping]:
    """The ``Keeping`` of a connector that there is or will be; raises ``NotFound``."""
    found: dict[str, str] = {}
    try:
        for secret in known_kind(world, kind).secrets:
            place = yield partial(world.vault.place, name, secret.key)
            if place is not None:
                found[secret.key] = place
        place = yield world.vault.probe
    except VaultError as error:
        return Keeping("", error, found)
    return Keeping(place, None, found)
