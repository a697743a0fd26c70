"""What *Test connection* finds out about an Ed-Fi service, and in what words."""

import json
import socket
from datetime import timedelta

import pytest

from app.connectors.contract import Finding, Grade
from app.connectors.edfi.checking import Told, check
from app.text import SENTENCES, meaning, sentence, topic
from tests.connectors.edfi.small_service import NOW, SmallService, client_of
from tests.connectors.http_server import plain

ASKED = {
    "orgs": Told(("localEducationAgencies", "schools")),
    "users": Told(("students", "staffs"), ("studentSchoolAssociations",)),
}
WRITTEN = {"users": ("students", "studentSchoolAssociations")}
COUNTS = {"localEducationAgencies": 1, "schools": 3, "students": 40, "staffs": 5}


def checked(small, *, unmapped=None, asked=ASKED, written=None, **settings) -> list[Finding]:
    with client_of(small, **settings) as client:
        found: list[Finding] = client(check(client.service, unmapped or {}, asked, written or {}))
    for one in found:
        assert one.code in SENTENCES
        told = sentence(one.code, one.parameters) + meaning(one.code, one.parameters)
        assert topic(one.code)
        assert "{" not in told
    return found


def codes(found, *grades) -> list[str]:
    return [one.code for one in found if not grades or one.grade in grades]


def one(found: list[Finding], code: str) -> Finding:
    [only] = [each for each in found if each.code == code]
    return only


@pytest.fixture
def full(small: SmallService) -> SmallService:
    small.counts = dict(COUNTS)
    return small


def test_a_good_service_is_told_from_top_to_bottom(full):
    """What it is, whom the key is for, what can be read, and how."""
    found = checked(full)
    assert codes(found, Grade.NOTE, Grade.BAD) == []
    assert codes(found) == [
        *("edfi_found", "edfi_key_accepted", "edfi_organizations", "edfi_claim_set"),
        *("edfi_readable", "edfi_readable", "edfi_change_queries", "edfi_cursors"),
    ]
    told = one(found, "edfi_found").parameters
    assert (told["version"], told["standard"]) == ("7.3", "5.2.0")
    assert one(found, "edfi_organizations").parameters == {
        "organizations": "Grand Bend ISD (255901)",
        "count": 1,
        "below": 1,
    }
    assert one(found, "edfi_claim_set").parameters == {"claim_set": "SIS Vendor"}
    assert {each.parameters["entity"]: each.parameters["count"] for each in found[4:6]} == {
        "orgs": 4,
        "users": 45,
    }


def test_nothing_is_written_and_no_list_is_read(full):
    """A count comes without a row; one row is asked for to see whether there are cursors."""
    checked(full, written=WRITTEN)
    assert {path.rpartition("/")[2] for path in full.paths("POST")} == {"token", "token_info"}
    assert not full.paths("PUT") + full.paths("DELETE")
    sizes = {
        path.partition("?")[2].split("&")[0] for _, path, _, _ in full.seen if "/ed-fi/" in path
    }
    assert sizes == {"limit=0", "limit=1", "pageSize=1"}


# -- what cannot work -------------------------------------------------------------------------


def test_a_wrong_secret_is_told_also_where_a_token_is_still_good(full):
    """A test tries what was entered, and not what was good an hour ago."""
    assert codes(checked(full), Grade.BAD) == []
    full.secret, old = "another", full.secret
    found = checked(full, secret=old, clock=lambda: NOW + timedelta(minutes=6))
    assert codes(found, Grade.BAD) == ["edfi_key_refused"]
    assert "edfi_found" in codes(found)


def test_testing_again_and_again_uses_up_no_tokens(full):
    """A key has some fifteen, each for an hour: a sync would have none left."""
    for minute in range(0, 60, 2):
        found = checked(full, clock=lambda now=NOW + timedelta(minutes=minute): now)
        assert codes(found, Grade.BAD) == []
    assert sum(path.endswith("/oauth/token") for path in full.paths("POST")) <= 12


