"""Webhooks over real HTTP: what is accepted leads to a sync, what is refused to nothing."""

import os
import socket
import sqlite3
import sys
import threading
import time
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.engine.events import Delivered
from app.errors import StoreError
from app.server import door
from app.server.address import webhook_url
from app.server.deliveries import FILE, Deliveries, Delivery, Kept, newest, opened
from app.server.receiver import Receiver, Reception
from app.server.service import LONGEST_BODY
from app.store import reads, settings
from app.store.locks import ConnectorLock
from tests.engine.toy import district
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
        (send("a", host="localhost:evil.example"), 421, "webhook_elsewhere"),
        (send("a", host="localhost:"), 421, "webhook_elsewhere"),
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


def test_a_host_is_the_same_in_capitals(receiving: Listening) -> None:
    """RFC 9110 4.2.3: names of hosts know no difference."""
    answer = receiving.sender.send("msg_1", host=f"LocalHost:{receiving.port}")
    assert answer.status == 202


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
        assert deliveries.keep([one, one], now) == [Kept.NEW, Kept.WAITING]
        deliveries.prune(now + timedelta(days=7))
        assert deliveries.keep([one], now) == [Kept.WAITING]
        deliveries.prune(now + timedelta(days=7, seconds=1))
        assert deliveries.keep([one], now) == [Kept.NEW]


GARBAGE = b"no database at all, but long enough to look at" * 100
set_aside = pytest.mark.expects_warnings("the file of webhooks is damaged and was set aside")


@set_aside
def test_a_damaged_file_makes_room_and_a_sync_finds_what_it_held(data_dir: Path) -> None:
    """What was acknowledged is not lost: nobody knows what it was, so every SIS is asked."""
    with listening(data_dir) as first:
        assert first.sender.send("msg_1").status == 202
        secret = first.sender.secret
    (data_dir / FILE).write_bytes(GARBAGE)
    with listening(data_dir, secret) as second:
        connector = reads.connector(second.district.database, NAME).id
        assert newest(data_dir, connector) is None  # nothing came that could be told of
        [run] = second.works_until_runs(1)
        assert (run.state, run.trigger) == ("completed", "webhook")
        assert second.sender.send("msg_2").status == 202
        second.works_until_runs(2)
        assert nothing_waits(second)
    [aside] = data_dir.glob("webhooks.damaged.*.db")
    assert aside.read_bytes() == GARBAGE


@set_aside
def test_that_a_file_was_damaged_is_remembered_until_a_sync_followed(data_dir: Path) -> None:
    """The process may end before the engine could do anything; the next one does it."""
    (data_dir / FILE).write_bytes(GARBAGE)
    with closing(opened(data_dir, [1, 2], datetime.now(UTC))):
        pass
    with closing(Deliveries(data_dir)) as later:
        assert later.pending() == {1: 1, 2: 1}
        later.began(1, 7)
        later.ended_well(7)
        assert later.pending() == {2: 1}


@set_aside
@pytest.mark.expects_warnings("1 webhooks could not be kept")
def test_a_file_damaged_while_it_is_open_makes_room_too(
    receiving: Listening, data_dir: Path
) -> None:
    """Its sender is to try again, and is then heard at the same address."""
    sender = receiving.sender
    assert sender.send("msg_1").status == 202
    receiving.works_until_runs(1)
    with closing(sqlite3.connect(data_dir / FILE)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with (data_dir / FILE).open("r+b") as file:
        file.write(GARBAGE)
    answer = sender.send("msg_2")
    assert (answer.status, answer.code) == (503, "webhook_not_kept")
    sender.close()
    receiving.works_until(lambda: any(data_dir.glob("webhooks.damaged.*.db")))
    receiving.settle()
    assert sender.send("msg_2").status == 202
    assert {run.trigger for run in receiving.works_until_runs(2)} == {"webhook"}


def test_the_newest_delivery_of_a_damaged_file_is_none(data_dir: Path) -> None:
    """The window shows its settings all the same."""
    (data_dir / FILE).write_bytes(GARBAGE)
    assert newest(data_dir, 1) is None


def test_a_damaged_table_is_told_when_it_is_read(data_dir: Path) -> None:
    """Never as an error of SQLite's; and whoever holds the file can see that it is of no use."""
    deliveries = Deliveries(data_dir)
    with closing(deliveries):
        deliveries.keep([Delivery(1, "msg_1")], datetime.now(UTC))
        with closing(sqlite3.connect(data_dir / FILE)) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (data_dir / FILE).write_bytes(GARBAGE)
        with pytest.raises(StoreError, match="database_damaged"):
            deliveries.pending()
        assert deliveries.damaged


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may do anything")
def test_a_damaged_file_that_cannot_be_set_aside_is_told(data_dir: Path) -> None:
    """The program goes on without webhooks, and says so."""
    (data_dir / FILE).write_bytes(GARBAGE)
    data_dir.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="database_damaged"):
            opened(data_dir, [1], datetime.now(UTC))
    finally:
        data_dir.chmod(0o700)


def test_a_folder_in_the_place_of_the_file_keeps_nothing_from_working(data_dir: Path) -> None:
    """Whatever is wrong with the file, the program opens, says so, and tries again."""
    (data_dir / FILE).mkdir()
    with listening(data_dir) as found:
        error = found.receiver.reception.error
        assert error is not None
        assert error.code == "database_error"
        found.district.engine.start(NAME)
        found.works_until_runs(1)
        (data_dir / FILE).rmdir()
        found.works_until(lambda: found.receiver.reception.port is not None)
        assert found.receiver.reception.error is None


