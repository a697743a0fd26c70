"""Rows as OneRoster 1.1 and 1.2 put them on the wire, and how they become canonical values.

Everything is derived from ``roster.entities``: a field's wire name is its canonical name in camel
case, and its kind says how it looks. Each stream gets a tolerant struct whose fields stand in the
order of the canonical fields, so that a row is decoded in one step and normalised in one line. A
row with anything odd in it is decoded again without types and taken field by field: one odd value
costs that value, never the row (SEMANTICS A2), and one bad row never costs the page (C6). Which
version a row is of is seen in the row: services mix them.

The quick way and the careful way yield the same values; a property test holds them together.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import unquote

import msgspec

from app.connectors import tolerant
from app.connectors.contract import Row, Unreadable
from app.connectors.oneroster.vocabulary import (
    ACTIVE,
    LONE_ROLE,
    TOBEDELETED,
    V1P2,
    Stream,
    streams,
)
from app.connectors.oneroster.vocabulary import camel_case as wire_name
from app.connectors.oneroster.words import STANDARD, Words
from app.roster.schema import EntityType
from app.roster.values import (
    TEXT,
    UNSAID,
    Boolean,
    Elements,
    Kind,
    Number,
    Plain,
    Reference,
    SetOf,
    Text,
    Unfit,
    sorted_set,
)

_REMEMBERED = 20_000
"""Values whose normal form is kept at hand: words, dates, yes and no repeat without end."""


class Head(msgspec.Struct, gc=False):
    """What is read of every row, changed or not."""

    sourcedId: str
    status: str | None = None
    dateLastModified: str | None = None


class Ref(msgspec.Struct, gc=False):
    """A GUIDRef. Its href is never followed: it may be relative, or name a host nobody reaches."""

    sourcedId: str


class Rows(msgspec.Struct, gc=False):
    """A page: its rows undecoded."""

    rows: list[msgspec.Raw]


NOT_DECODED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding may raise; the last where lists stand in lists thousands deep."""

decode_head = msgspec.json.Decoder(Head).decode
_decode_any = msgspec.json.Decoder().decode


@cache
def page_decoder(collection: str) -> Callable[[bytes], Rows]:
    """Decodes a page of ``collection``; raises ``msgspec.DecodeError`` where it is none."""
    of = msgspec.defstruct("Rows", [("rows", list[msgspec.Raw])], rename={"rows": collection})
    return msgspec.json.Decoder(of).decode  # type: ignore[return-value]


@cache
def single_decoder(singular: str) -> Callable[[bytes], Any]:
    """Decodes the answer to a read by key; its ``row`` is undecoded."""
    of = msgspec.defstruct("Single", [("row", msgspec.Raw)], rename={"row": singular})
    return msgspec.json.Decoder(of).decode


def usual_key(key: str) -> bool:
    """True for a key that is in normal form as it stands; nearly all are."""
    return key.isascii() and key.isprintable() and key == key.strip() and key != ""


class Heading(NamedTuple):
    """A row's key and what it says of itself, however it was written."""

    key: str | None
    dead: bool
    modified: str | None
    reason: str = ""
    """Why the row cannot be read, where it cannot."""


def careful_heading(raw: bytes) -> Heading:
    """The head of a row that is not as the standard has it."""
    row, reason = _untyped(raw)
    if not isinstance(row, dict):
        return Heading(None, False, None, reason or "row_not_object")
    said = row.get("sourcedId")
    try:
        key = TEXT.normal(said)
    except Unfit:
        key = None
    if not tolerant.usable_key(key or (said.strip() if isinstance(said, str) else "")):
        key, reason = None, reason or "row_key_unusable"
    status, modified = row.get("status"), row.get("dateLastModified")
    dead = isinstance(status, str) and status.strip().lower() == TOBEDELETED
    stamp = modified if isinstance(modified, str) and tolerant.usable(modified) else None
    if reason and key and "\ufffd" in key:
        key = None  # the wrong bytes are in the key itself
    return Heading(key, dead, stamp, reason or ("" if key else "row_without_key"))


