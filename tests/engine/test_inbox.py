"""What waits for a person, as one list by harm, and an approval line by line (SEMANTICS E2)."""

from pathlib import Path

from app.engine import inbox
from app.engine.inbox import Harm, Kind
from app.store import inbox as store
from app.store import pairs, reads, unreadable, waiting
from app.store.differences import difference_ids
from tests.engine.test_approval import GOING, PEOPLE, approve, ending, live, refuse
from tests.engine.test_identity import asked, numbered, rekey
from tests.engine.test_push import edit, gradebook, synced
from tests.engine.toy import GARBLED, ToySis, district, fill


def rename(sis: ToySis, people: int, word: str) -> None:
    """Gives people names to sign in with."""
    for n in range(people):
        sis.change("users", f"u{n:03d}", username=f"{word}{n}")


def test_the_most_harmful_comes_first(data_dir: Path) -> None:
    """Removals, then names to sign in with, then who is who, then what could not be read."""
    with district(data_dir, numbered(PEOPLE)) as d:
        rename(d.sis, PEOPLE, "user")
        d.sync()
        for key in GOING:
            d.sis.end("enrollments", key)
        rename(d.sis, 10, "other")
        rekey(d.sis, 30, enrolled=False)
        d.sis.put("orgs", "o9", **GARBLED)
        d.sync(full=True)
        found = inbox.inbox(d.database).entries
        assert [one.harm for one in found] == [
            Harm.GONE, Harm.LOGIN, Harm.SAME, Harm.UNREADABLE,
        ]  # fmt: skip
        assert [one.harm.kind for one in found][-2:] == [Kind.SAME, Kind.UNREADABLE]
        assert inbox.entry_title(found[0]) == f"{len(GOING)} enrollments would be removed"
        assert found[-1].new == 1


def test_a_line_says_how_many_of_how_many_and_how_it_is_elsewhere(data_dir: Path) -> None:
    """E2: each school has a line with its limit; the sentence is that of the log."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        ending(d)
        held = store.held(d.database, "toy")
        lines = inbox.lines(held)
        assert {(one.harm, one.entity, len(one.items), one.of) for one in lines} == {
            (Harm.GONE, "enrollments", 7, 20)
        }
        assert len({one.school for one in lines}) == 2
        (told,) = inbox.told(lines[0], held)
        assert "would lose 7 of 20 enrollments" in told
        assert lines[0].rules == {"removals": 0.1}
        assert "until you decide" in inbox.if_nothing(lines[0].rules)


def test_an_answer_to_chosen_items_leaves_the_rest_waiting(data_dir: Path) -> None:
    """E3: just these records, whichever schools they are in."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        run = ending(d)
        held = store.held(d.database, "toy")
        approve(d, run.id, inbox.which(held.items[:3]))
        assert live(d) == PEOPLE - 3
        refuse(d, run.id, inbox.which(held.items[3:4]))
        assert live(d) == PEOPLE - 3
        assert len(store.held(d.database, "toy").items) == len(GOING) - 4


def test_what_is_planned_anew_since_it_was_seen_is_left_out(data_dir: Path) -> None:
    """Nobody agreed to what it says now; it waits on, to be looked at again."""
    with synced(data_dir, gradebook()) as d:
        d.engine.change_limits("toy", lambda limits: limits.with_figure("changes", 0.0))
        d.sis.change("line_items", "l1", title="Seen")
        d.sync()
        seen = inbox.which(store.held(d.database, "toy").items)
        d.sis.change("line_items", "l1", title="Not seen")
        run = d.sync()
        for answer in (approve(d, run.id, seen)[1], refuse(d, run.id, seen)):
            assert answer.applied == 0
            assert [one.reason for one in answer.left_out] == ["moved"]
        assert (
            reads.record(d.database, "line_items", d.id("line_items", "l1")).record.values["title"]
            == "Quiz 1"
        )
        assert len(store.held(d.database, "toy").items) == 1


