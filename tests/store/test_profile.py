"""What the page of a record shows: whose word each value is, and who refers to the record."""

from pathlib import Path

from app.store import profile
from app.store.profile import Related
from tests.engine.sound import sound
from tests.engine.toy import district


def test_each_value_has_its_origin(data_dir: Path) -> None:
    """The sync that made the record, the person who changed a field since, the sync after that."""
    sis = sound()
    with district(data_dir, sis) as d:
        first = d.sync()
        id_ = d.id("users", "s11")
        edited = d.engine.edit("users", id_, {"phone": "555", "email": "a@b.example"}, "Ada")
        sis.change("users", "s11", username="new")
        second = d.sync()
        seen = profile.profile(d.database, "users", id_)
        whence = {name: seen.origin(name) for name in ("given_name", "phone", "username")}
        sets = {name: one.change_set for name, one in whence.items()}
        assert sets == {"given_name": first.id, "phone": edited, "username": second.id}
        assert whence["phone"].who == "Ada"
        assert seen.agreed("toy") is not None
        assert {one.field for one in seen.corrections} == {"phone", "email"}


def test_what_a_sis_takes_is_known_before_it_is_changed(data_dir: Path) -> None:
    """By connector, the fields of which it takes changes."""
    sis = sound()
    sis.writable, sis.written = {"users": ("update",)}, {"users": ("phone",)}
    with district(data_dir, sis) as d:
        d.sync()
        assert profile.profile(d.database, "users", d.id("users", "s11")).takes == {
            "toy": frozenset({"phone"})
        }
        assert profile.profile(d.database, "classes", d.id("classes", "c1")).takes == {
            "toy": frozenset()
        }


def test_who_refers_to_a_record_is_counted_by_type(data_dir: Path) -> None:
    """In single fields, in sets and in elements; ended ones apart; relatives from both sides."""
    sis = sound()
    sis.put("users", "mum", given_name="Ann", family_name="Núñez",
            agents=[{"user": "s11", "relation": "mother"}])  # fmt: skip
    sis.change("users", "s11", agents=[{"user": "dad", "relation": "father"}])
    sis.put("users", "dad", given_name="Bo", family_name="Núñez")
    with district(data_dir, sis) as d:
        d.sync()
        d.engine.end_record("enrollments", d.id("enrollments", "e-s11"))
        pupil, school, term = d.id("users", "s11"), d.id("orgs", "o1"), d.id("academic_sessions",
                                                                            "fall")  # fmt: skip
        assert set(profile.related(d.database, "users", pupil)) == {
            Related("users", 2, 0), Related("enrollments", 0, 1),
        }  # fmt: skip
        assert set(profile.related(d.database, "orgs", school)) == {
            Related("classes", 1, 0), Related("users", 3, 0), Related("enrollments", 2, 1),
        }  # fmt: skip
        assert profile.related(d.database, "academic_sessions", term) == [Related("classes", 2, 0)]
        near = profile.related_ids(d.database, "users", pupil, "users")
        assert set(near) == {d.id("users", "mum"), d.id("users", "dad")}
        assert profile.related_ids(d.database, "users", pupil, "enrollments") == []
        ended = profile.related_ids(d.database, "users", pupil, "enrollments", ended=True)
        assert ended == [d.id("enrollments", "e-s11")]
