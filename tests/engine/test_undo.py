"""What was done can be undone, where nothing newer stands: SEMANTICS G, through public names."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import partial
from pathlib import Path
from random import Random
from threading import Event

import pytest

from app.engine.apart import Reply
from app.engine.decisions import Decision, Take
from app.engine.events import Undoing
from app.engine.policy import Decides
from app.engine.taking import BATCH
from app.engine.undo import Undone, plan
from app.errors import BusyError, Cancelled, Fenced, LimitError, NotFound, SyncError, UsageError
from app.store import differences, history, journal, linkage, outbox, policies, reads, records
from tests.engine.toy import District, ToySis, district, fill

ALL = ("create", "update", "delete")


@contextmanager
def synced(
    data_dir: Path, sis: ToySis | None = None, other: ToySis | None = None
) -> Iterator[District]:
    """A district without limits that has been read once."""
    with district(data_dir, sis, other=other) as d:
        d.without_limits()
        d.sync()
        yield d


def undo(d: District, change_set: int, *, approved: bool = False) -> Undone:
    """Undoes it."""
    undone = d.engine.undo(change_set, author="Ana", approved=approved)
    assert undone is not None
    return undone


def reasons(undone: Undone) -> list[str]:
    """Why something was left out."""
    return [left.reason for left in undone.left_out]


def three_more(d: District, name: str = "toy") -> None:
    """Three full and three incremental syncs write nothing and ask nothing."""
    before = d.everything()
    for full in (True, False, True, False, True, False):
        d.pass_time(minutes=30)
        run = d.sync(name, full=full)
        assert run.state == "completed"
        for count in ("created", "updated", "deleted", "waiting", "conflicts", "pushed"):
            assert run.total(count) == 0, count
    assert d.everything() == before


def alive(d: District, entity: str, key: str) -> bool:
    """Whether the record of a key is alive here."""
    return reads.record(d.database, entity, d.id(entity, key)).record.alive


# -- syncs ------------------------------------------------------------------------------------


def test_a_sync_is_undone_and_stays_undone(data_dir: Path) -> None:
    """Values come back, what it made ends, what it ended returns; the next syncs leave it so."""
    with synced(data_dir) as d:
        before = d.everything()
        d.sis.change("users", "u001", given_name="Maria", email="maria@district.example")
        d.sis.end("users", "u002")
        d.sis.put("users", "new", given_name="New", family_name="Boy", roles=[])
        run = d.sync()
        undone = undo(d, run.id)
        assert (undone.of, undone.applied, undone.left_out) == (run.id, 3, ())
        after = d.everything()
        for key in ("u001", "u002"):
            assert after[f"users/{key}"] == {**before[f"users/{key}"], "link": key == "u001"}
        assert not alive(d, "users", "new")
        three_more(d)
        assert d.sis.wrote == []


def test_an_undone_value_falls_back_to_the_sis_when_that_changes(data_dir: Path) -> None:
    """G2: the pin falls when the SIS says something else; that is asked, as both sides moved."""
    with synced(data_dir) as d:
        d.sis.change("users", "u001", given_name="Maria")
        undo(d, d.sync().id)
        d.sis.change("users", "u001", given_name="Mary")
        assert d.sync().state == "warnings"
        [found] = differences.difference_ids(d.database)
        assert differences.difference(d.database, found).sis == {"given_name": "Mary"}


def test_what_is_newer_stands_and_is_told(data_dir: Path) -> None:
    """G2: a later edit is left alone, the other fields of the record come back."""
    with synced(data_dir) as d:
        d.sis.change("users", "u001", given_name="Maria", family_name="Gomez")
        run = d.sync()
        d.engine.edit("users", d.id("users", "u001"), {"given_name": "Mimi"}, "Ben")
        before = plan(d.database, run.id, d.time[0])
        undone = undo(d, run.id)
        [left] = undone.left_out
        assert [left] == before.left_out
        assert (left.entity, left.record) == ("users", d.id("users", "u001"))
        assert (left.reason, left.parts) == ("newer", ("given_name",))
        assert left.by is not None
        assert left.by.author == "Ben"
        values = d.values("users", "u001")
        assert (values["given_name"], values["family_name"]) == ("Mimi", "Family 1")


def test_the_same_value_set_again_by_a_person_is_newer(data_dir: Path) -> None:
    """What a person wrote after the sync stands, also where it is what the sync had written."""
    with synced(data_dir) as d:
        d.sis.change("users", "u001", given_name="Maria")
        run = d.sync()
        for name in ("Mimi", "Maria"):
            d.engine.edit("users", d.id("users", "u001"), {"given_name": name}, "Ben")
        assert reasons(undo(d, run.id)) == ["newer"]
        assert d.values("users", "u001")["given_name"] == "Maria"


def test_lists_are_undone_element_by_element(data_dir: Path) -> None:
    """A4: what the sync added goes, what came later stays."""
    with synced(data_dir) as d:

        def role(org: str, kind: str) -> dict[str, str]:
            return {"role": "student", "org": org, "role_type": kind}

        first = role("o2", "primary")
        d.sis.change("users", "u001", roles=[first, role("o1", "secondary")])
        run = d.sync()
        had = d.values("users", "u001")["roles"]
        third = {"role": "aide", "org": "o1", "role_type": "secondary"}
        d.sis.change("users", "u001", roles=[first, role("o1", "secondary"), third])
        d.sync()
        all_three = d.values("users", "u001")["roles"]
        undo(d, run.id)
        [added] = set(had) - {r for r in had if r[1] == d.id("orgs", "o2")}
        assert set(d.values("users", "u001")["roles"]) == set(all_three) - {added}


def test_what_belongs_together_is_undone_together_or_not_at_all(data_dir: Path) -> None:
    """A4: a newer last day keeps the first one as it is, too; what stands alone comes back."""
    with synced(data_dir) as d:
        d.sis.change("enrollments", "e001", begin_date="2026-09-01", primary=True)
        run = d.sync()
        d.engine.edit("enrollments", d.id("enrollments", "e001"), {"end_date": "2027-06-01"}, "B")
        undone = undo(d, run.id)
        assert [(left.reason, left.parts) for left in undone.left_out] == [("newer", ("dates",))]
        values = d.values("enrollments", "e001")
        assert (values["begin_date"], values["primary"]) == ("2026-09-01", None)


def test_an_open_difference_follows_what_comes_back(data_dir: Path) -> None:
    """B2: our side of it moves with the undo."""
    with synced(data_dir) as d:
        edit = d.engine.edit("users", d.id("users", "u001"), {"given_name": "Mimi"}, "Ben")
        again = d.engine.edit("users", d.id("users", "u001"), {"given_name": "Momo"}, "Ben")
        d.sis.change("users", "u001", given_name="Maria")
        assert d.sync().state == "warnings"
        undo(d, again)
        [asked] = differences.difference_ids(d.database)
        assert differences.difference(d.database, asked).ours == {"given_name": "Mimi"}
        undo(d, edit)
        d.sync(full=True)
        assert differences.difference_ids(d.database) == []
        assert d.values("users", "u001")["given_name"] == "Maria"


def test_a_new_record_that_another_connector_has_stays(data_dir: Path) -> None:
    """D4: it ends when nobody has it, and the other one still does."""
    with synced(data_dir, other=ToySis()) as d:
        d.sis.put("users", "new", given_name="New", family_name="Boy")
        run = d.sync()
        record = d.id("users", "new")
        with d.database.writing() as tx:
            other = reads.connector(d.database, "other").id
            stream = journal.streams(tx, other, ["users"])["users"].id
            link = records.allot(tx, "link", 1)
            linkage.insert_links(
                tx, [(link, stream, "theirs", record, 1, 0, None, None, None, None)]
            )
        assert reasons(undo(d, run.id)) == ["elsewhere"]
        assert alive(d, "users", "new")


def test_a_new_record_that_was_changed_since_stays(data_dir: Path) -> None:
    with synced(data_dir) as d:
        d.sis.put("users", "new", given_name="New", family_name="Boy")
        run = d.sync()
        d.engine.edit("users", d.id("users", "new"), {"given_name": "Nick"}, "Ben")
        assert reasons(undo(d, run.id)) == ["newer"]
        assert alive(d, "users", "new")


def test_an_approved_mass_removal_is_undone_with_its_sync(data_dir: Path) -> None:
    """G1: the approval belongs to the sync; everybody is back, though the tombstones stay."""
    with district(data_dir, fill(ToySis(), people=40)) as d:
        d.sync()
        before = d.everything()
        for n in range(20):
            d.sis.end("users", f"u{n:03d}")
        run = d.sync()
        assert run.state == "waiting"
        d.engine.approve(run.id)
        d.loop.run(until=lambda: not d.engine.busy)
        assert not alive(d, "users", "u000")
        undone = undo(d, run.id)
        assert (undone.applied, undone.left_out) == (20, ())
        after = d.everything()
        for n in range(20):
            key = f"users/u{n:03d}"
            assert after[key] == {**before[key], "link": 0}
        three_more(d)


def test_a_resumed_sync_takes_its_beginning_with_it(data_dir: Path) -> None:
    """G1: what the run that was cut off had done is undone with the one that went on."""
    with synced(data_dir) as d:
        for n in range(10):
            d.sis.put("users", f"x{n}", given_name="New", family_name=str(n))

        def stop(url: str) -> None:
            if "users" in url and "after=x5" in url:
                d.engine.cancel(cut)

        d.sis.hook = stop
        cut = d.engine.start("toy")
        d.loop.run(until=lambda: not d.engine.busy)
        d.sis.hook = lambda url: None
        made = [n for n in range(10) if reads_created(d, f"x{n}") == cut]
        assert 0 < len(made) < 10
        run = d.sync()
        assert run.resumes == cut
        assert undo(d, run.id).applied == 10
        assert not any(alive(d, "users", f"x{n}") for n in range(10))


def reads_created(d: District, key: str) -> int | None:
    """The run that made the record of a key; ``None`` where there is none yet."""
    try:
        return reads.record(d.database, "users", d.id("users", key)).created_in
    except (AssertionError, NotFound):
        return None


def test_the_undo_of_a_first_load_goes_over_the_limits(data_dir: Path) -> None:
    """G2: it passes the limits like any run; told in words, nothing is done until approved."""
    with district(data_dir) as d:
        run = d.sync()
        before = d.everything()
        with pytest.raises(LimitError) as held:
            undo(d, run.id)
        assert "School 1" in str(held.value.parameters["told"])
        assert d.everything() == before
        assert plan(d.database, run.id, d.time[0]).held
        assert undo(d, run.id, approved=True).applied == len(before)
        assert reads.counts(d.database)["users"] == 0
        three_more(d)


def test_an_undo_waits_for_no_sync_under_way(data_dir: Path) -> None:
    """H1: while its connector is being synced the undo is refused, and nothing is done."""
    with synced(data_dir) as d:
        d.sis.change("users", "u001", given_name="Maria")
        run = d.sync()
        d.engine.start("toy")
        with pytest.raises(BusyError) as busy:
            undo(d, run.id)
        assert busy.value.parameters["name"] == "toy"
        d.loop.run(until=lambda: not d.engine.busy)
        assert undo(d, run.id).applied == 1


# -- two connectors ---------------------------------------------------------------------------


def sections(writable: bool) -> ToySis:
    """A SIS with line items, which it takes or not."""
    sis = fill(ToySis())
    sis.put("line_items", "l0", title="Quiz", school="o1", result_value_max=10.0, **{"class": "c0"})
    if writable:
        sis.writable = {"line_items": ALL}
    return sis


def test_what_comes_back_goes_to_the_other_connector(data_dir: Path) -> None:
    """G2: it is not sent to the SIS that it came from; another one that has the record gets it."""
    other = sections(writable=True)
    other.vanish("line_items", "l0")
    with synced(data_dir, sections(writable=True), other=other) as d:
        record = d.engine.create("line_items", {"title": "Essay"}, "Ben")
        d.sync()
        d.sync("other")
        links = reads.record(d.database, "line_items", record).links
        keys = {link.connector: link.key for link in links}
        d.sis.change("line_items", keys["toy"], title="Theirs")
        run = d.sync()
        d.sync("other")
        assert other.rows["line_items"][keys["other"]]["title"] == "Theirs"
        wrote = list(d.sis.wrote)
        undo(d, run.id)
        d.sync()
        d.sync("other")
        assert other.rows["line_items"][keys["other"]]["title"] == "Essay"
        assert d.sis.rows["line_items"][keys["toy"]]["title"] == "Theirs"
        three_more(d)
        three_more(d, "other")
        assert d.sis.wrote == wrote


# -- what people did --------------------------------------------------------------------------


def test_an_edit_is_undone_and_what_was_sent_is_sent_back(data_dir: Path) -> None:
    with synced(data_dir, sections(writable=True)) as d:
        edit = d.engine.edit("line_items", d.id("line_items", "l0"), {"title": "Test"}, "Ben")
        d.sync()
        assert d.sis.rows["line_items"]["l0"]["title"] == "Test"
        assert undo(d, edit).applied == 1
        d.sync()
        assert d.sis.rows["line_items"]["l0"]["title"] == "Quiz"
        assert d.values("line_items", "l0")["title"] == "Quiz"
        three_more(d)


def test_an_edit_of_what_the_sis_does_not_take_is_undone(data_dir: Path) -> None:
    with synced(data_dir) as d:
        before = d.everything()
        edit = d.engine.edit("users", d.id("users", "u001"), {"given_name": "Mimi"}, "Ben")
        undo(d, edit)
        assert d.everything() == before
        three_more(d)


def test_a_record_that_a_person_made_ends_and_is_deleted_where_it_was_sent(data_dir: Path) -> None:
    """G2: a delete only of what the change set created there."""
    with synced(data_dir, sections(writable=True)) as d:
        made = d.engine.create(
            "line_items",
            {"title": "Essay", "class": d.id("classes", "c0"), "school": d.id("orgs", "o1")},
            "Ben",
        )
        d.sync()
        [key] = d.sis.rows["line_items"].keys() - {"l0"}
        made_in = reads.record(d.database, "line_items", made).created_in
        assert undo(d, made_in).applied == 1
        d.sync()
        assert key not in d.sis.rows["line_items"]
        assert not reads.record(d.database, "line_items", made).record.alive
        three_more(d)


def test_a_restored_record_ends_again(data_dir: Path) -> None:
    with synced(data_dir) as d:
        d.sis.end("users", "u001")
        d.sync()
        back = d.engine.restore("users", d.id("users", "u001"), "Ben")
        assert undo(d, back).applied == 1
        assert not alive(d, "users", "u001")
        three_more(d)


def test_what_has_ended_since_gets_its_values_back(data_dir: Path) -> None:
    """It stays ended; were it to come back, it would be as it was before the edit."""
    with synced(data_dir) as d:
        edit = d.engine.edit("users", d.id("users", "u001"), {"given_name": "Mimi"}, "Ben")
        d.engine.end_record("users", d.id("users", "u001"), "Ben")
        assert undo(d, edit).left_out == ()
        assert not alive(d, "users", "u001")
        assert d.values("users", "u001")["given_name"] == "Given 1"


def test_protection_is_undone(data_dir: Path) -> None:
    with synced(data_dir) as d:
        undo(d, d.engine.protect("users", d.id("users", "u001"), "Ben"))
        d.sis.end("users", "u001")
        d.sync()
        assert not alive(d, "users", "u001")


def test_a_row_of_who_decides_is_undone(data_dir: Path) -> None:
    """Laid down, replaced or taken away: what stood before stands again."""
    with synced(data_dir) as d:
        for decides in (Decides.SIS, Decides.OURS, None):
            before = rules(d)
            laid = d.engine.set_policy("toy", "users", decides, "Ben")
            after = rules(d)
            undone = undo(d, laid)
            assert rules(d) == before
            if decides is not None:
                assert undone.id is not None
                undo(d, undone.id)
                assert rules(d) == after


def test_an_end_of_protection_is_not_undone(data_dir: Path) -> None:
    """Nothing is kept of what stood before; that is said, and nothing is done."""
    with synced(data_dir) as d:
        d.engine.protect("users", d.id("users", "u001"), "Ben")
        ended = d.engine.protect("users", d.id("users", "u001"), "Ben", on=False)
        with pytest.raises(UsageError):
            undo(d, ended)
        with pytest.raises(NotFound):
            undo(d, 999)


# -- decisions and refusals -------------------------------------------------------------------


@pytest.mark.parametrize("take", [Take.SIS, Take.OURS, Take.OWN])
def test_an_undone_decision_is_asked_again(data_dir: Path, take: Take) -> None:
    """The difference stands open as it did, and so it does after the next syncs."""
    with synced(data_dir) as d:
        d.engine.edit("users", d.id("users", "u001"), {"given_name": "Mimi"}, "Ben")
        d.sis.change("users", "u001", given_name="Maria")
        d.sync()
        [asked] = differences.difference_ids(d.database)
        was = differences.difference(d.database, asked)
        values = {"given_name": "Marie"} if take is Take.OWN else {}
        decided = d.engine.resolve([Decision(asked, take, values)], "Ana").change_set
        assert decided is not None
        assert differences.difference_ids(d.database) == []
        assert undo(d, decided).applied == 1
        for full in (None, False, True, True):
            if full is not None:
                assert d.sync(full=full).state == "warnings"
            [again] = differences.difference_ids(d.database)
            now = differences.difference(d.database, again)
            assert (now.ours, now.sis, now.base, now.kind) == (
                was.ours,
                was.sis,
                was.base,
                was.kind,
            )
        assert undo(d, decided).id is None


def test_what_was_to_be_decided_always_is_asked_again(data_dir: Path) -> None:
    """The policy that came of a decision goes with it."""
    with synced(data_dir) as d:
        for key, always in (("u001", True), ("u002", False)):
            d.engine.edit("users", d.id("users", key), {"given_name": "Mimi"}, "Ben")
            d.sis.change("users", key, given_name="Maria")
            d.sync()
            [asked] = differences.difference_ids(d.database)
            if always:
                decided = d.engine.resolve([Decision(asked, Take.OURS)], "Ana", always=True)
                assert decided.change_set is not None
                undo(d, decided.change_set)
                [asked] = differences.difference_ids(d.database)
                assert d.engine.resolve([Decision(asked, Take.OURS)], "Ana").applied == (asked,)


@pytest.mark.parametrize("take", [Take.SIS, Take.OURS])
def test_an_undone_decision_about_a_removal_is_asked_again(data_dir: Path, take: Take) -> None:
    with synced(data_dir) as d:
        d.engine.edit("users", d.id("users", "u001"), {"given_name": "Mimi"}, "Ben")
        d.sis.end("users", "u001")
        d.sync()
        [asked] = differences.difference_ids(d.database)
        decided = d.engine.resolve([Decision(asked, take)], "Ana").change_set
        assert decided is not None
        undo(d, decided)
        assert alive(d, "users", "u001")
        for _ in range(3):
            d.sync(full=True)
            [again] = differences.difference_ids(d.database)
            assert differences.difference(d.database, again).part == "alive"


def test_a_decision_about_one_element_is_asked_again(data_dir: Path) -> None:
    """A4: its siblings stay as they are, here and in what was last agreed."""

    def role(role: str, begin: str) -> dict[str, str]:
        return {"role": role, "org": "o2", "role_type": "secondary", "begin_date": begin}

    with synced(data_dir) as d:
        d.sis.change("users", "u001", roles=[role("student", "2026-08-01")])
        d.sync()
        [mine] = d.values("users", "u001")["roles"]
        place = mine.index("2026-08-01")
        moved = (*mine[:place], "2026-08-02", *mine[place + 1 :])
        d.engine.edit("users", d.id("users", "u001"), {"roles": [moved]}, "Ben")
        new = [role("student", "2026-08-03"), role("aide", "2026-08-03")]
        d.sis.change("users", "u001", roles=new)
        d.sync()
        [asked] = differences.difference_ids(d.database)
        was = differences.difference(d.database, asked)
        decided = d.engine.resolve([Decision(asked, Take.SIS)], "Ana").change_set
        assert decided is not None
        undo(d, decided)
        for _ in range(2):
            [again] = differences.difference_ids(d.database)
            now = differences.difference(d.database, again)
            assert (now.part, now.ours, now.sis, now.base) == (
                was.part,
                was.ours,
                was.sis,
                was.base,
            )
            assert len(d.values("users", "u001")["roles"]) == 2
            d.sync(full=True)


def test_a_decision_that_has_been_sent_since_is_left_out(data_dir: Path) -> None:
    """The SIS says what was decided by now: there is nothing left to ask about."""
    with synced(data_dir, sections(writable=True)) as d:
        d.engine.edit("line_items", d.id("line_items", "l0"), {"title": "Test"}, "Ben")
        d.sis.change("line_items", "l0", title="Exam")
        d.sync()
        [asked] = differences.difference_ids(d.database)
        decided = d.engine.resolve([Decision(asked, Take.OURS)], "Ana").change_set
        assert decided is not None
        d.sync()
        assert d.sis.rows["line_items"]["l0"]["title"] == "Test"
        assert reasons(undo(d, decided)) == ["newer"]
        assert differences.difference_ids(d.database) == []


def test_a_decision_that_ended_it_there_since_is_left_out(data_dir: Path) -> None:
    """B6: it has ended on both sides, so that nothing is left to ask about."""
    with done(data_dir, partial(about_an_end_here, take=Take.OURS)) as (d, decided, settled):
        settled()
        assert d.sis.wrote == [("DELETE", "users", "u001")]
        assert reasons(undo(d, decided)) == ["newer"]
        assert differences.difference_ids(d.database) == []


def test_an_undone_refusal_is_asked_again(data_dir: Path) -> None:
    with district(data_dir, fill(ToySis(), people=40)) as d:
        d.sync()
        for n in range(20):
            d.sis.change("users", f"u{n:03d}", email=f"changed{n}@district.example")
        run = d.sync()
        assert run.total("waiting") == 20
        refused = d.engine.refuse(run.id)
        assert refused is not None
        assert d.sync().state == "completed"
        assert undo(d, refused.id).applied == 20
        again = d.sync()
        assert (again.state, again.total("waiting")) == ("waiting", 20)
        assert d.values("users", "u000")["email"] == "u0@district.example"


# -- undoing an undo --------------------------------------------------------------------------


def test_an_undo_is_undone(data_dir: Path) -> None:
    """Everything is as the sync had left it, and the sync can be undone once more."""
    with synced(data_dir) as d:
        d.sis.change("users", "u001", given_name="Maria")
        d.sis.end("users", "u002")
        d.sis.put("users", "new", given_name="New", family_name="Boy")
        run = d.sync()
        after = d.everything()
        undone = undo(d, run.id)
        before = d.everything()
        assert undone.id is not None
        assert undo(d, undone.id).applied == 3
        assert d.everything() == after
        three_more(d)
        assert undo(d, run.id).applied == 3
        assert d.everything() == before
        three_more(d)


def test_the_undo_of_an_undone_edit_is_sent(data_dir: Path) -> None:
    with synced(data_dir, sections(writable=True)) as d:
        edit = d.engine.edit("line_items", d.id("line_items", "l0"), {"title": "Test"}, "Ben")
        d.sync()
        undone = undo(d, edit)
        d.sync()
        assert undone.id is not None
        undo(d, undone.id)
        d.sync()
        assert d.sis.rows["line_items"]["l0"]["title"] == "Test"
        three_more(d)


def test_an_undone_change_of_somebody_else_is_in_nobodys_way(data_dir: Path) -> None:
    """An edit and its undo count for nothing: the sync before them can be undone."""
    with synced(data_dir) as d:
        d.sis.change("users", "u001", given_name="Maria")
        run = d.sync()
        undo(d, d.engine.edit("users", d.id("users", "u001"), {"given_name": "Mimi"}, "Ben"))
        assert undo(d, run.id).left_out == ()
        assert d.values("users", "u001")["given_name"] == "Given 1"


# -- what a sync sent -------------------------------------------------------------------------


def test_what_a_sync_sent_is_taken_back_and_ours_stays(data_dir: Path) -> None:
    """G2: the SIS has its value back, the edit stands here and is not sent again."""
    with synced(data_dir, sections(writable=True)) as d:
        d.engine.edit("line_items", d.id("line_items", "l0"), {"title": "Test"}, "Ben")
        run = d.sync()
        assert plan(d.database, run.id, d.time[0]).sent_back.total() == 1
        assert undo(d, run.id).applied == 1
        d.sync()
        assert d.sis.rows["line_items"]["l0"]["title"] == "Quiz"
        assert d.values("line_items", "l0")["title"] == "Test"
        three_more(d)


def test_what_the_sis_no_longer_holds_is_not_taken_back(data_dir: Path) -> None:
    """G2: reverse pushes only while the SIS still holds what we sent."""
    with synced(data_dir, sections(writable=True)) as d:
        d.engine.edit("line_items", d.id("line_items", "l0"), {"title": "Test"}, "Ben")
        run = d.sync()
        d.sis.change("line_items", "l0", title="Exam")
        d.sync()
        assert reasons(undo(d, run.id)) == ["moved"]
        d.sync()
        assert d.sis.rows["line_items"]["l0"]["title"] == "Exam"


# -- cut off ----------------------------------------------------------------------------------


def test_an_undo_that_was_cut_off_goes_on(data_dir: Path) -> None:
    """Each batch is durable; asked for again, the same change set goes on to the end."""
    many = BATCH + 40
    with synced(data_dir, fill(ToySis(page=500), people=many)) as d:
        before = d.everything()
        for n in range(many):
            d.sis.change("users", f"u{n:03d}", given_name="Maria")
        run = d.sync()
        cancel, ended = Event(), list[Undone | SyncError]()
        d.loop.listen(lambda event: cancel.set() if isinstance(event, Undoing) else None)
        d.engine.undo(run.id, reply=Reply(ended.append, cancel))
        d.loop.run(until=lambda: bool(ended))
        assert isinstance(ended[0], Cancelled)
        [cut, *_] = history.change_sets(d.database)
        assert (cut.kind, cut.of, cut.unfinished, cut.changed) == ("undo", run.id, True, BATCH)
        undone = undo(d, run.id)
        assert (undone.id, undone.applied, undone.left_out) == (cut.id, many, ())
        assert not history.change_set(d.database, cut.id).unfinished
        assert d.everything() == before
        assert undo(d, run.id).id is None
        d.sync(full=True)
        assert d.everything() == before


def test_an_undo_that_was_cut_off_can_be_undone(data_dir: Path) -> None:
    """What it had done is taken back, and it does not go on."""
    many = BATCH + 40
    with synced(data_dir, fill(ToySis(page=500), people=many)) as d:
        for n in range(many):
            d.sis.change("users", f"u{n:03d}", given_name="Maria")
        run = d.sync()
        after = d.everything()
        cancel, ended = Event(), list[Undone | SyncError]()
        d.loop.listen(lambda event: cancel.set() if isinstance(event, Undoing) else None)
        d.engine.undo(run.id, reply=Reply(ended.append, cancel))
        d.loop.run(until=lambda: bool(ended))
        [cut, *_] = history.change_sets(d.database)
        assert undo(d, cut.id).applied == BATCH
        assert d.everything() == after
        assert undo(d, run.id).id not in (None, cut.id)


def test_an_undo_that_was_overtaken_writes_nothing_more(data_dir: Path) -> None:
    """H1: its fencing number is checked in every batch."""
    many = BATCH + 40
    with synced(data_dir, fill(ToySis(page=500), people=many)) as d:
        for n in range(many):
            d.sis.change("users", f"u{n:03d}", given_name="Maria")
        run = d.sync()

        def overtake(event: object) -> None:
            if isinstance(event, Undoing):
                with d.database.writing() as tx:
                    journal.raise_fences(tx, [reads.connector(d.database, "toy").id])

        d.loop.listen(overtake)
        with pytest.raises(Fenced):
            undo(d, run.id)
        [cut, *_] = history.change_sets(d.database)
        assert (cut.kind, cut.changed) == ("undo", BATCH)


def test_the_outbox_is_left_empty_by_what_needs_no_sending(data_dir: Path) -> None:
    """After an undo and a sync nothing waits to be sent."""
    with synced(data_dir, sections(writable=True)) as d:
        d.sis.change("line_items", "l0", title="Exam")
        undo(d, d.sync().id)
        d.sync()
        assert outbox.unsent(d.database) == []
        assert d.sis.wrote == []


@pytest.mark.parametrize("seed", range(6))
def test_undoing_is_exact(data_dir: Path, seed: int) -> None:
    """Syncs, edits and ends: undone at once all is as before them, undone again as after."""
    chance = Random(seed)
    with synced(data_dir) as d:
        people = chance.sample(list(d.sis.rows["users"]), 8)
        for ending, leaving in zip(people[::2], people[1::2], strict=True):
            before = d.everything()
            for key in chance.sample(list(d.sis.rows["users"]), 3):
                d.sis.change("users", key, given_name=chance.choice("abc"), grades=["10"])
            d.sis.end("users", ending)
            made = f"new{chance.random()}"
            d.sis.put("users", made, given_name="New")
            done = [d.sync().id]
            changed = d.id("users", made)
            done.append(d.engine.edit("users", changed, {"family_name": "Ours"}, "Ben"))
            done.append(d.engine.end_record("users", d.id("users", leaving), "Ben"))
            after = d.everything()
            undone = [undo(d, one) for one in reversed(done)]
            assert [one.left_out for one in undone] == [(), (), ()]
            now = d.everything()
            assert not now.pop(f"users/{made}")["alive"]
            for key, told in before.items():
                assert {**now[key], "link": None} == {**told, "link": None}
            for one in reversed(undone):
                assert one.id is not None
                undo(d, one.id)
            assert d.everything() == after


# -- however deep ------------------------------------------------------------------------------

MANY = 20
"""More than the limits let through at once."""


def updated(d: District) -> int:
    """A sync that brought other values, of a list as well."""
    d.sis.change("users", "u001", given_name="Maria", grades=["10"])
    return d.sync().id


def newcomer(d: District) -> int:
    """A sync that made a record."""
    d.sis.put("users", "new", given_name="New", family_name="Boy")
    return d.sync().id


def leaver(d: District) -> int:
    """A sync that ended one."""
    d.sis.end("users", "u002")
    return d.sync().id


def kept_edit(d: District) -> int:
    """An edit of what the SIS does not take."""
    return d.engine.edit("orgs", d.id("orgs", "o1"), {"name": "Ours"}, "Ben")


def sent_edit(d: District) -> int:
    """An edit that the SIS has taken."""
    edit = d.engine.edit("users", d.id("users", "u001"), {"given_name": "Mimi"}, "Ben")
    d.sync()
    return edit


def edit_of_what_was_undone(d: District) -> int:
    """An edit of a value that is pinned."""
    undo(d, updated(d))
    return d.engine.edit("users", d.id("users", "u001"), {"given_name": "Mimi"}, "Ben")


def sending(d: District) -> int:
    """The sync that sent an edit."""
    d.engine.edit("users", d.id("users", "u001"), {"given_name": "Mimi"}, "Ben")
    return d.sync().id


def made_here(d: District) -> int:
    """A person made a record, and the SIS has taken it."""
    made = d.engine.create("users", {"given_name": "New", "family_name": "Boy"}, "Ben")
    d.sync()
    return reads.record(d.database, "users", made).created_in


def end_here(d: District) -> int:
    """A person ended a record that no SIS is told of."""
    return d.engine.end_record("orgs", d.id("orgs", "o2"), "Ben")


def restored(d: District) -> int:
    """A person brought back what the SIS had ended."""
    leaver(d)
    return d.engine.restore("users", d.id("users", "u002"), "Ben")


def protection(d: District) -> int:
    """A person protected a record."""
    return d.engine.protect("users", d.id("users", "u002"), "Ben")


def waiting(d: District, *, end: bool) -> int:
    """A sync of which the limits hold what it would do."""
    for n in range(MANY):
        if end:
            d.sis.end("users", f"u{n:03d}")
        else:
            d.sis.change("users", f"u{n:03d}", email=f"changed{n}@district.example")
    run = d.sync()
    assert run.total("waiting") == MANY
    return run.id


def refusal(d: District, *, end: bool) -> int:
    """A refusal of all of that."""
    answer = d.engine.refuse(waiting(d, end=end))
    assert answer is not None
    return answer.id


def approval(d: District, *, end: bool) -> int:
    """An approval of it."""
    run = d.engine.approve(waiting(d, end=end))
    d.loop.run(until=lambda: not d.engine.busy)
    return run


def decision(d: District, take: Take) -> int:
    """A decision about the one question that stands open."""
    d.sync()
    [asked] = differences.difference_ids(d.database)
    decided = d.engine.resolve([Decision(asked, take)], "Ana").change_set
    assert decided is not None
    return decided


def about_a_value(d: District, take: Take) -> int:
    """Both sides changed it."""
    d.engine.edit("users", d.id("users", "u001"), {"given_name": "Mimi"}, "Ben")
    d.sis.change("users", "u001", given_name="Maria")
    return decision(d, take)


def about_an_end(d: District, take: Take) -> int:
    """The SIS ended what was changed here."""
    d.engine.edit("users", d.id("users", "u001"), {"given_name": "Mimi"}, "Ben")
    d.sis.end("users", "u001")
    return decision(d, take)


def about_an_end_here(d: District, take: Take) -> int:
    """The SIS changed what was ended here."""
    d.engine.end_record("users", d.id("users", "u001"), "Ben")
    d.sis.change("users", "u001", given_name="Maria")
    return decision(d, take)


SAID_THERE: dict[str, Callable[[District], int]] = {
    "update": updated,
    "newcomer": newcomer,
    "leaver": leaver,
    "kept edit": kept_edit,
    "end here": end_here,
    "restored": restored,
    "protection": protection,
    **{
        f"{kind.__name__} {of}": partial(kind, end=of == "end")
        for kind in (refusal, approval)
        for of in ("update", "end")
    },
    "value sis": partial(about_a_value, take=Take.SIS),
    "end sis": partial(about_an_end, take=Take.SIS),
    "end ours": partial(about_an_end, take=Take.OURS),
    "end here sis": partial(about_an_end_here, take=Take.SIS),
}
"""Change sets after which the SIS is right, or is told nothing: what they do, by name."""

SENT: dict[str, Callable[[District], int]] = {
    "sent edit": sent_edit,
    "made here": made_here,
    "sending": sending,
    "edit of what was undone": edit_of_what_was_undone,
    "value ours": partial(about_a_value, take=Take.OURS),
    "value base": partial(about_a_value, take=Take.BASE),
    "end here ours": partial(about_an_end_here, take=Take.OURS),
}
"""Change sets of which the SIS is told."""

FINAL = ("made here", "value ours", "end here ours")
"""Those of them that cannot be done again, or not be taken back, once a sync has told it."""


def picture(d: District) -> dict[str, object]:
    """All that an undo may move, here and at the SIS."""
    asked = differences.differences(d.database, differences.difference_ids(d.database))
    with d.database.reading() as tx:
        links = list(tx.rows("SELECT id, base, alive, record FROM links"))
        pinned = policies.pinned(tx, [link for link, *_ in links])
        protected = policies.protected(tx, [record for *_, record in links])
        layouts = {name: records.known_layouts(tx, name) for name in ("orgs", "users")}
        back = outbox.reverting(tx, [record for *_, record in links])
        of = dict(tx.rows("SELECT links.id, entity FROM links JOIN streams ON streams.id = stream"))
    bases = {link: layouts[of[link]].base(base) for link, base, *_ in links if of[link] in layouts}
    return {
        "here": d.everything(),
        "bases": bases,
        "pinned": pinned,
        "protected": protected,
        "asked": [(one.part, one.kind, one.ours, one.sis, one.base) for one in asked],
        "there": deepcopy(d.sis.rows),
        "to be taken back there": back,
    }


@contextmanager
def done(
    data_dir: Path, do: Callable[[District], int]
) -> Iterator[tuple[District, int, Callable[[], dict[str, object]]]]:
    """A district in which it was done, the change set, and what tells how it stands once synced."""
    sis = fill(ToySis(), people=2 * MANY)
    sis.writable = {"users": ALL}
    with district(data_dir, sis) as d:
        d.sync()
        d.engine.set_switches("toy", send_deletes=True)

        def settled() -> dict[str, object]:
            for full in (False, True):
                d.pass_time(minutes=30)
                d.sync(full=full)
            return picture(d)

        yield d, do(d), settled


def undone_in_turn(d: District, change_set: int) -> Iterator[int]:
    """Undoes it, the undo, and so on: five times; how many times by now."""
    for times in range(1, 6):
        undone = undo(d, change_set, approved=True)
        assert undone.left_out == (), times
        assert undone.id is not None, times
        change_set = undone.id
        yield times


@pytest.mark.parametrize("do", [*SAID_THERE, *SENT])
def test_an_undo_is_undone_however_often(data_dir: Path, do: str) -> None:
    """Once more and all is as before, and once more as undone: here, agreed, pinned and asked."""
    with done(data_dir, (SAID_THERE | SENT)[do]) as (d, change_set, settled):
        stands = [picture(d)]
        for times in undone_in_turn(d, change_set):
            stands.append(picture(d))
            assert stands[times] == stands[times % 2], times
        assert stands[0] != stands[1]
        at_last = settled()
        assert d.sis.wrote == [] or do in SENT
    with done(data_dir / "once", (SAID_THERE | SENT)[do]) as (d, change_set, settled):
        undo(d, change_set, approved=True)
        assert settled() == at_last


@pytest.mark.parametrize("do", [*SAID_THERE, *(do for do in SENT if do not in FINAL)])
def test_syncs_between_undos_are_in_nobodys_way(data_dir: Path, do: str) -> None:
    """The SIS is told nothing that it said itself, and loses nothing that is not ours."""
    with done(data_dir, (SAID_THERE | SENT)[do]) as (d, change_set, settled):
        stands = [settled()]
        for times in undone_in_turn(d, change_set):
            stands.append(settled())
            assert stands[times] == stands[1 if times % 2 else 0], times
        assert d.sis.wrote == [] or do in SENT


def test_what_the_undo_deleted_there_is_not_made_there_again(data_dir: Path) -> None:
    """It comes back here alone, and that is told; undone once more it ends again."""
    with done(data_dir, made_here) as (d, change_set, settled):
        first = undo(d, change_set)
        settled()
        assert first.id is not None
        second = undo(d, first.id)
        assert (reasons(second), second.applied) == (["gone_there"], 1)
        assert reads.counts(d.database)["users"] == 2 * MANY + 1
        there = settled()["there"]
        assert second.id is not None
        undo(d, second.id)
        assert reads.counts(d.database)["users"] == 2 * MANY
        assert settled()["there"] == there


def test_a_decision_is_not_taken_again_once_the_sis_says_more(data_dir: Path) -> None:
    """It was about something else; the question stays open, and that is told."""
    with done(data_dir, partial(about_a_value, take=Take.OURS)) as (d, decided, _):
        undone = undo(d, decided)
        d.sis.change("users", "u001", given_name="Mary")
        d.sync()
        assert undone.id is not None
        again = undo(d, undone.id)
        assert (again.id, reasons(again)) == (None, ["moved"])
        assert len(differences.difference_ids(d.database)) == 1
        assert d.sis.wrote == []


def test_a_decision_is_not_taken_again_over_a_later_one(data_dir: Path) -> None:
    with done(data_dir, partial(about_a_value, take=Take.OURS)) as (d, decided, settled):
        undone = undo(d, decided)
        decision(d, Take.SIS)
        assert undone.id is not None
        assert undo(d, undone.id).id is None
        assert d.values("users", "u001")["given_name"] == "Maria"
        settled()
        assert d.sis.wrote == []


def test_a_refusal_does_not_return_over_what_a_person_wrote_since(data_dir: Path) -> None:
    """What was edited meanwhile is left out and told, the others are refused again."""
    with done(data_dir, partial(refusal, end=False)) as (d, refused, settled):
        undone = undo(d, refused)
        d.engine.edit("users", d.id("users", "u001"), {"email": "ours@district.example"}, "Ben")
        assert undone.id is not None
        again = undo(d, undone.id)
        assert (again.applied, reasons(again)) == (MANY - 1, ["newer"])
        settled()
        assert d.sis.wrote == []
        assert len(differences.difference_ids(d.database)) == 1


def test_each_pin_goes_with_what_it_came_from(data_dir: Path) -> None:
    """An undo of a sync before a refusal, and its undo: the refusal holds all the same."""
    with done(data_dir, updated) as (d, run, settled):
        for n in range(MANY):
            d.sis.change("users", f"u{n:03d}", given_name="Mary", email=f"m{n}@district.example")
        held = d.sync()
        assert held.total("waiting") == MANY
        d.engine.refuse(held.id)
        first = undo(d, run)
        assert first.id is not None
        undo(d, first.id)
        assert d.values("users", "u001")["given_name"] == "Maria"
        settled()
        assert d.sis.wrote == []


# -- what was asked at two SISs ---------------------------------------------------------------


@contextmanager
def asked_at_both(data_dir: Path) -> Iterator[tuple[District, ToySis, dict[str, str]]]:
    """A title of ours that two SISs have changed, each in its way; the other SIS and its keys."""
    other = sections(writable=True)
    other.vanish("line_items", "l0")
    with synced(data_dir, sections(writable=True), other=other) as d:
        record = d.engine.create("line_items", {"title": "Essay"}, "Ben")
        d.sync()
        d.sync("other")
        links = reads.record(d.database, "line_items", record).links
        keys = {link.connector: link.key for link in links}
        d.engine.edit("line_items", record, {"title": "Ours"}, "Ben")
        d.sis.change("line_items", keys["toy"], title="Here")
        other.change("line_items", keys["other"], title="There")
        d.sync()
        d.sync("other")
        yield d, other, keys


def decide_both(d: District, take: Take) -> int:
    """Decides both questions in one change set."""
    both = differences.difference_ids(d.database)
    resolved = d.engine.resolve([Decision(one, take) for one in both], "Ana")
    assert resolved.applied == tuple(both)
    assert resolved.change_set is not None
    return resolved.change_set


def asked_of(d: District) -> dict[str, tuple[object, ...]]:
    """What is asked, by connector."""
    asked = differences.differences(d.database, differences.difference_ids(d.database))
    return {one.connector: (one.part, one.kind, one.base, one.ours, one.sis) for one in asked}


@pytest.mark.parametrize("take", [Take.SIS, Take.OURS, Take.BASE])
def test_a_decision_at_two_connectors_is_asked_again_at_both(data_dir: Path, take: Take) -> None:
    """G2, B2: each question stands as it stood, and nothing is sent over either answer."""
    with asked_at_both(data_dir) as (d, other, keys):
        stood = asked_of(d)
        first = undo(d, decide_both(d, take))
        assert (reasons(first), asked_of(d)) == ([], stood)
        for name in ("toy", "other", "toy", "other"):
            assert d.sync(name).total("pushed") == 0
        titles = [sis.rows["line_items"][keys[name]]["title"]
                  for name, sis in (("toy", d.sis), ("other", other))]  # fmt: skip
        assert titles == ["Here", "There"]
        assert first.id is not None
        second = undo(d, first.id)
        assert (reasons(second), differences.difference_ids(d.database)) == ([], [])


def test_what_comes_back_is_not_sent_where_nobody_is_asked_again(data_dir: Path) -> None:
    """G2: one SIS has been sent the other's word since; it is left at that, and that is told."""
    with asked_at_both(data_dir) as (d, other, keys):
        decided = decide_both(d, Take.SIS)
        for name in ("toy", "other"):
            d.sync(name)
        assert d.sis.rows["line_items"][keys["toy"]]["title"] == "There"
        assert reasons(undo(d, decided)) == ["newer"]
        [asked] = differences.differences(d.database, differences.difference_ids(d.database))
        assert (asked.connector, asked.ours, asked.sis) == (
            "other", {"title": "Ours"}, {"title": "There"},
        )  # fmt: skip
        wrote = len(d.sis.wrote), len(other.wrote)
        for name in ("toy", "other", "toy", "other"):
            d.sync(name, full=True)
        assert (len(d.sis.wrote), len(other.wrote)) == wrote


