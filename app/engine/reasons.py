"""Why something waits for a person, in the words that both front ends say."""

from app.engine.limits import percent
from app.text import _


def rule_word(rule: str, limit: float | None = None) -> str:
    """Why something waits, in the person's language; an unknown rule as it is.

    ``limit``: the share that the limit lets through, where that is known.
    """
    shares = {
        "removals": _("more than {limit} removed in 24 hours"),
        "untied": _("more than {limit} no longer known there in 24 hours"),
        "shrink": _("less than {limit} left of a week's highest count"),
        "changes": _("more than {limit} changed in 24 hours"),
        "blanks": _("more than {limit} gone blank in 24 hours"),
        "logins": _("more than {limit} with other names to sign in with"),
    }
    if limit is not None and rule in shares:
        return shares[rule].format(limit=percent(limit))
    words = {
        "removals": _("many removals"),
        "untied": _("many no longer known there"),
        "shrink": _("many removals in a week"),
        "changes": _("many changes"),
        "blanks": _("values gone blank"),
        "logins": _("other names to sign in with"),
        "staff": _("students turned into staff"),
        "emptied_class": _("a class left empty"),
        "emptied_school": _("a school left empty"),
        "empty_answer": _("an empty answer"),
        "creations": _("many new records"),
        "additions_only": _("additions only"),
        "blackout": _("a time of additions only"),
        "preview": _("not in the preview that was approved"),
        "proof": _("missing; taken as gone when the next whole answer lacks it, too"),
        "identity": _("maybe the same person"),
        "joined": _("a further row of the same person"),
    }
    return words.get(rule, rule)
