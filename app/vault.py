"""Secrets behind one small interface: OS keyring, environment, systemd credentials, memory.

The only importer of ``keyring``. A secret is never written anywhere else: not to the database, a
log, an argument or a file of ours. In headless use secrets come from the environment
(``MINDKINDLER_SECRET_<CONNECTOR>_<KEY>``) or from systemd credentials and are never stored.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from app.errors import ConfigError, SyncError

SERVICE = "MindKindler Sync"


class VaultError(SyncError):
    """The OS keyring is locked, absent or refuses."""

    category = "vault"


class Vault(Protocol):
    """Keeps the secrets of connectors."""

    def get(self, connector: str, key: str) -> str | None:
        """The secret, or ``None`` when there is none. Raises ``VaultError``."""
        ...

    def set(self, connector: str, key: str, secret: str) -> None:
        """Keeps a secret. Raises ``VaultError``, and ``ConfigError`` where nothing is stored."""
        ...

    def delete(self, connector: str, key: str) -> None:
        """Forgets a secret; none to forget is no error."""
        ...


def environment_name(connector: str, key: str) -> str:
    """The environment variable a secret may come from."""

    def word(text: str) -> str:
        return re.sub(r"[^A-Z0-9]", "_", text.upper())

    return f"MINDKINDLER_SECRET_{word(connector)}_{word(key)}"


class MemoryVault:
    """Secrets that live as long as the process: those of the practice district."""

    def __init__(self, secrets: Mapping[tuple[str, str], str] | None = None) -> None:
        self._secrets = dict(secrets or {})

    def get(self, connector: str, key: str) -> str | None:
        """The secret kept since the process started."""
        return self._secrets.get((connector, key))

    def set(self, connector: str, key: str, secret: str) -> None:
        """Keeps a secret until the process ends."""
        self._secrets[connector, key] = secret

    def delete(self, connector: str, key: str) -> None:
        """Forgets a secret."""
        self._secrets.pop((connector, key), None)


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

    def set(self, connector: str, key: str, secret: str) -> None:
        """Nothing can be stored in the environment."""
        raise ConfigError("secret_not_storable", name=environment_name(connector, key))

    def delete(self, connector: str, key: str) -> None:
        """Nothing to forget."""


class KeyringVault:
    """The OS keyring, and nothing weaker: a backend that stores plain text is refused."""

    def get(self, connector: str, key: str) -> str | None:
        """The secret in the keyring; a keyring that is not there holds none."""
        import keyring
        from keyring.errors import NoKeyringError

        try:
            return keyring.get_password(SERVICE, f"{connector}/{key}")
        except NoKeyringError:
            return None
        except Exception as error:
            raise _told(error) from error

    def set(self, connector: str, key: str, secret: str) -> None:
        """Keeps the secret, and makes sure it can be read back."""
        import keyring

        self._refuse_plain_text()
        try:
            keyring.set_password(SERVICE, f"{connector}/{key}", secret)
            kept = keyring.get_password(SERVICE, f"{connector}/{key}")
        except Exception as error:
            raise _told(error) from error
        if kept != secret:
            raise VaultError("keyring_forgets")

    def delete(self, connector: str, key: str) -> None:
        """Forgets the secret; a keyring that is not there holds none."""
        import keyring
        from keyring.errors import NoKeyringError, PasswordDeleteError

        try:
            keyring.delete_password(SERVICE, f"{connector}/{key}")
        except (NoKeyringError, PasswordDeleteError):
            return
        except Exception as error:
            raise _told(error) from error

    @property
    def backend(self) -> str:
        """The name of the keyring in use, for people."""
        import keyring

        return str(keyring.get_keyring().name)

    def _refuse_plain_text(self) -> None:
        import keyring

        backend = keyring.get_keyring()
        if "plaintext" in type(backend).__name__.lower() or "null" in type(backend).__module__:
            raise VaultError("keyring_absent")


class LayeredVault:
    """The environment first, then the keyring."""

    def __init__(self, first: Vault, then: Vault) -> None:
        self._first = first
        self._then = then

    def get(self, connector: str, key: str) -> str | None:
        """The secret of the first layer that has one."""
        found = self._first.get(connector, key)
        return found if found is not None else self._then.get(connector, key)

    def set(self, connector: str, key: str, secret: str) -> None:
        """Keeps the secret in the layer that can store."""
        self._then.set(connector, key, secret)

    def delete(self, connector: str, key: str) -> None:
        """Forgets the secret."""
        self._then.delete(connector, key)


def _told(error: Exception) -> VaultError:
    """The keyring's error as ours; its words never hold the secret, its type is enough."""
    name = type(error).__name__
    code = {
        "NoKeyringError": "keyring_absent",
        "KeyringLocked": "keyring_locked",
        "InitError": "keyring_locked",
    }.get(name, "keyring_error")
    return VaultError(code, name)
