"""School days of the Ed-Fi side: what happens on them, and that nothing is left behind."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from app.practice.district import District
from app.practice.edfi.days import SchoolDays
from app.practice.edfi.projection import documents
from app.practice.edfi.shelf import decode
from app.practice.edfi.sizes import OdsSizes, asked_sizes, usual_sizes
from app.practice.edfi.store import Ods
from app.practice.edfi.vocabulary import holders, key_of_reference, targets
from app.practice.gradebook import Gradebook
from app.practice.wire import midnight
from tests.practice.edfi.official_document import faults, require_documents

TODAY = date(2026, 3, 3)
AT = midnight(date(2026, 3, 4)) + 36_000_000
SEED = 7
Keys = dict[str, Any]

NOTHING = dict.fromkeys(OdsSizes.__dataclass_fields__, 0)


def made() -> SchoolDays:
    district = District(SEED, 300, TODAY)
    ods = Ods(SEED)
    ods.load(documents(district, Gradebook(district).collections), midnight(date(2026, 3, 2)))
    return SchoolDays(ods, SEED)


@pytest.fixture
def days() -> SchoolDays:
    """A district's Ed-Fi side of its own."""
    return made()


Passing = Callable[..., dict[str, dict[str, list[Keys]]]]


@pytest.fixture
def passing(days: SchoolDays) -> Passing:
    """A day on which only what is named happens."""

    def pass_day(**sizes: int) -> dict[str, dict[str, list[Keys]]]:
        return days.pass_day(AT, OdsSizes(**{**NOTHING, **sizes}))

    return pass_day


def everything(ods: Ods) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, shelf in ods.shelves.items():
        for item in shelf.items.values():
            yield name, item.id, decode(item.body)


def student(ods: Ods, resource: str, unique: str) -> list[dict[str, Any]]:
    return [decode(item.body) for item in ods.shelves[resource].referring("students", unique)]


def test_the_same_days_do_the_same() -> None:
    """Deterministic: the ids and change versions too."""
    first, second = made(), made()
    for number in range(1, 6):
        at = AT + number * 86_400_000
        accounts = [side.pass_day(at, usual_sizes(300, number)) for side in (first, second)]
        assert accounts[0] == accounts[1]
    assert first.ods.version == second.ods.version
    assert list(everything(first.ods)) == list(everything(second.ods))


def test_whatever_is_referred_to_is_there(days: SchoolDays) -> None:
    """After days of every sort no reference dangles, as in a real ODS."""
    for number in range(1, 4):
        days.pass_day(AT + number * 86_400_000, OdsSizes(**dict.fromkeys(NOTHING, 3)))
    ods = days.ods
    for name, _, document in everything(ods):
        for link in ods.shelves[name].resource.links:
            for reference in holders(document, link.path):
                keys = [
                    (other, key_of_reference(reference, ods.shelves[other].resource))
                    for other in targets(link.to)
                ]
                assert any(key and ods.find(other, key) for other, key in keys), (name, reference)


def test_every_document_of_a_day_is_valid(days: SchoolDays) -> None:
    """Ed-Fi Data Standard 5.0: what a day writes is as valid as what was there before."""
    require_documents()
    before = days.ods.version
    days.pass_day(AT, OdsSizes(**dict.fromkeys(NOTHING, 3)))
    written = [
        (shelf.resource.name, decode(item.body))
        for shelf in days.ods.shelves.values()
        for item in shelf.items.values()
        if item.version > before
    ]
    assert {"students", "contacts", "sessions"} <= {name for name, _ in written}
    assert [fault for name, document in written for fault in faults(document, name)] == []


def test_newcomers_have_all_that_a_student_has(days: SchoolDays, passing: Passing) -> None:
    """A student, a school since today, what the district knows, guardians, and a timetable."""
    account = passing(new=3)
    assert len(account["students"]["created"]) == 3
    for told in account["students"]["created"]:
        unique = told["studentUniqueId"]
        [school] = student(days.ods, "studentSchoolAssociations", unique)
        assert school["entryDate"] == "2026-03-04"
        assert student(days.ods, "studentEducationOrganizationAssociations", unique)
        assert student(days.ods, "studentContactAssociations", unique)
        assert student(days.ods, "studentSectionAssociations", unique)


def test_newcomers_are_nobody_of_the_other_side(passing: Passing) -> None:
    """Their numbers are far from those that OneRoster gives out: two systems, two people."""
    account = passing(new=2)
    assert {int(each["studentUniqueId"]) for each in account["students"]["created"]} >= {2_000_001}
    assert all(int(each["contactUniqueId"]) > 2_000_000 for each in account["contacts"]["created"])


def test_leavers_have_a_last_day(days: SchoolDays, passing: Passing) -> None:
    """exitWithdrawDate: yesterday, and the same in all their sections; nothing is deleted."""
    account = passing(leavers=2)
    assert not any(each["deleted"] for each in account.values())
    assert len(account["studentSchoolAssociations"]["updated"]) == 2
    for told in account["studentSchoolAssociations"]["updated"]:
        unique = told["studentUniqueId"]
        [school] = student(days.ods, "studentSchoolAssociations", unique)
        assert school["exitWithdrawDate"] == "2026-03-03"
        seats = student(days.ods, "studentSectionAssociations", unique)
        assert max(seat["endDate"] for seat in seats) == "2026-03-03"


