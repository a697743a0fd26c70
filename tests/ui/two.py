"""A small district that two SIS tell of, which disagree about some of it."""

from pathlib import Path

from app.compose import Options
from app.engine.decisions import Decision, Take
from app.store import differences
from tests.engine.test_matching import both, ids, person, town

DOUBTFUL = 2
"""So many of whom it is asked whether they are the same."""


def two(folder: Path, doubtful: int = 0, *, settled: bool = False) -> Options:
    """Synced with both: one person is called otherwise, one has a phone, one is known to one SIS.

    Of so many the local ID is the same, and the state ID is not. Where it is ``settled``, what
    differs was decided for *other*; neither SIS takes changes.
    """
    toy, other = town("a"), town("b")
    toy.change("users", "a-u1", family_name="Nunez", phone="+1 555 0100")
    other.change("users", "b-u1", family_name="Núñez")
    other.change("classes", "b-c0", title="Class 0 (honors)")
    toy.change("classes", "a-c1", title="Class 1 (evening)")
    person(toy, "a-alone", given_name="Alone", family_name="Here")
    for n in range(doubtful):
        for sis, k in ((toy, "a"), (other, "b")):
            person(sis, f"{k}-z{n}", identifier=f"X{n}", user_ids=ids(("State", f"{k}{n}")),
                   given_name="Zoe" if k == "a" else "Zoë", family_name=f"Family{n}z")  # fmt: skip
    with both(folder, toy, other) as d:
        d.sync()
        d.sync("other")
        if settled:
            ids_ = differences.difference_ids(d.database)
            d.engine.resolve([Decision(one, Take.SIS) for one in ids_], "Ana")
    return Options(data_dir=folder)
