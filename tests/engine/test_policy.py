"""Who decides: the most specific row of the table (SEMANTICS B5)."""

import pytest

from app.engine.policy import Decides, Policies, Policy

ASK, SIS, OURS, NEWEST = Decides.ASK, Decides.SIS, Decides.OURS, Decides.NEWEST
LINCOLN, GRANT = 7, 8


def policies(*rows: tuple[int, str, Decides]) -> Policies:
    return Policies(Policy("users", *row) for row in rows)


@pytest.mark.parametrize(
    ("rows", "schools", "decides"),
    [
        ([], (LINCOLN,), ASK),
        ([(0, "", SIS)], (LINCOLN,), SIS),
        ([(0, "", SIS)], (), SIS),
        ([(0, "", SIS), (0, "email", OURS)], (LINCOLN,), OURS),
        ([(0, "", SIS), (LINCOLN, "", NEWEST)], (LINCOLN,), NEWEST),
        ([(0, "", SIS), (LINCOLN, "", NEWEST)], (GRANT,), SIS),
        ([(0, "email", OURS), (LINCOLN, "", SIS), (LINCOLN, "email", NEWEST)], (LINCOLN,), NEWEST),
        ([(0, "email", OURS), (LINCOLN, "", OURS)], (LINCOLN,), OURS),
        ([(0, "email", OURS), (LINCOLN, "", SIS)], (LINCOLN,), ASK),
        ([(LINCOLN, "", OURS), (GRANT, "", SIS)], (LINCOLN, GRANT), ASK),
        ([(LINCOLN, "", SIS), (GRANT, "", SIS)], (LINCOLN, GRANT), SIS),
        ([(0, "", SIS), (0, "given_name", OURS)], (LINCOLN,), SIS),
    ],
)
def test_the_most_specific_row_wins_and_a_tie_means_ask(
    rows: list[tuple[int, str, Decides]], schools: tuple[int, ...], decides: Decides
) -> None:
    """B5: school and part before either, either before neither; a disagreement is asked."""
    assert policies(*rows).decides("users", schools, "email") is decides


def test_another_record_type_is_asked() -> None:
    """B5: no row means ask."""
    table = policies((0, "", SIS))
    assert table.decides("orgs", (LINCOLN,), "name") is ASK
    assert table.speak_of("users")
    assert not table.speak_of("orgs")
