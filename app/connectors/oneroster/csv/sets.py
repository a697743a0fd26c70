"""Where the files are: one set in a folder or a ZIP, or a watched folder of sets.

What a manifest says is believed as far as the files bear it out; without one (OneRoster 1.0) every
file is taken to be whole. Which files of several sets are read is decided elsewhere (``choosing``).
"""

import hashlib
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from app.connectors.contract import Asking, Problem, Request, Response
from app.connectors.files import Entry, Listing, file_url
from app.connectors.oneroster.csv.age import Age, age_of
from app.connectors.oneroster.csv.columns import (
    ABSENT,
    BULK,
    DELTA,
    FILES,
    MANIFEST,
    MANIFEST_COLUMNS,
    USERS_WITH_ROLE,
    File,
)
from app.connectors.oneroster.csv.lines import Rows, fields_of
from app.errors import ConfigError, ContractError, TransientError

NEEDED = ("academicSessions", "classes", "courses", "enrollments", "orgs", "users")
"""Without a manifest that says otherwise, a set without one of these is not whole."""

MOST_SETS = 500
"""So many sets of a watched folder are looked at, the newest."""

_MANIFEST_SIZE = 1 << 20
_NAMES = {name.lower(): name for files in FILES.values() for name in (*files, MANIFEST)}


@dataclass(frozen=True)
class Source:
    """One file of a set."""

    of: File
    url: str = field(repr=False)
    called: str
    """The file as people find it: its name, after that of its set in a watched folder."""
    size: int
    within: "FileSet" = field(repr=False, compare=False)
    modified: int = 0
    """When it was written, in nanoseconds."""
    bulk: bool = True

    @property
    def age(self) -> Age:
        """That of its set."""
        return self.within.age


@dataclass(eq=False)
class FileSet:
    """What came together."""

    age: Age
    version: str = "1.1"
    sources: dict[str, Source] = field(default_factory=dict)
    """By the name of the file."""
    manifest: bool = False
    missing: dict[str, str] = field(default_factory=dict)
    """Files that should be there, as they are called, by their name."""
    problems: list[Problem] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Of a watched folder's sets; ``""`` of the only one."""
        return self.age.name

    @property
    def whole(self) -> bool:
        """Whether all files are there."""
        return not self.missing

    @property
    def sizes(self) -> str:
        """Tells one export from the next, wherever it lies and whenever it was written."""
        return " ".join(f"{name}:{one.size}" for name, one in sorted(self.sources.items()))


def stamp(path: str) -> Asking[str]:
    """A text that changes whenever a file comes, goes or is written; ``""`` without any."""
    listing = yield from _listed(path)
    if listing is None:
        return ""
    told: list[object] = [_grouped(listing)]
    if listing.kind == "folder" and not told[0]:
        # Of a ZIP its size and its time are enough.
        told = [one for one in listing.entries if _is_zip(one)]
        for one in [one for one in listing.entries if one.kind == "folder"][-MOST_SETS:]:
            inner = yield from _listed(str(Path(path, one.name)))
            files = _grouped(inner) if inner else {}
            told += [(one.name, files)] if files else []
    if not any(told):
        return ""
    return hashlib.blake2b(msgspec.json.encode(told), digest_size=12).hexdigest()


def found(path: str) -> Asking[list[FileSet]]:
    """The sets at ``path``, in their order; of a folder or a ZIP without any of the files none.

    Raises ``ConfigError`` where there are no files at all, and ``TransientError``.
    """
    listing = yield from _listed(path)
    if listing is None:
        raise ConfigError("path_missing", path=path)
    sets: list[FileSet] = []
    if _grouped(listing):
        sets.append((yield from _read("", path, listing)))
    elif listing.kind == "folder":
        places = [one for one in listing.entries if one.kind == "folder" or _is_zip(one)]
        ages = sorted((age_of(one.name, [one.modified]) for one in places), key=_place)
        for age in ages[-MOST_SETS:]:
            place = str(Path(path, age.name))
            try:
                inner = yield from _listed(place)
            except TransientError:
                # Still being written, perhaps: who knows what is in it.
                sets.append(FileSet(age, missing={"": age.name}))
                continue
            if inner is not None and _grouped(inner):
                sets.append((yield from _read(age.name, place, inner)))
    if not any(one.sources for one in sets):
        raise ConfigError("path_without_files", path=path)
    return sorted(sets, key=lambda one: one.age.place)


def _place(age: Age) -> tuple[str, int, str]:
    return age.place


def _is_zip(one: Entry) -> bool:
    return one.kind == "file" and one.name.lower().endswith(".zip")


def _grouped(listing: Listing) -> dict[str, Entry]:
    """The files of a set in a listing, by their names in the standard.

    Of several folders in a ZIP the one that has most of them counts.
    """
    folders: dict[str, dict[str, Entry]] = {}
    for one in listing.entries:
        folder, _, base = one.name.replace("\\", "/").rpartition("/")
        stem, dot, ending = base.rpartition(".")
        name = _NAMES.get(stem.lower())
        if one.kind != "file" or name is None or (dot + ending).lower() != ".csv":
            continue
        if "__MACOSX" in folder:
            continue
        group = folders.setdefault(folder, {})
        if name not in group or base == f"{name}.csv":
            group[name] = one
    return max(folders.values(), key=len, default={})


