"""Open questions whether two records of different SISs are one (SEMANTICS D5).

Called by the engine inside its transactions. Such a question is a conflict about ``identity`` whose
``about`` names the newcomer, which is a record of its own; that of ``store.identities`` names a
link, and its newcomer waits.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from app.store import conflicts
from app.store.conflicts import Standing
from app.store.database import Tx
from app.store.linkage import may_be_there
from app.store.statements import AMONG

TAKEN = "taken"
"""Why it is asked where another row of the newcomer's SIS is the record already."""

_OPEN = "part = 'identity' AND json_extract(about, '$.newcomer') IS NOT NULL"


class Asked(NamedTuple):
    """One open question."""

    id: int
    link: int
    """Of the newcomer."""
    newcomer: int
    record: int
    """The record that it may be."""
    entity: str


def asked(tx: Tx, links: Collection[int]) -> list[Asked]:
    """The open questions of newcomers, by their links."""
    found = tx.rows(
        "SELECT id, link, json_extract(about, '$.newcomer'), record, entity FROM conflicts "
        f"WHERE link {AMONG} AND {_OPEN} ORDER BY id",
        (json.dumps(list(links)),),
    )
    return [Asked._make(row) for row in found]


def asked_of_pair(tx: Tx, one: int, other: int) -> list[int]:
    """The links of newcomers of which it is asked whether they are the other of the two."""
    found = tx.rows(
        "SELECT conflicts.link FROM conflicts JOIN links ON links.id = conflicts.link "
        f"WHERE {_OPEN} AND (conflicts.record = ?1 AND links.record = ?2 "
        "OR conflicts.record = ?2 AND links.record = ?1)",
        (one, other),
    )
    return [row[0] for row in found]


def shared_connectors(tx: Tx, one: int, other: int) -> list[str]:
    """The names of the connectors at which two records are, or may be, both."""
    found = tx.rows(
        "SELECT DISTINCT name FROM links AS mine JOIN links AS theirs "
        "ON theirs.stream = mine.stream AND theirs.record = ?2 "
        "JOIN streams ON streams.id = mine.stream "
        "JOIN connectors ON connectors.id = connector AND removed_at IS NULL "
        f"WHERE mine.record = ?1 AND {may_be_there('mine')} AND {may_be_there('theirs')} "
        "ORDER BY name",
        (one, other),
    )
    return [row[0] for row in found]


def open_pairs(tx: Tx, records: Collection[int]) -> set[tuple[int, int]]:
    """The pairs, the lower id first, of which it is asked about any of the records."""
    ids = json.dumps(list(records))
    found = tx.rows(
        "SELECT json_extract(about, '$.newcomer'), record FROM conflicts "
        f"WHERE record {AMONG} AND {_OPEN} "
        "UNION SELECT json_extract(about, '$.newcomer'), conflicts.record FROM conflicts "
        f"JOIN links ON links.id = conflicts.link WHERE links.record {AMONG} AND {_OPEN}",
        (ids, ids),
    )
    return {(min(pair), max(pair)) for pair in found}


def in_doubt(tx: Tx, records: Collection[int]) -> set[int]:
    """Those of the records of whom it is asked, on either side, whether they are somebody else."""
    ids = json.dumps(list(records))
    found = tx.rows(
        f"SELECT record FROM conflicts WHERE part = 'identity' AND record {AMONG} "
        "UNION SELECT links.record FROM conflicts JOIN links ON links.id = conflicts.link "
        f"WHERE part = 'identity' AND links.record {AMONG}",
        (ids, ids),
    )
    return {row[0] for row in found}


