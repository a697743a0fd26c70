"""What is changed here goes to the SIS: SEMANTICS F, through public names."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.engine.decisions import Decision, Take
from app.engine.events import Event, Progress
from app.engine.figures import Limits
from app.engine.scope import Scope
from app.errors import AuthError, RateLimited, TransientError
from app.roster.entities import ENTITIES
from app.store import differences, outbox, policies, reads
from tests.engine.toy import GARBLED, District, ToySis, district, fill

ALL = ("create", "update", "delete")


def gradebook(sis: ToySis | None = None) -> ToySis:
    """A small district whose gradebook can be written."""
    sis = fill(sis or ToySis())
    for n in range(4):
        sis.put(
            "line_items",
            f"l{n}",
            title=f"Quiz {n}",
            description="By hand",
            school="o1",
            result_value_min=0.0,
            result_value_max=10.0,
            **{"class": "c0"},
        )
    for n in range(4):
        sis.put("results", f"r{n}", line_item=f"l{n}", student="u000", score=7.0)
    sis.writable = {"line_items": ALL, "results": ALL}
    return sis


@contextmanager
def synced(
    data_dir: Path, sis: ToySis | None = None, other: ToySis | None = None
) -> Iterator[District]:
    """A district that has read its gradebook once, and knows no limits."""
    with district(data_dir, sis or gradebook(), other=other) as d:
        d.without_limits()
        assert d.sync().state == "completed"
        yield d


def edit(d: District, key: str, entity: str = "line_items", **fields: object) -> None:
    """An edit by a person."""
    d.engine.edit(entity, d.id(entity, key), fields, "Ana")


def make(d: District, **fields: object) -> int:
    """A line item that a person makes here."""
    told = {"class": d.id("classes", "c0"), "school": d.id("orgs", "o1"), **fields}
    return d.engine.create("line_items", told, "Ana")


def key_of(d: District, record: int, entity: str = "line_items") -> str:
    """The key of a record at its SIS."""
    (link,) = reads.record(d.database, entity, record).links
    return link.key


def states(d: District) -> list[tuple[str, str]]:
    """What is not at the SIS, and how it stands."""
    return [(one.action, one.state) for one in outbox.unsent(d.database)]


def quiet(d: District, *names: str) -> None:
    """Three more syncs of each connector write nothing, here or there."""
    wrote = list(d.sis.wrote)
    for full in (False, True, False):
        for name in names or ("toy",):
            run = d.sync(name, full=full)
            done = [run.total(count) for count in ("created", "updated", "deleted", "pushed")]
            assert (run.state, done) == ("completed", [0, 0, 0, 0])
    assert d.sis.wrote == wrote


# -- updates ----------------------------------------------------------------------------------


def test_an_edit_is_sent_and_agreed_upon(data_dir: Path) -> None:
    """F1, F4: what was edited here is at the SIS after the next sync, and is not sent again."""
    with synced(data_dir) as d:
        edit(d, "l0", title="Quiz 0, again")
        assert states(d) == [("update", "waiting")]
        run = d.sync()
        assert (run.state, run.total("pushed"), run.total("updated")) == ("completed", 1, 0)
        assert d.sis.rows["line_items"]["l0"]["title"] == "Quiz 0, again"
        assert d.sis.rows["line_items"]["l0"]["description"] == "By hand"
        assert states(d) == []
        assert "push_done" in d.log(run.id)
        quiet(d)


def test_a_reference_is_sent_as_the_key_of_the_sis(data_dir: Path) -> None:
    """A3, F1: what is a record id here is the key there."""
    with synced(data_dir) as d:
        edit(d, "l0", school=d.id("orgs", "o2"))
        d.sync()
        assert d.sis.rows["line_items"]["l0"]["school"] == "o2"
        quiet(d)


def test_a_group_is_sent_whole(data_dir: Path) -> None:
    """A4, F1: fields that only make sense together are sent together."""
    with synced(data_dir) as d:
        edit(d, "r0", "results", score=9.5)
        sent: list[dict[str, object]] = []
        d.sis.hook = lambda url: None
        write = d.sis.write

        def listening(method: str, url: str, body: bytes | None) -> tuple[int, dict[str, object]]:
            sent.append(json.loads(body or b"{}"))
            return write(method, url, body)

        d.sis.write = listening  # type: ignore[method-assign]
        d.sync()
        assert {"score_status", "score", "text_score"} <= sent[0].keys()
        assert d.sis.rows["results"]["r0"]["score"] == 9.5


def test_of_a_group_that_the_sis_speaks_in_part_that_part_is_kept_in_step(data_dir: Path) -> None:
    """A2, A4, F1: OneRoster 1.1 has no score in words; its scores go both ways all the same."""
    sis = gradebook()
    names = ENTITIES["results"].field_names
    sis.fields = {"results": tuple(name for name in names if name != "text_score")}
    with synced(data_dir, sis) as d:
        edit(d, "r0", "results", score=9.5, text_score="Well done")
        d.sis.change("results", "r0", comment="Seen")
        assert d.sync().total("pushed") == 1
        assert d.sis.rows["results"]["r0"]["score"] == 9.5
        d.sis.change("results", "r0", score=7)
        run = d.sync()
        assert (run.state, run.total("updated"), run.total("conflicts")) == ("completed", 1, 0)
        result = d.values("results", "r0")
        told = (result["score"], result["text_score"], result["comment"])
        assert told == (7, "Well done", "Seen")
        quiet(d)


def test_a_field_that_the_sis_does_not_take_stays_a_local_correction(data_dir: Path) -> None:
    """F6: it is kept here, not sent, and nothing waits for it."""
    sis = gradebook()
    sis.written = {"line_items": ("title",)}
    with synced(data_dir, sis) as d:
        edit(d, "l0", description="Ours", title="Quiz")
        assert d.sync().total("pushed") == 1
        assert d.sis.rows["line_items"]["l0"]["description"] == "By hand"
        assert d.values("line_items", "l0")["description"] == "Ours"
        edit(d, "l1", description="Ours")
        assert (d.sync().total("pushed"), states(d)) == (0, [])
        quiet(d)


def test_what_the_sis_makes_of_a_value_is_taken_over(data_dir: Path) -> None:
    """F4: a rounded score is agreed upon here as it is there, and is no echo war."""
    with synced(data_dir) as d:
        d.sis.rounds = True
        edit(d, "r0", "results", score=9.5)
        d.sync()
        assert d.values("results", "r0")["score"] == 9
        detail = reads.record(d.database, "results", d.id("results", "r0"))
        assert [(one.kind, one.after.get("score")) for one in detail.changes] == [
            ("sync", 9.0),
            ("edit", 9.5),
        ]
        quiet(d)


def test_an_edit_taken_back_is_not_sent(data_dir: Path) -> None:
    """F1: what equals what was last agreed has nothing to be sent."""
    with synced(data_dir) as d:
        edit(d, "l0", title="Other")
        edit(d, "l0", title="Quiz 0")
        assert (d.sync().total("pushed"), states(d), d.sis.wrote) == (0, [], [])


def test_what_is_pinned_is_not_sent(data_dir: Path) -> None:
    """F1, G2: a pinned part stays here; the others are sent."""
    with synced(data_dir) as d:
        edit(d, "l0", title="Ours", description="Ours, too")
        with d.database.writing() as tx:
            row = tx.one("SELECT id FROM links WHERE record = ?", (d.id("line_items", "l0"),))
            assert row is not None
            policies.pin(tx, 1, [(row[0], "title")])
        assert d.sync().total("pushed") == 1
        there = d.sis.rows["line_items"]["l0"]
        assert (there["title"], there["description"]) == ("Quiz 0", "Ours, too")
        assert d.values("line_items", "l0")["title"] == "Ours"
        quiet(d)


# -- what others did there --------------------------------------------------------------------


def test_a_field_with_an_open_conflict_is_not_sent_and_others_are(data_dir: Path) -> None:
    """F1, B2: nothing is written of what is asked about; the record's other fields go on."""
    with synced(data_dir) as d:
        edit(d, "l0", title="Ours", description="Ours, too")
        d.sis.change("line_items", "l0", title="Theirs")
        run = d.sync()
        assert (run.state, run.total("conflicts"), run.total("pushed")) == ("warnings", 1, 1)
        there = d.sis.rows["line_items"]["l0"]
        assert (there["title"], there["description"]) == ("Theirs", "Ours, too")


