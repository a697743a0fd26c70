"""The resources of a stream are read one after the other."""

from collections.abc import Callable
from contextlib import closing

from app.connectors.contract import Ahead, Asking, Doubt, Page, Pull, Request, Response
from app.connectors.edfi.feed import Batch, Batches
from app.connectors.edfi.granted import READ
from app.connectors.edfi.paging import batches
from app.connectors.edfi.streams.position import READING, Work
from app.errors import AuthError, ContractError, SyncError

_REFUSED = frozenset({"edfi_forbidden", "edfi_no_resource"})


def read(work: Work, take: Callable[[Work, Batch], Page]) -> Pull:
    """Reads what is left of the resources; ``take`` makes a page of each batch, and goes on.

    What the key may not read is left out where it is told beforehand, or where it is only a part of
    what makes up records. Raises what ``batches`` raises.
    """
    at = work.at
    while at.phase == READING:
        if work.resource in at.refused:
            work.next_resource()
            continue
        resource = work.service.resources[work.resource]
        if work.service.granted.allows(resource.path, READ) is False:
            yield _left_out(work)
            continue
        before = at.resource, at.passes
        with closing(batches(work.service, resource, at.window, at.inner, size=work.size)) as steps:
            try:
                while (step := (yield from _next(steps))) is not None:
                    yield step if isinstance(step, Ahead) else take(work, step)
                    if (at.resource, at.passes) != before:
                        break
            except (AuthError, ContractError) as error:
                is_part = work.resource not in work.stream.anchors
                if error.code not in _REFUSED or not is_part or at.inner is not None:
                    raise
                yield _left_out(work)


def _left_out(work: Work) -> Page:
    """The page that says that a resource is not read."""
    name = work.resource
    work.at.refused = [*work.at.refused, name]
    work.next_resource()
    return work.page(notes=[Doubt("edfi_left_out", {"resource": name})])


def _next(steps: Batches) -> Asking[Batch | Ahead | None]:
    """What a reading tells next, once all it asks for until then is answered."""
    answer: Response | None = None
    error: SyncError | None = None
    while True:
        try:
            step = steps.throw(error) if error else steps.send(answer)
        except StopIteration:
            return None
        if not isinstance(step, Request):
            return step
        answer = error = None
        try:
            answer = yield step
        except SyncError as failure:
            error = failure
