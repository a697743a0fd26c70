"""A connector opened with its settings, its secrets and the salt of its digests; tried as well."""

import hashlib
import json
import logging
import re
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

import msgspec

from app.connectors.contract import (
    Connector,
    Finding,
    Grade,
    Io,
    Kind,
    Learning,
    Prepared,
    Setting,
    State,
    declared,
)
from app.engine.admission import Admission, admission
from app.engine.apart import Asking, apart
from app.engine.asking import answered
from app.engine.fetching import Fetcher, Ticket
from app.engine.loop import Loop, Steps
from app.engine.scope import EVERYTHING, Scope
from app.engine.world import World
from app.errors import Cancelled, ConfigError, Fenced, NotFound, SyncError
from app.roster.entities import FINGERPRINT
from app.store import journal, policies
from app.store.journal import ConnectorRow
from app.vault import environment_name

logger = logging.getLogger(__name__)

_NO_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Control characters, ends of lines, and bytes that are no text."""


def known_kind(world: World, name: str) -> Kind:
    """The kind of that name; raises ``NotFound``."""
    kind = world.kinds.get(name)
    if kind is None:
        raise NotFound("kind_unknown", kind=name)
    return kind


def read_settings(kind: Kind, settings: Mapping[str, Any]) -> msgspec.Struct:
    """The kind's settings struct; raises ``ConfigError`` naming what does not fit.

    A text is one line, trimmed.
    """
    names: Sequence[str] = kind.settings.__struct_fields__
    given = dict(settings)
    longest = {one.name: one.about.longest for one in declared(kind)}
    for name, value in settings.items():
        if name not in names:
            known = ", ".join(one.name for one in declared(kind))
            raise ConfigError("setting_unknown", name=name, known=known)
        if isinstance(value, str):
            given[name] = text = value.strip()
            most = longest.get(name, Setting.longest)
            if len(text) > most or _NO_LINE.search(text):
                raise ConfigError("setting_not_one_line", setting=name, longest=most)
    try:
        return msgspec.convert(given, kind.settings, strict=False)
    except msgspec.ValidationError as error:
        told = re.search(r"(?:`\$\.|required field `)(\w+)", str(error))
        raise ConfigError("setting_unfit", str(error), setting=told[1] if told else "") from None


class Opened(NamedTuple):
    """A connector ready to work."""

    connector: Connector
    salt: bytes
    """Of its row digests (SEMANTICS B8)."""
    under: str
    """Differs wherever it was opened with other settings: what is learnt holds for these alone."""
    learnt: State
    """What it was told that it had learnt before."""
    admission: Admission
    """What it is let in with."""


def opened(
    world: World,
    name: str,
    kind_name: str,
    settings: Mapping[str, Any],
    cancel: threading.Event,
    *,
    given: Mapping[str, str] | None = None,
    scope: Scope = EVERYTHING,
    anew: bool = False,
) -> Asking[Opened]:
    """A connector ready to work.

    A secret that is not ``given`` is the one that the vault has for a connector of that name.
    ``anew`` has it find out for itself what it had learnt. Raises ``NotFound``, ``ConfigError`` and
    what the vault raises.
    """
    kind = known_kind(world, kind_name)
    struct = read_settings(kind, settings)
    secrets = dict(given or {})
    for key in [secret.key for secret in kind.secrets if secret.key not in secrets]:
        found = yield partial(world.vault.get, name, key)
        if found is None:
            variable = environment_name(name, key)
            raise ConfigError("secret_missing", name=name, key=key, variable=variable)
        secrets[key] = found
    # A secret that is given may never be kept: neither is what it brings.
    admitted = Admission(world.vault, name)
    if not given:
        admitted = yield from admission(world.vault, name, kind)
    told = f"{kind.name}\0{kind.mapping_version(struct)}\0{kind.source(struct)}".encode()
    under = _under(kind, struct)
    learnt: State = {}
    with world.database.reading() as tx:
        for known in journal.connectors(tx):
            if known.name == name:
                # Rows that were passed over by the other rule have to be looked at again.
                told += b"\0blanks keep" if policies.keeps_values(tx, known.id) else b""
                learnt = {} if anew else journal.learnt(tx, known.id, under)
    told += f"\0{scope}".encode() if scope else b""
    salt = hashlib.blake2b(FINGERPRINT + told, digest_size=16).digest()
    io = Io(world.clock, world.random, cancel, salt, world.page_size, learnt, admitted.known)
    return Opened(kind.open(struct, secrets, io), salt, under, learnt, admitted)


def _under(kind: Kind, settings: msgspec.Struct) -> str:
    told = kind.name.encode() + msgspec.json.encode(settings)
    return hashlib.blake2b(told, digest_size=16).hexdigest()


def fetcher(
    world: World, loop: Loop, cancel: threading.Event, name: str, at_once: int = 1
) -> Fetcher:
    """What carries a connector's requests, answered on the ``loop``; whoever asks closes it."""
    return Fetcher(
        world.open_transport, loop.post, cancel, name=name, clock=world.clock, threads=at_once
    )


def prepared(connector: Connector, fetching: Fetcher) -> Steps:
    """The connector finds out what it can do.

    What fails here fails again where it is needed: an approval may do without the SIS.
    """
    if isinstance(connector, Prepared):
        try:
            yield from answered(connector.prepare(), fetching)
        except (Cancelled, Fenced):
            raise
        except SyncError as error:
            logger.info("the connector could not be prepared: %s", error.code)


def entered(this: Opened, fetching: Fetcher, loop: Loop) -> Steps:
    """The connector finds out what it can do; what it was let in with is kept at once."""
    try:
        yield from prepared(this.connector, fetching)
    except (Cancelled, Fenced):
        yield from this.admission.kept(this.connector, loop)
        raise
    yield from this.admission.kept(this.connector, loop)


def trying(
    world: World, loop: Loop, name: str, opening: Asking[Opened], cancel: threading.Event
) -> Generator[Ticket | None, Any, list[Finding]]:
    """What a connector finds of itself and its SIS, once it is ``opened``.

    What a saved one of that ``name`` learns by it is remembered.
    """
    this = yield from apart(opening, loop, cancel)
    fetching = fetcher(world, loop, cancel, "check")
    try:
        found: list[Finding] = yield from answered(this.connector.check(), fetching)
    finally:
        fetching.close()
    if _saved(world, name, this) is not None:
        yield from this.admission.kept(this.connector, loop)
    answers = any(one.grade is not Grade.BAD for one in found)
    if answers and isinstance(this.connector, Learning) and (learnt := this.connector.learnt()):
        saved = _saved(world, name, this)
        if saved is not None:
            with world.database.writing() as tx:
                journal.set_learnt(tx, saved, this.under, learnt)
    return found


def _saved(world: World, name: str, this: Opened) -> int | None:
    """The connector that is saved with the name and settings of what was opened."""
    with world.database.reading() as tx:
        for row in journal.connectors(tx):
            if row.name == name and _holds(world, row, this.under):
                return row.id
    return None


def _holds(world: World, row: ConnectorRow, under: str) -> bool:
    """Whether a connector is saved with the settings of what was opened."""
    with suppress(SyncError):  # what is saved may be of an older program
        kind = known_kind(world, row.kind)
        return _under(kind, read_settings(kind, json.loads(row.settings))) == under
    return False
