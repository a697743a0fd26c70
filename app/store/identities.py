"""Who may be whom: the identifiers of live records, and record ids that stand for others (D5).

Called by the engine inside its transactions, and by ``reads``. The identifiers of every record are
kept beside it, so that a newcomer is looked for by a query a page whatever the size of the roster.
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from app.roster.identity import identifiers, identifying, marked, marks
from app.roster.schema import EntityType, FieldType, referred, with_references
from app.roster.stored import list_text, list_value
from app.roster.values import Plain
from app.store.codec import encode
from app.store.database import Tx
from app.store.statements import AMONG

# -- identifiers ------------------------------------------------------------------------------

_NOTE = "INSERT INTO identifiers (value, record) VALUES (?, ?) ON CONFLICT DO NOTHING"


def note(tx: Tx, entity: EntityType, rows: Iterable[tuple[int, Sequence[Plain]]]) -> None:
    """What new records are found by: (record, stored values)."""
    if identifying(entity):
        told = _told(tx, entity)
        tx.many(_NOTE, [(text, record) for record, row in rows for text in told(entity, row)])


def note_again(
    tx: Tx, entity: EntityType, rows: Iterable[tuple[int, Sequence[Plain], Sequence[Plain]]]
) -> None:
    """What changed records are found by: (record, stored values before, after)."""
    places = [field.index for field in marked(entity)]
    gone: list[tuple[str, int]] = []
    new: list[tuple[str, int]] = []
    told = _told(tx, entity) if places else identifiers
    for record, before, after in rows if places else ():
        if any(before[place] != after[place] for place in places):
            had, has = told(entity, before), told(entity, after)
            gone += [(text, record) for text in had - has]
            new += [(text, record) for text in has - had]
    tx.many("DELETE FROM identifiers WHERE value = ? AND record = ?", gone)
    tx.many(_NOTE, new)


def note_marks(tx: Tx, entity: EntityType) -> None:
    """From now on also what another SIS may know records by is noted, and owed of all there are.

    A roster of one SIS never looks for it, and does without.
    """
    if identifying(entity) and not _marks_noted(tx, entity):
        tx.run("INSERT INTO sequences (name, next) VALUES (?, 1)", (f"marked {entity.name}",))
        owe(tx, entity)


def _marks_noted(tx: Tx, entity: EntityType) -> bool:
    found = tx.one("SELECT 1 FROM sequences WHERE name = ?", (f"marked {entity.name}",))
    return found is not None


def _told(tx: Tx, entity: EntityType) -> Callable[[EntityType, Sequence[Plain]], set[str]]:
    """What is noted of a record: ``marks`` where another SIS tells of the entity, too."""
    return marks if _marks_noted(tx, entity) else identifiers


def owe(tx: Tx, entity: EntityType) -> None:
    """The identifiers of some new records are noted later, by ``catch_up``."""
    if identifying(entity):
        tx.run(
            "INSERT INTO sequences (name, next) VALUES (?, 0) "
            "ON CONFLICT (name) DO UPDATE SET next = 0",
            (f"identified {entity.name}",),
        )


def catch_up(tx: Tx, entity: EntityType, limit: int) -> bool:
    """Notes what is owed of the next so many records; whether there may be more."""
    name = f"identified {entity.name}"
    owed = tx.one("SELECT next FROM sequences WHERE name = ?", (name,))
    if owed is None:
        return False
    columns = ", ".join(f'"{field}"' for field in entity.field_names)
    rows = list(
        tx.rows(
            f"SELECT id, {columns} FROM {entity.name} WHERE id > ? ORDER BY id LIMIT ?",
            (owed[0], limit),
        )
    )
    note(tx, entity, ((id_, values) for id_, *values in rows))
    if len(rows) < limit:
        tx.run("DELETE FROM sequences WHERE name = ?", (name,))
        return False
    tx.run("UPDATE sequences SET next = ? WHERE name = ?", (rows[-1][0], name))
    return True


def holders(
    tx: Tx, stream: int, entity: EntityType, texts: Iterable[str]
) -> dict[str, tuple[int, int]]:
    """The live records of a stream that have an identifier: the first and the last, by its text."""
    return {
        text: (first, last)
        for text, first, last in tx.rows(
            "SELECT identifiers.value, min(record.id), max(record.id) FROM identifiers "
            f"CROSS JOIN {entity.name} AS record ON record.id = identifiers.record "
            "CROSS JOIN links ON links.record = record.id "
            f"WHERE identifiers.value {AMONG} AND record.alive AND links.stream = ? "
            "GROUP BY identifiers.value",
            (json.dumps(list(texts)), stream),
        )
    }


def namesakes(tx: Tx, change_set: int) -> list[tuple[int, int]]:
    """(newcomer, somebody else) of one name and birth date, as demographics tell that are new.

    Somebody whom the same change set ended is among them.
    """
    new = "FROM demographics AS new WHERE new.created_in = ? AND new.birth_date IS NOT NULL"
    if tx.one(f"SELECT 1 {new} LIMIT 1", (change_set,)) is None:
        return []
    return list(
        tx.rows(
            "SELECT DISTINCT person.id, other.id FROM demographics AS new "
            "CROSS JOIN users AS person ON person.id = new.user AND person.alive "
            "CROSS JOIN users AS other ON other.given_name = person.given_name "
            "AND other.family_name = person.family_name AND other.id <> person.id "
            "AND (other.alive OR other.changed_in = new.created_in) "
            "CROSS JOIN demographics AS known ON known.user = other.id "
            "AND known.birth_date = new.birth_date "
            "WHERE new.created_in = ? AND new.birth_date IS NOT NULL",
            (change_set,),
        )
    )


def namesakes_of(tx: Tx, people: Collection[int]) -> list[tuple[int, int]]:
    """(one of these people, somebody else) of one name and birth date, who both live."""
    return list(
        tx.rows(
            "SELECT DISTINCT person.id, other.id FROM users AS person "
            "CROSS JOIN demographics AS mine ON mine.user = person.id AND mine.alive "
            "CROSS JOIN users AS other ON other.given_name = person.given_name "
            "AND other.family_name = person.family_name AND other.id <> person.id AND other.alive "
            "CROSS JOIN demographics AS known ON known.user = other.id AND known.alive "
            "AND known.birth_date = mine.birth_date "
            f"WHERE person.alive AND person.id {AMONG}",
            (json.dumps(list(people)),),
        )
    )


# -- ids that stand for others ----------------------------------------------------------------


class StandIns:
    """Record ids that stand for others: in the values of an entity both are the same.

    They are looked up for the values that are asked about, never as a whole: ``learn`` does so for
    many rows at once.
    """

    def __init__(self, tx: Tx, entity: EntityType) -> None:
        self._tx = tx
        self._fields = _referring(entity) if tx.one("SELECT 1 FROM stand_for LIMIT 1") else ()
        self._forget()

    def _forget(self) -> None:
        self._asked: dict[int, int] = {}
        self._originals: dict[int, int] = {}
        self._known: set[int] = set()
        # Values come again and again: each is taken apart once, by field.
        self._named: list[tuple[FieldType, int, dict[Plain, Sequence[int]]]] = [
            (field, field.index, {}) for field in self._fields
        ]

    def __bool__(self) -> bool:
        return bool(self._fields)

    def learn(self, rows: Iterable[Sequence[Plain]]) -> None:
        """Looks up everybody whom rows in stored form name, and forgets those of rows before."""
        if self._fields:
            self._forget()
            self._look_up(rows)

    def values(self, values: Sequence[Plain]) -> tuple[Plain, ...]:
        """A row in stored form, with the originals in place of those that stand for them."""
        self._look_up((values,))
        return self._put(self._originals, values) if self._originals else tuple(values)

    def unsure(self, values: Sequence[Plain]) -> bool:
        """Whether a row in stored form names somebody whom nobody has decided about."""
        self._look_up((values,))
        return bool(self._asked) and self._put(self._asked, values) != tuple(values)

    def plain(self, field: FieldType, value: Plain) -> Plain:
        """``values`` of one canonical value."""
        if field not in self._fields:
            return value
        self._find({one for _, some in referred(field, value) for one in some})
        return _put(self._originals, field, value)

    def _look_up(self, rows: Iterable[Sequence[Plain]]) -> None:
        """Learns of whom nothing is known yet."""
        new: set[int] = set()
        for row in rows:
            for field, index, named in self._named:
                if (value := row[index]) not in named:
                    ids = named[value] = _ids(field, value)
                    new.update(ids)
        if new:
            self._find(new)

    def _find(self, ids: set[int]) -> None:
        if not (new := ids - self._known):
            return
        self._known |= new
        for record, original, settled in self._tx.rows(
            f"SELECT record, original, settled FROM stand_for WHERE record {AMONG}",
            (json.dumps(list(new)),),
        ):
            self._originals[record] = original
            if not settled:
                self._asked[record] = original

    def _put(self, originals: Mapping[int, int], values: Sequence[Plain]) -> tuple[Plain, ...]:
        row = None
        for field, index, named in self._named:
            value = values[index]
            if originals.keys().isdisjoint(named[value]):
                continue
            row = row or list(values)
            if field.kind.is_list:
                row[index] = list_text(_put(originals, field, list_value(value)))
            else:
                row[index] = originals[value]
        return tuple(row or values)


def _ids(field: FieldType, value: Plain) -> tuple[int, ...]:
    """The record ids that a value in stored form names; what is no id stands for nobody."""
    if not field.kind.is_list:
        return (value,) if isinstance(value, int) else ()
    if not isinstance(value, str):
        return ()
    told = referred(field, list_value(value))
    return tuple(one for _, some in told for one in some if isinstance(one, int))


def _put(originals: Mapping[int, int], field: FieldType, value: Plain) -> Plain:
    return with_references(field, value, lambda _, one: originals.get(one, one))


@lru_cache(maxsize=64)
def _referring(entity: EntityType) -> tuple[FieldType, ...]:
    """The fields that refer to records."""
    return tuple(field for field in entity.fields if field.references)


def stand_ins(tx: Tx, entity: EntityType) -> StandIns:
    """Those that the values of an entity may name; falsy where nobody stands for anybody."""
    return StandIns(tx, entity)


def originals(tx: Tx, records: Collection[int]) -> dict[int, int]:
    """For whom records stand, by record; one that stands for itself alone is left out."""
    return dict(
        tx.rows(
            f"SELECT record, original FROM stand_for WHERE record {AMONG}",
            (json.dumps(list(records)),),
        )
    )


def standing_for(tx: Tx, records: Collection[int]) -> set[int]:
    """Those who stand for any of the records."""
    asked = f"SELECT record FROM stand_for WHERE original {AMONG}"
    return {row[0] for row in tx.rows(asked, (json.dumps(list(records)),))}


def stand(tx: Tx, rows: Iterable[tuple[int, int]]) -> None:
    """(record, original): from now on the one stands for the other, until somebody decides."""
    tx.many(
        "INSERT INTO stand_for (record, original, settled) VALUES (?, ?, 0) "
        "ON CONFLICT (record) DO UPDATE SET original = excluded.original",
        list(rows),
    )


def settle(tx: Tx, records: Iterable[int]) -> None:
    """They stand for their originals for good."""
    tx.many("UPDATE stand_for SET settled = 1 WHERE record = ?", [(one,) for one in records])


def stand_for_good(tx: Tx, rows: Iterable[tuple[int, int]]) -> None:
    """(record, original): the one is a further row of the other (SEMANTICS A5)."""
    pairs = list(rows)
    tx.many(
        "INSERT INTO stand_for (record, original, settled) VALUES (?, ?, 1) "
        "ON CONFLICT (record) DO UPDATE SET original = excluded.original, settled = 1",
        pairs,
    )
    # Whoever stood for the one stands for the other with it.
    tx.many(
        "UPDATE stand_for SET original = ? WHERE original = ?", [(to, one) for one, to in pairs]
    )


def stand_no_more(tx: Tx, records: Iterable[int]) -> None:
    """They are somebody else after all, or nobody."""
    tx.many("DELETE FROM stand_for WHERE record = ?", [(one,) for one in records])


def asked_about(tx: Tx, stream: int, records: Collection[int]) -> dict[int, int]:
    """Those of the records for whom a newcomer of the stream stands and nobody has decided.

    The newcomer by record. What another SIS calls the same person is a question of its own.
    """
    return dict(
        tx.rows(
            "SELECT original, stand_for.record FROM stand_for "
            "JOIN links ON links.record = stand_for.record "
            f"WHERE NOT settled AND stream = ? AND original {AMONG}",
            (stream, json.dumps(list(records))),
        )
    )


def kept_apart(tx: Tx, links: Collection[int]) -> dict[int, int]:
    """Those of the links whose records a person would not have joined with others (SEMANTICS A5).

    The links of these others in the same stream. What was refused is on record as long as that was
    not taken back.
    """
    return dict(
        tx.rows(
            "SELECT mine.id, other.id FROM links AS mine JOIN changes ON changes.id = "
            "(SELECT max(id) FROM changes WHERE record = mine.record AND twin IS NOT NULL) "
            "JOIN links AS other ON other.record = changes.twin AND other.stream = mine.stream "
            f"WHERE mine.id {AMONG} AND changes.link = mine.id AND discarded IS NOT NULL",
            (json.dumps(list(links)),),
        )
    )


# -- questions --------------------------------------------------------------------------------


class Question(NamedTuple):
    """One open question whether a newcomer is somebody we have."""

    link: int
    """Of the newcomer."""
    record: int
    """The newcomer's record id; there is no such record yet."""
    original: int
    """The record that it may be."""
    old: int
    """The link that the original came by."""
    run: int
    """The run that counts the newcomer's row."""
    waits: bool
    """False where the row has been read again and was not judged yet."""
    ends: bool
    """True where that goes for what would end the original."""
    connector: int
    entity: str
    stream: int


