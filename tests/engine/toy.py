"""A small SIS in memory and the kind that speaks to it: the engine's tests tell it what to say.

The kind is a real one (it keeps ``connectors.contract``); the transport answers from the SIS's
dictionaries instead of a socket. Rows are canonical values by field name, references as keys.
``hook`` is called before every answer, which is where tests put faults, edits by others, and time.
"""

import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from app.connectors.contract import (
    Ahead,
    Asking,
    Capability,
    Change,
    Count,
    Doubt,
    Fetch,
    Finding,
    Gone,
    Grade,
    Io,
    New,
    Outcome,
    Page,
    Preset,
    Pull,
    Push,
    PushResult,
    ReadRows,
    Rekey,
    Request,
    Response,
    Row,
    SecretName,
    Shelf,
    State,
    Unreadable,
    row_digest,
)
from app.connectors.oneroster.csv.export import EXPORTER
from app.engine.engine import Engine
from app.engine.figures import Limits
from app.engine.loop import Loop, Steps
from app.engine.world import World
from app.errors import RateLimited, SyncError, TransientError
from app.roster.entities import ENTITIES
from app.roster.values import UNSAID, Unfit
from app.store import reads
from app.store.database import Database, Location
from app.store.sizes import set_limits
from app.vault import MemoryVault
from tests.beginning import begin

GARBLED = {"garbled": True}
"""A row that cannot be read, though its key can."""


