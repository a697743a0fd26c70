"""The one search: what is found by which words, and in which order."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store import search
from tests.engine.sound import sound
from tests.engine.toy import District, district


@pytest.fixture
def found(data_dir: Path) -> Iterator[District]:
    """A district with two schools, and people whose names are not plain."""
    sis = sound()
    for key, given, family, school in (
        ("n1", "Zoë", "Núñez-Ortiz", "o1"),
        ("n2", "Åsa", "O’Brien", "o2"),
        ("n3", "Bob", "Zoeller", "o2"),
        ("n4", "Łukasz", "Straße", "o1"),
    ):
        roles = [{"role": "student", "org": school}]
        sis.put("users", key, given_name=given, family_name=family, roles=roles)
    sis.put("classes", "c9", title="Zoology", class_code="ZOO-101", school="o2")
    with district(data_dir, sis) as d:
        d.sync()
        yield d


def names(d: District, text: str, entity: str = "users", **how: object) -> list[str]:
    """What the records of an entity are called that a search finds, in its order."""
    ids = search.search(d.database, text, **how).get(entity, [])  # type: ignore[arg-type]
    rows = search.named(d.database, [(entity, id_) for id_ in ids])
    return [" ".join(str(rows[entity, id_].row.values[part]) for part in
                     (("given_name", "family_name") if entity == "users" else ("title",)))
            for id_ in ids]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("zoe nunez", "Zoë Núñez-Ortiz"),
        ("ORTIZ ZOË", "Zoë Núñez-Ortiz"),
        ("núñez-or", "Zoë Núñez-Ortiz"),
        ("obrien", "Åsa O’Brien"),
        ("o'brien asa", "Åsa O’Brien"),
        ("lukasz", "Łukasz Straße"),
        ("strasse", "Łukasz Straße"),
        ("S11@district", "S11 Núñez"),
        ("student-s11", "S11 Núñez"),
    ],
)
def test_people_are_found_as_somebody_would_type_them(
    found: District, text: str, name: str
) -> None:
    """Without accents, case, hyphens and apostrophes, parts in any order, by email and by ID."""
    assert names(found, text) == [name]


def test_whoever_is_called_so_comes_first(found: District) -> None:
    """A name that begins so, then a later word of a name, and ended ones after all others."""
    assert names(found, "zoe") == ["Zoë Núñez-Ortiz", "Bob Zoeller"]
    found.engine.end_record("users", found.id("users", "n1"))
    assert names(found, "zoe") == ["Bob Zoeller"]
    assert names(found, "zoe", ended=True) == ["Bob Zoeller", "Zoë Núñez-Ortiz"]


def test_everything_that_has_a_name_is_found(found: District) -> None:
    """Classes by name and code, schools, terms; enrollments have none."""
    assert search.search(found.database, "zoo-101") == {"classes": [found.id("classes", "c9")]}
    assert names(found, "zo", "classes") == ["Zoology"]
    assert set(search.search(found.database, "")) == {
        "orgs", "academic_sessions", "classes", "users",
    }  # fmt: skip


def test_a_key_at_the_sis_finds_its_record(found: District) -> None:
    """Whole or its beginning, also of a record that has no name."""
    sis_key = "e-s11"
    hits = search.search(found.database, sis_key)
    assert hits["enrollments"] == [found.id("enrollments", sis_key)]
    both = {found.id("enrollments", key) for key in ("e-s11", "e-s12")}
    assert set(search.search(found.database, "e-s1")["enrollments"]) == both


def test_a_search_is_narrowed_to_a_school(found: District) -> None:
    """Its people, its classes, itself; a term belongs to none."""
    school = found.id("orgs", "o2")
    assert names(found, "zo", school=school) == ["Bob Zoeller"]
    hits = search.search(found.database, "", school=school)
    assert hits["orgs"] == [school]
    assert len(hits["classes"]) == 2
    assert "academic_sessions" not in hits


def test_one_letter_begins_a_word_of_the_name(found: District) -> None:
    """Otherwise it would find nearly everybody."""
    assert names(found, "b") == ["Bob Zoeller"]


def test_what_is_typed_is_no_pattern(found: District) -> None:
    """Per cent and underscore stand for themselves."""
    assert names(found, "%%") == []
    assert names(found, "__") == []


def test_the_type_with_the_likeliest_record_comes_first(found: District) -> None:
    """Whose code is exactly this before whose name has it; people where nothing tells."""
    assert list(search.search(found.database, "zo")) == ["users", "classes"]
    assert list(search.search(found.database, "zoology")) == ["classes"]
    found.sis.put("classes", "c10", title="Chess", class_code="SC-1", school="o1")
    found.sync()
    assert list(search.search(found.database, "sc-1")) == ["classes", "orgs"]
