"""What was measured of products, in the order in which it came."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    bytewise = sa.Text(collation="C") if op.get_bind().dialect.name == "postgresql" else sa.Text()
    op.create_table(
        "observation",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", bytewise, nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column(
            "line_id", sa.Text(), sa.ForeignKey("line.id", name=op.f("fk_observation_line_id_line")), nullable=False
        ),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("domain", "port", "indicator")),
        sa.Column("indicator_key", bytewise, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("amount", sa.Float(53), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("observed_at", sa.String(32), nullable=False),
        sa.Column("covers", sa.Float(53), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("from_revision", sa.BigInteger(), nullable=False),
        sa.Column("until_revision", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_observation")),
        sa.UniqueConstraint("principal", "id", name=op.f("uq_observation_principal_id")),
    )
    op.create_index("ix_observation_line_id_observed_at", "observation", ["line_id", "observed_at"])


def downgrade() -> None:
    op.drop_table("observation")
