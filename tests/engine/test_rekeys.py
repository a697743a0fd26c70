"""Keys that change while several streams are read one after the other (SEMANTICS A3, A6)."""

from pathlib import Path

from app.store import reads
from tests.engine.toy import district


def test_a_new_key_may_be_mentioned_before_its_change_is_told(data_dir: Path) -> None:
    """A later stream was read after the change, its own stream before: still one record."""
    with district(data_dir) as d:
        d.sync()
        before, count = d.id("classes", "c1"), reads.counts(d.database)["classes"]
        [enrollment] = [
            key for key, row in d.sis.rows["enrollments"].items() if row["class"] == "c1"
        ][:1]
        d.sis.change("enrollments", enrollment, **{"class": "c9"})
        d.sync()
        d.sis.put("classes", "c9", **d.sis.rows["classes"]["c1"])
        d.sis.vanish("classes", "c1")
        d.sis.moves.append(("classes", "c1", "c9"))
        run = d.sync()
        assert run.total("created") == 0
        assert reads.counts(d.database)["classes"] == count
        assert d.id("classes", "c9") == before
        assert d.values("enrollments", enrollment)["class"] == before


def test_a_key_may_be_taken_up_by_another_record(data_dir: Path) -> None:
    """What went by it once is not what goes by it now: two records, and neither is overwritten."""
    with district(data_dir) as d:
        d.sync()
        before, count = d.id("classes", "c1"), reads.counts(d.database)["classes"]
        row = d.sis.rows["classes"]["c1"]
        d.sis.vanish("classes", "c1")
        d.sis.put("classes", "c9", **row)
        d.sis.moves.append(("classes", "c1", "c9"))
        d.sync()
        d.sis.put("classes", "c1", **{**row, "title": "Another one"})
        for full in (False, True, False):
            d.sync(full=full)
            assert reads.counts(d.database)["classes"] == count + 1
            assert d.id("classes", "c9") == before != d.id("classes", "c1")
            assert d.values("classes", "c9")["title"] == row["title"]
            assert d.values("classes", "c1")["title"] == "Another one"


def test_a_key_may_be_given_to_another_record_once_its_own_has_ended(data_dir: Path) -> None:
    """A6, D1: one class ends and another takes up its key in the same window: each stays itself."""
    with district(data_dir) as d:
        row = d.sis.rows["classes"]["c1"]
        d.sis.put("classes", "c2", **{**row, "title": "The second"})
        d.sync()
        first, second = d.id("classes", "c1"), d.id("classes", "c2")
        d.without_limits()
        d.sis.vanish("classes", "c1", "c2")
        d.sis.put("classes", "c1", **{**row, "title": "The second"})
        d.sis.moves.append(("classes", "c2", "c1"))
        run = d.sync()
        assert (run.total("created"), run.total("deleted")) == (0, 1)
        assert d.id("classes", "c1") == second
        assert not reads.record(d.database, "classes", first).record.alive
        for full in (True, False):
            run = d.sync(full=full)
            assert (run.total("created"), run.total("updated"), run.total("deleted")) == (0, 0, 0)
