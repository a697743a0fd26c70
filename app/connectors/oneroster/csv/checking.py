"""*Test connection* for files: what there is, how much, how new, and what is wrong with it."""

from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import closing

from app.connectors.contract import (
    Asking,
    Check,
    Examination,
    Finding,
    Harm,
    Problem,
    Request,
    Response,
    by_rule,
)
from app.connectors.oneroster.csv.survey import Survey
from app.errors import Cancelled, SyncError

_GRAVE = frozenset({"file_missing", "manifest_heading", "set_incomplete", "set_rival"})
"""Rules without which nothing can be removed for being missing, whatever the rest is like."""


def check(looking: Asking[Survey], examining: Examination, entities: Mapping[str, str]) -> Check:
    """What the files hold; what is wrong with them are findings, never exceptions.

    ``entities`` has the file of each that is read.
    """
    findings: list[Finding] = []
    try:
        survey = yield from looking
        version, number = survey.version, len(survey.told)
        code = "files_found" if number == 1 else "sets_found"
        findings.append(Finding.good(code, version=version, sets=number))
        for entity, name in entities.items():
            findings.append(_collection(survey, entity, name))
        if newest := survey.newest:
            findings.append(Finding.good("files_newest", newest=newest))
        rules = yield from _rules(examining)
        for rule, count in rules.items():
            found = Finding.bad if rule in _GRAVE else Finding.note
            findings.append(found(rule, count=count))
    except Cancelled:
        raise
    except SyncError as error:
        findings.append(Finding.failed(error))
    return findings


def _collection(survey: Survey, entity: str, name: str) -> Finding:
    chain = survey.chains[name]
    if not chain:
        return Finding.note("file_absent", entity=entity)
    for one in chain:
        if not one.readable:
            return Finding.bad("file_without_key_column", entity=entity, file=one.source.called)
    rows = sum(one.rows for one in chain)
    if not rows:
        return Finding.note("file_empty", entity=entity)
    return Finding.good("file_readable", entity=entity, count=rows)


def _rules(examining: Examination) -> Generator[Request, Response, dict[str, int]]:
    """How often each rule is broken, the worst first."""
    rules: Counter[tuple[Harm, str]] = Counter()
    answer: Response | None = None
    with closing(examining):
        while True:
            try:
                step = examining.send(answer)
            except StopIteration:
                return by_rule(rules)
            answer = None
            if isinstance(step, Problem):
                rules[step.harm, step.rule] += 1
            else:
                answer = yield step
