"""Record types, schools and records by the names that people have for them."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from app.engine.judging import schools_of
from app.errors import NotFound, UsageError
from app.roster.entities import ENTITIES, ROLE
from app.roster.schema import EntityType, FieldType
from app.store import finding, reads
from app.store.database import Database
from app.text import _

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class _RecordType(click.ParamType[str]):
    """A record type by its code, or by what the screen calls it: ``users`` or “People”."""

    name = "type"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The code; raises ``NotFound`` for what is neither."""
        wanted = str(value).strip().casefold().replace("_", " ")
        for code, type_ in ENTITIES.items():
            labels = (_(type_.one).casefold(), _(type_.many).casefold())
            if wanted in (code.replace("_", " "), *labels):
                return code
        if (role := ROLE.meant(wanted.removesuffix("s"))) is not None:
            raise NotFound("entity_is_role", entity=str(value), role=role)
        known = ", ".join(_both(code, _(type_.many)) for code, type_ in ENTITIES.items())
        raise NotFound("entity_unknown", entity=str(value), known=known)


def _both(code: str, label: str) -> str:
    """Both names of something, or the one where they are the same."""
    return code if label.casefold() == code.replace("_", " ") else f"{code} ({label})"


RECORD_TYPE = _RecordType()

TYPE = click.argument("entity", metavar="TYPE", type=RECORD_TYPE)
"""The type of the records that a command is about."""


def of_type(words: str) -> Callable[[Decorated], Decorated]:
    """The option that narrows a command to one type of record."""
    return click.option("--entity", metavar="TYPE", type=RECORD_TYPE, help=words)


def at_school(words: str) -> Callable[[Decorated], Decorated]:
    """The option that narrows a command to one school."""
    return click.option("--school", "school_word", metavar="SCHOOL", help=words)


def field(entity: EntityType, word: str) -> FieldType:
    """The field of that name or label; raises ``NotFound``."""
    wanted = word.strip()
    for one in entity.fields:
        if wanted == one.name or wanted.casefold() == _(one.label).casefold():
            return one
    known = ", ".join(_both(one.name, _(one.label)) for one in entity.fields)
    raise NotFound("field_unknown", entity=entity.name, field=word, known=known)


def role(word: str) -> str:
    """A role as the standard spells it; raises ``NotFound`` for a word that is none."""
    found = ROLE.meant(word)
    if found is None:
        raise NotFound("role_unknown", role=word, known=", ".join(ROLE.words))
    return found


def school(database: Database, word: str | None) -> int | None:
    """The record id of a school that was named by its id, its name or its key.

    0 stands for what has none. Raises ``NotFound`` and ``UsageError``.
    """
    if word is None:
        return None
    text = word.strip().removeprefix("#")
    if text == "0":
        return 0
    if text.isascii() and text.isdigit() and reads.titles(database, ("orgs", [_id(text)])):
        return _id(text)
    found = finding.schools_called(database, text)
    if not found:
        raise NotFound("school_unknown", name=word)
    if len(found) > 1:
        ids = ", ".join(map(str, found))
        raise UsageError("school_ambiguous", name=word, ids=ids)
    return found[0]


def _id(text: str) -> int:
    """A number that the database knows, or none that is there."""
    return int(text) if len(text) < 19 else -1


def in_school(database: Database, entity: str, ids: list[int], school: int) -> list[int]:
    """Those of the records that count in a school."""
    places = finding.places(database, entity, ids)
    type_ = ENTITIES[entity]
    return [id_ for id_ in ids if school in schools_of(type_, places.get(id_), today="")]


def called(entity: str, id_: int, title: str | None) -> str:
    """A record by its name, its type and its id."""
    type_ = _(ENTITIES[entity].one).lower()
    return f"{title} ({type_} #{id_})" if title else f"{type_} #{id_}"


def school_text(school: int, title: str | None) -> str:
    """A school by its name and id."""
    if not school:
        return _("The district")
    return f"{title} (#{school})" if title else f"#{school}"
