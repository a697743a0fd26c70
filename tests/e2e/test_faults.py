"""What a sync makes of each fault of the practice SIS, and of the sync after it (SEMANTICS C, D).

Every case begins with a district that was synced once and has changed at the SIS since. Whatever
goes wrong then, nothing is removed; once the SIS does right again, the next sync brings the
database to what an undisturbed sync would have made of it.
"""

import json
import random
import re
import shutil
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app import compose
from app.compose import PracticeSis
from app.connectors.http import HttpTransport, Limits
from app.engine.engine import Engine
from app.engine.loop import Loop
from app.engine.world import World
from app.practice.faults import CATALOGUE, parsed
from app.roster.entities import ENTITIES
from app.store import reads
from app.store.database import Database, Location
from app.store.reads import RunRow
from app.vault import MemoryVault

STUDENTS = 60
PAGE = 100
NAME = "north"
LIMITS = Limits(silence=0.5, pauses=3)
"""Little patience: what lasts is to fail soon. The pauses themselves are not waited for."""

STREAMS = frozenset(
    {"orgs", "academic_sessions", "courses", "classes", "users", "demographics", "enrollments"}
)


@dataclass(frozen=True)
class Case:
    """What is on, as the command line would call it, and what the sync meanwhile comes to."""

    faults: str
    state: str = "completed"
    warns: str = ""
    """The codes at which its log warns, or the error that it fails with."""
    unproved: frozenset[str] = frozenset()
    """The streams without proof (of a sync that does not fail)."""
    gone: int = 0
    """How many records end: as many as are truly gone by then, which is told by their keys."""
    full: bool = True

    def __str__(self) -> str:
        return f"{self.faults}{'' if self.full else ' (changes)'}"


def only(*streams: str) -> frozenset[str]:
    """These streams."""
    return frozenset(streams)


CASES = [
    # Asked to wait: as long as the SIS says, then by growing pauses; not for ever.
    Case("rate-limited:2"),
    Case("rate-limited", "failed", "rate_limited"),
    Case("rate-limited@token", "failed", "rate_limited"),
    Case("rate-limited-silently:2"),
    Case("rate-limited-silently@enrollments", "failed", "rate_limited"),
    # Trouble that may pass: tried again a few times, then left to the next sync.
    Case("server-error:3"),
    Case("server-error", "failed", "server_error"),
    Case("server-error=503@enrollments", "failed", "server_error"),
    Case("server-error=502@token", "failed", "server_error"),
    Case("slow=0.05"),
    Case("slow=1@users", "failed", "network_timeout"),
    Case("broken-off:3"),
    Case("broken-off@enrollments", "failed", "answer_cut_short"),
    Case("truncated-answer@users:1", "failed", "answer_truncated"),
    # Reading a roster writes nothing, so there is no answer to be lost.
    Case("lost-answer"),
    # Something else than a list is never an empty list.
    Case("login-page", "failed", "answer_is_html"),
    Case("login-page@token", "failed", "token_not_understood"),
    Case("no-content@users", "failed", "unexpected_status"),
    Case("no-list@classes", "failed", "collection_missing"),
    Case("no-list", "failed", "collection_missing", full=False),
    Case("forbidden@users", "failed", "collection_forbidden"),
    Case("forbidden@demographics", unproved=only("demographics")),
    # Another token is asked for, but not for ever.
    Case("short-lived-tokens=0.1 slow=0.04"),
    Case("revoked-tokens"),
    Case("revoked-tokens=1"),
    Case("revoked-tokens=0", "failed", "token_refused"),
    Case("client-refused", "failed", "credentials_refused"),
    # Less than there is: what was seen stays, what was not is looked for by its key.
    Case("withheld-rows@demographics", "warnings", "row_still_there", only("demographics")),
    Case("withheld-rows", "warnings", "coverage_lost row_still_there", STREAMS),
    Case("withheld-rows=100", "warnings", "coverage_lost row_still_there", STREAMS),
    Case("withheld-rows=100@users", "warnings", "coverage_lost", only("users")),
    # Too many to be asked for one by one: a few of them tell.
    Case("withheld-rows=80@enrollments", "warnings", "row_still_there", only("enrollments")),
    # One bad row costs that row, and never the page.
    Case("odd-row", warns="value_not_understood"),
    Case("odd-row=1000@users", warns="value_not_understood"),
    Case("odd-row", warns="value_not_understood", full=False),
    Case("unreadable-row", "warnings"),
    Case("unreadable-row=1000@users", "warnings"),
    Case("unreadable-row@users", "warnings", unproved=STREAMS, full=False),
    Case("keyless-row", "warnings", "rows_without_key", STREAMS),
    Case("keyless-row=3@users", "warnings", "rows_without_key", only("users")),
    Case("keyless-row", "warnings", unproved=STREAMS, full=False),
    Case("repeated-row", "warnings", "total_not_reached", STREAMS),
    # Rows that move under the reader: it begins again, at most three times. One that has left by
    # then is gone, which is told by its key too.
    Case("drifting-rows@users", gone=1),
    Case("drifting-rows=3@enrollments", gone=3),
    Case(
        "drifting-rows=100@enrollments",
        "warnings",
        "overlap_unchecked paging_unstable total_changed total_not_reached",
        only("enrollments"),
    ),
    Case("balanced-drift@users", gone=1),
    Case("balanced-drift=3@enrollments", gone=3),
    Case("balanced-drift@enrollments missing-headers sort-refused", gone=1),
    Case(
        "balanced-drift=100@enrollments",
        "warnings",
        "overlap_unchecked paging_unstable total_not_reached",
        only("enrollments"),
    ),
    # Nothing that is said about a list is taken on trust.
    Case("missing-headers"),
    Case("missing-headers sort-ignored", "warnings", "order_unproven", STREAMS),
    Case("wrong-total", "warnings", "total_not_met total_not_reached", STREAMS),
    Case("wrong-total=1@users", "warnings", "total_not_met total_not_reached", only("users")),
    Case("changing-total@users:2", "warnings", "total_changed", only("users")),
    Case("changing-revision@users", "warnings", "paging_unstable", only("users")),
    Case("changing-revision@users:2"),
    Case("clamped-limit=30"),
    Case("clamped-limit=7@enrollments missing-headers"),
    Case(
        "offset-ignored",
        "warnings",
        "offset_ignored total_not_met total_not_reached",
        only("users", "enrollments"),
    ),
    Case(
        "offset-ignored@users:1",
        "warnings",
        "offset_ignored total_not_met total_not_reached",
        only("users"),
    ),
    Case("sort-refused"),
    Case("sort-refused=500"),
    Case("sort-ignored"),
    Case(
        "unstable-order@users",
        "warnings",
        "paging_unstable total_not_reached",
        only("users"),
    ),
    Case("filter-refused", full=False),
    Case("filter-refused=500", full=False),
    Case("filter-ignored", full=False),
]


