"""What stands at the service of one record: its documents, and the row that they tell together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.connectors.contract import Asking, Gone, Row, Unreadable
from app.connectors.edfi import telling
from app.connectors.edfi.descriptors import Words
from app.connectors.edfi.keys import record_key
from app.connectors.edfi.service import Service
from app.connectors.edfi.telling import back
from app.connectors.edfi.vocabulary import Document
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


def standing(
    service: Service, words: Words, entity: str, anchor: str, natural: str
) -> Asking[Standing]:
    """Reads a record by its natural key. Raises ``Forbidden``, and what reading raises."""
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
            found[part] = yield from held(service, of[part], query)
        except Forbidden:
            continue
    there = Standing(entity, anchor, natural, found, Gone.NOT_FOUND)
    row = telling.tell(entity, anchor, natural, there.documents, words)[0]
    changed = max((one.modified for ones in found.values() for one in ones), default="")
    return replace(there, found=row._replace(version=changed or None))
