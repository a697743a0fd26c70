"""Settings that travel: written to a file, compared with what is set, taken over from one.

No secret is among them, and nothing that means something here alone: schools are told by their key
at the SIS, allowances stay behind. Whatever a file does not speak of stays as it is.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, UnsetType

from app.connectors.contract import declared
from app.engine import configuring, pairing, policy, rotating, ruling
from app.engine import network as network_
from app.engine.apart import Asking
from app.engine.configuring import set_scope
from app.engine.events import Changed, Listener
from app.engine.figures import FIGURES, Limits
from app.engine.opening import known_kind
from app.engine.schedule import Schedule
from app.engine.scope import Scope
from app.engine.told import cell, entity_word
from app.engine.world import World
from app.errors import ConfigError, StoreError, UsageError
from app.roster.entities import ENTITIES
from app.store import journal, matching, policies, scopes, settings, sizes
from app.store.database import Database, Tx
from app.text import N_, _, sentence

VERSION = 1
LARGEST = 5_000_000
"""Bytes that a file of settings may have."""

PARTS: Mapping[str, str] = {
    "connector": N_("Connector"),
    "schedule": N_("Schedule"),
    "scope": N_("What comes in"),
    "limits": N_("Safety limits"),
    "keep_values": N_("A blank never overwrites"),
    "send_deletes": N_("Removals are sent"),
    "send_creates": N_("Newcomers of other SIS are sent"),
    "rules": N_("Who decides"),
    "network": N_("Network"),
    "webhook_port": N_("Port of webhooks"),
    "identity_rules_off": N_("Rules of who is whom that are switched off"),
}
"""What the parts are called; the settings of a kind have names of their own."""


class _Struct(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True,
              forbid_unknown_fields=True):  # fmt: skip
    """What a file holds is known to the last word: a slip in it is told, not passed over."""


class Rule(_Struct, frozen=True, kw_only=True):
    """A row of who decides; the school by its key at the SIS."""

    entity: str
    decides: policy.Decides
    school: str | None = None
    part: str | None = None


class ConnectorSettings(_Struct, frozen=True, kw_only=True):
    """What is said of one connector."""

    kind: str
    settings: dict[str, Any] = {}
    schedule: str | UnsetType = UNSET
    """As ``engine.schedule`` writes it; blank: only when asked."""
    scope: Scope | UnsetType = UNSET
    limits: dict[str, Any] | UnsetType = UNSET
    """As ``engine.figures.Limits``, but for its schools, and without allowances."""
    keep_values: bool | UnsetType = UNSET
    send_deletes: bool | UnsetType = UNSET
    send_creates: bool | UnsetType = UNSET
    rules: tuple[Rule, ...] | UnsetType = UNSET


class Document(_Struct, frozen=True, kw_only=True):
    """A file of settings."""

    version: int = VERSION
    connectors: dict[str, ConnectorSettings] = {}
    network: network_.Network | UnsetType = UNSET
    webhook_port: int | UnsetType = UNSET
    identity_rules_off: tuple[str, ...] | UnsetType = UNSET
    """The names of rules of ``roster.identity``; all others hold."""

    def parts(self) -> Iterator[tuple[str, str, Any]]:
        """(connector or blank, part, value) of all that it speaks of; settings are each a part."""
        for name, one in self.connectors.items():
            yield name, "connector", one.kind
            for key, value in one.settings.items():
                yield name, f"settings.{key}", value
            for part in PARTS:
                value = getattr(one, part, UNSET)
                if value is not UNSET:
                    yield name, part, value
        for part in ("network", "webhook_port", "identity_rules_off"):
            if (value := getattr(self, part)) is not UNSET:
                yield "", part, value


@dataclass(frozen=True)
class Compared:
    """What a file said when it was read, and what that would change."""

    document: Document
    changes: tuple["Difference", ...]


@dataclass(frozen=True)
class Difference:
    """Something that a file would change."""

    connector: str
    """Blank: of the whole program."""
    part: str
    what: str
    """The same in words."""
    before: str
    after: str
    hosts: tuple[str, ...] = ()
    """Where secrets would go that have not been there."""


@dataclass(frozen=True)
class Imported:
    """What came of taking a file over."""

    changed: tuple[Difference, ...]
    unknown_schools: tuple[tuple[str, str], ...]
    """(connector, key) of schools that are not known yet: what was said of them was left out."""
    unknown_in_scope: tuple[tuple[str, str], ...] = ()
    """The same of those that come in or stay out: that counts once they are known."""


# -- writing and reading --------------------------------------------------------------------------


def exported(database: Database) -> Document:
    """All settings as they are now."""
    with database.reading() as tx:
        port = settings.read(tx, settings.WEBHOOK_PORT)
        return Document(
            connectors={row.name: _exported(tx, row) for row in journal.connectors(tx)},
            network=network_.Network.of(settings.read(tx, settings.NETWORK)),
            webhook_port=int(port) if port else UNSET,
            identity_rules_off=tuple(sorted(matching.switched_off(tx))),
        )


def _exported(tx: Tx, row: journal.ConnectorRow) -> ConnectorSettings:
    keys = scopes.org_keys(tx, row.id)
    limits = Limits.of(sizes.limits(tx, row.id)).unallowed
    return ConnectorSettings(
        kind=row.kind,
        settings=json.loads(row.settings),
        schedule=row.schedule or "",
        scope=Scope.of(row.scope),
        limits=_with_schools(msgspec.to_builtins(limits), keys),
        keep_values=policies.keeps_values(tx, row.id),
        send_deletes=policies.sends_deletes(tx, row.id),
        send_creates=policies.sends_creates(tx, row.id),
        rules=tuple(
            Rule(
                entity=entity,
                decides=policy.Decides(decides),
                school=keys.get(school, str(school)) if school else None,
                part=part or None,
            )
            for entity, school, part, decides in policies.policies(tx, row.id)
        ),
    )


def _with_schools(value: Any, known: Mapping[Any, Any]) -> Any:
    """The same with each school as ``known`` tells it; 0 is what has none."""
    if isinstance(value, dict):
        return {
            key: known.get(one, one) if key == "school" and one else _with_schools(one, known)
            for key, one in value.items()
        }
    if isinstance(value, list | tuple):
        return [_with_schools(one, known) for one in value]
    return value


def write(database: Database, path: Path) -> int:
    """Writes all settings to a file; of how many connectors. Raises ``StoreError``."""
    document = exported(database)
    text = msgspec.json.format(msgspec.json.encode(document), indent=2)
    try:
        path.write_bytes(text + b"\n")
    except OSError as error:
        raise StoreError("file_not_written", str(error), path=str(path), why=str(error.strerror)) \
            from None  # fmt: skip
    return len(document.connectors)


def read(path: Path) -> Document:
    """The settings in a file. Raises ``UsageError`` where these are none, or of a newer program."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise UsageError("settings_unreadable", str(error), path=str(path)) from None
    try:
        told = msgspec.json.decode(content)
        version = told.get("version") if isinstance(told, dict) else None
        if isinstance(version, int) and version > VERSION:
            raise UsageError("settings_newer", path=str(path))
        return msgspec.convert(told, Document)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise UsageError("settings_unfit", path=str(path), what=str(error)) from None


