"""What people answer about two records of different SISs, and what follows (A3, B3, D4, D5, G)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.engine.decisions import Decision, Resolved, Take
from app.errors import BusyError, TransientError, UsageError
from app.store import differences, reads
from tests.engine.test_matching import ONCE, PEOPLE, asked, both, counts, ids, person, quiet, town
from tests.engine.toy import District, ToySis, district, failing, sums


def answer(d: District, take: Take) -> Resolved:
    """Answers everything that is asked about who is whom."""
    return d.engine.resolve([Decision(one.id, take) for one in asked(d)], "Ana")


def doubtful(sis: ToySis, k: str) -> None:
    """Somebody with a seat, demographics and a parent, who contradicts the same one elsewhere."""
    person(sis, f"{k}-z", identifier="X9", user_ids=ids(("State", k)), given_name=f"Zoe-{k}")
    person(sis, f"{k}-p", "guardian", agents=[{"user": f"{k}-z", "relation": "child"}],
           email="home@x.example", given_name="Ana")  # fmt: skip
    sis.put("demographics", f"{k}-z", user=f"{k}-z", birth_date="2012-02-29")
    sis.put(
        "enrollments", f"{k}-z", user=f"{k}-z", **{"class": f"{k}-c1"}, school=f"{k}-o2",
        role="student", begin_date="2026-08-17",
    )  # fmt: skip


@contextmanager
def in_doubt(folder: Path) -> Iterator[District]:
    """A district that has been read and asks about one person."""
    with both(folder) as d:
        for sis, k in ((d.sis, "a"), (d.other, "b")):
            doubtful(sis, k)
        d.sync()
        d.sync("other")
        yield d


PERSON = ("users.district-number", "users.name-and-birth-date")
"""The rules by which the people of a town are known."""

# -- the same ---------------------------------------------------------------------------------


def test_the_same_is_one_with_all_that_belongs_to_them(data_dir: Path) -> None:
    """Their links meet in the older record; seats and demographics told twice are one, too."""
    with in_doubt(data_dir) as d:
        assert counts(d)["users"] == PEOPLE + 3
        assert len(asked(d)) == 1
        older, newer = d.id("users", "a-z"), d.id("users", "b-z")
        resolved = answer(d, Take.SAME)
        assert len(resolved.applied) == 1
        assert d.id("users", "b-z") == older
        assert counts(d)["users"] == PEOPLE + 2
        assert counts(d)["enrollments"] == counts(d)["demographics"] == PEOPLE + 1
        assert d.id("enrollments", "b-z") == d.id("enrollments", "a-z")
        assert reads.record(d.database, "users", newer).record.id == older
        assert asked(d) == []


def test_what_differs_between_the_two_is_asked_and_nothing_is_overwritten(data_dir: Path) -> None:
    """B3: as at first contact; what was blank is filled."""
    with in_doubt(data_dir) as d:
        answer(d, Take.SAME)
        values = d.values("users", "a-z")
        assert values["given_name"] == "Zoe-a"
        open_ = differences.differences(d.database, differences.difference_ids(d.database))
        assert {(one.kind, one.part) for one in open_} >= {("first_contact", "given_name")}
        [one] = [one for one in open_ if one.part == "given_name"]
        assert one.sis["given_name"] == "Zoe-b"


def test_what_was_edited_on_the_younger_one_is_not_lost(data_dir: Path) -> None:
    """A value that no SIS has fills what is blank on the older one."""
    with in_doubt(data_dir) as d:
        d.engine.edit("users", d.id("users", "b-z"), {"pronouns": "she/her"}, "Ana")
        answer(d, Take.SAME)
        assert d.values("users", "a-z")["pronouns"] == "she/her"


def test_after_the_same_nothing_is_written(data_dir: Path) -> None:
    """Whole and changed reads of both systems leave all as it is, and nobody is asked again."""
    with in_doubt(data_dir) as d:
        answer(d, Take.SAME)
        d.engine.resolve(
            [Decision(one, Take.OURS) for one in differences.difference_ids(d.database)], "Ana"
        )
        before = d.everything()
        for n in range(12):
            run = d.sync(("toy", "other")[n % 2], full=n % 3 == 0)
            assert set(sums(run)) <= {"read", "unchanged"}, (n, sums(run), d.log(run.id))
        assert d.everything() == before


def test_who_refers_to_the_newcomer_refers_to_the_record(data_dir: Path) -> None:
    """A guardian of the one is a guardian of the other, by the very id."""
    with in_doubt(data_dir) as d:
        answer(d, Take.SAME)
        assert d.values("users", "b-p")["agents"] == ((d.id("users", "a-z"), "child"),)
        assert d.id("users", "b-p") == d.id("users", "a-p")


def test_the_same_can_be_split(data_dir: Path) -> None:
    """Each is what its SIS says, and no rule makes them one again."""
    with in_doubt(data_dir) as d:
        answer(d, Take.SAME)
        older = d.id("users", "a-z")
        assert d.engine.split("users", older, ["b-z"]) == []
        newer = d.id("users", "b-z")
        assert (newer != older, d.id("users", "a-z")) == (True, older)
        assert d.values("users", "b-z")["given_name"] == "Zoe-b"
        assert d.values("users", "b-z")["user_ids"] == (("State", "b"),)
        assert d.values("users", "a-z")["user_ids"] == (("State", "a"),)
        assert d.values("enrollments", "b-z")["user"] == newer
        assert d.values("enrollments", "a-z")["user"] == older
        assert d.values("demographics", "b-z")["user"] == newer
        for n in range(8):
            d.sync(("toy", "other")[n % 2], full=n % 3 == 0)
        d.engine.look_over()
        assert d.id("users", "b-z") == newer
        assert asked(d) == []
        assert counts(d)["enrollments"] == PEOPLE + 2


def test_what_was_certain_can_be_split(data_dir: Path) -> None:
    """The rule was wrong: the two are apart from then on, with their seats."""
    with both(data_dir) as d:
        d.sync()
        d.sync("other")
        one = d.id("users", "a-u1")
        d.engine.split("users", one, ["b-u1"])
        for n in range(6):
            assert quiet(d.sync(("toy", "other")[n % 2], full=n % 3 == 0))
        assert counts(d)["users"] == counts(d)["enrollments"] == PEOPLE + 1
        assert d.values("enrollments", "a-e1")["user"] == one
        assert d.values("enrollments", "b-e1")["user"] == d.id("users", "b-u1")
        assert d.values("demographics", "b-u1")["user"] == d.id("users", "b-u1")


def test_what_was_only_filled_up_is_given_back_as_it_was(data_dir: Path) -> None:
    """A4: of a role whose first day the other SIS added, the role stays with its own SIS."""
    with both(data_dir) as d:
        d.other.change("users", "b-u1", roles=[
            {**role, "begin_date": "2026-08-17"} for role in d.other.rows["users"]["b-u1"]["roles"]
        ])  # fmt: skip
        d.sync()
        before = d.values("users", "a-u1")["roles"]
        d.sync("other")
        assert d.values("users", "a-u1")["roles"] != before
        d.engine.split("users", d.id("users", "a-u1"), ["b-u1"])
        assert d.values("users", "a-u1")["roles"] == before
        assert d.values("users", "b-u1")["roles"][0][-2] == "2026-08-17"


# -- different --------------------------------------------------------------------------------


def test_different_lasts(data_dir: Path) -> None:
    """Never asked again: by no rule, no whole read, no look over everything."""
    with in_doubt(data_dir) as d:
        answer(d, Take.DIFFERENT)
        d.other.change("users", "b-z", user_ids=ids(("State", "a")), email="z@x.example")
        d.sis.change("users", "a-z", email="z@x.example")
        for n in range(4):
            d.sync(("toy", "other")[n % 2], full=True)
        assert d.engine.look_over() == 0
        assert asked(d) == []
        assert d.id("users", "b-z") != d.id("users", "a-z")


def test_what_was_told_apart_can_be_forgotten(data_dir: Path) -> None:
    """Then it is asked again; of what was never said nothing can be forgotten."""
    with in_doubt(data_dir) as d:
        answer(d, Take.DIFFERENT)
        pair = (d.id("users", "b-z"), d.id("users", "a-z"))
        assert d.engine.forget_different([pair]) == 1
        assert d.engine.look_over() == 1
        assert len(asked(d)) == 1
        with pytest.raises(UsageError):
            d.engine.forget_different([pair])


def test_a_question_closes_when_one_of_the_two_ends(data_dir: Path) -> None:
    """Nobody is asked about who is not there."""
    with in_doubt(data_dir) as d:
        d.sis.end("users", "a-z")
        d.sync()
        d.sync("other")
        assert asked(d) == []


def test_a_question_stands_as_one_through_later_syncs(data_dir: Path) -> None:
    """E3: read again, whole or in part, changed or not, from either side."""
    with in_doubt(data_dir) as d:
        [first] = asked(d)
        for n in range(6):
            d.other.change("users", "b-z", phone=f"+1 555 010{n}")
            d.sync(("toy", "other")[n % 2], full=n % 3 == 0)
            assert [one.id for one in asked(d)] == [first.id]


def test_many_alike_are_one_line(data_dir: Path) -> None:
    """More than twenty of one stream are one question, and one answer is enough."""
    with both(data_dir, town("a", page=50), town("b", page=50)) as d:
        for n in range(21):
            for sis, k in ((d.sis, "a"), (d.other, "b")):
                key = f"{k}-x{n:02}"
                person(sis, key, given_name=f"Ann{n}")
                sis.put("demographics", key, user=key, birth_date="2012-02-29")
        d.sync()
        d.sync("other")
        [line] = [one for one in differences.questions(d.database) if one.kind == "same_person"]
        assert line.count == 21
        alike = differences.alike(d.database, line.first)
        d.engine.resolve([Decision(one, Take.SAME) for one in alike], "Ana")
        assert counts(d)["users"] == PEOPLE + 21
        assert all(d.id("users", f"a-x{n:02}") == d.id("users", f"b-x{n:02}") for n in range(21))


# -- being there, with two systems ------------------------------------------------------------


def test_who_leaves_one_system_stays_as_long_as_the_other_has_them(data_dir: Path) -> None:
    """D4: the link ends, then, with the last one, the record."""
    with both(data_dir) as d:
        d.sync()
        d.sync("other")
        one = d.id("users", "a-u1")
        d.sis.end("users", "a-u1")
        assert d.sync().total("deleted") == 0
        assert reads.record(d.database, "users", one).record.alive
        d.other.end("users", "b-u1")
        assert d.sync("other").total("deleted") == 1
        assert not reads.record(d.database, "users", one).record.alive


def test_what_the_other_system_told_is_nobodys_edit(data_dir: Path) -> None:
    """B6: what each filled in of the other's person is no reason to ask whether they end."""
    with both(data_dir) as d:
        d.sis.change("users", "a-u1", phone="+1 555 0100", user_ids=ids(("LDAP", "a")))
        d.other.change("users", "b-u1", sms="+1 555 0111", user_ids=ids(("SIF", "b")))
        d.sync()
        d.sync("other")
        one = d.id("users", "a-u1")
        d.sis.end("users", "a-u1")
        assert d.sync().state == "completed"
        d.other.end("users", "b-u1")
        assert d.sync("other").state == "completed"
        assert not reads.record(d.database, "users", one).record.alive


