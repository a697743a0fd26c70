"""What the log of a run says: codes and ids in words and names, at the time of showing."""

from collections.abc import Mapping, Sequence
from typing import cast

from app.cli import show
from app.engine.limits import logged
from app.engine.told import log_parameters
from app.roster.entities import ENTITIES
from app.store import reads
from app.store.database import Database
from app.store.reads import LogLine
from app.text import _, plural, sentence

_HOLDS = {"limit_tripped": "limit_holds", "push_limit_tripped": "limit_holds_back"}
"""Lines that tell of a limit, with the sentence around it."""

_AT_ONCE = {
    "limit_let_through", "rows_are_people", "rows_are_records", "rows_parted",
    "grades_unknown", "roles_unknown", "class_types_unknown", "edfi_unmapped",
}  # fmt: skip
"""Somebody's allowance was made use of, rows were joined or taken apart, or words are not of the
standard."""


def log_texts(database: Database, lines: Sequence[LogLine]) -> list[str]:
    """What the lines of a log say, with schools by their names and limits in words."""
    named = {line.parameters["school"] for line in lines if line.code in _HOLDS}
    titles = reads.titles(database, ("orgs", cast("set[int]", named)))
    return [_log_text(line, titles) for line in lines]


def print_noteworthy(database: Database, run: int) -> None:
    """What of a log whoever syncs should know at once."""
    lines = [line for line in reads.run_log(database, run) if line.code in _AT_ONCE]
    for line, text in zip(lines, log_texts(database, lines), strict=True):
        show.line(f"{_(ENTITIES[line.entity].many)}: {text}" if line.entity else text)


def _log_text(line: LogLine, titles: Mapping[int, str]) -> str:
    if line.code == "limit_let_through":
        what, until = str(line.parameters["what"]), str(line.parameters["until"])
        words = _let_through(cast(int, line.parameters["count"]))
        shown = {"what": words.get(what, what), "until": show.moment(until)}
        return sentence(line.code, {**line.parameters, **shown})
    if line.code not in _HOLDS or line.entity is None:
        return sentence(line.code, log_parameters(line.entity, line.parameters))
    school = cast(int, line.parameters["school"])
    name = titles.get(school) or f"#{school}"
    told = logged(line.parameters, ENTITIES[line.entity], name)
    return sentence(_HOLDS[line.code], {"told": told})


def _let_through(count: int) -> dict[str, str]:
    """So many of what each figure lets through, in words."""
    return {
        "removals": plural("{n} removal", "{n} removals", count),
        "changes": plural("{n} change", "{n} changes", count),
        "blanks": plural("{n} value gone blank", "{n} values gone blank", count),
        "logins": plural(
            "{n} other name to sign in with", "{n} other names to sign in with", count
        ),
        "staff": plural("{n} student turned into staff", "{n} students turned into staff", count),
    }
