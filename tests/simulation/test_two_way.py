"""Whole lives of a district, both sides changing: what must hold whatever happens (SEMANTICS B-H).

Clock, random, transport and store are passed in, so a life is its seed. In it people edit, make,
end, restore, decide, approve, refuse and undo; the SIS changes, ends, forgets and moves rows, also
while it is read; answers fail, are refused, come too often, or are lost after the write was kept; a
process is cut off at any step, a second one works beside it, one sleeps through losing its lock.

After each thing and in the end it is looked at: no edit is lost without a word, nothing ends that
the SIS has, nothing is sent twice, and left in peace both sides come to say the same and stay so.
"""

import contextlib
import json
import os
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.engine.decisions import Decision, Take
from app.engine.engine import Engine
from app.engine.loop import Loop
from app.engine.policy import Decides
from app.errors import (
    AuthError,
    BusyError,
    Cancelled,
    LimitError,
    RateLimited,
    TransientError,
    UsageError,
)
from app.roster.entities import ENTITIES
from app.store import reads
from app.store.codec import decode_changes
from app.store.database import Database, Location
from tests.engine.toy import District, ToySis, district

SEEDS = range(int(os.environ.get("LIFE_FIRST", "0")), int(os.environ.get("LIVES", "150")))
"""How many lives; `LIVES=200000` for a longer look, `LIFE_FIRST` where to begin."""
AT_ONCE = 50
"""Lives a test, so that counting tests costs nothing."""
STEPS = int(os.environ.get("LIFE_STEPS", "10"))
"""Things that happen in a life."""

ENDS = {"completed", "warnings", "waiting"}
BROKEN = {"failed", "cancelled", "interrupted"}
ENTITY = "line_items"
CHECKED = frozenset({"title", "description", "given_name", "family_name"})
"""The fields of which is remembered whatever the SIS said."""


class WatchedSis(ToySis):
    """A SIS that remembers all it ever said and all that was written to it."""

    def __init__(self) -> None:
        super().__init__(page=4)
        self.said: set[tuple[str, str, str, Any]] = set()
        self.gone: set[tuple[str, str]] = set()
        self.needless: list[tuple[str, str, str]] = []
        self.made: Counter[str] = Counter()
        self.at_work = False

    def put(self, entity: str, key: str, **values: Any) -> None:
        """Keeps what is said from now on."""
        super().put(entity, key, **values)
        for name in CHECKED:
            self.said.add((entity, key, name, values.get(name)))

    def vanish(self, entity: str, *keys: str) -> None:
        """Remembers that they were gone."""
        super().vanish(entity, *keys)
        self.gone |= {(entity, key) for key in keys}

    def end(self, entity: str, key: str) -> None:
        """Remembers that it was gone."""
        super().end(entity, key)
        self.gone.add((entity, key))

    def write(self, method: str, url: str, body: bytes | None) -> tuple[int, dict[str, Any]]:
        """Notices what says nothing new, and what is made twice."""
        entity, _, key = url.rpartition("/")[2].partition("?key=")
        before = self.rows.get(entity, {}).get(key)
        told = json.loads(body or b"null")
        if entity not in self.refuses:
            if method == "PUT" and before is not None and {**before, **told} == before:
                self.needless.append((method, entity, key))
            if before is None and method in ("PUT", "POST"):
                self.made[str(told.get("title"))] += 1
        return super().write(method, url, body)


@dataclass
class Other:
    """A second process on the same database."""

    engine: Engine
    loop: Loop


