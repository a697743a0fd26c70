"""A guardian who works here is written as the contact that they are, too (SEMANTICS A5, F2)."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.connectors.contract import Outcome
from app.connectors.edfi.keys import record_key
from tests.connectors.edfi.desk import Desk, desk_at, open_district, said
from tests.connectors.edfi.test_streams_one_person import child_of, job
from tests.practice.edfi.client import Client
from tests.practice.edfi.small_district import descriptor

MAIL = "ElectronicMailType"


@pytest.fixture(scope="module")
def sis() -> Iterator[Client]:
    with open_district() as somebody:
        yield somebody


@pytest.fixture
def desk(sis: Client) -> Iterator[Desk]:
    with desk_at(sis) as made:
        yield made


def mail(address: str) -> dict[str, Any]:
    """The email address of a document."""
    of = {"electronicMailTypeDescriptor": descriptor(MAIL, "Work")}
    return {"electronicMails": [{"electronicMailAddress": address, **of}]}


def works_here(desk: Desk, key: str, *, guards: bool = False) -> str:
    """Somebody who works here; they may be the contact of another student, too."""
    known = {"firstName": "Eva", "lastSurname": "Lee", **mail(f"{key}@d.example")}
    desk.post("staffs", {"staffUniqueId": key, **known})
    desk.post("staffEducationOrganizationAssignmentAssociations", job(key))
    if guards:
        desk.post("contacts", {"contactUniqueId": key, **known})
        desk.post("studentContactAssociations", child_of(key))
    return record_key("staffs", key)


def test_a_new_relation_is_made_with_the_contact(desk: Desk):
    """The student refers to the record of the staff here, and to the contact there."""
    student, staff = desk.enrolled("r1"), works_here(desk, "e1", guards=True)
    result = desk.update("users", student, agents=(None, ((staff, "mother"),)))
    assert result.outcome is Outcome.DONE
    assert said("users", result.row)["agents"] == (("contacts/e1", "mother"),)
    [made] = desk.all("studentContactAssociations", studentUniqueId="r1")
    assert made["contactReference"]["contactUniqueId"] == "e1"


def test_what_was_agreed_about_the_staff_is_what_stands_of_the_contact(desk: Desk):
    """No difference is seen where there is none: the relation is changed, not made anew (F2)."""
    student = desk.enrolled("r3")
    staff = works_here(desk, "e3", guards=True)
    desk.update("users", student, agents=(None, ((staff, "mother"),)))
    agreed, wanted = ((staff, "mother"),), ((staff, "guardian"),)
    desk.watched.writes.clear()
    result = desk.update("users", student, agents=(agreed, wanted))
    assert result.outcome is Outcome.DONE
    assert [method for method, _ in desk.watched.writes] == ["PUT"]
    [one] = desk.all("studentContactAssociations", studentUniqueId="r3")
    assert one["relationDescriptor"].endswith("#Guardian")


def test_who_only_works_here_is_nobodys_guardian_there(desk: Desk):
    """Ed-Fi has no document for it: refused, and nothing is written."""
    student = desk.enrolled("r4")
    staff = works_here(desk, "e4")
    result = desk.update("users", student, agents=(None, ((staff, "mother"),)))
    assert (result.outcome, result.words.split()[0]) == (Outcome.REFUSED, "edfi_push_odd")
    assert desk.watched.writes == []


def test_the_record_of_the_staff_is_not_written(desk: Desk):
    """Neither the staff's document nor the contact's: staff are only read."""
    staff = works_here(desk, "e5", guards=True)
    result = desk.update("users", staff, given_name=("Eva", "Evi"))
    assert (result.outcome, result.words) == (Outcome.REFUSED, "edfi_staff_read_only")
    assert desk.watched.writes == []
