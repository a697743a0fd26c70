"""The suite that every kind of connector must pass, ours and third parties' alike.

Give a ``Subject``: the kind, settings that work and settings that do not, and what makes
transports. Each function in ``CHECKS`` opens connectors of its own, drives them against the
service and returns a sentence, or raises ``NotConforming`` with one. The service should hold a
small district that stands still meanwhile; choose ``page_size`` so that some stream has several
pages. Under pytest, ``@pytest.mark.parametrize("check", CHECKS)`` makes each a test of its own, but
nothing here needs a test framework. Faults are put between the service and the connector, as
the network and odd services would.
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from logging.handlers import BufferingHandler
from random import SystemRandom
from threading import Event
from typing import Any
from uuid import uuid4

import msgspec

from app.connectors.contract import (
    Ahead,
    Capability,
    Change,
    Connector,
    Finding,
    Gone,
    Grade,
    Io,
    Kind,
    Outcome,
    Page,
    Prepared,
    PushResult,
    Request,
    Response,
    Rolled,
    Row,
    Searched,
    State,
    Transport,
    Unreadable,
)
from app.errors import SyncError, TransientError
from app.roster.entities import ENTITIES
from app.roster.values import UNSAID, Date, Number, Text
from app.roster.values import Kind as ValueKind


class NotConforming(AssertionError):
    """The connector breaks the contract; the text says how."""


@dataclass(frozen=True)
class Subject:
    """What is examined, and where."""

    kind: Kind
    settings: Any
    secrets: Mapping[str, str] = field(repr=False)
    bad: Sequence[tuple[Any, Mapping[str, str]]] = field(repr=False)
    """Settings and secrets that the service must not accept."""
    transports: Callable[[], Transport]
    page_size: int = 25
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def open(self, settings: Any = None, secrets: Mapping[str, str] | None = None) -> Connector:
        """A connector of the kind, by default with the settings that work."""
        # No seed: a service that is asked again takes no signature for a second time.
        io = Io(self.clock, SystemRandom(), Event(), b"conformance-salt", self.page_size)
        connector = self.kind.open(
            self.settings if settings is None else settings,
            self.secrets if secrets is None else secrets,
            io,
        )
        if isinstance(connector, Prepared):
            with closing(self.transports()) as transport, suppress(SyncError):
                run(connector.prepare(), transport)
        return connector


# -- driving a connector --------------------------------------------------------------------------


@dataclass
class Pulled:
    """What a pull yielded, with every row read, and the error it ended in, if any."""

    pages: list[Page] = field(default_factory=list)
    rows: dict[str, Row | Unreadable] = field(default_factory=dict)
    tombstones: set[str] = field(default_factory=set)
    error: SyncError | None = None
    shelves: list["Bench"] = field(default_factory=list)
    """What was on the shelf after each page: what a resumed pull finds there."""

    def take(self, page: Page, shelf: "Bench | None" = None) -> None:
        """Counts in a page; one that begins anew replaces what came before."""
        self.shelves.append(Bench() if shelf is None else shelf.copy())
        if page.restarts:
            self.rows.clear()
            self.tombstones.clear()
        self.pages.append(page)
        for key, row in zip(page.keys, page.read(range(len(page.keys))), strict=True):
            self.rows[key] = row
        self.tombstones.update(page.tombstones)

    def uncertainties(self) -> list[str]:
        """Why this pull proves nothing; empty where it could earn proof (SEMANTICS C5)."""
        found = [f"error {self.error.code}"] if self.error else []
        found += [f"doubt {doubt.code}" for page in self.pages for doubt in page.doubts]
        found += ["read again from the beginning" for page in self.pages if page.restarts]
        rows = [row for page in self.pages for row in page.unreadable]
        found += ["a row without a key" for row in rows if row.key is None]
        if not self.pages or not self.pages[-1].last:
            found.append("no last page")
        if any(not page.full for page in self.pages):
            found.append("changes only")
        if len({page.scope for page in self.pages}) > 1:
            found.append("the scope changed")
        stated = {page.total for page in self.pages if page.total is not None}
        seen = len(self.rows.keys() | self.tombstones) + len(rows)
        if len(stated) > 1 or (stated and stated != {seen}):
            found.append("the total is not met")
        return found


class Bench:
    """A shelf in memory, for connectors that keep parts of records between pages."""

    def __init__(self, parts: Mapping[tuple[str, str], bytes] | None = None) -> None:
        self._parts = dict(parts or {})

    def copy(self) -> "Bench":
        """A shelf with the same on it."""
        return Bench(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def put(self, part: str, key: str, body: bytes) -> None:
        self._parts[part, key] = body

    def take(self, part: str, keys: Any) -> dict[str, bytes]:
        return {key: self._parts[part, key] for key in keys if (part, key) in self._parts}

    def drop(self, part: str, keys: Any) -> None:
        for key in keys:
            self._parts.pop((part, key), None)

    def after(self, part: str, key: str, count: int) -> list[tuple[str, bytes]]:
        found = [(at, body) for (of, at), body in self._parts.items() if of == part and at > key]
        return sorted(found)[:count]


def run(steps: Any, transport: Transport, took: Callable[[Page], None] | None = None) -> Any:
    """Drives a generator of a connector to its end and returns what it returns.

    A request announced ahead is sent at once, as the engine does, and its answer is kept until the
    same request is yielded.
    """
    ahead: tuple[Request, Response | SyncError] | None = None
    answer: Response | SyncError | None = None
    try:
        while True:
            failed = isinstance(answer, SyncError)
            step = steps.throw(answer) if failed else steps.send(answer)
            answer = None
            if isinstance(step, Ahead):
                ahead = step.request, _sent(step.request, transport)
            elif isinstance(step, Page):
                if took is None:
                    raise NotConforming("Only a pull may yield pages.")
                took(step)
            elif ahead is not None and ahead[0] is step:
                answer, ahead = ahead[1], None
            else:
                answer = _sent(step, transport)
    except StopIteration as end:
        return end.value
    finally:
        steps.close()


def _sent(request: Request, transport: Transport) -> Response | SyncError:
    try:
        return transport.send(request, Event())
    except SyncError as error:
        return error


def run_pull(
    connector: Connector,
    entity: str,
    since: State | None,
    transport: Transport,
    shelf: Bench | None = None,
) -> Pulled:
    """Drives one pull to its end, or to its error, which is kept.

    It works with a copy of the ``shelf``, or with an empty one.
    """
    pulled, bench = Pulled(), Bench() if shelf is None else shelf.copy()
    try:
        run(
            connector.pull(entity, since, bench),
            transport,
            lambda page: pulled.take(page, bench),
        )
    except SyncError as error:
        pulled.error = error
    return pulled


def _whole(subject: Subject, entity: str, transport: Transport) -> Pulled:
    pulled = run_pull(subject.open(), entity, None, transport)
    if pulled.error is not None:
        raise NotConforming(f"Reading {entity} ended in an error: {pulled.error}")
    return pulled


def _entities(subject: Subject) -> list[str]:
    return list(subject.open().capabilities())


def _require(holds: object, sentence: str) -> None:
    if not holds:
        raise NotConforming(sentence)


# -- the checks -----------------------------------------------------------------------------------


def good_settings_pass(subject: Subject) -> str:
    """*Test connection* finds nothing bad with settings that work."""
    with closing(subject.transports()) as transport:
        findings: list[Finding] = run(subject.open().check(), transport)
    bad = [finding.code for finding in findings if finding.grade is Grade.BAD]
    _require(findings, "Testing good settings found nothing to say.")
    _require(not bad, f"Testing good settings found faults: {bad}")
    return f"Good settings pass, with {len(findings)} findings."


def bad_settings_are_found(subject: Subject) -> str:
    """Settings that cannot work are a finding, or refused when opened with a ``SyncError``."""
    for settings, secrets in subject.bad:
        with closing(subject.transports()) as transport:
            try:
                findings = run(subject.open(settings, secrets).check(), transport)
            except SyncError as error:
                _require(error.category == "config", f"Bad settings raised {error}")
                continue
        _require(
            any(finding.grade is Grade.BAD for finding in findings),
            f"Settings that cannot work passed the test: {findings}",
        )
    return f"{len(subject.bad)} bad settings were found out."


def pages_keep_the_contract(subject: Subject) -> str:
    """Pages say the same thing throughout, in normal form, and end once."""
    rows = 0
    with closing(subject.transports()) as transport:
        for entity, capability in subject.open().capabilities().items():
            pulled = _whole(subject, entity, transport)
            _require(pulled.pages and pulled.pages[-1].last, f"{entity} did not end.")
            for page in pulled.pages:
                _page_keeps_the_contract(page, entity, capability.fields)
            _require(
                sum(page.last for page in pulled.pages) == 1, f"{entity} has several last pages."
            )
            again = _whole(subject, entity, transport)
            _require(again.rows == pulled.rows, f"{entity} read twice is not the same.")
            scopes = {page.scope for page in (*pulled.pages, *again.pages)}
            _require(len(scopes) == 1, f"The scope of {entity} is not constant: {scopes}")
            rows += len(pulled.rows)
    return f"{rows} rows are in normal form, page by page."


def _page_keeps_the_contract(page: Page, entity: str, fields: tuple[str, ...]) -> None:
    declared = ENTITIES[entity].by_name
    _require(page.entity == entity, f"A page of {entity} says it is of {page.entity}.")
    _require(page.full, f"A whole read of {entity} has a page that is not.")
    _require(page.fields == fields, f"The fields of {entity} differ from its capability.")
    _require(
        len(page.keys) == len(page.digests) == len(set(page.keys)),
        f"Keys and digests of {entity} do not run side by side, or a key is repeated.",
    )
    _require(not set(page.keys) & set(page.tombstones), f"{entity} has rows both dead and alive.")
    for key, row in zip(page.keys, page.read(range(len(page.keys))), strict=True):
        _require(row.key == key, f"A row of {entity} has another key than its page says.")
        if isinstance(row, Unreadable):
            continue
        _require(len(row.patch) == len(fields), f"A patch of {entity} has the wrong length.")
        for name, value in zip(fields, row.patch, strict=True):
            _require(
                value is UNSAID or declared[name].kind.normal(value) == value,
                f"{entity}.{name} is not in normal form.",
            )


def states_resume(subject: Subject) -> str:
    """Reading on from any page, in a new connector, gives what an unbroken read gives."""
    resumed = 0
    with closing(subject.transports()) as transport:
        for entity in _entities(subject):
            whole = _whole(subject, entity, transport)
            for place, page in enumerate(whole.pages[:-1]):
                before = Pulled()
                for earlier in whole.pages[: place + 1]:
                    before.take(earlier)
                state, shelf = _stored(page.state), whole.shelves[place]
                rest = run_pull(subject.open(), entity, state, transport, shelf)
                _require(rest.error is None, f"Resuming {entity} failed: {rest.error}")
                _require(
                    before.rows | rest.rows == whole.rows
                    and before.tombstones | rest.tombstones == whole.tombstones,
                    f"{entity}, resumed after page {place + 1}, is not the same as unbroken.",
                )
                _require(rest.pages[-1].last, f"{entity}, resumed, did not end.")
                _require(
                    before.rows.keys().isdisjoint(rest.rows) or rest.pages[0].restarts,
                    f"{entity}, resumed, reads what was read before without saying so.",
                )
                resumed += 1
    _require(resumed, "No stream has two pages: choose a smaller page size.")
    return f"{resumed} page boundaries resume."


def _stored(state: State) -> State:
    """The state as the database would give it back."""
    stored: State = json.loads(json.dumps(state, allow_nan=False))
    _require(stored == state, "A state is not plain JSON.")
    return stored


def nothing_changed_means_nothing_new(subject: Subject) -> str:
    """A pull of changes right after a whole read says nothing that the whole read did not."""
    with closing(subject.transports()) as transport:
        for entity in _entities(subject):
            whole = _whole(subject, entity, transport)
            state = _stored(whole.pages[-1].state)
            since = run_pull(subject.open(), entity, state, transport, whole.shelves[-1])
            _require(since.error is None, f"Changes of {entity} failed: {since.error}")
            _require(since.pages[-1].last, f"Changes of {entity} did not end.")
            _require(
                since.rows.items() <= whole.rows.items() and since.tombstones <= whole.tombstones,
                f"Changes of {entity} have news although nothing changed.",
            )
    return "A pull of changes has no news when there are none."


def records_are_read_by_key(subject: Subject) -> str:
    """Where offered, a record read by its key is the row that the collection had."""
    read = 0
    with closing(subject.transports()) as transport:
        for entity, capability in subject.open().capabilities().items():
            if not capability.by_key:
                continue
            for key, row in list(_whole(subject, entity, transport).rows.items())[:3]:
                found = run(subject.open().fetch(entity, key), transport)
                _require(found == row, f"{entity}, read by key, differs from the collection.")
                read += 1
            missing = run(subject.open().fetch(entity, "no such/key?"), transport)
            _require(missing is Gone.NOT_FOUND, f"{entity} has a record nobody made: {missing}")
    return f"{read} records were read by their key."


def records_are_found_by_going_through(subject: Subject) -> str:
    """Where offered, what a search finds under a key is the row that the collection has."""
    found = 0
    with closing(subject.transports()) as transport:
        connector = subject.open()
        if not isinstance(connector, Searched):
            return "No record is searched for."
        for entity in _entities(subject):
            rows = dict(list(_whole(subject, entity, transport).rows.items())[:3])
            if not rows:
                continue  # and maybe nothing is told of it at all
            keys = [*rows, "no such/key?"]
            told = run(connector.search(entity, keys, Bench()), transport)
            _require(
                told == {**rows, "no such/key?": Gone.NOT_FOUND},
                f"{entity}, searched for, differs from the collection.",
            )
            found += len(rows)
    _require(found, "Nothing could be searched for: are there any rows?")
    return f"{found} records were found."


def rolls_are_of_one_class(subject: Subject) -> str:
    """Where offered, the roll of a class is what the list of all enrollments has of that class."""
    if not isinstance(subject.open(), Rolled):
        return "The roll of a class is not offered."
    entity = "enrollments"
    place = subject.open().capabilities()[entity].fields.index("class")
    with closing(subject.transports()) as transport:
        listed: dict[str, dict[str, Row]] = {}
        whole = _whole(subject, entity, transport)
        for key, row in whole.rows.items():
            if isinstance(row, Row) and row.patch[place]:
                listed.setdefault(row.patch[place], {})[key] = row
        _require(listed, "No enrollment says of what class it is.")
        for class_key, rows in list(listed.items())[:3]:
            told = _rolled(subject, class_key, transport)
            _require(told.rows == rows, "A roll differs from the list of all enrollments.")
            _require(told.error is None and not _doubtful(told), "A good roll is doubted.")
            _require(not any(page.full for page in told.pages), "A roll passes for a whole read.")
            _require(
                {page.scope for page in told.pages} == {page.scope for page in whole.pages},
                "A roll has another scope than the list of all enrollments.",
            )
        missing = _rolled(subject, "no such/class?", transport)
        _require(
            not missing.rows and (missing.error or _doubtful(missing)),
            "A class nobody made has an empty roll that nothing casts a doubt on.",
        )
    class_key, rows = max(listed.items(), key=lambda one: len(one[1]))
    for what, (fault, spoils) in FAULTS.items():
        with closing(subject.transports()) as inner:
            told = _rolled(subject, class_key, _Between(inner, fault, spoils))
        _require(
            told.error or _doubtful(told) or told.rows == rows,
            f"A roll looks whole in spite of {what}.",
        )
    return "A roll has the enrollments of one class."


def _rolled(subject: Subject, class_key: str, transport: Transport) -> Pulled:
    """What the roll of a class yields, driven to its end or its error."""
    told, connector = Pulled(), subject.open()
    if not isinstance(connector, Rolled):
        raise NotConforming("The roll of a class is offered at one time only.")
    try:
        run(connector.roll(class_key, Bench()), transport, told.take)
    except SyncError as error:
        told.error = error
    return told


def _doubtful(told: Pulled) -> bool:
    """Whether somebody who is not on a roll may be in the class nevertheless."""
    ended = bool(told.pages) and told.pages[-1].last
    unsure = any(page.doubts or page.unreadable for page in told.pages)
    return unsure or not ended


def refused_writes_say_so(subject: Subject) -> str:
    """Where nothing can be written, a push is refused with words, not attempted."""
    for entity, capability in subject.open().capabilities().items():
        for action in {"create", "update", "delete"} - capability.writes:
            with closing(subject.transports()) as transport:
                result = run(subject.open().push(Change(entity, action, "1", {})), transport)
            _require(
                result.outcome is Outcome.REFUSED and result.words,
                f"{action} of {entity} is not offered, and not refused either.",
            )
    return "What cannot be written is refused."


# -- writing --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Trial:
    """A record made for a check, like one that is there, and a field of it to be changed."""

    create: Change
    name: str
    values: tuple[Any, Any, Any]
    """What the field says at first, then, and what it has never said."""
    fields: tuple[str, ...]
    written: Callable[..., PushResult]

    def push(
        self, action: str, key: str, to: Any, agreed: Any, connector: Connector | None = None
    ) -> PushResult:
        """Writes the field, of a group with all of its members; or deletes what was agreed on."""
        patch = self._group(to) if action == "update" else {}
        change = Change(self.create.entity, action, key, patch, self._group(agreed))
        return self.written(change, connector)

    def delete(self, key: str) -> PushResult:
        """Removes the record, whatever it holds by now."""
        return self.written(Change(self.create.entity, "delete", key, {}, {}))

    def _group(self, value: Any) -> dict[str, Any]:
        entity = ENTITIES[self.create.entity]
        group = entity.by_name[self.name].group
        members = [one.name for one in entity.fields if one.group == group]
        said = {name: self.create.patch.get(name) for name in members if name in self.fields}
        return {**said, self.name: value}


_SAID: Mapping[type[ValueKind], tuple[Any, Any, Any]] = {
    Text: ("Conformance", "Changed", "what is not there any more"),
    Date: ("2031-05-10", "2031-05-11", "2031-05-12"),
    Number: (11.0, 12.0, 13.0),
}
"""What is written of a kind of value; texts are tried first."""

_TRIED = 20
"""So many records are tried to make another one like them."""


def _trials(subject: Subject, transport: Transport) -> Iterator[_Trial]:
    """One for each entity that can be created, changed and deleted; what refers comes last.

    Where the key follows from what a record says, the one that it is like makes room for it, and is
    made anew in the end.
    """
    for entity, capability in subject.open().capabilities().items():
        if capability.writes < {"create", "update", "delete"}:
            continue
        rows = _whole(subject, entity, transport).rows.values()
        name, values = _written_field(entity, capability)
        for row in [row for row in rows if isinstance(row, Row)][:_TRIED]:
            told = zip(capability.fields, row.patch, strict=True)
            patch = {of: to for of, to in told if to is not None and to is not UNSAID}
            trial = _Trial(
                Change(entity, "create", _new_key(), {**patch, name: values[0]}),
                name,
                values,
                capability.fields,
                lambda change, connector=None: run(
                    (connector or subject.open()).push(change), transport
                ),
            )
            made_room = _made_room(trial)
            if made_room is not None:
                yield trial
                if made_room:
                    trial.written(Change(entity, "create", _new_key(), patch))
                break
        else:
            raise NotConforming(f"There is no {entity} to make another one like it.")


def _new_key() -> str:
    return f"conformance-{uuid4()}"


def _written_field(entity: str, capability: Capability) -> tuple[str, tuple[Any, Any, Any]]:
    """The field that is changed: a text that stands alone, else another one, the last of its kind,
    since the first may be part of what the record is known by."""
    fields = [one for one in ENTITIES[entity].fields if one.name in capability.written]
    texts = [one for one in fields if type(one.kind) is Text and one.group == one.name]
    others = [one for kind in _SAID for one in reversed(fields) if type(one.kind) is kind]
    _require(texts or others, f"Nothing simple of {entity} can be written.")
    field_ = (texts or others)[0]
    return field_.name, _SAID[type(field_.kind)]


def _made_room(trial: _Trial) -> bool | None:
    """Whether a record had to make room for the trial's; ``None`` where it could not.

    Nothing is left of what was made to find out.
    """
    probe = replace(trial.create, key=_new_key())
    result = trial.written(probe)
    if result.outcome is Outcome.DONE:
        removed = trial.delete(result.key or probe.key)
        return False if removed.outcome is Outcome.DONE else None
    if result.outcome is not Outcome.MOVED or result.row is None:
        return None
    return True if trial.delete(result.row.key).outcome is Outcome.DONE else None


def _made(trial: _Trial) -> str:
    """The key of the record, which is made now."""
    entity = trial.create.entity
    result = trial.written(trial.create)
    _require(result.outcome is Outcome.DONE, f"{entity} was not created: {result}")
    key = result.key or trial.create.key
    _require(result.row and result.row.key == key, f"{entity}, created, was not read back.")
    return key


def _value(trial: _Trial, row: Row | None) -> Any:
    """What a row says in the field that is changed."""
    return row and row.patch[trial.fields.index(trial.name)]


def writes_arrive(subject: Subject) -> str:
    """What is created, changed and deleted is so at the service, and once is enough (F3, F4)."""
    written = 0
    with closing(subject.transports()) as transport:
        for trial in _trials(subject, transport):
            entity, name = trial.create.entity, trial.name
            key = _made(trial)
            again = run(subject.open().confirm(trial.create), transport)
            if subject.open().capabilities()[entity].allots_keys:
                # There may be another one like it: then nobody can tell which is ours.
                adopted = again.outcome is Outcome.DONE and again.key == key
                sure = adopted or again.outcome is Outcome.UNKNOWN
            else:
                sure = again.outcome is Outcome.DONE and _made(trial) == key
            _require(sure, f"{entity}, created, is not found again: {again.outcome}")
            for _ in range(2):
                result = trial.push("update", key, trial.values[1], trial.values[0])
                _require(
                    result.outcome is Outcome.DONE and _value(trial, result.row) == trial.values[1],
                    f"{entity}.{name} was not written, or not read back.",
                )
            for _ in range(2):
                result = trial.delete(key)
                _require(result.outcome is Outcome.DONE, f"{entity} was not deleted: {result}")
            found = run(subject.open().fetch(entity, key), transport)
            _require(isinstance(found, Gone), f"{entity}, deleted, is still there.")
            written += 1
    return f"{written} record types can be written."


def others_edits_survive(subject: Subject) -> str:
    """What somebody else changed is neither overwritten nor deleted, but told (F2)."""
    tried = 0
    with closing(subject.transports()) as transport:
        for trial in _trials(subject, transport):
            key, (said, changed, never) = _made(trial), trial.values
            for action in ("update", "delete"):
                result = trial.push(action, key, changed, never)
                _require(
                    result.outcome is Outcome.MOVED and _value(trial, result.row) == said,
                    f"A {action} of {trial.create.entity} did not say what it found there.",
                )
            held = run(subject.open().fetch(trial.create.entity, key), transport)
            _require(
                isinstance(held, Row) and _value(trial, held) == said,
                f"A change of {trial.create.entity} by somebody else was overwritten.",
            )
            trial.delete(key)
            gone = trial.push("update", key, changed, said)
            _require(
                gone.outcome is Outcome.MOVED and gone.row is None,
                f"A change of {trial.create.entity} that is gone did not say so.",
            )
            tried += 1
    return f"Edits of {tried} record types by others survive."


def _record(told: Any) -> Any:
    """The record in a decoded body, where it may stand under its name."""
    return next(iter(told.values())) if len(told) == 1 else told


class _Foreign:
    """Puts a part that nobody maps into what is read, and keeps what is to be written."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self.listening = False
        self.written: list[Any] = []

    def send(self, request: Request, cancel: Event) -> Response:
        if self.listening and request.method != "GET":
            self.written.append(_record(msgspec.json.decode(request.body or b"{}")))
            raise TransientError("answer_cut_short", host="", path="")
        answer = self._inner.send(request, cancel)
        if not self.listening:
            return answer
        told = msgspec.json.decode(answer.body)
        for record in told if isinstance(told, list) else [_record(told)]:
            record["x-conformance"] = {"kept": [1, 2]}
        return replace(answer, body=msgspec.json.encode(told))

    def close(self) -> None:
        self._inner.close()


