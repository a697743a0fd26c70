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
    "demographics": ("user",),
    "line_items": ("class",),
    "assessment_results": ("student",),
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
    Column("limits", Text),
    Column("scope", Text),
    Column("keep_values", Boolean, nullable=False, server_default=text("0")),
    Column("send_deletes", Boolean, nullable=False, server_default=text("0")),
    Column("send_creates", Boolean, nullable=False, server_default=text("0")),
    Column("learnt", Text),
    Column("credentials_until", Text),
)
"""``limits``, ``scope`` and ``learnt`` are JSON (``engine.limits``, ``engine.scope``,
``contract.Learning``); ``keep_values``: a blank
never overwrites (SEMANTICS B5); ``send_deletes``: what ends here is deleted there (D4);
``send_creates``: what other SIS know and this one does not is made there;
``credentials_until``: the last day on which the SIS takes them, as a person said."""

KNOWN_ISSUES = Table(
    "known_issues",
    METADATA,
    Column("connector", Id, primary_key=True, autoincrement=False),
    Column("troubles", Text, nullable=False),
    Column("until", Text, nullable=False),
    Column("because", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Text, nullable=False),
)
"""What a person has said is known (``engine.known``): until which day, why, who said so and when.

``troubles`` is JSON of what was wrong then, by name, each with how often.
"""

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
    Column("writes", Text),
    Column("evidence", Text),
    Column("looked", Text),
    UniqueConstraint("connector", "entity"),
)
"""``writes`` is JSON of what the SIS takes of this entity, as its connector last said:
``{"actions": [...], "fields": [...]}``, with ``apart`` and ``new`` of ``contract.Capability`` where
it has any; NULL where it takes nothing. ``evidence``: what the last
proof was read from, where that can be the same twice (``contract.Page``). ``looked``: by which
rules and beside which streams its records were last compared with those of others."""

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
    Column("sending", Id),
    Index("ix_links_stream_key", "stream", "key", unique=True),
    Index("ix_links_record", "record"),
)
"""``alive`` is the base of being alive, NULL until the row arrives (SEMANTICS A3); ``sending`` the
run that began to send something of the record, until it is known whether it arrived (F3)."""

PINS = Table(
    "pins",
    METADATA,
    Column("link", Id, primary_key=True, autoincrement=False),
    Column("part", Text, primary_key=True),
    Column("change_set", Id, primary_key=True, autoincrement=False),
)
"""Parts that differ from the SIS and are not pushed until it says something new (SEMANTICS G2).

Each is of the change set that wants it so: undoing that one takes no other's away.
"""

LIFTED_PINS = Table(
    "lifted_pins",
    METADATA,
    Column("link", Id, primary_key=True, autoincrement=False),
    Column("part", Text, primary_key=True),
    Column("change_set", Id, primary_key=True, autoincrement=False),
    Column("lifted", Id, nullable=False),
    Index("ix_lifted_pins_lifted", "lifted"),
)
"""Pins that a later change set, ``lifted``, took away: it may be undone, and they stand again."""

PROTECTED = Table(
    "protected",
    METADATA,
    Column("record", Id, primary_key=True, autoincrement=False),
    Column("entity", Text, nullable=False),
    Column("change_set", Id, nullable=False),
)
"""Records that no sync ends."""

STAND_FOR = Table(
    "stand_for",
    METADATA,
    Column("record", Id, primary_key=True, autoincrement=False),
    Column("original", Id, nullable=False),
    Column("settled", Boolean, nullable=False),
    Index("ix_stand_for_original", "original"),
)
"""A record id that stands for another record (SEMANTICS D5); ``settled`` once a person said so."""

DIFFERENT = Table(
    "different",
    METADATA,
    Column("one", Id, primary_key=True, autoincrement=False),
    Column("other", Id, primary_key=True, autoincrement=False),
    Column("entity", Text, nullable=False),
    Column("change_set", Id, nullable=False),
    Index("ix_different_other", "other"),
)
"""Two records that are not the same, the lower id first: in ``change_set`` a person said so."""

