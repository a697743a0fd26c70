"""The rostering service: every read of the official document, in 1.1 as in 1.2; no writes."""

from collections.abc import Callable, Sequence
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .access import Access
from .answers import unknown
from .dialects import Dialect
from .district import District
from .pages import Pages
from .query import parse_fields, parse_query
from .views import Views
from .vocabulary import ROSTER, ROSTER_CORE, ROSTER_DEMOGRAPHICS, ROSTERING_KINDS
from .wire import decode

Part = Callable[[dict[str, str]], Sequence[str]]

_WHOLE = (ROSTER, ROSTER_CORE)
# roster-core does not reach the reads of "the classes of this school" and the like.
_PART = (ROSTER,)


class Rostering:
    """The reads of one district, as routes."""

    def __init__(
        self, district: District, access: Access, pages: Pages, dialect: Dialect, views: Views
    ) -> None:
        self._district = district
        self._access = access
        self._pages = pages
        self._dialect = dialect
        self._views = views

    def routes(self) -> list[Route]:
        """All 41 operations of the document."""
        routes: list[Route] = []
        for name in ROSTERING_KINDS:
            scopes = (ROSTER_DEMOGRAPHICS,) if name == "demographics" else _WHOLE
            routes.append(self._many(name, name, scopes))
            routes.append(self._one(name, name, scopes))
        for name, (plural, part) in self._kinds_of_records().items():
            routes.append(self._many(name, plural, _WHOLE, part))
            routes.append(self._one(name, plural, _WHOLE, part))
        for path, (plural, part) in self._parts().items():
            routes.append(self._many(path, plural, _PART, part))
        return routes

    def _many(
        self, path: str, plural: str, scopes: tuple[str, ...], part: Part | None = None
    ) -> Route:
        kind, accepted = self._dialect.kinds[plural], self._dialect.scopes(*scopes)
        role = _ROLES.get(path.rpartition("/")[2], "")

        async def read(request: Request) -> Response:
            self._access.require(request, accepted)
            query = parse_query(request.query_params, kind)
            within = None if part is None else partial(told, part, request.path_params)
            return self._pages.answer(request, kind, self._views.collection(plural), query, within)

        def told(part: Part, said: dict[str, str]) -> Sequence[str]:
            return self._views.keys(plural, part(self._views.kept(said)), role)

        return Route(f"{self._dialect.rostering}/{path}", read, methods=["GET"])

    def _one(
        self, path: str, plural: str, scopes: tuple[str, ...], part: Part | None = None
    ) -> Route:
        kind, accepted = self._dialect.kinds[plural], self._dialect.scopes(*scopes)

        async def read(request: Request) -> Response:
            self._access.require(request, accepted)
            fields = parse_fields(request.query_params, kind)
            key = request.path_params["sourcedId"]
            if part is not None and key not in self._views.keys(
                plural, part({}), _ROLES.get(path, "")
            ):
                raise unknown(kind.singular, key)
            return self._pages.single(kind, self._views.collection(plural), key, fields)

        return Route(f"{self._dialect.rostering}/{path}/{{sourcedId}}", read, methods=["GET"])

    # The parts: each is a list of sourcedIds of one collection, or 404.

    def _kinds_of_records(self) -> dict[str, tuple[str, Part]]:
        users = self._district.users_by_role
        return {
            "schools": ("orgs", lambda _: self._typed("orgs", "school")),
            "terms": ("academicSessions", lambda _: self._typed("academicSessions", *_TERMS)),
            "gradingPeriods": (
                "academicSessions",
                lambda _: self._typed("academicSessions", "gradingPeriod"),
            ),
            "students": ("users", lambda _: users().keys("student")),
            "teachers": ("users", lambda _: users().keys("teacher")),
        }

    def _parts(self) -> dict[str, tuple[str, Part]]:
        district = self._district

        def school(said: dict[str, str]) -> str:
            key = said["school"]
            if key not in self._typed("orgs", "school"):
                raise unknown("school", key)
            return key

        def class_(said: dict[str, str]) -> str:
            key = said["class"]
            if key not in district.collections["classes"]:
                raise unknown("class", key)
            if "school" in said and not district.classes_by("school").has(school(said), key):
                raise unknown("class of this school", key)
            return key

        def course(said: dict[str, str]) -> str:
            if said["course"] not in district.collections["courses"]:
                raise unknown("course", said["course"])
            return said["course"]

        def term(said: dict[str, str]) -> str:
            if said["term"] not in self._typed("academicSessions", *_TERMS):
                raise unknown("term", said["term"])
            return said["term"]

        def seated(role: str) -> Part:
            return lambda said: sorted(
                {
                    user
                    for _, user, _, seat in district.live_seats("class", class_(said))
                    if seat == role
                }
            )

        def classes_of(name: str, role: str | None) -> Part:
            def part(said: dict[str, str]) -> Sequence[str]:
                key = said["user"]
                known = key in district.collections["users"]
                if not known or (role and not district.users_by_role().has(role, key)):
                    raise unknown(name, key)
                return sorted({seat for _, _, seat, _ in district.live_seats("user", key)})

            return part

        def people(role: str) -> Part:
            at_school = district.users_by_role_at_school
            return lambda said: at_school().keys(f"{role}@{school(said)}")

        def all_terms(said: dict[str, str]) -> Sequence[str]:
            school(said)
            return self._typed("academicSessions", *_TERMS)

        in_class = "schools/{school}/classes/{class}"
        return {
            "schools/{school}/classes": (
                "classes",
                lambda said: district.classes_by("school").keys(school(said)),
            ),
            "schools/{school}/courses": (
                "courses",
                lambda said: district.courses_of_school(school(said)),
            ),
            "schools/{school}/enrollments": (
                "enrollments",
                lambda said: district.enrollments_by("school").keys(school(said)),
            ),
            "schools/{school}/students": ("users", people("student")),
            "schools/{school}/teachers": ("users", people("teacher")),
            "schools/{school}/terms": ("academicSessions", all_terms),
            f"{in_class}/enrollments": (
                "enrollments",
                lambda said: district.enrollments_by("class").keys(class_(said)),
            ),
            f"{in_class}/students": ("users", seated("student")),
            f"{in_class}/teachers": ("users", seated("teacher")),
            "classes/{class}/students": ("users", seated("student")),
            "classes/{class}/teachers": ("users", seated("teacher")),
            "courses/{course}/classes": (
                "classes",
                lambda said: district.classes_by("course").keys(course(said)),
            ),
            "terms/{term}/classes": (
                "classes",
                lambda said: district.classes_by("term").keys(term(said)),
            ),
            "terms/{term}/gradingPeriods": (
                "academicSessions",
                lambda said: self._periods_of(term(said)),
            ),
            "users/{user}/classes": ("classes", classes_of("user", None)),
            "students/{user}/classes": ("classes", classes_of("student", "student")),
            "teachers/{user}/classes": ("classes", classes_of("teacher", "teacher")),
        }

    def _typed(self, collection: str, *types: str) -> list[str]:
        rows = map(decode, self._district.collections[collection].rows)
        return [record["sourcedId"] for record in rows if record["type"] in types]

    def _periods_of(self, term: str) -> list[str]:
        """The grading periods below a term, also through the terms of a semester."""
        sessions = list(map(decode, self._district.collections["academicSessions"].rows))
        below = {term}
        for _ in range(2):
            below |= {
                session["sourcedId"]
                for session in sessions
                if session.get("parent", {}).get("sourcedId") in below
            }
        return [
            session["sourcedId"]
            for session in sessions
            if session["type"] == "gradingPeriod" and session["sourcedId"] in below
        ]


# Classes point at terms or semesters, so the terms are both.
_TERMS = ("term", "semester")
_ROLES = {"students": "student", "teachers": "teacher"}
