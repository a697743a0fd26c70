"""What became of the documents of an ODS since a moment, as one tells it after a school day."""

from typing import Any

from .shelf import Item, Shelf, decode
from .store import Ods

Account = dict[str, dict[str, list[Any]]]
"""By resource what was `created`, `updated`, `deleted` and `rekeyed`, in key values."""


class Before:
    """How an ODS was, to tell what became of it."""

    def __init__(self, ods: Ods) -> None:
        self._ods = ods
        self._version = ods.version
        self._next = {name: shelf.next for name, shelf in ods.shelves.items()}

    def account(self) -> Account:
        """What was done since, of each resource of which something was."""
        shelves = self._ods.shelves.items()
        told = {name: self._told(shelf, self._next[name]) for name, shelf in shelves}
        return {name: each for name, each in sorted(told.items()) if any(each.values())}

    def _told(self, shelf: Shelf, next_: int) -> dict[str, list[Any]]:
        rekeyed = [change for change in shelf.key_changes if change.version > self._version]
        moved = {change.id for change in rekeyed}
        touched = [item for item in shelf.items.values() if item.version > self._version]

        def keys(items: list[Item]) -> list[Any]:
            return [shelf.resource.key_values(decode(item.body)) for item in items]

        return {
            "created": keys([item for item in touched if item.number >= next_]),
            "updated": keys(
                [item for item in touched if item.number < next_ and item.id not in moved]
            ),
            "deleted": [change.old for change in shelf.deletes if change.version > self._version],
            "rekeyed": [{"old": change.old, "new": change.new} for change in rekeyed],
        }
