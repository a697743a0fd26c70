"""The assessments of the district: benchmark tests of whole grades, and how pupils did."""

from collections.abc import Iterator
from datetime import timedelta

from .curriculum import GRADES
from .dice import Dice
from .district import District
from .shelves import Shelves
from .wire import Record, decode, reference

_SUBJECTS = ("English Language Arts", "Mathematics")
_LOWEST, _HIGHEST = 200.0, 800.0
_TESTED = GRADES[3:9]
_DAYS_AGO = 30


class Assessments:
    """The assessment line items and results of a district, as rows of their collections.

    A test of a subject has one part a grade, and each pupil of that grade a result for its part.
    Made from the district as it is, by dice of its own.
    """

    def __init__(self, district: District) -> None:
        self._district = district
        self._dice = Dice(district.seed, district.students, "assessments")
        self._scored = (district.today - timedelta(days=_DAYS_AGO)).isoformat()
        names = ("assessmentLineItems", "assessmentResults")
        shelves = Shelves(names, self._dice, district.today, _DAYS_AGO)
        self._keep = shelves.keep
        for subject in _SUBJECTS:
            self._test(subject)
        self.collections = shelves.collections()

    def _test(self, subject: str) -> None:
        whole = self._keep(
            "assessmentLineItems",
            {
                "title": f"Winter benchmark: {subject}",
                "description": "Once a year, in the grades 3 to 8.",
                "resultValueMin": _LOWEST,
                "resultValueMax": _HIGHEST,
            },
        )
        for grade in _TESTED:
            pupils = list(self._pupils(grade))
            if not pupils:
                continue
            part = self._keep(
                "assessmentLineItems",
                {
                    "title": f"Winter benchmark: {subject}, grade {int(grade)}",
                    "parentAssessmentLineItem": reference("assessmentLineItem", whole),
                    "resultValueMin": _LOWEST,
                    "resultValueMax": _HIGHEST,
                },
            )
            for pupil in pupils:
                self._result(part, pupil)

    def _pupils(self, grade: str) -> Iterator[str]:
        by_place = self._district.live_pupils()
        for org in map(decode, self._district.collections["orgs"].rows):
            yield from by_place.keys(f"{org['sourcedId']}/{grade}")

    def _result(self, item: str, pupil: str) -> None:
        dice = self._dice
        document: Record = {
            "assessmentLineItem": reference("assessmentLineItem", item),
            "student": reference("user", pupil),
            "scoreDate": self._scored,
        }
        if dice.chance(0.03):
            document["scoreStatus"] = "exempt"
        else:
            share = (dice.random() + dice.random()) / 2
            document.update(
                scoreStatus="fully graded",
                score=round(_LOWEST + share * (_HIGHEST - _LOWEST)),
                scorePercentile=round(share * 99, 1),
            )
        self._keep("assessmentResults", document)