def test_what_moved_since_it_was_read_is_never_overwritten(data_dir: Path) -> None:
    """F2: a field that is not what was last agreed is weighed, not pushed; the rest is sent."""
    with synced(data_dir) as d:
        edit(d, "l0", title="Ours", description="Ours, too")

        def moved(url: str) -> None:
            if "line_items?key=l0" in url:
                d.sis.hook = lambda url: None
                d.sis.change("line_items", "l0", title="Theirs")

        d.sis.hook = moved
        run = d.sync()
        assert (run.state, run.total("conflicts"), run.total("pushed")) == ("warnings", 1, 1)
        there = d.sis.rows["line_items"]["l0"]
        assert (there["title"], there["description"]) == ("Theirs", "Ours, too")
        assert d.values("line_items", "l0")["title"] == "Ours"
        assert reads.connector(d.database, "toy").standing.conflicts == 1


def test_what_others_changed_meanwhile_comes_with_the_next_read(data_dir: Path) -> None:
    """F4, E1: of the row that is read back only what was sent is weighed at once."""
    with synced(data_dir) as d:
        edit(d, "l0", title="Ours")
        d.sis.hook = lambda url: (
            d.sis.rows["line_items"]["l0"].update(description="Theirs")
            if "line_items?key=l0" in url
            else None
        )
        d.sync()
        d.sis.hook = lambda url: None
        assert d.values("line_items", "l0")["description"] == "By hand"
        assert d.sync(full=True).total("updated") == 1
        assert d.values("line_items", "l0")["description"] == "Theirs"


def test_what_is_gone_there_waits_for_the_next_read(data_dir: Path) -> None:
    """F2, D1: a record that is gone is neither written nor ended by a push."""
    with synced(data_dir) as d:
        edit(d, "l0", title="Ours")

        def gone(url: str) -> None:
            if "line_items?key=l0" in url and "l0" in d.sis.rows["line_items"]:
                d.sis.end("line_items", "l0")

        d.sis.hook = gone
        run = d.sync()
        assert (run.total("pushed"), states(d)) == (0, [("update", "waiting")])
        d.sis.hook = lambda url: None
        assert d.sync().total("conflicts") == 1  # ended there, edited here


def test_what_is_put_off_is_no_matter_once_it_is_decided_that_it_stays_here(
    data_dir: Path,
) -> None:
    """B6, F5: nothing is sent to a row that is gone, so nothing waits to be tried again."""
    with synced(data_dir) as d:
        edit(d, "l0", title="Ours")
        d.sis.vanish("line_items", "l0")
        d.sync()
        assert states(d) == [("update", "waiting")]
        assert d.sync(full=True).total("conflicts") == 1
        (asked,) = differences.difference_ids(d.database)
        d.engine.resolve([Decision(asked, Take.OURS)], "Ana")
        assert (d.sync().state, states(d)) == ("completed", [])


def test_nothing_is_sent_of_what_waits_for_approval(data_dir: Path) -> None:
    """E2, F1: what the SIS says of a record waits, so nothing is written over it meanwhile."""
    with synced(data_dir) as d:
        with d.database.writing() as tx:
            tx.run("UPDATE connectors SET limits = ?", (str(Limits().with_figure("changes", 0)),))
        edit(d, "l0", title="Ours")
        d.sis.change("line_items", "l0", description="Theirs")
        run = d.sync()
        assert (run.state, run.total("waiting"), run.total("pushed")) == ("waiting", 1, 0)
        assert states(d) == [("update", "waiting")]


