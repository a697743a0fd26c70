"""Rows become canonical: the quick way, the careful way and the declaration agree (A1, A2)."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.connectors.contract import Row, Unreadable
from app.connectors.oneroster import wire
from app.connectors.oneroster.vocabulary import (
    STREAMS,
    V1P1,
    Stream,
    camel_case,
    grade,
    streams,
)
from app.connectors.oneroster.words import STANDARD, Words, own_words
from app.roster.schema import FieldType
from app.roster.values import TEXT, UNSAID, Boolean, Elements, Kind, Reference, SetOf, Unfit

DEEP = b"[" * 100_000 + b"]" * 100_000
READERS = wire.readers()
OWN = own_words("Fledgling=KG; KG=01", "Teacher=aide; coach = teacher", "Student=homeroom")

NO, ONE = (None, None, None), ("primary", None, None)
"""What 1.1 does not tell of a role."""

texts = st.text(max_size=8) | st.sampled_from(
    [
        *("", " ", " a ", "é", "e\u0301", "true", "No", "2026-02-30", "2026-08-17", "student"),
        *("2026-08-17T00:00:00Z", "Teacher", "ext:coach", "Male", "555-1234", "COACH"),
        *("Sixth grade", "KG,01", "fledgling"),
    ]
)
odd = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
    | st.lists(texts, max_size=2)
    | st.dictionaries(texts, texts, max_size=2)
)
references = st.builds(
    lambda key, extra: {"href": "x", "type": "org"} | extra | {"sourcedId": key},
    texts | st.integers(0, 99),
    st.dictionaries(texts, texts, max_size=1),
) | st.sampled_from([{"href": "https://x/orgs/a%20b?x=1"}, {"href": "~/orgs/7"}, {}])

objective = st.fixed_dictionaries(
    {},
    optional={
        "learningObjectiveId": texts | st.integers(0, 9),
        "score": st.floats(0, 9) | texts,
        "textScore": texts,
    },
)
objectives = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "source": texts,
            "learningObjectiveIds": st.lists(texts, max_size=2) | odd,
            "learningObjectiveResults": st.lists(objective, max_size=2) | odd,
        },
    ),
    max_size=2,
)


def said(kind: Kind, name: str) -> st.SearchStrategy[Any]:
    """Wire values of a field of that kind, mostly ordinary."""
    if isinstance(kind, Reference):
        usual: Any = references
    elif name == "learning_objectives":
        usual = objectives
    elif isinstance(kind, Elements):
        part = {camel_case(n): said(k, n) for n, k in zip(kind.names, kind.kinds, strict=True)}
        one = references if name == "agents" else st.fixed_dictionaries({}, optional=part)
        usual = st.lists(one, max_size=3)
    elif isinstance(kind, SetOf):
        usual = st.lists(said(kind.part, name), max_size=3)
    elif isinstance(kind, Boolean):
        usual = st.booleans() | texts
    else:
        usual = texts
    values: st.SearchStrategy[Any] = usual | usual | usual | usual | odd
    return values


def rows(stream: Stream) -> st.SearchStrategy[dict[str, Any]]:
    fields = {camel_case(f.name): said(f.kind, f.name) for f in stream.entity.fields}
    if stream.name == "users":
        fields |= {"role": texts | odd, "orgs": st.lists(references, max_size=3) | odd}
    head = {"status": st.none() | texts | odd, "dateLastModified": st.none() | texts | odd}
    return st.fixed_dictionaries({"sourcedId": texts | st.integers(0, 9)}, optional=fields | head)


def declared(field: FieldType, row: dict[str, Any], words: Words) -> object:
    """What ``Kind.normal`` makes of a wire value: the standard's shapes, put plainly."""
    normal = wire.normaliser(field.kind, field.name, words)
    value = normal(row.get(camel_case(field.name)))
    role = row.get("role")
    if value is not None or field.name != "roles" or not isinstance(field.kind, Elements):
        return value
    if wire.normaliser(TEXT, "")(role) is None:
        return None
    orgs = wire.normaliser(SetOf(Reference("orgs")), "")(row.get("orgs")) or [None]
    return normal([{"role": role, "org": org, "roleType": "primary"} for org in orgs])


