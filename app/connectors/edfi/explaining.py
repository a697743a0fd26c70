"""The descriptors of a district as a list to look through, and to explain one by one.

The setting ``descriptor_map`` holds what an administrator says of them; here it is read and written
entry by entry, whatever else stands in it (``contract.Worded``).
"""

from collections.abc import Mapping
from typing import Any

from app.connectors.contract import State, Word
from app.connectors.edfi.descriptors import NOTHING, folded, own_meanings, shown
from app.connectors.edfi.standard_words import CHOICES, FREE
from app.errors import ConfigError


def words(text: str, learnt: State) -> list[Word]:
    """Those without a meaning first, each sort by how often they were said."""
    told: Mapping[str, Any] = learnt.get("words") or {}
    found: dict[tuple[str, str], Word] = {}
    for name, meaning, uri, times in told.get("seen", ()):
        if name not in FREE:
            said = shown(name, uri)
            met = found.get(_key(said))
            before = met.times if met else 0
            found[_key(said)] = _word(said, _choice(name, meaning), before + times)
    for said, times in told.get("unmapped", {}).items():
        found.setdefault(_key(said), _word(said, "", times))
    for said, means in _entries(text).items():
        met = found.get(_key(said), _word(said, "", 0))
        found[_key(said)] = met._replace(means=means, own=True)
    return sorted(found.values(), key=lambda one: (bool(one.means), -one.times, one.said))


def _word(said: str, means: str, times: int) -> Word:
    of, _, name = said.rpartition("#")
    return Word(said, means, times, False, name, of.removesuffix("Descriptor"))


def meanings(said: str) -> tuple[str, ...]:
    """What a descriptor can mean; none where that is any text."""
    name = said.partition("#")[0]
    return () if name in FREE else tuple(dict.fromkeys((*CHOICES.get(name, ()), NOTHING)))


def explained(text: str, said: str, means: str) -> str:
    """The setting with that entry; blank takes it out. Raises ``ConfigError``."""
    for mark in ";=":
        if mark in means or (mark == ";" and mark in said):
            raise ConfigError("word_without_meaning", setting="descriptor_map", part=said)
    entries = {key: one for key, one in _entries(text).items() if _key(key) != _key(said)}
    if means.strip():
        entries[said] = means.strip()
    new = "; ".join(f"{key}={meaning}" for key, meaning in entries.items())
    own_meanings(new)
    return new


def _entries(text: str) -> dict[str, str]:
    """What the setting says, in its own spelling; what cannot be read is left out."""
    found = {}
    for part in text.split(";"):
        said, _, means = (each.strip() for each in part.rpartition("="))
        if said and means:
            found[said] = means
    return found


def _key(said: str) -> tuple[str, str]:
    """Tells a descriptor from others, however it is spelled and whose it is."""
    name, _, word = said.partition("#")
    return folded(name.rpartition("/")[2]), folded(word)


def _choice(name: str, meaning: str) -> str:
    """A meaning as the setting says it, of one in folded form."""
    return next((one for one in CHOICES.get(name, ()) if folded(one) == meaning), meaning)
