"""Is a drafted policy whole: read alike by both engines, tested, formatted, and no code where words were said?"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.flows.draft import drafted
from engine.errors import UsageError
from engine.model import Bundle, Json, PolicyFailure
from engine.policy import bundle as bundles
from engine.policy import lint, modules
from engine.policy.drafting import words
from engine.policy.drafting.draft import Draft, Told
from engine.policy.drafting.places import place
from engine.policy.drafting.sentences import Said, Template
from engine.policy.embedded import EmbeddedEngine
from engine.policy.linting import linted
from engine.policy.opa import OpaServer
from engine.policy.patterns import unportable

PORTS = "interfaceComponents.outputPorts[*]"
HOSTILE = (
    'a" } violation contains {"code": "x"} if { true',
    "\\",
    '\\"',
    "`",
    "${x}",
    "%s %d",
    "# METADATA",
    "ü 🦊 ß",
    "'",
)
SENTENCES = {
    "required": Said(Template.REQUIRED, "info.owner.name"),
    "required_each": Said(Template.REQUIRED, f"{PORTS}.promises.slo"),
    "required_extension": Said(Template.REQUIRED, "info.x-cost-center"),
    "required_deep": Said(Template.REQUIRED, "internalComponents.lifecycleInfo[*][*].service.description"),
    "match": Said(Template.MATCH, "info.owner.id", pattern="@example[.]org$"),
    "match_tags": Said(Template.MATCH, f"{PORTS}.tags[*]", pattern='^[a-z"\\\\`]+$'),
    "match_required": Said(Template.MATCH, "info.x-cost-center", pattern="^[0-9]{5}$", required=True),
    "one_of": Said(Template.ONE_OF, "info.domain", value=HOSTILE),
    "one_of_required": Said(Template.ONE_OF, f"{PORTS}.promises.platform", value=("aws", "gcp"), required=True),
    "present_when": Said(Template.PRESENT_WHEN, f"{PORTS}.obligations.termsAndConditions", when=f"{PORTS}.tags=pii"),
    "present_when_root": Said(Template.PRESENT_WHEN, f"{PORTS}.description", when='info.x-class=se"cret\\'),
    "at_least_list": Said(Template.AT_LEAST, "info.contactPoints", minimum=2),
    "at_least_number": Said(
        Template.AT_LEAST, f"{PORTS}.promises.slo.definition.availability", minimum=99.5, required=True
    ),
    "not_flow_to": Said(Template.NOT_FLOW_TO, f"{PORTS}.tags", value=("pii",), to=('h"r', "marketing")),
    "not_flow_to_product": Said(Template.NOT_FLOW_TO, "info.x-class", value=("secret",), to=("marketing",)),
}
ODD: tuple[Json, ...] = (None, True, 7, -1.5, "", " ", "text", "pii", [], [None], ["pii", 7], [[]], {}, {"a": None})


def of(name: str, said: Said) -> Draft:
    return drafted(Told(f"mesh.trial.{name}", owner='The "team"', title="A: title # no comment"), said)


@pytest.fixture(scope="module")
def drafts() -> dict[str, Draft]:
    return {name: of(name, said) for name, said in SENTENCES.items()}


@pytest.fixture(scope="module")
def folder(drafts: dict[str, Draft], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All drafts, written as `policy new` writes them."""
    folder = tmp_path_factory.mktemp("governance")
    for draft in drafts.values():
        for path, text in draft.files().items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def bundle(folder: Path) -> Bundle:
    return bundles.load([folder / "policies"])


@pytest.fixture(scope="module")
def embedded() -> Iterator[EmbeddedEngine]:
    engine = EmbeddedEngine()
    yield engine
    engine.close()


def test_every_template_has_a_sentence_here() -> None:
    assert {said.template for said in SENTENCES.values()} == set(Template)


def test_no_draft_has_a_flaw(folder: Path, drafts: dict[str, Draft]) -> None:
    found = linted(modules.collect([folder / "policies"]))
    assert found.flaws == ()
    assert len(found.policies) == len(drafts)


@pytest.mark.parametrize("name", SENTENCES)
def test_the_good_document_passes_and_each_code_is_seen_to_fire(drafts: dict[str, Draft], name: str) -> None:
    good, *bad = drafts[name].cases
    assert good.findings == ()
    assert {code for case in bad for code, _ in case.findings} == _codes(drafts[name])
    assert all(len(case.findings) == 1 for case in bad)


def _codes(draft: Draft) -> set[str]:
    found = linted({"x.rego": modules.Source("x.rego", draft.policy[1], Path("/x.rego"), archived=True)}).bundle
    assert found is not None
    return set(found.policies[draft.id].findings)


def test_the_fixture_files_say_what_the_cases_say(folder: Path, drafts: dict[str, Draft]) -> None:
    from policy_cases import read

    for draft in drafts.values():
        for case in draft.cases:
            at = folder / "policy-fixtures" / draft.id / case.name
            assert read(at / "descriptor.yaml") == case.descriptor
            expect = read(at / "expect.yaml")
            assert expect.get("context", {}) == case.context
            assert [(one["code"], one["path"]) for one in expect["findings"]] == list(case.findings)


