"""The schema of the database. The record tables are derived from the roster's declaration.

Ids of records are ours, one sequence for all entities, so that a reference, a change or a conflict
needs the id alone. Lists are kept as canonical JSON text (``values`` in normal form), so that equal
lists are equal texts. Bases and patches are MessagePack (``store.codec``).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from app.roster import values
from app.roster.entities import ENTITIES
from app.roster.schema import EntityType, FieldType

METADATA = MetaData()

Id = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit id; SQLite makes only a plain INTEGER primary key its row id."""


def _field_column(field: FieldType) -> Column[object]:
    """The column of one field. A reference has no constraint: it may dangle (A3, D4)."""
    if field.kind.is_list:
        return Column(field.name, Text)
    if isinstance(field.kind, values.Boolean):
        return Column(field.name, Boolean)
    if isinstance(field.kind, values.Number):
        return Column(field.name, Float)
    if isinstance(field.kind, values.Reference):
        return Column(field.name, Id)
    return Column(field.name, Text)


def _record_table(entity: EntityType) -> Table:
    """``alive`` is the local side of being alive (SEMANTICS B6); ``version`` counts the writes."""
    return Table(
        entity.name,
        METADATA,
        Column("id", Id, primary_key=True, autoincrement=False),
        Column("version", Integer, nullable=False),
        Column("alive", Boolean, nullable=False),
        Column("created_in", Id, nullable=False),
        Column("changed_in", Id, nullable=False),
        *(_field_column(field) for field in entity.fields),
    )


RECORDS: dict[str, Table] = {name: _record_table(entity) for name, entity in ENTITIES.items()}

for _name, _fields in {
    "enrollments": ("user", "class"),
    "classes": ("school",),
    "results": ("line_item",),
}.items():
    for _field in _fields:
        Index(f"ix_{_name}_{_field}", RECORDS[_name].c[_field])

