"""The gradebook service of OneRoster 1.2: categories, line items, results and score scales.

Assessment line items and results are not spoken here.
"""

import uuid
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .access import Access
from .answers import JSON, Refusal, invalid, read_body, unknown
from .collection import Index
from .pages import Pages
from .query import parse_fields, parse_query
from .sis import Sis
from .submissions import (
    Category,
    Checked,
    LineItem,
    Reference,
    Result,
    ScoreScale,
    Submitted,
    read_many,
    read_one,
)
from .vocabulary import (
    GRADEBOOK_CORE,
    GRADEBOOK_DELETE,
    GRADEBOOK_KINDS,
    GRADEBOOK_POST,
    GRADEBOOK_PUT,
    GRADEBOOK_READ,
)
from .wire import GRADEBOOK, encode

LONGEST_BODY = 16 * 1024 * 1024
Handler = Callable[[Request], Awaitable[Response]]


class _Ref(msgspec.Struct):
    sourcedId: str


class _Item(msgspec.Struct):
    class_: _Ref = msgspec.field(name="class")
    category: _Ref | None = None
    scoreScale: _Ref | None = None
    resultValueMin: float | None = None
    resultValueMax: float | None = None


class _Marked(msgspec.Struct):
    lineItem: _Ref
    student: _Ref


_item = msgspec.json.Decoder(_Item).decode
_marked = msgspec.json.Decoder(_Marked).decode


