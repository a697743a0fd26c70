"""What waits, and what becomes of it when a person approves or refuses (SEMANTICS D1, E2, E3)."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from app.engine.apart import Reply
from app.engine.decisions import Decision, Take
from app.errors import BusyError, NotFound, TransientError
from app.store import differences, reads, waiting
from app.store.waiting import ALL, Answer, Which
from tests.engine.toy import District, ToySis, district, failing, fill, sums

PEOPLE = 40
GOING = [f"e{n:03d}" for n in range(0, PEOPLE, 3)]
"""A third of the enrollments, of both schools."""


def approve(d: District, run: int, which: Which = ALL) -> tuple[reads.RunRow, Answer]:
    """One approval to its end."""
    started = d.engine.approve(run, which, author="Ana")
    d.loop.run(until=lambda: not d.engine.busy)
    return reads.run(d.database, started), waiting.approval(d.database, started)


def refuse(d: District, run: int, which: Which = ALL) -> Answer:
    """One refusal."""
    answer = d.engine.refuse(run, which, author="Ana")
    assert answer is not None
    return answer


def live(d: District, entity: str = "enrollments") -> int:
    """How many records of a type are alive."""
    return reads.counts(d.database)[entity]


def left_out(answer: Answer) -> list[str]:
    """Why records were left out."""
    return [one.reason for one in answer.left_out]


def ending(d: District, keys: Sequence[str] = GOING) -> reads.RunRow:
    """A first sync, then one in which so many enrollments end that a limit holds them."""
    d.sync()
    for key in keys:
        d.sis.end("enrollments", key)
    d.sis.change("users", "u001", given_name="Anna")
    run = d.sync()
    assert run.state == "waiting"
    return run


def test_what_trips_waits_and_the_rest_flows(data_dir: Path) -> None:
    """E2: a third of the enrollments wait whole; what is changed besides is changed."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        run = ending(d)
        assert sums(run) == {"read": 15, "updated": 1, "waiting": 14}
        assert live(d) == PEOPLE
        assert d.values("users", "u001")["given_name"] == "Anna"


def test_what_an_approval_leaves_of_those_it_removes_is_counted(data_dir: Path) -> None:
    """E3: the enrollments of people whose removal was approved, where theirs was refused."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        d.sync()
        d.engine.change_limits("toy", lambda limits: limits.with_additions_only(True))
        for n in range(3):
            d.sis.end("users", f"u00{n}")
            d.sis.end("enrollments", f"e00{n}")
        run = d.sync()
        refuse(d, run.id, Which("enrollments", d.id("orgs", "o1")))
        done, _answer = approve(d, run.id, Which("users"))
        assert (sums(done), waiting.seats_left(d.database, done.id)) == (
            {"read": 3, "deleted": 3},
            3,
        )
        done, _answer = approve(d, run.id)
        assert (sums(done), waiting.seats_left(d.database, done.id)) == (
            {"read": 1, "deleted": 1},
            0,
        )


def test_what_waits_is_told_by_school_and_rule(data_dir: Path) -> None:
    """E2, E3: how many of how many wait where and why, since when, and in how many syncs."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        first = ending(d)
        d.pass_time(hours=1)
        second = d.sync(full=True)
        held = waiting.told(d.database, second.id)
        assert {
            (held.titles[one.school or 0], one.entity, one.rule, one.count, one.of, one.times)
            for one in held.groups
        } == {
            ("School 1", "enrollments", "removals", 7, 20, 2),
            ("School 2", "enrollments", "removals", 7, 20, 2),
        }
        assert {one.since for one in held.groups} == {first.started_at}
        assert all(0 < len(one.records) <= waiting.SAMPLES for one in held.groups)


def test_approving_carries_out_what_waits(data_dir: Path) -> None:
    """E3, G1: the records end in a change set of the approval, which tells what it is of."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        of = ending(d)
        run, answer = approve(d, of.id)
        assert (run.state, run.mode, run.author) == ("completed", "approval", "Ana")
        assert answer == Answer(run.id, of.id, len(GOING), [])
        assert sums(run) == {"read": 14, "deleted": 14}
        assert live(d) == PEOPLE - len(GOING)
        (change,) = reads.record(d.database, "enrollments", d.id("enrollments", "e000")).changes
        assert (change.change_set, change.kind, change.author) == (run.id, "approval", "Ana")
        facts = reads.connector(d.database, "toy")
        assert facts.standing.waiting == 0
        assert facts.last is not None
        assert facts.last.id == of.id
        assert sums(d.sync(full=True))["unchanged"] > 0
        assert live(d) == PEOPLE - len(GOING)


def test_what_was_approved_is_not_held_against_the_next_sync(data_dir: Path) -> None:
    """E1: approved removals move the counts, so a few more the same day flow."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        approve(d, ending(d).id)
        d.sis.end("enrollments", "e001")
        run = d.sync()
        assert (run.state, run.total("deleted")) == ("completed", 1)