def test_who_was_to_come_and_leaves_never_came(days: SchoolDays, passing: Passing) -> None:
    """A last day before the first one is none: such an association is deleted."""
    for item in days.ods.items("studentSchoolAssociations"):
        document = {**decode(item.body), "entryDate": "2026-03-04"}
        days.ods.replace("studentSchoolAssociations", item.id, document, AT)
    account = passing(leavers=2)["studentSchoolAssociations"]
    assert (len(account["deleted"]), account["updated"]) == (2, [])


def test_a_day_after_the_school_year_is_its_last_day(days: SchoolDays) -> None:
    """A district that is remembered for long goes on: newcomers still sit in classes."""
    sizes = OdsSizes(**{**NOTHING, "new": 1})
    account = days.pass_day(midnight(date(2027, 1, 8)), sizes)
    [told] = account["studentSchoolAssociations"]["created"]
    assert told["entryDate"] == "2026-06-07"
    assert account["studentSectionAssociations"]["created"]


def test_of_the_removed_nothing_is_left(days: SchoolDays, passing: Passing) -> None:
    """Every document that says something of them is deleted, the student last."""
    account = passing(removed=2)
    deletes = [
        (change.version, shelf.resource.name)
        for shelf in days.ods.shelves.values()
        for change in shelf.deletes
    ]
    students = [version for version, name in deletes if name == "students"]
    assert len(students) == 2
    gone = {each["studentUniqueId"] for each in account["students"]["deleted"]}
    for _, _, document in everything(days.ods):
        assert document.get("studentReference", document).get("studentUniqueId") not in gone
    schools = {
        change.old["studentUniqueId"]: change.version
        for change in days.ods.shelves["studentSchoolAssociations"].deletes
    }
    students_gone = {
        change.old["studentUniqueId"]: change.version
        for change in days.ods.shelves["students"].deletes
    }
    assert all(schools[unique] < students_gone[unique] for unique in gone)


def test_a_second_school_is_a_second_association(days: SchoolDays, passing: Passing) -> None:
    """One person at two schools: the second is not the primary one, and has a class there."""
    [told] = passing(seconds=1)["studentSchoolAssociations"]["created"]
    schools = student(days.ods, "studentSchoolAssociations", told["studentUniqueId"])
    assert [each["primarySchool"] for each in schools] == [True, False]
    places = {each["schoolReference"]["schoolId"] for each in schools}
    seats = student(days.ods, "studentSectionAssociations", told["studentUniqueId"])
    assert {each["sectionReference"]["schoolId"] for each in seats} == places


def test_a_session_with_another_name_takes_all_along(days: SchoolDays, passing: Passing) -> None:
    """The key change cascades: offerings, sections, seats and grades have one of their own."""
    account = passing(sessions=1)
    [change] = account["sessions"]["rekeyed"]
    assert change["old"]["sessionName"] != change["new"]["sessionName"]
    for resource in ("courseOfferings", "sections", "studentSectionAssociations"):
        moved = account[resource]["rekeyed"]
        assert moved
        assert {each["new"]["sessionName"] for each in moved} == {change["new"]["sessionName"]}
    assert not any(each["created"] or each["deleted"] for each in account.values())


def test_what_is_created_again_has_another_id(days: SchoolDays, passing: Passing) -> None:
    """Delete and POST of the same natural key: the id is new, the document is not."""
    before = {(name, id_): document for name, id_, document in everything(days.ods)}
    account = passing(recreated=3)
    after = {(name, id_): document for name, id_, document in everything(days.ods)}
    assert account["students"]["created"] == account["students"]["deleted"]
    gone, new = before.keys() - after.keys(), after.keys() - before.keys()
    assert len(gone) == len(new) > 2
    assert sorted(str(before[each]) for each in gone) == sorted(str(after[each]) for each in new)


def test_staff_who_move_leave_their_classes(days: SchoolDays, passing: Passing) -> None:
    """The assignment ends and begins elsewhere, and nobody teaches where they no longer are."""
    account = passing(staff=1)
    [moved] = account["staffSchoolAssociations"]["created"]
    [left] = account["staffSchoolAssociations"]["deleted"]
    assert moved["staffUniqueId"] == left["staffUniqueId"]
    assert moved["schoolId"] != left["schoolId"]
    taught = days.ods.shelves["staffSectionAssociations"].referring("staffs", left["staffUniqueId"])
    assert all(decode(item.body)["endDate"] < "2026-03-04" for item in taught)


def test_an_ordinary_day_grows_with_the_district() -> None:
    """Sizes: each in at least one way, and a session on every fifth day."""
    small, large = usual_sizes(100, 1), usual_sizes(20_000, 5)
    assert (small.new, small.sessions) == (1, 0)
    assert (large.new, large.sessions) == (15, 1)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"strikes": 1}, "has no 'strikes'"),
        ({"new": -1}, "whole number, 0 or more"),
        ({"leavers": True}, "whole number, 0 or more"),
        ({"moves": 400}, "only 300 are here"),
        ({"new": 301}, "no school day"),
    ],
)
def test_a_day_that_cannot_be_is_refused(asked: dict[str, object], sentence: str) -> None:
    """A sentence, before anything happens."""
    with pytest.raises(ValueError, match=sentence):
        asked_sizes({**NOTHING, **asked}, made().ods, 1)
