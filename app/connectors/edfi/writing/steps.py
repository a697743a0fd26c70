"""One document written: posted, put in place of what was read, or deleted.

A change of one record may take several of these, each carried out under the ETag that was read.
What fails on the way may be repeated without harm: a POST goes by the natural key, and whether a
lost one arrived is looked up before it is sent again; a PUT or a DELETE under an ETag comes too
late the second time (412).
"""

from dataclasses import dataclass, field
from urllib.parse import quote

import msgspec

from app.connectors.asking import sent
from app.connectors.contract import Asking, Response
from app.connectors.edfi.service import Service
from app.connectors.edfi.vocabulary import Document, Resource
from app.connectors.edfi.writing.held import Forbidden, Held, held
from app.errors import SyncError

TRIES = 3
"""How often a document is posted whose answer is lost, looking in between whether it is there."""


@dataclass(frozen=True)
class Step:
    """A document as it was read and as it is to be; ``None``: not there."""

    resource: Resource
    before: Held | None
    after: Document | None = field(repr=False)
    hidden: bool = False
    """It may be there where this key does not see it, so that 403 is not the end of the change."""

    @property
    def idle(self) -> bool:
        """Whether there is nothing to be done."""
        was = None if self.before is None else self.before.document
        return was == self.after


def parted(step: Step) -> list[Step]:
    """A step, or the two it takes where a natural key changes that the service keeps for good."""
    before, after, resource = step.before, step.after, step.resource
    if before is None or after is None or resource.cascades:
        return [step]
    if before.key == resource.key_in(after):
        return [step]
    return [Step(resource, None, after), Step(resource, before, None)]


def carried_out(service: Service, step: Step) -> Asking[Response | None]:
    """The answer to a step; ``None`` where it is not known whether it arrived.

    A POST whose answer was lost, and which is found to be there, is answered as if by 200. Raises
    what cannot have arrived, and what the settings are to blame for.
    """
    if step.before is None and step.after is not None:
        return (yield from _posted(service, step.resource, step.after))
    assert step.before is not None
    path, tag = f"{step.resource.path}/{quote(step.before.id, safe='')}", step.before.tag
    request = yield from service.request(
        path,
        method="DELETE" if step.after is None else "PUT",
        body=None if step.after is None else msgspec.json.encode(step.after),
        headers=(("If-Match", tag),) if tag else (),
        repeatable=bool(tag),
    )
    return (yield from sent(request, service.renewed))


def _posted(service: Service, resource: Resource, document: Document) -> Asking[Response | None]:
    body, key = msgspec.json.encode(document), resource.key_in(document)
    for attempt in range(TRIES):
        if attempt:
            try:
                there = yield from held(service, resource, resource.values(key))
            except (SyncError, Forbidden):
                return None
            if there:
                return Response(200, {}, b"", resource.path)
        request = yield from service.request(resource.path, method="POST", body=body)
        response = yield from sent(request, service.renewed)
        if response is not None:
            return response
    return None
