"""Who decides where both sides changed: the most specific row of the table (SEMANTICS B5). Pure."""

import enum
from collections.abc import Collection, Iterable
from typing import NamedTuple


class Decides(enum.StrEnum):
    """What a row of the table may say."""

    ASK = "ask"
    SIS = "sis"
    OURS = "ours"
    NEWEST = "newest"


NEWEST_APART = 300.0
"""Seconds that two changes must be apart for the newer one to be told (SEMANTICS B5)."""


class Policy(NamedTuple):
    """One row: ``school`` 0 is any school, ``part`` blank is any field group."""

    entity: str
    school: int
    part: str
    decides: Decides


class Policies:
    """The rows of one connector."""

    def __init__(self, rows: Iterable[Policy] = ()) -> None:
        self._rows: dict[str, list[Policy]] = {}
        for row in rows:
            self._rows.setdefault(row.entity, []).append(row)

    def __bool__(self) -> bool:
        return bool(self._rows)

    def speak_of(self, entity: str) -> bool:
        """True when some row is about the entity."""
        return entity in self._rows

    def decides(self, entity: str, schools: Collection[int], part: str) -> Decides:
        """Who decides about ``part`` of a record that counts in ``schools``.

        The most specific row wins: one that names school and part, then one that names either, then
        the one that names neither. Rows as specific as each other that disagree mean *ask*.
        """
        fitting = [
            row
            for row in self._rows.get(entity, ())
            if row.school in (0, *schools) and row.part in ("", part)
        ]
        if not fitting:
            return Decides.ASK
        best = max(map(_weight, fitting))
        found = {row.decides for row in fitting if _weight(row) == best}
        return found.pop() if len(found) == 1 else Decides.ASK


def _weight(row: Policy) -> int:
    return bool(row.school) + bool(row.part)