def test_what_a_person_edited_is_asked_about_with_the_last_one(data_dir: Path) -> None:
    """Edit beats delete (B6), and as long as another system keeps them nothing ends (D4)."""
    with both(data_dir) as d:
        d.sync()
        d.sync("other")
        one = d.id("users", "a-u1")
        d.engine.edit("users", one, {"pronouns": "they/them"}, "Ana")
        d.sis.end("users", "a-u1")
        assert d.sync().total("conflicts") == 0
        d.other.end("users", "b-u1")
        assert d.sync("other").total("conflicts") == 1
        assert reads.record(d.database, "users", one).record.alive


def test_a_preview_matches_and_leaves_nothing(data_dir: Path) -> None:
    """E4: it ends as the real run would, and the real run finds all as it was."""
    with both(data_dir) as d:
        d.sync()
        run = d.engine.start("other", preview=True)
        d.loop.run(until=lambda: not d.engine.busy)
        shown = reads.run(d.database, run)
        assert "records_matched" in d.log(run)
        assert counts(d) == ONCE
        real = d.sync("other")
        assert (sums(real), real.state) == (sums(shown), shown.state)
        assert counts(d) == ONCE


def test_an_undone_first_load_gives_back_what_it_filled(data_dir: Path) -> None:
    """G2: what only the second system told goes; what it shares with the first one stays."""
    with both(data_dir) as d:
        d.sync()
        person(d.other, "b-new", identifier="N")
        d.other.change("users", "b-u1", phone="+1 555 0100")
        run = d.sync("other")
        assert d.values("users", "a-u1")["phone"] == "+15550100"
        d.engine.undo(run.id, approved=True)
        assert counts(d) == ONCE
        assert d.values("users", "a-u1")["phone"] is None


