"""Guardians who work here: a student refers to them as to the contact that they are, too.

The record of such a person goes by the key of the member of staff; no document of a student has
that. So a change of a student is written with the contacts' keys, which the service is asked for.
"""

from collections.abc import Mapping
from dataclasses import replace

from app.connectors.contract import Asking, Change
from app.connectors.edfi.feed import Item
from app.connectors.edfi.keys import parsed, record_key
from app.connectors.edfi.partner import joins, partner, seen
from app.connectors.edfi.service import Service
from app.connectors.edfi.telling.one_person import CONTACTS, STAFF
from app.roster.entities import ENTITIES
from app.roster.values import Plain


def as_contacts(service: Service, change: Change) -> Asking[Change]:
    """The change with the keys of contacts in its ``agents``.

    A member of staff who is nobody's contact stays, and cannot be written. Raises what reading
    raises.
    """
    if change.entity != "users" or not joins(service.settings):
        return change
    every = [*(change.patch.get("agents") or ()), *(change.base.get("agents") or ())]
    contacts: dict[Plain, str] = {}
    for user in sorted({key for key, _ in every if key is not None}):
        resource, natural = parsed(user)
        if resource == STAFF and (found := (yield from _contact(service, natural))):
            contacts[user] = found
    if not contacts:
        return change
    patch, base = _renamed(change.patch, contacts), _renamed(change.base, contacts)
    return replace(change, patch=patch, base=base)


def _contact(service: Service, natural: str) -> Asking[str | None]:
    """The remote key of the contact who is a member of staff."""
    found = yield from seen(service, STAFF, natural)
    if not isinstance(found, Item):
        return None
    other = yield from partner(service, STAFF, found)
    return record_key(CONTACTS, other.key) if isinstance(other, Item) else None


def _renamed(values: Mapping[str, Plain], contacts: Mapping[Plain, str]) -> Mapping[str, Plain]:
    told = values.get("agents")
    if not told:
        return values
    named = [(contacts.get(user, user), *rest) for user, *rest in told]
    return {**values, "agents": ENTITIES["users"].by_name["agents"].kind.normal(named)}
