"""How documents and changes are told to a client: with ids, links, etags and moments."""

from collections.abc import Container
from datetime import UTC, datetime
from typing import Any

from .older import Standard
from .shelf import Change, Item, decode
from .store import Ods
from .vocabulary import RESOURCES, Document, Resource, holders, key_of_reference, targets


def moment_text(milliseconds: int) -> str:
    """Milliseconds since 1970 as the ODS writes a moment: UTC, seven places."""
    whole, part = divmod(milliseconds, 1000)
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}.{part:03d}0000Z"


def told(
    ods: Ods, resource: Resource, item: Item, standard: Standard, habits: Container[str]
) -> Document:
    """A document as it is told: its id first, links in its references, etag and moment last."""
    document = decode(item.body)
    if "no-links" not in habits:
        for link in resource.links:
            for reference in holders(document, link.path):
                found = _linked(ods, link.to, reference)
                if found is not None:
                    reference["link"] = found
    document = standard.outward(ods, resource, document)
    if resource.name.endswith("Descriptors"):
        document = {f"{resource.singular}Id": item.number, **document}
    if "empty-lists" in habits:
        lists = [field.name for field in resource.fields if field.sort == "list"]
        document = {**{name: [] for name in lists}, **document}
    if "extra-fields" in habits:
        extension = document.get("_ext") or {}
        document |= {"_ext": {**extension, "practice": {"note": "own"}}, "localNote": "own"}
    return {
        "Id" if "mixed-case" in habits else "id": item.id,
        **document,
        "_etag": item.etag,
        "_lastModifiedDate": moment_text(item.at),
    }


def cased(entry: dict[str, Any], habits: Container[str]) -> dict[str, Any]:
    """What is told of changes, as the service is in the habit of writing names."""
    if "mixed-case" not in habits:
        return entry
    return {name[:1].upper() + name[1:]: value for name, value in entry.items()}


def deleted(change: Change, values: Document | None) -> dict[str, Any]:
    """An entry of /deletes; the natural key is told where there is one to tell."""
    entry: dict[str, Any] = {"id": change.id, "changeVersion": change.version}
    if values is not None:
        entry["keyValues"] = values
    return entry


def rekeyed(change: Change, old: Document, new: Document) -> dict[str, Any]:
    """An entry of /keyChanges."""
    return {
        "id": change.id,
        "changeVersion": change.version,
        "oldKeyValues": old,
        "newKeyValues": new,
    }


def _linked(ods: Ods, to: str, reference: Document) -> dict[str, str] | None:
    for name in targets(to):
        resource = RESOURCES[name]
        key = key_of_reference(reference, resource)
        item = ods.find(name, key) if key is not None else None
        if item is not None:
            return {"rel": resource.title, "href": f"/ed-fi/{name}/{item.id}"}
    return None