def test_an_end_at_one_of_two_sis_is_no_deletion(data_dir: Path) -> None:
    """D4, C8: the link has ended, and the record that the other SIS keeps is counted unchanged."""
    with asked_at_both(data_dir) as (d, _, keys):
        decide_both(d, Take.SIS)
        d.sis.end("line_items", keys["toy"])
        run = d.sync()
        assert (run.total("deleted"), run.total("unchanged")) == (0, 1)
        assert alive(d, "line_items", keys["toy"])
        assert undo(d, run.id).id is None


# -- lists that were undone -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        (["10", "12"], ("09", "12")),
        (["12"], ("09", "12")),
        (["09", "10"], ("09",)),
    ],
)
def test_an_undone_element_is_not_sent_with_the_next_news_of_its_list(
    data_dir: Path, said: list[str], stands: tuple[str, ...]
) -> None:
    """A4, G2: what the SIS says of others comes here, and its own are not taken from it."""
    sis = fill(ToySis())
    sis.writable = {"users": ALL}
    with synced(data_dir, sis) as d:
        d.sis.change("users", "u001", grades=["10"])
        undo(d, d.sync().id)
        d.sis.change("users", "u001", grades=said)
        d.sync()
        assert d.values("users", "u001")["grades"] == stands
        three_more(d)
        assert d.sis.wrote == []


