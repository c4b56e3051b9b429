"""How are moments, JSON, compressed bytes and sorted text kept so that both stores behave alike?"""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import BigInteger, Integer, LargeBinary, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

NUMBER = BigInteger().with_variant(Integer(), "sqlite")
"""A key that the store counts by itself."""


def dumps(value: Any) -> bytes:
    """The value as compact JSON; mappings and other containers of our values become plain ones."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_SORT_KEYS)


def _plain(value: Any) -> Any:
    if hasattr(value, "items"):
        return dict(value.items())
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is no JSON value")


class Moment(TypeDecorator[datetime]):
    """A moment with its time zone, kept as UTC text that sorts in time order."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment in the catalog needs its time zone")
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


class JsonText(TypeDecorator[Any]):
    """A JSON value as text with sorted keys; lists come back as lists."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else dumps(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


class Texts(JsonText):
    """A list of texts that comes back as a tuple."""

    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else tuple(orjson.loads(value))


class PackedBytes(TypeDecorator[bytes]):
    """Bytes that are kept verbatim, compressed."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else zlib.compress(value, 3)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else zlib.decompress(value)


class PlainText(TypeDecorator[str]):
    """Text by an author, or an id that anybody may ask for; NUL, which PostgreSQL refuses, is shown as U+FFFD (the
    verbatim parts keep it), and is found nowhere."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return self.kept(value) if value is not None and "\0" in value else value

    @staticmethod
    def kept(value: str) -> str:
        """The text as the stores keep it."""
        return value.replace("\0", "\ufffd")


class SortedText(PlainText):
    """Text that both stores compare byte by byte, so that both give the same order."""

    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return Text(collation="C") if dialect.name == "postgresql" else Text()