@pytest.mark.parametrize("words", [STANDARD, OWN], ids=["standard", "own"])
@pytest.mark.parametrize("name", STREAMS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_quick_careful_and_declared_values_agree(name: str, words: Words, data: st.DataObject):
    """Every row, odd or not; and a canonical value is its own normal form (A1)."""
    row = data.draw(rows(STREAMS[name]))
    raw = msgspec.json.encode(row) if _fits(row) else json.dumps(row).encode()
    read = wire.readers(words)[name](raw)
    careful = wire._careful_reader(STREAMS[name].entity, words)(raw)
    assert read == careful
    assert [type(part) for part in read] == [type(part) for part in careful]
    if isinstance(read, Unreadable):
        assert read.reason in ("row_without_key", "row_key_unusable")
        return
    warned = dict(read.warnings)
    for field, value in zip(STREAMS[name].entity.fields, read.patch, strict=True):
        if name == "demographics" and field.name == "user":
            assert value == read.key
            continue
        try:
            assert value == declared(field, row, words)
            assert field.kind.normal(value) == value
        except Unfit:
            assert value is UNSAID
            assert warned[field.name].startswith("odd_")


def _fits(row: object) -> bool:
    try:
        msgspec.json.encode(row)
    except (OverflowError, UnicodeEncodeError, ValueError):
        return False
    return True


def read(name: str, **row: Any) -> Row:
    found = READERS[name](json.dumps({"sourcedId": "k", **row}).encode())
    assert isinstance(found, Row)
    return found


def value(name: str, field: str, said: Any) -> Any:
    place = STREAMS[name].entity.field_names.index(field)
    return read(name, **{camel_case(field): said}).patch[place]


@pytest.mark.parametrize(
    ("entity", "field", "said", "value_"),
    [
        ("users", "enabled_user", "true", True),
        ("users", "enabled_user", False, False),
        ("users", "enabled_user", 1, True),
        ("users", "grades", ["Sixth grade"], ("06",)),
        ("users", "grades", ["6"], ("06",)),
        ("users", "grades", [6, "06"], ("06",)),
        ("users", "grades", "KG,01,02", ("01", "02", "KG")),
        ("users", "grades", ["KG,01"], ("01", "KG")),
        ("users", "grades", ["UG"], ("UG",)),
        ("users", "grades", ["Fledgling"], ("Fledgling",)),
        ("users", "grades", [], None),
        ("users", "username", "", None),
        ("users", "email", " Zoe@District.Example ", "zoe@district.example"),
        ("users", "agents", [{"sourcedId": "b"}, {"sourcedId": "a"}], (("a", None), ("b", None))),
        ("users", "roles", [], None),
        ("classes", "class_type", "Scheduled", "scheduled"),
        ("demographics", "sex", "Male", "male"),
        ("demographics", "birth_date", "2012-05-01T00:00:00Z", "2012-05-01"),
        ("enrollments", "role", "ext:coach", "ext:coach"),
        ("enrollments", "begin_date", None, None),
        ("enrollments", "user", {"sourcedId": "", "href": ""}, None),
        ("enrollments", "user", {"href": "~/users/u%201"}, "u 1"),
        ("enrollments", "user", {"href": "http://localhost:8080/users/u1/"}, "u1"),
        ("enrollments", "user", "u1", "u1"),
        ("academic_sessions", "school_year", 2027, "2027"),
        ("orgs", "identifier", 142, "142"),
    ],
)
def test_oddities_of_the_field_are_understood(entity, field, said, value_):
    """Case drift, booleans as strings, grades in words, hrefs for keys (ONEROSTER 9, 10)."""
    assert value(entity, field, said) == value_


@pytest.mark.parametrize(
    ("entity", "field", "said", "value_"),
    [
        ("classes", "school", {"sourcedId": 5}, "5"),
        ("classes", "school", 5, "5"),
        ("classes", "terms", 5, ("5",)),
        ("classes", "terms", [5, {"sourcedId": 6}], ("5", "6")),
        ("users", "agents", [{"sourcedId": 5}], (("5", None),)),
        ("users", "roles", [{"role": "aide", "org": 5}], (("aide", "5", None, None, None),)),
    ],
)
def test_a_key_said_as_a_number_is_text(entity, field, said, value_):
    """A number in a patch would be taken for a record id (A3)."""
    assert value(entity, field, said) == value_
    assert READERS[entity](b'{"sourcedId":5}').key == "5"


def test_roles_are_elements_in_declared_order():
    """Role, org, importance, dates: keyed by role and org (A4)."""
    role = {"roleType": "primary", "role": "Student", "org": {"sourcedId": "s1"}}
    other = {"roleType": "secondary", "role": "aide", "org": {"sourcedId": "s0"}}
    assert value("users", "roles", [role, other, role]) == (
        ("aide", "s0", "secondary", None, None),
        ("student", "s1", "primary", None, None),
    )


@pytest.mark.parametrize(
    ("said", "value_"),
    [
        (
            {"role": "Teacher", "orgs": [{"sourcedId": "s2"}, {"href": "~/orgs/s1"}]},
            (("teacher", "s1", *ONE), ("teacher", "s2", *ONE)),
        ),
        ({"role": "student", "orgs": "s2, s1"}, (("student", "s1", *ONE), ("student", "s2", *ONE))),
        ({"role": "aide", "orgs": [7, "7"]}, (("aide", "7", *ONE),)),
        ({"role": "student", "orgs": []}, (("student", None, *ONE),)),
        ({"role": "student"}, (("student", None, *ONE),)),
        ({"roles": [], "role": "student", "orgs": ["s1"]}, (("student", "s1", *ONE),)),
        ({"role": " ", "orgs": [{"sourcedId": "s1"}]}, None),
        ({"orgs": [{"sourcedId": "s1"}]}, None),
        (
            {"roles": [{"role": "aide", "org": "s9"}], "role": "student", "orgs": [{"a": [1]}]},
            (("aide", "s9", *NO),),
        ),
        ({"role": {"a": 1}, "orgs": ["s1"]}, UNSAID),
        ({"role": "student", "orgs": {"sourcedId": "s1"}}, UNSAID),
        ({"roles": "odd", "role": "student", "orgs": ["s1"]}, UNSAID),
    ],
)
def test_a_user_of_the_older_version_has_one_role_in_every_org(said, value_):
    """Where a row has roles they count; else the one role is the primary one in every org (A5)."""
    row = read("users", **said)
    assert row.patch[STREAMS["users"].entity.field_names.index("roles")] == value_
    assert bool(row.warnings) is (value_ is UNSAID)


def test_the_older_version_has_the_fields_it_knows():
    """What 1.1 never tells of is not spoken, so that its silence blanks nothing (A2)."""
    older = streams(V1P1)
    assert not {"score_scales", "assessment_line_items", "assessment_results"} & set(older)
    row = {"sourcedId": "r", "scoreStatus": "submitted", "late": "true", "score": "3", "class": {}}
    found = wire.readers(STANDARD, V1P1)["results"](json.dumps(row).encode())
    assert isinstance(found, Row)
    told = dict(zip(older["results"].entity.field_names, found.patch, strict=True))
    assert set(told) == {
        *("line_item", "student", "score_status", "score", "score_date", "comment")
    }
    assert (told["score_status"], told["score"]) == ("submitted", 3.0)
    for name, stream in older.items():
        assert set(stream.entity.field_names) <= set(STREAMS[name].entity.field_names)
        assert [one.index for one in stream.entity.fields] == [*range(len(stream.entity.fields))]


def test_learning_objectives_are_elements_of_their_source():
    """On the wire they stand by source: ids alone for work, with scores for results (A4)."""
    sets = [
        {"source": "unknown", "learningObjectiveIds": ["c"]},
        {"source": "case", "learningObjectiveIds": ["b", "a", "b"]},
    ]
    parts = (("case", "a"), ("case", "b"), ("unknown", "c"))
    assert value("line_items", "learning_objectives", sets) == parts
    told = [
        {"learningObjectiveId": "a", "score": 3},
        {"learningObjectiveId": "b", "textScore": "B"},
    ]
    scored = [{"source": "case", "learningObjectiveResults": told}]
    assert value("results", "learning_objectives", scored) == (
        ("case", "a", 3.0, None),
        ("case", "b", None, "B"),
    )
    for odd_sets in (["a"], [{"learningObjectiveIds": "a"}], [{"learningObjectiveResults": [1]}]):
        assert value("line_items", "learning_objectives", odd_sets) is UNSAID


@pytest.mark.parametrize(
    ("entity", "field", "said", "value_"),
    [
        ("results", "late", "true", True),
        ("results", "missing", False, False),
        ("results", "score", "87.5", 87.5),
        ("results", "score_status", "Submitted", "submitted"),
        ("results", "score_date", "2026-03-03T10:00:00Z", "2026-03-03"),
        ("line_items", "due_date", "2026-03-03", "2026-03-03T00:00:00Z"),
        ("line_items", "due_date", "2026-03-03T10:00:00+01:00", "2026-03-03T09:00:00Z"),
        ("line_items", "class", {"sourcedId": "k1", "type": "class"}, "k1"),
        ("categories", "weight", 20, 20.0),
        (
            "score_scales",
            "score_scale_value",
            [{"itemValueLHS": "B", "itemValueRHS": "80-89"}, {"itemValueLHS": "A"}],
            (("A", None), ("B", "80-89")),
        ),
    ],
)
def test_the_gradebook_is_understood(entity, field, said, value_):
    """Booleans as texts, scores as numbers or texts, dates of both sorts, scales by their steps."""
    assert value(entity, field, said) == value_


def test_demographics_are_of_the_user_of_the_same_key():
    """The standard gives both one sourcedId."""
    assert read("demographics", sex="female").patch[:3] == ("k", None, "female")


@pytest.mark.parametrize(
    ("field", "said", "warning"),
    [
        ("begin_date", "yesterday", "odd_date"),
        ("begin_date", "2026-02-30", "odd_date"),
        ("primary", "perhaps", "odd_boolean"),
        ("user", [1], "odd_reference"),
        ("role", {"a": 1}, "odd_text"),
        ("role", "stu\0dent", "odd_text"),
        ("role", "\ud800", "odd_text"),
        ("begin_date", "2026-08-17T\0", "odd_text"),
        ("user", {"sourcedId": "u\0001"}, "odd_reference"),
        ("user", {"sourcedId": "u\n1"}, "odd_reference"),
        ("user", {"href": "~/users/u%001"}, "odd_reference"),
    ],
)
def test_one_odd_value_costs_that_value_only(field, said, warning):
    """It is unsaid, with a warning; the others are as ever (A2; ONEROSTER 17)."""
    row = read("enrollments", school={"sourcedId": "s1"}, **{camel_case(field): said})
    names = STREAMS["enrollments"].entity.field_names
    assert row.patch[names.index(field)] is UNSAID
    assert row.patch[names.index("school")] == "s1"
    assert row.warnings == ((field, warning),)


@pytest.mark.parametrize("number", [b"9" * 5000, b"1e999", b"NaN", b"-Infinity"])
@pytest.mark.parametrize(("field", "warning"), [("role", "odd_text"), ("user", "odd_reference")])
def test_a_number_beyond_all_bounds_costs_its_field_only(number, field, warning):
    """The row is read, and its key is plain (A2, C6)."""
    found = READERS["enrollments"](
        b'{"sourcedId":"k","school":{"sourcedId":"s1"},"%s":%s}' % (field.encode(), number)
    )
    assert isinstance(found, Row)
    assert (found.key, found.warnings) == ("k", ((field, warning),))
    assert found.patch[2] == "s1"
    assert wire.careful_heading(b'{"sourcedId":"k","metadata":%s}' % number).reason == ""


def test_texts_in_lists_are_usable_too():
    """NUL ends a text where rows are stored, and half a surrogate pair has no bytes (A2)."""
    for name, field, said in (
        ("users", "grades", ["0\x006"]),
        ("users", "grades", "\ud800"),
        ("courses", "subjects", ["a", "\0"]),
        ("courses", "subjects", "a\0"),
        ("users", "roles", [{"role": "a\0"}]),
    ):
        assert value(name, field, said) is UNSAID


@pytest.mark.parametrize(
    ("raw", "key", "reason"),
    [
        (b'"text"', None, "row_not_object"),
        (b"null", None, "row_not_object"),
        (b'{"status":"active"}', None, "row_without_key"),
        (b'{"sourcedId":" "}', None, "row_without_key"),
        (b'{"sourcedId":{"a":1}}', None, "row_without_key"),
        (b'{"sourcedId":"k","role":"\xff"}', "k", "row_encoding"),
        (b'{"sourcedId":"k\xff"}', None, "row_encoding"),
        (b'{"sourcedId":"k\\u0000"}', None, "row_key_unusable"),
        (b'{"sourcedId":"k\\u001b[2J"}', None, "row_key_unusable"),
        (b'{"sourcedId":"\\ud800"}', None, "row_key_unusable"),
        (b'{"a":%s,"sourcedId":"k"}' % DEEP, "k", "row_not_json"),
        (b'{"a":{"sourcedId":"x"},"sourcedId" : "k","b":%s}' % DEEP, "k", "row_not_json"),
        (b'{"sourcedId":"k","a" 1}', "k", "row_not_json"),
        (b'{"a":%s}' % DEEP, None, "row_not_json"),
        (DEEP, None, "row_not_json"),
    ],
)
def test_a_bad_row_is_unreadable_with_its_key_if_that_can_be_read(raw, key, reason):
    """And never raises (C6)."""
    assert READERS["enrollments"](raw) == Unreadable(key, raw, reason)


@pytest.mark.parametrize(
    ("status", "dead", "warned"),
    [
        ("active", False, False),
        ("Active", False, False),
        (None, False, False),
        ("inactive", False, True),
        (7, False, True),
        ("tobedeleted", True, False),
        ("ToBeDeleted", True, False),
    ],
)
def test_only_the_standards_own_word_ends_a_record(status, dead, warned):
    """Other words are alive, with a warning (ONEROSTER 9)."""
    raw = json.dumps({"sourcedId": "k", "status": status}).encode()
    assert wire.careful_heading(raw).dead is dead
    if not dead:
        assert bool(read("orgs", status=status).warnings) is warned


@pytest.mark.parametrize(
    ("word", "code"),
    [
        *(("Kindergarten", "KG"), ("k", "KG"), ("1st Grade", "01"), ("Grade 12", "12")),
        *(("09", "09"), ("Pre-K", "PK"), ("Twelfth grade", "12"), ("ungraded", "UG")),
        ("K-5", "K-5"),
    ],
)
def test_grades_are_told_by_their_code(word, code):
    """However they are written (ONEROSTER 9)."""
    assert grade(word) == code


def test_wire_names_are_the_standards_own():
    """Derived from the declaration; a few that could go wrong."""
    assert camel_case("demographic_race_two_or_more_races") == "demographicRaceTwoOrMoreRaces"
    assert camel_case("academic_sessions") == "academicSessions"
    assert camel_case("class") == "class"
