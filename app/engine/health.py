"""Badges from facts (DESIGN §7). Pure: from what is known of a connector to one word and a reason.

Everything that is wrong is found, the most urgent first; a person may have said of some of it that
it is known, until a day. The reason is a code with parameters; ``app.text.sentence`` says it, next
step included.
"""

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo

from app.errors import Parameter
from app.text import N_, sentence

LATE_AFTER = timedelta(days=2)
"""Without a good sync for so long, a roster is late."""

MISSED_AFTER = timedelta(hours=1)
"""A scheduled sync that has not begun for so long was missed."""

DOUBTED_AFTER = timedelta(days=1)
"""Answers that were not whole for so long are too many."""

STILL_SCHOOL_DAYS = 2
"""A SIS in which nothing has changed for so many days of school is perhaps not filled any more."""

NEW_SCHOOL_DAYS = 1
"""A row that could not be read is new for so many days of school, and until the next sync."""

EXPIRES_SOON = timedelta(days=30)
"""So long before they expire, credentials are told to do so."""

_REFUSED = frozenset({"credentials_refused", "signature_refused", "bearer_refused"})
_SECRET_TROUBLES = _REFUSED | {
    "secret_missing",
    "keyring_locked",
    "keyring_silent",
    "keyring_error",
}
_WEEKEND = 5
"""Saturday, as Python counts."""


class Badge(enum.Enum):
    """How a connector is; the value is the word on screen. Most urgent first."""

    CREDENTIALS_INVALID = N_("Credentials invalid")
    FAILING = N_("Failing")
    NEEDS_YOU = N_("Needs you")
    LATE = N_("Late")
    CREDENTIALS_EXPIRING = N_("Credentials expiring")
    NEVER_SYNCED = N_("Never synced")
    SYNCING = N_("Syncing")
    KNOWN = N_("Known issue")
    PAUSED = N_("Paused")
    HEALTHY = N_("Healthy")

    @property
    def urgency(self) -> int:
        """0 for the most urgent."""
        return list(Badge).index(self)


class Step(enum.Enum):
    """The one most useful thing to do next; the value is the word on its button."""

    SYNC = N_("Run Sync Now")
    CANCEL = N_("Cancel")
    REVIEW = N_("Show what waits")
    LOOK = N_("Show what happened")
    SECRET = N_("Enter the secret again…")
    ADD = N_("Try the practice district")
    NOTHING = ""


@dataclass(frozen=True)
class Known:
    """What a person has said is known of a connector, and need not be told as urgent."""

    until: date
    """The last day on which it is known."""
    because: str
    by: str
    troubles: Mapping[str, int]
    """What was wrong then (``Health.trouble``), each with how often: more of it is news."""

    @property
    def told(self) -> str:
        """Why, as a sentence that others can follow."""
        return self.because if self.because.endswith((".", "!", "?", "…")) else f"{self.because}."

    def covers(self, health: "Health") -> bool:
        """Whether this was wrong already, and no worse."""
        return health.trouble in self.troubles and health.count <= self.troubles[health.trouble]


@dataclass(frozen=True)
class Facts:
    """What is known of one connector. Instants are UTC."""

    name: str
    paused: bool = False
    state: str | None = None
    """The state of the newest run; ``None`` without any."""
    run: int | None = None
    error_code: str | None = None
    error_parameters: Mapping[str, Parameter] = field(default_factory=dict)
    last_good: datetime | None = None
    """When the newest good run ended,"""
    last_good_began: datetime | None = None
    """and when it began."""
    waiting: int = 0
    conflicts: int = 0
    unsent: int = 0
    unreadable: Sequence[tuple[datetime, int]] = ()
    """Since when how many rows cannot be read."""
    incomplete: bool = False
    last_whole: datetime | None = None
    """When the newest good run ended whose answers were whole."""
    doubts: Sequence[str] = ()
    """Why it was incomplete, in sentences."""
    due: datetime | None = None
    """When its schedule wants the next sync."""
    last_news: datetime | None = None
    """When a sync last found that something had changed; ``None`` where nobody knows."""
    credentials_until: date | None = None
    """The last day on which the SIS takes its credentials."""
    known: Known | None = None
    undone: tuple[str, Mapping[str, Parameter]] | None = None
    """That something was undone since, and differs from the SIS: code and parameters."""


@dataclass(frozen=True)
class Health:
    """The badge, why in one sentence (``code``, ``parameters``), and the next step."""

    badge: Badge
    code: str
    step: Step
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    trouble: str = ""
    """What is wrong, by a name that says no more than that; blank where nothing is."""

    @property
    def count(self) -> int:
        """How many there are of what it tells of."""
        return int(self.parameters.get("count") or 0)

    @property
    def failed(self) -> bool:
        """Whether it tells of a sync that failed."""
        return self.code in ("health_failing", "health_refused")

    @property
    def needs(self) -> int:
        """How many things wait for a person."""
        return self.count if self.badge is Badge.NEEDS_YOU else 0


