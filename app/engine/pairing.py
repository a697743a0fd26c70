"""People's commands about who is whom at two SISs: which rules hold, and looking over everything.

Answering a question is deciding about a difference (``engine.decisions``); what follows is
``engine.merging``'s to say.
"""

from collections.abc import Collection, Generator, Iterable, Sequence

from app.engine import matching, parting, twins
from app.engine.world import World
from app.errors import BusyError, UsageError
from app.roster.entities import ENTITIES
from app.roster.identity import BY_NAME, identifying
from app.store import identities, journal, linkage, reads
from app.store import matching as store
from app.store import twins as open_twins
from app.store.linkage import LinkOf


def set_rule(world: World, name: str, *, on: bool) -> None:
    """Whether a rule holds from now on; raises ``UsageError`` for one that there is not.

    What is open already stays open, and what was made one stays one.
    """
    check_rules([name])
    with world.database.writing() as tx:
        store.switch(tx, name, on=on)


def check_rules(names: Iterable[str]) -> None:
    """Raises ``UsageError`` for a rule that there is not."""
    for name in names:
        if name not in BY_NAME:
            raise UsageError("identity_rule_unknown", name=name)


def set_rules(world: World, *, off: Collection[str]) -> None:
    """From now on these rules are switched off, and all others hold."""
    with world.database.writing() as tx:
        before = store.switched_off(tx)
        for name in sorted(before.symmetric_difference(off)):
            store.switch(tx, name, on=name not in off)


def forget_different(world: World, pairs: Iterable[tuple[int, int]]) -> int:
    """Two records may be the same after all; of how many pairs the opposite had been said.

    Raises ``UsageError`` where it was said of none.
    """
    asked = list(pairs)
    with world.database.writing() as tx:
        gone = store.forget(tx, asked)
        if not gone:
            one, other = asked[0]
            raise UsageError("not_told_apart", one=one, other=other)
        # Whoever was told apart is compared again with the next whole read.
        for stream, *_ in open_twins.all_streams(tx):
            store.set_looked(tx, stream, "")
    return gone


def look_over(world: World) -> Generator[None, None, int]:
    """Compares everything that more than one connector tells of; how many questions are new.

    A step is a transaction. Nothing is made one: what is found is asked.
    """
    asked = 0
    with world.database.reading() as tx:
        streams = open_twins.all_streams(tx)
    for stream, connector, entity in sorted(
        streams, key=lambda row: (list(ENTITIES).index(row[2]), row[0])
    ):
        more = bool(identifying(ENTITIES[entity]))
        while more:
            with world.database.writing() as tx:
                if matching.beside(tx, stream, entity) is not None:
                    identities.note_marks(tx, ENTITIES[entity])
                more = identities.catch_up(tx, ENTITIES[entity], matching.CATCH_UP)
            yield
        with world.database.writing() as tx:
            beside = matching.beside(tx, stream, entity)
            run = open_twins.newest_run(tx, connector)
        after = 0
        while beside is not None:
            with world.database.writing() as tx:
                after, new = twins.look(tx, connector, entity, stream, run, beside, after)
                asked += new
                if not after:
                    store.set_looked(tx, stream, beside.told)
                    break
            yield
    return asked


def part(world: World, entity: str, record: int, keys: Sequence[str], author: str) -> int | None:
    """Parts from a record what SISs call by these keys, where others keep it; the change set.

    ``None`` where no key is that of a link beside others, and nothing was changed. Raises
    ``NotFound``, and ``BusyError`` while one of these SISs is being read: it may be told of there.
    """
    record = reads.record(world.database, entity, record).record.id
    with world.database.writing() as tx:
        links = [one for one in linkage.links_of(tx, [record]) if one.alive is not None]
        own = linkage.keys_of(tx, [one.id for one in links])
        going = [one for one in links if own[one.id] in keys]
        if len(going) < len(set(keys)) or not _others_keep(links, going):
            return None
        there = open_twins.connectors_of(tx, [one.id for one in going])
        for connector in journal.connectors(tx):
            run = journal.open_run_of(tx, connector.id) if connector.id in there else None
            if run is not None:
                raise BusyError("connector_busy", run=run, name=connector.name)
        change_set = journal.open_change_set(tx, "decision", author, world.now, None)
        parting.part(tx, change_set, entity, record, [one.id for one in going])
    return change_set


def _others_keep(links: Sequence[LinkOf], going: Sequence[LinkOf]) -> bool:
    return bool(going) and any(one.alive and one not in going for one in links)
