"""One sync by the program, without a window, as the command line would do it.

Timed from the command to the end of the run: what starting the program and opening the database
takes is the same for every sync, and left out here as it is in the floor.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from unittest.mock import patch

from app.compose import Options, program
from app.store import reads
from benchmarks.measuring import service, tell

GOOD_ENDS = ("completed", "waiting", "warnings")
FIRST, UNCHANGED, INCREMENTAL = "first", "unchanged", "incremental"
SECOND = "second"
"""A first load of what another SIS has told of before."""


@contextmanager
def service_times() -> Iterator[list[float]]:
    """How long each request waits until its answer begins: the time that the service takes."""
    times: list[float] = []
    answered = HTTPConnection.getresponse

    def timed(connection: HTTPConnection) -> HTTPResponse:
        began = time.perf_counter()
        try:
            return answered(connection)
        finally:
            times.append(time.perf_counter() - began)

    with patch.object(HTTPConnection, "getresponse", timed):
        yield times


def main() -> None:
    """Syncs once: the kind of sync and the data folder are the arguments."""
    kind, folder = sys.argv[1], Path(sys.argv[2])
    sis = service()
    with program(Options(data_dir=folder), sis.vault) as ours, service_times() as waits:
        if kind in (FIRST, SECOND):
            ours.engine.save_connector(sis.name, sis.kind, sis.settings)
        began, worked = time.perf_counter(), time.process_time()
        run = ours.engine.start(sis.name, full=kind != INCREMENTAL)
        ours.loop.run(until=lambda: not ours.engine.busy)
        seconds, cpu = time.perf_counter() - began, time.process_time() - worked
        row = reads.run(ours.database, run)
    mode = "incremental" if kind == INCREMENTAL else "full"
    assert (row.state in GOOD_ENDS, row.mode) == (True, mode), row
    new = row.total("created") + row.total("updated") + row.total("waiting")
    assert (new == 0) == (kind in (UNCHANGED, SECOND)), row
    tell(seconds=seconds, cpu=cpu, at_service=sum(waits), records=row.total("read"))


if __name__ == "__main__":
    main()
