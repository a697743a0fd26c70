"""New credentials for a connector: tried first, and kept only where they work.

A secret that was mistyped must not take the place of one that works, and a sync that begins
meanwhile goes on with the old one.
"""

import json
import threading
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from app.connectors.contract import Finding, Grade
from app.engine.admission import admission_key
from app.engine.apart import Asking, Change, apart
from app.engine.events import Changed, Listener
from app.engine.fetching import Ticket
from app.engine.loop import Loop
from app.engine.opening import known_kind, opened, trying
from app.engine.world import World
from app.store import journal


@dataclass(frozen=True)
class Rotated:
    """What the new secrets found, and whether they are kept now."""

    findings: tuple[Finding, ...]
    kept: bool


def rotating(
    world: World,
    loop: Loop,
    name: str,
    secrets: Mapping[str, str],
    cancel: threading.Event,
    *,
    lasting: bool,
) -> Generator[Ticket | None, Any, Rotated]:
    """Tries the connector with new secrets, and keeps them where it works (``Engine.rotate``)."""
    with world.database.reading() as tx:
        row = journal.connector(tx, name)
    settings = json.loads(row.settings)
    opening = opened(world, name, row.kind, settings, cancel, given=secrets, anew=True)
    found = yield from trying(world, loop, name, opening, cancel)
    works = all(one.grade is not Grade.BAD for one in found)
    if works:
        # Its own event: the one of the test is set when the test is over.
        keeping = _keeping(world, loop.tell, name, secrets, lasting)
        yield from apart(keeping, loop, threading.Event())
    return Rotated(tuple(found), works)


def _keeping(
    world: World, tell: Listener, name: str, secrets: Mapping[str, str], lasting: bool
) -> Asking[None]:
    for key, secret in secrets.items():
        yield Change(partial(world.vault.set, name, key, secret, lasting=lasting))
    tell(Changed(frozenset({"connectors"})))


def forgetting(world: World, tell: Listener, name: str) -> Asking[None]:
    """Forgets the secrets that a connector signs in with (``Engine.forget_secrets``)."""
    with world.database.reading() as tx:
        row = journal.connector(tx, name)
    kind = known_kind(world, row.kind)
    for key in filter(None, (*(secret.key for secret in kind.secrets), admission_key(kind))):
        yield Change(partial(world.vault.delete, name, key))
    tell(Changed(frozenset({"connectors"})))
