"""What ends at one SIS while another keeps the record: a warning, and no removal (D4, E1, E2)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.engine import inbox
from app.engine.figures import Limits
from app.engine.inbox import Harm
from app.engine.limits import Known, Size, judge
from app.roster.entities import ENTITIES
from app.store import inbox as store
from app.store import listing, reads, waiting
from app.store.reads import RunRow
from app.store.waiting import Which
from tests.engine.test_matching import both, counts, town
from tests.engine.toy import District

PEOPLE = 40
"""Twenty in each school: two may go in a day."""
GONE = 8
"""Of those of one school."""


@pytest.fixture
def d(tmp_path: Path) -> Iterator[District]:
    """Two SISs with the same people, both read, and limits as they are to begin with."""
    with both(tmp_path, town("a", people=PEOPLE), town("b", people=PEOPLE)) as made:
        made.sync()
        made.sync("other")
        made.with_limits()
        yield made


def lose(d: District, *numbers: int, letter: str = "b") -> None:
    """The people of these numbers are gone from one SIS, with all that is told of them."""
    sis = d.other if letter == "b" else d.sis
    sis.vanish("enrollments", *(f"{letter}-e{n}" for n in numbers))
    sis.vanish("demographics", *(f"{letter}-u{n}" for n in numbers))
    sis.vanish("users", *(f"{letter}-u{n}" for n in numbers))


def of_one_school(count: int) -> list[int]:
    """Numbers of people of the first school."""
    return [2 * n for n in range(count)]


def approve(d: District, run: int, entity: str | None = None) -> RunRow:
    """Everything that waits of a run, or of one entity, is approved."""
    made = d.engine.approve(run, Which(entity))
    d.loop.run(until=lambda: not d.engine.busy)
    return reads.run(d.database, made)


def told(d: District, connector: str = "other", entity: str = "users") -> list[str]:
    """The sentences of the approval page about one type."""
    held = store.held(d.database, connector)
    return [text for line in inbox.lines(held, entity=entity) for text in inbox.told(line, held)]


def test_many_wait_under_a_rule_of_their_own(d: District) -> None:
    """So many at once are a warning, though nothing here is lost by it (E1)."""
    lose(d, *of_one_school(GONE))
    run = d.sync("other", full=True)
    items = [one for one in store.held(d.database, "other").items if one.entity == "users"]
    assert run.state == "waiting"
    assert {(one.what, one.rules) for one in items} == {(listing.UNTIED, ("untied",))}
    assert len(items) == GONE


def test_it_says_which_system_and_who_keeps_them(d: District) -> None:
    """In people's terms: who would no longer know how many of whom, and that nothing ends (E2)."""
    lose(d, *of_one_school(GONE))
    d.sync("other", full=True)
    [text] = told(d)
    assert text == (
        "“other” would no longer know 8 of its 20 people in School 1; the limit is 10%. "
        "Nothing is removed here: they are still in “toy”."
    )


def test_the_inbox_tells_no_removal(d: District) -> None:
    """Its line names the system that lost them, and stands below what takes something away."""
    lose(d, *of_one_school(GONE))
    d.sync("other", full=True)
    entries = [one for one in inbox.inbox(d.database).entries if one.entity == "users"]
    assert [(one.harm, inbox.entry_title(one)) for one in entries] == [
        (Harm.UNTIED, "8 people would no longer be tied to “other”")
    ]
    assert Harm.UNTIED.rank > Harm.LESS.rank


def test_nobody_leaves_a_class_by_it(d: District) -> None:
    """A class is not told of as emptied when another SIS keeps all of its students (E1)."""
    lose(d, *range(0, PEOPLE, 2))
    d.sync("other", full=True)
    held = store.held(d.database, "other")
    assert {rule for one in held.items for rule in one.rules} <= {"untied", "proof"}
    assert store.emptied(d.database, held.items, "2026-09-07") == []


def test_few_flow_and_are_on_record(d: District) -> None:
    """Within the limit their ties end by themselves, and the log counts them (D4)."""
    before = counts(d)
    lose(d, 0)
    run = d.sync("other", full=True)
    [line] = [
        one for one in reads.run_log(d.database, run.id)
        if one.code == waiting.UNTIED and one.entity == "users"
    ]  # fmt: skip
    assert (line.parameters, run.total("deleted")) == ({"count": 1}, 0)
    assert counts(d) == before


