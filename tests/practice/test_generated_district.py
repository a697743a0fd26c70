"""The generator: sizes, determinism, and whether the records fit together."""

from collections import Counter, defaultdict
from datetime import date
from itertools import chain
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.practice.collection import Collection
from app.practice.dice import Dice
from app.practice.district import District
from app.practice.sessions import school_year
from app.practice.wire import decode

TODAY = date(2026, 3, 3)


def total(district: District) -> int:
    return sum(len(collection) for collection in district.collections.values())


def records(district: District, name: str) -> list[dict[str, Any]]:
    return [decode(row) for row in district.collections[name].rows]


@pytest.fixture(scope="module")
def small() -> District:
    return District(1, 1500, TODAY)


def test_the_same_seed_gives_the_same_bytes(small: District):
    """Seed, number of students and day determine every byte of every record."""
    again = District(1, 1500, TODAY)
    for name, collection in small.collections.items():
        assert again.collections[name].rows == collection.rows


def test_another_seed_gives_another_district(small: District):
    """No record of another seed's district is the same."""
    other = District(2, 1500, TODAY)
    for name, collection in small.collections.items():
        assert not set(collection.rows) & set(other.collections[name].rows)


def test_a_small_district_has_about_12_500_records(small: District):
    """1,500 students make about 12,500 rostering records."""
    assert total(small) == pytest.approx(12_500, rel=0.04)
    assert len(small.collections["demographics"]) == 1500


def test_a_large_district_has_about_165_000_records():
    """20,000 students make 165,000 rostering records, give or take 4 %."""
    assert total(District(1, 20_000, TODAY)) == pytest.approx(165_000, rel=0.04)


@pytest.mark.parametrize("students", [20, 21, 333])
def test_a_tiny_district_is_whole(students: int):
    """Even the fewest students there may be have schools, classes and teachers."""
    district = District(5, students, TODAY)
    assert len(district.users_by_role().keys("student")) == students
    for class_ in district.collections["classes"]:
        roles = {role for *_, role in district.live_seats("class", class_)}
        assert roles == {"student", "teacher"}


@pytest.mark.parametrize("students", [0, 19, 250_001])
def test_a_district_out_of_bounds_is_refused(students: int):
    """A number of students that cannot be is refused with a sentence."""
    with pytest.raises(ValueError, match="A practice district has 20 to 250,000 students"):
        District(1, students, TODAY)


def test_only_the_state_is_referred_to_without_being_there(small: District):
    """Every reference leads to a record, but for the district's parent."""
    kinds = {
        "org": "orgs",
        "academicSession": "academicSessions",
        "course": "courses",
        "class": "classes",
        "user": "users",
    }
    dangling: list[tuple[str, str]] = []

    def look(where: str, value: Any) -> None:
        if isinstance(value, dict):
            if "href" in value:
                assert value["href"].endswith(f"/{kinds[value['type']]}/{value['sourcedId']}")
                if value["sourcedId"] not in small.collections[kinds[value["type"]]]:
                    dangling.append((where, value["type"]))
            else:
                for name, inner in value.items():
                    look(f"{where}.{name}", inner)
        elif isinstance(value, list):
            for inner in value:
                look(where, inner)

    for name in small.collections:
        for record in records(small, name):
            look(name, record)
    assert dangling == [("orgs.parent", "org")]


def test_children_and_guardians_name_each_other(small: District):
    """The agents of a child and of its guardians point both ways, and siblings share them."""
    users = {user["sourcedId"]: user for user in records(small, "users")}
    agents = {
        key: {agent["sourcedId"] for agent in user.get("agents", ())} for key, user in users.items()
    }
    children = small.users_by_role().keys("student")
    assert all(agents[child] for child in children)
    assert all(key in agents[agent] for key, named in agents.items() for agent in named)
    assert any(len(agents[g]) > 1 for g in small.users_by_role().keys("parent"))


def test_usernames_are_unique_and_plain(small: District):
    """No two users share a username, and it is ASCII whatever the name is."""
    names = [user["username"] for user in records(small, "users")]
    assert len(set(names)) == len(names)
    assert all(name.isascii() for name in names)


def test_names_are_of_many_kinds(small: District):
    """There are accents, apostrophes, hyphens, spaces and preferred names in other scripts."""
    users = records(small, "users")
    families = [user["familyName"] for user in users]
    for sign in "'- é":
        assert any(sign in family for family in families), sign
    assert any(not f.isascii() and f[0] == "Ł" for f in (user["givenName"] for user in users))
    preferred = {user.get("preferredFirstName", "") for user in users}
    assert preferred & {"محمد", "ليلى", "伟", "梅", "雪"}


def test_classes_have_sensible_sizes():
    """Nearly all classes of a large district have 18 to 30 students."""
    district = District(3, 6000, TODAY)
    sizes = [
        sum(role == "student" for *_, role in district.live_seats("class", class_))
        for class_ in district.collections["classes"]
    ]
    fitting = sum(18 <= size <= 30 for size in sizes)
    assert fitting / len(sizes) > 0.95
    assert max(sizes) <= 30


def test_nobody_is_in_two_places_at_once(small: District):
    """No student and no teacher in charge has two classes in one period of a semester."""
    classes = {record["sourcedId"]: record for record in records(small, "classes")}
    busy: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for enrollment in records(small, "enrollments"):
        if enrollment["role"] == "teacher" and enrollment["primary"] == "false":
            continue
        class_ = classes[enrollment["class"]["sourcedId"]]
        for period in class_.get("periods", ()):
            for term in class_["terms"]:
                busy[enrollment["user"]["sourcedId"]][period, term["sourcedId"]] += 1
    assert max(chain.from_iterable(each.values() for each in busy.values())) == 1


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)))
def test_the_school_year_contains_the_day(today: date):
    """Whatever the day: the year contains it, and each session lies inside its parent."""
    year = school_year(today, Dice(1))
    assert year.year.start <= today < year.year.end
    sessions = {session.key: session for session in year.all()}
    for session in sessions.values():
        assert session.start < session.end
        if session.parent is not None:
            parent = sessions[session.parent]
            assert parent.start <= session.start
            assert session.end <= parent.end


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 9), st.booleans()), max_size=40),
    st.integers(0, 9),
    st.integers(0, 9),
)
def test_a_collection_keeps_its_orders(steps: list[tuple[str, int, bool]], low: int, high: int):
    """Whatever is put and dropped: rows stay in key order, and moments and indexes are right."""
    collection = Collection("letters")
    collection.modified(None, None)
    index = collection.index("last", lambda row: (row[-1:].decode(),))
    held: dict[str, tuple[int, bytes]] = {}
    for key, moment, keep in steps:
        row = f"{key}{moment}".encode()
        if keep:
            collection.put(key, moment, row)
            held[key] = (moment, row)
        elif key in held:
            collection.drop(key)
            del held[key]
    assert list(collection) == sorted(held)
    assert collection.rows == [row for _, (_, row) in sorted(held.items())]
    wanted = sorted(key for key, (moment, _) in held.items() if low <= moment <= high)
    assert sorted(collection.modified(low, high)) == wanted
    for moment in range(10):
        said = tuple(sorted(key for key, (at, _) in held.items() if at == moment))
        assert index.keys(str(moment)) == said
