"""Exports of the roster as sets of files: whose keys, what has changed, when by themselves."""

import csv
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from app.connectors.contract import Doubt
from app.engine import exporting
from app.engine.apart import Reply
from app.engine.engine import Engine
from app.engine.exporting import Exported, Order, following, note_text
from app.errors import Cancelled, NotFound, SyncError, UsageError
from app.store import reads
from tests.connectors.oneroster.csv.standard import complaints, read
from tests.engine.toy import District, ToySis, district, fill

FORM = "oneroster-csv"


@pytest.fixture
def d(data_dir: Path) -> Iterator[District]:
    """A district, synced once, that every change flows through."""
    sis = fill(ToySis())
    sis.put("academic_sessions", "t1", title="Fall", type="term", school_year="2027",
            start_date="2026-08-17", end_date="2026-12-18")  # fmt: skip
    sis.put("courses", "k1", title="Algebra, of rings", org="o1", subjects=["Math, pure", "Art"])
    for key in list(sis.rows["classes"]):
        sis.change("classes", key, course="k1", terms=["t1"], class_type="scheduled")
    for n, key in enumerate(list(sis.rows["users"])):
        sis.change("users", key, username=f"user{n}")
    with district(data_dir, sis) as found:
        found.without_limits()
        found.sync()
        yield found


def export(d: District, path: Path, **more: Any) -> Exported:
    """Writes an export and waits for it."""
    ended: list[Any] = []
    order = Order(form=FORM, path=str(path), **more)
    d.engine.export(order, reply=Reply(ended.append))
    d.loop.run(until=lambda: bool(ended))
    if isinstance(ended[0], SyncError):
        raise ended[0]
    assert isinstance(ended[0], Exported)
    return ended[0]


def table(path: Path, name: str) -> list[dict[str, str]]:
    """The rows of a file of a set, by column."""
    heading, *rows = read(path)[name]
    return [dict(zip(heading, row, strict=True)) for row in rows]


def by_key(path: Path, name: str) -> dict[str, dict[str, str]]:
    """The same by sourcedId."""
    return {row["sourcedId"]: row for row in table(path, name)}


def modes(path: Path) -> dict[str, str]:
    """What the manifest says of the files that are there."""
    told = dict(read(path)["manifest"])
    return {
        name.removeprefix("file."): mode
        for name, mode in told.items()
        if name.startswith("file.") and mode != "absent"
    }


# -- a whole roster ---------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize("name", ["set", "set.zip"])
def test_a_set_is_as_the_standard_has_it(
    d: District, tmp_path: Path, version: str, name: str
) -> None:
    """A folder and a zip of both versions pass a check that knows the standard's tables alone."""
    done = export(d, tmp_path / name, version=version)
    assert complaints(tmp_path / name) == []
    assert done.records == sum(
        count for entity, count in reads.counts(d.database).items() if entity != "demographics"
    )


def test_records_have_the_keys_of_their_sis(d: District, tmp_path: Path) -> None:
    """Keys and references are the SIS's own, and rows stand in their order."""
    export(d, tmp_path / "set")
    users = table(tmp_path / "set", "users")
    assert [row["sourcedId"] for row in users] == sorted(d.sis.rows["users"])
    one = by_key(tmp_path / "set", "enrollments")["e003"]
    assert (one["userSourcedId"], one["classSourcedId"], one["schoolSourcedId"]) == (
        "u003", "c3", "o2",
    )  # fmt: skip
    role = table(tmp_path / "set", "roles")[0]
    assert (role["role"], role["roleType"], role["orgSourcedId"]) == ("student", "primary", "o1")


def test_a_part_with_a_comma_stays_one_part(d: District, tmp_path: Path) -> None:
    """A list in a cell is CSV itself, so that nobody takes one subject for two."""
    export(d, tmp_path / "set")
    [course] = table(tmp_path / "set", "courses")
    assert next(csv.reader([course["subjects"]])) == ["Art", "Math, pure"]


