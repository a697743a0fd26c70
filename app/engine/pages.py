"""A page of rows becomes creates, plan items, bases and counts, in one transaction (SEMANTICS C1).

A row whose digest is known is passed over undecoded. A create is written there and then. A change
to a live record becomes a plan item, to be settled when the stream has been read; so does a field
gone blank, because only the whole stream tells whether the field is spoken at all (A2).
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import compress
from typing import NamedTuple, TypeAlias

from app.connectors.contract import Page, Row, Unreadable
from app.engine import joins, matching, newcomers, recycled, seen, twins
from app.engine.agreed import Settled, settle_bases
from app.engine.effects import effects, update_sides
from app.engine.ending import end_links, set_alive
from app.engine.members import lists
from app.engine.reading import Reading
from app.engine.reconcile import Living, Outcome, Values, first_values
from app.engine.weigh import planned_values
from app.errors import ContractError
from app.roster.values import UNSAID, Plain
from app.roster.words import merged, odd_words
from app.store import identities, journal, linkage, plans, records, scopes
from app.store.codec import encode
from app.store.database import Tx
from app.store.linkage import KnownLink, Link
from app.store.plans import Plan
from app.store.records import Record
from app.store.unreadable import forget_unreadable, keep_unreadable


def work_page(tx: Tx, reading: Reading, page: Page) -> None:
    """Everything that follows from one page; the caller's transaction makes it durable."""
    _begin_page(tx, reading, page)
    matching.look_beside(tx, reading)
    counts, stream = reading.progress.counts, reading.stream.id
    joins.rekey(tx, reading, page)
    joined = joins.join(tx, reading, page)
    mentioned = [*page.keys, *page.tombstones, *(one.key or "" for one in page.unreadable)]
    if "\0" in "".join(mentioned):
        # No database text holds one; a kind has to tell such a row as unreadable.
        raise ContractError("key_unfit", entity=reading.entity.name)
    known = (
        {}
        if reading.fresh and not reading.counted and not page.aliases
        else linkage.known_links(tx, stream, page.keys, aliased=reading.aliased)
    )
    wanted, skipped, outside = _wanted(reading, page, known)
    new = sum(map(reading.counted.add, skipped))
    counts["read"] += new
    counts["unchanged"] += new
    counts["outside"] += sum(map(reading.counted.add, outside))
    touched = [*joined, *skipped, *outside]
    # Whoever was passed over needs nothing more.
    named = (page.keys[place] for place in wanted)
    links = {key: Link._make(known[key][1:]) for key in named if key in known}
    joins.unasked(tx, reading, links)
    rows: list[tuple[int, Row]] = []
    unreadable = list(page.unreadable)
    for place, told in zip(wanted, page.read(wanted), strict=True):
        if isinstance(told, Unreadable):
            unreadable.append(told)
        else:
            rows.append((place, told))
    if reading.within is not None and rows:
        out = reading.within.outside(tx, [row for _, row in rows], page.fields)
        digests = {row.key: page.digests[place] for place, row in rows if row.key in out}
        rows = [(place, row) for place, row in rows if row.key not in out]
        touched += _work_outside(
            tx, reading, {key: digests[key] if lasts else None for key, lasts in out.items()}, links
        )
    if links:
        _take_in(tx, (links.get(row.key) for _, row in rows))
    touched += _work_rows(tx, reading, page, rows, links)
    others = [*page.tombstones, *(one.key for one in unreadable if one.key is not None)]
    if others:
        # Looked up only now: a row of this page may have mentioned them, and so given them links.
        links = linkage.links_by_key(tx, stream, others, aliased=reading.aliased)
    touched += _work_tombstones(tx, reading, page, links)
    touched += _work_unreadable(tx, reading, unreadable, links)
    journal.save_seen(
        tx, reading.run, reading.entity.name, reading.progress.passes, seen.pack(touched)
    )
    journal.save_progress(tx, reading.run, reading.progress)
    reading.resolver.trim()


