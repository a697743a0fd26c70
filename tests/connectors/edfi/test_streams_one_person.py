"""Somebody who works here and is a guardian is one user (SEMANTICS A5, A6; D1, D3)."""

from contextlib import closing
from typing import Any

import pytest

from app.connectors.conformance import Bench, Pulled, run
from app.connectors.contract import Alias, Rekey, Row
from tests.connectors.edfi.follower import Followed, Follower, add, change, following, remove
from tests.connectors.edfi.small_service import SmallService
from tests.connectors.http_server import Exchange, serving
from tests.practice.edfi.client import Client
from tests.practice.edfi.small_district import HIGH, MIDDLE, at_school, descriptor

STAFF, CONTACT = "staffs/e1", "contacts/e1"
UNITED = [Alias(CONTACT, STAFF)]


def mail(address: str, sort: str = "Work") -> dict[str, Any]:
    """The email address of a document."""
    of = {"electronicMailTypeDescriptor": descriptor("ElectronicMailType", sort)}
    return {"electronicMails": [{"electronicMailAddress": address, **of}]}


def person(id_: str) -> dict[str, Any]:
    """What refers to a Person of Ed-Fi."""
    of = {"sourceSystemDescriptor": descriptor("SourceSystem", "State")}
    return {"personReference": {"personId": id_, **of}}


def worker(key: str = "e1", **more: Any) -> dict[str, Any]:
    """A member of staff."""
    return {"staffUniqueId": key, "firstName": "Eva", "lastSurname": "Lee", **more}


def guardian(key: str = "e1", **more: Any) -> dict[str, Any]:
    """A contact."""
    phone = {"telephoneNumber": "555-0100", "orderOfPriority": 1}
    phone["telephoneNumberTypeDescriptor"] = descriptor("TelephoneNumberType", "Home")
    told = {"contactUniqueId": key, "firstName": "Eva", "lastSurname": "Lee"}
    return {**told, "telephones": [phone], **more}


def child_of(key: str = "e1", student: str = "s1") -> dict[str, Any]:
    """The contact is the mother of a student."""
    return {
        "contactReference": {"contactUniqueId": key},
        "studentReference": {"studentUniqueId": student},
        "relationDescriptor": descriptor("Relation", "Mother"),
    }


def job(key: str = "e1", school: int = HIGH) -> dict[str, Any]:
    """The member of staff teaches at a school."""
    return {
        "beginDate": "2020-08-01",
        "staffClassificationDescriptor": descriptor("StaffClassification", "Teacher"),
        "educationOrganizationReference": {"educationOrganizationId": school},
        "staffReference": {"staffUniqueId": key},
    }


def hired(owner: Client, key: str = "e1", **more: Any) -> None:
    """Somebody works here."""
    add(owner, "staffs", worker(key, **more))
    add(owner, "staffEducationOrganizationAssignmentAssociations", job(key))


def stands_by(owner: Client, key: str = "e1", **more: Any) -> None:
    """Somebody is the mother of the first student."""
    add(owner, "contacts", guardian(key, **more))
    add(owner, "studentContactAssociations", child_of(key))


@pytest.fixture
def one(both: tuple[Follower, Client]) -> tuple[Follower, Client]:
    """Somebody follows a district in which a teacher is a mother."""
    follower, owner = both
    hired(owner, **mail("Eva@Example.org"))
    stands_by(owner, **mail("eva@example.org", "Home/Personal"))
    follower.read("users")
    return follower, owner


def roles(users: Followed, key: str) -> list[tuple[str, str]]:
    """Which roles somebody has, and where."""
    return [role[:2] for role in users.value(key, "roles") or ()]


def agents(users: Followed, key: str) -> list[str]:
    """To whom somebody is related."""
    return [user for user, _ in users.value(key, "agents") or ()]


BOTH = [("parent", str(HIGH)), ("teacher", str(HIGH))]


# -- recognised, and told --


def test_a_teacher_who_is_a_mother_is_one_user(one):
    """One row goes by the staff's key, with the roles and relations of both; the contact's key is
    an alias of it (A5)."""
    users = one[0].entities["users"]
    assert CONTACT not in users.rows
    assert sorted(roles(users, STAFF)) == BOTH
    assert agents(users, STAFF) == ["students/s1"]
    assert [alias for page in users.pages for alias in page.aliases] == UNITED


