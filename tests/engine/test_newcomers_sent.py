"""What only other SIS know is made at one, where that is switched on (issue 6; SEMANTICS D4, F)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.connectors.contract import New
from app.engine.outbox import MOST_CREATED
from app.store import outbox, reads
from tests.engine.toy import District, ToySis, district, fill

ALL = ("create", "update", "delete")


@contextmanager
def two(data_dir: Path, other: ToySis, people: int = 3) -> Iterator[District]:
    """A district whose people one SIS knows, and another that takes people; both were read."""
    other.writable = {"users": ALL, "enrollments": ALL}
    with district(data_dir, fill(ToySis(), people), other=other) as d:
        d.without_limits()
        d.sync()
        d.sync("other")
        yield d


def schools() -> ToySis:
    """A SIS that knows the schools of ``fill``, and somebody else there in a class of its own."""
    sis = fill(ToySis(), people=0)
    sis.vanish("classes", *list(sis.rows["classes"]))
    sis.put("users", "x", given_name="Ana", family_name="Elsewhere")
    sis.put("classes", "y", title="Another class", school="o1")
    sis.put("enrollments", "z", user="x", role="student", **{"class": "y"})
    return sis


def names(sis: ToySis) -> list[str]:
    """Who is there but for her."""
    return sorted(row["given_name"] for key, row in sis.rows["users"].items() if key != "x")


def test_nobody_is_made_elsewhere_unless_that_is_switched_on(data_dir: Path) -> None:
    """The default: what one SIS tells is here, and is not sent to another."""
    with two(data_dir, other := schools()) as d:
        assert d.sync("other").total("pushed") == 0
        assert other.wrote == []


def test_people_are_made_at_the_other_sis(data_dir: Path) -> None:
    """Switched on: they are there with the next sync, one record each, and stay so."""
    with two(data_dir, other := schools()) as d:
        d.engine.set_switches("other", send_creates=True)
        assert d.sync("other").total("pushed") == 3
        assert names(other) == ["Given 0", "Given 1", "Given 2"]
        for name in ("toy", "other", "other"):
            run = d.sync(name, full=True)
            done = [run.total(count) for count in ("created", "updated", "deleted", "pushed")]
            assert (run.state, done) == ("completed", [0, 0, 0, 0])
        assert len(reads.record_ids(d.database, "users")) == 4


def test_what_refers_to_what_is_unknown_there_is_no_matter_there(data_dir: Path) -> None:
    """Enrollments of classes that the other SIS does not have are not in the way as *not sent*."""
    with two(data_dir, other := schools()) as d:
        d.engine.set_switches("other", send_creates=True)
        d.sync("other")
        d.sync("other")
        assert {entity for _, entity, _ in other.wrote} == {"users"}
        assert outbox.unsent(d.database) == []


def test_many_at_once_wait_for_a_person(data_dir: Path) -> None:
    """Switched on by mistake, no SIS is filled with copies: they wait, and go once approved."""
    many = MOST_CREATED + 1
    with two(data_dir, other := schools(), people=many) as d:
        d.engine.set_switches("other", send_creates=True)
        run = d.sync("other")
        assert (run.total("pushed"), other.wrote) == (0, [])
        assert "push_creates_many" in d.log(run.id)
        held = outbox.unsent(d.database, "other")
        assert {(one.state, one.words) for one in held} == {("held", "creations")}
        list(d.steps(d.engine.approve(run.id)))
        assert d.sync("other").total("pushed") == many


def test_who_has_left_the_other_sis_is_not_made_there_again(data_dir: Path) -> None:
    """D4: an end there is that SIS's word about it, whatever others say."""
    with two(data_dir, other := schools()) as d:
        d.engine.set_switches("other", send_creates=True)
        d.sync("other")
        gone = next(key for key in other.rows["users"] if key != "x")
        other.end("users", gone)
        d.sync("other")
        other.wrote.clear()
        d.sync("other", full=True)
        assert other.wrote == []
        assert len(reads.record_ids(d.database, "users")) == 4


def test_whom_the_sis_does_not_take_is_not_asked_to_be_made_there(data_dir: Path) -> None:
    """Made here by hand and refused there in any case, they are no part of the approval."""
    with two(data_dir, other := schools(), people=MOST_CREATED) as d:
        other.new["users"] = (New(fields=("email",)),)
        d.sync("other")
        d.engine.set_switches("other", send_creates=True)
        d.engine.create("users", {"given_name": "Al", "family_name": "Vega"}, "Ana")
        run = d.sync("other")
        assert "push_creates_many" not in d.log(run.id)
        assert len(names(other)) >= MOST_CREATED
