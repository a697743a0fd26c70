"""What people decide about differences (SEMANTICS B1, B2, B6, B7), and who decides from then on."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from app.engine.apart import Reply
from app.engine.decisions import Decision, Resolved, Take
from app.engine.policy import Decides
from app.errors import NotFound, UsageError
from app.roster.entities import ENTITIES
from app.store import differences, outbox, policies, reads
from app.store.differences import Difference
from tests.engine.toy import District, ToySis, district, fill, sums


def differ(d: District, key: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> None:
    """Both sides of a person change."""
    d.engine.edit("users", d.id("users", key), ours, "Ana")
    d.sis.change("users", key, **theirs)


def the_differences(d: District) -> list[Difference]:
    """All that are open."""
    return differences.differences(d.database, differences.difference_ids(d.database))


def take(d: District, side: Take, **values: object) -> None:
    """Decides about all that is open, and every one of them is carried out."""
    ids = differences.difference_ids(d.database)
    resolved = d.engine.resolve([Decision(id_, side, values) for id_ in ids], "Bo")
    assert (resolved.applied, resolved.left_out) == (tuple(ids), ())


def is_settled(d: District, **changed: int) -> None:
    """Three whole and three short syncs find nothing to do."""
    before = d.everything()
    for full in (True, True, True, False, False, False):
        run = d.sync(full=full)
        assert (run.state, run.total("updated"), run.total("conflicts")) == ("completed", 0, 0)
    assert d.everything() == before
    assert the_differences(d) == []


# -- fields -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("side", "stands"),
    [(Take.OURS, "Ours"), (Take.SIS, "Theirs"), (Take.BASE, "Given 1"), (Take.OWN, "Own")],
)
def test_a_decision_settles_a_field_for_good(data_dir: Path, side: Take, stands: str) -> None:
    """B1: L is what was taken, B what the SIS says, and no sync asks or writes again."""
    with district(data_dir) as d:
        d.sync()
        differ(d, "u001", {"given_name": "Ours"}, {"given_name": "Theirs"})
        d.sync()
        take(d, side, **({"given_name": "  Own "} if side is Take.OWN else {}))
        assert d.values("users", "u001")["given_name"] == stands
        is_settled(d)


@pytest.mark.parametrize(
    ("side", "told"),
    [(Take.OURS, "Ours"), (Take.SIS, None), (Take.BASE, "Given 1"), (Take.OWN, "Own")],
)
def test_what_was_not_the_sis_s_is_sent_to_it(data_dir: Path, side: Take, told: str | None) -> None:
    """B1, F1: where the SIS takes it, it hears of the decision with the next sync, and once."""
    with district(data_dir) as d:
        d.sis.writable["users"] = ("update",)
        d.sync()
        differ(d, "u001", {"given_name": "Ours"}, {"given_name": "Theirs"})
        d.sync()
        assert d.sis.wrote == []
        take(d, side, **({"given_name": "Own"} if side is Take.OWN else {}))
        waiting = [one.state for one in outbox.unsent(d.database)]
        assert waiting == (["waiting"] if told else [])
        d.sync()
        assert len(d.sis.wrote) == len(waiting)
        assert d.sis.rows["users"]["u001"]["given_name"] == (told or "Theirs")
        is_settled(d)
        assert len(d.sis.wrote) == len(waiting)


def test_what_was_decided_about_is_the_new_base(data_dir: Path) -> None:
    """B1: after a decision for ours, only a new word of the SIS is a difference again."""
    with district(data_dir) as d:
        d.sync()
        differ(d, "u001", {"given_name": "Ours"}, {"given_name": "Theirs"})
        d.sync()
        take(d, Take.OURS)
        d.sis.change("users", "u001", given_name="Newer")
        d.sync()
        (found,) = the_differences(d)
        assert found.base == {"given_name": "Theirs"}


def test_a_decision_stands_in_the_history_with_what_it_threw_away(data_dir: Path) -> None:
    """B5, G1: one change set of the person; the value of the SIS that lost is kept."""
    with district(data_dir) as d:
        d.sync()
        differ(d, "u001", {"given_name": "Ours"}, {"given_name": "Theirs"})
        d.sync()
        take(d, Take.OURS)
        change = reads.record(d.database, "users", d.id("users", "u001")).changes[0]
        assert (change.kind, change.author, dict(change.after)) == ("decision", "Bo", {})
        assert change.discarded == {"given_name": "Theirs"}


def test_a_group_is_decided_together(data_dir: Path) -> None:
    """A4: both dates are one difference, and go one way."""
    with district(data_dir) as d:
        d.sync()
        record = d.id("enrollments", "e001")
        d.engine.edit("enrollments", record, {"begin_date": "2026-09-01"}, "Ana")
        d.sis.change("enrollments", "e001", end_date="2027-05-01")
        d.sync()
        (found,) = the_differences(d)
        assert found.part == "dates"
        take(d, Take.SIS)
        values = d.values("enrollments", "e001")
        assert (values["begin_date"], values["end_date"]) == ("2026-08-17", "2027-05-01")
        is_settled(d)


def test_an_own_value_of_a_group_names_what_it_changes(data_dir: Path) -> None:
    """A4: a field of the group that is not named stays ours; the whole group is decided."""
    with district(data_dir) as d:
        d.sync()
        record = d.id("enrollments", "e001")
        d.engine.edit("enrollments", record, {"begin_date": "2026-09-01"}, "Ana")
        d.sis.change("enrollments", "e001", end_date="2027-05-01")
        d.sync()
        take(d, Take.OWN, end_date="2027-05-15")
        values = d.values("enrollments", "e001")
        assert (values["begin_date"], values["end_date"]) == ("2026-09-01", "2027-05-15")
        is_settled(d)


@pytest.mark.parametrize(
    ("side", "until"), [(Take.OURS, "2027-01-31"), (Take.SIS, "2027-06-30"), (Take.BASE, None)]
)
def test_an_element_is_decided_and_its_siblings_stay(
    data_dir: Path, side: Take, until: str | None
) -> None:
    """A4: only the role in question moves, here and in what was agreed."""
    with district(data_dir) as d:
        d.sync()
        o1, o2 = d.id("orgs", "o1"), d.id("orgs", "o2")
        mine = {"role": "student", "org": o2, "role_type": "primary", "end_date": "2027-01-31"}
        aide = {"role": "aide", "org": o1}
        d.engine.edit("users", d.id("users", "u001"), {"roles": [mine, aide]}, "Ana")
        theirs = {"role": "student", "org": "o2", "role_type": "primary", "end_date": "2027-06-30"}
        tutor = {"role": "proctor", "org": "o1"}
        d.sis.change("users", "u001", roles=[theirs, tutor])
        d.sync()
        (found,) = the_differences(d)
        assert found.part == f'roles[["student",{o2}]]'
        take(d, side)
        assert d.values("users", "u001")["roles"] == (
            ("aide", o1, None, None, None),
            ("proctor", o1, None, None, None),
            ("student", o2, "primary", None, until),
        )
        is_settled(d)


def test_an_element_can_be_given_another_value(data_dir: Path) -> None:
    """A4: an own value is of that very element, or takes it away."""
    with district(data_dir) as d:
        d.sync()
        o1, o2 = d.id("orgs", "o1"), d.id("orgs", "o2")
        mine = {"role": "student", "org": o2, "role_type": "secondary"}
        d.engine.edit("users", d.id("users", "u001"), {"roles": [mine]}, "Ana")
        d.sis.change("users", "u001", roles=None)
        d.sync()
        (found,) = the_differences(d)
        for roles in ([{"role": "student", "org": o1}], [mine, {"role": "aide", "org": o2}]):
            resolved = d.engine.resolve([Decision(found.id, Take.OWN, {"roles": roles})], "Bo")
            assert [one.reason for one in resolved.left_out] == ["decision_beside_the_point"]
        take(d, Take.OWN, roles=[{"role": "student", "org": o2, "end_date": "2026-12-01"}])
        assert d.values("users", "u001")["roles"] == (("student", o2, None, None, "2026-12-01"),)
        is_settled(d)


# -- being alive ------------------------------------------------------------------------------


@pytest.mark.parametrize("side", [Take.OURS, Take.SIS])
def test_edited_here_and_ended_there(data_dir: Path, side: Take) -> None:
    """B6: it stays though the SIS ended it, or ends; either way the tombstone asks no more."""
    with district(data_dir) as d:
        d.sync()
        record = d.id("users", "u001")
        d.engine.edit("users", record, {"given_name": "Ours"}, "Ana")
        d.sis.end("users", "u001")
        d.sync()
        (found,) = the_differences(d)
        assert (found.part, found.ours, found.sis) == ("alive", {"alive": True}, {"alive": False})
        take(d, side)
        assert reads.record(d.database, "users", record).record.alive is (side is Take.OURS)
        is_settled(d)


@pytest.mark.parametrize("side", [Take.OURS, Take.SIS])
def test_ended_here_and_changed_there(data_dir: Path, side: Take) -> None:
    """B6: it stays ended, or comes back as the SIS has it now."""
    with district(data_dir) as d:
        d.sync()
        record = d.id("users", "u001")
        d.engine.end_record("users", record, "Ana")
        d.sis.change("users", "u001", given_name="Theirs", grades=["10"])
        d.sync()
        (found,) = the_differences(d)
        assert found.sis == {"alive": True, "given_name": "Theirs", "grades": ("10",)}
        take(d, side)
        row = reads.record(d.database, "users", record).record
        assert row.alive is (side is Take.SIS)
        assert row.values["given_name"] == ("Theirs" if side is Take.SIS else "Given 1")
        is_settled(d)


def test_a_protected_record_is_not_ended_by_a_decision(data_dir: Path) -> None:
    """B6: to take the SIS's end of it, a person has to lift the protection first."""
    with district(data_dir) as d:
        d.sync()
        record = d.id("users", "u001")
        d.engine.edit("users", record, {"given_name": "Ours"}, "Ana")
        d.sis.end("users", "u001")
        d.sync()
        d.engine.protect("users", record, "Ana")
        (found,) = the_differences(d)
        resolved = d.engine.resolve([Decision(found.id, Take.SIS)], "Bo")
        assert [one.reason for one in resolved.left_out] == ["decision_protected"]
        d.engine.protect("users", record, "Ana", on=False)
        take(d, Take.SIS)
        assert not reads.record(d.database, "users", record).record.alive


