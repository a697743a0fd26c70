"""Somebody who works here and is a guardian: which documents of the shelf are one person.

The record goes by the key of the member of staff, and that of the contact is told as an alias of it
(SEMANTICS A5). What was told so is kept, so that it is known what comes apart: the contact is a
record of its own then, and where the member of staff is gone, the record lives on as the contact's
(A6).

Parts of the shelf: ``staffs one person`` has the contact's natural key by that of the member of
staff, and ``contacts one person`` the other way round. ``one person by sign`` has the keys of those
who refer to a *Person*, by that; some of them may do so no more.
"""

from collections.abc import Iterable, Mapping

import msgspec

from app.connectors.contract import Page, Rekey
from app.connectors.edfi.keys import parsed, record_key
from app.connectors.edfi.partner import OTHER, joins
from app.connectors.edfi.streams.position import TELLING, WALKING, Work
from app.connectors.edfi.streams.shelved import Kept, Part, Shelved, Touched
from app.connectors.edfi.telling.one_person import CONTACTS, STAFF, paired, sign
from app.connectors.edfi.vocabulary import Document

_SIGNED = b'"personReference"'

There = Mapping[str, dict[str, Kept]]
"""Documents of both resources, by natural key."""


def other_of(shelf: Shelved, name: str) -> Part[str]:
    """The natural key of the other document of a person, by that of the one of ``name``."""
    return shelf.part(f"{name} one person", str)


def _by_sign(shelf: Shelved) -> Part[list[str]]:
    return shelf.part("one person by sign", list[str])


def noted(work: Work, name: str, came: Iterable[Kept]) -> None:
    """Notes which *Person* documents refer to that have come."""
    told: dict[str, set[str]] = {}
    for one in came:
        if not one.reason and _SIGNED in one.body and (person := sign(_document(one))):
            told.setdefault(person, set()).add(record_key(name, one.key))
    part = _by_sign(work.shelf)
    before = part.take(told)
    for person, keys in told.items():
        if not keys <= set(before.get(person, ())):
            part.put(person, sorted(keys.union(before.get(person, ()))))


def moved(work: Work, name: str, moves: Mapping[str, str]) -> set[str]:
    """Documents go by other natural keys; those of them whose keys are aliases of others."""
    mine, theirs = other_of(work.shelf, name), other_of(work.shelf, OTHER[name])
    found = mine.take(moves)
    mine.drop(found)
    for old, other in found.items():
        mine.put(moves[old], other)
        theirs.put(other, moves[old])
    return set(found) if name == CONTACTS else set()


def found(work: Work) -> Page:
    """Finds who is one person by now: all that there are, or those whom a change has touched."""
    at, shelf = work.at, work.shelf
    walked: Part[str] | Part[Kept] | Part[Touched]
    if at.full:
        # Who was one person and is not there any more comes first.
        walked = shelf.documents(STAFF) if at.resource else other_of(shelf, STAFF)
    else:
        walked = shelf.touched(STAFF if at.resource else CONTACTS)
    batch = walked.after(at.place, work.count)
    keys = {key for key, _ in batch}
    of_contacts = not at.full and at.resource == 0
    rekeys = _settle(work, {CONTACTS if of_contacts else STAFF: keys})
    work.walk_on(batch, work.count, (CONTACTS, STAFF), WALKING if at.full else TELLING)
    return work.page(rekeys=rekeys)


def any_found(shelf: Shelved) -> bool:
    """Whether two documents are told as one row."""
    return bool(other_of(shelf, STAFF).after("", 1))


def with_others(work: Work, staffs: Iterable[str]) -> set[str]:
    """Those of the staff whose contact came in this reading, by their natural keys."""
    shelf = work.shelf
    contact_of = other_of(shelf, STAFF).take(staffs)
    contacts = shelf.documents(CONTACTS).take(contact_of.values())
    known = shelf.known(CONTACTS).take(one.id for one in contacts.values())
    number = work.at.numbers.get(CONTACTS)
    came = {one.key for one in known.values() if one.number == number}
    return {staff for staff, contact in contact_of.items() if contact in came}


