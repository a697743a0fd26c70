"""The engine thread's loop: runs and calls take turns, and progress is thinned out."""

from collections.abc import Iterator

import pytest

from app.connectors.contract import Response
from app.engine.events import Changed, Event, Progress
from app.engine.fetching import Ticket
from app.engine.loop import Loop, Steps


def progress(done: int) -> Progress:
    """How far some run is."""
    return Progress(1, "north", "users", done, None, None)


def test_a_call_is_made_between_two_steps() -> None:
    """DESIGN §6.2: a command never waits for a run to end."""
    loop, order = Loop(), list[str]()

    def steps() -> Steps:
        for n in range(3):
            order.append(f"step {n}")
            if n == 0:
                loop.post(lambda: order.append("call"))
            yield None
        loop.stop()

    loop.start(steps())
    loop.run()
    assert order == ["step 0", "call", "step 1", "step 2"]


@pytest.mark.expects_warnings("a listener of the engine failed")
def test_a_listener_that_fails_keeps_nothing_from_going_on() -> None:
    """A broken terminal must not end what it is told of, nor silence the other listeners."""
    loop, heard = Loop(), list[Event]()

    def fails(event: Event) -> None:
        raise BrokenPipeError

    loop.listen(fails)
    loop.listen(heard.append)
    loop.tell(progress(1))
    assert heard == [progress(1)]


def test_two_runs_take_turns() -> None:
    """One thread serves several connectors, a step each."""
    loop, order = Loop(), list[str]()

    def steps(name: str) -> Steps:
        for n in range(2):
            order.append(f"{name}{n}")
            yield None

    loop.start(steps("a"))
    loop.start(steps("b"))
    loop.stop()
    loop.run()
    assert order == ["a0", "b0", "a1", "b1"]


def test_an_answer_wakes_the_run_that_waits_for_it() -> None:
    """A run waits for its ticket without holding anybody up."""
    loop, got = Loop(), list[Response | None]()
    ticket = Ticket()
    answer = Response(200, {}, b"", "")

    def steps() -> Steps:
        got.append((yield ticket))
        loop.stop()

    loop.start(steps())
    loop.post(lambda: loop.post(lambda: ticket.settle(answer, None)))
    loop.run()
    assert got == [answer]


@pytest.mark.expects_warnings("call on the engine thread failed", "task of the engine thread")
def test_the_loop_outlives_what_fails_in_it() -> None:
    """An unforeseen error in one call or run ends neither the loop nor the others."""
    loop, order = Loop(), list[str]()

    def broken() -> Steps:
        yield None
        raise ZeroDivisionError

    def whole() -> Steps:
        yield None
        yield None
        order.append("whole")

    loop.start(broken())
    loop.start(whole())
    loop.post(lambda: 1 // 0)
    loop.stop()
    loop.run()
    assert order == ["whole"]


def test_progress_is_thinned_out_but_the_last_is_kept() -> None:
    """DESIGN §6.9: ten a second at most, the first and the last kept."""
    times: Iterator[float] = iter([0.0, 0.05, 0.06, 0.2, 0.25])
    loop, heard = Loop(monotonic=lambda: next(times)), list[Event]()
    loop.listen(heard.append)
    for done in (1, 2, 3, 4, 5):
        loop.tell(progress(done))
    ended = Changed(frozenset({"runs"}))
    loop.tell(ended)
    assert heard == [progress(1), progress(4), progress(5), ended]
