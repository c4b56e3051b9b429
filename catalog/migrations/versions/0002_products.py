"""Products: lines, accepted versions, their standing and parts; what lists and lineage read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _products()
    _versions()
    _listings()
    _edges()


def downgrade() -> None:
    for table in ("reading", "port", "listing", "part", "version_status", "version", "line", "product"):
        op.drop_table(table)


def sorted_text() -> sa.types.TypeEngine[str]:
    """Text that PostgreSQL compares byte by byte, as SQLite does."""
    return sa.Text(collation="C") if op.get_bind().dialect.name == "postgresql" else sa.Text()


def live_index(name: str, table: str, columns: list[str], *, unique: bool) -> None:
    """An index over the rows that still hold."""
    live = sa.text("until_revision IS NULL")
    op.create_index(name, table, columns, unique=unique, sqlite_where=live, postgresql_where=live)


def _products() -> None:
    op.create_table(
        "product",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("namespace", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("from_revision", sa.BigInteger(), nullable=False),
        sa.Column("until_revision", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("namespace", "name", name=op.f("uq_product_namespace_name")),
    )
    op.create_table(
        "line",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "product_id",
            sa.Text(),
            sa.ForeignKey("product.id", name=op.f("fk_line_product_id_product")),
            nullable=False,
        ),
        sa.Column("major", sa.BigInteger(), nullable=False),
        sa.Column("fqn", sorted_text(), nullable=False),
        sa.Column("odm_id", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.String(32), nullable=False),
        sa.Column("from_revision", sa.BigInteger(), nullable=False),
        sa.Column("until_revision", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line")),
        sa.UniqueConstraint("fqn", name=op.f("uq_line_fqn")),
        sa.UniqueConstraint("product_id", "major", name=op.f("uq_line_product_id_major")),
    )
    op.create_index("ix_line_odm_id", "line", ["odm_id"], unique=False)


def _versions() -> None:
    op.create_table(
        "version",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "product_id",
            sa.Text(),
            sa.ForeignKey("product.id", name=op.f("fk_version_product_id_product")),
            nullable=False,
        ),
        sa.Column("line_id", sa.Text(), sa.ForeignKey("line.id", name=op.f("fk_version_line_id_line")), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("plain_version", sa.Text(), nullable=False),
        sa.Column("precedence", sorted_text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("effective", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column(
            "decision_id",
            sa.Text(),
            sa.ForeignKey("decision.id", name=op.f("fk_version_decision_id_decision")),
            nullable=False,
        ),
        sa.Column("submitted_by", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.String(32), nullable=False),
        sa.Column("from_revision", sa.BigInteger(), nullable=False),
        sa.Column("until_revision", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version")),
        sa.UniqueConstraint("product_id", "plain_version", name=op.f("uq_version_product_id_plain_version")),
    )
    op.create_index("ix_version_line_id", "version", ["line_id"], unique=False)
    op.create_table(
        "version_status",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "version_id",
            sa.Text(),
            sa.ForeignKey("version.id", name=op.f("fk_version_status_version_id_version")),
            nullable=False,
        ),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sunset", sa.String(32), nullable=True),
        sa.Column("successor", sa.Text(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("from_revision", sa.BigInteger(), nullable=False),
        sa.Column("until_revision", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("status IN ('active', 'deprecated', 'withdrawn')", name=op.f("ck_version_status_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version_status")),
    )
    live_index("uq_version_status_live", "version_status", ["version_id"], unique=True)
    op.create_table(
        "part",
        sa.Column(
            "version_id",
            sa.Text(),
            sa.ForeignKey("version.id", name=op.f("fk_part_version_id_version")),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("from_revision", sa.BigInteger(), nullable=False),
        sa.Column("until_revision", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("version_id", "position", name=op.f("pk_part")),
    )


def _listings() -> None:
    op.create_table(
        "listing",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.Text(), sa.ForeignKey("line.id", name=op.f("fk_listing_line_id_line")), nullable=False),
        sa.Column(
            "version_id",
            sa.Text(),
            sa.ForeignKey("version.id", name=op.f("fk_listing_version_id_version")),
            nullable=False,
        ),
        sa.Column("fqn", sorted_text(), nullable=False),
        sa.Column("product_fqn", sorted_text(), nullable=False),
        sa.Column("namespace", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("major", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("precedence", sorted_text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column(
            "decision_id",
            sa.Text(),
            sa.ForeignKey("decision.id", name=op.f("fk_listing_decision_id_decision")),
            nullable=False,
        ),
        sa.Column("accepted_at", sa.String(32), nullable=False),
        sa.Column("name_key", sorted_text(), nullable=False),
        sa.Column("display_key", sorted_text(), nullable=False),
        sa.Column("prior", sa.Integer(), nullable=False),
        sa.Column("from_revision", sa.BigInteger(), nullable=False),
        sa.Column("until_revision", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("status IN ('active', 'deprecated', 'withdrawn')", name=op.f("ck_listing_status")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_listing")),
    )
    live_index("ix_listing_live_display_key", "listing", ["display_key"], unique=False)
    live_index("ix_listing_live_name_key", "listing", ["name_key"], unique=False)
    live_index("ix_listing_live_product_fqn", "listing", ["product_fqn"], unique=False)
    live_index("ix_listing_live_prior_fqn", "listing", ["prior", "fqn"], unique=False)
    op.create_index("ix_listing_version_id", "listing", ["version_id"], unique=False)
    live_index("uq_listing_live_fqn", "listing", ["fqn"], unique=True)
    live_index("uq_listing_live_line_id", "listing", ["line_id"], unique=True)


def _edges() -> None:
    op.create_table(
        "port",
        sa.Column(
            "version_id",
            sa.Text(),
            sa.ForeignKey("version.id", name=op.f("fk_port_version_id_version")),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fqn", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("services_type", sa.Text(), nullable=False),
        sa.Column("api_specification", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("from_revision", sa.BigInteger(), nullable=False),
        sa.Column("until_revision", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("version_id", "position", name=op.f("pk_port")),
    )
    op.create_table(
        "reading",
        sa.Column(
            "version_id",
            sa.Text(),
            sa.ForeignKey("version.id", name=op.f("fk_reading_version_id_version")),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("input_port", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("product_fqn", sorted_text(), nullable=False),
        sa.Column("major", sa.BigInteger(), nullable=True),
        sa.Column("port_name", sa.Text(), nullable=False),
        sa.Column("from_revision", sa.BigInteger(), nullable=False),
        sa.Column("until_revision", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("version_id", "position", name=op.f("pk_reading")),
    )
    op.create_index("ix_reading_product_fqn", "reading", ["product_fqn"], unique=False)
