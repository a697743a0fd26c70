"""What is assigned, assessed and graded: the gradebook, report grades and the benchmark tests.

Report grades are Ed-Fi's alone: OneRoster has no such thing, so they are made here.
"""

from collections.abc import Iterator, Mapping

from ...collection import Collection
from ...curriculum import GRADES, HIGH
from ...dice import Dice
from ...district import District
from ...wire import Record, decode
from .people import begun
from .places import Documents, Places, grade_level, subject_of
from .words import NAMESPACE, descriptor, own, uri

_LONGEST_TITLE = 100
_LONGEST_CODE = 50
_LETTERS = ((90, "A"), (80, "B"), (70, "C"), (60, "D"), (0, "F"))
_PARTS = {
    "English Language Arts": ("Reading", "Writing"),
    "Mathematics": ("Number and Algebra", "Geometry and Data"),
}
"""The objectives of each benchmark test."""
_SPREAD = 40
_HIGH_GRADES = frozenset(GRADES[grade] for grade in HIGH.grades)


class Marks:
    """The marks of a district as documents."""

    def __init__(self, district: District, places: Places, books: Mapping[str, Collection]) -> None:
        self._district = district
        self._places = places
        self._books = books
        self._pupils = {
            user["sourcedId"]: user
            for user in map(decode, district.collections["users"].rows)
            if user["status"] == "active" and user["roles"][0]["role"] == "student"
        }

    def documents(self) -> Documents:
        """The gradebook, then grades, then assessments."""
        yield from self._gradebook()
        yield from self._grades()
        yield from self._assessments()

    def _live(self, name: str) -> Iterator[Record]:
        for row in self._books[name].rows:
            record = decode(row)
            if record["status"] == "active":
                yield record

    # The gradebook.

    def _gradebook(self) -> Documents:
        categories = {
            each["sourcedId"]: str(each["title"])[:50] for each in self._live("categories")
        }
        for title in sorted(set(categories.values())):
            yield descriptor("GradebookEntryType", title, NAMESPACE)
        entries: set[str] = set()
        for item in self._live("lineItems"):
            section = self._places.sections.get(item["class"]["sourcedId"])
            if section is not None:
                entries.add(item["sourcedId"])
                category = categories.get(_key(item, "category"))
                yield "gradebookEntries", self._entry(item, section, category)
        for result in self._live("results"):
            pupil = self._pupils.get(result["student"]["sourcedId"])
            if pupil is not None and result["lineItem"]["sourcedId"] in entries:
                yield "studentGradebookEntries", _mark(result, pupil)

    def _entry(self, item: Record, section: Record, category: str | None) -> Record:
        document: Record = {
            "gradebookEntryIdentifier": item["sourcedId"],
            "namespace": NAMESPACE,
            "dateAssigned": item["assignDate"][:10],
            "dueDate": item["dueDate"][:10],
            "sectionReference": section,
            "sourceSectionIdentifier": section["sectionIdentifier"],
            "title": item["title"][:_LONGEST_TITLE],
        }
        if category is not None:
            document["gradebookEntryTypeDescriptor"] = own("GradebookEntryType", category)
        if "resultValueMax" in item:
            document["maxPoints"] = item["resultValueMax"]
        period = _key(item, "gradingPeriod")
        if period is not None and period in self._places.grading_periods:
            document["gradingPeriodReference"] = self._places.grading_period(
                period, section["schoolId"]
            )
        return document

    # Report grades.

    def _grades(self) -> Documents:
        """A grade in each class of the high schools for the last quarter that has ended."""
        ended = [
            period
            for period in self._places.grading_periods.values()
            if period["title"].endswith("Final")
            and period["endDate"] < self._district.today.isoformat()
        ]
        if not ended:
            return
        period = max(ended, key=lambda each: str(each["endDate"]))
        dice = Dice(self._district.seed, self._district.students, "report grades")
        graded = self._graded(period)
        for row in self._district.collections["enrollments"].rows:
            seat = decode(row)
            section = graded.get(seat["class"]["sourcedId"])
            pupil = self._pupils.get(seat["user"]["sourcedId"])
            if seat["status"] != "active" or section is None or pupil is None:
                continue
            points = 50 + round(50 * max(dice.random(), dice.random()))
            yield (
                "grades",
                {
                    "gradeTypeDescriptor": uri("GradeType", "Grading Period"),
                    "gradingPeriodReference": self._places.grading_period(
                        period["sourcedId"], section["schoolId"]
                    ),
                    "studentSectionAssociationReference": {
                        "beginDate": begun(seat),
                        **section,
                        "studentUniqueId": pupil["identifier"],
                    },
                    "letterGradeEarned": next(
                        letter for least, letter in _LETTERS if points >= least
                    ),
                    "numericGradeEarned": float(points),
                },
            )

    def _graded(self, period: Record) -> dict[str, Record]:
        """The sections of the high schools that were taught in that period."""
        found: dict[str, Record] = {}
        for class_ in map(decode, self._district.collections["classes"].rows):
            section = self._places.sections.get(class_["sourcedId"])
            if section is None or not _HIGH_GRADES.intersection(class_["grades"]):
                continue
            session = self._places.session(class_)
            if (
                session["beginDate"] <= period["startDate"]
                and period["endDate"] <= session["endDate"]
            ):
                found[class_["sourcedId"]] = section
        return found

    # Assessments.

    def _assessments(self) -> Documents:
        titles: dict[str | None, str] = {
            each["sourcedId"]: each["title"] for each in self._live("assessmentLineItems")
        }
        takers: dict[str, list[Record]] = {}
        for result in self._live("assessmentResults"):
            if result["student"]["sourcedId"] in self._pupils:
                takers.setdefault(result["assessmentLineItem"]["sourcedId"], []).append(result)
        dice = Dice(self._district.seed, self._district.students, "objectives")
        for item in self._live("assessmentLineItems"):
            results = takers.get(item["sourcedId"])
            if results is None:
                continue
            family = titles.get(_key(item, "parentAssessmentLineItem"))
            subject = next((name for name in _PARTS if name in item["title"]), "")
            yield "assessments", self._assessment(item, family, subject, results)
            for part in _PARTS.get(subject, ()):
                yield "objectiveAssessments", _objective(item, part, subject)
            for result in results:
                yield "studentAssessments", self._taken(item, result, _PARTS.get(subject, ()), dice)

    def _assessment(
        self, item: Record, family: str | None, subject: str, results: list[Record]
    ) -> Record:
        grades = {self._pupils[each["student"]["sourcedId"]]["grades"][0] for each in results}
        document: Record = {
            **_test(item),
            "academicSubjects": [{"academicSubjectDescriptor": subject_of(subject)}],
            "assessedGradeLevels": [grade_level(grade) for grade in sorted(grades)],
            "assessmentCategoryDescriptor": uri("AssessmentCategory", "Benchmark test"),
            "assessmentTitle": item["title"][:255],
            "scores": [_scale(item)],
        }
        if family is not None:
            document["assessmentFamily"] = family[:60]
        return document

    def _taken(self, item: Record, result: Record, parts: tuple[str, ...], dice: Dice) -> Record:
        pupil = self._pupils[result["student"]["sourcedId"]]
        document: Record = {
            "studentAssessmentIdentifier": result["sourcedId"],
            "assessmentReference": _test(item),
            "studentReference": {"studentUniqueId": pupil["identifier"]},
            "administrationDate": f"{result['scoreDate'][:10]}T09:00:00Z",
            "schoolYearTypeReference": {"schoolYear": self._places.year},
            "whenAssessedGradeLevelDescriptor": grade_level(pupil["grades"][0])[
                "gradeLevelDescriptor"
            ],
        }
        if "score" not in result:
            document["reasonNotTestedDescriptor"] = uri("ReasonNotTested", "Other")
            return document
        scale = round(result["score"])
        scores = [_score("Scale score", "Integer", str(scale))]
        if "scorePercentile" in result:
            scores.append(_score("Percentile", "Decimal", str(result["scorePercentile"])))
        document["scoreResults"] = scores
        lowest, highest = int(item["resultValueMin"]), int(item["resultValueMax"])
        document["studentObjectiveAssessments"] = [
            {
                "objectiveAssessmentReference": {**_test(item), "identificationCode": part},
                "scoreResults": [
                    _score(
                        "Scale score",
                        "Integer",
                        str(min(highest, max(lowest, scale + dice.between(-_SPREAD, _SPREAD)))),
                    )
                ],
            }
            for part in parts
        ]
        return document