UNITED = Table(
    "united",
    METADATA,
    Column("change_set", Id, primary_key=True, autoincrement=False),
    Column("link", Id, primary_key=True, autoincrement=False),
    Column("entity", Text, nullable=False),
    Column("record", Id, nullable=False),
    Column("into", Id, nullable=False),
)
"""Links of ``record`` that became those of ``into`` where a person said that the two are one: so
they can be parted again (SEMANTICS G2)."""

UNTIED = Table(
    "untied",
    METADATA,
    Column("link", Id, primary_key=True, autoincrement=False),
    Column("change_set", Id, nullable=False),
    Column("left_alone", Boolean, nullable=False, server_default=text("0")),
)
"""Links that ended in ``change_set``, as far as another SIS may keep their record (SEMANTICS D4);
once a person has it be left alone, nobody is told of it any more."""

WEAKLY_MATCHED = Table(
    "weakly_matched",
    METADATA,
    Column("link", Id, primary_key=True, autoincrement=False),
    Column("run", Id, nullable=False),
)
"""Links that became those of records by what families share, and the run that found so: nothing is
sent of them before it has ended, and somebody could look."""

IDENTIFIERS = Table(
    "identifiers",
    METADATA,
    Column("value", Text, primary_key=True),
    Column("record", Id, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""What identifies a record whatever its key (``roster.identity``), kept with every write of it."""

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
    Column("joined", Boolean, nullable=False, server_default=text("0")),
    Index("ix_aliases_link", "link"),
)
"""Further keys of links: former ones (SEMANTICS A6), and those of rows that are ``joined`` to the
link's own (A5). A link that still stands under the key of such a row is asked for by it no more."""

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
    Column("of", Id),
    Column("unfinished", Boolean, nullable=False, server_default=text("0")),
    Index("ix_change_sets_connector", "connector", "id"),
)
"""``of`` is the change set that this one approves, undoes or belongs to (SEMANTICS G1).

``unfinished``: an undo that was cut off between two of its transactions, or is under way.
"""

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
    Column("discarded", LargeBinary),
    Column("twin", Id),
    Index("ix_changes_change_set", "change_set"),
    Index("ix_changes_record", "record"),
)
"""``before`` and ``after`` are values by field, ``alive`` among them; ``discarded`` what a decision
for ours threw away (SEMANTICS B5). ``link`` tells from which SIS a change came; ``twin`` is the
record that this one was joined with, or taken apart from (A5)."""

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
    Column("sending", Boolean, nullable=False, server_default=text("0")),
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
    "joined",
    "unreadable",
    "waiting",
    "conflicts",
    "pushed",
    "outside",
)
"""``joined`` counts records that became one with others (A5); ``outside`` rows out of the
connector's scope, which are in no other count (D2)."""

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
    Column("evidence", Text, nullable=False, server_default=text("''")),
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
    Column("held_by", Text),
    Column("proofs", Integer, nullable=False, server_default=text("0")),
    Column("effects", Text, nullable=False, server_default=text("'{}'")),
    Column("record_version", Integer),
    Column("version", Text),
    Column("modified_at", Text),
    Column("digest", LargeBinary),
    Column("patch", LargeBinary),
    Column("planned", LargeBinary),
    Index("ix_items_stream_state", "stream", "state"),
)
"""What a run plans to do to one record (SEMANTICS C1); at most one a link (E3).

``action``: ``create``, ``update``, ``end``. ``state``: ``planned``, then ``waiting`` where
``held_by`` says what holds it (``proof``, ``identity``, or names of limits), or ``approved``.
``reason`` of an end: ``tombstone``, ``absent``, of which ``proofs`` counts the proofs in a row, or
``joined``, whose ``patch`` names the link that it is joined to; of an update: ``parted`` (A5).
``effects`` is JSON of what it would do (``engine.limits``), ``planned`` the values it would write.
"""

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
    Column("revision", Integer, nullable=False, server_default=text("1")),
    Column("about", Text),
    UniqueConstraint("link", "part"),
    Index("ix_conflicts_connector", "connector"),
    Index("ix_conflicts_record", "record"),
)
"""Open conflicts, one a link and field group (SEMANTICS B2); a closed one leaves the table.

``revision`` goes up whenever a side moves; ``about`` is JSON of what else the person should know.
"""

