"""What a registrar should mend: each rule, and for whom it holds."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from app.engine.quality import RULES, report, told
from app.errors import NotFound
from app.store import reads
from app.text import SENTENCES
from tests.engine.sound import enrol, person, sound
from tests.engine.toy import District, ToySis, district

TODAY = "2026-09-07"
Line = tuple[str, str, str, str, str, str]
"""School, grade, rule, record, what it is now, what it should be."""


def lines(d: District, **which: object) -> list[Line]:
    """The report in short."""
    found = report(d.database, TODAY, **which)  # type: ignore[arg-type]
    words = told(d.database, found.lines, found.schools)
    return [
        (one.school, line.grade.value, line.flaw.rule, one.record, one.now, one.wanted)
        for line, one in zip(found.lines, words, strict=True)
    ]


def rules(d: District) -> list[str]:
    """The rules of the report's lines."""
    return [line.flaw.rule for line in report(d.database, TODAY).lines]


def test_of_a_sound_roster_nothing_is_to_be_mended(data_dir: Path) -> None:
    """No rule tells of what is as it should be."""
    with district(data_dir, sound()) as d:
        d.sync()
        assert lines(d) == []


def blank(entity: str, key: str, *fields: str) -> Callable[[ToySis], None]:
    return lambda sis: sis.change(entity, key, **dict.fromkeys(fields))


def change(entity: str, key: str, **values: object) -> Callable[[ToySis], None]:
    return lambda sis: sis.change(entity, key, **values)


def several(*each: Callable[[ToySis], None]) -> Callable[[ToySis], None]:
    def do(sis: ToySis) -> None:
        for one in each:
            one(sis)

    return do


