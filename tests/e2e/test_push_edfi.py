"""What is changed here reaches a practice Ed-Fi over real HTTP, and comes to rest (SEMANTICS F)."""

import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from app import compose
from app.connectors.http import HttpTransport, Limits
from app.engine.engine import Engine
from app.engine.loop import Loop
from app.engine.world import World
from app.roster.values import Plain
from app.store import differences, outbox, reads
from app.store.database import Database, Location
from app.store.reads import RunRow
from app.vault import MemoryVault
from tests.connectors.edfi.desk import EVERYTHING, open_district
from tests.practice.edfi.client import Client
from tests.practice.edfi.small_district import HIGH
from tests.practice.edfi.small_district import at_school as seen
from tests.practice.edfi.small_district import student as lisa

NAME = "ods"
TODAY = datetime(2025, 10, 1, 12, tzinfo=UTC)


@dataclass
class Office:
    """A data folder whose connector may write all that it can to the practice Ed-Fi."""

    engine: Engine
    loop: Loop
    database: Database
    sis: Client

    def sync(self, *, full: bool = False) -> RunRow:
        """One sync, to its end."""
        run = self.engine.start(NAME, full=full)
        self.loop.run(until=lambda: not self.engine.busy)
        return reads.run(self.database, run)

    def named(self, key: str) -> tuple[str, int]:
        """The entity and id of the record that has a key at the SIS."""
        for entity in ("orgs", "classes", "users", "demographics", "enrollments", "line_items"):
            for record in reads.record_ids(self.database, entity):
                links = reads.record(self.database, entity, record).links
                if key in [link.key for link in links]:
                    return entity, record
        raise LookupError(key)

    def id(self, key: str) -> int:
        """The id of a record."""
        return self.named(key)[1]

    def keyed(self, entity: str, end: str) -> list[int]:
        """The ids of the records whose key at the SIS ends so."""
        return [
            record
            for record in reads.record_ids(self.database, entity)
            if self.key(entity, record).endswith(end)
        ]

    def key(self, entity: str, record: int) -> str:
        """The key of a record at the SIS."""
        (link,) = reads.record(self.database, entity, record).links
        return link.key

    def value(self, key: str, name: str) -> Plain:
        """What stands here."""
        entity, record = self.named(key)
        return reads.record(self.database, entity, record).record.values[name]

    def unsent(self) -> list[tuple[str, str, str]]:
        """What is not at the SIS, how it stands, and why."""
        told = outbox.unsent(self.database)
        return [(one.action, one.state, (one.words or "").partition(" ")[0]) for one in told]

    def rests(self) -> None:
        """Three more syncs write nothing, here or there."""
        for full in (False, True, False):
            run = self.sync(full=full)
            done = [run.total(name) for name in ("created", "updated", "deleted", "pushed")]
            assert (run.state, done) == ("completed", [0, 0, 0, 0])
        assert self.unsent() == []


@contextmanager
def office(sis: Client, folder: Path, **more: str) -> Iterator[Office]:
    """Opens a data folder and reads the SIS once."""
    loop = Loop()
    sis.session = requests.Session()
    with closing(sis.session), Database(Location.of(folder)) as database:
        world = World(
            database=database,
            vault=MemoryVault(),
            kinds=compose.kinds(),
            clock=lambda: TODAY,
            random=random.Random(),
            open_transport=lambda: HttpTransport(
                Limits(attempts=1), wait=lambda cancel, seconds: None
            ),
            locks=folder / "locks",
            author="test",
        )
        engine = Engine(world, loop)
        settings: dict[str, Any] = {
            **EVERYTHING,
            "base_url": sis.ready["edfi_url"],
            "key": sis.ready["edfi_key"],
            **more,
        }
        engine.save_connector(NAME, "edfi", settings, {"secret": sis.ready["edfi_secret"]})
        found = Office(engine, loop, database, sis)
        run = found.sync()
        assert run.state == "completed", (run.error_code, run.error_parameters)
        yield found


@pytest.fixture(scope="module")
def sis() -> Iterator[Client]:
    with open_district() as somebody:
        yield somebody


def sis_says(sis: Client, key: str, **members: str) -> None:
    """Somebody changes a student at the SIS."""
    (document,) = sis.list("students", studentUniqueId=key)
    id_ = document.pop("id")
    for name in ("_etag", "_lastModifiedDate"):
        document.pop(name, None)
    assert sis.data("PUT", f"students/{id_}", json={**document, **members}).status_code == 204


