"""Killed while people are made one, and while that is taken back (SEMANTICS D5, G2, H3).

The questions are answered, and undone, by processes that are killed (`kill -9`) at any moment; the
next one goes on. After every kill the database is looked at as it lies there.
"""

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.e2e.forks import BROKEN, DONE, Forks
from tests.e2e.kills import kills, needs_kill
from tests.e2e.soundness import assert_sound, looked_at
from tests.engine.test_matching import both
from tests.engine.test_said_one import namesakes

pytestmark = needs_kill

KILLS = kills(2)
"""So many of each."""
SEED = int(os.environ.get("SEED", "7"))
PEOPLE = 130
"""More than are answered in one transaction."""


@pytest.fixture
def forks(tmp_path: Path) -> Iterator[Forks]:
    """Two systems were read, and of everybody it is asked whether they are one."""
    folder = tmp_path / "data"
    with both(folder, namesakes("a", PEOPLE), namesakes("b", PEOPLE)) as d:
        for name in ("toy", "other"):
            d.sync(name)
    with Forks(folder, "") as found:
        yield found


def asked(folder: Path) -> list[int]:
    """The open questions who is one."""
    with looked_at(folder) as database:
        found = database.execute("SELECT id FROM conflicts WHERE kind = 'same_person' ORDER BY id")
        return [id_ for (id_,) in found]


def answers(folder: Path) -> list[int]:
    """The change sets in which it was answered and that are not undone, the newest first."""
    with looked_at(folder) as database:
        found = database.execute(
            "SELECT id FROM change_sets WHERE kind = 'decision' AND NOT EXISTS (SELECT 1 "
            "FROM change_sets AS undo WHERE undo.kind = 'undo' AND undo.\"of\" = change_sets.id "
            "AND NOT undo.unfinished) ORDER BY id DESC"
        )
        return [id_ for (id_,) in found]


def ones(folder: Path) -> int:
    """How many live people there are of whom both systems tell."""
    with looked_at(folder) as database:
        [(found,)] = database.execute(
            "SELECT count(*) FROM (SELECT record FROM links JOIN streams ON streams.id = stream "
            "JOIN users ON users.id = record AND users.alive WHERE entity = 'users' "
            "AND links.alive GROUP BY record HAVING count(*) = 2)"
        ).fetchall()
        return int(found)


def people(folder: Path) -> dict[str, tuple[Any, ...]]:
    """What the record of each row says, and to whose row it is related, by key."""
    with looked_at(folder) as database:
        rows = database.execute(
            "SELECT links.key, links.record, links.alive, users.alive, given_name, "
            "identifier, agents FROM links JOIN streams ON streams.id = stream "
            "JOIN users ON users.id = links.record WHERE entity = 'users'"
        ).fetchall()
    keys: dict[int, list[str]] = {}
    for key, record, *_ in rows:
        keys.setdefault(record, []).append(key)
    return {key: (*said, _named(agents, keys)) for key, _, *said, agents in rows}


def _named(agents: str | None, keys: dict[int, list[str]]) -> list[list[str]]:
    """Whose rows those are that a list names."""
    return [sorted(keys.get(user, ["nobody"])) for user, _ in json.loads(agents or "[]")]


class Killer:
    """Has something done by a process that is killed at some moment of its life."""

    def __init__(self, forks: Forks, folder: Path) -> None:
        self.forks, self.folder, self.random = forks, folder, Random(SEED)
        self.killed: Counter[str] = Counter()
        self.lasts: dict[str, float] = {}

    def kill(self, what: str, **of: Any) -> None:
        """It may also come to its end before; the database is sound either way."""
        self.forks.begin(what, **of)
        self.forks.begun()
        self.forks.signalled(signal.SIGKILL, self.random.uniform(0, self.lasts.get(what, 0.5)))
        code = self.forks.ended()
        assert code != BROKEN, what
        self.killed[what] += code == -signal.SIGKILL
        assert_sound(self.folder)

    def done(self, what: str, **of: Any) -> None:
        """It is left in peace."""
        self.forks.begin(what, **of)
        self.forks.begun()
        began = time.monotonic()
        assert self.forks.ended() == DONE
        self.lasts[what] = time.monotonic() - began
        assert_sound(self.folder)


@pytest.mark.timeout(120 + 10 * KILLS)
def test_no_kill_shows_where_people_are_made_one_and_parted(
    forks: Forks, tmp_path: Path, record_property: Callable[..., None]
) -> None:
    """Everybody is one or two at any moment, never half of it, and in the end as it was before."""
    folder = tmp_path / "data"
    before, killer = people(folder), Killer(forks, folder)
    assert len(asked(folder)) == PEOPLE
    while min(killer.killed["same"], killer.killed["undo"]) < KILLS:
        killer.kill("same")
        assert len(asked(folder)) + ones(folder) == PEOPLE
        killer.done("same")
        assert (asked(folder), ones(folder)) == ([], PEOPLE)
        for answer in answers(folder):
            killer.kill("undo", of=answer)
            assert len(asked(folder)) + ones(folder) == PEOPLE
            killer.done("undo", of=answer)
        assert (len(asked(folder)), ones(folder)) == (PEOPLE, 0)
        assert people(folder) == before
    for name, count in killer.killed.items():
        record_property(f"killed within {name}", count)
