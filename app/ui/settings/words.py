"""Words of a SIS that its district made up: which were met, and what each means."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QCheckBox, QLineEdit, QStackedWidget

from app.compose import kinds
from app.connectors.contract import Word, Worded
from app.engine.opening import read_settings
from app.engine.told import word
from app.errors import SyncError
from app.store import reads
from app.store.database import Database
from app.store.reads import ConnectorFacts
from app.text import N_, _, plural, sentence
from app.ui import theme
from app.ui.connectors.form import Choices
from app.ui.parts.simple import button, in_lines, text
from app.ui.settings.page import Page, section
from app.ui.settings.tables import Rows
from app.ui.wording import number

NOTHING = "none"
"""The meaning of a word that says nothing that a roster has."""


@dataclass(frozen=True)
class Seen:
    """The words of a connector's SIS, and the connector as it was when they were read."""

    facts: ConnectorFacts
    settings: Any
    words: Sequence[Word]


def unexplained(database: Database, connector: str | None = None) -> dict[str, int]:
    """How many words are not understood, of one connector or of all, by its name."""
    found: dict[str, int] = {}
    for facts in reads.connectors(database):
        if connector in (None, facts.name) and (seen := _read(database, facts)) is not None:
            count = sum(not one.means for one in seen.words)
            found |= {facts.name: count} if count else {}
    return found


def _read(database: Database, facts: ConnectorFacts) -> Seen | None:
    kind = kinds().get(facts.kind)
    if kind is None or not isinstance(kind, Worded):
        return None
    settings = read_settings(kind, facts.settings)
    return Seen(facts, settings, kind.words(settings, reads.learnt(database, facts.name)))