@dataclass
class Here:
    """A data folder with a connector to the practice SIS."""

    folder: Path
    sis: PracticeSis
    pauses: list[float] = field(default_factory=list)
    """What was waited between two tries, in seconds."""

    def sync(self, *, full: bool) -> RunRow:
        """One sync, to its end."""
        vault, loop = MemoryVault(), Loop()
        with self.database() as database:
            world = World(
                database=database,
                vault=vault,
                kinds=compose.kinds(),
                clock=lambda: datetime.now(UTC),
                random=random.Random(1),
                open_transport=lambda: HttpTransport(LIMITS, wait=self._pause),
                locks=self.folder / "locks",
                author="test",
                page_size=PAGE,
            )
            engine = Engine(world, loop)
            secrets = {"client_secret": self.sis.ready.client_secret}
            engine.save_connector(NAME, "oneroster", self.sis.settings, secrets)
            run = engine.start(NAME, full=full)
            loop.run(until=lambda: not engine.busy)
            return reads.run(database, run)

    def _pause(self, _cancel: object, seconds: float) -> None:
        self.pauses.append(seconds)

    def database(self) -> Database:
        """The database, opened anew; to be closed."""
        return Database(Location.of(self.folder))

    def told(self, run: RunRow) -> set[str]:
        """What the log of a run warns of."""
        with self.database() as database:
            lines = reads.run_log(database, run.id)
        return {line.code for line in lines if line.level != "info"}

    def contents(self) -> dict[str, dict[str, Any]]:
        """Every live record by entity and key, its references as keys."""
        with self.database() as database:
            with database.reading() as tx:
                keys = dict(tx.rows("SELECT record, key FROM links"))

            def keyed(value: Any) -> Any:
                if isinstance(value, list | tuple):
                    return sorted(map(keyed, value), key=repr)
                return keys.get(value, value)

            found = {}
            for name, entity in ENTITIES.items():
                refers = {each.name for each in entity.fields if each.references}
                rows = reads.records(database, name, reads.record_ids(database, name))
                found[name] = {
                    keys[row.id]: {
                        each: keyed(value) if each in refers else value
                        for each, value in row.values.items()
                    }
                    for row in rows
                }
            return found


