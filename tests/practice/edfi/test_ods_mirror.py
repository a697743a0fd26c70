"""Whoever follows the change queries has what the practice Ed-Fi has (domain/EDFI.md)."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from app.practice.edfi.vocabulary import RESOURCES
from tests.practice.edfi.client import Client, serving, speaking
from tests.practice.edfi.small_district import (
    HIGH,
    MIDDLE,
    at_school,
    documents,
    seat,
    section_reference,
    session,
    student,
)

FOLLOWED = (
    "sessions",
    "courseOfferings",
    "sections",
    "students",
    "studentSchoolAssociations",
    "studentSectionAssociations",
    "staffSectionAssociations",
)
"""In dependency order."""

Documents = dict[str, dict[str, Any]]


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of a service that the test may change."""
    with serving(documents()) as ready, speaking(ready) as client:
        yield client


class Mirror:
    """A copy by natural key, kept by windows: key changes, upserts in order, deletes in reverse."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._since = 0
        self.held: dict[str, Documents] = {name: {} for name in FOLLOWED}

    def follow(self) -> None:
        """Take over one window; the newest version is read before anything else."""
        newest = self._client.newest()
        window = {"minChangeVersion": self._since + 1, "maxChangeVersion": newest, "limit": 500}
        for name, held in self.held.items():
            changes = self._client.list(f"{name}/keyChanges", **window)
            moved = {
                key(name, change["newKeyValues"]): held.pop(key(name, change["oldKeyValues"]), {})
                for change in changes
            }
            held |= moved
        for name, held in self.held.items():
            for document in self._client.list(name, **window):
                held[RESOURCES[name].key_in(document)] = document
        for name in reversed(FOLLOWED):
            for told in self._client.list(f"{name}/deletes", **window):
                self.held[name].pop(key(name, told["keyValues"]), None)
        self._since = newest


def key(resource: str, values: dict[str, Any]) -> str:
    """The natural key that keyValues say."""
    return RESOURCES[resource].key_from(values)


def something(client: Client, dice: random.Random, number: int) -> None:
    """One write, of which some are refused."""
    someone = f"s{dice.randrange(1, 7)}"
    school = dice.choice((HIGH, MIDDLE))
    term = client.list("sessions", schoolId=school)[0]["sessionName"]
    match dice.randrange(7):
        case 0:
            # Within one window: a student that comes into reach later has no later version.
            client.data("POST", "students", json=student(someone, f"Ann{number}"))
            client.data("POST", "studentSchoolAssociations", json=at_school(someone, school))
        case 1:
            client.data("POST", "studentSchoolAssociations", json=at_school(someone, school))
        case 2 | 3:
            place = {**seat(someone, school), "sectionReference": section_reference(school, term)}
            client.data("POST", "studentSectionAssociations", json=place)
        case 4:
            resource = dice.choice(("studentSectionAssociations", "students"))
            if found := client.list(resource):
                client.data("DELETE", f"{resource}/{dice.choice(found)['id']}")
        case 5:
            [old] = client.list("sessions", schoolId=school)
            name = dice.choice(("Fall", "Autumn", "First"))
            client.data("PUT", f"sessions/{old['id']}", json=session(school, name))
        case 6:
            if found := client.list("studentSectionAssociations"):
                one = dice.choice(found)
                later = {**one, "beginDate": f"2025-09-{dice.randrange(1, 29):02d}"}
                client.data("PUT", f"studentSectionAssociations/{one['id']}", json=later)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_mirror_by_change_queries_is_exact(client: Client, seed: int):
    """Renames that cascade, deletes, re-creations, key changes: after each window all agrees."""
    dice, mirror = random.Random(seed), Mirror(client)
    for _ in range(8):
        for number in range(12):
            something(client, dice, number)
        mirror.follow()
        for name, held in mirror.held.items():
            whole = {RESOURCES[name].key_in(one): one for one in client.list(name, limit=500)}
            told = {place: bare(one) for place, one in held.items()}
            assert told == {place: bare(one) for place, one in whole.items()}, name


def bare(document: dict[str, Any]) -> dict[str, Any]:
    """A document without its links: these are of the moment at which it is told."""
    return {
        name: {key: told for key, told in value.items() if key != "link"}
        if isinstance(value, dict)
        else value
        for name, value in document.items()
    }
