"""The query of a collection read: limit, offset, sort, orderBy, filter and fields."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.datastructures import QueryParams

from .answers import Refusal
from .vocabulary import Kind
from .wire import Record, moment_of

USUAL_LIMIT = 100
LARGEST_LIMIT = 10_000

_CLAUSE = re.compile(r"\s*([A-Za-z][\w.]*)\s*(!=|>=|<=|=|>|<|~)\s*'", re.ASCII)
# A value ends at a quote before a space or the end, so the apostrophe inside a name needs no escape
# (the standard has none).
_END = re.compile(r"'(?=\s|$)")
_JOINT = re.compile(r"\s+(AND|OR)\s")
_DATES = frozenset({"dateLastModified", "assignDate", "dueDate"})


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison of a filter; `moment` is set when the field is a dateTime."""

    path: tuple[str, ...]
    predicate: str
    value: str
    moment: int | None

    def accepts(self, record: Record) -> bool:
        """Whether the record passes; without a value only `!=` does."""
        found = list(values_at(record, self.path))
        if self.predicate == "!=":
            return not self._equals(found)
        if self.predicate == "=":
            return self._equals(found)
        if self.predicate == "~":
            return self._contains(found)
        return any(self._compares(value) for value in found)

    def _equals(self, found: list[Any]) -> bool:
        if len(found) > 1 and "," in self.value:
            wanted = {part.strip().casefold() for part in self.value.split(",")}
            return {_text(value) for value in found} == wanted
        return any(self._order(value) == 0 for value in found)

    def _contains(self, found: list[Any]) -> bool:
        texts = [_text(value) for value in found]
        wanted = [self.value.casefold()]
        if len(found) > 1:
            wanted = [part.strip() for part in wanted[0].split(",")]
        return all(any(part in text for text in texts) for part in wanted)

    def _compares(self, value: Any) -> bool:
        order = self._order(value)
        if order is None:
            return False
        return {">": order > 0, ">=": order >= 0, "<": order < 0, "<=": order <= 0}[self.predicate]

    def _order(self, value: Any) -> int | None:
        """Below, at or above the filter's value; None when the two cannot be compared."""
        if isinstance(value, (int, float)):
            try:
                number = float(self.value)
            except ValueError:
                return None
            return (value > number) - (value < number)
        if self.moment is not None:
            try:
                stated = moment_of(str(value))
            except ValueError:
                return None
            return (stated > self.moment) - (stated < self.moment)
        text, wanted = _text(value), self.value.casefold()
        return (text > wanted) - (text < wanted)


@dataclass(frozen=True, slots=True)
class Filter:
    """Clauses joined by OR of ANDs: AND binds closer."""

    alternatives: tuple[tuple[Clause, ...], ...]

    def accepts(self, record: Record) -> bool:
        """Whether the record passes the filter."""
        return any(
            all(clause.accepts(record) for clause in clauses) for clauses in self.alternatives
        )

    def without_bounds(self) -> "Filter":
        """The filter that takes >= for >, and <= for <."""
        return Filter(
            tuple(
                tuple(
                    replace(clause, predicate=clause.predicate.replace("=", ""))
                    if clause.predicate in (">=", "<=")
                    else clause
                    for clause in clauses
                )
                for clauses in self.alternatives
            )
        )

    def modified(self) -> tuple[int | None, int | None] | None:
        """The bounds of dateLastModified in milliseconds, when the filter is nothing else.

        None when it is something else as well; (low, high) include the bounds, None is open.
        """
        if len(self.alternatives) != 1:
            return None
        low: int | None = None
        high: int | None = None
        for clause in self.alternatives[0]:
            if clause.path != ("dateLastModified",) or clause.moment is None:
                return None
            if clause.predicate not in ("=", ">", ">=", "<", "<="):
                return None
            if clause.predicate in ("=", ">", ">="):
                bound = clause.moment + (clause.predicate == ">")
                low = bound if low is None else max(low, bound)
            if clause.predicate in ("=", "<", "<="):
                bound = clause.moment - (clause.predicate == "<")
                high = bound if high is None else min(high, bound)
        return low, high


