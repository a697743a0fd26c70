"""What an IT department has set for a computer: a file of settings that holds, and is locked.

At each start what the file says is taken over (``engine.portable``), and from then on nobody can
change it here. Without the file nothing is locked; what it had set stays until somebody changes it.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from app.engine import portable
from app.engine.apart import at_once
from app.engine.events import Listener
from app.engine.world import World
from app.errors import SyncError, UsageError
from app.store import differences, settings
from app.store.database import Database
from app.text import sentence

logger = logging.getLogger(__name__)

AUTHOR = "IT"
"""In whose name the file decides."""


class Lock(msgspec.Struct, frozen=True):
    """A part that the file has set; of no connector where that is blank."""

    connector: str
    part: str


class Managed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is locked, by which file."""

    path: str = ""
    locks: tuple[Lock, ...] = ()
    trouble: str = ""
    """Why the file could not be taken over, in a sentence; what was locked before stays so."""
    unknown: tuple[str, ...] = ()
    """Sentences about schools that it speaks of and nobody knows yet."""

    def has(self, part: str, connector: str = "") -> bool:
        """Whether a part is locked."""
        return Lock(connector, part) in self.locks


@dataclass(frozen=True)
class Told:
    """What is locked, for people."""

    managed: Managed
    parts: tuple[tuple[str, str], ...]
    """(connector or blank, what) of each lock."""


def managed(database: Database) -> Managed:
    """What is locked now."""
    with database.reading() as tx:
        text = settings.read(tx, settings.MANAGED)
    return msgspec.json.decode(text, type=Managed) if text else Managed()


def told(database: Database, kinds: Mapping[str, Any]) -> Told:
    """What is locked now, in words."""
    found = managed(database)
    document = portable.exported(database)
    named = []
    for lock in found.locks:
        one = document.connectors.get(lock.connector)
        named.append((lock.connector, portable.label(kinds, one.kind if one else "", lock.part)))
    return Told(found, tuple(named))


def take_over(world: World, tell: Listener, path: Path) -> None:
    """Has the file at ``path`` hold from now on; without one nothing is locked.

    Trouble with the file keeps nobody from working: it is logged, and told where settings are.
    """
    before = managed(world.database)
    now = Managed()
    if path.exists():
        try:
            document = portable.read(path)
            unknown: list[str] = []
            if portable.differences(world.database, world.kinds, document):
                done = at_once(portable.importing(world, tell, document, AUTHOR))
                unknown = portable.unknown_told(done)
            locks = tuple(Lock(name, part) for name, part, _value in document.parts())
            now = Managed(path=str(path), locks=locks, unknown=tuple(unknown))
        except SyncError as error:
            logger.error("the preset could not be taken over: %s", error.code)
            trouble = sentence(error.code, error.parameters)
            now = Managed(path=str(path), locks=before.locks, trouble=trouble)
    if now != before:
        with world.database.writing() as tx:
            settings.write(tx, settings.MANAGED, msgspec.json.encode(now).decode())


def require_free(database: Database, *parts: str, connector: str = "") -> None:
    """Raises ``UsageError`` for what the file has set."""
    found = managed(database)
    if any(found.has(part, connector) for part in parts):
        raise UsageError("set_by_it")


def require_free_rules(database: Database, conflicts: Sequence[int]) -> None:
    """Raises ``UsageError`` where the file says who decides in a connector of these differences."""
    for name in {one.connector for one in differences.differences(database, conflicts)}:
        require_free(database, "rules", connector=name)


def require_unchanged(world: World, given: portable.Document) -> None:
    """Raises ``UsageError`` where another file would change what that of IT has set."""
    for one in portable.differences(world.database, world.kinds, given):
        require_free(world.database, one.part, connector=one.connector)


def require_kept(
    database: Database, name: str, given: Mapping[str, Any], schedule: str | None
) -> None:
    """Raises ``UsageError`` where a connector is saved otherwise than the file has set it."""
    found = managed(database)
    now = portable.exported(database).connectors.get(name) if found.locks else None
    if now is None:
        return
    told = {f"settings.{key}": value for key, value in given.items()}
    stands = {f"settings.{key}": value for key, value in now.settings.items()}
    if schedule is not None:
        told["schedule"], stands["schedule"] = schedule, now.schedule
    for part, value in told.items():
        if found.has(part, name) and str(value or None) != str(stands.get(part) or None):
            raise UsageError("set_by_it")
