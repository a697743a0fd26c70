"""Who decides, what is pinned, who is protected: what people laid down beside the data itself.

Called by the engine inside its transactions. The words of a policy are the engine's.
"""

import json
from collections.abc import Collection, Iterable, Iterator

from app.store.database import Tx

# -- who decides ------------------------------------------------------------------------------


def policies(tx: Tx, connector: int) -> list[tuple[str, int, str, str]]:
    """(entity, school, part, decides) of a connector; school 0 and part blank are any."""
    return [
        (row[0], row[1], row[2], row[3])
        for row in tx.rows(
            "SELECT entity, school, part, decides FROM policies WHERE connector = ? "
            "ORDER BY entity, school, part",
            (connector,),
        )
    ]


def set_policy(
    tx: Tx, connector: int, entity: str, school: int, part: str, decides: str, change_set: int
) -> None:
    """Lays down who decides."""
    tx.run(
        "INSERT INTO policies (connector, entity, school, part, decides, change_set) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (connector, entity, school, part) DO UPDATE SET "
        "decides = excluded.decides, change_set = excluded.change_set",
        (connector, entity, school, part, decides, change_set),
    )


def forget_policy(tx: Tx, connector: int, entity: str, school: int, part: str) -> bool:
    """Takes a row away; True when there was one."""
    return bool(
        tx.run(
            "DELETE FROM policies WHERE connector = ? AND entity = ? AND school = ? AND part = ?",
            (connector, entity, school, part),
        )
    )


# -- pins -------------------------------------------------------------------------------------


def pin(tx: Tx, change_set: int, parts: Iterable[tuple[int, str]]) -> None:
    """Pins (link, part): what stands here is not pushed there until it says something new."""
    tx.many(
        "INSERT INTO pins (link, part, change_set) VALUES (?, ?, ?) "
        "ON CONFLICT (link, part) DO UPDATE SET change_set = excluded.change_set",
        [(link, part, change_set) for link, part in parts],
    )


def unpin(tx: Tx, parts: Iterable[tuple[int, str]]) -> None:
    """Takes pins of (link, part) away."""
    tx.many("DELETE FROM pins WHERE link = ? AND part = ?", list(parts))


def pinned(tx: Tx, links: Iterable[int]) -> dict[int, set[str]]:
    """The pinned parts of links, by link."""
    found: dict[int, set[str]] = {}
    for link, part in tx.rows(
        "SELECT link, part FROM pins WHERE link IN (SELECT value FROM json_each(?))",
        (json.dumps(list(links)),),
    ):
        found.setdefault(link, set()).add(part)
    return found


# -- protected records ------------------------------------------------------------------------


def protect(tx: Tx, entity: str, record: int, change_set: int) -> None:
    """No sync ends the record from now on."""
    tx.run(
        "INSERT INTO protected (record, entity, change_set) VALUES (?, ?, ?) "
        "ON CONFLICT (record) DO NOTHING",
        (record, entity, change_set),
    )


def unprotect(tx: Tx, record: int) -> bool:
    """Syncs may end the record again; True when it was protected."""
    return bool(tx.run("DELETE FROM protected WHERE record = ?", (record,)))


def protected(tx: Tx, records: Collection[int]) -> set[int]:
    """Those of the records that are protected."""
    return set(_first(tx, "SELECT record FROM protected WHERE record IN ", records))


def _first(tx: Tx, question: str, ids: Collection[int]) -> Iterator[int]:
    for row in tx.rows(f"{question} (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)):
        yield row[0]
