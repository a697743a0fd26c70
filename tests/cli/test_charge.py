"""`policy charge`: the one question of the first start, without a window."""

from collections.abc import Callable

from tests.cli.conftest import Ended
from tests.engine.toy import District


def test_the_sis_is_put_in_charge_of_rosters_at_once(
    toy: District, call: Callable[..., Ended]
) -> None:
    """B5: as the guide of the window does it; `ask` takes it back, and what is so is no change."""
    document = call("policy", "charge", "toy", "sis", "--json").document
    decided = {row["entity"]: row["decides"] for row in document["rows"]}
    assert set(decided.values()) == {"sis"}
    assert {"users", "enrollments"} < decided.keys()
    assert "results" not in decided
    assert call("policy", "charge", "toy", "sis", "--json").document["id"] is None
    assert call("policy", "charge", "toy", "ask", "--json").document["rows"] == []


def test_it_says_what_holds_then(toy: District, call: Callable[..., Ended]) -> None:
    """In words, a line for each type."""
    ended = call("policy", "charge", "toy", "sis")
    assert ended.code == 0
    assert "People" in ended.out
