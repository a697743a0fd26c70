"""Before many differences are decided at once: how many, some of them, and what each becomes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from app.engine.causes import Cause, cause_text, causes
from app.engine.decisions import Take
from app.engine.precedent import Precedent
from app.engine.told import entity_word, part_word
from app.roster.entities import ENTITIES
from app.roster.schema import referred
from app.store import differences, reads
from app.store.database import Database
from app.store.differences import Difference
from app.text import _, plural
from app.ui import theme
from app.ui.merge import words
from app.ui.parts.dialog import Asking
from app.ui.parts.label import Label
from app.ui.wording import number


@dataclass(frozen=True)
class Alike:
    """What is to be decided at once, as it stands now."""

    revisions: Mapping[int, int]
    samples: tuple[Difference, ...]
    titles: Mapping[int, str]
    """What the samples refer to."""
    changed: int
    """How many have changed since they were seen: these are asked again."""


def alike(database: Database, cause: Cause, shown: Difference | None = None) -> Alike:
    """The differences of a cause, some of them from its beginning, its middle and its end.

    Only those that stand as they were seen in it, or, of the one that is ``shown``, as it is: what
    has changed, or become another question, is not answered along.
    """
    seen = {id_: revision for id_, _record, revision in cause.differences}
    if shown is not None:
        seen[shown.id] = shown.revision
    open_now = {
        id_: (one.key, revision)
        for one in causes(database, cause.connector)
        for id_, _record, revision in one.differences
        if id_ in seen
    }
    standing = {id_: seen[id_] for id_, now in open_now.items() if now == (cause.key, seen[id_])}
    ids = [one for one in cause.ids if one in standing]
    last = len(ids) - 1
    places = sorted({0, last // 2, last}) if ids else []
    samples = tuple(differences.differences(database, [ids[place] for place in places]))
    wanted: dict[str, set[int]] = {}
    for one in samples:
        for side in (one.ours, one.sis, one.base):
            for name, value in side.items():
                field = ENTITIES[one.entity].by_name.get(name)
                for target, found in referred(field, value) if field else ():
                    wanted.setdefault(target, set()).update(found)
    changed = len(open_now) - len(standing)
    return Alike(standing, samples, reads.titles(database, *wanted.items()), changed)


class AlikeDialog(Asking):
    """Asks once for all of them."""

    def __init__(
        self,
        parent: QWidget,
        cause: Cause,
        take: Take,
        found: Alike,
        does: str,
        agreed: Callable[[], None],
    ) -> None:
        count = len(found.revisions)
        title = plural(
            "The same for this {n} difference?", "The same for these {n} differences?", count
        )
        super().__init__(parent, _("The same for all like this"), title, does)
        about = Label(cause_text(cause))
        about.setWordWrap(True)
        theme.mark(about, "quiet", True)
        self.body.addWidget(about)
        self.body.addWidget(self._samples(found, take))
        said = _("It is one step in the history, and one undo takes all of it back.")
        if found.changed:
            changed = plural(
                "{n} has changed since you chose, and is asked again.",
                "{n} have changed since you chose, and are asked again.",
                found.changed,
            )
            said = f"{changed} {said}"
        later = Label(said)
        later.setWordWrap(True)
        theme.mark(later, "quiet", True)
        self.body.addWidget(later)
        first = found.samples[0] if found.samples else None
        words_ = _("{title} ({count})").format(
            title=words.title(first, take) if first else "", count=number(count)
        )
        self.offer(_("Not now"), words_, agreed)
        self.agree.setEnabled(bool(count))

    def _samples(self, found: Alike, take: Take) -> QWidget:
        rows = []
        for one in found.samples:
            sides = {Take.SIS: one.sis, Take.BASE: one.base}
            texts = [
                words.part_text(one, side, found.titles)
                for side in (one.ours, one.sis, sides.get(take, one.ours))
            ]
            rows.append((one.title, *texts))
        name = found.samples[0].connector if found.samples else ""
        return table((_("For example"), _("Ours"), name, _("Becomes")), rows)


class AlwaysDialog(Asking):
    """Asks whether it is to be a rule, with what that would have done so far."""

    def __init__(
        self,
        parent: QWidget,
        one: Difference,
        part: str,
        found: Precedent,
        titles: Mapping[int, str],
        agreed: Callable[[], None],
    ) -> None:
        field, many = part_word(one.entity, part), entity_word(one.entity)
        title = (
            _("Always keep ours for “{field}”?")
            if found.take is Take.OURS
            else _("Always take {name}'s for “{field}”?")
        ).format(name=one.connector, field=field)
        does = _(
            "This one is decided so now. From then on it is done whenever both sides change "
            "“{field}” of “{many}” differently, and nobody is asked. What else is open is decided "
            "when a sync reads it again. Settings, “Who decides”, shows the rule; undo takes it "
            "back."
        ).format(field=field, many=many)
        super().__init__(parent, _("Always decide so"), title, does)
        told = plural(
            "In the last 90 days you decided {n} such difference.",
            "In the last 90 days you decided {n} such differences.",
            found.count,
        )
        agreeing = plural(
            "The rule would have decided {n} as you did.",
            "The rule would have decided {n} as you did.",
            found.agreed,
        )
        unlike = (
            plural("{n} you decided otherwise:", "{n} you decided otherwise:", found.otherwise)
            if found.otherwise
            else _("You decided none otherwise.")
        )
        self.evidence = Label(" ".join((told, agreeing, unlike)))
        self.evidence.setWordWrap(True)
        self.body.addWidget(self.evidence)
        if found.samples:
            rows = [
                (
                    titles.get(past.record, f"#{past.record}"),
                    *(
                        words.part_text(one, side, titles)
                        for side in (past.ours, past.sis, past.result)
                    ),
                )
                for past in found.samples
            ]
            heads = (_("For example"), _("Ours"), one.connector, _("You chose"))
            self.body.addWidget(table(heads, rows))
        agree = (
            _("Always keep ours")
            if found.take is Take.OURS
            else _("Always take {name}'s").format(name=one.connector)
        )
        self.offer(_("Keep asking"), agree, agreed)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> QWidget:
    """A few rows to read."""
    card = QFrame()
    card.setObjectName("card")
    grid = QGridLayout(card)
    grid.setContentsMargins(14, 10, 14, 10)
    grid.setHorizontalSpacing(3 * theme.SPACE)
    grid.setVerticalSpacing(theme.SPACE)
    for column, head in enumerate(heads):
        label = Label(head)
        theme.mark(label, "quiet", True)
        grid.addWidget(label, 0, column)
    for place, row in enumerate(rows, start=1):
        for column, text in enumerate(row):
            label = Label(words.or_blank(text))
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            if column == len(row) - 1:
                label.setObjectName("outcome")
            grid.addWidget(label, place, column)
    return card
