"""A person says that two are one, or two, and takes that back (SEMANTICS D5, G1, G2)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.engine import undo, uniting
from app.engine.decisions import Decision, Resolved, Take
from app.engine.outgoing import FieldChange, outgoing
from app.engine.policy import Decides
from app.engine.undo import Undone
from app.errors import BusyError, UsageError
from app.store import history, reads
from tests.engine.test_matching import PEOPLE, asked, both, counts, ids, person, quiet
from tests.engine.test_matching_answers import answer, in_doubt
from tests.engine.toy import District


def undone(d: District, change_set: int | None) -> Undone:
    """What came of undoing a change set."""
    assert change_set is not None
    told = d.engine.undo(change_set)
    assert told is not None
    return told


def parted(d: District) -> bool:
    """Whether each of the two stands as its own SIS says, with what belongs to it."""
    one, other = d.id("users", "a-z"), d.id("users", "b-z")
    return (
        one != other
        and d.values("users", "a-z")["user_ids"] == (("State", "a"),)
        and d.values("users", "b-z")["user_ids"] == (("State", "b"),)
        and all(
            d.values(entity, f"{k}-z")["user"] == id_
            for entity in ("enrollments", "demographics")
            for k, id_ in (("a", one), ("b", other))
        )
    )


def test_the_same_is_undone_by_parting_them(data_dir: Path) -> None:
    """With their seats and demographics; it is asked again, and later syncs write nothing."""
    with in_doubt(data_dir) as d:
        before, why = counts(d), [one.about["why"] for one in asked(d)]
        said = answer(d, Take.SAME)
        told = undone(d, said.change_set)
        assert (told.left_out, told.applied > 0) == ((), True)
        assert parted(d)
        assert counts(d) == before
        assert [one.about["why"] for one in asked(d)] == why
        for n in range(6):
            run = d.sync(("toy", "other")[n % 2], full=n % 3 == 0)
            done = [run.total(name) for name in ("created", "updated", "deleted")]
            # Who is related to both is read again once.
            assert done == [0, 0, 0] or (n < 2 and done == [0, 1, 0])
        assert parted(d)
        assert len(asked(d)) == 1
        assert len(answer(d, Take.SAME).applied) == 1
        assert d.id("users", "a-z") == d.id("users", "b-z")


def test_the_plan_of_the_undo_says_so(data_dir: Path) -> None:
    """One person is parted, and nothing is left out."""
    with in_doubt(data_dir) as d:
        said = answer(d, Take.SAME)
        assert said.change_set is not None
        planned = undo.plan(d.database, said.change_set, d.time[0])
        assert (dict(planned.parting), planned.left_out) == ({"users": 1}, [])


def test_it_is_undone_once(data_dir: Path) -> None:
    """A second undo finds nothing, and the undo itself stays."""
    with in_doubt(data_dir) as d:
        said = answer(d, Take.SAME)
        first = undone(d, said.change_set)
        second = undone(d, said.change_set)
        assert (second.id, second.applied) == (None, 0)
        third = undone(d, first.id)
        assert {one.reason for one in third.left_out} == {"identity"}
        assert parted(d)


def test_only_that_decision_is_undone(data_dir: Path) -> None:
    """Of two that were decided one after the other the older stays as it is."""
    with both(data_dir) as d:
        for n in range(2):
            person(d.sis, f"a-z{n}", identifier=f"X{n}", given_name="Ana")
            person(d.other, f"b-z{n}", identifier=f"X{n}", given_name="Luis")
        d.sync()
        d.sync("other")
        first, second = asked(d)
        d.engine.resolve([Decision(first.id, Take.SAME)], "Ana")
        said = d.engine.resolve([Decision(second.id, Take.SAME)], "Ana")
        undone(d, said.change_set)
        assert d.id("users", "a-z0") == d.id("users", "b-z0")
        assert d.id("users", "a-z1") != d.id("users", "b-z1")


def test_what_was_edited_before_is_each_ones_again(data_dir: Path) -> None:
    """What no SIS tells of the younger one stood with the older one meanwhile."""
    with in_doubt(data_dir) as d:
        younger = d.id("users", "b-z")
        d.engine.edit("users", younger, {"phone": "+1 555 0199"}, "Ana")
        said = answer(d, Take.SAME)
        assert d.values("users", "a-z")["phone"] == "+15550199"
        undone(d, said.change_set)
        assert d.values("users", "a-z")["phone"] is None
        assert d.values("users", "b-z")["phone"] == "+15550199"


def test_different_is_undone_by_asking_again(data_dir: Path) -> None:
    """It is as if nobody had said so."""
    with in_doubt(data_dir) as d:
        said = answer(d, Take.DIFFERENT)
        assert asked(d) == []
        told = undone(d, said.change_set)
        assert told.left_out == ()
        assert len(asked(d)) == 1
        assert len(answer(d, Take.SAME).applied) == 1


def split(d: District) -> int:
    """The first person is parted by hand; the change set."""
    d.engine.split("users", d.id("users", "a-u0"), ["b-u0"])
    return max(one.id for one in history.change_sets(d.database))


def test_what_was_parted_by_hand_is_one_again(data_dir: Path) -> None:
    """With their seats and demographics, and later syncs write nothing."""
    with both(data_dir) as d:
        d.sync()
        d.sync("other")
        before, record = counts(d), d.id("users", "a-u0")
        parted_ = split(d)
        assert counts(d) != before
        planned = undo.plan(d.database, parted_, d.time[0])
        assert (planned.joining["users"], planned.left_out) == (1, [])
        assert undone(d, parted_).left_out == ()
        assert counts(d) == before
        for entity, key in (("users", "u0"), ("enrollments", "e0"), ("demographics", "u0")):
            assert d.id(entity, f"a-{key}") == d.id(entity, f"b-{key}")
        assert d.id("users", "b-u0") == record
        for n in range(4):
            run = d.sync(("toy", "other")[n % 2], full=n > 1)
            assert [run.total(name) for name in ("created", "updated", "deleted")] == [0, 0, 0]
        assert counts(d) == before
        assert asked(d) == []


def test_who_was_parted_and_cannot_be_one_stays_so(data_dir: Path) -> None:
    """One of them has ended since: told, and nothing is changed."""
    with both(data_dir) as d:
        d.sync()
        d.sync("other")
        parted_ = split(d)
        d.engine.end_record("users", d.id("users", "b-u0"))
        told = undone(d, parted_)
        assert "identity" in {one.reason for one in told.left_out}
        assert d.id("users", "a-u0") != d.id("users", "b-u0")


def test_what_ended_elsewhere_since_is_told_and_stays(data_dir: Path) -> None:
    """Nobody is left to part them from: the record stays one."""
    with in_doubt(data_dir) as d:
        said = answer(d, Take.SAME)
        d.sis.end("users", "a-z")
        d.sync()
        d.sync("other")
        record = d.id("users", "b-z")
        told = undone(d, said.change_set)
        assert {one.reason for one in told.left_out} == {"identity"}
        assert d.id("users", "b-z") == record


def test_who_made_room_is_asked_about_again(data_dir: Path) -> None:
    """Of two rows of one SIS the second was said to be the record: undone, either may be it."""
    with both(data_dir) as d:
        person(d.sis, "a-x", identifier="X9")
        for n in (1, 2):
            person(d.other, f"b-{n}", identifier="X9")
        d.sync()
        d.sync("other")
        said = answer(d, Take.SAME)
        assert d.id("users", "b-2") == d.id("users", "a-x") != d.id("users", "b-1")
        before = counts(d)
        undone(d, said.change_set)
        assert len({d.id("users", key) for key in ("a-x", "b-1", "b-2")}) == 3
        assert counts(d)["users"] == before["users"] + 1
        assert {one.record for one in asked(d)} == {d.id("users", "a-x")}
        assert len(asked(d)) == 2


# -- what is not carried out ------------------------------------------------------------------


def test_of_what_ended_meanwhile_nothing_is_applied(data_dir: Path) -> None:
    """The question is still open, but one of the two is gone: left out, and why."""
    with in_doubt(data_dir) as d:
        [question] = asked(d)
        d.engine.end_record("users", d.id("users", "a-z"))
        told: Resolved = d.engine.resolve([Decision(question.id, Take.SAME)], "Ana")
        assert (told.change_set, told.applied) == (None, ())
        assert [one.reason for one in told.left_out] == ["identity_gone"]


def test_two_of_one_sis_cannot_be_one_by_a_third(data_dir: Path) -> None:
    """Both rows fit the same record: the first is it, the second is left out."""
    with both(data_dir) as d:
        person(d.sis, "a-z", identifier="X9", given_name="Ana")
        for n in range(2):
            person(d.other, f"b-z{n}", identifier="X9", given_name=f"Luis{n}")
        d.sync()
        d.sync("other")
        found = asked(d)
        assert len(found) == 2
        told = d.engine.resolve([Decision(one.id, Take.SAME) for one in found], "Ana")
        assert len(told.applied) == 1
        assert [one.reason for one in told.left_out] == ["identity_both_there"]


# -- without a question -----------------------------------------------------------------------


def test_any_two_can_be_said_to_be_one(data_dir: Path) -> None:
    """Nothing was asked: they share nothing but a person's word."""
    with both(data_dir) as d:
        person(d.sis, "a-z", given_name="Zoe", user_ids=ids(("LDAP", "z")))
        person(d.other, "b-z", given_name="Zoila", phone="+1 555 0100")
        d.sync()
        d.sync("other")
        assert asked(d) == []
        one, other = d.id("users", "a-z"), d.id("users", "b-z")
        change_set = d.engine.same_records("users", other, one)
        assert d.id("users", "b-z") == min(one, other)
        assert d.values("users", "a-z")["phone"] == "+15550100"
        undone(d, change_set)
        assert d.id("users", "b-z") != d.id("users", "a-z")
        assert d.values("users", "a-z")["phone"] is None


