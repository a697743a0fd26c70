"""What of a SIS is kept in step, and that nothing is lost by choosing (SEMANTICS D2, C5, C8).

The toy's district: schools ``o1`` and ``o2``; people and enrollments with an even number are at
``o1``, the others at ``o2``.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.engine.scope import EVERYTHING, Scope, chosen
from app.errors import LimitError, TransientError, UsageError
from app.store import journal, linkage, reads, records, scopes
from tests.engine.toy import District, ToyConnector, ToySis, district, failing, fill, sums

WHOLE = {"orgs": 3, "academic_sessions": 4, "classes": 4, "users": 12, "enrollments": 12}
"""How many records of each entity the whole of ``town`` has."""


def town() -> ToySis:
    """The toy's two schools in a district, with terms, two teachers, and somebody in grade 10."""
    sis = fill(ToySis())
    sis.put("orgs", "d", name="District", type="district", identifier="1")
    for n in (1, 2):
        sis.change("orgs", f"o{n}", parent="d")
    sis.put("academic_sessions", "y26", title="2026-27", type="schoolYear", school_year="2027")
    for n in (1, 2):
        sis.put("academic_sessions", f"s{n}", title=f"Semester {n}", type="semester", parent="y26")
    sis.put("academic_sessions", "q1", title="Quarter 1", type="gradingPeriod", parent="s1")
    for n in range(4):
        sis.change("classes", f"c{n}", terms=[f"s{n // 2 + 1}"])
    for n in (1, 2):
        sis.put(
            "users",
            f"t{n}",
            family_name=f"Teacher {n}",
            roles=[{"role": "teacher", "org": f"o{n}"}],
        )
        sis.put(
            "enrollments",
            f"f{n}",
            user=f"t{n}",
            **{"class": f"c{n - 1}"},
            school=f"o{n}",
            role="teacher",
        )
    sis.change("users", "u000", grades=["10"])
    return sis


@pytest.fixture
def d(data_dir: Path) -> Iterator[District]:
    """A district whose SIS is ``town``."""
    with district(data_dir, town()) as found:
        yield found


def choose(d: District, *words: str) -> None:
    """What a person types after ``--scope``."""
    d.engine.set_scope("toy", chosen(d.database, "toy", words))


def live(d: District) -> dict[str, int]:
    """How many live records there are."""
    return {entity: count for entity, count in reads.counts(d.database).items() if count}


def keys(d: District, entity: str) -> set[str]:
    """The keys of the records that ever came in, ended or not."""
    ids = reads.record_ids(d.database, entity, ended=True)
    return {reads.record(d.database, entity, id_).links[0].key for id_ in ids}


# -- a first load under a scope ---------------------------------------------------------------


def test_only_what_is_chosen_comes_in(d: District) -> None:
    """A row out of scope is not created; it is counted as outside, and the counts close."""
    d.engine.set_scope("toy", Scope(schools=("o1",)))
    run = d.sync()
    assert run.state == "completed"
    assert keys(d, "orgs") == {"d", "o1"}
    assert keys(d, "users") == {"t1", *(f"u{n:03d}" for n in range(0, 10, 2))}
    assert live(d) == {
        "orgs": 2,
        "academic_sessions": 4,
        "classes": 2,
        "users": 6,
        "enrollments": 6,
    }
    assert (run.total("read"), run.total("created"), run.total("outside")) == (20, 20, 15)
    assert all(stream.complete and stream.proof for stream in run.streams)


def test_what_is_out_of_scope_is_passed_over(d: District, monkeypatch: pytest.MonkeyPatch) -> None:
    """B8, C8: an unchanged whole read under a scope decodes no row of a school, and closes."""
    decoded: list[str] = []
    read = ToyConnector._row

    def noting(sis: ToyConnector, entity: str, key: str, row: dict[str, object]) -> object:
        decoded.append(entity)
        return read(sis, entity, key, row)

    choose(d, "schools=o1", "terms=s1", "grades=09", "roles=student,teacher")
    d.sync()
    before = d.everything()
    monkeypatch.setattr(ToyConnector, "_row", noting)
    run = d.sync(full=True)
    assert run.state == "completed"
    assert not {"orgs", "users"} & {*decoded}
    assert run.total("outside") > 0
    assert run.total("read") == run.total("unchanged")
    assert run.total("read") + run.total("outside") == sum(WHOLE.values())
    assert d.everything() == before


