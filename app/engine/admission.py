"""What a service has let a connector in with is kept in the vault, so that another process has it.

A service that gives tokens only so often would otherwise run out of them: each sync of the command
line is a process of its own. It is kept beside the secret that it was given for, and only where
that is kept as well: never what a secret of the environment, or of this time alone, has brought.
"""

import logging
import threading
from collections.abc import Generator
from functools import partial
from typing import Any

from app.connectors.contract import Admits, Admitted, Connector, Kind
from app.engine.apart import Asking, apart
from app.engine.fetching import Ticket
from app.engine.loop import Loop
from app.errors import SyncError
from app.vault import Vault

logger = logging.getLogger(__name__)


class Admission:
    """What one connector was, and is, let in with; ``known`` is what the vault had of it."""

    def __init__(self, vault: Vault, name: str, key: str = "", known: str = "") -> None:
        self._vault = vault
        self._name = name
        self._key = key
        self.known = known

    def kept(self, connector: Connector, loop: Loop) -> Generator[Ticket | None, Any, None]:
        """Keeps what it is let in with by now, if that has changed; nothing waits in vain.

        A vault that does not take it costs a token the next time, and nothing else.
        """
        if not self._key or not isinstance(connector, Admitted):
            return
        now = connector.admission()
        if now == self.known:
            return
        try:
            # Its own event: what was given to a run that is cancelled is as good for the next.
            yield from apart(self._keeping(now), loop, threading.Event())
        except SyncError as error:
            logger.info("what lets a connector in was not kept: %s", error.code)
        self.known = now

    def _keeping(self, text: str) -> Asking[None]:
        if text:
            yield partial(self._vault.set, self._name, self._key, text)
        else:
            yield partial(self._vault.delete, self._name, self._key)


def admission(vault: Vault, name: str, kind: Kind) -> Asking[Admission]:
    """What the vault has for a connector of that name; nothing where none is to be kept."""
    if not isinstance(kind, Admits) or not kind.secrets:
        return Admission(vault, name)
    try:
        for secret in kind.secrets:
            if not (yield partial(vault.lasting, name, secret.key)):
                return Admission(vault, name)
        known: str | None = yield partial(vault.get, name, kind.admission_key)
    except SyncError as error:
        logger.info("it is not known what lets a connector in: %s", error.code)
        return Admission(vault, name)
    return Admission(vault, name, kind.admission_key, known or "")


def admission_key(kind: Kind) -> str:
    """Under which key the vault may have something of a kind's connectors; blank: none."""
    return kind.admission_key if isinstance(kind, Admits) else ""