def test_a_person_sends_a_list_that_was_undone(data_dir: Path) -> None:
    """G2: whoever edits it asks for it."""
    sis = fill(ToySis())
    sis.writable = {"users": ALL}
    with synced(data_dir, sis) as d:
        d.sis.change("users", "u001", grades=["10"])
        undo(d, d.sync().id)
        d.sis.change("users", "u001", grades=["10", "12"])
        d.sync()
        d.engine.edit("users", d.id("users", "u001"), {"grades": ["09", "11"]}, "Ben")
        d.sync()
        assert d.sis.rows["users"]["u001"]["grades"] == ["09", "11"]


def test_an_undone_list_is_sent_once_the_sis_has_spoken_of_all_that_came_back(
    data_dir: Path,
) -> None:
    """G2: the SIS takes the undone element back itself, and what is edited then is sent again."""
    sis = fill(ToySis())
    sis.writable = {"users": ALL}
    with synced(data_dir, sis) as d:
        d.sis.change("users", "u001", grades=["10"])
        undo(d, d.sync().id)
        d.sis.change("users", "u001", grades=["09"])
        d.sync()
        assert d.values("users", "u001")["grades"] == ("09",)
        with d.database.reading() as tx:
            assert tx.one("SELECT count(*) FROM pins") == (0,)


