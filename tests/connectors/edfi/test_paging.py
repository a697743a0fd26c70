"""Reading one resource page by page, over HTTP: every way, every oddity, and going on later."""

import json
from collections.abc import Iterator

import pytest

from app.connectors.edfi.feed import Window
from app.connectors.edfi.paging import batches, total
from app.errors import AuthError, ContractError, TransientError
from tests.connectors.edfi.shifting_service import (
    STUDENTS,
    WHOLE,
    ShiftingService,
    Told,
    reading,
    told_by,
)
from tests.connectors.edfi.small_service import Client, client_of


@pytest.fixture
def by_offset(shifting: ShiftingService) -> Iterator[Client]:
    with client_of(shifting, paging="offset") as client:
        yield client


@pytest.fixture
def by_cursor(shifting: ShiftingService) -> Iterator[Client]:
    shifting.cursors = True
    with client_of(shifting) as client:
        yield client


def queries(service: ShiftingService) -> list[dict[str, str]]:
    return [query for _, query, _ in service.asked]


# -- the ways --


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 7, 8, 9])
@pytest.mark.parametrize("way", ["by_offset", "by_cursor"])
def test_everything_comes_once(
    shifting: ShiftingService, way: str, count: int, request: pytest.FixtureRequest
) -> None:
    """Every row comes, once and in order, and the total is met, at every length of list."""
    keys = shifting.fill(count)
    told = reading(request.getfixturevalue(way))
    assert told.keys == keys
    assert [batch.last for batch in told.batches] == [False] * (len(told.batches) - 1) + [True]
    assert sum(batch.received for batch in told.batches) == count == told.batches[-1].total
    assert not told.doubts


@pytest.mark.parametrize("way", ["by_offset", "by_cursor"])
@pytest.mark.parametrize("count", [0, 1, 4, 5, 7, 8, 13])
def test_window_has_what_changed_in_it(
    shifting: ShiftingService, way: str, count: int, request: pytest.FixtureRequest
) -> None:
    """A window has the rows whose version is in it, and no others, at every length of list."""
    client = request.getfixturevalue(way)
    shifting.fill(20)
    begin = shifting.newest
    keys = [f"s{2 * number:04}" for number in range(3, 3 + count)]
    for key in keys:
        shifting.put(key, firstName="New")
    end = shifting.newest
    shifting.put("s0000", firstName="Later")
    told = reading(client, Window(begin, end))
    assert sorted(told.keys) == keys
    assert told.batches[-1].last


def test_small_list_is_one_request(shifting: ShiftingService, by_offset: Client) -> None:
    """What fits on one page is asked for once, with its total."""
    shifting.fill(3)
    reading(by_offset)
    assert queries(shifting) == [{"limit": "4", "offset": "0", "totalCount": "true"}]


def test_pages_begin_with_the_last_row(shifting: ShiftingService, by_offset: Client) -> None:
    """An offset page begins with the last row of the page before; it is told once (C4)."""
    shifting.fill(9)
    told = reading(by_offset)
    assert [query["offset"] for query in queries(shifting)] == ["0", "3", "6"]
    assert [batch.received for batch in told.batches] == [4, 3, 2]


def test_total_is_asked_first_and_last(shifting: ShiftingService, by_offset: Client) -> None:
    """The service counts for the first page and for the last one, and not for each (C5)."""
    shifting.fill(9)
    reading(by_offset)
    assert ["totalCount" in query for query in queries(shifting)] == [True, False, True]


@pytest.mark.parametrize("way", ["by_offset", "by_cursor"])
@pytest.mark.parametrize("window", [WHOLE, Window(0, 13)])
def test_next_page_is_announced(
    shifting: ShiftingService, way: str, window: Window, request: pytest.FixtureRequest
) -> None:
    """Before every batch but the last the request after it is announced, in every way."""
    shifting.fill(13)
    told = reading(request.getfixturevalue(way), window)
    assert told.ahead == len(told.batches) - 1 > 0


def test_cursor_goes_on_until_no_token(shifting: ShiftingService, by_cursor: Client) -> None:
    """The last page is the one without a token; the one before it may bring nothing new."""
    shifting.fill(4)
    told = reading(by_cursor)
    assert [batch.received for batch in told.batches] == [4, 0]
    assert "pageToken" in queries(shifting)[-1]


def test_cursors_by_version(shifting: ShiftingService) -> None:
    """Cursors came with 7.3: of an older service nobody asks for them."""
    shifting.fill(3)
    for version, first in (("7.3", "pageSize"), ("7.2", "limit"), ("6.1", "limit")):
        shifting.asked.clear()
        shifting.version = {**shifting.version, "version": version}
        with client_of(shifting) as client:
            reading(client)
        assert first in queries(shifting)[0], version