def test_who_left_and_comes_back_under_another_key_is_known(data_dir: Path) -> None:
    """The other system has them still, so the new key is theirs."""
    with both(data_dir) as d:
        d.sync()
        d.sync("other")
        row = d.other.rows["users"]["b-u1"]
        d.other.end("users", "b-u1")
        d.sync("other")
        d.other.put("users", "b-new", **row)
        d.sync("other")
        assert d.id("users", "b-new") == d.id("users", "a-u1")
        assert counts(d)["users"] == PEOPLE


# -- what was there before, and reading cut off -----------------------------------------------


def test_twins_that_were_there_before_are_offered(data_dir: Path) -> None:
    """After an upgrade: found by looking over everything, and not made one in passing."""
    with both(data_dir) as d:
        for name in ("orgs.identifier", "orgs.name", *PERSON):
            d.engine.set_identity_rule(name, on=False)
        d.sync()
        d.sync("other")
        assert counts(d)["users"] == 2 * PEOPLE
        for name in ("orgs.identifier", "users.district-number"):
            d.engine.set_identity_rule(name, on=True)
        found = d.engine.look_over()
        assert found == 2 + PEOPLE
        assert d.engine.look_over() == 0
        assert counts(d)["users"] == 2 * PEOPLE
        answer(d, Take.SAME)
        assert counts(d) == ONCE
        for n in range(4):
            run = d.sync(("toy", "other")[n % 2], full=n % 3 == 0)
            assert set(sums(run)) <= {"read", "unchanged", "conflicts"}
        assert asked(d) == []


