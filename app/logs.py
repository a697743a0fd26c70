"""Logging: where it goes, what every line carries, and what never gets in.

Lines carry the run, connector and stream they belong to (bound once, ``bound``), ids and counts.
They never carry names, values or secrets: call sites log ids, and ``Redaction`` is the net below.
"""

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from logging.handlers import RotatingFileHandler
from pathlib import Path

_context: ContextVar[dict[str, object]] = ContextVar("log_context", default={})  # noqa: B039

_SECRET = re.compile(
    r"(?i)\b(authorization|bearer|basic|client_secret|access_token|password|secret)\b"
    r"([\"']?\s*[:=]?\s*(?:bearer\s+|basic\s+)?[\"']?)([^\s\"'&,]+)"
)


@contextmanager
def bound(**context: object) -> Iterator[None]:
    """Every line logged inside carries ``context`` (run, connector, stream)."""
    token = _context.set({**_context.get(), **context})
    try:
        yield
    finally:
        _context.reset(token)


class Redaction(logging.Filter):
    """Puts the bound context on each line and takes out what looks like a secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keeps every line, mended."""
        message = record.getMessage()
        record.msg = _SECRET.sub(r"\1\2***", message)
        record.args = ()
        carried = " ".join(f"{name}={value}" for name, value in _context.get().items())
        record.context = f" [{carried}]" if carried else ""
        return True


class _File(RotatingFileHandler):
    """A line that cannot be written (a full disk) is dropped: the work told of goes on."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Says nothing: whoever meets the trouble itself says it once, in a sentence."""


def configure(folder: Path | None, *, verbose: bool) -> None:
    """Logs to ``app.log`` in ``folder`` (five files of a megabyte), and to stderr when asked."""
    root = logging.getLogger("app")
    for old in list(root.handlers):
        root.removeHandler(old)
        old.close()
    handlers: list[logging.Handler] = []
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        handlers.append(
            _File(
                folder / "app.log", maxBytes=1_000_000, backupCount=5, encoding="utf-8", delay=True
            )
        )
    if verbose:
        handlers.append(logging.StreamHandler(sys.stderr))
    for handler in handlers:
        handler.setFormatter(
            logging.Formatter("%(asctime)s %(levelname)s %(name)s%(context)s %(message)s")
        )
        handler.addFilter(Redaction())
        root.addHandler(handler)
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    root.propagate = not handlers
