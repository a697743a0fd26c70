"""``python -m tests.edfi_bodies``: every body that we send, against the official Ed-Fi document.

The connector writes all that it can to the practice Ed-Fi: every record type, with every field
filled, with the least, and field by field. Each body is held against the schemas of the Data
Standard 5.0, and each query of a write against its parameters. Prints each operation with how often
it was asked, and ends with 1 where anything is not as the document has it.
"""

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from threading import Event

from app.connectors.conformance import run, run_pull
from app.connectors.contract import Io
from app.connectors.edfi import KIND
from app.connectors.edfi.settings import Settings
from app.connectors.http import HttpTransport
from tests.edfi_bodies.driving import write_all
from tests.edfi_bodies.official import DOCUMENT, Official
from tests.edfi_bodies.recorded import Recorded
from tests.practice.client import serving

DOCUMENTS = Path(__file__).parents[3] / "shared" / "spec" / "edfi"
SKIPPED = 0


def main(arguments: Sequence[str]) -> int:
    """Returns the exit code: 0 where all is as the document has it, 1 where something is not."""
    parser = argparse.ArgumentParser(prog="python -m tests.edfi_bodies", description=__doc__)
    parser.add_argument(
        "--documents",
        type=Path,
        default=DOCUMENTS,
        help="the folder of the official documents (default: %(default)s)",
    )
    documents = parser.parse_args(arguments).documents
    if not (documents / DOCUMENT).is_file():
        print(
            f"Skipped: the official document {DOCUMENT} is not in {documents}. The Ed-Fi Alliance "
            "has it at https://docs.ed-fi.org; name its folder with --documents."
        )
        return SKIPPED
    transport, wrong = asked(Official(documents))
    return told(transport, wrong)


def asked(official: Official) -> tuple[Recorded, list[str]]:
    """Writes everything; what was sent, and what went otherwise than it should."""
    with (
        serving(students=40, seed=3) as ready,
        closing(Recorded(HttpTransport(), official)) as transport,
    ):
        settings = Settings(
            base_url=ready["edfi_url"],
            key=ready["edfi_key"],
            rosters="write",
            guardians="on",
            demographics="write",
            gradebook="write",
            grades="write",
            assessments="write",
        )
        io = Io(lambda: datetime.now(UTC), Random(0), Event(), b"0123456789abcdef", 500)
        connector = KIND.open(settings, {"secret": ready["edfi_secret"]}, io)
        run(connector.prepare(), transport)  # type: ignore[attr-defined]
        pulled = {
            entity: run_pull(connector, entity, None, transport)
            for entity in connector.capabilities()
        }
        transport.listening = True
        return transport, write_all(connector, transport, pulled)


def told(transport: Recorded, wrong: Sequence[str]) -> int:
    """Prints the table; the exit code."""
    for (method, path), count in sorted(transport.bodies.items(), key=lambda one: one[0][::-1]):
        faults = {
            fault: times
            for (*about, fault), times in transport.faults.items()
            if tuple(about) == (method, path)
        }
        print(f"  {method:6} {path:56} {count:5}  {'NOT VALID' if faults else 'valid'}")
        for fault, times in faults.items():
            print(f"         {times} × {fault}")
    for (method, path, fault), times in transport.faults.items():
        if method == "GET":
            print(f"  {method:6} {path}: {times} × {fault}")
    bodies = sum(count for (method, _), count in transport.bodies.items() if method != "DELETE")
    resources = {path.removesuffix("/{id}") for _, path in transport.bodies}
    print(f"\n{bodies} bodies to {len(resources)} resources,", end=" ")
    print(f"{transport.faults.total()} violations.")
    for sentence in wrong:
        print(f"Went wrong: {sentence}")
    return 1 if wrong or transport.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
