"""What a page tells of records whose documents are together."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from app.connectors.contract import Alias, Page, Row, Unreadable, row_digest
from app.connectors.edfi.keys import record_key
from app.connectors.edfi.partner import joins
from app.connectors.edfi.streams.declared import Owned
from app.connectors.edfi.streams.pairs import any_found, other_of
from app.connectors.edfi.streams.position import Work
from app.connectors.edfi.streams.shelved import Kept
from app.connectors.edfi.telling import tell
from app.connectors.edfi.telling.one_person import CONTACTS, STAFF


class Record(NamedTuple):
    """The documents of one record."""

    resource: str
    anchor: Kept
    parts: Mapping[str, Sequence[Kept]]
    """Those that are joined to it, by resource; one that is not read is left out."""

    @property
    def key(self) -> str:
        """Its remote key."""
        return record_key(self.resource, self.anchor.key)

    @property
    def aliases(self) -> list[Alias]:
        """The further keys that it has."""
        whose = self.parts.get(CONTACTS, ()) if self.resource == STAFF else ()
        return [Alias(record_key(CONTACTS, one.key), self.key) for one in whose]

    def with_contact(self, contact: "Record | None") -> "Record":
        """A member of staff who is that contact, too, or surely no contact."""
        theirs = {} if contact is None else contact.parts
        there = [] if contact is None else [contact.anchor]
        return self._replace(parts={**self.parts, CONTACTS: there, **theirs})

    def digest(self, salt: bytes) -> bytes:
        """The digest of all that was said."""
        told = [self.anchor.body, self.anchor.reason.encode()]
        for name in sorted(self.parts):
            told.append(b"\0" + name.encode())
            told += [one.body for one in self.parts[name]]
        return row_digest(b"\0".join(told), salt)

    def row(self, entity: str, work: Work) -> Row | Unreadable:
        """What is told of it: one document that cannot be understood is enough to tell nothing."""
        return rows(entity, work, self)[0]


def rows(entity: str, work: Work, record: Record) -> tuple[Row, ...] | tuple[Unreadable]:
    """What is told of a record and of those within it, the record itself first."""
    every = [record.anchor, *(one for told in record.parts.values() for one in told)]
    broken = next((one for one in every if one.reason), None)
    if broken is not None:
        return (Unreadable(record.key, broken.body, broken.reason),)
    documents = {
        name: [msgspec.json.decode(one.body) for one in told] for name, told in record.parts.items()
    }
    documents[record.resource] = [msgspec.json.decode(record.anchor.body)]
    told = tell(entity, record.resource, record.anchor.key, documents, work.words)
    version = max((one.modified for one in every if one.modified), default=None)
    return tuple([row._replace(version=version) for row in told])


def gathered(work: Work, resource: str, anchors: Sequence[Kept]) -> list[Record]:
    """Records of one resource with what belongs to each, as it is on the shelf."""
    stream, shelf = work.stream, work.shelf
    keys = [one.key for one in anchors]
    parts: dict[str, dict[str, list[Kept]]] = {
        name: {key: [] for key in keys} for name in _parts_of(work, resource)
    }
    mine: dict[Owned, dict[str, list[Kept]]] = {}
    for owned in stream.owned:
        if owned.of == resource:
            mine[owned] = shelf.owned(owned).take(keys)
            _put(parts, owned.resource, mine[owned])
    for listed in stream.listed:
        if listed.of == resource:
            wanted = {key: listed.place(key) for key in keys}
            there = shelf.listed(listed).take(wanted.values())
            others = {
                key: [one for one in there.get(at, ()) if one.key != key]
                for key, at in wanted.items()
            }
            _put(parts, listed.name, others)
    for shared in stream.shared:
        if shared.of == resource:
            wanted = {key: shared.wanted(key) for key in keys}
            found = shelf.documents(shared.resource).take(wanted.values())
            told = {key: [found[at]] for key, at in wanted.items() if at in found}
            _put(parts, shared.resource, told)
    for through in stream.through:
        if through.of == resource:
            whose = {
                key: [through.other.owner(one.key) for one in told]
                for key, told in mine[through.via].items()
            }
            every = {one for told in whose.values() for one in told}
            theirs = shelf.owned(through.theirs).take(every)
            _put(
                parts,
                through.resource,
                {
                    key: [one for other in dict.fromkeys(told) for one in theirs.get(other, ())]
                    for key, told in whose.items()
                },
            )
    records = [
        Record(resource, one, {name: told[one.key] for name, told in parts.items()})
        for one in anchors
    ]
    return _whole(work, records) if stream.paired and resource == STAFF else records


def _whole(work: Work, staffs: Sequence[Record]) -> list[Record]:
    """Members of staff with the contact that each of them is, and all that belongs to it."""
    contact_of = other_of(work.shelf, STAFF).take(one.anchor.key for one in staffs)
    there = work.shelf.documents(CONTACTS).take(contact_of.values())
    contacts = {one.anchor.key: one for one in gathered(work, CONTACTS, list(there.values()))}
    looked_for = joins(work.service.settings) and CONTACTS not in work.at.refused
    whole = []
    for one in staffs:
        contact = contacts.get(contact_of.get(one.anchor.key, ""))
        whole.append(one.with_contact(contact) if contact or looked_for else one)
    return whole


def _parts_of(work: Work, resource: str) -> Iterable[str]:
    """The resources that are joined to records of one, those left out that are not read."""
    stream = work.stream
    every = [one.resource for one in stream.owned if one.of == resource]
    every += [one.name for one in stream.listed if one.of == resource]
    every += [one.resource for one in stream.shared if one.of == resource]
    every += [one.resource for one in stream.through if one.of == resource]
    return [name for name in dict.fromkeys(every) if name not in work.at.refused]


def _put(
    parts: dict[str, dict[str, list[Kept]]], name: str, told: Mapping[str, list[Kept]]
) -> None:
    if name in parts:
        parts[name].update(told)


def page_of(
    work: Work, records: Sequence[Record], aliases: Sequence[Alias] = (), **more: Any
) -> Page:
    """The page that tells these records, after which the pull goes on where it is ``work.at``."""
    entity = work.stream.entity

    def read(places: Iterable[int]) -> list[Row | Unreadable]:
        return [records[place].row(entity, work) for place in places]

    return work.page(
        keys=[one.key for one in records],
        digests=[one.digest(work.io.salt) for one in records],
        read=read,
        aliases=[*aliases, *(alias for one in records for alias in one.aliases)],
        **more,
    )


def stated(work: Work) -> int | None:
    """How many records there are by what the service says; ``None`` where that is not told, and
    where some are told that it does not count."""
    told = [work.at.totals.get(name) for name in work.stream.anchors if name not in work.at.refused]
    if not work.stream.stated or work.at.kept or None in told:
        return None
    if work.stream.paired and any_found(work.shelf):
        return None  # it was looked at for each resource
    return sum(one for one in told if one is not None)
