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
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import requests

from app import compose
from app.compose import Options, Program
from app.connectors.http import HttpTransport, Limits
from app.connectors.oneroster.presets import PRESETS
from app.practice.habits import CATALOGUE
from app.store import outbox, reads
from app.store.reads import RunRow
from app.vault import MemoryVault
from tests.beginning import begin
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
    along: tuple[str, ...] = ()
    """Habits that it shows itself with alone."""


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
    "vague-refusals": Met(
        lacks="demographics resources",
        told="not_permitted push_refused",
        unsent="category line_item made_line_item result",
        along=("grants-less", "scopes-untold"),
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
        preset="ed-fi",
        differs="users.primary_org users.roles",
        lacks="resources",
        told="rows_are_people",
    ),
    "user-per-role": Met(
        {"one_person": "identifier"}, differs="users.roles", told="rows_are_people"
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
        told="overlap_unchecked paging_unstable total_not_reached",
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
        """One sync, to its end, without failing."""
        engine, loop, database = self.program.engine, self.program.loop, self.program.database
        run = engine.start(NAME, full=full)
        loop.run(until=lambda: not engine.busy)
        self.told |= {line.code for line in reads.run_log(database, run)} - USUAL
        ended = reads.run(database, run)
        assert ended.state != "failed", (ended.error_code, ended.error_parameters)
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
        return min(found, key=lambda record: self.key(entity, record))

    def key(self, entity: str, record: int) -> str:
        """The key of a record at the SIS."""
        (link,) = reads.record(self.program.database, entity, record).links
        return link.key


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
    begin(folder)
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


@pytest.fixture(autouse=True)
def _soon_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is tried again as often as ever, within a moment."""
    monkeypatch.setattr(compose, "HttpTransport", partial(HttpTransport, Limits(backoff=0.01)))


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
        serving(students=40, seed=7, profiles=[profile, *met.along]) as ready,
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

        assert_pushed(at, ready, profile, met)
        assert_rests(at)
        # In which order rows come decides what else is found out.
        assert at.told <= {*met.told.split()} if met.unproved else at.told == {*met.told.split()}


def assert_rests(at: Office) -> None:
    """Two more syncs change nothing, here or there."""
    for full in (False, True):
        run = at.sync(full=full)
        done = [run.total(name) for name in ("created", "updated", "deleted", "waiting", "pushed")]
        assert done == [0, 0, 0, 0, 0]


def assert_pushed(at: Office, ready: Ready, profile: str, met: Met) -> None:
    """What is made, changed and ended here is so at the SIS, but for what it does not take."""
    engine, database = at.program.engine, at.program.database
    item = at.first("line_items")
    result = at.first("results", score_status="fully graded")
    like = reads.record(database, "line_items", item).record.values
    given = {name: said for name, said in like.items() if said is not None}
    # A term that nobody may see cannot be named for what is new.
    given = {**given, "title": "Lab 1", "academic_session": None}
    engine.edit("line_items", item, {"title": "Corrected"}, "Ana")
    engine.edit("results", result, {"comment": "Well done"}, "Ana")
    category = engine.create("categories", {"title": "Labs"}, "Ana")
    made = engine.create("line_items", given, "Ana")
    wanted = {
        "line_item": ("line_items", item, "title", "Corrected"),
        "result": ("results", result, "comment", "Well done"),
        "category": ("categories", category, "title", "Labs"),
        "made_line_item": ("line_items", made, "title", "Lab 1"),
    }
    at.sync()
    refused = {one.record for one in outbox.unsent(database)}
    for entity, record, name, value in wanted.values():
        if record not in refused:
            there = found_there(at, ready, profile, met, entity, record)
            assert there is not None
            assert there[name] == value

    engine.end_record("line_items", made, "Ana")
    at.sync()
    refused |= {one.record for one in outbox.unsent(database)}
    if made not in refused:
        assert found_there(at, ready, profile, met, "line_items", made) is None
    unsent = {name for name, (_, record, *_) in wanted.items() if record in refused}
    assert unsent == {*met.unsent.split()}


def found_there(
    at: Office, ready: Ready, profile: str, met: Met, entity: str, record: int
) -> Mapping[str, Any] | None:
    """What the SIS holds of a record, as it says where it has no habits."""
    base = OLDER if met.version == "1.1" else GRADEBOOK
    collection = {"line_items": "lineItems"}.get(entity, entity)
    control(ready, "DELETE", "profiles")
    with speaking(dict(ready)) as client:
        answer = client.call("GET", f"{base}/{collection}/{at.key(entity, record)}")
    for name in (profile, *met.along):
        control(ready, "POST", "profiles", {"name": name})
    if answer.status_code == 404:
        return None
    (found,) = answer.json().values()
    return dict(found)


def test_a_student_who_is_issued_again_is_asked_about(tmp_path: Path) -> None:
    """D5: another sourcedId in mid-year is a question, and nobody ends by it."""
    with serving(students=40, seed=7) as ready, office(ready, tmp_path, Met()) as at:
        at.sync(full=True)
        before = {entity for entity, _ in at.contents()}, len(at.contents())
        control(ready, "POST", "profiles", {"name": "reissued-students"})
        run = at.sync(full=True)
        assert (run.state, at.told) == ("waiting", {"same_person_asked"})
        assert ({entity for entity, _ in at.contents()}, len(at.contents())) == before


# -- what docs/habits.md says ----------------------------------------------------------------------

DOCS = Path(__file__).parents[2] / "docs"
REPOSITORY = DOCS.parent


def named_tests(sheet: str, folder: str) -> list[tuple[Path, str]]:
    """The tests that a sheet names: a file, a test of it, or another test of the last file."""
    found, path = [], REPOSITORY
    for file, test in re.findall(r"`([\w/]+\.py)?(?:::(test_\w+))?`", sheet):
        if file:
            path = REPOSITORY / ("" if file.startswith("tests/") else folder) / file
        if file or test:
            found.append((path, test))
    return found


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("habits.md", "tests/connectors/oneroster"),
        ("oneroster-csv.md", "tests/connectors/oneroster/csv"),
    ],
)
def test_every_test_that_shows_a_habit_is_there(name: str, folder: str) -> None:
    """No line of the tables names a test that is not there."""
    named = named_tests((DOCS / name).read_text("utf-8"), folder)
    assert len(named) > 20
    gone = [
        f"{path}::{test}"
        for path, test in named
        if not path.is_file() or (test and f"\ndef {test}(" not in path.read_text("utf-8"))
    ]
    assert not gone


def test_the_sheet_of_habits_has_a_line_for_each_profile() -> None:
    """docs/habits.md says of every profile what the SIS does, in the catalogue's words.

    (Of faults ``docs/faults.md`` does: ``test_faults``.)
    """
    sheet = (DOCS / "habits.md").read_text("utf-8")
    profiles = re.findall(r"^\| `([\w.-]+)` \| (.+?) \|", sheet, re.MULTILINE)
    assert profiles == [(one.name, one.does) for one in CATALOGUE.values()]
    assert MET.keys() <= CATALOGUE.keys()
