"""Subscriptions to the feed of changes, and the order in which the log of decisions is exported."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subscription",
        *_texts("id", "principal", "roles", "principal_domains", "url", "kinds", "domains", "products", "key_id"),
        *_texts("state", "reason"),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.Float(53), nullable=True),
        sa.Column("retry_at", sa.Float(53), nullable=False),
        *_texts("sender"),
        sa.Column("lease_until", sa.Float(53), nullable=False),
        sa.CheckConstraint("state IN ('active', 'paused')", name=op.f("ck_subscription_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
    )
    op.create_index("ix_decision_from_revision_id", "decision", ["from_revision", "id"])


def downgrade() -> None:
    op.drop_index("ix_decision_from_revision_id", "decision")
    op.drop_table("subscription")


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]