def edited_back(d: District, edit: int) -> None:
    """The edit is written back by hand."""
    d.engine.edit("users", d.id("users", "u001"), {"given_name": "Given 1"}, "Ana")


def undone(d: District, edit: int) -> None:
    """The edit is undone."""
    d.engine.undo(edit, author="Ana")


@pytest.mark.parametrize("back", [undone, edited_back])
def test_the_question_closes_where_the_record_ends_after_all(
    data_dir: Path, back: Callable[[District, int], None]
) -> None:
    """B2, B6: without the edit it ends as any other, and nothing is left to ask."""
    with district(data_dir) as d:
        d.sync()
        record = d.id("users", "u001")
        edit = d.engine.edit("users", record, {"given_name": "Ours"}, "Ana")
        d.sis.end("users", "u001")
        assert d.sync().total("conflicts") == 1
        back(d, edit)
        assert d.sync(full=True).total("deleted") == 1
        assert not reads.record(d.database, "users", record).record.alive
        is_settled(d)


def test_the_question_closes_where_its_end_waits(data_dir: Path) -> None:
    """B2, E3: what waits for a person is one thing, not two."""
    with district(data_dir) as d:
        d.sync()
        edit = d.engine.edit("users", d.id("users", "u001"), {"given_name": "Ours"}, "Ana")
        d.sis.end("users", "u001")
        d.sync()
        undone(d, edit)
        d.engine.change_limits("toy", lambda limits: limits.with_additions_only(True))
        assert d.sync(full=True).total("waiting") == 1
        assert the_differences(d) == []


