"""OneRoster 1.2 over REST (1EdTech): how rosters are read from a service that speaks it, and how
its gradebook is read and written.

``vocabulary`` has the standard's words; ``wire`` turns rows into canonical ones, and ``document``
puts canonical values back; ``address``, ``oauth2`` and ``service`` find the service and get in;
``paging`` reads a collection whole, ``single`` one record; ``writing`` writes a change;
``checking`` is *Test connection*; ``rest`` is the connector. No input or output happens here. Found
by its entry point ``oneroster``; imported by nobody.
"""

import contextlib
from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import structs

from app.connectors.contract import Connector, Io, Preset, SecretName, Setting
from app.connectors.oneroster.address import tidy
from app.connectors.oneroster.rest import RestConnector
from app.errors import ConfigError

_MAPPING = "oneroster-2"
"""Counted up whenever ``wire`` or ``vocabulary`` would read the same row otherwise."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an administrator tells about a OneRoster service."""

    base_url: Annotated[
        str,
        Setting("Address", "The address your SIS vendor gave you, such as https://sis.example.org"),
    ] = ""
    token_url: Annotated[
        str, Setting("Token address", "Leave blank to look in the usual places.")
    ] = ""
    version: Annotated[str, Setting("OneRoster version", choices=("1.2", "auto"))] = "1.2"
    auth: Annotated[str, Setting("Signing in", choices=("oauth2",))] = "oauth2"
    client_id: Annotated[str, Setting("Client ID")] = ""
    scope: Annotated[
        str, Setting("Scope", "Leave blank unless your SIS vendor told you what to ask for.")
    ] = ""
    gradebook: Annotated[str, Setting("Gradebook", choices=("off", "read", "write"))] = "off"
    creates: Annotated[
        str,
        Setting(
            "New line items and results",
            "put gives them an ID of ours; with post the SIS gives one of its own.",
            choices=("put", "post"),
        ),
    ] = "put"
    source: Annotated[
        str, Setting("Source", "Names one SIS whose addresses change.", hidden=True)
    ] = ""

    def __post_init__(self) -> None:
        """Keeps each address as it is understood; what is none stays, to be told by ``open``."""
        for name in ("base_url", "token_url"):
            with contextlib.suppress(ConfigError):
                structs.force_setattr(self, name, tidy(getattr(self, name), name))


class OneRoster:
    """The kind ``oneroster`` (``contract.Kind``)."""

    name = "oneroster"
    label = "OneRoster (REST)"
    settings = Settings
    secrets = (SecretName("client_secret", "Client secret"),)
    presets: tuple[Preset, ...] = ()

    def mapping_version(self, settings: Settings) -> str:
        """Changes whenever the same row would be normalised otherwise (SEMANTICS B8)."""
        return _MAPPING

    def source(self, settings: Settings) -> str:
        """All settings, since each may lead to another roster or part of it.

        But for those of the gradebook, which has streams of its own; and the addresses do not count
        where the source has a name apart from them.
        """
        settings = structs.replace(settings, gradebook="off", creates="put")
        if settings.source:
            settings = structs.replace(settings, base_url="", token_url="")
        return msgspec.json.encode(settings).decode()

    def open(self, settings: Settings, secrets: Mapping[str, str], io: Io) -> Connector:
        """A connector ready to work. Raises ``ConfigError`` for settings that cannot work."""
        return RestConnector(settings, secrets, io)


KIND = OneRoster()