# -- comparing ------------------------------------------------------------------------------------


def differences(database: Database, kinds: Mapping[str, Any], given: Document) -> list[Difference]:
    """What a file would change, in words."""
    now = {(name, part): value for name, part, value in exported(database).parts()}
    found = []
    for name, part, value in given.parts():
        before = now.get((name, part))
        if _text(before) != _text(value):
            kind = given.connectors[name].kind if name else ""
            what = label(kinds, kind, part)
            found.append(Difference(name, part, what, _text(before), _text(value)))
    for name, one in given.connectors.items():
        if hosts := _new_hosts(database, name, one.settings):
            told = _("forgotten, for another address: {hosts}").format(hosts=", ".join(hosts))
            secrets = Difference(name, "secrets", _("Secrets"), _("kept"), told, tuple(hosts))
            found.append(secrets)
    return found


def compared(database: Database, kinds: Mapping[str, Any], path: Path) -> Compared:
    """What a file would change. Raises ``UsageError`` where it is none of settings."""
    document = read(path)
    return Compared(document, tuple(differences(database, kinds, document)))


def require_as_compared(database: Database, kinds: Mapping[str, Any], given: Compared) -> None:
    """Raises ``UsageError`` where it would change something else by now than was shown."""
    if tuple(differences(database, kinds, given.document)) != given.changes:
        raise UsageError("settings_set_meanwhile")