def test_one_school_can_be_approved_alone(data_dir: Path) -> None:
    """E3: only what was asked for is carried out; the rest waits on."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        of = ending(d)
        run, answer = approve(d, of.id, Which("enrollments", d.id("orgs", "o1")))
        assert (run.state, answer.applied, answer.left_out) == ("waiting", 7, [])
        assert live(d) == PEOPLE - 7
        assert approve(d, of.id, Which("users"))[1].applied == 0
        (held,) = waiting.told(d.database, of.id).groups
        assert held.school == d.id("orgs", "o2")


def test_changed_records_wait_and_are_changed_by_an_approval(data_dir: Path) -> None:
    """E1, E3: very many changes wait, and an approval writes exactly what they said."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        d.sync()
        for n in range(PEOPLE):
            d.sis.change("users", f"u{n:03d}", family_name=f"Other {n}")
        of = d.sync()
        assert (of.total("waiting"), of.total("updated")) == (PEOPLE, 0)
        run, answer = approve(d, of.id)
        assert (run.state, answer.applied) == ("completed", PEOPLE)
        assert d.values("users", "u007")["family_name"] == "Other 7"
        assert sums(d.sync(full=True)) == {"read": 86, "unchanged": 86}


def test_an_edit_made_meanwhile_is_left_out(data_dir: Path) -> None:
    """E3: what would do something else by now is not done, is listed, and waits on."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        d.sync()
        for n in range(PEOPLE):
            d.sis.change("users", f"u{n:03d}", family_name=f"Other {n}", given_name="Same")
        of = d.sync()
        differs, agrees = d.id("users", "u003"), d.id("users", "u004")
        d.engine.edit("users", differs, {"family_name": "Ours"}, "Ben")
        d.engine.edit("users", agrees, {"given_name": "Same"}, "Ben")
        run, answer = approve(d, of.id)
        assert (run.state, answer.applied) == ("waiting", PEOPLE - 2)
        assert {(one.id, one.reason) for one in answer.left_out} == {
            (differs, "conflict"), (agrees, "moved"),
        }  # fmt: skip
        assert d.values("users", "u003")["family_name"] == "Ours"
        assert d.values("users", "u004")["family_name"] == "Family 4"
        d.pass_time(days=2)
        last = d.sync()
        assert (last.total("conflicts"), last.total("updated")) == (1, 2)


@pytest.mark.parametrize("more", [{}, {"given_name": "Same"}])
def test_what_an_approval_leaves_out_as_a_difference_can_be_decided(
    data_dir: Path, more: dict[str, str]
) -> None:
    """B2, E3: it is asked at once, and only what else was to be done of it waits on."""
    with district(data_dir) as d:
        d.sync()
        d.engine.change_limits("toy", lambda limits: limits.with_additions_only(True))
        d.sis.change("users", "u003", family_name="Other", **more)
        of = d.sync()
        record = d.id("users", "u003")
        d.engine.edit("users", record, {"family_name": "Ours"}, "Ben")
        run, answer = approve(d, of.id)
        assert (left_out(answer), answer.applied) == (["conflict"], 0)
        assert run.state == ("waiting" if more else "completed")
        [asked] = differences.difference_ids(d.database, record=record)
        assert d.engine.resolve([Decision(asked, Take.OURS)], "Ben").applied == (asked,)
        d.engine.change_limits("toy", lambda limits: limits.with_additions_only(False))
        d.sync(full=True)
        assert differences.difference_ids(d.database) == []
        assert d.values("users", "u003")["family_name"] == "Ours"
        assert d.values("users", "u003")["given_name"] == more.get("given_name", "Given 3")


def test_an_end_that_an_approval_leaves_out_can_be_decided(data_dir: Path) -> None:
    """B6: edited here since, it is asked whether it ends, and does not wait besides."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        of = ending(d)
        edited = d.id("enrollments", "e003")
        d.engine.edit("enrollments", edited, {"primary": True}, "Ben")
        run, answer = approve(d, of.id)
        assert ("conflict" in left_out(answer), run.state) == (True, "completed")
        [asked] = differences.difference_ids(d.database, record=edited)
        assert d.engine.resolve([Decision(asked, Take.SIS)], "Ben").applied == (asked,)
        assert not reads.records(d.database, "enrollments", [edited])[0].alive