def _place_of(entry: Entry) -> str:
    """Where a file stands, whatever the case of its name."""
    return entry.name.replace("\\", "/").lower()


def _listed(path: str) -> Asking[Listing | None]:
    """What lies in a folder or a ZIP; ``None`` where there is none."""
    answer = yield Request("GET", file_url(path), (("range", "bytes=0-0"),))
    if answer.status == 404:
        return None
    if "content-range" in answer.headers:
        raise ConfigError("path_no_folder", path=path)
    try:
        return msgspec.json.decode(answer.body, type=Listing)
    except msgspec.DecodeError as error:
        raise TransientError("path_not_readable", str(error), path=path) from error


def _read(name: str, place: str, listing: Listing) -> Generator[Request, Response, FileSet]:
    """A set with what its manifest says."""
    entries = _grouped(listing)
    for there in entries.values():
        # Which of the two counts nobody knows, and one of them may be all but empty.
        if sum(_place_of(other) == _place_of(there) for other in listing.entries) > 1:
            raise ContractError("file_twice", file=_called(name, there))
    one = FileSet(age_of(name, [entry.modified for entry in entries.values()]))
    said: dict[str, str] = {}
    if entry := entries.pop(MANIFEST, None):
        one.manifest = True
        said = yield from _manifest(one, _called(name, entry), _url(place, listing, entry), entry)
    one.version = _version(one, said, entries)
    files = FILES[one.version]
    lone = one.version == "1.2" and "roles" not in entries
    wanted = said if one.manifest else dict.fromkeys((*NEEDED, *entries), BULK)
    for file in files.values():
        says = wanted.get(file.name.lower(), wanted.get(file.name, ""))
        entry = entries.get(file.name)
        if entry is None:
            if says in (BULK, DELTA):
                _note(one, file.filename, "file_missing", "done_nothing_ends")
                one.missing[file.name] = _plain_called(name, file.filename)
            continue
        base = entry.name.replace("\\", "/").rpartition("/")[2]
        if base != file.filename:
            _note(one, base, "file_called_otherwise", "done_taken", value=base)
        if says == ABSENT:
            _note(one, base, "file_said_absent", "done_passed_over")
            continue
        if says not in (BULK, DELTA):
            _note(one, base, "file_not_in_manifest", "done_taken_as_bulk", value=says)
        one.sources[file.name] = Source(
            USERS_WITH_ROLE if file.name == "users" and lone else file,
            _url(place, listing, entry),
            _called(name, entry),
            entry.size,
            one,
            entry.modified,
            bulk=says != DELTA,
        )
    return one


def _manifest(
    one: FileSet, called: str, url: str, entry: Entry
) -> Generator[Request, Response, dict[str, str]]:
    """What a manifest says of each file, by its name in lower case."""
    answer = yield Request("GET", url, max_bytes=_MANIFEST_SIZE)
    if answer.status != 200 or len(answer.body) != entry.size:
        raise TransientError("file_changed", path=called)
    said: dict[str, str] = {}
    begun = False
    for number, row in enumerate(Rows().feed(answer.body, last=True), 1):
        try:
            words = [word.strip() for word in fields_of(row)]
        except ValueError:
            words = []
        if not any(words):
            continue
        if not begun:
            begun = True
            if [word.lower() for word in words[:2]] == [c.lower() for c in MANIFEST_COLUMNS]:
                continue
            one.problems.append(
                Problem(called, number, "", "", "manifest_heading", "done_nothing_ends")
            )
            one.missing[MANIFEST] = called
        if len(words) < 2:
            continue
        name, value = words[0].lower(), words[1]
        if name.startswith("file."):
            value = value.lower()
            if value not in (BULK, DELTA, ABSENT):
                one.problems.append(
                    Problem(called, number, words[0], value, "manifest_value", "done_taken_as_bulk")
                )
            name = name.removeprefix("file.")
        elif name == "manifest.version" and value != "1.0":
            one.problems.append(
                Problem(called, number, words[0], value, "manifest_value", "done_taken")
            )
        said[name] = value
    return said


def _version(one: FileSet, said: Mapping[str, str], entries: Mapping[str, Entry]) -> str:
    told = said.get("oneroster.version", "")
    if told.startswith("1.2"):
        return "1.2"
    if told.startswith(("1.0", "1.1")):
        return "1.1"
    if one.manifest:
        _note(one, f"{MANIFEST}.csv", "version_unknown", "done_taken", value=told)
    elif not one.problems:
        _note(one, f"{MANIFEST}.csv", "manifest_missing", "done_taken_as_bulk")
    # Only 1.2 has roles in a file of their own.
    return "1.2" if "roles" in entries else "1.1"


def _note(one: FileSet, base: str, rule: str, done: str, *, value: str = "") -> None:
    one.problems.append(Problem(_plain_called(one.name, base), 0, "", value, rule, done))


def _url(place: str, listing: Listing, entry: Entry) -> str:
    if listing.kind == "archive":
        return file_url(place, entry.name)
    return file_url(str(Path(place, entry.name)))


def _called(name: str, entry: Entry) -> str:
    return _plain_called(name, entry.name.replace("\\", "/").rpartition("/")[2])


def _plain_called(name: str, base: str) -> str:
    return f"{name}/{base}" if name else base
