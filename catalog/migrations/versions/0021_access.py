"""Requests for access to output ports, the sets of grants that resources have, and reports on orphans."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _requests()
    op.create_table(
        "access_set",
        *_texts("container_id", "resource_id", "state", "digest"),
        sa.Column("generation", sa.Integer(), nullable=False),
        *_texts("given", "wanted"),
        sa.Column("intact", sa.Boolean(), nullable=False),
        *_texts("operation"),
        sa.Column("tries", sa.Integer(), nullable=False),
        *_texts("reason", "error_class", "claim"),
        sa.Column("due_at", sa.Float(53), nullable=False),
        sa.PrimaryKeyConstraint("container_id", "resource_id", name=op.f("pk_access_set")),
    )
    op.create_index(op.f("ix_access_set_due_at"), "access_set", ["due_at"])
    op.create_table(
        "orphan_report",
        *_texts("environment"),
        *_moments("at"),
        sa.Column("due_at", sa.Float(53), nullable=False),
        *_texts("orphans", "missing", "unknown"),
        sa.PrimaryKeyConstraint("environment", name=op.f("pk_orphan_report")),
    )


def downgrade() -> None:
    for table in ("orphan_report", "access_set", "access_request"):
        op.drop_table(table)


def _requests() -> None:
    states = "state IN ('requested', 'approved', 'rejected', 'revoked', 'expired')"
    op.create_table(
        "access_request",
        sa.Column("from_revision", sa.BigInteger(), nullable=False),
        sa.Column("until_revision", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, autoincrement=True),
        *_texts("id", "state", "line_id", "product_id"),
        sa.Column("product", _sorted_text(), nullable=False),
        sa.Column("major", sa.BigInteger(), nullable=False),
        *_texts("version", "decision_id", "port", "environment", "subject", "purpose", "domain", "requested_by"),
        *_moments("requested_at"),
        *_texts("approved_by"),
        *_moments("ends"),
        *_texts("note", "principal"),
        *_moments("at"),
        sa.CheckConstraint(states, name=op.f("ck_access_request_state")),
        sa.CheckConstraint("state <> 'approved' OR approved_by <> ''", name=op.f("ck_access_request_approved")),
        sa.CheckConstraint("approved_by <> requested_by", name=op.f("ck_access_request_two_people")),
        sa.ForeignKeyConstraint(["line_id"], ["line.id"], name=op.f("fk_access_request_line_id_line")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_access_request_decision_id_decision")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_access_request")),
    )
    now, always = "until_revision IS NULL", "from_revision > 0"
    still_open = f"{now} AND state IN ('requested', 'approved')"
    op.create_index("uq_access_request_now", "access_request", ["id"], unique=True, **_where(now))
    op.create_index("ix_access_request_open", "access_request", ["ends"], **_where(still_open))
    op.create_index(op.f("ix_access_request_line_id"), "access_request", ["line_id"])
    op.create_index(
        op.f("ix_access_request_id_from_revision"), "access_request", ["id", "from_revision"], **_where(always)
    )


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _moments(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(32), nullable=False) for name in names]


def _sorted_text() -> sa.types.TypeEngine[str]:
    """Text that PostgreSQL compares byte by byte, as SQLite does."""
    return sa.Text(collation="C") if op.get_bind().dialect.name == "postgresql" else sa.Text()
