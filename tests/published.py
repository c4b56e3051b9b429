"""Is a JSON document that meshgate gives what the schema that it names says?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from commands import Ended
from jsonschema import Draft202012Validator, FormatChecker

from api.cli import schema
from api.cli.schema import Kind

OF_PRODUCTS = frozenset(
    {
        *("search", "product", "lineage", "comparison", "difference", "downstream", "fitness"),
        *("requirement", "requirements", "sample", "trust", "trust-facts", "loaded", "adapters", "conformance"),
    }
)
"""What tests/api/cli/test_product_documents.py looks at."""
FORMATS = FormatChecker()


@FORMATS.checks("date-time", raises=ValueError)
def _has_a_time_zone(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@cache
def validator(kind: Kind) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema.text(kind)), format_checker=FORMATS)


def faults(document: Mapping[str, Any], kind: str) -> list[str]:
    """What the published schema of this kind finds wrong with a document."""
    return [f"{error.json_path}: {error.message}" for error in validator(Kind(kind)).iter_errors(document)]


def told(ended: Ended, kind: str) -> Any:
    """The document that a command printed, which has to be one of this kind."""
    assert ended.out, ended.err
    document = ended.json
    assert document["schema"] == f"meshgate/{kind}/1"
    found = faults(document, kind)
    assert not found, found
    return document


def answered(answer: Any, kind: str) -> Any:
    """The body of a good answer over HTTP, which has to be what a command prints, with or without its schema's name."""
    assert answer.status_code < 300, answer.text
    body = answer.json()
    found = faults({"schema": f"meshgate/{kind}/1", **body}, kind)
    assert not found, found
    return body
