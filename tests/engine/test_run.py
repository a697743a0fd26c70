"""A whole sync, from requests to the database: SEMANTICS A, B, C, D, H through public names."""

from pathlib import Path

import pytest

from app.engine.shelf import StoredShelf
from app.errors import BusyError, Cancelled, ContractError, TransientError
from app.store import journal, reads
from tests.engine.toy import (
    GARBLED,
    ToyKind,
    ToySis,
    district,
    failing,
    fill,
    sums,
)


def test_a_first_sync_creates_every_record(data_dir: Path) -> None:
    """C1: every row of the SIS becomes a live record, and the counts close."""
    with district(data_dir) as d:
        run = d.sync()
        assert (run.state, run.mode) == ("completed", "full")
        assert sums(run) == {"read": 26, "created": 26}
        assert all(stream.complete and stream.proof for stream in run.streams)
        assert {e: n for e, n in reads.counts(d.database).items() if n} == {
            "orgs": 2, "classes": 4, "users": 10, "enrollments": 10,
        }  # fmt: skip
        assert d.values("users", "u003")["roles"] == (
            ("student", d.id("orgs", "o2"), "primary", None, None),
        )


def test_a_second_sync_changes_nothing(data_dir: Path) -> None:
    """C1, B8: rows whose digest is known are unchanged, and no record is written."""
    with district(data_dir) as d:
        d.sync()
        before = d.everything()
        run = d.sync(full=True)
        assert sums(run) == {"read": 26, "unchanged": 26}
        assert d.everything() == before
        assert reads.record(d.database, "users", d.id("users", "u001")).changes == ()


def test_changes_alone_are_read_after_a_whole_read(data_dir: Path) -> None:
    """C3: after a whole read only what changed is read, and exactly that is updated."""
    with district(data_dir) as d:
        d.sync()
        d.sis.change("users", "u004", family_name="Núñez")
        d.sis.put("users", "u100", given_name="New", family_name="Person")
        run = d.sync()
        assert run.mode == "incremental"
        assert sums(run) == {"read": 2, "created": 1, "updated": 1}
        detail = reads.record(d.database, "users", d.id("users", "u004"))
        assert detail.record.values["family_name"] == "Núñez"
        (change,) = detail.changes
        assert (change.change_set, change.kind, change.connector) == (run.id, "sync", "toy")
        assert change.before == {"family_name": "Family 4"}
        assert change.after == {"family_name": "Núñez"}


def test_a_whole_read_follows_after_a_day(data_dir: Path) -> None:
    """C3: a day after the last whole read the next sync reads everything again."""
    with district(data_dir) as d:
        d.sync()
        d.pass_time(hours=23)
        assert d.sync().mode == "incremental"
        d.pass_time(hours=2)
        assert d.sync().mode == "full"


def test_streams_may_come_in_any_order(data_dir: Path) -> None:
    """A3: a reference to a record that comes later, or never, is an id from the first mention."""
    sis = ToySis()
    sis.put("orgs", "o1", name="School", type="school", parent="never-sent")
    sis.put("users", "u1", agents=[{"user": "u2"}])
    sis.put("users", "u2", agents=[{"user": "u1"}])
    with district(data_dir, sis) as d:
        assert sums(d.sync()) == {"read": 3, "created": 3}
        assert d.values("users", "u1")["agents"] == ((d.id("users", "u2"), None),)
        assert d.values("orgs", "o1")["parent"] == d.id("orgs", "never-sent")
        assert reads.counts(d.database)["orgs"] == 1
        assert sums(d.sync(full=True)) == {"read": 3, "unchanged": 3}
        sis.put("orgs", "never-sent", name="District", type="district")
        assert sums(d.sync()) == {"read": 1, "created": 1}
        parent = d.values("orgs", "o1")["parent"]
        assert reads.record(d.database, "orgs", parent).record.values["name"] == "District"


# -- base, local, remote ----------------------------------------------------------------------


def test_a_local_edit_stays_while_the_sis_is_silent(data_dir: Path) -> None:
    """B1: only L changed: nothing a sync does takes it back."""
    with district(data_dir) as d:
        d.sync()
        d.engine.edit("users", d.id("users", "u001"), {"given_name": "Zoë"}, "Ana")
        for full in (True, False, True):
            assert d.sync(full=full).state == "completed"
            assert d.values("users", "u001")["given_name"] == "Zoë"


def test_changes_of_different_fields_are_both_kept(data_dir: Path) -> None:
    """B1: an edit here and a change of another field there do not touch each other."""
    with district(data_dir) as d:
        d.sync()
        d.engine.edit("users", d.id("users", "u001"), {"given_name": "Zoë"}, "Ana")
        d.sis.change("users", "u001", family_name="Okafor")
        run = d.sync()
        assert (run.state, sums(run)) == ("completed", {"read": 1, "updated": 1})
        values = d.values("users", "u001")
        assert (values["given_name"], values["family_name"]) == ("Zoë", "Okafor")