@dataclass(frozen=True, slots=True)
class Query:
    """A collection read, understood. `sort` is empty for the order of the sourcedIds."""

    limit: int
    offset: int
    sort: tuple[str, ...]
    descending: bool
    filter_text: str
    filter: Filter | None
    fields: tuple[str, ...]


def values_at(value: Any, path: tuple[str, ...]) -> list[Any]:
    """Every value that a dotted path leads to; lists are walked through."""
    if isinstance(value, list):
        return [found for item in value for found in values_at(item, path)]
    if not path:
        return [] if value is None else [value]
    if isinstance(value, dict) and path[0] in value:
        return values_at(value[path[0]], path[1:])
    return []


def sort_key(path: tuple[str, ...]) -> Callable[[Record], tuple[bool, float, str]]:
    """How records order by a field: without it first, numbers, then text by code point."""

    def key(record: Record) -> tuple[bool, float, str]:
        found = values_at(record, path)
        if not found:
            return (False, 0.0, "")
        first = found[0]
        if isinstance(first, (int, float)):
            return (True, float(first), "")
        return (True, 0.0, str(first))

    return key


def parse_query(params: QueryParams, kind: Kind) -> Query:
    """Understand the query of a read of this kind; 400 when it cannot be."""
    order = params.get("orderBy", "asc")
    if order not in ("asc", "desc"):
        raise Refusal(400, "invaliddata", "orderBy must be asc or desc.")
    sort = _path(params["sort"], kind, "invalid_selection_field") if "sort" in params else ()
    text = params.get("filter", "")
    return Query(
        limit=min(_number(params, "limit", USUAL_LIMIT, 1), LARGEST_LIMIT),
        offset=_number(params, "offset", 0, 0),
        sort=() if sort == ("sourcedId",) else sort,
        descending=order == "desc",
        filter_text=text,
        filter=parse_filter(text, kind) if text else None,
        fields=parse_fields(params, kind),
    )


def parse_fields(params: QueryParams, kind: Kind) -> tuple[str, ...]:
    """The fields asked for, empty for all; 400 for one that the record does not have."""
    fields = [part.strip() for value in params.getlist("fields") for part in value.split(",")]
    chosen = tuple(field for field in fields if field)
    for field in chosen:
        if field not in kind.fields:
            raise Refusal(
                400, "invalid_selection_field", f"A {kind.singular} has no field '{field}'."
            )
    return chosen


def parse_filter(text: str, kind: Kind) -> Filter:
    """Understand a filter; 400 with invalid_filter_field when it cannot be."""
    alternatives: list[tuple[Clause, ...]] = []
    joined: list[Clause] = []
    position = 0
    while True:
        clause, position = _clause(text, position, kind)
        joined.append(clause)
        joint = _JOINT.match(text, position)
        if joint is None:
            break
        position = joint.end()
        if joint[1] == "OR":
            alternatives.append(tuple(joined))
            joined = []
    if text[position:].strip():
        raise _unreadable(text)
    return Filter((*alternatives, tuple(joined)))


def _clause(text: str, position: int, kind: Kind) -> tuple[Clause, int]:
    opened = _CLAUSE.match(text, position)
    closed = _END.search(text, opened.end()) if opened else None
    if opened is None or closed is None:
        raise _unreadable(text)
    path = _path(opened[1], kind, "invalid_filter_field")
    value = text[opened.end() : closed.start()]
    moment: int | None = None
    if path[-1] in _DATES and opened[2] != "~":
        try:
            moment = moment_of(value)
        except ValueError:
            raise Refusal(
                400, "invalid_filter_field", f"'{value}' is not a date and time."
            ) from None
    return Clause(path, opened[2], value, moment), closed.end()


def _unreadable(text: str) -> Refusal:
    return Refusal(400, "invalid_filter_field", f"The filter cannot be read: {text}")


def _path(text: str, kind: Kind, minor: str) -> tuple[str, ...]:
    path = tuple(text.split("."))
    if path[0] not in kind.fields:
        raise Refusal(400, minor, f"A {kind.singular} has no field '{path[0]}'.")
    return path


def _number(params: Mapping[str, str], name: str, usual: int, least: int) -> int:
    text = params.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 10) or int(text) < least:
        raise Refusal(400, "invaliddata", f"{name} must be a whole number, {least} or more.")
    return int(text)


def _text(value: Any) -> str:
    return str(value).casefold()
