"""The same student with a new SIS ID, from the first sight of it to the answer (SEMANTICS D5)."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, islice
from pathlib import Path

import pytest

from app.engine.decisions import Decision, Resolved, Take
from app.errors import TransientError
from app.store import differences, reads
from tests.engine.toy import District, ToySis, district, failing, fill, sums


def numbered(people: int = 10, page: int = 3) -> ToySis:
    """A district whose people have a local ID."""
    sis = fill(ToySis(page=page), people=people)
    for n in range(people):
        sis.change("users", f"u{n:03d}", identifier=f"L{n}")
    return sis


def rekey(sis: ToySis, n: int, *, enrolled: bool = True) -> None:
    """The SIS gives a person another key without a word; their enrollment refers to it."""
    old, new = f"u{n:03d}", f"x{n:03d}"
    row = sis.rows["users"][old]
    sis.vanish("users", old)
    sis.put("users", new, **row)
    if enrolled:
        sis.change("enrollments", f"e{n:03d}", user=new)


@contextmanager
def asked(folder: Path, *people: int) -> Iterator[District]:
    """A district that has been asked about people."""
    with district(folder, numbered()) as d:
        d.sync()
        for n in people or (3,):
            rekey(d.sis, n)
        d.sync(full=True)
        yield d


def open_questions(d: District) -> list[differences.Difference]:
    """What is asked, the first first."""
    return differences.differences(d.database, differences.difference_ids(d.database))


def answer(d: District, take: Take) -> Resolved:
    """Answers everything that is asked alike."""
    asked = differences.difference_ids(d.database)
    return d.engine.resolve([Decision(one, take) for one in asked], "Ana")


def raw_user(d: District, enrollment: str) -> int:
    """The id that an enrollment's row holds."""
    with d.database.reading() as tx:
        row = tx.one(
            "SELECT user FROM enrollments WHERE id = ?", (d.id("enrollments", enrollment),)
        )
    assert row is not None
    return int(row[0])


# -- the question -----------------------------------------------------------------------------


def test_a_new_key_of_a_known_person_is_asked_about(data_dir: Path) -> None:
    """The newcomer waits together with the removal; nobody is added, removed or changed."""
    with district(data_dir, numbered()) as d:
        d.sync()
        before = d.id("users", "u003")
        rekey(d.sis, 3)
        run = d.sync(full=True)
        assert (run.state, sums(run)) == (
            "waiting",
            {"read": 26, "absent": 1, "unchanged": 25, "waiting": 2, "conflicts": 1},
        )
        assert reads.counts(d.database)["users"] == 10
        assert reads.record(d.database, "users", before).record.alive
        (one,) = open_questions(d)
        assert (one.kind, one.part, one.record) == ("same_person", "identity", before)
        assert one.ours["identifier"] == one.sis["identifier"] == "L3"
        assert "same_person_asked" in d.log(run.id)


def test_who_refers_to_the_newcomer_refers_to_the_person(data_dir: Path) -> None:
    """A3: the changed enrollment is no change; a new one is read as the old person's."""
    with asked(data_dir) as d:
        person, newcomer = d.id("users", "u003"), d.id("users", "x003")
        assert newcomer != person
        assert raw_user(d, "e003") == person
        d.sis.put("enrollments", "e100", user="x003", **{"class": "c1"}, role="student")
        d.sync()
        assert raw_user(d, "e100") == newcomer
        for key in ("e003", "e100"):
            assert d.values("enrollments", key)["user"] == person
            detail = reads.record(d.database, "enrollments", d.id("enrollments", key))
            assert detail.titles[person] == "Given 3 Family 3"
        assert reads.record(d.database, "users", newcomer).record.id == person
        assert [row.id for row in reads.records(d.database, "users", [newcomer])] == [person]
        assert reads.titles(d.database, ("users", [newcomer]))[newcomer] == "Given 3 Family 3"
        exported = {
            row.id: row.values["user"] for row in reads.all_records(d.database, "enrollments")
        }
        assert exported[d.id("enrollments", "e100")] == person


