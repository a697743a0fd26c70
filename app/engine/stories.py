"""What a change set did, told as people speak of it: person by person, class by class.

``stories`` are a line for each of whom it was about; ``lines`` say of each value what stood before
and after. Both are made for those in sight alone, with a handful of queries whatever their number.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from app.engine.naming import title
from app.engine.saving import save_table
from app.engine.told import counted, entity_word, part_word, value_text, word
from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE
from app.roster.schema import referred
from app.roster.values import Plain
from app.store import journal, listing, reads, search
from app.store import stories as store
from app.store.database import Database
from app.store.history import SYNC, ChangeSet
from app.store.journal import PREVIEW
from app.store.listing import (
    CHANGED,
    CREATED,
    JOINED,
    KEPT,
    PARTED,
    REMOVED,
    RETURNED,
    Written,
)
from app.store.reads import RecordRow
from app.store.stories import Entry, Group
from app.text import N_, _, sentence

NAMED = 2
"""So many classes are named; more are counted."""

AT_ONCE = 1000
"""So many rows of a file are read at once."""

SHORT = 32
"""Characters of a value up to which it is told in a story."""

HEADINGS = (
    N_("Record type"), N_("Id"), N_("Called"), N_("What"), N_("Field"), N_("Before"), N_("After"),
    N_("Thrown away"),
)  # fmt: skip
"""Over the lines of a file."""

KINDS = {
    "sync": N_("Sync"),
    "preview": N_("Preview"),
    "approval": N_("Approval"),
    "refusal": N_("Refusal"),
    "edit": N_("Edit"),
    "decision": N_("Decisions"),
    "policy": N_("Who decides"),
    "protect": N_("Protection"),
    "unprotect": N_("End of protection"),
    "archive": N_("Archiving"),
    "undo": N_("Undo"),
}
"""What change sets are called."""

WORDS = {
    CREATED: N_("new"),
    CHANGED: N_("changed"),
    REMOVED: N_("removed"),
    RETURNED: N_("back"),
    KEPT: N_("kept"),
    JOINED: N_("joined with another"),
    PARTED: N_("taken apart"),
}
"""What becomes of a record, in a word."""

_COUNTED = {
    CREATED: "story_new",
    CHANGED: "story_changed",
    REMOVED: "story_removed",
    RETURNED: "story_returned",
    KEPT: "story_kept",
    JOINED: "story_joined",
    PARTED: "story_parted",
}
_ITSELF = {
    REMOVED: "story_is_removed",
    RETURNED: "story_is_returned",
    JOINED: "story_is_joined",
    PARTED: "story_is_parted",
}
_CAME, _WENT = (CREATED, RETURNED, PARTED), (REMOVED, JOINED)


OUTCOMES = {
    "queued": N_("Queued"),
    "running": N_("Syncing"),
    journal.WAITING: N_("Waiting for you"),
    "completed": N_("Completed"),
    journal.WARNINGS: N_("With warnings"),
    journal.FAILED: N_("Failed"),
    "cancelled": N_("Cancelled"),
    journal.INTERRUPTED: N_("Interrupted"),
    "approval": N_("Approved"),
    "refusal": N_("Refused"),
    "answered": N_("Waits no more"),
    "done": N_("Done"),
    "unfinished": N_("Cut off"),
}
"""How a change set ended."""


def outcome(one: Entry) -> str:
    """How a change set stands now, one of ``OUTCOMES``: what a run had wait may be answered."""
    if one.run is None:
        return "unfinished" if one.set.unfinished else "done"
    if one.run.state != journal.WAITING or one.waits:
        return one.run.state
    return one.answers[0] if len(one.answers) == 1 else "answered"


def kind_word(kind: str) -> str:
    """What a change set is, in the person's language; an unknown kind as it is."""
    return _(KINDS[kind]) if kind in KINDS else kind


def set_words(one: ChangeSet) -> str:
    """What a change set is: “Sync”, “Edit by Ada Park”, “Undo of #812 by Ada Park”."""
    what = kind_word(one.kind)
    if one.of is not None:
        return sentence("set_of_by", {"what": what, "of": one.of, "who": one.author})
    if one.kind in (SYNC, PREVIEW):
        return what
    return sentence("set_by", {"what": what, "who": one.author})


