"""``identity``: the rules, what is asked about two SISs, and what people answer (SEMANTICS D5)."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli.sync import print_together
from app.store import reads
from tests.cli.conftest import Ended
from tests.engine.test_matching import PEOPLE, both, person
from tests.engine.toy import District

Call = Callable[..., Ended]


@pytest.fixture
def doubtful(data_dir: Path) -> Iterator[District]:
    """A district of two SISs, in which two people may be the same as two others."""
    with both(data_dir) as d:
        for n in range(2):
            person(d.sis, f"a-z{n}", identifier=f"X{n}", given_name="Zoe", family_name="Okafor")
            person(d.other, f"b-z{n}", identifier=f"X{n}", given_name="Ben", family_name="Reyes")
        d.sync()
        d.sync("other")
        yield d


def listed(call: Call, *more: str) -> list[dict[str, Any]]:
    """What ``identity list`` tells a script."""
    found: list[dict[str, Any]] = call("identity", "list", *more, "--json").document
    return found


def people(call: Call) -> int:
    """How many there are."""
    return len(call("records", "list", "users", "--limit", 500, "--json").document)


def test_rules_are_an_array_with_fixed_names(doubtful: District, call: Call) -> None:
    """Each with its record type, its confidence, and whether it holds."""
    rules = call("identity", "rules", "--json").document
    assert list(rules[0]) == ["rule", "entity", "on", "confidence", "sole", "mistrusted", "says"]
    by_name = {one["rule"]: one for one in rules}
    assert by_name["users.state-id"]["confidence"] == "certain"
    assert by_name["users.name-and-birth-date"]["confidence"] == "possible"
    assert all(one["on"] for one in rules)


def test_a_rule_is_switched_off_and_on(doubtful: District, call: Call) -> None:
    """It stands in the database, and is told in words."""
    told = call("identity", "rules", "set", "users.email", "off")
    assert (told.code, "email address" in told.out) == (0, True)
    [line] = [x for x in call("identity", "rules").out.splitlines() if "users.email" in x]
    assert line.rstrip().endswith("off")
    call("identity", "rules", "set", "users.email", "on")
    assert all(one["on"] for one in call("identity", "rules", "--json").document)


def test_a_rule_that_there_is_not_is_refused(doubtful: District, call: Call) -> None:
    """Exit code 2, and the command that names those there are."""
    refused = call("identity", "rules", "set", "users.shoe-size", "off")
    assert (refused.code, "identity rules" in refused.err) == (2, True)


def test_pairs_are_an_array_with_fixed_names(doubtful: District, call: Call) -> None:
    """Both sides, the rule, how far it is to be trusted, and what speaks against it."""
    first, second = listed(call)
    assert list(first) == [
        "id", "connector", "entity", "record", "newcomer", "rule", "confidence", "why",
        "ours", "theirs", "revision",
    ]  # fmt: skip
    assert (first["record"], first["newcomer"]) == (
        doubtful.id("users", "a-z0"), doubtful.id("users", "b-z0"),
    )  # fmt: skip
    assert (first["rule"], first["confidence"], first["why"]) == (
        "users.district-number", "certain", "names",
    )  # fmt: skip
    assert (first["ours"]["given_name"], first["theirs"]["given_name"]) == ("Zoe", "Ben")
    assert listed(call, "--entity", "orgs") == []
    assert [one["id"] for one in listed(call, "--connector", "other")] == [
        first["id"], second["id"],
    ]  # fmt: skip


def test_pairs_are_told_to_people(doubtful: District, call: Call) -> None:
    """With both names, why it is asked, and how to answer."""
    told = call("identity", "list").out
    for words in (
        "Zoe",
        "Ben",
        "local ID is the same",
        "given names do not agree",
        "identity same ID…",
    ):
        assert words in told, words
    assert "newcomer" in call("conflicts", "list").out.casefold() or "Ben" in told


def test_the_same_is_one(doubtful: District, call: Call) -> None:
    """One pair, then all that are asked with it; nothing is asked any more."""
    before, [first, _] = people(call), listed(call)
    told = call("identity", "same", first["id"], "--json").document
    assert (told["applied"], told["left_out"]) == (1, [])
    assert (people(call), len(listed(call))) == (before - 1, 1)
    assert doubtful.id("users", "b-z0") == first["record"]
    shown = call("records", "show", "users", first["record"], "--json").document
    assert {link["connector"] for link in shown["links"]} == {"toy", "other"}


def test_conflicts_resolve_answers_as_well(doubtful: District, call: Call) -> None:
    """Same person or not is a difference like others."""
    [first, _] = listed(call)
    assert call("conflicts", "resolve", first["id"], "--like", "--take", "same").code == 0
    assert (listed(call), people(call)) == ([], PEOPLE + 2)


def test_different_lasts_until_it_is_forgotten(doubtful: District, call: Call) -> None:
    """It is listed with who said so, and forgotten it is asked again."""
    [first, _] = listed(call)
    assert call("identity", "different", first["id"], "--like", "--author", "Ana").code == 0
    assert listed(call) == []
    told = listed(call, "--different")
    assert list(told[0]) == ["entity", "one", "other", "titles", "by", "at"]
    assert {one["by"] for one in told} == {"Ana"}
    assert call("identity", "match", "--json").document == {
        "found": 0, "waiting": 0, "error": None,
    }  # fmt: skip
    assert "Zoe Okafor" in call("identity", "list", "--different").out
    assert call("identity", "forget", first["newcomer"], first["record"]).code == 0
    assert call("identity", "match", "--json").document["found"] == 1
    assert len(listed(call)) == 1


def test_nothing_to_forget_is_refused(doubtful: District, call: Call) -> None:
    """Of two that nobody told apart."""
    assert call("identity", "forget", 1, 2).code == 2


def test_a_record_of_two_systems_is_split(doubtful: District, call: Call) -> None:
    """``records split`` names the row that goes; both stand at once, and are known to be two."""
    one, before = doubtful.id("users", "a-u1"), people(call)
    told = call("records", "split", "users", one, "--row", "b-u1")
    assert (told.code, "b-u1" in told.out) == (0, True), told.err
    assert people(call) == before + 1
    [pair] = listed(call, "--different")
    assert (pair["one"], pair["other"]) == (one, doubtful.id("users", "b-u1"))


def test_nothing_waits_in_a_district_without_doubt(data_dir: Path, call: Call) -> None:
    """Then it says so."""
    with both(data_dir) as d:
        d.sync()
        d.sync("other")
        assert "Nobody" in call("identity", "list").out
        assert "Nobody" in call("identity", "list", "--different").out
        assert call("identity", "match").out.strip() == "Nothing new was found."


def test_any_two_records_are_made_one(doubtful: District, call: Call) -> None:
    """``--records`` takes ids of records: told with the change that takes it back, which parts."""
    one, other = doubtful.id("users", "a-z0"), doubtful.id("users", "b-z1")
    told = call("identity", "same", "--records", other, one, "--json")
    assert told.code == 0
    assert (told.document["entity"], told.document["record"]) == ("users", one)
    assert doubtful.id("users", "b-z1") == one
    assert call("runs", "undo", told.document["change_set"]).code == 0
    assert doubtful.id("users", "b-z1") != one


def test_two_records_of_one_sis_are_refused(doubtful: District, call: Call) -> None:
    """The sentence names the SIS; so it does for ids of two types, of none, and one alone."""
    one, other = doubtful.id("users", "a-z0"), doubtful.id("users", "a-z1")
    refused = call("identity", "same", "--records", one, other)
    assert (refused.code, "“toy” tells of both" in refused.err) == (2, True)
    for ids, words in (
        ((one, doubtful.id("orgs", "a-o1")), "two types"),
        ((one, 99_999), "no record 99999"),
        ((one,), "two records"),
    ):
        refused = call("identity", "same", "--records", *ids)
        assert (refused.code, words in refused.err) == (2, True)


def test_the_records_of_a_connector_are_counted_beside_the_others(
    doubtful: District, call: Call
) -> None:
    """By record type, for a script and for a person; 2 for a connector that there is not."""
    told = {one["entity"]: one for one in call("identity", "summary", "other", "--json").document}
    assert told["users"] == {
        "entity": "users", "recognised": PEOPLE, "new": 0, "doubt": 2, "elsewhere": 2,
    }  # fmt: skip
    shown = call("identity", "summary", "other").out
    assert all(word in shown for word in ("recognized", "in doubt", "identity list"))
    assert call("identity", "summary", "nobody").code == 2


def test_the_first_sync_of_a_second_connector_says_so_in_a_line(
    doubtful: District, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once: of the first whole sync, and of none after it."""
    runs = reads.run_ids(doubtful.database, "other")
    print_together(doubtful.database, reads.run(doubtful.database, runs[-1]))
    told = capsys.readouterr().out
    assert "2 in doubt, 2 only elsewhere" in told
    again = doubtful.sync("other", full=True)
    print_together(doubtful.database, again)
    assert capsys.readouterr().out == ""
