"""Who at another SIS a row may be: whom the rules look at, and what people said is not the same.

Called by the engine inside its transactions; the rules themselves are ``roster.identity``'s.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from app.roster.identity import Rule, rules_of
from app.roster.schema import EntityType
from app.roster.values import Plain
from app.store import identities, settings
from app.store.database import Tx
from app.store.journal import GOOD_SYNCS
from app.store.linkage import may_be_there
from app.store.statements import AMONG, quoted

CROWD = 24
"""What more records than so many have in common tells nobody apart."""

# -- which rules hold -------------------------------------------------------------------------

_OFF = "identity_rules_off"


def switched_off(tx: Tx) -> set[str]:
    """The names of the rules that people switched off."""
    return set(json.loads(settings.read(tx, _OFF) or "[]"))


def switch(tx: Tx, rule: str, *, on: bool) -> None:
    """Switches a rule on or off; one that is switched on is trusted everywhere again."""
    if on:
        _trust(tx, rule)
    off = switched_off(tx)
    settings.write(tx, _OFF, json.dumps(sorted(off - {rule} if on else off | {rule})))


def holding(tx: Tx, entity: str) -> tuple[Rule, ...]:
    """The rules of an entity that are switched on."""
    off = switched_off(tx)
    return tuple(rule for rule in rules_of(entity) if rule.name not in off)


_MISTRUSTED = "identity_rules_mistrusted"


def mistrusted(tx: Tx, stream: int) -> frozenset[str]:
    """The names of the rules that hold of too many of a stream who are plainly somebody else."""
    return frozenset(_all_mistrusted(tx).get(str(stream), ()))


def where_mistrusted(tx: Tx) -> dict[str, list[str]]:
    """The connectors whose people a rule is not trusted of, by the name of the rule."""
    found: dict[str, list[str]] = {}
    for stream, names in _all_mistrusted(tx).items():
        row = tx.one(
            "SELECT name FROM streams JOIN connectors ON connectors.id = connector "
            "WHERE streams.id = ? AND removed_at IS NULL",
            (int(stream),),
        )
        for name in names if row else ():
            found.setdefault(name, []).append(str(row[0]) if row else "")
    return found


def mistrust(tx: Tx, stream: int, rules: Iterable[str]) -> None:
    """Rules are taken to say nothing of a stream, until somebody switches them on."""
    found = _all_mistrusted(tx)
    found[str(stream)] = sorted({*found.get(str(stream), ()), *rules})
    settings.write(tx, _MISTRUSTED, json.dumps(found))


def _trust(tx: Tx, rule: str) -> None:
    found = _all_mistrusted(tx)
    left = {stream: [one for one in names if one != rule] for stream, names in found.items()}
    if left != found:
        settings.write(tx, _MISTRUSTED, json.dumps(left))


def _all_mistrusted(tx: Tx) -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(settings.read(tx, _MISTRUSTED) or "{}")
    return found


# -- streams beside each other ----------------------------------------------------------------


def beside(tx: Tx, stream: int) -> tuple[int, ...]:
    """The streams of the same entity at other connectors in which any record lives."""
    return tuple(
        row[0]
        for row in tx.rows(
            "SELECT other.id FROM streams AS this JOIN streams AS other "
            "ON other.entity = this.entity AND other.connector <> this.connector "
            "JOIN connectors ON connectors.id = other.connector AND removed_at IS NULL "
            "WHERE this.id = ? AND EXISTS "
            "(SELECT 1 FROM links WHERE links.stream = other.id AND alive) ORDER BY other.id",
            (stream,),
        )
    )


def looked(tx: Tx, stream: int) -> str | None:
    """By which rules and beside which streams all of the stream was last looked at."""
    row = tx.one("SELECT looked FROM streams WHERE id = ?", (stream,))
    return None if row is None else row[0]


def set_looked(tx: Tx, stream: int, told: str) -> None:
    """All of the stream has been looked at."""
    tx.run("UPDATE streams SET looked = ? WHERE id = ?", (told, stream))


# -- candidates -------------------------------------------------------------------------------


class Holder(NamedTuple):
    """A live record of which a rule may hold."""

    record: int
    here: bool
    """It has a link in the stream that is looked at, live or waiting."""
    elsewhere: bool
    """It has a live link in a stream of another connector."""
    values: tuple[Plain, ...]
    """In stored form; those who stand for others are these."""


_HOLDER = (
    "record.id, EXISTS (SELECT 1 FROM links WHERE links.record = record.id "
    f"AND links.stream = ?1 AND {may_be_there()}), "
    "EXISTS (SELECT 1 FROM links WHERE links.record = record.id AND links.alive "
    "AND links.stream IN (SELECT value FROM json_each(?2)))"
)


def holders_of(
    tx: Tx,
    entity: EntityType,
    stream: int,
    others: Sequence[int],
    asked: Mapping[str, Collection[Plain]],
) -> list[Holder]:
    """The live records that have one of the values in each of the fields."""
    wanted = [json.dumps(_standing(tx, entity, name, values)) for name, values in asked.items()]
    which = " AND ".join(
        f"{quoted(name)} IN (SELECT value FROM json_each(?{n}))"
        for n, name in enumerate(asked, start=3)
    )
    return _holders(tx, entity, which, (stream, json.dumps(others), *wanted))


def holders_by_id(
    tx: Tx, entity: EntityType, stream: int, others: Sequence[int], ids: Collection[int]
) -> list[Holder]:
    """The live ones of some records."""
    which = "id IN (SELECT value FROM json_each(?3))"
    return _holders(tx, entity, which, (stream, json.dumps(others), json.dumps(list(ids))))


def _holders(tx: Tx, entity: EntityType, which: str, values: tuple[object, ...]) -> list[Holder]:
    columns = ", ".join(f"record.{quoted(name)}" for name in entity.field_names)
    found = [
        Holder(record, bool(here), bool(elsewhere), tuple(row))
        for record, here, elsewhere, *row in tx.rows(
            f"SELECT {_HOLDER}, {columns} FROM {entity.name} AS record WHERE alive AND {which}",
            values,
        )
    ]
    same = identities.stand_ins(tx, entity)
    if not same:
        return found
    same.learn(one.values for one in found)
    return [one._replace(values=same.values(one.values)) for one in found]


def _standing(tx: Tx, entity: EntityType, name: str, values: Collection[Plain]) -> list[Plain]:
    """The values; of a reference also those who stand for any of them."""
    if not entity.by_name[name].references:
        return list(values)
    ids = [one for one in values if isinstance(one, int)]
    return [*ids, *identities.standing_for(tx, ids)]


def marked(tx: Tx, texts: Collection[str]) -> dict[str, list[int]]:
    """The records that have each mark; of a mark that a crowd has, none."""
    found: dict[str, list[int]] = {}
    for text, record in tx.rows(
        f"SELECT value, record FROM identifiers WHERE value {AMONG}", (json.dumps(list(texts)),)
    ):
        found.setdefault(text, []).append(record)
    return {text: some for text, some in found.items() if len(some) <= CROWD}


def birth_dates(tx: Tx, users: Collection[int]) -> dict[int, str]:
    """The birth dates of people, as far as demographics tell them."""
    ids = {*users, *identities.standing_for(tx, users)}
    found: dict[int, str] = dict(
        tx.rows(
            "SELECT user, birth_date FROM demographics "
            f"WHERE alive AND birth_date IS NOT NULL AND user {AMONG}",
            (json.dumps(list(ids)),),
        )
    )
    meant = identities.originals(tx, found)
    return {meant.get(user, user): date for user, date in found.items()}


def term_dates(tx: Tx, terms: Collection[Plain]) -> dict[Plain, tuple[str, str]]:
    """The first and the last day of terms, as far as both are known."""
    return {
        term: (first, last)
        for term, first, last in tx.rows(
            "SELECT id, start_date, end_date FROM academic_sessions "
            f"WHERE alive AND start_date < end_date AND id {AMONG}",
            (json.dumps(list(terms)),),
        )
    }


# -- rows that wait until the stream has been read --------------------------------------------


def note_waiting(tx: Tx, rows: Iterable[tuple[str, int]]) -> None:
    """(mark, record id): a row of which only the whole stream tells whether it is somebody's."""
    tx.many("INSERT INTO identifiers (value, record) VALUES (?, ?) ON CONFLICT DO NOTHING",
            list(rows))  # fmt: skip


