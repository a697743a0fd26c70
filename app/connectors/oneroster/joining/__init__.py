"""Several rows of one person become one: a user a school, a user a role (SEMANTICS A5).

Rows belong together by a field that people chose (``rule``). All rows that come are first put on
the shelf (``arriving``; ``shelved`` has what is kept there), under what they have in common; when
the stream has been read, what did not come is taken from it (``sweeping``), and the shelf is walked
person by person (``walking``), of whom pages tell (``telling``) one row (``uniting``). So nothing
is kept in memory, a sync that was cut off goes on at any page (``position``), and one changed row
is enough to tell its person whole. What a row says goes with that row, and with no other.

A person goes by the key of the row that was there first, the *anchor*; the keys of the others are
told as aliases of it. When the anchor's row ends the next one takes its place, by a re-key.
"""

from collections.abc import Callable, Sequence

from app.connectors.contract import Fetch, Io, Pull, Row, Shelf, State
from app.connectors.oneroster.joining.arriving import arrived
from app.connectors.oneroster.joining.position import (
    READING,
    REKEYING,
    SWEEPING,
    TELLING,
    WALKING,
    At,
    Work,
    position_of,
)
from app.connectors.oneroster.joining.rule import JOINED, MOST, Rule
from app.connectors.oneroster.joining.shelved import (
    Kept,
    Member,
    Shelved,
    arranged,
    in_order,
    spoken,
)
from app.connectors.oneroster.joining.sweeping import swept
from app.connectors.oneroster.joining.uniting import joined
from app.connectors.oneroster.joining.walking import rekeyed, told, walked
from app.roster.schema import EntityType

__all__ = ["JOINED", "MOST", "Joining", "Rule", "joined"]

_WALKS = {REKEYING: rekeyed, WALKING: walked, TELLING: told}


class Joining:
    """Joins the rows of one connector's people by a rule."""

    def __init__(self, rule: Rule | None, io: Io) -> None:
        self._rule, self._io = rule, io
        self._rows: Shelved | None = None

    def pages(
        self,
        entity: str,
        pull: Callable[[State | None], Pull],
        since: State | None,
        shelf: Shelf,
        fetch: Callable[[str], Fetch] | None = None,
    ) -> Pull:
        """The pages of a stream, of which ``pull`` yields those of the rows, on from a state.

        They are the very same where nothing is joined. ``fetch`` reads a row by its key, where that
        is possible.
        """
        if self._rule is None or entity != JOINED:
            return pull(since)
        return self._joined(self._rule, pull, since, shelf, fetch)

    def _joined(
        self,
        rule: Rule,
        pull: Callable[[State | None], Pull],
        since: State | None,
        shelf: Shelf,
        fetch: Callable[[str], Fetch] | None,
    ) -> Pull:
        self._rows = rows = Shelved(shelf)
        at = position_of(since)
        if at.ended:
            at = At(inner=at.inner)
        if at.number == 0:
            rows.number = at.number = rows.number + 1
        work = Work(rule, self._io, rows, at, fetch)
        if at.phase == READING:
            yield from arrived(work, pull)
        while not at.ended:
            if at.phase == SWEEPING:
                yield (yield from swept(work))
            else:
                yield _WALKS[at.phase](work)

    def whole(self, row: Row, of: EntityType) -> Row:
        """The person whose ``row`` was read by its key, with the other rows as they came last.

        ``of`` has the fields that rows speak of.
        """
        rule, rows, fields = self._rule, self._rows, of.field_names
        if rule is None or rows is None or of.name != JOINED:
            return row
        before = next((seen.group for seen in rows.seen([row.key]).values()), "")
        group = rule.group(row.key, arranged(row.patch, fields), before)
        members = {one.key: one for one in rows.members(group)}
        known = members.get(row.key)
        since = known.kept.since if known else rows.number + 1
        members[row.key] = Member(group, row.key, Kept.of(since, b"", row, fields))
        readable = [one.row for one in in_order(members.values()) if not one.kept.silent]
        return row if len(readable) > MOST else _person(readable, rule, fields)

    def joins(self, entity: str) -> bool:
        """Whether rows of the entity are joined."""
        return self._rule is not None and entity == JOINED

    def united(self, rows: Sequence[Row], of: EntityType) -> Row:
        """The person whose ``rows``, the anchor's first, were read by their keys; ``of`` as above.

        A row alone is told as it is.
        """
        if self._rule is None or len(rows) == 1:
            return rows[0]
        fields = of.field_names
        told = [row._replace(patch=arranged(row.patch, fields)) for row in rows]
        return _person(told, self._rule, fields)


def _person(rows: Sequence[Row], rule: Rule, fields: Sequence[str]) -> Row:
    person = joined(rows, rule)
    return person._replace(patch=spoken(person.patch, fields))