def test_nothing_is_made_harmless_in_a_standard_form(d: District, tmp_path: Path) -> None:
    """A value stands as it is in the roster, whatever a spreadsheet would make of it."""
    d.sis.change("users", "u000", given_name="=1+1")
    d.sync()
    export(d, tmp_path / "set")
    assert by_key(tmp_path / "set", "users")["u000"]["givenName"] == "=1+1"


def test_what_was_made_here_has_a_key_of_its_own_always_the_same(
    d: District, tmp_path: Path
) -> None:
    """A record that no SIS knows gets a UUID, the same in every export."""
    d.engine.create("orgs", {"name": "Ours", "type": "school"})
    export(d, tmp_path / "one")
    export(d, tmp_path / "two")
    [ours] = (row for row in table(tmp_path / "one", "orgs") if row["name"] == "Ours")
    assert uuid.UUID(ours["sourcedId"]).version == 5
    assert (tmp_path / "one/orgs.csv").read_bytes() == (tmp_path / "two/orgs.csv").read_bytes()


def test_a_dangling_reference_keeps_the_key_it_was_told_with(d: District, tmp_path: Path) -> None:
    """Whom a record refers to is told even where there is no such row."""
    d.sis.change("enrollments", "e001", **{"class": "nowhere"})
    d.sync()
    export(d, tmp_path / "set")
    assert by_key(tmp_path / "set", "enrollments")["e001"]["classSourcedId"] == "nowhere"


def test_demographics_are_told_only_where_they_are_asked_for(d: District, tmp_path: Path) -> None:
    """Birth dates leave the program by a word of their own."""
    d.sis.put("demographics", "u000", user="u000", birth_date="2012-05-06")
    d.sync()
    export(d, tmp_path / "without")
    export(d, tmp_path / "with", demographics=True)
    assert "demographics" not in read(tmp_path / "without")
    assert table(tmp_path / "with", "demographics")[0]["birthDate"] == "2012-05-06"


def test_demographics_are_found_by_the_key_of_their_person(d: District, tmp_path: Path) -> None:
    """A SIS that gives them keys of their own is told as the standard has it: by the person's."""
    d.sis.put("demographics", "own-key", user="u003", birth_date="2012-05-06")
    d.sync()
    export(d, tmp_path / "set", demographics=True)
    assert list(by_key(tmp_path / "set", "demographics")) == ["u003"]


def test_a_person_has_demographics_once(d: District, tmp_path: Path) -> None:
    """Of several records that under the person's own key is told, and that there are more."""
    for key, born in (("a", "2012-01-01"), ("u003", "2012-05-06"), ("z", "2012-12-31")):
        d.sis.put("demographics", key, user="u003", birth_date=born)
    d.sis.put("demographics", "b", user="u004", birth_date="2012-02-02")
    since = d.sync().id
    done = export(d, tmp_path / "set", demographics=True)
    told = by_key(tmp_path / "set", "demographics")
    assert {key: row["birthDate"] for key, row in told.items()} == {
        "u003": "2012-05-06", "u004": "2012-02-02",
    }  # fmt: skip
    assert len(table(tmp_path / "set", "demographics")) == 2
    assert Doubt("export_demographics_further", {"count": 2}) in done.notes
    d.sis.end("demographics", "a")
    d.sis.end("demographics", "b")
    d.sync()
    export(d, tmp_path / "later", demographics=True, since=since)
    ended = by_key(tmp_path / "later", "demographics")
    assert {key: row["status"] for key, row in ended.items()} == {"u004": "tobedeleted"}


def test_a_role_without_a_type_gets_the_only_one_it_can_have(d: District, tmp_path: Path) -> None:
    """1.2 demands a type: in each organization one role is the primary one, the others are not."""
    here = [{"role": "teacher", "org": "o1"}, {"role": "aide", "org": "o1"}]
    there = [{"role": "teacher", "org": "o1"}, {"role": "teacher", "org": "o2"}]
    said = [{"role": "aide", "org": "o1"}, {"role": "teacher", "org": "o1", "role_type": "primary"}]
    for key, roles in (("u000", here), ("u001", there), ("u002", said)):
        d.sis.change("users", key, roles=roles)
    d.sync()
    export(d, tmp_path / "set")
    types: dict[str, list[str]] = {}
    for row in table(tmp_path / "set", "roles"):
        types.setdefault(row["userSourcedId"], []).append(row["roleType"])
    assert sorted(types["u000"]) == ["primary", "secondary"]
    assert types["u001"] == ["primary", "primary"]
    assert sorted(types["u002"]) == ["primary", "secondary"]
    assert complaints(tmp_path / "set") == []


