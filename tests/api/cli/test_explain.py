"""Does `meshgate explain` know every code that meshgate can show, and help with one that it does not know?"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from commands import ROOT, Ended, Terminal

from api.cli import explanations
from engine import errors
from engine.descriptor.codes import CODES
from engine.errors import GovernanceError
from engine.policy.bundle import load

Run = Callable[..., Ended]
BUNDLE = load([ROOT / "policies"])
ERRORS = {one.code: one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, GovernanceError)}


def test_every_problem_is_explained_by_its_code_and_by_its_name() -> None:
    pages = list(explanations.fixed())
    for code, one in CODES.items():
        (found,) = explanations.named(code, pages)
        assert (found.title, found.text) == (one.title, one.explanation)
        assert explanations.named(one.name, pages) == explanations.named(code.lower(), pages) == [found]


def test_every_error_is_explained_with_its_hint() -> None:
    pages = list(explanations.fixed())
    for code, error in ERRORS.items():
        (found,) = explanations.named(code, pages)
        assert (found.kind, dict(found.facts).get("what to do", "")) == ("error", error.hint)
        assert found.title


def test_every_policy_and_every_finding_is_explained_from_its_annotations() -> None:
    pages = list(explanations.of_policies(BUNDLE.policies.values()))
    for policy in BUNDLE.policies.values():
        (found,) = explanations.named(policy.id, pages)
        assert (found.title, found.text, dict(found.facts)["owner"]) == (policy.title, policy.description, policy.owner)
        assert explanations.named(policy.id.rpartition(".")[2], pages) == [found]
        for code, finding in policy.findings.items():
            (found,) = explanations.named(f"{policy.id}/{code}", pages)
            assert (found.title, dict(found.facts)["what to do"]) == (finding.title, finding.remediation)
            assert found in explanations.named(code, pages)


@pytest.mark.parametrize("code", ["DP302", "wrong-type", "not-cleared", "owner_declared", "owner_missing"])
def test_each_kind_of_code_is_explained_on_a_page(run: Run, code: str) -> None:
    told = run("explain", code)
    assert (told.code, told.err, len(told.out.splitlines()) > 3) == (0, "", True)


def test_a_page_says_what_it_is_what_it_means_and_what_to_do(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run("explain", "DP108").out == (
        "DP108  problem, error\n"
        "A mapping holds the same key twice\n\n"
        "  Most readers silently keep the last of the two, so what was written and what\n"
        "  was judged would differ. The message names both places; remove one of them.\n\n"
        "  name: duplicate-key\n"
        "  step: source\n"
    )
    assert run("explain", "owner_missing").out == (
        "mesh.ownership.owner_declared/owner_missing  finding\n"
        "Owner missing\n\n"
        "  Every data product names an accountable owner, so that consumers know whom to\n"
        "  ask and who decides.\n\n"
        "  what to do: Set info.owner.id to the identifier of the accountable person or\n"
        "    team.\n"
        "  policy: mesh.ownership.owner_declared: Owner declared\n"
        "  severity: high\n"
        "  owner: Federated Governance Team\n"
    )


def test_an_unknown_code_ends_with_2_and_names_similar_ones(run: Run) -> None:
    told = run("explain", "owner_mising")
    assert (told.code, told.out) == (2, "")
    assert "`owner_mising` is no code of a problem, an error or a policy here. Did you mean `owner_missing`" in told.err


POLICY = """# METADATA
# title: Another owner rule
# description: Foreign text \\u001b[31m stays text.
# scope: package
# organizations: [Sales]
# custom:
#   severity: low
#   category: ownership
#   enforcement: shadow
#   events: [submit]
#   findings: {owner_missing: {title: "Owner\\e[31m missing", remediation: Name one.}}
package PACKAGE

import rego.v1

violation contains finding if {
\tnot input.info.owner
\tfinding := {"code": "owner_missing", "msg": "none", "path": ["info"]}
}
"""


def test_a_code_of_several_policies_is_listed_and_foreign_text_commands_no_terminal(
    run: Run, terminal: Terminal
) -> None:
    for name in ("first", "second"):
        terminal.write(f"own/sales/{name}/{name}.rego", POLICY.replace("PACKAGE", f"sales.{name}"))
    told = run("explain", "owner_missing", "--policies", "own")
    assert (told.code, told.out) == (2, "")
    assert "`owner_missing` means several things" in told.err
    assert "`sales.first/owner_missing`, `sales.second/owner_missing`" in told.err
    page = run("explain", "sales.first/owner_missing", "--policies", "own")
    assert (page.code, "\x1b" in page.out) == (0, False)


def test_policies_that_cannot_be_loaded_keep_nobody_from_reading_why(run: Run, terminal: Terminal) -> None:
    terminal.write("own/broken/broken.rego", "package own.broken\n\nviolation contains")
    assert run("explain", "bundle-invalid", "--policies", "own").code == 0
    told = run("explain", "owner_missing", "--policies", "own")
    assert (told.code, "[bundle-invalid]" in told.err) == (2, True)
