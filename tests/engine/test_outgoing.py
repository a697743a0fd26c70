"""What is going to be sent is told before it goes, and a person can stop it (F1, G2)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.connectors.contract import New
from app.engine import preview
from app.engine.outbox import MOST_CREATED
from app.engine.outgoing import FieldChange, Outgoing, fields_told, outgoing
from app.engine.told import value_text
from app.errors import UsageError
from app.roster.entities import ENTITIES
from app.store import outbox, reads
from tests.engine.test_asked_before_made import LUIS, ZOE
from tests.engine.test_matching import both, person
from tests.engine.toy import District

WRITES = ("create", "update", "delete")


@contextmanager
def writing(folder: Path, **switches: bool) -> Iterator[District]:
    """A town that both tell of; the second takes people."""
    with both(folder) as d:
        d.other.writable = {"users": WRITES}
        d.sync()
        d.sync("other")
        if switches:
            d.engine.set_switches("other", **switches)
        d.sync("other")
        yield d


def one(d: District) -> Outgoing:
    """What is to be sent, which is one record."""
    [found] = outgoing(d.database)
    return found


def test_an_edit_is_told_with_what_is_there_and_what_comes(data_dir: Path) -> None:
    """Field by field, before any sync; afterwards nothing is left."""
    with writing(data_dir) as d:
        record = d.id("users", "b-u0")
        d.engine.edit("users", record, {"given_name": "Zoila", "phone": "+1 555 0100"}, "Ana")
        found = one(d)
        assert (found.connector, found.entity, found.record) == ("other", "users", record)
        assert (found.action, found.state) == ("update", "waiting")
        assert found.fields == (
            FieldChange("given_name", "Given0", "Zoila"),
            FieldChange("phone", None, "+15550100"),
        )
        d.sync("other")
        assert outgoing(d.database) == []


def test_what_is_stopped_stays_here_and_is_not_sent(data_dir: Path) -> None:
    """Later edits of other fields go; the undo of the stop has it sent after all."""
    with writing(data_dir) as d:
        record = d.id("users", "b-u0")
        d.engine.edit("users", record, {"given_name": "Zoila"}, "Ana")
        stopped = d.engine.stop_sending("other", [record])
        assert outgoing(d.database) == []
        d.sync("other")
        d.engine.edit("users", record, {"phone": "+1 555 0100"}, "Ana")
        d.sync("other")
        assert d.other.rows["users"]["b-u0"]["given_name"] == "Given0"
        assert d.other.rows["users"]["b-u0"]["phone"] == "+15550100"
        assert d.values("users", "b-u0")["given_name"] == "Zoila"
        d.engine.undo(stopped)
        assert [one.field for one in one(d).fields] == ["given_name"]
        d.sync("other")
        assert d.other.rows["users"]["b-u0"]["given_name"] == "Zoila"


def test_a_newcomer_is_told_and_stopped_before_any_sync_has_looked(data_dir: Path) -> None:
    """Not made then, whatever else becomes of them, until the stop is undone."""
    with writing(data_dir, send_creates=True) as d:
        person(d.sis, "a-z", **ZOE)
        d.sync()
        found = one(d)
        assert (found.connector, found.action, found.state) == ("other", "create", "waiting")
        assert FieldChange("given_name", None, "Zoe") in found.fields
        stopped = d.engine.stop_sending("other", [found.record])
        d.sis.change("users", "a-z", phone="+1 555 0100")
        d.sync()
        d.sync("other")
        d.sync("other", full=True)
        assert d.other.wrote == []
        assert (one(d).state, one(d).action) == ("kept", "create")
        d.engine.undo(stopped)
        d.sync("other")
        assert len(d.other.wrote) == 1


def test_an_end_that_is_stopped_is_not_sent(data_dir: Path) -> None:
    """It ended here alone."""
    with writing(data_dir, send_deletes=True) as d:
        record = d.id("users", "b-u0")
        d.engine.end_record("users", record)
        assert (one(d).action, one(d).fields) == ("delete", ())
        d.engine.stop_sending("other", [record])
        d.sync("other")
        assert "b-u0" in d.other.rows["users"]


def test_of_what_is_not_to_be_sent_nothing_is_stopped(data_dir: Path) -> None:
    """Told as such, and no change set is left behind."""
    with writing(data_dir) as d:
        with pytest.raises(UsageError) as refused:
            d.engine.stop_sending("other", [d.id("users", "b-u0")])
        assert refused.value.code == "nothing_to_stop"


def test_too_many_newcomers_are_told_as_waiting(data_dir: Path) -> None:
    """As the next sync would have them wait."""
    with writing(data_dir, send_creates=True) as d:
        for n in range(MOST_CREATED + 1):
            person(d.sis, f"a-z{n}", identifier=f"Z{n}", given_name=f"Z{n}", family_name=f"Y{n}")
        d.sync()
        assert {(one.state, one.words) for one in outgoing(d.database)} == {("held", "creations")}
        d.sync("other")
        assert {(one.state, one.words) for one in outgoing(d.database)} == {("held", "creations")}


def test_who_is_asked_about_is_told_with_that(data_dir: Path) -> None:
    """Before and after the sync that would have made them."""
    with writing(data_dir, send_creates=True) as d:
        person(d.sis, "a-z", **ZOE)
        person(d.other, "b-z", **LUIS)
        d.engine.set_switches("other", send_creates=False)
        d.sync()
        d.sync("other")
        d.engine.set_switches("other", send_creates=True)
        assert one(d).words == outbox.IN_DOUBT
        d.sync("other")
        assert one(d).words == outbox.IN_DOUBT


def test_whom_the_sis_does_not_take_is_neither_told_nor_queued(data_dir: Path) -> None:
    """By role, by what is blank, and by what belongs to them; nor who is at no school there."""
    with both(data_dir) as d:
        d.other.writable = {"users": ("create", "update")}
        d.other.new["users"] = (
            New(frozenset({"student"}), ("identifier",), (("demographics", "birth_date"),)),
        )
        d.sync()
        d.sync("other")
        d.engine.set_switches("other", send_creates=True)
        d.sis.put("orgs", "a-o9", name="School 9", type="school", identifier="0009")
        told = {"given_name": "Al", "enabled_user": True}
        for n, (role, number, school, born) in enumerate([
            ("teacher", "T1", "a-o1", True), ("student", None, "a-o1", True),
            ("student", "S2", "a-o1", False), ("student", "S3", "a-o9", True),
            ("student", "S4", "a-o1", True),
        ]):  # fmt: skip
            roles = [{"role": role, "org": school}]
            d.sis.put("users", f"a-z{n}", **told, family_name=f"F{n}", identifier=number,
                      roles=roles)  # fmt: skip
            if born:
                d.sis.put("demographics", f"a-z{n}", user=f"a-z{n}", birth_date=f"2011-01-0{n + 1}")
        d.sync()
        wanted = d.id("users", "a-z4")
        before = {row.record for row in outgoing(d.database)}
        assert wanted in before
        assert not before & {d.id("users", f"a-z{n}") for n in range(3)}
        run = d.sync("other")
        assert run.total("pushed") == 1
        assert outgoing(d.database) == []
        assert [d.other.rows["users"][key]["identifier"] for _, _, key in d.other.wrote] == ["S4"]


def test_a_preview_lists_what_would_be_sent_and_sends_nothing(data_dir: Path) -> None:
    """Edits and newcomers, with their fields; the sync that follows sends just these."""
    with writing(data_dir, send_creates=True) as d:
        person(d.sis, "a-z", **ZOE)
        d.sync()
        d.engine.edit("users", d.id("users", "b-u0"), {"given_name": "Zoila"}, "Ana")
        run = d.engine.start("other", preview=True)
        for _ in d.steps(run):
            pass
        assert reads.run(d.database, run).total("pushed") == 2
        plan = preview.plan(d.database, run)
        assert sorted((one.action, plan.titles[one.record]) for one in plan.sends) == [
            ("create", "Zoe Xu"), ("update", "Zoila Family0"),
        ]  # fmt: skip
        assert d.other.wrote == []
        assert d.sync("other").total("pushed") == 2


def seated(d: District) -> tuple[int, int, int]:
    """The first SIS has a newcomer with demographics and a seat; their record ids."""
    person(d.sis, "a-z", **ZOE)
    d.sis.put("demographics", "a-z", user="a-z", birth_date="2012-09-09")
    d.sis.put("enrollments", "a-z", user="a-z", **{"class": "a-c0"}, school="a-o1", role="student")
    d.sync()
    return d.id("users", "a-z"), d.id("demographics", "a-z"), d.id("enrollments", "a-z")


@contextmanager
def taking_all(folder: Path) -> Iterator[District]:
    """The second of two SISs takes newcomers with what belongs to them."""
    with both(folder) as d:
        d.other.writable = dict.fromkeys(("users", "demographics", "enrollments"), WRITES)
        d.sync()
        d.sync("other")
        d.engine.set_switches("other", send_creates=True)
        d.sync("other")
        yield d


def test_what_belongs_to_a_newcomer_is_told_before_they_are_there(data_dir: Path) -> None:
    """As waiting for them; it follows once they have been made there."""
    with taking_all(data_dir) as d:
        who, born, seat = seated(d)
        told = {one.record: one for one in outgoing(d.database)}
        assert told.keys() == {who, born, seat}
        assert (told[who].state, told[who].words) == (outbox.WAITING, "")
        for id_ in (born, seat):
            stands = told[id_].state, told[id_].words, dict(told[id_].about)
            assert stands == (outbox.WAITING_ON, outbox.WAITS_FOR, {"entity": "users", "id": who})
        assert [one.record for one in outgoing(d.database, record=seat)] == [seat]
        d.sync("other")
        d.sync("other")
        assert outgoing(d.database) == []
        assert {entity for _, entity, _ in d.other.wrote} >= {"users", "enrollments"}


def test_what_belongs_to_who_is_stopped_is_not_sent(data_dir: Path) -> None:
    """Nor told any more but as kept here; undone, all of it goes."""
    with taking_all(data_dir) as d:
        who, born, seat = seated(d)
        stopped = d.engine.stop_sending("other", [who])
        assert [(one.record, one.state) for one in outgoing(d.database)] == [(who, outbox.KEPT)]
        d.sync("other")
        d.sync("other", full=True)
        assert d.other.wrote == []
        d.engine.undo(stopped)
        assert {one.record for one in outgoing(d.database)} == {who, born, seat}


def test_a_seat_alone_is_stopped_before_the_newcomer_is_there(data_dir: Path) -> None:
    """Who it belongs to is made all the same."""
    with taking_all(data_dir) as d:
        *_, seat = seated(d)
        d.engine.stop_sending("other", [seat])
        d.sync("other")
        d.sync("other")
        d.sync("other", full=True)
        assert {entity for _, entity, _ in d.other.wrote} >= {"users"}
        assert "enrollments" not in {entity for _, entity, _ in d.other.wrote}


def test_who_was_made_here_and_is_not_taken_there_is_told_so(data_dir: Path) -> None:
    """By role, or with what is blank, before the SIS has to refuse them; and told, then refused."""
    with both(data_dir) as d:
        d.other.writable = {"users": ("create", "update")}
        d.other.new["users"] = (
            New(frozenset({"student"}), ("identifier",), (("demographics", "birth_date"),)),
        )
        d.sync()
        d.sync("other")
        school = d.id("orgs", "a-o1")
        made = {}
        for role in ("teacher", "student"):
            roles = [{"role": role, "org": school}]
            made[role] = d.engine.create(
                "users", {"given_name": "Al", "family_name": role, "roles": roles}, "Ana"
            )
        told = {one.record: one for one in outgoing(d.database)}
        assert told[made["teacher"]].words == outbox.NOT_TAKEN
        assert told[made["student"]].words == outbox.LACKING
        assert told[made["student"]].about["lacking"] == (
            ("users", "identifier"), ("demographics", "birth_date"),
        )  # fmt: skip
        assert all(one.never for one in told.values())


def test_a_preview_names_whom_what_is_sent_refers_to(data_dir: Path) -> None:
    """A school that is in the roster is not said to be in none."""
    with writing(data_dir, send_creates=True) as d:
        person(d.sis, "a-z", **ZOE)
        d.sync()
        run = d.engine.start("other", preview=True)
        for _ in d.steps(run):
            pass
        plan = preview.plan(d.database, run)
        assert fields_told(plan.sends[0], plan.titles)
        roles = ENTITIES["users"].by_name["roles"]
        [change] = [one for one in plan.sends[0].fields if one.field == "roles"]
        assert "School 1" in (value_text(roles, change.after, plan.titles) or "")