def test_nothing_is_pushed_until_it_is_said_who_is_right_to_begin_with(data_dir: Path) -> None:
    """B3: while differences at first contact are open, the stream sends nothing."""
    sis = gradebook()
    sis.fields["line_items"] = ("title", "class", "school")
    with synced(data_dir, sis) as d:
        edit(d, "l0", description="Ours")
        edit(d, "l1", title="Quiz, ours")
        del sis.fields["line_items"]
        d.kind.mapping = "2"
        run = d.sync()
        assert (run.total("conflicts"), run.total("pushed"), sis.wrote) == (1, 0, [])
        assert "push_waits_for_beginning" in d.log(run.id)
        assert ("update", "waiting") in states(d)


# -- creating ---------------------------------------------------------------------------------


def test_what_a_person_made_is_created_under_a_key_of_ours(data_dir: Path) -> None:
    """F3: it gets a key that is stored before sending, and counts as agreed upon."""
    with synced(data_dir) as d:
        record = make(d, title="Project", description=None)
        assert states(d) == [("create", "waiting")]
        run = d.sync()
        assert (run.state, run.total("pushed"), run.total("created")) == ("completed", 1, 0)
        there = d.sis.rows["line_items"][key_of(d, record)]
        assert (there["title"], there["class"]) == ("Project", "c0")
        assert d.id("line_items", key_of(d, record)) == record
        assert states(d) == []
        quiet(d)
        edit(d, key_of(d, record), title="Project 2")
        assert d.sync().total("pushed") == 1


def test_a_key_that_the_sis_allots_is_taken_over(data_dir: Path) -> None:
    """F3, A6: the link moves to the SIS's key, and what refers to it follows."""
    sis = gradebook()
    sis.allots = {"line_items"}
    with synced(data_dir, sis) as d:
        record = make(d, title="Project")
        told = {"line_item": record, "student": d.id("users", "u001"), "score": 8.0}
        result = d.engine.create("results", told, "Ana")
        run = d.sync()
        assert (run.state, run.total("pushed")) == ("completed", 2)
        assert key_of(d, record) == "line_items-5"
        there = d.sis.rows["results"][key_of(d, result, "results")]
        assert (there["line_item"], there["student"]) == ("line_items-5", "u001")
        quiet(d)


def test_what_was_made_here_ends_when_it_is_gone_before_it_was_ever_read(data_dir: Path) -> None:
    """D1, D2: what was sent was seen there, so its absence from the next whole read ends it."""
    with synced(data_dir) as d:
        made = make(d, title="Poster")
        assert d.sync().total("pushed") == 1
        d.sis.vanish("line_items", key_of(d, made))
        run = d.sync(full=True)
        assert (run.state, run.total("deleted"), run.total("outside")) == ("completed", 1, 0)
        assert not reads.record(d.database, "line_items", made).record.alive
        quiet(d)


def test_what_one_sis_told_is_not_created_at_another(data_dir: Path) -> None:
    """F1: only what a person made here is made at a SIS."""
    other = fill(ToySis(), people=0)
    other.put("line_items", "x1", title="Elsewhere")
    other.writable = {"line_items": ALL}
    with synced(data_dir, other=other) as d:
        d.sync("other")
        d.sync()
        edit(d, "l0", title="Ours")
        assert d.sync("other").total("pushed") == 0
        assert (list(other.rows["line_items"]), other.wrote) == (["x1"], [])


def test_what_was_made_before_the_sis_took_any_is_created_once_it_does(data_dir: Path) -> None:
    """F1: the outbox follows from what stands here and from what the SIS takes."""
    sis = gradebook()
    sis.writable = {}
    with synced(data_dir, sis) as d:
        record = make(d, title="Project")
        assert (d.sync().total("pushed"), states(d)) == (0, [])
        sis.writable = {"line_items": ALL}
        assert d.sync().total("pushed") == 1
        assert sis.rows["line_items"][key_of(d, record)]["title"] == "Project"


def test_what_refers_waits_until_what_it_refers_to_is_there(data_dir: Path) -> None:
    """F5: a result of a line item that the SIS refuses waits, and goes once it has arrived."""
    with synced(data_dir) as d:
        record = make(d, title="Project")
        told = {"line_item": record, "student": d.id("users", "u001"), "score": 8.0}
        result = d.engine.create("results", told, "Ana")
        d.sis.refuses = {"line_items": "The term is closed."}
        assert d.sync().state == "warnings"
        assert states(d) == [("create", "refused"), ("create", "waiting_on")]
        d.sis.refuses = {}
        assert d.engine.retry("toy", [record]) == 1
        run = d.sync()
        assert (run.state, run.total("pushed"), states(d)) == ("completed", 2, [])
        there = d.sis.rows["results"][key_of(d, result, "results")]
        assert there["line_item"] == key_of(d, record)


def test_what_waits_for_what_never_comes_is_told(data_dir: Path) -> None:
    """F5: what it waits for is named, and a sync says so as long as that cannot arrive."""
    with synced(data_dir) as d:
        item = make(d, title="Project")
        told = {"line_item": item, "student": d.id("users", "u001"), "score": 8.0}
        result = d.engine.create("results", told, "Ana")
        d.sis.refuses = {"line_items": "The term is closed."}
        d.sync()
        (waits,) = [one for one in outbox.unsent(d.database) if one.record == result]
        assert (waits.words, waits.about) == (
            "push_waits_for", {"entity": "line_items", "id": item},
        )  # fmt: skip
        d.engine.end_record("line_items", item, "Ana")
        for _ in range(2):
            run = d.sync()
            assert run.state == "warnings"
            assert "push_waiting_on" in d.log(run.id)
            (waits,) = outbox.unsent(d.database)
            assert (waits.record, waits.words) == (result, "push_waits_in_vain")
        d.engine.edit("results", result, {"line_item": d.id("line_items", "l1")}, "Ana")
        assert (d.sync().state, states(d)) == ("completed", [])


