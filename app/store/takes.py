"""Which fields of a record a SIS takes changes of, as its stream keeps it (SEMANTICS F1, F6)."""

import json
from typing import Any

from app.store.database import Tx


def fields_taken(writes: str | None, key: str) -> frozenset[str]:
    """The fields of the record of a key that can be changed there; ``writes`` as a stream has it.

    Where a SIS takes other fields of some records, it is told by how their keys begin.
    """
    said: dict[str, Any] = json.loads(writes) if writes else {"actions": ()}
    if "update" not in said["actions"]:
        return frozenset()
    apart = (names for begin, names in said.get("apart", {}).items() if key.startswith(begin))
    return frozenset(next(apart, said["fields"]))


def writes(tx: Tx, connector: int) -> dict[str, str]:
    """What the SIS of a connector takes, by entity, where it takes anything."""
    return dict(
        tx.rows(
            "SELECT entity, writes FROM streams WHERE connector = ? AND writes IS NOT NULL",
            (connector,),
        )
    )


def by_stream(tx: Tx) -> dict[int, str]:
    """What each SIS takes, by stream, where it takes anything."""
    return dict(tx.rows("SELECT id, writes FROM streams WHERE writes IS NOT NULL"))
