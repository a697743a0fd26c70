"""How long the rooms take to open on a long history and many differences.

A roster of files with 10,000 students (or fewer, for a try) whose e-mail both sides have changed,
and a history of ten times as many syncs. Counted from the click until all that the room asked for
is shown, on the program's own window; and the longest time that the event loop was held up
meanwhile, scrolling included.
"""

import csv
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QEventLoop, QSettings, QTimer

from app.compose import Options, Program, program
from app.store import reads
from app.store.database import Location
from app.ui import WINDOW_PAGE, application, theme
from app.ui.places import Place, ToChangeSet, ToDifferences, ToFound, ToInbox
from app.ui.session import Session
from app.ui.window import Window
from benchmarks.gaps import Gaps
from benchmarks.measuring import tell

NAME = "north"
PATIENCE = 60.0
"""Seconds after which something is wrong."""


def main() -> None:
    """Prepares the new data folder of the first argument, with as many differences as the second
    says, and opens one room after the other.
    """
    folder, wanted = Path(sys.argv[1]), int(sys.argv[2])
    options = Options(data_dir=folder / "data", page_size=WINDOW_PAGE)
    differences = prepared(options, folder / "set", wanted)
    lengthen_history(Location.of(options.folder).path, 10 * wanted)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder))
    application.made()
    theme.use("light")
    settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
    window = Window(options, settings, Session)
    window.resize(1280, 800)
    window.show()
    until(lambda: window.stack.currentWidget() is window.sides and window.work.room.quiet)
    gaps = Gaps()
    gaps.begin()
    found = {
        name: opening(window, place)
        for name, place in (
            ("inbox", ToInbox()),
            ("differences", ToDifferences()),
            ("history", ToChangeSet(1)),
            ("search", ToFound("ana 99")),
        )
    }
    gaps.end()
    session = window.session
    window.close()
    if session is not None:
        session.wait()
    tell(counted=differences, gap=max(gaps.milliseconds), **found)


def opening(window: Window, place: Place) -> float:
    """Milliseconds until a place is shown."""
    began = time.perf_counter()
    window.work.go(place)
    until(lambda: window.work.room.quiet)
    return (time.perf_counter() - began) * 1000


def until(is_so: Callable[[], bool]) -> None:
    """Lets the event loop run until something is so. Raises ``TimeoutError`` after a minute."""
    patience, loop, look = QElapsedTimer(), QEventLoop(), QTimer(interval=1)
    patience.start()
    look.timeout.connect(loop.quit)
    look.start()
    while not is_so():  # asked between two rounds: what comes in a round may ask for more
        if patience.elapsed() > PATIENCE * 1000:
            raise TimeoutError
        loop.exec()
    look.stop()


# -- what is opened --


def prepared(options: Options, files: Path, students: int) -> int:
    """A roster with as many differences as students; how many there are."""
    files.mkdir(parents=True)
    write(files, "old", students)
    with program(options) as ours:
        ours.engine.save_connector(NAME, "oneroster-csv", {"path": str(files)})
        sync(ours)
        people = reads.record_ids(ours.database, "users")
        for row in reads.records(ours.database, "users", people):
            email = {"email": f"{row.values['username']}@lakeside.example.org"}
            ours.engine.edit("users", row.id, email)
        write(files, "new", students)
        sync(ours)
        return reads.connector(ours.database, NAME).standing.conflicts


def sync(ours: Program) -> None:
    """Reads everything once."""
    ours.engine.start(NAME, full=True)
    ours.loop.run(until=lambda: not ours.engine.busy)


def write(files: Path, mail: str, students: int) -> None:
    """The set, with e-mail addresses at that host."""
    schools: list[tuple[str, ...]] = [
        ("d", "District", "district", ""), ("s1", "North", "school", "d"),
    ]  # fmt: skip
    tables: dict[str, tuple[tuple[str, ...], list[tuple[str, ...]]]] = {
        "manifest.csv": (
            ("propertyName", "value"),
            [
                ("manifest.version", "1.0"), ("oneroster.version", "1.2"),
                *((f"file.{name}", "bulk") for name in ("orgs", "users", "roles")),
            ],
        ),
        "orgs.csv": (("sourcedId", "name", "type", "parentSourcedId"), schools),
        "users.csv": (
            ("sourcedId", "enabledUser", "username", "givenName", "familyName", "email"),
            [
                (f"u{one}", "true", f"user{one}", f"Ana {one}", "Ruiz", f"{one}@{mail}.example.org")
                for one in range(students)
            ],
        ),
        "roles.csv": (
            ("sourcedId", "userSourcedId", "roleType", "role", "orgSourcedId"),
            [(f"r{one}", f"u{one}", "primary", "student", "s1") for one in range(students)],
        ),
    }  # fmt: skip
    for name, (heading, rows) in tables.items():
        with (files / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(heading)
            writer.writerows(rows)


def lengthen_history(path: Path, by: int) -> None:
    """Copies the newest sync, with its counts, so many times."""
    database = sqlite3.connect(path)
    [(newest,)] = database.execute("SELECT max(id) FROM runs")
    numbers = range(newest + by, newest + 2 * by)
    for table, key in (("change_sets", "id"), ("runs", "id"), ("run_streams", "run")):
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
        place = columns.index(key)
        copied = [
            row
            for row in database.execute(f"SELECT * FROM {table}")  # noqa: S608
            if row[place] == newest
        ]
        marks = ", ".join("?" * len(columns))
        database.executemany(
            f"INSERT INTO {table} VALUES ({marks})",  # noqa: S608
            ((*row[:place], number, *row[place + 1 :]) for number in numbers for row in copied),
        )
    database.commit()
    database.close()


if __name__ == "__main__":
    main()
