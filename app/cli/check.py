"""``self-check``: what must work on this computer, tried for real."""

import importlib
import os
import pkgutil
import platform
import shutil
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from app import __version__
from app.cli import show
from app.cli.opening import practice_sis, practising
from app.cli.options import Asked, Command
from app.cli.running import Runner
from app.cli.telling import FAILED
from app.compose import FROZEN, PRACTICE, UNSEEN, Options, kinds, ourselves
from app.errors import SyncError
from app.roster.values import instant_text
from app.store import journal, reads
from app.store.database import Database, Location, inspect
from app.text import _, plural, sentence
from app.vault import KeyringVault, VaultError, environment_name

_STUDENTS = 60
_OLDEST_PYTHON = (3, 11)
_ROOM = 1_000_000_000
_BUNDLES = (
    "/etc/ssl/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/cert.pem",
    "/etc/ssl/ca-bundle.pem",
)
"""Where the program finds certificates on a Linux that its frozen OpenSSL was not made for."""
_WINDOW = "app.ui"
_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
_PATIENCE = 60
"""Seconds the window may take to be drawn."""


@dataclass(frozen=True)
class Finding:
    """What one check found; ``todo`` says what to do about a problem."""

    name: str
    ok: bool
    found: str
    todo: str = ""


class _Problem(Exception):
    """A check found something that must be changed: what it is, and how."""

    def __init__(self, found: str, todo: str) -> None:
        super().__init__(found)
        self.found = found
        self.todo = todo


@click.command(
    "self-check",
    cls=Command,
    help=_("Tries what must work on this computer. Exit code 1: something does not."),
)
@click.option("--draw", type=click.Path(path_type=Path), hidden=True)
@click.pass_obj
def self_check(asked: Asked, draw: Path | None) -> int:
    """Runs every check, and tells each as soon as it is known."""
    if draw is not None:
        return _draw(asked, draw)
    findings = []
    # An address that cannot be read is a mistake of the call, not a problem of this computer.
    location = Location.of(asked.options().folder, asked.database)
    with tempfile.TemporaryDirectory(prefix="mindkindler-check-") as folder:
        for name, check in _checks(asked, location.path, Path(folder)):
            finding = _tried(name, check)
            findings.append(finding)
            if not asked.json:
                _print(finding)
    if asked.json:
        show.document(_document(findings))
    return 0 if all(finding.ok for finding in findings) else FAILED


def _checks(asked: Asked, roster: Path, folder: Path) -> list[tuple[str, Callable[[], str]]]:
    return [
        (_("Program"), _program),
        (_("Parts"), _parts),
        (_("Window"), lambda: _window(folder)),
        (_("Data folder"), lambda: _data_folder(asked.options())),
        (_("Roster"), lambda: _roster(roster)),
        (_("Database"), lambda: _database(folder)),
        (_("Keyring"), _keyring),
        (_("Certificates"), _certificates),
        (_("Connectors"), _kinds),
        (_("A whole sync"), lambda: _sync(folder)),
    ]


def _tried(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, check())
    except _Problem as problem:
        return Finding(name, False, problem.found, problem.todo)
    except SyncError as error:
        return Finding(name, False, sentence(error.code, error.parameters), error.detail)
    except Exception as error:  # noqa: BLE001  the other checks are still worth doing
        return Finding(name, False, f"{type(error).__name__}: {error}", _("Please report this."))


def _print(finding: Finding) -> None:
    word = _("ok") if finding.ok else _("problem")
    show.line(f"{word:<8} {finding.name}: {finding.found}")
    if finding.todo:
        show.line(f"{'':<8} {finding.todo}")


def _document(findings: list[Finding]) -> dict[str, Any]:
    return {
        "ok": all(finding.ok for finding in findings),
        "version": __version__,
        "frozen": FROZEN,
        "checks": [
            {"name": one.name, "ok": one.ok, "found": one.found, "todo": one.todo}
            for one in findings
        ],
        "error": None,
    }


# -- the checks -------------------------------------------------------------------------------


def _program() -> str:
    if sys.version_info < _OLDEST_PYTHON:
        raise _Problem(
            platform.python_version(), _("Install Python 3.11 or newer and start with that.")
        )
    told = (
        _("{version}, frozen with Python {python} ({system})")
        if FROZEN
        else _("{version} on Python {python} ({system})")
    )
    return told.format(
        version=__version__,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
    )


def _parts() -> str:
    return _("all {count} can be loaded.").format(count=sum(1 for _one in _loaded("app")))


