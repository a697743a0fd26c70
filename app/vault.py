"""Secrets behind one small interface: OS keyring, environment, systemd credentials, memory.

The only importer of ``keyring``. A secret is never written anywhere else: not to the database, a
log, an argument or a file of ours. In headless use secrets come from the environment
(``MINDKINDLER_SECRET_<CONNECTOR>_<KEY>``) or from systemd credentials and are never stored.
"""

import os
import re
import secrets
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from app.errors import SyncError
from app.text import N_, _

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "MindKindler Sync"
"""The name under which the OS's own keyring program shows our entries."""

PATIENCE = 60.0
"""Seconds the keyring may take: it may be waiting for a person to type its password."""

_PLACES = {
    "SecretService": N_("this computer's keyring (Secret Service)"),
    "libsecret": N_("this computer's keyring (Secret Service)"),
    "kwallet": N_("this computer's keyring (KWallet)"),
    "macOS": N_("this computer's keychain"),
    "Windows": N_("the Windows Credential Manager"),
}
NONE_THERE = ("keyring_absent", "keyring_unsafe")
"""Codes of a computer on which nothing keeps secrets safely."""

T = TypeVar("T")
Undo: TypeAlias = Callable[[], object]
"""Puts back what was there before, or that there was nothing."""


class VaultError(SyncError):
    """The OS keyring is locked, absent, silent or refuses."""

    category = "vault"


class Vault(Protocol):
    """Keeps the secrets of connectors. Each method may raise ``VaultError``."""

    def get(self, connector: str, key: str) -> str | None:
        """The secret, or ``None`` when there is none."""
        ...

    def set(self, connector: str, key: str, secret: str, *, lasting: bool = True) -> Undo:
        """Keeps a secret, in memory until the program ends where it is not to be lasting."""
        ...

    def delete(self, connector: str, key: str) -> None:
        """Forgets a secret; none to forget is no error."""
        ...

    def lasting(self, connector: str, key: str) -> bool:
        """Whether the secret is there, and is one that was given to it to keep."""
        ...

    def place(self, connector: str, key: str) -> str | None:
        """Where the secret is, in words; ``None`` when there is none."""
        ...

    def probe(self) -> str:
        """Where a new secret would be kept, in words, after trying that it can be kept there."""
        ...


def environment_name(connector: str, key: str) -> str:
    """The environment variable a secret may come from."""

    def word(text: str) -> str:
        return re.sub(r"[^A-Z0-9]", "_", text.upper())

    return f"MINDKINDLER_SECRET_{word(connector)}_{word(key)}"


class MemoryVault:
    """Secrets that live as long as the process, such as those of the practice district."""

    def __init__(self, secrets: Mapping[tuple[str, str], str] | None = None) -> None:
        self._secrets = dict(secrets or {})

    def get(self, connector: str, key: str) -> str | None:
        """The secret kept since the process started."""
        return self._secrets.get((connector, key))

    def set(self, connector: str, key: str, secret: str, *, lasting: bool = True) -> Undo:
        """Keeps a secret until the process ends; nothing lasts longer here."""
        before = self._secrets.get((connector, key))
        self._secrets[connector, key] = secret
        if before is None:
            return lambda: self._secrets.pop((connector, key), None)
        return lambda: self._secrets.update({(connector, key): before})

    def delete(self, connector: str, key: str) -> None:
        """Forgets a secret."""
        self._secrets.pop((connector, key), None)

    def lasting(self, connector: str, key: str) -> bool:
        """Whether it is there: nothing lasts longer here."""
        return (connector, key) in self._secrets

    def place(self, connector: str, key: str) -> str | None:
        """Memory, where it is there."""
        return self.probe() if (connector, key) in self._secrets else None

    def probe(self) -> str:
        """Memory keeps what it is given."""
        return _("memory until this program closes")