@pytest.mark.parametrize(
    ("words", "people"),
    [
        (["leave-out=o2"], {"t1", "u000", "u002", "u004", "u006", "u008"}),
        (["roles=teacher"], {"t1", "t2"}),
        (["schools=o1", "grades=10"], {"t1", "u000"}),
        (["schools=o1", "roles=student", "grades=09"], {"u002", "u004", "u006", "u008"}),
    ],
)
def test_people_are_chosen_by_school_role_and_grade(
    d: District, words: list[str], people: set[str]
) -> None:
    """Some role of theirs has to be of a chosen school and kind; grades concern students alone."""
    choose(d, *words)
    d.sync()
    assert keys(d, "users") == people
    assert {reads.record(d.database, "users", _user(d, key)).links[0].key
            for key in keys(d, "enrollments")} <= people  # fmt: skip


def _user(d: District, enrollment: str) -> int:
    return int(d.values("enrollments", enrollment)["user"])


def test_chosen_terms_keep_what_they_belong_to(d: District) -> None:
    """A chosen term stays with its school year and its parts; classes of other terms do not."""
    choose(d, "terms=s1")
    d.sync()
    assert keys(d, "academic_sessions") == {"y26", "s1", "q1"}
    assert keys(d, "classes") == {"c0", "c1"}
    classes = {d.values("enrollments", key)["class"] for key in keys(d, "enrollments")}
    assert classes == {d.id("classes", "c0"), d.id("classes", "c1")}


def test_rows_hang_on_what_they_tell_of(d: District) -> None:
    """Demographics and results go with their person; a course with its school."""
    for n in range(4):
        d.sis.put("demographics", f"m{n}", user=f"u{n:03d}", sex="female")
        d.sis.put("line_items", f"l{n}", title="Quiz", school=f"o{n % 2 + 1}", **{"class": f"c{n}"})
        d.sis.put("results", f"r{n}", line_item=f"l{n}", student=f"u{n:03d}", score=n)
    d.sis.put("courses", "k1", title="Ours", org="o1")
    d.sis.put("courses", "k2", title="Theirs", org="o2")
    d.sis.put("courses", "k3", title="Of the district", org="d")
    choose(d, "schools=o1")
    d.sync()
    assert keys(d, "demographics") == {"m0", "m2"}
    assert keys(d, "results") == {"r0", "r2"}
    assert keys(d, "courses") == {"k1", "k3"}


def test_who_moves_into_scope_brings_what_hangs_on_them(d: District) -> None:
    """A person's demographics come in with them, though their own row says nothing new."""
    d.sis.put("demographics", "m1", user="u001", sex="female")
    choose(d, "schools=o1")
    d.sync()
    assert keys(d, "demographics") == set()
    d.sis.change("users", "u001", roles=[{"role": "student", "org": "o1"}])
    assert d.sync(full=True).total("created") == 2
    assert keys(d, "demographics") == {"m1"}


def test_a_read_that_was_cut_off_goes_on_within_its_scope(d: District) -> None:
    """C7, C8: rows out of scope count once in a chain of runs; under another scope all is read."""
    choose(d, "schools=o1")
    d.sis.hook = failing(6, TransientError("toy_down"))
    assert d.sync().state == "failed"
    d.sis.hook = lambda url: None
    run = d.sync()
    assert (run.state, run.total("read"), run.total("outside")) == ("completed", 20, 15)
    d.sis.hook = failing(6, TransientError("toy_down"))
    assert d.sync(full=True).state == "failed"
    d.sis.hook = lambda url: None
    choose(d, "schools=o2")
    run = d.sync()
    assert (run.resumes, run.state, run.total("outside")) == (None, "completed", 15)
    assert live(d) == WHOLE


# -- narrowing --------------------------------------------------------------------------------


