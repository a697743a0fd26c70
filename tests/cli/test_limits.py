"""`limits`: what waits for approval, and what is allowed for a while (DESIGN §9)."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import NAME, Ended
from tests.engine.toy import district

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


def test_what_belongs_to_a_school_year_may_be_said_before_it(connected: Call) -> None:
    """The pairs of one call are one thing, in whichever order they are typed."""
    today = datetime.now(UTC).date()
    until = f"additions-only-until={today + timedelta(days=5)}"
    window = f"school-year={today}..{today + timedelta(days=60)}"
    found = connected("limits", "set", NAME, until, "turnover=25%", window, "--json").document
    assert found["school_year"]["additions_only_until"] > found["school_year"]["begins"]
    assert found["school_year"]["turnover"]


def test_what_was_saved_is_no_failure_though_it_cannot_be_shown(
    connected: Call, data_dir: Path
) -> None:
    """§9: somebody else removes the connector between the saving and the showing."""
    with closing(sqlite3.connect(data_dir / "roster.db")) as database:
        database.execute(
            "CREATE TRIGGER meanwhile AFTER UPDATE OF limits ON connectors BEGIN "
            "UPDATE connectors SET removed_at = '2026-09-07T02:00:00Z' WHERE id = new.id; END"
        )
    ended = connected("limits", "set", NAME, "least=7", "--json")
    assert ended.code == 0
    assert ended.document == {"connector": NAME, "saved": True, "error": None}
    assert "It was saved" in ended.err
    with closing(sqlite3.connect(data_dir / "roster.db")) as database:
        (kept,) = database.execute("SELECT limits FROM connectors").fetchone()
    assert '"least"' in kept


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
        (["set", NAME, "blackout=9999-12-31..9999-12-31"], "limit_dates_unfit"),
        (["allow", NAME, "--removals", "1%"], "limit_allowed_anyway"),
        (["set", NAME, "blackout=2027-05-03..2027-02-30"], "limit_dates_unfit"),
        (["set", NAME, "blackout=2027-05-03..2027-05-01"], "limit_dates_unfit"),
        (["set", NAME, "turnover=30%"], "limit_without_school_year"),
        (["set", NAME, "removals=20%", "--entity", "wizards"], "entity_unknown"),
        (["set", NAME, "removals=20%", "--school", "999999"], "school_unknown"),
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


def test_an_allowance_is_told_with_what_it_overrides(connected: Call) -> None:
    """E3, E5: additions only, except what was allowed, until when and by whom."""
    connected("limits", "set", NAME, "additions-only=on")
    shown = connected("limits", "allow", NAME, "--removals", "40", "--entity", "People").out
    only = next(line for line in shown.splitlines() if line.startswith("Only additions"))
    assert "except removals · People up to 40% until" in only
    assert "(allowed by " in only


def test_an_allowance_can_be_taken_back(connected: Call) -> None:
    """E3: “off” ends it; 0% gives none, and where there is none there is none to end."""
    connected("limits", "set", NAME, "additions-only=on")
    connected("limits", "allow", NAME, "--removals", "40")
    found = connected("limits", "allow", NAME, "--removals", "off", "--json").document
    assert [one["in_force"] for one in found["allowances"]] == [False]
    assert "except" not in connected("limits", "show", NAME).out
    for word, code in (("off", "limit_not_allowed"), ("0%", "limit_allowed_nothing")):
        ended = connected("limits", "allow", NAME, "--removals", word, "--json")
        assert (ended.code, ended.document["error"]["code"]) == (2, code)


def test_what_waits_when_more_is_allowed_is_told_of(data_dir: Path, call: Call) -> None:
    """E3, E5: an allowance says what becomes of what waits already; the log by whom it went."""
    with district(data_dir) as d:
        d.sync()
        d.engine.change_limits("toy", lambda limits: limits.with_additions_only(True))
        d.sis.end("users", "u001")
        d.sync()
        shown = call("limits", "allow", "toy", "--removals", "100%").out
        assert "What waits already goes with the next sync that reads it again" in shown
        d.engine.allow("toy", {"removals": 1.0})
        run = d.sync(full=True)
        assert run.total("deleted") == 1
        assert "1 removal went through by the allowance of test until" in (
            call("runs", "log", run.id).out
        )


def test_days_are_shown_as_they_were_given(connected: Call) -> None:
    """E3, E5: the last day of a window is that day, not the next one's midnight."""
    pairs = ("school-year=2027-06-01..2027-08-31", "additions-only-until=2027-06-10")
    shown = connected("limits", "set", NAME, *pairs, "blackout=2027-05-03..2027-05-14").out
    assert "from 2027-06-01 to 2027-08-31." in shown
    assert "Until 2027-06-10 only additions" in shown
    assert "Blackout from 2027-05-03 to 2027-05-14" in shown
    off = ("school-year=off", "turnover=off", "additions-only-until=off", "blackout=off")
    assert connected("limits", "set", NAME, *off).code == 0


@pytest.mark.parametrize(
    ("pairs", "code"),
    [
        (["school-year=2026-08-01..2027-07-31"], "limit_window_too_long"),
        (
            ["school-year=2027-06-01..2027-08-31", "additions-only-until=2027-10-01"],
            "limit_until_outside",
        ),
        (
            ["school-year=2027-06-01..2027-08-31", "additions-only-until=June"],
            "limit_day_unfit",
        ),
    ],
)
def test_a_school_year_that_cannot_be_meant_is_2(
    connected: Call, pairs: list[str], code: str
) -> None:
    """E3: the window is the change of school year, and what is said of it lies within."""
    ended = connected("limits", "set", NAME, *pairs, "--json")
    assert (ended.code, ended.document["error"]["code"]) == (2, code)


def test_an_option_without_its_value_points_to_the_help_of_its_command(call: Call) -> None:
    """§9: a usage error names the command that was typed."""
    ended = call("limits", "allow", NAME, "--removals")
    assert (ended.code, "limits allow --help" in ended.err) == (2, True)


def test_the_help_says_what_every_limit_means(call: Call) -> None:
    """Each key with its meaning, and the percent sign may be left out."""
    told = call("limits", "set", "--help").out
    for key in ("removals=10%", "emptied-class=5", "least=5", "school-year=FIRST..LAST"):
        assert key in told
