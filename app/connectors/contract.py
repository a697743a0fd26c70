"""What a kind of connector promises, and what the engine may rely on (DESIGN §5).

A connector does no input or output. ``pull``, ``push``, ``confirm``, ``fetch`` and ``check`` are
generators: they *yield* requests and are *sent* the responses, and a pull also yields pages. So a
run can be simulated, cancelled between any two steps and replayed. An error of the transport is
thrown into the generator where it waits, so that a kind may fall back before giving up.

A connector testifies (``Page.doubts``); only the engine grants proof (SEMANTICS C5).
"""

import enum
import hashlib
from collections import Counter
from collections.abc import (
    Callable,
    Collection,
    Container,
    Generator,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
    Sequence,
)
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from http.cookiejar import CookieJar
from random import Random
from threading import Event
from typing import (
    IO,
    Any,
    NamedTuple,
    Protocol,
    TypeAlias,
    TypeVar,
    get_type_hints,
    runtime_checkable,
)

import msgspec

from app.errors import ConfigError, Parameter, SyncError
from app.roster.values import Plain

State: TypeAlias = dict[str, Any]
"""Where a stream stands: plain JSON, made and understood by the kind alone."""


# -- requests and answers ---------------------------------------------------------------------

Cookies: TypeAlias = MutableMapping[str, CookieJar]
"""What a SIS has asked to be sent back, by origin; it begins empty, and belongs to a connector."""


@dataclass(frozen=True, eq=False)
class Request:
    """One HTTP request. ``authorization`` is sent to ``origin`` and nowhere else.

    Files of this computer are read by the same requests (``connectors.files``): a run with them can
    be simulated, cancelled and replayed like any other.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = field(default=None, repr=False)
    authorization: str | Callable[[], str] | None = field(default=None, repr=False)
    """What is called is called for every try: a signature holds once (RFC 5849)."""
    origin: str = ""
    """``scheme://host[:port]`` that ``authorization`` was issued for, and that is to answer: what
    another one says after a redirect is refused (``ContractError`` ``redirect_elsewhere``)."""
    cookies: Cookies | None = field(default=None, repr=False)
    """Where cookies are kept and taken from, each for the origin it came from; else they are not.

    The transport of any thread adds to it: a balancer knows its client by them (ONEROSTER 14).
    """
    max_bytes: int = 64 * 1024 * 1024
    """An answer longer than this is refused (``ContractError`` ``answer_too_long``)."""
    repeatable: bool = True
    """May be sent again when it is not known whether it arrived."""
    patience: float | None = None
    """Seconds of pauses that the SIS may ask for; those of the transport where it is not said."""

    def authorized(self) -> str | None:
        """The ``Authorization`` header of one try."""
        said = self.authorization
        return said() if callable(said) else said


@dataclass(frozen=True)
class Ahead:
    """Announces a request that will be yielded after the next page, so that it can start now."""

    request: Request


@dataclass(frozen=True)
class Response:
    """An answer with a final status. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    url: str


T = TypeVar("T")
Asking: TypeAlias = Generator[Request, Response, T]
"""What has to ask before it has its result."""


@dataclass(frozen=True)
class Route:
    """How other computers are reached; this computer itself is reached directly, always."""

    proxy: str | None = None
    """The address of a proxy; ``None``: what the system says, blank: none."""
    login: tuple[str, str] | None = None
    """User and password of the proxy."""
    direct: tuple[str, ...] = ()
    """Hosts and domains that are reached without the proxy."""
    authorities: str = ""
    """Certificates (PEM) of authorities that are trusted beside the system's own."""


class Transport(Protocol):
    """Moves bytes: one session, used by one thread at a time."""

    def send(self, request: Request, cancel: Event) -> Response:
        """The final answer, any status but 429 and 5xx, after retries where they make sense.

        Raises ``TransientError``, ``RateLimited``, ``ContractError`` or ``ConfigError`` (a refused
        certificate, an unknown host), and ``Cancelled`` within a second of ``cancel`` being set.
        """
        ...

    def close(self) -> None:
        """Ends the session and its connections."""
        ...