@dataclass(frozen=True)
class Listed(Entry):
    """A change set as the history lists it."""

    about: str = ""
    """Whom or what it was about; blank of a sync, whose counts say it."""


def listed(database: Database, ids: Sequence[int]) -> dict[int, Listed]:
    """Change sets by id; unknown ids are left out."""
    found = store.entries(database, ids)
    told = {id_: one.set for id_, one in found.items() if one.set.kind not in (SYNC, PREVIEW)}
    of = store.about(database, [*told, *(one.of for one in told.values() if one.of is not None)])
    # What had them wait no more, or wait again, wrote none of them itself.
    of = {id_: some for id_, one in told.items() if (some := of.get(id_) or of.get(one.of or 0))}
    alone = {id_: one[0] for id_, one in of.items() if len(one) == 1 and one[0].count == 1}
    named = search.named(database, [(one.entity, one.record) for one in alone.values()])
    words = {
        id_: ", ".join(counted(one.count, one.entity) for one in some) for id_, some in of.items()
    }
    for id_, one in alone.items():
        if (name := named.get((one.entity, one.record))) is not None:
            words[id_] = title(name.row, name.titles)
    return {
        id_: Listed(one.set, one.run, one.waits, one.answers, words.get(id_, ""))
        for id_, one in found.items()
    }


def listed_words(one: Listed, *, with_connector: bool = False) -> str:
    """A line of the history: “Edit by Ada Park: Ana Ruiz”; with its connector “Sync: Lincoln”."""
    what = set_words(one.set)
    about = one.about or (one.set.connector if with_connector else "")
    return sentence("set_about", {"what": what, "about": about}) if about else what


@dataclass(frozen=True)
class Story:
    """What became of one person, class or school."""

    group: Group
    called: str
    sentences: tuple[str, ...]


class Line(NamedTuple):
    """What became of one value of a record, or of the record as a whole: then no field is told."""

    entity: str
    record: int
    called: str
    what: str
    field: str
    before: str
    after: str
    lost: str
    """What the SIS said and was thrown away."""


def stories(database: Database, groups: Sequence[Group], written: Iterable[Written]) -> list[Story]:
    """A story for each group, of what was ``written`` about its records."""
    found = list(written)
    of_record: dict[int, list[Written]] = {}
    for one in found:
        of_record.setdefault(one.record, []).append(one)
    names = _Names(database, found, [group for group in groups if group.owner])
    told: list[tuple[Group, _Told]] = []
    for group in groups:
        ids = [id_ for _entity, some in group.records for id_ in some]
        told.append(
            (group, _Told(names, group, [w for id_ in ids for w in of_record.get(id_, ())]))
        )
    kept = store.live_scores(database, [group.owner for group, one in told if one.moved])
    return [
        Story(group, names.owner(group), tuple(one.sentences(kept.get(group.owner, 0))))
        for group, one in told
    ]


def lines(database: Database, written: Sequence[Written], owner: int = 0) -> list[Line]:
    """A line for each value that was written; records are not called after their ``owner``."""
    names = _Names(database, written)
    found: list[Line] = []
    for one in written:
        type_ = ENTITIES[one.entity]
        whose = one.entity, one.record, names.called(one, but=owner), _what(one)
        sides = (one.before, one.after, one.discarded)
        fields = [name for name in dict.fromkeys(n for s in sides for n in s) if name != ALIVE]
        for name in fields:
            values = (
                value_text(type_.by_name[name], side[name], names.titles) or _("blank")
                if name in side and name in type_.by_name
                else ""
                for side in sides
            )
            found.append(Line(*whose, part_word(one.entity, name), *values))
        if not fields:
            found.append(Line(*whose, "", "", "", ""))
    return found


def save(path: Path, database: Database, written: Sequence[Written]) -> int:
    """Saves the lines as CSV for a spreadsheet; how many. Raises as ``saving.saved``."""
    rows = (
        (entity_word(one.entity), str(one.record), *one[2:])
        for start in range(0, len(written), AT_ONCE)
        for one in lines(database, written[start : start + AT_ONCE])
    )
    return save_table(path, [_(heading) for heading in HEADINGS], rows)


