"""The transport over real HTTP: retries, whole answers, cancelling (DESIGN §6.8; SEMANTICS C5)."""

import gzip
import logging
import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from threading import Event

import pytest

from app.connectors.contract import Request, Response
from app.connectors.http import HttpTransport, Limits, Pauses, _unpacked, _Watch
from app.errors import (
    Cancelled,
    ContractError,
    RateLimited,
    SyncError,
    TransientError,
)
from app.text import SENTENCES
from tests.connectors.http_server import NOW, Exchange, answers, get, plain


def test_an_answer_comes_whole_with_lower_case_headers(transport, server):
    """Status, headers such as ``date``, and the body, over one kept connection."""
    server.routes["/a"] = plain(200, b"x" * 300_000, X_Total_Count="7")
    for _ in range(3):
        response = get(transport, f"{server.url}/a")
        assert (response.status, response.headers["x-total-count"]) == (200, "7")
        assert "date" in response.headers
        assert response.body == b"x" * 300_000
    assert threading.active_count() <= 3, "one connection serves all"


@pytest.mark.parametrize("status", [204, 301, 400, 401, 403, 404, 410, 422])
def test_other_final_statuses_are_answers(transport, server, status: int):
    """4xx, and 3xx without a place to go, are for the connector to judge."""
    server.routes["/a"] = plain(status, b"" if status == 204 else b"why")
    assert get(transport, f"{server.url}/a").status == status
    assert len(server.seen) == 1


# -- retries --


def test_a_passing_fault_is_tried_again_with_full_jitter(transport, server, patience):
    """5xx are tried a few times; the pauses are random below a doubling bound."""
    server.routes["/a"] = answers(plain(500), plain(502), plain(200, b"ok"))
    assert get(transport, f"{server.url}/a").body == b"ok"
    first, second = patience.pauses
    assert 0 <= first <= 0.5
    assert 0 <= second <= 1


def test_a_lasting_fault_is_told_with_its_status(transport, server, patience):
    """So that a connector can tell a refused filter from an outage."""
    server.routes["/a"] = plain(500)
    with pytest.raises(TransientError) as raised:
        get(transport, f"{server.url}/a?filter=secret")
    assert (raised.value.code, raised.value.parameters["status"]) == ("server_error", 500)
    assert len(server.seen) == 3
    assert "secret" not in str(raised.value)


def test_what_may_not_be_repeated_is_sent_once(transport, server, patience):
    """It is not known whether a write arrived (SEMANTICS F3)."""
    server.routes["/a"] = plain(503, retry_after="1")
    with pytest.raises(TransientError):
        get(transport, f"{server.url}/a", repeatable=False)
    assert len(server.seen) == 1


def later(seconds: int) -> str:
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("asked", ["55", later(55)])
def test_retry_after_is_honoured(transport, server, patience, status: int, asked: str):
    """In seconds or as a date, also with an HTML body (ONEROSTER 8)."""
    server.routes["/a"] = answers(
        plain(status, b"<html>slow down</html>", retry_after=asked), plain(200, b"ok")
    )
    assert get(transport, f"{server.url}/a").body == b"ok"
    assert patience.pauses == [55]


def test_a_pause_too_long_is_rate_limited(transport, server, patience):
    """Ten minutes in total, then the run ends and says when to come back."""
    server.routes["/a"] = plain(429, retry_after="250")
    with pytest.raises(RateLimited) as raised:
        get(transport, f"{server.url}/a")
    assert raised.value.retry_after == 250
    assert patience.pauses == [250, 250]


def test_a_service_that_says_wait_zero_for_ever_is_not_hammered(transport, server, patience):
    """Our own growing pause is the least."""
    server.routes["/a"] = plain(429, retry_after="0")
    with pytest.raises(RateLimited):
        get(transport, f"{server.url}/a")
    assert len(server.seen) < 40
    assert patience.pauses == sorted(patience.pauses)


class Sharing:
    """Two transports that share their pauses; time goes on while the second one waits."""

    def __init__(self) -> None:
        now, self.waited = [100.0], list[float]()
        pauses = Pauses(lambda: now[0])

        def wait(cancel: Event, seconds: float) -> None:
            self.waited.append(seconds)
            now[0] += seconds

        self.first = HttpTransport(wait=lambda cancel, seconds: None, pauses=pauses)
        self.second = HttpTransport(wait=wait, pauses=pauses)

    def close(self) -> None:
        self.first.close()
        self.second.close()


def test_who_shares_the_pauses_waits_before_the_first_request(server):
    """One is asked to wait, and the other does not ask that host meanwhile."""
    server.routes["/a"] = answers(plain(429, retry_after="55"), plain(200, b"ok"))
    with closing(Sharing()) as both:
        assert get(both.first, f"{server.url}/a").body == b"ok"
        assert get(both.second, f"{server.url}/a").body == b"ok"
    assert both.waited == [55]