@dataclass
class ToySis:
    """What the SIS holds, and how it behaves."""

    rows: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    dead: dict[str, dict[str, int]] = field(default_factory=dict)
    touched: dict[tuple[str, str], int] = field(default_factory=dict)
    clock: int = 0
    page: int = 3
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)
    totals: bool = True
    by_key: bool = True
    concurrency: int = 1
    scope: str = "all"
    extra_total: int = 0
    keyless: int = 0
    hidden: set[tuple[str, str]] = field(default_factory=set)
    """Rows that no list shows, though they can be read by their key."""
    forbidden: set[tuple[str, str]] = field(default_factory=set)
    """Rows that are as if they were not there, in lists and by key."""
    moves: list[tuple[str, str, str]] = field(default_factory=list)
    """Keys that changed since the last pull: (entity, old, new)."""
    restart_at: int | None = None
    """Once: the page (counted from 1) before which the stream starts again."""
    hook: Callable[[str], None] = lambda url: None
    asked: list[str] = field(default_factory=list)
    writable: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What may be done to an entity: of ``create``, ``update``, ``delete``."""
    written: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The fields of an entity that may be written, where that is not all."""
    allots: set[str] = field(default_factory=set)
    """Entities whose new records get keys from the SIS."""
    new: dict[str, tuple[New, ...]] = field(default_factory=dict)
    """Which new records of an entity may be taken, where that is not any."""
    refuses: dict[str, str] = field(default_factory=dict)
    """Entities of which no write is taken, with the words that say so."""
    rounds: bool = False
    """Numbers are kept without what follows the point."""
    careless: bool = False
    """What goes wrong after a write is raised by the kind as if nothing had been written."""
    loses: int = 0
    """Of so many writes to come the answer is lost, though they are kept."""
    evidence: str = ""
    """What its answers are read from, as pages tell it."""
    prepares: Callable[[], None] | None = None
    """What its connectors do, once answered, before they tell what they can do."""
    learnt: State = field(default_factory=dict)
    """What its connectors say that they have learnt."""
    knew: list[State] = field(default_factory=list)
    """What each connector that was opened knew to begin with."""
    wrote: list[tuple[str, str, str]] = field(default_factory=list)
    """The writes that were kept: (method, entity, key)."""

    def put(self, entity: str, key: str, **values: Any) -> None:
        """Adds or replaces a row."""
        self.clock += 1
        self.rows.setdefault(entity, {})[key] = values
        self.dead.setdefault(entity, {}).pop(key, None)
        self.touched[entity, key] = self.clock

    def change(self, entity: str, key: str, **values: Any) -> None:
        """Changes fields of a row."""
        self.put(entity, key, **{**self.rows[entity][key], **values})

    def vanish(self, entity: str, *keys: str) -> None:
        """Rows go without a word."""
        for key in keys:
            del self.rows[entity][key]

    def end(self, entity: str, key: str) -> None:
        """A row becomes a tombstone."""
        self.clock += 1
        del self.rows[entity][key]
        self.dead.setdefault(entity, {})[key] = self.clock
        self.touched[entity, key] = self.clock

    def rekey(self, entity: str, *moves: tuple[str, str]) -> None:
        """Rows get other keys, all at once."""
        rows = {new: self.rows[entity].pop(old) for old, new in moves}
        for key, row in rows.items():
            self.put(entity, key, **row)
        self.moves += [(entity, *move) for move in moves]

    def write(self, method: str, url: str, body: bytes | None) -> tuple[int, dict[str, Any]]:
        """What the SIS says to a write."""
        parts = urlsplit(url)
        entity, key = parts.path.strip("/"), parts.query.partition("=")[2]
        if entity in self.refuses:
            return 422, {"words": self.refuses[entity]}
        if method == "POST":
            # Never one that it has given before.
            key = f"{entity}-{sum(of == entity for of, _ in self.touched) + 1}"
        if method == "DELETE":
            self.end(entity, key)
        else:
            told = json.loads(body or b"{}")
            if self.rounds:
                told = {k: int(v) if isinstance(v, float) else v for k, v in told.items()}
            self.put(entity, key, **told)
        self.wrote.append((method, entity, key))
        if self.loses:
            self.loses -= 1
            raise TransientError("toy_answer_lost")
        return 200, {"key": key}

    def answer(self, url: str) -> tuple[int, dict[str, Any]]:
        """What the SIS says to a request."""
        parts = urlsplit(url)
        entity = parts.path.strip("/")
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if "key" in asked:
            key = asked["key"]
            if (entity, key) in self.forbidden:
                return 404, {}
            if key in self.rows.get(entity, {}):
                return 200, {"key": key, "row": self.rows[entity][key]}
            return (410 if key in self.dead.get(entity, {}) else 404), {}
        if "class" in asked:
            seats = self.rows.get(entity, {}).items()
            unseen = self.hidden | self.forbidden
            return 200, {
                "dead": sorted(self.dead.get(entity, {})),
                "keyless": self.keyless,
                "rows": [
                    [key, row]
                    for key, row in sorted(seats)
                    if row.get("class", asked["class"]) == asked["class"]
                    and (entity, key) not in unseen
                ],
            }
        if "like" in asked:
            return 200, {"rows": list(self.rows.get(entity, {}).items())}
        since = int(asked.get("since", -1))
        keys = sorted(
            key
            for key in (*self.rows.get(entity, {}), *self.dead.get(entity, {}))
            if self.touched[entity, key] > since
            and (entity, key) not in self.hidden | self.forbidden
        )
        rest = [key for key in keys if key > asked.get("after", "")]
        shown = rest[: self.page]
        return 200, {
            "rows": [
                [key, self.rows[entity][key]] for key in shown if key in self.rows.get(entity, {})
            ],
            "dead": [key for key in shown if key in self.dead.get(entity, {})],
            "total": len(keys) + self.extra_total + self.keyless if self.totals else None,
            "more": len(rest) > len(shown),
            "clock": self.clock,
            "keyless": self.keyless if "after" not in asked else 0,
        }


class ToyTransport:
    """Carries the kinds' requests to the SIS of the host's name."""

    def __init__(self, places: Mapping[str, ToySis]) -> None:
        self._places = places

    def send(self, request: Request, cancel: Event) -> Response:
        """The SIS's answer; the hook may raise instead."""
        sis = self._places[urlsplit(request.url).hostname or ""]
        sis.asked.append(request.url)
        sis.hook(request.url)
        if request.method == "GET":
            status, body = sis.answer(request.url)
        else:
            status, body = sis.write(request.method, request.url, request.body)
        return Response(status, {}, json.dumps(body).encode(), request.url)

    def close(self) -> None:
        """Nothing to close."""


class ToySettings(msgspec.Struct, frozen=True):
    """The toy needs to know nothing."""

    note: str = ""


