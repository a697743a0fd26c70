"""Where secrets come from, where they go, and what is said when that fails (DESIGN §8)."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null
from keyring.errors import InitError, KeyringLocked

from app.compose import Options, program
from app.text import sentence
from app.vault import (
    SERVICE,
    EnvironmentVault,
    KeyringVault,
    LayeredVault,
    MemoryVault,
    VaultError,
    environment_name,
)
from tests.cli.conftest import MemoryKeyring

Use = Callable[[KeyringBackend], None]


class Failing(MemoryKeyring):
    """A keyring whose every call ends in an error."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def get_password(self, service: str, username: str) -> str | None:
        raise self.error

    def set_password(self, service: str, username: str, password: str) -> None:
        raise self.error


class Forgetful(MemoryKeyring):
    """A keyring that takes everything and has nothing."""

    def get_password(self, service: str, username: str) -> str | None:
        return None


class Plaintext(MemoryKeyring):
    """A keyring that calls itself good, and whose name tells that it is not."""


class Weak(MemoryKeyring):
    """A keyring that does not recommend itself."""

    priority = 0.5


class Asking(MemoryKeyring):
    """A keyring that waits for a person who does not come."""

    def __init__(self) -> None:
        super().__init__()
        self.come = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.come.wait()
        return None


class Late(MemoryKeyring):
    """A keyring that waits for a person before it takes anything."""

    def __init__(self) -> None:
        super().__init__()
        self.come = threading.Event()
        self.come.set()
        self.waits = True

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.waits:
            self.come.wait()
        super().set_password(service, username, password)


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Iterator[Use]:
    """Makes a keyring that of the computer, and lets none of the real ones be found."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


def test_a_secret_of_the_environment_is_named_after_its_connector() -> None:
    """Upper case, everything else an underscore."""
    assert environment_name("North SIS", "client_secret") == (
        "MINDKINDLER_SECRET_NORTH_SIS_CLIENT_SECRET"
    )


def test_memory_comes_before_the_environment_and_that_before_the_keyring() -> None:
    """What was typed for this time counts; headless use needs no keyring and changes none."""
    stored = MemoryVault({("north", "client_secret"): "stored"})
    given = EnvironmentVault({"MINDKINDLER_SECRET_NORTH_CLIENT_SECRET": "given"})
    typed = MemoryVault({("north", "client_secret"): "typed"})
    layers = ((typed, given), (MemoryVault(), given), (MemoryVault(), EnvironmentVault({})))
    found = [LayeredVault(*above, stored) for above in layers]
    assert [each.get("north", "client_secret") for each in found] == ["typed", "given", "stored"]
    assert "MINDKINDLER_SECRET_NORTH" in str(found[1].place("north", "client_secret"))
    assert found[2].place("south", "client_secret") is None
    assert stored.get("north", "client_secret") == "stored"


def test_a_systemd_credential_is_a_file(tmp_path: Path) -> None:
    """``LoadCredential=`` puts each secret into a file of its name."""
    (tmp_path / "MINDKINDLER_SECRET_NORTH_CLIENT_SECRET").write_text("from systemd\n")
    vault = EnvironmentVault({"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert vault.get("north", "client_secret") == "from systemd"
    assert vault.get("south", "client_secret") is None


def test_a_changed_secret_replaces_the_old_one() -> None:
    """Set, set again, deleted; deleting nothing is no error."""
    vault = LayeredVault(MemoryVault(), EnvironmentVault({}), MemoryVault())
    vault.set("north", "client_secret", "one")
    vault.set("north", "client_secret", "two")
    assert vault.get("north", "client_secret") == "two"
    vault.delete("north", "client_secret")
    vault.delete("north", "client_secret")
    assert vault.get("north", "client_secret") is None


@pytest.mark.parametrize("before", [None, "before"])
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("then", [True, False])
def test_a_changed_secret_can_be_put_back(
    use: Use, before: str | None, first: bool, then: bool
) -> None:
    """Where it was, lasting or not; one of the environment is never stored."""
    ring = MemoryKeyring()
    use(ring)
    memory = MemoryVault()
    given = EnvironmentVault({"MINDKINDLER_SECRET_NORTH_PIN": "given"})
    vault = LayeredVault(memory, given, KeyringVault("a"))
    if before is not None:
        vault.set("north", "pin", before, lasting=first)
    stored = dict(ring.kept), memory.get("north", "pin")
    undo = vault.set("north", "pin", "new", lasting=then)
    assert (dict(ring.kept), memory.get("north", "pin")) != stored
    undo()
    assert (ring.kept, memory.get("north", "pin")) == stored


def test_a_secret_that_is_not_to_last_never_reaches_the_keyring(use: Use) -> None:
    """It stays in memory, until one that lasts takes its place."""
    ring = MemoryKeyring()
    use(ring)
    vault = LayeredVault(MemoryVault(), EnvironmentVault({}), KeyringVault("a"))
    vault.set("north", "client_secret", "for now", lasting=False)
    assert vault.get("north", "client_secret") == "for now"
    assert ring.kept == {}
    vault.set("north", "client_secret", "for good")
    assert vault.get("north", "client_secret") == "for good"
    assert list(ring.kept.values()) == ["for good"]


def test_two_rosters_do_not_share_secrets(use: Use) -> None:
    """The entry names the connector, the secret and the roster, as people read it elsewhere."""
    ring = MemoryKeyring()
    use(ring)
    one, other = KeyringVault("a1b2c3"), KeyringVault("d4e5f6")
    one.set("north", "client_secret", "one")
    other.set("north", "client_secret", "other")
    assert one.get("north", "client_secret") == "one"
    assert (SERVICE, "north/client_secret (a1b2c3)") in ring.kept
    one.delete("north", "client_secret")
    assert other.get("north", "client_secret") == "other"


def test_every_data_folder_has_secrets_of_its_own(use: Use, tmp_path: Path) -> None:
    """A roster keeps its name, so it finds its secrets again; another one does not."""
    use(MemoryKeyring())
    for folder, found in (("one", None), ("two", None), ("one", "s3cr3t")):
        with program(Options(data_dir=tmp_path / folder)) as opened:
            assert opened.vault.get("north", "client_secret") == found
            if folder == "one":
                opened.vault.set("north", "client_secret", "s3cr3t")


def test_a_keyring_that_is_not_there_holds_nothing(use: Use) -> None:
    """A server has none: nothing is found there, and nothing has to be forgotten."""
    use(fail.Keyring())
    vault = KeyringVault("a")
    assert vault.get("north", "client_secret") is None
    assert vault.place("north", "client_secret") is None
    vault.delete("north", "client_secret")


def test_keyrings_are_looked_for_again(use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    """*Try again* finds what was started meanwhile: that there was none is not remembered."""
    use(fail.Keyring())
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    with pytest.raises(VaultError) as told:
        KeyringVault("a").probe()
    assert told.value.code == "keyring_unsafe"


def test_a_probe_leaves_nothing_behind(use: Use) -> None:
    """Written, read, deleted; what is told is the keyring's name."""
    ring = MemoryKeyring()
    use(ring)
    assert KeyringVault("a").probe() == ring.name
    assert ring.kept == {}


