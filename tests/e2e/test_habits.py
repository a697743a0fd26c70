"""What the program makes of each lasting habit of real services (docs/habits.md).

Every profile of the practice SIS is synced by the whole program over HTTP, with the settings that
an administrator would have: a first load, a school day, what changed, everything again, and a few
edits of the gradebook. A district without habits goes through the same. What is here must be what
is there, but for what the habit makes impossible; that, and what is told of it, is laid down here.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import requests

from app import compose
from app.compose import Options, Program
from app.connectors.oneroster.presets import PRESETS
from app.practice.faults import CATALOGUE as FAULTS
from app.practice.habits import CATALOGUE
from app.store import outbox, reads
from app.store.reads import RunRow
from app.vault import MemoryVault
from tests.e2e.agreement import known
from tests.practice.client import GRADEBOOK, OLDER, serving, speaking

NAME = "north"
PAGE = 100
DAY = {"new": 2, "renames": 3, "moves": 1, "leavers": 1, "vanish": 2, "teachers": 0}
USUAL = {"run_began_full", "run_began_incremental", "stream_read", "stream_proved", "push_done"}

Contents: TypeAlias = Mapping[tuple[str, str], Mapping[str, Any]]
"""The values of each record by entity and key; references are keys."""


@dataclass(frozen=True)
class Met:
    """How an administrator meets a habit, and what it costs all the same."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    preset: str = "other"
    path: str = ""
    """What the address ends with, where the vendor has told one."""
    version: str = "1.2"
    """Which version the plain district is read in, to be compared with."""
    differs: str = ""
    """The fields that cannot be as in a plain district."""
    lacks: str = ""
    """The record types of which something cannot be read."""
    told: str = ""
    """What the log of some sync tells beyond the usual."""
    unsent: str = ""
    """What of the gradebook the SIS does not take."""
    unproved: bool = False
    """No answer proves to be whole, so nothing ends by being absent."""
    blind: bool = False
    """What changed is not seen before everything is read again."""
    leavers_stay: bool = False


MET: dict[str, Met] = {
    "only-1.1": Met(version="1.1"),
    "mislabelled": Met({"version": "1.2"}, path="/ims/oneroster/v1p1"),
    "vendor-path": Met(path="/api/ims/oneroster/rostering/v1p2"),
    "signed-only": Met(preset="classlink"),
    "cookie-needed": Met({"resources": "read"}, preset="aeries", version="1.1"),
    "grants-less": Met(
        lacks="demographics resources",
        told="not_permitted push_refused",
        unsent="category line_item made_line_item result",
    ),
    "grades-in-words": Met(differs="classes.grades courses.grades users.grades"),
    # The type of a score scale is free text in the standard, whose case may mean something.
    "drifting-case": Met(differs="score_scales.type"),
    "says-inactive": Met(told="value_not_understood", leavers_stay=True),
    "extended-values": Met(
        {"class_type_map": "ext:advisory=homeroom", "role_map": "ext:paraprofessional=aide"},
        differs="demographics.sex results.score_status",
    ),
    "hidden-district": Met(lacks="orgs"),
    "hidden-terms": Met(lacks="academic_sessions"),
    # Each row says that its own school, or its own role, is the primary one.
    "user-per-school": Met(
        preset="ed-fi", differs="users.primary_org users.roles", told="rows_disagree"
    ),
    "user-per-role": Met(
        {"one_person": "identifier"}, differs="users.roles", told="rows_disagree"
    ),
    "empty-usernames": Met(differs="users.username"),
    "shared-emails": Met(differs="users.email"),
    "named-resources": Met(differs="classes.resources courses.resources users.resources"),
    "frozen-dates": Met(blind=True),
    "five-at-once": Met(preset="infinite-campus"),
    "clamps": Met(preset="powerschool"),
    "no-filters": Met(told="filter_given_up"),
    "no-sorting": Met(told="sort_given_up"),
    "loses-while-paging": Met(
        lacks="enrollments line_items resources results users",
        told="paging_unstable total_not_reached",
        unproved=True,
        blind=True,
        leavers_stay=True,
    ),
    "puts-new-404": Met({"creates": "post"}, told="push_refused", unsent="category"),
    "no-deletes": Met(told="push_refused", unsent="made_line_item"),
    "no-fully-graded": Met(told="push_refused", unsent="result"),
    "no-category-writes": Met(preset="aspen", told="push_refused", unsent="category"),
}
"""The habits that need a setting or cost something; all others are met without a word."""


