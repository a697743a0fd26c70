"""Webhooks over real HTTP: what is accepted leads to a sync, what is refused to nothing."""

import socket
import sqlite3
import sys
import threading
import time
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.engine.events import Delivered
from app.errors import StoreError
from app.server.address import webhook_url
from app.server.deliveries import FILE, Deliveries, Delivery, newest
from app.server.service import LONGEST_BODY
from app.store import reads
from app.store.locks import ConnectorLock
from tests.server.conftest import NAME, Listening, listening
from tests.server.sender import Sender


def roster(folder: Path) -> bytes:
    """The roster's database as it is on disk, with what is not yet merged into it."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("roster.db*")))


def test_a_signed_webhook_leads_to_a_sync_within_two_seconds(receiving: Listening) -> None:
    """DESIGN §8: the first is followed at once; the history says what began the sync."""
    began = time.monotonic()
    answer = receiving.sender.send("msg_1")
    assert (answer.status, answer.document) == (202, {"status": "accepted"})
    [run] = receiving.works_until_runs(1)
    assert time.monotonic() - began < 2
    assert (run.state, run.trigger) == ("completed", "webhook")
    assert run.total("created") > 0


def test_a_repeated_id_has_no_second_effect(receiving: Listening) -> None:
    """Retries are normal: one that was accepted is thanked for again, and that is all."""
    receiving.sender.send("msg_1")
    receiving.works_until_runs(1)
    answer = receiving.sender.send("msg_1", b"another body")
    assert (answer.status, answer.document) == (200, {"status": "known"})
    receiving.sender.send("msg_2")
    receiving.works_until_runs(2)
    assert sum(one.count for one in receiving.events if isinstance(one, Delivered)) == 2


def test_what_is_not_right_is_refused_and_nothing_begins(
    receiving: Listening, data_dir: Path
) -> None:
    """DESIGN §8: each for its own reason; neither the roster nor the deliveries are touched."""
    send, path = receiving.sender.send, f"/api/webhooks/{NAME}"
    before, kept = roster(data_dir), (data_dir / FILE).read_bytes()
    wrong = "whsec_" + "A" * 43 + "="
    for answer, status, code in (
        (send("a", webhook_id=None), 401, "webhook_unsigned"),
        (send("a", webhook_timestamp=None), 401, "webhook_unsigned"),
        (send("a", webhook_signature=None), 401, "webhook_unsigned"),
        (receiving.sender.ask("POST", path), 401, "webhook_unsigned"),
        (send("a", secret=wrong), 401, "webhook_signature_wrong"),
        (send("a", age=301), 401, "webhook_stale"),
        (send("a", age=-302), 401, "webhook_stale"),
        (send("a", webhook_timestamp="soon"), 400, "webhook_headers_unfit"),
        (send("a", webhook_signature="nonsense"), 400, "webhook_headers_unfit"),
        (send("a", host="roster.example"), 421, "webhook_elsewhere"),
        (send("a", host="[::1"), 421, "webhook_elsewhere"),
        (receiving.sender.ask("GET", path), 405, "method_unknown"),
        (receiving.sender.ask("POST", path + "/"), 404, "webhook_unknown"),
        (receiving.sender.ask("POST", "/api"), 404, "address_unknown"),
    ):
        assert (answer.status, answer.code) == (status, code)
    receiving.works_until(lambda: True)
    assert receiving.runs() == []
    assert not any(isinstance(one, Delivered) for one in receiving.events)
    assert (roster(data_dir), (data_dir / FILE).read_bytes()) == (before, kept)


@pytest.mark.parametrize("told", [True, False])
def test_a_body_too_long_is_refused(receiving: Listening, told: bool) -> None:
    """Whether it tells its length or comes in chunks without end, no more of it is read."""
    if told:
        answer = receiving.sender.send("a", b"x" * (LONGEST_BODY + 1))
        assert (answer.status, answer.code) == (413, "webhook_too_long")
    else:
        with socket.create_connection(("127.0.0.1", receiving.port), timeout=20) as line:
            stamp = int(time.time())
            line.sendall(
                f"POST /api/webhooks/{NAME} HTTP/1.1\r\nHost: 127.0.0.1\r\nwebhook-id: a\r\n"
                f"webhook-timestamp: {stamp}\r\nwebhook-signature: v1,AAAA\r\n"
                "Transfer-Encoding: chunked\r\n\r\n".encode()
            )
            for _ in range(LONGEST_BODY // 65536 + 1):
                line.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            assert line.recv(65536).startswith(b"HTTP/1.1 413")
    assert receiving.sender.send("b", b"x" * LONGEST_BODY).status == 202


def test_an_unknown_connector_and_one_without_webhooks_look_alike(receiving: Listening) -> None:
    """Nobody learns by asking which connectors there are."""
    receiving.district.engine.save_connector("north", "toy", {})
    secret = receiving.district.engine.set_webhooks("north", True)
    assert secret is not None
    receiving.settle()
    north, nobody = (
        Sender(webhook_url(receiving.port, name), secret) for name in ("north", "nobody")
    )
    with closing(north), closing(nobody):
        assert north.send("a").status == 202
        receiving.district.engine.set_webhooks("north", False)
        answers = [one.send("b") for one in (north, nobody)]
    assert [(one.status, one.code) for one in answers] == [(404, "webhook_unknown")] * 2
    assert answers[0].document == answers[1].document


def test_a_name_of_any_letters_has_an_address(receiving: Listening) -> None:
    """Spaces, slashes and accents of a connector's name are spelt out in its address."""
    name = "Lycée / Nord 100%"
    receiving.district.engine.save_connector(name, "toy", {})
    secret = receiving.district.engine.set_webhooks(name, True)
    receiving.settle()
    with closing(Sender(webhook_url(receiving.port, name), secret or "")) as sender:
        assert sender.send("a").status == 202


