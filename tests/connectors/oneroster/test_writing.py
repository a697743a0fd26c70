"""Changes of the gradebook are written over HTTP to the practice service (SEMANTICS F)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.connectors.contract import Change, Outcome
from app.connectors.oneroster.rest import (
    ASSESSMENTS_READ_ONLY,
    GRADEBOOK_READ_ONLY,
    NOT_WRITABLE,
    READ_ONLY,
)
from app.connectors.oneroster.vocabulary import GRADEBOOK, ROSTER, STREAMS, camel_case
from app.connectors.oneroster.writing import FIELDS_BLANK, FIELDS_ODD, PLACE_MISSING
from app.errors import NotFound
from tests.connectors.oneroster.desk import Desk, working
from tests.practice.client import serving
from tests.practice.official_document import FOLDER, faults, schemas

BOOKS = [name for name, stream in STREAMS.items() if stream.writing]
POSTED = [name for name in BOOKS if STREAMS[name].parent]


@pytest.fixture(scope="module")
def ready() -> Iterator[dict[str, Any]]:
    """What a service announced in which every test makes records of its own."""
    with serving(students=40, seed=3) as announced:
        yield announced


@pytest.fixture
def desk(ready: dict[str, Any]) -> Iterator[Desk]:
    with working(ready) as made:
        yield made


@pytest.fixture
def posting(ready: dict[str, Any]) -> Iterator[Desk]:
    """A desk that has the SIS give new records their keys."""
    with working(ready, creates="post") as made:
        yield made


@pytest.fixture
def created(desk: Desk) -> Change:
    """A line item that was created and stands at the SIS."""
    change = desk.draft("line_items", title="Quiz 3", description="Chapter 3")
    assert desk.push(change).outcome is Outcome.DONE
    return change


def update(created: Change, **patch: Any) -> Change:
    """A change of what was created, agreed upon as it was then."""
    base = {name: created.patch.get(name) for name in patch}
    return Change(created.entity, "update", created.key, patch, base)


def delete(created: Change) -> Change:
    return Change(created.entity, "delete", created.key, {}, created.patch)


# -- creating --


@pytest.mark.parametrize("entity", BOOKS)
def test_a_record_is_created_under_our_key(desk: Desk, entity: str):
    """It is read back as it was sent, and stands at the SIS under that key (F3, F4)."""
    change = desk.draft(entity)
    result = desk.push(change)
    assert (result.outcome, result.key) == (Outcome.DONE, None)
    assert result.row is not None
    assert result.row.key == change.key
    assert change.patch.items() <= desk.values(entity, result.row).items()
    assert desk.document(entity, change.key) is not None


@pytest.mark.parametrize("entity", BOOKS)
def test_creating_again_is_harmless(desk: Desk, entity: str):
    """The same creation finds its own record and writes nothing (F3)."""
    change = desk.draft(entity)
    desk.push(change)
    before = desk.document(entity, change.key)
    assert desk.push(change).outcome is Outcome.DONE
    assert desk.document(entity, change.key) == before


def test_a_record_that_is_not_ours_is_never_overwritten_by_a_creation(desk: Desk, created: Change):
    """Another record under that key has moved, and a removed one stays removed (F2)."""
    other = replace(created, patch={**created.patch, "title": "Another"})
    result = desk.push(other)
    assert result.outcome is Outcome.MOVED
    assert desk.values("line_items", result.row)["title"] == "Quiz 3"
    desk.overwrite("line_items", created.key, status="tobedeleted")
    assert desk.push(created) == desk.confirm(created)
    assert (desk.push(created).outcome, desk.push(created).row) == (Outcome.MOVED, None)


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the official documents are not here")
@pytest.mark.parametrize("entity", BOOKS)
def test_what_is_written_has_the_form_of_the_official_document(desk: Desk, entity: str):
    """Required members are there, and no other than the document's."""
    change = desk.draft(entity)
    desk.push(change)
    singular = STREAMS[entity].singular
    kind = f"{singular[0].upper()}{singular[1:]}DType"
    document = desk.document(entity, change.key)
    assert not faults(document, kind, schemas("gradebookservice.yaml"))


# -- changing --