def test_the_staff_counts_and_blanks_come_from_the_contact(one):
    """Scalars are those of the declared primary row, and what it has not is filled (A5)."""
    follower, owner = one
    change(owner, "contacts", {"contactUniqueId": "e1"}, firstName="Evi")
    users = follower.read("users")
    assert users.value(STAFF, "given_name") == "Eva"
    assert users.value(STAFF, "phone") == "5550100"
    row = users.rows[STAFF]
    assert isinstance(row, Row)
    assert ("given_name", "rows_disagree") in row.warnings


def test_whom_a_student_refers_to_is_that_user(one):
    """The student's guardian is the contact, whose key leads to the one record (A3)."""
    users = one[0].entities["users"]
    assert [users.real(key) for key in agents(users, "students/s1")] == ["contacts/c1", STAFF]


def test_a_whole_read_is_proved_although_two_documents_are_one_row(one):
    """Each row comes once; how many documents there are is no number of rows, and looked at where
    they are read (C5)."""
    follower, _ = one
    follower.page_size = 2
    users = follower.read("users", whole=True)
    assert len(users.told) == len(set(users.told)) == 6
    assert {page.total for page in users.pages} == {None}
    assert users.doubts == []


@pytest.mark.parametrize(
    ("work", "home"),
    [
        pytest.param(mail("eva@example.org"), mail("mother@example.org"), id="other-address"),
        pytest.param({}, {}, id="no-address"),
        pytest.param(
            {**mail("eva@example.org"), **person("1")},
            {**mail("eva@example.org"), **person("2")},
            id="other-person",
        ),
    ],
)
def test_the_unique_id_alone_is_not_enough(both, work, home):
    """Who is not surely one person is two."""
    follower, owner = both
    hired(owner, **work)
    stands_by(owner, **home)
    users = follower.read("users")
    assert {STAFF, CONTACT} <= users.rows.keys()


def test_one_person_of_ed_fi_is_enough(both):
    """Whoever refers to the same Person is one, whatever the unique ids are."""
    follower, owner = both
    hired(owner, **person("77"))
    stands_by(owner, "k9", **person("77"))
    users = follower.read("users")
    assert "contacts/k9" not in users.rows
    assert sorted(roles(users, STAFF)) == BOTH
    assert follower.fetch("users", "contacts/k9") == users.rows[STAFF]


def test_they_stay_two_where_the_setting_says_so(one):
    """Switched off, both are records."""
    follower, _ = one
    with following({**follower_ready(follower)}, one_person="off") as (plain, _):
        assert {STAFF, CONTACT} <= plain.read("users").rows.keys()


def follower_ready(follower: Follower) -> dict[str, Any]:
    """The way to the service that somebody follows."""
    said = {"key": follower.settings.key, "secret": follower.secret}
    return {"edfi_url": follower.settings.base_url, "edfi_clients": {"district": said}}


@pytest.mark.parametrize("key", [STAFF, CONTACT])
def test_either_key_reads_the_one_record(one, key):
    """Read by the key of the staff or of the contact, it is the row that the pull told."""
    follower, _ = one
    assert follower.fetch("users", key) == follower.entities["users"].rows[STAFF]


# -- windows --


def test_a_change_of_either_tells_the_joint_row(one):
    """A document of the staff, of the contact, or an association of either: one row (A5)."""
    follower, owner = one
    changes = [
        lambda: change(owner, "staffs", {"staffUniqueId": "e1"}, middleName="Ann"),
        lambda: change(owner, "contacts", {"contactUniqueId": "e1"}, preferredFirstName="Evi"),
        lambda: add(owner, "staffEducationOrganizationAssignmentAssociations", job("e1", MIDDLE)),
        lambda: add(owner, "studentSchoolAssociations", at_school("s1", MIDDLE)),
    ]
    for happens in changes:
        happens()
        users = follower.read("users")
        assert STAFF in users.told
        assert CONTACT not in users.told
        follower.agrees("users")


