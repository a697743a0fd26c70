"""Whether what two SISs say may be said of one person (SEMANTICS D5). Pure, most of it data.

Two people made one is the worst that can happen; one person left two for a day is a nuisance. So
names that a family shares tell nobody apart, an ID that stands for nothing is none, and a number
names a person only where its kind is declared to.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from app.roster.values import Plain

Person: TypeAlias = Mapping[str, Plain]
"""Canonical values by field; references as record ids."""


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# -- what stands for nothing ------------------------------------------------------------------

PLACEHOLDERS = _set(
    "na none null nil no unknown unk undefined missing blank empty default pending temp temporary "
    "tba tbd tbc test testing tester dummy fake sample x n nobody noone noid noemail nomail "
    "notapplicable notavailable notassigned notknown notprovided donotuse 123456789 "
    "1234567890"
)
"""What people type where they have nothing to say, in small letters without any marks.

So is whatever consists of nines or of x alone, of three or more of any one character, or of marks.
A number behind a longer one of these words makes it no better.
"""

MAILBOXES = _set(
    "noreply donotreply email mail info office admin contact school frontdesk parent parents "
    "guardian student students staff teacher someone anyone user"
)
"""What stands before the @ of an address that is nobody's own."""


@lru_cache(maxsize=8192)
def says_nothing(text: str) -> bool:
    """Whether an ID is a placeholder: it stands for many, or for nobody."""
    letters = text.casefold() if text.isascii() and text.isalnum() else "".join(words(text))
    if letters in PLACEHOLDERS or letters in ("", "9"):
        return True
    if len(set(letters)) == 1 and (len(letters) > 2 or letters[0] in "09x"):
        return True
    stem = letters.rstrip("0123456789")
    return len(stem) > 3 and stem in PLACEHOLDERS


@lru_cache(maxsize=8192)
def no_mailbox(email: str) -> bool:
    """Whether an email address is nobody's own."""
    name, _, domain = email.rpartition("@")
    host = domain.partition(".")[0]
    return (
        says_nothing(name)
        or "".join(words(name)) in MAILBOXES
        or (len(host) > 1 and says_nothing(host))
    )


# -- kinds of IDs -----------------------------------------------------------------------------

NAMING = _set(
    "ssid sasid suid district districtid districtnumber districtstudentid local localid lea leaid "
    "sis sisid sisuserid student studentid studentnumber studentuniqueid staff staffid "
    "staffnumber staffuniqueid teacher teacherid teachernumber employee employeeid employeenumber "
    "contactuniqueid parentuniqueid person personid user userid username login edfi edfiid "
    "edfiuniqueid uniqueid ldap ldapdn ldapid sso ssoid ad adguid activedirectory azure azuread "
    "entra entraid microsoft google googleid classlink classlinkid clever cleverid oneroster "
    "sourcedid sif sifid sifrefid refid guid uuid upn userprincipalname eppn powerschool "
    "infinitecampus skyward aeries synergy canvas schoology"
)
"""Kinds of IDs that name a person in a system, in small letters without any marks."""

SHARED = ("family", "household", "locker", "lunch", "meal", "bus", "route", "homeroom", "sibling")
"""What is in the kinds of IDs that several people have, or that are given to another next year."""

_STATES = frozenset({"ssid", "sasid"})


def ids(one: Person) -> set[tuple[str, str]]:
    """(kind, identifier) of the other IDs that say something, the kinds without marks.

    Not those of kinds that people share.
    """
    return {
        (kind, str(id_))
        for told, id_ in _parts(one, "user_ids")
        if id_ is not None and not says_nothing(str(id_)) and (kind := _unshared(told))
    }


@lru_cache(maxsize=1024)
def _unshared(told: Plain) -> str:
    """A kind of IDs without marks; blank for one that people share."""
    kind = "".join(words(told))
    return "" if any(word in kind for word in SHARED) else kind


def _is_state(kind: str) -> bool:
    return kind.startswith("state") or kind in _STATES