OWN = "An address of their own"
ONE = (
    "One record, or one of their own: {} Núñez has it and the same name. Rows of one person are "
    "joined by “One person, several rows” in the connector's settings"
)
WORD = "One that it has, or its meaning in the connector's settings; "
SPOILT: dict[str, tuple[Callable[[ToySis], None], list[Line]]] = {
    "staff without an email": (
        blank("users", "t1", "email"),
        [("School 1", "fault", "email_missing", "T1 Núñez", "", OWN)],
    ),
    "a student without an email": (
        blank("users", "s11", "email"),
        [("School 1", "note", "email_missing", "S11 Núñez", "", OWN)],
    ),
    "a student without a username": (
        blank("users", "s21", "username"),
        [("School 2", "note", "username_missing", "S21 Núñez", "", "A username of their own")],
    ),
    "a disabled teacher without an email": (
        several(change("users", "t1", enabled_user=False, email=None)),
        [],
    ),
    "an email of two people": (
        change("users", "s11", email="T2@district.example"),
        [
            ("School 1", "fault", "email_shared", "S11 Núñez", "t2@district.example",
             "One of their own: T2 Núñez has it, too"),
            ("School 2", "fault", "email_shared", "T2 Núñez", "t2@district.example",
             "One of their own: S11 Núñez has it, too"),
        ],
    ),
    "an email of a guardian's and a student's": (
        several(
            lambda sis: sis.put(
                "users", "g", given_name="G", family_name="Núñez",
                email="s11@district.example", roles=[{"role": "guardian", "org": "o1"}],
            ),
        ),
        [],
    ),
    "a username of two people": (
        change("users", "s12", username="S11"),
        [
            ("School 1", "fault", "username_shared", "S11 Núñez", "s11",
             "One of their own: S12 Núñez has it, too"),
            ("School 1", "fault", "username_shared", "S12 Núñez", "s11",
             "One of their own: S11 Núñez has it, too"),
        ],
    ),
    "a local ID of a student's and a teacher's": (
        change("users", "t1", identifier="student-s11"),
        [],
    ),
    "a local ID of two guardians": (
        several(
            *(
                lambda sis, key=key: sis.put(
                    "users", key, given_name=key, family_name="Núñez", identifier="g-1",
                    email="home@district.example", username=key,
                    roles=[{"role": "guardian", "org": "o1"}],
                )
                for key in ("mum", "dad")
            ),
        ),
        [
            ("School 1", "fault", "local_id_shared", "dad Núñez", "g-1",
             "One of their own, or one record: mum Núñez has it, too"),
            ("School 1", "fault", "local_id_shared", "mum Núñez", "g-1",
             "One of their own, or one record: dad Núñez has it, too"),
        ],
    ),
    "a teacher who is a parent, too": (
        lambda sis: sis.put(
            "users", "p", given_name="t1", family_name="Núñez", identifier="teacher-t1",
            email="t1@district.example", username="parent",
            roles=[{"role": "parent", "org": "o2"}],
        ),
        [
            ("School 1", "note", "person_several", "T1 Núñez", "teacher-t1", ONE.format("t1")),
            ("School 2", "note", "person_several", "t1 Núñez", "teacher-t1", ONE.format("T1")),
        ],
    ),
    "grades, roles and class types that no standard has": (
        several(
            change("users", "s11", grades=["09", "Jr K"]),
            change("users", "s12", grades=["Jr K"]),
            change("users", "s21", grades=["Jr K", "ext:Yr13"]),
            change("enrollments", "e-s11", role="student"),
            change("users", "t1", roles=[
                {"role": "teacher", "org": "o1", "role_type": "primary"},
                {"role": "profesor", "org": "o1", "role_type": "secondary"},
            ]),
            change("classes", "c2", class_type="advisory"),
        ),
        [
            ("School 1", "note", "word_unknown", "S11 Núñez", "Jr K", WORD + "1 more has it"),
            ("School 1", "note", "word_unknown", "T1 Núñez", "profesor", WORD + "0 more have it"),
            ("School 2", "note", "word_unknown", "Class 2", "advisory", WORD + "0 more have it"),
            ("School 2", "note", "word_unknown", "S21 Núñez", "Jr K", WORD + "0 more have it"),
        ],
    ),
    "nobody's role goes on": (
        change("users", "t2", roles=[{"role": "teacher", "org": "o2", "end_date": "2026-06-30"}]),
        [
            ("School 2", "fault", "role_missing", "T2 Núñez", "teacher, School 2 (#3), 2026-06-30",
             "A role that has not ended, or no enabled person any more"),
        ],
    ),
    "a class without a teacher": (
        lambda sis: sis.vanish("enrollments", "e-t1"),
        [
            ("School 1", "fault", "teacher_missing", "Class 1", "",
             "A teacher, or an end of the class"),
            ("School 1", "note", "class_missing", "T1 Núñez", "",
             "A place in a class, or no role at the school any more"),
        ],
    ),
    "a class without students": (
        lambda sis: sis.vanish("enrollments", "e-s11", "e-s12"),
        [
            ("School 1", "fault", "class_missing", "S11 Núñez", "",
             "A place in a class, or no role at the school any more"),
            ("School 1", "fault", "class_missing", "S12 Núñez", "",
             "A place in a class, or no role at the school any more"),
            ("School 1", "note", "student_missing", "Class 1", "",
             "Students, or an end of the class"),
        ],
    ),
    "an enrollment that is over": (
        change("enrollments", "e-t1", end_date="2026-09-01"),
        [
            ("School 1", "fault", "teacher_missing", "Class 1", "",
             "A teacher, or an end of the class"),
            ("School 1", "note", "class_missing", "T1 Núñez", "",
             "A place in a class, or no role at the school any more"),
        ],
    ),
    "an enrollment elsewhere": (
        change("enrollments", "e-s11", school="o2"),
        [
            ("School 2", "fault", "school_differs", "S11 Núñez · Class 1", "School 2 · o2",
             "School 1 · o1, where the class is"),
        ],
    ),
    "a class of a term that is over": (
        several(
            lambda sis: sis.put(
                "academic_sessions", "spring", title="Spring", type="term",
                start_date="2026-01-05", end_date="2026-06-04",
            ),
            change("classes", "c1", terms=["spring"]),
            lambda sis: sis.vanish("enrollments", "e-t1", "e-s11"),
            lambda sis: enrol(sis, "e9", "t1", "c2", "o2", "teacher"),
            lambda sis: enrol(sis, "e8", "s11", "c2", "o2", "student"),
        ),
        [
            ("School 1", "note", "terms_over", "Class 1", "2026-06-04",
             "A term that goes on, or an end of the class"),
        ],
    ),
    "an end before its beginning": (
        change("enrollments", "e-s11", begin_date="2026-12-01", end_date="2026-11-01"),
        [
            ("School 1", "fault", "range_reversed", "S11 Núñez · Class 1",
             "2026-12-01 – 2026-11-01", "An end that is not before the beginning"),
        ],
    ),
    "a term outside its year": (
        change("academic_sessions", "fall", end_date="2027-07-01"),
        [
            ("The district", "fault", "session_outside", "Fall", "2026-08-17 – 2027-07-01",
             "Within 2026-08-17 – 2027-06-04 (2026-27)"),
        ],
    ),
    "two primary roles": (
        change(
            "users", "s11",
            roles=[
                {"role": "student", "org": "o1", "role_type": "primary"},
                {"role": "aide", "org": "o1", "role_type": "primary"},
            ],
        ),
        [
            ("School 1", "fault", "primaries_several", "S11 Núñez",
             "aide, School 1 (#2), primary; student, School 1 (#2), primary",
             "One primary role in each organization"),
        ],
    ),
    "an organization without a type": (
        blank("orgs", "o2", "type"),
        [("School 2", "fault", "value_missing", "School 2", "", "A value")],
    ),
    "a family name that is blank": (
        blank("users", "s21", "family_name"),
        [("School 2", "fault", "value_missing", "S21", "", "A value")],
    ),
    "what the SIS does not have": (
        change("classes", "c1", course="algebra"),
        [],  # it speaks of no courses, so nobody knows whether there is one
    ),
    "a person that the SIS does not have": (
        change("enrollments", "e-s11", user="nobody"),
        [
            ("School 1", "fault", "class_missing", "S11 Núñez", "",
             "A place in a class, or no role at the school any more"),
            ("School 1", "fault", "reference_unknown", "#20 · Class 1", "nobody",
             "One that is there, or none"),
        ],
    ),
    "somebody's guardian that the SIS does not have": (
        change("users", "s11", agents=[{"user": "mum", "relation": "mother"}]),
        [
            ("School 1", "note", "reference_unknown", "S11 Núñez", "mum",
             "One that is there, or none"),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", SPOILT)
def test_each_rule_tells_what_is_and_what_should_be(data_dir: Path, what: str) -> None:
    """Where it is, how bad, whose it is, what it is now and what it should be; and no more."""
    spoil, expected = SPOILT[what]
    sis = sound()
    spoil(sis)
    with district(data_dir, sis) as d:
        d.sync()
        assert lines(d) == expected


def test_an_enrollment_of_somebody_who_has_ended(data_dir: Path) -> None:
    """What has ended is told by its name and its key."""
    with district(data_dir, sound()) as d:
        d.without_limits()
        d.sync()
        d.sis.vanish("users", "s11")
        d.sync(full=True)
        assert lines(d) == [
            ("School 1", "fault", "reference_ended", "S11 Núñez · Class 1", "S11 Núñez · s11",
             "One that has not ended, or none"),
        ]  # fmt: skip


def test_what_is_corrected_here_alone_is_told_until_the_sis_has_it(data_dir: Path) -> None:
    """F6: the SIS's value is what is, ours what should be; what it takes is none of it."""
    sis = sound()
    sis.writable["classes"] = ("update",)
    with district(data_dir, sis) as d:
        d.sync()
        d.engine.edit("users", d.id("users", "s11"), {"family_name": "Ramírez"}, "Ana")
        d.engine.edit("users", d.id("users", "t1"), {"email": None}, "Ana")
        d.engine.edit("classes", d.id("classes", "c1"), {"title": "Band"}, "Ana")
        assert lines(d) == [
            ("School 1", "fault", "email_missing", "T1 Núñez", "", OWN),
            ("School 1", "fault", "local_correction", "S11 Ramírez", "Núñez", "Ramírez"),
            ("School 1", "fault", "local_correction", "T1 Núñez", "t1@district.example", "blank"),
        ]
        d.sis.change("users", "s11", family_name="Ramírez")
        d.sis.change("users", "t1", email=None)
        d.sync()
        assert rules(d) == ["email_missing"]


def test_a_person_of_two_schools_is_told_in_both(data_dir: Path) -> None:
    """Each registrar sees what is theirs; a role that has ended is nobody's."""
    sis = sound()
    ended = {"role": "aide", "org": "d", "end_date": "2026-06-30"}
    sis.change(
        "users", "t1", email=None,
        roles=[{"role": "teacher", "org": "o1"}, {"role": "teacher", "org": "o2"}, ended],
    )  # fmt: skip
    with district(data_dir, sis) as d:
        d.sync()
        assert [line[0] for line in lines(d)] == ["School 1", "School 2"]
        school = d.id("orgs", "o2")
        assert [line[0] for line in lines(d, school=school)] == ["School 2"]


def test_of_many_who_share_a_value_one_is_named(data_dir: Path) -> None:
    """And how many they are."""
    sis = sound()
    for key in ("s11", "s12", "s21"):
        sis.change("users", key, identifier="4711")
    with district(data_dir, sis) as d:
        d.sync()
        found = lines(d)
        assert [line[2:5:2] for line in found] == [("local_id_shared", "4711")] * 3
        assert all(line[5].endswith("has it, too, as have 2 in all") for line in found)


def test_where_no_enrollments_are_read_nobody_is_without_a_class(data_dir: Path) -> None:
    """Nor is a class without people."""
    sis = sound()
    del sis.rows["enrollments"]
    with district(data_dir, sis) as d:
        d.sync()
        assert lines(d) == []


def test_rows_that_wait_or_cannot_be_read_are_there(data_dir: Path) -> None:
    """A reference to them leads somewhere."""
    sis = sound()
    person(sis, "odd", "student", 1)
    sis.put("users", "odd", garbled=True)
    with district(data_dir, sis) as d:
        assert d.sync().total("unreadable") == 1
        assert lines(d) == []


def test_a_report_is_of_one_connector_where_that_is_asked(data_dir: Path) -> None:
    """What another one knows alone is left out; one that is not there is told."""
    sis, other = sound(), ToySis()
    other.put("orgs", "x", name="Elsewhere")
    with district(data_dir, sis, other=other) as d:
        d.sync()
        d.sync("other")
        assert [line[3] for line in lines(d)] == ["Elsewhere"]
        assert [line[3] for line in lines(d, connector="other")] == ["Elsewhere"]
        assert lines(d, connector="toy") == []
        with pytest.raises(NotFound):
            report(d.database, TODAY, connector="nobody")


def test_schools_of_one_name_are_told_apart(data_dir: Path) -> None:
    """By the connector that has them; one that is not there says so."""
    sis = sound()
    sis.change("users", "s11", email=None)
    sis.change("users", "s21", email=None)
    sis.change("orgs", "o2", name="School 1")
    with district(data_dir, sis) as d:
        d.sync()
        named = set(report(d.database, TODAY).schools.values())
    assert "School 1 (“toy”)" in named
    assert "School 1" not in named


def test_faults_of_a_school_come_before_its_notes(data_dir: Path) -> None:
    """Schools by name, the district last."""
    sis = sound()
    sis.change("users", "s11", email=None)
    sis.change("users", "t1", email=None)
    sis.change("academic_sessions", "fall", end_date="2027-07-01")
    with district(data_dir, sis) as d:
        d.sync()
        assert [line[:2] for line in lines(d)] == [
            ("School 1", "fault"), ("School 1", "note"), ("The district", "fault"),
        ]  # fmt: skip
        assert [line[3] for line in lines(d, rules=["session_outside"])] == ["Fall"]


def test_every_rule_has_its_sentences() -> None:
    """What is the matter, and what should be."""
    wanted: Iterable[str] = (f"{of}_{rule}" for rule in RULES for of in ("quality", "mend"))
    assert not [code for code in wanted if code not in SENTENCES]


def test_more_lines_than_are_worded_at_once_all_come(data_dir: Path) -> None:
    """Each with its own record."""
    sis = sound()
    for n in range(1200):
        person(sis, f"n{n}", "student", 1)
        sis.change("users", f"n{n}", email=None)
    with district(data_dir, sis) as d:
        d.sync()
        assert {line[3] for line in lines(d)} == {f"N{n} Núñez" for n in range(1200)}
        assert len(lines(d)) == 1200 == reads.counts(d.database)["users"] - 6
