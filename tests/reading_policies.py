"""Policies that read their input in every way that Rego has, and tell in their findings what they saw.

Written by hand where a way is easily overlooked, and made up from a seed for the combinations that nobody thinks of.
"""

from __future__ import annotations

import random

LIBRARY = """\
package lib.look

import rego.v1

import input.info as told

name(holder) := holder.name

owner_of(holder) := object.get(holder, ["info", "owner"], "none")

deep(holder) := owner_of(holder)

pattern({"info": found}) := found

both(holder, other) := [holder.tags, other]

default kind := "unknown"

kind := told.kind

passed(_) := true

shadowing(holder) := [tag | some tag in holder.tags; every holder in [tag] { holder != 1 }]

count_of(value) := count(value)

chosen := input[key] if some key in ["info", "tags"]

second := chosen.name
"""

SAW = 'violation contains {"code": "saw", "msg": sprintf("%v", [[@]]), "path": []}'
"""`@` stands for what was seen; an array around it makes every value one argument."""

HAND_WRITTEN = {
    "constant": "@ := input.info.name",
    "bracket": '@ := input["info"]["na\\u006de"]',
    "raw_string": "@ := input[`info`].name",
    "whole": "@ := input",
    "alias": "found := input; @ := found.info.name",
    "alias_below": "found := input.info; @ := found.name",
    "alias_twice": "first := input; second := first; third := second.info; @ := third.name",
    "unified": "@ = input.info.name",
    "destructured": '{"name": @} = input.info',
    "destructured_whole": '{"info": @, "tags": _, "ports": _, "extra": _, "_context": _} = input',
    "array": "[@, _] = [input.tags, input.info]",
    "computed_key": 'key := concat("", ["in", "fo"]); @ := input[key]',
    "key_of_input": "@ := input.info[input.extra]",
    "any_key": "value := input[key]; is_string(value); @ := [key, value]",
    "wildcard": "@ := input.ports[_].name",
    "index": "@ := input.tags[0]",
    "number_key": "@ := input.info[1]",
    "some_in": "some port in input.ports; @ := port.name",
    "some_key": "some key, value in input.info; @ := [key, value]",
    "some_in_input": "some value in input; @ := value",
    "every_tag": "every tag in input.tags { tag != input.extra }; @ := 1",
    "every_shadow": "every input_tag in input.tags { input_tag == input.info.name }; @ := 1",
    "nothing": "not input.info.owner; @ := 1",
    "not_nested": "not input.info.owner.id; @ := 1",
    "set_comprehension": "@ := {one.name | some one in input.ports}",
    "array_comprehension": "@ := [key | some key, _ in input]",
    "object_comprehension": "@ := {key: value | some key, value in input.info}",
    "comprehension_alias": "@ := [x.info | x := input]",
    "object_get": '@ := object.get(input, "info", "none")',
    "object_get_path": '@ := object.get(input, ["info", "owner", "id"], "none")',
    "object_get_none": '@ := object.get(input, [], "none")',
    "object_get_computed": 'key := "name"; @ := object.get(input, ["info", key], "none")',
    "object_get_number": '@ := object.get(input, ["tags", 0], "none")',
    "object_get_below": '@ := object.get(input.info, "name", "none")',
    "object_get_default": '@ := object.get(input, "absent", input.extra)',
    "object_get_alias": 'found := input.info; @ := object.get(found, ["name"], "none")',
    "object_get_nested": '@ := object.get(object.get(input, "info", {}), ["owner", "id"], "none")',
    "object_get_result": 'object.get(input, "info", "none", @)',
    "object_get_then": '@ := object.get(input, "info", {}).name',
    "object_keys": "@ := object.keys(input)",
    "object_remove": '@ := object.remove(input, ["info", "_context"])',
    "object_filter": '@ := object.filter(input, ["info"])',
    "object_union": '@ := object.union(input.info, {"more": input.extra})',
    "json_filter": '@ := json.filter(input, ["info/owner"])',
    "json_remove": '@ := json.remove(input, ["_context", "ports"])',
    "walk": '[path, value] := walk(input); value == "x"; @ := path',
    "walk_below": "[path, value] := walk(input.info); is_string(value); @ := path",
    "count": "@ := count(input)",
    "type": "@ := type_name(input.info)",
    "is_object": "is_object(input.info); @ := 1",
    "in_array": '@ := [input, "x"][0].info',
    "in_object": '@ := {"document": input}.document.tags',
    "in_set": "some one in {input}; @ := one.extra",
    "function": "@ := name_of(input)",
    "function_twice": "@ := [name_of(input), name_of(input.ports[0])]",
    "function_pattern": "@ := lib.pattern(input)",
    "function_deep": "@ := lib.deep(input)",
    "function_second": "@ := lib.both(input.info, input)",
    "function_unused": "lib.passed(input.info); @ := 1",
    "function_shadow": "@ := lib.shadowing(input)",
    "function_builtin": "@ := lib.count_of(input)",
    "function_result": "@ = lib.name(input.info)",
    "function_whole_name": "@ := data.lib.look.name(input.info)",
    "function_clauses": "@ := clause(input)",
    "function_else": "@ := tried(input)",
    "library_rule": "@ := lib.second",
    "library_default": "@ := lib.kind",
    "own_default": "@ := own",
    "own_else": "@ := chain",
    "own_object": '@ := table["name"]',
    "own_set": "some one in names; @ := one",
    "rule_with_key": "@ := keyed[input.extra]",
    "imported": "@ := info.name",
    "imported_whole": "@ := document.info.name",
    "with_input": '@ := own with input as {"info": {"kind": input.extra}}',
    "with_below": "@ := names with input.ports as [input.info]",
    "with_same": "@ := own with input.extra as 1",
    "with_data": "@ := lib.second with data.lib.look.chosen as input.info",
    "with_import": "@ := info.name with input.info as input.extra",
    "context": "@ := input._context.now",
    "context_event": "@ := input._context.event",
    "context_parameters": '@ := object.get(input, ["_context", "parameters", "read.context_parameters"], {})',
    "context_whole": "@ := input._context",
    "context_policies": "@ := count(input._context.policies)",
    "context_alias": "context := input._context; @ := context.mesh.upstream",
    "mesh": "@ := input._context.mesh.consumers[_]",
    "previous": "@ := input._context.previous.info.name",
    "parameter_like_a_rule": "@ := hidden(input.tags)",
    "membership": "input.extra in input.tags; @ := 1",
    "arithmetic": "@ := count(input.tags) + count(input.ports)",
    "string": '@ := sprintf("%s", [input.info.name])',
    "errs": "@ := input.info.name + 1",
    "conflicts": "@ := conflicting",
}

