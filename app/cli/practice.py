"""``practice``: the practice SIS in this terminal, to be synced from another one."""

import dataclasses
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from app.cli import show
from app.cli.options import Asked, Command
from app.cli.telling import FAILED, error_document
from app.text import _, plural

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.practice.edfi.switches import Switch
    from app.practice.faults import Fault, Setting
    from app.practice.habits import Habit
    from app.practice.serve import Ready

_SIGNED = "signed-only"
"""The profile with which each request has to be signed."""

WEBHOOK_SECRET = "MINDKINDLER_WEBHOOK_SECRET"  # noqa: S105  the variable's name
"""The environment variable with the secret that the practice SIS signs its webhooks with."""


def _settings(
    _ctx: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]
) -> "tuple[Setting, ...]":
    from app.practice.faults import parsed

    try:
        settings = tuple(map(parsed, texts))
    except ValueError as trouble:
        raise click.BadParameter(str(trouble)) from None
    if len({each.name for each in settings}) < len(settings):
        raise click.BadParameter(_("A fault can be on in one way only; one is named twice."))
    return settings


def _profiles(
    _ctx: click.Context, _parameter: click.Parameter, names: tuple[str, ...]
) -> "tuple[Habit, ...]":
    from app.practice.faults import Faults
    from app.practice.habits import Habits, profile

    try:
        profiles = tuple(map(profile, names))
        together = Habits(Faults())
        for each in profiles:
            together.switch_on(each)
    except ValueError as trouble:
        raise click.BadParameter(str(trouble)) from None
    return profiles


def _switches(
    _ctx: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]
) -> tuple[str, ...]:
    from app.practice.edfi.asking import check

    try:
        check(texts)
    except ValueError as trouble:
        raise click.BadParameter(str(trouble)) from None
    return texts


def _address(_ctx: click.Context, _parameter: click.Parameter, url: str | None) -> str | None:
    from app.practice.webhooks import address_of

    try:
        return None if url is None else address_of(url)
    except ValueError as trouble:
        raise click.BadParameter(str(trouble)) from None


@click.command(
    cls=Command,
    help=_(
        "Runs the practice SIS until Ctrl-C. Its secret is made at each start and is printed here "
        "and nowhere else."
    ),
)
@click.option("--students", type=click.IntRange(min=1), help=_("How many (1,500)."))
@click.option("--seed", type=int, help=_("Another seed, another district (1)."))
@click.option("--port", type=click.IntRange(0, 65535), default=0, help=_("0: any that is free."))
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    help=_("Remember the district and its school days in this file."),
)
@click.option(
    "--fault",
    "settings",
    metavar="NAME[=VALUE][@COLLECTION][:TIMES]",
    multiple=True,
    callback=_settings,
    help=_("Misbehave so, as real services do; such as server-error=503@users:2."),
)
@click.option("--faults", is_flag=True, help=_("List the faults that there are, and end."))
@click.option(
    "--profile",
    "profiles",
    metavar="NAME",
    multiple=True,
    callback=_profiles,
    help=_("Have a lasting habit of real services, such as only-1.1; several go together."),
)
@click.option("--profiles", "list_profiles", is_flag=True, help=_("List the profiles, and end."))
@click.option(
    "--webhook",
    metavar="URL",
    callback=_address,
    help=_(
        "Tell this address of each change, signed with the secret in {variable} or in the next "
        "line of standard input."
    ).format(variable=WEBHOOK_SECRET),
)
@click.option(
    "--edfi-data",
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help=_("Serve the Ed-Fi documents of this folder, such as students.jsonl, as the Ed-Fi side."),
)
@click.option(
    "--edfi-switch",
    "edfi_switches",
    metavar="NAME[=VALUE][@RESOURCE][:TIMES]",
    multiple=True,
    callback=_switches,
    help=_("Have the Ed-Fi side misbehave or be an older one, such as api-6.2 or lock-error:3."),
)
@click.option("--edfi-switches", "list_switches", is_flag=True, help=_("List these, and end."))
@click.option("--until-stdin-closes", is_flag=True, hidden=True)
@click.pass_obj
def practice(
    asked: Asked,
    students: int | None,
    seed: int | None,
    port: int,
    state: Path | None,
    settings: "tuple[Setting, ...]",
    faults: bool,
    profiles: "tuple[Habit, ...]",
    list_profiles: bool,
    webhook: str | None,
    edfi_data: Path | None,
    edfi_switches: tuple[str, ...],
    list_switches: bool,
    until_stdin_closes: bool,
) -> int:
    """Serves until it is stopped; stopped by Ctrl-C is how it is meant to end, so that is 0."""
    if faults:
        _list_faults(asked)
        return 0
    if list_profiles:
        _list_profiles(asked)
        return 0
    if list_switches:
        _list_switches(asked)
        return 0
    from app.practice import serve

    if until_stdin_closes and sys.platform != "win32":
        # Ctrl-C in the terminal is meant for the program that started this one: that ends its sync
        # in order, then closes our standard input.
        os.setpgid(0, 0)
    announced = False

    def announce(ready: "Ready") -> None:
        nonlocal announced
        announced = True
        if asked.json:
            sys.stdout.buffer.write(msgspec.json.encode(dataclasses.asdict(ready)) + b"\n")
            sys.stdout.flush()
        else:
            _print(asked, ready, [each.name for each in settings], [each.name for each in profiles])
            _print_edfi(asked, ready, edfi_data, edfi_switches)

    options = serve.Options(
        students=students,
        seed=seed,
        port=port,
        state=state,
        until_stdin_closes=until_stdin_closes,
        faults=settings,
        profiles=profiles,
        webhook=None if webhook is None else (webhook, _webhook_secret()),
        edfi_data=edfi_data,
        edfi_switches=edfi_switches,
    )
    code = serve.serve(options, announce)
    if asked.json and not announced:
        show.document({"run": None, "error": error_document("practice_not_started", {})})
    return FAILED if code else 0