def test_a_burst_of_fifty_is_a_few_syncs(receiving: Listening) -> None:
    """DESIGN §8: all are accepted; the first is followed at once, the rest together."""
    for number in range(50):
        assert receiving.sender.send(f"msg_{number}").status == 202
    receiving.works_until(lambda: nothing_waits(receiving))
    runs = receiving.runs()
    assert 1 <= len(runs) <= 2
    assert {run.trigger for run in runs} == {"webhook"}


def nothing_waits(receiving: Listening) -> bool:
    path = receiving.district.database.location.path.parent / FILE
    with closing(sqlite3.connect(path)) as connection:
        (waiting,) = connection.execute("SELECT sum(NOT followed) FROM deliveries").fetchone()
        return bool(waiting == 0)


def test_a_webhook_during_a_sync_is_followed_right_after_it(receiving: Listening) -> None:
    """Its change may have come too late for the sync under way."""
    sis, sent = receiving.district.sis, list[int]()

    def hook(url: str) -> None:
        if "users" in url and not sent:
            sent.append(receiving.sender.send("msg_1").status)

    sis.hook = hook
    receiving.district.engine.start(NAME)
    second, first = receiving.works_until_runs(2)
    assert sent == [202]
    assert (first.trigger, second.trigger) == ("person", "webhook")
    assert second.started_at >= (first.ended_at or "")


def test_deliveries_of_a_moment_share_one_commit(receiving: Listening, data_dir: Path) -> None:
    """DESIGN §8, group commit: while one commit is under way the next gathers all that come."""
    url, secret = webhook_url(receiving.port, NAME), receiving.sender.secret
    with ExitStack() as stack:
        other = stack.enter_context(closing(sqlite3.connect(data_dir / FILE, isolation_level=None)))
        senders = [stack.enter_context(closing(Sender(url, secret))) for _ in range(40)]
        other.execute("BEGIN IMMEDIATE")  # holds the first commit up until all have arrived
        for number, sender in enumerate(senders):
            sender.begin(f"msg_{number}")
        for _ in range(3):  # what came before a question is taken in before its answer goes
            receiving.sender.ask("GET", "/")
        other.execute("ROLLBACK")
        assert {sender.answer().status for sender in senders} == {202}
        (commits,) = other.execute("SELECT count(DISTINCT received_at) FROM deliveries").fetchone()
    assert commits <= 3
    receiving.works_until_runs(1)


def test_the_roster_busy_or_not_a_webhook_is_acknowledged(receiving: Listening) -> None:
    """A flood of requests never waits for the roster's database."""
    path = receiving.district.database.location.path
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert receiving.sender.send("msg_1").status == 202
        other.execute("ROLLBACK")


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
@pytest.mark.expects_warnings("1 webhooks could not be kept")
def test_what_cannot_be_written_down_is_not_acknowledged(
    receiving: Listening, data_dir: Path
) -> None:
    """DESIGN §8: 503 and a time to try again; the sender's retry is then as good as the first."""
    import resource

    full = max(path.stat().st_size for path in data_dir.glob(f"{FILE}*"))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (full, before[1]))
    try:
        answer = receiving.sender.send("msg_1")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (answer.status, answer.code) == (503, "webhook_not_kept")
    assert answer.headers["retry-after"] == "60"
    receiving.works_until(lambda: True)
    assert receiving.runs() == []
    assert receiving.sender.send("msg_1").status == 202
    receiving.works_until_runs(1)


