"""What is written here is followed by the differences that stand open (SEMANTICS B2, B6)."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from app.engine.agreed import open_conflict
from app.engine.reconcile import ConflictKind, reconcile
from app.engine.weigh import alive_conflict, planned_values, with_local
from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE, Part
from app.roster.schema import EntityType
from app.roster.values import UNKNOWN, UNSAID, Plain
from app.store import conflicts, linkage, records
from app.store.codec import decode_changes, encode
from app.store.conflicts import OpenConflict, Standing
from app.store.database import Tx
from app.store.records import Record


def follow(tx: Tx, change_set: int, entity: str, ids: Iterable[int], but: int = 0) -> None:
    """Brings the open conflicts of records up to date with what was just written here.

    Those of the stream ``but`` are left alone: it is just being settled.
    Our side of a conflict moves in place; where the sides meet it closes, and the base is what the
    SIS says. The conflicts of a record that ended become one about its being alive. A record that
    came back takes what the SIS changed meanwhile, or asks about it.
    """
    open_ones = [
        row
        for row in conflicts.standing_of(tx, ids)
        if row.kind != ConflictKind.SAME_PERSON and row.stream != but
    ]
    if open_ones:
        _Following(tx, ENTITIES[entity], open_ones).work(change_set)


class _Following:
    def __init__(self, tx: Tx, entity: EntityType, rows: Sequence[Standing]) -> None:
        self.tx, self.entity, self.rows = tx, entity, sorted(rows, key=lambda row: row.link)
        links = {row.link for row in rows}
        self.records = records.read_records(tx, entity.name, {row.record for row in rows})
        self.layouts = records.layouts(tx, entity.name)
        self.bases = {
            link: self.layouts.base(base) for link, base in linkage.link_bases(tx, links).items()
        }
        self.alive = linkage.links_alive(tx, links)
        self.values = {id_: record.values for id_, record in self.records.items()}
        self.moved: list[tuple[bytes, int]] = []
        self.gone: list[tuple[int, str]] = []
        self.agreed: set[int] = set()
        self.ended: list[int] = []
        self.opened: list[tuple[int, OpenConflict]] = []
        self.taken: list[tuple[int, int | None, bytes, bytes, bytes | None]] = []

    def work(self, change_set: int) -> None:
        """Follows every conflict, and writes what moved."""
        for link, group in groupby(self.rows, key=lambda row: row.link):
            rows = list(group)
            record = self.records.get(rows[0].record)
            if record is not None:
                self._follow(link, rows, record)
        tx, entity = self.tx, self.entity
        conflicts.move_local(tx, self.moved)
        linkage.set_alive(tx, self.ended, False)
        linkage.note_untied(tx, self.ended, change_set)
        layout = self.layouts.current
        linkage.move_bases(
            tx, [(encode((layout, *self.bases[link])), link) for link in self.agreed]
        )
        records.update_records(
            tx,
            entity.name,
            change_set,
            [
                (record, record.alive, self.values[record.id])
                for record in self.records.values()
                if self.values[record.id] != record.values
            ],
        )
        records.log_changes(tx, change_set, entity.name, self.taken)
        connector_of = {row.link: row.connector for row in self.rows}
        for run, found in self.opened:
            conflicts.add_conflicts(tx, connector_of[found.link], entity.name, run, [found])
        conflicts.close(tx, self.gone)

    def _follow(self, link: int, rows: Sequence[Standing], record: Record) -> None:
        living = next((row for row in rows if row.part == ALIVE), None)
        there = living is None or decode_changes(living.remote)[ALIVE]
        if not self.alive[link] or (not there and not record.alive):
            # Ended there, and that was decided or is so here as well: nothing is left to ask.
            self.ended.append(link)
            self.gone += [(link, row.part) for row in rows]
        elif living is not None and there and record.alive:
            self.gone.append((link, ALIVE))
            self._take(living, record)
        elif living is None and not record.alive:
            self.gone += [(link, row.part) for row in rows]
            self._ask_whether_it_ends(rows, record)
        else:
            for row in rows:
                if row.part != ALIVE:
                    self._move(row, record)

    def _move(self, row: Standing, record: Record) -> None:
        """Our side of a conflict about values is what stands here now."""
        part = Part.named(self.entity, row.part)
        ours, theirs = part.of(record.values), decode_changes(row.remote)
        if ours == theirs:
            self.bases[row.link] = part.put(self.bases[row.link], theirs)
            self.agreed.add(row.link)
            self.gone.append((row.link, row.part))
        elif ours != decode_changes(row.local):
            self.moved.append((encode(ours), row.id))

    def _ask_whether_it_ends(self, rows: Sequence[Standing], record: Record) -> None:
        """It was ended here and had been changed there: edit beats delete (SEMANTICS B6)."""
        base, remote = self.bases[rows[0].link], self.bases[rows[0].link]
        for row in rows:
            remote = Part.named(self.entity, row.part).put(remote, decode_changes(row.remote))
        changed = {
            one.name: (base[one.index], record.values[one.index], remote[one.index])
            for one in self.entity.fields
            # What was never decided about is no change.
            if base[one.index] not in (UNKNOWN, remote[one.index])
        }
        if changed:
            found = alive_conflict(base=True, local=False, remote=True, changed=changed)
            run = max(row.touched_in for row in rows)
            self.opened.append((run, open_conflict(rows[0].link, record.id, found)))

    def _take(self, row: Standing, record: Record) -> None:
        """It was ended here, changed there, and came back: the SIS's news are news again."""
        base, local = self.bases[row.link], self.values[record.id]
        said = decode_changes(row.remote)
        remote: list[Plain] = [
            said.get(one.name, UNSAID if base[one.index] is UNKNOWN else base[one.index])
            for one in self.entity.fields
        ]
        outcome = reconcile(self.entity, base, local, remote)
        self.values[record.id] = with_local(local, outcome.local)
        if outcome.base:
            self.bases[row.link] = with_local(base, outcome.base)
            self.agreed.add(row.link)
        if outcome.local:
            was = {place: local[place] for place in outcome.local}
            before, after = (planned_values(self.entity, said) for said in (was, outcome.local))
            self.taken.append((record.id, row.link, encode(before), encode(after), None))
        self.opened += [
            (row.touched_in, open_conflict(row.link, record.id, found))
            for found in outcome.conflicts
        ]
