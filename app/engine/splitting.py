"""People say which rows of a SIS are one person, against the rule by which they are joined (A5).

What is kept apart stands in the connector's settings, so it holds for whoever reads them; the next
sync reads everything by the new rule.
"""

import json
from collections.abc import Collection, Sequence

import msgspec

from app.connectors.contract import APART
from app.engine.opening import known_kind, read_settings
from app.engine.world import World
from app.errors import ConfigError, UsageError
from app.store import journal, reads


def split(world: World, entity: str, record: int, keys: Sequence[str]) -> list[str]:
    """The rows of these keys are joined to no others from now on; the connectors it is about.

    Raises ``NotFound``, ``UsageError`` for what is no row of the record or no row among several,
    and where more would be kept apart than a setting holds; then nothing was changed.
    """
    links = reads.record(world.database, entity, record).links
    rows = {key: link.connector for link in links if len(link.rows) > 1 for key in link.rows}
    _known(keys, rows, "row_not_of_record", none="row_alone")
    for key in keys:
        if len(key.split()) > 1:
            raise UsageError("row_key_spaced", key=key)
    return _kept(world, keys, rows, apart=True)


def join(world: World, entity: str, record: int, keys: Sequence[str]) -> list[str]:
    """The rows of these keys are joined by the rule again; raises as ``split``.

    ``record`` may be the one that they were split off from as well as what became of them.
    """
    names = {link.connector for link in reads.record(world.database, entity, record).links}
    with world.database.reading() as tx:
        rows = {
            key: one.name
            for one in journal.connectors(tx)
            if one.name in names
            for key in str(json.loads(one.settings).get(APART, "")).split()
        }
    _known(keys, rows, "row_not_apart", none="row_none_apart")
    return _kept(world, keys, rows, apart=False)


def _known(keys: Sequence[str], rows: Collection[str], code: str, none: str) -> None:
    """Raises ``UsageError`` for a key that is not among the rows, and where there are ``none``."""
    for key in keys:
        if not rows:
            raise UsageError(none)
        if key not in rows:
            raise UsageError(code, key=key, known=", ".join(sorted(rows)))


def _kept(world: World, keys: Sequence[str], rows: dict[str, str], *, apart: bool) -> list[str]:
    """Writes the settings of the connectors whose ``rows`` the ``keys`` are."""
    names = sorted({rows[key] for key in keys})
    with world.database.writing() as tx:
        for name in names:
            row = journal.connector(tx, name)
            told = json.loads(row.settings)
            mine = {key for key in keys if rows[key] == name}
            before = set(str(told.get(APART, "")).split())
            told[APART] = " ".join(sorted(before | mine if apart else before - mine))
            try:
                struct = read_settings(known_kind(world, row.kind), told)
            except ConfigError as error:
                if error.parameters.get("setting") == APART:
                    raise UsageError("rows_apart_full", name=name) from error
                raise
            text = msgspec.json.encode(struct).decode()
            journal.save_connector(tx, name, row.kind, text, world.now)
    return names
