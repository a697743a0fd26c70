"""Under which sourcedIds people are told, where those that are kept are not the ones."""

import zlib
from typing import Any

from .district import District
from .habits import Habits
from .wire import Record

_HABITS = ("user-per-school", "user-per-role", "reissued-students")


def lot(key: str, of: int) -> int:
    """A number below `of` that is always the same for a sourcedId."""
    return zlib.crc32(key.encode()) % of


class Identities:
    """Knows each person's sourcedIds as told. The first role stands under the one that is kept."""

    def __init__(self, district: District, habits: Habits) -> None:
        self._district = district
        self._habits = habits

    def are_kept(self) -> bool:
        """Whether everybody is told under the sourcedId that is kept."""
        return not any(name in self._habits for name in _HABITS)

    def told(self, name: str, record: Record) -> list[Record]:
        """What a record of this collection is told as: a user may be several."""
        if name == "users":
            parts = self._parts(record)
            renamed = {**record, "agents": self._renamed(record.get("agents", []))}
            if not renamed["agents"]:
                del renamed["agents"]
            if len(parts) == 1:
                return [{**renamed, "sourcedId": self._first(record["sourcedId"])}]
            return [
                {**renamed, **_at(part), "sourcedId": self._key(record["sourcedId"], place, part)}
                for place, part in enumerate(parts.values())
            ]
        renamed = {said: self._renamed(value) for said, value in record.items()}
        if name == "demographics":
            renamed["sourcedId"] = self._first(record["sourcedId"])
        if name == "enrollments":
            renamed["user"] = self._seat(record)
        return [renamed]

    def _parts(self, user: Record) -> dict[str, list[Record]]:
        """The roles of a user by what there is a user of its own for."""
        parts: dict[str, list[Record]] = {}
        for role in user["roles"]:
            if "user-per-school" in self._habits:
                part = role["org"]["sourcedId"]
            else:
                part = role["role"] if "user-per-role" in self._habits else ""
            parts.setdefault(part, []).append(role)
        return parts

    def _key(self, key: str, place: int, part: list[Record]) -> str:
        if place == 0:
            return self._first(key)
        return f"{key}-{part[0]['role']}-{part[0]['org']['sourcedId'][:8]}"

    def _first(self, key: str) -> str:
        again = "reissued-students" in self._habits and lot(key, 40) == 0
        if again and self._district.users_by_role().has("student", key):
            return f"{key}-2"
        return key

    def _seat(self, enrollment: Record) -> Record:
        """The user of an enrollment who is at its school in its role."""
        reference: Record = enrollment["user"]
        user = self._district.record("users", reference["sourcedId"])
        if user is None:
            return reference
        sought = (enrollment["role"], enrollment["school"]["sourcedId"])
        for place, part in enumerate(self._parts(user).values()):
            if sought in {(role["role"], role["org"]["sourcedId"]) for role in part}:
                return _renamed(reference, self._key(user["sourcedId"], place, part))
        return _renamed(reference, self._first(user["sourcedId"]))

    def _renamed(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._renamed(each) for each in value]
        if isinstance(value, dict) and value.get("type") == "user" and "href" in value:
            return _renamed(value, self._first(value["sourcedId"]))
        return value


def _renamed(reference: Record, key: str) -> Record:
    old = reference["sourcedId"]
    return {**reference, "sourcedId": key, "href": f"{reference['href'].removesuffix(old)}{key}"}


def _at(part: list[Record]) -> Record:
    """What one of a person's users is: the first of its roles is its primary one."""
    first, *others = part
    roles = [
        {**first, "roleType": "primary"},
        *({**role, "roleType": "secondary"} for role in others),
    ]
    return {"roles": roles, "primaryOrg": first["org"]}