class Grading:
    """The gradebook of one SIS, as routes."""

    def __init__(self, sis: Sis, access: Access, pages: Pages) -> None:
        self._sis = sis
        self._access = access
        self._pages = pages

    def routes(self) -> list[Route]:
        """The operations of the document on the four collections."""
        routes: list[Route] = []
        for name in GRADEBOOK_KINDS:
            routes.append(self._route(name, "GET", partial(self._read_all, name)))
            each = f"{name}/{{sourcedId}}"
            routes.append(self._route(each, "GET", partial(self._read_one, name)))
            routes.append(self._route(each, "PUT", partial(self._put, name)))
            routes.append(self._route(each, "DELETE", partial(self._delete, name)))
        parts: dict[str, tuple[str, Callable[[dict[str, str]], Sequence[str]]]] = {
            "classes/{class}/categories": ("categories", self._categories_of_class),
            "classes/{class}/lineItems": ("lineItems", self._items_of_class),
            "classes/{class}/lineItems/{item}/results": ("results", self._results_of_item),
            "classes/{class}/results": ("results", self._results_of_class),
            "classes/{class}/scoreScales": ("scoreScales", self._scales_of_class),
            "classes/{class}/students/{student}/results": ("results", self._results_of_student),
            "schools/{school}/scoreScales": ("scoreScales", self._scales_of_school),
        }
        for path, (name, part) in parts.items():
            routes.append(self._route(path, "GET", partial(self._read_part, name, part)))
        for path, handler in {
            "classes/{class}/lineItems": self._post_items,
            "schools/{school}/lineItems": self._post_items,
            "lineItems/{item}/results": self._post_results,
            "classes/{class}/academicSessions/{session}/results": self._post_results,
        }.items():
            routes.append(self._route(path, "POST", handler))
        return _joined(routes)

    def _route(self, path: str, method: str, handler: Handler) -> Route:
        async def endpoint(request: Request) -> Response:
            return await handler(request)

        return Route(f"{GRADEBOOK}/{path}", endpoint, methods=[method])

    # Reading.

    async def _read_all(self, name: str, request: Request) -> Response:
        self._access.require(request, (GRADEBOOK_READ, GRADEBOOK_CORE))
        kind = GRADEBOOK_KINDS[name]
        query = parse_query(request.query_params, kind)
        return self._pages.answer(request, kind, self._sis.books()[name], query)

    async def _read_part(
        self,
        name: str,
        part: Callable[[dict[str, str]], Sequence[str]],
        request: Request,
    ) -> Response:
        self._access.require(request, (GRADEBOOK_READ,))
        kind = GRADEBOOK_KINDS[name]
        query = parse_query(request.query_params, kind)
        book = self._sis.books()[name]
        return self._pages.answer(request, kind, book, query, partial(part, request.path_params))

    async def _read_one(self, name: str, request: Request) -> Response:
        self._access.require(request, (GRADEBOOK_READ, GRADEBOOK_CORE))
        kind = GRADEBOOK_KINDS[name]
        fields = parse_fields(request.query_params, kind)
        key = request.path_params["sourcedId"]
        return self._pages.single(kind, self._sis.books()[name], key, fields)

    # Writing.

    async def _put(self, name: str, request: Request) -> Response:
        self._access.require(request, (GRADEBOOK_PUT,))
        kind = GRADEBOOK_KINDS[name]
        checked = read_one(await read_body(request, LONGEST_BODY), kind.singular, name)
        self._sis.books()
        at = await self._sis.moment()
        if checked.typed.sourcedId != request.path_params["sourcedId"]:
            raise invalid("The sourcedId in the body is not the one in the address.")
        self._check(checked.typed)
        self._sis.write(name, [checked.document], at)
        return Response(status_code=201)

    async def _post_items(self, request: Request) -> Response:
        self._access.require(request, (GRADEBOOK_POST,))
        submitted = read_many(await read_body(request, LONGEST_BODY), "lineItem", "lineItems")
        self._sis.books()
        at = await self._sis.moment()
        said = request.path_params
        class_ = self._class(said) if "class" in said else None
        school = self._school(said) if "school" in said else None
        for checked in submitted:
            item = checked.typed
            assert isinstance(item, LineItem)
            self._check(item)
            if class_ is not None and item.class_.sourcedId != class_:
                raise invalid("A line item belongs to another class than the address says.")
            if school is not None and item.school.sourcedId != school:
                raise invalid("A line item belongs to another school than the address says.")
        return self._allot("lineItems", submitted, at)

    async def _post_results(self, request: Request) -> Response:
        self._access.require(request, (GRADEBOOK_POST,))
        submitted = read_many(await read_body(request, LONGEST_BODY), "result", "results")
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
            items = set(self._items_of_class(said))
        for checked in submitted:
            result = checked.typed
            assert isinstance(result, Result)
            self._check(result)
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
        self._access.require(request, (GRADEBOOK_DELETE,))
        key = request.path_params["sourcedId"]
        if key not in self._sis.books()[name]:
            raise unknown(GRADEBOOK_KINDS[name].singular, key)
        keys = [(name, key)]
        if name == "lineItems":
            # Marks mean nothing without what they are for.
            keys += [("results", result) for result in self._results_by("item").keys(key)]
        users = {"categories": "category", "scoreScales": "scale"}
        if name in users and self._items_by(users[name]).keys(key):
            raise Refusal(422, "deletefailure", "It is used by line items; delete those first.")
        self._sis.delete(keys)
        return Response(status_code=204)

    # Whether what a submission points at is there.

    def _check(self, submitted: Submitted) -> None:
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
                low, high = submitted.resultValueMin, submitted.resultValueMax
                if low is not None and high is not None and low > high:
                    raise invalid("resultValueMin is above resultValueMax.")
            case Result():
                self._points(submitted.lineItem, "lineItem", "lineItems")
                self._points(submitted.student, "user", "users")
                self._points(submitted.class_, "class", "classes")
                self._points(submitted.scoreScale, "scoreScale", "scoreScales")
                self._check_score(submitted)
            case ScoreScale():
                self._points(submitted.class_, "class", "classes")
                self._points(submitted.course, "course", "courses")

    def _check_score(self, result: Result) -> None:
        row = self._sis.books()["lineItems"].get(result.lineItem.sourcedId)
        assert row is not None
        item = _item(row)
        low, high = item.resultValueMin, item.resultValueMax
        if result.score is not None and (
            (low is not None and result.score < low) or (high is not None and result.score > high)
        ):
            raise invalid(f"The score {result.score} is not from {low} to {high}.")

    def _points(self, reference: Reference | None, type_: str, collection: str) -> None:
        if reference is None:
            return
        if reference.type != type_:
            raise invalid(f"A reference of type '{reference.type}' should be '{type_}'.")
        rosters = self._sis.district.collections
        held = rosters.get(collection) or self._sis.books()[collection]
        if reference.sourcedId not in held:
            raise invalid(f"There is no {type_} '{reference.sourcedId}' to refer to.")

    # Parts of the collections.

    def _class(self, said: dict[str, str]) -> str:
        if said["class"] not in self._sis.district.collections["classes"]:
            raise unknown("class", said["class"])
        return said["class"]

    def _school(self, said: dict[str, str]) -> str:
        org = self._sis.district.record("orgs", said["school"])
        if org is None or org["type"] != "school":
            raise unknown("school", said["school"])
        return said["school"]

    def _items_by(self, field: str) -> Index:
        def said(row: bytes) -> Sequence[str]:
            item = _item(row)
            pointed = {"class": item.class_, "category": item.category, "scale": item.scoreScale}
            target = pointed[field]
            return () if target is None else (target.sourcedId,)

        return self._sis.books()["lineItems"].index(field, said)

    def _results_by(self, field: str) -> Index:
        said: dict[str, Callable[[bytes], Sequence[str]]] = {
            "item": lambda row: (_marked(row).lineItem.sourcedId,),
            "student": lambda row: (_marked(row).student.sourcedId,),
        }
        return self._sis.books()["results"].index(field, said[field])

    def _scales_by_class(self) -> Index:
        return self._sis.books()["scoreScales"].index(
            "class", lambda row: (_item(row).class_.sourcedId,)
        )

    def _items_of_class(self, said: dict[str, str]) -> Sequence[str]:
        return self._items_by("class").keys(self._class(said))

    def _categories_of_class(self, said: dict[str, str]) -> Sequence[str]:
        rows = map(self._sis.books()["lineItems"].get, self._items_of_class(said))
        categories = (_item(row).category for row in rows if row is not None)
        return sorted({category.sourcedId for category in categories if category is not None})

    def _results_of_class(self, said: dict[str, str]) -> Sequence[str]:
        by_item = self._results_by("item")
        return [key for item in self._items_of_class(said) for key in by_item.keys(item)]

    def _results_of_item(self, said: dict[str, str]) -> Sequence[str]:
        if said["item"] not in self._items_of_class(said):
            raise unknown("lineItem of this class", said["item"])
        return self._results_by("item").keys(said["item"])

    def _results_of_student(self, said: dict[str, str]) -> Sequence[str]:
        of_class = self._results_of_class(said)
        if said["student"] not in self._sis.district.collections["users"]:
            raise unknown("student", said["student"])
        own = set(self._results_by("student").keys(said["student"]))
        return [key for key in of_class if key in own]

    def _scales_of_class(self, said: dict[str, str]) -> Sequence[str]:
        return self._scales_by_class().keys(self._class(said))

    def _scales_of_school(self, said: dict[str, str]) -> Sequence[str]:
        by_class = self._scales_by_class()
        classes = self._sis.district.classes_by("school").keys(self._school(said))
        return [key for class_ in classes for key in by_class.keys(class_)]


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
