"""New files begin a sync by themselves, once nobody is writing them any more."""

from collections.abc import Callable, Iterator
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
from tests.connectors.oneroster.csv.district import files, put, tables
from tests.engine.toy import empty_database

NAME = "north"


class Disk(FileTransport):
    """Counts how often the folder is looked at, and fails when it is told to."""

    looks = 0
    fails = False

    def send(self, request: Request, cancel: Event) -> Response:
        Disk.looks += not request.url.endswith(".csv")
        if Disk.fails and request.url.endswith("users.csv"):
            raise TransientError("path_not_readable", path="users.csv")
        return super().send(request, cancel)


class Office:
    """A data folder with a connector to a folder of files, which is watched."""

    def __init__(self, world: World, source: Path) -> None:
        self.loop, self.database, self.source = Loop(), world.database, source
        self.engine = Engine(world, self.loop)
        self.busy: set[str] = set()
        self.engine.save_connector(NAME, KIND.name, {"path": str(source)})
        start = partial(self.engine.start, trigger="files")
        Watch(world, self.loop, self.busy.__contains__, start, every=0.002, again=(0.0,)).keep()

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
def office(data_dir: Path, source: Path) -> Iterator[Office]:
    """Opens the data folder."""
    Disk.looks, Disk.fails = 0, False
    location = Location.of(data_dir)
    if not location.path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        location.path.write_bytes(empty_database())
    with Database(location) as database:
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
        here = Office(world, source)
        yield here
        here.loop.stop()
        here.loop.run()


def test_new_files_begin_one_sync(data_dir: Path, tmp_path: Path) -> None:
    """Once they stay as they are, and not again as long as they do."""
    source = put(tmp_path / "set", files(tables(students=3)))
    with office(data_dir, source) as here:
        here.sync()
        assert here.until(lambda: len(here.begun()) == 2) == ["person", "files"]
        assert here.looked() == ["person", "files"]
        put(source, files(tables(students=5)))
        assert here.until(lambda: len(here.begun()) == 3) == ["person", "files", "files"]
        assert here.looked() == ["person", "files", "files"]
        assert len(reads.record_ids(here.database, "users")) == 8


def test_what_a_sync_has_served_is_remembered(data_dir: Path, tmp_path: Path) -> None:
    """The next start of the program begins none for it; files that came meanwhile are noticed."""
    source = put(tmp_path / "set", files(tables(students=3)))
    with office(data_dir, source) as here:
        here.sync()
        here.until(lambda: len(here.begun()) == 2)
    with office(data_dir, source) as here:
        assert here.looked() == ["person", "files"]
    put(source, files(tables(students=5)))
    with office(data_dir, source) as here:
        assert here.until(lambda: len(here.begun()) == 3) == ["person", "files", "files"]


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
        here.until(lambda: len(here.begun()) == 2)
        for students in range(4, 9):
            put(source, files(tables(students=students)))
            assert here.looked(1) == ["person", "files"]
        assert here.until(lambda: len(here.begun()) == 3)[2:] == ["files"]


def test_while_a_sync_is_under_way_nobody_looks(data_dir: Path, tmp_path: Path) -> None:
    """What is new then is noticed when it is over."""
    source = put(tmp_path / "set", files(tables(students=3)))
    with office(data_dir, source) as here:
        here.sync()
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
        here.until(lambda: len(here.begun()) == 2)
        Disk.fails = True
        put(source, files(tables(students=5)))
        here.until(lambda: len(here.begun()) == 4)
        Disk.fails = False
        here.until(lambda: reads.runs(here.database)[0].state == "completed")
        assert len(reads.record_ids(here.database, "users")) == 8
        told = here.looked()
        assert told == here.looked()