def _begin_page(tx: Tx, reading: Reading, page: Page) -> None:
    progress = reading.progress
    if page.restarts:
        progress.passes += 1
        reading.passed.clear()
    if page.fields != reading.fields:
        raise ContractError("fields_changed", entity=reading.entity.name)
    if progress.scope not in (None, page.scope) and not page.restarts:
        # Half of the stream was read under another scope: together they are no whole answer.
        progress.doubts.append(("scope_changed_midway", {}))
    if reading.scope is None or progress.scope != page.scope:
        # What comes with changes alone belongs to what the last whole read asked for (D2).
        here = reading.under(page.scope)
        whole = here if page.full else reading.stream.scope or here
        reading.scope = linkage.scope_id(tx, whole)
    progress.full = page.full
    progress.scope = page.scope
    progress.state = page.state
    if page.last and progress.phase == journal.READING:
        progress.phase = journal.JUDGING
    progress.total = page.total
    progress.evidence = page.evidence
    progress.doubts += [(doubt.code, dict(doubt.parameters)) for doubt in page.doubts]


def _wanted(
    reading: Reading, page: Page, known: Mapping[str, KnownLink]
) -> tuple[list[int], list[int], list[int]]:
    """The places of rows that must be decoded, and the links of those that need not be (B8).

    The links of rows that are still what they were when they were found out of scope come last.
    """
    wanted: dict[str, int] = {}
    if not known:
        for place, key in enumerate(page.keys):
            wanted.setdefault(key, place)
        return list(wanted.values()), [], []
    skipped, outside = [], []
    find, passed, counted = known.get, reading.passed, reading.counted
    for place, (key, digest) in enumerate(zip(page.keys, page.digests, strict=True)):
        row = find(key)
        if row is None:
            wanted.setdefault(key, place)
            continue
        _, link, _, alive, held, known_digest = row
        if known_digest == digest and alive and not held:
            passed.add(link)
            skipped.append(link)
        elif known_digest == digest and held == linkage.HELD_OUTSIDE:
            passed.add(link)
            outside.append(link)
        elif link in counted:
            # Told of before in this chain of runs: a later change of it comes with the next sync,
            # because the bound of the cursor was fixed before reading (C3).
            passed.add(link)
        else:
            wanted.setdefault(key, place)
    return list(wanted.values()), skipped, outside


def _work_outside(
    tx: Tx, reading: Reading, digests: Mapping[str, bytes | None], links: dict[str, Link]
) -> list[int]:
    """Rows out of scope, each with the digest by which it is passed over next time, or none.

    They are neither created nor compared: a link is marked, and its record stays as it is (D2).
    """
    if not digests:
        return []
    made = _links_for(tx, reading, list(digests), links)
    stream, held = reading.stream.id, linkage.HELD_OUTSIDE
    linkage.insert_links(
        tx,
        [
            (link, stream, key, record, None, held, None, None, digests[key], None)
            for key, (link, record) in made.items()
        ],
    )
    old = [(digest, links[key]) for key, digest in digests.items() if key in links]
    news = [(digest, one.id) for digest, one in old if (one.held, one.digest) != (held, digest)]
    scopes.put_outside(tx, news)
    found = [*(one.id for _, one in old), *(link for link, _ in made.values())]
    return _count_outside(reading, found)


def _count_outside(reading: Reading, links: list[int]) -> list[int]:
    """The same links, seen and counted as out of scope, in no other count (C8)."""
    reading.passed.add_all(links)
    reading.progress.counts["outside"] += sum(map(reading.counted.add, links))
    return links


def _take_in(tx: Tx, links: Iterable[Link | None]) -> None:
    """Links that were out of scope, and of which the SIS tells within it."""
    back = [one.id for one in links if one is not None and _is_outside(one)]
    linkage.release(tx, back, linkage.HELD_OUTSIDE)


