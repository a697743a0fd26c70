"""How an answer may be broken: bytes of any file, and the members of JSON documents."""

import json
from random import Random
from typing import Any

ODD_BYTES = (
    *(b"\0", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xf0\x9f\x8e\x92", b"\r", b"\x1a"),
    *(b'"', b"'", b"\\", b"{", b"}", b"[", b"]", b",", b";", b":", b"<html>", b"null", b"-1"),
    *(b"1e999", b"9" * 400, b"[" * 2000, b'{"a":' * 500, b"\\ud800", b"=1+1", b"../../"),
)
ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 10**30, "", " ", "null", "0", "\0", "x" * 5000, "’", "🎒"),
    *([], {}, [None], [[]], {"sourcedId": None}, {"sourcedId": 7}, {"href": "~/x"}, "9999-99-99"),
    *("2026-02-30", "tobedeleted", "ToBeDeleted ", "inactive", "true", "1899-12-31T25:61:61Z"),
)


def bytes_broken(chance: Random, body: bytes) -> bytes:
    """``body`` with something of it lost, doubled, moved, replaced or added."""
    start = chance.randrange(len(body) + 1)
    end = min(len(body), start + chance.choice([1, 1, 2, 8, 64, 512]))
    other = chance.randrange(len(body) + 1)
    part = body[start:end]
    return chance.choice(
        [
            body[:start],
            body[:start] + body[end:],
            body[:end] + body[start:],
            body[:start] + chance.choice(ODD_BYTES) + body[start:],
            body[:start] + chance.choice(ODD_BYTES) + body[end:],
            body[:start] + bytes(byte ^ 1 << chance.randrange(8) for byte in part) + body[end:],
            body[:other] + part + body[other:],
            body + body,
            b"",
        ]
    )


def document_broken(chance: Random, body: bytes) -> bytes:
    """A JSON document with a member or an element of it lost, doubled, moved or replaced."""
    document = json.loads(body)
    holders: list[Any] = []
    _collect(document, holders)
    holder = chance.choice(holders)
    if isinstance(holder, dict):
        name = chance.choice(sorted(holder)) if holder else "x"
        value = holder.get(name)
        how = chance.randrange(5)
        if how == 0:
            holder.pop(name, None)
        elif how == 1:
            holder[name] = chance.choice(ODD_VALUES)
        elif how == 2:
            holder[chance.choice([name.upper(), f"{name}s", "", "sourcedId", "status"])] = value
            holder.pop(name, None)
        elif how == 3:
            holder[name] = [value] if chance.random() < 0.5 else {"value": value}
        else:
            holder[name] = _nudged(chance, value)
    else:
        place, other = (chance.randrange(len(holder) + 1) for _ in range(2))
        how = chance.randrange(6)
        if how == 0:
            del holder[place : place + 1]
        elif how == 1:
            holder.insert(place, chance.choice(ODD_VALUES))
        elif how == 2:
            holder[place:place] = holder[other : other + 1]
        elif how == 3:
            holder[place : place + 1] = holder[other : other + 1]
        elif how == 4:
            chance.shuffle(holder)
        else:
            del holder[place:]
    return json.dumps(document).encode()


def _collect(document: Any, into: list[Any]) -> None:
    """The objects and lists of a document, those with anything in them."""
    if isinstance(document, dict | list):
        into.append(document)
        for part in document.values() if isinstance(document, dict) else document:
            _collect(part, into)


def _nudged(chance: Random, value: Any) -> Any:
    if isinstance(value, str) and value:
        place = chance.randrange(len(value))
        return value[:place] + chance.choice("aZ09-_ .é’") + value[place + chance.randrange(2) :]
    return chance.choice(ODD_VALUES)
