"""One district, told by OneRoster 1.1 and by 1.2, is one roster."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.connectors.contract import Row
from app.connectors.oneroster.vocabulary import V1P1, V1P2, streams
from tests.connectors.oneroster.desk import Desk, working
from tests.practice.client import serving

SWITCHED = {"resources": "read", "gradebook": "read", "assessments": "read"}
ADMINISTRATORS = {"districtAdministrator", "systemAdministrator", "siteAdministrator", "principal"}


@pytest.fixture(scope="module")
def ready() -> Iterator[dict[str, Any]]:
    with serving(students=40, seed=3) as announced:
        yield announced


@pytest.fixture
def desks(ready: dict[str, Any]) -> Iterator[tuple[Desk, Desk]]:
    """The same service, read by 1.1 and by 1.2."""
    with (
        working(ready, version=V1P1, **SWITCHED) as older,
        working(ready, version=V1P2, **SWITCHED) as newer,
    ):
        yield older, newer


def told(desk: Desk, entity: str) -> dict[str, dict[str, Any]]:
    """The values of every row by its key."""
    fields = desk.connector.capabilities()[entity].fields
    rows = desk.rows(entity)
    assert rows
    assert all(isinstance(row, Row) and not row.warnings for row in rows)
    return {row.key: dict(zip(fields, row.patch, strict=True)) for row in rows}


@pytest.mark.parametrize("entity", streams(V1P1))
def test_both_versions_tell_the_same(desks: tuple[Desk, Desk], entity: str):
    """Every row, in every field that both have; of roles 1.1 has one, and where it is (A1)."""
    older, newer = (told(desk, entity) for desk in desks)
    assert older.keys() == newer.keys()
    for key, values in older.items():
        for field, value in values.items():
            known = newer[key][field]
            if field == "roles" and entity == "users":
                # 1.1 knows one kind of administrator, and nobody who counsels.
                shorter = dict.fromkeys({*ADMINISTRATORS, "counselor"}, "administrator")
                [role] = {role for role, *_ in value}
                assert role in {shorter.get(each, each) for each, *_ in known}
                assert {org for _, org, *_ in value} == {org for _, org, *_ in known}
                assert {tuple(rest) for _, _, *rest in value} == {("primary", None, None)}
            else:
                assert value == known, (key, field)


def test_what_only_one_version_has_is_spoken_by_it_alone(desks: tuple[Desk, Desk]):
    """So that the silence of 1.1 blanks nothing that another SIS has told (A2)."""
    older, newer = (desk.connector.capabilities() for desk in desks)
    assert set(newer) - set(older) == {
        *("score_scales", "assessment_line_items", "assessment_results")
    }
    assert "pronouns" in newer["users"].fields
    assert "pronouns" not in older["users"].fields
    for entity, each in older.items():
        assert set(each.fields) <= set(newer[entity].fields)
