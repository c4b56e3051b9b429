"""Is every key and value found at its own offset, and nothing looked at for it that stands behind?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.descriptor import json_source
from engine.descriptor.limits import Limits
from engine.descriptor.positions import Index, copied, is_within, walk
from engine.descriptor.source import parse
from engine.descriptor.text import SourceRefused

KEYS = st.text("abc", min_size=1, max_size=3)
SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | KEYS
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4))
CROWD = f'{{"first": 1, "outputPorts": [{", ".join(["{}"] * 20_000)}], "last": [1, 2, 3]}}'


@given(VALUES, st.randoms(use_true_random=False))
def test_every_value_and_key_has_the_number_at_which_a_walk_comes_by(value: Any, random: Any) -> None:
    came_by = [(path, is_key, number) for number, (path, _, is_key) in enumerate(walk(value))]
    random.shuffle(came_by)
    index = Index(value, range(len(came_by)))
    for path, is_key, number in came_by:
        assert (index.key(path) if is_key else index.value(path)) == number
        assert index.existing((*path, "nothing", 7)) == path


@given(VALUES)
def test_the_marks_of_a_json_text_stand_at_its_keys_and_values(value: Any) -> None:
    text = json.dumps(value)
    marks = json_source.Marks(text)
    for number, (_, node, _) in enumerate(walk(value)):
        start = {dict: "{", list: "["}.get(type(node)) or json.dumps(node)
        assert text.startswith(start, marks[number])
    with pytest.raises(IndexError):
        marks[sum(1 for _ in walk(value))]


def test_a_place_is_looked_for_only_as_far_as_it_stands() -> None:
    source = parse("dp.json", CROWD.encode(), Limits())
    place = source.place(("outputPorts", 100))
    assert (place.line, place.column) == (1, CROWD.index("[") + 2 + 100 * len("{}, "))
    assert len(source.index._marks._found) == 1 + 2 + 2 + 100 + 1  # type: ignore[attr-defined]
    assert len(source.index._sizes) == 100


def test_too_many_values_are_refused_before_any_of_them_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_source, "_DECODER", None)
    with pytest.raises(SourceRefused, match="more than 10 keys and values") as refused:
        json_source.read("[" + "1," * 20 + "1]", Limits(nodes=10))
    assert refused.value.offset == 1 + 2 * 9


def test_a_comma_in_a_text_is_no_value() -> None:
    assert json_source.read('["' + "," * 20 + '"]', Limits(nodes=10)) == ["," * 20]


@given(VALUES)
def test_a_value_is_within_its_own_size_and_not_within_one_less(value: Any) -> None:
    came_by = list(walk(value))
    size = {
        "nodes": len(came_by),
        "characters": sum(len(node) for _, node, _ in came_by if type(node) is str),
        "depth": max(len(path) + (type(node) in (dict, list)) for path, node, is_key in came_by if not is_key),
    }
    assert is_within(value, **size)
    for bound in size:
        assert size[bound] == 0 or not is_within(value, **{**size, bound: size[bound] - 1})


def test_a_copy_shares_nothing_with_the_value_nor_inside_itself() -> None:
    shared: list[Any] = [1]
    value = {"a": shared, "b": shared, "c": {"d": None, "e": 2**62, "f": 1.5, "g": "é\U0001f600"}}
    copy = copied(value)
    assert copy == value
    assert len({id(copy["a"]), id(copy["b"]), id(shared)}) == 3
    assert copy["c"] is not value["c"]