@pytest.mark.parametrize("decides", [Decides.SIS, Decides.OURS])
def test_the_questions_of_a_record_close_where_it_is_laid_down_who_decides(
    data_dir: Path, decides: Decides
) -> None:
    """B2, B5: also those about its values, once its SIS has ended it."""
    with district(data_dir) as d:
        d.sync()
        differ(d, "u001", {"given_name": "Ours"}, {"given_name": "Theirs"})
        d.sync()
        d.engine.set_policy("toy", "users", decides, "Bo", part="alive")
        d.sis.end("users", "u001")
        d.sync()
        alive = reads.record(d.database, "users", d.id("users", "u001")).record.alive
        assert alive is (decides is Decides.OURS)
        is_settled(d)


# -- what cannot be carried out ---------------------------------------------------------------


def test_a_decision_made_in_another_process_meanwhile_is_not_overruled(data_dir: Path) -> None:
    """Shown, then decided elsewhere: the later decision is left out and told."""
    with district(data_dir) as d, district(data_dir, kind=d.kind) as other:
        d.sync()
        differ(d, "u001", {"given_name": "Ours"}, {"given_name": "Theirs"})
        d.sync()
        (seen,) = the_differences(d)
        take(other, Take.SIS)
        resolved = d.engine.resolve([Decision(seen.id, Take.OURS, revision=seen.revision)], "Bo")
        assert (resolved.change_set, resolved.applied) == (None, ())
        assert [(one.conflict, one.reason) for one in resolved.left_out] == [
            (seen.id, "conflict_gone")
        ]
        assert d.values("users", "u001")["given_name"] == "Theirs"