def _webhook_secret() -> str:
    """Never an argument, which anybody on this computer could read in the list of processes."""
    if found := os.environ.get(WEBHOOK_SECRET):
        return found
    if sys.stdin.isatty():
        return str(click.prompt(_("The secret of the webhooks"), hide_input=True, err=True))
    return sys.stdin.readline().strip()


def _list_faults(asked: Asked) -> None:
    from app.practice.faults import CATALOGUE, Faults

    if asked.json:
        show.document(Faults().told())
    else:
        _tabulate([_("Kind of fault"), _("What this SIS does then")], CATALOGUE.values())


def _list_profiles(asked: Asked) -> None:
    from app.practice.faults import Faults
    from app.practice.habits import CATALOGUE, Habits

    if asked.json:
        show.document(Habits(Faults()).told())
        return
    show.table(
        [_("Profile"), _("What this SIS always does then")],
        [[habit.name, habit.does] for habit in CATALOGUE.values()],
    )


def _list_switches(asked: Asked) -> None:
    from app.practice.edfi.switches import CATALOGUE, Switches

    if asked.json:
        show.document(Switches().told())
    else:
        _tabulate([_("Switch"), _("What the Ed-Fi side does then")], CATALOGUE.values())


def _tabulate(heads: list[str], ways: "Iterable[Fault | Switch]") -> None:
    rows = []
    for way in ways:
        number = way.number
        rows.append([way.name, way.does, number and number.means, number and number.usual])
    show.table([*heads, _("VALUE"), _("usual")], rows)


def _print(asked: Asked, ready: "Ready", faults: list[str], habits: list[str]) -> None:
    show.line(
        _("The practice SIS answers at {url} with {students}. Ctrl-C ends it.").format(
            url=ready.base_url,
            students=plural("{n} student", "{n} students", ready.students),
        )
    )
    if faults:
        show.line(_("It misbehaves: {faults}.").format(faults=", ".join(faults)))
    if habits:
        show.line(_("It has these habits: {habits}.").format(habits=", ".join(habits)))
    show.line(_("Client ID: {id}").format(id=ready.client_id))
    show.line(_("Client secret: {secret}").format(secret=ready.client_secret))
    show.line(_("Bearer token: {token}").format(token=ready.bearer_token))
    show.line()
    show.line(_("To sync from it, type in another terminal:"))
    # The program is loaded for these lines alone: whoever asks for JSON has the service sooner.
    from app.cli import dictating

    auth = "oauth2" if _SIGNED not in habits else "oauth1"
    for words in dictating.lines(asked, dictating.oneroster(ready, auth)):
        show.line(f"  {words}")
    sys.stdout.flush()


def _print_edfi(
    asked: Asked, ready: "Ready", folder: Path | None, switches: tuple[str, ...]
) -> None:
    show.line()
    if folder is None:
        told = _("The same district is an Ed-Fi service at {url}.")
    else:
        told = _("The documents in {folder} are an Ed-Fi service at {url}.")
    show.line(told.format(url=ready.edfi_url, folder=folder))
    if switches:
        show.line(_("It is switched to: {switches}.").format(switches=", ".join(switches)))
    show.line(_("Key: {key}").format(key=ready.edfi_key))
    show.line(_("Secret: {secret}").format(secret=ready.edfi_secret))
    from app.cli import dictating

    for words in dictating.lines(asked, dictating.edfi(ready)):
        show.line(f"  {words}")
    sys.stdout.flush()
