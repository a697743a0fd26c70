"""Files that people get: there whole, or not at all; what stood there before stays until then."""

import os
import shutil
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from app.errors import StoreError


def unwritable(error: OSError, path: object) -> StoreError:
    """The error of the file system as ours, for a file that somebody named."""
    code = "disk_full" if error.errno == 28 else "file_not_written"
    return StoreError(code, f"{type(error).__name__}: {error}", path=str(path), why=error.strerror)


@contextmanager
def whole_file(path: Path) -> Iterator[IO[str]]:
    """A file to write that takes its name at the end; on any error there is none."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("x", encoding="utf-8", newline="") as file:
            yield file
            _made_sure(file)
        part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


@contextmanager
def whole_set(
    path: Path, *, last: str, older: Collection[str]
) -> Iterator[Callable[[str], IO[str]]]:
    """A set of files to write, by name, that is there at the end; on any error nothing is changed.

    ``path`` is a folder, or a zip where it is called so. Of what stands in a folder already, files
    of the same names are replaced, and those of ``older`` go where the file ``last`` shows that a
    set was there; nothing else is touched. ``last`` goes first and comes last, so that whoever
    looks for it finds no set half replaced. Raises ``OSError``.
    """
    path = Path(os.path.realpath(path))
    # In the folder itself where there is one: beside it nobody may write, or is another disk.
    part = path / ".export.part" if path.is_dir() else path.with_name(f".{path.name}.part")
    files: dict[str, IO[str]] = {}

    def create(name: str) -> IO[str]:
        files[name] = (part / name).open("x", encoding="utf-8", newline="")
        return files[name]

    shutil.rmtree(part, ignore_errors=True)  # of one that was cut off
    try:
        part.mkdir(parents=True)
        try:
            yield create
            for file in files.values():
                _made_sure(file)
        finally:
            for file in files.values():
                file.close()
        if path.suffix.lower() == ".zip":
            _zip(part, files, path)
        elif path.is_dir():
            _put_in_place(part, files, path, last, older)
        else:
            part.rename(path)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _made_sure(file: IO[str]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _zip(part: Path, names: Iterable[str], path: Path) -> None:
    packed = part / path.name
    with packed.open("xb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in names:
                archive.write(part / name, name)
        file.flush()
        os.fsync(file.fileno())
    packed.replace(path)


def _put_in_place(
    part: Path, names: Collection[str], folder: Path, last: str, older: Collection[str]
) -> None:
    stale = set(older) if (folder / last).exists() else set()
    before = part / "before"
    before.mkdir()
    going = [last, *sorted((stale | set(names)) - {last})]
    coming = [*sorted(set(names) - {last}), last]
    moved: list[tuple[Path, Path]] = []

    def move(source: Path, target: Path) -> None:
        source.replace(target)
        moved.append((source, target))

    try:
        for name in going:
            if (folder / name).exists():
                move(folder / name, before / name)
        for name in coming:
            move(part / name, folder / name)
    except OSError:
        for source, target in reversed(moved):
            target.replace(source)
        raise
