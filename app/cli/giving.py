"""Values, secrets and authors, as people give them on the command line."""

import sys
from collections.abc import Sequence

import click
import msgspec

from app.cli.naming import field
from app.errors import UsageError
from app.roster.schema import EntityType, FieldType
from app.text import _

AUTHOR = click.option(
    "--author", metavar="NAME", help=_("In whose name it is done, unless it is you.")
)

VALUES = click.option(
    "--set",
    "pairs",
    multiple=True,
    metavar="FIELD=VALUE",
    help=_(
        "A value: plain text; nothing or null for blank; true or false; the id of a record; JSON "
        "for a list that has parts."
    ),
)


def given(entity: EntityType, pairs: Sequence[str]) -> dict[str, object]:
    """The values by field, which may be called by its label.

    Raises ``UsageError`` for what is no pair, no field or broken JSON; whether a value fits its
    field is for the engine to say.
    """
    found: dict[str, object] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise UsageError("field_not_a_pair")
        one = field(entity, name)
        found[one.name] = _value(one, text.strip())
    return found


def _value(one: FieldType, text: str) -> object:
    if text in ("", "null"):
        return None
    if one.kind.is_list and text[0] in "[{":
        try:
            parts = msgspec.json.decode(text)
        except msgspec.DecodeError:
            raise UsageError("value_not_json", field=one.name) from None
        return [parts] if isinstance(parts, dict) else parts
    if one.references:
        ids = [_id(word.strip()) for word in text.split(",")]
        return ids if one.kind.is_list else _id(text)
    return text


def _id(text: str) -> object:
    """A record id; what is none stays as it is, for the engine to refuse."""
    return int(text) if text.isascii() and text.isdigit() else text


def given_secrets(of: str, hidden: Sequence[str], piped: Sequence[str]) -> dict[str, str]:
    """Secrets by key: the ``hidden`` are asked for, unseen; the ``piped`` are lines of input.

    Raises ``UsageError`` where there is nobody to ask, and for a blank one.
    """
    if hidden and not sys.stdin.isatty():
        raise UsageError("secret_not_asked", key=hidden[0])
    found = {key: sys.stdin.readline().rstrip("\r\n") for key in piped}
    for key in hidden:
        found[key] = click.prompt(f"{of}: {key}", hide_input=True, err=True)
    for key, secret in found.items():
        if not secret:
            raise UsageError("secret_blank", key=key)
    return found
