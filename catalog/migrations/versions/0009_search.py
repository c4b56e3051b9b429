"""Columns of ports; traits, phrases and words by which listings are filtered, counted, completed and corrected.

What they hold of listings and versions that are there already is made after the last step (catalog/text/rebuilt.py).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _columns()
    _traits()
    _words()


def downgrade() -> None:
    for table in ("word", "listing_text", "listing_trait", "trait", "port_column"):
        op.drop_table(table)


def sorted_text() -> sa.types.TypeEngine[str]:
    """Text that PostgreSQL compares byte by byte, as SQLite does."""
    return sa.Text(collation="C") if op.get_bind().dialect.name == "postgresql" else sa.Text()


def _columns() -> None:
    texts = ("dataset", "path", "type")
    op.create_table(
        "port_column",
        sa.Column(
            "version_id",
            sa.Text(),
            sa.ForeignKey("version.id", name=op.f("fk_port_column_version_id_version")),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("port_kind", sa.Text(), nullable=False),
        sa.Column("port", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column("nullable", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("description", "tags", "direction", "words")),
        sa.Column("from_revision", sa.BigInteger(), nullable=False),
        sa.Column("until_revision", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("version_id", "position", name=op.f("pk_port_column")),
    )


def _traits() -> None:
    counted = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "trait",
        sa.Column("id", counted, nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("key", sorted_text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trait")),
        sa.UniqueConstraint("field", "key", name=op.f("uq_trait_field_key")),
    )
    op.create_table(
        "listing_trait",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column(
            "trait_id",
            sa.BigInteger(),
            sa.ForeignKey("trait.id", name=op.f("fk_listing_trait_trait_id_trait")),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("number", "field", "trait_id", name=op.f("pk_listing_trait")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_listing_trait_trait_id_number", "listing_trait", ["trait_id", "number"])


def _words() -> None:
    op.create_table(
        "listing_text",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("phrases", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_listing_text")),
    )
    op.create_table(
        "word",
        sa.Column("term", sorted_text(), nullable=False),
        sa.Column("backwards", sorted_text(), nullable=False),
        sa.PrimaryKeyConstraint("term", name=op.f("pk_word")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_word_backwards", "word", ["backwards"])
