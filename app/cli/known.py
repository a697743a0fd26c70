"""``connectors pause``, ``resume``, ``known``: what is not synced, or not told, for now."""

from datetime import date
from typing import Any

import click

from app.cli import show
from app.cli.opening import opened
from app.cli.options import Asked, Command
from app.errors import UsageError
from app.store import reads
from app.store.known import Issue
from app.text import _, day


def day_given(text: str) -> date:
    """A day as it is typed; raises ``UsageError``."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise UsageError("day_unfit", text=text) from None


@click.command(
    "pause", cls=Command, help=_("Nothing syncs it by itself, and “sync --all” leaves it out.")
)
@click.argument("name")
@click.pass_obj
def pause(asked: Asked, name: str) -> int:
    """Pauses a connector."""
    return _set_paused(asked, name, paused=True)


@click.command("resume", cls=Command, help=_("It is synced again as before it was paused."))
@click.argument("name")
@click.pass_obj
def resume(asked: Asked, name: str) -> int:
    """Resumes a connector."""
    return _set_paused(asked, name, paused=False)


def _set_paused(asked: Asked, name: str, *, paused: bool) -> int:
    asked.connector = name
    with opened(asked) as program:
        program.engine.set_paused(name, paused)
    if asked.json:
        show.document({"connector": name, "paused": paused, "error": None})
    elif paused:
        show.line(_("“{name}” is paused.").format(name=name))
    else:
        show.line(_("“{name}” is synced again.").format(name=name))
    return 0


@click.command(
    "known",
    cls=Command,
    help=_(
        "What is wrong with it now is known up to a day, and not told as urgent until then; "
        "anything else is."
    ),
)
@click.argument("name")
@click.option("--until", metavar="DAY", help=_("The last day: “2026-12-03”."))
@click.option("--because", metavar="TEXT", help=_("Why it is known, for whoever looks next."))
@click.option("--off", is_flag=True, help=_("It is known no more."))
@click.pass_obj
def known(asked: Asked, name: str, until: str | None, because: str | None, off: bool) -> int:
    """Marks what is known of a connector, or shows it."""
    asked.connector = name
    given = until is not None and because is not None
    if (off and (until or because)) or (not given and (until or because)):
        raise UsageError("known_not_said")
    with opened(asked) as program:
        if off:
            program.engine.forget_known(name)
        elif until is not None and because is not None:
            program.engine.mark_known(name, day_given(until), because)
        issue = reads.connector(program.database, name).issue
    if asked.json:
        show.document({"connector": name, "known": known_document(issue), "error": None})
    else:
        show.line(known_text(issue) if issue else _("Nothing is known of it."))
    return 0


def known_text(issue: Issue) -> str:
    """What is known, by whom, in a sentence."""
    until = day(date.fromisoformat(issue.until))
    told = _("Known until {until}: {because} (said by {who}).")
    return told.format(until=until, because=issue.because, who=issue.by)


def known_document(issue: Issue | None) -> dict[str, Any] | None:
    """The same for programs."""
    if issue is None:
        return None
    return {
        "until": issue.until,
        "because": issue.because,
        "by": issue.by,
        "at": issue.at,
        "troubles": dict(issue.troubles),
    }