@dataclass
class ToyConnector:
    """Speaks to the toy SIS."""

    sis: ToySis
    io: Io
    host: str = "toy"

    def check(self) -> Asking[Any]:
        """One finding."""
        yield Request("GET", f"http://{self.host}/orgs")
        return [Finding("toy_answers", Grade.GOOD)]

    def prepare(self) -> Asking[Any]:
        """Asks where a test wants it to, and does what the test says."""
        if self.sis.prepares is not None:
            yield Request("GET", f"http://{self.host}/prepare")
            self.sis.prepares()

    def capabilities(self) -> Mapping[str, Capability]:
        """Every entity the SIS has rows of, in the roster's order."""
        return {
            entity: Capability(
                self._fields(entity),
                incremental=True,
                tombstones=True,
                by_key=self.sis.by_key,
                writes=frozenset(writes := self.sis.writable.get(entity, ())),
                written=frozenset(
                    self.sis.written.get(entity, self._fields(entity)) if writes else ()
                ),
                allots_keys=entity in self.sis.allots,
                beside=("demographics",) if entity in self.sis.new else (),
                new=self.sis.new.get(entity),
                concurrency=self.sis.concurrency,
            )
            for entity in ENTITIES
            if entity in self.sis.rows
        }

    def learnt(self) -> State:
        """What a test says it has learnt."""
        return self.sis.learnt

    def _fields(self, entity: str) -> tuple[str, ...]:
        return self.sis.fields.get(entity, ENTITIES[entity].field_names)

    def count(self, entity: str) -> Count:
        """The toy does not say."""
        yield from ()
        return None

    def pull(self, entity: str, since: State | None, shelf: Shelf) -> Pull:
        """Keyset paging; the state holds the last key, the bound and what was asked."""
        state = dict(since or {})
        query = f"since={state['since']}" if "since" in state else ""
        number = 0
        request = self._request(entity, query, state.get("after"))
        while True:
            number += 1
            answer = yield request
            assert answer is not None
            told = json.loads(answer.body)
            restarts = False
            if self.sis.restart_at == number:
                self.sis.restart_at = None
                state.pop("after", None)
                request = self._request(entity, query, None)
                answer = yield request
                assert answer is not None
                told, restarts = json.loads(answer.body), True
            state.setdefault("bound", told["clock"])
            keys = [key for key, _ in told["rows"]] + told["dead"]
            if keys:
                state["after"] = max(keys)
            last = not told["more"]
            if not last:
                request = self._request(entity, query, state["after"])
                yield Ahead(request)
            raws = [json.dumps(row, sort_keys=True).encode() for _, row in told["rows"]]
            rows = told["rows"]
            yield Page(
                entity,
                self._fields(entity),
                keys=[key for key, _ in rows],
                digests=[row_digest(raw, self.io.salt) for raw in raws],
                read=self._reader(entity, rows),
                state={"since": state["bound"]} if last else dict(state),
                last=last,
                full="since" not in state,
                scope=f"{self.sis.scope} changes" if "since" in state else self.sis.scope,
                tombstones=told["dead"],
                rekeys=self._moves(entity),
                unreadable=[Unreadable(None, b"?", "no key")] * told["keyless"],
                received=len(keys),
                total=told["total"],
                restarts=restarts,
                doubts=[Doubt("toy_doubt")] if self.sis.scope == "doubtful" else [],
                evidence=self.sis.evidence,
            )
            if last:
                return

    def roll(self, class_key: str, shelf: Shelf) -> Pull:
        """All that the SIS lists of the class, on one page, with the tombstones of all classes."""
        entity = "enrollments"
        answer = yield Request("GET", f"http://{self.host}/{entity}?class={class_key}")
        assert answer is not None
        told = json.loads(answer.body)
        rows = told["rows"]
        yield Page(
            entity,
            self._fields(entity),
            keys=[key for key, _ in rows],
            tombstones=told["dead"],
            unreadable=[Unreadable(None, b"?", "no key")] * told["keyless"],
            digests=[
                row_digest(json.dumps(row, sort_keys=True).encode(), self.io.salt)
                for _, row in rows
            ],
            read=self._reader(entity, rows),
            state={},
            last=True,
            full=False,
            scope=self.sis.scope,
            received=len(rows),
            doubts=[Doubt("toy_doubt")] if self.sis.scope == "doubtful" else [],
        )

    def fetch(self, entity: str, key: str, shelf: Shelf) -> Fetch:
        """One row by key."""
        return self.read(entity, key)

    def read(self, entity: str, key: str) -> Fetch:
        """One row by key, whoever asks."""
        answer = yield Request("GET", self._at(entity, key))
        if answer.status == 404:
            return Gone.NOT_FOUND
        if answer.status == 410:
            return Gone.TOMBSTONE
        return self._row(entity, key, json.loads(answer.body)["row"])

    def push(self, change: Change, shelf: Shelf) -> Push:
        """Reads, compares, writes, reads back; a create whose key is allotted is only sent."""
        entity, key = change.entity, change.key
        if change.action == "create" and entity in self.sis.allots:
            return (yield from self._sent("POST", change, f"http://{self.host}/{entity}", {}))
        found = yield from self.read(entity, key)
        if isinstance(found, Unreadable):
            return PushResult(Outcome.REFUSED, words=found.reason)
        row = found if isinstance(found, Row) else None
        if self._arrived(change, found):
            return PushResult(Outcome.DONE, row=row)
        new = change.action == "create" and found is Gone.NOT_FOUND
        if not new and (row is None or change.action == "create" or self._moved(change, row)):
            return PushResult(Outcome.MOVED, row=row)
        method = "DELETE" if change.action == "delete" else "PUT"
        kept = self.sis.rows[entity].get(key, {})
        return (yield from self._sent(method, change, self._at(entity, key), kept))

    def confirm(self, change: Change, shelf: Shelf) -> Push:
        """Looks by key, or by everything that was sent where the SIS allots the key."""
        entity, key = change.entity, change.key
        if change.action == "create" and entity in self.sis.allots:
            answer = yield Request("GET", f"http://{self.host}/{entity}?like=1")
            told = [self._row(entity, *one) for one in json.loads(answer.body)["rows"]]
            same = [
                row
                for row in told
                if isinstance(row, Row)
                and change.patch.items() <= self._values(entity, row).items()
            ]
            if len(same) > 1:
                return PushResult(Outcome.UNKNOWN)
            if not same:
                return PushResult(Outcome.MOVED)
            return PushResult(Outcome.DONE, same[0].key, same[0])
        found = yield from self.read(entity, key)
        outcome = Outcome.DONE if self._arrived(change, found) else Outcome.MOVED
        return PushResult(outcome, row=found if isinstance(found, Row) else None)

    def _arrived(self, change: Change, found: Row | Unreadable | Gone) -> bool:
        if change.action == "delete":
            return isinstance(found, Gone)
        return (
            isinstance(found, Row)
            and change.patch.items() <= self._values(change.entity, found).items()
        )

    def _moved(self, change: Change, row: Row) -> bool:
        values = self._values(change.entity, row)
        return any(
            values[name] not in (was, change.patch.get(name, was))
            for name, was in change.base.items()
        )

    def _sent(self, method: str, change: Change, url: str, kept: Mapping[str, Any]) -> Push:
        body = json.dumps({**kept, **change.patch}).encode()
        try:
            answer = yield Request(method, url, body=body, repeatable=False)
        except RateLimited:
            raise
        except SyncError:
            return PushResult(Outcome.UNKNOWN)
        told = json.loads(answer.body)
        if answer.status != 200:
            return PushResult(Outcome.REFUSED, words=told["words"])
        try:
            now = yield from self.read(change.entity, told["key"])
        except SyncError:
            if self.sis.careless:
                raise
            return PushResult(Outcome.UNKNOWN, told["key"])
        return PushResult(Outcome.DONE, told["key"], now if isinstance(now, Row) else None)

    def _at(self, entity: str, key: str) -> str:
        return f"http://{self.host}/{entity}?key={key}"

    def _values(self, entity: str, row: Row) -> dict[str, Any]:
        return dict(zip(self._fields(entity), row.patch, strict=True))

    def _request(self, entity: str, query: str, after: str | None) -> Request:
        tail = f"&after={after}" if after else ""
        return Request("GET", f"http://{self.host}/{entity}?{query}{tail}")

    def _moves(self, entity: str) -> list[Rekey]:
        found = [Rekey(old, new) for of, old, new in self.sis.moves if of == entity]
        self.sis.moves = [move for move in self.sis.moves if move[0] != entity]
        return found

    def _reader(self, entity: str, rows: list[tuple[str, dict[str, Any]]]) -> ReadRows:
        return lambda places: [self._row(entity, *rows[n]) for n in places]

    def _row(self, entity: str, key: str, row: dict[str, Any]) -> Row | Unreadable:
        if row == GARBLED:
            return Unreadable(key, b"garbled", "garbled")
        values, warnings = [], []
        for name in self._fields(entity):
            try:
                values.append(ENTITIES[entity].by_name[name].kind.normal(row.get(name)))
            except Unfit:
                values.append(UNSAID)
                warnings.append((name, "unfit"))
        return Row(key, tuple(values), None, tuple(warnings))