def test_a_mother_who_is_hired_stays_one_record(both):
    """The staff comes later: the contact's record is told as the staff's."""
    follower, owner = both
    stands_by(owner, **mail("eva@example.org"))
    follower.read("users")
    hired(owner, **mail("eva@example.org"))
    users = follower.read("users")
    assert [alias for page in users.pages for alias in page.aliases] == UNITED
    assert users.ended == []
    follower.agrees("users")


@pytest.mark.parametrize("whole", [False, True], ids=["window", "whole"])
def test_who_comes_apart_is_a_record_of_its_own(one, whole):
    """Another address, and it is not certain any more: the contact's row comes by its own key."""
    follower, owner = one
    change(owner, "contacts", {"contactUniqueId": "e1"}, **mail("other@example.org"))
    users = follower.read("users", whole=whole)
    assert {STAFF, CONTACT} <= set(users.told)
    assert users.made == [CONTACT]
    assert roles(users, STAFF) == [("teacher", str(HIGH))]
    assert agents(users, CONTACT) == ["students/s1"]
    follower.agrees("users")


@pytest.mark.parametrize("whole", [False, True], ids=["window", "whole"])
def test_the_end_of_the_staff_leaves_the_record_to_the_contact(one, whole):
    """The record goes by the contact's key from then on, and says what the contact says (A6)."""
    follower, owner = one
    remove(owner, "staffEducationOrganizationAssignmentAssociations", staffUniqueId="e1")
    remove(owner, "staffs", staffUniqueId="e1")
    users = follower.read("users", whole=whole)
    assert Rekey(STAFF, CONTACT) in [one for page in users.pages for one in page.rekeys]
    assert (users.made, users.ended) == ([], [])
    assert not any(page.tombstones for page in users.pages)
    assert roles(users, CONTACT) == [("parent", str(HIGH))]
    follower.agrees("users")
    # and when the contact ends as well, so does the record
    remove(owner, "studentContactAssociations", contactUniqueId="e1")
    remove(owner, "contacts", contactUniqueId="e1")
    assert follower.read("users").ended == [CONTACT]


@pytest.mark.parametrize("whole", [False, True], ids=["window", "whole"])
def test_the_end_of_the_contact_takes_its_part_along(one, whole):
    """Only the row that the record goes by can end it (A5)."""
    follower, owner = one
    remove(owner, "studentContactAssociations", contactUniqueId="e1")
    remove(owner, "contacts", contactUniqueId="e1")
    users = follower.read("users", whole=whole)
    assert users.ended == []
    assert not any(page.tombstones for page in users.pages)
    assert roles(users, STAFF) == [("teacher", str(HIGH))]
    assert agents(users, STAFF) == []
    follower.agrees("users")


def test_the_end_of_both_ends_the_one_record(one):
    """One tombstone, by the key of the record."""
    follower, owner = one
    remove(owner, "studentContactAssociations", contactUniqueId="e1")
    remove(owner, "contacts", contactUniqueId="e1")
    remove(owner, "staffEducationOrganizationAssignmentAssociations", staffUniqueId="e1")
    remove(owner, "staffs", staffUniqueId="e1")
    users = follower.read("users")
    assert [key for page in users.pages for key in page.tombstones] == [STAFF]
    follower.agrees("users")


def test_of_several_with_one_person_one_at_a_time_is_the_staffs(both):
    """The contact of the least key; when it goes, the next one (A5)."""
    follower, owner = both
    hired(owner, **person("77"))
    for key in ("k2", "k1"):
        stands_by(owner, key, **person("77"))
    users = follower.read("users")
    assert {STAFF, "contacts/k2"} == {key for key in users.rows if key[-2:] in ("e1", "k1", "k2")}
    remove(owner, "studentContactAssociations", contactUniqueId="k1")
    remove(owner, "contacts", contactUniqueId="k1")
    users = follower.read("users")
    assert Alias("contacts/k2", STAFF) in [one for page in users.pages for one in page.aliases]
    follower.agrees("users")


# -- what did not come, and what was cut off --


@pytest.mark.parametrize("kind", ["staffs", "contacts"])
def test_whom_the_key_may_not_see_is_not_taken_apart(one, kind):
    """Asked for by its id, what is hidden is refused, and so it is not gone (D1)."""
    follower, owner = one
    before = follower.entities["users"].rows[STAFF]
    hide(owner, kind, "e1")
    for _ in range(2):
        users = follower.read("users", whole=True)
        assert CONTACT not in users.told
        assert STAFF in users.told
        assert not any(page.rekeys or page.tombstones for page in users.pages)
        assert users.rows[STAFF] == before


