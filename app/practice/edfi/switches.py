"""How this ODS can be told to be: its faults, which pass, and its habits, which last.

Whoever answers a request asks here, at the place where it belongs, whether something is on. All is
in memory: it is gone with the process, and the values of documents are what they were.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..faults import Number
from .vocabulary import RESOURCES

TOKEN = "token"  # noqa: S105  a word, no token
"""Where tokens are given: named in the place of a resource."""


@dataclass(frozen=True, slots=True)
class Switch:
    """One way to be. `does` ends the sentence "This ODS …".

    A `passing` one can be told how often it happens, and of which resource. Two of one `aspect`
    contradict each other.
    """

    name: str
    does: str
    passing: bool = False
    number: Number | None = None
    aspect: str = ""


def _catalogue(*switches: Switch) -> dict[str, Switch]:
    return {switch.name: switch for switch in switches}


def _fault(name: str, does: str, number: Number | None = None) -> Switch:
    return Switch(name, does, True, number)


_PATIENCE = Number("seconds to wait", 1, 0, 3600)

CATALOGUE = _catalogue(
    # Which one it is.
    Switch(
        "api-5.3",
        "is an ODS/API 5.3 with the Data Standard 3.3, whose gradebook can only be read",
        aspect="version",
    ),
    Switch("api-6.2", "is an ODS/API 6.2 with the Data Standard 4.0", aspect="version"),
    Switch("api-7.1", "is an ODS/API 7.1, before problem details", aspect="version"),
    # Where it stands.
    Switch("double-slashes", "tells addresses with slashes too many"),
    Switch("year-path", "has a school year in the address of its data"),
    Switch("untold-urls", "does not say where change queries and token_info are"),
    Switch("no-token-info", "has no token_info"),
    Switch("no-change-queries", "knows of no change versions, deletes and key changes"),
    Switch("no-cursor", "refuses page tokens"),
    Switch("snapshots", "has a snapshot, frozen when this is switched on"),
    # Who may ask.
    Switch("basic-only", "takes credentials in the Basic header alone", aspect="credentials"),
    Switch("body-only", "takes credentials in the body alone", aspect="credentials"),
    Switch("absolute-expiry", "says when a token ends, not how long it lives", aspect="expiry"),
    Switch("text-expiry", "writes how long a token lives as a text", aspect="expiry"),
    Switch("ended-hides", "hides students whose association with a school has ended"),
    # How it answers.
    Switch("sentence-errors", "writes errors as one message, as before 7.2", aspect="errors"),
    Switch("page-errors", "writes errors as pages for people", aspect="errors"),
    Switch("mixed-case", "begins the names of ids, change versions and key values with a capital"),
    Switch("extra-fields", "tells fields that no standard knows, and extensions"),
    Switch("empty-lists", "tells lists that have nothing in them"),
    Switch("no-links", "leaves links out of references"),
    Switch("empty-pages", "sends an empty page with a token before each full one"),
    Switch("recreated-told", "tells the deletes of what was created again"),
    Switch("locks-under-load", "fails a write while another one is under way"),
    # What goes wrong.
    _fault("rate-limited", "says that it is asked too often, and how long to wait", _PATIENCE),
    _fault("unavailable", "is not available, and says how long to wait", _PATIENCE),
    _fault(
        "server-error",
        "fails, and answers with an error of its own",
        Number("HTTP status", 500, 500, 599),
    ),
    _fault("lock-error", "fails a write because its database chose another one"),
    _fault("slow", "takes its time for each answer", Number("seconds", 2.0, 0, 600)),
    _fault("broken-off", "drops the connection in the middle of an answer"),
    _fault("lost-answer", "keeps what is written to it, but its answer is lost"),
    _fault("truncated-answer", "sends the first half of an answer as if it were the whole"),
    _fault("login-page", "sends a page to log in at, as if all were well"),
    _fault("forbidden", "does not permit what is asked for any more"),
    _fault("tokens-forgotten", "knows none of the tokens that it gave"),
    _fault(
        "short-lived-tokens",
        "ends tokens long before the time that it states",
        Number("seconds that a token lives", 1.0, 0.1, 3600),
    ),
    _fault(
        "unreadable-row",
        "writes the first documents of a page so that they are no JSON",
        Number("documents", 1, 1, 500),
    ),
    _fault(
        "keyless-row",
        "leaves the natural key out of the first documents of a page",
        Number("documents", 1, 1, 500),
    ),
    _fault("no-total", "does not state how many there are"),
    _fault(
        "wrong-total",
        "states more documents than it has",
        Number("documents too many", 5, 1, 100_000),
    ),
    _fault(
        "clamped-limit",
        "sends smaller pages than it is asked for",
        Number("documents a page at most", 100, 1, 500),
    ),
    _fault(
        "withheld-rows",
        "leaves out a part of the documents without a word, and counts only the rest",
        Number("percent left out", 50, 1, 100),
    ),
    _fault("no-rows", "answers as if it had none of the documents, also by their ids"),
    _fault("no-resource", "does not know the resource any more"),
    _fault("drifting-rows", "moves the first document to the end with each page after the first"),
    _fault("edited-while-paged", "changes the first document asked for after each page of a list"),
    _fault(
        "snapshot-gone",
        "loses its snapshot after some requests to it",
        Number("requests that it is good for", 3, 0, 100_000),
    ),
)


@dataclass(slots=True)
class _On:
    value: float | None
    resource: str
    left: int | None
    steps: Counter[str] = field(default_factory=Counter)


class Switches:
    """Which switches are on. `version` is another one after each change."""

    def __init__(self) -> None:
        self._on: dict[str, _On] = {}
        self.version = 0
        self.on_change: Callable[[str], None] = lambda name: None
        """Called with the name of what was switched on or off."""

    def __contains__(self, name: object) -> bool:
        return name in self._on

    def switch_on(
        self, name: object, value: object = None, resource: object = None, times: object = None
    ) -> None:
        """From now on, for `times` requests or all, of one resource or all.

        Raises ValueError with a sentence.
        """
        wanted = CATALOGUE.get(name) if isinstance(name, str) else None
        if wanted is None:
            raise ValueError(f"There is no switch '{name}'; there are {', '.join(CATALOGUE)}.")
        if not wanted.passing and (resource is not None or times is not None):
            raise ValueError(f"'{name}' lasts, and is of all resources.")
        if resource is not None and resource != TOKEN and resource not in RESOURCES:
            raise ValueError(f"There is no resource '{resource}'.")
        if times is not None and not _is_number(times, 1, 1, float("inf")):
            raise ValueError(f"How often '{name}' happens must be a whole number, 1 or more.")
        for other in self._on:
            if wanted.aspect and other != name and CATALOGUE[other].aspect == wanted.aspect:
                raise ValueError(f"'{name}' contradicts '{other}', which is on.")
        assert times is None or isinstance(times, int)
        told = str(resource) if resource is not None else ""
        self._on[wanted.name] = _On(_value(wanted, value), told, times)
        self._changed(wanted.name)

    def switch_off(self, name: str) -> None:
        """No more; nothing happens where it is off already."""
        if self._on.pop(name, None) is not None:
            self._changed(name)

    def switch_all_off(self) -> None:
        """An ODS as it should be."""
        for name in list(self._on):
            self.switch_off(name)

    def take(self, name: str, resource: str = "") -> float | None:
        """The number of a fault that happens now (1 where it has none); None where it does not."""
        on = self._on.get(name)
        if on is None or on.left == 0 or on.resource not in ("", resource):
            return None
        if on.left is not None:
            on.left -= 1
            if on.left == 0:
                self.switch_off(name)
        return 1 if on.value is None else on.value

    def peek(self, name: str) -> float | None:
        """The number that a fault was switched on with; None where it is off."""
        on = self._on.get(name)
        return None if on is None else on.value

    def step(self, name: str, what: str) -> int:
        """Counts one more of something since a fault was switched on; 0 where it is off."""
        on = self._on.get(name)
        if on is None:
            return 0
        on.steps[what] += 1
        return on.steps[what]

    def steps(self, name: str, what: str) -> int:
        """What `step` said last; 0 where it is off."""
        on = self._on.get(name)
        return 0 if on is None else on.steps[what]

    def told(self) -> list[dict[str, Any]]:
        """The catalogue, each with how it is on, or None."""
        return [_told(switch, self._on.get(name)) for name, switch in CATALOGUE.items()]

    def _changed(self, name: str) -> None:
        self.version += 1
        self.on_change(name)


def _told(switch: Switch, on: _On | None) -> dict[str, Any]:
    number, how = switch.number, None
    if on is not None:
        how = {"value": on.value, "resource": on.resource or None, "left": on.left}
    return {
        "name": switch.name,
        "does": switch.does,
        "passing": switch.passing,
        "number": None if number is None else {"means": number.means, "usual": number.usual},
        "on": how,
    }


def _is_number(value: object, like: float, least: float, most: float) -> bool:
    kinds = (int,) if isinstance(like, int) else (int, float)
    return isinstance(value, kinds) and not isinstance(value, bool) and least <= value <= most


def _value(switch: Switch, value: object) -> float | None:
    number = switch.number
    if number is None:
        if value is not None:
            raise ValueError(f"'{switch.name}' takes no number.")
        return None
    if value is None:
        return number.usual
    if not _is_number(value, number.usual, number.least, number.most):
        whole = "whole " if isinstance(number.usual, int) else ""
        raise ValueError(
            f"'{switch.name}' takes a {whole}number from {number.least:,} to {number.most:,}: "
            f"{number.means}."
        )
    assert isinstance(value, int | float)
    return value
