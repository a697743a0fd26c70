"""What students, staff and contacts have in common: names, IDs, addresses, numbers, standing."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from app.connectors.edfi.descriptors import NOTHING, Words
from app.connectors.edfi.telling.days import end_after
from app.connectors.edfi.telling.fields import FIELDS
from app.connectors.edfi.telling.patch import Parts, Patch, at, listed
from app.connectors.edfi.vocabulary import Document
from app.roster.values import Plain

NAMES = {
    "given_name": "firstName",
    "middle_name": "middleName",
    "family_name": "lastSurname",
    "preferred_first_name": "preferredFirstName",
    "preferred_last_name": "preferredLastSurname",
}
"""By field, the member of a person's document."""

FOREVER = "9999-12-31"
"""Stands for an end that is not told when ends are compared."""

_MAIL_ORDER = {"work": 0, "other": 1, "home": 2}
_HOME_FIRST = {"home": 0, "other": 1, "work": 2}
_PHONE_ORDER = {"home": 0, "mobile": 0, "work": 1, "other": 2}
_LAST = 9
_IMPORTANCE = {True: "primary", False: "secondary", None: None}


class Standing(NamedTuple):
    """What a person is in one organization, and how much it counts against others."""

    weight: tuple[Any, ...]
    """The greatest is the primary one; of several in one organization it is the one told."""
    role: str | None
    org: str
    begin: str | None = None
    last: str | None = None
    """The last day of it, where there is one."""
    primary: bool | None = None
    """Whether it is the primary one; ``None`` where nobody says so."""


FAMILY = "studentContactAssociations"
RELATION = "RelationDescriptor"


def person(words: Words, document: Document) -> Patch:
    """A person with the names that the document tells."""
    patch = Patch("users", FIELDS["users"], words)
    for field, member in NAMES.items():
        patch.say(field, at(document, member))
    return patch


def say_agents(
    patch: Patch, words: Words, parts: Parts, other: Callable[[Document], str | None]
) -> None:
    """Related people, where it is read who is: ``other`` is whom an association refers to."""
    if FAMILY in parts:
        told = [(other(one), at(one, "relationDescriptor")) for one in parts[FAMILY]]
        patch.say(
            "agents",
            [
                {"user": user, "relation": words.plain(RELATION, relation)}
                for user, relation in told
                if user is not None
            ],
        )


def say_reachable(
    patch: Patch, words: Words, documents: Sequence[Document], *, home: bool = False
) -> None:
    """Login, email and telephone from the documents that tell them, the first that has one."""
    patch.say("username", first(at(one, "loginId") for one in documents))
    mails = (mail(one, words, home=home) for one in documents)
    patch.say("email", first(at(one, "electronicMailAddress") for one in mails))
    phones = (telephone(one, words) for one in documents)
    patch.say("phone", first(at(one, "telephoneNumber") for one in phones))
    texts = (text_telephone(one, words) for one in documents)
    patch.say("sms", first(at(one, "telephoneNumber") for one in texts))


def first(values: Iterable[Any]) -> Any:
    """The first that says anything."""
    return next((value for value in values if value not in (None, "")), None)


def mail(document: Document, words: Words, *, home: bool = False) -> Document | None:
    """The email address that counts: the one marked primary, else by its type.

    Of students and staff those at work come first, of contacts (``home``) those at home.
    """
    order = _HOME_FIRST if home else _MAIL_ORDER

    def rank(one: Document) -> tuple[Any, ...] | None:
        address = at(one, "electronicMailAddress")
        meant = words.meaning(
            "ElectronicMailTypeDescriptor", at(one, "electronicMailTypeDescriptor")
        )
        if not address or meant == NOTHING:
            return None
        primary = at(one, "primaryEmailAddressIndicator") is True
        return (not primary, order.get(meant or "", _LAST), str(address))

    return _least(listed(document, "electronicMails"), rank)


def telephone(document: Document, words: Words) -> Document | None:
    """The telephone that counts: the first in the order of priority; a fax is none."""

    def rank(one: Document) -> tuple[Any, ...] | None:
        meant = _phone_type(one, words)
        if not at(one, "telephoneNumber") or meant == NOTHING:
            return None
        priority = at(one, "orderOfPriority")
        told = priority if isinstance(priority, int) else 1_000
        return (told, _PHONE_ORDER.get(meant or "", _LAST), str(one["telephoneNumber"]))

    return _least(listed(document, "telephones"), rank)


def text_telephone(document: Document, words: Words) -> Document | None:
    """The telephone that takes text messages."""

    def rank(one: Document) -> tuple[Any, ...] | None:
        if not at(one, "telephoneNumber") or at(one, "textMessageCapabilityIndicator") is not True:
            return None
        priority = at(one, "orderOfPriority")
        return (priority if isinstance(priority, int) else 1_000, str(one["telephoneNumber"]))

    return _least(listed(document, "telephones"), rank)


def _phone_type(one: Document, words: Words) -> str | None:
    return words.meaning("TelephoneNumberTypeDescriptor", at(one, "telephoneNumberTypeDescriptor"))


def _least(
    found: Sequence[Document], rank: Callable[[Document], tuple[Any, ...] | None]
) -> Document | None:
    ranked = [(told, place) for place, one in enumerate(found) if (told := rank(one)) is not None]
    return found[min(ranked)[1]] if ranked else None


def identification_codes(
    documents: Iterable[Document], member: str, name: str, words: Words
) -> list[dict[str, Plain]]:
    """The IDs in a list of identification codes, as elements of ``user_ids``.

    A number that no roster should hold, such as a social security number, is left out.
    """
    system_member = name[0].lower() + name[1:]
    found = []
    for document in documents:
        for code in listed(document, member):
            system = words.word(name, at(code, system_member))
            if system is not None and system != NOTHING and at(code, "identificationCode"):
                found.append({"type": system, "identifier": code["identificationCode"]})
    return found


def in_order(standings: Sequence[Standing]) -> list[Standing]:
    """The one that counts most comes first."""
    return sorted(standings, key=lambda one: one.weight, reverse=True)


def say_roles(patch: Patch, standings: Sequence[Standing]) -> None:
    """Roles; which of them is the primary one is said where Ed-Fi says it.

    One a role and organization: of several the one of the greatest weight. Where a role is not
    known (``None``), the list is unsaid, since leaving one out would end it.
    """
    ordered = in_order(standings)
    if any(one.role is None for one in ordered):
        return
    patch.say(
        "roles",
        [
            {
                "role": one.role,
                "org": one.org,
                "role_type": _IMPORTANCE[one.primary],
                "begin_date": one.begin,
                "end_date": end_after(one.last),
            }
            for one in ordered
        ],
    )
