"""The gradebook service: what is assigned and assessed, and the marks.

1.1 has categories, line items and results alone, and takes no records by POST.
"""

import uuid
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .access import Access
from .answers import JSON, Refusal, invalid, read_body, unknown
from .belongings import Belongings
from .checks import Checks
from .dialects import V1P2, Dialect
from .habits import Habits
from .older import newer
from .pages import Pages
from .query import parse_fields, parse_query
from .sis import Sis
from .submissions import (
    AssessmentResult,
    Checked,
    LineItem,
    Result,
    Submitted,
    read_many,
    read_one,
)
from .views import Views
from .vocabulary import (
    ASSESSMENT_DELETE,
    ASSESSMENT_PUT,
    ASSESSMENT_READ,
    GRADEBOOK_CORE,
    GRADEBOOK_DELETE,
    GRADEBOOK_KINDS,
    GRADEBOOK_POST,
    GRADEBOOK_PUT,
    GRADEBOOK_READ,
)
from .wire import Record, decode, encode

LONGEST_BODY = 16 * 1024 * 1024
Handler = Callable[[Request], Awaitable[Response]]
Part = Callable[[dict[str, str]], Sequence[str]]


class _Scopes(NamedTuple):
    """What may read, put and delete a collection."""

    read: tuple[str, ...] = (GRADEBOOK_READ, GRADEBOOK_CORE)
    put: str = GRADEBOOK_PUT
    delete: str = GRADEBOOK_DELETE


_GRADES = _Scopes()
_ASSESSMENTS = _Scopes((ASSESSMENT_READ,), ASSESSMENT_PUT, ASSESSMENT_DELETE)
_SCOPES = {
    name: _ASSESSMENTS if name.startswith("assessment") else _GRADES for name in GRADEBOOK_KINDS
}


