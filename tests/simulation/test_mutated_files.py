"""Files broken in every way: no traceback, no hang, nobody ended without proof, nothing lost.

A whole engine syncs from a folder or a ZIP on the disk, while files in it are broken: bytes
(``mutations``), lines, columns, cells, whole files, the manifest. Then it syncs from whole files.
There are no safety limits: they would hide what got past all else.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from threading import Event

import pytest

from app.connectors.contract import Request, Response
from app.connectors.files import FileTransport
from app.connectors.oneroster.csv import KIND
from app.connectors.oneroster.csv.columns import FILES
from app.store import reads
from tests.connectors.oneroster.csv.district import files, packed, put, tables
from tests.simulation.keeping import ENDS, NAME, Keeping, Roster, keeping
from tests.simulation.mutations import ODD_VALUES, bytes_broken

MUTATIONS = int(os.environ.get("MUTATIONS", "150"))
"""How many answers and files are broken, half of them files; `make mutations` breaks 10,000."""
FIRST = int(os.environ.get("MUTATION_FIRST", "0"))
AT_ONCE = 10
"""Broken sets of one roster, so that what one left behind meets the next."""
ENOUGH = 20
"""So many times the requests of an ordinary sync are no hang; more are one."""
ENTITIES = {file.filename: file.entity for file in FILES["1.2"].values()}

Files = dict[str, bytes]


class Disk(FileTransport):
    """Counts what is asked of it."""

    asked = 0

    def send(self, request: Request, cancel: Event) -> Response:
        Disk.asked += 1
        return super().send(request, cancel)


def broken(chance: Random, whole: Files) -> tuple[Files, str]:
    """The files with something wrong in one of them, and what that is."""
    told = dict(whole)
    name = chance.choice(sorted(told))
    lines = told[name].split(b"\r\n")
    place, other = (chance.randrange(len(lines)) for _ in range(2))
    cells = lines[place].split(b",")
    cell = chance.randrange(len(cells))
    how = chance.choice(
        [
            *("bytes", "bytes", "bytes", "lost", "twice", "moved", "cut", "cell", "cell", "end"),
            *("column", "missing", "empty", "another", "case", "encoding"),
        ]
    )
    if how == "bytes":
        told[name] = bytes_broken(chance, told[name])
    elif how == "lost":
        del lines[place : place + chance.choice([1, 1, 5, 50])]
    elif how == "twice":
        lines[other:other] = [lines[place]]
    elif how == "moved":
        lines[place], lines[other] = lines[other], lines[place]
    elif how == "cut":
        lines[place] = lines[place][: chance.randrange(len(lines[place]) + 1)]
    elif how == "cell":
        value = chance.choice(ODD_VALUES)
        cells[cell] = str(value).encode("utf-8", "replace")
        lines[place] = b",".join(cells)
    elif how == "end" and len(cells) > 1:
        cells[1] = b"tobedeleted"
        lines[place] = b",".join(cells)
    elif how == "column":
        lines = [b",".join(_without(line.split(b","), cell)) for line in lines]
    elif how == "missing":
        del told[name]
    elif how == "empty":
        told[name] = chance.choice([b"", b"\r\n", lines[0]])
    elif how == "another":
        told[name] = told[chance.choice(sorted(told))]
    elif how == "case":
        told[name.upper()] = told.pop(name)
    elif how == "encoding":
        encoding = chance.choice(["utf-16", "cp1252", "utf-16-be"])
        told[name] = told[name].decode("utf-8", "replace").encode(encoding, "replace")
    if how in ("lost", "twice", "moved", "cut", "cell", "end", "column"):
        told[name] = b"\r\n".join(lines)
    return told, f"{how} in {name}"


def _spoken(roster: Roster, good: Roster) -> Roster:
    """Without fields of which no whole file says anything: such a blank blanks nothing (A2)."""
    said = {(entity, name) for (entity, _), row in good.items() for name in row if row[name]}
    return {
        (entity, key): {name: row[name] for name in row if (entity, name) in said}
        for (entity, key), row in roster.items()
    }


def _without(cells: list[bytes], place: int) -> list[bytes]:
    return cells[:place] + cells[place + 1 :]


def _ended(told: Files) -> set[tuple[str, str]]:
    """Whom files say to be gone, found without the program's own reading."""
    found = set()
    for name, body in told.items():
        entity = ENTITIES.get(name.lower(), "") or ENTITIES.get(name, "")
        for mark in (b"\r", b"\n"):
            for line in body.split(mark):
                if b"tobedeleted" in line.replace(b"\0", b"").lower():
                    key = (
                        line.replace(b"\0", b"").strip().partition(b",")[0].strip(b'" \xef\xbb\xbf')
                    )
                    found.add((entity, key.decode("utf-8", "replace")))
    return found