@dataclass(frozen=True)
class District:
    """What every case begins with, and is to end with."""

    sis: PracticeSis
    synced: Path
    """A data folder as it was before the SIS changed."""
    calm: dict[str, dict[str, Any]]
    """What an undisturbed sync makes of the change."""


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    """A small district, synced once; then people have come and changed their names."""
    folder = tmp_path_factory.mktemp("faults")
    with closing(PracticeSis(folder / "sis", students=STUDENTS)) as sis:
        synced, calm = Here(folder / "synced", sis), Here(folder / "calm", sis)
        synced.folder.mkdir()
        assert synced.sync(full=True).state == "completed"
        pass_day(sis, new=2, renames=3, moves=0, leavers=0, teachers=0)
        shutil.copytree(synced.folder, calm.folder)
        run = calm.sync(full=False)
        assert (run.state, run.total("created"), run.total("updated")) == ("completed", 20, 3)
        contents = calm.contents()
        held = {name: len(rows) for name, rows in contents.items() if rows}
        assert sorted(held.values()) == sorted(
            count["live"] for count in sis.facts()["counts"].values()
        )
        yield District(sis, synced.folder, contents)


def pass_day(sis: PracticeSis, **sizes: int) -> None:
    """A school day of these sizes passes."""
    request = urllib.request.Request(
        f"{sis.ready.control_url}/day",
        data=json.dumps(sizes).encode(),
        headers={"Authorization": f"Bearer {sis.ready.client_secret}"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 200


def switch_on(sis: PracticeSis, faults: str) -> None:
    """Switches on what the command line would call so."""
    for each in map(parsed, faults.split()):
        numbered = CATALOGUE[each.name].number is not None
        value = each.value if numbered else None
        sis.set_fault(each.name, value, each.collection or None, each.times)


@pytest.fixture
def sis(district: District) -> Iterator[PracticeSis]:
    """The practice SIS of all cases, which does right again after each."""
    yield district.sis
    district.sis.clear_faults()


@pytest.fixture
def here(district: District, sis: PracticeSis, tmp_path: Path) -> Here:
    """The district as it was before the SIS changed, for one case alone."""
    return Here(shutil.copytree(district.synced, tmp_path / "here"), sis)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_fault_removes_nothing_that_is_there_and_leaves_nothing_behind(
    district: District, here: Here, case: Case
) -> None:
    """C5, D1: it recovers or ends without proof, told; the next sync puts everything right."""
    before = here.contents()
    switch_on(here.sis, case.faults)
    run = here.sync(full=case.full)
    assert (run.state, here.told(run)) == (case.state, set(case.warns.split()))
    if case.state != "failed" and case.full:
        assert {stream.entity for stream in run.streams if not stream.proof} == case.unproved
    assert (run.total("deleted"), run.total("waiting")) == (case.gone, 0)
    after = here.contents()
    ended = [rows.keys() - after[entity].keys() for entity, rows in before.items()]
    assert sum(map(len, ended)) == case.gone
    assert all(rows.keys() <= district.calm[entity].keys() for entity, rows in after.items())

    here.sis.clear_faults()
    run = here.sync(full=True)
    assert (run.state, run.total("deleted"), run.total("waiting")) == ("completed", 0, 0)
    assert here.contents() == district.calm


def test_every_fault_is_tried() -> None:
    """No fault of the catalogue is without a case."""
    tried = {parsed(each).name for case in CASES for each in case.faults.split()}
    assert tried == set(CATALOGUE)


def test_a_pause_is_as_long_as_the_sis_asks(here: Here) -> None:
    """Retry-After is kept to the second; without it the pauses grow by themselves."""
    switch_on(here.sis, "rate-limited=1:2")
    assert here.sync(full=True).state == "completed"
    assert here.pauses == [1.0, 1.0]
    here.pauses.clear()
    switch_on(here.sis, "rate-limited-silently:2")
    assert here.sync(full=True).state == "completed"
    assert here.pauses == [0.5, 1.0]


def test_a_first_sync_through_many_faults(district: District, sis: PracticeSis, tmp_path: Path):
    """What comes in through a bad day is what an undisturbed sync would have brought."""
    here = Here(tmp_path, sis)
    for faults in (
        "server-error@users",
        "truncated-answer@enrollments:1 revoked-tokens=2",
        "clamped-limit=20 broken-off:2 rate-limited:2 balanced-drift@enrollments",
        "login-page@demographics",
    ):
        switch_on(sis, faults)
        here.sync(full=True)
        sis.clear_faults()
    assert here.sync(full=True).state == "completed"
    assert here.contents() == district.calm


def test_the_sheet_of_faults_has_a_line_for_each() -> None:
    """docs/faults.md says of every fault what the SIS does, in the catalogue's words."""
    sheet = (Path(__file__).parents[2] / "docs" / "faults.md").read_text("utf-8")
    rows = re.findall(r"^\| `([\w-]+)(=[A-Z]+)?` \| (.+?) \| .+ \|$", sheet, re.MULTILINE)
    assert [(name, bool(number), does) for name, number, does in rows] == [
        (fault.name, fault.number is not None, fault.does) for fault in CATALOGUE.values()
    ]
