"""Writes one change, or looks whether it arrived (``contract.Connector.push`` and ``confirm``).

A record may stand in several documents, which are written one after the other, the one that others
refer to first. The change is ``DONE`` only where all of them were taken. Where one is not, what was
written before it is not kept secret: the change is ``MOVED``, with the row as it is now, so that
what arrived is agreed upon, and what is left is a change of its own, which says why it fails.
"""

from collections.abc import Mapping
from dataclasses import replace

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
from app.connectors.edfi.descriptors import Words
from app.connectors.edfi.keys import parsed, record_key
from app.connectors.edfi.service import Service
from app.connectors.edfi.telling import FIELDS
from app.connectors.edfi.telling.back import WRITTEN
from app.connectors.edfi.writing.answers import Refused, taken, verdict
from app.connectors.edfi.writing.held import Forbidden, Held
from app.connectors.edfi.writing.offered import heard
from app.connectors.edfi.writing.people import People
from app.connectors.edfi.writing.places import Places
from app.connectors.edfi.writing.sorts import ODD, Sort, labels
from app.connectors.edfi.writing.standing import Kept, Standing, standing
from app.connectors.edfi.writing.steps import Step, carried_out, parted
from app.connectors.edfi.writing.work import AssessmentResults, LineItems, Results
from app.errors import SyncError
from app.roster.values import UNSAID, Plain

WITHOUT_EFFECT = "write_without_effect"
UNSEEN = "edfi_taken_unseen"

_SORTS: Mapping[str, type[Sort]] = {
    "users": People,
    "demographics": People,
    "enrollments": Places,
    "line_items": LineItems,
    "results": Results,
    "assessment_results": AssessmentResults,
}


