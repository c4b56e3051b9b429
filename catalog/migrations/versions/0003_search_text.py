"""The full text index: `listing.number` and four fields of tokens, weightiest first (see catalog/search)."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE TABLE search_text (number BIGINT PRIMARY KEY, tokens TSVECTOR NOT NULL)")
        op.execute("CREATE INDEX ix_search_text_tokens ON search_text USING gin (tokens)")
        return
    op.execute(
        "CREATE VIRTUAL TABLE search_text USING fts5"
        "(a, b, c, d, tokenize = 'ascii', prefix = '2 3', columnsize = 0, detail = 'column')"
    )


def downgrade() -> None:
    op.execute("DROP TABLE search_text")
