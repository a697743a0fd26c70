"""What a page tells of people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.connectors.contract import Alias, Doubt, Page, Rekey, Row, Unreadable, row_digest
from app.connectors.oneroster.joining.position import Work
from app.connectors.oneroster.joining.rule import JOINED
from app.connectors.oneroster.joining.shelved import Left, Member, in_order, spoken
from app.connectors.oneroster.joining.uniting import joined


@dataclass(frozen=True)
class Person:
    """The readable rows of one person, the anchor first."""

    members: Sequence[Member]

    @property
    def key(self) -> str:
        """The anchor's."""
        return self.members[0].key

    @property
    def rows(self) -> list[Row]:
        """As they came."""
        return [each.row for each in self.members]

    @property
    def digest(self) -> bytes:
        """Of all rows; of one alone its own."""
        if len(self.members) == 1:
            return self.members[0].kept.digest
        told = b"".join(each.key.encode() + each.kept.digest for each in self.members)
        return row_digest(told, b"")


@dataclass
class Telling:
    """What one page tells."""

    people: list[Person] = field(default_factory=list)
    tombstones: list[str] = field(default_factory=list)
    rekeys: list[Rekey] = field(default_factory=list)
    aliases: list[Alias] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    notes: list[Doubt] = field(default_factory=list)

    def add(self, members: Sequence[Member], left: Sequence[Left], *, crowd: bool) -> None:
        """A group as it is by now, and the rows that left it since it was told last."""
        self.unreadable += [
            Unreadable(one.key, one.kept.raw, one.kept.reason) for one in members if one.kept.reason
        ]
        readable = [one for one in in_order(members) if not one.kept.silent]
        if crowd:
            keys = {one.key for one in members}
            self.people += [Person([one]) for one in readable]
            self.tombstones += [
                one.key for one in left if one.how == "ended" and one.key not in keys
            ]
            self.notes.append(Doubt("rows_not_joined", {"count": len(members)}))
        elif members:
            first, *others = in_order(members)
            self.aliases += [Alias(one.key, first.key) for one in others]
            if readable:
                self.people.append(Person(readable))
        elif (led := min(left, default=None)) is not None and led.how == "ended":
            # Of what did not come the proof decides, and not its absence alone (D1).
            self.tombstones += [led.key] if all(one.how != "missed" for one in left) else []

    def page(self, work: Work, **more: Any) -> Page:
        """The page, after which the pull goes on where it is ``work.at``."""
        at, people = work.at, self.people

        def read(places: Iterable[int]) -> list[Row | Unreadable]:
            rows = [joined(people[place].rows, work.rule) for place in places]
            return [row._replace(patch=spoken(row.patch, at.fields)) for row in rows]

        return Page(
            entity=JOINED,
            fields=at.fields,
            keys=[one.key for one in people],
            digests=[one.digest for one in people],
            read=read,
            state=at.state,
            last=at.ended,
            full=at.full,
            scope=at.scope,
            evidence=at.evidence,
            tombstones=self.tombstones,
            rekeys=self.rekeys,
            aliases=self.aliases,
            unreadable=self.unreadable,
            notes=self.notes,
            **more,
        )
