"""A keyring that waits for a person keeps the engine from nothing else."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.connectors.contract import Finding, SecretName
from app.engine.apart import Reply
from app.engine.engine import Keeping
from app.errors import Cancelled, ConfigError, NotFound, UsageError
from app.store import reads
from app.vault import MemoryVault, VaultError
from tests.engine.toy import District, ToyKind, ToySis, district, fill

KEY = "client_secret"


class Locked(MemoryVault):
    """A keyring that asks a person to unlock it, and waits."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.answered = threading.Event(), threading.Event()
        self.refuses = False

    def _unlock(self) -> None:
        self.asked.set()
        self.answered.wait()
        if self.refuses:
            raise VaultError("keyring_locked")

    def get(self, connector: str, key: str) -> str | None:
        self._unlock()
        return super().get(connector, key)

    def set(self, connector: str, key: str, secret: str, *, lasting: bool = True) -> None:
        self._unlock()
        super().set(connector, key, secret, lasting=lasting)

    def delete(self, connector: str, key: str) -> None:
        self._unlock()
        super().delete(connector, key)

    def probe(self) -> str:
        self._unlock()
        return super().probe()


@pytest.fixture
def vault() -> Iterator[Locked]:
    """A locked keyring; nobody waits for it after the test."""
    found = Locked()
    yield found
    found.answered.set()


@pytest.fixture
def d(data_dir: Path, vault: Locked) -> Iterator[District]:
    """A district whose connector has a secret, behind the locked keyring."""
    kind = ToyKind(fill(ToySis()), secrets=(SecretName(KEY, "Client secret"),))
    with district(data_dir, kind=kind, vault=vault) as found:
        yield found


def answer(d: District, into: list[Any]) -> Any:
    """Works until the command has replied; its reply."""
    d.loop.run(until=lambda: bool(into))
    return into[0]


def asked(vault: Locked, d: District) -> None:
    """Works until the keyring waits for a person."""
    d.loop.run(until=vault.asked.is_set)


def test_commands_are_served_while_the_keyring_waits(d: District, vault: Locked) -> None:
    """A connector being saved holds up no other command, and is saved when the person is done."""
    replies: list[Any] = []
    d.engine.save_connector("north", "toy", {}, {KEY: "s3cr3t"}, reply=Reply(replies.append))
    asked(vault, d)
    d.engine.set_schedule("toy", "06:30")
    assert reads.connector(d.database, "toy").schedule == "06:30"
    assert [one.name for one in reads.connectors(d.database)] == ["toy"]
    vault.answered.set()
    assert answer(d, replies) is None
    assert [one.name for one in reads.connectors(d.database)] == ["north", "toy"]


def test_a_sync_can_be_cancelled_while_the_keyring_waits(d: District, vault: Locked) -> None:
    """It ends as any cancelled sync does, and the connector is free again."""
    run = d.engine.start("toy")
    asked(vault, d)
    d.engine.cancel(run)
    d.loop.run(until=lambda: not d.engine.busy)
    assert reads.run(d.database, run).state == "cancelled"
    vault.answered.set()
    vault.set("toy", KEY, "s3cr3t")
    assert d.sync().state == "completed"


def test_a_keyring_that_stays_locked_fails_the_sync_with_its_reason(
    d: District, vault: Locked
) -> None:
    """The run has the code whose sentence says what to do."""
    vault.refuses = True
    vault.answered.set()
    assert d.sync().error_code == "keyring_locked"


def test_what_was_cancelled_saves_and_removes_nothing(d: District, vault: Locked) -> None:
    """A person who gives up waiting finds everything as it was."""
    for command in (
        lambda reply: d.engine.save_connector("north", "toy", {}, {KEY: "s3cr3t"}, reply=reply),
        lambda reply: d.engine.remove_connector("toy", reply=reply),
    ):
        replies: list[Any] = []
        vault.asked.clear()
        reply = Reply(replies.append)
        command(reply)
        asked(vault, d)
        reply.cancel.set()
        assert isinstance(answer(d, replies), Cancelled)
        assert [one.name for one in reads.connectors(d.database)] == ["toy"]


def test_a_mistake_is_replied_too(d: District) -> None:
    """Who does not wait learns of a refusal in the same way as of success."""
    for name, kind, expected in (("TOY", "toy", UsageError), ("north", "telex", NotFound)):
        replies: list[Any] = []
        d.engine.save_connector(name, kind, {}, reply=Reply(replies.append))
        assert isinstance(answer(d, replies), expected)


def test_where_secrets_are_is_told_before_one_is_typed(d: District, vault: Locked) -> None:
    """The place of new ones and of those there are, or why none can be kept."""
    vault.answered.set()
    vault.set("toy", KEY, "s3cr3t")
    for name, known in (("toy", {KEY: vault.probe()}), ("north", {})):
        replies: list[Any] = []
        d.engine.keeping(name, "toy", reply=Reply(replies.append))
        assert answer(d, replies) == Keeping(vault.probe(), None, known)
    vault.refuses = True
    troubles: list[Keeping] = []
    d.engine.keeping("north", "toy", reply=Reply(troubles.append))
    trouble = answer(d, troubles).trouble
    assert isinstance(trouble, VaultError)
    assert trouble.code == "keyring_locked"


def test_settings_are_tried_without_being_saved(d: District, vault: Locked) -> None:
    """Typed settings and secrets are tried as they are; a secret left out is the one kept."""
    vault.answered.set()
    replies: list[Any] = []
    d.engine.try_settings("north", "toy", {}, reply=Reply(replies.append))
    refused = answer(d, replies)
    assert isinstance(refused, ConfigError)
    assert refused.code == "secret_missing"
    vault.set("toy", KEY, "s3cr3t")
    for name, given in (("north", {KEY: "typed"}), ("toy", {})):
        found: list[list[Finding]] = []
        d.engine.try_settings(name, "toy", {}, given, reply=Reply(found.append))
        assert [one.code for one in answer(d, found)] == ["toy_answers"]
    assert [one.name for one in reads.connectors(d.database)] == ["toy"]
    assert MemoryVault.get(vault, "north", KEY) is None
