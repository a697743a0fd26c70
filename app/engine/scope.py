"""What of a SIS is kept in step: the scope that people chose for a connector (SEMANTICS D2).

Organizations, academic sessions and people are chosen by what they say themselves; everything else
belongs to a school, or hangs on a record that is in or out. Rows are judged before they are
identified, so keys are the SIS's own.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

import msgspec

from app.connectors.contract import Row
from app.engine.terms import Terms
from app.errors import UsageError
from app.roster.entities import ROLE
from app.roster.schema import EntityType
from app.roster.values import UNKNOWN, UNSAID, Elements, Plain
from app.store import journal, linkage, scopes
from app.store.codec import Layouts
from app.store.database import Database, Tx
from app.store.journal import StreamRow
from app.store.linkage import HELD_OUTSIDE
from app.store.records import Record

ABOVE_SCHOOLS = frozenset({"district", "local", "national", "state"})
"""Types of organizations that schools are part of: they stay, whichever schools are chosen."""

HANGS_ON = {
    "courses": ("org",),
    "classes": ("terms",),
    "demographics": ("user",),
    "enrollments": ("user", "class"),
    "score_scales": ("class",),
    "line_items": ("class",),
    "results": ("line_item", "student"),
    "assessment_line_items": ("class",),
    "assessment_results": ("assessment_line_item", "student"),
}
"""What a record hangs on: it is out of scope where one of these is; of several terms, where all.

A record that is in scope stays there until its own row changes, whatever becomes of these.
"""


class Scope(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What is kept in step; a part that is blank leaves nothing out. Keys are the SIS's own."""

    schools: tuple[str, ...] = ()
    """These alone; a person belongs to the organizations of their roles."""
    leave_out: tuple[str, ...] = ()
    """All schools but these."""
    terms: tuple[str, ...] = ()
    """These academic sessions, with what they are part of and what is part of them."""
    grades: tuple[str, ...] = ()
    """Students of these grades alone; staff is not concerned."""
    roles: tuple[str, ...] = ()
    """People in these roles alone."""

    @classmethod
    def of(cls, text: str | None) -> "Scope":
        """The scope that ``str`` told; of nothing, everything."""
        return msgspec.json.decode(text, type=cls) if text else cls()

    @property
    def parts(self) -> dict[str, tuple[str, ...]]:
        """What was chosen, by part; empty for everything."""
        every = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return {name: values for name, values in every if values}

    def under(self, asked: str) -> str:
        """Under which scope a link is seen: what the SIS was asked, and what is kept of it (D2)."""
        return f"{asked} {self}" if self else asked

    def told(self, under: str | None) -> bool:
        """Whether it is the scope that ``under`` told of, whatever was asked."""
        return under is not None and under.endswith(f" {self}")

    def __bool__(self) -> bool:
        return bool(self.parts)

    def __str__(self) -> str:
        return msgspec.json.encode(self).decode() if self else ""


EVERYTHING = Scope()

# -- as people type it ------------------------------------------------------------------------

NOTHING_LEFT_OUT = "none"
"""The word for no scope at all."""

NAMED = {
    "schools": ("orgs", ("id", "name", "identifier")),
    "leave_out": ("orgs", ("id", "name", "identifier")),
    "terms": ("academic_sessions", ("id", "title")),
}
"""Parts that are keys: of what, and by which other fields people may call it."""


def chosen(database: Database, name: str, words: Sequence[str]) -> Scope:
    """The scope of a connector after ``words`` such as ``schools=KEY,KEY``, or ``none`` alone.

    A part that is not named stays as it is, one without values is cleared. Schools and terms may be
    called by their ids or names, where the connector knows just one of that name; as long as it
    knows none at all, whatever is given is taken as a key. Raises ``NotFound`` and ``UsageError``.
    """
    with database.reading() as tx:
        row = journal.connector(tx, name)
        if list(words) == [NOTHING_LEFT_OUT]:
            return EVERYTHING
        told: dict[str, list[str]] = {}
        for word in words:
            part, equals, values = word.partition("=")
            part = part.strip().replace("-", "_")
            if not equals or part not in Scope.__struct_fields__:
                known = ", ".join(one.replace("_", "-") for one in Scope.__struct_fields__)
                raise UsageError("scope_part_unknown", part=word, known=known)
            told.setdefault(part, []).extend(filter(None, map(str.strip, values.split(","))))
        meant = {part: _meant(tx, row.id, part, values) for part, values in told.items()}
    scope = Scope(
        **{**Scope.of(row.scope).parts, **{part: tuple(sorted(v)) for part, v in meant.items()}}
    )
    if both := set(scope.schools) & set(scope.leave_out):
        raise UsageError("scope_contradicts", key=min(both))
    return scope


