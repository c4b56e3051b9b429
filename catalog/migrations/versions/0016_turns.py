"""When a deployment is worked on next and why not now; tries and operations of resources; the plan of the way back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_PLAN = "pk_deployment_plan"

_UNDER_WAY = """
INSERT INTO deployment_turn (deployment_id, waits_for, reason, turn, signals, wake_at)
SELECT id, '', '', 1, 0, 0 FROM deployment
WHERE until_revision IS NULL AND state IN ('queued', 'planning', 'awaiting_approval', 'applying', 'verifying',
    'failing', 'compensating', 'cancelling')
"""
"""What is under way goes on with a turn of the new kind, at once."""


def upgrade() -> None:
    op.create_table(
        "deployment_turn",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("deployment_id", "waits_for", "reason")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("turn", "signals")),
        sa.Column("wake_at", sa.Float(53), nullable=True),
        sa.Column("deadline_at", sa.Float(53), nullable=True),
        sa.PrimaryKeyConstraint("deployment_id", name=op.f("pk_deployment_turn")),
    )
    op.execute(_UNDER_WAY)
    op.create_index("ix_deployment_turn_wake_at", "deployment_turn", ["wake_at"])
    op.add_column("resource", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("resource", sa.Column("operation", sa.Text(), nullable=False, server_default=""))
    op.add_column("resource", sa.Column("since", sa.String(32), nullable=True))
    op.add_column("deployment_plan", sa.Column("leg", sa.Text(), nullable=False, server_default="forward"))
    _keyed("deployment_id", "leg")


def downgrade() -> None:
    op.execute("DELETE FROM deployment_plan WHERE leg <> 'forward'")
    _keyed("deployment_id")
    with op.batch_alter_table("deployment_plan") as table:
        table.drop_column("leg")
    with op.batch_alter_table("resource") as table:
        for name in ("since", "operation", "tries"):
            table.drop_column(name)
    op.drop_table("deployment_turn")


def _keyed(*columns: str) -> None:
    """Give the plans this primary key."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(_PLAN, "deployment_plan", type_="primary")
        op.create_primary_key(_PLAN, "deployment_plan", list(columns))
        return
    convention = {"pk": "pk_%(table_name)s"}
    with op.batch_alter_table("deployment_plan", recreate="always", naming_convention=convention) as table:
        table.drop_constraint(_PLAN, type_="primary")
        table.create_primary_key(_PLAN, list(columns))