def _untyped(raw: bytes) -> tuple[object, str]:
    """The row without types, and why it cannot be trusted, if so: then its head is enough."""
    try:
        return _decode_any(raw), ""
    except NOT_DECODED:
        pass
    body, reason = bytes(raw), ""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        # Wrong bytes in a name do not hide the key; the row itself stays unreadable.
        text, reason = body.decode("utf-8", "replace"), "row_encoding"
    try:
        return tolerant.untyped(text), reason
    except (ValueError, RecursionError):
        return tolerant.head(body) or None, "row_not_json"


# -- what an untyped wire value says, as the kind's ``normal`` takes it ---------------------------


def _said_plain(value: object) -> object:
    if isinstance(value, str) and not tolerant.usable(value):
        raise Unfit("text")
    return value


def _said_reference(value: object) -> object:
    key = value
    if isinstance(value, dict):
        key = value.get("sourcedId")
        if key is None and isinstance(href := value.get("href"), str):
            # The last part of the address is the key; "~/users/1" and "/users/1" serve as well.
            key = unquote(href.split("?")[0].rstrip("/").rpartition("/")[2])
    if key is not None and (isinstance(key, bool) or not isinstance(key, str | int | float)):
        raise Unfit("reference")
    # As text, also where it is a number: a number would be taken for a record id (A3).
    return _key_text(TEXT.normal(key))


def _key_text(key: Plain) -> Plain:
    if key is not None and not tolerant.usable_key(key):
        raise Unfit("reference")
    return key


def _said_references(value: object) -> object:
    if isinstance(value, str):
        value = value.split(",")
    elif isinstance(value, int | float):
        value = [value]
    return [_said_reference(each) for each in value] if isinstance(value, list) else value


def _said_word(meaning: Callable[[str], str]) -> Callable[[object], object]:
    def said(value: object) -> object:
        if isinstance(value, str):
            return meaning(str(_said_plain(value)))
        return meaning(str(value)) if type(value) is int else value

    return said


def _said_words(meaning: Callable[[str], str]) -> Callable[[object], object]:
    one = _said_word(meaning)

    def said(value: object) -> object:
        parts: list[object] = []
        for words in value if isinstance(value, list) else [value]:
            parts += words.split(",") if isinstance(words, str) else [words]
        return [one(part) for part in parts]

    return said


def _said_list(part: Callable[[object], object]) -> Callable[[object], object]:
    def said(value: object) -> object:
        return [part(each) for each in value] if isinstance(value, list) else _said_plain(value)

    return said


def _said_elements(kind: Elements, words: Words, bare: bool = False) -> Callable[[object], object]:
    told = zip(kind.names, kind.kinds, strict=True)
    fields = [(wire_name(name), _said(of, name, words)) for name, of in told]

    def element(value: object) -> object:
        if bare:
            return (_said_reference(value), *(None for _ in kind.names[1:]))
        if not isinstance(value, dict):
            raise Unfit("element")
        return tuple(said(value.get(name)) for name, said in fields)

    return _said_list(element)


def _said_objectives(kind: Elements) -> Callable[[object], object]:
    """Learning objectives, which stand by source on the wire: with scores, or their ids alone."""
    listed = _said_elements(kind, STANDARD)

    def said(value: object) -> object:
        if not isinstance(value, list):
            return listed(value)
        parts: list[object] = []
        for by_source in value:
            if not isinstance(by_source, dict):
                raise Unfit("element")
            ids = by_source.get("learningObjectiveIds") or []
            results = by_source.get("learningObjectiveResults") or []
            if not (isinstance(ids, list) and isinstance(results, list)):
                raise Unfit("list")
            told = [{"learningObjectiveId": each} for each in ids] + results
            for each in told:
                if not isinstance(each, dict):
                    raise Unfit("element")
                parts.append({**each, "source": by_source.get("source")})
        return listed(parts)

    return said


