"""``runs compare``: what became of the roster between two moments."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from app.cli import show
from app.cli.opening import opened
from app.cli.options import Asked, Command
from app.engine import stories
from app.engine.past import CAME, LEFT, Compared, compared, in_order, moment
from app.roster.entities import ENTITIES
from app.store.listing import CHANGED
from app.text import _

_WHAT = (CAME, LEFT, CHANGED)


@click.command(
    "compare",
    cls=Command,
    help=_(
        "Who came, left and was changed between two moments, all in all: who came and went again "
        "is not told. A moment is a day (its end), “2026-03-01 18:30”, “#812” (when that sync was "
        "over), or now."
    ),
)
@click.argument("earlier", metavar="FROM")
@click.argument("later", metavar="[TO]", default="now")
@click.option(
    "--out", metavar="PATH", help=_("Also writes a line for each value, before and after, as CSV.")
)
@click.pass_obj
def compare(asked: Asked, earlier: str, later: str, out: str | None) -> int:
    """Compares two moments."""
    with opened(asked) as program:
        moments = (moment(program.database, words) for words in (earlier, later))
        found = compared(program.database, *in_order(*moments))
        lines = stories.save(Path(out), program.database, found.within(None)) if out else None
    if asked.json:
        show.document({**_document(found), **({} if lines is None else {"lines": lines})})
        return 0
    if not found.written:
        show.line(_("Nothing is different."))
    _print("", found.totals)
    for school, name in found.schools.items():
        _print(name, found.counts[school])
    if lines is not None:
        show.line(f"{out}: {show.records(lines)}")
    return 0


def _print(school: str, counts: Mapping[tuple[str, str], int]) -> None:
    rows = [
        [_(type_.many), *(counts.get((entity, what), 0) for what in _WHAT)]
        for entity, type_ in ENTITIES.items()
        if any(counts.get((entity, what)) for what in _WHAT)
    ]
    if rows:
        show.table([school or _("All schools"), _("came"), _("left"), _("changed")], rows)


def _document(found: Compared) -> dict[str, Any]:
    def told(counts: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
        entities = {entity for entity, _what in counts}
        return {
            entity: {what: counts.get((entity, what), 0) for what in _WHAT}
            for entity in ENTITIES
            if entity in entities
        }

    schools = [
        {"id": school, "name": name, "records": told(found.counts[school])}
        for school, name in found.schools.items()
    ]
    return {"records": told(found.totals), "schools": schools}
