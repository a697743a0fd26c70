"""`quality`: what the registrar of each school should mend (engine/quality.py)."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Ended
from tests.engine.sound import person, sound
from tests.engine.toy import District, district

Call = Callable[..., Ended]


@pytest.fixture
def spoilt(data_dir: Path) -> Iterator[District]:
    """School 1 has a teacher and seven students without an email, School 2 a student."""
    sis = sound()
    sis.change("users", "t1", email=None)
    sis.change("users", "s21", email=None, given_name="=1+1")
    for n in range(7):
        person(sis, f"n{n}", "student", 1)
        sis.change("users", f"n{n}", email=None)
    with district(data_dir, sis) as found:
        found.sync()
        yield found


def test_each_school_is_told_how_many_and_which(call: Call, spoilt: District) -> None:
    """Counts by school and rule, then a few lines of each, and how to have all."""
    ended = call("quality")
    assert ended.code == 0, ended.err
    counts, first, second, rest = ended.out.strip().split("\n\n")
    assert "School 1" in counts
    assert "No email address (email-missing)" in counts
    assert first.startswith("School 1\n")
    assert len(first.splitlines()) == 2 + 5
    assert "T1 Núñez" in first.splitlines()[2], "faults first"
    assert second.startswith("School 2\n")
    assert rest.startswith("6 of 9 lines are shown. All of them: --limit 8")
    assert "are shown" not in call("quality", "--limit", "8").out


def test_a_report_can_be_of_one_school_rule_and_connector(call: Call, spoilt: District) -> None:
    """Each by the names that people have for them."""

    def keys(*arguments: str) -> list[str]:
        return [one["key"] for one in call("quality", "--json", *arguments).document]

    assert keys("--school", "School 2") == ["s21"]
    assert len(keys("--connector", "toy", "--rule", "email-missing")) == 9
    assert keys("--rule", "email_shared", "--rule", "terms-over") == []
    assert call("quality", "--rule", "terms-over").out.strip() == "Nothing is to be mended."
    for wrong in (("--rule", "spelling"), ("--school", "Nowhere"), ("--connector", "nobody")):
        assert call("quality", *wrong).code == 2


def test_in_json_a_line_has_codes_and_words(call: Call, spoilt: District) -> None:
    """What a script needs to find the record, and what a person reads."""
    [line] = call("quality", "--json", "--school", "School 2").document
    user, school = spoilt.id("users", "s21"), spoilt.id("orgs", "o2")
    assert line == {
        "school": school, "school_name": "School 2", "grade": "note", "rule": "email_missing",
        "connector": None, "entity": "users", "id": user, "record": "=1+1 Núñez", "key": "s21",
        "field": "email", "now": None, "should_be": "An address of their own",
    }  # fmt: skip


def test_all_of_it_is_saved_for_a_spreadsheet(call: Call, spoilt: District, tmp_path: Path) -> None:
    """Every line with headings, and nothing that a spreadsheet would run."""
    path = tmp_path / "mend.csv"
    ended = call("quality", "--out", path)
    assert (ended.code, ended.out.splitlines()[-1]) == (0, f"{path}: 9 lines")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 9
    assert list(rows[0]) == [
        "School", "Kind", "What", "Record", "Field", "Now", "Should be", "Record type", "Key",
    ]  # fmt: skip
    assert rows[-1]["Record"] == "'=1+1 Núñez"
    told = call("quality", "--out", path, "--json").document
    assert told == {"path": str(path), "lines": 9}


def test_a_file_that_cannot_be_written_is_told(
    call: Call, spoilt: District, tmp_path: Path
) -> None:
    """One sentence, and what was there stays."""
    ended = call("quality", "--out", tmp_path)
    assert ended.code == 1
    assert str(tmp_path) in ended.err