def foreign_parts_are_kept(subject: Subject) -> str:
    """What a record has besides the fields of a change is sent back as it was read (F2)."""
    kept = 0
    with closing(_Foreign(subject.transports())) as transport:
        connector = subject.open()
        for trial in _trials(subject, transport):
            key, entity = _made(trial), trial.create.entity
            run(connector.fetch(entity, key), transport)  # so that it has signed in
            transport.listening = True
            said, changed, _ = trial.values
            result = trial.push("update", key, changed, said, connector)
            transport.listening = False
            _require(
                result.outcome is Outcome.UNKNOWN,
                f"A change of {entity} whose answer was lost is said to be {result.outcome}.",
            )
            sent = transport.written[-1] if transport.written else {}
            _require(
                sent.get("x-conformance") == {"kept": [1, 2]}
                and (changed != _SAID[Text][1] or changed in json.dumps(sent)),
                f"A change of {entity} is not sent in the document that was read.",
            )
            transport.written.clear()
            trial.delete(key)
            kept += 1
    return f"Foreign parts of {kept} record types are kept."


# -- faults ---------------------------------------------------------------------------------------

Fault = Callable[[Response], Response]


class _Between:
    """Stands between service and connector: records what is asked, spoils chosen answers."""

    def __init__(self, inner: Transport, fault: Fault, spoils: Callable[[int], bool]) -> None:
        self._inner = inner
        self._fault = fault
        self._spoils = spoils
        self.reads = 0
        self.spoilt = 0
        self.asked: list[Request] = []

    def send(self, request: Request, cancel: Event) -> Response:
        self.asked.append(request)
        answer = self._inner.send(request, cancel)
        if request.method != "GET":
            return answer
        self.reads += 1
        if not self._spoils(self.reads):
            return answer
        spoilt = self._fault(answer)
        self.spoilt += spoilt is not answer
        return spoilt

    def close(self) -> None:
        self._inner.close()


