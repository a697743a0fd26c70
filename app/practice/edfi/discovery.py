"""What the service says of itself: where everything is, in which order, and what a token may do."""

from typing import Any

from .access import Client
from .generations import Generation
from .older import Standard
from .shelf import decode
from .store import Ods
from .visibility import Visibility
from .vocabulary import ORGANIZATIONS, RESOURCES, targets

_ACTIONS = ("Create", "Read", "Update", "Delete", "ReadChanges")
_READS = ("Read", "ReadChanges")
_WRITES = ["Create", "Update"]
_TYPES = {
    "schools": "School",
    "localEducationAgencies": "LocalEducationAgency",
    "educationServiceCenters": "EducationServiceCenter",
    "stateEducationAgencies": "StateEducationAgency",
}


def root(base: str, data: str, generation: Generation) -> dict[str, Any]:
    """The discovery document, for the service at this address, with its data at that one."""
    urls = {
        "dependencies": f"{base}/metadata/data/v3/dependencies",
        "openApiMetadata": f"{base}/metadata/",
        "oauth": f"{base}/oauth/token",
        "dataManagementApi": data,
        "xsdMetadata": f"{base}/metadata/xsd",
    }
    if generation.told_urls:
        urls["changeQueries"] = f"{base}/changeQueries/v1/"
        urls["tokenInfo"] = f"{base}/oauth/token_info"
    return {
        "version": generation.version,
        "informationalVersion": generation.version,
        "suite": "3",
        "build": generation.build,
        "apiMode": "Sandbox",
        "dataModels": [
            {
                "name": "Ed-Fi",
                "version": generation.standard,
                "informationalVersion": f"The Ed-Fi Data Standard {generation.standard}",
            }
        ],
        "urls": urls,
    }


def dependencies(standard: Standard) -> list[dict[str, Any]]:
    """Each resource with the number of the step in which it can be loaded, as it is called here.

    The order in the list means nothing, as in the real one.
    """
    steps: dict[str, int] = {}
    for name, resource in RESOURCES.items():
        needed = {of for link in resource.links for of in targets(link.to) if of != name}
        steps[name] = max((steps.get(of, 0) for of in needed), default=0) + 1
    entries = [
        {
            "resource": _path(name, standard),
            "order": step,
            "operations": _WRITES,
        }
        for name, step in steps.items()
    ]
    # A student can be changed only once a school is known for it.
    after = steps["studentSchoolAssociations"] + 1
    for entry in entries:
        if entry["resource"] == "/ed-fi/students":
            entry["operations"] = ["Create"]
    entries.append({"resource": "/ed-fi/students", "order": after, "operations": ["Update"]})
    return sorted(entries, key=lambda entry: str(entry["resource"]))


def token_info(
    ods: Ods, client: Client | None, visibility: Visibility | None, standard: Standard
) -> dict[str, Any]:
    """What a token stands for; `active` false for one that is no good."""
    if client is None or visibility is None:
        return {"active": False}
    actions = _ACTIONS if client.writes else _READS
    return {
        "active": True,
        "client_id": client.key,
        "namespace_prefixes": ["uri://ed-fi.org"],
        "education_organizations": [
            entry for key in visibility.claims() for entry in _organization(ods, key)
        ],
        "student_identification_system": None,
        "assigned_profiles": [],
        "claim_set": {"name": client.claim_set},
        "resources": [
            {
                "resource": _path(name, standard),
                "operations": list(actions if standard.takes(one) else _READS),
            }
            for name, one in RESOURCES.items()
            if name not in client.lacks
        ],
        "services": [],
    }


def _path(name: str, standard: Standard) -> str:
    return f"/ed-fi/{standard.name(RESOURCES[name])}"


def _organization(ods: Ods, key: str) -> list[dict[str, Any]]:
    for name in ORGANIZATIONS:
        item = ods.find(name, key)
        if item is None:
            continue
        document = decode(item.body)
        entry: dict[str, Any] = {
            "education_organization_id": int(key),
            "name_of_institution": document.get("nameOfInstitution"),
            "type": f"edfi.{_TYPES[name]}",
        }
        above = document.get("localEducationAgencyReference")
        if isinstance(above, dict):
            entry["local_education_agency_id"] = above.get("localEducationAgencyId")
        return [entry]
    return []