# -- what a pull yields -----------------------------------------------------------------------


class Row(NamedTuple):
    """One row in canonical form. ``patch`` is aligned with ``Page.fields``; references are keys.

    A value that could not be normalised is ``UNSAID`` in the patch and has a warning
    ``(field, what)`` (SEMANTICS A2).
    """

    key: str
    patch: tuple[Plain, ...]
    version: str | None = None
    warnings: tuple[tuple[str, str], ...] = ()


class Unreadable(NamedTuple):
    """A row that could not be understood. Without ``key`` it voids the proof (SEMANTICS C6)."""

    key: str | None
    raw: bytes
    reason: str


class Rekey(NamedTuple):
    """A key that changed at the SIS (SEMANTICS A6)."""

    old: str
    new: str


class Alias(NamedTuple):
    """A further key by which others may refer to the row of the key ``of``: several rows that are
    one record (SEMANTICS A5). It holds until a row comes under ``key`` itself.
    """

    key: str
    of: str


class Doubt(NamedTuple):
    """A reason why this answer may not be whole; ``app.text`` has the sentence of ``code``."""

    code: str
    parameters: Mapping[str, Parameter] = {}


ReadRows: TypeAlias = Callable[[Iterable[int]], list[Row | Unreadable]]


@dataclass(frozen=True)
class Page:
    """A part of a stream, and the state that resumes *after* it.

    ``keys`` and ``digests`` run side by side, one a live row, in the order received. ``read``
    normalises the rows at the wanted places: rows whose digest is known are never decoded.
    """

    entity: str
    fields: tuple[str, ...]
    """The spoken fields, the same on every page of a stream (SEMANTICS A2)."""
    keys: Sequence[str]
    digests: Sequence[bytes]
    read: ReadRows
    state: State
    last: bool
    full: bool
    """True when the stream is being read whole, False when only changes were asked for."""
    scope: str
    """What was asked: endpoint, filter, terms, permissions. Equal text, equal scope."""
    tombstones: Sequence[str] = ()
    rekeys: Sequence[Rekey] = ()
    aliases: Sequence[Alias] = ()
    unreadable: Sequence[Unreadable] = ()
    received: int = 0
    """Rows received, those of all sorts, without an overlap row."""
    total: int | None = None
    """How many rows the SIS says there are, where it says so."""
    restarts: bool = False
    """The stream is being read from its beginning again; earlier pages prove nothing."""
    doubts: Sequence[Doubt] = ()
    notes: Sequence[Doubt] = ()
    """Worth telling in the run's log, without casting any doubt."""
    evidence: str = ""
    """What the stream was read from, where that can be the very same twice, such as a set of files:
    a second proof from equal evidence is none (SEMANTICS D1)."""


Pull: TypeAlias = Generator[Request | Ahead | Page, Response | None, None]


# -- what a connector can do ------------------------------------------------------------------


@dataclass(frozen=True)
class New:
    """What a new record has to have so that a SIS takes it."""

    roles: frozenset[str] = frozenset()
    """Of a person: one of these roles,"""
    fields: tuple[str, ...] = ()
    """fields that are not blank,"""
    beside: tuple[tuple[str, str], ...] = ()
    """and (entity, field) of what belongs to it (``Capability.beside``)."""


