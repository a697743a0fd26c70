"""The lasting habits of real services that this SIS can be told to have: one catalogue of them.

A fault passes and ends in trouble; a habit is how a service always is, and a client has to live
with it. Whoever answers a request asks here whether a habit is on, at the place where it belongs:
`addresses` for where services stand, `access` for tokens, `telling`, `identities` and `wording` for
records, `pages` for lists, `grading` for writes, `answers` for refusals. Some habits are a fault
that stays. No habit changes a record that is kept, and none outlives the process.
"""

from dataclasses import dataclass
from typing import Any

from .faults import Faults, parsed


@dataclass(frozen=True, slots=True)
class Habit:
    """A lasting peculiarity. `does` ends the sentence "This SIS …".

    Two habits of one `aspect` contradict each other. `fault` is the fault that it consists of.
    """

    name: str
    does: str
    aspect: str = ""
    fault: str = ""


def _catalogue(*habits: Habit) -> dict[str, Habit]:
    return {habit.name: habit for habit in habits}


CATALOGUE = _catalogue(
    # Where and in which version.
    Habit("only-1.1", "speaks OneRoster 1.1 alone", "address"),
    Habit("only-1.2", "speaks OneRoster 1.2 alone", "address"),
    Habit("mislabelled", "tells its records as 1.2 has them, at the address of 1.1", "address"),
    Habit(
        "vendor-path",
        "stands at addresses of its own, such as /api/ims/oneroster/rostering/v1p1",
        "address",
    ),
    # Who may ask.
    Habit("basic-only", "takes the client's credentials in the Basic header alone", "credentials"),
    Habit("body-only", "takes the client's credentials in the body alone", "credentials"),
    Habit("signed-only", "gives no tokens: each request is signed by OAuth 1", "credentials"),
    Habit("cookie-needed", "knows a token only together with the cookie that came with it"),
    Habit("grants-less", "grants reading alone and no demographics, whatever is asked for"),
    Habit(
        "short-tokens",
        "ends tokens after two seconds, whatever it states",
        fault="short-lived-tokens=2.0",
    ),
    Habit("scopes-untold", "does not say which scopes it granted"),
    Habit("vague-refusals", "calls a write without its scope a record that cannot be saved"),
    # How values are written.
    Habit("grades-in-words", "writes grades as Sixth grade, 6, UG, or several in one text"),
    Habit("native-booleans", "writes true and false without quotes"),
    Habit("drifting-case", "begins words of vocabularies with a capital: Scheduled, Male"),
    Habit("says-inactive", "calls records that ended inactive"),
    Habit("extended-values", "uses words of its own, such as ext:paraprofessional"),
    Habit("nulls", "writes null where it has no value", "missing"),
    Habit("empty-texts", "writes an empty text where it has no value", "missing"),
    Habit("dates-for-moments", "writes dates as moments, and moments as dates", "moments"),
    Habit("doubled-zone", "writes the zone of moments twice: +00:00Z", "moments"),
    Habit("no-zone", "writes moments without a zone", "moments"),
    Habit("relative-hrefs", "refers by addresses without a host", "hrefs"),
    Habit("tilde-hrefs", "refers by addresses that begin with ~/", "hrefs"),
    Habit("local-hrefs", "refers by addresses at localhost", "hrefs"),
    # Which records there are.
    Habit("hidden-district", "refers to a district that nobody may see"),
    Habit("hidden-terms", "refers to terms and semesters that nobody may see"),
    Habit("user-per-school", "has a user for each school that a person is at", "people"),
    Habit("user-per-role", "has a user for each role that a person has", "people"),
    Habit("reissued-students", "has given every fortieth student another sourcedId"),
    Habit("empty-usernames", "has the same empty username for all students and families"),
    Habit("shared-emails", "has one email for all children of a family"),
    Habit("named-resources", "names in classes, courses and users the resources they use"),
    Habit("purges-early", "clears tombstones away at once"),
    Habit("frozen-dates", "leaves dateLastModified alone when a record changes", "dates"),
    Habit("fast-clock", "is two minutes ahead of the time", "dates"),
    # How lists are answered.
    Habit("x-count", "states the total as x-count, and no links"),
    Habit("excludes-the-bound", "leaves out what is just at the bound of a filter with >="),
    Habit("five-at-once", "refuses more than five requests at a time, taking its time for each"),
    Habit("clamps", "sends 500 records a page at most", fault="clamped-limit=500"),
    Habit("no-totals", "states neither a total nor links", fault="missing-headers"),
    Habit("no-filters", "fails when it is asked to filter", fault="filter-refused=500"),
    Habit("no-sorting", "refuses to sort", "order", fault="sort-refused=400"),
    Habit("sorts-by-change", "sorts by the date of change alone", "order", fault="sort-ignored"),
    Habit(
        "loses-while-paging",
        "sorts anew for every page, so that paging loses records",
        "order",
        fault="unstable-order",
    ),
    # How it refuses.
    Habit("flat-errors", "writes errors as a statusInfoSet, as 1.1 services do", "errors"),
    Habit("worded-errors", "writes errors as one sentence in JSON", "errors"),
    Habit("page-errors", "writes errors as pages for people", "errors"),
    # How it is written to.
    Habit("puts-answer-200", "answers 200 to each PUT", "puts"),
    Habit("puts-new-404", "answers 404 to a PUT of a record that it does not have", "puts"),
    Habit("deletes-answer-200", "answers 200 to each DELETE", "deletes"),
    Habit("no-deletes", "deletes nothing", "deletes"),
    Habit("no-fully-graded", "refuses results that are fully graded"),
    Habit("no-category-writes", "lets nobody create or change categories"),
    Habit("not-by-class", "does not list the gradebook by class"),
)


def profile(name: object) -> Habit:
    """The habit of this name. Raises ValueError with a sentence."""
    habit = CATALOGUE.get(name) if isinstance(name, str) else None
    if habit is None:
        raise ValueError(f"There is no profile '{name}'; there are {', '.join(CATALOGUE)}.")
    return habit


class Habits:
    """Which habits are on; `version` is another one after each change."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._on: dict[str, Habit] = {}
        self.version = 0

    def __contains__(self, name: str) -> bool:
        return name in self._on

    def switch_on(self, habit: Habit) -> None:
        """From now on. Raises ValueError, as a sentence, when it contradicts one that is on."""
        for other in self._on.values():
            if habit.aspect and other.aspect == habit.aspect and other != habit:
                raise ValueError(f"'{habit.name}' contradicts '{other.name}', which is on.")
        self._on[habit.name] = habit
        if habit.fault:
            self._faults.keep(parsed(habit.fault))
        self.version += 1

    def switch_off(self, name: str) -> None:
        """No more; nothing happens where it is off already."""
        habit = self._on.pop(name, None)
        if habit is not None and habit.fault:
            self._faults.drop(parsed(habit.fault).name)
        self.version += 1

    def switch_all_off(self) -> None:
        """A SIS as the standard has it."""
        for name in list(self._on):
            self.switch_off(name)

    def told(self) -> list[dict[str, Any]]:
        """The catalogue, and whether each habit is on."""
        return [
            {"name": name, "does": habit.does, "on": name in self}
            for name, habit in CATALOGUE.items()
        ]
