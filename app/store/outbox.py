"""What may have to be pushed to a SIS, and what was (SEMANTICS F1, F5).

Called by the engine inside its transactions. A row says that a record *may* have to be sent: what
there is to send is told by the record and the base of its link when the time comes. The reads at
the end are for everybody.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from app.roster.parts import ALIVE
from app.roster.schema import EntityType
from app.roster.values import Plain, instant_text
from app.store.codec import decode_changes, decode_sides, encode
from app.store.database import Database, Tx
from app.store.linkage import HELD_MADE, HELD_OUTSIDE
from app.store.statements import AMONG, quoted
from app.text import SENTENCES

WAITING, WAITING_ON, RELEASED = "waiting", "waiting_on", "released"
REFUSED, UNKNOWN, HELD, KEPT = "refused", "unknown", "held", "kept"

WAITS_FOR, WAITS_IN_VAIN = "push_waits_for", "push_waits_in_vain"
"""Codes of what waits for a record that it refers to: that may arrive there yet, or never will."""

IN_DOUBT, JUST_MATCHED = "push_waits_for_identity", "push_waits_for_look"
"""Codes of what waits until it is said whether two records are one, or until somebody could look at
what a sync has just made one by what families share."""

NOT_TAKEN, LACKING = "push_not_taken", "push_lacks"
"""Codes of what a person made here and that SIS will not take: no such record, or not without what
is blank."""

CREATIONS = "creations"
"""The rule that holds creations, where there are many that nobody asked for."""

BEGINS = "push_waits_for_beginning"
"""The code of what waits until it is decided who is right to begin with (SEMANTICS B3)."""

LONGEST_PAUSE = timedelta(days=1)
"""Until what could not be sent is tried again, whatever the SIS asks for."""

SENDING = "sending"
"""In place of the outcome of what was sent, until it is known."""

_TAKING = "(SELECT id FROM streams WHERE writes IS NOT NULL AND id <> ?)"
_ANEW = "state = 'waiting', attempts = 0, next_at = NULL, words = NULL, answer = NULL, was = NULL"
_LEFT = "state IN ('kept', 'refused')"
_TOLD = "IN ('held', 'refused', 'waiting_on')"
UNSENT = f"(state = '{REFUSED}' OR state = '{WAITING_ON}' AND words GLOB '{WAITS_IN_VAIN} *')"
"""What the SIS would not take, and what waits for something that never arrives there."""


# -- what may have to be sent -----------------------------------------------------------------


def note(tx: Tx, change_set: int, records: Iterable[int], stream: int) -> None:
    """Records that differ from what was last agreed with the SIS of ``stream``.

    One that is in the outbox already stays as it is: that the SIS refused it is not forgotten.
    """
    _note(tx, "AND streams.id = ?", change_set, list(records), stream)


def note_elsewhere(tx: Tx, change_set: int, records: Iterable[int], but: int = 0) -> None:
    """Records that changed here: every SIS that takes them, but that of the stream ``but``.

    What was refused or held is tried anew, because something else stands here now; but not what
    an undo was to have the SIS take back: that was refused for good. Of what is on its way, nobody
    knows whether as far as the SIS, that has to be known first. Who is not to be made there stays
    so, whatever else becomes of them.
    """
    found = list(records)
    stopped = (
        "state = 'kept' AND NOT EXISTS (SELECT 1 FROM links WHERE links.stream = outbox.stream "
        "AND links.record = outbox.record AND links.alive)"
    )
    tx.run(
        f"UPDATE outbox SET {_ANEW}, revert = iif({_LEFT}, NULL, revert), "
        f"change_set = iif(revert IS NULL OR {_LEFT}, ?, change_set) WHERE stream IN {_TAKING} "
        f"AND record {AMONG} AND state <> 'unknown' AND NOT ({stopped})",
        (change_set, but, json.dumps(found)),
    )
    _note(tx, "AND streams.id <> ?", change_set, found, but)


def _note(tx: Tx, which: str, change_set: int, records: Sequence[int], stream: int) -> None:
    if records:
        tx.run(
            "INSERT INTO outbox (stream, record, state, change_set) "
            "SELECT streams.id, links.record, 'waiting', ? FROM links "
            "JOIN streams ON streams.id = links.stream "
            f"WHERE links.record {AMONG} AND streams.writes IS NOT NULL "
            f"AND links.held & {HELD_OUTSIDE} = 0 {which} "
            "ON CONFLICT DO NOTHING",
            (change_set, json.dumps(records), stream),
        )


def note_all(tx: Tx, stream: int, entity: str) -> None:
    """Whatever may have to be sent to a SIS that takes other things from now on (F1)."""
    note_made(tx, entity)
    tx.run(
        "INSERT INTO outbox (stream, record, state, change_set) "
        "SELECT stream, links.record, 'waiting', max(change_set) FROM changes "
        "JOIN links ON links.record = changes.record AND links.stream = ? "
        "WHERE changes.entity = ? AND changes.link IS NOT links.id GROUP BY links.record "
        "ON CONFLICT DO NOTHING",
        (stream, entity),
    )


def note_made(tx: Tx, entity: str, records: Collection[int] | None = None) -> None:
    """Records that a person made here: every SIS that takes new ones and has not got them.

    ``None``: whichever there are. What came from one SIS is not made at another.
    """
    which = "" if records is None else f"AND record.id {AMONG}"
    tx.run(
        "INSERT INTO outbox (stream, record, state, change_set) "
        f"SELECT streams.id, record.id, 'waiting', record.created_in FROM {entity} AS record "
        "JOIN change_sets ON change_sets.id = record.created_in AND change_sets.kind = 'edit' "
        "JOIN streams ON streams.entity = ? AND EXISTS "
        "(SELECT 1 FROM json_each(streams.writes, '$.actions') WHERE value = 'create') "
        "WHERE record.alive AND NOT EXISTS "
        "(SELECT 1 FROM links WHERE stream = streams.id AND links.record = record.id "
        f"AND links.alive IS NOT NULL) {which} "
        "ON CONFLICT DO NOTHING",
        (entity,) if records is None else (entity, json.dumps(list(records))),
    )


def note_missing(
    tx: Tx, stream: int, entity: EntityType, streams: Mapping[str, int], change_set: int
) -> None:
    """What ``missing`` tells is to be made at the SIS of a stream."""
    tx.many(
        "INSERT INTO outbox (stream, record, state, change_set) VALUES (?, ?, 'waiting', ?) "
        "ON CONFLICT DO NOTHING",
        [(stream, record, change_set) for record in missing(tx, stream, entity, streams)],
    )


def missing(
    tx: Tx,
    stream: int,
    entity: EntityType,
    streams: Mapping[str, int],
    coming: Mapping[str, Collection[int]] = MappingProxyType({}),
) -> list[int]:
    """Records that other SIS know, of which that of a stream has never told, and nobody asked yet.

    Those alone that refer to what it knows, or to what is ``coming`` there, by entity;
    ``streams`` are those of its connector.
    """
    known, come = "", []
    for one in entity.fields:
        if one.target is not None:
            who = f"record.{quoted(one.name)}"
            meant = f"coalesce((SELECT original FROM stand_for WHERE record = {who}), {who})"
            known += (
                f"AND ({who} IS NULL OR EXISTS (SELECT 1 FROM links WHERE links.record = {meant} "
                f"AND stream = {streams.get(one.target, 0):d} AND alive) "
                f"OR {meant} {AMONG}) "
            )
            come.append(json.dumps(sorted(coming.get(one.target, ()))))
    return [
        row[0]
        for row in tx.rows(
            f"SELECT record.id FROM {entity.name} AS record WHERE record.alive {known}"
            "AND NOT EXISTS (SELECT 1 FROM links WHERE links.record = record.id AND stream = ?) "
            "AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.record = record.id "
            "AND outbox.stream = ?)",
            (*come, stream, stream),
        )
    ]


class Revert(NamedTuple):
    """What a SIS is to take back: stored values by field."""

    wanted: Mapping[str, Plain]
    """What its values become; ``{"alive": False}`` deletes what was created there."""
    held: Mapping[str, Plain]
    """What it has to hold until then: where it holds something else, that is not taken back."""

    @property
    def blob(self) -> bytes:
        """It, as it is kept."""
        return encode([dict(self.wanted), dict(self.held)])

    @classmethod
    def of(cls, blob: bytes) -> "Revert":
        """The same as kept."""
        return cls(*decode_sides(blob))


def revert(tx: Tx, change_set: int, stream: int, record: int, what: Revert) -> None:
    """Has a SIS take back what was sent to it (SEMANTICS G2); what stands here stays.

    Where it is not known yet whether that arrived, it is taken back once it is known to be there.
    """
    tx.run(
        "INSERT INTO outbox (stream, record, state, change_set, revert) "
        "VALUES (?, ?, 'waiting', ?, ?) ON CONFLICT (stream, record) DO UPDATE SET "
        "change_set = excluded.change_set, revert = excluded.revert",
        (stream, record, change_set, what.blob),
    )


def set_revert(tx: Tx, row: int, what: Revert | None) -> None:
    """What is left of what a SIS is to take back: ``None`` once nothing is, or it is done."""
    blob = None if what is None else what.blob
    tx.run("UPDATE outbox SET revert = ? WHERE id = ?", (blob, row))


def keep_there(tx: Tx, records: Collection[int]) -> None:
    """What a SIS was to take back and has not yet, it keeps after all."""
    tx.run(
        f"UPDATE outbox SET revert = NULL WHERE revert IS NOT NULL AND record {AMONG}",
        (json.dumps(list(records)),),
    )


def reverting(tx: Tx, records: Collection[int]) -> dict[tuple[int, int], Revert]:
    """What a SIS is to take back already, by stream and record."""
    return {
        (row[0], row[1]): Revert.of(row[2])
        for row in tx.rows(
            "SELECT stream, record, revert FROM outbox WHERE revert IS NOT NULL "
            f"AND record {AMONG}",
            (json.dumps(list(records)),),
        )
    }


# -- what is due ------------------------------------------------------------------------------


class Due(NamedTuple):
    """A record that may have to be sent now; ``revert`` is a blob of values by field."""

    id: int
    record: int
    state: str
    attempts: int
    change_set: int
    revert: bytes | None


_DUE = "SELECT id, record, state, attempts, change_set, revert FROM outbox WHERE "


def due(tx: Tx, stream: int, now: datetime, after: int, limit: int) -> list[Due]:
    """What is due for a stream, from the id ``after`` on: also what a limit holds."""
    # What seems to be put off for longer was so by a clock that ran ahead.
    until = instant_text(now), instant_text(now + LONGEST_PAUSE)
    return [
        Due._make(row)
        for row in tx.rows(
            f"{_DUE} stream = ? AND id > ? AND state NOT IN ('refused', 'unknown', 'kept') "
            "AND (next_at IS NULL OR next_at <= ? OR next_at > ?) ORDER BY id LIMIT ?",
            (stream, after, *until, limit),
        )
    ]


def all_of(tx: Tx, stream: int, record: int | None = None) -> list[Due]:
    """All that is in the outbox for a stream, or what is of one record."""
    return [
        Due._make(row)
        for row in tx.rows(
            f"{_DUE} stream = ? AND record = coalesce(?, record) ORDER BY id", (stream, record)
        )
    ]


def left(tx: Tx, stream: int, after: int, limit: int) -> list[Due]:
    """What was refused, is kept here, or is put off, from the id ``after`` on."""
    return [
        Due._make(row)
        for row in tx.rows(
            f"{_DUE} stream = ? AND id > ? AND (state IN ('refused', 'kept') "
            "OR next_at IS NOT NULL) ORDER BY id LIMIT ?",
            (stream, after, limit),
        )
    ]


def one(tx: Tx, row: int) -> Due | None:
    """One row, if it is still there."""
    found = tx.one(f"{_DUE} id = ?", (row,))
    return None if found is None else Due._make(found)


def forget(tx: Tx, records: Iterable[int]) -> None:
    """Records that are others now: nothing of them is to be sent."""
    tx.many("DELETE FROM outbox WHERE record = ?", [(record,) for record in records])


def drop(tx: Tx, rows: Iterable[int]) -> None:
    """Rows of which nothing is to be sent any more."""
    tx.many("DELETE FROM outbox WHERE id = ?", [(row,) for row in rows])


def set_state(tx: Tx, row: int, state: str, words: str = "") -> None:
    """How a row stands now; ``words`` say why, in the SIS's own or by a code of ``app.text``."""
    tx.run(
        "UPDATE outbox SET state = ?, words = ?, next_at = NULL WHERE id = ?",
        (state, words or None, row),
    )