@dataclass
class Office:
    """The program on a data folder of its own, with a connector to the practice SIS."""

    program: Program
    told: set[str] = field(default_factory=set)
    """What the logs of all syncs have told beyond the usual."""

    def sync(self, *, full: bool = False) -> RunRow:
        """One sync, to its end; none removes in the dark, and none fails or waits."""
        engine, loop, database = self.program.engine, self.program.loop, self.program.database
        run = engine.start(NAME, full=full)
        loop.run(until=lambda: not engine.busy)
        self.told |= {line.code for line in reads.run_log(database, run)} - USUAL
        ended = reads.run(database, run)
        assert ended.state in ("completed", "warnings"), (ended.state, ended.error_code)
        return ended

    def contents(self) -> Contents:
        """Everything that stands here and at the SIS."""
        with self.program.database.reading() as tx:
            return {place: one.values for place, one in known(tx).items() if one.stands}

    def first(self, entity: str, **like: object) -> int:
        """The id of the record with the smallest key, of those with these values."""
        rows = reads.records(
            self.program.database, entity, reads.record_ids(self.program.database, entity)
        )
        found = [row.id for row in rows if like.items() <= row.values.items()]
        return min(found, key=self.key)

    def key(self, record: int) -> str:
        """The key of a record at the SIS."""
        with self.program.database.reading() as tx:
            return tx.one("SELECT key FROM links WHERE record = ?", (record,))[0]


Ready: TypeAlias = Mapping[str, Any]


@contextmanager
def office(ready: Ready, folder: Path, met: Met) -> Iterator[Office]:
    """The program as an administrator sets it up for this SIS."""
    preset = next(each for each in PRESETS if each.name == met.preset)
    settings = {
        "demographics": "read",
        "resources": "read",
        **{name: chosen.value for name, chosen in preset.settings.items()},
        **met.settings,
        "gradebook": "write",
        "base_url": ready["base_url"] + met.path,
        "token_url": ready["token_url"],
        "client_id": ready["client_id"],
    }
    secrets = {"client_secret": ready["client_secret"]}
    with compose.program(Options(data_dir=folder, page_size=PAGE), MemoryVault()) as program:
        program.engine.save_connector(NAME, "oneroster", settings, secrets)
        program.engine.set_switches(NAME, send_deletes=True)
        yield Office(program)


def control(ready: Ready, method: str, path: str, told: object = None) -> None:
    """A practice call."""
    owner = {"Authorization": f"Bearer {ready['client_secret']}"}
    url = f"{ready['control_url']}/{path}"
    answer = requests.request(method, url, json=told, headers=owner, timeout=30)
    assert answer.status_code == 200, answer.text


@dataclass(frozen=True)
class Plain:
    """What a district without habits comes to."""

    first: Contents
    later: Contents
    """After the school day, everything read again."""


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Plain]:
    """A district without habits, read in a version."""
    found: dict[str, Plain] = {}

    def read(version: str) -> Plain:
        if version not in found:
            folder = tmp_path_factory.mktemp("plain")
            met = Met({"version": version})
            with serving(students=40, seed=7) as ready, office(ready, folder, met) as at:
                at.sync(full=True)
                first = at.contents()
                control(ready, "POST", "day", DAY)
                at.sync(full=True)
                found[version] = Plain(first, at.contents())
                assert not at.told
        return found[version]

    return read


def differing(here: Contents, there: Contents) -> set[str]:
    """The fields in which records that both have are not the same."""
    return {
        f"{place[0]}.{name}"
        for place in here.keys() & there.keys()
        for name, value in here[place].items()
        if value != there[place][name]
    }


def as_issued_first(contents: Contents) -> Contents:
    """Of students who have another sourcedId now, the one that they had."""

    def renamed(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(renamed, value))
        return re.sub(r"([0-9a-f]{12})-2\b", r"\1", value) if isinstance(value, str) else value

    return {
        (entity, renamed(key)): {name: renamed(value) for name, value in values.items()}
        for (entity, key), values in contents.items()
    }


