"""Where two SIS tell otherwise of one record, and whose word is to stand here (issue 6)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.engine.disagreements import Report, report, told
from app.engine.policy import Decides
from app.errors import NotFound, UsageError
from app.store import reads
from app.store.corrections import Correction, Fate, corrections
from app.store.disagreements import Manner
from app.store.inbox import sending
from app.store.outbox import BEGINS, unsent
from tests.engine.toy import District, ToySis, district, fill

TODAY = "2026-09-07"
EVERY = tuple(Manner)


@contextmanager
def two(data_dir: Path, **changes: Any) -> Iterator[tuple[District, ToySis]]:
    """Two SIS of three people each, who are told apart by their numbers; the second one differs.

    ``changes`` are fields of the second one's first person. The first decides what stands here.
    """
    sis, other = numbered(), numbered()
    other.change("users", "u000", **changes)
    with district(data_dir, sis, other=other) as d:
        d.without_limits()
        d.engine.put_in_charge("other", {"people": Decides.OURS})
        d.sync()
        d.sync("other")
        yield d, other


def numbered() -> ToySis:
    """A SIS whose people and classes have numbers."""
    sis = fill(ToySis(), people=3)
    for n in range(4):
        sis.change("classes", f"c{n}", class_code=f"C-{n}")
    for n in range(3):
        sis.change("users", f"u{n:03d}", identifier=f"10{n}")
    return sis


def found(d: District, **asked: Any) -> Report:
    """The report."""
    return report(d.database, TODAY, **asked)


def of(d: District, field: str) -> list[Correction]:
    """What stands otherwise of a field of the first person, at some SIS."""
    told = corrections(d.database, "users", d.id("users", "u000"))
    return [one for one in told if one.field == field]


def test_two_systems_that_agree_are_not_in_the_report(data_dir: Path) -> None:
    """Everybody is known to both, and nothing is otherwise."""
    with two(data_dir) as (d, _):
        assert len(reads.record_ids(d.database, "users")) == 3
        assert found(d, manners=EVERY).total == 0


def test_what_they_say_otherwise_is_told_of_each(data_dir: Path) -> None:
    """One line: the school, the field, what stands here and what each of them says."""
    with two(data_dir, email="other@wise.example") as (d, _):
        seen = found(d)
        [words] = told(d.database, seen, seen.lines)
        assert seen.connectors == ["other", "toy"]
        assert (words.school, words.field) == ("School 1", "Email")
        assert (words.ours, words.sides) == (
            "u0@district.example",
            ("other@wise.example", "u0@district.example"),
        )


@pytest.mark.parametrize(
    ("changes", "manner"),
    [
        ({"grades": ["10"]}, Manner.DIFFER),
        ({"email": None}, Manner.SILENT),
        ({"user_ids": [{"type": "ldap", "identifier": "g0"}]}, Manner.SILENT),
    ],
)
def test_to_say_nothing_is_another_thing_than_to_say_otherwise(
    data_dir: Path, changes: dict[str, Any], manner: Manner
) -> None:
    """Each has its own line, so that a person may look at what matters first."""
    with two(data_dir, **changes) as (d, _):
        [key] = found(d, manners=EVERY).counts
        assert key == (manner, "users", next(iter(changes)))


def test_who_is_known_to_one_only_is_told(data_dir: Path) -> None:
    """A record type that both tell, and a record that one of them does not."""
    with two(data_dir) as (d, other):
        other.put("users", "x", given_name="Ana", family_name="Elsewhere", identifier="9")
        d.sync("other")
        seen = found(d, manners=[Manner.ALONE])
        [line] = seen.lines
        assert (line.found.entity, line.found.told) == ("users", (("other", None),))


def test_the_report_is_narrowed(data_dir: Path) -> None:
    """By record type, field, school and connectors."""
    with two(data_dir, email="other@wise.example", middle_name="M") as (d, _):
        assert found(d, entities=["classes"]).total == 0
        assert found(d, field="given_name").total == 0
        assert found(d, field="email", school=d.id("orgs", "o1")).total == 1
        assert found(d, school=d.id("orgs", "o2")).total == 0
        assert found(d, connectors=["toy", "other"]).total == 1
        with pytest.raises(NotFound):
            found(d, connectors=["nobody"])


def test_no_more_lines_are_kept_than_asked_for_and_all_are_counted(data_dir: Path) -> None:
    """Memory does not grow with what is wrong."""
    with two(data_dir, email="c@d.example", grades=["10"], enabled_user=False) as (d, _):
        seen = found(d, most=1)
        assert (len(seen.lines), seen.total) == (1, 3)


def test_what_one_says_is_no_correction_of_ours_at_the_other(data_dir: Path) -> None:
    """F6: nobody edited it here: it is as another SIS says, and that is named."""
    with two(data_dir, email="other@wise.example") as (d, _):
        [one] = of(d, "email")
        assert (one.connector, one.fate, one.source) == ("other", Fate.ELSEWHERE, "toy")
        d.engine.edit("users", d.id("users", "u000"), {"email": "by@hand.example"}, "Ana")
        assert {one.fate for one in of(d, "email")} == {Fate.CORRECTION}


def test_a_side_is_taken_and_stands_until_it_is_undone(data_dir: Path) -> None:
    """Taken from the one, it stands here; the other is told of it where it takes that."""
    with two(data_dir, email="other@wise.example") as (d, _):
        who = d.id("users", "u000")
        change = d.engine.take_side("other", [("users", who, "email")], "Ana")
        assert reads.record(d.database, "users", who).record.values["email"] == "other@wise.example"
        d.sis.writable = {"users": ("update",)}
        assert d.sync().total("pushed") == 1
        assert d.sis.rows["users"]["u000"]["email"] == "other@wise.example"
        assert found(d).total == 0
        d.engine.undo(change)
        assert (
            reads.record(d.database, "users", who).record.values["email"] == "u0@district.example"
        )


def test_a_side_that_stands_already_is_said_to(data_dir: Path) -> None:
    """Nothing is changed, and it is told what is left to be done."""
    with two(data_dir, email="other@wise.example") as (d, _):
        who = d.id("users", "u000")
        with pytest.raises(UsageError, match="disagreement_settled"):
            d.engine.take_side("toy", [("users", who, "email")])


def test_what_waits_to_be_sent_is_what_would_be_sent(data_dir: Path) -> None:
    """B3: until it is said who is right to begin with nothing is sent, and nobody is told so.

    A record of which the other SIS takes nothing that differs is no change that waits.
    """
    sis, other = numbered(), numbered()
    other.change("users", "u000", email="other@wise.example")
    other.change("users", "u001", email=None)
    other.change("users", "u002", grades=None)
    other.writable, other.written = {"users": ("update",)}, {"users": ("email", "email")}
    with district(data_dir, sis, other=other) as d:
        d.without_limits()
        d.sync()
        d.sync("other")
        [waits] = unsent(d.database, "other")
        assert (waits.record, waits.words) == (d.id("users", "u001"), BEGINS)
        assert sending(d.database) == 0
        d.engine.put_in_charge("other", {"people": Decides.OURS})
        d.sync("other", full=True)
        assert other.rows["users"]["u001"]["email"] == "u1@district.example"
        assert unsent(d.database, "other") == []


def test_a_side_is_taken_once(data_dir: Path) -> None:
    """The second time it is said that it stands here, and once they agree that nothing is left."""
    with two(data_dir, email="other@wise.example") as (d, _):
        place = [("users", d.id("users", "u000"), "email")]
        d.engine.take_side("other", place)
        with pytest.raises(UsageError, match="disagreement_settled"):
            d.engine.take_side("other", place)
        d.sis.change("users", "u000", email="other@wise.example")
        d.sync()
        with pytest.raises(UsageError, match="disagreement_gone"):
            d.engine.take_side("other", place)


@pytest.mark.parametrize("where", ["here", "there"])
def test_no_side_is_taken_of_what_has_ended_meanwhile(data_dir: Path, where: str) -> None:
    """Nothing is written, and it is not said to stand here."""
    with two(data_dir, email="other@wise.example") as (d, other):
        who = d.id("users", "u000")
        if where == "here":
            d.engine.end_record("users", who)
        else:
            other.end("users", "u000")
            d.sync("other")
        before = reads.record(d.database, "users", who).record.values
        with pytest.raises(UsageError, match="disagreement_gone"):
            d.engine.take_side("other", [("users", who, "email")])
        assert reads.record(d.database, "users", who).record.values == before


def test_who_has_not_ended_there_is_not_left_alone(data_dir: Path) -> None:
    """It is said that nothing of them is listed; who has is counted once, however often."""
    with two(data_dir) as (d, other):
        who = d.id("users", "u000")
        with pytest.raises(UsageError, match="nothing_gone"):
            d.engine.leave_gone("other", [who])
        other.end("users", "u000")
        d.sync("other")
        assert [d.engine.leave_gone("other", [who, who]) for _ in range(2)] == [1, 1]