def save_changes(path: Path, database: Database, change_set: int) -> int:
    """The same of all that a change set did."""
    return save(path, database, listing.written(database, change_set))


def save_list(path: Path, database: Database, ids: Sequence[int]) -> int:
    """Saves change sets as CSV, in the order of ``ids``; how many. Raises as ``saving.saved``."""
    headings = (
        N_("Number"), N_("Began"), N_("Finished"), N_("What"), N_("By"), N_("Connector"),
        N_("Outcome"), N_("New"), N_("Changed"), N_("Removed"), N_("Waiting"), N_("Unreadable"),
    )  # fmt: skip
    return save_table(path, [_(heading) for heading in headings], _entry_rows(database, ids))


def _entry_rows(database: Database, ids: Sequence[int]) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(ids), AT_ONCE):
        page = ids[start : start + AT_ONCE]
        found = store.entries(database, page)
        for entry in (found[id_] for id_ in page if id_ in found):
            one, run, ended = entry.set, entry.run, outcome(entry)
            counts = [str(run.total(name)) if run else "" for name in ("waiting", "unreadable")]
            yield (
                str(one.id),
                one.at,
                (run.ended_at or "") if run else "",
                kind_word(one.kind) + (f" #{one.of}" if one.of is not None else ""),
                one.author,
                one.connector or "",
                _(OUTCOMES.get(ended, ended)),
                str(run.total("created") if run else one.created),
                str(run.total("updated") if run else one.changed - one.removed),
                str(run.total("deleted") if run else one.removed),
                *counts,
            )


def _what(one: Written) -> str:
    if one.twin is not None and one.what in (JOINED, PARTED):
        words = _("joined with #{id}") if one.what == JOINED else _("taken apart from #{id}")
        return words.format(id=one.twin)
    return _(WORDS[one.what])


class _Names:
    """The records that were written about, and what all that they name is called."""

    def __init__(
        self, database: Database, written: Sequence[Written], owners: Sequence[Group] = ()
    ) -> None:
        ids: dict[str, set[int]] = {}
        for one in written:
            ids.setdefault(one.entity, set()).add(one.record)
        self.rows: dict[int, RecordRow] = {}
        wanted: dict[str, set[int]] = {}
        for group in owners:
            wanted.setdefault(group.entity, set()).add(group.owner)
        for entity, some in ids.items():
            rows = reads.records(database, entity, sorted(some))
            self.rows |= {row.id: row for row in rows}
            for row in rows:
                self._want(wanted, entity, row.values, _SPOKEN_OF.get(entity))
            wanted.setdefault(entity, set()).update(some)
        for one in written:
            for side in (one.before, one.after, one.discarded):
                self._want(wanted, one.entity, side)
        self.titles = reads.titles(database, *wanted.items())

    @staticmethod
    def _want(
        wanted: dict[str, set[int]],
        entity: str,
        values: Mapping[str, Plain],
        names: Iterable[str] | None = None,
    ) -> None:
        type_ = ENTITIES[entity]
        for name in values if names is None else names:
            if (one := type_.by_name.get(name)) is not None:
                for target, ids in referred(one, values[name]):
                    wanted.setdefault(target, set()).update(ids)

    def title(self, id_: int | None) -> str:
        """What a record is called."""
        return "" if id_ is None else self.titles.get(id_) or f"#{id_}"

    def called(self, one: Written, but: int = 0) -> str:
        """What a record is called, by what it names where it has no name; ``but`` is known."""
        type_, row = ENTITIES[one.entity], self.rows.get(one.record)
        targets = [type_.by_name[name].target for name in type_.title]
        if row is None or not any(targets):
            return self.title(one.record)
        ids = (row.values[name] for name in type_.title)
        return " · ".join(self.title(id_) for id_ in ids if id_ is not None and id_ != but)

    def owner(self, group: Group) -> str:
        """What a story is headed with."""
        return self.title(group.owner) if group.owner else entity_word(group.entity)


