"""The shipped suite over the practice district, and over connectors that break the contract."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.connectors.conformance import CHECKS, NotConforming, Subject
from app.connectors.conformance import bad_settings_are_found as bad_settings
from app.connectors.contract import Connector, Io, Page
from app.connectors.http import HttpTransport, Limits
from app.connectors.oneroster import KIND, OneRoster, Settings
from tests.practice.client import serving


def _quick() -> HttpTransport:
    return HttpTransport(Limits(attempts=1))


@pytest.fixture(scope="module")
def subject() -> Iterator[Subject]:
    with serving(students=40, seed=3) as ready:
        settings = Settings(
            base_url=ready["base_url"],
            token_url=ready["token_url"],
            client_id=ready["client_id"],
        )
        secrets = {"client_secret": ready["client_secret"]}
        elsewhere = Settings(
            base_url=ready["base_url"] + "/nowhere/ims/oneroster",
            token_url=ready["token_url"],
            client_id=ready["client_id"],
        )
        bad = [
            (settings, {"client_secret": "not the secret"}),
            (settings, {}),
            (Settings(client_id="x"), secrets),
            (elsewhere, secrets),
        ]
        yield Subject(KIND, settings, secrets, bad, _quick, page_size=40)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_oneroster_conforms(subject: Subject, check: Callable[[Subject], str]):
    """Over a real service, through the real transport (DESIGN §5; SEMANTICS C4–C7)."""
    assert check(subject).endswith(".")


class Spoilt:
    """The connector of another kind, with its pages changed on the way."""

    def __init__(self, inner: Connector, spoil: Callable[[Page], Page]) -> None:
        self._inner, self._spoil = inner, spoil

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def pull(self, *args: Any) -> Any:
        steps = self._inner.pull(*args)
        answer = None
        try:
            while True:
                step = steps.send(answer)
                answer = yield self._spoil(step) if isinstance(step, Page) else step
        except StopIteration:
            return


class SpoiltKind(OneRoster):
    """OneRoster as somebody careless might have written it."""

    def __init__(self, spoil: Callable[[Page], Page]) -> None:
        self.spoil = spoil

    def open(self, settings: Any, secrets: Any, io: Io) -> Connector:
        return Spoilt(super().open(settings, secrets, io), self.spoil)


@pytest.mark.parametrize(
    ("check", "spoil"),
    [
        ("pages_keep_the_contract", lambda page: replace(page, last=False)),
        ("pages_keep_the_contract", lambda page: replace(page, keys=page.keys[:-1])),
        ("pages_keep_the_contract", lambda page: replace(page, scope=str(id(page)))),
        ("states_resume", lambda page: replace(page, state={})),
        ("states_resume", lambda page: replace(page, state={"when": float("nan")})),
        (
            "faults_never_look_whole",
            lambda page: replace(page, doubts=(), restarts=False, total=None),
        ),
    ],
)
def test_a_broken_connector_is_found_out(subject: Subject, check: str, spoil: Any):
    """The suite itself works: each breach fails its check."""
    [wanted] = [each for each in CHECKS if each.__name__ == check]
    with pytest.raises((NotConforming, ValueError)):
        wanted(replace(subject, kind=SpoiltKind(spoil)))


def test_settings_that_work_are_no_bad_settings(subject: Subject):
    """A test of the connection that never finds anything would be found out."""
    with pytest.raises(NotConforming):
        bad_settings(replace(subject, bad=[(subject.settings, subject.secrets)]))
