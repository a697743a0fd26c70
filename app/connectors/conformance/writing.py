"""What a connector writes arrives, and nothing that is somebody else's is lost by it."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from threading import Event
from typing import Any
from uuid import uuid4

import msgspec

from app.connectors.conformance.driving import (
    Bench,
    NotConforming,
    Subject,
    read_whole,
    require,
    run,
)
from app.connectors.contract import (
    Capability,
    Change,
    Connector,
    Gone,
    Outcome,
    PushResult,
    Request,
    Response,
    Row,
    Transport,
)
from app.errors import TransientError
from app.roster.entities import ENTITIES
from app.roster.values import UNSAID, Date, Number, Text
from app.roster.values import Kind as ValueKind


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
        rows = read_whole(subject, entity, transport).rows.values()
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
                    (connector or subject.open()).push(change, Bench()), transport
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
    require(texts or others, f"Nothing simple of {entity} can be written.")
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
    require(result.outcome is Outcome.DONE, f"{entity} was not created: {result}")
    key = result.key or trial.create.key
    require(result.row and result.row.key == key, f"{entity}, created, was not read back.")
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
            again = run(subject.open().confirm(trial.create, Bench()), transport)
            if subject.open().capabilities()[entity].allots_keys:
                # There may be another one like it: then nobody can tell which is ours.
                adopted = again.outcome is Outcome.DONE and again.key == key
                sure = adopted or again.outcome is Outcome.UNKNOWN
            else:
                sure = again.outcome is Outcome.DONE and _made(trial) == key
            require(sure, f"{entity}, created, is not found again: {again.outcome}")
            for _ in range(2):
                result = trial.push("update", key, trial.values[1], trial.values[0])
                require(
                    result.outcome is Outcome.DONE and _value(trial, result.row) == trial.values[1],
                    f"{entity}.{name} was not written, or not read back.",
                )
            for _ in range(2):
                result = trial.delete(key)
                require(result.outcome is Outcome.DONE, f"{entity} was not deleted: {result}")
            found = run(subject.open().fetch(entity, key, Bench()), transport)
            require(isinstance(found, Gone), f"{entity}, deleted, is still there.")
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
                require(
                    result.outcome is Outcome.MOVED and _value(trial, result.row) == said,
                    f"A {action} of {trial.create.entity} did not say what it found there.",
                )
            held = run(subject.open().fetch(trial.create.entity, key, Bench()), transport)
            require(
                isinstance(held, Row) and _value(trial, held) == said,
                f"A change of {trial.create.entity} by somebody else was overwritten.",
            )
            trial.delete(key)
            gone = trial.push("update", key, changed, said)
            require(
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
            run(connector.fetch(entity, key, Bench()), transport)  # so that it has signed in
            transport.listening = True
            said, changed, _ = trial.values
            result = trial.push("update", key, changed, said, connector)
            transport.listening = False
            require(
                result.outcome is Outcome.UNKNOWN,
                f"A change of {entity} whose answer was lost is said to be {result.outcome}.",
            )
            sent = transport.written[-1] if transport.written else {}
            require(
                sent.get("x-conformance") == {"kept": [1, 2]}
                and (changed != _SAID[Text][1] or changed in json.dumps(sent)),
                f"A change of {entity} is not sent in the document that was read.",
            )
            transport.written.clear()
            trial.delete(key)
            kept += 1
    return f"Foreign parts of {kept} record types are kept."