def test_what_an_older_version_cannot_say_is_counted(d: District, tmp_path: Path) -> None:
    """1.1 has one role a person and no pronouns: both are left out, and told."""
    roles = [{"role": "student", "org": "o1", "role_type": "primary"},
             {"role": "guardian", "org": "o2", "role_type": "secondary"}]  # fmt: skip
    d.sis.change("users", "u000", roles=roles, pronouns="they/them")
    d.sync()
    done = export(d, tmp_path / "set", version="1.1")
    row = by_key(tmp_path / "set", "users")["u000"]
    assert (row["role"], row["orgSourcedIds"]) == ("student", "o1")
    told = {(note.code, note.parameters.get("field")): note for note in done.notes}
    assert told["export_roles_left_out", None].parameters["count"] == 1
    assert "Pronouns" in note_text(told["export_field_left_out", "pronouns"])


def test_what_the_standard_demands_and_nobody_said_is_counted(d: District, tmp_path: Path) -> None:
    """A missing username stays blank in the file, and is told by file and column."""
    d.sis.change("users", "u000", username=None)
    d.sync()
    done = export(d, tmp_path / "set")
    assert done.notes == (
        Doubt("export_value_missing", {
            "file": "users.csv", "column": "username", "count": 1, "version": "1.2",
        }),
    )  # fmt: skip


def test_the_gradebook_is_told_with_all_that_belongs_to_it(d: District, tmp_path: Path) -> None:
    """Line items, results, scales, objectives and resources, each in its file and by its keys."""
    put = d.sis.put
    put("categories", "g1", title="Homework", weight=20)
    put("score_scales", "s1", title="Letters", type="letter", course="k1", **{"class": "c0"},
        score_scale_value=[{"item_value_lhs": "A", "item_value_rhs": "90"}])  # fmt: skip
    put("line_items", "l1", title="Quiz", assign_date="2026-09-01", due_date="2026-09-08",
        school="o1", category="g1", academic_session="t1", score_scale="s1",
        result_value_min=0, result_value_max=10.5, **{"class": "c0"},
        learning_objectives=[{"source": "case", "learning_objective_id": "lo-1"}])  # fmt: skip
    put("results", "r1", line_item="l1", student="u000", score_status="fully graded", score=9.0,
        score_date="2026-09-09", score_scale="s1", late=False,
        learning_objectives=[
            {"source": "case", "learning_objective_id": "lo-1", "score": 1.5}
        ])  # fmt: skip
    put("resources", "x1", title="Book", vendor_resource_id="isbn")
    d.sis.change("users", "u001", resources=["x1"])
    d.sis.change("classes", "c0", resources=["x1"])
    d.sync()
    out = tmp_path / "set"
    assert export(d, out).notes == ()
    assert complaints(out) == []
    [item] = table(out, "lineItems")
    assert (item["dueDate"], item["resultValueMax"]) == ("2026-09-08", "10.5")
    assert table(out, "results")[0]["score"] == "9"
    [scale] = table(out, "scoreScales")
    assert (scale["orgSourcedId"], scale["scoreScaleValue"]) == ("o1", "{A:90}")
    assert table(out, "resultLearningObjectiveIds")[0]["score"] == "1.5"
    for name in ("lineItemScoreScales", "resultScoreScales", "lineItemLearningObjectiveIds"):
        assert len(table(out, name)) == 1
    assert [row["resourceSourcedId"] for row in table(out, "userResources")] == ["x1"]
    assert [row["classSourcedId"] for row in table(out, "classResources")] == ["c0"]
    assert "courseResources" not in modes(out)


# -- several connectors -----------------------------------------------------------------------


