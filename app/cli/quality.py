"""``quality``: what the registrar of each school should mend in the SIS."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from app.cli import show
from app.cli.naming import at_school, school
from app.cli.opening import opened
from app.cli.options import COUNT, Asked, Command
from app.engine.quality import HEADINGS, RULES, Grade, Line, Report, Told, report, rule_text, told
from app.engine.saving import save_table
from app.errors import NotFound
from app.text import _, plural

_EACH = 5
"""Lines of a school that are shown unless more are asked for."""


@click.command(
    cls=Command,
    help=_(
        "What the registrar of each school should mend: record, field, what it is now, what it "
        "should be."
    ),
)
@at_school(_("Only this school, by id, name or key; 0 is for what belongs to none."))
@click.option("--connector", metavar="NAME", help=_("Only records that this connector knows."))
@click.option(
    "--rule",
    "rule_words",
    multiple=True,
    metavar="RULE",
    help=_("Only this rule, as “email-missing”."),
)
@click.option(
    "--limit",
    type=COUNT,
    metavar="N",
    default=_EACH,
    show_default=True,
    help=_("Lines of each school."),
)
@click.option("--out", metavar="FILE", help=_("Save all of it as CSV for a spreadsheet."))
@click.pass_obj
def quality(
    asked: Asked,
    school_word: str | None,
    connector: str | None,
    rule_words: Sequence[str],
    limit: int,
    out: str | None,
) -> int:
    """Reports, and saves where that is asked for."""
    asked.connector = connector
    rules = [_rule(word) for word in rule_words] or list(RULES)
    with opened(asked) as program:
        database = program.database
        found = report(
            database,
            show.now().date().isoformat(),
            connector=connector,
            school=school(database, school_word),
            rules=rules,
        )
        words_of = partial(told, database, schools=found.schools)
        if out is not None:
            rows = map(astuple, words_of(found.lines))
            count = save_table(Path(out), [_(one) for one in HEADINGS], rows)
            if asked.json:
                show.document({"path": out, "lines": count})
            else:
                _print_counts(found)
                show.line(f"{out}: {plural('{n} line', '{n} lines', count)}")
        elif asked.json:
            both = zip(found.lines, words_of(found.lines), strict=True)
            show.document([_document(line, words) for line, words in both])
        else:
            _print_counts(found)
            schools = groupby(found.lines, lambda line: line.school)
            shown = [line for _id, own in schools for line in list(own)[:limit]]
            _print_lines(shown, list(words_of(shown)))
            _print_rest(len(shown), found)
    return 0


def _rule(word: str) -> str:
    """The rule of that name; raises ``NotFound``."""
    rule = word.strip().lower().replace("-", "_")
    if rule not in RULES:
        raise NotFound("quality_rule_unknown", rule=word, known=", ".join(map(_hyphened, RULES)))
    return rule


def _hyphened(rule: str) -> str:
    return rule.replace("_", "-")


def _document(line: Line, words: Told) -> dict[str, Any]:
    """A line for a script."""
    return {
        "school": line.school,
        "school_name": words.school,
        "grade": line.grade.value,
        "rule": line.flaw.rule,
        "connector": line.flaw.connector or None,
        "entity": line.flaw.entity,
        "id": line.flaw.record,
        "record": words.record,
        "key": words.key or None,
        "field": line.flaw.field or None,
        "now": words.now or None,
        "should_be": words.wanted,
    }


def _print_counts(found: Report) -> None:
    """How many of each rule there are in each school."""
    if not found.lines:
        show.line(_("Nothing is to be mended."))
        return
    counts: Counter[tuple[int, str, Grade]] = found.counts()
    rows, before = [], None
    for (place, rule, grade), count in counts.items():
        name = found.schools[place]
        what = f"{rule_text(rule)} ({_hyphened(rule)})"
        rows.append([name if place != before else "", what, grade.word, count])
        before = place
    show.table([_("School"), _("What"), _("Kind"), _("Lines")], rows)


def _print_lines(lines: Sequence[Line], words: Sequence[Told]) -> None:
    """Each school with its lines."""
    both = zip(lines, words, strict=True)
    for _school, group in groupby(both, lambda one: one[0].school):
        own = [one for _line, one in group]
        show.line()
        show.heading(own[0].school)
        show.table(
            [_(one) for one in HEADINGS[1:]],
            [list(astuple(one))[1:] for one in own],
        )


def _print_rest(shown: int, found: Report) -> None:
    if shown < len(found.lines):
        most = max(Counter(line.school for line in found.lines).values())
        show.line()
        show.line(
            _(
                "{shown} of {all} lines are shown. All of them: --limit {most}, or --out FILE.csv "
                "for a spreadsheet."
            ).format(shown=show.number(shown), all=show.number(len(found.lines)), most=most)
        )
