"""``python -m tests.edfi_sample``: real Ed-Fi documents, served and read, and each of them counted.

The folder has one file a resource, one document a line. The practice Ed-Fi serves them, the program
reads them whole, and of each file is told how many lines it has, how many different documents these
are, how many came, and what they came to be: rows of the roster, or parts of such rows. Ends with 1
where a document is not accounted for or a row could not be read.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.edfi_sample.counting import Sample, sample

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "edfi"
SKIPPED = 0


def main(arguments: Sequence[str]) -> int:
    """Returns the exit code: 0 where every document is accounted for, 1 where one is not."""
    parser = argparse.ArgumentParser(prog="python -m tests.edfi_sample", description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=FOLDER, help="the folder of documents (default: %(default)s)"
    )
    folder = parser.parse_args(arguments).data
    if not any(folder.glob("*.jsonl")):
        print(f"Skipped: there are no Ed-Fi documents in {folder}; name a folder with --data.")
        return SKIPPED
    with TemporaryDirectory() as data:
        found = sample(folder, Path(data))
    show(found)
    whole = all(one.received == one.distinct for one in found.files.values())
    return 0 if whole and not found.unreadable and found.run.state == "completed" else 1


def show(found: Sample) -> None:
    """Prints the table."""
    print(f"  {'':50} lines  documents   read   rows  parts")
    for name, one in found.files.items():
        told = f"{one.lines:5}  {one.distinct:9}  {one.received:5}  {one.rows:5}  {one.parts:5}"
        print(f"  {name:50} {told}{'' if one.received == one.distinct else '  NOT WHOLE'}")
    sums = [
        sum(getattr(one, name) for one in found.files.values())
        for name in ("lines", "distinct", "received", "rows", "parts")
    ]
    print("  {:50} {:5}  {:9}  {:5}  {:5}  {:5}".format("together", *sums))
    words = ", ".join(f"{name} {count}" for name, count in found.words.items())
    print(f"\n{sum(found.words.values())} words in which they speak ({words}).", end="")
    print(f" Unexplained: {'; '.join(found.unexplained) or 'none'}.", end="")
    for entity, keys in found.unknown.items():
        print(f"\n{len(keys)} {entity} are referred to and are not there.", end="")
    for (entity, field), count in found.marked.items():
        print(f"\n{count} {entity} are marked because their {field} is not there.", end="")
    print(f"\n{found.unreadable} rows could not be read. The sync ended: {found.run.state}.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