HELPERS = """\
import data.lib.look as lib
import input as document
import input.info as info

name_of(holder) := holder.info.name

name_of(holder) := holder.name

clause(holder) := holder.tags if holder.extra == "x"

clause(holder) := holder.info if holder.extra == 1

tried(holder) := holder.info.owner if {
	holder.tags
} else := holder.extra

default own := "nothing"

own := input.info.kind

chain := input.info.owner.id if {
	input.tags
} else := input.extra if {
	input.ports
} else := "none"

hidden(own) := [own, info]

table[key] := value if some key, value in input.info

names contains port.name if some port in input.ports

keyed["x"] := input.info

keyed["y"] := input.tags

conflicting := input.info.name

conflicting := input.extra
"""


def hand_written() -> dict[str, str]:
    """The rules of each policy by its id."""
    return {f"read.{name}": rules(told) for name, told in HAND_WRITTEN.items()}


def rules(told: str) -> str:
    return f"{HELPERS}\n{SAW.replace('@', 'seen')} if {{ {told.replace('@', 'seen')} }}"


ROOTS = (
    "input",
    "document",
    "input.info",
    "info",
    "input.ports[_]",
    "input.tags",
    "input._context",
    "lib.chosen",
    "own",
)
STEPS = (".name", ".owner", ".owner.id", "[_]", "[0]", '["name"]', "[input.extra]", "[key]", ".tags", ".info", ".now")
WRAPS = (
    "{}", "[{}]", '{{"in": {}}}', "object.get({}, \"info\", 0)", "object.get({}, [\"info\", \"name\"], 0)", "count({})",
    "name_of({})", "lib.owner_of({})", "lib.deep({})", "lib.both({}, input.extra)", "lib.pattern({})", "clause({})",
    "[{one} | {one} := {}]", "{{{one} | some {one} in {}}}", "object.remove({}, [\"info\"])", "is_object({})",
    "{}.name", "tried({})",
)  # fmt: skip


def made_up(count: int, seed: int) -> dict[str, str]:
    """As many policies, each of one to three expressions put together by chance."""
    chance = random.Random(seed)
    return {f"made.up{number}": rules(_expressions(chance)) for number in range(count)}


def _expressions(chance: random.Random) -> str:
    said = [f"part{number} := {_expression(chance)}" for number in range(chance.randint(1, 3))]
    if chance.random() < 0.3:
        said[-1] += " with input.info as input.extra" if chance.random() < 0.5 else " with input as input._context"
    if chance.random() < 0.3:
        said.insert(0, "not input.info.owner")
    names = ", ".join(one.partition(" ")[0] for one in said if one.startswith("part"))
    return "; ".join(['key := "name"', *said, f"@ := [{names}]"])


def _expression(chance: random.Random) -> str:
    told = chance.choice(ROOTS) + "".join(chance.choice(STEPS) for _ in range(chance.randint(0, 2)))
    for level in range(chance.randint(0, 2)):
        told = chance.choice(WRAPS).format(told, one=f"one{level}")
    return told
