"""Bytes of a CSV file as rows, however they come: pieces, encodings, ends of lines, quotes.

RFC 4180, with what the field does to it. A row is the bytes of its line or lines, in UTF-8 where
the file was in UTF-16, with commas where the file has semicolons or tabs, without the end of the
last line. A quote that nobody closed costs its own line and no more: whether what follows belongs
to it is seen from the number of its fields. Of a line without an end only the front is kept, so
that no file takes more room or time than it should.
"""

import codecs
import csv
import io

MOST_LINES = 40
"""A quoted value that goes on for more lines than this was never closed."""

SEPARATORS = ",", ";", "\t"
"""What stands between the columns: the standard's, and what spreadsheets save instead."""

LONGEST = 1 << 20
"""Bytes that a row may have."""

_FRONT = 1_000
"""Bytes that are kept of one that is longer."""

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
    """The quotes of a row lead nowhere, or there is more of it than there should be."""


class Front(bytes):
    """The first bytes of a row that is too long."""


def fields_of(row: bytes, encoding: str = "utf-8") -> list[str]:
    """The fields of a row; raises ``DamagedRow``, and ``UnicodeDecodeError``."""
    if isinstance(row, Front):
        raise DamagedRow
    text = row.decode(encoding)
    if '"' not in text:
        return text.split(",")
    try:
        (fields,) = csv.reader(text.splitlines(keepends=True), strict=True)
    except (csv.Error, ValueError):
        raise DamagedRow from None
    return fields


def separator_of(heading: bytes) -> str:
    """What stands between the names of the columns, none of which has any of these in it."""
    return max(SEPARATORS, key=lambda one: heading.count(one.encode()))


def with_commas(row: bytes, separator: str) -> bytes:
    """The row as the standard would have it; one that is damaged stays so, and keeps its front."""
    other = separator.encode()
    if isinstance(row, Front):
        return Front(row.replace(other, b","))
    if b'"' not in row and b"," not in row:
        return row.replace(other, b",")
    # Every byte is a character here, whatever the file is in.
    out = io.StringIO()
    try:
        (fields,) = csv.reader([row.decode("latin-1")], delimiter=separator, strict=True)
    except (csv.Error, ValueError):
        front, _, rest = row.partition(other)
        front = b'"' + front if b"," in front else front
        return b'%s,"%s' % (front, rest.replace(b'"', b""))
    csv.writer(out, lineterminator="").writerow(fields)
    return out.getvalue().encode("latin-1")


class Rows:
    """Cuts the pieces of one file into rows."""

    def __init__(self) -> None:
        self.encoding = ""
        """What the file's first bytes show; ``""`` before the first piece."""
        self.marked = False
        """The file begins with a byte order mark."""
        self.separator = SEPARATORS[0]
        """What stands between the columns, as the first row shows it."""
        self._width = 0
        """How many fields the first row has, and every other should."""
        self._decode: codecs.IncrementalDecoder | None = None
        self._held = b""
        """A carriage return whose line feed may come next."""
        self._rest: list[bytes] = []
        self._size = 0
        """How much has come of a line whose end has not."""
        self._open: list[bytes] = []

    def feed(self, piece: bytes, *, last: bool) -> list[bytes]:
        """The rows that end in ``piece``; a blank line is an empty one."""
        text = self._held + self._utf8(piece, last)
        self._held = b""
        if b"\r" in text:
            if text.endswith(b"\r") and not last:
                text, self._held = text[:-1], b"\r"
            text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = text.split(b"\n")
        if len(lines) > 1:
            lines[0] = self._ended(lines[0])
        end = lines.pop()
        if not last:
            self._keep(end)
        elif line := self._ended(end):
            lines.append(line)
        if not self._width:
            self._notice_heading(lines)
        if self._open or b'"' in text:
            lines = self._joined(lines, last)
        if self.separator != SEPARATORS[0]:
            lines = [with_commas(line, self.separator) for line in lines]
        return lines

    def _keep(self, part: bytes) -> None:
        """Keeps a part of a line, as long as a row can be made of it."""
        if self._size <= LONGEST:
            self._rest.append(part)
        self._size += len(part)

    def _ended(self, part: bytes) -> bytes:
        """The line that ends in ``part``."""
        self._keep(part)
        line = b"".join(self._rest)
        if self._size > LONGEST:
            line = Front(line[:_FRONT])
        self._rest, self._size = [], 0
        return line

    def _notice_heading(self, lines: list[bytes]) -> None:
        if heading := next(filter(None, lines), b""):
            self.separator = separator_of(heading)
            self._width = heading.count(self.separator.encode()) + 1

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
            if line.count(b'"') % 2 and not isinstance(line, Front):
                more = self._length(line, left)
                if more is None and not last:
                    self._open = [line, *reversed(left)]
                    break
                if more:
                    line = b"\n".join((line, *(left.pop() for _ in range(more))))
            rows.append(line)
        return rows

    def _length(self, line: bytes, left: list[bytes]) -> int | None:
        """How many further lines belong to ``line``; ``None`` where that is not to be seen yet."""
        size = len(line)
        for more, following in enumerate(reversed(left[-MOST_LINES:]), 1):
            size += 1 + len(following)
            if size > LONGEST or isinstance(following, Front):
                return 0
            if following.count(b'"') % 2:
                row = b"\n".join((line, *left[: -more - 1 : -1]))
                return more if self._fits(row) else 0
        return None if len(left) < MOST_LINES else 0

    def _fits(self, row: bytes) -> bool:
        try:
            return len(fields_of(with_commas(row, self.separator))) == self._width
        except ValueError:
            return False
