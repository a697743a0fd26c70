"""Whether somebody whom a key does not see is surely not there.

What is created goes by its natural key: a document that has it already, where the key does not see
it, would be written over. Nothing tells whether there is one. So somebody new is only made by a key
that sees the whole district: its education organizations, as the service tells them, have the
district of each school among them, something above it, or all of its schools. Where the service
tells no organizations nothing is known against it.
"""

from collections.abc import Iterable

import msgspec

from app.connectors.contract import Asking
from app.connectors.edfi.feed import Item
from app.connectors.edfi.partner import seen
from app.connectors.edfi.service import Service
from app.connectors.edfi.single import listed
from app.connectors.edfi.telling.schools import SCHOOLS, above
from app.connectors.edfi.writing.answers import Waits
from app.errors import AuthError, ContractError

_HIGHEST = 5
"""So many organizations are asked for on the way up from a school."""

_SHOWN = 5
"""So many organizations of the key are named."""


def require_all_seen(service: Service, schools: Iterable[str]) -> Asking[None]:
    """Raises ``Waits`` where the key does not see all of the district of each of these schools.

    Of whom nobody says where they belong, it is the schools of the key.
    """
    granted = service.granted
    own = [one.id for one in granted.organizations if one.sort == "School"]
    for school in sorted(set(schools) or own if granted.organizations else ()):
        if not (yield from _sees_district(service, school)):
            names = [one.name or one.id for one in granted.organizations]
            told = ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
            raise Waits("edfi_waits_for_reach", school=school, organizations=told)


def require_seen(service: Service, resource: str, natural: str) -> Asking[None]:
    """Raises ``Waits`` for somebody whom the key does not see: what they have is unseen, too."""
    if (yield from seen(service, resource, natural)) is None:
        raise Waits("edfi_waits_for_person")


def _sees_district(service: Service, school: str) -> Asking[bool]:
    granted = service.granted
    if school in granted.below:
        return True
    mine = {one.id for one in granted.organizations}
    found = yield from seen(service, SCHOOLS, school)
    if not isinstance(found, Item):
        # The service says itself what is wrong with such a school.
        return any(one.sort != "School" for one in granted.organizations)
    waiting = district = above(SCHOOLS, msgspec.json.decode(found.body))
    for _ in range(_HIGHEST):
        if not waiting:
            break
        if any(id_ in mine for _, id_ in waiting):
            return True
        (resource, id_), *waiting = waiting
        found = yield from seen(service, resource, id_)
        if isinstance(found, Item):
            waiting += above(resource, msgspec.json.decode(found.body))
    return bool(district) and (yield from _sees_schools(service, district[0][1], mine))


def _sees_schools(service: Service, district: str, mine: set[str]) -> Asking[bool]:
    """Whether all schools of a district are among the organizations."""
    resource = service.resources[SCHOOLS]
    try:
        every, broken, doubts = yield from listed(
            service, resource, {"localEducationAgencyId": district}
        )
    except (AuthError, ContractError):
        return False
    of_it = [
        one.key
        for one in every
        if ("localEducationAgencies", district) in above(SCHOOLS, msgspec.json.decode(one.body))
    ]
    return bool(of_it) and not (broken or doubts) and mine.issuperset(of_it)
