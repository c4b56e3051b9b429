"""What must hold for any bytes at all? Each target takes bytes and raises where a promise of ingestion is broken.

tests/fuzz/test_fuzz_targets.py feeds them with hypothesis; tests/fuzz/run.py lets atheris look for new ways through
the code where it is installed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import quote

from engine.descriptor import Limits, Parts, Submission, ingest
from engine.descriptor.codes import CODES
from engine.descriptor.contracts import port_schemas
from engine.descriptor.digest import digest_of
from engine.descriptor.positions import walk
from engine.descriptor.reference import RefRefused, lookup, target
from engine.descriptor.source import parse, refused
from engine.descriptor.text import Lines, SourceRefused, decode, decode_roughly
from engine.model import Layer, Place, pointer

LIMITS = Limits(size=20_000, nodes=2_000, entities=100, entries=200, problems=50, references=50)
NAMES = ("dp.yaml", "dp.json", "dp")
FILES = ("a.yaml", "b.json", "c/d.yaml", "c/e")
SEPARATOR = b"\n=====\n"


def loader(data: bytes) -> None:
    """Reading gives a value whose every key and value has a place, and which JSON keeps, or a refusal with a place."""
    name, content = NAMES[data[0] % len(NAMES)] if data else NAMES[0], data[1:]
    try:
        source = parse(name, content, LIMITS)
    except SourceRefused as refusal:
        _owed(name, content, refusal)
        return
    assert parse("dp.json", json.dumps(source.value).encode(), Limits()).value == source.value
    text = decode(content)
    for path, _, _ in walk(source.value):
        place = source.place(path)
        assert place.source_path == pointer(path)
        _inside(place, text)
    if name == "dp.json":
        assert json.loads(text) == source.value


def _owed(name: str, content: bytes, refusal: SourceRefused) -> None:
    place, msg = refused(name, content, refusal)
    assert msg
    assert CODES[refusal.code].layer is Layer.SOURCE
    _inside(place, decode_roughly(content))


def references(data: bytes) -> None:
    """A submission of several files ends in a descriptor or in problems, each with a place in one of its files."""
    root, *others = data.split(SEPARATOR)
    files = {"dp.yaml": root, **dict(zip(FILES, others, strict=False))}
    found = ingest(Submission("dp.yaml", Parts(files)), namespace="org.example", limits=LIMITS)
    assert (found.effective is None) == any(one.stops_the_road for one in found.problems)
    for one in found.problems:
        assert CODES[one.code].name == one.name
        _inside(one.place, decode_roughly(files[one.place.file]))
    if found.effective is None:
        return
    assert found.digest == digest_of(found.effective)
    for path, _, _ in walk(found.effective):
        place = found.locate(path)
        _inside(place, decode_roughly(files[place.file]))
    assert len(port_schemas(found, Parts(files), limits=LIMITS)) == len(found.ports)


def pointers(data: bytes) -> None:
    """Every path has a pointer that leads back to it, and no reference is understood but one into the submission."""
    content, _, ref = data.partition(SEPARATOR)
    with suppress(RefRefused):
        file = target(ref.decode("utf-8", "surrogateescape"), "c/d.yaml").file
        assert not file.startswith("/")
        assert file.split("/")[0] != ".."
    try:
        value = parse("dp.json", content, LIMITS).value
    except SourceRefused:
        return
    for path, node, is_key in walk(value):
        back = target("#" + quote(pointer(path)), "c/d.yaml")
        found, steps = lookup(value, back.steps)
        assert (back.file, steps) == ("c/d.yaml", path)
        assert is_key or found is node


def _inside(place: Place, text: str) -> None:
    """The place stands in the text, or right behind a line of it."""
    lines = Lines(text)
    assert place.line >= 1 <= place.column
    assert lines.at(len(text))[0] >= place.line, place
    assert lines.at(len(text)) >= (place.line, place.column), place


TARGETS: dict[str, Callable[[bytes], None]] = {"loader": loader, "references": references, "pointers": pointers}
