"""Puts the program together from a few options: store, vault, kinds, clock, random, transport.

Both front ends begin here. The practice district is a process of its own; what is synced from it
lives in a data folder of its own (``practice`` in the data folder), so that it never mixes with a
real roster.
"""

import gc
import getpass
import json
import logging
import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, partial
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import msgspec
import platformdirs

from app import logs
from app.connectors.addresses import origin
from app.connectors.contract import Exporter, Kind, Request, Response, Route, Transport
from app.connectors.files import FileTransport
from app.connectors.http import HttpTransport, Pauses
from app.engine import network
from app.engine.engine import Engine
from app.engine.loop import Loop
from app.engine.world import World
from app.errors import StoreError, TransientError
from app.server.address import webhook_url
from app.server.receiver import Receiver, Reception
from app.store import settings
from app.store.database import Database, Location
from app.vault import EnvironmentVault, KeyringVault, LayeredVault, MemoryVault, Vault

logger = logging.getLogger(__name__)

PRACTICE = "practice"
"""The name of the practice connector, its data folder and its client."""

KINDS_GROUP = "mindkindler.connectors"
EXPORTS_GROUP = "mindkindler.exports"

FROZEN: bool = getattr(sys, "frozen", False)
"""Whether the program came as one folder with a Python of its own (``build.spec``)."""

PRACTICE_STATE = "sis.json"
"""The file in its data folder that brings the same practice SIS back."""

PATIENCE = 1.0
"""Seconds that the practice SIS has to end by itself."""

