"""Does a rewritten file hold just the change: comments, order, spacing and line ends as they were?"""

from __future__ import annotations

import re
from difflib import unified_diff
from pathlib import Path

import pytest

from engine.descriptor.limits import Limits
from engine.descriptor.source import parse
from engine.fixing.edits import Action, CannotFix, Edit
from engine.fixing.writing import rewritten
from engine.model import Json
from engine.model import Path as Steps

MESH = Path(__file__).resolve().parents[3] / "examples" / "mesh"
GOOD = sorted(
    path
    for path in MESH.rglob("*.*")
    if "broken" not in path.parts and b"dataProductDescriptor" in path.read_bytes() and path.suffix != ".md"
)


def put(steps: Steps, value: Json, action: Action = Action.SET) -> Edit:
    return Edit("a.yaml", steps, action, value)


def changed(before: str, *edits: Edit, file: str = "a.yaml") -> list[str]:
    """The lines that differ, as a diff without context tells them."""
    after = rewritten(file, before.encode(), list(edits)).decode()
    lines = before.split("\n"), after.split("\n")
    told = list(unified_diff(*lines, n=0, lineterm=""))[2:]
    return [line for line in told if not line.startswith("@@")]


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_in_real_documents_only_the_touched_line_changes(path: Path) -> None:
    text = path.read_text("utf-8")
    lines = changed(text, put(("info", "version"), "9.9.9"), file=path.name)
    assert [line[0] for line in lines] == ["-", "+"]
    assert lines[1] == re.sub(r'^-(.*)"[^"]*"', r'+\1"9.9.9"', lines[0])


ODD = """\
# first
---
info:   # odd  spacing
    name:    orders   # two

    version: 1.10
    'quoted':  'single'
    long: This is a line that is far longer than eighty characters, so that a writer would like to fold it about here.
    folded: >-
      some text
      goes on
    hex: 0x1F
    list: [ a,b ,  c ]   # flow
    items:
    - one
    -   two   # second
tags:
      - x
# last
"""


def test_nothing_else_of_an_oddly_written_file_changes() -> None:
    assert changed(ODD, put(("info", "version"), "1.10")) == ["-    version: 1.10", '+    version: "1.10"']
    assert changed(ODD, put(("info", "quoted"), "other")) == ["-    'quoted':  'single'", "+    'quoted':  other"]
    assert changed(ODD, put(("info", "hex"), 7), put(("info", "list", 1), "z")) == [
        "-    hex: 0x1F",
        "-    list: [ a,b ,  c ]   # flow",
        "+    hex: 7",
        "+    list: [ a,z ,  c ]   # flow",
    ]


def test_a_change_that_would_lose_a_comment_or_write_other_lines_anew_is_refused() -> None:
    with pytest.raises(CannotFix, match="without changing something else: an alias, a comment, its layout"):
        rewritten("a.yaml", ODD.encode(), [put(("tags",), "z")])
    kept = "a:\n- one\n# about b\nb: 1\n"
    with pytest.raises(CannotFix, match="a comment"):
        rewritten("a.yaml", kept.encode(), [put(("a",), "z")])


def test_lines_around_new_ones_stay_however_oddly_they_are_written() -> None:
    assert changed(ODD, put(("info", "new"), "x")) == ["+    new: x"]


LOOKS = (
    "1.10",
    "NO",
    "on",
    "null",
    "~",
    "",
    "a: b",
    "# x",
    "12:30",
    "2024-01-01",
    "é\n\tü",
    "0x1F",
    "yes",
    "- a",
    "@x",
)


@pytest.mark.parametrize("value", [*LOOKS, "@x", "{", "'", '"', "%", "&a", "*a", "!x", "|", ">"])
@pytest.mark.parametrize("file", ["a.yaml", "a.json"])
def test_a_text_stays_that_text_whatever_it_looks_like(value: str, file: str) -> None:
    before = "# c\na: 1 # d\nb: 2\n" if file == "a.yaml" else '{\n   "a": 1,\n   "b": 2\n}\n'
    after = rewritten(file, before.encode(), [put(("a",), value), put(("n",), {"k": [value]})])
    assert parse(file, after, Limits()).value == {"a": value, "b": 2, "n": {"k": [value]}}


def test_json_keeps_its_indentation_numbers_and_characters() -> None:
    before = '{\n\t"a": 1.10,\n\t"b": ["\u00e9", {"c": 1e2}],\n\t"d": "x"\n}'
    assert changed(before, put(("d",), "y"), file="a.json") == ['-\t"d": "x"', '+\t"d": "y"']


def test_line_ends_are_kept() -> None:
    assert rewritten("a.yaml", b"a: 1\r\nb: 2 # c\r\n", [put(("b",), 3)]) == b"a: 1\r\nb: 3 # c\r\n"


def test_list_items_come_and_go() -> None:
    text = "tags:\n- a # one\n- b # two\n"
    assert changed(text, put(("tags", 2), "c", Action.INSERT)) == ["+- c"]
    assert changed(text, put(("tags", 0), None, Action.REMOVE)) == ["-- a # one"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a: &x {b: 1}\nc: *x\n", "an alias, a comment"),
        ("\ufeffa: {b: 1}\n".encode(), "begins with a byte order mark"),
        ("a: {b: 1}\n".encode("utf-16"), "is not UTF-8"),
    ],
)
def test_what_cannot_be_kept_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(CannotFix, match=reason):
        rewritten("a.yaml", content, [put(("a", "b"), 2)])


def test_yaml_on_which_the_writing_library_trips_is_refused_like_any_other() -> None:
    odd = b"a:\n\n | # \t#\n\n  b: 1 # d\n\n  # e\n\nf: 2"
    with pytest.raises(CannotFix, match="cannot be written back"):
        rewritten("a.yaml", odd, [put(("a",), None, Action.REMOVE)])
