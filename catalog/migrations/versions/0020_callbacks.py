"""Where platforms call back and what came already; whether an earlier call for a resource may have been heard."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "callback",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("deployment_id", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.Float(53), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_callback")),
    )
    op.create_index(op.f("ix_callback_resource_id"), "callback", ["resource_id"])
    op.create_index(op.f("ix_callback_expires_at"), "callback", ["expires_at"])
    op.create_table(
        "callback_seen",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("message_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Float(53), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", "message_hash", name=op.f("pk_callback_seen")),
    )
    op.create_index(op.f("ix_callback_seen_expires_at"), "callback_seen", ["expires_at"])
    op.add_column("resource", sa.Column("unsure", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("resource", "unsure")
    op.drop_table("callback_seen")
    op.drop_table("callback")