def test_two_different_changes_of_one_field_are_an_open_conflict(data_dir: Path) -> None:
    """B2: L and B stay, the other fields go on, and there is one conflict, kept up to date."""
    with district(data_dir) as d:
        d.sync()
        d.engine.edit("users", d.id("users", "u001"), {"given_name": "Zoë"}, "Ana")
        d.sis.change("users", "u001", given_name="Zoe", family_name="Okafor")
        run = d.sync()
        assert run.state == "warnings"
        assert sums(run) == {"read": 1, "updated": 1, "conflicts": 1}
        values = d.values("users", "u001")
        assert (values["given_name"], values["family_name"]) == ("Zoë", "Okafor")
        assert d.sync(full=True).total("conflicts") == 1
        d.sis.change("users", "u001", given_name="Zoey")
        assert sums(d.sync()) == {"read": 1, "unchanged": 1, "conflicts": 1}
        assert reads.connector(d.database, "toy").standing.conflicts == 1


def test_a_conflict_closes_when_the_sides_meet(data_dir: Path) -> None:
    """B2: when the SIS takes the value that stands here, nobody is asked any longer."""
    with district(data_dir) as d:
        d.sync()
        d.engine.edit("users", d.id("users", "u001"), {"given_name": "Zoë"}, "Ana")
        d.sis.change("users", "u001", given_name="Zoe")
        assert d.sync().state == "warnings"
        d.sis.change("users", "u001", given_name="Zoë")
        assert d.sync().state == "completed"
        d.sis.change("users", "u001", given_name="Zoella")
        assert sums(d.sync()) == {"read": 1, "updated": 1}


def test_an_edit_between_plan_and_write_is_not_overwritten(data_dir: Path) -> None:
    """C1, C2: an edit made after a row was planned is met by reconciling the stored patch again."""
    with district(data_dir) as d:
        d.without_limits()
        d.sync()
        for n in range(10):
            d.sis.change("users", f"u{n:03d}", given_name=f"Sis {n}")
        edited = d.id("users", "u000")

        def hook(url: str) -> None:
            if "after=u002" in url:
                d.loop.post(lambda: d.engine.edit("users", edited, {"given_name": "Ours"}, "Ana"))

        d.sis.hook = hook
        run = d.sync(full=True)
        assert run.total("updated") == 9
        assert run.total("conflicts") == 1
        assert d.values("users", "u000")["given_name"] == "Ours"
        assert d.values("users", "u001")["given_name"] == "Sis 1"


def test_elements_are_merged_one_by_one(data_dir: Path) -> None:
    """A4: a role added here and a role added there are both kept."""
    with district(data_dir) as d:
        d.sync()
        o1, o2 = d.id("orgs", "o1"), d.id("orgs", "o2")
        ours = [("student", o1, "primary", None, None), ("aide", o1, None, None, None)]
        d.engine.edit("users", d.id("users", "u000"), {"roles": ours}, "Ana")
        d.sis.change(
            "users",
            "u000",
            roles=[
                {"role": "student", "org": "o1", "role_type": "primary"},
                {"role": "proctor", "org": "o2"},
            ],
        )
        assert sums(d.sync()) == {"read": 1, "updated": 1}
        assert {(role, org) for role, org, *_ in d.values("users", "u000")["roles"]} == {
            ("student", o1), ("aide", o1), ("proctor", o2),
        }  # fmt: skip


# -- fields nobody speaks ---------------------------------------------------------------------


def test_a_field_that_no_row_carries_any_more_is_left_alone(data_dir: Path) -> None:
    """A2: a whole read without a single email blanks nobody's email, and says so."""
    with district(data_dir) as d:
        d.without_limits()
        d.sync()
        for n in range(10):
            d.sis.change("users", f"u{n:03d}", email=None, given_name=f"New {n}")
        run = d.sync(full=True)
        assert d.values("users", "u005")["email"] == "u5@district.example"
        assert d.values("users", "u005")["given_name"] == "New 5"
        assert "field_not_spoken" in d.log(run.id)
        d.sis.change("users", "u005", email="new@district.example")
        d.sync()
        assert d.values("users", "u005")["email"] == "new@district.example"


def test_a_field_spoken_again_is_decided_whole(data_dir: Path) -> None:
    """A2, B8: blanks that were not believed are believed once some row carries the field again."""
    with district(data_dir) as d:
        d.without_limits()
        d.sync()
        for n in range(10):
            d.sis.change("users", f"u{n:03d}", email=None)
        d.sync(full=True)
        assert d.values("users", "u005")["email"] == "u5@district.example"
        d.sis.change("users", "u001", email="one@district.example")
        run = d.sync(full=True)
        assert run.total("updated") == 10
        assert d.values("users", "u005")["email"] is None
        assert d.values("users", "u001")["email"] == "one@district.example"


