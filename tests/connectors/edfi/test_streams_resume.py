"""A stream that is cut off goes on at any page, and the service lives on (SEMANTICS C3, C7)."""

import json
from collections.abc import Callable
from random import Random
from threading import Event
from typing import Any

import pytest

from app.connectors.conformance import Bench, Pulled, run
from app.connectors.contract import Request, Response, Transport
from tests.connectors.edfi.follower import (
    Followed,
    Follower,
    add,
    change,
    contact,
    following,
    remove,
)
from tests.practice.edfi.client import Client, serving
from tests.practice.edfi.small_district import (
    HIGH,
    MIDDLE,
    at_school,
    documents,
    seat,
    session,
    student,
)

JOINED = ("academic_sessions", "classes", "users")


def news(owner: Client) -> None:
    """Something of everything that may happen between two syncs."""
    change(owner, "students", {"studentUniqueId": "s1"}, firstName="Anna")
    add(owner, "studentSchoolAssociations", at_school("s2", MIDDLE))
    add(owner, "students", student("s8"))
    add(owner, "studentSchoolAssociations", at_school("s8", MIDDLE))
    add(owner, "contacts", contact("c7"))
    remove(owner, "studentSectionAssociations", studentUniqueId="s3")
    add(owner, "sessions", session(HIGH, "Spring"))
    for school in (HIGH, MIDDLE):
        change(owner, "sessions", {"schoolId": school, "sessionName": "Fall"}, sessionName="Autumn")
    add(owner, "studentSectionAssociations", {**seat("s8"), **autumn()})


def autumn() -> dict[str, Any]:
    """What refers to the class by its new name."""
    reference = {**seat("s8")["sectionReference"], "sessionName": "Autumn"}
    return {"sectionReference": reference}


def pulled(follower: Follower, entity: str, since: Any, shelf: Bench) -> Pulled:
    """What a new connector pulls; the shelf stays as it was."""
    told, bench = Pulled(), shelf.copy()
    steps = follower.connector().pull(entity, since, bench)
    run(steps, follower.transport, lambda page: told.take(page, bench))
    return told


@pytest.mark.parametrize("entity", [*JOINED, "enrollments"])
def test_a_window_goes_on_at_every_page(both, entity):
    """Whoever resumes after any page of changes is told what the others are, once (C7)."""
    follower, owner = both
    follower.page_size = 1
    one = follower.read(entity)
    news(owner)
    whole = pulled(follower, entity, one.state, one.shelf)
    assert len(whole.pages) > 4
    for place, page in enumerate(whole.pages[:-1]):
        before = Pulled()
        for earlier in whole.pages[: place + 1]:
            before.take(earlier)
        state = json.loads(json.dumps(page.state))
        rest = pulled(follower, entity, state, whole.shelves[place])
        assert before.rows | rest.rows == whole.rows
        assert before.rows.keys().isdisjoint(rest.rows)
        assert before.tombstones | rest.tombstones == whole.tombstones
        assert rest.pages[-1].state == whole.pages[-1].state


