"""What happens between the word that two are one and its undo (SEMANTICS D4, D5, G2)."""

import logging
from pathlib import Path

import pytest

from app.engine.decisions import Decision, Take
from app.engine.policy import Decides
from app.errors import UsageError
from app.store import differences, reads
from tests.engine.test_matching import both, town
from tests.engine.test_parting import FIRST, part, said, say_same, sent_phone, two
from tests.engine.toy import District, ToySis

NAMES = ("Zoe", "Zoila", "Okafor", "Family", "x.example")
"""What people are called here, and where they are written to."""


def namesakes(letter: str, people: int) -> ToySis:
    """A district whose people have other numbers than in the other system, each with a twin."""
    sis = town(letter, people=people, page=100)
    for n in range(people):
        twin = [{"user": f"{letter}-u{(n + 1) % people}", "relation": "twin"}]
        told = {"identifier": f"{letter}{n}", "agents": twin}
        sis.change("users", f"{letter}-u{n}", **told)
        born = f"2012-{n // 28 + 1:02d}-{n % 28 + 1:02d}"
        sis.change("demographics", f"{letter}-u{n}", birth_date=born)
    return sis


def asked(d: District) -> list[int]:
    """The open questions who is one."""
    return differences.difference_ids(d.database, kind="same_person")


def says(d: District, key: str) -> tuple[object, ...]:
    """What the record of a row says, and to which rows it is related."""
    keys = {d.id("users", f"{it}-u{n}"): f"{it}-u{n}" for it in "ab" for n in range(4)}
    values = d.values("users", key)
    related = sorted(keys.get(user, "?") for user, _ in values["agents"] or ())
    return values["given_name"], values["identifier"], *related


def answered(d: District, *links: int) -> int:
    """The people of these questions are one; the change set."""
    change = d.engine.resolve([Decision(id_, Take.SAME) for id_ in links], "Ana").change_set
    assert change is not None
    return change


def test_who_is_one_by_name_and_birth_date_is_asked_about_anew(data_dir: Path) -> None:
    """D5: the undo asks again, and so does a look over everything after it was forgotten."""
    with both(data_dir, namesakes("a", 4), namesakes("b", 4)) as d:
        for name in FIRST:
            d.sync(name)
        assert len(asked(d)) == 4
        d.engine.undo(answered(d, *asked(d)), approved=True)
        assert len(asked(d)) == 4
        pairs = [(d.id("users", f"a-u{n}"), d.id("users", f"b-u{n}")) for n in range(4)]
        d.engine.resolve([Decision(id_, Take.DIFFERENT) for id_ in asked(d)], "Ana")
        d.engine.forget_different(pairs)
        assert asked(d) == []
        assert d.engine.look_over() == 4
        assert len(asked(d)) == 4


def test_nobody_who_may_be_there_by_name_and_birth_date_is_made(data_dir: Path) -> None:
    """Whether there is a question is looked up anew before anybody is made, also of these."""
    with both(data_dir, namesakes("a", 4), namesakes("b", 4)) as d:
        for name in FIRST:
            d.sync(name)
        pairs = [(d.id("users", f"a-u{n}"), d.id("users", f"b-u{n}")) for n in range(4)]
        d.engine.resolve([Decision(id_, Take.DIFFERENT) for id_ in asked(d)], "Ana")
        d.engine.forget_different(pairs)
        d.other.writable = {"users": ("create", "update")}
        d.engine.set_switches("other", send_creates=True)
        for _ in range(2):
            d.sync("other")
        assert len(asked(d)) == 4
        assert d.other.wrote == []


def test_twins_who_are_parted_one_by_one_are_parted_whole(data_dir: Path) -> None:
    """Each is related to the twin of its own system, in whichever order the words are taken back,
    and however often."""
    with both(data_dir, namesakes("a", 4), namesakes("b", 4)) as d:
        for name in FIRST:
            d.sync(name)
        rows = [f"{it}-u{n}" for it in "ab" for n in range(4)]
        before = {key: says(d, key) for key in rows}
        for order in (1, -1):
            changes = [answered(d, one) for one in asked(d)]
            for change in changes[::order]:
                d.engine.undo(change, approved=True)
            assert {key: says(d, key) for key in rows} == before, order
        rest(d)
        assert {key: says(d, key) for key in rows} == before


def lives(d: District) -> tuple[bool, ...]:
    """Whether the records of the two rows live."""
    found = (reads.record(d.database, "users", d.id("users", key)) for key in ("a-z", "b-z"))
    return tuple(one.record.alive for one in found)


def rest(d: District) -> None:
    """Whatever is synced, nothing moves."""
    for n in range(4):
        run = d.sync(FIRST[n % 2], full=True)
        moved = [run.total(it) for it in ("created", "updated", "deleted", "pushed", "conflicts")]
        assert moved == [0] * 5, n


@pytest.mark.parametrize("decides", [Decides.SIS, Decides.ASK])
def test_the_row_that_leaves_has_ended_meanwhile(data_dir: Path, decides: Decides) -> None:
    """Its record has ended, whoever decides who exists; the other one lives and says its own."""
    with two(data_dir, writes=False) as d:
        before = said(d)
        d.engine.set_policy("other", "users", decides, "Ana", part="alive")
        change = say_same(d)
        d.other.end("users", "b-z")
        d.sync("other")
        told = d.engine.undo(change, approved=True)
        assert told is not None
        assert told.left_out == ()
        assert (lives(d), said(d)["a-z"]) == ((True, False), before["a-z"])
        rest(d)
        assert lives(d) == (True, False)


def test_the_row_that_stays_has_ended_meanwhile(data_dir: Path) -> None:
    """The other one alone keeps the record, so there is nothing to part, and that is told."""
    with two(data_dir, writes=False) as d:
        change = say_same(d)
        d.sis.end("users", "a-z")
        d.sync("toy")
        told = d.engine.undo(change, approved=True)
        assert told is not None
        assert [one.reason for one in told.left_out] == ["identity"]
        assert d.id("users", "a-z") == d.id("users", "b-z")
        rest(d)
        assert lives(d) == (True, True)


def test_an_undo_is_not_undone_and_says_so(data_dir: Path) -> None:
    """Once parted they are two; to make them one again is a new word, which can be undone."""
    with two(data_dir, writes=False) as d:
        before, change = said(d), say_same(d)
        parted = d.engine.undo(change)
        assert parted is not None
        assert parted.id is not None
        again = d.engine.undo(parted.id)
        assert again is not None
        assert {one.reason for one in again.left_out} <= {"identity"}
        if d.id("users", "a-z") != d.id("users", "b-z"):
            change = say_same(d)
        d.engine.undo(change)
        assert said(d) == before


def test_no_log_names_anybody(data_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever is joined, sent, refused, parted and undone, the log has ids and counts alone."""
    caplog.set_level(logging.DEBUG)
    with two(data_dir) as d:
        run = sent_phone(d)
        change = say_same(d)
        d.engine.edit("users", d.id("users", "a-z"), {"given_name": "Zoila"}, "Ana")
        d.sis.refuses["users"] = "Zoe Okafor is not enrolled"
        for name in FIRST:
            d.sync(name)
        with pytest.raises(UsageError):
            d.engine.take_side("toy", [("users", d.id("users", "a-z"), "family_name")])
        part(d, "undo", change)
        d.engine.undo(run, approved=True)
        d.other.end("users", "b-z")
        for name in FIRST:
            d.sync(name, full=True)
    assert [one for one in caplog.messages if "run" in one] != []
    text = caplog.text
    assert [name for name in NAMES if name in text] == []
