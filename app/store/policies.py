"""Who decides, what is pinned, who is protected: what people laid down beside the data itself.

Called by the engine inside its transactions; what anybody may ask stands at the end. The words of a
policy are the engine's.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from app.store.database import Database, Tx
from app.store.statements import AMONG

# -- who decides ------------------------------------------------------------------------------

Place: TypeAlias = tuple[int, str, int, str]
"""What a row is about: connector, entity, school, part; school 0 and part blank are any."""

_AT = "connector = ? AND entity = ? AND school = ? AND part = ?"


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
    """Lays down who decides; what stood there comes back when the change set is undone."""
    place = (connector, entity, school, part)
    _put_away(tx, change_set, place)
    tx.run(
        "INSERT INTO policies (connector, entity, school, part, decides, change_set) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET decides = excluded.decides",
        (*place, decides, change_set),
    )


def forget_policy(
    tx: Tx, connector: int, entity: str, school: int, part: str, change_set: int
) -> bool:
    """Takes a row away; True when there was one."""
    return _put_away(tx, change_set, (connector, entity, school, part))


def _put_away(tx: Tx, by: int, place: Place) -> bool:
    """What another change set laid down is kept apart; True when something was."""
    tx.run(
        "INSERT INTO former_policies (connector, entity, school, part, decides, change_set, "
        "replaced) SELECT connector, entity, school, part, decides, change_set, ? FROM policies "
        f"WHERE {_AT} AND change_set <> ? ON CONFLICT DO UPDATE SET replaced = excluded.replaced",
        (by, *place, by),
    )
    return bool(tx.run(f"DELETE FROM policies WHERE {_AT} AND change_set <> ?", (*place, by)))


def rules_back(tx: Tx, sets: Collection[int]) -> dict[Place, tuple[str, int] | None]:
    """What stands once change sets are undone, by place, where that is not what stands now.

    That is who decides and the change set that laid it down, or ``None``. What somebody else laid
    down or took away since stays so.
    """
    among = (json.dumps(sorted(sets)),)
    place = "connector, entity, school, part"
    found: dict[Place, tuple[str, int] | None] = {
        (row[0], row[1], row[2], row[3]): None
        for row in tx.rows(f"SELECT {place} FROM policies WHERE change_set {AMONG}", among)
    }
    former = f"SELECT {place}, decides, change_set FROM former_policies WHERE replaced {AMONG}"
    for *at, decides, change_set in list(tx.rows(former, among)):
        where: Place = (at[0], at[1], at[2], at[3])
        if where in found or _newest(tx, where) <= max(sets):
            found[where] = (decides, change_set)
    return found


def _newest(tx: Tx, place: Place) -> int:
    row = tx.one(
        f"SELECT coalesce(max(by), 0) FROM (SELECT change_set AS by FROM policies WHERE {_AT} "
        f"UNION ALL SELECT replaced FROM former_policies WHERE {_AT})",
        (*place, *place),
    )
    assert row is not None
    return int(row[0])


def take_rules_back(tx: Tx, by: int, sets: Collection[int]) -> None:
    """What change sets laid down goes, in the undo ``by``; what they had replaced comes back."""
    found, among = rules_back(tx, sets), json.dumps(sorted(sets))
    # What others have replaced since does not come back with the undo of theirs: instead of it,
    # what it had replaced does.
    tx.run(
        "UPDATE former_policies AS was SET replaced = gone.replaced FROM former_policies AS gone "
        "WHERE (was.connector, was.entity, was.school, was.part) "
        "= (gone.connector, gone.entity, gone.school, gone.part) "
        f"AND was.replaced {AMONG} AND gone.change_set {AMONG}",
        (among, among),
    )
    tx.run(f"DELETE FROM former_policies WHERE change_set {AMONG}", (among,))
    for place, former in found.items():
        _put_away(tx, by, place)
        if former is not None:
            tx.run(
                "INSERT INTO policies (connector, entity, school, part, decides, change_set) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (*place, *former),
            )
            tx.run(
                f"DELETE FROM former_policies WHERE {_AT} AND change_set = ?",
                (*place, former[1]),
            )


def keeps_values(tx: Tx, connector: int) -> bool:
    """Whether a blank of the connector's SIS never overwrites."""
    row = tx.one("SELECT keep_values FROM connectors WHERE id = ?", (connector,))
    return row is not None and bool(row[0])


def sends_deletes(tx: Tx, connector: int) -> bool:
    """Whether what ends here is deleted at the connector's SIS (SEMANTICS D4)."""
    row = tx.one("SELECT send_deletes FROM connectors WHERE id = ?", (connector,))
    return row is not None and bool(row[0])


def sends_creates(tx: Tx, connector: int) -> bool:
    """Whether what other SIS know is made at the connector's, which does not know it."""
    row = tx.one("SELECT send_creates FROM connectors WHERE id = ?", (connector,))
    return row is not None and bool(row[0])


def set_switches(tx: Tx, connector: int, switches: Mapping[str, bool | None]) -> None:
    """Sets the switches that are not ``None``, by the names that ``Switches`` has."""
    for name in SWITCHES:
        if switches.get(name) is not None:
            tx.run(f"UPDATE connectors SET {name} = ? WHERE id = ?", (switches[name], connector))