def _loaded(name: str) -> Iterator[str]:
    """Loads a module with all that is inside it, except for the window; the names."""
    module = importlib.import_module(name)
    yield name
    for part in pkgutil.iter_modules(getattr(module, "__path__", ()), f"{name}."):
        if part.name != _WINDOW:
            yield from _loaded(part.name)


def _window(folder: Path) -> str:
    # By a process of its own: this one has to work on servers without Qt's libraries.
    command = [*ourselves(), "--data-dir", str(folder / "window")]
    command += ["self-check", "--draw", str(folder / "window.png")]
    tried = subprocess.run(  # noqa: S603  our own program
        command, capture_output=True, text=True, timeout=_PATIENCE, creationflags=UNSEEN
    )
    if tried.returncode == 0:
        return _("can be drawn.")
    why = " ".join(tried.stderr.split())
    # A server has no screen, often none of Qt's system libraries either, and needs no window.
    if "cannot open shared object file" in why and not any(map(os.environ.get, _SCREENS)):
        return _("none on this computer without a screen ({why})").format(why=why)
    raise _Problem(
        _("cannot be drawn: {why}").format(why=why),
        _("Install what is missing; README.md lists it. The command line works without it."),
    )


def _draw(asked: Asked, path: Path) -> int:
    """What `_window` starts: draws the window, and loads the rest of its room."""
    try:
        asked.picture(asked.options(), path)
        list(_loaded(_WINDOW))
    except ImportError as error:
        show.aside(str(error))
        return FAILED
    return 0


def _data_folder(options: Options) -> str:
    folder = options.folder
    there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    free = shutil.disk_usage(there).free
    size = f"{free / 1e9:,.1f} GB"
    if free < _ROOM:
        raise _Problem(
            _("Only {size} are free where {folder} is.").format(size=size, folder=folder),
            _("Make room, or choose another folder with --data-dir."),
        )
    return _("{folder}, with {size} free.").format(folder=folder, size=size)


def _roster(path: Path) -> str:
    if not path.exists():
        return _("none yet; the first command makes {path}").format(path=path)
    inspect(path)
    return _("{path} can be read and is whole.").format(path=path)


def _database(folder: Path) -> str:
    with Database(Location.of(folder / "database")) as database:
        with database.writing() as tx:
            journal.save_connector(tx, "check", "none", "{}", instant_text(show.now()))
        found = reads.connector(database, "check")
        database.checkpoint()
    assert found.kind == "none"
    return _("can be made, upgraded, written and read.")


def _keyring() -> str:
    try:
        place = KeyringVault("self-check").probe()
    except VaultError as error:
        if error.code != "keyring_absent":
            raise
        # A server has none and needs none.
        return _(
            "none here that is safe; secrets have to come from the environment, such as {variable}"
        ).format(variable=environment_name("NAME", "KEY"))
    return _("secrets are kept in {place}.").format(place=place)


def _certificates() -> str:
    folder = ssl.get_default_verify_paths().capath
    trusted = (
        # macOS and Windows are asked at each connection; there is nothing to see before.
        sys.platform in ("darwin", "win32")
        or bool(ssl.create_default_context().get_ca_certs())
        or (folder is not None and any(Path(folder).glob("*.0")))
        or any(Path(bundle).is_file() for bundle in _BUNDLES)
    )
    if not trusted:
        raise _Problem(
            _("this computer trusts no certificate authority, so no SIS can be reached."),
            _("Install the package ca-certificates."),
        )
    return _("those of the system are used ({version}).").format(version=ssl.OPENSSL_VERSION)


def _kinds() -> str:
    found = kinds()
    if not found:
        raise _Problem(_("no kind of connector is installed."), _("Install this program again."))
    return ", ".join(f"{kind.name} ({_(kind.label)})" for kind in found.values())


def _sync(folder: Path) -> str:
    options = Options(data_dir=folder, practice=True)
    with practice_sis(options, _STUDENTS) as sis, practising(options, sis) as program:
        run = Runner(program, quiet=True).run([PRACTICE], full=True)[PRACTICE]
        if isinstance(run, SyncError):
            raise run
        row = reads.run(program.database, run)
        stored = sum(reads.counts(program.database).values())
    if row.state != "completed" or stored != sum(sis.ready.counts.values()):
        why = sentence(row.error_code, row.error_parameters) if row.error_code else row.state
        raise _Problem(why, _("Run “demo” to see more, and please report this."))
    return plural(
        "the practice SIS was synced, {n} record.",
        "the practice SIS was synced, {n} records.",
        stored,
    )