def _said(kind: Kind, name: str, words: Words) -> Callable[[object], object]:
    """How to read the untyped wire value of a field of that kind."""
    meaning = words.meaning(name)
    if isinstance(kind, Reference):
        return _said_reference
    if isinstance(kind, Elements) and name == "learning_objectives":
        return _said_objectives(kind)
    if isinstance(kind, Elements):
        # Agents are bare references on the wire; the relation is told by nobody in 1.2.
        return _said_elements(kind, words, bare=name == "agents")
    if meaning is not None:
        return _said_words(meaning) if isinstance(kind, SetOf) else _said_word(meaning)
    if isinstance(kind, SetOf) and isinstance(kind.part, Reference):
        return _said_references
    if isinstance(kind, SetOf):
        return _said_list(_said_plain)
    return _said_plain


def normaliser(kind: Kind, name: str, words: Words = STANDARD) -> Callable[[object], Plain]:
    """What makes the canonical value of an untyped one of a field; raises ``Unfit``."""
    said = _said(kind, name, words)
    return lambda value: kind.normal(said(value))


# -- the quick way -------------------------------------------------------------------------------


class _Memory(dict[Any, Plain]):
    """Normal forms by what was said. Bounded, as a service may say anything."""

    def __init__(self, normal: Callable[[object], Plain]) -> None:
        self._normal = normal

    def __missing__(self, said: Any) -> Plain:
        value = self._normal(said)
        if len(self) >= _REMEMBERED:
            self.clear()
        self[said] = value
        return value


def _quick_reference(value: Any) -> Plain:
    key = value.sourcedId
    if key.isascii() and key.isprintable():
        return key.strip() or None
    return _key_text(TEXT.normal(key))


def _quick_set(part: Callable[[Any], Plain]) -> Callable[[Any], Plain]:
    def normal(values: Any) -> Plain:
        if not values:
            return None
        return sorted_set(found for value in values if (found := part(value)) is not None)

    return normal


def _quick_words(kind: SetOf, meaning: Callable[[str], str]) -> Callable[[Any], Plain]:
    said = _said_words(meaning)
    # A row has one grade nearly always, and there are some twenty of them.
    remembered = _Memory(lambda word: kind.normal(said(word)))

    def normal(values: Any) -> Plain:
        if not values:
            return None
        if len(values) == 1:
            return remembered[values[0]]
        return kind.normal(said(values))

    return normal


def _quick_elements(kind: Elements, words: Words, bare: bool) -> tuple[Any, Callable[[Any], Plain]]:
    if bare:
        rest = (None,) * (len(kind.names) - 1)

        def one(value: Any) -> tuple[Plain, ...]:
            return (_quick_reference(value), *rest)

        def several(values: Any) -> Plain:
            keys = {_quick_reference(value) for value in values}
            if None in keys:
                return kind.ordered([one(value) for value in values])
            return tuple([(key, *rest) for key in sorted(keys)])

        of: type[msgspec.Struct] = Ref
    else:
        of, normals = _struct("Part", kind.names, kind.kinds, words, ())
        astuple = msgspec.structs.astuple

        def one(value: Any) -> tuple[Plain, ...]:
            said = astuple(value)
            return tuple([None if v is None else n(v) for n, v in zip(normals, said, strict=True)])

        def several(values: Any) -> Plain:
            return kind.ordered([one(value) for value in values])

    def normal(values: Any) -> Plain:
        if not values:
            return None
        return (one(values[0]),) if len(values) == 1 else several(values)

    return _list(of), normal


def _list(of: Any) -> Any:
    return list[of]