def waiting(tx: Tx, marks: Collection[str]) -> dict[str, int]:
    """How many rows of each mark wait."""
    return dict(
        tx.rows(
            f"SELECT value, count(*) FROM identifiers WHERE value {AMONG} GROUP BY value",
            (json.dumps(list(marks)),),
        )
    )


def wait_no_more(tx: Tx, stream: int) -> None:
    """No row of the stream waits for its whole."""
    tx.run("DELETE FROM identifiers WHERE value GLOB ?", (f"waits:{stream}:*",))


# -- matches that somebody may want to look at ------------------------------------------------


def note_weak(tx: Tx, links: Iterable[int], run: int) -> None:
    """Links that became those of records by what families share, in a run."""
    tx.many(
        "INSERT INTO weakly_matched (link, run) VALUES (?, ?) "
        "ON CONFLICT (link) DO UPDATE SET run = excluded.run",
        [(link, run) for link in links],
    )


def just_matched(tx: Tx, records: Collection[int]) -> set[int]:
    """Those of the records that were matched so, by a sync that has not come to its end since."""
    return {
        row[0]
        for row in tx.rows(
            "SELECT links.record FROM weakly_matched JOIN links ON links.id = link "
            f"JOIN runs AS found ON found.id = run WHERE links.record {AMONG} AND NOT EXISTS "
            "(SELECT 1 FROM runs WHERE runs.connector = found.connector "
            f"AND runs.id >= found.id AND {GOOD_SYNCS})",
            (json.dumps(list(records)),),
        )
    }


