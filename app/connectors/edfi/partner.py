"""Asks a service who of the staff is which contact: two documents of one person.

A sync finds it on the shelf (``streams.pairs``); this is for one record that is read or written by
itself. The rule is the same (``telling.one_person``).
"""

import msgspec

from app.connectors.contract import Asking
from app.connectors.edfi.feed import Broken, Item
from app.connectors.edfi.granted import READ
from app.connectors.edfi.service import Service
from app.connectors.edfi.settings import Settings
from app.connectors.edfi.single import listed, one
from app.connectors.edfi.telling.one_person import CONTACTS, STAFF, paired, sign
from app.connectors.edfi.vocabulary import Document
from app.errors import AuthError, ContractError

_REFUSED = frozenset({"edfi_forbidden", "edfi_no_resource", "edfi_key_not_addressable"})

OTHER = {STAFF: CONTACTS, CONTACTS: STAFF}
"""Of each of the two resources the other one."""


def joins(settings: Settings) -> bool:
    """Whether a member of staff and a contact may be one record."""
    return settings.guardians != "off" and settings.one_person != "off"


def partner(service: Service, name: str, found: Item) -> Asking[Item | Broken | None]:
    """The document of the other resource that is of the same person as ``found``, if there is one.

    What may not be read is nobody's; one with the same unique id that cannot be understood may be
    of the same person. Raises what reading raises otherwise.
    """
    if not joins(service.settings):
        return None
    there: dict[str, dict[str, Item]] = {name: {found.key: found}, OTHER[name]: {}}
    same = yield from seen(service, OTHER[name], found.key)
    if isinstance(same, Broken):
        return same
    if same is not None:
        there[OTHER[name]][same.key] = same
    documents = [_document(each) for each in (found, same) if each is not None]
    for document in {sign(each): each for each in documents if sign(each)}.values():
        for resource in (STAFF, CONTACTS):
            for each in (yield from _known(service, resource, document)):
                there[resource].setdefault(each.key, each)
    pairs = paired(
        {key: _document(each) for key, each in there[STAFF].items()},
        {key: _document(each) for key, each in there[CONTACTS].items()},
    )
    if name == CONTACTS:
        pairs = {contact: staff for staff, contact in pairs.items()}
    return there[OTHER[name]].get(pairs.get(found.key, ""))


def _document(item: Item) -> Document:
    document: Document = msgspec.json.decode(item.body)
    return document


def seen(service: Service, resource: str, key: str) -> Asking[Item | Broken | None]:
    """The document of a natural key; ``None`` also where it may not be read."""
    if service.granted.allows(service.resources[resource].path, READ) is False:
        return None
    try:
        return (yield from one(service, service.resources[resource], key))
    except (AuthError, ContractError) as error:
        if error.code not in _REFUSED:
            raise
        return None


def _known(service: Service, resource: str, document: Document) -> Asking[list[Item]]:
    """Those of a resource that refer to the same *Person*."""
    if service.granted.allows(service.resources[resource].path, READ) is False:
        return []
    person = document["personReference"]
    query = {part: person[part].strip() for part in ("personId", "sourceSystemDescriptor")}
    try:
        items, _, _ = yield from listed(service, service.resources[resource], query)
    except (AuthError, ContractError) as error:
        if error.code not in _REFUSED:
            raise
        return []
    return list(items)
