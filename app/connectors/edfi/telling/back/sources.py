"""Which of several documents of one record has told a value: the one to be changed."""

from collections.abc import Callable, Mapping

from app.connectors.edfi.descriptors import Words
from app.connectors.edfi.telling import people, references, students
from app.connectors.edfi.telling.patch import Parts, at
from app.connectors.edfi.vocabulary import Document

_TELLS: Mapping[str, Callable[[Document, Words], object]] = {
    "username": lambda document, words: at(document, "loginId"),
    "email": people.mail,
    "phone": people.telephone,
    "sms": people.text_telephone,
    "user_ids": lambda document, words: at(document, "studentIdentificationCodes"),
    "sex": lambda document, words: at(document, "sexDescriptor"),
    students.HISPANIC: lambda document, words: at(document, "hispanicLatinoEthnicity") is not None,
    **dict.fromkeys(
        (*students.RACES, students.SEVERAL_RACES), lambda document, words: at(document, "races")
    ),
}


def source(resource: str, parts: Parts, what: str, words: Words) -> int | None:
    """The place in ``parts[resource]`` of the document that tells ``what``; ``None``: none does.

    ``what`` is a field, or of a ``studentSchoolAssociations`` the key of the school whose role is
    asked for, of a ``studentContactAssociations`` the key of the contact or the student.
    """
    documents = parts.get(resource, ())
    found: Document | None = None
    if resource == students.PLACES:
        there = documents
        if what not in ("grades", "primary_org"):
            there = [one for one in documents if references.school(one) == what]
        found = students.primary_place(there)
    elif resource == people.FAMILY:
        found = next((one for one in documents if what in _people(one)), None)
    elif resource == students.FACTS:
        tells = _TELLS[what]
        found = next((one for one in students.in_order(parts) if tells(one, words)), None)
    else:
        found = next(iter(documents), None)
    return next((place for place, one in enumerate(documents) if one is found), None)


def _people(association: Document) -> tuple[str | None, str | None]:
    return references.contact(association), references.student(association)
