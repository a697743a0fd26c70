"""What became of the roster between two dates."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from app.engine import past, stories
from app.engine.past import CAME, LEFT, Compared
from app.engine.told import entity_word
from app.roster.entities import ENTITIES
from app.store import stories as store
from app.store.database import Database
from app.store.listing import CHANGED
from app.store.stories import Group
from app.text import N_, _
from app.ui.history.changes import Changes
from app.ui.history.looking import ALL_SCHOOLS, COUNTED, LookingBack
from app.ui.history.moments import Offers, When, offers
from app.ui.session import Session
from app.ui.wording import number, people_first

_WHAT = ((CAME, N_("{type}: came")), (LEFT, N_("{type}: left")), (CHANGED, N_("{type}: changed")))


class ComparedDialog(LookingBack):
    """Who came, left and was changed between two moments, by school and by name."""

    def __init__(self, parent: QWidget | None, session: Session, *, classes: bool = False) -> None:
        """``classes``: to begin with, who changed classes since yesterday, and nobody else."""
        super().__init__(
            parent,
            session,
            _("Who changed classes") if classes else _("Two dates compared"),
            _("What became of the roster all in all: who came and went again is not told."),
        )
        self.earlier = When(_("From"))
        self.later = When(_("To"), now=True)
        self.add_when(_("&From"), self.earlier)
        self.add_when(_("&to"), self.later)
        self.changes = Changes()
        self._found: Compared | None = None
        self._classes = classes
        self.changes.moved.setChecked(classes)
        self.schools.setMaximumHeight(220)
        self.body.addWidget(self.schools)
        self.body.addWidget(self.changes, 1)
        self.fit(960, 640)
        for when in (self.earlier, self.later):
            when.changed.connect(self._look)
        self.schools.currentCellChanged.connect(self._narrow)
        self.changes.narrowed.connect(self._narrow)
        self.changes.model.wanted.connect(self._read_stories)
        self.changes.model.opened.connect(self._read_lines)
        self.changes.go.connect(self.follow)
        self.changes.save.connect(self._save)
        self.earlier.choice.setFocus()
        self.ask("offers", offers, self._offer)

    def _offer(self, found: Offers) -> None:
        self.earlier.offer(found, yesterday=self._classes)
        self.later.offer(found)

    def _look(self) -> None:
        moments = self.earlier.asked(), self.later.asked()

        def question(database: Database) -> Compared:
            return past.compared(database, *past.in_order(*(asked(database) for asked in moments)))

        self.changes.clear(moved=self.changes.moved.isChecked())
        self.ask("compared", question, self._show)

    def _show(self, found: Compared) -> None:
        self._found = found
        columns = [
            (entity, what, words)
            for entity in people_first(ENTITIES)[:COUNTED]
            for what, words in _WHAT
            if found.totals.get((entity, what))
            or any(counts.get((entity, what)) for counts in found.counts.values())
        ]
        rows: list[tuple[int | None, Sequence[str]]] = [
            (
                ALL_SCHOOLS,
                [
                    _("All schools"),
                    *(number(found.totals.get((entity, what), 0)) for entity, what, _w in columns),
                ],
            )
        ]
        for school, name in found.schools.items():
            counts = [found.counts[school].get((entity, what), 0) for entity, what, _w in columns]
            if any(counts):
                rows.append((school, [name, *map(number, counts)]))
        headings = [_(words).format(type=entity_word(entity)) for entity, _what, words in columns]
        self.fill([_("School"), *headings], rows)
        self.schools.setVisible(bool(columns))
        self._narrow()

    def _narrow(self) -> None:
        if (found := self._found) is None:
            return
        school, word = self.school(), self.changes.word
        keys = [(one.entity, one.record) for one in found.within(school)]
        self.ask("groups", lambda db: store.grouped(db, keys, word), self.changes.show_groups)

    def _read_stories(self, groups: list[Group]) -> None:
        if (found := self._found) is not None:
            self.ask(
                "stories",
                lambda db: stories.stories(db, groups, found.about(groups)),
                self.changes.model.put,
            )

    def _read_lines(self, group: Group) -> None:
        if (found := self._found) is not None:
            self.ask(
                f"lines {group.key}",
                lambda db: stories.lines(db, found.about([group]), group.owner),
                lambda lines: self.changes.model.put_lines(group, lines),
            )

    def _save(self) -> None:
        if (found := self._found) is not None:
            written = found.about(self.changes.model.groups)
            name = _("{what} {day}.csv").format(
                what=_("compared"), day=f"{self.earlier.day} {self.later.day}"
            )
            self.save_as(name, lambda p, db: stories.save(p, db, written))
