"""What is changed here reaches the practice SIS over real HTTP, and comes to rest (SEMANTICS F)."""

import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from app import compose
from app.compose import PracticeSis
from app.connectors.http import HttpTransport, Limits
from app.engine.engine import Engine
from app.engine.loop import Loop
from app.engine.world import World
from app.roster.values import Plain
from app.store import outbox, reads
from app.store.database import Database, Location
from app.store.reads import RunRow
from app.vault import MemoryVault
from tests.e2e.program import Program
from tests.practice.client import GRADEBOOK, Client, speaking

NAME = "north"


@dataclass
class Office:
    """A data folder whose connector may write the gradebook of the practice SIS."""

    engine: Engine
    loop: Loop
    database: Database
    sis: PracticeSis
    client: Client

    def sync(self, *, full: bool = False) -> RunRow:
        """One sync, to its end."""
        run = self.engine.start(NAME, full=full)
        self.loop.run(until=lambda: not self.engine.busy)
        return reads.run(self.database, run)

    def some(self, entity: str) -> int:
        """The id of a record."""
        return reads.record_ids(self.database, entity)[0]

    def value(self, entity: str, record: int, name: str) -> Plain:
        """What stands here."""
        return reads.record(self.database, entity, record).record.values[name]

    def there(self, collection: str, entity: str, record: int) -> dict[str, object]:
        """What the SIS holds of a record."""
        (link,) = reads.record(self.database, entity, record).links
        answer = self.client.grade(f"{collection}/{link.key}")
        assert answer.status_code == 200
        (told,) = answer.json().values()
        found: dict[str, object] = told
        return found

    def rests(self) -> None:
        """Three more syncs write nothing, here or there."""
        for full in (False, True, False):
            run = self.sync(full=full)
            done = [run.total(name) for name in ("created", "updated", "deleted", "pushed")]
            assert (run.state, done) == ("completed", [0, 0, 0, 0])
        assert outbox.unsent(self.database) == []


@contextmanager
def office(sis: PracticeSis, folder: Path, **settings: str) -> Iterator[Office]:
    """Opens a data folder and reads the SIS once."""
    loop = Loop()
    with (
        Database(Location.of(folder)) as database,
        speaking(msgspec.to_builtins(sis.ready)) as client,
    ):
        world = World(
            database=database,
            vault=MemoryVault(),
            kinds=compose.kinds(),
            clock=lambda: datetime.now(UTC),
            random=random.Random(),
            open_transport=lambda: HttpTransport(
                Limits(attempts=1), wait=lambda cancel, seconds: None
            ),
            locks=folder / "locks",
            author="test",
        )
        engine = Engine(world, loop)
        told = {**sis.settings, "gradebook": "write", **settings}
        engine.save_connector(NAME, "oneroster", told, {"client_secret": sis.ready.client_secret})
        found = Office(engine, loop, database, sis, client)
        run = found.sync()
        assert run.state == "completed", (run.error_code, run.error_parameters)
        yield found


@pytest.fixture(scope="module")
def sis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeSis]:
    """A small practice SIS."""
    practice = PracticeSis(tmp_path_factory.mktemp("sis"), students=40, seed=7)
    yield practice
    practice.close()


def test_an_edit_of_a_line_item_reaches_the_sis_and_rests(sis: PracticeSis, tmp_path: Path) -> None:
    """F1, F2, F4: the SIS has it, with everything else as it was; nothing is written after that."""
    with office(sis, tmp_path) as at:
        item = at.some("line_items")
        before = at.there("lineItems", "line_items", item)
        at.engine.edit("line_items", item, {"title": "Quiz, corrected"}, "Ana")
        run = at.sync()
        assert (run.state, run.total("pushed")) == ("completed", 1)
        after = at.there("lineItems", "line_items", item)
        changed = {name for name in before | after if before.get(name) != after.get(name)}
        assert (after["title"], changed) == ("Quiz, corrected", {"title", "dateLastModified"})
        at.rests()


