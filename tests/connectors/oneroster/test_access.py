"""The ways in beside OAuth 2: OAuth 1.0a (RFC 5849) and a token that somebody was given."""

import base64
import hmac
import re
from collections.abc import Iterator
from contextlib import closing
from random import Random
from threading import Event
from urllib.parse import parse_qsl, quote, unquote

import pytest

from app.connectors.conformance import run
from app.connectors.contract import Grade, Io, Row
from app.connectors.http import HttpTransport, Limits
from app.connectors.oneroster import KIND, Settings
from app.errors import AuthError, ConfigError
from app.text import sentence
from tests.connectors.http_server import Exchange
from tests.connectors.oneroster.odd_service import NOW, OddService, Visit, enrollment, visiting

IO = Io(lambda: NOW, Random(0), Event())
DIGESTS = {"HMAC-SHA1": "sha1", "HMAC-SHA256": "sha256"}


def _encoded(text: str) -> str:
    return quote(text, safe="-._~")


def base_string(method: str, url: str, *more: tuple[str, str]) -> str:
    """The text that is signed (RFC 5849, 3.4.1), made here without any library for it."""
    address, _, query = url.partition("?")
    pairs = [*parse_qsl(query, keep_blank_values=True), *more]
    told = sorted((_encoded(name), _encoded(value)) for name, value in pairs)
    normal = "&".join(f"{name}={value}" for name, value in told)
    return "&".join(_encoded(part) for part in (method, address, normal))


def signature(base: str, method: str, secret: str, token_secret: str = "") -> str:
    """The signature of such a text (RFC 5849, 3.4.2)."""
    key = f"{_encoded(secret)}&{_encoded(token_secret)}".encode()
    return base64.b64encode(hmac.digest(key, base.encode(), DIGESTS[method])).decode()


def test_what_is_signed_here_is_what_the_standard_signs():
    """The base string of RFC 5849, 3.4.1.1, and the two signatures of its section 1.2."""
    told = base_string(
        "POST",
        "http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b",
        ("c2", ""),
        ("a3", "2 q"),
        ("oauth_consumer_key", "9djdj82h48djs9d2"),
        ("oauth_token", "kkk9d7dh3k39sjv7"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "137131201"),
        ("oauth_nonce", "7d8f3e4a"),
    )
    assert told == (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D"
        "%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3"
        "e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkk"
        "k9d7dh3k39sjv7"
    )
    usual = (("oauth_consumer_key", "dpf43f3p2l4k3l03"), ("oauth_signature_method", "HMAC-SHA1"))
    first = base_string(
        "POST",
        "https://photos.example.net/initiate",
        *usual,
        ("oauth_timestamp", "137131200"),
        ("oauth_nonce", "wIjqoS"),
        ("oauth_callback", "http://printer.example.com/ready"),
    )
    assert signature(first, "HMAC-SHA1", "kd94hf93k423kf44") == "74KNZJeDHnMBp0EMJ9ZHt/XKycU="
    second = base_string(
        "GET",
        "http://photos.example.net/photos?file=vacation.jpg&size=original",
        *usual,
        ("oauth_token", "nnch734d00sl2jdk"),
        ("oauth_timestamp", "137131202"),
        ("oauth_nonce", "chapoH"),
    )
    signed = signature(second, "HMAC-SHA1", "kd94hf93k423kf44", "pfkkdhi9sl3r4s00")
    assert signed == "MdpQcU8iPSUjWoN/UDMsK2sui9I="


class Signatures:
    """Lets in what is signed with the service's secret, and remembers every nonce."""

    def __init__(self, service: OddService, method: str) -> None:
        self.service, self.method = service, method
        self.nonces: list[str] = []
        self.timestamps: set[int] = set()

    def admit(self, exchange: Exchange) -> bool:
        header = exchange.headers.get("authorization", "")
        said = {
            name: unquote(value) for name, value in re.findall(r'(oauth_\w+)="([^"]*)"', header)
        }
        claimed = said.pop("oauth_signature", "")
        self.nonces.append(said.get("oauth_nonce", ""))
        self.timestamps.add(int(said.get("oauth_timestamp", "0")))
        told = base_string(exchange.command, self.service.url + exchange.path, *said.items())
        return (
            header.startswith("OAuth ")
            and said["oauth_consumer_key"] == self.service.client_id
            and said["oauth_signature_method"] == self.method
            and claimed == signature(told, self.method, self.service.secret)
        )


@pytest.fixture(params=DIGESTS)
def signatures(request: pytest.FixtureRequest, service: OddService) -> Signatures:
    """A service that wants signatures, by each method."""
    made = Signatures(service, request.param)
    service.admits = made.admit
    return made


