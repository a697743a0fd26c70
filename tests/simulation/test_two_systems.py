"""One district that two systems tell of: one record each, what changes arrives, and it rests.

Real services over real HTTP, a real engine and database. `TWO_STUDENTS` and `TWO_ROUNDS` for a
larger district and more syncs.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from app.engine.decisions import Decision, Take
from app.store import reads
from app.store.corrections import Fate, corrections
from app.store.disagreements import Manner, disagreements
from app.store.reads import RunRow
from tests.simulation.two_systems import ODS, SIS, Both, two_systems

STUDENTS = int(os.environ.get("TWO_STUDENTS", "40"))
ROUNDS = int(os.environ.get("TWO_ROUNDS", "25"))
"""So many further syncs of each must change nothing."""
SEED = 5
"""A district in which somebody who works there is a parent as well."""
QUIET = {"new": 0, "leavers": 0, "vanish": 0, "moves": 0, "renames": 0, "teachers": 0}
BOTH_TELL = ("orgs", "courses", "classes", "users", "demographics", "enrollments")


@dataclass(frozen=True)
class First:
    """What there is after each was read once, and the roster that lives on."""

    told: Mapping[str, Mapping[tuple[str, ...], int]]
    """How many records each of them, or both, tell of, by record type."""
    numbers: Sequence[object]
    """Those of the people."""
    people: int
    """So many there are at the OneRoster service."""
    asked: Sequence[tuple[Any, ...]]
    at: Both


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[First]:
    """Both were read once."""
    with two_systems(tmp_path_factory.mktemp("two"), STUDENTS, SEED) as found:
        for name in (SIS, ODS):
            run = found.sync(name)
            assert run.state in ("completed", "warnings"), (name, run.error_code)
        people = reads.all_records(found.database, "users")
        yield First(
            {entity: found.told_by(entity) for entity in (*BOTH_TELL, "academic_sessions")},
            [row.values["identifier"] for row in people],
            len(found.sis.everything("users")),
            found.asked(),
            found,
        )


@pytest.fixture
def agreed(first: First) -> Both:
    """What they tell otherwise was decided, and it went where it can."""
    settle(first.at, Take.OURS)
    return first.at


def settle(at: Both, take: Take) -> None:
    """Everything that is asked is answered, and sent."""
    for _ in range(3):
        with at.database.reading() as tx:
            asked = [id_ for (id_,) in tx.rows("SELECT id FROM conflicts")]
        at.engine.resolve([Decision(id_, take) for id_ in asked], "Ana")
        for name in (SIS, ODS):
            at.sync(name)
    assert (at.asked(), at.unsent()) == ([], [])


def day(at: Both, **sizes: Any) -> dict[str, Any]:
    """What changed on a school day at the OneRoster service."""
    return at.sis.pass_day(**{**QUIET, **sizes})


def pupil(at: Both, number: int = 0) -> str:
    """The number of some student whom both know."""
    with at.database.reading() as tx:
        found = list(
            tx.rows(
                "SELECT identifier FROM users JOIN links ON links.record = users.id "
                "WHERE users.alive AND links.alive GROUP BY users.id "
                "HAVING count(*) = 2 AND max(links.key) LIKE 'students/%' ORDER BY users.id"
            )
        )
    return str(found[number][0])


def renamed_there(at: Both, unique: str, **members: str) -> None:
    """Somebody at the Ed-Fi service calls a student otherwise."""
    [document] = at.ods.list("students", studentUniqueId=unique)
    id_ = document.pop("id")
    headers = {"If-Match": document.pop("_etag")}
    document.pop("_lastModifiedDate", None)
    answer = at.ods.data("PUT", f"students/{id_}", json={**document, **members}, headers=headers)
    assert answer.status_code == 204, answer.text


def there(at: Both, unique: str) -> dict[str, Any]:
    """A student as the Ed-Fi service tells them."""
    [document] = at.ods.list("students", studentUniqueId=unique)
    return document


def renamed_at_sis(at: Both) -> tuple[int, str, str]:
    """Somebody at the OneRoster service calls a student otherwise: record, number, new name."""
    [key] = day(at, renames=1)["changed"]["users"]["updated"]
    user = at.sis.roster(f"users/{key}").json()["user"]
    return at.user(user["identifier"]), user["identifier"], user["familyName"]


def pushed(run: RunRow) -> tuple[str, int]:
    return run.state, run.total("pushed")


# -- one record each --------------------------------------------------------------------------


def test_everybody_and_everything_is_one_record(first: First):
    """Identity: whatever both tell of is one record here, people by their number."""
    assert {entity: set(first.told[entity]) for entity in BOTH_TELL} == {
        entity: {(ODS, SIS)} for entity in BOTH_TELL
    }, first.told
    assert len(first.numbers) == len(set(first.numbers)) == first.people


def test_terms_are_one_record(first: First):
    """Every term, quarter and grading period that OneRoster has is Ed-Fi's, too."""
    assert (SIS,) not in first.told["academic_sessions"]


