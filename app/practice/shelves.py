"""Records as they are made, by collection, each last changed at some moment of late."""

from collections.abc import Iterable
from datetime import date, timedelta

from .collection import Collection
from .dice import Dice
from .wire import Record, encode, midnight, moment_text


class Shelves:
    """What is kept of each collection. `days` is how long ago a record may have changed at most."""

    def __init__(self, names: Iterable[str], dice: Dice, today: date, days: int) -> None:
        self._dice = dice
        self._end = midnight(today - timedelta(days=1))
        self._span = days * 86_400_000
        self._rows: dict[str, list[tuple[str, int, bytes]]] = {name: [] for name in names}

    def keep(self, collection: str, document: Record) -> str:
        """Keeps a record of this content under a sourcedId of its own, which is returned."""
        moment = self._end - 1 - self._dice.below(self._span)
        key = self._dice.guid()
        record: Record = {
            "sourcedId": key,
            "status": "active",
            "dateLastModified": moment_text(moment),
        }
        record.update(document)
        self._rows[collection].append((key, moment, encode(record)))
        return key

    def collections(self) -> dict[str, Collection]:
        """All that was kept."""
        return {name: Collection(name, rows) for name, rows in self._rows.items()}
