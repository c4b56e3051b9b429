"""What happened to a deployment step by step; when a container is looked at; why a deployment was begun."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_SPREAD = {"sqlite": "abs(random()) % 300", "postgresql": "floor(random() * 300)"}
_NOW = {
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400.0 AS REAL)",
    "postgresql": "EXTRACT(epoch FROM now())",
}
_LIVE = """
INSERT INTO container_look (container_id, environment, look_at, holder, lease_until, asks, answered, missed,
    repair_day, repairs, repair_at, unrepaired)
SELECT id, environment, {now} + {spread}, '', 0, 0, 0, 0, '', 0, 0, '' FROM container
WHERE until_revision IS NULL AND status IN
    ('provisioning', 'active', 'degraded', 'updating', 'deprovisioning', 'needs_cleanup')
"""
"""Containers that there are already are looked at for the first time within five minutes, not all at once."""


def upgrade() -> None:
    op.create_table(
        "deployment_event",
        sa.Column("deployment_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        *(sa.Column(one, sa.Text(), nullable=False) for one in ("kind", "state", "resource", "reason", "error_class")),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("deployment_id", "sequence", name=op.f("pk_deployment_event")),
    )
    op.add_column("deployment_turn", sa.Column("events", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("deployment_turn", sa.Column("details", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("deployment", sa.Column("cause", sa.Text(), nullable=False, server_default="request"))
    now = sa.text("until_revision IS NULL")
    newest = ("ix_deployment_requested_at", "deployment", ["requested_at", "id"])
    op.create_index(*newest, sqlite_where=now, postgresql_where=now)
    _look()


def _look() -> None:
    op.create_table(
        "container_look",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("container_id", "environment", "holder")),
        *(sa.Column(name, sa.Float(53), nullable=False) for name in ("look_at", "lease_until")),
        sa.Column("observed_at", sa.Float(53), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("asks", "answered", "missed")),
        sa.Column("repair_day", sa.Text(), nullable=False),
        sa.Column("repairs", sa.Integer(), nullable=False),
        sa.Column("repair_at", sa.Float(53), nullable=False),
        sa.Column("unrepaired", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("container_id", name=op.f("pk_container_look")),
    )
    op.create_index("ix_container_look_look_at", "container_look", ["look_at"])
    dialect = op.get_bind().dialect.name
    op.execute(_LIVE.format(now=_NOW[dialect], spread=_SPREAD[dialect]))


def downgrade() -> None:
    op.drop_table("container_look")
    op.drop_index("ix_deployment_requested_at", "deployment")
    op.drop_column("deployment", "cause")
    for name in ("details", "events"):
        op.drop_column("deployment_turn", name)
    op.drop_table("deployment_event")