def test_approving_removes_nothing_and_says_so(d: District) -> None:
    """What was approved ends ties alone, and its log tells how many (E2)."""
    before = counts(d)
    lose(d, *of_one_school(GONE))
    run = d.sync("other", full=True)
    done = approve(d, run.id, "users")
    [line] = [one for one in reads.run_log(d.database, done.id) if one.code == waiting.UNTIED]
    assert (line.entity, line.parameters) == ("users", {"count": GONE})
    assert (counts(d), done.total("deleted")) == (before, 0)


def test_those_that_nobody_keeps_are_told_apart(d: District) -> None:
    """Of what one SIS lost some are in another: the removals are the others (E2)."""
    lose(d, *of_one_school(3), letter="a")
    d.without_limits()
    d.sync(full=True)
    d.with_limits()
    lose(d, *of_one_school(7))
    d.sync("other", full=True)
    kinds = listing.waiting_kinds(d.database, "other")
    assert {what: n for (what, entity), n in kinds.items() if entity == "users"} == {
        listing.REMOVED: 3, listing.UNTIED: 4,
    }  # fmt: skip
    assert [text.partition(";")[0].partition(" (")[0] for text in told(d)] == [
        "School 1 would lose 3 of 20 people",
        "“other” would no longer know 4 of its 20 people in School 1",
    ]


def test_what_goes_from_one_system_counts_together(d: District) -> None:
    """A share is passed by removals and by what others keep together, and both wait (E1)."""
    lose(d, *of_one_school(4), letter="a")
    d.without_limits()
    d.sync(full=True)
    d.with_limits(least=6)
    lose(d, *of_one_school(7))
    d.sync("other", full=True)
    kinds = listing.waiting_kinds(d.database, "other")
    assert {what: n for (what, entity), n in kinds.items() if entity == "users"} == {
        listing.REMOVED: 4, listing.UNTIED: 3,
    }  # fmt: skip
    assert all("35% of all" in text for text in told(d))


def test_it_becomes_a_removal_when_the_other_loses_it_too(d: District) -> None:
    """What waits is told anew as soon as nobody else keeps it, and removes when approved (E3)."""
    lose(d, *of_one_school(GONE))
    run = d.sync("other", full=True)
    lose(d, *of_one_school(GONE), letter="a")
    d.without_limits()
    d.sync(full=True)
    kinds = listing.waiting_kinds(d.database, "other")
    assert kinds[listing.REMOVED, "users"] == GONE
    assert told(d) == ["School 1 would lose 8 of 20 people."]
    before = counts(d)["users"]
    done = approve(d, run.id, "users")
    assert (done.total("deleted"), counts(d)["users"]) == (GONE, before - GONE)


def test_an_approval_that_would_do_more_leaves_it_out(d: District) -> None:
    """Where the other SIS is taken out nobody keeps it: that was not what was approved (E3)."""
    lose(d, *of_one_school(GONE))
    run = d.sync("other", full=True)
    d.engine.remove_connector("toy")
    before = counts(d)["users"]
    done = approve(d, run.id, "users")
    answer = waiting.approval(d.database, done.id)
    assert {one.reason for one in answer.left_out} == {"moved"}
    assert counts(d)["users"] == before


def test_an_empty_answer_waits_whatever_its_size() -> None:
    """A system that tells of nobody any more is a warning even where few are (E1)."""
    now = datetime(2026, 9, 7, 2, 0, tzinfo=UTC)
    known = Known(sizes={3: Size(2, 2, 2)}, empty=True)
    [trip] = judge(ENTITIES["users"], {'{"untied":[3]}': 2}, known, Limits(), now)
    assert (trip.rule, trip.count, trip.of) == ("untied", 2, 2)


def test_if_nothing_is_done_they_stay_tied() -> None:
    """Said with what it means: they stay even where no other system has them (E2)."""
    assert inbox.if_nothing(["untied"]).endswith("even if the other systems lose them, too.")
    assert "Until then" not in inbox.if_nothing(["removals"])
