"""OneRoster 1.1 and 1.2 over REST (1EdTech): how rosters are read from a service that speaks one
of them, and how its gradebook is read and written.

``vocabulary`` has the standard's words; ``wire`` turns rows into canonical ones, and ``document``
puts canonical values back; ``address`` and ``service`` find the service, ``access`` gets in by
``oauth2``, ``oauth1`` or a given token; ``presets`` has what is known of vendors;
``paging`` reads a collection whole, ``single`` one record; ``joining`` makes one person of several
rows; ``writing`` writes a change;
``checking`` is *Test connection*; ``rest`` is the connector. No input or output happens here. Found
by its entry point ``oneroster``; imported by nobody.
"""

from collections.abc import Mapping
from typing import Annotated

import msgspec

from app.connectors.contract import (
    N_,
    Connector,
    Io,
    Preset,
    SecretName,
    Setting,
    require_choices,
)
from app.connectors.oneroster.presets import PRESETS
from app.connectors.oneroster.rest import RestConnector
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
from app.connectors.settings import (
    EXTENT,
    Concurrency,
    leading,
    require_counts,
    tidy_addresses,
)

_MAPPING = "oneroster-3"
"""Counted up whenever ``wire`` or ``vocabulary`` would read the same row otherwise."""

_LEAD = ("base_url", "token_url", "version", "client_id", "scope", "source")
"""The settings that may lead to another roster."""

_COUNTS = (("page_size", 0, 100_000), ("concurrency", 1, 10))
"""The settings that are numbers, each with the least and the most it may be."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an administrator tells about a OneRoster service."""

    base_url: Annotated[
        str,
        Setting(
            N_("Address"),
            N_("The address your SIS vendor gave you, such as https://sis.example.org"),
        ),
    ] = ""
    token_url: Annotated[
        str,
        Setting(N_("Token address"), N_("Leave blank to look in the usual places."), advanced=True),
    ] = ""
    auth: Annotated[
        str,
        Setting(
            N_("Signing in"),
            N_(
                "OAuth 2 is usual; OAuth 1 is found with OneRoster 1.1. A token that you were "
                "given is entered as the client secret."
            ),
            choices=("oauth2", "oauth1", "bearer"),
            labels={
                "oauth2": N_("OAuth 2: client ID and secret"),
                "oauth1": N_("OAuth 1: consumer key and secret"),
                "bearer": N_("A token that you were given"),
            },
        ),
    ] = "oauth2"
    client_id: Annotated[
        str, Setting(N_("Client ID"), N_("Also called consumer key. With a token there is none."))
    ] = ""
    version: Annotated[
        str,
        Setting(
            N_("OneRoster version"),
            choices=("auto", "1.1", "1.2"),
            labels={"auto": N_("Found automatically")},
        ),
    ] = "auto"
    demographics: Demographics = "off"
    resources: Resources = "off"
    gradebook: Annotated[
        str, Setting(N_("Gradebook"), choices=("off", "read", "write"), labels=EXTENT)
    ] = "off"
    assessments: Annotated[
        str,
        Setting(
            N_("Assessments"),
            N_("Assessment line items and results, which came with OneRoster 1.2."),
            choices=("off", "read", "write"),
            labels=EXTENT,
        ),
    ] = "off"
    signature: Annotated[
        str,
        Setting(
            N_("Signature"),
            N_("How requests are signed with OAuth 1."),
            choices=("HMAC-SHA256", "HMAC-SHA1"),
            advanced=True,
        ),
    ] = "HMAC-SHA256"
    scope: Annotated[
        str,
        Setting(
            N_("Scope"),
            N_("Leave blank unless your SIS vendor told you what to ask for."),
            advanced=True,
        ),
    ] = ""
    creates: Annotated[
        str,
        Setting(
            N_("New line items and results"),
            N_("Who gives them the ID that they have at the SIS."),
            choices=("put", "post"),
            labels={"put": N_("This program (PUT)"), "post": N_("The SIS (POST)")},
            advanced=True,
        ),
    ] = "put"
    page_size: Annotated[
        int,
        Setting(N_("Rows a page"), N_("0 leaves it to this program."), advanced=True),
    ] = 0
    concurrency: Concurrency = 1
    one_person: OnePerson = "off"
    primary_row: PrimaryRow = "primary_org"
    apart: Apart = ""
    grade_map: GradeMap = ""
    role_map: RoleMap = ""
    class_type_map: ClassTypeMap = ""
    source: Annotated[
        str, Setting("Source", "Names one SIS whose addresses change.", hidden=True)
    ] = ""

    def __post_init__(self) -> None:
        """Keeps each address as it is understood; what is none stays, to be told by ``open``."""
        tidy_addresses(self)


class OneRoster:
    """The kind ``oneroster`` (``contract.Kind``)."""

    name = "oneroster"
    label = N_("OneRoster (REST)")
    settings = Settings
    secrets = (SecretName("client_secret", N_("Client secret"), after="client_id"),)
    presets: tuple[Preset, ...] = PRESETS

    def mapping_version(self, settings: Settings) -> str:
        """Changes whenever the same row would be normalised otherwise (SEMANTICS B8)."""
        return f"{_MAPPING} {rules(settings)}"

    def source(self, settings: Settings) -> str:
        """The settings that may each lead to another roster or another part of it.

        How it is asked does not count, nor what has streams of its own, nor the rules by which rows
        are read (``mapping_version``); and the addresses do not where the source has a name.
        """
        return leading(settings, _LEAD)

    def open(self, settings: Settings, secrets: Mapping[str, str], io: Io) -> Connector:
        """A connector ready to work. Raises ``ConfigError`` for settings that cannot work."""
        require_choices(self, settings)
        require_counts(settings, _COUNTS)
        return RestConnector(settings, secrets, io)


KIND = OneRoster()
