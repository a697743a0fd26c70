"""Places in classes, graded work and assessments are written (SEMANTICS F)."""

from collections.abc import Iterator

import pytest

from app.connectors.contract import Outcome
from app.roster.values import UNSAID
from tests.connectors.edfi.desk import PERIOD, SECTION, Desk, desk_at, open_district, said
from tests.practice.edfi.client import Client
from tests.practice.edfi.small_district import HIGH, YEAR, descriptor, section_reference

PLACE = f"studentSectionAssociations/{{}}|ALG-1|{HIGH}|{YEAR}|ALG-{HIGH}|Fall|{{}}"
GRADES = "|".join(
    [
        f"grades/{SECTION.removeprefix('sections/')}",
        *map(str, PERIOD.values()),
        descriptor("GradeType", "Grading Period"),
    ]
)


@pytest.fixture(scope="module")
def sis() -> Iterator[Client]:
    with open_district() as somebody:
        yield somebody


@pytest.fixture
def desk(sis: Client) -> Iterator[Desk]:
    with desk_at(sis) as made:
        yield made


def seated(desk: Desk, key: str) -> str:
    """A student with a place in the class; the key of the place."""
    desk.enrolled(key)
    desk.post(
        "studentSectionAssociations",
        {
            "studentReference": {"studentUniqueId": key},
            "sectionReference": section_reference(),
            "beginDate": "2025-09-01",
        },
    )
    return PLACE.format("2025-09-01", key)


# -- places --


def test_a_place_is_made_under_its_natural_key(desk: Desk):
    """Section, student and first day (F3)."""
    desk.enrolled("e1")
    patch = {"user": "students/e1", "class": SECTION, "role": "student", "school": str(HIGH)}
    result = desk.create("enrollments", **patch, begin_date="2025-09-08")
    assert (result.outcome, result.key) == (Outcome.DONE, PLACE.format("2025-09-08", "e1"))


def test_a_place_without_a_first_day_begins_today_once(desk: Desk):
    """Ed-Fi needs a day; sent again, the open place is found and not made twice."""
    desk.enrolled("e2")
    patch = {"user": "students/e2", "class": SECTION, "role": "student"}
    first, again = (desk.create("enrollments", **patch) for _ in range(2))
    assert first.key == again.key == PLACE.format("2025-10-01", "e2")
    assert len(desk.all("studentSectionAssociations", studentUniqueId="e2")) == 1


def test_a_changed_first_day_moves_the_key_and_is_confirmed_under_it(desk: Desk):
    """The service cascades it; the new key is told, also where the answer was lost (A6)."""
    key = seated(desk, "e3")
    dates = {"begin_date": ("2025-09-01", "2025-09-15"), "end_date": (None, None)}
    result = desk.update("enrollments", key, **dates)
    assert (result.outcome, result.key) == (Outcome.DONE, PLACE.format("2025-09-15", "e3"))
    again = desk.update("enrollments", key, **dates)
    assert (again.outcome, again.key) == (Outcome.DONE, PLACE.format("2025-09-15", "e3"))


def test_a_place_on_which_grades_depend_is_not_deleted_and_the_sis_says_why(desk: Desk):
    """409: refused for good, with its words and what to do instead (F5)."""
    key = seated(desk, "e4")
    assert desk.create("results", line_item=GRADES, student="students/e4", score=88.0).key
    result = desk.delete("enrollments", key)
    assert (result.outcome, result.words.split(" ")[0]) == (Outcome.REFUSED, "edfi_depended_on")
    assert "correlationId" in result.words


def test_a_deleted_place_is_gone_and_stays_done(desk: Desk):
    """A second deletion finds nothing to do."""
    key = seated(desk, "e5")
    assert [desk.delete("enrollments", key).outcome for _ in range(2)] == [Outcome.DONE] * 2
    assert desk.all("studentSectionAssociations", studentUniqueId="e5") == []


def test_a_place_of_a_student_who_is_not_there_waits(desk: Desk):
    """It goes through once they are (F5)."""
    patch = {"user": "students/e6", "class": SECTION, "role": "student"}
    result = desk.create("enrollments", **patch, begin_date="2025-09-08")
    assert result.outcome is Outcome.WAITING_ON
    desk.enrolled("e6")
    assert desk.create("enrollments", **patch, begin_date="2025-09-08").outcome is Outcome.DONE


def test_a_teacher_whom_the_key_does_not_see_gets_no_place(desk: Desk):
    """Nor would it see the place that they may have already: nothing is written over it (F3)."""
    desk.post("staffs", {"staffUniqueId": "e7", "firstName": "Eva", "lastSurname": "Lee"})
    patch = {"user": "staffs/e7", "class": SECTION, "role": "teacher"}
    result = desk.create("enrollments", **patch, begin_date="2025-09-08")
    assert (result.outcome, result.words) == (Outcome.WAITING_ON, "edfi_waits_for_person")
    assert desk.watched.writes == []


# -- graded work --