def _meant(tx: Tx, connector: int, part: str, values: Iterable[str]) -> set[str]:
    """What people meant by the values of a part."""
    if part == "roles":
        return {_role(value) for value in values}
    if part not in NAMED:
        return set(values)
    entity, names = NAMED[part]
    called: dict[str, set[str]] = {}
    keys = set()
    for key, names_ in scopes.keys_known(tx, connector, entity, names):
        keys.add(key)
        for one in names_:
            called.setdefault(one.casefold(), set()).add(key)
    found = set()
    for value in values:
        word = value.removeprefix("#").casefold()
        fitting = {value} if value in keys or not keys else called.get(word, set())
        if len(fitting) != 1:
            code = "scope_ambiguous" if fitting else "scope_unknown"
            raise UsageError(code, name=value, entity=entity, keys=", ".join(sorted(fitting)))
        found |= fitting
    return found


def _role(value: str) -> str:
    role = ROLE.meant(value)
    if role is None:
        raise UsageError("scope_role_unknown", role=value, known=", ".join(ROLE.words))
    return role


# -- what is out of it ------------------------------------------------------------------------

Told: TypeAlias = Mapping[str, Plain]
"""What a row says, by field; what it does not speak of is missing."""


class Within:
    """Tells what of one entity is out of a scope."""

    def __init__(
        self,
        scope: Scope,
        entity: EntityType,
        streams: Mapping[str, StreamRow],
        aliased: Mapping[str, bool],
    ) -> None:
        self.scope, self._entity = scope, entity
        self._streams, self._aliased = streams, aliased
        roles = entity.by_name.get("roles")
        kind = roles.kind if roles is not None else None
        self._parts = kind.names if isinstance(kind, Elements) else ()

    def outside(self, tx: Tx, rows: Sequence[Row], fields: Sequence[str]) -> dict[str, bool]:
        """The keys of rows that are out of scope; ``fields`` are those of their patches.

        True: for what the row itself says, so that it stays out until the row changes. False: for
        what another record says, which may change while this row does not.
        """
        told = {row.key: _said(row, fields) for row in rows}
        if self._entity.name == "academic_sessions":
            return dict.fromkeys(self._unrelated(tx, told), False)
        found = {key: True for key, said in told.items() if self._is_out(key, said)}
        left = {key: said for key, said in told.items() if key not in found}
        for name in HANGS_ON.get(self._entity.name, ()):
            found.update(dict.fromkeys(self._hanging(tx, name, left), False))
        return found

    def left(self, tx: Tx, links: Iterable[int], layouts: Layouts) -> set[int]:
        """The links of which no row comes that were last seen in another scope, and are out of it.

        They are judged by what the SIS last said of them.
        """
        under = scopes.seen_under(tx, links)
        before = [link for link, told in under.items() if not self.scope.told(told)]
        names, bases = self._entity.field_names, linkage.link_bases(tx, before)
        said = {
            link: {
                name: value
                for name, value in zip(names, layouts.base(blob), strict=True)
                if value is not UNKNOWN
            }
            for link, blob in bases.items()
            if blob is not None
        }
        keys = linkage.keys_of(tx, said)
        out = self._stored_outside(tx, {keys[link]: told for link, told in said.items()})
        return {link for link in said if keys[link] in out}

    def unwanted(self, tx: Tx, made: Iterable[Record]) -> set[int]:
        """The ids of those records, which no SIS has yet, that are out of it."""
        names = self._entity.field_names
        said = {str(one.id): dict(zip(names, one.values, strict=True)) for one in made}
        return {int(id_) for id_ in self._stored_outside(tx, said)}

    def _stored_outside(self, tx: Tx, said: Mapping[str, Mapping[str, Plain]]) -> set[str]:
        """``outside`` for stored values by field, as if these were rows of the SIS."""
        names = self._entity.field_names
        terms = Terms(tx, self._entity, self._streams, list(said.values()))
        rows = [
            Row(
                key, tuple(terms.of(name, told[name]) if name in told else UNSAID for name in names)
            )
            for key, told in said.items()
        ]
        return {*self.outside(tx, rows, names)}

    def excluded(self, tx: Tx, told: Iterable[str]) -> set[str]:
        """Of what an answer no longer covers (``field=value``), what the scope leaves out (C5)."""
        found: set[str] = set()
        references: dict[str, dict[int, list[str]]] = {}
        for one in told:
            path, _, value = one.partition("=")
            if path in ("role", "roles.role") and not self._is_role(value):
                found.add(one)
            target = self._target(path)
            if target is not None and value.isdigit():
                references.setdefault(target, {}).setdefault(int(value), []).append(one)
        for target, ids in references.items():
            for record, key, outside in scopes.links_of(tx, self._streams[target].id, ids):
                if outside or (target == "orgs" and not self._is_school(key)):
                    found.update(ids[record])
        return found

    # -- what a row says itself --

    def _is_out(self, key: str, said: Told) -> bool:
        match self._entity.name:
            case "orgs":
                return not self._is_school(key) and (
                    key in self.scope.leave_out or said.get("type") not in ABOVE_SCHOOLS
                )
            case "users":
                return "roles" in said and not self._is_person(said["roles"] or (), said)
            case "classes" | "line_items":
                return not self._is_school_of(said)
            case "enrollments":
                role = said.get("role")
                return not self._is_school_of(said) or (
                    role is not None and not self._is_role(role)
                )
        return False

    def _is_school(self, key: Plain) -> bool:
        scope = self.scope
        return key not in scope.leave_out and (not scope.schools or key in scope.schools)

    def _is_school_of(self, said: Told) -> bool:
        school = said.get("school")
        return school is None or self._is_school(school)

    def _is_role(self, role: Plain) -> bool:
        return not self.scope.roles or role in self.scope.roles

    def _is_person(self, roles: Sequence[Sequence[Plain]], said: Told) -> bool:
        """Whether somebody has a role that is asked for; without any, whether none is."""
        if not roles:
            return not self.scope.schools and not self.scope.roles
        role, org = self._parts.index("role"), self._parts.index("org")
        return any(
            self._is_school(one[org])
            and self._is_role(one[role])
            and (one[role] != "student" or self._is_grade(said))
            for one in roles
        )

    def _is_grade(self, said: Told) -> bool:
        grades = self.scope.grades
        if not grades or "grades" not in said:
            return True
        return not set(said["grades"] or ()).isdisjoint(grades)

    # -- what it hangs on --

    def _hanging(self, tx: Tx, name: str, told: Mapping[str, Told]) -> list[str]:
        """The rows whose field ``name`` refers to nothing but what is known to be out of scope."""
        ((_, target),) = self._entity.by_name[name].references
        mentioned = {key: _keys(said.get(name)) for key, said in told.items()}
        wanted = {key for keys in mentioned.values() for key in keys}
        known = linkage.known_links(
            tx, self._streams[target].id, wanted, aliased=self._aliased.get(target, False)
        )
        out = {key for key, link in known.items() if link[4] & HELD_OUTSIDE}
        return [key for key, keys in mentioned.items() if keys and out.issuperset(keys)]

    def _target(self, path: str) -> str | None:
        """The entity that a field, or a part of its elements, refers to."""
        name, _, part = path.partition(".")
        field = self._entity.by_name[name]
        for place, target in field.references:
            if place is None or self._parts[place] == part:
                return target
        return None

    # -- terms --

    def _unrelated(self, tx: Tx, told: Mapping[str, Told]) -> list[str]:
        """Sessions that no chosen one is part of, and that are part of no chosen one.

        A few rows of a stream that is read first: what is part of what may not be known before it
        was read once, so a session that is out is looked at again each time.
        """
        chosen = set(self.scope.terms)
        if not chosen:
            return []
        parents: dict[str, Plain] = dict(
            scopes.session_parents(tx, self._streams["academic_sessions"].id)
        )
        parents.update((key, said["parent"]) for key, said in told.items() if "parent" in said)
        above = {key for one in chosen for key in _lineage(one, parents)}
        below = {key for key in told if not chosen.isdisjoint(_lineage(key, parents))}
        return [key for key in told if key not in above | below]


def _said(row: Row, fields: Sequence[str]) -> dict[str, Plain]:
    told = zip(fields, row.patch, strict=True)
    return {name: value for name, value in told if value is not UNSAID}


def _keys(value: Plain) -> Collection[str]:
    """The keys that a reference, or a set of them, mentions."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


def _lineage(key: str, parents: Mapping[str, Plain]) -> list[str]:
    """A session and all it is part of."""
    found: list[str] = []
    above: str | None = key
    while above is not None and above not in found:
        found.append(above)
        above = parents.get(above)
    return found
