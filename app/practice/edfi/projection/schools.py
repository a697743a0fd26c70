"""The district, its schools, and the calendar that each of them has."""

from collections.abc import Iterable
from datetime import date, timedelta

from ...curriculum import BANDS, GRADES
from ...wire import Record
from .places import Documents, Places, grade_level, last_day
from .words import TERMS, uri


class Schools:
    """The orgs and sessions of a district as documents."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def documents(self) -> Documents:
        """The district, its schools, the school year, and the calendar of each school."""
        schools = [org for key, org in self._places.orgs.items() if self._places.is_school(key)]
        yield "localEducationAgencies", self._agency()
        for school in schools:
            yield "schools", self._school(school)
        year = self._places.year
        yield (
            "schoolYearTypes",
            {
                "schoolYear": year,
                "currentSchoolYear": True,
                "schoolYearDescription": f"{year - 1}-{year}",
            },
        )
        for school in schools:
            yield from self._calendar(self._places.org_id(school["sourcedId"]))

    def _agency(self) -> Record:
        name = self._places.orgs[self._places.district_key]["name"]
        return {
            "localEducationAgencyId": self._places.lea,
            "categories": [_category("Local Education Agency")],
            "identificationCodes": [_code(str(self._places.lea))],
            "localEducationAgencyCategoryDescriptor": uri(
                "LocalEducationAgencyCategory", "Regular public school district"
            ),
            "nameOfInstitution": name,
        }

    def _school(self, school: Record) -> Record:
        [band] = [band for band in BANDS if school["identifier"].startswith(band.code)]
        return {
            "schoolId": self._places.org_id(school["sourcedId"]),
            "educationOrganizationCategories": [_category("School")],
            "gradeLevels": [grade_level(GRADES[grade]) for grade in band.grades],
            "identificationCodes": [_code(school["identifier"])],
            "localEducationAgencyReference": {"localEducationAgencyId": self._places.lea},
            "nameOfInstitution": school["name"],
            "schoolCategories": [{"schoolCategoryDescriptor": uri("SchoolCategory", band.name)}],
        }

    def _calendar(self, school: int) -> Documents:
        here = {
            "schoolReference": {"schoolId": school},
            "schoolYearTypeReference": {"schoolYear": self._places.year},
        }
        ordered = sorted(
            self._places.grading_periods.values(), key=lambda each: str(each["startDate"])
        )
        for number, period in enumerate(ordered, start=1):
            begin, end = period["startDate"], period["endDate"]
            yield (
                "gradingPeriods",
                {
                    **self._places.period_key(period["title"]),
                    **here,
                    **_days(begin, end),
                    "periodSequence": number,
                },
            )
        yield (
            "sessions",
            {
                "sessionName": self._places.year_name,
                **here,
                **_days(self._places.first_day, self._places.last_day),
                "termDescriptor": uri("Term", "Year Round"),
            },
        )
        for term in self._places.terms.values():
            if term["type"] not in ("semester", "term"):
                continue
            session = {
                "sessionName": term["title"],
                **here,
                **_days(term["startDate"], last_day(term)),
                "termDescriptor": uri("Term", TERMS[term["title"]]),
            }
            listed = [
                {"gradingPeriodReference": self._places.grading_period(each["sourcedId"], school)}
                for each in ordered
                if each["parent"]["sourcedId"] == term["sourcedId"]
            ]
            if listed:
                session["gradingPeriods"] = listed
            yield "sessions", session


def _category(value: str) -> Record:
    return {"educationOrganizationCategoryDescriptor": uri("EducationOrganizationCategory", value)}


def _code(value: str) -> Record:
    return {
        "educationOrganizationIdentificationSystemDescriptor": uri(
            "EducationOrganizationIdentificationSystem", "LEA"
        ),
        "identificationCode": value,
    }


def _days(begin: str, end: str) -> Record:
    first, last = date.fromisoformat(begin), date.fromisoformat(end)
    every = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return {
        "beginDate": begin,
        "endDate": end,
        "totalInstructionalDays": _school_days(every),
    }


def _school_days(days: Iterable[date]) -> int:
    return sum(day.weekday() < 5 for day in days)
