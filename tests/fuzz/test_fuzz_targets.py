"""Do the promises of ingestion hold for whatever bytes hypothesis and, where it is installed, atheris come up with?"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest
from fuzz_targets import SEPARATOR, TARGETS
from hostile_documents import HOSTILE, TAMED
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_descriptors import full

RUN = Path(__file__).resolve().parent / "run.py"
WHOLE = json.dumps(full(), indent=1).encode()
PIECES = [
    *(case.files[name] for case in HOSTILE for name in case.files if len(case.files[name]) < 2_000),
    *(case.content for case in TAMED),
    *(b"{}", b"[", b"]", b"{", b"}", b":", b",", b"- ", b"&a ", b"*a", b"<<: ", b"!!x ", b'"', b"'", b"\\u0000", b"#"),
    *(b"$ref: a.yaml\n", b'{"$ref": "b.json#/x"}', b"$ref: '#components/apis/a'\n", b"../", b"%2e", b"~1", b"~0"),
    SEPARATOR,
]
CUTS = st.tuples(st.integers(0, 4_000), st.integers(0, 4_000))


def spliced(base: bytes, pieces: list[tuple[bytes, tuple[int, int]]]) -> bytes:
    """The base with pieces of other documents put in the place of its own."""
    for piece, (start, length) in pieces:
        at = start % (len(base) + 1)
        base = base[:at] + piece + base[at + length % 40 :]
    return base


SPLICED = st.builds(
    spliced,
    st.sampled_from([WHOLE, WHOLE + SEPARATOR + WHOLE, *PIECES]),
    st.lists(st.tuples(st.sampled_from(PIECES) | st.binary(max_size=4), CUTS), max_size=4),
)
PREFIXED = st.builds(lambda first, rest: bytes([first]) + rest, st.integers(0, 2), SPLICED | st.binary(max_size=200))


@settings(max_examples=250, deadline=None)
@given(PREFIXED)
def test_the_loader_keeps_its_promises(data: bytes) -> None:
    TARGETS["loader"](data)


@settings(max_examples=250, deadline=None)
@given(SPLICED)
def test_references_keep_their_promises(data: bytes) -> None:
    TARGETS["references"](data)


@settings(max_examples=250, deadline=None)
@given(
    st.builds(
        lambda document, ref: document + SEPARATOR + ref, SPLICED, st.sampled_from(PIECES) | st.binary(max_size=30)
    )
)
def test_pointers_keep_their_promises(data: bytes) -> None:
    TARGETS["pointers"](data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.text(max_size=5),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text("a~/%#01 é", max_size=4), below, max_size=4),
)


@settings(max_examples=250, deadline=None)
@given(JSON)
def test_every_path_has_a_pointer_that_leads_back(document: object) -> None:
    TARGETS["pointers"](json.dumps(document).encode())


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case.id)
def test_hostile_documents_keep_the_promises_too(case: object) -> None:
    for content in getattr(case, "files").values():  # noqa: B009
        for data in (content, b"\0" + content, b"\1" + content):
            for target in TARGETS.values():
                target(data)


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this platform")
@pytest.mark.parametrize("name", TARGETS)
def test_atheris_finds_no_way_through(name: str, tmp_path: Path) -> None:
    command = [sys.executable, str(RUN), name, "-atheris_runs=3000", "-max_len=4096", "-verbosity=0"]
    # by a shell that stays: what begins right here is taken for as large as these tests have grown
    shell = ["sh", "-c", '"$@"; exit $?', "sh"]
    ended = subprocess.run([*shell, *command], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
