"""Real Ed-Fi documents, served and read: each is counted, and what dangles is marked."""

from pathlib import Path

import pytest

from tests.edfi_sample.__main__ import FOLDER, main, show
from tests.edfi_sample.counting import Sample, sample

PARTS = {
    "courseOfferings",
    "staffEducationOrganizationAssignmentAssociations",
    "staffSchoolAssociations",
    "studentContactAssociations",
    "studentSchoolAssociations",
}
"""Of the folder, what tells records that others are."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    if not any(FOLDER.glob("*.jsonl")):
        pytest.skip("the Ed-Fi documents are not beside the checkout")
    return sample(FOLDER, tmp_path_factory.mktemp("sample"))


def test_every_document_is_read(found: Sample, capsys: pytest.CaptureFixture[str]):
    """C8: of each resource as many come as there are, and the sync ends without a word."""
    show(found)
    assert {name: one.received for name, one in found.files.items()} == {
        name: one.distinct for name, one in found.files.items()
    }
    assert "NOT WHOLE" not in capsys.readouterr().out
    assert (found.run.state, found.unreadable) == ("completed", 0)


def test_every_document_is_a_row_or_a_part_of_one(found: Sample):
    """A5: what is an anchor is a row, all of it; of the rest nothing is."""
    for name, one in found.files.items():
        assert one.rows == (0 if name in PARTS else one.distinct), name


def test_every_word_is_explained(found: Sample):
    """A1: each descriptor that a document uses means something here."""
    assert sum(found.words.values()) > 0
    assert found.unexplained == []


def test_what_is_there_twice_is_one(found: Sample):
    """A6: the same natural key is the same document; nothing else is lost on the way."""
    twice = {name: one.lines - one.distinct for name, one in found.files.items()}
    assert {name: count for name, count in twice.items() if count} == {"courseOfferings": 1}


def test_what_is_referred_to_and_is_not_there_is_known_by_its_key(found: Sample):
    """A3: it is mentioned and no more, neither alive nor ended."""
    assert found.unknown == found.dangling
    assert {entity: len(keys) for entity, keys in found.unknown.items()} == {
        "classes": 226,
        "users": 10,
    }


def test_what_dangles_is_on_the_registrars_list(found: Sample):
    """Each enrollment in a class, or of a person, that nobody tells of."""
    assert found.marked == {("enrollments", "class"): 263, ("enrollments", "user"): 10}


def test_without_the_documents_it_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """Nothing here needs them: it is skipped."""
    assert main(["--data", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith("Skipped: ")
