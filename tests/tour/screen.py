"""A screen that nobody sees: X11 in memory, with a window manager as every desktop has one."""

import os
import re
import shutil
import struct
import subprocess
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = ("Xvfb", "openbox", "xdotool")
_HEADER = struct.Struct(">25I")
"""What stands before the pixels in X's own picture format (X11/XWDFile.h)."""
_COLOUR_SIZE = 12


@dataclass(frozen=True)
class Size:
    """How many pixels a screen has, and how many of them programs take for one (1 is usual)."""

    width: int = 1280
    height: int = 800
    scale: int = 1


@dataclass(frozen=True)
class Screen:
    """The environment of programs that show themselves there, and where X keeps what they show."""

    environment: dict[str, str]
    memory: Path
    size: Size

    def brightness(self) -> float:
        """How bright it is on the whole, from 0 (black) to 1 (white)."""
        sample = self._pixels()[::97]
        return sum(sample) / len(sample) / 255

    def save(self, picture: Path) -> None:
        """Writes a PNG file of it."""
        pixels, width = self._pixels(), self.size.width
        rows = (pixels[start : start + 3 * width] for start in range(0, len(pixels), 3 * width))
        unfiltered = b"".join(b"\0" + row for row in rows)
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_bytes(
            b"\x89PNG\r\n\x1a\n"
            + _chunk(b"IHDR", struct.pack(">2I5B", width, self.size.height, 8, 2, 0, 0, 0))
            + _chunk(b"IDAT", zlib.compress(unfiltered, 9))
            + _chunk(b"IEND", b"")
        )

    def _pixels(self) -> bytes:
        """Three bytes each, row by row: red, green, blue."""
        stored = self.memory.read_bytes()
        header = _HEADER.unpack_from(stored)
        start = header[0] + header[19] * _COLOUR_SIZE
        count = self.size.width * self.size.height
        blue_first = stored[start : start + 4 * count]
        found = bytearray(3 * count)
        for place in range(3):
            found[place::3] = blue_first[2 - place :: 4]
        return bytes(found)


@contextmanager
def screen(desktop: Mapping[str, str], size: Size) -> Iterator[Screen]:
    """A screen of the desktop with this environment; it is gone after the block."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    assert not missing, f"{missing} are missing: install installers/apt-packages.txt"
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="screen-"))
        xvfb = ("Xvfb", "-displayfd", "1", "-nolisten", "tcp", "-fbdir", folder)
        pixels = ("-screen", "0", f"{size.width}x{size.height}x24")
        number = _started(stack, desktop, *xvfb, *pixels, tells=r"\d+")
        scaled = {"QT_SCALE_FACTOR": str(size.scale)}
        environment = {**desktop, **scaled, "DISPLAY": f":{number}"}
        openbox = ("openbox", "--sm-disable", "--startup", "echo ready")
        _started(stack, environment, *openbox, tells="ready")
        yield Screen(environment, Path(folder, "Xvfb_screen0"), size)


def _started(stack: ExitStack, environment: Mapping[str, str], *command: str, tells: str) -> str:
    """Starts what ends with the stack; the line by which it tells that it can be used."""
    process = stack.enter_context(
        subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
    )
    stack.callback(process.terminate)
    assert process.stdout is not None
    for line in process.stdout:
        if re.fullmatch(tells, line.strip()):
            return line.strip()
    raise AssertionError(f"{command[0]} did not start")


def _chunk(kind: bytes, data: bytes) -> bytes:
    """A part of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