class EnvironmentVault:
    """Secrets of the environment and of systemd (``LoadCredential=``); read, never stored."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment

    def get(self, connector: str, key: str) -> str | None:
        """The variable's value, or the credential file of the same name."""
        name = environment_name(connector, key)
        found = self._environment.get(name)
        if found:
            return found
        folder = self._environment.get("CREDENTIALS_DIRECTORY")
        if folder:
            path = Path(folder) / name
            if path.is_file():
                return path.read_text(encoding="utf-8").rstrip("\n") or None
        return None

    def place(self, connector: str, key: str) -> str | None:
        """The variable, where it is set."""
        if self.get(connector, key) is None:
            return None
        return _("the environment ({name})").format(name=environment_name(connector, key))


class KeyringVault:
    """The OS keyring, and nothing weaker: a backend that protects nothing is refused.

    ``roster`` tells the secrets of one data folder from another's. No call takes longer than
    ``patience`` seconds (``keyring_silent``): a keyring may ask a person who is not there.
    """

    def __init__(self, roster: str, patience: float = PATIENCE) -> None:
        self._roster = roster
        self._patience = patience
        self._newest: dict[str, object] = {}
        """Who was the last to keep something, by entry."""

    def get(self, connector: str, key: str) -> str | None:
        """The secret in the keyring; a keyring that is not there holds none."""
        entry = self._entry(f"{connector}/{key}")
        try:
            return self._asked(lambda ring: ring.get_password(SERVICE, entry))
        except VaultError as error:
            if error.code in NONE_THERE:
                return None
            raise

    def set(self, connector: str, key: str, secret: str, *, lasting: bool = True) -> Undo:
        """Keeps the secret, and makes sure it can be read back; all of it lasts here."""
        entry = self._entry(f"{connector}/{key}")
        before = self._keep(entry, secret)
        return lambda: self._forget(entry) if before is None else self._keep(entry, before)

    def delete(self, connector: str, key: str) -> None:
        """Forgets the secret; a keyring that is not there holds none."""
        try:
            self._forget(self._entry(f"{connector}/{key}"))
        except VaultError as error:
            if error.code not in NONE_THERE:
                raise

    def lasting(self, connector: str, key: str) -> bool:
        """Whether the keyring has it."""
        return self.get(connector, key) is not None

    def place(self, connector: str, key: str) -> str | None:
        """The keyring's name, where the secret is in it."""
        return self._asked(_place) if self.get(connector, key) is not None else None

    def probe(self) -> str:
        """The keyring's name, after a throwaway entry was written, read back and deleted."""
        entry = self._entry("probe")
        self._keep(entry, secrets.token_urlsafe())
        self._forget(entry)
        return self._asked(_place)

    def _entry(self, name: str) -> str:
        return f"{name} ({self._roster})"

    def _keep(self, entry: str, secret: str) -> str | None:
        """What was there before. It is put back where the keyring takes the secret too late."""
        turn = self._newest[entry] = object()

        def keep(ring: "KeyringBackend") -> tuple[str | None, str | None]:
            before = ring.get_password(SERVICE, entry)
            ring.set_password(SERVICE, entry, secret)
            return before, ring.get_password(SERVICE, entry)

        def put_back(ring: "KeyringBackend", kept: tuple[str | None, str | None]) -> None:
            if self._newest[entry] is not turn:
                return  # somebody has tried again since
            if kept[0] is None:
                ring.delete_password(SERVICE, entry)
            else:
                ring.set_password(SERVICE, entry, kept[0])

        before, after = self._asked(keep, put_back)
        if after != secret:
            raise VaultError("keyring_forgets")
        return before

    def _forget(self, entry: str) -> None:
        def forget(ring: "KeyringBackend") -> None:
            # Asked for first: each backend has an error of its own for what is not there.
            if ring.get_password(SERVICE, entry) is not None:
                ring.delete_password(SERVICE, entry)

        self._asked(forget)

    def _asked(
        self,
        ask: Callable[["KeyringBackend"], T],
        late: Callable[["KeyringBackend", T], None] = lambda ring, answer: None,
    ) -> T:
        """What the keyring says. Its calls cannot be cancelled, so a thread is left to them.

        ``late`` gets, on that thread, an answer that nobody waits for any more.
        """
        answers: SimpleQueue[tuple[Any, Exception | None]] = SimpleQueue()
        first = threading.Lock()  # taken by the answer, or by the end of patience

        def work() -> None:
            try:
                ring = _backend()
                answer = ask(ring)
                if not first.acquire(blocking=False):
                    late(ring, answer)
                answers.put((answer, None))
            except Exception as error:  # noqa: BLE001  raised again where it was asked
                answers.put((None, error))

        threading.Thread(target=work, name="keyring", daemon=True).start()
        try:
            answer, error = answers.get(timeout=self._patience)
        except Empty:
            if first.acquire(blocking=False):
                raise VaultError("keyring_silent", seconds=round(self._patience)) from None
            answer, error = answers.get()
        if error is not None:
            raise _told(error) from error
        found: T = answer
        return found


