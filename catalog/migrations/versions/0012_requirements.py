"""Saved requirements of consumers, the products that fit them, and how far each has followed the feed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

LIVE = sa.text("until_revision IS NULL")


def upgrade() -> None:
    op.create_table(
        "requirement",
        *_span(),
        *_texts("id"),
        sa.Column("name", _sorted_text(), nullable=False),
        *_texts("principal", "roles", "principal_domains", "rego", "parameters", "query", "package", "digest"),
        sa.Column("at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_requirement")),
    )
    _live("requirement", "uq_requirement_live_id", "id")
    _live("requirement", "uq_requirement_live_name", "principal", "name")
    _standings()
    op.create_table(
        "requirement_watch",
        *_texts("requirement_id"),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        *_texts("day", "holder"),
        sa.Column("lease_until", sa.Float(53), nullable=False),
        sa.Column("retry_at", sa.Float(53), nullable=False),
        *_texts("reason"),
        sa.PrimaryKeyConstraint("requirement_id", name=op.f("pk_requirement_watch")),
    )


def downgrade() -> None:
    for table in ("requirement_watch", "requirement_standing", "requirement"):
        op.drop_table(table)


def _standings() -> None:
    name = "requirement_standing"
    op.create_table(
        name,
        *_span(),
        *_texts("requirement_id", "line_id", "version_id"),
        sa.Column("fqn", _sorted_text(), nullable=False),
        *_texts("version", "domain", "verdict", "reasons"),
        sa.Column("reason_count", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        *_texts("asked_on"),
        sa.CheckConstraint("verdict IN ('fit', 'unfit')", name=op.f("ck_requirement_standing_verdict")),
        sa.ForeignKeyConstraint(["line_id"], ["line.id"], name=op.f("fk_requirement_standing_line_id_line")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["version.id"], name=op.f("fk_requirement_standing_version_id_version")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_requirement_standing")),
    )
    _live(name, "uq_requirement_standing_live", "requirement_id", "line_id")


def _leads_to(table: str, other: str) -> sa.ForeignKeyConstraint:
    told = op.f(f"fk_{table}_{other}_id_{other}")
    return sa.ForeignKeyConstraint([f"{other}_id"], [f"{other}.id"], name=told)


def _live(table: str, name: str, *columns: str) -> None:
    op.create_index(name, table, list(columns), unique=True, sqlite_where=LIVE, postgresql_where=LIVE)


def _span() -> list[sa.Column[int]]:
    counted = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return [
        sa.Column("number", counted, autoincrement=True, nullable=False),
        sa.Column("from_revision", sa.BigInteger(), nullable=False),
        sa.Column("until_revision", sa.BigInteger(), nullable=True),
    ]


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _sorted_text() -> sa.types.TypeEngine[str]:
    """Text that PostgreSQL compares byte by byte, as SQLite does."""
    return sa.Text(collation="C") if op.get_bind().dialect.name == "postgresql" else sa.Text()