# -- pins -------------------------------------------------------------------------------------


def pin(tx: Tx, change_set: int, parts: Iterable[tuple[int, str]]) -> None:
    """Pins (link, part): what stands here is not pushed there until it says something new."""
    tx.many(
        "INSERT INTO pins (link, part, change_set) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(link, part, change_set) for link, part in parts],
    )


def unpin(tx: Tx, parts: Iterable[tuple[int, str]]) -> None:
    """The SIS says something new of (link, part): no pin holds it, nor will one again."""
    gone = list(parts)
    for table in ("pins", "lifted_pins"):
        tx.many(f"DELETE FROM {table} WHERE link = ? AND part = ?", gone)


def pinned(tx: Tx, links: Iterable[int]) -> dict[int, set[str]]:
    """The pinned parts of links, by link."""
    return _parts(tx, "SELECT link, part FROM pins", links)


def ever_pinned(tx: Tx, links: Iterable[int]) -> dict[int, set[str]]:
    """The same, with those that may stand again."""
    both = "SELECT link, part FROM pins UNION ALL SELECT link, part FROM lifted_pins"
    return _parts(tx, f"SELECT link, part FROM ({both})", links)


def _parts(tx: Tx, question: str, links: Iterable[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for link, part in tx.rows(f"{question} WHERE link {AMONG}", (json.dumps(list(links)),)):
        found.setdefault(link, set()).add(part)
    return found


def lift(
    tx: Tx, by: int, parts: Iterable[tuple[int, str]], owners: Collection[int] | None = None
) -> None:
    """A change set lifts pins of (link, part), all or those of some change sets.

    Undone, they stand again.
    """
    which = "link = ? AND part = ?" + ("" if owners is None else f" AND change_set {AMONG}")
    of = () if owners is None else (json.dumps(sorted(owners)),)
    gone = [(*part, *of) for part in parts]
    tx.many(
        "INSERT INTO lifted_pins (link, part, change_set, lifted) "
        f"SELECT link, part, change_set, ? FROM pins WHERE {which} "
        "ON CONFLICT DO UPDATE SET lifted = excluded.lifted",
        [(by, *one) for one in gone],
    )
    tx.many(f"DELETE FROM pins WHERE {which}", gone)


def stand_again(tx: Tx, lifters: Collection[int], parts: Iterable[tuple[int, str]]) -> None:
    """The pins of (link, part) that change sets lifted."""
    which = f"link = ? AND part = ? AND lifted {AMONG}"
    back = [(*part, json.dumps(sorted(lifters))) for part in parts]
    tx.many(
        "INSERT INTO pins (link, part, change_set) "
        f"SELECT link, part, change_set FROM lifted_pins WHERE {which} ON CONFLICT DO NOTHING",
        back,
    )
    tx.many(f"DELETE FROM lifted_pins WHERE {which}", back)


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
    asked = (json.dumps(list(records)),)
    return {row[0] for row in tx.rows(f"SELECT record FROM protected WHERE record {AMONG}", asked)}


def protected_in(tx: Tx, sets: Collection[int], records: Collection[int]) -> set[int]:
    """Those of the records that change sets protected."""
    among = json.dumps(sorted(sets))
    found = tx.rows(
        f"SELECT record FROM protected WHERE change_set {AMONG} AND record {AMONG}",
        (among, json.dumps(list(records))),
    )
    return {row[0] for row in found}


# -- for everybody to read ------------------------------------------------------------------


@dataclass(frozen=True)
class PolicyRow:
    """Who decides where both sides changed, and who laid it down."""

    connector: str
    entity: str
    school: int | None
    """The record id of the school; ``None``: any."""
    part: str | None
    """The field group, or ``alive``; ``None``: all of the record."""
    decides: str
    author: str
    at: str


@dataclass(frozen=True)
class Switches:
    """What a connector does with blanks, with ends, and with what its SIS does not know."""

    connector: str
    keep_values: bool
    send_deletes: bool
    send_creates: bool


SWITCHES = ("keep_values", "send_deletes", "send_creates")
"""The columns of ``Switches``, in order."""


def laid_down(database: Database, connector: str | None = None) -> list[PolicyRow]:
    """All that was laid down, or that of one connector; the most general first."""
    with database.reading() as tx:
        return [
            PolicyRow(name, entity, school or None, part or None, decides, author, at)
            for name, entity, school, part, decides, author, at in tx.rows(
                "SELECT name, entity, school, part, decides, author, at FROM policies "
                "JOIN connectors ON connectors.id = policies.connector "
                "JOIN change_sets ON change_sets.id = change_set "
                "WHERE removed_at IS NULL AND (?1 IS NULL OR name = ?1) "
                "ORDER BY name, entity, (school <> 0) + (part <> ''), school, part",
                (connector,),
            )
        ]


def switches(database: Database, connector: str | None = None) -> list[Switches]:
    """The switches of every connector, or of one."""
    with database.reading() as tx:
        return [
            Switches(name, *map(bool, told))
            for name, *told in tx.rows(
                f"SELECT name, {', '.join(SWITCHES)} FROM connectors "
                "WHERE removed_at IS NULL AND (?1 IS NULL OR name = ?1) ORDER BY name",
                (connector,),
            )
        ]
