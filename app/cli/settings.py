"""``settings``: taken from one computer to another, and what an IT department has set."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from app.cli import show
from app.cli.opening import opened
from app.cli.options import Asked, Group
from app.engine.managed import told
from app.engine.portable import Difference, Imported, unknown_told
from app.text import _, sentence

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group(cls=Group, help=_("Settings as a file, without secrets, and what your IT has set."))
def settings() -> None:
    """The group; its commands do the work."""


@settings.command("export", help=_("Writes all settings to a file; no secret is among them."))
@click.argument("path", metavar="FILE", type=_FILE)
@click.pass_obj
def export(asked: Asked, path: Path) -> int:
    """Writes the settings."""
    with opened(asked) as program:
        count = program.engine.export_settings(path)
    if asked.json:
        show.document({"path": str(path), "connectors": count, "error": None})
    else:
        show.line(sentence("settings_exported", {"count": count, "path": str(path)}))
    return 0


@settings.command(
    "import", help=_("Takes over what a file says; what it does not speak of stays as it is.")
)
@click.argument("path", metavar="FILE", type=_FILE)
@click.option("--preview", is_flag=True, help=_("Only tell what would change."))
@click.option(
    "--accept-hosts",
    is_flag=True,
    help=_("What a connector signs in with may go to another host than before."),
)
@click.pass_obj
def import_(asked: Asked, path: Path, preview: bool, accept_hosts: bool) -> int:
    """Takes settings over, or tells what that would change."""
    with opened(asked) as program:
        found = program.engine.compare_settings(path)
        if preview:
            done = Imported(found.changes, ())
        else:
            hosts = [host for one in found.changes for host in one.hosts] if accept_hosts else ()
            imported = program.engine.import_settings(found, accepted=hosts)
            assert imported is not None
            done = imported
    if asked.json:
        show.document(
            {
                "preview": preview,
                "changes": [asdict(one) for one in done.changed],
                "unknown_schools": [
                    {"connector": name, "key": key} for name, key in done.unknown_schools
                ],
                "unknown_in_scope": [
                    {"connector": name, "key": key} for name, key in done.unknown_in_scope
                ],
                "error": None,
            }
        )
        return 0
    if not done.changed:
        show.line(_("Nothing differs from what is set."))
        return 0
    print_changes(done.changed)
    for words in unknown_told(done):
        show.aside(words)
    if preview:
        show.line(_("Nothing was changed yet."))
    return 0


def print_changes(changes: Sequence[Difference]) -> None:
    """What a file changes, in a table."""
    show.table(
        [_("Connector"), _("What"), _("Now"), _("In the file")],
        [[one.connector or _("all"), one.what, one.before, one.after] for one in changes],
    )


@settings.command("show", help=_("What your IT department has set, and by which file."))
@click.pass_obj
def show_(asked: Asked) -> int:
    """Shows what is locked."""
    preset = asked.options().preset
    with opened(asked) as program:
        found = told(program.database, program.kinds)
    managed = found.managed
    if asked.json:
        show.document(
            {
                "preset": str(preset) if preset else None,
                "in_force": bool(managed.locks),
                "locks": [
                    {"connector": lock.connector or None, "part": lock.part}
                    for lock in managed.locks
                ],
                "trouble": managed.trouble or None,
                "unknown": list(managed.unknown),
                "error": None,
            }
        )
        return 0
    for words in (managed.trouble, *managed.unknown):
        if words:
            show.line(words)
    if not managed.locks:
        show.line(sentence("nothing_set_by_it", {"path": str(preset)}))
        return 0
    show.line(_("Set by your IT department, in {path}:").format(path=managed.path))
    show.table(
        [_("Connector"), _("What")], [[name or _("all"), what] for name, what in found.parts]
    )
    return 0
