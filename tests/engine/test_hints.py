"""Hints become few syncs: at once, together after a burst, or right after the sync under way."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from app.engine.events import RunEnded, RunStarted
from app.engine.hints import Hints
from app.engine.loop import Loop
from app.errors import BusyError, NotFound, StoreError, SyncError

QUIET = 5.0
LONGEST = 20.0


class Syncs:
    """What a hint begins: notes when, and can be busy."""

    def __init__(self) -> None:
        self.now = 0.0
        self.loop = Loop(monotonic=lambda: self.now)
        self.begun: list[str] = []
        self.busy = False
        self.refuses: SyncError | None = None
        self.tried = 0
        self.hints = Hints(
            self.loop,
            self.start,
            quiet=QUIET,
            longest=LONGEST,
            again=(QUIET,),
            monotonic=lambda: self.now,
        )

    def start(self, name: str) -> None:
        self.tried += 1
        if self.busy:
            raise BusyError("connector_busy")
        if self.refuses is not None:
            raise self.refuses
        self.begun.append(name)

    @contextmanager
    def under_way(self, *, may_pass: bool = False) -> Iterator[None]:
        """A sync of this process; it fails for a reason that may pass, or completes."""
        self.busy = True
        self.loop.tell(RunStarted(1, "north"))
        yield
        self.busy = False
        state = "failed" if may_pass else "completed"
        self.loop.tell(RunEnded(1, "north", state, may_pass))

    def works_for(self, seconds: float) -> None:
        """The loop works so long, which takes no time."""
        self.now += seconds
        over: list[bool] = []
        self.loop.later(0, lambda: over.append(True))
        self.loop.run(until=lambda: bool(over))

    def works_until(self, holds: Callable[[], object]) -> None:
        """The loop works until something holds."""
        while not holds():
            self.works_for(QUIET)


def test_the_first_hint_is_followed_at_once() -> None:
    """DESIGN §8: no waiting where nothing else is heard; a later one is a first one again."""
    syncs = Syncs()
    syncs.hints.hint("north")
    assert syncs.begun == ["north"]
    syncs.works_for(2 * QUIET)
    syncs.hints.hint("north")
    assert syncs.begun == ["north"] * 2


def test_a_burst_is_followed_twice() -> None:
    """DESIGN §8: by its first hint, and once more when there is quiet."""
    syncs = Syncs()
    for _ in range(50):
        syncs.hints.hint("north")
    assert syncs.begun == ["north"]
    syncs.works_for(3 * QUIET)
    assert syncs.begun == ["north"] * 2


def test_a_burst_without_end_is_followed_all_the_same() -> None:
    """DESIGN §8: a hint waits no longer than the longest time."""
    syncs = Syncs()
    while syncs.now <= 3 * (LONGEST + QUIET):
        syncs.hints.hint("north")
        syncs.works_for(QUIET / 5)
    assert len(syncs.begun) == 4


def test_a_hint_during_a_sync_is_followed_right_after_it() -> None:
    """What changed may have been read already, or not: only a sync that begins later is sure."""
    syncs = Syncs()
    with syncs.under_way():
        syncs.hints.hint("north")
        assert syncs.begun == []
    assert syncs.begun == ["north"]


def test_a_sync_that_begins_later_has_served_the_hint() -> None:
    """Whoever began it: no second one follows."""
    syncs = Syncs()
    syncs.hints.hint("north")
    syncs.hints.hint("north")
    with syncs.under_way():
        pass
    syncs.works_for(3 * QUIET)
    assert syncs.begun == ["north"]


def test_a_sync_of_another_process_is_waited_for() -> None:
    """Its end is not heard, so it is tried again until the connector is free."""
    syncs = Syncs()
    syncs.busy = True
    syncs.hints.hint("north")
    syncs.works_until(lambda: syncs.tried >= 3)
    syncs.busy = False
    syncs.works_until(lambda: bool(syncs.begun))
    assert syncs.begun == ["north"]


@pytest.mark.expects_warnings("a sync could not begin for a webhook: database_busy")
def test_a_sync_that_cannot_begin_is_tried_again() -> None:
    """The database was busy, or its disk full: what was acknowledged is followed all the same."""
    syncs = Syncs()
    syncs.refuses = StoreError("database_busy")
    syncs.hints.hint("north")
    syncs.works_until(lambda: syncs.tried >= 3)
    syncs.refuses = None
    syncs.works_until(lambda: bool(syncs.begun))
    syncs.works_for(3 * QUIET)
    assert syncs.begun == ["north"]


def test_a_sync_that_failed_for_the_network_is_tried_again() -> None:
    """A hint is served by a sync that read the SIS, not by one that could not reach it."""
    syncs = Syncs()
    syncs.hints.hint("north")
    with syncs.under_way(may_pass=True):
        pass
    syncs.works_until(lambda: len(syncs.begun) == 2)
    with syncs.under_way():
        pass
    syncs.works_for(3 * QUIET)
    assert syncs.begun == ["north"] * 2


def test_a_connector_that_is_gone_is_waited_for_no_more() -> None:
    """It was removed between the webhook and the sync."""
    syncs = Syncs()
    syncs.refuses = NotFound("connector_unknown", name="north")
    syncs.hints.hint("north")
    syncs.works_for(3 * QUIET)
    assert syncs.tried == 1


def test_connectors_do_not_wait_for_each_other() -> None:
    """A burst of one is no reason to keep another waiting."""
    syncs = Syncs()
    for name in ("north", "north", "south"):
        syncs.hints.hint(name)
    assert syncs.begun == ["north", "south"]


@pytest.mark.parametrize("burst", [False, True])
def test_nothing_begins_when_the_loop_is_about_to_stop(burst: bool) -> None:
    """The window closes: the hint is remembered on disk, and followed at the next start."""
    syncs = Syncs()
    with syncs.under_way():
        for _ in range(1 + burst):
            syncs.hints.hint("north")
        syncs.loop.stop()
        syncs.loop.run()
    assert syncs.begun == []
