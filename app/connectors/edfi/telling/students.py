"""Students: one user with a role in each school they attend, and their demographics."""

from collections.abc import Sequence
from typing import Any

from app.connectors.contract import Row
from app.connectors.edfi.descriptors import Words
from app.connectors.edfi.keys import record_key
from app.connectors.edfi.telling import people, references
from app.connectors.edfi.telling.fields import FIELDS
from app.connectors.edfi.telling.patch import Parts, Patch, at, named
from app.connectors.edfi.vocabulary import Document

PLACES = "studentSchoolAssociations"
FACTS = "studentEducationOrganizationAssociations"
IDS = "StudentIdentificationSystemDescriptor"

RACES = (
    "american_indian_or_alaska_native",
    "asian",
    "black_or_african_american",
    "native_hawaiian_or_other_pacific_islander",
    "white",
)
SEVERAL_RACES = "demographic_race_two_or_more_races"
HISPANIC = "hispanic_or_latino_ethnicity"


def student(key: str, parts: Parts, words: Words) -> Row:
    """A student."""
    (document,) = parts["students"]
    patch = people.person(words, document)
    patch.say("identifier", at(document, "studentUniqueId"))
    if FACTS in parts:
        facts = in_order(parts)
        people.say_reachable(patch, words, facts)
        codes = people.identification_codes(facts, "studentIdentificationCodes", IDS, words)
        patch.say("user_ids", codes)
    if PLACES in parts:
        _say_places(patch, parts[PLACES])
    people.say_agents(patch, words, parts, references.contact)
    return patch.row(record_key("students", key))


def weight(association: Document) -> tuple[Any, ...]:
    """How much a place at a school counts: who is still there before who has left, then the school
    marked as primary, then the one entered last."""
    primary = at(association, "primarySchool")
    return (
        str(at(association, "exitWithdrawDate") or people.FOREVER),
        2 if primary is True else 0 if primary is False else 1,
        str(at(association, "entryDate") or ""),
        str(references.school(association)),
    )


def primary_place(places: Sequence[Document]) -> Document | None:
    """The place at a school that tells the grade and the primary school; ``None`` without any."""
    return max(places, key=weight, default=None)


def _say_places(patch: Patch, places: Sequence[Document]) -> None:
    schools = {references.school(one) for one in places}
    standings = [
        people.Standing(
            weight(one),
            "student",
            org,
            at(one, "entryDate"),
            at(one, "exitWithdrawDate"),
            _is_primary(one, alone=len(schools) == 1),
        )
        for one in places
        if (org := references.school(one)) is not None
    ]
    people.say_roles(patch, standings)
    place = primary_place(places)
    patch.say("primary_org", None if place is None else references.school(place))
    grade = at(place, "entryGradeLevelDescriptor")
    patch.choose_all("grades", "GradeLevelDescriptor", [grade] if grade else [])


def _is_primary(place: Document, *, alone: bool) -> bool | None:
    """As the place is marked; the only school is the primary one. One that was left is neither."""
    marked = at(place, "primarySchool")
    if isinstance(marked, bool) and not at(place, "exitWithdrawDate"):
        return marked
    return True if alone else None


def in_order(parts: Parts) -> list[Document]:
    """What organizations tell of a student, that of the primary school first, then by their id."""
    place = primary_place(parts.get(PLACES, ()))
    first = references.school(place) if place is not None else None

    def order(one: Document) -> tuple[bool, str]:
        told = references.organization(one)
        return told != first, str(told)

    return sorted(parts.get(FACTS, ()), key=order)


def demographics(key: str, parts: Parts, words: Words) -> Row:
    """The demographics of a student; they go by the key of the student."""
    (document,) = parts["students"]
    own = record_key("students", key)
    patch = Patch("demographics", FIELDS["demographics"], words)
    patch.say("user", own)
    patch.say("birth_date", at(document, "birthDate"))
    patch.say("city_of_birth", at(document, "birthCity"))
    country = at(document, "birthCountryDescriptor")
    patch.say("country_of_birth_code", words.word("CountryDescriptor", country))
    state = at(document, "birthStateAbbreviationDescriptor")
    patch.say("state_of_birth_abbreviation", words.word("StateAbbreviationDescriptor", state))
    facts = in_order(parts)
    sex = people.first(at(one, "sexDescriptor") for one in facts)
    if FACTS in parts or at(document, "birthSexDescriptor"):
        patch.choose("sex", "SexDescriptor", sex or at(document, "birthSexDescriptor"))
    if FACTS in parts:
        _say_races(patch, facts)
    return patch.row(own)


def _say_races(patch: Patch, facts: Sequence[Document]) -> None:
    """Which races are told. Where the family has not answered nothing is said of any.

    Not even that it is blank: no document can say so, and what others know is not denied.
    """
    told = people.first(named(one, "races", "raceDescriptor") or None for one in facts) or []
    meant = [patch.meaning("white", "RaceDescriptor", one) for one in told]
    hispanic = people.first(at(one, "hispanicLatinoEthnicity") for one in facts)
    if hispanic is None and HISPANIC in meant:
        hispanic = True
    patch.say(HISPANIC, hispanic)
    if None in meant:
        return  # one of them is not known, so nobody can say which they are not
    races = {one for one in meant if one in RACES}
    if not races and SEVERAL_RACES not in meant:
        return
    for field in RACES:
        patch.say(field, field in races)
    patch.say(SEVERAL_RACES, SEVERAL_RACES in meant or len(races) > 1)