def person(at: Office, key: str, **more: object) -> dict[str, object]:
    return {
        "given_name": "Zoë",
        "family_name": "Núñez",
        "identifier": key,
        **more,
    }


def student(at: Office, key: str, **more: object) -> dict[str, object]:
    """What makes a student of the high school."""
    role = {"role": "student", "org": at.id(str(HIGH)), "begin_date": "2025-09-01"}
    return person(at, key, roles=[role], grades=["09"], **more)


def test_an_edit_reaches_the_sis_and_rests(sis: Client, tmp_path: Path):
    """F1, F2, F4: a student's name and email, in two documents of theirs."""
    with office(sis, tmp_path) as at:
        at.engine.edit("users", at.id("students/s1"), {"given_name": "Liz", "email": "l@d.example"})
        run = at.sync()
        assert (run.state, run.total("pushed")) == ("completed", 1)
        assert sis.list("students", studentUniqueId="s1")[0]["firstName"] == "Liz"
        at.rests()


@pytest.mark.parametrize("way", ["window", "whole"])
def test_an_edit_stands_of_whom_is_out_of_sight_after_it_was_sent(
    sis: Client, tmp_path: Path, way: str
):
    """D1, F4: what was said there before it is no news, whoever it is told of without a look."""
    key = f"out-{way}"
    for resource, document in (("students", lisa(key)), ("studentSchoolAssociations", seen(key))):
        assert sis.data("POST", resource, json=document).status_code == 201
    with office(sis, tmp_path) as at:
        at.engine.edit("users", at.id(f"students/{key}"), {"given_name": "Liz"})
        (born,) = at.keyed("demographics", f"/{key}")
        at.engine.edit("demographics", born, {"city_of_birth": "Austin"})
        assert at.sync().total("pushed") == 2
        (place,) = sis.list("studentSchoolAssociations", studentUniqueId=key)
        assert sis.data("DELETE", f"studentSchoolAssociations/{place['id']}").status_code == 204
        assert sis.list("students", studentUniqueId=key) == []
        at.sync(full=way == "whole")
        told = reads.record(at.database, "users", at.id(f"students/{key}")).record.values
        assert (told["given_name"], told["roles"]) == ("Liz", None)
        told = reads.record(at.database, "demographics", born).record.values
        assert told["city_of_birth"] == "Austin"


def test_a_part_that_the_key_may_not_see_is_not_blank(sis: Client, tmp_path: Path):
    """D1, F2: what is to change in it waits and is told so; nothing is made beside it."""
    part, key = "studentEducationOrganizationAssociations", {"studentUniqueId": "s1"}
    with office(sis, tmp_path) as at:
        student = at.id("students/s1")
        before = reads.record(at.database, "users", student).record.values["email"]
        [fact] = sis.list(part, **key)
        of = {"educationOrganizationId": fact["educationOrganizationReference"]}
        of = {**of["educationOrganizationId"], **key}
        hidden = {name: of[name] for name in ("educationOrganizationId", "studentUniqueId")}
        at.engine.edit("users", student, {"given_name": "Lizzy"})
        assert at.sync().total("pushed") == 1
        answer = sis.control("POST", "hide", json={"resource": part, "key": hidden})
        assert answer.status_code == 200
        at.engine.edit("users", student, {"email": "new@d.example"})
        at.sync()
        assert at.unsent() == [("update", "refused", "edfi_part_unread")]
        assert differences.difference_ids(at.database) == []
        sis.control("POST", "show", json={})
        assert [one["id"] for one in sis.list(part, **key)] == [fact["id"]]
        assert reads.record(at.database, "users", student).record.values["email"] != before
        at.engine.retry(NAME)
        assert at.sync().total("pushed") == 1
        at.rests()


