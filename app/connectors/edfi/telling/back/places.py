"""Roles, relations and enrollments, put into the associations that they are in Ed-Fi."""

from collections.abc import Mapping

from app.connectors.edfi.telling.back.draft import (
    Draft,
    Unsayable,
    Way,
    ending,
    plainly,
    reference,
    referring,
)
from app.connectors.edfi.telling.enrollments import PRIMARY
from app.connectors.edfi.telling.people import RELATION

_POSITION = "classroomPositionDescriptor"


def _school(draft: Draft, field: str) -> None:
    key = draft.values[field]
    if key is None or not key.isdigit():
        raise Unsayable(field)
    draft.document["schoolReference"] = {"schoolId": int(key)}


def _organization(draft: Draft, field: str) -> None:
    key = draft.values[field]
    if key is None or not key.isdigit():
        raise Unsayable(field)
    draft.document["educationOrganizationReference"] = {"educationOrganizationId": int(key)}


def _only(*roles: str) -> Way:
    """The association stands for one of these roles and says nothing else by itself."""

    def way(draft: Draft, field: str) -> None:
        if draft.values[field] not in roles:
            raise Unsayable(field)

    return way


def _primary_school(draft: Draft, field: str) -> None:
    """The mark of the primary school."""
    said = draft.values[field]
    draft.put("primarySchool", None if said is None else said == "primary")


def _grade(draft: Draft, field: str) -> None:
    codes = list(draft.values[field] or ())
    if len(codes) != 1:
        raise Unsayable(field)
    name = "GradeLevelDescriptor"
    draft.put_descriptor(field, "entryGradeLevelDescriptor", name, codes[0])


def _agent(draft: Draft, field: str) -> None:
    key = draft.values[field]
    made = reference(draft, field, "contacts", key)
    member = next(iter(made)).removesuffix("UniqueId")
    draft.document[f"{member}Reference"] = made


def _relation(draft: Draft, field: str) -> None:
    """A relation in words; in the same words it stays the descriptor that it is."""
    word, member = draft.values[field], "relationDescriptor"
    if word is None:
        draft.document.pop(member, None)
    elif draft.words.plain(RELATION, draft.document.get(member)) != word:
        found = draft.words.worded(RELATION, word)
        if found is None:
            raise Unsayable(field, lacking=[(RELATION, word)])
        draft.document[member] = found


def _position(draft: Draft, field: str) -> None:
    """Role and being primary are one word in Ed-Fi; what is not said of them stays."""
    name = "ClassroomPositionDescriptor"
    now = draft.words.meaning(name, draft.document.get(_POSITION))
    role = draft.values.get("role", "teacher" if now == PRIMARY else now)
    primary = draft.values.get("primary", now == PRIMARY)
    if role is None or (primary and role != "teacher"):
        raise Unsayable(field)
    draft.put_descriptor(field, _POSITION, name, PRIMARY if primary else role)


AT_SCHOOL: Mapping[str, Way] = {
    "user": referring("studentReference", "students"),
    "org": _school,
    "role": _only("student"),
    "begin_date": plainly("entryDate"),
    "end_date": ending("exitWithdrawDate"),
    "role_type": _primary_school,
    "grades": _grade,
}
OF_ORGANIZATION: Mapping[str, Way] = {
    "user": referring("studentReference", "students"),
    "org": _organization,
}
IN_FAMILY: Mapping[str, Way] = {
    "user": referring("studentReference", "students"),
    "agent": _agent,
    "relation": _relation,
}
_IN_CLASS: Mapping[str, Way] = {
    "class": referring("sectionReference", "sections"),
    "begin_date": plainly("beginDate"),
    "end_date": ending("endDate"),
}
STUDENT_IN_CLASS: Mapping[str, Way] = {
    **_IN_CLASS,
    "user": referring("studentReference", "students"),
    "role": _only("student"),
}
STAFF_IN_CLASS: Mapping[str, Way] = {
    **_IN_CLASS,
    "user": referring("staffReference", "staffs"),
    "role": _position,
    "primary": _position,
}
