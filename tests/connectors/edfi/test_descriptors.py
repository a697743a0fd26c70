"""The words of a district mean what the standard or its administrator says they mean."""

import json

import pytest

from app.connectors.edfi.descriptors import NOTHING, Unheard, Words, own_meanings
from app.connectors.edfi.standard_words import CHOICES, STANDARD
from app.errors import ConfigError
from app.roster.entities import GRADES
from app.text import SENTENCES, sentence

GRADE = "GradeLevelDescriptor"


def uri(word: str, name: str = GRADE, whose: str = "ed-fi.org") -> str:
    return f"uri://{whose}/{name}#{word}"


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("Ninth grade", "09"),
        ("NINTH  GRADE", "09"),
        ("9", "09"),
        ("09", "09"),
        ("9th Grade", "09"),
        ("Grade 13", "13"),
        ("Infant/toddler", "IT"),
        ("Preschool/Prekindergarten", "PK"),
        ("Kindergarten", "KG"),
        ("Ungraded", "UG"),
        ("Adult Education", "Other"),
    ],
)
def test_a_grade_is_understood_however_it_is_written(word: str, code: str):
    """Case, spaces and the form of the number do not matter."""
    assert Words().meaning(GRADE, uri(word)) == code


def test_whose_word_it_is_does_not_matter():
    """A district's own namespace, or none at all, changes no meaning."""
    words = Words()
    assert words.meaning(GRADE, uri("Ninth grade", whose="any.district")) == "09"
    assert words.meaning(GRADE, "Ninth grade") == "09"


def test_no_word_has_two_meanings():
    """Within one descriptor each word of the standard stands under one meaning alone."""
    for name, meanings in STANDARD.items():
        found: dict[str, str] = {}
        for meaning, words in meanings.items():
            for word in words:
                folded = "".join(word.split()).casefold()
                assert found.setdefault(folded, meaning) == meaning, (name, word)


@pytest.mark.parametrize("code", GRADES)
def test_every_grade_has_a_descriptor(code: str):
    """What the roster can say of grades can be said to Ed-Fi, and reads as the same again."""
    words = Words()
    said = words.descriptor(GRADE, code)
    assert said is not None
    assert words.meaning(GRADE, said) == code


def test_an_unknown_word_is_counted_and_means_nothing_yet():
    """The list of unmapped descriptors tells each one and how often it was said."""
    words = Words()
    for _ in range(3):
        assert words.meaning(GRADE, uri("Sprouts", whose="d.org")) is None
    assert words.unmapped == {f"{GRADE}#Sprouts": 3}


def test_nothing_said_is_not_unmapped():
    """A blank descriptor is no unknown one."""
    words = Words()
    assert [words.meaning(GRADE, said) for said in (None, "", "  ", 7)] == [None] * 4
    assert not words.unmapped


def test_an_administrator_says_what_words_mean():
    """The editable map goes before the standard, with or without a namespace."""
    told = (
        "GradeLevelDescriptor#Sprouts=PK; uri://d.org/GradeLevelDescriptor#First grade = KG;"
        "ClassroomPositionDescriptor#Guru=teacher; academicsubjectdescriptor#MTH = Mathematics;"
        "RelationDescriptor#A=none"
    )
    words = Words(own_meanings(told))
    assert words.meaning(GRADE, uri("sprouts")) == "PK"
    assert words.meaning(GRADE, uri("First Grade")) == "KG"
    assert words.meaning("ClassroomPositionDescriptor", uri("Guru")) == "teacher"
    assert words.word("AcademicSubjectDescriptor", uri("MTH")) == "Mathematics"
    assert words.meaning("RelationDescriptor", uri("A")) == NOTHING
    assert not words.unmapped


def test_a_word_may_have_an_equals_sign():
    """What stands behind the last equals sign is the meaning."""
    assert Words(own_meanings(f"{GRADE}#K=1=KG")).meaning(GRADE, uri("K=1")) == "KG"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("GradeLevelDescriptor#Sprouts", "word_without_meaning"),
        ("GradeLevelDescriptor=PK", "word_without_meaning"),
        ("GradeLevelDescriptor#Sprouts=Tiny", "word_means_nothing_known"),
        ("ShoeSizeDescriptor#XL=9", "descriptor_not_read"),
        ("GradeLevelDescriptor#A=PK;GradeLevelDescriptor#a=KG", "word_means_two_things"),
    ],
)
def test_a_map_that_cannot_be_is_refused(text: str, code: str):
    """The fault is told with the setting it stands in."""
    with pytest.raises(ConfigError) as caught:
        own_meanings(text)
    assert caught.value.code == code
    assert caught.value.code in SENTENCES
    assert "descriptor_map" in sentence(code, caught.value.parameters)


