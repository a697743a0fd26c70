"""What becomes of lists of records while faults are on."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from .answers import Refusal
from .collection import Collection
from .faults import Faults
from .query import Query
from .wire import decode, encode

_DRIFTS = ("drifting-rows", "balanced-drift")
_HEAD = ("sourcedId", "status", "dateLastModified")
# As a system writes it that puts its JSON together by hand.
_NO_JSON = b',"nickname":"the "Bear""}'


class Spoiling:
    """Asked at each step of answering a list; without faults it leaves all as it is.

    Nothing is changed in the records themselves.
    """

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def query(self, name: str, query: Query, *, sorts: bool) -> Query:
        """The query as it is obeyed. `sorts` tells that an order was asked for, whichever."""
        take = self._faults.take
        if sorts and (status := take("sort-refused", name)):
            raise Refusal(int(status), "invalid_selection_field", "This service does not sort.")
        if query.filter is not None:
            if status := take("filter-refused", name):
                raise Refusal(int(status), "invalid_filter_field", "This service does not filter.")
            if take("filter-ignored", name):
                query = replace(query, filter=None, filter_text="")
        if most := take("clamped-limit", name):
            query = replace(query, limit=min(query.limit, int(most)))
        if query.offset and take("offset-ignored", name):
            query = replace(query, offset=0)
        return query

    def rows(self, collection: Collection, query: Query, rows: Sequence[bytes]) -> Sequence[bytes]:
        """The records that the list is said to consist of."""
        take, name = self._faults.take, collection.name
        for drift in _DRIFTS:
            if most := take(drift, name):
                if query.offset:
                    self._faults.step(drift, name)
                absent = {
                    collection.get(key) for key in self._drifted(drift, int(most), collection)
                }
                rows = [row for row in rows if row not in absent]
        if percent := take("withheld-rows", name):
            rows = rows[: int(len(rows) * (100 - percent) / 100)]
        if take("repeated-row", name):
            rows = [*rows[:1], *rows]
        if take("sort-ignored", name):
            rows = sorted(rows, key=lambda row: str(decode(row)["dateLastModified"]))
        if take("unstable-order", name):
            rows = list(rows)
            Random(query.offset).shuffle(rows)
        return rows

    def absent(self, collection: Collection) -> set[str]:
        """The sourcedIds that have left by a drift, or have not come yet."""
        absent: set[str] = set()
        for drift in _DRIFTS:
            if most := self._faults.value(drift, collection.name):
                absent.update(self._drifted(drift, int(most), collection))
        return absent

    def _drifted(self, drift: str, most: int, collection: Collection) -> list[str]:
        keys = list(collection)
        left = min(most, self._faults.steps(drift, collection.name))
        to_come = most - left if drift == "balanced-drift" else 0
        return keys[:left] + keys[len(keys) - to_come :]

    def page(self, name: str, query: Query, page: list[bytes]) -> list[bytes]:
        """The records of a page as they are written."""
        for fault, spoil in (
            ("odd-row", _odd),
            ("unreadable-row", _unreadable),
            ("keyless-row", _keyless),
        ):
            count = int(self._faults.take(fault, name) or 0)
            for place in range(min(count - query.offset, len(page))):
                page[place] = spoil(page[place])
        return page

    def body(self, name: str, body: bytes) -> bytes:
        """The list as it is sent."""
        return b"{}" if self._faults.take("no-list", name) else body

    def headers(self, name: str, total: int, links: str) -> dict[str, str]:
        """What is said about a list."""
        take, step = self._faults.take, self._faults.step
        if take("missing-headers", name):
            return {}
        total += int(take("wrong-total", name) or 0)
        if take("changing-total", name):
            total += step("changing-total", name)
        headers = {"X-Total-Count": str(total), "Link": links}
        if take("changing-revision", name):
            headers["X-List-Revision"] = str(step("changing-revision", name))
        return headers


def _odd(row: bytes) -> bytes:
    record = decode(row)
    return encode({name: said if name in _HEAD else [[]] for name, said in record.items()})


def _unreadable(row: bytes) -> bytes:
    return row.removesuffix(b"}") + _NO_JSON


def _keyless(row: bytes) -> bytes:
    record = decode(row)
    record.pop("sourcedId", None)
    return encode(record)