def test_what_refers_to_what_only_another_sis_has_waits_in_vain(data_dir: Path) -> None:
    """F5: what came from one SIS is not made at another, so it never arrives there."""
    other = ToySis()
    other.put("orgs", "x", name="Elsewhere", type="school")
    with synced(data_dir, other=other) as d:
        d.sync("other")
        there = d.id("orgs", "x")
        edit(d, "l0", school=there)
        assert d.sync().state == "warnings"
        (waits,) = outbox.unsent(d.database, "toy")
        assert (waits.state, waits.words) == ("waiting_on", "push_waits_in_vain")
        assert waits.about == {"entity": "orgs", "id": there}


def test_what_was_made_and_ended_again_is_never_sent(data_dir: Path) -> None:
    """F1: a record that is not there any more is not created; restored, it is."""
    with synced(data_dir) as d:
        record = make(d, title="Project")
        d.engine.end_record("line_items", record, "Ana")
        assert (d.sync().total("pushed"), states(d)) == (0, [])
        d.engine.restore("line_items", record, "Ana")
        assert d.sync().total("pushed") == 1


# -- deleting ---------------------------------------------------------------------------------


def test_what_ends_here_is_deleted_there_only_where_that_is_switched_on(data_dir: Path) -> None:
    """D4: a deletion is not sent unless somebody said so."""
    with synced(data_dir) as d:
        d.engine.end_record("line_items", d.id("line_items", "l0"), "Ana")
        assert (d.sync().total("pushed"), states(d)) == (0, [])
        assert "l0" in d.sis.rows["line_items"]
        d.engine.set_switches("toy", send_deletes=True)
        d.engine.end_record("line_items", d.id("line_items", "l1"), "Ana")
        assert states(d) == [("delete", "waiting")]
        assert d.sync().total("pushed") == 1
        assert ("l1" in d.sis.rows["line_items"], "l0" in d.sis.rows["line_items"]) == (False, True)
        quiet(d)


def test_deletions_go_in_the_order_opposite_to_references(data_dir: Path) -> None:
    """F1: what refers goes first, so that nothing is refused for being referred to."""
    with synced(data_dir) as d:
        d.engine.set_switches("toy", send_deletes=True)
        d.engine.end_record("line_items", d.id("line_items", "l0"), "Ana")
        d.engine.end_record("results", d.id("results", "r0"), "Ana")
        d.sync()
        assert d.sis.wrote == [("DELETE", "results", "r0"), ("DELETE", "line_items", "l0")]


def test_what_was_changed_there_is_not_deleted(data_dir: Path) -> None:
    """B6, F2: edit beats delete, whoever edited."""
    with synced(data_dir) as d:
        d.engine.set_switches("toy", send_deletes=True)
        d.engine.end_record("line_items", d.id("line_items", "l0"), "Ana")

        def moved(url: str) -> None:
            if "line_items?key=l0" in url:
                d.sis.hook = lambda url: None
                d.sis.change("line_items", "l0", title="Theirs")

        d.sis.hook = moved
        run = d.sync()
        assert (run.state, run.total("pushed")) == ("warnings", 0)
        assert d.sis.rows["line_items"]["l0"]["title"] == "Theirs"
        assert reads.connector(d.database, "toy").standing.conflicts == 1


# -- what the SIS answers ---------------------------------------------------------------------


def test_what_is_refused_is_told_and_not_tried_again(data_dir: Path) -> None:
    """F5: the SIS's words are kept; it is tried again when something else stands here."""
    with synced(data_dir) as d:
        d.sis.refuses = {"line_items": "The term is closed."}
        edit(d, "l0", title="Ours")
        run = d.sync()
        assert (run.state, run.total("pushed")) == ("warnings", 0)
        (one,) = outbox.unsent(d.database)
        assert (one.state, one.words, one.record) == (
            "refused", "The term is closed.", d.id("line_items", "l0"),
        )  # fmt: skip
        assert reads.connector(d.database, "toy").standing.unsent == 1
        d.sis.refuses = {}
        assert d.sync().state == "warnings"
        assert d.sis.wrote == []
        edit(d, "l0", title="Ours, otherwise")
        assert d.sync().state == "completed"
        assert d.sis.rows["line_items"]["l0"]["title"] == "Ours, otherwise"


def test_what_was_edited_while_it_was_refused_is_sent(data_dir: Path) -> None:
    """F5: the refusal was of what stood here then."""
    with synced(data_dir) as d:
        edit(d, "l0", title="Ours")
        d.sis.refuses = {"line_items": "The term is closed."}

        def edited(url: str) -> None:
            if "key=l0" in url and d.sis.asked.count(url) == 2:
                d.loop.post(lambda: edit(d, "l0", title="Ours, later"))

        d.sis.hook = edited
        d.sync()
        assert states(d) == [("update", "waiting")]
        d.sis.refuses = {}
        assert (d.sync().total("pushed"), states(d)) == (1, [])


def refused_once(d: District) -> None:
    """The SIS refuses an edit of a title; from then on it takes everything."""
    d.sis.refuses = {"line_items": "The term is closed."}
    edit(d, "l0", title="Ours")
    assert d.sync().state == "warnings"
    d.sis.refuses = {}


def test_what_was_refused_is_no_matter_once_the_sis_says_the_same(data_dir: Path) -> None:
    """F5: nothing differs any more, so nothing could not be sent."""
    with synced(data_dir) as d:
        refused_once(d)
        d.sis.change("line_items", "l0", title="Ours")
        assert (d.sync().state, states(d)) == ("completed", [])


@pytest.mark.parametrize(("take", "sent"), [(Take.OURS, 1), (Take.SIS, 0)])
@pytest.mark.parametrize("kept", [False, True])
def test_what_was_not_sent_goes_by_what_is_decided_since(
    data_dir: Path, take: Take, sent: int, kept: bool
) -> None:
    """B1, F5: refused by the SIS or kept by a person; then the SIS changes, and it is asked."""
    with synced(data_dir) as d:
        if kept:
            d.engine.change_limits("toy", lambda limits: limits.with_additions_only(True))
            edit(d, "l0", title="Ours")
            d.engine.refuse(d.sync().id, author="Ana")
            d.without_limits()
        else:
            refused_once(d)
        d.sis.change("line_items", "l0", title="Theirs")
        assert d.sync().total("conflicts") == 1
        (asked,) = differences.difference_ids(d.database)
        d.engine.resolve([Decision(asked, take)], "Ana")
        run = d.sync()
        assert (run.state, run.total("pushed"), states(d)) == ("completed", sent, [])
        assert d.sis.rows["line_items"]["l0"]["title"] == ("Ours" if sent else "Theirs")


