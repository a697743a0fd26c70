"""What a SIS says right now of a record and of a class, beside what stands here."""

from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from app.engine.apart import Reply
from app.engine.fetching import Within
from app.engine.lookup import Found, LookedUp, Standing, standing
from app.engine.roll import Rolls
from app.errors import Cancelled, NotFound, TransientError
from app.roster.entities import ENTITIES
from app.store import reads
from tests.engine.rows import person, rows_district, schools
from tests.engine.test_matching import both
from tests.engine.toy import GARBLED, District, ToySis, district, fill


def answer(d: District, ask: Callable[..., None], *args: Any, cancel: Event | None = None) -> Any:
    """What a command replies."""
    got: list[Any] = []
    ask(*args, reply=Reply(got.append, cancel or Event()))
    d.loop.run(until=lambda: bool(got))
    return got[0]


def looked_up(d: District, entity: str, key: str) -> LookedUp:
    """What a look-up of the record of a key replies."""
    found = answer(d, d.engine.look_up, entity, d.id(entity, key))
    assert isinstance(found, LookedUp)
    return found


def roll(d: District, key: str = "c1") -> Rolls:
    """The roll of the class of a key."""
    found = answer(d, d.engine.roll, d.id("classes", key))
    assert isinstance(found, Rolls)
    return found


def traces(d: District) -> list[Any]:
    """All that the database holds, whatever it is about."""
    with d.database.reading() as tx:
        tables = [name for (name,) in tx.rows("SELECT name FROM sqlite_master WHERE type='table'")]
        return [list(tx.rows(f"SELECT * FROM {name}")) for name in tables]


CELLS = {
    ("a", "a", "a"): Standing.SAME,
    ("a", "b", "a"): Standing.THEIRS,
    ("b", "a", "a"): Standing.OURS,
    ("b", "c", "a"): Standing.BOTH,
    ("b", "b", "a"): Standing.SAME,
    ("a", "b", None): Standing.BOTH,
    (None, "b", None): Standing.THEIRS,
    ("b", None, None): Standing.OURS,
}


@pytest.mark.parametrize(("sides", "how"), CELLS.items())
def test_how_a_field_stands(sides: tuple[str | None, ...], how: Standing) -> None:
    """Ours, theirs and what was agreed tell who moved."""
    names = ENTITIES["orgs"].field_names
    ours, now, agreed = ({**dict.fromkeys(names), "name": side} for side in sides)
    assert standing(ENTITIES["orgs"], ours, now, agreed)["name"] is how
    del now["name"]
    assert standing(ENTITIES["orgs"], ours, now, agreed)["name"] is Standing.UNSAID


def test_a_record_is_looked_up(data_dir: Path) -> None:
    """What the SIS changed and what we changed are told apart, and nothing is written."""
    with district(data_dir) as d:
        d.sync()
        d.engine.edit("classes", d.id("classes", "c1"), {"location": "Room 7"})
        d.sis.change("classes", "c1", title="Algebra", school="o1")
        before = traces(d)
        found = looked_up(d, "classes", "c1")
        (told,) = found.told
        assert (told.connector, told.keys, told.found) == ("toy", ("c1",), Found.THERE)
        assert set(told.differing) == {"title", "school", "location"}
        assert told.standing["title"] is told.standing["school"] is Standing.THEIRS
        assert told.standing["location"] is Standing.OURS
        assert (told.now["school"], told.agreed["title"]) == (d.id("orgs", "o1"), "Class 1")
        assert found.titles[d.id("orgs", "o1")] == "School 1"
        assert traces(d) == before


def test_an_unknown_reference_stays_a_key(data_dir: Path) -> None:
    """Whom the SIS names and nobody here has heard of is told by the key."""
    with district(data_dir) as d:
        d.sync()
        d.sis.change("enrollments", "e001", user="u999")
        (told,) = looked_up(d, "enrollments", "e001").told
        assert told.now["user"] == "u999"
        assert told.differing == ("user",)


@pytest.mark.parametrize(
    ("what", "found"),
    [
        (lambda sis: sis.vanish("users", "u001"), Found.GONE),
        (lambda sis: sis.end("users", "u001"), Found.ENDED),
        (lambda sis: sis.put("users", "u001", **GARBLED), Found.UNREADABLE),
    ],
)
def test_what_is_not_there_is_told(
    data_dir: Path, what: Callable[[ToySis], None], found: Found
) -> None:
    """Gone, ended and not understood are three answers, and none of them ends a record."""
    with district(data_dir) as d:
        d.sync()
        what(d.sis)
        looked = looked_up(d, "users", "u001")
        assert [one.found for one in looked.told] == [found]
        assert looked.told[0].standing == {}
        assert looked.record.alive


def test_who_cannot_be_asked_says_why(data_dir: Path) -> None:
    """A SIS that reads nothing by key, and one that fails, keep nobody else from answering."""
    sis, other = fill(ToySis(by_key=False)), fill(ToySis())
    with district(data_dir, sis, other=other) as d:
        d.sync()
        (told,) = looked_up(d, "orgs", "o1").told
        assert told.found is Found.NOT_ASKED
        assert told.error is not None
        assert told.error.code == "not_read_by_key"
        sis.by_key = True

        def hook(url: str) -> None:
            raise TransientError("server_error", status=503)

        sis.hook = hook
        (told,) = looked_up(d, "orgs", "o1").told
        assert told.found is Found.FAILED
        assert told.error is not None
        assert told.error.code == "server_error"


def test_a_look_needs_no_lock(data_dir: Path) -> None:
    """A record is looked up while its connector is being synced."""
    with district(data_dir) as d:
        d.sync()
        run = d.engine.start("toy", full=True)
        steps = d.steps(run)
        next(steps)
        assert looked_up(d, "orgs", "o1").told[0].found is Found.THERE
        assert d.engine.busy
        for _ in steps:
            pass
        assert reads.run(d.database, run).state == "completed"


