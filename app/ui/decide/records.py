"""The records that wait for approval, one by one: what each is now and what it would become."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import Qt

from app.engine import naming
from app.engine.inbox import school_name
from app.engine.outgoing import fields_told, outgoing, titles_of
from app.engine.reasons import rule_word
from app.engine.told import value_text
from app.roster.entities import ENTITIES
from app.roster.schema import FieldType
from app.roster.values import Plain
from app.store import inbox, search
from app.store.database import Database
from app.store.inbox import Details, Item
from app.store.listing import CREATED, JOINED, PARTED, REMOVED, SENT, UNTIED, Waits
from app.store.outbox import CREATIONS
from app.text import N_, _
from app.ui.parts.paged import PagedModel

RECORD, ABOUT, WHAT, SCHOOL, WHY = range(5)
HEADINGS = (
    N_("Record"), N_("What it is"), N_("What happens"), N_("School"), N_("Why it waits"),
)  # fmt: skip
BETWEEN = " · "
"""Stands in a title between the names of two records."""
_WORDS = {
    CREATED: N_("added here"), REMOVED: N_("removed"), JOINED: N_("joined with “{twin}”"),
    PARTED: N_("taken apart"), SENT: N_("sent to the SIS"),
    UNTIED: N_("no longer tied to this SIS; another one still has it"),
}  # fmt: skip


@dataclass(frozen=True)
class Looked:
    """What would become of records, and what to know those by that go to a SIS."""

    details: Details
    about: Mapping[int, str] = field(default_factory=dict)
    """By record: of a person the role, the school and the local ID;"""
    sent: Mapping[int, str] = field(default_factory=dict)
    """and what of it changes there."""


def looked_at(database: Database, items: Sequence[Item], connector: str) -> Looked:
    """Reads it; on the reader's thread."""
    sent = [(one.entity, one.record) for one in items if one.what == SENT]
    named = search.named(database, sent)
    about = {record: naming.about(row) for (_entity, record), row in named.items()}
    found = inbox.details(database, items)
    changed = {one.record for one in items if one.what == SENT and CREATIONS not in one.rules}
    if not changed:
        return Looked(found, about)
    going = [one for one in outgoing(database, connector) if one.record in changed]
    titles = titles_of(database, going)
    return Looked(found, about, {one.record: fields_told(one, titles) for one in going})


class RecordModel(PagedModel[int, Waits]):
    """Ids are the keys of items."""

    def __init__(self) -> None:
        super().__init__()
        self.headings = [_(one) for one in HEADINGS]
        self._schools: Mapping[int, str] = {}
        self._titles: dict[int, str] = {}
        self._about: dict[int, str] = {}
        self._sent: dict[int, str] = {}
        self._turned = False

    def about(self, schools: Mapping[int, str]) -> None:
        """What the schools are called."""
        self._schools = schools

    def turn(self, *, on: bool) -> None:
        """Names the last part of a title first: of an enrollment the class."""
        self._turned = on
        if self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, 0))

    def read(self, found: Looked) -> None:
        """Rows have been read."""
        self._titles.update(found.details.titles)
        self._about.update(found.about)
        self._sent.update(found.sent)
        self.put(found.details.rows)

    def cell(self, row: Waits, column: int, role: int) -> object:
        """Words alone."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if column == RECORD:
            title = self._titles.get(row.record) or f"#{row.record}"
            return BETWEEN.join(title.split(BETWEEN)[::-1]) if self._turned else title
        if column == ABOUT:
            return self._about.get(row.record, "")
        if column == WHAT:
            return self._sent.get(row.record) or what(row, self._titles)
        if column == WHY:
            return ", ".join(rule_word(rule, limit) for rule, limit in row.rules.items())
        schools = {school for some in row.effects.values() for school in some}
        return ", ".join(school_name(one, self._schools) for one in sorted(schools))


def what(row: Waits, titles: Mapping[int, str]) -> str:
    """What would become of it: ``removed``, or each value before and after."""
    fields = [one for one in ENTITIES[row.entity].fields if one.name in row.values]
    told = [_changed(row, one, titles) for one in fields]
    if row.what == SENT and CREATIONS in row.rules:
        return _("made at the SIS")
    if word := _WORDS.get(row.what):
        told.insert(0, _(word).format(twin=titles.get(row.twin or 0) or f"#{row.twin}"))
    return "; ".join(told)


def _changed(row: Waits, one: FieldType, titles: Mapping[int, str]) -> str:
    def words(value: Plain) -> str:
        return value_text(one, value, titles) or _("blank")

    after = words(row.values[one.name])
    if one.name not in row.before:
        return _("{field}: {after}").format(field=_(one.label), after=after)
    return _("{field}: {before} → {after}").format(
        field=_(one.label), before=words(row.before[one.name]), after=after
    )
