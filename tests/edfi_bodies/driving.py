"""Every write that the connector can make, with every field filled, with the least, and one by one.

The values are made up; what they refer to is found among what is read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.connectors.conformance import Bench, Pulled, run
from app.connectors.contract import Capability, Change, Connector, Outcome, Row, Transport
from app.connectors.edfi.keys import parsed

BESIDE = {"demographics": {"birth_date": "2010-05-05", "city_of_birth": "Austin"}}
STUDENT = "students/body-s-least"
"""The student who is made first, with the least; the others of the records are theirs."""

_NAMES = ("given_name", "family_name")


@dataclass(frozen=True)
class Sample:
    """A record to be made, and to be changed field by field."""

    entity: str
    full: Mapping[str, Any]
    least: frozenset[str]
    """The fields without which it cannot be."""
    other: Mapping[str, Any]
    """Other values; ``None`` where a field is blanked."""


class Found:
    """What is there to refer to."""

    def __init__(self, pulled: Mapping[str, Pulled], can: Mapping[str, Capability]) -> None:
        self._rows = {
            entity: {
                key: dict(zip(can[entity].fields, row.patch, strict=True))
                for key, row in whole.rows.items()
                if isinstance(row, Row)
            }
            for entity, whole in pulled.items()
        }

    def key(self, entity: str, of: str = "", **values: Any) -> str:
        """The first record of a resource that says these values."""
        (first, *_) = self.keys(entity, of, **values)
        return first

    def keys(self, entity: str, of: str = "", **values: Any) -> list[str]:
        """The records of a resource that say these values."""
        return [
            key
            for key, row in self._rows[entity].items()
            if parsed(key)[0].startswith(of) and values.items() <= row.items()
        ]

    def row(self, entity: str, key: str) -> Mapping[str, Any]:
        """What a record says."""
        return self._rows[entity][key]


def write_all(
    connector: Connector, transport: Transport, pulled: Mapping[str, Pulled]
) -> list[str]:
    """Makes, changes and deletes a record of every sort; what went otherwise than it should."""
    wrong: list[str] = []
    can = connector.capabilities()

    def written(change: Change) -> str:
        result = run(connector.push(change, Bench()), transport)
        if result.outcome is not Outcome.DONE:
            wrong.append(f"{change.action} of {change.entity} {sorted(change.patch)}: {result}")
        return str(result.key or change.key)

    def said(entity: str, key: str) -> dict[str, Any]:
        row = run(connector.fetch(entity, key, Bench()), transport)
        if not isinstance(row, Row):
            return {}  # it was not made, which was told
        return dict(zip(can[entity].fields, row.patch, strict=True))

    made: list[tuple[str, str]] = []
    for number, sample in enumerate(_samples(Found(pulled, can))):
        entity = sample.entity
        for extent in ("least", "full"):
            every = extent == "full"
            patch = {of: to for of, to in sample.full.items() if every or of in sample.least}
            if "identifier" in patch:
                patch["identifier"] += extent
            key = written(Change(entity, "create", f"{extent}-{number}", patch, beside=BESIDE))
            if "delete" in can[entity].writes and not every:
                written(Change(entity, "delete", key, {}))
        for name, to in sample.other.items():
            agreed = {name: said(entity, key).get(name)}
            key = written(Change(entity, "update", key, {name: to}, agreed))
        made.append((entity, key))
    for entity, key in reversed(made):
        if "delete" in can[entity].writes:
            written(Change(entity, "delete", key, {}))
    return wrong


def _samples(found: Found) -> Iterator[Sample]:
    student = found.key("users", "students")
    contact = found.key("users", "contacts")
    report = found.key("line_items", "grades")
    class_ = found.row("line_items", report)["class"]
    school = found.row("classes", class_)["school"]
    others = [key for key in found.keys("orgs", type="school") if key != school]
    yield from _people(student, contact, school, others[0])
    yield from _demographics()
    yield from _places(found.key("users", "staffs"), class_)
    yield from _graded(found, class_, report)


def _people(student: str, contact: str, school: str, other: str) -> Iterator[Sample]:
    reached = {
        "username": "zoe.nunez",
        "email": "zoe@d.example",
        "phone": "5125550100",
        "sms": "5125550101",
    }
    names = {
        "given_name": "Zoë",
        "middle_name": "Ann",
        "family_name": "Núñez",
        "preferred_first_name": "Zo",
        "preferred_last_name": "N.",
    }
    again = {name: f"{value} II" for name, value in names.items()}
    elsewhere = {
        "username": "z.n",
        "email": "z@d.example",
        "phone": "5125550102",
        "sms": None,
    }
    yield Sample(
        "users",
        {
            **names,
            **reached,
            "identifier": "body-s-",
            "user_ids": (("State", "S-1"),),
            "roles": (
                ("student", school, "primary", "2026-01-12", None),
                ("student", other, "secondary", "2026-01-12", "2026-05-29"),
            ),
            "grades": ("09",),
            "agents": ((contact, "mother"),),
        },
        frozenset({*_NAMES, "identifier", "roles", "grades"}),
        {
            **again,
            **elsewhere,
            "user_ids": (("State", "S-2"),),
            "grades": ("10",),
            "agents": None,
            "roles": (("student", school, "primary", "2026-01-13", None),),
        },
    )
    yield Sample(
        "users",
        {
            **names,
            **reached,
            "identifier": "body-c-",
            "roles": (("parent", school, "primary", None, None),),
            "agents": ((student, "father"),),
        },
        frozenset({*_NAMES, "identifier", "roles", "agents"}),
        {**again, **elsewhere, "agents": ((student, "grandfather"),)},
    )


def _demographics() -> Iterator[Sample]:
    races = (
        "american_indian_or_alaska_native",
        "asian",
        "black_or_african_american",
        "native_hawaiian_or_other_pacific_islander",
        "white",
    )
    yield Sample(
        "demographics",
        {
            "user": STUDENT,
            "birth_date": BESIDE["demographics"]["birth_date"],
            "sex": "female",
            "asian": True,
            "hispanic_or_latino_ethnicity": False,
            "country_of_birth_code": "US",
            "state_of_birth_abbreviation": "TX",
            "city_of_birth": "Austin",
        },
        frozenset({"user", "birth_date"}),
        {
            "birth_date": "2010-05-06",
            "sex": "male",
            **dict.fromkeys(races, True),
            "hispanic_or_latino_ethnicity": True,
            "country_of_birth_code": None,
            "state_of_birth_abbreviation": None,
            "city_of_birth": "Dallas",
        },
    )


def _places(staff: str, class_: str) -> Iterator[Sample]:
    at = {"class": class_, "begin_date": "2026-01-12", "end_date": "2026-05-29"}
    yield Sample(
        "enrollments",
        {**at, "user": STUDENT, "role": "student"},
        frozenset({"user", "class", "role"}),
        {"end_date": "2026-05-30", "begin_date": "2026-01-13"},
    )
    yield Sample(
        "enrollments",
        {**at, "user": staff, "role": "teacher", "primary": False},
        frozenset({"user", "class", "role"}),
        {"end_date": None, "primary": True},
    )


def _graded(found: Found, class_: str, report: str) -> Iterator[Sample]:
    period = found.key("academic_sessions", "gradingPeriods", type="gradingPeriod")
    category = found.key("categories")
    yield Sample(
        "line_items",
        {
            "title": "Essay",
            "class": class_,
            "assign_date": "2026-01-14T00:00:00Z",
            "due_date": "2026-01-20T00:00:00Z",
            "description": "On rivers",
            "category": category,
            "grading_period": period,
            "result_value_max": 20.0,
        },
        frozenset({"title", "class", "assign_date"}),
        {
            "title": "Essay 2",
            "assign_date": "2026-01-15T00:00:00Z",
            "due_date": None,
            "description": None,
            "category": None,
            "result_value_max": 30.0,
        },
    )
    result = {
        "student": STUDENT,
        "score": 9.5,
        "text_score": "A",
        "score_date": "2026-01-21",
        "comment": "Well done",
    }
    again = {"score": 8.0, "text_score": "B", "score_date": "2026-01-22", "comment": None}
    entry = found.key("line_items", "gradebookEntries")
    yield Sample(
        "results",
        {**result, "line_item": entry, "late": True},
        frozenset({"student", "line_item"}),
        {**again, "late": False},
    )
    yield Sample(
        "results",
        {**result, "line_item": report},
        frozenset({"student", "line_item"}),
        again,
    )
    yield Sample(
        "assessment_results",
        {
            "student": STUDENT,
            "assessment_line_item": found.key("assessment_line_items", "assessments"),
            "score": 41.0,
            "text_score": "Proficient",
            "score_percentile": 88.0,
            "score_date": "2026-02-02",
        },
        frozenset({"student", "assessment_line_item"}),
        {"score": 42.5, "score_percentile": None, "score_date": "2026-02-03"},
    )
