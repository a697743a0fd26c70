"""The shelf is walked, person by person: who goes by another key, everybody, who was touched."""

import sys
from collections.abc import Collection, Mapping, Sequence

from app.connectors.contract import Alias, Page, Rekey
from app.connectors.oneroster.joining.position import TELLING, WALKING, Work
from app.connectors.oneroster.joining.rule import MOST
from app.connectors.oneroster.joining.shelved import Member, in_order
from app.connectors.oneroster.joining.telling import Telling

_TOLD = 500
"""So many people who were touched are told on a page."""


def rekeyed(work: Work) -> Page:
    """People whose anchor left go by the key of the next row."""
    at, rows, telling = work.at, work.rows, Telling()
    count = min(work.count, _TOLD)
    batch = rows.touched_after(at.after, count)
    for group, gone in batch:
        left = min(gone, default=None)
        members = in_order(rows.members(group)) if left is not None else []
        if left is None or not 0 < len(members) <= MOST:
            continue
        led = (left.since, left.key) < (members[0].kept.since, members[0].key)
        if led and not _leads(work, left.key):
            telling.rekeys.append(Rekey(left.key, members[0].key))
            # Whatever comes under the old key one day is a row of its own.
            telling.aliases.append(Alias(left.key, members[0].key))
    at.go_on(batch, len(batch) < count, WALKING if at.full else TELLING)
    return telling.page(work)


def _leads(work: Work, key: str) -> bool:
    """Whether a row is the anchor of the group that it is in by now."""
    for seen in work.rows.seen([key]).values():
        members = in_order(work.rows.members(seen.group))
        return len(members) > MOST or members[0].key == key
    return False


def walked(work: Work) -> Page:
    """Everybody, group by group."""
    at, rows, telling = work.at, work.rows, Telling()
    batch = rows.members_after(at.after, work.count)
    done = len(batch) < work.count
    groups: dict[str, list[Member]] = {}
    for _, member in batch:
        groups.setdefault(member.group, []).append(member)
    if not done and len(groups) > 1:
        batch = batch[: -len(groups.popitem()[1])]  # the next page may have more of it
    touched = rows.touched(groups)
    rows.told(touched)
    came = _came(work, groups)
    for group, members in groups.items():
        left = touched.get(group, [])
        crowd = len(members) > MOST or group == at.crowd
        if left or group in came:
            telling.add(members, left, crowd=crowd)
        at.crowd = group if crowd else ""
    at.go_on(batch, done, TELLING)
    return telling.page(work)


def _came(work: Work, groups: Mapping[str, Sequence[Member]]) -> Collection[str]:
    """The groups of which some row came in this reading."""
    if not work.at.stays:
        return groups
    keys = [each.key for members in groups.values() for each in members]
    seen = work.rows.seen(keys).values()
    return {one.group for one in seen if one.number == work.at.number}


def told(work: Work) -> Page:
    """Whoever was touched: what is told of them by now, or their end."""
    at, rows, telling = work.at, work.rows, Telling()
    count = min(work.count, _TOLD)
    batch = rows.touched_after(at.after, count)
    for group, left in batch:
        members = rows.members(group)
        if crowd := len(members) > MOST:
            members = rows.members(group, sys.maxsize)
        telling.add(members, left, crowd=crowd)
    rows.told(group for group, _ in batch)
    at.ended = len(batch) < count
    at.go_on(batch, at.ended, TELLING)
    return telling.page(work)