def _quick(kind: Kind, name: str, words: Words) -> tuple[Any, Callable[[Any], Plain]]:
    """The type that an ordinary wire value has, and its normaliser."""
    meaning = words.meaning(name)
    if isinstance(kind, Reference):
        return Ref, _quick_reference
    if isinstance(kind, Elements) and name == "learning_objectives":
        # Hardly any row has them: there is no quicker way than the careful one.
        said = _said_objectives(kind)
        return Any, lambda value: kind.normal(said(value))
    if isinstance(kind, Elements):
        return _quick_elements(kind, words, bare=name == "agents")
    if isinstance(kind, SetOf) and meaning is not None:
        return list[str], _quick_words(kind, meaning)
    if meaning is not None:
        return str, _Memory(lambda word: kind.normal(meaning(str(word)))).__getitem__
    if isinstance(kind, SetOf):
        of, part = _quick(kind.part, "", words)
        return _list(of), _quick_set(part)
    if isinstance(kind, Boolean):
        return bool | str, _Memory(kind.normal).__getitem__
    if type(kind) is Text or isinstance(kind, Number):
        return str | int | float, kind.normal
    if isinstance(kind, Text):
        return str, kind.normal
    return str, _Memory(kind.normal).__getitem__


def _struct(
    name: str,
    names: tuple[str, ...],
    kinds: tuple[Kind, ...],
    words: Words,
    heading: tuple[Any, ...],
) -> tuple[type[msgspec.Struct], tuple[Callable[[Any], Plain], ...]]:
    """A tolerant struct whose last fields are ``names`` in order, and their normalisers."""
    quick = [_quick(kind, field, words) for field, kind in zip(names, kinds, strict=True)]
    # Named by place: a canonical name may be a word that Python keeps for itself.
    fields = [(f"f{place}", of | None, None) for place, (of, _) in enumerate(quick)]
    rename = {f"f{place}": wire_name(field) for place, field in enumerate(names)}
    of = msgspec.defstruct(name, [*heading, *fields], rename=rename, gc=False)
    return of, tuple(normal for _, normal in quick)


_HEADING: tuple[Any, ...] = (
    ("sourcedId", str),
    ("status", str | None, None),
    ("dateLastModified", str | None, None),
)
_OLDER_MEMBERS: tuple[Any, ...] = (
    ("role", str | None, None),
    ("orgs", list[Ref] | None, None),
)
Reader = Callable[[bytes], Row | Unreadable]
_says_nul = re.compile(rb"\\u0000").search


def reader(stream: Stream, words: Words = STANDARD) -> Reader:
    """Reads one raw row of ``stream`` as a canonical row; never raises."""
    quickly = _quick_reader(stream.entity, words)
    carefully = _careful_reader(stream.entity, words)

    def read(raw: bytes) -> Row | Unreadable:
        try:
            return quickly(raw)
        except (*NOT_DECODED, Unfit):
            return carefully(raw)

    return read


def _own_key(entity: EntityType) -> int:
    """The place of a field whose value is the row's own sourcedId: a person's demographics."""
    return entity.field_names.index("user") if entity.name == "demographics" else -1


class _OlderRoles(NamedTuple):
    """Roles as OneRoster 1.1 tells them, for users without any of 1.2: one role in every org.

    It is the primary one there, since in 1.2 there has to be one (``vocabulary.LONE_ROLE``).
    """

    place: int
    quick: Callable[[Any], Plain]
    """Their value, from a struct."""
    careful: Callable[[Any], Plain]
    """Their value, from an untyped row; raises ``Unfit``."""