def test_narrowing_removes_nothing(d: District) -> None:
    """D2: what falls out of scope is kept as it is: no candidate for removal, now or later."""
    d.sync()
    before = live(d)
    assert before == WHOLE
    choose(d, "schools=o1")
    d.sis.change("users", "u001", given_name="Elsewhere")
    d.sis.change("users", "u000", given_name="Here")
    run = d.sync()
    assert (run.mode, run.state) == ("full", "completed")
    assert not any(stream.proof for stream in run.streams)
    assert sums(run) == {"read": 20, "updated": 1, "unchanged": 19, "outside": 15}
    assert d.values("users", "u001")["given_name"] == "Given 1"
    assert {"scope_changed", "rows_outside"} <= {*d.log(run.id)}
    for _ in range(2):
        assert d.sync(full=True).total("absent") == 0
    assert live(d) == before
    assert reads.outside(d.database, "toy") == {
        "orgs": 1, "classes": 2, "users": 6, "enrollments": 6,
    }  # fmt: skip
    (link,) = reads.record(d.database, "users", d.id("users", "u001")).links
    assert (link.alive, link.outside) == (True, True)


def test_what_goes_from_outside_goes_unheard(d: District) -> None:
    """D2: neither a tombstone nor absence ends what is out of scope."""
    d.sync()
    choose(d, "schools=o1")
    d.sync()
    d.sis.end("users", "u001")
    d.sis.vanish("users", "u003")
    for full in (False, True, True):
        run = d.sync(full=full)
        assert (run.state, run.total("deleted"), run.total("waiting")) == ("completed", 0, 0)
    assert live(d) == WHOLE


def test_what_is_gone_before_the_scope_changed_is_kept_out_of_it(d: District) -> None:
    """D2: only links seen under this scope can be absent; the others are told as out of it."""
    d.sync()
    d.sis.vanish("users", "u000")
    choose(d, "schools=o1")
    for _ in range(3):
        assert d.sync(full=True).total("absent") == 0
    assert reads.outside(d.database, "toy")["users"] == 7


def test_a_removal_in_the_chosen_school_is_still_proved(d: District) -> None:
    """D1, C5: within the scope absence is proved, though who goes was in another school, too."""
    d.without_limits()
    roles = [{"role": "teacher", "org": "o1"}, {"role": "aide", "org": "o2"}]
    d.sis.change("users", "t1", roles=roles)
    d.sis.put("users", "t3", family_name="Teacher 3", roles=[{"role": "teacher", "org": "o1"}])
    d.sync()
    choose(d, "schools=o1", "roles=teacher,student")
    d.sync()
    d.sis.vanish("users", "t1")
    run = d.sync(full=True)
    users = next(stream for stream in run.streams if stream.entity == "users")
    assert (users.proof, users.counts["absent"], users.counts["deleted"]) == (True, 1, 1)


def test_a_removal_approved_within_a_scope_is_looked_for_once_more(data_dir: Path) -> None:
    """D1: the stream that is read again for an approval is read under the same scope."""
    with district(data_dir, fill(ToySis(page=100), 500)) as d:
        choose(d, "schools=o1")
        d.sync()
        d.sis.vanish("enrollments", *(f"e{n:03d}" for n in range(0, 410, 2)))
        run = d.sync(full=True)
        assert (run.state, run.total("waiting")) == ("waiting", 205)
        approval = d.engine.approve(run.id, author="registrar")
        d.loop.run(until=lambda: not d.engine.busy)
        assert reads.run(d.database, approval).total("deleted") == 205


@pytest.mark.parametrize("gone", ["tombstone", "absent", "absent, doubtful"])
def test_a_removal_that_waits_goes_when_its_record_is_out_of_scope(d: District, gone: str) -> None:
    """D2: nothing is ended that a scope leaves out, however its end was told, or approved."""
    d.sync()
    d.engine.change_limits("toy", lambda limits: limits.with_additions_only(True))
    for n in range(4):
        if gone == "tombstone":
            d.sis.end("users", f"u00{n}")
        else:
            d.sis.vanish("users", f"u00{n}")
    before = d.sync(full=True)
    assert (before.state, before.total("waiting")) == ("waiting", 4)
    choose(d, "schools=o1")
    here, there = [d.id("users", key) for key in ("u000", "u001")]

    def approve() -> None:
        d.engine.approve(before.id, author="registrar")
        d.loop.run(until=lambda: not d.engine.busy)

    if gone == "tombstone":
        approve()
        assert not reads.record(d.database, "users", here).record.alive
        assert reads.record(d.database, "users", there).record.alive
    d.sis.scope = "doubtful" if "doubtful" in gone else "all"
    run = d.sync()
    (users,) = [stream for stream in run.streams if stream.entity == "users"]
    assert users.counts["outside"] == (6 if gone == "tombstone" else 4)
    with d.database.reading() as tx:
        keys = [key for (key,) in tx.rows("SELECT key FROM items JOIN links ON links.id = link")]
    assert keys == (["u000", "u002"] if "doubtful" in gone else [])
    approve()
    assert reads.record(d.database, "users", there).record.alive
    assert d.sync(full=True).total("waiting") == 0