def _is_outside(link: Link | None) -> bool:
    return link is not None and bool(link.held & linkage.HELD_OUTSIDE)


def arranged(reading: Reading, patch: tuple[Plain, ...]) -> tuple[Plain, ...]:
    """``patch``, one value a field of the entity; what is not spoken is ``UNSAID``."""
    values: list[Plain] = [UNSAID] * len(reading.entity.fields)
    for place, value in zip(reading.places, patch, strict=True):
        values[place] = value
    return tuple(values)


def _work_rows(
    tx: Tx,
    reading: Reading,
    page: Page,
    rows: Sequence[tuple[int, Row]],
    links: dict[str, Link],
) -> list[int]:
    """Rows that were decoded: creates, first arrivals, changes. The links they belong to."""
    if not rows:
        return []
    entity = reading.entity
    new = [row.key for _, row in rows if row.key not in links]
    ids: Ids = _allotted(tx, reading, new)
    reading.resolver.know(entity.name, ((key, link.record) for key, link in links.items()))
    if page.fields == entity.field_names:
        patches = [row.patch for _, row in rows]
    else:
        patches = [arranged(reading, row.patch) for _, row in rows]
    _hear(reading, patches)
    merged(reading.odd, odd_words(entity, patches))
    remotes = reading.resolver.stored(tx, entity, patches)
    dead = [link.record for link in links.values() if link.alive == 0]
    # A tombstone of a record that we never had left a link and nothing else.
    bodiless = set(dead) - records.read_records(tx, entity.name, dead).keys() if dead else set()
    met = matching.Sorted()
    if reading.beside is not None:
        pairs = list(zip([row.key for _, row in rows], remotes, strict=True))
        if links and recycled.part(tx, reading, pairs, links):
            now = [*zip(new, ids[1], strict=True), *((k, one.record) for k, one in links.items())]
            reading.resolver.know(entity.name, now)
            remotes = reading.resolver.stored(tx, entity, patches)
        allotted = dict(zip(new, zip(*ids, strict=True), strict=True))
        met = matching.sort(tx, reading, pairs, links, allotted, bodiless)
    if met.doubtful and twins.part_people(tx, reading, met.doubtful, dict(pairs)):
        remotes = reading.resolver.stored(tx, entity, patches)
    if met.adopted:
        links |= met.adopted
        ids = _without(new, ids, met.adopted)
        known = [(key, link.record) for key, link in met.adopted.items()]
        reading.resolver.know(entity.name, known)
        if any(target == entity.name for one in entity.fields for _, target in one.references):
            # Who was named by those keys in this page is somebody else now.
            remotes = reading.resolver.stored(tx, entity, patches)
    told: list[Told] = [
        (row, page.digests[place], remote)
        for (place, row), remote in zip(rows, remotes, strict=True)
    ]
    for _, row in rows:
        for warning in row.warnings:
            reading.warnings[warning] = reading.warnings.get(warning, 0) + 1
    fresh: list[Told] = [] if links else told
    arrived: list[tuple[Link, Told]] = []
    changed: list[tuple[Link, Told]] = []
    for one in told if links else ():
        link = links.get(one[0].key)
        if link is None:
            fresh.append(one)
        elif link.held & linkage.HELD_MADE:
            # Sent from here, and its row comes before the answer: what it says is weighed.
            changed.append((link, one))
        elif link.alive is None or link.record in bodiless:
            arrived.append((link, one))
        else:
            changed.append((link, one))
    waiting: list[tuple[Link, Told]] = []
    if not reading.fresh or met.waiting:
        fresh, ids, arrived, waiting = _set_aside(tx, reading, fresh, ids, arrived, met.waiting)
    touched = _create(tx, reading, fresh, *ids) + _arrive(tx, reading, arrived)
    if met.doubtful:
        twins.ask_about(tx, reading, _doubts(met.doubtful, fresh, ids, arrived))
    counts = reading.progress.counts
    counts["created"] += len(touched)
    touched += _plan_creates(tx, reading, waiting)
    reading.counted.add_all(touched)
    reading.passed.add_all(touched)
    counts["read"] += len(touched)
    touched += _work_changed(tx, reading, changed)
    mended = [row.key for _, row in rows if _held_unreadable(links.get(row.key))]
    if mended:
        forget_unreadable(tx, reading.stream.id, mended)
        linkage.release(tx, [links[key].id for key in mended], linkage.HELD_UNREADABLE)
    return touched


