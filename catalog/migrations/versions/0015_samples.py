"""Who was shown which data of a port, or was not."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_TEXTS = ("version", "domain", "port", "dataset", "environment", "connector", "columns", "masked")


def upgrade() -> None:
    counted = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "sample",
        sa.Column("number", counted, autoincrement=True, nullable=False),
        sa.Column("from_revision", sa.BigInteger(), nullable=False),
        sa.Column("until_revision", sa.BigInteger(), nullable=True),
        *_texts("id"),
        sa.Column("at", sa.String(32), nullable=False),
        *_texts("principal", "roles", "purpose"),
        sa.Column("fqn", _sorted_text(), nullable=False),
        *_texts(*_TEXTS),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        *_texts("policy", "outcome", "reason", "detail"),
        sa.CheckConstraint("outcome IN ('shown', 'denied', 'unavailable', 'exceeded')", name=op.f("ck_sample_outcome")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_sample")),
        sa.UniqueConstraint("id", name=op.f("uq_sample_id")),
    )
    for column in ("principal", "fqn"):
        op.create_index(op.f(f"ix_sample_{column}"), "sample", [column])


def downgrade() -> None:
    op.drop_table("sample")


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _sorted_text() -> sa.types.TypeEngine[str]:
    """Text that PostgreSQL compares byte by byte, as SQLite does."""
    return sa.Text(collation="C") if op.get_bind().dialect.name == "postgresql" else sa.Text()
