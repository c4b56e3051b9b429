"""Is what regorus says told in one line?"""

from __future__ import annotations

import pytest

from engine.policy import worker


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("\n--> a.rego:3:7\n  |\n3 | q := 1/0\n  |      ^\nerror: divide by zero\n", "a.rego:3:7: divide by zero"),
        (
            "\n--> a.rego:3:7\n  |\n3 | q\n  | ^\nerror: value `a\nb` twice\n --> a.rego:9:1\n  |\n9 | q := 2\n  | ^",
            "a.rego:3:7: value `a b` twice --> a.rego:9:1",
        ),
        ("error: no such rule\n\nStack backtrace:\n   0: <unknown>\n   1: main", "error: no such rule"),
        ("it said\n  nothing", "it said nothing"),
    ],
)
def test_what_regorus_says_is_one_line_without_its_drawings(said: str, told: str) -> None:
    assert worker.in_one_line(said) == told