def test_who_was_hidden_is_asked_for_again(one):
    """What could not be seen for a while, and is deleted then, is not told for ever (D1)."""
    follower, owner = one
    hide(owner, "contacts", "e1")
    follower.read("users", whole=True)
    owner.control("POST", "show", json={})
    remove(owner, "studentContactAssociations", contactUniqueId="e1")
    remove(owner, "contacts", contactUniqueId="e1")
    users = follower.read("users", whole=True)
    assert roles(users, STAFF) == [("teacher", str(HIGH))]
    follower.agrees("users")


def hide(owner: Client, resource: str, key: str) -> None:
    """The key of the district may see a document no more."""
    told = owner.control(
        "POST", "hide", json={"resource": resource, "key": {f"{resource[:-1]}UniqueId": key}}
    )
    assert told.json()["hidden"] == 1


def test_a_pull_goes_on_at_any_page(one):
    """Cut off anywhere, two documents are one row, and the record lives on (C7, A6)."""
    follower, owner = one
    follower.page_size = 2
    change(owner, "students", {"studentUniqueId": "s1"}, firstName="Anna")
    remove(owner, "staffEducationOrganizationAssignmentAssociations", staffUniqueId="e1")
    remove(owner, "staffs", staffUniqueId="e1")
    known = follower.entities["users"]
    for since in (None, known.state):
        whole = pulled(follower, since, known.shelf)
        assert CONTACT in whole.rows
        assert STAFF not in whole.rows
        for place, page in enumerate(whole.pages[:-1]):
            rest = pulled(follower, page.state, whole.shelves[place])
            assert {**told_until(whole, place), **rest.rows} == whole.rows


def pulled(follower: Follower, since: Any, shelf: Bench) -> Pulled:
    """What a new connector pulls; the shelf stays as it was."""
    told, bench = Pulled(), shelf.copy()
    steps = follower.connector().pull("users", since, bench)
    run(steps, follower.transport, lambda page: told.take(page, bench))
    return told


def told_until(whole: Pulled, place: int) -> dict[str, Any]:
    """The rows of the pages up to one."""
    return {
        key: row
        for page in whole.pages[: place + 1]
        for key, row in zip(page.keys, page.read(range(len(page.keys))), strict=True)
    }


# -- keys that change --


class Registry(SmallService):
    """A service of which every document can be changed, its natural key too."""

    def __init__(self) -> None:
        super().__init__()
        self.cursors = False
        self.documents: dict[str, list[dict[str, Any]]] = {}

    def answer_list(self, exchange: Exchange, path: str, query: dict[str, str]) -> None:
        """All that has the values of the query."""
        every = self.documents.get(path.removeprefix("ed-fi/"), [])
        found = [one for one in every if all(one.get(n, v) == v for n, v in query.items())]
        start = int(query.get("offset", 0))
        told = found[start : start + int(query.get("limit", 25))]
        self.json(exchange, 200, told, total_count=str(len(found)))


def test_both_may_go_by_another_unique_id():
    """The record moves with the staff's key; the contact's is an alias again, no record (A6)."""
    with serving(Registry()) as registry:
        names = {"staffs": "staffUniqueId", "contacts": "contactUniqueId"}
        registry.documents = {
            name: [{"id": f"{n:032x}", key: "e1", **mail("eva@example.org")}]
            for n, (name, key) in enumerate(names.items())
        }
        way_in = {"key": registry.key, "secret": registry.secret}
        ready = {"edfi_url": registry.url + registry.base, "edfi_clients": {"district": way_in}}
        follower = Follower(ready)
        with closing(follower.transport):
            assert list(follower.read("users").rows) == [STAFF]
            for name, key in names.items():
                registry.documents[name][0][key] = "e2"
            users = follower.read("users", whole=True)
    assert [one for page in users.pages for one in page.rekeys] == [Rekey(STAFF, "staffs/e2")]
    assert Alias("contacts/e2", "staffs/e2") in [
        one for page in users.pages for one in page.aliases
    ]
    assert (list(users.rows), users.made) == (["staffs/e2"], [])
