"""What the descriptors of a district mean, and which descriptor says what is meant.

Ed-Fi says most words as ``uri://<whose>/<Name>Descriptor#<code value>``, and every district may add
words of its own. The standard's words are known here (Ed-Fi Data Standard 5.0, *Descriptors*); the
administrator says what the others mean, and those go before. A word that nobody has explained says
nothing, and is counted for the list of unmapped ones. Case, spaces and whose word it is never
matter.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, TypeAlias

from app.connectors.edfi.standard_words import CHOICES, FREE, STANDARD
from app.errors import ConfigError

Meanings: TypeAlias = Mapping[tuple[str, str], str]
"""By the name of a descriptor and its code value, folded: what it means."""

NOTHING = "none"
"""The meaning of a word that is known to say nothing that a roster has."""

_MOST_SEEN, _MOST_UNMAPPED = 2_000, 500
"""So many words of a district are kept at most, whatever its service says."""

_LONGEST = 75
"""So many characters may a code value have (Ed-Fi: 50); more of one is never shown."""

_REMEMBERED = (str, str, str, int)
"""A descriptor, what it means, how the district says it and how often it has said so."""

_NAMESPACE = "uri://ed-fi.org/"


def code_value(uri: str) -> str:
    """The word of a descriptor: what stands behind ``#``; a word without a namespace is one."""
    return uri.rpartition("#")[2].strip()


def shown(name: str, uri: str) -> str:
    """A descriptor as people read it, such as ``GradeLevelDescriptor#Ninth grade``; cut short."""
    return f"{name}#{code_value(uri)[:_LONGEST]}"


def folded(word: str) -> str:
    """A word as it is compared: without spaces and case."""
    return "".join(word.split()).casefold()


_MEANT = {
    (name, folded(word)): meaning
    for name, meanings in STANDARD.items()
    for meaning, words in meanings.items()
    for word in words
}


def own_meanings(text: str, setting: str = "descriptor_map") -> Meanings:
    """What an administrator says: ``GradeLevelDescriptor#Jr Kindergarten=PK; …``.

    Before the name of a descriptor may stand its namespace. Raises ``ConfigError`` for what is no
    such list, naming the setting.
    """
    found: dict[tuple[str, str], str] = {}
    for part in text.split(";"):
        if not part.strip():
            continue
        said, _, means = (each.strip() for each in part.rpartition("="))
        before, _, word = said.partition("#")
        name = before.rpartition("/")[2].strip()
        if not word.strip() or not means:
            raise ConfigError("word_without_meaning", setting=setting, part=part.strip())
        key = _descriptor_named(name, setting), folded(word)
        meaning = _meaning_named(key[0], means, setting)
        if found.setdefault(key, meaning) != meaning:
            raise ConfigError("word_means_two_things", setting=setting, value=said)
    return found


def _descriptor_named(said: str, setting: str) -> str:
    known = {folded(name): name for name in (*CHOICES, *FREE)}
    name = known.get(folded(said))
    if name is None:
        told = {"setting": setting, "value": said, "known": ", ".join(sorted(known.values()))}
        raise ConfigError("descriptor_not_read", **told)
    return name


def _meaning_named(name: str, said: str, setting: str) -> str:
    if name in FREE:
        return said
    choices = (*CHOICES[name], NOTHING)
    found = next((one for one in choices if folded(one) == folded(said)), None)
    if found is None:
        told = {"setting": setting, "value": said, "known": ", ".join(choices)}
        raise ConfigError("word_means_nothing_known", **told)
    return found


