"""Who is in a list and has ended in one system alone stays in it (SEMANTICS A4, D4, B1)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.engine.outgoing import outgoing
from app.engine.policy import Decides
from app.engine.preview import plan
from app.store import reads
from app.store.gone import gone
from tests.engine.test_matching import both, person
from tests.engine.toy import District, sums

WRITES = ("create", "update", "delete")
NAMES = ("toy", "other")


def family(d: District, sis: Any, k: str, *, agents: tuple[str, ...], **values: Any) -> None:
    """A child of one system, with those it names as related."""
    related = [{"user": f"{k}-{one}", "relation": "mother"} for one in agents]
    person(sis, f"{k}-z", given_name="Zoe", identifier="X9", agents=related or None, **values)


@contextmanager
def households(folder: Path) -> Iterator[District]:
    """A child with a mother and an aunt, whom both systems tell of, and both take changes."""
    with both(folder) as d:
        for sis, k in ((d.sis, "a"), (d.other, "b")):
            for one, number in (("mum", "P1"), ("aunt", "P2")):
                child = [{"user": f"{k}-z", "relation": "child"}]
                person(sis, f"{k}-{one}", "guardian", given_name=one.title(), identifier=number,
                       email=f"{one}@x.example", agents=child)  # fmt: skip
            family(d, sis, k, agents=("mum", "aunt"))
            sis.writable = {"users": WRITES}
        for name in NAMES:
            d.sync(name)
        assert d.id("users", "a-z") == d.id("users", "b-z")
        assert d.id("users", "a-mum") == d.id("users", "b-mum")
        yield d


def leaves(d: District, how: str, **values: Any) -> None:
    """The mother is gone from the one system, and its row of the child names her no more."""
    if how == "tombstone":
        d.sis.end("users", "a-mum")
    else:
        d.sis.vanish("users", "a-mum")
    family(d, d.sis, "a", agents=("aunt",), **values)


def related(d: District, key: str = "a-z") -> set[str]:
    """The keys, in the other system, of those whom a child is related to here."""
    told = {user for user, _ in d.values("users", key)["agents"] or ()}
    return {one for one in ("b-mum", "b-aunt") if d.id("users", one) in told}


def rest(d: District) -> None:
    """Whatever is synced, nothing moves, nothing is sent, and nothing is asked."""
    for n in range(6):
        run = d.sync(NAMES[n % 2], full=n % 3 == 0)
        counts = sums(run)
        moved = [counts.get(it) for it in ("created", "updated", "deleted", "pushed", "conflicts")]
        assert moved == [None] * 5, (n, counts)
    assert outgoing(d.database) == []


@pytest.mark.parametrize("deletes", [False, True])
@pytest.mark.parametrize("how", ["tombstone", "absence"])
def test_a_guardian_who_leaves_one_system_stays_related(
    data_dir: Path, how: str, deletes: bool
) -> None:
    """The link ends and no more: neither the list here nor the other system loses the member."""
    with households(data_dir) as d:
        for name in NAMES:
            d.engine.set_switches(name, send_deletes=deletes)
        leaves(d, how, phone="+1 555 0100")
        run = d.sync("toy", full=True)
        assert (run.state, run.total("deleted")) == ("completed", 0)
        assert related(d) == {"b-mum", "b-aunt"}
        assert d.values("users", "a-z")["phone"] == "+15550100"
        rows = d.other.rows["users"]
        before = rows["b-z"]["agents"]
        d.sync("other")
        assert (rows["b-z"]["agents"], "b-mum" in rows) == (before, True)
        assert rows["b-z"]["phone"] == "+15550100"
        assert d.sis.wrote == []
        rest(d)
        assert [(one.record, one.connector) for one in gone(d.database)] == [
            (d.id("users", "b-mum"), "toy")
        ]


def test_it_is_the_same_when_the_child_is_read_a_day_later(data_dir: Path) -> None:
    """Whose end was heard of before the list changed is as gone as in one reading."""
    with households(data_dir) as d:
        d.sis.end("users", "a-mum")
        d.sync("toy")
        assert related(d) == {"b-mum", "b-aunt"}
        family(d, d.sis, "a", agents=("aunt",))
        d.sync("toy")
        assert related(d) == {"b-mum", "b-aunt"}
        rest(d)
        assert d.other.wrote == d.sis.wrote == []


def test_a_preview_tells_no_loss(data_dir: Path) -> None:
    """E4: what is not going to happen is not shown, though the child was read first."""
    with households(data_dir) as d:
        leaves(d, "tombstone")
        run = d.engine.start("toy", full=True, preview=True)
        d.loop.run(until=lambda: not d.engine.busy)
        found = plan(d.database, run)
        assert [(one.changed, one.removed) for one in found.effects if one.entity == "users"] == []


def test_a_relation_alone_that_is_gone_is_a_change(data_dir: Path) -> None:
    """Both go on living in both systems: who is related no more is told to the other one."""
    with households(data_dir) as d:
        family(d, d.sis, "a", agents=("aunt",))
        d.sync("toy")
        assert related(d) == {"b-aunt"}
        d.sync("other")
        told = d.other.rows["users"]["b-z"]["agents"]
        assert [one[0] for one in told] == ["b-aunt"]
        rest(d)


def test_who_has_left_both_is_related_no_more(data_dir: Path) -> None:
    """With the last system that has them the member ends, and nobody is told anything."""
    with households(data_dir) as d:
        leaves(d, "tombstone")
        d.sync("toy")
        d.other.end("users", "b-mum")
        family(d, d.other, "b", agents=("aunt",))
        d.sync("other")
        assert related(d) == {"b-aunt"}
        assert not reads.record(d.database, "users", d.id("users", "b-mum")).record.alive
        rest(d)
        assert d.other.wrote == d.sis.wrote == []


def test_a_relation_that_no_other_system_tells_of_ends(data_dir: Path) -> None:
    """The one that told of it says it no more; that the person lives elsewhere keeps nothing."""
    with households(data_dir) as d:
        family(d, d.other, "b", agents=("aunt",))
        d.sync("other")
        family(d, d.sis, "a", agents=("mum", "aunt"), phone="1")
        d.engine.edit("users", d.id("users", "a-z"), {"agents": [
            {"user": d.id("users", f"a-{one}"), "relation": "mother"} for one in ("mum", "aunt")
        ]}, "Ana")  # fmt: skip
        d.sync("toy")
        leaves(d, "tombstone")
        d.sync("toy")
        assert related(d) == {"b-aunt"}


def test_who_comes_back_is_as_before(data_dir: Path) -> None:
    """The system that had lost them names them again: there is nothing to settle."""
    with households(data_dir) as d:
        leaves(d, "tombstone")
        d.sync("toy")
        d.sync("other")
        person(d.sis, "a-mum", "guardian", given_name="Mum", identifier="P1",
               email="mum@x.example", agents=[{"user": "a-z", "relation": "child"}])  # fmt: skip
        family(d, d.sis, "a", agents=("mum", "aunt"))
        d.sync("toy")
        assert related(d) == {"b-mum", "b-aunt"}
        rest(d)
        assert d.other.wrote == d.sis.wrote == []


def test_another_change_of_the_list_goes_without_them(data_dir: Path) -> None:
    """F1: what a person adds here arrives in the system that lost a member, without that member."""
    with households(data_dir) as d:
        leaves(d, "tombstone")
        d.sync("toy")
        uncle = d.id("users", "a-u1")
        agents = [*(d.values("users", "a-z")["agents"] or ()), (uncle, "uncle")]
        d.engine.edit("users", d.id("users", "a-z"), {"agents": agents}, "Ana")
        for name in NAMES:
            d.sync(name)
        assert {one[0] for one in d.sis.rows["users"]["a-z"]["agents"]} == {"a-aunt", "a-u1"}
        told = {one[0] for one in d.other.rows["users"]["b-z"]["agents"]}
        assert told == {"b-mum", "b-aunt", "b-u1"}
        rest(d)


@pytest.mark.parametrize("deletes", [False, True])
def test_an_end_that_counts_here_is_sent_only_where_ends_are(data_dir: Path, deletes: bool) -> None:
    """D4: the one system decides who exists, so the member ends here; the other one is parted from
    them only where it is told of ends."""
    with households(data_dir) as d:
        d.engine.set_policy("toy", "users", Decides.SIS, "Ana")
        d.engine.set_switches("other", send_deletes=deletes)
        leaves(d, "tombstone")
        d.sync("toy")
        assert related(d) == {"b-aunt"}
        for _ in range(3):
            d.sync("other")
        rows = d.other.rows["users"]
        told = {one["user"] if isinstance(one, dict) else one[0] for one in rows["b-z"]["agents"]}
        assert told == ({"b-aunt"} if deletes else {"b-mum", "b-aunt"})
        assert ("b-mum" in rows) is not deletes
        assert outgoing(d.database) == []
        assert related(d) == {"b-aunt"}


def test_while_the_end_waits_for_a_person_the_member_stays(data_dir: Path) -> None:
    """E1, E2: what a limit keeps back takes no relation along either."""
    with households(data_dir) as d:
        d.with_limits(removals=0.0, least=1)
        leaves(d, "tombstone", phone="+1 555 0100")
        run = d.sync("toy")
        assert run.state == "waiting"
        assert related(d) == {"b-mum", "b-aunt"}
        d.sync("other")
        assert len(d.other.rows["users"]["b-z"]["agents"]) == 2
