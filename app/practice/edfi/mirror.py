"""Newcomers and leavers of one day in both systems, so that a district stays one district.

The rest of the day stays on the OneRoster side: two systems that agree in everything would leave a
hub nothing to do.
"""

from collections.abc import Mapping, Sequence

from ..district import District
from .moves import Moves, Told
from .projection.people import People
from .projection.places import Places

Account = Mapping[str, Mapping[str, Sequence[str]]]
"""What a day did on the OneRoster side, by collection; see `days.Account`."""


class Mirror:
    """Made before a day passes on the OneRoster side, because those who leave are forgotten."""

    def __init__(self, district: District) -> None:
        self._district = district
        self._ids = {
            key: str(user["identifier"])
            for key in district.live_pupils().keys("student")
            if (user := district.record("users", key)) is not None
        }

    def follow(self, account: Account, moves: Moves) -> None:
        """Do on the Ed-Fi side what the day did: who left has left, who came is here."""
        users = account.get("users", {})
        for key in users.get("removed", ()):
            if key in self._ids:
                for attended in moves.attended(self._ids[key]):
                    moves.leave(attended)
        created = [
            user
            for key in users.get("created", ())
            if (user := self._district.record("users", key)) is not None
        ]
        if not created:
            return
        people = People(self._district, Places(self._district))
        told: list[Told] = []
        for tell in (people.contact, lambda user: people.pupil(user, moves.today), people.family):
            for user in created:
                told.extend(tell(user))
        here = {user["sourcedId"] for user in created}
        for key in account.get("enrollments", {}).get("created", ()):
            enrollment = self._district.record("enrollments", key)
            if enrollment is not None and enrollment["user"]["sourcedId"] in here:
                told.extend(people.seat(enrollment, moves.today))
        for each in told:
            # A section may have gone or be called otherwise there: then nobody sits in it.
            moves.tried(each)
