"""The mark of catalogs that were made for benchmarks, and what the whole record is read along: its revisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ALONG = {
    "ix_change_from_revision": ("change", "from_revision"),
    "ix_version_from_revision": ("version", "from_revision"),
    "ix_standing_from_revision": ("standing", "from_revision"),
    "ix_standing_until_revision": ("standing", "until_revision"),
}


def upgrade() -> None:
    op.create_table(
        "origin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_origin_single")),
        sa.CheckConstraint("kind = 'benchmarks'", name=op.f("ck_origin_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_origin")),
    )
    for name, (table, column) in ALONG.items():
        op.create_index(name, table, [column])


def downgrade() -> None:
    for name, (table, _) in ALONG.items():
        op.drop_index(name, table)
    op.drop_table("origin")
