"""Collects every log record of level WARNING or above, whoever logs it and wherever it goes.

The hook sits where a logger hands a record on, so loggers that do not pass records to the root,
and handlers a test replaces, hide nothing.
"""

import logging
import re
from collections.abc import Callable, Sequence
from functools import wraps


def collect(into: list[logging.LogRecord]) -> Callable[[], None]:
    """Begin to collect into the list; returns what ends it."""
    original = logging.Logger.handle

    @wraps(original)
    def collecting(self: logging.Logger, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING and not self.disabled:
            into.append(record)
        original(self, record)

    logging.Logger.handle = collecting  # type: ignore[method-assign]

    def stop() -> None:
        logging.Logger.handle = original  # type: ignore[method-assign]

    return stop


def complaints(records: Sequence[logging.LogRecord], expected: Sequence[str]) -> list[str]:
    """What is wrong: records that nobody expected, and expectations that nothing met."""
    messages = [record.getMessage() for record in records]
    unexpected = [
        f"{record.levelname} from {record.name!r}: {message!r}, "
        f"logged at {record.pathname}:{record.lineno}"
        for record, message in zip(records, messages, strict=True)
        if not any(re.search(pattern, message) for pattern in expected)
    ]
    missing = [
        f"expected a warning like {pattern!r}, none was logged"
        for pattern in expected
        if not any(re.search(pattern, message) for message in messages)
    ]
    return unexpected + missing
