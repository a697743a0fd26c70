"""Settings of the whole roster: a name, a value, nothing else.

What belongs to one connector stands with that connector; what only the window remembers is its own.
"""

import json
import uuid
from collections.abc import Mapping

from app.store.database import Database, Tx

INSTALLATION = "installation"
"""What tells this roster's secrets apart from another's in the same keyring; made at first use."""

WEBHOOK_PORT = "webhook_port"
"""The port of the loopback address on which webhooks are received."""

WEBHOOK_SECRETS_CHANGED = "webhook_secrets_changed"
"""Another value whenever a webhook secret was made: who knows the old one asks the vault again."""

EXPORT = "export_after_sync"
"""The export that follows every good sync, as JSON (``engine.exporting.Order``); blank: none."""

EXPORTED = "export_last"
"""What came of it the last time, as JSON (``engine.exporting.LastTime``)."""

NETWORK = "network"
"""How other computers are reached, as JSON (``engine.network``); blank: as the system says."""

MANAGED = "managed"
"""What an IT department has set and locked, as JSON (``engine.managed``)."""

WATCHED = "watched"
"""What the files of each connector looked like when a sync had read them, as JSON by name."""


def read(tx: Tx, name: str) -> str | None:
    """The value of a setting; ``None`` where it was never set."""
    row = tx.one("SELECT value FROM settings WHERE name = ?", (name,))
    return None if row is None else str(row[0])


def write(tx: Tx, name: str, value: str) -> None:
    """Sets a setting."""
    tx.run(
        "INSERT INTO settings (name, value) VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def watched(tx: Tx) -> Mapping[str, str]:
    """``WATCHED``, by the name of the connector."""
    found: dict[str, str] = json.loads(read(tx, WATCHED) or "{}")
    return found


def set_watched(tx: Tx, connector: str, stamp: str) -> None:
    """Remembers what the files of a connector looked like when a sync began that has read them."""
    write(tx, WATCHED, json.dumps({**watched(tx), connector: stamp}))


def installation(tx: Tx) -> str:
    """The name of this roster among others on the same computer; kept when its folder moves."""
    made = uuid.uuid4().hex[:12]
    tx.run(
        "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
        (INSTALLATION, made),
    )
    return read(tx, INSTALLATION) or made


def installation_of(database: Database) -> str:
    """The same, of a database that nothing is being done with."""
    # Read first: a start that waits for nobody's write is the usual one.
    with database.reading() as tx:
        found = read(tx, INSTALLATION)
    if found is None:
        with database.writing() as tx:
            found = installation(tx)
    return found