def test_a_change_that_waits_is_not_carried_out_when_its_record_is_out_of_scope(
    d: District,
) -> None:
    """D2, E3: approved right after the scope was narrowed, before any sync has noticed."""
    d.sync()
    d.engine.change_limits("toy", lambda limits: limits.with_additions_only(True))
    for key in ("u000", "u001"):
        d.sis.change("users", key, given_name="Theirs")
    before = d.sync()
    assert before.total("waiting") == 2
    choose(d, "schools=o1")
    approval = d.engine.approve(before.id, author="registrar")
    d.loop.run(until=lambda: not d.engine.busy)
    assert d.values("users", "u000")["given_name"] == "Theirs"
    assert d.values("users", "u001")["given_name"] == "Given 1"
    assert "left_out_outside" in d.log(approval)


def test_open_questions_of_what_goes_out_of_scope_are_closed(d: District) -> None:
    """Nothing out of scope is asked or waited for; back in scope it is asked again."""
    d.sync()
    record = d.id("users", "u001")
    d.engine.edit("users", record, {"given_name": "Ours"}, "registrar")
    d.sis.change("users", "u001", given_name="Theirs")
    assert d.sync().state == "warnings"
    choose(d, "schools=o1")
    assert d.sync().state == "completed"
    choose(d, "none")
    assert d.sync().total("conflicts") == 1
    assert d.values("users", "u001")["given_name"] == "Ours"


def test_a_change_that_leads_out_of_scope_keeps_the_record(d: District) -> None:
    """An incremental row that is out of scope now changes nothing but the mark, and back again."""
    choose(d, "schools=o1")
    d.sync()
    d.sis.change("users", "u000", given_name="Moved", roles=[{"role": "student", "org": "o2"}])
    run = d.sync()
    assert (run.mode, sums(run)) == ("incremental", {"outside": 1})
    assert d.values("users", "u000")["given_name"] == "Given 0"
    d.sis.vanish("users", "u000")
    assert d.sync(full=True).total("absent") == 0
    d.sis.put(
        "users", "u000", given_name="Back", family_name="Family 0",
        roles=[{"role": "student", "org": "o1"}],
    )  # fmt: skip
    assert d.sync().total("updated") == 1
    assert d.values("users", "u000")["given_name"] == "Back"
    assert reads.outside(d.database, "toy") == {}


def test_nothing_is_sent_of_what_is_out_of_scope(data_dir: Path) -> None:
    """F1: an edit here waits, and is sent once its record is in scope again."""
    sis = town()
    sis.writable = {"users": ("update",)}
    with district(data_dir, sis) as d:
        d.sync()
        choose(d, "schools=o1")
        d.engine.edit("users", d.id("users", "u001"), {"given_name": "Early"}, "registrar")
        d.sync()
        for key in ("u000", "u001", "u003"):
            d.engine.edit("users", d.id("users", key), {"given_name": "Ours"}, "registrar")
        d.sync()
        assert [key for _, _, key in sis.wrote] == ["u000"]
        choose(d, "none")
        d.sync()
        d.sync()
        assert sorted(key for _, _, key in sis.wrote) == ["u000", "u001", "u003"]
        assert sis.rows["users"]["u001"]["given_name"] == "Ours"


# -- widening ---------------------------------------------------------------------------------


def test_what_is_made_out_of_scope_is_not_sent_before_it_is_within(data_dir: Path) -> None:
    """D2, F1: a line item of a school that was not chosen; the school is chosen later."""
    sis = town()
    sis.put("line_items", "l0", title="Quiz", school="o1")
    sis.writable["line_items"] = ("create",)
    with district(data_dir, sis) as d:
        choose(d, "schools=o1")
        d.sync()
        choose(d, "none")
        d.sync()
        choose(d, "schools=o1")
        for key in ("o1", "o2"):
            of = {"title": f"Of {key}", "school": d.id("orgs", key)}
            d.engine.create("line_items", of, "registrar")
        there = sis.rows["line_items"].values()
        assert d.sync().total("pushed") == 1
        assert {row["title"] for row in there} == {"Quiz", "Of o1"}
        choose(d, "none")
        assert d.sync().total("pushed") == 1
        assert {row["title"] for row in there} == {"Quiz", "Of o1", "Of o2"}


