"""Reads JSON that a strict decoder refuses, so that one bad row does not cost its page.

``untyped`` takes numbers beyond all bounds, lone surrogates and bare control characters;
``elements`` and ``head`` find where values begin and end by their brackets alone, without recursion
and in one go, whatever stands inside. All of it is slow, and for bad rows only (SEMANTICS C6).
"""

import json
import re
from collections.abc import Iterator

ODD = object()
"""Stands for a number that is none: fit for no kind of value."""

_UNUSABLE = re.compile("[\0\ud800-\udfff]")
_CONTROL = re.compile("[\0-\x1f\x7f\ud800-\udfff]")

_BLANK = re.compile(rb"[ \t\r\n]*+")
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_SCALAR = re.compile(rb'[^ \t\r\n,:\[\]{}"]++')
_STEP = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[{]++|[\]}]++', re.DOTALL)


def usable(text: str) -> bool:
    """False where ``text`` cannot be stored whole: NUL ends a text in some places, and half a
    surrogate pair has no bytes.
    """
    return _UNUSABLE.search(text) is None


def usable_key(text: str) -> bool:
    """False where ``text`` cannot be a key: no control character may stand in one."""
    return _CONTROL.search(text) is None


def _integer(digits: str) -> object:
    try:
        return int(digits)
    except ValueError:  # more digits than Python turns into a number
        return ODD


def _fraction(digits: str) -> object:
    number = float(digits)
    return ODD if number in (float("inf"), float("-inf")) else number


def untyped(text: str) -> object:
    """What ``text`` says, ``ODD`` where a number is none; raises ``ValueError`` and
    ``RecursionError``.
    """
    return json.loads(
        text,
        strict=False,
        parse_int=_integer,
        parse_float=_fraction,
        parse_constant=lambda _: ODD,
    )


def elements(body: bytes, name: str) -> list[bytes] | None:
    """The elements of the list ``name`` in the object ``body``; ``None`` where it has no end."""
    found: list[bytes] | None = None
    try:
        for said, start, _ in _members(body):
            if said == name and body[start : start + 1] == b"[":
                found = [body[begin:end] for begin, end in _listed(body, start)]
    except _Lost:
        return None
    return found


def member(body: bytes, name: str) -> bytes | None:
    """The value of ``name`` in the object ``body``; ``None`` where there is none to be found."""
    try:
        found = {said: (start, end) for said, start, end in _members(body)}
    except _Lost:
        return None
    return body[slice(*found[name])] if name in found else None


def head(row: bytes) -> dict[str, object]:
    """The plain members of the object ``row``, as far as they can be told."""
    found: dict[str, object] = {}
    try:
        for name, start, end in _members(row):
            if row[start : start + 1] in b"[{":
                found.pop(name, None)
                continue
            try:
                found[name] = untyped(row[start:end].decode("utf-8", "replace"))
            except ValueError:
                found[name] = ODD
    except _Lost:
        pass
    return found


class _Lost(Exception):
    """Where a value ends cannot be told."""


def _members(body: bytes) -> Iterator[tuple[str, int, int]]:
    """Name, beginning and end of each member of an object, at its top level."""
    at = _after(body, _blank(body, 0), b"{")
    while body[at : at + 1] != b"}":
        end = _end(body, at)
        try:
            name = json.loads(body[at:end].decode("utf-8", "replace"), strict=False)
        except (ValueError, RecursionError):
            raise _Lost from None
        start = _after(body, _blank(body, end), b":")
        end = _end(body, start)
        yield str(name), start, end
        at = _next(body, end, b"}")
    if _blank(body, at + 1) != len(body):
        raise _Lost


def _listed(body: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Beginning and end of each element of the list that begins at ``at``."""
    at = _after(body, at, b"[")
    while body[at : at + 1] != b"]":
        end = _end(body, at)
        yield at, end
        at = _next(body, end, b"]")


def _blank(body: bytes, at: int) -> int:
    found = _BLANK.match(body, at)
    return found.end() if found else at


def _after(body: bytes, at: int, mark: bytes) -> int:
    if body[at : at + 1] != mark:
        raise _Lost
    return _blank(body, at + 1)


def _next(body: bytes, end: int, closing: bytes) -> int:
    """Where the next one begins, or where ``closing`` stands."""
    at = _blank(body, end)
    if body[at : at + 1] == closing:
        return at
    at = _after(body, at, b",")
    if body[at : at + 1] == closing:
        raise _Lost
    return at


def _end(body: bytes, at: int) -> int:
    """Where the value ends that begins at ``at``."""
    first = body[at : at + 1]
    if first not in (b"[", b"{"):
        found = (_STRING if first == b'"' else _SCALAR).match(body, at)
        if found is None:
            raise _Lost
        return found.end()
    depth = 0
    for step in _STEP.finditer(body, at):
        mark = body[step.start()]
        if mark in b"[{":
            depth += step.end() - step.start()
        elif mark in b"]}":
            closes = step.end() - step.start()
            if closes >= depth:
                return step.start() + depth
            depth -= closes
    raise _Lost
