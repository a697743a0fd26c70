"""Assessments, the objectives they are made of, and how students did in them."""

from collections.abc import Sequence

from app.connectors.contract import Row
from app.connectors.edfi.descriptors import Words
from app.connectors.edfi.keys import record_key
from app.connectors.edfi.telling import references
from app.connectors.edfi.telling.fields import FIELDS
from app.connectors.edfi.telling.patch import Parts, Patch, at, listed
from app.connectors.edfi.vocabulary import BETWEEN, Document, key_text
from app.roster.values import Number, Unfit

ASSESSMENTS, OBJECTIVES, TAKEN = "assessments", "objectiveAssessments", "studentAssessments"
METHOD = "AssessmentReportingMethodDescriptor"
SCORES = ("raw", "scale", "number")
"""Which result is the score, where several are reported: the one that the maximum is told in."""


def assessment(key: str, parts: Parts, words: Words) -> Row:
    """An assessment. Nothing in Ed-Fi is above one, so nothing is said of that."""
    (document,) = parts[ASSESSMENTS]
    patch = Patch("assessment_line_items", FIELDS["assessment_line_items"], words)
    title = at(document, "assessmentTitle")
    patch.say("title", title or at(document, "assessmentIdentifier"))
    _say_range(patch, document)
    return patch.row(record_key(ASSESSMENTS, key))


def objective(key: str, parts: Parts, words: Words) -> Row:
    """A part of an assessment that is scored by itself."""
    (document,) = parts[OBJECTIVES]
    patch = Patch("assessment_line_items", FIELDS["assessment_line_items"], words)
    patch.say("title", at(document, "description") or at(document, "identificationCode"))
    above = references.objective(at(document, "parentObjectiveAssessmentReference"))
    of = references.assessment(at(document, "assessmentReference"))
    patch.say("parent_assessment_line_item", above or of)
    _say_range(patch, document)
    return patch.row(record_key(OBJECTIVES, key))


def _say_range(patch: Patch, document: Document) -> None:
    """The lowest and the highest score, in the way of reporting that tells the score."""
    by_method: dict[str, Document] = {}
    for one in listed(document, "scores"):
        said = at(one, "assessmentReportingMethodDescriptor")
        meant = patch.meaning("result_value_max", METHOD, said)
        if meant is not None:
            by_method.setdefault(meant, one)
    most = at(document, "maxRawScore")
    methods = SCORES if most is None else SCORES[:1]
    told = next((by_method[method] for method in methods if method in by_method), None)
    patch.say("result_value_min", at(told, "minimumScore"))
    patch.say("result_value_max", at(told, "maximumScore") if most is None else most)


def taken(key: str, parts: Parts, words: Words) -> Row:
    """How a student did in an assessment."""
    (document,) = parts[TAKEN]
    item = references.assessment(at(document, "assessmentReference"))
    return _result(record_key(TAKEN, key), item, document, document, words)


def taken_objectives(key: str, parts: Parts, words: Words) -> list[Row]:
    """How a student did in the parts of an assessment: a row each that can be told apart."""
    (document,) = parts[TAKEN]
    return [
        _result(own, references.objective(of), part, document, words)
        for own, of, part in _objectives(key, document)
    ]


def objective_keys(key: str, document: Document) -> list[str]:
    """The keys of ``taken_objectives``."""
    return [own for own, _, _ in _objectives(key, document)]


def _objectives(key: str, document: Document) -> list[tuple[str, str | None, Document]]:
    found: dict[str, tuple[str, str | None, Document]] = {}
    for part in listed(document, "studentObjectiveAssessments"):
        of = at(part, "objectiveAssessmentReference")
        try:
            own = record_key(TAKEN, key + BETWEEN + key_text([at(of, "identificationCode")]))
        except KeyError:
            continue
        found.setdefault(own, (own, of, part))
    return list(found.values())


def _result(key: str, item: str | None, scored: Document, document: Document, words: Words) -> Row:
    patch = Patch("assessment_results", FIELDS["assessment_results"], words)
    patch.say("assessment_line_item", item)
    patch.say("student", references.student(document))
    day = at(scored, "administrationDate") or at(document, "administrationDate")
    patch.say("score_date", day)
    results = listed(scored, "scoreResults")
    by_method = {
        meant: at(one, "result")
        for one in reversed(results)
        if (meant := patch.meaning("score", METHOD, at(one, "assessmentReportingMethodDescriptor")))
        is not None
    }
    numbers = [_number(by_method[method]) for method in SCORES if method in by_method]
    score = next((number for number in numbers if number is not None), None)
    in_words = _level(scored, words) or by_method.get("words")
    percentile = _number(by_method.get("percentile"))
    if len(by_method) or not results:
        patch.say("score", score)
        patch.say("text_score", in_words)
        patch.say("score_percentile", percentile)
        anything = [one for one in (score, in_words, percentile) if one is not None]
        patch.say("score_status", "fully graded" if anything else None)
    return patch.row(key)


def _level(scored: Document, words: Words) -> str | None:
    """The performance level that was met, by its descriptor."""
    levels: Sequence[Document] = listed(scored, "performanceLevels")
    met = [one for one in levels if at(one, "performanceLevelMet") is not False]  # up to standard 3
    told = (at(one, "performanceLevelDescriptor") for one in met)
    return next(
        (word for uri in told if (word := words.word("PerformanceLevelDescriptor", uri))), None
    )


def _number(said: object) -> float | None:
    try:
        number: float | None = Number().normal(said)
    except Unfit:
        return None
    return number
