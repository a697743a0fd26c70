"""OneRoster 1.1: how its records differ from those of 1.2, in which the district is kept."""

from typing import Any

from .answers import invalid
from .vocabulary import OLDER_KINDS
from .wire import GRADEBOOK, HOST, OLDER, RESOURCES, ROSTERING, Record, renewed

# 1.1 knows one kind of administrator, and nobody who counsels.
_ROLES = dict.fromkeys(
    (
        "districtAdministrator",
        "systemAdministrator",
        "siteAdministrator",
        "principal",
        "counselor",
    ),
    "administrator",
)
_BASES = tuple(f"{HOST}{base}/" for base in (ROSTERING, GRADEBOOK, RESOURCES))


def older(collection: str, record: Record) -> Record:
    """A record of 1.2 as 1.1 has it; what 1.1 has no name for is left out."""
    fields = OLDER_KINDS[collection].fields
    told = {name: _moved(value) for name, value in record.items() if name in fields}
    if collection == "users":
        roles = record["roles"]
        told["role"] = _ROLES.get(roles[0]["role"], roles[0]["role"])
        # Wherever the person is anything, each org once.
        orgs = {each["org"]["sourcedId"]: _moved(each["org"]) for each in roles}
        told["orgs"] = list(orgs.values())
    return told


def newer(collection: str, document: Record, before: Record | None) -> Record:
    """What was submitted in 1.1, to be looked at and kept as 1.2.

    `before` is the record whose place it takes: what 1.1 cannot say of it stays. 422 for a field
    that 1.1 does not have, or a line item without the grading period that 1.1 asks for.
    """
    kind = OLDER_KINDS[collection]
    if strange := document.keys() - kind.fields:
        raise invalid(f"This is no {kind.singular}: 1.1 has no `{min(strange)}`.")
    if collection == "lineItems" and "gradingPeriod" not in document:
        raise invalid("This is no lineItem: it lacks `gradingPeriod`.")
    kept = {name: said for name, said in (before or {}).items() if name not in kind.fields}
    return {**document, **kept, **{name: renewed(said) for name, said in document.items()}}


def _moved(value: Any) -> Any:
    """A value with the references in it pointing at the addresses of 1.1."""
    if isinstance(value, list):
        return [_moved(each) for each in value]
    if isinstance(value, dict) and "href" in value:
        for base in _BASES:
            if value["href"].startswith(base):
                return {**value, "href": f"{HOST}{OLDER}/{value['href'].removeprefix(base)}"}
    return value