def judge(facts: Facts, now: datetime, zone: tzinfo | None = None) -> Health:
    """The health of one connector at the instant ``now``; ``zone`` is ``None`` for the system's."""
    name = _told(facts)
    if facts.state in ("queued", "running"):
        return Health(Badge.SYNCING, "health_syncing", Step.CANCEL, name)
    if facts.paused:
        return Health(Badge.PAUSED, "health_paused", Step.NOTHING, name)
    found = troubles(facts, now, zone)
    known = facts.known
    if known is not None and now.astimezone(zone).date() > known.until:
        known = None
    for one in found:
        if known is None or not known.covers(one):
            return one
    if known is not None and found:
        worst = found[0]
        what = sentence(worst.code, worst.parameters)
        told = {"what": what, "until": known.until.isoformat(), "because": known.told}
        return Health(Badge.KNOWN, "health_known", worst.step, told, worst.trouble)
    cut_off = facts.state in ("cancelled", "interrupted")
    if facts.last_good is None:
        code = "health_cut_off" if cut_off else "health_never"
        return Health(Badge.NEVER_SYNCED, code, Step.SYNC, name)
    if facts.undone is not None:
        code, parameters = facts.undone
        return Health(Badge.HEALTHY, code, Step.SYNC, parameters)
    if facts.incomplete:
        return replace(_incomplete(facts), badge=Badge.HEALTHY, trouble="")
    code = "health_resumable" if cut_off else "health_good"
    return Health(Badge.HEALTHY, code, Step.SYNC, name)


def troubles(facts: Facts, now: datetime, zone: tzinfo | None = None) -> list[Health]:
    """All that is wrong, the most urgent first."""
    found = (
        *_failing(facts),
        *_needing(facts, now, zone),
        *_late(facts, now, zone),
        *_credentials(facts, now, zone),
    )
    return sorted(found, key=lambda one: one.badge.urgency)


def _failing(facts: Facts) -> Iterator[Health]:
    if facts.state != "failed":
        return
    trouble = f"failing {facts.error_code}"
    if facts.error_code in _REFUSED:
        code, badge = "health_refused", Badge.CREDENTIALS_INVALID
    else:
        code, badge = "health_failing", Badge.FAILING
    # Without its secret, or with one that the SIS refuses, every next sync would fail, too.
    step = Step.SECRET if facts.error_code in _SECRET_TROUBLES else Step.LOOK
    yield Health(badge, code, step, _told(facts, run=facts.run or 0), trouble)


def _needing(facts: Facts, now: datetime, zone: tzinfo | None) -> Iterator[Health]:
    for code, count, step in (
        ("health_waiting", facts.waiting, Step.REVIEW),
        ("health_conflicts", facts.conflicts, Step.REVIEW),
        ("health_unsent", facts.unsent, Step.REVIEW),
        ("health_unreadable", _new_unreadable(facts, now, zone), Step.LOOK),
    ):
        if count:
            told = _told(facts, count=count)
            yield Health(Badge.NEEDS_YOU, code, step, told, code.removeprefix("health_"))


def _new_unreadable(facts: Facts, now: datetime, zone: tzinfo | None) -> int:
    """How many rows could not be read of late; with those everybody has seen by now, none."""
    newest = facts.last_good_began or now
    return sum(
        count
        for since, count in facts.unreadable
        if since >= newest or now < after_school_days(since, NEW_SCHOOL_DAYS, zone)
    )


def _late(facts: Facts, now: datetime, zone: tzinfo | None) -> Iterator[Health]:
    if facts.last_good is None:
        return
    if facts.incomplete and (
        facts.last_whole is None or facts.last_good - facts.last_whole > DOUBTED_AFTER
    ):
        yield _incomplete(facts)
    if now - facts.last_good > LATE_AFTER:
        told = _told(facts, days=(now - facts.last_good).days)
        yield Health(Badge.LATE, "health_late", Step.SYNC, told, "late")
    elif facts.due is not None and facts.state != "failed" and now - facts.due > MISSED_AFTER:
        yield Health(Badge.LATE, "health_missed", Step.SYNC, _told(facts), "missed")
    if facts.last_news is not None and facts.last_good >= after_school_days(
        facts.last_news, STILL_SCHOOL_DAYS, zone
    ):
        told = _told(facts, since=_day_of(facts.last_news, zone).isoformat())
        yield Health(Badge.LATE, "health_still", Step.LOOK, told, "still")


def _incomplete(facts: Facts) -> Health:
    if facts.doubts:
        told = _told(facts, why=facts.doubts[0], count=len(facts.doubts))
        return Health(Badge.LATE, "health_doubtful", Step.LOOK, told, "incomplete")
    return Health(Badge.LATE, "health_incomplete", Step.SYNC, _told(facts), "incomplete")


def _credentials(facts: Facts, now: datetime, zone: tzinfo | None) -> Iterator[Health]:
    until, today = facts.credentials_until, _day_of(now, zone)
    if until is None or until - today > EXPIRES_SOON:
        return
    badge, code = Badge.CREDENTIALS_EXPIRING, "health_expiring"
    if today > until:
        # What the SIS took after that day holds longer than somebody thought.
        if facts.last_good is not None and _day_of(facts.last_good, zone) > until:
            code = "health_outlived"
        else:
            badge, code = Badge.CREDENTIALS_INVALID, "health_expired"
    told = _told(facts, until=until.isoformat())
    yield Health(badge, code, Step.SECRET, told, f"{code.removeprefix('health_')} {until}")


def _told(facts: Facts, **more: Parameter) -> dict[str, Parameter]:
    return {"name": facts.name, **more}


def after_school_days(then: datetime, days: int, zone: tzinfo | None = None) -> datetime:
    """The instant so many days of school after another: Saturdays and Sundays are none."""
    local = then.astimezone(zone)
    for _ in range(days):
        local += timedelta(days=1)
        while local.weekday() >= _WEEKEND:
            local += timedelta(days=1)
    return local


def _day_of(then: datetime, zone: tzinfo | None) -> date:
    return then.astimezone(zone).date()