@pytest.mark.parametrize("creates", ["put", "post"])
def test_a_line_item_and_a_score_that_are_made_here_are_made_there(
    sis: PracticeSis, tmp_path: Path, creates: str
) -> None:
    """F3: under a key of ours or of the SIS's, what refers follows what it refers to."""
    with office(sis, tmp_path, creates=creates) as at:
        score = reads.record(at.database, "results", at.some("results")).record.values
        like = reads.record(at.database, "line_items", score["line_item"]).record.values
        told = {name: value for name, value in like.items() if value is not None}
        item = at.engine.create("line_items", {**told, "title": f"Project by {creates}"}, "Ana")
        given = {"line_item": item, "student": score["student"], "score_date": "2026-03-02"}
        given |= {"score": 4.0, "score_status": "fully graded"}
        result = at.engine.create("results", given, "Ana")
        run = at.sync()
        assert (run.state, run.total("pushed")) == ("completed", 2)
        assert at.there("lineItems", "line_items", item)["title"] == f"Project by {creates}"
        there = at.there("results", "results", result)
        (link,) = reads.record(at.database, "line_items", item).links
        assert there["lineItem"]["sourcedId"] == link.key  # type: ignore[index]
        at.rests()


@pytest.mark.parametrize("creates", ["put", "post"])
def test_what_was_kept_though_its_answer_was_lost_is_found_again(
    sis: PracticeSis, tmp_path: Path, creates: str
) -> None:
    """F3, F5: it is told that nobody knows; the next sync looks, and nothing is made twice."""
    with office(sis, tmp_path, creates=creates) as at:
        like = reads.record(at.database, "line_items", at.some("line_items")).record.values
        told = {name: value for name, value in like.items() if value is not None}
        item = at.engine.create("line_items", {**told, "title": f"Lost by {creates}"}, "Ana")
        sis.set_fault("lost-answer", None, None, 1)
        run = at.sync()
        sis.clear_faults()
        assert run.state == "warnings"
        assert [one.state for one in outbox.unsent(at.database)] == ["unknown"]
        run = at.sync()
        assert (run.state, run.total("created")) == ("completed", 0)
        assert at.there("lineItems", "line_items", item)["title"] == f"Lost by {creates}"
        titles = [row["title"] for row in at.client.everything("lineItems", base=GRADEBOOK)]
        assert titles.count(f"Lost by {creates}") == 1
        at.rests()


def test_what_somebody_else_wrote_there_is_asked_about(sis: PracticeSis, tmp_path: Path) -> None:
    """F2: an edit there since the last read is not overwritten, but a difference to decide."""
    with office(sis, tmp_path) as at, office(sis, tmp_path / "else") as elsewhere:
        item = at.some("line_items")
        (link,) = reads.record(at.database, "line_items", item).links
        with elsewhere.database.reading() as tx:
            row = tx.one("SELECT record FROM links WHERE key = ?", (link.key,))
        assert row is not None
        elsewhere.engine.edit("line_items", row[0], {"title": "Theirs"}, "Ben")
        assert elsewhere.sync().total("pushed") == 1
        at.engine.edit("line_items", item, {"title": "Ours"}, "Ana")
        run = at.sync()
        assert (run.state, run.total("pushed"), run.total("conflicts")) == ("warnings", 0, 1)
        assert at.there("lineItems", "line_items", item)["title"] == "Theirs"


def test_a_kill_while_a_change_is_sent_makes_it_once(sis: PracticeSis, tmp_path: Path) -> None:
    """F3: killed between its being marked and its answer, it is there once after the next sync."""
    with office(sis, tmp_path) as at:
        like = reads.record(at.database, "line_items", at.some("line_items")).record.values
        told = {name: value for name, value in like.items() if value is not None}
        item = at.engine.create("line_items", {**told, "title": "Cut off"}, "Ana")
    secret = {"MINDKINDLER_SECRET_NORTH_CLIENT_SECRET": sis.ready.client_secret}
    sis.set_fault("slow", 1.0, "lineItems", None)
    process = Program(tmp_path, secret).start("-v", "sync", NAME)
    assert process.stderr is not None
    with process:
        for line in process.stderr:
            if "is being sent" in line:
                process.send_signal(signal.SIGKILL)
                break
        process.stderr.read()
    assert process.returncode == -signal.SIGKILL
    sis.clear_faults()
    with office(sis, tmp_path) as at:
        assert at.there("lineItems", "line_items", item)["title"] == "Cut off"
        titles = [row["title"] for row in at.client.everything("lineItems", base=GRADEBOOK)]
        assert titles.count("Cut off") == 1
        at.rests()
