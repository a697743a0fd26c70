"""One access token for all processes of a data folder: kept in the keyring alone (DESIGN §8).

A practice service counts the tokens that it gives. What a process has in memory is forgotten before
each call, as if it were the next process.
"""

import io
import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import keyring
import pytest
import requests
from keyring.backends import fail

from app.connectors.edfi import token
from app.practice.district import District
from app.practice.edfi.projection import documents
from app.practice.gradebook import Gradebook
from app.vault import SERVICE, environment_name
from tests.cli.conftest import Ended, MemoryKeyring
from tests.practice.edfi.client import serving

Call = Callable[..., Ended]
NAME = "ODS"
SYNCS = 20
"""More than the tokens that a client may have."""


class Service:
    """A practice Ed-Fi service, and what it is told beside what a client may."""

    def __init__(self, announced: dict[str, Any]) -> None:
        self.announced = announced
        self._before = 0
        self._before = self.given

    @property
    def given(self) -> int:
        """How many tokens it has given since."""
        given: int = self._control("GET", "facts").json()["tokens"]
        return given - self._before

    def switch(self, name: str, **more: Any) -> None:
        """Switches a fault on."""
        self._control("POST", "switches", json={"name": name, **more})

    def switch_off(self) -> None:
        """Switches everything off."""
        self._control("DELETE", "switches")

    def _control(self, method: str, path: str, **more: Any) -> requests.Response:
        owner = {"Authorization": f"Bearer {self.announced['edfi_control_secret']}"}
        url = f"{self.announced['edfi_control_url']}/{path}"
        answer = requests.request(method, url, headers=owner, timeout=20, **more)
        assert answer.status_code == 200, answer.text
        return answer


@pytest.fixture(scope="module")
def announced() -> Iterator[dict[str, Any]]:
    """A practice Ed-Fi service over a small district; it outlives the tokens of all tests."""
    district = District(7, 20, date(2026, 3, 3))
    with serving(documents(district, Gradebook(district).collections)) as told:
        yield told


@pytest.fixture
def service(announced: dict[str, Any]) -> Iterator[Service]:
    """The same, nothing being switched on, and no token counted yet."""
    found = Service(announced)
    yield found
    found.switch_off()


@pytest.fixture
def each(call: Call, service: Service, monkeypatch: pytest.MonkeyPatch) -> Call:
    """``call`` as a process of its own, with a connector whose secret is in the keyring."""

    def calling(*words: object) -> Ended:
        monkeypatch.setattr(token, "_SHARED", token.Shared())
        return call(*words)

    announced = service.announced
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{announced['edfi_secret']}\n"))
    told = [f"base_url={announced['edfi_url']}", f"key={announced['edfi_key']}"]
    settings = [word for one in told for word in ("--set", one)]
    kind = ("--kind", "edfi", "--preset", "ods-api", "--secret-stdin", "secret")
    ended = calling("connectors", "add", NAME, *kind, *settings)
    assert ended.code == 0, ended.err
    return calling


def kept(ring: MemoryKeyring) -> dict[str, Any] | None:
    """What the keyring has of the token."""
    found = [text for (service, entry), text in ring.kept.items()
             if service == SERVICE and entry.startswith(f"{NAME}/access_token ")]  # fmt: skip
    return json.loads(found[0]) if found else None


def test_many_syncs_take_one_token(each: Call, service: Service) -> None:
    """Or a schedule would use up those that a client may have, and the district's other ones."""
    assert {each("sync", NAME).code for _ in range(SYNCS)} <= {0, 4}
    assert service.given == 1


def test_a_check_takes_no_other_token_either(each: Call, service: Service) -> None:
    """One of the last minutes proves that the secret is good, whoever was given it."""
    for _ in range(3):
        assert each("connectors", "check", NAME).code == 0
        assert each("sync", NAME).code in (0, 4)
    assert service.given == 1


def test_it_is_in_the_keyring_alone(
    each: Call, data_dir: Path, secrets_kept: MemoryKeyring
) -> None:
    """Neither output, log nor database has it, nor what it was given for."""
    ended = each("-v", "sync", NAME)
    told = kept(secrets_kept)
    assert told is not None
    files = b"".join(path.read_bytes() for path in data_dir.rglob("*") if path.is_file())
    for secret in (told["value"], told["of"]):
        assert secret not in ended.out + ended.err
        assert secret.encode() not in files


def test_it_is_written_only_when_it_is_a_new_one(
    each: Call, secrets_kept: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A keyring may ask a person, and is not to be asked for nothing."""
    each("sync", NAME)
    wrote: list[str] = []
    write = secrets_kept.set_password

    def writing(service: str, entry: str, secret: str) -> None:
        wrote.append(entry)
        write(service, entry, secret)

    monkeypatch.setattr(secrets_kept, "set_password", writing)
    each("sync", NAME)
    each("connectors", "check", NAME)
    assert wrote == []


def test_a_refused_one_is_replaced(
    each: Call, service: Service, secrets_kept: MemoryKeyring
) -> None:
    """The service may have forgotten it: then the next process has the one after it."""
    each("sync", NAME)
    first = kept(secrets_kept)
    service.switch("tokens-forgotten", times=1)
    assert each("sync", NAME).code in (0, 4)
    second = kept(secrets_kept)
    each("sync", NAME)
    assert first is not None
    assert second is not None
    assert (first["value"] != second["value"], service.given) == (True, 2)


def test_a_run_that_fails_leaves_it_to_the_next(each: Call, service: Service) -> None:
    """It is kept as soon as it is given, not when all went well."""
    service.switch("server-error", resource="schools", value=599)
    assert each("sync", NAME).code == 1
    assert each("sync", NAME).code == 1
    assert service.given == 1


def test_another_secret_has_no_part_in_it(each: Call, service: Service) -> None:
    """What is kept is good for the key and secret it was given for, and no others."""
    each("sync", NAME)
    keyring.set_password(SERVICE, _entry("secret"), "wrong")
    assert each("sync", NAME).code == 1


def test_what_a_secret_of_the_environment_brings_is_not_kept(
    each: Call,
    service: Service,
    secrets_kept: MemoryKeyring,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Such a secret is never stored, and neither is what it is exchanged for."""
    monkeypatch.setenv(environment_name(NAME, "secret"), service.announced["edfi_secret"])
    assert each("sync", NAME).code in (0, 4)
    assert kept(secrets_kept) is None


def test_without_a_keyring_each_process_takes_its_own(
    each: Call, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing fails by it."""
    monkeypatch.setenv(environment_name(NAME, "secret"), service.announced["edfi_secret"])
    keyring.set_keyring(fail.Keyring())
    assert {each("sync", NAME).code for _ in range(2)} <= {0, 4}
    assert service.given == 2


def test_a_connector_that_goes_takes_it_along(each: Call, secrets_kept: MemoryKeyring) -> None:
    """As it does its secret."""
    each("sync", NAME)
    assert kept(secrets_kept) is not None
    assert each("connectors", "remove", NAME).code == 0
    assert secrets_kept.kept == {}


def _entry(key: str) -> str:
    ring = keyring.get_keyring()
    assert isinstance(ring, MemoryKeyring)
    [entry] = [entry for _, entry in ring.kept if entry.startswith(f"{NAME}/{key} ")]
    return entry
