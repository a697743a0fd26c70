"""The gradebook of the district, made when it is first asked for: marks for what was assigned."""

from datetime import date, timedelta

from .assessments import Assessments
from .dice import Dice
from .district import District
from .shelves import Shelves
from .wire import Record, decode, midnight, moment_text, reference

_CATEGORIES = (
    ("Homework", 20.0),
    ("Quizzes and Tests", 40.0),
    ("Projects", 30.0),
    ("Participation", 10.0),
)
_TITLES = (
    ("Reading log", "Practice set", "Vocabulary", "Worksheet"),
    ("Unit quiz", "Chapter test", "Spelling quiz", "Short check"),
    ("Poster", "Lab report", "Presentation", "Portfolio"),
    ("Discussion", "Group work"),
)
_MAXIMA = (10.0, 20.0, 50.0, 100.0)
_LETTERS = (("A", "90-100"), ("B", "80-89"), ("C", "70-79"), ("D", "60-69"), ("F", "0-59"))
_COMMENTS = ("Well done!", "Please see me about question 3.", "Très bien, continue !")

_GRADED = ("categories", "lineItems", "results", "scoreScales")

_DAYS_AGO = 45


class Gradebook:
    """The gradebook collections of a district.

    Made from the district as it is; deterministic from its seed, its number of students and the
    school days that have passed.
    """

    def __init__(self, district: District) -> None:
        self._district = district
        self._dice = Dice(district.seed, district.students, "gradebook")
        shelves = Shelves(_GRADED, self._dice, district.today, _DAYS_AGO)
        self._keep = shelves.keep
        self._categories = [self._category(title, weight) for title, weight in _CATEGORIES]
        self._periods = [
            session
            for session in map(decode, district.collections["academicSessions"].rows)
            if session["type"] == "gradingPeriod"
        ]
        for row in list(district.collections["classes"].rows):
            self._class(decode(row))
        self.collections = {
            **shelves.collections(),
            **Assessments(district).collections,
        }

    def _category(self, title: str, weight: float) -> str:
        return self._keep("categories", {"title": title, "weight": weight})

    def _class(self, class_: Record) -> None:
        pupils = [
            user
            for _, user, _, role in self._district.live_seats("class", class_["sourcedId"])
            if role == "student"
        ]
        scale = self._scale(class_) if class_["grades"][0] in ("09", "10", "11", "12") else None
        # The first was handed in and marked, the second is still being worked on.
        past, future = (self._dice.between(10, 20), self._dice.between(-6, -2))
        item, highest = self._line_item(class_, past, scale)
        self._line_item(class_, future, scale)
        scored = (self._district.today - timedelta(days=past - 1)).isoformat()
        line_item = reference("lineItem", item)
        for pupil in pupils:
            self._result(line_item, pupil, highest, scored)

    def _scale(self, class_: Record) -> str:
        return self._keep(
            "scoreScales",
            {
                "title": "Letter grades",
                "type": "letter",
                "course": class_["course"],
                "class": reference("class", class_["sourcedId"]),
                "scoreScaleValue": [
                    {"itemValueLHS": letter, "itemValueRHS": span} for letter, span in _LETTERS
                ],
            },
        )

    def _line_item(self, class_: Record, days_ago: int, scale: str | None) -> tuple[str, float]:
        dice = self._dice
        category = dice.below(len(_CATEGORIES))
        due = self._district.today - timedelta(days=days_ago)
        highest = dice.pick(_MAXIMA)
        document: Record = {
            "title": f"{dice.pick(_TITLES[category])} {dice.between(1, 12)}",
            "assignDate": moment_text(midnight(due - timedelta(days=7))),
            "dueDate": moment_text(midnight(due)),
            "class": reference("class", class_["sourcedId"]),
            "school": class_["school"],
            "category": reference("category", self._categories[category]),
            "gradingPeriod": reference("academicSession", self._period(due)),
            "academicSession": class_["terms"][0],
        }
        if scale is not None:
            document["scoreScale"] = reference("scoreScale", scale)
        document["resultValueMin"] = 0.0
        document["resultValueMax"] = highest
        return self._keep("lineItems", document), highest

    def _period(self, day: date) -> str:
        """The grading period of a day; in the holidays, the one before (or the first)."""
        text = day.isoformat()
        begun = [period for period in self._periods if period["startDate"] <= text]
        chosen = max(begun or self._periods[:1], key=lambda period: str(period["startDate"]))
        return str(chosen["sourcedId"])

    def _result(self, line_item: Record, pupil: str, highest: float, scored: str) -> None:
        dice = self._dice
        document: Record = {"lineItem": line_item, "student": reference("user", pupil)}
        draw = dice.random()
        if draw < 0.04:
            document.update(scoreStatus="not submitted", scoreDate=scored, missing="true")
        elif draw < 0.06:
            document.update(scoreStatus="exempt", scoreDate=scored)
        else:
            # The better of two throws: most marks are good ones.
            share = max(dice.random(), dice.random())
            document.update(
                scoreStatus="fully graded", score=round(highest * share, 1), scoreDate=scored
            )
            if draw > 0.97:
                document["comment"] = dice.pick(_COMMENTS)
            if draw > 0.95:
                document["late"] = "true"
        self._keep("results", document)