# -- who was to decide from then on -----------------------------------------------------------


def rules(d: District) -> list[tuple[str | None, str, str]]:
    """(part, who decides, who laid it down) of people."""
    found = policies.laid_down(d.database)
    return [(one.part, one.decides, one.author) for one in found if one.entity == "users"]


def always(d: District, take: Take, key: str = "u001") -> int:
    """A decision about a name that is to be decided so from then on."""
    d.engine.edit("users", d.id("users", key), {"given_name": f"Ours {d.sis.clock}"}, "Ben")
    d.sis.change("users", key, given_name=f"Theirs {d.sis.clock}")
    d.sync()
    [asked] = differences.difference_ids(d.database)
    decided = d.engine.resolve([Decision(asked, take)], "Ana", always=True).change_set
    assert decided is not None
    return decided


@contextmanager
def ruled(data_dir: Path) -> Iterator[District]:
    """A district whose SIS is right about people, but for their names: they are asked about."""
    with synced(data_dir) as d:
        d.engine.set_policy("toy", "users", Decides.SIS, "Ben")
        d.engine.set_policy("toy", "users", Decides.ASK, "Ben", part="given_name")
        yield d


BEFORE: list[tuple[str | None, str, str]] = [(None, "sis", "Ben"), ("given_name", "ask", "Ben")]


