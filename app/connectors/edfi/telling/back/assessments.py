"""Results of assessments, put into the student's assessment."""

from collections.abc import Mapping
from typing import Any

from app.connectors.edfi.telling.assessments import METHOD, SCORES
from app.connectors.edfi.telling.back.draft import Draft, Way, plainly, referring
from app.connectors.edfi.telling.patch import at, listed
from app.roster.values import Plain

_DATATYPE = "ResultDatatypeTypeDescriptor"
_LEVELS, _LEVEL = "performanceLevels", "PerformanceLevelDescriptor"


def _date(draft: Draft, field: str) -> None:
    day, member = draft.values[field], "administrationDate"
    now = draft.document.get(member)
    if day is None or not (isinstance(now, str) and now[:10] == day):
        draft.put(member, None if day is None else f"{day}T00:00:00Z")


def _score(draft: Draft, field: str) -> None:
    """The result that tells the score now, else a new raw score."""
    told = [method for method in SCORES if _results(draft, method)]
    _put(draft, field, told[0] if told else SCORES[0], draft.values[field])


def _percentile(draft: Draft, field: str) -> None:
    _put(draft, field, "percentile", draft.values[field])


def _in_words(draft: Draft, field: str) -> None:
    """The performance level where one is told, else a result in words."""
    levels = listed(draft.document, _LEVELS)
    word = draft.values[field]
    if not levels:
        _put(draft, field, "words", word)
        return
    if word is None:
        draft.document[_LEVELS] = levels[1:]
        draft.drop_empty(_LEVELS)
    elif draft.words.word(_LEVEL, at(levels[0], "performanceLevelDescriptor")) != word:
        told = draft.descriptor(field, _LEVEL, word)
        draft.document[_LEVELS] = [{**levels[0], "performanceLevelDescriptor": told}, *levels[1:]]


def _results(draft: Draft, method: str) -> list[Any]:
    return [
        one
        for one in listed(draft.document, "scoreResults")
        if draft.words.meaning(METHOD, at(one, "assessmentReportingMethodDescriptor")) == method
    ]


def _put(draft: Draft, field: str, method: str, value: Plain) -> None:
    """The first result reported in that way is the value; others stay."""
    results, found = draft.elements("scoreResults"), _results(draft, method)
    if value is None:
        results[:] = [one for one in results if not any(one is told for told in found)]
    else:
        text = f"{value:.15g}" if isinstance(value, float) else str(value)
        if found:
            place = next(n for n, one in enumerate(results) if one is found[0])
            results[place] = {**found[0], "result": text}
        else:
            number = "integer" if text.lstrip("-").isdigit() else "decimal"
            datatype = "level" if method == "words" else number
            results.append(
                {
                    "assessmentReportingMethodDescriptor": draft.descriptor(field, METHOD, method),
                    "resultDatatypeTypeDescriptor": draft.descriptor(field, _DATATYPE, datatype),
                    "result": text,
                }
            )
    draft.drop_empty("scoreResults")


def _told_by_itself(draft: Draft, field: str) -> None:
    """A result that is there has been scored: no document says so in another way."""


TAKEN: Mapping[str, Way] = {
    "assessment_line_item": referring("assessmentReference", "assessments"),
    "student": referring("studentReference", "students"),
    "identifier": plainly("studentAssessmentIdentifier"),
    "score": _score,
    "text_score": _in_words,
    "score_percentile": _percentile,
    "score_date": _date,
    "score_status": _told_by_itself,
}
