"""Reading rows by their keys, several at once (SEMANTICS D1, C6; ``Capability.concurrency``)."""

from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Event

import pytest

from app.errors import ContractError
from app.store import reads, waiting
from tests.engine.toy import GARBLED, District, ToySis, district, fill, sums

AT_ONCE = 3
GOING = [f"e{n:03d}" for n in range(1, 8)]
"""One that goes alone, and twice as many as are asked for at once."""


def meeting() -> Callable[[str], None]:
    """A hook that lets reads by key go on only in threes, but for the first."""
    barrier, first = Barrier(AT_ONCE, timeout=10), iter([True])

    def hook(url: str) -> None:
        if "key=" in url and not next(first, False):
            barrier.wait()

    return hook


def by_key(d: District) -> list[str]:
    """The keys that were read."""
    return [url.partition("key=")[2] for url in d.sis.asked if "key=" in url]


def gone(d: District) -> None:
    """A first sync, after which some enrollments are missing."""
    d.without_limits()
    d.sync()
    d.sis.vanish("enrollments", *GOING)


def several(at_once: int = AT_ONCE) -> ToySis:
    """A SIS that may be asked so many things at once."""
    return fill(ToySis(concurrency=at_once))


def test_absences_are_read_by_key_side_by_side(data_dir: Path) -> None:
    """As many as the connector may be asked for are under way together; all of them end."""
    with district(data_dir, several()) as d:
        gone(d)
        d.sis.hook = meeting()
        run = d.sync(full=True)
        assert sorted(by_key(d)) == GOING
        assert (run.state, sums(run)) == (
            "completed",
            {"read": 19, "absent": 7, "unchanged": 19, "deleted": 7},
        )


def test_an_approval_reads_side_by_side(data_dir: Path) -> None:
    """What was absent is looked for as many at once, and each answer is its own record's."""
    with district(data_dir, several()) as d:
        d.sync()
        row = d.sis.rows["enrollments"][GOING[3]]
        d.sis.vanish("enrollments", *GOING)
        d.sis.by_key = False  # or they would not wait
        of = d.sync(full=True)
        assert of.total("waiting") == len(GOING)
        d.sis.by_key = True
        d.sis.put("enrollments", GOING[3], **row)
        d.sis.asked.clear()
        d.sis.hook = meeting()
        run = d.engine.approve(of.id, author="Ana")
        d.loop.run(until=lambda: not d.engine.busy)
        answer = waiting.approval(d.database, run)
        assert sorted(by_key(d)) == GOING
        assert (answer.applied, [one.id for one in answer.left_out]) == (
            len(GOING) - 1,
            [d.id("enrollments", GOING[3])],
        )


def test_unreadable_rows_are_read_side_by_side(data_dir: Path) -> None:
    """Where only changes are read, rows that can be understood by now come by their keys."""
    with district(data_dir, several()) as d:
        rows = dict(d.sis.rows["users"])
        keys = list(rows)[: len(GOING)]
        for key in keys:
            d.sis.put("users", key, **GARBLED)
        assert d.sync().total("unreadable") == len(keys)
        for key in keys:
            d.sis.rows["users"][key] = rows[key]  # without a word, so that no change is listed
        d.sis.hook = meeting()
        assert d.sync().total("created") == len(keys)
        assert reads.connector(d.database, "toy").standing.unreadable == 0


def test_the_first_in_order_is_told_whichever_answers_first(data_dir: Path) -> None:
    """Of several that are still there, the one that would have been read first is named."""
    with district(data_dir, several()) as d:
        gone(d)
        there = {key: {"user": "u001", "class": "c1"} for key in GOING[1:3]}
        later = Event()

        def hook(url: str) -> None:
            if "key=" in url:
                d.sis.rows["enrollments"].update(there)
            if url.endswith(GOING[1]):
                assert later.wait(10)
            if url.endswith(GOING[2]):
                later.set()

        d.sis.hook = hook
        run = d.sync(full=True)
        [told] = [
            line.parameters
            for line in reads.run_log(d.database, run.id)
            if line.code == "row_still_there"
        ]
        assert (run.state, told) == ("warnings", {"key": GOING[1]})


@pytest.mark.parametrize("at_once", [1, AT_ONCE])
def test_one_that_is_not_answered_voids_the_proof(data_dir: Path, at_once: int) -> None:
    """An error of one look is its answer: nothing ends, and no further one is begun."""
    with district(data_dir, several(at_once)) as d:
        gone(d)

        def hook(url: str) -> None:
            if url.endswith(GOING[4]):
                raise ContractError("unexpected_status", status=418, path="/")

        d.sis.hook = hook
        run = d.sync(full=True)
        assert (run.state, run.total("absent")) == ("warnings", 0)
        assert "row_not_confirmed" in d.log(run.id)
        # Those that were begun before it was known.
        assert len(by_key(d)) - 5 < at_once
        assert reads.counts(d.database)["enrollments"] == 10


def test_a_cancel_ends_all_that_is_under_way(data_dir: Path) -> None:
    """What is under way is given up, and nothing more is asked."""
    with district(data_dir, several()) as d:
        gone(d)
        together, stopped = Barrier(AT_ONCE, timeout=10), Event()

        def hook(url: str) -> None:
            if "key=" not in url or url.endswith(GOING[0]):
                return
            if together.wait() == 0:
                d.loop.post(stop)
            assert stopped.wait(10)

        def stop() -> None:
            d.engine.cancel(run)
            stopped.set()

        d.sis.hook = hook
        run = d.engine.start("toy", full=True)
        d.loop.run(until=lambda: not d.engine.busy)
        assert reads.run(d.database, run).state == "cancelled"
        assert by_key(d)[0] == GOING[0]
        assert sorted(by_key(d)[1:]) == GOING[1 : 1 + AT_ONCE]
        assert reads.counts(d.database)["enrollments"] == 10
