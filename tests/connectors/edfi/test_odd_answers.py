"""Answers that are none, or somebody else's: nothing is believed of them (SEMANTICS C5, D1)."""

from contextlib import closing
from itertools import pairwise
from typing import Any

import pytest

from app.connectors.conformance import run
from app.errors import ContractError
from tests.connectors.edfi.follower import Followed, Follower, add, change, remove
from tests.connectors.edfi.small_service import SmallService, client_of
from tests.connectors.http_server import Exchange, serving
from tests.practice.edfi.small_district import HIGH, MIDDLE, at_school, section_reference

PARTS = "studentSchoolAssociations"


def codes(told: Followed) -> list[str]:
    """The doubts of the last pull."""
    return [doubt.code for doubt in told.doubts]


# -- what stands before a service --


@pytest.mark.parametrize("whole", [False, True], ids=["window", "whole"])
@pytest.mark.parametrize("resource", ["students", PARTS])
def test_a_page_for_people_in_place_of_a_list_ends_the_read(both, resource, whole):
    """200 and HTML is no empty list: the sync fails, and goes on from where it stood."""
    follower, owner = both
    before = dict(follower.read("users").rows)
    change(owner, "students", {"studentUniqueId": "s1"}, firstName="Anna")
    owner.switch_on("login-page", resource=resource)
    with pytest.raises(ContractError, match="answer_is_html"):
        follower.read("users", whole=whole)
    assert follower.entities["users"].rows.keys() == before.keys()
    owner.switch_off()
    assert follower.read("users").value("students/s1", "given_name") == "Anna"
    follower.agrees("users")


@pytest.mark.parametrize("fault", ["login-page", "no-resource", "forbidden"])
def test_an_answer_that_is_none_proves_no_absence(both, fault):
    """Asked for by its key, a part has a page for people, or what is said of all of its sort, for
    an answer: it stands (D1)."""
    follower, owner = both
    add(owner, PARTS, at_school("s1", MIDDLE))
    before = dict(follower.read("users").rows)
    remove(owner, PARTS, studentUniqueId="s1", schoolId=MIDDLE)
    follower.page_size = 2
    one, connector = follower.entities["users"], follower.connector()

    def take(page: Any) -> None:
        one.take(page)
        if page.state.get("phase") == "sweeping":
            owner.switch_on(fault, resource=PARTS)

    one.pages = []
    run(connector.pull("users", None, one.shelf), follower.transport, take)
    assert (codes(one), one.rows) == ([], before)


def test_somebody_elses_answer_is_not_what_a_key_may_do(small):
    """Another scope would be taken for it, under which nothing that stands is known (D2)."""
    small.info = (200, b"<html>Please log in</html>")
    with client_of(small) as client, pytest.raises(ContractError, match="answer_is_html"):
        client(client.service.locate())


# -- lists that contradict themselves --


class Contradicting(SmallService):
    """It states more than it sends, of one resource."""

    def __init__(self) -> None:
        super().__init__()
        self.cursors = False
        self.documents: dict[str, list[dict[str, Any]]] = {}
        self.hidden: set[str] = set()

    def answer_list(self, exchange: Exchange, path: str, query: dict[str, str]) -> None:
        """What there is, or nothing of it; by an id 404 where it is hidden."""
        name, _, id_ = path.removeprefix("ed-fi/").partition("/")
        every = self.documents.get(name, [])
        if id_:
            found = [one for one in every if one["id"] == id_ and name not in self.hidden]
            self.json(exchange, 200 if found else 404, found[0] if found else {})
            return
        start = int(query.get("offset", 0))
        told = [] if name in self.hidden else every[start : start + int(query.get("limit", 25))]
        self.json(exchange, 200, told, total_count=str(len(every)))


