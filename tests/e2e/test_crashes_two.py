"""Killed again and again, with a OneRoster and an Ed-Fi side in one database (SEMANTICS C, F, H).

People edit here, and somebody works at either service. The program syncs with one of the two in a
process of its own that is killed (`kill -9`) at any moment of its life. After every kill the
database is looked at as it lies there. In the end, left in peace, it agrees with either service as
a database does that knows this one alone and was never disturbed, and what people did here is
there, once.
"""

import os
import re
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest

from app import compose
from app.compose import Program
from app.engine.apart import Reply
from app.engine.decisions import Decision, Take
from app.engine.lookup import LookedUp
from app.errors import UsageError
from app.roster.values import UNKNOWN
from app.store import reads
from app.store.reads import RunRow
from app.vault import MemoryVault
from tests.e2e.agreement import known, one_record
from tests.e2e.forks import BROKEN, PAGE, Forks
from tests.e2e.kills import kills, needs_kill, survive
from tests.e2e.soundness import assert_sound, looked_at
from tests.practice.client import GRADEBOOK, Client, serving, speaking
from tests.practice.edfi.client import Client as OdsClient
from tests.simulation.keeping import without_limits

pytestmark = needs_kill

KILLS = kills(6)
SEED = int(os.environ.get("SEED", "7"))
PEACE = 12
"""After so many rounds there is peace."""
STUDENTS = 40

SIS, ODS = "north", "ods"
BOTH = (SIS, ODS)
MOVED = ("created", "updated", "deleted", "pushed")
OURS = {"users": "given_name", "line_items": "title", "results": "comment"}
"""What is edited here, by record type."""


