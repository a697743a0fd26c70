"""Somebody who works here and is a guardian: two documents, and one person (SEMANTICS A5). Pure.

They are one where that is certain: both refer to the same *Person* of Ed-Fi, or have the same
unique id and an email address in common. The record goes by the key of the member of staff.
"""

from collections.abc import Iterable, Mapping

from app.connectors.contract import Row
from app.connectors.edfi.descriptors import Words
from app.connectors.edfi.telling import contacts, staff
from app.connectors.edfi.telling.fields import FIELDS
from app.connectors.edfi.telling.patch import Parts, at, named
from app.connectors.edfi.vocabulary import Document
from app.roster.entities import ENTITIES
from app.roster.values import UNSAID, Elements, Plain

STAFF, CONTACTS = "staffs", "contacts"

_PEOPLE = ENTITIES["users"].by_name


def sign(document: Document) -> str:
    """By which *Person* somebody is known, whatever they do; blank where that is not told."""
    person = at(document, "personReference")
    told = [at(person, name) for name in ("sourceSystemDescriptor", "personId")]
    if not all(isinstance(one, str) and one.strip() for one in told):
        return ""
    return f"{told[0].strip().casefold()} {told[1].strip()}"


def paired(staffs: Mapping[str, Document], guardians: Mapping[str, Document]) -> dict[str, str]:
    """Which of the staff is which contact, by their natural keys; who is nobody's is left out.

    Where several of one sort are one *Person*, it is the one of the least key. A unique id in
    common says nothing of two who are known to be different persons.
    """
    mine, theirs = _signed(staffs), _signed(guardians)
    found = {mine[told]: theirs[told] for told in mine.keys() & theirs.keys()}
    taken = set(found.values())
    for key in (staffs.keys() & guardians.keys()) - found.keys() - taken:
        signs = {sign(staffs[key]), sign(guardians[key])} - {""}
        if len(signs) < 2 and _mails(staffs[key]) & _mails(guardians[key]):
            found[key] = key
    return found


def _signed(people: Mapping[str, Document]) -> dict[str, str]:
    """The least natural key of each *Person*."""
    found: dict[str, str] = {}
    for key in sorted(people):
        if told := sign(people[key]):
            found.setdefault(told, key)
    return found


def _mails(document: Document) -> set[str]:
    told: Iterable[object] = named(document, "electronicMails", "electronicMailAddress")
    return {folded for one in told if (folded := str(one).strip().casefold())}


def person(key: str, parts: Parts, words: Words) -> Row:
    """A member of staff, with what the contact tells who is the same person, where there is one.

    Where it was looked for and there is none, they are related to nobody.
    """
    row = staff.staff(key, parts, words)
    if CONTACTS not in parts:
        return row
    if not parts[CONTACTS]:
        place = FIELDS["users"].index("agents")
        return row._replace(patch=(*row.patch[:place], None, *row.patch[place + 1 :]))
    return _united(row, contacts.contact(key, parts, words))


def _united(main: Row, other: Row) -> Row:
    """What the staff's row says counts; what is blank there the contact's says. Roles are of both.

    What cannot be understood stays unsaid. That they say different things is a warning, but not of
    the unique ids, by which each is known.
    """
    warnings = [*main.warnings, *other.warnings]
    odd = {name for name, _ in warnings}
    patch = []
    for name, mine, theirs in zip(FIELDS["users"], main.patch, other.patch, strict=True):
        value = mine
        if name == "roles":
            value = _both(mine, theirs)
        elif mine is None or (mine is UNSAID and name not in odd):
            value = theirs if theirs is not UNSAID or name in odd else mine
        elif name != "identifier" and theirs not in (None, UNSAID, mine) and mine is not UNSAID:
            warnings.append((name, "rows_disagree"))
        patch.append(value)
    return Row(main.key, tuple(patch), None, tuple(dict.fromkeys(warnings)))


def _both(mine: Plain, theirs: Plain) -> Plain:
    if UNSAID in (mine, theirs):
        return UNSAID
    kind = _PEOPLE["roles"].kind
    assert isinstance(kind, Elements)
    return kind.ordered([*(mine or ()), *(theirs or ())])