# -- services that will not --


def test_cursor_that_nobody_heeds(shifting: ShiftingService) -> None:
    """A service that sends its first rows and no token is read by offset, whole."""
    keys = shifting.fill(30)
    with client_of(shifting, paging="cursor") as client:
        told = reading(client, size=10)
        assert client.service.learnt.cursors is False
    assert (told.keys, told.doubts, told.notes) == (keys, [], ["edfi_cursors_given_up"])


def test_empty_list_says_nothing_of_cursors(shifting: ShiftingService, by_cursor: Client) -> None:
    """A list without rows has no token either; that is no reason to give up cursors."""
    shifting.totals = lambda true: None
    told = reading(by_cursor)
    assert (told.keys, told.notes, by_cursor.service.learnt.cursors) == ([], [], None)


def test_cursor_that_is_refused(shifting: ShiftingService, by_cursor: Client) -> None:
    """A token that the service no longer knows begins the list again, and by offset at last."""
    keys = shifting.fill(10)
    shifting.instead = {1: (400, b'{"detail": "token"}'), 3: (400, b'{"detail": "token"}')}
    told = reading(by_cursor)
    assert (told.keys, told.doubts) == (keys, [])
    assert [batch.restarts for batch in told.batches].count(True) == 2
    assert "limit" in queries(shifting)[-1]


def test_cursor_that_leads_nowhere(shifting: ShiftingService, by_cursor: Client) -> None:
    """A token that comes again and again is given up, and nothing is missed or told twice."""
    keys = shifting.fill(10)
    shifting.stuck = True
    told = reading(by_cursor)
    assert (told.keys, told.doubts) == (keys, [])
    assert "edfi_cursors_given_up" in told.notes


@pytest.mark.parametrize("way", ["by_offset", "by_cursor"])
def test_fewer_rows_where_more_are_refused(
    shifting: ShiftingService, way: str, request: pytest.FixtureRequest
) -> None:
    """A service that refuses 500 rows is asked for 100, then for 25, and it is remembered."""
    keys = shifting.fill(60)
    shifting.most = 30
    client = request.getfixturevalue(way)
    told = reading(client, size=500)
    assert told.keys == keys
    assert client.service.learnt.limit == 25
    assert "edfi_size_given_up" in told.notes
    shifting.asked.clear()
    assert reading(client, size=500).keys == keys
    assert {query.get("limit") or query["pageSize"] for query in queries(shifting)} == {"25"}


@pytest.mark.parametrize("window", [WHOLE, Window(0, 20)])
def test_limit_that_is_clamped(
    shifting: ShiftingService, by_offset: Client, window: Window
) -> None:
    """A service that sends fewer rows than it was asked for is read on from where they end."""
    keys = shifting.fill(20)
    shifting.most, shifting.clamps = 6, True
    told = reading(by_offset, window, size=10)
    assert (sorted(told.keys), told.doubts) == (keys, [])


def test_answer_that_is_too_long(shifting: ShiftingService, by_offset: Client) -> None:
    """Of rows that are too long for one answer fewer are asked for, also in the middle."""
    keys = shifting.fill(60)
    for key in keys[35:]:
        shifting.put(key, text="x" * 2_000_000)
    told = reading(by_offset, size=30)
    assert (told.keys, told.doubts) == (keys, [])


def test_offset_that_nobody_heeds(shifting: ShiftingService, by_offset: Client) -> None:
    """Where every page is the first one, reading ends, and in doubt (C5)."""
    shifting.fill(10)
    shifting.offsets = False
    told = reading(by_offset)
    assert {"paging_unstable", "offset_ignored", "total_not_met"} <= set(told.doubts)


@pytest.mark.parametrize("way", ["by_offset", "by_cursor"])
@pytest.mark.parametrize("wrong", [-3, 3])
def test_total_that_is_wrong(
    shifting: ShiftingService, way: str, wrong: int, request: pytest.FixtureRequest
) -> None:
    """All rows come, whatever their stated number, and a number not met is a doubt (C5)."""
    keys = shifting.fill(10)
    shifting.totals = lambda true: true + wrong
    told = reading(request.getfixturevalue(way))
    assert (told.keys, told.doubts) == (keys, ["total_not_met"])