def _older_roles(entity: EntityType, words: Words) -> _OlderRoles | None:
    if entity.name != "users":
        return None
    field = entity.by_name["roles"]
    kind = field.kind
    assert isinstance(kind, Elements)
    _, word = _quick(kind.kinds[kind.names.index("role")], "role", words)
    listed = _said_elements(kind, words)
    unsaid = (LONE_ROLE, *(None,) * (len(kind.names) - 3))

    def quick(said: Any) -> Plain:
        role = word(said.role) if said.role else None
        if role is None:
            return None
        keys = [key for org in said.orgs or () if (key := _quick_reference(org)) is not None]
        return kind.ordered([(role, key, *unsaid) for key in keys or (None,)])

    def careful(row: Any) -> Plain:
        role = row.get("role")
        if TEXT.normal(role) is None:
            return None
        keys = SetOf(TEXT).normal(_said_references(row.get("orgs")))
        found = [{"role": role, "org": key, "roleType": LONE_ROLE} for key in keys or (None,)]
        return kind.normal(listed(found))

    return _OlderRoles(field.index, quick, careful)


def _quick_reader(entity: EntityType, words: Words) -> Callable[[bytes], Row]:
    own = _own_key(entity)
    spoken = [field for field in entity.fields if field.index != own]
    older = _older_roles(entity, words)
    of, normals = _struct(
        "Wire",
        tuple(f.name for f in spoken),
        tuple(f.kind for f in spoken),
        words,
        (*_HEADING, *_OLDER_MEMBERS) if older else _HEADING,
    )
    decode: Callable[[bytes], Any] = msgspec.json.Decoder(of).decode
    patch_of = _unrolled(normals, own, older)
    usual, row = ACTIVE, Row

    def read(raw: bytes) -> Row:
        said = decode(raw)
        key = said.sourcedId
        if not usual_key(key) or said.status not in usual or _says_nul(raw):
            raise Unfit("head")
        return row(key, patch_of(said), said.dateLastModified or None)

    return read


def _unrolled(
    normals: Sequence[Callable[[Any], Plain]], own: int, older: _OlderRoles | None
) -> Callable[[Any], tuple[Plain, ...]]:
    """What makes a patch of a struct's fields, written out field by field: no loop a row.

    Nothing said is nothing in every kind. At the place ``own``, if any, stands the row's key.
    """
    parts = [f"None if (v := said.f{n}) is None else n{n}(v)" for n in range(len(normals))]
    if own >= 0:
        parts.insert(own, "said.sourcedId")
    names: dict[str, Any] = {f"n{n}": normal for n, normal in enumerate(normals)}
    if older is not None:
        n = older.place
        parts[n] = f"n{n}(v) if (v := said.f{n}) else older(said)"
        names["older"] = older.quick
    made: Callable[[Any], tuple[Plain, ...]] = eval(  # noqa: S307  of numbers alone
        f"lambda said: ({', '.join(parts)},)", names
    )
    return made


def _careful_reader(entity: EntityType, words: Words) -> Reader:
    own, older = _own_key(entity), _older_roles(entity, words)
    fields = [(f.name, wire_name(f.name), normaliser(f.kind, f.name, words)) for f in entity.fields]

    def read(raw: bytes) -> Row | Unreadable:
        heading = careful_heading(raw)
        if heading.reason or heading.key is None:
            return Unreadable(heading.key, bytes(raw), heading.reason)
        row: Any = _untyped(raw)[0]
        warnings: list[tuple[str, str]] = []
        patch: list[Plain] = []
        for place, (name, wire, normal) in enumerate(fields):
            try:
                value = heading.key if place == own else normal(row.get(wire))
                if value is None and older and place == older.place:
                    value = older.careful(row)
                patch.append(value)
            except Unfit as unfit:
                patch.append(UNSAID)
                warnings.append((name, f"odd_{unfit}"))
        status = row.get("status")
        if not isinstance(status, str | None) or (status or "active").strip().lower() not in (
            "active",
            "",
            TOBEDELETED,
        ):
            warnings.append(("status", "odd_status"))
        return Row(heading.key, tuple(patch), heading.modified or None, tuple(warnings))

    return read


@cache
def readers(words: Words = STANDARD, version: str = V1P2) -> Mapping[str, Reader]:
    """What reads one raw row of each stream that a version has (``reader``)."""
    return {name: reader(stream, words) for name, stream in streams(version).items()}
