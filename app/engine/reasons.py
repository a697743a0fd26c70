"""Why something waits for a person, in the words that both front ends say."""

from collections.abc import Mapping

from app.engine.limits import percent
from app.engine.told import part_word
from app.roster.entities import ENTITIES
from app.store.outbox import CREATIONS, HELD, IN_DOUBT, LACKING, WAITS_IN_VAIN, Unsent
from app.text import SENTENCES, _, sentence


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
        CREATIONS: _("many new records"),
        "additions_only": _("additions only"),
        "blackout": _("a time of additions only"),
        "preview": _("not in the preview that was approved"),
        "proof": _("missing; taken as gone when the next whole answer lacks it, too"),
        "identity": _("maybe the same person"),
        "joined": _("a further row of the same person"),
    }
    return words.get(rule, rule)


def unsent_word(one: Unsent, titles: Mapping[int, str], where: str) -> str:
    """Why something is not at the SIS, in words; blank where only the next sync is waited for.

    ``titles`` has what is waited for; ``where`` it is said who is the same as whom.
    """
    if one.state == HELD:
        return ", ".join(map(rule_word, one.words.split()))
    if one.words not in SENTENCES:
        return one.words  # the SIS's own
    about = dict(one.about)
    if "id" in about:
        entity, id_ = ENTITIES[about["entity"]], about["id"]
        named = _("“{title}” ({type} #{id})") if titles.get(id_) else _("{type} #{id}")
        about["what"] = named.format(title=titles.get(id_), type=_(entity.one).lower(), id=id_)
    if one.words == LACKING:
        about["fields"] = ", ".join(part_word(*field) for field in about["lacking"])
    if one.words == IN_DOUBT:
        about["where"] = where
    if one.words == WAITS_IN_VAIN and one.said_by:
        return sentence("push_waits_in_vain_said", {**about, "name": one.said_by})
    return sentence(one.words, about)
