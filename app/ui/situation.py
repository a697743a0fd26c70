"""How things are, said in a sentence, a line of detail and the one most useful step. No widgets."""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from app.engine.health import Badge, Step
from app.engine.inbox import Asked
from app.engine.overview import Glance, Overview, as_of, may_pass, next_try, removed
from app.store.reads import RunRow
from app.text import _, plural, sentence
from app.ui.wording import ago, day_and_time, instant, number

OPEN = ("queued", "running")
_FIRST_SENTENCE = re.compile(r"((?:“[^”]*”|[^“])*?[.!?…])\s+(.+)", re.DOTALL)
"""A full stop in a name, which stands in quotes, ends no sentence."""


@dataclass(frozen=True)
class Situation:
    """What stands at the top of the window. ``run`` is the sync that the step shows."""

    badge: Badge
    title: str
    detail: str
    step: Step
    run: int | None = None


def situation(
    overview: Overview, chosen: str | None, now: datetime, *, online: bool = True
) -> Situation:
    """How things are with the chosen connector, or, with none chosen, with the most urgent.

    Where the computer is not ``online``, a sync that failed for want of the network is no failure.
    """
    glances = [one for one in overview.glances if chosen in (None, one.facts.name)]
    if not glances:
        health = overview.health
        return Situation(health.badge, sentence(health.code, health.parameters), "", health.step)
    first = glances[0]
    if not online and first.health.failed and may_pass(first.facts):
        return _offline(first, now)
    how = _how(glances, now)
    if (last := overview.unwritten) is None or how.badge is Badge.SYNCING:
        return how
    return replace(how, detail=f"{how.detail} {sentence(last.code, last.parameters)}".strip())


def setting_up(how: Situation, name: str) -> Situation:
    """The same of a connector whose setting up was left before its first sync."""
    return replace(
        how,
        title=_("Go on setting up “{name}”: nothing has come in yet.").format(name=name),
        detail=_("It goes on where you left it, and you see what would come in before it does."),
    )


def _offline(glance: Glance, now: datetime) -> Situation:
    facts = glance.facts
    goes_on = (
        _("“{name}” is synced as soon as the network is back.")
        if facts.schedule
        else _("Sync “{name}” when the network is back.")
    )
    detail = f"{goes_on.format(name=facts.name)} {as_of(facts, lambda at: day_and_time(at, now))}"
    title = _("This computer has no network.")
    return Situation(Badge.LATE, title, detail, Step.SYNC, facts.last.id if facts.last else None)


def _how(glances: list[Glance], now: datetime) -> Situation:
    badges = {one.health.badge for one in glances}
    if len(glances) > 1 and badges <= {Badge.HEALTHY, Badge.KNOWN}:
        if undone := [one for one in glances if one.facts.since.undone]:
            return _of(undone[0], now)
        known = sum(one.health.badge is Badge.KNOWN for one in glances)
        title = _("All is well.") if not known else _("All is well but for what is known.")
        return Situation(Badge.HEALTHY, title, _all_good(glances, now), Step.SYNC)
    return _of(glances[0], now)


def is_open(run: RunRow | None) -> bool:
    """True while the run is under way, here or in another process."""
    return run is not None and run.state in OPEN


