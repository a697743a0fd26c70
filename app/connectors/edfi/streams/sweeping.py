"""What did not come in a whole reading is asked for, and forgotten where it is gone.

A list leaves out in silence what the key may not see, loses what moves while it is read, and comes
half where a service is out of order. So whatever did not come, a record or a part of one, is only
a candidate: it is asked for by its key and its id (SEMANTICS D1). Gone is what is not there; what
is there takes the reading its proof; what may not be read stands as it was, and is told as it was,
so that it is no candidate every day. Of very many the rest stands as well: records are for the
engine to judge, and parts are asked for with the next whole readings. So are documents of a sort
of which not a single one came, whatever is said of each: two whole readings have to agree (E1).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from app.connectors.contract import Asking, Doubt, Gone, Page, Row, Unreadable
from app.connectors.edfi.feed import Item
from app.connectors.edfi.keys import record_key
from app.connectors.edfi.streams import missed
from app.connectors.edfi.streams.counting import uncount
from app.connectors.edfi.streams.declared import MANY, Stream
from app.connectors.edfi.streams.forgetting import forget
from app.connectors.edfi.streams.moving import WITHOUT_ID
from app.connectors.edfi.streams.position import (
    CLEARING,
    ENDED,
    GROUPING,
    PAIRING,
    SWEEPING,
    WALKING,
    Work,
)
from app.connectors.edfi.streams.shelved import Known
from app.connectors.edfi.streams.telling import stated
from app.connectors.edfi.streams.verifying import MOST, looked_up
from app.connectors.edfi.telling import FIELDS
from app.roster.values import UNSAID

_KEPT, _ASKED = b"?", b"!"
"""Before the scope of a document that did not come and was kept: whether it was asked for then.
Those that have just been missed are asked for before all of them, and who was not asked for before
who was: so each has its turn, however many there are."""


@dataclass
class _Told:
    """What a page tells of what did not come."""

    kept: list[str] = field(default_factory=list)
    """The keys of records of which nothing more can be told than that they stand."""
    doubts: list[Doubt] = field(default_factory=list)


def swept(work: Work) -> Asking[Page]:
    """Looks at the next documents of the shelf.

    That holds for what came last under the same scope, and only where nothing casts a doubt on the
    reading: whatever else did not come may be there nevertheless (SEMANTICS D1, D2).
    """
    at, told, left = work.at, _Told(), work.io.page_size
    while at.phase == SWEEPING and at.certain and left > 0:
        left -= yield from _sweep_next(work, left, told)
    if not at.certain:
        at.on(_then(work.stream))
    notes = [] if at.phase == SWEEPING else _notes(work)
    rows = [Row(key, (UNSAID,) * len(FIELDS[work.stream.entity])) for key in told.kept]

    def read(places: Iterable[int]) -> list[Row | Unreadable]:
        return [rows[place] for place in places]

    return work.page(
        keys=told.kept, digests=[b""] * len(rows), read=read, doubts=told.doubts, notes=notes
    )


def _sweep_next(work: Work, count: int, told: _Told) -> Asking[int]:
    """Looks at the next ``count`` documents at most of a resource; how many there were."""
    at, stream = work.at, work.stream
    parts = [name for name in stream.resources if name not in stream.anchors]
    names = [*stream.anchors, *parts]
    name, again = names[at.resource % len(names)], at.resource >= len(names)
    batch = work.shelf.known(name).after(at.place, count)
    if name in at.numbers:
        missing = {id_: one for id_, one in batch if one.number != at.numbers[name]}
        waiting, asked, news = (
            {id_: one for id_, one in missing.items() if one.scope == before + work.mark}
            for before in (_KEPT, _ASKED, b"")
        )
        if not again:
            at.kept_before = at.kept_before or bool(waiting or asked)
            at.kept_unasked = at.kept_unasked or bool(waiting)
        looked_at = _Missing(work, name, again, told)
        if again and at.kept_unasked:
            looked_at.stand(asked)
            yield from looked_at.ask_for(waiting)
        else:
            yield from looked_at.ask_for(asked if again else news)
    work.walk_on(batch, count, (*names, *names) if at.kept_before else names, _then(stream))
    return len(batch)


class _Missing:
    """Documents of one resource that did not come, those ``again`` that were kept before."""

    def __init__(self, work: Work, name: str, again: bool, told: _Told) -> None:
        self._work, self._name, self._again, self._told = work, name, again, told
        self._many = (work.stream.entity, name) in MANY
        self._is_anchor = name in work.stream.anchors and not self._many

    def ask_for(self, stale: dict[str, Known]) -> Asking[None]:
        """Asks for them, as long as nothing that was missing is found to be there."""
        work, at, gone = self._work, self._work.at, dict[str, Known]()
        if self._is_anchor:
            missed.note(work, self._name, stale)
        odd = work.shelf.known(self._name).take(WITHOUT_ID + one.key for one in stale.values())
        for id_, one in stale.items():
            if self._came(odd.get(WITHOUT_ID + one.key)):
                gone[id_] = one  # it cannot be understood by now
                continue
            if at.asked >= MOST or (self._none_came and not self._is_anchor):
                self._wait(id_, one)
                continue
            at.asked += 1
            found = yield from looked_up(work, self._name, one.key, id_)
            if found is None:
                self._hide(id_, one)
            elif isinstance(found, Item) and self._replaced(found):
                gone[id_] = one
            elif isinstance(found, Item) and not id_.startswith(WITHOUT_ID) and found.id != id_:
                # Created again when the list was past it: the next window tells.
                self._keep(id_, one, _ASKED)
            elif isinstance(found, Gone):
                if self._none_came:
                    self._wait(id_, one)
                else:
                    gone[id_] = one
            else:
                key = record_key(self._name, one.key)
                self._told.doubts.append(Doubt("row_still_there", {"key": key}))
                at.certain = False
                break
        forget(work, self._name, gone)
        if self._many:
            uncount(work, self._name, gone)

    def stand(self, stale: dict[str, Known]) -> None:
        """They were asked for before, and it is the turn of others."""
        if self._is_anchor:
            missed.note(self._work, self._name, stale)
        for id_, one in stale.items():
            self._keep(id_, one, _ASKED)

    @property
    def _none_came(self) -> bool:
        """Whether all documents of one sort have gone at once, and for the first time."""
        return not self._again and not self._work.at.came.get(self._name)

    def _replaced(self, found: Item) -> bool:
        """Whether a document has come under another id than before, with the same key."""
        return self._came(self._work.shelf.known(self._name).take([found.id]).get(found.id))

    def _came(self, known: Known | None) -> bool:
        return known is not None and known.number == self._work.at.numbers[self._name]

    def _wait(self, id_: str, one: Known) -> None:
        """It is not asked for in this reading."""
        unasked = self._work.at.unasked
        if self._again:
            self._keep(id_, one)
        elif self._none_came or not self._is_anchor:
            unasked[self._name] = unasked.get(self._name, 0) + 1
            if self._none_came:
                self._keep(id_, one)

    def _hide(self, id_: str, one: Known) -> None:
        """It may be there, where nobody may read it."""
        if not self._again:
            hidden = self._work.at.hidden
            hidden[self._name] = hidden.get(self._name, 0) + 1
        self._keep(id_, one, _ASKED)

    def _keep(self, id_: str, one: Known, before: bytes = _KEPT) -> None:
        """From now on it is as if it had come."""
        work, at = self._work, self._work.at
        now = msgspec.structs.replace(one, number=at.numbers[self._name], scope=before + work.mark)
        work.shelf.known(self._name).put(id_, now)
        if self._is_anchor:
            at.kept += 1
            if work.stream.straight:
                self._told.kept += one.told or [record_key(self._name, one.key)]


def _notes(work: Work) -> list[Doubt]:
    """What is worth telling of what was kept: once of what is hidden, and always of too many."""
    names, at = work.service.resources, work.at
    return [
        Doubt(code, {"resource": names[name].name, "count": count})
        for code, counts in (("edfi_kept_unseen", at.hidden), ("edfi_kept_unasked", at.unasked))
        for name, count in counts.items()
    ]


def _then(stream: Stream) -> str:
    """What follows when all was swept."""
    if stream.straight:
        return CLEARING
    if stream.grouped:
        return GROUPING
    return PAIRING if stream.paired else WALKING


def cleared(work: Work) -> Page:
    """Forgets what was kept for this reading alone, and what an earlier one had missed.

    After a whole reading nobody is touched any more: whoever had ended did not come.
    """
    at, anchors = work.at, work.stream.anchors
    left = work.io.page_size
    while at.phase == CLEARING and left > 0:
        name = anchors[at.resource]
        part = work.shelf.fresh(name) if work.stream.straight else work.shelf.touched(name)
        batch = part.after("", left)
        part.drop(key for key, _ in batch)
        left -= len(batch)
        if left > 0:
            late = missed.forget(work, name, left)
            work.walk_on(late, left, anchors, ENDED)
            left -= len(late)
    return work.page(total=stated(work) if at.full else None)
