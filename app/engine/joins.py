"""Several rows that are one record, by what the connector tells of their keys (SEMANTICS A5).

The record goes by the link of one key, and the others are aliases of it: whoever refers to any of
them refers to the record. Where one of them was a record of its own before, nobody decides in
passing: its end waits for a person, and then it stands for the other.
"""

from collections.abc import Mapping, Sequence

from app.connectors.contract import Alias, Page, Rekey
from app.engine import judging, newcomers
from app.engine.ending import end_links
from app.engine.limits import parting_text
from app.engine.reading import Reading
from app.roster.values import UNSAID
from app.store import identities, journal, linkage, plans, records, referrers
from app.store.database import Tx
from app.store.linkage import HELD_ITEM, HELD_OUTSIDE, Link
from app.store.plans import Item

JOINED = "joined"
"""Why a record ends that another one stands in for, and what holds that until a person says so."""


def rekey(tx: Tx, reading: Reading, page: Page) -> None:
    """Keys that have changed (SEMANTICS A6)."""
    stream, keys = reading.stream.id, [one.new for one in page.rekeys]
    joined = linkage.joined(tx, stream, keys) if reading.aliased else {}
    moves = _make_room(tx, reading, page.rekeys) if page.rekeys else []
    if not moves or not linkage.rekey(tx, stream, moves):
        return
    reading.knows_aliases()
    own = linkage.links_by_key(tx, stream, joined, aliased=False)
    others = [link for key, link in joined.items() if key in own and own[key].id != link]
    _read_again(tx, reading, page, others)


def _make_room(tx: Tx, reading: Reading, rekeys: Sequence[Rekey]) -> list[Rekey]:
    """Who was only mentioned by a key is whoever goes by it from now on (SEMANTICS A3, A6).

    Another stream that is read later may mention a new key before its change is told in its own.
    The changes that are carried out: not those between two that were joined at the SIS alone.
    """
    old = {one.old for one in rekeys}
    keys = [*old, *(one.new for one in rekeys)]
    own = linkage.links_by_key(tx, reading.stream.id, keys, aliased=False)
    met = [
        (own[one.new], own[one.old])
        for one in rekeys
        if one.new in own.keys() - old and one.old in own and own[one.new].alive is None
    ]
    if met:
        linkage.set_aside(tx, [one.id for one, _ in met])
        _stand(tx, reading, [(one.record, other.record) for one, other in met])
        reading.resolver.forget()
    there = [
        (own[one.new], own[one.old])
        for one in rekeys
        if one.new in own.keys() - old and one.old in own and own[one.new].alive is not None
    ]
    # Of two of whom nobody has said that they are one, each keeps what is its own: the one row is
    # gone, and the other goes by its key as ever, whatever the SIS had joined it to.
    apart = _apart(tx, [one for one, _ in there]) if there else {}
    own_end = [pair for pair in there if pair[1].id == apart.get(pair[0].id)]
    _displace(tx, reading, [one for one, other in there if (one, other) not in own_end])
    _gone(tx, reading, [other for _, other in own_end])
    stay = {other.id for _, other in own_end}
    return [one for one in rekeys if one.old not in own or own[one.old].id not in stay]


def _apart(tx: Tx, links: Sequence[Link]) -> dict[int, int]:
    """Those of the links that are to be joined to others, or were not to be: these others."""
    ids = [one.id for one in links]
    return identities.kept_apart(tx, ids) | plans.joined_to(tx, ids)


def _displace(tx: Tx, reading: Reading, links: Sequence[Link]) -> None:
    """Whoever goes by a key that is another one's from now on is gone, as by a tombstone.

    Were the key left to it, the other record would be told of in its place, and end.
    """
    if not links:
        return
    linkage.set_aside(tx, [one.id for one in links])
    _gone(tx, reading, links)


def _gone(tx: Tx, reading: Reading, links: Sequence[Link]) -> None:
    reading.resolver.forget()
    reading.passed.add_all(one.id for one in links)
    told = [one for one in links if one.alive and not one.held & HELD_OUTSIDE]
    ends = [one for one in told if reading.counted.add(one.id)]
    reading.progress.counts["read"] += len(ends)
    end_links(tx, reading, ends, "tombstone")


