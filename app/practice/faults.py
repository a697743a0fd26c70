"""The faults that this SIS can be told to have: one catalogue of them, and which are on.

The catalogue is told by the command line and the practice calls, and through these by the window;
nobody else keeps a list. Whoever answers a request asks here, at the place where its fault belongs,
whether to go wrong now: `doorway` for whole answers, `access` for tokens, `spoiling` for lists.
Faults live in memory: they are gone with the process, and the records are what they were.
"""

import enum
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from .vocabulary import GRADEBOOK_KINDS, KINDS

TOKEN = "token"  # noqa: S105  a word, no token
"""Where tokens are given: named in the place of a collection."""

_ASKED = re.compile(
    r"(?P<name>[^=@:]+)(?:=(?P<value>[^@:]*))?(?:@(?P<where>[^:]*))?(?::(?P<times>.*))?"
)


class Place(enum.Enum):
    """What goes wrong."""

    ANSWERS = enum.auto()
    WRITES = enum.auto()
    TOKENS = enum.auto()
    LISTS = enum.auto()


_NAMED = {
    Place.ANSWERS: (*KINDS, TOKEN),
    Place.WRITES: tuple(GRADEBOOK_KINDS),
    Place.TOKENS: (),
    Place.LISTS: tuple(KINDS),
}
"""Of what alone a fault can be."""


@dataclass(frozen=True, slots=True)
class Number:
    """What a fault can be told in numbers; a `usual` with a fraction allows fractions."""

    means: str
    usual: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Fault:
    """A way in which real services misbehave. `does` ends the sentence "This SIS …"."""

    name: str
    place: Place
    does: str
    number: Number | None = None


def _catalogue(*faults: Fault) -> dict[str, Fault]:
    return {fault.name: fault for fault in faults}


_STATUS = Number("HTTP status", 400, 400, 599)

CATALOGUE = _catalogue(
    Fault(
        "rate-limited",
        Place.ANSWERS,
        "says that it is asked too often, and how long to wait",
        Number("seconds to wait", 1, 0, 3600),
    ),
    Fault(
        "rate-limited-silently",
        Place.ANSWERS,
        "says that it is asked too often, but not how long to wait",
    ),
    Fault(
        "server-error",
        Place.ANSWERS,
        "fails, and answers with an error of its own",
        Number("HTTP status", 500, 500, 599),
    ),
    Fault("slow", Place.ANSWERS, "takes its time for each answer", Number("seconds", 2.0, 0, 600)),
    Fault("broken-off", Place.ANSWERS, "drops the connection in the middle of an answer"),
    Fault(
        "truncated-answer",
        Place.ANSWERS,
        "sends the first half of an answer as if it were the whole",
    ),
    Fault("lost-answer", Place.WRITES, "keeps what is written to it, but its answer is lost"),
    Fault("login-page", Place.ANSWERS, "sends a page to log in at, as if all were well"),
    Fault("no-content", Place.ANSWERS, "answers that all is well, with nothing in the answer"),
    Fault("forbidden", Place.ANSWERS, "does not permit what is asked for any more"),
    Fault(
        "short-lived-tokens",
        Place.TOKENS,
        "ends tokens long before the time that it states",
        Number("seconds that a token lives", 1.0, 0.1, 3600),
    ),
    Fault(
        "revoked-tokens",
        Place.TOKENS,
        "takes a token back after some requests",
        Number("requests that a token is good for", 3, 0, 100_000),
    ),
    Fault("client-refused", Place.TOKENS, "does not know the client and its secret any more"),
    Fault("no-list", Place.LISTS, "leaves the list out of the answer that should hold it"),
    Fault(
        "withheld-rows",
        Place.LISTS,
        "leaves out a part of the records without a word, and counts only the rest",
        Number("percent left out", 50, 1, 100),
    ),
    Fault(
        "odd-row",
        Place.LISTS,
        "sends the first records with every value of a wrong type",
        Number("records", 1, 1, 100_000),
    ),
    Fault(
        "unreadable-row",
        Place.LISTS,
        "writes the first records so that they are no JSON",
        Number("records", 1, 1, 100_000),
    ),
    Fault(
        "keyless-row",
        Place.LISTS,
        "sends the first records without their sourcedIds",
        Number("records", 1, 1, 100_000),
    ),
    Fault("repeated-row", Place.LISTS, "sends one record twice, and counts it twice"),
    Fault(
        "drifting-rows",
        Place.LISTS,
        "loses the first record at each page after the first, so all others move up",
        Number("records lost at most", 1, 1, 100_000),
    ),
    Fault(
        "balanced-drift",
        Place.LISTS,
        "loses the first record at each page after the first, and gains one at the end",
        Number("records lost at most", 1, 1, 100_000),
    ),
    Fault("missing-headers", Place.LISTS, "states neither a total nor where the next page is"),
    Fault(
        "wrong-total",
        Place.LISTS,
        "states more records than it has",
        Number("records too many", 5, 1, 100_000),
    ),
    Fault("changing-total", Place.LISTS, "states another total with each page"),
    Fault("changing-revision", Place.LISTS, "says with each page that the list has changed"),
    Fault(
        "clamped-limit",
        Place.LISTS,
        "sends smaller pages than it is asked for",
        Number("records a page at most", 100, 1, 100_000),
    ),
    Fault("offset-ignored", Place.LISTS, "sends the first page whichever is asked for"),
    Fault("sort-refused", Place.LISTS, "refuses to sort", _STATUS),
    Fault("sort-ignored", Place.LISTS, "sorts by the date of change, whatever is asked for"),
    Fault("unstable-order", Place.LISTS, "puts the records into another order for every page"),
    Fault("filter-refused", Place.LISTS, "refuses to filter", _STATUS),
    Fault("filter-ignored", Place.LISTS, "sends everything when it is asked for changes only"),
)


