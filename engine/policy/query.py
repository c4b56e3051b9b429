"""Which one question is every engine asked, and how is it written in Rego?"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence

from engine.model import Bundle, InputShape
from engine.policy import modules

PACKAGE = "meshgate.query"
REFERENCE = f"data.{PACKAGE}.answer"
PATH = "meshgate/query.rego"
"""Where the generated module stands among the modules of a bundle."""

_HEAD = """\
# Written by meshgate: it answers for the policies named in `_context.policies`, under one revision.
package {package}

import rego.v1

revision := {revision}

answer := {{"revision": revision, "evaluated": evaluated, "results": results}}

evaluated := sort([id | some id, _ in results])

selected := {{id | some id in input._context.policies}}
"""

_IMPORTED = """
known := {"code", "msg", "path", "details", "fix", "related"}

imported(rule, found) := {finding | some one in found; finding := coded(rule, one)}

coded(rule, one) := {"code": rule, "msg": one, "path": []} if is_string(one)

coded(rule, one) := object.union(
	{"code": rule, "path": [], "details": object.remove(one, known)},
	object.filter(one, known),
) if is_object(one)

coded(_, one) := one if {
	not is_string(one)
	not is_object(one)
}
"""


_ODM = """
odm := {
	"_context": input._context,
	"currentState": odm_current,
	"afterState": {"dataProductVersion": object.remove(input, ["_context"])},
}

default odm_current := null

odm_current := {"dataProductVersion": input._context.previous} if is_object(input._context.previous)
"""


def write(revision: str, entries: Mapping[str, Sequence[str]], odm: Collection[str] = ()) -> str:
    """The module that asks these rules of these policies, in Rego that OPA and regorus read alike.

    The policies named in `odm` see what an Open Data Mesh platform would show them, with `_context` beside it.

    `violation` is taken as it is. Findings of conftest's `deny…`, `warn…` and `violation_…` get the rule's name as
    code where they have none. A boolean `allow` that is false or undefined becomes one finding where no set of the
    package says why, and no answer at all when it is anything else, a type that OPA is not let see.
    """
    asked = "".join(
        _shaped(policy, entries[policy]) if policy in odm else _asked(policy, entries[policy])
        for policy in sorted(entries)
    )
    plain = all(rule in ("violation", "allow") for rules in entries.values() for rule in rules)
    head = _HEAD.format(package=PACKAGE, revision=json.dumps(revision))
    return head + asked + ("" if plain else _IMPORTED) + (_ODM if odm else "")


def module(bundle: Bundle) -> str:
    """The generated module that this bundle carries; all of it but the revision it names is covered by the revision."""
    carried = bundle.modules.get(PATH)
    if carried is not None:
        return carried
    odm = [policy.id for policy in bundle.policies.values() if policy.input is InputShape.ODM]
    return write(bundle.revision, dict.fromkeys(bundle.policies, ("violation",)), odm)


def revision(texts: Mapping[str, str], question: str, *, named: str = "") -> str:
    """The revision of these modules and this question, in which `named` is the revision it names itself.

    Another question about the same policies is another revision: an OPA that holds the old one is not believed.
    """
    told, blank = (f"revision := {json.dumps(one)}\n" for one in (named, ""))
    return modules.revision({**texts, PATH: question.replace(told, blank, 1)})


def _asked(policy: str, rules: Sequence[str], results: str = "results") -> str:
    quoted, package = json.dumps(policy), f"data.{policy}"
    found = " | ".join(_found(package, rule) for rule in sorted(rules) if rule != "allow")
    if "allow" in rules:
        return _allowed(f"{results}[{quoted}]", quoted, package, found)
    return f"\n{results}[{quoted}] := {found} if {quoted} in selected\n"


def _shaped(policy: str, rules: Sequence[str]) -> str:
    """The same question about the input in the shape that an Open Data Mesh policy expects."""
    quoted = json.dumps(policy)
    answer = f"\t{quoted} in selected\n\tfound := shaped[{quoted}] with input as odm\n"
    return f"{_asked(policy, rules, 'shaped')}\nresults[{quoted}] := found if {{\n{answer}}}\n"


def _found(package: str, rule: str) -> str:
    return f"{package}.{rule}" if rule == "violation" else f"imported({json.dumps(rule)}, {package}.{rule})"


def _allowed(result: str, quoted: str, package: str, found: str) -> str:
    finding = '{"code": "not_allowed", "msg": "the rule allow is not true", "path": []}'
    silent = f"\tcount({found}) == 0\n" if found else ""
    told = f"\n{result} := {found} if {{\n\t{quoted} in selected\n\tcount({found}) > 0\n}}\n" if found else ""
    told_allow = f'object.get({{"told": {package}.allow}}, "told", null)'
    return (
        f"{told}\n{result} := set() if {{\n\t{quoted} in selected\n{silent}\t{told_allow} == true\n}}\n"
        f"\n{result} := {{{finding}}} if {{\n\t{quoted} in selected\n{silent}\tnot {package}.allow\n}}\n"
    )
