"""What an administrator tells about an Ed-Fi service; forms and options derive from it."""

from typing import Annotated

import msgspec

from app.connectors.contract import N_, Setting
from app.connectors.settings import (
    EXTENT,
    Concurrency,
    leading,
    require_counts,
    tidy_addresses,
    told,
)
from app.errors import ConfigError

_SWITCH = {"off": N_("Off"), "on": N_("On")}

_LEAD = ("base_url", "token_url", "instance", "school_year", "key", "guardians", "source")
"""The settings that may lead to another roster, or to another part of it."""

_RULES = ("descriptor_map", "sessions_joined", "guardians", "one_person")
"""The settings by which the same documents are read otherwise."""

COUNTS = (("page_size", 0, 500), ("concurrency", 1, 10))
"""The settings that are numbers, each with the least and the most it may be."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one Ed-Fi service."""

    base_url: Annotated[
        str,
        Setting(
            N_("Address"),
            N_("The address of the ODS/API, such as https://api.example.org/v7.3/api"),
        ),
    ] = ""
    key: Annotated[
        str,
        Setting(N_("Key"), N_("The key that the host of the service gave to this program.")),
    ] = ""
    rosters: Annotated[
        str,
        Setting(
            N_("Students, guardians and their places"),
            N_(
                "Whether changes of people, of the schools they attend and of their classes are "
                "sent to the SIS."
            ),
            choices=("read", "write"),
            labels=EXTENT,
        ),
    ] = "read"
    guardians: Annotated[
        str,
        Setting(
            N_("Guardians"),
            N_("The contacts of students. Leave off what nobody here needs."),
            choices=("off", "on"),
            labels=_SWITCH,
        ),
    ] = "off"
    demographics: Annotated[
        str,
        Setting(
            N_("Demographics"),
            N_("Birth dates, sex and race. Leave off what nobody here needs."),
            choices=("off", "read", "write"),
            labels=EXTENT,
        ),
    ] = "off"
    gradebook: Annotated[
        str, Setting(N_("Gradebook"), choices=("off", "read", "write"), labels=EXTENT)
    ] = "off"
    grades: Annotated[
        str,
        Setting(
            N_("Report grades"),
            N_("The grades of a grading period; each kind becomes a line item of its class."),
            choices=("off", "read", "write"),
            labels=EXTENT,
        ),
    ] = "off"
    assessments: Annotated[
        str, Setting(N_("Assessments"), choices=("off", "read", "write"), labels=EXTENT)
    ] = "off"
    descriptor_map: Annotated[
        str,
        Setting(
            N_("Descriptors"),
            N_(
                "What the SIS says and what it means, such as: GradeLevelDescriptor#Jr "
                "Kindergarten=PK; ClassroomPositionDescriptor#Co-Teacher=teacher"
            ),
            advanced=True,
            longest=20_000,
        ),
    ] = ""
    sessions_joined: Annotated[
        str,
        Setting(
            N_("One term for all schools"),
            N_(
                "An Ed-Fi service has every term once for each school. Those of one name with the "
                "same dates become one."
            ),
            choices=("on", "off"),
            labels=_SWITCH,
            advanced=True,
        ),
    ] = "on"
    one_person: Annotated[
        str,
        Setting(
            N_("Staff who are guardians"),
            N_(
                "Who works here and is a guardian has two entries in an Ed-Fi service. They become "
                "one person where it is certain: the same unique ID and email address, or the "
                "same Person of Ed-Fi."
            ),
            choices=("on", "off"),
            labels={"on": N_("One person"), "off": N_("Two persons")},
            advanced=True,
        ),
    ] = "on"
    namespace: Annotated[
        str,
        Setting(
            N_("Namespace"),
            N_(
                "What marks the line items that are made here, such as uri://example.org. Leave "
                "blank to take the first that the key may use."
            ),
            advanced=True,
            longest=255,
        ),
    ] = ""
    school_year: Annotated[
        str,
        Setting(
            N_("School year in the address"),
            N_("Where a service keeps each year apart: the year, such as 2027."),
            advanced=True,
            longest=4,
        ),
    ] = ""
    instance: Annotated[
        str,
        Setting(
            N_("Instance in the address"),
            N_("Where a service has several instances or tenants: the name of yours."),
            advanced=True,
            longest=200,
        ),
    ] = ""
    token_url: Annotated[
        str,
        Setting(
            N_("Token address"),
            N_("Leave blank to take the one that the service tells."),
            advanced=True,
        ),
    ] = ""
    credentials: Annotated[
        str,
        Setting(
            N_("Key and secret are sent"),
            choices=("auto", "header", "body"),
            labels={
                "auto": N_("As the service wants them"),
                "header": N_("In a header (Basic)"),
                "body": N_("In the request"),
            },
            advanced=True,
        ),
    ] = "auto"
    paging: Annotated[
        str,
        Setting(
            N_("Paging"),
            N_("Cursors came with ODS/API 7.3."),
            choices=("auto", "cursor", "offset"),
            labels={
                "auto": N_("As the service can"),
                "cursor": N_("By cursor"),
                "offset": N_("By offset"),
            },
            advanced=True,
        ),
    ] = "auto"
    change_queries: Annotated[
        str,
        Setting(
            N_("Change queries"),
            N_("With them a sync reads only what has changed."),
            choices=("auto", "off"),
            labels={"auto": N_("Used where they are offered"), "off": N_("Off")},
            advanced=True,
        ),
    ] = "auto"
    snapshots: Annotated[
        str,
        Setting(
            N_("Snapshots"),
            N_("Reads from a copy of the database that stands still, where the host makes one."),
            choices=("off", "on"),
            labels=_SWITCH,
            advanced=True,
        ),
    ] = "off"
    page_size: Annotated[
        int,
        Setting(N_("Rows a page"), N_("At most 500; 0 leaves it to this program."), advanced=True),
    ] = 0
    concurrency: Concurrency = 1
    source: Annotated[
        str,
        Setting(
            N_("Name of the source"),
            N_(
                "A name of your own for a service whose address changes, so that it is still "
                "taken for the same one."
            ),
            advanced=True,
            longest=200,
        ),
    ] = ""

    def __post_init__(self) -> None:
        """Keeps each address as it is understood; what is none stays, to be told by ``open``."""
        tidy_addresses(self)

    def leads(self) -> str:
        """The settings that may lead to another roster (``contract.Kind.source``).

        The addresses do not where the source has a name. Report grades come in streams that the
        gradebook has, too: what has come of one is no base for both.
        """
        graded = "" if self.grades == "off" else "grades"
        both = " and gradebook" if graded and self.gradebook != "off" else ""
        return f"{leading(self, _LEAD)} {graded}{both}".rstrip()

    def rules(self) -> str:
        """The settings by which the same documents are read otherwise (SEMANTICS B8)."""
        return told(self, _RULES)


def require_whole(settings: Settings) -> None:
    """Raises ``ConfigError`` for numbers out of their range and for what is no year."""
    require_counts(settings, COUNTS)
    year = settings.school_year.strip()
    if year and not (len(year) == 4 and year.isascii() and year.isdecimal()):
        raise ConfigError("setting_not_a_year", setting="school_year", value=settings.school_year)
