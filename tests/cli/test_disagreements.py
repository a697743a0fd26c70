"""`disagreements`: where the connected SIS tell otherwise (engine/disagreements.py)."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.engine.policy import Decides
from tests.cli.conftest import Ended
from tests.engine.test_matching import both
from tests.engine.toy import District, ToySis, district, fill

Call = Callable[..., Ended]


def numbered() -> ToySis:
    """Two schools and three people who have numbers."""
    sis = fill(ToySis(), people=3)
    for n in range(3):
        sis.change("users", f"u{n:03d}", identifier=f"10{n}")
    return sis


@pytest.fixture
def two(data_dir: Path) -> Iterator[District]:
    """Of the first person the other SIS has another email address, and no grade."""
    other = numbered()
    other.change("users", "u000", email="=1+1@x.example", grades=None)
    with district(data_dir, numbered(), other=other) as found:
        found.without_limits()
        found.engine.put_in_charge("other", {"people": Decides.OURS})
        found.sync()
        found.sync("other")
        yield found


def test_what_each_says_stands_side_by_side(call: Call, two: District) -> None:
    """How many of each sort, then the lines, a column for each SIS."""
    ended = call("disagreements", "list")
    assert ended.code == 0, ended.err
    counts, lines = ended.out.strip().split("\n\n")
    assert counts.splitlines()[-1].split("  ")[0] == "Say otherwise"
    heading, line = lines.splitlines()[0], lines.splitlines()[-1]
    assert heading.endswith("“toy” says")
    assert "Email" in line
    assert (
        line.index("u0@district.example")
        < line.index("=1+1@x.example")
        < line.rindex("u0@district.example")
    )
    assert "Grades" not in ended.out
    assert "Grades" in call("disagreements", "list", "--silent").out


def test_a_script_gets_values(call: Call, two: District) -> None:
    """What stands here and what each says, by connector."""
    [one] = call("disagreements", "list", "users", "--json").document
    assert (one["manner"], one["field"], one["ours"]) == ("differ", "email", "u0@district.example")
    assert one["told"] == {"other": "=1+1@x.example", "toy": "u0@district.example"}


def test_a_spreadsheet_gets_no_formulas(call: Call, two: District, tmp_path: Path) -> None:
    """DESIGN §8: what a SIS says is never run."""
    out = tmp_path / "seen.csv"
    assert call("disagreements", "list", "--out", str(out)).code == 0
    with out.open(encoding="utf-8-sig", newline="") as file:
        heading, line = csv.reader(file)
    assert heading[-2:] == ["“other” says", "“toy” says"]
    assert line[-2] == "'=1+1@x.example"


def test_a_side_is_taken(call: Call, two: District) -> None:
    """The change has a number, by which it can be undone; taken twice, it is told why not."""
    who = str(two.id("users", "u000"))
    taken = ("disagreements", "take", "other", "users", who, "--field", "email")
    change = call(*taken, "--json").document["change_set"]
    assert call("disagreements", "list", "users", "--json").document[0]["ours"] == "=1+1@x.example"
    again = call(*taken)
    assert again.code == 2
    assert "stands here already" in again.err
    assert call("runs", "undo", str(change)).code == 0


def test_what_cannot_be_is_told(call: Call, two: District) -> None:
    """One connector disagrees with nobody; a field is one of a record type."""
    for wrong in (("--connector", "toy"), ("--field", "email"), ("nobodies",)):
        ended = call("disagreements", "list", *wrong)
        assert ended.code == 2, ended.out
        assert ended.err


def test_what_is_gone_at_one_and_still_at_the_other_is_listed(data_dir: Path, call: Call) -> None:
    """With the sync that found it; left alone it is listed no more, until it is asked for."""
    with both(data_dir) as d:
        d.sync()
        d.sync("other")
        assert call("disagreements", "gone", "--json").document == []
        d.sis.end("users", "a-u0")
        run = d.sync()
        record = d.id("users", "b-u0")
    (one,) = call("disagreements", "gone", "--json").document
    assert one == {
        "entity": "users", "record": record, "connector": "toy", "since": one["since"],
        "run": run.id, "still": ["other"], "title": "Given0 Family0",
    }  # fmt: skip
    shown = call("disagreements", "gone", "--connector", "toy").out
    assert all(word in shown for word in ("Given0 Family0", f"#{run.id}", "other"))
    assert call("disagreements", "gone", "--connector", "nobody").code == 2
    assert call("disagreements", "leave", "toy", record).code == 0
    assert "Nothing has ended" in call("disagreements", "gone").out
    assert call("disagreements", "leave", "toy", record, "--again", "--json").document == {
        "connector": "toy", "count": 1, "error": None,
    }  # fmt: skip
    assert len(call("disagreements", "gone", "--json").document) == 1
