"""Rows arrive, and are put on the shelf; these pages tell nobody yet."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing

from app.connectors.asking import next_told
from app.connectors.contract import Ahead, Doubt, Page, Pull, Row, State, Unreadable, row_digest
from app.connectors.oneroster.joining.position import REKEYING, SWEEPING, Work
from app.connectors.oneroster.joining.rule import alone
from app.connectors.oneroster.joining.shelved import Kept, Seen, arranged
from app.connectors.oneroster.joining.telling import Telling


def arrived(work: Work, pull: Callable[[State | None], Pull]) -> Pull:
    """Reads the rows that ``pull`` yields to their end."""
    with closing(pull(work.at.inner)) as steps:
        while (step := (yield from next_told(steps))) is not None:
            yield step if isinstance(step, Ahead) else _shelved(work, step)


def _shelved(work: Work, page: Page) -> Page:
    at, rows = work.at, work.rows
    if page.restarts:
        at.number += 1
        rows.number = at.number
        at.distinct = at.keyless = 0
    at.inner, at.fields, at.full = page.state, page.fields, page.full
    at.scope, at.evidence = page.scope, page.evidence
    unreadable = {one.key: one for one in page.unreadable if one.key is not None}
    keyless = [one for one in page.unreadable if one.key is None]
    keys = [*page.keys, *unreadable, *page.tombstones]
    known = rows.seen(keys)
    at.distinct += sum(key not in known or known[key].number != at.number for key in keys)
    at.keyless += len(keyless)
    rows.end({key: known[key] for key in page.tombstones if key in known}, "ended")
    wanted = _changed(work, page.keys, page.digests, known)
    read = page.read(wanted)
    news = [(page.keys[n], row, page.digests[n]) for n, row in zip(wanted, read, strict=True)]
    digests = [row_digest(one.raw, work.io.salt) for one in unreadable.values()]
    odd = list(unreadable.items())
    wanted = _changed(work, list(unreadable), digests, known)
    _keep(work, [*news, *((*odd[place], digests[place]) for place in wanted)], known)
    rows.keep_touched()
    doubts = list(page.doubts)
    if page.last:
        distinct = at.distinct + at.keyless
        if page.total not in (None, distinct):
            numbers = {"total": page.total, "distinct": distinct}
            doubts.append(Doubt("total_not_reached", numbers))
        at.phase = SWEEPING if page.full else REKEYING
    at.certain = at.certain and not doubts and not keyless
    telling = Telling(
        # Of rows that never came here it is told as it is.
        tombstones=[key for key in page.tombstones if key not in known],
        unreadable=keyless,
        notes=list(page.notes),
    )
    return telling.page(work, received=page.received, restarts=page.restarts, doubts=doubts)


def _changed(
    work: Work, keys: Sequence[str], digests: Sequence[bytes], known: Mapping[str, Seen]
) -> list[int]:
    """The places of rows that say something new; of the others it is noted that they came."""
    at, scope = work.at, work.at.scope_digest
    places = []
    for place, (key, digest) in enumerate(zip(keys, digests, strict=True)):
        seen = known.get(key)
        if seen is None or seen.digest != digest:
            places.append(place)
        elif seen.missed or (at.full and (seen.number, seen.scope) != (at.number, scope)):
            seen.missed = b""
            if at.full:
                seen.number, seen.scope = at.number, scope
            work.rows.came(key, seen)
    return places


def _keep(
    work: Work, rows: Sequence[tuple[str, Row | Unreadable, bytes]], known: Mapping[str, Seen]
) -> None:
    """Keeps rows that are new, or say something else than before: (key, row, digest)."""
    at, scope = work.at, work.at.scope_digest
    before = work.rows.kept({key: known[key] for key, *_ in rows if key in known})
    for key, told, digest in rows:
        seen = known.get(key)
        kept, group = Kept(at.number, digest), alone(key)
        if seen is not None:
            kept, group = before[key], seen.group
        if isinstance(told, Unreadable):
            kept.digest, kept.raw, kept.reason = digest, told.raw, told.reason
        else:
            kept = Kept.of(kept.since, digest, told, at.fields)
            group = work.rule.group(key, arranged(told.patch, at.fields), group)
        work.rows.put(key, kept, seen, Seen(group, 0, digest, at.number, scope), at.number)
        if not at.full:
            work.rows.touch(group)