_QUESTION = (
    "SELECT conflicts.link, links.record, conflicts.record, json_extract(about, '$.link'), "
    "items.run, items.state = 'waiting', EXISTS (SELECT 1 FROM items AS ends "
    "WHERE ends.link = json_extract(about, '$.link') AND ends.state = 'planned'), "
    "conflicts.connector, conflicts.entity, links.stream "
    "FROM conflicts JOIN links ON links.id = conflicts.link "
    "JOIN items ON items.link = conflicts.link WHERE conflicts.part = 'identity' "
    "AND json_extract(about, '$.link') IS NOT NULL "
)


def questions(tx: Tx, stream: int) -> list[Question]:
    """The open questions of a stream."""
    found = tx.rows(f"{_QUESTION} AND links.stream = ? ORDER BY conflicts.id", (stream,))
    return [Question(*row) for row in found]


def questions_of(tx: Tx, links: Iterable[int]) -> list[Question]:
    """The open questions of newcomers, by their links."""
    among = f"{_QUESTION} AND conflicts.link {AMONG} ORDER BY conflicts.id"
    return [Question(*row) for row in tx.rows(among, (json.dumps(list(links)),))]


def links_of(tx: Tx, stream: int, records: Collection[int]) -> dict[int, int]:
    """The link of each record in a stream; one that is alive before one that has ended."""
    return dict(
        tx.rows(
            f"SELECT record, id FROM links WHERE stream = ? AND record {AMONG} "
            "ORDER BY coalesce(alive, 0), id",
            (stream, json.dumps(list(records))),
        )
    )


