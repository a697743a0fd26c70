"""What a person has done in this window and can take back, the newest first: Ctrl+Z everywhere."""

from PySide6.QtCore import QObject, Signal

from app.engine.undo import Undone
from app.errors import SyncError
from app.text import _, plural, sentence
from app.ui.room import Said
from app.ui.session import Session


class Undoing(QObject):
    """Undo is the engine's (SEMANTICS G2): nothing newer is overwritten, and it can be undone."""

    said = Signal(object)
    """A ``Said``: what was taken back, or why not."""
    changed = Signal()
    """There is more or less to take back."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._done: list[int] = []
        self._undone: list[int] = []
        self._busy = False

    @property
    def can(self) -> tuple[bool, bool]:
        """Whether there is something to take back, and something to do again."""
        return bool(self._done) and not self._busy, bool(self._undone) and not self._busy

    def did(self, change_set: int) -> None:
        """The person has made a change set."""
        self._done.append(change_set)
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

    def _take(self, session: Session, where_from: list[int], where_to: list[int]) -> None:
        if not where_from or self._busy:
            return
        self._busy = True
        change_set = where_from.pop()
        self.changed.emit()
        again = where_to is self._done

        def taken(result: Undone | SyncError) -> None:
            self._busy = False
            if isinstance(result, SyncError):
                self.said.emit(Said(sentence(result.code, result.parameters)))
            else:
                if result.id is not None:
                    where_to.append(result.id)
                self.said.emit(Said(_told(result, again=again)))
            self.changed.emit()

        session.request("undo", change_set, then=taken)


def _told(done: Undone, *, again: bool) -> str:
    if done.id is None:
        return _("There was nothing to take back: newer changes stand.")
    words = _("Done again (#{id}).") if again else _("Taken back (#{id}).")
    told = words.format(id=done.id)
    if done.left_out:
        left = plural(
            "{n} record was left as it is, because something newer stands.",
            "{n} records were left as they are, because something newer stands.",
            len(done.left_out),
        )
        told = f"{told} {left}"
    return told
