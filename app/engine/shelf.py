"""The shelf a connector stages parts of records on; durable with the page that follows."""

from collections.abc import Iterable

from app.store import shelf
from app.store.database import Database, Tx


class StoredShelf:
    """One stream's shelf: what is put is kept in memory until the page's transaction."""

    def __init__(self, database: Database, stream: int) -> None:
        self._database = database
        self._stream = stream
        self._put: dict[tuple[str, str], bytes | None] = {}

    def put(self, part: str, key: str, body: bytes) -> None:
        """Keep ``body`` under ``part`` and ``key``."""
        self._put[part, key] = body

    def take(self, part: str, keys: Iterable[str]) -> dict[str, bytes]:
        """What is kept under those keys."""
        wanted = list(keys)
        with self._database.reading() as tx:
            found = shelf.shelved(
                tx, self._stream, part, (key for key in wanted if (part, key) not in self._put)
            )
        for key in wanted:
            body = self._put.get((part, key))
            if body is not None:
                found[key] = body
        return found

    def drop(self, part: str, keys: Iterable[str]) -> None:
        """Forget what is kept under those keys."""
        self._put.update(((part, key), None) for key in keys)

    def after(self, part: str, key: str, count: int) -> list[tuple[str, bytes]]:
        """The next of ``part`` after ``key``, at most ``count``, by key."""
        put = {at: body for (of, at), body in self._put.items() if of == part and at > key}
        with self._database.reading() as tx:
            # Those dropped since the last page are there yet, and make room for others.
            kept = shelf.following(tx, self._stream, part, key, count + len(put))
        found = {**dict(kept), **put}
        return [(at, body) for at in sorted(found) if (body := found[at]) is not None][:count]

    def clear(self, tx: Tx) -> None:
        """Forgets everything."""
        self._put.clear()
        shelf.empty(tx, self._stream)

    def flush(self, tx: Tx) -> None:
        """Writes what was put and dropped since the last page."""
        shelf.unshelve(tx, self._stream, [at for at, body in self._put.items() if body is None])
        shelf.shelve(
            tx,
            self._stream,
            [(part, key, body) for (part, key), body in self._put.items() if body is not None],
        )
        self._put.clear()
