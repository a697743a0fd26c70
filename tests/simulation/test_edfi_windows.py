"""Edits on both sides while Ed-Fi is read in windows, rows moving between its pages (SEMANTICS C).

Between any two requests somebody at the service renames, ends, deletes, creates again, moves or
makes something, or a key changes and all that refers to it follows; here people edit as well, and
what they edit is sent. In whatever way it is read: by offset, reversed, by cursor, from a snapshot,
of an older generation. Left in peace, the roster is as one that was read whole and undisturbed, and
no edit is lost.
"""

import os
import random
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from app.connectors.contract import Request, Response, Transport
from app.engine.decisions import Decision, Take
from app.errors import UsageError
from app.store import outbox, reads
from app.store.outbox import Unsent
from tests.e2e.agreement import known
from tests.practice.client import serving
from tests.simulation.two_systems import MOVED, ODS, WRITING, Both, both

EDITS = int(os.environ.get("EDITS", "30"))
"""How many, on both sides together; `EDITS=1000` for a longer look, `SEED` for another one."""
SEED = int(os.environ.get("SEED", "1"))
STUDENTS = 40

WAYS: Mapping[str, tuple[list[str], dict[str, Any]]] = {
    "cursor": ([], {"paging": "cursor"}),
    "reversed": ([], {"paging": "offset", "page_size": 20}),
    "snapshot": (["snapshots"], {"snapshots": "on"}),
    "api-6.2": (["api-6.2"], {"page_size": 20}),
}
"""How the service is, and how it is read."""

DAY = (
    *("new", "leavers", "removed", "moves", "transfers", "seconds", "teachers", "staff"),
    *("sessions", "sections", "recreated", "renames"),
)
"""What may happen at the service; several of some, so that many keys change."""
WEIGHTS = (3, 2, 2, 4, 2, 2, 2, 1, 1, 3, 3, 2)

LATER = {("results", "class")}
"""What is told of a record by another document, whose change alone does not tell it anew: where a
class has had two other keys since, the one in between may stand there until a whole read."""
PLACES = {("users", name) for name in ("roles", "primary_org", "grades", "agents")}
"""What parts of people tell: of very many that have gone each stands until it is asked for."""
STAFF = "E"
"""Begins the numbers of those who work in the practice district."""
NAMES = {"firstName": "given_name", "lastSurname": "family_name", "middleName": "middle_name"}


class Meanwhile(Transport):
    """Whatever is to happen does so before a page is asked for."""

    def __init__(self, inner: Transport, happens: "Happens") -> None:
        self._inner = inner
        self._happens = happens

    def send(self, request: Request, cancel: Event) -> Response:
        """The answer of the service, as it is by then."""
        if request.method == "GET" and "/data/" in request.url:
            self._happens.between()
        return self._inner.send(request, cancel)

    def close(self) -> None:
        """Ends the session."""
        self._inner.close()


