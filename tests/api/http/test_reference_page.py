"""Does docs/reference/http.md tell every error code that a server can answer with?"""

from __future__ import annotations

from pathlib import Path

from api.auth.permissions import ROLES
from api.http.problems import STATUS, table
from engine.errors import GovernanceError

PAGE = Path(__file__).resolve().parents[3] / "docs/reference/http.md"


def test_the_page_lists_the_codes() -> None:
    listed = PAGE.read_text().partition("<!-- codes")[2].partition("-->\n")[2].partition("<!-- /codes -->")[0]
    assert listed == table()


def test_the_page_lists_the_roles() -> None:
    text = PAGE.read_text()
    assert [role for role in ROLES if f"\n| `{role}` |" not in text] == []


def test_every_code_of_the_family_has_a_row_of_its_own() -> None:
    def family(kind: type[GovernanceError]) -> set[type[GovernanceError]]:
        return {kind}.union(*map(family, kind.__subclasses__()))

    told = ("engine.errors", "engine.policy.refusals", "engine.evaluation.refusals", "api.http.errors")
    ours = {kind for kind in family(GovernanceError) if kind.__module__.startswith(told)}
    assert ours == set(STATUS)
