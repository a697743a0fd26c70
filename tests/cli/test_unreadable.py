"""``connectors unreadable``: rows that could not be read."""

from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Ended
from tests.engine.toy import GARBLED, ToySis, district, fill

Call = Callable[..., Ended]


def test_rows_are_listed_with_key_and_reason_and_what_they_say_on_demand(
    call: Call, data_dir: Path
) -> None:
    """C6: what a row says may be about people, so it is told only where it is asked for."""
    with district(data_dir, fill(ToySis())) as d:
        d.sync()
        d.sis.put("users", "u003", **GARBLED)
        d.sync(full=True)
        record = d.id("users", "u003")
    (one,) = call("connectors", "unreadable", "toy", "--json").document
    assert (one["entity"], one["key"], one["record"], one["row"]) == ("users", "u003", record, None)
    (whole,) = call("connectors", "unreadable", "toy", "--rows", "--json").document
    assert whole["row"]
    assert "u003" in call("connectors", "unreadable", "toy").out
    shown = call("connectors", "unreadable", "toy", "--entity", "orgs").out
    assert "could be read" in shown
