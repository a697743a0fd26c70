"""`limits`: what waits for approval, and what is allowed for a while (DESIGN §9)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.conftest import NAME, Ended

Call = Callable[..., Ended]


@pytest.fixture
def synced(connected: Call) -> Call:
    """``connected``, after a first sync."""
    ended = connected("sync", NAME)
    assert ended.code == 0, ended.err
    return connected


def a_school(call: Call) -> tuple[int, str]:
    """The id and the name of a school."""
    orgs = call("records", "list", "orgs", "--json").document
    return next((org["id"], org["name"]) for org in orgs if org["type"] == "school")


def test_what_nobody_set_is_shown(connected: Call) -> None:
    """§9: one document for one connector, an array for all; the figures of every limit."""
    found = connected("limits", "show", NAME, "--json").document
    assert connected("limits", "show", "--json").document == [found]
    assert (found["connector"], found["set"], found["error"]) == (NAME, [], None)
    assert (found["figures"]["removals"], found["figures"]["least"]) == (0.1, 5)
    shown = connected("limits", "show", NAME).out
    assert "10%" in shown
    assert "emptied-class" in shown


def test_limits_are_set_in_any_notation(synced: Call) -> None:
    """Percent, fraction or count; for a type and a school; ``default`` forgets it again."""
    school, title = a_school(synced)
    assert synced("limits", "set", NAME, "removals=15%", "changes=0.5", "least=8").code == 0
    own = ("--entity", "users", "--school", school)
    shown = synced("limits", "set", NAME, "emptied-class=3", "logins=0", *own).out
    assert f"{title} (#{school})" in shown
    found = synced("limits", "show", NAME, "--json").document
    assert found["figures"]["removals"] == 0.15
    assert found["figures"]["changes"] == 0.5
    assert found["figures"]["least"] == 8
    assert found["set"][-2:] == [
        {"name": "emptied_class", "value": 3, "entity": "users", "school": school},
        {"name": "logins", "value": 0, "entity": "users", "school": school},
    ]
    synced("limits", "set", NAME, "removals=default")
    assert synced("limits", "show", NAME, "--json").document["figures"]["removals"] == 0.1


def test_additions_only_and_blackouts_hold_a_sync(synced: Call) -> None:
    """E5: switched on and off; a blackout has whole days of this computer's clock."""
    found = synced("limits", "set", NAME, "additions-only=on", "--json").document
    assert (found["additions_only"], found["only_additions_now"]) == (True, True)
    synced("limits", "set", NAME, "additions-only=off")
    today = datetime.now().astimezone().date()
    days = f"blackout={today}..{today + timedelta(days=1)}"
    found = synced("limits", "set", NAME, days, "--why", "State tests", "--json").document
    [blackout] = found["blackouts"]
    begins, ends = (datetime.fromisoformat(blackout[end]) for end in ("begins", "ends"))
    assert begins.astimezone().date() == today
    assert ends.astimezone().date() == today + timedelta(days=2)
    assert (found["only_additions_now"], blackout["why"]) == (True, "State tests")
    assert "State tests" in synced("limits", "show", NAME).out
    assert synced("limits", "set", NAME, "blackout=off", "--json").document["blackouts"] == []


def test_an_allowance_names_who_gave_it(synced: Call) -> None:
    """E3: two hours where nothing else is said, and shown for as long as it lasts."""
    school, _title = a_school(synced)
    allowed = ("limits", "allow", NAME, "--removals", "40%", "--school", school)
    assert synced(*allowed).code == 0
    found = synced("limits", "allow", NAME, "--changes", "100%", "--hours", 8, "--json").document
    first, second = found["allowances"]
    assert (first["name"], first["value"], first["school"]) == ("removals", 0.4, school)
    assert (second["name"], second["value"], second["school"]) == ("changes", 1.0, None)
    lasts = [
        datetime.fromisoformat(one["ends"]) - datetime.fromisoformat(one["begins"])
        for one in (first, second)
    ]
    assert lasts == [timedelta(hours=2), timedelta(hours=8)]
    assert first["in_force"]
    assert first["by"]
    assert first["by"] in synced("limits", "show", NAME).out


def test_a_school_year_tells_expected_against_arrived(synced: Call) -> None:
    """E3: what share of each school is expected to go, and how much of it has."""
    today = datetime.now(UTC).date()
    window = f"school-year={today + timedelta(days=2)}..{today + timedelta(days=60)}"
    until = f"additions-only-until={today + timedelta(days=5)}"
    pairs = (window, until, "turnover=25%")
    found = synced("limits", "set", NAME, *pairs, "--entity", "users", "--json").document
    year = found["school_year"]
    assert year["turnover"] == [
        {"name": "removals", "value": 0.25, "entity": "users", "school": None}
    ]
    assert year["additions_only_until"] > year["begins"]
    assert not found["only_additions_now"]
    assert year["progress"]
    for one in year["progress"]:
        assert (one["entity"], one["gone"], one["arrived"]) == ("users", 0, 0)
        assert one["expected"] > 0
    assert "Expected" in synced("limits", "show", NAME).out
    off = synced("limits", "set", NAME, "school-year=off", "--json").document
    assert off["school_year"] is None


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["set", NAME, "removals"], "limit_not_a_pair"),
        (["set", NAME, "cake=3"], "limit_unknown"),
        (["set", NAME, "removals=1"], "limit_share_unfit"),
        (["set", NAME, "removals=101%"], "limit_share_unfit"),
        (["set", NAME, "removals=some"], "limit_share_unfit"),
        (["set", NAME, "least=a few"], "limit_count_unfit"),
        (["set", NAME, "least=2.5"], "limit_count_unfit"),
        (["set", NAME, "additions-only=yes"], "limit_switch_unfit"),
        (["set", NAME, "blackout=2027-05-03"], "limit_dates_unfit"),
        (["set", NAME, "blackout=2027-05-03..2027-02-30"], "limit_dates_unfit"),
        (["set", NAME, "blackout=2027-05-03..2027-05-01"], "limit_dates_unfit"),
        (["set", NAME, "turnover=30%"], "limit_without_school_year"),
        (["set", NAME, "removals=20%", "--entity", "wizards"], "entity_unknown"),
        (["set", NAME, "removals=20%", "--school", "999999"], "record_unknown"),
        (["set", "Shelbyville", "removals=20%"], "connector_unknown"),
        (["show", "Shelbyville"], "connector_unknown"),
        (["allow", NAME], "limit_allows_nothing"),
        (["allow", NAME, "--removals", "lots"], "limit_share_unfit"),
        (["allow", NAME, "--removals", "40%", "--hours", "0"], "usage"),
        (["set", NAME], "usage"),
    ],
)
def test_what_does_not_fit_is_2_and_nothing_is_saved(
    connected: Call, arguments: list[str], code: str
) -> None:
    """§9: usage errors, as a document too; a good pair beside a bad one is not saved either."""
    before = connected("limits", "show", NAME, "--json").document
    more = ["least=7"] if arguments[0] == "set" and len(arguments) > 2 else []
    ended = connected("limits", *arguments, *more, "--json")
    assert (ended.code, ended.document["error"]["code"]) == (2, code)
    assert connected("limits", "show", NAME, "--json").document == before
