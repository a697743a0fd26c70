"""What the sides of a difference say, where they come from, and what taking one of them does."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime

from app.engine.decisions import Take
from app.engine.intraline import Pieces, compared
from app.engine.reconcile import ConflictKind
from app.engine.told import value_text
from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE
from app.roster.schema import FieldType
from app.roster.values import Plain
from app.store.beside import Beside
from app.store.corrections import Fate
from app.store.differences import Difference
from app.text import _
from app.ui import wording

SHORT = 60
"""Characters of a value on a button, but for those in which it differs: these are all there."""
LEAST = 9
"""So many are left of what does not differ."""


# -- values -----------------------------------------------------------------------------------


def side_text(one: Difference, name: str, value: Plain, titles: Mapping[int, str]) -> str:
    """One side of one field of a difference; blank for a blank."""
    if name == ALIVE:
        return _("there") if value else _("removed")
    field = ENTITIES[one.entity].by_name.get(name)
    return "" if field is None else field_text(field, value, titles)


def field_text(field: FieldType, value: Plain, titles: Mapping[int, str]) -> str:
    """A value of a field; blank for a blank."""
    return value_text(field, value, titles) or ""


def or_blank(text: str) -> str:
    """A value in a sentence."""
    return text or _("nothing")


def apart(value: str) -> str:
    """A value in a sentence: one that is written from right to left is read so, and stays whole."""
    turned = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in value)
    return f"\u2068{value}\u2069" if turned else value


def short(text: str, other: str) -> str:
    """A value on a button, in one line: what it has in common with the ``other`` is cut short."""
    line = " ".join(text.split())
    if len(line) <= SHORT:
        return line
    pieces = compared(line, " ".join(other.split()))[0]
    common = [piece.text for piece in pieces if not piece.differs]
    if not common:
        return _cut(line, 2 * SHORT)
    room = max(LEAST, (SHORT - len(line) + sum(map(len, common))) // len(common))
    return "".join(piece.text if piece.differs else _cut(piece.text, room) for piece in pieces)


def _cut(text: str, room: int) -> str:
    """The beginning and the end of what has no room."""
    half = (room - 1) // 2
    return text if len(text) <= room else f"{text[:half]}…{text[-half:]}"


def spoken(pieces: Pieces) -> str:
    """The parts of a value that the other side has otherwise, for who cannot see the marks."""
    return ", ".join(f"“{piece.text.strip() or ' '}”" for piece in pieces if piece.differs)


# -- who and when -----------------------------------------------------------------------------


def found_text(one: Difference, now: datetime) -> str:
    """Which sync last found the SIS to say so, and when."""
    if not one.sis_at:
        return one.connector
    when = wording.day_and_time(wording.instant(one.sis_at), now)
    return _("{name}, sync #{run}, {when}").format(name=one.connector, run=one.sis_run, when=when)


# -- what taking a side does ------------------------------------------------------------------


def title(one: Difference, take: Take, *, sent: bool | None = None) -> str:
    """What a button is called; of what stays here, whether it is ``sent``, where that is known."""
    if one.part == ALIVE:
        return _alive_title(one, take)
    ours = {None: _("Keep ours"), True: _("Keep ours and send"), False: _("Keep ours here")}
    return {
        Take.OURS: ours[sent],
        Take.SIS: _("Take {name}'s").format(name=one.connector),
        Take.BASE: _("Back to last agreed"),
        Take.OWN: _("Own value…"),
    }[take]


def _alive_title(one: Difference, take: Take) -> str:
    if one.ours.get(ALIVE):
        return _("Keep the record") if take is Take.OURS else _("Let it end")
    if take is Take.OURS:
        return _("Leave it removed")
    return _("Bring it back")


def is_sent(beside: Beside, one: Difference, side: Mapping[str, Plain]) -> bool:
    """Whether a side, once it stands here, is sent: it differs, and the SIS takes all of it."""
    told = {name for name, said in side.items() if said != one.sis.get(name)}
    return bool(told) and told <= beside.writable


def effect(
    beside: Beside, one: Difference, take: Take, side: Mapping[str, Plain], value: str
) -> str:
    """What taking a ``side`` does, told by the ``value`` that stands here then."""
    if one.part == ALIVE:
        return _alive_effect(one, take)
    if take is Take.OWN:
        sent = one.ours.keys() <= beside.writable
        text = _("Sent to {name}") if sent else _("Stays here, on the registrar’s list")
    elif side == one.sis:
        text = _("“{value}” comes in here") if value else _("It is emptied here")
    elif is_sent(beside, one, side):
        text = _("“{value}” is sent to {name}") if value else _("It is emptied at {name}, too")
    else:
        text = (
            _("“{value}” stays here, on the registrar’s list")
            if value
            else _("It stays empty here, on the registrar’s list")
        )
    return text.format(value=apart(value), name=one.connector)


def listed(beside: Beside, one: Difference, take: Take, side: Mapping[str, Plain]) -> str:
    """Where what is not sent is found again; blank where it is sent, or comes in."""
    if one.part == ALIVE or side == one.sis or is_sent(beside, one, side):
        return ""
    if take is Take.OWN and one.ours.keys() <= beside.writable:
        return ""
    return _(
        "{name} does not take this from here. It stands on the registrar’s list, to be mended "
        "there: menu Reports, key F7."
    ).format(name=one.connector)


def _alive_effect(one: Difference, take: Take) -> str:
    if one.ours.get(ALIVE):
        text = (
            _("It stays here, though {name} has removed it")
            if take is Take.OURS
            else _("It is removed here as at {name}; undo brings it back")
        )
    else:
        text = (
            _("What {name} changed is not taken over")
            if take is Take.OURS
            else _("With what {name} has changed")
        )
    return text.format(name=one.connector)


def fate_text(fate: Fate) -> str:
    """Why a field that differs is no question."""
    return {
        Fate.CORRECTION: _("local correction"),
        Fate.ELSEWHERE: _("as another SIS says"),
        Fate.KEPT: _("kept here"),
        Fate.SENT: _("sent with the next sync"),
    }.get(fate, "")


def question(one: Difference) -> str:
    """What there is to say about a difference before any value is looked at; blank for most."""
    texts = {
        ConflictKind.FIRST_CONTACT: _(
            "This was never agreed: who is right to begin with? Nothing of this kind is sent to "
            "{name} until all such differences are settled. “Same for all” answers them at once."
        ),
        ConflictKind.UNFIT: _(
            "What both sides together would make cannot be. Choose one side, or give a value "
            "that fits."
        ),
        ConflictKind.BACK_AND_FORTH: _(
            "Two systems set this by turns. Choose what is right; then settle with both who "
            "decides about it."
        ),
    }
    if one.part == ALIVE:
        text = (
            _("{name} has removed this record, and it was changed here.")
            if one.ours.get(ALIVE)
            else _("This record was removed here, and {name} has changed it since.")
        )
    else:
        text = texts.get(ConflictKind(one.kind), "")
    return text.format(name=one.connector)


def part_text(one: Difference, side: Mapping[str, Plain], titles: Mapping[int, str]) -> str:
    """All that a side says of a difference, in one line."""
    if ALIVE in side:
        return side_text(one, ALIVE, side[ALIVE], titles)
    told = [or_blank(side_text(one, name, value, titles)) for name, value in side.items()]
    return " – ".join(told)