def test_ready_says_that_engine_and_database_answer(receiving: Listening) -> None:
    """200 while the loop works; 503 when it does not within two seconds."""
    told: list[int] = []

    def ask() -> None:
        with closing(Sender(webhook_url(receiving.port, NAME), "whsec_AAAA")) as one:
            told.append(one.ask("GET", "/ready").status)

    asking = threading.Thread(target=ask)
    asking.start()
    receiving.works_until(lambda: bool(told))
    asking.join()
    answer = receiving.sender.ask("GET", "/ready")  # nobody runs the loop meanwhile
    assert (told, answer.status, answer.document) == ([200], 503, {"ready": False})


def test_a_browser_lured_here_is_sent_away(receiving: Listening) -> None:
    """Whoever makes a name of the web point at this computer learns nothing from it."""
    answer = receiving.sender.ask("GET", "/ready", headers={"Host": "evil.example:8321"})
    assert answer.status == 421


# -- what outlives the process ----------------------------------------------------------------


def test_what_was_accepted_and_not_followed_is_followed_at_the_next_start(data_dir: Path) -> None:
    """H3: the process ends before the engine could do anything; the delivery is not lost."""
    with listening(data_dir) as first:
        assert first.sender.send("msg_1").status == 202
        secret = first.sender.secret
    with listening(data_dir, secret) as second:
        [run] = second.works_until_runs(1)
        assert (run.state, run.trigger) == ("completed", "webhook")
    with listening(data_dir, secret) as third:
        third.works_until(lambda: True)
        assert not any(isinstance(one, Delivered) for one in third.events)
        assert not third.district.engine.busy
        assert third.sender.send("msg_1").status == 200


def test_a_sync_that_did_not_end_well_leaves_the_delivery_to_the_next(data_dir: Path) -> None:
    """A cancelled sync has not seen what the webhook told of."""
    with listening(data_dir) as first:
        first.sender.send("msg_1")
        first.works_until(lambda: first.district.engine.busy)
        [run] = first.runs()
        first.district.engine.cancel(run.id)
        assert [run.state for run in first.works_until_runs(1)] == ["cancelled"]
        secret = first.sender.secret
    with listening(data_dir, secret) as second:
        assert second.works_until_runs(2)[0].state == "completed"
        assert nothing_waits(second)


def test_the_newest_delivery_is_told_with_its_sync(receiving: Listening, data_dir: Path) -> None:
    """The window shows when the last webhook came, and what came of it."""
    connector = reads.connector(receiving.district.database, NAME).id
    assert newest(data_dir, connector) is None
    receiving.sender.send("msg_1")
    received = newest(data_dir, connector)
    assert received is not None
    assert received.run is None
    [run] = receiving.works_until_runs(1)
    received = newest(data_dir, connector)
    assert received is not None
    assert received.run == run.id


def test_ids_are_remembered_for_seven_days(data_dir: Path) -> None:
    """DESIGN §8: then they are forgotten, so that the file does not grow for ever."""
    now = datetime(2026, 9, 7, tzinfo=UTC)
    one = Delivery(1, "msg_1")
    deliveries = Deliveries(data_dir)
    with closing(deliveries):
        assert deliveries.keep([one, one], now) == [True, False]
        deliveries.prune(now + timedelta(days=7))
        assert deliveries.keep([one], now) == [False]
        deliveries.prune(now + timedelta(days=7, seconds=1))
        assert deliveries.keep([one], now) == [True]


def test_a_file_that_is_no_database_is_told(data_dir: Path) -> None:
    """The program goes on without webhooks, and says so."""
    (data_dir / FILE).write_bytes(b"no database at all, but long enough to look at" * 100)
    with pytest.raises(StoreError) as told:
        Deliveries(data_dir)
    assert told.value.code == "database_damaged"


# -- switching, secrets, ports ----------------------------------------------------------------


def test_nothing_listens_before_the_first_is_switched_on(receiving: Listening) -> None:
    """Switched off it hangs up, switched on again it listens, under the same secret."""
    engine = receiving.district.engine
    engine.set_webhooks(NAME, False)
    assert receiving.receiver.reception.port is None
    assert engine.set_webhooks(NAME, True) is None
    receiving.settle()
    with closing(Sender(webhook_url(receiving.port, NAME), receiving.sender.secret)) as sender:
        assert sender.send("msg_1").status == 202


def test_a_new_secret_takes_the_place_of_the_old_at_once(receiving: Listening) -> None:
    """Rotation in its first form: what the old one signed is refused from then on."""
    secret = receiving.district.engine.set_webhooks(NAME, True, renew=True)
    assert secret is not None
    receiving.settle()
    assert receiving.sender.send("msg_1").code == "webhook_signature_wrong"
    assert receiving.sender.send("msg_1", secret=secret).status == 202