@dataclass
class ToyKind:
    """The kind; ``mapping`` is what its mapping version says."""

    sis: ToySis
    mapping: str = "1"
    name: str = "toy"
    label: str = "Toy"
    settings: type[msgspec.Struct] = ToySettings
    secrets: tuple[SecretName, ...] = ()
    presets: tuple[Preset, ...] = ()

    def mapping_version(self, settings: Any) -> str:
        """What a test says it is."""
        return self.mapping

    def source(self, settings: Any) -> str:
        """What the settings note."""
        return str(settings.note)

    def open(self, settings: Any, secrets: Mapping[str, str], io: Io) -> ToyConnector:
        """A connector to the SIS."""
        self.sis.knew.append(io.learnt)
        return ToyConnector(self.sis, io, self.name)


class WatchedLoop(Loop):
    """Knows what was begun on it, so that it can be cut off."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[Steps] = []

    def start(self, steps: Steps) -> None:
        """Begins to run them."""
        self.begun.append(steps)
        super().start(steps)


@dataclass
class District:
    """An engine with a connector ``toy``, and maybe one ``other``, on a database of its own."""

    sis: ToySis
    database: Database
    engine: Engine
    loop: WatchedLoop
    kind: ToyKind
    time: list[datetime]
    vault: MemoryVault
    world: World
    second: ToySis | None = None

    @property
    def other(self) -> ToySis:
        """What the connector ``other`` speaks to."""
        assert self.second is not None
        return self.second

    @property
    def folder(self) -> Path:
        """The data folder."""
        return self.database.location.path.parent

    def die(self) -> None:
        """The process is gone in the middle of all it does; another one begins on its data.

        What was under way is left where it stands: nothing of it writes another word.
        """
        for steps in self.loop.begun:
            steps.close()
        self.loop = WatchedLoop()
        self.engine = Engine(self.world, self.loop)

    def another(self, database: Database, loop: Loop) -> Engine:
        """The engine of a second process that opened the same database."""
        return Engine(replace(self.world, database=database), loop)

    def sync(self, name: str = "toy", *, full: bool = False) -> reads.RunRow:
        """One whole sync; the run as the history shows it."""
        run = self.engine.start(name, full=full)
        self.loop.run(until=lambda: not self.engine.busy)
        return reads.run(self.database, run)

    def steps(self, run: int) -> Iterator[None]:
        """Lets a run started by hand go on, a loop turn at a time."""
        while self.engine.busy:
            self.loop.run(until=self._one_turn())
            yield

    def _one_turn(self) -> Callable[[], bool]:
        turns = iter([False])
        return lambda: next(turns, True) or not self.engine.busy

    def without_limits(self) -> None:
        """Lets everything flow from now on: this test is about something else."""
        figures = dict.fromkeys(("removals", "changes", "blanks", "logins", "staff"), 1.0)
        limits = Limits().with_figure("shrink", 0.0)
        for name in ("emptied_class", "emptied_school"):
            limits = limits.with_figure(name, 1_000_000)
        for name, share in figures.items():
            limits = limits.with_figure(name, share)
        connectors = reads.connectors(self.database)
        with self.database.writing() as tx:
            for connector in connectors:
                set_limits(tx, connector.id, str(limits))

    def with_limits(self, **figures: float) -> None:
        """Limits are as they are to begin with, but for these figures."""
        limits = Limits()
        for name, value in figures.items():
            limits = limits.with_figure(name, value)
        connectors = reads.connectors(self.database)
        with self.database.writing() as tx:
            for connector in connectors:
                set_limits(tx, connector.id, str(limits))

    def pass_time(self, **span: float) -> None:
        """Moves the clock."""
        self.time[0] += timedelta(**span)

    def log(self, run: int) -> list[str]:
        """The codes of a run's log."""
        return [line.code for line in reads.run_log(self.database, run)]

    def id(self, entity: str, key: str) -> int:
        """The record id of a key."""
        with self.database.reading() as tx:
            row = tx.one(
                "SELECT record FROM links JOIN streams ON streams.id = stream "
                "WHERE entity = ? AND key = ?",
                (entity, key),
            )
        assert row is not None
        return int(row[0])

    def values(self, entity: str, key: str) -> Mapping[str, Any]:
        """The values of the record of a key, as they stand."""
        return reads.record(self.database, entity, self.id(entity, key)).record.values

    def everything(self) -> dict[str, dict[str, Any]]:
        """All the database says of records, by key: what two ways of syncing must agree on."""
        found: dict[str, dict[str, Any]] = {}
        with self.database.reading() as tx:
            keys = {
                record: (entity, key, alive)
                for record, entity, key, alive in tx.rows(
                    "SELECT record, entity, key, alive FROM links "
                    "JOIN streams ON streams.id = stream"
                )
            }
            items = list(
                tx.rows(
                    "SELECT links.record, action, state, reason FROM items "
                    "JOIN links ON links.id = items.link"
                )
            )
        named = {record: f"{entity}/{key}" for record, (entity, key, _) in keys.items()}
        for entity, key, alive in keys.values():
            found[f"{entity}/{key}"] = {"link": alive, "items": []}
        for entity in self.sis.rows:
            for row in reads.records(
                self.database, entity, reads.record_ids(self.database, entity, ended=True)
            ):
                told = dict(row.values)
                for one in ENTITIES[entity].fields:
                    if one.references and not one.kind.is_list:
                        told[one.name] = named.get(told[one.name])
                    elif one.references:
                        told[one.name] = json.dumps(told[one.name], default=str) and sorted(
                            str([named.get(p, p) for p in (x if isinstance(x, tuple) else (x,))])
                            for x in told[one.name] or ()
                        )
                found[named[row.id]].update(told, alive=row.alive)
        for record, *item in items:
            found[named[record]]["items"].append(item)
        return found


