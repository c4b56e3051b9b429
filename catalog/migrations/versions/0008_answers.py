"""How products stand, rescans with their batches of work, and answers that may be reused."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

LIVE = "until_revision IS NULL"


def upgrade() -> None:
    _rescans()
    _standings()
    op.create_table(
        "answer",
        _sorted("key"),
        sa.Column("findings", sa.LargeBinary(), nullable=False),
        _sorted("used_on"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_answer")),
    )
    op.create_index("ix_answer_used_on", "answer", ["used_on"])


def downgrade() -> None:
    for table in ("answer", "standing", "rescan_batch", "rescan"):
        op.drop_table(table)


def _rescans() -> None:
    op.create_table(
        "rescan",
        *_texts("id"),
        sa.Column("number", sa.BigInteger(), nullable=False),
        *_texts("scope", "reason", "bundle_revision", "assignments_digest", "waivers_digest"),
        *_texts("engine", "basis", "day"),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("products", sa.Integer(), nullable=False),
        *_texts("principal"),
        _moment("opened_at"),
        _moment("ended_at", nullable=True),
        _moment("superseded_at", nullable=True),
        sa.CheckConstraint("scope IN ('all', 'neighbours')", name=op.f("ck_rescan_scope")),
        sa.UniqueConstraint("number", name=op.f("uq_rescan_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rescan")),
    )
    op.create_table(
        "rescan_batch",
        *_texts("rescan_id"),
        sa.Column("number", sa.BigInteger(), nullable=False),
        *_texts("lines", "claimed_by"),
        _moment("claimed_until", nullable=True),
        _moment("done_at", nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("confirmed", "decided", "changed")),
        _points("rescan_batch", "rescan_id", "rescan"),
        sa.PrimaryKeyConstraint("rescan_id", "number", name=op.f("pk_rescan_batch")),
    )


def _standings() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "standing",
        sa.Column("number", number, nullable=False, autoincrement=True),
        *_texts("line_id", "version_id", "version", "domain", "state", "decision_id"),
        _moment("decided_at"),
        *_texts("said", "rescan_id"),
        _moment("confirmed_at"),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("from_revision", sa.BigInteger(), nullable=False),
        sa.Column("until_revision", sa.BigInteger(), nullable=True),
        *(_points("standing", f"{one}_id", one) for one in ("line", "version", "decision", "rescan")),
        sa.CheckConstraint("state IN ('compliant', 'non_compliant', 'undecided')", name=op.f("ck_standing_state")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_standing")),
    )
    live: dict[str, Any] = {"sqlite_where": sa.text(LIVE), "postgresql_where": sa.text(LIVE)}
    op.create_index("uq_standing_live", "standing", ["line_id"], unique=True, **live)
    op.create_index("ix_standing_live_state", "standing", ["state"], **live)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _sorted(name: str) -> sa.Column[str]:
    """Text that PostgreSQL compares byte by byte, as SQLite does."""
    told = sa.Text(collation="C") if op.get_bind().dialect.name == "postgresql" else sa.Text()
    return sa.Column(name, told, nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(32), nullable=nullable)


def _points(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))
