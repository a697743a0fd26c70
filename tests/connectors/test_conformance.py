"""The shipped suite over the practice district, and over connectors that break the contract."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from app.connectors.conformance import (
    CHECKS,
    NotConforming,
    Subject,
    foreign_parts_are_kept,
    others_edits_survive,
    writes_arrive,
)
from app.connectors.conformance import bad_settings_are_found as bad_settings
from app.connectors.contract import Change, Connector, Io, Outcome, Page, PushResult, Rolled, Shelf
from app.connectors.http import HttpTransport, Limits
from app.connectors.oneroster import KIND, OneRoster, Settings
from tests.practice.client import serving

PUSHES = (writes_arrive, others_edits_survive, foreign_parts_are_kept)


def _quick() -> HttpTransport:
    return HttpTransport(Limits(attempts=1))


@pytest.fixture(scope="module")
def ready() -> Iterator[dict[str, Any]]:
    """What the service of all subjects announced."""
    with serving(students=40, seed=3) as announced:
        yield announced


def made(ready: dict[str, Any], **given: Any) -> Subject:
    """The service, read and written by a connector with these settings."""
    known = {name: ready[name] for name in ("base_url", "token_url", "client_id")}
    settings = Settings(**known, **{"demographics": "read", **given})
    secrets = {"client_secret": ready["client_secret"]}
    elsewhere = structs.replace(settings, base_url=f"{ready['base_url']}/nowhere/ims/oneroster")
    bad = [
        (settings, {"client_secret": "not the secret"}),
        (settings, {}),
        (Settings(client_id="x"), secrets),
        (elsewhere, secrets),
    ]
    return Subject(KIND, settings, secrets, bad, _quick, page_size=40)


@pytest.fixture(scope="module")
def subject(ready: dict[str, Any]) -> Subject:
    """Rosters alone, which nobody can write."""
    return made(ready)


@pytest.fixture(scope="module")
def writing(ready: dict[str, Any]) -> Subject:
    """Rosters, and the gradebook written under keys of ours."""
    return made(ready, gradebook="write")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_oneroster_conforms(subject: Subject, check: Callable[[Subject], str]):
    """Over a real service, through the real transport (DESIGN §5; SEMANTICS C4–C7)."""
    assert check(subject).endswith(".")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_gradebook_conforms(writing: Subject, check: Callable[[Subject], str]):
    """Read like the rosters, and written (SEMANTICS F)."""
    assert check(writing).endswith(".")


EVERYTHING = {"gradebook": "write", "assessments": "write", "resources": "read"}
OLDER = {"version": "1.1", "auth": "oauth1", "gradebook": "write", "resources": "read"}


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(EVERYTHING, id="everything-1.2-oauth2"),
        pytest.param({**OLDER, "signature": "HMAC-SHA256"}, id="1.1-oauth1-sha256"),
        pytest.param({**OLDER, "signature": "HMAC-SHA1"}, id="1.1-oauth1-sha1"),
    ],
)
def wide(request: pytest.FixtureRequest, ready: dict[str, Any]) -> Subject:
    """All that a version has, with one way in."""
    return made(ready, **request.param)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_each_version_conforms(wide: Subject, check: Callable[[Subject], str]):
    """OneRoster 1.1 by OAuth 1, and 1.2 by OAuth 2 with all there is."""
    assert check(wide).endswith(".")


@pytest.mark.parametrize("check", PUSHES, ids=lambda check: check.__name__)
def test_posting_conforms(ready: dict[str, Any], check: Callable[[Subject], str]):
    """Where the SIS gives the keys of what is created (SEMANTICS F3)."""
    assert "4 record types" in check(made(ready, gradebook="write", creates="post"))


class Spoilt:
    """The connector of another kind, with its pages changed on the way."""

    def __init__(self, inner: Connector, spoil: Callable[[Page], Page]) -> None:
        self._inner, self._spoil = inner, spoil

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def pull(self, *args: Any) -> Any:
        return self._spoilt(self._inner.pull(*args))

    def roll(self, *args: Any) -> Any:
        assert isinstance(self._inner, Rolled)
        return self._spoilt(self._inner.roll(*args))

    def _spoilt(self, steps: Any) -> Any:
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
        ("rolls_are_of_one_class", lambda page: page if page.full else replace(page, full=True)),
        ("rolls_are_of_one_class", lambda page: page if page.full else replace(page, last=False)),
        ("rolls_are_of_one_class", lambda page: page if page.full else replace(page, doubts=())),
        ("rolls_are_of_one_class", lambda page: page if page.full else replace(page, scope="")),
        (
            "rolls_are_of_one_class",
            lambda page: page if page.full else replace(page, keys=page.keys[1:]),
        ),
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


class Careless:
    """A connector whose pushes are changed on the way."""

    def __init__(self, inner: Connector, change: Callable[[Change], Change], lies: bool) -> None:
        self._inner, self._change, self._lies = inner, change, lies

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def push(self, change: Change, shelf: Shelf) -> Any:
        if self._lies:
            return PushResult(Outcome.DONE)
        return (yield from self._inner.push(self._change(change), shelf))


class CarelessKind(OneRoster):
    """OneRoster as somebody careless might write it."""

    def __init__(self, change: Callable[[Change], Change], lies: bool = False) -> None:
        self.change, self.lies = change, lies

    def open(self, settings: Any, secrets: Any, io: Io) -> Any:
        return Careless(super().open(settings, secrets, io), self.change, self.lies)


def _agreeing(change: Change) -> Change:
    """Takes whatever stands there for what was agreed."""
    if change.action != "update" or "what is not there" not in str(change.base):
        return change
    return replace(change, base=dict.fromkeys(change.base, "Conformance"))


@pytest.mark.parametrize(
    ("check", "kind"),
    [
        (writes_arrive, CarelessKind(lambda change: change, lies=True)),
        (writes_arrive, CarelessKind(lambda change: replace(change, key="always the same"))),
        (others_edits_survive, CarelessKind(_agreeing)),
        (foreign_parts_are_kept, CarelessKind(lambda change: replace(change, patch={}))),
    ],
)
def test_a_careless_writer_is_found_out(writing: Subject, check: Any, kind: CarelessKind):
    """Each breach fails its check."""
    with pytest.raises(NotConforming):
        check(replace(writing, kind=kind))


def test_settings_that_work_are_no_bad_settings(subject: Subject):
    """A test of the connection that never finds anything would be found out."""
    with pytest.raises(NotConforming):
        bad_settings(replace(subject, bad=[(subject.settings, subject.secrets)]))
