"""Bytes of a CSV file as rows, however they come: pieces, encodings, ends of lines, quotes.

RFC 4180, with what the field does to it. A row is the bytes of its line or lines, in UTF-8 where
the file was in UTF-16, without the end of the last line. A quote that nobody closed costs its own
line and no more: whether what follows belongs to it is seen from the number of its fields.
"""

import codecs
import csv

MOST_LINES = 40
"""A quoted value that goes on for more lines than this was never closed."""

_LOST = "\ufffd".encode()

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def encoding_of(head: bytes) -> tuple[str, int]:
    """The encoding that the first bytes of a file show, and how many of them are its mark."""
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding, len(mark)
    if len(head) >= 4 and head[:4].isascii():
        if head[1] == head[3] == 0 and head[0]:
            return "utf-16-le", 0
        if head[0] == head[2] == 0 and head[1]:
            return "utf-16-be", 0
    return "utf-8", 0


class DamagedRow(ValueError):
    """The quotes of a row lead nowhere."""


def fields_of(row: bytes, encoding: str = "utf-8") -> list[str]:
    """The fields of a row; raises ``DamagedRow``, and ``UnicodeDecodeError``."""
    text = row.decode(encoding)
    if '"' not in text:
        return text.split(",")
    try:
        (fields,) = csv.reader(text.splitlines(keepends=True), strict=True)
    except (csv.Error, ValueError):
        raise DamagedRow from None
    return fields


class Rows:
    """Cuts the pieces of one file into rows."""

    def __init__(self) -> None:
        self.encoding = ""
        """What the file's first bytes show; ``""`` before the first piece."""
        self.marked = False
        """The file begins with a byte order mark."""
        self._width = 0
        """How many fields the first row has, and every other should."""
        self._decode: codecs.IncrementalDecoder | None = None
        self._rest = b""
        self._open: list[bytes] = []

    def feed(self, piece: bytes, *, last: bool) -> list[bytes]:
        """The rows that end in ``piece``; a blank line is an empty one."""
        text = self._rest + self._utf8(piece, last)
        self._rest = b""
        if b"\r" in text:
            if text.endswith(b"\r") and not last:
                text, self._rest = text[:-1], b"\r"
            text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = text.split(b"\n")
        end = lines.pop()
        if last and end:
            lines.append(end)
        elif not last:
            self._rest = end + self._rest
        if not self._width:
            self._width = next((line.count(b",") + 1 for line in lines if line), 0)
        if self._open or b'"' in text:
            lines = self._joined(lines, last)
        return lines

    def _utf8(self, piece: bytes, last: bool) -> bytes:
        if not self.encoding:
            self.encoding, mark = encoding_of(piece)
            self.marked = mark > 0
            piece = piece[mark:]
            if self.encoding != "utf-8":
                self._decode = codecs.getincrementaldecoder(self.encoding)("replace")
        if self._decode is None:
            return piece
        text = self._decode.decode(piece, last).encode("utf-8", "replace")
        # What could not be decoded stays what it is: wrong, so that its row is not taken.
        return text.replace(_LOST, b"\xff")

    def _joined(self, lines: list[bytes], last: bool) -> list[bytes]:
        """Rows, where some of them go over several lines."""
        rows: list[bytes] = []
        left = self._open + lines
        left.reverse()
        self._open = []
        while left:
            line = left.pop()
            if line.count(b'"') % 2:
                more = self._length(line, left)
                if more is None and not last:
                    self._open = [line, *reversed(left)]
                    break
                for _ in range(more or 0):
                    line += b"\n" + left.pop()
            rows.append(line)
        return rows

    def _length(self, line: bytes, left: list[bytes]) -> int | None:
        """How many further lines belong to ``line``; ``None`` where that is not to be seen yet."""
        row = line
        for more, following in enumerate(reversed(left[-MOST_LINES:]), 1):
            row += b"\n" + following
            if following.count(b'"') % 2:
                return more if self._fits(row) else 0
        return None if len(left) < MOST_LINES else 0

    def _fits(self, row: bytes) -> bool:
        try:
            return len(fields_of(row)) == self._width
        except ValueError:
            return False
