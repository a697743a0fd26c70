"""The options that stand before or after every command, and the click classes that take them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import augment_usage_errors

from app import __version__
from app.errors import UsageError
from app.text import _

if TYPE_CHECKING:
    from app.compose import Options

PROGRAM = "mindkindler-sync"

LARGEST = 2**63 - 1
"""The largest number that the database knows."""


class _Number(click.ParamType[int]):
    """A whole number that the database knows."""

    name = "number"

    def __init__(self, least: int) -> None:
        self._least = least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number."""
        try:
            number = int(value)
        except ValueError:
            self.fail(_("“{text}” is no whole number.").format(text=value), param, ctx)
        if not self._least <= number <= LARGEST:
            self.fail(_("{number} is too small or too large.").format(number=number), param, ctx)
        return number


COUNT = _Number(1)
"""How many, or the id of something."""

PLACE = _Number(0)
"""After how many, or an id that may be none."""

_BYTES = re.compile(r"[\ud800-\udfff]")
"""How Python tells of bytes on the command line that are no text."""


@dataclass
class Asked:
    """What the command line asks for as a whole, filled in while it is read."""

    window: "Callable[[Options], int]"
    picture: "Callable[[Options, Path], None]"
    json: bool = False
    data_dir: Path | None = None
    database: str | None = None
    practice: bool = False
    verbose: bool = False
    connector: str | None = None
    """The connector that the command is about: an error in JSON names it."""

    def options(self, **other: Any) -> "Options":
        """The options the program is composed from, some of them replaced by ``other``."""
        # Not every command composes the program, and to load it takes longest.
        from app.compose import Options

        told: dict[str, Any] = {
            "data_dir": self.data_dir,
            "database": self.database,
            "practice": self.practice,
            "verbose": self.verbose,
        }
        return Options(**(told | other))


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether ``--json`` stands among the arguments.

    Looked for before they are read, because an argument that cannot be read has to be answered in
    JSON too.
    """
    words = list(arguments)
    return "--json" in (words[: words.index("--")] if "--" in words else words)


def _keep(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
    # Each context of the chain has these options; one that was not given must not undo another.
    if value is not None and value is not False:
        asked = ctx.find_object(Asked)
        assert asked is not None
        assert parameter.name is not None
        setattr(asked, parameter.name, value)


def _version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    asked = ctx.find_object(Asked)
    if asked is not None and asked.json:
        from app.cli import show

        show.document({"version": __version__})
    else:
        click.echo(f"{PROGRAM} {__version__}")
    ctx.exit()


def _anywhere(*, hidden: bool) -> list[click.Parameter]:
    """Fresh copies of the options; a command's help shows them once, at the top."""

    def option(*names: str, **more: Any) -> click.Option:
        return click.Option(names, expose_value=False, hidden=hidden, callback=_keep, **more)

    return [
        option(
            "--data-dir",
            type=click.Path(file_okay=False, path_type=Path),
            metavar="DIR",
            help=_("The folder of database, locks and logs."),
        ),
        option("--database", metavar="URL", help=_("Such as sqlite:///roster.db")),
        option("--practice", is_flag=True, help=_("Work on the practice district.")),
        option("--json", is_flag=True, help=_("Print one JSON document.")),
        option("-v", "--verbose", is_flag=True, help=_("Log to standard error.")),
        click.Option(
            ("--version",),
            is_flag=True,
            expose_value=False,
            is_eager=True,
            hidden=hidden,
            callback=_version,
            help=_("Print the version."),
        ),
    ]


class Command(click.Command):
    """A command that takes the options of every command."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.params += _anywhere(hidden=True)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Reads the arguments; of whatever is wrong with them, this command's help is to be seen.

        Not every error of the reading names its command by itself.
        """
        with augment_usage_errors(ctx):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs it. Raises ``UsageError`` where a text that was given is none.

        A path may hold any bytes; they are those of a file's name.
        """
        for parameter in self.params:
            given = ctx.params.get(parameter.name or "")
            for text in given if isinstance(given, tuple) else (given,):
                if isinstance(text, str) and _BYTES.search(text):
                    raise UsageError("argument_not_text", argument=parameter.opts[0])
        return super().invoke(ctx)


class Group(click.Group):
    """A group that takes the options of every command, and so do its commands."""

    command_class = Command
    group_class = type

    def __init__(self, *arguments: Any, top: bool = False, **more: Any) -> None:
        # A group alone is a mistake like any other, told in one line, also in JSON.
        super().__init__(*arguments, **{"no_args_is_help": False} | more)
        self.params += _anywhere(hidden=not top)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands, each with the first sentence of its help, whole."""
        rows = []
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            assert command is not None
            rows.append((name, (command.help or "").partition(". ")[0].removesuffix(".") + "."))
        with formatter.section(_("Commands")):
            formatter.write_dl(rows)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which they are declared: the usual ones first."""
        return list(self.commands)