def test_the_rule_that_a_decision_replaced_comes_back(data_dir: Path) -> None:
    """B5, G1: who decided before does so again, and with the undo of that the newer rule."""
    with ruled(data_dir) as d:
        change_set = always(d, Take.OURS)
        after = [BEFORE[0], ("given_name", "ours", "Ana")]
        for times in range(1, 5):
            undone = undo(d, change_set)
            assert undone.id is not None
            change_set = undone.id
            assert rules(d) == (BEFORE if times % 2 else after), times
        assert rules(d) == after
        undo(d, change_set)
        d.sync(full=True)
        assert len(differences.difference_ids(d.database)) == 1


def test_a_rule_goes_though_its_record_has_moved_on(data_dir: Path) -> None:
    """G2: what was written since stands; who decides from now on is taken back all the same."""
    with ruled(data_dir) as d:
        decided = always(d, Take.SIS)
        d.engine.edit("users", d.id("users", "u001"), {"given_name": "Newer"}, "Ben")
        assert plan(d.database, decided, d.time[0]).rules == 1
        undone = undo(d, decided)
        assert undone.id is not None
        assert rules(d) == BEFORE
        assert d.values("users", "u001")["given_name"] == "Newer"
        assert undo(d, decided).id is None


def test_a_rule_that_somebody_laid_down_since_stands(data_dir: Path) -> None:
    """G2: whether it replaced that of the decision, or took all rules of the field away."""
    with ruled(data_dir) as d:
        first = always(d, Take.OURS)
        d.engine.set_policy("toy", "users", Decides.NEWEST, "Eve", part="given_name")
        newest = [BEFORE[0], ("given_name", "newest", "Eve")]
        undone = undo(d, first)
        assert rules(d) == newest
        assert undone.id is not None
        undo(d, undone.id)
        assert rules(d) == newest
    with ruled(data_dir / "away") as d:
        first = always(d, Take.OURS)
        d.engine.set_policy("toy", "users", None, "Eve", part="given_name")
        undo(d, first)
        assert rules(d) == BEFORE[:1]