def test_a_question_stands_as_one_through_later_syncs(data_dir: Path) -> None:
    """E3: seen again it is brought up to date, and counts close in whole and incremental runs."""
    with asked(data_dir) as d:
        for full in (True, False, True):
            run = d.sync(full=full)
            assert run.state == "waiting"
            assert len(open_questions(d)) == 1
            assert reads.connector(d.database, "toy").standing.waiting == 2
        assert sums(run)["waiting"] == 2


@pytest.mark.parametrize("field", ["identifier", "user_master_identifier", "user_ids"])
def test_every_identifier_tells_a_person(data_dir: Path, field: str) -> None:
    """A local ID, a master ID, or one of the other IDs: each of them is enough."""
    value = [{"type": "State ID", "identifier": "77"}] if field == "user_ids" else "77"
    with district(data_dir) as d:
        d.sis.change("users", "u003", **{field: value})
        d.sync()
        rekey(d.sis, 3)
        more = [*value, {"type": "LDAP", "identifier": "z"}] if isinstance(value, list) else value
        d.sis.change("users", "x003", **{field: more})
        d.sync(full=True)
        assert len(open_questions(d)) == 1


def test_an_identifier_set_later_is_known(data_dir: Path) -> None:
    """What identifies a record is what stands there now, whoever set it, and no former value."""
    with district(data_dir) as d:
        d.sync()
        d.sis.change("users", "u003", identifier="new")
        d.engine.edit("users", d.id("users", "u004"), {"identifier": "ours"}, "Ana")
        d.sync()
        d.engine.edit("users", d.id("users", "u004"), {"identifier": "changed"}, "Ana")
        for key, value in (("x1", "new"), ("x2", "ours"), ("x3", "changed")):
            d.sis.put("users", key, identifier=value)
        run = d.sync()
        assert (run.total("created"), run.total("waiting")) == (1, 2)
        assert {one.record for one in open_questions(d)} == {
            d.id("users", "u003"), d.id("users", "u004"),
        }  # fmt: skip


def test_changes_alone_do_not_tell_and_a_whole_read_does(data_dir: Path) -> None:
    """After an incremental read it is asked; once the old key is seen as well, they are two."""
    with district(data_dir, numbered()) as d:
        d.sync()
        d.sis.put("users", "x003", **d.sis.rows["users"]["u003"])
        run = d.sync()
        assert (run.mode, run.state, run.total("waiting")) == ("incremental", "waiting", 1)
        run = d.sync(full=True)
        assert (run.state, run.total("created"), open_questions(d)) == ("completed", 1, [])
        assert "join_suggested" in d.log(run.id)
        assert d.id("users", "x003") != d.id("users", "u003")
        assert d.values("users", "x003")["identifier"] == "L3"


def test_the_same_identifier_in_a_whole_read_is_no_question(data_dir: Path) -> None:
    """The other one's row is there too: the newcomer is made, and a join is suggested."""
    with district(data_dir, numbered()) as d:
        d.sync()
        d.sis.put("users", "x003", **d.sis.rows["users"]["u003"])
        run = d.sync(full=True)
        assert (run.state, sums(run)) == ("completed", {"read": 27, "created": 1, "unchanged": 26})
        assert "join_suggested" in d.log(run.id)


def test_an_identifier_of_several_tells_nobody(data_dir: Path) -> None:
    """Ambiguous: the newcomer is made without a question, with a warning."""
    with district(data_dir) as d:
        for n in (3, 4):
            d.sis.change("users", f"u{n:03d}", identifier="SHARED")
        d.sync()
        rekey(d.sis, 3)
        run = d.sync(full=True)
        assert (run.total("created"), run.total("deleted"), open_questions(d)) == (1, 1, [])
        assert "identifier_shared" in d.log(run.id)


def test_a_namesake_of_the_same_birth_date_is_only_told(data_dir: Path) -> None:
    """Without an identifier the newcomer is made and the other one ends; the log says so."""
    with district(data_dir) as d:
        d.sis.put("demographics", "u003", user="u003", birth_date="2012-05-01")
        d.sync()
        rekey(d.sis, 3)
        d.sis.vanish("demographics", "u003")
        d.sis.put("demographics", "x003", user="x003", birth_date="2012-05-01")
        run = d.sync(full=True)
        assert (run.total("created"), run.total("deleted"), run.total("waiting")) == (2, 2, 0)
        (line,) = (x for x in reads.run_log(d.database, run.id) if x.code == "namesake_found")
        told = {"record": d.id("users", "x003"), "other": d.id("users", "u003")}
        assert line.parameters == told