def wait_for_beginning(tx: Tx, stream: int, *, waits: bool) -> None:
    """Whether what waits to be sent to the SIS of a stream waits for that (``BEGINS``)."""
    tx.run(
        "UPDATE outbox SET words = ? WHERE stream = ? AND state = 'waiting' "
        "AND coalesce(words, ?) = ? AND words IS NOT ?",
        (BEGINS if waits else None, stream, BEGINS, BEGINS, BEGINS if waits else None),
    )


def wait_for_word(tx: Tx, rows: Collection[int], waits: Mapping[int, str]) -> None:
    """Which of the rows wait for a person's word, and why: ``IN_DOUBT`` or ``JUST_MATCHED``."""
    tx.run(
        "UPDATE outbox SET words = NULL WHERE state = 'waiting' AND words IN (?, ?) "
        f"AND id {AMONG}",
        (IN_DOUBT, JUST_MATCHED, json.dumps([row for row in rows if row not in waits])),
    )
    tx.many(
        "UPDATE outbox SET words = ? WHERE id = ? AND state = 'waiting' AND words IS NOT ?",
        [(words, row, words) for row, words in waits.items()],
    )


def wait_for(tx: Tx, row: int, entity: str, record: int, comes: bool) -> None:
    """A row waits until a record is at the SIS; whether it still may come."""
    about = json.dumps({"entity": entity, "id": record})
    set_state(tx, row, WAITING_ON, f"{WAITS_FOR if comes else WAITS_IN_VAIN} {about}")