def test_what_is_held_from_being_sent_is_answered_by_itself(data_dir: Path) -> None:
    """E1, both directions: approving what goes out leaves what comes in waiting."""
    with synced(data_dir, gradebook()) as d:
        d.engine.change_limits("toy", lambda limits: limits.with_figure("changes", 0.0))
        edit(d, "l0", title="Ours")
        d.sis.change("line_items", "l1", title="Theirs")
        run = d.sync()
        held = store.held(d.database, "toy")
        assert {one.what for one in held.items} == {"changed", "sent"}
        approve(d, run.id, inbox.which(one for one in held.items if one.what == "sent"))
        assert [one.what for one in store.held(d.database, "toy").items] == ["changed"]
        d.sync()
        assert d.sis.rows["line_items"]["l0"]["title"] == "Ours"


def test_records_that_wait_are_read_a_page_at_a_time_and_found_by_name(data_dir: Path) -> None:
    """What stands and what would stand; a search looks at all of them."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        rename(d.sis, PEOPLE, "user")
        d.sync()
        rename(d.sis, PEOPLE, "other")
        d.sync()
        items = store.held(d.database, "toy").items
        (found,) = store.details(d.database, items[:1]).rows.values()
        assert (found.before["username"], found.values["username"]) == ("user0", "other0")
        title = reads.titles(d.database, ("users", [items[7].record]))[items[7].record]
        assert items[7] in store.matching(d.database, items, title)


def test_classes_that_would_be_empty_are_told_with_who_teaches_them(data_dir: Path) -> None:
    """All students leave one class and half of them another: the one is named."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        d.sis.change("enrollments", "e000", role="teacher", primary=True)
        d.sync()
        with d.database.reading() as tx:
            seats = list(tx.rows(
                'SELECT key, "class", role FROM enrollments JOIN links ON record = enrollments.id'
            ))  # fmt: skip
        teacher = next(class_ for key, class_, _ in seats if key == "e000")
        for key, class_, role in seats:
            if class_ == teacher and role == "student":
                d.sis.end("enrollments", key)
        d.sync()
        items = store.held(d.database, "toy").items
        (one,) = store.emptied(d.database, items, "2026-09-07")
        assert (one.id, len(one.teachers)) == (teacher, 1)
        assert one.students == sum(of == teacher and role == "student" for _, of, role in seats)
        assert store.emptied(d.database, items[1:], "2026-09-07") == []


def test_an_allowance_of_what_is_needed_lets_the_next_sync_carry_it_out(data_dir: Path) -> None:
    """E3: the share that the lines need, no more, and nobody is asked."""
    with district(data_dir, fill(ToySis(), PEOPLE)) as d:
        ending(d)
        needed = inbox.needed(inbox.lines(store.held(d.database, "toy")))
        assert set(needed.values()) == {0.36}
        for (figure, entity, school), share in needed.items():
            d.engine.allow("toy", {figure: share}, entity=entity, school=school)
        assert d.sync(full=True).state == "completed"
        assert live(d) == PEOPLE - len(GOING)


def test_the_two_who_may_be_one_stand_beside_each_other(data_dir: Path) -> None:
    """D5: both keys, what identifies them alike, and the classes of each."""
    with asked(data_dir) as d:
        (id_,) = difference_ids(d.database)
        found = pairs.pair(d.database, id_)
        assert (found.ours.key, found.newcomer.key) == ("u003", "x003")
        assert ("identifier", "L3") in found.shared
        assert (found.ours.enrollments, found.newcomer.enrollments) == (1, 0)
        assert found.newcomer.values["given_name"] == found.ours.values["given_name"]


def test_a_row_that_cannot_be_read_is_told_with_its_record_and_since_when(data_dir: Path) -> None:
    """C6: the row as it came; new only in the sync that first brought it."""
    with district(data_dir, fill(ToySis())) as d:
        d.sync()
        d.sis.put("users", "u003", **GARBLED)
        d.sync(full=True)
        (id_,) = unreadable.unreadable_ids(d.database, "toy")
        one = unreadable.unreadable_rows(d.database, [id_])[id_]
        assert (one.key, one.record, one.new) == ("u003", d.id("users", "u003"), True)
        d.sync(full=True)
        (id_,) = unreadable.unreadable_ids(d.database, "toy", "users")
        again = unreadable.unreadable_rows(d.database, [id_])[id_]
        assert (again.new, again.since) == (False, one.since)
        assert waiting.told(d.database, 1).groups == []
