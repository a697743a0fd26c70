"""A connector of files, each set of which is read by a sync of its own."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from app import compose
from app.compose import Options
from tests.connectors.oneroster.csv.district import put

NORTH = "north"


@contextmanager
def north(options: Options, source: Path) -> Iterator[Callable[[Mapping[str, bytes]], None]]:
    """Has sets of files read, the window not being there."""
    with compose.program(options) as program:

        def read(made: Mapping[str, bytes]) -> None:
            put(source, made)
            program.engine.save_connector(NORTH, "oneroster-csv", {"path": str(source)})
            program.engine.start(NORTH, full=True)
            program.loop.run(until=lambda: not program.engine.busy)

        yield read
