"""Values as people read them, the same in every front end."""

from collections.abc import Mapping

from app.errors import Parameter
from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE
from app.roster.schema import FieldType
from app.roster.values import Choice, Elements, Kind, Plain, SetOf
from app.roster.vocabulary import READ_AS
from app.text import N_, _, plural, sentence


def cell(value: object) -> str:
    """One value as a person reads it; ``None`` is blank."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,g}"
    return str(value)


def word(value: str) -> str:
    """A word of a vocabulary, such as a role, in the person's language; any other as it is."""
    return _(READ_AS[value]) if value in READ_AS else value


ID_TYPES = {
    "stateId": N_("State ID"),
    "districtId": N_("District ID"),
    "schoolId": N_("School ID"),
    "studentId": N_("Student ID"),
    "staffId": N_("Staff ID"),
}
"""Types of IDs that several SIS name so; any other is told as it is."""


def value_text(
    one: FieldType, value: Plain, titles: Mapping[int, str], *, with_ids: bool = True
) -> str | None:
    """A value as a person reads it; a record that is referred to by its title, and ``with_ids``."""
    if value is None:
        return None
    places = {place for place, _target in one.references}

    def named(part: Plain, place: int | None, kind: Kind) -> str:
        if place in places and isinstance(part, int):
            if part not in titles:
                return _("#{id} (not in the roster)").format(id=part)
            if titles[part]:
                return f"{titles[part]} (#{part})" if with_ids else titles[part]
            return f"#{part}"
        return word(part) if isinstance(kind, Choice) else cell(part)

    if isinstance(one.kind, Elements):
        names, kinds = one.kind.names, one.kind.kinds
        told = []
        for element in value:
            parts = [named(part, place, kinds[place])
                     for place, part in enumerate(element) if part is not None]  # fmt: skip
            if names[0] == "type" and element[0] is not None and len(parts) > 1:
                told.append(f"{_(ID_TYPES.get(parts[0], parts[0]))}: {', '.join(parts[1:])}")
            else:
                told.append(", ".join(parts))
        return "; ".join(told)
    if isinstance(one.kind, SetOf):
        return ", ".join(named(part, None, one.kind.part) for part in value)
    return named(value, None, one.kind)


def log_parameters(entity: str | None, parameters: Mapping[str, Parameter]) -> dict[str, Parameter]:
    """What a line of a log tells, with fields and what is wrong with their values in words."""
    told = dict(parameters)
    if isinstance(name := told.get("entity"), str):
        told["entity"] = entity_word(name)
    if entity is not None and isinstance(field := told.get("field"), str):
        told["field"] = part_word(entity, field)
    if isinstance(what := told.get("what"), str) and what.startswith("odd_"):
        code, _space, said = what.partition(" ")
        told["what"] = sentence(code, {"word": said})
    if "rule" in told:
        told["place"] = _("one class") if told["rule"] == "emptied_class" else _("one school")
    return told


def entity_word(entity: str) -> str:
    """What records of a type are called in the person's language."""
    return _(ENTITIES[entity].many) if entity in ENTITIES else entity


def counted(count: int, entity: str) -> str:
    """So many records of a type, in words: “1 person”, “42 people”; of several “42 records”."""
    if not entity:
        return plural("{n} record", "{n} records", count)
    type_ = ENTITIES[entity]
    return f"{count:,} {_(type_.one if count == 1 else type_.many).lower()}"


def part_word(entity: str, part: str) -> str:
    """A field or a group of fields in the person's language."""
    labels = [_(one.label) for one in ENTITIES[entity].fields if part in (one.name, one.group)]
    return " · ".join(labels) or (_("being there") if part == ALIVE else part)
