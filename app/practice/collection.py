"""Records held as the bytes that are sent, with the orders that make questions cheap."""

from array import array
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator


class Index:
    """The sourcedIds of a collection by something the records say (a class, a role, a school).

    It is kept up to date by the collection it belongs to.
    """

    def __init__(self, said: Callable[[bytes], Iterable[str]]) -> None:
        self._said = said
        self._keys: dict[str, set[str]] = {}
        self._sorted: dict[str, tuple[str, ...]] = {}

    def keys(self, said: str) -> tuple[str, ...]:
        """The sourcedIds of the records that say this, sorted."""
        found = self._sorted.get(said)
        if found is None:
            found = tuple(sorted(self._keys.get(said, ())))
            if found:
                self._sorted[said] = found
        return found

    def has(self, said: str, key: str) -> bool:
        """Whether the record of this sourcedId says this."""
        return key in self._keys.get(said, ())

    def values(self) -> list[str]:
        """Everything that at least one record says, sorted."""
        return sorted(value for value, keys in self._keys.items() if keys)

    def add(self, key: str, row: bytes) -> None:
        """Note what this record says."""
        for value in self._said(row):
            self._keys.setdefault(value, set()).add(key)
            self._sorted.pop(value, None)

    def discard(self, key: str, row: bytes) -> None:
        """Forget what this record, as it was, said."""
        for value in self._said(row):
            self._keys[value].discard(key)
            self._sorted.pop(value, None)


class Collection:
    """The records of one type, in the order of their sourcedIds.

    A record is its encoded JSON; nothing is decoded to serve a page. Tombstones are records too.
    `version` grows with every change, so that whoever remembers an answer knows when it is stale.
    """

    def __init__(self, name: str, records: Iterable[tuple[str, int, bytes]] = ()) -> None:
        self.name = name
        ordered = sorted(records)
        self._keys = [key for key, _, _ in ordered]
        self._moments = array("q", (moment for _, moment, _ in ordered))
        self.rows = [row for _, _, row in ordered]
        self.tombstones: set[str] = set()
        self.version = 0
        self._latest = max(self._moments, default=0)
        self._by_moment: list[tuple[int, str]] | None = None
        self._indexes: dict[str, Index] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __contains__(self, key: str) -> bool:
        return self.get(key) is not None

    def get(self, key: str) -> bytes | None:
        """The record of this sourcedId, or None."""
        position = bisect_left(self._keys, key)
        if position < len(self._keys) and self._keys[position] == key:
            return self.rows[position]
        return None

    def latest(self) -> int:
        """The newest dateLastModified that was ever here, in milliseconds; 0 without records."""
        return self._latest

    def put(self, key: str, moment: int, row: bytes, *, tombstone: bool = False) -> None:
        """Hold this record under its key, new or in the place of the one before."""
        position = bisect_left(self._keys, key)
        if position < len(self._keys) and self._keys[position] == key:
            self._forget(key, position)
            self.rows[position] = row
            self._moments[position] = moment
        else:
            self._keys.insert(position, key)
            self.rows.insert(position, row)
            self._moments.insert(position, moment)
        if self._by_moment is not None:
            insort(self._by_moment, (moment, key))
        for index in self._indexes.values():
            index.add(key, row)
        if tombstone:
            self.tombstones.add(key)
        else:
            self.tombstones.discard(key)
        self._latest = max(self._latest, moment)
        self.version += 1

    def drop(self, key: str) -> None:
        """Hold this record no more. Raises KeyError when it was not here."""
        position = bisect_left(self._keys, key)
        if position == len(self._keys) or self._keys[position] != key:
            raise KeyError(key)
        self._forget(key, position)
        del self._keys[position]
        del self.rows[position]
        del self._moments[position]
        self.tombstones.discard(key)
        self.version += 1

    def _forget(self, key: str, position: int) -> None:
        if self._by_moment is not None:
            del self._by_moment[bisect_left(self._by_moment, (self._moments[position], key))]
        for index in self._indexes.values():
            index.discard(key, self.rows[position])

    def modified(self, low: int | None, high: int | None) -> list[str]:
        """The sourcedIds with low <= dateLastModified <= high, oldest first; None is no bound."""
        if self._by_moment is None:
            # Sorted at the first question, because most services are never asked it.
            self._by_moment = sorted(zip(self._moments, self._keys, strict=True))
        start = 0 if low is None else bisect_left(self._by_moment, (low, ""))
        end = len(self._by_moment) if high is None else bisect_left(self._by_moment, (high + 1, ""))
        return [key for _, key in self._by_moment[start:end]]

    def index(self, name: str, said: Callable[[bytes], Iterable[str]]) -> Index:
        """The index of this name; built at its first use and kept up to date from then on."""
        found = self._indexes.get(name)
        if found is None:
            found = self._indexes[name] = Index(said)
            for key, row in zip(self._keys, self.rows, strict=True):
                found.add(key, row)
        return found