def going(tx: Tx, stream: int, records: Iterable[int]) -> set[int]:
    """Those of the records that are to be sent to the SIS of a stream, now or when they can."""
    return {
        record
        for (record,) in tx.rows(
            f"SELECT record FROM outbox WHERE stream = ? AND state <> 'kept' AND record {AMONG}",
            (stream, json.dumps(list(records))),
        )
    }


def delay(tx: Tx, row: int, attempts: int, next_at: str, words: str) -> None:
    """It could not be sent just now; so many attempts were made, and the next is due then."""
    tx.run(
        "UPDATE outbox SET attempts = ?, next_at = ?, words = ? WHERE id = ?",
        (attempts, next_at, words, row),
    )


def hold(tx: Tx, rows: Iterable[tuple[int, str]]) -> None:
    """(row, limits): the limits hold them until a person releases them (SEMANTICS E1)."""
    tx.many(
        "UPDATE outbox SET state = 'held', words = ? WHERE id = ?",
        [(limits, row) for row, limits in rows],
    )


def release(tx: Tx, change_set: int, connector: int, rows: Collection[int]) -> int:
    """A person lets go what limits hold for a connector; how many rows that are."""
    return _answer(tx, RELEASED, change_set, connector, rows)


def keep(tx: Tx, change_set: int, connector: int, rows: Collection[int]) -> int:
    """A person refuses to send what limits hold: it stays as it is here, and is not sent."""
    return _answer(tx, KEPT, change_set, connector, rows)


