"""Which sentences, words, ids and patterns are refused, and does the refusal say what helps?"""

from __future__ import annotations

import subprocess

import pytest

from api.flows.draft import drafted
from engine.errors import UsageError
from engine.policy.drafting import words
from engine.policy.drafting.draft import Told
from engine.policy.drafting.places import place
from engine.policy.drafting.said import Said, Template
from engine.policy.patterns import unportable

PORTS = "interfaceComponents.outputPorts[*]"
REQUIRED = Said(Template.REQUIRED, "info.owner.name")


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
    }.get(where, REQUIRED)
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
        drafted(Told("mesh.trial.x", owner="team"), Said(Template.REQUIRED, field))
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
        (Said(Template.NOT_FLOW_TO, "tags", value=("a",)), "needs --to as well"),
        (Said(Template.NOT_FLOW_TO, "tags", value=("a",), to=("x",), platform=("y",)), "says nothing with --to"),
        (Said(Template.NOT_FLOW_TO, "tags", value=("a",), platform=("aws:eu",)), "name one part of it, such as aws"),
        (Said(Template.ONE_OF, "tags", value=("a",), platform=("aws",)), "says nothing with --platform"),
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
        drafted(Told("mesh.trial.x", owner="team"), said)
    assert told in caught.value.detail


@pytest.mark.parametrize(
    "id", ["one", "Mesh.a", "mesh.a-b", "mesh.default", "mesh..a", "mesh.a_test", "meshgate.a", "mesh.a\n", ""]
)
def test_an_id_that_no_policy_may_have_is_refused(id: str) -> None:
    with pytest.raises(UsageError, match="cannot be the id of a policy"):
        drafted(Told(id, owner="team"), REQUIRED)


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
        question = f'regex.match({words.rego(pattern)}, "a")'
        command = [opa_binary, "eval", "--format=raw", "--strict-builtin-errors", question]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
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
