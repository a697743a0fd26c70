"""What waits for a person, of one connector or of all: counted, then record by record.

As in ``reads``: slim rows of everything first, then a page. What is told of it in words, and what
weighs more, is ``engine.inbox``'s to say.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from app.store import history, listing, reads, waiting
from app.store.database import Database
from app.store.differences import titled
from app.store.listing import SENT, Waits, item_becomes
from app.store.outbox import BEGINS
from app.store.statements import AMONG
from app.store.unreadable import NEWEST_SYNC
from app.store.waiting import Trips

_OF = "JOIN connectors ON connectors.id = streams.connector "
_WHOSE = "(?1 IS NULL OR connectors.name = ?1) AND removed_at IS NULL"

# -- counted ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Group:
    """Items that wait and are alike in all that is counted."""

    connector: str
    entity: str
    what: str
    """What would become of the records (``listing``)."""
    rules: tuple[str, ...]
    effects: str
    """JSON of what each would do, with the schools where it counts."""
    count: int
    times: int
    """In how many syncs they were seen, at most."""
    since: str
    """When the first of them was seen."""


def groups(database: Database, connector: str | None = None) -> list[Group]:
    """What waits for approval; questions whether two are one person are not among it."""
    with database.reading() as tx:
        items = tx.rows(
            f"SELECT connectors.name, streams.entity, {listing.WHAT}, held_by, effects, count(*), "
            "max(times), min(runs.started_at) FROM items "
            f"JOIN streams ON streams.id = items.stream {_OF}JOIN runs ON runs.id = first_run "
            f"WHERE items.state = 'waiting' AND held_by <> 'identity' AND {_WHOSE} "
            "GROUP BY 1, 2, 3, 4, 5",
            (connector,),
        )
        found = [
            Group(name, entity, item_becomes(what), tuple(rules.split()), *told)
            for name, entity, what, rules, *told in items
        ]
        sending = tx.rows(
            "SELECT connectors.name, streams.entity, coalesce(words, ''), count(*), "
            "min(change_sets.at) FROM outbox "
            f"JOIN streams ON streams.id = outbox.stream {_OF}"
            "JOIN change_sets ON change_sets.id = change_set "
            f"WHERE outbox.state = 'held' AND {_WHOSE} GROUP BY 1, 2, 3",
            (connector,),
        )
        return found + [
            Group(name, entity, SENT, tuple(rules.split()), "{}", count, 0, since)
            for name, entity, rules, count, since in sending
        ]


@dataclass(frozen=True)
class Tally:
    """So many things of one connector and record type."""

    connector: str
    entity: str
    count: int
    since: str
    """When the first of them was seen."""
    times: int = 0
    new: int = 0
    """How many of them the newest sync brought."""


def newcomers(database: Database, connector: str | None = None) -> list[Tally]:
    """Newcomers who may be people we have (SEMANTICS D5)."""
    return _tallies(
        database,
        "SELECT connectors.name, conflicts.entity, count(*), min(runs.started_at) FROM conflicts "
        "JOIN connectors ON connectors.id = conflicts.connector "
        "LEFT JOIN runs ON runs.id = opened_in "
        f"WHERE conflicts.kind = 'same_person' AND {_WHOSE} GROUP BY 1, 2",
        connector,
    )


def unreadable(database: Database, connector: str | None = None) -> list[Tally]:
    """Rows that could not be understood (SEMANTICS C6)."""
    return _tallies(
        database,
        "SELECT connectors.name, streams.entity, count(*), min(runs.started_at), 0, "
        f"sum(first_run = ({NEWEST_SYNC})) FROM unreadable "
        f"JOIN streams ON streams.id = unreadable.stream {_OF}"
        "LEFT JOIN runs ON runs.id = first_run "
        f"WHERE {_WHOSE} GROUP BY 1, 2",
        connector,
    )


def unsent(database: Database, connector: str | None = None) -> list[Tally]:
    """Changes that the SIS would not take, and those of which nobody knows whether it did."""
    return _tallies(
        database,
        "SELECT connectors.name, streams.entity, count(*), min(change_sets.at) FROM outbox "
        f"JOIN streams ON streams.id = outbox.stream {_OF}"
        "JOIN change_sets ON change_sets.id = change_set "
        "WHERE (outbox.state IN ('refused', 'unknown') "
        f"OR outbox.state = 'waiting_on' AND words GLOB 'push_waits_in_vain *') AND {_WHOSE} "
        "GROUP BY 1, 2",
        connector,
    )


def sending(database: Database, connector: str | None = None) -> int:
    """How many changes wait to be sent and need nobody."""
    with database.reading() as tx:
        row = tx.one(
            f"SELECT count(*) FROM outbox JOIN streams ON streams.id = outbox.stream {_OF}"
            "WHERE (outbox.state IN ('waiting', 'released') OR outbox.state = 'waiting_on' "
            "AND words NOT GLOB 'push_waits_in_vain *') "
            f"AND coalesce(outbox.words, '') <> '{BEGINS}' AND {_WHOSE}",
            (connector,),
        )
    assert row is not None
    return int(row[0])


@dataclass(frozen=True)
class Kept:
    """Records that stand here otherwise than their SIS says, because people want it so (G2)."""

    connector: str
    entity: str
    """A record type; blank where they are of several."""
    count: int
    sets: tuple[int, ...]
    """The change sets that want it so: decisions, refusals, or the one undo,"""
    undone: int | None = None
    """and what that has undone."""


def kept(database: Database, connector: str | None = None) -> list[Kept]:
    """What is kept so: by each undo that stands, the newest first, and by all decisions."""
    with database.reading() as tx:
        return [
            Kept(name, entity if of_one else "", count, tuple(json.loads(sets)), undone)
            for name, undone, entity, of_one, count, sets in tx.rows(
                'SELECT connectors.name, CASE WHEN made.kind = ?2 THEN made."of" END AS undone, '
                "min(streams.entity), min(streams.entity) = max(streams.entity), "
                "count(DISTINCT pins.link), json_group_array(DISTINCT made.id) "
                "FROM pins JOIN change_sets AS made ON made.id = pins.change_set "
                "JOIN links ON links.id = pins.link JOIN streams ON streams.id = links.stream "
                f"{_OF}WHERE {_WHOSE} GROUP BY 1, CASE WHEN made.kind = ?2 THEN made.id END "
                "ORDER BY undone IS NULL, max(made.id) DESC",
                (connector, history.UNDO),
            )
        ]


def begun(database: Database) -> dict[int, str]:
    """When the syncs began that found an open difference."""
    with database.reading() as tx:
        return dict(
            tx.rows("SELECT id, started_at FROM runs WHERE id IN (SELECT opened_in FROM conflicts)")
        )


def _tallies(database: Database, asked: str, connector: str | None) -> list[Tally]:
    with database.reading() as tx:
        return [
            Tally(name, entity, count, since or "", *told)
            for name, entity, count, since, *told in tx.rows(asked, (connector,))
        ]


# -- what waits for approval, record by record ------------------------------------------------


class Item(NamedTuple):
    """One record that waits for approval."""

    id: int
    """Of the item; of what is to be sent, that of its row in the outbox."""
    entity: str
    record: int
    what: str
    rules: tuple[str, ...]
    schools: tuple[int, ...]
    """Where it counts, those first where a limit was reached; none for what is to be sent."""
    effects: str
    run: int
    """The sync that planned it as it is now."""
    times: int
    since: str

    @property
    def key(self) -> int:
        """Tells it from all others: items and rows of the outbox have numbers of their own."""
        return -self.id if self.what == SENT else self.id


@dataclass(frozen=True)
class Held:
    """All that waits of a connector for approval."""

    run: int
    """The newest sync: who answers, answers to that."""
    items: Sequence[Item] = ()
    trips: Trips = field(default_factory=dict)
    sizes: Mapping[tuple[str, int], int] = field(default_factory=dict)
    """How many records a school had when they were counted last, by record type."""
    schools: Mapping[int, str] = field(default_factory=dict)
    """What schools are called."""
    titles: Mapping[int, str] = field(default_factory=dict)
    """What the records are called, unless there are more than anybody reads through."""
    connector: str = ""
    """What the connector is called."""


NAMED = 20_000
"""The names of more records are read as they come into sight."""


def held(database: Database, connector: str) -> Held:
    """All that waits of a connector for approval; raises ``NotFound``."""
    last = reads.connector(database, connector).last
    with database.reading() as tx:
        rows = list(
            tx.rows(
                f"SELECT items.id, streams.entity, record, {listing.WHAT}, held_by, effects, "
                "items.run, times, runs.started_at FROM items "
                f"JOIN streams ON streams.id = items.stream {_OF}"
                "JOIN links ON links.id = link JOIN runs ON runs.id = first_run "
                "WHERE items.state = 'waiting' AND held_by <> 'identity' AND connectors.name = ? "
                "ORDER BY items.id",
                (connector,),
            )
        )
        trips = waiting.trips(tx, {row[6] for row in rows})
        items = [
            Item(id_, entity, record, item_becomes(what), rules, schools, effects, run, *seen)
            for id_, entity, record, what, held_by, effects, run, *seen in rows
            for rules in [tuple(held_by.split())]
            for schools in [_schools(effects, trips, run, entity, rules)]
        ]
        items += [
            Item(id_, entity, record, SENT, tuple(words.split()), (), "{}", run, 0, at)
            for id_, entity, record, words, run, at in tx.rows(
                "SELECT outbox.id, streams.entity, record, coalesce(words, ''), change_set, "
                f"change_sets.at FROM outbox JOIN streams ON streams.id = outbox.stream {_OF}"
                "JOIN change_sets ON change_sets.id = change_set "
                "WHERE outbox.state = 'held' AND connectors.name = ? ORDER BY outbox.id",
                (connector,),
            )
        ]
        sizes = {
            (entity, school): count
            for entity, school, count, _ in tx.rows(
                "SELECT entity, school, count, max(at) FROM sizes WHERE connector = "
                "(SELECT id FROM connectors WHERE name = ?) GROUP BY entity, school",
                (connector,),
            )
        }
    schools = reads.titles(database, ("orgs", {one for item in items for one in item.schools}))
    named = {(one.entity, one.record) for one in items}
    titles = titled(database, named) if len(named) <= NAMED else {}
    return Held(last.id if last else 0, items, trips, sizes, schools, titles, connector)


def _schools(
    effects: str, trips: Trips, run: int, entity: str, rules: Collection[str]
) -> tuple[int, ...]:
    """The schools in which an item counts; where limits were reached in some, these alone."""
    places = waiting.schools_of(effects)
    tripped = {school for rule in rules for school in trips.get((run, entity, rule), ())}
    return tuple(one for one in places if one in tripped) or places


def matching(database: Database, items: Sequence[Item], text: str) -> list[Item]:
    """Those of the items whose records are called so; every word has to be found."""
    words = text.casefold().split()
    titles = titled(database, {(one.entity, one.record) for one in items})
    return [
        one for one in items if all(word in titles.get(one.record, "").casefold() for word in words)
    ]


@dataclass(frozen=True)
class Details:
    """Records that wait, and what everything in them is called."""

    rows: Mapping[int, Waits]
    """By the key of the item; those that were answered meanwhile are left out."""
    titles: Mapping[int, str]


def details(database: Database, items: Sequence[Item]) -> Details:
    """What would become of records, before and after."""
    rows = listing.waits_by_id(database, [one.id for one in items if one.what != SENT])
    for one in items:
        if one.what == SENT:
            rows[one.key] = Waits(one.entity, one.record, SENT, dict.fromkeys(one.rules), {})
    titles = titled(database, {(one.entity, one.record) for one in rows.values()})
    sides = [(one.entity, side) for one in rows.values() for side in (one.before, one.values)]
    return Details(rows, reads.titles_of_values(database, sides) | titles)


class Emptied(NamedTuple):
    """A class that would have no student left."""

    id: int
    title: str
    school: int
    students: int
    teachers: tuple[str, ...]


def emptied(database: Database, items: Sequence[Item], today: str) -> list[Emptied]:
    """The classes that would be without students if the items were carried out, and who teaches.

    A class that goes itself is not among them.
    """
    leaving = {one.record for one in items if _leaves(one)}
    people = {one.record for one in items if (one.entity, one.what) == ("users", listing.REMOVED)}
    gone = {one.record for one in items if (one.entity, one.what) == ("classes", listing.REMOVED)}
    if not (leaving or people):
        return []
    seats, users, classes = (json.dumps(sorted(ids)) for ids in (leaving, people, gone))
    with database.reading() as tx:
        found = list(
            tx.rows(
                "WITH seats AS (SELECT value FROM json_each(?1)), "
                "people AS (SELECT value FROM json_each(?2)), "
                'touched AS (SELECT "class" FROM enrollments WHERE id IN seats UNION '
                'SELECT "class" FROM enrollments WHERE "user" IN people) '
                'SELECT "class", count(*) AS had FROM enrollments AS seat '
                'JOIN users ON users.id = "user" AND users.alive '
                "WHERE seat.alive AND role = 'student' "
                "AND (end_date IS NULL OR end_date > ?4) "
                'AND "class" IN touched AND "class" NOT IN (SELECT value FROM json_each(?3)) '
                'GROUP BY "class" HAVING sum(seat.id IN seats OR "user" IN people) = had',
                (seats, users, classes, today),
            )
        )
        ids = json.dumps([class_ for class_, _ in found])
        about = {
            id_: told
            for id_, *told in tx.rows(
                f"SELECT id, title, school FROM classes WHERE alive AND id {AMONG}", (ids,)
            )
        }
        teachers: dict[int, dict[str, None]] = {}
        for class_, given, family in tx.rows(
            'SELECT "class", given_name, family_name FROM enrollments AS seat '
            'JOIN users ON users.id = "user" AND users.alive '
            "WHERE seat.alive AND role = 'teacher' "
            'AND (end_date IS NULL OR end_date > ?2) AND "class" IN '
            '(SELECT value FROM json_each(?1)) ORDER BY "primary" DESC, seat.id',
            (ids, today),
        ):
            name = " ".join(part for part in (given, family) if part)
            teachers.setdefault(class_, {})[name] = None
    return sorted(
        (
            Emptied(class_, about[class_][0] or "", about[class_][1] or 0, had,
                    tuple(teachers.get(class_, ())))
            for class_, had in found if class_ in about
        ),
        key=lambda one: (-one.students, one.title),
    )  # fmt: skip


def _leaves(item: Item) -> bool:
    """Whether an item takes a student out of a class."""
    return item.entity == "enrollments" and any(
        name.startswith("leaves:") and name.endswith(":student")
        for name in json.loads(item.effects)
    )
