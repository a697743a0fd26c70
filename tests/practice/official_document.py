"""The official OpenAPI documents of OneRoster 1.2, read as far as the tests need them.

They may not be copied here; the tests that need them are skipped where they are not at hand.
Only the layout that these documents have is understood, by indentation.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[3] / "shared" / "spec" / "oneroster-1.2"


@dataclass
class Schema:
    """An object type: what it must have, what it may have, and of which type that is."""

    required: list[str] = field(default_factory=list)
    properties: dict[str, str] = field(default_factory=dict)
    enums: dict[str, list[str]] = field(default_factory=dict)
    open: bool = False


def operations(name: str) -> set[tuple[str, str]]:
    """Every (METHOD, path) of a document, parameters as `{}`."""
    found: set[tuple[str, str]] = set()
    path = ""
    for line in _lines(name):
        if match := re.fullmatch(r"    (/\S+):\s*", line):
            path = re.sub(r"\{\w+\}", "{}", match[1])
        elif match := re.fullmatch(r"        (get|put|post|delete):\s*", line):
            found.add((match[1].upper(), path))
    return found


def schemas(name: str) -> dict[str, Schema]:
    """Every object type of a document by its name."""
    found: dict[str, Schema] = {}
    schema = Schema()
    part = prop = ""
    listing = False
    lines = _lines(name)
    for line in lines[lines.index("    schemas:") + 1 :]:
        indent, text = len(line) - len(line.lstrip()), line.strip()
        if indent == 8 and text.endswith(":"):
            schema = found[text[:-1]] = Schema()
        elif indent == 12:
            part = text.rstrip(":")
            schema.open = schema.open or text == "additionalProperties: true"
        elif part == "required" and text.startswith("- "):
            schema.required.append(text[2:])
        elif part == "properties" and indent == 16 and text.endswith(":"):
            prop, listing = text[:-1], False
            schema.properties[prop] = ""
        elif part == "properties" and indent > 16:
            if match := re.fullmatch(r'\$ref: "#/components/schemas/(\w+)"', text):
                schema.properties[prop] = match[1]
            elif indent == 20:
                listing = text == "enum:"
            elif listing and text.startswith("- "):
                schema.enums.setdefault(prop, []).append(text[2:])
    return found


def faults(document: Any, type_: str, types: dict[str, Schema], where: str = "") -> list[str]:
    """What keeps a document from being of this type."""
    where = where or type_
    if not isinstance(document, dict):
        return [f"{where} is no object"]
    schema = types[type_]
    found = [f"{where}.{name} is missing" for name in schema.required if name not in document]
    for name, value in document.items():
        if name not in schema.properties:
            found += [] if schema.open else [f"{where}.{name} is not in the document"]
            continue
        if name in schema.enums and value not in schema.enums[name]:
            found.append(f"{where}.{name} is {value!r}")
        inner = schema.properties[name]
        if inner:
            for item in value if isinstance(value, list) else [value]:
                found += faults(item, inner, types, f"{where}.{name}")
    return found


def _lines(name: str) -> list[str]:
    return [line.rstrip() for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]
