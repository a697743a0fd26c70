"""The query of a list: how much of it, from where, of which change versions, with which values."""

import base64
import binascii
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from starlette.datastructures import QueryParams

from .problems import Problem, wrong_parameter
from .shelf import Item
from .vocabulary import Document, Resource, value_at

USUAL_LIMIT = 25
LARGEST_LIMIT = 500
LAST = 2**31 - 1
"""The number of the last document there can be."""
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Query:
    """A list read, understood. `cursor` is None when it is paged by `offset`.

    `cursor` has the first and the last number of a range of documents, both included; the first is
    below 0 where an empty page came before.
    """

    limit: int
    offset: int
    cursor: tuple[int, int] | None
    total: bool
    least: int
    most: int
    values: Mapping[tuple[str, ...], str]
    id: str | None = None

    @property
    def windowed(self) -> bool:
        """Whether it asks for some change versions alone."""
        return self.least > 0 or self.most < _LARGEST

    def within(self, version: int) -> bool:
        """Whether something of this change version is asked for."""
        return self.least <= version <= self.most

    def chosen(self, items: Iterable[Item], read: Callable[[Item], Document]) -> list[Item]:
        """The documents that it asks for, of all pages; `read` is how their values are found."""
        found = [item for item in items if self.within(item.version)] if self.windowed else items
        if self.id is not None:
            found = [item for item in found if item.id == self.id]
        if self.values:
            found = [item for item in found if self._has(read(item))]
        return list(found)

    def _has(self, document: Document) -> bool:
        return all(_text(value_at(document, path)) == told for path, told in self.values.items())


def parse(params: QueryParams, resource: Resource | None, *, cursor: bool) -> Query:
    """Understand the query of a list; `cursor` where page tokens are known. Raises Problem.

    `resource` None is a list of changes, which takes no values. Parameters that nobody knows are
    passed over, as the real service does.
    """
    told = {name.lower(): value for name, value in params.items()}
    limit = _number(told, "limit", USUAL_LIMIT, 0, LARGEST_LIMIT)
    offset = _number(told, "offset", 0, 0, LAST)
    by_cursor = cursor and not told.keys() & {"offset"}
    if cursor and told.keys() & {"pagetoken", "pagesize"}:
        if told.keys() & {"offset", "limit"}:
            raise wrong_parameter("pageToken", "Use pageToken and pageSize, or offset and limit.")
        limit = _number(told, "pageSize", USUAL_LIMIT, 0, LARGEST_LIMIT)
    token = told.get("pagetoken") if cursor else None
    known = resource.parameters if resource is not None else {}
    return Query(
        limit=limit,
        offset=offset,
        cursor=(_range(token) if token is not None else (1, LAST)) if by_cursor else None,
        total=told.get("totalcount", "").lower() == "true",
        least=_number(told, "minChangeVersion", 0, 0, _LARGEST),
        most=_number(told, "maxChangeVersion", _LARGEST, 0, _LARGEST),
        values={known[name]: value for name, value in told.items() if name in known},
        id=told.get("id") if resource is not None else None,
    )


def partitions(params: QueryParams) -> int:
    """Into how many parts a list shall be divided. Raises Problem."""
    return _number({name.lower(): value for name, value in params.items()}, "number", 5, 1, 200)


def page_token(first: int, last: int) -> str:
    """The token of the page that begins with this number and ends with that, at the latest."""
    return base64.urlsafe_b64encode(struct.pack(">ii", first, last)).decode().rstrip("=")


def _range(token: str) -> tuple[int, int]:
    try:
        told = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        first, last = struct.unpack(">ii", told)
    except (binascii.Error, ValueError, struct.error):
        raise wrong_parameter("pageToken", "The page token cannot be read.") from None
    return first, last


def _number(told: Mapping[str, str], name: str, usual: int, least: int, most: int) -> int:
    text = told.get(name.lower())
    if text is None:
        return usual
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise _not_a_number(name, least, most)
    return int(text)


def _not_a_number(name: str, least: int, most: int) -> Problem:
    title = name[:1].upper() + name[1:]
    if most < LAST:
        rule = f"must be omitted or set to a value between {least} and {most}"
    else:
        rule = f"must be a whole number, {least} or more"
    return wrong_parameter(name, f"{title} {rule}.")


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