def test_a_tombstone_of_the_old_key_waits_with_the_question(data_dir: Path) -> None:
    """Whether it comes in the same read of changes, or in a later one."""
    with district(data_dir, numbered()) as d:
        d.sync()
        for n, at_once in ((3, True), (4, False)):
            d.sis.put("users", f"x{n:03d}", **d.sis.rows["users"][f"u{n:03d}"])
            if not at_once:
                d.sync()
            d.sis.end("users", f"u{n:03d}")
            run = d.sync()
            assert (run.mode, run.state, run.total("deleted")) == ("incremental", "waiting", 0)
            assert reads.counts(d.database)["users"] == 10
        assert len(open_questions(d)) == 2


def test_held_pairs_count_for_no_limit(data_dir: Path) -> None:
    """E1: half of the people get new keys: no removals, no changes of who refers to them."""
    with district(data_dir, numbered(people=40, page=100)) as d:
        d.sync()
        for n in range(20):
            rekey(d.sis, n)
        run = d.sync(full=True)
        assert "limit_tripped" not in d.log(run.id)
        assert (run.total("waiting"), run.total("updated")) == (40, 0)
        assert reads.connector(d.database, "toy").standing.conflicts == 20


# -- the SIS answers --------------------------------------------------------------------------


@pytest.mark.parametrize("full", [True, False])
def test_the_old_key_comes_back(data_dir: Path, full: bool) -> None:
    """Both are there: the question closes by itself and the newcomer is made."""
    with asked(data_dir) as d:
        d.sis.put("users", "u003", **d.sis.rows["users"]["x003"])
        run = d.sync(full=full)
        assert (open_questions(d), reads.counts(d.database)["users"]) == ([], 11)
        assert reads.connector(d.database, "toy").standing.waiting == 0
        assert (run.state, run.total("deleted")) == ("completed", 0)
        d.sync(full=True)
        assert d.values("enrollments", "e003")["user"] == d.id("users", "x003")


@pytest.mark.parametrize("tombstone", [True, False])
def test_the_new_key_vanishes(data_dir: Path, tombstone: bool) -> None:
    """Nobody new any more: the question closes, and the removal goes its ordinary way."""
    with asked(data_dir) as d:
        person = d.id("users", "u003")
        if tombstone:
            d.sis.end("users", "x003")
        else:
            d.sis.vanish("users", "x003")
        d.sync(full=True)
        d.sync(full=True)
        assert open_questions(d) == []
        assert not reads.record(d.database, "users", person).record.alive
        assert reads.connector(d.database, "toy").standing.waiting == 0


def test_a_newcomer_that_is_nobody_after_all(data_dir: Path) -> None:
    """Its ID is corrected at the SIS: it is made, and the other one ends."""
    with asked(data_dir) as d:
        d.sis.change("users", "x003", identifier="L300")
        run = d.sync(full=True)
        assert (open_questions(d), run.total("created"), run.total("deleted")) == ([], 1, 1)
        assert run.state == "completed"


def test_a_newcomer_that_is_somebody_else_we_have(data_dir: Path) -> None:
    """Its ID is corrected to that of another one who has gone: that is what is asked then."""
    with asked(data_dir) as d:
        rekey(d.sis, 4, enrolled=False)
        d.sis.vanish("users", "x004")
        d.sis.change("users", "x003", identifier="L4")
        for _ in range(2):
            d.sync(full=True)
            assert [one.record for one in open_questions(d)] == [d.id("users", "u004")]
        assert not reads.record(d.database, "users", d.id("users", "u003")).record.alive
        assert d.values("enrollments", "e003")["user"] == d.id("users", "u004")


def test_a_refused_removal_and_a_new_key(data_dir: Path) -> None:
    """B6: who stays although the SIS ended them goes on under the key that they come back with."""
    with district(data_dir, numbered()) as d:
        d.sync()
        person = d.id("users", "u003")
        d.engine.protect("users", person, "Ana")
        d.sis.end("users", "u003")
        assert d.sync().state == "completed"
        d.sis.put("users", "x003", given_name="Zoe", identifier="L3")
        assert d.sync().state == "waiting"
        answer(d, Take.SAME)
        assert (d.id("users", "x003"), d.values("users", "x003")["given_name"]) == (person, "Zoe")
        for full in (True, False):
            assert d.sync(full=full).state == "completed"