# -- what is not the same ---------------------------------------------------------------------


def part(tx: Tx, entity: str, change_set: int, pairs: Iterable[tuple[int, int]]) -> None:
    """These are two, whatever a rule says."""
    tx.many(
        'INSERT INTO different ("one", "other", entity, change_set) VALUES (?, ?, ?, ?) '
        "ON CONFLICT DO NOTHING",
        [(min(pair), max(pair), entity, change_set) for pair in pairs],
    )


def parted(tx: Tx, records: Collection[int]) -> set[tuple[int, int]]:
    """The pairs that are known not to be the same, in which any of the records is."""
    ids = json.dumps(list(records))
    return {
        (one, other)
        for one, other in tx.rows(
            f'SELECT "one", "other" FROM different WHERE "one" {AMONG} '
            f'UNION SELECT "one", "other" FROM different WHERE "other" {AMONG}',
            (ids, ids),
        )
    }


def forget(tx: Tx, pairs: Iterable[tuple[int, int]]) -> int:
    """They may be the same after all; how many pairs that was said of."""
    rows = [(min(pair), max(pair)) for pair in pairs]
    return sum(tx.run('DELETE FROM different WHERE "one" = ? AND "other" = ?', row) for row in rows)


class Parted(NamedTuple):
    """Two records that somebody said are not the same."""

    entity: str
    one: int
    other: int
    by: str
    at: str


def all_parted(tx: Tx) -> Iterator[Parted]:
    """All that was said so, the newest first."""
    return map(
        Parted._make,
        tx.rows(
            'SELECT entity, "one", "other", author, at FROM different '
            "JOIN change_sets ON change_sets.id = change_set ORDER BY change_set DESC, 2, 3"
        ),
    )


def take_over(tx: Tx, moves: Iterable[tuple[int, int]]) -> None:
    """(gone, kept): what was said of the one is said of the other."""
    for gone, kept in moves:
        pairs = parted(tx, [gone])
        rows = list(tx.rows('SELECT entity, change_set FROM different WHERE "one" = ? '
                            'OR "other" = ? LIMIT 1', (gone, gone)))  # fmt: skip
        forget(tx, pairs)
        for entity, change_set in rows:
            third = [next(iter({*pair} - {gone})) for pair in pairs]
            part(tx, entity, change_set, ((kept, one) for one in third if one != kept))
