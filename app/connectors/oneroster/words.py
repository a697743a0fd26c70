"""What the words of one SIS mean: grades, roles and types of classes that it calls its own way.

An administrator may write them down (``Jr K=PK; Yr 13=13``); they go before what everybody means by
a word. REST and CSV use the same.
"""

from collections.abc import Callable
from dataclasses import dataclass

from app.connectors.oneroster.vocabulary import grade
from app.errors import ConfigError
from app.roster.entities import CLASS_TYPE, GRADES, ROLE

Meanings = tuple[tuple[str, str], ...]
"""What is said, folded, and what it means."""


@dataclass(frozen=True)
class Words:
    """What a SIS calls its own way; without any, everything is called by the standard."""

    grades: Meanings = ()
    roles: Meanings = ()
    class_types: Meanings = ()

    def meaning(self, field: str) -> Callable[[str], str] | None:
        """What a text in ``field`` of a row means; ``None`` where it means what it says."""
        if field == "grades":
            codes = dict(self.grades)
            return lambda said: codes.get(_folded(said)) or grade(said)
        own = {"role": self.roles, "roles": self.roles, "class_type": self.class_types}
        meant = dict(own.get(field, ()))
        return (lambda said: meant.get(_folded(said), said)) if meant else None


STANDARD = Words()
"""Nothing is called another way."""


def own_words(grade_map: str, role_map: str, class_type_map: str) -> Words:
    """The words that the three settings tell. Raises ``ConfigError`` where one is no such list."""
    return Words(
        _read("grade_map", grade_map, _grade, GRADES),
        _read("role_map", role_map, ROLE.meant, ROLE.words),
        _read("class_type_map", class_type_map, CLASS_TYPE.meant, CLASS_TYPE.words),
    )


def _grade(said: str) -> str | None:
    found = grade(said)
    return found if found in GRADES else None


def _read(
    setting: str, text: str, meant: Callable[[str], str | None], known: tuple[str, ...]
) -> Meanings:
    """The pairs of ``text``: what is said, ``=``, what is meant; ``;`` between two of them."""
    found: dict[str, str] = {}
    for part in text.split(";"):
        if not part.strip():
            continue
        said, _, means = (each.strip() for each in part.partition("="))
        if not said or not means:
            raise ConfigError("word_without_meaning", setting=setting, part=part.strip())
        meaning = meant(means)
        if meaning is None:
            told = {"setting": setting, "value": means, "known": ", ".join(known)}
            raise ConfigError("word_means_nothing_known", **told)
        if found.setdefault(_folded(said), meaning) != meaning:
            raise ConfigError("word_means_two_things", setting=setting, value=said)
    return tuple(found.items())


def _folded(said: str) -> str:
    return " ".join(said.split()).casefold()
