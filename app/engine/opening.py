"""A connector opened with its settings, its secrets and the salt of its digests; tried as well."""

import hashlib
import re
import threading
from collections.abc import Generator, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from app.connectors.contract import Connector, Finding, Io, Kind, declared
from app.engine.apart import Asking, apart
from app.engine.asking import answered
from app.engine.fetching import Fetcher, Ticket
from app.engine.loop import Loop
from app.engine.scope import EVERYTHING, Scope
from app.engine.world import World
from app.errors import ConfigError, NotFound
from app.roster.entities import FINGERPRINT
from app.store import journal, policies
from app.vault import environment_name

LONGEST_SETTING = 2000
"""How many characters a setting may have."""

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


def opened(
    world: World,
    name: str,
    kind_name: str,
    settings: Mapping[str, Any],
    cancel: threading.Event,
    *,
    given: Mapping[str, str] | None = None,
    scope: Scope = EVERYTHING,
) -> Asking[tuple[Connector, bytes]]:
    """The opened connector, and the salt of its row digests (SEMANTICS B8).

    A secret that is not ``given`` is the one that the vault has for a connector of that name.
    Raises ``NotFound``, ``ConfigError`` and what the vault raises.
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
    told = f"{kind.name}\0{kind.mapping_version(struct)}\0{kind.source(struct)}".encode()
    with world.database.reading() as tx:
        # Rows that were passed over by the other rule have to be looked at again.
        known = [one.id for one in journal.connectors(tx) if one.name == name]
        keeps = any(policies.keeps_values(tx, id_) for id_ in known)
        told += b"\0blanks keep" if keeps else b""
    told += f"\0{scope}".encode() if scope else b""
    salt = hashlib.blake2b(FINGERPRINT + told, digest_size=16).digest()
    io = Io(world.clock, world.random, cancel, salt, world.page_size)
    return kind.open(struct, secrets, io), salt


def fetcher(world: World, loop: Loop, cancel: threading.Event, name: str) -> Fetcher:
    """What carries a connector's requests, answered on the ``loop``; whoever asks closes it."""
    return Fetcher(world.open_transport, loop.post, cancel, name=name, clock=world.clock)


def trying(
    world: World, loop: Loop, opening: Asking[tuple[Connector, bytes]], cancel: threading.Event
) -> Generator[Ticket | None, Any, list[Finding]]:
    """What a connector finds of itself and its SIS, once it is ``opened``."""
    connector, _salt = yield from apart(opening, loop, cancel)
    fetching = fetcher(world, loop, cancel, "check")
    try:
        found: list[Finding] = yield from answered(connector.check(), fetching)
    finally:
        fetching.close()
    return found