def staying(tx: Tx, links: Collection[int]) -> set[int]:
    """Those of the links that are alive, without anything open that says they are not."""
    return {
        row[0]
        for row in tx.rows(
            f"SELECT id FROM links WHERE id {AMONG} AND alive "
            "AND NOT EXISTS (SELECT 1 FROM items WHERE link = links.id AND action = 'end') "
            "AND NOT EXISTS (SELECT 1 FROM conflicts WHERE link = links.id AND part = 'alive')",
            (json.dumps(list(links)),),
        )
    }


def end_conflicts(tx: Tx, links: Collection[int]) -> dict[int, list[int]]:
    """The links of which it is asked whether they end, by the run that last found them ended."""
    found: dict[int, list[int]] = {}
    for run, link in tx.rows(
        f"SELECT touched_in, link FROM conflicts WHERE link {AMONG} AND part = 'alive' "
        "AND remote = ?",
        (json.dumps(list(links)), encode({"alive": False})),
    ):
        found.setdefault(run, []).append(link)
    return found


def hold(tx: Tx, links: Collection[int]) -> Counter[int]:
    """What would make or end records of the links waits for the answer.

    How many begin to wait, by the run that counts them.
    """
    found = list(
        tx.rows(
            f"SELECT id, run, state FROM items WHERE link {AMONG} "
            "AND action IN ('create', 'end') AND state IN ('planned', 'waiting')",
            (json.dumps(list(links)),),
        )
    )
    tx.many(
        "UPDATE items SET state = 'waiting', held_by = 'identity' WHERE id = ?",
        [(item,) for item, _, _ in found],
    )
    return Counter(run for _, run, state in found if state == "planned")


