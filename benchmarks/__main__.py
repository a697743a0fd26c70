"""``python -m benchmarks``: measures everything side by side and prints one table.

A round is a new practice SIS, and on it, each in a process and a folder of its own: the floor, our
first load, the floor again, an unchanged sync, the window during a first load, the first paint, the
rooms on a long history, a sync after a day that changes one record in a hundred, the same district
as a second SIS, and as an Ed-Fi service. Machines drift, so rounds follow each other and each of
ours is compared with the floor right before it; the table shows medians.
"""

import argparse
import http.client
import json
import os
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import PySide6

from app.compose import PracticeSis
from benchmarks.measuring import Figures, edfi, measure, second
from benchmarks.ours import FIRST, INCREMENTAL, SECOND, UNCHANGED

GAPS, PAINT, ROOMS, EDFI = "gaps", "paint", "rooms", "edfi"
DIFFERENCES = 10_000
"""In the rooms; a try on a smaller district has fewer."""
NAMES = (FIRST, UNCHANGED, INCREMENTAL, GAPS, PAINT, ROOMS, SECOND, EDFI)
QUIET_LOAD = 0.3
"""A load above this at the start means that other programs take part in what is measured."""
STEADY = 1.25
"""So does a floor, always the same work, whose slowest time is so many times its quickest."""

DAY = {"moves": 0.0054, "new": 0.0034, "leavers": 0.0027, "renames": 0.002, "teachers": 0.001}
"""What happens on a school day that changes 1 % of the records, in parts of all students."""


@dataclass(frozen=True)
class Line:
    """One line of the table: a figure, and the budget it is judged by."""

    name: str
    what: str
    figure: str
    unit: str
    most: float | None = None
    least: float | None = None
    seconds: tuple[str, ...] = ()
    """Figures that stand beside it: ours and, where there is one, the floor's."""

    def held(self, figure: float) -> bool:
        """Whether the budget is."""
        below = self.least is not None and figure < self.least
        return not below and (self.most is None or figure <= self.most)

    @property
    def budget(self) -> str:
        """The budget in signs."""
        return f"≥ {self.least:g}" if self.most is None else f"≤ {self.most:g}"


FLOORS = ("first_floor", "unchanged_floor")
LINES = (
    Line(
        FIRST, "First load", "first_ratio", "× floor", least=0.25,
        seconds=("first", FLOORS[0]),
    ),
    Line(
        UNCHANGED, "Full sync, nothing changed", "unchanged_ratio", "× floor", least=1.0,
        seconds=("unchanged", FLOORS[1]),
    ),
    Line(
        INCREMENTAL, "Sync of 1 % changes, without the service", "incremental_share",
        "% of first load", most=5, seconds=("incremental",),
    ),
    Line(FIRST, "Most memory, first load", "first_megabytes", "MB", most=150),
    Line(GAPS, "Most memory, first load in the window", "gaps_megabytes", "MB", most=250),
    Line(GAPS, "Window held up during a sync, p99", "gap_p99", "ms", most=16),
    Line(GAPS, "Window held up during a sync, at most", "gap_most", "ms", most=50),
    Line(PAINT, "First paint, later than an empty window", "paint_later", "ms", most=300),
    Line(ROOMS, "Inbox opened, 10,000 differences", "room_inbox", "ms", most=300),
    Line(ROOMS, "Merge screen opened, 10,000 differences", "room_differences", "ms", most=300),
    Line(ROOMS, "History opened, 100,000 syncs", "room_history", "ms", most=300),
    Line(ROOMS, "Search among 10,000 people", "room_search", "ms", most=150),
    Line(ROOMS, "Window held up meanwhile, at most", "room_gap", "ms", most=50),
    Line(
        SECOND, "First load of a second SIS, work alone", "second_times", "× first load", most=6,
        seconds=("second",),
    ),
    Line(
        EDFI, "Ed-Fi: first load, work alone", "edfi_times", "× OneRoster's", most=6,
        seconds=("edfi_first",),
    ),
    Line(
        EDFI, "Ed-Fi: full sync, nothing changed", "edfi_unchanged_share", "% of first load",
        most=60, seconds=("edfi_unchanged",),
    ),
    Line(
        EDFI, "Ed-Fi: sync of 1 % changes", "edfi_incremental_share", "% of first load", most=5,
        seconds=("edfi_incremental",),
    ),
    Line(EDFI, "Ed-Fi: most memory, first load", "edfi_megabytes", "MB", most=150),
)  # fmt: skip