@pytest.mark.parametrize(
    ("ring", "code"),
    [
        (fail.Keyring(), "keyring_absent"),
        (null.Keyring(), "keyring_unsafe"),
        (Plaintext(), "keyring_unsafe"),
        (Weak(), "keyring_unsafe"),
        (Failing(KeyringLocked("s3cr3t")), "keyring_locked"),
        (Failing(InitError("s3cr3t")), "keyring_locked"),
        (Failing(OSError("s3cr3t")), "keyring_error"),
        (Forgetful(), "keyring_forgets"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_what_keeps_a_secret_from_being_kept_is_told(
    use: Use, ring: KeyringBackend, code: str
) -> None:
    """Each trouble has its code and its sentence, in a probe and in earnest; no secret is told."""
    use(ring)
    vault = KeyringVault("a")
    for attempt in (vault.probe, lambda: vault.set("north", "client_secret", "s3cr3t")):
        with pytest.raises(VaultError) as told:
            attempt()
        assert told.value.code == code
        assert sentence(code, told.value.parameters) != code
        assert "s3cr3t" not in str(told.value)
    assert getattr(ring, "kept", {}) == {} or isinstance(ring, Forgetful)


def test_of_several_keyrings_a_safe_one_is_used(use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's chain asks one after the other; ours goes by those that protect alone."""
    weak, good = Weak(), MemoryKeyring()
    monkeypatch.setattr(chainer.ChainerBackend, "backends", [weak, good])
    use(chainer.ChainerBackend())
    KeyringVault("a").set("north", "client_secret", "s3cr3t")
    assert (list(weak.kept.values()), list(good.kept.values())) == ([], ["s3cr3t"])


def test_a_keyring_that_waits_for_a_person_is_given_up(use: Use) -> None:
    """No call waits for ever, and the sentence says where the keyring may be waiting."""
    ring = Asking()
    use(ring)
    with pytest.raises(VaultError) as told:
        KeyringVault("a", patience=0.05).get("north", "client_secret")
    ring.come.set()
    assert told.value.code == "keyring_silent"


@pytest.mark.parametrize("before", [None, "before"])
def test_a_secret_that_is_taken_too_late_is_put_out_again(use: Use, before: str | None) -> None:
    """What failed was not stored, whenever the person comes; what was stored since stays."""
    ring = Late()
    use(ring)
    vault = KeyringVault("a", patience=0.05)
    if before is not None:
        vault.set("north", "client_secret", before)
    kept = dict(ring.kept)
    for tried_again in (False, True):
        ring.come.clear()
        with pytest.raises(VaultError) as told:
            vault.set("north", "client_secret", "new")
        assert told.value.code == "keyring_silent"
        waiting = [thread for thread in threading.enumerate() if thread.name == "keyring"]
        if tried_again:
            ring.waits = False
            vault.set("north", "client_secret", "new")
            kept = dict(ring.kept)
        ring.come.set()
        for thread in waiting:
            thread.join()
        assert ring.kept == kept
