"""The same for all that are alike, and from now on."""

from typing import TypeVar

from PySide6.QtWidgets import QDialog, QLabel

from app.engine.decisions import Decision, Take
from app.store import policies
from app.store.differences import difference_ids
from app.ui.merge.alike import AlikeDialog, AlwaysDialog
from app.ui.merge.alike import alike as alike_now
from app.ui.workplace import NAMES
from tests.ui.merge.stage import Merging, Open, Stage
from tests.ui.stage import CLICK, WAIT_MS


def alike(stage: Stage, count: int = 5) -> None:
    """Usernames, written differently."""
    stage.differ(
        *((f"u00{n}", {"username": f"S-{n}00"}, {"username": f"s{n}00"}) for n in range(count))
    )


T = TypeVar("T", bound=QDialog)


def dialog(merging: Merging, kind: type[T]) -> T:
    """The dialog, once it is open."""
    merging.until(lambda: merging.room.findChild(kind) is not None)
    found = merging.room.findChild(kind)
    assert found is not None
    return found


def texts(shown: QDialog) -> list[str]:
    """All that is read in it."""
    return [label.text() for label in shown.findChildren(QLabel)]


def test_all_alike_are_settled_at_once(stage: Stage, open_merge: Open) -> None:
    """With count and samples first; one change set, one undo."""
    alike(stage)
    merging = open_merge(stage)
    assert merging.room.panel.actions_.same.text() == "Same for 4 more like this…"
    merging.press("2", "a")
    asked = dialog(merging, AlikeDialog)
    told = texts(asked)
    assert "The same for these 5 differences?" in told
    assert {"Given 0 Family 0", "S-000", "s000"} <= set(told)
    assert asked.agree.text() == "Take toy's (5)"
    merging.qtbot.mouseClick(asked.agree, CLICK)
    merging.until(lambda: merging.room.left == 0)
    assert "5 differences are settled." in merging.said()
    assert [stage.values(f"u00{n}")["username"] for n in range(5)] == [f"s{n}00" for n in range(5)]
    merging.window.menus.undo.trigger()
    merging.until(lambda: merging.room.left == 5)


def test_nothing_is_done_when_it_is_left(stage: Stage, open_merge: Open) -> None:
    """*Not now* leaves all as it was."""
    alike(stage, 2)
    merging = open_merge(stage)
    merging.press("2", "a")
    dialog(merging, AlikeDialog).reject()
    merging.until(lambda: not merging.room.findChildren(AlikeDialog))
    assert merging.room.left == 2
    assert len(stage.open_differences()) == 2


def test_first_it_is_chosen_what_to_take(stage: Stage, open_merge: Open) -> None:
    """Without a choice there is nothing to do the same as."""
    alike(stage, 2)
    merging = open_merge(stage)
    merging.press("a")
    assert merging.room.panel.note.text().startswith("Choose first")


def test_one_that_moved_meanwhile_is_left_out(stage: Stage, open_merge: Open) -> None:
    """All others are settled; that one stays, and is told."""
    alike(stage, 3)
    merging = open_merge(stage)
    merging.press("2", "a")
    asked = dialog(merging, AlikeDialog)
    with stage.engine() as d:
        stage.sis.change("users", "u001", username="other")
        d.sync()
    merging.qtbot.mouseClick(asked.agree, CLICK)
    merging.until(lambda: merging.room.left == 1)
    assert stage.values("u001")["username"] == "S-100"


def test_the_tab_counts_anew_where_a_cause_falls_in_two(stage: Stage, open_merge: Open) -> None:
    """As many differences as before, and one decision more."""
    alike(stage, 3)
    merging = open_merge(stage)
    tabs, place = merging.window.work.tabs, NAMES.index("decide")
    merging.until(lambda: tabs.tabText(place) == "Decide (1)")
    with stage.engine() as d:
        d.engine.edit("users", d.id("users", "u001"), {"username": "quite different"}, "Bo")
    merging.until(lambda: tabs.tabText(place) == "Decide (2)")


def test_one_that_became_another_question_is_not_settled_along(
    stage: Stage, open_merge: Open
) -> None:
    """What was seen is answered: the queue may be older than what a sync has found since."""
    alike(stage, 3)
    merging = open_merge(stage)
    (cause,) = merging.room.account.causes
    with stage.engine() as d:
        d.engine.edit("users", d.id("users", "u001"), {"username": "quite different"}, "Bo")
        d.sync()
        found = alike_now(d.database, cause)
    assert len(found.revisions) == 2


def test_one_that_changed_since_a_side_was_chosen_is_asked_again(
    stage: Stage, open_merge: Open
) -> None:
    """Also where it is as like the others as before: nobody has seen what would be overwritten."""
    stage.differ(
        *((f"u00{n}", {"username": f"ours{n}"}, {"username": f"s{n}00"}) for n in range(3))
    )
    merging = open_merge(stage)
    merging.press("2")
    with stage.engine() as d:
        d.engine.edit("users", d.id("users", "u001"), {"username": "newer"}, "Bo")
    merging.press("a")
    asked = dialog(merging, AlikeDialog)
    assert any(text.startswith("1 has changed since you chose") for text in texts(asked))
    merging.qtbot.mouseClick(asked.agree, CLICK)
    merging.until(lambda: merging.room.left == 1)
    assert stage.values("u001")["username"] == "newer"


def test_a_rule_is_offered_after_three(stage: Stage, open_merge: Open) -> None:
    """With what it would have decided; accepted it stands, and undo takes it back."""
    alike(stage, 5)
    with stage.engine() as d:
        ids = difference_ids(d.database)
        d.engine.resolve([Decision(ids[0], Take.OURS)], "Bo")
        d.engine.resolve([Decision(id_, Take.SIS) for id_ in ids[1:3]], "Bo")
    merging = open_merge(stage)
    assert not merging.room.panel.actions_.always.isVisible()
    merging.press("2")
    merging.accept()
    merging.until(merging.room.panel.actions_.always.isVisible)
    merging.press("A", shift=True)
    asked = dialog(merging, AlwaysDialog)
    assert "Always take toy's for “Username”?" in texts(asked)
    assert asked.evidence.text() == (
        "In the last 90 days you decided 4 such differences. The rule would have decided 3 as you "
        "did. 1 you decided otherwise:"
    )
    merging.qtbot.mouseClick(asked.agree, CLICK)
    merging.until(lambda: "From now on toy's is taken for “Username”" in merging.said())
    assert rules(stage) == [("users", "username", "sis")]
    merging.window.menus.undo.trigger()
    merging.until(lambda: "Taken back" in merging.said())
    assert rules(stage) == []


def rules(stage: Stage) -> list[tuple[str, str | None, str]]:
    """Who decides about what."""
    with stage.engine() as d:
        return [(one.entity, one.part, one.decides) for one in policies.laid_down(d.database)]


def test_a_question_ends_with_its_session(stage: Stage, open_merge: Open) -> None:
    """Another one has differences of the same numbers, perhaps."""
    alike(stage)
    merging = open_merge(stage)
    merging.press("2", "a")
    asked = dialog(merging, AlikeDialog)
    assert merging.window.session is not None
    with merging.qtbot.waitSignal(asked.rejected, timeout=WAIT_MS):
        merging.window.leave_practice()  # opens the rosters anew, as any switch does