def test_a_whole_read_finds_them_as_well(data_dir: Path) -> None:
    """Once for each set of rules; changes alone look at what changed."""
    with both(data_dir) as d:
        for name in PERSON:
            d.engine.set_identity_rule(name, on=False)
        d.sync()
        d.sync("other")
        d.engine.set_identity_rule("users.district-number", on=True)
        d.sync()
        assert asked(d) == []
        run = d.sync(full=True)
        assert len(asked(d)) == PEOPLE
        assert "twins_asked" in d.log(run.id)


def test_a_sync_cut_off_anywhere_matches_as_an_unbroken_one(tmp_path: Path) -> None:
    """C7: whatever request was the last; and the counts close."""

    def settled(d: District) -> tuple[object, ...]:
        return counts(d), len(asked(d)), sorted(
            (entity, d.id(entity, f"b{key[1:]}") == d.id(entity, key))
            for entity, rows in d.sis.rows.items() for key in rows
        )  # fmt: skip

    def ready(d: District) -> None:
        for sis, k in ((d.sis, "a"), (d.other, "b")):
            doubtful(sis, k)
            sis.put("orgs", f"{k}-n", name="Lone", type="school")
            sis.change("orgs", f"{k}-o1", parent=f"{k}-o2")
        d.sync()

    with both(tmp_path / "whole") as d:
        ready(d)
        d.sync("other")
        total, expected = len(d.other.asked), settled(d)
    for cut in range(0, total, 2):
        with both(tmp_path / f"cut{cut}") as d:
            ready(d)
            d.other.hook = failing(cut, TransientError("toy_down"))
            assert d.sync("other").state == "failed"
            d.other.hook = lambda url: None
            run = d.sync("other")
            assert run.state == "warnings", (cut, d.log(run.id))
            assert settled(d) == expected, cut