def _answer(tx: Tx, state: str, change_set: int, connector: int, rows: Collection[int]) -> int:
    sets = (
        f"state = '{state}', words = NULL, was = 'held', held_by = words, answer = {change_set:d}"
    )
    return _change(tx, sets, "state = 'held'", connector, "id", rows)


def keep_unsent(tx: Tx, change_set: int, connector: int, records: Collection[int]) -> int:
    """A person gives up sending what could not be sent of records; how many rows that are."""
    sets = f"state = '{KEPT}', words = NULL, was = state, held_by = words, answer = {change_set:d}"
    return _change(tx, sets, UNSENT, connector, "record", records)


def stop(tx: Tx, change_set: int, stream: int, records: Iterable[int]) -> None:
    """A person has records not be made at the SIS of a stream, until another try is asked for."""
    tx.many(
        "INSERT INTO outbox (stream, record, state, was, change_set, answer) "
        "VALUES (?1, ?2, 'kept', 'waiting', ?3, ?3) ON CONFLICT (stream, record) DO UPDATE SET "
        "was = iif(state = 'kept', was, state), held_by = words, state = 'kept', words = NULL, "
        "next_at = NULL, answer = excluded.answer",
        [(stream, record, change_set) for record in records],
    )


def release_all(tx: Tx, records: Collection[int]) -> None:
    """No limit holds what waits of records: a person has approved already what they do (G2)."""
    tx.run(
        f"UPDATE outbox SET state = 'released' WHERE state = 'waiting' AND record {AMONG}",
        (json.dumps(list(records)),),
    )