def main() -> None:
    """Measures what was asked for and prints it."""
    options = argparse.ArgumentParser(
        prog="benchmarks", description="Measures the program on the practice SIS, beside a floor."
    )
    options.add_argument("--students", type=int, default=20_000, help="20,000 unless told")
    options.add_argument("--rounds", type=int, default=3, help="3 unless told")
    options.add_argument("--only", choices=NAMES, help="one of them, and what it needs")
    options.add_argument("--json", type=Path, metavar="PATH", help="all rounds into this file")
    asked = options.parse_args()
    machine = describe()
    print(*machine, sep="\n", flush=True)
    rounds: list[Figures] = []
    for number in range(1, asked.rounds + 1):
        print(f"round {number} of {asked.rounds} …", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="mindkindler-benchmarks-") as folder:
            rounds.append(one_round(asked.students, asked.only, Path(folder)))
    if asked.json is not None:
        told = {"machine": machine, "students": asked.students, "rounds": rounds}
        asked.json.write_text(json.dumps(told, indent=2), encoding="utf-8")
    for line in table(rounds, asked.only):
        print(line)


def describe() -> list[str]:
    """The machine in a few words, and whether it has other things to do."""
    cores = Path("/proc/cpuinfo")
    told = cores.read_text(encoding="utf-8").splitlines() if cores.exists() else []
    names = [line.split(": ")[1] for line in told if line.startswith("model name")]
    versions = (
        f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores, "
        f"{platform.system()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, PySide6 {PySide6.__version__}"
    )
    if not hasattr(os, "getloadavg"):
        return [versions]
    load = os.getloadavg()[0]
    return [versions, f"load average at the start {load:.2f}{_firm(load <= QUIET_LOAD)}"]


def _firm(quiet: bool) -> str:
    return "" if quiet else ": the machine was NOT quiet, so the figures are not firm"


# -- measuring --


def one_round(students: int, only: str | None, folder: Path) -> Figures:
    """The figures of one round."""

    def wanted(name: str) -> bool:
        return only in (None, name)

    found: Figures = {}
    roster = folder / "roster"
    with closing(PracticeSis(folder / "sis", students=students)) as sis:
        # The service sorts a collection when it is first asked to; nobody's time shall hold that.
        found["records"] = measure(sis, "floor", folder / "warm")["records"]
        if only not in (GAPS, ROOMS):
            floor = measure(sis, "floor", folder / "floor-1")["seconds"]
            first = measure(sis, "ours", FIRST, roster)
            assert first["records"] == found["records"]
            found |= {
                "first": first["seconds"],
                FLOORS[0]: floor,
                "first_ratio": floor / first["seconds"],
                "first_cpu": first["cpu"],
                "first_megabytes": first["megabytes"],
            }
        if wanted(UNCHANGED):
            floor = measure(sis, "floor", folder / "floor-2")["seconds"]
            unchanged = measure(sis, "ours", UNCHANGED, roster)
            found |= {
                "unchanged": unchanged["seconds"],
                FLOORS[1]: floor,
                "unchanged_ratio": floor / unchanged["seconds"],
                "unchanged_megabytes": unchanged["megabytes"],
            }
        if wanted(GAPS):
            gaps = measure(sis, "gaps", folder / "window")
            found |= {
                "gap_p99": gaps["p99"],
                "gap_most": gaps["longest"],
                "gaps_megabytes": gaps["megabytes"],
            }
        if wanted(PAINT):
            found |= paint(sis, roster)
        if wanted(ROOMS):
            differences = min(DIFFERENCES, students)  # a try on a small district is a quick one
            rooms = measure(sis, "rooms", folder / "rooms", str(differences))
            assert rooms.pop("counted") == differences
            found |= {f"room_{name}": figure for name, figure in rooms.items()}
        if wanted(INCREMENTAL):
            changed = school_day(sis, students)
            incremental = measure(sis, "ours", INCREMENTAL, roster)
            ours = incremental["seconds"] - incremental["at_service"]
            found |= {
                "changed": changed,
                "incremental": ours,
                "incremental_whole": incremental["seconds"],
                "incremental_read": incremental["records"],
                "incremental_share": 100 * ours / found["first"],
            }
        if wanted(SECOND):
            again = measure(sis, "ours", SECOND, roster, asked=second)
            found |= {
                "second": again["cpu"],
                "second_times": again["cpu"] / found["first_cpu"],
                "second_megabytes": again["megabytes"],
            }
        if wanted(EDFI):
            found |= as_edfi(sis, students, folder / "edfi", found["first_cpu"])
    return found