def test_an_empty_list_of_so_many_proves_nothing():
    """None of the students comes, and the service says that there are two (C5)."""
    with serving(Contradicting()) as odd:
        odd.documents = {
            "students": [{"id": f"{n:032x}", "studentUniqueId": f"s{n}"} for n in range(2)]
        }
        way_in = {"key": odd.key, "secret": odd.secret}
        ready = {"edfi_url": odd.url + odd.base, "edfi_clients": {"district": way_in}}
        follower = Follower(ready)
        with closing(follower.transport):
            before = dict(follower.read("users").rows)
            odd.hidden = {"students"}
            for _ in range(2):
                users = follower.read("users", whole=True)
                assert "total_not_met" in codes(users)
                assert users.rows == before


@pytest.mark.parametrize("fault", ["keyless-row", "wrong-total"])
def test_a_list_that_casts_doubt_takes_no_parts_away(both, fault):
    """What is missing from such a list is not even asked for (C5, D1)."""
    follower, owner = both
    add(owner, PARTS, at_school("s1", MIDDLE))
    before = dict(follower.read("users").rows)
    remove(owner, PARTS, studentUniqueId="s1", schoolId=MIDDLE)
    owner.switch_on(fault, resource=PARTS, value=1)
    assert follower.read("users", whole=True).rows == before


# -- keys and ids --


def test_a_delete_told_of_what_lives_again_ends_nobody(both):
    """Under another id since an earlier sync, and told once more, as by a service that tells all of
    its deletes each time (D3)."""
    follower, owner = both
    owner.switch_on("recreated-told")
    follower.read("enrollments")
    [seat] = owner.list("studentSectionAssociations", studentUniqueId="s3")
    document = {name: seat[name] for name in ("beginDate", "studentReference", "sectionReference")}
    remove(owner, "studentSectionAssociations", studentUniqueId="s3")
    add(owner, "studentSectionAssociations", document)
    for _ in range(2):
        told = follower.read("enrollments")
        assert (told.ended, told.made) == ([], [])
        change(owner, "students", {"studentUniqueId": "s3"}, firstName="Zoe")
    follower.agrees("enrollments")


def test_a_chain_of_key_changes_is_one_move(both):
    """A section that is called otherwise three times between two syncs is the one it was (A6)."""
    follower, owner = both
    classes = follower.read("classes")
    before = sorted(classes.rows)
    names = [f"ALG-{HIGH}", "B", "C", "D"]
    for old, new in pairwise(names):
        change(owner, "sections", {"sectionIdentifier": old}, sectionIdentifier=new)
    classes = follower.read("classes")
    assert (classes.made, classes.ended) == ([], [])
    assert len(classes.rows) == len(before)
    follower.agrees("classes")
    change(owner, "sections", {"sectionIdentifier": "D"}, sectionIdentifier=names[0])
    assert sorted(follower.read("classes").rows) == before


def test_two_that_change_places_are_who_they_were(both):
    """By way of a third name, in one window: each keeps its record (A6)."""
    follower, owner = both
    told = {**section_reference(), "localCourseCode": "ALG-1"}
    del told["sectionIdentifier"]
    add(
        owner,
        "sections",
        {"sectionIdentifier": "B", "courseOfferingReference": told, "sectionName": "Beta"},
    )
    change(owner, "sections", {"sectionIdentifier": f"ALG-{HIGH}"}, sectionName="Alpha")
    classes = follower.read("classes")
    alpha, beta = (
        next(k for k, r in classes.rows.items() if r.patch[0] == n) for n in ("Alpha", "Beta")
    )
    for old, new in ((f"ALG-{HIGH}", "X"), ("B", f"ALG-{HIGH}"), ("X", "B")):
        change(owner, "sections", {"sectionIdentifier": old}, sectionIdentifier=new)
    classes = follower.read("classes")
    assert (classes.made, classes.ended) == ([], [])
    assert classes.value(alpha, "title") == "Beta"
    assert classes.value(beta, "title") == "Alpha"
    follower.agrees("classes")
