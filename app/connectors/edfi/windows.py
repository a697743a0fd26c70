"""Which changes are read: from where the last read ended to what is newest now.

The newest change version is read before anything is pulled (SEMANTICS C3): what changes while it is
pulled has a newer one, and is read the next time.
"""

from app.connectors.contract import Asking, Doubt
from app.connectors.edfi.feed import Window
from app.connectors.edfi.service import Service


def window_for(service: Service, last: int | None, written: int = 0) -> Asking[Window]:
    """The window after the change version ``last``; ``None`` where nothing was read yet.

    Everything there is is read where the service no longer knows what has changed since, and where
    it is older than what was read from it; why is told by the next batch (``Service.news``). No
    snapshot is read that is older than what was read or ``written``: it would tell again what was
    there before.
    Raises what ``Service.change_versions`` raises.
    """
    versions = yield from service.change_versions(max(last or 0, written))
    if versions is None:
        return Window(None, None)
    oldest, newest = versions
    if last is None:
        return Window(None, newest)
    if newest < last:
        # Restored from a copy, or made anew: the numbers no longer mean what they meant.
        service.news.append(Doubt("edfi_versions_went_back", {"newest": newest, "last": last}))
        return Window(None, newest)
    if oldest > last + 1:
        service.news.append(Doubt("edfi_history_too_short", {"oldest": oldest, "last": last}))
        return Window(None, newest)
    return Window(last, newest)
