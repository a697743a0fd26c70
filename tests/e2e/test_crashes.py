"""Killed again and again on one database that accumulates: no kill shows in it (SEMANTICS C, F, H).

Both sides change from round to round. The program syncs, approves or undoes in a process of its own
that is killed (`kill -9`) at any moment of its life, or put to sleep. After every kill the database
is looked at as it lies there. Every tenth round it is left in peace until nothing is left to do:
then it agrees with the SIS as a database does that was never disturbed, and what was written to the
SIS, told by the SIS's own journal, was written once and over nobody's work.
"""

import os
import shutil
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from app import compose
from app.compose import PracticeSis, Program
from app.engine.decisions import Decision, Take
from app.engine.policy import Decides
from app.errors import BusyError, LimitError, UsageError
from app.store import outbox, reads
from app.store.outbox import Unsent
from app.store.reads import RunRow
from app.vault import MemoryVault
from tests.e2e.agreement import assert_agrees, assert_kept, assert_sent_once
from tests.e2e.forks import BROKEN, PAGE, Forks
from tests.e2e.kills import kills, needs_kill, survive
from tests.e2e.soundness import assert_sound, looked_at
from tests.practice.client import GRADEBOOK, Client, speaking

pytestmark = needs_kill

KILLS = kills(8)
SEED = int(os.environ.get("SEED", "1"))
PEACE = 10
"""After so many rounds there is peace."""
STUDENTS = 150

NAME = "north"
ENDS = {"completed", "warnings", "waiting"}
COUNTED = {
    "syncs that ended": "SELECT count(*) FROM runs "
    "WHERE state IN ('completed', 'warnings', 'waiting') AND mode <> 'approval'",
    "runs that resumed": "SELECT count(*) FROM runs WHERE resumes IS NOT NULL",
    "pushes done": "SELECT count(*) FROM pushes WHERE outcome = 'done'",
    "pushes otherwise": "SELECT count(*) FROM pushes WHERE outcome <> 'done'",
    "undos": "SELECT count(*) FROM change_sets WHERE kind = 'undo'",
    "changes": "SELECT count(*) FROM changes",
}
BOOKS = {"line_items": "lineItems", "results": "results"}


