"""Why it is asked whether two records are one, in words for both front ends (SEMANTICS D5)."""

from collections.abc import Mapping

from app.roster.identity import BY_NAME, Confidence
from app.text import N_, _

CONFIDENCE: Mapping[Confidence, str] = {
    Confidence.CERTAIN: N_("certain"),
    Confidence.POSSIBLE: N_("a suggestion"),
}

WHY: Mapping[str, str] = {
    "possible": N_("It is offered, and nobody has said so yet."),
    "ambiguous": N_("More than one record comes into question."),
    "birth_date": N_("The birth dates differ."),
    "state_id": N_("The state IDs differ."),
    "master_id": N_("The master IDs differ."),
    "taken": N_("Another row of that SIS is taken for the same record already."),
    "mistrusted": N_("What they share belongs to different people elsewhere in these systems."),
    "names": N_("The given names do not agree."),
    "family_name": N_("The family names differ."),
    "sort": N_("One SIS does not say whether they are a student, staff or a guardian."),
}
"""By what speaks against it (``engine.matching``)."""


def because(rule: str) -> str:
    """What two have in common, by the name of a rule; blank where that rule is gone."""
    return _(BY_NAME[rule].label) if rule in BY_NAME else ""


def against(why: str) -> str:
    """Why that is not certain; blank where nothing is known."""
    return _(WHY[why]) if why in WHY else ""
