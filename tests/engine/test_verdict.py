"""Why is this class empty? Each reason, and which of two is told."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.engine.verdict import Leads, OnRoll, verdict
from app.store.history import Origin
from app.store.reads import LinkRow
from app.store.rolls import ClassFacts, Reading, Seat, class_facts
from app.store.unreadable import keep_unreadable
from app.text import SENTENCES, sentence
from tests.engine.sound import person, sound
from tests.engine.test_undo import undo
from tests.engine.toy import district

TODAY = "2026-11-23"
SYNC = Origin(812, "sync", "root", "2026-11-21T06:00:00Z", "PowerSchool", None)
EARLIER = replace(SYNC, change_set=700)
ADA = Origin(55, "edit", "Ada", "2026-11-20T06:00:00Z", None, None)
APPROVED = Origin(813, "approval", "Ada", "2026-11-21T07:00:00Z", "PowerSchool", 812)
UNDONE = Origin(815, "undo", "Ada", "2026-11-21T08:00:00Z", "PowerSchool", 814)
READ = {"PowerSchool": Reading("2026-11-23T06:00:00Z", True)}
IN_PART = {"PowerSchool": Reading("2026-11-23T06:00:00Z", False)}
LINK = LinkRow("PowerSchool", "c1", True)


def seat(n: int = 1, role: str = "student", *, end: str | None = None,
         ended: Origin | None = None, person: bool = True) -> Seat:  # fmt: skip
    values = {"user": n, "role": role, "begin_date": None, "end_date": end}
    return Seat(n, values, f"P{n}", person, ended is None, {"PowerSchool": True}, ended)


def facts(*seats: Seat, **how: object) -> ClassFacts:
    told = ClassFacts(1, True, SYNC, (LINK,), seats, readings=READ)
    return replace(told, **how)  # type: ignore[arg-type]


TEACHER, PUPIL = seat(9, "teacher"), seat(1)

EMPTY = [
    ("class_has_ended", facts(alive=False)),
    ("class_waits", facts(waiting={"PowerSchool": {"create": 24}})),
    ("class_emptied_by_sync", facts(seat(1, ended=SYNC), seat(2, ended=SYNC))),
    ("class_emptied_by_approval", facts(seat(1, ended=APPROVED))),
    ("class_emptied_by_person", facts(seat(1, ended=ADA))),
    ("class_last_left_by_sync", facts(seat(1, ended=SYNC), seat(2, ended=EARLIER))),
    ("class_last_left_by_person", facts(seat(1, ended=replace(ADA, change_set=900)),
                                        seat(2, ended=SYNC))),
    ("class_left", facts(seat(1, end="2026-10-01"), seat(2, end="2026-10-09"))),
    ("class_unreadable", facts(unreadable={"PowerSchool": 3})),
    ("class_outside", facts(links=(replace(LINK, outside=True),))),
    ("class_read_in_part", facts(readings=IN_PART)),
    ("class_term_ahead", facts(begins="2027-01-11")),
    ("class_never_filled", facts()),
    ("class_never_read", facts(readings={})),
    ("class_of_our_own_empty", facts(links=())),
]  # fmt: skip
FULL = [
    ("class_changes_wait", facts(PUPIL, TEACHER, waiting={"PowerSchool": {"end": 4}})),
    ("class_let_go_there", facts(replace(PUPIL, there={"PowerSchool": False}), TEACHER)),
    (
        "class_let_go_there",
        facts(
            *(replace(seat(n), there={"PowerSchool": False}) for n in (1, 2)),
            seat(3, person=False),
            TEACHER,
        ),
    ),
    (
        "class_kept_here",
        facts(replace(PUPIL, there={"PowerSchool": False}, answer=UNDONE), TEACHER),
    ),
    (
        "class_dropped_asked_again",
        facts(replace(PUPIL, again={"PowerSchool": True}, answer=UNDONE), TEACHER),
    ),
    (
        "class_changes_asked_again",
        facts(PUPIL, replace(TEACHER, again={"PowerSchool": True}, answer=UNDONE)),
    ),
    ("class_keeps_out", facts(PUPIL, seat(2, ended=ADA), TEACHER)),
    ("class_told_otherwise", facts(PUPIL, replace(TEACHER, there={"PowerSchool": False}))),
    ("class_not_told", facts(replace(PUPIL, there={}), TEACHER)),
    ("class_people_missing", facts(PUPIL, seat(2, person=False), TEACHER)),
    ("class_rows_unreadable", facts(PUPIL, TEACHER, unreadable={"PowerSchool": 2})),
    ("class_read_in_part", facts(PUPIL, TEACHER, readings=IN_PART)),
    ("class_without_teacher", facts(PUPIL)),
    ("class_term_over", facts(PUPIL, TEACHER, ends="2026-10-30")),
    ("class_in_order", facts(PUPIL, TEACHER, ends="2026-12-18")),
    ("class_in_order_here", facts(PUPIL, TEACHER, readings={}, links=())),
]


@pytest.mark.parametrize(("code", "known"), EMPTY + FULL)
def test_each_reason_has_its_sentence(code: str, known: ClassFacts) -> None:
    """The code, with all that its sentence needs."""
    found = verdict(known, TODAY)
    assert found.code == code
    assert code in SENTENCES
    said = sentence(found.code, found.parameters)
    assert "{" not in said
    assert "None" not in said


def test_what_the_sis_says_right_now_comes_first() -> None:
    """Where it lists students, that is the news, whatever happened; nobody on both is told, too."""
    gone = facts(seat(1, ended=SYNC))
    listed = verdict(gone, TODAY, [OnRoll("PowerSchool", 24, there_alone=24)])
    assert (listed.code, listed.leads, listed.name) == (
        "class_filled_there", Leads.TO_SYNC, "PowerSchool",
    )  # fmt: skip
    assert verdict(gone, TODAY, [OnRoll("PowerSchool", 0)]).code == "class_emptied_by_sync"
    assert verdict(facts(), TODAY, [OnRoll("PowerSchool", 0)]).code == "class_empty_there_too"
    whole = facts(PUPIL, TEACHER)
    kept = OnRoll("PowerSchool", 2, kept_out=1)
    assert verdict(whole, TODAY, [kept]).code == "class_keeps_out"
    assert verdict(gone, TODAY, [replace(kept, students=1)]).code == "class_emptied_by_sync"
    assert verdict(whole, TODAY, [OnRoll("PowerSchool", 1)]).code == "class_agrees_now"
    assert verdict(whole, TODAY, [OnRoll("PowerSchool", 2, there_alone=1)]).code == "class_misses"


def test_nobody_is_missed_on_a_roll_that_was_not_read_to_its_end() -> None:
    """Who is not listed there may come on the next page."""
    part = OnRoll("PowerSchool", 0, here_alone=1, complete=False)
    assert verdict(facts(PUPIL, TEACHER), TODAY, [part]).code == "class_told_in_part"
    assert verdict(facts(PUPIL, TEACHER), TODAY, [replace(part, complete=True)]).code == (
        "class_exceeds"
    )


def test_the_sentence_leads_to_what_explains_it() -> None:
    """The change set, the inbox, the scope."""
    ended = verdict(facts(seat(1, ended=SYNC)), TODAY)
    assert (ended.leads, ended.id) == (Leads.TO_CHANGE_SET, 812)
    waits = verdict(facts(waiting={"PowerSchool": {"create": 1}}), TODAY)
    assert (waits.leads, waits.name) == (Leads.TO_APPROVAL, "PowerSchool")


def test_an_emptied_class_knows_why(data_dir: Path) -> None:
    """From the database: a sync in which the SIS listed nobody any more."""
    sis = sound()
    with district(data_dir, sis) as d:
        d.sync()
        d.without_limits()
        class_ = d.id("classes", "c1")
        full = verdict(class_facts(d.database, class_), TODAY)
        assert (full.code, full.parameters["count"]) == ("class_in_order", 2)
        sis.vanish("enrollments", "e-s11", "e-s12")
        run = d.sync(full=True)
        found = verdict(class_facts(d.database, class_), TODAY)
        assert found.code == "class_emptied_by_sync"
        assert (found.parameters["count"], found.id) == (2, run.id)


def test_a_class_knows_what_waits_and_who_is_missing(data_dir: Path) -> None:
    """Removals that a limit holds; a student who has ended while the enrollment stands."""
    sis = sound()
    with district(data_dir, sis) as d:
        d.sync()
        class_ = d.id("classes", "c1")
        d.engine.end_record("users", d.id("users", "s11"))
        missing = verdict(class_facts(d.database, class_), TODAY)
        assert missing.code == "class_people_missing"
        assert missing.parameters == {"count": 1, "students": 2, "people": "S11 Núñez"}


def test_a_class_knows_of_rows_that_could_not_be_read(data_dir: Path) -> None:
    """Those that name the class, by connector."""
    sis = sound()
    sis.vanish("enrollments", "e-s11", "e-s12")
    with district(data_dir, sis) as d:
        run = d.sync()
        with d.database.writing() as tx:
            asked = "SELECT id FROM streams WHERE entity = 'enrollments'"
            [(stream,)] = tx.rows(asked)
            told = [("e-s11", b'{"class": "c1", "role": "wizard"}', "unreadable")]
            keep_unreadable(tx, stream, run.id, told)
        known = class_facts(d.database, d.id("classes", "c1"))
        assert known.unreadable == {"toy": 1}
        found = verdict(known, TODAY)
        assert (found.code, found.leads, found.name) == (
            "class_unreadable", Leads.TO_UNREADABLE, "toy",
        )  # fmt: skip
        assert class_facts(d.database, d.id("classes", "c2")).unreadable == {}


def test_a_class_knows_what_waits_for_approval(data_dir: Path) -> None:
    """Removals that a limit holds, told of the class and of each seat."""
    sis = sound()
    for n in range(6):
        person(sis, f"x{n}", "student", 1)
    with district(data_dir, sis) as d:
        d.sync()
        sis.vanish("enrollments", *(f"e-x{n}" for n in range(6)))
        d.sync(full=True)
        known = class_facts(d.database, d.id("classes", "c1"))
        assert known.waiting == {"toy": {"end": 6}}
        waits = {seat.enrollment for seat in known.seats if seat.waits == {"toy": "end"}}
        assert waits == {d.id("enrollments", f"e-x{n}") for n in range(6)}
        found = verdict(known, TODAY)
        assert (found.code, found.parameters["count"]) == ("class_changes_wait", 6)


def test_what_was_refused_is_told_with_what_opens_it_again(data_dir: Path) -> None:
    """Syncing the class does not ask again; the undo of the refusal does, at the next sync, and
    until then not all is well."""
    sis = sound()
    for n in range(6):
        person(sis, f"x{n}", "student", 1)
    with district(data_dir, sis) as d:
        d.sync()
        sis.vanish("enrollments", *(f"e-x{n}" for n in range(6)))
        refused = d.engine.refuse(d.sync(full=True).id)
        assert refused is not None
        class_ = d.id("classes", "c1")

        def told(*now: OnRoll) -> tuple[str, object, int | None]:
            found = verdict(class_facts(d.database, class_), TODAY, now)
            return found.code, found.parameters["count"], found.id

        assert told() == ("class_kept_here", 6, refused.id)
        assert told(OnRoll("toy", 1, here_alone=6)) == ("class_exceeds_kept", 6, refused.id)
        assert told(OnRoll("toy", 0, here_alone=7)) == ("class_exceeds", 7, None)
        d.engine.sync_class("toy", class_)
        d.loop.run(until=lambda: not d.engine.busy)
        assert told() == ("class_kept_here", 6, refused.id)
        undone = undo(d, refused.id).id
        assert told() == ("class_dropped_asked_again", 6, undone)
        assert undone is not None
        again = undo(d, undone).id
        assert told() == ("class_kept_here", 6, again)
        assert again is not None
        last = undo(d, again).id
        assert told() == ("class_dropped_asked_again", 6, last)
        d.sync(full=True)
        assert told() == ("class_changes_wait", 6, None)


def test_a_class_knows_its_terms(data_dir: Path) -> None:
    """From the first day of the first to the last of the last; nobody is awaited before."""
    sis = sound()
    sis.put("academic_sessions", "spring", title="Spring", type="term", parent="year",
            start_date="2027-01-11", end_date="2027-06-04")  # fmt: skip
    sis.put("classes", "c9", title="Chess", school="o1", terms=["spring"])
    with district(data_dir, sis) as d:
        d.sync()
        found = verdict(class_facts(d.database, d.id("classes", "c9")), TODAY)
        assert (found.code, found.parameters["day"]) == ("class_term_ahead", "2027-01-11")
        assert "11 Jan 2027" in sentence(found.code, found.parameters)