@pytest.mark.parametrize("unspoken", [False, True])
def test_a_blank_that_is_not_believed_keeps_no_edit_back(data_dir: Path, unspoken: bool) -> None:
    """A2, B5: of a field that no row speaks any more, or one that never overwrites."""
    sis = gradebook()
    if unspoken:
        for n in range(1, 4):
            sis.change("line_items", f"l{n}", description=None)
    with synced(data_dir, sis) as d:
        d.engine.set_switches("toy", keep_values=not unspoken)
        sis.change("line_items", "l0", description=None)
        assert d.sync(full=True).total("updated") == 0
        edit(d, "l0", description="Ours", title="Ours, too")
        run = d.sync(full=True)
        assert (run.total("pushed"), states(d)) == (1, [])
        there = sis.rows["line_items"]["l0"]
        assert (there["description"], there["title"]) == ("Ours", "Ours, too")
        quiet(d)


def test_a_clock_that_ran_ahead_puts_nothing_off(data_dir: Path) -> None:
    """H1: neither the daily whole read, nor what is tried again later."""
    with synced(data_dir) as d:
        d.pass_time(days=3650)
        edit(d, "l0", title="Ours")

        def down(url: str) -> None:
            if "key=l0" in url:
                raise TransientError("toy_down")

        d.sis.hook = down
        d.sync()
        d.sis.hook = lambda url: None
        d.pass_time(days=-3650)
        run = d.sync()
        assert (run.mode, run.total("pushed"), states(d)) == ("full", 1, [])


def test_a_person_may_ask_for_another_try(data_dir: Path) -> None:
    """F5: what was refused is sent again when somebody asks."""
    with synced(data_dir) as d:
        d.sis.refuses = {"line_items": "The term is closed."}
        edit(d, "l0", title="Ours")
        d.sync()
        d.sis.refuses = {}
        assert d.engine.retry("toy", [d.id("line_items", "l1")]) == 0
        assert d.engine.retry() == 1
        assert (d.sync().total("pushed"), states(d)) == (1, [])


def test_a_lost_answer_is_looked_up_before_anything_else(data_dir: Path) -> None:
    """F3, F5: of a write whose answer was lost the next sync looks whether it arrived."""
    with synced(data_dir) as d:
        edit(d, "l0", title="Ours")
        d.sis.loses = 1
        assert d.sync().state == "warnings"
        assert states(d) == [("update", "unknown")]
        run = d.sync()
        assert (run.state, states(d), len(d.sis.wrote)) == ("completed", [], 1)
        quiet(d)


def test_an_edit_after_a_lost_answer_is_sent_and_asks_nobody(data_dir: Path) -> None:
    """F3: what arrived of ours is not taken for what somebody else wrote."""
    with synced(data_dir) as d:
        edit(d, "l0", title="Ours")
        d.sis.loses = 1
        d.sync()
        edit(d, "l0", title="Ours, later")
        run = d.sync()
        assert (run.state, run.total("pushed"), run.total("conflicts")) == ("completed", 1, 0)
        assert d.sis.rows["line_items"]["l0"]["title"] == "Ours, later"


@pytest.mark.parametrize("allots", [False, True])
def test_a_creation_whose_answer_was_lost_is_adopted(data_dir: Path, allots: bool) -> None:
    """F3: it is found again, never made twice, and read as what it is."""
    sis = gradebook()
    sis.allots = {"line_items"} if allots else set()
    with synced(data_dir, sis) as d:
        record = make(d, title="Project")
        sis.loses = 1
        assert d.sync().state == "warnings"
        assert states(d) == [("create", "unknown")]
        run = d.sync()
        assert (run.state, run.total("created"), states(d)) == ("completed", 0, [])
        assert len(sis.rows["line_items"]) == 5
        assert d.id("line_items", key_of(d, record)) == record
        quiet(d)


def test_trouble_after_a_write_is_never_taken_for_trouble_before_it(data_dir: Path) -> None:
    """F3: a kind that lets an error through when the write had its answer makes nobody twice."""
    sis = gradebook()
    sis.allots, sis.careless = {"line_items"}, True
    with synced(data_dir, sis) as d:
        make(d, title="Project")

        def after_the_write(url: str) -> None:
            if "key=line_items-" in url:
                raise RateLimited("toy_busy", 60.0)

        sis.hook = after_the_write
        assert d.sync().state == "warnings"
        assert states(d) == [("create", "unknown")]
        sis.hook = lambda url: None
        assert d.sync().state == "completed"
        assert [method for method, *_ in sis.wrote] == ["POST"]
        quiet(d)


def test_a_creation_that_is_not_found_waits_for_a_person(data_dir: Path) -> None:
    """F3: where the SIS allots keys nothing is repeated unless somebody asks for it."""
    sis = gradebook()
    sis.allots = {"line_items"}
    with synced(data_dir, sis) as d:
        record = make(d, title="Project")

        def lost(url: str) -> None:
            if url.endswith("line_items"):
                raise TransientError("toy_cut")

        sis.hook = lost
        d.sync()
        sis.hook = lambda url: None
        for _ in range(2):
            assert d.sync().state == "warnings"
            (one,) = outbox.unsent(d.database)
            assert (one.state, one.words, sis.wrote) == ("unknown", "push_not_found", [])
        assert d.engine.retry("toy", [record]) == 1
        assert (d.sync().state, len(sis.wrote)) == ("completed", 1)
        assert key_of(d, record) == "line_items-5"
        quiet(d)