def _of(glance: Glance, now: datetime) -> Situation:
    facts, health = glance.facts, glance.health

    def say(when: datetime) -> str:
        return day_and_time(when, now)

    title = sentence(health.code, health.parameters)
    last, run = facts.last, facts.last.id if facts.last else None
    if last is None:
        detail = _("It reads all that there is and brings it here.")
        return Situation(health.badge, title, detail, health.step, run)
    if is_open(last):
        detail = _("You can go on working. If you cancel, what was read so far stays.")
        return Situation(health.badge, title, detail, health.step, run)
    if health.failed:
        what = sentence(last.error_code or "unexpected", last.error_parameters)
        # Large is what happened; what is to be done about it is read at leisure.
        first = _FIRST_SENTENCE.fullmatch(what)
        what, *to_do = first.groups() if first else (what,)
        title = _("The sync of “{name}” failed. {what}").format(name=facts.name, what=what)
        stands = [as_of(facts, say), removed(last), *next_try(glance.next, now, say)]
        return Situation(health.badge, title, " ".join([*to_do, *stands]), health.step, run)
    if last.state in ("cancelled", "interrupted") and health.step is Step.SYNC:
        if last.state == "cancelled":
            title = _(
                "The sync of “{name}” was cancelled. What was read stays, and the next sync goes "
                "on there."
            ).format(name=facts.name)
        read = plural("{n} record was read.", "{n} records were read.", last.total("read"))
        detail = f"{read} {removed(last)} {as_of(facts, say)}"
        return Situation(health.badge, title, detail, health.step, run)
    shown = facts.good or last
    if health.badge is Badge.NEEDS_YOU and health.step is Step.REVIEW and glance.asked:
        return _asking(glance, glance.asked, shown, now)
    detail = " ".join([did(shown, now, newest=shown.id == last.id), *_next([glance], now)])
    if health.badge is not Badge.NEEDS_YOU and (parts := _FIRST_SENTENCE.fullmatch(title)):
        title, why = parts.groups()  # large is what happened; why is read at leisure
        detail = f"{why} {detail}"
    return Situation(health.badge, title, detail, health.step, shown.id)


def _asking(glance: Glance, asked: Asked, shown: RunRow, now: datetime) -> Situation:
    """Decisions are counted: one may be about thousands of records, and says so itself."""
    told = plural(
        "“{{name}}”: {n} decision waits for you.",
        "“{{name}}”: {n} decisions wait for you.",
        asked.count,
    )
    first = (_("{what}.") if asked.count == 1 else _("First of all: {what}.")).format(
        what=asked.first
    )
    first = first.replace("?.", "?")  # a question ends as one
    title = told.format(name=glance.facts.name)
    newest = glance.facts.last is None or shown.id == glance.facts.last.id
    detail = " ".join([first, did(shown, now, newest=newest), *_next([glance], now)])
    return Situation(glance.health.badge, title, detail, glance.health.step, shown.id)


def did(run: RunRow, now: datetime, *, newest: bool = True) -> str:
    """What a finished run did, in a line; where a ``newest`` one came to nothing, it is told so."""
    when = ago(instant(run.ended_at or run.started_at), now)
    parts = [
        plural(one, many, count)
        for one, many, count in (
            ("{n} new", "{n} new", run.total("created")),
            ("{n} changed", "{n} changed", run.total("updated")),
            ("{n} removed", "{n} removed", run.total("deleted")),
        )
        if count
    ]
    if sent := run.total("pushed"):
        told = plural("{n} change sent to “{{name}}”", "{n} changes sent to “{{name}}”", sent)
        parts.append(told.format(name=run.connector))
    if waited := run.total("waiting"):
        # Also once they were approved or refused, which is a change set of its own.
        parts.append(plural("{n} change waited for you", "{n} changes waited for you", waited))
    if not parts:
        parts = [_("{read} records read, nothing changed").format(read=number(run.total("read")))]
    told = _("Last sync {when}: {what}.") if newest else _("Last good sync {when}: {what}.")
    return told.format(when=when, what=", ".join(parts))


def _all_good(glances: list[Glance], now: datetime) -> str:
    oldest = min(
        (instant(one.facts.good.ended_at) for one in glances if one.facts.good
         and one.facts.good.ended_at),
        default=now,
    )  # fmt: skip
    count = plural("{n} connector", "{n} connectors", len(glances))
    said = _("{count}; the oldest sync was {when}.").format(count=count, when=ago(oldest, now))
    return " ".join([said, *_next(glances, now)])


def _next(glances: list[Glance], now: datetime) -> list[str]:
    """When the first of them syncs without anybody asking; nothing where none does."""
    coming = [one.next for one in glances if one.next is not None and one.next > now]
    return [_("Next sync {when}.").format(when=day_and_time(min(coming), now))] if coming else []