def test_every_meaning_that_is_offered_can_be_chosen():
    """What an administrator is told to choose from is what the map takes."""
    for name, choices in CHOICES.items():
        for meaning in choices:
            assert own_meanings(f"{name}#Some word={meaning}")


def test_what_is_written_is_said_in_the_districts_own_words():
    """The descriptor that the district uses most, else the standard's."""
    words = Words()
    assert words.descriptor(GRADE, "09") == uri("Ninth grade")
    words.meaning(GRADE, uri("09", whose="d.org"))
    words.meaning(GRADE, uri("Grade 9", whose="d.org"))
    words.meaning(GRADE, uri("Grade 9", whose="d.org"))
    assert words.descriptor(GRADE, "09") == uri("Grade 9", whose="d.org")


def test_a_word_without_a_namespace_is_never_said_back():
    """Whoever says ``9`` alone is understood, and is answered by the standard's descriptor."""
    words = Words()
    words.meaning(GRADE, "9")
    assert words.descriptor(GRADE, "09") == uri("Ninth grade")


def test_a_word_is_said_back_as_that_very_word():
    """A relation is written by its own word, whatever else means the same role."""
    words = Words()
    name = "RelationDescriptor"
    words.meaning(name, uri("Father", name))
    assert words.worded(name, "mother") == uri("Mother", name)
    words.meaning(name, uri("MOTHER", name, "d.org"))
    assert words.worded(name, "mother") == uri("MOTHER", name, "d.org")
    assert words.worded(name, "godparent") is None


def test_of_what_the_service_has_the_best_is_said():
    """The administrator's word, then the standard's in its order; read ones before all."""
    words = Words(own_meanings(f"{GRADE}#Sprouts=PK"), asks=True)
    with pytest.raises(Unheard):
        words.descriptor(GRADE, "PK")
    there = [uri("PK"), uri("Prekindergarten"), uri("sprouts", whose="d.org")]
    words.has(GRADE, there)
    assert words.descriptor(GRADE, "PK") == there[2]
    words.has(GRADE, there[:2])
    assert words.descriptor(GRADE, "PK") == there[1]
    assert words.descriptor(GRADE, "09") is None
    words.meaning(GRADE, uri("Pre-K", whose="d.org"))
    assert words.descriptor(GRADE, "PK") == uri("Pre-K", whose="d.org")


def test_the_memory_survives_as_plain_json():
    """What was learnt in one run is known in the next."""
    words = Words()
    words.meaning(GRADE, uri("9", whose="d.org"))
    words.word("AcademicSubjectDescriptor", uri("Maths", "AcademicSubjectDescriptor", "d.org"))
    words.meaning(GRADE, uri("Sprouts"))
    again = Words(None, json.loads(json.dumps(words.learnt())))
    assert again.descriptor(GRADE, "09") == uri("9", whose="d.org")
    assert again.learnt() == words.learnt()


def test_what_has_been_explained_since_is_no_longer_unmapped():
    """The list of unmapped words has those alone that still have no meaning."""
    words = Words()
    words.meaning(GRADE, uri("Sprouts"))
    words.meaning(GRADE, uri("Buds"))
    again = Words(own_meanings(f"{GRADE}#Sprouts=PK"), words.learnt())
    assert list(again.unmapped) == [f"{GRADE}#Buds"]


@pytest.mark.parametrize(
    "learnt", [{"seen": 3, "unmapped": []}, {"seen": [[1], None, ["a", "b", "c", "d"]]}, {"x": 1}]
)
def test_a_memory_that_is_none_is_forgotten(learnt: dict[str, object]):
    """A memory of an older program, or a damaged one, costs nothing but itself."""
    assert Words(None, learnt).learnt() == {"seen": [], "unmapped": {}}


def test_the_memory_is_bounded():
    """A service that says ever new words fills nobody's memory."""
    words = Words()
    for number in range(10_000):
        words.meaning(GRADE, uri(f"odd {number}"))
        words.word("AcademicSubjectDescriptor", uri(f"subject {number}"))
    assert len(words.unmapped) <= 500
    assert len(words.learnt()["seen"]) <= 2_000
