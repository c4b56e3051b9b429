"""Released bundles and which one is in force; what OPA servers tell of themselves and of their decisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_NOW = sa.text("until_revision IS NULL")


def upgrade() -> None:
    _releases()
    _activations()
    _opas()
    _opa_decisions()


def downgrade() -> None:
    for table in ("opa_decision", "opa", "active_release", "bundle_release"):
        op.drop_table(table)


def _releases() -> None:
    op.create_table(
        "bundle_release",
        sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
        *_texts("revision", "assignments_digest", "waivers_digest", "digest"),
        sa.Column("released", sa.String(32), nullable=False),
        *_texts("key_id"),
        sa.Column("policies", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        *_texts("principal"),
        sa.Column("at", sa.String(32), nullable=False),
        *_validity(),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_bundle_release")),
        sa.UniqueConstraint("digest", name=op.f("uq_bundle_release_digest")),
    )
    op.create_index(op.f("ix_bundle_release_revision"), "bundle_release", ["revision"], unique=False)


def _activations() -> None:
    op.create_table(
        "active_release",
        _number("position"),
        *_texts("bundle"),
        sa.Column("release_number", sa.BigInteger(), nullable=False),
        *_texts("reason", "principal"),
        sa.Column("at", sa.String(32), nullable=False),
        *_validity(),
        sa.ForeignKeyConstraint(
            ["release_number"],
            ["bundle_release.number"],
            name=op.f("fk_active_release_release_number_bundle_release"),
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_active_release")),
    )
    op.create_index(
        "one_active_release", "active_release", ["bundle"], unique=True, sqlite_where=_NOW, postgresql_where=_NOW
    )


def _opas() -> None:
    op.create_table(
        "opa",
        *_texts("id", "labels", "revision", "activated", "requested", "code", "message", "errors", "principal"),
        sa.Column("at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opa")),
    )
    op.create_index(op.f("ix_opa_at"), "opa", ["at"], unique=False)


def _opa_decisions() -> None:
    op.create_table(
        "opa_decision",
        _number("number"),
        *_texts("decision_id", "opa", "revision", "path", "timestamp"),
        sa.Column("event", sa.LargeBinary(), nullable=False),
        *_texts("principal"),
        sa.Column("at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_opa_decision")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_opa_decision_decision_id")),
    )
    op.create_index(op.f("ix_opa_decision_at"), "opa_decision", ["at"], unique=False)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, autoincrement=True)


def _validity() -> list[sa.Column[int]]:
    return [
        sa.Column("from_revision", sa.BigInteger(), nullable=False),
        sa.Column("until_revision", sa.BigInteger(), nullable=True),
    ]