def answered(tx: Tx, stream: int) -> list[int]:
    """The links of newcomers of a stream of which nothing is to be asked any more.

    One of the two does not live, or the other one is in the stream by now, and was not before.
    """
    names = [row[0] for row in tx.rows("SELECT entity FROM streams WHERE id = ?", (stream,))]
    found = tx.rows(
        "SELECT conflicts.link FROM conflicts JOIN links ON links.id = conflicts.link "
        f"WHERE links.stream = ?1 AND {_OPEN} AND ("
        f"NOT EXISTS (SELECT 1 FROM {names[0]} WHERE id = conflicts.record AND alive) "
        "OR links.record = conflicts.record OR links.alive = 0 "
        f"OR (json_extract(about, '$.why') <> '{TAKEN}' AND EXISTS (SELECT 1 FROM links AS other "
        "WHERE other.record = conflicts.record AND other.stream = ?1 AND other.alive)))",
        (stream,),
    )
    return [row[0] for row in found]


def first_contacts(tx: Tx, stream: int, parts: Sequence[str]) -> list[Standing]:
    """What is asked of parts of a stream's records of which nothing was ever agreed."""
    ids = tx.rows(
        "SELECT conflicts.id FROM conflicts JOIN links ON links.id = link "
        f"WHERE stream = ? AND kind = 'first_contact' AND part {AMONG}",
        (stream, json.dumps(list(parts))),
    )
    return list(conflicts.standing(tx, [row[0] for row in ids]).values())


def move(tx: Tx, gone: int, kept: int) -> None:
    """What is asked about the one is asked about the other."""
    tx.run(f"UPDATE conflicts SET record = ? WHERE record = ? AND {_OPEN}", (kept, gone))
    tx.run(
        f"UPDATE conflicts SET about = json_set(about, '$.newcomer', ?) WHERE {_OPEN} "
        "AND json_extract(about, '$.newcomer') = ?",
        (kept, gone),
    )


def alone(
    tx: Tx, stream: int, others: Sequence[int], after: int, limit: int
) -> list[tuple[int, int]]:
    """The next (link, record) of a stream whose records live in none of the others."""
    found = tx.rows(
        "SELECT id, record FROM links WHERE stream = ? AND alive AND id > ? "
        "AND NOT EXISTS (SELECT 1 FROM links AS other WHERE other.record = links.record "
        f"AND {may_be_there('other')} AND other.stream {AMONG}) ORDER BY id LIMIT ?",
        (stream, after, json.dumps(list(others)), limit),
    )
    return [(link, record) for link, record in found]


def all_streams(tx: Tx) -> list[tuple[int, int, str]]:
    """(id, connector, entity) of every stream in which anything lives."""
    found = tx.rows(
        "SELECT streams.id, connector, entity FROM streams "
        "JOIN connectors ON connectors.id = connector AND removed_at IS NULL "
        "WHERE EXISTS (SELECT 1 FROM links WHERE stream = streams.id AND alive)"
    )
    return [(id_, connector, entity) for id_, connector, entity in found]


def newest_run(tx: Tx, connector: int) -> int:
    """The newest run of a connector; 0 where there was none."""
    row = tx.one("SELECT max(id) FROM runs WHERE connector = ?", (connector,))
    return int(row[0] or 0) if row else 0


def streams_of(tx: Tx, records: Collection[int]) -> dict[int, set[int]]:
    """The streams in which records are, or may be, by record."""
    found: dict[int, set[int]] = {}
    for record, stream in tx.rows(
        "SELECT record, stream FROM links JOIN streams ON streams.id = links.stream "
        "JOIN connectors ON connectors.id = connector AND removed_at IS NULL "
        f"WHERE record {AMONG} AND {may_be_there()}",
        (json.dumps(list(records)),),
    ):
        found.setdefault(record, set()).add(stream)
    return found


def links_at(tx: Tx, connector: int, entity: str, records: Collection[int]) -> dict[int, int]:
    """The live link of each record at a connector."""
    return dict(
        tx.rows(
            "SELECT record, links.id FROM links JOIN streams ON streams.id = links.stream "
            f"WHERE connector = ? AND entity = ? AND alive AND record {AMONG}",
            (connector, entity, json.dumps(list(records))),
        )
    )


