"""The sentence on top and the badges, from facts alone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations

import pytest
from pytestqt.qtbot import QtBot

from app.engine.exporting import LastTime
from app.engine.health import Badge, Facts, Known, Step, judge
from app.engine.overview import Glance, Overview
from app.roster.values import instant_text
from app.store.journal import Standing
from app.store.reads import ConnectorFacts, RunRow, StreamCounts
from app.store.tables import COUNTS
from app.text import sentence
from app.ui import badges
from app.ui.connectors.list import waiting, why
from app.ui.headline import Headline
from app.ui.situation import situation

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


def run(id_: int, state: str, hours: float = 1, **counts: int) -> RunRow:
    ended = instant_text(NOW - timedelta(hours=hours))
    stream = StreamCounts("users", {**dict.fromkeys(COUNTS, 0), **counts}, True, True, True)
    error = "unexpected" if state == "failed" else None
    return RunRow(
        id_, "Lincoln", state, "full", "person", "ada", ended,
        None if state == "running" else ended, None, "users", 10, 40, error, {}, None, None,
        streams=(stream,),
    )  # fmt: skip


def glance(
    last: RunRow | None,
    good: RunRow | None = None,
    standing: Standing | None = None,
    name: str = "Lincoln",
) -> Glance:
    stands = standing or Standing(0, 0, 0)
    facts = ConnectorFacts(1, name, "oneroster", {}, False, last, good, stands, False)
    when = datetime.fromisoformat(good.ended_at) if good and good.ended_at else None
    health = judge(
        Facts(
            name,
            state=last.state if last else None,
            run=last.id if last else None,
            last_good=when,
            waiting=stands.waiting,
        ),
        NOW,
    )
    return Glance(facts, health)


def said(*glances: Glance, chosen: str | None = None):
    return situation(Overview(glances, {}), chosen, NOW)


def test_every_badge_has_a_word_and_a_shape_of_its_own():
    """No two badges share word and shape, so none is told by colour alone."""
    assert set(badges.BADGES) == set(Badge)
    for one, other in combinations(badges.BADGES.values(), 2):
        assert one.shape != other.shape
        assert one.word != other.word


@pytest.mark.parametrize(
    "state", ["queued", "running", "waiting", "completed", "warnings", "failed", "cancelled",
              "interrupted"],
)  # fmt: skip
def test_every_state_of_a_run_has_a_word(state: str):
    """The history never shows the code of a state."""
    assert badges.of_run(state).word != state


def test_a_failed_sync_says_what_stays():
    """What happened, the moment the rosters are of, and that nothing was removed."""
    how = said(glance(run(2, "failed"), run(1, "completed", hours=24)))
    assert how.badge is Badge.FAILING
    assert how.title == (
        "The sync of “Lincoln” failed. Something went wrong in this program, not at your SIS."
    )
    assert how.detail.startswith("Your data is as it was before. Please report it with the log. ")
    assert " Rosters are as of yesterday " in how.detail
    assert how.detail.endswith("Nothing was removed.")
    assert (how.step, how.run) == (Step.LOOK, 2)


def test_what_a_failed_sync_had_removed_is_not_denied():
    """Where the failed sync removed records with proof, the detail says how many."""
    how = said(glance(run(2, "failed", deleted=3), run(1, "completed")))
    assert "3 records were removed, with proof." in how.detail


def test_without_a_network_a_sync_that_could_not_reach_its_sis_has_not_failed():
    """It says so, and what happens when the network is back."""
    failed = replace(run(2, "failed"), error_code="host_unreachable", error_category="transient")
    one = glance(failed, run(1, "completed", hours=24))
    how = situation(Overview((one,), {}), None, NOW, online=False)
    assert how.badge is Badge.LATE
    assert how.title == "This computer has no network."
    assert how.detail.startswith("Sync “Lincoln” when the network is back. Rosters are as of ")


def test_without_a_network_a_wrong_answer_is_a_failure_still():
    """The network has nothing to do with it."""
    one = glance(run(2, "failed"), run(1, "completed", hours=24))
    assert situation(Overview((one,), {}), None, NOW, online=False).badge is Badge.FAILING


def test_a_first_sync_that_fails_says_that_none_was_finished():
    """Without a good sync there is no moment the rosters are of."""
    assert "No sync has been finished yet." in said(glance(run(1, "failed"))).detail


def test_a_full_stop_in_a_name_ends_no_sentence():
    """What happened is said whole, whatever the connector is called."""
    failed = run(1, "failed")
    told = {"key": "client_secret", "name": "St. Mary", "variable": "X"}
    failed = replace(failed, error_code="secret_missing", error_parameters=told)
    assert said(glance(failed, name="St. Mary")).title == (
        "The sync of “St. Mary” failed. The secret “client_secret” of “St. Mary” is not known on "
        "this computer."
    )


def test_the_next_sync_is_told_where_one_comes():
    """Of one connector its own; of several that are well the first."""
    good = run(1, "completed")
    first, second = glance(good, good), glance(good, good, name="Jefferson")
    assert "Next sync" not in said(first).detail
    first = replace(first, next=NOW + timedelta(days=1))
    second = replace(second, next=NOW + timedelta(minutes=5))
    assert " Next sync tomorrow " in said(first).detail
    assert " Next sync today " in said(first, second).detail


def test_an_export_that_was_withheld_is_told():
    """Beside how things are, also where all is well; not once it was written."""
    good = run(1, "completed")
    one = glance(good, good)
    last = LastTime(run=1, at=good.started_at, code="export_withheld", parameters={"count": 3})
    how = situation(Overview((one,), {}, last), None, NOW)
    assert (how.badge, how.title) == (Badge.HEALTHY, "All is well with “Lincoln”.")
    assert how.detail.endswith(sentence("export_withheld", {"count": 3}))


def test_what_the_last_sync_sent_is_told():
    """How much, and to which SIS."""
    good = run(3, "completed", pushed=3)
    assert "3 changes sent to “Lincoln”" in said(glance(good, good)).detail


def test_what_is_known_is_said_with_its_day_and_reason():
    """Large is what happened, at leisure until when and why it is known."""
    failed = glance(run(2, "failed"), run(1, "completed"))
    known = Known(date(2026, 3, 9), "the server moves", "ada", {"failing unexpected": 0})
    facts = Facts("Lincoln", state="failed", error_code="unexpected", known=known)
    how = said(replace(failed, health=judge(facts, NOW)))
    assert (how.badge, how.run) == (Badge.KNOWN, 1)
    assert how.title == "The last sync of “Lincoln” failed; the earlier data is untouched."
    assert "Known until 9 Mar 2026: the server moves. " in how.detail
    assert "Last good sync " in how.detail
    assert "Last sync " not in how.detail


def test_all_is_well_but_for_what_is_known():
    """Of several that are well or known, none asks for anything."""
    good = run(1, "completed")
    fine = glance(good, good)
    known = replace(fine, health=replace(fine.health, badge=Badge.KNOWN))
    assert said(fine, known).title == "All is well but for what is known."
    assert said(fine, known).step is Step.SYNC


def test_refused_credentials_say_what_the_sis_said():
    """As any sync that failed, under a badge of their own."""
    failed = replace(run(2, "failed"), error_code="credentials_refused")
    facts = Facts("Lincoln", state="failed", error_code="credentials_refused")
    how = said(replace(glance(failed), health=judge(facts, NOW)))
    assert (how.badge, how.step) == (Badge.CREDENTIALS_INVALID, Step.SECRET)
    assert how.title.startswith("The sync of “Lincoln” failed. ")


def test_a_cancelled_sync_says_that_what_was_read_stays():
    """After a cancel: what stays, and that the next sync goes on."""
    how = said(glance(run(2, "cancelled", read=1200, created=1200), run(1, "completed")))
    assert "What was read stays" in how.title
    assert how.detail.startswith("1,200 records were read. Nothing was removed.")


def test_several_healthy_connectors_are_well_in_one_sentence():
    """The glance that all is well, for all."""
    good = run(1, "completed")
    how = said(glance(good, good), glance(good, good, name="Jefferson"))
    assert (how.badge, how.title) == (Badge.HEALTHY, "All is well.")
    assert how.detail.startswith("2 connectors;")


def test_the_chosen_connector_is_the_one_spoken_of():
    """With one chosen, the others' troubles are not its."""
    good = run(1, "completed")
    how = said(
        glance(run(2, "failed"), good), glance(good, good, name="Jefferson"), chosen="Jefferson"
    )
    assert how.title == "All is well with “Jefferson”."


