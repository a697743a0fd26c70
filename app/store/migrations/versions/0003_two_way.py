"""Two-way sync: decisions, policies, pins, limits, the outbox, and what undo needs."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables and the columns."""
    op.add_column("connectors", sa.Column("limits", sa.Text(), nullable=True))
    op.add_column("connectors", sa.Column("scope", sa.Text(), nullable=True))
    for switch in ("keep_values", "send_deletes"):
        op.add_column(
            "connectors",
            sa.Column(switch, sa.Boolean(), server_default=sa.text("0"), nullable=False),
        )
    op.add_column(
        "runs", sa.Column("sending", sa.Boolean(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("streams", sa.Column("writes", sa.Text(), nullable=True))
    op.add_column("links", sa.Column("sending", ID, nullable=True))
    op.add_column("change_sets", sa.Column("of", ID, nullable=True))
    op.add_column(
        "change_sets",
        sa.Column("unfinished", sa.Boolean(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column("changes", sa.Column("discarded", sa.LargeBinary(), nullable=True))
    op.add_column(
        "run_streams",
        sa.Column("outside", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column("items", sa.Column("held_by", sa.Text(), nullable=True))
    op.add_column(
        "items", sa.Column("proofs", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column(
        "items", sa.Column("effects", sa.Text(), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column("items", sa.Column("modified_at", sa.Text(), nullable=True))
    op.add_column("items", sa.Column("planned", sa.LargeBinary(), nullable=True))
    op.add_column(
        "conflicts",
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
    )
    op.add_column("conflicts", sa.Column("about", sa.Text(), nullable=True))
    op.create_index("ix_conflicts_record", "conflicts", ["record"])
    # The number of a conflict is never given again.
    op.execute(
        "INSERT INTO sequences (name, next) "
        "SELECT 'conflict', max(id) + 1 FROM conflicts HAVING count(*) > 0"
    )
    op.create_table(
        "pins",
        sa.Column("link", ID, autoincrement=False, nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("change_set", ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("link", "part", "change_set"),
    )
    op.create_table(
        "lifted_pins",
        sa.Column("link", ID, autoincrement=False, nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("change_set", ID, autoincrement=False, nullable=False),
        sa.Column("lifted", ID, nullable=False),
        sa.PrimaryKeyConstraint("link", "part", "change_set"),
    )
    op.create_index("ix_lifted_pins_lifted", "lifted_pins", ["lifted"])
    op.create_table(
        "protected",
        sa.Column("record", ID, autoincrement=False, nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("change_set", ID, nullable=False),
        sa.PrimaryKeyConstraint("record"),
    )
    op.create_table(
        "stand_for",
        sa.Column("record", ID, autoincrement=False, nullable=False),
        sa.Column("original", ID, nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("record"),
    )
    op.create_table(
        "identifiers",
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("record", ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("value", "record"),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO sequences (name, next) "
        "SELECT 'identified users', 0 WHERE EXISTS (SELECT 1 FROM users)"
    )
    op.create_table(
        "decisions",
        sa.Column("id", ID, nullable=False),
        sa.Column("change_set", ID, nullable=False),
        sa.Column("link", ID, nullable=False),
        sa.Column("connector", ID, nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("record", ID, nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("base", sa.LargeBinary(), nullable=False),
        sa.Column("local", sa.LargeBinary(), nullable=False),
        sa.Column("remote", sa.LargeBinary(), nullable=False),
        sa.Column("opened_in", ID, nullable=False),
        sa.Column("take", sa.Text(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_decisions_change_set", "decisions", ["change_set"])
    op.create_index("ix_decisions_record", "decisions", ["record"])
    op.create_table(
        "policies",
        sa.Column("connector", ID, autoincrement=False, nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("school", ID, autoincrement=False, nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("decides", sa.Text(), nullable=False),
        sa.Column("change_set", ID, nullable=False),
        sa.PrimaryKeyConstraint("connector", "entity", "school", "part"),
    )
    op.create_table(
        "former_policies",
        sa.Column("connector", ID, autoincrement=False, nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("school", ID, autoincrement=False, nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("change_set", ID, autoincrement=False, nullable=False),
        sa.Column("decides", sa.Text(), nullable=False),
        sa.Column("replaced", ID, nullable=False),
        sa.PrimaryKeyConstraint("connector", "entity", "school", "part", "change_set"),
    )
    op.create_index("ix_former_policies_replaced", "former_policies", ["replaced"])
    op.create_table(
        "sizes",
        sa.Column("connector", ID, autoincrement=False, nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("school", ID, autoincrement=False, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("connector", "entity", "school", "at"),
    )
    op.create_table(
        "applied",
        sa.Column("id", ID, nullable=False),
        sa.Column("connector", ID, nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("effects", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_applied_connector", "applied", ["connector", "entity", "at"])
    op.create_table(
        "outbox",
        sa.Column("id", ID, nullable=False),
        sa.Column("stream", ID, nullable=False),
        sa.Column("record", ID, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("change_set", ID, nullable=False),
        sa.Column("revert", sa.LargeBinary(), nullable=True),
        sa.Column("answer", ID, nullable=True),
        sa.Column("was", sa.Text(), nullable=True),
        sa.Column("held_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("stream", "record"),
    )
    op.create_table(
        "pushes",
        sa.Column("id", ID, nullable=False),
        sa.Column("run", ID, nullable=False),
        sa.Column("link", ID, nullable=False),
        sa.Column("record", ID, nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("sent", sa.LargeBinary(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("held", sa.LargeBinary(), nullable=True),
        sa.Column("answer", ID, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_pushes_answer", "pushes", ["answer"])
    op.create_index("ix_pushes_record", "pushes", ["record"])
    op.create_index("ix_pushes_run", "pushes", ["run"])
