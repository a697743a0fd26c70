"""What the settings of a OneRoster service have to do with what was read before (SEMANTICS B8)."""

from typing import Any

import pytest

from app.connectors.oneroster import KIND, Settings

TOLD = {"base_url": "https://north.example", "client_id": "us"}


def settings(**more: Any) -> Settings:
    return Settings(**{**TOLD, **more})


@pytest.mark.parametrize(
    "other",
    [
        {"auth": "oauth1"},
        {"signature": "HMAC-SHA1"},
        {"demographics": "read"},
        {"resources": "read"},
        {"gradebook": "read"},
        {"assessments": "write"},
        {"creates": "post"},
        {"page_size": 500},
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
    [
        {"one_person": "identifier"},
        {"primary_row": "newest"},
        {"apart": "u1"},
        {"grade_map": "Jr K=PK"},
        {"role_map": "pupil=student"},
        {"class_type_map": "advisory=homeroom"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_rows_that_mean_something_else_now_are_read_again(other: dict[str, Any]):
    """By the rules they are read by; the roster is the same."""
    assert KIND.source(settings(**other)) == KIND.source(settings())
    assert KIND.mapping_version(settings(**other)) != KIND.mapping_version(settings())
