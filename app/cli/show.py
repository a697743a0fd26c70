"""How the command line prints: tables, sentences, JSON documents, times and numbers."""

import io
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click
import msgspec

from app.engine.told import cell
from app.errors import Parameter
from app.text import N_, _, plural, sentence

NAMED = 3
"""So many records are named where there are more."""

_UNBOUNDED = 4000
"""Columns of a table that goes to a file or a pipe: nothing is cut or wrapped there."""


def document(value: Any) -> None:
    """Prints the one JSON document of this call, in UTF-8 whatever the terminal speaks."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=2)
    click.echo(text)


_WHERE = {
    "health_conflicts": N_("See “conflicts list”."),
    "health_unsent": N_("See “outbox list”."),
}


def standing(code: str, parameters: Mapping[str, Parameter]) -> str:
    """What is the matter with a connector, and the command that shows it."""
    told = sentence(code, parameters)
    return f"{told} {_(_WHERE[code])}" if code in _WHERE else told


def line(text: str = "") -> None:
    """Prints a line on standard output."""
    click.echo(printable(text))


def aside(text: str) -> None:
    """Prints a line on standard error."""
    click.echo(printable(text), err=True)


def printable(text: str) -> str:
    """``text`` without control characters: what a SIS sent must not steer a terminal."""
    if text.isprintable():
        return text
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(char) == "Cc" and char != "\n" else char
        for char in text
    )


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Prints rows under their headings; numbers stand right, ``None`` is left blank.

    A column in which nothing stands is left out. On a terminal long values are folded; elsewhere
    every row is one line.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    terminal = sys.stdout.isatty()
    drawn = Table(
        box=None,
        pad_edge=False,
        header_style="bold" if terminal else "",
    )
    told = [
        place
        for place in range(len(columns))
        if not rows or any(row[place] not in (None, "") for row in rows)
    ]
    for place in told:
        heading = columns[place]
        numeric = any(isinstance(row[place], int | float) for row in rows)
        drawn.add_column(
            Text(heading),
            justify="right" if numeric else "left",
            overflow="fold",
            no_wrap=numeric,
        )
    for row in rows:
        drawn.add_row(*(Text(printable(cell(row[place])).replace("\n", " ")) for place in told))
    target = io.StringIO()
    Console(
        file=target,
        force_terminal=terminal,
        width=None if terminal else _UNBOUNDED,
        highlight=False,
        safe_box=True,
    ).print(drawn)
    for text in target.getvalue().splitlines():
        click.echo(text.rstrip())


def number(value: int) -> str:
    """A whole number with its thousands set apart."""
    return f"{value:,}"


def now() -> datetime:
    """The instant now, in UTC."""
    return datetime.now(UTC)


def moment(text: str | None) -> str:
    """A stored instant in local time; blank for none."""
    return instant(datetime.fromisoformat(text)) if text else ""


def instant(when: datetime) -> str:
    """An instant in local time, to the minute."""
    return when.astimezone().strftime("%Y-%m-%d %H:%M")


def duration(seconds: float | None) -> str:
    """So many seconds in words."""
    if seconds is None:
        return ""
    if seconds < 60:
        return _("{seconds} s").format(seconds=f"{seconds:.1f}")
    whole = round(seconds)
    if whole < 3600:
        return _("{minutes} min {seconds} s").format(minutes=whole // 60, seconds=whole % 60)
    return _("{hours} h {minutes} min").format(hours=whole // 3600, minutes=whole % 3600 // 60)


def records(count: int) -> str:
    """So many records, in words."""
    return plural("{n} record", "{n} records", count)


def named(ids: Sequence[int], titles: Mapping[int, str]) -> str:
    """A few records by what they are called, or by their ids."""
    return ", ".join(titles.get(id_) or f"#{id_}" for id_ in ids[:NAMED])


def heading(text: str) -> None:
    """Prints a heading."""
    click.secho(printable(text), bold=True)
