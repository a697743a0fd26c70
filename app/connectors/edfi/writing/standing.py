"""What stands at the service of one record: its documents, and the row that they tell together."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol
from urllib.parse import quote

from app.connectors.contract import Asking, Gone, Row, Unreadable
from app.connectors.edfi import telling
from app.connectors.edfi.descriptors import Words
from app.connectors.edfi.keys import record_key
from app.connectors.edfi.service import Service
from app.connectors.edfi.telling import back
from app.connectors.edfi.vocabulary import Document, Resource
from app.connectors.edfi.writing.held import Forbidden, Held, held

PARTS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("users", "students"): (
        "studentSchoolAssociations",
        "studentEducationOrganizationAssociations",
        "studentContactAssociations",
    ),
    ("users", "contacts"): ("studentContactAssociations",),
    ("users", "staffs"): (
        "staffEducationOrganizationAssignmentAssociations",
        "staffSchoolAssociations",
    ),
    ("demographics", "students"): ("studentEducationOrganizationAssociations",),
}
"""What belongs to a record beside its anchor, and refers to it by its key. What is not read of it
is left unsaid: the schools of a guardian are those of the students."""


@dataclass(frozen=True)
class Standing:
    """The documents of a record by resource, each by the name in the newest standard."""

    entity: str
    anchor: str
    natural: str
    held: Mapping[str, Sequence[Held]] = field(repr=False)
    """A resource that may not be read is left out."""
    found: Row | Unreadable | Gone

    @property
    def key(self) -> str:
        """The remote key of the record."""
        return record_key(self.anchor, self.natural)

    @property
    def tells(self) -> frozenset[str]:
        """The fields that the documents which were read can tell."""
        homes = back.HELD[self.entity].get(self.anchor, {})
        read = [names for resource, names in homes.items() if resource in self.held]
        return frozenset(name for names in read for name in names)

    @property
    def documents(self) -> dict[str, list[Document]]:
        """The documents alone."""
        return {name: [one.document for one in ones] for name, ones in self.held.items()}

    @property
    def row(self) -> Row | None:
        """The row, where there is one."""
        return self.found if isinstance(self.found, Row) else None

    @property
    def head(self) -> Held | None:
        """The document of the anchor, where it is there."""
        return next(iter(self.held.get(self.anchor, ())), None)


class Kept(Protocol):
    """What was read of records before, and is kept."""

    def ids(self, anchor: str, natural: str, part: str) -> Collection[str]:
        """The ids of the documents of a part that belong to a record."""
        ...

    def put(self, there: Standing, ended: Sequence[Held]) -> None:
        """Keeps what stands by now in place of that, without documents that were deleted."""
        ...


def standing(
    service: Service, words: Words, entity: str, anchor: str, natural: str, kept: Kept
) -> Asking[Standing]:
    """Reads a record by its natural key. Raises ``Forbidden``, and what reading raises.

    A part of which a document is ``kept`` that is not listed, and is not gone, is not read: nobody
    can say what it tells (SEMANTICS D1).
    """
    of = service.resources
    found: dict[str, Sequence[Held]] = {}
    try:
        query = of[anchor].values(natural)
    except (KeyError, ValueError):
        return Standing(entity, anchor, natural, found, Gone.NOT_FOUND)
    found[anchor] = yield from held(service, of[anchor], query)
    if not found[anchor]:
        return Standing(entity, anchor, natural, found, Gone.NOT_FOUND)
    for part in PARTS.get((entity, anchor), ()):
        if part == "studentContactAssociations" and service.settings.guardians == "off":
            continue
        try:
            listed = yield from held(service, of[part], query)
        except Forbidden:
            continue
        unlisted = set(kept.ids(anchor, natural, part)).difference(one.id for one in listed)
        if not (yield from _any_there(service, of[part], unlisted)):
            found[part] = listed
    there = Standing(entity, anchor, natural, found, Gone.NOT_FOUND)
    row = telling.tell(entity, anchor, natural, there.documents, words)[0]
    changed = max((one.modified for ones in found.values() for one in ones), default="")
    return replace(there, found=row._replace(version=changed or None))


def _any_there(service: Service, resource: Resource, ids: Iterable[str]) -> Asking[bool]:
    """Whether documents that no list has are there nevertheless, or nobody can tell."""
    for id_ in sorted(ids):
        response = yield from service.ask(f"{resource.path}/{quote(id_, safe='')}")
        if response.status not in (404, 410):
            return True
    return False
