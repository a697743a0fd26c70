"""What a SIS calls its own way means what an administrator says it means."""

import json

import pytest

from app.connectors.contract import Row
from app.connectors.oneroster import wire
from app.connectors.oneroster.vocabulary import STREAMS
from app.connectors.oneroster.words import STANDARD, Words, own_words
from app.errors import ConfigError
from app.text import SENTENCES, sentence

GRADES = "Jr K = PK;Year 13=13; ALT=ungraded;"
ROLES = "Instructor=Teacher; PUPIL=student; coach=ext:coach"
TYPES = "advisory=homeroom; Home Base=Homeroom"


def read(words: Words, entity: str, field: str, **row: object) -> object:
    """The value of a field of a row that is read with ``words``."""
    found = wire.readers(words)[entity](json.dumps({"sourcedId": "k", **row}).encode())
    assert isinstance(found, Row)
    return found.patch[STREAMS[entity].entity.field_names.index(field)]


@pytest.mark.parametrize(
    ("entity", "field", "row", "value"),
    [
        ("users", "grades", {"grades": ["jr  k"]}, ("PK",)),
        ("users", "grades", {"grades": ["JR K", "Alt", "Sixth grade"]}, ("06", "PK", "UG")),
        ("courses", "grades", {"grades": "Year 13,Jr K"}, ("13", "PK")),
        ("enrollments", "role", {"role": "instructor"}, "teacher"),
        ("enrollments", "role", {"role": "Coach"}, "ext:coach"),
        ("enrollments", "role", {"role": "Student"}, "student"),
        ("resources", "roles", {"roles": ["Pupil", "teacher"]}, ("student", "teacher")),
        (
            "users",
            "roles",
            {"roles": [{"role": "pupil", "org": {"sourcedId": "s"}}]},
            (("student", "s", None, None, None),),
        ),
        ("users", "roles", {"role": "pupil"}, (("student", None, "primary", None, None),)),
        ("classes", "class_type", {"classType": "HOME BASE"}, "homeroom"),
        ("classes", "class_type", {"classType": "Scheduled"}, "scheduled"),
    ],
)
def test_own_words_come_before_the_usual_ones(entity, field, row, value):
    """Whatever their case, in every place that such a word stands in (ONEROSTER 9)."""
    assert read(own_words(GRADES, ROLES, TYPES), entity, field, **row) == value


def test_without_own_words_everything_is_called_by_the_standard():
    """Blank settings say nothing."""
    assert own_words("", " ", " ; ") == STANDARD
    assert read(STANDARD, "enrollments", "role", role="pupil") == "pupil"


def test_a_number_can_be_a_word():
    """Some SIS have codes in the place of words."""
    words = own_words("14=12", "3=teacher", "1=homeroom")
    assert read(words, "enrollments", "role", role=3) == "teacher"
    assert read(words, "users", "grades", grades=[14]) == ("12",)
    assert read(words, "classes", "class_type", classType=1) == "homeroom"


@pytest.mark.parametrize(
    ("settings", "code", "told"),
    [
        (("Jr K", "", ""), "word_without_meaning", "Jr K"),
        (("=PK", "", ""), "word_without_meaning", "=PK"),
        (("Jr K=", "", ""), "word_without_meaning", "Jr K="),
        (("Jr K=nursery", "", ""), "word_means_nothing_known", "nursery"),
        (("", "pupil=learner", ""), "word_means_nothing_known", "districtAdministrator"),
        (("", "", "advisory=club"), "word_means_nothing_known", "homeroom"),
        (("", "pupil=student; PUPIL=aide", ""), "word_means_two_things", "PUPIL"),
    ],
)
def test_a_list_of_words_that_cannot_be_read_is_told(settings, code, told):
    """With the part that is wrong, and what would be right."""
    with pytest.raises(ConfigError) as raised:
        own_words(*settings)
    assert raised.value.code == code
    assert code in SENTENCES
    assert told in sentence(code, raised.value.parameters)
