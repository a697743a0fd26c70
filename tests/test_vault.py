"""Where secrets come from (DESIGN §8)."""

from pathlib import Path

import keyring
import pytest
from keyring.backends import fail

from app.errors import ConfigError
from app.vault import EnvironmentVault, KeyringVault, LayeredVault, MemoryVault, environment_name


def test_a_secret_of_the_environment_is_named_after_its_connector() -> None:
    """Upper case, everything else an underscore."""
    assert environment_name("North SIS", "client_secret") == (
        "MINDKINDLER_SECRET_NORTH_SIS_CLIENT_SECRET"
    )


def test_the_environment_comes_before_the_keyring() -> None:
    """Headless use needs no keyring, and never stores there what the environment gave."""
    stored = MemoryVault({("north", "client_secret"): "stored"})
    given = EnvironmentVault({"MINDKINDLER_SECRET_NORTH_CLIENT_SECRET": "given"})
    assert LayeredVault(given, stored).get("north", "client_secret") == "given"
    assert LayeredVault(EnvironmentVault({}), stored).get("north", "client_secret") == "stored"
    assert stored.get("north", "client_secret") == "stored"


def test_a_systemd_credential_is_a_file(tmp_path: Path) -> None:
    """``LoadCredential=`` puts each secret into a file of its name."""
    (tmp_path / "MINDKINDLER_SECRET_NORTH_CLIENT_SECRET").write_text("from systemd\n")
    vault = EnvironmentVault({"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert vault.get("north", "client_secret") == "from systemd"
    assert vault.get("south", "client_secret") is None


def test_nothing_is_stored_in_the_environment() -> None:
    """Storing there is refused, with the variable's name."""
    with pytest.raises(ConfigError) as told:
        EnvironmentVault({}).set("north", "client_secret", "x")
    assert told.value.parameters["name"] == "MINDKINDLER_SECRET_NORTH_CLIENT_SECRET"


def test_a_changed_secret_replaces_the_old_one() -> None:
    """Set, set again, deleted; deleting nothing is no error."""
    vault = LayeredVault(EnvironmentVault({}), MemoryVault())
    vault.set("north", "client_secret", "one")
    vault.set("north", "client_secret", "two")
    assert vault.get("north", "client_secret") == "two"
    vault.delete("north", "client_secret")
    vault.delete("north", "client_secret")
    assert vault.get("north", "client_secret") is None


def test_a_keyring_that_is_not_there_holds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server has none: nothing is found there, and nothing has to be forgotten."""
    monkeypatch.setattr(keyring.core, "_keyring_backend", fail.Keyring())
    vault = KeyringVault()
    assert vault.get("north", "client_secret") is None
    vault.delete("north", "client_secret")
