"""Open conflicts: one a link and field group, brought up to date in place (SEMANTICS B2).

Called by the engine inside its transactions.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from app.roster.parts import part_name
from app.store.database import Tx
from app.store.linkage import HELD_CONFLICT, hold, release
from app.store.records import allot
from app.store.statements import AMONG

_OPEN_CONFLICT = (
    "INSERT INTO conflicts (id, link, connector, entity, record, part, kind, base, local, remote, "
    "about, opened_in, touched_in) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (link, part) DO UPDATE SET kind = excluded.kind, base = excluded.base, "
    "local = excluded.local, remote = excluded.remote, about = excluded.about, "
    "touched_in = excluded.touched_in, revision = conflicts.revision + (conflicts.local <> "
    "excluded.local OR conflicts.remote <> excluded.remote OR conflicts.kind <> excluded.kind)"
)


class OpenConflict(NamedTuple):
    """One open conflict to be written (SEMANTICS B2)."""

    link: int
    record: int
    part: str
    kind: str
    base: bytes
    local: bytes
    remote: bytes
    about: str | None = None


def add_conflicts(
    tx: Tx, connector: int, entity: str, run: int, stand: Sequence[OpenConflict]
) -> None:
    """Opens conflicts, or brings them up to date, without closing any other."""
    if not stand:
        return
    # A number that somebody has seen never means another conflict.
    first = allot(tx, "conflict", len(stand))
    tx.many(
        _OPEN_CONFLICT,
        [
            (first + n, one.link, connector, entity, one.record, *one[2:], run, run)
            for n, one in enumerate(stand)
        ],
    )
    hold(tx, {one.link for one in stand}, HELD_CONFLICT)


def set_conflicts(
    tx: Tx,
    connector: int,
    entity: str,
    run: int,
    touched: Iterable[int],
    stand: Sequence[OpenConflict],
    unsaid: Mapping[int, Collection[str]],
) -> None:
    """The conflicts that stand for the links ``touched``: opened, brought up to date, closed.

    A part that the row did not speak of (``unsaid``, group names by link) stays as it was.
    """
    links = list(touched)
    add_conflicts(tx, connector, entity, run, stand)
    parts = {(one.link, one.part) for one in stand}
    close(
        tx,
        [
            (link, part)
            for link, open_ in open_parts(tx, links).items()
            for part in open_
            # Whether it is somebody else is no question of what its row says.
            if part != "identity"
            and (link, part) not in parts
            and part_name(part) not in unsaid.get(link, ())
        ],
        links,
    )


def close(tx: Tx, gone: Sequence[tuple[int, str]], links: Iterable[int] = ()) -> None:
    """Closes the conflicts of (link, part); links where none stands any more are free again.

    More ``links`` are looked at, too.
    """
    tx.many("DELETE FROM conflicts WHERE link = ? AND part = ?", gone)
    touched = {*links, *(link for link, _ in gone)}
    release(tx, touched - open_parts(tx, touched).keys(), HELD_CONFLICT)


def close_all(tx: Tx, links: Iterable[int]) -> None:
    """Closes whatever is open of links."""
    close(tx, [(link, part) for link, parts in open_parts(tx, links).items() for part in parts])


def open_parts(tx: Tx, links: Iterable[int]) -> dict[int, set[str]]:
    """The parts of which a conflict is open, by link."""
    found: dict[int, set[str]] = {}
    for link, part in tx.rows(
        f"SELECT link, part FROM conflicts WHERE link {AMONG}", (json.dumps(list(links)),)
    ):
        found.setdefault(link, set()).add(part)
    return found


def begins(tx: Tx, connector: int, entity: str) -> bool:
    """True while it is asked who is right to begin with: then nothing is pushed (B3)."""
    asked = "SELECT 1 FROM conflicts WHERE connector = ? AND entity = ? AND kind = 'first_contact'"
    return tx.one(f"{asked} LIMIT 1", (connector, entity)) is not None


# -- as people meet them ----------------------------------------------------------------------


class Standing(NamedTuple):
    """One open conflict as it stands; its sides are blobs of values by field."""

    id: int
    link: int
    stream: int
    connector: int
    entity: str
    record: int
    part: str
    kind: str
    base: bytes
    local: bytes
    remote: bytes
    opened_in: int
    touched_in: int
    revision: int


_STANDING = (
    "SELECT conflicts.id, link, stream, connector, entity, conflicts.record, part, kind, "
    "conflicts.base, local, remote, opened_in, touched_in, revision "
    "FROM conflicts JOIN links ON links.id = link WHERE "
)


def standing(tx: Tx, ids: Iterable[int]) -> dict[int, Standing]:
    """Open conflicts by id; one that is closed is left out."""
    found = tx.rows(f"{_STANDING} conflicts.id {AMONG}", (json.dumps(list(ids)),))
    return {row[0]: Standing._make(row) for row in found}


def standing_of(tx: Tx, records: Iterable[int]) -> list[Standing]:
    """The open conflicts of records."""
    found = tx.rows(
        f"{_STANDING} conflicts.record {AMONG} ORDER BY conflicts.id",
        (json.dumps(list(records)),),
    )
    return [Standing._make(row) for row in found]


def move_local(tx: Tx, rows: Sequence[tuple[bytes, int]]) -> None:
    """Our side of conflicts moved: (local, conflict)."""
    tx.many("UPDATE conflicts SET local = ?, revision = revision + 1 WHERE id = ?", rows)


class Decided(NamedTuple):
    """A conflict that a person decided: what stood, what was taken, what our side is since."""

    was: Standing
    take: str
    result: bytes


def keep_decisions(tx: Tx, change_set: int, decided: Iterable[Decided]) -> None:
    """Keeps decisions with all that is needed to undo them."""
    tx.many(
        "INSERT INTO decisions (change_set, link, connector, entity, record, part, kind, base, "
        "local, remote, opened_in, take, result) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                change_set, was.link, was.connector, was.entity, was.record, was.part, was.kind,
                was.base, was.local, was.remote, was.opened_in, take, result,
            )
            for was, take, result in decided
        ],
    )  # fmt: skip
