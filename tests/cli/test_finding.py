"""``records find``, and what ``records show`` says of a class."""

from collections.abc import Callable

from tests.cli.conftest import NAME, Ended

Call = Callable[..., Ended]


def test_everything_is_found_by_one_search(connected: Call) -> None:
    """People by parts of their names, schools by theirs; JSON has the type of each."""
    assert connected("sync", NAME, "--json").code == 0
    [school, *_] = connected("records", "list", "orgs", "--json").document
    found = connected("records", "find", school["name"].upper(), "--json")
    assert found.code == 0
    assert found.document[0] == {
        "entity": "orgs", "id": school["id"], "title": school["name"], "alive": True,
    }  # fmt: skip
    [person] = connected("records", "list", "users", "--limit", 1, "--json").document
    words = f"{person['family_name'][:4]} {person['given_name'][:4]}"
    hits = connected("records", "find", words, "--json").document
    assert ("users", person["id"]) in [(one["entity"], one["id"]) for one in hits]
    assert person["given_name"] in connected("records", "find", person["username"]).out


def test_a_class_says_how_it_is(connected: Call) -> None:
    """With all its students, and when a person has ended every enrollment."""
    connected("sync", NAME, "--json")
    seats = connected("records", "list", "enrollments", "--limit", 9999, "--json").document
    class_ = seats[0]["class"]
    shown = connected("records", "show", "classes", class_, "--json").document
    assert shown["verdict"]["code"] == "class_in_order"
    assert shown["verdict"]["message"] in connected("records", "show", "classes", class_).out
    assert "verdict" not in connected("records", "show", "users", seats[0]["user"], "--json").out
    for seat in seats:
        if seat["class"] == class_ and seat["role"] == "student":
            connected("records", "end", "enrollments", seat["id"], "--author", "Ada")
    emptied = connected("records", "show", "classes", class_, "--json").document["verdict"]
    assert emptied["code"] in ("class_emptied_by_person", "class_last_left_by_person")
    assert "Ada" in emptied["message"]
