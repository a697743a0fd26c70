"""What a record is called, and the few words that tell it from others of that name."""

from collections.abc import Iterator, Mapping
from datetime import date

from app.engine.told import value_text, word
from app.roster.entities import ENTITIES
from app.roster.schema import EntityType, FieldType
from app.roster.values import Date, Elements, Plain
from app.store.reads import RecordRow
from app.store.search import Named
from app.text import _, day, plural

ABOUT: Mapping[str, tuple[str, ...]] = {
    "orgs": ("type", "identifier"),
    "academic_sessions": ("type", "start_date", "end_date"),
    "courses": ("course_code", "org", "grades"),
    "classes": ("class_code", "school", "terms"),
    "users": ("roles", "grades", "identifier", "email"),
    "enrollments": ("role", "begin_date", "end_date", "school"),
    "line_items": ("class", "due_date"),
    "results": ("score_status", "score", "text_score", "score_date"),
}
"""The fields by which records of one name are told apart; of the others all that is short."""

FEW = 3
"""So many terms or roles are named."""


def text(one: FieldType, value: Plain, titles: Mapping[int, str]) -> str:
    """A value for people: records that it refers to by their names alone; blank for a blank."""
    if isinstance(one.kind, Date) and value is not None:
        return day(date.fromisoformat(value))
    return value_text(one, value, titles, with_ids=False) or ""


def title(row: RecordRow, titles: Mapping[int, str]) -> str:
    """What a record is called."""
    entity = ENTITIES[row.entity]
    parts = [text(entity.by_name[name], row.values[name], titles) for name in entity.title]
    refers = any(entity.by_name[name].references for name in entity.title)
    told = (" – " if refers else " ").join(filter(None, parts))
    return told or _("(no name)")


def about(named: Named, *, with_ended: bool = True) -> str:
    """What else to know it by, in one line; first of all that it has ended."""
    entity = ENTITIES[named.row.entity]
    told = filter(None, _about(entity, named))
    ended = with_ended and not named.row.alive
    return " · ".join((_("Ended"), *told) if ended else told)


def _about(entity: EntityType, named: Named) -> Iterator[str]:
    values, titles = named.row.values, named.titles
    if (roll := named.roll) is not None:
        yield ", ".join(roll.teachers[:FEW]) or _("no teacher")
        yield plural("{n} student", "{n} students", roll.students)
    for name in ABOUT.get(entity.name, entity.field_names):
        one = entity.by_name[name]
        if name in entity.title or values[name] is None:
            continue
        if name == "roles":
            yield from _roles(one, values[name], titles)
        elif name == "grades":
            yield _("Grade {grades}").format(grades=text(one, values[name], titles))
        elif name == "identifier":
            yield _("ID {id}").format(id=text(one, values[name], titles))
        elif isinstance(one.kind, Elements):
            continue
        elif one.kind.is_list:
            yield text(one, values[name][:FEW], titles)
        else:
            yield text(one, values[name], titles)


def _roles(one: FieldType, roles: Plain, titles: Mapping[int, str]) -> Iterator[str]:
    assert isinstance(one.kind, Elements)
    for part in ("role", "org"):
        place = one.kind.names.index(part)
        said = dict.fromkeys(element[place] for element in roles)
        named = [titles.get(each) or word(str(each)) for each in said if each is not None]
        yield ", ".join(named[:FEW])