def test_a_creation_that_is_found_twice_waits_for_a_person(data_dir: Path) -> None:
    """F3: nobody can tell which of several is ours."""
    sis = gradebook()
    sis.allots = {"line_items"}
    with synced(data_dir, sis) as d:
        make(d, title="Project")
        sis.loses = 1
        d.sync()
        sis.put("line_items", "l9", **sis.rows["line_items"]["line_items-5"])
        assert d.sync().state == "warnings"
        assert [(one.state, one.words) for one in outbox.unsent(d.database)] == [
            ("unknown", "push_not_known")
        ]


def test_a_creation_that_is_read_before_its_answer_is_known_is_the_same_record(
    data_dir: Path,
) -> None:
    """F3, A3: a row under a key of ours belongs to the record that was made here."""
    with synced(data_dir) as d:
        record = make(d, title="Project")
        d.sis.loses = 1
        d.sync()

        def unsure(url: str) -> None:
            if "key=" in url:
                raise TransientError("toy_down")

        d.sis.hook = unsure
        run = d.sync()
        assert ("push_not_confirmed" in d.log(run.id), run.total("created")) == (True, 0)
        assert d.id("line_items", key_of(d, record)) == record
        d.sis.hook = lambda url: None
        assert (d.sync().state, states(d)) == ("completed", [])
        quiet(d)


def test_what_cannot_be_reached_is_tried_again_later_and_later(data_dir: Path) -> None:
    """F5: trouble that may pass puts a change off; the sync is done all the same."""
    with synced(data_dir) as d:
        edit(d, "l0", title="Ours")

        def down(url: str) -> None:
            if "key=" in url:
                raise TransientError("toy_down")

        d.sis.hook = down
        run = d.sync()
        assert (run.state, states(d)) == ("warnings", [("update", "waiting")])
        asked = len(d.sis.asked)
        (one,) = outbox.unsent(d.database)
        assert (one.attempts, one.next_at) == (1, "2026-09-07T02:01:00Z")
        assert d.sync().state == "completed"
        assert not any("key=" in url for url in d.sis.asked[asked:])
        d.pass_time(minutes=1)
        d.sync()
        (one,) = outbox.unsent(d.database)
        assert (one.attempts, one.next_at) == (2, "2026-09-07T02:06:00Z")
        d.sis.hook = lambda url: None
        d.pass_time(minutes=5)
        assert (d.sync().total("pushed"), states(d)) == (1, [])


def test_a_sis_that_asks_to_slow_down_is_left_alone(data_dir: Path) -> None:
    """F5: what is left is sent with a later sync, and nothing is lost."""
    with synced(data_dir) as d:
        edit(d, "l0", title="Ours")
        edit(d, "l1", title="Ours")

        def slower(url: str) -> None:
            if d.sis.asked.count(url) == 2 and "key=" in url:
                raise RateLimited("toy_slower", retry_after=600.0)

        d.sis.hook = slower
        run = d.sync()
        assert (run.state, run.total("pushed")) == ("warnings", 0)
        assert "push_slowed" in d.log(run.id)
        assert not any("key=l1" in url for url in d.sis.asked)
        assert [one.next_at for one in outbox.unsent(d.database)] == ["2026-09-07T02:10:00Z", None]
        d.sis.hook = lambda url: None
        d.pass_time(minutes=11)
        assert (d.sync().total("pushed"), states(d), len(d.sis.wrote)) == (2, [], 2)


def test_after_trouble_after_trouble_nothing_more_is_tried(data_dir: Path) -> None:
    """F5: three troubles in a row end the sending of this run."""
    with synced(data_dir) as d:
        for n in range(4):
            edit(d, f"l{n}", title="Ours")

        def down(url: str) -> None:
            if "key=" in url:
                raise TransientError("toy_down")

        d.sis.hook = down
        run = d.sync()
        assert (run.state, "push_stopped" in d.log(run.id)) == ("warnings", True)
        assert not any("key=l3" in url for url in d.sis.asked)


def test_credentials_that_fail_fail_the_run(data_dir: Path) -> None:
    """DESIGN 5: what is wrong with the credentials is told as it is elsewhere."""
    with synced(data_dir) as d:
        edit(d, "l0", title="Ours")

        def refused(url: str) -> None:
            if "key=" in url:
                raise AuthError("toy_refused")

        d.sis.hook = refused
        run = d.sync()
        assert (run.state, run.error_code) == ("failed", "toy_refused")
        d.sis.hook = lambda url: None
        assert d.sync().total("pushed") == 1


def test_a_row_that_cannot_be_read_is_not_written_over(data_dir: Path) -> None:
    """C6, F2: what cannot be understood cannot be changed."""
    with synced(data_dir) as d:
        d.sis.put("line_items", "l0", **GARBLED)
        edit(d, "l0", title="Ours")
        d.sync()
        assert d.sis.rows["line_items"]["l0"] == GARBLED


# -- cut off, overtaken, edited meanwhile -----------------------------------------------------


@pytest.mark.parametrize("allots", [False, True])
@pytest.mark.parametrize("arrives", [False, True])
def test_a_push_that_is_cut_off_is_not_repeated_blindly(
    data_dir: Path, allots: bool, arrives: bool
) -> None:
    """F3: cut off once it was marked as being sent, the next run looks before anything else."""
    sis = gradebook()
    sis.allots = {"line_items"} if allots else set()
    with synced(data_dir, sis) as d:
        record = make(d, title="Project")
        write = sis.write

        def cut(method: str, url: str, body: bytes | None) -> tuple[int, dict[str, object]]:
            with d.database.writing() as tx:
                tx.run("UPDATE connectors SET fence = fence + 1")  # nothing more is written
            if arrives:
                write(method, url, body)
            raise TransientError("toy_cut")

        sis.write = cut  # type: ignore[method-assign]
        assert d.sync().state == "interrupted"
        sis.write = write  # type: ignore[method-assign]
    with district(data_dir, sis) as d:
        run = d.sync()
        if allots and not arrives:
            assert (run.state, sis.wrote) == ("warnings", [])
            assert states(d) == [("create", "unknown")]
            return
        assert (run.state, states(d), len(sis.wrote)) == ("completed", [], 1)
        assert d.id("line_items", key_of(d, record)) == record
        quiet(d)


