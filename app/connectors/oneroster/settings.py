"""The settings that more than one OneRoster kind has, each declared once."""

from typing import Annotated, Any

from app.connectors.contract import N_, Setting
from app.connectors.settings import EXTENT, told

Demographics = Annotated[
    str,
    Setting(
        N_("Demographics"),
        N_("Birth dates, sex and race. Leave off what nobody here needs."),
        choices=("off", "read"),
        labels=EXTENT,
    ),
]
Resources = Annotated[
    str,
    Setting(
        N_("Resources"), N_("Digital books and tools."), choices=("off", "read"), labels=EXTENT
    ),
]
JOINED_BY = ("identifier", "user_master_identifier", "username", "email")
"""What several rows of one person may have in common."""
OnePerson = Annotated[
    str,
    Setting(
        N_("One person, several rows"),
        N_(
            "Some SIS list a person once for each school or role. Choose what such rows have in "
            "common, and they become one person."
        ),
        choices=("off", *JOINED_BY),
        labels={
            "off": N_("Off"),
            "identifier": N_("Local ID"),
            "user_master_identifier": N_("Master ID"),
            "username": N_("Username"),
            "email": N_("Email address"),
        },
        advanced=True,
    ),
]
PrimaryRow = Annotated[
    str,
    Setting(
        N_("The row that counts"),
        N_("Of several rows of one person, the one whose name and email are taken."),
        choices=("primary_org", "newest", "first"),
        labels={
            "primary_org": N_("The one of the primary school"),
            "newest": N_("The one that was changed last"),
            "first": N_("The one that comes first"),
        },
        advanced=True,
    ),
]
Apart = Annotated[
    str,
    Setting(
        N_("Kept apart"),
        N_("The IDs of rows that are never joined with others, with a space between them."),
        advanced=True,
        longest=30_000,
    ),
]
GradeMap = Annotated[
    str,
    Setting(
        N_("Grades"),
        N_("What the SIS says and what it means, such as: Jr K=PK; Yr 13=13"),
        advanced=True,
    ),
]
RoleMap = Annotated[
    str,
    Setting(
        N_("Roles"),
        N_("What the SIS says and what it means, such as: instructor=teacher; pupil=student"),
        advanced=True,
    ),
]
ClassTypeMap = Annotated[
    str,
    Setting(
        N_("Class types"),
        N_("What the SIS says and what it means, such as: advisory=homeroom"),
        advanced=True,
    ),
]

_RULES = ("one_person", "primary_row", "apart", "grade_map", "role_map", "class_type_map")


def rules(settings: Any) -> str:
    """The settings by which the same rows are read otherwise, in one text (SEMANTICS B8)."""
    return told(settings, _RULES)
