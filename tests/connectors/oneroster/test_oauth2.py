"""Access tokens from endpoints as they really are (ONEROSTER 14, 17; RFC 6749 §4.4)."""

import json
import logging
from datetime import timedelta

import pytest

from app.connectors.oneroster.vocabulary import DEMOGRAPHICS, ROSTER_CORE
from app.errors import AuthError, ConfigError, ContractError
from tests.connectors.oneroster.odd_service import doubts, visiting


def in_body(service):
    """Accepts the credentials in the body only."""

    def granting(form, basic):
        if form.get("client_secret") != service.secret or form.get("client_id") != "client:1":
            return 401, {"error": "invalid_client"}
        return 200, service.new_token()

    return granting


def test_credentials_go_in_the_header_or_else_in_the_body(visit, service):
    """Header first, as the standard prefers; what worked is remembered."""
    service.granting = in_body(service)
    assert visit.pull().error is None
    posts = [sent for method, _, _, sent in service.seen if method == "POST"]
    assert [b"client_secret" in sent for sent in posts] == [False, True]
    service.valid.clear()
    assert visit.pull().error is None
    posts = [sent for method, _, _, sent in service.seen if method == "POST"]
    assert [b"client_secret" in sent for sent in posts] == [False, True, True]


def test_the_scope_is_always_sent_and_narrowed_where_refused(visit, service):
    """Clients that send none are refused by strict services (ONEROSTER 17)."""
    asked = []

    def granting(form, basic):
        asked.append(form["scope"])
        if DEMOGRAPHICS in form["scope"] or ROSTER_CORE not in form["scope"]:
            return 400, {"error": "invalid_scope"}
        return 200, service.new_token(scope=form["scope"])

    service.granting = granting
    assert visit.pull().error is None
    assert len(asked) == 4
    seen = len(service.seen)
    left_out = visit.pull(entity="demographics").pages
    assert [note.code for page in left_out for note in page.notes] == ["not_permitted"]
    assert len(service.seen) == seen


def test_a_scope_that_was_set_is_asked_for_as_it_is(service):
    """And no other."""
    asked = []

    def granting(form, basic):
        asked.append(form["scope"])
        return 400, {"error": "invalid_scope"}

    service.granting = granting
    with visiting(service, scope=" a  b ") as visit:
        assert isinstance(error := visit.pull().error, AuthError)
        assert error.code == "scope_refused"
    assert asked == ["a b"]


@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        (401, {"error": "invalid_client"}, AuthError, "credentials_refused"),
        (400, {"error": "unsupported_grant_type"}, AuthError, "tokens_not_given"),
        (400, {"imsx_codeMajor": "failure"}, AuthError, "credentials_refused"),
        (403, "no", AuthError, "credentials_refused"),
        (200, {"token": "x"}, ContractError, "token_not_understood"),
        (200, {"access_token": ""}, ContractError, "token_not_understood"),
        (200, {"access_token": "a\nb"}, ContractError, "token_not_understood"),
        (404, {}, ConfigError, "token_endpoint_missing"),
    ],
)
def test_a_token_endpoint_that_gives_none_is_told(visit, service, status, body, error, code):
    """Four shapes of error body, and worse (ONEROSTER 13)."""
    service.granting = lambda form, basic: (status, body)
    pulled = visit.pull()
    assert isinstance(pulled.error, error)
    assert pulled.error.code == code


@pytest.mark.parametrize("life", [None, "3600", 3600.0, "soon", 0, -5, {}, "nan", 10**12])
def test_any_life_of_a_token_is_understood(visit, service, life):
    """``expires_in`` as a number, a text, nonsense or nothing."""
    service.granting = lambda form, basic: (200, service.new_token(expires_in=life))
    assert visit.pull().error is None
    assert visit.pull().error is None
    assert len(service.tokens) == 1


def test_a_token_is_renewed_before_it_ends(visit, service):
    """Also in the middle of a pull, without a refusal first (ONEROSTER 17)."""
    service.granting = lambda form, basic: (200, service.new_token(expires_in=600))

    def pass_time(number):
        if number == 3:
            visit.now += timedelta(seconds=545)

    service.before = pass_time
    pulled = visit.pull()
    assert (pulled.error, doubts(pulled)) == (None, [])
    assert len(service.tokens) == 2


def test_streams_share_a_token(visit, service):
    """One connector, one token."""
    visit.pull()
    visit.pull(entity="users")
    assert len(service.tokens) == 1


@pytest.mark.parametrize("path", ["/oauth/token", "/connect/token"])
def test_without_a_token_address_the_usual_places_are_tried(service, path):
    """On the service's own origin; pages for people are passed by."""
    service.routes[path] = service.routes.pop("/token")
    service.routes["/token"] = lambda exchange: exchange.answer(302, location="/login")
    service.routes["/login"] = lambda exchange: exchange.answer(200, b"<html>")
    service.routes["/oauth2/token"] = lambda exchange: exchange.answer(500, b"oops")
    with visiting(service, token_url="") as visit:
        assert visit.pull().error is None


def test_neither_secret_nor_token_is_ever_told(visit, service, caplog):
    """Not in logs, errors or reprs (DESIGN §8)."""
    caplog.set_level(logging.DEBUG)
    visit.pull()
    service.granting = lambda form, basic: (401, {"error": service.secret})
    service.valid.clear()
    failed = visit.pull()
    told = f"{caplog.text}{failed.error}{failed.error!r}{vars(visit.connector)}"
    told += repr([page.state for page in failed.pages])
    for secret in (service.secret, *service.tokens):
        assert secret not in told


def test_the_cookies_that_come_with_a_token_are_shown_with_it(service):
    """Behind a balancer the token is known where it was given alone (ONEROSTER 14)."""

    def token(exchange):
        status, body = service.grant({"scope": ROSTER_CORE}, basic=True)
        exchange.answer(status, json.dumps(body).encode(), set_cookie="node=7")

    service.routes["/token"] = token
    knows = service.admits
    service.admits = lambda exchange: exchange.headers.get("cookie") == "node=7" and knows(exchange)
    with visiting(service) as visit:
        assert visit.pull().error is None
        assert visit.fetch("e0001").key == "e0001"
    assert len(service.tokens) == 1