def test_an_edit_while_its_push_is_in_flight_is_sent_next(data_dir: Path) -> None:
    """F1, B1: the base is what was sent, so what was edited since is still to be sent."""
    with synced(data_dir) as d:
        edit(d, "l0", title="Ours")

        def edited(url: str) -> None:
            if "key=l0" in url and d.sis.asked.count(url) == 2:
                d.loop.post(lambda: edit(d, "l0", title="Ours, later"))

        d.sis.hook = edited
        assert d.sync().total("pushed") == 1
        assert d.sis.rows["line_items"]["l0"]["title"] == "Ours"
        assert d.values("line_items", "l0")["title"] == "Ours, later"
        assert states(d) == [("update", "waiting")]
        assert d.sync().total("pushed") == 1
        assert d.sis.rows["line_items"]["l0"]["title"] == "Ours, later"
        quiet(d)


def test_an_overtaken_run_sends_nothing_more(data_dir: Path) -> None:
    """H1: before each write the fencing number is checked."""
    with synced(data_dir) as d:
        edit(d, "l0", title="Ours")

        def overtaken(url: str) -> None:
            if "line_items?key=l0" in url:
                with d.database.writing() as tx:
                    tx.run("UPDATE connectors SET fence = fence + 1")

        d.sis.hook = overtaken
        run = d.sync()
        assert (run.state, d.sis.wrote) == ("interrupted", [])
        d.sis.hook = lambda url: None
        assert d.sync().total("pushed") == 1


def test_a_cancel_stops_before_the_next_write(data_dir: Path) -> None:
    """H1: what was not sent yet stays in the outbox; nothing is in doubt."""
    with synced(data_dir) as d, district(data_dir, d.sis) as elsewhere:
        for n in range(3):
            edit(d, f"l{n}", title="Ours")

        def cancelled(url: str) -> None:
            if "line_items?key=l1" in url:
                elsewhere.engine.cancel(reads.runs(d.database)[0].id)

        d.sis.hook = cancelled
        assert d.sync().state == "cancelled"
        assert [key for _, _, key in d.sis.wrote] == ["l0"]
        assert states(d) == [("update", "waiting")] * 2
        d.sis.hook = lambda url: None
        assert (d.sync().state, len(d.sis.wrote), states(d)) == ("completed", 3, [])


def test_an_answer_that_is_there_is_kept_though_a_cancel_came_meanwhile(data_dir: Path) -> None:
    """H1, F5: what has happened is written down."""
    with synced(data_dir) as d, district(data_dir, d.sis) as elsewhere:
        edit(d, "l0", title="Ours")

        def cancelled(url: str) -> None:
            if d.sis.wrote:
                elsewhere.engine.cancel(reads.runs(d.database)[0].id)

        d.sis.hook = cancelled
        assert (d.sync().state, states(d)) == ("cancelled", [])


# -- several systems --------------------------------------------------------------------------


@contextmanager
def at_two(data_dir: Path) -> Iterator[tuple[District, ToySis, int, dict[str, str]]]:
    """A line item that was made here and is at two SISs: its id, and its keys there."""
    other = gradebook()
    for entity in ("line_items", "results"):
        other.vanish(entity, *list(other.rows[entity]))
    with synced(data_dir, other=other) as d:
        record = make(d, title="Project")
        # The other SIS has no such class, so it is not told of one.
        d.engine.edit("line_items", record, {"class": None, "school": None}, "Ana")
        d.sync()
        assert d.sync("other").state == "completed"
        links = reads.record(d.database, "line_items", record).links
        keys = {link.connector: link.key for link in links}
        assert keys.keys() == {"toy", "other"}
        yield d, other, record, keys


def test_a_question_at_one_sis_moves_along_with_the_news_of_another(data_dir: Path) -> None:
    """B2: our side of an open conflict is what stands here, whoever it came from."""
    with at_two(data_dir) as (d, other, record, keys):
        d.engine.edit("line_items", record, {"title": "Ours"}, "Ana")
        d.sync("other")
        d.sis.change("line_items", keys["toy"], title="Theirs")
        assert d.sync().total("conflicts") == 1
        other.change("line_items", keys["other"], title="The others'")
        d.sync("other")
        ids = differences.difference_ids(d.database)
        (open_one,) = differences.differences(d.database, ids)
        assert (open_one.connector, open_one.ours) == ("toy", {"title": "The others'"})
        other.change("line_items", keys["other"], title="Theirs")
        d.sync("other")
        assert differences.difference_ids(d.database) == []


def test_a_change_at_one_sis_reaches_another_and_does_not_come_back(data_dir: Path) -> None:
    """F1, F4: a second connector is sent what the first told, and the first hears no echo."""
    with at_two(data_dir) as (d, other, _, keys):
        d.sis.change("line_items", keys["toy"], title="Project, theirs")
        assert d.sync().total("updated") == 1
        assert d.sync("other").total("pushed") == 1
        assert other.rows["line_items"][keys["other"]]["title"] == "Project, theirs"
        before = list(other.wrote)
        quiet(d, "toy", "other")
        assert other.wrote == before


# -- limits -----------------------------------------------------------------------------------


def test_more_than_is_usual_waits_for_a_person(data_dir: Path) -> None:
    """E1: limits hold in this direction, too; what they hold waits until somebody releases it."""
    sis = gradebook()
    for n in range(4, 20):
        sis.put("line_items", f"l{n:02}", title=f"Quiz {n}", school="o1", **{"class": "c0"})
    with district(data_dir, sis) as d:
        d.sync()
        d.engine.set_switches("toy", send_deletes=True)
        for n in range(10, 18):
            d.engine.end_record("line_items", d.id("line_items", f"l{n}"), "Ana")
        edit(d, "l0", title="Ours")
        run = d.sync()
        assert (run.state, sis.wrote) == ("waiting", [("PUT", "line_items", "l0")])
        assert states(d) == [("delete", "held")] * 8
        assert reads.connector(d.database, "toy").standing.waiting == 8
        assert d.sync().state == "waiting"
        d.engine.restore("line_items", d.id("line_items", "l10"), "Ana")
        d.engine.approve(d.sync().id)
        d.loop.run(until=lambda: not d.engine.busy)
        run = d.sync()
        assert (run.state, run.total("pushed"), states(d)) == ("completed", 7, [])
        assert "l10" in sis.rows["line_items"]