def test_a_new_row_in_changes_alone_is_matched(data_dir: Path) -> None:
    """Who joins both systems later is one person all the same."""
    with both(data_dir) as d:
        d.sync()
        d.sync("other")
        for sis, k, name in ((d.other, "b", "other"), (d.sis, "a", "toy")):
            person(sis, f"{k}-z", identifier="X9")
            sis.put("enrollments", f"{k}-z", user=f"{k}-z", role="student",
                    **{"class": f"{k}-c1"}, begin_date="2026-09-01")  # fmt: skip
            run = d.sync(name)
            assert run.mode == "incremental"
        assert d.id("users", "b-z") == d.id("users", "a-z")
        assert d.id("enrollments", "b-z") == d.id("enrollments", "a-z")


def test_one_connector_alone_is_looked_at_by_nobody(data_dir: Path) -> None:
    """Without a second one nothing is compared, noted or asked."""
    with district(data_dir, town("a")) as d:
        run = d.sync()
        assert "records_matched" not in d.log(run.id)
        with d.database.reading() as tx:
            assert list(tx.rows("SELECT 1 FROM identifiers")) == []


def test_schools_are_split_with_their_classes_and_not_with_their_people(data_dir: Path) -> None:
    """A class was one because its school was; who goes there is still one person."""
    with both(data_dir) as d:
        d.sync()
        d.sync("other")
        d.engine.split("orgs", d.id("orgs", "a-o1"), ["b-o1"])
        assert counts(d)["orgs"] == 3
        assert d.id("classes", "b-c0") != d.id("classes", "a-c0")
        assert d.id("users", "b-u0") == d.id("users", "a-u0")
        d.sync("other")
        assert d.values("classes", "b-c0")["school"] == d.id("orgs", "b-o1")
        assert {role[1] for role in d.values("users", "b-u0")["roles"]} == {d.id("orgs", "b-o1")}


def test_nobody_is_split_while_their_system_is_read(data_dir: Path) -> None:
    """The sync may name them by the key that is to go; afterwards it can be done."""
    with both(data_dir) as d:
        d.sync()
        d.sync("other")
        one, left = d.id("users", "a-u1"), []

        def split() -> None:
            try:
                d.engine.split("users", one, ["b-u1"])
            except BusyError as error:
                left.append(error.code)

        d.other.hook = lambda url: None if left else d.loop.post(split)
        d.sync("other", full=True)
        assert left[:1] == ["connector_busy"]
        assert counts(d)["users"] == PEOPLE


@pytest.mark.parametrize("later", [False, True])
def test_other_birth_dates_part_those_who_were_taken_for_one(data_dir: Path, later: bool) -> None:
    """Demographics come after people, or much later: then the two are asked about, and stand."""
    with both(data_dir) as d:
        for sis, k, day in ((d.sis, "a", "2012-05-01"), (d.other, "b", "2009-01-31")):
            person(sis, f"{k}-z", identifier="X9", phone="+1 555 0100" if k == "b" else None)
            sis.put("enrollments", f"{k}-z", user=f"{k}-z", role="student",
                    **{"class": f"{k}-c1"}, begin_date="2026-08-17")  # fmt: skip
            if not later:
                sis.put("demographics", f"{k}-z", user=f"{k}-z", birth_date=day)
        d.sync()
        d.sync("other")
        if later:
            assert d.id("users", "b-z") == d.id("users", "a-z")
            d.sis.put("demographics", "a-z", user="a-z", birth_date="2012-05-01")
            d.other.put("demographics", "b-z", user="b-z", birth_date="2009-01-31")
            d.sync()
            d.sync("other")
        [one] = asked(d)
        assert (one.entity, one.about["why"]) == ("users", "birth_date")
        assert one.record == d.id("users", "a-z") != d.id("users", "b-z")
        assert d.values("demographics", "b-z")["user"] == d.id("users", "b-z")
        assert d.values("enrollments", "b-z")["user"] == d.id("users", "b-z")
        assert d.values("users", "a-z")["phone"] is None
        for n in range(6):
            d.sync(("toy", "other")[n % 2], full=n % 3 == 0)
        assert len(asked(d)) == 1
        answer(d, Take.SAME)
        assert counts(d)["users"] == counts(d)["demographics"] == PEOPLE + 1
        for n in range(4):
            d.sync(("toy", "other")[n % 2], full=n % 3 == 0)
        assert d.id("users", "b-z") == d.id("users", "a-z")
        assert asked(d) == []
