"""What a service says that a key may do: the answer of ``oauth/token_info``. Pure.

Services before ODS/API 5 have no such answer, and most before 7.3 do not tell the resources.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

READ, CREATE, UPDATE, DELETE = "read", "create", "update", "delete"
CHANGES = "readchanges"


class Organization(NamedTuple):
    """An education organization that a key is for."""

    id: str
    name: str
    sort: str
    """Such as ``LocalEducationAgency``."""


@dataclass(frozen=True)
class Granted:
    """What is told of a key."""

    told: bool = False
    """Whether anything is."""
    organizations: tuple[Organization, ...] = ()
    """The topmost ones: what lies below them is within their reach."""
    below: frozenset[str] = frozenset()
    """The ids of those that are told beside these and lie below one of them."""
    claim_set: str = ""
    profiles: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    operations: Mapping[str, frozenset[str]] | None = None
    """What may be done with each resource, by its path; ``None`` where that is not told."""

    def allows(self, path: str, operation: str) -> bool | None:
        """Whether something may be done with ``ed-fi/students`` and the like; ``None`` untold."""
        if self.operations is None:
            return None
        return operation in self.operations.get(path.lower(), frozenset())

    @property
    def reach(self) -> str:
        """What bounds the answers to this key, in one text: equal reach, equal answers."""
        organizations = ",".join(sorted(one.id for one in self.organizations))
        told = [f"orgs={organizations}", f"claims={self.claim_set}"]
        told += [f"profiles={','.join(sorted(self.profiles))}"] if self.profiles else []
        return " ".join(told)


NOTHING_TOLD = Granted()


def granted(said: Any) -> Granted:
    """What ``token_info`` says; what is missing or odd is left out."""
    if not isinstance(said, dict):
        return NOTHING_TOLD
    rows = [row for row in _list(said, "education_organizations") if isinstance(row, dict)]
    told = {_text(row.get("education_organization_id")): row for row in rows}
    told.pop("", None)
    # A row has the ids of what it lies below beside its own, as in ``local_education_agency_id``.
    lower = {
        id
        for id, row in told.items()
        for name, value in row.items()
        if str(name).endswith("_id") and _text(value) != id and _text(value) in told
    }
    top = [
        Organization(
            id, _text(row.get("name_of_institution")), _text(row.get("type")).rpartition(".")[2]
        )
        for id, row in told.items()
        if id not in lower
    ]
    claims = said.get("claim_set")
    return Granted(
        told=True,
        organizations=tuple(sorted(top)),
        below=frozenset(lower),
        claim_set=_text(claims.get("name") if isinstance(claims, dict) else claims),
        profiles=_texts(said, "assigned_profiles"),
        namespaces=_texts(said, "namespace_prefixes"),
        operations=_operations(said),
    )


def _operations(said: Mapping[str, Any]) -> Mapping[str, frozenset[str]] | None:
    rows = said.get("resources")
    if not isinstance(rows, list) or not rows:
        return None
    found: dict[str, frozenset[str]] = {}
    for row in rows:
        if isinstance(row, dict):
            path = _text(row.get("resource")).strip("/").lower()
            done = frozenset(word.lower() for word in _texts(row, "operations"))
            found[path] = found.get(path, frozenset()) | done
    return found


def _list(said: Mapping[str, Any], name: str) -> list[Any]:
    value = said.get(name)
    return value if isinstance(value, list) else []


def _texts(said: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(word for word in map(_text, _list(said, name)) if word)


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).strip()[:300]