def test_one_blank_among_values_is_a_change(data_dir: Path) -> None:
    """A2: in a spoken field missing means null."""
    with district(data_dir) as d:
        d.sync()
        d.sis.change("users", "u005", email=None)
        assert sums(d.sync(full=True)) == {"read": 26, "unchanged": 25, "updated": 1}
        assert d.values("users", "u005")["email"] is None


def test_a_value_that_cannot_be_understood_changes_nothing(data_dir: Path) -> None:
    """A2: an odd value leaves its field unsaid, the record's other fields go on."""
    with district(data_dir) as d:
        d.sync()
        d.sis.change("users", "u005", phone="no number", given_name="New")
        d.sis.change("enrollments", "e005", begin_date="soon")
        run = d.sync()
        assert d.values("users", "u005")["given_name"] == "New"
        assert d.values("enrollments", "e005")["begin_date"] == "2026-08-17"
        assert d.log(run.id).count("value_not_understood") == 2


def test_fields_outside_what_a_stream_speaks_are_untouched(data_dir: Path) -> None:
    """A2: what is not spoken never changes anything; newly spoken fields fill (B4)."""
    sis = fill(ToySis())
    sis.fields["users"] = ("given_name", "family_name", "enabled_user")
    with district(data_dir, sis) as d:
        d.sync()
        assert d.values("users", "u001")["email"] is None
        d.engine.edit("users", d.id("users", "u001"), {"pronouns": "they/them"}, "Ana")
        del sis.fields["users"]
        d.kind.mapping = "2"
        run = d.sync()
        assert (run.mode, run.state) == ("full", "completed")
        assert d.values("users", "u001")["email"] == "u1@district.example"
        assert d.values("users", "u001")["pronouns"] == "they/them"


# -- removals ---------------------------------------------------------------------------------


def test_a_tombstone_ends_its_record_and_a_repeated_one_does_nothing(data_dir: Path) -> None:
    """D1, B6: a tombstone that is a change ends the record softly; said once more it is nothing."""
    with district(data_dir) as d:
        d.sync()
        d.sis.end("users", "u003")
        run = d.sync()
        assert (run.state, sums(run)) == ("completed", {"read": 1, "deleted": 1})
        ended = reads.record(d.database, "users", d.id("users", "u003"))
        assert not ended.record.alive
        assert ended.record.values["given_name"] == "Given 3"
        assert (ended.changes[0].before, ended.changes[0].after) == (
            {"alive": True},
            {"alive": False},
        )
        assert sums(d.sync(full=True)) == {"read": 26, "unchanged": 26}


def test_a_record_that_comes_back_lives_again(data_dir: Path) -> None:
    """B6: what ended and is there again is the same record, with what the SIS says of it now."""
    with district(data_dir) as d:
        d.sync()
        row = dict(d.sis.rows["users"]["u003"])
        record = d.id("users", "u003")
        d.sis.end("users", "u003")
        assert d.sync().total("deleted") == 1
        d.sis.put("users", "u003", **{**row, "given_name": "Back"})
        run = d.sync()
        assert (run.state, sums(run)) == ("completed", {"read": 1, "updated": 1})
        back = reads.record(d.database, "users", record).record
        assert (back.alive, back.values["given_name"]) == (True, "Back")


def test_a_removal_that_the_sis_takes_back_waits_no_longer(data_dir: Path) -> None:
    """E3: when the SIS has the records again, the waiting items go."""
    with district(data_dir) as d:
        d.sync()
        rows = {key: dict(d.sis.rows["users"][key]) for key in ("u000", "u002", "u004", "u006")}
        for key in (*rows, "u008"):
            d.sis.end("users", key)
        assert d.sync().state == "waiting"
        assert reads.connector(d.database, "toy").standing.waiting == 5
        for key, row in rows.items():
            d.sis.put("users", key, **row)
        assert d.sync().state == "waiting"
        assert reads.connector(d.database, "toy").standing.waiting == 1


def test_a_tombstone_of_an_edited_record_is_a_conflict(data_dir: Path) -> None:
    """B6: edit beats delete."""
    with district(data_dir) as d:
        d.sync()
        d.engine.edit("users", d.id("users", "u003"), {"given_name": "Ours"}, "Ana")
        d.sis.end("users", "u003")
        run = d.sync()
        assert (run.state, sums(run)) == ("warnings", {"read": 1, "unchanged": 1, "conflicts": 1})