Told: TypeAlias = tuple[Row, bytes | None, tuple[Plain, ...]]
"""A row, the digest it came with, and what it says in stored form: a bare tuple, being so many."""

Ids: TypeAlias = tuple[Sequence[int], Sequence[int]]
"""Of links, and of their records."""


def _doubts(
    doubtful: Mapping[str, matching.Met],
    fresh: Iterable[Told],
    ids: Ids,
    arrived: Iterable[tuple[Link, Told]],
) -> list[twins.Doubt]:
    """Those that were made of which it is doubtful whether they are somebody else."""
    made = [(link, record, one) for link, record, one in zip(*ids, fresh, strict=True)]
    made += [(link.id, link.record, one) for link, one in arrived]
    return [
        twins.Doubt(link, record, remote, doubtful[row.key])
        for link, record, (row, _, remote) in made
        if row.key in doubtful
    ]


def _without(new: Sequence[str], ids: Ids, gone: Container[str]) -> Ids:
    """The ids of new keys but for some."""
    stay = [key not in gone for key in new]
    return list(compress(ids[0], stay)), list(compress(ids[1], stay))


def _set_aside(
    tx: Tx,
    reading: Reading,
    fresh: list[Told],
    ids: Ids,
    arrived: list[tuple[Link, Told]],
    others: Container[str],
) -> tuple[list[Told], Ids, list[tuple[Link, Told]], list[tuple[Link, Told]]]:
    """Without those that may be people we have under another key, which come last (D5).

    So do the ``others``, by key, of whom only the whole stream tells who they are.
    """
    told = [*fresh, *(one for _, one in arrived)]
    met = [row.key in others for row, *_ in told]
    if not reading.fresh:
        remotes = [remote for *_, remote in told]
        found = newcomers.matches(tx, reading.stream.id, reading.entity, remotes)
        met = [one or bool(some) for one, some in zip(met, found, strict=True)]
    old, new = met[len(fresh) :], met[: len(fresh)]
    waiting = [one for one, meets in zip(arrived, old, strict=True) if meets]
    arrived = [one for one, meets in zip(arrived, old, strict=True) if not meets]
    newcomers.forget(tx, reading, [link.id for link, _ in arrived if link.held & linkage.HELD_ITEM])
    if any(new):
        stay = [not meets for meets in new]
        mentioned = list(compress(zip(*ids, fresh, strict=True), new))
        ids = list(compress(ids[0], stay)), list(compress(ids[1], stay))
        fresh = list(compress(fresh, stay))
        waiting += [(Link(link, record, None, 0, None), one) for link, record, one in mentioned]
        stream = reading.stream.id
        linkage.insert_links(
            tx,
            [
                (link, stream, row.key, record, None, 0, None, None, None, None)
                for link, record, (row, *_) in mentioned
            ],
        )
    return fresh, ids, arrived, waiting


def _plan_creates(tx: Tx, reading: Reading, told: Sequence[tuple[Link, Told]]) -> list[int]:
    """Rows that are made into records when the stream has been read, or later (D5)."""
    layout = reading.layouts.current
    plans.plan(
        tx,
        reading.stream.id,
        reading.run,
        [
            Plan(
                link.id,
                "create",
                "planned",
                version=row.version,
                modified_at=reading.weigher.modified_at(row.version),
                digest=digest,
                patch=encode((layout, *remote)),
            )
            for link, (row, digest, remote) in told
        ],
    )
    return [link.id for link, _ in told]