def test_nobody_is_asked_who_is_who(first: First):
    """Identity: what the rules are sure of asks nothing."""
    assert [one for one in first.asked if one[-1] == "same_person"] == []


# -- what changes in one arrives in the other -------------------------------------------------


def test_a_name_changed_in_oneroster_arrives_in_edfi(agreed: Both):
    """B1, F1: read from the one, written to the other, nobody asked."""
    record, unique, name = renamed_at_sis(agreed)
    agreed.sync(SIS)
    assert pushed(agreed.sync(ODS)) == ("completed", 1)
    assert there(agreed, unique)["lastSurname"] == name
    assert agreed.value("users", record, "family_name") == name
    assert agreed.asked() == []


def test_a_name_changed_in_edfi_arrives_here(agreed: Both):
    """F6: OneRoster takes no roster, so for its registrar it is a line of what to mend there."""
    unique = pupil(agreed)
    record = agreed.user(unique)
    before = agreed.value("users", record, "given_name")
    renamed_there(agreed, unique, firstName="Quetzalli")
    agreed.sync(ODS)
    agreed.sync(SIS, full=True)
    assert agreed.value("users", record, "given_name") == "Quetzalli"
    [line] = [
        one
        for one in corrections(agreed.database, "users", record)
        if (one.connector, one.field) == (SIS, "given_name")
    ]
    assert (line.fate, line.sis, line.source) == (Fate.ELSEWHERE, before, ODS)
    [told] = [
        one
        for one in disagreements(agreed.database, entities=["users"], manners=[Manner.DIFFER])
        if (one.record, one.field) == (record, "given_name")
    ]
    assert dict(told.told) == {SIS: before, ODS: "Quetzalli"}


def test_a_difference_between_them_is_shown_and_settled(agreed: Both):
    """B2: changed in both, it is asked; taken is OneRoster's, and that arrives in Ed-Fi."""
    record, unique, name = renamed_at_sis(agreed)
    renamed_there(agreed, unique, lastSurname="Otherwise")
    agreed.sync(SIS)
    agreed.sync(ODS)
    assert agreed.asked() == [(ODS, "users", record, "family_name", "both_changed")]
    assert there(agreed, unique)["lastSurname"] == "Otherwise"
    settle(agreed, Take.OURS)
    assert there(agreed, unique)["lastSurname"] == name
    agreed.rests(2)


def test_a_difference_settled_for_edfi_leaves_oneroster_to_its_registrar(agreed: Both):
    """B2, F6: the other way round; it is not asked again."""
    record, unique, _ = renamed_at_sis(agreed)
    renamed_there(agreed, unique, lastSurname="Otherwise")
    agreed.sync(SIS)
    agreed.sync(ODS)
    settle(agreed, Take.SIS)
    assert agreed.value("users", record, "family_name") == "Otherwise"
    assert there(agreed, unique)["lastSurname"] == "Otherwise"
    agreed.rests(2)


