"""A record without what a change set did to it (SEMANTICS G2). Pure.

It is the merge of every sync, turned round: base is what the change set left, remote is what stood
before it, local is what stands now. So whatever is newer stands, element by element in lists, and
group by group, and nothing is made that cannot be.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.engine.reconcile import ConflictKind, Values, reconcile
from app.engine.weigh import with_local
from app.roster.parts import ALIVE, part_name
from app.roster.schema import EntityType
from app.roster.values import UNSAID, Plain
from app.store.history import Logged
from app.store.records import Record


@dataclass
class Reverted:
    """The record as it would be, and what stays as it is."""

    record: Record
    alive: bool
    values: tuple[Plain, ...]
    restored: list[tuple[int | None, str]] = field(default_factory=list)
    """(link, part): what came back, and the link that the change had come from."""
    newer: dict[str, Logged | None] = field(default_factory=dict)
    """Parts that somebody changed since, and the newest of these changes."""
    unfit: set[str] = field(default_factory=set)
    """Parts that could not stand together with what is newer."""
    since: frozenset[str] = frozenset()
    """Parts that somebody changed after the last word of the change set."""
    unmade: bool = False
    """The change set made the record, so it ends."""

    @property
    def changes(self) -> bool:
        """Whether anything of the record moves."""
        return self.alive != self.record.alive or self.values != self.record.values


def revert(
    entity: EntityType,
    record: Record,
    rows: Sequence[Logged],
    sets: Collection[int],
    undone: Mapping[int, Collection[int]],
    *,
    made_in: int | None,
) -> Reverted:
    """The record without what ``sets`` did to it.

    ``rows`` are all its changes, the newest first; ``undone`` has the change sets that each undo
    took back; ``made_in`` is the one of ``sets`` that made the record, where one did.
    """
    back = Reverted(record, record.alive, record.values)
    then = list(record.values)
    since: dict[str, Logged] = {}
    taken_back: dict[str, set[int]] = {}
    begun = False
    for row in rows:
        # What was taken back since counts for nothing, and no more does the taking back.
        parts = {
            part: told
            for part, told in _parts(entity, row).items()
            if row.change_set not in taken_back.get(part, ())
        }
        if row.change_set in sets:
            if not begun:
                begun, back.since = True, frozenset(since)
            _take_back(entity, back, row, parts, then, since)
        elif row.change_set in undone:
            for part in parts:
                taken_back.setdefault(part, set()).update(undone[row.change_set])
        else:
            since = {**dict.fromkeys(parts, row), **since}
        for place, value in _places(entity, row):
            then[place] = value
    made = back.alive and made_in not in taken_back.get(ALIVE, ())
    # What ended with a first undo, and was brought back by a second, ends again with the third.
    made_again = record.alive and not back.alive
    if made_in is not None and (made or made_again):
        if since:
            back.alive, back.newer[ALIVE] = True, max(since.values(), key=lambda row: row.at)
        else:
            back.alive, back.unmade = False, True
    return back


def _parts(entity: EntityType, row: Logged) -> dict[str, dict[int, Plain]]:
    """What stood before a change, by part, then by place; being alive has no place."""
    found: dict[str, dict[int, Plain]] = {ALIVE: {}} if ALIVE in row.before else {}
    for place, value in _places(entity, row):
        found.setdefault(entity.fields[place].group, {})[place] = value
    return found


def _places(entity: EntityType, row: Logged) -> Iterator[tuple[int, Plain]]:
    for name, value in row.before.items():
        if name in entity.by_name:
            yield entity.by_name[name].index, value


def _take_back(
    entity: EntityType,
    back: Reverted,
    row: Logged,
    parts: Mapping[str, Mapping[int, Plain]],
    then: Values,
    since: Mapping[str, Logged],
) -> None:
    """Takes one change back. ``then``: the values as it left them; ``since``: who came after."""
    remote: dict[int, Plain] = {}
    for part, told in parts.items():
        if part == ALIVE:
            was = bool(row.before[ALIVE])
            if was == back.alive:
                continue
            if part in since:
                back.newer[part] = since[part]
            else:
                back.alive = was
                back.restored.append((row.link, part))
        elif part in since and not any(entity.fields[place].kind.is_list for place in told):
            if any(back.values[place] != value for place, value in told.items()):
                back.newer[part] = since[part]
        else:
            remote.update(told)
    if not remote:
        return
    unsaid = (UNSAID,) * len(entity.fields)
    outcome = reconcile(entity, then, back.values, with_local(unsaid, remote))
    for found in outcome.conflicts:
        part = part_name(found.part)
        if found.kind is ConflictKind.UNFIT:
            back.unfit.add(part)
        else:
            back.newer.setdefault(part, since.get(part))
    back.values = with_local(back.values, outcome.local)
    groups = dict.fromkeys(entity.fields[place].group for place in outcome.local)
    back.restored += [(row.link, group) for group in groups]