@dataclass
class Life:
    """One district that lives through random things."""

    d: District
    sis: WatchedSis
    seed: int
    told: list[str] = field(default_factory=list)
    number: int = 0
    asked_anew: set[str] = field(default_factory=set)
    """Titles of what somebody had made once more, though it may have been made before."""

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.choose = self.random.choice
        self.acts: list[Callable[[], None]] = [
            self.sis_makes, self.sis_changes, self.sis_ends, self.sis_forgets, self.sis_hides,
            self.sis_brings_back, self.both_change, self.both_change, self.both_change,
            self.we_edit, self.we_edit, self.we_make, self.we_end, self.we_restore,
            self.decide, self.decide, self.approve_or_refuse, self.undo, self.undo, self.policy,
            self.sync, self.sync, self.broken_sync, self.broken_sync, self.drift,
            self.cut_off, self.beside, self.overtaken, self.time_passes, self.moody, self.careful,
        ]  # fmt: skip

    def live(self, steps: int) -> None:
        """Does so many random things."""
        for _ in range(steps):
            act = self.choose(self.acts)
            self.told.append(act.__name__)
            act()

    def word(self, who: str) -> str:
        """A word that may be said again."""
        return f"{who} {self.random.randrange(4)}"

    # -- the SIS --

    def _there(self, entity: str) -> str | None:
        keys = sorted(self.sis.rows[entity])
        return self.choose(keys) if keys else None

    def sis_makes(self) -> None:
        """A new row."""
        self.number += 1
        if self.random.random() < 0.5:
            self.sis.put("users", f"n{self.number}", given_name=f"New {self.number}")
        else:
            self.sis.put(ENTITY, f"m{self.number}", title=f"New {self.number}", school="o1")

    def sis_changes(self) -> None:
        """A row says something else."""
        entity = self.choose(["users", ENTITY, ENTITY])
        names = {"users": ["given_name", "family_name"], ENTITY: ["title", "description"]}
        if (key := self._there(entity)) is not None:
            self.sis.change(entity, key, **{self.choose(names[entity]): self.word("Sis")})

    def sis_ends(self) -> None:
        """A tombstone."""
        entity = self.choose(["users", ENTITY])
        if (key := self._there(entity)) is not None:
            self.sis.end(entity, key)

    def sis_forgets(self) -> None:
        """A row is gone without a word."""
        entity = self.choose(["users", ENTITY])
        if (key := self._there(entity)) is not None:
            self.sis.vanish(entity, key)

    def sis_brings_back(self) -> None:
        """A row that was gone is there again."""
        entity = self.choose(["users", ENTITY])
        known = {key for of, key in self.sis.gone if of == entity}
        if gone := sorted(known - self.sis.rows[entity].keys()):
            name = "given_name" if entity == "users" else "title"
            self.sis.put(entity, self.choose(gone), **{name: self.word("Back")})

    def both_change(self) -> None:
        """The same field here and there, or a field here and an end there."""
        entity = self.choose(["users", ENTITY])
        if (key := self._there(entity)) is None:
            return
        names = {"users": ["given_name", "family_name"], ENTITY: ["title", "description"]}
        name = self.choose(names[entity])
        with contextlib.suppress(UsageError, AssertionError):
            self.d.engine.edit(entity, self.d.id(entity, key), {name: self.word("Ours")}, "Ana")
        if self.random.random() < 0.7:
            self.sis.change(entity, key, **{name: self.word("Sis")})
        else:
            self.sis.end(entity, key)

    def careful(self) -> None:
        """Somebody lets nothing but additions flow, or everything again."""
        on = self.random.random() < 0.5
        self.d.engine.change_limits("toy", lambda limits: limits.with_additions_only(on))

    def sis_hides(self) -> None:
        """Its lists leave rows out that can be read by their key; or they are whole again."""
        rows = [(entity, key) for entity in ("users", ENTITY) for key in self.sis.rows[entity]]
        self.sis.hidden = set(self.random.sample(sorted(rows), min(2, len(rows))))
        if self.random.random() < 0.3:
            self.sis.hidden = set()

    def moody(self) -> None:
        """The SIS takes no writes, rounds, or loses an answer; or it is all right again."""
        mood = self.random.randrange(4)
        self.sis.refuses = {ENTITY: "No."} if mood == 0 else {}
        self.sis.loses = 1 if mood == 1 else 0
        self.sis.rounds = mood == 2

    # -- people --

    def _record(self, *, ended: bool = False) -> tuple[str, int] | None:
        entity = self.choose(["users", ENTITY, ENTITY])
        ids = reads.record_ids(self.d.database, entity, ended=ended)
        return (entity, self.choose(ids)) if ids else None

    def we_edit(self) -> None:
        """Somebody changes a field here."""
        self._edit(self.d.engine)

    def _edit(self, engine: Engine) -> None:
        if (found := self._record()) is None:
            return
        names = {"users": ["given_name", "family_name"], ENTITY: ["title", "description"]}
        fields: dict[str, Any] = {self.choose(names[found[0]]): self.word("Ours")}
        if found[0] == ENTITY and self.random.random() < 0.3:
            fields = {"result_value_max": self.choose([9.5, 10.0, 20.0])}
        try:
            engine.edit(*found, fields, "Ana")
        except UsageError as error:
            self.told.append(error.code)

    def we_make(self) -> None:
        """Somebody makes a line item here, of the school unless that has ended."""
        self.number += 1
        school = reads.record(self.d.database, "orgs", self.d.id("orgs", "o1")).record
        of = {"school": school.id} if school.alive else {}
        self.d.engine.create(ENTITY, {"title": f"Mine {self.number}", **of}, "Ana")

    def we_end(self) -> None:
        """Somebody ends a record here."""
        if (found := self._record()) is not None:
            self.d.engine.end_record(*found, "Ana")

    def we_restore(self) -> None:
        """Somebody brings a record back."""
        if (found := self._record(ended=True)) is None:
            return
        try:
            self.d.engine.restore(*found, "Ana")
        except UsageError:
            assert reads.record(self.d.database, *found).record.alive

    def decide(self) -> None:
        """Somebody answers some questions."""
        self._decide(self.d.engine, 0.6)

    def _decide(self, engine: Engine, share: float) -> int:
        with self.d.database.reading() as tx:
            found = list(tx.rows("SELECT id, kind, revision FROM conflicts ORDER BY id"))
        decisions = [
            Decision(
                id_,
                self.choose(
                    [Take.SAME, Take.DIFFERENT]
                    if kind == "same_person"
                    else [Take.OURS, Take.SIS, Take.BASE]
                    if kind == "both_changed"
                    else [Take.OURS, Take.SIS]
                ),
                revision=revision,
            )
            for id_, kind, revision in found
            if self.random.random() < share
        ]
        if decisions:
            engine.resolve(decisions, "Ana")
        return len(found)

    def approve_or_refuse(self) -> None:
        """Somebody lets go on, or refuses, what waits."""
        last = reads.runs(self.d.database, limit=1)
        if not last:
            return
        if self.random.random() < 0.5:
            self.d.engine.approve(last[0].id, author="Ana")
            self._finish()
        else:
            self.d.engine.refuse(last[0].id, author="Ana")

    def undo(self) -> None:
        """Somebody undoes something, whatever it was."""
        with self.d.database.reading() as tx:
            ids = [row[0] for row in tx.rows("SELECT id FROM change_sets ORDER BY id DESC LIMIT 6")]
        try:
            self.d.engine.undo(self.choose(ids), author="Ana", approved=self.random.random() < 0.5)
        except LimitError:
            self.told.append("over a limit")
        except UsageError as error:
            self.told.append(error.code)

    def policy(self) -> None:
        """Somebody lays down who decides."""
        word = self.choose(list(Decides))
        self.d.engine.set_policy("toy", self.choose(["users", ENTITY]), word, author="Ana")

    def retry(self) -> None:
        """Somebody has all that could not be sent sent again, also what may have arrived."""
        with self.d.database.reading() as tx:
            unknown = tx.rows(
                "SELECT title FROM outbox JOIN line_items ON line_items.id = record "
                "WHERE outbox.state = 'unknown'"
            )
            self.asked_anew |= {title for (title,) in unknown}
        self.d.engine.retry("toy")

    # -- syncs --

    def _finish(self) -> None:
        self.d.loop.run(until=lambda: not self.d.engine.busy)

    def sync(self) -> None:
        """A sync that nothing disturbs."""
        run = self.d.sync(full=self.random.random() < 0.3)
        assert run.state in ENDS, self.why(run)
        self.only_the_gone_ended(run.id)

    def broken_sync(self) -> None:
        """A sync that fails, is asked to wait, loses its token or is cancelled at some request."""
        error = self.choose(
            [
                TransientError("toy_down"),
                RateLimited("toy_busy", 60.0),
                AuthError("toy_token"),
                Cancelled("cancelled"),
            ]
        )
        left = self.random.randrange(14)
        requests = iter(range(left))

        def hook(url: str) -> None:
            if next(requests, None) is None:
                raise error

        self.sis.hook = hook
        run = self.d.sync(full=self.random.random() < 0.3)
        self.sis.hook = lambda url: None
        assert run.state in ENDS | BROKEN, self.why(run)
        assert run.error_code in (None, error.code), self.why(run)
        self.only_the_gone_ended(run.id)

    def drift(self) -> None:
        """The SIS and people change things while it is read and written."""
        acts = [self.sis_makes, self.sis_changes, self.sis_ends, self.sis_forgets, self.we_edit]
        when = self.random.randrange(10)

        def hook(url: str) -> None:
            nonlocal when
            when -= 1
            if when == 0:
                act = self.choose(acts)
                self.told.append(f"meanwhile {act.__name__}")
                # The database is the engine thread's; what the SIS does it does by itself.
                self.d.loop.post(act) if act == self.we_edit else act()

        self.sis.hook = hook
        run = self.d.sync(full=self.random.random() < 0.5)
        self.sis.hook = lambda url: None
        assert run.state in ENDS, self.why(run)
        self.only_the_gone_ended(run.id)

    def cut_off(self) -> None:
        """The process dies at some step of a sync; another one begins anew."""
        self.d.engine.start("toy", full=self.random.random() < 0.5)
        steps = self.d.steps(0)
        for _ in range(self.random.randrange(40)):
            if next(steps, "over") == "over":
                break
        self.d.die()

    def beside(self) -> None:
        """A second process edits and decides while this one syncs."""
        with self.second() as other:
            run = self.d.engine.start("toy")
            for number, _ in enumerate(self.d.steps(run)):
                if number % 5 == 2:
                    self.choose([lambda: self._edit(other.engine),
                                 lambda: self._decide(other.engine, 0.5) and None])()  # fmt: skip
                if number == 6 and self.d.engine.busy:
                    with pytest.raises(BusyError):
                        other.engine.start("toy")
            assert reads.run(self.d.database, run).state in ENDS

    def overtaken(self) -> None:
        """This process sleeps in a sync and loses its lock; it wakes when another has synced."""
        run = self.d.engine.start("toy", full=True)
        steps = self.d.steps(run)
        for _ in range(self.random.randrange(2, 25)):
            if next(steps, "over") == "over":
                return
        if not self.d.engine.busy:
            return
        for lock in (self.d.folder / "locks").iterdir():
            lock.unlink()
        with self.second() as other:
            newer = other.engine.start("toy")
            other.loop.run(until=lambda: not other.engine.busy)
            assert reads.run(self.d.database, newer).state in ENDS
            before = self.written()
            for _ in steps:
                pass
        assert reads.run(self.d.database, run).state == "interrupted"
        assert self.written() == before

    def written(self) -> tuple[int, int]:
        """How much was ever written, here and there."""
        with self.d.database.reading() as tx:
            row = tx.one("SELECT count(*), coalesce(max(id), 0) FROM changes")
        assert row is not None
        return row[0], len(self.sis.wrote)

    @contextlib.contextmanager
    def second(self) -> Iterator[Other]:
        """Another process on the same database."""
        with Database(Location.of(self.d.folder)) as database:
            loop = Loop()
            yield Other(self.d.another(database, loop), loop)

    def time_passes(self) -> None:
        """Time passes; now and then the clock is set back."""
        self.d.pass_time(hours=self.choose([0.1, 2, 30, -1]))

    # -- what must hold --

    def why(self, run: reads.RunRow) -> tuple[Any, ...]:
        """What to look at when it does not."""
        return (self.seed, self.told, run.state, run.error_code, run.error_detail)

    def only_the_gone_ended(self, run: int) -> None:
        """D: what a sync ended, the SIS did not have at some moment of it."""
        with self.d.database.reading() as tx:
            ended = [
                (entity, key, record)
                for entity, key, record, after in tx.rows(
                    "SELECT streams.entity, key, changes.record, after FROM changes JOIN links "
                    "ON links.id = changes.link JOIN streams ON streams.id = links.stream "
                    "WHERE change_set = ?",
                    (run,),
                )
                if decode_changes(after).get("alive") is False
            ]
        assert {one[:2] for one in ended} <= self.sis.gone, (self.seed, self.told, ended)
        if "policy" in self.told:
            return
        for entity, key, record in ended:
            (row,) = reads.records(self.d.database, entity, [record])
            for name in CHECKED & row.values.keys():
                # Whoever was edited here and not there is asked about first (B6).
                said = (entity, key, name, row.values[name])
                assert said in self.sis.said, (self.seed, self.told, said)

    def nothing_is_lost(self) -> None:
        """B1, B2, B5: the change log tells of every value that was ever replaced, and by whom.

        A sync replaces only what the SIS itself once said, unless somebody laid down who decides.
        """
        laid_down = "policy" in self.told
        with self.d.database.reading() as tx:
            rows = list(
                tx.rows(
                    "SELECT changes.entity, changes.record, changes.link, key, before, after "
                    "FROM changes LEFT JOIN links ON links.id = changes.link ORDER BY changes.id"
                )
            )
            kinds = [
                row[0]
                for row in tx.rows(
                    "SELECT kind FROM changes JOIN change_sets ON change_sets.id = change_set "
                    "ORDER BY changes.id"
                )
            ]
            alive = {
                (entity, row[0]): bool(row[1])
                for entity in self.sis.rows
                for row in tx.rows(f"SELECT id, alive FROM {entity}")
            }
        last: dict[tuple[str, int, str], Any] = {}
        for (entity, record, _, key, before, after), kind in zip(rows, kinds, strict=True):
            was, now = decode_changes(before), decode_changes(after)
            for name, value in now.items():
                place = (entity, record, name)
                known = last.get(place, was.get(name))
                assert was.get(name) == known, (self.seed, self.told, place, was, known)
                last[place] = value
                checked = name in CHECKED
                if kind == "sync" and checked and not laid_down and was.get(name) is not None:
                    said = (entity, key, name, was[name])
                    assert said in self.sis.said, (self.seed, self.told, said)
        for (entity, record, name), value in last.items():
            if name == "alive":
                assert alive[entity, record] == value, (self.seed, self.told, entity, record)
                continue
            (row,) = reads.records(self.d.database, entity, [record])
            field_ = ENTITIES[entity].by_name[name]
            if not field_.kind.is_list:
                assert row.values[name] == value, (self.seed, self.told, entity, record, name)

    def nothing_was_sent_twice(self) -> None:
        """F3: no write said what stood there, and nothing was made twice."""
        assert not self.sis.needless, (self.seed, self.told, self.sis.needless)
        twice = {
            title: n
            for title, n in self.sis.made.items()
            if n > 1 and "Mine" in title and title not in self.asked_anew
        }
        assert not twice, (self.seed, self.told, twice)

    def left_in_peace(self) -> None:
        """Convergence: all answered, both sides come to say the same, and then nothing moves."""
        self.sis.refuses, self.sis.loses, self.sis.rounds = {}, 0, False
        self.sis.hidden = set()
        self.d.engine.change_limits("toy", lambda limits: limits.with_additions_only(False))
        for _ in range(8):
            before = self.written()
            self.d.pass_time(hours=30)
            run = self.d.sync(full=True)
            assert run.state in ENDS, self.why(run)
            self.only_the_gone_ended(run.id)
            if run.state == "waiting":
                approval = self.d.engine.approve(run.id, author="Ana")
                self._finish()
                done = reads.run(self.d.database, approval)
                assert done.state in ENDS, self.why(done)
            self.retry()
            asked = self._decide(self.d.engine, 1.0)
            if not asked and run.state == "completed" and self.written() == before:
                break
        for full in (False, True):
            self.d.pass_time(hours=2)
            run = self.d.sync(full=full)
            assert run.state in ENDS, self.why(run)
            assert (run.total("created"), run.total("updated")) == (0, 0), self.why(run)
        assert self.written() == before, (self.seed, self.told)
        self.both_say_the_same()

    def both_say_the_same(self) -> None:
        """What is alive on both sides, not asked about and not kept here by a person, is equal."""
        with self.d.database.reading() as tx:
            pinned = {(link, part) for link, part in tx.rows("SELECT link, part FROM pins")} | {
                (link, part) for link, part in tx.rows("SELECT link, part FROM conflicts")
            }
            kept = {row[0] for row in tx.rows("SELECT record FROM outbox WHERE state = 'kept'")}
            links = list(
                tx.rows(
                    "SELECT links.id, key, record FROM links JOIN streams ON streams.id = stream "
                    "WHERE entity = ? AND links.alive",
                    (ENTITY,),
                )
            )
        # A field that no row carries is one that the SIS does not speak of (A2).
        spoken = {name for row in self.sis.rows[ENTITY].values() for name in row}
        for link, key, record in links:
            row = self.sis.rows[ENTITY].get(key)
            (ours,) = reads.records(self.d.database, ENTITY, [record])
            if row is None or not ours.alive or record in kept:
                continue
            for name in spoken & {"title", "description", "result_value_max"}:
                group = ENTITIES[ENTITY].by_name[name].group
                if (link, group) not in pinned:
                    said = ENTITIES[ENTITY].by_name[name].kind.normal(row.get(name))
                    assert ours.values[name] == said, (self.seed, self.told, key, name)


