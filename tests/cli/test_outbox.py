"""``outbox``: what is not at a SIS as it stands here, and why."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ended
from tests.engine.toy import ToySis, district, fill

Call = Callable[..., Ended]


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
    """F5: a new result of a line item that the SIS refused waits for that, by its id."""
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
    assert f"refers to record {item} " in waits["message"]
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
