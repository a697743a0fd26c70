"""Settings of the whole roster; connectors that sync by themselves or are told by webhook."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and the columns."""
    op.create_table(
        "settings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.add_column("connectors", sa.Column("schedule", sa.Text(), nullable=True))
    op.add_column(
        "connectors",
        sa.Column("webhooks", sa.Boolean(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column("runs", sa.Column("error_category", sa.Text(), nullable=True))
