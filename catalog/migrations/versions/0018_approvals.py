"""What people say to a plan: consent, pinned digest, approval; and the plans of a deployment, one after another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_PLAN = "pk_deployment_plan"
_TEXTS = ("judged", "pinned", "asks", "approved_by", "approved_plan")
_MOMENTS = ("asked_at", "approved_at")


def upgrade() -> None:
    op.add_column("deployment", sa.Column("consent", sa.Boolean(), nullable=False, server_default=sa.false()))
    for name in _TEXTS:
        op.add_column("deployment", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for name in _MOMENTS:
        op.add_column("deployment", sa.Column(name, sa.String(32), nullable=True))
    _keyed("deployment_id", "leg", "from_revision")


def downgrade() -> None:
    op.execute("DELETE FROM deployment_plan WHERE until_revision IS NOT NULL")
    _keyed("deployment_id", "leg")
    with op.batch_alter_table("deployment") as table:
        for name in ("consent", *_TEXTS, *_MOMENTS):
            table.drop_column(name)


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