@dataclass
class Happens:
    """What people do at the service and here, and what they said."""

    random: random.Random
    guardians: str
    """What the service calls contacts."""
    at: Both | None = None
    left: int = EDITS
    active: bool = False
    theirs: dict[tuple[str, str], str] = field(default_factory=dict)
    """The last name somebody at the service gave to somebody, by key and field."""
    ours: dict[tuple[str, str], str] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)
    """Who was deleted there at some time, by natural key."""
    ids: dict[str, set[str]] = field(default_factory=dict)
    """The ids that people have gone by at the service, by natural key."""

    @property
    def office(self) -> Both:
        """Where it happens."""
        assert self.at is not None
        return self.at

    def word(self, who: str) -> str:
        """Something that nobody said before."""
        return f"{who} {len(self.done):05}"

    def between(self) -> None:
        """Between two pages: sometimes something."""
        if self.active and self.left > 0 and self.random.random() < 0.2:
            self.there()

    def there(self) -> None:
        """Somebody does something at the service."""
        self.left -= 1
        self.look()
        if self.random.random() < 0.4:
            self._renames()
            return
        [what] = self.random.choices(DAY, WEIGHTS)
        sizes = {**dict.fromkeys(DAY, 0), what: self.random.choice([1, 1, 2, 3])}
        if what == "sessions":
            sizes[what] = 1
        answer = self.office.sis.control("POST", "edfi/day", json=sizes)
        if answer.status_code == 400:
            return  # fewer are left than it takes
        assert answer.status_code == 200, answer.text
        changed = answer.json()["changed"]
        for name in ("students", "contacts"):
            for keys in changed.get(name, {}).get("deleted", ()):
                self.deleted.add(f"{name}/{next(iter(keys.values()))}")
        if what == "renames":
            for keys in changed.get("students", {}).get("updated", ()):
                key = f"students/{keys['studentUniqueId']}"
                for document in self._find(key):
                    self._said(key, "lastSurname", document["lastSurname"])
        self.done.append(what)

    def _renames(self) -> None:
        """Somebody is called otherwise from now on."""
        resource = self.random.choice(["students", "students", self.guardians])
        # Of who works there as well, both documents are one person, whom nobody can write here.
        unique = resource.removesuffix("s") + "UniqueId"
        rows = self.office.ods.list(resource, limit=500)
        document = self.random.choice([row for row in rows if row[unique][0] != STAFF])
        member = self.random.choice(list(NAMES))
        key = f"{'students' if resource == 'students' else 'contacts'}/{document[unique]}"
        id_, headers = document.pop("id"), {"If-Match": document.pop("_etag")}
        document.pop("_lastModifiedDate", None)
        word = self.word("Theirs")
        told = {**document, member: word}
        answer = self.office.ods.data("PUT", f"{resource}/{id_}", json=told, headers=headers)
        assert answer.status_code == 204, answer.text
        self._said(key, member, word)
        self.done.append("renames one")

    def look(self) -> None:
        """Notes who goes by which id now."""
        for of, resource in (("students", "students"), ("contacts", self.guardians)):
            unique = resource.removesuffix("s") + "UniqueId"
            for row in self.office.ods.list(resource, limit=500):
                self.ids.setdefault(f"{of}/{row[unique]}", set()).add(row["id"])

    def _said(self, key: str, member: str, word: str) -> None:
        self.theirs[key, NAMES[member]] = word

    def _find(self, key: str) -> list[dict[str, Any]]:
        resource, _, unique = key.partition("/")
        name = self.guardians if resource == "contacts" else resource
        return self.office.ods.list(name, **{name.removesuffix("s") + "UniqueId": unique})

    def seen(self, key: str) -> bool:
        """Whether the service tells of somebody."""
        return bool(self._find(key))

    def hidden(self, key: str) -> bool:
        """Whether somebody is there, where the key of the program may not see them."""
        name = self.guardians if key.startswith("contacts/") else "students"
        answers = [self.office.ods.data("GET", f"{name}/{id_}") for id_ in self.ids.get(key, ())]
        return any(answer.status_code == 403 for answer in answers)

    def here(self) -> None:
        """Somebody edits somebody here, mostly whom somebody there has just renamed."""
        self.left -= 1
        keys = [key for key in people(self.office) if key.partition("/")[2][0] != STAFF]
        known_to_both = [key for key, _ in self.theirs if key in keys]
        key = self.random.choice(known_to_both[-5:] or keys)
        if self.random.random() < 0.5:
            key = self.random.choice(keys)
        name, word = self.random.choice(list(NAMES.values())), self.word("Ours")
        try:
            self.office.engine.edit("users", people(self.office)[key], {name: word}, "Ana")
        except UsageError as error:
            self.done.append(error.code)
            return
        self.ours[key, name] = word
        self.done.append("edit")


def people(at: Both) -> dict[str, int]:
    """Whoever is alive here, by key at the service."""
    with at.database.reading() as tx:
        return dict(
            tx.rows(
                "SELECT key, record FROM links JOIN streams ON streams.id = stream "
                "JOIN users ON users.id = record AND users.alive "
                "WHERE entity = 'users' AND links.alive ORDER BY key"
            )
        )


@contextmanager
def disturbed(folder: Path, way: str) -> Iterator[Happens]:
    """A roster of a service at which something happens between any two pages."""
    switches, settings = WAYS[way]
    guardians = "parents" if way == "api-6.2" else "contacts"
    happens = Happens(random.Random(f"{SEED}{way}"), guardians)
    with serving(students=STUDENTS, seed=SEED, edfi_switches=switches) as ready:
        said = {**WRITING, "grades": "read", "assessments": "read", **settings}
        watch = lambda transport: Meanwhile(transport, happens)  # noqa: E731
        with both(folder / "ours", ready, said, watch=watch, alone=ODS) as at:
            happens.at = at
            assert at.sync(ODS).state == "completed"
            yield happens


def settle(happens: Happens, *, full: bool) -> bool:
    """Everything is answered, and synced until nothing is left to do; whether that came about."""
    at, quiet = happens.office, 0
    for _ in range(8):
        with at.database.reading() as tx:
            asked = list(tx.rows("SELECT id, kind, part FROM conflicts ORDER BY id"))
        at.engine.resolve(
            [
                Decision(
                    id_,
                    Take.DIFFERENT
                    if kind == "same_person"
                    else Take.SIS
                    if kind == "edit_or_delete"
                    else happens.random.choice([Take.OURS, Take.SIS]),
                )
                for id_, kind, _ in asked
            ],
            "Ana",
        )
        at.engine.retry(ODS)
        run = at.sync(ODS, full=full)
        if run.state == "waiting":
            at.engine.approve(run.id)
            at.loop.run(until=lambda: not at.engine.busy)
        moved = sum(run.total(name) for name in MOVED)
        unsent = [one for one in outbox.unsent(at.database) if not out_of_sight(happens, one)]
        if not moved and not at.asked() and not unsent:
            quiet += 1
            if quiet == (3 if full else 1):
                # That a school has nobody of some sort any more is believed when it is said twice.
                return True
        else:
            quiet = 0
    return False


def out_of_sight(happens: Happens, one: Unsent) -> bool:
    """It is for somebody whom the key may not see any more, and waits for that to change."""
    links = reads.record(happens.office.database, one.entity, one.record).links
    return one.entity == "users" and any(happens.hidden(link.key) for link in links)


