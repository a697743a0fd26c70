"""The Ed-Fi kind of connector: an ODS/API, read and written (Ed-Fi Data Standard 3.3 to 5).

``vocabulary`` has the resources and their natural keys, ``descriptors`` what their words mean;
``discovery`` finds a service, ``token`` gets in, ``granted`` says what the key may do, and
``service`` is all of that; ``paging`` reads one resource, ``streams`` joins several to records on
the shelf, ``telling`` turns documents into canonical values and back, ``writing`` writes a change;
``problems`` reads what a service says is wrong; ``checking`` is *Test connection*; ``connector``
ties them. No input or output happens here. Found by its entry point ``edfi``; imported by nobody.
"""

from collections.abc import Mapping

import msgspec

from app.connectors.contract import (
    N_,
    Connector,
    Io,
    Preset,
    SecretName,
    State,
    Word,
    require_choices,
)
from app.connectors.edfi.presets import PRESETS
from app.connectors.edfi.settings import Settings, require_whole

_MAPPING = "edfi-1"
"""Counted up whenever ``telling`` would read the same document otherwise."""


class EdFi:
    """The kind ``edfi`` (``contract.Kind``)."""

    name = "edfi"
    label = N_("Ed-Fi (ODS/API)")
    settings: type[msgspec.Struct] = Settings
    secrets = (SecretName("secret", N_("Secret"), after="key"),)
    presets: tuple[Preset, ...] = PRESETS
    word_setting = "descriptor_map"
    admission_key = "access_token"

    def mapping_version(self, settings: Settings) -> str:
        """Changes whenever the same documents would be told otherwise (SEMANTICS B8)."""
        return f"{_MAPPING} {settings.rules()}"

    def source(self, settings: Settings) -> str:
        """The settings that may each lead to another roster or another part of it."""
        return settings.leads()

    def open(self, settings: Settings, secrets: Mapping[str, str], io: Io) -> Connector:
        """A connector ready to work. Raises ``ConfigError`` for settings that cannot work."""
        # Not before one is opened: whatever the program is started for, it reads the kinds.
        from app.connectors.edfi.connector import EdFiConnector

        require_choices(self, settings)
        require_whole(settings)
        return EdFiConnector(settings, secrets, io)

    def words(self, settings: Settings, learnt: State) -> list[Word]:
        """The descriptors that were met or explained, those without a meaning first."""
        from app.connectors.edfi import explaining

        return explaining.words(settings.descriptor_map, learnt)

    def meanings(self, said: str) -> tuple[str, ...]:
        """What a descriptor can mean; none where that is any text."""
        from app.connectors.edfi import explaining

        return explaining.meanings(said)

    def explained(self, settings: Settings, said: str, means: str) -> str:
        """The setting with a descriptor explained so; raises ``ConfigError``."""
        from app.connectors.edfi import explaining

        return explaining.explained(settings.descriptor_map, said, means)


KIND = EdFi()
