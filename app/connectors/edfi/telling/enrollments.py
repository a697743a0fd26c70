"""Places in sections: of students, and of the staff who teach there."""

from app.connectors.contract import Row
from app.connectors.edfi.descriptors import NOTHING, Words
from app.connectors.edfi.keys import record_key
from app.connectors.edfi.telling import references
from app.connectors.edfi.telling.days import end_after
from app.connectors.edfi.telling.fields import FIELDS
from app.connectors.edfi.telling.patch import Parts, Patch, at
from app.connectors.edfi.vocabulary import Document

STUDENTS, STAFF = "studentSectionAssociations", "staffSectionAssociations"
PRIMARY = "primary teacher"
"""What the position of the teacher of record means: the primary teacher of the class."""


def student_place(key: str, parts: Parts, words: Words) -> Row:
    """A student's place; one that has ended stays, with the day it ended."""
    (document,) = parts[STUDENTS]
    patch = _place(document, words)
    patch.say("user", references.student(document))
    patch.say("role", "student")
    return patch.row(record_key(STUDENTS, key))


def staff_place(key: str, parts: Parts, words: Words) -> Row:
    """The place of a member of staff; the teacher of record is the primary teacher."""
    (document,) = parts[STAFF]
    patch = _place(document, words)
    patch.say("user", references.staff(document))
    said = at(document, "classroomPositionDescriptor")
    position = patch.meaning("role", "ClassroomPositionDescriptor", said)
    if position is not None:
        role = "teacher" if position == PRIMARY else position
        patch.say("role", None if role == NOTHING else role)
        patch.say("primary", position == PRIMARY)
    return patch.row(record_key(STAFF, key))


def _place(document: Document, words: Words) -> Patch:
    patch = Patch("enrollments", FIELDS["enrollments"], words)
    of = at(document, "sectionReference")
    patch.say("class", references.section(of))
    patch.say("school", references.key_of("schools", at(of, "schoolId")))
    patch.say("begin_date", at(document, "beginDate"))
    patch.say("end_date", end_after(at(document, "endDate")))
    return patch