@pytest.mark.parametrize("full", [False, True])
def test_no_snapshot_tells_what_was_there_before_we_wrote(sis: Client, tmp_path: Path, full: bool):
    """F4: what the SIS said since is read where it has been said, and so is what it says later."""
    key = f"shot-{full}"
    for resource, document in (("students", lisa(key)), ("studentSchoolAssociations", seen(key))):
        assert sis.data("POST", resource, json=document).status_code == 201
    sis.switch_on("snapshots")
    with office(sis, tmp_path, snapshots="on") as at:
        student = at.id(f"students/{key}")
        (place,) = at.keyed("enrollments", "|s2")
        at.engine.edit("users", student, {"given_name": "Liz"})
        at.engine.edit("enrollments", place, {"end_date": f"2026-06-1{full:d}"})
        assert at.sync().total("pushed") == 2
        sis_says(sis, key, lastSurname="Later")

        def told() -> tuple[Plain, Plain, Plain]:
            user = reads.record(at.database, "users", student).record.values
            seat = reads.record(at.database, "enrollments", place).record.values
            return user["given_name"], user["family_name"], seat["end_date"]

        for new in (False, True):
            if new:
                sis.switch_off("snapshots")
                sis.switch_on("snapshots")
                sis_says(sis, key, lastSurname="Unshot")
            assert at.sync(full=full).state == "completed"
            assert told() == ("Liz", "Later", f"2026-06-1{full:d}")
        sis.switch_off("snapshots")


def test_a_new_student_and_a_new_guardian_do_not_wait_for_each_other(sis: Client, tmp_path: Path):
    """F3: each refers to the other; the student goes first, and both are there in the end, with
    the birth date that the student's demographics have."""
    with office(sis, tmp_path) as at:
        zoe = at.engine.create("users", student(at, "n1"))
        roles = [{"role": "parent", "org": at.id(str(HIGH))}]
        related = [{"user": zoe, "relation": "mother"}]
        ana = at.engine.create("users", person(at, "n2", roles=roles, agents=related))
        at.engine.edit("users", zoe, {"agents": [{"user": ana, "relation": "mother"}]})
        at.engine.create("demographics", {"user": zoe, "birth_date": "2010-05-05"})
        for _ in range(3):
            at.sync()
        assert (at.key("users", zoe), at.key("users", ana)) == ("students/n1", "contacts/n2")
        assert sis.list("students", studentUniqueId="n1")[0]["birthDate"] == "2010-05-05"
        (pair,) = sis.list("studentContactAssociations", studentUniqueId="n1")
        assert pair["contactReference"]["contactUniqueId"] == "n2"
        at.rests()


def test_a_changed_first_day_of_a_place_moves_its_key(sis: Client, tmp_path: Path):
    """A6: the record stays the one it was, here and at the SIS."""
    with office(sis, tmp_path) as at:
        (place,) = at.keyed("enrollments", "|s2")
        before = len(reads.record_ids(at.database, "enrollments"))
        at.engine.edit("enrollments", place, {"begin_date": "2025-09-02"})
        assert at.sync().total("pushed") == 1
        assert at.key("enrollments", place).startswith("studentSectionAssociations/2025-09-02|")
        at.rests()
        assert len(reads.record_ids(at.database, "enrollments")) == before


def test_a_student_of_whom_a_part_is_refused_is_there_and_says_what_is_not(
    sis: Client, tmp_path: Path
):
    """F5: what arrived is agreed upon under the key it has there; the rest says why it fails."""
    with office(sis, tmp_path) as at:
        mail = "x" * 150 + "@d.example"
        zoe = at.engine.create("users", student(at, "p1", email=mail))
        at.engine.create("demographics", {"user": zoe, "birth_date": "2010-05-05"})
        at.sync()
        assert at.key("users", zoe) == "students/p1"
        assert len(sis.list("studentSchoolAssociations", studentUniqueId="p1")) == 1
        at.sync()
        assert [(action, state) for action, state, _ in at.unsent()] == [("update", "refused")]
        at.engine.edit("users", zoe, {"email": "zoe@d.example"})
        at.sync()
        at.rests()


def test_a_place_and_a_score_made_here_are_made_there(sis: Client, tmp_path: Path):
    """F3: under natural keys, what refers after what it refers to."""
    with office(sis, tmp_path) as at:
        class_ = at.id(f"sections/ALG-1|{HIGH}|2026|ALG-{HIGH}|Fall")
        item = at.engine.create(
            "line_items",
            {"title": "Essay", "class": class_, "assign_date": "2025-09-10"},
        )
        score = {"line_item": item, "student": at.id("students/s1"), "score": 9.0, "class": class_}
        result = at.engine.create("results", score)
        run = at.sync()
        assert (run.state, run.total("pushed")) == ("completed", 2)
        (entry,) = sis.list("gradebookEntries", title="Essay")
        identifier = entry["gradebookEntryIdentifier"]
        assert at.key("results", result).startswith(f"studentGradebookEntries/{identifier}|")
        at.rests()