_SPOKEN_OF = {
    "enrollments": ("user", "class", "school"),
    "users": ("roles",),
    **{name: one.title for name, one in ENTITIES.items() if name not in ("enrollments", "users")},
}
"""The fields whose references are called by name in stories."""


class _Told:
    """What is told of one group."""

    def __init__(self, names: _Names, group: Group, written: Sequence[Written]) -> None:
        self._names, self._group = names, group
        self._itself = [one for one in written if one.record == group.owner]
        self._places = [one for one in written if one.entity == "enrollments"]
        self._rest = [
            one for one in written if one.record != group.owner and one.entity != "enrollments"
        ]
        if group.entity != "users":
            self._places, self._rest = [], [*self._places, *self._rest]
        self._roles = [one for one in self._itself if one.what == CHANGED and "roles" in one.after]
        self.moved = self._move()
        """From which school to which; ``None``: nobody has moved."""

    def sentences(self, kept: int) -> list[str]:
        """All that is told, what matters most first; ``kept``: how many scores go along."""
        places = list(self._of_places())
        found: list[str] = []
        if self.moved is not None:
            before, after = map(self._names.title, self.moved)
            what = [*places, *([sentence("story_scores_kept", {"count": kept})] if kept else [])]
            told = {"before": before, "after": after, "what": ", ".join(what)}
            found.append(sentence("story_moved_with" if what else "story_moved", told))
            places = []
        found += self._of_itself()
        return [*found, *places, *self._of_rest()]

    # -- the person, class or school --

    def _of_itself(self) -> Iterable[str]:
        for one in self._itself:
            told: dict[str, object] = {"id": one.twin}
            if one.what == CREATED:
                yield self._newcomer(one)
            elif one.what in _ITSELF:
                yield sentence(_ITSELF[one.what], told)
            elif one.what == KEPT and not _ends(one):
                yield sentence("story_is_kept", {"fields": _fields(one.entity, one.discarded)})
            elif one.what == KEPT:
                yield sentence("story_stays")
            if one.what in (CHANGED, RETURNED):
                yield from self._of_values(one)

    def _newcomer(self, one: Written) -> str:
        row = self._names.rows.get(one.record)
        roles: Plain = row.values["roles"] if row and one.entity == "users" else None
        roles = roles or ()
        if len(roles) != 1:
            return sentence("story_is_new")
        role, org = roles[0][:2]
        return sentence("story_is_new_in", {"role": word(role), "school": self._names.title(org)})

    def _of_values(self, one: Written) -> Iterable[str]:
        names = [name for name in one.after if name != ALIVE]
        if one.entity == "users":
            if "roles" in names:
                yield from self._of_roles(one)
            if "agents" in names:
                yield from self._of_agents(one)
            names = [name for name in names if name not in ("roles", "agents")]
        if len(names) == 1 and (short := self._short(one, names[0])):
            yield short
        elif names:
            yield sentence("story_fields", {"fields": _fields(one.entity, names)})

    def _short(self, one: Written, name: str) -> str:
        """One value before and after, where that is soon said."""
        type_ = ENTITIES[one.entity].by_name.get(name)
        if type_ is None or type_.kind.is_list:
            return ""
        texts = [
            value_text(type_, side[name], self._names.titles, with_ids=False) or _("blank")
            for side in (one.before, one.after)
        ]
        if max(map(len, texts)) > SHORT:
            return ""
        told = {"field": _(type_.label), "before": texts[0], "after": texts[1]}
        return sentence("story_value", told)

    def _of_roles(self, one: Written) -> Iterable[str]:
        gone, new = _elements(one, "roles", 2)
        if self.moved is not None and [(org,) for _role, org in gone] == [self.moved[:1]]:
            return
        for code, some in (("story_role", new), ("story_no_role", gone)):
            for role, org in some:
                yield sentence(code, {"role": word(role), "school": self._names.title(org)})
        if not (gone or new):
            yield sentence("story_fields", {"fields": part_word("users", "roles")})

    def _of_agents(self, one: Written) -> Iterable[str]:
        gone, new = _elements(one, "agents", 2)
        for code, some in (("story_related", new), ("story_unrelated", gone)):
            for user, relation in some:
                relation = word(relation) if relation else _("Related person")
                told = {"relation": relation[:1].upper() + relation[1:]}
                yield sentence(code, {**told, "name": self._names.title(user)})

    # -- classes --

    def _move(self) -> tuple[int, int] | None:
        for one in self._roles:
            gone, new = _elements(one, "roles", 2)
            if len(gone) == len(new) == 1 and gone[0][0] == new[0][0] and gone[0][1] != new[0][1]:
                return gone[0][1], new[0][1]
        if any(one.what != CHANGED for one in self._itself):
            return None
        left, joined = (
            {self._value(one, "school") for one in self._places if one.what in some}
            for some in (_WENT, _CAME)
        )
        if len(left) == len(joined) == 1 and left != joined and None not in left | joined:
            return left.pop(), joined.pop()
        return None

    def _of_places(self) -> Iterable[str]:
        """Classes that a person joined and left, or began and ceased to teach."""
        for some, learn, teach, count in (
            (_WENT, "story_leaves", "story_teaches_no_more", "story_classes_left"),
            (_CAME, "story_joins", "story_teaches", "story_classes_joined"),
        ):
            places = [one for one in self._places if one.what in some]
            for teaching, code in ((True, teach), (False, learn)):
                those = [one for one in places if (self._role(one) == "teacher") is teaching]
                if teaching or (0 < len(those) <= NAMED and self.moved is None):
                    if those:
                        yield sentence(code, {"classes": self._classes(those)})
                elif those:
                    yield sentence(count, {"count": len(those)})
        stays = [one for one in self._places if one.what == KEPT and _ends(one)]
        if stays:
            yield sentence("story_stays_in", {"classes": self._classes(stays)})
        changed = [one for one in self._places if one.what in (CHANGED, KEPT) and one not in stays]
        if 0 < len(changed) <= NAMED:
            for one in changed:
                told = {"record": self._names.called(one, but=self._group.owner)}
                fields = _fields(one.entity, one.after or one.discarded)
                yield sentence("story_of", {**told, "fields": fields})
        else:
            yield from _counts(changed)

    def _classes(self, places: Sequence[Written]) -> str:
        if len(places) > NAMED:
            return counted(len(places), "classes")
        return ", ".join(self._names.title(self._value(one, "class")) for one in places)

    def _role(self, one: Written) -> Plain:
        return self._value(one, "role")

    def _value(self, one: Written, name: str) -> Plain:
        row = self._names.rows.get(one.record)
        return None if row is None else row.values[name]

    # -- what else is theirs --

    def _of_rest(self) -> Iterable[str]:
        demographics = [one for one in self._rest if one.entity == "demographics"]
        for one in demographics:
            if one.what == CHANGED:
                told = {"record": entity_word("demographics")}
                yield sentence("story_of", {**told, "fields": _fields("demographics", one.after)})
        changed = [one for one in demographics if one.what == CHANGED]
        yield from _counts([one for one in self._rest if one not in changed])


def _ends(one: Written) -> bool:
    """Whether all that was thrown away of a record is that it ended, or came back."""
    return set(one.discarded) == {ALIVE}


def _counts(written: Sequence[Written]) -> Iterable[str]:
    """How many records of each type became what."""
    found = Counter((one.what, one.entity) for one in written)
    for what, code in _COUNTED.items():
        some = [counted(count, entity) for (of, entity), count in found.items() if of == what]
        if some:
            yield sentence(code, {"what": ", ".join(some)})


def _fields(entity: str, names: Iterable[str]) -> str:
    """Fields by their labels, each once."""
    known = ENTITIES[entity].by_name
    labels = [_(known[name].label) if name in known else name for name in names if name != ALIVE]
    return ", ".join(dict.fromkeys(labels))


def _elements(one: Written, name: str, width: int) -> tuple[list[Plain], list[Plain]]:
    """The keys of the elements of a list that went, and of those that came."""
    was, is_ = ([part[:width] for part in side.get(name) or ()] for side in (one.before, one.after))
    return [part for part in was if part not in is_], [part for part in is_ if part not in was]
