"""What could not be sent is kept here or given up by a person (SEMANTICS F5, F6)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import UsageError
from app.store import outbox, reads
from tests.engine.test_push import gradebook, states, synced
from tests.engine.toy import District


@pytest.fixture
def refused(data_dir: Path) -> Iterator[District]:
    """A district whose SIS has refused a title once, and takes everything from then on."""
    with synced(data_dir, gradebook()) as d:
        d.sis.refuses = {"line_items": "The term is closed."}
        d.engine.edit("line_items", d.id("line_items", "l0"), {"title": "Ours"}, "Ana")
        assert d.sync().state == "warnings"
        d.sis.refuses = {}
        yield d


def title(d: District) -> object:
    """What the line item is called here."""
    (row,) = reads.records(d.database, "line_items", [d.id("line_items", "l0")])
    return row.values["title"]


def test_what_is_kept_here_is_not_sent_and_calls_no_more(refused: District) -> None:
    """Ours stands here, the SIS's there, and the sync ends well."""
    d = refused
    d.engine.keep_here("toy", [d.id("line_items", "l0")], "Ana")
    assert states(d) == [("update", "kept")]
    assert (d.sync(full=True).state, title(d), d.sis.wrote) == ("completed", "Ours", [])
    assert reads.connector(d.database, "toy").standing.unsent == 0


def test_what_is_kept_here_is_sent_when_a_person_asks(refused: District) -> None:
    """Keeping is no end: named for another try, it goes out."""
    d = refused
    record = d.id("line_items", "l0")
    d.engine.keep_here("toy", [record], "Ana")
    assert d.engine.retry("toy", [record]) == 1
    d.sync()
    assert d.sis.rows["line_items"]["l0"]["title"] == "Ours"


def test_keeping_here_is_undone_with_the_words_of_the_sis(refused: District) -> None:
    """It could not be sent as before, and why is told as before."""
    d = refused
    d.engine.undo(d.engine.keep_here("toy", [d.id("line_items", "l0")], "Ana"))
    (one,) = outbox.unsent(d.database)
    assert (one.state, one.words) == ("refused", "The term is closed.")


def test_taking_what_the_sis_says_leaves_nothing_to_send(refused: District) -> None:
    """The SIS's value stands here, and nothing calls."""
    d = refused
    d.engine.take_theirs("toy", [("line_items", d.id("line_items", "l0"))], "Ana")
    assert title(d) == "Quiz 0"
    assert (d.sync().state, states(d), d.sis.wrote) == ("completed", [], [])


def test_taking_what_the_sis_says_is_undone(refused: District) -> None:
    """Ours is back."""
    d = refused
    record = ("line_items", d.id("line_items", "l0"))
    d.engine.undo(d.engine.take_theirs("toy", [record], "Ana"))
    assert title(d) == "Ours"


def test_nothing_is_given_up_where_nothing_is_left_to_send(refused: District) -> None:
    """Settled meanwhile, it is said, and no change set is made."""
    d = refused
    record = d.id("line_items", "l1")
    with pytest.raises(UsageError, match="unsent_gone"):
        d.engine.keep_here("toy", [record], "Ana")
    with pytest.raises(UsageError, match="unsent_gone"):
        d.engine.take_theirs("toy", [("line_items", record)], "Ana")