def test_a_secret_made_by_another_process_is_noticed(receiving: Listening, data_dir: Path) -> None:
    """The command line makes one while the window or a server receives."""
    with listening(data_dir, receiving.sender.secret, always=True) as other:
        secret = other.district.engine.set_webhooks(NAME, True, renew=True)
        assert secret is not None
        receiving.district.vault.set(NAME, "webhook_secret", secret)  # one keyring for both
    status = 0

    def accepted() -> bool:
        nonlocal status
        status = receiving.sender.send("msg_1", secret=secret).status
        return status == 202

    tick(receiving)
    receiving.works_until(accepted)


def tick(receiving: Listening) -> None:
    """Keeps the loop turning, so that ``until`` is looked at."""
    receiving.district.loop.later(0.05, lambda: tick(receiving))


def test_a_removed_connector_takes_its_webhooks_along(receiving: Listening) -> None:
    """Its secret is forgotten and its address knows it no more."""
    receiving.district.engine.save_connector("north", "toy", {})
    receiving.district.engine.set_webhooks("north", True)
    receiving.district.engine.remove_connector(NAME)
    assert receiving.sender.send("msg_1").status == 404
    assert receiving.district.vault.get(NAME, "webhook_secret") is None


def test_a_port_that_is_taken_is_told_and_tried_again(data_dir: Path) -> None:
    """The program goes on without webhooks; when the port is free it listens by itself."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with listening(data_dir, port=port) as found:
            [reception] = found.receptions
            assert reception.port is None
            assert reception.error is not None
            assert (reception.error.code, reception.error.parameters) == (
                "webhook_port_taken",
                {"port": port},
            )
            found.district.engine.start(NAME)
            found.works_until_runs(1)
            taken.close()
            found.works_until(lambda: found.receiver.reception.port == port)
            assert found.receiver.reception.error is None


def test_another_port_is_moved_to_at_once(receiving: Listening, data_dir: Path) -> None:
    """A port of the settings holds where none was given at the start."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with listening(data_dir, receiving.sender.secret, port=None, always=True) as found:
        found.district.engine.set_webhook_port(port)
        found.settle()
        assert found.receiver.reception.port == port


@pytest.mark.expects_warnings("webhooks of connector 1: webhook_secret_missing")
def test_a_connector_without_its_secret_is_told_and_the_others_go_on(
    receiving: Listening,
) -> None:
    """A roster from another computer has no secrets with it; its senders are to try again."""
    engine, vault = receiving.district.engine, receiving.district.vault
    engine.save_connector("north", "toy", {})
    vault.delete(NAME, "webhook_secret")
    secret = engine.set_webhooks("north", True)
    receiving.settle()
    error = receiving.receiver.reception.error
    assert error is not None
    assert (error.code, error.parameters) == ("webhook_secret_missing", {"name": NAME})
    answer = receiving.sender.send("msg_1")
    assert (answer.status, answer.code) == (503, "webhook_not_ready")
    with closing(Sender(webhook_url(receiving.port, "north"), secret or "")) as sender:
        assert sender.send("msg_1").status == 202


def test_while_the_keyring_waits_for_a_person_senders_are_to_try_again(
    receiving: Listening,
) -> None:
    """A SIS must not take a locked keyring for an address that is gone."""
    engine = receiving.district.engine
    engine.save_connector("north", "toy", {})
    secret = engine.set_webhooks("north", True)
    with closing(Sender(webhook_url(receiving.port, "north"), secret or "")) as sender:
        assert sender.send("msg_1").status == 503  # the loop has not brought the answer yet
        receiving.settle()
        assert sender.send("msg_1").status == 202


@pytest.mark.expects_warnings("a sync could not begin for a webhook: connector_unknown")
def test_a_webhook_for_a_connector_that_was_just_removed_harms_nothing(
    receiving: Listening,
) -> None:
    """It was accepted a moment before; the engine goes on."""
    assert receiving.sender.send("msg_1").status == 202
    receiving.district.engine.remove_connector(NAME)
    receiving.works_until(lambda: any(isinstance(e, Delivered) for e in receiving.events))
    assert receiving.runs() == []


def test_a_busy_connector_elsewhere_is_tried_again(receiving: Listening, data_dir: Path) -> None:
    """H1: another process syncs it; the hint waits for that and is then followed."""
    lock = ConnectorLock(data_dir / "locks", reads.connector(receiving.district.database, NAME).id)
    lock.acquire()
    receiving.sender.send("msg_1")
    receiving.works_until(lambda: any(isinstance(e, Delivered) for e in receiving.events))
    assert receiving.runs() == []
    lock.release()
    [run] = receiving.works_until_runs(1)
    assert run.trigger == "webhook"