@dataclass(frozen=True, slots=True)
class Setting:
    """A fault as it is switched on: for one collection or all (""), for some requests or all."""

    name: str
    value: float
    collection: str = ""
    times: int | None = None


def setting(
    name: object, value: object = None, collection: object = None, times: object = None
) -> Setting:
    """The setting of these parts, None being the usual. Raises ValueError with a sentence."""
    fault = CATALOGUE.get(name) if isinstance(name, str) else None
    if fault is None:
        raise ValueError(f"There is no fault '{name}'; there are {', '.join(CATALOGUE)}.")
    named = _NAMED[fault.place]
    if collection is None:
        collection = ""
    elif not named:
        raise ValueError(f"'{name}' is a fault of all tokens, not of one collection.")
    elif not isinstance(collection, str) or collection not in named:
        raise ValueError(f"'{name}' can be a fault of {', '.join(named)}, not of '{collection}'.")
    if times is not None and not _is_number(times, 1, 1):
        raise ValueError(f"How often '{name}' happens must be a whole number, 1 or more.")
    assert times is None or isinstance(times, int)
    return Setting(fault.name, _value(fault, value), collection, times)


def parsed(text: str) -> Setting:
    """The setting that NAME[=VALUE][@COLLECTION][:TIMES] says, such as server-error=503@users:2.

    Raises ValueError with a sentence.
    """
    said = _ASKED.fullmatch(text)
    if said is None:
        raise ValueError(f"'{text}' is not NAME[=VALUE][@COLLECTION][:TIMES].")
    value, times = _number(said["value"]), _number(said["times"])
    return setting(said["name"], value, said["where"], times)


def _number(text: str | None) -> object:
    """The number that a text says; the text itself where it says none."""
    try:
        return text if text is None else float(text) if "." in text else int(text)
    except ValueError:
        return text


def _is_number(value: object, like: float, least: float, most: float = float("inf")) -> bool:
    kinds = (int,) if isinstance(like, int) else (int, float)
    return isinstance(value, kinds) and not isinstance(value, bool) and least <= value <= most


def _value(fault: Fault, value: object) -> float:
    number = fault.number
    if number is None:
        if value is not None:
            raise ValueError(f"'{fault.name}' takes no number.")
        return 1
    if value is None:
        return number.usual
    if not _is_number(value, number.usual, number.least, number.most):
        whole = "whole " if isinstance(number.usual, int) else ""
        raise ValueError(
            f"'{fault.name}' takes a {whole}number from {number.least:,} to {number.most:,}: "
            f"{number.means}."
        )
    assert isinstance(value, int | float)
    return value


@dataclass(slots=True)
class _On:
    setting: Setting
    left: int | None
    steps: Counter[str] = field(default_factory=Counter)


class Faults:
    """Which faults are on, and how often they still happen."""

    def __init__(self) -> None:
        self._on: dict[str, _On] = {}
        self._kept: dict[str, _On] = {}

    def switch_on(self, wanted: Setting) -> None:
        """From now on, in the place of an earlier setting of this fault."""
        self._on[wanted.name] = _On(wanted, wanted.times)

    def switch_off(self, name: str) -> None:
        """No more; nothing happens where it is off already."""
        self._on.pop(name, None)

    def switch_all_off(self) -> None:
        """A SIS that does everything right, but for its habits."""
        self._on.clear()

    def keep(self, wanted: Setting) -> None:
        """A habit: on until it is dropped, whatever is switched, where it is not on otherwise."""
        self._kept[wanted.name] = _On(wanted, None)

    def drop(self, name: str) -> None:
        """A habit no more."""
        self._kept.pop(name, None)

    def _held(self, name: str) -> _On | None:
        on = self._on.get(name)
        return self._kept.get(name) if on is None or on.left == 0 else on

    def value(self, name: str, where: str = "") -> float | None:
        """The number of a fault that is on for this collection, 1 where it has none; or None."""
        on = self._held(name)
        if on is None:
            return None
        chosen = on.setting.collection
        # No token is given wrongly unless that is asked for: nothing else would go wrong then.
        return on.setting.value if chosen == where or (not chosen and where != TOKEN) else None

    def take(self, name: str, where: str = "") -> float | None:
        """As `value`, and this is one of the times that the fault happens."""
        value, on = self.value(name, where), self._held(name)
        if value is not None and on is not None and on.left is not None:
            on.left -= 1
        return value

    def step(self, name: str, what: str) -> int:
        """Counts one more of something that a fault that is on counts, since it was switched on."""
        steps = self._steps(name)
        steps[what] += 1
        return steps[what]

    def steps(self, name: str, what: str) -> int:
        """What `step` said last."""
        return self._steps(name)[what]

    def _steps(self, name: str) -> Counter[str]:
        on = self._on.get(name) or self._kept[name]
        return on.steps

    def told(self) -> list[dict[str, Any]]:
        """The catalogue, each fault with how it is on, or None."""
        return [_told(fault, self._on.get(fault.name)) for fault in CATALOGUE.values()]


def _told(fault: Fault, on: _On | None) -> dict[str, Any]:
    number, how = fault.number, None
    if on is not None and on.left != 0:
        how = {
            "value": None if number is None else on.setting.value,
            "collection": on.setting.collection or None,
            "left": on.left,
        }
    return {
        "name": fault.name,
        "does": fault.does,
        "number": None if number is None else {"means": number.means, "usual": number.usual},
        "on": how,
    }
