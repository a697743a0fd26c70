"""A receiver over a real engine and database, and a SIS that sends to it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.engine.events import Event
from app.server.address import webhook_url
from app.server.receiver import Receiver, Reception
from app.store import reads
from app.store.reads import RunRow
from tests.engine.toy import District, district
from tests.server.sender import Sender

NAME = "toy"


@dataclass
class Listening:
    """A district whose SIS may tell of changes, and the receiver that listens."""

    district: District
    receiver: Receiver
    receptions: list[Reception]
    events: list[Event]
    sender: Sender

    def works_until(self, enough: Callable[[], bool]) -> None:
        """The engine works until then; a test that waits too long is ended by its timeout."""
        self.district.loop.run(until=enough)

    def settle(self) -> None:
        """Works until the receiver does as the database says."""
        self.works_until(lambda: self.receiver.settled)

    def runs(self) -> list[RunRow]:
        """The history, the newest first."""
        return reads.runs(self.district.database)

    def works_until_runs(self, count: int) -> list[RunRow]:
        """The engine works until so many runs are over; the history."""
        self.works_until(
            lambda: (
                not self.district.engine.busy
                and len([run for run in self.runs() if run.ended_at]) >= count
            )
        )
        return self.runs()

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self.receiver.reception.port is not None
        return self.receiver.reception.port


@contextmanager
def listening(
    folder: Path, secret: str | None = None, *, port: int | None = 0, always: bool = False
) -> Iterator[Listening]:
    """Receives in ``folder`` on any port; with ``secret`` as a later process of that roster."""
    with district(folder) as d:
        events: list[Event] = []
        d.loop.listen(events.append)
        if secret is None:
            secret = d.engine.set_webhooks(NAME, True)
            assert secret is not None
        else:
            d.vault.set(NAME, "webhook_secret", secret)
        receptions: list[Reception] = []
        receiver = Receiver(
            d.database, d.engine, d.loop, port=port, always=always, told=receptions.append
        )
        receiver.start()
        d.loop.run(until=lambda: receiver.settled)
        sender = Sender(webhook_url(receiver.reception.port or 0, NAME), secret)
        try:
            yield Listening(d, receiver, receptions, events, sender)
        finally:
            sender.close()
            receiver.close()


@pytest.fixture
def receiving(data_dir: Path) -> Iterator[Listening]:
    """A receiver for one connector that was never synced."""
    with listening(data_dir) as found:
        yield found
