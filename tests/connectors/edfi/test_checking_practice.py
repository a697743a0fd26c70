"""*Test connection* over a whole district: what each key of the practice service may do."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from random import Random
from threading import Event
from typing import Any

import pytest

from app.connectors.conformance import run
from app.connectors.contract import Finding, Grade, Io
from app.connectors.edfi import KIND
from app.connectors.edfi.checking import SORTS
from app.connectors.edfi.connector import EdFiConnector
from app.connectors.edfi.settings import Settings
from app.connectors.http import HttpTransport, Limits
from app.practice.district import District
from app.practice.edfi.projection import documents
from app.practice.gradebook import Gradebook
from tests.practice.edfi import small_district
from tests.practice.edfi.client import serving, speaking

EVERYTHING = {
    **dict.fromkeys(("rosters", "demographics", "gradebook", "grades", "assessments"), "write"),
    "guardians": "on",
}


@pytest.fixture(scope="module")
def ready() -> Iterator[dict[str, Any]]:
    district = District(7, 60, date(2026, 3, 3))
    with serving(documents(district, Gradebook(district).collections)) as announced:
        yield announced


def opened(ready: dict[str, Any], client: str, **settings: Any) -> EdFiConnector:
    told = {"base_url": ready["edfi_url"], "key": ready["edfi_clients"][client]["key"], **settings}
    io = Io(clock=lambda: datetime.now(UTC), random=Random(1), cancel=Event(), salt=b"s" * 16)
    secrets = {"secret": ready["edfi_clients"][client]["secret"]}
    connector = KIND.open(Settings(**told), secrets, io)
    assert isinstance(connector, EdFiConnector)
    return connector


def checked(connector: EdFiConnector) -> list[Finding]:
    with closing(HttpTransport(Limits(attempts=2, backoff=0.05, pauses=2))) as transport:
        found: list[Finding] = run(connector.check(), transport)
    return found


def told(found: list[Finding], grade: Grade) -> dict[str, set[Any]]:
    """The record types that each code of that grade was told of."""
    codes: dict[str, set[Any]] = {}
    for one in found:
        if one.grade is grade:
            codes.setdefault(one.code, set()).add(one.parameters.get("entity"))
    return codes


def test_all_that_is_switched_on_is_tried(ready):
    """Every record type that the connector says it reads or writes has its line."""
    connector = opened(ready, "district", **EVERYTHING)
    found = checked(connector)
    abilities = connector.capabilities()
    assert told(found, Grade.BAD) == {}
    assert told(found, Grade.GOOD)["edfi_readable"] == set(abilities)
    [writing] = [one for one in found if one.code == "edfi_may_write"]
    sent = str(writing.parameters["sent"]).split(", ")
    writable = {entity for entity, one in abilities.items() if one.writes}
    assert {one.entity for one in SORTS if one.word in sent} == writable
    assert writing.parameters["may"] == writing.parameters["sent"]


def test_what_is_switched_off_is_not_asked_for(ready):
    """Nor told of: what nobody wants is no finding."""
    found = checked(opened(ready, "district"))
    readable = told(found, Grade.GOOD)["edfi_readable"]
    assert readable.isdisjoint({"demographics", "line_items", "results", "assessment_results"})
    [writing] = [one for one in found if one.code == "edfi_may_write"]
    assert writing.parameters["sent"] == "nothing"


def test_a_key_that_only_reads_is_told_before_anything_is_written(ready):
    """As bad where writing is switched on; the connector offers no writes either."""
    connector = opened(ready, "reader", **EVERYTHING)
    bad = told(checked(connector), Grade.BAD)
    assert set(bad) == {"edfi_not_writable"}
    assert "users" in bad["edfi_not_writable"]
    assert not any(one.writes for one in connector.capabilities().values())


def test_a_key_of_one_school_is_told_by_its_school(ready):
    """What it does not see is missing without a word, so whose data it sees is said."""
    found = checked(opened(ready, "school"))
    [one] = [one for one in found if one.code == "edfi_organizations"]
    assert one.parameters["count"] == 1
    assert "edfi_schools_alone" not in told(found, Grade.NOTE)
    whole = checked(opened(ready, "district"))
    sizes = [
        next(
            int(str(one.parameters["count"]))
            for one in each
            if one.parameters.get("entity") == "users"
        )
        for each in (found, whole)
    ]
    assert sizes[0] < sizes[1]


def test_a_key_of_one_school_that_is_to_write_people_is_told_what_it_cannot(ready):
    """Nobody new is made by a key that does not see the whole district; one for it says nothing."""
    for client, expected in (("school", True), ("district", False)):
        found = checked(opened(ready, client, **EVERYTHING))
        assert ("edfi_schools_alone" in told(found, Grade.NOTE)) is expected


def test_a_key_without_the_gradebook_is_told_by_its_resources(ready):
    """So that the host of the service knows what to allow."""
    found = checked(opened(ready, "narrow", gradebook="read", assessments="read"))
    bad = [one for one in found if one.grade is Grade.BAD]
    assert {one.code for one in bad} == {"edfi_not_readable"}
    named = {str(one.parameters["entity"]): str(one.parameters["resources"]) for one in bad}
    assert "gradebookEntries" in named["line_items"]
    assert "studentAssessments" in named["assessment_results"]


@pytest.mark.parametrize(
    ("habits", "settings"),
    [
        (["api-5.3"], {}),
        (["api-6.2"], {}),
        (["api-7.1"], {}),
        (["double-slashes"], {}),
        (["untold-urls"], {}),
        (["no-token-info"], {}),
        (["no-change-queries"], {}),
        (["no-cursor"], {}),
        (["snapshots"], {"snapshots": "on"}),
        (["basic-only"], {}),
        (["body-only"], {}),
        (["absolute-expiry"], {}),
        (["text-expiry"], {}),
        (["mixed-case"], {}),
        (["api-5.3", "untold-urls", "body-only", "mixed-case"], {}),
    ],
    ids=lambda one: "+".join(one) if isinstance(one, list) else "",
)
def test_a_service_with_habits_is_no_worse_for_them(habits, settings):
    """Older generations and odd hosts: nothing is bad, and what is read can be read."""
    with serving(small_district.documents()) as little:
        with speaking(little) as owner:
            for habit in habits:
                owner.switch_on(habit)
        found = checked(opened(little, "district", guardians="on", **settings))
    assert told(found, Grade.BAD) == {}
    assert {"orgs", "users", "classes", "enrollments"} <= told(found, Grade.GOOD)["edfi_readable"]


def test_what_was_learnt_comes_back(ready):
    """A connector opened with it knows that there are cursors."""
    connector = opened(ready, "district")
    checked(connector)
    assert connector.learnt()["cursors"] is True