def _new_hosts(database: Database, name: str, settings: Mapping[str, Any]) -> list[str]:
    """Hosts that a connector which is there has not had to do with: they get none of its secrets.

    A file may come from anybody, and a secret goes only where a person has sent it.
    """
    with database.reading() as tx:
        there = {row.name: json.loads(row.settings) for row in journal.connectors(tx)}
    if name not in there:
        return []
    return sorted(_hosts(settings) - _hosts(there[name]))


def _hosts(settings: Mapping[str, Any]) -> set[str]:
    """``host[:port]`` of all addresses among settings."""
    told = (value for value in settings.values() if isinstance(value, str) and "://" in value)
    return {urlsplit(value).netloc.rpartition("@")[2].lower() for value in told} - {""}


def require_known_hosts(database: Database, given: Document, accepted: Collection[str]) -> None:
    """Raises ``UsageError`` where secrets would go to a host that nobody has ``accepted``."""
    for name, one in given.connectors.items():
        if hosts := set(_new_hosts(database, name, one.settings)) - set(accepted):
            raise UsageError("settings_hosts_new", name=name, hosts=", ".join(sorted(hosts)))


def label(kinds: Mapping[str, Any], kind: str, part: str) -> str:
    """What a part is called; a setting as its kind declares it."""
    key = part.removeprefix("settings.")
    if key == part:
        return _(PARTS[part])
    known = {one.name: one.about.label for one in declared(kinds[kind])} if kind in kinds else {}
    return _(known[key]) if known.get(key) else key


def _text(value: Any) -> str:
    """A value in a few words."""
    value = msgspec.to_builtins(value)
    if isinstance(value, dict):
        told = (f"{key}: {_text(one)}" for key, one in value.items() if _text(one))
        return ", ".join(told)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "; ".join(map(_text, value))
    if isinstance(value, str) and "BEGIN CERTIFICATE" in value:
        # Another certificate of the same name is another one, and is told so.
        digest = hashlib.sha256(value.encode()).hexdigest()[:12]
        return f"{', '.join(one.subject for one in network_.authorities(value))} ({digest})"
    return entity_word(value) if isinstance(value, str) and value in ENTITIES else cell(value)


# -- taking over ----------------------------------------------------------------------------------


def unknown_told(found: Imported) -> list[str]:
    """Sentences about the schools that nobody knows yet."""
    return [
        sentence(code, {"name": name, "key": key})
        for code, schools in (
            ("settings_school_unknown", found.unknown_schools),
            ("settings_scope_unknown", found.unknown_in_scope),
        )
        for name, key in schools
    ]


def importing(world: World, tell: Listener, given: Document, author: str) -> Asking[Imported]:
    """Sets all that a file speaks of (``Engine.import_settings``).

    Everything is looked at before anything is changed.
    """
    ready = _ready(world, given)
    changed = tuple(differences(world.database, world.kinds, ready))
    unknown: list[tuple[str, str]] = []
    in_scope: list[tuple[str, str]] = []
    for name, one in ready.connectors.items():
        if _new_hosts(world.database, name, one.settings):
            yield from rotating.forgetting(world, tell, name)
        yield from configuring.saving(
            world, tell, name, one.kind, one.settings, {},
            schedule=None if one.schedule is UNSET else one.schedule, lasting=True,
        )  # fmt: skip
        if one.scope is not UNSET:
            set_scope(world, name, one.scope)
        said = {switch: getattr(one, switch) for switch in policies.SWITCHES}
        switches = {switch: None if to is UNSET else to for switch, to in said.items()}
        ruling.set_switches(world, name, switches)
        with world.database.reading() as tx:
            row = journal.connector(tx, name)
            ids = {key: id_ for id_, key in scopes.org_keys(tx, row.id).items()}
        if one.limits is not UNSET:
            _take_limits(world, row, one.limits, ids)
        if one.rules is not UNSET:
            _take_rules(world, row, one.rules, ids, author)
        unknown += [(name, key) for key in _schools(one) if key not in ids]
        scope = Scope() if one.scope is UNSET else one.scope
        in_scope += [(name, key) for key in (*scope.schools, *scope.leave_out) if key not in ids]
    if ready.network is not UNSET:
        yield from network_.setting(world, tell, ready.network, None)
    if ready.webhook_port is not UNSET:
        configuring.set_webhook_port(world, ready.webhook_port)
    if ready.identity_rules_off is not UNSET:
        pairing.set_rules(world, off=ready.identity_rules_off)
    tell(Changed(frozenset({"connectors", "policies", "settings"})))
    return Imported(changed, tuple(dict.fromkeys(unknown)), tuple(in_scope))


