"""``self-check``: what must work on this computer, tried for real."""

import importlib.util
import platform
import shutil
import ssl
import sys
import tempfile
from collections.abc import Callable
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
from app.compose import PRACTICE, Options, kinds
from app.errors import SyncError
from app.roster.values import instant_text
from app.store import journal, reads
from app.store.database import Database, Location, inspect
from app.text import _, plural, sentence
from app.vault import KeyringVault, VaultError, environment_name

_STUDENTS = 60
_OLDEST_PYTHON = (3, 11)
_ROOM = 1_000_000_000


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
@click.pass_obj
def self_check(asked: Asked) -> int:
    """Runs every check, and tells each as soon as it is known."""
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
        (_("Python"), _python),
        (_("Window"), _window),
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
        "checks": [
            {"name": one.name, "ok": one.ok, "found": one.found, "todo": one.todo}
            for one in findings
        ],
        "error": None,
    }


# -- the checks -------------------------------------------------------------------------------


def _python() -> str:
    if sys.version_info < _OLDEST_PYTHON:
        raise _Problem(
            platform.python_version(), _("Install Python 3.11 or newer and start with that.")
        )
    return f"{platform.python_version()} ({platform.system()} {platform.machine()})"


def _window() -> str:
    # Looked for, never loaded: the command line has to work on servers without Qt's libraries.
    found = importlib.util.find_spec("PySide6")
    places = list(found.submodule_search_locations or ()) if found is not None else []
    if not any(list(Path(place).glob("QtWidgets.*")) for place in places):
        raise _Problem(
            _("Qt (PySide6) is not installed, so the window cannot open."),
            _("Install PySide6-Essentials. The command line works without it."),
        )
    return _("Qt is installed.")


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
    vault = KeyringVault()
    try:
        # Asked for a secret that nobody has: a keyring that is absent or locked says so here.
        vault.get("self-check", "nothing")
    except VaultError as error:
        if error.code != "keyring_absent":
            raise
        # A server has none and needs none.
        return _(
            "none here that is safe; secrets have to come from the environment, such as {variable}"
        ).format(variable=environment_name("NAME", "KEY"))
    return _("secrets are kept in {backend}.").format(backend=vault.backend)


def _certificates() -> str:
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    folder = Path(paths.capath) if paths.capath else None
    count = len(context.get_ca_certs()) or (
        sum(1 for _one in folder.glob("*.0")) if folder is not None and folder.is_dir() else 0
    )
    # macOS and Windows are asked at each connection; there is nothing to count before.
    if not count and sys.platform not in ("darwin", "win32"):
        raise _Problem(
            _("this computer trusts no certificate authority, so no SIS can be reached."),
            _("Install the package ca-certificates."),
        )
    return _("those of the system are used ({version}).").format(version=ssl.OPENSSL_VERSION)


def _kinds() -> str:
    found = kinds()
    if not found:
        raise _Problem(
            _("no kind of connector is installed."), _("Install this program again with pip.")
        )
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