def test_a_look_can_be_cancelled(data_dir: Path) -> None:
    """Whoever cancels after the first answer gets that as the reply, and nothing more is asked."""
    with district(data_dir) as d:
        d.sync()
        cancel = Event()
        d.sis.asked.clear()
        d.sis.hook = lambda url: cancel.set()
        told = answer(d, d.engine.roll, d.id("classes", "c1"), cancel=cancel)
        assert isinstance(told, Cancelled)
        assert len(d.sis.asked) == 1


def test_nobody_is_looked_up_who_is_not_here(data_dir: Path) -> None:
    """An unknown record is the answer, for a person as for a class."""
    with district(data_dir) as d:
        assert isinstance(answer(d, d.engine.look_up, "users", 4711), NotFound)
        assert isinstance(answer(d, d.engine.roll, 4711), NotFound)


def test_several_rows_are_one_answer(data_dir: Path) -> None:
    """A5: who is told by several rows is looked up by all of them."""
    sis = schools(ToySis())
    for n in (1, 2):
        person(sis, f"u{n}", "4711", f"o{n}")
    with rows_district(data_dir, sis) as d:
        d.sync()
        sis.change("users", "u2", email="ada@district.example")
        (told,) = looked_up(d, "users", "u1").told
        assert told.keys == ("u1", "u2")
        assert {role[1] for role in told.now["roles"] or ()} == {
            d.id("orgs", "o1"), d.id("orgs", "o2"),
        }  # fmt: skip


# -- a class --------------------------------------------------------------------------------------


def test_a_roll_is_compared(data_dir: Path) -> None:
    """Who came, who left and who changed come first; nothing is written."""
    with district(data_dir) as d:
        d.sync()
        d.sis.put(
            "enrollments", "e900",
            user="u002", **{"class": "c1"}, school="o2", role="student",
        )  # fmt: skip
        d.sis.vanish("enrollments", "e005")
        d.sis.change("enrollments", "e009", role="teacher")
        before = traces(d)
        (told,) = roll(d).rolls
        assert (told.found, told.complete, told.key) == (Found.THERE, True, "c1")
        seats = {seat.key: seat for seat in told.seats}
        assert sorted(filter(None, seats)) == ["e001", "e005", "e009", "e900"]
        assert [seat.differs for seat in told.seats] == [True, True, True, False]
        assert (seats["e900"].enrollment, seats["e900"].user) == (None, d.id("users", "u002"))
        assert (seats["e005"].now, seats["e005"].enrollment) == (None, d.id("enrollments", "e005"))
        assert seats["e009"].standing["role"] is Standing.THEIRS
        assert seats["e009"].role == "teacher"
        assert traces(d) == before


def test_a_class_that_is_gone_has_no_roll(data_dir: Path) -> None:
    """The class is asked for first."""
    with district(data_dir) as d:
        d.sync()
        d.sis.vanish("classes", "c1")
        (told,) = roll(d).rolls
        assert (told.found, told.seats) == (Found.GONE, ())


def test_a_doubtful_roll_says_so(data_dir: Path) -> None:
    """What the connector doubts is told, and the roll is not complete."""
    with district(data_dir) as d:
        d.sync()
        d.sis.scope = "doubtful"
        (told,) = roll(d).rolls
        assert not told.complete
        assert [doubt.code for doubt in told.doubts] == ["toy_doubt"]
        d.sis.scope, d.sis.keyless = "all", 1
        assert not roll(d).rolls[0].complete


def test_who_ended_on_one_side_differs(data_dir: Path) -> None:
    """Ended here and on the roll, or back on it after the SIS had ended it: neither is agreed."""
    with district(data_dir) as d:
        d.sync()
        d.engine.end_record("enrollments", d.id("enrollments", "e001"))
        row = d.sis.rows["enrollments"]["e005"]
        d.sis.end("enrollments", "e005")
        d.sync()
        d.sis.put("enrollments", "e005", **row)
        (told,) = roll(d).rolls
        seats = {seat.key: seat for seat in told.seats}
        for key, agreed in (("e001", True), ("e005", False)):
            assert (seats[key].ours, seats[key].differs) == (None, True)
            assert (seats[key].agreed is not None) is agreed


def test_an_unreadable_seat_does_not_look_like_one_who_left(data_dir: Path) -> None:
    """C6: a row that is not understood stays with what is here."""
    with district(data_dir) as d:
        d.sync()
        d.sis.rows["enrollments"]["e001"] = GARBLED
        (told,) = roll(d).rolls
        (seat,) = [seat for seat in told.seats if seat.key == "e001"]
        assert (seat.unreadable, seat.differs) == (True, False)
        assert seat.ours is not None


def test_every_sis_that_knows_a_record_is_asked(data_dir: Path) -> None:
    """One after the other: that the first is done with cancels nobody else."""
    with both(data_dir) as d:
        d.sync()
        d.sync("other")
        found = looked_up(d, "users", "a-u1")
        assert {one.connector: one.found for one in found.told} == {
            "other": Found.THERE, "toy": Found.THERE,
        }  # fmt: skip
        rolls = roll(d, "a-c1").rolls
        assert {one.connector: one.complete for one in rolls} == {"other": True, "toy": True}


def test_what_lies_within_ends_by_itself_and_with_the_whole() -> None:
    """A part that ends cancels nothing else; the whole ends its parts."""
    whole = Event()
    part, other = Within(whole), Within(whole)
    part.set()
    assert (part.is_set(), other.is_set(), whole.is_set()) == (True, False, False)
    assert other.wait(0.01) is False
    whole.set()
    assert other.wait()