def test_a_class_takes_its_seats_along(data_dir: Path) -> None:
    """Two that were read as two become one, and so do the seats of each person in them."""
    with both(data_dir) as d:
        d.other.change("classes", "b-c0", title="Algebra first", class_code="9-9")
        d.sync()
        d.sync("other")
        assert counts(d)["enrollments"] > PEOPLE
        d.engine.same_records("classes", d.id("classes", "a-c0"), d.id("classes", "b-c0"))
        assert counts(d)["enrollments"] == PEOPLE
        assert d.id("enrollments", "a-e0") == d.id("enrollments", "b-e0")


def test_a_question_between_the_two_is_answered_with_it(data_dir: Path) -> None:
    """Also where it had been said before that they are two."""
    with in_doubt(data_dir) as d:
        answer(d, Take.DIFFERENT)
        d.engine.forget_different([(d.id("users", "a-z"), d.id("users", "b-z"))])
        d.engine.look_over()
        assert len(asked(d)) == 1
        d.engine.same_records("users", d.id("users", "a-z"), d.id("users", "b-z"))
        assert asked(d) == []
        assert d.id("users", "a-z") == d.id("users", "b-z")
    with in_doubt(data_dir.parent / "second") as d:
        answer(d, Take.DIFFERENT)
        d.engine.same_records("users", d.id("users", "a-z"), d.id("users", "b-z"))
        assert d.id("users", "a-z") == d.id("users", "b-z")
        d.sync()
        assert quiet(d.sync("other", full=True)) or asked(d) == []