class Grading:
    """The gradebook of one SIS, as routes."""

    def __init__(
        self,
        sis: Sis,
        access: Access,
        pages: Pages,
        dialect: Dialect,
        views: Views,
        habits: Habits,
    ) -> None:
        self._sis = sis
        self._access = access
        self._pages = pages
        self._dialect = dialect
        self._views = views
        self._habits = habits
        self._belongings = Belongings(sis)
        self._checks = Checks(sis)

    def routes(self) -> list[Route]:
        """The operations of the document."""
        routes: list[Route] = []
        names = [name for name in GRADEBOOK_KINDS if name in self._dialect.kinds]
        for name in names:
            routes.append(self._route(name, "GET", partial(self._read_all, name)))
            each = f"{name}/{{sourcedId}}"
            routes.append(self._route(each, "GET", partial(self._read_one, name)))
            routes.append(self._route(each, "PUT", partial(self._put, name)))
            routes.append(self._route(each, "DELETE", partial(self._delete, name)))
        of = self._belongings
        parts: dict[str, tuple[str, Part]] = {
            "classes/{class}/lineItems": ("lineItems", of.items_of_class),
            "classes/{class}/lineItems/{item}/results": ("results", of.results_of_item),
            "classes/{class}/results": ("results", of.results_of_class),
            "classes/{class}/students/{student}/results": ("results", of.results_of_student),
        }
        posts: dict[str, Handler] = {}
        if self._dialect is V1P2:
            parts |= {
                "classes/{class}/categories": ("categories", of.categories_of_class),
                "classes/{class}/scoreScales": ("scoreScales", of.scales_of_class),
                "schools/{school}/scoreScales": ("scoreScales", of.scales_of_school),
            }
            posts = {
                "classes/{class}/lineItems": self._post_items,
                "schools/{school}/lineItems": self._post_items,
                "lineItems/{item}/results": self._post_results,
                "classes/{class}/academicSessions/{session}/results": self._post_results,
            }
        for path, (name, part) in parts.items():
            routes.append(self._route(path, "GET", partial(self._read_part, name, part)))
        for path, handler in posts.items():
            routes.append(self._route(path, "POST", handler))
        return _joined(routes)

    def _route(self, path: str, method: str, handler: Handler) -> Route:
        async def endpoint(request: Request) -> Response:
            return await handler(request)

        return Route(f"{self._dialect.gradebook}/{path}", endpoint, methods=[method])

    def _require(self, request: Request, *scopes: str) -> None:
        self._access.require(request, self._dialect.scopes(*scopes))

    # Reading.

    async def _read_all(self, name: str, request: Request) -> Response:
        self._require(request, *_SCOPES[name].read)
        kind = self._dialect.kinds[name]
        query = parse_query(request.query_params, kind)
        return self._pages.answer(request, kind, self._views.collection(name), query)

    async def _read_part(self, name: str, part: Part, request: Request) -> Response:
        self._require(request, GRADEBOOK_READ)
        if "not-by-class" in self._habits and "class" in request.path_params:
            raise HTTPException(404)
        kind = self._dialect.kinds[name]
        query = parse_query(request.query_params, kind)
        within = partial(part, self._views.kept(request.path_params))
        return self._pages.answer(request, kind, self._views.collection(name), query, within)

    async def _read_one(self, name: str, request: Request) -> Response:
        self._require(request, *_SCOPES[name].read)
        kind = self._dialect.kinds[name]
        fields = parse_fields(request.query_params, kind)
        key = request.path_params["sourcedId"]
        return self._pages.single(kind, self._views.collection(name), key, fields)

    # Writing.

    async def _put(self, name: str, request: Request) -> Response:
        self._require(request, _SCOPES[name].put)
        body, key = await read_body(request, LONGEST_BODY), request.path_params["sourcedId"]
        self._sis.books()
        at = await self._sis.moment()
        checked = read_one(
            body, GRADEBOOK_KINDS[name].singular, name, partial(self._kept, name, key)
        )
        if checked.typed.sourcedId != key:
            raise invalid("The sourcedId in the body is not the one in the address.")
        self._checks.check(checked.typed)
        self._check_habits(name, key, checked.typed)
        self._sis.write(name, [checked.document], at)
        return Response(status_code=200 if "puts-answer-200" in self._habits else 201)

    def _kept(self, name: str, key: str, document: Record) -> Record:
        """What was submitted, in the version that records are kept in."""
        document = self._views.submitted(document)
        if self._dialect is V1P2:
            return document
        row = self._sis.books()[name].get(key)
        record = newer(name, document, None if row is None else decode(row))
        if name == "lineItems":
            named = document.get("class")
            class_ = named.get("sourcedId") if isinstance(named, dict) else None
            held = self._sis.district.record("classes", class_) if isinstance(class_, str) else None
            if held is None:
                raise invalid(f"There is no class '{class_}' to refer to.")
            record["school"] = held["school"]
        return record

    async def _post_items(self, request: Request) -> Response:
        self._require(request, GRADEBOOK_POST)
        body = await read_body(request, LONGEST_BODY)
        submitted = read_many(body, "lineItem", "lineItems", self._views.submitted)
        self._sis.books()
        at = await self._sis.moment()
        said = request.path_params
        class_ = self._belongings.class_(said) if "class" in said else None
        school = self._belongings.school(said) if "school" in said else None
        for checked in submitted:
            item = checked.typed
            assert isinstance(item, LineItem)
            self._checks.check(item)
            if class_ is not None and item.class_.sourcedId != class_:
                raise invalid("A line item belongs to another class than the address says.")
            if school is not None and item.school.sourcedId != school:
                raise invalid("A line item belongs to another school than the address says.")
        return self._allot("lineItems", submitted, at)

    async def _post_results(self, request: Request) -> Response:
        self._require(request, GRADEBOOK_POST)
        body = await read_body(request, LONGEST_BODY)
        submitted = read_many(body, "result", "results", self._views.submitted)
        self._sis.books()
        at = await self._sis.moment()
        said = request.path_params
        if "item" in said:
            if said["item"] not in self._sis.books()["lineItems"]:
                raise unknown("lineItem", said["item"])
            items: set[str] = {said["item"]}
        else:
            if said["session"] not in self._sis.district.collections["academicSessions"]:
                raise unknown("academicSession", said["session"])
            items = set(self._belongings.items_of_class(said))
        for checked in submitted:
            result = checked.typed
            assert isinstance(result, Result)
            self._checks.check(result)
            self._check_habits("results", "", result)
            if result.lineItem.sourcedId not in items:
                raise invalid("A result belongs to another line item than the address allows.")
        return self._allot("results", submitted, at)

    def _allot(self, name: str, submitted: list[Checked[Submitted]], at: int) -> Response:
        """Keep new records under sourcedIds of our own, and answer with the pairs."""
        pairs: list[dict[str, str]] = []
        records = []
        for checked in submitted:
            key = str(uuid.uuid4())
            pairs.append({"suppliedSourcedId": checked.typed.sourcedId, "allocatedSourcedId": key})
            records.append({**checked.document, "sourcedId": key})
        self._sis.write(name, records, at)
        return Response(encode({"sourcedIdPairs": pairs}), 201, None, JSON)

    async def _delete(self, name: str, request: Request) -> Response:
        self._require(request, _SCOPES[name].delete)
        if "no-deletes" in self._habits:
            raise Refusal(405, None, "Nothing can be deleted here.", {"Allow": "GET, PUT"})
        key = request.path_params["sourcedId"]
        if key not in self._sis.books()[name]:
            raise unknown(GRADEBOOK_KINDS[name].singular, key)
        if self._belongings.is_used(name, key):
            raise Refusal(422, "deletefailure", "It is used by line items; delete those first.")
        self._sis.delete([(name, key), *self._belongings.marks(name, key)])
        return Response(status_code=200 if "deletes-answer-200" in self._habits else 204)

    def _check_habits(self, name: str, key: str, submitted: Submitted) -> None:
        """Refuses what this SIS is in the habit of refusing."""
        habits = self._habits
        if "no-category-writes" in habits and name == "categories":
            raise Refusal(405, None, "Categories are made by the SIS alone.", {"Allow": "GET"})
        if "puts-new-404" in habits and key and key not in self._sis.books()[name]:
            raise unknown(GRADEBOOK_KINDS[name].singular, key)
        status = submitted.scoreStatus if isinstance(submitted, Result | AssessmentResult) else ""
        if "no-fully-graded" in habits and status == "fully graded":
            raise invalid("scoreStatus 'fully graded' is not taken here.")


def _joined(routes: list[Route]) -> list[Route]:
    """One route a path, so that a method that is not there is 405 and names those that are."""
    by_path: dict[str, dict[str, Route]] = {}
    for route in routes:
        for method in route.methods or ():
            by_path.setdefault(route.path, {})[method] = route

    def one(path: str, methods: dict[str, Route]) -> Route:
        async def endpoint(request: Request) -> Response:
            answer: Response = await methods[request.method].endpoint(request)
            return answer

        return Route(path, endpoint, methods=list(methods))

    return [one(path, methods) for path, methods in by_path.items()]
