"""Finds what a test leaves running or open, and where it was started.

`watch` wraps the four places where such a thing begins (thread, program, process, socket) so
that each is remembered with the line that began it. A `Snapshot` taken before a test is compared
with what is there afterwards. On Linux the kernel is asked as well, so that children and sockets
made behind Python's back are found too; without a known place, but found.
"""

import multiprocessing
import multiprocessing.resource_tracker
import os
import socket
import subprocess
import sys
import sysconfig
import threading
import time
import traceback
import weakref
from collections.abc import Callable, MutableMapping
from functools import wraps
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

GRACE = 1.0
"""Seconds a thread, child or socket that is already ending gets to be gone."""

_UNKNOWN = "at a place Python did not see"
_ON_LINUX = sys.platform == "linux"
_NOT_OURS = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib")})

_threads: MutableMapping[threading.Thread, str] = weakref.WeakKeyDictionary()
_programs: MutableMapping["subprocess.Popen[Any]", str] = weakref.WeakKeyDictionary()
_processes: MutableMapping[BaseProcess, str] = weakref.WeakKeyDictionary()
_sockets: MutableMapping[socket.socket, str] = weakref.WeakKeyDictionary()


def watch() -> Callable[[], None]:
    """Begin to remember where things are started; returns what ends it."""
    undo = [
        _remember(threading.Thread, "start", _threads),
        _remember(subprocess.Popen, "__init__", _programs),
        _remember(BaseProcess, "start", _processes),
        _remember(socket.socket, "__init__", _sockets),
    ]

    def stop() -> None:
        for step in undo:
            step()

    return stop


def _remember(owner: type, name: str, places: MutableMapping[Any, str]) -> Callable[[], None]:
    original = getattr(owner, name)

    @wraps(original)
    def remembering(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        places[self] = _place()
        return result

    setattr(owner, name, remembering)
    return lambda: setattr(owner, name, original)


def _place() -> str:
    """The innermost line outside the standard library and installed packages, with its caller."""
    frames = traceback.StackSummary.extract(
        traceback.walk_stack(sys._getframe(2)), lookup_lines=False
    )
    ours = [f for f in frames if f.filename != __file__ and not f.filename.startswith(_NOT_OURS)]
    lines = [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in ours[:3]]
    return "started at " + ", called from ".join(lines) if lines else _UNKNOWN


class Snapshot:
    """What runs and is open at this moment."""

    def __init__(self) -> None:
        self._threads = set(threading.enumerate())
        self._children = set(_children())
        self._sockets = set(_open_sockets())

    def left_behind(self) -> list[str]:
        """What has come since and is still there after `GRACE` seconds: one line each."""
        deadline = time.monotonic() + GRACE
        while (found := self._come_since()) and time.monotonic() < deadline:
            time.sleep(0.01)
        return found

    def _come_since(self) -> list[str]:
        threads = [
            f"thread {thread.name!r}{' (daemon)' if thread.daemon else ''}, "
            f"{_threads.get(thread, _UNKNOWN)}"
            for thread in threading.enumerate()
            if thread not in self._threads and _runs(thread)
        ]
        children = [what for key, what in _children().items() if key not in self._children]
        sockets = [what for key, what in _open_sockets().items() if key not in self._sockets]
        return threads + children + sockets


def _runs(thread: threading.Thread) -> bool:
    """False for the stand-in object Python keeps for a foreign thread that has long ended."""
    if not isinstance(thread, threading._DummyThread):
        return thread.is_alive()
    return _ON_LINUX and Path(f"/proc/self/task/{thread.native_id}").exists()


def _children() -> dict[int, str]:
    """Child processes by process id; one that ended counts until somebody has waited for it."""
    known: dict[int, str] = {}
    for program, place in list(_programs.items()):
        if program.returncode is None:
            known[program.pid] = f"child process {program.pid} ({program.args!r}), {place}"
    for process, place in list(_processes.items()):
        if process in multiprocessing.process._children:  # type: ignore[attr-defined]
            known[process.pid or 0] = f"child process {process.pid} ({process.name}), {place}"
    if not _ON_LINUX:
        return known
    there: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        try:
            there.update(int(pid) for pid in (task / "children").read_text().split())
        except OSError:  # the thread ended meanwhile, or the kernel does not tell
            continue
    there.discard(_resource_tracker())
    return {pid: known.get(pid, f"child process {pid}, {_UNKNOWN}") for pid in there}


def _resource_tracker() -> int:
    """multiprocessing's own housekeeper: one a program, made at first use, ends with it."""
    return getattr(multiprocessing.resource_tracker._resource_tracker, "_pid", None) or 0


def _open_sockets() -> dict[str, str]:
    """Open sockets by what tells them apart: the kernel's name on Linux, else the number."""
    known: dict[str, str] = {}
    for each, place in list(_sockets.items()):
        number = each.fileno()
        if number >= 0:
            known[_kernel_name(number)] = f"socket {_ends(each)}, {place}"
    if not _ON_LINUX:
        return known
    names = {_kernel_name(int(entry.name)) for entry in Path("/proc/self/fd").iterdir()}
    return {
        name: known.get(name, f"{name}, opened {_UNKNOWN}")
        for name in sorted(names)
        if name.startswith("socket:")
    }


def _kernel_name(number: int) -> str:
    if not _ON_LINUX:
        return str(number)
    try:
        return os.readlink(f"/proc/self/fd/{number}")  # noqa: PTH115  the target is no path
    except OSError:
        return ""


def _ends(each: socket.socket) -> str:
    try:
        listens = each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        return f"{'listening on' if listens else 'bound to'} {each.getsockname()!r}"
    except OSError:
        return repr(each)
