"""*Test connection*: what works, what does not, and what will cost time, in plain findings.

One small request a resource and half a dozen more; nothing is written. What is found out is what
the next reading begins with (``learnt``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from app.connectors.contract import N_, Asking, Check, Finding
from app.connectors.edfi.granted import CHANGES, CREATE, READ, UPDATE
from app.connectors.edfi.service import Service
from app.connectors.edfi.telling.people import FAMILY
from app.connectors.edfi.telling.students import FACTS, PLACES
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


class Sort(NamedTuple):
    """A sort of records, as people call it, and the documents that tell it."""

    word: str
    entity: str
    resources: tuple[str, ...]
    """The main one first."""
    written: bool = True
    """Whether this program ever writes it."""

    @property
    def main(self) -> str:
        """The resource without which there is none."""
        return self.resources[0]


SORTS = (
    Sort(N_("students"), "users", ("students", PLACES, FACTS)),
    Sort(N_("guardians"), "users", ("contacts", FAMILY)),
    Sort(N_("demographics"), "demographics", ("students", FACTS)),
    Sort(
        N_("enrollments"),
        "enrollments",
        ("studentSectionAssociations", "staffSectionAssociations"),
    ),
    Sort(N_("line items"), "line_items", ("gradebookEntries",)),
    Sort(N_("results"), "results", ("studentGradebookEntries",)),
    Sort(N_("report grades"), "results", ("grades",)),
    Sort(N_("assessment results"), "assessment_results", ("studentAssessments",)),
    Sort(N_("organizations"), "orgs", ("schools",), written=False),
    Sort(N_("academic sessions"), "academic_sessions", ("sessions",), written=False),
    Sort(N_("courses"), "courses", ("courses",), written=False),
    Sort(N_("classes"), "classes", ("sections",), written=False),
    Sort(N_("staff"), "users", ("staffs",), written=False),
    Sort(N_("assessments"), "assessment_line_items", ("assessments",), written=False),
)
NOTHING = N_("nothing")


def check(service: Service, unmapped: Mapping[str, int], asked: Asked, written: Written) -> Check:
    """Tries the service; bad settings are findings, never exceptions."""
    findings: list[Finding] = []
    try:
        yield from service.find()
        findings += _version(service)
        yield from service.enter()
        findings.append(Finding.good("edfi_key_accepted"))
        findings += _reach(service)
        sizes: dict[str, int | None] = {}
        for entity, told in asked.items():
            findings += yield from _entity(service, entity, told, sizes)
        findings += _writing(service, written)
        findings += _making(service, written)
        findings += yield from _changes(service, asked, sizes)
        findings += yield from _cursors(service, sizes)
    except Cancelled:
        raise
    except SyncError as error:
        findings.append(Finding.failed(error))
    if unmapped:
        findings.append(Finding.note("edfi_unmapped", **unmapped_told(unmapped)))
    return findings


# -- what it is, and whom it lets in ----------------------------------------------------------


def _version(service: Service) -> list[Finding]:
    places = service.places
    told: dict[str, Parameter] = {"path": service.places.data}
    if places.version and places.standard_told:
        told |= {"version": places.version, "standard": places.standard_told}
        found = [Finding.good("edfi_found", **told)]
    else:
        found = [Finding.note("edfi_found_bare", standard=service.standard, **told)]
    if places.elsewhere:
        found.append(Finding.note("edfi_named_otherwise", host=places.elsewhere))
    return found


def _reach(service: Service) -> list[Finding]:
    """Whose data the key sees, as the service tells it."""
    granted = service.granted
    if not granted.told:
        return [Finding.note("edfi_reach_untold")]
    if not granted.organizations:
        found = [Finding.note("edfi_no_organizations")]
    else:
        names = [f"{one.name} ({one.id})".lstrip() for one in granted.organizations]
        told: dict[str, Parameter] = {"organizations": _listed(names), "count": len(names)}
        found = [Finding.good("edfi_organizations", **told, below=len(granted.below))]
    if granted.claim_set:
        found.append(Finding.good("edfi_claim_set", claim_set=granted.claim_set))
    if granted.profiles:
        found.append(Finding.note("edfi_profiles", profiles=_listed(granted.profiles)))
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
                return [Finding.failed(error)]
            closed.append(resource.name)
        else:
            counts += [sizes[name]] if name in told.anchors else []
    if not counts:
        return [Finding.bad("edfi_not_readable", resources=_listed(closed), **about)]
    findings = []
    if None in counts:
        findings.append(Finding.note("edfi_uncounted", **about))
    elif total := sum(count for count in counts if count is not None):
        findings.append(Finding.good("edfi_readable", count=total, **about))
    else:
        findings.append(Finding.note("edfi_empty", **about))
    if closed:
        findings.append(Finding.note("edfi_part_not_readable", resources=_listed(closed), **about))
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


def _writing(service: Service, written: Written) -> list[Finding]:
    """What may be written: what the service says of it, as nothing is tried out."""
    sent = _words(one for one in SORTS if one.main in written.get(one.entity, ()))
    if service.granted.operations is None:
        return [Finding.note("edfi_writes_untold", sent=sent)] if written else []
    may = [one for one in SORTS if one.written and not _closed(service, one.resources)]
    only = [one for one in SORTS if one not in may and _may(service, one.main, READ)]
    findings = [Finding.good("edfi_may_write", may=_words(may), only=_words(only), sent=sent)]
    for entity, names in written.items():
        if closed := _closed(service, names):
            findings.append(
                Finding.bad("edfi_not_writable", entity=entity, resources=_listed(closed))
            )
    return findings


def _making(service: Service, written: Written) -> list[Finding]:
    """What keeps people from being made who can be written: a key that sees a part of a district
    (``writing.reach``)."""
    organizations = service.granted.organizations
    schools_alone = organizations and all(one.sort == "School" for one in organizations)
    return [Finding.note("edfi_schools_alone")] if schools_alone and "users" in written else []


def _closed(service: Service, names: Iterable[str]) -> list[str]:
    """Those of the resources that may not be written."""
    wants = (CREATE, UPDATE)
    return [
        service.resources[name].name
        for name in names
        if not all(_may(service, name, operation) for operation in wants)
    ]


def _may(service: Service, name: str, operation: str) -> bool:
    return bool(service.granted.allows(service.resources[name].path, operation))


def _words(sorts: Iterable[Sort]) -> str:
    """What people call these, with a comma between them; whoever shows it translates each."""
    return ", ".join(one.word for one in sorts) or NOTHING


# -- how it is read ---------------------------------------------------------------------------


def _changes(
    service: Service, asked: Asked, sizes: Mapping[str, int | None]
) -> Asking[list[Finding]]:
    """Whether changes alone can be read, deletions among them, and from a snapshot."""
    if service.settings.change_queries == "off":
        return [Finding.note("edfi_change_queries_off")]
    versions = yield from service.change_versions()
    if versions is None:
        return [Finding.note("edfi_no_change_queries")]
    findings = [Finding.good("edfi_change_queries", newest=versions[1])]
    closed = []
    for name in dict.fromkeys(name for told in asked.values() for name in told.anchors):
        resource = service.resources[name]
        if name in sizes and not (yield from _tells_deletes(service, resource)):
            closed.append(resource.name)
    if closed:
        findings.append(Finding.note("edfi_no_deletes", resources=_listed(closed)))
    if service.settings.snapshots == "on":
        findings.append(
            Finding.good("edfi_snapshot")
            if service.snapshot
            else Finding.note("edfi_snapshot_missing")
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
    return [
        Finding.good("edfi_cursors") if service.learnt.cursors else Finding.note("edfi_no_cursors")
    ]


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
