"""Whose links were before two became one, which ended alone, and which were just matched."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "united",
        sa.Column("change_set", ID, autoincrement=False, nullable=False),
        sa.Column("link", ID, autoincrement=False, nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("record", ID, nullable=False),
        sa.Column("into", ID, nullable=False),
        sa.PrimaryKeyConstraint("change_set", "link"),
    )
    op.create_table(
        "untied",
        sa.Column("link", ID, autoincrement=False, nullable=False),
        sa.Column("change_set", ID, nullable=False),
        sa.Column("left_alone", sa.Boolean(), nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("link"),
    )
    op.create_table(
        "weakly_matched",
        sa.Column("link", ID, autoincrement=False, nullable=False),
        sa.Column("run", ID, nullable=False),
        sa.PrimaryKeyConstraint("link"),
    )
