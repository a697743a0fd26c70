"""What the practice district remembers between two starts, so that the same SIS comes back.

The file holds one JSON document a line: what the district is made from, then everything that
happened to it, in order. The records themselves are not in it: they are made again. No secret is
ever in it.
"""

import contextlib
import os
import tempfile
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from .days import Sizes
from .edfi.sizes import OdsSizes
from .edfi.store import DocumentDeleted, DocumentPut, DocumentReplaced

FORMAT = 1
# Raise it whenever the same seed would give other records than before, as OneRoster or as Ed-Fi: a
# remembered district must come back as it was, or not at all.
GENERATOR = 1


class StateError(Exception):
    """The state cannot be read or kept; the message is a sentence for people."""


class Origin(msgspec.Struct, tag="origin", frozen=True):
    """What a district is made from: the first line."""

    seed: int
    students: int
    today: date
    format: int = FORMAT
    generator: int = GENERATOR


class DayPassed(msgspec.Struct, tag="day", frozen=True):
    """A school day; `at` is the moment of its changes in milliseconds.

    With `edfi` those who came and left did so on the Ed-Fi side too.
    """

    at: int
    sizes: Sizes
    edfi: bool = False


class LessonGiven(msgspec.Struct, tag="lesson", frozen=True):
    """Something to practise was done; `at` is the moment of its changes in milliseconds."""

    at: int
    name: str


class GradebookOpened(msgspec.Struct, tag="gradebook", frozen=True):
    """The gradebook was made from the district as it was here."""


class Written(msgspec.Struct, tag="written", frozen=True):
    """Gradebook records of one request, as they were kept."""

    collection: str
    at: int
    records: list[dict[str, Any]]


class Deleted(msgspec.Struct, tag="deleted", frozen=True):
    """Gradebook records of one request, as (collection, sourcedId)."""

    keys: list[tuple[str, str]]


class OdsOpened(msgspec.Struct, tag="edfi-opened", frozen=True):
    """The Ed-Fi side was made here: from the district as it was, or from the files of a folder."""

    folder: str = ""


class OdsDayPassed(msgspec.Struct, tag="edfi-day", frozen=True):
    """A school day of the Ed-Fi side; `at` is the moment of its changes in milliseconds."""

    at: int
    sizes: OdsSizes


OdsEvent = OdsOpened | OdsDayPassed | DocumentPut | DocumentReplaced | DocumentDeleted
Event = DayPassed | LessonGiven | GradebookOpened | Written | Deleted | OdsEvent
_encode = msgspec.json.Encoder().encode
_event = msgspec.json.Decoder(Event).decode
_origin = msgspec.json.Decoder(Origin).decode


class Journal:
    """An open state file. `append` returns only when the event is on the disk."""

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._size = size

    @staticmethod
    def read(path: Path) -> tuple[Origin, list[Event], "Journal"]:
        """What the file remembers. Raises StateError; the file is left as it is.

        A last line without its end was never acknowledged to anybody (the power went while it was
        written), so it did not happen.
        """
        try:
            told = path.read_bytes()
        except OSError as trouble:
            raise StateError(
                f"The practice state {path} cannot be opened: {trouble.strerror}. "
                "Check the path, or start with another file."
            ) from trouble
        whole, _, _ = told.rpartition(b"\n")
        try:
            first, *lines = whole.split(b"\n")
            origin = _origin(first)
            events = [_event(line) for line in lines]
        except (msgspec.MsgspecError, UnicodeDecodeError) as trouble:
            raise StateError(
                f"The practice state {path} cannot be read: it is damaged or another kind of "
                "file. It was left as it is; start with another file, or move this one away."
            ) from trouble
        if origin.format != FORMAT or origin.generator != GENERATOR:
            raise StateError(
                f"The practice state {path} was made by another version of the practice "
                "district, which cannot be brought back here. It was left as it is; start with "
                "another file."
            )
        return origin, events, Journal(path, len(whole) + 1)

    @staticmethod
    def create(path: Path, origin: Origin) -> "Journal":
        """A new state file, whole or not at all. Raises StateError."""
        line = _encode(origin) + b"\n"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(line)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(path)
            except BaseException:
                with contextlib.suppress(OSError):
                    Path(name).unlink()
                raise
            _sync_folder(path.parent)
        except OSError as trouble:
            raise StateError(
                f"The practice state {path} cannot be written: {trouble.strerror}. "
                "Check that the folder exists and is yours to write to."
            ) from trouble
        return Journal(path, len(line))

    def append(self, event: Event) -> None:
        """Keep what happened. Raises StateError, and then nothing is kept."""
        line = _encode(event) + b"\n"
        try:
            with self._path.open("r+b") as file:
                self._check_alone(file.seek(0, os.SEEK_END), file)
                file.truncate(self._size)
                file.seek(self._size)
                try:
                    file.write(line)
                    file.flush()
                    os.fsync(file.fileno())
                except OSError:
                    with contextlib.suppress(OSError):
                        file.truncate(self._size)
                    raise
        except OSError as trouble:
            raise StateError(
                f"The practice state {self._path} cannot be written: {trouble.strerror}. "
                "Nothing was changed."
            ) from trouble
        self._size += len(line)

    def _check_alone(self, end: int, file: BinaryIO) -> None:
        # A whole line more than we wrote, or less, comes from a second service on the same file.
        file.seek(self._size)
        if end < self._size or b"\n" in file.read():
            raise StateError(
                f"Something else writes to the practice state {self._path}, perhaps another "
                "practice service. Nothing was changed; stop one of the two."
            )


def _sync_folder(folder: Path) -> None:
    # A renamed file is only there after a power cut when its folder was written too. Windows
    # neither needs nor allows it.
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
