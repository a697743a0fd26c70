"""How bases, patches and change rows are kept: MessagePack of plain values in stored form.

Values are in stored form (``roster.stored``). A base or patch is an array:
the id of its layout (the field names at the time it was written, table ``layouts``), then one value
a field; a field nothing is known about is an extension of type 1. So a field that is new in the
schema is *unknown* in old bases and never null (SEMANTICS B4).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from app.roster.schema import EntityType
from app.roster.stored import plain_value
from app.roster.values import UNKNOWN, UNSAID, Plain, Sentinel

_NOTHING_KNOWN = msgspec.msgpack.Ext(1, b"")


def _encode_hook(value: Any) -> Any:
    if isinstance(value, Sentinel):
        return _NOTHING_KNOWN
    raise TypeError(f"not a stored value: {type(value).__name__}")


_encoder = msgspec.msgpack.Encoder(enc_hook=_encode_hook)
_base_decoder = msgspec.msgpack.Decoder(ext_hook=lambda code, data: UNKNOWN)
_patch_decoder = msgspec.msgpack.Decoder(ext_hook=lambda code, data: UNSAID)

encode = _encoder.encode
"""Bytes of a sequence ``(layout, *values)`` or of a mapping of changed fields."""


def decode_changes(blob: bytes) -> dict[str, Plain]:
    """A mapping of field names to stored values, as kept in change rows."""
    found: dict[str, Plain] = _base_decoder.decode(blob)
    return found


def decode_sides(blob: bytes) -> list[dict[str, Plain]]:
    """Several such mappings, kept as one array."""
    found: list[dict[str, Plain]] = _base_decoder.decode(blob)
    return found


def plain_changes(entity: EntityType, blob: bytes) -> dict[str, Plain]:
    """The same in canonical values; a field that the schema no longer has is left as it stands."""
    known = entity.by_name
    return {
        name: plain_value(known[name], stored) if name in known else stored
        for name, stored in decode_changes(blob).items()
    }


class Layouts:
    """The layouts of one entity: which fields stood where when a blob was written."""

    def __init__(self, entity: EntityType, known: Mapping[int, Sequence[str]], current: int):
        self.current = current
        self._width = len(entity.fields)
        index = {name: place for place, name in enumerate(entity.field_names)}
        self._places = {
            layout: [index.get(name) for name in names]
            for layout, names in known.items()
            if layout != current
        }

    def base(self, blob: bytes | None) -> tuple[Plain, ...]:
        """The base in ``blob``, one value a field of today's schema."""
        if blob is None:
            return (UNKNOWN,) * self._width
        return self._arrange(_base_decoder.decode(blob), UNKNOWN)

    def patch(self, blob: bytes) -> tuple[Plain, ...]:
        """The patch in ``blob``, one value a field of today's schema."""
        return self._arrange(_patch_decoder.decode(blob), UNSAID)

    def _arrange(self, stored: list[Plain], nothing: Sentinel) -> tuple[Plain, ...]:
        layout = stored[0]
        if layout == self.current:
            return tuple(stored[1:])
        values: list[Plain] = [nothing] * self._width
        for place, value in zip(self._places[layout], stored[1:], strict=True):
            if place is not None:
                values[place] = value
        return tuple(values)