@pytest.mark.parametrize("which", ["both there", "one already", "ended"])
def test_what_cannot_be_one_is_refused_and_nothing_changes(data_dir: Path, which: str) -> None:
    """Two that one SIS tells of; a record and itself; one that has ended."""
    with both(data_dir) as d:
        d.sync()
        d.sync("other")
        one, other = d.id("users", "a-u0"), d.id("users", "a-u1")
        if which == "one already":
            other = d.id("users", "b-u0")
        elif which == "ended":
            d.engine.create("users", {"given_name": "Al", "family_name": "Bo"})
            other = max(reads.record_ids(d.database, "users"))
            d.engine.end_record("users", other)
        code = {"both there": "identity_both_at", "one already": "identity_one_already"}
        wanted = code.get(which, "identity_gone")
        told = uniting.why_not(d.database, "users", one, other)
        assert told is not None
        assert told.code == wanted
        before = counts(d)
        with pytest.raises(UsageError) as refused:
            d.engine.same_records("users", one, other)
        assert refused.value.code == wanted
        assert counts(d) == before


# -- what was sent meanwhile ------------------------------------------------------------------


@contextmanager
def united(folder: Path, **theirs: str) -> Iterator[tuple[District, int]]:
    """Two who are one by a person's word; the second SIS was sent what it had blank."""
    with both(folder) as d:
        person(d.sis, "a-z", given_name="Zoe", phone="+1 555 0100", user_ids=ids(("LDAP", "z")))
        person(d.other, "b-z", given_name="Zoe", **theirs)
        d.other.writable = {"users": ("update",)}
        d.sync()
        d.sync("other")
        one, other = d.id("users", "a-z"), d.id("users", "b-z")
        said = d.engine.same_records("users", one, other)
        d.sync("other")
        assert d.other.rows["users"]["b-z"]["phone"] == "+15550100"
        yield d, said


