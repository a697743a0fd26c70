"""Whom lists of records name, and where these have ended (SEMANTICS A4, D4).

Called by the engine inside its transactions.
"""

import json
from collections.abc import Collection

from app.store.database import Tx
from app.store.plans import UNTIES
from app.store.statements import AMONG


def ended_at(tx: Tx, connector: int, entity: str, records: Collection[int]) -> dict[int, bool]:
    """Those of the records that a connector's SIS has ended, or ends as far as is known.

    Whether no more comes of it than that nothing ties them to that SIS.
    """
    found = tx.rows(
        f"SELECT links.record, min(items.id IS NULL OR {UNTIES}) FROM links "
        "JOIN streams ON streams.id = links.stream "
        "LEFT JOIN items ON items.link = links.id AND items.action = 'end' "
        "WHERE streams.connector = ? AND streams.entity = ? "
        f"AND links.record {AMONG} GROUP BY links.record "
        "HAVING min(links.alive IS 0 OR items.id IS NOT NULL)",
        (connector, entity, json.dumps(list(records))),
    )
    return {record: bool(unties) for record, unties in found}


def ended_elsewhere(tx: Tx, connector: int, records: Collection[int]) -> set[int]:
    """Those of the records that a connector's SIS has, and another one has ended."""
    found = tx.rows(
        "SELECT DISTINCT here.record FROM links AS here "
        "JOIN streams ON streams.id = here.stream AND streams.connector = ?1 "
        "JOIN links AS other ON other.record = here.record AND other.alive = 0 "
        "JOIN streams AS beside ON beside.id = other.stream AND beside.connector <> ?1 "
        f"WHERE here.alive AND here.record {AMONG}",
        (connector, json.dumps(list(records))),
    )
    return {record for (record,) in found}


def told_beside(tx: Tx, connector: int, record: int) -> list[bytes]:
    """What was last agreed about a record with the other SISs that have it."""
    found = tx.rows(
        "SELECT links.base FROM links JOIN streams ON streams.id = links.stream "
        "JOIN connectors ON connectors.id = streams.connector AND removed_at IS NULL "
        "WHERE links.record = ? AND links.alive AND links.base IS NOT NULL AND connector <> ?",
        (record, connector),
    )
    return [base for (base,) in found]