@pytest.mark.parametrize("newer_first", [True, False])
def test_rules_of_several_decisions_are_taken_back_in_any_order(
    data_dir: Path, newer_first: bool
) -> None:
    """G2: in the end stands what stood before both of them."""
    with ruled(data_dir) as d:
        for key in ("u001", "u002"):
            d.engine.edit("users", d.id("users", key), {"given_name": "Ours"}, "Ben")
            d.sis.change("users", key, given_name="Theirs")
        d.sync()
        made = [
            d.engine.resolve([Decision(asked, take)], "Ana", always=True).change_set
            for asked, take in zip(
                differences.difference_ids(d.database), (Take.OURS, Take.SIS), strict=True
            )
        ]
        assert rules(d) == [BEFORE[0], ("given_name", "sis", "Ana")]
        for one in reversed(made) if newer_first else made:
            assert one is not None
            undo(d, one)
        assert rules(d) == BEFORE


# -- what the SIS holds by then ----------------------------------------------------------------


def essay(d: District, **fields: object) -> int:
    """A line item that a person made, and the SIS has taken; the change set that made it."""
    told = {"title": "Essay", "class": d.id("classes", "c0"), "school": d.id("orgs", "o1")}
    record = d.engine.create("line_items", told | fields, "Ben")
    d.sync()
    return reads.record(d.database, "line_items", record).created_in