def test_what_a_person_keeps_back_is_not_sent_before_it_is_named(data_dir: Path) -> None:
    """E3: refused, it stays as it is here and waits for nobody; an edit or a person sends it."""
    with synced(data_dir) as d:
        with d.database.writing() as tx:
            tx.run("UPDATE connectors SET limits = ?", (str(Limits().with_figure("changes", 0)),))
        edit(d, "l0", title="Ours")
        edit(d, "l1", title="Ours")
        refused = d.engine.refuse(d.sync().id)
        assert refused is not None
        assert refused.applied == 2
        d.without_limits()
        assert (d.sync().state, d.sis.wrote) == ("completed", [])
        assert d.engine.retry() == 0
        assert d.engine.retry("toy", [d.id("line_items", "l0")]) == 1
        edit(d, "l1", title="Ours, later")
        assert (d.sync().total("pushed"), states(d)) == (2, [])


def test_a_preview_counts_what_would_be_sent_and_sends_nothing(data_dir: Path) -> None:
    """E4, F1: what is due is told, and is still due afterwards."""
    with synced(data_dir) as d:
        edit(d, "l0", title="Ours")
        make(d, title="Project")
        run = d.engine.start("toy", preview=True)
        d.loop.run(until=lambda: not d.engine.busy)
        assert (reads.run(d.database, run).total("pushed"), d.sis.wrote) == (2, [])
        assert states(d) == [("update", "waiting"), ("create", "waiting")]
        assert d.sync().total("pushed") == 2


# -- taking back ------------------------------------------------------------------------------


def test_how_far_the_sending_is_is_told(data_dir: Path) -> None:
    """To whoever listens, and in the row of the run for other processes."""
    heard: list[Event] = []
    with synced(data_dir) as d:
        d.loop.listen(heard.append)
        for n in range(3):
            edit(d, f"l{n}", title="By hand")
        run = d.sync()
    told = [one for one in heard if isinstance(one, Progress) and one.sending]
    assert (told[-1].entity, told[-1].done, told[-1].expected) == ("line_items", 3, 3)
    assert (run.sending, run.done, run.expected) == (True, 3, 3)


def test_what_was_sent_can_be_taken_back(data_dir: Path) -> None:
    """G2: the SIS gets the values of before; what stands here is pinned and not sent again."""
    with synced(data_dir) as d:
        edit(d, "l0", title="Ours")
        d.engine.undo(d.sync().id)
        assert d.sync().total("pushed") == 1
        assert d.sis.rows["line_items"]["l0"]["title"] == "Quiz 0"
        assert d.values("line_items", "l0")["title"] == "Ours"
        assert states(d) == []
        quiet(d)


def test_what_somebody_changed_since_is_not_taken_back(data_dir: Path) -> None:
    """G2: only what the SIS still holds as it was sent is taken back."""
    with synced(data_dir) as d:
        edit(d, "l0", title="Ours")
        d.engine.undo(d.sync().id)

        def moved(url: str) -> None:
            if "line_items?key=l0" in url:
                d.sis.hook = lambda url: None
                d.sis.change("line_items", "l0", title="Theirs")

        d.sis.hook = moved
        run = d.sync()
        assert (run.total("pushed"), states(d)) == (0, [])
        assert d.sis.rows["line_items"]["l0"]["title"] == "Theirs"
        assert d.values("line_items", "l0")["title"] == "Theirs"


def test_what_was_created_there_can_be_taken_back(data_dir: Path) -> None:
    """G2: a record that was created at the SIS is deleted there, whatever the switch says."""
    with synced(data_dir) as d:
        record = make(d, title="Project")
        d.engine.undo(d.sync().id)
        key = key_of(d, record)
        assert d.sync().total("pushed") == 1
        assert key not in d.sis.rows["line_items"]
        assert reads.record(d.database, "line_items", record).record.alive
        quiet(d)


def test_what_is_out_of_scope_is_not_sent(data_dir: Path) -> None:
    """D2: what is edited of a record out of scope is sent once it is in scope again."""
    with synced(data_dir) as d:
        d.engine.set_scope("toy", Scope(schools=("o2",)))
        d.sync(full=True)
        edit(d, "l0", title="Ours")
        assert (d.sync().total("pushed"), d.sis.wrote) == (0, [])
        d.engine.set_scope("toy", Scope())
        d.sync(full=True)
        assert d.sis.rows["line_items"]["l0"]["title"] == "Ours"


# -- connectors that go -----------------------------------------------------------------------


def test_a_removed_connector_leaves_nothing_to_be_sent(data_dir: Path) -> None:
    """What waited to be sent goes with the connector, and nothing new is noted for it."""
    with synced(data_dir) as d:
        edit(d, "l0", title="Ours")
        d.engine.remove_connector("toy")
        edit(d, "l1", title="Ours")
        assert states(d) == []
        d.engine.save_connector("toy", "toy", {})
        d.sync()
        assert [d.sis.rows["line_items"][key]["title"] for key in ("l0", "l1")] == ["Ours", "Ours"]


def test_a_creation_in_doubt_survives_the_removal_of_its_connector(data_dir: Path) -> None:
    """F3: added again, the connector looks before anything is sent or read."""
    sis = gradebook()
    with synced(data_dir, sis) as d:
        record = make(d, title="Project")
        sis.loses = 1
        d.sync()
        d.engine.remove_connector("toy")
        d.engine.save_connector("toy", "toy", {})
        for _ in range(2):
            d.sync()
        assert (len(sis.rows["line_items"]), states(d)) == (5, [])
        assert d.id("line_items", key_of(d, record)) == record
        quiet(d)
