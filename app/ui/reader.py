"""The one thread that asks the database on behalf of the window (DESIGN §6).

A question is a function of the database. Each belongs to a topic, and only the answer to the
newest question of a topic arrives; older ones are dropped by number, asked or not.
"""

import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QThread, Signal

from app.store.database import Database
from app.store.reads import Watch

WATCH_SECONDS = 1.0
LEISURE = 10
"""Time between two looks at the database: at least so many times what the last answer took."""

T = TypeVar("T")


class Reader(QThread):
    """Answers questions, and notices what other connections and processes write."""

    wrote = Signal()
    """Somebody wrote to the database."""
    failed = Signal(object)
    """The exception that a question ended with."""
    broke = Signal(object)
    """The exception that kept it from opening."""
    _answered = Signal(str, int, object)

    def __init__(
        self,
        open_database: Callable[[], Database],
        *,
        watch_seconds: float = WATCH_SECONDS,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._open = open_database
        self._watch_seconds = watch_seconds
        self._questions: SimpleQueue[tuple[str, int, Callable[[Database], Any]] | None] = (
            SimpleQueue()
        )
        self._newest: dict[str, int] = {}
        self._then: dict[str, Callable[[Any], None]] = {}
        self._answered.connect(self._hand_over)

    # -- on the window's thread --

    def ask(self, topic: str, question: Callable[[Database], T], then: Callable[[T], None]) -> None:
        """Has ``then`` called with the answer, unless a newer question of the topic is asked."""
        number = self._newest[topic] = self._newest.get(topic, 0) + 1
        self._then[topic] = then
        self._questions.put((topic, number, question))

    def stop(self) -> None:
        """Ends the thread after the question at hand; no answer arrives any more."""
        self._newest.clear()
        self._questions.put(None)

    def _hand_over(self, topic: str, number: int, answer: object) -> None:
        if self._newest.get(topic) == number:
            self._then[topic](answer)

    # -- on the reader's thread --

    def run(self) -> None:
        """Answers until stopped."""
        try:
            database = self._open()
            watch = Watch(database)
        except Exception as error:  # noqa: BLE001  handed to the window, which shows it
            self.broke.emit(error)
            return
        try:
            self._answer_all(database, watch)
        finally:
            watch.close()

    def _answer_all(self, database: Database, watch: Watch) -> None:
        pause = self._watch_seconds
        looked = time.monotonic()
        while True:
            try:
                asked = self._questions.get(timeout=max(0.0, looked + pause - time.monotonic()))
            except Empty:
                looked = time.monotonic()
                if watch.changed():
                    self.wrote.emit()
                continue
            if asked is None:
                return
            began = time.monotonic()
            self._answer(database, *asked)
            pause = max(self._watch_seconds, LEISURE * (time.monotonic() - began))

    def _answer(
        self, database: Database, topic: str, number: int, question: Callable[[Database], Any]
    ) -> None:
        if self._newest.get(topic) != number:
            return
        try:
            self._answered.emit(topic, number, question(database))
        except Exception as error:  # noqa: BLE001  handed to the window, which shows it
            self.failed.emit(error)