def join(tx: Tx, reading: Reading, page: Page) -> list[int]:
    """What a page tells of the keys of records; the links of those that were records themselves."""
    _part(tx, reading, page)
    _take_up(tx, reading, page)
    aliases = page.aliases
    if not aliases:
        return []
    stream = reading.stream.id
    anchors = _anchors(tx, reading, aliases)
    keys = [one.key for one in aliases]
    known = linkage.joined(tx, stream, keys)
    own = linkage.links_by_key(tx, stream, keys, aliased=False)
    there = records.read_records(tx, reading.entity.name, [one.record for one in own.values()])
    # As long as a record lives by a key of its own, it is that key's.
    lives = {key for key, one in own.items() if one.record in there and there[one.record].alive}
    linkage.part(tx, stream, lives & known.keys())
    anchor = {one.key: anchors[one.of] for one in aliases}
    new = {key for key in anchor.keys() - lives if known.get(key) != anchor[key].id}
    linkage.join(tx, stream, [(key, anchor[key].id) for key in sorted(new)])
    _read_again(tx, reading, page, [known[key] for key in (new | lives) & known.keys()])
    if new:
        reading.knows_aliases()
    ended = own.keys() - lives
    held = [own[key].id for key in ended if own[key].held & HELD_ITEM]
    newcomers.forget(tx, reading, held)
    _stand(tx, reading, [(own[key].record, anchor[key].record) for key in ended])
    main = {own[key].id: anchor[key].id for key in lives}
    # What was a record is to be one with the anchor's: somebody has to say so.
    living = [one for one in own.values() if one.alive and not one.held & HELD_OUTSIDE]
    reading.passed.add_all(one.id for one in living)
    asked = [one for one in living if reading.counted.add(one.id)]
    reading.progress.counts["read"] += len(asked)
    end_links(tx, reading, asked, JOINED, waits=JOINED)
    plans.note_joined(tx, [(main[one.id], one.id) for one in asked if one.id in main])
    return [one.id for one in living]


def _anchors(tx: Tx, reading: Reading, aliases: Sequence[Alias]) -> Mapping[str, Link]:
    """The links by which the records go, by key.

    A key that is new here takes over what another one of the record has: it is the key alone that
    has changed.
    """
    stream = reading.stream.id
    wanted: dict[str, list[str]] = {}
    for one in aliases:
        wanted.setdefault(one.of, []).append(one.key)
    keys = {*wanted, *(key for some in wanted.values() for key in some)}
    own = linkage.links_by_key(tx, stream, keys, aliased=False)
    moves: list[tuple[str, str]] = []
    for of, others in wanted.items():
        if of in own and own[of].alive is not None:
            continue
        real = [key for key in others if key in own and own[key].alive is not None]
        if real:
            moves.append((min(real, key=lambda key: (not own[key].alive, key)), of))
    if moves:
        mentioned = [(own[of], own[old]) for old, of in moves if of in own]
        linkage.set_aside(tx, [one.id for one, _ in mentioned])
        _stand(tx, reading, [(one.record, other.record) for one, other in mentioned])
        linkage.rekey(tx, stream, moves)
    own = linkage.links_by_key(tx, stream, wanted, aliased=False)
    new = [key for key in wanted if key not in own]
    if new:
        link, record = records.allot(tx, "link", len(new)), records.allot(tx, "record", len(new))
        linkage.insert_links(
            tx,
            [
                (link + n, stream, key, record + n, None, 0, None, None, None, None)
                for n, key in enumerate(new)
            ],
        )
        own |= linkage.links_by_key(tx, stream, new, aliased=False)
    return own


def _stand(tx: Tx, reading: Reading, pairs: Sequence[tuple[int, int]]) -> None:
    """(record, original): whoever refers to the one means the other, if the one does not live."""
    ids = [record for record, _ in pairs]
    there, known = records.read_records(tx, reading.entity.name, ids), identities.originals(tx, ids)
    identities.stand_for_good(
        tx,
        [
            (one, other)
            for one, other in pairs
            if known.get(one) != other and not (one in there and there[one].alive)
        ],
    )


def _part(tx: Tx, reading: Reading, page: Page) -> None:
    """Rows that come under a key of their own are records of their own (again)."""
    stream = reading.stream.id
    known = linkage.joined(tx, stream, page.keys) if reading.aliased else {}
    if not known:
        return
    main, beside = linkage.keys_of(tx, known.values()), set(page.aliases)
    # A key may also change places with the one that it was joined to.
    apart = {key: link for key, link in known.items() if Alias(main[link], key) not in beside}
    linkage.part(tx, stream, apart)
    own = linkage.links_by_key(tx, stream, apart, aliased=False)
    identities.stand_no_more(tx, [one.record for one in own.values()])
    reading.parted |= apart
    _read_again(tx, reading, page, list(apart.values()))