def test_a_pause_ends_with_the_transport_that_was_told(server):
    """What one run was asked keeps no later one waiting."""
    server.routes["/a"] = answers(plain(429, retry_after="55"), plain(200, b"ok"))
    with closing(Sharing()) as both:
        get(both.first, f"{server.url}/a")
        both.first.close()
        get(both.second, f"{server.url}/a")
    assert both.waited == []


# -- answers that are not whole --


def cut_short(exchange: Exchange) -> None:
    exchange.head(200, content_length="1000")
    exchange.wfile.write(b'{"users":[')
    exchange.hang_up()


def broken_chunks(exchange: Exchange) -> None:
    exchange.head(200, transfer_encoding="chunked")
    exchange.wfile.write(b"5\r\nhello\r\nff\r\nshort")
    exchange.hang_up()


def no_last_chunk(exchange: Exchange) -> None:
    exchange.head(200, transfer_encoding="chunked")
    exchange.wfile.write(b"5\r\nhello\r\n")
    exchange.hang_up()


def half_a_gzip(exchange: Exchange) -> None:
    exchange.answer(200, gzip.compress(bytes(range(256)) * 99)[:-20], content_encoding="gzip")


@pytest.mark.parametrize("how", [cut_short, broken_chunks, no_last_chunk, half_a_gzip])
def test_a_body_cut_short_is_an_error_never_a_short_body(transport, server, how):
    """Half a page must not look like a small district (SEMANTICS C5)."""
    server.routes["/a"] = how
    with pytest.raises(TransientError) as raised:
        get(transport, f"{server.url}/a")
    assert raised.value.code == "answer_cut_short"
    assert len(server.seen) == 3


