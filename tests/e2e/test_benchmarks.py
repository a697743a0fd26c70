"""The benchmarks on a district so small that their figures mean nothing, but their way is whole."""

import json
import subprocess
import sys
from pathlib import Path


def test_a_round_of_benchmarks_judges_every_budget(tmp_path: Path):
    """One command measures floor, syncs and window, and ends each line with a verdict."""
    told = tmp_path / "figures.json"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--students", "20", "--rounds", "1", "--json", told],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=110,
    )
    verdicts = [line.split()[-1] for line in done.stdout.splitlines() if "≤" in line or "≥" in line]
    assert len(verdicts) == 18
    assert set(verdicts) <= {"held", "MISSED"}
    [figures] = json.loads(told.read_text())["rounds"]
    assert figures["incremental_read"] == figures["changed"] > 0
    assert all(figure > 0 for figure in figures.values())
