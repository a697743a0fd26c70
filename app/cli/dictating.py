"""What to type in another terminal, so that it syncs from the practice SIS."""

import contextlib
import dataclasses
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from app.cli.opening import PRACTICE_KIND
from app.cli.options import PROGRAM, Asked
from app.compose import PRACTICE, program
from app.errors import NotFound
from app.store import reads
from app.vault import environment_name

if TYPE_CHECKING:
    from app.practice.serve import Ready

_EDFI, _EDFI_KIND = "ods", "edfi"
"""What the connector of the Ed-Fi side is called, and its kind."""


class Way(NamedTuple):
    """One of the sides as a connector: what to set, and what besides where it has been set up."""

    name: str
    kind: str
    settings: dict[str, str]
    again: dict[str, str]
    secret_name: str
    secret: str


def oneroster(ready: "Ready", auth: str) -> Way:
    """The OneRoster side, which asks for credentials in that way."""
    settings = {name: getattr(ready, name) for name in ("base_url", "token_url", "client_id")}
    signed = {"auth": auth}
    if auth != "oauth2":
        settings |= signed
    return Way(PRACTICE, PRACTICE_KIND, settings, signed, "client_secret", ready.client_secret)


def edfi(ready: "Ready") -> Way:
    """The Ed-Fi side."""
    settings = {"base_url": ready.edfi_url, "key": ready.edfi_key}
    return Way(_EDFI, _EDFI_KIND, settings, {}, "secret", ready.edfi_secret)


def lines(asked: Asked, way: Way) -> list[str]:
    """What to type elsewhere. It fills a data folder of its own, never that of a real roster."""
    options = asked.options(practice=False)
    if asked.data_dir is None:
        options = dataclasses.replace(options, data_dir=options.folder / "practice-terminal")
    words, settings = ["add", way.name, "--kind", way.kind], way.settings
    if options.folder.is_dir():
        with program(options) as found, contextlib.suppress(NotFound):
            reads.connector(found.database, way.name)
            words, settings = ["edit", way.name], way.settings | way.again
    for name, value in settings.items():
        words += ["--set", f"{name}={value}"]
    variable = environment_name(way.name, way.secret_name)
    ours = [*_program(), "--data-dir", str(options.folder)]
    if sys.platform == "win32":
        return [
            f'$env:{variable} = "{way.secret}"',
            subprocess.list2cmdline([*ours, "connectors", *words]),
            subprocess.list2cmdline([*ours, "sync", way.name]),
        ]
    return [
        f"export {variable}={shlex.quote(way.secret)}",
        shlex.join([*ours, "connectors", *words]),
        shlex.join([*ours, "sync", way.name]),
    ]


def _program() -> list[str]:
    """How this program was called."""
    called = Path(sys.argv[0]).name
    return ["python", "-m", "app"] if called == "__main__.py" else [PROGRAM]
