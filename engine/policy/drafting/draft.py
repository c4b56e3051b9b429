"""Which files does a new policy begin with: its Rego, its tests, and documents that it passes and refuses?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.errors import UsageError
from engine.model import Enforcement, Event, Json, Severity
from engine.policy import packages
from engine.policy.drafting import documents, words
from engine.policy.drafting.documents import document
from engine.policy.drafting.places import Place
from engine.policy.drafting.said import Sentence

_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
GOOD = "good"


@dataclass(frozen=True, slots=True)
class Told:
    """What the author says of the policy besides its sentence; an empty title is that of the sentence."""

    id: str
    owner: str
    title: str = ""
    description: str = ""
    category: str = ""
    severity: Severity = Severity.MEDIUM
    enforcement: Enforcement = Enforcement.SHADOW


@dataclass(frozen=True, slots=True)
class Case:
    """One document with the findings that are expected of it: pairs of code and pointer."""

    name: str
    descriptor: Mapping[str, Json]
    context: Mapping[str, Json]
    findings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A new policy: its files by their paths below the governance folder, and its cases."""

    id: str
    policy: tuple[str, str]
    test: tuple[str, str]
    cases: tuple[Case, ...]

    def files(self) -> dict[str, str]:
        """Every text by its path: the policy, its test, and for each case a descriptor and what is expected."""
        found = dict([self.policy, self.test])
        for case in self.cases:
            folder = f"policy-fixtures/{self.id}/{case.name}"
            found[f"{folder}/descriptor.yaml"] = words.yaml(case.descriptor)
            found[f"{folder}/expect.yaml"] = words.yaml(_expected(case))
        return found


def draft(told: Told, said: Sentence) -> Draft:
    """The policy of this sentence. Raises UsageError for an id or a text that cannot stand in it."""
    well_formed(told.id)
    name = told.id.rpartition(".")[2]
    folder = f"policies/{told.id.replace('.', '/')}"
    return Draft(
        id=told.id,
        policy=(f"{folder}/{name}.rego", _policy(told, said)),
        test=(f"{folder}/{name}_test.rego", _test(told.id, said)),
        cases=tuple(_cases(said)),
    )


def well_formed(id: str) -> str:
    """The id, where a policy may have it; UsageError otherwise."""
    if not _ID.fullmatch(id) or len(id) > 200 or not packages.plain_name(id) or id.endswith("_test"):
        raise UsageError(
            f"{id!r} cannot be the id of a policy: write lower-case words joined by dots, the scope first "
            "(mesh or a domain), such as mesh.ownership.owner_declared; no keyword of Rego, no word ending in _test."
        )
    return id


def _policy(told: Told, said: Sentence) -> str:
    made = said.rules
    defaults = {name: one.default for name, one in made.parameters.items()}
    parameters = (
        f"defaults := {words.block(defaults, 0, used=len('defaults := '))}\n\n"
        "params := object.union(\n\tdefaults,\n"
        f'\tobject.get(input, ["_context", "parameters", {words.rego(told.id)}], {{}}),\n)\n\n'
    )
    head = "".join(f"# {line}\n" for line in ("METADATA", *words.yaml(_annotations(told, said)).splitlines()))
    body = parameters if defaults else ""
    return f"{head}package {told.id}\n\nimport rego.v1\n\n{body}{made.text}"


def _annotations(told: Told, said: Sentence) -> dict[str, Json]:
    title = words.printable("--title", told.title or said.title)
    custom: dict[str, Json] = {
        "severity": told.severity.value,
        "category": words.printable("--category", told.category or told.id.split(".")[-2]),
        "enforcement": told.enforcement.value,
        "events": [Event.SUBMIT.value, Event.RESCAN.value],
        "needs": list(said.rules.needs),
    }
    if said.rules.parameters:
        properties = {name: dict(one.schema) for name, one in said.rules.parameters.items()}
        custom["parameters"] = {"type": "object", "additionalProperties": False, "properties": properties}
    custom["findings"] = {
        code: {"title": title, "remediation": remediation} for code, (title, remediation) in said.rules.codes.items()
    }
    return {
        "title": title,
        "description": words.printable("--description", told.description or "Say here what goes wrong without it."),
        "scope": "package",
        "organizations": [words.printable("--owner", told.owner)],
        "custom": custom,
    }


def _cases(said: Sentence) -> Iterator[Case]:
    yield Case(GOOD, document(said.good), said.context, ())
    for code, settings in said.bad.items():
        found = ((code, documents.pointer(said.found_at)),)
        yield Case(code.replace("_", "-"), document(settings), said.context, found)


def _expected(case: Case) -> dict[str, Json]:
    context = {"context": dict(case.context)} if case.context else {}
    return {**context, "findings": [{"code": code, "path": path} for code, path in case.findings]}


def _test(id: str, said: Sentence) -> str:
    """The tests in Rego: what passes, what fails, and that odd documents break nothing."""
    name = id.rpartition(".")[2]
    head = f"package {id}_test\n\nimport rego.v1\n\nimport data.{id}\n\n"
    tests = [*_tests(said, name), *([_assigned(id, said, name)] if said.rules.parameters else [])]
    return head + "\n".join(tests)


def _assigned(id: str, said: Sentence, name: str) -> str:
    """The test that what an assignment sets is what counts, and not the defaults."""
    given: Json = dict.fromkeys(said.rules.parameters, "set by an assignment")
    asked = f"{name}.params == "
    equal = f"{asked}{words.block(given, 1, used=len(asked))} with input as "
    context: Json = {"_context": {"parameters": {id: given}}}
    return _asserted("an_assignment_sets_the_parameters", equal + words.block(context, 1, used=len(equal)))


def _tests(said: Sentence, name: str) -> Iterator[str]:
    context: Json = {"_context": dict(said.context)} if said.context else {}
    passes = f"{name}.violation == set() with input as "
    yield _asserted("a_good_document_passes", passes + _input(said.good, context, used=len(passes)))
    codes = f"{{finding.code | some finding in {name}.violation}}"
    for code, settings in said.bad.items():
        fails = f"{codes} == {{{words.rego(code)}}} with input as "
        yield _asserted(f"{code}_fails", fails + _input(settings, context, used=len(fails)))
    # A missing field, and holders of the wrong type: whatever is found, nothing may break.
    yield _asserted("missing_fields_break_nothing", f"is_set({name}.violation) with input as {{}}")
    if "missing" in said.bad:
        yield _asserted("empty_values_are_missing", "\n\t".join(_empty(said, name, context)))
    odd = "odd_values_break_nothing", f"is_set({name}.violation) with input as "
    yield _asserted(odd[0], odd[1] + _input([*said.good, (said.place, 7)], context, used=len(odd[1])))
    first = said.place.steps[0]
    whole = f"is_set({name}.violation) with input as {{{words.rego(first)}: odd}}"
    yield _asserted("wrong_types_break_nothing", f"every odd in [null, 7, [], [7], {{}}] {{\n\t\t{whole}\n\t}}")


def _empty(said: Sentence, name: str, context: Json) -> Iterator[str]:
    empties: tuple[Json, ...] = (" ", [])
    for empty in empties:
        fails = f'{{finding.code | some finding in {name}.violation}} == {{"missing"}} with input as '
        yield fails + _input([*said.bad["missing"], (said.place, empty)], context, used=len(fails))


def _input(settings: Sequence[tuple[Place, Json]], context: Json, *, used: int) -> str:
    return words.block({**document(settings, start={}), **context}, 1, used=used)


def _asserted(name: str, condition: str) -> str:
    return f"test_{name} if {{\n\t{condition}\n}}\n"
