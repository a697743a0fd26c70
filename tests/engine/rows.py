"""A SIS that tells one person in several rows, and a kind that joins them (SEMANTICS A5)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from app.connectors.contract import Fetch, Io, Pull, Row, Shelf, State
from app.connectors.oneroster.joining import Joining, Rule
from app.roster.entities import ENTITIES
from tests.engine.toy import District, ToyConnector, ToyKind, ToySettings, ToySis, district


class RowsSettings(ToySettings, frozen=True):
    """How rows are joined, as the OneRoster kinds have it."""

    one_person: str = "off"
    primary_row: str = "first"
    apart: str = ""


@dataclass
class RowsConnector(ToyConnector):
    """Speaks to the toy SIS, and joins the rows of a person."""

    joining: Joining = field(kw_only=True)

    def pull(self, entity: str, since: State | None, shelf: Shelf) -> Pull:
        """As the toy has it; people are joined."""
        rows, fetch = super().pull, partial(super().read, entity) if self.sis.by_key else None
        return self.joining.pages(entity, lambda at: rows(entity, at, shelf), since, shelf, fetch)

    def fetch(self, entity: str, key: str, shelf: Shelf) -> Fetch:
        """As the toy has it; a person is read whole."""
        found = yield from super().fetch(entity, key, shelf)
        return self.joining.whole(found, ENTITIES[entity]) if isinstance(found, Row) else found

    def joins(self, entity: str) -> bool:
        """Whether rows are joined."""
        return self.joining.joins(entity)

    def united(self, entity: str, rows: Sequence[Row]) -> Row:
        """One row of those of one person."""
        return self.joining.united(rows, ENTITIES[entity])


class RowsKind(ToyKind):
    """The kind."""

    def __init__(self, sis: ToySis) -> None:
        super().__init__(sis, settings=RowsSettings)

    def mapping_version(self, settings: Any) -> str:
        """All that the rows are joined by."""
        return f"{settings.one_person} {settings.primary_row} {settings.apart}"

    def open(self, settings: Any, secrets: Mapping[str, str], io: Io) -> RowsConnector:
        """A connector to the SIS."""
        return RowsConnector(self.sis, io, self.name, joining=Joining(Rule.of(settings), io))


@contextmanager
def rows_district(folder: Path, sis: ToySis, one_person: str = "identifier") -> Iterator[District]:
    """A district whose connector joins rows by that field."""
    with district(folder, kind=RowsKind(sis)) as made:
        join(made, one_person)
        made.without_limits()
        yield made


def join(made: District, one_person: str = "identifier", **more: str) -> None:
    """From now on rows are joined by that field."""
    made.engine.save_connector("toy", "toy", {"one_person": one_person, **more})


def person(sis: ToySis, key: str, value: str | None, school: str, **more: Any) -> None:
    """A row of a person in one school."""
    told = {
        "given_name": "Ada",
        "family_name": f"Of {value}",
        "enabled_user": True,
        "identifier": value,
        "roles": [{"role": "student", "org": school}],
        **more,
    }
    sis.put("users", key, **told)


def enroll(sis: ToySis, key: str, user: str, class_: str = "c0") -> None:
    """A seat in a class."""
    told = {"user": user, "class": class_, "school": "o1", "role": "student"}
    sis.put("enrollments", key, **told)


def schools(sis: ToySis, count: int = 4) -> ToySis:
    """Schools and classes without anybody."""
    for n in range(1, count + 1):
        sis.put("orgs", f"o{n}", name=f"School {n}", type="school")
    for n in range(4):
        sis.put("classes", f"c{n}", title=f"Class {n}", school="o1")
    sis.rows.setdefault("users", {})
    sis.rows.setdefault("enrollments", {})
    return sis
