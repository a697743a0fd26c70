"""Whose word the values of a record are, and what they would be without some (SEMANTICS A4, G2).

A list is looked at element by element, each under its key; any other value is one such cell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.roster.schema import FieldType
from app.roster.stored import list_text, plain_value
from app.roster.values import UNKNOWN, UNSAID, Elements, Plain
from app.store.history import DECISION, Logged
from app.store.identities import StandIns


def cells(field: FieldType, value: Plain) -> dict[Plain, Plain]:
    """A value in stored form by key; what is blank or not known has none."""
    if value is None or value is UNKNOWN or value is UNSAID:
        return {}
    return _by_key(field, plain_value(field, value))


def from_cells(field: FieldType, parts: Mapping[Plain, Plain]) -> Plain:
    """The value in stored form that the cells make."""
    if not field.kind.is_list:
        return next(iter(parts.values()), None)
    return list_text(field.kind.normal(tuple(parts.values())))


def _by_key(field: FieldType, plain: Plain) -> dict[Plain, Plain]:
    if plain is None:
        return {}
    kind = field.kind
    if not kind.is_list:
        return {None: plain}
    if isinstance(kind, Elements):
        return {kind.key_of(part): part for part in plain}
    return {part: part for part in plain}


@dataclass(frozen=True)
class Origins:
    """How one record came to say what it says."""

    same: StandIns
    going: frozenset[int]
    """The links whose word is to be left out,"""
    staying: frozenset[int]
    """and those of the same record that stay."""
    log: Sequence[Logged]
    """All that happened to the record, the newest first."""
    sent: Mapping[int, Mapping[str, Plain]]
    """What the SISs that stay were last told from here, by link and field."""
    made_there: bool
    """Whether it was made of a row that goes; then what no log has is that row's."""
    since: int = 0
    """The change set in which they became one; 0 where a rule made them so."""

    def without(self, field: FieldType, ours: Plain, told: Plain, going: Plain) -> Plain:
        """The value without what came with the links that go alone.

        ``told`` is what the SISs that stay last said, ``going`` what the others did.
        """
        now, theirs, gone = (self._cells(field, side) for side in (ours, told, going))
        rows = [self._row(field, row) for row in self.log]
        left = dict(now)
        for key in dict.fromkeys([*now, *(key for _, was, is_, _ in rows for key in (*was, *is_))]):
            if self._stays(field, key, now.get(key), theirs):
                continue
            came, value = self._before(field, key, now.get(key), theirs, gone, rows)
            if came:
                left.pop(key, None)
                if value is not None:
                    left[key] = value
        return ours if left == now else from_cells(field, left)

    def before_sent(
        self, field: FieldType, told: Plain, before: Plain, sent: Plain, staying: Plain
    ) -> Plain:
        """What a SIS that goes ``told``, without what it was ``sent`` on the word of others.

        ``before`` is what it said until then, ``staying`` what the SISs that stay last said. What a
        person wrote meanwhile stays where it was sent to.
        """
        now, was, given, others = (
            self._cells(field, side) for side in (told, before, sent, staying)
        )
        left = dict(now)
        for key in dict.fromkeys([*was, *given]):
            value = given.get(key)
            if was.get(key) == value or now.get(key) != value:
                continue
            if self._by_hand(field, key, value, others):
                continue
            left.pop(key, None)
            if key in was:
                left[key] = was[key]
        return told if left == now else from_cells(field, left)

    def _by_hand(
        self, field: FieldType, key: Plain, value: Plain, others: Mapping[Plain, Plain]
    ) -> bool:
        """Whether a person wrote a cell since they are one, and did not take it from others."""
        for row in self.log:
            _, was, is_, _ = self._row(field, row)
            if was.get(key) == is_.get(key) or is_.get(key) != value:
                continue
            taken = row.kind == DECISION and others.get(key) == value
            return row.link is None and row.change_set > self.since and not taken
        return False

    def _stays(
        self, field: FieldType, key: Plain, value: Plain, theirs: Mapping[Plain, Plain]
    ) -> bool:
        """Whether a SIS that stays says so as well, and not because it was told so from here."""
        if value is None or theirs.get(key) != value:
            return False
        return not any(
            self._cells(field, sent.get(field.name)).get(key) == value
            for sent in self.sent.values()
        )

    def _before(
        self,
        field: FieldType,
        key: Plain,
        value: Plain,
        theirs: Mapping[Plain, Plain],
        gone: Mapping[Plain, Plain],
        rows: Sequence["_Row"],
    ) -> tuple[bool, Plain]:
        """Whether a cell came with the links that go, and what it was before."""
        came = newer = heard = False
        for row, was, is_, thrown in rows:
            heard |= row.link in self.staying and thrown
            before, after = was.get(key), is_.get(key)
            if before == after:
                continue
            # What a person took over from them is their word as well.
            taken = row.link is None and row.kind == DECISION and gone.get(key) == after is not None
            if row.link not in self.going and not taken:
                break
            came, newer, value = True, heard, before
        else:
            if self.made_there and value is not None:
                came, newer = True, True
            elif not came and field.references and key in gone and key not in theirs:
                # Who is named by another id since others were parted stands so in no log.
                came, value = True, None
        return came, theirs.get(key) if newer else value

    def _row(self, field: FieldType, row: Logged) -> "_Row":
        was, is_ = (self._cells(field, side.get(field.name)) for side in (row.before, row.after))
        return row, was, is_, field.name in row.discarded

    def _cells(self, field: FieldType, value: Plain) -> dict[Plain, Plain]:
        if value is None or value is UNKNOWN or value is UNSAID:
            return {}
        return _by_key(field, self.same.plain(field, plain_value(field, value)))


_Row = tuple[Logged, dict[Plain, Plain], dict[Plain, Plain], bool]
"""A row of the log, a field before and after it, and whether its SIS said what was discarded."""