def release_removals(tx: Tx, links: Collection[int]) -> Counter[int]:
    """What would end the links goes its ordinary way; how many wait no more, by their run.

    An absence of which there is no second proof yet waits for one (SEMANTICS D1).
    """
    found = list(
        tx.rows(
            "SELECT id, run, CASE WHEN reason = 'joined' THEN reason "
            "WHEN reason = 'absent' AND proofs < 2 THEN 'proof' END FROM items "
            f"WHERE link {AMONG} AND action = 'end' AND held_by = 'identity'",
            (json.dumps(list(links)),),
        )
    )
    tx.many(
        "UPDATE items SET state = ?, held_by = ? WHERE id = ?",
        [("waiting" if waits else "planned", waits, item) for item, _, waits in found],
    )
    return Counter(run for _, run, waits in found if not waits)


def unasked(tx: Tx, stream: int) -> tuple[list[int], list[int]]:
    """What is left of questions that went with their links: records that stand for others, and
    links that something waits to end.
    """
    standing = tx.rows(
        "SELECT stand_for.record FROM stand_for JOIN links ON links.record = stand_for.record "
        "WHERE NOT settled AND stream = ? AND NOT EXISTS "
        "(SELECT 1 FROM conflicts WHERE link = links.id AND part = 'identity')",
        (stream,),
    )
    ending = tx.rows(
        "SELECT link FROM items WHERE stream = ? AND state = 'waiting' AND held_by = 'identity' "
        "AND action = 'end' AND link NOT IN (SELECT json_extract(about, '$.link') FROM conflicts "
        "WHERE part = 'identity' AND json_extract(about, '$.link') IS NOT NULL)",
        (stream,),
    )
    return [row[0] for row in standing], [row[0] for row in ending]