@pytest.mark.parametrize("ours", [True, False], ids=["ours moved", "the SIS's moved"])
def test_a_difference_that_moved_since_it_was_shown_is_left_alone(
    data_dir: Path, ours: bool
) -> None:
    """The revision seen counts: what nobody looked at is not decided."""
    with district(data_dir) as d, district(data_dir, kind=d.kind) as other:
        d.sync()
        differ(d, "u001", {"given_name": "Ours"}, {"given_name": "Theirs"})
        d.sync()
        (seen,) = the_differences(d)
        if ours:
            record = other.id("users", "u001")
            other.engine.edit("users", record, {"given_name": "Newer"}, "Zoë")
        else:
            d.sis.change("users", "u001", given_name="Newer")
            other.sync()
        resolved = d.engine.resolve([Decision(seen.id, Take.SIS, revision=seen.revision)], "Bo")
        assert [one.reason for one in resolved.left_out] == ["conflict_moved"]
        (now,) = the_differences(d)
        assert now.revision == seen.revision + 1
        assert "Newer" in (now.ours["given_name"], now.sis["given_name"])
        again = d.engine.resolve([Decision(now.id, Take.SIS, revision=now.revision)], "Bo")
        assert again.applied == (now.id,)


def test_a_sync_that_finds_nothing_new_moves_no_revision(data_dir: Path) -> None:
    """B2: what a person looks at stays decidable as long as neither side moves."""
    with district(data_dir) as d:
        d.sync()
        ours = {"given_name": "Ours", "enabled_user": False}
        differ(d, "u001", ours, {"given_name": "Theirs", "enabled_user": None})
        d.sync()
        d.engine.edit("users", d.id("users", "u001"), {"enabled_user": True}, "Ana")
        d.engine.edit("users", d.id("users", "u001"), {"enabled_user": False}, "Ana")
        before = {one.part: one.revision for one in the_differences(d)}
        assert before == {"given_name": 1, "enabled_user": 3}
        d.sync(full=True)
        assert {one.part: one.revision for one in the_differences(d)} == before


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"nickname": "A"}, "field_unknown"),
        ({"grades": 7.5}, "decision_beside_the_point"),
        ({"family_name": "A"}, "decision_beside_the_point"),
        ({}, "decision_beside_the_point"),
        ({"given_name": "half \ud800"}, "value_unfit"),
    ],
)
def test_an_own_value_that_does_not_fit_decides_nothing(
    data_dir: Path, values: dict[str, object], reason: str
) -> None:
    """A1: it passes the normal forms, and is about what differs."""
    with district(data_dir) as d:
        d.sync()
        differ(d, "u001", {"given_name": "Ours"}, {"given_name": "Theirs"})
        d.sync()
        (found,) = the_differences(d)
        resolved = d.engine.resolve([Decision(found.id, Take.OWN, values)], "Bo")
        assert [one.reason for one in resolved.left_out] == [reason]
        assert the_differences(d) == [found]


