"""What was built of a version, who builds it, and how far the environments are that deploy what is accepted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    texts = ("digest", "fqn", "version_id", "adapter", "outputs", "artifacts", "deployment_id")
    op.create_table(
        "build",
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("from_revision", sa.BigInteger(), nullable=False),
        sa.Column("until_revision", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_build_version_id_version")),
        sa.PrimaryKeyConstraint("digest", "fqn", name=op.f("pk_build")),
    )
    op.create_index("ix_build_version_id", "build", ["version_id"])
    op.create_table(
        "build_claim",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("digest", "deployment_id", "fqn", "operation")),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("since", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_build_claim")),
    )
    op.create_index("ix_build_claim_deployment_id", "build_claim", ["deployment_id"])
    op.create_table(
        "follower",
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("environment", name=op.f("pk_follower")),
    )


def downgrade() -> None:
    for name in ("follower", "build_claim", "build"):
        op.drop_table(name)
