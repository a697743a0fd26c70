"""``serve``: the program without a window, for a server: what comes by itself is begun here.

Webhooks are received and scheduled syncs begun until Ctrl-C; each is told in a line of standard
error.
"""

import sys

import click
import msgspec

from app.cli import show
from app.cli.opening import reaching
from app.cli.options import Asked, Command
from app.cli.running import stopping
from app.cli.sync import state_word
from app.cli.telling import unread
from app.compose import Program, receiving
from app.engine.events import Delivered, Event, RunEnded, RunStarted
from app.errors import BusyError, SyncError
from app.server.address import LOOPBACK
from app.server.receiver import Receiver, Reception
from app.store import reads
from app.text import _, plural, sentence


@click.command(
    cls=Command,
    help=_(
        "Receives webhooks and begins scheduled syncs until Ctrl-C. GET /ready tells whether it "
        "works. “connectors webhooks” switches webhooks on."
    ),
)
@click.option(
    "--port", type=click.IntRange(0, 65535), help=_("Where it listens; 0: any that is free.")
)
@click.option("--all", "every", is_flag=True, help=_("Begin with a sync of every connector."))
@click.pass_obj
def serve(asked: Asked, port: int | None, every: bool) -> int:
    """Serves until it is stopped; stopped by Ctrl-C is how it is meant to end, so that is 0."""
    sys.setswitchinterval(0.0005)  # a webhook is acknowledged while a sync works
    with reaching(asked) as program:
        service = _Service(asked, program)
        with receiving(program, port=port, always=True, told=service.tell) as receiver:
            if service.refused is not None:
                raise service.refused
            # What begins by itself begins here.
            program.engine.keep_schedule()
            if every:
                service.sync_all()
            with stopping(lambda: program.loop.post(lambda: service.stop(receiver))):
                program.loop.run()
    return 0


def _announce(asked: Asked, port: int) -> None:
    address = f"http://{LOOPBACK}:{port}"
    if asked.json:
        # One line, so that whoever started us can read it and go on.
        sys.stdout.buffer.write(msgspec.json.encode({"address": address, "port": port}) + b"\n")
    else:
        show.line(_("Webhooks are received at {address}. Ctrl-C ends it.").format(address=address))
    sys.stdout.flush()


def _aside(text: str) -> None:
    try:
        show.aside(text)
    except OSError:  # whoever read along has left; the service goes on
        unread(sys.stderr)


class _Service:
    """Tells of what happens, and ends it."""

    def __init__(self, asked: Asked, program: Program) -> None:
        self.refused: SyncError | None = None
        """Why it cannot serve at all."""
        self._asked = asked
        self._program = program
        self._announced = False
        self._runs: set[int] = set()
        program.loop.listen(self._heard)

    def sync_all(self) -> None:
        """Begins a sync of every connector that is not being synced and not paused."""
        for facts in reads.connectors(self._program.database):
            if not facts.paused:
                try:
                    self._program.engine.start(facts.name)
                except BusyError as error:
                    _aside(sentence(error.code, error.parameters))

    def stop(self, receiver: Receiver) -> None:
        """Ends it in order: intake first, then the syncs under way, then the loop."""
        receiver.close()
        self._program.loop.stop()
        for run in self._runs:
            self._program.engine.cancel(run)

    def tell(self, reception: Reception) -> None:
        """How it stands with webhooks: where they are received, and what keeps some from us."""
        if reception.port is not None and not self._announced:
            self._announced = True
            _announce(self._asked, reception.port)
        elif reception.port is None and not self._announced:
            self.refused = reception.error
            return
        if reception.error is not None:
            _aside(sentence(reception.error.code, reception.error.parameters))

    def _heard(self, event: Event) -> None:
        if isinstance(event, Delivered):
            count = plural("{n} webhook", "{n} webhooks", event.count)
            _aside(_("“{name}”: {count} came.").format(name=event.connector, count=count))
        elif isinstance(event, RunStarted):
            self._runs.add(event.run)
            told = {"run": event.run, "name": event.connector}
            _aside(_("Sync #{run} of “{name}” began.").format(**told))
            if self._program.loop.stopping:
                self._program.engine.cancel(event.run)
        elif isinstance(event, RunEnded):
            self._runs.discard(event.run)
            _aside(
                _("Sync #{run} of “{name}”: {state}.").format(
                    run=event.run, name=event.connector, state=state_word(event.state)
                )
            )