class WordsPage(Page):
    """Explained one by one; the next sync then reads everything by it."""

    name = "words"
    title = N_("Words of the SIS")
    about = N_(
        "A district may have words of its own for grades, roles and the like. Where this program "
        "does not know what one means, that is left blank until you say it here."
    )

    def __init__(self) -> None:
        super().__init__()
        self._seen: Seen | None = None
        self.told = text()
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Search"))
        self.search.setAccessibleName(_("Search the words"))
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(200)
        self.unmapped = QCheckBox(_("Only those that are not understood"))
        self.unmapped.setChecked(True)
        self.rows = Rows(self.title, [_("Word"), _("Of"), _("Meaning"), _("Times")], 7)
        self.nothing = text(quiet=True)
        self.asked = section("")
        self.choice = Choices()
        self.choice.setSizeAdjustPolicy(Choices.SizeAdjustPolicy.AdjustToContents)
        self.free = QLineEdit()
        self.editor = QStackedWidget()
        self.editor.setFixedHeight(theme.TARGET + 4)
        self.editor.addWidget(self.choice)
        self.editor.addWidget(self.free)
        self.explain_button = button(_("It means that"), main=True)
        self.unexplain_button = button(_("Take that back"))
        self.wrong = text()
        self.wrong.setProperty("wrong", True)
        self.body.addWidget(self.told)
        self.body.addLayout(in_lines(self.search, self.unmapped))
        self.body.addWidget(self.rows)
        self.body.addWidget(self.nothing)
        self.body.addWidget(self.asked)
        self.body.addLayout(in_lines(self.editor, self.explain_button, self.unexplain_button))
        self.body.addWidget(self.wrong)
        self.search.textChanged.connect(self._show)
        self.unmapped.toggled.connect(self._show)
        self.rows.chosen.connect(self._word_chosen)
        self.rows.wanted.connect(self._go_to_editor)
        self.rows.unwanted.connect(self._unexplain)
        self.choice.currentIndexChanged.connect(self._offer)
        self.free.textChanged.connect(self._offer)
        self.free.returnPressed.connect(self._explain)
        self.explain_button.clicked.connect(self._explain)
        self.unexplain_button.clicked.connect(self._unexplain)
        self._show()

    @staticmethod
    def applies(kind: str, connectors: int) -> bool:
        """Where the SIS of a kind may have words of their own."""
        return isinstance(kinds().get(kind), Worded)

    @staticmethod
    def question(database: Database, connector: str) -> Seen | None:
        """The words that were met or explained."""
        return _read(database, reads.connector(database, connector))

    def show_found(self, found: Seen | None) -> None:
        """Shows them."""
        self._seen = found
        words = found.words if found is not None else ()
        open_ = sum(not one.means for one in words)
        self.told.setText(
            plural("{n} word is not understood.", "{n} words are not understood.", open_)
            if open_
            else _("Every word that was met is understood.")
            if words
            else _("No words yet: the first sync meets them.")
        )
        self._show()

    def forget(self) -> None:
        """Shows nothing."""
        self._seen = None
        self.wrong.hide()
        self.search.clear()
        self.told.setText("")
        self._show()

    def _go_to_editor(self) -> None:
        (self.choice if self.editor.currentIndex() == 0 else self.free).setFocus()

    # -- showing --

    def _show(self) -> None:
        words = self._seen.words if self._seen is not None else ()
        sought = self.search.text().strip().casefold()
        shown = [
            one
            for one in words
            if not (self.unmapped.isChecked() and one.means and not one.own)
            and sought in f"{one.said} {one.means} {_meaning(one.means)}".casefold()
        ]
        rows = [
            (
                one,
                (one.name, one.of, _meaning(one.means), number(one.times) if one.times else ""),
            )
            for one in shown
        ]
        self.rows.show_rows(rows, lambda one: one.said)
        self.rows.setVisible(bool(shown))
        self.nothing.setVisible(bool(words) and not shown)
        self.nothing.setText(
            _("None of them has that in it.") if sought else _("Nothing is left to be explained.")
        )

    @property
    def _chosen(self) -> Word | None:
        found = self.rows.value
        return found if isinstance(found, Word) else None

    def _word_chosen(self) -> None:
        one = self._chosen
        for widget in (self.asked, self.editor, self.explain_button):
            widget.setVisible(one is not None)
        self.unexplain_button.setVisible(one is not None and one.own)
        self.wrong.hide()
        if one is None or self._seen is None:
            return
        kind = kinds()[self._seen.facts.kind]
        assert isinstance(kind, Worded)
        self.asked.setText(_("What does “{word}” mean?").format(word=one.name))
        meanings = kind.meanings(one.said)
        self.editor.setCurrentIndex(0 if meanings else 1)
        for editor in (self.choice, self.free):
            editor.setAccessibleName(self.asked.text())
        self.choice.clear()
        for meaning in meanings:
            self.choice.addItem(_meaning(meaning), meaning)
        self.choice.setPlaceholderText(_("Choose"))
        self.choice.setCurrentIndex(self.choice.findData(one.means))
        self.free.setText(one.means)
        self._offer()

    def _meant(self) -> str:
        one = self.choice.currentData() if self.editor.currentIndex() == 0 else self.free.text()
        return str(one or "").strip()

    def _offer(self) -> None:
        one, meant = self._chosen, self._meant()
        self.explain_button.setEnabled(one is not None and bool(meant) and meant != one.means)

    # -- explaining --

    def _explain(self) -> None:
        if self.explain_button.isEnabled():
            self._save(self._meant())

    def _unexplain(self) -> None:
        if (one := self._chosen) is not None and one.own:
            self._save("")

    def _save(self, means: str) -> None:
        one, seen = self._chosen, self._seen
        if one is None or seen is None:
            return
        kind = kinds()[seen.facts.kind]
        assert isinstance(kind, Worded)
        try:
            new = kind.explained(seen.settings, one.said, means)
        except SyncError as error:
            self._complain(error)
            return
        words = (
            _("“{word}” means “{meaning}” from now on. The next sync reads everything.")
            if means
            else _("What “{word}” means is not said any more. The next sync reads everything.")
        ).format(word=one.name, meaning=_meaning(means))

        def saved(found: SyncError | None) -> None:
            if isinstance(found, SyncError):
                self._complain(found)
            else:
                self.tell(words)

        settings = {**seen.facts.settings, kind.word_setting: new}
        self.explain_button.setEnabled(False)
        self.request(
            "save_connector", self.connector, seen.facts.kind, settings, seen=seen.facts, then=saved
        )

    def _complain(self, error: SyncError) -> None:
        self.wrong.setText(sentence(error.code, error.parameters))
        self.wrong.show()
        self._offer()


def _meaning(means: str) -> str:
    """A meaning in words."""
    return _("nothing that is kept here") if means == NOTHING else word(means)
