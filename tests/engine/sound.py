"""A small district in which nothing is to be mended, so that a test spoils exactly one thing."""

from tests.engine.toy import ToySis


def sound() -> ToySis:
    """A district with two schools, a teacher each, and two students in a class of each."""
    sis = ToySis(page=100)
    sis.put("orgs", "d", name="District", type="district")
    sis.put("academic_sessions", "year", title="2026-27", type="schoolYear",
            start_date="2026-08-17", end_date="2027-06-04", school_year="2027")  # fmt: skip
    sis.put("academic_sessions", "fall", title="Fall", type="term", parent="year",
            start_date="2026-08-17", end_date="2026-12-18", school_year="2027")  # fmt: skip
    for n in (1, 2):
        sis.put("orgs", f"o{n}", name=f"School {n}", type="school", parent="d")
        sis.put("classes", f"c{n}", title=f"Class {n}", school=f"o{n}", terms=["fall"])
        person(sis, f"t{n}", "teacher", n)
        for m in (1, 2):
            person(sis, f"s{n}{m}", "student", n)
    return sis


def person(sis: ToySis, key: str, role: str, school: int) -> None:
    """Somebody of a school, in its class."""
    sis.put(
        "users",
        key,
        given_name=key.upper(),
        family_name="Núñez",
        username=key,
        email=f"{key}@district.example",
        identifier=f"{role}-{key}",
        enabled_user=True,
        roles=[{"role": role, "org": f"o{school}", "role_type": "primary"}],
    )
    enrol(sis, f"e-{key}", key, f"c{school}", f"o{school}", role)


def enrol(sis: ToySis, key: str, user: str, class_: str, school: str, role: str) -> None:
    """A place in a class."""
    sis.put("enrollments", key, user=user, school=school, role=role, **{"class": class_})
