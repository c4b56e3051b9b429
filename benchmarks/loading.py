"""What does the strict loader cost beside the libraries' own, and how does a check grow with its document?"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml

from api.flows.check import check
from api.settings import read
from api.wiring import House
from benchmarks.meshes import TYPICAL, Size, as_json, as_yaml, products
from benchmarks.timing import Row, milliseconds, timed
from engine.descriptor import Limits, Parts, Submission
from engine.descriptor.source import parse

TIMES_LARGER = 10


def rows() -> Iterator[Row]:
    yield from loaders()
    yield growth()


def loaders() -> Iterator[Row]:
    """The strict loader against PyYAML's C loader and json.loads, which keep no places and refuse little."""
    descriptor = list(products(20))[-1]
    as_text, as_data = as_yaml(descriptor), as_json(descriptor)
    loader = yaml.CSafeLoader
    times = timed(
        {
            "YAML": lambda: parse("product.yaml", as_text, Limits()),
            "CSafeLoader": lambda: yaml.load(as_text, loader),  # noqa: TID251 (trusted text, the rival itself)
            "JSON": lambda: parse("product.json", as_data, Limits()),
            "json.loads": lambda: json.loads(as_data),
        }
    )
    for ours, theirs in (("YAML", "CSafeLoader"), ("JSON", "json.loads")):
        note = f"{milliseconds(times.median(ours))} against {milliseconds(times.median(theirs))}"
        yield Row(f"strict {ours} loader / {theirs}", times.ratio(ours, theirs), note=note)


def growth() -> Row:
    """A check of a document about ten times larger, against the typical one."""
    larger = Size(ports=TYPICAL.ports * TIMES_LARGER, columns=TYPICAL.columns, words=TYPICAL.words)
    small, large = (as_yaml(list(products(20, size=size))[-1]) for size in (TYPICAL, larger))
    with House(read({}, environ={}, folder=Path(tempfile.gettempdir()))) as house:

        def checked(content: bytes) -> object:
            return check(Submission("product.yaml", Parts({"product.yaml": content})), house=house)

        times = timed({"small": lambda: checked(small), "large": lambda: checked(large)}, runs=3)
    size = len(large) / len(small)
    note = f"{size:.1f} times the bytes, "
    note += f"{milliseconds(times.median('large'))} against {milliseconds(times.median('small'))}"
    return Row(
        "check of a larger document / of a typical one, per byte", times.ratio("large", "small") / size, 1.1, note=note
    )