def said_to_be_one(tx: Tx, links: Collection[int]) -> set[int]:
    """Those of the links of which a person said that they are the record's."""
    ids = json.dumps(list(links))
    found = tx.rows(
        f"SELECT link FROM decisions WHERE kind = 'same_person' AND take = 'same' AND link {AMONG} "
        f"UNION SELECT link FROM united WHERE link {AMONG}",
        (ids, ids),
    )
    return {row[0] for row in found}


def stream_at(tx: Tx, connector: int, entity: str) -> int:
    """The stream of an entity at a connector."""
    [(found,)] = tx.rows(
        "SELECT id FROM streams WHERE connector = ? AND entity = ?", (connector, entity)
    )
    return int(found)


# -- links that change hands ------------------------------------------------------------------


def relink(tx: Tx, moves: Iterable[tuple[int, int]]) -> None:
    """(gone, kept): every link of the one is the other's, with nothing agreed about yet.

    What was sent by them is on record with the other one. What may have arrived, and what a SIS is
    to take back, is still to be found out and to be done.
    """
    pairs = [(kept, gone) for gone, kept in moves]
    tx.many(
        "UPDATE OR REPLACE outbox SET record = ?1 WHERE record = ?2 AND (revert IS NOT NULL "
        "OR EXISTS (SELECT 1 FROM links WHERE links.stream = outbox.stream "
        "AND links.record = outbox.record AND sending IS NOT NULL))",
        pairs,
    )
    tx.many(
        "UPDATE links SET record = ?, base = NULL, digest = NULL WHERE record = ?",
        pairs,
    )
    tx.many("UPDATE pushes SET record = ? WHERE record = ?", pairs)


def move_links(tx: Tx, links: Collection[int], record: int) -> None:
    """Links are those of another record, with what was agreed about; their rows are decoded.

    So is what was sent by them, and what is to be.
    """
    which = list(tx.rows(f"SELECT id, stream, record FROM links WHERE id {AMONG}", _ids(links)))
    tx.many(
        "UPDATE OR REPLACE outbox SET record = ? WHERE stream = ? AND record = ?",
        [(record, stream, was) for _, stream, was in which],
    )
    tx.many(
        "UPDATE pushes SET record = ? WHERE link = ? AND record = ?",
        [(record, link, was) for link, _, was in which],
    )
    tx.run(
        f"UPDATE links SET record = ?, digest = NULL WHERE id {AMONG}",
        (record, json.dumps(list(links))),
    )


def _ids(links: Collection[int]) -> tuple[str]:
    return (json.dumps(list(links)),)


def read_again(tx: Tx, links: Collection[int]) -> None:
    """The rows of links are decoded with the next sync, which reads their streams whole."""
    tx.run(f"UPDATE links SET digest = NULL WHERE id {AMONG}", _ids(links))
    tx.run(
        "UPDATE streams SET salt = NULL WHERE id IN "
        f"(SELECT stream FROM links WHERE links.id {AMONG})",
        _ids(links),
    )


def stream(tx: Tx, id_: int) -> tuple[int, str]:
    """The connector and the entity of a stream."""
    [(connector, entity)] = tx.rows("SELECT connector, entity FROM streams WHERE id = ?", (id_,))
    return connector, entity


def connectors_of(tx: Tx, links: Collection[int]) -> set[int]:
    """The connectors that links are at."""
    found = tx.rows(
        "SELECT DISTINCT connector FROM links JOIN streams ON streams.id = stream "
        f"WHERE links.id {AMONG}",
        (json.dumps(list(links)),),
    )
    return {row[0] for row in found}


def links_by_connector(tx: Tx, records: Collection[int]) -> dict[int, dict[int, set[int]]]:
    """The links of records whose rows came at some time, by record and connector."""
    found: dict[int, dict[int, set[int]]] = {}
    for record, connector, link in tx.rows(
        "SELECT record, connector, links.id FROM links JOIN streams ON streams.id = stream "
        "JOIN connectors ON connectors.id = connector AND removed_at IS NULL "
        f"WHERE alive IS NOT NULL AND record {AMONG}",
        (json.dumps(list(records)),),
    ):
        found.setdefault(record, {}).setdefault(connector, set()).add(link)
    return found
