"""The ground: head, chain and feed; kept answers; decisions and what they saw."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _order()
    _decisions()


def downgrade() -> None:
    for table in ("decision", "payload", "idempotency", "change", "chain_link", "catalog_head"):
        op.drop_table(table)


def sorted_text() -> sa.types.TypeEngine[str]:
    """Text that PostgreSQL compares byte by byte, as SQLite does."""
    return sa.Text(collation="C") if op.get_bind().dialect.name == "postgresql" else sa.Text()


def _order() -> None:
    op.create_table(
        "catalog_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("chain_hash", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_catalog_head_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_head")),
    )
    op.create_table(
        "chain_link",
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("entries", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_chain_link")),
    )
    op.create_table(
        "change",
        sa.Column("cursor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("from_revision", sa.BigInteger(), nullable=False),
        sa.Column("until_revision", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("cursor", name=op.f("pk_change")),
    )
    op.create_table(
        "idempotency",
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_digest", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.String(32), nullable=False),
        sa.Column("expires", sa.String(32), nullable=False),
        sa.CheckConstraint("status IN ('running', 'done')", name=op.f("ck_idempotency_status")),
        sa.PrimaryKeyConstraint("principal", "key", name=op.f("pk_idempotency")),
    )
    op.create_index("ix_idempotency_expires", "idempotency", ["expires"], unique=False)
    head = sa.table("catalog_head", *(sa.column(name) for name in ("id", "revision", "cursor", "chain_hash")))
    op.execute(head.insert().values(id=1, revision=0, cursor=0, chain_hash="0" * 64))


def _decisions() -> None:
    op.create_table(
        "payload",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("erased_at", sa.String(32), nullable=True),
        sa.Column("from_revision", sa.BigInteger(), nullable=False),
        sa.Column("until_revision", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_payload")),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=True),
        sa.Column("fqn", sorted_text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("moment", sa.String(32), nullable=False),
        sa.Column("engine", sa.Text(), nullable=True),
        sa.Column("bundle_revision", sa.Text(), nullable=True),
        sa.Column("assignments_digest", sa.Text(), nullable=True),
        sa.Column("waivers_digest", sa.Text(), nullable=True),
        sa.Column(
            "input_digest",
            sa.Text(),
            sa.ForeignKey("payload.digest", name=op.f("fk_decision_input_digest_payload")),
            nullable=True,
        ),
        sa.Column("record", sa.LargeBinary(), nullable=True),
        sa.Column("record_digest", sa.Text(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("from_revision", sa.BigInteger(), nullable=False),
        sa.Column("until_revision", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("outcome IN ('accepted', 'rejected', 'undecided')", name=op.f("ck_decision_outcome")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index("ix_decision_fqn", "decision", ["fqn"], unique=False)
