"""A keyring that waits for a person keeps the engine from nothing else."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.connectors.contract import Finding, SecretName
from app.engine.apart import Reply
from app.engine.configuring import WEBHOOK_SECRET, Keeping
from app.errors import Cancelled, ConfigError, NotFound, StoreError, UsageError
from app.store import reads, settings
from app.vault import MemoryVault, Undo, VaultError
from tests.engine.toy import District, ToyKind, ToySis, district, fill

KEY = "client_secret"
NOTED = {"note": "new"}


class Locked(MemoryVault):
    """A keyring that asks a person to unlock it, and waits."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.answered = threading.Event(), threading.Event()
        self.refuses = False
        self.order: list[str] = []
        """What was asked to be kept, and what was put back."""

    def _unlock(self) -> None:
        self.asked.set()
        self.answered.wait()
        if self.refuses:
            raise VaultError("keyring_locked")

    def get(self, connector: str, key: str) -> str | None:
        self._unlock()
        return super().get(connector, key)

    def set(self, connector: str, key: str, secret: str, *, lasting: bool = True) -> Undo:
        self.order.append("asked")
        self._unlock()
        undo = super().set(connector, key, secret, lasting=lasting)

        def put_back() -> None:
            self.order.append("put back")
            undo()

        return put_back

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


def given_up(d: District, vault: Locked, command: Callable[[Reply], object]) -> Any:
    """What is replied to a command that a person cancels while the keyring waits."""
    replies: list[Any] = []
    vault.asked.clear()
    reply = Reply(replies.append)
    command(reply)
    asked(vault, d)
    reply.cancel.set()
    return answer(d, replies)


def unlocked(vault: Locked) -> None:
    """The person unlocks it after all, and all that waited for it is done."""
    vault.answered.set()
    for thread in threading.enumerate():
        if thread.name == "vault":
            thread.join()


def kept(vault: Locked, connector: str, key: str = KEY) -> str | None:
    """The secret that is there, without asking anybody."""
    return MemoryVault.get(vault, connector, key)


@pytest.mark.parametrize(("name", "before"), [("north", None), ("toy", "before")])
def test_a_save_that_was_cancelled_leaves_the_secret_as_it_was(
    d: District, vault: Locked, name: str, before: str | None
) -> None:
    """Whatever the keyring took once it was unlocked is put back, or out again."""
    if before is not None:
        MemoryVault.set(vault, name, KEY, before)
    told = given_up(
        d, vault, lambda r: d.engine.save_connector(name, "toy", NOTED, {KEY: "new"}, reply=r)
    )
    unlocked(vault)
    assert isinstance(told, Cancelled)
    assert kept(vault, name) == before
    assert [(one.name, one.settings) for one in reads.connectors(d.database)] == [
        ("toy", {"note": ""})
    ]


def test_a_save_after_one_that_was_cancelled_stands(d: District, vault: Locked) -> None:
    """What is put back late never undoes what the same person saved since."""

    def save(reply: Reply) -> None:
        d.engine.save_connector("north", "toy", {}, {KEY: "s3cr3t"}, reply=reply)

    given_up(d, vault, save)
    replies: list[Any] = []
    save(Reply(replies.append))
    d.loop.later(0.1, vault.answered.set)  # time enough for the newer one to come too early
    assert answer(d, replies) is None
    assert vault.order == ["asked", "put back", "asked"]
    assert kept(vault, "north") == "s3cr3t"


def test_a_renewal_that_was_cancelled_leaves_the_webhooks_secret(
    d: District, vault: Locked
) -> None:
    """The SIS goes on signing with the secret it knows, as nobody was told another."""
    MemoryVault.set(vault, "toy", WEBHOOK_SECRET, "known")
    with d.database.reading() as tx:
        before = settings.read(tx, settings.WEBHOOK_SECRETS_CHANGED)
    told = given_up(d, vault, lambda r: d.engine.set_webhooks("toy", True, renew=True, reply=r))
    unlocked(vault)
    assert isinstance(told, Cancelled)
    assert kept(vault, "toy", WEBHOOK_SECRET) == "known"
    with d.database.reading() as tx:
        assert settings.read(tx, settings.WEBHOOK_SECRETS_CHANGED) == before


def test_a_removal_that_was_cancelled_too_late_is_done(d: District, vault: Locked) -> None:
    """The connector goes first, so that none is ever left behind without its secret."""
    MemoryVault.set(vault, "toy", KEY, "s3cr3t")
    told = given_up(d, vault, lambda r: d.engine.remove_connector("toy", reply=r))
    assert told is None
    assert reads.connectors(d.database) == []
    unlocked(vault)
    assert kept(vault, "toy") is None


@pytest.mark.expects_warnings("secrets of connector .* were not forgotten: keyring_locked")
def test_a_keyring_that_forgets_nothing_keeps_no_connector(d: District, vault: Locked) -> None:
    """It is gone all the same, and the log says why its secrets are not."""
    vault.refuses = True
    vault.answered.set()
    d.engine.remove_connector("toy")
    assert reads.connectors(d.database) == []


@pytest.mark.parametrize("waiting", [False, True])
def test_a_secret_is_put_back_where_the_database_is_not_written(
    d: District, vault: Locked, waiting: bool
) -> None:
    """A new secret never goes to an old address, whether or not somebody waits for the reply."""
    MemoryVault.set(vault, "toy", KEY, "before")
    vault.answered.set()
    with closing(sqlite3.connect(d.database.location.path)) as other:
        other.execute(
            "CREATE TRIGGER full BEFORE UPDATE ON connectors BEGIN SELECT raise(ABORT, 'full'); END"
        )
        other.commit()
    replies: list[Any] = []
    reply = None if waiting else Reply(replies.append)
    try:
        d.engine.save_connector("toy", "toy", NOTED, {KEY: "new"}, reply=reply)
        replies.append(answer(d, replies))
    except StoreError as error:
        replies.append(error)
    assert isinstance(replies[-1], StoreError)
    assert kept(vault, "toy") == "before"


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