@pytest.mark.parametrize("window", [WHOLE, Window(0, 10)])
def test_total_that_is_never_told(
    shifting: ShiftingService, by_offset: Client, window: Window
) -> None:
    """Without a total everything comes as well, a window read forwards included."""
    keys = shifting.fill(10)
    shifting.totals = lambda true: None
    told = reading(by_offset, window)
    assert (told.keys, told.doubts) == (keys, [])


def test_cursor_and_newcomers(shifting: ShiftingService, by_cursor: Client) -> None:
    """What is added while it is read by cursor comes at the end, and the new total is met."""
    shifting.fill(10)
    shifting.before = lambda number: shifting.put("s9999") if number == 1 else None
    told = reading(by_cursor)
    assert (len(told.keys), told.batches[-1].total, told.doubts) == (11, 11, [])


# -- answers that are none --


@pytest.mark.parametrize(
    ("body", "error", "code"),
    [
        (b'[{"id": "1", "studentUniqueId": "s0"}, {"id', TransientError, "answer_truncated"),
        (b"<html><title>Sign in</title></html>", ContractError, "answer_is_html"),
        (b'{"message": "all well"}', ContractError, "edfi_no_list"),
        (b"ready", ContractError, "answer_not_json"),
    ],
)
def test_page_that_is_none(
    shifting: ShiftingService,
    by_offset: Client,
    body: bytes,
    error: type[Exception],
    code: str,
) -> None:
    """A page that is cut short, a web page or no list is an error, and never an empty list."""
    shifting.fill(10)
    shifting.instead = {1: (200, body)}
    with pytest.raises(error) as failed:
        reading(by_offset)
    assert failed.value.code == code  # type: ignore[attr-defined]


def test_broken_row_costs_itself(shifting: ShiftingService, by_offset: Client) -> None:
    """One broken document is told as such, and its page goes on (C6)."""
    shifting.fill(2)
    rows = [json.dumps(row.document) for row in shifting.rows.values()]
    broken = '{"id": "9", "studentUniqueId": "s9", "firstName": tru}'
    shifting.instead = {0: (200, f"[{rows[0]}, {broken}, {rows[1]}]".encode())}
    (batch,) = reading(by_offset).batches[:1]
    assert [one.key for one in batch.items] == ["s0000", "s0002"]
    assert [(one.key, one.body) for one in batch.broken] == [("s9", broken.encode())]
    assert batch.received == 3


@pytest.mark.parametrize(("status", "error"), [(403, AuthError), (404, ContractError)])
def test_resource_that_is_refused(
    shifting: ShiftingService, by_offset: Client, status: int, error: type[Exception]
) -> None:
    """What may not be read, or is not there, is an error that names the resource."""
    shifting.closed["ed-fi/students"] = (status, {"detail": "no"})
    with pytest.raises(error) as failed:
        reading(by_offset)
    assert failed.value.parameters["resource"] == "students"  # type: ignore[attr-defined]


@pytest.mark.parametrize("again", [1, 2])
def test_token_that_ends_midway(shifting: ShiftingService, by_offset: Client, again: int) -> None:
    """A token that ends in the middle of a list is replaced, and the list goes on."""
    keys = shifting.fill(10)

    def before(number: int) -> None:
        if number == again:
            shifting.valid.clear()

    shifting.before = before
    assert reading(by_offset).keys == keys


# -- snapshots --


@pytest.fixture
def frozen(shifting: ShiftingService) -> Iterator[Client]:
    shifting.fill(10)
    shifting.freeze()
    with client_of(shifting, paging="offset", snapshots="on") as client:
        client(client.service.change_versions())
        yield client


@pytest.mark.parametrize("window", [WHOLE, Window(0, 10)])
def test_snapshot_stands_still(shifting: ShiftingService, frozen: Client, window: Window) -> None:
    """With a snapshot every request asks for it, and what moves meanwhile is not seen."""
    shifting.before = lambda number: shifting.put(f"s{number:04}", firstName="New")
    told = reading(frozen, window)
    assert (told.keys, told.doubts) == ([f"s{2 * number:04}" for number in range(10)], [])
    assert all(from_snapshot for _, _, from_snapshot in shifting.asked)


@pytest.mark.parametrize("window", [WHOLE, Window(0, 10)])
@pytest.mark.parametrize("boundary", range(5))
def test_snapshot_that_goes_midway(
    shifting: ShiftingService, frozen: Client, window: Window, boundary: int
) -> None:
    """A snapshot that is taken away is told, and the list is read from the service itself."""

    def before(number: int) -> None:
        if number == boundary:
            shifting.frozen = None

    shifting.before = before
    told = reading(frozen, window)
    if boundary < len([one for one in shifting.asked if one[2]]):
        assert told.notes.count("edfi_snapshot_gone") == 1
        assert not frozen.service.snapshot
    assert sorted(set(told.keys)) == sorted(shifting.rows)
    assert not told.doubts


