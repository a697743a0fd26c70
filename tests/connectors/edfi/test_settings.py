"""What the settings of an Ed-Fi service have to do with what was read before (SEMANTICS B8)."""

from datetime import timedelta
from typing import Any

import pytest

from app.connectors.contract import declared
from app.connectors.edfi import KIND
from app.connectors.edfi.learnt import LASTS, learnt_of
from app.connectors.edfi.settings import Settings, require_whole
from app.errors import ConfigError
from tests.connectors.edfi.small_service import NOW

TOLD = {"base_url": "https://north.example/api", "key": "us"}


def settings(**more: Any) -> Settings:
    return Settings(**{**TOLD, **more})


@pytest.mark.parametrize(
    "other",
    [
        {"rosters": "write"},
        {"gradebook": "write"},
        {"demographics": "read"},
        {"assessments": "read"},
        {"namespace": "uri://x"},
        {"credentials": "body"},
        {"paging": "offset"},
        {"change_queries": "off"},
        {"snapshots": "on"},
        {"page_size": 100},
        {"concurrency": 4},
    ],
    ids=lambda other: next(iter(other)),
)
def test_how_it_is_asked_is_no_reason_to_read_everything_again(other: dict[str, Any]):
    """Nor is a stream of its own that is switched on or off."""
    assert KIND.source(settings(**other)) == KIND.source(settings())
    assert KIND.mapping_version(settings(**other)) == KIND.mapping_version(settings())


@pytest.mark.parametrize(
    "other",
    [{"descriptor_map": "TermDescriptor#T1=Quarter"}, {"sessions_joined": "off"}],
    ids=lambda other: next(iter(other)),
)
def test_documents_that_mean_something_else_now_are_read_again(other: dict[str, Any]):
    """By the rules they are told by; the roster is the same."""
    assert KIND.source(settings(**other)) == KIND.source(settings())
    assert KIND.mapping_version(settings(**other)) != KIND.mapping_version(settings())


@pytest.mark.parametrize(
    "other",
    [
        {"base_url": "https://south.example/api"},
        {"token_url": "https://sign.example/token"},
        {"key": "them"},
        {"school_year": "2026"},
        {"instance": "two"},
        {"guardians": "on"},
        {"grades": "read"},
        {"source": "ours"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_another_roster_or_another_part_of_it_is_another_source(other: dict[str, Any]):
    """What was read before is no base to go on from."""
    assert KIND.source(settings(**other)) != KIND.source(settings())


def test_report_grades_and_gradebook_share_their_streams():
    """One that is switched on beside the other is read from its beginning; writing is no reason."""
    grades = KIND.source(settings(grades="read"))
    both = KIND.source(settings(grades="read", gradebook="read"))
    assert len({grades, both, KIND.source(settings(gradebook="read"))}) == 3
    assert KIND.source(settings(grades="write")) == grades
    assert KIND.source(settings(grades="write", gradebook="write")) == both


def test_a_source_with_a_name_may_move():
    """Its address has a version in it, which changes with every upgrade."""
    here = settings(source="ours")
    there = settings(source="ours", base_url="https://north.example/v7.4/api")
    assert KIND.source(here) == KIND.source(there)


def test_what_is_private_is_left_off_unless_somebody_wants_it():
    """Demographics and the contacts of students are opt-in, and so is every writing."""
    given = {one.name: one.default for one in declared(KIND)}
    off = {"guardians", "demographics", "gradebook", "grades", "assessments"}
    assert {name for name, value in given.items() if value == "off"} == {*off, "snapshots"}
    assert "write" not in given.values()


def test_no_secret_is_among_the_settings():
    """It goes to the keyring alone."""
    assert [one.key for one in KIND.secrets] == ["secret"]
    assert "secret" not in Settings.__struct_fields__


def test_an_address_is_kept_as_it_is_understood():
    """However it was pasted."""
    assert settings(base_url=" <https://North.example:443/api/> ").base_url == (
        "https://north.example/api/"
    )


@pytest.mark.parametrize(
    "odd",
    [
        {"page_size": 501},
        {"page_size": -1},
        {"concurrency": 0},
        {"school_year": "26/27"},
        {"school_year": "26"},
    ],
)
def test_numbers_out_of_range_are_told_by_their_setting(odd: dict[str, Any]):
    """A service refuses pages of more than 500."""
    with pytest.raises(ConfigError) as caught:
        require_whole(settings(**odd))
    assert caught.value.parameters["setting"] == next(iter(odd))


def test_every_preset_has_settings_that_exist():
    """And values that they may have."""
    known = {one.name: one for one in declared(KIND)}
    for preset in KIND.presets:
        for name, chosen in preset.settings.items():
            choices = known[name].about.choices
            assert not choices or chosen.value in choices


def test_habits_are_forgotten_and_words_are_not():
    """Services get better; what the district calls its grades stays as it is."""
    learnt = learnt_of({}, NOW)
    learnt.cursors, learnt.words = False, {"seen": []}
    soon, late = (learnt_of(learnt.told(), NOW + after) for after in (timedelta(1), LASTS))
    assert (soon.cursors, soon.words) == (False, {"seen": []})
    assert (late.cursors, late.words) == (None, {"seen": []})


@pytest.mark.parametrize("odd", [{"form": 99, "since": "x"}, {"cursors": "maybe"}, {"since": 5}])
def test_what_an_older_version_had_learnt_is_no_trouble(odd: dict[str, Any]):
    """It begins anew."""
    assert learnt_of(odd, NOW).cursors is None