DECISIONS = Table(
    "decisions",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("change_set", Id, nullable=False),
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
    Column("take", Text, nullable=False),
    Column("result", LargeBinary, nullable=False),
    Index("ix_decisions_change_set", "change_set"),
    Index("ix_decisions_record", "record"),
)
"""Conflicts that people decided: the three sides as they stood, what was taken, what it led to."""

POLICIES = Table(
    "policies",
    METADATA,
    Column("connector", Id, primary_key=True, autoincrement=False),
    Column("entity", Text, primary_key=True),
    Column("school", Id, primary_key=True, autoincrement=False),
    Column("part", Text, primary_key=True),
    Column("decides", Text, nullable=False),
    Column("change_set", Id, nullable=False),
)
"""Who decides (SEMANTICS B5); ``school`` 0 is any, ``part`` blank is any field group."""

FORMER_POLICIES = Table(
    "former_policies",
    METADATA,
    Column("connector", Id, primary_key=True, autoincrement=False),
    Column("entity", Text, primary_key=True),
    Column("school", Id, primary_key=True, autoincrement=False),
    Column("part", Text, primary_key=True),
    Column("change_set", Id, primary_key=True, autoincrement=False),
    Column("decides", Text, nullable=False),
    Column("replaced", Id, nullable=False),
    Index("ix_former_policies_replaced", "replaced"),
)
"""Rows of ``policies`` that a later change set, ``replaced``, overwrote or took away: it may be
undone, and they stand again."""

SIZES = Table(
    "sizes",
    METADATA,
    Column("connector", Id, primary_key=True, autoincrement=False),
    Column("entity", Text, primary_key=True),
    Column("school", Id, primary_key=True, autoincrement=False),
    Column("at", Text, primary_key=True),
    Column("count", Integer, nullable=False),
)
"""How many live records there were (SEMANTICS E1); ``school`` 0 is the district."""

APPLIED = Table(
    "applied",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("connector", Id, nullable=False),
    Column("entity", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("effects", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Index("ix_applied_connector", "connector", "entity", "at"),
)
"""What was done of late that counts for a limit (SEMANTICS E1), ``in`` or ``out``."""

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("stream", Id, nullable=False),
    Column("record", Id, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_at", Text),
    Column("words", Text),
    Column("change_set", Id, nullable=False),
    Column("revert", LargeBinary),
    Column("answer", Id),
    Column("was", Text),
    Column("held_by", Text),
    UniqueConstraint("stream", "record"),
)
"""Records that may have to be pushed (SEMANTICS F1), by the change set that brought them here.

``state``: ``waiting``, ``waiting_on``, ``refused``, ``unknown``, ``held`` (by a limit), and then
``released`` or ``kept`` by a person: in the change set ``answer``, before which it ``was`` in
another state, ``held_by`` limits. ``revert`` has the values that an undo sends instead of what
stands here, and those that the SIS has to hold until then (G2).
"""

PUSHES = Table(
    "pushes",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("run", Id, nullable=False),
    Column("link", Id, nullable=False),
    Column("record", Id, nullable=False),
    Column("entity", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("sent", LargeBinary, nullable=False),
    Column("before", LargeBinary, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("words", Text),
    Column("at", Text, nullable=False),
    Column("held", LargeBinary),
    Column("answer", Id),
    Index("ix_pushes_answer", "answer"),
    Index("ix_pushes_run", "run"),
    Index("ix_pushes_record", "record"),
)
"""What was sent to a SIS and how it ended (SEMANTICS F5); ``sending`` until that is known.

``held`` is what the SIS made of it, as read back; ``answer`` the change set that released it.
"""

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