def test_what_was_said_stands_in_the_annotations_as_it_was_said(bundle: Bundle) -> None:
    policy = bundle.policies["mesh.trial.one_of"]
    assert (policy.title, policy.owner) == ("A: title # no comment", 'The "team"')
    assert policy.defaults == {"allowed": list(HOSTILE)}
    assert bundle.policies["mesh.trial.not_flow_to"].needs == {"mesh"}


def opa(binary: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [binary, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_stock_opa_takes_tests_and_formats_every_draft(folder: Path, opa_binary: str) -> None:
    policies = folder / "policies"
    done = opa(opa_binary, "check", "--strict", "--capabilities", lint.CAPABILITIES, policies)
    assert (done.returncode, done.stderr) == (0, "")
    done = opa(opa_binary, "fmt", "--diff", "--fail", policies)
    assert (done.returncode, done.stdout) == (0, "")
    results = json.loads(opa(opa_binary, "test", "--format=json", policies).stdout)
    assert [one["name"] for one in results if one.get("fail") or one.get("error")] == []
    assert len(results) >= 4 * len(SENTENCES)


def test_both_engines_find_the_same_in_every_case_and_in_odd_documents(
    bundle: Bundle, drafts: dict[str, Draft], embedded: EmbeddedEngine, opa_url: str
) -> None:
    server, fired = OpaServer(opa_url, push=True), 0
    for draft in drafts.values():
        for given in _documents(draft):
            ours, theirs = (engine.evaluate(bundle, [draft.id], given)[draft.id] for engine in (embedded, server))
            assert ours == theirs, (draft.id, given)
            assert not isinstance(ours, PolicyFailure), (draft.id, ours)
            fired += bool(ours)
    server.close()
    assert fired > len(SENTENCES)


def _documents(draft: Draft) -> Iterator[dict[str, Json]]:
    for case in draft.cases:
        context = {"_context": {**case.context, "policies": [draft.id]}}
        yield {**case.descriptor, **context}
        for odd in ODD:
            yield {**case.descriptor, "info": odd, **context}
            yield {**case.descriptor, "interfaceComponents": {"outputPorts": odd}, **context}
            yield {
                **case.descriptor,
                "interfaceComponents": {"outputPorts": [odd, {"tags": odd, "promises": odd}]},
                **context,
            }
            yield {**case.descriptor, "_context": {"mesh": odd, "policies": [draft.id]}}


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("where", ["title", "description", "owner", "category"])
def test_hostile_words_are_words(text: str, where: str) -> None:
    told = {"owner": "team", where: text}
    made = drafted(Told("mesh.trial.hostile", **told), SENTENCES["required"])
    found = linted({"x.rego": modules.Source("x.rego", made.policy[1], Path("/x.rego"), archived=True)})
    assert found.bundle is not None
    policy = found.bundle.policies["mesh.trial.hostile"]
    assert getattr(policy, where) == text.strip()
    assert set(policy.findings) == {"missing"}


@pytest.mark.parametrize(
    "character", ["\n", "\r", "\t", "\x00", "\x1b", "\x85", "\u2028", "\u202e", "\ud800", "\ufeff"]
)
@pytest.mark.parametrize("where", ["title", "owner", "pattern", "value", "when", "to", "example"])
def test_what_cannot_be_seen_is_refused(character: str, where: str) -> None:
    text = f"a{character}package b"
    said = {
        "pattern": Said(Template.MATCH, "info.name", pattern=text),
        "value": Said(Template.ONE_OF, "info.name", value=("a", text)),
        "when": Said(Template.PRESENT_WHEN, "info.description", when=f"tags={text}"),
        "to": Said(Template.NOT_FLOW_TO, "tags", value=("a",), to=(text,)),
        "example": Said(Template.REQUIRED, "info.displayName", example=text),
    }.get(where, SENTENCES["required"])
    told = Told("mesh.trial.x", **{"owner": "team", **({where: text} if where in ("title", "owner") else {})})
    with pytest.raises(UsageError, match=f"U\\+{ord(character):04X}, which cannot be seen"):
        drafted(told, said)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("info.ownr", "No descriptor has info.ownr. Did you mean owner?"),
        ("info.owner.id.x", "No descriptor has info.owner.id.x."),
        ("interfaceComponents.outputPorts.name", "outputPorts is a list; write interfaceComponents.outputPorts[*]"),
        ("info.contactPoints.address", "info.contactPoints is a list; write info.contactPoints[*]"),
        ("info[*].name", "info is no list, so it has no items"),
        ("_context.mesh", "_context is no field of a descriptor"),
        ('info["x"]', "is no path of fields"),
        ("info.owner.id } x", "is no path of fields"),
        ("info..owner", "is no path of fields"),
        ("info.x\n", "is no path of fields"),
        ("", "needs --field"),
        ("x-a[*].b[*].c[*].d[*].e", "goes through more than 3 lists"),
        ("info.tags[*]", "No descriptor has info.tags"),
        ("tags[*]", "to require the list itself, write tags"),
    ],
)
def test_a_field_that_is_none_is_refused_with_what_helps(field: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        of("x", Said(Template.REQUIRED, field))
    assert said in caught.value.detail


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (Said(Template.MATCH, "info.name", pattern="(?=x)"), "is no regular expression"),
        (Said(Template.MATCH, "info.name", pattern="(x"), "is no regular expression"),
        (Said(Template.MATCH, "info.name", pattern="^[0-9]\\w"), "write [0-9A-Za-z_]"),
        (Said(Template.MATCH, "info.name", pattern="^zzz$"), "Give with --example a value"),
        (Said(Template.MATCH, "info.name", pattern="^a$", example="b"), "does not match"),
        (Said(Template.MATCH, "info.name"), "`match` needs --pattern"),
        (Said(Template.ONE_OF, "info.name"), "`one-of` needs --value"),
        (Said(Template.REQUIRED, "info.name", pattern="x"), "says nothing with --pattern"),
        (Said(Template.REQUIRED, "info.name", required=True), "does not go with --required"),
        (Said(Template.PRESENT_WHEN, "info.name", when="tags"), "is written FIELD=VALUE"),
        (Said(Template.PRESENT_WHEN, "info.name", when=f"{PORTS}.tags=x"), "belongs to other items"),
        (Said(Template.NOT_FLOW_TO, "tags", value=("a", "b"), to=("x",)), "takes one --value"),
        (
            Said(Template.NOT_FLOW_TO, "info.contactPoints[*].name", value=("a",), to=("x",)),
            "belongs to no output port",
        ),
        (Said(Template.AT_LEAST, "info.name", minimum=1), "neither a number nor a list"),
        (Said(Template.AT_LEAST, "info.contactPoints", minimum=0), "a whole number from 1 to 100"),
        (Said(Template.AT_LEAST, "info.contactPoints", minimum=1.5), "a whole number from 1 to 100"),
    ],
)
def test_a_sentence_that_is_none_is_refused_with_what_helps(said: Said, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        of("x", said)
    assert told in caught.value.detail


@pytest.mark.parametrize(
    "id", ["one", "Mesh.a", "mesh.a-b", "mesh.default", "mesh..a", "mesh.a_test", "meshgate.a", "mesh.a\n", ""]
)
def test_an_id_that_no_policy_may_have_is_refused(id: str) -> None:
    with pytest.raises(UsageError, match="cannot be the id of a policy"):
        drafted(Told(id, owner="team"), SENTENCES["required"])


def test_a_pattern_that_is_called_portable_is_one_to_opa(opa_binary: str) -> None:
    every = [
        *(
            "^a+$",
            "[[:alpha:]]",
            r"\p{Greek}\pL",
            "(?i)a",
            "(?P<n>a)",
            "(?:a|b)?",
            "x{2,5}?",
            r"\x{41}",
            r"[\]\[]",
            "a{",
            "]",
        ),
        *(
            "a**",
            "a+*",
            "a??",
            "a???",
            "a{2}{3}",
            "a{2}?",
            "a{2}?{2}",
            r"\p{Alphabetic}",
            "(?P<1>a)",
            "(?x)a",
            "[a&&b]",
        ),
    ]
    for pattern in filter(lambda one: not unportable(one), every):
        done = opa(
            opa_binary, "eval", "--format=raw", "--strict-builtin-errors", f'regex.match({words.rego(pattern)}, "a")'
        )
        assert done.returncode == 0, (pattern, done.stderr)
    assert sum(map(bool, map(unportable, every))) >= 8


def test_a_path_is_written_as_rego_and_as_the_path_of_a_finding() -> None:
    here = place(f"{PORTS}.promises.x-level")
    assert str(here) == f"{PORTS}.promises.x-level"
    assert here.reference == 'input.interfaceComponents.outputPorts[i].promises["x-level"]'
    assert here.path == '["interfaceComponents", "outputPorts", i, "promises", "x-level"]'
    assert (str(here.above), here.below) == (PORTS, '.promises["x-level"]')


@pytest.mark.parametrize(
    "value",
    [
        "1.0.0",
        "1.0",
        "yes",
        "null",
        "0o14",
        "1e5",
        "- a",
        "a: b",
        "a #b",
        "~",
        "",
        " a ",
        "@x",
        "ü",
        "2027-01-01",
        "a\u2028b",
        "[x]",
        "*a",
    ],
)
def test_a_text_in_yaml_is_read_back_as_it_was(value: str) -> None:
    from engine.descriptor import yaml_source
    from engine.descriptor.limits import Limits

    given = {"a": [{"b": value, "c": [value, [value]]}], "d": {}, "e": [], "f": 1, "g": None}
    if value.isprintable():
        assert yaml_source.read(words.yaml(given), Limits())[0] == given