# -- a person answers -------------------------------------------------------------------------


def test_the_same_person_goes_on_under_the_new_key(data_dir: Path) -> None:
    """What was edited here and what the SIS changed meet as in any sync; nothing ends."""
    with district(data_dir, numbered()) as d:
        d.sync()
        person = d.id("users", "u003")
        d.engine.edit("users", person, {"preferred_first_name": "Zoë"}, "Ana")
        rekey(d.sis, 3)
        d.sis.change("users", "x003", family_name="Okafor")
        d.sync(full=True)
        resolved = answer(d, Take.SAME)
        assert (len(resolved.applied), resolved.left_out) == (1, ())
        assert d.id("users", "x003") == person
        values = d.values("users", "x003")
        assert (values["family_name"], values["preferred_first_name"]) == ("Okafor", "Zoë")
        (change, *_) = reads.record(d.database, "users", person).changes
        assert (change.change_set, change.kind) == (resolved.change_set, "decision")
        assert reads.connector(d.database, "toy").standing.waiting == 0
        d.sis.change("users", "x003", given_name="Zoe")
        run = d.sync()
        assert (run.state, sums(run)) == ("completed", {"read": 1, "updated": 1})
        assert d.values("enrollments", "e003")["user"] == person


@pytest.mark.parametrize("tombstone", [True, False])
def test_after_the_same_nothing_is_written(data_dir: Path, tombstone: bool) -> None:
    """Three whole and three incremental syncs, the old key's tombstone still in the feed."""
    with asked(data_dir) as d:
        if tombstone:
            d.sis.put("users", "u003")
            d.sis.end("users", "u003")
        answer(d, Take.SAME)
        before = d.everything()
        for full in (True, False) * 3:
            run = d.sync(full=full)
            assert run.state == "completed"
            assert set(sums(run)) <= {"read", "unchanged"}
        assert d.everything() == before


def test_a_different_person_is_made_and_the_other_one_ends(data_dir: Path) -> None:
    """The removal goes its ordinary way, and who referred to the newcomer does so again."""
    with asked(data_dir) as d:
        person = d.id("users", "u003")
        resolved = answer(d, Take.DIFFERENT)
        made = reads.record(d.database, "users", d.id("users", "x003"))
        assert (made.record.alive, made.created_in) == (True, resolved.change_set)
        assert d.values("users", "x003")["identifier"] == "L3"
        for _ in range(2):
            run = d.sync()
        assert run.state == "completed"
        assert not reads.record(d.database, "users", person).record.alive
        assert d.values("enrollments", "e003")["user"] == d.id("users", "x003") != person


def test_twenty_one_alike_are_one_question(data_dir: Path) -> None:
    """One answer for all of the stream."""
    with district(data_dir, numbered(people=40, page=100)) as d:
        d.sync()
        people = {f"x{n:03d}": d.id("users", f"u{n:03d}") for n in range(21)}
        for n in range(21):
            rekey(d.sis, n)
        d.sync(full=True)
        (question,) = differences.questions(d.database)
        assert question.count == 21
        alike = differences.alike(d.database, question.first)
        resolved = d.engine.resolve([Decision(one, Take.SAME) for one in alike], "Ana")
        assert len(resolved.applied) == 21
        assert {key: d.id("users", key) for key in people} == people
        assert d.sync(full=True).state == "completed"


def test_an_edited_person_is_asked_about_once(data_dir: Path) -> None:
    """B6: that the SIS ended what was edited here is asked only if the new one is another."""
    with district(data_dir, numbered()) as d:
        d.sync()
        d.engine.edit("users", d.id("users", "u003"), {"given_name": "Zoë"}, "Ana")
        rekey(d.sis, 3)
        for full in (True, False, True):
            assert d.sync(full=full).state == "waiting"
            assert [one.kind for one in open_questions(d)] == ["same_person"]
        answer(d, Take.DIFFERENT)
        d.sync()
        assert [one.kind for one in open_questions(d)] == ["edit_or_delete"]
        assert reads.counts(d.database)["users"] == 11


