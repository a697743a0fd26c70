"""What the settings of services have in common, each declared once; for every kind that has one."""

import contextlib
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import structs

from app.connectors.addresses import tidy
from app.connectors.contract import N_, Setting
from app.errors import ConfigError

EXTENT = {"off": N_("Off"), "read": N_("Only read"), "write": N_("Read and write")}
"""What people read for how far something is switched on."""

Concurrency = Annotated[
    int,
    Setting(
        N_("Requests at once"), N_("Some SIS ask for 1 while schools are open."), advanced=True
    ),
]
ADDRESSES = ("base_url", "token_url")
"""The settings that are addresses."""


def tidy_addresses(settings: msgspec.Struct) -> None:
    """Keeps each address as it is understood; what is none stays, to be told when it is used."""
    for name in ADDRESSES:
        with contextlib.suppress(ConfigError):
            structs.force_setattr(settings, name, tidy(getattr(settings, name), name))


def require_counts(settings: Any, counts: Iterable[tuple[str, int, int]]) -> None:
    """Raises ``ConfigError`` for a setting that is less than its least, or more than its most."""
    for name, least, most in counts:
        if not least <= (value := getattr(settings, name)) <= most:
            told = {"setting": name, "value": value, "least": least, "most": most}
            raise ConfigError("setting_out_of_range", **told)


def told(settings: Any, names: Sequence[str]) -> str:
    """What some settings say, in one text that nobody has to understand."""
    return msgspec.json.encode({name: getattr(settings, name) for name in names}).decode()


def leading(settings: Any, names: Sequence[str]) -> str:
    """What those say that may lead to another roster: no address does where the source has a name.

    See ``contract.Kind.source``.
    """
    return told(settings, [one for one in names if not (settings.source and one in ADDRESSES)])