def theirs(d: District) -> str:
    """The key at the SIS of what was made there from here."""
    [key] = d.sis.rows["line_items"].keys() - {"l0"}
    return key


def test_what_was_changed_there_before_it_is_taken_back_stands(data_dir: Path) -> None:
    """G2: the SIS's newer value stands here and there; the run and the undo say so."""
    with synced(data_dir, sections(writable=True)) as d:
        told = {"title": "Test", "description": "Ours"}
        d.engine.edit("line_items", d.id("line_items", "l0"), told, "Ben")
        undone = undo(d, d.sync().id)
        assert undone.id is not None
        d.sis.change("line_items", "l0", title="Exam")
        run = d.sync()
        there, here = d.sis.rows["line_items"]["l0"], d.values("line_items", "l0")
        assert (there["title"], here["title"]) == ("Exam", "Exam")
        # The other field was as it had been sent.
        assert (there["description"], here["description"]) == (None, "Ours")
        for teller in (run.id, undone.id):
            [line] = [one for one in reads.run_log(d.database, teller) if one.level == "warning"]
            assert (line.code, line.parameters["count"]) == ("revert_moved", 1)
        three_more(d)


@pytest.mark.parametrize("read", [False, True])
@pytest.mark.parametrize("field", ["title", "description"])
def test_what_was_worked_on_there_is_not_deleted(data_dir: Path, field: str, *, read: bool) -> None:
    """G2: a delete only while the SIS holds what was created, whenever the change is read."""
    with synced(data_dir, sections(writable=True)) as d:
        made = essay(d)
        key = theirs(d)
        if read:
            d.sis.change("line_items", key, **{field: "A week's work"})
            d.sync()
            assert reasons(undo(d, made)) == ["newer"]
        else:
            undone = undo(d, made)
            d.sis.change("line_items", key, **{field: "A week's work"})
            assert undone.id is not None
            assert "revert_moved" in d.log(d.sync().id)
            assert d.log(undone.id) == ["revert_moved"]
        d.sync()
        assert d.sis.rows["line_items"][key][field] == "A week's work"


@pytest.mark.parametrize("field", ["title", "description"])
def test_what_a_sync_created_there_is_not_deleted_once_worked_on(
    data_dir: Path, field: str
) -> None:
    """Also where the change was read before the undo, and of a field that was never sent."""
    with synced(data_dir, sections(writable=True)) as d:
        d.engine.create("line_items", {"title": "Essay"}, "Ben")
        run = d.sync()
        d.sis.change("line_items", theirs(d), **{field: "A week's work"})
        d.sync()
        assert reasons(undo(d, run.id)) == ["moved"]
        d.sync()
        assert d.sis.rows["line_items"][theirs(d)][field] == "A week's work"


def test_what_the_sis_made_of_a_value_is_taken_back_as_well(data_dir: Path) -> None:
    """F4: what was read back after the push is what the SIS has to hold."""
    with synced(data_dir, sections(writable=True)) as d:
        d.sis.rounds = True
        told = {"result_value_max": 7.5}
        d.engine.edit("line_items", d.id("line_items", "l0"), told, "Ben")
        run = d.sync()
        assert d.sis.rows["line_items"]["l0"]["result_value_max"] == 7.0
        assert undo(d, run.id).left_out == ()
        d.sync()
        assert d.sis.rows["line_items"]["l0"]["result_value_max"] == 10.0


def test_what_others_refer_to_is_not_taken_back(data_dir: Path) -> None:
    """D4: marks given for an item would go with it, so both stay, and that is told."""
    with synced(data_dir, sections(writable=True)) as d:
        made = essay(d)
        d.sis.put("results", "r0", line_item=theirs(d), student="u000", score=7.0)
        d.sync()
        [left] = plan(d.database, made, d.time[0]).left_out
        assert (left.reason, left.others) == ("referred", 1)
        assert undo(d, made).left_out == (left,)
        three_more(d)
        assert alive(d, "line_items", theirs(d))
        assert [alive(d, "results", "r0"), len(d.sis.wrote)] == [True, 1]


@pytest.mark.parametrize("run", [False, True])
def test_what_others_refer_to_by_then_is_not_deleted_there(data_dir: Path, *, run: bool) -> None:
    """A mark that comes with the sync that was to delete the item keeps it there."""
    with synced(data_dir, sections(writable=True)) as d:
        made = essay(d)
        [sent] = [one.id for one in reads.runs(d.database, limit=1)]
        undone = undo(d, sent if run else made)
        assert undone.left_out == ()
        d.sis.put("results", "r0", line_item=theirs(d), student="u000", score=7.0)
        d.sync()
        assert theirs(d) in d.sis.rows["line_items"]
        assert undone.id is not None
        assert d.log(undone.id) == ["revert_referred"]
        three_more(d)


def test_what_came_together_is_undone_together(data_dir: Path) -> None:
    """What refers to it ends as well, unless somebody changed that since: then all of it stays."""
    for changed in (False, True):
        with synced(data_dir / str(changed)) as d:
            d.sis.put("orgs", "o9", name="New School", type="school")
            d.sis.put("classes", "c9", title="New Class", school="o9")
            d.sis.put("enrollments", "e9", user="u000", school="o9", **{"class": "c9"})
            d.sis.change("users", "u001", roles=[{"role": "student", "org": "o9"}])
            run = d.sync()
            if changed:
                told = {"begin_date": "2026-09-01"}
                d.engine.edit("enrollments", d.id("enrollments", "e9"), told, "Ben")
            found = undo(d, run.id)
            stays = [alive(d, *of) for of in (("orgs", "o9"), ("classes", "c9"))]
            assert stays == [changed, changed]
            assert set(reasons(found)) == ({"newer", "referred"} if changed else set())
            assert d.values("users", "u001")["roles"] != ()


def test_an_edit_after_the_undo_is_sent(data_dir: Path) -> None:
    """F1: the SIS takes back what was sent, and then what was written here since."""
    with synced(data_dir, sections(writable=True)) as d:
        record = d.id("line_items", "l0")
        d.engine.edit("line_items", record, {"title": "Test"}, "Ben")
        undo(d, d.sync().id)
        d.engine.edit("line_items", record, {"title": "Exam"}, "Ben")
        d.sync()
        assert d.sis.rows["line_items"]["l0"]["title"] == "Exam"
        three_more(d)


