"""*Always decide so*: when it is offered, and what it would have decided (SEMANTICS B5).

People who decide the same way again and again are asked whether that is a rule. Whether it is one
they see from what it would have done with what they decided before.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.engine.decisions import Take
from app.engine.policy import Decides
from app.roster.values import instant_text
from app.store.database import Database
from app.store.decided import Decided, decided
from app.store.policies import laid_down

LIKE = 3
"""So many decisions in a row that went the same way make an offer."""
WINDOW = timedelta(days=90)
"""How far it looks back."""
SAMPLES = 3

RULES = {Take.OURS: Decides.OURS, Take.SIS: Decides.SIS}
"""The ways that can be a rule."""


@dataclass(frozen=True)
class Precedent:
    """What a rule would have decided of what people have decided in ``WINDOW``."""

    take: Take
    agreed: int
    """As they did."""
    otherwise: int
    samples: tuple[Decided, ...]
    """Some of those that people decided otherwise, the newest first."""

    @property
    def count(self) -> int:
        """How many there were."""
        return self.agreed + self.otherwise


def offered(database: Database, connector: str, entity: str, part: str) -> Take | None:
    """The way that the last ``LIKE`` decisions about a part went, where that is no rule yet."""
    newest = [one.take for one in decided(database, connector, entity, part)[:LIKE]]
    take = Take(newest[0]) if len(newest) == LIKE and len(set(newest)) == 1 else None
    if take not in RULES:
        return None
    ruled = any(
        (row.entity, row.part, row.school, row.decides) == (entity, part, None, RULES[take].value)
        for row in laid_down(database, connector)
    )
    return None if ruled else take


def precedent(
    database: Database, connector: str, entity: str, part: str, take: Take, now: datetime
) -> Precedent:
    """What the rule that ``take`` is always right would have decided.

    It would have decided alike where it leaves the same values here.
    """
    since = instant_text(now - WINDOW)
    found = decided(database, connector, entity, part, since=since)
    unlike = [one for one in found if not _same(one, take)]
    return Precedent(take, len(found) - len(unlike), len(unlike), tuple(unlike[:SAMPLES]))


def _same(one: Decided, take: Take) -> bool:
    return one.take == take or one.result == (one.sis if take is Take.SIS else one.ours)