def _create(
    tx: Tx, reading: Reading, told: Sequence[Told], links: Sequence[int], ids: Sequence[int]
) -> list[int]:
    """Rows of keys that nobody mentioned before: link, base and record."""
    stream, scope = reading.stream.id, reading.scope
    remotes = [remote for _, _, remote in told]
    bases = _bases(reading, remotes)
    linkage.insert_links(
        tx,
        [
            (link, stream, row.key, id_, 1, 0, scope, row.version, digest, base)
            for link, id_, (row, digest, _), base in zip(links, ids, told, bases, strict=True)
        ],
    )
    _insert(tx, reading, ids, remotes)
    return list(links)


def _arrive(tx: Tx, reading: Reading, told: Sequence[tuple[Link, Told]]) -> list[int]:
    """Rows of links that were mentioned before they came: base and record."""
    arrive(
        tx,
        reading,
        [
            (link.id, link.record, row.version, digest, remote)
            for link, (row, digest, remote) in told
        ],
    )
    return [link.id for link, _ in told]


Arrival: TypeAlias = tuple[int, int, str | None, bytes | None, tuple[Plain, ...]]
"""A link and its record, the version and the digest of the row, and what it says."""


def arrive(tx: Tx, reading: Reading, told: Sequence[Arrival]) -> None:
    """Links that were mentioned before get base and record."""
    remotes = [remote for *_, remote in told]
    linkage.links_arrived(
        tx,
        [
            (reading.scope, version, digest, base, link)
            for (link, _, version, digest, _), base in zip(
                told, _bases(reading, remotes), strict=True
            )
        ],
    )
    _insert(tx, reading, [record for _, record, *_ in told], remotes)


def _bases(reading: Reading, remotes: Iterable[tuple[Plain, ...]]) -> list[bytes]:
    layout = reading.layouts.current
    return [encode((layout, *remote)) for remote in remotes]


def _insert(
    tx: Tx, reading: Reading, ids: Iterable[int], remotes: Iterable[tuple[Plain, ...]]
) -> None:
    """New records in their first version, by this run."""
    run = reading.run
    records.insert_records(
        tx,
        reading.entity.name,
        [
            (id_, 1, 1, run, run, *first_values(remote))
            for id_, remote in zip(ids, remotes, strict=True)
        ],
        # Of a first load nobody can be known yet, and it is in a hurry.
        identify=not reading.fresh or reading.beside is not None,
    )


def _held_unreadable(link: Link | None) -> bool:
    return link is not None and bool(link.held & linkage.HELD_UNREADABLE)


def _links_for(
    tx: Tx, reading: Reading, keys: Sequence[str], links: dict[str, Link]
) -> dict[str, tuple[int, int]]:
    """New (link, record) ids for the keys nobody mentioned before, known to the resolver."""
    new = [key for key in keys if key not in links]
    made = dict(zip(new, zip(*_allotted(tx, reading, new), strict=True), strict=True))
    reading.resolver.know(reading.entity.name, ((key, link.record) for key, link in links.items()))
    return made


def _allotted(tx: Tx, reading: Reading, new: Sequence[str]) -> tuple[range, range]:
    """Ids of links and of records for as many keys; the resolver knows them from now on."""
    count = len(new)
    if not count:
        return range(0), range(0)
    link, record = records.allot(tx, "link", count), records.allot(tx, "record", count)
    ids = range(record, record + count)
    reading.resolver.know(reading.entity.name, zip(new, ids, strict=True))
    return range(link, link + count), ids


def _hear(reading: Reading, patches: Sequence[tuple[Plain, ...]]) -> None:
    """Notes which spoken fields some row carries a value for (A2)."""
    heard = {
        place
        for place in reading.unheard
        if any(patch[place] is not None and patch[place] is not UNSAID for patch in patches)
    }
    if heard:
        reading.unheard -= heard
        fields = reading.entity.fields
        reading.progress.said.update(fields[place].name for place in heard)


