"""How *Test connection* is told on the command line: a table in plain words, or a document."""

from collections.abc import Sequence
from typing import Any

from app.cli import show
from app.cli.telling import error_document
from app.connectors.contract import Finding, Grade
from app.roster.entities import ENTITIES
from app.text import FILE_RULES, N_, _, meaning, sentence, topic

_GRADES = {Grade.GOOD: N_("good"), Grade.NOTE: N_("note"), Grade.BAD: N_("bad")}


def works(found: Sequence[Finding]) -> bool:
    """False when something that was found keeps the connector from working."""
    return all(one.grade is not Grade.BAD for one in found)


def print_findings(name: str, found: Sequence[Finding]) -> None:
    """Prints what was found of the connector ``name``, and whether it works."""
    show.table([_("Verdict"), _("What"), _("Found"), _("What it means")], list(map(_row, found)))
    if any(one.code in FILE_RULES for one in found):
        show.line(sentence("problems_command", {"name": name}))
    show.line(
        _("“{name}” works.").format(name=name)
        if works(found)
        else _("“{name}” does not work yet: see what is marked as bad.").format(name=name)
    )


def _row(one: Finding) -> list[str]:
    told: dict[str, object] = dict(one.parameters)
    about = ENTITIES.get(str(told.get("entity")))
    if about is not None:
        told["entity"] = _(about.many)
    if isinstance(count := told.get("count"), int):
        told["count"] = show.number(count)
    if isinstance(newest := told.get("newest"), str):
        told["newest"] = show.moment(newest)
    what = _(about.many) if about is not None else topic(one.code)
    return [_(_GRADES[one.grade]), what, sentence(one.code, told), meaning(one.code, told)]


def findings_document(name: str, found: Sequence[Finding]) -> dict[str, Any]:
    """What was found, for programs."""
    bad = next((one for one in found if one.grade is Grade.BAD), None)
    return {
        "connector": name,
        "findings": [
            {
                "code": one.code,
                "grade": one.grade.value,
                "entity": one.parameters.get("entity"),
                "message": sentence(one.code, one.parameters),
                "means": meaning(one.code, one.parameters) or None,
            }
            for one in found
        ],
        "error": None if bad is None else error_document(bad.code, bad.parameters),
    }
