"""Moves bytes out of files of this computer, through the same requests as over HTTP (DESIGN §5).

``file:///folder`` is answered with what lies in the folder, as JSON (``Listing``), and so is a ZIP;
``file:///folder/a.csv`` with the bytes of the file, or of the range that was asked for; a member of
a ZIP is ``file:///folder/set.zip?member=a.csv``. What is read carries an ``ETag``, and with
``If-Match`` another state of the file is refused (412): so a file that somebody writes meanwhile is
noticed. What is not there is 404. Nothing is ever written, unpacked to disk or followed elsewhere.

Reading on where the last answer ended costs nothing but the bytes: the file stays open meanwhile.
"""

import contextlib
import errno
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import IO
from urllib.parse import parse_qs, quote, urlsplit
from urllib.request import url2pathname

import msgspec

from app.connectors.contract import Request, Response
from app.errors import Cancelled, ConfigError, ContractError, TransientError

PIECE = 1 << 20
"""How many bytes are read between two looks at the cancel event."""

MOST_ENTRIES = 10_000
"""A folder or a ZIP with more in it is no set of rosters."""

LARGEST_MEMBER = 8 << 30
"""Bytes that a file packed in a ZIP may have."""

PLAUSIBLE_RATIO = 200
"""Text packs ten to thirty times; what claims far more is made to fill a disk."""

_SMALL = 64 << 20
"""Up to here it does not matter how well a file was packed."""

_ENCRYPTED = 0x1
_BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, EOFError, ValueError)


class Entry(msgspec.Struct, frozen=True):
    """A file, or a folder, that lies in a folder or a ZIP."""

    name: str
    """Of a member of a ZIP its whole path in it, with ``/``."""
    kind: str
    """``file`` or ``folder``."""
    size: int = 0
    modified: int = 0
    """When it was last written, in nanoseconds."""


class Listing(msgspec.Struct, frozen=True):
    """What lies in a folder (``folder``) or a ZIP (``archive``), by name."""

    kind: str
    entries: tuple[Entry, ...]


def file_url(path: str, member: str = "") -> str:
    """The address of a file or a folder, or of a member of a ZIP; raises ``ConfigError``."""
    try:
        url = Path(path).as_uri()
    except ValueError:
        raise ConfigError("path_not_absolute", path=path) from None
    return f"{url}?member={quote(member, safe='')}" if member else url


@dataclass
class _Open:
    """The file that is being read, and how far."""

    path: Path
    member: str
    etag: str
    stream: IO[bytes] = field(repr=False)
    size: int
    at: int = 0