def _broken(answer: Response) -> Response:
    raise TransientError("server_error", status=503, host="", path="")


def _cut(answer: Response) -> Response:
    return replace(answer, body=answer.body[: len(answer.body) * 2 // 3])


def _web_page(answer: Response) -> Response:
    return replace(answer, status=200, body=b"<!doctype html><title>Sign in</title>")


def _keyless_answer(answer: Response) -> Response:
    return replace(answer, status=200, body=b'{"message":"ok"}')


def _another_total(answer: Response) -> Response:
    total = answer.headers.get("x-total-count")
    if total is None:
        return answer
    return replace(answer, headers={**answer.headers, "x-total-count": str(int(total) + 1)})


def _shifted(answer: Response) -> Response:
    """Its first row is gone, as if a row before the offset had left meanwhile."""
    try:
        body = msgspec.json.decode(answer.body)
    except msgspec.DecodeError:
        return answer  # no pages of JSON: a file, say
    rows = body if isinstance(body, list) else next(iter(body.values()), None)
    if not isinstance(rows, list) or len(rows) < 2:
        return answer
    del rows[0]
    return replace(answer, body=msgspec.json.encode(body))


FAULTS: Mapping[str, tuple[Fault, Callable[[int], bool]]] = {
    "a server error at the first page": (_broken, lambda n: n == 1),
    "a server error later": (_broken, lambda n: n == 2),
    "a first answer cut short": (_cut, lambda n: n == 1),
    "a later answer cut short": (_cut, lambda n: n == 2),
    "a web page in place of the first page": (_web_page, lambda n: n == 1),
    "a web page in place of a later page": (_web_page, lambda n: n == 2),
    "a first page without its collection": (_keyless_answer, lambda n: n == 1),
    "a later page without its collection": (_keyless_answer, lambda n: n == 2),
    "a total that changes": (_another_total, lambda n: n > 1),
    "a list that shifts once": (_shifted, lambda n: n == 2),
    "a list that keeps shifting": (_shifted, lambda n: n > 1),
}


def faults_never_look_whole(subject: Subject) -> str:
    """An answer with something wrong in it never passes for a complete one (SEMANTICS C5)."""
    spoilt = 0
    for entity in _entities(subject):
        for what, (fault, spoils) in FAULTS.items():
            with closing(subject.transports()) as inner:
                transport = _Between(inner, fault, spoils)
                pulled = run_pull(subject.open(), entity, None, transport)
            happened = transport.spoilt or pulled.error is not None
            if not happened:
                continue  # too few pages for this fault
            _require(pulled.uncertainties(), f"{entity} looks whole in spite of {what}.")
            spoilt += 1
    _require(spoilt, "No fault could be put in: does the service have any rows?")
    return f"{spoilt} faults were noticed."


@contextmanager
def _all_logged() -> Iterator[BufferingHandler]:
    root, handler = logging.getLogger(), BufferingHandler(1_000_000)
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield handler
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def secrets_stay_secret(subject: Subject) -> str:
    """No secret and no token stands in a log line, an error, a finding, a state or a repr."""
    told: list[str] = []
    secrets: set[str] = set()
    with _all_logged() as logged:
        for settings, given in [(subject.settings, subject.secrets), *subject.bad]:
            secrets |= {value for value in given.values() if value}
            with closing(subject.transports()) as inner:
                between = _Between(inner, lambda answer: answer, lambda n: False)
                try:
                    connector = subject.open(settings, given)
                    told += [repr(connector), repr(run(connector.check(), between))]
                    pulled = run_pull(connector, _entities(subject)[0], None, between)
                    told += [repr(page) for page in pulled.pages] + [repr(vars(connector))]
                    told += [str(pulled.error), repr(pulled.error)]
                except SyncError as error:
                    told += [str(error), repr(error), repr(error.__context__)]
                told += [repr(request) for request in between.asked]
                secrets |= {
                    authorization.rpartition(" ")[2]
                    for request in between.asked
                    if (authorization := request.authorized())
                }
        told += map(logged.format, logged.buffer)
    for secret in secrets:
        _require(
            not any(secret in text for text in told),
            "A secret or a token stands in a log line, an error, a finding, a state or a repr.",
        )
    return f"{len(secrets)} secrets and tokens stayed secret in {len(told)} texts."


CHECKS: tuple[Callable[[Subject], str], ...] = (
    good_settings_pass,
    bad_settings_are_found,
    pages_keep_the_contract,
    states_resume,
    nothing_changed_means_nothing_new,
    records_are_read_by_key,
    records_are_found_by_going_through,
    rolls_are_of_one_class,
    refused_writes_say_so,
    writes_arrive,
    others_edits_survive,
    foreign_parts_are_kept,
    faults_never_look_whole,
    secrets_stay_secret,
)