def test_what_filled_a_blank_elsewhere_is_taken_back_there(data_dir: Path) -> None:
    """The system whose record leaves has again what it said itself, with the next sync."""
    with united(data_dir) as (d, said):
        undone(d, said)
        assert d.values("users", "a-z")["phone"] == "+15550100"
        assert d.values("users", "b-z")["phone"] is None
        (goes,) = [one for one in outgoing(d.database) if one.record == d.id("users", "b-z")]
        assert FieldChange("phone", "+15550100", None) in goes.fields
        d.sync("other")
        assert d.other.rows["users"]["b-z"].get("phone") is None
        for name in ("toy", "other"):
            d.sync(name, full=True)
        assert d.values("users", "a-z")["phone"] == "+15550100"
        assert d.values("users", "b-z")["phone"] is None


def test_what_that_system_changed_since_stays_there(data_dir: Path) -> None:
    """It is its own word by now, whether it was read before the undo or is read after it (G2)."""
    with united(data_dir / "before") as (d, said):
        d.other.change("users", "b-z", phone="+1 555 0222")
        d.engine.set_policy("other", "users", Decides.SIS)
        d.sync("other")
        undone(d, said)
        d.sync("other")
        assert d.other.rows["users"]["b-z"]["phone"] == "+1 555 0222"
        assert d.values("users", "b-z")["phone"] == "+15550222"
    with united(data_dir / "after") as (d, said):
        undone(d, said)
        d.other.change("users", "b-z", phone="+1 555 0222")
        d.engine.set_policy("other", "users", Decides.SIS)
        d.sync("other")
        assert d.other.rows["users"]["b-z"]["phone"] == "+1 555 0222"
        assert d.values("users", "b-z")["phone"] == "+15550222"


def test_what_a_person_wrote_meanwhile_stays_where_it_was_sent(data_dir: Path) -> None:
    """It was said of the one that both were."""
    with united(data_dir) as (d, said):
        d.engine.edit("users", d.id("users", "b-z"), {"phone": "+1 555 0333"}, "Ana")
        d.sync("other")
        undone(d, said)
        d.sync("other")
        assert d.other.rows["users"]["b-z"]["phone"] == "+15550333"


def test_the_plan_tells_what_is_sent_back_to_whom(data_dir: Path) -> None:
    """Just what the outbox has afterwards."""
    with united(data_dir) as (d, said):
        planned = undo.plan(d.database, said, d.time[0])
        (back,) = planned.sends
        assert (back.connector, back.entity, back.action) == ("other", "users", "update")
        undone(d, said)
        (goes,) = outgoing(d.database)
        assert goes.fields == back.fields
        assert FieldChange("phone", "+15550100", None) in back.fields


def test_a_split_is_not_undone_while_one_of_the_systems_is_read(data_dir: Path) -> None:
    """It may just be telling of one of them (H1)."""
    with both(data_dir) as d:
        d.sync()
        d.sync("other")
        parted_ = split(d)
        run = d.engine.start("other", full=True)
        next(steps := d.steps(run))
        with pytest.raises(BusyError):
            d.engine.undo(parted_)
        list(steps)
        assert undone(d, parted_).left_out == ()