def begun() -> WatchedSis:
    """A small SIS: one school, some people, some line items that can be written."""
    sis = WatchedSis()
    sis.put("orgs", "o1", name="School", type="school")
    for n in range(3):
        sis.put("users", f"u{n}", given_name=f"Given {n}", family_name=f"Family {n}")
        sis.put(ENTITY, f"i{n}", title=f"Title {n}", school="o1", result_value_max=10.0)
    sis.writable = {ENTITY: ("create", "update", "delete")}
    return sis


def a_life(folder: Path, seed: int) -> None:
    """One life from its beginning to its end in peace."""
    folder.mkdir()
    sis = begun()
    if seed % 2:
        sis.allots = {ENTITY}
    with district(folder, sis) as d:
        life = Life(d, sis, seed)
        assert d.sync().state == "completed"
        life.live(STEPS)
        life.nothing_is_lost()
        life.left_in_peace()
        life.nothing_is_lost()
        life.nothing_was_sent_twice()
    shutil.rmtree(folder)


@pytest.mark.parametrize("first", range(SEEDS.start, SEEDS.stop, AT_ONCE))
def test_lives(tmp_path: Path, first: int) -> None:
    """Whatever happens, nothing is lost, nothing ends in error, nothing is sent twice."""
    for seed in range(first, min(first + AT_ONCE, SEEDS.stop)):
        a_life(tmp_path / str(seed), seed)
