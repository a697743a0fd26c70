"""The command line: the front end for scripts, servers and people without a display (DESIGN §9).

Every command is a thin reading of its arguments over ``engine.Engine`` and ``store.reads``; what is
decided is decided there. Nothing here loads Qt. Only ``__main__`` imports this room; it hands in
how the window is opened and drawn.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import click

from app.cli import telling
from app.cli.check import self_check as self_check_command
from app.cli.conflicts import conflicts as conflicts_command
from app.cli.connectors import connectors as connectors_command
from app.cli.demo import demo as demo_command
from app.cli.disagreements import disagreements as disagreements_command
from app.cli.export import export as export_command
from app.cli.identity import identity as identity_command
from app.cli.limits import limits as limits_command
from app.cli.network import network as network_command
from app.cli.options import PROGRAM, Asked, Group, wants_json
from app.cli.outbox import outbox as outbox_command
from app.cli.policy import policy as policy_command
from app.cli.practice import practice as practice_command
from app.cli.quality import quality as quality_command
from app.cli.records import records as records_command
from app.cli.runs import runs as runs_command
from app.cli.serve import serve as serve_command
from app.cli.settings import settings as settings_command
from app.cli.sync import sync as sync_command
from app.compose import Options
from app.errors import UsageError
from app.text import _


def main(
    arguments: Sequence[str],
    *,
    window: Callable[[Options], int],
    picture: Callable[[Options, Path], None],
) -> int:
    """Runs the command, or opens the window where there is none; the exit code (DESIGN §9)."""
    telling.speak_to_any_terminal()
    asked = Asked(window, picture, json=wants_json(arguments))
    with telling.told(asked) as outcome:
        outcome.code = _top.main(
            list(arguments), prog_name=PROGRAM, standalone_mode=False, obj=asked
        )
    return outcome.code


@click.group(
    cls=Group,
    top=True,
    invoke_without_command=True,
    help=_(
        "Keeps Student Information Systems and a local roster in step. Without a command the "
        "window opens. The options below stand before or after any command."
    ),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--in-tray", is_flag=True, help=_("Open in the tray, without a window in sight."))
@click.pass_context
def _top(ctx: click.Context, in_tray: bool) -> int:
    asked = ctx.find_object(Asked)
    assert asked is not None
    if ctx.invoked_subcommand is not None:
        return 0
    if asked.json:
        raise UsageError("json_needs_command")
    return asked.window(asked.options(in_tray=in_tray))


for _command in (
    demo_command,
    connectors_command,
    sync_command,
    runs_command,
    conflicts_command,
    identity_command,
    records_command,
    policy_command,
    limits_command,
    network_command,
    settings_command,
    outbox_command,
    quality_command,
    disagreements_command,
    export_command,
    serve_command,
    practice_command,
    self_check_command,
):
    _top.add_command(_command)