def answered(tx: Tx, sets: Collection[int], records: Collection[int]) -> list[tuple[int, int]]:
    """(row, record) of what change sets released, kept or had wait again, unless it was sent."""
    return [
        (row[0], row[1])
        for row in tx.rows(
            f"SELECT id, record FROM outbox WHERE answer {AMONG} AND record {AMONG} "
            "AND state <> 'unknown'",
            (json.dumps(sorted(sets)), json.dumps(list(records))),
        )
    ]


def take_answers_back(tx: Tx, change_set: int, rows: Collection[int]) -> None:
    """Rows stand as they did before they were answered; once more, and they are as answered."""
    tx.run(
        f"UPDATE outbox SET state = was, was = state, words = iif(was {_TOLD}, held_by, NULL), "
        f"held_by = iif(state {_TOLD}, words, held_by), answer = ? WHERE id {AMONG}",
        (change_set, json.dumps(list(rows))),
    )


def retry(tx: Tx, connector: int | None, records: Collection[int] | None) -> int:
    """A person asks once more for what could not be sent; how many rows that are.

    Also a creation of which nothing was found at the SIS is then sent again. What a person kept
    here is sent where its record is named.
    """
    failed = "(state IN ('refused', 'unknown') OR next_at IS NOT NULL)"
    if records is not None:
        failed = f"({failed} OR state = 'kept')"
    return _change(tx, _ANEW, failed, connector, "record", records)


def _change(
    tx: Tx, sets: str, which: str, connector: int | None, by: str, ids: Collection[int] | None
) -> int:
    among = "" if ids is None else f"AND {by} {AMONG}"
    return tx.run(
        f"UPDATE outbox SET {sets} WHERE {which} AND stream IN "
        f"(SELECT id FROM streams WHERE connector = coalesce(?, connector)) {among}",
        (connector,) if ids is None else (connector, json.dumps(list(ids))),
    )


# -- what is known of the records -------------------------------------------------------------


class Place(NamedTuple):
    """What a record is at one SIS. ``sending``: the run that sent something of unknown outcome."""

    link: int
    key: str
    alive: bool | None
    held: int
    sending: int | None
    base: bytes | None


def places(tx: Tx, stream: int, records: Collection[int]) -> dict[int, Place]:
    """What records are at the SIS of a stream, by record: of several the first that is alive."""
    found: dict[int, Place] = {}
    for record, *link in tx.rows(
        "SELECT record, id, key, alive, held, sending, base FROM links WHERE stream = ? "
        f"AND record {AMONG} ORDER BY coalesce(alive, 0) DESC, id",
        (stream, json.dumps(list(records))),
    ):
        found.setdefault(record, Place._make(link))
    return found


def made_here(tx: Tx, entity: str, records: Collection[int]) -> set[int]:
    """Those of the records that a person made."""
    return {
        record
        for (record,) in tx.rows(
            f"SELECT {entity}.id FROM {entity} JOIN change_sets ON change_sets.id = created_in "
            f"WHERE kind = 'edit' AND {entity}.id {AMONG}",
            (json.dumps(list(records)),),
        )
    }


def place_made(tx: Tx, link: int, stream: int, key: str, record: int) -> None:
    """The link of a record that is to be created at a SIS under ``key`` (SEMANTICS F3)."""
    tx.run(
        "INSERT INTO links (id, stream, key, record, held) VALUES (?, ?, ?, ?, ?)",
        (link, stream, key, record, HELD_MADE),
    )


