"""The resources service of OneRoster 1.2: what is learnt with; 1.1 has it at its one address."""

from collections.abc import Callable, Sequence
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .access import Access
from .answers import unknown
from .dialects import V1P2, Dialect
from .pages import Pages
from .query import parse_fields, parse_query
from .sis import Sis
from .views import Views
from .vocabulary import KINDS, RESOURCE, RESOURCE_CORE

Whose = Callable[[str], Sequence[str]]


class Learning:
    """The reads of resources, as routes."""

    def __init__(
        self, sis: Sis, access: Access, pages: Pages, dialect: Dialect, views: Views
    ) -> None:
        self._sis = sis
        self._access = access
        self._pages = pages
        self._dialect = dialect
        self._views = views
        self._kind = dialect.kinds["resources"]

    def routes(self) -> list[Route]:
        """The five operations of the document; 1.1 has four, without those of users."""
        base, sis = self._dialect.resources, self._sis
        wholes: dict[str, Whose] = {
            "classes": lambda key: sis.resources.of_class(key),
            "courses": lambda key: sis.resources.of_course(key),
        }
        if self._dialect is V1P2:
            wholes["users"] = lambda key: sis.resources.of_user(key)
        return [
            Route(f"{base}/resources", self._all, methods=["GET"]),
            Route(f"{base}/resources/{{sourcedId}}", self._one, methods=["GET"]),
            *(
                Route(
                    f"{base}/{name}/{{{KINDS[name].singular}}}/resources",
                    partial(self._of, name, whose),
                )
                for name, whose in wholes.items()
            ),
        ]

    async def _all(self, request: Request) -> Response:
        self._access.require(request, self._dialect.scopes(RESOURCE, RESOURCE_CORE))
        return self._page(request)

    async def _one(self, request: Request) -> Response:
        self._access.require(request, self._dialect.scopes(RESOURCE, RESOURCE_CORE))
        fields = parse_fields(request.query_params, self._kind)
        key = request.path_params["sourcedId"]
        return self._pages.single(self._kind, self._views.collection("resources"), key, fields)

    async def _of(self, name: str, whose: Whose, request: Request) -> Response:
        self._access.require(request, self._dialect.scopes(RESOURCE))
        what = KINDS[name].singular
        key = self._views.kept(request.path_params)[what]
        if key not in self._sis.collection(name):
            raise unknown(what, key)
        return self._page(request, lambda: whose(key))

    def _page(
        self, request: Request, within: Callable[[], Sequence[str]] | None = None
    ) -> Response:
        query = parse_query(request.query_params, self._kind)
        resources = self._views.collection("resources")
        return self._pages.answer(request, self._kind, resources, query, within)
