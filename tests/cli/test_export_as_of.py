"""`export --as-of` and `runs compare`: the roster as it was, and what became of it since."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import NAME, Ended

Call = Callable[..., Ended]


@pytest.fixture
def edited(connected: Call) -> Call:
    """``connected``, after a first sync and an edit of the first person."""
    assert connected("sync", NAME).code == 0
    person = connected("records", "list", "users", "--json").document[0]
    ended = connected("records", "edit", "users", str(person["id"]), "--set", "given_name=Zz")
    assert ended.code == 0, ended.err
    return connected


def exported(call: Call, folder: Path, name: str, *as_of: str) -> str:
    path = folder / name
    ended = call("export", "users", "--format", "csv", "--out", str(path), *as_of)
    assert ended.code == 0, ended.err
    return path.read_text(encoding="utf-8")


def test_records_are_exported_as_they_were_after_a_sync(edited: Call, tmp_path: Path):
    """By its number; the edit that came later is not in the file, and is without --as-of."""
    then = exported(edited, tmp_path, "then.csv", "--as-of", "#1")
    now = exported(edited, tmp_path, "now.csv")
    assert "Zz" not in then
    assert "Zz" in now
    assert len(then.splitlines()) == len(now.splitlines()) > 1


def test_a_day_means_its_end_and_a_day_before_everything_is_empty(edited: Call, tmp_path: Path):
    """Today tells what stands now; yesterday there was nobody."""
    today = datetime.now().astimezone()
    assert "Zz" in exported(edited, tmp_path, "today.csv", "--as-of", f"{today:%Y-%m-%d}")
    before = f"{today - timedelta(days=1):%Y-%m-%d %H:%M}"
    assert exported(edited, tmp_path, "before.csv", "--as-of", before).splitlines()[1:] == []


def test_what_is_no_date_is_said_before_anything_is_written(edited: Call, tmp_path: Path):
    """With what a date looks like; an unknown sync is unknown, and a set of files is of now."""
    out = ("--format", "csv", "--out", str(tmp_path / "none.csv"))
    wrong = edited("export", "users", *out, "--as-of", "last Monday")
    assert wrong.code == 2
    assert "2026-03-01" in wrong.err
    assert edited("export", "users", *out, "--as-of", "#99").code == 2
    whole = ("--all", "--format", "oneroster-csv", "--out", str(tmp_path / "set"))
    assert edited("export", *whole, "--as-of", "#1").code == 2
    assert list(tmp_path.glob("none.csv")) == []


def test_two_moments_are_compared_in_any_order(edited: Call, tmp_path: Path):
    """By type and school, with a line a value in a file; now is what stands now."""
    path = tmp_path / "compared.csv"
    found = edited("runs", "compare", "#1", "--out", str(path), "--json")
    assert found.code == 0, found.err
    assert found.document["records"] == {"users": {"came": 0, "left": 0, "changed": 1}}
    assert [one["records"] for one in found.document["schools"]] == [found.document["records"]]
    assert found.document["lines"] == 1
    assert "Zz" in path.read_text(encoding="utf-8-sig")
    assert edited("runs", "compare", "now", "#1", "--json").document["records"]
    assert "Nothing is different." in edited("runs", "compare", "#2").out
    assert "People" in edited("runs", "compare", "#1").out
