"""Two that were one are parted: each says what it said before (SEMANTICS B1, B6, G2)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.engine.decisions import Decision, Take
from app.engine.outgoing import outgoing
from app.engine.policy import Decides
from app.store import differences
from tests.engine.test_matching import both, ids, person
from tests.engine.toy import District

FIRST = ("toy", "other")
WRITES = ("create", "update", "delete")


@contextmanager
def two(folder: Path, first: str = "toy", *, writes: bool = True) -> Iterator[District]:
    """A child whom two systems call by different names, each with one parent in both systems.

    The second system's word counts, also in what the two are said to be.
    """
    with both(folder) as d:
        for sis, k, relation in ((d.sis, "a", None), (d.other, "b", "father")):
            phone = "+1 555 0100" if k == "b" else None
            person(sis, f"{k}-z", identifier="X9", given_name=f"Zoe-{k}",
                   user_ids=ids(("State", k)), phone=phone)  # fmt: skip
            person(sis, f"{k}-p", "guardian", given_name="Ana", email="ana@x.example",
                   identifier="P1", agents=[{"user": f"{k}-z", "relation": relation}])  # fmt: skip
            if writes:
                sis.writable = {"users": WRITES}
        second = FIRST[first == "toy"]
        d.engine.set_policy(second, "users", Decides.SIS, "Ana")
        d.sync(first)
        d.sync(second)
        assert d.id("users", "a-p") == d.id("users", "b-p")
        assert d.id("users", "a-z") != d.id("users", "b-z")
        yield d


def say_same(d: District) -> int:
    """Says that the two are one; the change set."""
    return d.engine.same_records("users", d.id("users", "a-z"), d.id("users", "b-z"))


def part(d: District, how: str, said: int, key: str = "b-z") -> None:
    """Takes the word back, or parts what had become one."""
    if how == "undo":
        told = d.engine.undo(said)
        assert told is not None
        assert told.left_out == ()
    else:
        d.engine.split("users", d.id("users", key), [key])


def said(d: District) -> dict[str, tuple[object, ...]]:
    """What the two records say, and to whom their parent is related."""
    names = {d.id("users", key): key for key in ("a-z", "b-z")}
    agents = d.values("users", "a-p")["agents"] or ()
    values = {key: d.values("users", key) for key in ("a-z", "b-z")}
    return {
        **{key: (it["given_name"], it["phone"], it["user_ids"]) for key, it in values.items()},
        "agents": tuple(sorted((names.get(user, "?"), relation) for user, relation in agents)),
    }


def sends(d: District) -> set[tuple[str, int, str]]:
    """What is to be sent of which records: field by field."""
    return {(one.connector, one.record, it.field) for one in outgoing(d.database)
            for it in one.fields}  # fmt: skip


def stays_so(d: District, what: dict[str, tuple[object, ...]]) -> None:
    """Whatever is synced, nothing is sent, nothing is asked and nothing moves."""
    asked = differences.difference_ids(d.database)
    for n in range(6):
        d.sync(FIRST[n % 2], full=n % 3 == 0)
        assert said(d) == what, n
    assert d.sis.wrote == d.other.wrote == []
    assert differences.difference_ids(d.database) == asked
    for name in FIRST:
        run = d.sync(name, full=True)
        assert [run.total(it) for it in ("created", "updated", "deleted", "conflicts")] == [0] * 4


@pytest.mark.parametrize("how", ["undo", "split"])
@pytest.mark.parametrize("first", FIRST)
def test_each_says_what_it_said_before(data_dir: Path, first: str, how: str) -> None:
    """The name that came from the other system goes with its row; the parent is both's again."""
    with two(data_dir, first) as d:
        before, sent = said(d), sends(d)
        assert before["agents"] == (("a-z", None), ("b-z", "father"))
        change = say_same(d)
        second = "b" if first == "toy" else "a"
        assert d.values("users", "a-z")["given_name"] == f"Zoe-{second}"
        part(d, how, change, f"{second}-z")
        assert (said(d), sends(d)) == (before, sent)
        stays_so(d, before)


def test_split_off_what_made_the_record(data_dir: Path) -> None:
    """What no log has was said by the row that made it: the other one says what its SIS says."""
    with two(data_dir) as d:
        before = said(d)
        change = say_same(d)
        part(d, "split", change, "a-z")
        assert said(d) == before
        stays_so(d, before)


@pytest.mark.parametrize("first", FIRST)
def test_what_was_sent_meanwhile_is_taken_back_there_too(data_dir: Path, first: str) -> None:
    """The name went to the other system as its own: after the undo it is sent what it said."""
    with two(data_dir, first) as d:
        change = say_same(d)
        for _ in range(2):
            for name in FIRST:
                d.sync(name)
        k, sis = ("a", d.sis) if first == "toy" else ("b", d.other)
        assert sis.rows["users"][f"{k}-z"]["given_name"] != f"Zoe-{k}"
        part(d, "undo", change)
        assert {key: said(d)[key][0] for key in ("a-z", "b-z")} == {"a-z": "Zoe-a", "b-z": "Zoe-b"}
        for _ in range(2):
            for name in FIRST:
                d.sync(name)
        assert sis.rows["users"][f"{k}-z"]["given_name"] == f"Zoe-{k}"
        assert {field for *_, field in sends(d)} <= {"agents"}
        assert {key: said(d)[key][0] for key in ("a-z", "b-z")} == {"a-z": "Zoe-a", "b-z": "Zoe-b"}