@pytest.mark.expects_warnings("webhooks could not be looked after")
def test_what_nobody_foresaw_is_told_and_tried_again(data_dir: Path) -> None:
    """An error that is not one of ours goes no further than the receiver, which looks again."""
    with district(data_dir) as d:
        with d.database.writing() as tx:
            settings.write(tx, settings.WEBHOOK_PORT, "a port that no version of ours wrote")
        with closing(Receiver(d.database, d.engine, d.loop, always=True)) as receiver:
            receiver.start()
            assert receiver.reception.error is not None
            assert receiver.reception.error.code == "unexpected"
            with socket.create_server(("127.0.0.1", 0)) as probe:
                port = probe.getsockname()[1]
            d.engine.set_webhook_port(port)
            d.loop.run(until=lambda: receiver.reception == Reception(port))


def test_one_sent_again_before_a_sync_followed_is_a_hint_again(receiving: Listening) -> None:
    """Known, so 200 and no second row; but its sync was cancelled, and now there is another."""
    receiving.sender.send("msg_1")
    receiving.works_until(lambda: receiving.district.engine.busy)
    [run] = receiving.runs()
    receiving.district.engine.cancel(run.id)
    receiving.works_until_runs(1)
    assert receiving.sender.send("msg_1").status == 200
    assert receiving.works_until_runs(2)[0].state == "completed"
    assert nothing_waits(receiving)


def test_what_came_while_the_port_changed_is_followed(receiving: Listening, data_dir: Path) -> None:
    """Every door begins with what lies on disk, however the one before ended."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with listening(data_dir, receiving.sender.secret, port=None, always=True) as found:
        connector = reads.connector(found.district.database, NAME).id
        with closing(Deliveries(data_dir)) as late:
            late.keep([Delivery(connector, "msg_1")], datetime.now(UTC))
        found.district.engine.set_webhook_port(port)
        [run] = found.works_until_runs(1)
        assert (run.state, run.trigger) == ("completed", "webhook")


# -- who opens many lines and says little -----------------------------------------------------


def closed(line: socket.socket) -> bool:
    """Reads what is left of an answer until the other side ends it; a wait in vain raises."""
    with suppress(ConnectionResetError):
        while line.recv(1024):
            pass
    return True


@pytest.mark.parametrize("said", [b"", b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n"])
def test_a_request_that_does_not_come_ends_its_connection(
    receiving: Listening, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    """Nothing, or half a head: whoever says no more makes room."""
    monkeypatch.setattr(door, "HEAD_WITHIN", 0.2)
    with socket.create_connection(("127.0.0.1", receiving.port), timeout=5) as line:
        line.sendall(said)
        assert closed(line)
    assert receiving.sender.send("msg_1").status == 202


def test_ends_of_lines_after_the_answer_do_not_keep_a_connection(
    receiving: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are no request, yet something was said: one that begins has to go on."""
    monkeypatch.setattr(door, "HEAD_WITHIN", 0.2)
    with socket.create_connection(("127.0.0.1", receiving.port), timeout=5) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert line.recv(65536).startswith(b"HTTP/1.1 404")
        line.sendall(b"\r\n")
        assert closed(line)


def test_a_body_that_trickles_in_after_the_answer_ends_its_connection(
    receiving: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused by its head; nobody has to listen to the rest for ever."""
    monkeypatch.setattr(door, "BODY_WITHIN", 0.3)
    with socket.create_connection(("127.0.0.1", receiving.port), timeout=5) as line:
        line.sendall(
            f"POST /api/webhooks/{NAME} HTTP/1.1\r\nHost: localhost\r\n"
            "Content-Length: 100000\r\n\r\n".encode()
        )
        assert line.recv(65536).startswith(b"HTTP/1.1 401")
        line.sendall(b"x")
        assert closed(line)


def test_a_head_without_end_ends_its_connection(receiving: Listening) -> None:
    """It would be kept in memory for as long as it comes."""
    with socket.create_connection(("127.0.0.1", receiving.port), timeout=5) as line:
        line.sendall(b"GET / HTTP/1.1\r\n")
        with pytest.raises(OSError, match=r"reset|pipe|aborted"):
            line.sendall(b"x: %s\r\n" % (b"x" * 1000) * 100_000)


def test_more_connections_than_are_served_are_closed(receiving: Listening) -> None:
    """The newest make room, so that those that are served, and the syncs, go on."""
    address = ("127.0.0.1", receiving.port)
    assert receiving.sender.send("msg_1").status == 202
    with ExitStack() as stack:
        lines = [
            stack.enter_context(socket.create_connection(address, timeout=5))
            for _ in range(door.MOST_CONNECTIONS)
        ]
        assert closed(lines[-1])
        assert receiving.sender.send("msg_2").status == 202
    with closing(Sender(webhook_url(receiving.port, NAME), receiving.sender.secret)) as later:
        assert later.send("msg_3").status == 202


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
@pytest.mark.expects_warnings("while webhooks were received: socket.accept")
def test_no_more_open_files_is_said_once_and_passes(
    receiving: Listening, capfd: pytest.CaptureFixture[str]
) -> None:
    """The log says it; standard error is not flooded, and later ones are served."""
    import resource

    assert receiving.sender.ask("GET", "/").status == 404
    with closing(socket.socket()) as line:
        lowest = os.dup(line.fileno())
        os.close(lowest)
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, before[1]))
        try:
            line.settimeout(5)
            line.connect(("127.0.0.1", receiving.port))
            assert receiving.sender.ask("GET", "/").status == 404
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
        line.sendall(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
        assert line.recv(1024).startswith(b"HTTP/1.1 404")
    assert capfd.readouterr().err == ""


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
