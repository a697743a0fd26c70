"""What the window asks for: known issues, and how long credentials hold."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables and the columns."""
    op.add_column("connectors", sa.Column("credentials_until", sa.Text(), nullable=True))
    op.create_table(
        "known_issues",
        sa.Column("connector", ID, autoincrement=False, nullable=False),
        sa.Column("troubles", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("connector"),
    )
