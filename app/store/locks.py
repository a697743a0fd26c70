"""One run a connector and one export at a time, across processes (SEMANTICS H1).

An OS file lock a connector: the kernel frees it when its process ends, however it ends. The fencing
number in the database tells apart a process that slept through losing its lock.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from app.errors import BusyError, Cancelled, StoreError

_LOOK = 0.2
"""After so many seconds whoever waits looks whether they still should."""


class ConnectorLock:
    """Held from the start of a run to its end."""

    def __init__(self, folder: Path, connector_id: int) -> None:
        self._path = folder / f"connector-{connector_id}.lock"
        self._lock = FileLock(self._path, thread_local=False)

    def acquire(self) -> None:
        """Takes the lock at once, or raises ``BusyError``."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(blocking=False)
        except Timeout:
            raise BusyError("connector_busy") from None
        except OSError as error:
            raise _unwritable(error, self._path) from error

    def release(self) -> None:
        """Gives the lock back."""
        self._lock.release()


@contextmanager
def export_lock(folder: Path, stopped: Callable[[], bool]) -> Iterator[None]:
    """Held while an export is written; waits for another one until ``stopped`` says so.

    Two that write to one place at once would leave a set that is half of each. Raises ``Cancelled``
    and ``StoreError``.
    """
    path = folder / "export.lock"
    lock = FileLock(path, thread_local=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        while not lock.is_locked:
            if stopped():
                raise Cancelled("cancelled")
            with suppress(Timeout):
                lock.acquire(timeout=_LOOK)
    except OSError as error:
        raise _unwritable(error, path) from error
    try:
        yield
    finally:
        lock.release()


def _unwritable(error: OSError, path: Path) -> StoreError:
    return StoreError("folder_not_writable", f"{type(error).__name__}: {error}", path=str(path))
