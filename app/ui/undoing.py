"""What a person has done in this window and can take back, the newest first: Ctrl+Z everywhere."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.engine.undo import Undone
from app.errors import BusyError, Cancelled, Fenced, LimitError, SyncError
from app.text import _, plural, sentence
from app.ui.places import Place
from app.ui.room import Said
from app.ui.session import Session

PASSES = (BusyError, Cancelled, Fenced)
"""What keeps an undo for now: it can be asked for again."""


class Undoing(QObject):
    """Undo is the engine's (SEMANTICS G2): nothing newer is overwritten, and it can be undone."""

    said = Signal(object)
    """A ``Said``: what was taken back, or why not."""
    changed = Signal()
    """There is more or less to take back."""
    goes_over = Signal(int)
    """A safety limit keeps this change set from being taken back by a key."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._done: list[Said] = []
        self._undone: list[Said] = []
        self._deeds = 0
        self._busy = False

    @property
    def can(self) -> tuple[bool, bool]:
        """Whether there is something to take back, and something to do again."""
        return bool(self._done) and not self._busy, bool(self._undone) and not self._busy

    def did(self, said: Said) -> None:
        """The person has made the change set of ``said``, or done what is ``final``."""
        self._deeds += 1
        self._done.append(said)
        self._undone.clear()
        self.changed.emit()

    def forget(self) -> None:
        """The session ends."""
        self._done.clear()
        self._undone.clear()
        self._busy = False
        self.changed.emit()

    def undo(self, session: Session) -> None:
        """Takes the newest change set back."""
        self._take(session, self._done, self._undone)

    def redo(self, session: Session) -> None:
        """Does again what was taken back last."""
        self._take(session, self._undone, self._done)

    def _take(self, session: Session, where_from: list[Said], where_to: list[Said]) -> None:
        if not where_from or self._busy:
            return
        if where_from[-1].undo is None:
            self._say_final(where_from[-1])
            return
        self._busy = True
        said, deeds = where_from.pop(), self._deeds
        self.changed.emit()
        again = where_to is self._done

        def taken(result: Undone | SyncError) -> None:
            self._busy = False
            if isinstance(result, SyncError):
                told = sentence(result.code, result.parameters)
                if isinstance(result, PASSES):
                    where_from.append(said)
                elif isinstance(result, LimitError) and said.undo is not None:
                    told = _("This goes over a safety limit. Here it can be approved all the same.")
                    self.goes_over.emit(said.undo)
            else:
                told = _told(said, result, again=again)
                if result.id is not None and (again or deeds == self._deeds):
                    where_to.append(replace(said, undo=result.id))
            if deeds == self._deeds or isinstance(result, SyncError):
                # Otherwise it would hide what was done since, and its Undo.
                self.said.emit(Said(told, leads=_leads(said, result)))
            self.changed.emit()

        session.request("undo", said.undo, then=taken)

    def _say_final(self, said: Said) -> None:
        """What was done last cannot be taken back, and nothing older is meant in its place."""
        told = _("This cannot be undone: {what}").format(what=said.words)
        self.said.emit(Said(f"{told} {said.final}", leads=said.leads))


def _leads(said: Said, result: Undone | SyncError) -> tuple[str, Place] | None:
    """Where what could not be taken back by undoing is taken back."""
    stays = isinstance(result, SyncError) or bool(result.left_out)
    return said.leads if stays else None


def _told(said: Said, done: Undone, *, again: bool) -> str:
    reasons = Counter(one.reason for one in done.left_out)
    if done.id is None and not reasons:
        return _("There was nothing to take back: newer changes stand.")
    words = _("Done again: {what}") if again else _("Taken back: {what}")
    if done.id is None:
        words = _("Not taken back: {what}")
    told = [words.format(what=said.words), *_left(reasons)]
    if said.undone and not again:
        told.append(said.undone)
    return " ".join(told)


def _left(reasons: Counter[str]) -> Iterator[str]:
    """How many records stay as they are, and why."""
    for reason, count in reasons.items():
        if reason == "newer":
            yield plural(
                "{n} record was left as it is, because something newer stands.",
                "{n} records were left as they are, because something newer stands.",
                count,
            )
        else:
            stays = plural("{n} record stays as it is.", "{n} records stay as they are.", count)
            yield f"{stays} {sentence(f'undo_left_{reason}', {'count': count})}"
