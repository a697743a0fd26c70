"""Who is whom at two SIS, what is not the same, and what one SIS lacks that may be made there."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table, the columns and the indexes."""
    op.create_table(
        "different",
        sa.Column("one", ID, autoincrement=False, nullable=False),
        sa.Column("other", ID, autoincrement=False, nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("change_set", ID, nullable=False),
        sa.PrimaryKeyConstraint("one", "other"),
    )
    op.create_index("ix_different_other", "different", ["other"])
    op.create_index("ix_demographics_user", "demographics", ["user"])
    op.create_index("ix_line_items_class", "line_items", ["class"])
    op.create_index("ix_assessment_results_student", "assessment_results", ["student"])
    op.create_index("ix_stand_for_original", "stand_for", ["original"])
    op.add_column("streams", sa.Column("looked", sa.Text(), nullable=True))
    op.add_column(
        "connectors",
        sa.Column("send_creates", sa.Boolean(), nullable=False, server_default=sa.text("0")),
    )
