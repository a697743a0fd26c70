"""Badges from facts (DESIGN §7). Pure: from what is known of a connector to one word and a reason.

The reason is a code with parameters; ``app.text.sentence`` says it, next step included.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.errors import Parameter
from app.text import N_

LATE_AFTER = timedelta(days=2)
"""Without a good sync for so long, a roster is late."""


_SECRET_TROUBLES = frozenset(
    {
        *("secret_missing", "credentials_refused", "signature_refused", "bearer_refused"),
        *("keyring_locked", "keyring_silent", "keyring_error"),
    }
)


class Badge(enum.Enum):
    """How a connector is; the value is the word on screen. Most urgent first."""

    FAILING = N_("Failing")
    NEEDS_YOU = N_("Needs you")
    LATE = N_("Late")
    NEVER_SYNCED = N_("Never synced")
    SYNCING = N_("Syncing")
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
    """When the newest good run ended."""
    waiting: int = 0
    conflicts: int = 0
    unsent: int = 0
    unreadable: int = 0
    incomplete: bool = False
    doubts: Sequence[str] = ()
    """Why it was incomplete, in sentences."""


@dataclass(frozen=True)
class Health:
    """The badge, why in one sentence (``code``, ``parameters``), and the next step."""

    badge: Badge
    code: str
    step: Step
    parameters: Mapping[str, Parameter] = field(default_factory=dict)

    @property
    def needs(self) -> int:
        """How many things wait for a person."""
        return int(self.parameters.get("count") or 0) if self.badge is Badge.NEEDS_YOU else 0


def judge(facts: Facts, now: datetime) -> Health:
    """The health of one connector at the instant ``now``."""
    name = facts.name
    if facts.state in ("queued", "running"):
        return Health(Badge.SYNCING, "health_syncing", Step.CANCEL, {"name": name})
    if facts.paused:
        return Health(Badge.PAUSED, "health_paused", Step.NOTHING, {"name": name})
    if facts.state == "failed":
        # Without its secret, or with one that the SIS refuses, every next sync would fail, too.
        secret = facts.error_code in _SECRET_TROUBLES
        step = Step.SECRET if secret else Step.LOOK
        return Health(Badge.FAILING, "health_failing", step, {"name": name, "run": facts.run or 0})
    if facts.waiting:
        return Health(
            Badge.NEEDS_YOU, "health_waiting", Step.REVIEW, {"name": name, "count": facts.waiting}
        )
    if facts.conflicts:
        return Health(
            Badge.NEEDS_YOU, "health_conflicts", Step.REVIEW,
            {"name": name, "count": facts.conflicts},
        )  # fmt: skip
    if facts.unsent:
        return Health(
            Badge.NEEDS_YOU, "health_unsent", Step.REVIEW, {"name": name, "count": facts.unsent}
        )
    if facts.unreadable:
        return Health(
            Badge.NEEDS_YOU, "health_unreadable", Step.LOOK,
            {"name": name, "count": facts.unreadable},
        )  # fmt: skip
    if facts.last_good is None:
        if facts.state in ("cancelled", "interrupted"):
            return Health(Badge.NEVER_SYNCED, "health_cut_off", Step.SYNC, {"name": name})
        return Health(Badge.NEVER_SYNCED, "health_never", Step.SYNC, {"name": name})
    if facts.incomplete and facts.doubts:
        return Health(
            Badge.LATE, "health_doubtful", Step.LOOK,
            {"name": name, "why": facts.doubts[0], "count": len(facts.doubts)},
        )  # fmt: skip
    if facts.incomplete:
        return Health(Badge.LATE, "health_incomplete", Step.SYNC, {"name": name})
    if now - facts.last_good > LATE_AFTER:
        days = (now - facts.last_good).days
        return Health(Badge.LATE, "health_late", Step.SYNC, {"name": name, "days": days})
    if facts.state in ("cancelled", "interrupted"):
        return Health(Badge.HEALTHY, "health_resumable", Step.SYNC, {"name": name})
    return Health(Badge.HEALTHY, "health_good", Step.SYNC, {"name": name})
