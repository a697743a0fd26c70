"""What carrying out what waits would do, and what was done, in words."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from app.engine.told import counted
from app.store.inbox import Item
from app.store.listing import CHANGED, CREATED, JOINED, PARTED, REMOVED, SENT, UNTIED
from app.store.outbox import CREATIONS
from app.text import N_, _, plural
from app.ui.wording import day_and_time, instant

DEEDS = {
    REMOVED: N_("Remove {records}"),
    UNTIED: N_("Untie {records} from “{name}”"),
    JOINED: N_("Join {records} with others of the same person"),
    PARTED: N_("Take apart {records}"),
    CREATED: N_("Add {records}"),
    CHANGED: N_("Change {records}"),
    SENT: N_("Send {records} to “{name}”"),
}

DONE = {
    REMOVED: N_("Removed: {records}."),
    UNTIED: N_("No longer tied to “{name}”, and still here: {records}."),
    JOINED: N_("Joined with others of the same person: {records}."),
    PARTED: N_("Taken apart: {records}."),
    CREATED: N_("Added: {records}."),
    CHANGED: N_("Changed: {records}."),
    SENT: N_("Goes to “{name}” with the next sync: {records}."),
}


def deed(items: Sequence[Item], connector: str) -> str:
    """What carrying them out would do: “Remove 412 enrollments”."""
    kinds = Counter((one.what, one.entity) for one in items)
    if len(kinds) > 1 and _all_sent(items):
        records = _records(items, len(items))
        return _(DEEDS[SENT]).format(records=records, name=connector)
    if len(kinds) > 1:
        return plural("Carry out {n} change", "Carry out {n} changes", len(items))
    [((what, entity), count)] = kinds.items()
    if what == SENT and all(CREATIONS in one.rules for one in items):
        told = _("Make {records} in “{name}”")
        return told.format(records=counted(count, entity), name=connector)
    return _(DEEDS[what]).format(records=counted(count, entity), name=connector)


def keeping(items: Sequence[Item]) -> str:
    """What refusing them would do: “Keep 412 enrollments as they are”."""
    if _all_sent(items):
        return _("Do not send {records}").format(records=_records(items, len(items)))
    kept = plural("Keep {{records}} as it is", "Keep {{records}} as they are", len(items))
    return kept.format(records=_records(items, len(items)))


def done_words(items: Sequence[Item], count: int, connector: str) -> str:
    """What was done: “Removed: 412 enrollments.”"""
    kinds = {one.what for one in items}
    if len(kinds) > 1 or not items:
        return plural("{n} change was carried out.", "{n} changes were carried out.", count)
    return _(DONE[kinds.pop()]).format(records=_records(items, count), name=connector)


def kept_words(items: Sequence[Item], count: int, connector: str) -> str:
    """What was refused."""
    if _all_sent(items):
        told = _("Not sent to “{name}”, and kept here: {records}.")
        return told.format(name=connector, records=_records(items, count))
    told = plural(
        "{{records}} is kept here, whatever “{{name}}” says.",
        "{{records}} are kept here, whatever “{{name}}” says.",
        count,
    )
    return told.format(records=_records(items, count), name=connector)


def seen_since(items: Sequence[Item]) -> list[str]:
    """How long they have been waiting."""
    if not items:
        return []
    when = day_and_time(instant(min(one.since for one in items)), datetime.now(UTC))
    if (times := max(one.times for one in items)) < 2:
        return [_("Waiting since {when}.").format(when=when)]
    told = plural("Seen in {n} sync since {{when}}.", "Seen in {n} syncs since {{when}}.", times)
    return [told.format(when=when)]


def _all_sent(items: Sequence[Item]) -> bool:
    """Whether all of it would go to the SIS, and nothing happens here."""
    return bool(items) and all(one.what == SENT for one in items)


def _records(items: Sequence[Item], count: int) -> str:
    """So many of them: “412 enrollments”, and of several types “412 records”."""
    entities = {one.entity for one in items}
    if len(entities) == 1:
        return counted(count, entities.pop())
    return plural("{n} record", "{n} records", count)