def test_what_a_person_wrote_meanwhile_stays_where_it_was_written(data_dir: Path) -> None:
    """An edit of the one record is nobody else's; nor is the relation that was put there."""
    with two(data_dir, writes=False) as d:
        change = say_same(d)
        record = d.id("users", "a-z")
        d.engine.edit("users", record, {"given_name": "Zoila"}, "Ana")
        agents = [{"user": record, "relation": "guardian"}]
        d.engine.edit("users", d.id("users", "a-p"), {"agents": agents}, "Ana")
        part(d, "undo", change)
        told = said(d)
        assert (told["a-z"][0], told["b-z"][0]) == ("Zoila", "Zoe-b")
        assert told["agents"] == (("a-z", "guardian"), ("b-z", "father"))


def test_what_the_system_that_stays_said_since_stands(data_dir: Path) -> None:
    """Its news was thrown away for the other's word: parted, it is what the record says."""
    with two(data_dir, writes=False) as d:
        d.engine.set_policy("toy", "users", Decides.OURS, "Ana")
        change = say_same(d)
        d.sis.change("users", "a-z", given_name="Zora")
        d.sync()
        assert d.values("users", "a-z")["given_name"] == "Zoe-b"
        part(d, "undo", change)
        assert said(d)["a-z"][0] == "Zora"


def test_what_was_decided_for_the_other_goes_with_it(data_dir: Path) -> None:
    """A person took the other system's name: that was its word, and is no edit."""
    with two(data_dir, writes=False) as d:
        d.engine.set_policy("other", "users", Decides.ASK, "Ana")
        before = said(d)
        change = say_same(d)
        open_ = differences.differences(d.database, differences.difference_ids(d.database))
        [name] = [one.id for one in open_ if one.part == "given_name"]
        d.engine.resolve([Decision(name, Take.SIS)], "Ana")
        assert d.values("users", "a-z")["given_name"] == "Zoe-b"
        part(d, "undo", change)
        assert said(d) == before


def test_an_edit_of_the_younger_one_is_its_own_again(data_dir: Path) -> None:
    """What had been corrected here before the two were one stands so again."""
    with two(data_dir, writes=False) as d:
        d.engine.edit("users", d.id("users", "b-z"), {"given_name": "Zoila"}, "Ana")
        change = say_same(d)
        part(d, "undo", change)
        assert (said(d)["a-z"][0], said(d)["b-z"][0]) == ("Zoe-a", "Zoila")


def sent_phone(d: District) -> int:
    """An edit of the younger one goes to its system; the sync that sent it."""
    d.engine.edit("users", d.id("users", "b-z"), {"phone": "+15550199"}, "Ana")
    run = d.sync("other").id
    assert d.other.rows["users"]["b-z"]["phone"] == "+15550199"
    return run


def test_what_was_sent_before_can_be_taken_back_after(data_dir: Path) -> None:
    """G2: what a sync sent of the one is on record with what the two have become."""
    with two(data_dir) as d:
        run = sent_phone(d)
        say_same(d)
        told = d.engine.undo(run, approved=True)
        assert told is not None
        assert told.applied == 1
        for name in FIRST:
            d.sync(name)
        assert d.other.rows["users"]["b-z"]["phone"] == "+15550100"


def test_what_was_sent_meanwhile_goes_with_the_row_it_was_sent_to(data_dir: Path) -> None:
    """G2: parted again, the sync that sent it is undone where its row is now."""
    with two(data_dir) as d:
        change = say_same(d)
        for name in FIRST:
            d.sync(name)
        run = sent_phone(d)
        part(d, "split", change)
        told = d.engine.undo(run, approved=True)
        assert told is not None
        assert [one.record for one in told.left_out] == []
        d.sync("other")
        assert d.other.rows["users"]["b-z"]["phone"] == "+15550100"


def test_an_answer_that_was_lost_is_looked_for_after(data_dir: Path) -> None:
    """F5: of what was on its way when the two became one it is known in the end whether it came."""
    with two(data_dir) as d:
        d.engine.edit("users", d.id("users", "b-z"), {"phone": "+15550199"}, "Ana")
        d.other.loses = 1
        d.sync("other")
        states = {one.record: one.state for one in outgoing(d.database, "other")}
        assert states[d.id("users", "b-z")] == "unknown"
        say_same(d)
        for _ in range(2):
            for name in FIRST:
                d.sync(name)
        record = d.id("users", "b-z")
        assert outgoing(d.database) == []
        d.engine.edit("users", record, {"phone": "+15550777"}, "Ana")
        d.sync("other")
        assert d.other.rows["users"]["b-z"]["phone"] == "+15550777"


def test_an_edit_of_one_that_became_another_is_told_when_undone(data_dir: Path) -> None:
    """What was written of the one before stands in no record of its own any more."""
    with two(data_dir, writes=False) as d:
        younger = d.id("users", "b-z")
        edit = d.engine.edit("users", younger, {"phone": "+15550199"}, "Ana")
        say_same(d)
        told = d.engine.undo(edit)
        assert told is not None
        assert (told.applied, [one.reason for one in told.left_out]) == (0, ["identity"])
