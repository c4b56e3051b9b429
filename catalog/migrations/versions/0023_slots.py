"""Who holds, or waits for, a place where only so many deployments are at work at once; versions of workers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deployment_slot",
        sa.Column("deployment_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("deployment_id", "name", name=op.f("pk_deployment_slot")),
    )
    op.create_index("ix_deployment_slot_name", "deployment_slot", ["name"])
    op.add_column("worker_lease", sa.Column("version", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("worker_lease") as table:
        table.drop_column("version")
    op.drop_table("deployment_slot")
