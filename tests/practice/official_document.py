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
    plain: dict[str, str] = field(default_factory=dict)
    """The type or format of a property that is no object, or the first word it may have."""
    lists: set[str] = field(default_factory=set)
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


def answers(name: str) -> set[str]:
    """The type of every body that an operation of a document may be answered with."""
    found: set[str] = set()
    answering = False
    for line in _lines(name):
        if len(line) - len(line.lstrip()) <= 12 and line.strip():
            answering = line.strip() == "responses:"
        elif answering and (match := re.search(r'\$ref: "#/components/schemas/(\w+)"', line)):
            found.add(match[1])
    return found


def schemas(name: str) -> dict[str, Schema]:
    """Every object type of a document by its name."""
    found: dict[str, Schema] = {}
    schema = Schema()
    part = prop = ""
    listing = worded = False
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
            prop, listing, worded = text[:-1], False, False
            schema.properties[prop] = ""
        elif part == "properties" and indent > 16:
            if match := re.fullmatch(r'\$ref: "#/components/schemas/(\w+)"', text):
                schema.properties[prop] = match[1]
            elif indent == 20:
                listing = text == "enum:"
                if text == "type: array":
                    schema.lists.add(prop)
            elif listing and text.startswith("- "):
                schema.enums.setdefault(prop, []).append(text[2:])
            if match := re.fullmatch(r"(?:type|format): (\S+)", text):
                schema.plain.setdefault(prop, "")
                schema.plain[prop] = schema.plain[prop] if worded else match[1]
            elif text.endswith("enum:"):
                schema.plain[prop], worded = "", True
            elif worded and not schema.plain[prop] and text.startswith("- "):
                schema.plain[prop] = f"={text[2:]}"
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
        if (name in schema.lists) is not isinstance(value, list):
            found.append(f"{where}.{name} is a list, or should be one")
        inner, plain = schema.properties[name], schema.plain.get(name)
        for item in value if isinstance(value, list) else [value]:
            if inner:
                found += faults(item, inner, types, f"{where}.{name}")
            elif not isinstance(item, (int, float) if plain in _NUMBERS else str):
                found.append(f"{where}.{name} is {item!r}")
    return found


_NUMBERS = ("number", "float")
_EXAMPLES = {
    **dict.fromkeys(_NUMBERS, 2.5),
    "date": "2026-03-03",
    "date-time": "2026-03-03T10:00:00.000Z",
    "uri": "https://sis.example/thing",
}


def example(type_: str, types: dict[str, Schema]) -> dict[str, Any]:
    """A document of this type that has every member, lists with one part."""
    schema = types[type_]
    found: dict[str, Any] = {}
    for name, inner in schema.properties.items():
        plain = schema.plain.get(name, "string")
        value = example(inner, types) if inner else _EXAMPLES.get(plain, f"some {name}")
        value = plain[1:] if plain.startswith("=") else value
        found[name] = [value] if name in schema.lists else value
    return found


def _lines(name: str) -> list[str]:
    return [line.rstrip() for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]
