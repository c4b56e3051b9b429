"""Which texts are requirements, and which are refused, before any product is asked?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from needs import PLAIN, finds

from engine.errors import PolicyEngineUnavailable, RequirementInvalid
from engine.fitness.requirement import BOUNDS, LARGEST_PARAMETERS, read
from engine.policy.workers import Workers


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    made = Workers(1, memory_mib=512)
    yield made
    made.close()


def with_metadata(custom: str, body: str = PLAIN) -> str:
    return f"# METADATA\n# title: Gold\n# custom:\n#   {custom}\n{body}"


def test_a_requirement_needs_nothing_but_the_rule_that_every_policy_has(workers: Workers) -> None:
    found = read(workers, PLAIN)
    assert (found.policy.id, found.policy.title, dict(found.policy.defaults)) == ("need.gold", "", {"tag": "gold"})
    assert not found.needs_mesh
    assert found.digest.startswith("sha256:")


def test_its_metadata_may_say_what_it_needs_and_what_its_findings_mean(workers: Workers) -> None:
    told = with_metadata("needs: [mesh]\n#   findings: {untagged: {title: Untagged, remediation: Tag it.}}")
    found = read(workers, told)
    assert (found.policy.title, found.needs_mesh) == ("Gold", True)
    assert found.policy.findings["untagged"].remediation == "Tag it."


def test_another_text_is_another_requirement_and_other_parameters_are_not(workers: Workers) -> None:
    assert read(workers, PLAIN).digest == read(workers, PLAIN, {"tag": "silver"}).digest
    assert read(workers, PLAIN).digest != read(workers, PLAIN + "\n# more\n").digest


REFUSED = {
    "the network": (finds('"x"', 'http.send({"url": "http://127.0.0.1"}).status_code == 200'), "http.send"),
    "the environment": (finds('"x"', "opa.runtime().env.HOME"), "opa.runtime"),
    "name servers": (finds('"x"', 'net.lookup_ip_addr("example.org")'), "net.lookup_ip_addr"),
    "the clock": (finds('"x"', "time.now_ns() > 0"), "time.now_ns"),
    "chance": (finds('"x"', 'rand.intn("a", 10) > 5'), "rand.intn"),
    "a built-in behind with": (finds('"x"', "count([]) == 0 with count as http.send"), "with"),
    "all that is loaded": (finds('sprintf("%v", [data])'), "data is no rule of these modules"),
    "the question itself": (finds('"x"', "data.meshgate.query.answer"), "meshgate itself"),
    "the package of the question": (PLAIN.replace("need.gold", "meshgate.query"), "may not be named"),
    "itself": (finds('"x"', "loop", head="loop := loop\n"), "may not use itself"),
    "neighbours it does not declare": (finds('"x"', "input._context.mesh.consumers"), r"needs: \[mesh\]"),
    "the previous version": (with_metadata("needs: [previous]"), "not shown to a requirement"),
    "only a warning": ("package a\n\nimport rego.v1\n\nwarn contains 1\n", "what only would be nice"),
    "no rule": ("package a\n\nimport rego.v1\n\nx := 1\n", "nothing to ask"),
    "a misspelt rule": (PLAIN.replace("violation", "violatoin"), "violation"),
    "no package": ("x := 1", ":1:"),
    "no Rego": ("package a\n\nviolation contains {", ":"),
    "an unknown annotation": (with_metadata("enforcement: blocking"), "enforcement"),
    "unreadable metadata": (with_metadata("needs: [mesh"), "not readable YAML"),
    "schemas that refer to others": (with_metadata('parameters: {$ref: "#"}'), r"\$ref"),
    "defaults that need an input": (PLAIN.replace('{"tag": "gold"}', "[1]"), "must be an object"),
    "brackets without end": ("package a\n\nx := " + "[" * 60, "brackets stand more than"),
    "parentheses without end": ("package a\n\nx := " + "(" * 5000, "nested|nesting"),
    "too many rules": (PLAIN + "".join(f"x{number} := 1\n" for number in range(BOUNDS.rules + 1)), "rules"),
    "too long a text": (PLAIN + "#" * BOUNDS.largest, "longer than 64 KiB"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_text_that_reaches_for_more_is_refused_with_its_line(workers: Workers, what: str) -> None:
    text, told = REFUSED[what]
    with pytest.raises(RequirementInvalid, match=told):
        read(workers, text)


def test_parameters_have_to_fit_the_schema_of_the_text(workers: Workers) -> None:
    told = with_metadata("parameters: {properties: {tag: {type: string}}, additionalProperties: false}")
    assert read(workers, told, {"tag": "x"}).parameters == {"tag": "x"}
    with pytest.raises(RequirementInvalid, match="/tag: 5"):
        read(workers, told, {"tag": 5})
    with pytest.raises(RequirementInvalid, match="colour"):
        read(workers, told, {"colour": "red"})


def test_a_schema_that_is_none_is_refused(workers: Workers) -> None:
    with pytest.raises(RequirementInvalid):
        read(workers, with_metadata("parameters: {type: colour}"))


def test_a_pattern_that_other_engines_would_never_finish_is_matched_at_once(workers: Workers) -> None:
    told = with_metadata('parameters: {properties: {tag: {pattern: "^(a+)+$"}}}')
    with pytest.raises(RequirementInvalid, match="/tag"):
        read(workers, told, {"tag": "a" * 10_000 + "!"})


@pytest.mark.parametrize("given", [{"tag": "x" * LARGEST_PARAMETERS}, {"tag": 2**70}, {"tag": object()}])
def test_parameters_that_are_too_long_or_no_json_are_refused(workers: Workers, given: dict[str, object]) -> None:
    with pytest.raises(RequirementInvalid, match="parameters"):
        read(workers, PLAIN, given)


def test_defaults_that_never_end_or_swell_are_stopped_while_they_are_read(workers: Workers) -> None:
    greedy = PLAIN.replace('{"tag": "gold"}', '{"tag": count(numbers.range(1, 90000000))}')
    with pytest.raises(RequirementInvalid, match="stopped while it was read"):
        read(workers, greedy)
    assert read(workers, PLAIN).policy.id == "need.gold", "and the next one is read by a new worker"


def test_without_a_worker_nothing_is_said_of_the_text() -> None:
    closed = Workers(1, memory_mib=512)
    closed.close()
    with pytest.raises(PolicyEngineUnavailable):
        read(closed, PLAIN)
