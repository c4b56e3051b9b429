"""What is kept so that listings can be filtered, counted and completed, and words corrected?

Made from listings, their ports and columns, and made anew from them whenever it is missing (`catalog.text.rebuilt`).
Like the full text index it only follows the listings: no constraint ties them to it.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer, Text, UniqueConstraint
from sqlmodel import Field

from catalog.tables.columns import PlainText, SortedText
from catalog.tables.row import Row


class TraitRow(Row, table=True):
    """One value of a field by which listings are filtered, such as the domain `sales`; kept when none has it now."""

    __tablename__ = "trait"
    __table_args__ = (UniqueConstraint("field", "key"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger().with_variant(Integer(), "sqlite"))
    field: str = Field(sa_type=Text)
    #: the value as it is compared: without case and accents
    key: str = Field(sa_type=SortedText)
    value: str = Field(sa_type=PlainText)


class ListingTraitRow(Row, table=True):
    """A listing that holds now has this trait; the field is repeated so that counting one leaves the others alone."""

    __tablename__ = "listing_trait"
    __table_args__ = (Index(None, "trait_id", "number"), {"sqlite_with_rowid": False})

    number: int = Field(primary_key=True, sa_type=BigInteger)
    field: str = Field(primary_key=True, sa_type=Text)
    trait_id: int = Field(primary_key=True, foreign_key="trait.id", sa_type=BigInteger)


class ListingFacetRow(Row, table=True):
    """The traits of a listing that holds now by which hits are counted: for each field their ids, with spaces between.

    Said again in this form because counting hits by them reads one short row for each, and groups none.
    """

    __tablename__ = "listing_facet"

    number: int = Field(
        primary_key=True,
        sa_type=BigInteger().with_variant(Integer(), "sqlite"),
        sa_column_kwargs={"autoincrement": False},
    )
    domain: str = Field(sa_type=Text)
    owner: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    tag: str = Field(sa_type=Text)
    has: str = Field(sa_type=Text)
    platform: str = Field(sa_type=Text)
    specification: str = Field(sa_type=Text)


class ListingTextRow(Row, table=True):
    """The words of a listing that holds now, in the order in which they were written, for quoted phrases."""

    __tablename__ = "listing_text"

    number: int = Field(
        primary_key=True,
        sa_type=BigInteger().with_variant(Integer(), "sqlite"),
        sa_column_kwargs={"autoincrement": False},
    )
    phrases: str = Field(sa_type=Text)


class WordRow(Row, table=True):
    """One token that a listing has or had, and its letters backwards: what a misspelt word may have meant."""

    __tablename__ = "word"
    __table_args__ = ({"sqlite_with_rowid": False},)

    term: str = Field(primary_key=True, sa_type=SortedText)
    backwards: str = Field(sa_type=SortedText, index=True)
