"""The roster as an export tells it: whose keys, in which order, and what has changed since a sync.

Everything is read from one moment, record by record, so that memory stays flat however large the
roster is. Keys are settled first, in a temporary table: every record has one, and no two of an
entity the same.
"""

import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from app.connectors.contract import Told
from app.errors import Cancelled
from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE
from app.roster.schema import EntityType, FieldType, referred
from app.roster.stored import plain_value
from app.roster.values import Boolean, Elements, Plain
from app.store import history, identities, journal, settings
from app.store.codec import plain_changes
from app.store.database import Database, Tx
from app.store.identities import StandIns
from app.store.statements import AMONG

_AT_ONCE = 1000
_REMEMBERED = 50_000
"""Keys of other records that are kept at hand."""


@contextmanager
def exporting(
    database: Database,
    *,
    keys_of: str | None = None,
    since: int | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator["Snapshot"]:
    """The roster of one moment, for as long as the block lasts.

    A record has the key it has at the connector ``keys_of``, else at the one that mentioned it
    first; one that no connector knows has a key of our own, always the same. ``since``: only what
    has changed since that sync or other change set. It ends soon after
    ``stopped`` says so, with ``Cancelled``. Raises ``NotFound``.
    """
    installation = settings.installation_of(database)
    with database.aside(stopped) as tx:
        chosen = journal.connector(tx, keys_of).id if keys_of is not None else 0
        if since is not None:
            history.found(tx, since)
        _settle_keys(tx, chosen, uuid.uuid5(uuid.NAMESPACE_OID, installation))
        yield Snapshot(tx, since, stopped, _leave_out_further(tx))


# -- keys -------------------------------------------------------------------------------------

_MADE = "CREATE TEMP TABLE export_keys (record INTEGER PRIMARY KEY, entity, key, chosen)"
_KNOWN = (
    "INSERT INTO export_keys SELECT record, entity, key, chosen FROM ("
    "SELECT *, row_number() OVER (PARTITION BY record "
    "ORDER BY chosen DESC, connector = home DESC, alive DESC NULLS LAST, id) AS place FROM ("
    "SELECT links.id, links.record, links.key, links.alive, entity, connector, "
    "connector = ? AS chosen, "
    "first_value(connector) OVER (PARTITION BY links.record ORDER BY links.id) AS home "
    "FROM links JOIN streams ON streams.id = links.stream)) WHERE place = 1"
)
_SHARED = (
    "SELECT record FROM (SELECT record, row_number() OVER ("
    "PARTITION BY entity, key ORDER BY chosen DESC, record) AS place FROM export_keys) "
    "WHERE place > 1"
)
_FURTHER = (
    "SELECT record FROM (SELECT record, row_number() OVER (PARTITION BY user "
    "ORDER BY alive DESC, key = person DESC, record) AS place FROM ("
    "SELECT one.id AS record, one.alive, own.key, person.key AS person, person.record AS user "
    "FROM demographics AS one JOIN export_keys AS own ON own.record = one.id "
    "LEFT JOIN stand_for ON stand_for.record = one.user "
    "JOIN export_keys AS person ON person.record = coalesce(original, one.user))) WHERE place > 1"
)
"""Demographics of people who have others, too: of several rows, or former ones. The living first,
then those under the person's own key."""


def _settle_keys(tx: Tx, chosen: int, ours: uuid.UUID) -> None:
    """One key a record: links first, then keys of our own where there is none or it is taken."""
    tx.run(_MADE)
    tx.run(_KNOWN, (chosen,))

    def own_key(record: int) -> str:
        return str(uuid.uuid5(ours, str(record)))

    taken = [(own_key(record), record) for (record,) in tx.rows(_SHARED)]
    tx.many("UPDATE export_keys SET key = ? WHERE record = ?", taken)
    unknown = "SELECT id FROM {} WHERE id > ? AND id NOT IN (SELECT record FROM export_keys)"
    for entity in ENTITIES:
        last = 0
        while some := [
            (record, entity, own_key(record))
            for (record,) in tx.rows(
                f"{unknown.format(entity)} ORDER BY id LIMIT ?", (last, _AT_ONCE)
            )
        ]:
            tx.many("INSERT INTO export_keys VALUES (?, ?, ?, 0)", some)
            last = some[-1][0]


def _leave_out_further(tx: Tx) -> int:
    """A person is told by one record of demographics alone; how many living ones are left out.

    By the standard they have no key but the person's, which no two rows may have.
    """
    further = list(tx.rows(_FURTHER))
    tx.many("DELETE FROM export_keys WHERE record = ?", further)
    ids = json.dumps([record for (record,) in further])
    row = tx.one(f"SELECT count(*) FROM demographics WHERE alive AND id {AMONG}", (ids,))
    assert row is not None
    count: int = row[0]
    return count


# -- records ----------------------------------------------------------------------------------


class Snapshot:
    """What an export may tell (``contract.Roster``)."""

    def __init__(
        self, tx: Tx, since: int | None, stopped: Callable[[], bool], further: int
    ) -> None:
        self._tx = tx
        self._since = since
        self._stopped = stopped
        self._keys: dict[int, str] = {}
        self._late = json.dumps([] if since is None else journal.ended_after(tx, since))
        self._at: dict[int, str] = {}
        self.further = further
        """How many demographics are left out, as their person has others."""
        self.count = 0
        """How many records have been told, the ended ones among them."""

    @property
    def changes(self) -> bool:
        """Whether there is only what has changed since some sync."""
        return self._since is not None

    def records(self, entity: str) -> Iterator[Told]:
        """The records of an entity, by key; ended ones only where they have ended since."""
        type_ = ENTITIES[entity]
        same = identities.stand_ins(self._tx, type_)
        # Most columns hold their values as they are; the others are few.
        other = [one for one in type_.fields if one.kind.is_list or isinstance(one.kind, Boolean)]
        referring = [one for one in type_.fields if one.references]
        rows = self._rows(type_)
        while some := list(islice(rows, _AT_ONCE)):
            if self._stopped():
                raise Cancelled("cancelled")
            found = [list(row[4:]) for row in some]
            same.learn(found)
            for values in found:
                for one in other:
                    values[one.index] = plain_value(one, values[one.index])
                for one in referring if same else ():
                    values[one.index] = same.plain(one, values[one.index])
            before = self._before(type_, same, [row[0] for row in some]) if self.changes else {}
            self._look_up(
                [(one, values[one.index]) for values in found for one in referring]
                + [(one, was.get(one.name)) for was in before.values() for one in referring]
            )
            for (id_, key, alive, changed_in, *_stored), values in zip(some, found, strict=True):
                for one in referring:
                    values[one.index] = self._told(one, values[one.index])
                was = before.get(id_)
                if was is not None:
                    for one in referring:
                        if one.name in was:
                            was[one.name] = self._told(one, was[one.name])
                there = None if was is None or was.get(ALIVE) is False else was
                yield Told(key, tuple(values), bool(alive), self._at.get(changed_in, ""), there)
            self.count += len(some)

    def _rows(self, entity: EntityType) -> Iterator[tuple[Any, ...]]:
        columns = ", ".join(f'record."{name}"' for name in entity.field_names)
        select = (
            f"SELECT record.id, key, record.alive, record.changed_in, {columns} "
            f"FROM {entity.name} AS record JOIN export_keys ON export_keys.record = record.id "
        )
        if self._since is None:
            return self._tx.rows(f"{select} WHERE record.alive ORDER BY key")
        later = "(record.{0} > ?1 OR record.{0} IN (SELECT value FROM json_each(?2)))"
        changed, created = later.format("changed_in"), later.format("created_in")
        return self._tx.rows(
            f"{select} WHERE {changed} AND (record.alive OR NOT {created}) ORDER BY key",
            (self._since, self._late),
        )

    def _before(
        self, entity: EntityType, same: StandIns, records: Sequence[int]
    ) -> dict[int, dict[str, Plain]]:
        """What records were like before what has changed them since, by record and field.

        One that was made since is left out; the time of each last change is noted.
        """
        named = json.dumps(records)
        created = "created_in > ?1 OR created_in IN (SELECT value FROM json_each(?2))"
        made = {
            id_
            for (id_,) in self._tx.rows(
                f"SELECT id FROM {entity.name} "
                f"WHERE id IN (SELECT value FROM json_each(?3)) AND ({created})",
                (self._since, self._late, named),
            )
        }
        self._at |= dict(
            self._tx.rows(
                "SELECT id, at FROM change_sets "
                f"WHERE id IN (SELECT changed_in FROM {entity.name} WHERE id {AMONG})",
                (named,),
            )
        )
        before: dict[int, dict[str, Plain]] = {id_: {} for id_ in records if id_ not in made}
        for record, blob in self._tx.rows(
            "SELECT record, before FROM changes "
            "WHERE record IN (SELECT value FROM json_each(?3)) AND "
            "(change_set > ?1 OR change_set IN (SELECT value FROM json_each(?2))) ORDER BY id DESC",
            (self._since, self._late, named),
        ):
            if record in before:
                # The oldest comes last, and it is what counts.
                before[record] |= {
                    name: same.plain(entity.by_name[name], value) if name != ALIVE else value
                    for name, value in plain_changes(entity, blob).items()
                    if name in entity.by_name or name == ALIVE
                }
        return before

    # -- references as keys --

    def _look_up(self, values: Iterable[tuple[FieldType, Plain]]) -> None:
        """Learns the keys of everything that some values refer to."""
        if len(self._keys) > _REMEMBERED:
            self._keys.clear()
        wanted = {id_ for one, value in values for _, ids in referred(one, value) for id_ in ids}
        wanted -= self._keys.keys()
        if wanted:
            self._keys |= dict(
                self._tx.rows(
                    f"SELECT record, key FROM export_keys WHERE record {AMONG}",
                    (json.dumps(list(wanted)),),
                )
            )

    def _told(self, field: FieldType, value: Plain) -> Plain:
        """A value with keys in place of record ids; whom nobody has a key of is left out."""
        if value is None:
            return value
        keys, kind = self._keys, field.kind
        if not kind.is_list:
            return keys.get(value)
        if isinstance(kind, Elements):
            places = {place for place, _ in field.references}
            return kind.ordered(
                tuple(keys.get(one) if place in places else one for place, one in enumerate(part))
                for part in value
            )
        return tuple(sorted(keys[one] for one in value if one in keys)) or None
