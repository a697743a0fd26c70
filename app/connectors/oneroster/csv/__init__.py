"""OneRoster CSV 1.0, 1.1 and 1.2 (1EdTech): how rosters are read out of a folder, a ZIP or a
watched folder of either, and how they are written into one.

``columns`` is what the standard says of the files, for reading and for writing. Reading: ``sets``
finds the files, ``age`` and ``choosing`` tell which of them are read, ``lines``, ``heading`` and
``rows`` take them apart, ``survey`` looks them through before anything is believed, ``cells`` turns
texts into canonical values, ``reading`` pulls a stream; ``examining`` tells every fault and
``checking`` is *Test connection*; ``connector`` is the connector. Found by its entry point
``oneroster-csv``.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import structs

from app.connectors.contract import (
    N_,
    Connector,
    Io,
    Preset,
    SecretName,
    Setting,
    require_choices,
)
from app.connectors.oneroster.csv.connector import CsvConnector
from app.connectors.oneroster.settings import (
    Apart,
    ClassTypeMap,
    Demographics,
    GradeMap,
    OnePerson,
    PrimaryRow,
    Resources,
    RoleMap,
    rules,
)
from app.connectors.settings import EXTENT

_MAPPING = "oneroster-csv-1"
"""Counted up whenever ``cells`` or ``columns`` would read the same row otherwise."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an administrator tells about OneRoster files."""

    path: Annotated[
        str,
        Setting(
            N_("Folder or ZIP"),
            N_(
                "Where your SIS puts the files. A folder of several exports is read from its "
                "newest whole one on; put dates into their names."
            ),
            path=True,
        ),
    ] = ""
    demographics: Demographics = "off"
    gradebook: Annotated[str, Setting(N_("Gradebook"), choices=("off", "read"), labels=EXTENT)] = (
        "off"
    )
    resources: Resources = "off"
    one_person: OnePerson = "off"
    primary_row: PrimaryRow = "primary_org"
    apart: Apart = ""
    grade_map: GradeMap = ""
    role_map: RoleMap = ""
    class_type_map: ClassTypeMap = ""

    def __post_init__(self) -> None:
        """Keeps the path as it will be found from anywhere; of a file of a set, its folder."""
        if self.path:
            path = Path(self.path).expanduser().absolute()
            told = path.parent if path.suffix.lower() == ".csv" else path
            structs.force_setattr(self, "path", str(told))


class OneRosterCsv:
    """The kind ``oneroster-csv`` (``contract.Kind``)."""

    name = "oneroster-csv"
    label = N_("OneRoster (CSV files)")
    settings = Settings
    secrets: tuple[SecretName, ...] = ()
    presets: tuple[Preset, ...] = ()

    def mapping_version(self, settings: Settings) -> str:
        """Changes whenever the same row would be normalised otherwise (SEMANTICS B8)."""
        return f"{_MAPPING} {rules(settings)}"

    def source(self, settings: Settings) -> str:
        """Where the files are: other files tell of another roster."""
        return settings.path

    def open(self, settings: Settings, secrets: Mapping[str, str], io: Io) -> Connector:
        """A connector ready to work. Raises ``ConfigError`` for settings that cannot work."""
        require_choices(self, settings)
        return CsvConnector(settings, io)


KIND = OneRosterCsv()
