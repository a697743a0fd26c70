"""Line items, results and report grades, put into gradebook entries and grades."""

from collections.abc import Mapping
from typing import Any

from app.connectors.edfi.keys import parsed
from app.connectors.edfi.telling import gradebook
from app.connectors.edfi.telling.back.draft import (
    Draft,
    Unsayable,
    Way,
    members,
    plainly,
    reference,
    referring,
)
from app.connectors.edfi.telling.patch import at
from app.connectors.edfi.telling.references import SECTION
from app.connectors.edfi.vocabulary import key_parts, resources
from app.roster.values import Plain

_STATUS, _LATENESS = "submissionStatusDescriptor", "assignmentLateStatusDescriptor"
_STATUS_NAME, _LATENESS_NAME = "SubmissionStatusDescriptor", "AssignmentLateStatusDescriptor"


def _class(draft: Draft, field: str) -> None:
    made = reference(draft, field, "sections", draft.values[field] or "")
    draft.document["sectionReference"] = made
    if draft.standard > 3:
        draft.document["sourceSectionIdentifier"] = made["sectionIdentifier"]


def _title(draft: Draft, field: str) -> None:
    older = "gradebookEntryTitle"
    draft.put("title" if draft.standard > 3 else older, draft.values[field])


def _assigned(draft: Draft, field: str) -> None:
    draft.put("dateAssigned", _day(draft.values[field]))


def _due(draft: Draft, field: str) -> None:
    """A due date that is the first moment of a day has no time, unless one was told before."""
    said = draft.values[field]
    draft.put("dueDate", _day(said))
    time = None if said is None else said[11:19]
    timed = "dueTime" in draft.document or time != gradebook.MIDNIGHT
    draft.put("dueTime", time if timed else None)


def _day(instant: str | None) -> str | None:
    return None if instant is None else instant[:10]


def _category(draft: Draft, field: str) -> None:
    key, member = draft.values[field], "gradebookEntryTypeDescriptor"
    if key is None:
        draft.put(member, None)
        return
    of, natural = parsed(key)
    parts = key_parts(natural)
    if of != f"{member}s" or len(parts) != 2:
        raise Unsayable(field)
    draft.put(member, "#".join(parts))


def _grading_period(draft: Draft, field: str) -> None:
    """The grading period of the section's own school: several schools may share one record."""
    key = draft.values[field]
    if key is None:
        draft.put("gradingPeriodReference", None)
        return
    made = reference(draft, field, "gradingPeriods", key)
    school = at(draft.document, "sectionReference", "schoolId")
    draft.put("gradingPeriodReference", made if school is None else {**made, "schoolId": school})


def _points(draft: Draft, field: str) -> None:
    """The score goes where a score stands, else into the points."""
    document, score = draft.document, draft.values[field]
    if score is None:
        document.pop("pointsEarned", None)
        document.pop("numericGradeEarned", None)
    elif document.get("pointsEarned") is None and document.get("numericGradeEarned") is not None:
        document["numericGradeEarned"] = score
    elif draft.standard > 3:
        document["pointsEarned"] = score
    else:
        document["numericGradeEarned"] = score


def _status(draft: Draft, field: str) -> None:
    """Status and being missing are one word in Ed-Fi; a score that is there needs none."""
    now = draft.words.meaning(_STATUS_NAME, draft.document.get(_STATUS))
    missing = draft.values.get("missing", now == "missing")
    status = draft.values.get("score_status", _status_now(now))
    meant = _submission(now, status, missing is True)
    told_elsewhere = "late" in draft.values or _LATENESS in draft.document
    if now == "late" and meant != "late" and not told_elsewhere:
        # That it was late stood in the word that goes now.
        draft.put_descriptor(field, _LATENESS, _LATENESS_NAME, "late")
    draft.put_descriptor(field, _STATUS, _STATUS_NAME, meant)


def _status_now(now: str | None) -> str | None:
    return {"late": "submitted", "missing": "not submitted"}.get(now or "", now)