def chunks(exchange: Exchange) -> None:
    exchange.head(200, transfer_encoding="chunked")
    for _ in range(50):
        exchange.wfile.write(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
    exchange.wfile.write(b"0\r\n\r\n")


def packed(exchange: Exchange) -> None:
    exchange.answer(200, gzip.compress(b"x" * 50_000), content_encoding="gzip")


def packed_in_two(exchange: Exchange) -> None:
    body = gzip.compress(b"x" * 20_000) + gzip.compress(b"x" * 30_000)
    exchange.answer(200, body, content_encoding="gzip")


def until_closed(exchange: Exchange) -> None:
    exchange.close_connection = True
    exchange.head(200, connection="close")
    exchange.wfile.write(b"x" * 50_000)


WHOLE = [chunks, packed, packed_in_two, until_closed]


@pytest.mark.parametrize("how", WHOLE)
def test_every_way_of_sending_a_body_is_read(transport, server, how):
    """Chunked, packed, or until the connection closes."""
    server.routes["/a"] = how
    for _ in range(2):
        assert get(transport, f"{server.url}/a").body == b"x" * 50_000


@pytest.mark.parametrize("how", [*WHOLE, plain(200, b"x" * 50_000)])
def test_a_body_is_bounded_also_once_unpacked(transport, server, how):
    """A few kilobytes can unpack to gigabytes (DESIGN §8)."""
    server.routes["/a"] = how
    with pytest.raises(ContractError) as raised:
        get(transport, f"{server.url}/a", max_bytes=49_999)
    assert raised.value.code == "answer_too_long"
    assert get(transport, f"{server.url}/a", max_bytes=50_000).body == b"x" * 50_000


def test_very_many_packed_members_are_unpacked_in_one_go(transport, server):
    """Not copying the rest for each of them."""
    body = gzip.compress(b"x") * 60_000
    server.routes["/a"] = plain(200, body, content_encoding="gzip")
    began = time.monotonic()
    assert get(transport, f"{server.url}/a").body == b"x" * 60_000
    assert time.monotonic() - began < 8
    server.routes["/a"] = plain(200, body[:-3], content_encoding="gzip")
    with pytest.raises(TransientError, match="answer_cut_short"):
        get(transport, f"{server.url}/a")


def test_cancel_is_heard_while_unpacking():
    """Between members, and between the pieces of one."""
    watch = _Watch(Limits())
    watch.cancel.set()
    with pytest.raises(Cancelled):
        _unpacked(gzip.compress(b"x") * 2, 100, "/a", watch)


def test_an_unknown_packing_is_refused(transport, server):
    """Better no answer than bytes nobody can read."""
    server.routes["/a"] = plain(200, b"??", content_encoding="br")
    with pytest.raises(ContractError, match="answer_encoding_unknown"):
        get(transport, f"{server.url}/a")


# -- cancelling --


def cancelled_after(wanted: Event, send: Callable[[Event], object]) -> float:
    """The seconds from the cancel, given once ``wanted`` is set, to the end of ``send``."""
    cancel, at = Event(), [0.0]

    def watch() -> None:
        wanted.wait(10)
        at[0] = time.monotonic()
        cancel.set()

    watcher = threading.Thread(target=watch)
    watcher.start()
    with pytest.raises(Cancelled):
        send(cancel)
    ended = time.monotonic()
    watcher.join()
    return ended - at[0]


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nab"])
def test_cancel_ends_a_slow_read_within_a_second(transport, server, sent: bytes):
    """Before the answer begins, and in the middle of it (DESIGN §6.8)."""
    stalled = Event()

    def stall(exchange: Exchange) -> None:
        exchange.wfile.write(sent)
        exchange.wfile.flush()
        stalled.set()
        server.released.wait(10)
        exchange.hang_up()

    server.routes["/a"] = stall
    request = Request("GET", f"{server.url}/a")
    assert cancelled_after(stalled, lambda cancel: transport.send(request, cancel)) < 1


def test_cancel_ends_a_pause_within_a_second(server):
    """``Retry-After: 55`` is not slept through."""
    asked = Event()

    def busy(exchange: Exchange) -> None:
        exchange.answer(429, retry_after="55")
        asked.set()

    server.routes["/a"] = busy
    transport = HttpTransport()
    request = Request("GET", f"{server.url}/a")
    assert cancelled_after(asked, lambda cancel: transport.send(request, cancel)) < 1
    transport.close()


def test_cancel_ends_a_handshake_within_a_second():
    """A server that accepts and then says nothing, as a wrong port may."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepted, held = Event(), []

        def accept() -> None:
            held.append(listener.accept()[0])
            accepted.set()

        accepting = threading.Thread(target=accept)
        accepting.start()
        transport = HttpTransport(Limits(connect=2, attempts=1))
        request = Request("GET", f"https://localhost:{listener.getsockname()[1]}/")
        assert cancelled_after(accepted, lambda cancel: transport.send(request, cancel)) < 1
        accepting.join()
        held[0].close()
        transport.close()


def test_silence_ends_by_itself(server, patience):
    """A service that stops in the middle is a timeout, told as one."""
    server.routes["/a"] = lambda exchange: (
        exchange.head(200, content_length="5"),
        server.released.wait(10),
        exchange.hang_up(),
    )
    transport = HttpTransport(Limits(silence=0.3, attempts=1), wait=patience)
    with pytest.raises(TransientError, match="network_timeout"):
        get(transport, f"{server.url}/a")
    transport.close()


def test_a_trickle_ends_by_itself(server, patience):
    """One byte now and then is not silence, but it must not last for ever."""

    def trickle(exchange: Exchange) -> None:
        exchange.head(200, content_length="10000")
        while not server.released.wait(0.05):
            exchange.wfile.write(b"x")
            exchange.wfile.flush()

    server.routes["/a"] = trickle
    transport = HttpTransport(Limits(answer=0.4, attempts=1), wait=patience)
    with pytest.raises(TransientError, match="network_timeout"):
        get(transport, f"{server.url}/a")
    transport.close()


# -- what is told --


def test_logs_tell_what_happened_and_nothing_secret(transport, server, caplog):
    """Method, path, status, bytes and time; no query, header or body."""
    caplog.set_level(logging.DEBUG)
    server.routes["/users"] = answers(plain(500), plain(200, b"answer-body"))
    transport.send(
        Request(
            "POST",
            f"{server.url}/users?filter=query-value",
            (("X-Key", "header-value"),),
            b"secret-body",
            "Bearer t0ken",
            server.url,
        ),
        Event(),
    )
    assert "POST /users 200 11 bytes" in caplog.text
    assert "POST /users: 500, again in" in caplog.text
    for secret in ("query-value", "header-value", "secret-body", "answer-body", "t0ken"):
        assert secret not in caplog.text


def test_requests_and_answers_do_not_show_what_they_carry():
    """A form may hold the client's secret, an answer the token."""
    request = Request("POST", "https://a.example/", body=b"s3cret", authorization="s3cret")
    response = Response(200, {"set-cookie": "s3cret"}, b"s3cret", "https://a.example/")
    assert "s3cret" not in f"{request!r}{response!r}"


def test_every_code_has_its_sentence():
    """What happened, and what to do next (STYLE)."""
    source = Path(__file__).parents[2].joinpath("app/connectors/http.py").read_text("utf-8")
    codes = set(re.findall(r'Error\(\s*"(\w+)"|Limited\(\s*"(\w+)"', source))
    found = {code for pair in codes for code in pair if code}
    assert len(found) > 15
    assert found <= set(SENTENCES)
    assert issubclass(RateLimited, SyncError)
