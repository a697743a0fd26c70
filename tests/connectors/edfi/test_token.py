"""Access tokens from Ed-Fi services as they really are (RFC 6749 §4.4; 15 live tokens a client)."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from app.connectors.edfi.token import lifetime
from app.errors import AuthError, ContractError, RateLimited
from tests.connectors.edfi.small_service import NOW, client_of

EPOCH = NOW.timestamp()


def asked(small) -> int:
    """How often a token was asked for."""
    return sum(path.endswith("/oauth/token") for path in small.paths("POST"))


def students(client):
    return client(client.service.ask("ed-fi/students"))


def test_one_token_does_for_all_requests(small, client):
    """Until it ends, or is refused."""
    for _ in range(3):
        assert students(client).status == 200
    assert asked(small) == 1


def test_connectors_of_one_process_share_a_token(small):
    """A client has only some fifteen at a time, so a second connector asks for none."""
    with client_of(small) as first, client_of(small) as second:
        assert students(first).status == students(second).status == 200
    assert asked(small) == 1


@pytest.mark.parametrize("other", [{"secret": "another"}, {"key": "key-2"}])
def test_another_key_or_secret_has_no_part_in_it(small, client, other):
    """Or a wrong secret would be taken for a right one as long as a token lives."""
    assert students(client).status == 200
    with client_of(small, **other) as stranger, pytest.raises(AuthError) as caught:
        students(stranger)
    assert caught.value.code == "edfi_key_refused"


def test_key_and_secret_go_in_the_header_or_else_in_the_body(small, client):
    """Never in both at once, which some services refuse; what did well is remembered."""
    grant, sent = small.grant, []

    def in_body(form, basic):
        sent.append((bool(basic), "client_secret" in form))
        return (401, {"error": "invalid_client"}) if basic else grant(form, basic)

    small.granting, small.life = in_body, 10
    assert students(client).status == 200
    with client_of(small, clock=lambda: NOW + timedelta(seconds=9)) as later:
        assert students(later).status == 200
    assert sent == [(True, False), (False, True), (False, True)]


@pytest.mark.parametrize(("credentials", "in_body"), [("header", False), ("body", True)])
def test_where_they_are_sent_can_be_set(small, credentials, in_body):
    """Then the other way is not tried."""
    small.granting = lambda form, basic: (401, {"error": "invalid_client"})
    with client_of(small, credentials=credentials) as client, pytest.raises(AuthError):
        students(client)
    posts = [sent for how, path, _, sent in small.seen if how == "POST"]
    assert [b"client_secret" in sent for sent in posts] == [in_body]


def test_a_token_is_given_up_before_it_ends(small, client):
    """A minute early, or a tenth of its life: it must not end between asking and arriving."""
    small.life = 600
    students(client)
    with client_of(small, clock=lambda: NOW + timedelta(seconds=539)) as later:
        students(later)
        assert asked(small) == 1
    with client_of(small, clock=lambda: NOW + timedelta(seconds=541)) as later:
        students(later)
    assert asked(small) == 2


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (3600, 3600),
        ("1200", 1200),
        (899.5, 899.5),
        (EPOCH + 1800, 1800),
        ((EPOCH + 1800) * 1000, 1800),
        (str(int(EPOCH + 60)), 60),
        ("2026-09-01T12:30:00Z", 1800),
        ("2026-09-01T12:30:00", 1800),
        (10**15, 86_400),
        (99_999_999, 86_400),
        (None, 1800),
        ("soon", 1800),
        (0, 1800),
        (-5, 1800),
        (True, 1800),
        (float("nan"), 1800),
        ([], 1800),
        (EPOCH - 10, 1800),
    ],
)
def test_the_life_of_a_token_is_understood_however_it_is_told(said, seconds):
    """Seconds, a text of them, or the moment of the end; of nonsense, half an hour is believed."""
    assert lifetime(said, NOW) == pytest.approx(seconds)


def test_a_refused_token_is_replaced_once(small, client):
    """The service may forget tokens, as when it is restarted; two refusals are no accident."""
    students(client)
    small.valid.clear()
    assert students(client).status == 200
    assert asked(small) == 2
    small.new_token = lambda: {"access_token": "unknown"}
    small.valid.clear()
    assert students(client).status == 401
    assert asked(small) == 3


def test_what_was_refused_to_one_is_dropped_only_where_it_is_still_the_current_one(small):
    """Several requests may be under way when a token ends; one new token does for all of them."""
    with client_of(small) as first, client_of(small) as second:
        ours = first(first.service.request("ed-fi/students"))
        theirs = second(second.service.request("ed-fi/schools"))
        small.valid.clear()
        first(first.service.renewed(ours))
        second(second.service.renewed(theirs))
    assert asked(small) == 2


def test_too_many_tokens_is_told_as_that(small, client):
    """After a short wait, as the test of a connection must not stand still for an hour."""
    problem = {"type": "urn:ed-fi:api:security:authentication:too-many-tokens", "status": 429}
    small.granting = lambda form, basic: (429, problem)
    with pytest.raises(RateLimited) as caught:
        students(client)
    assert caught.value.code == "edfi_tokens_too_many"
    assert caught.value.parameters["key"] == "key-1"
    assert 0 < sum(client.pauses) < 120


@pytest.mark.parametrize(
    ("status", "said", "error", "code"),
    [
        (401, {"error": "invalid_client"}, AuthError, "edfi_key_refused"),
        (400, {"error": "invalid_client"}, AuthError, "edfi_key_refused"),
        (403, b"<html>no</html>", AuthError, "edfi_key_refused"),
        (404, {}, ContractError, "edfi_token_nowhere"),
        (200, {"token": "x"}, ContractError, "token_not_understood"),
        (200, {"access_token": "a\nb"}, ContractError, "token_not_understood"),
        (200, b"<html>sign in</html>", ContractError, "token_not_understood"),
    ],
)
def test_why_there_is_no_token_is_told(small, client, status, said, error, code):
    """Each by what somebody can do about it."""
    small.granting = lambda form, basic: (status, said)
    with pytest.raises(error) as caught:
        students(client)
    assert caught.value.code == code


def test_nothing_secret_is_told_or_logged(small, client, caplog):
    """Neither the secret nor a token shows in what is printed of a request or an error."""
    caplog.set_level(logging.DEBUG)
    request = client(client.service.request("ed-fi/students"))
    small.granting = lambda form, basic: (401, {"error_description": f"{small.secret} is wrong"})
    small.valid.clear()
    with pytest.raises(AuthError) as caught:
        students(client)
    told = caplog.text + repr(request) + repr(client.service.__dict__) + repr(caught.value)
    token = request.authorized().removeprefix("Bearer ")
    assert token not in told
    assert small.secret not in caplog.text + repr(request) + repr(caught.value)


def test_a_moment_without_a_zone_is_in_utc():
    """As the clock that it is compared with."""
    now = datetime(2026, 9, 1, 12, tzinfo=UTC)
    assert lifetime("2026-09-01 12:00:30", now) == 30