def test_an_edited_or_protected_record_does_not_end(data_dir: Path) -> None:
    """B6, E3: an approval ends neither what was edited here meanwhile nor what is protected."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        of = ending(d)
        edited, safe = d.id("enrollments", "e000"), d.id("enrollments", "e003")
        d.engine.edit("enrollments", edited, {"primary": True}, "Ben")
        d.engine.protect("enrollments", safe, "Ben")
        _, answer = approve(d, of.id)
        assert {(one.id, one.reason) for one in answer.left_out} <= {
            (edited, "conflict"), (safe, "protected"),
        }  # fmt: skip
        assert answer.applied == len(GOING) - 2
        rows = reads.records(d.database, "enrollments", [edited, safe])
        assert all(row.alive for row in rows)


# -- absences are looked for once more (D1) -----------------------------------------------------


def absent(d: District, keys: Sequence[str] = GOING) -> reads.RunRow:
    """A first sync, then a whole one in which so many are missing that they wait."""
    d.sync()
    d.sis.vanish("enrollments", *keys)
    run = d.sync(full=True)
    assert run.total("waiting") == len(keys)
    return run


def test_absences_are_read_by_key_before_they_end(data_dir: Path) -> None:
    """D1: an approval asks for each of up to 200 by its key, and ends what is gone."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        of = absent(d)
        d.sis.asked.clear()
        run, answer = approve(d, of.id)
        assert [url.partition("key=")[2] for url in d.sis.asked] == GOING
        assert sums(run) == {"absent": 14, "deleted": 14}
        assert (answer.applied, live(d)) == (len(GOING), PEOPLE - len(GOING))


def test_a_record_still_there_by_key_stays(data_dir: Path) -> None:
    """D1: who answers by key stays, is listed and waits no longer; the others end."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        rows = dict(d.sis.rows["enrollments"])
        of = absent(d)
        d.sis.put("enrollments", GOING[2], **rows[GOING[2]])
        run, answer = approve(d, of.id)
        assert (run.state, answer.applied, left_out(answer)) == (
            "completed", len(GOING) - 1, ["still_there"],
        )  # fmt: skip
        assert answer.left_out[0].id == d.id("enrollments", GOING[2])
        after = d.sync(full=True)
        assert (after.total("waiting"), after.total("absent"), after.total("created")) == (0, 0, 0)
        assert live(d) == PEOPLE - len(GOING) + 1


def many(d: District) -> list[str]:
    """So many that they are not read one by one."""
    return sorted(d.sis.rows["enrollments"])[:201]


def test_more_than_can_be_asked_for_are_read_once_more(data_dir: Path) -> None:
    """D1: of more than 200 the stream is read again; whoever is in it stays, the others end."""
    with district(data_dir, fill(ToySis(page=50), 400)) as d:
        rows, keys = dict(d.sis.rows["enrollments"]), many(d)
        of = absent(d, keys)
        d.sis.put("enrollments", keys[5], **rows[keys[5]])
        d.sis.asked.clear()
        run, answer = approve(d, of.id)
        assert not any("key=" in url for url in d.sis.asked)
        assert len(d.sis.asked) == 4
        assert (answer.applied, left_out(answer)) == (200, ["still_there"])
        assert sums(run) == {"absent": 200, "deleted": 200}
        assert live(d) == 200


def test_an_answer_that_is_not_whole_confirms_nothing(data_dir: Path) -> None:
    """C5, D1: where the second look is itself in doubt, all of them stay and wait on."""
    with district(data_dir, fill(ToySis(page=50), 400)) as d:
        of = absent(d, many(d))
        d.sis.extra_total = 1
        run, answer = approve(d, of.id)
        assert (run.state, answer.applied) == ("waiting", 0)
        assert left_out(answer) == ["not_confirmed"] * 201
        assert live(d) == 400
        d.sis.extra_total = 0
        assert approve(d, of.id)[1].applied == 201


def test_a_second_proof_releases_what_no_limit_holds(data_dir: Path) -> None:
    """D1: more than 200 absences wait for a second proof in a row, and then end by themselves."""
    with district(data_dir, fill(ToySis(page=500), 2400)) as d:
        d.sync()
        d.sis.vanish("enrollments", *(f"e{n:03d}" for n in range(201)))
        assert d.sync(full=True).state == "waiting"
        run = d.sync(full=True)
        assert (run.state, run.total("deleted")) == ("completed", 201)


# -- an approval is a run ---------------------------------------------------------------------


def test_an_approval_can_be_cancelled_and_approved_again(data_dir: Path) -> None:
    """H1: cancelled, it has done what it has done; approved again, the rest is done."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        of = absent(d)
        run = d.engine.approve(of.id)
        d.sis.hook = lambda url: d.loop.post(lambda: d.engine.cancel(run))
        d.loop.run(until=lambda: not d.engine.busy)
        d.sis.hook = lambda url: None
        assert reads.run(d.database, run).state == "cancelled"
        assert live(d) == PEOPLE
        assert approve(d, of.id)[1].applied == len(GOING)