def test_what_referred_to_the_newcomer_can_be_sent(data_dir: Path) -> None:
    """F2: an enrollment that came while it was asked is at the SIS what it is here."""
    with asked(data_dir) as d:
        d.sis.writable["enrollments"] = ("create", "update")
        d.sis.put("enrollments", "e100", user="x003", role="student", **{"class": "c1"})
        d.sync()
        answer(d, Take.SAME)
        person, other = d.id("users", "x003"), d.id("users", "u001")
        d.sync()
        assert d.sis.wrote == []
        d.engine.edit("enrollments", d.id("enrollments", "e100"), {"user": other}, "Ana")
        fields = {"user": person, "class": d.id("classes", "c2"), "role": "student"}
        d.engine.create("enrollments", fields, "Ana")
        assert d.sync().state == "completed"
        assert d.sis.rows["enrollments"]["e100"]["user"] == "u001"
        ((*_, made),) = (one for one in d.sis.wrote if one[2] != "e100")
        assert d.sis.rows["enrollments"][made]["user"] == "x003"


def test_no_answer_while_the_stream_is_read(data_dir: Path) -> None:
    """The sync may just be learning it: the decision is left out, and counts close."""
    with asked(data_dir) as d:
        left: list[Resolved] = []

        def hook(url: str) -> None:
            if "users" in url and "after=u006" in url:
                d.loop.post(lambda: left.append(answer(d, Take.SAME)))

        d.sis.hook = hook
        assert d.sync(full=True).state == "waiting"
        assert [len(one.left_out) for one in left] == [1]
        assert len(answer(d, Take.SAME).applied) == 1


def test_no_answer_before_a_sync_that_was_cut_off_is_gone_on_with(data_dir: Path) -> None:
    """C7, C8: what it had read of the two is judged first, and its counts close."""
    with asked(data_dir) as d:
        d.sis.put("users", "u003")
        d.sis.end("users", "u003")
        d.sis.hook = failing(6, TransientError("toy_down"))
        assert d.sync(full=True).state == "failed"
        d.sis.hook = lambda url: None
        before = answer(d, Take.SAME)
        run = d.sync()
        assert (len(before.applied), run.resumes is not None) == (0, True)
        assert run.state == "waiting"
        assert len(answer(d, Take.SAME).applied) == 1
        assert d.sync(full=True).state == "completed"


@pytest.mark.parametrize("take", [Take.SAME, Take.DIFFERENT])
def test_an_answer_while_those_who_refer_are_read(data_dir: Path, take: Take) -> None:
    """Given between two pages of enrollments, it holds, and the next syncs agree with it."""
    with asked(data_dir) as d:
        person = d.id("users", "u003")

        def hook(url: str) -> None:
            if "enrollments" in url and "after=e005" in url:
                d.loop.post(lambda: answer(d, take))

        d.sis.hook = hook
        d.sync(full=True)
        d.sis.hook = lambda url: None
        for _ in range(2):
            run = d.sync(full=True)
        assert (run.state, open_questions(d)) == ("completed", [])
        expected = person if take is Take.SAME else d.id("users", "x003")
        assert d.values("enrollments", "e003")["user"] == expected


# -- cut off, and the rest --------------------------------------------------------------------


def test_resumed_from_anywhere_equals_unbroken(tmp_path: Path) -> None:
    """C7: cut off before any request, it is asked all the same, and the counts close."""

    def changed(d: District) -> None:
        d.sync()
        rekey(d.sis, 3)
        d.sis.put("users", "x004", **d.sis.rows["users"]["u004"])

    with district(tmp_path / "unbroken", numbered()) as d:
        changed(d)
        total = len(d.sis.asked)
        assert d.sync(full=True).state == "waiting"
        total = len(d.sis.asked) - total
        expected = d.everything()
    for cut in range(total):
        with district(tmp_path / f"cut{cut}", numbered()) as d:
            changed(d)
            d.sis.hook = failing(cut, TransientError("toy_down"))
            assert d.sync(full=True).state == "failed"
            d.sis.hook = lambda url: None
            run = d.sync()
            assert (run.state, run.total("created"), len(open_questions(d))) == ("waiting", 1, 1)
            # Cut off where the old key was looked for, its absence is learnt by the next read.
            assert d.sync(full=True).total("waiting") == 2
            assert d.everything() == expected


