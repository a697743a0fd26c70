"""Staff: one user with a role in each organization they are assigned to."""

from collections.abc import Iterator, Sequence

from app.connectors.contract import Row
from app.connectors.edfi.descriptors import NOTHING, Words
from app.connectors.edfi.keys import record_key
from app.connectors.edfi.telling import people, references
from app.connectors.edfi.telling.patch import Parts, Patch, at
from app.connectors.edfi.vocabulary import Document

ASSIGNMENTS = "staffEducationOrganizationAssignmentAssociations"
PLACES = "staffSchoolAssociations"
IDS = "StaffIdentificationSystemDescriptor"


def staff(key: str, parts: Parts, words: Words) -> Row:
    """A member of staff; their role is the classification of their assignment.

    Who is associated with a school without any assignment there teaches there (Ed-Fi,
    *StaffSchoolAssociation*: instructional assignments).
    """
    (document,) = parts["staffs"]
    patch = people.person(words, document)
    patch.say("identifier", at(document, "staffUniqueId"))
    codes = people.identification_codes([document], "identificationCodes", IDS, words)
    patch.say("user_ids", codes)
    people.say_reachable(patch, words, [document])
    if ASSIGNMENTS in parts or PLACES in parts:
        assigned = list(_assigned(patch, parts))
        orgs = {one.org for one in assigned}
        taught = sorted(
            {
                org
                for one in parts.get(PLACES, ())
                if (org := references.school(one)) is not None and org not in orgs
            }
        )
        weight = (people.FOREVER, -1, "", "")
        standings = [*assigned, *(people.Standing(weight, "teacher", org) for org in taught)]
        people.say_roles(patch, standings)
        _say_primary_org(patch, parts, standings)
    return patch.row(record_key("staffs", key))


def _say_primary_org(patch: Patch, parts: Parts, standings: Sequence[people.Standing]) -> None:
    """The only organization, or that of the assignment numbered first; else nobody says it."""
    numbered = [one for one in parts.get(ASSIGNMENTS, ()) if at(one, "orderOfAssignment") == 1]
    current = [one for one in numbered if not at(one, "endDate")]
    orgs = {one.org for one in standings}
    first = {org for one in current if (org := references.organization(one)) is not None}
    if len(orgs) <= 1 or len(first) == 1:
        patch.say("primary_org", next(iter(orgs if len(orgs) <= 1 else first), None))


def _assigned(patch: Patch, parts: Parts) -> Iterator[people.Standing]:
    for one in parts.get(ASSIGNMENTS, ()):
        org = references.organization(one)
        said = at(one, "staffClassificationDescriptor")
        role = patch.meaning("roles", "StaffClassificationDescriptor", said)
        if org is not None and role != NOTHING:
            begin, end = at(one, "beginDate"), at(one, "endDate")
            yield people.Standing(_weight(one, org), role, org, begin, end)


def _weight(assignment: Document, org: str) -> tuple[object, ...]:
    """Whoever is still assigned before who was, then by the order of assignments, then the last."""
    order = at(assignment, "orderOfAssignment")
    told = -order if isinstance(order, int) else -1_000
    end = str(at(assignment, "endDate") or people.FOREVER)
    return (end, 1_000 + told, str(at(assignment, "beginDate") or ""), org)