class Unheard(LookupError):
    """A descriptor is to be said that was never read: what the service has has to be asked for."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name
        """The descriptor, such as ``GradeLevelDescriptor``."""


class Words:
    """What the descriptors of one service mean.

    It remembers which of them the district uses, within bounds, so that what is written there is
    said in the district's own words; ``learnt`` is that memory as plain JSON. Whoever can ask the
    service which ones it has (``has``) says so by ``asks``: then none is said that it lacks.
    """

    def __init__(
        self,
        own: Meanings | None = None,
        learnt: Mapping[str, Any] | None = None,
        *,
        asks: bool = False,
    ) -> None:
        self._own = dict(own or {})
        self._asks = asks
        self._there: dict[str, list[str] | None] = {}
        self._known: dict[tuple[str, str], str | None] = {}
        self._seen: dict[tuple[str, str], Counter[str]] = {}
        self._kept = 0
        self.unmapped: Counter[str] = Counter()
        """How often each word was said that has no meaning: ``GradeLevelDescriptor#Jr K``."""
        self._recall(learnt or {})

    def meaning(self, name: str, uri: object) -> str | None:
        """What a descriptor of a fixed vocabulary means; ``None`` where that is not known.

        An unknown one is counted. A word that is known to say nothing means ``NOTHING``.
        """
        if not isinstance(uri, str) or not uri.strip():
            return None
        meant = self._meant(name, uri)
        if meant is None:
            self._miss(shown(name, uri))
        else:
            self._notice(name, meant, uri)
        return meant

    def word(self, name: str, uri: object) -> str | None:
        """The word of a descriptor that has no fixed vocabulary, such as a subject."""
        if not isinstance(uri, str) or not uri.strip():
            return None
        said = code_value(uri)
        word = self._meant(name, uri) or said
        self._notice(name, word, uri)
        return word

    def plain(self, name: str, uri: object) -> str | None:
        """The word of a descriptor as it reads: the standard's in lower case, others as they are.

        ``None`` where nothing is said.
        """
        if not isinstance(uri, str) or not code_value(uri):
            return None
        said = code_value(uri)
        return said.lower() if (name, folded(said)) in _MEANT else said

    def descriptor(self, name: str, meaning: str) -> str | None:
        """The descriptor that says it: the one the district uses most, else one that is there.

        Where nobody can ask the service it is the standard's own. ``None`` where there is no word
        for it. Raises ``Unheard`` where the service has to be asked first.
        """
        seen = self._seen.get((name, folded(meaning)))
        if seen:
            return seen.most_common(1)[0][0]
        words = STANDARD.get(name, {}).get(meaning, (meaning,) if name in FREE else ())
        # An administrator may have given words of the standard another meaning.
        free = [word for word in words if (name, folded(word)) not in self._own]
        own = [word for (of, word), meant in self._own.items() if (of, meant) == (name, meaning)]
        return self._said_by(name, [*own, *map(folded, free)], free[0] if free else None)

    def has(self, name: str, uris: Iterable[str] | None) -> None:
        """These are all the descriptors of that name that the service has.

        One that does not tell them (``None``) is taken to have the standard's.
        """
        self._there[name] = None if uris is None else list(islice(uris, _MOST_SEEN))

    def _said_by(self, name: str, words: Sequence[str], standard: str | None) -> str | None:
        """The descriptor of one of these words, or of one that the administrator explained so."""
        if self._asks and name not in self._there:
            raise Unheard(name)
        there = self._there.get(name)
        if there is None:
            return f"{_NAMESPACE}{name}#{standard}" if standard else None
        order = {word: place for place, word in enumerate(words)}
        found = [(order[word], uri) for uri in there if (word := folded(code_value(uri))) in order]
        return min(found)[1] if found else None

    def uses(self, name: str, meaning: str) -> bool:
        """Whether the district has been seen to say it."""
        return bool(self._seen.get((name, folded(meaning))))

    def worded(self, name: str, word: str) -> str | None:
        """The descriptor of that very word, as the district has it, else as the standard has it."""
        wanted = folded(word)
        for (of, _), uris in self._seen.items():
            if of == name:
                for uri in uris:
                    if folded(code_value(uri)) == wanted:
                        return uri
        words = (each for meant in STANDARD.get(name, {}).values() for each in meant)
        found = (each for each in words if folded(each) == wanted)
        return self._said_by(name, [wanted], next(found, word if name in FREE else None))

    def learnt(self) -> dict[str, Any]:
        """What is remembered; ``Words(own, learnt)`` knows it again."""
        seen = [
            [name, meaning, uri, count]
            for (name, meaning), uris in self._seen.items()
            for uri, count in uris.items()
        ]
        return {"seen": seen, "unmapped": dict(self.unmapped)}

    # -- what is remembered --

    def _meant(self, name: str, uri: str) -> str | None:
        key = name, uri
        if key not in self._known:
            if len(self._known) >= _MOST_SEEN:
                self._known.clear()
            word = name, folded(code_value(uri))
            self._known[key] = self._own.get(word) or _MEANT.get(word)
        return self._known[key]

    def _notice(self, name: str, meaning: str, uri: str) -> None:
        if "://" not in uri:
            return  # said without a namespace: nothing that could be said back
        uris = self._seen.get((name, folded(meaning)))
        if uris is not None and uri in uris:
            uris[uri] += 1
        elif self._kept < _MOST_SEEN:
            self._kept += 1
            self._seen.setdefault((name, folded(meaning)), Counter())[uri] = 1

    def _miss(self, said: str) -> None:
        if said in self.unmapped or len(self.unmapped) < _MOST_UNMAPPED:
            self.unmapped[said] += 1

    def _recall(self, learnt: Mapping[str, Any]) -> None:
        # It was written by this class; whatever else it has become by now is not worth an error.
        for one in _listed(learnt.get("seen"))[:_MOST_SEEN]:
            if isinstance(one, list | tuple) and tuple(map(type, one)) == _REMEMBERED:
                name, meaning, uri, count = one
                # An administrator may have said otherwise since.
                now = None if name in FREE else self._meant(name, uri)
                if name in FREE or (now is not None and folded(now) == meaning):
                    self._notice(name, meaning, uri)
                    if uri in self._seen.get((name, meaning), ()):
                        self._seen[name, meaning][uri] = count
        missed = learnt.get("unmapped")
        for said, count in missed.items() if isinstance(missed, dict) else ():
            name, _, word = said.partition("#")
            if isinstance(count, int) and self._meant(name, word) is None:
                self._miss(said)
                self.unmapped[said] = count


def _listed(said: object) -> list[Any]:
    return said if isinstance(said, list) else []
