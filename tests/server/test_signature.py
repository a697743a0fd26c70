"""Standard Webhooks signatures, against the standard's own example."""

import pytest

from app.errors import AuthError, ConfigError, UsageError
from app.server.signature import TOLERANCE, Signed, key_of, signature

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
WHEN = 1614265330
BODY = b'{"test": 2432232314}'
RIGHT = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def signed(given: str = RIGHT, id_: str = ID, when: str = str(WHEN)) -> Signed:
    """The headers of a request."""
    return Signed({"webhook-id": id_, "webhook-timestamp": when, "webhook-signature": given})


def test_the_example_of_the_standard_is_signed_alike() -> None:
    """Standard Webhooks, "Signature": what everybody computes for its example."""
    assert signature(key_of(SECRET), ID, WHEN, BODY) == RIGHT
    signed().verify(key_of(SECRET), BODY)


@pytest.mark.parametrize(
    "given",
    [f"v1,AAAA {RIGHT}", f"{RIGHT} v1,AAAA", f"v1a,AAAA {RIGHT}", f"nonsense {RIGHT}"],
)
def test_one_right_signature_of_several_is_enough(given: str) -> None:
    """Rotation: a sender signs with the old and the new secret for a while."""
    signed(given).verify(key_of(SECRET), BODY)


@pytest.mark.parametrize("given", ["v1,AAAA", RIGHT.replace("v1,", "v2,"), RIGHT[:-4], "v1,é"])
def test_no_other_signature_is_taken(given: str) -> None:
    """Neither a wrong one, nor another version's, nor a part of the right one."""
    with pytest.raises(AuthError, match="webhook_signature_wrong"):
        signed(given).verify(key_of(SECRET), BODY)


def test_whatever_is_signed_counts() -> None:
    """The id, the moment and the body: each of them altered makes the signature wrong."""
    key = key_of(SECRET)
    for one, body in (
        (signed(id_="msg_other"), BODY),
        (signed(when=str(WHEN + 1)), BODY),
        (signed(), BODY + b" "),
    ):
        with pytest.raises(AuthError, match="webhook_signature_wrong"):
            one.verify(key, body)


@pytest.mark.parametrize("away", [TOLERANCE, -TOLERANCE])
def test_five_minutes_either_way_are_tolerated_and_no_more(away: int) -> None:
    """A captured request cannot be sent again later, nor be kept for later."""
    signed().require_fresh(WHEN + away)
    with pytest.raises(AuthError, match="webhook_stale"):
        signed().require_fresh(WHEN + away + (1 if away > 0 else -1))


@pytest.mark.parametrize(
    ("id_", "when", "given"),
    [
        ("", str(WHEN), RIGHT),
        ("x" * 201, str(WHEN), RIGHT),
        ("a\tb", str(WHEN), RIGHT),
        (ID, "yesterday", RIGHT),
        (ID, "-1", RIGHT),
        (ID, "¹²", RIGHT),
        (ID, "9" * 5000, RIGHT),
        (ID, str(WHEN), "nonsense"),
        (ID, str(WHEN), ""),
    ],
)
def test_headers_that_mean_nothing_are_told_apart(id_: str, when: str, given: str) -> None:
    """A mistake of the sender's program is another thing than a forged request."""
    with pytest.raises(UsageError, match="webhook_headers_unfit"):
        signed(given, id_, when)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!!!", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
def test_what_is_no_secret_is_refused(secret: str) -> None:
    """An empty key would let anybody sign."""
    with pytest.raises(ConfigError, match="webhook_secret_unfit"):
        key_of(secret)