def test_only_what_changed_is_replaced(desk: Desk, created: Change):
    """Extensions and all other members go back as they were read (F2)."""
    desk.overwrite("line_items", created.key, metadata={"x.room": {"n": [1, 2.50, None, "é"]}})
    before = desk.document("line_items", created.key)
    result = desk.push(update(created, title="Quiz 4"))
    assert result.outcome is Outcome.DONE
    assert desk.values("line_items", result.row)["title"] == "Quiz 4"
    after = desk.document("line_items", created.key)
    assert before is not None
    assert after is not None
    assert {**before, "title": "Quiz 4"} == {
        **after,
        "dateLastModified": before["dateLastModified"],
    }


def test_what_is_there_already_is_not_written(desk: Desk, created: Change):
    """Whoever wrote it: the change is done (F4)."""
    desk.overwrite("line_items", created.key, title="Quiz 4")
    before = desk.document("line_items", created.key)
    assert desk.push(update(created, title="Quiz 4")).outcome is Outcome.DONE
    assert desk.document("line_items", created.key) == before


def test_what_somebody_else_changed_is_not_overwritten(desk: Desk, created: Change):
    """The push says what stands there, and writes nothing (F2)."""
    desk.overwrite("line_items", created.key, title="Test 1")
    change = update(created, title="Quiz 4", description="Chapter 4")
    result = desk.push(change)
    assert result.outcome is Outcome.MOVED
    assert desk.values("line_items", result.row)["title"] == "Test 1"
    document = desk.document("line_items", created.key)
    assert document is not None
    assert document["description"] == "Chapter 3"
    assert desk.confirm(change).outcome is Outcome.MOVED


def test_a_change_that_came_half_way_is_finished(desk: Desk, created: Change):
    """A field that has its value already does not stand in the way of the others."""
    desk.overwrite("line_items", created.key, title="Quiz 4")
    change = update(created, title="Quiz 4", description="Chapter 4")
    assert desk.push(change).outcome is Outcome.DONE
    assert desk.confirm(change).outcome is Outcome.DONE


def test_a_group_is_written_together(desk: Desk, created: Change):
    """Both dates stand as instants."""
    dates = {"assign_date": "2026-03-02T08:00:00Z", "due_date": "2026-03-09T15:30:00.250Z"}
    assert desk.push(update(created, **dates)).outcome is Outcome.DONE
    document = desk.document("line_items", created.key)
    assert document is not None
    assert {name: document[camel_case(name)] for name in dates} == dates


def test_a_blank_is_left_out(desk: Desk, created: Change):
    """A field that is to be blank has no member any more (A2)."""
    result = desk.push(update(created, description=None, score_scale=None))
    assert result.outcome is Outcome.DONE
    assert desk.values("line_items", result.row)["description"] is None
    document = desk.document("line_items", created.key)
    assert document is not None
    assert "description" not in document


def test_a_long_title_arrives_whole(desk: Desk, created: Change):
    """A thousand characters of any script."""
    title = "Prüfung 測驗 😀 " * 77
    result = desk.push(update(created, title=title.strip()[:1000]))
    assert desk.values("line_items", result.row)["title"] == title.strip()[:1000]


def test_a_record_that_is_gone_has_moved(desk: Desk, created: Change):
    """Deleted or marked so: nothing is written, and nothing is there (F2)."""
    desk.overwrite("line_items", created.key, status="tobedeleted")
    result = desk.push(update(created, title="Quiz 4"))
    assert (result.outcome, result.row) == (Outcome.MOVED, None)
    desk.remove("line_items", created.key)
    result = desk.push(update(created, title="Quiz 4"))
    assert (result.outcome, result.row) == (Outcome.MOVED, None)


@pytest.mark.parametrize(
    ("entity", "patch"),
    [
        ("results", {"late": True, "missing": False, "score_status": "exempt", "score": None}),
        (
            "results",
            {"learning_objectives": (("case", "a", 3.5, None), ("unknown", "b", None, "B"))},
        ),
        (
            "line_items",
            {"learning_objectives": (("case", "a"), ("case", "b"), ("unknown", "c"))},
        ),
        ("line_items", {"result_value_min": 1.0, "result_value_max": 12.5}),
        ("categories", {"title": "Essays", "weight": 12.5}),
        ("score_scales", {"score_scale_value": (("A", "60-100"), ("Z", "0-59"))}),
    ],
)
def test_values_of_every_kind_are_written(desk: Desk, entity: str, patch: dict[str, Any]):
    """Read back they are what was sent (A1)."""
    created = desk.draft(entity)
    assert desk.push(created).outcome is Outcome.DONE
    result = desk.push(update(created, **patch))
    assert result.outcome is Outcome.DONE
    assert patch.items() <= desk.values(entity, result.row).items()