def test_hovering_tells_why_with_the_next_step():
    """The tooltip is the sentence of the badge and the exact time of the last sync."""
    one = glance(run(1, "waiting"), run(1, "waiting"), Standing(7, 0, 0))
    assert "7 removals or changes wait for your approval" in why(one)
    assert "2026" in why(one)
    assert waiting(one) == 7


def test_a_sync_under_way_says_that_work_goes_on():
    """While it syncs the sentence does not ask for anything but offers Cancel."""
    how = said(glance(run(2, "running"), run(1, "completed")))
    assert (how.badge, how.step) == (Badge.SYNCING, Step.CANCEL)
    assert "what was read so far stays" in how.detail


def test_words_are_never_squeezed_beside_the_buttons(qtbot: QtBot):
    """In one line with them where there is room; else the buttons are below."""
    headline = Headline()
    qtbot.addWidget(headline)
    headline.set_compact(True)
    headline.bar.show_idle("Show what happened", can_run=True)
    how = said(glance(run(2, "failed"), run(1, "completed")))
    headline.show_situation(replace(how, detail=how.detail * 2))
    headline.resize(1600, 80)
    headline.show()

    def beside() -> bool:
        return headline.bar.y() < headline.title.y() + headline.title.height()

    qtbot.waitUntil(beside)
    headline.resize(700, 200)
    qtbot.waitUntil(lambda: not beside())
    headline.show_situation(replace(how, title="All is well.", detail=""))
    qtbot.waitUntil(beside)