def nothing_is_otherwise(happens: Happens, folder: Path, *, whole: bool) -> None:
    """The roster is one that was read whole from the same service by a single sync.

    Whoever is out of sight there is still known here, with what is theirs (D3). Not ``whole``: so
    may be whoever has gone without a word.
    """
    at = happens.office
    with both(folder, at.ods.ready, {**WRITING, "grades": "read", "assessments": "read"},
              alone=ODS) as twin:  # fmt: skip
        assert twin.sync(ODS, full=True).state == "completed"
        with at.database.reading() as tx, twin.database.reading() as there:
            mine, theirs = known(tx), known(there)
    assert not theirs.keys() - mine.keys()
    if whole:
        unseen = {key.partition("/")[2] for key in happens.ids if happens.hidden(key)}
        more = {place for place in mine.keys() - theirs.keys() if mine[place].stands}
        hidden = {place for place in more if unseen & {*re.split(r"[/|]", place[1])}}
        # The line item of report grades is told by them alone, and they may be out of sight.
        gone = {one for one in more - hidden if not (unseen and one[1].startswith("grades/"))}
        assert not gone, gone
    later = set() if whole else LATER | (PLACES if many_had_gone(at) else set())
    for place, said in theirs.items():
        here = mine[place]
        assert here.stands, place
        wrong = {
            (side, name): (value, getattr(here, side)[name])
            for side in ("base", "values")
            for name, value in getattr(said, side).items()
            if (place[0], name) not in later and value != getattr(here, side)[name]
        }
        assert not wrong, (place, wrong)


def many_had_gone(at: Both) -> bool:
    """Whether some whole reading missed more than it asked for at once (D1)."""
    runs = reads.runs(at.database, limit=10_000)
    codes = {line.code for run in runs for line in reads.run_log(at.database, run.id)}
    return "edfi_kept_unasked" in codes


def no_edit_is_lost(happens: Happens) -> None:
    """Whoever is still there is called as somebody said last, on either side."""
    live = people(happens.office)
    for key, name in {*happens.ours, *happens.theirs}:
        if key not in live:
            assert not happens.seen(key), (key, happens.done)
            continue
        if (key, name) in happens.theirs and happens.hidden(key):
            continue  # what was said last could not be seen any more
        said = {side[key, name] for side in (happens.ours, happens.theirs) if (key, name) in side}
        found = happens.office.value("users", live[key], name)
        if key in happens.deleted and found not in said:
            continue  # created again as it was before
        assert found in said, (key, name, found, said)


def only_the_deleted_ended(happens: Happens) -> None:
    """D3: who has ended here is not there, or not in sight."""
    at = happens.office
    for row in reads.all_records(at.database, "users"):
        for link in reads.record(at.database, "users", row.id).links:
            assert row.alive or not happens.seen(link.key), (link.key, happens.done)


@pytest.mark.timeout(60 + EDITS)
@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_missed(tmp_path: Path, way: str) -> None:
    """C3, C4, A6, D3: nothing missed or resurrected, no edit lost, whatever moves meanwhile."""
    with disturbed(tmp_path, way) as happens:
        at = happens.office
        while happens.left > 0:
            for _ in range(happens.random.randrange(4)):
                happens.here()
            for _ in range(happens.random.randrange(3)):
                happens.there()
            happens.active = True
            run = at.sync(ODS, full=happens.random.random() < 0.1)
            happens.active = False
            assert run.state in ("completed", "warnings", "waiting"), (
                run.error_code, run.error_parameters, run.error_detail, happens.done,
            )  # fmt: skip
            if way == "snapshot" and happens.random.random() < 0.5:
                at.ods.switch_off("snapshots")
                at.ods.switch_on("snapshots")
        if way == "snapshot":
            at.ods.switch_off("snapshots")
        # Whom a key no longer sees is in no window: only a whole read tells that they are gone.
        settle(happens, full=False)
        nothing_is_otherwise(happens, tmp_path / "windows", whole=False)
        assert settle(happens, full=True), (at.asked(), at.unsent(), happens.done)
        nothing_is_otherwise(happens, tmp_path / "whole", whole=True)
        no_edit_is_lost(happens)
        only_the_deleted_ended(happens)
        run = at.sync(ODS, full=True)
        assert {name: run.total(name) for name in MOVED} == dict.fromkeys(MOVED, 0)


def test_report_grades_keep_their_line_items_when_sessions_are_renamed(tmp_path: Path) -> None:
    """A6: many documents tell such a line item, and all of them go by another key at once."""
    with disturbed(tmp_path, "cursor") as happens:
        at = happens.office
        sizes = {**dict.fromkeys(DAY, 0), "sessions": 9}
        changed = at.sis.control("POST", "edfi/day", json=sizes).json()["changed"]
        assert len(changed["grades"]["rekeyed"]) > 1
        run = at.sync(ODS)
        [items] = [one.counts for one in run.streams if one.entity == "line_items"]
        assert (items["created"], items["deleted"]) == (0, 0)
        nothing_is_otherwise(happens, tmp_path / "whole", whole=True)
