"""What statements are made of; they are made once, and run as text with tuples."""

from sqlalchemy import Table, bindparam, insert
from sqlalchemy.dialects import sqlite

AMONG = "IN (SELECT value FROM json_each(?))"
"""Among the values of a JSON array, so that a statement stays the same however many there are."""

_DIALECT = sqlite.dialect(paramstyle="qmark")


def insert_into(table: Table, *columns: str) -> str:
    """The insertion of a row, its values in the order of ``columns``."""
    statement = insert(table).values({name: bindparam(name) for name in columns})
    return str(statement.compile(dialect=_DIALECT))


def quoted(name: str) -> str:
    """A column's name as a statement has it."""
    return _DIALECT.identifier_preparer.quote(name)