def made_otherwise(tx: Tx, records: Collection[int]) -> None:
    """Records turned out to be at SISs already: what was to be made there of them is not needed.

    What the SIS had refused of that is tried anew, as a change of what is there.
    """
    gone = [
        (link, stream, record)
        for link, stream, record in tx.rows(
            "SELECT id, stream, record FROM links AS made WHERE alive IS NULL AND sending IS NULL "
            f"AND held & {HELD_MADE} <> 0 AND record {AMONG} AND EXISTS (SELECT 1 FROM links "
            "WHERE links.stream = made.stream AND links.record = made.record AND links.alive)",
            (json.dumps(list(records)),),
        )
    ]
    # What was tried is on record with these links, so they stay, as of what is not there.
    tx.many(
        f"UPDATE links SET alive = 0, held = held & ~{HELD_MADE} WHERE id = ?",
        [(link,) for link, *_ in gone],
    )
    tx.many(
        f"UPDATE outbox SET {_ANEW} WHERE stream = ? AND record = ? AND state <> 'kept'",
        [(stream, record) for _, stream, record in gone],
    )


# -- what was sent ----------------------------------------------------------------------------


class Sent(NamedTuple):
    """One change as it is sent: blobs of stored values by field."""

    link: int
    record: int
    entity: str
    action: str
    sent: bytes
    before: bytes

    @property
    def values(self) -> tuple[dict[str, Plain], dict[str, Plain]]:
        """What was sent, and what was agreed before."""
        return decode_changes(self.sent), decode_changes(self.before)


_NEW_PUSH = (
    "INSERT INTO pushes (run, link, record, entity, action, sent, before, outcome, words, at, "
    "answer) VALUES (?, ?2, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT outbox.answer FROM outbox "
    "JOIN links ON links.stream = outbox.stream AND links.record = outbox.record "
    "WHERE links.id = ?2))"
)


def begin(tx: Tx, run: int, row: int, what: Sent, at: str) -> None:
    """From now on it may be at the SIS; committed before it is sent (SEMANTICS F3)."""
    tx.run(_NEW_PUSH, (run, *what, SENDING, None, at))
    tx.run("UPDATE links SET sending = ? WHERE id = ?", (run, what.link))
    tx.run("UPDATE outbox SET attempts = attempts + 1 WHERE id = ?", (row,))


def end(tx: Tx, run: int, what: Sent, outcome: str, words: str, at: str) -> None:
    """How it ended, whether or not anything was sent."""
    known = tx.run(
        "UPDATE pushes SET outcome = ?, words = ?, at = ? WHERE id = (SELECT max(id) FROM pushes "
        f"WHERE run = ? AND link = ? AND outcome IN ('{SENDING}', 'unknown'))",
        (outcome, words or None, at, run, what.link),
    )
    if not known:
        tx.run(_NEW_PUSH, (run, *what, outcome, words or None, at))
    if outcome != UNKNOWN:
        tx.run("UPDATE links SET sending = NULL WHERE id = ?", (what.link,))


def holds(tx: Tx, link: int, held: Mapping[str, Plain]) -> None:
    """What the SIS holds since the last change of ``link`` arrived there: values by field."""
    tx.run(
        "UPDATE pushes SET held = ? WHERE id = "
        "(SELECT max(id) FROM pushes WHERE link = ? AND outcome = 'done')",
        (encode(dict(held)), link),
    )


def never_sent(tx: Tx, run: int, link: int) -> None:
    """It was about to be sent, and certainly was not."""
    tx.run(f"DELETE FROM pushes WHERE run = ? AND link = ? AND outcome = '{SENDING}'", (run, link))
    tx.run("UPDATE links SET sending = NULL WHERE id = ?", (link,))


class Lost(NamedTuple):
    """A change of which it is not known whether it arrived, and the run that sent it."""

    row: Due
    run: int
    key: str
    what: Sent