def test_overtaken_between_any_two_steps_equals_unbroken(tmp_path: Path) -> None:
    """C7, H1: whatever step was the last, the next syncs end with what an unbroken one gives."""

    def changed(d: District) -> None:
        d.sync()
        rekey(d.sis, 3)
        d.sis.put("users", "x004", **d.sis.rows["users"]["u004"])
        d.engine.edit("users", d.id("users", "u005"), {"given_name": "Zoë"}, "Ana")
        rekey(d.sis, 5)

    with district(tmp_path / "unbroken", numbered(page=100)) as d:
        changed(d)
        d.sync(full=True)
        expected = d.everything()
    for last in count():
        with district(tmp_path / f"last{last}", numbered(page=100)) as d:
            changed(d)
            run = d.engine.start("toy", full=True)
            steps = d.steps(run)
            for _ in islice(steps, last):
                pass
            with d.database.writing() as tx:
                tx.run("UPDATE connectors SET fence = fence + 1")
            over = not d.engine.busy
            for _ in steps:
                pass
            d.sync(full=True)
            assert d.everything() == expected
            assert len(open_questions(d)) == 2
            if over:
                break


def test_what_a_lost_position_left_is_judged_again(data_dir: Path) -> None:
    """C7: leftovers are asked about, and the whole read that follows learns that both are there."""
    with district(data_dir, numbered()) as d:
        d.sync()
        d.sis.put("users", "a003", **d.sis.rows["users"]["u003"])
        d.sis.hook = failing(4, TransientError("toy_down"))
        assert d.sync(full=True).state == "failed"
        d.sis.hook = lambda url: None
        d.pass_time(hours=25)
        run = d.sync()
        assert (run.resumes, run.state, open_questions(d)) == (None, "completed", [])
        assert d.values("users", "a003")["identifier"] == "L3"


@pytest.mark.parametrize("at_once", [False, True])
def test_a_person_who_gets_other_keys_at_two_sis_is_asked_about_at_each(
    data_dir: Path, at_once: bool
) -> None:
    """Each SIS has its own keys, so each is a question; answered alike they stay one person."""
    sis, other = numbered(), numbered()
    other.vanish("users", *list(other.rows["users"]))
    other.rows["enrollments"].clear()
    sis.writable["users"] = other.writable["users"] = ("create",)
    with district(data_dir, sis, other=other) as d:
        d.without_limits()
        told = {"given_name": "Pat", "family_name": "Doe", "identifier": "L77"}
        person = d.engine.create("users", told, "Ana")
        for name, place in (("toy", sis), ("other", other)):
            d.sync(name)
            links = reads.record(d.database, "users", person).links
            (key,) = [link.key for link in links if link.connector == name]
            row = place.rows["users"][key]
            place.vanish("users", key)
            place.put("users", "new", **row)
        for name in ("toy", "other"):
            assert d.sync(name, full=True).total("conflicts") == 1
            if not at_once:
                answer(d, Take.SAME)
        if at_once:
            assert len(answer(d, Take.SAME).applied) == 2
        for name in ("toy", "other", "toy", "other"):
            assert d.sync(name, full=True).state == "completed"
        links = reads.record(d.database, "users", person).links
        alive = {(link.connector, link.key) for link in links if link.alive}
        assert alive == {("toy", "new"), ("other", "new")}
        ids = reads.record_ids(d.database, "users")
        people = [one.values["identifier"] for one in reads.records(d.database, "users", ids)]
        assert people.count("L77") == 1


def test_a_connector_removed_and_added_again_asks_anew(data_dir: Path) -> None:
    """Questions go with their connector; the newcomer is met again."""
    with asked(data_dir) as d:
        d.engine.remove_connector("toy")
        assert differences.difference_ids(d.database) == []
        d.engine.save_connector("toy", "toy", {})
        assert d.sync().state == "waiting"
        assert len(open_questions(d)) == 1
        answer(d, Take.SAME)
        assert d.sync(full=True).state == "completed"
