"""Files of this computer over the requests of a connector."""

import os
import struct
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event

import msgspec
import pytest

from app.connectors.contract import Request, Response
from app.connectors.files import FileTransport, Listing, file_url
from app.errors import Cancelled, ConfigError, ContractError, TransientError


@pytest.fixture
def transport() -> Iterator[FileTransport]:
    with closing(FileTransport()) as made:
        yield made


def get(transport: FileTransport, path: Path, member: str = "", **headers: str) -> Response:
    """The answer to a request."""
    told = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return transport.send(Request("GET", file_url(str(path), member), told), Event())


def listed(answer: Response) -> Listing:
    """What a folder or a ZIP holds."""
    return msgspec.json.decode(answer.body, type=Listing)


def test_a_file_is_read_whole_or_in_parts(transport: FileTransport, tmp_path: Path):
    """A range that reaches beyond the end ends there."""
    path = tmp_path / "ä b?#.csv"
    path.write_bytes(b"0123456789")
    assert get(transport, path).body == b"0123456789"
    assert get(transport, path, range="bytes=2-4").body == b"234"
    beyond = get(transport, path, range="bytes=8-99")
    assert (beyond.status, beyond.body) == (206, b"89")
    assert beyond.headers["content-range"] == "bytes 8-9/10"
    assert get(transport, path, range="bytes=20-29").body == b""


def test_a_folder_and_a_zip_are_listed(transport: FileTransport, tmp_path: Path):
    """With names and sizes, in order; links to nowhere are left out."""
    (tmp_path / "b.csv").write_bytes(b"12")
    (tmp_path / "a").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    found = listed(get(transport, tmp_path))
    assert [(one.name, one.kind, one.size) for one in found.entries] == [
        ("a", "folder", 0),
        ("b.csv", "file", 2),
    ]
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.writestr("inside/a.csv", b"123")
    packed = listed(get(transport, tmp_path / "set.zip"))
    assert packed.kind == "archive"
    assert [(one.name, one.size) for one in packed.entries] == [("inside/a.csv", 3)]
    assert get(transport, tmp_path / "set.zip", "inside/a.csv", range="bytes=1-1").body == b"2"
    assert get(transport, tmp_path / "set.zip", "b.csv").status == 404


def test_a_file_written_meanwhile_is_noticed(transport: FileTransport, tmp_path: Path):
    """Whoever asks for what he knew is told that it is no longer there."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"before")
    etag = get(transport, path).headers["etag"]
    assert get(transport, path, if_match=etag).status == 200
    path.write_bytes(b"after!")
    os.utime(path, (1, 1))
    assert get(transport, path, if_match=etag).status == 412
    assert get(transport, path).body == b"after!"
    path.unlink()
    assert get(transport, path, if_match=etag).status == 404


def test_too_much_is_refused(transport: FileTransport, tmp_path: Path):
    """As over HTTP."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"0123456789")
    with pytest.raises(ContractError) as caught:
        transport.send(Request("GET", file_url(str(path)), max_bytes=9), Event())
    assert caught.value.code == "answer_too_long"


def test_a_cancel_is_heard(transport: FileTransport, tmp_path: Path):
    """Before anything is read."""
    cancel = Event()
    cancel.set()
    with pytest.raises(Cancelled):
        transport.send(Request("GET", file_url(str(tmp_path))), cancel)


def test_nothing_is_ever_written(transport: FileTransport, tmp_path: Path):
    """Other methods are not allowed."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"1")
    for method in ("PUT", "POST", "DELETE"):
        request = Request(method, file_url(str(path)), body=b"2")
        assert transport.send(request, Event()).status == 405
    assert path.read_bytes() == b"1"


def _locked(path: Path) -> None:
    """Says of every file in a ZIP that it is encrypted."""
    body = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = body.find(mark)
        while at >= 0:
            body[at + flags] |= 1
            at = body.find(mark, at + 4)
    path.write_bytes(body)


def _claiming(path: Path, size: int) -> None:
    """Says of the only file in a ZIP that it is larger than it is."""
    body = bytearray(path.read_bytes())
    struct.pack_into("<I", body, body.find(b"PK\x01\x02") + 24, size)
    path.write_bytes(body)


def test_a_zip_that_cannot_be_read_says_why(transport: FileTransport, tmp_path: Path):
    """Locked, broken, or made to fill a disk: three different errors."""
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"1" * 1000)
    whole = path.read_bytes()
    path.write_bytes(whole[:-10])
    with pytest.raises(TransientError) as broken:
        get(transport, path)
    assert broken.value.code == "archive_broken"
    path.write_bytes(whole.replace(b"1", b"1")[:40] + b"\xff" + whole[41:])
    with pytest.raises(TransientError) as spoilt:
        get(transport, path, "a.csv")
    assert spoilt.value.code == "archive_broken"
    path.write_bytes(whole)
    _claiming(path, 1 << 31)
    with pytest.raises(ContractError) as bomb:
        get(transport, path, "a.csv")
    assert bomb.value.code == "archive_unsafe"
    path.write_bytes(whole)
    _locked(path)
    with pytest.raises(ConfigError) as locked:
        get(transport, path, "a.csv")
    assert locked.value.code == "archive_encrypted"


def test_what_is_no_file_is_told(transport: FileTransport, tmp_path: Path):
    """A link to itself, a pipe, a path from nowhere."""
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(ConfigError):
        get(transport, loop)
    if sys.platform != "win32":
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(ConfigError):
            get(transport, tmp_path / "pipe")
    with pytest.raises(ConfigError):
        file_url("not/absolute")
    assert get(transport, tmp_path / "nothing" / "at all").status == 404


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="who may do everything may read all"
)
def test_a_file_that_may_not_be_read_is_told(transport: FileTransport, tmp_path: Path):
    """With what to do about it."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"1")
    path.chmod(0)
    with pytest.raises(ConfigError) as caught:
        get(transport, path)
    assert caught.value.code == "path_not_permitted"
