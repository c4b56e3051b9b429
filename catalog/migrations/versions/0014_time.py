"""The moment of every revision, and indexes by which the spans of the past are found.

Revisions that were made before get the latest moment that a row of theirs bears, and never one before that of the
revision in front of them.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

#: which rows of the past tell when they were made
TOLD = (
    *("change", "decision", "version_status", "container", "deployment", "resource", "waiver", "suspension"),
    *("bundle_release", "active_release"),
)
#: by what the span that held at a revision is looked for
SOUGHT = {
    "listing": ("line_id", "fqn", "product_fqn"),
    "version_status": ("version_id",),
    "standing": ("line_id",),
    "container": ("id",),
    "deployment": ("id",),
    "resource": ("container_id",),
}


def upgrade() -> None:
    for table in ("chain_link", "catalog_head"):
        op.add_column(table, sa.Column("at", sa.String(32), nullable=True))
    _tell_moments()
    op.create_index("ix_chain_link_at_revision", "chain_link", ["at", "revision"])
    # It always holds, and only reads of the past say it, so that only they use these indexes.
    always: dict[str, Any] = dict.fromkeys(("sqlite_where", "postgresql_where"), sa.text("from_revision > 0"))
    for table, columns in SOUGHT.items():
        for column in columns:
            op.create_index(_name(table, column), table, [column, "from_revision"], **always)


def downgrade() -> None:
    for table, columns in SOUGHT.items():
        for column in columns:
            op.drop_index(_name(table, column), table)
    op.drop_index("ix_chain_link_at_revision", "chain_link")
    for table in ("catalog_head", "chain_link"):
        op.drop_column(table, "at")


def _name(table: str, column: str) -> str:
    return f"ix_{table}_{column}_from_revision"


def _tell_moments() -> None:
    made = [sa.table(name, sa.column("from_revision"), sa.column("at")) for name in TOLD]
    rows = sa.union_all(*(sa.select(one.c.from_revision, one.c.at) for one in made)).subquery()
    told = sa.select(rows.c.from_revision, sa.func.max(rows.c.at).label("at")).group_by(rows.c.from_revision).subquery()
    link, head = (sa.table(name, sa.column("revision"), sa.column("at")) for name in ("chain_link", "catalog_head"))
    one = link.alias("one")
    rising = sa.func.max(told.c.at).over(order_by=one.c.revision)
    first = sa.func.min(told.c.at).over()  # for what comes before anything that tells its moment
    along = one.outerjoin(told, told.c.from_revision == one.c.revision)
    found = sa.select(one.c.revision, sa.func.coalesce(rising, first).label("at")).select_from(along).subquery()
    op.execute(sa.update(link).values(at=found.c.at).where(found.c.revision == link.c.revision))
    op.execute(sa.update(head).values(at=sa.select(sa.func.max(link.c.at)).scalar_subquery()))