def test_widening_again_finds_everything_as_it_was(d: District) -> None:
    """D2: rows that come back in scope meet their records; nothing is made twice, no edit lost."""
    d.sync()
    before = d.everything()
    choose(d, "schools=o1")
    d.sync()
    d.engine.edit("users", d.id("users", "u003"), {"given_name": "Ours"}, "registrar")
    d.sis.change("users", "u001", family_name="Theirs")
    choose(d, "none")
    run = d.sync()
    assert (run.mode, run.state) == ("full", "completed")
    assert (run.total("created"), run.total("updated"), run.total("outside")) == (0, 1, 0)
    after = d.everything()
    assert after["users/u003"].pop("given_name") == "Ours"
    assert after["users/u001"].pop("family_name") == "Theirs"
    before["users/u003"].pop("given_name")
    before["users/u001"].pop("family_name")
    assert after == before
    assert reads.outside(d.database, "toy") == {}
    d.sis.vanish("users", "u005")
    assert d.sync(full=True).total("absent") == 1


def test_widening_a_first_load_brings_the_rest(d: District) -> None:
    """Rows that were out of scope from the beginning are created when they come into it."""
    choose(d, "schools=o1")
    d.sync()
    choose(d, "schools=o1,o2")
    run = d.sync()
    assert (run.state, run.total("created"), run.total("outside")) == ("completed", 15, 0)
    assert live(d) == WHOLE
    with district(d.database.location.path.parent / "other", town()) as whole:
        whole.sync()
        assert d.everything() == whole.everything()


def test_what_ended_meanwhile_ends_when_everything_is_in_scope(d: District) -> None:
    """A tombstone that was not listened to is news once there is no scope any more."""
    d.without_limits()
    d.sync()
    choose(d, "schools=o1")
    d.sync()
    d.sis.end("users", "u001")
    d.sync()
    choose(d, "none")
    assert d.sync().total("deleted") == 1


def test_a_new_school_year_is_another_scope(d: District) -> None:
    """D2: next year's terms in place of this year's: what was is kept, what comes is created."""
    choose(d, "terms=y26")
    d.sync()
    d.sis.put("academic_sessions", "y27", title="2027-28", type="schoolYear", school_year="2028")
    d.sis.put("classes", "c9", title="Next year", school="o1", terms=["y27"])
    assert d.sync().total("created") == 0
    choose(d, "terms=y27")
    run = d.sync()
    assert (run.mode, run.total("created"), run.total("absent")) == ("full", 2, 0)
    assert live(d)["classes"] == 5
    assert reads.outside(d.database, "toy")["classes"] == 4


def test_what_the_sis_no_longer_allows_is_out_of_scope(d: District) -> None:
    """C5, D2: permission lost is another scope: kept and told, and back when it is given again."""
    d.sync()
    d.sis.scope = "one school"
    lost = {key: d.sis.rows["users"][key] for key in ("u001", "u003")}
    d.sis.vanish("users", *lost)
    assert d.sync(full=True).total("absent") == 0
    assert reads.outside(d.database, "toy") == {"users": 2}
    assert "links_left_behind" in d.log(reads.run_ids(d.database)[0])
    d.sis.scope = "all"
    for key, row in lost.items():
        d.sis.put("users", key, **row)
    run = d.sync(full=True)
    assert (run.state, run.total("created"), run.total("updated")) == ("completed", 0, 0)
    assert reads.outside(d.database, "toy") == {}


# -- putting away -----------------------------------------------------------------------------


def test_a_person_puts_away_what_is_out_of_scope(d: District) -> None:
    """D2: within limits, as a change set of its own; widened, what is still there comes back."""
    d.sync()
    choose(d, "schools=o1")
    d.sync()
    d.engine.edit("users", d.id("users", "u001"), {"given_name": "Ours"}, "registrar")
    with pytest.raises(LimitError, match="archive_held"):
        d.engine.archive("toy", author="registrar")
    assert live(d) == WHOLE
    done = d.engine.archive("toy", author="registrar", approved=True)
    assert done.ended == {"orgs": 1, "classes": 2, "users": 6, "enrollments": 6}
    assert reads.outside(d.database, "toy") == {}
    detail = reads.record(d.database, "users", d.id("users", "u001"))
    assert not detail.record.alive
    change = detail.changes[0]
    assert (change.change_set, change.kind, change.author) == (
        done.change_set, "archive", "registrar",
    )  # fmt: skip
    assert d.sync(full=True).state == "completed"
    with pytest.raises(UsageError, match="archive_nothing"):
        d.engine.archive("toy", author="registrar", approved=True)
    d.without_limits()
    choose(d, "none")
    assert d.sync().total("updated") == 15
    assert live(d) == WHOLE
    assert d.values("users", "u001")["given_name"] == "Ours"