def _work_changed(
    tx: Tx,
    reading: Reading,
    changed: Sequence[tuple[Link, Told]],
) -> list[int]:
    """Rows of known links whose digest is new: reconciled, and planned where a record changes."""
    if not changed:
        return []
    entity, counts = reading.entity, reading.progress.counts
    locals_ = records.read_records(tx, entity.name, (link.record for link, *_ in changed))
    bases = linkage.link_bases(tx, (link.id for link, *_ in changed))
    same = identities.stand_ins(tx, entity)
    same.learn(
        side
        for link, (_, _, remote) in changed
        for side in (remote, locals_[link.record].values, reading.layouts.base(bases[link.id]))
    )
    planned: list[Planned] = []
    settled: list[Settled] = []
    took_back, revived = [], []
    beside, named = reading.beside is not None, {one.index for one in lists(entity)}
    for link, (row, digest, remote) in changed:
        reading.passed.add(link.id)
        reading.counted.add(link.id)
        record = locals_[link.record]
        base = reading.layouts.base(bases[link.id])
        modified_at = reading.weigher.modified_at(row.version)
        outcome, living = reading.weigher.row(
            tx, record, base, bool(link.alive), remote, modified_at, same
        )
        if same.unsure(remote):
            digest = None  # who is meant is being asked: it is looked at again
        if outcome.local or outcome.blanks or living is Living.REVIVES:
            # Who is in a list is weighed once it is known who has ended with this reading (D4).
            reading.unweighed |= beside and not outcome.local.keys().isdisjoint(named)
            planned.append(Planned(link, (row, digest, remote), record, base, outcome))
        else:
            settled.append(Settled(link.id, record, row.version, digest, base, remote, outcome))
            if not link.alive:
                revived.append(link.id)
            if link.held & linkage.HELD_ITEM:
                took_back.append(link.id)
    counts["read"] += len(changed)
    counts["unchanged"] += len(settled)
    set_alive(tx, revived, True)
    plans.withdraw(tx, took_back)
    plans.plan(tx, reading.stream.id, reading.run, _plans(tx, reading, planned))
    settle_bases(tx, reading, settled)
    return [link.id for link, *_ in changed]


class Planned(NamedTuple):
    """A row that changes a live record, and what follows from it."""

    link: Link
    told: Told
    record: Record
    base: Values
    outcome: Outcome


def _plans(tx: Tx, reading: Reading, planned: Sequence[Planned]) -> list[Plan]:
    """The plan items of rows that change live records."""
    if not planned:
        return []
    layout = reading.layouts.current
    sides = [update_sides(one.record, one.base, one.outcome) for one in planned]
    doing = effects(tx, reading.entity, reading.now[:10], sides)
    found = []
    for one, would in zip(planned, doing, strict=True):
        row, digest, remote = one.told
        found.append(
            Plan(
                one.link.id,
                "update",
                "planned",
                effects=would,
                record_version=one.record.version,
                version=row.version,
                modified_at=reading.weigher.modified_at(row.version),
                digest=digest,
                patch=encode((layout, *remote)),
                planned=encode(planned_values(reading.entity, one.outcome.local)),
            )
        )
    return found


def _own_keys(tx: Tx, reading: Reading, keys: list[str], links: dict[str, Link]) -> list[str]:
    """The keys of tombstones, a former key apart from the one it became (SEMANTICS A6).

    The end of a former key ends nobody: the record goes by another. It gets a link of its own, so
    that it counts once; ``links`` knows it then.
    """
    if not reading.aliased:
        return keys
    stream = reading.stream.id
    now = linkage.links_by_key(tx, stream, keys, aliased=False)
    links.update(now)
    former = {key: linkage.ASIDE + key for key in keys if key in links and key not in now}
    links.update(linkage.links_by_key(tx, stream, former.values(), aliased=False))
    return [former.get(key, key) for key in keys]


