"""Which tests does a Rego test file hold, and how is each one asked?

As `opa test` has it: every rule `test_…` of a `*_test.rego` is a test, several of one name are several tests, a rule
`test_x[case]` is one test with a case for each key that its body can bind, and `todo_test_…` is skipped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from engine.model import Json
from engine.policy import references
from engine.policy.parsing import Parsed
from engine.policy.syntax import Module
from engine.policy.trying.edits import Edit, applied, statement, written

Keys = Sequence[tuple[str, str]]
"""The keys of a head, `test_x[key]`: the text of each, and its name where it is a variable."""
TEST, TODO = "test_", "todo_test_"


@dataclass(frozen=True, slots=True)
class RegoTest:
    """One test: `rule` is what is evaluated, `cases` the rule that gives the keys of all its cases (empty: none).

    `unfit` says why it is no test at all.
    """

    policies: tuple[str, ...]
    package: str
    name: str
    rule: str
    file: str
    line: int
    cases: str = ""
    depth: int = 0
    skipped: bool = False
    unfit: str = ""


@dataclass(frozen=True, slots=True)
class TestFile:
    """A file of tests, with its text changed so that every test has a name of its own."""

    __test__ = False  # pytest takes every class Test… for its own

    file: str
    text: str
    tests: tuple[RegoTest, ...]
    parsed: Parsed = field(repr=False)


def read(parsed: Parsed, policies: Sequence[str]) -> TestFile:
    """The tests of one file; `policies` are those that there are."""
    module, content = parsed.module, parsed.module.text
    about = _about(module, policies)
    numbers: dict[str, int] = {}
    edits, added, tests = [], [], []
    for shape, rule in chain.from_iterable(one.items() for one in parsed.tree["ast"]["rules"]):
        found = _test(shape, rule, content, module, about)
        if found is None:
            continue
        test, name, rule_added = found
        number = numbers[test.rule] = numbers.get(test.rule, -1) + 1
        if number:
            edits.append(Edit(name["start"], name["end"], f"{test.rule}__{number}"))
            test = replace(test, name=f"{test.name}#{number:02}", rule=f"{test.rule}__{number}")
        if rule_added:
            test = replace(test, cases=f"meshgate_cases_of_{test.rule}")
            added.append(rule_added.replace("%", test.cases, 1))
        tests.append(test)
    text = applied(content.decode(), edits)
    return TestFile(module.path, "\n\n".join([text, *added]), tuple(tests), parsed)


def _about(module: Module, policies: Sequence[str]) -> tuple[str, ...]:
    """The policies that a test file is for: the one that it is named after, else all that it speaks of."""
    named = module.package.removesuffix("_test").removesuffix(".test")
    if named in policies:
        return (named,)
    spoken = {*module.imports.values(), *(".".join(one.steps) for rule in module.rules for one in rule.references)}
    return tuple(
        policy for policy in policies if any(f"{one}.".startswith(f"data.{policy}.") for one in sorted(spoken))
    )


def _test(
    definition: str, rule: Mapping[str, Json], content: bytes, module: Module, about: tuple[str, ...]
) -> tuple[RegoTest, Mapping[str, int], str] | None:
    """The test that a rule is, where its name stands, and the rule that lists its cases (`%` is to be its name).

    A `default` is a test of its own, as with `opa test`.
    """
    ((shape, head),) = rule["head"].items() if definition == "Spec" else ((definition, rule),)
    name, keys = keys_of(head["refr"], content)
    word: str = name["value"]
    if not word.startswith((TEST, TODO)):
        return None
    unfit = "a function is no test: nothing calls it" if shape == "Func" else ""
    bodies = rule.get("bodies", ())
    body = bodies[0]["query"]["stmts"] if len(bodies) == 1 else []
    test = RegoTest(
        policies=about,
        package=module.package,
        name=word,
        rule=word,
        file=module.path,
        line=rule["span"]["line"],
        depth=len(keys),
        skipped=word.startswith(TODO),
        unfit=unfit,
    )
    return test, name["span"], _listing(keys, body, content) if keys and not unfit else ""


def keys_of(node: Json, content: bytes) -> tuple[Mapping[str, Json], Keys]:
    """The variable that the reference of a head begins with, and each key after it."""
    keys: list[tuple[str, str]] = []
    while "Var" not in node:
        if "RefDot" in node:
            keys.append((json.dumps(node["RefDot"]["field"][1]), ""))
            node = node["RefDot"]["refr"]
        else:
            index = node["RefBrack"]["index"]
            keys.append((written(content, index), index["Var"]["value"] if "Var" in index else ""))
            node = node["RefBrack"]["refr"]
    return node["Var"], keys[::-1]


def _listing(keys: Keys, body: Sequence[Json], content: bytes) -> str:
    """A rule that holds the keys of every case: as much of the body as binds them, and no condition after it."""
    taken = [statement(content, one) for one in body[: binding(keys, body)]]
    head = f"% contains [{', '.join(text for text, _ in keys)}]"
    return f"{head} if {{\n\t" + "\n\t".join(taken or ["true"]) + "\n}\n"


def binding(keys: Keys, body: Sequence[Json]) -> int:
    """How many statements of a body it takes until all keys are bound."""
    wanted = {name for _, name in keys if name}
    bound: set[str] = set()
    for count, one in enumerate(body):
        if wanted <= bound:
            return count
        bound |= set(_mentioned(one))
    return len(body)


def _mentioned(node: Json) -> Iterator[str]:
    """The variables that a statement can bind: `some x` alone only declares."""
    for kind, body in references.nodes(node):
        if kind == "Var":
            yield body["value"]