def _ready(world: World, given: Document) -> Document:
    """The same, complete and in normal form; raises ``ConfigError`` and ``UsageError``."""
    with world.database.reading() as tx:
        there = {row.name: row for row in journal.connectors(tx)}
    connectors = {}
    for name, one in given.connectors.items():
        kind = known_kind(world, one.kind)
        before = json.loads(there[name].settings) if name in there else {}
        if key := next((s.key for s in kind.secrets if s.key in one.settings), None):
            raise ConfigError("settings_with_secret", name=name, key=key)
        whole = {**before, **one.settings}
        configuring.checked(world, name, one.kind, whole)
        if one.schedule is not UNSET and one.schedule:
            Schedule.of(one.schedule)
        if one.limits is not UNSET:
            _limits(name, one.limits, dict.fromkeys(_schools(one), 1))
        for rule in () if one.rules is UNSET else one.rules:
            ruling.checked_part(rule.entity, rule.part)
        connectors[name] = msgspec.structs.replace(one, settings=whole)
    if given.webhook_port is not UNSET:
        configuring.check_port(given.webhook_port)
    if given.identity_rules_off is not UNSET:
        pairing.check_rules(given.identity_rules_off)
    way = given.network
    return msgspec.structs.replace(
        given,
        connectors=connectors,
        network=way if way is UNSET else network_.checked(way),
    )


def _limits(name: str, told: Mapping[str, Any], ids: Mapping[str, int]) -> Limits:
    """The limits of a file; what is said of unknown schools is left out."""
    value = {**_known_only(dict(told), ids), "allowances": []}
    try:
        limits = msgspec.convert(_with_schools(value, ids), Limits)
        if slip := {one.name for one in limits.figures} - FIGURES.keys():
            raise msgspec.ValidationError(f"unknown figures: {slip}")
    except msgspec.ValidationError as error:
        raise UsageError("settings_limits_unfit", str(error), name=name) from None
    return limits


def _known_only(value: Any, ids: Mapping[str, int]) -> Any:
    if isinstance(value, dict):
        return {key: _known_only(one, ids) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [
            _known_only(one, ids)
            for one in value
            if not (isinstance(one, dict) and one.get("school") and one["school"] not in ids)
        ]
    return value


def _take_limits(
    world: World, row: journal.ConnectorRow, told: Mapping[str, Any], ids: Mapping[str, int]
) -> None:
    with world.database.writing() as tx:
        now = Limits.of(sizes.limits(tx, row.id))
        limits = msgspec.structs.replace(_limits(row.name, told, ids), allowances=now.allowances)
        sizes.set_limits(tx, row.id, str(limits))


def _take_rules(
    world: World,
    row: journal.ConnectorRow,
    rules: Sequence[Rule],
    ids: Mapping[str, int],
    author: str,
) -> None:
    """The table becomes that of the file."""
    wanted = {
        (rule.entity, ids[rule.school] if rule.school else None, rule.part): rule.decides
        for rule in rules
        if rule.school is None or rule.school in ids
    }
    with world.database.reading() as tx:
        stands = {
            (entity, school or None, part or None): policy.Decides(decides)
            for entity, school, part, decides in policies.policies(tx, row.id)
        }
    lay = partial(ruling.set_policy, world, row.name)
    for place in stands.keys() - wanted.keys():
        lay(place[0], None, author, school=place[1], part=place[2])
    for place, decides in wanted.items():
        if stands.get(place) is not decides:
            lay(place[0], decides, author, school=place[1], part=place[2])


def _schools(one: ConnectorSettings) -> list[str]:
    """The keys of the schools that are spoken of."""
    rules = () if one.rules is UNSET else one.rules
    found = [rule.school for rule in rules if rule.school]

    def look(value: Any) -> None:
        if isinstance(value, dict):
            school = value.get("school")
            found.extend([school] if isinstance(school, str) else [])
            for each in value.values():
                look(each)
        elif isinstance(value, list | tuple):
            for each in value:
                look(each)

    look({} if one.limits is UNSET else one.limits)
    return found
