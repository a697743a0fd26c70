"""The rows of a person are joined on the way in, whatever a service calls them (SEMANTICS A5)."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

import pytest

from app.connectors.conformance import Pulled, run
from app.connectors.contract import Alias, Gone, Grade, Rekey, Row, State
from app.connectors.oneroster.joining import MOST
from app.roster.entities import ENTITIES
from tests.connectors.oneroster.csv.desk import Shelf
from tests.connectors.oneroster.odd_service import OddService, Visit, visiting
from tests.connectors.oneroster.test_versions import old  # noqa: F401  a service that speaks 1.1

NAMES = ENTITIES["users"].field_names


def user(key: str, identifier: str | None, org: str, **more: Any) -> dict[str, Any]:
    """A row of a person in one school, their home being ``s1``."""
    return {
        "sourcedId": key,
        "status": "active",
        "dateLastModified": "2026-08-20T08:00:00.000Z",
        "enabledUser": "true",
        "givenName": "Ada",
        "familyName": "Byron",
        "identifier": identifier,
        "email": f"{key}@x.example",
        "primaryOrg": {"sourcedId": "s1"},
        "roles": [{"roleType": "primary", "role": "student", "org": {"sourcedId": org}}],
        "userIds": [{"type": "local", "identifier": key}],
        "grades": ["09"] if org == "s1" else ["10"],
        **more,
    }


def pulled(visit: Visit, shelf: Shelf, since: State | None = None) -> Pulled:
    """One pull of the people, to its end."""
    found = Pulled()
    run(visit.connector.pull("users", since, shelf), visit.transport, found.take)
    return found


def values(row: object, fields: Sequence[str] = NAMES) -> Mapping[str, Any]:
    """What a row says, by field."""
    assert isinstance(row, Row)
    return dict(zip(fields, row.patch, strict=True))


def warned(row: object) -> Sequence[tuple[str, str]]:
    """What could not be taken as it was told."""
    assert isinstance(row, Row)
    return row.warnings


def told(pulled: Pulled, what: str) -> list[Any]:
    """Everything of that sort on its pages."""
    return [one for page in pulled.pages for one in getattr(page, what)]


def test_a_user_a_school_is_one_person(service: OddService):
    """Lists are united; what there is once is said by the row of the home school."""
    service.rows["users"] = [
        user("a", "1", "s2", phone="5550001"),
        user("b", "1", "s1"),
        user("c", "2", "s1"),
    ]
    with visiting(service, one_person="identifier") as visit:
        found = pulled(visit, Shelf())
    assert set(found.rows) == {"a", "c"}
    assert told(found, "aliases") == [Alias("b", "a")]
    person = values(found.rows["a"])
    assert [role[1] for role in person["roles"]] == ["s1", "s2"]
    assert person["grades"] == ("09", "10")
    assert [one[1] for one in person["user_ids"]] == ["a", "b"]
    assert person["email"] == "b@x.example"
    assert person["phone"] is None
    assert ("email", "rows_disagree") in warned(found.rows["a"])
    assert warned(found.rows["c"]) == ()


def test_each_row_may_have_a_home_school_of_its_own(service: OddService):
    """Where there is a user a school it has to be so: that is no disagreement to be told."""
    service.rows["users"] = [
        user(key, "1", org, primaryOrg={"sourcedId": org})
        for key, org in (("a", "s1"), ("b", "s2"))
    ]
    with visiting(service, one_person="identifier") as visit:
        [row] = pulled(visit, Shelf()).rows.values()
    assert values(row)["primary_org"] == "s1"
    assert warned(row) == (("email", "rows_disagree"),)


@pytest.mark.parametrize(
    ("primary", "email"),
    [("primary_org", "b@x.example"), ("newest", "c@x.example"), ("first", "a@x.example")],
)
def test_which_row_counts_is_chosen(service: OddService, primary: str, email: str):
    """By the home school, by when it was changed, or by its key."""
    late = "2026-08-31T08:00:00.000Z"
    service.rows["users"] = [
        user("a", "1", "s2"),
        user("b", "1", "s1"),
        user("c", "1", "s3", dateLastModified=late),
    ]
    with visiting(service, one_person="identifier", primary_row=primary) as visit:
        row = pulled(visit, Shelf()).rows["a"]
    assert values(row)["email"] == email
    assert isinstance(row, Row)
    assert row.version == late


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(("primary", "stays"), [("primary_org", "teacher"), ("newest", "aide")])
def test_one_role_is_the_primary_one_in_each_organization(
    service: OddService, primary: str, stays: str, *, backwards: bool
):
    """That of the primary row, whatever the order they came in; elsewhere each is what it was."""

    def role(name: str, org: str, importance: str = "primary") -> dict[str, Any]:
        return {"roleType": importance, "role": name, "org": {"sourcedId": org}}

    late = "2026-08-31T08:00:00.000Z"
    rows = [
        user("a", "1", "s1", roles=[role("aide", "s1"), role("aide", "s2")], dateLastModified=late),
        user("b", "1", "s1", roles=[role("teacher", "s1"), role("guardian", "s3", "secondary")]),
        user("c", "1", "s1", roles=[role("proctor", "s3"), role("aide", "s2")]),
    ]
    rows[0]["primaryOrg"] = rows[2]["primaryOrg"] = {"sourcedId": "s9"}
    service.rows["users"] = rows[::-1] if backwards else rows
    with visiting(service, one_person="identifier", primary_row=primary) as visit:
        [row] = pulled(visit, Shelf()).rows.values()
    told = {(one[0], one[1]): one[2] for one in values(row)["roles"]}
    assert [role for (role, org), one in told.items() if (org, one) == ("s1", "primary")] == [stays]
    assert told == {
        ("aide", "s1"): "primary" if stays == "aide" else "secondary",
        ("teacher", "s1"): "primary" if stays == "teacher" else "secondary",
        ("aide", "s2"): "primary",
        ("guardian", "s3"): "secondary",
        ("proctor", "s3"): "primary",
    }


def test_a_user_a_role_is_one_person_in_the_older_version(old: OddService):  # noqa: F811
    """1.1 has one role a row: a teacher who is a parent, too, comes twice (ONEROSTER 12)."""
    org = [{"sourcedId": "s1"}]
    more = {"roles": None, "username": "ada", "orgs": org}
    old.rows["users"] = [
        user("a", None, "s1", role="teacher", **more),
        user("b", None, "s1", role="parent", **more),
    ]
    with visiting(old, version="1.1", one_person="username") as visit:
        found = pulled(visit, Shelf())
        [person] = found.rows.values()
        assert visit.fetch("b", "users") == person
    roles = values(person, found.pages[-1].fields)["roles"]
    assert sorted(role[0] for role in roles) == ["parent", "teacher"]


def test_rows_without_the_value_and_rows_kept_apart_stand_alone(service: OddService):
    """A blank says nothing about who is whom."""
    service.rows["users"] = [user(key, None, "s1") for key in "ab"]
    service.rows["users"] += [user(key, "1", "s1") for key in "cde"]
    with visiting(service, one_person="identifier", apart="d") as visit:
        found = pulled(visit, Shelf())
    assert set(found.rows) == {"a", "b", "c", "d"}
    assert told(found, "aliases") == [Alias("e", "c")]


def test_nothing_is_otherwise_where_nothing_is_joined(service: OddService):
    """Not one byte: pages, states and digests are those of the rows, and the shelf stays bare."""
    service.rows["users"] = [user(f"u{n:03}", f"{n // 2}", "s1") for n in range(30)]
    shelf = Shelf()
    with visiting(service) as visit:
        plain = pulled(visit, shelf)
    assert len(plain.rows) == 30
    assert not shelf.parts
    assert all(page.total == 30 and page.received for page in plain.pages)
    assert all("inner" not in page.state for page in plain.pages)


def test_whoever_did_not_change_is_passed_over(service: OddService):
    """The digest is that of all rows of the person, whatever the order they came in."""
    service.rows["users"] = [user(f"u{n:03}", f"{n % 15}", f"s{n % 4}") for n in range(30)]
    shelf = Shelf()

    def digests(found: Pulled) -> dict[str, bytes]:
        return dict(zip(told(found, "keys"), told(found, "digests"), strict=True))

    with visiting(service, one_person="identifier") as visit:
        before = digests(pulled(visit, shelf))
        service.rows["users"].reverse()
        assert digests(pulled(visit, shelf)) == before
        service.rows["users"][0]["phone"] = "5550001"  # u029, of person 14
        after = digests(pulled(visit, shelf))
    assert {key for key in after if after[key] != before[key]} == {"u014"}


def test_of_changes_only_the_person_is_told_whole(service: OddService):
    """One row changed; the others are remembered."""
    service.rows["users"] = [user(f"u{n:03}", f"{n % 15}", f"s{n % 4}") for n in range(30)]
    shelf = Shelf()
    with visiting(service, one_person="identifier") as visit:
        since = pulled(visit, shelf).pages[-1].state
        changed = {"phone": "5550001", "dateLastModified": "2026-09-02T08:00:00.000Z"}
        service.rows["users"][29] |= changed
        found = pulled(visit, shelf, since)
    assert set(found.rows) == {"u014"}
    assert not found.pages[-1].full
    assert len(values(found.rows["u014"])["roles"]) == 2


def test_the_next_row_takes_the_place_of_an_anchor_that_ends(service: OddService):
    """The person goes by its key from now on; with the last row the person ends."""
    service.rows["users"] = [user("a", "1", "s1"), user("b", "1", "s2")]
    shelf = Shelf()
    with visiting(service, one_person="identifier") as visit:
        since = pulled(visit, shelf).pages[-1].state
        for row in service.rows["users"]:
            row |= {"dateLastModified": "2026-09-02T08:00:00.000Z"}
        service.rows["users"][0]["status"] = "tobedeleted"
        found = pulled(visit, shelf, since)
        assert told(found, "rekeys") == [Rekey("a", "b")]
        assert (set(found.rows), found.tombstones) == ({"b"}, set())
        service.rows["users"][1]["status"] = "tobedeleted"
        found = pulled(visit, shelf, found.pages[-1].state)
    assert (set(found.rows), found.tombstones) == (set(), {"a", "b"})


def test_a_person_is_read_by_key_with_the_rows_that_came_last(service: OddService):
    """So that one row is not taken for all of the person."""
    service.rows["users"] = [user("a", "1", "s1"), user("b", "1", "s2")]
    with visiting(service, one_person="identifier") as visit:
        person = pulled(visit, Shelf()).rows["a"]
        assert visit.fetch("a", "users") == visit.fetch("b", "users") == person
        service.rows["users"].pop()
        assert visit.fetch("b", "users") is Gone.NOT_FOUND


def test_a_test_of_the_connection_says_by_what_rows_could_be_joined(service: OddService):
    """As long as none are; a family that shares an address is told from one person."""
    family = {"email": "home@x.example", "userMasterIdentifier": None}
    service.rows["users"] = [user("a", None, "s1", givenName="Bo", **family)]
    service.rows["users"] += [user("b", None, "s1", givenName="Cy", **family)]
    with visiting(service) as visit:
        assert "several_rows_of_one" not in visit.check()
        service.rows["users"] += [user("c", "1", "s1"), user("d", "1", "s2"), user("e", "2", "s2")]
        found = visit.check()["several_rows_of_one"]
    assert found.grade is Grade.NOTE
    told = {"entity": "users", "field": "identifier", "count": 1, "sample": 4}
    assert found.parameters == told
    with visiting(service, one_person="identifier") as visit:
        assert "several_rows_of_one" not in visit.check()


def test_a_row_that_did_not_come_is_looked_up(service: OddService):
    """As long as it is there the reading is doubted and it counts; else it is gone (D1)."""
    service.rows["users"] = [user("a", "1", "s1"), user("b", "1", "s2"), user("c", "2", "s1")]
    listed, shelf = service.collection, Shelf()

    def hiding(exchange: Any, collection: str, query: dict[str, str]) -> None:
        rows = service.rows["users"]
        service.rows["users"] = [row for row in rows if row["sourcedId"] != "b"]
        listed(exchange, collection, query)
        service.rows["users"] = rows

    with visiting(service, one_person="identifier") as visit:
        whole = pulled(visit, shelf).rows["a"]
        service.collection = hiding  # type: ignore[method-assign]
        found = pulled(visit, shelf)
        assert [(one.code, one.parameters["key"]) for one in told(found, "doubts")] == [
            ("row_still_there", "b")
        ]
        assert found.rows["a"] == whole
        service.collection = listed  # type: ignore[method-assign]
        del service.rows["users"][1]
        found = pulled(visit, shelf)
    assert not found.uncertainties()
    assert [role[1] for role in values(found.rows["a"])["roles"]] == ["s1"]


@pytest.mark.parametrize("count", [MOST, MOST + 1, 3 * MOST])
def test_a_crowd_is_nobody(service: OddService, count: int):
    """So many rows of one value, across pages or not, are not one person."""
    crowd = [user(f"u{n:03}", "N/A", "s1") for n in range(count)]
    service.rows["users"] = [user("a", "1", "s1"), *crowd, user("z", "2", "s1")]
    with visiting(service, one_person="identifier") as visit:
        found = pulled(visit, Shelf())
    assert len(found.rows) == 2 + (1 if count == MOST else count)
    assert bool([one for one in told(found, "notes") if one.code == "rows_not_joined"]) is (
        count > MOST
    )


def test_reading_goes_on_at_any_page(service: OddService):
    """In another process, from the state and the shelf as they were stored (C7)."""
    rows = [user(f"u{n:03}", f"{n % 40}", f"s{n % 4}") for n in range(70)]
    service.rows["users"] = rows
    with visiting(service, one_person="identifier") as visit:
        shelf, stored = Shelf(), []
        whole = Pulled()

        def took(page: Any) -> None:
            whole.take(page)
            stored.append((page.state, deepcopy(shelf.parts)))

        run(visit.connector.pull("users", None, shelf), visit.transport, took)
    assert len(whole.rows) == 40
    for place, (state, parts) in enumerate(stored[:-1]):
        before = Pulled()
        for page in whole.pages[: place + 1]:
            before.take(page)
        with visiting(service, one_person="identifier") as visit:
            again = Shelf()
            again.parts = dict(parts)
            rest = pulled(visit, again, state)
        assert before.rows | rest.rows == whole.rows
        assert before.rows.keys().isdisjoint(rest.rows)
        assert told(before, "aliases") + told(rest, "aliases") == told(whole, "aliases")
        assert not rest.uncertainties()


def test_a_total_that_is_not_met_by_the_rows_is_a_doubt(service: OddService):
    """People are fewer than rows, so it is the rows that are counted (C5)."""
    service.rows["users"] = [user(f"u{n:03}", f"{n % 5}", "s1") for n in range(10)]
    with visiting(service, one_person="identifier") as visit:
        assert not pulled(visit, Shelf()).uncertainties()
        service.total = lambda total, sent: {"X-Total-Count": str(total + 1)}
        codes = [doubt.code for doubt in told(pulled(visit, Shelf()), "doubts")]
    assert "total_not_met" in codes