def test_a_side_that_cannot_be_is_not_taken(data_dir: Path) -> None:
    """B7: dates the wrong way round are left out, and the difference stays open."""
    with district(data_dir) as d:
        d.sync()
        record = d.id("enrollments", "e001")
        d.engine.edit("enrollments", record, {"begin_date": "2026-09-01"}, "Ana")
        d.sis.change("enrollments", "e001", end_date="2026-08-01")
        d.sync()
        (found,) = the_differences(d)
        own = {"begin_date": "2027-01-01", "end_date": "2026-12-31"}
        for decision in (Decision(found.id, Take.SIS), Decision(found.id, Take.OWN, own)):
            resolved = d.engine.resolve([decision], "Bo")
            assert [one.reason for one in resolved.left_out] == ["decision_unfit"]
        take(d, Take.OURS)


def test_sides_that_only_together_are_wrong_are_decided_whole(data_dir: Path) -> None:
    """B7: two primary roles in one school by merging are a difference; a side settles it."""
    with district(data_dir) as d:
        d.sync()
        o1, o2 = d.id("orgs", "o1"), d.id("orgs", "o2")
        d.sis.change("users", "u001", roles=[{"role": "student", "org": "o2"}])
        d.sync()
        student, aide = {"role": "student", "org": o2}, {"role": "aide", "org": o1}
        ours = [student, {**aide, "role_type": "primary"}]
        theirs = [
            {"role": "student", "org": "o2"},
            {"role": "proctor", "org": "o1", "role_type": "primary"},
        ]
        differ(d, "u001", {"roles": ours}, {"roles": theirs})
        d.sync()
        (found,) = the_differences(d)
        assert (found.kind, found.part) == ("unfit", "roles")
        take(d, Take.SIS)
        roles = d.values("users", "u001")["roles"]
        assert [role[:3] for role in roles] == [("proctor", o1, "primary"), ("student", o2, None)]
        is_settled(d)


def test_taking_nobodys_side_is_no_policy(data_dir: Path) -> None:
    """B5: only a side can be right from now on."""
    with district(data_dir) as d:
        with pytest.raises(UsageError) as told:
            d.engine.resolve([Decision(1, Take.BASE)], "Bo", always=True)
        assert told.value.code == "always_needs_a_side"


