"""Which live records refer to others (SEMANTICS A3); called by the engine in its transactions."""

import json
from collections.abc import Collection, Iterator
from typing import NamedTuple

from app.roster.entities import ENTITIES
from app.store.database import Tx
from app.store.statements import AMONG


class Referrer(NamedTuple):
    """A live record that refers to another, ``target``."""

    target: int
    entity: str
    record: int


def entities(target: str) -> set[str]:
    """Those of which records may refer to others of the entity ``target``."""
    return {
        entity.name
        for entity in ENTITIES.values()
        for field in entity.fields
        for _, to in field.references
        if to == target
    }


def of_made(tx: Tx, sets: Collection[int], others: Collection[int]) -> Iterator[Referrer]:
    """Who refers to what change sets made, or to ``others``.

    Without those that were made by the sets themselves, and not changed by any other since.
    """
    among = json.dumps(sorted(sets))
    for target in ENTITIES:
        wanted = (
            f"IN (SELECT id FROM {target} WHERE created_in {AMONG} "
            "UNION SELECT value FROM json_each(?))"
        )
        by_others = f"AND NOT (record.created_in {AMONG} AND record.changed_in {AMONG})"
        values = (among, json.dumps(list(others)), among, among)
        yield from _referrers(tx, target, f"{wanted} {by_others}", values)


def of(tx: Tx, target: str, record: int) -> Iterator[Referrer]:
    """Who refers to one record of the entity ``target``."""
    return _referrers(tx, target, "= ?", (record,))


def among(tx: Tx, target: str, ids: Collection[int]) -> Iterator[Referrer]:
    """Who refers to any of some records of the entity ``target``."""
    return _referrers(tx, target, AMONG, (json.dumps(list(ids)),))


def _referrers(tx: Tx, target: str, which: str, values: tuple[object, ...]) -> Iterator[Referrer]:
    for entity in ENTITIES.values():
        for field in entity.fields:
            for place, to in field.references:
                if to != target:
                    continue
                table, who = f"{entity.name} AS record", f'record."{field.name}"'
                if field.kind.is_list:
                    table += f", json_each({who}) AS part"
                    who = (
                        "part.value" if place is None else f"json_extract(part.value, '$[{place}]')"
                    )
                question = f"SELECT {who}, record.id FROM {table} WHERE alive AND {who} {which}"
                for found, id_ in tx.rows(question, values):
                    if found != id_:
                        yield Referrer(found, entity.name, id_)
