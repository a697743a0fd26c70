"""Finding records by what a person knows of them: a word, a school's name, how they stand.

As in ``reads``: ids, in order; never from the window's thread.
"""

import json
from collections.abc import Collection

from app.roster.entities import ENTITIES, Role
from app.roster.schema import EntityType
from app.roster.values import Elements, Plain, Text
from app.store import sizes
from app.store.database import Database
from app.store.reads import entity_type
from app.store.statements import AMONG

_ROLE = f"json_extract(value, '$[{Role.__struct_fields__.index('role')}]')"
"""The role of an element of a person's ``roles``."""


def find(
    database: Database,
    entity: str,
    word: str | None = None,
    *,
    ended: bool = False,
    protected: bool = False,
    role: str | None = None,
) -> list[int]:
    """The ids of the live records of an entity; of those that have ended instead, with ``ended``.

    With a ``word`` those that have it in any text, or are known to a SIS by it as their key; with a
    ``role`` the people who have that one among theirs.
    """
    type_ = entity_type(entity)
    conditions, values = ["NOT alive" if ended else "alive"], list[Plain]()
    if protected:
        conditions.append("record.id IN (SELECT record FROM protected)")
    if word is not None:
        texts = " OR ".join(f"{column} LIKE ?1 ESCAPE '!'" for column in _texts(type_))
        known = "record.id IN (SELECT record FROM links WHERE key = ?2)"
        conditions.append(f"({texts or '0'} OR {known})")
        values += [f"%{literal(word)}%", word]
    if role is not None:
        values.append(role)
        conditions.append(f"?{len(values)} IN (SELECT {_ROLE} FROM json_each(record.roles))")
    with database.reading() as tx:
        return [
            row[0]
            for row in tx.rows(
                f"SELECT record.id FROM {entity} AS record WHERE {' AND '.join(conditions)} "
                "ORDER BY record.id",
                tuple(values),
            )
        ]


def said(database: Database) -> dict[str, set[str]]:
    """The ``roles`` and ``grades`` that the people of the roster have."""
    asked = {"roles": _ROLE, "grades": "value"}
    with database.reading() as tx:
        return {
            name: {
                row[0]
                for row in tx.rows(
                    f"SELECT DISTINCT {told} FROM users, json_each(users.{name}) WHERE alive"
                )
            }
            for name, told in asked.items()
        }


def _texts(entity: EntityType) -> list[str]:
    """The columns that hold words, and what a record is called as one text."""
    words = [
        f'record."{one.name}"'
        for one in entity.fields
        if isinstance(one.kind, Text) and not isinstance(one.kind, Elements)
    ]
    called = [f'record."{name}"' for name in entity.title if not entity.by_name[name].target]
    return [*words, *([" || ' ' || ".join(called)] if len(called) > 1 else [])]


def literal(word: str) -> str:
    """``word`` as LIKE finds it, and nothing else."""
    return "".join(f"!{char}" if char in "!%_" else char for char in word)


def schools(database: Database) -> dict[int, str]:
    """The live schools, by id, in the order of their names; districts and the like are none."""
    with database.reading() as tx:
        return {
            id_: name or f"#{id_}"
            for id_, name in tx.rows(
                "SELECT id, name FROM orgs WHERE alive AND coalesce(type, 'school') = 'school' "
                "ORDER BY name COLLATE NOCASE, id"
            )
        }


def schools_called(database: Database, word: str) -> list[int]:
    """The schools or organizations of that name, or of that key at any SIS."""
    with database.reading() as tx:
        return [
            row[0]
            for row in tx.rows(
                "SELECT id FROM orgs WHERE alive AND (name = ?1 COLLATE NOCASE OR identifier = ?1 "
                "OR id IN (SELECT record FROM links JOIN streams ON streams.id = links.stream "
                "WHERE streams.entity = 'orgs' AND key = ?1)) ORDER BY id",
                (word,),
            )
        ]


def keys(database: Database, ids: Collection[int]) -> dict[int, str]:
    """What records are known as at their SIS: their keys, by id."""
    return _linked(database, ids, "SELECT links.record, links.key", "links.id")


def sources(database: Database, ids: Collection[int]) -> dict[int, str]:
    """The connectors that know records, by id."""
    asked = "SELECT DISTINCT links.record, connectors.name"
    return _linked(database, ids, asked, "connectors.name")


def _linked(database: Database, ids: Collection[int], asked: str, order: str) -> dict[int, str]:
    """What the links of records say, by record: all of it in one text."""
    found: dict[int, str] = {}
    with database.reading() as tx:
        for record, said in tx.rows(
            f"{asked} FROM links JOIN streams ON streams.id = links.stream "
            "JOIN connectors ON connectors.id = streams.connector AND removed_at IS NULL "
            f"WHERE links.record {AMONG} ORDER BY {order}",
            (json.dumps(list(ids)),),
        ):
            found[record] = f"{found[record]}, {said}" if record in found else said
    return found


def called(
    database: Database, entity: str, keys: Collection[str], connector: str
) -> dict[str, str]:
    """What records are called that a connector knows by these keys, by key."""
    named = ENTITIES[entity].title[0]
    with database.reading() as tx:
        return dict(
            tx.rows(
                f'SELECT links.key, record."{named}" FROM links '
                "JOIN streams ON streams.id = links.stream AND streams.entity = ? "
                "JOIN connectors ON connectors.id = streams.connector AND connectors.name = ? "
                f"JOIN {entity} AS record ON record.id = links.record WHERE links.key {AMONG}",
                (entity, connector, json.dumps(list(keys))),
            )
        )


def places(database: Database, entity: str, ids: Collection[int]) -> dict[int, Plain]:
    """The stored value at the end of each record's path to its school, by id."""
    where, joins = sizes.path(ENTITIES[entity])
    with database.reading() as tx:
        return dict(
            tx.rows(
                f"SELECT record.id, {where} FROM {entity} AS record {joins} "
                f"WHERE record.id {AMONG}",
                (json.dumps(list(ids)),),
            )
        )