class FileTransport:
    """Answers requests for ``file:`` addresses (``contract.Transport``)."""

    def __init__(self) -> None:
        self._open: _Open | None = None
        self._archive: tuple[Path, str, zipfile.ZipFile] | None = None

    def send(self, request: Request, cancel: Event) -> Response:
        """What there is at the address.

        Raises ``ConfigError`` for what cannot be read as it is (no permission, encrypted),
        ``TransientError`` for what may be whole in a moment (a ZIP without an end),
        ``ContractError`` for what nobody should unpack, and ``Cancelled``.
        """
        if cancel.is_set():
            raise Cancelled("cancelled")
        if request.method != "GET":
            return Response(405, {}, b"", request.url)
        path, member = _place(request.url)
        with _told(path):
            try:
                found = path.stat()
            except (FileNotFoundError, NotADirectoryError):
                return Response(404, {}, b"", request.url)
            if stat.S_ISDIR(found.st_mode):
                return self._listed(request, _folder(path))
            if not stat.S_ISREG(found.st_mode):
                raise ConfigError("path_no_file", path=str(path))
            etag = f'"{found.st_ino:x}-{found.st_size:x}-{found.st_mtime_ns:x}"'
            if not member and path.suffix.lower() == ".zip":
                return self._listed(request, self._packed(path, etag, found.st_mtime_ns))
            if _wanted(request, etag) != etag:
                return Response(412, {"etag": etag}, b"", request.url)
            opened = self._opened(path, member, etag)
            if opened is None:
                return Response(404, {}, b"", request.url)
            answer = self._read(request, opened, cancel)
            after = path.stat()
            if (after.st_size, after.st_mtime_ns) != (found.st_size, found.st_mtime_ns):
                return Response(412, {}, b"", request.url)
            return answer

    def close(self) -> None:
        """Closes the file that is open."""
        self._put_away()
        if self._archive is not None:
            self._archive[2].close()
            self._archive = None

    def _listed(self, request: Request, listing: Listing) -> Response:
        body = msgspec.json.encode(listing)
        return Response(200, {"content-type": "application/json"}, body, request.url)

    def _packed(self, path: Path, etag: str, modified: int) -> Listing:
        members = self._members(path, etag).infolist()
        if len(members) > MOST_ENTRIES:
            raise ContractError("archive_unsafe", path=str(path))
        entries = [
            Entry(one.filename, "file", one.file_size, modified)
            for one in members
            if not one.is_dir()
        ]
        return Listing("archive", tuple(sorted(entries, key=lambda one: one.name)))

    def _members(self, path: Path, etag: str) -> zipfile.ZipFile:
        if self._archive is None or self._archive[:2] != (path, etag):
            self.close()
            self._archive = path, etag, zipfile.ZipFile(path)
        return self._archive[2]

    def _opened(self, path: Path, member: str, etag: str) -> _Open | None:
        """The file, opened, or found open; ``None`` where a ZIP has no such member."""
        known = self._open
        if known is not None and (known.path, known.member, known.etag) == (path, member, etag):
            return known
        self._put_away()
        if not member:
            self._open = _Open(path, member, etag, path.open("rb"), path.stat().st_size)
            return self._open
        archive = self._members(path, etag)
        try:
            info = archive.getinfo(member)
        except KeyError:
            return None
        if info.flag_bits & _ENCRYPTED:
            raise ConfigError("archive_encrypted", path=str(path))
        packed = max(info.compress_size, 1)
        bomb = info.file_size > _SMALL and info.file_size / packed > PLAUSIBLE_RATIO
        if bomb or info.file_size > LARGEST_MEMBER:
            raise ContractError("archive_unsafe", path=str(path))
        self._open = _Open(path, member, etag, archive.open(info), info.file_size)
        return self._open

    def _read(self, request: Request, opened: _Open, cancel: Event) -> Response:
        start, end = _range(request, opened.size)
        if end - start > request.max_bytes:
            raise ContractError("answer_too_long", limit=request.max_bytes)
        if opened.at != start:
            opened.stream.seek(start)
        pieces, left = [], end - start
        while left > 0:
            if cancel.is_set():
                self._put_away()
                raise Cancelled("cancelled")
            piece = opened.stream.read(min(PIECE, left))
            if not piece:
                # Shorter than it was: somebody cuts it just now.
                raise TransientError("file_changed", path=str(opened.path))
            pieces.append(piece)
            left -= len(piece)
        opened.at = end
        whole = (start, end) == (0, opened.size)
        told = {"etag": opened.etag, "content-range": f"bytes {start}-{end - 1}/{opened.size}"}
        return Response(200 if whole else 206, told, b"".join(pieces), request.url)

    def _put_away(self) -> None:
        if self._open is not None:
            self._open.stream.close()
            self._open = None


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """What a file system or a ZIP raises, as errors of ours."""
    try:
        yield
    except PermissionError as error:
        raise ConfigError("path_not_permitted", str(error), path=str(path)) from error
    except _BROKEN_ARCHIVE as error:
        raise TransientError("archive_broken", str(error), path=str(path)) from error
    except (NotImplementedError, RuntimeError) as error:
        # A way of packing that nobody uses for this, or a password.
        raise ConfigError("archive_unsupported", str(error), path=str(path)) from error
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL):
            raise ConfigError("path_no_file", str(error), path=str(path)) from error
        raise TransientError("path_not_readable", str(error), path=str(path)) from error


def _place(url: str) -> tuple[Path, str]:
    parts = urlsplit(url)
    host = f"//{parts.netloc}" if parts.netloc else ""
    member = parse_qs(parts.query).get("member", [""])[0]
    return Path(url2pathname(host + parts.path)), member


def _folder(path: Path) -> Listing:
    entries = []
    for one in path.iterdir():
        try:
            found = one.stat()
        except OSError:  # a link to nowhere, or something that has just left
            continue
        if stat.S_ISDIR(found.st_mode):
            entries.append(Entry(one.name, "folder", 0, found.st_mtime_ns))
        elif stat.S_ISREG(found.st_mode):
            entries.append(Entry(one.name, "file", found.st_size, found.st_mtime_ns))
        if len(entries) > MOST_ENTRIES:
            raise ContractError("folder_too_full", path=str(path), limit=MOST_ENTRIES)
    return Listing("folder", tuple(sorted(entries, key=lambda one: one.name)))


def _wanted(request: Request, etag: str) -> str:
    return next((value for name, value in request.headers if name.lower() == "if-match"), etag)


def _range(request: Request, size: int) -> tuple[int, int]:
    """Where to begin and where to end; a range that reaches beyond the end ends there."""
    said = next((value for name, value in request.headers if name.lower() == "range"), "")
    first, dash, last = said.removeprefix("bytes=").partition("-")
    if not dash or not first.isdecimal():
        return 0, size
    start = min(int(first), size)
    return start, min(int(last) + 1, size) if last.isdecimal() else size
