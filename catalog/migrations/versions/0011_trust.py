"""Trust scores of lines, and which of them are to be computed again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

LIVE = sa.text("until_revision IS NULL")


def upgrade() -> None:
    counted = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "trust",
        sa.Column("number", counted, nullable=False),
        sa.Column("line_id", sa.Text(), sa.ForeignKey("line.id", name=op.f("fk_trust_line_id_line")), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("domain", "version")),
        sa.Column("value", sa.Float(53), nullable=True),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("grade", "reason", "terms", "formula", "formula_revision")
        ),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("seen_revision", "seen_observation")),
        *(sa.Column(name, sa.String(32), nullable=False) for name in ("since", "computed_at")),
        sa.Column("from_revision", sa.BigInteger(), nullable=False),
        sa.Column("until_revision", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_trust")),
    )
    op.create_index("uq_trust_live", "trust", ["line_id"], unique=True, sqlite_where=LIVE, postgresql_where=LIVE)
    op.create_index("ix_trust_live_value", "trust", ["value"], sqlite_where=LIVE, postgresql_where=LIVE)
    op.create_table(
        "trust_due",
        sa.Column("number", counted, nullable=False),
        sa.Column("line_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_trust_due")),
    )
    op.create_table(
        "trust_watch",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("formula_revision", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trust_watch")),
    )


def downgrade() -> None:
    for table in ("trust_watch", "trust_due", "trust"):
        op.drop_table(table)
