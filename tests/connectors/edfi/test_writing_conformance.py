"""The shipped suite's checks of writing over the practice district as Ed-Fi (SEMANTICS F)."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest

from app.connectors.conformance import (
    Subject,
    foreign_parts_are_kept,
    others_edits_survive,
    refused_writes_say_so,
    writes_arrive,
)
from app.connectors.edfi import KIND
from app.connectors.edfi.settings import Settings
from app.connectors.http import HttpTransport, Limits
from app.practice.district import District
from app.practice.edfi.projection import documents
from app.practice.gradebook import Gradebook
from tests.practice.edfi.client import serving, speaking

CHECKS = (refused_writes_say_so, writes_arrive, others_edits_survive, foreign_parts_are_kept)


@pytest.fixture(scope="module", params=["", "api-6.2"], ids=["the-newest", "standard-4"])
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """All that can be written, in two generations."""
    district = District(7, 20, date(2026, 3, 3))
    told = documents(district, Gradebook(district).collections)
    with serving(told) as ready, speaking(ready) as sis:
        if request.param:
            sis.switch_on(request.param)
        sis.session.close()
        settings = Settings(
            base_url=ready["edfi_url"],
            key=ready["edfi_key"],
            rosters="write",
            guardians="on",
            demographics="write",
            gradebook="write",
            grades="write",
            assessments="write",
        )
        secrets = {"secret": ready["edfi_secret"]}
        yield Subject(
            KIND, settings, secrets, [], lambda: HttpTransport(Limits(attempts=1)), page_size=25
        )


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_writing_conforms(subject: Subject, check: Callable[[Subject], str]):
    """Places, line items, results and assessment results are made, changed and deleted; what
    others wrote, and what nobody maps, stays."""
    said = check(subject)
    assert said.endswith(".")
    assert check is refused_writes_say_so or "4 record types" in said
