"""Which flaws can a policy have, and what does each mean?

The numbers and names are stable: PL1xx reading, PL2xx the contract of a policy, PL3xx its annotations, PL4xx what
every engine answers alike, PL5xx the input, PL6xx assignments; from x51 on they are warnings, the others are errors.
`meshgate explain PL101` prints one, docs/reference/lint.md lists all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from engine.model import ProblemSeverity

CHAPTERS: Mapping[str, str] = MappingProxyType(
    {
        "1": "Reading: the file itself",
        "2": "The contract of a policy",
        "3": "Annotations, finding codes and parameters",
        "4": "What every engine answers alike",
        "5": "What a policy reads of its input",
        "6": "Where policies are assigned",
    }
)


@dataclass(frozen=True, slots=True)
class LintRule:
    """One kind of flaw, for the list (`title`) and for the page of `meshgate explain` (`explanation`)."""

    code: str
    name: str
    severity: ProblemSeverity
    title: str
    explanation: str

    @property
    def chapter(self) -> str:
        return CHAPTERS[self.code[2]]

    @property
    def stops(self) -> bool:
        """Whether modules with such a flaw are given to no engine: unreadable, or reaching where they must not."""
        return self.code[2] in "14" and self.severity is ProblemSeverity.ERROR


_TABLE = (
    (
        "PL101",
        "nested-too-deep",
        "Brackets stand too deep inside one another",
        "Some parsers of Rego take exponential time in this depth, so a short text could keep a server busy for ever. "
        "Give the inner parts names of their own.",
    ),
    (
        "PL102",
        "rego-unreadable",
        "The file is no Rego",
        "The parser stopped at this place. While a file cannot be read, what others refer to in it is not judged. "
        "A policy in Rego as it was before OPA 1.0 is taken over by `meshgate policy import --rego-v0`.",
    ),
    (
        "PL103",
        "rego-not-loadable",
        "The engine does not load the modules",
        "Every file could be read, and yet the engine refuses them together, for example because a variable is unsafe.",
    ),
    (
        "PL104",
        "direction-hidden",
        "A character turns the direction in which the text is shown",
        "With such characters (U+202A to U+202E, U+2066 to U+2069) a policy can be shown to its reviewers in another "
        "order than engines read it in. Take it out; in a text write its escape, such as \\u2067.",
    ),
    (
        "PL201",
        "violation-missing",
        "A policy without a rule that gives findings",
        "The annotations make this package a policy, but nothing would ever ask it: its rule has to be named "
        "`violation`, the name that conftest and Gatekeeper look for as well.",
    ),
    (
        "PL202",
        "violation-misspelt",
        "A rule whose name is nearly `violation`",
        "`violations`, `denies` and `failures` are asked by nobody: the policy would pass every product.",
    ),
    (
        "PL203",
        "violation-no-set",
        "A rule of findings that is no set",
        "Findings are written `violation contains finding if {…}`; a complete rule gives at most one value.",
    ),
    (
        "PL204",
        "allow-no-boolean",
        "A rule `allow` that is neither true nor false",
        "`allow` is understood for policies of the Open Data Mesh platform, where it is a boolean.",
    ),
    (
        "PL205",
        "package-name",
        "A package with a name that no policy may have",
        "Each step of a package is a plain word: letters, digits and `_`, no keyword of Rego, and not `meshgate`. "
        "None begins with `system`: OPA servers take such packages for rules about themselves.",
    ),
    (
        "PL206",
        "folder-differs",
        "A policy in another folder than its package says",
        "One policy is one folder is one package: `mesh/ownership/owner_declared/` holds "
        "`package mesh.ownership.owner_declared`, so that whoever reads a finding finds its policy.",
    ),
    (
        "PL207",
        "warning-cannot-reject",
        "A policy that only warns, and is to reject",
        "Rules named `warn…` come from conftest and never reject; write `violation`, or make the policy advisory.",
    ),
    (
        "PL208",
        "need-undeclared",
        "A policy reads of the catalog what it does not say that it needs",
        "Without the declaration the policy would be silent wherever no catalog is at hand, and a local verdict "
        "would be certain and wrong; with it, the policy is skipped with its reason.",
    ),
    (
        "PL251",
        "tests-missing",
        "A policy without tests",
        "Beside `name.rego` stands `name_test.rego` with rules `test_…`: at least one document that passes and one "
        "that fails. A policy that nobody has seen to fire may never fire.",
    ),
    (
        "PL301",
        "annotations-missing",
        "A policy without annotations of its own, or with several",
        "One block `# METADATA` right above `package` says what the policy is for, whose it is and how hard it holds.",
    ),
    (
        "PL302",
        "annotations-unreadable",
        "Annotations that are no YAML",
        "The lines below `# METADATA` are YAML behind `# `; the strict loader of descriptors reads them.",
    ),
    (
        "PL303",
        "annotation-unknown",
        "An annotation that nobody reads",
        "OPA allows its own keys only, and everything of ours stands under `custom`; what is misspelt would hold "
        "for nobody.",
    ),
    (
        "PL304",
        "annotation-wrong",
        "An annotation that is missing or of another form",
        "Title, description, owner (organizations or authors), severity, category and enforcement are required.",
    ),
    (
        "PL305",
        "code-undeclared",
        "A finding code that the annotations do not describe",
        "Every code that a rule gives stands under `custom.findings` with a title and a remediation: reports, waivers "
        "and `meshgate explain` know it from there.",
    ),
    (
        "PL306",
        "parameters-no-schema",
        "`custom.parameters` is no JSON Schema",
        "Assignments set parameters, and are checked against this schema when they are loaded.",
    ),
    (
        "PL307",
        "defaults-unfit",
        "Defaults that the schema of the parameters refuses",
        "The rule `defaults` is an object that needs no input, and `custom.parameters` describes each of its values.",
    ),
    (
        "PL308",
        "parameters-foreign",
        "A policy that reads the parameters of another one",
        "Parameters are keyed by policy id. A copied line that still names the other policy makes every assignment "
        "of parameters here a dead letter.",
    ),
    (
        "PL309",
        "parameter-unknown",
        "A parameter that has neither default nor description",
        "`params.x` is undefined where `defaults` does not hold `x`, and a rule that reads it is silent.",
    ),
    (
        "PL351",
        "code-unused",
        "A finding code that no rule gives",
        "The annotations describe a finding that the rules never report.",
    ),
    (
        "PL401",
        "call-not-portable",
        "A call that not every engine answers alike, or that reaches outside",
        "One list says what policies may call: no network, clock, chance or environment, and nothing that OPA and the "
        "embedded engine answer differently. The same list is given to OPA as its capabilities.",
    ),
    (
        "PL402",
        "call-arguments",
        "A call with too few or too many arguments",
        "It would only fail when a document makes it run.",
    ),
    ("PL403", "function-undefined", "A call of a function that nothing defines", "No module defines this function."),
    (
        "PL404",
        "with-function",
        "`with` replaces a function",
        "`with f as http.send` would open the door that the list of calls closes; only input and data are replaced.",
    ),
    (
        "PL405",
        "reference-undefined",
        "A reference to something that these modules do not define",
        "An OPA server may hold other data, the embedded engine does not: the two would answer differently.",
    ),
    ("PL406", "rule-recursive", "A rule that uses itself", "OPA refuses recursion when modules are loaded."),
    (
        "PL407",
        "package-is-rule",
        "A package with the name of a rule",
        "A package lies where another module defines a rule, or a module writes a rule into another package; which of "
        "the two a reference means is undefined.",
    ),
    (
        "PL451",
        "pattern-not-portable",
        "A pattern that engines read differently",
        "In OPA `\\d`, `\\w`, `\\s` and `\\b` know ASCII only, in the embedded engine all of Unicode; look-around, "
        "back references and set operations are known to one of them at most. Write `[0-9]` or `[A-Za-z0-9_]`.",
    ),
    (
        "PL501",
        "field-unknown",
        "A field that no descriptor has",
        "DPDS knows no such field at this place, so a rule that reads it never sees a value. Extensions (`x-…`) and "
        "whatever stands below free-form objects such as `definition` are not judged.",
    ),
    (
        "PL601",
        "governance-entry",
        "An assignment, waiver or environment that cannot be applied",
        "`meshgate check` refuses the governance folder for the same reason.",
    ),
    (
        "PL651",
        "assignment-unreachable",
        "An assignment that can never match",
        "The first assignment of a scope that matches gives everything; one behind another that covers it, or with a "
        "match that nothing meets, holds for nobody.",
    ),
)


def _rule(code: str, name: str, title: str, explanation: str) -> LintRule:
    severity = ProblemSeverity.WARNING if int(code[3:]) > 50 else ProblemSeverity.ERROR
    return LintRule(code, name, severity, title, explanation)


RULES: Mapping[str, LintRule] = MappingProxyType({row[0]: _rule(*row) for row in _TABLE})
"""Every rule of the linter, in order."""