def state_ids(one: Person) -> set[str]:
    """What the state calls somebody."""
    return {id_ for kind, id_ in ids(one) if _is_state(kind)}


def own_ids(one: Person) -> set[str]:
    """The other IDs of the kinds that name a person."""
    return {id_ for kind, id_ in ids(one) if kind in NAMING or _is_state(kind)}


def said(name: str) -> Callable[[Person], set[Any]]:
    """What a field says of somebody: nothing, or one value that is no placeholder."""
    nothing = no_mailbox if name == "email" else says_nothing

    def saying(one: Person) -> set[Any]:
        value = one[name]
        return set() if value is None or nothing(str(value)) else {value}

    return saying


# -- sorts of people --------------------------------------------------------------------------

_GUARDIANS = frozenset({"guardian", "parent", "relative"})


def sorts(one: Person) -> set[str]:
    """What sort of person somebody is in the first place; none where nothing is said.

    ``student``, ``guardian`` or ``staff``: by the primary roles; where none is told primary, who
    works there or goes there is that before being somebody's guardian. A teacher who is a parent as
    well is told by some SISs as one person, and by others as two.
    """
    roles = [role for role in _parts(one, "roles") if role[0]]
    told = {_sort(str(role)) for role, _org, kind, *_ in roles if kind == "primary"}
    told = told or {_sort(str(role)) for role, *_ in roles}
    return told - {"guardian"} or told


def _sort(role: str) -> str:
    return "student" if role == "student" else "guardian" if role in _GUARDIANS else "staff"


def same_sort(one: Person, other: Person) -> bool:
    """Whether two are of one sort; where that is unknown, whether their names agree."""
    mine, theirs = sorts(one), sorts(other)
    return bool(mine & theirs) if mine and theirs else namesakes(one, other)


def _parts(one: Person, name: str) -> Sequence[Sequence[Plain]]:
    return one[name] or ()


# -- names ------------------------------------------------------------------------------------

NAMES = (
    "given_name",
    "middle_name",
    "family_name",
    "preferred_first_name",
    "preferred_middle_name",
    "preferred_last_name",
)

_FIRST = ("given_name", "preferred_first_name")
_FAMILY = ("family_name", "preferred_last_name")
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)
_JOINING = "'’‘`ʻʼ"  # noqa: RUF001 (apostrophes of all sorts)


@lru_cache(maxsize=8192)
def words(text: Plain) -> tuple[str, ...]:
    """The words of a text without case and accents; a hyphen parts them, an apostrophe does not."""
    plain = unicodedata.normalize("NFKD", str(text or "")).casefold().translate(_LETTERS)
    kept = (
        char
        # What is joined to a letter belongs to it: in Devanagari it is the vowel.
        if char.isalnum() or unicodedata.category(char)[0] == "M"
        else ""
        if char in _JOINING
        else " "
        for char in plain
        # The accents of Latin, Greek and Cyrillic letters.
        if not "\u0300" <= char <= "\u036f"
    )
    return tuple("".join(kept).split())


def given_names_agree(one: Person, other: Person, *, loosely: bool = False) -> bool:
    """Whether one is called by a name that the other has.

    ``Jean-Luc`` is ``Jean`` or ``Luc``; a short form that is not told is another name. ``Maria
    Elena`` is not ``Maria Luisa``, nor is whoever has the middle name alone in common. ``loosely``,
    where something else tells much, an initial stands for a name, and a middle name may be the one
    that somebody goes by.
    """
    firsts, others = _names(one, _FIRST), _names(other, _FIRST)
    if any("".join(a) == "".join(b) for a in firsts for b in others):
        return not _parting(one, other)
    return not _parting(one, other) and any(
        _within(name, _known_by(side, loosely), initials=loosely)
        for names, side in ((firsts, other), (others, one))
        for name in names
    )


