"""Waivers that are requested and approved through the service, and policies that are suspended for a while."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _waivers()
    _suspensions()


def downgrade() -> None:
    for table in ("suspension", "waiver"):
        op.drop_table(table)


def _waivers() -> None:
    op.create_table(
        "waiver",
        _number(),
        *_texts("id", "state", "policy", "code"),
        _sorted("product"),
        *_texts("component", "within", "reason", "ticket", "domain", "requested_by"),
        *_moments("requested_at"),
        *_texts("approved_by"),
        *_moments("begins", "ends"),
        *_texts("note", "principal"),
        *_moments("at"),
        *_validity(),
        sa.CheckConstraint("state IN ('requested', 'approved', 'rejected', 'revoked')", name=op.f("ck_waiver_state")),
        sa.CheckConstraint("state <> 'approved' OR approved_by <> ''", name=op.f("ck_waiver_approved")),
        sa.CheckConstraint("approved_by <> requested_by", name=op.f("ck_waiver_two_people")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_waiver")),
    )
    _found_by_what_holds_now("waiver", "id")


def _suspensions() -> None:
    op.create_table(
        "suspension",
        _number(),
        *_texts("policy", "state", "reason", "suspended_by"),
        *_moments("begins", "ends"),
        *_texts("principal"),
        *_moments("at"),
        *_validity(),
        sa.CheckConstraint("state IN ('active', 'lifted')", name=op.f("ck_suspension_state")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_suspension")),
    )
    _found_by_what_holds_now("suspension", "policy")


def _found_by_what_holds_now(table: str, key: str) -> None:
    now = sa.text("until_revision IS NULL")
    where: dict[str, Any] = {"sqlite_where": now, "postgresql_where": now}
    op.create_index(f"uq_{table}_now", table, [key], unique=True, **where)
    op.create_index(f"ix_{table}_from_revision", table, ["from_revision"])


def _number() -> sa.Column[int]:
    return sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, autoincrement=True)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _sorted(name: str) -> sa.Column[str]:
    """Text that PostgreSQL compares byte by byte, as SQLite does."""
    told = sa.Text(collation="C") if op.get_bind().dialect.name == "postgresql" else sa.Text()
    return sa.Column(name, told, nullable=False)


def _moments(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(32), nullable=False) for name in names]


def _validity() -> list[sa.Column[int]]:
    return [
        sa.Column("from_revision", sa.BigInteger(), nullable=False),
        sa.Column("until_revision", sa.BigInteger(), nullable=True),
    ]
