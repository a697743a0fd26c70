"""Follows a service as the engine would: what is told stays known, and goes with its tombstone."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from threading import Event
from typing import Any

from app.connectors.conformance import Bench, run, run_pull
from app.connectors.contract import Doubt, Gone, Io, Page, Row, State, Unreadable
from app.connectors.edfi import KIND
from app.connectors.edfi.settings import Settings
from app.connectors.http import HttpTransport, Limits
from tests.practice.edfi.client import Client, speaking

ALL = {"guardians": "on", "demographics": "read", "gradebook": "read", "grades": "read"}
ALL |= {"assessments": "read"}


@dataclass
class Followed:
    """What is known of one entity by now."""

    rows: dict[str, Row | Unreadable] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    """Former and further keys of records."""
    state: State | None = None
    shelf: Bench = field(default_factory=Bench)
    made: list[str] = field(default_factory=list)
    """The keys of rows that were no records before the last pull."""
    ended: list[str] = field(default_factory=list)
    """The keys of records that the last pull ended."""
    pages: list[Page] = field(default_factory=list)

    def take(self, page: Page) -> None:
        """What the engine does with a page: re-keys, aliases, rows, tombstones."""
        self.pages.append(page)
        self.state = json.loads(json.dumps(page.state))
        going = {one.new: self.rows.pop(one.old) for one in page.rekeys if one.old in self.rows}
        self.rows |= going
        self.aliases |= {one.old: one.new for one in page.rekeys}
        self.aliases |= {one.key: one.of for one in page.aliases}
        for one in page.aliases:
            self.rows.pop(one.key, None)
        for key, row in zip(page.keys, page.read(range(len(page.keys))), strict=True):
            if key not in self.rows:
                self.made.append(key)
            self.rows[key] = row
            self.aliases.pop(key, None)
        for key in page.tombstones:
            if self.rows.pop(key, None) is not None:
                self.ended.append(key)

    @property
    def doubts(self) -> list[Doubt]:
        """Those of the last pull."""
        return [doubt for page in self.pages for doubt in page.doubts]

    @property
    def told(self) -> list[str]:
        """The keys of all rows of the last pull, as often as they came."""
        return [key for page in self.pages for key in page.keys]

    def value(self, key: str, name: str) -> Any:
        """A value of a record."""
        row = self.rows[key]
        assert isinstance(row, Row), row
        return row.patch[self.pages[0].fields.index(name)]

    def real(self, key: str | None) -> str | None:
        """The key by which a record goes that is referred to by ``key``."""
        while key in self.aliases:
            key = self.aliases[key]
        return key


class Follower:
    """Reads a service whole, and then its changes, always by a new connector."""

    def __init__(self, ready: Mapping[str, Any], who: str = "district", **settings: Any) -> None:
        way_in = ready["edfi_clients"][who]
        self.settings = Settings(
            base_url=ready["edfi_url"], key=way_in["key"], **{**ALL, **settings}
        )
        self.secret = way_in["secret"]
        self.page_size = 40
        self.transport = HttpTransport(Limits(attempts=1))
        self.entities: dict[str, Followed] = {}

    def connector(self) -> Any:
        """A connector that knows nothing yet."""
        io = Io(lambda: datetime.now(UTC), Random(1), Event(), b"salt", self.page_size)
        return KIND.open(self.settings, {"secret": self.secret}, io)

    def read(self, entity: str, *, whole: bool = False) -> Followed:
        """Pulls everything the first time or where it is asked for, and then what has changed."""
        one = self.entities.setdefault(entity, Followed())
        one.pages, one.made, one.ended = [], [], []
        before = one.state
        run(
            self.connector().pull(entity, None if whole else one.state, one.shelf),
            self.transport,
            one.take,
        )
        if one.doubts:
            one.state = before  # no cursor moves to what was not read surely (C3)
        return one

    def fetch(self, entity: str, key: str) -> Row | Unreadable | Gone:
        """One record by its key."""
        shelf = self.entities.setdefault(entity, Followed()).shelf
        found: Row | Unreadable | Gone = run(
            self.connector().fetch(entity, key, shelf), self.transport
        )
        return found

    def afresh(self, entity: str) -> dict[str, Row | Unreadable]:
        """What somebody who never read before is told."""
        told = run_pull(self.connector(), entity, None, self.transport)
        assert told.error is None
        return told.rows

    def agrees(self, entity: str) -> None:
        """What was followed is what is there."""
        followed, there = self.entities[entity].rows, self.afresh(entity)
        assert sorted(followed) == sorted(there)
        for key, row in there.items():
            known = followed[key]
            assert isinstance(row, Row)
            assert isinstance(known, Row)
            assert known.patch == row.patch, key


@contextmanager
def following(
    ready: Mapping[str, Any], who: str = "district", **settings: Any
) -> Iterator[tuple[Follower, Client]]:
    """Somebody who follows a service, and the owner of it."""
    follower = Follower(ready, who, **settings)
    try:
        with speaking(dict(ready)) as owner:
            yield follower, owner
    finally:
        follower.transport.close()


# -- what happens there --


def contact(key: str) -> dict[str, Any]:
    """A contact of nobody yet."""
    return {"contactUniqueId": key, "firstName": "Ada", "lastSurname": "Woods"}


def id_of(owner: Client, resource: str, **query: Any) -> str:
    """The id of the one document of a query."""
    [found] = owner.list(resource, **query)
    return str(found["id"])


def change(owner: Client, resource: str, query: dict[str, Any], **members: Any) -> None:
    """Changes members of the one document of a query."""
    [found] = owner.list(resource, **query)
    body = {name: value for name, value in found.items() if not name.startswith("_")}
    answer = owner.data("PUT", f"{resource}/{found['id']}", json={**body, **members})
    assert answer.status_code == 204, answer.text


def add(owner: Client, resource: str, document: dict[str, Any]) -> None:
    """Makes a document."""
    answer = owner.data("POST", resource, json=document)
    assert answer.status_code == 201, answer.text


def remove(owner: Client, resource: str, **query: Any) -> None:
    """Deletes the one document of a query."""
    answer = owner.data("DELETE", f"{resource}/{id_of(owner, resource, **query)}")
    assert answer.status_code == 204, answer.text