def test_an_edit_before_the_undo_is_newer_and_is_sent(data_dir: Path) -> None:
    """G2: what was written here since what was sent stands, and is not pinned."""
    with synced(data_dir, sections(writable=True)) as d:
        record = d.id("line_items", "l0")
        d.engine.edit("line_items", record, {"title": "Test"}, "Ben")
        run = d.sync()
        d.engine.edit("line_items", record, {"title": "Exam"}, "Ben")
        assert reasons(undo(d, run.id)) == ["newer"]
        d.sync()
        assert d.sis.rows["line_items"]["l0"]["title"] == "Exam"


def let_through(d: District, *, only_additions: bool) -> None:
    """Changes flow, or wait."""
    d.engine.change_limits("toy", lambda limits: limits.with_additions_only(only_additions))


@pytest.mark.parametrize("refused", ["by a person", "by the SIS"])
def test_what_the_sis_keeps_is_not_taken_back_with_another_edit(
    data_dir: Path, refused: str
) -> None:
    """B6: a reverse push that was refused is woken by nothing but a person who names it."""
    with synced(data_dir, sections(writable=True)) as d:
        record = d.id("line_items", "l0")
        d.engine.edit("line_items", record, {"title": "Test"}, "Ben")
        undo(d, d.sync().id)
        if refused == "by a person":
            let_through(d, only_additions=True)
            assert d.engine.refuse(d.sync().id) is not None
            let_through(d, only_additions=False)
        else:
            d.sis.refuses = {"line_items": "The term is closed."}
            assert d.sync().state == "warnings"
            d.sis.refuses = {}
        d.engine.edit("line_items", record, {"description": "By hand"}, "Cid")
        d.sync()
        there = d.sis.rows["line_items"]["l0"]
        assert (there["title"], there["description"]) == ("Test", "By hand")
        three_more(d)


# -- what was not sent yet ---------------------------------------------------------------------


def held(d: District) -> int:
    """An edit that the limits keep from being sent; the sync that said so."""
    let_through(d, only_additions=True)
    d.engine.edit("line_items", d.id("line_items", "l0"), {"title": "Test"}, "Ben")
    run = d.sync()
    assert run.state == "waiting"
    return run.id


def let_go(d: District) -> int:
    """Its approval."""
    run = d.engine.approve(held(d))
    d.loop.run(until=lambda: not d.engine.busy)
    return run


def kept(d: District) -> int:
    """Its refusal."""
    answer = d.engine.refuse(held(d))
    assert answer is not None
    return answer.id


@pytest.mark.parametrize("answer", [let_go, kept])
def test_an_answer_about_what_is_to_be_sent_is_undone(
    data_dir: Path, answer: Callable[[District], int]
) -> None:
    """G1: it waits again, and is as answered once that is undone; nothing was sent meanwhile."""
    with synced(data_dir, sections(writable=True)) as d:
        change_set = answer(d)
        state = "released" if answer is let_go else "kept"
        for expected in ("held", state, "held", state, "held"):
            assert plan(d.database, change_set, d.time[0]).records == 1
            undone = undo(d, change_set)
            assert (undone.applied, undone.left_out) == (1, ())
            assert undone.id is not None
            change_set = undone.id
            [unsent] = outbox.unsent(d.database)
            assert unsent.state == expected
        for _ in range(2):
            assert d.sync().state == "waiting"
        [unsent] = outbox.unsent(d.database)
        assert (unsent.state, unsent.words, d.sis.wrote) == ("held", "additions_only", [])


def test_what_was_let_go_and_sent_is_taken_back(data_dir: Path) -> None:
    """G2: undoing the approval, or the sync that it is about, has the SIS take it back."""
    for approved in (True, False):
        with synced(data_dir / str(approved), sections(writable=True)) as d:
            approval = let_go(d)
            [waited] = [one.id for one in reads.runs(d.database) if one.state == "waiting"]
            d.sync()
            assert d.sis.rows["line_items"]["l0"]["title"] == "Test"
            change_set = approval if approved else waited
            assert plan(d.database, change_set, d.time[0]).sent_back.total() == 1
            undo(d, change_set, approved=True)
            assert d.sync().state == "completed"
            assert d.sis.rows["line_items"]["l0"]["title"] == "Quiz"
            three_more(d)


def test_what_an_approved_undo_has_the_sis_take_back_waits_for_nobody(data_dir: Path) -> None:
    """E1: one approval is enough."""
    with synced(data_dir, sections(writable=True)) as d:
        d.engine.edit("line_items", d.id("line_items", "l0"), {"title": "Test"}, "Ben")
        run = d.sync()
        let_through(d, only_additions=True)
        undo(d, run.id, approved=True)
        assert d.sync().state == "completed"
        assert d.sis.rows["line_items"]["l0"]["title"] == "Quiz"


@pytest.mark.parametrize("allots", [False, True])
@pytest.mark.parametrize("arrived", [False, True])
def test_a_creation_whose_answer_was_lost_is_taken_back(
    data_dir: Path, *, allots: bool, arrived: bool
) -> None:
    """F3: once it is known to be there, it is deleted there; and it is never made."""
    sis = sections(writable=True)
    sis.allots = {"line_items"} if allots else set()
    with synced(data_dir, sis) as d:
        sis.loses = 1
        undone = undo(d, essay(d))
        assert (undone.applied, undone.left_out) == (1, ())
        if not arrived:
            sis.vanish("line_items", theirs(d))
        d.sync()
        assert list(sis.rows["line_items"]) == ["l0"]
        assert outbox.unsent(d.database) == []
        three_more(d)


def test_a_change_whose_answer_was_lost_is_taken_back(data_dir: Path) -> None:
    """F5: the sync that sent it is undone before anybody knows whether it arrived."""
    for arrived in (True, False):
        with synced(data_dir / str(arrived), sections(writable=True)) as d:
            d.engine.edit("line_items", d.id("line_items", "l0"), {"title": "Test"}, "Ben")
            d.sis.loses = 1
            assert undo(d, d.sync().id).applied == 1
            if not arrived:
                d.sis.rows["line_items"]["l0"]["title"] = "Quiz"
            d.sync()
            assert d.sis.rows["line_items"]["l0"]["title"] == "Quiz"
            assert d.values("line_items", "l0")["title"] == "Test"
            three_more(d)


def test_what_was_deleted_there_lives_here_alone(data_dir: Path) -> None:
    """G2: an end that was sent is undone here, and it is told that it is gone at the SIS."""
    with synced(data_dir, sections(writable=True)) as d:
        d.engine.set_switches("toy", send_deletes=True)
        ended = d.engine.end_record("line_items", d.id("line_items", "l0"), "Ben")
        d.sync()
        assert d.sis.rows["line_items"] == {}
        assert reasons(undo(d, ended)) == ["gone_there"]
        assert alive(d, "line_items", "l0")
        three_more(d)


def test_what_was_taken_back_there_is_not_made_there_again(data_dir: Path) -> None:
    """The undo of an undo says so, also where the record itself never ended here."""
    with synced(data_dir, sections(writable=True)) as d:
        d.engine.create("line_items", {"title": "Essay"}, "Ben")
        first = undo(d, d.sync().id)
        d.sync()
        assert list(d.sis.rows["line_items"]) == ["l0"]
        assert first.id is not None
        assert reasons(undo(d, first.id)) == ["gone_there"]
        d.sync()
        assert list(d.sis.rows["line_items"]) == ["l0"]


def test_two_undos_are_taken_back_one_after_the_other(data_dir: Path) -> None:
    """What a SIS is taking back already is told, and the other follows after a sync."""
    with synced(data_dir, sections(writable=True)) as d:
        runs = []
        for told in ({"title": "Test"}, {"description": "By hand"}):
            d.engine.edit("line_items", d.id("line_items", "l0"), told, "Ben")
            runs.append(d.sync().id)
        first, second = runs
        undo(d, second)
        assert undo(d, second) == Undone(None, second, 0, ())
        assert reasons(undo(d, first)) == ["under_way"]
        d.sync()
        assert undo(d, first).left_out == ()
        d.sync()
        there = d.sis.rows["line_items"]["l0"]
        assert (there["title"], there["description"]) == ("Quiz", None)
