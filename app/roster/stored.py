"""Stored form: how a canonical value stands in a column, a base or a patch.

Scalars stand as they are; a list stands as its canonical JSON text, so that equal lists are equal
texts and an unchanged list is never taken apart.
"""

import msgspec

from app.roster.schema import FieldType
from app.roster.values import Boolean, Plain

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


def list_text(value: Plain) -> str | None:
    """The canonical JSON text of a list in normal form; ``None`` stays ``None``."""
    return None if value is None else _encode(value).decode()


def list_value(text: str | None) -> Plain:
    """The list in normal form that ``text`` holds: a tuple of scalars or of tuples."""
    if text is None:
        return None
    return tuple(tuple(part) if isinstance(part, list) else part for part in _decode(text))


def stored_value(field: FieldType, value: Plain) -> Plain:
    """The stored form of a canonical value."""
    return list_text(value) if field.kind.is_list else value


def plain_value(field: FieldType, stored: Plain) -> Plain:
    """The canonical value of a stored one (a database may hold booleans as 0 and 1)."""
    if stored is None:
        return None
    if field.kind.is_list:
        return list_value(stored)
    if isinstance(field.kind, Boolean):
        return bool(stored)
    return stored
