"""Practice services in processes of their own, as many and as often as tests want them.

To bring in what a service needs takes far longer than to serve what most tests ask for. So one
process brings it in, with nothing open yet, and is forked for each service. Where nothing can be
forked, or nobody has begun it (``forking``), a service is a program from its start.
"""

import json
import os
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

_ROOT = Path(__file__).parents[2]
_NAME, _FILES = 3, 3
"""Letters of the name of a service; open files that come with it: what it reads, tells and says."""

_orders: socket.socket | None = None
"""To the process that is forked."""


def start(service: str, said: Mapping[str, Any]) -> "subprocess.Popen[str]":
    """A service (``sis`` or ``ods``) as a program; the caller ends it."""
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.practice.served", service],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stdin is not None
    print(json.dumps(said), file=program.stdin, flush=True)
    return program


@contextmanager
def serving(service: str, said: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What a service announces; it is stopped at the end by closing its standard input."""
    with (_started if _orders is None else _forked)(service, said) as ready:
        yield ready


@contextmanager
def _started(service: str, said: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    with start(service, said) as program:
        try:
            assert program.stdout is not None
            line = program.stdout.readline()
            assert line, program.stderr.read() if program.stderr else ""
            yield json.loads(line)
        finally:
            _, errors = program.communicate(timeout=20)
    assert (program.returncode, errors) == (0, "")


@contextmanager
def _forked(service: str, said: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    assert _orders is not None
    with ExitStack() as stack:
        (reads, tells), (hears, writes) = os.pipe(), os.pipe()
        told = stack.enter_context(open(tells, "w", encoding="utf-8"))  # noqa: PTH123
        heard = stack.enter_context(open(hears, encoding="utf-8"))  # noqa: PTH123
        said_wrong = stack.enter_context(TemporaryFile("w+", encoding="utf-8"))
        socket.send_fds(_orders, [service.encode()], [reads, writes, said_wrong.fileno()])
        os.close(reads)
        os.close(writes)
        print(json.dumps(said), file=told, flush=True)
        try:
            # Of one that does not start, this is how it exited.
            line = heard.readline()
            if line.startswith("{"):
                yield json.loads(line)
        finally:
            told.close()
            ended = heard.read()
        said_wrong.seek(0)
        assert (line[:1], ended, said_wrong.read()) == ("{", "0\n", "")


@contextmanager
def forking() -> Iterator[None]:
    """Services that begin inside the block are forked, where that can be done."""
    global _orders
    if not hasattr(os, "fork"):
        yield
        return
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-m", "tests.practice.services"]
    with theirs, subprocess.Popen(command, cwd=_ROOT, stdin=theirs.fileno()), ours:
        _orders = ours
        try:
            yield
        finally:
            _orders = None


def _fork() -> None:
    """Forks a service for each order, until there are no more."""
    orders = socket.socket(fileno=os.dup(0))
    while True:
        name, files, _, _ = socket.recv_fds(orders, _NAME, _FILES)
        if not name:
            return
        # Not before: most who could order services order none.
        from tests.practice import served

        if not os.fork():
            orders.close()
            for number, file in enumerate(files):
                os.dup2(file, number)
                os.close(file)
            try:
                code = served.main(name.decode())
            except BaseException:  # noqa: BLE001  the exit code tells it, and the trace is shown
                traceback.print_exc()
                code = 70
            sys.stdout.write(f"{code}\n")
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        for file in files:
            os.close(file)
        with suppress(ChildProcessError):  # none is left
            while any(os.waitpid(-1, os.WNOHANG)):
                pass


if __name__ == "__main__":
    _fork()
