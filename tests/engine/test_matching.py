"""One person, class, organization known by two connectors (SEMANTICS A3, B3, D4, D5)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.engine.policy import Decides
from app.store import differences, pairs, reads
from tests.engine.toy import District, ToySis, district, sums

PEOPLE = 6


def town(letter: str, *, people: int = PEOPLE, page: int = 3) -> ToySis:
    """A small district as one SIS tells it: its keys begin with its letter."""
    sis = ToySis(page=page)
    k = letter
    for n in (1, 2):
        sis.put("orgs", f"{k}-o{n}", name=f"School {n}", type="school", identifier=f"{n:04d}")
    sis.put(
        "academic_sessions", f"{k}-t", title="Fall", type="term",
        start_date="2026-08-17", end_date="2026-12-18",
    )  # fmt: skip
    sis.put("courses", f"{k}-k", title="Algebra", course_code="ALG", org=f"{k}-o1")
    for n in range(2):
        sis.put(
            "classes", f"{k}-c{n}", title=f"Class {n}", class_code=f"ALG-{n}",
            school=f"{k}-o{n + 1}", course=f"{k}-k", terms=[f"{k}-t"],
        )  # fmt: skip
    for n in range(people):
        school = f"{k}-o{n % 2 + 1}"
        sis.put(
            "users", f"{k}-u{n}", given_name=f"Given{n}", family_name=f"Family{n}",
            identifier=f"L{n}", enabled_user=True,
            roles=[{"role": "student", "org": school, "role_type": "primary"}],
        )  # fmt: skip
        sis.put("demographics", f"{k}-u{n}", user=f"{k}-u{n}", birth_date=f"2012-05-{n + 1:02d}")
        sis.put(
            "enrollments", f"{k}-e{n}", user=f"{k}-u{n}", **{"class": f"{k}-c{n % 2}"},
            school=school, role="student", begin_date="2026-08-17",
        )  # fmt: skip
    return sis


@contextmanager
def both(
    folder: Path, toy: ToySis | None = None, other: ToySis | None = None
) -> Iterator[District]:
    """A district told by two SISs, nothing read yet."""
    with district(folder, toy or town("a"), other=other or town("b")) as d:
        d.without_limits()
        yield d


def counts(d: District) -> dict[str, int]:
    """How many live records there are."""
    return {entity: n for entity, n in reads.counts(d.database).items() if n}


ONCE = {
    "orgs": 2, "academic_sessions": 1, "courses": 1, "classes": 2, "users": PEOPLE,
    "demographics": PEOPLE, "enrollments": PEOPLE,
}  # fmt: skip


def quiet(run: reads.RunRow) -> bool:
    """Nothing came of it."""
    return run.state == "completed" and set(sums(run)) <= {"read", "unchanged"}


def test_two_systems_tell_of_one_district(data_dir: Path) -> None:
    """Every record that both tell of is one, with a link to each, and nothing is asked."""
    with both(data_dir) as d:
        d.sync()
        run = d.sync("other")
        assert counts(d) == ONCE
        assert run.state == "completed"
        assert set(sums(run)) <= {"read", "unchanged"}
        assert "records_matched" in d.log(run.id)
        for entity in ONCE:
            for row in reads.records(d.database, entity, reads.record_ids(d.database, entity)):
                links = reads.record(d.database, entity, row.id).links
                assert sorted(link.connector for link in links) == ["other", "toy"]


@pytest.mark.parametrize("page", [1, 2, 100])
def test_whichever_comes_first_and_however_it_is_paged(data_dir: Path, page: int) -> None:
    """A row that names the row of a later page, or of its own, means who that turns out to be."""
    with both(data_dir, town("a", page=page), town("b", page=page)) as d:
        for sis in (d.sis, d.other):
            k = "a" if sis is d.sis else "b"
            sis.change("orgs", f"{k}-o1", parent=f"{k}-o2")
            sis.change("orgs", f"{k}-o2", parent=f"{k}-o1")
            for n in range(PEOPLE):
                agents = [{"user": f"{k}-u{(n + 3) % PEOPLE}", "relation": "twin"}]
                sis.change("users", f"{k}-u{n}", agents=agents)
        d.sync("other")
        d.sync()
        assert counts(d) == ONCE
        assert differences.difference_ids(d.database) == []
        assert d.values("orgs", "b-o1")["parent"] == d.id("orgs", "a-o2")
        for name in ("toy", "other") * 2:
            assert quiet(d.sync(name, full=True))


@pytest.mark.parametrize("pages", [(1, 1), (1, 3), (3, 1), (50, 2)])
def test_both_are_read_at_the_same_time(data_dir: Path, pages: tuple[int, int]) -> None:
    """Whichever row comes second finds the other one, page by page."""
    with both(data_dir, town("a", page=pages[0]), town("b", page=pages[1])) as d:
        for name in ("toy", "other"):
            d.engine.start(name)
        d.loop.run(until=lambda: not d.engine.busy)
        assert counts(d) == ONCE
        for name in ("toy", "other") * 2:
            assert quiet(d.sync(name, full=True))


def test_what_differs_at_first_contact_is_asked_and_blanks_are_filled(data_dir: Path) -> None:
    """B3: a blank yields, equal values link silently, differing ones are one question a stream."""
    with both(data_dir) as d:
        d.sis.change("users", "a-u1", family_name="Nunez", phone="+1 555 0100")
        d.other.change("users", "b-u1", family_name="Nunez Ortega", sms="+1 555 0111")
        d.sync()
        run = d.sync("other")
        assert run.state == "warnings"
        [one] = differences.differences(d.database, differences.difference_ids(d.database))
        assert (one.kind, one.part, one.connector) == ("first_contact", "family_name", "other")
        assert (one.ours["family_name"], one.sis["family_name"]) == ("Nunez", "Nunez Ortega")
        values = d.values("users", "a-u1")
        assert (values["phone"], values["sms"]) == ("+15550100", "+15550111")


@pytest.mark.parametrize("first", ["toy", "other"])
def test_fifty_alternating_syncs_change_nothing(data_dir: Path, first: str) -> None:
    """Two systems that say the same go on doing so, whoever came first."""
    second = "other" if first == "toy" else "toy"
    with both(data_dir, town("a", people=3, page=50), town("b", people=3, page=50)) as d:
        for sis in (d.sis, d.other):
            sis.writable = dict.fromkeys(sis.rows, ("create", "update", "delete"))
        d.sync(first)
        d.sync(second)
        before = d.everything()
        for n in range(50):
            assert quiet(d.sync((first, second)[n % 2], full=n % 5 == 0)), n
        assert d.everything() == before
        assert d.sis.wrote == d.other.wrote == []


@pytest.mark.parametrize("refused", [False, True])
@pytest.mark.parametrize("entity", ["users", "courses"])
def test_what_a_system_overwrites_at_first_contact_passes_the_limits(
    data_dir: Path, entity: str, refused: bool
) -> None:
    """E1: whoever decides, most of what stands is not changed unseen; courses wait for the end."""
    with district(data_dir, town("a"), other=town("b")) as d:
        d.sync()
        d.sync("other")
        for n in range(12):
            for sis, k in ((d.sis, "a"), (d.other, "b")):
                if entity == "users":
                    person(sis, f"{k}-x{n}", identifier=f"X{n}", preferred_first_name=f"Zo{k}")
                else:
                    sis.put("courses", f"{k}-x{n}", title=f"{k} {n}", course_code=f"X{n}")
        d.engine.set_policy("other", entity, Decides.SIS, "Ana")
        d.sync()
        run = d.sync("other")
        field = "preferred_first_name" if entity == "users" else "title"
        ours = d.values(entity, "a-x1")[field]
        assert ("limit_tripped" in d.log(run.id), run.state) == (True, "waiting")
        if refused:
            d.engine.refuse(run.id)
        else:
            d.engine.approve(run.id)
            d.loop.run(until=lambda: not d.engine.busy)
        assert (d.values(entity, "a-x1")[field] == ours) is refused
        for n in range(6):
            assert quiet(d.sync(("other", "toy")[n % 2], full=n % 3 == 0)), n
        assert (d.values(entity, "a-x1")[field] == ours) is refused


# -- the rules, one by one --------------------------------------------------------------------


def person(sis: ToySis, key: str, role: str = "student", **values: Any) -> None:
    """A row of users, in the first school."""
    k = key[0]
    known = {
        "given_name": "Zoe",
        "family_name": "Okafor",
        "roles": [{"role": role, "org": f"{k}-o1"}],
    }
    sis.put("users", key, **{**known, **values})


def ids(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    """Other IDs."""
    return [{"type": kind, "identifier": id_} for kind, id_ in pairs]


def asked(d: District) -> list[differences.Difference]:
    """The open questions whether two are one."""
    found = differences.difference_ids(d.database, kind="same_person")
    return differences.differences(d.database, found)


CERTAIN: dict[str, Any] = {
    "state-id": (
        {"user_ids": ids(("State ID", "77"))},
        {"user_ids": ids(("stateId", "77"), ("LDAP", "zoe"))},
    ),
    "district-number": ({"identifier": "X9"}, {"identifier": "X9"}),
    "master-id": ({"user_master_identifier": "M"}, {"user_master_identifier": "M"}),
    "natural-key": ({"identifier": "604821"}, {"user_ids": ids(("Ed-Fi", "604821"))}),
    "natural-key-back": ({"user_ids": ids(("Ed-Fi", "604821"))}, {"identifier": "604821"}),
    "other-id": ({"user_ids": ids(("LDAP", "z"))}, {"user_ids": ids(("ldap", "z"))}),
    "email": ({"email": "Zoe@district.example"}, {"email": "zoe@DISTRICT.example"}),
}


@pytest.mark.parametrize("rule", CERTAIN)
def test_a_person_is_known_by_each_rule(data_dir: Path, rule: str) -> None:
    """Two systems that share one identifier tell of one person."""
    mine, theirs = CERTAIN[rule]
    with both(data_dir) as d:
        person(d.sis, "a-z", **mine)
        person(d.other, "b-z", **theirs)
        d.sync()
        d.sync("other")
        assert d.id("users", "b-z") == d.id("users", "a-z")
        assert asked(d) == []


NOBODY: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "blanks": ({}, {}),
    "another sort of person": (
        {"identifier": "X9", "role": "student"}, {"identifier": "X9", "role": "teacher"}
    ),
    "another kind of ID": (
        {"user_ids": ids(("LDAP", "5"))}, {"user_ids": ids(("Lunch", "5"))}
    ),
    "a family's address": (
        {"email": "home@x.example", "role": "guardian", "given_name": "Ana"},
        {"email": "home@x.example", "role": "guardian", "given_name": "Ben"},
    ),
    "a parent's address": (
        {"email": "home@x.example", "role": "guardian"}, {"email": "home@x.example"}
    ),
}  # fmt: skip


@pytest.mark.parametrize("why", NOBODY)
def test_what_is_no_match(data_dir: Path, why: str) -> None:
    """Blank never matches blank, and what several people have identifies nobody."""
    mine, theirs = NOBODY[why]
    with both(data_dir) as d:
        person(d.sis, "a-z", **mine)
        person(d.other, "b-z", **theirs)
        d.sync()
        assert d.sync("other").total("created") == 1
        assert d.id("users", "b-z") != d.id("users", "a-z")
        assert asked(d) == []


DOUBTFUL: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "state_id": (
        {"identifier": "X9", "user_ids": ids(("State", "1"))},
        {"identifier": "X9", "user_ids": ids(("State", "2"))},
    ),
    "master_id": (
        {"identifier": "X9", "user_master_identifier": "1"},
        {"identifier": "X9", "user_master_identifier": "2"},
    ),
    "names": (
        {"identifier": "X9", "given_name": "Zoë", "family_name": "Núñez"},
        {"identifier": "X9", "given_name": "Ben", "family_name": "Okafor"},
    ),
}


@pytest.mark.parametrize("why", DOUBTFUL)
def test_who_agrees_and_contradicts_is_asked_about(data_dir: Path, why: str) -> None:
    """The newcomer is a record of its own, and the question says what speaks for and against."""
    mine, theirs = DOUBTFUL[why]
    with both(data_dir) as d:
        person(d.sis, "a-z", **mine)
        person(d.other, "b-z", **theirs)
        d.sync()
        run = d.sync("other")
        assert (run.state, run.total("created")) == ("warnings", 1)
        [one] = asked(d)
        assert one.record == d.id("users", "a-z")
        assert one.about == {
            "newcomer": d.id("users", "b-z"), "rule": "users.district-number",
            "confidence": "certain", "why": why,
        }  # fmt: skip
        found = pairs.pair(d.database, one.id)
        assert (found.ours.key, found.newcomer.key) == ("a-z", "b-z")
        assert found.newcomer.values["given_name"] == theirs.get("given_name", "Zoe")


def test_two_that_come_into_question_are_asked_about(data_dir: Path) -> None:
    """Ambiguous: nobody is chosen."""
    with both(data_dir) as d:
        person(d.sis, "a-y", user_ids=ids(("LDAP", "z")))
        person(d.sis, "a-z", email="z@district.example")
        person(d.other, "b-z", user_ids=ids(("LDAP", "z")), email="z@district.example")
        d.sync()
        d.sync("other")
        [one] = asked(d)
        assert one.about["why"] == "ambiguous"
        assert d.id("users", "b-z") not in (d.id("users", "a-y"), d.id("users", "a-z"))


def test_a_namesake_of_the_same_birth_date_is_asked_about(data_dir: Path) -> None:
    """Name and birth date are a suggestion; demographics tell of it."""
    with both(data_dir) as d:
        person(d.sis, "a-z")
        person(d.other, "b-z")
        for sis, k in ((d.sis, "a"), (d.other, "b")):
            sis.put("demographics", f"{k}-z", user=f"{k}-z", birth_date="2012-02-29")
        d.sync()
        d.sync("other")
        [one] = asked(d)
        assert (one.about["rule"], one.about["confidence"]) == (
            "users.name-and-birth-date", "possible",
        )  # fmt: skip


def test_twins_within_one_system_stay_a_question_of_its_own(data_dir: Path) -> None:
    """D5: a row with the identifier of a record that its own stream tells of is asked about."""
    with both(data_dir) as d:
        d.sync()
        d.sync("other")
        d.other.put("users", "b-x", **d.other.rows["users"]["b-u1"])
        run = d.sync("other", full=True)
        assert run.total("created") == 1
        assert "join_suggested" in d.log(run.id)
        assert d.id("users", "b-x") != d.id("users", "a-u1")
        assert [one.about["why"] for one in asked(d)] == ["taken"]


def test_a_school_is_known_by_its_name_only_where_it_is_the_only_one(data_dir: Path) -> None:
    """Name and type are certain where neither system has a second one; otherwise it is asked."""
    with both(data_dir) as d:
        for sis, k, names in (
            (d.sis, "a", ("Lone", "Same")),
            (d.other, "b", ("Lone", "Same", "Same")),
        ):
            for n, name in enumerate(names):
                sis.put("orgs", f"{k}-n{n}", name=name, type="school")
        d.sync()
        d.sync("other")
        assert d.id("orgs", "b-n0") == d.id("orgs", "a-n0")
        assert len({d.id("orgs", key) for key in ("a-n1", "b-n1", "b-n2")}) == 3
        assert {one.about["why"] for one in asked(d)} == {"ambiguous"}


def test_of_several_enrollments_the_nearest_is_meant(data_dir: Path) -> None:
    """Somebody left a class and came back: begin dates tell which is which."""
    with both(data_dir) as d:
        for sis, k, days in (
            (d.sis, "a", ("2026-08-17", "2026-11-02")),
            (d.other, "b", ("2026-11-03", "2026-08-18")),
        ):
            for n, day in enumerate(days):
                sis.put(
                    "enrollments",
                    f"{k}-x{n}",
                    user=f"{k}-u0",
                    **{"class": f"{k}-c1"},
                    role="student",
                    begin_date=day,
                )
        d.sync()
        d.sync("other")
        assert d.id("enrollments", "b-x0") == d.id("enrollments", "a-x1")
        assert d.id("enrollments", "b-x1") == d.id("enrollments", "a-x0")


def test_graded_work_and_results_are_known(data_dir: Path) -> None:
    """Line items by class, title and due date; results by line item and student."""
    with both(data_dir) as d:
        for sis, k in ((d.sis, "a"), (d.other, "b")):
            sis.put("categories", f"{k}-h", title="Homework")
            sis.put(
                "line_items",
                f"{k}-l",
                title="Quiz",
                **{"class": f"{k}-c0"},
                due_date="2026-09-18",
                category=f"{k}-h",
            )
            sis.put("results", f"{k}-r", line_item=f"{k}-l", student=f"{k}-u0", score=9)
        d.sync()
        run = d.sync("other")
        assert run.state == "completed", d.log(run.id)
        for entity, key in (("categories", "h"), ("line_items", "l"), ("results", "r")):
            assert d.id(entity, f"b-{key}") == d.id(entity, f"a-{key}"), entity
        for name in ("toy", "other") * 2:
            assert quiet(d.sync(name, full=True))


def test_a_rule_that_is_switched_off_matches_nobody(data_dir: Path) -> None:
    """And on again, what became two is offered, not made one in passing."""
    with both(data_dir) as d:
        d.engine.set_identity_rule("orgs.identifier", on=False)
        d.engine.set_identity_rule("orgs.name", on=False)
        d.sync()
        d.sync("other")
        assert counts(d)["orgs"] == 4
        d.engine.set_identity_rule("orgs.identifier", on=True)
        d.sync("other", full=True)
        assert (counts(d)["orgs"], len(asked(d))) == (4, 2)


def test_a_class_of_both_semesters_is_that_of_the_whole_year(data_dir: Path) -> None:
    """One system tells two semesters, the other one term of the same months."""
    with both(data_dir) as d:
        for key, first, last in (
            ("b-y", "2026-08-17", "2027-06-07"),
            ("b-old", "2025-08-18", "2026-06-05"),
        ):
            d.other.put("academic_sessions", key, title=key, type="term", start_date=first,
                        end_date=last)  # fmt: skip
        d.other.change("classes", "b-c0", terms=["b-y"])
        d.other.put("classes", "b-last", **{**d.other.rows["classes"]["b-c0"], "terms": ["b-old"]})
        d.sync()
        d.sync("other")
        assert d.id("classes", "b-c0") == d.id("classes", "a-c0") != d.id("classes", "b-last")


def test_a_school_year_without_dates_is_the_one_of_its_number(data_dir: Path) -> None:
    """A second one of that year that has other dates is neither of the two."""
    with both(data_dir) as d:
        year = {"type": "schoolYear", "school_year": "2027"}
        d.sis.put("academic_sessions", "a-y", title="Year", start_date="2026-07-01",
                  end_date="2027-07-01", **year)  # fmt: skip
        d.other.put("academic_sessions", "b-x", title="2026-2027", **year)
        d.other.put("academic_sessions", "b-y", title="Taught", start_date="2026-08-17",
                    end_date="2027-06-07", **year)  # fmt: skip
        d.sync()
        d.sync("other")
        assert d.id("academic_sessions", "b-x") == d.id("academic_sessions", "a-y")
        assert d.id("academic_sessions", "b-y") != d.id("academic_sessions", "a-y")
        assert asked(d) == []


@pytest.mark.parametrize("first", ["toy", "other"])
def test_of_sessions_that_nothing_tells_apart_the_oldest_is_meant(
    data_dir: Path, first: str
) -> None:
    """One system has a grading period for all schools, the other one the same for each."""
    with both(data_dir) as d:
        quarter = {"type": "gradingPeriod", "start_date": "2026-08-17", "end_date": "2026-10-19"}
        d.sis.put("academic_sessions", "a-q", title="Quarter 1", **quarter)
        for n in range(3):
            d.other.put("academic_sessions", f"b-q{n}", title="Quarter 1", **quarter)
        d.sync(first)
        d.sync("other" if first == "toy" else "toy")
        assert d.id("academic_sessions", "a-q") == d.id("academic_sessions", "b-q0")
        assert (counts(d)["academic_sessions"], asked(d)) == (4, [])