def _known_by(one: Person, loosely: bool) -> set[str]:
    """The names that somebody may go by; of the middle names no initials."""
    found = {word for name in _names(one, _FIRST) for word in name}
    middle = ("middle_name", "preferred_middle_name") if loosely else ()
    return found | {word for name in _names(one, middle) for word in name if len(word) > 1}


def _parting(one: Person, other: Person) -> bool:
    """Whether both have several names, of which neither's are all among the other's."""
    mine, theirs = (words(side["given_name"]) + words(side["middle_name"]) for side in (one, other))
    if len(mine) < 2 or len(theirs) < 2:
        return False
    all_mine, all_theirs = (
        {word for name in _names(side, NAMES) for word in name} for side in (one, other)
    )
    return not (
        _within(mine, all_theirs, initials=True) or _within(theirs, all_mine, initials=True)
    )


def family_names_agree(one: Person, other: Person) -> bool:
    """Whether the family name of one is that of the other, or a part of it."""
    return any(
        "".join(a) == "".join(b) or {*a} <= {*b} or {*b} <= {*a}
        for a in _names(one, _FAMILY)
        for b in _names(other, _FAMILY)
    )


def namesakes(one: Person, other: Person) -> bool:
    """Whether two are called alike, by given and by family name."""
    return given_names_agree(one, other) and family_names_agree(one, other)


def same_letters(name: str, one: Person, other: Person) -> bool:
    """Whether a name is the same but for case, accents and marks."""
    mine = "".join(words(one[name]))
    return bool(mine) and mine == "".join(words(other[name]))


def _names(one: Person, names: Sequence[str]) -> list[tuple[str, ...]]:
    """The names that say anything, in words."""
    return [found for name in names if (found := words(one[name]))]


def _within(name: Sequence[str], among: set[str], *, initials: bool) -> bool:
    """Whether every word of a name is one of ``among``."""
    return all(
        word in among or (initials and any(_initial(word, other) for other in among))
        for word in name
    )


def _initial(one: str, other: str) -> bool:
    """Whether the one is the initial of the other; a sign that is a word of its own is none."""
    short, long = sorted((one, other), key=len)
    return len(short) == 1 and short.upper() != short and long.startswith(short)


# -- what speaks against it -------------------------------------------------------------------

BIRTH_DATE = "birth_date"
"""What is told of a person by demographics."""

_CERTAIN: tuple[tuple[str, Callable[[Person], set[Any]]], ...] = (
    ("birth_date", said(BIRTH_DATE)),
    ("state_id", state_ids),
    ("master_id", said("user_master_identifier")),
)


_OWN: tuple[tuple[str, Callable[[Person], set[Any]]], ...] = (
    ("state_id", state_ids),
    ("master_id", said("user_master_identifier")),
    ("identifier", said("identifier")),
)


def against(one: Person, other: Person) -> str | None:
    """What speaks against two being one person, in a word; ``None`` where nothing does.

    Something certain of which both say something else; given names that do not agree; or, unless
    something certain is the same, other family names (who marries is called otherwise), or that a
    system does not say of what sort somebody is.
    """
    sides = [(word, told(one), told(other)) for word, told in _CERTAIN]
    for word, mine, theirs in sides:
        if mine and theirs and not mine & theirs:
            return word
    if not given_names_agree(one, other, loosely=True):
        return "names"
    if any(mine & theirs for _, mine, theirs in sides):
        return None
    if not family_names_agree(one, other):
        return "family_name"
    return None if sorts(one) and sorts(other) else "sort"


def are_others(before: Person, after: Person) -> bool:
    """Whether what is told by one key is plainly told of somebody else than before.

    Called otherwise altogether, or by another given name where no ID is the same any more.
    """
    if not _names(after, _FIRST) or given_names_agree(before, after, loosely=True):
        return False
    mine, theirs = (
        {(told, id_) for told, says in _OWN for id_ in says(side)} for side in (before, after)
    )
    if mine & theirs:
        return False
    return bool(mine and theirs) or not family_names_agree(before, after)
