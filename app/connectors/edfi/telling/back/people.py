"""Names, addresses, numbers, IDs and demographics, put into the documents of a person."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from app.connectors.edfi.descriptors import NOTHING
from app.connectors.edfi.telling import people, students
from app.connectors.edfi.telling.back.draft import Draft, Unsayable, Way, plainly
from app.connectors.edfi.telling.patch import at
from app.connectors.edfi.vocabulary import Document
from app.roster.values import Phone, Plain, Unfit

_MAILS, _PHONES = "electronicMails", "telephones"
_MAIL_TYPE, _PHONE_TYPE = "ElectronicMailTypeDescriptor", "TelephoneNumberTypeDescriptor"

NAMES: Mapping[str, Way] = {field: plainly(member) for field, member in people.NAMES.items()}


def _mail(draft: Draft, field: str, *, home: bool = False) -> None:
    """The address that counts is replaced in its place; others stay."""
    found = people.mail(draft.document, draft.words, home=home)
    address = draft.values[field]
    if found is not None and str(found["electronicMailAddress"]).strip().lower() == address:
        return
    new = {"electronicMailAddress": address}
    kind = "electronicMailTypeDescriptor"
    meaning = "home" if home else "work"
    _replace(draft, field, _MAILS, found, new, (kind, _MAIL_TYPE, meaning))


def _phone(draft: Draft, field: str) -> None:
    found = people.telephone(draft.document, draft.words)
    _put_number(draft, field, found, "home", {})


def _sms(draft: Draft, field: str) -> None:
    found = people.text_telephone(draft.document, draft.words)
    shared = found is not None and found is people.telephone(draft.document, draft.words)
    if shared and found is not None and _dialled(found) != draft.values[field]:
        # The telephone that also takes texts stays a telephone.
        now = draft.elements(_PHONES)
        now[_place(now, found)] = {name: value for name, value in found.items() if name != _TEXTS}
        found = None
    _put_number(draft, field, found, "mobile", {_TEXTS: True})


_TEXTS = "textMessageCapabilityIndicator"


def _put_number(
    draft: Draft, field: str, found: Document | None, meaning: str, more: Mapping[str, Any]
) -> None:
    number = draft.values[field]
    if found is not None and _dialled(found) == number:
        return  # it is written in another way there, and stays so
    new = {"telephoneNumber": number, **more}
    kind = "telephoneNumberTypeDescriptor"
    _replace(draft, field, _PHONES, found, new, (kind, _PHONE_TYPE, meaning))


def _dialled(found: Document) -> Plain:
    try:
        return Phone().normal(at(found, "telephoneNumber"))
    except Unfit:
        return None


def _replace(
    draft: Draft,
    field: str,
    member: str,
    found: Document | None,
    new: Mapping[str, Any],
    type_: tuple[str, str, str],
) -> None:
    """``new`` in the place of the element ``found``, or as a further one of a type."""
    elements = draft.elements(member)
    if draft.values[field] is None:
        if found is not None:
            del elements[_place(elements, found)]
    elif found is not None:
        elements[_place(elements, found)] = {**found, **new}
    else:
        kind, name, meaning = type_
        elements.append({kind: draft.descriptor(field, name, meaning), **new})
    draft.drop_empty(member)


def _place(elements: list[Any], found: Document) -> int:
    return next(place for place, one in enumerate(elements) if one is found)


def _codes(draft: Draft, field: str) -> None:
    """IDs: those wanted no longer go, new ones come, what no roster reads stays."""
    member, system = "studentIdentificationCodes", students.IDS[0].lower() + students.IDS[1:]
    wanted = list(draft.values[field] or ())
    kept = []
    for code in draft.elements(member):
        type_ = draft.words.word(students.IDS, at(code, system))
        said = type_, str(at(code, "identificationCode") or "").strip()
        if type_ in (None, NOTHING) or said in wanted:
            kept.append(code)
        wanted = [one for one in wanted if one != said]
    by = at(draft.document, "educationOrganizationReference", "educationOrganizationId")
    for type_, number in wanted:
        if type_ is None or number is None or by is None:
            raise Unsayable(field)
        kept.append(
            {
                system: draft.descriptor(field, students.IDS, type_),
                "assigningOrganizationIdentificationCode": str(by),
                "identificationCode": number,
            }
        )
    draft.document[member] = kept
    draft.drop_empty(member)


def _meaning(member: str, name: str) -> Way:
    """The member is a descriptor of a fixed vocabulary."""
    return lambda draft, field: draft.put_descriptor(field, member, name, draft.values[field])


def _word(member: str, name: str) -> Way:
    """The member is a descriptor that has the value for its word."""

    def way(draft: Draft, field: str) -> None:
        word = draft.values[field]
        if word is None or draft.words.word(name, draft.document.get(member)) != word:
            draft.put(member, None if word is None else draft.descriptor(field, name, word))

    return way


def _race(draft: Draft, field: str) -> None:
    """One race more or less; what the others say, and what no roster reads, stays."""
    races, name = draft.elements("races"), "RaceDescriptor"
    said = [draft.words.meaning(name, at(one, "raceDescriptor")) for one in races]
    if draft.values[field] is True:
        if field not in said:
            races.append({"raceDescriptor": draft.descriptor(field, name, field)})
    else:
        kept = [one for one, meant in zip(races, said, strict=True) if meant != field]
        draft.document["races"] = kept
    draft.drop_empty("races")


def _several_races(draft: Draft, field: str) -> None:
    """Whoever is of several races has several: the standard has no word for it."""
    name = "RaceDescriptor"
    told = [at(one, "raceDescriptor") for one in draft.elements("races")]
    draft.drop_empty("races")
    said = {draft.words.meaning(name, one) for one in told}
    several = len(said & set(students.RACES)) > 1
    wanted = draft.values[field] is True
    if wanted and not several and field not in said:
        if not draft.words.uses(name, field):
            raise Unsayable(field)
        _race(draft, field)
    elif not wanted:
        if several and draft.values[field] is False:
            raise Unsayable(field)
        _race(draft, field)


def _reachable(*, home: bool) -> dict[str, Way]:
    return {
        "username": plainly("loginId"),
        "email": partial(_mail, home=home),
        "phone": _phone,
        "sms": _sms,
    }


STUDENT: Mapping[str, Way] = {
    **NAMES,
    "birth_date": plainly("birthDate"),
    "city_of_birth": plainly("birthCity"),
    "country_of_birth_code": _word("birthCountryDescriptor", "CountryDescriptor"),
    "state_of_birth_abbreviation": _word(
        "birthStateAbbreviationDescriptor", "StateAbbreviationDescriptor"
    ),
}
FACTS: Mapping[str, Way] = {
    **_reachable(home=False),
    "user_ids": _codes,
    "sex": _meaning("sexDescriptor", "SexDescriptor"),
    **dict.fromkeys(students.RACES, _race),
    students.SEVERAL_RACES: _several_races,
    students.HISPANIC: plainly("hispanicLatinoEthnicity"),
}
CONTACT: Mapping[str, Way] = {**NAMES, **_reachable(home=True)}