@dataclass
class Ordeal:
    """One data folder, its two services, and what becomes of them."""

    folder: Path
    ready: dict[str, Any]
    sis: Client
    ods: OdsClient
    forks: Forks
    random: Random
    figures: Counter[str] = field(default_factory=Counter)
    lasts: dict[str, float] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)
    edited: dict[tuple[str, int], str] = field(default_factory=dict)
    number: int = 0

    @contextmanager
    def opened(self, folder: Path | None = None) -> Iterator[Program]:
        """The program in this process."""
        vault = MemoryVault(
            {
                (SIS, "client_secret"): self.ready["client_secret"],
                (ODS, "secret"): self.ready["edfi_secret"],
            }
        )
        options = compose.Options(data_dir=folder or self.folder, page_size=PAGE)
        with compose.program(options, vault) as program:
            yield program

    def word(self, who: str) -> str:
        """Something that nobody said before."""
        self.number += 1
        return f"{who} {self.number:05}"

    # -- what people do --

    def there(self) -> None:
        """A school day passes at both, or at one; or somebody there changes something."""
        act = self.random.randrange(4)
        if act == 0:
            self.sis.pass_day(edfi=True)
        elif act == 1:
            sizes = {"removed": 0, "leavers": 0}
            assert self.sis.control("POST", "edfi/day", json=sizes).status_code in (200, 400)
        elif act == 2:
            self._renamed()
        else:
            document = self.random.choice(self.sis.everything("lineItems", base=GRADEBOOK))
            document["title"] = self.word("Theirs")
            path = f"{GRADEBOOK}/lineItems/{document['sourcedId']}"
            answer = self.sis.call("PUT", path, json={"lineItem": document})
            assert answer.status_code == 201, answer.text

    def _renamed(self) -> None:
        document = self.random.choice(self.ods.list("students", limit=500))
        id_, headers = document.pop("id"), {"If-Match": document.pop("_etag")}
        document.pop("_lastModifiedDate", None)
        told = {**document, "firstName": self.word("Theirs")}
        answer = self.ods.data("PUT", f"students/{id_}", json=told, headers=headers)
        assert answer.status_code == 204, answer.text

    def here(self, program: Program) -> None:
        """Somebody edits a person or a grade, or makes a line item."""
        database = program.database
        if self.random.random() < 0.25:
            items = reads.record_ids(database, "line_items")
            item = reads.record(database, "line_items", self.random.choice(items)).record.values
            told = {name: value for name, value in item.items() if value is not None}
            title = self.word("Made")
            # What it refers to may have been mentioned and no more.
            with suppress(UsageError):
                program.engine.create("line_items", {**told, "title": title}, "Ana")
                self.made.append(title)
            return
        entity = self.random.choice(list(OURS))
        record = self.random.choice(reads.record_ids(database, entity))
        word = self.word("Ours")
        try:
            program.engine.edit(entity, record, {OURS[entity]: word}, "Ana")
        except UsageError:
            return
        self.edited[entity, record] = word

    def decide(self, program: Program) -> None:
        """All that is asked."""
        with program.database.reading() as tx:
            asked = list(tx.rows("SELECT id, kind FROM conflicts ORDER BY id"))
        program.engine.resolve(
            [
                Decision(
                    id_,
                    Take.DIFFERENT
                    if kind == "same_person"
                    else self.random.choice([Take.OURS, Take.SIS]),
                )
                for id_, kind in asked
            ],
            "Ana",
        )

    # -- processes that are killed --

    def round(self) -> str:
        """Things change on all sides, and a process is killed; what it was doing."""
        with self.opened() as program:
            for _ in range(self.random.randrange(6)):
                self.here(program)
            if self.random.random() < 0.3:
                self.decide(program)
        for _ in range(self.random.randrange(3)):
            self.there()
        name, full = self.random.choice([SIS, ODS, ODS]), self.random.random() < 0.4
        doing = f"{name} {'all' if full else 'changes'}"
        self.forks.begin("sync", name=name, full=full)
        if self.random.random() < 0.85:
            self.forks.begun()
        moment = self.random.uniform(0, 1.1 * self.lasts[doing])
        began = time.monotonic()
        self.forks.signalled(signal.SIGKILL, moment)
        lived = time.monotonic() - began
        code = self.forks.ended()
        assert code != BROKEN, doing
        self.tokens()
        if code == -signal.SIGKILL:
            phase = self.phase()
            self.figures["kills"] += 1
            self.figures[f"killed {phase}"] += 1
            return f"{doing} killed {phase}"
        self.figures[f"{name} to its end"] += 1
        self.lasts[doing] = 0.7 * self.lasts[doing] + 0.3 * lived
        return f"{doing} ended by itself"

    def phase(self) -> str:
        """Where it was, as the row of its run was left."""
        with looked_at(self.folder) as database:
            run = database.execute(
                "SELECT id, state FROM runs WHERE state IN ('queued', 'running')"
            ).fetchone()
            if run is None:
                return "outside a run"
            sent = database.execute(
                "SELECT outcome FROM pushes WHERE run = ? ORDER BY id DESC", run[:1]
            ).fetchone()
            streams = database.execute(
                "SELECT count(*) FROM run_streams WHERE run = ?", run[:1]
            ).fetchone()
        if sent is not None:
            return "while something was sent" if sent[0] == "sending" else "between pushes"
        return "reading" if streams[0] else "opening"

    def tokens(self) -> None:
        """The dead took their tokens with them, and a service gives a client only so many."""
        self.ods.switch_on("tokens-forgotten", times=1)
        assert self.ods.get("schools", limit=1).status_code == 401
        self.ods.bearer = {"Authorization": f"Bearer {self.ods.token()}"}

    # -- peace --

    def sync(self, program: Program, name: str, *, full: bool) -> RunRow:
        """A sync that nobody disturbs."""
        run = program.engine.start(name, full=full)
        program.loop.run(until=lambda: not program.engine.busy)
        found = reads.run(program.database, run)
        assert found.state in ("completed", "warnings", "waiting"), (
            name, found.error_code, found.error_parameters, found.error_detail,
        )  # fmt: skip
        return found

    def peace(self) -> None:
        """Everything is answered, and synced until nothing is left to do; then it is compared."""
        with self.opened() as program:
            for full in (False, True):
                self._settle(program, full=full)
            self._agrees(program)
            self._is_there(program)
        assert_sound(self.folder)
        self.tokens()

    def _settle(self, program: Program, *, full: bool) -> None:
        quiet = 0
        for _ in range(12):
            self.decide(program)
            moved = 0
            for name in BOTH:
                program.engine.retry(name)
                run = self.sync(program, name, full=full)
                if run.state == "waiting":
                    program.engine.approve(run.id, author="Ana")
                    program.loop.run(until=lambda: not program.engine.busy)
                moved += sum(run.total(count) for count in MOVED)
            with program.database.reading() as tx:
                asked = list(tx.rows("SELECT kind, entity, record, part FROM conflicts"))
            quiet = 0 if moved or asked else quiet + 1
            if quiet == (2 if full else 1):
                return
        assert not full, (moved, asked)

    def _agrees(self, program: Program) -> None:
        """B1: of either service the base is what it says."""
        for name in BOTH:
            twin = self.folder.with_name(f"twin-{name}-{self.number}")
            with self.opened(twin) as undisturbed:
                connect(undisturbed, self.ready, name)
                without_limits(undisturbed.database)
                assert self.sync(undisturbed, name, full=True).state in ("completed", "warnings")
                with undisturbed.database.reading() as there, program.database.reading() as tx:
                    same = one_record(tx, name)
                    theirs, mine = known(there, name, same), known(tx, name, same)
            assert not theirs.keys() - mine.keys(), (name, theirs.keys() - mine.keys())
            more = mine.keys() - theirs.keys()
            people = {key: mine[sort, key].record for sort, key in more if sort == "users"}
            unseen = self._unseen(program, people)
            gone = {place for place in more if not unseen & {*re.split(r"[/|]", place[1])}}
            assert not gone, (name, gone)
            for place, said in theirs.items():
                if not mine[place].open:
                    here = mine[place].base
                    # What it does not say of a record stays as it was agreed before.
                    said_there = {n: v for n, v in said.base.items() if v is not UNKNOWN}
                    wrong = {n: (v, here[n]) for n, v in said_there.items() if v != here[n]}
                    assert not wrong, (name, place, wrong)

    def _unseen(self, program: Program, people: Mapping[str, int]) -> set[str]:
        """Those of ``people``, by their numbers, who are there where the key may not see them.

        They stand as they were (D1).
        """
        unseen = set()
        for key, record in people.items():
            got: list[LookedUp] = []
            program.engine.look_up("users", record, reply=Reply(got.append))
            program.loop.run(until=lambda: bool(got))  # noqa: B023
            errors = [told.error for told in got[0].told if told.connector == ODS]
            if [error.code for error in errors if error is not None] == ["edfi_forbidden"]:
                unseen.add(key.partition("/")[2])
        return unseen

    def _is_there(self, program: Program) -> None:
        """F3: what was made here is at either service, once; what was edited stands here, or the
        history tells what became of it."""
        rows = self.ods.list("gradebookEntries", limit=500)
        entries = Counter(row["title"] for row in rows)
        items = Counter(row["title"] for row in self.sis.everything("lineItems", base=GRADEBOOK))
        for title in self.made:
            assert (entries[title], items[title]) <= (1, 1), title
        for (entity, record), word in self.edited.items():
            found = reads.record(program.database, entity, record)
            said = [
                side for one in found.changes for side in (one.after, one.before, one.discarded)
            ]
            told = [side.get(OURS[entity]) for side in said if side]
            assert word in [found.record.values[OURS[entity]], *told], (entity, record, word)


