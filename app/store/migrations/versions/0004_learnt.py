"""What a connector has learnt of its service; what a stream's last proof rested on; rows joined."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the columns."""
    op.add_column("connectors", sa.Column("learnt", sa.Text(), nullable=True))
    op.add_column("streams", sa.Column("evidence", sa.Text(), nullable=True))
    evidence = sa.Column("evidence", sa.Text(), server_default=sa.text("''"), nullable=False)
    op.add_column("run_streams", evidence)
    joined: sa.Column[bool] = sa.Column(
        "joined", sa.Boolean(), server_default=sa.text("0"), nullable=False
    )
    op.add_column("aliases", joined)
    count = sa.Column("joined", sa.Integer(), server_default=sa.text("0"), nullable=False)
    op.add_column("run_streams", count)
    op.add_column("changes", sa.Column("twin", ID, nullable=True))
    op.create_index("ix_aliases_link", "aliases", ["link"])
