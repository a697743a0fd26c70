"""How one record is told, from what is kept to what is sent."""

from datetime import timedelta

from .dialects import Dialect
from .habits import Habits
from .identities import Identities, lot
from .sis import Sis
from .vocabulary import ROSTERING_KINDS
from .wire import Record, decode, encode, midnight, moment_of, moment_text, reference
from .wording import HABITS, referred, understood, worded

Told = list[tuple[str, int, bytes]]
"""What is told of one record: sourcedId, moment and bytes, as a `Collection` takes them."""

_HABITS = (
    "hidden-district",
    "hidden-terms",
    "empty-usernames",
    "shared-emails",
    "named-resources",
    "purges-early",
    "frozen-dates",
    "fast-clock",
)
_AHEAD = 120_000
_FROZEN_DAYS = 240


class Teller:
    """Tells the records of one SIS in a dialect, with the habits that are on."""

    def __init__(self, sis: Sis, dialect: Dialect, habits: Habits) -> None:
        self._sis = sis
        self._dialect = dialect
        self._habits = habits
        self._identities = Identities(sis.district, habits)

    @property
    def is_plain(self) -> bool:
        """Whether every record is told as it is kept."""
        if self._dialect.shaped is not None or not self._identities.are_kept():
            return False
        return not any(name in self._habits for name in (*_HABITS, *HABITS))

    def epoch(self, name: str) -> object:
        """Another one when records of this name are told differently though they are the same."""
        # What is told of other records may follow from who the users are.
        users = self._sis.district.collections["users"].version
        return self._habits.version, None if self._identities.are_kept() else users

    def tell(self, name: str, row: bytes) -> Told:
        """What is told of a record; nothing of one that nobody may see."""
        record = decode(row)
        if self._hides(name, record):
            return []
        record = self._altered(name, record)
        moment = moment_of(record["dateLastModified"])
        several = [record] if self._identities.are_kept() else self._identities.told(name, record)
        return [(each["sourcedId"], moment, self._written(name, each)) for each in several]

    def understood(self, record: Record) -> Record:
        """What was submitted, as the standard has it where this SIS has words of its own."""
        return understood(record) if any(name in self._habits for name in HABITS) else record

    def _written(self, name: str, record: Record) -> bytes:
        if self._dialect.shaped is not None:
            record = self._dialect.shaped(name, record)
        record = worded(record, self._dialect.kinds[name], self._habits)
        return referred(encode(record), self._habits)

    def _hides(self, name: str, record: Record) -> bool:
        habits = self._habits
        if "purges-early" in habits and record["status"] != "active":
            return True
        if name == "orgs":
            return "hidden-district" in habits and record["type"] == "district"
        if name == "academicSessions":
            return "hidden-terms" in habits and record["type"] in ("term", "semester")
        return False

    def _altered(self, name: str, record: Record) -> Record:
        habits, altered = self._habits, dict(record)
        if "frozen-dates" in habits and name in ROSTERING_KINDS:
            day = self._sis.origin.today - timedelta(
                days=2 + lot(record["sourcedId"], _FROZEN_DAYS)
            )
            altered["dateLastModified"] = moment_text(midnight(day))
        if "fast-clock" in habits:
            told = moment_of(record["dateLastModified"]) + _AHEAD
            altered["dateLastModified"] = moment_text(told)
        if "named-resources" in habits and (used := self._resources(name, record["sourcedId"])):
            altered["resources"] = [reference("resource", key) for key in used]
        if name == "users":
            roles = {each["role"] for each in record["roles"]}
            if "empty-usernames" in habits and roles <= _FAMILIES:
                altered["username"] = ""
            if "shared-emails" in habits and "student" in roles and record.get("agents"):
                family = record["agents"][0]["sourcedId"][:8]
                altered["email"] = f"family-{family}@mail.example"
        return altered

    def _resources(self, name: str, key: str) -> list[str]:
        whose = self._sis.resources
        match name:
            case "classes":
                return whose.of_class(key)
            case "courses":
                return whose.of_course(key)
            case "users":
                return whose.of_user(key)
        return []


_FAMILIES = {"student", "parent", "guardian"}