def connect(program: Program, ready: dict[str, Any], name: str) -> None:
    """A connector to one of the two services."""
    if name == SIS:
        settings = {key: ready[key] for key in ("base_url", "token_url", "client_id")}
        settings |= {"version": "1.2", "demographics": "read", "gradebook": "write"}
        program.engine.save_connector(SIS, "oneroster", settings)
    else:
        settings = {"base_url": ready["edfi_url"], "key": ready["edfi_key"]}
        settings |= {"rosters": "write", "guardians": "on"}
        settings |= {"demographics": "write", "gradebook": "write"}
        program.engine.save_connector(ODS, "edfi", settings)


@contextmanager
def ordeal(tmp_path: Path) -> Iterator[Ordeal]:
    """A data folder that was synced once whole with both, and once for changes, undisturbed."""
    folder = tmp_path / "data"
    with serving(students=STUDENTS, seed=SEED, state=str(tmp_path / "sis.json")) as ready:
        ods = OdsClient(ready)
        with (
            closing(ods.session),
            speaking(ready) as sis,
            Forks(folder, ready["client_secret"], ready["edfi_secret"]) as forks,
        ):
            found = Ordeal(folder, ready, sis, ods, forks, Random(SEED))
            with found.opened() as program:
                for name in BOTH:
                    connect(program, ready, name)
                without_limits(program.database)
                for name in BOTH:
                    found.sync(program, name, full=True)
                found._settle(program, full=False)
            for name in BOTH:
                for doing, full in (("all", True), ("changes", False)):
                    forks.begin("sync", name=name, full=full)
                    forks.begun()
                    began = time.monotonic()
                    assert forks.ended() == 0
                    found.lasts[f"{name} {doing}"] = time.monotonic() - began
            found.tokens()
            yield found


@pytest.mark.timeout(120 + 4 * KILLS)
def test_no_kill_shows_with_two_systems(
    tmp_path: Path, record_property: Callable[..., None]
) -> None:
    """The database is sound after each kill, and left in peace it agrees with both services."""
    with ordeal(tmp_path) as life:
        survive(life, wanted=KILLS, peace=PEACE, seed=SEED, record_property=record_property)