def test_the_steps_of_a_scale_keep_their_order(desk: Desk):
    """Ours are sorted; at the SIS the order tells which step is higher."""
    created = desk.draft("score_scales")
    desk.push(created)
    wire = [{"itemValueLHS": step, "itemValueRHS": "x"} for step in ("Pass", "Merit", "Fail")]
    desk.overwrite("score_scales", created.key, scoreScaleValue=wire)
    was = (("Fail", "x"), ("Merit", "x"), ("Pass", "x"))
    new = (("Absent", "y"), ("Fail", "x"), ("Pass", "z"))
    change = Change(
        "score_scales",
        "update",
        created.key,
        {"score_scale_value": new},
        {"score_scale_value": was},
    )
    assert desk.push(change).outcome is Outcome.DONE
    document = desk.document("score_scales", created.key)
    assert document is not None
    assert [step["itemValueLHS"] for step in document["scoreScaleValue"]] == [
        *("Pass", "Fail", "Absent")
    ]


# -- deleting --


@pytest.mark.parametrize("entity", BOOKS)
def test_a_record_is_deleted_once(desk: Desk, entity: str):
    """What is gone already is done as well."""
    created = desk.draft(entity)
    desk.push(created)
    assert desk.confirm(delete(created)).outcome is Outcome.MOVED
    for _ in range(2):
        assert desk.push(delete(created)).outcome is Outcome.DONE
    assert desk.confirm(delete(created)).outcome is Outcome.DONE
    assert desk.document(entity, created.key) is None


def test_what_somebody_else_changed_is_not_deleted(desk: Desk, created: Change):
    """Edit beats delete, also where the edit was not read yet (B6)."""
    desk.overwrite("line_items", created.key, title="Test 1")
    result = desk.push(delete(created))
    assert result.outcome is Outcome.MOVED
    assert desk.values("line_items", result.row)["title"] == "Test 1"
    blanked = replace(
        delete(created), base={**created.patch, "title": "Test 1", "description": None}
    )
    assert desk.push(blanked).outcome is Outcome.MOVED


# -- what no document can be made of --


@pytest.mark.parametrize(
    ("entity", "patch", "code", "fields"),
    [
        ("line_items", {"title": None}, FIELDS_BLANK, "Title"),
        ("line_items", {"due_date": None, "category": None}, FIELDS_BLANK, "Due, Category"),
        ("results", {"score_date": None}, FIELDS_BLANK, "Date"),
        ("score_scales", {"type": None, "score_scale_value": None}, FIELDS_BLANK, "Type, Values"),
        ("score_scales", {"score_scale_value": (("A", None),)}, FIELDS_ODD, "Values"),
        ("results", {"score_status": "graded"}, FIELDS_ODD, "Status"),
        ("assessment_results", {"score_status": None}, FIELDS_BLANK, "Status"),
        (
            "assessment_line_items",
            {"learning_objectives": ((None, "a"),)},
            FIELDS_ODD,
            "Learning objectives",
        ),
    ],
)
def test_what_the_standard_asks_for_in_vain_is_not_sent(desk: Desk, entity, patch, code, fields):
    """Nothing is made up: the refusal names what is blank, or has no word (F5)."""
    draft = desk.draft(entity)
    result = desk.push(replace(draft, patch={**draft.patch, **patch}))
    assert (result.outcome, result.words) == (
        Outcome.REFUSED,
        f'{code} {{"fields":"{fields}"}}',
    )
    assert desk.document(entity, draft.key) is None
    assert desk.push(draft).outcome is Outcome.DONE
    before = desk.document(entity, draft.key)
    assert desk.push(update(draft, **patch)).words == result.words
    assert desk.document(entity, draft.key) == before


# -- refusals --