@dataclass
class Ordeal:
    """One data folder, its SIS, and what becomes of both."""

    folder: Path
    sis: PracticeSis
    journal: Path
    client: Client
    forks: Forks
    random: Random
    figures: Counter[str] = field(default_factory=Counter)
    lasts: dict[str, float] = field(default_factory=dict)
    """How many seconds each kind of process lived that nobody killed."""
    theirs: set[int] = field(default_factory=set)
    """Where in the journal of the SIS the writes of somebody else end."""
    number: int = 0

    @contextmanager
    def opened(self, folder: Path | None = None) -> Iterator[Program]:
        """The program in this process."""
        vault = MemoryVault({(NAME, "client_secret"): self.sis.ready.client_secret})
        options = compose.Options(data_dir=folder or self.folder, page_size=PAGE)
        with compose.program(options, vault) as program:
            yield program

    def word(self, who: str) -> str:
        """Something that nobody said before."""
        self.number += 1
        return f"{who} {self.number:05}"

    # -- what the SIS and its people do --

    def at_the_sis(self) -> None:
        """A school day passes, or somebody else works in the gradebook."""
        act = self.random.choice([self.sis.school_day, *[self.they_write] * 4, self.they_delete])
        act()

    def they_write(self) -> None:
        """Somebody else changes something, mostly what was changed here too, or makes it."""
        collection = self.random.choice(["lineItems", "lineItems", "results"])
        document = self._to_be_sent(collection) or self._any_there(collection)
        word = self.word("Theirs")
        if collection == "results":
            document["comment"] = word
        elif self.random.random() < 0.3:
            document |= {"sourcedId": word.replace(" ", "-"), "title": word}
        else:
            document[self.random.choice(["title", "description"])] = word
        path = f"{GRADEBOOK}/{collection}/{document['sourcedId']}"
        singular = collection.removesuffix("s")
        if self.client.call("PUT", path, json={singular: document}).status_code == 201:
            self.theirs.add(self.journal.stat().st_size)

    def they_delete(self) -> None:
        """Somebody else deletes something."""
        collection = self.random.choice(["lineItems", "results", "results"])
        key = self._any_there(collection)["sourcedId"]
        answer = self.client.call("DELETE", f"{GRADEBOOK}/{collection}/{key}")
        assert answer.status_code == 204
        self.theirs.add(self.journal.stat().st_size)

    def _any_there(self, collection: str) -> dict[str, Any]:
        return self.random.choice(self.client.everything(collection, base=GRADEBOOK))

    def _to_be_sent(self, collection: str) -> dict[str, Any] | None:
        """Something that is there, and of which something is to be sent."""
        entity = next(name for name, spelt in BOOKS.items() if spelt == collection)
        with looked_at(self.folder) as database:
            keys = database.execute(
                "SELECT key FROM outbox JOIN streams ON streams.id = outbox.stream "
                "JOIN links ON links.stream = outbox.stream AND links.record = outbox.record "
                "WHERE entity = ? AND links.alive",
                (entity,),
            ).fetchall()
        if not keys or self.random.random() < 0.3:
            return None
        answer = self.client.grade(f"{collection}/{self.random.choice(keys)[0]}")
        if answer.status_code != 200:
            return None
        (found,) = answer.json().values()
        return dict(found)

    # -- what people do here --

    def here(self, program: Program) -> None:
        """Somebody edits, makes, ends, restores, decides, refuses or undoes something."""
        act: Callable[[Program], None] = self.random.choice(
            [
                *[self.edit] * 6, *[self.make] * 4, self.end, self.restore, self.decide,
                self.refuse, self.undo, self.policy,
            ]
        )  # fmt: skip
        with suppress(UsageError, LimitError):
            act(program)

    def edit(self, program: Program) -> None:
        """A field of a line item or a result; or of a person, whom the SIS does not take."""
        entity = self.random.choice(["line_items", "line_items", "results", "users"])
        record = self.random.choice(
            self._marked(program)
            if entity == "results"
            else reads.record_ids(program.database, entity)
        )
        name = {"results": "comment", "users": "given_name"}.get(entity, "title")
        fields: dict[str, Any] = {name: self.word("Ours")}
        if entity == "line_items" and self.random.random() < 0.3:
            fields = {"description": fields["title"], "due_date": "2026-04-01T00:00:00.000Z"}
        elif entity == "results" and self.random.random() < 0.5:
            fields = {"score": float(self.random.randrange(10)), "score_status": "fully graded"}
        program.engine.edit(entity, record, fields, "Ana")

    def make(self, program: Program) -> None:
        """A line item like another, and a result for it."""
        database, word = program.database, self.word("Made")
        like = reads.record(database, "results", self.random.choice(self._marked(program)))
        score = like.record.values
        item = reads.record(database, "line_items", score["line_item"]).record.values
        told = {name: value for name, value in item.items() if value is not None}
        made = program.engine.create("line_items", {**told, "title": word}, "Ana")
        given = {"line_item": made, "student": score["student"], "score_date": "2026-03-02"}
        given |= {"score": 4.0, "score_status": "fully graded", "comment": self.word("Made")}
        program.engine.create("results", given, "Ana")

    def _marked(self, program: Program) -> list[int]:
        """The results of students who have not left: of others the SIS takes nothing."""
        with program.database.reading() as tx:
            return [
                row[0]
                for row in tx.rows(
                    "SELECT results.id FROM results JOIN users ON users.id = student "
                    "WHERE results.alive AND users.alive ORDER BY results.id"
                )
            ]

    def end(self, program: Program) -> None:
        """It is deleted at the SIS too."""
        entity = self.random.choice(list(BOOKS))
        record = self.random.choice(reads.record_ids(program.database, entity))
        program.engine.end_record(entity, record, "Ana")

    def restore(self, program: Program) -> None:
        """Something that ended, wherever."""
        entity = self.random.choice(list(BOOKS))
        record = self.random.choice(reads.record_ids(program.database, entity, ended=True))
        program.engine.restore(entity, record, "Ana")

    def decide(self, program: Program, share: float = 0.5) -> None:
        """Some of what is asked."""
        with program.database.reading() as tx:
            asked = list(tx.rows("SELECT id, kind FROM conflicts ORDER BY id"))
        sides = {
            "same_person": [Take.SAME, Take.DIFFERENT],
            "both_changed": [Take.OURS, Take.SIS, Take.BASE],
        }
        program.engine.resolve(
            [
                Decision(id_, self.random.choice(sides.get(kind, [Take.OURS, Take.SIS])))
                for id_, kind in asked
                if self.random.random() < share
            ],
            "Ana",
        )

    def refuse(self, program: Program) -> None:
        """What waits, if anything does."""
        program.engine.refuse(reads.runs(program.database, limit=1)[0].id, author="Ana")

    def undo(self, program: Program) -> None:
        """Something that was done lately."""
        program.engine.undo(self._lately(), author="Ana", approved=True)

    def policy(self, program: Program) -> None:
        """Somebody lays down who decides from now on."""
        decides = self.random.choice(list(Decides))
        program.engine.set_policy(NAME, self.random.choice(list(BOOKS)), decides, "Ana")

    def _lately(self) -> int:
        """A change set of late; not the first of all, with which everything would be gone."""
        newest = "SELECT id FROM change_sets WHERE id > 1 ORDER BY id DESC LIMIT 6"
        with looked_at(self.folder) as database:
            return int(self.random.choice(database.execute(newest).fetchall())[0])

    # -- processes that are killed --

    def begin(self) -> str:
        """A process begins to sync, to approve or to undo; what it does."""
        with looked_at(self.folder) as database:
            (newest,) = database.execute("SELECT max(id) FROM runs").fetchone()
        doing = self.random.choice([*["changes"] * 6, *["all"] * 4, "approve", "undo"])
        if doing == "undo":
            self.forks.begin("undo", of=self._lately())
        elif doing == "approve":
            self.forks.begin("approve", of=newest)
        else:
            self.forks.begin("sync", full=doing == "all")
        return doing

    def moment(self, doing: str) -> float:
        """How long such a process lives on: mostly from where it began its work."""
        if self.random.random() < 0.15:
            return self.random.uniform(0, self.lasts["opening"])
        self.forks.begun()
        return self.random.uniform(0, 1.1 * self.lasts.get(doing, self.lasts["all"]))

    def kill(self) -> str:
        """A process does something, and is killed at some moment of it; what it was doing."""
        doing = self.begin()
        moment = self.moment(doing)
        began = time.monotonic()
        self.forks.signalled(signal.SIGKILL, moment)
        lived = time.monotonic() - began
        code = self.forks.ended()
        assert code != BROKEN, doing
        if code == -signal.SIGKILL:
            phase = self.phase(doing)
            self.figures["kills"] += 1
            self.figures[f"killed {phase}"] += 1
            return f"{doing} killed {phase}"
        self.figures[f"{doing} {'refused' if code else 'to its end'}"] += 1
        if not code:
            self.lasts[doing] = 0.7 * self.lasts.get(doing, lived) + 0.3 * lived
        return f"{doing} ended by itself"

    def phase(self, doing: str = "changes") -> str:
        """Where it was, as the row of its run was left."""
        with looked_at(self.folder) as database:
            run = database.execute(
                "SELECT id, state, mode FROM runs WHERE state IN ('queued', 'running')"
            ).fetchone()
            if run is None:
                newest = "SELECT unfinished FROM change_sets ORDER BY id DESC LIMIT 1"
                cut = doing == "undo" and database.execute(newest).fetchone()[0]
                return "undoing" if cut else "outside a run"
            if run[1] == "queued" or run[2] == "approval":
                return "opening" if run[1] == "queued" else "approving"
            phases = dict(
                database.execute("SELECT entity, phase FROM run_streams WHERE run = ?", run[:1])
            )
            (streams,) = database.execute("SELECT count(*) FROM streams").fetchone()
            sent = database.execute(
                "SELECT outcome FROM pushes WHERE run = ? ORDER BY id DESC", run[:1]
            ).fetchone()
        if sent is not None:
            return "while something was sent" if sent[0] == "sending" else "between pushes"
        if len(phases) == streams and set(phases.values()) == {"done"}:
            return "before a push"
        for phase in ("settling", "judging"):
            if phase in phases.values():
                return phase
        return "reading" if phases else "opening"

    def sleep(self) -> str:
        """H1: a process put to sleep in a sync keeps its lock, and goes on when it wakes."""
        # It dwells on the stream that is read last: what it sends first has been read by then.
        self.sis.set_fault("slow", 0.1, "results")
        self.forks.begin("sync", full=True)
        asleep = self.forks.signalled(signal.SIGSTOP, self.moment("all") + self.random.random() / 4)
        phase = "outside a run"
        try:
            with suppress(sqlite3.OperationalError):
                # It may sleep where it alone has the file: just opening it, or closing it.
                phase = self.phase()
            if asleep and phase != "outside a run":
                with self.opened() as program, pytest.raises(BusyError):
                    program.engine.start(NAME)
                assert self.phase() == phase
                self.figures["asleep in a run"] += 1
            if phase in ("opening", "reading", "judging", "settling"):
                # Later it may sleep between its look at a record and its write of it.
                self.sis.clear_faults()
                for _ in range(3):
                    self.they_write()
        finally:
            self.forks.signalled(signal.SIGCONT, 0)
        assert self.forks.ended() == 0
        return f"asleep {phase}"

    # -- rounds --

    def round(self) -> str:
        """Things change on both sides, and a process is killed; what it was doing."""
        with self.opened() as program:
            for _ in range(self.random.randrange(9)):
                self.here(program)
        for _ in range(self.random.randrange(3)):
            self.at_the_sis()
        fault = self.random.random()
        if fault < 0.15:
            self.sis.set_fault("slow", 0.1, self.random.choice(list(BOOKS.values())))
        elif fault < 0.3:
            self.sis.set_fault("lost-answer", None, self.random.choice(list(BOOKS.values())), 1)
        told = self.sleep() if self.random.random() < 0.1 else self.kill()
        self.sis.clear_faults()
        self._all_has_arrived()
        return told

    def _all_has_arrived(self) -> None:
        """What the dead had sent has been written down by now, or never will be."""
        while True:
            before = self.journal.stat().st_size
            for _ in range(3):
                self.sis.facts()
            if self.journal.stat().st_size == before:
                break

    def sync(self, program: Program, *, full: bool) -> RunRow:
        """A sync that nobody disturbs."""
        return self._run(program, program.engine.start(NAME, full=full))

    def _run(self, program: Program, run: int) -> RunRow:
        program.loop.run(until=lambda: not program.engine.busy)
        found = reads.run(program.database, run)
        assert found.state in ENDS, (found.state, found.error_code, found.error_detail)
        return found

    def peace(self) -> None:
        """Everything is answered, and synced until nothing is left to do; then it is compared."""
        with self.opened() as program:
            # A whole read would find again what reading the changes alone had lost.
            self._settle(program, full=False)
            self._compare(program, whole=False)
            self._settle(program, full=True)
            assert self._rests(program, self.sync(program, full=False)), self._left(program)
            self._compare(program, whole=True)
            assert_kept(program.database)
        assert_sound(self.folder)
        sent = assert_sent_once(self.journal, self.theirs, self.folder)
        self.figures["writes at the SIS"] = sent
        with looked_at(self.folder) as database:
            for name, query in COUNTED.items():
                self.figures[name] = database.execute(query).fetchone()[0]

    def _settle(self, program: Program, *, full: bool) -> None:
        program.engine.retry(NAME)
        for _ in range(10):
            run = self.sync(program, full=full)
            if run.state == "waiting":
                self._run(program, program.engine.approve(run.id, author="Ana"))
            self.decide(program, 1.0)
            if self._rests(program, run):
                break

    def _compare(self, program: Program, *, whole: bool) -> None:
        twin = self.folder.with_name("twin")
        with self.opened(twin) as undisturbed:
            connect(undisturbed, self.sis, gradebook="read")
            assert self.sync(undisturbed, full=True).state == "completed"
            assert_agrees(program.database, undisturbed.database, whole=whole)
        shutil.rmtree(twin)

    def _rests(self, program: Program, run: RunRow) -> bool:
        moved = sum(run.total(name) for name in ("created", "updated", "deleted", "pushed"))
        return not moved and not self._left(program)

    def _left(self, program: Program) -> list[Any]:
        with program.database.reading() as tx:
            asked = list(tx.rows("SELECT kind, entity, record, part FROM conflicts"))
            waits = list(tx.rows("SELECT action, state, reason, held_by FROM items"))
        unsent = outbox.unsent(program.database)
        return [*asked, *waits, *(one for one in unsent if not self._stays(program, one))]

    def _stays(self, program: Program, one: Unsent) -> bool:
        """It is refused on either side, or whom or what it is for has gone."""
        if one.state == outbox.WAITING_ON and one.entity == "results":
            said = reads.record(program.database, "results", one.record).record.values
            places = (("line_items", said["line_item"]), ("users", said["student"]))
            needed = [reads.record(program.database, *place).links for place in places]
            return not all(any(link.alive for link in links) for links in needed)
        return one.state in (outbox.REFUSED, outbox.KEPT)