def test_an_approval_killed_midway_is_approved_again(data_dir: Path, tmp_path: Path) -> None:
    """H1, E3: killed between two batches, nothing is torn: the rest still waits."""
    with district(data_dir, fill(ToySis(page=500), 1600)) as d:
        keys = [f"e{n:03d}" for n in range(1000)]
        of = ending(d, keys)
        run = d.engine.approve(of.id)
        steps = d.steps(run)
        while live(d) == 1600:
            next(steps)
        # What a killed process leaves is what stands in the database at that moment.
        d.database.copy_to(tmp_path / "killed" / "roster.db")
        for _ in steps:
            pass
    with district(tmp_path / "killed", d.sis) as again:
        assert live(again) == 1100
        assert reads.run(again.database, run).state == "interrupted"
        assert approve(again, of.id)[1].applied == 500
        assert live(again) == 600
        assert again.sync().mode == "incremental"


def test_an_approval_that_fails_changes_nothing(data_dir: Path) -> None:
    """D1: a SIS that does not answer fails the approval; what waits waits on."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        of = absent(d)
        d.sis.hook = failing(3, TransientError("toy_down"))
        run, answer = approve(d, of.id)
        assert (run.state, run.error_code, answer.applied) == ("failed", "toy_down", 0)
        facts = reads.connector(d.database, "toy")
        assert facts.last is not None
        assert (facts.last.id, facts.failures, facts.standing.waiting) == (of.id, 0, len(GOING))


def test_nothing_goes_on_from_an_approval(data_dir: Path) -> None:
    """C7: a sync that was cut off is resumed, whatever was approved in between."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        of = ending(d)
        d.sis.hook = failing(8, TransientError("toy_down"))
        cut = d.sync(full=True)
        d.sis.hook = lambda url: None
        approve(d, of.id)
        assert d.sync(full=True).resumes == cut.id


def test_one_run_of_a_connector_at_a_time(data_dir: Path) -> None:
    """H1: no approval begins while the connector is being synced."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        of = ending(d)
        run = d.engine.start("toy")
        with pytest.raises(BusyError) as busy:
            d.engine.approve(of.id)
        assert busy.value.parameters["run"] == run
        d.loop.run(until=lambda: not d.engine.busy)
        with pytest.raises(NotFound):
            d.engine.approve(4711)


# -- across runs (E3) -------------------------------------------------------------------------


def test_later_syncs_own_what_waits_and_never_stack_it(data_dir: Path) -> None:
    """E3: each sync counts it as waiting, there is one of it, and approving any of them does it."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        first = ending(d)
        second, third = d.sync(full=True), d.sync(full=True)
        assert [run.total("waiting") for run in (first, second, third)] == [14, 14, 14]
        assert reads.connector(d.database, "toy").standing.waiting == 14
        assert approve(d, first.id)[1].applied == 14


def test_a_sis_that_takes_it_back_withdraws_it(data_dir: Path) -> None:
    """E3: what the SIS has again waits no longer, and nothing is left of it."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        rows = dict(d.sis.rows["enrollments"])
        of = ending(d)
        before = d.everything()
        for key in GOING:
            d.sis.put("enrollments", key, **rows[key])
        run = d.sync()
        assert (run.state, run.total("unchanged")) == ("completed", len(GOING))
        assert approve(d, of.id)[1].applied == 0
        assert live(d) == PEOPLE
        assert {key: row | {"items": []} for key, row in before.items()} == d.everything()


# -- refusing ---------------------------------------------------------------------------------


def test_refused_removals_stay_refused(data_dir: Path) -> None:
    """B6, E3: the tombstones stay in the feed; nothing happens, and nobody is asked again."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        of = ending(d)
        answer = refuse(d, of.id)
        assert (answer.of, answer.applied, answer.left_out) == (of.id, len(GOING), [])
        stands = d.everything()
        for full in (True, True, True, False, False, False):
            d.pass_time(hours=3)
            d.sis.change("users", "u002", given_name=f"At {d.time[0]}")
            run = d.sync(full=full)
            assert run.state == "completed"
            assert sums(run).keys() <= {"read", "updated", "unchanged"}
            assert run.total("updated") == 1
        assert live(d) == PEOPLE
        assert d.everything() | {"users/u002": None} == stands | {"users/u002": None}