@dataclass(frozen=True)
class Capability:
    """What a connector can do with one entity."""

    fields: tuple[str, ...]
    incremental: bool = False
    tombstones: bool = False
    rekeys: bool = False
    total: bool = False
    by_key: bool = False
    """Rows can be read one by one by their key (``fetch``)."""
    writes: frozenset[str] = frozenset()
    """Of ``create``, ``update``, ``delete``."""
    written: frozenset[str] = frozenset()
    """The fields that can be changed; edits of others stay local corrections (SEMANTICS F6). What
    is created is sent with every spoken field that has a value."""
    apart: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By how the keys of some records begin: the fields that can be changed of these, where that
    is not ``written``."""
    allots_keys: bool = False
    """The SIS gives what is created there a key of its own (SEMANTICS F3): created twice, there are
    two. A key that follows from what the record says is not allotted."""
    beside: tuple[str, ...] = ()
    """Entities whose records belong to one of this, and are told with its creation."""
    new: tuple[New, ...] | None = None
    """Records of which it is known that they can be created, where that is not any: those that one
    of these fits. What the SIS refuses for another reason is told when it does."""
    concurrency: int = 1
    """How many rows the SIS may be asked for by key at once."""

    def written_of(self, key: str) -> frozenset[str]:
        """The fields of the record of a key that can be changed."""
        found = (names for begin, names in self.apart.items() if key.startswith(begin))
        return next(found, self.written)


class Grade(enum.Enum):
    """How a finding of *Test connection* bears on the work."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """One line of *Test connection*; ``app.text`` has the sentence of ``code``."""

    code: str
    grade: Grade
    parameters: Mapping[str, Parameter] = field(default_factory=dict)

    @classmethod
    def good(cls, code: str, /, **parameters: Parameter) -> "Finding":
        """What is as it should be."""
        return cls(code, Grade.GOOD, parameters)

    @classmethod
    def note(cls, code: str, /, **parameters: Parameter) -> "Finding":
        """What costs something, and keeps nothing from working."""
        return cls(code, Grade.NOTE, parameters)

    @classmethod
    def bad(cls, code: str, /, **parameters: Parameter) -> "Finding":
        """What keeps something from working."""
        return cls(code, Grade.BAD, parameters)

    @classmethod
    def failed(cls, error: SyncError) -> "Finding":
        """An error that ended the test, or a part of it."""
        return cls(error.code, Grade.BAD, error.parameters)


Check: TypeAlias = Generator[Request, Response, list[Finding]]


Count: TypeAlias = Generator[Request, Response, int | None]


class Gone(enum.Enum):
    """What reading a record by its key said when there was no record to return."""

    NOT_FOUND = "not_found"
    TOMBSTONE = "tombstone"


Fetch: TypeAlias = Generator[Request, Response, Row | Unreadable | Gone]


@dataclass(frozen=True)
class Change:
    """A change to be written to the SIS (SEMANTICS F1, F2). Values are canonical, references keys.

    ``patch`` has the fields to write, blank where they are to be blanked; of a group all members.
    ``base`` has what was last agreed about: of an update the same fields, of a deletion all that
    are known; blank where nothing was.
    """

    entity: str
    action: str
    """``create``, ``update`` or ``delete``."""
    key: str
    """Of a create the key we gave it; where the SIS allots keys it is only a name for the post."""
    patch: Mapping[str, Plain]
    base: Mapping[str, Plain] = field(default_factory=dict)
    beside: Mapping[str, Mapping[str, Plain]] = field(default_factory=dict)
    """Of a create, what the records that belong to it say, by entity (``Capability.beside``): their
    values without references. They are sent by changes of their own, too."""


class Outcome(enum.Enum):
    """How a push ended; four different troubles are told apart (SEMANTICS F5)."""

    DONE = "done"
    """The SIS holds what was to be written, whoever wrote it; ``row`` is what was read back."""
    MOVED = "moved"
    """A field no longer is what was last agreed, so nothing was written; ``row`` is what is there,
    ``None`` where the record is gone. Of ``confirm``: it is not there as it was to be."""
    WAITING_ON = "waiting_on"
    """Something it refers to is not at the SIS yet; nothing was written."""
    REFUSED = "refused"
    """The SIS will not take it, whatever we repeat."""
    UNKNOWN = "unknown"
    """It was sent, and whether it arrived is not known."""


@dataclass(frozen=True)
class PushResult:
    """The outcome of one change, with the SIS's own words where it gave any.

    In place of those ``words`` may be a code of ``app.text``, and after a space the parameters of
    its sentence as a JSON object.
    """

    outcome: Outcome
    key: str | None = None
    """The record's key at the SIS, where that is another than the change's: it was allotted, or it
    follows from what the record says."""
    row: Row | None = None
    words: str = ""


Push: TypeAlias = Generator[Request, Response, PushResult]


class Shelf(Protocol):
    """Keyed staging for records told by several resources or files, kept between runs.

    What is put becomes durable in the transaction of the page that is yielded next, and is
    visible to ``take`` at once.
    """

    def put(self, part: str, key: str, body: bytes) -> None:
        """Keep ``body`` under ``part`` and ``key``, in place of what was there."""
        ...

    def take(self, part: str, keys: Iterable[str]) -> dict[str, bytes]:
        """What is kept under those keys of ``part``; keys with nothing are left out."""
        ...

    def drop(self, part: str, keys: Iterable[str]) -> None:
        """Forget what is kept under those keys of ``part``."""
        ...

    def after(self, part: str, key: str, count: int) -> list[tuple[str, bytes]]:
        """The next ``count`` at most of ``part`` after ``key`` (``""`` for the first), by key."""
        ...


class Connector(Protocol):
    """One opened link to one SIS."""

    def check(self) -> Check:
        """Tries the settings; returns findings, the bad ones included (never raises for those)."""
        ...

    def capabilities(self) -> Mapping[str, Capability]:
        """What can be done, per entity, in the order in which the streams should be read."""
        ...

    def count(self, entity: str) -> Count:
        """How many rows a whole read will bring, asked in one small request; ``None`` if untold.

        It serves the time left and nothing else: no proof rests on it.
        """
        ...

    def pull(self, entity: str, since: State | None, shelf: Shelf) -> Pull:
        """Reads a stream: whole (``since`` None), on from a page's state, or changes only.

        The state of the last page starts the next pull of changes (SEMANTICS C3).
        """
        ...

    def fetch(self, entity: str, key: str, shelf: Shelf) -> Fetch:
        """Reads one record by its key; nothing that is put on the ``shelf`` is kept."""
        ...

    def push(self, change: Change, shelf: Shelf) -> Push:
        """Writes one change: reads, compares with the base, writes, reads back (F2, F4).

        What is sent is the document just read with the fields of ``patch`` and nothing else
        replaced. Before its first request that is not a GET nothing has changed at the SIS. Errors
        of the transport before that are raised; after it they are ``UNKNOWN``. What is put on the
        ``shelf`` of the stream becomes durable with the outcome: what was read back stands there,
        so that no pull tells again what was there before.
        """
        ...

    def confirm(self, change: Change, shelf: Shelf) -> Push:
        """Looks whether ``change``, of which nothing more is known, is at the SIS; never writes.

        A create whose key the SIS allots is looked for by what it belongs to, its title and its
        dates: ``DONE`` with its key where exactly one is found, ``MOVED`` where none is,
        ``UNKNOWN`` where several are (F3).
        """
        ...


# -- what only some connectors can do ---------------------------------------------------------


@runtime_checkable
class Prepared(Protocol):
    """A connector that may have to ask before it knows what it can do."""

    def prepare(self) -> Asking[None]:
        """Finds out what ``capabilities`` depend on; where that fails they remain a guess."""
        ...


@runtime_checkable
class Rolled(Protocol):
    """A connector that can tell who is in one class without reading the enrollments of all."""

    def roll(self, class_key: str, shelf: Shelf) -> Pull:
        """The enrollments of the class of that key, as pages that are never ``full``.

        Their scope is that of a whole pull. The last page is ``last``; where no page has
        ``doubts``, an enrollment that did not come is not on the roll. Tombstones and unreadable
        rows may be those of other classes, rows never. Nothing that is put on the ``shelf`` is
        kept, and no cursor begins at any page's state.
        Raises what ``pull`` raises, and ``ContractError`` where no roll is to be had.
        """
        ...


Search: TypeAlias = Generator[Request, Response, dict[str, Row | Unreadable | Gone]]


@runtime_checkable
class Searched(Protocol):
    """A connector that reads no row by its key, and can look for some among all that it reads."""

    def search(self, entity: str, keys: Collection[str], shelf: Shelf) -> Search:
        """What stands under those keys, for whoever wants to know; it ends nobody (SEMANTICS D1).

        Nothing that is put on the ``shelf`` is kept. Raises what ``pull`` raises, and
        ``ContractError`` where nothing is told of the entity.
        """
        ...


@runtime_checkable
class Joined(Protocol):
    """A connector that may make one record of several rows (SEMANTICS A5)."""

    def joins(self, entity: str) -> bool:
        """Whether rows of the entity may be one record."""
        ...

    def united(self, entity: str, rows: Sequence[Row]) -> Row:
        """The row that is told of a record whose rows, read by their keys, are ``rows``."""
        ...


@runtime_checkable
class Learning(Protocol):
    """A connector that is quicker where it remembers what it has found out about its service."""

    def learnt(self) -> State:
        """What is known of the service by now; it comes back as ``Io.learnt`` the next time."""
        ...


@runtime_checkable
class Admitted(Protocol):
    """A connector that its service lets in for a while, and anew only so often."""

    def admission(self) -> str:
        """What lets it in by now, as a secret text; blank: nothing does.

        It comes back as ``Io.admission``, to another process as well.
        """
        ...


@runtime_checkable
class Watched(Protocol):
    """A connector whose source costs next to nothing to look at, so that news need no schedule."""

    def stamp(self) -> Generator[Request, Response, str]:
        """A text that changes whenever there may be news; ``""`` where there is nothing to read."""
        ...


class Harm(enum.Enum):
    """What a problem in a file costs; the worst comes first."""

    SERIOUS = "serious"
    """A file was not read, or it does not prove that what is missing from it has ended."""
    LOST = "lost"
    """A row or a value was not taken."""
    NOTE = "note"
    """Nothing is lost by it."""


class Problem(NamedTuple):
    """Something in a file that is not as it should be, and what was done about it.

    ``rule`` and ``done`` are codes; ``app.text`` has their sentences. ``value`` may be personal: it
    is shown to whoever asks, and kept nowhere.
    """

    file: str
    line: int
    """From 1, the heading included; 0 where it is about the whole file."""
    column: str
    value: str
    rule: str
    done: str
    harm: Harm = Harm.NOTE


def by_rule(counts: Counter[tuple[Harm, str]]) -> dict[str, int]:
    """How often each rule is broken, the worst first, then the most frequent."""
    order = list(Harm)
    found: Counter[str] = Counter()
    for (_, rule), count in sorted(counts.most_common(), key=lambda one: order.index(one[0][0])):
        found[rule] += count
    return dict(found)


Examination: TypeAlias = Generator[Request | Problem, Response | None, None]


@runtime_checkable
class Examined(Protocol):
    """A connector that can tell every fault of what it reads, and where it stands."""

    def examine(self) -> Examination:
        """Reads everything there is and tells what is wrong with it; changes nothing."""
        ...


# -- kinds ------------------------------------------------------------------------------------


def N_(words: str) -> str:
    """Marks words that people read for translation (``app.text``, which kinds may not import)."""
    return words


@dataclass(frozen=True)
class Io:
    """What a connector is given instead of a world of its own."""

    clock: Callable[[], datetime]
    """Now, in UTC."""
    random: Random
    cancel: Event
    salt: bytes = b""
    """Sixteen bytes that salt row digests (SEMANTICS B8)."""
    page_size: int = 5000
    """How many rows a page should have where the SIS allows it."""
    learnt: State = field(default_factory=dict)
    """What a connector with the same settings had ``learnt`` before; never needed."""
    admission: str = field(default="", repr=False)
    """What a connector of that name was let in with before (``Admitted``), whatever its settings
    were; never needed."""


@dataclass(frozen=True)
class SecretName:
    """One secret a kind needs: its key in the vault, and its label on a form."""

    key: str
    label: str
    after: str = ""
    """The setting that it is entered after; the last of them where there is none."""


@dataclass(frozen=True)
class Setting:
    """The declaration of one setting, as ``Annotated[type, Setting(...)]`` on a settings struct."""

    label: str
    hint: str = ""
    choices: tuple[str, ...] = ()
    """The values it may have, as they are stored; any where there are none."""
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    """What people read for a choice that does not say by itself what it means."""
    hidden: bool = False
    """Set by programs, and shown on no form."""
    advanced: bool = False
    """Seldom needed: a form keeps it out of sight until it is asked for."""
    path: bool = False
    """A file or a folder of this computer, which a form lets a person look for."""
    longest: int = 2000
    """How many characters it may have."""

    def label_of(self, choice: str) -> str:
        """What people read for a choice."""
        return self.labels.get(choice, choice)


class Declared(NamedTuple):
    """One setting of a kind, as its settings struct declares it."""

    name: str
    about: Setting
    default: Any
    """What holds where it is not given; ``None`` where it has to be."""
    type: Any

    @property
    def blank(self) -> Any:
        """What a form begins with."""
        return "" if self.default is None else self.default


APART = "apart"
"""The setting of a kind that joins rows: the keys of those that are never joined (SEMANTICS A5),
with a space between them."""


class Chosen(NamedTuple):
    """A setting as a preset has it, and why."""

    value: Any
    reason: str


@dataclass(frozen=True)
class Preset:
    """What is known to suit the SIS of one vendor: settings to begin with, each with its reason."""

    name: str
    """The word used on the command line, such as ``powerschool``."""
    label: str
    settings: Mapping[str, Chosen] = field(default_factory=dict)
    habits: tuple[str, ...] = ()
    """What else an administrator should know of it, a sentence each."""


class Kind(Protocol):
    """What a connector speaks. Found by the entry-point group ``mindkindler.connectors``."""

    @property
    def name(self) -> str:
        """The word used on the command line, such as ``oneroster``."""
        ...

    @property
    def label(self) -> str:
        """The words a person reads, such as ``OneRoster (REST)``."""
        ...

    @property
    def settings(self) -> type[msgspec.Struct]:
        """The settings struct; forms and command-line options derive from it."""
        ...

    @property
    def secrets(self) -> tuple[SecretName, ...]:
        """The secrets it needs."""
        ...

    @property
    def presets(self) -> tuple[Preset, ...]:
        """Settings to begin with, by vendor; maybe none."""
        ...

    def mapping_version(self, settings: Any) -> str:
        """Changes whenever the same row would be normalised otherwise (SEMANTICS B8)."""
        ...

    def source(self, settings: Any) -> str:
        """What is read, as far as the settings tell, in a text that nobody has to understand.

        Changes whenever the same question might be answered from another roster or another part of
        it: what was read before is then no base to go on from, and everything is read.
        """
        ...

    def open(self, settings: Any, secrets: Mapping[str, str], io: Io) -> Connector:
        """A connector ready to work. Raises ``ConfigError`` for settings that cannot work."""
        ...


@runtime_checkable
class Admits(Protocol):
    """A kind whose connectors are ``Admitted``."""

    @property
    def admission_key(self) -> str:
        """Under which key the vault keeps what lets one in: none of its ``secrets``."""
        ...


class Word(NamedTuple):
    """A word of a SIS that a kind does not take as it is, but for what it means."""

    said: str
    """As the setting says it."""
    means: str
    """As a setting says it; blank where nobody has said what it means."""
    times: int
    """How often it was said, as far as that was counted."""
    own: bool
    """An administrator has said what it means."""
    name: str
    """The word alone,"""
    of: str
    """and what it is a word of, as people read them."""


@runtime_checkable
class Worded(Protocol):
    """A kind whose SIS may use words of their own, which an administrator explains in a setting."""

    @property
    def word_setting(self) -> str:
        """The name of that setting."""
        ...

    def words(self, settings: Any, learnt: State) -> list[Word]:
        """The words that were met or explained; ``learnt`` is what ``Learning`` told last."""
        ...

    def meanings(self, said: str) -> tuple[str, ...]:
        """What a word can mean; none where that is any text."""
        ...

    def explained(self, settings: Any, said: str, means: str) -> str:
        """The setting with a word explained so; blank takes back what was said of it.

        Raises ``ConfigError`` where the word cannot mean that.
        """
        ...


def declared(kind: Kind) -> list[Declared]:
    """The settings of a kind in their order: what a form or a table of them shows."""
    hints = get_type_hints(kind.settings, include_extras=True)
    found = []
    for one in msgspec.structs.fields(kind.settings):
        hint = hints[one.name]
        parts = getattr(hint, "__metadata__", ())
        about = next((part for part in parts if isinstance(part, Setting)), Setting(one.name))
        default = None if one.default is msgspec.NODEFAULT else one.default
        if not about.hidden:
            found.append(Declared(one.name, about, default, getattr(hint, "__origin__", hint)))
    return found


def require_choices(kind: Kind, settings: Any) -> None:
    """Raises ``ConfigError`` for a setting that is none of its choices."""
    for one in declared(kind):
        value, known = getattr(settings, one.name), one.about.choices
        if known and value not in known:
            told = ", ".join(known)
            raise ConfigError("setting_not_supported", setting=one.name, value=value, known=told)


def row_digest(raw: bytes | memoryview, salt: bytes) -> bytes:
    """The digest of a row as it was received: 16 bytes of salted BLAKE2b."""
    digest = _salted(salt).copy()
    digest.update(raw)
    return digest.digest()


@lru_cache(maxsize=64)
def _salted(salt: bytes) -> "hashlib.blake2b":
    # A copy of one that knows its salt costs less than a new one.
    return hashlib.blake2b(digest_size=16, salt=salt)


# -- exports ----------------------------------------------------------------------------------


class Told(NamedTuple):
    """One record as an export tells it: canonical values, references as keys."""

    key: str
    values: tuple[Plain, ...]
    """One a field of its entity, in order."""
    alive: bool = True
    at: str = ""
    """When it was last changed here; only where changes alone are exported."""
    before: Mapping[str, Plain] | None = None
    """What of it has changed since that sync, as it was then; ``None`` where it was not there."""


class Roster(Protocol):
    """What an export may tell, of one moment."""

    @property
    def changes(self) -> bool:
        """Whether there is only what has changed since some sync, ended records among it."""
        ...

    def records(self, entity: str) -> Iterator[Told]:
        """The records of an entity, by key; whoever has to stop raises ``Cancelled`` here."""
        ...


class Exporter(Protocol):
    """A form of files that the roster is exported in (entry-point group ``mindkindler.exports``).

    It makes a set of text files, and decides neither where they go nor whose keys are told.
    """

    @property
    def name(self) -> str:
        """The word used on the command line, such as ``oneroster-csv``."""
        ...

    @property
    def label(self) -> str:
        """The words a person reads, such as ``OneRoster CSV``."""
        ...

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions of the form; the usual one first."""
        ...

    @property
    def manifest(self) -> str:
        """The file of a set that says what is in it."""
        ...

    @property
    def filenames(self) -> frozenset[str]:
        """Every file that a set of any version may have: an older set is replaced by a newer."""
        ...

    def write(
        self,
        roster: Roster,
        version: str,
        entities: Container[str],
        create: Callable[[str], IO[str]],
    ) -> list[Doubt]:
        """Writes a set: ``create`` gives the file of a name, UTF-8, line ends as they are written.

        Only records of ``entities`` are told. Returns what could not be told as it is in the
        roster; ``app.text`` has the sentences.
        """
        ...
