"""The documents behind the practice Ed-Fi: the same events make the same database again."""

from typing import Any

import pytest

from app.practice.edfi.store import (
    Depended,
    DocumentDeleted,
    KeyFixed,
    KeyTaken,
    Ods,
    OdsEvent,
    Unresolved,
)
from tests.practice.edfi.small_district import HIGH, at_school, documents, seat, session, student

AT = 1_770_000_000_000


@pytest.fixture
def ods() -> Ods:
    """The small district."""
    made = Ods(5)
    made.load(documents(), AT)
    return made


def held(ods: Ods) -> dict[str, Any]:
    """All that an ODS holds, changes included."""
    return {
        name: (list(shelf.items.values()), shelf.deletes, shelf.key_changes)
        for name, shelf in ods.shelves.items()
    }


def a_day(ods: Ods) -> None:
    """Something of each sort happens."""
    ods.put("students", student("n1"), AT + 1)
    ods.put("studentSchoolAssociations", at_school("n1"), AT + 2)
    fall = ods.items("sessions")[0]
    ods.replace("sessions", fall.id, session(name="Autumn"), AT + 3)
    taken = ods.items("studentSectionAssociations")[0]
    ods.delete("studentSectionAssociations", taken.id, AT + 4)


def test_the_same_events_make_the_same_ods(ods: Ods):
    """Ids, versions, moments, deletes and key changes."""
    events: list[OdsEvent] = []
    ods.on_event = events.append
    a_day(ods)
    again = Ods(5)
    again.load(documents(), AT)
    for event in events:
        again.apply(event)
    assert (again.version, held(again)) == (ods.version, held(ods))


def test_an_event_that_cannot_be_kept_does_not_happen(ods: Ods):
    """What on_event raises is raised, and nothing changed."""

    def full(event: OdsEvent) -> None:
        raise OSError

    before = held(ods)
    ods.on_event = full
    with pytest.raises(OSError):  # noqa: PT011  it is the one that was raised
        ods.put("students", student("n1"), AT + 1)
    assert held(ods) == before


def test_a_write_that_changes_nothing_is_no_event(ods: Ods):
    """An upsert of what is there."""
    events: list[OdsEvent] = []
    ods.on_event = events.append
    kept = ods.put("students", student("s1"), AT + 1)
    assert (kept.created, kept.changed, events) == (False, False, [])


def test_a_frozen_copy_stays(ods: Ods):
    """It is what it was, whatever happens."""
    frozen = ods.frozen()
    before = held(frozen)
    a_day(ods)
    assert held(frozen) == before
    assert frozen.version < ods.version


def test_what_may_not_be_written_is_refused(ods: Ods):
    """References, keys, dependents."""
    someone = ods.items("students")[0]
    ods.put("sessions", session(name="Spring"), AT)
    spring = ods.find("sessions", f"{HIGH}|2026|Spring")
    assert spring is not None
    with pytest.raises(Unresolved):
        ods.put("studentSectionAssociations", seat("nobody"), AT)
    with pytest.raises(KeyFixed):
        ods.replace("students", someone.id, student("other"), AT)
    with pytest.raises(KeyTaken):
        ods.replace("sessions", spring.id, session(), AT)
    with pytest.raises(Depended):
        ods.delete("students", someone.id, AT)


def test_a_key_that_comes_twice_is_one_document():
    """Parts of real districts have some documents twice."""
    ods = Ods()
    ods.load([("students", student("s1")), ("students", student("s1", "Ann"))], AT)
    [only] = ods.items("students")
    assert b"Ann" in only.body


def test_documents_from_elsewhere_may_refer_to_nothing():
    """Not strict: nothing is looked for."""
    ods = Ods()
    ods.strict = False
    assert ods.put("studentSectionAssociations", seat("nobody"), AT).created


def test_an_event_of_what_is_not_there_is_an_error(ods: Ods):
    """A journal of another district cannot be applied."""
    with pytest.raises(LookupError):
        ods.apply(DocumentDeleted("students", "nobody", AT))
