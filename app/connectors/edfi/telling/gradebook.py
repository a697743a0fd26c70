"""Gradebook entries and what students earned, and the grades of their reports.

A report grade has no piece of work of its own in Ed-Fi: all grades of one section, grading period
and type are results of one line item, whose key is made of those three.
"""

from app.connectors.contract import Row
from app.connectors.edfi.descriptors import Words
from app.connectors.edfi.keys import parsed, record_key
from app.connectors.edfi.telling import references
from app.connectors.edfi.telling.fields import FIELDS
from app.connectors.edfi.telling.patch import Parts, Patch, at
from app.connectors.edfi.vocabulary import Document, key_parts

ENTRIES, EARNED, GRADES = "gradebookEntries", "studentGradebookEntries", "grades"
MIDNIGHT = "00:00:00"


def line_item(key: str, parts: Parts, words: Words) -> Row:
    """A gradebook entry. A day without a time is its first moment, and times are taken as UTC."""
    (document,) = parts[ENTRIES]
    patch = Patch("line_items", FIELDS["line_items"], words)
    patch.say("title", at(document, "title") or at(document, "gradebookEntryTitle"))
    patch.say("description", at(document, "description"))
    patch.say("assign_date", at(document, "dateAssigned"))
    day, time = at(document, "dueDate"), at(document, "dueTime")
    patch.say("due_date", f"{day}T{time}" if day and isinstance(time, str) and time else day)
    _say_section(patch, at(document, "sectionReference"))
    patch.say("category", references.category(at(document, "gradebookEntryTypeDescriptor")))
    patch.say("grading_period", references.grading_period(at(document, "gradingPeriodReference")))
    if at(document, "gradebookEntryIdentifier") is not None:  # the standard 3 has no maximum
        patch.say("result_value_max", at(document, "maxPoints"))
    return patch.row(record_key(ENTRIES, key))


def _say_section(patch: Patch, reference: object) -> None:
    patch.say("class", references.section(reference))
    patch.say("school", references.key_of("schools", at(reference, "schoolId")))


def grade_line_item(key: str, parts: Parts, words: Words) -> Row:
    """What a report grade is given for: section, grading period and type of grade."""
    (document,) = parts[GRADES]
    patch = Patch("line_items", FIELDS["line_items"], words)
    period = at(document, "gradingPeriodReference")
    kind = words.word("GradeTypeDescriptor", at(document, "gradeTypeDescriptor"))
    when = words.word("GradingPeriodDescriptor", at(period, "gradingPeriodDescriptor"))
    patch.say("title", " · ".join(word for word in (_titled(kind), when) if word))
    seat = at(document, "studentSectionAssociationReference")
    _say_section(patch, seat)
    patch.say("grading_period", references.grading_period(period))
    return patch.row(grade_line_item_key(document) or record_key(GRADES, key))


def _titled(kind: str | None) -> str | None:
    """The standard's types are called Final, Semester, Grading Period: what is meant is a grade."""
    return kind if kind is None or "grade" in kind.lower() else f"{kind} grade"


def grade_line_item_key(document: Document) -> str | None:
    """The key of the line item that a report grade is a result of."""
    section = references.section(at(document, "studentSectionAssociationReference"))
    period = references.grading_period(at(document, "gradingPeriodReference"))
    if section is None or period is None:
        return None
    told = [part for one in (section, period) for part in key_parts(parsed(one)[1])]
    return references.key_of(GRADES, *told, at(document, "gradeTypeDescriptor"))


def result(key: str, parts: Parts, words: Words) -> Row:
    """What a student earned for a gradebook entry: points before a number, a letter in words."""
    (document,) = parts[EARNED]
    patch = Patch("results", FIELDS["results"], words)
    reference = at(document, "gradebookEntryReference")
    patch.say("line_item", references.gradebook_entry(reference))
    patch.say("student", references.student(document) or references.seated(document))
    for entry in parts.get(ENTRIES, ()):
        patch.say("class", references.section(at(entry, "sectionReference")))
    if at(document, "studentSectionAssociationReference") is not None:
        told = references.section(at(document, "studentSectionAssociationReference"))
        patch.say("class", told)
    points, number = at(document, "pointsEarned"), at(document, "numericGradeEarned")
    score = number if points is None else points
    patch.say("score", score)
    patch.say("text_score", at(document, "letterGradeEarned"))
    patch.say("score_date", at(document, "dateFulfilled"))
    patch.say("comment", at(document, "diagnosticStatement"))
    _say_standing(patch, document, graded=score is not None or _letter(document))
    return patch.row(record_key(EARNED, key))


def _letter(document: Document) -> bool:
    return bool(at(document, "letterGradeEarned"))


def _say_standing(patch: Patch, document: Document, *, graded: bool) -> None:
    """Whether it was handed in, late, and graded.

    Where no word of it is told nothing is said of missing and late, not even that they are blank:
    no document can say so.
    """
    status = at(document, "submissionStatusDescriptor")
    meant = patch.meaning("score_status", "SubmissionStatusDescriptor", status)
    if meant is not None or not status:
        patch.say("score_status", _score_status(meant, graded))
    if meant is not None or (graded and not status):
        patch.say("missing", meant == "missing")
    lateness = at(document, "assignmentLateStatusDescriptor")
    late = patch.meaning("late", "AssignmentLateStatusDescriptor", lateness)
    if meant == "late" or late in ("late", "on time"):
        patch.say("late", "late" in (meant, late))


def _score_status(meant: str | None, graded: bool) -> str | None:
    """In the roster's words; a score that is there has been given, whatever was handed in."""
    if meant in ("exempt", "partially graded", "fully graded"):
        return meant
    if graded:
        return "fully graded"
    return {"submitted": "submitted", "late": "submitted", "missing": "not submitted"}.get(
        meant or "", "not submitted" if meant == "not submitted" else None
    )


def grade(key: str, parts: Parts, words: Words) -> Row:
    """A report grade of a student."""
    (document,) = parts[GRADES]
    patch = Patch("results", FIELDS["results"], words)
    patch.say("line_item", grade_line_item_key(document))
    patch.say("student", references.seated(document))
    seat = at(document, "studentSectionAssociationReference")
    patch.say("class", references.section(seat))
    number, letter = at(document, "numericGradeEarned"), at(document, "letterGradeEarned")
    patch.say("score", number)
    patch.say("text_score", letter or at(document, "gradeEarnedDescription"))
    patch.say("score_date", at(document, "currentGradeAsOfDate"))
    patch.say("comment", at(document, "diagnosticStatement"))
    if number is not None or letter:
        patch.say("score_status", "fully graded")
    return patch.row(record_key(GRADES, key))