class Place:
    """Where the SIS puts its files: a folder, or a ZIP."""

    def __init__(self, path: Path, whole: Files) -> None:
        self.path, self.whole, self._turn = path, whole, 0

    def put(self, told: Files) -> None:
        """Puts these files there, and no others."""
        if self.path.suffix:
            packed(self.path, told)
            return
        for old in self.path.iterdir() if self.path.exists() else ():
            old.unlink()
        put(self.path, told)

    def mend(self) -> None:
        """Puts whole files there, which are never the very same twice: a new export."""
        self._turn += 1
        # At the beginning: one that only goes on at the end may be the same, still being written.
        blank = b"\r\n" * self._turn
        self.put({name: blank + body for name, body in self.whole.items()})


@contextmanager
def kept_from(place: Place, folder: Path) -> Iterator[Keeping]:
    """A roster that is kept in step with the files."""
    settings = {"path": str(place.path), "demographics": "read", "resources": "read"}
    with keeping(folder, KIND, settings, {}, lambda clock: Disk(), 25) as kept:
        yield kept


@pytest.mark.parametrize("seed", range(FIRST, FIRST + max(1, MUTATIONS // (2 * AT_ONCE))))
def test_broken_files(tmp_path: Path, data_dir: Path, seed: int) -> None:
    """Each sync ends, told; nobody ends of whom no file said so; whole files mend all."""
    chance = Random(seed)
    place = Place(tmp_path / chance.choice(["set", "set.zip"]), files(tables(students=12)))
    place.mend()
    with kept_from(place, data_dir) as kept:
        Disk.asked = 0
        assert kept.sync(full=True).state == "completed"
        usual, good = Disk.asked, kept.roster()
        assert len(good) == 3 + 3 + 1 + 6 + 15 + 15 + 10
        for _ in range(AT_ONCE):
            _one(kept, place, good, usual, chance, f"MUTATION_FIRST={seed}")


def _one(kept: Keeping, place: Place, good: Roster, usual: int, chance: Random, seed: str) -> None:
    """One broken set, and whole ones after it."""
    told, what = dict(place.whole), []
    for _ in range(chance.choice([1, 1, 1, 2, 5])):
        told, how = broken(chance, told)
        what.append(how)
    place.put(told)
    if place.path.suffix and chance.random() < 0.2:
        place.path.write_bytes(bytes_broken(chance, place.path.read_bytes()))
        what.append("bytes of the ZIP")
    before = kept.ended()
    Disk.asked = 0
    run = kept.sync(full=chance.random() < 0.7)
    why = (seed, what, run.state, run.error_code, run.error_detail)
    assert run.state in ENDS, why
    assert run.error_code != "unexpected", why
    assert Disk.asked < ENOUGH * usual, why
    assert kept.ended() - before <= _ended(told), why
    for _ in range(3):
        place.mend()
        mended = kept.sync(full=True)
        assert mended.state in ("completed", "warnings", "waiting"), (why, mended.error_code)
    now = kept.roster()
    assert _spoken(now, good) == _spoken(good, good), (why, now.keys() ^ good.keys())
    standing = reads.connector(kept.database, NAME).standing
    assert (standing.waiting, standing.conflicts, standing.unreadable) == (0, 0, 0), why