def test_putting_away_can_be_undone(d: District) -> None:
    """G2: they are back, out of scope as before, and no sync minds."""
    d.sync()
    choose(d, "schools=o1")
    d.sync()
    outside = reads.outside(d.database, "toy")
    done = d.engine.archive("toy", author="registrar", approved=True)
    d.engine.undo(done.change_set, approved=True)
    assert live(d) == WHOLE
    assert reads.outside(d.database, "toy") == outside
    for full in (False, True):
        assert d.sync(full=full).state == "completed"
    assert live(d) == WHOLE


def test_what_is_protected_is_not_put_away(d: District) -> None:
    """A protected record stays, and is told as kept."""
    d.sync()
    choose(d, "schools=o1")
    d.sync()
    d.engine.protect("users", d.id("users", "u001"), "registrar")
    done = d.engine.archive("toy", "users", author="registrar", approved=True)
    assert (done.ended["users"], done.kept["users"]) == (5, 1)


def test_what_another_sis_has_is_not_put_away(data_dir: Path) -> None:
    """D4: a record stays while some SIS has it; where that SIS leaves it out too, it goes."""
    with district(data_dir, town(), other=ToySis()) as d:
        d.sync()
        choose(d, "schools=o1")
        d.sync()
        with d.database.writing() as tx:
            other = reads.connector(d.database, "other").id
            stream = journal.streams(tx, other, ["users"])["users"].id
            link = records.allot(tx, "link", 1)
            record = d.id("users", "u001")
            linkage.insert_links(
                tx, [(link, stream, "theirs", record, 1, 0, None, None, None, None)]
            )
        done = d.engine.archive("toy", "users", approved=True)
        assert (done.ended["users"], done.kept["users"]) == (5, 1)
        with d.database.writing() as tx:
            scopes.put_outside(tx, [(None, link)])
        assert d.engine.archive("other", approved=True).ended == {"users": 1}


# -- as people type it ------------------------------------------------------------------------


def test_schools_are_chosen_by_what_people_call_them(d: District) -> None:
    """Names and numbers of known records mean their keys; parts that are not named stay."""
    assert chosen(d.database, "toy", ["schools=whatever"]) == Scope(schools=("whatever",))
    d.sync()
    choose(d, "schools=school 2", "leave-out=0001", "terms=Semester 1")
    kept = Scope(schools=("o2",), leave_out=("o1",), terms=("s1",))
    assert Scope.of(str(kept)) == kept
    assert chosen(d.database, "toy", ["roles=Teacher"]) == Scope(
        schools=("o2",), leave_out=("o1",), terms=("s1",), roles=("teacher",)
    )
    assert chosen(d.database, "toy", ["terms="]) == Scope(schools=("o2",), leave_out=("o1",))
    assert chosen(d.database, "toy", ["none"]) == EVERYTHING


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("buildings=o1", "scope_part_unknown"),
        ("schools", "scope_part_unknown"),
        ("schools=Nowhere", "scope_unknown"),
        ("schools=School 1", "scope_ambiguous"),
        ("roles=janitor", "scope_role_unknown"),
    ],
)
def test_what_nobody_can_mean_is_refused(d: District, word: str, code: str) -> None:
    """A part, a school or a role that there is not, and a name that several have."""
    d.sis.change("orgs", "o2", name="School 1")
    d.sync()
    with pytest.raises(UsageError, match=code):
        chosen(d.database, "toy", [word])


def test_what_is_kept_and_left_out_at_once_is_refused(d: District) -> None:
    """Such a scope would silently keep nothing in step."""
    choose(d, "leave-out=o1")
    with pytest.raises(UsageError, match="scope_contradicts"):
        chosen(d.database, "toy", ["schools=o1,o2"])
