"""What the practice services of the tests serve: each is given a line, and announces one."""

import dataclasses
import json
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette

from app.practice.doorway import BrokenOff
from app.practice.edfi.access import EdFiAccess
from app.practice.edfi.service import build
from app.practice.edfi.store import Ods
from app.practice.faults import parsed
from app.practice.habits import profile
from app.practice.serve import Options, Ready, serve

Said = dict[str, Any]


def main(service: str) -> int:
    """Serves what the line on standard input says; how to exit."""
    # Of what follows the line nothing is taken: its end is what a service waits for.
    with open(0, encoding="utf-8", closefd=False) as told:
        said = json.loads(told.readline())
    return _SERVICES[service](said)


def _sis(said: Said) -> int:
    options = Options(
        students=said.get("students"),
        seed=said.get("seed"),
        port=said.get("port", 0),
        state=Path(said["state"]) if "state" in said else None,
        today=date(2026, 3, 3),
        until_stdin_closes=said.get("until_stdin_closes", True),
        faults=tuple(map(parsed, said.get("faults", ()))),
        profiles=tuple(map(profile, said.get("profiles", ()))),
        edfi_data=Path(said["edfi_data"]) if "edfi_data" in said else None,
        edfi_switches=tuple(said.get("edfi_switches", ())),
    )

    def announce(ready: Ready) -> None:
        _tell(dataclasses.asdict(ready))

    return serve(options, announce)


def _ods(said: Said) -> int:
    ods = Ods(said.get("seed", 1))
    ods.strict = said.get("strict", True)
    ods.load(((name, document) for name, document in said["documents"]), said["at"])
    access = EdFiAccess()
    application = Starlette(routes=build(lambda: ods, access))
    application.router.redirect_slashes = False
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    ready = {
        "edfi_url": f"{base}/edfi",
        "edfi_key": access.clients["district"].key,
        "edfi_secret": access.clients["district"].secret,
        "edfi_clients": {
            name: {"key": one.key, "secret": one.secret} for name, one in access.clients.items()
        },
        "edfi_control_url": f"{base}/practice/edfi",
        "edfi_control_secret": access.control_secret,
    }
    config = uvicorn.Config(
        application,
        log_config=None,
        log_level="error",
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=3,
    )
    server = _Server(config, lambda: _tell(ready))
    logging.getLogger("uvicorn.error").addFilter(
        lambda record: not (record.exc_info and isinstance(record.exc_info[1], BrokenOff))
    )
    threading.Thread(target=_watch_stdin, args=(server,), daemon=True).start()
    server.run(sockets=[listener])
    return 0


class _Server(uvicorn.Server):
    """A server that says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def _watch_stdin(server: uvicorn.Server) -> None:
    while os.read(0, 4096):
        pass
    server.should_exit = True


def _tell(ready: Said) -> None:
    sys.stdout.write(f"{json.dumps(ready)}\n")
    sys.stdout.flush()


_SERVICES: dict[str, Callable[[Said], int]] = {"sis": _sis, "ods": _ods}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
