"""A stream that has been read becomes decisions: what is absent, what is proved, what is applied.

The last page is in; what every row said is either done or a plan item. Now the whole stream can be
judged (SEMANTICS A2, C5, D1, D2) and the items are carried out in batches, each reconciled again
from what stands in the database at that moment: an edit made meanwhile is never overwritten.
"""

from collections.abc import Iterable, Iterator, Sequence

from app.engine.pages import Reading, Settled, settle_bases
from app.engine.reconcile import Living, reconcile, reconcile_alive
from app.roster.schema import EntityType, FieldType
from app.roster.stored import list_value
from app.roster.values import UNKNOWN, UNSAID, Plain
from app.store import records
from app.store.codec import encode
from app.store.database import Tx
from app.store.records import Item, Record

BATCH = 500
"""Items carried out in one transaction: some 20 ms of work (SEMANTICS C2)."""

BY_KEY_LIMIT = 200
"""Up to so many candidates for removal are read one by one by their key (SEMANTICS D1)."""

SAMPLE = 20
"""About so many are where there are more."""


def struck_fields(tx: Tx, reading: Reading) -> tuple[str, ...]:
    """Fields that no row of this full read carried although bases hold values (SEMANTICS A2)."""
    if not reading.progress.full or not reading.unheard:
        return ()
    silent: set[int] = set()
    for patch, base in records.planned_patches(tx, reading.stream.id):
        said, was = reading.layouts.patch(patch), reading.layouts.base(base)
        silent |= {
            place
            for place in reading.unheard
            if said[place] is None and was[place] is not None and was[place] is not UNKNOWN
        }
    # A row that was passed over undecoded carried what its base holds.
    for link, blob in records.unheld_bases(tx, reading.stream.id) if silent else ():
        if link in reading.passed:
            base = reading.layouts.base(blob)
            silent = {place for place in silent if base[place] is None or base[place] is UNKNOWN}
            if not silent:
                break
    return tuple(reading.entity.fields[place].name for place in sorted(silent))


def distinct_total_agrees(reading: Reading) -> bool:
    """Whether as many distinct keys came as the SIS stated, where it stated a number (C5)."""
    total = reading.progress.total
    return total is None or total == len(reading.passed) + reading.progress.keyless


def missing_links(tx: Tx, reading: Reading) -> list[int]:
    """Live links last seen under this scope that this pass did not see (SEMANTICS D1, D2)."""
    return reading.passed.without(records.live_links(tx, reading.stream.id, reading.scope))


def lost_coverage(tx: Tx, reading: Reading, missing: Sequence[int]) -> list[str]:
    """Schools, terms and roles that only missing records have: ``field=value`` (SEMANTICS C5)."""
    covering = [field for field in reading.entity.fields if field.covers]
    if not covering or not missing:
        return []
    gone = set(missing)
    had: set[str] = set()
    have: set[str] = set()
    names = [field.name for field in covering]
    for link, *values in records.live_values(
        tx, reading.stream.id, reading.scope, reading.entity.name, names
    ):
        into = had if link in gone else have
        for field, value in zip(covering, values, strict=True):
            into.update(_covered(field, value))
    return sorted(had - have)


def _covered(field: FieldType, value: Plain) -> Iterator[str]:
    if value is None:
        return
    if not field.kind.is_list:
        yield f"{field.name}={value}"
        return
    for part in list_value(value):
        if isinstance(part, tuple):
            # Of an element the parts of its key are told apart: a role, an organization.
            names = field.kind.names  # type: ignore[attr-defined]
            for name in field.kind.key:  # type: ignore[attr-defined]
                yield f"{field.name}.{name}={part[names.index(name)]}"
        else:
            yield f"{field.name}={part}"


def apply_batch(tx: Tx, reading: Reading, items: Sequence[Item], *, trusted: bool) -> None:
    """Carries out plan items, from what stands now (SEMANTICS C1, C2).

    With ``trusted`` False the stream was never read to its end: what it blanks is not believed,
    and the row will be looked at again.
    """
    entity, layouts, progress = reading.entity, reading.layouts, reading.progress
    locals_ = records.read_records(tx, entity.name, (item.record for item in items))
    bases = records.link_bases(tx, (item.link for item in items))
    alive = records.links_alive(tx, (item.link for item in items))
    struck = {entity.by_name[name].index for name in progress.struck}
    changed: list[tuple[Record, bool, Sequence[Plain]]] = []
    logged: list[tuple[int, int | None, bytes, bytes]] = []
    settled = []
    for item in items:
        assert item.patch is not None
        record, base = locals_[item.record], layouts.base(bases[item.link])
        remote, doubtful = _believed(layouts.patch(item.patch), struck, reading.unheard, trusted)
        outcome = reconcile(entity, base, record.values, remote)
        living = reconcile_alive(
            base=bool(alive[item.link]), local=record.alive, remote=True, edited=False
        )
        digest = None if doubtful else item.digest
        settled.append(Settled(item.link, record.id, item.version, digest, base, remote, outcome))
        revives = living is Living.REVIVES
        if outcome.local or revives:
            values = list(record.values)
            for place, value in outcome.local.items():
                values[place] = value
            changed.append((record, record.alive or revives, values))
            logged.append(
                (record.id, item.link, *_before_after(entity, record, outcome.local, revives))
            )
            progress.counts["updated"] += 1
        else:
            progress.counts["unchanged"] += 1
    records.update_records(tx, entity.name, reading.run, changed)
    records.log_changes(tx, reading.run, entity.name, logged)
    records.set_alive(tx, [item.link for item in items if not alive[item.link]], True)
    records.withdraw(tx, [item.link for item in items])
    settle_bases(tx, reading, settled)


def _believed(
    remote: tuple[Plain, ...], struck: set[int], unheard: Iterable[int], trusted: bool
) -> tuple[tuple[Plain, ...], bool]:
    """The remote without the fields that are not spoken after all; whether any was left out.

    Such a row is decoded again at the next whole read, whatever its digest: were the field spoken
    again by then, its blank would have to be decided.
    """
    silent = struck if trusted else struck | set(unheard)
    hidden = [place for place in silent if remote[place] is None]
    if not hidden:
        return remote, False
    values = list(remote)
    for place in hidden:
        values[place] = UNSAID
    return tuple(values), True


def _before_after(
    entity: EntityType, record: Record, local: dict[int, Plain], revives: bool
) -> tuple[bytes, bytes]:
    names = entity.field_names
    before: dict[str, Plain] = {names[place]: record.values[place] for place in local}
    after: dict[str, Plain] = {names[place]: value for place, value in local.items()}
    if revives:
        before["alive"], after["alive"] = False, True
    return encode(before), encode(after)
