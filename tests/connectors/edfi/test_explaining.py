"""The list of a district's descriptors, and the setting that explains them."""

import pytest

from app.connectors.edfi.descriptors import Words, own_meanings
from app.connectors.edfi.explaining import explained, meanings, words
from app.errors import ConfigError

JR = "GradeLevelDescriptor#Jr K"


def met(*uris: tuple[str, str]) -> dict[str, object]:
    """What a connector has learnt after it has read these."""
    known = Words()
    for name, uri in uris:
        known.meaning(name, uri)
    return {"words": known.learnt()}


def test_what_was_read_is_listed_with_its_meaning() -> None:
    """As a connector remembers it; those without a meaning first."""
    learnt = met(
        ("SexDescriptor", "uri://ed-fi.org/SexDescriptor#Female"),
        ("SexDescriptor", "uri://here.example/SexDescriptor#female"),
        ("GradeLevelDescriptor", "uri://here.example/GradeLevelDescriptor#Jr K"),
    )
    assert [(one.said, one.means, one.times) for one in words("", learnt)] == [
        (JR, "", 1), ("SexDescriptor#female", "female", 2),
    ]  # fmt: skip


def test_what_is_explained_counts_before_a_sync_has_read_it_anew() -> None:
    """However it is spelled in the setting."""
    learnt = met(("GradeLevelDescriptor", "uri://x.example/GradeLevelDescriptor#Jr K"))
    [one] = words("gradeleveldescriptor#jrk = PK", learnt)
    assert (one.said, one.means, one.times, one.own) == (JR, "PK", 1, True)


def test_an_entry_is_written_beside_the_others() -> None:
    """One entry a descriptor: the newest stands, the others stay as they are written."""
    before = f"SexDescriptor#X=other; {JR}=KG"
    assert explained(before, JR, "PK") == f"SexDescriptor#X=other; {JR}=PK"
    assert explained(before, "sexdescriptor#x", "") == f"{JR}=KG"


@pytest.mark.parametrize(("said", "means"), [(JR, "none such"), (JR, "PK; SexDescriptor#X=other")])
def test_what_a_descriptor_cannot_mean_is_refused(said: str, means: str) -> None:
    """Before anything is saved."""
    with pytest.raises(ConfigError):
        explained("", said, means)


def test_each_meaning_that_is_offered_can_be_said() -> None:
    """The list of choices and the setting agree."""
    for meaning in meanings(JR):
        assert own_meanings(explained("", JR, meaning))


def test_where_any_text_can_be_meant_no_choice_is_offered() -> None:
    """Such as a subject."""
    assert meanings("AcademicSubjectDescriptor#Music") == ()
