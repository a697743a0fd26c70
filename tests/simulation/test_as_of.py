"""Whole lives of a district, looked back upon: the roster of each moment is what it was then."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE
from app.roster.stored import plain_value
from app.roster.values import instant_text
from app.store import asof
from app.store.asof import Moment
from app.store.database import Database
from app.store.listing import CHANGED, CREATED, REMOVED, RETURNED
from tests.engine.toy import district
from tests.simulation.test_two_way import Life, begun

LIVES = range(int(os.environ.get("LIFE_FIRST", "0")), int(os.environ.get("LIVES", "30")))
AT_ONCE = 30
STEPS = 10

Roster: TypeAlias = dict[tuple[str, int], dict[str, Any]]
"""All records as they stand, the ended ones too: canonical values by field, ``alive`` with them."""


def roster(database: Database) -> Roster:
    found: Roster = {}
    with database.reading() as tx:
        for name, entity in ENTITIES.items():
            columns = ", ".join(f'"{field}"' for field in entity.field_names)
            for id_, alive, *stored in tx.rows(f"SELECT id, alive, {columns} FROM {name}"):
                told = zip(entity.fields, stored, strict=True)
                values = {field.name: plain_value(field, value) for field, value in told}
                found[name, id_] = {ALIVE: bool(alive), **values}
    return found


class Looking:
    """A life of which the roster is copied after each thing that happens."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.copies: list[tuple[str, Roster]] = []
        life.acts = [act for act in life.acts if act != life.time_passes]

    def live(self, steps: int) -> None:
        """Does so many random things, a minute between them."""
        self.life.sync()
        for _ in range(steps):
            self.copies.append((instant_text(self.life.d.time[0]), roster(self.life.d.database)))
            self.life.d.pass_time(minutes=1)
            self.life.live(1)
            self.life.d.pass_time(minutes=1)

    def moment(self, place: int) -> Moment:
        """The moment of a copy."""
        return asof.at(self.life.d.database, self.copies[place][0])


@contextmanager
def lived(seed: int, folder: Path) -> Iterator[Looking]:
    folder.mkdir()
    sis = begun()
    with district(folder, sis) as d:
        looking = Looking(Life(d, sis, seed))
        looking.live(STEPS)
        yield looking


@pytest.mark.parametrize("first", range(LIVES.start, LIVES.stop, AT_ONCE))
def test_the_roster_of_a_moment_is_what_it_was_then(first: int, tmp_path: Path):
    """Every value of every record, those that have ended, came back or came later included."""
    for seed in range(first, min(first + AT_ONCE, LIVES.stop)):
        with lived(seed, tmp_path / str(seed)) as looking:
            for place, (_at, copy) in enumerate(looking.copies):
                with asof.roster(looking.life.d.database, looking.moment(place)) as then:
                    assert roster(then) == copy, (seed, place, looking.life.told)


@pytest.mark.parametrize("first", range(LIVES.start, LIVES.stop, AT_ONCE))
def test_what_became_between_two_moments_is_the_difference_of_both(first: int, tmp_path: Path):
    """Who came, who left, who came back, and of whom stayed the values that are others now."""
    for seed in range(first, min(first + AT_ONCE, LIVES.stop)):
        with lived(seed, tmp_path / str(seed)) as looking:
            for place in range(0, len(looking.copies) - 1, 3):
                later = len(looking.copies) - 1 - place // 2
                told = asof.between(
                    looking.life.d.database, looking.moment(place), looking.moment(later)
                )
                found = {
                    (one.entity, one.record): (one.what, dict(one.before), dict(one.after))
                    for one in told
                }
                copies = looking.copies[place][1], looking.copies[later][1]
                assert found == difference(*copies), (seed, place, later, looking.life.told)


def difference(was: Roster, is_: Roster) -> dict[tuple[str, int], Any]:
    found: dict[tuple[str, int], Any] = {}
    for key, now in is_.items():
        before = was.get(key)
        if before is None:
            if now[ALIVE]:
                found[key] = (CREATED, {}, {})
        elif before != now and (before[ALIVE] or now[ALIVE]):
            names = [name for name in now if before[name] != now[name]]
            what = CHANGED
            if before[ALIVE] != now[ALIVE]:
                what = RETURNED if now[ALIVE] else REMOVED
            sides = ({name: side[name] for name in names} for side in (before, now))
            found[key] = (what, *sides)
    return found
