"""The command line: the front end for scripts, servers and people without a display (DESIGN §9).

Every command is a thin reading of its arguments over ``engine.Engine`` and ``store.reads``; what is
decided is decided there. Nothing here loads Qt. Only ``__main__`` imports this room; it hands in
how the window is opened and drawn.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli import telling
from app.cli.options import PROGRAM, Asked, Group, wants_json
from app.errors import UsageError
from app.text import _

if TYPE_CHECKING:
    from app.compose import Options

_MODULES = {"self-check": "check"}
"""Where a command is found that is not in the module of its name."""

_COMMANDS = (
    *("demo", "connectors", "sync", "runs", "conflicts", "identity", "records", "policy", "limits"),
    *("network", "settings", "outbox", "quality", "disagreements", "export", "serve", "practice"),
    "self-check",
)
"""The usual ones first. Each is loaded when it is asked for, as most need only a part of all."""


def main(
    arguments: Sequence[str],
    *,
    window: "Callable[[Options], int]",
    picture: "Callable[[Options, Path], None]",
) -> int:
    """Runs the command, or opens the window where there is none; the exit code (DESIGN §9)."""
    telling.speak_to_any_terminal()
    asked = Asked(window, picture, json=wants_json(arguments))
    with telling.told(asked) as outcome:
        outcome.code = _top.main(
            list(arguments), prog_name=PROGRAM, standalone_mode=False, obj=asked
        )
    return outcome.code


class _Commands(Group):
    """All commands, each of them loaded when it is asked for."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        # Where it is none, the nearest ones are told: then all have to be there.
        for name in [cmd_name] if cmd_name in _COMMANDS else _COMMANDS:
            if name not in self.commands:
                module = import_module(f"app.cli.{_MODULES.get(name, name)}")
                self.add_command(getattr(module, name.replace("-", "_")), name)
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The usual ones first."""
        return list(_COMMANDS)


@click.group(
    cls=_Commands,
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