def test_a_tombstone_of_an_unknown_record_is_unchanged(data_dir: Path) -> None:
    """C8: unknown and repeated tombstones count as unchanged, and create nothing."""
    with district(data_dir) as d:
        d.sis.put("users", "gone", given_name="Gone")
        d.sis.end("users", "gone")
        run = d.sync()
        assert (run.state, sums(run)) == ("completed", {"read": 27, "created": 26, "unchanged": 1})
        assert sums(d.sync(full=True)) == {"read": 27, "unchanged": 27}


def test_absence_under_proof_is_read_by_key_and_then_ends(data_dir: Path) -> None:
    """D1: a live link missing from a proved read is a candidate; 404 by key ends it."""
    with district(data_dir) as d:
        d.sync()
        d.sis.vanish("enrollments", "e004")
        run = d.sync(full=True)
        assert "http://toy/enrollments?key=e004" in d.sis.asked
        assert (run.state, sums(run)) == (
            "completed",
            {"read": 25, "absent": 1, "unchanged": 25, "deleted": 1},
        )
        ended = reads.record(d.database, "enrollments", d.id("enrollments", "e004"))
        assert not ended.record.alive


def test_a_row_still_there_by_key_voids_the_proof(data_dir: Path) -> None:
    """D1: 200 by key: the list was not whole, and nothing of it is absent."""
    with district(data_dir) as d:
        d.sync()
        row = dict(d.sis.rows["enrollments"]["e004"])
        d.sis.vanish("enrollments", "e004", "e008")

        def hook(url: str) -> None:
            if "key=e004" in url:
                d.sis.rows["enrollments"]["e004"] = row

        d.sis.hook = hook
        run = d.sync(full=True)
        stream = run.streams[-1]
        assert (stream.complete, stream.proof) == (False, False)
        assert (run.state, run.total("absent"), run.total("waiting")) == ("warnings", 0, 0)
        assert "row_still_there" in d.log(run.id)


def test_many_rows_hidden_from_the_list_alone_are_not_absent(data_dir: Path) -> None:
    """A filter that lists half of the rows, and shows the others by key, is no proof (D1)."""
    sis = fill(ToySis(page=100), people=1200)
    with district(data_dir, sis) as d:
        d.sync()
        rows = dict(d.sis.rows["enrollments"])
        d.sis.vanish("enrollments", *(f"e{n:03d}" for n in range(100, 1100)))
        kept = d.sis.rows["enrollments"]

        def hook(url: str) -> None:
            d.sis.rows["enrollments"] = rows if "key=" in url else kept

        d.sis.hook = hook
        run = d.sync(full=True)
        assert (run.state, run.total("absent"), run.total("waiting")) == ("warnings", 0, 0)
        assert "row_still_there" in d.log(run.id)


def test_many_absences_wait_at_once(data_dir: Path) -> None:
    """D1: of more than 200 candidates a few are read by key; then all wait, none is removed."""
    sis = fill(ToySis(page=100), people=1200)
    with district(data_dir, sis) as d:
        d.sync()
        d.sis.vanish("enrollments", *(f"e{n:03d}" for n in range(100, 1100)))
        d.sis.asked.clear()
        run = d.sync(full=True)
        assert (run.state, run.total("absent"), run.total("waiting")) == ("waiting", 1000, 1000)
        assert 0 < sum("key=" in url for url in d.sis.asked) <= 25
        assert reads.counts(d.database)["enrollments"] == 1200
        assert d.sync(full=True).total("waiting") == 1000
        assert reads.connector(d.database, "toy").standing.waiting == 1000


def test_the_same_files_twice_are_one_proof(data_dir: Path) -> None:
    """D1: a second proof releases what waits for it, unless it was read from the very same."""
    with district(data_dir, fill(ToySis(by_key=False, evidence="Monday’s files"))) as d:
        d.sync()
        d.sis.vanish("enrollments", "e004")
        d.sis.evidence = "Tuesday’s files"
        for run in (d.sync(full=True), d.sync(full=True), d.sync(full=True)):
            assert all(stream.proof for stream in run.streams)
            assert (run.state, run.total("waiting"), run.total("deleted")) == ("waiting", 1, 0)
        d.sis.evidence = "Wednesday’s files"
        run = d.sync(full=True)
        assert (run.state, run.total("waiting"), run.total("deleted")) == ("completed", 0, 1)


def test_where_it_is_not_told_two_reads_are_two_proofs(data_dir: Path) -> None:
    """D1: an answer that was asked for anew is a proof of its own."""
    with district(data_dir, fill(ToySis(by_key=False))) as d:
        d.sync()
        d.sis.vanish("enrollments", "e004")
        assert d.sync(full=True).total("waiting") == 1
        assert d.sync(full=True).total("deleted") == 1


