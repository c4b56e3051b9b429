"""Does YAML mean what YAML 1.2 says, and does every key and value keep its place?"""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from engine.descriptor.limits import Limits
from engine.descriptor.source import Source, parse
from engine.model import Place

LIMITS = Limits()


def read(text: str | bytes, file: str = "dp.yaml") -> Source:
    return parse(file, text.encode() if isinstance(text, str) else text, LIMITS)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("NO", "NO"),
        ("on", "on"),
        ("yes", "yes"),
        ("22:22", "22:22"),
        ("2024-01-01", "2024-01-01"),
        ("2024-13-45", "2024-13-45"),
        ("1_000", "1_000"),
        ("017", 17),
        ("0o17", 15),
        ("0x1F", 31),
        ("+12", 12),
        ("-0.5e3", -500.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("1.10", 1.1),
        ("1.10.0", "1.10.0"),
        ("9223372036854775807", 2**63 - 1),
        ("true", True),
        ("FALSE", False),
        ("tRue", "tRue"),
        ("~", None),
        ("Null", None),
        ("", None),
        ("'1'", "1"),
        ('"null"', "null"),
        ("-", None),
        ("a b", "a b"),
        ("|\n  two\n  lines", "two\nlines\n"),
        ('"\\u00e9\\x41"', "éA"),
        ("=", "="),
    ],
)
def test_scalars_follow_the_core_schema(written: str, value: Any) -> None:
    expected = [None] if written == "-" else value
    found = read(f"a: {written}\n" if written != "-" else "a:\n  -\n").value["a"]
    assert (found, type(found)) == (expected, type(expected))


def test_the_value_is_the_same_as_that_of_other_readers_where_they_agree() -> None:
    text = "a: [1, {b: c}, []]\nd:\n  e: |\n    text\n  f: {}\ng: >-\n  folded\n  text\n"
    theirs = yaml.load(text, Loader=yaml.CSafeLoader)  # noqa: TID251 (compared with, on text of our own)
    assert read(text).value == theirs


def test_keys_and_values_keep_their_places() -> None:
    source = read("info:\n  name: orders # here\n  tags: [a, bé, c]\nlist:\n  - x: 1\n  - - y\n")
    places = {
        ("info",): (1, 1),
        ("info", "name"): (2, 9),
        ("info", "tags", 2): (3, 17),
        ("list", 0): (5, 5),
        ("list", 0, "x"): (5, 8),
        ("list", 1, 0): (6, 7),
        (): (1, 1),
    }
    assert {path: (source.place(path).line, source.place(path).column) for path in places} == places
    assert source.place(("info", "name"), of_key=True) == Place("dp.yaml", 2, 3, "/info/name")


def test_a_missing_key_stands_at_its_nearest_existing_ancestor() -> None:
    source = read("info:\n  name: orders\n")
    assert source.place(("info", "owner", "id")) == Place("dp.yaml", 1, 1, "/info")


def test_an_alias_is_a_copy_whose_parts_stand_at_the_anchor() -> None:
    source = read("a: &x\n  b: [1, 2]\nc: *x\nd: [*x, *x]\n")
    assert source.value == {"a": {"b": [1, 2]}, "c": {"b": [1, 2]}, "d": [{"b": [1, 2]}, {"b": [1, 2]}]}
    assert source.value["c"] is not source.value["a"]
    assert [
        (source.place(path).line, source.place(path).column) for path in (("c", "b", 1), ("d", 1), ("d", 1, "b"))
    ] == [
        (2, 10),
        (4, 9),
        (2, 3),
    ]


def test_an_alias_may_name_a_string_key_only() -> None:
    assert read("a: &k name\n*k : x\n").value == {"a": "name", "name": "x"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize(("file", "text"), [("dp.yaml", "a: é\nb: 1\n"), ("dp.json", '{"a": "é",\n"b": 1}')])
def test_every_encoding_of_the_standards_is_understood(encoding: str, file: str, text: str) -> None:
    source = read(text.encode(encoding), file)
    assert (source.value, source.place(("b",)).line) == ({"a": "é", "b": 1}, 2)


def test_lines_end_as_editors_say() -> None:
    source = read("a: 1\r\nb: 'x\u2028y'\r\nc: 3\n")
    assert source.place(("c",)) == Place("dp.yaml", 3, 4, "/c")


@pytest.mark.parametrize("file", ["dp.json", "dp", "dp.avsc"])
def test_json_keeps_its_places_too(file: str) -> None:
    source = read('{"a": {"b,:": [1, "x\\"]", -2.5e3, true]},\n "c": {}}', file)
    assert source.value == {"a": {"b,:": [1, 'x"]', -2500.0, True]}, "c": {}}
    places = {("a", "b,:", 2): (1, 27), ("a", "b,:", 3): (1, 35), ("c",): (2, 2), ("a", "b,:", 1): (1, 19)}
    assert {path: (source.place(path).line, source.place(path).column) for path in places} == places


def test_a_file_without_a_telling_name_is_read_by_its_first_character() -> None:
    assert (read("  [1]", "dp").value, read("- 1", "dp").value) == ([1], [1])
