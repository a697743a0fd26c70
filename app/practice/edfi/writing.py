"""What is written: POST by natural key, PUT of the whole document, DELETE."""

from collections.abc import Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from .checking import cleaned, faults
from .problems import Problem, invalid, malformed
from .session import Session
from .shelf import Item
from .store import Depended, KeyFixed, KeyTaken, Unresolved
from .vocabulary import BETWEEN, Document, Resource

_LONGEST_BODY = 4 * 1024 * 1024
_PEOPLE = frozenset({"students", "staffs", "contacts"})
"""Who may be created before anything relates them to an organization, and go after it went."""

_NO_ID = (
    "Resource identifiers cannot be assigned by the client. The 'id' property should not be "
    "included in the request body."
)
_CONFLICT = (
    "A primary key conflict occurred when attempting to create or update a record in the '{}' "
    "table. The duplicate key is ({}) = ({})."
)


async def create(
    session: Session, resource: Resource, request: Request, at: int, where: str
) -> Response:
    """`POST /ed-fi/{resource}`: 201 for a new document, 200 for one whose natural key is known."""
    document = await _sent(request)
    if "id" in document:
        raise Problem(
            400,
            "bad-request:data-validation-failed",
            "The request data was constructed incorrectly.",
            [_NO_ID],
        )
    document = _checked(session, resource, document)
    held = session.standard.twin(session.ods, resource, document)
    if held is not None or resource.name not in _PEOPLE:
        session.require(resource, document)
    _match(request.headers, held)
    kept = _resolved(session, resource, document, at, held)
    headers = {"Location": f"{where}/{kept.id}", "ETag": f'"{kept.etag}"'}
    return Response(None, 200 if held is not None else 201, headers)


async def replace(
    session: Session, resource: Resource, id_: str, request: Request, at: int
) -> Response:
    """`PUT /ed-fi/{resource}/{id}`: 204; what is not in the document is not kept."""
    held = session.permitted(resource, id_)
    document = _checked(session, resource, await _sent(request))
    # What was read before the body came may have changed meanwhile.
    held = session.permitted(resource, id_)
    _match(request.headers, held)
    session.require(resource, document)
    try:
        rekeys = session.standard.rekeys(resource, held, document)
        kept = session.ods.replace(resource.name, id_, document, at, rekeys=rekeys).item
    except Unresolved as trouble:
        raise _unresolved(trouble) from None
    except KeyFixed:
        raise Problem(
            400,
            "bad-request:data-validation-failed:key-change-not-supported",
            f"Identifying values for the {resource.title} item cannot be changed. "
            "Delete and recreate the item instead.",
        ) from None
    except KeyTaken:
        raise _taken(resource, document) from None
    return Response(None, 204, {"ETag": f'"{kept.etag}"'})


def delete(session: Session, resource: Resource, id_: str, request: Request, at: int) -> Response:
    """`DELETE /ed-fi/{resource}/{id}`: 204; 409 where something refers to it."""
    if resource.name in _PEOPLE:
        held = session.known(resource, id_)
    else:
        held = session.permitted(resource, id_)
    _match(request.headers, held)
    try:
        session.ods.delete(resource.name, id_, at)
    except Depended as trouble:
        raise Problem(
            409,
            "data-conflict:dependent-item-exists",
            "The requested action cannot be performed because this item is referenced by an "
            f"existing '{trouble.title}' item.",
        ) from None
    return Response(None, 204)


async def _sent(request: Request) -> Document:
    """The document of a request."""
    if "json" not in request.headers.get("content-type", ""):
        raise Problem(
            415,
            "unsupported-media-type",
            "The request construction was invalid.",
            ["The value specified in the 'Content-Type' header is not supported by this host."],
        )
    body = await request.body()
    if not body.strip():
        raise malformed("A non-empty request body is required.")
    if len(body) > _LONGEST_BODY:
        raise malformed(f"The request body is longer than {_LONGEST_BODY} bytes.")
    try:
        return msgspec.json.decode(body, type=Document)
    except msgspec.MsgspecError as trouble:
        raise invalid({"$": [str(trouble)]}) from None


def _checked(session: Session, resource: Resource, document: Document) -> Document:
    kept = cleaned(session.standard.inward(session.ods, resource, document), resource)
    if found := faults(kept, resource, session.knows):
        raise invalid(found)
    return kept


def _resolved(
    session: Session, resource: Resource, document: Document, at: int, held: Item | None
) -> Item:
    try:
        if held is not None and held.key != resource.key_in(document):
            return session.ods.replace(resource.name, held.id, document, at, rekeys=True).item
        return session.ods.put(resource.name, document, at).item
    except Unresolved as trouble:
        raise _unresolved(trouble) from None


def _match(headers: Mapping[str, str], held: Item | None) -> None:
    wanted = headers.get("if-match")
    if wanted is None or wanted.strip() == "*":
        return
    if held is None or wanted.strip().removeprefix("W/").strip('"') != held.etag:
        raise Problem(412, "optimistic-lock-failed", "The item has been modified by another user.")


def _unresolved(trouble: Unresolved) -> Problem:
    detail = f"The referenced '{trouble.title}' item does not exist."
    return Problem(409, "data-conflict:unresolved-reference", detail)


def _taken(resource: Resource, document: Document) -> Problem:
    names = ", ".join(part.name for part in resource.key)
    values = resource.key_in(document).replace(BETWEEN, ", ")
    return Problem(
        409,
        "data-conflict:non-unique-identity",
        "The identifying value(s) of the item are the same as another item that already exists.",
        [_CONFLICT.format(resource.title, names, values)],
    )