def connect(program: Program, sis: PracticeSis, **settings: str) -> None:
    """A connector ``north`` to the practice SIS."""
    program.engine.save_connector(NAME, "oneroster", {**sis.settings, **settings})


@contextmanager
def ordeal(tmp_path: Path, creates: str) -> Iterator[Ordeal]:
    """A data folder that was synced once whole and once for changes, undisturbed."""
    sis = PracticeSis(tmp_path / "sis", students=STUDENTS, seed=SEED)
    try:
        secret, folder = sis.ready.client_secret, tmp_path / "data"
        with (
            speaking(msgspec.to_builtins(sis.ready)) as client,
            Forks(folder, secret) as forks,
        ):
            found = Ordeal(
                folder,
                sis,
                tmp_path / "sis" / "sis.json",
                client,
                forks,
                Random(f"{SEED}{creates}"),
            )
            with found.opened() as program:
                connect(program, sis, gradebook="write", creates=creates)
                program.engine.set_switches(NAME, send_deletes=True)
                assert found.sync(program, full=True).state == "completed"
            for doing, full in (("all", True), ("changes", False)):
                began = time.monotonic()
                forks.begin("sync", full=full)
                forks.begun()
                found.lasts["opening"] = time.monotonic() - began
                assert forks.ended() == 0
                found.lasts[doing] = time.monotonic() - began - found.lasts["opening"]
            yield found
    finally:
        sis.close()


@pytest.mark.timeout(120 + 3 * KILLS)
@pytest.mark.parametrize("creates", ["put", "post"])
def test_no_kill_shows(tmp_path: Path, creates: str, record_property: Callable[..., None]) -> None:
    """The database is sound after each kill, and left in peace it is as if there had been none."""
    with ordeal(tmp_path, creates) as life:
        survive(life, wanted=KILLS, peace=PEACE, seed=SEED, record_property=record_property)