def as_edfi(sis: PracticeSis, students: int, roster: Path, oneroster: float) -> Figures:
    """The same district as an Ed-Fi service: processor time, since that is slow to answer.

    ``oneroster`` is that of a first load from the other side.
    """
    first = measure(sis, "ours", FIRST, roster, asked=edfi)
    disk = sum(one.stat().st_size for one in roster.rglob("*") if one.is_file())
    unchanged = measure(sis, "ours", UNCHANGED, roster, asked=edfi)
    school_day(sis, students, both_sides=True)
    incremental = measure(sis, "ours", INCREMENTAL, roster, asked=edfi)
    return {
        "edfi_first": first["cpu"],
        "edfi_first_whole": first["seconds"],
        "edfi_times": first["cpu"] / oneroster,
        "edfi_megabytes": first["megabytes"],
        "edfi_disk_megabytes": disk / 1e6,
        "edfi_unchanged": unchanged["cpu"],
        "edfi_unchanged_share": 100 * unchanged["cpu"] / first["cpu"],
        "edfi_incremental": incremental["cpu"],
        "edfi_incremental_share": 100 * incremental["cpu"] / first["cpu"],
        "edfi_incremental_read": incremental["records"],
    }


def paint(sis: PracticeSis, roster: Path) -> Figures:
    """Milliseconds until each window is painted, and until ours shows what it has to show."""
    began = time.monotonic()
    empty = measure(sis, "paint")["painted"] - began
    began = time.monotonic()
    ours = measure(sis, "paint", roster)
    painted, settled = ours["painted"] - began, ours["settled"] - began
    return {
        "paint_empty": empty * 1000,
        "paint_later": (painted - empty) * 1000,
        "settled_later": (settled - empty) * 1000,
    }


def school_day(sis: PracticeSis, students: int, *, both_sides: bool = False) -> int:
    """Has a day pass that changes 1 % of the records; how many it did.

    With ``both_sides`` it passes on the Ed-Fi side, too.
    """
    sizes = {name: max(1, round(part * students)) for name, part in DAY.items()}
    control = urlsplit(sis.ready.control_url)
    with closing(http.client.HTTPConnection(control.netloc)) as connection:
        owner = {"Authorization": f"Bearer {sis.ready.client_secret}"}
        asked = json.dumps({**sizes, "edfi": both_sides})
        connection.request("POST", f"{control.path}/day", asked, owner)
        changed = json.loads(connection.getresponse().read())["changed"]
    kinds = ("created", "updated", "removed")
    return sum(len(account[kind]) for account in changed.values() for kind in kinds)


# -- showing --


def table(rounds: list[Figures], only: str | None) -> Iterator[str]:
    """The lines of the table: medians, in brackets the least and the most."""

    def middle(name: str) -> float:
        return statistics.median(found[name] for found in rounds)

    yield f"{middle('records'):,.0f} records, {len(rounds)} rounds"
    yield ""
    yield f"{'':<41}{'ours':>8}{'floor':>8}{'median':>9}"
    for line in LINES:
        if only not in (None, line.name):
            continue
        seconds = "".join(f"{middle(name):>6.2f} s" for name in line.seconds)
        several = sorted(found[line.figure] for found in rounds)
        spread = f"({several[0]:.2f} – {several[-1]:.2f})"
        figure = middle(line.figure)
        held = "held" if line.held(figure) else "MISSED"
        yield (
            f"{line.what:<41}{seconds:<16}{figure:>9.2f} {line.unit:<15} {spread:<21}"
            f"{line.budget:<7}{held}"
        )
    floors = sorted(found[name] for found in rounds for name in FLOORS if name in found)
    if floors:
        steady = floors[-1] <= STEADY * floors[0]
        yield ""
        yield f"the floor took {floors[0]:.2f} – {floors[-1]:.2f} s{_firm(steady)}"


if __name__ == "__main__":
    main()