def fill(sis: ToySis, people: int = 10) -> ToySis:
    """A small district: two schools, classes, people, enrollments."""
    for n in (1, 2):
        sis.put("orgs", f"o{n}", name=f"School {n}", type="school", identifier=f"{n:04d}")
    for n in range(4):
        sis.put("classes", f"c{n}", title=f"Class {n}", school=f"o{n % 2 + 1}")
    for n in range(people):
        sis.put(
            "users",
            f"u{n:03d}",
            given_name=f"Given {n}",
            family_name=f"Family {n}",
            enabled_user=True,
            email=f"u{n}@district.example",
            roles=[{"role": "student", "org": f"o{n % 2 + 1}", "role_type": "primary"}],
            grades=["09"],
        )
        sis.put(
            "enrollments",
            f"e{n:03d}",
            user=f"u{n:03d}",
            **{"class": f"c{n % 4}"},
            school=f"o{n % 2 + 1}",
            role="student",
            begin_date="2026-08-17",
            end_date="2027-06-04",
        )
    return sis


@contextmanager
def district(
    folder: Path,
    sis: ToySis | None = None,
    kind: ToyKind | None = None,
    vault: MemoryVault | None = None,
    other: ToySis | None = None,
) -> Iterator[District]:
    """Opens a district on the database in ``folder``, made when it is not there.

    With ``other`` there is a second connector of that name, to that SIS.
    """
    sis = sis if sis is not None else (kind.sis if kind else fill(ToySis()))
    kind = kind or ToyKind(sis)
    vault = vault or MemoryVault()
    kinds = {kind.name: kind}
    if other is not None:
        kinds["other"] = ToyKind(other, name="other")
    places = {one.name: one.sis for one in kinds.values()}
    time = [datetime(2026, 9, 7, 2, 0, tzinfo=UTC)]
    begin(folder)
    with Database(Location.of(folder)) as database:
        loop = WatchedLoop()
        world = World(
            database=database,
            vault=vault,
            kinds=kinds,
            clock=lambda: time[0],
            random=random.Random(1),
            open_transport=lambda: ToyTransport(places),
            locks=folder / "locks",
            author="test",
            exporters={EXPORTER.name: EXPORTER},
        )
        engine = Engine(world, loop)
        for name in kinds:
            engine.save_connector(name, name, {})
        yield District(sis, database, engine, loop, kind, time, vault, world, other)


def failing(after: int, error: SyncError) -> Callable[[str], None]:
    """A hook that lets ``after`` requests pass and then fails."""
    left = iter(range(after))

    def hook(url: str) -> None:
        if next(left, None) is None:
            raise error

    return hook


def sums(run: reads.RunRow) -> dict[str, int]:
    """The counts of a run over all streams, without the zeros."""
    names: Iterable[str] = run.streams[0].counts if run.streams else ()
    return {name: total for name in names if (total := run.total(name))}
