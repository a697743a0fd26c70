"""The shipped suite over the practice district as Ed-Fi, of a new generation and of older ones."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from msgspec import structs

from app.connectors.conformance import CHECKS, Subject
from app.connectors.edfi import KIND
from app.connectors.edfi.settings import Settings
from app.connectors.http import HttpTransport, Limits
from app.practice.district import District
from app.practice.edfi.projection import documents
from app.practice.gradebook import Gradebook
from tests.practice.edfi.client import serving, speaking

EVERYTHING = {
    "guardians": "on",
    "demographics": "read",
    "gradebook": "read",
    "grades": "read",
    "assessments": "read",
}


def quick() -> HttpTransport:
    return HttpTransport(Limits(attempts=1))


def made(ready: dict[str, Any], **given: Any) -> Subject:
    """The service, read by a connector with these settings."""
    settings = Settings(base_url=ready["edfi_url"], key=ready["edfi_key"], **given)
    secrets = {"secret": ready["edfi_secret"]}
    root = ready["edfi_url"].rpartition("/")[0]
    elsewhere = structs.replace(settings, base_url=f"{root}/nowhere")
    bad = [
        (settings, {"secret": "not the secret"}),
        (settings, {}),
        (Settings(key="x"), secrets),
        (elsewhere, secrets),
    ]
    return Subject(KIND, settings, secrets, bad, quick, page_size=40)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((EVERYTHING, ()), id="everything"),
        pytest.param(({**EVERYTHING, "paging": "offset"}, ("api-5.3",)), id="older"),
        pytest.param(({**EVERYTHING, "change_queries": "off"}, ()), id="without-changes"),
    ],
)
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """All that a service has, as several generations serve it."""
    given, switches = request.param
    district = District(7, 20, date(2026, 3, 3))
    told = documents(district, Gradebook(district).collections)
    with serving(told) as ready, speaking(ready) as owner:
        for name in switches:
            owner.switch_on(name)
        yield made(ready, **given)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_edfi_conforms(subject: Subject, check: Callable[[Subject], str]):
    """Over a real service, through the real transport (DESIGN §5; SEMANTICS C4-C7)."""
    assert check(subject).endswith(".")