def test_a_difference_nobody_has_heard_of_is_left_out(data_dir: Path) -> None:
    """A decision about what is closed is told, whatever else was decided with it."""
    with district(data_dir) as d:
        d.sync()
        differ(d, "u001", {"given_name": "Ours"}, {"given_name": "Theirs"})
        d.sync()
        (found,) = the_differences(d)
        asked = [
            Decision(99, Take.SIS),
            Decision(found.id, Take.SAME),
            Decision(found.id, Take.SIS),
        ]
        resolved = d.engine.resolve(asked[:2], "Bo")
        reasons = [one.reason for one in resolved.left_out]
        assert reasons == ["conflict_gone", "decision_does_not_fit"]
        resolved = d.engine.resolve([asked[0], asked[2], asked[2]], "Bo")
        assert resolved.applied == (found.id,)
        assert [one.conflict for one in resolved.left_out] == [99, found.id]


# -- many -------------------------------------------------------------------------------------


def test_all_like_one_are_decided_in_one_change_set(data_dir: Path) -> None:
    """Alike is the same part and the same shape, at one connector; the rest stays open."""
    with district(data_dir) as d:
        d.sync()
        for n in range(4):
            differ(d, f"u00{n}", {"given_name": f"Ours {n}"}, {"given_name": f"Theirs {n}"})
        differ(d, "u004", {"given_name": "Ours 4"}, {"given_name": None})
        differ(d, "u005", {"given_name": "given five"}, {"given_name": "Given-Five"})
        differ(d, "u006", {"family_name": "Ours"}, {"family_name": "Theirs"})
        d.sync()
        by_record = {one.record: one for one in the_differences(d)}
        first = by_record[d.id("users", "u002")]
        alike = differences.alike(d.database, first.id)
        assert alike[0] == first.id
        wanted = [by_record[d.id("users", f"u00{n}")].id for n in range(4)]
        assert sorted(alike) == sorted(wanted)
        resolved = d.engine.resolve([Decision(id_, Take.SIS) for id_ in alike], "Bo")
        assert resolved.applied == tuple(alike)
        sets = {reads.record(d.database, "users", d.id("users", f"u00{n}")).changes[0].change_set
                for n in range(4)}  # fmt: skip
        assert sets == {resolved.change_set}
        assert len(the_differences(d)) == 3


def test_words_and_references_are_alike_when_they_are_the_same(data_dir: Path) -> None:
    """A school, a choice, a yes or no is alike only where all three sides say the same."""
    with district(data_dir) as d:
        d.sync()
        for key, ours, theirs in (("u000", "o1", "o2"), ("u001", "o2", "o1"), ("u002", "o1", "o2")):
            differ(d, key, {"primary_org": d.id("orgs", ours)}, {"primary_org": theirs})
        d.sync()
        by_record = {one.record: one.id for one in the_differences(d)}
        first, _, third = (by_record[d.id("users", f"u00{n}")] for n in range(3))
        assert differences.alike(d.database, first) == [first, third]


def test_a_first_contact_is_one_question_for_the_stream(data_dir: Path) -> None:
    """B3: who is right to begin with is answered once, whatever the field."""
    with district(data_dir) as d:
        spoken = ENTITIES["users"].field_names
        d.sis.fields["users"] = tuple(
            name for name in spoken if name not in ("given_name", "email", "grades")
        )
        d.sync()
        for n in range(3):
            record = d.id("users", f"u00{n}")
            d.engine.edit("users", record, {"given_name": "Ours", "email": "o@o.example"}, "Ana")
        d.sis.fields["users"], d.kind.mapping = spoken, "2"
        d.sync()
        (question,) = differences.questions(d.database)
        assert (question.connector, question.entity, question.kind, question.count) == (
            "toy", "users", "first_contact", 6,
        )  # fmt: skip
        assert d.values("users", "u000")["grades"] == ("09",)
        (found,) = differences.differences(d.database, [question.first])
        assert found.base == {}
        resolved = d.engine.resolve([Decision(question.first, Take.BASE)], "Bo")
        assert [one.reason for one in resolved.left_out] == ["decision_without_base"]
        for id_ in differences.alike(d.database, question.first):
            assert d.engine.resolve([Decision(id_, Take.SIS)], "Bo").applied == (id_,)
        assert d.values("users", "u000")["given_name"] == "Given 0"
        is_settled(d)