UNSEEN: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""How a process of ours is started: on Windows without a console window."""


@dataclass(frozen=True)
class Options:
    """What must be known before the database opens: arguments and environment."""

    data_dir: Path | None = None
    database: str | None = None
    practice: bool = False
    verbose: bool = False
    page_size: int = 5000
    in_tray: bool = False
    """The window begins in the tray."""

    @property
    def folder(self) -> Path:
        """The folder of the database, the locks and the logs."""
        chosen = self.data_dir or os.environ.get("MINDKINDLER_DATA_DIR")
        root = (
            Path(chosen) if chosen else Path(platformdirs.user_data_dir("MindKindler Sync", False))
        )
        return root / PRACTICE if self.practice else root

    @property
    def preset(self) -> Path | None:
        """Where an IT department puts what it sets for this computer; none of the practice."""
        chosen = os.environ.get("MINDKINDLER_PRESET")
        usual = Path(platformdirs.site_config_dir("MindKindler Sync", False), "preset.json")
        return None if self.practice else Path(chosen) if chosen else usual


@dataclass(frozen=True)
class Program:
    """The parts put together. ``close`` ends them."""

    options: Options
    database: Database
    engine: Engine
    loop: Loop
    vault: Vault
    kinds: Mapping[str, Kind]


def kinds() -> dict[str, Kind]:
    """The kinds of connector that are installed, by name; what most vendors speak comes first."""
    found = _installed(KINDS_GROUP)
    return dict(sorted(found.items(), key=lambda one: -len(one[1].presets)))


def exporters() -> Mapping[str, Exporter]:
    """The forms of export that are installed, by name."""
    return _installed(EXPORTS_GROUP)


@cache
def _installed(group: str) -> Mapping[str, Any]:
    # To look through all packages takes longer than to open the database.
    found: dict[str, Any] = {}
    for point in entry_points(group=group):
        try:
            found[point.name] = point.load()
        except Exception:  # what is another package's must not keep the program from starting
            logger.exception("%s of %s could not be loaded", point.name, group)
    return dict(sorted(found.items()))


class _Transport:
    """Files of this computer are read by one transport, everything else by another."""

    def __init__(self, pauses: Pauses, route: Callable[[], Route]) -> None:
        self._http = HttpTransport(pauses=pauses, route=route)
        self._files = FileTransport()

    def send(self, request: Request, cancel: threading.Event) -> Response:
        local = request.url.startswith("file:")
        return (self._files if local else self._http).send(request, cancel)

    def close(self) -> None:
        self._http.close()
        self._files.close()


def transports(database: Database, vault: Vault) -> Callable[..., Transport]:
    """Opens transports that go the way that is set in the database, or one that is given."""
    pauses = Pauses()

    def opened(route: Route | None = None) -> Transport:
        way = partial(network.route, database, vault) if route is None else lambda: route
        return _Transport(pauses, way)

    return opened


@contextmanager
def program(
    options: Options, secrets: Vault | None = None, *, memory: MemoryVault | None = None
) -> Iterator[Program]:
    """The program, opened on the calling thread, which becomes the engine thread.

    ``secrets`` stands in for every place where secrets may be; ``memory`` goes before them.
    """
    # A sync makes rows by the hundred thousand and hardly a cycle among them: collecting as often
    # as Python does by default costs a fifth of a first load.
    gc.freeze()
    gc.set_threshold(300_000, 20, 50)
    folder = options.folder
    try:
        # Student data: a new folder is for nobody else on this computer.
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        logs.configure(folder / "logs", verbose=options.verbose)
    except OSError as error:
        raise StoreError("folder_not_writable", str(error), path=str(folder)) from error
    database = Database(Location.of(folder, options.database))
    try:
        vault = secrets or LayeredVault(
            memory or MemoryVault(),
            EnvironmentVault(),
            KeyringVault(settings.installation_of(database)),
        )
        loop = Loop()
        found = kinds()
        world = World(
            database=database,
            vault=vault,
            kinds=found,
            clock=lambda: datetime.now(UTC),
            random=random.SystemRandom(),
            open_transport=transports(database, vault),
            locks=database.location.path.parent / "locks",
            author=_author(),
            page_size=options.page_size,
            exporters=exporters(),
        )
        engine = Engine(world, loop)
        if options.preset is not None:
            engine.take_over_preset(options.preset)
        yield Program(options, database, engine, loop, vault, found)
    finally:
        database.close()


@contextmanager
def receiving(
    program: Program,
    *,
    port: int | None = None,
    always: bool = False,
    told: Callable[[Reception], None] = lambda reception: None,
) -> Iterator[Receiver]:
    """Webhooks are received inside the block, where a connector has them on (or ``always``).

    ``told`` hears on the engine thread how it stands, and each change of that: a port that is
    taken keeps nothing else from working.
    """
    receiver = Receiver(
        program.database, program.engine, program.loop, port=port, always=always, told=told
    )
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.close()


def _author() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


# -- the practice district --------------------------------------------------------------------


class PracticeReady(msgspec.Struct, frozen=True):
    """What the practice SIS says of itself when it answers."""

    base_url: str
    token_url: str
    control_url: str
    client_id: str
    client_secret: str
    scope: str
    counts: dict[str, int]
    edfi_url: str
    edfi_key: str
    edfi_secret: str


def practised(options: Options) -> bool:
    """Whether there is a practice district to go on with."""
    return (replace(options, practice=True).folder / PRACTICE_STATE).exists()


class PracticeSis:
    """The practice SIS as a child process; it ends when its standard input closes."""

    def __init__(
        self, folder: Path, *, students: int | None = None, seed: int | None = None
    ) -> None:
        command = [*ourselves(), "practice", "--json", "--until-stdin-closes"]
        command += ["--port", "0", "--state", str(folder / PRACTICE_STATE)]
        for option, value in (("--students", students), ("--seed", seed)):
            if value is not None:
                command += [option, str(value)]
        folder.mkdir(parents=True, exist_ok=True)
        self._leaving = threading.Event()
        self._process = subprocess.Popen(  # noqa: S603  our own program
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, creationflags=UNSEEN
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        try:
            self.ready = msgspec.json.decode(line, type=PracticeReady)
        except msgspec.DecodeError as error:
            self.close()
            raise TransientError("practice_not_started", repr(line[:200])) from error

    @property
    def vault(self) -> MemoryVault:
        """A vault that holds the practice secret, for as long as the process lives."""
        return MemoryVault({(PRACTICE, "client_secret"): self.ready.client_secret})

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of a connector to it."""
        return {
            "base_url": self.ready.base_url,
            "token_url": self.ready.token_url,
            "client_id": self.ready.client_id,
            "version": "1.2",
            "demographics": "read",
            # Its port is another at each start, and it is the same district all the same.
            "source": PRACTICE,
        }

    def school_day(self) -> dict[str, Any]:
        """Has a school day pass; the account of what changed, by collection."""
        return self._control("POST", "day")

    def lesson(self, name: str) -> dict[str, Any]:
        """Has somebody there do what a lesson is about: ``office`` or ``classes``.

        The ``school``, what ``changed`` as of a school day, and by key the ``fields`` of whom.
        """
        return self._control("POST", "lessons", {"name": name}, refused="practice_used_up")

    def facts(self) -> dict[str, Any]:
        """What the SIS says of itself: its counts by collection, live and ended."""
        return self._control("GET", "facts")

    def faults(self) -> list[dict[str, Any]]:
        """What can go wrong at the SIS on demand: each fault, and how it is on or ``None``."""
        found: list[dict[str, Any]] = self._control("GET", "faults")["faults"]
        return found

    def set_fault(
        self,
        name: str,
        value: float | None = None,
        collection: str | None = None,
        times: int | None = None,
    ) -> list[dict[str, Any]]:
        """Switches a fault on, ``None`` being the usual; all faults as they are then."""
        told = {"name": name, "value": value, "collection": collection, "times": times}
        found: list[dict[str, Any]] = self._control("POST", "faults", told)["faults"]
        return found

    def clear_faults(self, name: str | None = None) -> list[dict[str, Any]]:
        """Switches one fault off, or all of them; all faults as they are then."""
        what = "faults" if name is None else f"faults/{name}"
        found: list[dict[str, Any]] = self._control("DELETE", what)["faults"]
        return found

    def subscribe(self, url: str, secret: str) -> None:
        """Has the SIS tell ``url`` of each change, by webhook signed with ``secret``."""
        self._control("POST", "webhooks", {"url": url, "secret": secret})

    def unsubscribe(self) -> None:
        """The SIS tells nobody any more."""
        self._control("DELETE", "webhooks")

    def _control(
        self, method: str, what: str, told: object = None, *, refused: str = "practice_refused"
    ) -> dict[str, Any]:
        """``refused``: the error where the SIS cannot do what it was asked for."""
        url = f"{self.ready.control_url}/{what}"
        request = Request(
            method,
            url,
            body=None if told is None else json.dumps(told).encode(),
            authorization=f"Bearer {self.ready.client_secret}",
            origin=origin(url),
            repeatable=False,
        )
        transport = HttpTransport()
        try:
            answer = transport.send(request, self._leaving)
        finally:
            transport.close()
        if answer.status != 200:
            code = refused if answer.status == 400 else "practice_refused"
            raise TransientError(code, status=answer.status)
        found: dict[str, Any] = json.loads(answer.body)
        return found

    def leave(self) -> None:
        """Whatever it is being asked is given up: it may stand still. From any thread."""
        self._leaving.set()

    def close(self) -> None:
        """Ends the process and waits for it; it keeps whatever it has answered (``state``)."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def tell_at_once(program: Program, receiver: Receiver, sis: PracticeSis, on: bool) -> None:
    """Whether the practice SIS tells the program of each change at once, by webhook.

    Raises ``TransientError`` where the SIS is gone. What keeps the program from listening is told
    where all of that is (``receiving``).
    """
    secret = program.engine.set_webhooks(PRACTICE, on, renew=on)
    if secret is None:
        sis.unsubscribe()
    elif receiver.port is not None:
        sis.subscribe(webhook_url(receiver.port, PRACTICE), secret)


def ourselves() -> list[str]:
    """How to start this program again: the frozen one is its own interpreter."""
    if not FROZEN:
        return [sys.executable, "-m", "app"]
    if sys.platform == "win32":
        # There the window is an executable of its own, which has no standard output.
        return [str(Path(sys.executable).with_name("mindkindler-sync.exe"))]
    return [sys.executable]