@pytest.mark.parametrize("entity", [*JOINED, "enrollments"])
def test_news_between_two_halves_come_with_the_next_window(both, entity):
    """A whole read that is cut off anywhere, and gone on with later, misses nothing (C3)."""
    follower, owner = both
    follower.page_size = 1
    places = len(pulled(follower, entity, None, Bench()).pages)
    one = follower.entities[entity] = Followed()
    _first(follower.connector().pull(entity, None, one.shelf), follower, one, places // 2)
    news(owner)
    follower.read(entity)
    assert all(page.full for page in one.pages)
    follower.read(entity)
    follower.agrees(entity)


def _first(steps: Any, follower: Follower, one: Any, count: int) -> None:
    """The first pages of a pull."""
    left = count

    def take(page: Any) -> None:
        nonlocal left
        one.take(page)
        left -= 1
        if not left:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(steps, follower.transport, take)


class Living:
    """A transport before whose requests something happens at the service."""

    def __init__(self, inner: Transport, happens: Callable[[Request], None]) -> None:
        self._inner, self._happens = inner, happens

    def send(self, request: Request, cancel: Event) -> Response:
        """Something happens, and then the request is answered."""
        if request.method == "GET":
            self._happens(request)
        return self._inner.send(request, cancel)

    def close(self) -> None:
        """Nothing of its own."""


def deeds(owner: Client, random: Random) -> Callable[[], None]:
    """Does something at random to the district."""
    terms = {HIGH: "Fall", MIDDLE: "Fall"}
    count = 0

    def attend() -> None:
        key, school = f"s{random.randint(1, 3)}", random.choice((HIGH, MIDDLE))
        days = f"2025-0{random.randint(1, 9)}-0{random.randint(1, 9)}"
        owner.data("POST", "studentSchoolAssociations", json=at_school(key, school, entryDate=days))

    def leave() -> None:
        found = owner.list("studentSchoolAssociations")
        if len(found) > 2:
            owner.data("DELETE", f"studentSchoolAssociations/{random.choice(found)['id']}")

    def rename() -> None:
        key = f"s{random.randint(1, 3)}"
        change(owner, "students", {"studentUniqueId": key}, firstName=f"Name {count}")

    def retitle() -> None:
        school = random.choice((HIGH, MIDDLE))
        change(owner, "courseOfferings", {"schoolId": school}, localCourseTitle=f"Title {count}")

    def move() -> None:
        school = random.choice((HIGH, MIDDLE))
        change(owner, "sessions", {"schoolId": school}, sessionName=f"Term {count}")
        terms[school] = f"Term {count}"

    def sit() -> None:
        found = owner.list("studentSectionAssociations")
        if found and random.random() < 0.4:
            owner.data("DELETE", f"studentSectionAssociations/{random.choice(found)['id']}")
            return
        key, school = f"s{random.randint(1, 3)}", random.choice((HIGH, MIDDLE))
        place = {**seat(key, school), "beginDate": f"2025-09-{random.randint(10, 28)}"}
        place["sectionReference"]["sessionName"] = terms[school]
        owner.data("POST", "studentSectionAssociations", json=place)

    def come_or_go() -> None:
        found = owner.list("students", studentUniqueId="s9")
        if not found:
            add(owner, "students", student("s9"))
            add(owner, "studentSchoolAssociations", at_school("s9"))
            return
        for resource in ("studentSectionAssociations", "studentSchoolAssociations"):
            for one in owner.list(resource, studentUniqueId="s9"):
                owner.data("DELETE", f"{resource}/{one['id']}")
        owner.data("DELETE", f"students/{found[0]['id']}")

    every = (come_or_go, attend, attend, leave, rename, rename, retitle, move, sit, sit)

    def one() -> None:
        nonlocal count
        count += 1
        random.choice(every)()

    return one


@pytest.mark.parametrize("seed", [1, 3])
def test_what_happens_while_it_is_read_is_never_missed(both, seed):
    """Edits between windows and between any two of their requests: all arrive (C3, C4)."""
    follower, owner = both
    follower.page_size = 2
    entities = (*JOINED, "enrollments")
    happens = deeds(owner, Random(seed))
    quiet = follower.transport
    for round_ in range(4):
        follower.transport = Living(quiet, lambda _: happens()) if round_ else quiet
        for entity in entities:
            follower.read(entity)
    follower.transport = quiet
    for entity in entities:
        follower.read(entity)
        follower.agrees(entity)


def test_made_again_too_late_for_a_window_and_deleted_again_ends(both):
    """Services tell no delete of what is there again; the next one is of an id nobody knew (D3)."""
    follower, owner = both
    add(owner, "contacts", contact("c9"))
    follower.read("users")
    remove(owner, "contacts", contactUniqueId="c9")
    quiet, again = follower.transport, list[str]()

    def make_again(request: Request) -> None:
        if "/contacts" in request.url and not again:
            again.append(request.url)
            add(owner, "contacts", contact("c9"))

    follower.transport = Living(quiet, make_again)
    assert follower.read("users").ended == []
    follower.transport = quiet
    remove(owner, "contacts", contactUniqueId="c9")
    assert follower.read("users").ended == ["contacts/c9"]
    follower.agrees("users")


# -- what is kept --


def test_nothing_is_kept_of_what_has_ended(both):
    """After whole reads the shelf has what the shelf of a newcomer has, and no more."""
    follower, owner = both
    for entity in (*JOINED, "enrollments", "line_items"):
        follower.read(entity)
    happens = deeds(owner, Random(5))
    for _ in range(40):
        happens()
    owner.data("DELETE", "students/" + owner.list("students")[0]["id"])
    for entity in (*JOINED, "enrollments", "line_items"):
        follower.read(entity)
        follower.read(entity, whole=True)
        again = follower.read(entity, whole=True)
        assert len(again.shelf) == len(pulled(follower, entity, None, Bench()).shelves[-1])


def test_the_shelf_keeps_nothing_that_nobody_asked_for():
    """Health, addresses and, where they are off, demographic facts are not kept (privacy)."""
    told = [
        (name, {**document, "citizenshipStatusDescriptor": "uri://x#Citizen"})
        if name == "students"
        else (name, document)
        for name, document in documents()
    ]
    with serving(told, strict=False) as ready, following(ready) as (who, _):
        shelf = who.read("users").shelf
        kept = b"".join(body for _, body in shelf.after("students", "", 99))
        assert b"firstName" in kept
        assert b"birthDate" not in kept
        assert b"citizenship" not in kept
        people = who.read("demographics").shelf.after("students", "", 99)
        assert b"birthDate" in people[0][1]


def test_a_later_resource_that_is_read_again_begins_the_stream_anew():
    """What was told of the others before proves nothing any more: all of it comes again (C5)."""
    with serving(documents(), strict=False) as ready, following(ready, paging="offset") as made:
        follower, owner = made
        follower.page_size = 1
        owner.switch_on("drifting-rows", resource="schools")
        orgs = follower.read("orgs")
        owner.switch_off()
        *_, begins = [place for place, page in enumerate(orgs.pages) if page.restarts]
        told = [key for page in orgs.pages[begins:] for key in page.keys]
        assert sorted(told) == sorted(orgs.rows)
        assert len(orgs.told) > len(told)
        follower.agrees("orgs")
