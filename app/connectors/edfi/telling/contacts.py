"""Contacts, called parents up to the standard 4: what they are to the students they stand by."""

from app.connectors.contract import Row
from app.connectors.edfi.descriptors import NOTHING, Words
from app.connectors.edfi.keys import record_key
from app.connectors.edfi.telling import people, references
from app.connectors.edfi.telling.patch import Parts, Patch, at
from app.connectors.edfi.vocabulary import Document

_ROLE_ORDER = ("relative", "guardian", "parent")
_PLACES = "studentSchoolAssociations"


def contact(key: str, parts: Parts, words: Words) -> Row:
    """A contact: parent, guardian or relative at the schools of their students."""
    (document,) = parts["contacts"]
    patch = people.person(words, document)
    unique = at(document, "contactUniqueId")
    patch.say("identifier", at(document, "parentUniqueId") if unique is None else unique)
    people.say_reachable(patch, words, [document], home=True)
    people.say_agents(patch, words, parts, references.student)
    if people.FAMILY in parts and _PLACES in parts:
        _say_roles(patch, words, parts)
    return patch.row(record_key("contacts", key))


def _say_roles(patch: Patch, words: Words, parts: Parts) -> None:
    standings: dict[tuple[str | None, str], people.Standing] = {}
    role: str | None
    for one in parts[people.FAMILY]:
        said = at(one, "relationDescriptor")
        if at(one, "legalGuardian") is True:
            role = "parent" if words.meaning(people.RELATION, said) == "parent" else "guardian"
        else:
            role = patch.meaning("roles", people.RELATION, said) if said else NOTHING
        if role == NOTHING:
            continue  # a neighbor, a doctor: no roster has a role for them
        for place in parts[_PLACES]:
            org = references.school(place)
            if org is not None and references.student(place) == references.student(one):
                told = _standing(role, org, one, place)
                had = standings.get((role, org))
                if had is None or told.weight > had.weight:
                    standings[role, org] = told
    people.say_roles(patch, list(standings.values()))


def _standing(role: str | None, org: str, family: Document, place: Document) -> people.Standing:
    """A role lasts as long as a student of theirs is there; what began it nobody tells."""
    left = at(place, "exitWithdrawDate")
    rank = _ROLE_ORDER.index(role) if role in _ROLE_ORDER else -1
    primary = at(family, "primaryContactStatus") is True
    return people.Standing((str(left or people.FOREVER), rank, primary, org), role, org, None, left)
