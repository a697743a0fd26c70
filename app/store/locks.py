"""One run a connector at a time, across processes (SEMANTICS H1).

An OS file lock a connector: the kernel frees it when its process ends, however it ends. The fencing
number in the database tells apart a process that slept through losing its lock.
"""

from pathlib import Path

from filelock import FileLock, Timeout

from app.errors import BusyError, StoreError


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
            raise StoreError(
                "folder_not_writable", f"{type(error).__name__}: {error}", path=str(self._path)
            ) from error

    def release(self) -> None:
        """Gives the lock back."""
        self._lock.release()
