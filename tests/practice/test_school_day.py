"""A school day: what it says it changed is what it changed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.practice.wire import moment_of
from tests.practice.client import ROSTERS, Client, serving, speaking

Rosters = dict[str, dict[str, dict[str, Any]]]


def difference(before: Rosters, after: Rosters) -> dict[str, dict[str, list[str]]]:
    """The account of a day as an onlooker would write it."""
    account: dict[str, dict[str, list[str]]] = {}
    for name in ROSTERS:
        old, new = before[name], after[name]
        both = old.keys() & new.keys()
        ended = {
            key
            for key in both
            if (old[key]["status"], new[key]["status"]) == ("active", "tobedeleted")
        }
        gone = old.keys() - new.keys()
        vanished = {key for key in gone if old[key]["status"] == "active"}
        told = {
            "created": new.keys() - old.keys(),
            "updated": {key for key in both if old[key] != new[key]} - ended,
            "removed": ended | vanished,
            "vanished": vanished,
            "purged": gone - vanished,
        }
        if any(told.values()):
            account[name] = {kind: sorted(keys) for kind, keys in told.items()}
    return account


def test_the_account_is_the_difference_of_two_states(own: Client):
    """Over eight days of every kind of change, no key is told wrongly and none is left out."""
    before = own.rosters()
    seen: set[str] = set()
    for number in range(1, 9):
        told = own.pass_day(moves=4, new=2, leavers=2, renames=2, teachers=1, vanish=number % 2)
        after = own.rosters()
        assert told["day"] == number
        assert told["changed"] == difference(before, after)
        seen |= {kind for lists in told["changed"].values() for kind, keys in lists.items() if keys}
        before = after
    assert seen == {"created", "updated", "removed", "vanished", "purged"}


def test_what_a_day_touches_is_newer_than_all_before(own: Client):
    """Every touched record is modified after everything before it, and not in the future."""
    for _ in range(3):
        before = own.rosters()
        latest = max(r["dateLastModified"] for rows in before.values() for r in rows.values())
        changed = own.pass_day(moves=3)["changed"]
        after = own.rosters()
        now = datetime.now(UTC).timestamp() * 1000
        for name, lists in changed.items():
            for key in {*lists["created"], *lists["updated"], *lists["removed"]}:
                moment = after[name][key]["dateLastModified"]
                assert latest < moment
                assert moment_of(moment) <= now
        untouched = [
            record
            for name, rows in after.items()
            for key, record in rows.items()
            if before[name].get(key) == record
        ]
        assert all(record["dateLastModified"] <= latest for record in untouched)


def test_asking_since_then_gives_what_the_day_touched(own: Client):
    """`dateLastModified>` the latest moment before gives exactly the day's records."""
    own.roster("users", filter="dateLastModified>'2020-01-01'")
    before = own.rosters()
    latest = max(r["dateLastModified"] for rows in before.values() for r in rows.values())
    changed = own.pass_day(moves=5, renames=3)["changed"]
    for name in ROSTERS:
        found = own.everything(name, filter=f"dateLastModified>'{latest}'")
        lists = changed.get(name, {"created": [], "updated": [], "removed": []})
        told = {*lists["created"], *lists["updated"], *lists["removed"]}
        assert {record["sourcedId"] for record in found} == told


def test_a_leaver_is_a_tombstone_and_then_nothing(own: Client):
    """User, demographics and enrollments become tombstones, and are cleared away days later."""
    nothing = {"moves": 0, "new": 0, "leavers": 0, "renames": 0, "teachers": 0}
    changed = own.pass_day(**{**nothing, "leavers": 1})["changed"]
    [leaver] = changed["demographics"]["removed"]
    assert own.roster(f"users/{leaver}").json()["user"]["status"] == "tobedeleted"
    seats = own.everything("enrollments", filter=f"user.sourcedId='{leaver}'")
    assert seats
    assert {seat["status"] for seat in seats} == {"tobedeleted"}
    assert own.everything(f"users/{leaver}/classes") == []
    for _ in range(4):
        assert own.pass_day(**nothing)["changed"] == {}
    assert own.pass_day(**nothing)["changed"]["demographics"]["purged"] == [leaver]
    assert own.roster(f"users/{leaver}").status_code == 404


def test_a_rename_takes_username_and_email_along(own: Client):
    """The family name, the username and the email change; the sourcedId stays."""
    before = own.rosters()["users"]
    changed = own.pass_day(moves=0, new=0, leavers=0, teachers=0, renames=1)["changed"]
    [key] = changed["users"]["updated"]
    old, new = before[key], own.roster(f"users/{key}").json()["user"]
    differing = {name for name in new if new[name] != old[name]}
    assert {"familyName", "email", "dateLastModified"} <= differing
    assert differing <= {"familyName", "username", "email", "dateLastModified"}


def test_a_newcomer_is_complete(own: Client):
    """A new student has guardians who know them, demographics, and classes of their school."""
    changed = own.pass_day(moves=0, new=1, leavers=0, teachers=0, renames=0)["changed"]
    [key] = changed["demographics"]["created"]
    child = own.roster(f"students/{key}").json()["user"]
    guardians = {agent["sourcedId"] for agent in child["agents"]}
    assert guardians == set(changed["users"]["created"]) - {key}
    for guardian in guardians:
        agents = own.roster(f"users/{guardian}").json()["user"]["agents"]
        assert [agent["sourcedId"] for agent in agents] == [key]
    school = child["primaryOrg"]["sourcedId"]
    classes = own.everything(f"students/{key}/classes")
    assert classes
    assert {class_["school"]["sourcedId"] for class_ in classes} == {school}


def test_references_hold_after_many_days(own: Client):
    """While tombstones stand, live records refer only to records that are there."""
    for _ in range(4):
        own.pass_day(moves=6, new=3, leavers=3)
    rosters = own.rosters()
    for seat in rosters["enrollments"].values():
        if seat["status"] == "active":
            assert rosters["users"][seat["user"]["sourcedId"]]["status"] == "active"
            assert seat["class"]["sourcedId"] in rosters["classes"]
    for user in rosters["users"].values():
        if user["status"] == "active":
            for agent in user.get("agents", ()):
                assert rosters["users"][agent["sourcedId"]]["status"] == "active"


def test_days_are_the_same_for_the_same_seed(own: Client):
    """Two services of one seed tell the same account, day after day."""
    with serving(students=300, seed=7) as ready, speaking(ready) as other:
        for _ in range(3):
            assert own.pass_day()["changed"] == other.pass_day()["changed"]


@pytest.mark.parametrize(
    "body",
    [b"no json", b"[1]", b'{"moves": -1}', b'{"moves": 1.5}', b'{"snow": 1}', b'{"leavers": 400}'],
)
def test_a_day_that_cannot_be_is_refused(own: Client, body: bytes):
    """A size that makes no sense is 400 with a sentence, and no day passes."""
    answer = own.control("POST", "day", data=body)
    assert answer.status_code == 400
    assert answer.json()["imsx_description"]
    assert own.control("GET", "facts").json()["day"] == 0


def test_the_facts_count_the_living_and_the_tombstones(own: Client):
    """The facts agree with what the collections hold."""
    own.pass_day()
    rosters = own.rosters()
    facts = own.control("GET", "facts").json()
    assert (facts["seed"], facts["students"], facts["day"]) == (7, 300, 1)
    assert facts["requests"] > 0
    for name, rows in rosters.items():
        ended = sum(record["status"] == "tobedeleted" for record in rows.values())
        assert facts["counts"][name] == {"live": len(rows) - ended, "tombstones": ended}
