"""How a command that could not be done is told: one sentence, an exit code, and no bare traceback.

A mistake in what was typed, trouble the engine knows, a stop by the person, and a fault of ours are
four different things; each has its exit code (DESIGN §9). With ``--json`` the same is one document.
"""

import contextlib
import logging
import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TextIO

import click

from app import logs
from app.cli import show
from app.cli.options import PROGRAM, Asked
from app.errors import BusyError, Cancelled, LimitError, SyncError, UsageError
from app.text import sentence

logger = logging.getLogger(__name__)

FAILED, USAGE, WAITING, BUSY, CANCELLED = 1, 2, 3, 5, 130

_MISTYPED = ("database_url_unreadable", "database_url_unsupported")
"""Codes of the store that tell of an argument, not of a database."""


@dataclass
class Outcome:
    """How the call ended."""

    code: int = FAILED


@contextlib.contextmanager
def told(asked: Asked) -> Iterator[Outcome]:
    """Turns whatever ends a command before its time into words and an exit code."""
    outcome = Outcome()
    try:
        yield outcome
    except click.ClickException as error:
        outcome.code = USAGE
        _tell(asked, "usage", {"problem": _problem(error), "see": _see(error)})
    except SyncError as error:
        outcome.code = exit_code(error)
        _tell(asked, error.code, error.parameters, error.detail)
    except (click.Abort, KeyboardInterrupt):
        outcome.code = CANCELLED
        _tell(asked, "stopped", {})
    except BrokenPipeError:
        unread(sys.stdout)
        outcome.code = FAILED
    except Exception as error:  # noqa: BLE001  a fault of ours is told and logged, whatever it is
        _tell_fault(asked, error)


def exit_code(error: SyncError) -> int:
    """The exit code of an error."""
    if isinstance(error, UsageError) or error.code in _MISTYPED:
        return USAGE
    if isinstance(error, BusyError):
        return BUSY
    if isinstance(error, LimitError):
        return WAITING
    return CANCELLED if isinstance(error, Cancelled) else FAILED


def error_document(code: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """An error as it stands in a JSON document."""
    return {"code": code, "message": sentence(code, parameters)}


def speak_to_any_terminal() -> None:
    """A name that a terminal cannot show is spelt out instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def unread(stream: TextIO) -> None:
    """Whoever read the stream has left: what still comes goes nowhere, and is no error.

    Without, the interpreter complains at its end of what it could not write, and ends with 120.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _tell(asked: Asked, code: str, parameters: Mapping[str, Any], detail: str = "") -> None:
    show.aside(sentence(code, parameters))
    if asked.verbose and detail:
        show.aside(detail)
    if asked.json:
        connector = {"connector": asked.connector} if asked.connector else {}
        show.document({"run": None, **connector, "error": error_document(code, parameters)})


def _problem(error: click.ClickException) -> str:
    """What is wrong, as one line that ends like a sentence."""
    text = " ".join(error.format_message().split())
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _see(error: click.ClickException) -> str:
    ctx = getattr(error, "ctx", None)
    return f"{ctx.command_path if ctx else PROGRAM} --help"


def _tell_fault(asked: Asked, error: Exception) -> None:
    folder = asked.options().folder / "logs"
    if not logging.getLogger("app").handlers:
        with contextlib.suppress(OSError):
            logs.configure(folder, verbose=False)
    logger.error("the command ended by an unexpected error", exc_info=error)
    path = str(folder / "app.log")
    _tell(asked, "fault_of_ours", {"what": type(error).__name__, "path": path})
    if asked.verbose:
        show.aside("".join(traceback.format_exception(error)).rstrip())
