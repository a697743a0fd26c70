"""The connector over OneRoster CSV files: reads what stands in them, and writes nothing."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import msgspec

from app.connectors.asking import next_told
from app.connectors.contract import (
    Asking,
    Capability,
    Change,
    Check,
    Count,
    Examination,
    Fetch,
    Gone,
    Io,
    Outcome,
    Page,
    Pull,
    Push,
    PushResult,
    Row,
    Search,
    Shelf,
    State,
    Unreadable,
)
from app.connectors.oneroster.csv import sets
from app.connectors.oneroster.csv.checking import check
from app.connectors.oneroster.csv.choosing import LastRead
from app.connectors.oneroster.csv.columns import FILES
from app.connectors.oneroster.csv.examining import Examining
from app.connectors.oneroster.csv.reading import Reading, nothing_new, position_of
from app.connectors.oneroster.csv.survey import Survey, surveyed
from app.connectors.oneroster.joining import Joining, Rule
from app.connectors.oneroster.rolling import ENROLLMENTS, nothing, of_class
from app.connectors.oneroster.words import own_words
from app.errors import ConfigError, ContractError, NotFound
from app.roster.entities import ENTITIES

if TYPE_CHECKING:
    from app.connectors.oneroster.csv import Settings

READ_ONLY = "files_are_read_only"

_SWITCHES = {
    "demographics": "demographics",
    "resources": "resources",
    "categories": "gradebook",
    "score_scales": "gradebook",
    "line_items": "gradebook",
    "results": "gradebook",
}
"""The setting that an entity is read by, where not every connector reads it."""


class CsvConnector:
    """One folder or ZIP of OneRoster files (``contract.Connector``)."""

    def __init__(self, settings: "Settings", io: Io) -> None:
        if not settings.path:
            raise ConfigError("setting_missing", setting="path")
        self._path = settings.path
        self._io = io
        self._joining = Joining(Rule.of(settings), io)
        self._words = own_words(settings.grade_map, settings.role_map, settings.class_type_map)
        self._resources = settings.resources != "off"
        self._entities = [
            name
            for name in _main_files()
            if name not in _SWITCHES or getattr(settings, _SWITCHES[name]) != "off"
        ]
        self._last = _last_read(io.learnt)
        self._stamp: str | None = None
        self._survey: Survey | None = None

    def check(self) -> Check:
        """Looks the files through, and tells what there is and what is wrong with it."""
        files = {name: _main_files()[name] for name in self._entities}
        return check(self._looked_through(), self.examine(), files)

    def capabilities(self) -> Mapping[str, Capability]:
        """What is switched on; which of it the files tell shows itself when they are read."""
        return {
            name: Capability(self._fields(name), incremental=True, tombstones=True, total=True)
            for name in self._entities
        }

    def count(self, entity: str) -> Count:
        """The rows there are, as counted on the way through."""
        survey = yield from self._looked_through()
        return sum(one.rows for one in survey.chains[_main_files()[entity]])

    def pull(self, entity: str, since: State | None, shelf: Shelf) -> Pull:
        """Reads a stream, and joins the rows of a person where that is wanted."""
        return self._joining.pages(entity, lambda at: self._rows(entity, at, shelf), since, shelf)

    def _rows(self, entity: str, since: State | None, shelf: Shelf) -> Pull:
        """A stream out of sets that are looked through once a connector, before all."""
        fields, known = self._fields(entity), position_of(since)
        if since is not None and known.ended and known.stamp == (yield from self._stamped()):
            yield nothing_new(entity, fields, since)
            return
        survey = yield from self._looked_through()
        names = self._files(entity)
        evidence = survey.evidence(names, self._last.get(names[0]))
        for name in names:
            if last := survey.last_read(name, self._last.get(name), evidence):
                self._last[name] = last
        reading = Reading(survey, entity, names, evidence, fields, self._words, self._io, shelf)
        yield from reading.pages(since)

    def roll(self, class_key: str, shelf: Shelf) -> Pull:
        """The enrollments of one class, looked for in all there are (``contract.Rolled``)."""
        survey = yield from self._looked_through()

        def pages(entity: str) -> Pull:
            # Without the files whose rows belong to the records: none of them tells of a roll.
            names, fields = [_main_files()[entity]], self._fields(entity)
            return Reading(survey, entity, names, "", fields, self._words, self._io, shelf).pages(
                None
            )

        known = False
        with closing(pages("classes")) as steps:
            while (told := (yield from next_told(steps))) is not None:
                known = known or (isinstance(told, Page) and class_key in told.keys)
        if not known:
            yield nothing(self._fields(ENROLLMENTS), "class_not_there")
        elif not survey.chains[_main_files()[ENROLLMENTS]]:
            yield nothing(self._fields(ENROLLMENTS), "file_absent")
        else:
            with closing(pages(ENROLLMENTS)) as steps:
                while (told := (yield from next_told(steps))) is not None:
                    yield of_class(told, class_key)[0] if isinstance(told, Page) else told

    def search(self, entity: str, keys: Collection[str], shelf: Shelf) -> Search:
        """What stands under some keys, looked for in all there is (``contract.Searched``)."""
        survey = yield from self._looked_through()
        names, fields = self._files(entity), self._fields(entity)
        if not survey.chains[names[0]]:
            raise ContractError("file_not_told", entity=entity)
        found: dict[str, Row | Unreadable | Gone] = {}
        reading = Reading(survey, entity, names, "", fields, self._words, self._io, shelf)
        with closing(reading.pages(None)) as steps:
            while (told := (yield from next_told(steps))) is not None:
                if isinstance(told, Page):
                    places = [n for n, key in enumerate(told.keys) if key in keys]
                    found |= zip((told.keys[n] for n in places), told.read(places), strict=True)
                    found |= dict.fromkeys(told.tombstones, Gone.TOMBSTONE)
                    found |= {one.key: one for one in told.unreadable if one.key is not None}
        return {key: found.get(key, Gone.NOT_FOUND) for key in keys}

    def joins(self, entity: str) -> bool:
        """Whether rows of the entity are joined (``contract.Joined``)."""
        return self._joining.joins(entity)

    def united(self, entity: str, rows: Sequence[Row]) -> Row:
        """One row of those of one person (``contract.Joined``)."""
        return self._joining.united(rows, ENTITIES[entity])

    def stamp(self) -> Asking[str]:
        """Changes whenever a file comes, goes or is written (``contract.Watched``)."""
        return sets.stamp(self._path)

    def learnt(self) -> State:
        """What was read last (``contract.Learning``): nothing older ever takes its place."""
        return {"read": msgspec.to_builtins(self._last)} if self._last else {}

    def examine(self) -> Examination:
        """Tells every fault of the files, and where it stands (``contract.Examined``)."""
        survey = yield from self._looked_through()
        yield from Examining(survey, self._words).problems()

    def fetch(self, entity: str, key: str, shelf: Shelf) -> Fetch:
        """Nothing is read by its key."""
        yield from ()
        return Gone.NOT_FOUND

    def push(self, change: Change, shelf: Shelf) -> Push:
        """Nothing can be written to what the SIS has exported."""
        yield from ()
        return PushResult(Outcome.REFUSED, words=READ_ONLY)

    confirm = push

    def _stamped(self) -> Asking[str]:
        if self._stamp is None:
            self._stamp = yield from self.stamp()
        return self._stamp

    def _looked_through(self) -> Asking[Survey]:
        if self._survey is None:
            stamp = yield from self._stamped()
            found = yield from sets.found(self._path)
            files = {file for name in self._entities for file in self._files(name)}
            self._survey = yield from surveyed(found, sorted(files), self._last, stamp)
        return self._survey

    def _fields(self, entity: str) -> tuple[str, ...]:
        if entity not in self._entities:
            raise NotFound("entity_not_spoken", entity=entity)
        names = ENTITIES[entity].field_names
        return names if self._resources else tuple(name for name in names if name != "resources")

    def _files(self, entity: str) -> list[str]:
        """The file of an entity, and those whose rows belong to its records, of any version."""
        fields = self._fields(entity)
        parts = [
            file.name
            for file in FILES["1.2"].values()
            if file.part and file.entity == entity and file.part in fields
        ]
        return [_main_files()[entity], *parts]


def _last_read(learnt: State) -> dict[str, LastRead]:
    """What was read last, by the name of the file."""
    with suppress(msgspec.ValidationError):  # it may be of another version
        return msgspec.convert(learnt.get("read", {}), dict[str, LastRead])
    return {}


def _main_files() -> dict[str, str]:
    """The file that tells the records of each entity, in the order in which they are read."""
    files = {file.entity: file.name for file in FILES["1.2"].values() if not file.part}
    return {name: files[name] for name in ENTITIES if name in files}