def test_no_two_records_have_one_key(data_dir: Path, tmp_path: Path) -> None:
    """Where two SIS use the same keys, those of the first or of the chosen one stand."""
    one, other = ToySis(), ToySis()
    one.put("orgs", "1", name="North", type="school")
    other.put("orgs", "1", name="South", type="school")
    with district(data_dir, one, other=other) as d:
        d.sync()
        d.sync("other")
        for keys_of, wins in ((None, "North"), ("other", "South"), ("toy", "North")):
            path = tmp_path / str(keys_of)
            export(d, path, keys_of=keys_of)
            named = {row["name"]: row["sourcedId"] for row in table(path, "orgs")}
            assert named.pop(wins) == "1"
            [rest] = named.values()
            assert uuid.UUID(rest).version == 5


# -- what has changed -------------------------------------------------------------------------


def test_a_delta_tells_what_has_changed_since_a_sync(d: District, tmp_path: Path) -> None:
    """New and changed records are active, ended ones to be deleted, the rest is not there."""
    since = d.sync().id
    d.sis.change("users", "u001", given_name="Other")
    d.sis.end("enrollments", "e002")
    d.sis.put("orgs", "o9", name="New", type="school")
    d.sis.put("orgs", "gone", name="Gone", type="school")
    d.sync()
    d.sis.end("orgs", "gone")
    d.sync()
    out = tmp_path / "set"
    assert export(d, out, since=since).records == 3
    assert complaints(out) == []
    assert modes(out) == {"users": "delta", "enrollments": "delta", "orgs": "delta"}
    assert {row["sourcedId"]: row["status"] for name in modes(out) for row in table(out, name)} == {
        "u001": "active", "e002": "tobedeleted", "o9": "active",
    }  # fmt: skip
    assert table(out, "users")[0]["dateLastModified"] == "2026-09-07T02:00:00.000Z"


def test_a_delta_ends_the_roles_that_ended(d: District, tmp_path: Path) -> None:
    """Of a person who changed schools, the old role is to be deleted under the key it had."""
    export(d, tmp_path / "before")
    was = {r["userSourcedId"]: r["sourcedId"] for r in table(tmp_path / "before", "roles")}
    since = d.sync().id
    moved = [{"role": "student", "org": "o2", "role_type": "primary"}]
    d.sis.change("users", "u000", roles=moved)
    d.sis.end("users", "u001")
    d.sync()
    out = tmp_path / "set"
    export(d, out, since=since)
    roles = {row["sourcedId"]: row for row in table(out, "roles")}
    assert roles[was["u000"]]["status"] == "tobedeleted"
    assert roles[was["u001"]]["status"] == "tobedeleted"
    [new] = (row for row in roles.values() if row["status"] == "active")
    assert (new["userSourcedId"], new["orgSourcedId"]) == ("u000", "o2")


def test_a_delta_since_nothing_happened_is_empty(d: District, tmp_path: Path) -> None:
    """Nothing has changed: every file is absent, and the manifest says so."""
    since = d.sync().id
    assert export(d, tmp_path / "set", since=since).records == 0
    assert modes(tmp_path / "set") == {}


def test_what_another_sync_wrote_later_is_not_missed(data_dir: Path, tmp_path: Path) -> None:
    """A sync that began before the one asked about, and ended after it, belongs to the delta."""
    one, other = fill(ToySis()), ToySis()
    for n in range(20):
        other.put("courses", f"k{n:02}", title=f"Course {n}")
    with district(data_dir, one, other=other) as d:
        gate = Event()
        other.hook = lambda url: None if gate.wait(60) else pytest.fail("nobody opened the gate")
        first = d.engine.start("other")
        second = d.engine.start("toy")
        d.loop.run(until=lambda: reads.run(d.database, second).state == "completed")
        assert reads.run(d.database, first).state == "running"
        gate.set()
        d.loop.run(until=lambda: not d.engine.busy)
        export(d, tmp_path / "set", since=second)
        assert len(table(tmp_path / "set", "courses")) == 20


# -- whole, or not at all ---------------------------------------------------------------------