def test_what_was_read_from_is_known_to_the_run_that_goes_on(data_dir: Path) -> None:
    """C7, D1: cut off after the last page, the same files are still the same."""
    with district(data_dir, fill(ToySis(by_key=False, evidence="Monday’s files"))) as d:
        d.sync()
        d.sis.vanish("enrollments", "e004")
        d.sis.evidence = "Tuesday’s files"
        d.sync(full=True)
        d.sis.vanish("enrollments", "e005")
        run = d.engine.start("toy", full=True)
        for _ in d.steps(run):
            with d.database.reading() as tx:
                last = journal.load_progress(tx, run).get("enrollments")
            if last is not None and last.phase == "judging":
                d.die()
                break
        assert d.sync().total("deleted") == 0


@pytest.mark.parametrize("fault", ["total", "keyless", "doubt", "scope"])
def test_an_answer_in_doubt_proves_no_absence(data_dir: Path, fault: str) -> None:
    """C5, D2: total not reached, a row without key, a doubt, another scope: nothing is absent."""
    with district(data_dir) as d:
        d.sync()
        d.sis.vanish("enrollments", "e004")
        if fault == "total":
            d.sis.extra_total = 1
        elif fault == "keyless":
            d.sis.keyless = 1
        else:
            d.sis.scope = "doubtful" if fault == "doubt" else "one school"
        run = d.sync(full=True)
        assert not any(stream.proof for stream in run.streams)
        assert (run.total("absent"), run.total("waiting")) == (0, 0)
        assert all(stream.complete == (fault in ("scope", "keyless")) for stream in run.streams)


def test_links_of_another_scope_are_not_absent(data_dir: Path) -> None:
    """D2: after the scope narrowed, only links seen under it can be absent."""
    with district(data_dir) as d:
        d.sync()
        d.sis.scope = "one school"
        for n in (1, 3, 5, 7, 9):
            d.sis.vanish("enrollments", f"e{n:03d}")
        assert d.sync(full=True).total("absent") == 0
        d.sis.vanish("enrollments", "e008")
        run = d.sync(full=True)
        assert (run.total("absent"), run.total("deleted")) == (1, 1)
        assert reads.counts(d.database)["enrollments"] == 9


def test_what_came_with_changes_can_be_absent_later(data_dir: Path) -> None:
    """D2: a link made by a read of changes belongs to what whole reads ask for."""
    with district(data_dir) as d:
        d.sync()
        d.sis.put("enrollments", "e100", user="u001", school="o1", role="student")
        assert d.sync().mode == "incremental"
        d.sis.vanish("enrollments", "e100")
        assert d.sync(full=True).total("absent") == 1


def test_a_scope_that_changes_midway_proves_nothing(data_dir: Path) -> None:
    """C5: a resumed read under another scope is no whole answer."""
    with district(data_dir) as d:
        d.sis.hook = failing(4, TransientError("toy_down"))
        d.sync()
        d.sis.hook = lambda url: None
        d.sis.scope = "one school"
        run = d.sync()
        users = next(stream for stream in run.streams if stream.entity == "users")
        assert (users.complete, users.proof) == (False, False)


def test_a_read_by_other_rules_is_not_gone_on_with(data_dir: Path) -> None:
    """B8, C7: after an upgrade the position is not taken over; everything is read anew."""
    with district(data_dir) as d:
        d.sis.hook = failing(4, TransientError("toy_down"))
        d.sync()
        d.sis.hook = lambda url: None
        d.kind.mapping = "2"
        run = d.sync()
        assert (run.resumes, run.state) == (None, "completed")


def test_a_school_missing_from_the_answer_voids_the_proof_once(data_dir: Path) -> None:
    """C5: a school the read before had takes the proof away; said twice, it counts."""
    with district(data_dir) as d:
        d.sync()
        d.sis.vanish("enrollments", *(f"e{n:03d}" for n in (1, 3, 5, 7, 9)))
        run = d.sync(full=True)
        assert (run.state, run.total("absent")) == ("warnings", 0)
        assert "coverage_lost" in d.log(run.id)
        again = d.sync(full=True)
        assert (again.state, again.total("absent"), again.total("waiting")) == ("waiting", 5, 5)


def test_a_read_that_starts_again_counts_each_row_once(data_dir: Path) -> None:
    """C4, C8: when a stream is read again, rows count at their first sighting and proof holds."""
    with district(data_dir) as d:
        d.sis.restart_at = 2
        run = d.sync()
        assert (run.state, sums(run)) == ("completed", {"read": 26, "created": 26})
        d.sis.restart_at = 3
        assert sums(d.sync(full=True)) == {"read": 26, "unchanged": 26}


