"""Requirements for tests: what consumers may need, and what they should not get."""

from __future__ import annotations

PLAIN = """\
package need.gold

import rego.v1

defaults := {"tag": "gold"}

params := object.union(defaults, object.get(input, ["_context", "parameters", "need.gold"], {}))

violation contains finding if {
	not params.tag in input.tags
	finding := {"code": "untagged", "msg": sprintf("it is not tagged %s", [params.tag]), "path": ["tags"]}
}
"""
"""Fits what bears a tag."""


def finds(message: str, condition: str = "true", *, head: str = "", needs: str = "") -> str:
    """A requirement whose one reason is this Rego expression, where this condition holds."""
    block = f"# METADATA\n# custom: {{needs: [{needs}]}}\n" if needs else ""
    body = f'violation contains {{"code": "found", "msg": {message}, "path": []}} if {{ {condition} }}\n'
    return f"{block}package need.found\n\nimport rego.v1\n\n{head}\n{body}"


RUNAWAY = finds(
    '"never"', "count([1 | some i in numbers.range(1, 100000); some j in numbers.range(1, 10000); i == j]) > 5"
)
MEMORY = finds('sprintf("%d", [count(numbers.range(1, 90000000))])')
HUGE = finds(
    'sprintf("%d %s", [i, text])',
    "some i in numbers.range(1, 3000)",
    head='text := concat("", ["0123456789012345678901234567890123456789" | some j in numbers.range(1, 200); j > 0])\n',
)
WRONG = finds('sprintf("%v", [to_number(input.info.name)])')
