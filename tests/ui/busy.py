"""A small roster in which something waits in every room: what screens are looked at with."""

from pathlib import Path

from app import compose
from app.compose import Options, Program
from app.store import reads
from tests.connectors.oneroster.csv.district import files, put, tables

NORTH, SOUTH = "north", "south"
EDITED = range(12)
"""The numbers of the students whose e-mail both sides have changed."""
GONE = range(20, 50)
"""Those who are missing from the last set."""
DAMAGED = 55


def busy(folder: Path) -> Options:
    """Makes it in a folder: differences, approvals, an unreadable row, a failed connector."""
    source, options = folder / "set", Options(data_dir=folder / "data")
    made = tables()
    with compose.program(options) as program:
        put(source, files(made))
        program.engine.save_connector(NORTH, "oneroster-csv", {"path": str(source)})
        _sync(program, NORTH)
        _edit(program)
        for number in EDITED:
            made["users"][number]["email"] = f"ana.{number}@k12.example.org"
        _damage(source, files(made))
        _sync(program, NORTH)
        gone = {f"u{number:03d}" for number in GONE}
        for name, column in (("users", "sourcedId"), ("roles", "userSourcedId"),
                             ("enrollments", "userSourcedId")):  # fmt: skip
            made[name] = [row for row in made[name] if row[column] not in gone]
        _damage(source, files(made))
        _sync(program, NORTH)
        program.engine.save_connector(SOUTH, "oneroster-csv", {"path": str(folder / "nowhere")})
        _sync(program, SOUTH)
    return options


def _sync(program: Program, name: str) -> None:
    program.engine.start(name, full=True)
    program.loop.run(until=lambda: not program.engine.busy)


def _edit(program: Program) -> None:
    ids = reads.record_ids(program.database, "users")
    for row in reads.records(program.database, "users", ids):
        number = int(str(row.values["username"]).removeprefix("user"))
        if number in EDITED:
            email = {"email": f"a{number}@lakeside.example.org"}
            program.engine.edit("users", row.id, email, "Ada Park")


def _damage(source: Path, set_: dict[str, bytes]) -> None:
    """One row has more cells than there are columns."""
    key = f"u{DAMAGED:03d}".encode()
    lines = set_["users.csv"].splitlines(keepends=True)
    hurt = [line.rstrip() + b",one,too,many\r\n" if key in line else line for line in lines]
    put(source, {**set_, "users.csv": b"".join(hurt)})