@pytest.fixture
def signing(service: OddService, signatures: Signatures) -> Iterator[Visit]:
    """A connector that signs as the service wants it."""
    with visiting(service, auth="oauth1", signature=signatures.method) as made:
        yield made


def test_every_request_is_signed_and_none_twice_alike(
    signing: Visit, service: OddService, signatures: Signatures
):
    """Pages, changes with a filter, a key that needs encoding; no token is asked for."""
    service.rows["enrollments"].append(enrollment(99, sourcedId="a/b?c d%é&x='1'"))
    first = signing.pull()
    assert len(first.rows) == 46
    assert signing.pull(first.pages[-1].state).error is None
    assert isinstance(signing.fetch("a/b?c d%é&x='1'"), Row)
    assert len(set(signatures.nonces)) == len(signatures.nonces) > 6
    assert signatures.timestamps == {int(NOW.timestamp())}
    assert not service.tokens


def test_each_try_of_a_request_has_a_signature_of_its_own(
    signing: Visit, service: OddService, signatures: Signatures
):
    """A nonce that was seen is not taken again (RFC 5849, 3.3)."""
    service.instead[1] = lambda exchange: exchange.answer(429, b"", retry_after="0")
    service.instead[2] = lambda exchange: exchange.answer(503, b"")
    patient = HttpTransport(Limits(attempts=3), wait=lambda cancel, seconds: None)
    with closing(patient):
        assert isinstance(run(signing.connector.count("enrollments"), patient), int)
    assert len(set(signatures.nonces)) == len(signatures.nonces) == 3


def test_a_refused_signature_is_told_and_not_repeated(
    signing: Visit, service: OddService, signatures: Signatures
):
    """Another one would be by the same secret."""
    service.secret = "another"
    error = signing.pull().error
    assert isinstance(error, AuthError)
    assert (error.code, error.parameters) == ("signature_refused", {"method": signatures.method})
    assert len(service.seen) == 1
    assert signing.check()["signature_refused"].grade is Grade.BAD


@pytest.fixture
def bearing(service: OddService) -> OddService:
    """A service that has given its secret as a token."""
    service.valid.add(service.secret)
    return service


@pytest.mark.parametrize("client_id", ["", "client:1"])
def test_a_token_that_was_given_is_sent_as_it_is(bearing: OddService, client_id: str):
    """Nothing is asked for, and a client ID is not needed."""
    with visiting(bearing, auth="bearer", client_id=client_id) as visit:
        assert len(visit.pull().rows) == 45
        assert not any(finding.grade is Grade.BAD for finding in visit.check().values())
    assert not bearing.tokens


def test_a_token_may_be_pasted_with_the_word_before_it(bearing: OddService):
    """As vendors show it in their examples."""
    bearing.valid = {bearing.secret}
    bearing.secret = f" Bearer {bearing.secret}\n"
    with visiting(bearing, auth="bearer") as visit:
        assert visit.pull().error is None


def test_a_given_token_that_is_refused_is_told_and_not_repeated(bearing: OddService):
    """There is no other."""
    with visiting(bearing, auth="bearer") as visit:
        bearing.valid.clear()
        error = visit.pull().error
        assert isinstance(error, AuthError)
        assert error.code == "bearer_refused"
        assert len(bearing.seen) == 1


def test_what_no_header_can_carry_is_no_token():
    """Told when it is opened, without repeating it."""
    settings = Settings(base_url="https://sis.example", auth="bearer")
    with pytest.raises(ConfigError) as raised:
        KIND.open(settings, {"client_secret": "to ken"}, IO)
    assert (raised.value.code, raised.value.parameters) == ("bearer_unfit", {})


@pytest.mark.parametrize(
    ("code", "others"),
    [
        ("tokens_not_given", ("oauth1", "bearer")),
        ("token_endpoint_missing", ("oauth1",)),
        ("signature_refused", ("oauth2",)),
        ("bearer_refused", ("oauth1", "oauth2")),
    ],
)
def test_a_wrong_way_in_names_the_others(code: str, others: tuple[str, ...]):
    """In the words of the setting; the secret may well be right."""
    said = sentence(code)
    assert "“Signing in”" in said
    assert all(other in said for other in others)


@pytest.mark.parametrize("auth", ["oauth1", "oauth2"])
def test_what_has_to_be_known_for_signing_in_is_asked_for(auth: str):
    """By the setting that is missing."""
    settings = Settings(base_url="https://sis.example", auth=auth)
    with pytest.raises(ConfigError) as raised:
        KIND.open(settings, {"client_secret": "s"}, IO)
    assert raised.value.parameters == {"setting": "client_id"}
