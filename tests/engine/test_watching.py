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
from app.engine.loop import Loop, Steps
from app.engine.watching import Watch
from app.engine.world import World
from app.errors import TransientError
from app.store import reads
from app.store.database import Database, Location
from app.store.locks import ConnectorLock
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


class Quiet(Loop):
    """A loop that tells whether anything is under way: a look or a sync."""

    def __init__(self) -> None:
        super().__init__()
        self.under_way = 0

    def start(self, steps: Steps) -> None:
        """Begins to run ``steps``."""
        self.under_way += 1
        super().start(self._counted(steps))

    def _counted(self, steps: Steps) -> Steps:
        yield from steps
        self.under_way -= 1


class Office:
    """A data folder with a connector to a folder of files, which is watched.

    Whatever is waited for here, nothing is under way afterwards: what a test does to the files next
    comes before a look or after it, never during one.
    """

    def __init__(self, world: World, source: Path, pauses: Sequence[float]) -> None:
        self.loop, self.database, self.source = Quiet(), world.database, source
        self.engine = Engine(world, self.loop)
        self.busy: set[str] = set()
        """Connectors that are being synced, though nothing is under way here."""
        self.asked = 0
        """How often it was asked whether a connector is being synced: once before each look."""
        self.engine.save_connector(NAME, KIND.name, {"path": str(source)})
        start = partial(self.engine.start, trigger="files")
        Watch(
            world, self.loop, self._under_way, start, every=0.002, again=(0.0,), pauses=pauses
        ).keep()

    def _under_way(self, name: str) -> bool:
        self.asked += 1
        return self.engine.busy or name in self.busy

    def sync(self, name: str = NAME) -> None:
        """A sync that a person begins."""
        self.engine.start(name)
        self.until(lambda: True)

    def looked(self, times: int = 4) -> list[str]:
        """What began each sync, when the folder has been looked at so many times more."""
        until = Disk.looks + times
        return self.until(lambda: Disk.looks >= until)

    def begun(self) -> list[str]:
        """What began each sync, the first one first."""
        return [run.trigger for run in reversed(reads.runs(self.database))]

    def until(self, holds: Callable[[], bool]) -> list[str]:
        """The same, when something holds."""
        self.loop.run(until=lambda: not self.loop.under_way and not self.engine.busy and holds())
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
        try:
            yield here
        finally:
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
        here.until(lambda: True)
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
        here.engine.save_connector("south", KIND.name, {"path": str(source)})
        here.sync("south")
        # That one is looked at, so it was the turn of the other as well.
        assert here.looked() == ["person"]


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
        looks, turns = Disk.looks, here.asked + 4
        here.until(lambda: here.asked >= turns)
        assert Disk.looks == looks
        here.busy.discard(NAME)
        assert here.until(lambda: len(here.begun()) == 2) == ["person", "files"]


def test_what_is_new_waits_for_the_sync_of_another_program(data_dir: Path, tmp_path: Path) -> None:
    """H1: none begins beside it, and one as soon as it is over."""
    source = put(tmp_path / "set", files(tables(students=3)))
    with office(data_dir, source) as here:
        here.sync()
        lock = ConnectorLock(data_dir / "locks", reads.connector(here.database, NAME).id)
        lock.acquire()
        put(source, files(tables(students=5)))
        assert here.looked() == ["person"]
        lock.release()
        assert here.until(lambda: len(here.begun()) == 2) == ["person", "files"]


def test_a_sync_that_failed_for_a_while_is_begun_again(data_dir: Path, tmp_path: Path) -> None:
    """Though the files have not changed since."""
    source = put(tmp_path / "set", files(tables(students=3)))
    with office(data_dir, source) as here:
        here.sync()
        Disk.fails = True
        put(source, files(tables(students=5)))
        here.until(lambda: len(here.begun()) >= 3)
        Disk.fails = False
        here.until(lambda: reads.runs(here.database)[0].state == "completed")
        assert len(reads.record_ids(here.database, "users")) == 8
        told = here.looked()
        assert told == here.looked()
