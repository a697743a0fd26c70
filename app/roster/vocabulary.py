"""What people read for the words of the standard's vocabularies (``values.Choice``); data alone."""

from collections.abc import Mapping

from app.text import N_

READ_AS: Mapping[str, str] = {
    # roles
    "administrator": N_("administrator"),
    "aide": N_("aide"),
    "counselor": N_("counselor"),
    "districtAdministrator": N_("district administrator"),
    "guardian": N_("guardian"),
    "parent": N_("parent"),
    "principal": N_("principal"),
    "proctor": N_("proctor"),
    "relative": N_("relative"),
    "siteAdministrator": N_("site administrator"),
    "student": N_("student"),
    "systemAdministrator": N_("system administrator"),
    "teacher": N_("teacher"),
    # organizations
    "department": N_("department"),
    "district": N_("district"),
    "local": N_("local"),
    "national": N_("national"),
    "school": N_("school"),
    "state": N_("state"),
    # academic sessions
    "gradingPeriod": N_("grading period"),
    "semester": N_("semester"),
    "schoolYear": N_("school year"),
    "term": N_("term"),
    # classes
    "homeroom": N_("homeroom"),
    "scheduled": N_("scheduled"),
    # how important something is
    "primary": N_("primary"),
    "secondary": N_("secondary"),
    # scores
    "exempt": N_("exempt"),
    "fully graded": N_("fully graded"),
    "not submitted": N_("not submitted"),
    "partially graded": N_("partially graded"),
    "submitted": N_("submitted"),
    # sexes
    "female": N_("female"),
    "male": N_("male"),
    "other": N_("other"),
    "unspecified": N_("unspecified"),
}