@pytest.mark.parametrize("profile", CATALOGUE)
def test_a_habit_costs_nothing_that_it_does_not_make_impossible(
    plain: Callable[[str], Plain], tmp_path: Path, profile: str
) -> None:
    """C5, D1, F4: the roster is that of a plain district; what cannot be is told; then it rests."""
    met = MET.get(profile, Met())
    expected = plain(met.version)
    gone = expected.first.keys() - expected.later.keys()
    came = expected.later.keys() - expected.first.keys()
    with (
        serving(students=40, seed=7, profiles=[profile]) as ready,
        office(ready, tmp_path, met) as at,
    ):
        at.sync(full=True)
        first = as_issued_first(at.contents())
        assert {entity for entity, _ in expected.first.keys() - first.keys()} == {
            *met.lacks.split()
        }
        assert not first.keys() - expected.first.keys()
        assert differing(first, expected.first) == {*met.differs.split()}

        control(ready, "POST", "day", DAY)
        at.sync()
        changed = as_issued_first(at.contents())
        assert first.keys() - changed.keys() <= gone
        if not met.blind:
            lacking = {place for place in came if place[0] not in met.lacks.split()}
            assert lacking <= changed.keys()

        run = at.sync(full=True)
        assert all(stream.proof for stream in run.streams) != met.unproved
        later = as_issued_first(at.contents())
        lacking = expected.later.keys() - later.keys()
        assert {entity for entity, _ in lacking} == {*met.lacks.split()}
        assert later.keys() - expected.later.keys() <= (gone if met.leavers_stay else set())
        if not met.unproved:
            assert differing(later, expected.later) == {*met.differs.split()}
        assert_rests(at)

        assert_pushed(at, ready, met)
        assert_rests(at)
        assert at.told == {*met.told.split()}


def assert_rests(at: Office) -> None:
    """Two more syncs change nothing, here or there."""
    for full in (False, True):
        run = at.sync(full=full)
        done = [run.total(name) for name in ("created", "updated", "deleted", "pushed")]
        assert done == [0, 0, 0, 0]


def assert_pushed(at: Office, ready: Ready, met: Met) -> None:
    """What is made, changed and ended here is so at the SIS, but for what it does not take."""
    engine, database = at.program.engine, at.program.database
    item = at.first("line_items")
    result = at.first("results", score_status="fully graded")
    like = reads.record(database, "line_items", item).record.values
    # A term that nobody may see cannot be named for what is new.
    given = {name: said for name, said in like.items() if said is not None}
    given.pop("academic_session", None)
    made = {
        "category": ("categories", engine.create("categories", {"title": "Labs"}, "Ana")),
        "made_line_item": (
            "line_items",
            engine.create("line_items", {**given, "title": "Lab 1"}, "Ana"),
        ),
    }
    engine.edit("line_items", item, {"title": "Corrected"}, "Ana")
    engine.edit("results", result, {"comment": "Well done"}, "Ana")
    records = made | {"line_item": ("line_items", item), "result": ("results", result)}
    at.sync()
    kept = {"category": "Labs", "made_line_item": "Lab 1", "line_item": "Corrected"}
    sent = {
        name
        for name, (entity, record) in records.items()
        if not unsent(at, entity, record)
    }
    engine.end_record(*made["made_line_item"], "Ana")
    at.sync()
    refused = {name for name, place in records.items() if unsent(at, *place)}
    assert refused | (records.keys() - sent) == {*met.unsent.split()}

    keys = {name: at.key(record) for name, (_, record) in records.items() if name in sent}
    control(ready, "DELETE", "profiles")
    base = OLDER if met.version == "1.1" else GRADEBOOK
    with speaking(dict(ready)) as client:
        for name, key in keys.items():
            collection = {"category": "categories", "result": "results"}.get(name, "lineItems")
            answer = client.call("GET", f"{base}/{collection}/{key}")
            if name == "made_line_item" and name not in refused:
                assert answer.status_code == 404
                continue
            (there,) = answer.json().values()
            assert (there.get("title") or there["comment"]) == kept.get(name, "Well done")
    control(ready, "POST", "profiles", {"name": PROFILE})


def unsent(at: Office, entity: str, record: int) -> bool:
    """Whether a record waits to be sent, or was refused."""
    waiting = {(one.entity, one.record) for one in outbox.unsent(at.program.database)}
    return (entity, record) in waiting