def test_more_than_one_batch_is_still_one_change_set(data_dir: Path) -> None:
    """G1: however many transactions it takes."""
    with district(data_dir, fill(ToySis(page=500), 510)) as d:
        d.sync()
        for n in range(510):
            differ(d, f"u{n:03d}", {"given_name": "Ours"}, {"given_name": "Theirs"})
        d.sync()
        ids = differences.difference_ids(d.database)
        resolved = d.engine.resolve([Decision(id_, Take.SIS) for id_ in ids], "Bo")
        assert len(resolved.applied) == 510
        with d.database.reading() as tx:
            assert tx.one("SELECT count(DISTINCT change_set) FROM decisions") == (1,)


def test_many_decisions_let_others_work_meanwhile(data_dir: Path) -> None:
    """H1: with a reply the loop carries them out, batch by batch; cancelled, only some of them."""
    with district(data_dir, fill(ToySis(page=500), 510)) as d:
        d.sync()
        for n in range(510):
            differ(d, f"u{n:03d}", {"given_name": "Ours"}, {"given_name": "Theirs"})
        d.sync()
        asked = [Decision(id_, Take.SIS) for id_ in differences.difference_ids(d.database)]
        heard: list[Resolved] = []
        reply = Reply(heard.append)
        d.engine.resolve(asked, "Bo", reply=reply)
        assert not heard
        d.loop.post(reply.cancel.set)
        d.loop.run(until=lambda: bool(heard))
        (done,) = heard
        assert len(done.applied) < 510
        assert len(the_differences(d)) == 510 - len(done.applied)


# -- from now on ------------------------------------------------------------------------------


def test_a_decision_becomes_a_policy_when_asked(data_dir: Path) -> None:
    """B5: the same side decides about that part of that connector from then on, and no other."""
    with district(data_dir) as d:
        d.sync()
        differ(d, "u001", {"given_name": "Ours"}, {"given_name": "Theirs"})
        d.sync()
        (found,) = the_differences(d)
        d.engine.resolve([Decision(found.id, Take.SIS)], "Bo", always=True)
        (row,) = policies.laid_down(d.database)
        assert (row.connector, row.entity, row.school, row.part) == (
            "toy", "users", None, "given_name",
        )  # fmt: skip
        assert (row.decides, row.author) == ("sis", "Bo")
        ours, theirs = ({"given_name": side, "family_name": side} for side in ("Mine", "Yours"))
        differ(d, "u002", ours, theirs)
        d.sync()
        assert [one.part for one in the_differences(d)] == ["family_name"]
        assert d.values("users", "u002")["given_name"] == "Yours"


def test_without_being_asked_a_decision_is_no_policy(data_dir: Path) -> None:
    """B5: the next difference of that kind is asked again."""
    with district(data_dir) as d:
        d.sync()
        differ(d, "u001", {"given_name": "Ours"}, {"given_name": "Theirs"})
        d.sync()
        take(d, Take.SIS)
        assert policies.laid_down(d.database) == []


def test_a_policy_is_laid_down_and_taken_away(data_dir: Path) -> None:
    """B5: what is open already stays open; a field means its group."""
    with district(data_dir) as d:
        d.sync()
        differ(d, "u001", {"given_name": "Ours"}, {"given_name": "Theirs"})
        d.sync()
        school = d.id("orgs", "o1")
        d.engine.set_policy("toy", "users", Decides.SIS, "Bo")
        d.engine.set_policy(
            "toy", "enrollments", Decides.OURS, "Bo", school=school, part="begin_date"
        )
        assert [(row.entity, row.school, row.part) for row in policies.laid_down(d.database)] == [
            ("enrollments", school, "dates"),
            ("users", None, None),
        ]
        assert len(the_differences(d)) == 1
        d.engine.set_policy("toy", "users", None, "Bo")
        assert [row.entity for row in policies.laid_down(d.database, "toy")] == ["enrollments"]
        with pytest.raises(UsageError) as told:
            d.engine.set_policy("toy", "users", None, "Bo")
        assert told.value.code == "policy_unknown"


