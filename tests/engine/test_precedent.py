"""*Always decide so*: when it is offered, and what it would have decided."""

from pathlib import Path

from app.engine.decisions import Decision, Take
from app.engine.policy import Decides
from app.engine.precedent import offered, precedent
from app.store.differences import difference_ids, differences
from tests.engine.test_decisions import differ
from tests.engine.toy import District, district


def decide(d: District, *takes: Take, first: int = 0) -> list[int]:
    """Differences of given names, decided one after the other; the change sets."""
    sets = []
    for n, take in enumerate(takes, first):
        differ(d, f"u00{n}", {"given_name": f"Ours {n}"}, {"given_name": f"Theirs {n}"})
        d.sync()
        (asked,) = difference_ids(d.database)
        done = d.engine.resolve([Decision(asked, take)], "Bo").change_set
        assert done is not None
        sets.append(done)
    return sets


def offer(d: District) -> Take | None:
    return offered(d.database, "toy", "users", "given_name")


def test_three_in_a_row_make_an_offer(data_dir: Path) -> None:
    """Two do not, and no more do three of which one went the other way."""
    with district(data_dir) as d:
        d.sync()
        decide(d, Take.SIS, Take.OURS, Take.OURS)
        assert offer(d) is None
        decide(d, Take.OURS, first=3)
        assert offer(d) is Take.OURS
        assert offered(d.database, "toy", "users", "email") is None


def test_what_was_last_agreed_is_no_rule(data_dir: Path) -> None:
    """There is no policy that says so."""
    with district(data_dir) as d:
        d.sync()
        decide(d, Take.BASE, Take.BASE, Take.BASE)
        assert offer(d) is None


def test_what_was_taken_back_does_not_count(data_dir: Path) -> None:
    """A decision that was undone is none; undone anew, it is one again."""
    with district(data_dir) as d:
        d.sync()
        *_, last = decide(d, Take.SIS, Take.SIS, Take.SIS)
        undo = d.engine.undo(last)
        assert offer(d) is None
        assert undo is not None
        assert undo.id is not None
        d.engine.undo(undo.id)
        assert offer(d) is Take.SIS


def test_a_rule_that_stands_is_not_offered(data_dir: Path) -> None:
    """Nor is it once it has been accepted; the other way still is."""
    with district(data_dir) as d:
        d.sync()
        decide(d, Take.SIS, Take.SIS, Take.SIS)
        d.engine.set_policy("toy", "users", Decides.OURS, part="given_name")
        assert offer(d) is Take.SIS
        d.engine.set_policy("toy", "users", Decides.SIS, part="given_name")
        assert offer(d) is None


def test_it_tells_what_the_rule_would_have_decided(data_dir: Path) -> None:
    """As people did, or otherwise: with those that went otherwise, of the last 90 days."""
    with district(data_dir) as d:
        d.sync()
        decide(d, Take.OURS)
        d.pass_time(days=91)
        decide(d, Take.SIS, Take.OURS, Take.SIS, Take.SIS, first=1)
        found = precedent(d.database, "toy", "users", "given_name", Take.SIS, d.world.clock())
        assert (found.count, found.agreed, found.otherwise) == (4, 3, 1)
        (unlike,) = found.samples
        assert unlike.record == d.id("users", "u002")
        assert (unlike.sis, unlike.result) == (
            {"given_name": "Theirs 2"}, {"given_name": "Ours 2"},
        )  # fmt: skip


def test_an_own_value_that_is_the_sis_s_counts_as_its(data_dir: Path) -> None:
    """What would have been decided alike is told by what stands here afterwards."""
    with district(data_dir) as d:
        d.sync()
        differ(d, "u000", {"given_name": "Ours"}, {"given_name": "Theirs"})
        d.sync()
        (one,) = differences(d.database, difference_ids(d.database))
        d.engine.resolve([Decision(one.id, Take.OWN, {"given_name": "Theirs"})], "Bo")
        found = precedent(d.database, "toy", "users", "given_name", Take.SIS, d.world.clock())
        assert (found.agreed, found.otherwise) == (1, 0)
