"""Words that no standard has: which they are, and how they are told."""

from collections import Counter

import pytest

from app.connectors.oneroster.vocabulary import grade
from app.roster.entities import ENTITIES, GRADES
from app.roster.values import UNSAID, Plain
from app.roster.words import Odd, merged, odd_words, told_words


def patch(entity: str, **values: Plain) -> list[Plain]:
    """A row that says these values alone."""
    return [values.get(name, UNSAID) for name in ENTITIES[entity].field_names]


@pytest.mark.parametrize(
    ("entity", "said", "code", "odd"),
    [
        ("users", {"grades": ("09", "Jr K")}, "grades_unknown", "Jr K"),
        ("courses", {"grades": ("Yr 13",)}, "grades_unknown", "Yr 13"),
        ("classes", {"class_type": "advisory"}, "class_types_unknown", "advisory"),
        ("enrollments", {"role": "profesor"}, "roles_unknown", "profesor"),
        ("users", {"roles": (("profesor", "o1", None, None, None, None),)},
         "roles_unknown", "profesor"),
    ],
)  # fmt: skip
def test_a_word_that_no_standard_has_is_counted(
    entity: str, said: dict[str, Plain], code: str, odd: str
) -> None:
    """Wherever it stands; once for each row that says it."""
    rows = [patch(entity, **said)] * 3
    assert odd_words(ENTITIES[entity], rows) == {(code, odd): 3}


def test_words_of_the_standard_and_its_extensions_are_not_odd() -> None:
    """Neither is what is not said, or blank."""
    rows = [
        patch("classes", class_type="homeroom", grades=("KG", "Other")),
        patch("classes", class_type="ext:advisory", grades=("ext:JrK",)),
        patch("classes", class_type=None, grades=None),
        patch("classes"),
    ]
    assert odd_words(ENTITIES["classes"], rows) == {}


def test_however_a_grade_is_written_it_becomes_one_that_is_known() -> None:
    """What OneRoster connectors make of a grade is a code of the standard."""
    assert {grade(word) for word in ("Sixth grade", "K", "pre-k", "13", "ungraded")} <= {*GRADES}
    assert all(grade(code) == code for code in GRADES)


def test_words_are_told_with_how_often_the_most_frequent_first() -> None:
    """A few of them, and of none more than the beginning."""
    odd: Odd = Counter({("grades_unknown", "Yr 13"): 3, ("grades_unknown", "Jr K"): 1200})
    assert told_words(odd) == {"grades_unknown": "Jr K (1,200), Yr 13 (3)"}
    many: Odd = Counter({("roles_unknown", f"{n:02}" + "x" * 500): 1 for n in range(30)})
    [told] = told_words(many).values()
    assert told.endswith("…")
    assert len(told) < 500


def test_a_sis_that_says_anything_is_counted_no_further() -> None:
    """Its words would fill the memory; those that are known are counted on."""
    odd: Odd = Counter()
    for n in range(2000):
        merged(odd, Counter({("grades_unknown", f"{n}"): 1, ("grades_unknown", "0"): 1}))
    assert len(odd) < 1000
    assert odd["grades_unknown", "0"] == 2000