@pytest.mark.parametrize(
    ("arguments", "more", "code"),
    [
        (("nobody", "users"), {}, "connector_unknown"),
        (("toy", "wizards"), {}, "entity_unknown"),
        (("toy", "users"), {"part": "nickname"}, "field_unknown"),
        (("toy", "users"), {"school": 999_999}, "record_unknown"),
    ],
)
def test_a_policy_about_nothing_is_refused(
    data_dir: Path, arguments: tuple[str, str], more: dict[str, Any], code: str
) -> None:
    """Names, parts and schools have to exist."""
    with district(data_dir) as d:
        with pytest.raises(NotFound) as told:
            d.engine.set_policy(*arguments, Decides.SIS, "Bo", **more)
        assert told.value.code == code
        assert policies.laid_down(d.database) == []


def test_a_blank_overwrites_or_not_as_the_switch_says(data_dir: Path) -> None:
    """B5, B8: switched over, every row is looked at again by the new rule."""
    with district(data_dir) as d:
        d.sync()
        d.engine.set_switches("toy", keep_values=True)
        d.sis.change("users", "u001", email=None)
        assert d.sync().mode == "full"
        assert d.values("users", "u001")["email"] == "u1@district.example"
        d.engine.set_switches("toy", send_deletes=True)
        assert d.sync().mode == "incremental"
        d.engine.set_switches("toy", keep_values=False)
        run = d.sync()
        assert (run.mode, sums(run)["updated"]) == ("full", 1)
        assert d.values("users", "u001")["email"] is None
        [switches] = policies.switches(d.database)
        assert (switches.keep_values, switches.send_deletes) == (False, True)


# -- as people see them -----------------------------------------------------------------------


def test_a_difference_tells_who_said_what_when(data_dir: Path) -> None:
    """Both sides, what was agreed, who set ours, and which sync brought theirs."""
    with district(data_dir) as d:
        d.sync()
        d.pass_time(hours=1)
        differ(d, "u001", {"given_name": "Ours"}, {"given_name": "Theirs"})
        d.pass_time(hours=1)
        run = d.sync()
        (found,) = the_differences(d)
        assert (found.connector, found.entity, found.part) == ("toy", "users", "given_name")
        assert (found.title, found.record) == ("Ours Family 1", d.id("users", "u001"))
        assert (found.base, found.ours, found.sis) == tuple(
            {"given_name": value} for value in ("Given 1", "Ours", "Theirs")
        )
        assert (found.ours_by, found.ours_at) == ("Ana", "2026-09-07T03:00:00Z")
        assert (found.sis_run, found.sis_at) == (run.id, "2026-09-07T04:00:00Z")


def test_differences_are_narrowed(data_dir: Path) -> None:
    """By connector, record type, kind and record."""
    with district(data_dir) as d:
        d.sync()
        differ(d, "u001", {"given_name": "Ours"}, {"given_name": "Theirs"})
        d.engine.edit("enrollments", d.id("enrollments", "e001"), {"role": "aide"}, "Ana")
        d.sis.end("enrollments", "e001")
        d.sync()
        of, db = differences.difference_ids, d.database
        assert len(of(db)) == len(of(db, connector="toy")) == 2
        assert of(db, connector="nobody") == []
        assert len(of(db, entity="users")) == len(of(db, record=d.id("users", "u001"))) == 1
        (found,) = differences.differences(db, of(db, kind="edit_or_delete"))
        assert (found.part, found.title) == ("alive", "Ours Family 1 · Class 1")
        with pytest.raises(NotFound) as told:
            differences.difference(db, 99)
        assert told.value.code == "conflict_unknown"