class LayeredVault:
    """What is to be kept for this time only, then the environment, then the lasting store."""

    def __init__(self, memory: MemoryVault, environment: EnvironmentVault, lasting: Vault) -> None:
        self._memory = memory
        self._lasting = lasting
        self._passing = (memory, environment)
        self._layers = (memory, environment, lasting)

    def get(self, connector: str, key: str) -> str | None:
        """The secret of the first layer that has one."""
        found = (layer.get(connector, key) for layer in self._layers)
        return next((secret for secret in found if secret is not None), None)

    def set(self, connector: str, key: str, secret: str, *, lasting: bool = True) -> Undo:
        """Keeps the secret in the lasting store, or in memory."""
        if not lasting:
            return self._memory.set(connector, key, secret)
        undo = self._lasting.set(connector, key, secret)
        before = self._memory.get(connector, key)
        self._memory.delete(connector, key)

        def put_back() -> None:
            undo()
            if before is not None:
                self._memory.set(connector, key, before)

        return put_back

    def delete(self, connector: str, key: str) -> None:
        """Forgets the secret."""
        self._lasting.delete(connector, key)
        self._memory.delete(connector, key)

    def lasting(self, connector: str, key: str) -> bool:
        """Whether it is the lasting store's, and no layer before that has it."""
        if any(layer.get(connector, key) is not None for layer in self._passing):
            return False
        return self._lasting.lasting(connector, key)

    def place(self, connector: str, key: str) -> str | None:
        """The first layer that has the secret."""
        found = (layer.place(connector, key) for layer in self._layers)
        return next((place for place in found if place is not None), None)

    def probe(self) -> str:
        """The lasting store, after trying it."""
        return self._lasting.probe()


def _backend() -> "KeyringBackend":
    """The keyring to use. Raises ``VaultError`` where there is none, or none that protects."""
    import keyring
    from keyring.backends import chainer, fail

    found = keyring.get_keyring()
    if isinstance(found, fail.Keyring):
        # One may have been started since this program was; what was found is remembered there.
        keyring.core.init_backend()
        found = keyring.get_keyring()
    if isinstance(found, fail.Keyring):
        raise VaultError("keyring_absent")
    chained = found.backends if isinstance(found, chainer.ChainerBackend) else [found]
    for one in chained:
        if _protects(one):
            return one
    raise VaultError("keyring_unsafe", backend=str(found.name))


def _protects(ring: "KeyringBackend") -> bool:
    """Whether secrets are safe there: by its own word, and no file or pretence by its name."""
    kind = type(ring)
    named = f"{kind.__module__}.{kind.__name__}".lower()
    weak = re.search(r"plaintext|null|^keyrings\.alt\.", named)
    return weak is None and float(ring.priority) >= 1


def _place(ring: "KeyringBackend") -> str:
    words = _PLACES.get(type(ring).__module__.removeprefix("keyring.backends.").split(".")[0])
    return _(words) if words else str(ring.name)


def _told(error: Exception) -> VaultError:
    """The keyring's error as ours; its words never hold the secret, its type is enough."""
    if isinstance(error, VaultError):
        return error
    name = type(error).__name__
    code = {
        "NoKeyringError": "keyring_absent",
        "SecretServiceNotAvailableException": "keyring_absent",
        "KeyringLocked": "keyring_locked",
        "LockedException": "keyring_locked",
        "PromptDismissedException": "keyring_locked",
        "InitError": "keyring_locked",
    }.get(name, "keyring_error")
    return VaultError(code, name)