def _take_up(tx: Tx, reading: Reading, page: Page) -> None:
    """Rows come under keys that others had once: they are records of their own (SEMANTICS A6)."""
    stream = reading.stream.id
    former = linkage.former(tx, stream, page.keys) if reading.aliased else []
    if former:
        linkage.part(tx, stream, former)
        reading.resolver.forget()


def unasked(tx: Tx, reading: Reading, links: Mapping[str, Link]) -> None:
    """Rows that come as records of their own, by key, though it waits that they are joined."""
    held = {link.id: key for key, link in links.items() if link.held & HELD_ITEM}
    main = plans.joined_to(tx, held) if held else {}
    reading.parted |= {held[link]: to for link, to in main.items()}


def _read_again(tx: Tx, reading: Reading, page: Page, links: Sequence[int]) -> None:
    """Rows are joined to links no more: who refers to them was taken to refer to these.

    Not by what stands here: the SIS may have said so of a record that refers to others by now.
    """
    if not links:
        return
    reading.resolver.forget()
    who = referrers.entities(reading.entity.name)
    linkage.forget_digests(tx, reading.stream.id, who)
    # Of their streams changes alone may be read, though this one is read whole.
    journal.read_whole_beside(tx, reading.stream.id, who)
    if not page.full:
        journal.read_whole(tx, reading.stream.id)


def part_effects(tx: Tx, reading: Reading) -> None:
    """What a row that is taken apart takes along is in its record, and no removal (SEMANTICS E1).

    Where a run goes on with what another one read it counts as any other change.
    """
    if not reading.parted:
        return
    entity, stream = reading.entity, reading.stream.id
    own = linkage.links_by_key(tx, stream, reading.parted, aliased=False)
    mains = set(reading.parted.values())
    planned = plans.items_of(tx, [*(link.id for link in own.values()), *mains])
    items = {item.link: item for item in planned if item.action != "end"}
    there = records.read_records(tx, entity.name, [link.record for link in own.values()])
    going: dict[int, set[int]] = {}
    for key, link in own.items():
        item, record = items.get(link.id), there.get(link.record)
        if item is not None and item.patch is not None:
            told = [None if one is UNSAID else one for one in reading.layouts.patch(item.patch)]
        elif record is not None and record.alive:
            told = list(record.values)
        else:
            continue
        [where] = judging.schools(tx, entity, [told], [link.record], reading.now[:10])
        going.setdefault(reading.parted[key], set()).update(where)
    plans.note_parted(
        tx,
        [
            (parting_text(items[main].effects, going[main]), items[main].id)
            for main in going.keys() & items.keys()
            if items[main].action == "update"
        ],
    )


def taken_apart(tx: Tx, reading: Reading, records_: Sequence[int]) -> dict[int, int]:
    """Those of the records that were taken apart in this reading: from whom."""
    if not reading.parted:
        return {}
    own = linkage.links_by_key(tx, reading.stream.id, reading.parted, aliased=False)
    mains = linkage.links_by_id(tx, set(reading.parted.values()))
    whom = {one.id: one.record for one in mains}
    found = {link.record: whom[reading.parted[key]] for key, link in own.items()}
    return {record: found[record] for record in records_ if record in found}


def refused(tx: Tx, change_set: int, items: Sequence[Item]) -> None:
    """Records were to be joined with others and are not: with whom is on record with the refusal.

    The SIS goes on telling both by one key, and when that goes each keeps its own.
    """
    main = plans.joined_to(tx, [item.link for item in items])
    whom = {one.id: one.record for one in linkage.links_by_id(tx, set(main.values()))}
    apart = {item.record: whom[main[item.link]] for item in items if main.get(item.link) in whom}
    records.log_twins(tx, change_set, apart)


def settle(tx: Tx, reading: Reading, items: Sequence[Item]) -> dict[int, int]:
    """Records have ended; those whose rows belong to others stand for these from now on.

    For whom, by record.
    """
    main = plans.joined_to(tx, [item.link for item in items])
    if not main:
        return {}
    keys, to = linkage.keys_of(tx, main), linkage.links_by_id(tx, set(main.values()))
    alive = {one.id: one.record for one in to if one.alive}
    mine = [item for item in items if main.get(item.link) in alive]
    linkage.join(tx, reading.stream.id, [(keys[one.link], main[one.link]) for one in mine])
    joined = {one.record: alive[main[one.link]] for one in mine}
    identities.stand_for_good(tx, joined.items())
    records.log_twins(tx, reading.run, joined)
    return joined
