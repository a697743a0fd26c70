"""Rows that move between two pages: nothing is missed, however a list is gone through (C3, C4)."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from random import Random

import pytest

from app.connectors.edfi.feed import Window
from tests.connectors.edfi.shifting_service import ShiftingService, Told, reading
from tests.connectors.edfi.small_service import Client, client_of
from tests.connectors.http_server import serving


def replace(service: ShiftingService, leaver: str, newcomer: str) -> None:
    service.end(leaver)
    service.put(newcomer)


def end_all(service: ShiftingService, *keys: str) -> None:
    for key in keys:
        service.end(key)


MOVES: dict[str, Callable[[ShiftingService], object]] = {
    "edited before": lambda at: at.put("s0002", firstName="New"),
    "edited after": lambda at: at.put("s0018", firstName="New"),
    "deleted before": lambda at: at.end("s0002"),
    "deleted after": lambda at: at.end("s0018"),
    "added before": lambda at: at.put("s0001"),
    "added after": lambda at: at.put("s0019"),
    "renamed forwards": lambda at: at.rename("s0002", "s0019"),
    "renamed backwards": lambda at: at.rename("s0018", "s0001"),
    "one leaves and one comes": lambda at: replace(at, "s0002", "s0001"),
    "balanced drift": lambda at: replace(at, "s0002", "s0019"),
    "three leave": lambda at: end_all(at, "s0000", "s0002", "s0004"),
}


class Copy:
    """What a reader of the students believes, by what it was told."""

    def __init__(self) -> None:
        self.bodies: dict[str, tuple[str, bytes]] = {}

    def take(self, told: Told, window: Window) -> None:
        """Goes by what was told; what was told before a restart of a whole read is void."""
        if window.after is None:
            self.bodies.clear()
        for batch in told.valid:
            self.bodies.update({one.id: (one.key, one.body) for one in batch.items})
            for gone in batch.deleted:
                self.bodies.pop(gone.id, None)

    def agrees(self, client: Client, service: ShiftingService) -> bool:
        """Whether that is what the service has."""
        now = reading(client, size=500)
        return self.bodies == {
            one.id: (one.key, one.body) for batch in now.batches for one in batch.items
        }


@pytest.fixture(params=["offset", "cursor"])
def district(request: pytest.FixtureRequest) -> Iterator[tuple[ShiftingService, Client]]:
    with ExitStack() as stack:
        service = stack.enter_context(serving(ShiftingService()))
        service.cursors = request.param == "cursor"
        yield service, stack.enter_context(client_of(service, paging=request.param))


def moving(service: ShiftingService, move: Callable[[ShiftingService], object], at: int) -> None:
    """The rows move before that request from now on is answered, and once only."""
    when = len(service.asked) + at

    def before(number: int) -> None:
        if number == when:
            move(service)

    service.before = before


def rest(service: ShiftingService) -> None:
    """Nothing moves any more."""
    service.before = lambda number: None


@pytest.mark.parametrize("move", MOVES)
def test_whole_read_then_window(district: tuple[ShiftingService, Client], move: str) -> None:
    """Whatever moves between any two pages of a whole read, it and the window after it tell all."""
    service, client = district
    service.fill(10)
    for boundary in range(1, 5):
        service.rows.clear()
        service.fill(10)
        copy, newest = Copy(), service.newest
        moving(service, MOVES[move], boundary)
        copy.take(reading(client), Window(None, newest))
        rest(service)
        window = Window(newest, service.newest)
        copy.take(reading(client, window), window)
        assert copy.agrees(client, service), boundary


@pytest.mark.parametrize("move", MOVES)
def test_window_then_window(district: tuple[ShiftingService, Client], move: str) -> None:
    """Whatever moves between any two pages of a window, it and the window after it tell all."""
    service, client = district
    for boundary in range(1, 9):
        service.rows.clear()
        service.fill(10)
        copy, first = Copy(), service.newest
        copy.take(reading(client), Window(None, first))
        for number in range(10):
            service.put(f"s{2 * number:04}", firstName=str(number))
        second = service.newest
        moving(service, MOVES[move], boundary)
        copy.take(reading(client, Window(first, second)), Window(first, second))
        rest(service)
        last = Window(second, service.newest)
        copy.take(reading(client, last), last)
        assert copy.agrees(client, service), boundary


def test_whole_read_with_one_move_is_read_again(shifting: ShiftingService) -> None:
    """A row that leaves before the offset makes the list be read again, which is told (C4)."""
    with client_of(shifting, paging="offset") as client:
        shifting.fill(10)
        moving(shifting, MOVES["deleted before"], 2)
        told = reading(client)
    assert [batch.restarts for batch in told.batches].count(True) == 1
    assert (len(told.keys), told.doubts) == (9, [])


def test_list_that_never_rests_is_doubted(shifting: ShiftingService) -> None:
    """After three readings from the beginning it goes on, in doubt, and still tells what comes."""
    with client_of(shifting, paging="offset") as client:
        shifting.fill(30)

        def before(number: int) -> None:
            if number:
                shifting.end(min(shifting.rows))

        shifting.before = before
        told = reading(client)
    assert [batch.restarts for batch in told.batches].count(True) == 3
    assert "paging_unstable" in told.doubts


def test_change_of_total_is_doubted(shifting: ShiftingService) -> None:
    """A row that comes at the end while it is read makes the total another one (C5)."""
    with client_of(shifting, paging="offset") as client:
        shifting.fill(10)
        moving(shifting, lambda at: at.put("s9999"), 2)
        told = reading(client)
    assert (len(told.keys), told.doubts) == (11, ["total_changed"])


def test_edits_under_backward_reading_cost_nothing(shifting: ShiftingService) -> None:
    """Rows that leave a window while it is read backwards move nothing that is unread."""
    with client_of(shifting, paging="offset") as client:
        keys = shifting.fill(40)
        newest = shifting.newest
        shifting.before = lambda number: shifting.put(keys[number], firstName="New")
        told = reading(client, Window(0, newest))
        rest(shifting)
        window = Window(newest, shifting.newest)
        later = reading(client, window)
    assert {*told.keys, *later.keys} == set(keys)
    items = [query for path, query, _ in shifting.asked if not path]
    assert len([one for one in items if one.get("offset") == "0"]) <= 4  # never begun again


def test_late_newcomer_of_a_window_is_noticed(shifting: ShiftingService) -> None:
    """A row that comes into a closed window, as its transaction ended late, is not missed."""
    with client_of(shifting, paging="offset") as client:
        shifting.fill(20)
        until = shifting.newest

        def late(service: ShiftingService) -> None:
            service.put("s0001")
            service.rows["s0001"].version = until

        moving(shifting, late, 3)
        told = reading(client, Window(0, until))
    assert "s0001" in told.keys
    assert set(shifting.rows) == set(told.keys)


def test_window_that_never_rests_is_doubted(shifting: ShiftingService) -> None:
    """What cannot be read surely is told all the same, and that it is to be read again (C3)."""
    with client_of(shifting, paging="offset") as client:
        shifting.fill(40)
        until = shifting.newest

        def before(number: int) -> None:
            for step in range(3):
                key = f"s{number:02}{step:02}x"
                shifting.put(key)
                shifting.rows[key].version = until

        shifting.before = before
        told = reading(client, Window(0, until))
    assert "edfi_window_unstable" in told.doubts
    assert told.batches[-1].last


def test_window_that_turns_round_is_doubted(shifting: ShiftingService) -> None:
    """Rows that pass from what is unread to what was read are missed by no overlap, but counted."""
    with client_of(shifting, paging="offset") as client:
        shifting.fill(20)
        until = shifting.newest

        def before(number: int) -> None:
            if "/deletes" in shifting.asked[-1][0]:
                return
            first, *_, last = sorted(shifting.rows)
            row = shifting.rows.pop(first)
            row.document = {**row.document, "studentUniqueId": last + "x"}
            shifting.rows[last + "x"] = row

        shifting.before = before
        told = reading(client, Window(0, until))
    assert "edfi_window_short" in told.doubts


@pytest.mark.parametrize("seed", range(4))
def test_a_thousand_edits_between_the_pages(
    district: tuple[ShiftingService, Client], seed: int
) -> None:
    """A thousand changes of every sort, at any moment, in windows one after the other."""
    service, client = district
    dice = Random(seed)
    service.fill(40)
    copy = Copy()
    last: int | None = None
    done = 0

    def change() -> None:
        nonlocal done
        done += 1
        keys = sorted(service.rows)
        new = f"s{dice.randrange(10_000):04}"
        what = dice.choice(["edit", "edit", "add", "end", "rename"])
        if what == "edit" or new in service.rows or len(keys) < 10:
            service.put(dice.choice(keys) if keys else new, firstName=str(done))
        elif what == "add":
            service.put(new)
        elif what == "end":
            service.end(dice.choice(keys))
        else:
            service.rename(dice.choice(keys), new)

    def before(number: int) -> None:
        for _ in range(dice.randrange(3) if done < 250 else 0):
            change()

    service.before = before
    while done < 250:
        for _ in range(dice.randrange(20)):
            change()
        window = Window(last, service.newest)
        told = reading(client, window, size=dice.choice([3, 7]))
        copy.take(told, window)
        if not told.doubts:
            last = window.until
    window = Window(last, service.newest)
    copy.take(reading(client, window), window)
    assert copy.agrees(client, service)
