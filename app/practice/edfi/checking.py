"""Whether a document is what the standard says: required fields, types, lengths, descriptors.

Stricter than the real service in one way: it converts nothing, so a number in quotes is refused.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from .vocabulary import (
    PARTS,
    REFERENCES,
    RESOURCES,
    Document,
    Field,
    Resource,
    descriptor_resource,
    value_at,
)

Known = Callable[[str, str, str], bool]
"""Whether a descriptor is known: its resource, namespace and code value."""

_EXTENSION = "_ext"
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?")
_ORDINALS = {1: "1st", 2: "2nd", 3: "3rd"}
_WHOLE = frozenset(
    field.name
    for resource in RESOURCES.values()
    for field in resource.fields
    if field.identity and field.sort == "whole"
) | {"educationOrganizationId"}
"""The members of references that are whole numbers; the others are texts."""


def cleaned(document: Document, resource: Resource) -> Document:
    """What is kept of a document that was sent: no empty values, nothing that nobody knows."""
    kept = _cleaned(document, resource.fields)
    extension = document.get(_EXTENSION)
    if isinstance(extension, dict) and extension:
        kept[_EXTENSION] = extension
    return kept


def faults(document: Document, resource: Resource, known: Known) -> dict[str, list[str]]:
    """What is wrong with a document that is `cleaned`, as sentences by JSON path."""
    found: dict[str, list[str]] = {}

    def say(path: str, sentence: str) -> None:
        found.setdefault(path, []).append(sentence)

    _check(document, resource.fields, "$", known, say)
    for name, places in resource.unified.items():
        told = {place: value_at(document, place) for place in places}
        told = {place: str(value) for place, value in told.items() if value is not None}
        if len(set(told.values())) > 1:
            values = ", ".join(f"'{value}'" for value in dict.fromkeys(told.values()))
            for place in told:
                say(
                    f"$.{'.'.join(place)}",
                    f"All values supplied for '{name}' must match. Review all references and "
                    f"align the following conflicting values: {values}",
                )
    return found


def _cleaned(document: Document, fields: tuple[Field, ...]) -> Document:
    kept: Document = {}
    for field in fields:
        value = document.get(field.name)
        if value is None or value == []:
            continue
        if field.sort == "list" and isinstance(value, list):
            value = [
                _cleaned(item, PARTS[field.of]) if isinstance(item, dict) else item
                for item in value
            ]
        elif field.sort == "part" and isinstance(value, dict):
            value = _cleaned(value, PARTS[field.of])
        elif field.sort == "reference" and isinstance(value, dict):
            members = REFERENCES[field.of]
            value = {name: value[name] for name in members if value.get(name) is not None}
            if not value:
                continue
        kept[field.name] = value
    return kept


def _check(
    document: Document,
    fields: tuple[Field, ...],
    path: str,
    known: Known,
    say: Callable[[str, str], None],
) -> None:
    for field in fields:
        place, title = f"{path}.{field.name}", _title(field.name)
        value = document.get(field.name)
        if value is None:
            if field.required and field.sort == "list":
                say(place, f"{title} must have at least one item.")
            elif field.required:
                say(place, f"{title} is required.")
        elif field.sort == "list":
            _check_list(value, field, place, known, say)
        elif field.sort == "part":
            if isinstance(value, dict):
                _check(value, PARTS[field.of], place, known, say)
            else:
                say(place, f"{title} must be an object.")
        elif field.sort == "reference":
            _check_reference(value, field, place, say)
        elif sentence := _wrong(value, field, known):
            say(place, sentence)


def _check_list(
    value: Any, field: Field, place: str, known: Known, say: Callable[[str, str], None]
) -> None:
    if not isinstance(value, list):
        say(place, f"{_title(field.name)} must be a list.")
        return
    parts = PARTS[field.of]
    identity = [part.name for part in parts if part.identity]
    met: list[list[object]] = []
    for index, item in enumerate(value):
        if not isinstance(item, dict):
            say(f"{place}[{index}]", "The item must be an object.")
            continue
        _check(item, parts, f"{place}[{index}]", known, say)
        own = [item.get(name) for name in identity]
        if identity and own in met:
            which = _ORDINALS.get(index + 1, f"{index + 1}th")
            say(
                place,
                f"The {which} item of the {_title(field.name)} has the same identifying values as "
                "another item earlier in the list.",
            )
        met.append(own)


def _check_reference(value: Any, field: Field, place: str, say: Callable[[str, str], None]) -> None:
    if not isinstance(value, dict):
        say(place, f"{_title(field.name)} must be an object.")
        return
    for name in REFERENCES[field.of]:
        told = value.get(name)
        if told is None or told == "":
            say(f"{place}.{name}", f"{_title(name)} is required.")
        elif isinstance(told, bool) or not isinstance(told, int if name in _WHOLE else str):
            sort = "a whole number" if name in _WHOLE else "a text"
            say(f"{place}.{name}", f"{_title(name)} must be {sort}.")


def _wrong(value: Any, field: Field, known: Known) -> str | None:
    """What is wrong with a single value."""
    title = _title(field.name)
    match field.sort:
        case "bool":
            return None if isinstance(value, bool) else f"{title} must be true or false."
        case "whole":
            right = isinstance(value, int) and not isinstance(value, bool)
            return None if right else f"{title} must be a whole number."
        case "number":
            right = isinstance(value, int | float) and not isinstance(value, bool)
            return None if right else f"{title} must be a number."
    if not isinstance(value, str):
        return f"{title} must be a text."
    match field.sort:
        case "date":
            return None if _reads(date.fromisoformat, value) else f"{title} must be a valid date."
        case "moment":
            reads = _reads(datetime.fromisoformat, value)
            return None if reads else f"{title} must be a valid date and time."
        case "time":
            return None if _TIME.fullmatch(value) else f"{title} must be a valid time."
        case "descriptor":
            told = descriptor_resource(value)
            if told is None or told[0] != f"{field.of}Descriptors" or not known(*told):
                kind = _title(field.of)
                return f"{kind}Descriptor value '{value}' does not exist."
            return None
    if field.identity and value != value.strip():
        return f"{title} cannot contain leading or trailing spaces."
    if not value and (field.required or field.identity):
        return f"{title} is required."
    if field.longest and len(value) > field.longest:
        return f"{title} must be at most {field.longest} characters in length."
    return None


def _reads(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def _title(name: str) -> str:
    return name[:1].upper() + name[1:]
