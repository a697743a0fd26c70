"""A trace of the last end that was none of a person's doing, offered at the next start.

Python's own ``faulthandler`` writes where each thread was: places in code, no values. Of paths only
what is below the program or a library is kept, so not even the name of a home folder is shown.
"""

import faulthandler
import re
from contextlib import suppress
from pathlib import Path
from typing import IO

_FILE = re.compile(r'File "([^"]+)"')
_LONGEST = 20_000
"""Characters of a trace that are worth reading."""


class Crashes:
    """The trace file of a data folder, as long as the program runs on it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "crash.txt"
        self._file: IO[str] | None = None

    def last(self) -> str:
        """The trace of the last crash, without names of folders; blank where there was none."""
        try:
            text = self._path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return _FILE.sub(lambda found: f'File "{_short(found[1])}"', text.strip()[:_LONGEST])

    def watch(self) -> None:
        """From now on a crash leaves a trace; the one before is forgotten."""
        with suppress(OSError):  # where nothing can be written the database says so
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("w", encoding="utf-8")
            faulthandler.enable(self._file)

    def close(self) -> None:
        """The program ends as it should."""
        if self._file is not None:
            faulthandler.disable()
            self._file.close()
            self._file = None
            self._path.unlink(missing_ok=True)


def _short(path: str) -> str:
    parts = re.split(r"[/\\]", path)
    # The last of them: a home folder may be called so, too.
    roots = [place for place, part in enumerate(parts) if part in ("app", "site-packages")]
    return "/".join(parts[roots[-1] :]) if roots else parts[-1]
