"""Switches of the ODS as somebody types them: ``NAME[=VALUE][@RESOURCE][:TIMES]``."""

import re
from collections.abc import Iterable

from .switches import Switches

_ASKED = re.compile(
    r"(?P<name>[^=@:]+)(?:=(?P<value>[^@:]*))?(?:@(?P<resource>[^:]*))?(?::(?P<times>.*))?"
)


def switch_on(switches: Switches, texts: Iterable[str]) -> None:
    """Switch on what is asked for, such as ``lock-error@students:2``.

    Raises ValueError with a sentence; those before it are on.
    """
    for text in texts:
        asked = _ASKED.fullmatch(text)
        if asked is None:
            raise ValueError(f"'{text}' does not name a switch.")
        value, times = _number(asked["value"]), _number(asked["times"])
        switches.switch_on(asked["name"], value, asked["resource"], times)


def check(texts: Iterable[str]) -> None:
    """Raises ValueError with a sentence where these could not be on together."""
    switch_on(Switches(), texts)


def _number(text: str | None) -> int | float | str | None:
    """What a number is typed for; any other text is for whoever judges it to refuse."""
    if text is None:
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