def test_a_refusal_has_the_words_of_the_sis(desk: Desk, created: Change):
    """In one line, whatever was to be done (F5)."""
    unknown = desk.push(update(created, category="no such"))
    assert unknown.outcome is Outcome.REFUSED
    assert unknown.words == "There is no category 'no such' to refer to."
    used = delete(replace(desk.draft("categories"), key=created.patch["category"]))
    refused = desk.push(replace(used, base={}))
    assert (refused.outcome, refused.words) == (
        Outcome.REFUSED,
        "It is used by line items; delete those first.",
    )
    result = desk.draft("results", score=1e6, score_status="fully graded")
    assert "1000000.0 is not from 0" in desk.push(result).words


def test_words_of_a_refusal_are_bounded(desk: Desk, created: Change):
    """Five hundred characters without ends of lines are enough for anybody."""
    words = desk.push(update(created, category="x\n" * 1500)).words
    assert len(words) == 500
    assert words.isprintable()


def test_a_record_that_does_not_say_where_it_belongs_is_not_posted(posting: Desk):
    """There is no address to post it to."""
    draft = posting.draft("results")
    result = posting.push(replace(draft, patch={**draft.patch, "line_item": None}))
    assert (result.outcome, result.words) == (Outcome.REFUSED, PLACE_MISSING)


# -- keys that the SIS gives --


@pytest.mark.parametrize("entity", POSTED)
def test_a_posted_record_gets_its_key_from_the_sis(posting: Desk, entity: str):
    """The outcome has the key, and the row that stands under it (F3)."""
    change = posting.draft(entity)
    result = posting.push(change)
    assert result.outcome is Outcome.DONE
    assert result.row is not None
    assert result.row.key == result.key != change.key
    assert change.patch.items() <= posting.values(entity, result.row).items()
    assert posting.connector.capabilities()[entity].allots_keys


def test_only_what_can_be_posted_gets_its_key_from_the_sis(posting: Desk):
    """The standard has no post for categories, scales and assessments."""
    found = posting.connector.capabilities()
    assert [name for name in BOOKS if found[name].allots_keys] == POSTED
    change = posting.draft("categories")
    assert posting.push(change).key is None
    assert posting.document("categories", change.key) is not None


# -- OneRoster 1.1 --

OLDER = {
    "categories": "title",
    "line_items": "title description assignDate dueDate class category gradingPeriod "
    "resultValueMin resultValueMax",
    "results": "lineItem student score scoreStatus scoreDate comment",
}
"""What 1.1 has of each record, beside what all have."""


@pytest.mark.parametrize("entity", OLDER)
def test_the_older_version_is_written_with_what_it_has(ready: dict[str, Any], entity: str):
    """Made, changed and deleted by 1.1; no member goes there that came with 1.2."""
    with working(ready, version="1.1", creates="post") as older:
        can = older.connector.capabilities()[entity]
        assert not can.allots_keys
        assert can.writes == {"create", "update", "delete"}
        row = older.rows(entity)[0]
        known = dict(zip(can.fields, row.patch, strict=True))
        told = {name: value for name, value in known.items() if value is not None}
        created = Change(entity, "create", f"older {entity}", told)
        path = f"/ims/oneroster/v1p1/{STREAMS[entity].collection}/{created.key}"

        def standing() -> Any:
            return older.client.call("GET", path).json().get(STREAMS[entity].singular)

        assert older.push(created).outcome is Outcome.DONE
        assert standing().keys() <= {
            "sourcedId",
            "status",
            "dateLastModified",
            *OLDER[entity].split(),
        }
        field = "comment" if entity == "results" else "title"
        assert older.push(update(created, **{field: "Another"})).outcome is Outcome.DONE
        assert standing()[field] == "Another"
        assert older.push(delete(replace(created, patch={}))).outcome is Outcome.DONE
        assert standing() is None


def test_the_older_version_has_no_assessments_and_scales(ready: dict[str, Any]):
    """What is switched on without being there is not offered."""
    with working(ready, version="1.1") as older:
        found = [name for name, each in older.connector.capabilities().items() if each.writes]
        assert found == [*OLDER]


# -- answers that are lost --


