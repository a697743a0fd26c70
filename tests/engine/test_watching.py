"""New files begin a sync by themselves, once nobody is writing them any more."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from threading import Event

from app.connectors.contract import Request, Response
from app.connectors.files import FileTransport
from app.connectors.oneroster.csv import KIND
from app.engine.engine import Engine
from app.engine.loop import Loop
from app.engine.watching import Watch
from app.engine.world import World
from app.errors import TransientError
from app.store import reads
from app.store.database import Database, Location
from app.vault import MemoryVault
from tests.beginning import begin
from tests.connectors.oneroster.csv.district import files, put, tables, text

NAME = "north"


class Disk(FileTransport):
    """Counts how often the folder is looked at, and fails when it is told to."""

    looks = 0
    fails = False
    meanwhile: Callable[[], object] | None = None
    """What happens once, while files are being read."""

    def send(self, request: Request, cancel: Event) -> Response:
        Disk.looks += not request.url.endswith(".csv")
        if Disk.fails and request.url.endswith("users.csv"):
            raise TransientError("path_not_readable", path="users.csv")
        if Disk.meanwhile is not None and request.url.endswith("users.csv"):
            happens, Disk.meanwhile = Disk.meanwhile, None
            happens()
        return super().send(request, cancel)


class Office:
    """A data folder with a connector to a folder of files, which is watched."""

    def __init__(self, world: World, source: Path, pauses: Sequence[float]) -> None:
        self.loop, self.database, self.source = Loop(), world.database, source
        self.engine = Engine(world, self.loop)
        self.busy: set[str] = set()
        self.engine.save_connector(NAME, KIND.name, {"path": str(source)})
        start = partial(self.engine.start, trigger="files")
        Watch(
            world,
            self.loop,
            self.busy.__contains__,
            start,
            every=0.002,
            again=(0.0,),
            pauses=pauses,
        ).keep()

    def sync(self) -> None:
        """A sync that a person begins."""
        self.engine.start(NAME)
        self.loop.run(until=lambda: not self.engine.busy)

    def looked(self, times: int = 4) -> list[str]:
        """What began each sync, when the folder has been looked at so many times more."""
        until = Disk.looks + times
        self.loop.run(until=lambda: Disk.looks >= until and not self.engine.busy)
        return self.begun()

    def begun(self) -> list[str]:
        """What began each sync, the first one first."""
        return [run.trigger for run in reversed(reads.runs(self.database))]

    def until(self, holds: Callable[[], bool]) -> list[str]:
        """The same, when something holds."""
        self.loop.run(until=lambda: holds() and not self.engine.busy)
        return self.begun()


@contextmanager
def office(data_dir: Path, source: Path, pauses: Sequence[float] = (0.0,)) -> Iterator[Office]:
    """Opens the data folder."""
    Disk.looks, Disk.fails, Disk.meanwhile = 0, False, None
    begin(data_dir)
    with Database(Location.of(data_dir)) as database:
        world = World(
            database=database,
            vault=MemoryVault(),
            kinds={KIND.name: KIND},
            clock=lambda: datetime.now(UTC),
            random=Random(1),
            open_transport=Disk,
            locks=data_dir / "locks",
            author="test",
        )
        here = Office(world, source, pauses)
        yield here
        here.loop.stop()
        here.loop.run()


def test_new_files_begin_one_sync(data_dir: Path, tmp_path: Path) -> None:
    """Once they stay as they are, and not again as long as they do."""
    source = put(tmp_path / "set", files(tables(students=3)))
    with office(data_dir, source) as here:
        here.sync()
        put(source, files(tables(students=5)))
        assert here.until(lambda: len(here.begun()) == 2) == ["person", "files"]
        assert here.looked() == ["person", "files"]
        assert len(reads.record_ids(here.database, "users")) == 8


def test_what_a_person_has_synced_begins_no_other(data_dir: Path, tmp_path: Path) -> None:
    """What is there was read a moment ago, in this program or in another."""
    source = put(tmp_path / "set", files(tables(students=3)))
    with office(data_dir, source) as here:
        here.sync()
        assert here.looked() == ["person"]
    with office(data_dir, source) as here:
        assert here.looked() == ["person"]
        put(source, files(tables(students=5)))
        here.sync()
        assert here.looked() == ["person", "person"]


def test_what_came_while_a_sync_was_reading_begins_another(data_dir: Path, tmp_path: Path) -> None:
    """It may have missed some of it."""
    source = put(tmp_path / "set", files(tables(students=3)))
    with office(data_dir, source) as here:
        here.sync()
        put(source, files(tables(students=5)))
        Disk.meanwhile = partial(put, source, {"resources.csv": text("resources", [])})
        here.sync()
        assert here.until(lambda: len(here.begun()) == 3) == ["person", "person", "files"]
        assert here.looked() == ["person", "person", "files"]


def test_what_was_cancelled_is_not_begun_again(data_dir: Path, tmp_path: Path) -> None:
    """Whoever stopped it wants none of it now; other files are another matter."""
    source = put(tmp_path / "set", files(tables(students=3)))
    with office(data_dir, source) as here:
        here.sync()
        here.looked()
        put(source, files(tables(students=5)))
        run = here.engine.start(NAME)
        here.engine.cancel(run)
        here.loop.run(until=lambda: not here.engine.busy)
        assert reads.runs(here.database)[0].state == "cancelled"
        assert here.looked() == ["person", "person"]
        put(source, files(tables(students=6)))
        assert here.until(lambda: len(here.begun()) == 3) == ["person", "person", "files"]


def test_what_a_sync_has_served_is_remembered(data_dir: Path, tmp_path: Path) -> None:
    """The next start of the program begins none for it; files that came meanwhile are noticed."""
    source = put(tmp_path / "set", files(tables(students=3)))
    with office(data_dir, source) as here:
        here.sync()
    put(source, files(tables(students=5)))
    with office(data_dir, source) as here:
        assert here.until(lambda: len(here.begun()) == 2) == ["person", "files"]
    with office(data_dir, source) as here:
        assert here.looked() == ["person", "files"]


def test_nothing_begins_before_a_first_sync(data_dir: Path, tmp_path: Path) -> None:
    """What files bring is looked at once before it comes by itself."""
    source = put(tmp_path / "set", files(tables(students=3)))
    with office(data_dir, source) as here:
        here.loop.later(0.05, here.loop.stop)
        here.loop.run()
        assert here.begun() == []


def test_files_that_keep_changing_are_left_alone(data_dir: Path, tmp_path: Path) -> None:
    """Somebody is still writing them."""
    source = put(tmp_path / "set", files(tables(students=3)))
    with office(data_dir, source) as here:
        here.sync()
        for students in range(4, 9):
            put(source, files(tables(students=students)))
            assert here.looked(1) == ["person"]
        assert here.until(lambda: len(here.begun()) == 2)[1:] == ["files"]


def test_files_that_change_after_every_sync_begin_fewer(data_dir: Path, tmp_path: Path) -> None:
    """As where an export of our own lands among them: pauses grow, and the log tells it once."""
    source = put(tmp_path / "set", files(tables(students=3)))
    with office(data_dir, source, pauses=(0.0, 0.001, 3600.0)) as here:
        here.sync()
        for turn in (1, 2, 3):
            put(source, files(tables(students=3 + turn)))
            here.until(lambda: len(here.begun()) == 1 + turn)  # noqa: B023
        put(source, files(tables(students=9)))
        assert here.looked(9) == ["person", "files", "files", "files"]
        told = [
            line.code
            for run in reads.runs(here.database)
            for line in reads.run_log(here.database, run.id)
        ]
        assert told.count("files_keep_changing") == 1


def test_while_a_sync_is_under_way_nobody_looks(data_dir: Path, tmp_path: Path) -> None:
    """What is new then is noticed when it is over."""
    source = put(tmp_path / "set", files(tables(students=3)))
    with office(data_dir, source) as here:
        here.sync()
        put(source, files(tables(students=5)))
        here.busy.add(NAME)
        looks = Disk.looks
        here.loop.later(0.05, lambda: here.busy.discard(NAME))
        here.until(lambda: not here.busy)
        assert Disk.looks == looks
        assert here.until(lambda: len(here.begun()) == 2) == ["person", "files"]


def test_a_sync_that_failed_for_a_while_is_begun_again(data_dir: Path, tmp_path: Path) -> None:
    """Though the files have not changed since."""
    source = put(tmp_path / "set", files(tables(students=3)))
    with office(data_dir, source) as here:
        here.sync()
        Disk.fails = True
        put(source, files(tables(students=5)))
        here.until(lambda: len(here.begun()) == 3)
        Disk.fails = False
        here.until(lambda: reads.runs(here.database)[0].state == "completed")
        assert len(reads.record_ids(here.database, "users")) == 8
        told = here.looked()
        assert told == here.looked()
