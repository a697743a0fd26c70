"""What people change here (SEMANTICS A1, B2, B6, F6, H3): edits, ends, returns, protection."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.errors import NotFound, SyncError, UsageError
from app.roster.entities import ENTITIES
from app.store import differences, reads
from app.store.corrections import Fate, corrections
from app.store.reads import RecordDetail
from tests.engine.toy import District, district


def person(d: District, key: str) -> RecordDetail:
    """The person of a key, with all that happened to them."""
    return reads.record(d.database, "users", d.id("users", key))


def stays(d: District) -> None:
    """Three whole and three short syncs write nothing, and ask nothing."""
    before = d.everything()
    for full in (True, True, True, False, False, False):
        run = d.sync(full=full)
        done = [run.total(name) for name in ("created", "updated", "deleted", "conflicts")]
        assert (run.state, done) == ("completed", [0, 0, 0, 0])
    assert d.everything() == before


# -- open differences follow ------------------------------------------------------------------


def test_an_edit_moves_our_side_of_an_open_difference(data_dir: Path) -> None:
    """B2: brought up to date in place, not opened anew."""
    with district(data_dir) as d:
        d.sync()
        record = d.id("users", "u001")
        d.engine.edit("users", record, {"given_name": "Ours"}, "Ana")
        d.sis.change("users", "u001", given_name="Theirs")
        d.sync()
        (seen,) = differences.difference_ids(d.database)
        d.engine.edit("users", record, {"given_name": "Newer", "grades": ["10"]}, "Zoë")
        found = differences.difference(d.database, seen)
        assert (found.ours, found.revision) == ({"given_name": "Newer"}, 2)
        assert found.ours_by == "Zoë"
        d.engine.edit("users", record, {"grades": ["11"]}, "Zoë")
        assert differences.difference(d.database, seen).revision == 2


def test_an_edit_that_meets_the_sis_closes_the_difference(data_dir: Path) -> None:
    """B2: closed by itself, and B is what the SIS says."""
    with district(data_dir) as d:
        d.sync()
        record = d.id("users", "u001")
        d.engine.edit("users", record, {"given_name": "Ours"}, "Ana")
        d.sis.change("users", "u001", given_name="Theirs")
        d.sync()
        d.engine.edit("users", record, {"given_name": "Theirs"}, "Ana")
        assert differences.difference_ids(d.database) == []
        stays(d)
        d.sis.change("users", "u001", given_name="Newer")
        d.sync()
        assert d.values("users", "u001")["given_name"] == "Newer"


def test_ending_a_record_turns_its_differences_into_one(data_dir: Path) -> None:
    """B6: ended here and changed there is asked, with what was changed."""
    with district(data_dir) as d:
        d.sync()
        record = d.id("users", "u001")
        d.engine.edit("users", record, {"given_name": "Ours", "family_name": "Ours"}, "Ana")
        d.sis.change("users", "u001", given_name="Theirs", family_name="Theirs")
        d.sync()
        assert len(differences.difference_ids(d.database)) == 2
        d.engine.end_record("users", record, "Ana")
        (only,) = differences.difference_ids(d.database)
        found = differences.difference(d.database, only)
        assert (found.kind, found.part) == ("edit_or_delete", "alive")
        assert found.sis == {"alive": True, "given_name": "Theirs", "family_name": "Theirs"}
        run = d.sync(full=True)
        assert differences.difference(d.database, only) == replace(found, sis_run=run.id)


def test_a_record_that_comes_back_hears_what_the_sis_said_meanwhile(data_dir: Path) -> None:
    """B6: what only the SIS changed is taken, what both changed is asked."""
    with district(data_dir) as d:
        d.sync()
        record = d.id("users", "u001")
        d.engine.edit("users", record, {"given_name": "Ours"}, "Ana")
        d.engine.end_record("users", record, "Ana")
        d.sis.change("users", "u001", given_name="Theirs", family_name="Theirs")
        d.sync()
        d.engine.restore("users", record, "Ana")
        (only,) = differences.difference_ids(d.database)
        assert differences.difference(d.database, only).part == "given_name"
        values = d.values("users", "u001")
        assert (values["given_name"], values["family_name"]) == ("Ours", "Theirs")
        run = d.sync(full=True)
        assert (run.total("updated"), run.total("conflicts")) == (0, 1)
        assert differences.difference_ids(d.database) == [only]


def test_an_end_that_meets_the_sis_leaves_nothing_to_ask(data_dir: Path) -> None:
    """B6: edited here and ended there, then ended here: both sides agree."""
    with district(data_dir) as d:
        d.sync()
        record = d.id("users", "u001")
        d.engine.edit("users", record, {"given_name": "Ours"}, "Ana")
        d.sis.end("users", "u001")
        d.sync()
        d.engine.end_record("users", record, "Ana")
        assert differences.difference_ids(d.database) == []
        stays(d)


# -- ends and returns -------------------------------------------------------------------------


def test_a_record_ended_here_stays_ended(data_dir: Path) -> None:
    """B6: a SIS that goes on telling of it as before does not bring it back."""
    with district(data_dir) as d:
        d.sync()
        d.engine.end_record("users", d.id("users", "u001"), "Ana")
        (change,) = person(d, "u001").changes
        assert (change.author, change.after) == ("Ana", {"alive": False})
        stays(d)
        assert not person(d, "u001").record.alive


def test_a_restored_record_stays_though_the_tombstone_is_repeated(data_dir: Path) -> None:
    """B6: restoring sets B to what the SIS says, so nothing but a change there is news."""
    with district(data_dir) as d:
        d.sync()
        d.sis.end("users", "u001")
        d.sync()
        assert not person(d, "u001").record.alive
        d.engine.restore("users", d.id("users", "u001"), "Ana")
        stays(d)
        assert person(d, "u001").record.alive
        d.sis.put("users", "u001", given_name="Back", family_name="Again")
        d.sync()
        assert person(d, "u001").record.values["given_name"] == "Back"
        d.sis.end("users", "u001")
        d.sync()
        assert not person(d, "u001").record.alive


@pytest.mark.parametrize("ended", [True, False], ids=["ended", "alive"])
def test_what_is_not_so_cannot_be_undone(data_dir: Path, ended: bool) -> None:
    """Only a live record ends, only an ended one returns; unknown ones do neither."""
    with district(data_dir) as d:
        d.sync()
        record = d.id("users", "u001")
        if ended:
            d.engine.end_record("users", record, "Ana")
        work = d.engine.end_record if ended else d.engine.restore
        with pytest.raises(UsageError) as told:
            work("users", record, "Ana")
        assert told.value.code == ("record_ended" if ended else "record_not_ended")
        for other in (d.engine.end_record, d.engine.restore, d.engine.protect):
            with pytest.raises(NotFound):
                other("users", 999_999, "Ana")
            with pytest.raises(NotFound):
                other("wizards", record, "Ana")


# -- records of our own, and protected ones ---------------------------------------------------


def test_a_record_of_our_own_is_removed_by_no_sync(data_dir: Path) -> None:
    """A substitute or a test login: no SIS knows it, none ends it."""
    with district(data_dir) as d:
        d.sync()
        school = d.id("orgs", "o1")
        record = d.engine.create(
            "users",
            {"given_name": " Sub ", "family_name": "Stitute", "primary_org": school},
            "Ana",
        )
        found = reads.record(d.database, "users", record)
        assert found.record.values["given_name"] == "Sub"
        assert (found.links, found.created_by, found.changes) == ((), "Ana", ())
        for full in (True, False, True):
            assert d.sync(full=full).state == "completed"
        assert reads.record(d.database, "users", record) == found


@pytest.mark.parametrize(
    ("entity", "fields", "code"),
    [
        ("wizards", {"name": "A"}, "entity_unknown"),
        ("users", {"nickname": "A"}, "field_unknown"),
        ("users", {"primary_org": 999_999}, "reference_unknown"),
        ("users", {"email": "  "}, "record_blank"),
        ("users", {"email": "nobody", "given_name": "A", "family_name": "B"}, "value_unfit"),
        ("users", {"given_name": "A"}, "field_required"),
        ("users", {"given_name": "A", "family_name": "  "}, "field_required"),
        ("users", {}, "record_blank"),
        ("enrollments", {"begin_date": "2027-01-02", "end_date": "2027-01-01"},
         "values_unfit_together"),
    ],
)  # fmt: skip
def test_a_record_that_cannot_be_is_not_made(
    data_dir: Path, entity: str, fields: dict[str, Any], code: str
) -> None:
    """A1, B7: as with an edit, and nothing is written."""
    with district(data_dir) as d:
        d.sync()
        before = reads.counts(d.database)
        with pytest.raises(SyncError) as told:
            d.engine.create(entity, fields, "Ana")
        assert told.value.code == code
        assert reads.counts(d.database) == before


def test_an_edit_may_not_make_what_cannot_be(data_dir: Path) -> None:
    """B7: dates the wrong way round are refused."""
    with district(data_dir) as d:
        d.sync()
        record = d.id("enrollments", "e001")
        with pytest.raises(UsageError) as told:
            d.engine.edit("enrollments", record, {"end_date": "2026-01-01"}, "Ana")
        assert told.value.code == "values_unfit_together"
        assert told.value.parameters["fields"] == "From, Until"
        assert d.values("enrollments", "e001")["end_date"] == "2027-06-04"


@pytest.mark.parametrize("gone", ["tombstone", "absent"])
def test_a_protected_record_is_ended_by_no_sync(data_dir: Path, gone: str) -> None:
    """B6: whatever the SIS says; lifted, the next change there counts again."""
    with district(data_dir) as d:
        d.sync()
        record = d.id("users", "u001")
        d.engine.protect("users", record, "Ana")
        assert person(d, "u001").protected
        if gone == "tombstone":
            d.sis.end("users", "u001")
        else:
            d.sis.vanish("users", "u001")
        d.sync(full=True)
        assert person(d, "u001").record.alive
        stays(d)
        d.engine.protect("users", record, "Ana", on=False)
        stays(d)
        d.sis.put("users", "u001", given_name="Back")
        d.sync()
        d.sis.end("users", "u001")
        d.sync()
        assert not person(d, "u001").record.alive


@pytest.mark.parametrize("on", [True, False])
def test_protection_is_given_and_lifted_once(data_dir: Path, on: bool) -> None:
    """What is so already is told."""
    with district(data_dir) as d:
        d.sync()
        record = d.id("users", "u001")
        if on:
            d.engine.protect("users", record, "Ana")
        with pytest.raises(UsageError) as told:
            d.engine.protect("users", record, "Ana", on=on)
        assert told.value.code == ("protected_already" if on else "not_protected")


def test_nothing_is_made_to_refer_to_what_has_ended(data_dir: Path) -> None:
    """A3, F5: by an edit or a new record; a reference that stood before may stay in its list."""
    with district(data_dir) as d:
        d.sync()
        d.engine.edit("classes", d.id("classes", "c0"), {"school": d.id("orgs", "o2")}, "Ana")
        gone, here = d.id("orgs", "o1"), d.id("orgs", "o2")
        d.engine.end_record("orgs", gone, "Ana")
        with pytest.raises(UsageError) as told:
            d.engine.edit("classes", d.id("classes", "c0"), {"school": gone}, "Ana")
        assert told.value.code == "reference_ended"
        with pytest.raises(UsageError):
            d.engine.create("classes", {"title": "New", "school": gone}, "Ana")
        roles = [{"role": "student", "org": gone}, {"role": "aide", "org": here}]
        d.engine.edit("users", d.id("users", "u000"), {"roles": roles}, "Ana")
        with pytest.raises(UsageError):
            d.engine.edit("users", d.id("users", "u001"), {"roles": roles}, "Ana")


# -- local corrections ------------------------------------------------------------------------


def test_an_edit_of_what_the_sis_does_not_take_is_a_local_correction(data_dir: Path) -> None:
    """F6: kept through every sync, and shown with what the SIS says."""
    with district(data_dir) as d:
        d.sync()
        record = d.id("users", "u001")
        d.engine.edit("users", record, {"given_name": "Right"}, "Ana")
        stays(d)
        (found,) = corrections(d.database, "users", record)
        assert (found.connector, found.field, found.fate) == ("toy", "given_name", Fate.CORRECTION)
        assert (found.ours, found.sis) == ("Right", "Given 1")
        d.sis.change("users", "u001", given_name="Theirs")
        d.sync()
        (found,) = corrections(d.database, "users", record)
        assert (found.ours, found.sis, found.fate) == ("Right", "Theirs", Fate.OPEN)
        d.sis.change("users", "u001", given_name="Right")
        d.sync()
        assert corrections(d.database, "users", record) == []


def test_what_a_sis_says_of_an_open_element_stands_among_the_others(data_dir: Path) -> None:
    """F6, A4: one role is asked about; the other one is as it was agreed upon."""
    with district(data_dir) as d:
        d.sis.change(
            "users",
            "u001",
            roles=[
                {"role": "student", "org": "o1", "begin_date": "2026-08-01"},
                {"role": "aide", "org": "o2", "begin_date": "2026-08-01"},
            ],
        )
        d.sync()
        record, orgs = d.id("users", "u001"), [d.id("orgs", key) for key in ("o1", "o2")]

        def roles(begins: str) -> list[dict[str, object]]:
            days = {"student": begins, "aide": "2026-08-01"}
            return [
                {"role": role, "org": org, "begin_date": days[role]}
                for role, org in zip(days, orgs, strict=True)
            ]

        d.engine.edit("users", record, {"roles": roles("2026-09-01")}, "Ana")
        sis = [
            {"role": "student", "org": "o1", "begin_date": "2026-10-01"},
            {"role": "aide", "org": "o2", "begin_date": "2026-08-01"},
        ]
        d.sis.change("users", "u001", roles=sis)
        d.sync()
        (found,) = corrections(d.database, "users", record)
        assert found.fate is Fate.OPEN
        kind = ENTITIES["users"].by_name["roles"].kind
        assert found.ours == kind.normal(roles("2026-09-01"))
        assert found.sis == kind.normal(roles("2026-10-01"))


def test_to_edit_what_was_kept_here_is_to_ask_for_it_to_be_sent(data_dir: Path) -> None:
    """G2: a pin lasts until the SIS says something new, or a person wants something new."""
    with district(data_dir) as d:
        d.sis.writable["users"] = ("update",)
        d.sync()
        record = d.id("users", "u001")
        d.sis.change("users", "u001", given_name="Theirs")
        run = d.sync()
        d.engine.undo(run.id)
        (found,) = corrections(d.database, "users", record)
        assert (found.ours, found.fate) == ("Given 1", Fate.KEPT)
        d.engine.edit("users", record, {"given_name": "Right"}, "Ana")
        (found,) = corrections(d.database, "users", record)
        assert (found.sis, found.fate) == ("Theirs", Fate.SENT)
        d.sync()
        assert corrections(d.database, "users", record) == []
        assert d.sis.rows["users"]["u001"]["given_name"] == "Right"


def test_what_tells_a_record_is_never_left_blank_by_a_person(data_dir: Path) -> None:
    """What OneRoster demands and a SIS leaves out is taken from the SIS, and from nobody here."""
    with district(data_dir) as d:
        d.sync()
        record = d.id("users", "u001")
        with pytest.raises(UsageError) as told:
            d.engine.edit("users", record, {"family_name": None}, "Ana")
        assert (told.value.code, told.value.parameters["field"]) == (
            "field_required",
            "Family name",
        )
        d.sis.change("users", "u001", family_name=None, email="nobody")
        assert d.sync().state == "completed"
        values = d.values("users", "u001")
        assert (values["family_name"], values["email"]) == (None, "nobody")


# -- what was seen ----------------------------------------------------------------------------


def test_an_edit_of_what_was_changed_since_it_was_seen_is_refused(data_dir: Path) -> None:
    """Nobody's change is overwritten unseen; a change of another field is no obstacle."""
    with district(data_dir) as d:
        d.sync()
        record = d.id("users", "u001")
        (seen,) = reads.records(d.database, "users", [record])
        d.engine.edit("users", record, {"given_name": "Theirs"}, "Zoë")
        with pytest.raises(UsageError, match="edit_moved"):
            d.engine.edit("users", record, {"given_name": "Mine"}, "Ana", seen=seen)
        d.engine.edit("users", record, {"grades": ["11"]}, "Ana", seen=seen)
        assert person(d, "u001").record.values["given_name"] == "Theirs"
