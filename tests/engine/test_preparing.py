"""A connector may ask before it knows what it can do (``contract.Prepared``)."""

from pathlib import Path

from app.errors import Cancelled, TransientError
from tests.engine.toy import District, district


def knows_classes_late(d: District) -> None:
    """The SIS has classes, and its connectors know that only once they have asked."""
    rows = d.sis.rows.pop("classes")
    d.sis.prepares = lambda: d.sis.rows.update(classes=rows)


def test_what_a_connector_can_do_is_looked_at_after_it_has_asked(data_dir: Path) -> None:
    """So that a first sync reads all there is."""
    with district(data_dir) as d:
        knows_classes_late(d)
        assert d.sync().state == "completed"
        assert d.sis.asked[0].endswith("/prepare")
        assert any("/classes" in url for url in d.sis.asked)


def test_a_run_goes_on_where_asking_beforehand_failed(data_dir: Path) -> None:
    """What it needs it asks for again, and an approval may need nothing."""
    with district(data_dir) as d:

        def fail(url: str) -> None:
            if url.endswith("/prepare"):
                raise TransientError("toy_down")

        d.sis.prepares, d.sis.hook = lambda: None, fail
        assert d.sync().state == "completed"


def test_a_run_is_cancelled_while_its_connector_asks(data_dir: Path) -> None:
    """Nothing of it is read."""
    with district(data_dir) as d:

        def cancel(url: str) -> None:
            raise Cancelled("cancelled")

        d.sis.prepares, d.sis.hook = lambda: None, cancel
        assert d.sync().state == "cancelled"
        assert len(d.sis.asked) == 1
