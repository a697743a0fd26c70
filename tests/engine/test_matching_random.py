"""Two systems that change at random, and are read in any order, tell of each person once (D5)."""

import random
from pathlib import Path

import pytest

from app.engine.decisions import Decision, Take
from app.errors import TransientError
from app.store import reads
from tests.engine.test_matching import asked, both, counts, ids, person, town
from tests.engine.toy import District, ToySis, failing, sums

SIDES = (("toy", "a"), ("other", "b"))


def put(sis: ToySis, k: str, n: int, rng: random.Random) -> None:
    """Somebody comes to a system, with a seat, maybe demographics, and somebody they name."""
    person(
        sis, f"{k}-x{n}", given_name=f"Given{n}", family_name=f"Family{n}",
        user_ids=ids(("State", f"S{n}"), (k, f"{k}{n}")),
        agents=[{"user": f"{k}-x{rng.randrange(8)}", "relation": "sibling"}],
    )  # fmt: skip
    sis.put("demographics", f"{k}-x{n}", user=f"{k}-x{n}", birth_date=f"2012-01-{n + 1:02d}")
    for c in rng.sample(range(2), rng.randrange(1, 3)):
        sis.put(
            "enrollments", f"{k}-x{n}-{c}", user=f"{k}-x{n}", **{"class": f"{k}-c{c}"},
            role="student", begin_date="2026-08-17",
        )  # fmt: skip


def leave(sis: ToySis, k: str, n: int) -> None:
    """They go, with all that is theirs."""
    for entity in ("users", "demographics", "enrollments"):
        for key in [one for one in sis.rows[entity] if one.startswith(f"{k}-x{n}")]:
            sis.end(entity, key)


def agrees(d: District) -> None:
    """The roster has everybody of whom either system tells once, with one seat a class."""
    there = {k: sis.rows for (_, k), sis in zip(SIDES, (d.sis, d.other), strict=True)}
    for entity in ("users", "demographics", "enrollments"):
        told = {key[1:] for rows in there.values() for key in rows[entity]}
        assert counts(d)[entity] == len(told), entity
        for key in told:
            found = {d.id(entity, k + key) for k, rows in there.items() if k + key in rows[entity]}
            assert len(found) == 1, (entity, key)
            [record] = found
            assert reads.record(d.database, entity, record).record.alive
    for rows in there.values():
        for key, row in rows["enrollments"].items():
            assert d.values("enrollments", key)["user"] == d.id("users", row["user"]), key
        for key, row in rows["users"].items():
            ours = {one for one, _ in d.values("users", key)["agents"] or ()}
            for one in row.get("agents") or ():
                assert one["user"] not in rows["users"] or d.id("users", one["user"]) in ours, key


@pytest.mark.parametrize("seed", range(6))
def test_everybody_is_one_whatever_happens(data_dir: Path, seed: int) -> None:
    """People come, go and are read cut off, in pages of any size; in the end all agree."""
    rng = random.Random(seed)
    pages = [rng.choice((1, 2, 5, 50)) for _ in SIDES]
    with both(
        data_dir, town("a", people=2, page=pages[0]), town("b", people=2, page=pages[1])
    ) as d:
        late = rng.random() < 0.5
        rules = ("users.state-id", "users.other-id", "users.name-and-birth-date")
        for name in rules if late else ():
            d.engine.set_identity_rule(name, on=False)
        for step in range(12):
            for _ in range(rng.randrange(1, 5)):
                (_, k), sis = rng.choice(list(zip(SIDES, (d.sis, d.other), strict=True)))
                n = rng.randrange(8)
                if f"{k}-x{n}" in sis.rows["users"] and rng.random() < 0.5:
                    leave(sis, k, n)
                elif f"{k}-x{n}" not in sis.rows["users"]:
                    put(sis, k, n, rng)
            name, _ = rng.choice(SIDES)
            sis = d.sis if name == "toy" else d.other
            if rng.random() < 0.4:
                sis.hook = failing(rng.randrange(1, 25), TransientError("toy_gone"))
            d.sync(name, full=rng.random() < 0.4)
            sis.hook = lambda url: None
            if late and step == 7:
                for rule in rules[:2]:
                    d.engine.set_identity_rule(rule, on=True)
            if late and step > 7 and rng.random() < 0.5:
                d.engine.look_over()
                d.engine.resolve([Decision(one.id, Take.SAME) for one in asked(d)], "Ana")
        for _ in range(3):
            for name, _ in SIDES:
                d.sync(name, full=True)
            d.engine.look_over()
            d.engine.resolve([Decision(one.id, Take.SAME) for one in asked(d)], "Ana")
        agrees(d)
        before = d.everything()
        for n in range(6):
            run = d.sync(SIDES[n % 2][0], full=n % 3 == 0)
            assert set(sums(run)) <= {"read", "unchanged"}, (n, sums(run), d.log(run.id))
        assert d.everything() == before