def _key(record: Record, name: str) -> str | None:
    """What a record refers to by this name, where it does."""
    return str(record[name]["sourcedId"]) if name in record else None


def _mark(result: Record, pupil: Record) -> Record:
    document: Record = {
        "gradebookEntryReference": {
            "gradebookEntryIdentifier": result["lineItem"]["sourcedId"],
            "namespace": NAMESPACE,
        },
        "studentReference": {"studentUniqueId": pupil["identifier"]},
    }
    status = {"not submitted": "Not submitted", "exempt": "Excused"}
    said = status.get(result["scoreStatus"], "Submitted")
    if result.get("missing") == "true":
        said = "Missing"
    document["submissionStatusDescriptor"] = uri("SubmissionStatus", said)
    if "score" in result:
        document["pointsEarned"] = result["score"]
        if "scoreDate" in result:
            document["dateFulfilled"] = result["scoreDate"][:10]
    if "textScore" in result:
        document["letterGradeEarned"] = str(result["textScore"])[:20]
    if result.get("late") == "true":
        document["assignmentLateStatusDescriptor"] = uri("AssignmentLateStatus", "Late")
    if result.get("comment"):
        document["diagnosticStatement"] = result["comment"][:1024]
    return document


def _test(item: Record) -> Record:
    return {"assessmentIdentifier": item["sourcedId"], "namespace": NAMESPACE}


def _objective(item: Record, part: str, subject: str) -> Record:
    return {
        "identificationCode": part,
        "assessmentReference": _test(item),
        "academicSubjectDescriptor": subject_of(subject),
        "description": part,
        "scores": [_scale(item)],
    }


def _scale(item: Record) -> Record:
    return {
        "assessmentReportingMethodDescriptor": uri("AssessmentReportingMethod", "Scale score"),
        "maximumScore": str(round(item["resultValueMax"])),
        "minimumScore": str(round(item["resultValueMin"])),
        "resultDatatypeTypeDescriptor": uri("ResultDatatypeType", "Integer"),
    }


def _score(method: str, datatype: str, result: str) -> Record:
    return {
        "assessmentReportingMethodDescriptor": uri("AssessmentReportingMethod", method),
        "resultDatatypeTypeDescriptor": uri("ResultDatatypeType", datatype),
        "result": result,
    }