def test_what_changed_and_then_was_gone_counts_too(data_dir: Path) -> None:
    """C8: read with a change, and absent once the stream was read again: the counts still close."""
    with district(data_dir) as d:
        d.without_limits()
        d.sync()
        d.sis.change("users", "u000", given_name="Changed")
        d.sis.restart_at = 3
        asked = iter(range(3))

        def hook(url: str) -> None:
            if "users" in url and next(asked, None) == 2:
                d.sis.vanish("users", "u000")

        d.sis.hook = hook
        run = d.sync(full=True)
        assert (run.state, run.total("absent"), run.total("deleted")) == ("completed", 1, 1)


# -- unreadable rows --------------------------------------------------------------------------


def test_an_unreadable_row_protects_its_record(data_dir: Path) -> None:
    """C6: seen, kept raw, nothing removed; read again when it can be."""
    with district(data_dir) as d:
        d.sync()
        row = dict(d.sis.rows["users"]["u003"])
        d.sis.put("users", "u003", **GARBLED)
        run = d.sync(full=True)
        assert (run.state, sums(run)) == (
            "warnings",
            {"read": 26, "unchanged": 25, "unreadable": 1},
        )
        assert all(stream.proof for stream in run.streams)
        assert reads.connector(d.database, "toy").standing.unreadable == 1
        d.sis.put("users", "u003", **{**row, "given_name": "Mended"})
        assert d.sync().state == "completed"
        assert d.values("users", "u003")["given_name"] == "Mended"


def test_an_unreadable_newcomer_counts_and_is_created_later(data_dir: Path) -> None:
    """C6: a row that was never readable makes no record until it is."""
    with district(data_dir) as d:
        d.sis.put("users", "new", **GARBLED)
        assert sums(d.sync()) == {"read": 27, "created": 26, "unreadable": 1}
        d.sis.put("users", "new", given_name="New")
        assert sums(d.sync()) == {"read": 1, "created": 1}
        assert reads.connector(d.database, "toy").standing.unreadable == 0


@pytest.mark.parametrize("dead", [False, True])
def test_a_row_may_mention_one_of_its_page_that_makes_no_record(data_dir: Path, dead: bool) -> None:
    """A3: the first mention allots the link; the unreadable row or tombstone finds it."""
    with district(data_dir) as d:
        d.sis.put("orgs", "o3", **GARBLED)
        if dead:
            d.sis.end("orgs", "o3")
        d.sis.change("orgs", "o1", parent="o3")
        run = d.sync()
        told = {"unchanged": 1} if dead else {"unreadable": 1}
        assert sums(run) == {"read": 27, "created": 26, **told}
        d.sis.put("orgs", "o3", name="Office", type="department", identifier="0003")
        assert sums(d.sync()) == {"read": 1, "created": 1}


def test_an_unreadable_row_is_read_by_key_in_later_runs(data_dir: Path) -> None:
    """C6: mended at the SIS without a new date, it is fetched by its key all the same."""
    with district(data_dir) as d:
        row = dict(d.sis.rows["users"]["u003"])
        d.sis.put("users", "u003", **GARBLED)
        assert d.sync().state == "warnings"
        d.sis.rows["users"]["u003"] = row
        run = d.sync()
        assert (run.mode, run.state, sums(run)) == (
            "incremental",
            "completed",
            {"read": 1, "created": 1},
        )
        assert d.values("users", "u003")["given_name"] == "Given 3"


def test_an_unreadable_row_that_is_gone_is_forgotten(data_dir: Path) -> None:
    """C6: what stands unreadable is what the SIS still says, told once."""
    with district(data_dir) as d:
        d.sis.put("users", "odd", **GARBLED)
        d.sis.keyless = 1
        for _ in range(3):
            d.sync(full=True)
        assert reads.connector(d.database, "toy").standing.unreadable == 1 + len(d.sis.rows)
        d.sis.vanish("users", "odd")
        d.sis.keyless = 0
        run = d.sync(full=True)
        assert (run.state, reads.connector(d.database, "toy").standing.unreadable) == (
            "completed",
            0,
        )


# -- cut off, cancelled, resumed --------------------------------------------------------------


def test_resumed_from_anywhere_equals_unbroken(tmp_path: Path) -> None:
    """C7: cut off before any request, the next sync ends with what an unbroken one gives."""
    with district(tmp_path / "unbroken") as d:
        d.sync()
        d.sis.change("users", "u004", family_name="Changed")
        d.sis.end("enrollments", "e002")
        total = len(d.sis.asked)
        d.sync(full=True)
        expected, total = d.everything(), len(d.sis.asked) - total
    for cut in range(total):
        with district(tmp_path / f"cut{cut}") as d:
            d.sync()
            d.sis.change("users", "u004", family_name="Changed")
            d.sis.end("enrollments", "e002")
            d.sis.hook = failing(cut, TransientError("toy_down"))
            broken = d.sync(full=True)
            assert (broken.state, broken.error_code) == ("failed", "toy_down")
            d.sis.hook = lambda url: None
            d.sis.asked.clear()
            run = d.sync()
            assert d.everything() == expected
            assert run.state == "completed"
            assert (run.total("read"), run.total("updated"), run.total("deleted")) == (26, 1, 1)
            assert all(stream.proof for stream in run.streams)
            if cut:
                assert run.resumes == broken.id
                assert len(d.sis.asked) <= total - cut + 1


