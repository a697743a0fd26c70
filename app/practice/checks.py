"""Whether what is written to the gradebook makes sense in this SIS: 422 where it does not."""

import msgspec

from .answers import invalid
from .sis import Sis
from .submissions import (
    AssessmentLineItem,
    AssessmentResult,
    Category,
    LineItem,
    Reference,
    Result,
    ScoreScale,
    Submitted,
)


class _Span(msgspec.Struct):
    resultValueMin: float | None = None
    resultValueMax: float | None = None


_span = msgspec.json.Decoder(_Span).decode


class Checks:
    """Looks whether what a submission points at is there, and a score within its bounds."""

    def __init__(self, sis: Sis) -> None:
        self._sis = sis

    def check(self, submitted: Submitted) -> None:
        """Refuses what makes no sense."""
        match submitted:
            case Category():
                pass
            case LineItem():
                self._points(submitted.class_, "class", "classes")
                self._points(submitted.school, "org", "orgs")
                self._points(submitted.category, "category", "categories")
                self._points(submitted.gradingPeriod, "academicSession", "academicSessions")
                self._points(submitted.academicSession, "academicSession", "academicSessions")
                self._points(submitted.scoreScale, "scoreScale", "scoreScales")
                _check_span(submitted)
            case Result():
                self._points(submitted.lineItem, "lineItem", "lineItems")
                self._points(submitted.student, "user", "users")
                self._points(submitted.class_, "class", "classes")
                self._points(submitted.scoreScale, "scoreScale", "scoreScales")
                self._check_score(submitted.score, "lineItems", submitted.lineItem)
            case ScoreScale():
                self._points(submitted.class_, "class", "classes")
                self._points(submitted.course, "course", "courses")
            case AssessmentLineItem():
                whole = submitted.parentAssessmentLineItem
                self._points(submitted.class_, "class", "classes")
                self._points(submitted.scoreScale, "scoreScale", "scoreScales")
                self._points(whole, "assessmentLineItem", "assessmentLineItems")
                _check_span(submitted)
            case AssessmentResult():
                item = submitted.assessmentLineItem
                self._points(item, "assessmentLineItem", "assessmentLineItems")
                self._points(submitted.student, "user", "users")
                self._points(submitted.scoreScale, "scoreScale", "scoreScales")
                self._check_score(submitted.score, "assessmentLineItems", item)

    def _check_score(self, score: float | None, items: str, item: Reference) -> None:
        row = self._sis.books()[items].get(item.sourcedId)
        assert row is not None
        span = _span(row)
        low, high = span.resultValueMin, span.resultValueMax
        if score is not None and (
            (low is not None and score < low) or (high is not None and score > high)
        ):
            raise invalid(f"The score {score} is not from {low} to {high}.")

    def _points(self, reference: Reference | None, type_: str, collection: str) -> None:
        if reference is None:
            return
        if reference.type != type_:
            raise invalid(f"A reference of type '{reference.type}' should be '{type_}'.")
        if reference.sourcedId not in self._sis.collection(collection):
            raise invalid(f"There is no {type_} '{reference.sourcedId}' to refer to.")


def _check_span(item: LineItem | AssessmentLineItem) -> None:
    low, high = item.resultValueMin, item.resultValueMax
    if low is not None and high is not None and low > high:
        raise invalid("resultValueMin is above resultValueMax.")
