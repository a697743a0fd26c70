"""Nobody is made twice: what is doubtful, told apart anew or just matched is looked at first (D5).

Two SISs of one town, the second of which takes people; whoever it lacks is to be made there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.engine.decisions import Decision, Take
from app.errors import TransientError
from app.store import outbox
from tests.engine.test_matching import asked, both, ids, person
from tests.engine.toy import District

WRITES = ("create", "update")
ZOE: dict[str, Any] = {"given_name": "Zoe", "family_name": "Xu", "identifier": "X9"}
LUIS = {**ZOE, "given_name": "Luis"}
"""Somebody of her number: whether they are one is asked."""


@contextmanager
def creating(folder: Path) -> Iterator[District]:
    """The town has been read by both, and each is sent whom it lacks."""
    with both(folder) as d:
        for sis in (d.sis, d.other):
            sis.writable = {"users": WRITES}
        d.sync()
        d.sync("other")
        for name in ("toy", "other"):
            d.engine.set_switches(name, send_creates=True)
            d.sync(name)
        assert (d.sis.wrote, d.other.wrote) == ([], [])
        yield d


def waits(d: District) -> list[tuple[str, str]]:
    """(connector, why) of what waits to be sent."""
    return sorted((one.connector, one.words) for one in outbox.unsent(d.database))


def test_whom_a_question_is_about_is_made_nowhere(data_dir: Path) -> None:
    """On either side, until it is answered; then each is made where it is lacking."""
    with creating(data_dir) as d:
        person(d.sis, "a-z", **ZOE)
        person(d.other, "b-z", **LUIS)
        d.sync()
        d.sync("other")
        for n in range(4):
            d.sync(("toy", "other")[n % 2], full=n > 1)
        assert (d.sis.wrote, d.other.wrote) == ([], [])
        assert waits(d) == [("other", outbox.IN_DOUBT), ("toy", outbox.IN_DOUBT)]
        d.engine.resolve([Decision(one.id, Take.DIFFERENT) for one in asked(d)], "Ana")
        d.sync()
        d.sync("other")
        assert [len(sis.wrote) for sis in (d.sis, d.other)] == [1, 1]
        assert waits(d) == []


def test_a_question_that_comes_while_somebody_waits_to_be_made_is_heard(data_dir: Path) -> None:
    """What was queued, refused and is tried again is not made once it is doubtful."""
    with creating(data_dir) as d:
        d.other.refuses["users"] = "no room"
        person(d.sis, "a-z", **ZOE)
        d.sync()
        d.sync("other")
        assert waits(d) == [("other", "no room")]
        del d.other.refuses["users"]
        person(d.other, "b-z", **LUIS)
        d.engine.retry("other")
        d.sync("other")
        assert len(asked(d)) == 1
        assert (d.sis.wrote, d.other.wrote) == ([], [])


def test_who_was_refused_there_is_known_when_the_sis_tells_of_them(data_dir: Path) -> None:
    """A creation that never arrived is no row of that SIS: theirs is the record, as of anybody."""
    with creating(data_dir) as d:
        d.other.refuses["users"] = "no room"
        person(d.sis, "a-z", **ZOE)
        d.sync()
        d.sync("other")
        person(d.other, "b-z", **ZOE)
        d.sync("other")
        del d.other.refuses["users"]
        for n in range(4):
            d.sync(("toy", "other")[n % 2], full=n > 1)
        assert d.id("users", "a-z") == d.id("users", "b-z")
        assert (d.other.wrote, waits(d), asked(d)) == ([], [], [])


def test_the_same_holds_of_a_pair_that_was_asked_about(data_dir: Path) -> None:
    """Said to be the same, with a creation that was refused in between: one record, two links."""
    with creating(data_dir) as d:
        d.other.refuses["users"] = "no room"
        person(d.sis, "a-z", **ZOE)
        d.sync()
        d.sync("other")
        person(d.other, "b-z", **LUIS)
        d.sync("other")
        d.engine.resolve([Decision(one.id, Take.SAME) for one in asked(d)], "Ana")
        assert d.id("users", "a-z") == d.id("users", "b-z")
        del d.other.refuses["users"]
        d.sync("other")
        assert [method for method, *_ in d.other.wrote if method == "POST"] == []
        assert list(d.other.rows["users"]) == [*(f"b-u{n}" for n in range(6)), "b-z"]


def test_what_was_told_apart_and_forgotten_is_asked_before_anything_is_made(data_dir: Path) -> None:
    """Any sync asks again, not the next whole one alone."""
    with creating(data_dir) as d:
        person(d.sis, "a-z", **ZOE)
        person(d.other, "b-z", **LUIS)
        d.engine.set_switches("toy", send_creates=False)
        d.engine.set_switches("other", send_creates=False)
        d.sync()
        d.sync("other")
        d.engine.resolve([Decision(one.id, Take.DIFFERENT) for one in asked(d)], "Ana")
        d.engine.forget_different([(d.id("users", "a-z"), d.id("users", "b-z"))])
        for name in ("toy", "other", "toy", "other"):
            d.engine.set_switches(name, send_creates=True)
            d.sync(name)
        assert len(asked(d)) == 1
        assert (d.sis.wrote, d.other.wrote) == ([], [])


def test_what_an_address_made_one_is_not_sent_by_the_sync_that_found_it(data_dir: Path) -> None:
    """Families share addresses: somebody can part the two before anything is written."""
    with creating(data_dir) as d:
        told = {"given_name": "Zoe", "family_name": "Xu", "email": "zoe@x.example"}
        person(d.sis, "a-z", **told, user_ids=ids(("LDAP", "zoe")), phone="+1 555 0100")
        d.engine.set_switches("other", send_creates=False)
        d.sync()
        person(d.other, "b-z", **told, identifier="L77")
        d.sync("other")
        assert d.id("users", "a-z") == d.id("users", "b-z")
        assert (d.sis.wrote, d.other.wrote) == ([], [])
        assert ("other", outbox.JUST_MATCHED) in waits(d)
        d.sync("other")
        assert [key for _, _, key in d.other.wrote] == ["b-z"]


def test_it_waits_for_a_sync_that_was_cut_off_as_well(data_dir: Path) -> None:
    """Another connector's sync sends nothing of it before that one has come to its end."""
    with creating(data_dir) as d:
        told = {"given_name": "Zoe", "family_name": "Xu", "email": "zoe@x.example"}
        person(d.sis, "a-z", **told, user_ids=ids(("LDAP", "zoe")))
        d.engine.set_switches("other", send_creates=False)
        d.sync()
        person(d.other, "b-z", **told, identifier="L77", phone="+1 555 0100")

        def out(url: str) -> None:
            if "enrollments" in url:
                raise TransientError("toy_out")

        d.other.hook = out
        assert d.sync("other").state == "failed"
        d.other.hook = lambda url: None
        assert d.id("users", "b-z") == d.id("users", "a-z")
        d.sync()
        assert d.sis.wrote == []
        d.sync("other")
        d.sync()
        assert [key for _, _, key in d.sis.wrote] == ["a-z"]