def lost(tx: Tx, connector: int) -> list[Lost]:
    """What was sent to a connector's SIS without its being known whether it arrived."""
    return [
        Lost(Due._make(row[:6]), row[6], row[7], Sent._make(row[8:]))
        for row in tx.rows(
            "SELECT outbox.id, outbox.record, state, attempts, outbox.change_set, revert, "
            "pushes.run, key, pushes.link, pushes.record, pushes.entity, action, sent, before "
            "FROM outbox JOIN streams ON streams.id = outbox.stream "
            "JOIN links ON links.stream = outbox.stream AND links.record = outbox.record "
            "JOIN pushes ON pushes.id = (SELECT max(id) FROM pushes "
            "WHERE run = links.sending AND link = links.id) "
            "WHERE connector = ? AND sending IS NOT NULL ORDER BY outbox.id",
            (connector,),
        )
    ]


# -- reads ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unsent:
    """A record that is not at a SIS as it stands here, and why (SEMANTICS F5)."""

    connector: str
    entity: str
    record: int
    action: str
    """``create``, ``update`` or ``delete``."""
    state: str
    """``waiting``, ``waiting_on``, ``released``, ``held``, ``kept``, ``refused``, ``unknown``."""
    words: str
    """The SIS's own, a code of ``app.text``, or the limits that hold it; blank for none."""
    attempts: int
    next_at: str | None
    """When it is tried again; ``None``: with the next sync, or when a person asks."""
    change_set: int
    about: Mapping[str, Any] = field(default_factory=dict)
    """What the sentence of a code is about, such as ``entity`` and ``id`` of what is waited for."""
    said_by: str = ""
    """The connector whose SIS said what is to be sent; blank where a person did."""

    @property
    def never(self) -> bool:
        """Whether it is not sent because the SIS does not take it, and not because it said so."""
        return self.words in (NOT_TAKEN, LACKING) or (self.state == REFUSED and not self.attempts)


def unsent(
    database: Database, connector: str | None = None, record: int | None = None
) -> list[Unsent]:
    """What may have to be sent, of one connector or of all, of one record or of all, in order.

    Without ends that are never sent, because the connector is not to send them (SEMANTICS D4).
    """
    with database.reading() as tx:
        rows = list(
            tx.rows(
                "SELECT connectors.name, streams.entity, outbox.record, outbox.state, "
                "coalesce(outbox.words, ''), attempts, next_at, change_set, "
                "EXISTS (SELECT 1 FROM links WHERE stream = streams.id "
                "AND links.record = outbox.record AND links.alive IS NOT NULL), "
                "connectors.send_deletes, revert, coalesce(sayers.name, '') FROM outbox "
                "JOIN streams ON streams.id = outbox.stream "
                "JOIN connectors ON connectors.id = streams.connector "
                "LEFT JOIN change_sets ON change_sets.id = outbox.change_set "
                "AND change_sets.kind IN ('sync', 'approval') "
                "LEFT JOIN connectors AS sayers ON sayers.id = change_sets.connector "
                "WHERE connectors.name = coalesce(?, connectors.name) "
                "AND outbox.record = coalesce(?, outbox.record) ORDER BY outbox.id",
                (connector, record),
            )
        )
        ended = {
            record
            for entity in {row[1] for row in rows}
            for (record,) in tx.rows(
                f"SELECT id FROM {entity} WHERE NOT alive AND id {AMONG}",
                (json.dumps([row[2] for row in rows if row[1] == entity]),),
            )
        }
    found = []
    for name, entity, record, state, words, tries, next_at, set_, there, sends, back, by in rows:
        action = _action(bool(there), record in ended)
        if back is not None and there:
            action = _action(True, ALIVE in Revert.of(back).wanted)
        if sends or back is not None or action != "delete":
            told, about = _told(words)
            what = (name, entity, record, action, state, told, tries, next_at, set_, about, by)
            found.append(Unsent(*what))
    return found


def _told(words: str) -> tuple[str, dict[str, Any]]:
    """A code of ``app.text`` with what its sentence is about; the SIS's own words as they are."""
    code, _, about = words.partition(" ")
    return (code, json.loads(about)) if about[:1] == "{" and code in SENTENCES else (words, {})


def _action(there: bool, ended: bool) -> str:
    if not there:
        return "create"
    return "delete" if ended else "update"
