"""Has the program do one thing after another, each in a process that can be killed at any moment.

To start the program takes far longer than most of what it does. So it is started once, up to where
it knows everything and has nothing open, and is forked for each thing that it is to do.
"""

import json
import os
import select
import signal
import subprocess
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from app import compose
from app.engine.decisions import Decision, Take
from app.errors import SyncError
from app.store.differences import difference_ids

PAGE = 200
"""Rows a page: little, so that there are many steps between which a process can be killed."""

DONE, REFUSED, BROKEN = 0, 1, 70
"""How a process exits that nobody killed: done, refused by the engine, or in a way not foreseen."""


class Forks:
    """Processes that do something to a data folder, one at a time.

    ``secret`` is that of its connector ``north``, ``ods`` that of another one of this name.
    """

    def __init__(self, folder: Path, secret: str, ods: str = "") -> None:
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.forks", str(folder)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "MINDKINDLER_SECRET_NORTH_CLIENT_SECRET": secret,
                "MINDKINDLER_SECRET_ODS_SECRET": ods,
            },
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._parent:
            assert self._parent.stdin is not None
            self._parent.stdin.close()

    def begin(self, what: str, **parameters: Any) -> None:
        """A process begins to do that: ``sync``, ``approve``, ``undo`` or ``same``.

        The last says of all of whom it is asked that they are one.
        """
        self._tell([what, parameters])

    def begun(self) -> None:
        """Waits until it has opened the database, and begins."""
        self._tell(["begun", None])
        self._answer()

    def signalled(self, number: signal.Signals, after: float) -> bool:
        """Sends it a signal after so many seconds; False where it has ended by itself before."""
        self._tell([number, after])
        return bool(self._answer())

    def ended(self) -> int:
        """Waits until it has ended; how it exited."""
        self._tell([None, None])
        return int(self._answer())

    def _tell(self, told: list[Any]) -> None:
        assert self._parent.stdin is not None
        print(json.dumps(told), file=self._parent.stdin, flush=True)

    def _answer(self) -> Any:
        assert self._parent.stdout is not None
        return json.loads(self._parent.stdout.readline())


def _serve(folder: Path) -> None:
    """The parent of them: forks one after the other, and sends it what signals it is told to."""
    for line in sys.stdin:
        what, parameters = json.loads(line)
        # The child alone holds the other ends, and the kernel closes them however the child ends.
        (begun, begins), (life, lives) = os.pipe(), os.pipe()
        child = os.fork()
        if not child:
            os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
            os._exit(_do(folder, what, parameters, begins))
        os.close(begins)
        os.close(lives)
        for order in sys.stdin:
            number, after = json.loads(order)
            if number is None:
                break
            closed = _closed(begun) if number == "begun" else _closed(life, after)
            if not closed:
                os.kill(child, number)
            _say(not closed)
        else:
            # Whoever wanted it is gone.
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        os.close(begun)
        os.close(life)
        with suppress(BrokenPipeError):
            _say(os.waitstatus_to_exitcode(status))


def _closed(pipe: int, within: float | None = None) -> bool:
    """Whether the other end of a pipe is closed within so many seconds."""
    return bool(select.select([pipe], [], [], within)[0])


def _say(told: object) -> None:
    sys.stdout.write(f"{json.dumps(told)}\n")
    sys.stdout.flush()


def _do(folder: Path, what: str, parameters: dict[str, Any], begins: int) -> int:
    options = compose.Options(data_dir=folder, page_size=PAGE)
    try:
        with compose.program(options) as program:
            os.close(begins)
            engine = program.engine
            if what == "undo":
                engine.undo(parameters["of"], approved=True)
            elif what == "approve":
                engine.approve(parameters["of"])
            elif what == "same":
                asked = difference_ids(program.database, kind="same_person")
                engine.resolve([Decision(id_, Take.SAME) for id_ in asked], "Ana")
            else:
                engine.start(parameters.get("name", "north"), full=parameters["full"])
            program.loop.run(until=lambda: not engine.busy)
    except SyncError:
        return REFUSED
    except BaseException:  # noqa: BLE001  the exit code tells it, and the trace is shown
        traceback.print_exc()
        return BROKEN
    return DONE


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