# -- who comes and goes -----------------------------------------------------------------------


def test_who_comes_in_both_is_one(agreed: Both):
    """Identity: newcomers, their guardians and their seats, read by windows alone."""
    before = {entity: agreed.told_by(entity)[ODS, SIS] for entity in BOTH_TELL}
    changed = day(agreed, new=3, edfi=True)["changed"]
    for name in (SIS, ODS):
        agreed.sync(name)
    for entity in ("users", "demographics", "enrollments"):
        now = agreed.told_by(entity)[ODS, SIS]
        assert now == before[entity] + len(changed[entity]["created"]), entity
    agreed.rests(2)


def test_who_leaves_both_has_left(agreed: Both):
    """D1, D4: OneRoster deletes them, in Ed-Fi their last day has come."""
    gone = day(agreed, leavers=2, edfi=True)["changed"]["users"]["removed"]
    left = [agreed.user_of(SIS, f"{key}") for key in gone]
    for name in (SIS, ODS):
        agreed.sync(name)
    for record in left:
        links = reads.record(agreed.database, "users", record).links
        assert {link.connector for link in links if link.alive} <= {ODS}
    agreed.rests(2)


def test_who_leaves_one_stays_as_long_as_the_other_knows_them(agreed: Both):
    """D4: with the link of one the record does not end; both are told of it."""
    [gone, *_] = day(agreed, leavers=1)["changed"]["users"]["removed"]
    record = agreed.user_of(SIS, gone)
    agreed.sync(SIS)
    agreed.sync(ODS)
    found = reads.record(agreed.database, "users", record)
    assert found.record.alive
    assert [link.connector for link in found.links if link.alive] == [ODS]
    agreed.rests(2)


def test_a_guardian_who_leaves_edfi_stays_related_here(agreed: Both):
    """A4, D4: the contact and its associations are deleted there; OneRoster still tells of both, so
    the child keeps the guardian here, and Ed-Fi is not told of them anew."""
    association = agreed.ods.list("studentContactAssociations", limit=500)[-1]
    unique = association["contactReference"]["contactUniqueId"]
    child = agreed.user(association["studentReference"]["studentUniqueId"])
    guardian = agreed.user_of(ODS, f"contacts/{unique}")
    agents = agreed.value("users", child, "agents")
    assert isinstance(agents, tuple)
    assert guardian in {user for user, _ in agents}
    [contact] = agreed.ods.list("contacts", contactUniqueId=unique)
    told = agreed.ods.list("studentContactAssociations", contactUniqueId=unique)
    for path in (*(f"studentContactAssociations/{one['id']}" for one in told),
                 f"contacts/{contact['id']}"):  # fmt: skip
        assert agreed.ods.data("DELETE", path).ok
    version = agreed.ods.newest()
    agreed.sync(ODS)
    agreed.sync(ODS, full=True)
    links = reads.record(agreed.database, "users", guardian).links
    assert [link.connector for link in links if link.alive] == [SIS]
    assert agreed.value("users", child, "agents") == agents
    agreed.rests(2)
    assert agreed.ods.newest() == version
    assert agreed.unsent() == []


# -- and then nothing -------------------------------------------------------------------------


def test_nothing_oscillates(agreed: Both):
    """After all of that, 50 further syncs of each, windows and whole, change nothing anywhere."""
    day(agreed, renames=3, new=2, leavers=1, moves=2, edfi=True)
    renamed_there(agreed, pupil(agreed, 1), firstName="Quetzalli")
    # Who went out of sight is gone when that was read twice.
    for _ in range(3):
        for name in (SIS, ODS):
            agreed.sync(name, full=True)
    settle(agreed, Take.OURS)
    before, version = agreed.contents(), agreed.ods.newest()
    agreed.rests(ROUNDS)
    assert agreed.contents() == before
    assert agreed.ods.newest() == version
    assert (agreed.asked(), agreed.unsent()) == ([], [])
