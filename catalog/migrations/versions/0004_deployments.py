"""Containers, deployments, their plans and resources, and the leases of workers."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NOW = "until_revision IS NULL"
LIVE_CONTAINER = (
    "until_revision IS NULL AND status IN "
    "('provisioning', 'active', 'degraded', 'updating', 'deprovisioning', 'needs_cleanup')"
)
RUNNING_DEPLOYMENT = (
    "until_revision IS NULL AND state IN ('queued', 'planning', 'awaiting_approval', 'applying', 'verifying', "
    "'failing', 'compensating', 'cancelling')"
)


def upgrade() -> None:
    _containers()
    _deployments()
    _resources()
    _leases()


def downgrade() -> None:
    for table in ("worker_lease", "resource", "deployment_plan", "deployment", "container"):
        op.drop_table(table)


def _containers() -> None:
    op.create_table(
        "container",
        _number(),
        *_texts("id", "product_id", "line_id"),
        _sorted("fqn"),
        *_texts("name", "domain"),
        sa.Column("major", sa.BigInteger(), nullable=False),
        *_texts("environment", "status", "version", "digest"),
        sa.Column("generation", sa.Integer(), nullable=False),
        *_texts("deployment_id"),
        sa.Column("usable", sa.Boolean(), nullable=False),
        sa.Column("in_sync", sa.Boolean(), nullable=False),
        *_texts("reason", "principal"),
        *_moments("at"),
        *_validity(),
        _points("container", "product_id", "product"),
        _points("container", "line_id", "line"),
        sa.CheckConstraint("major >= 0", name=op.f("ck_container_major")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_container")),
    )
    _only("one_container", "container", LIVE_CONTAINER, "product_id", "major", "environment")
    _only("uq_container_now", "container", NOW, "id")
    op.create_index("ix_container_line_id", "container", ["line_id"])
    op.create_index("ix_container_fqn", "container", ["fqn"])


def _deployments() -> None:
    op.create_table(
        "deployment",
        _number(),
        *_texts("id", "container_id", "action"),
        _sorted("fqn"),
        *_texts("environment", "version", "version_id", "digest"),
        sa.Column("decision_id", sa.Text(), nullable=True),
        sa.Column("rollback", sa.Boolean(), nullable=False),
        *_texts("data_policy"),
        sa.Column("generation", sa.Integer(), nullable=False),
        *_texts("state", "reason", "error_class", "principal"),
        *_moments("requested_at", "at"),
        *_validity(),
        _points("deployment", "version_id", "version"),
        _points("deployment", "decision_id", "decision"),
        sa.CheckConstraint("action = 'retire' OR decision_id IS NOT NULL", name=op.f("ck_deployment_cleared")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_deployment")),
    )
    _only("one_running", "deployment", RUNNING_DEPLOYMENT, "container_id")
    _only("uq_deployment_now", "deployment", NOW, "id")
    op.create_index("ix_deployment_container_id", "deployment", ["container_id"])


def _resources() -> None:
    op.create_table(
        "deployment_plan",
        *_texts("deployment_id", "digest", "document"),
        *_validity(),
        sa.PrimaryKeyConstraint("deployment_id", name=op.f("pk_deployment_plan")),
    )
    op.create_table(
        "resource",
        _number(),
        *_texts("container_id", "resource_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        *_texts("fqn", "kind", "name", "adapter", "state"),
        sa.Column("generation", sa.Integer(), nullable=False),
        *_texts("specification", "fingerprint", "outputs", "request", "reason", "error_class", "deployment_id"),
        *_moments("at"),
        *_validity(),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_resource")),
    )
    _only("uq_resource_now", "resource", NOW, "container_id", "resource_id")


def _leases() -> None:
    op.create_table(
        "worker_lease",
        *_texts("executor_id"),
        sa.Column("started_at", sa.Float(53), nullable=False),
        sa.Column("expires_at", sa.Float(53), nullable=False),
        sa.PrimaryKeyConstraint("executor_id", name=op.f("pk_worker_lease")),
    )


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


def _points(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))


def _only(name: str, table: str, condition: str, *columns: str) -> None:
    where: dict[str, Any] = {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
    op.create_index(name, table, list(columns), unique=True, **where)
