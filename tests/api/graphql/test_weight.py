"""Does the measuring walk stay safe where no rule ran before it?"""

from __future__ import annotations

import little_mesh
from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse

from api.graphql.weight import ENDLESS, Scales, Weight


def weigh(query: str) -> Weight:
    definitions = parse(query).definitions
    fragments = {one.name.value: one for one in definitions if isinstance(one, FragmentDefinitionNode)}
    operation = next(one for one in definitions if isinstance(one, OperationDefinitionNode))
    return Scales(little_mesh.SCHEMA, fragments, {}).operation(operation)


def test_a_cyclic_fragment_weighs_endlessly_much() -> None:
    assert weigh("{ ...F } fragment F on Query { again { ...F } }").depth > ENDLESS


def test_a_fragment_costs_what_its_place_makes_of_it() -> None:
    fragment = " fragment Edges on ThingConnection { edges { node { name } } }"
    twice = "{ page(first: 2) { ...Edges } again { page(first: 50) { ...Edges } } }"
    assert weigh(twice + fragment) == Weight(depth=5, page=50, fixed=(1 + 2 * 2) + 1 + (1 + 50 * 2))


def test_a_page_size_below_nothing_costs_nothing() -> None:
    assert weigh("{ page(first: -5) { edges { node { name } } } }").fixed == 1