def free(tx: Tx, links: Collection[int], *, action: str = "create") -> None:
    """What would make records of the links waits no more; ``action`` is what it does now."""
    tx.many(
        "UPDATE items SET state = 'planned', held_by = NULL, action = ? WHERE link = ?",
        [(action, link) for link in links],
    )


def take_over(tx: Tx, questions: Iterable[Question]) -> None:
    """The newcomer's link is that of the original from now on, and the old one has ended.

    What was last agreed with the SIS, and what is pinned, holds for the new key: it is the key
    alone that has changed.
    """
    moves = [(one.original, one.old, one.link) for one in questions]
    tx.many(
        "UPDATE links SET record = ?, alive = 1, digest = NULL, "
        "(base, scope) = (SELECT base, scope FROM links WHERE id = ?) WHERE id = ?",
        moves,
    )
    for pins in ("pins", "lifted_pins"):
        ended = [(old,) for _, old, _ in moves]
        tx.many(f"DELETE FROM {pins} WHERE link = ? AND part = 'alive'", ended)
        tx.many(
            f"UPDATE OR REPLACE {pins} SET link = ? WHERE link = ?", [(n, o) for _, o, n in moves]
        )
    tx.many("DELETE FROM conflicts WHERE link = ?", [(old,) for _, old, _ in moves])
    tx.many("UPDATE links SET alive = 0, held = 0 WHERE id = ?", [(old,) for _, old, _ in moves])


def waiting(tx: Tx, links: Collection[int]) -> Counter[int]:
    """How many of the links' plan items wait, by the run that counts them."""
    return Counter(
        row[0]
        for row in tx.rows(
            f"SELECT run FROM items WHERE link {AMONG} AND state = 'waiting'",
            (json.dumps(list(links)),),
        )
    )
