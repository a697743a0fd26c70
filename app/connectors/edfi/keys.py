"""The remote keys of records: which resource told them, and by which natural key (SEMANTICS A6).

The server's own ``id`` of a document is never in a key: another database of the same district makes
another one. Whoever refers to a record makes its key from the parts of its reference.
"""

from app.connectors.edfi.vocabulary import BETWEEN

ORGS = frozenset(
    {
        "stateEducationAgencies",
        "educationServiceCenters",
        "localEducationAgencies",
        "schools",
    }
)
"""Education organizations go by their id alone: a reference does not say of which sort they are."""

_AFTER = "/"


def record_key(resource: str, natural: str) -> str:
    """The remote key of a record: ``students/604821``, or of an organization ``255901001``.

    ``resource`` is the name in the newest standard, ``natural`` the text of ``Resource.key_in``.
    """
    return natural if resource in ORGS else resource + _AFTER + natural


def parsed(key: str) -> tuple[str, str]:
    """The resource and the natural key of a remote key; the resource of an organization is ``""``.

    Of a record that is made of a report grade it is ``grades`` and what stands behind it.
    """
    resource, found, natural = key.partition(_AFTER)
    if not found or BETWEEN in resource:
        return "", key
    return resource, natural