def _submission(now: str | None, status: Plain, missing: bool) -> str | None:
    """What the submission status has to mean, so that it reads as wanted."""
    if missing:
        return "missing"
    if status == "fully graded":
        return now if now in ("submitted", "late", "fully graded") else None
    if status == "submitted":
        return now if now in ("submitted", "late") else "submitted"
    said: str | None = status
    return said


def _late(draft: Draft, field: str) -> None:
    late = draft.values[field]
    if late is not True:
        now = draft.words.meaning(_STATUS_NAME, draft.document.get(_STATUS))
        if now == "late":
            draft.put_descriptor(field, _STATUS, _STATUS_NAME, "submitted")
    told = None if late is None else "late" if late else "on time"
    now = draft.words.meaning(_LATENESS_NAME, draft.document.get(_LATENESS))
    if late is False and now is None:
        return  # nobody said that it was late
    draft.put_descriptor(field, _LATENESS, _LATENESS_NAME, told)


def _entry(draft: Draft, field: str) -> None:
    """The gradebook entry that a result is of; in the standard 3 it goes by date and title."""
    key = draft.values[field] or ""
    names = resources(draft.standard)["gradebookEntries"].names
    of, natural = parsed(key)
    if of != "gradebookEntries":
        raise Unsayable(field)
    draft.document["gradebookEntryReference"] = members(field, names, key_parts(natural))


def _seat(draft: Draft, field: str) -> None:
    """The student's place in the section, by its natural key."""
    names = resources(draft.standard)["studentSectionAssociations"].names
    told: Any = draft.values[field]
    made = members(field, names, key_parts(told or ""))
    draft.document["studentSectionAssociationReference"] = made


def _seated(draft: Draft, field: str) -> None:
    """The student of a report grade is the one in that place."""
    seat = at(draft.document, "studentSectionAssociationReference")
    if reference(draft, field, "students", draft.values[field] or "") != {
        "studentUniqueId": at(seat, "studentUniqueId")
    }:
        raise Unsayable(field)


def _graded(draft: Draft, field: str) -> None:
    """Grading period and type of grade, from the line item that report grades are results of."""
    of, natural = parsed(draft.values[field] or "")
    parts = key_parts(natural)
    names = resources(draft.standard)["gradingPeriods"].names
    if of != gradebook.GRADES or len(parts) != len(SECTION) + len(names) + 1:
        raise Unsayable(field)
    draft.document["gradeTypeDescriptor"] = parts[-1]
    period = members(field, names, parts[len(SECTION) : -1])
    draft.document["gradingPeriodReference"] = period


def _letter(draft: Draft, field: str) -> None:
    """A letter, or the description where that is what tells the grade in words."""
    described = "gradeEarnedDescription"
    document = draft.document
    if document.get("letterGradeEarned") is None and document.get(described) is not None:
        draft.put(described, draft.values[field])
    else:
        draft.put("letterGradeEarned", draft.values[field])


ENTRY: Mapping[str, Way] = {
    "class": _class,
    "identifier": plainly("gradebookEntryIdentifier"),
    "namespace": plainly("namespace"),
    "title": _title,
    "description": plainly("description"),
    "assign_date": _assigned,
    "due_date": _due,
    "category": _category,
    "grading_period": _grading_period,
    "result_value_max": plainly("maxPoints"),
}
EARNED: Mapping[str, Way] = {
    "line_item": _entry,
    "student": referring("studentReference", "students"),
    "association": _seat,
    "score": _points,
    "text_score": plainly("letterGradeEarned"),
    "score_date": plainly("dateFulfilled"),
    "comment": plainly("diagnosticStatement"),
    "late": _late,
    "score_status": _status,
    "missing": _status,
}


def _told_by_itself(draft: Draft, field: str) -> None:
    """A report grade that is there has been given: no document says so in another way."""


GRADE: Mapping[str, Way] = {
    "association": _seat,
    "student": _seated,
    "line_item": _graded,
    "score": plainly("numericGradeEarned"),
    "text_score": _letter,
    "score_date": plainly("currentGradeAsOfDate"),
    "comment": plainly("diagnosticStatement"),
    "score_status": _told_by_itself,
}