@pytest.mark.parametrize("action", ["create", "update", "delete"])
def test_a_lost_answer_is_looked_for(desk: Desk, created: Change, action: str):
    """Unknown at first; then it is found to have arrived (F5)."""
    change = {
        "create": desk.draft("line_items"),
        "update": update(created, title="Quiz 4"),
        "delete": delete(created),
    }[action]
    assert desk.confirm(change).outcome is Outcome.MOVED
    desk.break_off("lineItems")
    assert desk.push(change).outcome is Outcome.UNKNOWN
    assert desk.confirm(change).outcome is Outcome.DONE


@pytest.mark.parametrize("entity", POSTED)
def test_a_posted_record_whose_answer_is_lost_is_found_again(posting: Desk, entity: str):
    """By what it belongs to and is; one alone is adopted, several are nobody's guess (F3)."""
    change = posting.draft(entity)
    if entity == "line_items":
        change = replace(change, patch={**change.patch, "title": "Only once"})
    else:
        item = posting.draft("line_items", title="Without marks yet")
        key = posting.push(item).key
        change = replace(change, patch={**change.patch, "line_item": key})
    assert posting.confirm(change).outcome is Outcome.MOVED
    posting.break_off(STREAMS[entity].collection)
    assert posting.push(change).outcome is Outcome.UNKNOWN
    found = posting.confirm(change)
    assert found.outcome is Outcome.DONE
    assert found.row is not None
    assert found.key == found.row.key
    assert posting.document(entity, str(found.key)) is not None
    posting.push(change)
    assert posting.confirm(change).outcome is Outcome.UNKNOWN


def test_what_cannot_be_listed_is_not_said_to_be_missing(posting: Desk):
    """A class or line item that the SIS does not know tells nothing (F3)."""
    for entity, gone in (("line_items", "class"), ("results", "line_item")):
        draft = posting.draft(entity)
        change = replace(draft, patch={**draft.patch, gone: "no such"})
        assert posting.confirm(change).outcome is Outcome.UNKNOWN


# -- what may be written at all --


def test_what_is_switched_off_is_not_spoken(ready: dict[str, Any]):
    """Without the gradebook there are rosters alone."""
    with working(ready, gradebook="off", assessments="off") as desk:
        assert set(desk.connector.capabilities()).isdisjoint(BOOKS)
        with pytest.raises(NotFound):
            desk.push(Change("results", "update", "1", {}))


def test_a_gradebook_that_is_only_read_is_not_written(ready: dict[str, Any]):
    """The refusal says which setting would allow it (F6)."""
    with working(ready, gradebook="read", assessments="read") as desk:
        assert not any(each.writes for each in desk.connector.capabilities().values())
        for entity, words in (
            ("categories", GRADEBOOK_READ_ONLY),
            ("assessment_line_items", ASSESSMENTS_READ_ONLY),
        ):
            change = desk.draft(entity)
            for result in (desk.push(change), desk.confirm(change)):
                assert (result.outcome, result.words) == (Outcome.REFUSED, words)
            assert desk.document(entity, change.key) is None


def test_a_token_that_only_reads_refuses_to_write(ready: dict[str, Any]):
    """At first in the words of the SIS, and once it is known what the token allows, in ours."""
    change = Change("categories", "create", "never", {"title": "Never"})
    with working(ready, scope=f"{ROSTER} {GRADEBOOK}") as desk:
        first, then = desk.push(change), desk.push(change)
        assert first.outcome is then.outcome is Outcome.REFUSED
        assert first.words.startswith("The access token lacks the scope")
        assert then.words == NOT_WRITABLE
        assert not any(each.writes for each in desk.connector.capabilities().values())


def test_a_writing_connector_says_what_it_writes(desk: Desk):
    """All six collections, and no roster; where a record belongs is not changed."""
    found = desk.connector.capabilities()
    assert list(found)[-6:] == BOOKS
    everything = {"create", "update", "delete"}
    assert all(found[name].writes == everything for name in BOOKS)
    assert not any(each.writes for name, each in found.items() if name not in BOOKS)
    results = found["results"]
    assert set(results.fields) - results.written == {"line_item", "student"}
    refused = desk.push(Change("users", "update", "1", {"given_name": "Zoë"}))
    assert (refused.outcome, refused.words) == (Outcome.REFUSED, READ_ONLY)
