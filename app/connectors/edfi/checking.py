"""*Test connection*: what works, what does not, and what will cost time, in plain findings.

One small request a resource and half a dozen more; nothing is written. What is found out is what
the next reading begins with (``learnt``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from app.connectors.contract import Asking, Check, Finding, Grade
from app.connectors.edfi.granted import CHANGES, CREATE, READ, UPDATE
from app.connectors.edfi.service import Service
from app.connectors.edfi.vocabulary import Resource
from app.errors import AuthError, Cancelled, ContractError, Parameter, SyncError, TransientError

_SHOWN = 8
"""So many names are told of a list; how many more there are is told beside them."""


@dataclass(frozen=True)
class Told:
    """By which resources an entity is told, each by its name in the newest standard."""

    anchors: tuple[str, ...]
    parts: tuple[str, ...] = ()


Asked: TypeAlias = Mapping[str, Told]
"""What is read, by entity."""

Written: TypeAlias = Mapping[str, tuple[str, ...]]
"""The resources that are written, by entity."""


def check(service: Service, unmapped: Mapping[str, int], asked: Asked, written: Written) -> Check:
    """Tries the service; bad settings are findings, never exceptions."""
    findings: list[Finding] = []
    try:
        yield from service.find()
        findings += _version(service)
        yield from service.enter()
        findings.append(_good("edfi_key_accepted"))
        findings += _reach(service)
        sizes: dict[str, int | None] = {}
        for entity, told in asked.items():
            findings += yield from _entity(service, entity, told, sizes)
        for entity, names in written.items():
            findings += _writing(service, entity, names)
        findings += yield from _changes(service, asked, sizes)
        findings += yield from _cursors(service, sizes)
    except Cancelled:
        raise
    except SyncError as error:
        findings.append(_bad(error))
    if unmapped:
        findings.append(_note("edfi_unmapped", **unmapped_told(unmapped)))
    return findings


# -- what it is, and whom it lets in ----------------------------------------------------------


def _version(service: Service) -> list[Finding]:
    places = service.places
    told: dict[str, Parameter] = {"path": service.places.data}
    if places.version and places.standard_told:
        told |= {"version": places.version, "standard": places.standard_told}
        found = [_good("edfi_found", **told)]
    else:
        found = [_note("edfi_found_bare", standard=service.standard, **told)]
    if places.elsewhere:
        found.append(_note("edfi_named_otherwise", host=places.elsewhere))
    return found


def _reach(service: Service) -> list[Finding]:
    """Whose data the key sees, as the service tells it."""
    granted = service.granted
    if not granted.told:
        return [_note("edfi_reach_untold")]
    if not granted.organizations:
        found = [_note("edfi_no_organizations")]
    else:
        names = [f"{one.name} ({one.id})".lstrip() for one in granted.organizations]
        told: dict[str, Parameter] = {"organizations": _listed(names), "count": len(names)}
        found = [_good("edfi_organizations", **told, below=granted.below)]
    if granted.claim_set:
        found.append(_good("edfi_claim_set", claim_set=granted.claim_set))
    if granted.profiles:
        found.append(_note("edfi_profiles", profiles=_listed(granted.profiles)))
    return found


# -- what may be read and written -------------------------------------------------------------


def _entity(
    service: Service, entity: str, told: Told, sizes: dict[str, int | None]
) -> Asking[list[Finding]]:
    """Whether an entity can be read, and how much there is of it."""
    closed, counts = [], []
    about: dict[str, Parameter] = {"entity": entity}
    for name in (*told.anchors, *told.parts):
        resource = service.resources[name]
        try:
            sizes[name] = yield from _size(service, resource)
        except (AuthError, ContractError, TransientError) as error:
            if error.parameters.get("status") is None and isinstance(error, TransientError):
                raise  # the network, which will not do better with the next one
            if error.code == "token_refused":
                raise
            if error.code not in ("edfi_forbidden", "edfi_no_resource"):
                return [_bad(error)]
            closed.append(resource.name)
        else:
            counts += [sizes[name]] if name in told.anchors else []
    if not counts:
        return [Finding("edfi_not_readable", Grade.BAD, {"resources": _listed(closed), **about})]
    findings = []
    if None in counts:
        findings.append(_note("edfi_uncounted", **about))
    elif total := sum(count for count in counts if count is not None):
        findings.append(_good("edfi_readable", count=total, **about))
    else:
        findings.append(_note("edfi_empty", **about))
    if closed:
        findings.append(_note("edfi_part_not_readable", resources=_listed(closed), **about))
    return findings


def _size(service: Service, resource: Resource) -> Asking[int | None]:
    """How many documents a resource has for this key; ``None`` where that is not told.

    Raises ``AuthError`` or ``ContractError`` where it may not be read, or is not there.
    """
    if service.granted.allows(resource.path, READ) is False:
        raise AuthError("edfi_forbidden", resource=resource.name, path=resource.path)
    query = {"limit": 0, "totalCount": True}
    response = yield from service.ask(resource.path, query)
    if response.status == 400:
        # Some do not take so small a page.
        response = yield from service.ask(resource.path, {**query, "limit": 1})
    if response.status != 200 or response.body.lstrip()[:1] != b"[":
        raise service.refusal(response, resource)
    said = response.headers.get("total-count", "").strip()
    return int(said[:18]) if said.isdecimal() else None


def _writing(service: Service, entity: str, names: Iterable[str]) -> list[Finding]:
    """What may be written of an entity: what the service says of it, as nothing is tried out."""
    granted = service.granted
    paths = {service.resources[name].name: service.resources[name].path for name in names}
    closed = [
        name
        for name, path in paths.items()
        if not (granted.allows(path, CREATE) and granted.allows(path, UPDATE))
    ]
    if granted.operations is None:
        return [_note("edfi_writes_untold", entity=entity, resources=_listed(paths))]
    if closed:
        told = {"entity": entity, "resources": _listed(closed)}
        return [Finding("edfi_not_writable", Grade.BAD, told)]
    return [_good("edfi_writable", entity=entity, resources=_listed(paths))]


# -- how it is read ---------------------------------------------------------------------------


def _changes(
    service: Service, asked: Asked, sizes: Mapping[str, int | None]
) -> Asking[list[Finding]]:
    """Whether changes alone can be read, deletions among them, and from a snapshot."""
    if service.settings.change_queries == "off":
        return [_note("edfi_change_queries_off")]
    versions = yield from service.change_versions()
    if versions is None:
        return [_note("edfi_no_change_queries")]
    findings = [_good("edfi_change_queries", newest=versions[1])]
    closed = []
    for name in dict.fromkeys(name for told in asked.values() for name in told.anchors):
        resource = service.resources[name]
        if name in sizes and not (yield from _tells_deletes(service, resource)):
            closed.append(resource.name)
    if closed:
        findings.append(_note("edfi_no_deletes", resources=_listed(closed)))
    if service.settings.snapshots == "on":
        findings.append(
            _good("edfi_snapshot") if service.snapshot else _note("edfi_snapshot_missing")
        )
    return findings


def _tells_deletes(service: Service, resource: Resource) -> Asking[bool]:
    """Whether the service tells this key what was deleted."""
    allowed = service.granted.allows(resource.path, CHANGES)
    if allowed is not None:
        return allowed
    response = yield from service.ask(f"{resource.path}/deletes", {"limit": 1})
    return response.status == 200


def _cursors(service: Service, sizes: Mapping[str, int | None]) -> Asking[list[Finding]]:
    """Whether a list can be read by cursor, tried on one that has more than one page."""
    if service.settings.paging == "offset":
        return []
    fullest = max(sizes, key=lambda name: sizes[name] or 0, default=None)
    if fullest is None or (sizes[fullest] or 0) < 2:
        return []
    response = yield from service.ask(service.resources[fullest].path, {"pageSize": 1})
    service.learnt.cursors = response.status == 200 and "next-page-token" in response.headers
    return [_good("edfi_cursors") if service.learnt.cursors else _note("edfi_no_cursors")]


# -- words ------------------------------------------------------------------------------------


def unmapped_told(unmapped: Mapping[str, int]) -> dict[str, Parameter]:
    """The parameters of ``edfi_unmapped``: the words, the most frequent ones first."""
    most = sorted(unmapped, key=lambda word: (-unmapped[word], word))
    words = _listed([f"{word} ({unmapped[word]:,})" for word in most])
    return {"words": words, "count": len(unmapped)}


def _listed(names: Iterable[str]) -> str:
    told = list(names)
    more = len(told) - _SHOWN
    return ", ".join(told[:_SHOWN]) + (f" … (+{more})" if more > 0 else "")


def _good(code: str, **parameters: Parameter) -> Finding:
    return Finding(code, Grade.GOOD, parameters)


def _note(code: str, **parameters: Parameter) -> Finding:
    return Finding(code, Grade.NOTE, parameters)


def _bad(error: SyncError) -> Finding:
    return Finding(error.code, Grade.BAD, error.parameters)