def test_what_came_of_a_lost_snapshot_is_void(shifting: ShiftingService, frozen: Client) -> None:
    """Half of a snapshot and half of what is there now are no whole answer (C5)."""
    shifting.end("s0000")
    shifting.put("s0001")

    def before(number: int) -> None:
        if number == 1:
            shifting.frozen = None

    shifting.before = before
    assert reading(frozen).keys == sorted(shifting.rows)


def test_goes_on_in_the_snapshot(shifting: ShiftingService, frozen: Client) -> None:
    """A new process goes on in the snapshot that the reading was begun in."""
    state = reading(frozen, most=1).state
    for number in range(10):
        shifting.put(f"s{number:04}", firstName="New")
    with client_of(shifting, paging="offset", snapshots="on") as later:
        told = reading(later, since=state)
    assert (len(told.keys), told.doubts) == (6, [])
    assert all(from_snapshot for _, _, from_snapshot in shifting.asked)


def test_missing_resource_is_not_a_missing_snapshot(
    shifting: ShiftingService, frozen: Client
) -> None:
    """A list that is not there, snapshot or not, says nothing of the snapshot."""
    shifting.closed["ed-fi/students"] = (404, {})
    with pytest.raises(ContractError):
        reading(frozen)
    assert frozen.service.snapshot


# -- going on later --


@pytest.mark.parametrize("way", ["by_offset", "by_cursor"])
@pytest.mark.parametrize("window", [WHOLE, Window(0, 24)])
def test_goes_on_after_any_batch(
    shifting: ShiftingService, way: str, window: Window, request: pytest.FixtureRequest
) -> None:
    """From the state of any batch a new process reads what was not told yet, and nothing else."""
    shifting.fill(20)
    for key in ("s0004", "s0010"):
        shifting.end(key)
    shifting.rename("s0012", "s0013")
    shifting.rename("s0014", "s0015")
    client = request.getfixturevalue(way)
    whole = reading(client, window, size=3)

    def said(told: Told) -> list[tuple[object, ...]]:
        return [(*each.items, *each.deleted, *each.rekeyed) for each in told.batches]

    for place, batch in enumerate(whole.batches):
        with client_of(shifting, paging=client.service.settings.paging) as later:
            rest = reading(later, window, batch.state, size=3)
        # A reading that was at its end says so once more.
        assert said(rest) == (said(whole)[place + 1 :] or [()])
        assert not rest.doubts


def test_resumed_offset_checks_its_overlap(shifting: ShiftingService, by_offset: Client) -> None:
    """A list that has shifted since it was left is read again from its beginning."""
    shifting.fill(10)
    first = reading(by_offset, most=1)
    shifting.end("s0000")
    rest = reading(by_offset, since=first.state)
    assert [batch.restarts for batch in rest.batches].count(True) == 1
    assert rest.keys == sorted(shifting.rows)


def test_state_of_another_window_begins_anew(shifting: ShiftingService, by_offset: Client) -> None:
    """A state that does not belong to the window, or to nobody, is a beginning."""
    keys = shifting.fill(10)
    state = reading(by_offset, most=1).state
    for since in (state, {"form": 99}, {"listing": 5}, {}):
        told = reading(by_offset, Window(0, 10), since)
        assert sorted(told.keys) == keys


# -- what is asked beside --


def test_total_in_one_request(shifting: ShiftingService, by_offset: Client) -> None:
    """How many there are is asked without asking for any; of a window, its own."""
    shifting.fill(10)
    assert by_offset(total(by_offset.service, STUDENTS, WHOLE)) == 10
    assert by_offset(total(by_offset.service, STUDENTS, Window(7, 9))) == 2
    assert {query["limit"] for query in queries(shifting)} == {"0"}
    shifting.totals = lambda true: None
    assert by_offset(total(by_offset.service, STUDENTS, WHOLE)) is None


def test_memory_does_not_grow(shifting: ShiftingService, by_offset: Client) -> None:
    """The state of a batch is as small at the end of a long list as at its beginning."""
    shifting.fill(600)
    for window in (WHOLE, Window(0, 600)):
        steps = batches(by_offset.service, STUDENTS, window, None, size=50)
        sizes = [len(json.dumps(batch.state)) for batch in told_by(by_offset, steps).batches]
        assert max(sizes) < 1200
