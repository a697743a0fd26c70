"""One person, class, organization known by two connectors (SEMANTICS A3, B3, D4, D5)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.store import reads
from tests.engine.toy import District, ToySis, district, sums

PEOPLE = 6


def town(letter: str, *, people: int = PEOPLE, page: int = 3) -> ToySis:
    """A small district as one SIS tells it: its keys begin with its letter."""
    sis = ToySis(page=page)
    k = letter
    for n in (1, 2):
        sis.put("orgs", f"{k}-o{n}", name=f"School {n}", type="school", identifier=f"{n:04d}")
    sis.put(
        "academic_sessions", f"{k}-t", title="Fall", type="term",
        start_date="2026-08-17", end_date="2026-12-18",
    )  # fmt: skip
    sis.put("courses", f"{k}-k", title="Algebra", course_code="ALG", org=f"{k}-o1")
    for n in range(2):
        sis.put(
            "classes", f"{k}-c{n}", title=f"Class {n}", class_code=f"ALG-{n}",
            school=f"{k}-o{n + 1}", course=f"{k}-k", terms=[f"{k}-t"],
        )  # fmt: skip
    for n in range(people):
        school = f"{k}-o{n % 2 + 1}"
        sis.put(
            "users", f"{k}-u{n}", given_name=f"Given{n}", family_name=f"Family{n}",
            identifier=f"L{n}", enabled_user=True,
            roles=[{"role": "student", "org": school, "role_type": "primary"}],
        )  # fmt: skip
        sis.put("demographics", f"{k}-u{n}", user=f"{k}-u{n}", birth_date=f"2012-05-{n + 1:02d}")
        sis.put(
            "enrollments", f"{k}-e{n}", user=f"{k}-u{n}", **{"class": f"{k}-c{n % 2}"},
            school=school, role="student", begin_date="2026-08-17",
        )  # fmt: skip
    return sis


@contextmanager
def both(folder: Path, toy: ToySis | None = None, other: ToySis | None = None) -> Iterator[District]:
    """A district told by two SISs, nothing read yet."""
    with district(folder, toy or town("a"), other=other or town("b")) as d:
        d.without_limits()
        yield d


def counts(d: District) -> dict[str, int]:
    """How many live records there are."""
    return {entity: n for entity, n in reads.counts(d.database).items() if n}


ONCE = {
    "orgs": 2, "academic_sessions": 1, "courses": 1, "classes": 2, "users": PEOPLE,
    "demographics": PEOPLE, "enrollments": PEOPLE,
}  # fmt: skip


def quiet(run: reads.RunRow) -> bool:
    """Nothing came of it."""
    return run.state == "completed" and set(sums(run)) <= {"read", "unchanged"}


def test_two_systems_tell_of_one_district(data_dir: Path) -> None:
    """Every record that both tell of is one, with a link to each, and nothing is asked."""
    with both(data_dir) as d:
        d.sync()
        run = d.sync("other")
        assert counts(d) == ONCE
        assert run.state == "completed"
        assert set(sums(run)) <= {"read", "unchanged"}
        assert "records_matched" in d.log(run.id)
        for entity in ONCE:
            for row in reads.records(d.database, entity, reads.record_ids(d.database, entity)):
                links = reads.record(d.database, entity, row.id).links
                assert sorted(link.connector for link in links) == ["other", "toy"]
