"""Does the reference page name every error code and every limit, and none that there is not?"""

from __future__ import annotations

import re
from pathlib import Path

from api.graphql import documents
from api.graphql.limits import Limits

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/reference/graphql.md").read_text("utf-8")
ROWS = {row[1]: row[2].strip() for row in re.finditer(r"^\| `([a-z-]+)` \|.*\| *([^|]*)\|$", PAGE, re.MULTILINE)}
CALLS = (r'(?:refused|_within)\(\s*"([a-z-]+)"', r'Refused\(.*, "([a-z-]+)"\)', r'"code": "([a-z-]+)"')


def test_the_page_names_exactly_the_codes_of_the_code() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "api/graphql").rglob("*.py"))
    found = {code for call in CALLS for code in re.findall(call, sources)}
    assert ROWS.keys() == found | set(documents.GUARDS.values()) | {"query-invalid"}


def test_the_page_tells_the_limits_that_hold() -> None:
    limits = Limits()
    assert f"beyond {limits.body // 1024} KiB" in PAGE
    told = {code: limit for code, limit in ROWS.items() if limit}
    assert told == {
        "query-too-large": f"{limits.tokens:,}",
        "query-too-deep": str(limits.depth),
        "too-many-aliases": str(limits.aliases),
        "page-too-large": str(limits.page),
        "query-too-expensive": f"{limits.cost:,}",
        "query-timeout": f"{limits.seconds:g}",
        "introspection-too-deep": str(limits.introspection_depth),
        "too-many-operations": str(limits.operations),
    }
