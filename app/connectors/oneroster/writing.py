"""Writes one change of the gradebook, or looks whether it arrived (SEMANTICS F).

Every write reads first, sends the document just read with the changed fields in it, and reads back.
Whatever happens once a write was sent is an outcome and no error: only then is it known what to
look for later.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import msgspec

from app.connectors import tolerant
from app.connectors.asking import sent
from app.connectors.contract import (
    Asking,
    Change,
    Gone,
    Outcome,
    Push,
    PushResult,
    Response,
    Row,
    Unreadable,
)
from app.connectors.oneroster import document, wire
from app.connectors.oneroster.paging import Reading, whole
from app.connectors.oneroster.service import Service, key_path
from app.connectors.oneroster.single import Single, single
from app.connectors.oneroster.vocabulary import STREAMS, Stream
from app.errors import AuthError, ContractError, SyncError
from app.roster.values import TEXT, UNSAID, Plain, instant_text

WITHOUT_EFFECT = "write_without_effect"
PLACE_MISSING = "gradebook_place_missing"
FIELDS_BLANK, FIELDS_ODD = "push_fields_blank", "push_fields_odd"

_LONGEST_WORDS = 500
_WORDS = ("imsx_description", "description", "error_description", "message", "detail", "error")
"""The members in which services say why they refuse, the most telling first."""


class Writing:
    """Writes to one stream. ``posts`` has the SIS give new records their keys, where it can."""

    def __init__(self, service: Service, stream: Stream, posts: bool) -> None:
        self._service = service
        self._stream = stream
        self._posts = posts and bool(stream.parent)

    def push(self, change: Change) -> Push:
        """Writes ``change`` unless it stands there already (``contract.Connector.push``)."""
        if change.action == "create" and self._posts:
            return (yield from self._post(change))
        before = yield from single(self._service, self._stream, change.key)
        settled = self._settled(change, before.found)
        return settled or (yield from self._write(change, before))

    def confirm(self, change: Change) -> Push:
        """Looks whether ``change`` is there (``contract.Connector.confirm``)."""
        if change.action == "create" and self._posts:
            return (yield from self._look_for(change))
        found = (yield from single(self._service, self._stream, change.key)).found
        if isinstance(found, Unreadable):
            return PushResult(Outcome.UNKNOWN, words=found.reason)
        outcome = Outcome.DONE if self._arrived(change, found) else Outcome.MOVED
        return PushResult(outcome, row=_row(found))

    # -- what is there, against what was agreed and what is wanted --

    def _values(self, row: Row) -> dict[str, Plain]:
        return dict(zip(self._stream.entity.field_names, row.patch, strict=True))

    def _arrived(self, change: Change, found: Row | Unreadable | Gone) -> bool:
        if change.action == "delete":
            return isinstance(found, Gone)
        return isinstance(found, Row) and change.patch.items() <= self._values(found).items()

    def _settled(self, change: Change, found: Row | Unreadable | Gone) -> PushResult | None:
        """How the change ends without being written; ``None`` where it is to be written."""
        if isinstance(found, Unreadable):
            return PushResult(Outcome.REFUSED, words=found.reason)
        if self._arrived(change, found):
            return PushResult(Outcome.DONE, row=_row(found))
        if change.action == "create" and found is Gone.NOT_FOUND:
            return None
        if isinstance(found, Gone) or change.action == "create":
            return PushResult(Outcome.MOVED, row=_row(found))
        values, deletes = self._values(found), change.action == "delete"
        for name in change.base if deletes else change.patch:
            agreed = change.base.get(name)
            if values[name] is UNSAID and not deletes:
                return PushResult(Outcome.REFUSED, words=dict(found.warnings)[name])
            if values[name] not in (UNSAID, agreed, change.patch.get(name, agreed)):
                return PushResult(Outcome.MOVED, row=found)
        return None

    # -- writing --

    def _unwritable(self, change: Change) -> PushResult | None:
        """Refused before it is sent: what no document of the standard can be made of.

        What the SIS itself leaves blank, or says in words of its own, goes back to it as it is.
        """
        patch, creates = change.patch, change.action == "create"
        if not creates:
            patch = {of: value for of, value in patch.items() if value != change.base.get(of)}
        blank, odd = document.wanting(self._stream, patch, creates)
        for code, fields in ((FIELDS_BLANK, blank), (FIELDS_ODD, odd)):
            if fields:
                about = {"fields": ", ".join(field.label for field in fields)}
                words = f"{code} {msgspec.json.encode(about).decode()}"
                return PushResult(Outcome.REFUSED, words=words)
        return None

    def _write(self, change: Change, before: Single) -> Push:
        path, method, body = key_path(self._stream, change.key), "DELETE", None
        if change.action != "delete":
            if refused := self._unwritable(change):
                return refused
            try:
                members = document.read_members(before.raw or b"{}")
            except wire.NOT_DECODED:
                return PushResult(Outcome.REFUSED, words="row_not_json")
            method = "PUT"
            body = msgspec.json.encode({self._stream.singular: self._document(change, members)})
        response = yield from self._sent(path, method, body, before.tag)
        if response is None:
            return PushResult(Outcome.UNKNOWN)
        if response.status in (404, 410, 412) and isinstance(before.found, Row):
            # Somebody was quicker: nothing was written, unless it is gone and was to be.
            now = (yield from single(self._service, self._stream, change.key)).found
            if self._arrived(change, now):
                return PushResult(Outcome.DONE, row=_row(now))
            if response.status == 412 or isinstance(now, Gone):
                return PushResult(Outcome.MOVED, row=_row(now))
        if not 200 <= response.status < 300:
            return _refused(response)
        return (yield from self._read_back(change, before.found))

    def _post(self, change: Change) -> Push:
        path = self._posting(change)
        if path is None:
            return PushResult(Outcome.REFUSED, words=PLACE_MISSING)
        if refused := self._unwritable(change):
            return refused
        told = {self._stream.collection: [self._document(change, {})]}
        response = yield from self._sent(path, "POST", msgspec.json.encode(told))
        if response is None:
            return PushResult(Outcome.UNKNOWN)
        if not 200 <= response.status < 300:
            return _refused(response)
        key = _allotted(response, change.key)
        if key is None:
            return PushResult(Outcome.UNKNOWN, words=_words(response))
        result = yield from self._read_back(replace(change, key=key), Gone.NOT_FOUND)
        return replace(result, key=key)

    def _document(self, change: Change, members: Mapping[str, object]) -> dict[str, Any]:
        head: dict[str, object] = {"sourcedId": change.key, "status": "active", **members}
        # A service that keeps what it is told would else hide the change from who asks for changes.
        head["dateLastModified"] = instant_text(self._service.io.clock())
        return document.filled(head, self._stream, change.patch, self._service.href)

    def _sent(
        self, path: str, method: str, body: bytes | None, tag: str = ""
    ) -> Asking[Response | None]:
        """The answer to a write; ``None`` where it is not known whether it arrived."""
        request = yield from self._service.request(
            self._stream, path, method=method, body=body, tag=tag
        )
        return (yield from sent(request, self._service.renewed))

    def _read_back(self, change: Change, before: Row | Unreadable | Gone) -> Push:
        """The outcome of a write that the SIS says it took."""
        try:
            now = (yield from single(self._service, self._stream, change.key)).found
        except SyncError:
            return PushResult(Outcome.UNKNOWN)
        if isinstance(now, Row) and isinstance(before, Row):
            was, is_ = self._values(before), self._values(now)
            if all(was[name] == is_[name] for name in change.patch):
                return PushResult(Outcome.REFUSED, words=WITHOUT_EFFECT)
        there = isinstance(now, Gone if change.action == "delete" else Row)
        return PushResult(Outcome.DONE if there else Outcome.UNKNOWN, row=_row(now))

    # -- records whose keys the SIS gives --

    def _posting(self, change: Change) -> str | None:
        """The path to post a record to; ``None`` where it does not say what it belongs to."""
        parent = self._stream.entity.by_name[self._stream.parent]
        key = change.patch.get(parent.name)
        if key is None or parent.target is None:
            return None
        return f"{key_path(STREAMS[parent.target], key)}/{self._stream.collection}"

    def _listing(self, change: Change) -> Asking[str | None]:
        """The path at which what was posted is listed; ``None`` where its class is not known."""
        path = self._posting(change)
        if path is None or self._stream.parent == "class":
            return path
        class_ = change.patch.get("class")
        if class_ is None:
            parent = STREAMS[str(self._stream.entity.by_name[self._stream.parent].target)]
            held = yield from single(self._service, parent, change.patch[self._stream.parent])
            if isinstance(held.found, Row):
                class_ = held.found.patch[parent.entity.field_names.index("class")]
        return f"{key_path(STREAMS['classes'], class_)}{path}" if class_ else None

    def _look_for(self, change: Change) -> Push:
        """Finds what was posted by what it says; certain only where everything could be seen."""
        try:
            path = yield from self._listing(change)
            if path is None:
                return PushResult(Outcome.UNKNOWN)
            rows = yield from whole(Reading(self._service, self._stream, path))
        except (AuthError, ContractError):
            return PushResult(Outcome.UNKNOWN)  # several services do not list by class
        wanted = {name: change.patch.get(name) for name in self._stream.known_by}.items()
        found = [row for row in rows or () if wanted <= self._values(row).items()]
        if rows is None or len(found) > 1:
            return PushResult(Outcome.UNKNOWN)
        if not found:
            return PushResult(Outcome.MOVED)
        return PushResult(Outcome.DONE, found[0].key, found[0])


def _row(found: Row | Unreadable | Gone) -> Row | None:
    return found if isinstance(found, Row) else None


def _refused(response: Response) -> PushResult:
    """What a status that is no success says: the SIS refused, or nobody knows."""
    refused = 400 <= response.status < 500
    return PushResult(Outcome.REFUSED if refused else Outcome.UNKNOWN, words=_words(response))


def _words(response: Response) -> str:
    """The SIS's own words in one line; its status where it has none."""
    said = None
    with suppress(*wire.NOT_DECODED):
        said = _first_text(msgspec.json.decode(response.body))
    line = " ".join("".join(c if c.isprintable() else " " for c in said or "").split())
    return line[:_LONGEST_WORDS] or f"HTTP {response.status}"


def _first_text(said: object, deepest: int = 4) -> str | None:
    """The most telling text in an error's body, whichever of many forms it has."""
    if isinstance(said, list):
        parts = said
    elif isinstance(said, dict):
        for name in _WORDS:
            if isinstance(text := said.get(name), str) and text.strip():
                return text
        parts = list(said.values())
    else:
        return None
    found = (_first_text(part, deepest - 1) for part in parts if deepest)
    return next((text for text in found if text), None)


def _allotted(response: Response, supplied: str) -> str | None:
    """The key that a posted record was given (GUIDPairSet)."""
    try:
        said = msgspec.json.decode(response.body)
        pairs = said["sourcedIdPairs"]
        [key] = [
            pair["allocatedSourcedId"]
            for pair in pairs
            if len(pairs) == 1 or pair["suppliedSourcedId"] == supplied
        ]
    except (*wire.NOT_DECODED, TypeError, LookupError, ValueError):
        return None
    usable = isinstance(key, str) and tolerant.usable_key(key)
    return TEXT.normal(key) if usable else None
