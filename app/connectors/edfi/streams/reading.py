"""The resources of a stream are read one after the other."""

from collections.abc import Callable
from contextlib import closing

from app.connectors.asking import next_told
from app.connectors.contract import Ahead, Doubt, Page, Pull
from app.connectors.edfi.feed import Batch
from app.connectors.edfi.granted import READ
from app.connectors.edfi.paging import batches
from app.connectors.edfi.streams.position import READING, Work
from app.errors import AuthError, ContractError

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
                while (step := (yield from next_told(steps))) is not None:
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