def test_an_older_set_goes_when_the_newer_one_is_whole(d: District, tmp_path: Path) -> None:
    """Files that the newer set does not have go with it; what is nobody's set stays untouched."""
    out = tmp_path / "set"
    since = d.sync().id
    export(d, out)
    (out / "notes.txt").write_text("mine")
    d.sis.change("orgs", "o1", name="Other")
    d.sync()
    export(d, out, since=since)
    assert sorted(one.name for one in out.iterdir()) == ["manifest.csv", "notes.txt", "orgs.csv"]


def test_files_of_nobodys_set_stay(d: District, tmp_path: Path) -> None:
    """In a folder without a manifest only files of the same names are replaced."""
    out = tmp_path / "set"
    out.mkdir()
    (out / "results.csv").write_text("mine")
    (out / "users.csv").write_text("replaced")
    export(d, out)
    assert (out / "results.csv").read_text() == "mine"
    assert len(table(tmp_path / "set", "users")) == 10


@pytest.mark.parametrize("name", ["set", "set.zip"])
def test_an_export_that_is_stopped_changes_nothing(d: District, tmp_path: Path, name: str) -> None:
    """Cancelled half way, what stood there before stands there still, and nothing beside it."""
    out = tmp_path / name
    export(d, out)
    before = read(out)
    d.sis.change("users", "u001", given_name="Other")
    d.sync()
    ended: list[Any] = []
    reply = Reply(ended.append)
    reply.cancel.set()
    d.engine.export(Order(form=FORM, path=str(out)), reply=reply)
    d.loop.run(until=lambda: bool(ended))
    assert isinstance(ended[0], Cancelled)
    assert read(out) == before
    assert [one.name for one in tmp_path.iterdir() if one.name != "data"] == [name]


class _Full:
    """A form whose disk is full after some files."""

    name, label, versions, manifest = "full", "Full", ("1",), "manifest.csv"
    filenames = frozenset({"manifest.csv", "users.csv"})

    def write(self, roster: Any, version: str, entities: Any, create: Callable[..., Any]) -> Any:
        create("users.csv").write("half")
        raise OSError(28, "No space left on device")


def test_a_full_disk_is_told_and_changes_nothing(d: District, tmp_path: Path) -> None:
    """The disk fills up half way: it is said by its name, and the older set is still there."""
    out = tmp_path / "set"
    export(d, out)
    before = read(out)
    engine = Engine(replace(d.world, exporters={"full": _Full()}), d.loop)
    ended: list[Any] = []
    engine.export(Order(form="full", path=str(out)), reply=Reply(ended.append))
    d.loop.run(until=lambda: bool(ended))
    assert ended[0].code == "disk_full"
    assert read(out) == before


class _Gated:
    """A form whose writing begins when somebody opens its gate."""

    name, label, versions, manifest = "gated", "Gated", ("1",), "manifest.csv"
    filenames = frozenset({"manifest.csv"})

    def __init__(self) -> None:
        self.writes, self.gate = Event(), Event()

    def write(self, roster: Any, version: str, entities: Any, create: Callable[..., Any]) -> Any:
        file = create("manifest.csv")
        self.writes.set()
        if not self.gate.wait(60):
            pytest.fail("nobody opened the gate")
        file.write("gated")
        return []


def test_two_exports_at_once_are_written_one_after_the_other(d: District, tmp_path: Path) -> None:
    """The second waits for the first, as long as it is wanted; no set is half of each."""
    out, form = tmp_path / "set", _Gated()
    exporters = {**d.world.exporters, "gated": form}
    engine = Engine(replace(d.world, exporters=exporters), d.loop)
    first: list[Any] = []
    second: list[Any] = []
    given_up: list[Any] = []
    engine.export(Order(form="gated", path=str(out)), reply=Reply(first.append))
    d.loop.run(until=form.writes.is_set)
    engine.export(Order(form=FORM, path=str(out)), reply=Reply(second.append))
    reply = Reply(given_up.append)
    engine.export(Order(form=FORM, path=str(out)), reply=reply)
    reply.cancel.set()
    d.loop.run(until=lambda: bool(given_up))
    assert isinstance(given_up[0], Cancelled)
    assert not first
    assert not second
    form.gate.set()
    d.loop.run(until=lambda: bool(first and second))
    assert isinstance(first[0], Exported)
    assert isinstance(second[0], Exported)
    assert complaints(out) == []


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"form": "paper"}, "export_form_unknown"),
        ({"form": FORM, "version": "3"}, "export_version_unknown"),
        ({"form": FORM, "keys_of": "nobody"}, "connector_unknown"),
        ({"form": FORM, "since": 999}, "run_unknown"),
    ],
)
def test_what_cannot_be_is_refused(
    d: District, tmp_path: Path, asked: dict[str, Any], code: str
) -> None:
    """An order that names what is not there writes nothing and says what is wrong."""
    ended: list[Any] = []
    d.engine.export(Order(path=str(tmp_path / "set"), **asked), reply=Reply(ended.append))
    d.loop.run(until=lambda: bool(ended))
    assert isinstance(ended[0], UsageError | NotFound)
    assert ended[0].code == code
    assert not (tmp_path / "set").exists()