def test_a_key_whose_tokens_are_used_up_is_tested_with_the_one_there_is(full):
    """It was given for the same key and secret, and it still lets in."""
    assert codes(checked(full), Grade.BAD) == []
    full.granting = lambda form, basic: (429, {"title": "Too Many Tokens"})
    found = checked(full, clock=lambda: NOW + timedelta(minutes=20))
    assert codes(found, Grade.BAD) == []
    found = checked(full, clock=lambda: NOW + timedelta(minutes=61))
    assert codes(found, Grade.BAD) == ["edfi_tokens_too_many"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (plain(200, b"<html>welcome</html>"), "edfi_not_found"),
        (plain(404), "edfi_not_found"),
        (plain(200, b'{"version": "2.6"}'), "edfi_too_old"),
        (plain(503), "server_error"),
    ],
)
def test_an_address_where_there_is_no_service_is_told(small, answer, code):
    """By what was found there."""
    small.routes = {"*": answer}
    found = checked(small)
    assert codes(found) == [code]
    assert found[0].grade is Grade.BAD


def test_a_service_that_does_not_answer_is_told(small):
    """It may be down, or the address wrong."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/api"
    assert codes(checked(small, base_url=url)) == ["connection_refused"]


def test_a_refused_certificate_is_told(secure, small):
    """It is never gone past."""
    found = checked(small, base_url=secure.url.replace("http://127.0.0.1", "https://localhost"))
    assert codes(found) == ["certificate_refused"]


def test_a_page_in_place_of_a_list_is_told(full):
    """As by what stands before a service."""
    full.closed["ed-fi/schools"] = (200, b"<html>maintenance</html>")
    found = checked(full)
    assert one(found, "answer_is_html").grade is Grade.BAD
    assert one(found, "edfi_readable").parameters["entity"] == "users"


# -- what the key may do ----------------------------------------------------------------------


def test_what_is_switched_on_and_not_permitted_is_bad(full):
    """It is told by the resources that the host of the service has to allow."""
    for name in ("students", "staffs", "studentSchoolAssociations"):
        full.closed[f"ed-fi/{name}"] = (403, {"title": "Authorization Denied"})
    found = one(checked(full), "edfi_not_readable")
    assert found.grade is Grade.BAD
    assert found.parameters == {
        "entity": "users",
        "resources": "students, staffs, studentSchoolAssociations",
    }


def test_a_part_that_is_not_permitted_is_a_note(full):
    """The rest of the record is read, and what the part would tell stays unsaid."""
    full.closed["ed-fi/studentSchoolAssociations"] = (404, {})
    found = checked(full)
    assert (
        one(found, "edfi_part_not_readable").parameters["resources"] == "studentSchoolAssociations"
    )
    assert codes(found).count("edfi_readable") == 2


def operations(small, **allowed) -> None:
    _, said = small.info
    rows = [{"resource": f"/ed-fi/{name}", "operations": done} for name, done in allowed.items()]
    small.info = (200, {**said, "resources": rows})


def test_what_the_service_tells_of_a_key_is_not_tried(full):
    """Where it tells the resources, nothing is asked for that it does not allow."""
    every = ["Create", "Read", "Update", "Delete", "ReadChanges"]
    operations(full, schools=every, localEducationAgencies=["Read"], staffs=every)
    found = checked(full, written={"orgs": ("schools",), "users": ("students", "staffs")})
    assert one(found, "edfi_part_not_readable").parameters["resources"] == (
        "students, studentSchoolAssociations"
    )
    assert one(found, "edfi_may_write").parameters == {
        "may": "nothing",
        "only": "organizations, staff",
        "sent": "students, organizations, staff",
    }
    assert one(found, "edfi_not_writable").parameters["resources"] == "students"
    assert one(found, "edfi_not_writable").grade is Grade.BAD
    assert one(found, "edfi_no_deletes").parameters["resources"] == "localEducationAgencies"
    assert not [path for path in full.paths() if path.endswith("/students")]


def test_writing_is_not_tried_where_it_is_not_told(full):
    """Nothing is written by a test; what the service does not take after all is shown then."""
    found = one(checked(full, written=WRITTEN), "edfi_writes_untold")
    assert found.grade is Grade.NOTE
    assert found.parameters["sent"] == "students"


def test_what_may_be_written_is_told_in_words(full):
    """By what the key may do, whatever the settings say, and what the settings make of it."""
    every, read = ["Create", "Read", "Update"], ["Read"]
    operations(
        full,
        students=every,
        studentSchoolAssociations=every,
        studentEducationOrganizationAssociations=every,
        contacts=every,
        studentContactAssociations=read,
        grades=every,
        sections=every,
        staffs=read,
    )
    found = one(checked(full, written={"results": ("grades",)}), "edfi_may_write")
    assert found.grade is Grade.GOOD
    assert sentence(found.code, found.parameters) == (
        "May be written with this key: students, demographics, report grades. Only read: "
        "guardians, classes, staff."
    )
    told = meaning(found.code, found.parameters)
    assert told == "By the settings here, changes are sent of: report grades."


@pytest.mark.parametrize(
    ("info", "code"),
    [
        ((404, {}), "edfi_reach_untold"),
        ((200, {"active": True, "education_organizations": []}), "edfi_no_organizations"),
        ((200, {"active": True, "assigned_profiles": ["Roster"]}), "edfi_profiles"),
    ],
)
def test_what_bounds_a_key_is_told(full, info, code):
    """Its organizations, a profile that cuts records short, or that nobody knows."""
    full.info = info
    assert one(checked(full), code).grade is Grade.NOTE


# -- how it is read ---------------------------------------------------------------------------


def test_an_empty_list_is_told(small):
    """The key may see nothing, which no error says."""
    assert codes(checked(small)).count("edfi_empty") == 2


def test_a_service_without_change_queries_is_told(full):
    """Every sync reads everything then."""
    full.versions = (404, {})
    assert one(checked(full), "edfi_no_change_queries").grade is Grade.NOTE
    assert "edfi_change_queries_off" in codes(checked(full, change_queries="off"))


def test_deletions_that_are_not_told_are_told(full):
    """By the resources of which that is so."""
    full.closed["ed-fi/students/deletes"] = (403, {})
    assert one(checked(full), "edfi_no_deletes").parameters["resources"] == "students"


@pytest.mark.parametrize(
    ("there", "code"), [(True, "edfi_snapshot"), (False, "edfi_snapshot_missing")]
)
def test_snapshots_are_told_where_they_are_wanted(full, there, code):
    """And not a word of them otherwise."""
    full.snapshot = there
    assert code in codes(checked(full, snapshots="on"))
    assert not any("snapshot" in each for each in codes(checked(full)))


@pytest.mark.parametrize("cursors", [True, False])
def test_whether_there_are_cursors_is_learnt(full, cursors):
    """The next read begins with what was found out."""
    full.cursors = cursors
    with client_of(full) as client:
        found = client(check(client.service, {}, ASKED, {}))
        assert client.service.learnt.cursors is cursors
    assert ("edfi_cursors" in codes(found)) is cursors


def test_a_service_that_calls_itself_otherwise_is_told(full):
    """It is asked at the address that was entered all the same."""
    full.urls = {name: url.replace(full.url, "http://inner") for name, url in full.urls.items()}
    assert one(checked(full), "edfi_named_otherwise").parameters == {"host": "inner"}


def test_descriptors_without_a_meaning_are_listed(full):
    """The most frequent ones first; they are words, and nobody's data."""
    unmapped = {f"GradeLevelDescriptor#{number}": number for number in range(1, 12)}
    found = one(checked(full, unmapped=unmapped), "edfi_unmapped")
    assert found.parameters["count"] == 11
    assert str(found.parameters["words"]).startswith("GradeLevelDescriptor#11 (11), ")
    assert str(found.parameters["words"]).endswith("(+3)")


def test_an_older_service_is_asked_for_its_own_resources(small):
    """Contacts are called parents up to the Data Standard 4."""
    small.version = {"version": "5.3", "dataModels": [{"name": "Ed-Fi", "version": "3.3.0-b"}]}
    small.counts = {"parents": 2}
    found = checked(small, asked={"users": Told(("contacts",))})
    assert one(found, "edfi_readable").parameters["count"] == 2


def test_nothing_personal_is_in_what_is_found(full):
    """Findings are shown, kept and exported."""
    full.closed["ed-fi/schools"] = (400, json.dumps({"title": "Bad", "detail": "Ann Lee"}).encode())
    assert "Ann Lee" not in repr(checked(full))