def test_a_refused_record_that_comes_back_is_an_ordinary_one(data_dir: Path) -> None:
    """B6: the SIS has it again, ends it once more, and that is a change once more."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        row = dict(d.sis.rows["enrollments"]["e000"])
        refuse(d, ending(d).id)
        d.sis.put("enrollments", "e000", **row)
        assert sums(d.sync()) == {"read": 1, "unchanged": 1}
        d.sis.end("enrollments", "e000")
        assert sums(d.sync()) == {"read": 1, "deleted": 1}


def test_refused_absences_stay_refused(data_dir: Path) -> None:
    """B6: what was refused is absent on and on, and no candidate any more."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        refuse(d, absent(d).id)
        for _ in range(3):
            run = d.sync(full=True)
            assert (run.state, run.total("absent")) == ("completed", 0)
        assert live(d) == PEOPLE


def test_refused_changes_are_not_asked_about_again(data_dir: Path) -> None:
    """B6, B8: ours stays though the row is read again; another change of the row is a new one."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        d.sync()
        for n in range(PEOPLE):
            d.sis.change("users", f"u{n:03d}", family_name=f"Other {n}")
        of = d.sync()
        assert refuse(d, of.id).applied == PEOPLE
        for full in (True, False, True):
            run = d.sync(full=full)
            assert (run.state, run.total("updated"), run.total("waiting")) == ("completed", 0, 0)
        assert d.values("users", "u007")["family_name"] == "Family 7"
        d.sis.change("users", "u007", grades=["10"])
        assert sums(d.sync()) == {"read": 1, "updated": 1}
        assert d.values("users", "u007")["family_name"] == "Family 7"
        d.sis.change("users", "u007", family_name="Third")
        assert d.sync().total("conflicts") == 1


def test_what_was_refused_stands_in_the_change_log(data_dir: Path) -> None:
    """B5, G1: a refusal is a change set of its own, which holds what it threw away."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        of = ending(d)
        answer = refuse(d, of.id)
        (change,) = reads.record(d.database, "enrollments", d.id("enrollments", "e000")).changes
        assert (change.change_set, change.kind, change.author) == (answer.id, "refusal", "Ana")
        assert (change.before, change.after) == ({}, {})


def test_a_refusal_lets_others_work_meanwhile(data_dir: Path) -> None:
    """H1: with a reply it is carried out by the loop, and answers when it is done."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        of = ending(d)
        heard: list[Answer] = []
        assert d.engine.refuse(of.id, reply=Reply(heard.append)) is None
        assert not heard
        d.loop.run(until=lambda: bool(heard))
        assert heard[0].applied == len(GOING)


# -- what is to be sent -----------------------------------------------------------------------


@pytest.mark.parametrize("approved", [True, False])
def test_what_is_to_be_sent_waits_for_the_same_answer(data_dir: Path, approved: bool) -> None:
    """E1, E3: what limits hold back from the SIS is told, and sent or kept as a person says."""
    sis = fill(ToySis())
    sis.writable = {"users": ("update",)}
    with district(data_dir, sis) as d:
        d.sync()
        d.engine.change_limits("toy", lambda limits: limits.with_figure("changes", 0))
        d.engine.edit("users", d.id("users", "u005"), {"given_name": "Ours"}, "Ben")
        of = d.sync()
        assert (of.state, sis.wrote) == ("waiting", [])
        (held,) = waiting.told(d.database, of.id).groups
        assert (held.entity, held.school, held.rule, held.count) == ("users", None, "changes", 1)
        answer = approve(d, of.id)[1] if approved else refuse(d, of.id)
        assert answer.applied == 1
        run = d.sync()
        assert (run.state, run.total("pushed")) == ("completed", int(approved))
        assert d.values("users", "u005")["given_name"] == "Ours"


# -- additions only (E5) ----------------------------------------------------------------------


def test_additions_only_holds_changes_and_removals(data_dir: Path) -> None:
    """E5: what is new flows; every change and removal waits, however few they are."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        d.sync()
        d.engine.change_limits("toy", lambda limits: limits.with_additions_only(True))
        d.sis.put("users", "new", given_name="New")
        d.sis.change("users", "u001", given_name="Anna")
        d.sis.end("enrollments", "e001")
        of = d.sync()
        assert sums(of) == {"read": 3, "created": 1, "waiting": 2}
        assert {one.rule for one in waiting.told(d.database, of.id).groups} == {"additions_only"}
        assert approve(d, of.id)[1].applied == 2
        assert d.values("users", "u001")["given_name"] == "Anna"
