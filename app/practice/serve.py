"""Serves a practice district on the loopback address until it is told to stop."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.requests import ClientDisconnect

from .access import CLIENT_ID, Access
from .doorway import BrokenOff
from .edfi import asking
from .edfi.access import DISTRICT, EdFiAccess
from .edfi.service import AT
from .edfi.switches import Switches
from .faults import Faults, Setting
from .habits import Habit, Habits
from .service import build_service
from .sis import Sis
from .state import Origin, StateError
from .vocabulary import OFFERED_SCOPES
from .webhooks import Webhooks

USUAL_STUDENTS = 1500
USUAL_SEED = 1
_LOOPBACK = "127.0.0.1"
# Seconds: for the last answers when it stops, and for a kept connection that nobody uses.
_PATIENCE = 3
_IDLE = 60


@dataclass(frozen=True, slots=True)
class Options:
    """What to serve.

    `students`, `seed` and `today` are None for what the state file remembers, or else 1,500
    students, seed 1 and today's date (UTC). A number given that differs from the remembered one is
    refused; `today` yields to the remembered one. `port` 0 is any that is free. `faults` are on
    from the start, and so are the habits in `profiles`. `webhook` is the address that is told of
    each change, and the secret. `edfi_data` is a folder of files such as `students.jsonl`, which
    the Ed-Fi side then serves in place of the district; `edfi_switches` are on there from the
    start, each as it is typed (see `asking`).
    """

    students: int | None = None
    seed: int | None = None
    port: int = 0
    state: Path | None = None
    today: date | None = None
    until_stdin_closes: bool = False
    faults: tuple[Setting, ...] = ()
    profiles: tuple[Habit, ...] = ()
    webhook: tuple[str, str] | None = None
    edfi_data: Path | None = None
    edfi_switches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ready:
    """Where the service listens, how to get in, and what it holds.

    `scope` is what to ask a token for, space-separated; `bearer_token` is one that needs no asking.
    `counts` are records by collection. The Ed-Fi side has keys and secrets of its own: one for the
    whole district, and in `edfi_clients` all of them by what they are for.
    """

    base_url: str
    token_url: str
    control_url: str
    client_id: str
    client_secret: str
    bearer_token: str
    scope: str
    counts: dict[str, int]
    seed: int
    students: int
    day: int
    edfi_url: str
    edfi_key: str
    edfi_secret: str
    edfi_clients: dict[str, dict[str, str]]
    edfi_control_url: str
    edfi_control_secret: str


class _Refused(Exception):
    """A reason, as a sentence, why the service does not start."""


def serve(options: Options, announce: Callable[[Ready], None]) -> int:
    """Serve until SIGINT or SIGTERM, or the end of standard input where that is asked for.

    `announce` is called once, when connections are answered. Returns 0 after a clean stop. When
    it cannot start it says why in one sentence on standard error and returns 1; a state file that
    cannot be read is left untouched. The client secret lives in memory only.
    """
    try:
        listener = _listen(options.port)
    except _Refused as trouble:
        return _say(trouble)
    with listener:
        webhooks, faults = Webhooks(), Faults()
        habits = Habits(faults)
        try:
            for wanted in options.faults:
                faults.switch_on(wanted)
            for habit in options.profiles:
                habits.switch_on(habit)
            if options.webhook is not None:
                webhooks.subscribe(*options.webhook)
            asking.check(options.edfi_switches)
            sis = Sis.open(
                options.state, lambda remembered: _origin(options, remembered), options.edfi_data
            )
        except (_Refused, StateError, ValueError) as trouble:
            return _say(trouble)
        _run(sis, options, faults, habits, webhooks, listener, announce)
    return 0


def _say(trouble: Exception) -> int:
    sys.stderr.write(f"{trouble}\n")
    return 1


def _origin(options: Options, remembered: Origin | None) -> Origin:
    if remembered is not None:
        for name, asked, kept in (
            ("students", options.students, remembered.students),
            ("seed", options.seed, remembered.seed),
        ):
            if asked is not None and asked != kept:
                raise _Refused(
                    f"The practice state {options.state} is a district with {name} {kept}, not "
                    f"{asked}. Leave {name} out, or start with another file."
                )
        return remembered
    utc_today = datetime.now(UTC).date()
    today = options.today or utc_today
    # Tomorrow in UTC is today already in some places.
    if today > utc_today + timedelta(days=1):
        raise _Refused(f"A practice district cannot be made for {today}: that is in the future.")
    students = USUAL_STUDENTS if options.students is None else options.students
    return Origin(USUAL_SEED if options.seed is None else options.seed, students, today)


def _listen(port: int) -> socket.socket:
    # The protocol is named because asyncio switches off Nagle's delay only where it is; without,
    # every small answer on a kept connection waits forty milliseconds.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            # So that a restart gets its port back at once. On Windows this would mean that two
            # services could share one.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((_LOOPBACK, port))
    except (OSError, OverflowError) as trouble:
        listener.close()
        raise _Refused(
            f"The practice service cannot use port {port}: {trouble}. Choose another port, or "
            "leave it out to get one that is free."
        ) from trouble
    return listener


def _run(
    sis: Sis,
    options: Options,
    faults: Faults,
    habits: Habits,
    webhooks: Webhooks,
    listener: socket.socket,
    announce: Callable[[Ready], None],
) -> None:
    access, edfi, switches = Access(faults, habits), EdFiAccess(), Switches()
    edfi.control_secret = access.client_secret
    whole = edfi.clients[DISTRICT]
    base = f"http://{_LOOPBACK}:{listener.getsockname()[1]}"
    district = sis.district
    ready = Ready(
        base_url=base,
        token_url=f"{base}/token",
        control_url=f"{base}/practice",
        client_id=CLIENT_ID,
        client_secret=access.client_secret,
        bearer_token=access.bearer_token,
        scope=" ".join(OFFERED_SCOPES),
        counts={name: len(held) for name, held in district.collections.items()},
        seed=district.seed,
        students=district.students,
        day=district.day,
        edfi_url=f"{base}{AT}",
        edfi_key=whole.key,
        edfi_secret=whole.secret,
        edfi_clients={
            name: {"key": client.key, "secret": client.secret}
            for name, client in edfi.clients.items()
        },
        edfi_control_url=f"{base}/practice{AT}",
        edfi_control_secret=edfi.control_secret,
    )
    service = build_service(sis, access, edfi, switches, faults, habits, webhooks)
    # Now that somebody listens to them: one may be about the documents as they are.
    asking.switch_on(switches, options.edfi_switches)
    config = uvicorn.Config(
        service,
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_keep_alive=_IDLE,
        timeout_graceful_shutdown=_PATIENCE,
    )
    server = _Server(config, lambda: announce(ready))
    logging.getLogger("uvicorn.error").addFilter(_is_mistake)
    if options.until_stdin_closes:
        # A daemon: it waits in a read that nobody can interrupt, and must not hold up the end.
        threading.Thread(target=_watch_stdin, args=(server,), daemon=True).start()
    asyncio.run(server.serve(sockets=[listener]))


def _is_mistake(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], BrokenOff | ClientDisconnect))


class _Server(uvicorn.Server):
    """A server that says when it is ready, and that a signal ends without an exception."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def stop(_number: int, _frame: FrameType | None) -> None:
            self.should_exit = True

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _watch_stdin(server: uvicorn.Server) -> None:
    # The bare descriptor: the buffered reader would be locked when the interpreter ends.
    try:
        while os.read(0, 4096):
            pass
    except OSError:
        pass
    server.should_exit = True
