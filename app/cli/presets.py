"""``connectors presets``: what is known to suit the SIS of several vendors, and why."""

from collections.abc import Iterable
from typing import Any

import click

from app.cli import show
from app.cli.options import Asked, Command
from app.compose import kinds
from app.connectors.contract import Kind, Preset, Setting, declared
from app.errors import NotFound, UsageError
from app.text import _

PRESET = click.option(
    "--preset",
    metavar="VENDOR",
    help=_(
        "Begins with what suits the SIS of a vendor, its kind included; “connectors presets” has "
        "them."
    ),
)


@click.command(
    "presets",
    cls=Command,
    help=_("What suits the SIS of several vendors, and why; one of them in full."),
)
@click.argument("name", required=False)
@click.pass_obj
def presets(asked: Asked, name: str | None) -> int:
    """Lists the presets, or shows one."""
    known = [(kind, preset) for kind in kinds().values() for preset in kind.presets]
    found = [(kind, preset) for kind, preset in known if name in (None, preset.name)]
    if not found:
        raise _unknown(name, (preset for _kind, preset in known))
    if asked.json:
        show.document([{"kind": kind.name, **preset_document(one)} for kind, one in found])
    elif name is None:
        show.table(
            [_("Preset"), _("SIS"), _("Kind")],
            [[preset.name, _(preset.label), kind.name] for kind, preset in found],
        )
    else:
        for kind, preset in found:
            _show(kind, preset)
    return 0


def choice_text(about: Setting, choice: object) -> str:
    """A value of a setting as it is stored, and what that means where it is a choice."""
    stored, label = str(choice), _(about.label_of(str(choice)))
    return stored if label.casefold() == stored else f"{stored} ({label})"


def _show(kind: Kind, preset: Preset) -> None:
    known = {one.name: one.about for one in declared(kind)}
    show.heading(_(preset.label))
    if preset.settings:
        show.table(
            [_("Setting"), _("Value"), _("Why")],
            [
                [name, choice_text(known[name], one.value), _(one.reason)]
                for name, one in preset.settings.items()
            ],
        )
        show.line()
    print_habits(preset)


def print_habits(preset: Preset) -> None:
    """What else an administrator should know of the vendor's SIS."""
    for habit in preset.habits:
        show.line(f"- {_(habit)}")


def preset_of(known: Iterable[Kind], name: str, kind: str | None) -> tuple[Kind, Preset]:
    """The preset of that name, and its kind.

    Raises ``NotFound``, and ``UsageError`` where it is of other kinds than ``kind`` alone.
    """
    every = [(one, preset) for one in known for preset in one.presets]
    found = [(one, preset) for one, preset in every if preset.name == name]
    if not found:
        raise _unknown(name, (preset for _kind, preset in every))
    for one, preset in found:
        if kind in (None, one.name):
            return one, preset
    raise UsageError("preset_of_another_kind", name=name, kind=found[0][0].name)


def _unknown(name: str | None, known: Iterable[Preset]) -> NotFound:
    told = ", ".join(preset.name for preset in known)
    return NotFound("preset_unknown", name=name, known=told)


def preset_document(preset: Preset) -> dict[str, Any]:
    """The preset as JSON has it."""
    return {
        "preset": preset.name,
        "label": preset.label,
        "settings": {
            name: {"value": one.value, "reason": one.reason}
            for name, one in preset.settings.items()
        },
        "habits": preset.habits,
    }
