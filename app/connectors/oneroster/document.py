"""Canonical values put into a document of the gradebook: ``wire`` the other way round.

Only the fields of a change are replaced. Whatever else stands in the document, extensions and
metadata too, goes back byte for byte as it was read (SEMANTICS F2).
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from app.connectors.oneroster.vocabulary import STREAMS, Stream, camel_case
from app.roster.schema import FieldType
from app.roster.values import Boolean, Choice, Elements, Kind, Plain, Reference

_STEPS = STREAMS["score_scales"].entity.by_name["score_scale_value"].kind

Href = Callable[[Stream, str], str]
"""Tells the address of a record: its stream and its key."""

read_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
"""The members of a document, undecoded. Raises ``msgspec.DecodeError``."""


def filled(
    members: Mapping[str, object], stream: Stream, patch: Mapping[str, Plain], href: Href
) -> dict[str, Any]:
    """``members`` with the fields of ``patch`` in the place of their own; blank ones left out."""
    document: dict[str, Any] = dict(members)
    for name, value in patch.items():
        spelt, kind = camel_case(name), stream.entity.by_name[name].kind
        if value is None:
            document.pop(spelt, None)
        else:
            document[spelt] = _said(kind, name, value, members.get(spelt), href)
    return document


def wanting(
    stream: Stream, patch: Mapping[str, Plain], creates: bool
) -> tuple[list[FieldType], list[FieldType]]:
    """The fields of ``patch`` that the standard asks for in vain, and those it has no word for.

    Of a record that is there already only what is changed counts: the rest is as the SIS has it.
    """
    fields = stream.entity.by_name
    asked = stream.required if creates else stream.required & patch.keys()
    blank = [one for name, one in fields.items() if name in asked and patch.get(name) is None]
    odd = [
        fields[name]
        for name, value in patch.items()
        if value is not None and not _sayable(fields[name].kind, value)
    ]
    return blank, odd


def _sayable(kind: Kind, value: Plain) -> bool:
    if isinstance(kind, Elements):
        # A step of a scale means something; an objective has a source and an id.
        needed = kind.names if kind is _STEPS else kind.key
        places = [kind.names.index(name) for name in needed]
        return all(element[place] is not None for element in value for place in places)
    return not isinstance(kind, Choice) or kind.meant(value) is not None


def _said(kind: Kind, name: str, value: Plain, before: Any, href: Href) -> Any:
    if isinstance(kind, Reference):
        target = STREAMS[kind.target]
        return {"href": href(target, value), "sourcedId": value, "type": target.singular}
    if isinstance(kind, Elements):
        if name == "learning_objectives":
            return _by_source(kind, value)
        return _in_order(kind, value, before)
    return _plain(kind, value)


def _plain(kind: Kind, value: Plain) -> Any:
    # OneRoster 1.2 has its booleans as texts.
    return str(value).lower() if isinstance(kind, Boolean) else value


def _part(kind: Elements, element: tuple[Plain, ...]) -> dict[str, Any]:
    told = zip(kind.names, kind.kinds, element, strict=True)
    return {camel_case(name): _plain(of, value) for name, of, value in told if value is not None}


def _by_source(kind: Elements, value: Plain) -> list[dict[str, Any]]:
    """Learning objectives by their source: with scores, or their ids alone."""
    by_source: dict[Any, list[dict[str, Any]]] = {}
    for element in value:
        part = _part(kind, element)
        by_source.setdefault(part.pop("source", None), []).append(part)
    if "score" in kind.names:
        return [{"source": s, "learningObjectiveResults": each} for s, each in by_source.items()]
    spelt = camel_case("learning_objective_id")
    return [
        {"source": s, f"{spelt}s": [part.get(spelt) for part in each]}
        for s, each in by_source.items()
    ]


def _in_order(kind: Elements, value: Plain, before: Any) -> list[dict[str, Any]]:
    """The steps of a score scale, in the order in which they stood, new ones at the end."""
    names = [camel_case(name) for name in kind.key]
    stood: dict[Any, int] = {}
    for place, part in enumerate(msgspec.json.decode(before or b"[]") or ()):
        stood.setdefault(tuple(part.get(name) for name in names), place)
    ordered = sorted(value, key=lambda each: stood.get(kind.key_of(each), len(stood)))
    return [_part(kind, element) for element in ordered]