def test_a_line_item_is_made_under_an_identifier_of_ours_and_found_again(desk: Desk):
    """Where the answer was lost it is looked for by its natural key, and made once (F3)."""
    patch = {"title": "Essay", "class": SECTION, "assign_date": "2025-09-10T00:00:00Z"}
    desk.watched.lost_after = 0
    assert desk.create("line_items", "ours-1", **patch).outcome is Outcome.UNKNOWN
    desk.watched.mended()
    result = desk.create("line_items", "ours-1", **patch)
    assert result.outcome is Outcome.DONE
    assert desk.watched.writes == []
    assert len(desk.all("gradebookEntries", gradebookEntryIdentifier="ours-1")) == 1


def test_a_changed_line_item_keeps_what_nobody_here_knows(desk: Desk):
    """Learning standards and the time of day stand as they stood (F2)."""
    desk.edit("gradebookEntries", {"gradebookEntryIdentifier": "g1"}, dueTime="14:00:00")
    result = desk.update("line_items", "gradebookEntries/g1|uri://ed-fi.org", title=("Quiz", "Q1"))
    assert result.outcome is Outcome.DONE
    now = desk.one("gradebookEntries", gradebookEntryIdentifier="g1")
    assert (now["title"], now["dueTime"], now["maxPoints"]) == ("Q1", "14:00:00", 10)


def test_a_result_is_made_changed_and_deleted(desk: Desk):
    """``studentGradebookEntries``, under the key of its line item and its student."""
    seated(desk, "g4")
    item = "gradebookEntries/g1|uri://ed-fi.org"
    made = desk.create("results", line_item=item, student="students/g4", score=7.5, comment="good")
    assert made.key == "studentGradebookEntries/g1|uri://ed-fi.org|g4"
    told = said("results", made.row)
    group = {name: (told[name], told[name]) for name in ("score_status", "text_score")}
    result = desk.update("results", str(made.key), **group, score=(7.5, 8.0))
    assert said("results", result.row)["score"] == 8.0
    assert said("results", result.row)["comment"] == "good"
    assert desk.delete("results", made.key).outcome is Outcome.DONE


def test_what_no_document_has_to_say_is_no_matter(desk: Desk):
    """That something was not late is said of what nobody called late: nothing is left to be sent,
    and nothing is told back that would blank it here (F4)."""
    seated(desk, "g7")
    item = "gradebookEntries/g1|uri://ed-fi.org"
    key = str(desk.create("results", line_item=item, student="students/g7", score=7.5).key)
    result = desk.update("results", key, comment=(None, "good"), late=(None, False))
    assert result.outcome is Outcome.DONE
    assert said("results", result.row)["comment"] == "good"
    assert said("results", result.row)["late"] is UNSAID


def test_a_report_grade_is_made_for_the_place_of_the_student(desk: Desk):
    """``grades`` refers to the association, whose first day no roster has beside the class."""
    seated(desk, "g5")
    result = desk.create("results", line_item=GRADES, student="students/g5", score=91.0)
    assert result.outcome is Outcome.DONE
    now = desk.one("grades", studentUniqueId="g5")
    assert now["numericGradeEarned"] == 91
    assert now["studentSectionAssociationReference"]["beginDate"] == "2025-09-01"


def test_a_report_grade_waits_for_the_place(desk: Desk):
    """There is nothing that it could be the grade of (F5)."""
    desk.enrolled("g6")
    result = desk.create("results", line_item=GRADES, student="students/g6", score=91.0)
    assert (result.outcome, result.words) == (Outcome.WAITING_ON, "edfi_no_place_in_class")


def test_the_column_of_a_report_grade_is_nobodys_document(desk: Desk):
    """It is told by the grades in it, so it cannot be changed."""
    result = desk.update("line_items", GRADES, title=("Final", "First"))
    assert (result.outcome, result.words) == (Outcome.REFUSED, "edfi_told_by_others")


def test_the_result_of_an_assessment_is_made_and_changed(desk: Desk):
    """Its identifier is ours; other score results stay (F2)."""
    item = "assessments/A1|uri://ed-fi.org/Assessment"
    patch = {"assessment_line_item": item, "student": "students/s1", "score": 41.0}
    made = desk.create("assessment_results", "ours-2", **patch)
    assert made.outcome is Outcome.DONE
    other = {
        "assessmentReportingMethodDescriptor": descriptor("AssessmentReportingMethod", "Other"),
        "resultDatatypeTypeDescriptor": descriptor("ResultDatatypeType", "Integer"),
        "result": "7",
    }
    query = {"studentAssessmentIdentifier": "ours-2"}
    results = desk.one("studentAssessments", **query)["scoreResults"]
    desk.edit("studentAssessments", query, scoreResults=[*results, other])
    score = {"score": (41.0, 42.0)}
    assert desk.update("assessment_results", str(made.key), **score).outcome is Outcome.DONE
    now = desk.one("studentAssessments", **query)["scoreResults"]
    assert [one["result"] for one in now] == ["42", "7"]
