"""What listings are counted by, a short row for each; made from the traits of the listings that hold now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

FIELDS = ("domain", "owner", "status", "tag", "has", "platform", "specification")
STRUNG = {"sqlite": "group_concat(trait_id, ' ')", "postgresql": "string_agg(CAST(trait_id AS text), ' ')"}
FILLED = "INSERT INTO listing_facet (number, {names}) SELECT number, {values} FROM listing_trait GROUP BY number"


def upgrade() -> None:
    op.create_table(
        "listing_facet",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        *(sa.Column(name, sa.Text(), nullable=False) for name in FIELDS),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_listing_facet")),
    )
    strung = STRUNG[op.get_bind().dialect.name]
    each = (f"coalesce({strung} FILTER (WHERE field = '{field}'), '')" for field in FIELDS)
    op.execute(FILLED.format(names=", ".join(FIELDS), values=", ".join(each)))


def downgrade() -> None:
    op.drop_table("listing_facet")