SETTINGS = Table(
    "settings",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""What the engine obeys for the whole roster, by name; ``store.settings`` has the names."""

SEQUENCES = Table(
    "sequences",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("next", Id, nullable=False),
)

CONNECTORS = Table(
    "connectors",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("settings", Text, nullable=False),
    Column("paused", Boolean, nullable=False, server_default=text("0")),
    Column("fence", Id, nullable=False, server_default=text("0")),
    Column("created_at", Text, nullable=False),
    Column("removed_at", Text),
    Column("schedule", Text),
    Column("webhooks", Boolean, nullable=False, server_default=text("0")),
)

STREAMS = Table(
    "streams",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("connector", Id, nullable=False),
    Column("entity", Text, nullable=False),
    Column("cursor", Text),
    Column("salt", LargeBinary),
    Column("scope", Text),
    Column("full_at", Text),
    Column("lost", Text),
    UniqueConstraint("connector", "entity"),
)

LINKS = Table(
    "links",
    METADATA,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("stream", Id, nullable=False),
    Column("key", Text, nullable=False),
    Column("record", Id, nullable=False),
    Column("alive", Boolean),
    Column("held", Integer, nullable=False),
    Column("scope", Integer),
    Column("version", Text),
    Column("digest", LargeBinary),
    Column("base", LargeBinary),
    Index("ix_links_stream_key", "stream", "key", unique=True),
    Index("ix_links_record", "record"),
)
"""``alive`` is the base of being alive, NULL until the row arrives (SEMANTICS A3)."""

SCOPES = Table(
    "scopes",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("text", Text, nullable=False, unique=True),
)

ALIASES = Table(
    "aliases",
    METADATA,
    Column("stream", Id, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("link", Id, nullable=False),
)

LAYOUTS = Table(
    "layouts",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("entity", Text, nullable=False),
    Column("fields", Text, nullable=False),
    UniqueConstraint("entity", "fields"),
)

CHANGE_SETS = Table(
    "change_sets",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("connector", Id),
    Column("author", Text, nullable=False),
    Column("at", Text, nullable=False),
    Index("ix_change_sets_connector", "connector", "id"),
)

CHANGES = Table(
    "changes",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("change_set", Id, nullable=False),
    Column("entity", Text, nullable=False),
    Column("record", Id, nullable=False),
    Column("link", Id),
    Column("before", LargeBinary, nullable=False),
    Column("after", LargeBinary, nullable=False),
    Index("ix_changes_change_set", "change_set"),
    Index("ix_changes_record", "record"),
)

RUNS = Table(
    "runs",
    METADATA,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("connector", Id, nullable=False),
    Column("connector_name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("fence", Id, nullable=False),
    Column("salt", LargeBinary),
    Column("resumes", Id),
    Column("started_at", Text, nullable=False),
    Column("ended_at", Text),
    Column("beat_at", Text),
    Column("entity", Text),
    Column("done", Integer, nullable=False, server_default=text("0")),
    Column("expected", Integer),
    Column("cancel_asked", Boolean, nullable=False, server_default=text("0")),
    Column("error_code", Text),
    Column("error_parameters", Text),
    Column("error_detail", Text),
    Column("error_category", Text),
    Index("ix_runs_connector", "connector", "id"),
)

COUNTS = (
    "read",
    "absent",
    "created",
    "updated",
    "unchanged",
    "deleted",
    "unreadable",
    "waiting",
    "conflicts",
    "pushed",
)

RUN_STREAMS = Table(
    "run_streams",
    METADATA,
    Column("run", Id, primary_key=True, autoincrement=False),
    Column("entity", Text, primary_key=True),
    *(Column(name, Integer, nullable=False, server_default=text("0")) for name in COUNTS),
    Column("phase", Text, nullable=False),
    Column("full", Boolean, nullable=False),
    Column("complete", Boolean, nullable=False, server_default=text("0")),
    Column("proof", Boolean, nullable=False, server_default=text("0")),
    Column("state", Text),
    Column("scope", Text),
    Column("total", Integer),
    Column("keyless", Integer, nullable=False, server_default=text("0")),
    Column("passes", Integer, nullable=False, server_default=text("1")),
    Column("doubts", Text, nullable=False, server_default=text("'[]'")),
    Column("struck", Text, nullable=False, server_default=text("'[]'")),
    Column("said", Text, nullable=False, server_default=text("'[]'")),
    Column("read_at", Text),
)

RUN_PAGES = Table(
    "run_pages",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("run", Id, nullable=False),
    Column("entity", Text, nullable=False),
    Column("pass", Integer, nullable=False),
    Column("seen", LargeBinary, nullable=False),
    Index("ix_run_pages_run", "run", "entity"),
)

RUN_LOG = Table(
    "run_log",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("run", Id, nullable=False),
    Column("at", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("entity", Text),
    Column("code", Text, nullable=False),
    Column("parameters", Text, nullable=False),
    Index("ix_run_log_run", "run"),
)

ITEMS = Table(
    "items",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("stream", Id, nullable=False),
    Column("link", Id, nullable=False, unique=True),
    Column("run", Id, nullable=False),
    Column("first_run", Id, nullable=False),
    Column("times", Integer, nullable=False),
    Column("action", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("record_version", Integer),
    Column("version", Text),
    Column("digest", LargeBinary),
    Column("patch", LargeBinary),
    Index("ix_items_stream_state", "stream", "state"),
)
"""What a run plans to do to one live record (SEMANTICS C1); at most one a link (E3)."""

CONFLICTS = Table(
    "conflicts",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("link", Id, nullable=False),
    Column("connector", Id, nullable=False),
    Column("entity", Text, nullable=False),
    Column("record", Id, nullable=False),
    Column("part", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("base", LargeBinary, nullable=False),
    Column("local", LargeBinary, nullable=False),
    Column("remote", LargeBinary, nullable=False),
    Column("opened_in", Id, nullable=False),
    Column("touched_in", Id, nullable=False),
    UniqueConstraint("link", "part"),
    Index("ix_conflicts_connector", "connector"),
)
"""Open conflicts, one a link and field group (SEMANTICS B2); a closed one leaves the table."""

UNREADABLE = Table(
    "unreadable",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("stream", Id, nullable=False),
    Column("key", Text),
    Column("raw", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False),
    Column("first_run", Id, nullable=False),
    Column("run", Id, nullable=False),
    Index("ix_unreadable_stream_key", "stream", "key"),
)

SHELF = Table(
    "shelf",
    METADATA,
    Column("stream", Id, primary_key=True, autoincrement=False),
    Column("part", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
