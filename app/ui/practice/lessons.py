"""Lessons of the practice district: something to merge, and something to approve.

What happens at the SIS happens at the SIS, a process of its own; what happens here are edits like
any other.
"""

from typing import Any

from app.compose import PRACTICE, PracticeSis, Program
from app.store import journal, linkage, reads
from app.store.reads import RecordRow
from app.text import _, plural

OFFICE, CLASSES = "office", "classes"
_FIELDS = {"phone": "phone", "email": "email", "preferredFirstName": "preferred_first_name"}
"""Fields that the office of the SIS changes, and what they are called here."""


def give(program: Program, sis: PracticeSis, name: str) -> dict[str, Any]:
    """Gives a lesson; what was done there, and under ``here`` how many were edited here.

    Of ``office`` the same fields are edited here as there. Raises ``TransientError`` where the SIS
    is gone, or has nobody left to change.
    """
    lesson = sis.lesson(name)
    edits = [one for one in _edits(program, lesson["fields"]) if one[0].values[one[1]] != one[2]]
    for row, field, value in edits:
        program.engine.edit("users", row.id, {field: value}, _("The office (practice)"))
    return {**lesson, "here": len(edits)}


def _edits(program: Program, fields: dict[str, str]) -> list[tuple[RecordRow, str, str]]:
    """(record, field, what it is changed to here) of the people with these keys at the SIS."""
    if not fields:
        return []
    with program.database.writing() as tx:
        connector = journal.connector(tx, PRACTICE).id
        stream = journal.streams(tx, connector, ("users",))["users"].id
        ids = linkage.records_by_key(tx, stream, fields, aliased=True)
    rows = {row.id: row for row in reads.records(program.database, "users", list(ids.values()))}
    found = ((rows[id_], _FIELDS[fields[key]]) for key, id_ in ids.items() if id_ in rows)
    return [(row, field, _otherwise(row, field)) for row, field in found if row.alive]


def _otherwise(row: RecordRow, field: str) -> str:
    """Another value than the one that stands here, and than the one that the SIS has by now."""
    said = str(row.values[field] or "")
    if field == "phone":
        return f"{said[:-4]}{(int(said[-4:]) + 37) % 10_000:04}"
    if field == "email":
        person, _at, domain = said.partition("@")
        return f"{person}@mail.{domain}"
    return f"{row.values['given_name']} {str(row.values['family_name'])[:1]}."


def told(name: str, lesson: dict[str, Any]) -> str:
    """What a lesson did, and what to do now."""
    changed = lesson["changed"]
    if name == CLASSES:
        count = len(changed.get("enrollments", {}).get("removed", ()))
        what = plural(
            "At the practice SIS, {{school}} lost {n} enrollment, as if somebody had sent the "
            "wrong term.",
            "At the practice SIS, {{school}} lost {n} enrollments, as if somebody had sent the "
            "wrong term.",
            count,
        ).format(school=lesson["school"])
        return _("{what} Run Sync Now, and see what waits for you under Decide.").format(what=what)
    what = plural(
        "The office of {{school}} changed {n} person at the practice SIS, and the same was changed "
        "here to something else.",
        "The office of {{school}} changed {n} people at the practice SIS, and the same was changed "
        "here to something else.",
        lesson["here"],
    ).format(school=lesson["school"])
    return _("{what} Run Sync Now, and settle the differences under Decide.").format(what=what)
