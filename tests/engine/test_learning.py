"""What a connector has learnt of its service is kept, and given back (``contract.Learning``)."""

from pathlib import Path
from typing import Any

import pytest

from app.connectors.contract import State
from app.engine.apart import Reply
from app.errors import Cancelled, SyncError, TransientError
from tests.engine.toy import District, district, failing

LEARNT: State = {"size": 500, "streams": {"users": {"filters": False}}}


def known(d: District) -> State:
    """What a connector opened now knows to begin with."""
    d.sync()
    return d.sis.knew[-1]


def check(d: District, **settings: Any) -> None:
    """*Test connection*, as it is saved or with other settings."""
    found: list[Any] = []
    if settings:
        d.engine.try_settings("toy", "toy", settings, reply=Reply(found.append))
    else:
        d.engine.check("toy", found.append)
    d.loop.run(until=lambda: bool(found))
    assert not isinstance(found[0], SyncError)


def test_what_a_run_learns_the_next_one_knows(data_dir: Path) -> None:
    """Kept at its end, in another process too."""
    with district(data_dir) as d:
        assert known(d) == {}
        d.sis.learnt = LEARNT
        assert known(d) == {}
        assert known(d) == LEARNT
        d.die()
        assert known(d) == LEARNT
        d.sis.learnt = {}
        d.sync()
        assert known(d) == {}, "unlearnt"


@pytest.mark.parametrize("error", [TransientError("toy_down"), Cancelled("cancelled")])
def test_a_run_that_did_not_come_to_its_end_has_learnt_too(
    data_dir: Path, error: SyncError
) -> None:
    """So that the next one does not ask in vain again."""
    with district(data_dir) as d:
        d.sis.learnt = LEARNT
        d.sis.hook = failing(3, error)
        assert d.sync().state in ("failed", "cancelled")
        d.sis.hook = lambda url: None
        assert known(d) == LEARNT


def test_a_run_that_was_overtaken_remembers_nothing(data_dir: Path) -> None:
    """It writes nothing more (H1)."""
    with district(data_dir) as d:
        d.sis.learnt = LEARNT

        def overtake(url: str) -> None:
            with d.database.writing() as tx:
                tx.run("UPDATE connectors SET fence = fence + 1")

        d.sis.hook = overtake
        assert d.sync().state == "interrupted"
        d.sis.hook = lambda url: None
        assert known(d) == {}


def test_a_test_of_a_saved_connector_finds_out_anew_and_is_remembered(data_dir: Path) -> None:
    """It begins with nothing known, so that what has changed at the SIS is noticed."""
    with district(data_dir) as d:
        d.sis.learnt = {"old": True}
        d.sync()
        d.sis.learnt = LEARNT
        check(d)
        assert d.sis.knew[-1] == {}
        assert known(d) == LEARNT


def test_a_test_of_other_settings_is_not_remembered(data_dir: Path) -> None:
    """They may lead elsewhere, and may never be saved."""
    with district(data_dir) as d:
        d.sis.learnt = LEARNT
        check(d, note="another")
        d.sis.learnt = {}
        assert known(d) == {}


def test_other_settings_know_nothing(data_dir: Path) -> None:
    """Where or how it is asked may be another matter; nor does one that was taken out."""
    with district(data_dir) as d:
        d.sis.learnt = LEARNT
        d.sync()
        d.engine.save_connector("toy", "toy", {"note": "another"})
        assert known(d) == {}
        assert known(d) == LEARNT
        d.engine.remove_connector("toy")
        d.engine.save_connector("toy", "toy", {"note": "another"})
        assert known(d) == {}
