"""What one SIS has no more and another still has is told, until somebody leaves it alone (D4)."""

from pathlib import Path

from app.store.gone import gone
from app.store.together import Together, together
from tests.engine.test_asked_before_made import LUIS, ZOE
from tests.engine.test_matching import PEOPLE, both, person


def test_who_leaves_one_system_is_told_with_the_sync_and_where_they_are(data_dir: Path) -> None:
    """Their seat and their demographics too; not who has left both."""
    with both(data_dir) as d:
        d.sync()
        d.sync("other")
        assert gone(d.database) == []
        d.sis.end("users", "a-u0")
        run = d.sync()
        [found] = gone(d.database)
        assert (found.entity, found.record) == ("users", d.id("users", "b-u0"))
        assert (found.connector, found.still, found.run) == ("toy", ("other",), run.id)
        assert found.since is not None
        assert gone(d.database, "other") == []
        d.other.end("users", "b-u0")
        d.sync("other")
        assert gone(d.database) == []


def test_who_comes_back_is_told_no_more(data_dir: Path) -> None:
    """The link lives again."""
    with both(data_dir) as d:
        d.sync()
        d.sync("other")
        row = d.sis.rows["users"]["a-u0"]
        d.sis.end("users", "a-u0")
        d.sync()
        d.sis.put("users", "a-u0", **row)
        d.sync()
        assert gone(d.database) == []


def test_what_is_left_alone_is_told_no_more_until_it_ends_anew(data_dir: Path) -> None:
    """A person's word about this end, which can be taken back."""
    with both(data_dir) as d:
        d.sync()
        d.sync("other")
        row = d.sis.rows["users"]["a-u0"]
        d.sis.end("users", "a-u0")
        d.sync()
        record = d.id("users", "b-u0")
        assert d.engine.leave_gone("toy", [record]) == 1
        assert gone(d.database) == []
        d.engine.leave_gone("toy", [record], alone=False)
        assert len(gone(d.database)) == 1
        d.engine.leave_gone("toy", [record])
        d.sis.put("users", "a-u0", **row)
        d.sync()
        d.sis.end("users", "a-u0")
        d.sync()
        assert len(gone(d.database)) == 1


def test_the_first_look_at_a_second_system_is_counted(data_dir: Path) -> None:
    """Known to both, new, in doubt, and only elsewhere, by record type."""
    with both(data_dir) as d:
        person(d.sis, "a-z", **ZOE)
        person(d.sis, "a-y", given_name="Only", family_name="Here", identifier="H1")
        person(d.other, "b-z", **LUIS)
        for n in range(3):
            person(d.other, f"b-x{n}", given_name=f"New{n}", family_name="Comer")
        d.sync()
        assert together(d.database, "toy") == []
        d.sync("other")
        told = {one.entity: one for one in together(d.database, "other")}
        assert told["users"] == Together("users", PEOPLE, new=3, doubt=1, elsewhere=2)
        assert told["orgs"] == Together("orgs", 2, new=0, doubt=0, elsewhere=0)
        mine = {one.entity: one for one in together(d.database, "toy")}
        assert mine["users"] == Together("users", PEOPLE, new=1, doubt=1, elsewhere=4)