def test_cancel_keeps_what_was_done_and_the_next_sync_goes_on(data_dir: Path) -> None:
    """H, C7: a cancelled run says so; what it planned is settled by the next."""
    with district(data_dir) as d:
        d.sync()
        d.sis.change("users", "u000", given_name="Changed")

        def hook(url: str) -> None:
            if "users" in url and "after=u005" in url:
                raise Cancelled("cancelled")

        d.sis.hook = hook
        assert d.sync(full=True).state == "cancelled"
        assert d.values("users", "u000")["given_name"] == "Given 0"
        d.sis.hook = lambda url: None
        run = d.sync()
        assert run.state == "completed"
        assert d.values("users", "u000")["given_name"] == "Changed"


def test_a_position_expires_after_a_day_but_plan_items_do_not(data_dir: Path) -> None:
    """C7: the next run carries out what was planned first, then reads everything anew."""
    with district(data_dir) as d:
        d.sync()
        d.sis.change("users", "u000", given_name="Changed", email=None)
        d.sis.hook = failing(5, TransientError("toy_down"))
        broken = d.sync(full=True)
        assert broken.state == "failed"
        d.sis.hook = lambda url: None
        d.pass_time(hours=25)
        run = d.sync()
        assert (run.resumes, run.mode, run.state) == (None, "full", "completed")
        assert "leftovers_settled" in d.log(run.id)
        values = d.values("users", "u000")
        assert (values["given_name"], values["email"]) == ("Changed", None)


def test_a_position_that_cannot_be_gone_on_from_is_given_up(data_dir: Path) -> None:
    """C7: gone on with, the run failed at once and not for the network: the next begins anew."""
    with district(data_dir) as d:
        d.sis.hook = failing(4, TransientError("toy_down"))
        d.sync()
        d.sis.hook = failing(0, TransientError("toy_down"))
        assert d.sync().resumes is not None
        d.sis.hook = failing(0, ContractError("toy_nonsense"))
        stuck = d.sync()
        assert (stuck.resumes is not None, stuck.error_code) == (True, "toy_nonsense")
        d.sis.hook = lambda url: None
        run = d.sync()
        assert (run.resumes, run.state) == (None, "completed")


def test_a_resume_after_an_hour_proves_nothing(data_dir: Path) -> None:
    """C7: the gap is too long for the two halves to be one answer."""
    with district(data_dir) as d:
        d.sis.hook = failing(4, TransientError("toy_down"))
        d.sync()
        d.sis.hook = lambda url: None
        d.pass_time(hours=2)
        run = d.sync()
        assert run.state == "warnings"
        assert "resumed_late" in d.log(run.id)


# -- together ---------------------------------------------------------------------------------


def test_one_run_a_connector_at_a_time(data_dir: Path) -> None:
    """H1: a second start is refused with the run under way, in this process and in another."""
    with district(data_dir) as d, district(data_dir, d.sis) as other:
        run = d.engine.start("toy")
        with pytest.raises(BusyError) as here:
            d.engine.start("toy")
        with pytest.raises(BusyError) as there:
            other.engine.start("toy")
        assert here.value.parameters["run"] == there.value.parameters["run"] == run
        d.loop.run(until=lambda: not d.engine.busy)
        assert other.sync().state == "completed"


def test_a_cancel_asked_elsewhere_is_obeyed(data_dir: Path) -> None:
    """H1: another process asks through the database, and the run stops at its next step."""
    with district(data_dir) as d, district(data_dir, d.sis) as other:
        run = d.engine.start("toy")
        steps = d.steps(run)
        for _ in range(6):
            next(steps)
        other.engine.cancel(run)
        for _ in steps:
            pass
        assert reads.run(d.database, run).state == "cancelled"


def test_an_overtaken_run_writes_nothing_more(data_dir: Path) -> None:
    """H1: a run whose fencing number is outdated ends *interrupted* at its next step."""
    with district(data_dir) as d:
        run = d.engine.start("toy")
        steps = d.steps(run)
        for _ in range(6):
            next(steps)
        with d.database.writing() as tx:
            tx.run("UPDATE connectors SET fence = fence + 1")
        before = reads.counts(d.database)
        for _ in steps:
            pass
        assert reads.run(d.database, run).state == "interrupted"
        assert reads.counts(d.database) == before


