"""What is said of a class, held against the lines of its roll."""

from dataclasses import replace
from itertools import product

import pytest

from app.engine.lookup import Found, Standing
from app.engine.roll import Roll, Rolls
from app.engine.roll import Seat as Asked
from app.engine.verdict import verdict
from app.store.history import Origin
from app.store.reads import LinkRow
from app.store.rolls import ClassFacts, Reading, Seat
from app.ui.people import seats

TODAY = "2026-11-23"
SYNC = Origin(812, "sync", "root", "2026-11-21T06:00:00Z", "toy", None)
ADA = Origin(813, "edit", "Ada", "2026-11-21T06:00:00Z", None, None)

OURS = ("enrolled", "left", "ended by the SIS", "ended by Ada")
LAST = (True, False, None)
NOW = ("not asked", "enrolled", "other dates", "unreadable", "not listed", "perhaps on a next page")


def seat(n: int, role: str, ours: str = "enrolled", last: bool | None = True,
         waits: str = "") -> Seat:  # fmt: skip
    """A place in the class, as it stands here and at the last sync."""
    values = {"user": n, "role": role, "begin_date": None,
              "end_date": "2026-10-01" if ours == "left" else None}  # fmt: skip
    ended = {"ended by the SIS": SYNC, "ended by Ada": ADA}.get(ours)
    there = {} if last is None else {"toy": last}
    waiting = {"toy": waits} if waits else {}
    return Seat(n, values, f"P{n}", True, ended is None, there, ended, waiting)


def asked(one: Seat, now: str) -> Asked:
    """What the SIS says of it right now."""
    ours = one.values if one.alive else None
    theirs = None if now in ("unreadable", "not listed", "perhaps on a next page") else one.values
    how = Standing.THEIRS if now == "other dates" else Standing.SAME
    standing = {"begin_date": how} if ours and theirs else {}
    return Asked(one.enrollment, f"e{one.enrollment}", one.values["user"], one.role, ours, theirs,
                 None, standing, now == "unreadable")  # fmt: skip


@pytest.mark.parametrize("role", ["student", "teacher"])
def test_all_is_well_only_where_every_line_says_so(role: str) -> None:
    """Whatever stands here, waits, was read last and is said right now of somebody in the class."""
    wrong = []
    for ours, last, waits, now in product(OURS, LAST, ("", "end", "update"), NOW):
        odd = seat(1, role, ours, last, waits if ours == "enrolled" else "")
        sound = [seat(2, "student"), seat(3, "teacher")]
        facts = ClassFacts(
            1, True, SYNC, (LinkRow("toy", "c1", True),), (odd, *sound),
            waiting={"toy": {waits: 1}} if odd.waits else {},
            readings={"toy": Reading("2026-11-23T06:00:00Z", True)},
        )  # fmt: skip
        told = tuple(
            asked(one, how)
            for one, how in [(odd, now), *((one, "enrolled") for one in sound)]
            if one.alive or how not in ("not listed", "perhaps on a next page")
        )
        roll = Roll("toy", "c1", Found.THERE, None, now != "perhaps on a next page", (), told)
        found = None if now == "not asked" else Rolls(1, (roll,), {})
        lines = [one for one in seats.lines(facts, found, TODAY) if not one.ended]
        here = [one for one in lines if not one.ours.startswith("left")]
        newest = [one.last if found is None else one.now for one in here]
        agree = {one.ours for one in here} == set(newest) == {"enrolled"} and not odd.waits
        agree = agree and now not in ("unreadable", "perhaps on a next page")
        said = verdict(facts, TODAY, seats.on_roll(found, facts, TODAY) if found else ())
        unsent = role == "teacher" and last is None and found is None  # made here
        bold = any(one.differs for one in lines)
        if said.well != agree and not (said.well and unsent and not bold):
            wrong.append((ours, last, waits, now, said.code))
    assert not wrong


def test_the_greater_fact_comes_first() -> None:
    """24 whom the SIS has dropped, and one who has left the roster."""
    dropped = [seat(n, "student", last=False) for n in range(24)]
    gone = replace(seat(24, "student"), person=False)
    facts = ClassFacts(1, True, SYNC, (LinkRow("toy", "c1", True),), (*dropped, gone))
    said = verdict(facts, TODAY)
    assert (said.code, said.parameters["count"]) == ("class_let_go_there", 24)
    first = seats.lines(facts, None, TODAY)[:24]
    assert {(one.ours, one.last, one.differs) for one in first} == {
        ("enrolled", "not enrolled", True)
    }
