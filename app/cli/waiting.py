"""How what waits for a person is told, and what became of it when it was approved or refused."""

from collections import Counter
from typing import Any

from app.cli import show
from app.cli.options import Asked
from app.roster.entities import ENTITIES
from app.store import waiting
from app.store.waiting import Answer, Told
from app.text import _, plural, sentence


def waiting_document(told: Told) -> list[dict[str, Any]]:
    """What waits, for a script; ``direction`` is ``out`` for what is to be sent to the SIS."""
    return [
        {
            "entity": one.entity,
            "direction": "out" if one.school is None else "in",
            "school": one.school or None,
            "school_name": told.titles.get(one.school or 0),
            "rule": one.rule,
            "count": one.count,
            "of": one.of,
            "times": one.times,
            "since": one.since,
            "samples": one.records,
        }
        for one in told.groups
    ]


def print_waiting(told: Told, run: int) -> None:
    """What waits of what was there in a sync, by school, and what can be done about it."""
    if not told.groups:
        return
    show.line()
    show.line(_("This waits for your approval:"))
    show.table(
        [_("School"), _("Records"), _("Why"), _("Waiting"), _("Of"), _("Seen"), _("Such as")],
        [
            [
                _school(one.school, told),
                _(ENTITIES[one.entity].many),
                rule_word(one.rule),
                one.count,
                one.of,
                _seen(one.times, show.moment(one.since)),
                show.named(one.records, told.titles),
            ]
            for one in told.groups
        ],
    )
    show.line(sentence("limit_stays"))
    show.line(sentence("waiting_commands", {"run": run}))


def _school(school: int | None, told: Told) -> str:
    if school is None:
        return _("to be sent")
    return told.titles.get(school) or _("The district")


def _seen(times: int, since: str) -> str:
    if not times:
        return _("since {when}").format(when=since)
    syncs = plural("in {n} sync", "in {n} syncs", times)
    return _("{syncs} since {when}").format(syncs=syncs, when=since)


def rule_word(rule: str) -> str:
    """Why something waits, in the person's language; an unknown rule as it is."""
    words = {
        "removals": _("many removals"),
        "shrink": _("many removals in a week"),
        "changes": _("many changes"),
        "blanks": _("values gone blank"),
        "logins": _("other names to sign in with"),
        "staff": _("students turned into staff"),
        "emptied_class": _("a class left empty"),
        "emptied_school": _("a school left empty"),
        "empty_answer": _("an empty answer"),
        "additions_only": _("additions only"),
        "blackout": _("a time of additions only"),
        "proof": _("missing at the SIS, to be read once more"),
        "identity": _("maybe the same person"),
    }
    return words.get(rule, rule)


def settled(asked: Asked, answered: Answer) -> dict[str, Any]:
    """The document of an approval or a refusal; printed for a person unless JSON was asked for."""
    left = Counter((one.entity, one.reason) for one in answered.left_out)
    if not asked.json:
        show.line(
            _("#{id}, of what waited in sync #{of}: {settled}.").format(
                id=answered.id,
                of=answered.of,
                settled=plural("{n} record settled", "{n} records settled", answered.applied),
            )
        )
        for (entity, reason), count in left.items():
            told = sentence(f"{waiting.LEFT_OUT}{reason}", {"count": count})
            show.line(f"{_(ENTITIES[entity].many)}: {told}")
    return {
        "id": answered.id,
        "of": answered.of,
        "applied": answered.applied,
        "left_out": [one._asdict() for one in answered.left_out],
    }
