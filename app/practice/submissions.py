"""What clients may write to the gradebook, checked against the official document's types."""

from collections.abc import Callable
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec

from .answers import Refusal, invalid
from .wire import Record, moment_of

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
Day = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Flag = Literal["true", "false"]
Status = Literal["active", "tobedeleted"]
ScoreStatus = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(exempt|fully graded|not submitted|partially graded|submitted"
        r"|ext:[a-zA-Z0-9.\-_]+)$"
    ),
]


class _Strict(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    pass


class Reference(_Strict):
    """A GUIDRef."""

    href: str
    sourcedId: Name
    type: Literal[
        "class",
        "org",
        "category",
        "academicSession",
        "scoreScale",
        "lineItem",
        "user",
        "course",
        "assessmentLineItem",
    ]


class _Base(_Strict, kw_only=True):
    sourcedId: Name
    status: Status
    dateLastModified: Name
    metadata: dict[str, Any] | None = None


class Category(_Base, kw_only=True):
    """CategoryDType."""

    title: Name
    weight: float | None = None


class _Work(_Base, kw_only=True):
    """What may be said of any work that is graded."""

    description: str | None = None
    scoreScale: Reference | None = None
    resultValueMin: float | None = None
    resultValueMax: float | None = None
    learningObjectiveSet: list[dict[str, Any]] | None = None


class _Mark(_Base, kw_only=True):
    """What may be said of any mark."""

    scoreScale: Reference | None = None
    score: float | None = None
    textScore: str | None = None
    comment: str | None = None
    learningObjectiveSet: list[dict[str, Any]] | None = None
    inProgress: Flag | None = None
    incomplete: Flag | None = None
    late: Flag | None = None
    missing: Flag | None = None


class LineItem(_Work, kw_only=True):
    """LineItemDType."""

    title: Name
    assignDate: Name
    dueDate: Name
    class_: Reference = msgspec.field(name="class")
    school: Reference
    category: Reference
    gradingPeriod: Reference | None = None
    academicSession: Reference | None = None


class Result(_Mark, kw_only=True):
    """ResultDType."""

    lineItem: Reference
    student: Reference
    scoreStatus: ScoreStatus
    scoreDate: Day
    class_: Reference | None = msgspec.field(name="class", default=None)


class ScoreScaleValue(_Strict):
    """ScoreScaleValueDType."""

    itemValueLHS: str
    itemValueRHS: str


class ScoreScale(_Base, kw_only=True):
    """ScoreScaleDType."""

    title: Name
    type: Name
    class_: Reference = msgspec.field(name="class")
    scoreScaleValue: Annotated[list[ScoreScaleValue], msgspec.Meta(min_length=1)]
    course: Reference | None = None


class AssessmentLineItem(_Work, kw_only=True):
    """AssessmentLineItemDType."""

    title: Name
    class_: Reference | None = msgspec.field(name="class", default=None)
    parentAssessmentLineItem: Reference | None = None


class AssessmentResult(_Mark, kw_only=True):
    """AssessmentResultDType."""

    assessmentLineItem: Reference
    student: Reference
    scoreDate: Day
    scoreStatus: ScoreStatus
    scorePercentile: float | None = None


Submitted = Category | LineItem | Result | ScoreScale | AssessmentLineItem | AssessmentResult
TYPES: dict[str, type[Submitted]] = {
    "categories": Category,
    "lineItems": LineItem,
    "results": Result,
    "scoreScales": ScoreScale,
    "assessmentLineItems": AssessmentLineItem,
    "assessmentResults": AssessmentResult,
}

S = TypeVar("S", bound=msgspec.Struct)


class Checked(msgspec.Struct, Generic[S]):
    """A submission that has the right form: typed, and as it was sent."""

    typed: S
    document: dict[str, Any]


def read_one(
    body: bytes, singular: str, plural: str, kept: Callable[[Record], Record]
) -> Checked[Submitted]:
    """The record of a PUT, `{"lineItem": {…}}`; 400 when it is no JSON, 422 when it is wrong.

    `kept` gives the record as 1.2 has it.
    """
    document = _envelope(body, singular)
    if not isinstance(document, dict):
        raise invalid(f"'{singular}' must be an object.")
    return _check(kept(document), plural, singular)


def read_many(
    body: bytes, singular: str, plural: str, kept: Callable[[Record], Record]
) -> list[Checked[Submitted]]:
    """The records of a POST, `{"lineItems": [{…}, …]}`; refused as a whole or not at all."""
    documents = _envelope(body, plural)
    if not isinstance(documents, list):
        raise invalid(f"'{plural}' must be an array.")
    return [
        _check(kept(each) if isinstance(each, dict) else each, plural, singular)
        for each in documents
    ]


def _envelope(body: bytes, name: str) -> Any:
    try:
        told = msgspec.json.decode(body)
    except msgspec.DecodeError as trouble:
        raise Refusal(400, "invaliddata", f"The body is not JSON: {trouble}.") from None
    if not isinstance(told, dict) or set(told) != {name}:
        raise invalid(f"The body must be an object with '{name}' alone.")
    return told[name]


def _check(document: Any, plural: str, singular: str) -> Checked[Submitted]:
    try:
        typed: Submitted = msgspec.convert(document, TYPES[plural])
    except msgspec.ValidationError as trouble:
        raise invalid(f"This is no {singular}: {trouble}.") from None
    moments = [typed.dateLastModified]
    if isinstance(typed, LineItem):
        moments += [typed.assignDate, typed.dueDate]
    for text in moments:
        try:
            moment_of(text)
        except ValueError:
            raise invalid(f"'{text}' is not a date and time.") from None
    return Checked(typed, document)