def _work_tombstones(tx: Tx, reading: Reading, page: Page, links: dict[str, Link]) -> list[int]:
    """Tombstones: one that is a change waits or asks; a repeated or unknown one does nothing."""
    if not page.tombstones:
        return []
    counts = reading.progress.counts
    keys = _own_keys(tx, reading, list(dict.fromkeys(page.tombstones)), links)
    outside: list[int] = []
    if reading.within is not None:
        # What is out of scope is kept, whatever becomes of it there: no news of it is heard (D2).
        ends = [links[key].id for key in keys if key in links and links[key].alive]
        left = reading.within.left(tx, ends, reading.layouts)
        scopes.put_outside(tx, [(None, link) for link in left])
        out = {
            key: links[key].id
            for key in keys
            if key in links and (_is_outside(links[key]) or links[key].id in left)
        }
        keys = [key for key in keys if key not in out]
        outside = _count_outside(reading, list(out.values()))
    _take_in(tx, (links.get(key) for key in keys))
    unknown = [key for key in keys if key not in links]
    made = _links_for(tx, reading, unknown, links)
    # A tombstone of a record we never had: the link is kept, dead, so that it counts once.
    stream, scope = reading.stream.id, reading.scope
    linkage.insert_links(
        tx,
        [
            (made[key][0], stream, key, made[key][1], 0, 0, scope, None, None, None)
            for key in unknown
        ],
    )
    never = [links[key].id for key in keys if key in links and links[key].alive is None]
    linkage.set_alive(tx, never, False)
    waiting = [one.id for one in links.values() if not one.alive and one.held & linkage.HELD_ITEM]
    newcomers.forget(tx, reading, waiting)
    known = [links[key] for key in keys if key in links and links[key].alive is not None]
    touched = [made[key][0] for key in unknown] + never
    fresh = [link for link in touched if reading.counted.add(link)]
    counts["read"] += len(fresh)
    counts["unchanged"] += len(fresh)
    live = []
    for link in known:
        reading.passed.add(link.id)
        touched.append(link.id)
        if not reading.counted.add(link.id):
            continue
        counts["read"] += 1
        if link.alive:
            live.append(link)
        else:
            counts["unchanged"] += 1
    for link_id in touched:
        reading.passed.add(link_id)
    end_links(tx, reading, live, "tombstone")
    return [*touched, *outside]


def _work_unreadable(
    tx: Tx, reading: Reading, rows: Sequence[Unreadable], links: dict[str, Link]
) -> list[int]:
    """Rows that could not be understood: kept as they came; a key protects its record (C6)."""
    if not rows:
        return []
    counts = reading.progress.counts
    keyed = {one.key: one for one in rows if one.key is not None}
    keyless = [one for one in rows if one.key is None]
    reading.progress.keyless += len(keyless)
    counts["read"] += len(keyless)
    counts["unreadable"] += len(keyless)
    made = _links_for(tx, reading, list(keyed), links)
    stream, held = reading.stream.id, linkage.HELD_UNREADABLE
    linkage.insert_links(
        tx,
        [
            (link, stream, key, record, None, held, None, None, None, None)
            for key, (link, record) in made.items()
        ],
    )
    old = [links[key].id for key in keyed if key in links]
    linkage.hold(tx, old, linkage.HELD_UNREADABLE)
    touched = [link for link, _ in made.values()] + old
    for link in touched:
        reading.passed.add(link)
        if reading.counted.add(link):
            counts["read"] += 1
            counts["unreadable"] += 1
    keep_unreadable(
        tx,
        reading.stream.id,
        reading.run,
        [(one.key, one.raw, one.reason) for one in (*keyed.values(), *keyless)],
    )
    return touched
