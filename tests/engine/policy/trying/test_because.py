"""Is it told which expression made a finding, with which values, and nothing where that cannot be known?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rego

from engine.model import PolicyFailure
from engine.policy.trying.because import Explainer, Why
from engine.policy.trying.probing import MOST, Prober, Scope
from engine.policy.trying.rulebook import Rulebook
from engine.policy.trying.stand import Stand, StandEngine, parse
from engine.policy.trying.suite import Suite
from engine.policy.workers import Workers

Read = Callable[..., Suite]
Reasons = Callable[..., list[Why | None]]
LIST = 'finding := {"code": "wrong", "msg": "m", "path": ["ports", i]}'


@pytest.fixture
def reasons(read: Read, trial_workers: Workers, tmp_path: Path) -> Reasons:
    """Why the policy `mesh.a` with these rules finds what it finds in this document."""

    def told(rules: str, document: dict[str, Any], *, left: int = MOST, seconds: float = 2.0) -> list[Why | None]:
        suite = read(rego.write(tmp_path, {"mesh.a": rules}))
        engine = StandEngine(Stand(trial_workers, suite.texts, seconds=seconds))
        answer = engine.evaluate(suite.bundle, ["mesh.a"], {**document, "_context": {"policies": ["mesh.a"]}})["mesh.a"]
        assert not isinstance(answer, PolicyFailure), answer
        texts = {file: text for file, text in suite.texts.items() if file.endswith("a.rego")}
        prober = Prober(trial_workers, texts, seconds, left)
        explainer = Explainer(prober, Rulebook(parse(trial_workers, suite.sources.values())))
        return [explainer.finding(one, document) for one in answer]

    return told


def because(found: list[Why | None]) -> list[tuple[str, ...]]:
    return [one.because for one in found if one is not None]


def test_a_condition_that_was_false_is_told_with_its_values(reasons: Reasons) -> None:
    rules = rego.violation('owner := input.owner; not endswith(owner, "@example.org")')
    assert because(reasons(rules, {"owner": "a@x.org"})) == [
        ('`endswith(owner, "@example.org")` was false; owner = "a@x.org"',)
    ]


def test_a_condition_that_was_true_is_told_with_its_values(reasons: Reasons) -> None:
    assert because(reasons(rego.violation("count(input.ports) > 2"), {"ports": [1, 2, 3]})) == [
        ("`count(input.ports) > 2` was true; count(input.ports) = 3",)
    ]


def test_what_is_missing_is_told_as_undefined(reasons: Reasons) -> None:
    assert because(reasons(rego.violation("not input.info.owner"), {"info": {}})) == [
        ("`input.info.owner` was undefined",)
    ]


def test_each_finding_has_the_values_of_its_own_turn(reasons: Reasons) -> None:
    rules = (
        f"violation contains finding if {{\n\tport := input.ports[i]\n\tnot startswith(port.name, `x`)\n\t{LIST}\n}}"
    )
    found = because(reasons(rules, {"ports": [{"name": "a"}, {"name": "xb"}, {"name": "c"}]}))
    assert found == [
        ('`startswith(port.name, `x`)` was false; port.name = "a"',),
        ('`startswith(port.name, `x`)` was false; port.name = "c"',),
    ]


def test_a_helper_that_does_not_hold_is_followed_to_its_own_condition(reasons: Reasons) -> None:
    rules = f"""violation contains finding if {{
	port := input.ports[i]
	not _good(port, 3)
	{LIST}
}}

_good(port, least) if {{
	is_string(port.name)
	count(port.name) >= least
}}

_good(port, _) if port.old == true
"""
    assert because(reasons(rules, {"ports": [{"name": "ab"}]})) == [
        (
            "`_good(port, 3)` was undefined, as `count(port.name) >= least` is not true; count(port.name) = 2, "
            "least = 3 and `port.old == true` is not true; port.old is undefined",
        )
    ]


def test_of_two_rules_the_one_that_made_the_finding_is_named(reasons: Reasons) -> None:
    first, second = (rego.violation(f"input.{key} == {key!r}".replace("'", '"'), msg=f'"{key}"') for key in "ab")
    rules = f"{first}\n\n{second}"
    found = reasons(rules, {"b": "b"})
    assert [(one.line, one.because) for one in found if one] == [(18, ('`input.b == "b"` was true; input.b = "b"',))]


def test_no_more_than_two_conditions_are_told(reasons: Reasons) -> None:
    (found,) = because(reasons(rego.violation("input.a; input.b; input.c; input.d"), dict.fromkeys("abcd", True)))
    assert found == ("`input.c` was true", "`input.d` was true")


def test_a_long_value_is_cut(reasons: Reasons) -> None:
    (found,) = because(reasons(rego.violation('startswith(input.a, "x")'), {"a": "x" * 5000}))
    assert len(found[0]) < 160
    assert found[0].endswith("…")


def test_a_rule_without_a_condition_holds_always(reasons: Reasons) -> None:
    assert because(reasons(f"violation contains {rego.finding()}", {})) == [()]


def test_where_no_rule_can_be_shown_nothing_is_said(reasons: Reasons) -> None:
    assert reasons("default allow := false\n\nallow if input.good", {}) == [None]


def test_it_ends_when_the_probes_are_used_up(reasons: Reasons) -> None:
    rules = rego.violation("not input.a")
    assert reasons(rules, {}, left=0) == [None]


def test_an_argument_that_is_no_json_is_not_followed(reasons: Reasons) -> None:
    rule = rego.violation("names := {name | some name in input.names}; not _some(names)")
    rules = f"{rule}\n\n_some(names) if count(names) > 3"
    (found,) = because(reasons(rules, {"names": ["a"]}))
    assert found == ('`_some(names)` was undefined; names = ["a"]',)


def test_a_piece_that_takes_all_its_time_is_the_last_one_asked(trial_workers: Workers) -> None:
    text = "package mesh.a\n\nimport rego.v1\n\np if true\n"
    prober = Prober(trial_workers, {"a.rego": text}, 0.5)
    scope = Scope("a.rego", text.encode(), "mesh.a")
    assert prober.holds(scope, "p") is True
    loop = "n := numbers.range(1, 4000); some x in n; some y in n; some z in n; x + y + z == 0"
    assert prober.holds(scope, loop) is None
    assert (prober.left, prober.holds(scope, "p")) == (0, None)


def test_of_several_values_one_is_an_example(reasons: Reasons) -> None:
    rules = f'{rego.violation("not _some_good")}\n\n_some_good if {{\n\tsome name in input.names\n\tname == "x"\n}}'
    assert because(reasons(rules, {"names": ["a", "b"]})) == [
        ('`_some_good` was undefined, as `name == "x"` is not true; for example name = "a"',)
    ]