def _settle(work: Work, keys: Mapping[str, set[str]]) -> list[Rekey]:
    """Brings up to date who of these is one person with whom; what of the records is re-keyed."""
    shelf = work.shelf
    looked, there = _around(shelf, keys)
    contact_of, staff_of = other_of(shelf, STAFF), other_of(shelf, CONTACTS)
    before = contact_of.take(looked[STAFF])
    now = _now(work, there, before)
    changed = {key for key in before.keys() | now.keys() if before.get(key) != now.get(key)}
    contact_of.drop(changed & before.keys())
    staff_of.drop(before[key] for key in changed & before.keys())
    for key in changed & now.keys():
        contact_of.put(key, now[key])
        staff_of.put(now[key], key)
    alone = {key: before[key] for key in changed & before.keys()}
    if not work.at.full:
        _touch(shelf, there, before.keys() | now.keys(), alone.values())
    rekeys = []
    for key in sorted(alone.keys() - there[STAFF].keys()):
        contact = alone[key]
        if contact in there[CONTACTS] and contact not in now.values():
            rekeys.append(Rekey(record_key(STAFF, key), record_key(CONTACTS, contact)))
            shelf.touched(STAFF).drop([key])
    return rekeys


def _touch(shelf: Shelved, there: There, staffs: Iterable[str], alone: Iterable[str]) -> None:
    """All who are one person are told anew, and so are contacts who are alone from now on."""
    for key in there[STAFF].keys() & set(staffs):
        shelf.touched(STAFF).put(key, Touched())
    for key in alone:
        if key in there[CONTACTS]:
            shelf.touched(CONTACTS).put(key, Touched())
        else:
            shelf.touched(CONTACTS).drop([key])  # no record went by it


def _now(work: Work, there: There, before: Mapping[str, str]) -> dict[str, str]:
    """Who is one person by now. What cannot be understood says nothing against it."""
    if not joins(work.service.settings):
        return {}
    staffs, contacts = there[STAFF], there[CONTACTS]
    stay = {
        key: contact
        for key, contact in before.items()
        if key in staffs
        and contact in contacts
        and (staffs[key].reason or contacts[contact].reason)
    }
    told = paired(_telling(staffs, contacts, stay), _telling(contacts, staffs, stay.values()))
    return told | stay


def _telling(
    mine: Mapping[str, Kept], others: Mapping[str, Kept], apart: Iterable[str]
) -> dict[str, Document]:
    """The documents that may say of somebody that they are one of the others."""
    left = mine.keys() - set(apart)
    return {
        key: _document(mine[key])
        for key in left
        if not mine[key].reason and (key in others or _SIGNED in mine[key].body)
    }


def _around(shelf: Shelved, keys: Mapping[str, set[str]]) -> tuple[Mapping[str, set[str]], There]:
    """The natural keys of all who may be, or were, one person with these, and so on from them.

    With them, what is there of their documents.
    """
    looked: dict[str, set[str]] = {STAFF: set(), CONTACTS: set()}
    there: dict[str, dict[str, Kept]] = {STAFF: {}, CONTACTS: {}}
    next_: Mapping[str, set[str]] = keys
    while any(next_.values()):
        near: dict[str, set[str]] = {STAFF: set(), CONTACTS: set()}
        signs: set[str] = set()
        for name, wanted in next_.items():
            looked[name] |= wanted
            came = shelf.documents(name).take(wanted)
            there[name] |= came
            near[OTHER[name]].update(wanted, other_of(shelf, name).take(wanted).values())
            signs |= {sign(_document(one)) for one in came.values() if _SIGNED in one.body}
        for told in _by_sign(shelf).take(signs).values():
            for name, natural in map(parsed, told):
                near[name].add(natural)
        next_ = {name: near[name] - looked[name] for name in near}
    return looked, there


def _document(one: Kept) -> Document:
    document: Document = msgspec.json.decode(one.body)
    return document
