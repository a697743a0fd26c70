"""One record, or one class, looked for in all the files; never proof enough to end anybody."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.connectors.conformance import Pulled, run
from app.connectors.files import FileTransport
from app.connectors.oneroster.csv import KIND
from app.engine.apart import Reply
from app.engine.lookup import Found
from app.engine.roll import Roll
from app.store import journal, looking, reads
from tests.connectors.oneroster.csv.desk import Desk, Shelf
from tests.connectors.oneroster.csv.district import Tables, files, manifest, put, tables, text
from tests.simulation.keeping import NAME, Keeping, keeping


def rolled(folder: Path, class_key: str) -> Pulled:
    """The roll of a class, to its end."""
    told = Pulled()
    with closing(FileTransport()) as transport:
        run(Desk(folder).open().roll(class_key, Shelf()), transport, told.take)
    return told


def doubts(told: Pulled) -> list[str]:
    """What casts a doubt on a roll."""
    return [doubt.code for page in told.pages for doubt in page.doubts]


def test_a_roll_is_part_of_the_list(tmp_path: Path):
    """The rows of one class, as a pull tells them."""
    put(tmp_path, files(tables()))
    told = rolled(tmp_path, "k1")
    assert sorted(told.rows) == [f"e{n:03d}" for n in range(1, 63, 6)]
    assert told.rows.items() <= Desk(tmp_path).pull("enrollments").rows.items()
    assert doubts(told) == []
    assert not any(page.full for page in told.pages)


def without(name: str) -> Tables:
    """The same district without a file."""
    made = tables()
    del made[name]
    return made


@pytest.mark.parametrize(
    ("made", "class_key", "why"),
    [(tables(), "k9", "class_not_there"), (without("enrollments"), "k1", "file_absent")],
)
def test_what_is_not_told_is_doubted(tmp_path: Path, made: Tables, class_key: str, why: str):
    """A class that is not in the files, and a set without enrollments, have no empty roll."""
    put(tmp_path, files(made))
    told = rolled(tmp_path, class_key)
    assert (told.rows, doubts(told)) == ({}, [why])


def test_changes_alone_are_no_roll(tmp_path: Path):
    """Who does not come with the changes may be in the class all the same."""
    now = {"status": "active", "dateLastModified": "2026-09-01T00:00:00.000Z"}
    made = tables()
    changes = [{**row, **now} for row in made["enrollments"][:12]]
    told = files(made)
    told["enrollments.csv"] = text("enrollments", changes)
    says = dict.fromkeys(made, "bulk") | {"enrollments": "delta"}
    told["manifest.csv"] = manifest("1.2", says)
    put(tmp_path, told)
    roll = rolled(tmp_path, "k1")
    assert sorted(roll.rows) == ["e001", "e007"]
    assert "roll_of_changes" in doubts(roll)


@pytest.fixture
def kept(data_dir: Path, tmp_path: Path) -> Iterator[Keeping]:
    """A roster that has read a whole set once, of which somebody has left and another has come."""
    put(tmp_path / "set", files(tables()))
    settings = {"path": str(tmp_path / "set")}
    with keeping(data_dir, KIND, settings, {}, lambda _: FileTransport(), 25) as found:
        assert found.sync(full=False).state == "completed"
        made = tables()
        gone = next(row for row in made["enrollments"] if row["sourcedId"] == "e001")
        made["enrollments"].remove(gone)
        made["enrollments"].append({**gone, "sourcedId": "e900", "userSourcedId": "u900"})
        put(tmp_path / "set", files(made))
        yield found


def answer(kept: Keeping, ask: Callable[..., None], *args: object) -> Any:
    """What a command replies."""
    got: list[Any] = []
    ask(*args, reply=Reply(got.append))
    kept.loop.run(until=lambda: bool(got))
    return got[0]


def record(kept: Keeping, entity: str, key: str) -> int:
    """The record of a key."""
    with kept.database.reading() as tx:
        connector = journal.connector(tx, NAME).id
        return looking.ids_of(tx, connector, entity, [key])[key]


def test_a_record_is_found_in_the_files(kept: Keeping, tmp_path: Path):
    """Nothing can be asked by its key, and what the newest files say is told all the same."""
    person, before = record(kept, "users", "u001"), kept.roster()
    [told] = answer(kept, kept.engine.look_up, "users", person).told
    assert (told.found, told.differing) == (Found.THERE, ())
    assert told.now["roles"] == told.agreed["roles"]
    made = tables()
    made["users"][1]["email"] = "new@example.org"
    made["roles"][1]["role"] = "teacher"
    put(tmp_path / "set", files(made))
    [told] = answer(kept, kept.engine.look_up, "users", person).told
    assert set(told.differing) == {"email", "roles"}
    del made["users"][1], made["demographics"]
    put(tmp_path / "set", files(made))
    [told] = answer(kept, kept.engine.look_up, "users", person).told
    assert told.found is Found.GONE
    assert kept.roster() == before


def test_files_that_say_nothing_of_it_are_no_answer(kept: Keeping, tmp_path: Path):
    """Where the file is missing nobody is said to be gone."""
    (tmp_path / "set" / "enrollments.csv").unlink()
    seat = record(kept, "enrollments", "e002")
    [told] = answer(kept, kept.engine.look_up, "enrollments", seat).told
    assert told.found is Found.FAILED
    assert told.error is not None


def test_a_class_is_compared_with_the_files(kept: Keeping):
    """Who came and who left; whom nobody has heard of is told by the key."""
    [roll] = answer(kept, kept.engine.roll, record(kept, "classes", "k1")).rolls
    assert isinstance(roll, Roll)
    assert roll.complete
    assert {seat.key: seat.user for seat in roll.seats if seat.ours is None} == {"e900": "u900"}
    assert [seat.key for seat in roll.seats if seat.now is None] == ["e001"]


def test_who_left_a_class_waits(kept: Keeping):
    """D1: files are not read by key; and a sync of a class is no proof for the next whole one."""
    before = kept.roster()
    run = kept.engine.sync_class(NAME, record(kept, "classes", "k1"))
    kept.loop.run(until=lambda: not kept.engine.busy)
    done = reads.run(kept.database, run)
    assert (done.state, done.total("created"), done.total("waiting")) == ("waiting", 1, 1)
    assert kept.roster().keys() - before.keys() == {("enrollments", "e900")}
    assert "rows_left" in [line.code for line in reads.run_log(kept.database, run)]
    assert kept.sync(full=False).state == "waiting"
    assert ("enrollments", "e001") in kept.roster()
