"""Writes one change to an Ed-Fi service, or looks whether it arrived (SEMANTICS F).

``pushing`` decides; ``held`` and ``standing`` read what is there; ``steps`` carries out what the
modules of the record types (``people``, ``places``, ``work``) make of a change; ``answers`` knows
what the service's words mean. What may be written at all is told here. Only the connector imports
this package.
"""

from collections.abc import Mapping

from app.connectors.contract import Change, New, Outcome, Push, PushResult
from app.connectors.edfi.descriptors import Words
from app.connectors.edfi.granted import CREATE, DELETE, UPDATE
from app.connectors.edfi.keys import record_key
from app.connectors.edfi.service import Service
from app.connectors.edfi.settings import Settings
from app.connectors.edfi.telling.back import HELD, WRITTEN
from app.connectors.edfi.writing.guardians import as_contacts
from app.connectors.edfi.writing.people import GUARDIANS
from app.connectors.edfi.writing.pushing import Writing
from app.connectors.edfi.writing.standing import Kept

_EVERY = frozenset({CREATE, UPDATE, DELETE})
_OF_PEOPLE = frozenset({CREATE, UPDATE})
"""People are never deleted at the SIS: who leaves is given a last day."""

WRITES: Mapping[str, tuple[frozenset[str], tuple[str, ...]]] = {
    "users": (_OF_PEOPLE, ("students", "contacts")),
    "demographics": (_OF_PEOPLE, ("students",)),
    "enrollments": (_EVERY, ("studentSectionAssociations", "staffSectionAssociations")),
    "line_items": (_EVERY, ("gradebookEntries",)),
    "results": (_EVERY, ("studentGradebookEntries", "grades")),
    "assessment_results": (_EVERY, ("studentAssessments",)),
}
"""By entity: what can be done, and the resources of which one must allow it."""

_SWITCHES = {"gradebookEntries": "gradebook", "studentGradebookEntries": "gradebook"}
_SWITCHES |= {"grades": "grades", "studentAssessments": "assessments"}
_BY_ENTITY = {"demographics": "demographics"}

_HELD = {
    **HELD,
    "users": {**HELD["users"], "staffs": {}},
    "line_items": {**HELD["line_items"], "grades": {}},
}
"""Staff are not written, nor what grades make a line item of."""

_PARTS = {
    "users": ("studentSchoolAssociations", "studentEducationOrganizationAssociations"),
    "demographics": ("studentEducationOrganizationAssociations",),
}


def push(service: Service, words: Words, change: Change, kept: Kept) -> Push:
    """Writes a change (``contract.Connector.push``); what is never written is refused."""
    yield from service.locate()
    if change.action not in writes(service, change.entity):
        return PushResult(Outcome.REFUSED, words=_why_not(service.settings, change))
    change = yield from as_contacts(service, change)
    return (yield from Writing(service, words, change.entity, kept).push(change))


def confirm(service: Service, words: Words, change: Change, kept: Kept) -> Push:
    """Looks whether a change arrived (``contract.Connector.confirm``)."""
    if not documents(service.settings).get(change.entity):
        return PushResult(Outcome.REFUSED, words=_why_not(service.settings, change))
    yield from service.locate()
    change = yield from as_contacts(service, change)
    return (yield from Writing(service, words, change.entity, kept).confirm(change))


def documents(settings: Settings) -> Mapping[str, tuple[str, ...]]:
    """The resources that are written for each entity, as far as the settings switch them on."""
    found = {}
    for entity, (_, mains) in WRITES.items():
        of = [name for name in mains if _switched(settings, entity, name)]
        if of:
            parts = _PARTS.get(entity, ())
            related = ("studentContactAssociations",) if "contacts" in of else ()
            found[entity] = (*of, *parts, *related)
    return found


def writes(service: Service, entity: str) -> frozenset[str]:
    """What can be done to the records of an entity, as far as settings and key tell.

    It is complete once the service is located.
    """
    if entity not in WRITES or (entity == "line_items" and service.standard < 4):
        return frozenset()
    actions, mains = WRITES[entity]
    paths = [
        service.resources[name].path for name in mains if _switched(service.settings, entity, name)
    ]
    return frozenset(
        action
        for action in actions
        if any(service.granted.allows(path, action) is not False for path in paths)
    )


def written(service: Service, entity: str) -> frozenset[str]:
    """The fields that can be changed."""
    if not writes(service, entity):
        return frozenset()
    unread = {"agents"} if service.settings.guardians == "off" else set()
    return WRITTEN[entity] - unread


def apart(service: Service, entity: str) -> Mapping[str, frozenset[str]]:
    """The fields that can be changed of the records of each anchor, by how their keys begin."""
    of = written(service, entity)
    return (
        {
            record_key(anchor, ""): of & {name for names in held.values() for name in names}
            for anchor, held in _HELD[entity].items()
        }
        if of
        else {}
    )


def beside(settings: Settings, entity: str) -> tuple[str, ...]:
    """The entities whose records are told with a creation: a student has a birth date there."""
    return ("demographics",) if entity == "users" and settings.demographics == "write" else ()


def new(settings: Settings, entity: str) -> tuple[New, ...] | None:
    """The people who can be made there: students with a birth date, and guardians of students."""
    if entity != "users":
        return None
    student = New(
        frozenset({"student"}), ("identifier", "roles"), (("demographics", "birth_date"),)
    )
    guardian = New(GUARDIANS, ("identifier", "agents"))
    return (
        *((student,) if settings.demographics == "write" else ()),
        *((guardian,) if settings.guardians != "off" else ()),
    )


def _switched(settings: Settings, entity: str, resource: str) -> bool:
    if resource == "contacts" and settings.guardians == "off":
        return False
    switch = _BY_ENTITY.get(entity) or _SWITCHES.get(resource, "rosters")
    return bool(getattr(settings, switch) == "write")


def _why_not(settings: Settings, change: Change) -> str:
    if change.action not in WRITES.get(change.entity, (frozenset(),))[0]:
        return "edfi_only_read"
    off = change.entity not in documents(settings)
    return "edfi_reading_alone" if off else "edfi_not_permitted"
