"""What the engine needs of the world; all of it can be replaced, so a run can be simulated."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random

from app.connectors.contract import Exporter, Kind, Transport
from app.roster.values import instant_text
from app.store.database import Database
from app.vault import Vault


@dataclass(frozen=True)
class World:
    """The parts that an engine is composed of."""

    database: Database
    vault: Vault
    kinds: Mapping[str, Kind]
    clock: Callable[[], datetime]
    random: Random
    open_transport: Callable[..., Transport]
    """Goes the way that is set (``engine.network``); with a ``Route``, that one instead."""
    locks: Path
    """The folder of the connectors' lock files."""
    author: str
    """Who uses the program: the author of what it does by itself."""
    page_size: int = 5000
    exporters: Mapping[str, Exporter] = field(default_factory=dict)
    """The forms that the roster can be exported in, by name."""

    @property
    def now(self) -> str:
        """The instant now, as the database keeps it."""
        return instant_text(self.clock())
