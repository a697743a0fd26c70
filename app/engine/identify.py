"""Identify: remote keys become record ids (SEMANTICS A3).

The first mention of a key allots a record id and a link, even before its row arrives, so the order
of streams does not matter and a reference may dangle. Keys are looked up set by set, a page and
entity at a time, behind a bounded cache.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, TypeAlias

from app.roster.schema import EntityType, FieldType
from app.roster.stored import list_text
from app.roster.values import UNSAID, Elements, Plain
from app.store import linkage, records
from app.store.database import Tx
from app.store.journal import StreamRow

Column: TypeAlias = Sequence[Plain]
"""The values of one field, a value a row."""

CACHE_LIMIT = 65_536
"""Keys remembered an entity; about 10 MB when full."""


class Resolver:
    """Turns the references of one connector's rows into record ids."""

    def __init__(self, streams: Mapping[str, StreamRow], aliased: dict[str, bool]) -> None:
        self._streams = streams
        self._aliased = aliased
        self._known: dict[str, dict[Any, Any]] = {}

    def know(self, entity: str, pairs: Iterable[tuple[str, int]]) -> None:
        """Remembers (key, record id) of ``entity``, found or made elsewhere."""
        self._cache(entity).update(pairs)

    def knows_aliases(self, entity: str) -> None:
        """Keys of ``entity`` have become further keys of others: all are looked up again."""
        self._aliased[entity] = True
        self.forget()

    def forget(self) -> None:
        """Forgets all: a transaction was rolled back, and with it what it allotted."""
        self._known.clear()

    def trim(self) -> None:
        """Keeps the caches within bounds, dropping what was learnt first."""
        for cache in self._known.values():
            if len(cache) > CACHE_LIMIT:
                for key in list(islice(cache, len(cache) - CACHE_LIMIT // 2)):
                    del cache[key]

    def stored(
        self, tx: Tx, entity: EntityType, patches: Sequence[tuple[Plain, ...]]
    ) -> Sequence[tuple[Plain, ...]]:
        """The patches in stored form, every reference a record id."""
        columns: list[Column] = list(zip(*patches, strict=True))
        for field in entity.fields:
            if field.references:
                columns[field.index] = self._resolved(tx, field, columns[field.index])
            elif field.kind.is_list:
                columns[field.index] = _turned(columns[field.index], list_text)
        return list(zip(*columns, strict=True))

    def _resolved(self, tx: Tx, field: FieldType, column: Column) -> Column:
        """The stored values of a field that refers; every key in it is looked up at once."""
        mentioned: dict[str, set[Any]] = {}
        for place, target in field.references:
            keys = mentioned.setdefault(target, set())
            if not field.kind.is_list:
                keys.update(column)
                continue
            for parts in column:
                if parts is None or parts is UNSAID:
                    continue
                keys.update(parts if place is None else (part[place] for part in parts))
        for target, keys in mentioned.items():
            self._learn(tx, target, keys)
        if not field.kind.is_list:
            return list(map(self._cache(field.references[0][1]).__getitem__, column))
        return _turned(column, self._list_turn(field))

    def _list_turn(self, field: FieldType) -> Callable[[Plain], Plain]:
        places = [(place, self._cache(target)) for place, target in field.references]
        kind = field.kind
        if not isinstance(kind, Elements):
            ids = places[0][1]

            def turn_set(value: Plain) -> Plain:
                return list_text(kind.normal([ids[key] for key in value]))

            return turn_set

        def turn_elements(value: Plain) -> Plain:
            parts = []
            for part in value:
                element = list(part)
                for place, ids in places:
                    element[place or 0] = ids[element[place or 0]]
                parts.append(tuple(element))
            return list_text(tuple(parts) if len(parts) == 1 else kind.ordered(parts))

        return turn_elements

    def _cache(self, entity: str) -> dict[Any, Any]:
        # What says nothing stays what it is, so that a look-up needs no test.
        cache = self._known.setdefault(entity, {})
        cache.setdefault(None, None)
        cache.setdefault(UNSAID, UNSAID)
        return cache

    def _learn(self, tx: Tx, entity: str, keys: set[Any]) -> None:
        """Makes the cache know every one of ``keys``; allots what was never mentioned before."""
        cache = self._cache(entity)
        unknown = keys.difference(cache)
        if not unknown:
            return
        stream = self._streams[entity].id
        cache.update(
            linkage.records_by_key(tx, stream, unknown, aliased=self._aliased.get(entity, False))
        )
        new = sorted(unknown.difference(cache))
        if not new:
            return
        link = records.allot(tx, "link", len(new))
        record = records.allot(tx, "record", len(new))
        linkage.insert_links(
            tx,
            [
                (link + n, stream, key, record + n, None, 0, None, None, None, None)
                for n, key in enumerate(new)
            ],
        )
        cache.update((key, record + n) for n, key in enumerate(new))


def _turned(column: Column, turn: Callable[[Plain], Plain]) -> Column:
    """The column with ``turn`` made of every value that says something."""
    return list(map(_Turned(turn).__getitem__, column))


class _Turned(dict[Plain, Plain]):
    """What became of each value of a page: lists of grades and roles are alike by the hundred."""

    def __init__(self, turn: Callable[[Plain], Plain]) -> None:
        super().__init__({None: None, UNSAID: UNSAID})
        self._turn = turn

    def __missing__(self, value: Plain) -> Plain:
        found = self[value] = self._turn(value)
        return found