def test_a_run_nobody_works_on_is_told_as_interrupted(data_dir: Path) -> None:
    """H1: a run whose lock is free though its row says running was cut off."""
    with district(data_dir) as d:
        run = d.sync().id
        with d.database.writing() as tx:
            tx.run("UPDATE runs SET state = 'running', ended_at = NULL WHERE id = ?", (run,))
    with district(data_dir) as d:
        assert reads.run(d.database, run).state == "interrupted"


def test_cancelling_a_run_nobody_works_on_ends_it(data_dir: Path) -> None:
    """H1: a window that shows a run of a process since killed can end it."""
    with district(data_dir) as d:
        run = d.sync().id
        with d.database.writing() as tx:
            tx.run("UPDATE runs SET state = 'running', ended_at = NULL WHERE id = ?", (run,))
        d.engine.cancel(run)
        assert reads.run(d.database, run).state == "interrupted"


def test_a_new_mapping_reads_everything_again(data_dir: Path) -> None:
    """B8: another salt forces a whole read, and no row is passed over."""
    sis = fill(ToySis())
    kind = ToyKind(sis)
    with district(data_dir, sis, kind) as d:
        d.sync()
        kind.mapping = "2"
        run = d.sync()
        assert (run.mode, sums(run)) == ("full", {"read": 26, "unchanged": 26})
        assert d.sync().mode == "incremental"


@pytest.mark.expects_warnings("ended by an unexpected error")
def test_an_unforeseen_error_is_told_as_ours_and_loses_nothing(data_dir: Path) -> None:
    """A defect of the program ends the run as failed, with the earlier data whole."""
    with district(data_dir) as d:
        d.sync()
        before = d.everything()
        d.sis.rows["users"]["u001"] = ["a row that the toy kind never thought of"]  # type: ignore[assignment]
        run = d.sync(full=True)
        assert (run.state, run.error_code) == ("failed", "unexpected")
        del d.sis.rows["users"]["u001"]
        d.sis.put("users", "u001", given_name="Given 1")
        assert d.everything().keys() == before.keys()


# -- keys that change, the shelf, foreign processes -------------------------------------------


def test_a_changed_key_moves_the_link_and_nobody_who_refers_changes(data_dir: Path) -> None:
    """A3, A6: two keys that change places move as one; former keys stay as aliases."""
    with district(data_dir) as d:
        d.sync()
        one, two = d.id("users", "u001"), d.id("users", "u002")
        d.sis.rekey("users", ("u001", "u002"), ("u002", "u001"), ("u003", "u300"))
        run = d.sync()
        assert (run.state, run.total("created"), run.total("updated")) == ("completed", 0, 0)
        assert (d.id("users", "u002"), d.id("users", "u001")) == (one, two)
        assert d.values("users", "u300")["given_name"] == "Given 3"
        d.sis.put("enrollments", "e100", user="u003", school="o1", role="student")
        d.sync()
        assert d.values("enrollments", "e100")["user"] == d.id("users", "u300")


def test_what_is_shelved_is_there_in_later_runs(data_dir: Path) -> None:
    """The shelf: visible at once, durable with the page that follows, gone when dropped."""
    with district(data_dir) as d:
        shelf = StoredShelf(d.database, 1)
        shelf.put("roles", "u1", b"teacher")
        shelf.put("roles", "u2", b"student")
        assert shelf.take("roles", ["u1", "u3"]) == {"u1": b"teacher"}
        assert StoredShelf(d.database, 1).take("roles", ["u1"]) == {}
        with d.database.writing() as tx:
            shelf.flush(tx)
        shelf.drop("roles", ["u1"])
        assert shelf.take("roles", ["u1", "u2"]) == {"u2": b"student"}
        with d.database.writing() as tx:
            shelf.flush(tx)
        assert StoredShelf(d.database, 1).take("roles", ["u1", "u2"]) == {"u2": b"student"}
        assert StoredShelf(d.database, 2).take("roles", ["u2"]) == {}


def test_removing_a_connector_keeps_the_roster_and_the_history(data_dir: Path) -> None:
    """Cursors and what waits go; added again under its name, it knows its records."""
    with district(data_dir) as d:
        d.sync()
        d.sis.end("users", "u003")
        d.sync()
        d.engine.remove_connector("toy")
        assert reads.connectors(d.database) == []
        assert reads.counts(d.database)["users"] == 9
        assert [run.connector for run in reads.runs(d.database)] == ["toy", "toy"]
        d.engine.save_connector("toy", "toy", {})
        run = d.sync()
        assert (run.mode, run.total("created"), run.total("deleted")) == ("full", 0, 0)
        assert reads.counts(d.database)["users"] == 9
