"""``outbox``: what is not at a SIS as it stands here, and why."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.connectors.contract import New
from app.engine.policy import Decides
from tests.cli.conftest import Ended
from tests.engine.test_asked_before_made import LUIS, ZOE
from tests.engine.test_matching import both, person
from tests.engine.toy import ToySis, district, fill

Call = Callable[..., Ended]
VEGA = ("--set", "given_name=Rosa", "--set", "family_name=Vega")


@pytest.fixture
def quiz(data_dir: Path) -> int:
    """A line item whose new title the SIS of the connector ``toy`` has refused."""
    sis = fill(ToySis(), people=1)
    sis.put("line_items", "l0", title="Quiz 0")
    sis.writable = {"line_items": ("update",)}
    sis.refuses = {"line_items": "The term is closed."}
    with district(data_dir, sis) as d:
        d.sync()
        record = d.id("line_items", "l0")
        d.engine.edit("line_items", record, {"title": "Quiz 0, again"}, "Ana")
        d.sync()
    return record


def test_what_could_not_be_sent_is_listed_with_the_words_of_the_sis(call: Call, quiz: int) -> None:
    """F5: which record, what was to be done with it, and why it was not."""
    (one,) = call("outbox", "list", "toy", "--json").document
    assert one == {
        "connector": "toy",
        "entity": "line_items",
        "record": quiz,
        "action": "update",
        "state": "refused",
        "words": "The term is closed.",
        "message": "The term is closed.",
        "waits_for": None,
        "attempts": 1,
        "next_at": None,
        "change_set": one["change_set"],
        "title": "Quiz 0, again",
        "fields": [{"field": "title", "from": "Quiz 0", "to": "Quiz 0, again"}],
    }
    shown = call("outbox", "list").out
    assert "Quiz 0, again" in shown
    assert "could not send: refused" in shown


def test_what_is_missing_for_it_to_be_sent_is_named(data_dir: Path, call: Call) -> None:
    """F5: a code with what its sentence is about, instead of words of the SIS."""
    sis = fill(ToySis(), people=1)
    sis.put("line_items", "l0", title="Quiz 0")
    sis.writable = {"line_items": ("update",)}
    sis.refuses = {"line_items": 'push_fields_blank {"fields":"Due, Category"}'}
    with district(data_dir, sis) as d:
        d.sync()
        d.engine.edit("line_items", d.id("line_items", "l0"), {"title": "Quiz 1"}, "Ana")
        d.sync()
    (one,) = call("outbox", "list", "--json").document
    assert (one["words"], one["waits_for"]) == ("push_fields_blank", None)
    assert "without these: Due, Category." in one["message"]


def test_what_is_waited_for_is_named(data_dir: Path, call: Call) -> None:
    """F5: a new result of a line item that the SIS refused waits for that, by name and id."""
    sis = fill(ToySis(), people=1)
    sis.put("line_items", "l0", title="Quiz 0")
    sis.put("results", "r0", line_item="l0", student="u000", score=7.0)
    sis.writable = {"line_items": ("create",), "results": ("create",)}
    sis.refuses = {"line_items": "The term is closed."}
    with district(data_dir, sis) as d:
        d.sync()
        item = d.engine.create("line_items", {"title": "Project"}, "Ana")
        d.engine.create(
            "results", {"line_item": item, "student": d.id("users", "u000"), "score": 8.0}, "Ana"
        )
        d.sync()
    _, waits = call("outbox", "list", "--json").document
    assert (waits["state"], waits["words"]) == ("waiting_on", "push_waits_for")
    assert waits["waits_for"] == {"entity": "line_items", "id": item}
    assert waits["message"] == f"It is sent once “Project” (line item #{item}) is there."
    assert waits["message"] in call("outbox", "list").out
    assert waits["message"] in call("records", "show", "results", waits["record"]).out


def test_another_try_is_asked_for_by_record_or_for_all(call: Call, quiz: int) -> None:
    """F5: what was refused waits to be sent again."""
    unknown = call("outbox", "retry", quiz + 1, "--json")
    assert (unknown.code, unknown.document["error"]["code"]) == (2, "outbox_unknown")
    assert call("outbox", "retry", "--connector", "toy", "--json").document == {"retried": 1}
    (one,) = call("outbox", "list", "--json").document
    assert (one["state"], one["words"], one["attempts"]) == ("waiting", "", 0)
    assert call("outbox", "retry", quiz).out.startswith("0 records")


def test_an_empty_outbox_says_so(call: Call) -> None:
    """Nothing waits where nothing is connected."""
    assert call("outbox", "list", "--json").document == []
    assert "Nothing waits" in call("outbox", "list").out


@pytest.mark.parametrize("arguments", [["list", "nobody"], ["retry", "--connector", "nobody"]])
def test_an_unknown_connector_is_2(call: Call, arguments: list[str]) -> None:
    """§9: what is not there is a usage error."""
    ended = call("outbox", *arguments, "--json")
    assert (ended.code, ended.document["error"]["code"]) == (2, "connector_unknown")


def test_an_end_that_is_never_sent_is_not_announced(data_dir: Path, call: Call) -> None:
    """D4: only where the connector is to send what ends here."""
    sis = fill(ToySis(), people=1)
    sis.put("line_items", "l0", title="Quiz 0")
    sis.writable = {"line_items": ("update", "delete")}
    with district(data_dir, sis) as d:
        d.sync()
        d.engine.end_record("line_items", d.id("line_items", "l0"), "Ana")
        assert call("outbox", "list", "--json").document == []
        call("policy", "set", "toy", "--deletes", "send")
        [one] = call("outbox", "list", "--json").document
    assert one["action"] == "delete"


def test_what_could_not_be_sent_is_kept_here_and_taken_back(call: Call, quiz: int) -> None:
    """F5: it is not sent any more; undone, it could not be sent as before."""
    kept = call("outbox", "keep", "toy", str(quiz), "--json").document
    (one,) = call("outbox", "list", "--json").document
    assert (kept["connector"], one["state"]) == ("toy", "kept")
    call("runs", "undo", str(kept["id"]))
    (one,) = call("outbox", "list", "--json").document
    assert (one["state"], one["words"]) == ("refused", "The term is closed.")


def test_what_could_not_be_sent_is_given_up_for_what_the_sis_says(call: Call, quiz: int) -> None:
    """Its value stands here; what is not among what could not be sent is an error."""
    ended = call("outbox", "take", "toy", str(quiz))
    assert "What “toy” says was taken." in ended.out
    (record,) = call("records", "list", "line_items", "--json").document
    assert record["title"] == "Quiz 0"
    assert call("outbox", "keep", "toy", str(quiz + 1)).code == 2


def test_what_is_to_be_sent_is_told_field_by_field_and_stopped(data_dir: Path, call: Call) -> None:
    """Before it goes; what is stopped is listed no more, and the undo lists it again."""
    sis = fill(ToySis(), people=1)
    sis.writable = {"users": ("update",)}
    with district(data_dir, sis) as d:
        d.sync()
        record = d.id("users", "u000")
        d.engine.edit("users", record, {"given_name": "Ana", "phone": "+1 555 0100"}, "Ana")
    shown = call("outbox", "list").out
    assert all(word in shown for word in ("Given 0", "Ana", "+15550100", "waiting to send"))
    stopped = call("outbox", "stop", "toy", record, "--json").document
    assert call("outbox", "list", "--json").document == []
    assert call("runs", "undo", stopped["id"]).code == 0
    (one,) = call("outbox", "list", "--json").document
    assert [change["field"] for change in one["fields"]] == ["given_name", "phone"]


@pytest.fixture
def newcomer(data_dir: Path) -> int:
    """Somebody with a seat whom the SIS of ``toy`` tells of and that of ``other`` is to have."""
    with both(data_dir) as d:
        d.other.writable = {"users": ("create", "update"), "enrollments": ("create", "update")}
        d.sync()
        d.sync("other")
        d.engine.set_switches("other", send_creates=True)
        person(d.sis, "a-z", **ZOE)
        d.sis.put("enrollments", "a-z", user="a-z", role="student", **{"class": "a-c0"})
        d.sync()
        return d.id("users", "a-z")


def test_a_newcomer_is_listed_with_what_is_sent_and_what_follows(call: Call, newcomer: int) -> None:
    """By name, also the seat, and some fields of each in the text."""
    found = call("outbox", "list", "other", "--json").document
    assert [one["title"] for one in found] == ["Zoe Xu", "Zoe Xu · Class 0"]
    assert found[1]["message"] == f"It is sent once “Zoe Xu” (person #{newcomer}) is there."
    shown = call("outbox", "list").out
    assert "Enrollment: Zoe Xu · Class 0" in shown
    assert "Family name: Xu" in shown
    assert "Class: Class 0" in shown


def test_an_open_question_names_its_command(data_dir: Path, call: Call) -> None:
    """Whoever may be somebody else is not made there before that is said."""
    with both(data_dir) as d:
        d.sync()
        d.sync("other")
        d.other.writable = {"users": ("create",)}
        person(d.sis, "a-z", **ZOE)
        person(d.other, "b-z", **LUIS)
        d.sync()
        d.sync("other")
        d.engine.set_switches("other", send_creates=True)
    (one,) = call("outbox", "list", "--json").document
    assert one["words"] == "push_waits_for_identity"
    assert one["message"].endswith("see identity list")


@pytest.mark.parametrize(("by_hand", "told"), [(True, "Edit it so"), (False, "as “toy” says")])
def test_what_can_be_done_is_told_by_who_wrote_it(
    data_dir: Path, call: Call, by_hand: bool, told: str
) -> None:
    """A value that came from another SIS is not to be edited; one of a person is."""
    with both(data_dir) as d:
        d.other.writable = {"classes": ("update",)}
        d.sync()
        d.sync("other")
        d.engine.set_policy("toy", "classes", Decides.SIS)
        d.sis.put("courses", "a-k9", title="Geometry", course_code="GEO", org="a-o1")
        d.sync()
        record, course = d.id("classes", "a-c0"), d.id("courses", "a-k9")
        if by_hand:
            d.engine.edit("classes", record, {"course": course}, "Ana")
        else:
            d.sis.change("classes", "a-c0", course="a-k9")
            d.sync()
        d.sync("other")
    (one,) = call("outbox", "list", "--json").document
    assert one["words"] == "push_waits_in_vain"
    assert told in one["message"]
    assert f"“Geometry” (course #{course})" in one["message"]


def test_who_is_made_here_and_not_taken_there_is_told_so(data_dir: Path, call: Call) -> None:
    """When they are made, in the list, and with the record."""
    with both(data_dir) as d:
        d.other.writable = {"users": ("create",)}
        d.other.new["users"] = (New(frozenset({"student"})),)
        d.sync()
        d.sync("other")
        school = d.id("orgs", "a-o1")
    roles = f'roles=[{{"role":"teacher","org":{school}}}]'
    made = call("records", "add", "users", *VEGA, "--set", roles)
    assert "takes no new people with this role" in made.out
    assert "not sent: the SIS does not take it" in call("outbox", "list").out
    (one,) = call("outbox", "list", "--json").document
    shown = call("records", "show", "users", one["record"]).out
    assert "other: not sent: the SIS does not take it" in shown