# -- after a sync -----------------------------------------------------------------------------


def _last(d: District) -> exporting.LastTime:
    found = following(d.database)
    assert found is not None
    assert found.last is not None
    return found.last


def test_every_good_sync_is_followed_by_the_export_that_is_set(d: District, tmp_path: Path) -> None:
    """Set once, it is written after each good sync, told in its log, and gone when switched off."""
    out = tmp_path / "set"
    d.engine.export_after_sync(Order(form=FORM, path=str(out)))
    run = d.sync().id
    assert len(table(out, "users")) == 10
    assert "export_written" in d.log(run)
    assert (_last(d).run, _last(d).written, _last(d).code) == (run, run, "export_written")
    d.engine.export_after_sync(None)
    assert following(d.database) is None
    assert "export_written" not in d.log(d.sync().id)


def test_it_is_withheld_while_removals_wait(data_dir: Path, tmp_path: Path) -> None:
    """Nobody gets a roster about which a person has still to decide; approved, it is written."""
    out = tmp_path / "set"
    with district(data_dir, fill(ToySis(), people=40)) as d:
        d.engine.export_after_sync(Order(form=FORM, path=str(out)))
        first = d.sync().id
        before = read(out)
        for n in range(14):
            d.sis.end("enrollments", f"e{n:03d}")
        run = d.sync()
        assert run.state == "waiting"
        assert "export_withheld_removals" in d.log(run.id)
        assert (_last(d).parameters, _last(d).written) == ({"count": 14}, first)
        assert read(out) == before
        approval = d.engine.approve(run.id)
        d.loop.run(until=lambda: not d.engine.busy)
        assert (_last(d).run, _last(d).written) == (approval, approval)
        assert len(table(out, "enrollments")) == 26


def test_a_sync_that_failed_or_was_a_preview_is_not_followed(d: District, tmp_path: Path) -> None:
    """Only what is good is handed on."""
    out = tmp_path / "set"
    d.engine.export_after_sync(Order(form=FORM, path=str(out)))
    d.engine.start("toy", preview=True)
    d.loop.run(until=lambda: not d.engine.busy)

    def fails(url: str) -> None:
        raise SyncError("toy_fails")

    d.sis.hook = fails
    assert d.sync().state == "failed"
    assert not out.exists()


def test_a_place_that_is_gone_is_told_and_fails_no_sync(d: District, tmp_path: Path) -> None:
    """What cannot be written is a line in the sync's log, and the sync is as good as before."""
    (tmp_path / "file").write_text("")
    d.engine.export_after_sync(Order(form=FORM, path=str(tmp_path / "file" / "set")))
    run = d.sync()
    assert run.state == "completed"
    assert "file_not_written" in d.log(run.id)
    assert _last(d).code == "file_not_written"


def test_changes_alone_cannot_follow_every_sync(d: District, tmp_path: Path) -> None:
    """A set of changes that nobody fetched in time would be lost, so the whole roster is set."""
    with pytest.raises(UsageError) as refused:
        d.engine.export_after_sync(Order(form=FORM, path=str(tmp_path), since=1))
    assert refused.value.code == "export_follows_whole"
    assert following(d.database) is None