class Writing:
    """Writes the records of one entity to a service."""

    def __init__(self, service: Service, words: Words, entity: str, kept: Kept) -> None:
        self._service = service
        self._words = words
        self._entity = entity
        self._kept = kept
        self._ended: list[Held] = []
        self._sort = _SORTS[entity](service, words)

    def push(self, change: Change) -> Push:
        """Writes ``change`` unless it stands there already."""
        try:
            return (yield from self._pushed(change))
        except Refused as refused:
            return refused.result
        except Forbidden as forbidden:
            return verdict(forbidden.response)

    def confirm(self, change: Change) -> Push:
        """Looks whether ``change`` is there; a natural key finds what was created."""
        try:
            there = yield from self._there(change)
        except Refused as refused:
            return PushResult(Outcome.MOVED, words=refused.words)
        except Forbidden as forbidden:
            return PushResult(Outcome.UNKNOWN, words=verdict(forbidden.response).words)
        if isinstance(there.found, Unreadable):
            return PushResult(Outcome.UNKNOWN, words=there.found.reason)
        if self._arrived(change, there):
            return self._result(Outcome.DONE, change, there)
        # Of a creation of which not all arrived the rest is sent: what is there is read then.
        row = None if change.action == "create" else there.row
        return PushResult(Outcome.MOVED, row=row)

    def _pushed(self, change: Change) -> Push:
        there = yield from self._there(change)
        settled = self._settled(change, there)
        if settled is not None:
            return settled
        if change.action == "delete":
            assert there.head is not None
            steps = [Step(there.head.resource, there.head, None)]
        else:
            steps = yield from heard(
                self._service, self._words, lambda: self._sort.steps(change, there)
            )
            if there.row is not None and all(step.idle for step in steps):
                # No document says it, however it is put.
                raise Refused(ODD, fields=labels(self._unsaid(change, there.row)))
        return (yield from self._carried_out(change, there, steps))

    def _there(self, change: Change) -> Asking[Standing]:
        """What stands of the record now."""
        yield from self._service.locate()
        if change.action == "create":
            anchor, natural = yield from heard(
                self._service, self._words, lambda: self._sort.named(change)
            )
        else:
            anchor, natural = parsed(change.key)
            self._sort.require(anchor, natural)
        there = yield from self._at(anchor, natural)
        if change.action == "update" and isinstance(there.found, Gone):
            renamed = self._sort.renamed(change, anchor, natural)
            if renamed is not None:
                # It was perhaps written before, and only the answer was lost.
                now = yield from self._at(anchor, renamed)
                return now if self._arrived(change, now) else there
        return there

    def _at(self, anchor: str, natural: str) -> Asking[Standing]:
        of = self._service, self._words, self._entity
        return (yield from standing(*of, anchor, natural, self._kept))

    # -- what is there, against what was agreed and what is wanted --

    def _values(self, row: Row) -> dict[str, Plain]:
        return dict(zip(FIELDS[self._entity], row.patch, strict=True))

    def _arrived(self, change: Change, there: Standing) -> bool:
        if change.action == "delete":
            return isinstance(there.found, Gone)
        if there.row is None:
            return False
        values = self._values(there.row)
        for name, wanted in self._wanted(change).items():
            found = values.get(name, UNSAID)
            if found is UNSAID:
                # What nobody says is not so; and what is never told of such a record is no matter.
                if wanted is False or (change.action == "create" and name not in there.tells):
                    continue
                return False
            if not self._sort.says(name, found, wanted):
                return False
        return True

    def _unsaid(self, change: Change, row: Row) -> list[str]:
        """What a row does not say as it is wanted."""
        values = self._values(row)
        wanted = self._wanted(change).items()
        return [
            name
            for name, to in wanted
            if values[name] is not UNSAID and not self._sort.says(name, values[name], to)
        ]

    def _lacks(self, change: Change, row: Row) -> bool:
        """Whether a row is blank where something else was to be."""
        values = self._values(row)
        wanted = self._wanted(change).items()
        return any(values[name] is None and to is not None for name, to in wanted)

    def _wanted(self, change: Change) -> dict[str, Plain]:
        """What of a change can be written at all; of a creation the rest is told by its key."""
        return {name: to for name, to in change.patch.items() if name in WRITTEN[self._entity]}

    def _settled(self, change: Change, there: Standing) -> PushResult | None:
        """How the change ends without being written; ``None`` where it is to be written."""
        if isinstance(there.found, Unreadable):
            return PushResult(Outcome.REFUSED, words=there.found.reason)
        if self._arrived(change, there):
            return self._result(Outcome.DONE, change, there)
        if there.row is None:
            return None if change.action == "create" else PushResult(Outcome.MOVED)
        values = self._values(there.row)
        if change.action == "create":
            wanted = self._wanted(change)
            moved = [name for name in wanted if not _part_of(values.get(name), wanted[name])]
            return self._result(Outcome.MOVED, change, there) if moved else None
        deletes = change.action == "delete"
        for name in change.base if deletes else change.patch:
            agreed, found = change.base.get(name), values.get(name, UNSAID)
            if found is UNSAID and not deletes:
                odd = dict(there.row.warnings).get(name)
                if odd or name not in there.tells:
                    raise Refused(odd) if odd else Refused("edfi_part_unread", field=labels([name]))
            if found not in (UNSAID, agreed, change.patch.get(name, agreed)):
                return self._result(Outcome.MOVED, change, there)
        return None

    def _result(
        self, outcome: Outcome, change: Change, there: Standing, words: str = ""
    ) -> PushResult:
        key = there.key if there.key != change.key else None
        self._kept.put(there, self._ended)
        return PushResult(outcome, key, there.row, words)

    # -- writing --

    def _carried_out(self, change: Change, before: Standing, steps: list[Step]) -> Push:
        sent, doubtful, natural = 0, False, before.natural
        anchor = self._service.resources[before.anchor]
        for step in [part for whole in steps if not whole.idle for part in parted(whole)]:
            try:
                response = yield from carried_out(self._service, step)
            except SyncError:
                if not sent:
                    raise
                response = None
            if response is None:
                return PushResult(Outcome.UNKNOWN, self._key(change, before.anchor, natural))
            unseen = verdict(response).outcome is Outcome.WAITING_ON
            if response.status == 403 and step.hidden and unseen:
                # It may be there, out of sight until somebody of ours refers to it.
                doubtful = True
                continue
            gone = step.after is None and response.status in (404, 410)
            if not (taken(response) or gone):
                late = step.before is not None and response.status in (404, 410, 412)
                now = before.anchor, natural
                return (yield from self._failed(change, now, response, late=late, sent=sent > 0))
            sent += 1
            if step.before is not None and step.after is None:
                self._ended.append(step.before)
            if step.after is not None and step.resource is anchor:
                natural = step.resource.key_in(step.after)
        return (yield from self._read_back(change, before, natural, doubtful))

    def _key(self, change: Change, anchor: str, natural: str) -> str | None:
        key = record_key(anchor, natural)
        return key if key != change.key else None

    def _failed(
        self, change: Change, at: tuple[str, str], response: Response, *, late: bool, sent: bool
    ) -> Push:
        """How a change ends of which the service did not take a document.

        It comes too ``late`` where that document has changed or gone since it was read; others may
        have been ``sent`` before it.
        """
        result = verdict(response)
        if not (late or sent):
            return result
        try:
            now = yield from self._at(*at)
        except (SyncError, Forbidden):
            return replace(result, outcome=Outcome.UNKNOWN) if sent else result
        if late and self._arrived(change, now):
            return self._result(Outcome.DONE, change, now)
        if late or now.row is not None:
            return self._result(Outcome.MOVED, change, now, "" if late else result.words)
        return result

    def _read_back(self, change: Change, before: Standing, natural: str, doubtful: bool) -> Push:
        """The outcome of a change that the service says it took."""
        try:
            now = yield from self._at(before.anchor, natural)
        except (SyncError, Forbidden):
            return PushResult(Outcome.UNKNOWN, self._key(change, before.anchor, natural))
        if doubtful and not self._arrived(change, now):
            return self._result(Outcome.MOVED, change, now)
        if now.row is not None and before.row is not None:
            was, is_ = self._values(before.row), self._values(now.row)
            if now.key == before.key and all(was[name] == is_[name] for name in change.patch):
                return PushResult(Outcome.REFUSED, words=WITHOUT_EFFECT)
        if change.action == "create" and isinstance(now.found, Gone):
            # Taken for there, its absence from what this key sees would pass for its end.
            return PushResult(Outcome.REFUSED, words=UNSEEN)
        if now.row is not None and self._lacks(change, now.row):
            # What it holds nothing of was not taken: agreed upon, it would be blanked here.
            return self._result(Outcome.MOVED, change, now)
        there = isinstance(now.found, Gone) == (change.action == "delete")
        return self._result(Outcome.DONE if there else Outcome.UNKNOWN, change, now)


def _part_of(found: Plain, wanted: Plain) -> bool:
    """Whether what stands there lacks something at most of what is wanted."""
    if found is None or found is UNSAID or found == wanted:
        return True
    both = isinstance(found, tuple) and isinstance(wanted, tuple)
    return both and set(found) <= set(wanted)
