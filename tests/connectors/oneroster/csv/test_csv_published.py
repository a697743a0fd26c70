"""Sets that others have published, read by a whole engine; skipped where they are not at hand."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from app.connectors.files import FileTransport
from app.connectors.oneroster.csv import KIND
from app.connectors.oneroster.csv.columns import FILES
from tests.connectors.oneroster.csv.desk import Desk
from tests.simulation.keeping import keeping

PUBLISHED = Path(__file__).parents[5] / "shared" / "data" / "oneroster-csv"
SETS = {
    "legertom_small_v1p1": {"filled_in_bulk": 7, "day_without_time": 7},
    "lms_toolkit_1.1": {"manifest_value": 1},
    "oat_v1p1": {
        "column_unknown": 10,
        "column_missing": 9,
        "column_called_otherwise": 6,
        "filled_in_bulk": 3,
        "value_missing": 3,
        "reference_missing": 3,
        "day_without_time": 1,
    },
}


def rows(folder: Path) -> Counter[str]:
    """How many rows each file has, by the entity it tells of, counted without the program."""
    counted: Counter[str] = Counter()
    for file in FILES["1.1"].values():
        path = folder / file.filename
        if path.exists():
            with path.open(encoding="utf-8-sig", newline="") as lines:
                counted[file.entity] = sum(any(row) for row in csv.reader(lines)) - 1
    return +counted


@pytest.mark.parametrize("name", SETS)
def test_a_published_set_is_read_row_by_row(data_dir: Path, name: str):
    """As many records as rows; read again, nothing changes; every problem has its line."""
    folder = PUBLISHED / name
    if not folder.is_dir():
        pytest.skip("the published sets are not beside the checkout")
    settings = {"path": str(folder), "demographics": "read", "gradebook": "read"}
    with keeping(data_dir, KIND, settings, {}, lambda clock: FileTransport(), 500) as kept:
        assert kept.sync(full=True).state in ("completed", "warnings")
        assert Counter(entity for entity, _ in kept.roster()) == rows(folder)
        again = kept.sync(full=True)
        assert [again.total(name) for name in ("created", "updated", "deleted", "waiting")] == [
            *(0, 0, 0, 0)
        ]
    found = Desk(folder, {"demographics": "read", "gradebook": "read"}).problems()
    assert Counter(one.rule for one in found) == SETS[name]
    assert all(one.line for one in found)
