"""``python -m tests.prism``: what we send and receive, against the official documents of 1EdTech.

The practice service stands behind three proxies that know the documents of OneRoster 1.2, and the
connector asks everything of it that it can: every read, every write, every field. Prints each
operation with how often it was asked, and ends with 1 where anything is not as a document has it.
"""

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from threading import Event

from app.connectors.contract import Connector, Io
from app.connectors.oneroster import KIND, Settings
from tests.practice.client import serving
from tests.prism.driving import read_all, write_all
from tests.prism.judged import Judged
from tests.prism.proxies import DOCUMENTS, CannotRun, installed, standing

HERE = Path(__file__).parents[2]
BUILT = HERE / "build" / "prism"
SKIPPED = 0


def main(arguments: Sequence[str]) -> int:
    """Returns the exit code: 0 where all is as the documents have it, 1 where something is not."""
    parser = argparse.ArgumentParser(prog="python -m tests.prism", description=__doc__)
    parser.add_argument(
        "--documents",
        type=Path,
        default=HERE.parent / "shared" / "spec" / "oneroster-1.2",
        help="the folder of the official documents (default: %(default)s)",
    )
    documents = parser.parse_args(arguments).documents
    if not documents.is_dir():
        print(
            f"Skipped: the official documents are not at {documents}. 1EdTech has them at "
            "https://www.imsglobal.org/spec/oneroster; name their folder with --documents."
        )
        return SKIPPED
    try:
        program = installed(BUILT)
        with (
            serving(students=40, seed=3) as ready,
            standing(program, documents, BUILT, ready["base_url"]) as proxies,
            closing(Judged(proxies)) as transport,
        ):
            wrong = asked(ready, transport)
    except CannotRun as error:
        print(f"Could not run. {error}")
        return 1
    return told(transport, wrong)


def asked(ready: dict[str, str], transport: Judged) -> list[str]:
    """Asks everything; what went otherwise than it should."""
    secrets = {"client_secret": ready["client_secret"]}
    wrong: list[str] = []
    for creates in ("put", "post"):
        settings = Settings(
            base_url=ready["base_url"],
            token_url=ready["token_url"],
            client_id=ready["client_id"],
            version="1.2",
            demographics="read",
            resources="read",
            gradebook="write",
            assessments="write",
            creates=creates,
        )
        connector: Connector = KIND.open(settings, secrets, _io())
        if creates == "put":
            pulled, wrong = read_all(connector, transport)
        wrong += write_all(connector, transport, pulled, creates)
    return wrong


def _io() -> Io:
    return Io(lambda: datetime.now(UTC), Random(0), Event(), b"0123456789abcdef", 100)


def told(transport: Judged, wrong: Sequence[str]) -> int:
    """Prints the table; the exit code."""
    for base, document in DOCUMENTS.items():
        print(f"\n{document} ({base})")
        for (of, method, path), count in sorted(transport.seen.items()):
            if of != base:
                continue
            faults = {
                fault: times
                for (*about, fault), times in transport.faults.items()
                if tuple(about) == (of, method, path)
            }
            print(f"  {method:6} {path:50} {count:5}  {'NOT VALID' if faults else 'valid'}")
            for fault, times in faults.items():
                print(f"         {times} × {fault}")
    asks, operations = transport.seen.total(), len(transport.seen)
    print(f"\n{asks} requests to {operations} operations.", end=" ")
    print(f"{transport.faults.total()} violations.")
    for sentence in wrong:
        print(f"Went wrong: {sentence}")
    return 1 if wrong or transport.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
