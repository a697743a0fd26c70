"""The keys of every action: as they come, or as a person has set them (kept in ``QSettings``)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtGui import QAction, QKeySequence
from shiboken6 import isValid

EVERYWHERE = "window"
"""Actions that work wherever the focus is."""
DIFFERENCES = "differences"
"""Actions of the merge grid: letters and digits, heard while it has the focus and never else."""
NEWCOMERS = "newcomers"
"""The same of the list of those who may be the same."""


@dataclass
class Bound:
    """An action with a name of its own, and the keys that it comes with."""

    name: str
    action: QAction
    defaults: tuple[QKeySequence, ...]
    where: str

    @property
    def words(self) -> str:
        """What the action is called."""
        return self.action.text().replace("&", "").removesuffix("…")


class Keys(QObject):
    """Who declares an action binds it here once; whoever lists or changes keys finds it here."""

    changed = Signal()

    def __init__(self, settings: QSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._bound: dict[str, Bound] = {}
        self._lost: dict[str, tuple[QKeySequence, str]] = {}
        self.complete: Callable[[], None] = lambda: None
        """Has what binds further actions made, where that waits to be needed."""

    def bind(
        self, action: QAction, name: str, *defaults: str | QKeySequence, where: str = EVERYWHERE
    ) -> QAction:
        """Gives the action its keys: those a person has chosen, otherwise ``defaults``."""
        keys = tuple(QKeySequence(one) for one in defaults)
        bound = Bound(name, action, keys, where)
        self._bound[name] = bound
        chosen = self._settings.value(f"keys/{name}")
        free: list[QKeySequence] = []
        for key in keys if chosen is None else _read(str(chosen)):
            # Two that have a key are both dead: it stays with the one that was first.
            if (other := self._held(key, name)) is None:
                free.append(key)
            else:
                self._lost[name] = (key, other.words)
        action.setShortcuts(free)
        return action

    @property
    def lost(self) -> list[tuple[Bound, QKeySequence, str]]:
        """Which actions have lost which key, as another one has it, and what that is called."""
        return [(one, *self._lost[one.name]) for one in self.all() if one.name in self._lost]

    def all(self) -> list[Bound]:
        """Every action that there is, in the order in which they were bound."""
        self.complete()
        return [one for one in self._bound.values() if isValid(one.action)]

    def set(self, name: str, keys: Sequence[QKeySequence]) -> None:
        """Other keys for an action, remembered; none is a choice, too."""
        bound = self._bound[name]
        self._lost.pop(name, None)
        if tuple(keys) == bound.defaults:
            self._settings.remove(f"keys/{name}")
        else:
            self._settings.setValue(f"keys/{name}", "\t".join(one.toString() for one in keys))
        bound.action.setShortcuts(list(keys))
        self.changed.emit()

    def reset(self) -> None:
        """Every action has the keys that it comes with."""
        for bound in self.all():
            self.set(bound.name, bound.defaults)

    def taken(self, key: QKeySequence, but: str) -> Bound | None:
        """Whose key it is already, where both would be heard at once; ``but`` is not asked."""
        self.complete()
        return self._held(key, but)

    def _held(self, key: QKeySequence, but: str) -> Bound | None:
        where = self._bound[but].where
        for one in self._bound.values():
            heard = EVERYWHERE in (one.where, where) or one.where == where
            if one.name != but and heard and isValid(one.action) and key in one.action.shortcuts():
                return one
        return None


def _read(text: str) -> list[QKeySequence]:
    keys = (QKeySequence(one) for one in text.split("\t"))
    return [one for one in keys if one.toString()]  # what is no key has no name
