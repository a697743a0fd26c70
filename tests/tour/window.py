"""The real window, on a real screen."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.program import Program
from tests.tour.person import AUDIENCE
from tests.tour.screen import Screen

SECONDS_TO_END = 10


@contextmanager
def opened(data_dir: Path, shown: Screen, *arguments: str) -> Iterator[None]:
    """The window, to be closed in the block; it must end well, and without a word."""
    # Who began a sync is told in the pictures.
    environment = {**shown.environment, **AUDIENCE, "LOGNAME": "registrar"}
    window = Program(data_dir, environment).start(*arguments)
    try:
        yield
        _, errors = window.communicate(timeout=SECONDS_TO_END)
    except BaseException as error:
        window.kill()
        error.add_note(f"The window said: {window.communicate()[1]}")
        raise
    assert (window.returncode, errors) == (0, "")
